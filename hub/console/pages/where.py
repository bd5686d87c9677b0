"""Where is my record? Columns Hub and every system, a row a field; below, the chain from the hour to the payment.

The address takes what people have in their hands: a golden id, or the number of a record in one of the systems.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import Page
from hub.console.pages.record_parts import around, place_of, sections, where_of
from hub.console.sheets import csv_answer
from hub.console.shell import ask, redirect, render
from hub.core.whereabouts import QUIET, VERDICTS

SEARCH = "query Named($text: String!) { search(text: $text, first: 50) { entity recordId label detail recordState by } }"
LEGEND = ("on_its_way", "waiting", "refused", "observe", "propose", "locked", "not_corrected")


async def of_record(request: Request) -> Response:
    """Where one record is."""
    at = place_of(request)
    found = await where_of(request, at)
    if found["id"] != str(at.id):
        return redirect(request, f"/record/{at.meta.name}/{found['id']}/where", f"The record was merged into {found['label']}.")
    only = request.query_params.get("only") == "differences"
    shown = sections(at.meta, found)
    return render(
        request, "where/record.html", **around(at, found, "where"), sections=shown, only=only, quiet=QUIET, legend=[(one, VERDICTS[one]) for one in LEGEND],
        differing=sum(one.row["differs"] for section in shown for one in section.fields),
    )  # fmt: skip


async def sheet(request: Request) -> Response:
    """The same as a sheet: a line a field, two columns a system, what it says and what becomes of it."""
    at = place_of(request)
    found = await where_of(request, at)
    names = [f"{one['system']} {one['externalId'] or ''}".strip() for one in found["columns"]]
    header = ("field", "hub", *(text for name in names for text in (name, f"{name} verdict")))
    rows = [
        (row["field"], _told(row), *(text for cell in row["cells"] for text in (_told({**cell, "masked": row["masked"]}), cell["meaning"])))
        for row in found["fields"]
    ]  # fmt: skip
    return csv_answer(f"where-{at.meta.name}-{at.id}.csv", header, rows)


def _told(one: Mapping[str, Any]) -> str:
    """A value as one cell: the name of what it leads to, else itself; lists and amounts as JSON."""
    if one["masked"] or one["value"] is None:
        return ""
    if one["label"]:
        return str(one["label"])
    return str(one["value"]) if isinstance(one["value"], (str, int, bool)) else json.dumps(one["value"], ensure_ascii=False)


async def lookup(request: Request) -> Response:
    """The record somebody names; several are listed, none says what can be asked."""
    asked = " ".join(request.query_params.get("q", "").split())[:200]
    if not asked:
        return render(request, "where/lookup.html", title="Where is my record?", asked="", hits=())
    hits = (await ask(request, SEARCH, text=asked))["search"]
    if len(hits) == 1:
        return redirect(request, f"/record/{hits[0]['entity']}/{hits[0]['recordId']}/where")
    return render(request, "where/lookup.html", title="Where is my record?", asked=asked, hits=hits)


PAGE = Page(
    "Where is my record?", "/where", (Route("/where", lookup), Route("/record/{entity}/{id}/where.csv", sheet), Route("/record/{entity}/{id}/where", of_record)), section="records", icon="pin"
)
