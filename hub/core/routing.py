"""Who gets a change, and what a connected system would be sent: the difference between what it says and what stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.core.conditions import OPS, passes
from hub.core.fold import value_since
from hub.core.normalize import instant_text
from hub.core.plan import plan_of
from hub.core.policy import Policy, default_policy
from hub.core.records import Change, Contribution, Decision, Golden, Values
from hub.core.strategies import sameness
from schema.language import EntityMeta, entity_name
from schema.systems import SystemKind

# ------------------------------------------------------------------------------------------------------ subscriptions


@dataclass(frozen=True, slots=True)
class Condition:
    """One test on the values after the change: ``field`` ``op`` ``value``; a dotted field looks inside."""

    field: str
    op: str
    """eq, ne, in, not_in, is_empty, is_set, lt, lte, gt, gte."""
    value: Any = None
    kind: str = ""
    """Of the field, by which the values are compared; '' as they are."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a subscription wants to hear of; empty parts mean everything."""

    entities: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    """At least one of them changed. A new, inactivated or reactivated record passes whatever changed."""
    ops: frozenset[str] = frozenset()
    where: tuple[Condition, ...] = ()
    with_backfill: bool = False

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Filter:
        """Read a stored filter; raises ValueError that names what it cannot read.

        >>> Filter.from_json({"entities": ["client"], "where": [{"field": "seat", "op": "like"}]})
        Traceback (most recent call last):
        ValueError: filter: where[0] has the unknown op 'like'
        """
        unknown = stored.keys() - {"entities", "fields", "ops", "where", "with_backfill"}
        if unknown:
            raise ValueError(f"filter: unknown key '{min(unknown)}'")
        conditions = []
        for at, one in enumerate(stored.get("where", ())):
            if one.get("op", "eq") not in OPS:
                raise ValueError(f"filter: where[{at}] has the unknown op '{one.get('op')}'")
            if not one.get("field"):
                raise ValueError(f"filter: where[{at}] names no field")
            conditions.append(Condition(one["field"], one.get("op", "eq"), one.get("value"), one.get("kind", "")))
        return cls(
            frozenset(stored.get("entities", ())),
            frozenset(stored.get("fields", ())),
            frozenset(stored.get("ops", ())),
            tuple(conditions),
            bool(stored.get("with_backfill", False)),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "entities": sorted(self.entities),
            "fields": sorted(self.fields),
            "ops": sorted(self.ops),
            "where": [{"field": one.field, "op": one.op, "value": one.value, "kind": one.kind} for one in self.where],
            "with_backfill": self.with_backfill,
        }


def wants(wanted: Filter, change: Change, values: Values) -> bool:
    """Whether a subscription hears of this change; ``values`` are the record's, whole, after it.

    A record that leaves the filter by this change is still told of, so that the reader learns of its leaving.
    """
    if change.is_backfill and not wanted.with_backfill:
        return False
    if wanted.entities and change.entity not in wanted.entities:
        return False
    if wanted.ops and change.op not in wanted.ops:
        return False
    if wanted.fields and change.op == "update" and wanted.fields.isdisjoint(change.after):
        return False
    if not wanted.where or _passes(wanted.where, values):
        return True
    return change.op != "create" and _passes(wanted.where, {**values, **change.before})


def meets(wanted: Filter, values: Values) -> bool:
    """Whether a record as it stands meets the conditions, whatever changed."""
    return _passes(wanted.where, values)


def _passes(conditions: Sequence[Condition], values: Values) -> bool:
    return all(passes(one.op, _inside(values, one.field), one.value, one.kind) for one in conditions)


def _inside(values: Any, path: str) -> Any:
    for step in path.split("."):
        values = values.get(step) if isinstance(values, Mapping) else None
    return values



# ------------------------------------------------------------------------------------------------------------- writes

ResolveExternal = Callable[[str, str], "str | Mapping[str, Any] | None"]
"""(golden id, entity name) → the target's own reference to it: {"system", "object", "id"} or the bare external id."""


IsLink = Callable[[str, str, Mapping[str, Any]], bool]
"""(golden id, entity name, a target's reference) → whether it names one of the target's records of that golden record."""


@dataclass(frozen=True, slots=True)
class WritePlan:
    """What a target would be sent, and why; ``op`` is create, update, deactivate, skip or wait."""

    op: str
    values: Values = field(default_factory=dict)
    """Changed canonical values; references in the target's own ids."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Field → missing, newer, ours, correct or emptied (written), owner, equal, pending, target_newer, unresolved, empty (not)."""
    waits_for: tuple[tuple[str, str, str], ...] = ()
    """(field, entity, golden id) of required references the target does not hold yet."""
    left_out: tuple[str, ...] = ()
    """Optional references the target does not hold yet; they follow as a later write."""


def golden_since(golden: Golden, contributions: Sequence[Contribution], decisions: Sequence[Decision] = ()) -> dict[str, str]:
    """Field → instant since which its winner says so (for an override: when it was decided)."""
    by_id = {one.id: one for one in contributions}
    made = {one.id: one.made_at for one in decisions}
    since: dict[str, str] = {}
    for name, line in golden.lineage.items():
        if line.decision_id:
            moment = made.get(line.decision_id)
            since[name] = instant_text(moment) if moment else ""
        elif line.source_id in by_id:
            since[name] = value_since(by_id[line.source_id], name)
    return since


def write_for(
    meta: EntityMeta,
    golden: Golden,
    since: Mapping[str, str],
    target: Contribution | None,
    target_kind: SystemKind,
    fields_out: Sequence[str] | frozenset[str],
    resolve_external: ResolveExternal,
    *,
    correct: bool = False,
    may_deactivate: bool = False,
    policy: Policy | None = None,
    is_link: IsLink | None = None,
) -> WritePlan:
    """What must be written so that the target says what stands; ``skip`` when it already does.

    A field is written when the target lacks it, shows an older value of ours, or said its own before the present winner
    did (``since``); with ``correct`` also when it said its own later. Never what the target's kind owns first, never
    empty over a value unless the owner says empty.
    """
    if golden.record_state != "active":
        is_there = target is not None and target.state == "present"
        return WritePlan("deactivate" if may_deactivate and is_there else "skip")
    is_new = target is None or target.state != "present"
    owners = _first_owners(meta, policy or default_policy())
    references = {f.name: entity_name(f.target) for f in meta.references}
    values: Values = {}
    reasons: dict[str, str] = {}
    waits: list[tuple[str, str, str]] = []
    left_out: list[str] = []
    for name in sorted(fields_out):
        standing: Any = golden.values.get("extra", {}).get(name[6:]) if name.startswith("extra.") else golden.values.get(name)
        if name in references and standing is not None:
            external = resolve_external(str(standing), references[name])
            if external is None:
                if meta.fields[name].required:
                    waits.append((name, references[name], str(standing)))
                else:
                    left_out.append(name)
                reasons[name] = "unresolved"
                continue
            standing = external if isinstance(external, str) else dict(external)
            told = None if is_new or target is None else target.values.get(name)
            if is_link is not None and isinstance(told, dict) and is_link(str(golden.values[name]), references[name], told):
                standing = told  # another of its records of the same thing: a merge changes no link there
        reason = _reason(name, standing, golden, since, None if is_new else target, target_kind, owners, correct)
        reasons[name] = reason
        if reason in _WRITTEN:
            values[name] = standing
    if waits:
        return WritePlan("wait", values, reasons, tuple(waits), tuple(left_out))
    op = "create" if is_new else "update"
    return WritePlan(op if values else "skip", values, reasons, (), tuple(left_out))


_WRITTEN = frozenset({"missing", "newer", "ours", "correct", "emptied"})


def _reason(
    name: str,
    standing: Any,
    golden: Golden,
    since: Mapping[str, str],
    target: Contribution | None,
    target_kind: SystemKind,
    owners: Mapping[str, SystemKind],
    correct: bool,
) -> str:
    """Why a field is written, or why not."""
    told = target.values.get(name) if target is not None else None
    if standing is None and told is None:
        return "empty"
    if target is None:
        return "missing"
    if _is_same(told, standing):
        return "equal"
    if name in target.held and _is_same(target.held[name], standing):
        return "equal"
    line = golden.lineage.get(name)
    if standing is None and (line is None or line.provisional or line.rule not in ("owner", "override")):
        return "empty"
    if line is not None and line.source_id and line.source_id == target.id:
        return "owner"  # what stands is what it says, in a form we do not compare
    if told is not None and name in target.written and target.written[name] == told:
        return "ours"  # an owner that only shows our own value has not spoken
    if owners.get(name) is target_kind:
        return "owner"
    if name in target.written and _is_same(target.written[name], standing):
        return "pending"
    if told is None:
        return "missing"
    winner, theirs = since.get(name, ""), value_since(target, name)
    if winner and winner > theirs:
        return "emptied" if standing is None else "newer"
    return "correct" if correct else "target_newer"


def _is_same(told: Any, standing: Any) -> bool:
    """Equal as things; a reference is the same when its id is."""
    if isinstance(told, dict) and isinstance(standing, str) and "id" in told:
        return bool(told["id"] == standing)
    return bool(sameness(told) == sameness(standing))


def _first_owners(meta: EntityMeta, policy: Policy) -> dict[str, SystemKind]:
    """Field → the kind of system that owns it first."""
    key = ("first owners", id(meta))
    known = policy.compiled.get(key)
    if known is None:
        first = {}
        for unit in plan_of(meta, policy).units:
            owner = min(unit.ranks, key=lambda kind: unit.ranks[kind], default=None)
            if owner is not None:
                first.update(dict.fromkeys(unit.fields, owner))
        known = policy.compiled[key] = (meta, first)
    owners: dict[str, SystemKind] = known[1]
    return owners
