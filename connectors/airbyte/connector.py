"""Airbyte sources as connected systems: checked and discovered once, then read stream by stream, each with its own state."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from connectors.airbyte.messages import AirbyteReading, Stream, error_of
from connectors.errors import ConfigurationError, CredentialsError, RetriableError, SchemaDriftError
from connectors.port import Page
from connectors.programs.child import Child, masked, need_allowed, secrets_in
from connectors.programs.connector import ProgramConnector
from connectors.programs.pages import limits_of, parsed_message, printed, settings_of, write_private
from connectors.tables import Table
from connectors.wire import parse_json

READER = "source-declarative-manifest"
"""The program of airbyte-cdk that reads manifests."""
INJECTED = "__injected_declarative_manifest"
SPEC = {"type": "Spec", "connection_specification": {"type": "object", "additionalProperties": True, "properties": {}}}
ASKED_S = 300.0
FOR_NOW = re.compile(r"\b(?:429|5\d\d)\b|timed? ?out|connection|unavailable", re.IGNORECASE)
"""What a failed check says when not the configuration is at fault: a status alone tells no more."""


@dataclass(frozen=True, slots=True)
class AirbyteResource:
    """What a document says of a stream; what it leaves out the source's catalog says."""

    name: str
    stream: str
    object: str
    id: tuple[str, ...]
    cursor: str
    sync: str


@dataclass(kw_only=True)
class AirbyteConnector(ProgramConnector):
    """Polls a source. It writes nothing and receives no webhooks."""

    resources: Mapping[str, AirbyteResource]
    _streams: dict[str, dict[str, Any]] | None = None
    _discovering: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def poll(self, resource: str, checkpoint: str) -> Page:
        one = self.resources[resource]

        async def start(kept: dict[str, Any], is_first: bool, folder: Path) -> tuple[Child, AirbyteReading]:
            told = (await self.discovered()).get(one.stream)
            if told is None:
                known = ", ".join(self._streams or ()) or "none"
                raise SchemaDriftError(f"{self._name} has no stream {one.stream}; it has {known}", object=one.object, path=one.stream)
            stream = stream_of(one, told)
            catalog = write_private(folder / "catalog.json", {"streams": [configured(told, stream)]})
            arguments = ["read", "--config", str(self._config()), "--catalog", str(catalog)]
            states = list(kept.get("state") or ())
            if states:
                arguments += ["--state", str(write_private(folder / "state.json", states))]
            child = await Child.start([*self.command, *arguments], folder, self._secrets)
            return child, AirbyteReading(self._name, stream, is_first, states, self._secrets, self._keep)

        return await self._runs.page(resource, checkpoint, start)

    async def discovered(self) -> dict[str, dict[str, Any]]:
        """The source's streams by their names, once it has said that its configuration works."""
        async with self._discovering:
            if self._streams is None:
                await self._check()
                found = [one.get("catalog") for one in await self._asked("discover") if one["type"].upper() == "CATALOG"]
                streams = found[-1].get("streams") if found and isinstance(found[-1], Mapping) else None
                if not isinstance(streams, list):
                    raise SchemaDriftError(f"{self._name} did not tell its streams", path="catalog")
                self._streams = {str(one.get("name")): one for one in streams}
            return self._streams

    async def _check(self) -> None:
        statuses = [one.get("connectionStatus") or {} for one in await self._asked("check") if one["type"].upper() == "CONNECTION_STATUS"]
        if not statuses:
            raise SchemaDriftError(f"{self._name} did not say whether its configuration works", path="connectionStatus")
        if statuses[-1].get("status") != "SUCCEEDED":
            said = masked(str(statuses[-1].get("message") or "it did not say why"), self._secrets)
            if FOR_NOW.search(said):
                raise RetriableError(f"{self._name} cannot reach its system now: {said}", system=self.system)
            raise CredentialsError(f"{self._name} cannot work with its configuration: {said}")

    async def _asked(self, what: str) -> list[dict[str, Any]]:
        """What the source answers to one question. Raises by its errors' types, RetriableError for one that only fails."""
        with tempfile.TemporaryDirectory(prefix="hub-asked-") as folder:
            child = await Child.start([*self.command, what, "--config", str(self._config())], Path(folder), self._secrets)
            lines, code = await printed(child, ASKED_S)
        messages = [parsed_message(line, self._name) for line in lines if line.strip()]
        for one in messages:
            trace = one.get("trace") or {}
            if one["type"].upper() == "TRACE" and str(trace.get("type")).upper() == "ERROR":
                raise error_of(trace.get("error") or {}, self._name, self._secrets)
        if code:
            raise RetriableError(f"{self._name} {what} ended with exit code {code}: {child.reason()}", system=self.system)
        return messages

    def _keep(self, config: Mapping[str, Any]) -> None:
        """A configuration that the source changed, for the next runs of this process."""
        write_private(self._config(), {**self.config, **config})

    @property
    def _secrets(self) -> tuple[str, ...]:
        shown = {name: one for name, one in parse_json(self._config().read_bytes()).items() if name != INJECTED}
        return tuple({*secrets_in(shown)})


def stream_of(one: AirbyteResource, told: Mapping[str, Any]) -> Stream:
    """How a stream is read: as the document says, else as its catalog does. Raises SchemaDriftError for one without a key."""
    keys: tuple[tuple[str, ...], ...] = tuple((name,) for name in one.id)
    keys = keys or tuple(tuple(map(str, path)) for path in told.get("source_defined_primary_key") or ())
    if not keys:
        raise SchemaDriftError(f"the stream {one.stream} has no key; say which of its fields identify a record (id)", object=one.object, path="primary_key")
    can = told.get("supported_sync_modes") or ["full_refresh"]
    is_full = one.sync == "full_refresh" or (not one.sync and "incremental" not in can)
    if not is_full and "incremental" not in can:
        raise SchemaDriftError(f"the stream {one.stream} cannot be read incrementally", object=one.object, path="sync")
    cursor = (one.cursor,) if one.cursor else tuple(map(str, told.get("default_cursor_field") or ()))
    return Stream(one.stream, one.object, keys, cursor, is_full, one.object == one.name)


def configured(told: Mapping[str, Any], stream: Stream) -> dict[str, Any]:
    """The stream as a configured catalog names it."""
    return {
        "stream": dict(told), "sync_mode": "full_refresh" if stream.is_full else "incremental", "destination_sync_mode": "append",
        "cursor_field": list(stream.cursor), "primary_key": [list(path) for path in stream.keys],
    }  # fmt: skip


def airbyte_connector(config: Mapping[str, Any], *, file: str = "airbyte") -> AirbyteConnector:
    """The registry's factory; see README.md for the form of ``config``."""
    top = Table(config, file)
    for key in ("mappings", "code_maps", "name", "kind", "connector"):
        top.take(key)
    command = top.texts("command") or (READER,)
    need_allowed(command, file)
    told, manifest = settings_of(top, "config"), _manifest(top)
    found = AirbyteConnector(
        system=top.text("system"),
        command=command,
        config={**told, INJECTED: {"spec": SPEC, **manifest}} if manifest else told,
        resources={name: _resource(name, table) for name, table in top.tables("resources")},
        limits=limits_of(top),
        page_size=int(top.number("page_size", 500)) or 1,
    )
    top.done()
    return found


def _manifest(top: Table) -> dict[str, Any]:
    """The manifest: a table of the document, or a file of YAML."""
    named, told = top.text("manifest_file", ""), top.take("manifest")
    if named:
        try:
            told = yaml.safe_load(Path(named).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ConfigurationError(f"{top.file}: manifest_file: {Path(named).name} cannot be read as YAML ({type(error).__name__})") from error
    if told is not None and (not isinstance(told, Mapping) or "streams" not in told):
        raise top.wrong("manifest", "a declarative manifest with streams", told)
    return dict(told or {})


def _resource(name: str, table: Table) -> AirbyteResource:
    found = AirbyteResource(
        name, table.text("stream", name), table.text("object", name), table.texts("id"), table.text("cursor", ""),
        table.one_of("sync", ("incremental", "full_refresh", ""), ""),
    )  # fmt: skip
    table.done()
    return found
