"""Home: what waits for the team one works for, what changed since one was here, and how the systems are.

Which panels come first differs by team: finance operations begin with money, integration support with systems.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.names import names_of
from hub.console.page import OPERATORS, Page
from hub.console.shell import attempt, part, person, render, shell, tenant_id
from hub.console.words import instant
from hub.store import visits

_COUNT = "count overdue unassigned money { amount currency }"
_TASK = "id cause reason entity recordId dueAt isOverdue money { amount currency } assignee { name }"
TASKS = f"""query Home($team: String!) {{
  counts: taskCounts(by: [CAUSE], team: $team, snoozed: false) {{ cause {_COUNT} }}
  mine: taskCounts(by: [CAUSE], mine: true) {{ cause {_COUNT} }}
  late: stewardTasks(order: DUE, team: $team, state: "open", overdue: true, snoozed: false, first: 6) {{ nodes {{ {_TASK} }} }}
  first: stewardTasks(order: PRIORITY, team: $team, state: "open", snoozed: false, first: 6) {{ nodes {{ {_TASK} }} }}
}}"""
PROPOSALS = """query HomeProposals {
  proposals(state: "open", first: 50) { nodes { id subject risk mayVote askedAt expiresAt author authorMember { name } } }
  settled: proposals(mine: true, first: 20) { nodes { id subject state settledAt } }
}"""
OVERRIDES = """query HomeOverrides($before: DateTime!) {
  overridesInForce(expiringBefore: $before, first: 6) { totalCount nodes { id entity recordId field value until actor reason } }
}"""
SYSTEMS = """query HomeSystems {
  health { feedPosition inboxOpen deliveriesDue deliveriesParked }
  systems { name kind connector paused loading brakedAt modes { mode } checkpoints { resource polledAt failures error } }
  subscriptions { name kind system position state }
}"""
MONEY = "query HomeMoney { moneyBoard(groupBy: [CAUSE]) { rows { cause means amount { amount currency } tasks overdue } totals { amount { amount currency } tasks } } }"
SINCE = """query HomeSince($since: DateTime!, $team: String!) {
  opened: stewardTasks(order: NEWEST, team: $team, state: "open", first: 100) { nodes { openedAt } }
  closed: taskCounts(by: [CAUSE], team: $team, state: "resolved", updatedSince: $since) { cause count }
}"""

PANELS: Mapping[str, tuple[str, ...]] = {
    "data_stewards": ("tasks", "since", "proposals", "overrides", "money", "systems"),
    "finance_operations": ("money", "tasks", "proposals", "since", "overrides", "systems"),
    "pmo": ("tasks", "money", "since", "proposals", "overrides", "systems"),
    "delivery": ("tasks", "since", "money", "proposals", "overrides", "systems"),
    "integration_support": ("systems", "tasks", "since", "proposals", "overrides", "money"),
}
FIRST_VISIT = timedelta(days=7)
SOON = timedelta(days=7)


async def home(request: Request) -> Response:
    """The page; the tasks come with it, every other panel a moment later by itself."""
    who = person(request)
    data, troubles = await attempt(request, TASKS, team=who.team)
    panels = [name for name in PANELS.get(who.team, PANELS["data_stewards"]) if name in ("tasks", "since") or who.may(*OPERATORS) or name == "proposals"]
    late = (data.get("late") or {}).get("nodes") or []
    first = [one for one in (data.get("first") or {}).get("nodes") or [] if one["id"] not in {each["id"] for each in late}]
    names = await names_of(request, (one["recordId"] for one in (*late, *first)))
    return render(
        request, "home/home.html", title="Home", panels=panels, troubles=troubles, counts=data.get("counts") or [], mine=data.get("mine") or [],
        waiting=(late + first)[:8], totals=_totals(data.get("counts") or []), names=names,
    )  # fmt: skip


async def panel(request: Request) -> Response:
    """One of the panels that load by themselves."""
    name = request.path_params["name"]
    make = {"since": _since, "proposals": _proposals, "overrides": _overrides, "systems": _systems, "money": _money}.get(name)
    if make is None:
        return Response(status_code=404)
    return part(request, "home/panels.html", name, **await make(request))


async def _since(request: Request) -> dict[str, Any]:
    """What the feed and the queue did since the person was here; a first visit looks a week back."""
    who, now = person(request), shell(request).now()
    since = who.since_at or now - FIRST_VISIT
    async with shell(request).pool.acquire() as connection:
        changes = [dict(row) for row in await visits.changes_since(connection, tenant_id(request), since)]
    data, troubles = await attempt(request, SINCE, since=since.isoformat(), team=who.team)
    opened = [one for one in (data.get("opened") or {}).get("nodes") or [] if (at := instant(one["openedAt"])) and at > since]
    return {
        "since": since, "is_first": who.since_at is None, "changes": _by_entity(changes), "is_more": sum(one["many"] for one in changes) >= visits.MOST,
        "decided": sum(one["decided"] for one in changes), "opened": len(opened), "closed": sum(one["count"] for one in data.get("closed") or []), "troubles": troubles,
    }  # fmt: skip


def _by_entity(changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Entity by entity: how many were made, changed, and went; the busiest first."""
    found: dict[str, dict[str, Any]] = {}
    for one in changes:
        row = found.setdefault(one["entity"], {"entity": one["entity"], "made": 0, "changed": 0, "gone": 0})
        row["made" if one["op"] == "create" else "gone" if one["op"] in ("deactivate", "merge", "delete") else "changed"] += one["many"]
    return sorted(found.values(), key=lambda row: -(row["made"] + row["changed"] + row["gone"]))[:8]


async def _proposals(request: Request) -> dict[str, Any]:
    data, troubles = await attempt(request, PROPOSALS)
    since = person(request).since_at
    nodes = (data.get("proposals") or {}).get("nodes") or []
    settled = [one for one in (data.get("settled") or {}).get("nodes") or [] if one["settledAt"] and (since is None or (instant(one["settledAt"]) or since) > since)]
    return {"for_me": [one for one in nodes if one["mayVote"]][:6], "others": sum(not one["mayVote"] for one in nodes), "settled": settled[:5], "troubles": troubles}


async def _overrides(request: Request) -> dict[str, Any]:
    data, troubles = await attempt(request, OVERRIDES, before=(shell(request).now() + SOON).isoformat())
    page = data.get("overridesInForce") or {"nodes": [], "totalCount": 0}
    return {"page": page, "names": await names_of(request, (one["recordId"] for one in page["nodes"])), "troubles": troubles}


async def _systems(request: Request) -> dict[str, Any]:
    data, troubles = await attempt(request, SYSTEMS)
    health = data.get("health") or {}
    head = int(health.get("feedPosition") or 0)
    late = [(one["name"], head - int(one["position"] or 0)) for one in data.get("subscriptions") or [] if one["kind"] != "pull" and head > int(one["position"] or 0)]
    systems = [one for one in data.get("systems") or [] if one["kind"] not in ("hub", "steward")]
    return {"health": health, "systems": systems, "late": sorted(late, key=lambda one: -one[1])[:5], "troubles": troubles}


async def _money(request: Request) -> dict[str, Any]:
    data, troubles = await attempt(request, MONEY)
    board = data.get("moneyBoard") or {"rows": [], "totals": []}
    return {"rows": board["rows"][:8], "totals": board["totals"], "troubles": troubles}


def _totals(counts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {name: sum(one[name] for one in counts) for name in ("count", "overdue", "unassigned")}


PAGE = Page("Home", "/", (Route("/", home), Route("/home/{name}", panel)), icon="home")
