"""Plans: what a changed rule would do to records, deliveries and money, before two people agree that it does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import OPERATORS, Page
from hub.console.sheets import csv_answer
from hub.console.shell import ask, field, part, redirect, render, shell, tell, tenant_id
from hub.errors import RequestError
from hub.store import labels
from schema import ENTITIES

STATES = ("computing", "ready", "approved", "applying", "applied", "stale", "cancelled", "failed")
LIST = """
query Plans($after: String, $state: String) { plans(first: 50, after: $after, state: $state) {
  totalCount pageInfo { hasNextPage endCursor }
  nodes { id kind state entities reason actor done total madeAt appliedAt records { count } proposal { id state mayVote } } } }
"""
ONE = """
query Plan($id: Long!, $after: String, $entity: String, $op: String, $state: String) {
  plan(id: $id) { id kind state entities given before reason actor undoes undoneBy done total error madeAt readyAt approvedBy approvedAt appliedAt applied
    movedMeanwhile proposal { id state mayVote risk author }
    records { entity op count } fields { entity field count } amounts { entity field currency before after difference count }
    deliveries { system entity op mode count } receivables { currency amount count } brakes { system writes limit } }
  planItems(planId: $id, first: 50, after: $after, entity: $entity, op: $op, state: $state) {
    totalCount pageInfo { hasNextPage endCursor } nodes { recordId entity op before after state moved } } }
"""
_PAYLOAD = "{ plan { id state } proposal { id } errors { code message field remedy } }"
DEEDS = {
    "apply": f"mutation Apply($id: Long!) {{ applyPlan(id: $id) {_PAYLOAD} }}",
    "refresh": f"mutation Refresh($id: Long!) {{ refreshPlan(id: $id) {_PAYLOAD} }}",
    "cancel": f"mutation Cancel($id: Long!) {{ cancelPlan(id: $id) {_PAYLOAD} }}",
}
BACK = f"mutation Back($id: Long!, $reason: String!) {{ planBack(id: $id, reason: $reason) {_PAYLOAD} }}"
SAID = {"refresh": "It is computed again.", "cancel": "The plan is cancelled; nothing was changed."}


async def listed(request: Request) -> Response:
    """Every plan, newest first."""
    state = request.query_params.get("state") if request.query_params.get("state") in STATES else None
    found = (await ask(request, LIST, after=request.query_params.get("after") or None, state=state))["plans"]
    return render(request, "plans_page/list.html", title="Plans", found=found, state=state or "", states=STATES)


def _id(request: Request) -> str:
    told: str = request.path_params["id"]
    if not told.isdigit() or len(told) > 18:
        raise RequestError("NOT_FOUND", "there is no such plan", remedy="Look at the list of plans.")
    return told


async def one(request: Request) -> Response:
    """What a plan would change: counts first, then record by record."""
    data, names, given = await _read(request)
    plan = data["plan"]
    if request.query_params.get("format") == "csv":
        return csv_answer(f"plan-{plan['id']}.csv", ("entity", "record", "id", "op", "state", "field", "before", "after"), _lines(data["planItems"]["nodes"], names))
    return render(
        request, "plans_page/one.html", title=f"Plan {plan['id']}", crumbs=(("Plans", "/plans"), (f"Plan {plan['id']}", "")), plan=plan, items=data["planItems"],
        names=names, given=given,
    )  # fmt: skip


def _lines(nodes: list[dict[str, Any]], names: dict[str, str]) -> Any:
    for item in nodes:
        for name in {**item["before"], **item["after"]}:
            yield item["entity"], names.get(item["recordId"], ""), item["recordId"], item["op"], item["state"], name, item["before"].get(name), item["after"].get(name)


async def _read(request: Request) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    given = {name: request.query_params.get(name, "") for name in ("entity", "op", "state")}
    data = await ask(request, ONE, id=_id(request), after=request.query_params.get("after") or None, **{name: value or None for name, value in given.items()})
    if data["plan"] is None:
        raise RequestError("NOT_FOUND", "there is no such plan", remedy="Look at the list of plans.")
    wanted = [(item["entity"], UUID(item["recordId"])) for item in data["planItems"]["nodes"] if item["entity"] in ENTITIES]
    async with shell(request).pool.acquire() as connection:
        names = await labels.read(connection, tenant_id(request), wanted)
    return data, {str(golden): name for golden, name in names.items()}, given


async def progress(request: Request) -> Response:
    """How far it is computed or applied; asked for again and again meanwhile."""
    data, names, given = await _read(request)
    answer = part(request, "plans_page/one.html", "progress", plan=data["plan"], items=data["planItems"], names=names, given=given)
    if data["plan"]["state"] not in ("computing", "approved", "applying"):
        answer.headers["hx-refresh"] = "true"
    return answer


async def do(request: Request) -> Response:
    """Apply, refresh or cancel a plan, or plan the way back."""
    plan, deed = _id(request), await field(request, "deed")
    if deed == "back":
        told = await tell(request, BACK, id=plan, reason=await field(request, "reason"))
        return redirect(request, f"/plans/{told['plan']['id']}", "The way back is planned; nothing is changed yet.")
    if deed not in DEEDS:
        raise RequestError("INVALID_VALUE", "there is no such step", remedy="Use the buttons of the page.")
    told = await tell(request, DEEDS[deed], id=plan)
    if told["proposal"]:
        return redirect(request, f"/plans/{plan}", "A second person is asked. Nothing is changed before.")
    return redirect(request, f"/plans/{plan}", SAID.get(deed, "The plan is being applied, exactly as it says."))


PAGE = Page(
    "Plans",
    "/plans",
    (
        Route("/plans", listed),
        Route("/plans/{id}", one),
        Route("/plans/{id}/progress", progress),
        Route("/plans/{id}", do, methods=["POST"]),
    ),
    section="rules",
    icon="plan",
    roles=OPERATORS,
)
