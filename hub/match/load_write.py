"""The last stage of a first load: neighbourhoods become golden records, as ingest would have made them, in lines for COPY.

Who wins a field is decided by :func:`hub.core.survivorship.survive`, so ``hub replay --verify`` finds nothing to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import orjson

from hub.core.change import Cause, diff
from hub.core.match.clusters import Clusters
from hub.core.match.forms import NORMAL_VERSION, Form
from hub.core.match.scoring import score
from hub.core.matching import match_keys
from hub.core.records import Contribution, Golden, SourceKey
from hub.core.survivorship import survive
from hub.flows import conflicts
from hub.flows.likeness import evidence
from hub.flows.linked import name_of
from hub.flows.recompute import has_origin
from hub.match.copying import (
    CHANGE_COLUMNS, DECISION_COLUMNS, FORM_COLUMNS, KEY_COLUMNS, NULL, SOURCE_COLUMNS, TASK_COLUMNS, as_cell, cell, cells, json, line, line_of,
)  # fmt: skip
from hub.match.load_groups import CERTAIN, Link, Neighbours, Pair
from hub.match.load_read import Ground
from hub.match.load_tasks import task_lines, unpacked
from hub.store.change_log import key_hash
from hub.store.golden import version_row
from hub.store.ids import new_id
from hub.store.tasks import NewTask
from schema import ENTITIES
from schema.kinds import FieldKind

ACTOR = "first load"


class Member(NamedTuple):
    """A record of a cluster, as it was kept while the clusters were found."""

    place: int
    """Among its neighbours."""
    source_id: int
    system: str
    object: str
    external_id: str
    part: str
    body: bytes
    packed_form: bytes
    """The form as JSON."""
    form: Form
    """Empty for a record without neighbours: nobody looks at it."""
    keys: Sequence[int]


@dataclass(frozen=True)
class Neighbourhood:
    """Records that likely pairs connect, and all their pairs from the review zone up: (place, place, bits), likest first."""

    members: list[Member]
    pairs: list[Pair]


@dataclass(frozen=True)
class Target:
    """Where the lines go."""

    tenant_id: int
    golden_columns: tuple[str, ...]
    version_columns: tuple[str, ...]
    link: Link = Link.CAREFUL
    beside: Link | None = None
    """Another way to link, to be told of and not written."""


@dataclass
class Written:
    """Lines by table, and what else came of some clusters."""

    lines: dict[str, bytes] = field(default_factory=dict)
    born: int = 0
    golden_ids: list[UUID] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    """Rows of the load, golden record by golden record."""
    sizes: list[int] = field(default_factory=list)
    """How many of them each golden record has."""
    beside: list[tuple[int, int]] = field(default_factory=list)
    """Each row and one that stands for its group, by the way that is only told of."""
    again: list[UUID] = field(default_factory=list)
    """Golden records that refer to others: they are computed once more, when those can be looked up."""


class Rows(NamedTuple):
    """Neighbourhoods as the engine tells them: contributions sorted by ``near``, packed, and pairs by ``near``."""

    table: bytes
    pairs: dict[int, list[Pair]]
    base: int
    """The contribution's id of row 0."""


def write_chunk(ground: Ground, target: Target, rows: Rows) -> Written:
    """In a process beside: the lines of some neighbourhoods."""
    writer = _Writer(ground, target, rows.base)
    for one in neighbourhoods(rows):
        near = Neighbours(ground.model, [each.form for each in one.members], one.pairs)
        for group in near.groups(target.link):
            writer.write(new_id(), [one.members[at] for at in group], one.pairs)
        if target.beside is not None:
            for group in near.groups(target.beside):
                first = one.members[group[0]].source_id - rows.base
                writer.written.beside += ((one.members[at].source_id - rows.base, first) for at in group)
    return writer.done()


def neighbourhoods(rows: Rows) -> Iterator[Neighbourhood]:
    table = unpacked(rows.table)
    near = table["near"].to_numpy()
    starts = np.flatnonzero(np.append(True, near[1:] != near[:-1])).tolist()
    columns = [table[name].to_pylist() for name in ("id", "system", "object", "external_id", "part", "body", "form", "blocked")]
    for first, until in pairwise((*starts, len(near))):
        mine = zip(*(column[first:until] for column in columns), strict=True)
        alone = until - first == 1
        members = [
            Member(at, rows.base + id_, system, object_, external_id, part, body, form, {} if alone else orjson.loads(form), keys or ())
            for at, (id_, system, object_, external_id, part, body, form, keys) in enumerate(mine)
        ]
        place = {one.source_id - rows.base: one.place for one in members}
        pairs: list[Pair] = []
        for a, b, bits in rows.pairs.get(int(near[first]), ()):
            x, y = place[a], place[b]
            pairs.append((x, y, bits) if x < y else (y, x, bits))
        yield Neighbourhood(members, pairs)


class _Writer:
    def __init__(self, ground: Ground, target: Target, base: int) -> None:
        self.ground, self.target, self.base, self.meta = ground, target, base, ENTITIES[ground.entity]
        self.lines: dict[str, list[str]] = {name: [] for name in ("golden", "version", "source_record", "change", "match_key", "decision", "match_form")}
        self.tasks: list[NewTask] = []
        self.written, self.ranks = Written(), ground.config.ranks
        self.references = [name for name, one in self.meta.fields.items() if one.kind is FieldKind.REFERENCE]

    def done(self) -> Written:
        self.written.lines = {name: "".join(lines).encode() for name, lines in self.lines.items() if lines}
        if self.tasks:
            self.written.lines["task"] = task_lines(self.ground, self.target.tenant_id, self.tasks).encode()
        return self.written

    def write(self, golden_id: UUID, members: Sequence[Member], pairs: Sequence[Pair] = ()) -> None:
        held = [self._contribution(golden_id, one) for one in members]
        golden = survive(self.meta, golden_id, held, (), self.ground.config.policy, self.ground.at, lambda value, target: None)
        self.written.golden_ids.append(golden_id)
        self.written.rows += [one.source_id - self.base for one in members]
        self.written.sizes.append(len(members))
        self._sources(held)
        self._forms(members)
        self._links(golden_id, members, held, pairs)
        for key in match_keys(self.meta, golden.values):
            self.lines["match_key"].append(f"{self.target.tenant_id}\t{self.meta.name}\t{key_hash(key)}\t{golden_id}\n")
        if golden.is_born and has_origin(self.meta, held):
            self._golden(golden)
            self.tasks += [
                conflicts.task_of(golden, one, next((c for c in held if c.id == one.source_id), None), is_restated=True) for one in golden.conflicts
            ]
        if golden.reconsider_at is not None or any(isinstance(one.values.get(name), Mapping) for one in held for name in self.references):
            self.written.again.append(golden_id)

    def _contribution(self, golden_id: UUID, one: Member) -> Contribution:
        values, raw, stated, since, links, mapping_version = orjson.loads(one.body)
        kind, rank = self.ranks[one.system]
        return Contribution(
            SourceKey(one.system, one.object, one.external_id, self.meta.name, one.part), kind, one.source_id, "present", golden_id,
            values=values, raw=raw, stated=stated, since=since, links=tuple(SourceKey(*link) for link in links),
            mapping_version=mapping_version, scope_rank=rank,
        )  # fmt: skip

    def _sources(self, held: Sequence[Contribution]) -> None:
        tenant, at = self.target.tenant_id, self.ground.at.isoformat()
        for one in held:
            key = one.key
            raw = json(one.raw) if one.raw else NULL
            links = json([list(link) for link in one.links]) if one.links else NULL
            named = "\t".join(map(cell, (key.system, key.object, key.external_id, key.entity, key.part)))
            self.lines["source_record"].append(
                f"{tenant}\t{one.id}\t{named}\tpresent\t{one.golden_id}\t{json(one.values)}\t{raw}\t{json(one.stated)}\t{json(one.since)}\t{links}\t"
                f"{cell(one.mapping_version)}\t{at}\t{at}\n"
            )

    def _forms(self, members: Sequence[Member]) -> None:
        head = f"{self.meta.name}\t{NORMAL_VERSION}"
        for one in members:
            keys = ",".join(map(str, one.keys))
            self.lines["match_form"].append(f"{self.target.tenant_id}\t{one.source_id}\t{head}\t{as_cell(one.packed_form)}\t{{{keys}}}\n")

    def _links(self, golden_id: UUID, members: Sequence[Member], held: Sequence[Contribution], pairs: Sequence[Pair]) -> None:
        """Why each other record belongs to it: the pairs, likest first, by which the model joined them."""
        model, at_hand = self.ground.model, {one.place: at for at, one in enumerate(members)}
        joined = Clusters[int]()
        for a, b, bits in pairs:
            if a not in at_hand or b not in at_hand or joined.root(a) == joined.root(b):
                continue
            joined.join(a, b)
            mine = at_hand[b]
            said = self._declared(held[at_hand[a]], held[mine]) if bits >= CERTAIN else {
                "reason": f"{name_of(held[mine])} is like {name_of(held[at_hand[a]])}", "rule": f"model:{model.version}",
                "evidence": evidence(model, score(model, members[at_hand[a]].form, members[mine].form, guarded=False)),
            }  # fmt: skip
            row = {
                "tenant_id": self.target.tenant_id, "kind": "link", "entity": self.meta.name, "golden_id": golden_id, "source_id": members[mine].source_id,
                "actor": "rule", "made_at": self.ground.at.isoformat(), **said,
            }  # fmt: skip
            self.lines["decision"].append(line(row, DECISION_COLUMNS))

    def _declared(self, one: Contribution, other: Contribution) -> dict[str, Any]:
        """As :func:`hub.flows.linked.by_link` says it."""
        naming, named = (other, one) if one.key in other.links else (one, other)
        return {"reason": f"{name_of(naming)} names {name_of(named)}", "rule": "declared_link"}

    def _golden(self, golden: Golden) -> None:
        at = self.ground.at
        change = diff(None, golden, Cause("source", ACTOR, ""), at)
        assert change is not None
        golden.version = 1
        row = cells(version_row(self.target.tenant_id, self.meta, golden, at, at))
        self.lines["golden"].append(line_of(row, self.target.golden_columns))
        self.lines["version"].append(line_of(row, self.target.version_columns))
        told = {
            "tenant_id": self.target.tenant_id, "entity": self.meta.name, "golden_id": golden.id, "version": 1, "op": "create",
            "before": change.before, "after": change.after, "cause": "source", "actor": ACTOR, "correlation_id": "", "is_backfill": True,
            "at": at.isoformat(),
        }  # fmt: skip
        self.lines["change"].append(line(told, CHANGE_COLUMNS))
        self.written.born += 1


COLUMNS = {"source_record": SOURCE_COLUMNS, "change": CHANGE_COLUMNS, "match_key": KEY_COLUMNS, "decision": DECISION_COLUMNS, "match_form": FORM_COLUMNS, "task": TASK_COLUMNS}
