"""Learn from what stewards decide: adjust the weights to their answers, and choose what to ask next.

An answer moves the levels its pair reached, gently: each by as many bits as the answers demand against a belief that the
model is right to within :data:`TRUST` bits. So twenty answers cannot spoil what thousands of pairs taught.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hub.core.match import Form, LevelWeight, Model, bits, levels

Floats = NDArray[np.float64]

TRUST = 1.5
"""Bits by which a level's weight is believed to be off, before any answer."""
FEWEST_ANSWERS = 20
"""With fewer the model stays as it is."""
ROUNDS = 25

Answer = tuple[Form, Form, bool]
"""Two forms, and whether a person said they are of one thing."""


def refit(model: Model, answers: Sequence[Answer]) -> Model:
    """The model with its weights adjusted to the answers; the same model when there are fewer than :data:`FEWEST_ANSWERS`."""
    if len(answers) < FEWEST_ANSWERS:
        return model
    reached = np.array([levels(model, a, b) for a, b, _ in answers], np.int8)
    scores = np.array([bits(model, a, b) for a, b, _ in answers])
    wanted = np.array([answer for _, _, answer in answers], np.float64)
    columns, features = _features(reached)
    return moved(model, dict(zip(columns, corrections(features, scores, wanted).tolist(), strict=True)))


def _features(reached: NDArray[np.int8]) -> tuple[list[tuple[int, int]], Floats]:
    """(comparison, level) of each column, and which pair reached which."""
    columns = sorted({(at, int(level)) for at in range(reached.shape[1]) for level in np.unique(reached[:, at]) if level >= 0})
    features = np.zeros((len(reached), len(columns)))
    for column, (at, level) in enumerate(columns):
        features[:, column] = reached[:, at] == level
    return columns, features


def corrections(features: Floats, scores: Floats, wanted: Floats) -> Floats:
    """Bits to add per column, by Newton's method: logistic regression around the scores, each correction drawn to 0.

    >>> corrections(np.ones((40, 1)), np.zeros(40), np.r_[np.ones(30), np.zeros(10)]).round(1).tolist()
    [1.4]
    """
    found = np.zeros(features.shape[1])
    for _ in range(ROUNDS):
        likely = 1 / (1 + np.exp2(-np.clip(scores + features @ found, -60, 60)))
        slope = np.log(2) * (features.T @ (wanted - likely)) - found / TRUST**2
        bend = np.log(2) ** 2 * (features.T * (likely * (1 - likely))) @ features + np.eye(len(found)) / TRUST**2
        step = np.linalg.solve(bend, slope)
        while np.abs(step).max(initial=0.0) > 1e-6 and _loss(features, scores, wanted, found + step) > _loss(features, scores, wanted, found):
            step = step / 2  # a few answers against what the model is sure of would throw a full step far beyond
        found = found + step
        if np.abs(step).max(initial=0.0) < 1e-6:
            break
    return found


def _loss(features: Floats, scores: Floats, wanted: Floats, found: Floats) -> float:
    odds = scores + features @ found
    return float(np.log(2) * (np.logaddexp2(0, odds) - wanted * odds).sum() + (found**2).sum() / (2 * TRUST**2))


def moved(model: Model, more: Mapping[tuple[int, int], float]) -> Model:
    """The model with ``more`` bits, against every alternative, for some levels."""
    weights = dict(model.weights)
    for at, comparison in enumerate(model.spec.comparisons):
        told = []
        for level, one in enumerate(weights[comparison.name]):
            less = 2.0 ** -more.get((at, level), 0.0)
            u, s, n = one.others
            told.append(LevelWeight(one.m, (u * less, s * less, n * less)))
        weights[comparison.name] = tuple(told)
    return replace(model, weights=weights)


def most_useful(scores: Floats, reached: NDArray[np.int8], asked: NDArray[np.bool_], count: int = 1) -> list[int]:
    """The pairs whose answer teaches most: in doubt, of a kind that many pairs are, and not asked about already.

    ``reached``: pairs × comparisons; ``asked``: pairs already answered.
    """
    likely = 1 / (1 + np.exp2(-np.clip(scores, -60, 60)))
    doubt = np.minimum(likely, 1 - likely)
    _, kind, size = np.unique(reached, axis=0, return_inverse=True, return_counts=True)
    kind = kind.ravel()
    told = np.bincount(kind[asked], minlength=len(size)).astype(np.float64)
    open_ = ~asked
    chosen: list[int] = []
    for _ in range(min(count, int(open_.sum()))):
        worth = np.where(open_, doubt * np.sqrt(size[kind]) / (1 + told[kind]) ** 2, -1.0)
        best = int(np.argmax(worth))
        chosen.append(best)
        open_[best] = False
        told[kind[best]] += 1
    return chosen
