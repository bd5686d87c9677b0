"""The statements by which DuckDB scores candidate pairs: the same levels and weights that ``hub.core.match.score`` gives.

``forms`` holds the normal forms by row number ``id``; :func:`weigh` adds what a model says of words and values; :func:`levels`
and :func:`weights` are queries over ``pairs`` (a, b).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from hub.core.match.forms import SOURCE
from hub.core.match.model import ALTERNATIVES, Model
from hub.core.match.ops import EVEN
from hub.core.match.spec import Spec
from hub.match.dialects import BITS, DUCKDB, SOFT, TOTAL, WEIGHTS, Rendering, quoted
from schema.comparing import Op

TYPES: Mapping[str, pa.DataType] = {"text": pa.string(), "texts": pa.list_(pa.string()), "number": pa.float64()}


def columns_of(spec: Spec) -> dict[str, pa.DataType]:
    """The table of normal forms: ``id``, ``source`` and the form's columns."""
    return {"id": pa.int32(), SOURCE: pa.string()} | {name: TYPES[kind] for name, kind in spec.columns.items()}


def word_columns(spec: Spec) -> list[str]:
    """Columns of words whose rarity counts."""
    return sorted({test.part for one in spec.comparisons for level in one.levels for test in level.tests if test.op in (Op.OVERLAP, Op.CONTAINED)})


def weigh(connection: Any, model: Model, forms: str = "forms", weighed: str = "weighed") -> None:
    """Make ``weighed`` from ``forms``: what a model says of each word and each value stands beside it."""
    spec = model.spec
    selected, joins = ["f.*"], []
    for at, column in enumerate(word_columns(spec)):
        words, rarity = f"words_{at}", model.frequencies.get(column, EVEN)
        connection.register("rarity", pa.table({"word": list(rarity.idf), "weight": pa.array(rarity.idf.values(), pa.int64())}))
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {words} AS SELECT id, list(coalesce(weight, {rarity.unseen}) ORDER BY place) AS w, "
            f"list(CASE WHEN regexp_matches(u.word, '[0-9]') THEN '' ELSE u.word END ORDER BY place) AS s, "
            f"sum(coalesce(weight, {rarity.unseen}))::BIGINT AS t "
            f"FROM (SELECT id, unnest({quoted(column)}) AS word, generate_subscripts({quoted(column)}, 1) AS place FROM {forms}) u "
            "LEFT JOIN rarity USING (word) GROUP BY id"
        )
        connection.unregister("rarity")
        selected += [f"{words}.{short} AS {quoted(column + name)}" for short, name in (("w", WEIGHTS), ("s", SOFT), ("t", TOTAL))]
        joins.append(f"LEFT JOIN {words} ON {words}.id = f.id")
    for at, (column, adjustment) in enumerate(sorted(model.adjustments.items())):
        connection.register("told", pa.table({"value": list(adjustment.bits), "bits": pa.array(adjustment.bits.values(), pa.float64())}))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE bits_{at} AS SELECT * FROM told")
        connection.unregister("told")
        selected.append(f"coalesce(bits_{at}.bits, {adjustment.unseen!r}) AS {quoted(column + BITS)}")
        joins.append(f"LEFT JOIN bits_{at} ON bits_{at}.value = CAST(f.{quoted(column)} AS VARCHAR)")
    connection.execute(f"CREATE OR REPLACE TABLE {weighed} AS SELECT {', '.join(selected)} FROM {forms} f {' '.join(joins)}")


def levels(model: Model, pairs: str = "pairs", weighed: str = "weighed") -> str:
    """A query of (a, b, level_0 …, source_a, source_b, bits of values): the level of each comparison, -1 for null."""
    spec = model.spec
    render = Rendering(DUCKDB, _side("l"), _side("r"))
    measured = {name: told for one in spec.comparisons for name, told in render.measures(one).items()}
    names = {name: f"p.m{at}" for at, name in enumerate(measured)}
    joined = f"JOIN {weighed} l ON l.id = p.a JOIN {weighed} r ON r.id = p.b"
    first = f"SELECT p.a, p.b{''.join(f', {told} AS m{at}' for at, told in enumerate(measured.values()))} FROM {pairs} p {joined}"
    outer = Rendering(DUCKDB, _side("l"), _side("r"), names)
    told = ", ".join(f"{outer.level(one)} AS level_{at}" for at, one in enumerate(spec.comparisons))
    bits = "".join(f", l.{quoted(column + BITS)} AS bits_{at}" for at, column in enumerate(sorted(model.adjustments)))
    # Materialised, or every level that looks at a measure would measure again: 24 instead of 6 µs a pair.
    return (
        f"WITH p AS MATERIALIZED ({first}) "
        f"SELECT p.a, p.b, {told}, l.{SOURCE} AS source_a, r.{SOURCE} AS source_b{bits} FROM p {joined}"
    )


def weights(model: Model, pairs: str = "pairs", weighed: str = "weighed", *, with_levels: bool = False) -> str:
    """A query of (a, b, weight): each pair's score in bits, priors included (``against_all``); the levels too, if asked."""
    against = range(len(ALTERNATIVES))
    reached = "".join(f", level_{at}" for at in range(len(model.spec.comparisons))) if with_levels else ""
    sums = ", ".join(f"CAST({_sum(model, one)} AS DOUBLE) AS x{one}" for one in against)
    least = f"least({', '.join(f'x{one}' for one in against)})"
    odds = " + ".join(f"pow(2.0, greatest({least} - x{one}, -200.0))" for one in against)
    within = f"SELECT a, b, {sums}{reached} FROM ({levels(model, pairs, weighed)})"
    return f"SELECT a, b, {least} - log2({odds}) AS weight{reached} FROM ({within})"


def _sum(model: Model, against: int) -> str:
    """The log-odds against one of the alternatives; what a value's frequency adds counts against strangers, the first."""
    column = {name: f"bits_{at}" for at, name in enumerate(sorted(model.adjustments))} if against == 0 else {}
    terms = [repr(model.priors[against])]
    for at, comparison in enumerate(model.spec.comparisons):
        cases = []
        for number, (level, one) in enumerate(zip(comparison.levels, model.weights[comparison.name], strict=True)):
            adjusted = f" + {column[level.by_frequency]}" if level.by_frequency in column else ""
            cases.append(f"WHEN {number} THEN {one.bits[against]!r}{adjusted}")
        terms.append(f"CASE level_{at} {' '.join(cases)} ELSE 0 END")
    same, other = (one[against] for one in model.source_bits)
    terms.append(f"CASE WHEN source_a IS NULL OR source_b IS NULL THEN 0 WHEN source_a = source_b THEN {same!r} ELSE {other!r} END")
    return " + ".join(terms)


def _side(alias: str) -> Any:
    return lambda column: f"{alias}.{quoted(column)}"
