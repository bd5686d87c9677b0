"""Whether a policy speaks of what there is: its entities, fields and systems, and trust where trust decides."""

from __future__ import annotations

from collections.abc import Collection

from hub.core.policy import FieldPolicy, Policy
from hub.errors import RequestError
from schema import ENTITIES
from schema.language import EntityMeta, Family
from schema.rules import Strategy


def check(policy: Policy, systems: Collection[str] | None = None) -> None:
    """Raise :class:`RequestError` for an entity, field, group or (where they are given) system that does not exist, for a rule by
    trust without points, and for a context of transactions."""
    for one in policy.fields:
        _field(one.entity, one.field)
        _points(policy, one)
    for point in policy.trust:
        _field(point.entity, point.field)
        if systems is not None and point.system not in systems:
            raise RequestError("UNKNOWN_SYSTEM", f"trust: no system {point.system[:60]!r} is connected", field="system", remedy="Connect it first.")
    for context in policy.contexts:
        for one in context.fields:
            meta = _field(one.entity, one.field)
            if meta.family is Family.TRANSACTION:
                raise RequestError(
                    "NOT_POSSIBLE", f"context {context.name}: what {one.entity} says is its origin's for every consumer", field="entity",
                    remedy="Name fields of master data.",
                )  # fmt: skip
            _points(policy, one)


def _field(entity: str, field: str) -> EntityMeta:
    meta = ENTITIES.get(entity)
    if meta is None:
        raise RequestError("UNKNOWN_ENTITY", f"there is no entity {entity!r}", field="entity", remedy="Look at the data dictionary.")
    if field not in meta.fields and field not in meta.groups:
        raise RequestError("UNKNOWN_FIELD", f"{entity} has no field {field!r}", field="field", remedy="Look at the data dictionary.")
    return meta


def _points(policy: Policy, one: FieldPolicy) -> None:
    if one.rule is not None and one.rule.strategy is Strategy.TRUST:
        field = ENTITIES[one.entity].fields.get(one.field)
        if not policy.trust_in(one.entity, one.field, field.group.name if field is not None and field.group is not None else ""):
            raise RequestError(
                "TRUST_NEEDED", f"{one.entity}.{one.field} is decided by trust, and nobody has any points there", field="trust",
                remedy="Say under trust how many points each system has.",
            )  # fmt: skip
