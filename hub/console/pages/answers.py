"""Answers by CSV: a sheet goes up, every line is tried and told, and what is ready is done as one and can be taken back as one."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console import answers
from hub.console.deeds import DEEDS, run
from hub.console.page import OPERATORS, Page
from hub.console.sheets import csv_answer
from hub.console.shell import field, fields, form, redirect, render, tell
from hub.errors import RequestError

LARGEST_BYTES = 5_000_000
MANY = "mutation Back($ids: [Long!], $dryRun: Boolean!) { undoMany(actionIds: $ids, dryRun: $dryRun) { items { actionId done error { message } } errors { code message field remedy retryable } } }"
CRUMBS = (("Inbox", "/inbox"), ("Answers by CSV", ""))


async def begin(request: Request) -> Response:
    """What a sheet looks like, and where it goes up."""
    return render(request, "sheets/answers.html", title="Answers by CSV", crumbs=CRUMBS, kinds=answers.ANSWERS)


async def sample(request: Request) -> Response:
    """An empty sheet."""
    return csv_answer("answers.csv", ("task_id", "answer", "survivor", "until", "reason"), ())


async def tried(request: Request) -> Response:
    """Read the sheet and try every line; nothing is done."""
    raw = await _sheet(request)
    lines = await answers.carry_out(request, answers.read(raw), is_dry_run=True)
    return render(request, "sheets/tried.html", title="Answers by CSV", crumbs=CRUMBS, lines=lines, sheet=_text(raw), ready=_ready(lines))


async def applied(request: Request) -> Response:
    """Do what is ready, and tell of every line what came of it."""
    raw = (await field(request, "sheet")).encode()
    lines = await answers.carry_out(request, answers.read(raw), is_dry_run=False)
    closed = [one.task_id for one in lines if one.state == "done" and one.answer == "close"]
    actions = [one.action_id for one in lines if one.action_id]
    return render(request, "sheets/applied.html", title="Answers by CSV", crumbs=CRUMBS, lines=lines, ready=_ready(lines), closed=closed, actions=actions)


async def taken_back(request: Request) -> Response:
    """Take back what one sheet did."""
    actions, closed = [one for one in await fields(request, "actions") if one.isdigit()], [one for one in await fields(request, "closed") if one.isdigit()]
    many, refused = 0, 0
    if actions:
        items = (await tell(request, MANY, ids=actions, dryRun=False))["items"]
        many, refused = sum(one["done"] for one in items), sum(not one["done"] for one in items)
    if closed:
        told = await run(request, DEEDS["reopen"], closed, {"reason": "The sheet of answers was taken back."})
        many, refused = many + told["done"], refused + len(closed) - told["done"]
    return redirect(request, "/inbox", f"{many} answers taken back{f', {refused} could not be' if refused else ''}.")


def _ready(lines: list[answers.Line]) -> int:
    return sum(one.state != "refused" for one in lines)


async def _sheet(request: Request) -> bytes:
    """The file that was sent, or the text beside it."""
    sent = (await form(request)).get("file")
    raw = await sent.read() if isinstance(sent, UploadFile) else (await field(request, "sheet")).encode()
    if not raw.strip():
        raise RequestError("BAD_INPUT", "there is no sheet", field="file", remedy="Choose a CSV file, or paste its lines.")
    if len(raw) > LARGEST_BYTES:
        raise RequestError("TOO_LARGE", f"the sheet is larger than {LARGEST_BYTES // 1_000_000} MB", field="file", remedy="Split it.")
    return raw


def _text(raw: bytes) -> str:
    """The sheet as it goes along with the preview."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


PAGE = Page(
    "Answers by CSV", "",
    (
        Route("/answers", begin), Route("/answers/sheet.csv", sample), Route("/answers/try", tried, methods=["POST"]),
        Route("/answers/do", applied, methods=["POST"]), Route("/answers/undo", taken_back, methods=["POST"]),
    ),
    roles=OPERATORS,
)  # fmt: skip
