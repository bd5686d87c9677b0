"""What stands behind FROM when a statement reads as of an instant: each record as its version of then. Pure.

A record that has not changed since is read from the golden view itself, any other from its newest version up to the
instant; records merged away since are read from their versions too. So that indexes go on serving, whoever asks may say
which records can only be meant (:class:`Near`): those whose column has a value now, or had it at some time after the
instant (``former_value``). What is read is compared again on the row of then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hub.api.plan import All, Compare, Condition, Op, Quantifier, Related, Shape


@dataclass(frozen=True, slots=True)
class AsOf:
    """The instant a statement reads at, as a value or a slot. ``knows_former``: former values are complete for the tenant."""

    at: Any
    knows_former: bool = True


@dataclass(frozen=True, slots=True)
class Near:
    """Which records can be meant: a condition on a golden row (given its alias) and on a row of ``api.former_value``."""

    column: str
    now: Callable[[str], str]
    former: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Past:
    """A relation to write: its shape, the parameter with the instant, its way in, and which way it runs by id, if it does."""

    shape: Shape
    at: str
    near: Near | None = None
    id: str = ""
    """An expression the record's id equals."""
    direction: str = ""


def relation(past: Past, alias: Callable[[], str]) -> str:
    """The relation, without its name; it may refer to what stands before it in FROM."""
    return f"LATERAL ({_changed_or_not(past, alias)} UNION ALL {_gone(past, alias)})"


def _changed_or_not(past: Past, alias: Callable[[], str]) -> str:
    """Records that are still there."""
    shape, at, g, v = past.shape, past.at, alias(), alias()
    columns = [f'{g}."id"']
    columns += [f'CASE WHEN {g}.updated_at <= {at} THEN {g}."{name}" ELSE {v}."{name}" END AS "{name}"' for name in shape.columns if name != "id"]
    return (
        f"(SELECT {', '.join(columns)} FROM {_way_in(past, g, alias)}"
        f"LEFT JOIN LATERAL ({_version(past, alias(), f'{g}.id', f'{g}.updated_at > {at} AND ')}) AS {v} ON true "
        f"WHERE ({g}.updated_at <= {at} OR {v}.version IS NOT NULL){_tied(past, f'{g}.id')}{_ordered(past, f'{g}.id')})"
    )


def _way_in(past: Past, g: str, alias: Callable[[], str]) -> str:
    golden = f"api.{past.shape.view} AS {g}"
    if past.near is None:
        return f"{golden} "
    k, n = alias(), alias()
    now = f"SELECT {n}.id FROM api.{past.shape.view} AS {n} WHERE {past.near.now(n)}"
    return f"({now} UNION {_former(past, past.near, alias)}) AS {k} JOIN {golden} ON {g}.id = {k}.id "


def _gone(past: Past, alias: Callable[[], str]) -> str:
    """Records that were merged into another one since."""
    shape, at, f, v, g = past.shape, past.at, alias(), alias(), alias()
    columns = [f'{f}.loser_id AS "id"', *(f'{v}."{name}"' for name in shape.columns if name != "id")]
    k, way_in = alias(), ""
    if past.near is not None:
        way_in = f"({_former(past, past.near, alias)}) AS {k} JOIN "
    on = f" ON {f}.loser_id = {k}.id" if way_in else ""
    return (
        f"(SELECT {', '.join(columns)} FROM {way_in}api.forward AS {f}{on} "
        f"CROSS JOIN LATERAL ({_version(past, alias(), f'{f}.loser_id')}) AS {v} "
        f"WHERE {f}.entity = '{shape.view}' AND (SELECT d.made_at FROM api.decision AS d WHERE d.id = {f}.decision_id) > {at} "
        f"AND NOT EXISTS (SELECT FROM api.{shape.view} AS {g} WHERE {g}.id = {f}.loser_id)"
        f"{_tied(past, f'{f}.loser_id')}{_ordered(past, f'{f}.loser_id')})"
    )


def _version(past: Past, x: str, golden_id: str, only: str = "") -> str:
    """The newest version of a record up to the instant."""
    return (
        f"SELECT {x}.* FROM api.{past.shape.versions} AS {x} WHERE {only}{x}.id = {golden_id} AND {x}.recorded_at <= {past.at} "
        f"ORDER BY {x}.recorded_at DESC LIMIT 1"
    )


def _former(past: Past, near: Near, alias: Callable[[], str]) -> str:
    f = alias()
    return (
        f"SELECT {f}.golden_id AS id FROM api.former_value AS {f} WHERE {f}.entity = '{past.shape.view}' "
        f"AND {f}.field = '{near.column}' AND {f}.until > {past.at} AND {near.former(f)}"
    )


def _tied(past: Past, golden_id: str) -> str:
    return f" AND {golden_id} = {past.id}" if past.id else ""


def _ordered(past: Past, golden_id: str) -> str:
    """Both halves in the order of the page, so that Postgres merges them and stops where the page ends."""
    return f" ORDER BY {golden_id} {past.direction}" if past.direction and past.near is None and not past.id else ""


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
