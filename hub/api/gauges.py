"""Gauges derived from the tables, for ``/metrics``: read at most every few seconds, however many ask.

They are the same whichever process answers, so one api process is enough to scrape; the counters beside them are each process's own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hub.store import gauges
from hub.store.gauges import Gauge
from hub.store.pool import Pool
from hub.telemetry import logger

log = logger("hub.api.gauges")
FRESH_S = 5.0
PATIENCE_S = 8.0


class Gauges:
    """Reads the tables for whoever asks, and remembers for a moment."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._read: Sequence[Gauge] = ()
        self._read_at = -FRESH_S
        self._turn = asyncio.Lock()

    async def text(self) -> bytes:
        """In the format of Prometheus. Without the database only that it is away."""
        async with self._turn:
            is_up = True
            if time.monotonic() - self._read_at >= FRESH_S:
                try:
                    async with asyncio.timeout(PATIENCE_S), self._pool.acquire() as connection:
                        self._read = await gauges.read(connection)
                    self._read_at = time.monotonic()
                except Exception as error:  # noqa: BLE001 - whatever it is, what the process itself counts is told all the same
                    log.warning("gauges_not_read", error=type(error).__name__)
                    is_up, self._read = False, ()
            registry = CollectorRegistry()
            registry.register(_Told(self._read, is_up))
            return generate_latest(registry)


class _Told(Collector):
    """Hands out what was read."""

    def __init__(self, read: Sequence[Gauge], is_up: bool) -> None:
        self._read, self._is_up = read, is_up

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("hub_database_up", "Whether the database answered when it was asked for the gauges.")
        up.add_metric((), float(self._is_up))
        yield up
        for one in self._read:
            family = GaugeMetricFamily(one.name, one.doc, labels=one.labels)
            for labels, value in one.samples:
                family.add_metric(labels, value)
            yield family
