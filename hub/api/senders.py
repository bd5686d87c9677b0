"""What the doors know of those who send, remembered for a second, and how much of the doors one tenant may take.

A single message costs one commit, shared with others, and no look-up of its own: which systems a tenant has and how a system
signs is asked once a second. What is not found, or does not fit, is looked up anew before it is refused, so a system works
as soon as it is connected and a new secret as soon as it is set; a former one goes on for that second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import NamedTuple

from starlette.types import Message, Receive

from connectors.port import Connector
from hub.api.context import Services
from hub.api.rates import Bucket
from hub.errors import BusyError

ConnectorOf = Callable[[int, str], Awaitable[Connector | None]]
"""(tenant id, system) → its connector, or None when it has none."""
REMEMBERED_S = 1.0
MOST_REMEMBERED = 1_000
COME_AGAIN_S = 1

_SYSTEMS = """
    SELECT s.tenant_id FROM hub.system s JOIN hub.tenant t ON t.id = s.tenant_id
     WHERE s.name = $1 AND ($2::text IS NULL OR t.slug = $2) ORDER BY s.tenant_id LIMIT 20
"""


class Known(NamedTuple):
    """A system that takes webhooks at an address, and whose it is."""

    tenant_id: int
    connector: Connector


class Senders:
    """Look-ups of the doors; ``clock`` counts seconds steadily."""

    def __init__(self, services: Services, connector_of: ConnectorOf, clock: Callable[[], float] = monotonic) -> None:
        self._services, self._connector_of, self._clock = services, connector_of, clock
        self._systems: dict[int, tuple[float, Collection[str]]] = {}
        self._hooks: dict[tuple[str, str | None], tuple[float, Sequence[Known]]] = {}

    async def has_system(self, tenant_id: int, system: str) -> bool:
        """Whether a tenant has connected a system of this name."""
        known = self._systems.get(tenant_id)
        if known is not None and known[0] > self._clock() and system in known[1]:
            return True
        async with self._services.worker_pool.acquire() as connection:
            config = await self._services.configurations.get(connection, tenant_id)
        if len(self._systems) >= MOST_REMEMBERED:
            self._systems.clear()
        self._systems[tenant_id] = (self._clock() + REMEMBERED_S, config.systems.keys())
        return system in config.systems

    def remembered(self, system: str, tenant: str | None) -> Sequence[Known]:
        """Who took webhooks at this address a moment ago."""
        known = self._hooks.get((system, tenant))
        return known[1] if known is not None and known[0] > self._clock() else ()

    async def at(self, system: str, tenant: str | None) -> Sequence[Known]:
        """Who takes webhooks at this address; without a tenant there may be several, told apart by their signatures."""
        rows = await self._services.worker_pool.fetch(_SYSTEMS, system, tenant)
        made = [(row["tenant_id"], await self._connector_of(row["tenant_id"], system)) for row in rows]
        found = [Known(tenant_id, connector) for tenant_id, connector in made if connector is not None]
        if found:
            if len(self._hooks) >= MOST_REMEMBERED:
                self._hooks.clear()
            self._hooks[system, tenant] = (self._clock() + REMEMBERED_S, found)
        return found


def counted(receive: Receive, came: Callable[[int], None]) -> Receive:
    """The same, telling how large each piece is."""

    async def piece() -> Message:
        message = await receive()
        came(len(message.get("body", b"")))
        return message

    return piece


class Turnstile:
    """How many requests, and how many bytes of them, one sender may have in hand (half of all), and how many messages a tenant may
    send in a minute (0: any). Bytes are counted as they come: announcing many costs nobody anything."""

    def __init__(
        self, most_in_hand: int, per_minute: int, most_bytes: int = 128_000_000, clock: Callable[[], float] = monotonic
    ) -> None:
        self._most, self._most_bytes = max(most_in_hand // 2, 1), most_bytes
        self._per_minute, self._clock = per_minute, clock
        self._in_hand: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._buckets: dict[int, Bucket] = {}

    @contextmanager
    def entered(self, sender: str) -> Iterator[Callable[[int], None]]:
        """Around one request of a sender; gives what to call with every piece of its body. Both raise :class:`BusyError` when
        the sender, or everybody together, has too much in hand; one request at a time may always come in whole."""
        if self._in_hand[sender] >= self._most:
            raise BusyError("too many requests of yours are in hand", COME_AGAIN_S, is_yours=True)
        self._in_hand[sender] += 1
        mine = 0

        def came(size_bytes: int) -> None:
            nonlocal mine
            mine += size_bytes
            self._bytes[sender] += size_bytes
            if self._bytes[sender] > max(self._most_bytes // 2, mine):
                raise BusyError("too many messages of yours are on their way in", COME_AGAIN_S, is_yours=True)
            if self._bytes.total() > max(self._most_bytes, mine):
                raise BusyError("too many messages are on their way in", COME_AGAIN_S, is_yours=False)

        try:
            yield came
        finally:
            self._in_hand[sender] -= 1
            self._bytes[sender] -= mine
            if not self._in_hand[sender]:
                del self._in_hand[sender], self._bytes[sender]

    def charge(self, tenant_id: int, messages: int) -> None:
        """Count messages against a tenant's minute; many at once may overdraw it by a minute's worth.

        >>> gate = Turnstile(2, 60, clock=lambda: 0.0)
        >>> gate.charge(1, 100)
        >>> gate.charge(1, 1)
        Traceback (most recent call last):
        ...
        hub.errors.BusyError: your tenant sends more messages a minute than it may
        """
        if not self._per_minute:
            return
        now = self._clock()
        bucket = self._buckets.setdefault(tenant_id, Bucket(self._per_minute, self._per_minute, now))
        bucket.fill(now)
        if bucket.left < 1:
            raise BusyError("your tenant sends more messages a minute than it may", max(bucket.wait_s(1), 1), is_yours=True)
        bucket.left = max(bucket.left - messages, -bucket.most)
