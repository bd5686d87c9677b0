"""The queue in GraphQL: lists with filters and orders, counts with money, and everything people do with many tasks at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import Role
from hub.api.approval_types import me_of
from hub.api.context import Context
from hub.api.decisions import STEWARDS, golden_id
from hub.api.lists import Arguments, Connection, paged
from hub.api.mutation import Call, Payload, answer, answered, by, in_transaction, keep
from hub.api.operations import PAGING, equal, page_of
from hub.api.plan import All, AnyOf, Compare, Condition, Not, Op, OrderBy, Plan
from hub.api.scalars import DateTime, Decimals, Long
from hub.api.shells import Annotation, resolved_field
from hub.api.statement import Writer, condition
from hub.api.task_types import (
    TASKS,
    QueueBy,
    QueueOrder,
    StewardTask,
    TaskCause,
    TaskCount,
    TasksPayload,
    causes,
    outcomes,
)
from hub.api.values import to_sql
from hub.core.configuration import Configuration
from hub.flows import work
from hub.flows.work import Item
from hub.store.statements import Connection as Tx

READERS = (Role.STEWARD, Role.ADMIN, Role.READER)
ORDERS: Mapping[str, tuple[OrderBy, ...]] = {
    "newest": (OrderBy("id", True),),
    "oldest": (OrderBy("id"),),
    "due": (OrderBy("due_at"), OrderBy("id")),
    "money": (OrderBy("amount", True), OrderBy("id", True)),
    "priority": (OrderBy("priority"), OrderBy("due_at"), OrderBy("id")),
}
NOBODY = UUID(int=0)
MOST_FOUND = 1000
"""Tasks a text is looked up in at most; a list of more is narrowed otherwise."""

_text, _identity = str | None, strawberry.ID | None
FILTERS: Mapping[str, Annotation] = {
    "state": _text, "cause": _text, "causes": list[str] | None, "team": _text, "my_teams": bool | None, "system": _text, "entity": _text,
    "record_id": _identity, "assignee_id": _identity, "mine": bool | None, "unassigned": bool | None, "legal_entity": _identity,
    "region": _text, "overdue": bool | None, "amount_from": Decimals | None, "currency": _text, "snoozed": bool | None, "asked": bool | None,
    "risk": _text, "exc": _text, "tag": _text, "text": _text, "updated_since": DateTime | None,
}  # fmt: skip
_PLAIN = equal(TASKS, state="state", cause="cause", system="system", entity="entity", record_id="golden_id", assignee_id="assignee_id",
               legal_entity="legal_entity", region="region", currency="currency", risk="risk", exc="exc")  # fmt: skip


async def conditions(context: Context, given: Mapping[str, Any]) -> list[Condition]:
    """Which tasks the arguments leave."""
    found: list[Condition] = list(_PLAIN(context, given))
    now = context.services.now()
    if given.get("causes"):
        found.append(Compare("cause", Op.IN, tuple(given["causes"])))
    if given.get("team"):
        found.append(Compare("team", Op.EQ, given["team"].replace(" ", "_")))
    if given.get("mine") or given.get("my_teams"):
        me = await me_of(context)
        if given.get("mine"):
            found.append(Compare("assignee_id", Op.EQ, me["id"] if me else NOBODY))
        if given.get("my_teams"):
            found.append(Compare("team", Op.IN, tuple(me["teams"]) if me else ()))
    if given.get("unassigned") is not None:
        found.append(Compare("assignee_id", Op.IS_NULL, given["unassigned"]))
    if given.get("overdue") is not None:
        found.append(Compare("due_at", Op.LT if given["overdue"] else Op.GTE, now))
    if given.get("amount_from") is not None:
        found.append(Compare("amount", Op.GTE, Decimal(given["amount_from"])))
    if given.get("snoozed") is not None:
        snoozed = Compare("snoozed_until", Op.GT, now)
        found.append(snoozed if given["snoozed"] else AnyOf((Compare("snoozed_until", Op.IS_NULL, True), Not(snoozed))))
    if given.get("asked") is not None:
        found.append(Compare("question", Op.IS_NULL, not given["asked"]))
    if given.get("tag"):
        found.append(Compare("tags", Op.CONTAINS, [given["tag"]]))
    if given.get("updated_since") is not None:
        found.append(Compare("updated_at", Op.GTE, to_sql("timestamptz", given["updated_since"], "updatedSince")))
    if given.get("text"):
        found.append(Compare("id", Op.IN, tuple(await _found(context, given["text"], given.get("state")))))
    return found


_TEXT = """
    SELECT id FROM api.steward_task
     WHERE ($2::text IS NULL OR state = $2) AND (subject || ' ' || reason || ' ' || coalesce(detail ->> 'name', '')) ILIKE $1
     ORDER BY id DESC LIMIT 1000
"""


async def _found(context: Context, text: str, state: str | None) -> list[int]:
    """Tasks that say a text in their subject, reason or the name of what they are about; looked for once a request."""
    asked = str(to_sql("text", text.strip(), "text")), state
    found: list[int] = await context.load("tasks by text", partial(_found_all, context), asked)
    return found


async def _found_all(context: Context, asked: Sequence[tuple[str, str | None]]) -> dict[tuple[str, str | None], list[int]]:
    found = {}
    for text, state in asked:
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        found[text, state] = [row["id"] for row in await context.reader.query(_TEXT, f"%{escaped}%", state)]
    return found


async def _list(
    root: Any, info: Any, order: QueueOrder = QueueOrder.NEWEST, first: Any = None, after: Any = None, last: Any = None, before: Any = None,
    **given: Any,
) -> Connection:  # fmt: skip
    context: Context = info.context
    context.principal.need(*READERS)
    plan = Plan(TASKS, tuple(TASKS.columns), All(tuple(await conditions(context, given))), ORDERS[order.value])
    asked = paged(context, plan, Arguments(filter={**given, "order": order.value}, first=first, after=after, last=last, before=before))
    records = await context.reader.rows(asked.plan) if asked.plan.page.size else []
    return Connection(asked, records, lambda record: record, lambda: context.reader.count(asked.plan))


async def _one(root: Any, info: Any, id: str) -> Any:
    context: Context = info.context
    context.principal.need(*READERS)
    return await context.task(int(to_sql("bigint", id, "id")))


async def _counts(root: Any, info: Any, by: Sequence[QueueBy] = (QueueBy.CAUSE,), **given: Any) -> list[dict[str, Any]]:
    context: Context = info.context
    context.principal.need(*READERS)
    given.setdefault("state", "open")
    if given["state"] is None:
        given["state"] = "open"
    keys = list(dict.fromkeys(one.value for one in by))
    sql, values = counts_sql(keys, All(tuple(await conditions(context, given))), context.services.now())
    return counted(keys, await context.reader.query(sql, *values))


def counts_sql(keys: Sequence[str], where: Condition, now: datetime) -> tuple[str, tuple[Any, ...]]:
    """Counts and sums by ``keys`` (columns of :class:`QueueBy`) and currency, in one pass; a task of several currencies
    counts once, and its other sums are added from what it says of its money."""
    writer = Writer()
    at = writer.bind(now, "timestamptz")
    narrowed = condition(writer, TASKS, "t", where)
    named = "".join(f"t.{key}, " for key in keys)
    sql = f"""
        SELECT {named}t.currency, count(*) AS count, count(*) FILTER (WHERE t.due_at < {at}) AS overdue,
               count(*) FILTER (WHERE t.snoozed_until > {at}) AS snoozed, count(*) FILTER (WHERE t.assignee_id IS NULL) AS unassigned,
               sum(t.amount) AS amount
          FROM api.steward_task t WHERE {narrowed} GROUP BY {named}t.currency
         UNION ALL
        SELECT {named}m.currency, 0, 0, 0, 0, sum(m.amount)
          FROM api.steward_task t CROSS JOIN LATERAL jsonb_to_recordset(t.money) AS m (amount numeric, currency text)
         WHERE t.is_mixed AND m.currency <> t.currency AND {narrowed} GROUP BY {named}m.currency
    """
    return sql, tuple(writer.values)


def counted(keys: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows per currency folded to one count each, the most tasks first."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        name = tuple(row[key] for key in keys)
        one = found.setdefault(name, {**dict(zip(keys, name, strict=True)), "count": 0, "overdue": 0, "snoozed": 0, "unassigned": 0, "sums": {}})
        for column in ("count", "overdue", "snoozed", "unassigned"):
            one[column] += row[column]
        if row["currency"] is not None and row["amount"] is not None:
            one["sums"][row["currency"]] = one["sums"].get(row["currency"], Decimal(0)) + row["amount"]
    for one in found.values():
        one["money"] = [{"amount": amount, "currency": currency} for currency, amount in sorted(one.pop("sums").items())]
    return sorted(found.values(), key=lambda one: (-one["count"], str(tuple(one[key] for key in keys))))


_VERSION = """
    SELECT coalesce(to_char(m.newest AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS'), '0') || '-'
           || (SELECT count(*) FROM api.steward_task r WHERE r.updated_at > m.newest - interval '1 minute') AS version
      FROM (SELECT max(updated_at) AS newest FROM api.steward_task) AS m
"""


async def _version(root: Any, info: Any) -> str:
    context: Context = info.context
    context.principal.need(*READERS)
    return str((await context.reader.query(_VERSION))[0]["version"])


async def _causes(root: Any, info: Any) -> list[dict[str, Any]]:
    info.context.principal.need(*READERS)
    return causes()


def task_fields() -> dict[str, StrawberryField]:
    """What can be read of the queue."""
    return {
        "steward_tasks": resolved_field(
            "stewardTasks", page_of(StewardTask, "StewardTask"), _list, "What waits for a person, newest first unless asked otherwise.",
            extra=FILTERS, order=QueueOrder, **PAGING,
        ),
        "steward_task": resolved_field("stewardTask", StewardTask | None, _one, "One task.", id=Long),
        "task_counts": resolved_field(
            "taskCounts", list[TaskCount], _counts, "How many tasks there are, with the money they hold up; open ones unless asked otherwise.",
            extra=FILTERS, by=list[QueueBy],
        ),
        "task_causes": resolved_field("taskCauses", list[TaskCause], _causes, "Every cause a task can have."),
        "queue_version": resolved_field("queueVersion", str, _version, "Changes whenever a task does: ask for it often, and for the list when it changed."),
    }  # fmt: skip


Work = Callable[[Tx, Configuration, list[int]], Awaitable[list[Item]]]


async def _bulk(context: Context, name: str, ids: Sequence[str], given: Mapping[str, Any], run: Work, dry_run: bool, key: str | None) -> Payload:
    """Run something on many tasks in one transaction; a dry run tells the outcomes and stores nothing."""
    wanted = [int(to_sql("bigint", one, "ids")) for one in ids]
    call = Call(name, {"ids": wanted, **given}, None if dry_run else key)

    async def once(tx: Tx, config: Configuration) -> Payload:
        before = await answered(tx, context, call)
        if before is not None:
            return before
        items = await run(tx, config, wanted)
        done = [one.id for one in items if not one.code]
        told: Payload = {"outcomes": [{**one, "assignee_id": one["assignee_id"] and str(one["assignee_id"])} for one in outcomes(items)], "done": len(done)}
        rows = await tx.fetch(_MONEY, config.tenant_id, done)
        told["money"] = [{"amount": str(row["amount"]), "currency": row["currency"]} for row in rows]
        await keep(tx, context, call, told)
        return told

    async def shown(kept: Payload) -> Payload:
        done = kept if kept and "pending" not in kept else await in_transaction(context, once, is_dry_run=dry_run)
        return {**done, "kept": done}

    return await answer(context, STEWARDS, call, shown)


_MONEY = """
    SELECT m.currency, sum(m.amount) AS amount
      FROM hub.task t CROSS JOIN LATERAL jsonb_to_recordset(t.money) AS m (amount numeric, currency text)
     WHERE t.tenant_id = $1 AND t.id = ANY ($2::bigint[]) AND t.money IS NOT NULL
     GROUP BY m.currency ORDER BY m.currency
"""


def _instant(text: str) -> datetime:
    found: datetime = to_sql("timestamptz", text, "until")
    return found


async def claim_tasks(root: Any, info: Any, ids: list[str], dry_run: bool = False, idempotency_key: Any = None) -> Payload:
    context: Context = info.context
    return await _bulk(context, "claimTasks", ids, {}, lambda tx, config, some: work.claim(tx, config, some, by(context)), dry_run, idempotency_key)


async def release_tasks(root: Any, info: Any, ids: list[str], comment: str = "", dry_run: bool = False, idempotency_key: Any = None) -> Payload:
    context: Context = info.context
    return await _bulk(
        context, "releaseTasks", ids, {"comment": comment}, lambda tx, config, some: work.release(tx, config, some, by(context), comment), dry_run, idempotency_key
    )


async def assign_tasks(
    root: Any, info: Any, ids: list[str], to: Any = None, comment: str = "", dry_run: bool = False, idempotency_key: Any = None
) -> Payload:
    context: Context = info.context

    async def run(tx: Tx, config: Configuration, some: list[int]) -> list[Item]:
        return await work.assign(tx, config, some, golden_id(to, "to") if to else None, by(context), comment)

    return await _bulk(context, "assignTasks", ids, {"to": to, "comment": comment}, run, dry_run, idempotency_key)


async def comment_tasks(root: Any, info: Any, ids: list[str], text: str, dry_run: bool = False, idempotency_key: Any = None) -> Payload:
    context: Context = info.context
    return await _bulk(
        context, "commentTasks", ids, {"text": text}, lambda tx, config, some: work.comment(tx, config, some, text, by(context)), dry_run, idempotency_key
    )


async def snooze_tasks(
    root: Any, info: Any, ids: list[str], until: str, reason: str, dry_run: bool = False, idempotency_key: Any = None
) -> Payload:
    context: Context = info.context

    async def run(tx: Tx, config: Configuration, some: list[int]) -> list[Item]:
        return await work.snooze(tx, config, some, _instant(until), reason, by(context))

    return await _bulk(context, "snoozeTasks", ids, {"until": until, "reason": reason}, run, dry_run, idempotency_key)


async def ask_about(
    root: Any, info: Any, ids: list[str], question: str, until: str, member_id: Any = None, somebody: str = "", dry_run: bool = False,
    idempotency_key: Any = None,
) -> Payload:  # fmt: skip
    context: Context = info.context
    given = {"question": question, "until": until, "member": member_id, "somebody": somebody}

    async def run(tx: Tx, config: Configuration, some: list[int]) -> list[Item]:
        member = golden_id(member_id, "memberId") if member_id else None
        return await work.ask(tx, config, some, question, _instant(until), by(context), member=member, somebody=somebody)

    return await _bulk(context, "askAbout", ids, given, run, dry_run, idempotency_key)


async def answer_question(root: Any, info: Any, id: str, text: str, idempotency_key: Any = None) -> Payload:
    context: Context = info.context

    async def run(tx: Tx, config: Configuration, some: list[int]) -> list[Item]:
        return [await work.answer(tx, config, some[0], text, by(context))]

    return await _bulk(context, "answerQuestion", [id], {"text": text}, run, False, idempotency_key)


async def resolve_tasks(
    root: Any, info: Any, ids: list[str], resolution: str, action: str = "close", dry_run: bool = False, idempotency_key: Any = None
) -> Payload:
    context: Context = info.context

    async def run(tx: Tx, config: Configuration, some: list[int]) -> list[Item]:
        return await work.resolve(tx, config, some, resolution, by(context), action)

    return await _bulk(context, "resolveTasks", ids, {"resolution": resolution, "action": action}, run, dry_run, idempotency_key)


async def reopen_tasks(root: Any, info: Any, ids: list[str], reason: str, dry_run: bool = False, idempotency_key: Any = None) -> Payload:
    context: Context = info.context
    return await _bulk(
        context, "reopenTasks", ids, {"reason": reason}, lambda tx, config, some: work.reopen(tx, config, some, reason, by(context)), dry_run, idempotency_key
    )


async def tag_tasks(root: Any, info: Any, ids: list[str], tags: list[str], dry_run: bool = False, idempotency_key: Any = None) -> Payload:
    context: Context = info.context
    return await _bulk(
        context, "tagTasks", ids, {"tags": tags}, lambda tx, config, some: work.tag(tx, config, some, tags, by(context)), dry_run, idempotency_key
    )


async def undo_task_work(root: Any, info: Any, ids: list[str], dry_run: bool = False, idempotency_key: Any = None) -> Payload:
    context: Context = info.context
    return await _bulk(context, "undoTaskWork", ids, {}, lambda tx, config, some: work.take_back(tx, config, some, by(context)), dry_run, idempotency_key)


def task_mutations() -> dict[str, StrawberryField]:
    """What can be done with many tasks at once. Each tells an outcome per task, and ``dryRun`` what would come of it."""
    many: Mapping[str, Annotation] = {"ids": list[Long], "dry_run": bool, "idempotency_key": str | None}

    def field(name: str, resolver: Any, doc: str, **arguments: Annotation) -> StrawberryField:
        return resolved_field(name, TasksPayload, resolver, doc, **many, **arguments)

    return {
        "claim_tasks": field("claimTasks", claim_tasks, "Take tasks for oneself; those somebody else holds stay theirs."),
        "release_tasks": field("releaseTasks", release_tasks, "Give one's tasks back to their teams.", comment=str),
        "assign_tasks": field(
            "assignTasks", assign_tasks, "Give tasks to a member, or each to the least loaded who serves it; who is away is stood in for.",
            to=strawberry.ID | None, comment=str,
        ),
        "comment_tasks": field("commentTasks", comment_tasks, "Say something of tasks.", text=str),
        "snooze_tasks": field("snoozeTasks", snooze_tasks, "Put tasks off until an instant.", until=DateTime, reason=str),
        "ask_about": field(
            "askAbout", ask_about, "Ask a member, or somebody by name, about tasks; they wait for the answer.",
            question=str, until=DateTime, member_id=strawberry.ID | None, somebody=str,
        ),
        "answer_question": resolved_field(
            "answerQuestion", TasksPayload, answer_question, "Answer what was asked about a task; it is in the queue again.",
            id=Long, text=str, idempotency_key=str | None,
        ),
        "resolve_tasks": field("resolveTasks", resolve_tasks, "Close tasks by hand, saying why and what was done.", resolution=str, action=str),
        "reopen_tasks": field("reopenTasks", reopen_tasks, "Open resolved tasks again.", reason=str),
        "tag_tasks": field("tagTasks", tag_tasks, "Give tasks these tags in place of those they have.", tags=list[str]),
        "undo_task_work": field(
            "undoTaskWork", undo_task_work, "Put tasks back as they stood before the last thing oneself did with them; a later step of somebody else stays.",
        ),
    }  # fmt: skip
