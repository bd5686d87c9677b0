"""Overrides in force: who fixed what, why, until when, and what the systems say by now; taken back one by one or together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import OPERATORS, Page
from hub.console.sheets import csv_answer
from hub.console.shell import ask, fields, part, redirect, render, shell, tell, tenant_id
from hub.errors import RequestError
from hub.store import labels
from schema import ENTITIES

SHOWN = 50
SOON = timedelta(days=7)

LIST = """
query Overrides($first: Int!, $after: String, $entity: String, $actor: String, $before: DateTime) {
  overridesInForce(first: $first, after: $after, entity: $entity, actor: $actor, expiringBefore: $before) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id entity recordId field value reason actor madeAt until whileSource risk isAgreed said { system kind value since } } } }
"""
WITHDRAW = """
mutation Withdraw($ids: [Long!]!, $dry: Boolean!) { withdrawMany(decisionIds: $ids, dryRun: $dry) {
  done batchId records outcomes { item outcome proposalId code message remedy } errors { code message field remedy } } }
"""


async def listed(request: Request) -> Response:
    """The overrides the address asks for, newest first."""
    query = request.query_params
    given = {name: query.get(name, "") for name in ("entity", "actor", "due")}
    before = (shell(request).now() + SOON).isoformat() if given["due"] == "week" else None
    is_csv = query.get("format") == "csv"
    wanted = {"entity": given["entity"] or None, "actor": given["actor"] or None, "before": before}
    nodes, page, total = await _read(request, wanted, query.get("after") or None, is_csv)
    async with shell(request).pool.acquire() as connection:
        names = await labels.read(connection, tenant_id(request), [(one["entity"], UUID(one["recordId"])) for one in nodes if one["recordId"] and one["entity"] in ENTITIES])
    if is_csv:
        header = ("decision", "entity", "record", "field", "value", "sources_say", "agreed", "reason", "actor", "made_at", "until")
        lines = (
            (one["id"], one["entity"], names.get(UUID(one["recordId"]), ""), one["field"], one["value"], "; ".join(f"{each['system']}: {each['value']}" for each in one["said"]),
             one["isAgreed"], one["reason"], one["actor"], one["madeAt"], one["until"])
            for one in nodes
        )  # fmt: skip
        return csv_answer("overrides.csv", header, lines)
    return render(
        request, "overrides/list.html", title="Overrides", nodes=nodes, page=page, total=total, names={str(one): name for one, name in names.items()}, given=given,
        entities=sorted({one["entity"] for one in nodes} | ({given["entity"]} - {""})), actors=sorted({one["actor"] for one in nodes} | ({given["actor"]} - {""})),
    )  # fmt: skip


async def _read(request: Request, wanted: dict[str, Any], after: str | None, is_all: bool) -> tuple[list[dict[str, Any]], dict[str, Any], int]:
    """One page, or all of them for a file."""
    nodes: list[dict[str, Any]] = []
    while True:
        found = (await ask(request, LIST, first=100 if is_all else SHOWN, after=after, **wanted))["overridesInForce"]
        nodes += found["nodes"]
        if not is_all or not found["pageInfo"]["hasNextPage"]:
            return nodes, found["pageInfo"], found["totalCount"]
        after = found["pageInfo"]["endCursor"]


async def _chosen(request: Request) -> list[str]:
    ids = [one for one in await fields(request, "decision") if one.isdigit()]
    if not ids:
        raise RequestError("NOTHING_CHOSEN", "no override is chosen", remedy="Mark those to be taken back.")
    return ids


async def preview(request: Request) -> Response:
    """What taking these back would change, record by record."""
    ids = await _chosen(request)
    told = await tell(request, WITHDRAW, ids=ids, dry=True)
    async with shell(request).pool.acquire() as connection:
        names = await labels.read(connection, tenant_id(request), [(one["entity"], UUID(one["id"])) for one in told["records"]])
    return part(request, "overrides/list.html", "preview", told=told, ids=ids, names={str(one): name for one, name in names.items()})


async def withdraw(request: Request) -> Response:
    told = await tell(request, WITHDRAW, ids=await _chosen(request), dry=False)
    kinds = [one["outcome"] for one in told["outcomes"]]
    said = [f"{kinds.count('done')} taken back"]
    said += [f"{kinds.count('proposed')} wait for a second person"] if "proposed" in kinds else []
    said += [f"{kinds.count('refused')} refused: {next(one['message'] for one in told['outcomes'] if one['outcome'] == 'refused')}"] if "refused" in kinds else []
    return redirect(request, "/overrides", "; ".join(said) + ".")


PAGE = Page(
    "Overrides",
    "/overrides",
    (
        Route("/overrides", listed),
        Route("/overrides/preview", preview, methods=["POST"]),
        Route("/overrides/withdraw", withdraw, methods=["POST"]),
    ),
    section="rules",
    icon="pin",
    roles=OPERATORS,
)
