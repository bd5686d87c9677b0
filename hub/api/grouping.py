"""Rows counted and totalled by group: what is asked, as plain data, and the one statement that answers it. Pure.

The rows are read once and grouped by the keys together with the currencies and units of the amounts asked for; the few
parts this leaves are then put together by the keys alone, with the parts of each group beside it. Amounts of different
currencies or units are never added: each part is told apart. So a group costs one pass over its rows however many
amounts are asked, and a filter keeps its index, since it stands where the rows are read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hub.api.past import AsOf
from hub.api.plan import EVERYTHING, Condition, OrderBy, Shape, Step
from hub.api.statement import Bound, Writer, condition, tied
from schema.kinds import FieldKind


class Function(StrEnum):
    """What is told of a column's values in a group."""

    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    DISTINCT = "countDistinct"


class Truncation(StrEnum):
    """What a day or an instant is cut down to, named as Postgres does; a week begins on Monday (ISO)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Key:
    """One thing rows are grouped by: a column of their own, or of the record at the end of a path."""

    column: str
    path: tuple[Step, ...] = ()
    truncation: Truncation | None = None

    def type_in(self, shape: Shape) -> str:
        """The SQL type of its values, for rows of ``shape``."""
        return OrderBy(self.column, path=self.path).type_in(shape)


@dataclass(frozen=True, slots=True)
class Measure:
    """One function over one column, told apart for each value of its unit columns."""

    function: Function
    kind: FieldKind
    column: str
    units: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its column among those of a group."""
        return f"{self.function}_{self.column}"

    @property
    def is_apart(self) -> bool:
        """Whether it is put together from the parts of a group by :func:`amounts`, instead of being a column of it."""
        return bool(self.units) or self.function is Function.DISTINCT


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of a column over the rows whose unit columns hold these values; what groups are chosen and ordered by."""

    column: str
    units: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups of rows. ``having`` and ``order`` are over the columns of :func:`group_shape`.

    ``first`` and ``offset`` are whole numbers, or slots for them. ``order`` ends with the keys, so that it is total.
    """

    shape: Shape
    where: Condition = EVERYTHING
    keys: tuple[Key, ...] = ()
    measures: tuple[Measure, ...] = ()
    totals: tuple[Total, ...] = ()
    having: Condition = EVERYTHING
    order: tuple[OrderBy, ...] = ()
    first: Any = 100
    offset: Any = 0


def group_shape(shape: Shape, keys: Sequence[Key], totals: Sequence[Total]) -> Shape:
    """The columns groups are chosen and ordered by: ``count``, ``key1`` … and ``total1`` …"""
    columns = {"count": "bigint"}
    columns |= {key_name(at): key.type_in(shape) for at, key in enumerate(keys)}
    columns |= {total_name(at): "numeric" for at, _ in enumerate(totals)}
    return Shape("", columns, key=())


def key_name(at: int) -> str:
    return f"key{at + 1}"


def total_name(at: int) -> str:
    return f"total{at + 1}"


Tie = Callable[[str], Sequence[str]]
"""Further conditions on the rows of an alias: what ties them to their parent, or what of them may be seen."""


def groups(grouping: Grouping, as_of: AsOf | None = None) -> Bound:
    """The page of groups, every value as :mod:`hub.api.aggregates` hands it on."""
    writer = Writer(as_of=as_of)
    return Bound(_told(writer, grouping, lambda alias: ()), tuple(writer.values))


def groups_of_parents(grouping: Grouping, column: str, parents: Sequence[Any], as_of: AsOf | None = None) -> Bound:
    """The page of groups for each parent at once: over rows whose ``column`` names it, with ``parent`` in front."""
    writer = Writer(as_of=as_of)
    given = writer.bind(list(parents), f"{grouping.shape.type_of(column)}[]")
    inner = _told(writer, grouping, lambda alias: (f"{alias}.{column} = parent.id",))
    sql = f"SELECT parent.id AS parent, page.* FROM unnest({given}) AS parent(id) CROSS JOIN LATERAL ({inner}) AS page"
    return Bound(sql, tuple(writer.values))


def _told(writer: Writer, grouping: Grouping, tie: Tie) -> str:
    """The page with the amounts of its groups beside them, each a list of [amount, unit, …] in the order of units."""
    alias = writer.alias()
    columns = [f"{alias}.{key_name(at)}" for at, _ in enumerate(grouping.keys)] + [f"{alias}.count"]
    for one in grouping.measures:
        cell = f'{alias}."{one.name}"'
        if one.function is Function.DISTINCT:
            cell = distinct(grouping, one, alias)
        elif one.units:
            cells = ", ".join(("found.amount", *(f"found.{unit}" for unit in one.units)))
            cell = f"ARRAY(SELECT ARRAY[{cells}] FROM {amounts(grouping, one, alias)} AS found)"
        columns.append(f'{cell} AS "{one.name}"')
    return f"SELECT {', '.join(columns)} FROM ({page(writer, grouping, tie)}) AS {alias}"


def page(writer: Writer, grouping: Grouping, tie: Tie) -> str:
    """The groups asked for, in order: ``key1`` …, ``count``, the plain measures by name, and ``parts`` for the others."""
    shape, alias = group_shape(grouping.shape, grouping.keys, grouping.totals), writer.alias()
    inner = _groups(writer, grouping, tie)
    having = condition(writer, shape, alias, grouping.having)
    order = ", ".join(f"{alias}.{one.column}{' DESC' if one.descending else ''} NULLS LAST" for one in grouping.order)
    first, offset = writer.bind(grouping.first, "bigint"), writer.bind(grouping.offset, "bigint")
    return f"SELECT {alias}.* FROM ({inner}) AS {alias} WHERE {having}{f' ORDER BY {order}' if order else ''} LIMIT {first} OFFSET {offset}"


def amounts(grouping: Grouping, measure: Measure, alias: str) -> str:
    """A relation with the amounts of one measure of the group at ``alias``: ``amount`` as text, and its unit columns.

    One row for each currency or unit, in their order; a group without values has none.
    """
    units = ", ".join(f'part."{unit}"' for unit in measure.units)
    value = written(measure, _put_together(measure))
    filled = f'part."{_bases(measure)[0]}" IS NOT NULL'
    return f"(SELECT {value} AS amount, {units} FROM {_parts(grouping, alias)} WHERE {filled} GROUP BY {units} ORDER BY {units})"


def distinct(grouping: Grouping, measure: Measure, alias: str) -> str:
    """How many different values a column has in the group at ``alias``."""
    seen = f'unnest(part."{_bases(measure)[0]}") AS seen (value)'
    return f"(SELECT count(DISTINCT seen.value) FROM {_parts(grouping, alias)}, {seen})"


def written(measure: Measure, value: str) -> str:
    """A value as it is told: decimals as text, money and averages with all their decimals, others without needless zeros."""
    if measure.kind in (FieldKind.DATE, FieldKind.INSTANT):
        return value
    if measure.function is Function.AVG or measure.kind is FieldKind.MONEY:
        return f"({value})::text"
    if measure.kind is FieldKind.INTEGER:
        return f"({value})::text" if measure.function is Function.SUM else value
    return f"trim_scale({value})::text"


def _groups(writer: Writer, grouping: Grouping, tie: Tie) -> str:
    """Every group, put together from its parts; what is counted only has but one part."""
    if not grouping.measures and not grouping.totals:
        return _read(writer, grouping, tie)
    keys = [f"part.{key_name(at)}" for at, _ in enumerate(grouping.keys)]
    columns = [*keys, "coalesce(sum(part.count), 0)::bigint AS count"]
    columns += [f'{written(one, _put_together(one))} AS "{one.name}"' for one in grouping.measures if not one.is_apart]
    columns += [f"{_total(writer, one)} AS {total_name(at)}" for at, one in enumerate(grouping.totals)]
    if carried := _carried(grouping):
        columns.append("array_agg(ROW(" + ", ".join(f'part."{name}"' for name in carried) + ")) AS parts")
    grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
    return f"SELECT {', '.join(columns)} FROM ({_read(writer, grouping, tie)}) AS part{grouped}"


def _read(writer: Writer, grouping: Grouping, tie: Tie) -> str:
    """The rows, read once: grouped by the keys and by the units of everything asked."""
    alias = writer.alias()
    relations: list[str] = [writer.relation(grouping.shape, alias, grouping.where, tied(alias, tie(alias)))]
    at: dict[tuple[str, ...], str] = {(): alias}
    columns = [f"{_key(writer, grouping.shape, one, relations, at)} AS {key_name(n)}" for n, one in enumerate(grouping.keys)]
    columns += [f'{alias}."{unit}"' for unit in _units(grouping)]
    grouped = f" GROUP BY {', '.join(str(number) for number in range(1, len(columns) + 1))}" if columns else ""
    columns.append("count(*) AS count")
    columns += [_base(alias, base, column) for base, column in _read_bases(grouping)]
    conditions = [*tie(alias), condition(writer, grouping.shape, alias, grouping.where)]
    return f"SELECT {', '.join(columns)} FROM {' LEFT JOIN '.join(relations)} WHERE {' AND '.join(conditions)}{grouped}"


def _base(alias: str, base: str, column: str) -> str:
    cell = f'{alias}."{column}"'
    return f'{_BASES[base].format(cell)} AS "{base}.{column}"'


def _key(writer: Writer, shape: Shape, key: Key, relations: list[str], at: dict[tuple[str, ...], str]) -> str:
    """The value a row is grouped by; records on its path are joined to ``relations``, each once."""
    for length, step in enumerate(key.path):
        way = tuple(each.column for each in key.path[: length + 1])
        if way not in at:
            alias = at[way] = writer.alias()
            seen = "" if step.where == EVERYTHING else f" AND {condition(writer, step.shape, alias, step.where)}"
            other = f"{at[way[:-1]]}.{step.column}"
            relations.append(f"{writer.relation(step.shape, alias, tie=('id', other))} ON {alias}.id = {other}{seen}")
    cell = f'{at[tuple(each.column for each in key.path)]}."{key.column}"'
    if key.truncation is None:
        return cell
    if key.type_in(shape) == "date":
        return f"date_trunc('{key.truncation}', {cell}::timestamp)::date"
    return f"date_trunc('{key.truncation}', {cell}, 'UTC')"


def _total(writer: Writer, total: Total) -> str:
    found = f'sum(part."sum.{total.column}")'
    said = [f'part."{unit}" = {writer.bind(value, "text")}' for unit, value in total.units]
    return f"{found} FILTER (WHERE {' AND '.join(said)})" if said else found


_BASES = {
    "sum": "sum({})",
    "n": "count({})",
    "min": "min({})",
    "max": "max({})",
    "seen": "array_agg(DISTINCT {0}) FILTER (WHERE {0} IS NOT NULL)",
}
"""What is told of a column in each part; in a statement ``sum.total_value`` and so on."""
_NEEDS = {
    Function.SUM: ("sum",),
    Function.AVG: ("sum", "n"),
    Function.MIN: ("min",),
    Function.MAX: ("max",),
    Function.DISTINCT: ("seen",),
}


def _bases(measure: Measure) -> list[str]:
    return [f"{base}.{measure.column}" for base in _NEEDS[measure.function]]


def _put_together(measure: Measure) -> str:
    """The measure over several parts. An average is exact to six decimals, halves away from zero, whatever its size."""
    if measure.function is Function.AVG:
        total, count = (f'sum(part."{base}")' for base in _bases(measure))
        return f"sign({total}) * div(abs({total}) * 2000000 + {count}, nullif(2 * {count}, 0)) * 0.000001"
    return f'{measure.function}(part."{_bases(measure)[0]}")'


def _units(grouping: Grouping) -> list[str]:
    """The unit columns of everything asked, each once."""
    totals = [unit for one in grouping.totals for unit, _ in one.units]
    return list(dict.fromkeys([*(unit for one in grouping.measures for unit in one.units), *totals]))


def _read_bases(grouping: Grouping) -> list[tuple[str, str]]:
    """What is told of which column in each part, each once."""
    measured = [(base, one.column) for one in grouping.measures for base in _NEEDS[one.function]]
    return list(dict.fromkeys([*measured, *(("sum", one.column) for one in grouping.totals)]))


def _carried(grouping: Grouping) -> dict[str, str]:
    """What of each part stands beside its group, with SQL types."""
    apart = [one for one in grouping.measures if one.is_apart]
    found = {unit: "text" for one in apart for unit in one.units}
    for one in apart:
        own = grouping.shape.type_of(one.column)
        types = {"sum": "numeric", "n": "bigint", "min": own, "max": own, "seen": f"{own}[]"}
        found |= {f"{base}.{one.column}": types[base] for base in _NEEDS[one.function]}
    return found


def _parts(grouping: Grouping, alias: str) -> str:
    """The parts of the group at ``alias``, as a relation ``part``."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in _carried(grouping).items())
    return f"unnest({alias}.parts) AS part ({columns})"
