"""What stewards and operations read: tasks, the inbox, systems, subscriptions, deliveries, the feed, and who one is.

These lists show what sources sent and targets were told, word for word. So they are for stewards and admins; a key of
role ``system`` sees its own messages, a reader sees tasks without their details.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import asyncpg
import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import Role
from hub.api.common import PageInfo
from hub.api.context import Context
from hub.api.lists import Arguments, Connection, paged
from hub.api.operation_types import (
    CodeMapping,
    DecisionRecord,
    Delivery,
    ExtensionField,
    Health,
    InboxMessage,
    Me,
    Subscription,
    System,
)  # fmt: skip
from hub.api.plan import All, Compare, Condition, Op, OrderBy, Plan, Quantifier, Related, Shape
from hub.api.scalars import Long
from hub.api.shells import Annotation, Shells, resolved_field
from hub.api.subscribe.pull import pull_field
from hub.api.values import to_sql

INBOX = Shape(
    "inbox",
    {
        "id": "bigint", "system": "text", "object": "text", "external_id": "text", "idempotency_key": "text",
        "body": "bytea", "is_delete": "boolean", "version": "text", "channel": "text", "actor": "text",
        "correlation_id": "text", "is_backfill": "boolean", "received_at": "timestamptz", "outcome": "text",
        "task_id": "bigint", "detail": "jsonb", "settled_at": "timestamptz",
    },
)  # fmt: skip
INBOX_OUTCOME = Shape("inbox_outcome", {"inbox_id": "bigint", "outcome": "text", "task_id": "bigint"}, key=("inbox_id",))
INBOX_OPEN = Shape("inbox_open", {"inbox_id": "bigint"}, key=("inbox_id",))
LANES = Shape(
    "lane",
    {
        "subscription_id": "uuid", "golden_id": "uuid", "external_key": "text", "entity": "text",
        "wanted_version": "integer", "wanted_position": "bigint", "delivered_version": "integer", "state": "text",
        "attempts": "integer", "next_try_at": "timestamptz", "waits_for": "uuid", "plan": "jsonb",
        "task_id": "bigint", "reason": "text", "correlation_id": "text", "updated_at": "timestamptz",
    },
    key=("subscription_id", "golden_id", "external_key"),
)  # fmt: skip
SUBSCRIPTIONS = Shape("subscription", {"id": "uuid", "system": "text"})
DECISIONS = Shape(
    "decision",
    {
        "id": "bigint", "kind": "text", "entity": "text", "golden_id": "uuid", "other_id": "uuid",
        "source_id": "bigint", "field": "text", "value": "jsonb", "reason": "text", "actor": "text", "rule": "text",
        "made_at": "timestamptz", "until": "timestamptz", "withdrawn_at": "timestamptz", "withdrawn_by": "text",
    },
)  # fmt: skip


def page_of(node: type, name: str) -> type:
    """The connection type of an operational list."""
    edge = strawberry.type(type(f"{name}Edge", (), {"__annotations__": {"node": node, "cursor": str}}))
    fields = {"edges": list[edge], "nodes": list[node], "page_info": PageInfo, "total_count": int}  # type: ignore[valid-type]
    return strawberry.type(type(f"{name}Connection", (), {"__annotations__": fields}))


PAGING: Mapping[str, Annotation] = {"first": int | None, "after": str | None, "last": int | None, "before": str | None}
Conditions = Callable[[Context, Mapping[str, Any]], Sequence[Condition]]


def list_field(
    name: str, shape: Shape, node: type, conditions: Conditions, doc: str, roles: tuple[Role, ...], order: tuple[OrderBy, ...],
    **arguments: Annotation,
) -> StrawberryField:  # fmt: skip
    """A paged list over one view."""

    async def resolve(
        root: Any, info: Any, first: Any = None, after: Any = None, last: Any = None, before: Any = None, **given: Any
    ) -> Connection:
        context: Context = info.context
        context.principal.need(*roles)
        where = All(tuple(conditions(context, given)))
        plan = Plan(shape, tuple(shape.columns), where, order)
        asked = paged(context, plan, Arguments(filter=given, first=first, after=after, last=last, before=before))
        records = await context.reader.rows(asked.plan) if asked.plan.page.size else []
        return Connection(asked, records, lambda record: record, lambda: context.reader.count(asked.plan))

    return resolved_field(name, page_of(node, node.__name__), resolve, doc, extra=arguments, **PAGING)


def equal(shape: Shape, **columns: str) -> Callable[[Context, Mapping[str, Any]], list[Condition]]:
    """Conditions on columns by argument name, for those that were given."""

    def conditions(_: Context, given: Mapping[str, Any]) -> list[Condition]:
        return [
            Compare(column, Op.EQ, to_sql(shape.type_of(column), given[name], name))
            for name, column in columns.items()
            if given.get(name) is not None
        ]

    return conditions


def inbox_conditions(context: Context, given: Mapping[str, Any]) -> list[Condition]:
    """Messages by what became of them. The narrow tables are asked, not the whole inbox."""
    found = equal(INBOX, system="system", object="object", external_id="external_id", correlation_id="correlation_id")(
        context, given
    )
    if context.principal.role is Role.SYSTEM:
        found.append(Compare("system", Op.EQ, context.principal.system or ""))
    outcome = given.get("outcome")
    if outcome == "open":
        found.append(Related("id", INBOX_OPEN, "inbox_id", Quantifier.SOME, All(())))
    elif outcome == "applied":
        found += [Related("id", one, "inbox_id", Quantifier.NONE, All(())) for one in (INBOX_OPEN, INBOX_OUTCOME)]
    elif outcome:
        wanted = Compare("outcome", Op.EQ, to_sql("text", outcome, "outcome"))
        found.append(Related("id", INBOX_OUTCOME, "inbox_id", Quantifier.SOME, wanted))
    if given.get("task_id") is not None:
        task = Compare("task_id", Op.EQ, to_sql("bigint", given["task_id"], "taskId"))
        found.append(Related("id", INBOX_OUTCOME, "inbox_id", Quantifier.SOME, task))
    return found


def delivery_conditions(context: Context, given: Mapping[str, Any]) -> list[Condition]:
    found = equal(
        LANES, subscription_id="subscription_id", state="state", entity="entity", record_id="golden_id", task_id="task_id", reason="reason",
        correlation_id="correlation_id",
    )(context, given)
    if given.get("system") is not None:
        system = Compare("system", Op.EQ, to_sql("text", given["system"], "system"))
        found.append(Related("subscription_id", SUBSCRIPTIONS, "id", Quantifier.SOME, system))
    return found


def dead_letter_conditions(context: Context, given: Mapping[str, Any]) -> list[Condition]:
    return [*delivery_conditions(context, given), Compare("state", Op.EQ, "parked")]


def newest(shape: Shape) -> tuple[OrderBy, ...]:
    """By key, the greatest first."""
    return tuple(OrderBy(column, True) for column in shape.key)


_LANE_ORDER = tuple(OrderBy(column) for column in LANES.key)
_OPERATORS = (Role.STEWARD, Role.ADMIN)
_INBOX_READERS = (Role.STEWARD, Role.ADMIN, Role.SYSTEM)


def paged_lists() -> dict[str, StrawberryField]:
    """The operational lists that are read page by page."""
    text, identity = str | None, strawberry.ID | None
    lane_arguments: dict[str, Annotation] = {
        "subscription_id": identity, "system": text, "entity": text, "record_id": identity, "task_id": Long | None, "reason": text, "correlation_id": text,
    }  # fmt: skip
    decided = equal(DECISIONS, record_id="golden_id", kind="kind")
    return {
        "inbox": list_field(
            "inbox", INBOX, InboxMessage, inbox_conditions,
            "Messages as they came, newest first; rejected ones with cause, field and remedy.", _INBOX_READERS, newest(INBOX),
            outcome=text, system=text, object=text, external_id=text, correlation_id=text, task_id=Long | None,
        ),
        "deliveries": list_field(
            "deliveries", LANES, Delivery, delivery_conditions, "How far each subscriber is with each record.",
            _OPERATORS, _LANE_ORDER, state=text, **lane_arguments,
        ),
        "dead_letters": list_field(
            "deadLetters", LANES, Delivery, dead_letter_conditions, "Deliveries set aside for a person.", _OPERATORS, _LANE_ORDER,
            **lane_arguments,
        ),
        "decisions": list_field(
            "decisions", DECISIONS, DecisionRecord, decided, "Judgements of people and rules, newest first.",
            _OPERATORS, newest(DECISIONS), record_id=identity, kind=text,
        ),
    }  # fmt: skip


def _rows_field(name: str, node: type, sql: str, doc: str, roles: tuple[Role, ...], **arguments: Annotation) -> StrawberryField:
    """A short list that is read whole; arguments become $1, $2 … in their order."""

    async def resolve(root: Any, info: Any, **given: Any) -> list[asyncpg.Record]:
        context: Context = info.context
        context.principal.need(*roles)
        return await context.reader.query(sql, *(given.get(each) for each in arguments))

    return resolved_field(name, list[node], resolve, doc, extra=arguments)  # type: ignore[valid-type]


def short_lists() -> dict[str, StrawberryField]:
    """Configuration, read whole."""
    everybody, text = tuple(Role), str | None
    return {
        "systems": _rows_field("systems", System, "SELECT * FROM api.system ORDER BY name", "The connected systems.", everybody),
        "subscriptions": _rows_field(
            "subscriptions", Subscription, "SELECT * FROM api.subscription ORDER BY name", "Who reads changes.", _OPERATORS
        ),
        "code_maps": _rows_field(
            "codeMaps", CodeMapping,
            """
            SELECT * FROM api.code_map WHERE ($1::text IS NULL OR system = $1) AND ($2::text IS NULL OR code_set = $2)
             ORDER BY system, code_set, theirs LIMIT 10000
            """,
            "Their codes and ours.", everybody, system=text, code_set=text,
        ),
        "extension_fields": _rows_field(
            "extensionFields", ExtensionField,
            "SELECT * FROM api.extension_field WHERE ($1::text IS NULL OR entity = $1) ORDER BY entity, name",
            "The firm's own fields.", everybody, entity=text,
        ),
    }  # fmt: skip


_HEALTH = """
    SELECT (SELECT position FROM api.feed_head) AS feed_position,
           (SELECT count(*) FROM api.inbox_open) AS inbox_open,
           (SELECT count(*) FROM api.steward_task WHERE state = 'open') AS tasks_open,
           (SELECT count(*) FROM api.lane WHERE state = 'due') AS deliveries_due,
           (SELECT count(*) FROM api.lane WHERE state = 'parked') AS deliveries_parked
"""


def own_fields() -> dict[str, StrawberryField]:
    """Who one is, and how the hub is doing."""

    def me(root: Any, info: Any) -> Me:
        who = info.context.principal
        return Me(tenant=who.tenant, role=who.role.value, name=who.name, system=who.system)

    async def health(root: Any, info: Any) -> Any:
        info.context.principal.need_everything()
        return (await info.context.reader.query(_HEALTH))[0]

    return {
        "me": resolved_field("me", Me, me, "Who this key belongs to."),
        "health": resolved_field("health", Health, health, "How the tenant's hub is doing."),
    }


def operation_fields(shells: Shells) -> dict[str, StrawberryField]:
    """All fields of the query type that are not golden records."""
    return {**paged_lists(), **short_lists(), "changes": pull_field(shells), **own_fields()}
