"""My decisions: everything somebody did, each with its undo, one or many at once after a look at what would come of it."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.names import names_of
from hub.console.page import OPERATORS, Page
from hub.console.sheets import csv_answer
from hub.console.shell import ask, attempt, fields, is_htmx, part, redirect, render_or_part, tell, with_events, with_toast
from hub.errors import RequestError

FIRST = 50
SEEN = "id kind actor reason madeAt entity recordIds state canUndo undoUntil undoneAt undoneBy batchId given"
LIST = f"""query Decisions($mine: Boolean, $kind: String, $undone: Boolean, $batchId: ID, $first: Int!, $after: String) {{
  actions(mine: $mine, kind: $kind, undone: $undone, batchId: $batchId, first: $first, after: $after) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {SEEN} }} }}
}}"""
_BACK = "{ actionId note conflicts { kind reason entity goldenId field } proposal { id } errors { code message field remedy retryable } }"
UNDO = f"mutation Undo($id: Long!, $dryRun: Boolean!) {{ undo(actionId: $id, dryRun: $dryRun) {_BACK} }}"
REDO = f"mutation Redo($id: Long!, $dryRun: Boolean!) {{ redo(actionId: $id, dryRun: $dryRun) {_BACK} }}"
MANY = """mutation UndoMany($ids: [Long!], $dryRun: Boolean!) {
  undoMany(actionIds: $ids, dryRun: $dryRun) { items { actionId done proposalId error { code message remedy } } errors { code message field remedy retryable } }
}"""
KINDS = ("override", "withdraw", "accept", "link", "unlink", "merge", "split", "keep_apart", "map_code", "resolve_task", "set_policy")


async def listed(request: Request) -> Response:
    """Mine, unless everybody's are wanted."""
    given = request.query_params
    who, kind, state = given.get("who", "me"), given.get("kind", ""), given.get("state", "")
    undone = {"stands": False, "undone": True}.get(state)
    data = await ask(
        request, LIST, mine=True if who == "me" else None, kind=kind or None, undone=undone, batchId=given.get("batch") or None, first=FIRST, after=given.get("after")
    )
    page = data["actions"]
    names = await names_of(request, (one for each in page["nodes"] for one in each["recordIds"][:3]))
    return render_or_part(
        request, "decisions/list.html", "results", title="Decisions", page=page, names=names, who=who, kind=kind, state=state, kinds=KINDS,
        kept={"who": who, "kind": kind, "state": state},
    )  # fmt: skip


async def previewed(request: Request) -> Response:
    """What undoing one would leave as it is, before it is done."""
    number, what = str(request.path_params["id"]), request.path_params["what"]
    document = {"undo": UNDO, "redo": REDO}.get(what)
    if document is None:
        raise RequestError("NOT_FOUND", "there is no such answer")
    data, troubles = await attempt(request, document, id=number, dryRun=True)
    told = (data.get(what) or {}) if data else {}
    problems = troubles or told.get("errors") or ()
    return part(request, "decisions/list.html", "preview", number=number, what=what, told=told, problems=problems)


async def undone(request: Request) -> Response:
    """``POST /undo/{id}``: take back one step; undo bars of every page lead here."""
    return await _back(request, UNDO, "Taken back.")


async def redone(request: Request) -> Response:
    return await _back(request, REDO, "Done again.")


async def _back(request: Request, document: str, said: str) -> Response:
    told = await tell(request, document, id=str(request.path_params["id"]), dryRun=False)
    if told.get("proposal"):
        said = "A second person must approve it: it waits as a proposal."
    elif told.get("conflicts"):
        said = f"{said} {len(told['conflicts'])} later change{'s' if len(told['conflicts']) > 1 else ''} stay; a task waits for each."
    if not is_htmx(request):
        return redirect(request, "/decisions", said)
    return with_events(with_toast(Response("", media_type="text/html"), said), queue=None, taskchanged=None, undone=None)


async def undone_many(request: Request) -> Response:
    """Several steps, newest first: a first sending shows what would come of each, a second does it."""
    ids = [one for one in await fields(request, "ids") if one.isdigit()]
    if not ids:
        raise RequestError("BAD_INPUT", "no decision is marked", remedy="Mark some with x, or with the boxes.")
    is_sure = "yes" in await fields(request, "sure")
    told = await tell(request, MANY, ids=ids, dryRun=not is_sure)
    items: list[dict[str, Any]] = told["items"]
    done = sum(one["done"] for one in items)
    if is_sure:
        waiting = sum(one["proposalId"] is not None for one in items)
        said = f"{done} taken back{f', {waiting} wait for a second person' if waiting else ''}{f', {len(items) - done - waiting} refused' if len(items) > done + waiting else ''}."
        return redirect(request, "/decisions", said)
    return part(request, "decisions/list.html", "many", items=items, ids=ids, done=done)


async def exported(request: Request) -> Response:
    """What one did, as CSV."""
    given, after = request.query_params, None
    rows: list[list[Any]] = []
    while len(rows) < 10_000:
        data = await ask(request, LIST, mine=True if given.get("who", "me") == "me" else None, kind=given.get("kind") or None, undone=None, first=100, after=after)
        page = data["actions"]
        rows += [[one["id"], one["kind"], one["actor"], one["madeAt"], one["reason"], one["entity"], " ".join(one["recordIds"]), one["state"]] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    return csv_answer("decisions.csv", ("action_id", "kind", "actor", "made_at", "reason", "entity", "record_ids", "state"), rows)


PAGE = Page(
    "Decisions", "/decisions",
    (
        Route("/decisions", listed), Route("/decisions/decisions.csv", exported), Route("/decisions/many", undone_many, methods=["POST"]),
        Route("/decisions/{id:int}/{what}", previewed), Route("/undo/{id:int}", undone, methods=["POST"]), Route("/redo/{id:int}", redone, methods=["POST"]),
    ),
    icon="undo", roles=OPERATORS,
)  # fmt: skip
