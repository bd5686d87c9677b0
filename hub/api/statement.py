"""From a plan to one SQL statement. Pure: identifiers come from shapes, values become parameters, nothing is run.

The forms are chosen so that an index can serve them also in a generic plan, where the parameter's value is not
known: prefix search is a range of ``~>=~`` and ``~<~`` (LIKE with a parameter cannot use an index), and case is
folded on both sides by Postgres itself, as the index does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.api import past
from hub.api.past import AsOf, Near, Past, Relations
from hub.api.plan import (
    EVERYTHING, All, AnyOf, Compare, Condition, Not, Op, OrderBy, Plan, Quantifier, Related, Shape, Step,
)  # fmt: skip
from hub.api.slots import Slot, filled, waits


@dataclass(frozen=True, slots=True)
class Bound:
    """A statement with the values of ``$1``, ``$2`` …"""

    sql: str
    values: tuple[Any, ...]


Tie = tuple[str, str]
"""(a column, what it equals: an expression): ties rows to the row they are read for."""


_TIED = re.compile(r"(\w+)\.(\w+) = (\w+\.\w+)")


def tied(alias: str, conditions: Iterable[str]) -> Tie | None:
    """The one among conditions in SQL that ties rows to the row they are read for.

    >>> tied("t2", ["t2.version > 3", "t2.client_id = t1.id"])
    ('client_id', 't1.id')
    """
    found = (match for one in conditions if (match := _TIED.fullmatch(one)) and match[1] == alias)
    return next(((match[2], match[3]) for match in found), None)


@dataclass(slots=True)
class Writer:
    """Collects parameters and hands out table aliases while a statement is written."""

    values: list[Any] = field(default_factory=list)
    aliases: int = 0
    as_of: AsOf | None = None
    """The instant the whole statement reads at; without one, it reads what is there now."""
    _at: str = ""
    _relations: Relations = field(init=False)

    def __post_init__(self) -> None:
        self._relations = Relations(self.alias)

    def bind(self, value: Any, type_name: str) -> str:
        """A parameter; a value that holds slots becomes one slot."""
        if not isinstance(value, Slot) and waits(value):
            waiting = value
            value = Slot(lambda given: filled(waiting, given))
        if self.as_of is not None and isinstance(value, Slot):  # a condition stands in several places then
            for place, known in enumerate(self.values):
                if known is value:
                    return f"${place + 1}::{type_name}"
        self.values.append(value)
        return f"${len(self.values)}::{type_name}"

    def alias(self) -> str:
        self.aliases += 1
        return f"t{self.aliases}"

    @property
    def at(self) -> str:
        """The instant as a parameter, the same wherever it is named."""
        assert self.as_of is not None
        self._at = self._at or self.bind(self.as_of.at, "timestamptz")
        return self._at

    def relation(
        self, shape: Shape, alias: str, where: Condition = EVERYTHING, tie: Tie | None = None, order: str = ""
    ) -> str:
        """What stands behind FROM for the rows of a shape.

        ``where`` and ``tie`` are conditions that stand behind WHERE as well, ``order`` what stands behind ORDER BY: as of an
        instant they show which records need be looked at.
        """
        if self.as_of is None or not shape.versions:
            return f"api.{shape.view} AS {alias}"
        by_id = order.split(",")[0].removeprefix(f'{alias}."id"') if order.startswith(f'{alias}."id" ') else ""
        tied = tie[1] if tie and tie[0] == "id" else ""
        near = _near(self, shape, where, tie) if self.as_of.knows_former and not tied else None
        return f"{self._relations.write(Past(shape, self.at, near, tied, by_id))} AS {alias}"

    def pruned(self, sql: str) -> str:
        """A whole statement as it is sent: relations list no columns that it does not name."""
        return self._relations.pruned(sql)

    def forwards(self) -> str:
        """What stands behind FROM for merges: (loser_id, survivor_id); as of an instant, those in force then."""
        if self.as_of is None:
            return "api.forward"
        return (
            f"(SELECT other_id AS loser_id, golden_id AS survivor_id FROM api.decision WHERE kind = 'merge' "
            f"AND made_at <= {self.at} AND (withdrawn_at IS NULL OR withdrawn_at > {self.at}))"
        )


def _near(writer: Writer, shape: Shape, where: Condition, tie: Tie | None) -> Near | None:
    """Which records can satisfy the conditions, as far as indexes tell."""
    if tie and tie[0] in shape.former:
        column, same = tie
        return Near(column, lambda g: f'{g}."{column}" = {same}', lambda value: f"{value} = lower(({same})::text)")
    match past.narrowest(shape, where):
        case Compare() as compare:
            return Near(compare.column, lambda g: _compare(writer, shape, g, compare), lambda value: _former(writer, shape, value, compare))
        case Related(ours, other, _, _, of):
            k, inner = writer.alias(), writer.alias()
            found = f"SELECT {inner}.id FROM {writer.relation(other, inner, of)} WHERE {condition(writer, other, inner, of)}"
            return Near(
                ours, lambda g: f"{g}.{ours} = ANY (ARRAY(SELECT {k}.id FROM {k}))",
                lambda value: f"{value} = ANY (ARRAY(SELECT {k}.id::text FROM {k}))", f"WITH {k} AS MATERIALIZED ({found}) ",
            )  # fmt: skip
    return None


def _former(writer: Writer, shape: Shape, value: str, compare: Compare) -> str:
    """A comparison with what a column was; former values are text, in lower case, and so are days and ids."""
    type_name = shape.type_of(compare.column)
    if compare.op is Op.IN:
        given = writer.bind(compare.value if isinstance(compare.value, Slot) else list(compare.value), f"{type_name}[]")
        return f"{value} = ANY (ARRAY(SELECT lower(v::text) FROM unnest((SELECT {given})) AS v))"
    given = f"lower(({writer.bind(compare.value, type_name)})::text)"
    match compare.op:
        case Op.STARTS_WITH:
            return f"{value} >= {given} AND {value} < ({given} || chr(1114111))"
        case Op.EQ | Op.IEQ:
            return f"{value} = {given}"
        case _:
            return f"{value} {_SIGNS[compare.op]} {given}"


def rows(plan: Plan, as_of: AsOf | None = None) -> Bound:
    """The rows of the plan's page, and one more as a sign that there are more."""
    writer = Writer(as_of=as_of)
    return Bound(writer.pruned(_page(writer, plan)), tuple(writer.values))


def rows_of_parents(plan: Plan, column: str, parents: Sequence[Any], as_of: AsOf | None = None) -> Bound:
    """The plan's page for each parent at once: rows whose ``column`` is one of ``parents``, with ``parent`` in front."""
    writer = Writer(as_of=as_of)
    given = writer.bind(list(parents), f"{plan.shape.type_of(column)}[]")
    inner = _page(writer, plan, (column, "parent.id"))
    sql = f"SELECT parent.id AS parent, page.* FROM unnest({given}) AS parent(id) CROSS JOIN LATERAL ({inner}) AS page"
    return Bound(writer.pruned(sql), tuple(writer.values))


def count(plan: Plan, as_of: AsOf | None = None) -> Bound:
    """How many rows the plan's filter leaves, over all pages."""
    writer = Writer(as_of=as_of)
    alias = writer.alias()
    where = condition(writer, plan.shape, alias, plan.where)
    sql = f"SELECT count(*) FROM {writer.relation(plan.shape, alias, plan.where)} WHERE {where}"
    return Bound(writer.pruned(sql), tuple(writer.values))


def count_of_parents(plan: Plan, column: str, parents: Sequence[Any], as_of: AsOf | None = None) -> Bound:
    """Counts per parent; a parent without rows is not listed."""
    writer = Writer(as_of=as_of)
    given = writer.bind(list(parents), f"{plan.shape.type_of(column)}[]")
    alias = writer.alias()
    where = condition(writer, plan.shape, alias, plan.where)
    sql = (
        f"SELECT {alias}.{column} AS parent, count(*) AS count "
        f"FROM {writer.relation(plan.shape, alias, Compare(column, Op.IN, tuple(parents)))} "
        f"WHERE {alias}.{column} = ANY ({given}) AND {where} GROUP BY 1"
    )
    return Bound(writer.pruned(sql), tuple(writer.values))


def _page(writer: Writer, plan: Plan, tie: Tie | None = None) -> str:
    alias = writer.alias()
    conditions = [f"{alias}.{tie[0]} = {tie[1]}"] if tie else []
    conditions += page_conditions(writer, plan, alias)
    order = ordering(writer, plan, alias)
    columns = [*(f"{alias}.{_quoted(name)}" for name in plan.columns), *order_columns(writer, plan, alias)]
    return (
        f"SELECT {', '.join(columns)} FROM {writer.relation(plan.shape, alias, plan.where, tie, order)} "
        f"WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT {plan.page.size + 1:d}"
    )


def page_conditions(writer: Writer, plan: Plan, alias: str) -> list[str]:
    """What the rows of the plan's page satisfy."""
    page, conditions = plan.page, [condition(writer, plan.shape, alias, plan.where)]
    if page.after is not None:
        conditions.append(_beyond(writer, plan, alias, page.after, forward=True))
    if page.before is not None:
        conditions.append(_beyond(writer, plan, alias, page.before, forward=False))
    return conditions


def ordering(writer: Writer, plan: Plan, alias: str) -> str:
    """The terms of ORDER BY; a backward page runs backward."""
    return ", ".join(_order(writer, plan, alias, one) for one in plan.order)


def order_columns(writer: Writer, plan: Plan, alias: str) -> list[str]:
    """What a row must carry beside its own columns so that a cursor can be made of it."""
    return [f"{order_value(writer, alias, one)} AS {_quoted(one.name)}" for one in plan.order if one.path]


def order_value(writer: Writer, alias: str, order: OrderBy) -> str:
    """What one term runs by. Written alike each time, so that Postgres computes it once for list and order."""
    if not order.path:
        return f"{alias}.{_quoted(order.column)}"
    first, *rest = order.path
    at = f"{alias}_{first.column}"
    tie = f"{alias}.{first.column}"
    relations, conditions = [writer.relation(first.shape, at, tie=("id", tie))], [f"{at}.id = {tie}"]
    conditions += _seen(writer, first, at)
    for step in rest:
        before, at = at, f"{at}_{step.column}"
        tie = f"{before}.{step.column}"
        relations.append(writer.relation(step.shape, at, tie=("id", tie)))
        conditions += [f"{at}.id = {tie}", *_seen(writer, step, at)]
    return f"(SELECT {at}.{_quoted(order.column)} FROM {', '.join(relations)} WHERE {' AND '.join(conditions)})"


def _seen(writer: Writer, step: Step, alias: str) -> list[str]:
    return [] if step.where == EVERYTHING else [condition(writer, step.shape, alias, step.where)]


def _quoted(column: str) -> str:
    """``values`` and the like are words of SQL."""
    return f'"{column}"'


def _order(writer: Writer, plan: Plan, alias: str, order: OrderBy) -> str:
    """One term; a key column is never empty, and without a word on NULLS its index serves both directions."""
    backward = plan.page.backward
    direction = "DESC" if order.descending != backward else "ASC"
    nulls = "FIRST" if backward else "LAST"
    is_default = nulls == ("FIRST" if direction == "DESC" else "LAST") or order.is_key(plan.shape)
    return f"{order_value(writer, alias, order)} {direction}" + ("" if is_default else f" NULLS {nulls}")


def _beyond(writer: Writer, plan: Plan, alias: str, place: tuple[Any, ...], forward: bool) -> str:
    """Rows that come after the place in the plan's order (or before it), column by column."""
    ways: list[str] = []
    equal: list[str] = []
    for order, value in zip(plan.order, place, strict=True):
        column, is_key = order_value(writer, alias, order), order.is_key(plan.shape)
        bound = None if value is None else writer.bind(value, order.type_in(plan.shape))
        may_be_empty = isinstance(value, Slot) and not is_key
        step = _step(column, bound, ">" if order.descending != forward else "<", forward, is_key)
        if may_be_empty:
            step = f"({bound} IS NOT NULL AND {step})" if forward else f"({step} OR ({bound} IS NULL AND {column} IS NOT NULL))"
        if step:
            ways.append(" AND ".join((*equal, step)))
        equal.append(f"{column} IS NULL" if bound is None else f"{column} {'IS NOT DISTINCT FROM' if may_be_empty else '='} {bound}")
    return "(" + (" OR ".join(f"({way})" for way in ways) or "false") + ")"


def _step(column: str, bound: str | None, operator: str, forward: bool, is_key: bool) -> str:
    """One column strictly further; empty is the last of all values."""
    if bound is None:
        return "" if forward else f"{column} IS NOT NULL"
    step = f"{column} {operator} {bound}"
    return f"({step} OR {column} IS NULL)" if forward and not is_key else step


def condition(writer: Writer, shape: Shape, alias: str, given: Condition) -> str:
    """A condition over the rows of ``alias``, in SQL."""
    match given:
        case All(of):
            return " AND ".join(condition(writer, shape, alias, one) for one in of) or "true"
        case AnyOf(of):
            return "(" + (" OR ".join(f"({condition(writer, shape, alias, one)})" for one in of) or "false") + ")"
        case Not(of):
            return f"(({condition(writer, shape, alias, of)}) IS NOT TRUE)"
        case Related():
            return _related(writer, alias, given)
        case Compare():
            return _compare(writer, shape, alias, given, seeks=writer.as_of is None or not shape.versions)


def _related(writer: Writer, alias: str, related: Related) -> str:
    other, ours = writer.alias(), f"{alias}.{related.ours}"
    inner = condition(writer, related.shape, other, related.of)
    if related.quantifier is Quantifier.EVERY:
        inner = f"({inner}) IS NOT TRUE"
    negation = "" if related.quantifier is Quantifier.SOME else "NOT "
    return (
        f"{negation}EXISTS (SELECT FROM {writer.relation(related.shape, other, tie=(related.theirs, ours))} "
        f"WHERE {other}.{related.theirs} = {ours} AND {inner})"
    )


_SIGNS = {Op.LT: "<", Op.LTE: "<=", Op.GT: ">", Op.GTE: ">="}


def _compare(writer: Writer, shape: Shape, alias: str, compare: Compare, *, seeks: bool = True) -> str:
    """One comparison; where it ``seeks`` rows it is written so that an index serves it, elsewhere as shortly as can be."""
    column = f"{alias}.{_quoted(compare.column)}"
    type_name = shape.type_of(compare.column)
    folds = seeks and compare.column in shape.searched
    if compare.op is Op.IS_NULL:
        return f"{column} IS {'' if compare.value else 'NOT '}NULL"
    if compare.op in (Op.IN, Op.NOT_IN):
        given = writer.bind(compare.value if isinstance(compare.value, Slot) else list(compare.value), f"{type_name}[]")
        if compare.op is Op.NOT_IN:
            return f"(({column} = ANY ({given})) IS NOT TRUE)"
        # As a bare parameter PostgreSQL plans anew for every list, guessing that others are longer: a third of such a page.
        given = f"(SELECT {given})::{type_name}[]"
        folded = f"lower({column}) = ANY (ARRAY(SELECT lower(v) FROM unnest({given}) AS v)) AND " if folds else ""
        return f"{folded}{column} = ANY ({given})"
    given = writer.bind(compare.value, type_name)
    match compare.op:
        case Op.EQ:
            return f"lower({column}) = lower({given}) AND {column} = {given}" if folds else f"{column} = {given}"
        case Op.NE:
            return f"{column} IS DISTINCT FROM {given}"
        case Op.IEQ:
            return f"lower({column}) = lower({given})"
        case Op.STARTS_WITH if not seeks:
            return f"starts_with(lower({column}), lower({given}))"
        case Op.STARTS_WITH:
            return (
                f"lower({column}) ~>=~ lower({given}) AND lower({column}) ~<~ (lower({given}) || chr(1114111)) "
                f"AND starts_with(lower({column}), lower({given}))"
            )
        case Op.CONTAINS:
            return f"{column} @> {given}"
        case _:
            return f"{column} {_SIGNS[compare.op]} {given}"
