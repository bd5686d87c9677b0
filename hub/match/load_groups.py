"""Which records of a neighbourhood become one golden record at a first load.

A neighbourhood is what pairs connect; within it two records never meet that a guard of any member or two registered numbers keep
apart. What a record names as itself (a declared link) it is, whatever guards say; of two registered numbers a question is made even then.
``careful`` then joins pairs of the automatic zone in descending order, as :mod:`hub.core.match.regroup` does with records that
come one by one. ``likely`` makes the best guess of the whole: it also takes pairs of probability 0.95, where all that is known of
two groups speaks for joining them.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import combinations

from hub.core.match.clusters import Clusters, partition
from hub.core.match.forms import Form
from hub.core.match.guards import guards, strong
from hub.core.match.model import Model
from hub.core.match.regroup import MOST_MEMBERS

LIKELY_BITS = 4.25
"""Probability 0.95. Of 60,000 made clients (a million of them: careful 0.887 at 0.997): from 0.9 up cluster F1 0.942 at precision 0.9945,
from 0.95 up 0.929 at 0.9960, careful 0.903 at 0.9965."""


class Link(StrEnum):
    """What a first load links without a person."""

    CAREFUL = "careful"
    LIKELY = "likely"


Pair = tuple[int, int, float]
"""Two places among the members, and the score in bits."""


def least_bits(model: Model, link: Link) -> float:
    """The score from which a pair connects a neighbourhood."""
    return model.threshold_auto if link is Link.CAREFUL else min(LIKELY_BITS, model.threshold_auto)


CERTAIN = 60.0
"""Bits of a pair one of which names the other as itself."""


class Neighbours:
    """The members of one neighbourhood, by place, and what keeps them apart. ``pairs`` come likest first, from the review zone up."""

    def __init__(self, model: Model, forms: Sequence[Form], pairs: Sequence[Pair]) -> None:
        self.model, self.count, self.pairs = model, len(forms), pairs
        self.strong = {at: numbers for at, form in enumerate(forms) if (numbers := strong(model, form))} if len(forms) > 1 else {}
        everyone = combinations(range(len(forms)), 2) if len(forms) <= MOST_MEMBERS else ((at, other) for at, other, _ in pairs)
        declared = {(at, other) for at, other, bits in pairs if bits >= CERTAIN}
        self.barred = {(at, other) for at, other in everyone if guards(model, forms[at], forms[other])} - declared

    def groups(self, link: Link) -> list[list[int]]:
        """The members that become one golden record each."""
        if self.count == 1:
            return [[0]]
        clusters = Clusters[int](strong=self.strong)
        for at, other in self.barred:
            clusters.apart(at, other)
        least = least_bits(self.model, link)
        if link is Link.LIKELY:
            partition([(at, other, bits - least) for at, other, bits in self.pairs], clusters)
        else:
            for at, other, bits in self.pairs:
                if bits >= least and (at, other) not in self.barred:
                    clusters.join(at, other)
        return clusters.groups(range(self.count))
