"""The types of the queue: a task with its people, money, history and suggestion; counts; outcomes. Rows as the views give them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import strawberry

from hub.api.access import SEES_CONFIDENTIAL
from hub.api.approval_types import Member, members_of
from hub.api.common import GoldenRecord, Money
from hub.api.context import Context
from hub.api.mutation import ProblemOut
from hub.api.plan import Shape
from hub.api.row_reads import long_of, record_of, text_id
from hub.api.scalars import DateTime, Json, Long
from hub.core.causes import CAUSES, cause_of

TASKS = Shape(
    "steward_task",
    {
        "id": "bigint", "cause": "text", "subject": "text", "state": "text", "entity": "text", "golden_id": "uuid",
        "source_id": "bigint", "system": "text", "field": "text", "count": "integer", "team": "text", "due_at": "timestamptz",
        "money": "jsonb", "reason": "text", "remedy": "text", "detail": "jsonb", "correlation_id": "text",
        "opened_at": "timestamptz", "updated_at": "timestamptz", "resolved_at": "timestamptz", "resolution": "text",
        "resolved_by": "text", "priority": "smallint", "risk": "text", "assignee_id": "uuid", "claimed_at": "timestamptz",
        "snoozed_until": "timestamptz", "question": "jsonb", "legal_entity": "uuid", "region": "text", "amount": "numeric",
        "currency": "text", "escalation": "smallint", "escalated_at": "timestamptz", "is_mixed": "boolean", "tags": "text[]", "suggestion": "jsonb",
        "exc": "text",
    },
)  # fmt: skip


async def _record(root: Any, info: strawberry.Info) -> Any:
    """The golden record it is about."""
    return await record_of(info.context, root["entity"], root["golden_id"])


def _step_detail(root: Any) -> Json:
    return Json({name: value for name, value in root["detail"].items() if name != "before"})


def _detail(root: Any, info: strawberry.Info) -> Json:
    """What a task is about, without the values of confidential fields for those who may not see them."""
    context: Context = info.context
    return Json(root["detail"] if context.principal.role in SEES_CONFIDENTIAL else {})


async def _assignee(root: Any, info: strawberry.Info) -> Any:
    return (await members_of(info.context)).get(root["assignee_id"]) if root["assignee_id"] else None


async def _legal_entity(root: Any, info: strawberry.Info) -> Any:
    return await record_of(info.context, "legal_entity", root["legal_entity"])


def _amount(root: Any) -> Any:
    return None if root["amount"] is None else {"amount": root["amount"], "currency": root["currency"]}


def _is_overdue(root: Any) -> bool:
    return bool(root["state"] == "open" and root["due_at"] < datetime.now(UTC))


def _is_snoozed(root: Any) -> bool:
    until = root["snoozed_until"]
    return bool(root["state"] == "open" and until is not None and until > datetime.now(UTC))


def _cause(name: str) -> Any:
    def read(root: Any) -> Any:
        return getattr(cause_of(root["cause"]), name)

    return read


async def _events(root: Any, info: strawberry.Info) -> list[Any]:
    context: Context = info.context

    async def load(ids: list[int]) -> dict[int, list[Any]]:
        rows = await context.reader.query("SELECT * FROM api.task_event WHERE task_id = ANY ($1::bigint[]) ORDER BY id", ids)
        found: dict[int, list[Any]] = {each: [] for each in ids}
        for row in rows:
            found[row["task_id"]].append(row)
        return found

    return await context.load("task_events", load, root["id"]) or []


_EARLIER = """
    SELECT o.id AS of, t.* FROM unnest($1::bigint[]) AS w (id)
      JOIN api.steward_task o ON o.id = w.id
     CROSS JOIN LATERAL (
           SELECT * FROM (
               (SELECT * FROM api.steward_task e WHERE e.cause = o.cause AND e.subject = o.subject AND e.id < o.id ORDER BY e.id DESC LIMIT 10)
               UNION
               (SELECT * FROM api.steward_task e WHERE e.golden_id = o.golden_id AND e.id < o.id ORDER BY e.id DESC LIMIT 10)) AS alike
            ORDER BY id DESC LIMIT 10) AS t
     ORDER BY o.id, t.id DESC
"""


async def _earlier(root: Any, info: strawberry.Info) -> list[Any]:
    context: Context = info.context

    async def load(ids: list[int]) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {each: [] for each in ids}
        for row in await context.reader.query(_EARLIER, ids):
            found[row["of"]].append(row)
        return found

    return await context.load("earlier_tasks", load, root["id"]) or []


def _suggestion(root: Any, info: strawberry.Info) -> Any:
    told = root["suggestion"]
    return None if told is None else {**told, "may_apply": root["risk"] == "R1"}


def _question(root: Any, info: strawberry.Info) -> Any:
    return root["question"]


async def _asked_member(root: Any, info: strawberry.Info) -> Any:
    known = await members_of(info.context)
    return next((one for one in known.values() if str(one["id"]) == root.get("member")), None)


@strawberry.type(description="What somebody was asked about a task. The task waits for the answer, or for the instant.")
class Question:
    text: str = strawberry.field(description="What was asked.")
    to: str = strawberry.field(description="Whom: a member, or somebody outside by name.")
    member: Member | None = strawberry.field(resolver=_asked_member, description="Whom, where it is a member.")
    asked_by: str = strawberry.field(description="Who asked.")
    at: DateTime = strawberry.field(description="When.")
    until: DateTime = strawberry.field(description="When the task is in the queue again without an answer.")


@strawberry.type(description="What people did with tasks like this one. It is never applied by itself.")
class Suggestion:
    action: str = strawberry.field(description="What was done.")
    resolution: str = strawberry.field(description="The reason they gave.")
    confidence: float = strawberry.field(description="The share of those who did so, one unknown case counted against it.")
    of: int = strawberry.field(description="How many were resolved by people.")
    like: str = strawberry.field(description="In what they are alike: cause, cause and system, or the field too.")
    may_apply: bool = strawberry.field(description="False for classes R2 and R3, which a person weighs each time.")


@strawberry.type(description="One thing done with a task, or said of it.")
class TaskEvent:
    id: Long | None = strawberry.field(resolver=long_of("id"))
    kind: str = strawberry.field(description="comment, claim, release, assign, snooze, ask, answer, wake, escalate, resolve, reopen, tag, route or undo")
    actor: str
    comment: str = strawberry.field(description="What they said.")
    detail: Json = strawberry.field(resolver=_step_detail, description="What it was in detail: to whom, until when, from which team.")
    at: DateTime


@strawberry.type(name="StewardTask", description="Something a person must see. One cause is one task, with a count.")
class StewardTask:
    id: Long | None = strawberry.field(resolver=long_of("id"))
    cause: str
    subject: str = strawberry.field(description="What all that falls under this task have in common.")
    state: str
    entity: str | None
    record_id: strawberry.ID | None = strawberry.field(resolver=text_id("golden_id"))
    record: GoldenRecord | None = strawberry.field(resolver=_record)
    system: str | None
    field: str | None
    count: int
    team: str
    due_at: DateTime
    money: list[Money] | None = strawberry.field(description="The money at stake.")
    reason: str
    remedy: str
    detail: Json = strawberry.field(resolver=_detail)
    correlation_id: str
    opened_at: DateTime
    updated_at: DateTime
    resolved_at: DateTime | None
    resolution: str | None
    resolved_by: str | None
    priority: int = strawberry.field(description="1 first, 9 last.")
    risk: str = strawberry.field(description="R1, R2 or R3: whether deciding it needs a second person.")
    exc: str = strawberry.field(description="Class of exceptions it belongs to, such as EXC-6; empty for none.")
    means: str = strawberry.field(resolver=_cause("means"), description="What its cause means.")
    ends: str = strawberry.field(resolver=_cause("ends"), description="What resolves it without a person.")
    assignee: Member | None = strawberry.field(resolver=_assignee, description="Who holds it.")
    claimed_at: DateTime | None = strawberry.field(description="Since when.")
    snoozed_until: DateTime | None = strawberry.field(description="Put off until then.")
    is_snoozed: bool = strawberry.field(resolver=_is_snoozed, description="Whether it is put off now.")
    is_overdue: bool = strawberry.field(resolver=_is_overdue, description="Whether its deadline is over.")
    question: Question | None = strawberry.field(resolver=_question, description="What somebody was asked about it and has not answered.")
    legal_entity_id: strawberry.ID | None = strawberry.field(resolver=text_id("legal_entity"))
    legal_entity: GoldenRecord | None = strawberry.field(resolver=_legal_entity, description="Whose it is.")
    region: str | None = strawberry.field(description="Code of the region it belongs to.")
    amount: Money | None = strawberry.field(resolver=_amount, description="The largest sum of one currency among its money; lists run by it.")
    escalation: int = strawberry.field(description="0, 1 (little time left), 2 (due) or 3 (long overdue).")
    escalated_at: DateTime | None = strawberry.field(description="Since when.")
    tags: list[str] = strawberry.field(description="Words people gave it.")
    suggestion: Suggestion | None = strawberry.field(resolver=_suggestion, description="What people did with tasks like this one.")
    events: list[TaskEvent] = strawberry.field(resolver=_events, description="What was done with it and said of it, oldest first.")
    earlier: list[StewardTask] = strawberry.field(resolver=_earlier, description="Earlier tasks of the same cause and subject, or about the same record, newest first.")


@strawberry.enum(description="What a list of tasks runs by.")
class QueueOrder(Enum):
    NEWEST = "newest"
    OLDEST = "oldest"
    DUE = "due"
    MONEY = "money"
    PRIORITY = "priority"


@strawberry.enum(description="What tasks are counted by.")
class QueueBy(Enum):
    CAUSE = "cause"
    TEAM = "team"
    ASSIGNEE = "assignee_id"
    LEGAL_ENTITY = "legal_entity"
    ENTITY = "entity"
    SYSTEM = "system"
    RISK = "risk"
    EXC = "exc"


def _of(name: str) -> Any:
    return lambda root: root.get(name)


def _id_of(name: str) -> Any:
    return lambda root: None if root.get(name) is None else strawberry.ID(str(root[name]))


@strawberry.type(description="How many tasks there are of one kind, with the money they hold up. What is not counted by is null.")
class TaskCount:
    cause: str | None = strawberry.field(resolver=_of("cause"))
    team: str | None = strawberry.field(resolver=_of("team"))
    assignee_id: strawberry.ID | None = strawberry.field(resolver=_id_of("assignee_id"), description="Member who holds them.")
    legal_entity_id: strawberry.ID | None = strawberry.field(resolver=_id_of("legal_entity"))
    entity: str | None = strawberry.field(resolver=_of("entity"))
    system: str | None = strawberry.field(resolver=_of("system"))
    risk: str | None = strawberry.field(resolver=_of("risk"), description="R1, R2 or R3.")
    exc: str | None = strawberry.field(resolver=_of("exc"), description="Class of exceptions.")
    count: int = strawberry.field(description="How many tasks.")
    overdue: int = strawberry.field(description="How many of them are past their deadline.")
    snoozed: int = strawberry.field(description="How many of them are put off.")
    unassigned: int = strawberry.field(description="How many of them nobody holds.")
    money: list[Money] = strawberry.field(description="What they hold up, per currency.")


@strawberry.type(description="A cause of tasks: what it means, who looks after it, and what ends it without a person.")
class TaskCause:
    name: str = strawberry.field(description="As tasks carry it.")
    means: str = strawberry.field(description="What it means.")
    team: str = strawberry.field(description="Who looks after it, unless the tenant's rules say otherwise.")
    due_h: int = strawberry.field(description="Within how many hours.")
    then: str = strawberry.field(description="The team it is escalated to; empty: its own.")
    ends: str = strawberry.field(description="What resolves it without a person.")
    priority: int = strawberry.field(description="1 first, 9 last.")
    exc: str = strawberry.field(description="Class of exceptions.")
    is_money: bool = strawberry.field(description="Whether it holds up money.")


def causes() -> list[dict[str, Any]]:
    """The table of causes, as the API tells it."""
    return [{"name": name, **{column: getattr(one, column) for column in one.__slots__}} for name, one in CAUSES.items()]


async def _outcome_task(root: Any, info: strawberry.Info) -> Any:
    return await info.context.task(root["number"])


@strawberry.type(description="What became of one task of several.")
class TaskOutcome:
    id: Long = strawberry.field(resolver=lambda root: Long(str(root["number"])), description="The task.")
    done: bool = strawberry.field(description="Whether it was done; the others are done all the same.")
    code: str | None = strawberry.field(description="Why not; stable.")
    message: str | None = strawberry.field(description="Why not, in a sentence.")
    assignee_id: strawberry.ID | None = strawberry.field(description="Who holds it then.")
    task: StewardTask | None = strawberry.field(resolver=_outcome_task, description="The task as it is now.")


@strawberry.type(description="What became of each task. A dry run tells the same and stores nothing.")
class TasksPayload:
    outcomes: list[TaskOutcome] | None = strawberry.field(description="One a task, in the order they were named.")
    done: int | None = strawberry.field(description="How many were done.")
    money: list[Money] | None = strawberry.field(description="What those that were done held up, per currency.")
    errors: list[ProblemOut]


def outcomes(items: Sequence[Any]) -> list[dict[str, Any]]:
    """Outcomes of a flow, as the API tells them."""
    return [
        {
            "number": one.id, "done": not one.code, "code": one.code or None, "message": one.message or None,
            "assignee_id": strawberry.ID(str(one.assignee_id)) if one.assignee_id else None,
        }
        for one in items
    ]  # fmt: skip
