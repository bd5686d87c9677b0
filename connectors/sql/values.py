"""Values of a database as they go into a record, and as they stand in a checkpoint."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from connectors.errors import ConfigurationError, SchemaDriftError


def shown(value: Any, zone: ZoneInfo | None, name: str = "") -> Any:
    """A value as JSON holds it: amounts exact, instants in UTC, bytes as base64. Raises ConfigurationError for a timestamp nobody knows the
    zone of.

    >>> shown(Decimal("12.50"), None), shown(datetime(2026, 7, 1, 12, tzinfo=UTC), None), shown(date(2026, 7, 1), None)
    (Decimal('12.50'), '2026-07-01T12:00:00Z', '2026-07-01')
    >>> shown(datetime(2026, 7, 1, 12), ZoneInfo("Europe/Berlin"))
    '2026-07-01T10:00:00Z'
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    if isinstance(value, datetime):
        return instant(value, zone, name).isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return Decimal(value // timedelta(microseconds=1)) / 1_000_000
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, Mapping):
        return {str(key): shown(one, zone, name) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [shown(one, zone, name) for one in value]
    return str(value)


def instant(value: datetime, zone: ZoneInfo | None, name: str = "") -> datetime:
    """A timestamp in UTC; one without a zone is one of the declared zone."""
    if value.tzinfo is None:
        if zone is None:
            raise ConfigurationError(f"the column {name or 'of a timestamp'} has no zone; say which it is in (zone: Europe/Berlin)")
        value = value.replace(tzinfo=zone)
    return value.astimezone(UTC)


def text_of(value: Any) -> str:
    """A part of an external id: without the blanks that pad a CHAR.

    >>> text_of("A7   "), text_of(Decimal("7")), text_of(None)
    ('A7', '7', '')
    """
    return "" if value is None else value.rstrip() if isinstance(value, str) else str(value)


def packed(value: Any) -> Any:
    """A value as a checkpoint holds it, with what it is where JSON would forget it."""
    if isinstance(value, bool) or value is None or isinstance(value, int | str):
        return value
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"on": value.isoformat()}
    if isinstance(value, Decimal | float):
        return {"number": str(value) if isinstance(value, Decimal) else repr(value)}
    if isinstance(value, UUID):
        return {"uuid": str(value)}
    if isinstance(value, bytes | bytearray | memoryview):
        return {"bytes": bytes(value).hex()}
    raise SchemaDriftError(f"rows cannot be read in the order of a {type(value).__name__}; choose another column, or cast it in a select")


def unpacked(value: Any) -> Any:
    """
    >>> [unpacked(packed(one)) for one in (7, "a", Decimal("1.10"), datetime(2026, 1, 1, 2, 3, 4, 5), date(2026, 1, 1), b"\\x01")]
    [7, 'a', Decimal('1.10'), datetime.datetime(2026, 1, 1, 2, 3, 4, 5), datetime.date(2026, 1, 1), b'\\x01']
    """
    if not isinstance(value, Mapping):
        return value
    ((kind, text),) = value.items()
    read = {"at": datetime.fromisoformat, "on": date.fromisoformat, "number": Decimal, "uuid": UUID, "bytes": bytes.fromhex}
    return read[kind](text)  # type: ignore[operator]
