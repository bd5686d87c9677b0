"""People: who works here, for which teams, with which keys, and who stands in for whom. Admins say so; everybody may say they are away."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.access import Role
from hub.console.page import ADMINS, OPERATORS, Page
from hub.console.sessions import TEAMS
from hub.console.shell import ask, field, fields, need, person, redirect, render, tell

LIST = "{ members { id name email teams actors regions isAway isActive delegate { id name } } myMember { id isAway } }"
PUT = """mutation Put($id: ID, $name: String!, $email: String, $teams: [String!], $actors: [String!], $isActive: Boolean, $delegateId: ID) {
  putMember(id: $id, name: $name, email: $email, teams: $teams, actors: $actors, isActive: $isActive, delegateId: $delegateId) {
    member { id name } proposal { id } errors { code message field remedy retryable } }
}"""
AWAY = "mutation Away($away: Boolean!, $delegate: ID) { setAbsence(isAway: $away, delegateId: $delegate) { member { id } errors { code message field remedy retryable } } }"


async def listed(request: Request) -> Response:
    """Everybody, and the forms."""
    data = await ask(request, LIST)
    wanted = request.query_params.get("edit", "")
    edited = next((one for one in data["members"] if one["id"] == wanted), None)
    return render(
        request, "people/list.html", title="People", members=data["members"], me=data["myMember"], edited=edited, teams=TEAMS,
        may_put=person(request).may(*ADMINS), unknown=person(request).actor if data["myMember"] is None else "",
    )  # fmt: skip


async def put(request: Request) -> Response:
    """Take somebody up, or change what is said of them. A key that changes hands waits for a second person."""
    need(request, *ADMINS)
    given: dict[str, Any] = {
        "id": await field(request, "id") or None, "name": await field(request, "name"), "email": await field(request, "email"),
        "teams": await fields(request, "teams"), "actors": (await field(request, "actors")).replace(",", " ").split(),
        "isActive": await field(request, "active") != "no", "delegateId": await field(request, "delegate") or None,
    }  # fmt: skip
    told = await tell(request, PUT, **given)
    if told.get("proposal"):
        return redirect(request, f"/proposals/{told['proposal']['id']}", "A second person must agree; it waits here.")
    return redirect(request, "/people", f"{given['name']} is kept.")


async def absent(request: Request) -> Response:
    """Say that oneself is away, or back."""
    need(request, Role.STEWARD, Role.ADMIN)
    is_away = await field(request, "away") == "yes"
    await tell(request, AWAY, away=is_away, delegate=await field(request, "delegate") or None)
    return redirect(request, "/people", "You are away now; your tasks go to whoever stands in." if is_away else "Welcome back.")


PAGE = Page(
    "People", "/people", (Route("/people", listed), Route("/people", put, methods=["POST"]), Route("/people/absence", absent, methods=["POST"])),
    section="rules", icon="people", roles=OPERATORS,
)  # fmt: skip
