"""What writes to connected systems come to: where a lane stands afterwards, and the task a person gets. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.errors import ConfigurationError, ConnectorError, RejectedError
from connectors.port import Write
from hub.flows.plan_writes import Plan
from hub.flows.settle import Outcome
from hub.store.attempts import Finished, Open
from hub.store.lanes import Lane, Settled
from hub.store.tasks import NewTask


@dataclass(frozen=True, slots=True)
class Job:
    """One write whose intent is stored. ``is_doubtful``: an earlier try may have happened."""

    plan: Plan
    write: Write
    attempt_id: int
    is_doubtful: bool = False

    @property
    def lane(self) -> Lane:
        return self.plan.lane


def write_of(one: Plan) -> Write:
    assert one.write is not None
    return one.write


def stored_write(lane: Lane, last: Open) -> Write:
    """The write as its intent was stored."""
    request: Mapping[str, Any] = last.request
    operation: Any = last.operation
    return Write(
        last.intent_key, operation, str(request.get("object", "")), lane.entity, request.get("external_id"),
        request.get("body", {}), natural_key=request.get("natural_key", {}),
    )  # fmt: skip


def error_told(error: ConnectorError) -> dict[str, Any]:
    """An error as its attempt shows it."""
    told: dict[str, Any] = {"class": type(error).__name__, "reason": str(error), "status": error.status}
    if isinstance(error, RejectedError):
        told |= {"cause": error.cause, "field": error.field, "remedy": error.remedy, "code": error.code}
    return told


def rest_of(one: Plan, delivered: int) -> Settled:
    """Where a lane stands after its version was looked at, with what its mode holds back."""
    state = "idle"
    if one.held:
        state = "proposed" if "propose" in one.held.values() else "observed"
    shown = dict(one.shown) if one.shown and one.held else None
    if shown is not None:
        shown["fields"] = {name: step for name, step in shown["fields"].items() if name in one.held}
    return Settled(one.lane, state, one.version, delivered, waits_for=one.waits_for, plan=shown)


def unsent(one: Plan) -> Outcome:
    """A lane with nothing to send now."""
    lane = one.lane
    if one.verdict == "wait":
        waiting = Settled(lane, "waiting", one.version, lane.delivered_version, waits_for=one.waits_for, reason=one.reason)
        return Outcome(waiting)
    if one.verdict == "gate":
        gated = Settled(
            lane, "waiting", one.version, lane.delivered_version, lane.attempts, plan=one.shown, reason=one.reason, gate_id=one.gate_id,
            gate_money=one.money[0] if one.money else None,
        )  # fmt: skip
        return Outcome(gated)
    if one.verdict == "refuse":
        parked = Settled(lane, "parked", one.version, lane.delivered_version, lane.attempts + 1, plan=one.shown, reason=one.reason)
        return Outcome(parked, tasks=[unwritable_task(one)])
    if one.verdict == "hold":
        return Outcome(rest_of(one, lane.delivered_version), tasks=proposal_tasks(one))
    settled = Settled(lane, "idle", one.version, one.version, waits_for=one.waits_for, reason=one.reason or None)
    return Outcome(settled)


def braked_lane(one: Plan) -> Outcome:
    """Due as before; nothing of a braked system is claimed."""
    return Outcome(Settled(one.lane, "due", one.version, one.lane.delivered_version, one.lane.attempts, plan=one.lane.plan))


def later(lane: Lane, delay_s: float, reason: str | None = None) -> Outcome:
    """Not now; the try is not counted."""
    version = lane.delivered_version
    return Outcome(Settled(lane, "due", version, version, lane.attempts, delay_s, plan=lane.plan, reason=reason))


def again(job: Job, state: str, told: Mapping[str, Any], count: int, delay_s: float) -> Outcome:
    lane = job.lane
    settled = Settled(
        lane, "due", job.plan.version, lane.delivered_version, count, delay_s, plan=lane.plan, reason=str(told["reason"])
    )
    return Outcome(settled, finished=[Finished(job.attempt_id, state, error=told)])


def parked(job: Job, state: str, told: Mapping[str, Any], count: int, task: NewTask) -> Outcome:
    lane = job.lane
    settled = Settled(
        lane, "parked", job.plan.version, lane.delivered_version, count, plan=job.plan.shown, reason=str(told["reason"])
    )
    decided = () if state == "unknown" else (job.write.intent_key,)
    return Outcome(settled, finished=[Finished(job.attempt_id, state, error=told)], decided=decided, tasks=[task])


# tasks


def _task(one: Plan, cause: str, subject: str, reason: str, remedy: str, **more: Any) -> NewTask:
    lane = one.lane
    return NewTask(
        cause, subject, reason, remedy, entity=lane.entity, golden_id=lane.golden_id, system=lane.subscription.system,
        money=list(one.money) or None, correlation_id=lane.correlation_id, **more,
    )  # fmt: skip


def rejected_task(job: Job, error: RejectedError | ConfigurationError) -> NewTask:
    system, entity = job.lane.subscription.system, job.lane.entity
    name = getattr(error, "field", "")
    cause = getattr(error, "cause", "configuration")
    remedy = getattr(error, "remedy", "") or "Correct the record, then replay the dead letters of this task."
    code = getattr(error, "code", "")
    subject = " ".join(part for part in (str(system), entity, name, cause, code) if part)
    return _task(job.plan, "delivery_rejected", subject, str(error), remedy, field=name or None)


def unwritable_task(one: Plan) -> NewTask:
    subject = f"{one.lane.subscription.system} {one.lane.entity} {one.field}: {one.reason}"
    remedy = "Map the code or correct the value, then replay the dead letters of this task."
    return _task(one, "delivery_rejected", subject, one.reason, remedy, field=one.field or None)


def failed_task(job: Job, cause: str) -> NewTask:
    system = job.lane.subscription.system
    return _task(
        job.plan, cause, f"{system} {job.lane.entity}", f"{system} did not take the {job.lane.entity} in all tries.",
        "Find out why the system does not answer, then replay the dead letters of this task.",
    )  # fmt: skip


def double_task(job: Job, external_id: str, other: str) -> NewTask:
    system = job.lane.subscription.system
    return _task(
        job.plan, "duplicate_at_target", f"{system} {job.write.object} {job.lane.golden_id}",
        f"{system} seems to hold two records of one {job.lane.entity}.",
        "Remove the surplus record there; the hub works with the one it is linked to.",
        detail={"external_ids": [one for one in (external_id, other) if one]},
    )  # fmt: skip


def credentials_task(lane: Lane) -> NewTask:
    return _system_task(lane, "credentials", "{} does not accept the hub's credentials", "Renew the credentials of the system")


def unusable_task(lane: Lane) -> NewTask:
    return _system_task(lane, "connector_unusable", "The configuration of {} cannot be used", "Correct the system's configuration")


def _system_task(lane: Lane, cause: str, what: str, remedy: str) -> NewTask:
    """Nothing can be written to a whole system: one task for it, however many lanes wait."""
    system = lane.subscription.system
    return NewTask(
        cause, f"{system}", f"{what.format(system)}; nothing is written to it.", f"{remedy}; the lanes go on by themselves.",
        system=system, is_restated=True,
    )  # fmt: skip


def proposal_tasks(one: Plan) -> list[NewTask]:
    if "propose" not in one.held.values():
        return []
    lane, system = one.lane, one.lane.subscription.system
    return [
        NewTask(
            "proposed_write", f"{system} {lane.entity}", f"The hub would write {lane.entity} records to {system}.",
            "Look at the proposals, then accept them or set the mode to write.", entity=lane.entity, system=system,
            correlation_id=lane.correlation_id, is_restated=True,
        )
    ]  # fmt: skip


def brake_task(system: str, count: int, limit: int, money: Sequence[dict[str, str]]) -> NewTask:
    return NewTask(
        "brake", system, f"One run would write more than {limit} records to {system}; nothing of it was sent.",
        "Look at what would be written; release the brake, or set the mode back to observe.", system=system, count=count,
        money=summed(money) or None, detail={"limit": limit, "counted": count},
    )  # fmt: skip


def summed(money: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """One amount a currency.

    >>> summed([{"amount": "1.10", "currency": "EUR"}, {"amount": "2.00", "currency": "EUR"}])
    [{'amount': '3.10', 'currency': 'EUR'}]
    """
    sums: dict[str, Decimal] = {}
    for one in money:
        sums[one["currency"]] = sums.get(one["currency"], Decimal(0)) + Decimal(one["amount"])
    return [{"amount": format(amount, "f"), "currency": currency} for currency, amount in sorted(sums.items())]
