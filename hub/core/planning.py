"""What a changed rule would change: one record's step, named so that the same step can be recognised when it is applied, and
what many steps come to. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from hub.core.change import changed_values
from hub.core.contexts import touched_entities
from hub.core.policy import Policy
from hub.core.records import Golden, Values
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta

LINEAGE = "lineage"
"""The op of a step in which the values stay and only who says them changes."""


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one golden record; ``version`` is the one it starts from, 0 before its birth."""

    golden_id: UUID
    entity: str
    op: str
    version: int
    before: Values
    after: Values
    digest: bytes

    def row(self) -> dict[str, Any]:
        return {
            "golden_id": self.golden_id, "entity": self.entity, "op": self.op, "version": self.version,
            "before": self.before, "after": self.after, "digest": self.digest.hex(),
        }  # fmt: skip


def step_of(before: Golden | None, after: Golden) -> Step | None:
    """The step from what stands (with its lineage) to what would stand, None when nothing would be written."""
    if before is None and not after.is_born:
        return None
    old, new = changed_values(before.values if before else {}, after.values)
    op = _op(before, after)
    if op == "update" and not new:
        if before is not None and before.lineage == after.lineage:
            return None
        op = LINEAGE
    return Step(after.id, after.entity, op, before.version if before else 0, old, new, digest(after))


def _op(before: Golden | None, after: Golden) -> str:
    if before is None:
        return "create"
    if before.record_state == after.record_state:
        return "update"
    return "reactivate" if after.record_state == "active" else "inactivate"


def digest(golden: Golden) -> bytes:
    """Names a golden record as a whole: values, state, and who says what. Versions and instants are not part of it."""
    lineage = {name: list(line) for name, line in golden.lineage.items()}
    told = {name: value for name, value in golden.values.items() if value is not None}
    return sha256(orjson.dumps([told, golden.record_state, lineage], option=orjson.OPT_SORT_KEYS)).digest()[:16]


# -------------------------------------------------------------------------------------------------------------- what it comes to


@dataclass
class Summary:
    """What many steps come to: records by op, fields by count, money per field and currency, deliveries per system."""

    records: Counter[str] = field(default_factory=Counter)
    """(entity, op) as "client update" → records."""
    fields: Counter[str] = field(default_factory=Counter)
    """"client.name" → records in which it changes."""
    amounts: dict[str, tuple[Decimal, Decimal, int]] = field(default_factory=dict)
    """"invoice.gross EUR" → the sum before, after, and of how many records."""
    deliveries: Counter[str] = field(default_factory=Counter)
    """"erp client update write" → writes that would follow."""

    def add(self, step: Step) -> None:
        self.records[f"{step.entity} {step.op}"] += 1
        for name in step.after:
            self.fields[f"{step.entity}.{name}"] += 1
        for name, before, after in money_moved(ENTITIES[step.entity], step):
            currencies = dict.fromkeys(one["currency"] for one in (before, after) if one is not None)
            for currency in currencies:
                key = f"{step.entity}.{name} {currency}"
                was, will_be, count = self.amounts.get(key, (Decimal(0), Decimal(0), 0))
                self.amounts[key] = (was + _in(before, currency), will_be + _in(after, currency), count + 1)

    def add_delivery(self, system: str, entity: str, op: str, mode: str) -> None:
        self.deliveries[f"{system} {entity} {op} {mode}"] += 1

    def to_json(self) -> dict[str, Any]:
        """As it is stored and shown; every count can be added to another page's (:meth:`from_json`)."""
        return {
            "records": [dict(zip(("entity", "op"), key.split(), strict=True)) | {"count": n} for key, n in sorted(self.records.items())],
            "fields": [dict(zip(("entity", "field"), key.split(".", 1), strict=True)) | {"count": n} for key, n in sorted(self.fields.items())],
            "amounts": [_amount(key, *sums) for key, sums in sorted(self.amounts.items())],
            "deliveries": [
                dict(zip(("system", "entity", "op", "mode"), key.split(), strict=True)) | {"count": n}
                for key, n in sorted(self.deliveries.items())
            ],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Summary:
        """Read what :meth:`to_json` wrote; an empty mapping is an empty summary.

        >>> Summary.from_json(Summary(Counter({"client update": 2})).to_json()).records
        Counter({'client update': 2})
        """
        made = cls()
        for one in stored.get("records", ()):
            made.records[f"{one['entity']} {one['op']}"] = one["count"]
        for one in stored.get("fields", ()):
            made.fields[f"{one['entity']}.{one['field']}"] = one["count"]
        for one in stored.get("amounts", ()):
            key = f"{one['entity']}.{one['field']} {one['currency']}"
            made.amounts[key] = (Decimal(one["before"]), Decimal(one["after"]), one["count"])
        for one in stored.get("deliveries", ()):
            made.deliveries[f"{one['system']} {one['entity']} {one['op']} {one['mode']}"] = one["count"]
        return made


def _amount(key: str, before: Decimal, after: Decimal, count: int) -> dict[str, Any]:
    name, _, currency = key.rpartition(" ")
    entity, _, field_name = name.partition(".")
    return {
        "entity": entity, "field": field_name, "currency": currency, "before": format(before, "f"),
        "after": format(after, "f"), "difference": format(after - before, "f"), "count": count,
    }  # fmt: skip


def _in(money: Mapping[str, str] | None, currency: str) -> Decimal:
    return Decimal(money["amount"]) if money is not None and money["currency"] == currency else Decimal(0)


def money_moved(meta: EntityMeta, step: Step) -> Iterable[tuple[str, dict[str, str] | None, dict[str, str] | None]]:
    """(field, before, after) of the amounts of money a step changes."""
    for name, after in step.after.items():
        declared = meta.fields.get(name)
        if declared is not None and declared.kind is FieldKind.MONEY:
            yield name, step.before.get(name), after


# --------------------------------------------------------------------------------------------------------------- the rule itself


def touched(before: Policy, after: Policy) -> list[str]:
    """The entities whose records a change of policy can change, in MODEL order.

    >>> from hub.core.policy import FieldPolicy
    >>> from schema.systems import ERP
    >>> name = FieldPolicy("client", "name", (ERP,))
    >>> touched(Policy((name,)), Policy()), touched(Policy((name,)), Policy((name,)))
    (['client'], [])
    """
    if before.systems != after.systems:
        return list(ENTITIES)
    changed = set(before.fields) ^ set(after.fields)
    named = {one.entity for one in changed} | {one.entity for one in set(before.trust) ^ set(after.trust)}
    named |= touched_entities(before.contexts, after.contexts)
    return [name for name in ENTITIES if name in named]
