"""A large export over a real connection: constant memory, the client's pace, and the same values as GraphQL's pages."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import psutil
import pyarrow as pa
import pytest

from hub.api.export.stream import BATCH
from tests.api.conftest import Api, Tenant
from tests.api.served import Server

ROWS = 100_000
MORE_MEMORY_BYTES = 64_000_000
"""What an export may take: the 100,000 rows are 60 MB of JSON, and as rows of ours several hundred."""

FILL = """
    INSERT INTO golden.client (tenant_id, id, version, record_state, created_at, updated_at, name, legal_name, country, website)
    SELECT $1, lpad(to_hex(g), 32, '0')::uuid, 1, 'active', now(), now(), 'Client "' || g || '"', repeat('Müller ', 10) || g,
           CASE WHEN g % 4 = 0 THEN 'DE' ELSE 'FR' END, 'https://client' || g || '.example'
      FROM generate_series(1, $2) g
"""


@pytest.fixture(scope="module")
async def large(server: Server) -> AsyncIterator[Tenant]:
    """A tenant with many clients on the shared server."""
    tenant = await server.api.tenant("large")
    owner = await asyncpg.connect(server.api.database.owner_url)
    await owner.execute("SET session_replication_role = replica")  # nothing refers to them; checking that takes a minute
    await owner.execute(FILL, tenant.id, ROWS)
    await owner.execute("ANALYZE golden.client")
    yield tenant
    await owner.execute("DELETE FROM golden.client WHERE tenant_id = $1", tenant.id)
    await owner.execute("VACUUM ANALYZE golden.client")
    await owner.close()


async def fetch(server: Server, tenant: Tenant, **body: Any) -> aiohttp.ClientResponse:
    session = aiohttp.ClientSession(auto_decompress=False, connector=aiohttp.TCPConnector(force_close=True))
    response = await session.post(
        f"{server.url}/export/clients", json=body, headers={"authorization": f"Bearer {tenant.keys['reader']}", "accept-encoding": "identity"}
    )
    response.session = session  # type: ignore[attr-defined]
    return response


async def left(response: aiohttp.ClientResponse) -> None:
    response.close()
    await response.session.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("format", ["ndjson", "parquet"])
async def test_a_large_export_takes_little_memory_and_has_every_row_once(server: Server, large: Tenant, format: str) -> None:
    """Server and client are this process, so its growth bounds both; the export before warms libraries up."""
    await _swallow(server, large, format=format, after=f"{ROWS - 12 * BATCH:032x}")
    gc.collect()
    before = psutil.Process().memory_info().rss
    peak, size, lines = await _swallow(server, large, format=format)
    assert peak - before < MORE_MEMORY_BYTES
    assert size > (40_000_000 if format == "ndjson" else 500_000)
    assert lines == ROWS or format == "parquet"


async def _swallow(server: Server, tenant: Tenant, **body: Any) -> tuple[int, int, int]:
    """(most memory, bytes, lines) of an export that nobody keeps."""
    response = await fetch(server, tenant, **body)
    assert response.status == 200
    process, peak, size, lines = psutil.Process(), 0, 0, 0
    async for piece in response.content.iter_any():
        size, lines, peak = size + len(piece), lines + piece.count(b"\n"), max(peak, process.memory_info().rss)
    await left(response)
    return peak, size, lines


async def test_a_large_export_says_what_graphqls_pages_say(server: Server, large: Tenant) -> None:
    """Three records here and there, over the whole of it."""
    response = await fetch(server, large, columns=["name", "legalName", "country", "updatedAt"])
    exported = [json.loads(line) async for line in response.content]
    await left(response)
    assert len(exported) == ROWS
    for at in range(0, ROWS, 9_700):
        ask = "query($ids: [ID!]) { clients(filter: {id: {in: $ids}}) { nodes { id name legalName country updatedAt } } }"
        sample = exported[at : at + 3]
        assert sample == (await server.api.ask(large.keys["reader"], ask, ids=[row["id"] for row in sample])).data["clients"]["nodes"]


async def test_arrow_has_the_rows_of_ndjson(server: Server, large: Tenant) -> None:
    response = await fetch(server, large, columns=["name", "country"], format="arrow", filter={"country": {"eq": "DE"}})
    table = pa.ipc.open_stream(await response.read()).read_all()
    await left(response)
    response = await fetch(server, large, columns=["name", "country"], filter={"country": {"eq": "DE"}})
    lines = [json.loads(line) async for line in response.content]
    await left(response)
    assert (table.num_rows, table.to_pylist()) == (ROWS // 4, lines)


async def test_whoever_does_not_take_the_rows_keeps_them_from_being_read_and_whoever_leaves_frees_the_place(
    server: Server, large: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client sends its request, reads nothing, then hangs up: a handful of batches fill the sockets, no more are read."""
    running = server.api.app.state.exports._exporter._running
    written: list[int] = []
    from hub.api.export.encode import NdJson

    batch = NdJson.batch
    monkeypatch.setattr(NdJson, "batch", lambda self, rows: written.append(len(rows)) or batch(self, rows))
    address = urlsplit(server.url)
    client = socket.create_connection((str(address.hostname), address.port or 0))
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    client.sendall(
        f"POST /export/clients HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {large.keys['reader']}\r\n"
        "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}".encode()
    )
    seen = -1
    while seen != len(written) or not written:
        seen = len(written)
        await asyncio.sleep(0.5)
    assert running == {large.id: 1}
    assert len(written) < ROWS // BATCH // 2
    client.close()
    for _ in range(100):
        if not running:
            break
        await asyncio.sleep(0.1)
    assert running == {}
    assert len(written) < ROWS // BATCH // 2


async def test_a_batch_may_take_longer_than_a_page_and_a_pause_longer_than_a_read(api: Api, large: Tenant) -> None:
    """The role's own time-outs would end an export; the export's are those of a batch and of whoever takes it."""
    from hub.api.access import Principal, Role
    from hub.api.export.asked import Asked
    from hub.api.export.encode import encoder
    from schema import ENTITIES

    exports = api.app.state.exports._exporter
    principal = Principal(large.id, large.slug, api.app.state.services.new_id(), Role.READER, "test")
    asked = Asked(ENTITIES["client"])
    async with exports.begin(principal, asked, encoder(asked.chosen(principal), asked.format)) as export:
        at_server = export._cursor._connection
        settings = [await at_server.fetchval(f"SHOW {name}") for name in ("statement_timeout", "idle_in_transaction_session_timeout", "transaction_isolation")]
        readonly = await at_server.fetchval("SHOW transaction_read_only")
    assert (settings, readonly) == (["1min", "150s", "repeatable read"], "on")
