"""Kantata's envelopes taken apart, and what its records say only between the lines: names in parts, where an approval or an invoice stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from connectors.errors import SchemaDriftError
from connectors.kantata.config import Inside
from schema.kinds import minor_units

Record = dict[str, Any]
SUBMITTED = {"new": "submitted", "pending": "submitted", "approved": "approved", "rejected": "rejected", "cancelled": "recalled", "canceled": "recalled"}
"""What the status of a submission says of its lines."""


def rows(body: Any, key: str) -> list[Record]:
    """The records an answer is about, in its order: what else lies in its collections came along with them.

    >>> rows({"results": [{"key": "users", "id": "7"}], "users": {"7": {"id": "7"}, "8": {"id": "8"}}}, "users")
    [{'id': '7'}]
    """
    results = body.get("results") if isinstance(body, dict) else None
    if not isinstance(results, list):
        raise SchemaDriftError(f"an answer about {key} has no results", object=key, path="results")
    return [_row(body, one, key) for one in results]


def _row(body: Record, reference: Any, key: str) -> Record:
    try:
        record: Record = body[str(reference["key"])][str(reference["id"])]
    except (KeyError, TypeError):
        raise SchemaDriftError(f"an answer about {key} names a record that it does not hold", object=key, path=f"{key}.id") from None
    return {"id": str(reference["id"]), **record}


def count(body: Any) -> Any:
    """How many records the whole list has; None when the answer does not say."""
    meta = body.get("meta")
    return body.get("count", meta.get("count") if isinstance(meta, dict) else None)


def inside(record: Record, association: str, known: Mapping[str, Any], of: Inside) -> Record:
    """The record with what is taken of an associated one; as it is where there is none."""
    one = known.get(str(record.get(f"{association}_id")))
    return {**record, association: {name: one[name] for name in of.fields if name in one}} if isinstance(one, dict) else record


def associated(record: Record, body: Mapping[str, Any], embeds: Mapping[str, Inside], service: str) -> Record:
    """The record with its associated ones inside, the ids that other systems know it by (service → id, ours under "hub"), and its custom fields
    (name → value)."""
    found = dict(record)
    for association, of in embeds.items():
        found = inside(found, association, body.get(of.of) or {}, of)
    if "external_reference_ids" in found:
        known = _listed(body, "external_references", found.pop("external_reference_ids"))
        names = {service: "hub"}
        found["references"] = {names.get(name, name): one.get("service_model_ref") for one in known if (name := str(one.get("service_name") or ""))}
    if "custom_field_value_ids" in found:
        values = _listed(body, "custom_field_values", found.pop("custom_field_value_ids"))
        found["custom"] = {str(one["custom_field_name"]).replace(".", " "): _custom(one) for one in values if one.get("custom_field_name")}
    return found


def _listed(body: Mapping[str, Any], collection: str, ids: Any) -> list[Record]:
    return [one for id in ids or () if isinstance(one := (body.get(collection) or {}).get(str(id)), dict)]


def _custom(value: Record) -> Any:
    """What a custom field says: of one with choices the words, since its value is a list of their ids."""
    return value.get("display_value") if value.get("type") in ("single", "multi") else value.get("value")


def named(record: Record, path: str) -> Record:
    """A whole name in two parts; parts that the record has itself stay.

    >>> [named({"full_name": one}, "full_name")["family_name"] for one in ("Ida Holm", "Sanne de Vries", "Cher", " ")]
    ['Holm', 'de Vries', 'Cher', None]
    """
    words = str(record.get(path) or "").split()
    at = next((place for place, word in enumerate(words) if place and word.islower()), len(words) - 1)
    given, family = " ".join(words[:at]) or None, " ".join(words[at:]) or None
    return {"given_name": given, "family_name": family, **record}


def with_approval(record: Record) -> Record:
    """Where a line stands: approved, on a submission that waits, on one that came back, or on none."""
    submission = record.get("active_submission") or record.get("recent_submission") or {}
    state = "approved" if record.get("approved") is True else SUBMITTED.get(str(submission.get("status")), "")
    return {**record, "approval": state or ("submitted" if record.get("active_submission_id") else "draft")}


def with_progress(record: Record) -> Record:
    return {**record, "progress": "draft" if record.get("draft") is True else record.get("status")}


def with_state(record: Record) -> Record:
    """An archived project keeps the status it had."""
    return {**record, "progress": "Archived" if record.get("archived") is True else (record.get("status") or {}).get("message")}


def in_minor_units(record: Record) -> Record:
    """Amounts in the minor units of their currency, where Kantata counts in other ones (``currency_base_unit`` to the whole).

    >>> in_minor_units({"amount_in_cents": 890000, "currency": "ISK", "currency_base_unit": 100})["amount_in_cents"]
    8900
    """
    about = record if "currency_base_unit" in record else record.get("workspace") or {}
    factor = scale(about)
    if factor == 1:
        return record
    return {name: rescaled(value, factor) if name.endswith("_in_cents") else value for name, value in record.items()}


def scale(about: Mapping[str, Any]) -> Fraction:
    """How many minor units of its currency one of Kantata's units is."""
    currency, base = about.get("currency"), about.get("currency_base_unit")
    if not isinstance(currency, str) or isinstance(base, bool) or not isinstance(base, int) or base <= 0:
        return Fraction(1)
    return Fraction(10 ** minor_units(currency), base)


def rescaled(value: Any, factor: Fraction) -> Any:
    """A count of units in others: whole where it can be, else with its decimals, which a mapping refuses instead of rounding them."""
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    found = value * factor
    return int(found) if found.denominator == 1 else Decimal(found.numerator) / Decimal(found.denominator)


def _rated(record: Record, currency: str) -> Record:
    """An employment's rates are in the account's currency, which it does not say."""
    member = record.get("account_membership")
    return {**record, "account_membership": {**member, "currency": currency}} if isinstance(member, dict) else record


DERIVED: Mapping[str, Callable[[Record, str], Record]] = {
    "workspace_groups": lambda record, currency: named(record, "contact_name"),
    "users": lambda record, currency: named(_rated(record, currency), "full_name"),
    "time_entries": lambda record, currency: with_approval(record),
    "expenses": lambda record, currency: with_approval(record),
    "workspaces": lambda record, currency: with_state(record),
    "invoices": lambda record, currency: with_progress(record),
}
"""Per resource what is added to its records; the account's currency is told."""


def written(body: Mapping[str, Any], written_as: Mapping[str, str], current: Mapping[str, Any]) -> Record:
    """A body as Kantata takes it: ids as numbers, some fields under other names ("" is not sent). ``ids[]`` is a list of which ours is the first;
    a list that is sent replaces the one that is there, so the others of it are sent along.

    >>> written({"group_id": "9", "title": "A"}, {"group_id": "group_ids[]"}, {"group_id": "7", "group_ids": ["7", "8"]})
    {'group_ids': [9, 8], 'title': 'A'}
    """
    found: Record = {}
    for path, value in body.items():
        name = written_as.get(path, path)
        if not name:
            continue
        if name.endswith("[]"):
            name = name.removesuffix("[]")
            others = [one for one in current.get(name) or () if str(one) not in (str(value), str(current.get(path)))]
            value = [_number(one) for one in (value, *others) if one is not None]
        found[name] = _number(value) if name.endswith("_id") else value
    return found


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value
