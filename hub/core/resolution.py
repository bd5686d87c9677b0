"""References of golden records: kept as contributed, shown as golden ids, awaited while their target is unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub.core.plan import Plan
from schema.language import Field, entity_name

Resolve = Callable[[Mapping[str, Any], str], str | None]
"""(contributed reference, entity name) → golden id, or None while unknown."""


def resolved(plan: Plan, name: str, value: Any, resolve: Resolve, awaited: list[str]) -> Any:
    """A contributed reference as golden id, or a listing with its references resolved; unknown ones are awaited."""
    target = plan.references.get(name)
    if target is not None:
        found = resolve(value, target) if isinstance(value, dict) else value
        if found is None:
            awaited.append(name)
        return found
    field = plan.lists[name]
    is_waiting = False
    items: list[Any] = []
    for item in value if isinstance(value, list) else ():
        if field.target:
            found = resolve(item, entity_name(field.target)) if isinstance(item, dict) else item
            is_waiting = is_waiting or found is None
            if found is not None:
                items.append(found)
        else:
            parts, is_whole = _resolved_parts(field, item, resolve)
            is_waiting = is_waiting or not is_whole
            items.append(parts)
    if is_waiting:
        awaited.append(name)
    return items or None


def _resolved_parts(field: Field[Any], item: Any, resolve: Resolve) -> tuple[dict[str, Any], bool]:
    parts = dict(item)
    is_whole = True
    for name, target in field.item_targets.items():
        if isinstance(parts.get(name), dict):
            found = resolve(parts[name], entity_name(target))
            if found is None:
                is_whole = False
                del parts[name]
            else:
                parts[name] = found
    return parts, is_whole
