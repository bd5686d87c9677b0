"""Whether events still say what receivers were promised: within a version fields may come, never go or change their type. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schema import ENTITIES
from schema.event_schemas import event_schema, record_schema
from schema.event_types import EVENTS
from schema.event_versions import newest

Promise = dict[str, dict[str, dict[str, str]]]
"""Subject → version → path of a field in the payload → its JSON type."""


def promises() -> Promise:
    """What every version of every payload holds now."""
    found: Promise = {}
    for event in EVENTS:
        found[event.type] = {str(n): _fields(event_schema(event, n), "payload") for n in range(1, event.version + 1)}
    for name, meta in ENTITIES.items():
        found[name] = {str(n): _fields(record_schema(meta, n), "values") for n in range(1, newest(name) + 1)}
    return found


def _fields(schema: Mapping[str, Any], place: str) -> dict[str, str]:
    properties = schema["properties"]["data"]["properties"][place]["properties"]
    return {path: kind for name, one in sorted(properties.items()) for path, kind in _within(name, one)}


def _within(path: str, one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A field's type, and those of what lies inside of it.

    >>> dict(_within("net", {"type": "object", "properties": {"amount": {"type": "string"}}}))
    {'net': 'object', 'net.amount': 'string'}
    """
    yield path, f"{one['type']} {one['format']}" if "format" in one else str(one["type"])
    for name, part in sorted(one.get("properties", {}).items()):
        yield from _within(f"{path}.{name}", part)
    if "items" in one:
        yield from _within(f"{path}[]", one["items"])


def broken(promised: Promise, now: Promise) -> list[str]:
    """What receivers rely on and no longer get, one sentence each.

    >>> broken({"client": {"1": {"name": "string"}}}, {"client": {"1": {"name": "string", "city": "string"}}})
    []
    >>> broken({"client": {"1": {"name": "string", "duns": "string"}}}, {"client": {"1": {"name": "integer"}}})
    ['client version 1: duns is gone', 'client version 1: name was string and is integer']
    """
    found = []
    for subject, versions in sorted(promised.items()):
        for version, fields in versions.items():
            held = now.get(subject, {}).get(version)
            if held is None:
                found.append(f"{subject} has no version {version} any more")
                continue
            for name, was in sorted(fields.items()):
                if name not in held:
                    found.append(f"{subject} version {version}: {name} is gone")
                elif held[name] != was:
                    found.append(f"{subject} version {version}: {name} was {was} and is {held[name]}")
    return found
