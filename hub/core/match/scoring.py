"""Score a pair: which level each comparison reached, what it is worth, and what speaks against a merge without a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hub.core.match.forms import SOURCE, Form
from hub.core.match.model import Model, against_both, probability
from hub.core.match.ops import Memo, Predicate, Rarity, predicate
from hub.core.match.spec import Comparison, Spec


class Part(NamedTuple):
    """One comparison's share of a score: (name, level, bits, what a says, what b says)."""

    comparison: str
    level: str
    weight: float
    a: str
    b: str


class Guard(NamedTuple):
    """A reason why a pair is never merged automatically, however high it scores."""

    kind: str
    """``distinguishing``, ``identifiers``, ``legal_form``, ``generation``, ``birth_date``, ``given_name`` or ``country``."""
    reason: str


class Scored(NamedTuple):
    """What came out for one pair. ``weight`` is in bits, prior included; 0 is even odds."""

    weight: float
    probability: float
    parts: tuple[Part, ...]
    guards: tuple[Guard, ...]


Adjust = tuple[str, Mapping[str, float], float]
"""Column, bits per value, bits of other values."""

Comparer = tuple[Comparison, Callable[[Form, Form], int], tuple[float, ...], tuple[float, ...], tuple[Adjust | None, ...]]
"""Comparison, its level of a pair, and per level: bits against strangers, against relatives, and what its value adds to the former."""

PRIOR = "prior"
NULL = -1
"""The level of a comparison that one side does not state."""


def leveller(comparison: Comparison, rarity: Mapping[str, Rarity]) -> Callable[[Form, Form], int]:
    """The function that tells the level of a pair; :data:`NULL` when a side states nothing of it."""
    needs = comparison.needs
    single = needs[0] if len(needs) == 1 else ""
    levels: list[tuple[Predicate, tuple[Predicate, ...]]] = []
    for level in comparison.levels[:-1]:
        first, *rest = (predicate(test, rarity) for test in level.tests)
        levels.append((first, tuple(rest)))
    last = len(levels)

    def level_of(a: Form, b: Form) -> int:
        if single:
            if single not in a or single not in b:
                return NULL
        elif not any([one in a for one in needs]) or not any([one in b for one in needs]):
            return NULL
        memo: Memo = {}
        at = 0
        for first, rest in levels:
            if first(a, b, memo):
                for other in rest:
                    if not other(a, b, memo):
                        break
                else:
                    return at
            at += 1
        return last

    return level_of


def comparers(model: Model) -> tuple[Comparer, ...]:
    made: list[Comparer] = []
    for comparison in model.spec.comparisons:
        told = model.weights[comparison.name]
        adjusts: list[Adjust | None] = []
        for level in comparison.levels:
            found = model.adjustments.get(level.by_frequency) if level.by_frequency else None
            adjusts.append((level.by_frequency, found.bits, found.unseen) if found else None)
        weights, apart = tuple(one.weight for one in told), tuple(one.apart for one in told)
        made.append((comparison, leveller(comparison, model.frequencies), weights, apart, tuple(adjusts)))
    return tuple(made)


def levels(model: Model, a: Form, b: Form) -> tuple[int, ...]:
    """The level of each comparison, :data:`NULL` where a side says nothing."""
    return tuple([one[1](a, b) for one in model.comparers])


def bits(model: Model, a: Form, b: Form) -> float:
    """The score alone, priors included; what batch computes in SQL."""
    strangers, relatives = model.prior, model.prior_related
    for _, level_of, weights, apart, adjusts in model.comparers:
        at = level_of(a, b)
        if at >= 0:
            strangers += weights[at]
            relatives += apart[at]
            adjust = adjusts[at]
            if adjust is not None:
                strangers += adjust[1].get(str(a.get(adjust[0])), adjust[2])
    more = source_bits(model, a, b)
    return against_both(strangers + more[0], relatives + more[1])


def source_bits(model: Model, a: Form, b: Form) -> tuple[float, float]:
    x, y = a.get(SOURCE), b.get(SOURCE)
    if x is None or y is None:
        return 0.0, 0.0
    return model.source_weights[0] if x == y else model.source_weights[1]


def score(model: Model, a: Form, b: Form) -> Scored:
    """The score of a pair with its evidence and its guards. The parts, the prior's among them, add up to the score.

    A part's bits are its two weights, mixed as the alternatives are left over: once the pair can be no strangers, what counts is
    what tells it from relatives.
    """
    from hub.core.match.guards import guards

    found: list[tuple[str, str, float, float, str, str]] = []
    for comparison, level_of, weights, apart, adjusts in model.comparers:
        at = level_of(a, b)
        if at < 0:
            continue
        adjust = adjusts[at]
        more = 0.0 if adjust is None else adjust[1].get(str(a.get(adjust[0])), adjust[2])
        level = comparison.levels[at].name
        found.append((comparison.name, level, weights[at] + more, apart[at], _shown(comparison, a), _shown(comparison, b)))
    of_source = source_bits(model, a, b)
    if of_source != (0.0, 0.0):
        found.append((SOURCE, "same system" if a[SOURCE] == b[SOURCE] else "two systems", *of_source, str(a[SOURCE]), str(b[SOURCE])))
    strangers = sum([one[2] for one in found], model.prior)
    relatives = sum([one[3] for one in found], model.prior_related)
    weight = against_both(strangers, relatives)
    share = probability(relatives - strangers)
    parts = [Part(name, level, share * x + (1 - share) * y, said, other) for name, level, x, y, said, other in found]
    parts.append(Part(PRIOR, "before any evidence", weight - sum([part.weight for part in parts]), "", ""))
    return Scored(weight, probability(weight), tuple(parts), guards(model, a, b))


def _shown(comparison: Comparison, form: Form) -> str:
    """What a side says, for people: the parts the comparison needs, in its normal form."""
    told: list[Any] = [form[name] for name in SHOWN.get(comparison.kind, ()) and _columns(comparison) if name in form]
    return " ".join(str(one) for one in told)


SHOWN: Mapping[str, tuple[str, ...]] = {
    "organisation": ("core", "legal"), "text": ("core",), "person": ("given", "family"),
    "address": ("house", "street", "postcode", "city", "country"), "phone": ("number",), "email": ("address",),
    "website": ("host",), "tax_id": ("number",), "identifier": ("number",), "date": ("day",), "number": ("value",), "reference": ("id",),
}  # fmt: skip


def _columns(comparison: Comparison) -> tuple[str, ...]:
    if comparison.kind == "person":
        return (f"{comparison.feature}_{comparison.name.removeprefix(comparison.feature + '_')}",)
    return tuple(f"{comparison.feature}_{part}" for part in SHOWN[comparison.kind])


def is_comparable(spec: Spec, form: Form) -> bool:
    """Whether a form states anything that is compared."""
    return any(column in form for column in spec.columns)
