"""When a failed attempt is made again. Randomness is an argument; whether to try at all is the flow's matter."""

from __future__ import annotations

LONGEST_S = 6 * 3600
SPREAD = 0.2
"""Part of a delay by which lanes that failed together are pulled apart."""


def retry_delay_s(attempt: int, retry_after_s: float = 0, jitter: float = 0.0) -> float:
    """Seconds to wait after the given failed attempt (from 1) before the next one.

    Grows as ``attempt ** 4`` up to six hours, so fifteen attempts span about 29 hours; ``jitter`` in [0, 1) adds up to
    a fifth. The system's own ``Retry-After`` is never undercut.

    >>> [retry_delay_s(attempt) for attempt in (1, 3, 12, 13)]
    [1.0, 81.0, 20736.0, 21600.0]
    >>> retry_delay_s(2, retry_after_s=30, jitter=0.5)
    33.0
    """
    base = max(min(float(max(attempt, 1)) ** 4, LONGEST_S), retry_after_s)
    return base * (1 + SPREAD * jitter)


def is_exhausted(attempt: int, limit: int = 15) -> bool:
    """Whether a delivery has failed often enough to be parked and shown to a person.

    >>> is_exhausted(14), is_exhausted(15)
    (False, True)
    """
    return attempt >= limit
