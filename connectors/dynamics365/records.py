"""Records of Dataverse as mappings read them, and bodies on their way back. Pure: what must be looked up comes in as dictionaries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.dynamics365.config import HUB_KEY, DataverseTable, DynamicsConfig, attribute

LABEL = "OData.Community.Display.V1.FormattedValue"
LOGICAL_NAME = "Microsoft.Dynamics.CRM.lookuplogicalname"


class UnknownWordError(ValueError):
    """A value that stands for no record there, such as a currency the organisation does not have."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(f"no {name} is called like this")
        self.name, self.value = name, value


Words = Mapping[str, Mapping[str, Any]]


def shaped(record: Mapping[str, Any], table: DataverseTable, config: DynamicsConfig, words: Words) -> tuple[dict[str, Any], set[str]]:
    """The record without annotations, with what they and the dictionaries tell; and the dictionaries that do not know an id of it."""
    found = {name: value for name, value in record.items() if "@" not in name}
    unknown: set[str] = set()
    for column, target in table.lookups.items():
        if target not in config.tables:
            found.pop(column, None)  # nobody asks for whom it refers to
        elif record.get(f"{column}@{LOGICAL_NAME}", target) != target:
            found[column] = None  # a contact where an account is meant, a team that owns
    for column in table.labels:
        if found.get(column) is not None:
            found[column] = record.get(f"{column}@{LABEL}", found[column])
    for column in table.names:
        found[f"{attribute(column)}_name"] = record.get(f"{column}@{LABEL}")
    for new, old in table.renamed.items():
        if old in found and new not in found:
            found[new] = found.pop(old)
    for column in table.days:
        found[column] = local_day(found.get(column), config)
    for name, (dictionary, column) in table.translated.items():
        id = found.get(column)
        if id is not None and id not in words.get(dictionary, {}):
            unknown.add(dictionary)
        found[name] = words.get(dictionary, {}).get(str(id)) if id is not None else None
    for name, columns in table.joined.items():
        found[name] = "|".join("" if found.get(one) is None else str(found[one]) for one in columns)
    for name, column in table.digits.items():
        found[name] = "".join(sign for sign in str(found.get(column) or "")[:10] if sign.isdigit()) or None
    if table.totals[0]:
        found |= totals(found.get(table.totals[0]), found.get(table.totals[1]))
    if config.hub_key and config.hub_key in found:
        found[HUB_KEY] = found.pop(config.hub_key)
    return found, unknown


def totals(gross: Any, tax: Any) -> dict[str, Any]:
    """Amounts of a document without their sign, which says whether it is a credit.

    >>> totals(Decimal("-119.00"), Decimal("-19.00"))
    {'is_credit': True, 'gross': Decimal('119.00'), 'tax_amount': Decimal('19.00'), 'net': Decimal('100.00')}
    """
    if gross is None:
        return {"is_credit": False, "gross": None, "tax_amount": tax, "net": None}
    sign = -1 if gross < 0 else 1
    whole, part = Decimal(gross) * sign, Decimal(tax or 0) * sign
    return {"is_credit": sign < 0, "gross": whole, "tax_amount": part, "net": whole - part}


def local_day(value: Any, config: DynamicsConfig) -> Any:
    """The day an instant falls on where the firm is; a date stays the day it says."""
    if not isinstance(value, str) or len(value) <= 10:
        return value
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(config.zone).date().isoformat()


def untranslated(body: Mapping[str, Any], table: DataverseTable, config: DynamicsConfig, words: Words) -> dict[str, Any]:
    """The body with columns for what :func:`shaped` made of them. Raises UnknownWordError for what no dictionary knows."""
    found = dict(body)
    for name, (dictionary, column) in table.translated.items():
        if name in found:
            stated = found.pop(name)
            id = next((id for id, value in words.get(dictionary, {}).items() if value == stated and value is not None), None)
            if id is None and stated is not None:
                raise UnknownWordError(name, str(stated))
            found[column] = id
    for column in table.days:
        if isinstance(found.get(column), str) and len(found[column]) == 10:
            start = datetime.fromisoformat(found[column]).replace(tzinfo=config.zone)
            found[column] = start.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if HUB_KEY in found and config.hub_key:
        found[config.hub_key] = found.pop(HUB_KEY)
    for column in table.numbers:
        if isinstance(found.get(column), str):
            found[column] = int(found[column])
    return found


def options(attribute: Mapping[str, Any]) -> dict[str, int]:
    """Label in lower case → value, of a choice's metadata; every language's labels are taken."""
    found: dict[str, int] = {}
    for one in (attribute.get("OptionSet") or attribute.get("GlobalOptionSet") or {}).get("Options", []):
        label = one.get("Label") or {}
        spoken = [*(label.get("LocalizedLabels") or []), label.get("UserLocalizedLabel") or {}]
        for each in spoken:
            if each.get("Label"):
                found.setdefault(str(each["Label"]).casefold(), int(one["Value"]))
    return found
