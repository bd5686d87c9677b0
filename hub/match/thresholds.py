"""Where a learned model's zones begin, by its own probabilities: what is linked without a person, and what nobody need look at."""

from __future__ import annotations

import numpy as np

from hub.core.match import Model, Spec
from hub.core.match.spec import OWN
from hub.match.mixture import Levels, Mixture
from schema.comparing import MatchKind

PRECISE = 0.995
"""Of the pairs that are linked by themselves, the share that must be right by the model's own probabilities; as they lean to one side
where evidence hangs together, at least so many bits are asked as well:"""
SURE = 6.0
"""where records state numbers, mailboxes or dates of their own, against which all else is held, or few pairs lie in between;"""
UNCHECKED = 9.0
"""elsewhere. Measured on sites by name, address and telephone: of 6 to 8 bits 0.956 are right, of 8 to 9 0.985, above 0.995;"""
NEVER = 50.0
"""and no pair where only names are compared: about one registered name in a hundred is borne by two."""
CHECKED = 0.02
"""The share of pairs of one thing that must state something of their own on both sides."""
IN_BETWEEN, LIKELY = 0.1, 3.17
"""Pairs from even odds to probability 0.9, for each one above, that are few."""
LEFT_BEHIND = 0.01
"""Of the pairs of one thing, the share that may lie below the review threshold."""

TELLING = frozenset({
    MatchKind.ADDRESS, MatchKind.PHONE, MatchKind.EMAIL, MatchKind.WEBSITE, MatchKind.TAX_ID, MatchKind.IDENTIFIER, MatchKind.DATE,
    MatchKind.PERSON, MatchKind.REFERENCE,
})  # fmt: skip
"""Kinds without one of which relatives and namesakes cannot be told apart."""

def is_plain(spec: Spec) -> bool:
    """Whether there is little but names to compare."""
    return not any(one.kind in TELLING for one in spec.comparisons)


def automatic(spec: Spec, mixture: Mixture, candidates: Levels) -> float:
    """The bits from which a pair is linked by itself, when no guard fires and no rival is near; ``candidates`` with the levels they reached."""
    if is_plain(spec):
        return NEVER
    if is_apart(mixture):
        return SURE
    return sure(mixture, SURE if is_checked(spec, mixture, candidates) else UNCHECKED)


def is_checked(spec: Spec, mixture: Mixture, candidates: Levels) -> bool:
    """Whether enough pairs of one thing state something of their own on both sides, beside a name."""
    own = [at for at, one in enumerate(spec.comparisons) if one.kind in OWN]
    stated = (candidates[:, own] >= 0).any(axis=1)
    same = mixture.posterior[:, 0]
    return bool(same[stated].sum() >= CHECKED * same.sum() > 0)


def is_apart(mixture: Mixture) -> bool:
    """Whether pairs of one thing stand apart from all others."""
    above = int((mixture.bits >= LIKELY).sum())
    return int((mixture.bits >= 0.0).sum()) - above <= IN_BETWEEN * above


def sure(mixture: Mixture, least: float) -> float:
    """The bits, ``least`` or more, from which :data:`PRECISE` of the pairs above are right by the model's own probabilities and what numbers
    say for nothing."""
    order = np.argsort(-mixture.bits)
    bits, right = mixture.bits[order], np.cumsum(mixture.posterior[order, 0]) / np.arange(1, len(order) + 1)
    is_last = np.r_[bits[1:] != bits[:-1], True] if len(bits) else np.empty(0, bool)  # pairs of one score come together or not at all
    enough = np.flatnonzero(is_last & (right >= PRECISE))
    lowest = float(bits[enough[-1]]) if len(enough) else Model.threshold_auto
    return round(min(max(lowest, least), Model.threshold_auto), 2)


def review(mixture: Mixture) -> float:
    """The score below which so few pairs of one thing are left that nobody need look there."""
    if not len(mixture.bits):
        return 0.0
    order = np.argsort(mixture.bits)
    mass = np.cumsum(mixture.posterior[order, 0])
    below = int(np.searchsorted(mass, LEFT_BEHIND * mass[-1]))
    return float(np.clip(round(float(mixture.bits[order[min(below, len(order) - 1)]]), 2), -8.0, -2.0))
