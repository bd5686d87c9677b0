"""Every page and part of the console as a browser asks for it, on records of the loaded firm that have something to show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import asyncpg

from tests.benchmarks.console_data import Ground

TRIVIAL = "answers"
"""A signed-in page that reads nothing but the session: what every page costs at least."""


@dataclass(frozen=True)
class Visit:
    """One request. ``is_part``: htmx asks; ``fields``: a form is sent; ``is_search``: held to the bound of search."""

    name: str
    path: str
    is_part: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
    is_search: bool = False


FOUND = {
    "client": "SELECT client_id FROM golden.invoice WHERE tenant_id = $1 AND client_id <> $2 GROUP BY client_id ORDER BY count(*) DESC, client_id LIMIT 1",
    "invoice": "SELECT invoice_id FROM golden.payment_application WHERE tenant_id = $1 AND invoice_id IS NOT NULL ORDER BY id LIMIT 1",
    "hour": "SELECT id FROM golden.time_entry WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1",
    "project": "SELECT project_id FROM golden.time_entry WHERE tenant_id = $1 AND project_id IS NOT NULL ORDER BY id DESC LIMIT 1",
    "project_of_many": "SELECT project_id FROM golden.assignment WHERE tenant_id = $1 AND project_id IS NOT NULL GROUP BY project_id ORDER BY count(*) DESC, project_id LIMIT 1",
    "resource": "SELECT resource_id FROM golden.time_entry WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1",
    "legal_entity": "SELECT id FROM golden.legal_entity WHERE tenant_id = $1 ORDER BY id LIMIT 1",
    "number": "SELECT number FROM golden.invoice WHERE tenant_id = $1 AND number IS NOT NULL ORDER BY id LIMIT 1",
    "name": "SELECT name FROM golden.client WHERE tenant_id = $1 AND id = (SELECT client_id FROM golden.invoice WHERE tenant_id = $1 ORDER BY id LIMIT 1)",
    "word": "SELECT split_part(name, ' ', 1) FROM golden.client WHERE tenant_id = $1 GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
    "task": "SELECT id FROM hub.task WHERE tenant_id = $1 AND state = 'open' AND cause = 'delivery_rejected' ORDER BY id LIMIT 1",
    "pair": "SELECT id FROM hub.task WHERE tenant_id = $1 AND state = 'open' AND cause = 'possible_duplicate' AND entity = 'client' ORDER BY id LIMIT 1",
    "plan": "SELECT id FROM hub.plan WHERE tenant_id = $1 ORDER BY id LIMIT 1",
    "proposal": "SELECT id FROM hub.proposal WHERE tenant_id = $1 AND state = 'open' ORDER BY id LIMIT 1",
    "action": "SELECT id FROM hub.action WHERE tenant_id = $1 AND actor = 'steward:bench' ORDER BY id LIMIT 1",
    "lane": "SELECT golden_id FROM hub.lane WHERE tenant_id = $1 AND state = 'parked' AND subscription_id = md5('suberp_north')::uuid ORDER BY golden_id LIMIT 1",
    "marked": "SELECT array_agg(id) FROM (SELECT id FROM hub.task WHERE tenant_id = $1 AND state = 'open' AND cause = 'unknown_code' ORDER BY id LIMIT 50) AS t",
    "twelve": "SELECT array_agg(id) FROM (SELECT id FROM golden.client WHERE tenant_id = $1 ORDER BY id LIMIT 12) AS c",
}
"""Records to look at: those with much around them."""


async def visits(owner: asyncpg.Connection, ground: Ground) -> list[Visit]:
    """What is measured, in this order."""
    found = {name: await owner.fetchval(sql, ground.tenant_id, *([ground.biggest] if "$2" in sql else [])) for name, sql in FOUND.items()}
    if missing := [name for name, value in found.items() if value is None]:
        raise SystemExit(f"the firm is too small to measure on: no {', '.join(missing)}")
    return [
        Visit(TRIVIAL, "/answers"),
        *_work(found), *_records(found, ground.biggest), *_compare(found, ground.biggest), *_search(found), *_systems(found), *_rules(found),
    ]  # fmt: skip


def _work(found: dict[str, Any]) -> list[Visit]:
    marked = {"deed": "assign", "ids": [str(one) for one in found["marked"]]}
    return [
        Visit("home", "/"), *[Visit(f"home: {name}", f"/home/{name}", True) for name in ("since", "proposals", "overrides", "systems", "money")],
        Visit("inbox", "/inbox"), Visit("inbox: any team", "/inbox?team=any"), Visit("inbox: most money", "/inbox?team=any&order=MONEY"),
        Visit("inbox: of a cause", "/inbox?team=any&cause=possible_duplicate"), Visit("inbox: text", "/inbox?team=any&text=says+so+19"),
        Visit("inbox: of a system, in EUR", "/inbox?team=any&system=erp_north&currency=EUR"), Visit("inbox: done", "/inbox?team=any&state=resolved"),
        Visit("inbox: is there news", "/inbox/version?v=x", True), Visit("inbox: badge", "/inbox/badge", True), Visit("inbox: a task", f"/inbox/{found['task']}", True),
        Visit("inbox: 50 marked", "/inbox/preview", True, marked),
        Visit("proposals", "/proposals"), Visit("proposals: badge", "/proposals/waiting", True), Visit("proposal", f"/proposals/{found['proposal']}"),
        Visit("decisions", "/decisions"), Visit("decisions: undo", f"/decisions/{found['action']}/undo", True),
        Visit("money", "/money"), Visit("money: by legal entity", "/money?by=legal_entity"), Visit("money: behind", "/money/list?cause=missing_client_po&currency=EUR"),
        Visit("money: release", "/money/release?cause=delivery_rejected", True), Visit("overrides", "/overrides"),
    ]  # fmt: skip


def _records(found: dict[str, Any], biggest: UUID) -> list[Visit]:
    made = []
    for name, entity, golden_id in (
        ("client", "client", found["client"]), ("client with 5,000 children", "client", biggest), ("invoice", "invoice", found["invoice"]),
        ("hour", "time_entry", found["hour"]), ("project", "project", found["project_of_many"]), ("consultant", "resource", found["resource"]),
        ("legal entity", "legal_entity", found["legal_entity"]),
    ):  # fmt: skip
        path = f"/record/{entity}/{golden_id}"
        made += [
            Visit(name, path), Visit(f"{name}: related", f"{path}/related", True), Visit(f"{name}: where", f"{path}/where"),
            Visit(f"{name}: history", f"{path}/history"),
        ]
    many = f"/record/client/{biggest}"
    tree = {"client": biggest, "root": biggest, "kind": "legal_parent"}
    return [
        *made, Visit("client: edit", f"/record/client/{found['client']}/field/name", True), Visit("its projects", f"{many}/related/project/client"),
        Visit("hierarchy", f"{many}/hierarchy"), Visit("hierarchy: sums", f"/hierarchy/sums?{urlencode(tree)}", True),
        Visit("hierarchy: a level", f"/hierarchy/children?parent={biggest}&kind=legal_parent", True), Visit("hierarchy: find", f"/hierarchy?{urlencode({'q': found['name']})}"),
        Visit("hierarchy: move", f"/hierarchy/move?client={found['client']}&parent={biggest}&kind=legal_parent", True), Visit("then", f"{many}/then?version=1", True),
    ]  # fmt: skip


def _compare(found: dict[str, Any], biggest: UUID) -> list[Visit]:
    made = []
    for name, ids in (("two", found["twelve"][:2]), ("twelve", found["twelve"]), ("with the biggest", [found["client"], biggest])):
        given = {"entity": "client", "id": [str(one) for one in ids]}
        made += [
            Visit(f"compare: {name}", f"/compare?{urlencode(given, doseq=True)}"),
            Visit(f"compare: {name}, evidence", f"/compare/evidence?{urlencode(given, doseq=True)}", True),
            Visit(f"compare: {name}, preview", "/compare/preview", True, {**given, "survivor": str(ids[-1])}),
        ]
    return made


def _search(found: dict[str, Any]) -> list[Visit]:
    made = []
    for name, text in (("number", found["number"]), ("name", found["name"]), ("a word many share", found["word"]), ("a beginning", found["name"][:3]), ("nothing", "zzqx")):
        made.append(Visit(f"search: {name}", f"/search/quick?{urlencode({'q': text})}", True, is_search=True))
    return [*made, Visit("search page", f"/search?{urlencode({'q': found['name']})}", is_search=True), Visit("where is", f"/where?{urlencode({'q': found['word']})}", is_search=True)]


def _systems(found: dict[str, Any]) -> list[Visit]:
    return [
        Visit("sources", "/sources"),
        *[Visit(f"sources: {text}", f"/sources/erp_north{path}", bool(part)) for text, path, part in (
            ("one", "", 0), ("modes", "/modes", 0), ("modes tried", "/modes/preview?entity=invoice&mode=observe", 1), ("parked", "/parked", 0),
            ("tries", f"/attempts/{_sub('erp_north')}/{found['lane']}", 1), ("profile", "/profile", 0), ("profile figures", "/profile/figures", 1),
        )],
        Visit("subscriptions", "/subscriptions"), Visit("subscription", f"/subscriptions/{_sub('erp_north')}"), Visit("dead letters", "/dead-letters"),
        Visit("alerts", "/alerts"), Visit("trail", f"/trail?{urlencode({'q': found['number']})}"),
        Visit("add a system", "/add-system"), Visit("codes", "/codes"), Visit("reference data", "/reference"), Visit("reference data: one", "/reference/currency"),
        Visit("code set", "/reference/sets/INDUSTRY"), Visit("code set: used", "/reference/sets/CURRENCY/usage", True),
    ]  # fmt: skip


def _sub(system: str) -> UUID:
    from hashlib import md5

    return UUID(md5(f"sub{system}".encode()).hexdigest())


def _rules(found: dict[str, Any]) -> list[Visit]:
    return [
        Visit("model", "/model"), Visit("model: client", "/model/client"), Visit("quality", "/quality"), Visit("quality: client", "/quality/client"),
        Visit("quality: withdrawn", "/quality/client/withdrawn", True), Visit("plans", "/plans"), Visit("plan", f"/plans/{found['plan']}"),
        Visit("plan: progress", f"/plans/{found['plan']}/progress", True), Visit("people", "/people"),
    ]  # fmt: skip
