"""The money board: what is blocked, why, whose, since when; what a release comes to before and after it is done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import Page
from hub.console.sheets import csv_answer
from hub.console.shell import ask, field, part, redirect, render, shell, tell, tenant_id
from hub.console.words import amount, label
from hub.core.causes import CAUSES, cause_of
from hub.errors import RequestError
from hub.flows.release import BLOCKING, how, remedy
from hub.store import labels, money
from hub.store.money import Cell
from schema import ENTITIES

WAYS = {
    "cause": "CAUSE", "legal_entity": "LEGAL_ENTITY", "team": "TEAM", "system": "SYSTEM",
}  # fmt: skip
SHOWN = 50
MOST_CSV = 20_000
NONE = "none"
"""In the address: of no legal entity."""

BOARD = """
query Board($by: [MoneyBy!]!, $cause: String, $team: String, $currency: String) {
  moneyBoard(groupBy: $by, cause: $cause, team: $team, currency: $currency) {
    rows { cause means how remedy team legalEntityId legalEntity { ... on LegalEntity { code name } } system amount { amount currency } tasks entries overdue oldestAt }
    totals { amount { amount currency } tasks entries overdue oldestAt } } }
"""
RELEASE = """
mutation Release($cause: String!, $house: ID, $none: Boolean!, $currency: String, $reason: String!, $dry: Boolean!) {
  releaseMoney(cause: $cause, legalEntity: $house, withoutLegalEntity: $none, currency: $currency, reason: $reason, dryRun: $dry) {
    how tasks entries money { amount currency } proposal { id } errors { code message field remedy } } }
"""


async def board(request: Request) -> Response:
    """The board: a row for each cause and legal entity, or as the address says."""
    given = {name: request.query_params.get(name) or None for name in ("cause", "team", "currency")}
    by = request.query_params.get("by") if request.query_params.get("by") in WAYS else "cause"
    keys = ["CAUSE", "LEGAL_ENTITY"] if by == "cause" else [WAYS[by or "cause"], "CAUSE"]
    data = await ask(request, BOARD, by=keys, **given)
    rows = data["moneyBoard"]["rows"]
    if request.query_params.get("format") == "csv":
        return csv_answer("blocked-money.csv", HEADER, [_line(row) for row in rows])
    return render(
        request, "money/board.html", title="Money", groups=grouped(rows, by or "cause"), totals=data["moneyBoard"]["totals"], by=by, given=given,
        ways=list(WAYS), causes=[name for name in BLOCKING if name in CAUSES], teams={name: cause_of(name).team for name in BLOCKING},
    )  # fmt: skip


HEADER = ("cause", "legal_entity", "team", "system", "amount", "currency", "tasks", "entries", "overdue", "oldest_at")


def _line(row: dict[str, Any]) -> tuple[Any, ...]:
    house = (row["legalEntity"] or {}).get("code", "")
    return row["cause"], house, row["team"], row["system"], row["amount"]["amount"], row["amount"]["currency"], row["tasks"], row["entries"], row["overdue"], row["oldestAt"]


def grouped(rows: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    """Rows under their first key, each group with what it is called; the order of the rows is kept."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = _name(row, by)
        found.setdefault(name, {"name": name, "means": row["means"] if by == "cause" else "", "rows": []})["rows"].append(row)
    return list(found.values())


def _name(row: dict[str, Any], by: str) -> str:
    if by == "legal_entity":
        return (row["legalEntity"] or {}).get("name") or "No legal entity"
    return label(row[by]) if row[by] else "None"


# behind a cell


def _cell(request: Request) -> tuple[Cell, dict[str, Any]]:
    """Which money the address means, and the address itself."""
    query = request.query_params
    cause, house = query.get("cause", ""), query.get("house", "")
    if cause and cause not in CAUSES:
        raise RequestError("NOT_FOUND", f"there is no cause {cause[:60]!r}", remedy="Look at the board again.")
    try:
        golden = UUID(house) if house and house != NONE else None
    except ValueError:
        raise RequestError("NOT_FOUND", "there is no such legal entity", remedy="Look at the board again.") from None
    given = {"cause": cause, "house": house, "currency": query.get("currency", ""), "team": query.get("team", "")}
    return Cell((cause,) if cause else BLOCKING, given["team"] or None, bool(house), golden, given["currency"] or None), given


async def behind(request: Request) -> Response:
    """The tasks of a cell: what is blocked, one by one."""
    cell, given = _cell(request)
    skip = int(request.query_params.get("skip", "0")) if request.query_params.get("skip", "0").isdigit() else 0
    is_csv = request.query_params.get("format") == "csv"
    async with shell(request).pool.acquire() as connection:
        rows = await money.tasks(connection, tenant_id(request), cell, skip=0 if is_csv else skip, most=MOST_CSV if is_csv else SHOWN + 1)
        wanted = [(row["entity"], row["golden_id"]) for row in rows if row["golden_id"] and row["entity"] in ENTITIES]
        wanted += [("legal_entity", row["legal_entity"]) for row in rows if row["legal_entity"]]
        names = await labels.read(connection, tenant_id(request), wanted)
    if is_csv:
        header = ("task", "cause", "subject", "record", "legal_entity", "team", "amount", "currency", "entries", "reason", "opened_at", "due_at")
        lines = (
            (row["id"], row["cause"], row["subject"], names.get(row["golden_id"], ""), names.get(row["legal_entity"], ""), row["team"], one["amount"],
             one["currency"], row["count"], row["reason"], row["opened_at"].isoformat(), row["due_at"].isoformat())
            for row in rows for one in row["money"] or ()
        )  # fmt: skip
        return csv_answer(f"blocked-{given['cause'] or 'money'}.csv", header, lines)
    cause = given["cause"]
    title = label(cause) if cause else "Blocked money"
    return render(
        request, "money/behind.html", title=title, crumbs=(("Money", "/money"), (title, "")), rows=rows[:SHOWN], names=names, given=given, skip=skip,
        has_more=len(rows) > SHOWN, step=SHOWN, how=how(cause), remedy=remedy(cause) if cause else "", means=cause_of(cause).means if cause else "",
    )  # fmt: skip


# release


def _asked(given: dict[str, Any]) -> dict[str, Any]:
    house = given["house"]
    return {"cause": given["cause"], "house": house if house not in ("", NONE) else None, "none": house == NONE, "currency": given["currency"] or None}


async def preview(request: Request) -> Response:
    """What a release would come to."""
    _, given = _cell(request)
    done = await tell(request, RELEASE, **_asked(given), reason="preview", dry=True)
    return part(request, "money/board.html", "release", told=done, given=given, sentence=sentence(done), means=cause_of(given["cause"]).means)


async def release(request: Request) -> Response:
    """Release; what was released is said in the same words as before."""
    given = {name: await field(request, name) for name in ("cause", "house", "currency")}
    done = await tell(request, RELEASE, **_asked(given), reason=await field(request, "reason"), dry=False)
    if done["proposal"]:
        return redirect(request, f"/proposals/{done['proposal']['id']}", f"{sentence(done)} wait for a second person.")
    return redirect(request, "/money", f"{sentence(done)} released. The board follows as they arrive.")


NOUNS = {"deliveries": ("delivery", "deliveries"), "messages": ("message", "messages"), "holds": ("held item", "held items")}


def sentence(done: dict[str, Any]) -> str:
    """
    >>> sentence({"entries": 312, "how": "deliveries", "money": [{"amount": "48210.00", "currency": "EUR"}]}).replace("\\u202f", ",")
    '312 deliveries, EUR 48,210.00'
    """
    one, many = NOUNS.get(done["how"], ("entry", "entries"))
    count = f"{done['entries']:,} {one if done['entries'] == 1 else many}"
    return ", ".join([count, *(f"{each['currency']} {amount(each['amount'], each['currency']).split(chr(160))[0]}" for each in done["money"] or ())])


PAGE = Page(
    "Money",
    "/money",
    (
        Route("/money", board),
        Route("/money/list", behind),
        Route("/money/release", preview),
        Route("/money/release", release, methods=["POST"]),
    ),
    section="work",
    icon="money",
)
