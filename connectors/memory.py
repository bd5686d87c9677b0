"""A connected system inside this process, for tests: its records, its faults on request, and what our writes did to it.

It behaves like a strict vendor: versions, optimistic locking, a unique field for our key where declared, and a write
whose answer is lost *has* been applied.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from connectors.errors import (
    Cause, ConfigurationError, ConnectorError, CredentialsError, RateLimitedError, RejectedError, RetriableError, SignatureError,
    UnknownOutcomeError,
)  # fmt: skip
from connectors.port import Capabilities, Incoming, ObjectCapabilities, Page, Receipt, Write, message_key, one_by_one
from connectors.signatures import Signature
from connectors.wire import dump_json, parse_json

FaultKind = Literal["lose_answer", "rate_limit", "unavailable", "reject", "credentials", "cut"]
KEY_FIELD = "hub_key"
ANYTHING = ObjectCapabilities(
    can_create=True, can_update=True, can_deactivate=True, has_unique_external_id=True, keeps_our_key=True, has_expected_version=True
)


@dataclass(slots=True)
class Fault:
    """Goes wrong ``times`` times for requests on ``object`` ("" = any) of ``operation`` ("" = any; poll, write …)."""

    kind: FaultKind
    object: str = ""
    operation: str = ""
    times: int = 1
    retry_after_s: float = 0.05
    field: str = ""
    cause: Cause = "validation"
    external_id: str = ""


@dataclass(slots=True)
class Record:
    """One record of the system; ``version`` counts its changes, ``position`` is its place in the order of all changes."""

    id: str
    body: dict[str, Any]
    version: int
    position: int
    is_deleted: bool = False


Check = Callable[[Mapping[str, Any]], tuple[str, str] | None]
"""A rule of the system: the body it is given → (field, what is wrong), or None."""


@dataclass
class MemorySystem:
    """The connected system itself; tests hold it, change it as its users would, and count what the hub did."""

    name: str = "memory"
    objects: Mapping[str, ObjectCapabilities] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    page_size: int = 100
    secret: str = "memory-secret"
    id_prefix: str = ""
    requests_per_s: float = 0.0
    concurrency: int = 4
    requests_per_day: int = 0
    bulk_size: int = 1
    answers_after_s: float = 0.0
    """How long a write or look-up takes."""
    on_webhook: Callable[[Mapping[str, str], bytes], None] | None = None
    """Called with headers and body of a signed webhook after each change, whoever made it."""
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    effects: Counter[str] = field(default_factory=Counter)
    """How often each intent key changed something here; more than 1 is a duplicate."""
    requests: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    asked_at: list[float] = field(default_factory=list)
    """Monotonic seconds of every write and look-up."""
    most_at_once: int = 0
    """How many of them were under way at once, at most."""
    _under_way: int = 0
    _position: int = 0
    _keys: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def signature(self) -> Signature:
        return Signature("hmac-sha256", (self.secret,), header="x-memory-signature", prefix="sha256=")

    # what its own users do

    def put(self, object: str, external_id: str, body: Mapping[str, Any], *, our_key: str = "") -> Record:
        """Create or replace a record as a user of the system would; fires the webhook."""
        self._position += 1
        table = self.records.setdefault(object, {})
        known = table.get(external_id)
        record = Record(external_id, dict(body), (known.version if known else 0) + 1, self._position)
        table[external_id] = record
        if our_key:
            self._keys[object, our_key] = external_id
        self._announce(object, record)
        return record

    def change(self, object: str, external_id: str, **values: Any) -> Record:
        """Edit fields of a record as a user would."""
        return self.put(object, external_id, self.records[object][external_id].body | values)

    def delete(self, object: str, external_id: str) -> None:
        """Delete a record as a user would; pollers see a tombstone."""
        self._position += 1
        record = self.records[object][external_id]
        record.version, record.position, record.is_deleted = record.version + 1, self._position, True
        self._announce(object, record)

    def next_id(self, object: str) -> str:
        """The id the system gives to its next record."""
        taken = self.records.get(object, {})
        number = len(taken) + 1
        while f"{self.id_prefix}{number}" in taken:
            number += 1
        return f"{self.id_prefix}{number}"

    def bodies(self, object: str) -> dict[str, dict[str, Any]]:
        """Id → fields of every record that is not deleted."""
        return {id: one.body for id, one in self.records.get(object, {}).items() if not one.is_deleted}

    def fail(self, kind: FaultKind, **options: Any) -> None:
        """Let the next matching requests go wrong; see :class:`Fault`."""
        self.faults.append(Fault(kind, **options))

    @property
    def duplicates(self) -> dict[str, int]:
        """Intent keys that took effect more than once."""
        return {key: count for key, count in self.effects.items() if count > 1}

    def _announce(self, object: str, record: Record) -> None:
        if self.on_webhook is None:
            return
        event = {"object": object, "id": record.id, "version": record.version, "deleted": record.is_deleted, "record": record.body}
        body = dump_json(event)
        self.on_webhook(self.signature.sign(body, f"{object}-{record.id}-{record.version}", int(time.time())), body)

    # what requests meet

    def fault_for(self, operation: str, object: str, external_id: str = "") -> Fault | None:
        """The fault this request runs into, used up by it."""
        self.requests[operation] += 1
        for fault in self.faults:
            fits = fault.operation in ("", operation) and fault.object in ("", object) and fault.external_id in ("", external_id)
            if fits and fault.times > 0:
                fault.times -= 1
                return fault
        return None


class MemoryConnector:
    """The connector to a :class:`MemorySystem`."""

    def __init__(self, system: MemorySystem) -> None:
        self.system = system

    @property
    def capabilities(self) -> Capabilities:
        system = self.system
        names = dict.fromkeys((*system.objects, *system.records))
        return Capabilities(
            resources=tuple(names),
            objects={name: system.objects.get(name, ANYTHING) for name in names},
            webhook_scheme="hmac-sha256",
            page_size=system.page_size,
            requests_per_s=system.requests_per_s,
            concurrency=system.concurrency,
            requests_per_day=system.requests_per_day,
            bulk_size=system.bulk_size,
        )

    async def poll(self, resource: str, checkpoint: str) -> Page:
        self._raise(self.system.fault_for("poll", resource))
        full, after = not checkpoint or checkpoint.startswith("full:"), int(checkpoint.removeprefix("full:") or 0)
        due = sorted(
            (one for one in self.system.records.get(resource, {}).values() if one.position > after), key=lambda one: one.position
        )
        page = due[: self.system.page_size]
        has_more, place = len(due) > len(page), str(page[-1].position if page else after)
        return Page(
            messages=tuple(_incoming(resource, one) for one in page),
            checkpoint=f"full:{place}" if full and has_more else place,
            has_more=has_more,
            is_complete_listing=full and not has_more,
        )

    async def fetch(self, object: str, external_id: str) -> Incoming | None:
        self._raise(self.system.fault_for("fetch", object, external_id))
        record = self.system.records.get(object, {}).get(external_id)
        return None if record is None or record.is_deleted else _incoming(object, record)

    def receive(self, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        self.system.signature.verify(headers, body)
        try:
            event = parse_json(body)
            record = Record(event["id"], event["record"], event["version"], 0, event["deleted"])
            return [_incoming(event["object"], record)]
        except (ValueError, KeyError, TypeError) as error:
            raise SignatureError("the webhook is signed but is not one of this system's events") from error

    async def write(self, write: Write) -> Receipt:
        async with self._request():
            return self._written(write)

    def _written(self, write: Write) -> Receipt:
        fault = self.system.fault_for("write", write.object, write.external_id or "")
        if fault is None or fault.kind not in ("lose_answer",):
            self._raise(fault)
        receipt = self._apply(write)
        if fault is not None:
            raise UnknownOutcomeError(f"the answer of {self.system.name} was lost", system=self.system.name)
        return receipt

    @asynccontextmanager
    async def _request(self) -> AsyncIterator[None]:
        """Counts what is under way, and takes its time."""
        system = self.system
        system.asked_at.append(time.monotonic())
        system._under_way += 1
        system.most_at_once = max(system.most_at_once, system._under_way)
        try:
            if system.answers_after_s:
                await asyncio.sleep(system.answers_after_s)
            yield
        finally:
            system._under_way -= 1

    def _apply(self, write: Write) -> Receipt:
        system = self.system
        able = self.capabilities.of(write.object) if write.object in self.capabilities.objects else ANYTHING
        check = system.checks.get(write.object)
        known = system.records.get(write.object, {}).get(write.external_id or "")
        problem = check((known.body if known else {}) | dict(write.body)) if check else None
        if problem is not None:
            raise RejectedError(
                f"{system.name} refuses {write.object}: {problem[0]} {problem[1]}",
                field=problem[0], remedy=f"Correct {problem[0]}: {problem[1]}.", system=system.name, status=422,
            )  # fmt: skip
        if write.operation == "create":
            taken = system._keys.get((write.object, write.intent_key)) if able.has_unique_external_id else None
            if taken is not None:
                raise RejectedError(
                    f"{system.name} already holds this {write.object}", cause="duplicate", field=KEY_FIELD,
                    remedy=f"Adopt record {taken}.", system=system.name, status=409,
                )  # fmt: skip
            external_id = system.next_id(write.object)
            keeps = able.has_unique_external_id or able.keeps_our_key
            record = system.put(write.object, external_id, write.body, our_key=write.intent_key if keeps else "")
        else:
            if known is None or known.is_deleted:
                raise RejectedError(
                    f"{system.name} has no {write.object} {write.external_id}", cause="not_found",
                    remedy="Unlink the record, or restore it there.", system=system.name, status=404,
                )  # fmt: skip
            if write.expected_version and write.expected_version != _version(known):
                raise RejectedError(
                    f"{write.object} {write.external_id} changed in {system.name} meanwhile", cause="conflict",
                    remedy="Read it again, then repeat.", system=system.name, status=412,
                )  # fmt: skip
            gone = {"active": False} if write.operation == "deactivate" else {}
            record = system.put(write.object, known.id, known.body | dict(write.body) | gone)
        system.effects[write.intent_key] += 1
        return Receipt(record.id, _version(record), "ok")

    async def look_up(self, write: Write) -> Receipt | None:
        async with self._request():
            return self._looked_up(write)

    def _looked_up(self, write: Write) -> Receipt | None:
        self._raise(self.system.fault_for("look_up", write.object))
        table = self.system.records.get(write.object, {})
        found = table.get(self.system._keys.get((write.object, write.intent_key), write.external_id or ""))
        if found is None and write.operation == "create" and write.natural_key:
            alike = [one for one in table.values() if not one.is_deleted and write.natural_key.items() <= one.body.items()]
            if len(alike) > 1:
                raise RejectedError(
                    f"{self.system.name} holds several {write.object} records of one natural key: {', '.join(one.id for one in alike)}",
                    cause="duplicate", remedy="Remove the surplus record there.", system=self.system.name,
                )  # fmt: skip
            found = alike[0] if alike else None
        if found is None or (write.operation != "create" and not dict(write.body).items() <= found.body.items()):
            return None
        return Receipt(found.id, _version(found), "found", was_adopted=True)

    async def write_many(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        """One request for all where the system has a bulk interface; each record has its own answer in it."""
        if self.system.bulk_size <= 1:
            return await one_by_one(self, writes)
        async with self._request():
            fault = self.system.fault_for("write_many", writes[0].object if writes else "")
            if fault is not None and fault.kind != "lose_answer":
                self._raise(fault)
            answers = [self._answer(one) for one in writes]
            if fault is not None:
                raise UnknownOutcomeError(f"the answer of {self.system.name} was lost", system=self.system.name)
            return answers

    def _answer(self, write: Write) -> Receipt | ConnectorError:
        try:
            return self._written(write)
        except ConnectorError as error:
            return error

    async def aclose(self) -> None:
        return None

    def _raise(self, fault: Fault | None) -> None:
        name = self.system.name
        match fault and fault.kind:
            case "rate_limit":
                raise RateLimitedError(f"{name} asks us to slow down", retry_after_s=fault.retry_after_s, scope=name, system=name)  # type: ignore[union-attr]
            case "unavailable":
                raise RetriableError(f"{name} is not available", system=name, status=503)
            case "credentials":
                raise CredentialsError(f"{name} does not accept our credentials", system=name, status=401)
            case "cut":
                raise RetriableError(f"the connection to {name} was cut before the request was sent", system=name)
            case "reject":
                assert fault is not None
                raise RejectedError(
                    f"{name} refuses the record", cause=fault.cause, field=fault.field,
                    remedy=f"Correct {fault.field or 'the record'} in the hub, then retry.", system=name, status=422,
                )  # fmt: skip


def _version(record: Record) -> str:
    return f"{record.version:012d}"


def _incoming(object: str, record: Record) -> Incoming:
    body = dump_json({"id": record.id} | record.body)
    return Incoming(
        object=object,
        external_id=record.id,
        body=body,
        key=message_key(object, record.id, f"{_version(record)}{'d' if record.is_deleted else ''}", body),
        version=_version(record),
        is_delete=record.is_deleted,
        occurred_at=datetime.now(UTC),
    )


def memory_connector(config: Mapping[str, Any]) -> MemoryConnector:
    """The registry's factory: ``{"system": MemorySystem}`` for a test's own, otherwise a fresh one named ``name``."""
    system = config.get("system")
    if system is not None and not isinstance(system, MemorySystem):
        raise ConfigurationError("memory: system: expected a MemorySystem")
    return MemoryConnector(system or MemorySystem(name=str(config.get("name", "memory"))))
