"""One record asked about closely: as a consumer context sees it, and how far each source is trusted in one of its fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from hub.core.choice import has_failed, offers_of
from hub.core.configuration import Configuration
from hub.core.contexts import decided_in, differing, policy_of, seen_in
from hub.core.plan import plan_of
from hub.core.records import Contribution, Golden
from hub.core.survivorship import as_shown, is_live, speaking_order
from hub.core.trust import ranked, score_at
from hub.flows.contexts import need_context
from hub.flows.plans_compute import look
from hub.store.statements import Connection
from schema import ENTITIES


@dataclass(frozen=True, slots=True)
class InContext:
    """A golden record as a context sees it; ``fields`` are those the context may decide otherwise, ``differs`` those it does."""

    name: str
    seen: Golden
    fields: tuple[str, ...]
    differs: tuple[str, ...]
    contributions: Sequence[Contribution]


@dataclass(frozen=True, slots=True)
class Trusted:
    """One source's offer for a field with its points now, of 100."""

    source: Contribution
    value: Any
    since: str
    points: Decimal
    has_failed: bool
    wins: bool


@dataclass(frozen=True, slots=True)
class Trust:
    """The offers for a field, most trusted first, and when they will rank otherwise by themselves."""

    rule: str
    """By which rule the field stands now: ``trust``, or ``override`` and others that come before it."""
    changes_at: datetime | None
    offers: tuple[Trusted, ...]


async def in_context(tx: Connection, config: Configuration, entity: str, golden_id: UUID, name: str) -> InContext | None:
    """A golden record as a context sees it now; None when it is not there. Raises :class:`RequestError` for an unknown context."""
    need_context(config.policy, name, "context")
    meta = ENTITIES[entity]
    one = (await look(tx, config, entity, [golden_id]))[golden_id]
    if one.before is None:
        return None
    seen = seen_in(meta, one.before, one.contributions, one.decisions, config.policy, name, one.at, one.resolve)
    fields = decided_in(meta, config.policy, name)
    return InContext(name, seen, tuple(field for field in meta.fields if field in fields), tuple(differing(one.before, seen)), one.contributions)


async def trust_of(tx: Connection, config: Configuration, entity: str, golden_id: UUID, field: str, context: str = "") -> Trust | None:
    """How far each source is trusted in a field, as the policy (or a context) has it; None when the record is not there.

    Without a rule by trust there are no offers.
    """
    if context:
        need_context(config.policy, context, "context")
    meta = ENTITIES[entity]
    one = (await look(tx, config, entity, [golden_id]))[golden_id]
    if one.before is None:
        return None
    from_context = seen_in(meta, one.after, one.contributions, one.decisions, config.policy, context, one.at, one.resolve) if context else one.after
    policy = policy_of(config.policy, context)
    legal_entity = one.after.values.get("legal_entity") if policy.depends_on_legal_entity(entity) else ""
    plan = plan_of(meta, policy, legal_entity if isinstance(legal_entity, str) else "")
    unit = next(unit for unit in plan.units if field in unit.fields or field == unit.name)
    line = next((each for name in unit.fields if (each := from_context.lineage.get(name)) is not None), None)
    if not unit.trust:
        return Trust(line.rule if line else "", None, ())
    live = sorted((each for each in one.contributions if is_live(each)), key=speaking_order)
    offers, _, _ = offers_of(unit, live)
    order, changes_at = ranked(unit.trust, offers, [has_failed(unit, offer) for offer in offers], one.at)
    told: list[Trusted] = []
    for offer in order:
        assert offer.source is not None
        shown = {name: as_shown(plan, name, offer.source.values.get(name), one.resolve) for name in unit.fields}
        told.append(Trusted(
            offer.source, shown if unit.is_group else shown[unit.name], offer.since,
            _rounded(score_at(unit.trust, offer, has_failed(unit, offer), one.at)), has_failed(unit, offer),
            line is not None and not line.decision_id and line.source_id == offer.source.id,
        ))  # fmt: skip
    return Trust(line.rule if line else "", changes_at, tuple(told))


def _rounded(points: Fraction) -> Decimal:
    """To three places, for people; ranking never rounds."""
    return (Decimal(points.numerator) / Decimal(points.denominator)).quantize(Decimal("0.001"), ROUND_HALF_EVEN)
