"""What an operation changes, as a value people approve: folded from the versions it made, compared with what it would make now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from schema import ENTITIES
from schema.kinds import FieldKind

Diff = Mapping[str, Any]
"""``records``: ``[{entity, id, op, fields: [{field, before, after}]}]``; further keys as the operation says them."""


class Step(NamedTuple):
    """One version an operation made of a record."""

    entity: str
    golden_id: str
    op: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def records_of(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Steps folded to one entry per record, fields that came back to what they were left out.

    >>> twice = [Step("client", "1", "update", {"name": "A"}, {"name": "B"}), Step("client", "1", "update", {"name": "B"}, {"name": "C"})]
    >>> records_of(twice)[0]["fields"]
    [{'field': 'name', 'before': 'A', 'after': 'C'}]
    """
    folded: dict[tuple[str, str], tuple[str, dict[str, Any], dict[str, Any]]] = {}
    for step in steps:
        op, before, after = folded.get((step.entity, step.golden_id), (step.op, {}, {}))
        folded[step.entity, step.golden_id] = (
            op if op != "update" else step.op, dict(step.before) | before, after | dict(step.after),
        )  # fmt: skip
    found = []
    for (entity, golden_id), (op, before, after) in sorted(folded.items()):
        names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        fields = [{"field": name, "before": before.get(name), "after": after.get(name)} for name in names]
        if fields or op != "update":
            found.append({"entity": entity, "id": golden_id, "op": op, "fields": fields})
    return found


def money_of(records: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Sums of the money fields that change, before and after, per currency.

    >>> money_of([{"entity": "contract", "fields": [{"field": "total_value", "before": None, "after": {"amount": "10.00", "currency": "EUR"}}]}])
    [{'currency': 'EUR', 'before': '0', 'after': '10.00'}]
    """
    sums: dict[str, dict[str, Decimal]] = {}
    for record in records:
        meta = ENTITIES[record["entity"]]
        for field in record["fields"]:
            declared = meta.fields.get(field["field"])
            if declared is None or declared.kind is not FieldKind.MONEY:
                continue
            for side in ("before", "after"):
                if value := field[side]:
                    per = sums.setdefault(value["currency"], {"before": Decimal(0), "after": Decimal(0)})
                    per[side] += Decimal(str(value["amount"]))
    return [{"currency": name, "before": str(one["before"]), "after": str(one["after"])} for name, one in sorted(sums.items())]


def bank_changes(records: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(entity, id) of records whose bank data becomes another; the first entry changes nobody's.

    >>> fields = [{"field": "bank_digest", "before": "a", "after": "b"}]
    >>> bank_changes([{"entity": "vendor", "id": "1", "fields": fields}, {"entity": "vendor", "id": "2", "fields": [fields[0] | {"before": None}]}])
    [('vendor', '1')]
    """
    return [
        (one["entity"], one["id"])
        for one in records
        if (bank := ENTITIES[one["entity"]].groups.get("bank")) is not None
        and any(field["before"] is not None and field["field"] in {member.name for member in bank.members} for field in one["fields"])
    ]


def moved(approved: Diff, now: Diff) -> list[dict[str, Any]]:
    """Where what would change now differs from what was approved; empty when it is the same.

    >>> one, other = ({"records": [{"entity": "client", "id": "1", "op": "update", "fields": [{"field": "name", "before": b, "after": "C"}]}]} for b in "AB")
    >>> moved(one, one), moved(one, other)
    ([], [{'entity': 'client', 'id': '1', 'field': 'name', 'approved': {'before': 'A', 'after': 'C'}, 'now': {'before': 'B', 'after': 'C'}}])
    """
    was, is_now = _places(approved), _places(now)
    found: list[dict[str, Any]] = []
    for place in sorted({*was, *is_now}):
        if was.get(place) != is_now.get(place):
            entity, golden_id, field = place
            found.append({"entity": entity, "id": golden_id, "field": field, "approved": was.get(place), "now": is_now.get(place)})
    return found


def _places(diff: Diff) -> dict[tuple[str, str, str], Any]:
    """Each changed thing of a diff under its name; what an operation says besides records stands under its own key."""
    found: dict[tuple[str, str, str], Any] = {}
    for record in diff.get("records", ()):
        found[record["entity"], record["id"], ""] = record["op"]
        for field in record["fields"]:
            found[record["entity"], record["id"], field["field"]] = {"before": field["before"], "after": field["after"]}
    return found | {("", "", key): value for key, value in diff.items() if key != "records"}
