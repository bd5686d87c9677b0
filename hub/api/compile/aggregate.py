"""Aggregates as one correlated subselect: the groups :mod:`hub.api.grouping` reads, written as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hub.api.aggregates import Asked as Wanted
from hub.api.aggregates import DEFAULT_GROUPS, GroupArguments, groupables, grouping, measurables
from hub.api.compile.build import Build
from hub.api.compile.leaves import LEAVES, NULL, constant, safe_text, text
from hub.api.compile.selection import Asked
from hub.api.compile.text import Sql, Value, always, joined, json_object, listed
from hub.api.group_types import FUNCTIONS
from hub.api.grouping import Function, Grouping, Measure, Tie, amounts, distinct, key_name, page
from hub.api.names import Reverse, camel
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta, Field, entity_name

One = Callable[[Build, EntityMeta, Asked, str], Value]
"""Writes the record with an id, or null: :func:`hub.api.compile.record.one`."""


def root(meta: EntityMeta, one: One) -> Callable[[Build, Asked], Value]:
    """``projectsAggregate(…)``."""
    return lambda build, asked: _groups(build, meta, build.arguments("Query", asked), asked, lambda _: (), one)


def nested(back: Reverse, one: One) -> Callable[[Build, EntityMeta, str, Asked], Value]:
    """``client { projectsAggregate(…) }``."""

    def member(build: Build, meta: EntityMeta, alias: str, asked: Asked) -> Value:
        given = build.arguments(meta.type_name, asked)
        return _groups(build, back.meta, given, asked, lambda other: (f"{other}.{back.field.name}_id = {alias}.id",), one)

    return member


def _groups(build: Build, meta: EntityMeta, given: Mapping[str, Any], asked: Asked, tie: Tie, one: One) -> Value:
    wanted = grouping(meta, _arguments(given), _wanted(build, meta, asked), build.role, build.scope)
    group = _Group(build, meta, wanted, build.writer.alias(), one)
    members = [(each.key, group.member(each)) for each in build.fields(f"{meta.type_name}Group", asked)]
    rows = page(build.writer, wanted, tie)
    return always(Sql(f"(SELECT {joined(listed(joined(json_object(members))))} FROM ({rows}) AS {group.alias})"))


def _arguments(given: Mapping[str, Any]) -> GroupArguments:
    return GroupArguments(
        given.get("filter"), given.get("groupBy"), given.get("having"), given.get("orderBy"),
        given.get("first", DEFAULT_GROUPS), given.get("offset", 0), given.get("on"),
    )  # fmt: skip


def _wanted(build: Build, meta: EntityMeta, asked: Asked) -> Wanted:
    """The measures a selection asks for."""
    functions = {str(function): function for function in Function}
    found: set[tuple[Function, str]] = set()
    for one in build.fields(f"{meta.type_name}Group", asked):
        if (function := functions.get(one.name)) is not None:
            found |= {(function, each.name) for each in build.fields(meta.type_name + FUNCTIONS[function].ending, one)}
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Group:
    """Writes one group: a row of :func:`hub.api.grouping.page` under ``alias``."""

    build: Build
    meta: EntityMeta
    wanted: Grouping
    alias: str
    one: One

    def member(self, asked: Asked) -> Value:
        match asked.name:
            case "__typename":
                return constant(f"{self.meta.type_name}Group")
            case "key":
                return self._key(self.meta, (), asked)
            case "count":
                return always(Sql(f"{self.alias}.count::text"))
            case "masked":
                return constant([camel(name) for name in sorted(self.build.masked(self.meta))])
        return self._measures(Function(asked.name), asked)

    def _key(self, meta: EntityMeta, path: tuple[str, ...], asked: Asked) -> Value:
        """The key of the group, or what of it belongs to the records at the end of a path."""
        type_name, members = f"{meta.type_name}GroupKey", key_members(meta)
        found: list[tuple[str, Value]] = []
        for each in self.build.fields(type_name, asked):
            if each.name == "__typename":
                found.append((each.key, constant(type_name)))
            elif (column := members.columns.get(each.name)) is not None:
                found.append((each.key, self._cell(meta, path, column)))
            elif (field := members.records.get(each.name)) is not None:
                found.append((each.key, self._record(path, field, each)))
            else:
                found.append((each.key, self._related(path, members.related[each.name], each)))
        return always(*json_object(found))

    def _at(self, path: tuple[str, ...], column: str) -> str | None:
        """The group's column for a key, when it is grouped by it."""
        for at, key in enumerate(self.wanted.keys):
            if key.column == column and tuple(step.column for step in key.path) == path:
                return f"{self.alias}.{key_name(at)}"
        return None

    def _cell(self, meta: EntityMeta, path: tuple[str, ...], column: str) -> Value:
        cell, kind = self._at(path, column), groupables(meta)[column].kind
        if cell is None:
            return NULL
        return safe_text(f"{cell}::text") if kind is FieldKind.REFERENCE else LEAVES[kind](cell)

    def _record(self, path: tuple[str, ...], field: Field[Any], asked: Asked) -> Value:
        cell = self._at(path, f"{field.name}_id")
        target = ENTITIES[entity_name(field.target)]
        return NULL if cell is None else self.one(self.build, target, asked, cell)

    def _related(self, path: tuple[str, ...], field: Field[Any], asked: Asked) -> Value:
        way = (*path, f"{field.name}_id")
        is_asked = any(tuple(step.column for step in key.path)[: len(way)] == way for key in self.wanted.keys)
        return self._key(ENTITIES[entity_name(field.target)], way, asked) if is_asked else NULL

    def _measures(self, function: Function, asked: Asked) -> Value:
        """The object of one function."""
        type_name = self.meta.type_name + FUNCTIONS[function].ending
        offered = {camel(name): measure for name, measure in measurables(self.meta)[function].items()}
        found: list[tuple[str, Value]] = []
        for each in self.build.fields(type_name, asked):
            if each.name == "__typename":
                found.append((each.key, constant(type_name)))
            else:
                measure = offered[each.name]
                found.append((each.key, self._measure(measure, each) if measure in self.wanted.measures else NULL))
        return always(*json_object(found))

    def _measure(self, measure: Measure, asked: Asked) -> Value:
        if measure.function is Function.DISTINCT:
            return always(Sql(f"{distinct(self.wanted, measure, self.alias)}::text"))
        if measure.units:
            return self._amounts(measure, asked)
        cell = f'{self.alias}."{measure.name}"'
        match measure.kind:
            case FieldKind.DATE | FieldKind.INSTANT:
                return LEAVES[measure.kind](cell)
            case FieldKind.INTEGER if measure.function in (Function.MIN, Function.MAX):
                return LEAVES[measure.kind](cell)
        return safe_text(cell)

    def _amounts(self, measure: Measure, asked: Asked) -> Value:
        """A list of amounts, one for each currency or unit."""
        found = self.build.writer.alias()
        type_name, names = AMOUNTS[measure.kind]
        columns = dict(zip(names, (f"{found}.amount", *(f'{found}."{unit}"' for unit in measure.units)), strict=True))
        members: list[tuple[str, Value]] = []
        for each in self.build.fields(type_name, asked):
            if each.name == "__typename":
                members.append((each.key, constant(type_name)))
            elif each.name == names[0]:
                members.append((each.key, safe_text(columns[each.name])))
            else:
                members.append((each.key, text(columns[each.name]) if each.name in columns else NULL))
        told = joined(listed(joined(json_object(members))))
        return always(Sql(f"(SELECT {told} FROM {amounts(self.wanted, measure, self.alias)} AS {found})"))


AMOUNTS: Mapping[FieldKind, tuple[str, tuple[str, ...]]] = {
    FieldKind.MONEY: ("Money", ("amount", "currency")),
    FieldKind.PRICE: ("Price", ("amount", "currency", "per")),
    FieldKind.QUANTITY: ("Quantity", ("value", "unit")),
}
"""The type of an amount, and its members from the amount and its units."""


@dataclass(frozen=True, slots=True)
class KeyMembers:
    """Members of a key's type by GraphQL name: columns, records they refer to, and keys of related records."""

    columns: Mapping[str, str]
    records: Mapping[str, Field[Any]]
    related: Mapping[str, Field[Any]]


@lru_cache(maxsize=256)
def key_members(meta: EntityMeta) -> KeyMembers:
    references = {camel(field.name): field for field in meta.references}
    related = {f"{name}Key": field for name, field in references.items()}
    return KeyMembers({camel(column): column for column in groupables(meta)}, references, related)
