"""Every value anybody offered for a field, beside the winner, with the reason it lost: what provenance shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub.core.choice import all_reflected, is_sound
from hub.core.fold import value_since
from hub.core.plan import NOT_AN_OWNER, Plan, Unit, plan_of
from hub.core.policy import Policy
from hub.core.records import Contribution, Decision, Golden
from hub.core.strategies import canonical_json
from hub.core.survivorship import Resolve, as_shown, extension_unit, is_live, origin_of, survive
from schema.language import EntityMeta
from schema.systems import SystemKind


@dataclass(frozen=True, slots=True)
class Alternate:
    """One offer for a field. In CRM 4711 ``name`` is 'ACME Ltd' since 3 May; it won because CRM owns the name."""

    source_id: int
    decision_id: int
    system: str
    value: Any
    """As the golden record would show it; a reference nobody can resolve yet as contributed."""
    since: str
    wins: bool
    why: str
    """For the winner its rule; else agrees, overridden, later_owner, scope, rule, not_an_owner, representation,
    reflected, deleted, held, invalid_identifier, expired or superseded."""


def alternates(
    meta: EntityMeta,
    field: str,
    contributions: Sequence[Contribution],
    decisions: Sequence[Decision],
    policy: Policy,
    at: dt.datetime,
    resolve: Resolve,
) -> list[Alternate]:
    """All offers for ``field`` (or ``extra.<name>``), the winner first, then in the order in which they would speak."""
    golden = survive(meta, UUID(int=0), contributions, decisions, policy, at, resolve)
    legal_entity = golden.values.get("legal_entity", "")
    scoped = policy.depends_on_legal_entity(meta.name) and isinstance(legal_entity, str)
    plan = plan_of(meta, policy, legal_entity if scoped else "")
    unit = next((one for one in plan.units if field in one.names), None) or _extension(meta, field)
    origin = origin_of(plan.origins, contributions, decisions) if unit.is_fact else None
    listed = _decided(field, decisions, golden, at)
    for one in contributions:
        if field in one.values:
            listed.append(_alternate(one, field, unit, plan, golden, origin, resolve))
        if field in one.held:
            shown = _shown(plan, field, one.held[field], resolve)
            listed.append(Alternate(one.id, 0, one.key.system, shown, value_since(one, field), False, "held"))
    rank = {one.id: (unit.ranks.get(one.kind, NOT_AN_OWNER), one.scope_rank, one.key) for one in contributions}
    return sorted(listed, key=lambda one: (not one.wins, rank.get(one.source_id, (-1,)), one.decision_id))


def _extension(meta: EntityMeta, field: str) -> Unit:
    return extension_unit(field, {kind: at for at, kind in reversed(list(enumerate((*meta.origins, *SystemKind))))})


def _shown(plan: Plan, field: str, value: Any, resolve: Resolve) -> Any:
    shown = as_shown(plan, field, value, resolve)
    return value if shown is None else shown


def _decided(field: str, decisions: Sequence[Decision], golden: Golden, at: dt.datetime) -> list[Alternate]:
    line = golden.lineage.get(field)
    found = []
    for one in decisions:
        if one.kind == "override" and one.field == field:
            wins = line is not None and line.decision_id == one.id
            is_due = one.until is not None and one.until <= at
            why = "override" if wins else "expired" if is_due or (one.while_source and not (line and line.decision_id)) else "superseded"
            since = one.made_at.isoformat() if one.made_at else ""
            found.append(Alternate(0, one.id, "steward", one.value, since, wins, why))
    return found


def _alternate(
    one: Contribution, field: str, unit: Unit, plan: Plan, golden: Golden, origin: Contribution | None, resolve: Resolve
) -> Alternate:
    line = golden.lineage.get(field)
    wins = line is not None and not line.decision_id and line.source_id == one.id
    shown = _shown(plan, field, one.values[field], resolve)
    why = line.rule if wins and line is not None else _why_not(one, field, shown, unit, golden, origin)
    return Alternate(one.id, 0, one.key.system, shown, value_since(one, field), wins, why)


def _why_not(
    one: Contribution, field: str, shown: Any, unit: Unit, golden: Golden, origin: Contribution | None
) -> str:
    line = golden.lineage.get(field)
    standing = golden.values.get("extra", {}).get(field[6:]) if field.startswith("extra.") else golden.values.get(field)
    if not is_live(one):
        return "deleted"
    if unit.is_fact and one is not origin:
        return "representation"
    if one.written and all_reflected(unit, one):
        return "reflected"
    if canonical_json(shown) == canonical_json(standing):
        return "agrees"
    if line is not None and line.decision_id:
        return "overridden"
    if unit.schemes and not is_sound(unit, one):
        return "invalid_identifier"
    if unit.ranks and one.kind not in unit.ranks:
        return "not_an_owner"
    if unit.rule.among_all:
        return "rule"
    return "later_owner" if unit.ranks.get(one.kind, 0) > 0 else "scope"
