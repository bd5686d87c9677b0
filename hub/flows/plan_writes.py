"""What would be written to a connected system: for a batch of lanes the difference to what the system says, by mode.

Everything a batch needs is read in a handful of statements; deciding is :func:`hub.core.routing.write_for`. Nothing is
sent from here, so the same plans are shown while a system is only observed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid5

from connectors.port import Capabilities, ObjectCapabilities, Operation, Write
from hub.core.configuration import Configuration, System
from hub.core.records import Contribution, Decision, Golden, Values
from hub.core.routing import WritePlan, golden_since, write_for
from hub.flows import contexts
from hub.flows.delivery_routes import astray
from hub.flows.filters import stands
from hub.store import crosswalk, decisions, lanes, source_records, told_back, versions
from hub.store.crosswalk import ExternalId
from hub.store.lanes import Lane
from hub.store.statements import Connection
from hub.store.subscriptions import Modes, Subscription
from hub.store.told_back import RecordId
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta, Family, Field, entity_name
from schema.mapped import UnwritableError
from schema.mapping import Mapping as SystemMapping
from schema.mapping import put_path

OWN_VERSION_TRIES = 3
"""After so many conflicts an update no longer insists on the version we know."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one lane comes to. ``verdict`` is send, hold (observed or proposed), wait, gate, refuse or nothing.

    ``held`` maps the fields that may not be sent to their mode; a plan that sends some fields may hold others.
    """

    lane: Lane
    verdict: str
    version: int
    reason: str = ""
    write: Write | None = None
    values: Values = field(default_factory=dict)
    """Canonical values that ``write`` carries, references in the target's own ids."""
    shown: Mapping[str, Any] | None = None
    """The plan as the lane keeps and shows it."""
    held: Mapping[str, str] = field(default_factory=dict)
    waits_for: UUID | None = None
    """What must come first (verdict wait), or an optional reference that was left out and follows."""
    money: tuple[dict[str, str], ...] = ()
    gate_id: UUID | None = None
    """The closed accounting period that keeps it from being posted (verdict gate)."""
    told_back: Mapping[str, Any] = field(default_factory=dict)
    """Path in the target's record → what ``write`` tells it of other systems, such as their ids."""
    field: str = ""
    """What keeps it from being written (verdict refuse)."""

    @property
    def is_write(self) -> bool:
        return self.verdict == "send"


@dataclass(frozen=True)
class Context:
    """Everything the planning of one batch reads."""

    config: Configuration
    system: System
    capabilities: Capabilities | None
    """None: nothing can be sent, only shown."""
    modes: Modes
    goldens: Mapping[tuple[UUID, int], Golden]
    contributions: Mapping[UUID, Sequence[Contribution]]
    decisions: Mapping[UUID, Sequence[Decision]]
    externals: Mapping[UUID, Sequence[ExternalId]]
    steps: Mapping[UUID, Sequence[int]]
    """Of a transaction, the sequenced versions not delivered yet."""
    astray: frozenset[tuple[UUID, int]] = frozenset()
    """Versions that the subscription's route sends elsewhere."""
    told: Mapping[RecordId, Mapping[str, Any]] = field(default_factory=dict)
    """The system's record → path → what it was told last of other systems."""

    def mappings(self, entity: str) -> list[tuple[SystemMapping, bool]]:
        """The mappings by which this system takes the entity, each with whether it may create: the first of its object."""
        return [
            (one, place == 0)
            for (system, _), several in self.config.mappings.items()
            if system == self.system.name
            for place, one in enumerate(several)
            if one.entity == entity and one.fields_out
        ]

    def able(self, object: str) -> ObjectCapabilities:
        if self.capabilities is None:
            return ObjectCapabilities(can_create=True, can_update=True, can_deactivate=True)
        return self.capabilities.of(object)

    def takes(self, entity: str) -> bool:
        return bool(self.mappings(entity))


async def load_context(
    connection: Connection,
    config: Configuration,
    modes: Modes,
    subscription: Subscription,
    capabilities: Capabilities | None,
    batch: Sequence[Lane],
) -> Context:
    """Read what planning these lanes of one subscription needs."""
    tenant_id, system = config.tenant_id, config.systems[subscription.system or ""]
    single = [lane for lane in batch if ENTITIES[lane.entity].family is Family.TRANSACTION]
    steps: dict[UUID, list[int]] = {}
    if single:
        for lane, changes in zip(single, await lanes.pending_changes(connection, tenant_id, single, 20), strict=True):
            steps[lane.golden_id] = [change.version for change in changes]
    wanted = [(lane.entity, lane.golden_id, version) for lane in batch for version in steps.get(lane.golden_id) or [lane.wanted_version]]
    goldens = await versions.read(connection, tenant_id, wanted)
    ids = [lane.golden_id for lane in batch]
    contributions: dict[UUID, list[Contribution]] = {}
    for one in await source_records.siblings(connection, tenant_id, ids, (), config.ranks):
        assert one.golden_id is not None
        contributions.setdefault(one.golden_id, []).append(one)
    judged = await decisions.in_force(connection, tenant_id, ids)
    if name := contexts.context_of(config, subscription):
        goldens, config = await contexts.seen(connection, config, name, goldens, contributions, judged), contexts.under(config, name)
    told: Mapping[RecordId, Mapping[str, Any]] = {}
    if any(one.tell_back for (name, _), several in config.mappings.items() if name == system.name for one in several):
        keys = [(one.key.object, one.key.external_id) for some in contributions.values() for one in some if one.key.system == system.name]
        told = await told_back.of_records(connection, tenant_id, system.name, keys)
    return Context(
        config, system, capabilities, modes, goldens, contributions, judged,
        await crosswalk.external_ids(connection, tenant_id, system.name, _referred(goldens.values())), steps,
        await astray(connection, tenant_id, subscription.filter.get("route") or {}, goldens), told,
    )  # fmt: skip


def _referred(goldens: Iterable[Golden]) -> set[UUID]:
    return {
        UUID(golden.values[one.name])
        for golden in goldens
        for one in ENTITIES[golden.entity].references
        if golden.values.get(one.name)
    }


def plan(context: Context, lane: Lane) -> Plan:
    """What this lane would write now."""
    meta = ENTITIES[lane.entity]
    golden, version = _wanted(context, lane)
    if golden is None:
        return Plan(lane, "nothing", version, "The version is not delivered to this subscription.")
    if golden.record_state == "merged":
        return Plan(lane, "nothing", version, f"The {lane.entity} was merged into another one.")
    if is_before_go_live(meta, golden.values, context.system.go_live):
        return Plan(lane, "nothing", version, f"The record is dated before {context.system.name} went live.")
    target, found = _target(context, lane)
    chosen = _mapping(context, lane.entity, target)
    if chosen is None:
        return Plan(lane, "nothing", version, f"{context.system.name} does not take this {lane.entity}.")
    if target is None and found:
        return Plan(lane, "nothing", version, f"The record was deleted in {context.system.name}.")
    return _difference(context, lane, meta, golden, version, target, chosen)


def _wanted(context: Context, lane: Lane) -> tuple[Golden | None, int]:
    """The version to deliver: the newest, or a transaction's next one that meets the filter."""
    steps = context.steps.get(lane.golden_id)
    wanted = lane.subscription.filter
    went_out = not steps and lane.delivered_version >= lane.wanted_version  # due again for a reference that was left out
    if steps is None or went_out:
        golden = context.goldens.get((lane.golden_id, lane.wanted_version))
        return (golden if _fits(context, wanted, lane, golden) else None), lane.wanted_version
    for version in steps:
        golden = context.goldens.get((lane.golden_id, version))
        if _fits(context, wanted, lane, golden):
            return golden, version
    return None, steps[-1] if steps else lane.wanted_version


def _fits(context: Context, wanted: Mapping[str, Any], lane: Lane, golden: Golden | None) -> bool:
    """Whether the subscription's conditions and its route want this version."""
    return golden is not None and (golden.id, golden.version) not in context.astray and stands(wanted, lane.entity, golden.values)


def _target(context: Context, lane: Lane) -> tuple[Contribution | None, bool]:
    """The system's own record of this thing (of several the primary, oldest one), and whether it ever had one."""
    mine = [
        one
        for one in context.contributions.get(lane.golden_id, ())
        if one.key.system == context.system.name
        and one.key.entity == lane.entity
        and lane.external_key in ("", one.key.external_id)
    ]
    present = sorted((one for one in mine if one.state == "present"), key=lambda one: (one.role != "primary", one.id))
    return (present[0] if present else None), bool(mine)


def _mapping(context: Context, entity: str, target: Contribution | None) -> SystemMapping | None:
    candidates = context.mappings(entity)
    if target is not None:
        return next((one for one, _ in candidates if one.object == target.key.object), None)
    return next((one for one, may_create in candidates if may_create and context.able(one.object).can_create), None)


def _difference(
    context: Context,
    lane: Lane,
    meta: EntityMeta,
    golden: Golden,
    version: int,
    target: Contribution | None,
    mapping: SystemMapping,
) -> Plan:
    able, system = context.able(mapping.object), context.system
    contributions = context.contributions.get(lane.golden_id, ())
    since = golden_since(golden, contributions, context.decisions.get(lane.golden_id, ()))
    wanted = write_for(
        meta, golden, since, target, system.kind, _allowed(lane, mapping), _resolver(context), correct=system.corrects,
        may_deactivate=bool(lane.subscription.filter.get("deactivate")) and able.can_deactivate,
        policy=context.config.policy, is_link=_is_link(context),
    )  # fmt: skip
    follows = _follows(context, meta, golden, wanted.left_out)
    name, entity, missing = _missing(meta, golden, wanted, mapping, able)
    if missing is not None:
        return Plan(lane, "wait", version, f"{system.name} has no {entity} for {name} yet.", waits_for=missing)
    news = _news(context, lane, mapping, target)
    if wanted.op == "skip" and not (news and target is not None and target.state == "present" and able.can_update):
        return Plan(lane, "nothing", version, waits_for=follows)
    if wanted.op == "skip":
        wanted = replace(wanted, op="update")
    if wanted.op == "update" and not able.can_update:
        return Plan(lane, "nothing", version, f"{system.name} does not change a {mapping.object}.")
    operation: Operation = "create" if wanted.op == "create" else "update" if wanted.op == "update" else "deactivate"
    allowed, held = _by_mode(context, lane, meta, operation, wanted.values)
    money = money_of(meta, golden.values)
    shown = {
        "op": operation, "object": mapping.object, "version": version,
        "external_id": target.key.external_id if target else None,
        "fields": {
            name: {"from": target.values.get(name) if target else None, "to": value} for name, value in wanted.values.items()
        },
    } | ({"money": list(money)} if money else {})  # fmt: skip
    if held and not allowed and not news:
        return Plan(lane, "hold", version, shown=shown, held=held, waits_for=follows, money=money)
    planned = Plan(lane, "send", version, "", None, allowed, shown, held, follows, money, told_back=news)
    return _spelt(context, planned, mapping, operation, golden, target, able)


def _spelt(
    context: Context,
    planned: Plan,
    mapping: SystemMapping,
    operation: Operation,
    golden: Golden,
    target: Contribution | None,
    able: ObjectCapabilities,
) -> Plan:
    """The plan with its write in the system's own shape, or refused because the system has no word for a value."""
    lane, is_new = planned.lane, operation == "create"
    try:
        body = mapping.write(planned.values, context.config.codes, is_new=is_new)
        for path, told in planned.told_back.items():
            put_path(body, path, told)
        natural_key = mapping.key_of(planned.values, context.config.codes) if is_new else {}
    except UnwritableError as error:
        problem = error.problems[0]
        return replace(planned, verdict="refuse", reason=f"{context.system.name}: {problem.reason}", field=problem.field)
    insists = target is not None and able.has_expected_version and lane.attempts < OWN_VERSION_TRIES
    write = Write(
        intent_key(context.system.name, lane.golden_id, operation, planned.version),
        operation,
        mapping.object,
        lane.entity,
        target.key.external_id if target else None,
        body,
        target.version if target is not None and insists else "",
        natural_key,
    )
    return replace(planned, write=write)


def _allowed(lane: Lane, mapping: SystemMapping) -> frozenset[str]:
    """The fields this target may be sent: those it takes, of which the subscription may select some."""
    selected = lane.subscription.filter.get("select")
    return mapping.fields_out & frozenset(selected) if selected else mapping.fields_out


def _news(context: Context, lane: Lane, mapping: SystemMapping, target: Contribution | None) -> dict[str, Any]:
    """Path → another system's id of the thing, where the record was not told it yet; only what may be written anyway."""
    if not mapping.tell_back or _mode(context, lane, lane.entity, "*") != "write":
        return {}
    held: dict[str, str] = {}
    for one in sorted(context.contributions.get(lane.golden_id, ()), key=lambda one: (one.role != "primary", one.id)):
        if one.state == "present" and one.key.entity == lane.entity:
            held.setdefault(one.key.system, one.key.external_id)
    told = context.told.get((target.key.object, target.key.external_id), {}) if target is not None else {}
    return {path: held[system] for path, system in mapping.tell_back if system in held and told.get(path) != held[system]}


def intent_key(system: str, golden_id: UUID, operation: str, version: int) -> str:
    """What names an intent over all its tries. A create's is the canonical id itself, so the target's unique field says
    whose record it is; an update's or deactivation's is derived from the version it brings.

    >>> one = UUID(int=1)
    >>> intent_key("erp", one, "create", 3) == intent_key("erp", one, "create", 4) == str(one)
    True
    >>> intent_key("erp", one, "update", 3) == intent_key("erp", one, "update", 4)
    False
    """
    return str(golden_id) if operation == "create" else str(uuid5(golden_id, f"{system}/{operation}/{version}"))


def _resolver(context: Context) -> Any:
    def resolve(golden_id: str, entity: str) -> dict[str, str] | None:
        for one in context.externals.get(UUID(golden_id), ()):
            if one.entity == entity:
                return {"system": context.system.name, "object": one.object, "id": one.external_id}
        return None

    return resolve


def _is_link(context: Context) -> Any:
    """Whether a system's reference names one of its records of a golden record: after a merge it may hold several."""

    def is_link(golden_id: str, entity: str, told: Mapping[str, Any]) -> bool:
        named = str(told.get("id"))
        return any(one.entity == entity and one.external_id == named for one in context.externals.get(UUID(golden_id), ()))

    return is_link


def _follows(context: Context, meta: EntityMeta, golden: Golden, left_out: Sequence[str]) -> UUID | None:
    """Of the references left out, the first whose record this system could still come to hold."""
    for name in left_out:
        if context.takes(entity_name(meta.fields[name].target)):
            return UUID(golden.values[name])
    return None


def _missing(
    meta: EntityMeta, golden: Golden, wanted: WritePlan, mapping: SystemMapping, able: ObjectCapabilities
) -> tuple[str, str, UUID | None]:
    """(field, entity, golden id) of a record that the system must hold first; the id is None when there is none.

    That is what a required reference names, required by the model or by the system; and, where a record cannot be
    changed later, what another of its own kind names: a reversal waits for what it reverses.
    """
    if wanted.waits_for:
        name, entity, golden_id = wanted.waits_for[0]
        return name, entity, UUID(golden_id)
    for name in wanted.left_out:
        target = meta.fields[name].target
        is_needed = wanted.op == "create" and name in mapping.fields_required
        if is_needed or (not able.can_update and target == meta.type_name):
            return name, entity_name(target), UUID(golden.values[name])
    return "", "", None


def _by_mode(
    context: Context, lane: Lane, meta: EntityMeta, operation: str, values: Values
) -> tuple[Values, dict[str, str]]:
    """The values that may be sent, and the mode of those that may not; whole records follow the entity's own mode."""
    whole = _mode(context, lane, meta.name, "*")
    if operation != "update" and whole != "write":
        return {}, dict.fromkeys(values or ("*",), whole)
    modes = {name: _mode(context, lane, meta.name, group_of(meta, name)) for name in values}
    allowed = {name: value for name, value in values.items() if modes[name] == "write"}
    return allowed, {name: mode for name, mode in modes.items() if mode != "write"}


def _mode(context: Context, lane: Lane, entity: str, group: str) -> str:
    if context.capabilities is None:
        return "observe"
    mode = context.modes.of(context.system.name, entity, group)
    return "write" if mode == "propose" and (lane.plan or {}).get("accepted") else mode


def group_of(meta: EntityMeta, name: str) -> str:
    """The field group a mode may name: the declared group, else the field by itself."""
    one: Field[Any] | None = meta.fields.get(name)
    return one.group.name if one is not None and one.group is not None else name


def is_before_go_live(meta: EntityMeta, values: Values, go_live: str | None) -> bool:
    """A transaction dated before the system went live is read, never delivered."""
    if go_live is None or meta.family is not Family.TRANSACTION:
        return False
    dated = next((one.name for one in meta.fields.values() if one.kind is FieldKind.DATE and values.get(one.name)), None)
    return dated is not None and values[dated] < go_live


def money_of(meta: EntityMeta, values: Values) -> tuple[dict[str, str], ...]:
    """The money a record is about: its first amount."""
    for one in meta.fields.values():
        if one.kind is FieldKind.MONEY and values.get(one.name):
            return (values[one.name],)
    return ()
