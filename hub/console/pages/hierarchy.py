"""Clients in their trees, one per kind of relationship: opened level by level, added up, and changed by proposals.

A client is moved by dragging it onto its new parent, or by the keyboard with "Move…"; both lead to the same form, which tries the move
before anybody asks for it, so a circle is told with the way round.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import OPERATORS, Page
from hub.console.pages.record_parts import Place, around, place_of, where_of
from hub.console.shell import ask, attempt, field, payload_trouble, person, redirect, render, shell, tell
from hub.errors import RequestError
from schema import CODE_SETS

KINDS = tuple(CODE_SETS["RELATIONSHIP_KIND"].values)
FIRST = 50
PROPOSERS = OPERATORS

TREE = """query Tree($id: ID!, $kind: String!, $on: Date!) { client(id: $id) { id name
    trees(on: $on) { kind children hasParent } root(kind: $kind, on: $on) { clientId depth path { id name } } } }"""
CHILDREN = """query Children($id: ID!, $kind: String!, $on: Date!, $first: Int!, $after: ID) { client(id: $id) { id name
    children(kind: $kind, on: $on, first: $first, after: $after) { hasMore nodes { clientId name relationshipId share validFrom validTo hasChildren } } } }"""
SUMS = """query Sums($id: ID!, $root: ID!, $kind: String!, $on: Date!) { own: client(id: $id) { name rollUp(kind: $kind, on: $on) { ...sums } }
    whole: client(id: $root) { name rollUp(kind: $kind, on: $on) { ...sums } } }
    fragment sums on ClientRollUp { clients isComplete receivables { amount currency } unbilled { amount currency } activeProjects contracts }"""
FOUND = """query Found($text: String!) { search(text: $text, entities: ["client"], first: 8) { recordId label detail recordState } }"""
NAMED = """query Named($client: ID!, $parent: ID!, $kind: String!, $on: Date!) { client(id: $client) { id name parent(kind: $kind, on: $on) { name clientId } }
    parent: client(id: $parent) { id name } }"""
MOVE = """mutation Move($client: ID!, $parent: ID, $kind: String!, $since: Date!, $reason: String!, $dry: Boolean!) {
    moveClient(client: $client, parent: $parent, kind: $kind, since: $since, reason: $reason, dryRun: $dry) {
        actionId proposal { id risk } errors { code message field remedy retryable } } }"""


def _kind(request: Request) -> str:
    chosen = request.query_params.get("kind", "")
    return chosen if chosen in KINDS else KINDS[0]


def _day(request: Request) -> str:
    """The business day trees are read on."""
    try:
        return date.fromisoformat(request.query_params.get("on", "")).isoformat()
    except ValueError:
        return shell(request).now().date().isoformat()


async def lookup(request: Request) -> Response:
    """Find a client, then its trees."""
    asked = request.query_params.get("q", "").strip()[:200]
    hits = (await ask(request, FOUND, text=asked))["search"] if asked else []
    return render(request, "hierarchy/lookup.html", title="Hierarchy", asked=asked, hits=hits)


async def of_client(request: Request) -> Response:
    """The tree a client stands in, open along the way from the top to it."""
    at = place_of(request)
    found = await where_of(request, at)
    if found["id"] != str(at.id):
        return redirect(request, f"/record/client/{found['id']}/hierarchy", f"The record was merged into {found['label']}.")
    kind, on = _kind(request), _day(request)
    if "kind" not in request.query_params:
        kind = await _fullest(request, at, on) or kind
    tree = (await ask(request, TREE, id=str(at.id), kind=kind, on=on))["client"]
    way = list(reversed(tree["root"]["path"]))
    levels = [await _children(request, one["id"], kind, on) for one in way]
    return render(
        request, "hierarchy/tree.html", **around(at, found, "hierarchy"), kind=kind, on=on, kinds=KINDS, trees={one["kind"]: one for one in tree["trees"]},
        way=way, levels=levels, root=tree["root"]["clientId"], may_move=person(request).may(*PROPOSERS),
    )  # fmt: skip


async def _fullest(request: Request, at: Place, on: str) -> str | None:
    """The tree with the most around the client."""
    trees = (await ask(request, TREE, id=str(at.id), kind=KINDS[0], on=on))["client"]["trees"]
    best = max(trees, key=lambda one: (one["children"] + one["hasParent"], -KINDS.index(one["kind"])), default=None)
    return best["kind"] if best else None


async def _children(request: Request, client: str, kind: str, on: str, after: str | None = None) -> dict[str, Any]:
    found = (await ask(request, CHILDREN, id=client, kind=kind, on=on, first=FIRST, after=after))["client"]
    if found is None:
        raise RequestError("NOT_FOUND", "there is no such client", remedy="Search for it by name.")
    level: dict[str, Any] = {**found["children"], "parent": found["id"]}
    return level


async def children(request: Request) -> Response:
    """One level more, where somebody opened it."""
    query = request.query_params
    kind, on = _kind(request), _day(request)
    level = await _children(request, query.get("parent", ""), kind, on, query.get("after") or None)
    return render(request, "hierarchy/level.html", level=level, kind=kind, on=on, may_move=person(request).may(*PROPOSERS), way=(), levels=())


async def sums(request: Request) -> Response:
    """What hangs on the client and on its whole tree; read apart, since a tree may be large."""
    query = request.query_params
    data, troubles = await attempt(request, SUMS, id=query.get("client", ""), root=query.get("root", ""), kind=_kind(request), on=_day(request))
    told = [data.get("own"), data.get("whole")] if data.get("own") else []
    return render(request, "hierarchy/sums.html", told=[one for one in told if one], is_root=query.get("client") == query.get("root"), troubles=troubles)


async def moving(request: Request) -> Response:
    """The form that moves a client; with a parent chosen the move is tried."""
    query = request.query_params
    client, parent, kind = query.get("client", ""), query.get("parent", ""), _kind(request)
    since = _day(request)
    named = await ask(request, NAMED, client=client, parent=parent or client, kind=kind, on=since)
    if named["client"] is None:
        raise RequestError("NOT_FOUND", "there is no such client", remedy="Search for it by name.")
    tried = None
    if "parent" in query:
        answer = await ask(request, MOVE, client=client, parent=parent or None, kind=kind, since=since, reason="tried", dry=True)
        tried = tuple(payload_trouble(one) for one in answer["moveClient"]["errors"])
    hits = (await ask(request, FOUND, text=query["q"][:200]))["search"] if query.get("q", "").strip() else []
    return render(
        request, "hierarchy/move.html", client=named["client"], parent=named["parent"] if parent else None, chosen="parent" in query, kind=kind, kinds=KINDS,
        since=since, tried=tried, q=query.get("q", ""), hits=[one for one in hits if one["recordId"] != client], stays=not query.get("part"),
    )  # fmt: skip


async def move(request: Request) -> Response:
    """Ask for the move; a second person approves it."""
    client, kind = await field(request, "client"), await field(request, "kind")
    done = await tell(
        request, MOVE, client=client, parent=await field(request, "parent") or None, kind=kind, since=await field(request, "since"),
        reason=await field(request, "reason"), dry=False,
    )  # fmt: skip
    waits = done.get("proposal")
    text = f"Proposal {waits['id']} waits for a second person." if waits else "Moved."
    return redirect(request, f"/record/client/{client}/hierarchy", text, kind=kind)


PAGE = Page(
    "Hierarchy", "/hierarchy",
    (
        Route("/hierarchy", lookup),
        Route("/hierarchy/children", children),
        Route("/hierarchy/sums", sums),
        Route("/hierarchy/move", moving),
        Route("/hierarchy/move", move, methods=["POST"]),
        Route("/record/{entity}/{id}/hierarchy", of_client),
    ),
    section="records", icon="tree",
)  # fmt: skip
