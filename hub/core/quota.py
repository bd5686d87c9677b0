"""How hard a connection may be asked, by all workers together: requests a second, at once and a day, less what others need.

Requests a second are lent as *times to send at*, evenly spaced, so that no second of the clock sees more than the limit
whoever sends; requests at once as slots leased per worker; requests a day as a count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Quota:
    """Limits of one connection; 0 means none. ``reserve`` is the share left for other users of the same key, ``zone`` whose
    midnight begins a day, ``bulk`` how many writes one call may carry (1: each its own)."""

    requests_per_s: float = 0.0
    concurrency: int = 4
    requests_per_day: int = 0
    reserve: float = 0.0
    zone: str = "UTC"
    bulk: int = 1

    @property
    def rate(self) -> float:
        """Requests a second that are ours."""
        return self.requests_per_s * (1 - self.reserve)

    @property
    def at_once(self) -> int:
        """Requests under way at once that are ours; at least one, or nothing would ever be sent.

        >>> Quota(concurrency=4, reserve=0.3).at_once, Quota(concurrency=1, reserve=0.9).at_once
        (2, 1)
        """
        return max(int(self.concurrency * (1 - self.reserve)), 1)

    @property
    def per_day(self) -> int:
        """Requests a day that are ours."""
        return int(self.requests_per_day * (1 - self.reserve))

    @property
    def is_metered(self) -> bool:
        """Whether times to send at or a day's count have to be borrowed."""
        return self.requests_per_s > 0 or self.requests_per_day > 0


LOOK_AHEAD_S = 0.5
"""Times to send at are borrowed so far ahead: one statement for half a second's requests, whoever is more urgent waits that long."""


def batch_of(quota: Quota, waiting: int) -> int:
    """How many requests a worker borrows at once when so many of its calls wait.

    >>> [batch_of(Quota(requests_per_s=rate), 200) for rate in (1, 10, 1000, 0)]
    [2, 5, 200, 200]
    """
    if quota.rate <= 0:
        return waiting
    return min(waiting, max(ceil(quota.rate * LOOK_AHEAD_S), 2))


def room_for(quota: Quota, most: int) -> int:
    """How many lanes of a connection a worker holds: enough for a second or two, so that what comes next and is more urgent
    does not stand behind a long queue that is leased already.

    >>> room_for(Quota(requests_per_s=10, concurrency=4), 200), room_for(Quota(), 200), room_for(Quota(requests_per_s=2, bulk=50), 200)
    (20, 200, 200)
    """
    if quota.rate <= 0:
        return most
    return min(most, max(ceil(quota.rate * 2), quota.at_once) * max(quota.bulk, 1))


def share_of(limit: int, mine: int, wants: int, others: Sequence[tuple[int, int]]) -> int:
    """Slots of a connection that a worker gets. ``mine`` are under way here and cannot be taken back; ``others`` are the
    (slots, wants) of the other workers' leases.

    Nobody is given what another holds. Where somebody has less than an equal share and wants more, whoever has more than
    that gives up the rest at its next renewal.

    >>> share_of(4, 0, 9, []), share_of(4, 0, 9, [(4, 9)]), share_of(4, 1, 9, [(0, 9)]), share_of(4, 4, 9, [(0, 9)])
    (4, 0, 2, 4)
    """
    free = max(limit - sum(slots for slots, _ in others), 0)
    equal = max(limit // (len(others) + 1), 1)
    is_short = any(slots < min(equal, wanted) for slots, wanted in others)
    return max(min(wants, free, equal if is_short else limit), min(mine, free))
