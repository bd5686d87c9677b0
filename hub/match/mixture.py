"""The mixture behind a model: records of one thing, strangers, relatives and namesakes, told apart without labels.

Expectation maximisation over *all* pairs: candidates with the levels they reached, and the rest, which are strangers, through a
random sample that stands for them. So the weights are those of all pairs, whatever keys made the candidates. Each share starts
from, and is held by, the declared one, worth some pairs of evidence: what the data does not tell stays as declared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Levels = NDArray[np.int8]

CLASSES = ("same", "strangers", "relatives", "namesakes")
HELD = (100.0, 20.0, 100.0, 100.0)
"""Pairs of evidence that each class's declared shares count for."""
NOT_THERE = 1e-30
"""The rate of a class that is left out."""
ROUNDS = 40
"""More of them let the largest class swallow the smallest: on client records relatives fade into records of one thing."""
RELATIVES = 0.2
"""Pairs of relatives for each record that are believed to be there among few records, until they are seen."""


@dataclass(frozen=True)
class Seen:
    """What training looks at: levels reached (pairs × comparisons, -1 where a side says nothing)."""

    candidates: Levels
    others: Levels
    """A random sample of pairs that are no candidates."""
    all_pairs: float
    other_pairs: float
    """How many pairs the sample stands for."""
    candidate_pairs: float
    """How many the candidates stand for, when they are a sample too."""
    adjusted: Floats
    """Per candidate, bits by which its values are rarer than its levels."""


@dataclass
class Mixture:
    """Shares per class, comparison and level, and how frequent each class is among all pairs."""

    shares: list[list[Floats]]
    rates: Floats
    posterior: Floats
    """Candidates × classes."""
    bits: Floats
    """Per candidate, log-odds that it is of one thing."""


def fit(
    seen: Seen, declared: Sequence[Sequence[Floats]], things: float, *, labels: NDArray[np.int8] | None = None, is_plain: bool = False,
    rounds_believed: int = 0,
) -> Mixture:
    """``declared``: per class and comparison the shares to start from; ``things``: how many pairs of one thing to expect.

    ``labels`` per candidate: 1 surely of one thing, 0 surely not, -1 unknown. ``is_plain``: only strangers are told apart.
    ``rounds_believed``: for so many rounds there are :data:`RELATIVES` pairs of relatives a record more than are seen.
    """
    comparisons = range(len(declared[0]))
    valid = [np.flatnonzero(seen.candidates[:, at] >= 0) for at in comparisons]
    reached = [seen.candidates[valid[at], at] for at in comparisons]
    each = seen.candidate_pairs / max(len(seen.candidates), 1)
    rest = [_counts(seen.others[:, at], len(declared[0][at])) * (seen.other_pairs / max(len(seen.others), 1)) for at in comparisons]
    shares = [[one.copy() for one in told] for told in declared]
    related = NOT_THERE if is_plain else things / seen.all_pairs
    rates = np.array([things / seen.all_pairs, 1 - things / seen.all_pairs - 2 * related, related, related])
    posterior = np.zeros((len(seen.candidates), len(CLASSES)))
    logs = np.zeros_like(posterior)
    for number in range(ROUNDS):
        for kind in range(len(CLASSES)):
            log = np.full(len(seen.candidates), np.log2(rates[kind]))
            for at in comparisons:
                log[valid[at]] += np.log2(shares[kind][at])[reached[at]]
            logs[:, kind] = log
        logs[:, 1] -= seen.adjusted
        posterior = _normal(logs)
        if labels is not None:
            posterior = _told(posterior, labels)
        believed = RELATIVES * things if number < rounds_believed else 0.0
        rates = np.maximum(posterior.sum(axis=0) * each + np.array((0.0, 0.0, believed, 0.0)), 1.0) / seen.all_pairs
        if is_plain:
            rates[2:] = NOT_THERE
        rates[1] = 1 - rates[0] - rates[2] - rates[3]
        for kind, held in enumerate(HELD):
            for at in comparisons:
                count = np.bincount(reached[at], weights=posterior[valid[at], kind], minlength=len(shares[kind][at])) * each
                count += held * declared[kind][at] + (rest[at] if kind == 1 else 0.0)
                shares[kind][at] = count / count.sum()
    return Mixture(shares, rates, posterior, logs[:, 0] - np.logaddexp2.reduce(logs[:, 1:], axis=1))


def _counts(levels: Levels, size: int) -> Floats:
    return np.bincount(levels[levels >= 0], minlength=size).astype(np.float64)


def _normal(logs: Floats) -> Floats:
    powers = np.exp2(logs - logs.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _told(posterior: Floats, labels: NDArray[np.int8]) -> Floats:
    """The posterior where people have spoken: a yes is of one thing, a no one of the others as the model divides them."""
    told = posterior.copy()
    told[labels == 1] = (1.0, 0.0, 0.0, 0.0)
    no = labels == 0
    told[no, 0] = 0.0
    told[no] /= np.maximum(told[no].sum(axis=1, keepdims=True), 1e-300)
    return told
