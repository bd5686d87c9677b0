"""Our OData layer against a server that others wrote: SAP's CAP, by version 4 and, through its adapter, version 2."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.conformance import present, raises, read_all
from connectors.errors import CredentialsError, RejectedError
from connectors.odata import envelope
from connectors.odata.batch import Operation
from connectors.odata.connector import ODataConnector, odata_connector
from connectors.odata.query import Query
from connectors.port import Receipt, Write
from connectors.wire import parse_json
from tests.node_tools import NODE, ready

pytestmark = pytest.mark.slow
FOLDER = Path(__file__).parent / "odata_cap"
START_S = 90


@pytest.fixture
async def service() -> AsyncIterator[str]:
    """The address of a fresh service; it ends with its standard input."""
    node = await asyncio.to_thread(ready, FOLDER)
    process = await asyncio.create_subprocess_exec(
        str(NODE), "--preserve-symlinks", "--preserve-symlinks-main", "scripts/server.cjs", cwd=node.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield await asyncio.wait_for(_address(process), START_S)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async for line in process.stdout:
        if line.startswith(b'{"url"'):
            return str(json.loads(line)["url"]).replace("127.0.0.1", "localhost")  # its adapter names itself so in links
    raise AssertionError("the service ended before it listened")


@pytest.fixture(params=[4, 2])
async def connector(service: str, request: pytest.FixtureRequest) -> AsyncIterator[ODataConnector]:
    made = odata_connector(document(service, request.param))
    yield made
    await made.aclose()


def document(url: str, version: int, password: str = "good") -> dict[str, Any]:
    return {
        "system": "cap", "base_url": url, "auth": {"kind": "basic", "user": "hub", "password": password}, "odata": str(version), "metadata": True,
        "service": f"odata/v{version}/little", "page_size": 50, "bulk_size": 20,
        "errors": [{"class": "rejected", "status": "500", "contains": "UNIQUE", "cause": "duplicate"}],
        "resources": {
            "Firm": {"set": "Firms", "id": "ID", "changes": {"by": "ChangedAt", "overlap_s": 0}, "key": {"field": "OurKey", "unique": False}},
            "Line": {"set": "Lines", "id": ["Document", "Line"], "writes": ["create", "update"], "deactivate": {"delete": True}, "locks": False},
        },
    }  # fmt: skip


def creates(count: int, **more: Any) -> list[Write]:
    return [Write(f"key-{n}", "create", "Firm", "client", None, {"Name": f"Firm {n}", "Number": 5637144576 + n, **more}) for n in range(count)]


async def test_every_record_is_read_over_all_pages_then_what_changed_and_written_once(connector: ODataConnector) -> None:
    made = await connector.write_many(creates(120, Founded="2001-05-01", CreditLimit=Decimal("4023.75")))
    ids = {one.external_id for one in made if isinstance(one, Receipt)}
    assert len(ids) == 120
    messages, checkpoint, last = await read_all(connector, "Firm")
    assert present(messages) == ids and last.is_complete_listing
    record = parse_json(next(one for one in messages if parse_json(one.body)["Name"] == "Firm 7").body)
    assert (record["Founded"][:10], Decimal(str(record["CreditLimit"])), int(record["Number"]), record["ChangedAt"][-1]) == ("2001-05-01", Decimal("4023.75"), 5637144583, "Z")
    one = messages[3].external_id
    await connector.write(Write("u", "update", "Firm", "client", one, {"Name": "Changed"}))
    later, _, _ = await read_all(connector, "Firm", checkpoint)
    assert one in present(later)


async def test_a_write_is_found_by_our_key_and_by_all_of_the_natural_key(connector: ODataConnector) -> None:
    body = {"Name": "O'Hara & Söhne + 50 %", "Founded": "2001-05-01", "CreditLimit": Decimal("12.50"), "Number": 5637144576, "IsOpen": False}
    wanted = Write("ours-1", "create", "Firm", "client", None, body, natural_key=body)
    assert await connector.look_up(wanted) is None
    receipt = await connector.write(wanted)
    assert receipt.external_id and receipt.version
    for intent in ("ours-1", ""):
        found = await connector.look_up(Write(intent, "create", "Firm", "client", None, body, natural_key=body))
        assert found is not None and found.external_id == receipt.external_id
    message = await connector.fetch("Firm", receipt.external_id)
    assert message is not None and message.version == receipt.version
    assert await connector.fetch("Firm", "7d577253-3ef0-4a0a-bb7f-8335c2596e70") is None and await connector.fetch("Firm", "no id") is None


async def test_an_update_holds_to_the_version_it_has_seen(connector: ODataConnector) -> None:
    (receipt,) = [one for one in await connector.write_many(creates(1)) if isinstance(one, Receipt)]
    update = Write("u", "update", "Firm", "client", receipt.external_id, {"Name": "New"}, expected_version=receipt.version)
    assert await connector.look_up(update) is None
    done = await connector.write(update)
    assert done.version > receipt.version and await connector.look_up(update) is not None
    assert (await raises(RejectedError, connector.write(update))).cause == "conflict"
    firms = connector.odata.sets["Firm"]
    stale = await connector.service_of(firms).send(
        "PATCH", f"Firms{await connector.key_of(firms, receipt.external_id)}", {"Name": "Newer"}, headers={"if-match": 'W/"2001-01-01T00:00:00.000Z"'}
    )
    assert stale.status == 412
    gone = Write("u", "update", "Firm", "client", "7d577253-3ef0-4a0a-bb7f-8335c2596e70", {"Name": "x"})
    assert (await raises(RejectedError, connector.write(gone))).cause in ("not_found", "conflict")


async def test_parts_of_a_batch_are_told_apart(connector: ODataConnector) -> None:
    writes = creates(30)
    writes[7] = Write("key-7", "create", "Firm", "client", None, {"Name": "x", "Shoe": 1})
    answers = await connector.write_many(writes)
    assert [n for n, one in enumerate(answers) if not isinstance(one, Receipt)] == [7]
    refused = answers[7]
    assert isinstance(refused, RejectedError) and refused.cause == "validation" and "Shoe" in refused.detail
    assert len(present((await read_all(connector, "Firm"))[0])) == 29


async def test_a_key_of_several_parts_is_named_read_and_deleted(connector: ODataConnector) -> None:
    receipt = await connector.write(Write("k", "create", "Line", "invoice_line", None, {"Document": "A/1 (x)", "Line": 2, "Text": "Two"}))
    assert receipt.external_id == "A/1 (x)|2"
    found = await connector.fetch("Line", "A/1 (x)|2")
    assert found is not None and parse_json(found.body)["Text"] == "Two"
    refused = await raises(RejectedError, connector.write(Write("k", "create", "Line", "invoice_line", None, {"Document": "A/1 (x)", "Line": 2})))
    assert refused.cause == "duplicate"
    await connector.write(Write("d", "deactivate", "Line", "invoice_line", "A/1 (x)|2", {}))
    assert await connector.fetch("Line", "A/1 (x)|2") is None
    assert (await connector.write(Write("d", "deactivate", "Line", "invoice_line", "A/1 (x)|2", {}))).response == "404"


async def test_metadata_counts_and_errors_are_understood(connector: ODataConnector) -> None:
    await connector.write_many(creates(3))
    firms = connector.odata.sets["Firm"]
    service = connector.service_of(firms)
    found = (await service.metadata()).sets["Firms"]
    assert found.key == ("ID",) and (found.types["ID"], found.types["CreditLimit"], found.properties["Name"].length) == ("Edm.Guid", "Edm.Decimal", 40)
    listing = envelope.listing((await service.get("Firms", Query(("Name",), counts=True, top=1))).json())
    assert listing is not None and (listing.count, len(listing.records)) == (3, 1)
    problem = envelope.problem((await service.get("Firms", Query(filter="Shoe eq 1"))).json())
    assert problem is not None and "Shoe" in problem.text
    expanded = envelope.listing((await service.get("Firms", Query(("Name",), ("Lines",)))).json())
    assert expanded is not None and expanded.records[0]["Lines"] == []


async def test_the_json_form_of_a_batch_is_answered_in_order(service: str) -> None:
    connector = odata_connector(document(service, 4))
    asked = [(Operation("POST", "Firms", {"Name": "One"}),), Operation("GET", "Firms?$select=Name"), Operation("GET", "Shoes")]
    parts = await connector.service_of(connector.odata.sets["Firm"]).batch(asked, as_json=True, prefer=["odata.continue-on-error"])
    assert isinstance(parts, list) and [one.status for one in parts] == [201, 200, 404]
    assert [record["Name"] for record in parts[1].json()["value"]] == ["One"]
    await connector.aclose()


async def test_wrong_credentials_are_told_as_such(service: str) -> None:
    connector = odata_connector(document(service, 4, password="wrong"))
    await raises(CredentialsError, connector.poll("Firm", ""))
    await connector.aclose()
