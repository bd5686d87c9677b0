"""Values as Tryton's JSON writes them, and as mappings read and write them.

| Tryton | mappings |
| --- | --- |
| ``{"__class__": "date", …}`` | ``"2026-11-20"`` |
| ``{"__class__": "datetime", …}`` (UTC) | ``"2026-11-20T19:14:26.263129Z"`` |
| ``{"__class__": "timedelta", "seconds": 5400.0}`` | minutes: ``90`` |
| ``{"__class__": "Decimal", "decimal": "150.00"}`` | ``Decimal("150.00")`` |
| ``{"__class__": "bytes", "base64": "…"}`` | the base64 text |
| a reference, ``"project.work,34"`` | ``{"model": "project.work", "id": 34}`` |
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

_REFERENCE = re.compile(r"([a-z][a-z0-9_.]*),(\d+)\Z", re.ASCII)
_TEXTS = frozenset({"char", "text", "selection", "fullname"})


def plain(value: Any) -> Any:
    """A value of an answer in plain form, whatever is inside of it; an unknown class stays as it is.

    >>> plain({"__class__": "timedelta", "seconds": 5400.0}), plain({"__class__": "date", "year": 2026, "month": 3, "day": 1})
    (90, '2026-03-01')
    """
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    match value.get("__class__"):
        case None:
            return {key: plain(one) for key, one in value.items()}
        case "date":
            return f"{value['year']:04d}-{value['month']:02d}-{value['day']:02d}"
        case "datetime":
            year, month, day, hour, minute, second = (int(value[part]) for part in ("year", "month", "day", "hour", "minute", "second"))
            return instant_text(dt.datetime(year, month, day, hour, minute, second, int(value["microsecond"]), dt.UTC))
        case "timedelta":
            minutes = Decimal(str(value["seconds"])) / 60
            return int(minutes) if minutes == int(minutes) else minutes
        case "Decimal":
            return Decimal(value["decimal"])
        case "bytes":
            return value["base64"]
    return value


def typed(value: Any, about: Mapping[str, Any]) -> Any:
    """A plain value by what ``fields_get`` says of its field: SQLite tells truth as a number, a reference is a text of two parts."""
    if about.get("type") == "boolean" and isinstance(value, int):
        return bool(value)
    if about.get("type") == "reference" and isinstance(value, str) and (found := _REFERENCE.match(value)):
        return {"model": found[1], "id": int(found[2])}
    return value


def wire(value: Any, about: Mapping[str, Any]) -> Any:
    """A plain value as Tryton wants it in a field. Raises ValueError when it cannot be one."""
    if value is None or value == "" and about.get("type") not in _TEXTS:
        return None
    match about.get("type"):
        case "numeric":
            return {"__class__": "Decimal", "decimal": f"{_number(value):f}"}
        case "float":
            return _number(value)
        case "integer" | "biginteger" | "many2one" | "one2one":
            return int(value)
        case "boolean":
            return value.lower() == "true" if isinstance(value, str) else bool(value)
        case "date":
            day = dt.date.fromisoformat(str(value))
            return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}
        case "datetime" | "timestamp":
            return instant(dt.datetime.fromisoformat(str(value)))
        case "timedelta":
            return {"__class__": "timedelta", "seconds": float(_number(value) * 60)}
        case "reference" if isinstance(value, Mapping):
            return f"{value['model']},{int(value['id'])}"
        case "binary":
            return {"__class__": "bytes", "base64": str(value)}
        case "one2many" | "many2many":
            return [int(one) for one in value]
    return value if isinstance(value, bool) else str(value)


def _number(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is no number") from error
    if not number.is_finite():
        raise ValueError(f"{value!r} is no number")
    return number


def instant(moment: dt.datetime) -> dict[str, Any]:
    """An instant as domains and fields take it."""
    utc = moment.astimezone(dt.UTC)
    parts = {name: getattr(utc, name) for name in ("year", "month", "day", "hour", "minute", "second", "microsecond")}
    return {"__class__": "datetime", **parts}


def instant_text(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
