"""What stands behind FROM when a statement reads as of an instant: each record as its version of then. Pure.

Three ways lead there. A record named by its id is its newest version up to the instant, unless it was merged away by then.
Records that a condition with an index can only mean (:class:`Near`) are those that satisfy it now, and those of which
``former_value`` says that they did then: what has not changed since is read from its golden row, any other from its
version. Everything else goes through all golden rows and all that were merged away since. What is found is compared again
on the row of then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.api.plan import All, Compare, Condition, Op, Quantifier, Related, Shape


@dataclass(frozen=True, slots=True)
class AsOf:
    """The instant a statement reads at, as a value or a slot. ``knows_former``: former values are complete for the tenant."""

    at: Any
    knows_former: bool = True


@dataclass(frozen=True, slots=True)
class Near:
    """Which records can be meant: a condition on a golden row (given its alias) and on a value as ``former_value`` keeps it.

    ``before`` is a WITH clause that both may read.
    """

    column: str
    now: Callable[[str], str]
    former: Callable[[str], str]
    before: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """A relation to write: its shape, the parameter with the instant, its way in, and which way it runs by id, if it does."""

    shape: Shape
    at: str
    near: Near | None = None
    id: str = ""
    """An expression the record's id equals."""
    direction: str = ""


@dataclass(slots=True)
class Relations:
    """Writes relations, and remembers the columns it listed."""

    alias: Callable[[], str]
    lists: list[dict[str, str]] = field(default_factory=list)

    def write(self, past: Past) -> str:
        """A relation, without its name; it may refer to what stands before it in FROM."""
        if past.id:
            return f"LATERAL ({self._by_id(past)})"
        if past.near is not None:
            return f"LATERAL ({self._near(past, past.near)})"
        return f"LATERAL ({self._there(past)} UNION ALL {self._gone(past)})"

    def _by_id(self, past: Past) -> str:
        v, f = self.alias(), self.alias()
        return (
            f"SELECT {v}.* FROM ({self._version(past, past.id)}) AS {v} WHERE NOT EXISTS (SELECT FROM api.forward AS {f} "
            f"WHERE {f}.loser_id = {v}.id AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = {f}.decision_id) <= {past.at})"
        )

    def _near(self, past: Past, near: Near) -> str:
        """What has not changed since as it is; the rest, each record once, from versions.

        Versions are what costs, so none is read for a record that has come to a value of now only since, when it did not
        leave another such value since.
        """
        view, at, g, c, k, v = past.shape.view, past.at, *(self.alias() for _ in range(4))
        same = f"SELECT {self._columns(past.shape, lambda name: f'{g}.{name}')} FROM api.{view} AS {g} WHERE {near.now(g)} AND {g}.updated_at <= {at}"
        changed = f"SELECT {c}.id FROM api.{view} AS {c} WHERE {near.now(c)} AND {c}.updated_at > {at}"
        known = f"{changed} EXCEPT {self._left(past, near, 'became')}) UNION {self._left(past, near, 'value', ' AND {0}.since <= ' + at)}"
        return (
            f"{near.before}{same} UNION ALL SELECT {v}.* FROM (({known}) AS {k} "
            f"CROSS JOIN LATERAL ({self._version(past, f'{k}.id')}) AS {v}"
        )

    def _left(self, past: Past, near: Near, column: str, more: str = "") -> str:
        """Records whose field left a value after the instant: that of ``column``, or for that."""
        f = self.alias()
        return (
            f"SELECT {f}.golden_id FROM api.former_value AS {f} WHERE {f}.entity = '{past.shape.view}' AND {f}.field = '{near.column}' "
            f"AND {f}.until > {past.at}{more.format(f)} AND {near.former(f'{f}.{column}')}"
        )

    def _there(self, past: Past) -> str:
        """Records that are still there."""
        at, g, v = past.at, self.alias(), self.alias()

        def cell(name: str) -> str:
            return f'{g}.{name}' if name == '"id"' else f"CASE WHEN {g}.updated_at <= {at} THEN {g}.{name} ELSE {v}.{name} END AS {name}"

        return (
            f"(SELECT {self._columns(past.shape, cell)} FROM api.{past.shape.view} AS {g} "
            f"LEFT JOIN LATERAL ({self._version(past, f'{g}.id', f'{g}.updated_at > {at} AND ')}) AS {v} ON true "
            f"WHERE ({g}.updated_at <= {at} OR {v}.id IS NOT NULL){_ordered(past, f'{g}.id')})"
        )

    def _gone(self, past: Past) -> str:
        """Records that were merged into another one since."""
        f, v, g = self.alias(), self.alias(), self.alias()
        columns = self._columns(past.shape, lambda name: f'{f}.loser_id AS "id"' if name == '"id"' else f"{v}.{name}")
        return (
            f"(SELECT {columns} FROM api.forward AS {f} CROSS JOIN LATERAL ({self._version(past, f'{f}.loser_id')}) AS {v} "
            f"WHERE {f}.entity = '{past.shape.view}' AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = {f}.decision_id) > {past.at} "
            f"AND NOT EXISTS (SELECT FROM api.{past.shape.view} AS {g} WHERE {g}.id = {f}.loser_id){_ordered(past, f'{f}.loser_id')})"
        )

    def _version(self, past: Past, golden_id: str, only: str = "") -> str:
        """The newest version of a record up to the instant; none while it was merged into another one."""
        x, y = self.alias(), self.alias()
        return (
            f"SELECT {y}.* FROM (SELECT {self._columns(past.shape, lambda name: f'{x}.{name}')} FROM api.{past.shape.versions} AS {x} "
            f"WHERE {only}{x}.id = {golden_id} AND {x}.recorded_at <= {past.at} ORDER BY {x}.recorded_at DESC LIMIT 1) AS {y} "
            f"WHERE {y}.record_state <> 'merged'"
        )

    def _columns(self, shape: Shape, cell: Callable[[str], str]) -> str:
        """The columns of a record, in their order: each as ``cell`` writes it, given its quoted name."""
        cells = {name: cell(f'"{name}"') for name in shape.columns}
        self.lists.append(cells)
        return _listed(cells)

    def pruned(self, sql: str) -> str:
        """The statement without listed columns that nothing else in it names.

        PostgreSQL leaves them out by itself, but setting up 35 columns in every branch took longer than reading a record.
        """
        rest = sql
        for cells in self.lists:
            rest = rest.replace(_listed(cells), "")
        named = {"id", *_NAMED.findall(rest)}
        for cells in self.lists:
            sql = sql.replace(_listed(cells), _listed({name: cell for name, cell in cells.items() if name in named}))
        return sql


_NAMED = re.compile(r'\."?(\w+)')


def _listed(cells: Mapping[str, str]) -> str:
    return ", ".join(cells.values())


def _ordered(past: Past, golden_id: str) -> str:
    """Both halves in the order of the page, so that Postgres merges them and stops where the page ends."""
    return f" ORDER BY {golden_id} {past.direction}" if past.direction else ""


_RANKS = {Op.EQ: 0, Op.IEQ: 1, Op.IN: 1, Op.STARTS_WITH: 2, Op.LT: 3, Op.LTE: 3, Op.GT: 3, Op.GTE: 3}


def narrowest(shape: Shape, where: Condition) -> Compare | Related | None:
    """The term of a condition that leaves the fewest records, as far as its form tells; None where no index would serve.

    None also where records are named by their id: that is a way in already.
    """
    found = _ways(shape, where)
    if any(rank < 0 for rank, _ in found):
        return None
    return min(found, key=lambda one: one[0], default=(0, None))[1]


def _ways(shape: Shape, where: Condition) -> list[tuple[int, Compare | Related]]:
    match where:
        case All(of):
            return [way for one in of for way in _ways(shape, one)]
        case Compare(column, op) if column == "id" and op in (Op.EQ, Op.IN):
            return [(-1, where)]
        case Compare(column, op) if column in shape.former and op in _RANKS:
            ranges = _RANKS[op] == 3
            return [(_RANKS[op], where)] if not ranges or shape.type_of(column) == "date" else []
        case Related(ours, other, theirs, Quantifier.SOME, of) if theirs == "id" and ours in shape.former:
            return [(4, where)] if narrowest(other, of) is not None or any(rank < 0 for rank, _ in _ways(other, of)) else []
    return []
