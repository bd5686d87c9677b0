"""Normal forms of references, kept as contributed, and of a firm's own extension values."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.core.number_forms import decimal, parts_of, plain
from hub.core.text_forms import Ground, InvalidValueError, clean, is_empty, kind_of, text
from schema.kinds import Value

_REFERENCE = frozenset({"system", "object", "id", "name"})


def reference(value: Any, ground: Ground) -> Value:
    """A reference as contributed: a system's record by id or by name, or ours by its uuid.

    >>> reference({"system": "crm", "object": "account", "id": " 0014 "}, Ground())
    {'system': 'crm', 'object': 'account', 'id': '0014'}
    """
    if isinstance(value, str | UUID):
        return {"id": _uuid(value)} if str(value).strip() else None
    parts = parts_of(value, _REFERENCE, "reference")
    key = "name" if parts.get("id") is None else "id"
    told = parts.get(key)
    if is_empty(told):
        return None
    if not parts.get("system"):
        if key == "name":
            raise InvalidValueError("a reference by name needs the system whose name it is", "system")
        return {"id": _uuid(told)}
    return {"system": clean(parts["system"], ground), "object": clean(parts.get("object") or "", ground), key: clean(told, ground)}


def _uuid(value: Any) -> str:
    try:
        return str(UUID(str(value).strip()))
    except ValueError as error:
        raise InvalidValueError("is not the id of a golden record", "id") from error


def extra(value: Any, ground: Ground, depth: int = 0) -> Value:
    """A firm's own extension value: any JSON of sane size, numbers as whole numbers or decimal text."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return text(value, ground) if depth == 0 else clean(value, ground)
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    if isinstance(value, int | Decimal):
        return plain(decimal(value))
    if depth >= 8:
        raise InvalidValueError("is nested deeper than 8 levels")
    if isinstance(value, list | tuple):
        return [extra(item, ground, depth + 1) for item in value] or None
    if isinstance(value, Mapping):
        return {clean(str(name), ground): extra(item, ground, depth + 1) for name, item in value.items()} or None
    raise InvalidValueError(f"cannot keep {kind_of(value)}")
