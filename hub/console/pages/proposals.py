"""Changes that wait for a second person: what would change, who asks, and the answer. The approved diff is the applied diff."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import Page
from hub.console.sheets import csv_answer
from hub.console.shell import ask, field, is_htmx, redirect, render, render_or_part, tell, with_toast
from hub.console.words import spoken
from hub.errors import RequestError

STATES = ("open", "approved", "refused", "stale", "expired", "withdrawn")
FIRST = 50
SEEN = "id operation subject reason risk state entity author authorMember { name } needed votes { vote member { name } comment at } mayVote askedAt expiresAt"
LIST = f"""query Proposals($state: String, $risk: String, $mine: Boolean, $first: Int!, $after: String) {{
  proposals(state: $state, risk: $risk, mine: $mine, first: $first, after: $after) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {SEEN} }} }}
}}"""
ONE = f"""query Proposal($id: Long!) {{
  proposal(id: $id) {{ {SEEN} diff estimate fresh moved given actionId replacesId settledAt settledBy resolution records {{ __typename id }} }}
}}"""
ANSWERED = "{ proposal { id state actionId subject } errors { code message field remedy retryable } }"
ANSWERS = {
    "approve": f"mutation Approve($id: Long!, $text: String!) {{ approve(id: $id, comment: $text) {ANSWERED} }}",
    "refuse": f"mutation Refuse($id: Long!, $text: String!) {{ refuse(id: $id, reason: $text) {ANSWERED} }}",
    "withdraw": f"mutation Withdraw($id: Long!) {{ withdrawProposal(id: $id) {ANSWERED} }}",
    "renew": f"mutation Renew($id: Long!) {{ renewProposal(id: $id) {ANSWERED} }}",
}
DONE = {"approve": "Approved.", "refuse": "Refused; the author is told why.", "withdraw": "Withdrawn.", "renew": "Asked for anew."}
WAITING = 'query Waiting { proposals(state: "open", first: 100) { nodes { mayVote } } }'


async def listed(request: Request) -> Response:
    """What waits, unless another state is asked for."""
    given = request.query_params
    state, risk, mine = given.get("state", "open"), given.get("risk", ""), given.get("mine") == "yes"
    data = await ask(request, LIST, state=state or None, risk=risk or None, mine=mine or None, first=FIRST, after=given.get("after"))
    kept = {"state": state, "risk": risk, "mine": "yes" if mine else ""}
    return render_or_part(
        request, "proposals/list.html", "results", title="Proposals", page=data["proposals"], state=state, risk=risk, mine=mine, kept=kept, states=STATES
    )


async def shown(request: Request) -> Response:
    """One proposal: the diff, what follows from it, who has said what."""
    found = (await ask(request, ONE, id=_id(request)))["proposal"]
    if found is None:
        raise RequestError("NOT_FOUND", "there is no such proposal", remedy="It may belong to another firm, or the address is wrong.")
    crumbs = (("Proposals", "/proposals"), (spoken(found["subject"]), ""))
    return render(request, "proposals/one.html", title=spoken(found["subject"]), crumbs=crumbs, one=found, changes=_changes(found["diff"]), fresh=_changes(found["fresh"]))


async def answered(request: Request) -> Response:
    """Approve, refuse, withdraw or renew."""
    what = request.path_params["answer"]
    if what not in ANSWERS:
        raise RequestError("NOT_FOUND", "there is no such answer to a proposal")
    given: dict[str, Any] = {"id": _id(request)}
    if what in ("approve", "refuse"):
        given["text"] = await field(request, "text")
    payload = await tell(request, ANSWERS[what], **given)
    state = payload["proposal"]["state"]
    said = DONE[what] if what != "approve" or state == "approved" else "Noted; one more person must approve."
    if is_htmx(request):
        return with_toast(redirect(request, f"/proposals/{payload['proposal']['id']}", said), said)
    return redirect(request, f"/proposals/{payload['proposal']['id']}", said)


async def exported(request: Request) -> Response:
    """The list as CSV."""
    given, after = request.query_params, None
    rows: list[list[Any]] = []
    while len(rows) < 10_000:
        state, mine = given.get("state", "open") or None, given.get("mine") == "yes" or None
        page = (await ask(request, LIST, state=state, risk=given.get("risk") or None, mine=mine, first=100, after=after))["proposals"]
        rows += [[one["id"], one["operation"], one["subject"], one["reason"], one["risk"], one["state"], one["author"], one["askedAt"]] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    return csv_answer("proposals.csv", ("proposal_id", "operation", "subject", "reason", "risk", "state", "author", "asked_at"), rows)


async def waiting(request: Request) -> Response:
    """How many wait for this person, for the navigation."""
    nodes = (await ask(request, WAITING))["proposals"]["nodes"]
    many = sum(one["mayVote"] for one in nodes)
    return Response(str(many) if many else "", media_type="text/html")


def _id(request: Request) -> str:
    return str(request.path_params["id"])


def _changes(diff: Any) -> list[dict[str, Any]]:
    """The records of a diff, each with its fields as pairs of before and after."""
    return [
        {
            "entity": one.get("entity", ""), "id": one.get("id", ""), "op": one.get("op", ""), "label": one.get("label") or one.get("id", ""),
            "fields": [(each.get("field", ""), each.get("before"), each.get("after"), "masked" if each.get("masked") else "") for each in one.get("fields", ())],
        }
        for one in (diff or {}).get("records", ())
    ]  # fmt: skip


PAGE = Page(
    "Proposals", "/proposals",
    (
        Route("/proposals", listed), Route("/proposals/waiting", waiting), Route("/proposals/proposals.csv", exported), Route("/proposals/{id:int}", shown),
        Route("/proposals/{id:int}/{answer}", answered, methods=["POST"]),
    ),
    section="work", icon="stamp", badge="/proposals/waiting",
)  # fmt: skip
