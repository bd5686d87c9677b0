"""How often a key may ask: a bucket of requests and one of cost per key, each filled anew within a minute.

Buckets belong to one api process, whichever door is asked: with several processes, a key may ask that many times as much.
Requests are paid before they run, cost after, when it is known; so one costly request may overdraw, and the next waits.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from uuid import UUID

from hub.api.access import UNSET_RATE, Principal
from hub.api.errors import ApiError, Code
from hub.settings import Settings

MOST_KEYS = 10_000
WINDOW_S = 60


@dataclass(slots=True)
class Bucket:
    """``most`` a minute, ``left`` of it at the instant ``at`` (seconds of a steady clock)."""

    most: int
    left: float
    at: float

    def fill(self, now: float) -> None:
        self.left = min(self.most, self.left + (now - self.at) * self.most / WINDOW_S)
        self.at = now

    def wait_s(self, amount: float) -> int:
        """Whole seconds until ``amount`` is there."""
        return max(ceil((amount - self.left) * WINDOW_S / self.most), 0)


@dataclass(slots=True)
class Allowance:
    """What a key has left, in the words of the headers; ``refused`` says what there is too little of."""

    buckets: dict[str, Bucket]
    refused: str = ""

    @property
    def retry_after_s(self) -> int:
        return max(self.buckets[self.refused].wait_s(1), 1)

    def charge(self, cost: int) -> None:
        if (bucket := self.buckets.get("cost")) is not None:
            bucket.left -= cost

    def charge_export(self, values: int) -> None:
        """A large read empties a minute's worth at most: how many run at once bounds it otherwise, see the exporter."""
        if (bucket := self.buckets.get("cost")) is not None:
            bucket.left -= min(values, bucket.most)

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The draft's ``RateLimit`` fields for every bucket, and the three older ones for the first."""
        policy = ", ".join(f'"{name}";q={one.most};w={WINDOW_S}' for name, one in self.buckets.items())
        state = ", ".join(f'"{name}";r={_left(one)};t={one.wait_s(one.most)}' for name, one in self.buckets.items())
        first = next(iter(self.buckets.values()))
        return [
            (b"ratelimit-policy", policy.encode()),
            (b"ratelimit", state.encode()),
            (b"ratelimit-limit", b"%d" % first.most),
            (b"ratelimit-remaining", b"%d" % _left(first)),
            (b"ratelimit-reset", b"%d" % first.wait_s(first.most)),
        ]


def _left(bucket: Bucket) -> int:
    return max(int(bucket.left), 0)


class OverRateError(ApiError):
    """The key asks more often, or for more, than it may; ``headers`` tell it when to come again."""

    def __init__(self, allowance: Allowance) -> None:
        wait_s = allowance.retry_after_s
        message = f"this key asks for more {allowance.refused} a minute than it may"
        super().__init__(Code.TOO_MANY_REQUESTS, message, remedy=f"Wait {wait_s} s.")
        self.headers = [(b"retry-after", b"%d" % wait_s), *allowance.headers()]


class Rates:
    """The buckets of this process."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self._most = {"requests": settings.requests_per_minute, "cost": settings.cost_per_minute}
        self._is_free = not any(self._most.values())
        self._clock = clock
        self._buckets: OrderedDict[UUID, dict[str, Bucket]] = OrderedDict()

    def admit(self, principal: Principal) -> Allowance | None:
        """One request of a key; None when nothing bounds it. Raises :class:`OverRateError`."""
        allowance = self.take(principal)
        if allowance is not None and allowance.refused:
            raise OverRateError(allowance)
        return allowance

    def take(self, principal: Principal) -> Allowance | None:
        """The same, with what there is too little of in ``refused``."""
        if self._is_free and principal.rate is UNSET_RATE:
            return None
        now = self._clock()
        buckets = self._of(principal, now)
        for bucket in buckets.values():
            bucket.fill(now)
        allowance = Allowance(buckets)
        if not buckets:
            return None
        allowance.refused = next((name for name, one in buckets.items() if one.left < 1), "")
        if not allowance.refused and "requests" in buckets:
            buckets["requests"].left -= 1
        return allowance

    def _of(self, principal: Principal, now: float) -> dict[str, Bucket]:
        own = {"requests": principal.rate.requests, "cost": principal.rate.cost}
        most = {name: set_ if own[name] is None else own[name] for name, set_ in self._most.items()}
        known = self._buckets.get(principal.key_id)
        if known is None or {name: one.most for name, one in known.items()} != {name: one for name, one in most.items() if one}:
            known = {name: Bucket(one, one, now) for name, one in most.items() if one}
            self._buckets[principal.key_id] = known
        self._buckets.move_to_end(principal.key_id)
        while len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)
        return known
