"""Words: which are spellings of one, what they are worth, and how much of one name stands in another.

Word weights are whole hundredths of a bit, so that sums are exact in Python and in SQL and no threshold depends on the order of adding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import JaroWinkler

Form = Mapping[str, Any]

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


@lru_cache(maxsize=262144)
def letters(word: str) -> int:
    """Which letters a word has, a bit each; 0 where it has a figure, as those are never spelled alike.

    >>> letters("abba") == letters("ab"), letters("a1")
    (True, 0)
    """
    found = 0
    for letter in word:
        if letter.isdigit():
            return 0
        found |= 1 << (ord(letter) & 31)
    return found


def coverage(a: list[str], b: list[str], rarity: Rarity) -> tuple[int, int, int, int]:
    """Weight of a's words with a like one in b, of b's in a, and of all words of each."""
    idf, unseen = rarity.idf.get, rarity.unseen
    total_a = total_b = missed_a = missed_b = 0
    only_a: list[str] = []
    only_b: list[str] = []
    for word in a:
        total_a += idf(word, unseen)
        if word not in b:
            only_a.append(word)
    for word in b:
        total_b += idf(word, unseen)
        if word not in a:
            only_b.append(word)
    if not only_a or not only_b:
        missed_a, missed_b = sum([idf(x, unseen) for x in only_a]), sum([idf(y, unseen) for y in only_b])
        return total_a - missed_a, total_b - missed_b, total_a, total_b
    others = [(y, y[0], letters(y), len(y)) for y in only_b]
    paired: set[str] = set()
    for x in only_a:
        first, mine, size = x[0], letters(x), len(x)
        if mine:
            is_alike = False
            for y, other, theirs, length in others:
                # of other first letters, nearly the same letters are those of which either word misses three in ten at most (Jaro >= 0.9)
                if first != other and ((mine & ~theirs).bit_count() * 10 > size * 3 or (theirs & ~mine).bit_count() * 10 > length * 3):
                    continue
                if theirs and words_alike(x, y):
                    is_alike = True
                    paired.add(y)
            if is_alike:
                continue
        missed_a += idf(x, unseen)
    missed_b = sum([idf(y, unseen) for y in only_b if y not in paired])
    return total_a - missed_a, total_b - missed_b, total_a, total_b
