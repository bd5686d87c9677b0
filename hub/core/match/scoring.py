"""Score a pair: which level each comparison reached, what it is worth, and what speaks against a merge without a person."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from operator import mul
from typing import NamedTuple

from hub.core.match.compiled import NULL as NULL
from hub.core.match.compiled import Leveller, leveller
from hub.core.match.forms import SOURCE, Form
from hub.core.match.model import NOTHING, Bits, Model, against_all, probability
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

Comparer = tuple[Comparison, Leveller, tuple[Bits, ...], tuple[Adjust | None, ...]]
"""Comparison, its level of a pair, and per level its bits and what the value adds to those against strangers."""

PRIOR = "prior"


def comparers(model: Model) -> tuple[Comparer, ...]:
    made: list[Comparer] = []
    for comparison in model.spec.comparisons:
        adjusts: list[Adjust | None] = []
        for level in comparison.levels:
            found = model.adjustments.get(level.by_frequency) if level.by_frequency else None
            adjusts.append((level.by_frequency, found.bits, found.unseen) if found else None)
        told = tuple(one.bits for one in model.weights[comparison.name])
        made.append((comparison, leveller(comparison, model.frequencies), told, tuple(adjusts)))
    return tuple(made)


def levels(model: Model, a: Form, b: Form) -> tuple[int, ...]:
    """The level of each comparison, :data:`NULL` where a side says nothing."""
    return tuple([one[1](a, b) for one in model.comparers])


def bits(model: Model, a: Form, b: Form) -> float:
    """The score alone, priors included; what batch computes in SQL."""
    strangers, relatives, namesakes = model.priors
    for _, level_of, told, adjusts in model.comparers:
        at = level_of(a, b)
        if at >= 0:
            u, s, n = told[at]
            adjust = adjusts[at]
            if adjust is not None:
                u += adjust[1].get(str(a.get(adjust[0])), adjust[2])
            strangers += u
            relatives += s
            namesakes += n
    u, s, n = of_sources(model, a, b)
    return against_all(strangers + u, relatives + s, namesakes + n)


def of_sources(model: Model, a: Form, b: Form) -> Bits:
    """What it says that both records are of one system, or of two."""
    x, y = a.get(SOURCE), b.get(SOURCE)
    if x is None or y is None:
        return NOTHING
    return model.source_bits[0] if x == y else model.source_bits[1]


def score(model: Model, a: Form, b: Form, *, guarded: bool = True) -> Scored:
    """The score of a pair with its evidence and its guards, unless they are known (``guarded``). The parts, the prior's among them, add up
    to the score.

    A part's bits are its three weights, mixed as the alternatives are left over: once the pair can be no strangers, what counts is
    what tells it from relatives.
    """
    from hub.core.match.guards import guards

    found: list[tuple[str, str, Bits, str, str]] = []
    for comparison, level_of, told, adjusts in model.comparers:
        at = level_of(a, b)
        if at < 0:
            continue
        u, s, n = told[at]
        adjust = adjusts[at]
        if adjust is not None:
            u += adjust[1].get(str(a.get(adjust[0])), adjust[2])
        found.append((comparison.name, comparison.levels[at].name, (u, s, n), _shown(comparison, a), _shown(comparison, b)))
    source = of_sources(model, a, b)
    if source != NOTHING:
        found.append((SOURCE, "same system" if a[SOURCE] == b[SOURCE] else "two systems", source, str(a[SOURCE]), str(b[SOURCE])))
    sums = [sum([one[2][at] for one in found], model.priors[at]) for at in range(3)]
    weight = against_all(*sums)
    shares = [2.0 ** max(weight - one, -900.0) for one in sums]
    parts = [Part(name, level, sum(map(mul, shares, three)), said, other) for name, level, three, said, other in found]
    parts.append(Part(PRIOR, "before any evidence", weight - sum([part.weight for part in parts]), "", ""))
    return Scored(weight, probability(weight), tuple(parts), guards(model, a, b) if guarded else ())


def _shown(comparison: Comparison, form: Form) -> str:
    """What a side says, for people: the parts the comparison needs, in its normal form."""
    return " ".join([str(form[name]) for name in _columns(comparison.kind, comparison.feature, comparison.name) if name in form])


SHOWN: Mapping[str, tuple[str, ...]] = {
    "organisation": ("core", "legal"), "text": ("core",), "person": ("given", "family"),
    "address": ("house", "street", "postcode", "city", "country"), "phone": ("number",), "email": ("address",),
    "website": ("host",), "tax_id": ("number",), "identifier": ("number",), "date": ("day",), "number": ("value",), "reference": ("id",),
}  # fmt: skip


@cache
def _columns(kind: str, feature: str, name: str) -> tuple[str, ...]:
    if kind == "person":
        return (f"{feature}_{name.removeprefix(feature + '_')}",)
    return tuple(f"{feature}_{part}" for part in SHOWN.get(kind, ()))


def is_comparable(spec: Spec, form: Form) -> bool:
    """Whether a form states anything that is compared."""
    return any(column in form for column in spec.columns)
