"""The port: all that the hub knows about another system. A connector is any object of the shape of :class:`Connector`.

Reading gives *messages* (one vendor record each, verbatim, with the vendor's version); writing takes a body in the
vendor's own shape, which a mapping has made. A connector therefore knows addresses, paging, signatures and errors, and
nothing about golden records.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from connectors.errors import ConnectorError
from connectors.wire import dump_json, parse_json

__all__ = [
    "Capabilities", "Connector", "Incoming", "IsToldWhatIsStored", "ObjectCapabilities", "Operation", "Page", "PreparesWebhooks", "Receipt", "Write",
    "dump_json", "message_key", "one_by_one", "parse_json", "received",
]  # fmt: skip

Operation = Literal["create", "update", "deactivate"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """One vendor record as it came. ``key`` is the idempotency key of this very message: the same message again (a
    webhook's retry, a page re-read) has the same key, another state of the record has another. It is "" where the
    system has no versions to tell A → B → A from a repeat; then the hub makes one.

    A webhook of a system that tells ids only has an empty ``body``: ``fetch`` it.
    """

    object: str
    external_id: str
    body: bytes
    key: str = ""
    version: str = ""
    is_delete: bool = False
    occurred_at: datetime | None = None
    line: int = 0
    """Line of the file it came from."""
    merged_into: str = ""
    """Id of the record that this one was merged into there: the crosswalk moves, the link is not deleted."""

    @property
    def needs_fetch(self) -> bool:
        return not self.body and not self.is_delete


def message_key(object: str, external_id: str, version: str, body: bytes) -> str:
    """The key of a record read at ``version``; "" when it has none."""
    return f"{object}:{external_id}:{version}:{hashlib.sha256(body).hexdigest()[:16]}" if version else ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a poll. Save ``checkpoint`` in the transaction that stores ``messages``, never before.

    ``is_complete_listing``: this page ends a listing of *all* records, begun with an empty checkpoint; only then may
    absence mean deletion.
    """

    messages: tuple[Incoming, ...]
    checkpoint: str
    has_more: bool
    is_complete_listing: bool = False
    total: int | None = None


@dataclass(frozen=True, slots=True)
class ObjectCapabilities:
    """What a system can do with one kind of record; decides the guarantee of law 7 for it."""

    can_create: bool = False
    can_update: bool = False
    can_deactivate: bool = False
    has_unique_external_id: bool = False
    """A unique field holds our key, so a second create is impossible."""
    keeps_our_key: bool = False
    """Our key is written and can be looked up, though it may not be unique."""
    unknown_settles_after_s: float = 0.0
    """After an ambiguous answer nothing can still happen once this long has passed (the vendor's own time limit)."""
    has_expected_version: bool = False
    """An update can be refused when the record changed meanwhile."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a system can do at all."""

    resources: tuple[str, ...]
    """What can be polled, parents first."""
    objects: Mapping[str, ObjectCapabilities] = field(default_factory=dict)
    can_filter_changes: bool = True
    """A poll can ask for what changed; otherwise every poll lists everything."""
    overlap_s: float = 0.0
    """How far behind its checkpoint a poll reads again, since rows become visible late."""
    webhook_scheme: str = ""
    """standard-webhooks, hmac-sha256, token, or "" for none."""
    webhook_has_body: bool = True
    page_size: int = 100
    requests_per_s: float = 0.0
    """0: no limit; this and the next two hold for all workers together."""
    concurrency: int = 4
    requests_per_day: int = 0
    bulk_size: int = 1
    """How many writes ``write_many`` carries in one request, told apart one by one in its answer; 1: each is its own."""
    sends_every_version: bool = False
    """A poll can tell all versions; otherwise only the newest of each record is seen."""

    def of(self, object: str) -> ObjectCapabilities:
        return self.objects.get(object, ObjectCapabilities())


@dataclass(frozen=True, slots=True)
class Write:
    """One write to another system, whose intent is already stored under ``intent_key``.

    ``body`` is in the vendor's shape. ``natural_key`` (vendor path → value) finds the record when the system has no
    field for our key. ``expected_version`` "" means: whatever it is now.
    """

    intent_key: str
    operation: Operation
    object: str
    entity: str
    external_id: str | None
    body: Mapping[str, Any]
    expected_version: str = ""
    natural_key: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The system took it. ``response`` is the answer, redacted, for the attempt's record."""

    external_id: str
    version: str = ""
    response: str = ""
    was_adopted: bool = False
    """Found by ``look_up`` instead of answered to ``write``."""


@runtime_checkable
class Connector(Protocol):
    """One connected system. All methods raise only :class:`connectors.errors.ConnectorError` and its children."""

    @property
    def capabilities(self) -> Capabilities: ...

    async def poll(self, resource: str, checkpoint: str) -> Page:
        """The next page of changes after ``checkpoint`` ("" = from the beginning). Repeats are allowed, gaps are not.

        A checkpoint is opaque text; asking twice with the same one gives at least what was there the first time, so a
        reader killed between page and save loses nothing.
        """
        ...

    async def fetch(self, object: str, external_id: str) -> Incoming | None:
        """One record as it is now; None when it does not exist."""
        ...

    def receive(self, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        """Verify the signature over the raw bytes and split a webhook into messages. Raises SignatureError."""
        ...

    async def write(self, write: Write) -> Receipt:
        """Carry out one write. UnknownOutcomeError: it may have happened; ask ``look_up`` after the settling time."""
        ...

    async def look_up(self, write: Write) -> Receipt | None:
        """Whether ``write`` has happened: by our key where the system keeps it, else (or with an empty ``intent_key``) by the
        natural key."""
        ...

    async def write_many(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        """Carry out many writes; the answers are in the same order, one failure disturbs no other."""
        ...

    async def aclose(self) -> None: ...


@runtime_checkable
class PreparesWebhooks(Protocol):
    """A connector whose webhooks are signed with keys that the system hands out: what ``receive`` verifies with is fetched before."""

    async def prepare(self, headers: Mapping[str, str], body: bytes) -> None:
        """Fetch what this webhook is verified and read with. Raises SignatureError, and RetriableError when it cannot be had now."""
        ...


@runtime_checkable
class IsToldWhatIsStored(Protocol):
    """A connector that does something once records are safe with us, such as putting a file away. Whoever only looks never tells it."""

    async def stored(self, resource: str, checkpoint: str) -> None:
        """All up to this checkpoint is committed. Told after each commit, and again before the next poll, since we may die in between."""
        ...


async def received(connector: Connector, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
    """``receive``, once the connector has what it verifies with."""
    if isinstance(connector, PreparesWebhooks):
        await connector.prepare(headers, body)
    return connector.receive(headers, body)


async def one_by_one(connector: Connector, writes: Sequence[Write], concurrency: int = 4) -> list[Receipt | ConnectorError]:
    """``write_many`` of a system without a bulk interface; writes to the same record keep their order."""
    gate = asyncio.Semaphore(concurrency)
    answers: dict[int, Receipt | ConnectorError] = {}

    async def lane(places: list[int]) -> None:
        for place in places:
            async with gate:
                try:
                    answers[place] = await connector.write(writes[place])
                except ConnectorError as error:
                    answers[place] = error

    lanes: dict[tuple[str, str], list[int]] = {}
    for place, one in enumerate(writes):
        lanes.setdefault((one.object, one.external_id or one.intent_key), []).append(place)
    await asyncio.gather(*(lane(places) for places in lanes.values()))
    return [answers[place] for place in range(len(writes))]
