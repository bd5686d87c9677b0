"""Whether servers answer the same: their answers as plain rows, freed of what only wraps or spells them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

DECIMALS = frozenset({"percentComplete"})
COUNTS = frozenset({"count"})
INSTANTS = frozenset({"updatedAt", "observedAt"})


def rows(answer: dict[str, Any]) -> Any:
    """What was asked for, without the name of the root field. Raises ValueError for an answer with errors.

    >>> rows({"data": {"a": {"nodes": [{"key": {"state": "x"}, "count": "2"}]}}}) == rows({"data": {"b": [{"state": "x", "count": 2}]}})
    True
    """
    if "errors" in answer:
        raise ValueError(str(answer["errors"])[:1000])
    ((_, value),) = answer["data"].items()
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"nodes"}:
        return _plain(value["nodes"])
    found = {name: _spelt(name, _plain(one)) for name, one in value.items() if name != "key"}
    return found | _plain(value["key"]) if "key" in value else found


def _spelt(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in DECIMALS:
        return Decimal(str(value))
    if name in COUNTS:
        return int(value)
    if name in INSTANTS:
        return datetime.fromisoformat(value).astimezone(UTC)
    return value
