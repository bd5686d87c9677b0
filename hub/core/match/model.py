"""A match model: the weights of every level, what words and values are worth, and where the zones begin. Immutable, versioned.

Two records may be of one thing, of strangers, of relatives (sister companies, colleagues, phases of one project) or of namesakes.
Each level has a weight in bits against each of the three: how many times likelier it is among records of one thing. Each sum with
its prior is the log-odds against that alternative; the score is the log-odds against all of them, ``-log2(Σ 2^-sum)``: about the
smallest sum. So sharing address and switchboard, as relatives do, never outweighs a name that differs, nor a name alone the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from hub.core.match.forms import NORMAL_VERSION
from hub.core.match.ops import Rarity
from hub.core.match.spec import Comparison, Spec
from schema.comparing import MatchKind

ALTERNATIVES = ("strangers", "relatives", "namesakes")
"""What two records are that are not of one thing. Three numbers together always stand in this order."""

Bits = tuple[float, float, float]
"""Bits against each of the alternatives."""

DEFAULT_PRIORS: Bits = (-14.0, 0.0, 0.0)
"""Of all pairs of some ten thousand records those of one thing are one in 2^14; there are about as many relatives and namesakes."""
NOTHING: Bits = (0.0, 0.0, 0.0)
NOBODY = 200.0
"""Bits against an alternative that is left out: where only a name is compared, relatives and namesakes cannot be told apart."""


@dataclass(frozen=True, slots=True)
class LevelWeight:
    """What one level says: how often each class of pair shows it."""

    m: float
    """Of pairs of one thing, the share that shows it."""
    others: Bits
    """Of strangers, relatives and namesakes."""

    @property
    def bits(self) -> Bits:
        m, (u, s, n) = self.m, self.others
        return math.log2(m / u), math.log2(m / s), math.log2(m / n)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Bits against strangers to add where a value is rarer (more) or more common (fewer) than its level's average."""

    bits: Mapping[str, float]
    unseen: float = 0.0

    def of(self, value: Any) -> float:
        return self.bits.get(str(value), self.unseen)


@dataclass(frozen=True)
class Model:
    """Everything :func:`hub.core.match.score` needs."""

    spec: Spec
    version: int = 0
    priors: Bits = DEFAULT_PRIORS
    weights: Mapping[str, tuple[LevelWeight, ...]] = field(default_factory=dict)
    """Comparison → its levels."""
    frequencies: Mapping[str, Rarity] = field(default_factory=dict)
    """Column of words → what each word is worth."""
    adjustments: Mapping[str, Adjustment] = field(default_factory=dict)
    """Column → what agreeing on each of its values is worth beyond the level."""
    source_bits: tuple[Bits, Bits] = (NOTHING, NOTHING)
    """For two records of one source system, and of two systems."""
    threshold_auto: float = 12.0
    threshold_review: float = -2.0
    threshold_best: float = 0.0
    """Where the best guess begins, when every pair must be decided."""
    normal_version: int = NORMAL_VERSION

    @property
    def entity(self) -> str:
        return self.spec.entity

    def __getstate__(self) -> dict[str, Any]:
        """What another process is told: functions are made there."""
        return {name: value for name, value in self.__dict__.items() if name != "comparers"}

    @cached_property
    def comparers(self) -> tuple[Any, ...]:
        """The comparisons as functions; made on first use (see ``scoring``)."""
        from hub.core.match.scoring import comparers

        return comparers(self)

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which :meth:`from_json` makes the same model."""
        return {
            "entity": self.entity,
            "version": self.version,
            "normal_version": self.normal_version,
            "priors": list(self.priors),
            "comparisons": {
                name: [
                    {"level": level.name, "m": one.m, "others": list(one.others), "bits": list(one.bits)}
                    for level, one in zip(_comparison(self.spec, name).levels, levels, strict=True)
                ]
                for name, levels in self.weights.items()
            },
            "source_bits": [list(one) for one in self.source_bits],
            "frequencies": {name: {"unseen": one.unseen, "idf": dict(one.idf)} for name, one in self.frequencies.items()},
            "adjustments": {name: {"unseen": one.unseen, "bits": dict(one.bits)} for name, one in self.adjustments.items()},
            "thresholds": {"auto": self.threshold_auto, "review": self.threshold_review, "best": self.threshold_best},
        }

    @classmethod
    def from_json(cls, spec: Spec, told: Mapping[str, Any]) -> Model:
        """The model a document describes. Levels go by name: of those the document does not know, the declared prior counts."""
        base = default_model(spec)
        weights = dict(base.weights)
        for comparison in spec.comparisons:
            known = {one["level"]: one for one in told["comparisons"].get(comparison.name, ())}
            weights[comparison.name] = tuple(
                LevelWeight(found["m"], _three(found["others"])) if (found := known.get(level.name)) else prior
                for level, prior in zip(comparison.levels, base.weights[comparison.name], strict=True)
            )
        same, other = told["source_bits"]
        return cls(
            spec=spec,
            version=told["version"],
            priors=_three(told["priors"]),
            weights=weights,
            frequencies={name: Rarity(one["idf"], one["unseen"]) for name, one in told["frequencies"].items()},
            adjustments={name: Adjustment(one["bits"], one["unseen"]) for name, one in told["adjustments"].items()},
            source_bits=(_three(same), _three(other)),
            threshold_auto=told["thresholds"]["auto"],
            threshold_review=told["thresholds"]["review"],
            threshold_best=told["thresholds"]["best"],
            normal_version=told["normal_version"],
        )

    def numbered(self, version: int) -> Model:
        return replace(self, version=version)


def _comparison(spec: Spec, name: str) -> Comparison:
    return next(one for one in spec.comparisons if one.name == name)


def default_model(spec: Spec) -> Model:
    """The model before any data: the levels' own m and u."""
    return Model(spec, weights={one.name: tuple(prior_weights(one)) for one in spec.comparisons})


def _three(told: Sequence[float]) -> Bits:
    first, second, third = told
    return first, second, third


def prior_weights(comparison: Comparison) -> list[LevelWeight]:
    """The declared m and u, each summing to one over the levels, and what follows for relatives and namesakes.

    Relatives share what is not a thing's own as records of one thing do; their names lie between (or are as declared, where
    numbers tell sister companies apart), and their registered numbers are as different as strangers'. Namesakes share the name, half of what is made from it (a mailbox), and nothing else.
    """
    m, u = _shares(level.m for level in comparison.levels), _shares(level.u for level in comparison.levels)
    between = _shares(math.sqrt(x * y) for x, y in zip(m, u, strict=True))
    s = between if comparison.tells else m
    if comparison.has_sisters and all(level.s for level in comparison.levels):
        s = _shares(level.s for level in comparison.levels)
    if comparison.kind in (MatchKind.TAX_ID, MatchKind.IDENTIFIER):
        s = u
    n = m if comparison.is_name else between if comparison.kind is MatchKind.EMAIL else u
    return [LevelWeight(one, (x, y, z)) for one, x, y, z in zip(m, u, s, n, strict=True)]


def _shares(told: Iterable[float]) -> list[float]:
    values = list(told)
    return [one / sum(values) for one in values]


def against_all(strangers: float, relatives: float, namesakes: float) -> float:
    """Log-odds against the alternatives together from the log-odds against each: ``-log2(Σ 2^-x)``.

    >>> against_all(11.0, 11.0, 10.0), round(against_all(20.0, 3.0, 50.0), 3)
    (9.0, 3.0)
    """
    low = min(strangers, relatives, namesakes)
    return low - math.log2(sum([2.0 ** max(low - one, -200.0) for one in (strangers, relatives, namesakes)]))


def probability(bits: float) -> float:
    """
    >>> probability(0.0), round(probability(-10.0), 4), probability(5000.0)
    (0.5, 0.001, 1.0)
    """
    if bits > 60:
        return 1.0
    if bits < -900:
        return 0.0
    return float(1.0 / (1.0 + 2.0**-bits))
