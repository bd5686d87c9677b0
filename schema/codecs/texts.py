"""Codecs of texts: names, identifiers, addresses, countries, lists in one text."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from schema.codecs.codec import Codec, CodecError, same


def as_text(value: Any) -> str | None:
    """Text as delivered, a number in its digits; "" is None; what is neither text nor number is refused."""
    if type(value) is str:
        return value or None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise CodecError("", f"expected text, got {type(value).__name__}")
    return str(value) if isinstance(value, str | int) else format(value, "f")


def as_trimmed(value: Any) -> str | None:
    """Text without spaces around it; nothing but spaces is None."""
    if type(value) is str:
        return value.strip() or None
    return as_text(value)


def text() -> Codec:
    """Text exactly as delivered; an empty text is "stated empty"."""
    return Codec("text", as_text, same)


def trimmed() -> Codec:
    """Text without spaces around it: the default of every textual kind."""
    return Codec("trimmed", as_trimmed, same)


def identifier(width: int = 0) -> Codec:
    """An identifier as text; ``width`` restores leading zeros that a system drops (and drops them on writing)."""
    if not width:
        return Codec("identifier", as_trimmed, same)

    def read(value: Any) -> Any:
        found = as_trimmed(value)
        return found.zfill(width) if found else None

    return Codec("identifier", read, lambda value: value.lstrip("0") or "0")


def email() -> Codec:
    """An address; the domain is folded to lower case, since only there case has no meaning."""

    def read(value: Any) -> Any:
        found = as_trimmed(value)
        if found is None or "@" not in found:
            return found
        local, _, host = found.rpartition("@")
        return f"{local}@{host.lower()}"

    return Codec("email", read, same)


def phone() -> Codec:
    """A telephone number as text; the core brings it to E.164."""
    return Codec("phone", as_trimmed, same)


def country(names: Mapping[str, str] | None = None) -> Codec:
    """ISO 3166 two-letter codes, or a system's own ``names`` of them (their name → code); the first name is written.

    >>> germany = country({"Germany": "DE", "Deutschland": "DE"})
    >>> germany.read("Deutschland"), germany.read("fr"), germany.write("DE"), germany.write("FR")
    ('DE', 'FR', 'Germany', 'FR')
    """
    inward = {name.casefold(): code for name, code in (names or {}).items()}
    outward: dict[str, str] = {}
    for name, code in (names or {}).items():
        outward.setdefault(code, name)

    def read(value: Any) -> Any:
        found = as_trimmed(value)
        if found is None:
            return None
        known = inward.get(found.casefold())
        return known or (found.upper() if len(found) == 2 else found)

    return Codec("country", read, lambda value: outward.get(value, value))


def separated(mark: str = ";") -> Codec:
    """A list of texts in one text, separated by ``mark``."""

    def read(value: Any) -> Any:
        return [part.strip() for part in (as_text(value) or "").split(mark) if part.strip()]

    return Codec("separated", read, lambda value: mark.join(value))
