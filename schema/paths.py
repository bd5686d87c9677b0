"""Paths into a record of a system ("address.city", "lines.0.id"): compiled for reading, put together for writing, compared.

What lies nowhere is ``ABSENT``, which is not ``None``: a record may say that something is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "ABSENT", "__bool__": lambda self: False})()
"""Not stated at all, unlike ``None`` (stated empty)."""

Getter = Callable[[Any, Any], Any]
"""(item, whole record) → the raw value, or ABSENT."""


def getter(path: str) -> Getter:
    """Compile a path; "" always finds something (a constant needs no path)."""
    if not path:
        return lambda item, record: ""
    if path.startswith("^"):
        inner = getter(path[1:])
        return lambda item, record: inner(record, record)
    keys = path.split(".")
    if len(keys) == 1:
        return lambda item, record: item.get(path, ABSENT)
    first, second = keys[0], keys[1]

    def nested(item: Any, record: Any) -> Any:
        inner = item.get(first)
        return inner.get(second, ABSENT) if type(inner) is dict else _follow(item, keys)

    return nested if len(keys) == 2 else lambda item, record: _follow(item, keys)


def at_path(record: Any, path: str) -> Any:
    """What lies at a path, ABSENT when nothing does; a number steps into a list."""
    return _follow(record, path.split("."))


def _follow(value: Any, keys: list[str]) -> Any:
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key, ABSENT)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None if value is None else ABSENT
    return value


def none_if_absent(value: Any) -> Any:
    """The raw value, with None for what is absent: a codec does not know ``ABSENT``."""
    return None if value is ABSENT else value


def identity(value: Any) -> str | None:
    """An id as text; empty, absent and structured ones are none."""
    if value is ABSENT or value is None or isinstance(value, bool | dict | list):
        return None
    return str(value).strip() or None


def absolute(path: str, inner: str) -> str:
    """A path of a part as a path of the whole record; ``inner`` is where the parts lie."""
    return path[1:] if path.startswith("^") else inner + path


def put_path(body: dict[str, Any], path: str, raw: Any) -> None:
    """Set a path of a nested body in place; ABSENT leaves it alone."""
    if raw is ABSENT:
        return
    *parents, last = path.split(".")
    for parent in parents:
        body = body.setdefault(parent, {})
    body[last] = raw


def flattened(body: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """A nested body as path → value.

    >>> flattened({"name": "A", "address": {"city": "Bern"}})
    {'name': 'A', 'address.city': 'Bern'}
    """
    flat: dict[str, Any] = {}
    for key, value in body.items():
        flat |= flattened(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


class Known(NamedTuple):
    """The keys of an object that are bound or ignored, and what is known inside of those that are not bound whole."""

    keys: frozenset[str]
    inside: dict[str, Known]


def known_paths(paths: Iterable[str]) -> Known:
    """What these paths bind; one that ends at an object binds everything below it."""
    return _known(_trie(paths))


def _known(trie: Mapping[str, Any]) -> Known:
    return Known(frozenset(trie), {key: _known(inner) for key, inner in trie.items() if inner})


def _trie(paths: Iterable[str]) -> dict[str, Any]:
    """Paths as nested dictionaries; an empty one binds everything below it. ``[]`` is the key of list items."""
    root: dict[str, Any] = {}
    for path in sorted({one for one in paths if one}, key=len, reverse=True):
        node = root
        for key in path.replace("[]", ".[]").split("."):
            node = node.setdefault("[]" if key.isdecimal() else key, {})
    return root


def note_unknown(value: Any, known: Known, path: str, found: set[str]) -> None:
    """Add to ``found`` the paths of ``value``, which lies at ``path``, that are not known."""
    if isinstance(value, dict):
        if not value.keys() <= known.keys:
            found.update(f"{path}.{key}" if path else key for key in value.keys() - known.keys)
        for key, inside in known.inside.items():
            if key in value:
                note_unknown(value[key], inside, f"{path}.{key}" if path else key, found)
    elif isinstance(value, list) and "[]" in known.inside:
        for inner in value:
            note_unknown(inner, known.inside["[]"], f"{path}[]", found)
