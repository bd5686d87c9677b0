"""The vocabulary of tests in SQL, each op once; ``hub.core.match.compiled`` says the same in Python and a test compares the two.

DuckDB is the dialect that batch and Splink use; Spark's differs in a few functions only, and is what Splink takes beyond one machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hub.core.match.ops import ALIKE, SHORTEST_PREFIX
from hub.core.match.spec import Comparison
from schema.comparing import Op, Test

Side = Callable[[str], str]
"""A column's name → how one side's column is written."""

WEIGHTS, SOFT, TOTAL, BITS = "#w", "#s", "#t", "#b"
"""Columns beside those of the form: weight of each word, words without figures (else empty), their sum, bits of the value."""


@dataclass(frozen=True)
class Dialect:
    """Functions that differ between engines; ``{}`` are their arguments."""

    name: str
    jaro_winkler: str
    starts_with: str
    shares: str
    contains: str
    length: str
    missed: str
    """Sum of the weights in ``{w}`` of words ``{x}`` (``{xs}`` without figures) that have no like one among ``{y}`` (``{ys}``)."""


_LIKE = (
    "least(length({p}), length({q})) >= " + str(SHORTEST_PREFIX) + " AND ({starts}({p}, {q}) OR {starts}({q}, {p}) "
    "OR (least(length({p}), length({q})) >= 4 AND {jw}({p}, {q}) >= " + str(ALIKE) + "))"
)

DUCKDB = Dialect(
    name="duckdb",
    jaro_winkler="jaro_winkler_similarity({}, {})",
    starts_with="starts_with({}, {})",
    shares="list_has_any({}, {})",
    contains="list_contains({}, {})",
    length="length({})",
    missed=(
        "coalesce(list_sum(list_transform({x}, lambda p0, i: CASE WHEN list_contains({y}, p0) OR len(list_filter({ys}, lambda q, j: "
        "NOT list_contains({x}, {y}[j]) AND " + _LIKE.format(p="{xs}[i]", q="q", starts="starts_with", jw="jaro_winkler_similarity")
        + ")) > 0 THEN 0 ELSE {w}[i] END)), 0)"
    ),
)  # fmt: skip

SPARK = Dialect(
    name="spark",
    jaro_winkler="jaro_winkler({}, {})",
    starts_with="startswith({}, {})",
    shares="arrays_overlap({}, {})",
    contains="array_contains({}, {})",
    length="length({})",
    missed=(
        "aggregate(transform({x}, (p0, i) -> CASE WHEN array_contains({y}, p0) OR exists(transform({ys}, (q, j) -> "
        "NOT array_contains({x}, {y}[j]) AND " + _LIKE.format(p="{xs}[i]", q="q", starts="startswith", jw="jaro_winkler")
        + "), found -> found) THEN 0 ELSE {w}[i] END), 0, (sum, one) -> sum + one)"
    ),
)  # fmt: skip

DIALECTS: Mapping[str, Dialect] = {one.name: one for one in (DUCKDB, SPARK)}


def quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


class Rendering:
    """Tests of a pair in one dialect. ``left`` and ``right`` write a side's column; ``measured`` those measured beforehand."""

    def __init__(self, dialect: Dialect, left: Side, right: Side, measured: Mapping[str, str] | None = None) -> None:
        self.dialect, self.left, self.right = dialect, left, right
        self.measured = measured or {}

    def level(self, comparison: Comparison) -> str:
        """The number of the first level that holds, -1 where a side states nothing."""
        cases = " ".join(f"WHEN {self.tests(level.tests)} THEN {at}" for at, level in enumerate(comparison.levels[:-1]))
        return f"CASE WHEN {self.unstated(comparison)} THEN -1 {cases} ELSE {len(comparison.levels) - 1} END"

    def unstated(self, comparison: Comparison) -> str:
        return " OR ".join("(" + " AND ".join(f"{side(one)} IS NULL" for one in comparison.needs) + ")" for side in (self.left, self.right))

    def tests(self, tests: tuple[Test, ...]) -> str:
        return " AND ".join(f"({self.test(one)})" for one in tests)

    def test(self, test: Test) -> str:
        return _OPS[test.op](self, test, self.left(test.part), self.right(test.part))

    def measures(self, comparison: Comparison) -> dict[str, str]:
        """What several tests of a comparison look at, by name: measured once a pair."""
        found: dict[str, str] = {}
        for test in (one for level in comparison.levels for one in level.tests):
            if test.op is Op.JARO_WINKLER:
                found[f"{test.part}#jw"] = self._jaro_winkler(test.part)
            elif test.op in (Op.OVERLAP, Op.CONTAINED):
                found[f"{test.part}#in_a"] = self._covered(test.part, self.left, self.right)
                found[f"{test.part}#in_b"] = self._covered(test.part, self.right, self.left)
        return found

    def _jaro_winkler(self, part: str) -> str:
        return self.dialect.jaro_winkler.format(self.left(part), self.right(part))

    def _covered(self, part: str, mine: Side, other: Side) -> str:
        """Weight of one side's words that have a like one on the other."""
        missed = self.dialect.missed.format(
            x=mine(part), xs=mine(part + SOFT), w=mine(part + WEIGHTS), y=other(part), ys=other(part + SOFT)
        )
        return f"{mine(part + TOTAL)} - {missed}"

    def measure(self, name: str, otherwise: Callable[[], str]) -> str:
        return self.measured.get(name) or otherwise()

    def coverage(self, part: str) -> tuple[str, str, str, str]:
        in_a = self.measure(f"{part}#in_a", lambda: f"({self._covered(part, self.left, self.right)})")
        in_b = self.measure(f"{part}#in_b", lambda: f"({self._covered(part, self.right, self.left)})")
        return in_a, in_b, self.left(part + TOTAL), self.right(part + TOTAL)


def _same(to: Rendering, test: Test, a: str, b: str) -> str:
    if not test.against:
        return f"{a} = {b}"
    return f"{a} = {to.right(test.against)} OR {b} = {to.left(test.against)}"


def _overlap(to: Rendering, test: Test, a: str, b: str) -> str:
    in_a, in_b, all_a, all_b = to.coverage(test.part)
    return f"({in_a} + {in_b}) * 1000 >= {round(test.at * 1000)} * ({all_a} + {all_b})"


def _contained(to: Rendering, test: Test, a: str, b: str) -> str:
    in_a, in_b, all_a, all_b = to.coverage(test.part)
    at = round(test.at * 1000)
    return f"{in_a} * 1000 >= {at} * {all_a} OR {in_b} * 1000 >= {at} * {all_b}"


def _cut(to: Rendering, test: Test, a: str, b: str) -> str:
    length, starts, at = to.dialect.length, to.dialect.starts_with, int(test.at)
    x, y = (to.left(test.against), to.right(test.against)) if test.against else (a, b)
    return f"({length.format(a)} >= {at} AND {starts.format(y, a)}) OR ({length.format(b)} >= {at} AND {starts.format(x, b)})"


_OPS: Mapping[Op, Callable[[Rendering, Test, str, str], str]] = {
    Op.SAME: _same,
    Op.DIFFERS: lambda to, test, a, b: f"{a} <> {b}",
    Op.UNKNOWN: lambda to, test, a, b: f"{a} IS NULL OR {b} IS NULL",
    Op.JARO_WINKLER: lambda to, test, a, b: f"{to.measure(f'{test.part}#jw', lambda: to._jaro_winkler(test.part))} >= {test.at}",
    Op.LEVENSHTEIN: lambda to, test, a, b: (
        f"abs({to.dialect.length.format(a)} - {to.dialect.length.format(b)}) <= {int(test.at)} AND levenshtein({a}, {b}) <= {int(test.at)}"
    ),
    Op.SHARES: lambda to, test, a, b: to.dialect.shares.format(a, b),
    Op.OVERLAP: _overlap,
    Op.CONTAINED: _contained,
    Op.CUT: _cut,
    Op.NEAR: lambda to, test, a, b: f"abs({a} - {b}) <= {test.at}",
    Op.RATIO: lambda to, test, a, b: f"({a} < 0) = ({b} < 0) AND least(abs({a}), abs({b})) >= {test.at} * greatest(abs({a}), abs({b}))",
}  # fmt: skip
