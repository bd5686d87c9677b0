"""Codes: what nobody has mapped, with suggestions and what waits for it; the maps there are, and who said so."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import OPERATORS, Page
from hub.console.sheets import csv_answer
from hub.console.shell import ask, fields, part, redirect, render, shell, tell, tenant_id
from hub.core.suggesting import suggest_code
from hub.errors import RequestError
from hub.store import codes
from schema import CODE_SETS

REVIEW = """
query Review($system: String, $set: String, $first: Int) { codeMapReview(system: $system, codeSet: $set, first: $first) {
  system codeSet theirs count money { amount currency } oldestAt taskId suggestion likeness isOpen values } }
"""
MAP = """
mutation Map($entries: [CodeMeaning!]!, $dry: Boolean!) { mapCodes(entries: $entries, dryRun: $dry) {
  done count batchId outcomes { item outcome count code message remedy } errors { code message field remedy } } }
"""
SHOWN = 100
"""Codes at once, those most messages wait for first; the sheet has them all."""
LIKELY = 0.8
"""From this likeness on a suggestion is chosen beforehand."""


async def listed(request: Request) -> Response:
    """Codes nobody has mapped, those most messages wait for first; then every map."""
    system, code_set = request.query_params.get("system") or None, request.query_params.get("set") or None
    is_csv = request.query_params.get("format") == "csv"
    rows = (await ask(request, REVIEW, system=system, set=code_set, first=None if is_csv else SHOWN + 1))["codeMapReview"]
    if is_csv:
        lines = ((row["system"], row["codeSet"], row["theirs"], row["count"], row["suggestion"], row["likeness"], row["oldestAt"]) for row in rows)
        return csv_answer("unmapped-codes.csv", ("system", "set", "theirs", "messages", "suggestion", "likeness", "oldest_at"), lines)
    async with shell(request).pool.acquire() as connection:
        maps = await codes.maps(connection, tenant_id(request))
    sets: dict[str, list[Any]] = {}
    for one in maps:
        sets.setdefault(one["code_set"], []).append(one)
    return render(
        request, "codes/list.html", title="Codes", rows=rows[:SHOWN], has_more=len(rows) > SHOWN, maps=sets, system=system or "", set=code_set or "", likely=LIKELY,
        systems=sorted({row["system"] for row in rows} | {one["system"] for one in maps}), sets=sorted({row["codeSet"] for row in rows} | sets.keys()),
        labels={name: dict(CODE_SETS[name].values) for name in {row["codeSet"] for row in rows}},
    )  # fmt: skip


ENTRY = ("system", "set", "theirs", "direction", "ours", "was")


async def _entries(request: Request) -> list[dict[str, Any]]:
    """The codes of the form that somebody gave a meaning, or another one."""
    columns = [await fields(request, name) for name in ENTRY]
    kept = set(await fields(request, "default"))
    found = []
    for values in zip(*columns, strict=True):
        one = dict(zip(ENTRY, values, strict=True))
        if one["ours"] and one["ours"] != one.pop("was"):
            found.append({**one, "isDefault": one["theirs"] in kept})
    if not found:
        raise RequestError("NOTHING_CHOSEN", "no code has another meaning than before", remedy="Choose what some of them mean.")
    return found


async def preview(request: Request) -> Response:
    """What mapping these would release, each with its outcome."""
    entries = await _entries(request)
    told = await tell(request, MAP, entries=entries, dry=True)
    return part(request, "codes/list.html", "preview", told=told, entries=entries)


async def map_codes(request: Request) -> Response:
    entries = await _entries(request)
    told = await tell(request, MAP, entries=entries, dry=False)
    refused = [one for one in told["outcomes"] if one["outcome"] == "refused"]
    said = f"{told['done']} codes are mapped; {told['count']} messages are taken up."
    if refused:
        said += f" {len(refused)} were refused: {refused[0]['message']}."
    back = request.query_params.get("back", "")
    return redirect(request, back if back.startswith("/codes") else "/codes", said)


async def one(request: Request) -> Response:
    """One system's map of one set, to be changed, with who said what when."""
    system, name = request.path_params["system"], request.path_params["set"]
    if name not in CODE_SETS:
        raise RequestError("NOT_FOUND", f"there is no set of codes {name[:60]!r}", remedy="Look at the list of codes.")
    async with shell(request).pool.acquire() as connection:
        rows = await codes.entries(connection, tenant_id(request), system, name)
        history = await codes.history(connection, tenant_id(request), system, name)
    if request.query_params.get("format") == "csv":
        return csv_answer(f"codes-{system}-{name}.csv", ("theirs", "ours", "direction", "is_default"), (tuple(row) for row in rows))
    suggested = {row["theirs"]: suggest_code(row["theirs"], CODE_SETS[name])[0] for row in rows}
    return render(
        request, "codes/one.html", title=f"{system} {name}", crumbs=(("Codes", "/codes"), (system, f"/codes?system={system}"), (name, "")), system=system,
        set=CODE_SETS[name], rows=rows, history=history, suggested=suggested,
    )  # fmt: skip


PAGE = Page(
    "Codes",
    "/codes",
    (
        Route("/codes", listed),
        Route("/codes/preview", preview, methods=["POST"]),
        Route("/codes", map_codes, methods=["POST"]),
        Route("/codes/{system}/{set}", one),
    ),
    section="systems",
    icon="code",
    roles=OPERATORS,
)
