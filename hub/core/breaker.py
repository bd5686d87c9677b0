"""When a system that fails is left alone, tried again and trusted again, per operation; a state machine of values.

closed → open: of at least ``minimum_requests`` within the window, ``failure_threshold`` per cent failed. open → half open:
the error time-out is over (it doubles with every trip in a row, up to ``longest_s``). half open → closed or open: of ``probes``
requests, one at a time, ``success_threshold`` per cent went through or no longer can. After ``disable_after_s`` of this the system
is paused and a person told.

Half of the answers lost does not keep a system closed for good: a threshold, not a row of successes, lets it in again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half_open"


@dataclass(frozen=True, slots=True)
class Rules:
    """Parameters of a breaker; the names and defaults are those webhook gateways use."""

    failure_threshold: float = 70.0
    minimum_requests: int = 10
    observability_window_s: float = 300.0
    error_timeout_s: float = 30.0
    longest_s: float = 600.0
    success_threshold: float = 50.0
    probes: int = 3
    disable_after_s: float = 86_400.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """One breaker. ``retry_at``: open until then. ``failing_since``: the first trip of those in a row."""

    window_at: datetime
    state: str = CLOSED
    successes: int = 0
    failures: int = 0
    trips: int = 0
    failing_since: datetime | None = None
    retry_at: datetime | None = None
    error: str = ""

    def allows(self, now: datetime) -> bool:
        """Whether anything may be sent; what is half open is tried with one request at a time."""
        return self.state != OPEN or (self.retry_at is not None and now >= self.retry_at)

    @property
    def is_probing(self) -> bool:
        return self.state != CLOSED

    def is_hopeless(self, rules: Rules, now: datetime) -> bool:
        """Whether it has failed so long that the system is paused."""
        return self.failing_since is not None and now - self.failing_since >= timedelta(seconds=rules.disable_after_s)


def judged(breaker: Breaker, rules: Rules, successes: int, failures: int, now: datetime, error: str = "") -> Breaker:
    """The breaker after some more requests went through and some failed.

    >>> from datetime import UTC
    >>> at = datetime(2026, 5, 17, tzinfo=UTC)
    >>> one = judged(Breaker(at), Rules(), 3, 6, at)
    >>> one.state, judged(one, Rules(), 0, 1, at).state, judged(one, Rules(), 5, 0, at).state
    ('closed', 'open', 'closed')
    >>> half = Breaker(at, HALF_OPEN, trips=1)
    >>> [judged(judged(half, Rules(), first, 1 - first, at), Rules(), second, 1 - second, at).state for first, second in ((1, 1), (1, 0), (0, 0))]
    ['closed', 'half_open', 'open']
    """
    if breaker.state == OPEN:
        if breaker.allows(now):
            return judged(replace(breaker, state=HALF_OPEN, successes=0, failures=0, window_at=now), rules, successes, failures, now, error)
        return breaker if not failures else replace(breaker, error=error or breaker.error)
    if breaker.state == HALF_OPEN:
        went, failed = breaker.successes + successes, breaker.failures + failures
        enough = rules.probes * rules.success_threshold / 100
        if went >= enough and went:
            return Breaker(now)
        if rules.probes - failed < enough or went + failed >= rules.probes:
            return tripped(breaker, rules, now, error)
        return replace(breaker, successes=went, failures=failed, error=error if failures else breaker.error)
    if (now - breaker.window_at).total_seconds() > rules.observability_window_s:
        breaker = Breaker(now)
    breaker = replace(breaker, successes=breaker.successes + successes, failures=breaker.failures + failures, error=error if failures else breaker.error)
    asked = breaker.successes + breaker.failures
    if failures and asked >= rules.minimum_requests and breaker.failures * 100 >= rules.failure_threshold * asked:
        return tripped(breaker, rules, now, error)
    return breaker


def tripped(breaker: Breaker, rules: Rules, now: datetime, error: str = "") -> Breaker:
    """Open, for longer the more often in a row.

    >>> at = datetime(2026, 5, 17)
    >>> once = tripped(Breaker(at), Rules(), at)
    >>> [(one.retry_at - at).total_seconds() for one in (once, tripped(once, Rules(), at), tripped(replace(once, trips=9), Rules(), at))]
    [30.0, 60.0, 600.0]
    """
    wait_s = min(rules.error_timeout_s * 2.0 ** min(breaker.trips, 30), max(rules.longest_s, rules.error_timeout_s))
    return Breaker(
        now, OPEN, breaker.successes, breaker.failures, breaker.trips + 1, breaker.failing_since or now, now + timedelta(seconds=wait_s),
        error or breaker.error,
    )  # fmt: skip
