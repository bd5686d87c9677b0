"""Seeing what goes on: readers with lag and rate, what is held and why, every try, alerts, and the trail of one correlation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import Role
from hub.api.context import Context
from hub.api.decisions import golden_id
from hub.api.errors import ApiError, Code
from hub.api.monitor_types import Alert, DeadLetterClass, DeliveryAttempt, LaneGroup, SubscriptionStatus, Trail
from hub.api.operations import SUBSCRIPTIONS, list_field, newest
from hub.api.plan import All, Compare, Condition, Op, Quantifier, Related, Shape
from hub.api.scalars import DateTime, Long
from hub.api.shells import resolved_field
from hub.api.values import to_sql
from hub.flows import correlate, monitor
from hub.flows.correlate import Wanted
from hub.store.pool import Pool

OPERATORS = (Role.STEWARD, Role.ADMIN)
STATES = ("due", "leased", "waiting", "observed", "proposed", "parked")
ATTEMPTS = Shape(
    "attempt",
    {
        "id": "bigint", "subscription_id": "uuid", "golden_id": "uuid", "external_key": "text", "version": "integer", "operation": "text",
        "intent_key": "text", "state": "text", "request": "jsonb", "response": "jsonb", "error": "jsonb", "worker": "text",
        "correlation_id": "text", "started_at": "timestamptz", "finished_at": "timestamptz",
    },
)  # fmt: skip


def _pool(context: Context) -> tuple[Pool, int]:
    return context.services.worker_pool, context.principal.tenant_id


def _operator(info: Any) -> Context:
    context: Context = info.context
    context.principal.need_everything()
    context.principal.need(*OPERATORS)
    return context


def attempt_conditions(context: Context, given: Mapping[str, Any]) -> list[Condition]:
    """Tries by whose they are, what became of them, and when."""
    context.principal.need_everything()
    columns = {"subscription_id": "subscription_id", "record_id": "golden_id", "state": "state", "correlation_id": "correlation_id", "intent_key": "intent_key"}
    found: list[Condition] = [
        Compare(column, Op.EQ, to_sql(ATTEMPTS.columns[column], given[name], name)) for name, column in columns.items() if given.get(name) is not None
    ]
    if given.get("system") is not None:
        system = Compare("system", Op.EQ, to_sql("text", given["system"], "system"))
        found.append(Related("subscription_id", SUBSCRIPTIONS, "id", Quantifier.SOME, All((system,))))
    for name, op in (("since", Op.GTE), ("until", Op.LT)):
        if given.get(name) is not None:
            found.append(Compare("started_at", op, to_sql("timestamptz", given[name], name)))
    return found


async def delivery_status(root: Any, info: Any, subscription_id: Any = None) -> list[Any]:
    context = _operator(info)
    return list(await monitor.status(*_pool(context), golden_id(subscription_id, "subscriptionId") if subscription_id else None))


async def lane_groups(
    root: Any, info: Any, subscription_id: Any = None, system: Any = None, entity: Any = None, states: Any = None, by_reason: bool = True
) -> list[Any]:
    context = _operator(info)
    if unknown := sorted(set(states or ()) - set(STATES)):
        raise ApiError(Code.BAD_INPUT, f"{unknown[0][:40]!r} is not a state of deliveries", "states", f"Use {', '.join(STATES)}.")
    return list(
        await monitor.held(
            *_pool(context), states=states, subscription=_uuid(subscription_id), system=system, entity=entity, by_reason=by_reason
        )
    )


async def dead_letter_classes(root: Any, info: Any, subscription_id: Any = None, system: Any = None, entity: Any = None) -> list[Any]:
    context = _operator(info)
    return list(
        await monitor.held(*_pool(context), states=("parked",), subscription=_uuid(subscription_id), system=system, entity=entity, by_reason=False)
    )


def _uuid(text: Any) -> UUID | None:
    return golden_id(text, "subscriptionId") if text else None


_ALERTS = "SELECT * FROM api.steward_task WHERE cause = 'alert' AND ($1::text IS NULL OR state = $1) ORDER BY state, priority, id DESC LIMIT $2"


async def alerts(root: Any, info: Any, state: Any = "open", first: int = 100) -> list[Any]:
    context: Context = info.context
    context.principal.need_everything()
    context.principal.need(*OPERATORS)
    if not 0 <= first <= 500:
        raise ApiError(Code.BAD_PAGE, "first must be from 0 to 500", "first")
    return list(await context.reader.query(_ALERTS, state, first))


async def trail(
    root: Any, info: Any, correlation_id: Any = None, event_id: Any = None, idempotency_key: Any = None, message_id: Any = None,
    record_id: Any = None, version: Any = None, system: Any = None,
) -> Any:  # fmt: skip
    context = _operator(info)
    wanted = Wanted(
        _text(correlation_id), _text(event_id), _text(idempotency_key), int(message_id) if message_id else None,
        golden_id(record_id, "recordId") if record_id else None, version, system,
    )  # fmt: skip
    pool, tenant_id = _pool(context)
    async with pool.acquire() as connection:
        return await correlate.trail(connection, tenant_id, wanted)


def _text(given: Any) -> str:
    if given is not None and "\x00" in given:
        raise ApiError(Code.BAD_INPUT, "text holds no NUL", remedy="Leave it out.")
    return given or ""


def monitor_fields() -> dict[str, StrawberryField]:
    """What operations see."""
    text, identity = str | None, strawberry.ID | None
    return {
        "delivery_status": resolved_field(
            "deliveryStatus", list[SubscriptionStatus], delivery_status, "Every reader of changes: how far behind in positions and seconds, how fast, in which state.",
            subscription_id=identity,
        ),
        "lane_groups": resolved_field(
            "laneGroups", list[LaneGroup], lane_groups, "Deliveries that are not at rest, by state and why, the most first; 500 groups at most.",
            subscription_id=identity, system=text, entity=text, states=list[str] | None, by_reason=bool,
        ),
        "dead_letter_classes": resolved_field(
            "deadLetterClasses", list[DeadLetterClass], dead_letter_classes, "Deliveries set aside for a person, by class, with the money at stake.",
            subscription_id=identity, system=text, entity=text,
        ),
        "attempts": list_field(
            "attempts", ATTEMPTS, DeliveryAttempt, attempt_conditions, "Every try of every delivery, newest first; secrets and personal values are covered.",
            OPERATORS, newest(ATTEMPTS), subscription_id=identity, record_id=identity, system=text, state=text, correlation_id=text, intent_key=text,
            since=DateTime | None, until=DateTime | None,
        ),
        "alerts": resolved_field(
            "alerts", list[Alert], alerts, "What goes wrong, by root cause, gravest first: with money, deadline and team.", state=text, first=int,
        ),
        "trail": resolved_field(
            "trail", Trail | None, trail,
            "Everything that belongs together, by one of: its correlation id, an event's id, an idempotency or intent key, a message, a record (its newest version or one). "
            "By what people call a record: `search`, then `whereIs`.",
            correlation_id=text, event_id=text, idempotency_key=text, message_id=Long | None, record_id=identity, version=int | None, system=text,
        ),
    }  # fmt: skip
