"""Numeric trust (C28): how many of 100 points a system's word has in a field, and when time alone changes who has the most.

A value stated just now has its system's ``score``. The points halve with every half-life of the value's age, in a straight line
from one halving to the next, and are never under the floor; what failed validation has ``on_invalid`` points less, which may
lead under it. After seven halvings (under one point of 100) the rest is gone with the eighth. All of it is rational numbers:
two machines never disagree about who wins, and the instant of a change is exact to the microsecond.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor

from hub.core.policy import MOST_DAYS, TrustPolicy
from hub.core.strategies import Offer

HALVINGS = 7
"""After so many nothing is left but what the next half-life takes away."""
DAY_US = 86_400_000_000
LONG_FADED_US = (HALVINGS + 1) * MOST_DAYS * DAY_US
MICROSECOND = dt.timedelta(microseconds=1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
NO_TRUST = TrustPolicy("", "", "", 0)
"""Of a system nobody said anything about."""


def points(one: TrustPolicy, age_us: int, has_failed: bool = False) -> Fraction:
    """The points of a value of this age (microseconds; one from the future counts as stated just now).

    >>> crm = TrustPolicy("client", "phone", "crm", 80, half_life_days=30, floor=10)
    >>> [str(points(crm, days * DAY_US)) for days in (0, 15, 30, 60, 90, 900)]
    ['80', '60', '40', '20', '10', '10']
    >>> points(crm, 0, has_failed=True)
    Fraction(0, 1)
    """
    kept = max(_faded(one, max(age_us, 0)), Fraction(one.floor))
    return max(kept - one.on_invalid, Fraction(0)) if has_failed else kept


def _faded(one: TrustPolicy, age_us: int) -> Fraction:
    if one.half_life_days is None:
        return Fraction(one.score)
    half_life = one.half_life_days * DAY_US
    halvings, since = divmod(age_us, half_life)
    if halvings > HALVINGS:
        return Fraction(0)
    lost_at_next = 1 if halvings == HALVINGS else 2
    return Fraction(one.score * (lost_at_next * half_life - since), lost_at_next * half_life << halvings)


@dataclass(frozen=True, slots=True)
class Stake:
    """One offer's trust: whose, since when (None: nobody knows, so it has faded as far as it can), and whether it failed validation."""

    policy: TrustPolicy
    since_us: int | None
    has_failed: bool
    place: int
    """Among the owners; decides between equal points."""

    def points(self, at_us: int) -> Fraction:
        return points(self.policy, LONG_FADED_US if self.since_us is None else at_us - self.since_us, self.has_failed)

    def order(self, at_us: int) -> tuple[Fraction, int]:
        """Sorts the more trusted first."""
        return -self.points(at_us), self.place

    def bends(self) -> Iterator[int]:
        """The instants between which the points move in a straight line."""
        if self.since_us is not None:
            yield from (self.since_us + age for age in _bends(self.policy, self.has_failed))


@lru_cache(maxsize=4096)
def _bends(one: TrustPolicy, has_failed: bool) -> tuple[int, ...]:
    """The ages at which the points begin to fade otherwise: halvings, and where a limit is reached."""
    if one.half_life_days is None or not one.score:
        return ()
    half_life = one.half_life_days * DAY_US
    found = {half_life * count for count in range(HALVINGS + 2)}
    for level in (one.floor, one.on_invalid if has_failed else 0):
        if 0 < level < one.score:
            reached = _down_to(one, level, half_life * (HALVINGS + 1))
            found |= {reached - 1, reached}
    last = _down_to(one, one.floor, half_life * (HALVINGS + 1)) if one.floor < one.score else 0
    return tuple(sorted(age for age in found if age <= last))


def _down_to(one: TrustPolicy, level: int, high: int) -> int:
    """The first age at which no more than ``level`` points are left, the floor apart; found by halving."""
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        if _faded(one, middle) <= level:
            high = middle
        else:
            low = middle
    return high


def ranked(trust: Mapping[str, TrustPolicy], offers: Sequence[Offer], failed: Sequence[bool], at: dt.datetime) -> tuple[list[Offer], dt.datetime | None]:
    """The offers, most trusted first (equal points fall to the owners' order), and the instant from which they rank otherwise.

    ``offers`` come in the owners' order; None when they will rank like this for ever, as long as nobody says anything new.
    """
    now = _microseconds(at)
    stakes = [stake_of(trust, offer, has_failed, place) for place, (offer, has_failed) in enumerate(zip(offers, failed, strict=True))]
    if len(stakes) < 2:
        return list(offers), None
    stakes.sort(key=lambda one: one.order(now))
    swaps = [swap for one, other in pairwise(stakes) if (swap := _swap(one, other, now)) is not None]
    return [offers[one.place] for one in stakes], EPOCH + min(swaps) * MICROSECOND if swaps else None


def stake_of(trust: Mapping[str, TrustPolicy], offer: Offer, has_failed: bool, place: int) -> Stake:
    system = offer.source.key.system if offer.source is not None else ""
    return Stake(trust.get(system, NO_TRUST), _microseconds(dt.datetime.fromisoformat(offer.since)) if offer.since else None, has_failed, place)


def score_at(trust: Mapping[str, TrustPolicy], offer: Offer, has_failed: bool, at: dt.datetime) -> Fraction:
    """The points of one offer, for showing."""
    return stake_of(trust, offer, has_failed, 0).points(_microseconds(at))


def _swap(ahead: Stake, behind: Stake, now: int) -> int | None:
    """The first instant after now at which ``behind`` ranks before ``ahead``.

    Between two bends both move in straight lines, so who leads changes once at most: where the lines meet.
    """
    wins_ties = behind.place < ahead.place
    last, lead = now, ahead.points(now) - behind.points(now)
    for bend in sorted({*ahead.bends(), *behind.bends()}):
        if bend <= now:
            continue
        left = ahead.points(bend) - behind.points(bend)
        if left < 0 or (wins_ties and left == 0):
            meet = last + (bend - last) * lead / (lead - left)
            return ceil(meet) if wins_ties else floor(meet) + 1
        last, lead = bend, left
    return None


def _microseconds(at: dt.datetime) -> int:
    """Since 1970, as a whole number; an instant without a zone is read as UTC."""
    return ((at if at.tzinfo else at.replace(tzinfo=dt.UTC)) - EPOCH) // MICROSECOND
