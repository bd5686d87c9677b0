"""Sending events to one webhook: every version of a record in order, each under the same id over all tries.

A lane sends what is pending, stops at the first event that does not arrive, and says how far it came. 2xx is delivered;
410 disables the subscription; 429, 502, 503 and 504 slow it down; redirects are refused; other 4xx park the lane for a person.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from hub.core.records import Values
from hub.core.schedules import next_try_s
from hub.faults import wall
from hub.flows.addresses import Network
from hub.flows.filters import fits, needs_values, raised
from hub.flows.gates import Gate
from hub.flows.settle import Outcome
from hub.flows.webhook_message import Message, Sender, merged, message
from hub.flows.webhook_post import Answer, Poster, in_force, open_session, shown_url
from hub.store.attempts import Attempt
from hub.store.feed import FeedChange
from hub.store.lanes import Lane, Settled
from hub.store.tasks import NewTask
from hub.telemetry import logger
from schema.events import BusinessEvent

__all__ = ["MOST_VERSIONS", "Answer", "EventSender", "Pending", "WebhookSender", "open_session", "tried", "versions_needed"]
log = logger("hub.send_webhook")
MOST_VERSIONS = 20
"""Events of one record sent under one lease."""


@dataclass(slots=True)
class Pending:
    """A lane with what it has to deliver: its sequenced changes, and the whole values of versions where they are needed."""

    lane: Lane
    changes: Sequence[FeedChange]
    values: dict[int, Values] = field(default_factory=dict)
    decided: frozenset[str] = frozenset()
    """Fields whose values are those of the subscription's context."""

    @property
    def snapshot_version(self) -> int:
        return int((self.lane.plan or {}).get("snapshot", 0))

    @property
    def again(self) -> Mapping[str, bool]:
        """Delivered versions that shall be sent once more, and whether as a snapshot; none: the lane only goes on."""
        found: Mapping[str, bool] = (self.lane.plan or {}).get("again", {})
        return found

    @property
    def again_upto(self) -> int:
        """Up to which version everything has been delivered once."""
        return int((self.lane.plan or {}).get("upto", 0))

    @property
    def looked_at(self) -> int:
        """Up to which version ``changes`` are complete."""
        return self.changes[-1].version if len(self.changes) == MOST_VERSIONS else self.lane.wanted_version


def versions_needed(lane: Lane, changes: Sequence[FeedChange]) -> list[tuple[str, Any, int]]:
    """(entity, golden id, version) of the whole records that this lane's events or filter need."""
    subscription = lane.subscription
    is_whole = subscription.payload != "delta" or bool(subscription.filter.get("context"))
    if is_whole or needs_values(subscription.filter) or lane.plan:
        return [(change.entity, change.golden_id, change.version) for change in changes]
    return []


@dataclass(kw_only=True)
class EventSender(ABC):
    """Sends pending events of lanes, however one is carried. ``jitter`` gives numbers in [0, 1)."""

    worker: str
    jitter: Callable[[], float]
    wall: Callable[[], float] = wall

    async def carry(self, lane: Lane, event: Message) -> Answer:
        """Carry an event that is no change's."""
        return await self._post(lane, event)

    @abstractmethod
    async def _post(self, lane: Lane, event: Message) -> Answer:
        """Carry one event to the subscriber; answers how it was taken and never raises for what can go wrong on the way."""

    async def send(self, sender: Sender, pending: Pending, gate: Gate, is_ours: Callable[[], bool]) -> Outcome:
        """Deliver what is pending on one lane, as far as it goes."""
        lane = pending.lane
        if pending.snapshot_version and not pending.changes:
            return _later(lane, lane.delivered_version, 0.05)  # the snapshot's version has no position yet
        delivered = lane.delivered_version
        tries: list[Attempt] = []
        try:
            steps = self._events(sender, pending)
        except Exception as error:  # a lane that cannot go on must be seen, and must not come back for ever
            log.exception("an event cannot be made", subscription_id=lane.subscription.id, golden_id=lane.golden_id)
            answer = Answer("rejected", f"An event of this record cannot be made here ({type(error).__name__}).")
            return _parked(lane, delivered, lane.attempts + 1, answer, tries, "internal")
        for step, event in steps:
            if event is None:
                delivered = step
                continue
            pause_s = gate.opens_in_s(time.monotonic())
            if pause_s > 0 or not is_ours():
                return _later(lane, delivered, pause_s, tries)
            started_at = datetime.fromtimestamp(self.wall(), UTC)
            answer = await self._tried(lane, event)
            tries.append(tried(lane, event, answer, started_at, datetime.fromtimestamp(self.wall(), UTC), self.worker))
            if answer.state != "done":
                return self._not_taken(lane, delivered, answer, tries, gate)
            gate.succeeded()
            delivered = step
        return Outcome(Settled(lane, "idle", pending.looked_at, pending.looked_at, plan=_plan_left(pending)), tries)

    async def _tried(self, lane: Lane, event: Message) -> Answer:
        """Carry one event; our own failing is a failed try, of which nobody knows how far it came."""
        try:
            return await self._post(lane, event)
        except Exception as error:
            log.exception("a try failed here", subscription_id=lane.subscription.id, golden_id=lane.golden_id)
            return Answer("retriable", f"The try failed here ({type(error).__name__}).")

    def _events(self, sender: Sender, pending: Pending) -> list[tuple[int, Message | None]]:
        """Per pending version the event, or None where the filter does not want it."""
        lane, subscription = pending.lane, pending.lane.subscription
        wanted = subscription.filter
        made: list[tuple[int, Message | None]] = []
        fitting: list[FeedChange] = []
        for change in pending.changes:
            if change.version <= pending.again_upto and str(change.version) not in pending.again:
                made.append((change.version, None))
                continue
            values = pending.values.get(change.version, {})
            events = raised(wanted, change, values)
            if change.version == pending.snapshot_version or pending.again.get(str(change.version)):
                broad = {name: value for name, value in wanted.items() if name not in ("fields", "ops")}
                is_wanted, op = fits(broad, change, values), "snapshot"
            else:
                is_wanted, op = fits(wanted, change, values), change.op
                is_wanted = is_wanted and change.op != "lineage"  # the same values from somebody else: nothing a reader is told
                is_wanted = is_wanted and (not change.is_backfill or bool(wanted.get("backfill")))
                is_wanted = is_wanted and (not wanted.get("events") or bool(events))
            if is_wanted:
                fitting.append(change)
            made.append((change.version, self._event(sender, pending, change, op, events) if is_wanted else None))
        if subscription.coalesces and len(fitting) > 1:
            one = merged(fitting)
            events = raised(wanted, one, pending.values.get(one.version, {}))
            return [(lane.wanted_version, self._event(sender, pending, one, one.op, events))]
        return made

    def _event(
        self, sender: Sender, pending: Pending, change: FeedChange, op: str, events: Sequence[BusinessEvent]
    ) -> Message:
        subscription = pending.lane.subscription
        context = str(subscription.filter.get("context", ""))
        shows_values = subscription.payload != "delta" or op == "snapshot" or bool(context)
        return message(
            sender, change, op=op, payload=subscription.payload,
            values=pending.values.get(change.version, {}) if shows_values else None,
            shows_confidential=bool(subscription.filter.get("confidential")),
            events=events, context=context, decided=pending.decided, pins=subscription.pins,
            select=subscription.filter.get("select", ()), facts=pending.values.get(change.version),
        )  # fmt: skip

    def _not_taken(self, lane: Lane, delivered: int, answer: Answer, tries: list[Attempt], gate: Gate) -> Outcome:
        now = time.monotonic()
        if answer.state == "gone":
            return Outcome(Settled(lane, "due", delivered, delivered, plan=lane.plan, reason=answer.reason), tries, disables=True)
        if answer.state == "rejected":
            return _parked(lane, delivered, lane.attempts + 1, answer, tries, "webhook_refused")
        pause_s = gate.slow(now, answer.retry_after_s) if answer.is_overload else 0.0
        if answer.state == "rate_limited":
            return _later(lane, delivered, pause_s, tries, answer.reason)
        if not answer.is_overload:
            gate.failed(now)
        attempts = lane.attempts + 1 if delivered == lane.delivered_version else 1
        own = lane.subscription.retry_s
        delay_s = next_try_s(attempts, own, retry_after_s=answer.retry_after_s, jitter=self.jitter())
        if delay_s is None:
            return _parked(lane, delivered, attempts, answer, tries, "webhook_failed")
        again = Settled(lane, "due", delivered, delivered, attempts, delay_s, plan=lane.plan, reason=answer.reason)
        return Outcome(again, tries)


@dataclass(kw_only=True)
class WebhookSender(EventSender):
    """Posts events to addresses. ``secret_of`` opens a subscription's secret."""

    session: aiohttp.ClientSession
    allowed: tuple[Network, ...]
    secret_of: Callable[[Lane], str]

    def __post_init__(self) -> None:
        self._poster = Poster(self.session, self.allowed, self.wall)

    async def _post(self, lane: Lane, event: Message) -> Answer:
        one = lane.subscription
        return await self._poster.post(one.url or "", event, in_force(self.secret_of(lane), one.former_until, self.wall()))


def tried(lane: Lane, event: Message, answer: Answer, started_at: datetime, finished_at: datetime, worker: str) -> Attempt:
    """A try as it is kept, without signatures and without what an address carries after a question mark."""
    error = None
    if answer.state != "done":
        error = {"class": answer.state, "reason": answer.reason, "status": answer.status}
    state = "rejected" if answer.state == "gone" else answer.state
    url = shown_url(lane.subscription.url or "")
    return Attempt(
        lane, event.version, "event", event.id, state, started_at, worker,
        {"url": url, "type": event.type, "headers": {"webhook-id": event.id}, "size_bytes": len(event.body)},
        {"status": answer.status, "body": answer.body}, error, finished_at,
    )  # fmt: skip


def _plan_left(pending: Pending) -> Any:
    """What is marked, the snapshot and what is sent again, stays until all of it was looked at."""
    marked = max(pending.snapshot_version, pending.again_upto)
    return None if pending.looked_at >= marked else pending.lane.plan


def _later(
    lane: Lane, delivered: int, delay_s: float, tries: Sequence[Attempt] = (), reason: str | None = None
) -> Outcome:
    """Not our turn: tried again without counting it."""
    return Outcome(Settled(lane, "due", delivered, delivered, lane.attempts, delay_s, plan=lane.plan, reason=reason), tries)


def _parked(
    lane: Lane, delivered: int, attempts: int, answer: Answer, tries: Sequence[Attempt], cause: str
) -> Outcome:
    name, kind = lane.subscription.name, lane.subscription.kind
    task = NewTask(
        cause=cause,
        subject=f"{kind} {name}: {answer.status or answer.reason}",
        reason=f"{kind.capitalize()} {name}: {answer.reason}",
        remedy=("Mend the receiver" if cause != "internal" else "See the log") + ", then replay this task's dead letters; they keep their event ids.",
        entity=lane.entity,
        golden_id=lane.golden_id,
        detail={"subscription": str(lane.subscription.id), "status": answer.status},
        correlation_id=lane.correlation_id,
    )
    parked = Settled(lane, "parked", lane.wanted_version, delivered, attempts, plan=lane.plan, reason=answer.reason)
    return Outcome(parked, tries, tasks=[task])
