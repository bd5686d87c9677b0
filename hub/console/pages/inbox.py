"""The inbox: everything that waits for a person, filtered in the address, worked by mouse or keys, many at once after a preview.

Nothing goes on before the five seconds of the undo bar are over. What needs a second person is done on pages of its own, never
by a key here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.deeds import DEEDS, UNDO, Deed, instant_of, outcome_words, run
from hub.console.names import names_of
from hub.console.page import EVERYBODY, OPERATORS, Page
from hub.console.sheets import csv_answer
from hub.console.shell import AskError, ask, attempt, field, fields, form, is_htmx, need, part, person, redirect, render, render_or_part, with_events, with_toast
from hub.errors import RequestError

FIRST = 50
MOST_EXPORTED = 10_000
ORDERS = {"PRIORITY": "Most pressing", "DUE": "Due first", "MONEY": "Most money", "NEWEST": "Newest", "OLDEST": "Oldest"}

FILTERS = "state: $state, cause: $cause, team: $team, system: $system, entity: $entity, mine: $mine, unassigned: $unassigned, overdue: $overdue, snoozed: $snoozed, asked: $asked, risk: $risk, exc: $exc, tag: $tag, legalEntity: $legalEntity, currency: $currency, text: $text"
GIVEN = "$state: String, $cause: String, $team: String, $system: String, $entity: String, $mine: Boolean, $unassigned: Boolean, $overdue: Boolean, $snoozed: Boolean, $asked: Boolean, $risk: String, $exc: String, $tag: String, $legalEntity: ID, $currency: String, $text: String"
ROW = "id cause entity recordId record { __typename id } system field count team dueAt isOverdue isSnoozed snoozedUntil reason remedy subject state risk priority escalation money { amount currency } assignee { id name } openedAt updatedAt tags question { text to until }"
LIST = f"""query Inbox($order: QueueOrder!, $first: Int!, $after: String, {GIVEN}) {{
  stewardTasks(order: $order, first: $first, after: $after, {FILTERS}) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {ROW} }} }}
  queueVersion
}}"""
COUNTS = f"query Counts($by: [QueueBy!]!, {GIVEN}) {{ taskCounts(by: $by, {FILTERS}) {{ cause team count overdue money {{ amount currency }} }} }}"
ONE = f"""query Task($id: Long!) {{
  stewardTask(id: $id) {{ {ROW} detail means ends exc sourceId: subject suggestion {{ action resolution confidence of mayApply }}
    legalEntityId region claimedAt escalatedAt resolvedAt resolution resolvedBy correlationId
    events {{ kind actor comment at detail }} earlier {{ id cause state reason openedAt resolution resolvedBy }} }}
  members {{ id name teams isAway isActive }}
}}"""
WHOLE = f"""query Inbox($order: QueueOrder!, $first: Int!, $after: String, {GIVEN}) {{
  stewardTasks(order: $order, first: $first, after: $after, {FILTERS}) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {ROW} }} }}
  counts: taskCounts(by: [CAUSE], {FILTERS.replace("cause: $cause, ", "")}) {{ cause team count overdue money {{ amount currency }} }}
  queueVersion
}}"""
"""The list, and how many there are of every cause: asked together, so that what both need is looked for once."""
VERSION = "{ queueVersion }"

NEXT = {
    "possible_duplicate": ("/compare?task={id}", "Compare the records"),
    "ambiguous": ("/compare?task={id}", "Compare the records"),
    "link_in_doubt": ("/compare?task={id}", "Compare the records"),
    "unknown_code": ("/codes?task={id}", "Map the code"),
    "brake": ("/sources/{system}", "Look at the system"),
    "delivery_rejected": ("/where/{entity}/{recordId}", "Where is this record?"),
    "unreachable": ("/sources/{system}", "Look at the system"),
    "credentials": ("/sources/{system}", "Look at the system"),
    "proposed_write": ("/sources/{system}", "Look at what would be written"),
}
"""Cause → where it is dealt with, and what the link says."""


async def listed(request: Request) -> Response:
    """The list, with the task of ``task`` beside it."""
    given = chosen(request)
    is_part = is_htmx(request) and request.headers.get("hx-target") == "results"
    data, troubles = await attempt(
        request, LIST if is_part else WHOLE, order=given["order"], first=FIRST, after=request.query_params.get("after"), **asked(request, given)
    )
    page = data.get("stewardTasks")
    if page is None:
        raise AskError(troubles)
    names = await names_of(request, (one["recordId"] for one in page["nodes"]))
    if is_part:
        return part(request, "inbox/list.html", "results", page=page, names=names, given=given, kept=kept(given))
    return render(
        request, "inbox/list.html", title="Inbox", page=page, names=names, given=given, kept=kept(given), counts=data.get("counts") or [], troubles=troubles,
        version=data["queueVersion"], orders=ORDERS, deeds=DEEDS, may_work=person(request).may(*OPERATORS),
    )  # fmt: skip


def chosen(request: Request) -> dict[str, str]:
    """What the address says, with what is meant when it says nothing: open tasks of my team that are not put off."""
    given = request.query_params
    order = given.get("order", "PRIORITY")
    found = {name: given.get(name, "") for name in ("cause", "who", "system", "entity", "when", "risk", "exc", "tag", "legalEntity", "currency", "text")}
    return {
        **found, "order": order if order in ORDERS else "PRIORITY", "state": given.get("state", "open"), "team": given.get("team", person(request).team),
    }  # fmt: skip


def kept(given: Mapping[str, str]) -> dict[str, str]:
    """The same for addresses of further pages."""
    return {name: value for name, value in given.items() if value}


def asked(request: Request, given: Mapping[str, str]) -> dict[str, Any]:
    """The same as arguments of the list."""
    text = {name: given[name] or None for name in ("cause", "system", "entity", "risk", "exc", "tag", "legalEntity", "currency", "text")}
    who, when, is_open = given["who"], given["when"], given["state"] == "open"
    return {
        **text, "state": given["state"] if given["state"] in ("open", "resolved") else None, "team": None if given["team"] in ("", "any") else given["team"],
        "mine": True if who == "me" else None, "unassigned": True if who == "nobody" else None, "overdue": True if when == "overdue" else None,
        "snoozed": True if when == "snoozed" else False if is_open and when != "all" else None, "asked": True if when == "asked" else None,
    } | ({"snoozed": None} if when == "asked" else {})  # fmt: skip


async def shown(request: Request) -> Response:
    """One task: beside the list, or by itself."""
    data = await ask(request, ONE, id=str(request.path_params["id"]))
    task = data["stewardTask"]
    if task is None:
        raise RequestError("NOT_FOUND", "there is no such task", remedy="It may belong to another firm, or the address is wrong.")
    names = await names_of(request, [task["recordId"]])
    crumbs = (("Inbox", "/inbox"), (f"Task {task['id']}", ""))
    return render_or_part(
        request, "inbox/task.html", "pane", title=f"Task {task['id']}", crumbs=crumbs, task=task, members=[one for one in data["members"] if one["isActive"]],
        next=next_of(task), names=names, deeds=DEEDS, may_work=person(request).may(*OPERATORS), alone=not is_htmx(request),
    )  # fmt: skip


def next_of(task: Mapping[str, Any]) -> tuple[str, str] | None:
    """Where this task is dealt with."""
    target = NEXT.get(task["cause"])
    if target is None or ("{system}" in target[0] and not task["system"]) or ("{recordId}" in target[0] and not task["recordId"]):
        return ("/record/{entity}/{recordId}".format(**task), "Look at the record") if task["recordId"] and task["entity"] else None
    return target[0].format(**task), target[1]


async def version(request: Request) -> Response:
    """Asked every few seconds: nothing while nothing changed, else word to the page that the list is old."""
    now_at = (await ask(request, VERSION))["queueVersion"]
    if request.query_params.get("v") == now_at:
        return Response(status_code=204)
    return with_events(part(request, "inbox/list.html", "version", version=now_at), queue=None)


async def preview(request: Request) -> Response:
    """What something would do to the marked tasks: an outcome a task, the money, and what else it takes to do it."""
    deed, ids = await _wanted(request)
    members = (await ask(request, "{ members { id name teams isAway isActive } }"))["members"]
    given = {**deed.placeholders, **{name: value for name, value in (await _given(request, deed)).items() if value}}
    told, troubles = await _tried(request, deed, ids, given)
    return part(request, "inbox/bulk.html", "preview", deed=deed, ids=ids, told=told, troubles=troubles, members=members, words=outcome_words)


async def _tried(request: Request, deed: Deed, ids: list[str], given: Mapping[str, str]) -> tuple[dict[str, Any], tuple[Any, ...]]:
    try:
        return await run(request, deed, ids, given, is_dry_run=True), ()
    except RequestError as error:
        return {"outcomes": [], "done": 0, "money": []}, getattr(error, "troubles", (error,))


async def done(request: Request) -> Response:
    """Do it, tell the outcome of each, and offer to take it back for five seconds."""
    need(request, *OPERATORS)
    deed, ids = await _wanted(request)
    told = await run(request, deed, ids, await _given(request, deed))
    did = [one["id"] for one in told["outcomes"] if one["done"]]
    failed = [one for one in told["outcomes"] if not one["done"]]
    said = deed.said(len(did))
    if not is_htmx(request):
        return redirect(request, f"/inbox/{ids[0]}" if len(ids) == 1 else "/inbox", said if did else outcome_words(failed[0]))
    answer = part(request, "inbox/bulk.html", "done", deed=deed, did=did, failed=failed, said=said, told=told, words=outcome_words)
    if failed and not did:
        with_toast(answer, outcome_words(failed[0]), "trouble")
    return with_events(answer, **({"queue": None} if deed.name != "resolve" else {}), bulkdone=None, taskchanged=None)


async def undone(request: Request) -> Response:
    """Take back what was done a moment ago."""
    need(request, *OPERATORS)
    ids = await fields(request, "ids")
    told = await run(request, UNDO, ids, {})
    said = f"Taken back: {told['done']} of {len(ids)}." if told["done"] != len(ids) else "Taken back."
    if not is_htmx(request):
        return redirect(request, "/inbox", said)
    return with_events(with_toast(Response("", media_type="text/html"), said), queue=None, taskchanged=None)


async def _wanted(request: Request) -> tuple[Deed, list[str]]:
    """What is to be done, and to which tasks."""
    deed = DEEDS.get(await field(request, "deed"))
    ids = [one for one in dict.fromkeys(await fields(request, "ids")) if one.isdigit()]
    if deed is None:
        raise RequestError("BAD_INPUT", "there is no such action on tasks")
    if not ids:
        raise RequestError("BAD_INPUT", "no task is marked", remedy="Mark some with x, or with the boxes.")
    return deed, ids


async def _given(request: Request, deed: Deed) -> dict[str, str]:
    """The fields the action takes; days of the form are instants of the API."""
    sent = await form(request)
    found = {name: str(sent.get(name) or "").strip() for name in deed.takes}
    return {name: instant_of(value) if name == "until" and value else value for name, value in found.items()}


async def exported(request: Request) -> Response:
    """The list as CSV, with the columns in which answers come back."""
    given = chosen(request)
    rows: list[list[Any]] = []
    after: str | None = None
    while len(rows) < MOST_EXPORTED:
        page = (await ask(request, LIST, order=given["order"], first=100, after=after, **asked(request, given)))["stewardTasks"]
        rows += [_line(one) for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    return csv_answer("tasks.csv", COLUMNS, rows)


COLUMNS = (
    "task_id", "cause", "entity", "record_id", "system", "field", "what", "remedy", "count", "team", "assignee", "risk", "due_at", "opened_at", "money",
    "tags", "answer", "survivor", "reason",
)  # fmt: skip
"""The last three are for the way back: see :mod:`hub.console.answers`."""


def _line(one: Mapping[str, Any]) -> list[Any]:
    money = " + ".join(f"{each['amount']} {each['currency']}" for each in one["money"] or ())
    return [
        one["id"], one["cause"], one["entity"], one["recordId"], one["system"], one["field"], one["reason"], one["remedy"], one["count"], one["team"],
        one["assignee"]["name"] if one["assignee"] else "", one["risk"], one["dueAt"], one["openedAt"], money, " ".join(one["tags"]), "", "", "",
    ]  # fmt: skip


async def badge(request: Request) -> Response:
    """How many of my team are open, for the navigation."""
    counts = (await ask(request, COUNTS, by=["TEAM"], **asked(request, chosen(request))))["taskCounts"]
    many = sum(one["count"] for one in counts)
    return Response(f"{many:,}" if many else "", media_type="text/html")


PAGE = Page(
    "Inbox", "/inbox",
    (
        Route("/inbox", listed), Route("/inbox/version", version), Route("/inbox/badge", badge), Route("/inbox/tasks.csv", exported),
        Route("/inbox/preview", preview, methods=["POST"]), Route("/inbox/do", done, methods=["POST"]), Route("/inbox/undo", undone, methods=["POST"]),
        Route("/inbox/{id:int}", shown),
    ),
    icon="inbox", roles=EVERYBODY, badge="/inbox/badge",
)  # fmt: skip
