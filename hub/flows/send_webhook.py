"""Sending events to one webhook: every version of a record in order, each under the same id over all tries.

A lane sends what is pending, stops at the first event that does not arrive, and says how far it came. 2xx is delivered;
410 disables the subscription; 429 and 503 pause it; redirects are refused; other 4xx park the lane for a person.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from hub.core.records import Values
from hub.core.retry import is_exhausted, retry_delay_s
from hub.faults import point
from hub.flows.addresses import CheckedResolver, ForbiddenAddressError, Network, check_url
from hub.flows.filters import fits, needs_values, raised
from hub.flows.gates import Gate
from hub.flows.settle import Outcome
from hub.flows.webhook_message import Message, Sender, merged, message, redacted, signed_headers
from hub.store.attempts import Attempt
from hub.store.feed import FeedChange
from hub.store.lanes import Lane, Settled
from hub.store.tasks import NewTask
from schema.events import BusinessEvent

TIMEOUT_S = 15.0
MOST_VERSIONS = 20
"""Events of one record sent under one lease."""
_SHOWN_BYTES = 500
_READ_BYTES = 65_536
_LONGEST_PAUSE_S = 3600.0


@dataclass(frozen=True, slots=True)
class Answer:
    """How the receiver took one event; ``state`` is done, retriable, rate_limited, rejected or gone."""

    state: str
    reason: str = ""
    status: int = 0
    body: str = ""
    retry_after_s: float = 0.0


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
    def looked_at(self) -> int:
        """Up to which version ``changes`` are complete."""
        return self.changes[-1].version if len(self.changes) == MOST_VERSIONS else self.lane.wanted_version


def versions_needed(lane: Lane, changes: Sequence[FeedChange]) -> list[tuple[str, Any, int]]:
    """(entity, golden id, version) of the whole records that this lane's events or filter need."""
    subscription = lane.subscription
    is_whole = subscription.payload != "delta" or bool(subscription.filter.get("context"))
    if is_whole or needs_values(subscription.filter) or (lane.plan or {}).get("snapshot"):
        return [(change.entity, change.golden_id, change.version) for change in changes]
    return []


def open_session(allowed: tuple[Network, ...]) -> aiohttp.ClientSession:
    """The process's one session for webhooks; connects to permitted addresses only and keeps no cookies."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=CheckedResolver(allowed), limit=256, limit_per_host=32, ttl_dns_cache=30),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_S, sock_connect=5.0),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"user-agent": "hub-webhooks/1"},
        skip_auto_headers=("accept-encoding",),
        auto_decompress=False,
    )


@dataclass(kw_only=True)
class EventSender(ABC):
    """Sends pending events of lanes, however one is carried. ``jitter`` gives numbers in [0, 1)."""

    worker: str
    jitter: Callable[[], float]
    wall: Callable[[], float] = time.time

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
        for step, event in self._events(sender, pending):
            if event is None:
                delivered = step
                continue
            pause_s = gate.opens_in_s(time.monotonic())
            if pause_s > 0 or not is_ours():
                return _later(lane, delivered, pause_s, tries)
            started_at = datetime.fromtimestamp(self.wall(), UTC)
            answer = await self._post(lane, event)
            tries.append(self._attempt(lane, event, answer, started_at))
            if answer.state != "done":
                return self._not_taken(lane, delivered, answer, tries, gate)
            gate.succeeded()
            delivered = step
        return Outcome(Settled(lane, "idle", pending.looked_at, pending.looked_at, plan=_plan_left(pending)), tries)

    def _events(self, sender: Sender, pending: Pending) -> list[tuple[int, Message | None]]:
        """Per pending version the event, or None where the filter does not want it."""
        lane, subscription = pending.lane, pending.lane.subscription
        wanted = subscription.filter
        made: list[tuple[int, Message | None]] = []
        fitting: list[FeedChange] = []
        for change in pending.changes:
            values = pending.values.get(change.version, {})
            events = raised(wanted, change, values)
            if change.version == pending.snapshot_version:
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
            events=events, context=context, decided=pending.decided,
        )  # fmt: skip

    def _attempt(self, lane: Lane, event: Message, answer: Answer, started_at: datetime) -> Attempt:
        headers = {"webhook-id": event.id}
        error = None
        if answer.state != "done":
            error = {"class": answer.state, "reason": answer.reason, "status": answer.status}
        state = "rejected" if answer.state == "gone" else answer.state
        return Attempt(
            lane, event.version, "event", event.id, state, started_at, self.worker,
            {"url": lane.subscription.url, "type": event.type, "headers": redacted(headers), "size_bytes": len(event.body)},
            {"status": answer.status, "body": answer.body}, error, datetime.fromtimestamp(self.wall(), UTC),
        )  # fmt: skip

    def _not_taken(self, lane: Lane, delivered: int, answer: Answer, tries: list[Attempt], gate: Gate) -> Outcome:
        now = time.monotonic()
        if answer.state == "gone":
            parked = Settled(lane, "due", delivered, delivered, reason=answer.reason)
            return Outcome(parked, tries, tasks=[_gone(lane)], disables=True)
        if answer.state == "rejected":
            return _parked(lane, delivered, lane.attempts + 1, answer, tries, "delivery_rejected")
        if answer.state == "rate_limited":
            gate.wait(now, answer.retry_after_s)
            return _later(lane, delivered, answer.retry_after_s, tries, answer.reason)
        gate.failed(now)
        attempts = lane.attempts + 1 if delivered == lane.delivered_version else 1
        if is_exhausted(attempts):
            return _parked(lane, delivered, attempts, answer, tries, "delivery_failed")
        delay_s = retry_delay_s(attempts, answer.retry_after_s, self.jitter())
        again = Settled(lane, "due", delivered, delivered, attempts, delay_s, plan=lane.plan, reason=answer.reason)
        return Outcome(again, tries)


@dataclass(kw_only=True)
class WebhookSender(EventSender):
    """Posts events to addresses. ``secret_of`` opens a subscription's secret."""

    session: aiohttp.ClientSession
    allowed: tuple[Network, ...]
    secret_of: Callable[[Lane], str]

    async def _post(self, lane: Lane, event: Message) -> Answer:
        url = lane.subscription.url or ""
        try:
            check_url(url, self.allowed)
            headers = signed_headers(self.secret_of(lane), event, int(self.wall()))
            point("webhook.before_call")
            async with self.session.post(url, data=event.body, headers=headers, allow_redirects=False) as response:
                point("webhook.after_call")
                body = await response.content.read(_READ_BYTES)
                return judge(response.status, response.headers.get("retry-after", ""), body, self.wall())
        except ForbiddenAddressError as error:
            return Answer("rejected", str(error))
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, ForbiddenAddressError):
                return Answer("rejected", str(error.os_error))
            return Answer("retriable", "The receiver cannot be reached.")
        except aiohttp.InvalidURL:
            return Answer("rejected", "The address cannot be read.")
        except TimeoutError:
            return Answer("retriable", f"No answer within {TIMEOUT_S:.0f} s.")
        except (aiohttp.ClientError, OSError) as error:
            return Answer("retriable", f"The connection failed ({type(error).__name__}).")


def judge(status: int, retry_after: str, body: bytes, now: float) -> Answer:
    """What an HTTP answer means for the delivery.

    >>> [judge(status, "", b"", 0).state for status in (200, 204, 301, 404, 408, 410, 429, 500, 503)]
    ['done', 'done', 'rejected', 'rejected', 'retriable', 'gone', 'rate_limited', 'retriable', 'rate_limited']
    """
    shown = body[:_SHOWN_BYTES].decode("utf-8", "replace").replace("\x00", "")
    if 200 <= status < 300:
        return Answer("done", status=status, body=shown)
    wait_s = min(retry_after_s(retry_after, now), _LONGEST_PAUSE_S)
    if status == 410:
        return Answer("gone", "The receiver says that it is gone for good.", status, shown)
    if status in (429, 503):
        return Answer("rate_limited", f"The receiver asks to wait (HTTP {status}).", status, shown, wait_s or 1.0)
    if 300 <= status < 400:
        return Answer("rejected", f"The receiver redirects (HTTP {status}), which is not followed.", status, shown)
    if 400 <= status < 500 and status not in (408, 425):
        return Answer("rejected", f"The receiver refuses the event (HTTP {status}).", status, shown)
    return Answer("retriable", f"The receiver failed (HTTP {status}).", status, shown, wait_s)


def retry_after_s(header: str, now: float) -> float:
    """Seconds of a Retry-After header, a number or a date; 0 when it says nothing we can read.

    >>> retry_after_s("2.5", 0), retry_after_s("Thu, 01 Jan 1970 00:01:00 GMT", 10), retry_after_s("soon", 0)
    (2.5, 50.0, 0.0)
    """
    try:
        return max(float(header), 0.0) if header.strip() not in ("nan", "inf", "-inf") else 0.0
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(header).timestamp() - now, 0.0)
    except (TypeError, ValueError):
        return 0.0


def _plan_left(pending: Pending) -> Any:
    """The mark of the snapshot stays until that version was looked at."""
    return None if pending.looked_at >= pending.snapshot_version else pending.lane.plan


def _later(
    lane: Lane, delivered: int, delay_s: float, tries: Sequence[Attempt] = (), reason: str | None = None
) -> Outcome:
    """Not our turn: tried again without counting it."""
    return Outcome(Settled(lane, "due", delivered, delivered, lane.attempts, delay_s, plan=lane.plan, reason=reason), tries)


def _parked(
    lane: Lane, delivered: int, attempts: int, answer: Answer, tries: Sequence[Attempt], cause: str
) -> Outcome:
    name = lane.subscription.name
    task = NewTask(
        cause=cause,
        subject=f"webhook {name}: {answer.status or answer.reason}",
        reason=f"Webhook {name}: {answer.reason}",
        remedy="Mend the receiver, then replay this task's dead letters; they keep their event ids.",
        entity=lane.entity,
        golden_id=lane.golden_id,
        detail={"subscription": str(lane.subscription.id), "status": answer.status},
        correlation_id=lane.correlation_id,
    )
    parked = Settled(lane, "parked", lane.wanted_version, delivered, attempts, plan=lane.plan, reason=answer.reason)
    return Outcome(parked, tries, tasks=[task])


def _gone(lane: Lane) -> NewTask:
    name = lane.subscription.name
    return NewTask(
        cause="subscription_gone",
        subject=f"webhook {name}",
        reason=f"Webhook {name} answered 410 and was disabled.",
        remedy="Remove the subscription, or correct its address and resume it.",
        detail={"subscription": str(lane.subscription.id)},
        is_restated=True,
    )
