"""Records as the lines that COPY takes: what ingest would have stored of them, worked out by the same pure functions.

A chunk of steps becomes one block of bytes a table. Who wins is decided by :func:`hub.core.survivorship.survive`, so that
``hub replay --verify`` finds nothing to say about what was loaded this way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from hub.core.change import Cause, diff
from hub.core.fold import fold, order_of
from hub.core.matching import Candidate, match, match_keys
from hub.core.normalize import instant_text
from hub.core.policy import Policy
from hub.core.records import Change, Contribution, Golden, Reading, SourceKey, Values
from hub.core.survivorship import survive
from hub.demo.firm.catalogue import Source, records
from hub.demo.firm.model import Firm
from hub.demo.firm.shape import LOADED_AT, Record, golden_id, number_of
from hub.demo.firm.versions import FIELDS, speaker, version_instant, versioned
from hub.flows import conflicts
from hub.flows.linked import by_link, by_rule
from hub.store import former
from hub.store.change_log import key_hash
from hub.store.golden import version_row
from hub.store.tables import golden_columns
from hub.store.tasks import NewTask
from schema import ENTITIES
from schema.language import EntityMeta
from schema.systems import SystemKind

ACTOR = "firm"
NULL = "\\N"

CHANGE_COLUMNS = ("tenant_id", "entity", "golden_id", "version", "op", "before", "after", "cause", "actor", "correlation_id", "is_backfill", "at")
SOURCE_COLUMNS = (
    "tenant_id", "id", "system", "object", "external_id", "entity", "part", "state", "golden_id", "values", "stated", "since", "links",
    "first_seen_at", "updated_at",
)  # fmt: skip
KEY_COLUMNS = ("tenant_id", "entity", "key", "golden_id")
DECISION_COLUMNS = ("tenant_id", "kind", "entity", "golden_id", "reason", "actor", "rule", "evidence", "made_at")


class Ground(NamedTuple):
    """What a whole load has in common; the same for every process that works on it."""

    firm: Firm
    tenant_id: int
    policy: Policy
    ranks: Mapping[str, tuple[SystemKind, int]]
    loaded: frozenset[str]
    """Entities that are loaded; a reference to any other one stays open."""
    columns: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    """Entity → columns of its golden and of its version table."""
    versions: int
    """How many versions each client gets."""


class Task(NamedTuple):
    """A part of the work: steps of a source. ``slot`` is its second, so that instants rise with the order."""

    source: Source
    first: int
    last: int
    slot: int
    source_id: int
    """The first id of the contributions it makes."""


@dataclass
class Chunk:
    """What a task comes to: lines by table, how many golden records, the tasks people get, the values that were left."""

    lines: dict[str, bytes] = field(default_factory=dict)
    later: dict[int, bytes] = field(default_factory=dict)
    """Changes to a version from the second on: they follow when all records have the version before."""
    golden: int = 0
    tasks: list[NewTask] = field(default_factory=list)
    left: list[former.Left] = field(default_factory=list)
    """Values that records can still be found by as of an instant."""


def work(ground: Ground, task: Task) -> Chunk:
    """Do one task."""
    return _Work(ground, task).done()


class _Work:
    """The lines of one task as they grow."""

    def __init__(self, ground: Ground, task: Task) -> None:
        self.ground, self.task, self.meta = ground, task, ENTITIES[task.source.entity]
        self.golden_columns, self.version_columns = ground.columns[self.meta.name]
        self.tables: dict[str, list[str]] = {name: [] for name in ("golden", "version", "source_record", "change", "match_key", "decision")}
        self.later: dict[int, list[str]] = {}
        self.chunk = Chunk()
        self.source_id = task.source_id
        self.prefix = f"{ground.tenant_id}\t{self.meta.name}\t"
        is_versioned = self.meta.name == "client" and ground.versions > 1
        self.last_version = ground.versions if is_versioned else 1

    def done(self) -> Chunk:
        task = self.task
        for at, record in enumerate(records(self.ground.firm, task.source, task.first, task.last)):
            self._open(record, LOADED_AT + timedelta(seconds=task.slot, microseconds=at))
        self.chunk.lines = {name: "".join(lines).encode() for name, lines in self.tables.items() if lines}
        self.chunk.later = {version: "".join(lines).encode() for version, lines in self.later.items()}
        return self.chunk

    def _open(self, record: Record, at: datetime) -> None:
        """A record's first version with everything that stands beside it, and its further ones."""
        first = self._contributions(record, at)
        golden = self._survive(first, at)
        change = diff(None, golden, Cause("source", ACTOR, ""), at)
        assert change is not None
        golden.version = 1
        telling = speaker(record) if self.last_version > 1 else None
        self._stand(golden, at, at, is_last=telling is None)
        self.tables["change"].append(self._change(golden, change.before, change.after, "create", at))
        self._decide(first, golden, at)
        if telling is None:
            self._store(first, at, at)
        else:
            last = self._contributions(versioned(record, self.last_version, self.ground.firm.resources), at)
            for version in range(2, self.last_version + 1):
                golden = self._go_on(golden, record, version, telling, at)
            self._store(last, at, version_instant(self.ground.versions, self.last_version, record.number), telling, first[telling].values)
        self._keys(golden)
        self.chunk.tasks += [conflicts.task_of(golden, one, _source(first, one.source_id), is_restated=True) for one in golden.conflicts]
        self.source_id += len(first)
        self.chunk.golden += 1

    def _go_on(self, golden: Golden, record: Record, version: int, telling: int, opened_at: datetime) -> Golden:
        """The record's next version: whoever tells its changes has said something else, where that one decides."""
        at, told = version_instant(self.ground.versions, version, record.number), self.source_id + telling
        said = versioned(record, version, self.ground.firm.resources).said[telling].values
        before, after = Values(), Values()
        for name in FIELDS:
            value = said.get(name)
            value = self._resolve(value, "resource") if isinstance(value, dict) else value
            if name in golden.lineage and golden.lineage[name].source_id == told and golden.values.get(name) != value:
                before[name], after[name] = golden.values.get(name), value
        filled = {name: value for name, value in (golden.values | after).items() if value is not None}
        now = replace(golden, values=filled, version=version)
        self._stand(now, opened_at, at, is_last=version == self.last_version)
        self.later.setdefault(version, []).append(self._change(now, before, after, "update", at))
        self.chunk.left += former.left([Change(now.id, now.entity, version, "update", before, after, "source", ACTOR, "", at)])
        return now

    # what is decided

    def _contributions(self, record: Record, at: datetime) -> list[Contribution]:
        found: list[Contribution] = []
        entity, order, owner = record.entity, order_of("", at, 0), UUID(golden_id(self.ground.firm.seed, record.entity, record.number))
        for one in record.said:
            kind, rank = self.ground.ranks[one.system]
            key = SourceKey(one.system, entity, one.external_id, entity, one.part)
            links = tuple(SourceKey(*link, entity) for link in one.links)
            contribution = fold(None, Reading(key, one.values, order, 0, at, links=links), kind, rank).contribution
            contribution.id, contribution.golden_id = self.source_id + len(found), owner
            found.append(contribution)
        return found

    def _survive(self, held: Sequence[Contribution], at: datetime) -> Golden:
        own = held[0].golden_id
        assert own is not None
        golden = survive(self.meta, own, held, (), self.ground.policy, at, self._resolve)
        assert golden.is_born, f"{held[0].key} lacks {golden.missing}"
        return golden

    def _resolve(self, value: Mapping[str, Any], target: str) -> str | None:
        if target not in self.ground.loaded:
            return None
        return golden_id(self.ground.firm.seed, target, number_of(value["id"]))

    # what is stored

    def _stand(self, golden: Golden, created_at: datetime, at: datetime, *, is_version: bool = True, is_last: bool = True) -> None:
        """The record as the version table has it, and the golden table when no version follows."""
        row = version_row(self.ground.tenant_id, self.meta, golden, created_at, at)
        cells = {
            name: value if value.__class__ is str and not _SPECIAL.search(value) else cell(value)
            for name, value in row.items() if value is not None
        }  # fmt: skip
        if is_version:
            self.tables["version"].append("\t".join([cells.get(name, NULL) for name in self.version_columns]) + "\n")
        if is_last:
            self.tables["golden"].append("\t".join([cells.get(name, NULL) for name in self.golden_columns]) + "\n")

    def _change(self, golden: Golden, before: Values, after: Values, op: str, at: datetime) -> str:
        return f"{self.prefix}{golden.id}\t{golden.version}\t{op}\t{json(before)}\t{json(after)}\tsource\t{ACTOR}\t\tf\t{at.isoformat()}\n"

    def _store(
        self, held: Sequence[Contribution], first_seen_at: datetime, at: datetime, telling: int | None = None, said: Values | None = None
    ) -> None:
        """The contributions as they stand; ``telling`` has spoken again since it had ``said`` something else at first."""
        tenant, first = self.ground.tenant_id, first_seen_at.isoformat()
        for place, one in enumerate(held):
            stated, since, last = one.stated, one.since, first
            if place == telling:
                stated, last = {"*": order_of("", at, 0)}, at.isoformat()
                since = since | {name: instant_text(at) for name in FIELDS if said and said.get(name) != one.values.get(name)}
            links = json([list(link) for link in one.links]) if one.links else NULL
            key = one.key
            self.tables["source_record"].append(
                f"{tenant}\t{one.id}\t{key.system}\t{key.object}\t{key.external_id}\t{key.entity}\t{key.part}\tpresent\t{one.golden_id}\t"
                f"{json(one.values)}\t{json(stated)}\t{json(since)}\t{links}\t{first}\t{last}\n"
            )

    def _keys(self, golden: Golden) -> None:
        for key in match_keys(self.meta, golden.values):
            self.tables["match_key"].append(f"{self.prefix}{key_hash(key)}\t{golden.id}\n")

    def _decide(self, held: Sequence[Contribution], golden: Golden, at: datetime) -> None:
        """Why the other systems' records belong to it: they say so, or a match rule does."""
        for place, one in enumerate(held[1:], 1):
            made = by_link(one) if one.links else self._matched(one, held[:place], golden.id)
            row = made | {"tenant_id": self.ground.tenant_id, "made_at": at}
            self.tables["decision"].append(line(row, DECISION_COLUMNS))

    def _matched(self, one: Contribution, before: Sequence[Contribution], owner: UUID) -> dict[str, Any]:
        known = self._survive(before, LOADED_AT).values
        decision = match(self.meta, one, [Candidate(owner, known, frozenset(c.key.system for c in before))], resolve=self._resolve)
        assert decision.golden_id == owner, f"{one.key} does not match: {decision}"
        return by_rule(one, decision)


def _source(held: Sequence[Contribution], id_: int) -> Contribution | None:
    return next((one for one in held if one.id == id_), None)


# ----------------------------------------------------------------------------------------------------------------- COPY

_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def json(value: Any) -> str:
    """A value as JSON, as a cell of COPY's text format."""
    text = orjson.dumps(value).decode()
    return text.replace("\\", "\\\\") if "\\" in text else text


def line(row: Mapping[str, Any], columns: Sequence[str]) -> str:
    """One row in COPY's text format.

    >>> line({"a": 'x\\\\y', "b": None, "c": True, "d": {"e": 'f"'}}, ("a", "b", "c", "d"))
    'x\\\\\\\\y\\t\\\\N\\tt\\t{"e":"f\\\\\\\\""}\\n'
    """
    return "\t".join([NULL if (value := row.get(name)) is None else cell(value) for name in columns]) + "\n"


def cell(value: Any) -> str:
    if value.__class__ is str:
        return _SPECIAL.sub(_escape, value) if _SPECIAL.search(value) else value
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, dict | list):
        return json(value)
    return str(value)


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES[found.group()]


def columns_of(meta: EntityMeta, known: Sequence[str]) -> Iterator[str]:
    """Of a table's columns those that a version row fills; the others have defaults or are generated."""
    sample = version_row(0, meta, Golden(UUID(int=0), meta.name, {}, {}), LOADED_AT, LOADED_AT)
    typed = {name for name, _ in golden_columns(meta)}
    yield from (name for name in known if name in typed or name in sample)
