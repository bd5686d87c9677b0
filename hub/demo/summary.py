"""The last scene: what all came to, counted at the hub and, where it matters, at the systems themselves."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hub.demo.stage import Stage, expect
from hub.demo.systems import NAMES

ENTITIES = (
    "clients", "contacts", "clientSites", "billingAccounts", "opportunities", "projects", "projectFinancialsRecords", "resources", "legalEntities",
    "timeEntries", "milestones", "invoices", "invoiceLines", "creditMemos", "payments", "paymentApplications",
)  # fmt: skip
_RECORDS = "query($after: String) { %s(first: 50, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { sources { state } } } }"
_DELIVERIES = """
query($after: String) { deliveries(first: 50, after: $after) { pageInfo { hasNextPage endCursor } nodes { state tries { state } } } }
"""
_STATE = "{ inbox(first: 1) { totalCount } health { feedPosition } taskCounts { cause count } taskCauses { name ends } }"
LOOKED_FOR = ("the next look at the books does not find it any more", "the rule holds again")
"""How tasks end that nobody was asked but that are found by looking: money held up in the books, records that break a rule."""


async def summary(stage: Stage) -> dict[str, Any]:
    """The figures of the run. Raises :class:`StoryError` when a target holds anything twice."""
    golden: Counter[str] = Counter()
    contributions = 0
    for name in ENTITIES:
        async for page in _pages(stage, _RECORDS % name, name):
            golden[name] = page["totalCount"]
            contributions += sum(source["state"] == "present" for node in page["nodes"] for source in node["sources"])
    states: Counter[str] = Counter()
    async for page in _pages(stage, _DELIVERIES, "deliveries"):
        states.update(one["state"] for node in page["nodes"] for one in node["tries"])
    doubles = [one for name in NAMES for one in await stage.system(name).duplicates()]
    expect(not doubles, f"the targets hold twice: {', '.join(doubles)}")
    state = await stage.hub.ask(_STATE)
    found = {one["name"] for one in state["taskCauses"] if one["ends"] in LOOKED_FOR}
    tasks = {is_found: sum(one["count"] for one in state["taskCounts"] if (one["cause"] in found) == is_found) for is_found in (True, False)}
    return {
        "contributions": contributions,
        "messages": state["inbox"]["totalCount"],
        "golden_records": sum(golden.values()),
        "changes": int(state["health"]["feedPosition"]),
        "deliveries": states["done"] + states["adopted"],
        "adopted": states["adopted"],
        "parked": stage.facts.pop("parked"),
        "duplicates_at_targets": len(doubles),
        "tasks_open": tasks[False],
        "tasks_found": tasks[True],
        "seconds": round(time.monotonic() - stage.began, 1),
        **stage.facts,
    }


async def _pages(stage: Stage, document: str, name: str) -> Any:
    after = None
    while True:
        page: Mapping[str, Any] = (await stage.hub.ask(document, after=after))[name]
        yield page
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def tell_summary(stage: Stage, number: int, told: Mapping[str, Any]) -> None:
    stage.tell.begin(number, "What it came to")
    stage.tell.table(("", ""), [
        ("messages received", told["messages"]),
        ("records of three systems", told["contributions"]),
        ("golden records", told["golden_records"]),
        ("changes, each with cause and lineage", told["changes"]),
        ("writes to systems", f"{told['deliveries']}, of them {told['adopted']} found after a lost answer"),
        ("parked, then mended", told["parked"]),
        ("merges in force; steps two people agreed on", f"{told['merged']}; {told['agreed']}"),
        ("duplicates at the targets, counted there", told["duplicates_at_targets"]),
        ("tasks open for people; found by looking at books and rules", f"{told['tasks_open']}; {told['tasks_found']}"),
        ("seconds", told["seconds"]),
    ])  # fmt: skip
