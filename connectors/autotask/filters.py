"""Queries: conditions as Autotask's ``query`` takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from connectors.autotask.config import Entity
from connectors.autotask.records import UDFS

Condition = dict[str, Any]


def is_(field: str, value: Any, op: str = "eq") -> Condition:
    """One condition; a user field is named by its path.

    >>> is_("userDefinedFields.Hub id", "cl_1"), is_("id", 7, "gt")
    ({'op': 'eq', 'field': 'Hub id', 'value': 'cl_1', 'udf': True}, {'op': 'gt', 'field': 'id', 'value': 7})
    """
    name = field.removeprefix(f"{UDFS}.")
    return {"op": op, "field": name, "value": value} | ({"udf": True} if name != field else {})


def any_of(conditions: Sequence[Condition]) -> Condition:
    return conditions[0] if len(conditions) == 1 else {"op": "or", "items": list(conditions)}


def changed(entity: Entity, fields: Iterable[str], since: str, risen: int) -> list[Condition]:
    """What changed by these of its instants from the canonical instant ``since`` on; everything when it is ""."""
    if not since:
        return []
    stamp = f"{since[:10]}T00:00:00Z" if entity.by_day else stamped(since)
    conditions = [is_(field, stamp, "gte") for field in fields]
    if entity.rises:
        conditions.append(is_(entity.rises, risen, "gt"))
    return [any_of(conditions)]


def stamped(instant: str) -> str:
    """An instant with thousandths, as Autotask keeps them; what is finer is cut, so that nothing is missed."""
    return datetime.fromisoformat(instant).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def among(field: str, values: Iterable[int]) -> Condition:
    return is_(field, list(values), "in")
