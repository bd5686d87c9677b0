"""A description for everything in the schema that is not described where it is declared.

Two sources: what a name means wherever it stands (:mod:`hub.api.words`), and what a derived
type is by the way it is made (``ClientEdge``). A declaration's own words always win; ``tests/api/test_descriptions.py``
walks the schema and demands that nothing is left without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)

from hub.api.context import REVERSES
from hub.api.monitor_words import MONITOR
from hub.api.names import camel
from hub.api.words import ARGUMENTS, EXACTLY, FIELDS, ITEMS, NARROWING
from hub.api.work_words import WORK
from schema import ENTITIES
from schema.language import EntityMeta

_COMPARED: Mapping[str, str] = {
    "gt": "Greater than.", "gte": "Greater or equal.", "lt": "Less than.", "lte": "Less or equal.",
    "id": "By id.", "version": "By version.", "recordState": "By state of the record: active or inactive.",
    "createdAt": "By when it was first recorded.", "updatedAt": "By when it last changed.",
}  # fmt: skip
_ORDER = {"field": "What it runs by.", "direction": "Which way; ASC unless said otherwise."}

_SAID: Mapping[str, str] = {**EXACTLY, **WORK, **MONITOR}


def complete(schema: GraphQLSchema) -> GraphQLSchema:
    """Describe what is not; the schema's own objects are filled in place."""
    for named in schema.type_map.values():
        if named.name.startswith("__"):
            continue
        named.description = named.description or _SAID.get(named.name) or derived_type(named.name)
        for name, member, is_argument in members(named):
            if not member.description:
                member.description = _SAID.get(f"{named.name}.{name}") or _member(named, name, is_argument)
    return schema


def members(named: GraphQLNamedType) -> Iterator[tuple[str, Any, bool]]:
    """Fields, arguments (``field.argument``, True) and values of a type, by name below it."""
    if isinstance(named, GraphQLEnumType):
        yield from ((name, value, False) for name, value in named.values.items())
    if isinstance(named, (GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType)):
        for name, field in named.fields.items():
            yield name, field, False
            for argument, made in getattr(field, "args", {}).items():
                yield f"{name}.{argument}", made, True


def undescribed(schema: GraphQLSchema) -> list[str]:
    """Coordinates of what says nothing of itself."""
    found: list[str] = []
    for named in schema.type_map.values():
        if not named.name.startswith("__"):
            found += [] if named.description else [named.name]
            found += [f"{named.name}.{name}" for name, member, _ in members(named) if not member.description]
    return found


_ENTITIES = {meta.type_name: meta for meta in ENTITIES.values()}
_DERIVED = (
    (re.compile(r"(\w+)Edge"), "One of the {many} of a page, with its cursor."),
    (re.compile(r"(\w+)Connection"), "A page of {many}."),
    (re.compile(r"(\w+)ListFilter"), "Which records by the {many} that refer to them."),
    (re.compile(r"(\w+)OrderField"), "What a list of {many} can run by."),
    (re.compile(r"(\w+)Order"), "How a list of {many} runs."),
    (re.compile(r"Upsert(\w+)Payload"), "What became of the {one} that was sent."),
)


def derived_type(name: str) -> str | None:
    """What a type is by the way it is made.

    >>> derived_type("TimeEntryEdge"), derived_type("InboxMessageConnection")
    ('One of the time entries of a page, with its cursor.', 'A page of inbox messages.')
    """
    for pattern, text in _DERIVED:
        if found := pattern.fullmatch(name):
            meta = _ENTITIES.get(found[1])
            one = _words(found[1])
            return text.format(one=one, many=meta.plural.replace("_", " ") if meta else f"{one}s")
    return None


def _words(type_name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type_name).lower()


def _member(named: GraphQLNamedType, name: str, is_argument: bool) -> str | None:
    if is_argument:
        argument = name.rpartition(".")[2]
        return (NARROWING.get(argument) if named.name == "Query" else None) or ARGUMENTS.get(argument)
    if isinstance(named, GraphQLEnumType):
        return _order_value(named.name, name)
    if isinstance(named, GraphQLInputObjectType) and named.name.endswith("Order"):
        return _ORDER.get(name)
    if isinstance(named, GraphQLInputObjectType) and named.name.endswith("Filter"):
        return _COMPARED.get(name) or _filter_field(named.name, name)
    if isinstance(named, (GraphQLObjectType, GraphQLInterfaceType)):
        for interface in named.interfaces:
            said: str | None = interface.fields[name].description if name in interface.fields else None
            if said:
                return said
    return (ITEMS.get(name) if named.name.endswith("Item") else None) or FIELDS.get(name) or ITEMS.get(name)


def _order_value(enum: str, value: str) -> str | None:
    meta = _ENTITIES.get(enum.removesuffix("OrderField"))
    if meta is None:
        return None
    name = value.lower()
    return _COMPARED.get(camel(name)) or (f"By {camel(name)}: {meta.fields[name].doc}" if name in meta.fields else None)


def _filter_field(type_name: str, name: str) -> str | None:
    meta = _ENTITIES.get(type_name.removesuffix("Filter"))
    if meta is None:
        return None
    if name.endswith("Id") and any(f"{camel(field)}Id" == name for field in meta.fields):
        return f"By the id of {name.removesuffix('Id')}."
    return _back(meta, name)


def _back(meta: EntityMeta, name: str) -> str | None:
    if name not in {back.name for back in REVERSES[meta.name]}:
        return None
    return f"By the {_words(name[0].upper() + name[1:])} that refer to this {meta.name.replace('_', ' ')}."
