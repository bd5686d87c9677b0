"""Every test of the vocabulary, once in Python; ``hub.match.sql`` says the same in SQL and a test compares the two.

A test fails where either side does not state the part, :attr:`Op.UNKNOWN` apart. Word weights are whole hundredths of a bit,
so that sums are exact in both dialects and no threshold depends on the order of adding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import JaroWinkler, Levenshtein

from schema.comparing import Op, Test

Form = Mapping[str, Any]
Memo = dict[tuple[str, str], Any]
Predicate = Callable[[Form, Form, Memo], bool]

ALIKE = 0.90
"""Jaro-Winkler similarity from which two words (four letters or more, no figures) are spellings of one."""
SHORTEST_PREFIX = 3
"""A word this long that begins the other is short for it."""


@dataclass(frozen=True, slots=True)
class Rarity:
    """What sharing a word says, in hundredths of a bit; ``unseen`` for words that training did not keep."""

    idf: Mapping[str, int]
    unseen: int = 1000

    def of(self, word: str) -> int:
        return self.idf.get(word, self.unseen)


EVEN = Rarity({}, 100)
"""Before training all words weigh the same."""


@lru_cache(maxsize=262144)
def words_alike(a: str, b: str) -> bool:
    """Whether two different words are one: short for it, or nearly the same letters; figures must be equal.

    >>> words_alike("consult", "consulting"), words_alike("novak", "nowak"), words_alike("phase1", "phase2")
    (True, False, False)
    """
    if any(map(str.isdigit, a)) or any(map(str.isdigit, b)):
        return False
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if len(short) >= SHORTEST_PREFIX and long.startswith(short):
        return True
    return len(short) >= 4 and JaroWinkler.similarity(a, b) >= ALIKE


def coverage(a: list[str], b: list[str], rarity: Rarity) -> tuple[int, int, int, int]:
    """Weight of a's words with a like one in b, of b's in a, and of all words of each."""
    idf, unseen = rarity.idf.get, rarity.unseen
    total_a = sum([idf(word, unseen) for word in a])
    total_b = sum([idf(word, unseen) for word in b])
    only_a = [word for word in a if word not in b]
    only_b = [word for word in b if word not in a]
    missed_a = sum([idf(x, unseen) for x in only_a if not any([words_alike(x, y) for y in only_b])]) if only_a else 0
    missed_b = sum([idf(y, unseen) for y in only_b if not any([words_alike(x, y) for x in only_a])]) if only_b else 0
    return total_a - missed_a, total_b - missed_b, total_a, total_b


def _same(test: Test, rarity: Rarity) -> Predicate:
    part, against = test.part, test.against
    if against:
        return lambda a, b, memo: (
            ((x := a.get(part)) is not None and x == b.get(against)) or ((y := b.get(part)) is not None and y == a.get(against))
        )
    return lambda a, b, memo: (x := a.get(part)) is not None and x == b.get(part)


def _differs(test: Test, rarity: Rarity) -> Predicate:
    part = test.part
    return lambda a, b, memo: (x := a.get(part)) is not None and (y := b.get(part)) is not None and x != y


def _unknown(test: Test, rarity: Rarity) -> Predicate:
    part = test.part
    return lambda a, b, memo: a.get(part) is None or b.get(part) is None


def _jaro_winkler(test: Test, rarity: Rarity) -> Predicate:
    part, at, key = test.part, test.at, ("jw", test.part)

    def holds(a: Form, b: Form, memo: Memo) -> bool:
        likeness = memo.get(key)
        if likeness is None:
            x, y = a.get(part), b.get(part)
            likeness = memo[key] = -1.0 if x is None or y is None else JaroWinkler.similarity(x, y)
        return bool(likeness >= at)

    return holds


def _levenshtein(test: Test, rarity: Rarity) -> Predicate:
    part, at = test.part, int(test.at)

    def holds(a: Form, b: Form, memo: Memo) -> bool:
        x, y = a.get(part), b.get(part)
        return x is not None and y is not None and Levenshtein.distance(x, y, score_cutoff=at) <= at

    return holds


def _shares(test: Test, rarity: Rarity) -> Predicate:
    part = test.part

    def holds(a: Form, b: Form, memo: Memo) -> bool:
        x, y = a.get(part), b.get(part)
        return x is not None and y is not None and any([one in y for one in x])

    return holds


def _covered(test: Test, a: Form, b: Form, memo: Memo, rarity: Rarity) -> tuple[int, int, int, int]:
    key = ("words", test.part)
    found: tuple[int, int, int, int] | None = memo.get(key)
    if found is None:
        x, y = a.get(test.part), b.get(test.part)
        found = memo[key] = coverage(x, y, rarity) if x and y else (-1, -1, 1, 1)
    return found


def _overlap(test: Test, rarity: Rarity) -> Predicate:
    per_mille = round(test.at * 1000)

    def holds(a: Form, b: Form, memo: Memo) -> bool:
        in_a, in_b, all_a, all_b = _covered(test, a, b, memo, rarity)
        return (in_a + in_b) * 1000 >= per_mille * (all_a + all_b)

    return holds


def _contained(test: Test, rarity: Rarity) -> Predicate:
    per_mille = round(test.at * 1000)

    def holds(a: Form, b: Form, memo: Memo) -> bool:
        in_a, in_b, all_a, all_b = _covered(test, a, b, memo, rarity)
        return in_a * 1000 >= per_mille * all_a or in_b * 1000 >= per_mille * all_b

    return holds


def _cut(test: Test, rarity: Rarity) -> Predicate:
    part, other, at = test.part, test.against or test.part, int(test.at)

    def holds(a: Form, b: Form, memo: Memo) -> bool:
        x, y = a.get(part), b.get(other)
        if x is not None and y is not None and len(x) >= at and y.startswith(x):
            return True
        x, y = b.get(part), a.get(other)
        return x is not None and y is not None and len(x) >= at and y.startswith(x)

    return holds


def _near(test: Test, rarity: Rarity) -> Predicate:
    part, at = test.part, test.at

    def holds(a: Form, b: Form, memo: Memo) -> bool:
        x, y = a.get(part), b.get(part)
        return x is not None and y is not None and abs(x - y) <= at

    return holds


def _ratio(test: Test, rarity: Rarity) -> Predicate:
    part, at = test.part, test.at

    def holds(a: Form, b: Form, memo: Memo) -> bool:
        x, y = a.get(part), b.get(part)
        if x is None or y is None or (x < 0) != (y < 0):
            return False
        return bool(min(abs(x), abs(y)) >= at * max(abs(x), abs(y)))

    return holds


_MAKERS: Mapping[Op, Callable[[Test, Rarity], Predicate]] = {
    Op.SAME: _same, Op.DIFFERS: _differs, Op.UNKNOWN: _unknown, Op.JARO_WINKLER: _jaro_winkler, Op.LEVENSHTEIN: _levenshtein,
    Op.SHARES: _shares, Op.OVERLAP: _overlap, Op.CONTAINED: _contained, Op.CUT: _cut, Op.NEAR: _near, Op.RATIO: _ratio,
}  # fmt: skip


def predicate(test: Test, rarity: Mapping[str, Rarity]) -> Predicate:
    """The test as a function of two forms and a memo that one pair's tests share; ``rarity`` per column of words."""
    return _MAKERS[test.op](test, rarity.get(test.part, EVEN))
