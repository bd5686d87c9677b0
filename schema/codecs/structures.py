"""Codecs of what is more than a plain value: codes, references, lists, objects, constants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from schema.codecs.codec import Codec, CodecError, same, shown
from schema.codecs.texts import as_trimmed


def code(codes: str, table: Mapping[Any, str] | None = None, *, is_open: bool = False) -> Codec:
    """A value of the governed set ``codes``, translated by the tenant's code map, or by a fixed ``table`` (theirs → ours).

    With a table, several of theirs may mean one of ours; the first is written.
    """
    if table is None:
        return Codec("code", as_trimmed, same, codes=codes, is_open=is_open)
    inward = {str(theirs): ours for theirs, ours in table.items()}
    outward: dict[str, Any] = {}
    for theirs, ours in table.items():
        outward.setdefault(ours, theirs)

    def read(value: Any) -> Any:
        found = as_trimmed(str(value).lower() if isinstance(value, bool) else value)
        if found is None or found in inward:
            return found and inward[found]
        raise CodecError("", f"{shown(value)} is none of {', '.join(map(repr, inward))}")

    def write(value: Any) -> Any:
        if value not in outward:
            raise CodecError("", f"there is no code for {value!r} here")
        return outward[value]

    return Codec("code", read, write, is_open=is_open)


def reference(object: str, *, by: str = "id", system: str = "") -> Codec:
    """A reference to a record of the same system (or of ``system``), by its id or, where it has none, by its name.

    >>> reference("client", system="psa").read(10)
    {'system': 'psa', 'object': 'client', 'id': '10'}
    """
    if by not in ("id", "name"):
        raise ValueError(f"a reference is by id or by name, not by {by!r}")

    def of(owner: str) -> Codec:
        def read(value: Any) -> Any:
            if isinstance(value, dict):
                value = value.get(by)
            found = None if value is None else as_trimmed(value)
            return None if found is None else {"system": owner, "object": object, by: found}

        def write(value: Any) -> Any:
            found = value if isinstance(value, str) else value.get(by)
            if found is None or (isinstance(value, dict) and value.get("system", owner) != owner):
                raise CodecError("", f"expected a {by} of {object} in {owner}")
            return found

        return Codec("reference", read, write)

    return of(system) if system else replace(of(""), for_system=of)


def items(codec: Codec) -> Codec:
    """A list of values of one codec; ``None`` and empty items are left out.

    >>> from schema.codecs import trimmed
    >>> items(trimmed()).read([" a ", ""])
    ['a']
    """

    def read(value: Any) -> Any:
        if not isinstance(value, list):
            raise CodecError("", f"expected a list, got {type(value).__name__}")
        found = [codec.read(one) for one in value if one is not None]
        return [one for one in found if one is not None]

    inner = codec.for_system
    return Codec(
        "items", read, lambda value: [codec.write(one) for one in value],
        for_system=(lambda system: items(inner(system))) if inner else None,
    )  # fmt: skip


def structure(fields: Mapping[str, tuple[str, Codec]]) -> Codec:
    """An object with our key → (their key, codec); with ``items`` around it, a list of structures."""
    bound = tuple((ours, theirs, codec) for ours, (theirs, codec) in fields.items())

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise CodecError("", f"expected an object, got {type(value).__name__}")
        found: dict[str, Any] = {}
        for ours, theirs, codec in bound:
            if theirs in value:
                try:
                    found[ours] = None if value[theirs] is None else codec.read(value[theirs])
                except CodecError as error:
                    raise CodecError(theirs, error.reason) from None
        return found

    def write(value: Any) -> Any:
        return {
            theirs: None if value[ours] is None else codec.write(value[ours]) for ours, theirs, codec in bound if ours in value
        }

    return Codec("structure", read, write)


def constant(value: Any) -> Codec:
    """Always ``value``, whatever the record says; what is written is the same constant."""
    return Codec("constant", lambda _: value, lambda _: value)
