"""The simulated systems: their files fit them, a restart keeps their records, webhooks reach the hub, faults are as asked."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from connectors.conformance import read_all
from connectors.errors import RateLimitedError, RejectedError, UnknownOutcomeError
from connectors.port import Write
from connectors.rest.connector import RestConnector, rest_connector
from connectors.simulator.kinds import DIALECTS
from connectors.simulator.server import Simulator, simulator
from connectors.wire import parse_json
from schema import ENTITIES
from schema.code_maps import CodeMaps
from schema.codes import SETS
from schema.mapping import Mapping, unbound
from schema.mapping_file import load_code_maps, load_mappings
from tests.connectors.subjects import config_of


def known(name: str, value: str) -> bool:
    return name in SETS and SETS[name].allows(value)


@pytest.fixture(params=sorted(DIALECTS))
async def running(request: pytest.FixtureRequest) -> AsyncIterator[Simulator]:
    found = await simulator(request.param).start()
    yield found
    await found.stop()


@pytest.fixture
async def erp() -> AsyncIterator[tuple[Simulator, RestConnector]]:
    found = await simulator("erp").start()
    connector = rest_connector(config_of(found))
    yield found, connector
    await connector.aclose()
    await found.stop()


def mappings_of(running: Simulator) -> tuple[tuple[Mapping, ...], CodeMaps]:
    document = config_of(running)
    return load_mappings(document, file=running.dialect.name), CodeMaps(load_code_maps(document), known)


async def test_every_seeded_record_is_read_whole_by_the_committed_mappings(running: Simulator) -> None:
    connector, (mappings, codes) = rest_connector(config_of(running)), mappings_of(running)
    seen: set[str] = set()
    for resource in connector.capabilities.resources:
        for message in (await read_all(connector, resource))[0]:
            record, mine = parse_json(message.body), [one for one in mappings if one.object == message.object]
            parts = [part for one in mine for part in one.read(record, codes)]
            assert [(part.problems, part.raw) for part in parts if part.problems or part.raw] == []
            assert unbound(mine, record) == set()
            assert {one.record_id(record) for one in mine} == {message.external_id}
            for part in parts:
                meta = ENTITIES[part.entity]
                stated = {name for name, value in part.values.items() if value is not None}
                assert {field.name for field in meta.required} <= stated, f"{message.object} as {part.entity}"
                seen.add(part.entity)
    await connector.aclose()
    assert seen >= {"crm": {"client", "contact", "opportunity"}, "psa": {"client", "resource", "contact", "project", "time_entry", "milestone"},
                    "erp": {"client", "billing_account", "client_site", "legal_entity", "resource", "project", "project_financials"}}[running.dialect.name]  # fmt: skip


async def test_what_a_mapping_reads_it_writes_back_unchanged(running: Simulator) -> None:
    mappings, codes = mappings_of(running)
    for one in mappings:
        for row in running.store.table(one.object):
            record = running.dialect.shown(row)
            for part in one.read(record, codes):
                if one.items:
                    continue
                body = one.write({name: value for name, value in part.values.items() if name in one.fields_out}, codes)
                again = one.read(_merged(record, body), codes)
                assert [each.values for each in again] == [part.values], f"{one.object} as {one.entity}"


def _merged(record: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    return record | {name: _merged(record[name], one) if isinstance(one, dict) else one for name, one in body.items()}


AN_INVOICE: dict[str, Any] = {
    "customer": "CUST-10001", "company": "NB-01", "date": "2026-05-31", "due": "2026-06-30", "net": 1500, "tax": 285, "gross": 1785, "open": 1785,
    "lines": [
        {"no": 1, "project": "PRJ-4001", "text": "Workshop", "hours": "7:30", "rate": 120, "net": 900, "tax": 171, "taxCode": "S"},
        {"no": 2, "project": "PRJ-4001", "text": "Review", "hours": "5:00", "rate": 120, "net": 600, "tax": 114, "taxCode": "S"},
    ],
}  # fmt: skip


async def test_an_invoice_with_two_lines_a_credit_memo_and_a_payment_over_two_invoices_are_read(erp: tuple[Simulator, RestConnector]) -> None:
    running, connector = erp
    mappings, codes = mappings_of(running)
    for object, values in (
        ("invoice", AN_INVOICE), ("invoice", AN_INVOICE | {"gross": 595}),
        ("credit_memo", AN_INVOICE | {"corrects": "INV-2026-0041", "reason": "Travel was included"}),
        ("payment", {"customer": "CUST-10001", "company": "NB-01", "received": "2026-06-20", "amount": 2380, "unapplied": 0, "bankRef": "B-1",
                     "applications": [{"seq": 1, "invoice": "INV-2026-0041", "amount": 1785}, {"seq": 2, "invoice": "INV-2026-0042", "amount": 595}]}),
    ):  # fmt: skip
        running.control_change({"object": object, "values": values})
    found: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for resource in ("invoice", "credit_memo", "payment"):
        for message in (await read_all(connector, resource))[0]:
            for one in mappings:
                if one.object == message.object:
                    for part in one.read(parse_json(message.body), codes):
                        assert not part.problems and not part.raw
                        found.setdefault(part.entity, []).append((message.external_id, part.part, part.values))
    assert {entity: len(parts) for entity, parts in found.items()} == {
        "invoice": 2, "invoice_line": 6, "credit_memo": 1, "payment": 1, "payment_application": 2,
    }  # fmt: skip
    assert found["invoice_line"][1] == (
        "INV-2026-0041", "2",
        {
            "invoice": {"system": "erp", "object": "invoice", "id": "INV-2026-0041"}, "line_no": "2", "description": "Review",
            "project": {"system": "erp", "object": "project", "id": "PRJ-4001"},
            "quantity": {"value": "5", "unit": "hour", "stated": "5:00"}, "unit_price": {"amount": "120", "currency": "EUR", "per": "hour"},
            "net": {"amount": "600.00", "currency": "EUR"}, "tax": {"amount": "114.00", "currency": "EUR"}, "tax_category": "standard",
        },
    )  # fmt: skip
    assert [values["amount"]["amount"] for _, _, values in found["payment_application"]] == ["1785.00", "595.00"]
    assert found["credit_memo"][0][2]["corrects"] == {"system": "erp", "object": "invoice", "id": "INV-2026-0041"}


async def test_an_approved_hour_reaches_the_erp_once_and_is_reversed(erp: tuple[Simulator, RestConnector]) -> None:
    running, connector = erp
    mappings, codes = mappings_of(running)
    posting = next(one for one in mappings if one.entity == "time_entry")
    hours = {
        "resource": "E00301", "project": "PRJ-4001", "work_date": "2026-05-04", "note": "Workshop",
        "quantity": {"value": "7.5", "unit": "hour", "stated": "450 min"},
    }  # fmt: skip
    create = Write("golden-time-1", "create", "time_posting", "time_entry", None, posting.write(hours, codes, is_new=True))
    running.control_fault({"kind": "lose_answer", "object": "time_posting", "operation": "create"})
    with pytest.raises(UnknownOutcomeError):
        await connector.write(create)
    adopted = await connector.look_up(create)
    assert adopted is not None
    assert (await connector.write(create)).external_id == adopted.external_id
    back = hours | {"quantity": {"value": "-7.5", "unit": "hour"}, "correction_of": adopted.external_id}
    await connector.write(Write("golden-time-2", "create", "time_posting", "time_entry", None, posting.write(back, codes, is_new=True)))
    assert [(row.fields["hours"], row.fields["reverses"]) for row in running.store.table("time_posting")] == [
        ("7:30", None), ("-7:30", adopted.external_id),
    ]  # fmt: skip
    assert running.store.creates == {"golden-time-1": 1, "golden-time-2": 1}


@pytest.mark.parametrize(
    ("object", "body", "cause", "field"),
    [
        ("customer", {"name": "x" * 41, "address": {"country": "DEU"}}, "validation", "name"),
        ("customer", {"name": "New"}, "validation", "address.country"),
        ("project", {"title": "New", "customer": "CUST-1"}, "reference", "customer"),
        ("time_posting", {"employee": "E00301", "project": "PRJ-4001", "date": "2025-12-31", "hours": "1:00"}, "closed_period", "date"),
        ("time_posting", {"employee": "E00301", "project": "PRJ-4001", "date": "2026-05-04", "hours": "-1:00"}, "validation", "reverses"),
        ("customer", {"name": "New", "naem": 1}, "validation", "naem"),
    ],
)
async def test_the_erp_refuses_as_a_strict_vendor_does(
    erp: tuple[Simulator, RestConnector], object: str, body: dict[str, Any], cause: str, field: str
) -> None:
    with pytest.raises(RejectedError) as caught:
        await erp[1].write(Write("k", "create", object, "x", None, body))
    assert (caught.value.cause, caught.value.field) == (cause, field) and caught.value.remedy and caught.value.detail


@pytest.mark.parametrize("name", ["crm", "psa"])
async def test_a_change_is_told_by_webhook_until_somebody_takes_it(name: str) -> None:
    taken: asyncio.Queue[tuple[dict[str, str], bytes]] = asyncio.Queue()
    refusals = iter((500, 503))

    async def hook(request: web.Request) -> web.Response:
        status = next(refusals, 200)
        if status == 200:
            taken.put_nowait((dict(request.headers), await request.read()))
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/hooks/x", hook)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    running = await simulator(name, webhook_url=f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/x").start()
    connector = rest_connector(config_of(running))
    kind = running.dialect.kinds[0]
    id = next(iter(running.store.rows[kind.object]))
    async with aiohttp.ClientSession() as session:
        values = {"Name" if name == "crm" else "name": "Renamed"}
        async with session.post(f"{running.url}/_control/change", json={"object": kind.object, "id": id, "values": values}) as response:
            assert response.status == 200
    (message,) = connector.receive(*await asyncio.wait_for(taken.get(), 5))
    assert (message.object, message.external_id) == (kind.object, id) and b"Renamed" in message.body
    for one in (connector.aclose(), running.stop(), runner.cleanup()):
        await one


def started(state: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "connectors.simulator", "--config", "erp", "--state", str(state)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())["url"]


async def test_a_killed_simulator_comes_back_with_all_its_records(tmp_path: Path) -> None:
    process, url = started(tmp_path)
    async with aiohttp.ClientSession() as session:
        given = {"object": "customer", "id": "CUST-10001", "values": {"terms": "N60"}}
        async with session.post(f"{url}/_control/change", json=given) as response:
            assert response.status == 200
        async with session.get(f"{url}/_control/state") as response:
            before = (await response.json())["objects"]
    process.send_signal(signal.SIGKILL)
    process.wait()
    with (tmp_path / "erp.jsonl").open("ab") as journal:
        journal.write(b'{"object": "customer", "id": "CUST-1')
    process, url = started(tmp_path)
    async with aiohttp.ClientSession() as session, session.get(f"{url}/_control/state") as response:
        assert (await response.json())["objects"] == before
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    assert before["customer"]["CUST-10001"]["terms"] == "N60"


async def test_a_quota_is_answered_with_how_long_to_wait(running: Simulator) -> None:
    running.control_quota({"requests_per_s": 2})
    connector = rest_connector(config_of(running))
    with pytest.raises(RateLimitedError) as caught:
        for _ in range(4):
            await connector.poll(connector.capabilities.resources[0], "")
    assert caught.value.retry_after_s == 1
    await connector.aclose()
