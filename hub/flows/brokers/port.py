"""What a broker must be able to do: take one record and say when it holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

TIMEOUT_S = 10.0
"""Seconds a broker has to acknowledge a record, or to be reached."""
RETRY_S = (1, 2, 5, 10, 30, *(60,) * 10, *(300,) * 7, *(3600,) * 8)
"""Seconds after each failed try, where a subscription says nothing else: nine hours. A broker that went is back in seconds or restored."""


class BrokerError(Exception):
    """A broker did not take a record; the message says why, without names or secrets of the way."""


class AwayError(BrokerError):
    """It may take the same record later: it is tried again by the schedule of its subscription."""


class RefusedError(BrokerError):
    """It never takes this record; its lane is parked for a person."""


@dataclass(frozen=True, slots=True)
class Record:
    """One event as a broker keeps it: a CloudEvent in binary mode.

    ``key`` is the golden id, by which order is kept; ``id`` the event's, the same over all tries; ``attributes`` those of
    the CloudEvent without their prefix, which differs per broker; ``body`` its data as JSON.
    """

    topic: str
    key: str
    id: str
    attributes: Mapping[str, str]
    body: bytes


class Broker(Protocol):
    """One connection. ``publish`` may be called side by side; calls for one key follow each other."""

    async def publish(self, record: Record) -> None:
        """Return once the broker holds the record durably. Raises :class:`BrokerError`."""

    async def aclose(self) -> None: ...
