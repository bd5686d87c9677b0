"""After a restore: what deliveries rest for, and letting them go on."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.context import Context
from hub.api.decisions import ADMINS, STEWARDS, DonePayload
from hub.api.mutation import Call, Payload, answer
from hub.api.scalars import DateTime, Long
from hub.api.shells import resolved_field
from hub.flows import restored
from hub.store import restores


@strawberry.type(description="Deliveries that rest because the hub was restored: its records stand at an earlier moment than the world.")
class RestingDeliveries:
    restored_at: DateTime = strawberry.field(description="When it was restored.")
    restored_to: DateTime | None = strawberry.field(description="The moment it was brought back to, where that is known.")
    epoch: Long = strawberry.field(description="The feed's epoch since then.")
    unread: list[str] = strawberry.field(description="What was not read since, as `system resource`: deliveries wait for it.")


async def resting_deliveries(root: Any, info: Any) -> Any:
    context: Context = info.context
    context.principal.need(*STEWARDS)
    found = await _resting(context)
    if found is None:
        return None
    told: dict[str, Any] = {"restored_at": found.restored_at, "restored_to": found.restored_to, "epoch": str(found.epoch), "unread": list(found.unread)}
    return RestingDeliveries(**told)


async def resume_deliveries(root: Any, info: Any, even_unread: Any = None) -> Payload:
    context: Context = info.context

    async def work(_: Payload) -> Payload:
        found = await _resting(context)
        if found is None:
            return {"done": False}
        await restored.resume(context.services.worker_pool, [found.slug], context.principal.actor, even_unread=bool(even_unread))
        return {"done": True}

    return await answer(context, ADMINS, Call("resumeDeliveries", {}), work)


async def _resting(context: Context) -> restores.Resting | None:
    async with context.services.worker_pool.acquire() as connection:
        return next((one for one in await restores.resting(connection) if one.tenant_id == context.principal.tenant_id), None)


def resting_field() -> StrawberryField:
    return resolved_field("restingDeliveries", RestingDeliveries | None, resting_deliveries, "What deliveries rest for after a restore; null when they do not rest.")


def resuming_field() -> StrawberryField:
    return resolved_field(
        "resumeDeliveries", DonePayload, resume_deliveries,
        "After a restore: let deliveries go on, once every system has been read again. `done` is false when they did not rest.", even_unread=bool | None,
    )  # fmt: skip
