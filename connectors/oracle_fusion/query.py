"""Conditions of ``q`` in Fusion's language (framework version 2 and later), made from values.

The language has no way to escape a quote, so a text that holds one cannot be asked for: it is left out of the query, and the answer is
compared with the whole of what was wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,3}")
_SAYABLE = re.compile(r"[^'\"\\;\x00-\x1f]+")


def name(text: str) -> str:
    """An attribute (or ``Child.Attribute``) as it may stand in a condition; raises ValueError for anything else."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is no attribute of Fusion")
    return text


def literal(value: Any) -> str | None:
    """A value as it stands in a condition, None when it cannot be said.

    >>> [literal(one) for one in ("DE Consulting", "O'Hara", 7, Decimal("1.50"), True, "")]
    ["'DE Consulting'", None, '7', '1.50', 'true', None]
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return f"'{value}'" if isinstance(value, str) and _SAYABLE.fullmatch(value) else None


def moment(canonical: str) -> str:
    """A canonical instant as Fusion takes it, cut to the second so that nothing of that second is missed.

    >>> moment("2026-05-01T07:25:37.250000Z")
    "'2026-05-01T07:25:37+00:00'"
    """
    return datetime.fromisoformat(canonical).astimezone(UTC).strftime("'%Y-%m-%dT%H:%M:%S+00:00'")


def changed(attribute: str, since: str) -> str:
    """
    >>> changed("LastUpdateDate", "2026-05-01T00:00:00.000000Z")
    "LastUpdateDate >= '2026-05-01T00:00:00+00:00'"
    """
    return f"{name(attribute)} >= {moment(since)}"


def alike(wanted: Mapping[str, Any]) -> list[str]:
    """One condition for each value that can be said.

    >>> alike({"ProjectNumber": "P-0045", "ProjectName": "O'Hara"})
    ["ProjectNumber = 'P-0045'"]
    """
    said = ((attribute, literal(value)) for attribute, value in wanted.items())
    return [f"{name(attribute)} = {text}" for attribute, text in said if text is not None]


def every(conditions: Iterable[str]) -> str:
    """All of the conditions; one that holds an ``or`` stands in parentheses.

    >>> every(["A = 1", "B = 2 or B = 3"])
    'A = 1 and (B = 2 or B = 3)'
    """
    return " and ".join(f"({one})" if " or " in one.lower() else one for one in conditions if one)
