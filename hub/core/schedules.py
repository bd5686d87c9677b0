"""When an event that was not taken is sent again, and when its endpoint is given up. Pure; randomness and time are arguments.

The standard schedule is the one receivers of signed webhooks know: at once, then 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h
after the try before, so eight tries within 28 hours. A subscription may have one of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

STANDARD_S: tuple[float, ...] = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
SPREAD = 0.1
"""Part of a delay by which events that failed together are pulled apart."""
MOST_TRIES = 30
LONGEST_S = 7 * 86_400
PATIENCE = timedelta(days=5)
"""An endpoint that took nothing for so long is switched off."""


def next_try_s(
    failed: int, own: Sequence[float] | None = None, *, retry_after_s: float = 0.0, jitter: float = 0.0
) -> float | None:
    """Seconds to wait after the given failed try (from 1); None when it was the last one.

    ``own`` is a subscription's own schedule. ``jitter`` in [0, 1) adds up to a tenth. The receiver's ``Retry-After`` is
    never undercut.

    >>> [next_try_s(failed) for failed in range(1, 9)]
    [5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 36000.0, None]
    >>> next_try_s(1, [2, 4], jitter=0.5), next_try_s(3, [2, 4]), next_try_s(1, retry_after_s=30)
    (2.1, None, 30.0)
    """
    schedule = STANDARD_S if own is None else own
    if failed > len(schedule):
        return None
    return max(float(schedule[max(failed, 1) - 1]), retry_after_s) * (1 + SPREAD * jitter)


def is_given_up(failing_since: datetime | None, now: datetime) -> bool:
    """Whether an endpoint has taken nothing for as long as one is borne with.

    >>> began = datetime(2026, 5, 1)
    >>> [is_given_up(began, began + PATIENCE - timedelta(seconds=1)), is_given_up(began, began + PATIENCE), is_given_up(None, began)]
    [False, True, False]
    """
    return failing_since is not None and now - failing_since >= PATIENCE


def check_schedule(given: Sequence[float]) -> None:
    """Refuse a schedule that cannot be kept. Raises ValueError with what is wrong.

    >>> check_schedule([1, 60, 3600])
    >>> check_schedule([1, -1])
    Traceback (most recent call last):
    ...
    ValueError: a delay is from 0 to 604800 seconds
    """
    if len(given) > MOST_TRIES:
        raise ValueError(f"a schedule has at most {MOST_TRIES} delays")
    if any(not 0 <= seconds <= LONGEST_S for seconds in given):
        raise ValueError(f"a delay is from 0 to {LONGEST_S} seconds")
