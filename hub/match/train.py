"""Learn a match model from records alone: no labels, no settings per data set.

Words and values are counted; candidate pairs are those that share a blocking key; what pairs agree on is explained as a mixture
(:mod:`hub.match.mixture`), and its shares are the model's weights. Thresholds follow from the probabilities themselves.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub.core.match import SOURCE, Adjustment, Form, LevelWeight, Model, Rarity, Spec, blocking_keys, default_model
from hub.core.match.model import Bits, prior_weights
from schema.comparing import MatchKind
from hub.match.levelling import levels_of
from hub.match.lone import as_declared, by_words
from hub.match.mixture import ROUNDS, Floats, Levels, Mixture, Seen, fit
from hub.match.thresholds import automatic, is_plain, review

MOST_PAIRS = 400_000
"""Candidate pairs that training looks at; more are sampled."""
RANDOM_PAIRS = 60_000
LEAST_HOLDERS = 30
"""A key with so many holders is always used, whatever pairs it makes."""
PAIRS_A_RECORD = 50

MOST_OF_ONE_THING = 5.0
"""Pairs of one thing a record may have on average; more, and the mixture has found something else."""

HANDFUL, MANY = 1_000, 2_000
"""Records below which relatives are believed to be there throughout, and from which they are found without."""

Tell = Callable[[str, float], None]


def silent(step: str, share: float) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Trained:
    """A model and what training saw."""

    model: Model
    report: Mapping[str, Any]


def train(spec: Spec, forms: Sequence[Form], *, tell: Tell = silent, seed: int = 1) -> Model:
    """The model of these records; see :func:`trained`."""
    return trained(spec, forms, tell=tell, seed=seed).model


def trained(spec: Spec, forms: Sequence[Form], *, tell: Tell = silent, seed: int = 1) -> Trained:
    """A model learned from ``forms`` (of a sample of some ten thousand records, where there are many), and a report on it."""
    tell("words", 0.0)
    model = with_frequencies(default_model(spec), forms)
    tell("keys", 0.1)
    keys = [blocking_keys(spec, form, model.frequencies) for form in forms]
    rng = np.random.default_rng(seed)
    tell("levels", 0.2)
    pairs = Pairs.of(model, forms, keys, rng)
    tell("weights", 0.8)
    labels = free_labels(spec, pairs.seen.candidates)
    mixture = fit(
        pairs.seen, pairs.declared, things=float(len(forms)), labels=labels, is_plain=is_plain(spec), rounds_believed=rounds_believed(spec, len(forms))
    )
    tell("thresholds", 0.95)
    if is_plain(spec) and (len(spec.comparisons) == 1 or mixture.rates[0] * pairs.seen.all_pairs > MOST_OF_ONE_THING * len(forms)):
        model, reached = by_words(model, forms, pairs.a, pairs.b, pairs.levels_of_fields)
        model, mixture = as_declared(model, mixture, reached)
    else:
        model = with_weights(model, mixture, pairs)
    model = replace(model, threshold_auto=automatic(spec, mixture, pairs.levels_of_fields), threshold_review=review(mixture))
    return Trained(model, report(model, mixture, pairs))


def rounds_believed(spec: Spec, records: int) -> int:
    """For how long sister companies are believed to be there before they are seen.

    Among few records the class fades before it is found, and sisters then pass for one thing: of 120 to 720 records of firms with
    sisters, 50 to 90 % of the sisters' pairs stood in the automatic zone. Now none, and 75 to 99 % of the true ones still stand there,
    the others are asked about. Among many records it only costs.
    """
    if not any(one.has_sisters for one in spec.comparisons) or records >= MANY:
        return 0
    return ROUNDS if records < HANDFUL else ROUNDS // 2


def with_frequencies(model: Model, forms: Sequence[Form]) -> Model:
    """The model with its words and values counted in these records."""
    return replace(model, frequencies=rarities(model.spec, forms), adjustments=adjustments(model.spec, forms))


def rarities(spec: Spec, forms: Sequence[Form]) -> dict[str, Rarity]:
    """Per column of words, what each says in hundredths of a bit: the rarer, the more. Words seen once count as unseen.

    Counted over distinct names: a firm with hundreds of records does not make its own name common.
    """
    found: dict[str, Rarity] = {}
    for column in word_columns(spec):
        records = sum(column in form for form in forms)
        if records:
            distinct = {tuple(form[column]) for form in forms if column in form}
            records = len(distinct)
            counts = Counter(word for words in distinct for word in words)
            worth = {word: max(10, round(100 * math.log2(records / count))) for word, count in counts.items() if count > 1}
            found[column] = Rarity(worth, max(100, round(100 * math.log2(records))))
    return found


def word_columns(spec: Spec) -> list[str]:
    """Columns of words, whose rarity counts."""
    return [name for name in spec.columns if name.endswith(("_tokens", "_words"))]


SPREAD = 8
"""Bits by which a value's frequency can at most move a weight."""
FEWEST = 3
"""A value held by so few says nothing of its frequency: they may all be one thing."""


def adjustments(spec: Spec, forms: Sequence[Form]) -> dict[str, Adjustment]:
    """Per column of people's names, the bits of its values; those as rare as most are left to ``unseen``.

    Only names: of a number or a firm's name, many holders may as well be many records of one thing. Counting those by clusters
    moved no F1 on six sets by more than 0.002.
    """
    found: dict[str, Adjustment] = {}
    people = [one for one in spec.comparisons if one.kind is MatchKind.PERSON]
    for column in sorted({level.by_frequency for one in people for level in one.levels if level.by_frequency}):
        counts = Counter(str(form[column]) for form in forms if column in form)
        total = sum(counts.values())
        if total:
            average = max(sum(count * count for count in counts.values()) / total, FEWEST)
            unseen = min(math.log2(average / FEWEST), SPREAD)
            bits = {value: max(math.log2(average / count), -SPREAD) for value, count in counts.items() if count > FEWEST}
            found[column] = Adjustment({value: round(one, 3) for value, one in bits.items()}, round(unseen, 3))
    return found


@dataclass(frozen=True)
class Pairs:
    """The pairs that training looks at."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    seen: Seen
    declared: list[list[Floats]]
    """Per class and comparison the declared shares; the last comparison is of sources, where records name them."""
    has_sources: bool

    @property
    def levels_of_fields(self) -> Levels:
        """The candidates' levels without the comparison of sources."""
        return self.seen.candidates[:, :-1] if self.has_sources else self.seen.candidates

    @classmethod
    def of(cls, model: Model, forms: Sequence[Form], keys: Sequence[Sequence[int]], rng: np.random.Generator) -> Pairs:
        count = len(forms)
        everything = count * (count - 1) / 2
        candidates = candidate_pairs(keys, max(MOST_PAIRS, PAIRS_A_RECORD * count))
        kept = candidates if len(candidates) <= MOST_PAIRS else np.sort(rng.choice(candidates, MOST_PAIRS, replace=False))
        others = _others(count, candidates, rng)
        a, b = kept // count, kept % count
        both = levels_of(model, forms, np.r_[a, others // count], np.r_[b, others % count])
        reached, apart = both[: len(a)], both[len(a) :]
        systems = np.array([form.get(SOURCE, "") for form in forms])
        has_sources = len(set(systems.tolist())) > 1
        if has_sources:
            reached = np.c_[reached, systems[a] != systems[b]].astype(np.int8)
            apart = np.c_[apart, systems[others // count] != systems[others % count]].astype(np.int8)
        adjusted = _adjusted(model, forms, a, reached)
        seen = Seen(reached, apart, everything, everything - len(candidates), float(len(candidates)), adjusted)
        return cls(a, b, seen, _declared(model.spec, apart if has_sources else None), has_sources)


def _declared(spec: Spec, apart: Levels | None) -> list[list[Floats]]:
    told: list[list[Floats]] = [[], [], [], []]
    for comparison in spec.comparisons:
        weights = prior_weights(comparison)
        told[0].append(np.array([one.m for one in weights]))
        for kind in range(3):
            told[kind + 1].append(np.array([one.others[kind] for one in weights]))
    if apart is not None:
        other = min(max(float(apart[:, -1].mean()), 0.01), 0.99) if len(apart) else 0.5
        for one in told:
            one.append(np.array([1 - other, other]))
    return told


def candidate_pairs(keys: Sequence[Sequence[int]], most_pairs: int) -> NDArray[np.int64]:
    """Pairs of records that share a key, as ``first * count + second``; keys of too many holders are left out."""
    count = len(keys)
    held = np.fromiter((key for one in keys for key in one), np.int64)
    holder = np.repeat(np.arange(count, dtype=np.int64), [len(one) for one in keys])
    order = np.lexsort((holder, held))
    held, holder = held[order], holder[order]
    starts = np.flatnonzero(np.r_[True, held[1:] != held[:-1]]) if len(held) else np.empty(0, np.int64)
    sizes = np.diff(np.r_[starts, len(held)])
    found: list[NDArray[np.int64]] = []
    made = 0
    for size in np.unique(sizes[sizes > 1]).tolist():
        groups = starts[sizes == size]
        made += len(groups) * size * (size - 1) // 2
        if made > most_pairs and size > LEAST_HOLDERS:
            break
        members = holder[groups[:, None] + np.arange(size)]
        first, second = np.triu_indices(size, 1)
        found.append(np.unique((members[:, first] * count + members[:, second]).ravel()))
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def _others(count: int, candidates: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    if count < 2:
        return np.empty(0, np.int64)
    x, y = rng.integers(0, count, (2, RANDOM_PAIRS))
    drawn = np.unique((np.minimum(x, y) * count + np.maximum(x, y))[x != y])
    return drawn[~np.isin(drawn, candidates)]


def _adjusted(model: Model, forms: Sequence[Form], a: NDArray[np.int64], reached: Levels) -> Floats:
    """Per pair, the bits of the values it agrees on."""
    total = np.zeros(len(a))
    for at, comparison in enumerate(model.spec.comparisons):
        for number, level in enumerate(comparison.levels):
            worth = model.adjustments.get(level.by_frequency)
            if worth is not None:
                there = np.flatnonzero(reached[:, at] == number)
                total[there] += [worth.of(forms[x].get(level.by_frequency)) for x in a[there].tolist()]
    return total


def with_weights(model: Model, mixture: Mixture, pairs: Pairs) -> Model:
    """The model with the mixture's shares as its weights, and thresholds from its probabilities."""
    shares = mixture.shares
    weights = {}
    for at, comparison in enumerate(model.spec.comparisons):
        told = zip(*(shares[kind][at].tolist() for kind in range(4)), strict=True)
        weights[comparison.name] = tuple(LevelWeight(m, (u, s, n)) for m, u, s, n in told)
    same, *others = np.log2(mixture.rates).tolist()
    sources: tuple[Bits, Bits] = model.source_bits
    if pairs.has_sources:
        m, u, s, n = (shares[kind][-1] for kind in range(4))
        within, between = (tuple(float(np.log2(m[at] / one[at])) for one in (u, s, n)) for at in (0, 1))
        sources = ((within[0], within[1], within[2]), (between[0], between[1], between[2]))
    return replace(
        model,
        weights=weights,
        priors=(same - others[0], same - others[1], same - others[2]),
        source_bits=sources,
        threshold_best=0.0,
    )


def free_labels(spec: Spec, candidates: Levels) -> NDArray[np.int8]:
    """What tax numbers say for nothing: pairs that share one are of one thing (1), pairs whose numbers differ are not (0)."""
    labels = np.full(len(candidates), -1, np.int8)
    for at, comparison in enumerate(spec.comparisons):
        if comparison.kind is MatchKind.TAX_ID:
            labels[candidates[:, at] == len(comparison.levels) - 1] = 0
            labels[candidates[:, at] == 0] = 1
    return labels


def report(model: Model, mixture: Mixture, pairs: Pairs) -> dict[str, Any]:
    """What training saw, for people: counts, the share of each level, and a sweep of thresholds by the model's own probabilities."""
    probability, each = mixture.posterior[:, 0], pairs.seen.candidate_pairs / max(len(mixture.bits), 1)
    expected = max(float(probability.sum()), 1e-9)
    sweep = []
    for threshold in range(-10, 31, 2):
        above = mixture.bits >= threshold
        right = float(probability[above].sum())
        precision = right / int(above.sum()) if above.any() else 1.0
        sweep.append({"threshold": threshold, "pairs": int(above.sum() * each), "precision": precision, "recall": right / expected})
    return {
        "candidates": int(pairs.seen.candidate_pairs),
        "looked_at": len(mixture.bits),
        "expected_matches": round(expected * each),
        "classes": dict(zip(("same", "strangers", "relatives", "namesakes"), (mixture.posterior.sum(axis=0) * each).round().tolist(), strict=True)),
        "thresholds": {"auto": model.threshold_auto, "review": model.threshold_review, "best": model.threshold_best},
        "sweep": sweep,
    }
