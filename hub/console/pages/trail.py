"""The trail: everything one id holds together, from the first message to the last delivery. And alerts, by root cause."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.names import names_of
from hub.console.page import OPERATORS, Page
from hub.console.shell import ask, render

PARTS = """correlationId isCut steps { at kind says } changes { entity recordId version op at }
    deliveries { system state reason isDelivered subscription { name } tries { id } } externalIds { system object externalId } tasks { id state reason }"""
TRAIL = f"""query Trail($correlation: String, $event: String, $key: String, $record: ID) {{
    trail(correlationId: $correlation, eventId: $event, idempotencyKey: $key, recordId: $record) {{ {PARTS} }} }}"""
ALERTS = """query Alerts { alerts { id kind says remedy state system subscription since count money { amount currency } deadline team dueAt
    explains { says count money { amount currency } } task { id } } }"""


async def trail(request: Request) -> Response:
    """What an id holds together; it is tried as each of the ids there are."""
    q = request.query_params.get("q", "").strip()[:200]
    found = None
    for given in _ways(q):
        found = (await ask(request, TRAIL, **given))["trail"]
        if found is not None:
            break
    names = await names_of(request, (one["recordId"] for one in found["changes"])) if found else {}
    return render(request, "delivery/trail.html", title="Trail", q=q, trail=found, names=names)


def _ways(q: str) -> list[dict[str, str]]:
    """The ids a text may be, likeliest first.

    >>> _ways("evt_1_1_7"), _ways("")
    ([{'event': 'evt_1_1_7'}, {'correlation': 'evt_1_1_7'}, {'key': 'evt_1_1_7'}], [])
    """
    if not q:
        return []
    ways = [{"correlation": q}, {"key": q}]
    if q.startswith("evt_"):
        return [{"event": q}, *ways]
    try:
        return [*ways, {"record": str(UUID(q))}]
    except ValueError:
        return ways


async def alerts(request: Request) -> Response:
    """What goes wrong, gravest first."""
    return render(request, "delivery/alerts.html", title="Alerts", alerts=(await ask(request, ALERTS))["alerts"])


PAGE = Page("Trail", "/trail", (Route("/trail", trail),), section="systems", icon="path", roles=OPERATORS)
ALERTS_PAGE = Page("Alerts", "/alerts", (Route("/alerts", alerts),), section="work", icon="warn", roles=OPERATORS)
