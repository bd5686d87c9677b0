"""Conditions in ConnectWise's language, made from values; nothing a record holds can become part of the condition."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*){0,4}")


def moment(canonical: str) -> str:
    """A canonical instant as it stands in a condition, cut to the second: that is as fine as ConnectWise stamps.

    >>> moment("2026-05-01T07:25:37.250000Z")
    '[2026-05-01T07:25:37Z]'
    """
    return "[" + datetime.fromisoformat(canonical).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") + "]"


def equals(path: str, value: Any) -> str:
    """That a field (or one along references) has this value, or nearly: who asks compares what comes back.

    A quotation mark cannot be told within a text, nor a star that means itself: both become a pattern.

    >>> equals("company.id", 2), equals("name", 'The "Old" Mill'), equals("inactiveFlag", True), equals("amount", Decimal("1.50"))
    ('company/id=2', 'name like "The *Old* Mill"', 'inactiveFlag=True', 'amount=1.50')
    """
    name = path.replace(".", "/")
    if not _PATH.fullmatch(name):
        raise ValueError(f"{path!r} is no field of ConnectWise")
    if value is None:
        return f"{name}=null"
    if isinstance(value, bool):
        return f"{name}={value}"
    if isinstance(value, int | Decimal):
        return f"{name}={value:f}" if isinstance(value, Decimal) else f"{name}={value}"
    told = quoted(value)
    return f"{name} like {told}" if "*" in told else f"{name}={told}"


def quoted(value: Any) -> str:
    """A text between quotation marks; what cannot be told becomes a star, which stands for anything."""
    return '"' + re.sub(r'["\\\x00-\x1f]', "*", str(value)) + '"'


def all_of(*conditions: str) -> str:
    """
    >>> all_of("a=1", "", "b=2 or c=3")
    '(a=1) and (b=2 or c=3)'
    """
    told = [one for one in conditions if one]
    return told[0] if len(told) == 1 else " and ".join(f"({one})" for one in told)
