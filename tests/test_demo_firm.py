"""The realistic firm: the same from the same seed, its money adds up, and both ways in lead to the same golden records."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import typer
from typer.testing import CliRunner

from hub.demo.firm import Firm, bulk, catalogue, files, show
from hub.demo.firm.__main__ import run
from hub.demo.firm.queries import QUERIES
from hub.demo.firm.shape import Record
from hub.demo.narrator import Narrator
from hub.embedded import Embedded
from hub.errors import SetupError
from hub.files import read_records
from hub.flows import load, receive, replay
from hub.flows.ingest_loop import Ingester
from hub.flows.load_plan import plan_of
from hub.flows.receive import Origin
from hub.flows.tenants import ensure_tenant
from hub.settings import Settings
from hub.store import configuration, former, golden
from hub.store.inbox import NewMessage
from hub.store.pool import Pool, open_worker_pool
from schema import ENTITIES
from tests.api.conftest import running
from tests.conftest import Database, _settings_for

FIRM = Firm(seed=3, scale=0.001)
command = typer.Typer()
command.command()(run)


def told(entity: str, firm: Firm = FIRM) -> list[Record]:
    source = next(one for one in catalogue.CATALOGUE if one.entity == entity)
    return list(catalogue.records(firm, source))


def values(entity: str) -> list[dict[str, Any]]:
    """What the first system to tell says of each record."""
    return [record.said[0].values for record in told(entity)]


def test_the_same_seed_tells_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    firms = {"a": Firm(3, 0.001), "b": Firm(3, 0.001), "c": Firm(4, 0.001)}
    for name, firm in firms.items():
        files.write(firm, tmp_path / name)
    written = {name: {file.name: file.read_bytes() for file in sorted((tmp_path / name).iterdir())} for name in firms}
    assert written["a"] == written["b"]
    assert written["a"]["111_crm_eu_client.jsonl"] != written["c"]["111_crm_eu_client.jsonl"]


def test_a_firm_has_the_size_it_was_asked_for() -> None:
    firm = Firm(scale=1.0)
    sizes = {one.entity: one.steps(firm) for one in catalogue.CATALOGUE if one.entity in ("resource", "client", "contract", "project")}
    assert sizes == {"resource": 2_000, "client": 100_006, "contract": 150_000, "project": 300_006}
    small = Firm(scale=0.01)
    assert 9_000 < len(told("time_entry", small)) < 11_000


def test_every_invoice_is_the_sum_of_its_lines() -> None:
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for line in values("invoice_line"):
        if "invoice" in line:
            of = sums[line["invoice"]["id"]]
            of[0] += Decimal(line["net"]["amount"])
            of[1] += Decimal(line["tax"]["amount"])
    stated = {
        record.said[0].external_id: [Decimal(record.said[0].values[name]["amount"]) for name in ("net", "tax", "gross")]
        for record in told("invoice")
    }
    assert stated == {id_: [net, tax, net + tax] for id_, (net, tax) in sums.items()}


def test_what_is_open_of_an_invoice_is_what_payments_and_credits_leave() -> None:
    settled: dict[str, Decimal] = defaultdict(Decimal)
    for one in values("payment_application"):
        settled[one["invoice"]["id"]] += Decimal(one["amount"]["amount"])
    for one in values("credit_memo"):
        settled[one["corrects"]["id"]] += Decimal(one["gross"]["amount"])
    for record in told("invoice"):
        billing, erp = record.said
        gross, left = Decimal(billing.values["gross"]["amount"]), Decimal(erp.values["open_amount"]["amount"])
        assert left == gross - settled[billing.external_id], billing.external_id
        assert (erp.values["state"] == "paid") is (left == 0)


def test_a_payment_is_the_sum_of_what_it_settles() -> None:
    applied: dict[str, Decimal] = defaultdict(Decimal)
    for one in values("payment_application"):
        applied[one["payment"]["id"]] += Decimal(one["amount"]["amount"])
    assert applied == {one.said[0].external_id: Decimal(one.said[0].values["amount"]["amount"]) for one in told("payment")}


def test_clients_are_billed_the_approved_hours_of_each_project_and_month() -> None:
    worked: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in values("time_entry"):
        if entry["billable"] and entry["state"] == "approved":
            worked[entry["project"]["id"], entry["work_date"][:7]] += Decimal(entry["quantity_to_bill"]["value"])
    months = {one.said[0].external_id: one.said[0].values["service_from"][:7] for one in told("invoice")}
    billed: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in values("invoice_line"):
        if "contract_line" in line:
            billed[line["project"]["id"], months[line["invoice"]["id"]]] += Decimal(line["quantity"]["value"])
    assert billed == worked


def test_the_firm_has_what_later_issues_need_of_it() -> None:
    invoices, entries = told("invoice", Firm(3, 0.005)), told("time_entry", Firm(3, 0.005))
    lines = [one.said[0].values for one in invoices]
    assert any(len(one["projects"]) > 1 for one in lines), "an invoice over several projects"
    assert any(one.said[1].values["state"] == "part_paid" for one in invoices)
    assert {one["currency"] for one in lines} == {"EUR", "USD", "GBP", "JPY"}
    assert any("contract" not in one and one["client"]["system"] == "erp_north" for one in lines), "one house bills another"
    cards: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for one in entries:
        card = one.said[0]
        cards[card.external_id].add((card.values["resource"]["id"], date.fromisoformat(card.values["work_date"]).isocalendar().week))
    assert 500 < len(cards) < len(entries) / 5
    assert {len(some) for some in cards.values()} == {1}, "a timecard is a week of one consultant"


# ------------------------------------------------------------------------------------------------------- the two ways in


@dataclass(frozen=True)
class Ways:
    """The firm in two tenants of one database: ``slow`` by files and ingest, ``quick`` directly."""

    pool: Pool
    slow: int
    quick: int
    owner_url: str


@pytest.fixture(scope="module")
async def loaded(servers: Embedded, template: asyncpg.Connection, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ways]:
    await template.execute("CREATE DATABASE test_firm TEMPLATE hub")
    database = Database("test_firm", _settings_for(Settings().on(servers), "test_firm"))
    pool = await open_worker_pool(database.worker_url, size=6)
    async with pool.acquire() as connection, connection.transaction():
        slow, quick = await ensure_tenant(connection, "slow"), await ensure_tenant(connection, "quick")
        await bulk.connect(connection, slow)
    for file in files.write(FIRM, tmp_path_factory.mktemp("firm")):
        found = await load.load(pool, slow, plan_of(None, file.system, file.entity, file.kind), file.path, read_records)
        assert found.adds_up and found.quarantined == 0, found.as_text()
    await bulk.load(database.owner_url, quick, FIRM)
    yield Ways(pool, slow, quick, database.owner_url)
    await pool.close()
    await template.execute("DROP DATABASE test_firm WITH (FORCE)")


async def test_both_ways_make_the_same_golden_records_with_the_same_winners(loaded: Ways) -> None:
    for source in catalogue.CATALOGUE:
        by_ingest, directly = await standing(loaded.pool, loaded.slow, source.entity), await standing(loaded.pool, loaded.quick, source.entity)
        assert directly, source.entity
        assert directly == by_ingest


async def test_both_ways_leave_the_same_crosswalk_keys_decisions_and_tasks(loaded: Ways) -> None:
    for sql in (
        "SELECT system, object, external_id, part, entity, state, role, values, links FROM hub.source_record WHERE tenant_id = $1 ORDER BY 1, 2, 3, 4",
        "SELECT entity, count(*) FROM hub.match_key WHERE tenant_id = $1 GROUP BY 1 ORDER BY 1",
        "SELECT kind, entity, rule, actor, reason FROM hub.decision WHERE tenant_id = $1 ORDER BY entity, reason",
        "SELECT cause, entity, field, system, state, count, team, reason, remedy, detail FROM hub.task WHERE tenant_id = $1 "
        "AND jsonb_typeof(detail -> 'evidence') IS DISTINCT FROM 'object' ORDER BY reason, field",  # bulk compares nothing by likeness
        "SELECT entity, count(*) FROM hub.change WHERE tenant_id = $1 AND op = 'create' GROUP BY 1 ORDER BY 1",
    ):
        by_ingest, directly = await loaded.pool.fetch(sql, loaded.slow), await loaded.pool.fetch(sql, loaded.quick)
        assert [tuple(row) for row in directly] == [tuple(row) for row in by_ingest], sql


async def test_what_was_loaded_directly_is_what_f_says(loaded: Ways) -> None:
    async with loaded.pool.acquire() as connection, connection.transaction():
        found = await replay.verify(connection, await configuration.read(connection, loaded.quick, 0))
    assert (found.checked > 3000, found.differences) == (True, [])


async def test_the_feed_stands_at_the_last_change_and_instants_rise_with_it(loaded: Ways) -> None:
    await feed_is_in_order(loaded.pool, loaded.quick)


async def feed_is_in_order(pool: Pool, tenant: int) -> None:
    row = await pool.fetchrow(
        "SELECT h.position, count(*) AS changes, max(f.position) AS last, bool_and(rises) AS rises FROM hub.feed_head h "
        "JOIN (SELECT f.*, c.at >= lag(c.at, 1, c.at) OVER (ORDER BY f.position) AS rises FROM hub.feed f "
        "JOIN hub.change c ON c.tenant_id = f.tenant_id AND c.id = f.change_id WHERE f.tenant_id = $1) f ON f.tenant_id = h.tenant_id "
        "WHERE h.tenant_id = $1 GROUP BY 1",
        tenant,
    )
    assert row["position"] == row["changes"] == row["last"]
    assert row["rises"]


async def test_a_part_is_loaded_with_what_it_needs_and_every_client_gets_its_versions(loaded: Ways) -> None:
    pool = loaded.pool
    async with pool.acquire() as connection, connection.transaction():
        tenant = await ensure_tenant(connection, "part")
    found = await bulk.load(loaded.owner_url, tenant, FIRM, only=("client", "project", "time_entry"), versions=4)
    assert found.golden.keys() == catalogue.SMALL | {"client", "project", "time_entry"}
    assert found.golden["client"] == 106
    versions = await pool.fetch(
        "SELECT c.version AS now, count(*) AS versions, bool_and(v.recorded_at > before) AS rises, max(v.recorded_at) = c.updated_at AS is_last "
        "FROM golden.client c JOIN (SELECT *, lag(recorded_at, 1, '-infinity') OVER (PARTITION BY id ORDER BY version) AS before "
        "FROM golden.client_version WHERE tenant_id = $1) v ON v.id = c.id WHERE c.tenant_id = $1 AND c.kind <> 'intercompany' GROUP BY c.id, c.version, c.updated_at",
        tenant,
    )
    assert {tuple(row) for row in versions} == {(4, 4, True, True)}
    changes = await pool.fetch(
        "SELECT c.before ->> 'phone' = lag(v.phone) OVER w AS from_last, c.after ->> 'phone' = v.phone AS to_this, c.op FROM hub.change c "
        "JOIN golden.client_version v ON v.tenant_id = c.tenant_id AND v.id = c.golden_id AND v.version = c.version "
        "WHERE c.tenant_id = $1 AND v.kind <> 'intercompany' WINDOW w AS (PARTITION BY v.id ORDER BY v.version)",
        tenant,
    )
    assert {tuple(row) for row in changes} == {(None, True, "create"), (True, True, "update")}
    await feed_is_in_order(pool, tenant)
    kept = "SELECT field, value, became, golden_id, since, until FROM hub.former_value WHERE tenant_id = $1 ORDER BY 1, 4, 6"
    left = await pool.fetch(kept, tenant)
    assert {row["field"] for row in left} == {"account_manager_id", "name"}
    async with pool.acquire() as connection:
        await connection.execute("DELETE FROM hub.former_value WHERE tenant_id = $1", tenant)
        await former.fill(connection, tenant, ENTITIES["client"], None, 1000)
    assert await pool.fetch(kept, tenant) == left
    async with pool.acquire() as connection, connection.transaction():
        verified = await replay.verify(connection, await configuration.read(connection, tenant, 0))
    assert verified.differences == []
    with pytest.raises(SetupError, match="holds records already"):
        await bulk.load(loaded.owner_url, tenant, FIRM)
    with pytest.raises(SetupError, match="by a superuser"):
        await bulk.load(pool, tenant, FIRM)


async def test_processes_beside_load_the_same_records(loaded: Ways) -> None:
    async with loaded.pool.acquire() as connection, connection.transaction():
        tenants = [await ensure_tenant(connection, slug) for slug in ("alone", "beside")]
    for tenant, processes in zip(tenants, (0, 1), strict=True):
        await bulk.load(loaded.owner_url, tenant, FIRM, only=("client",), processes=processes)
    golden = "SELECT id, version, name, phone, account_manager_id, created_at FROM golden.client WHERE tenant_id = $1 ORDER BY id"
    alone, beside = [await loaded.pool.fetch(golden, tenant) for tenant in tenants]
    assert len(alone) == 106
    assert alone == beside


async def test_what_was_loaded_directly_goes_on_through_ingest(loaded: Ways) -> None:
    """A CRM's update makes the next version of a client; a new record with a known LEI joins the client that has it, which stays."""
    pool = loaded.pool
    async with pool.acquire() as connection, connection.transaction():
        tenant = await ensure_tenant(connection, "on")
    await bulk.load(loaded.owner_url, tenant, FIRM, only=("client",), versions=2)
    first, other = told("client")[0], told("client")[1]
    update = NewMessage("crm_eu", "client", first.said[0].external_id, b'{"website": "https://new.example/"}', "k1", "test", False, "")
    known = {name: other.said[0].values[name] for name in ("name", "legal_name", "kind", "lei")}
    new = NewMessage("crm_us", "client", "a new one", json.dumps(known).encode(), "k2", "test", False, "")
    async with pool.acquire() as connection, connection.transaction():
        await receive.store(connection, Origin(tenant, "api", "test"), [update, new], datetime.now(UTC))
    await Ingester(pool, "test").drain(tenant)
    rows = await pool.fetch(
        "SELECT s.external_id, c.version, c.website FROM hub.source_record s JOIN golden.client c ON c.tenant_id = $1 AND c.id = s.golden_id "
        "WHERE s.tenant_id = $1 AND s.external_id IN ('a new one', $2)",
        tenant, first.said[0].external_id,
    )  # fmt: skip
    assert {row["external_id"]: tuple(row)[1:] for row in rows} == {
        first.said[0].external_id: (3, "https://new.example/"), "a new one": (2, other.said[0].values["website"]),
    }  # fmt: skip


async def test_the_demo_fills_a_hub_once_sums_it_up_and_its_queries_are_answered(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    demo = show.Show(FIRM, 1, True, Narrator(), time.monotonic())
    first = await demo.prepare(database.settings)
    pool = await open_worker_pool(database.worker_url, size=1)
    loaded_at = await pool.fetchval("SELECT max(updated_at) FROM hub.source_record")
    [tenant] = await demo.prepare(database.settings)
    assert "holds this firm already" in capsys.readouterr().out
    assert [first[0]["slug"], await pool.fetchval("SELECT max(updated_at) FROM hub.source_record")] == ["firm", loaded_at]
    told = await demo.sum_up(pool)
    assert told["golden_records"] == sum(told["golden"].values()) == told["changes"]
    for currency, sums in told["sums"].items():
        assert sums["net"] + sums["tax"] == sums["credited"] + sums["paid"] + sums["open"], currency
    async with running(database) as api:
        for query in QUERIES:
            assert all((await api.ask(tenant["keys"]["reader"], query.document)).data.values()), query.title
    await pool.close()


def test_files_are_written_with_the_command_that_loads_each(tmp_path: Path) -> None:
    told = CliRunner().invoke(command, ["--as", "files", "--out", str(tmp_path), "--scale", "0.001"])
    *commands, last = told.stdout.splitlines()
    files_named = [line.split()[2] for line in commands]
    contacts = next(file for file in files_named if file.endswith("crm_us_contact.jsonl"))
    assert f"hub load {contacts} --system crm_us --entity contact --kind crm" in commands
    assert files_named == sorted(str(file) for file in tmp_path.iterdir())
    assert json.loads(last)["files"] == len(commands)


async def standing(pool: Pool, tenant: int, entity: str) -> dict[str, Any]:
    """Golden records under their first source key: values with references as keys, and per field who won by which rule."""
    meta = ENTITIES[entity]
    names = {
        str(row["golden_id"]): row["name"]
        for row in await pool.fetch(
            "SELECT golden_id, min(concat_ws(' ', system, object, external_id, part)) AS name FROM hub.source_record "
            "WHERE tenant_id = $1 AND state = 'present' GROUP BY 1",
            tenant,
        )
    }
    sources = {
        row["id"]: row["name"]
        for row in await pool.fetch("SELECT id, concat_ws(' ', system, external_id, part) AS name FROM hub.source_record WHERE tenant_id = $1", tenant)
    }
    async with pool.acquire() as connection, connection.transaction():
        ids = [row["id"] for row in await connection.fetch(f"SELECT id FROM golden.{entity} WHERE tenant_id = $1", tenant)]
        stored = await golden.lock(connection, tenant, meta, ids)
    return {
        names[str(id_)]: (
            {field: _named(value, names) for field, value in one.golden.values.items()},
            {field: (sources.get(line.source_id), line.rule, line.provisional) for field, line in one.golden.lineage.items()},
            one.golden.record_state,
        )
        for id_, one in stored.items()
    }


def _named(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value
