"""Whether a subscriber is being asked at the moment: after a row of failures it is left alone, then tried with one lane.

State of one worker process; what must outlive it stands in the lanes (next_try_at).
"""

from __future__ import annotations

from dataclasses import dataclass

TRIPS_AT = 5
LONGEST_S = 30.0


@dataclass(slots=True)
class Gate:
    """Closed until ``closed_until`` (monotonic seconds); half open, for one lane, while failures stand at the limit."""

    failures: int = 0
    closed_until: float = 0.0

    @property
    def is_tripped(self) -> bool:
        return self.failures >= TRIPS_AT

    def opens_in_s(self, now: float) -> float:
        return max(self.closed_until - now, 0.0)

    def room(self, most: int, now: float) -> int:
        """How many lanes may be under way."""
        if now < self.closed_until:
            return 0
        return 1 if self.is_tripped else most

    def wait(self, now: float, seconds: float) -> None:
        """The subscriber asked for a pause."""
        self.closed_until = max(self.closed_until, now + seconds)

    def failed(self, now: float) -> None:
        """No answer, or none we can use.

        >>> gate = Gate(failures=6)
        >>> gate.failed(100.0)
        >>> gate.opens_in_s(100.0), gate.room(32, 104.0)
        (4.0, 1)
        """
        self.failures += 1
        if self.is_tripped:
            self.wait(now, min(2.0 ** (self.failures - TRIPS_AT), LONGEST_S))

    def slow(self, now: float, seconds: float = 0.0) -> float:
        """It has too much to do: nothing for ``seconds`` or, unless it says, for 1 s, 2 s, 4 s … up to half a minute, then one
        lane at a time until it succeeds. Answers the pause.

        >>> gate = Gate()
        >>> gate.slow(0.0), gate.slow(1.0), gate.slow(3.0, 7.5), gate.room(32, 11.0)
        (1.0, 2.0, 7.5, 1)
        """
        self.failures = max(self.failures + 1, TRIPS_AT)
        pause_s = seconds or min(2.0 ** (self.failures - TRIPS_AT), LONGEST_S)
        self.wait(now, pause_s)
        return pause_s

    def succeeded(self) -> bool:
        """Answers whether the subscriber was away: then what waits for its next try is hastened."""
        was_away = self.is_tripped
        self.failures = 0
        self.closed_until = 0.0
        return was_away
