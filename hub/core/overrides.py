"""Overrides: what people fixed, above all systems, until it falls due or the source it was made against changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from hub.core.plan import Plan, Unit
from hub.core.records import Decision, Lineage, Values
from hub.core.resolution import Resolve, resolved
from hub.core.strategies import canonical_json
from schema.language import EntityMeta


def overrides_in_force(decisions: Sequence[Decision], at: dt.datetime) -> tuple[dict[str, Decision], dt.datetime | None]:
    """The newest override per field that has not expired, and the first instant at which one will."""
    in_force: dict[str, Decision] = {}
    falls_due: dt.datetime | None = None
    for decision in decisions:
        if decision.kind != "override":
            continue
        if decision.until is not None:
            if decision.until <= at:
                continue
            falls_due = min(falls_due or decision.until, decision.until)
        known = in_force.get(decision.field)
        if known is None or decision.id > known.id:
            in_force[decision.field] = decision
    return in_force, falls_due


def is_overridden(unit: Unit, overrides: Mapping[str, Decision]) -> bool:
    return unit.name in overrides or any(name in overrides for name in unit.fields)


def apply_override(
    meta: EntityMeta,
    decision: Decision,
    plan: Plan,
    survived: Values,
    values: Values,
    lineage: dict[str, Lineage],
    resolve: Resolve,
    awaited: list[str],
) -> None:
    """Put a decided value in the place of what ``survived``, unless that is no longer what it was decided against."""
    field = decision.field
    group = meta.groups.get(field)
    members = tuple(member.name for member in group.members) if group is not None else (field,)
    if decision.while_source:
        standing = {name: survived.get(name) for name in members} if group is not None else _shown(survived, field)
        if canonical_json(standing) != decision.while_source:
            return
    for name in members:
        value = (decision.value or {}).get(name) if group is not None else decision.value
        if value is not None and name in plan.resolvable:
            value = resolved(plan, name, value, resolve, awaited)
        lineage[name] = Lineage(0, decision.id, "override", False)
        _show(values, name, value)


def _shown(values: Values, name: str) -> Any:
    return values.get("extra", {}).get(name[6:]) if name.startswith("extra.") else values.get(name)


def _show(values: Values, name: str, value: Any) -> None:
    place, key = (dict(values.get("extra", {})), name[6:]) if name.startswith("extra.") else (values, name)
    if value is None:
        place.pop(key, None)
    else:
        place[key] = value
    if place is not values:
        values["extra"] = place
        if not place:
            del values["extra"]
