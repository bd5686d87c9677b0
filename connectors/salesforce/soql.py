"""Queries in Salesforce's language, made from values; nothing a record holds can become part of the query."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){0,5}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ESCAPED = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"})


def name(text: str) -> str:
    """A field or object as it may stand in a query; raises ValueError for anything else."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is no field or object of Salesforce")
    return text


def literal(value: Any) -> str:
    """A value as it stands in a query.

    >>> [literal(one) for one in ("O'Hara \\\\ Co", True, None, Decimal("1.50"), 7)]
    ["'O\\\\'Hara \\\\\\\\ Co'", 'true', 'null', '1.50', '7']
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    return "'" + str(value).translate(_ESCAPED) + "'"


def moment(canonical: str) -> str:
    """A canonical instant as a date-time literal, cut to the second: that is as fine as Salesforce's clock stamps.

    >>> moment("2026-05-01T07:25:37.250000Z")
    '2026-05-01T07:25:37Z'
    """
    return datetime.fromisoformat(canonical).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def changed(object: str, fields: Sequence[str], since: str, *, where: str = "") -> str:
    """What of an object changed at or after a canonical instant ("" = everything), oldest first.

    >>> changed("Account", ["Id", "Name"], "2026-05-01T00:00:00.000000Z")
    'SELECT Id, Name FROM Account WHERE SystemModstamp >= 2026-05-01T00:00:00Z ORDER BY SystemModstamp, Id'
    """
    told = [f"SystemModstamp >= {moment(since)}"] if since else []
    if where:
        told.append(f"({where})")
    condition = f" WHERE {' AND '.join(told)}" if told else ""
    return f"SELECT {', '.join(map(name, fields))} FROM {name(object)}{condition} ORDER BY SystemModstamp, Id"


def alike(object: str, fields: Sequence[str], wanted: Mapping[str, Any], *, dates: Collection[str] = (), most: int = 3) -> str:
    """The records that have these values, a few of them. ``dates`` are fields whose values stand without quotes.

    >>> alike("Opportunity", ["Id"], {"Name": "2026-04-30", "CloseDate": "2026-04-30"}, dates={"CloseDate"})
    "SELECT Id FROM Opportunity WHERE Name = '2026-04-30' AND CloseDate = 2026-04-30 LIMIT 3"
    """
    conditions = [f"{name(field)} = {_date(value) if field in dates else literal(value)}" for field, value in wanted.items()]
    return f"SELECT {', '.join(map(name, fields))} FROM {name(object)} WHERE {' AND '.join(conditions)} LIMIT {most}"


def _date(value: Any) -> str:
    if value is None:
        return "null"
    if not _DATE.fullmatch(str(value)):
        raise ValueError(f"{value!r} is no date")
    return str(value)
