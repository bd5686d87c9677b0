"""What people do with the queue: take, give, ask, put off, answer, resolve, open again. Everything works on many at once.

Each call answers one outcome per task: what cannot be done with one is said of that one, the others are done. Tasks are
locked in one order, decided on in memory, and written with one statement each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.configuration import Configuration
from hub.core.people import Member, Work, share_out, stand_in
from hub.errors import RequestError
from hub.flows.actions import By
from hub.store import members, tasks, work
from hub.store.statements import Connection
from hub.store.work import Event

MOST = 1000
FURTHEST = dt.timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one task. ``code`` is empty when it was done."""

    id: int
    code: str = ""
    message: str = ""
    assignee_id: UUID | None = None


KEPT = ("assignee_id", "claimed_at", "snoozed_until", "question", "tags", "state", "resolved_at", "resolution", "resolved_by")
"""What a step may change."""

Judge = Callable[[asyncpg.Record], tuple[str, str] | None]


async def claim(tx: Connection, config: Configuration, ids: Sequence[int], by: By) -> list[Item]:
    """Take tasks for oneself; one that somebody present holds stays theirs."""
    known = await members.everybody(tx, config.tenant_id)
    me = _member(known, by)

    def judge(row: asyncpg.Record) -> tuple[str, str] | None:
        holder = known.get(row["assignee_id"]) if row["assignee_id"] else None
        if holder and holder.id != me.id and holder.is_active and not holder.is_away:
            return "TAKEN", f"{holder.name} holds it"
        return None

    rows, items = await _judged(tx, config, ids, judge)
    await work.give(tx, config.tenant_id, dict.fromkeys(rows, me.id))
    await work.note(tx, config.tenant_id, [_step(row, "claim", by) for row in rows.values()])
    return _with(items, dict.fromkeys(rows, me.id))


async def release(tx: Connection, config: Configuration, ids: Sequence[int], by: By, comment: str = "") -> list[Item]:
    """Give one's own tasks back to the team."""
    me = _member(await members.everybody(tx, config.tenant_id), by)
    rows, items = await _judged(tx, config, ids, lambda row: None if row["assignee_id"] == me.id else ("NOT_YOURS", "you do not hold it"))
    await work.give(tx, config.tenant_id, dict.fromkeys(rows))
    await work.note(tx, config.tenant_id, [_step(row, "release", by, comment) for row in rows.values()])
    return items


async def assign(
    tx: Connection, config: Configuration, ids: Sequence[int], to: UUID | None, by: By, comment: str = ""
) -> list[Item]:
    """Give tasks to a member, or each to the least loaded one who serves it; who is away is stood in for."""
    known = await members.everybody(tx, config.tenant_id)
    if to is not None and to not in known:
        raise RequestError("NOT_FOUND", f"there is no member {to}", field="to", remedy="List the members.")
    there = stand_in(known[to], known) if to is not None else None
    if to is not None and there is None:
        raise RequestError("AWAY", f"{known[to].name} and all who stand in are away", field="to", remedy="Choose somebody else.")
    rows, items = await _judged(tx, config, ids)
    if there is not None:
        given: dict[int, UUID] = dict.fromkeys(rows, there.id)
    else:
        wanted = [Work(row["id"], row["team"], row["legal_entity"], row["region"]) for row in rows.values()]
        given = share_out(wanted, known.values(), await work.load(tx, config.tenant_id))
    await work.give(tx, config.tenant_id, dict(given))
    told = {"by_load": True} if to is None else {"instead_of": str(to)} if there is not None and there.id != to else {}
    await work.note(tx, config.tenant_id, [_step(rows[one], "assign", by, comment, {"to": str(member), **told}) for one, member in given.items()])
    return [
        one if one.code or one.id in given else Item(one.id, "NOBODY", "nobody who is there serves its team, legal entity and region")
        for one in _with(items, given)
    ]


async def comment(tx: Connection, config: Configuration, ids: Sequence[int], text: str, by: By) -> list[Item]:
    """Say something of tasks, open or resolved."""
    _need(text, "a comment says something", "text")
    rows, items = await _judged(tx, config, ids, is_open=False)
    await work.note(tx, config.tenant_id, [_step(row, "comment", by, text) for row in rows.values()])
    return items


async def snooze(tx: Connection, config: Configuration, ids: Sequence[int], until: dt.datetime, reason: str, by: By) -> list[Item]:
    """Put tasks off until an instant; then they are in the queue again."""
    _need(reason, "putting off needs a reason", "reason")
    await _check_until(tx, until)
    rows, items = await _judged(tx, config, ids, lambda row: ("ASKED", "it waits for an answer") if row["question"] else None)
    await work.put_off(tx, config.tenant_id, list(rows), until)
    await work.note(tx, config.tenant_id, [_step(row, "snooze", by, reason, {"until": until.isoformat()}) for row in rows.values()])
    return items


async def ask(
    tx: Connection, config: Configuration, ids: Sequence[int], question: str, until: dt.datetime, by: By,
    *, member: UUID | None = None, somebody: str = "",
) -> list[Item]:  # fmt: skip
    """Ask somebody about tasks, a member or a person outside by name; they wait until the answer or the instant."""
    _need(question, "a question says something", "question")
    known = await members.everybody(tx, config.tenant_id)
    if (member is None) == (not somebody.strip()) or (member is not None and member not in known):
        raise RequestError("INVALID_VALUE", "a question goes to one member, or to somebody by name", field="to", remedy="Say to whom.")
    await _check_until(tx, until)
    rows, items = await _judged(tx, config, ids)
    asked_at: dt.datetime = await tx.fetchval("SELECT statement_timestamp()")
    told = {
        "text": question, "to": known[member].name if member else somebody, "member": str(member) if member else None, "asked_by": by.actor,
        "at": asked_at.isoformat(), "until": until.isoformat(),
    }  # fmt: skip
    await work.put_off(tx, config.tenant_id, list(rows), until, told)
    await work.note(tx, config.tenant_id, [_step(row, "ask", by, question, told) for row in rows.values()])
    return items


async def answer(tx: Connection, config: Configuration, task_id: int, text: str, by: By) -> Item:
    """Answer what was asked about a task; it is in the queue again at once, with its assignee."""
    _need(text, "an answer says something", "answer")
    row = (await work.lock(tx, config.tenant_id, [task_id])).get(task_id)
    if row is None or row["state"] != "open" or row["question"] is None:
        raise RequestError("NOT_FOUND", f"nothing is asked about task {task_id}", field="id", remedy="List the tasks that wait for an answer.")
    await work.SQL["answered"].run(tx, tenant=config.tenant_id, id=task_id)
    await work.note(tx, config.tenant_id, [_step(row, "answer", by, text, {"question": row["question"]})])
    return Item(task_id, assignee_id=row["assignee_id"])


async def resolve(
    tx: Connection, config: Configuration, ids: Sequence[int], reason: str, by: By, action: str = "close"
) -> list[Item]:
    """Close tasks, saying why. ``action`` names what was done about them; later tasks like these learn from it."""
    _need(reason, "closing a task needs a reason", "resolution")
    if not (action.isidentifier() and len(action) <= 40):
        raise RequestError("INVALID_VALUE", "an action is a short name", field="action", remedy="Leave it out.")
    known = await members.everybody(tx, config.tenant_id)
    me = members.of_actor(known, by.actor)

    def judge(row: asyncpg.Record) -> tuple[str, str] | None:
        holder = known.get(row["assignee_id"]) if row["assignee_id"] else None
        if holder is not None and holder.is_active and not holder.is_away and (me is None or holder.id != me.id):
            return "TAKEN", f"{holder.name} holds it"
        return None

    rows, items = await _judged(tx, config, ids, judge)
    await tasks.resolve(tx, config.tenant_id, list(rows), reason, by.actor)
    await work.note(tx, config.tenant_id, [_step(row, "resolve", by, reason, {"action": action}) for row in rows.values()])
    return items


async def reopen(tx: Connection, config: Configuration, ids: Sequence[int], reason: str, by: By) -> list[Item]:
    """Open resolved tasks again; one whose cause has opened a new task meanwhile stays as it is."""
    _need(reason, "opening again needs a reason", "reason")
    rows, items = await _judged(tx, config, ids, lambda row: None if row["state"] == "resolved" else ("OPEN", "it is open"), is_open=False)
    opened = {row["id"] for row in await work.SQL["reopen"].fetch(tx, tenant=config.tenant_id, ids=list(rows))}
    await work.note(tx, config.tenant_id, [_step(row, "reopen", by, reason) for one, row in rows.items() if one in opened])
    return [one if one.code or one.id in opened else Item(one.id, "OPEN_ANEW", "its cause has opened a new task") for one in items]


async def tag(tx: Connection, config: Configuration, ids: Sequence[int], tags: Sequence[str], by: By) -> list[Item]:
    """Give tasks these tags in place of the ones they have."""
    if len(tags) > 20 or any(not one.strip() or len(one) > 60 for one in tags):
        raise RequestError("INVALID_VALUE", "up to 20 tags of up to 60 characters", field="tags", remedy="Use fewer or shorter ones.")
    rows, items = await _judged(tx, config, ids)
    await work.SQL["tag"].run(tx, tenant=config.tenant_id, ids=list(rows), tags=sorted({one.strip() for one in tags}))
    await work.note(tx, config.tenant_id, [_step(row, "tag", by, ", ".join(tags)) for row in rows.values()])
    return items


async def take_back(tx: Connection, config: Configuration, ids: Sequence[int], by: By) -> list[Item]:
    """Put tasks back as they stood before the last thing oneself did with them; nobody's later step is lost."""
    last = await work.last_steps(tx, config.tenant_id, ids)

    def judge(row: asyncpg.Record) -> tuple[str, str] | None:
        step = last.get(row["id"])
        if step is None or step["kind"] == "undo" or "before" not in step["detail"]:
            return "MOVED_SINCE" if step else "NOTHING", "there is no step of yours to take back"
        return None if step["actor"] == by.actor else ("MOVED_SINCE", f"{step['actor']} did something with it since")

    rows, items = await _judged(tx, config, ids, judge, is_open=False)
    restored = await work.restore(tx, config.tenant_id, [{"id": one, **last[one]["detail"]["before"]} for one in rows])
    told = [(one, last[one]) for one in rows if one in restored]
    await work.note(tx, config.tenant_id, [Event(one, "undo", by.actor, "", {"of": step["id"], "kind": step["kind"]}) for one, step in told])
    return [one if one.code or one.id in restored else Item(one.id, "OPEN_ANEW", "its cause has opened a new task") for one in items]


def _step(row: asyncpg.Record, kind: str, by: By, comment: str = "", detail: Mapping[str, Any] | None = None) -> Event:
    """What somebody did, with the task as it stood before, so that it can be taken back."""
    return Event(row["id"], kind, by.actor, comment, {**(detail or {}), "before": {name: row[name] for name in KEPT}})


async def _judged(
    tx: Connection, config: Configuration, ids: Sequence[int], judge: Judge = lambda _: None, *, is_open: bool = True
) -> tuple[dict[int, asyncpg.Record], list[Item]]:
    """The tasks something can be done with, locked, and an outcome for each that was named, in that order."""
    wanted = list(dict.fromkeys(ids))
    if not 0 < len(wanted) <= MOST:
        raise RequestError("INVALID_VALUE", f"1 to {MOST} tasks at once", field="ids", remedy="Do it in several steps.")
    found = await work.lock(tx, config.tenant_id, wanted)
    able: dict[int, asyncpg.Record] = {}
    items: list[Item] = []
    for one in wanted:
        row = found.get(one)
        if row is None:
            items.append(Item(one, "NOT_FOUND", "there is no such task"))
        elif is_open and row["state"] != "open":
            items.append(Item(one, "NOT_OPEN", "it is resolved"))
        elif barred := judge(row):
            items.append(Item(one, *barred))
        else:
            able[one] = row
            items.append(Item(one, assignee_id=row["assignee_id"]))
    return able, items


def _with(items: Sequence[Item], given: Mapping[int, UUID]) -> list[Item]:
    return [Item(one.id, one.code, one.message, given.get(one.id, one.assignee_id)) for one in items]


def _member(known: Mapping[UUID, Member], by: By) -> Member:
    me = members.of_actor(known, by.actor)
    if me is None:
        raise RequestError("NOT_A_MEMBER", f"nobody has said who {by.actor} is", remedy="An admin says so with putMember.")
    return me


def _need(text: str, message: str, field: str) -> None:
    if not text.strip():
        raise RequestError("REASON_REQUIRED", message, field=field, remedy="Say why." if field != "text" else "Write something.")


async def _check_until(tx: Connection, until: dt.datetime) -> None:
    now: dt.datetime = await tx.fetchval("SELECT statement_timestamp()")
    if not now < until <= now + FURTHEST:
        raise RequestError("INVALID_VALUE", "the instant is in the future, at most a year from now", field="until", remedy="Choose another one.")
