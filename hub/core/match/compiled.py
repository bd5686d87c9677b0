"""Every test of the vocabulary, once in Python: a comparison becomes one function; ``hub.match.dialects`` says the same in SQL.

A test fails where either side does not state the part, :attr:`Op.UNKNOWN` apart. Each part is read once; a measure is taken at most once,
and only when a level asks. Written out as one function a pair takes about half the time of a closure for each test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rapidfuzz.distance import JaroWinkler, Levenshtein

from hub.core.match.ops import EVEN, Form, Rarity, coverage
from hub.core.match.spec import Comparison
from schema.comparing import Op, Test

NULL = -1
"""The level of a comparison that one side does not state."""

Leveller = Callable[[Form, Form], int]


def leveller(comparison: Comparison, rarity: Mapping[str, Rarity]) -> Leveller:
    """The function that tells the level of a pair; :data:`NULL` when a side states nothing of it."""
    written = _Writing(comparison)
    lines = ["def level_of(a, b):", *written.needs(), *written.parts(), *written.memos()]
    for at, level in enumerate(comparison.levels[:-1]):
        lines += [f"    if {' and '.join(f'({written.test(test)})' for test in sorted(level.tests, key=_cost))}:", f"        return {at}"]
    lines.append(f"    return {len(comparison.levels) - 1}")
    names: dict[str, Any] = {
        "jaro_winkler": JaroWinkler.similarity, "levenshtein": Levenshtein.distance, "coverage": coverage, "begins": begins, "covers": covers,
        "shares": shares, "comparable": comparable,
    }  # fmt: skip
    for part, number in written.number.items():
        names[f"rarity{number}"] = rarity.get(part, EVEN)
    exec(compile("\n".join(lines), f"<levels of {comparison.name}>", "exec"), names)  # noqa: S102  (of declared tests only)
    made: Leveller = names["level_of"]
    return made


class _Writing:
    """The source of one comparison's function: x3 and y3 are what a and b state of its fourth part."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.tests = [test for level in comparison.levels[:-1] for test in level.tests]
        told = dict.fromkeys([*comparison.needs, *(one for test in self.tests for one in (test.part, test.against) if one)])
        self.number = {part: at for at, part in enumerate(told)}

    def needs(self) -> list[str]:
        missing = [" and ".join(f"{one!r} not in {side}" for one in self.comparison.needs) for side in ("a", "b")]
        return [f"    if ({missing[0]}) or ({missing[1]}):", f"        return {NULL}"]

    def parts(self) -> list[str]:
        return ["    get_a, get_b = a.get, b.get", *(f"    x{at}, y{at} = get_a({part!r}), get_b({part!r})" for part, at in self.number.items())]

    def memos(self) -> list[str]:
        """Nothing is measured yet."""
        measured = {f"{name}{self.number[test.part]}" for test in self.tests if (name := _MEMOS.get(test.op))}
        return [f"    {' = '.join(sorted(measured))} = None"] if measured else []

    def test(self, test: Test) -> str:
        at = self.number[test.part]
        x, y, least = f"x{at}", f"y{at}", test.at
        stated = f"{x} is not None and {y} is not None"
        if test.op is Op.SAME:
            if not test.against:
                return f"{x} is not None and {x} == {y}"
            other = self.number[test.against]
            return f"({x} is not None and {x} == y{other}) or ({y} is not None and {y} == x{other})"
        if test.op is Op.DIFFERS:
            return f"{stated} and {x} != {y}"
        if test.op is Op.UNKNOWN:
            return f"{x} is None or {y} is None"
        if test.op is Op.JARO_WINKLER:
            taken = f"(alike{at} if alike{at} is not None else (alike{at} := jaro_winkler({x}, {y})))"
            return f"{stated} and {taken} >= {least!r}"
        if test.op is Op.LEVENSHTEIN:
            edits = int(least)
            return f"{stated} and -{edits} <= len({x}) - len({y}) <= {edits} and levenshtein({x}, {y}, score_cutoff={edits}) <= {edits}"
        if test.op is Op.SHARES:
            return f"{stated} and shares({x}, {y})"
        if test.op in (Op.OVERLAP, Op.CONTAINED):
            taken = f"(words{at} if words{at} is not None else (words{at} := coverage({x}, {y}, rarity{at})))"
            per_mille = round(least * 1000)
            if test.op is Op.CONTAINED:
                return f"{x} and {y} and covers({taken}, {per_mille})"
            return f"{x} and {y} and (({taken})[0] + words{at}[1]) * 1000 >= {per_mille} * (words{at}[2] + words{at}[3])"
        if test.op is Op.CUT:
            other = self.number[test.against or test.part]
            return f"begins({x}, y{other}, {int(least)}) or begins({y}, x{other}, {int(least)})"
        if test.op is Op.NEAR:
            return f"{stated} and abs({x} - {y}) <= {least!r}"
        return f"{stated} and comparable({x}, {y}, {least!r})"


def _cost(test: Test) -> int:
    """What is looked up is asked before what is measured; a level's tests hold in any order."""
    return 0 if test.op in (Op.SAME, Op.DIFFERS, Op.UNKNOWN) else 2 if test.op in (Op.OVERLAP, Op.CONTAINED) else 1


_MEMOS: Mapping[Op, str] = {Op.JARO_WINKLER: "alike", Op.OVERLAP: "words", Op.CONTAINED: "words"}


def begins(a: str | None, b: str | None, least: int) -> bool:
    """Whether a, of so many letters at least, is how b begins."""
    return a is not None and b is not None and len(a) >= least and b.startswith(a)


def covers(covered: tuple[int, int, int, int], per_mille: int) -> bool:
    """Whether nearly all words of one side stand in the other."""
    in_a, in_b, all_a, all_b = covered
    return in_a * 1000 >= per_mille * all_a or in_b * 1000 >= per_mille * all_b


def shares(a: list[str], b: list[str]) -> bool:
    return any([one in b for one in a])


def comparable(a: float, b: float, least: float) -> bool:
    """Whether the smaller is so large a share of the larger, both of one sign."""
    return (a < 0) == (b < 0) and min(abs(a), abs(b)) >= least * max(abs(a), abs(b))
