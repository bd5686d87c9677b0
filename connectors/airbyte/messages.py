"""Airbyte's protocol (v0): what the messages of one read of one stream mean."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import ConnectorError, CredentialsError, RateLimitedError, RejectedError, RetriableError, SchemaDriftError
from connectors.port import Incoming, message_key
from connectors.programs.child import Child, masked
from connectors.programs.pages import End, parsed_message
from connectors.wire import dump_json

DELETED_AT = "_ab_cdc_deleted_at"


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream as it is read: ``keys`` and ``cursor`` are paths in a record; ``is_full``: all of it each time."""

    name: str
    object: str
    keys: tuple[tuple[str, ...], ...]
    cursor: tuple[str, ...]
    is_full: bool
    is_alone: bool = True
    """Absence can be told: the object is the resource itself."""


@dataclass
class AirbyteReading:
    """One read of one stream. ``on_config`` takes a configuration that the source has changed, such as a renewed token."""

    program: str
    stream: Stream
    is_first: bool
    states: list[Any]
    """State messages, one of each stream and kind, as ``--state`` takes them."""
    secrets: Sequence[str] = ()
    on_config: Callable[[Mapping[str, Any]], None] = lambda _: None
    _since_state: int = 0
    _is_incomplete: bool = False
    _failure: ConnectorError | None = field(default=None)

    def take(self, line: bytes) -> Sequence[Incoming]:
        message = parsed_message(line, self.program)
        kind = message["type"].upper()
        if kind == "RECORD":
            return self._record(_table(message, "record", self.program))
        if kind == "STATE":
            self._state(_table(message, "state", self.program))
        elif kind == "TRACE":
            self._trace(_table(message, "trace", self.program))
        elif kind == "CONTROL":
            told = _table(message, "control", self.program).get("connectorConfig") or {}
            if isinstance(told.get("config"), Mapping):
                self.on_config(told["config"])
        return ()

    def _record(self, record: Mapping[str, Any]) -> Sequence[Incoming]:
        if record.get("stream") != self.stream.name:
            return ()
        data = record.get("data")
        if not isinstance(data, dict):
            raise SchemaDriftError(f"{self.program} told a record of {self.stream.name} without data", object=self.stream.object, path="data")
        self._since_state += 1
        parts = [_text(data, path) for path in self.stream.keys]
        external_id = "|".join(parts) if all(parts) else ""
        version = _text(data, self.stream.cursor) if self.stream.cursor else ""
        for change in (record.get("meta") or {}).get("changes") or ():
            data.pop(str(change.get("field")), None)  # emptied or cut off on its way: not stated, rather than stated wrong
        body = dump_json(data)
        key = message_key(self.stream.object, external_id, version, body) if external_id else ""
        return (Incoming(self.stream.object, external_id, body, key, version, data.get(DELETED_AT) is not None),)

    def _state(self, state: Mapping[str, Any]) -> None:
        about = state.get("stream") or {}
        descriptor = about.get("stream_descriptor") or {}
        told = (state.get("sourceStats") or {}).get("recordCount")
        if told is not None and descriptor.get("name") == self.stream.name:
            if int(told) > self._since_state:
                raise RetriableError(f"{self.program} says it told {int(told)} records of {self.stream.name}, {self._since_state} came")
            self._since_state = 0
        kept = {name: one for name, one in state.items() if name in ("type", "stream", "global", "data")}
        self.states = [one for one in self.states if _place(one) != _place(kept)] + [kept]

    def _trace(self, trace: Mapping[str, Any]) -> None:
        kind = str(trace.get("type")).upper()
        if kind == "ERROR":
            raise error_of(_table(trace, "error", self.program), self.program, self.secrets)
        if kind != "STREAM_STATUS":
            return
        status = _table(trace, "stream_status", self.program)
        if (status.get("stream_descriptor") or {}).get("name") != self.stream.name:
            return
        self._is_incomplete = status.get("status") == "INCOMPLETE"
        for reason in status.get("reasons") or ():
            if self._is_incomplete and reason.get("type") == "RATE_LIMITED":
                reset_ms = (reason.get("rate_limited") or {}).get("quota_reset") or 0
                wait_s = max(float(reset_ms) / 1000 - time.time(), 1.0) if reset_ms else 60.0
                self._failure = RateLimitedError(f"{self.program} was asked to slow down", retry_after_s=min(wait_s, 86400.0))

    def kept(self) -> dict[str, Any]:
        return {"state": None if self.stream.is_full else self.states}

    def failed(self, child: Child, code: int) -> ConnectorError:
        return self._failure or RetriableError(f"{child.name} ended with exit code {code}: {child.reason()}")

    def end(self) -> End:
        if self._failure is not None:
            raise self._failure
        if self._is_incomplete:
            raise RetriableError(f"{self.program} did not read {self.stream.name} to its end")
        if self.stream.is_full or not self.states:
            return End("", self.is_first and self.stream.is_full and self.stream.is_alone)
        return End(dump_json({"state": self.states}).decode())


def error_of(error: Mapping[str, Any], program: str, secrets: Sequence[str]) -> ConnectorError:
    """What a TRACE of an error means, by who can do something about it."""
    said = masked(str(error.get("message") or error.get("internal_message") or "it did not say why"), secrets)
    kind = error.get("failure_type")
    if kind == "config_error":
        return CredentialsError(f"{program} cannot work with its configuration: {said}")
    if kind == "system_error":
        return RejectedError(f"{program} failed: {said}", remedy="See the manifest or the source itself; its log says where.", detail=said)
    return RetriableError(f"{program} failed for now: {said}")


def _table(message: Mapping[str, Any], name: str, program: str) -> Mapping[str, Any]:
    found = message.get(name)
    if not isinstance(found, Mapping):
        raise SchemaDriftError(f"{program} printed a message without its {name}", path=name)
    return found


def _place(state: Mapping[str, Any]) -> tuple[Any, ...]:
    descriptor = (state.get("stream") or {}).get("stream_descriptor") or {}
    return state.get("type"), descriptor.get("name"), descriptor.get("namespace")


def _text(data: Any, path: Sequence[str]) -> str:
    for name in path:
        data = data.get(name) if isinstance(data, Mapping) else None
    return "" if data is None else str(data)
