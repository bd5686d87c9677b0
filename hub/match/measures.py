"""How well records were matched, against the truth: pairs, clusters, and the work that is left to people.

A pair counts for one however it was found; clusters are judged by the pairs they imply and record by record (B-cubed).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub.core.match.clusters import Clusters


@dataclass(frozen=True, slots=True)
class Rates:
    """How much of what was found is right, and how much of what is right was found."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean.

        >>> round(Rates(0.5, 1.0).f1, 3), Rates(0.0, 0.0).f1
        (0.667, 0.0)
        """
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Sweep:
    """Every threshold at once: scored pairs in descending score, cut only where the score changes."""

    thresholds: NDArray[np.float64]
    """Distinct scores, descending."""
    found: NDArray[np.int64]
    """Pairs at or above each."""
    right: NDArray[np.int64]
    """True ones among them."""
    true_pairs: int
    """True pairs there are, found or not."""

    @classmethod
    def of(cls, scores: NDArray[np.float64], is_true: NDArray[np.bool_], true_pairs: int) -> Sweep:
        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)) if len(ranked) else np.empty(0, np.int64)
        return cls(ranked[last], last + 1, np.cumsum(is_true[order], dtype=np.int64)[last], true_pairs)

    def at(self, threshold: float) -> Rates:
        """With every pair at or above ``threshold`` taken for a match."""
        taken = int(np.searchsorted(-self.thresholds, -threshold, side="right"))
        return rates(int(self.right[taken - 1]), int(self.found[taken - 1]), self.true_pairs) if taken else rates(0, 0, self.true_pairs)

    def best(self) -> tuple[float, Rates]:
        """The threshold an oracle would choose, by F1; 0.0 where nothing was scored."""
        if not len(self.thresholds):
            return 0.0, rates(0, 0, self.true_pairs)
        at = int(np.argmax(2 * self.right / (self.found + self.true_pairs)))
        return float(self.thresholds[at]), rates(int(self.right[at]), int(self.found[at]), self.true_pairs)

    def threshold_of_precision(self, precision: float) -> float | None:
        """The lowest threshold that keeps this precision; None when none does."""
        keeps = np.flatnonzero(self.right >= precision * self.found)
        return float(self.thresholds[keeps[-1]]) if len(keeps) else None

    def recall_at_precision(self, precision: float) -> float:
        """What may be merged without a person: the recall at the lowest threshold that keeps this precision."""
        threshold = self.threshold_of_precision(precision)
        return 0.0 if threshold is None else self.at(threshold).recall

    @property
    def completeness(self) -> float:
        """The share of true pairs that were scored at all."""
        return int(self.right[-1]) / self.true_pairs if len(self.right) and self.true_pairs else 0.0


def rates(right: int, found: int, true: int) -> Rates:
    """Nothing found is wrong about nothing, and finds nothing.

    >>> rates(0, 0, 3)
    Rates(precision=1.0, recall=0.0)
    """
    return Rates(right / found if found else 1.0, right / true if true else 1.0)


def pairs_to_see(
    scores: NDArray[np.float64], is_true: NDArray[np.bool_], is_settled: NDArray[np.bool_], share: float = 0.99
) -> int:
    """How many pairs a person must look at, best score first, until ``share`` of the attainable true pairs is known.

    ``is_settled`` are pairs that the machine matched by itself; attainable is what was scored at all.
    """
    open_order = np.argsort(-scores[~is_settled], kind="stable")
    known = int(is_true[is_settled].sum()) + np.cumsum(is_true[~is_settled][open_order], dtype=np.int64)
    wanted = share * int(is_true.sum())
    if int(is_true[is_settled].sum()) >= wanted:
        return 0
    return int(np.searchsorted(known, wanted, side="left")) + 1


def questions_to_ask(
    a: NDArray[np.int32], b: NDArray[np.int32], is_true: NDArray[np.bool_], is_settled: NDArray[np.bool_], share: float = 0.99
) -> int:
    """How many questions those pairs come to when no question is asked whose answer follows from earlier ones.

    Pairs come best first. Who has been told that two things are one, or are two, is not asked again about other records of them.
    """
    things = Clusters[int]()
    size: dict[int, int] = {}

    def join(x: int, y: int) -> int:
        """Pairs that become known by it."""
        mine, theirs = size.get(x, 1), size.get(y, 1)
        things.join(x, y)
        size[things.root(x)] = mine + theirs
        return mine * theirs

    known = asked = 0
    wanted = share * int(is_true.sum())
    for at in np.flatnonzero(is_settled & is_true).tolist():
        x, y = things.root(int(a[at])), things.root(int(b[at]))
        known += join(x, y) if x != y else 0
    for at in np.flatnonzero(~is_settled).tolist():
        if known >= wanted:
            break
        x, y = things.root(int(a[at])), things.root(int(b[at]))
        if x == y or things.refusal(x, y):
            continue
        asked += 1
        if is_true[at]:
            known += join(x, y)
        else:
            things.apart(x, y)
    return asked


def pair_count(clusters: Sequence[Hashable]) -> int:
    """Pairs that lie within one cluster, given each record's cluster.

    >>> pair_count(["a", "a", "a", "b"])
    3
    """
    return sum(size * (size - 1) // 2 for size in Counter(clusters).values())


def cluster_rates(found: Sequence[Hashable], truth: Sequence[Hashable]) -> Rates:
    """Clusters judged by the pairs they imply; both give each record's cluster, in one order.

    >>> cluster_rates([1, 1, 2, 2], ["a", "a", "a", "b"])
    Rates(precision=0.5, recall=0.3333333333333333)
    """
    return rates(pair_count(list(zip(found, truth, strict=True))), pair_count(found), pair_count(truth))


def b_cubed(found: Sequence[Hashable], truth: Sequence[Hashable]) -> Rates:
    """Clusters judged record by record: how much of its cluster is right, how much of what belongs to it is there.

    >>> round(b_cubed([1, 1, 2], ["a", "a", "a"]).recall, 3)
    0.556
    """
    if not found:
        return Rates(1.0, 1.0)
    shared = Counter(zip(found, truth, strict=True))
    of_found, of_truth = Counter(found), Counter(truth)
    precision = sum(count * count / of_found[cluster] for (cluster, _), count in shared.items())
    recall = sum(count * count / of_truth[cluster] for (_, cluster), count in shared.items())
    return Rates(precision / len(found), recall / len(found))
