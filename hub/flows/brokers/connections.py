"""The broker connections of one process: one per address and login, opened when the first record needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from hub.errors import RequestError
from hub.flows.brokers.address import BrokerAddress, read_address
from hub.flows.brokers.port import AwayError, Broker, BrokerError

FAILED_FOR_S = 0.5
PACKAGES = {"nats": "nats", "kafka": "aiokafka"}
_OPENERS = {"nats": ("hub.flows.brokers.jetstream", "open_jetstream"), "kafka": ("hub.flows.brokers.kafka", "open_kafka")}
"""Imported when used: both packages are an extra."""

Opener = Callable[[BrokerAddress, str], Awaitable[Any]]


def check_installed(kind: str) -> None:
    """Raises :class:`RequestError` ``broker_missing`` where the client package of a broker is not there."""
    if find_spec(PACKAGES[kind]) is None:
        raise RequestError(
            "broker_missing", f"this hub has no client for {kind}", field="url", remedy="Install the extra: pip install 'services-hub[brokers]'."
        )


class Brokers:
    """Opens, keeps and closes connections. ``openers`` by kind, for tests."""

    def __init__(self, openers: Mapping[str, Opener] | None = None) -> None:
        self._openers = openers
        self._open: dict[tuple[str, str], Any] = {}
        self._opening: dict[tuple[str, str], asyncio.Lock] = {}
        self._failed: dict[tuple[str, str], tuple[float, BrokerError]] = {}

    async def of(self, url: str, secret: str) -> Broker:
        """The connection for an address and login. Raises :class:`hub.flows.brokers.port.BrokerError`."""
        key = (url, secret)
        async with self._opening.setdefault(key, asyncio.Lock()):
            found = self._open.get(key)
            if found is None or found.is_closed:
                found = self._open[key] = await self._opened(key)
        broker: Broker = found
        return broker

    async def _opened(self, key: tuple[str, str]) -> Any:
        """A new connection; who asks just after one failed is told the same, so that those who waited do not each wait anew."""
        clock = asyncio.get_running_loop().time
        failed_at, error = self._failed.get(key, (-FAILED_FOR_S, None))
        if error is not None and clock() - failed_at < FAILED_FOR_S:
            raise error
        address = read_address(key[0])
        try:
            return await self._opener(address.kind)(address, key[1])
        except BrokerError as error:
            self._failed[key] = (clock(), error)
            raise

    def _opener(self, kind: str) -> Opener:
        if self._openers is not None:
            return self._openers[kind]
        if find_spec(PACKAGES[kind]) is None:
            raise AwayError(f"The client for {kind} is not installed here.")
        module, name = _OPENERS[kind]
        opener: Opener = getattr(import_module(module), name)
        return opener

    async def aclose(self) -> None:
        for one in self._open.values():
            with suppress(Exception):
                await one.aclose()
        self._open.clear()
