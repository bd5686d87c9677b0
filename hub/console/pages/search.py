"""Search from anywhere: a list below the box while one types, a page for Enter. One clear find of an exact number opens at once."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub.console.page import Page
from hub.console.sheets import csv_answer
from hub.console.shell import ask, part, render_or_part, url
from hub.core.searching import SEARCHED

FIND = "query Find($text: String!, $entities: [String!], $first: Int!) { search(text: $text, entities: $entities, first: $first) { entity recordId label detail recordState by } }"
QUICK, MANY = 8, 50


async def quick(request: Request) -> Response:
    """The first finds, as one types."""
    text = request.query_params.get("q", "").strip()
    found = await _find(request, text, None, QUICK)
    return part(request, "search/page.html", "quick", found=found, text=text)


async def whole(request: Request) -> Response:
    """All finds, narrowed to an entity if wanted."""
    text, entity = request.query_params.get("q", "").strip(), request.query_params.get("entity", "")
    found = await _find(request, text, [entity] if entity in SEARCHED else None, MANY)
    if len(found) == 1 and found[0]["by"] in ("ID", "NUMBER", "EXTERNAL_ID") and request.headers.get("hx-request") != "true":
        return RedirectResponse(url(request, f"/record/{found[0]['entity']}/{found[0]['recordId']}"), 303)
    crumbs = (("Search", ""),)
    return render_or_part(
        request, "search/page.html", "results", title=f"Search: {text}" if text else "Search", crumbs=crumbs, found=found, text=text,
        entity=entity, entities=list(SEARCHED), most=MANY,
    )  # fmt: skip


async def exported(request: Request) -> Response:
    """All finds as CSV."""
    entity = request.query_params.get("entity", "")
    found = await _find(request, request.query_params.get("q", "").strip(), [entity] if entity in SEARCHED else None, MANY)
    return csv_answer("search.csv", ("entity", "record_id", "label", "detail", "state"), [[one["entity"], one["recordId"], one["label"], one["detail"], one["recordState"]] for one in found])


async def _find(request: Request, text: str, entities: list[str] | None, first: int) -> list[dict[str, Any]]:
    if not text:
        return []
    found: list[dict[str, Any]] = (await ask(request, FIND, text=text, entities=entities, first=first))["search"]
    return found


PAGE = Page("Search", "/search", (Route("/search", whole), Route("/search/quick", quick), Route("/search/search.csv", exported)), section="records", icon="search")
