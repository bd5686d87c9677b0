"""How a connected system is written to: its limits, windows and breakers, shown and set; draining and resuming it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.context import Context
from hub.api.decisions import ADMINS, STEWARDS, DonePayload
from hub.api.errors import ApiError, Code
from hub.api.mutation import Call, Payload, answer
from hub.api.scalars import DateTime, Json
from hub.api.shells import resolved_field
from hub.flows import system_limits


@strawberry.type(description="A breaker: whether one operation of a system is asked at the moment.")
class SystemBreaker:
    operation: str = strawberry.field(description="What is asked, such as `create invoice`.")
    state: str = strawberry.field(description="closed, open (left alone) or half_open (tried, one request at a time).")
    successes: int = strawberry.field(description="Requests that went through since it was last judged anew.")
    failures: int = strawberry.field(description="Requests that did not.")
    trips: int = strawberry.field(description="How often in a row it opened.")
    failing_since: DateTime | None = strawberry.field(description="When it opened first of those times.")
    retry_at: DateTime | None = strawberry.field(description="When it is tried again.")
    error: str = strawberry.field(description="What the last failure was.")


@strawberry.type(description="How a connected system stands as a target: what holds it, what it may be asked, what has failed.")
class SystemStanding:
    system: str
    state: str = strawberry.field(description="writing, paused, braked, draining (sent what is queued, takes no more) or drained.")
    limits: Json = strawberry.field(description="What was set over its connector's declaration: quota, breaker, windows, ledger.")
    requests_today: int = strawberry.field(description="Requests counted today, where the day is limited.")
    slots: int = strawberry.field(description="Requests at once that workers hold at the moment.")
    closed_until: DateTime | None = strawberry.field(description="End of the maintenance window it is in.")
    postings_closed_until: DateTime | None = strawberry.field(description="When it may be posted to again.")
    breakers: list[SystemBreaker]
    set_by: str = strawberry.field(description="Who set its limits last.")
    set_at: DateTime | None = strawberry.field(description="When.")


async def system_standing(root: Any, info: Any, system: str) -> Any:
    context: Context = info.context
    context.principal.need(*STEWARDS)
    async with context.services.worker_pool.acquire() as connection:
        return shown(await system_limits.standing(connection, context.principal.tenant_id, system))


def shown(one: system_limits.Standing) -> SystemStanding:
    """A system's standing as the API tells it."""
    told: dict[str, Any] = {each.name: getattr(one, each.name) for each in fields(one) if each.name != "operations"}
    return SystemStanding(breakers=[_breaker(operation) for operation in one.operations], **told)


def _breaker(operation: system_limits.Operation) -> SystemBreaker:
    told: dict[str, Any] = {each.name: getattr(operation.breaker, each.name) for each in fields(operation.breaker) if each.name != "window_at"}
    return SystemBreaker(operation=operation.name, **told)


async def set_system_limits(root: Any, info: Any, system: str, limits: Any) -> Payload:
    context: Context = info.context

    async def work(_: Payload) -> Payload:
        if not isinstance(limits, Mapping):
            raise ApiError(Code.BAD_INPUT, "limits are an object with quota, breaker, windows or ledger", "limits")
        pool, tenant_id = context.services.worker_pool, context.principal.tenant_id
        await system_limits.set_limits(pool, tenant_id, system, limits, context.principal.actor)
        return {"done": True}

    return await answer(context, ADMINS, Call("setSystemLimits", {}), work)


async def drain_system(root: Any, info: Any, system: str) -> Payload:
    context: Context = info.context

    async def work(_: Payload) -> Payload:
        await system_limits.drain(context.services.worker_pool, context.principal.tenant_id, system, context.principal.actor)
        return {"done": True}

    return await answer(context, STEWARDS, Call("drainSystem", {}), work)


async def resume_system(root: Any, info: Any, system: str) -> Payload:
    context: Context = info.context

    async def work(_: Payload) -> Payload:
        await system_limits.resume(context.services.worker_pool, context.principal.tenant_id, system, context.principal.actor)
        return {"done": True}

    return await answer(context, STEWARDS, Call("resumeSystem", {}), work)


def system_standing_field() -> StrawberryField:
    return resolved_field("systemStanding", SystemStanding, system_standing, "How a connected system stands as a target.", system=str)


def system_limit_fields() -> dict[str, StrawberryField]:
    return {
        "set_system_limits": resolved_field(
            "setSystemLimits", DonePayload, set_system_limits,
            "Say how a system is written to: requests a second, at once and a day, breakers, maintenance and posting windows.",
            system=str, limits=Json,
        ),
        "drain_system": resolved_field(
            "drainSystem", DonePayload, drain_system, "Send a system what is queued and take no more; then nothing until it is resumed.",
            system=str,
        ),
        "resume_system": resolved_field(
            "resumeSystem", DonePayload, resume_system, "Write to a system again, whatever kept it: a pause, a drain, an open breaker.",
            system=str,
        ),
    }  # fmt: skip
