"""The first load of a million records, with a few: what COPY stores is what ingest would have made of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random
from uuid import UUID

import pytest

from hub.core.match.forms import normal_form
from hub.core.match.model import default_model
from hub.core.match.regroup import Member, regroup
from hub.core.match.spec import spec_of_columns
from hub.errors import SetupError
from hub.flows import replay
from hub.flows.load_plan import FilePlan
from hub.flows.tenants import ensure_tenant
from hub.match.first_load import Loaded, components, first_load
from hub.match.load_groups import Link, Neighbours
from hub.match.load_read import Line
from hub.store import configuration
from hub.store.pool import Pool, open_worker_pool
from schema.systems import CRM, ERP
from tests.conftest import Database

PLAN = FilePlan(("client",), kinds={"crm": CRM, "erp": ERP})
WORDS = ("Quartz", "Heron", "Lumen", "Ostrava", "Calder", "Nimbus", "Tamarisk", "Verdant", "Bracken", "Solent", "Marlow", "Pinnacle")
TOWNS = ("Leeds", "Ulm", "Porto", "Ghent", "Turku", "Split")


def a_client(at: int) -> dict[str, object]:
    random = Random(at)
    name = " ".join((random.choice(WORDS), random.choice(WORDS) + str(at % 7) * (at % 2), random.choice(("Foods", "Steel", "Media", "Tools"))))
    return {
        "name": f"{name} Ltd", "street": f"{at % 90 + 1} {random.choice(WORDS)} Street", "city": random.choice(TOWNS), "postcode": f"{10000 + at * 37}",
        "country": "GB", "phone": f"+4420{70000000 + at * 977}", "website": f"https://{name.lower().replace(' ', '')}.example",
    }  # fmt: skip


def lines(clients: int = 150) -> Iterator[Line]:
    """Each client as the CRM and as the ERP has it: in capitals, cut, without a web site."""
    for at in range(clients):
        one = a_client(at)
        yield Line(2 * at, "crm", "client", f"c{at}", json.dumps(one).encode())
        other = one | {"name": str(one["name"]).upper().replace(" LTD", " LIMITED"), "city": str(one["city"]).upper()}
        del other["website"]
        yield Line(2 * at + 1, "erp", "client", f"e{at}", json.dumps(other).encode())
    sister = a_client(3)
    yield Line(900, "erp", "client", "sister", json.dumps(sister | {"name": str(sister["name"]).replace(" Ltd", " Holdings Ltd")}).encode())
    yield Line(901, "crm", "client", "broken", b"{")


@asynccontextmanager
async def a_tenant(database: Database) -> AsyncIterator[tuple[Pool, int]]:
    pool = await open_worker_pool(database.worker_url, size=2, name="test")
    try:
        async with pool.acquire() as connection, connection.transaction():
            tenant = await ensure_tenant(connection, "first")
        yield pool, tenant
    finally:
        await pool.close()


async def loaded(database: Database, tenant: int) -> Loaded:
    return await first_load(database.owner_url, tenant, PLAN, "client", lines, processes=0, with_homes=True)


async def test_a_first_load_links_what_is_one_and_leaves_a_sister_to_a_person(database: Database) -> None:
    async with a_tenant(database) as (pool, tenant):
        done = await loaded(database, tenant)
        together = sum(done.homes["crm", f"c{at}"] == done.homes["erp", f"e{at}"] for at in range(150))
        assert (done.records, [number for number, _ in done.refused], done.golden) == (301, [901], len(set(done.homes.values())))
        assert together >= 140
        assert done.homes["erp", "sister"] not in {home for key, home in done.homes.items() if key != ("erp", "sister")}
        asked = await pool.fetchval("SELECT count(*) FROM hub.task WHERE tenant_id = $1 AND cause = 'possible_duplicate'", tenant)
        assert asked == done.asked
        decided = await pool.fetch(
            "SELECT rule, evidence FROM hub.decision WHERE tenant_id = $1 AND kind = 'link' AND actor = 'rule'", tenant
        )  # fmt: skip
        assert len(decided) == done.linked == 301 - done.golden
        assert {row["rule"] for row in decided} == {"model:1"} and all(row["evidence"]["parts"] for row in decided)


def test_likely_links_what_careful_asks_about_but_never_against_a_guard_or_all_that_is_known() -> None:
    spec = spec_of_columns({"name": "organisation", "phone": "phone"})
    forms = [normal_form(spec, {"name": name}) for name in ("Quartz Heron Foods", "Quartz Heron Foods", "Quartz Heron Foods Holdings", "Quartz Herons Foods")]
    model = replace(default_model(spec), threshold_auto=6.0, threshold_review=-2.0)
    near = Neighbours(model, forms, [(0, 1, 9.0), (1, 2, 8.0), (0, 2, 7.5), (0, 3, 5.0), (1, 3, 4.5)])
    assert near.groups(Link.CAREFUL) == [[0, 1], [2], [3]]
    assert near.groups(Link.LIKELY) == [[0, 1, 3], [2]]
    doubtful = Neighbours(model, forms, [(0, 1, 9.0), (0, 3, 5.0), (1, 3, -1.0)])
    assert doubtful.groups(Link.LIKELY) == [[0, 1], [2], [3]]


def test_what_is_linked_as_likely_stays_when_it_is_looked_at_again() -> None:
    spec = spec_of_columns({"name": "organisation", "phone": "phone"})
    told = [{"name": "Quartz Heron Foods"}, {"name": "Quartz Heron Foods"}, {"name": "Quartz Herons Food"}, {"name": "Quartz Heron Tools"}]
    model = replace(default_model(spec), threshold_auto=12.0, threshold_review=-30.0)
    one, other = UUID(int=1), UUID(int=2)
    members = [Member(at, one if at < 3 else other, normal_form(spec, values), is_movable=True) for at, values in enumerate(told)]
    done = regroup(model, members)
    assert (done.joins, done.moves, [{ask.one, ask.other} for ask in done.asks]) == ([], [], [{one, other}])


async def test_what_a_first_load_stores_is_what_the_hub_computes_of_it(database: Database) -> None:
    async with a_tenant(database) as (pool, tenant):
        done = await loaded(database, tenant)
        async with pool.acquire() as connection, connection.transaction():
            found = await replay.verify(connection, await configuration.read(connection, tenant, 0))
        assert (found.differences, found.checked) == ([], done.golden)


async def test_a_first_load_keeps_the_keys_that_forms_name_and_sequences_every_change_as_backfill(database: Database) -> None:
    async with a_tenant(database) as (pool, tenant):
        done = await loaded(database, tenant)
        named = await pool.fetch("SELECT unnest(keys) AS key, source_id FROM hub.match_form WHERE tenant_id = $1 ORDER BY 1, 2", tenant)
        kept = await pool.fetch("SELECT key, source_id FROM hub.blocking_key WHERE tenant_id = $1 ORDER BY 1, 2", tenant)
        assert named == kept and kept
        changes = await pool.fetchrow(
            "SELECT count(*) AS changes, bool_and(is_backfill) AS all_backfill, (SELECT position FROM hub.feed_head WHERE tenant_id = $1) AS position "
            "FROM hub.change WHERE tenant_id = $1", tenant
        )  # fmt: skip
        assert dict(changes) == {"changes": done.golden, "all_backfill": True, "position": done.golden}


async def test_a_record_that_names_another_as_itself_is_linked_to_it_whatever_guards_say(database: Database) -> None:
    named = {"name": "Quartz Heron Foods Holdings Ltd", "city": "Ulm", "country": "DE", "$links": [["crm", "client", "c7"], ["crm", "client", "nobody"]]}

    def with_link() -> Iterator[Line]:
        yield from lines(40)
        yield Line(950, "erp", "client", "namer", json.dumps(named).encode())

    async with a_tenant(database) as (pool, tenant):
        done = await first_load(database.owner_url, tenant, PLAN, "client", with_link, processes=0, with_homes=True)
        assert done.homes["erp", "namer"] == done.homes["crm", "c7"]
        told = await pool.fetch("SELECT reason, actor, rule, evidence FROM hub.decision WHERE rule = 'declared_link'")
        assert [tuple(row) for row in told] == [("erp client namer names crm client c7", "rule", "declared_link", None)]


async def test_a_tenant_that_holds_such_records_is_not_loaded_again(database: Database) -> None:
    async with a_tenant(database) as (_, tenant):
        await loaded(database, tenant)
        with pytest.raises(SetupError, match="holds client records already"):
            await loaded(database, tenant)


def test_components_follow_pairs_in_any_order() -> None:
    import numpy as np

    random = Random(2)
    pairs = [(random.randrange(300), random.randrange(300)) for _ in range(220)]
    found = components(np.array([a for a, _ in pairs]), np.array([b for _, b in pairs]), 300).tolist()
    parent = list(range(300))
    for _ in range(300):
        for a, b in pairs:
            parent[a] = parent[b] = min(parent[a], parent[b])
    assert found == parent
