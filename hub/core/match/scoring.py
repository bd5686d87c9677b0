"""Score a pair: which level each comparison reached, what it is worth, and what speaks against a merge without a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hub.core.match.forms import SOURCE, Form
from hub.core.match.model import Model, probability
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


Comparer = tuple[Comparison, Callable[[Form, Form], int], tuple[float, ...], tuple[tuple[str, Mapping[str, float], float] | None, ...]]
"""Comparison, its level of a pair, weights per level, and per level (column, bits per value, bits of unseen values)."""

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
        weights = tuple(one.weight for one in model.weights[comparison.name])
        adjusts: list[tuple[str, Mapping[str, float], float] | None] = []
        for level in comparison.levels:
            found = model.adjustments.get(level.by_frequency) if level.by_frequency else None
            adjusts.append((level.by_frequency, found.bits, found.unseen) if found else None)
        made.append((comparison, leveller(comparison, model.frequencies), weights, tuple(adjusts)))
    return tuple(made)


def levels(model: Model, a: Form, b: Form) -> tuple[int, ...]:
    """The level of each comparison, :data:`NULL` where a side says nothing."""
    return tuple([level_of(a, b) for _, level_of, _, _ in model.comparers])


def bits(model: Model, a: Form, b: Form) -> float:
    """The score alone, prior included; what batch computes in SQL."""
    total = model.prior
    for _, level_of, weights, adjusts in model.comparers:
        at = level_of(a, b)
        if at >= 0:
            total += weights[at]
            adjust = adjusts[at]
            if adjust is not None:
                column, known, unseen = adjust
                total += known.get(str(a.get(column)), unseen)
    return total + source_bits(model, a, b)


def source_bits(model: Model, a: Form, b: Form) -> float:
    x, y = a.get(SOURCE), b.get(SOURCE)
    if x is None or y is None:
        return 0.0
    return model.source_weights[0] if x == y else model.source_weights[1]


def score(model: Model, a: Form, b: Form) -> Scored:
    """The score of a pair with its evidence and its guards."""
    from hub.core.match.guards import guards

    total = model.prior
    parts: list[Part] = []
    for comparison, level_of, weights, adjusts in model.comparers:
        at = level_of(a, b)
        if at < 0:
            continue
        weight = weights[at]
        adjust = adjusts[at]
        if adjust is not None:
            column, known, unseen = adjust
            weight += known.get(str(a.get(column)), unseen)
        total += weight
        parts.append(Part(comparison.name, comparison.levels[at].name, weight, _shown(comparison, a), _shown(comparison, b)))
    of_source = source_bits(model, a, b)
    if of_source:
        same = a[SOURCE] == b[SOURCE]
        parts.append(Part(SOURCE, "same system" if same else "two systems", of_source, str(a[SOURCE]), str(b[SOURCE])))
    total += of_source
    return Scored(total, probability(total), tuple(parts), guards(model, a, b))


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
