"""What a merge would come to, before anybody decides: the golden record, every reference, every delivery, what forbids it.

Nothing is written and nothing locked. References are counted and never computed: a client with 5,000 children is told in
the time of a few counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from connectors.port import Capabilities
from hub.core.configuration import Configuration
from hub.core.merging import Facts, Veto
from hub.core.records import Contribution, Decision, Golden, Lineage, Values
from hub.core.strategies import canonical_json
from hub.core.survivorship import survive
from hub.errors import RequestError
from hub.flows import plan_writes, references
from hub.flows.canonical import known_entity
from hub.flows.merge import Picks, picked
from hub.flows.merge_checks import check, need_mergeable, standing
from hub.flows.plans_deliveries import ABLE, NO_TOKEN, Reader, readers
from hub.store import crosswalk, decisions, golden, referrers, source_records, subscriptions
from hub.store.lanes import Lane
from hub.store.statements import Connection
from hub.store.subscriptions import Modes
from schema.fields import Risk
from schema.language import EntityMeta

SAMPLE = 5


@dataclass(frozen=True, slots=True)
class FieldPreview:
    """One field: what each record says, what the joined one would, and who decides it there."""

    field: str
    before: Mapping[UUID, Any]
    after: Any
    differs: bool
    is_picked: bool
    source_id: int | None
    rule: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class Affected:
    """How many records refer to one that goes, by one field; they would mean the survivor."""

    entity: str
    field: str
    count: int
    sample: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a system would be sent: operation, record there, fields with from and to; by mode ``write`` or held back."""

    system: str
    operation: str
    external_id: str | None
    mode: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """One of the records: its values, the money on it, the source records it brings with the role they would have."""

    golden_id: UUID
    values: Values
    facts: Facts
    sources: tuple[tuple[int, str, str, str, str], ...]
    """(source id, system, object, external id, role it would have)."""
    lapsing: tuple[int, ...]
    """Overrides of a record that goes: they lapse while it is merged."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would come to."""

    entity: str
    survivor: UUID
    records: tuple[SideBySide, ...]
    fields: tuple[FieldPreview, ...]
    values: Values
    children: tuple[Affected, ...]
    deliveries: tuple[Delivery, ...]
    vetoes: tuple[Veto, ...]
    risk: Risk
    why: tuple[str, ...]


async def preview(
    tx: Connection, config: Configuration, entity: str, survivor: UUID, losers: Sequence[UUID], *, picks: Picks | None = None
) -> Preview:
    """What :func:`hub.flows.merge.merge` would do with the same arguments. Raises what it raises, but for vetoes: those are told."""
    meta, tenant = known_entity(entity), config.tenant_id
    need_mergeable(meta)
    survivor, found = await standing(tx, tenant, survivor, losers)
    ids = [survivor, *found]
    stored = await golden.read(tx, tenant, meta, ids)
    if missing := [one for one in ids if one not in stored]:
        raise RequestError("NOT_FOUND", f"there is no {meta.name} {missing[0]}", field="losers", remedy="Look it up again.")
    values = {one: stored[one].golden.values for one in ids}
    checked = await check(tx, tenant, meta, values)
    by_id: dict[UUID, list[Contribution]] = {one: [] for one in ids}
    for one in await source_records.siblings(tx, tenant, ids, (), config.ranks):
        if one.golden_id in by_id:
            by_id[one.golden_id].append(one)
    judged = await decisions.in_force(tx, tenant, ids)
    roles = roles_of(survivor, by_id)
    joined = [moved_to(one, survivor, roles) for several in by_id.values() for one in several]
    after, chosen = await _after(tx, config, meta, survivor, joined, judged.get(survivor, []), values, by_id, picks or {})
    rows = tuple(
        SideBySide(
            one, values[one], checked.facts.get(one, Facts({}, {})),
            tuple((c.id, c.key.system, c.key.object, c.key.external_id, roles.get(c.id, c.role)) for c in by_id[one]),
            tuple(d.id for d in judged.get(one, ()) if d.kind == "override") if one != survivor else (),
        )
        for one in ids
    )  # fmt: skip
    return Preview(
        meta.name, survivor, rows, _fields(ids, values, after, chosen), after.values,
        tuple(Affected(*row) for row in await referrers.count(tx, tenant, meta.name, found, SAMPLE)),
        tuple(await _deliveries(tx, config, meta, after, joined, judged.get(survivor, []))),
        checked.vetoes, checked.risk, checked.why,
    )  # fmt: skip


def roles_of(survivor: UUID, by_id: Mapping[UUID, Sequence[Contribution]]) -> dict[int, str]:
    """The roles source records would have, by the rule of ``forwards.sql``: who was there first is written to."""
    taken: set[tuple[str, str, str, str]] = set()
    roles: dict[int, str] = {}
    ordered = sorted(
        (one.golden_id != survivor, one.id, one) for several in by_id.values() for one in several if one.state == "present" and one.role != "retired"
    )  # fmt: skip
    for is_moved, id_, one in ordered:
        name = (one.key.system, one.key.object, one.key.entity, one.key.part)
        roles[id_] = "alternate" if is_moved and name in taken else one.role if not is_moved else "primary"
        taken.add(name)
    return roles


def moved_to(one: Contribution, survivor: UUID, roles: Mapping[int, str]) -> Contribution:
    moved = copy(one)
    moved.golden_id, moved.role = survivor, roles.get(one.id, one.role)
    return moved


async def _after(
    tx: Connection, config: Configuration, meta: EntityMeta, survivor: UUID, joined: Sequence[Contribution], judged: Sequence[Decision],
    values: Mapping[UUID, Values], by_id: Mapping[UUID, Sequence[Contribution]], picks: Picks,
) -> tuple[Golden, set[str]]:  # fmt: skip
    """The joined record, and which fields were picked; a pick stands as the newest override."""
    homes = {one.id: golden_id for golden_id, several in by_id.items() for one in several}
    by_source = {one.id: one for several in by_id.values() for one in several}
    newest = max((one.id for one in judged), default=0)
    extra = [
        Decision(newest + at, "override", meta.name, survivor, field=name, value=value)
        for at, (name, value, _) in enumerate((picked(config, meta, values, by_source, homes, name, pick) for name, pick in picks.items()), 1)
    ]
    told = [one.values for one in joined]
    told += [{one.field: one.value} for one in (*judged, *extra) if one.kind == "override" and isinstance(one.value, dict)]
    refs = await references.load(tx, config.tenant_id, {meta.name: told})
    at = await tx.fetchval("SELECT clock_timestamp()")
    after = survive(meta, survivor, joined, [*judged, *extra], config.policy, at, refs.resolve)
    after.version = 1
    chosen = {member.name for one in extra if one.field in meta.groups for member in meta.groups[one.field].members}
    return after, chosen | {one.field for one in extra}


def _fields(ids: Sequence[UUID], values: Mapping[UUID, Values], after: Golden, chosen: set[str]) -> tuple[FieldPreview, ...]:
    names = sorted({name for one in values.values() for name in one} | after.values.keys())
    nothing = Lineage(0, 0, "", False)
    found = []
    for name in names:
        before = {one: values[one].get(name) for one in ids}
        line = after.lineage.get(name, nothing)
        found.append(
            FieldPreview(
                name, before, after.values.get(name), len({canonical_json(one) for one in before.values()}) > 1, name in chosen,
                line.source_id or None, line.rule, line.provisional,
            )
        )  # fmt: skip
    return tuple(found)


async def _deliveries(
    tx: Connection, config: Configuration, meta: EntityMeta, after: Golden, joined: Sequence[Contribution], judged: Sequence[Decision]
) -> list[Delivery]:
    """What each connected system would be sent for the joined record. Its children say nothing new to a system: whichever of its
    records they name there stands for the same thing."""
    modes = await subscriptions.modes(tx, config.tenant_id)
    found = [await _delivery(tx, config, meta, after, joined, judged, reader, modes) for reader in await readers(tx, config)]
    return [one for one in found if one is not None]


async def _delivery(
    tx: Connection, config: Configuration, meta: EntityMeta, after: Golden, joined: Sequence[Contribution], judged: Sequence[Decision],
    reader: Reader, modes: Modes,
) -> Delivery | None:  # fmt: skip
    entities = reader.subscription.filter.get("entities")
    if entities and meta.name not in entities:
        return None
    named = {UUID(after.values[one.name]) for one in meta.references if after.values.get(one.name)}
    externals = await crosswalk.external_ids(tx, config.tenant_id, reader.system, named)
    able = Capabilities((), dict.fromkeys({name for system, name in config.mappings if system == reader.system}, ABLE)) if reader.has_connector else None
    context = plan_writes.Context(
        config, config.systems[reader.system], able, modes, {(after.id, 1): after}, {after.id: joined}, {after.id: judged}, externals, {},
    )  # fmt: skip
    planned = plan_writes.plan(context, Lane(reader.subscription, after.id, "", meta.name, 1, 0, 0, 0, None, None, "", NO_TOKEN))
    if planned.shown is None:
        return None
    held = set(planned.held.values())
    mode = "write" if not held else held.pop() if len(held) == 1 and planned.verdict == "hold" else "mixed"
    return Delivery(reader.system, planned.shown["op"], planned.shown["external_id"], mode, planned.shown["fields"])
