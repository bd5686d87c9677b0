"""What is asked of an entity set, made from values; nothing a record holds can become part of the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.odata.values import Version, literal, name


@dataclass(frozen=True, slots=True)
class Query:
    """One question. ``filter`` is made by :func:`compared` and :func:`both`; ``order`` are properties, "x desc" too; ``expand`` may hold
    what version 4 lets stand in brackets. ``more`` are a service's own options (``cross-company``)."""

    select: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    filter: str = ""
    order: tuple[str, ...] = ()
    top: int | None = None
    skip: int | None = None
    counts: bool = False
    more: tuple[tuple[str, str], ...] = ()

    def text(self, version: Version = 4) -> str:
        """The part of an address behind "?", percent-encoded; a space is %20, since not every server reads "+" as one.

        >>> Query(("name",), filter="name eq 'A+B & C'", order=("modifiedon",), counts=True).text()
        "$select=name&$filter=name%20eq%20'A%2BB%20%26%20C'&$orderby=modifiedon&$count=true"
        """
        said = {
            "$select": ",".join(map(name, self.select)), "$expand": ",".join(self.expand), "$filter": self.filter,
            "$orderby": ",".join(map(_order, self.order)), "$top": "" if self.top is None else str(self.top),
            "$skip": "" if self.skip is None else str(self.skip),
        }  # fmt: skip
        if self.counts:
            said |= {"$count": "true"} if version == 4 else {"$inlinecount": "allpages"}
        return "&".join(f"{one}={quote(text, safe=_SAFE)}" for one, text in (*said.items(), *self.more) if text)


_SAFE = "'(),/:;=$*@-._~"


def _order(stated: str) -> str:
    property, _, direction = stated.partition(" ")
    if direction not in ("", "asc", "desc"):
        raise ValueError(f"{stated!r} is no order")
    return f"{name(property)} {direction}".strip()


def compared(property: str, sign: str, value: Any, type: str = "", version: Version = 4) -> str:
    """A condition such as ``name eq 'Nordlicht'``; ``sign`` is eq, ne, gt, ge, lt or le."""
    if sign not in ("eq", "ne", "gt", "ge", "lt", "le"):
        raise ValueError(f"{sign!r} compares nothing")
    return f"{name(property)} {sign} {literal(value, type, version)}"


def alike(values: Mapping[str, Any], types: Mapping[str, str], version: Version = 4) -> str:
    """The condition that a record has all of these values.

    >>> alike({"name": "x", "statecode": 0}, {})
    "name eq 'x' and statecode eq 0"
    """
    return both(*(compared(one, "eq", value, types.get(one, ""), version) for one, value in values.items()))


def both(*conditions: str) -> str:
    """All of these; empty ones ask nothing. One with an "or" comes in brackets of its own.

    >>> both("a eq 1", "", "b eq 1 or b eq 2")
    'a eq 1 and (b eq 1 or b eq 2)'
    """
    return " and ".join(f"({one})" if " or " in one and not _is_bracketed(one) else one for one in conditions if one)


def either(*conditions: str) -> str:
    return " or ".join(one for one in conditions if one)


def _is_bracketed(condition: str) -> bool:
    """Whether one pair of brackets is around all of it."""
    if not (condition.startswith("(") and condition.endswith(")")):
        return False
    depth, is_text = 0, False
    for place, sign in enumerate(condition):
        is_text ^= sign == "'"
        if not is_text:
            depth += (sign == "(") - (sign == ")")
            if depth == 0 and place < len(condition) - 1:
                return False
    return True


def address(path: str, query: Query | Sequence[tuple[str, str]] | None, version: Version = 4) -> str:
    """A path with its question behind it."""
    said = query.text(version) if isinstance(query, Query) else "&".join(f"{one}={quote(text, safe=_SAFE)}" for one, text in query or ())
    return f"{path}?{said}" if said else path
