"""How the endpoints of subscriptions fare: since when one takes nothing, and what follows.

Written only when it changes: with the first failure after a success, and with the first success after a failure, which
resets everything: what waited for its next try is tried now, and so is what was given up. An endpoint that says it is gone
(410), or that has taken nothing for five days, is switched off; its owners get a task, given to who subscribed where that
is a member. Called first among the statements that settle, so that subscriptions are locked before lanes, as in fan-out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from hub.core.schedules import PATIENCE, is_given_up
from hub.store import subscriptions, tasks
from hub.store.attempts import Attempt
from hub.store.lanes import Lane
from hub.store.statements import Connection
from hub.store.subscriptions import Fared
from hub.store.tasks import NewTask

SENT = ("webhook", "broker")
OFF, GONE = "webhook_off", "subscription_gone"


@dataclass(frozen=True, slots=True)
class Tries:
    """The tries of one lane that are being settled; ``is_gone``: its endpoint says that it is gone for good."""

    lane: Lane
    attempts: Sequence[Attempt]
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    """What follows for owners and lanes. ``makers`` says who gets which task: (cause, subject) → actor."""

    tasks: tuple[NewTask, ...] = ()
    makers: tuple[tuple[tuple[str, str], str], ...] = ()
    is_due: bool = False


async def note(tx: Connection, tenant_id: int, tries: Iterable[Tries]) -> Noted:
    """Keep how endpoints fared, where that is news."""
    fared = [one for one in _fared(tries) if one.is_news]
    if not fared:
        return Noted()
    fared = [await _judged(tx, tenant_id, one) for one in sorted(fared, key=lambda one: one.id)]
    changed = await subscriptions.fare(tx, tenant_id, fared)
    back = [one.id for one in fared if one.took]
    is_due = bool(back) and await subscriptions.come_back(tx, tenant_id, back)
    by_id = {one.id: one for one in fared}
    off = [(row, by_id[row["id"]]) for row in changed if row["state"] == "disabled" and by_id[row["id"]].is_off]
    told = tuple((_task(row["id"], row["kind"], row["name"], one), row["created_by"]) for row, one in off)
    return Noted(tuple(task for task, _ in told), tuple(((task.cause, task.subject), maker) for task, maker in told), is_due)


async def tell_makers(tx: Connection, tenant_id: int, noted: Noted, ids: dict[tuple[str, str], int]) -> None:
    """Give the tasks to who subscribed; a key that is nobody's leaves them to the team."""
    if noted.makers:
        await tasks.give_to_actors(tx, tenant_id, [(ids[name], actor) for name, actor in noted.makers])


async def resumed(tx: Connection, tenant_id: int, subscription_id: UUID, kind: str, name: str, actor: str = "hub") -> None:
    """Somebody has mended an endpoint and switched it on: it has its five days again, and what was given up is tried."""
    await subscriptions.fare(tx, tenant_id, [Fared(subscription_id, took=True)])
    await subscriptions.come_back(tx, tenant_id, [subscription_id])
    for cause in (OFF, GONE):
        open_ones = await tasks.open_by_cause(tx, tenant_id, cause, [f"{kind} {name}"])
        await tasks.resolve(tx, tenant_id, open_ones, "resumed", actor)


def _fared(tries: Iterable[Tries]) -> list[Fared]:
    """One for each subscription: it took something, or since when it did not."""
    found: dict[UUID, Fared] = {}
    for one in tries:
        if one.lane.subscription.kind not in SENT or not (one.attempts or one.is_gone):
            continue
        so_far = found.get(one.lane.subscription.id) or Fared(one.lane.subscription.id, known_since=one.lane.subscription.failing_since)
        found[so_far.id] = _with(so_far, one)
    return list(found.values())


def _with(so_far: Fared, one: Tries) -> Fared:
    failed = [attempt for attempt in one.attempts if attempt.state != "done"]
    first, last = (failed[0].started_at, failed[-1].started_at) if failed else (None, None)
    return replace(
        so_far, took=so_far.took or len(failed) < len(one.attempts), is_gone=so_far.is_gone or one.is_gone,
        failed_at=_least(so_far.failed_at, first), last_at=_most(so_far.last_at, last),
    )  # fmt: skip


async def _judged(tx: Connection, tenant_id: int, one: Fared) -> Fared:
    """Whether it is switched off. What is known of its failing may be older than a success of another worker."""
    if one.is_gone:
        return replace(one, is_off=True)
    if one.took or one.last_at is None or not is_given_up(one.known_since, one.last_at):
        return one
    has_taken = await subscriptions.has_taken_since(tx, tenant_id, one.id, one.known_since)
    return replace(one, is_reset=has_taken, is_off=not has_taken)


def _task(id: UUID, kind: str, name: str, one: Fared) -> NewTask:
    what = f"{kind.capitalize()} {name}"
    if one.is_gone:
        cause, reason = GONE, f"{what} answered 410 and was disabled."
    else:
        cause, reason = OFF, f"{what} has taken nothing for {PATIENCE.days} days, since {one.known_since:%Y-%m-%d %H:%M} UTC, and was disabled."
    return NewTask(
        cause=cause, subject=f"{kind} {name}", reason=reason,
        remedy="Mend the receiver or correct its address, send a test event, then resume the subscription; or remove it.",
        detail={"subscription": str(id)}, is_restated=True,
    )  # fmt: skip


def _least(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other


def _most(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(one, other) if one and other else one or other
