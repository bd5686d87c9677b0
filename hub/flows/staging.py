"""Run records through everything, tell what would become of them, and store nothing (C17).

One transaction that is undone: the mapping, codes and records of the trial meet the firm's golden records as they are, with
the locks, matching and rules of a real batch. It is bounded in records and seconds, because the feed waits for the oldest
transaction that writes.
"""

from __future__ import annotations

import time
from ast import literal_eval
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hub.core.configuration import Configuration
from hub.core.reading import read_all
from hub.core.records import Message, SourceKey
from hub.flows.again import transaction
from hub.flows.forms import MOST_AT_ONCE
from hub.flows.ingest import Ingested, ingest
from hub.store import configuration, inbox, labels, staging
from hub.store.ids import new_id
from hub.store.inbox import NewMessage
from hub.store.pool import Pool
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from hub.telemetry import logger

log = logger("hub.flows.staging")

BATCH = MOST_AT_ONCE
"""No load: of a trial everything is asked, and at once."""
MOST_RECORDS = 2_000
MOST_S = 8.0
SAMPLES = 5

CLASSES = ("created", "linked", "joined", "known", "doubtful", "waiting", "refused", "passed_over")
"""created: a new golden record · linked: to one the firm has · joined: to another record of this trial · known: this system
told of it before · doubtful: a person is asked · waiting: for its parent or a required field · refused: set aside ·
passed_over: the mapping's condition leaves it out."""


@dataclass
class Trial:
    """What a trial came to; ``counts`` of :data:`CLASSES` add up to ``records``."""

    records: int = 0
    offered: int = 0
    incomplete: int = 0
    """Records that are taken without a field that cannot be read."""
    counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Class → some records: where, external_id, entity, name, golden_id, golden_name, rule, why."""
    problems: list[dict[str, Any]] = field(default_factory=list)
    """What is wrong with how many records: cause, field, reason, remedy, count, where (the first)."""
    codes: list[dict[str, Any]] = field(default_factory=list)
    """Codes nobody has mapped: set, theirs, count."""
    changes: dict[str, int] = field(default_factory=dict)
    """``entity.field`` → golden records of the firm whose value would change."""
    seconds: float = 0.0

    @property
    def is_whole(self) -> bool:
        return self.records == self.offered

    def as_json(self) -> dict[str, Any]:
        told = asdict(self) | {"counts": dict(self.counts), "is_whole": self.is_whole, "seconds": round(self.seconds, 2)}
        return told


async def try_out(
    pool: Pool, tenant_id: int, prepare: Callable[[Connection], Awaitable[None]], messages: Sequence[NewMessage],
    aside: Sequence[tuple[NewMessage, NewTask]] = (), *, most_s: float = MOST_S,
) -> Trial:  # fmt: skip
    """Fold ``messages`` after ``prepare`` has configured what is tried; nothing of either is kept.

    ``aside`` are lines that are no records, with the tasks they would become. Raises what ``prepare`` raises: a mapping that cannot be read is told before any record is.
    """
    began = time.monotonic()
    trial = Trial(offered=len(messages) + len(aside))
    async with transaction(pool, is_dry_run=True) as tx:
        await tx.execute("SET LOCAL lock_timeout = '3s'")
        await prepare(tx)
        config = await configuration.read(tx, tenant_id, 0)
        run = _Run(tx, config, trial, await staging.known(tx, tenant_id, messages))
        for message, task in aside:
            run.count(message, "refused", [{"cause": task.cause, "field": "", "reason": task.reason, "remedy": task.remedy}])
        for batch in batches(messages[:MOST_RECORDS]):
            await run.fold(batch)
            if time.monotonic() - began > most_s:
                break
        await run.name_samples()
    trial.seconds = time.monotonic() - began
    return trial


def batches(messages: Sequence[NewMessage]) -> Iterable[list[NewMessage]]:
    """Batches in order, each with one message at most of any record, as workers claim them."""
    batch: list[NewMessage] = []
    names: set[tuple[str, str, str]] = set()
    for message in messages:
        name = (message.system, message.object, message.external_id)
        if name in names or len(batch) >= BATCH:
            yield batch
            batch, names = [], set()
        batch.append(message)
        names.add(name)
    if batch:
        yield batch


class _Run:
    """One trial under way in its transaction."""

    def __init__(self, tx: Connection, config: Configuration, trial: Trial, known: set[tuple[str, str, str]]) -> None:
        self.tx, self.config, self.trial, self.known = tx, config, trial, known
        self.born: set[UUID] = set()
        self.problems: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.changed: dict[str, set[UUID]] = {}
        self.unknown: Counter[str] = Counter()

    async def fold(self, batch: Sequence[NewMessage]) -> None:
        """Fold a batch; when it fails as a whole, its records one by one."""
        try:
            async with self.tx.transaction():
                told = await self._ingest(batch)
        except Exception as error:
            if len(batch) > 1:
                for one in batch:
                    await self.fold([one])
                return
            log.warning("trial_failed", system=batch[0].system, object=batch[0].object, error=type(error).__name__, exc_info=error)
            self.count(batch[0], "refused", [{"cause": "poison", "field": "", "reason": f"it cannot be stored ({type(error).__name__})",
                                               "remedy": "Mend the record; its text is in the sample."}])  # fmt: skip
            return
        for message, kind, why, golden in told:
            self.count(message, kind, why, golden)

    async def _ingest(self, batch: Sequence[NewMessage]) -> list[tuple[NewMessage, str, list[dict[str, Any]], tuple[str, UUID] | None]]:
        tenant = self.config.tenant_id
        stored = await inbox.store(self.tx, tenant, batch, channel="trial", actor="trial", received_at=datetime.now(UTC))
        ids = {one.id: message for one, message in zip(stored, batch, strict=True)}
        opened: list[Message] = await inbox.read_open(self.tx, tenant, list(ids))
        before = set(self.born)
        read = read_all(opened, self.config)
        done = await ingest(self.tx, self.config, opened, read, new_id)
        details = await staging.details(self.tx, tenant, list(ids))
        self.born |= {one.golden_id for one in done.changes if one.op == "create"}
        self.unknown.update(one.subject for one in read.refusals if one.cause == "unknown_code")
        self._note(done)
        spoken = {reading.message_id for reading in read.readings} | {message.id for message in read.deletes}
        return [self._became(ids[one.id], one, done, details.get(one.id, []), before, one.id in spoken) for one in opened]

    def _became(
        self, message: NewMessage, one: Message, done: Ingested, why: list[dict[str, Any]], before: set[UUID], has_spoken: bool
    ) -> tuple[NewMessage, str, list[dict[str, Any]], tuple[str, UUID] | None]:
        """(message, class, why, golden record) of one message."""
        mine = {key: id_ for key, id_ in done.golden_ids.items() if key[:3] == (one.system, one.object, one.external_id)}
        golden = next(((key.entity, id_) for key, id_ in mine.items()), None)
        outcome = done.outcomes.get(one.id, "")
        if outcome == "quarantined":
            return message, "refused", why, None
        self.trial.incomplete += outcome == "incomplete"
        if outcome == "waiting":
            return message, "waiting", why, golden
        if not mine:
            return message, "passed_over" if not has_spoken else "known", why, None
        if asked := self._doubts(done, mine):
            return message, "doubtful", asked, golden
        if (message.system, message.object, message.external_id) in self.known:
            return message, "known", why, golden
        golden_id = golden[1] if golden else UUID(int=0)
        if golden_id in self.born:
            return message, "joined" if golden_id in before or self._is_shared(done, golden_id, mine) else "created", why, golden
        return message, "linked", why, golden

    def _is_shared(self, done: Ingested, golden_id: UUID, mine: Mapping[SourceKey, UUID]) -> bool:
        """Whether another record of the same batch opened it: the first of them does."""
        others = [key for key, id_ in done.golden_ids.items() if id_ == golden_id and key not in mine]
        return any((key.system, key.object) == (one.system, one.object) and key < one for key in others for one in mine)

    @staticmethod
    def _doubts(done: Ingested, mine: Mapping[SourceKey, UUID]) -> list[dict[str, Any]]:
        names = {f"{key.entity} {key.system} {key.object} {key.external_id}" for key in mine}
        return [
            {"cause": cause, "field": "", "reason": "it may be a record the firm has", "remedy": "A person compares them."}
            for cause, subject in done.task_ids if cause in ("possible_duplicate", "ambiguous") and subject in names
        ]  # fmt: skip

    def _note(self, done: Ingested) -> None:
        """Which values of the firm's golden records would change."""
        for change in done.changes:
            if change.op != "create" and change.golden_id not in self.born:
                for name in change.after:
                    self.changed.setdefault(f"{change.entity}.{name}", set()).add(change.golden_id)

    def count(self, message: NewMessage, kind: str, why: Sequence[Mapping[str, Any]], golden: tuple[str, UUID] | None = None) -> None:
        trial = self.trial
        trial.records += 1
        trial.counts[kind] += 1
        for one in why:
            name = (str(one.get("cause")), str(one.get("field") or ""), str(one.get("reason")))
            held = self.problems.setdefault(name, {**one, "count": 0, "where": message.correlation_id})
            held["count"] += 1
        some = trial.samples.setdefault(kind, [])
        if len(some) < SAMPLES:
            some.append({
                "where": message.correlation_id, "external_id": message.external_id, "object": message.object, "why": [dict(one) for one in why],
                "entity": golden[0] if golden else "", "golden_id": str(golden[1]) if golden else "", "name": "", "rule": "", "body": message.body[:2000].decode("utf-8", "replace"),
            })  # fmt: skip

    async def name_samples(self) -> None:
        """What the records are called, the rule that linked them, and the figures gathered on the way."""
        tenant = self.config.tenant_id
        shown = [one for some in self.trial.samples.values() for one in some if one["golden_id"]]
        names = await labels.read(self.tx, tenant, {(one["entity"], UUID(one["golden_id"])) for one in shown})
        rules = await staging.rules(self.tx, tenant, [UUID(one["golden_id"]) for one in shown])
        for one in shown:
            one["name"], one["rule"] = names.get(UUID(one["golden_id"]), ""), rules.get((UUID(one["golden_id"]), one["external_id"]), "")
        self.trial.problems = sorted(self.problems.values(), key=lambda one: (-one["count"], one["reason"]))
        self.trial.changes = {name: len(ids) for name, ids in sorted(self.changed.items(), key=lambda one: (-len(one[1]), one[0]))}
        self.trial.codes = [{"set": code_of(subject)[1], "theirs": code_of(subject)[2], "count": count} for subject, count in self.unknown.most_common()]


def code_of(subject: str) -> tuple[str, str, str]:
    """(system, set, their code) that the task of an unknown code is about, from its subject.

    >>> code_of("erp PAYMENT_TERMS 'N 45'")
    ('erp', 'PAYMENT_TERMS', 'N 45')
    """
    system, code_set, theirs = subject.split(" ", 2)
    return system, code_set, str(literal_eval(theirs))
