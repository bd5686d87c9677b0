"""Aggregates: ``projectsAggregate`` and the same along every way back, from arguments to groups. SQL is in :mod:`grouping`.

Amounts are told per currency (prices per currency and unit, quantities per unit) and never added across. Averages have
six decimals, halves rounded away from zero, whatever the amounts' own. A week begins on Monday; instants are cut down in
UTC, days as they are, and both read as the first day or instant of what they were cut down to.

A confidential field reads as null in sums and the like; grouping, choosing or ordering by it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

import asyncpg
from strawberry.types.nodes import SelectedField

from hub.api.access import Role, masked_fields
from hub.api.context import REVERSES, Context, plan_key
from hub.api.errors import ApiError, Code
from hub.api.filters import UNITS, Filters, compare, followed, forbidden, in_force, plain
from hub.api.grouping import (
    Function, Grouping, Key, Measure, Total, Truncation, group_shape, groups, groups_of_parents, key_name, total_name,
)  # fmt: skip
from hub.api.names import Reverse, camel
from hub.api.plan import All, OrderBy, Step, golden_shape
from hub.api.rows import EVERYBODY, Scope, confine, confine_order
from hub.api.slots import Slot
from hub.api.values import Row
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta

DEFAULT_GROUPS = 100
LARGEST_GROUPS = 1000
MOST_KEYS = 8
MOST_STEPS = 2
MOST_TOTALS = 20

KEYS: Mapping[FieldKind, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            FieldKind.TEXT, FieldKind.IDENTIFIER, FieldKind.EMAIL, FieldKind.PHONE, FieldKind.DOMAIN,
            FieldKind.COUNTRY, FieldKind.LANGUAGE, FieldKind.TIMEZONE, FieldKind.CODE, FieldKind.BOOLEAN,
            FieldKind.INTEGER, FieldKind.DATE, FieldKind.INSTANT,
        ),
        ("",),
    ),
    FieldKind.REFERENCE: ("_id",),
    FieldKind.MONEY: ("_currency",),
    FieldKind.PRICE: ("_currency", "_per"),
    FieldKind.QUANTITY: ("_unit",),
    FieldKind.PERCENT: (),
    FieldKind.LISTING: (),
}  # fmt: skip
"""What of a field of each kind rows can be grouped by: suffixes of its columns."""

_ALL = (Function.SUM, Function.AVG, Function.MIN, Function.MAX)
MEASURES: Mapping[FieldKind, tuple[Function, ...]] = {
    **dict.fromkeys(FieldKind, ()),
    **dict.fromkeys((FieldKind.INTEGER, FieldKind.PERCENT, FieldKind.QUANTITY, FieldKind.MONEY), _ALL),
    FieldKind.PRICE: (Function.AVG, Function.MIN, Function.MAX),
    FieldKind.DATE: (Function.MIN, Function.MAX),
    FieldKind.INSTANT: (Function.MIN, Function.MAX),
}
"""What is told of the values of each kind beside how many different ones there are. Prices are not added."""

HEAD_KEYS: Mapping[str, FieldKind] = {
    "record_state": FieldKind.CODE,
    "created_at": FieldKind.INSTANT,
    "updated_at": FieldKind.INSTANT,
}
"""Columns of every record that can be grouped by, and what kind of field they are."""


@dataclass(frozen=True, slots=True)
class Groupable:
    """A column rows can be grouped by, and the field it belongs to (its own name for columns of every record)."""

    column: str
    kind: FieldKind
    field: str


@lru_cache(maxsize=256)
def groupables(meta: EntityMeta) -> Mapping[str, Groupable]:
    """What an entity's rows can be grouped by, by column."""
    found = [Groupable(column, kind, column) for column, kind in HEAD_KEYS.items()]
    found += [
        Groupable(name + suffix, FieldKind.CODE if suffix and suffix != "_id" else field.kind, name)
        for name, field in meta.fields.items()
        for suffix in KEYS[field.kind]
    ]
    return {one.column: one for one in found}


@lru_cache(maxsize=256)
def measurables(meta: EntityMeta) -> Mapping[Function, Mapping[str, Measure]]:
    """Per function, the measures an entity offers by canonical field."""
    head = {name: kind for name, kind in HEAD_KEYS.items() if kind is FieldKind.INSTANT}
    kinds = head | {name: field.kind for name, field in meta.fields.items()}
    found: dict[Function, dict[str, Measure]] = {
        function: {
            name: Measure(function, kind, name, tuple(name + suffix for suffix in UNITS.get(kind, {}).values()))
            for name, kind in kinds.items()
            if function in MEASURES[kind]
        }
        for function in _ALL
    }
    counted = [one for one in groupables(meta).values() if one.column.removesuffix("_id") == one.field]
    found[Function.DISTINCT] = {one.field: Measure(Function.DISTINCT, one.kind, one.column) for one in counted}
    return found


@dataclass(frozen=True)
class GroupArguments:
    """What an aggregate was given, as it came."""

    filter: Mapping[str, Any] | None = None
    group_by: Sequence[Mapping[str, Any]] | None = None
    having: Mapping[str, Any] | None = None
    order_by: Sequence[Mapping[str, Any]] | None = None
    first: Any = DEFAULT_GROUPS
    offset: Any = 0
    on: Any = None
    """The day on which rows must be in force."""

    @cached_property
    def key(self) -> str:
        return plan_key({one.name: getattr(self, one.name) for one in fields(self)})


Asked = frozenset[tuple[Function, str]]
"""Which measures an answer holds: function and field, by its name in the API."""


def grouping(meta: EntityMeta, arguments: GroupArguments, asked: Asked, role: Role, scope: Scope = EVERYBODY) -> Grouping:
    """The groups a field's arguments ask for. Pure; every value to compare with may be a slot, and so may the page."""
    shape = golden_shape(meta)
    chosen_rows = Filters(ENTITIES, REVERSES, role).condition(meta, arguments.filter)
    if arguments.on is not None:
        chosen_rows = All((chosen_rows, in_force(meta, arguments.on)))
    where = confine(meta, chosen_rows, scope)
    keys = _keys(meta, arguments.group_by or (), role, scope)
    totals = _Totals(meta, role)
    wanted = _wanted(totals, arguments.having or {})
    order = _order(totals, arguments.order_by or (), len(keys))
    chosen = group_shape(shape, keys, totals.found)
    return Grouping(
        shape,
        where,
        keys,
        _measures(meta, asked, role),
        tuple(totals.found),
        All(tuple(compare(chosen, column, given, path) for column, given, path in wanted)),
        order,
        first=_within(DEFAULT_GROUPS if arguments.first is None else arguments.first, "first", LARGEST_GROUPS),
        offset=_within(arguments.offset or 0, "offset", 2**31 - 1),
    )


def _within(value: Any, name: str, most: int) -> Any:
    if isinstance(value, Slot):
        default = DEFAULT_GROUPS if name == "first" else 0
        return value.then(lambda given: _within(default if given is None else given, name, most))
    if not 0 <= value <= most:
        raise ApiError(Code.BAD_PAGE, f"{name} must be from 0 to {most}", name, "Ask page by page.")
    return value


def _measures(meta: EntityMeta, asked: Asked, role: Role) -> tuple[Measure, ...]:
    """What is asked and may be told, in a steady order."""
    offered, masked = measurables(meta), masked_fields(meta, role)
    return tuple(
        measure
        for function in Function
        for name, measure in offered[function].items()
        if name not in masked and (function, camel(name)) in asked
    )


def _keys(meta: EntityMeta, given: Sequence[Mapping[str, Any]], role: Role, scope: Scope) -> tuple[Key, ...]:
    if len(given) > MOST_KEYS:
        raise ApiError(Code.TOO_COMPLEX, f"at most {MOST_KEYS} keys", "groupBy")
    keys = tuple(_key(meta, one, role, scope, f"groupBy.{at}", ()) for at, one in enumerate(given))
    seen: set[Any] = set()
    for at, key in enumerate(keys):
        name = (*(step.column for step in key.path), key.column)
        if name in seen:
            raise ApiError(Code.BAD_INPUT, f"groupBy.{at} names a field that is named before", f"groupBy.{at}", "Name it once.")
        seen.add(name)
    return keys


def _key(meta: EntityMeta, one: Mapping[str, Any], role: Role, scope: Scope, path: str, steps: tuple[Step, ...]) -> Key:
    """One entry: a field of the record, or what an entry of a related record says."""
    said = {name: value for name, value in one.items() if value is not None}
    if (reference := followed(meta, said, ("field", "truncate"), role, path, steps, MOST_STEPS)) is not None:
        if "truncate" in said:
            raise ApiError(Code.BAD_INPUT, f"{path} cuts down no field", path, "State truncate beside field.")
        name, target, step = reference
        return _key(target, said[name], role, scope, f"{path}.{name}", (*steps, step))
    found = groupables(meta)[plain(said["field"])]
    if found.field in masked_fields(meta, role):
        raise forbidden(f"{path}.{camel(found.column)}")
    truncation = Truncation(plain(said["truncate"])) if "truncate" in said else None
    if truncation is not None and found.kind not in (FieldKind.DATE, FieldKind.INSTANT):
        raise ApiError(Code.BAD_INPUT, f"{path} cuts down what is neither a day nor an instant", path, "Leave truncate out.")
    [seen] = confine_order((OrderBy(found.column, path=steps),), scope)
    return Key(found.column, seen.path, truncation)


class _Totals:
    """The sums groups are chosen and ordered by, each with its currency or unit."""

    def __init__(self, meta: EntityMeta, role: Role) -> None:
        self.meta, self._role = meta, role
        self.found: list[Total] = []

    def add(self, name: str, said: Mapping[str, Any], path: str) -> str:
        """The column of the sum of a field over the currency or unit that is said."""
        if name in masked_fields(self.meta, self._role):
            raise forbidden(path)
        if len(self.found) == MOST_TOTALS:
            raise ApiError(Code.TOO_COMPLEX, f"at most {MOST_TOTALS} sums in having and orderBy", path)
        units = UNITS.get(self.meta.fields[name].kind, {})
        if missing := [unit for unit in units if not said.get(unit)]:
            raise ApiError(Code.BAD_INPUT, f"{path} compares amounts without {missing[0]}", path, f"State {missing[0]}.")
        if needless := [unit for unit in ("currency", "unit") if said.get(unit) and unit not in units]:
            raise ApiError(Code.BAD_INPUT, f"{path} has no {needless[0]}", path, "Leave it out.")
        self.found.append(Total(name, tuple((name + suffix, said[unit]) for unit, suffix in units.items())))
        return total_name(len(self.found) - 1)


def _wanted(totals: _Totals, having: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any], str]]:
    """What groups must satisfy: column, comparisons, path."""
    found = [("count", having["count"], "having.count")] if having.get("count") else []
    summed = {camel(name): name for name in measurables(totals.meta)[Function.SUM]}
    for name, given in (having.get("sum") or {}).items():
        path = f"having.sum.{name}"
        if given is None:
            raise ApiError(Code.BAD_INPUT, f"{path} is null", path, "Leave it out, or ask with isNull: true.")
        column = totals.add(summed[name], given, path)
        found.append((column, {op: value for op, value in given.items() if op not in ("currency", "unit")}, path))
    return found


def _order(totals: _Totals, given: Sequence[Mapping[str, Any]], keys: int) -> tuple[OrderBy, ...]:
    """The order of groups, ended by their keys so that it is total; empty ones come last."""
    order: list[OrderBy] = []
    for at, one in enumerate(given):
        path, said = f"orderBy.{at}", {name: value for name, value in one.items() if value is not None}
        descending = plain(said.get("direction") or "ASC") == "DESC"
        if ("by" in said) + ("sum" in said) != 1:
            raise ApiError(Code.BAD_INPUT, f"{path} must say by or sum", path, "Make several entries of it.")
        if "sum" in said:
            order.append(OrderBy(totals.add(plain(said["sum"]["field"]), said["sum"], f"{path}.sum"), descending))
        elif plain(said["by"]) == "COUNT":
            order.append(OrderBy("count", descending))
        else:
            order += [OrderBy(key_name(number), descending) for number in range(keys)]
    found: dict[str, OrderBy] = {}
    for term in (*order, *(OrderBy(key_name(number)) for number in range(keys))):
        found.setdefault(term.column, term)
    return tuple(found.values())


def asked_of(selections: Sequence[Any]) -> Asked:
    """The measures a field's selections ask for, fragments included."""
    functions = {str(function): function for function in Function}
    found: set[tuple[Function, str]] = set()
    for name, inner in _selected(selections):
        if name in functions:
            found |= {(functions[name], each) for each, _ in _selected(inner)}
    return frozenset(found)


def _selected(selections: Sequence[Any]) -> list[tuple[str, Sequence[Any]]]:
    """Fields with what is selected of them; fragments are looked through."""
    found: list[tuple[str, Sequence[Any]]] = []
    for one in selections:
        if isinstance(one, SelectedField):
            found.append((one.name, one.selections))
        else:
            found += _selected(one.selections)
    return found


def _asked(info: Any) -> Asked:
    return asked_of([inner for field in info.selected_fields for inner in field.selections])


async def read_groups(info: Any, meta: EntityMeta, arguments: GroupArguments) -> list[dict[str, Any]]:
    """A root aggregate: ``projectsAggregate(…)``."""
    context: Context = info.context
    principal = context.principal
    wanted = grouping(meta, arguments, _asked(info), principal.role, principal.scope)
    bound = groups(wanted, context.reader.as_of)
    return [_group(wanted, record) for record in await context.reader.query(bound.sql, *bound.values)]


async def read_child_groups(info: Any, parent: Row, back: Reverse, arguments: GroupArguments) -> list[dict[str, Any]]:
    """A nested aggregate: ``client { projectsAggregate(…) }``; all parents of a level share one statement."""
    context: Context = info.context
    principal, asked, column = context.principal, _asked(info), f"{back.field.name}_id"
    wanted = grouping(back.meta, arguments, asked, principal.role, principal.scope)

    async def load(parents: Sequence[UUID]) -> Mapping[UUID, list[asyncpg.Record]]:
        found: dict[UUID, list[asyncpg.Record]] = {each: [] for each in parents}
        bound = groups_of_parents(wanted, column, parents, context.reader.as_of)
        for record in await context.reader.query(bound.sql, *bound.values):
            found[record["parent"]].append(record)
        return found

    name = ("groups", wanted.shape.view, column, arguments.key, asked)
    return [_group(wanted, record) for record in await context.load(name, load, parent.id) or []]


def _group(wanted: Grouping, record: asyncpg.Record) -> dict[str, Any]:
    """A group as its type reads it: by canonical names, the keys of related records one level down for each step."""
    key: dict[str, Any] = {}
    for at, one in enumerate(wanted.keys):
        within = key
        for step in one.path:
            within = within.setdefault(f"{step.column.removesuffix('_id')}_key", {})
        value = record[key_name(at)]
        within[one.column] = str(value) if isinstance(value, UUID) else value
    found: dict[str, Any] = {str(function): {} for function in Function}
    for measure in wanted.measures:
        value = record[measure.name]
        name = measure.column.removesuffix("_id") if measure.function is Function.DISTINCT else measure.column
        found[measure.function][name] = [AMOUNTS[measure.kind](*each) for each in value] if measure.units else value
    return {"key": key, "count": record["count"], **found}


AMOUNTS: Mapping[FieldKind, Callable[..., Mapping[str, Any]]] = {
    FieldKind.MONEY: lambda amount, currency: {"amount": amount, "currency": currency},
    FieldKind.PRICE: lambda amount, currency, per: {"amount": amount, "currency": currency, "per": per},
    FieldKind.QUANTITY: lambda value, unit: {"value": value, "unit": unit, "stated": None},
}
"""An amount of a group from its text and its units."""
