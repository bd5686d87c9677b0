"""Where little but a name is compared: weights as declared, words judged by what they do within the things found.

With one piece of evidence a mixture cannot be told apart, so the levels stand as declared (:data:`hub.core.match.levels.ALONE`). What can be
learned is the words: of things with many spellings, those that come and go (a department, a town, "royal") say little, shared or missing,
and those that stay (the family, the brand) much. Where things have one or two spellings nothing of the kind can be seen: names that differ
are then of other things, and the best guess asks for more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hub.core.match import Form, LevelWeight, Model, Rarity
from hub.core.match.clusters import Clusters, partition
from hub.core.match.levels import ALONE
from hub.core.match.model import NOBODY, prior_weights
from hub.match.batch import AGAINST_ALONE, BITS_BELOW
from hub.match.levelling import levels_of
from hub.match.mixture import Floats, Levels, Mixture
from schema.comparing import MatchKind

ASIDE = (-0.5, 3.0)
"""Least and most bits of what stands beside a name that is judged as declared."""
OF_FEW, OF_MANY = -1.0, 1.0
"""Bits before any evidence: of things with few spellings, and with many, of which more pairs are of one thing."""
FEW_SPELLINGS, MANY_SPELLINGS = 2.0, 3.0
"""Names that the thing of a record has on average, up to which words teach nothing, and from which they teach all they can."""
SURELY_ONE = 1.0
"""Bits from which groups are surely one when spellings are counted."""
BEFORE, HELD = 0.6, 2.0
"""How often another spelling has a word too, before anything is seen, and for how many spellings that belief counts."""
ROUNDS = 5


def as_declared(model: Model, mixture: Mixture, reached: Levels) -> tuple[Model, Mixture]:
    """The model and the bits of its pairs by the name's declared log-odds, and a little from whatever else agrees."""
    weights: dict[str, tuple[LevelWeight, ...]] = {}
    for at, comparison in enumerate(model.spec.comparisons):
        told = zip(mixture.shares[0][at].tolist(), _worth(model, at).tolist(), strict=True)
        weights[comparison.name] = tuple(LevelWeight(m, (m * 2.0**-one, m, m)) for m, one in told)
    bits = declared_bits(model, reached) + model.priors[0]
    posterior = np.zeros_like(mixture.posterior)
    posterior[:, 0] = 1 / (1 + np.exp2(-bits))
    posterior[:, 1] = 1 - posterior[:, 0]
    return replace(model, weights=weights), replace(mixture, bits=bits, posterior=posterior)


def declared_bits(model: Model, reached: Levels) -> Floats:
    """Per pair the sum of the declared log-odds of its levels."""
    bits = np.zeros(len(reached))
    for at in range(len(model.spec.comparisons)):
        level = reached[:, at]
        bits += np.where(level >= 0, _worth(model, at)[level], 0.0)
    return bits


def _worth(model: Model, at: int) -> Floats:
    comparison = model.spec.comparisons[at]
    if comparison.is_name:
        return np.array(ALONE[comparison.kind], float)
    return np.clip([one.bits[0] for one in prior_weights(comparison)], *ASIDE)


def by_words(model: Model, forms: Sequence[Form], a: NDArray[np.int64], b: NDArray[np.int64], reached: Levels) -> tuple[Model, Levels]:
    """The model with its words worth what they do within things and the prior that follows, and the levels its pairs then reach.

    ``a``, ``b`` are the candidate pairs. Words are looked at in the groups of the best guess; what they are worth makes other groups.
    """
    name = next(one for one in model.spec.comparisons if one.is_name)
    column = f"{name.feature}_tokens"
    if column not in model.frequencies or name.kind is not MatchKind.ORGANISATION:
        return replace(model, priors=(OF_MANY, NOBODY, NOBODY)), reached
    names = [tuple(form.get(column, ())) for form in forms]
    told = _told(spellings(names, groups(len(names), a, b, declared_bits(model, reached), SURELY_ONE)))
    prior = OF_FEW + told * (OF_MANY - OF_FEW)
    base, found = model.frequencies[column], replace(model, priors=(prior, NOBODY, NOBODY))
    for _ in range(ROUNDS if told else 0):
        kept = staying(names, groups(len(names), a, b, declared_bits(found, reached), -prior))
        power = 2.0 * told
        worth = {word: max(5, round(bits * kept.get(word, BEFORE) ** power)) for word, bits in base.idf.items()}
        rarity = Rarity(worth, round(base.unseen * BEFORE**power))
        if rarity == found.frequencies[column]:
            break
        found = replace(found, frequencies={**model.frequencies, column: rarity})
        reached = levels_of(found, forms, a, b)
    return found, reached


def _told(spelled: float) -> float:
    return min(max((spelled - FEW_SPELLINGS) / (MANY_SPELLINGS - FEW_SPELLINGS), 0.0), 1.0)


def groups(count: int, a: NDArray[np.int64], b: NDArray[np.int64], bits: Floats, best: float) -> list[int]:
    """The group of each of ``count`` records, by the best guess that begins at ``best``."""
    near = np.flatnonzero(bits >= best - BITS_BELOW)
    found = Clusters[int]()
    above = np.maximum(bits[near] - best, -AGAINST_ALONE)
    partition(zip(a[near].tolist(), b[near].tolist(), above.tolist(), strict=True), found)
    return [found.root(one) for one in range(count)]


def spellings(names: Sequence[tuple[str, ...]], group: Sequence[int]) -> float:
    """How many names the thing of a record has, on average.

    >>> spellings([("a",), ("a", "b"), ("c",), ("c",)], [0, 0, 2, 2])
    1.5
    """
    each = _names_of(names, group)
    stated = [len(each[one]) for one, words in zip(group, names, strict=True) if words]
    return sum(stated) / len(stated) if stated else 0.0


def staying(names: Sequence[tuple[str, ...]], group: Sequence[int]) -> dict[str, float]:
    """Per word, the share of other spellings of the same thing that have it too; drawn to :data:`BEFORE` where few tell.

    >>> found = staying([("shell", "canada"), ("shell", "uk"), ("shell", "oil")], [1, 1, 1])
    >>> round(found["shell"], 2), round(found["uk"], 2)
    (0.84, 0.4)
    """
    both: dict[str, float] = defaultdict(float)
    seen: dict[str, float] = defaultdict(float)
    for several in _names_of(names, group).values():
        if len(several) > 1:
            for word, count in Counter(word for words in several for word in words).items():
                both[word] += count * (count - 1) / (len(several) - 1)
                seen[word] += count
    return {word: (both[word] + BEFORE * HELD) / (count + HELD) for word, count in seen.items()}


def _names_of(names: Sequence[tuple[str, ...]], group: Sequence[int]) -> dict[int, set[tuple[str, ...]]]:
    found: dict[int, set[tuple[str, ...]]] = {}
    for words, one in zip(names, group, strict=True):
        if words:
            found.setdefault(one, set()).add(words)
    return found
