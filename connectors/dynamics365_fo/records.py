"""Records of Finance & Operations as mappings read them, and bodies on their way back. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.dynamics365_fo.config import Beside, DataEntity

NEVER = "1900-01-01"
"""How "no date" is told."""
Found = Mapping[str, Mapping[str, Any]]
"""Of each value from another set: what was looked up → what it is."""


def shaped(record: Mapping[str, Any], entity: DataEntity, beside: Found) -> dict[str, Any]:
    """The record without annotations: companies in lower case, days as days, "no date" empty, and what is made of columns."""
    found = {name: value for name, value in record.items() if "@" not in name}
    for name in ("dataAreaId", *entity.company_codes):
        if isinstance(found.get(name), str):
            found[name] = found[name].lower()
    for name, value in found.items():
        if isinstance(value, str) and value.startswith(NEVER):
            found[name] = None
        elif isinstance(value, Decimal) and name.endswith("LineNumber"):
            found[name] = int(value)
    for name in entity.dates:
        if isinstance(found.get(name), str):
            found[name] = found[name][:10]
    for name, names in entity.either.items():
        found[name] = next((found[one] for one in names if found.get(one) is not None), None)
        for one in names:
            if one != name:
                found.pop(one, None)
    for name, empty in entity.empties.items():
        found[name] = None if found.get(name) == empty else found.get(name)
    if entity.people:
        given, _, family = str(found.get(entity.people) or "").strip().rpartition(" ")
        found |= {"given_name": found.pop("FirstName", None) or given or None, "family_name": found.pop("LastName", None) or family or None}
    for name, column in entity.segments.items():
        found[name] = segment(str(found.get(column) or "")) or None
    for name, other in entity.beside.items():
        found[name] = beside.get(name, {}).get(key_in(found, other))
    for name, columns in entity.composed.items():
        parts = [found.get(one) for one in columns]
        found[name] = "|".join(str(one) for one in parts) if all(one not in (None, "") for one in parts) else None
    return found


def untold(body: Mapping[str, Any], entity: DataEntity) -> dict[str, Any]:
    """The body with the columns of what :func:`shaped` composed, days at noon as the system has them."""
    found = dict(body)
    for name, columns in entity.composed.items():
        if name in found:
            stated = found.pop(name)
            parts = str(stated).split("|") if stated is not None else [None] * len(columns)
            found |= {column: part for column, part in zip(columns, parts, strict=True) if column != "dataAreaId" or part is not None}
    for name in entity.dates:
        if isinstance(found.get(name), str) and len(found[name]) == 10:
            found[name] = f"{found[name]}T12:00:00Z"
        elif name in found and found[name] is None:
            found[name] = f"{NEVER}T12:00:00Z"
    for name in entity.beside:
        found.pop(name, None)
    return found


def key_in(record: Mapping[str, Any], beside: Beside) -> str:
    """What is looked up in another set: the value with its company, since numbers repeat from one to another; "" for nothing."""
    value = record.get(beside.by)
    return "" if value in (None, "") else f"{str(record.get('dataAreaId') or '').lower()}|{value}"


def segment(text: str) -> str:
    """The first segment of an account with its dimensions; a dash within one is escaped.

    >>> segment("110110-001-"), segment(r"DAT\\-000011")
    ('110110', 'DAT-000011')
    """
    return re.split(r"(?<!\\)-", text, maxsplit=1)[0].replace("\\-", "-")


def infolog(text: str) -> str:
    """The complaints of an Infolog in their order, without what only says that nothing was saved.

    >>> infolog("Write failed for table row of type 'X'. Infolog: Warning: Site is mandatory.; Error: Update has been canceled.")
    'Site is mandatory.'
    """
    _, found, listed = text.partition("Infolog:")
    if not found:
        return text
    said = (one.strip().removeprefix("Warning:").removeprefix("Error:").removeprefix("Info:").strip() for one in listed.split(";"))
    kept = [one for one in said if one]
    return " ".join([one for one in kept if "has been canceled" not in one] or kept)
