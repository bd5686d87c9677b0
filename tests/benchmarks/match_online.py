"""One record at a time against a million golden clients: the match alone, with the whole durable write, and through GraphQL.

Three of four incoming records are damaged spellings of a golden client, one has none. Run alone: ``python -m
tests.benchmarks.match_online DATA [--clients N] [--records N]``; the last line is JSON. Times are of a quiet machine or of none.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import numpy as np
import orjson
import uvloop

from hub import embedded
from hub.embedded_process import free_port
from hub.core import match
from hub.core.configuration import System
from hub.core.match import Model
from hub.core.normalize import normal_values
from hub.core.records import Values
from hub.flows import contribute, explain, match_models
from hub.flows.receive import Origin
from hub.flows.tenants import ensure_tenant, make_key
from hub.migrate import migrate
from hub.settings import Settings
from hub.store import configuration
from hub.store.configuration import ConfigurationCache
from hub.store.ids import new_id
from hub.store.inbox import NewMessage
from hub.store.pool import Pool, open_worker_pool, prepare
from schema import ENTITIES
from schema.systems import CRM, ERP
from tests.benchmarks.match_clients import Client, clients, held

CLIENT = ENTITIES["client"]
SPEC = match.spec_of(CLIENT)
assert SPEC is not None
CHUNK = 20_000
LEARNED_FROM = 8_000
DURABLE = {"shared_buffers": "1GB", "max_wal_size": "4GB"}


def golden_values(client: Client) -> Values:
    """A client as its golden record says it."""
    told: dict[str, Any] = {
        "name": client.name, "street": client.street, "city": client.city, "region": client.region, "postcode": client.postcode,
        "country": client.country, "phone": client.phone, "domain": client.website,
    }  # fmt: skip
    return normal_values(CLIENT, told)[0]


def spelt(client: Client, random: Random) -> Values:
    """The same client as some system spells it."""
    return spelt_row(next(iter(held(client, random))))


def spelt_row(row: Sequence[str]) -> Values:
    _, name, street, city, region, postcode, country, phone, website, _, _ = row
    told = {"name": name, "street": street, "city": city, "region": region, "postcode": postcode, "country": country, "phone": phone, "website": website}
    return normal_values(CLIENT, {field: value for field, value in told.items() if value})[0]


_MODEL: list[Model] = []


def _start(document: dict[str, Any]) -> None:
    assert SPEC is not None
    _MODEL[:] = [Model.from_json(SPEC, document)]


def _formed(some: Sequence[Client]) -> list[tuple[bytes, bytes, tuple[int, ...], tuple[Any, ...]]]:
    """(values, form, keys, golden columns) of some clients."""
    model, rows = _MODEL[0], []
    for client in some:
        values = golden_values(client)
        form = match.normal_form(model.spec, values, None, "crm")
        rows.append((orjson.dumps(values), orjson.dumps(form), match.blocking_keys(model.spec, form, model.frequencies),
                     tuple(values.get(name) for name in COLUMNS)))  # fmt: skip
    return rows


COLUMNS = ("name", "street", "city", "region", "postcode", "country", "phone", "domain")


async def load(owner_url: str, tenant_id: int, everyone: Iterator[Client], count: int, model: Model) -> None:
    """COPY so many golden clients of one source record each, with their forms and blocking keys."""
    connection = await asyncpg.connect(owner_url)
    await prepare(connection)
    await connection.execute("SET session_replication_role = replica")
    at, first = datetime.now(UTC), 1
    all_keys: list[np.ndarray[Any, Any]] = []
    all_ids: list[np.ndarray[Any, Any]] = []
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"), _start, (model.to_json(),)) as workers:
        rest = _numbered(everyone, count)
        pending = [workers.submit(_formed, chunk) for chunk in islice(rest, 3)]
        while pending:
            rows = pending.pop(0).result()
            if chunk := next(rest, None):
                pending.append(workers.submit(_formed, chunk))
            ids = range(first, first + len(rows))
            first += len(rows)
            golden = [new_id() for _ in rows]
            await _copy(connection, tenant_id, at, ids, golden, rows)
            all_keys.append(np.fromiter((key for row in rows for key in row[2]), np.int64))
            all_ids.append(np.repeat(np.fromiter(ids, np.int64), [len(row[2]) for row in rows]))
    keys, owners = np.concatenate(all_keys), np.concatenate(all_ids)
    order = np.lexsort((owners, keys))
    for part in np.array_split(order, max(1, len(order) // 1_000_000)):
        records = zip([tenant_id] * len(part), keys[part].tolist(), owners[part].tolist(), strict=True)
        await connection.copy_records_to_table("blocking_key", schema_name="hub", columns=("tenant_id", "key", "source_id"), records=records)
    await connection.execute("SELECT setval(pg_get_serial_sequence('hub.source_record', 'id'), $1)", count + 1)
    await connection.execute("VACUUM (ANALYZE) hub.source_record, hub.match_form, hub.blocking_key, golden.client")
    await connection.close()


def _numbered(everyone: Iterator[Client], count: int) -> Iterator[list[Client]]:
    """Chunks of clients, ``count`` in all."""
    while count > 0:
        chunk = list(islice(everyone, min(CHUNK, count)))
        count -= len(chunk)
        yield chunk


async def _copy(
    connection: asyncpg.Connection, tenant_id: int, at: datetime, ids: Iterable[int], golden: Sequence[UUID], rows: Sequence[Any]
) -> None:
    sources = [
        (tenant_id, id_, "crm", "client", f"c{id_}", "client", "", "present", golden_id, orjson.loads(row[0]), {"*": "0"}, {"*": at.isoformat()})
        for id_, golden_id, row in zip(ids, golden, rows, strict=True)
    ]
    await connection.copy_records_to_table(
        "source_record", schema_name="hub", records=sources,
        columns=("tenant_id", "id", "system", "object", "external_id", "entity", "part", "state", "golden_id", "values", "stated", "since"),
    )  # fmt: skip
    await connection.copy_records_to_table(
        "client", schema_name="golden", columns=("tenant_id", "id", "version", "record_state", "created_at", "updated_at", *COLUMNS),
        records=[(tenant_id, golden_id, 1, "active", at, at, *row[3]) for golden_id, row in zip(golden, rows, strict=True)],
    )  # fmt: skip
    await connection.copy_records_to_table(
        "match_form", schema_name="hub", columns=("tenant_id", "source_id", "entity", "normal", "form", "keys", "is_due"),
        records=[
            (tenant_id, id_, "client", match.NORMAL_VERSION, orjson.loads(row[1]), list(row[2]), False)
            for id_, row in zip(ids, rows, strict=True)
        ],
    )  # fmt: skip


def learned(data: Path, random: Random) -> Model:
    """A model learned without labels from what systems hold of some thousands of clients."""
    from hub.match.train import train

    assert SPEC is not None
    told = [row for client in islice(clients(data, Random(7)), LEARNED_FROM) for row in held(client, random)]
    return train(SPEC, [match.normal_form(SPEC, spelt_row(row), None, row[0]) for row in told])


async def measure(data: Path, golden: int = 1_000_000, records: int = 2_000) -> dict[str, Any]:
    """Figures in milliseconds: of the match alone, the durable write and the mutation; and how often the right record was a candidate."""
    random = Random(11)
    everyone = clients(data, Random(7))
    model = learned(data, random)
    with tempfile.TemporaryDirectory(prefix="hub-match-online-") as folder, embedded.start(Path(folder), options=DURABLE) as servers:
        settings = Settings().on(servers)
        await migrate(settings)
        pool = await open_worker_pool(settings.need("worker_url"), 4)
        async with pool.acquire() as tx, tx.transaction():
            tenant_id = await ensure_tenant(tx, "bench")
            key = await make_key(tx, tenant_id, "admin", "bench")
            for name, kind in (("crm", CRM), ("erp", ERP)):
                await configuration.put_system(tx, tenant_id, System(name, kind))
            config = await ConfigurationCache().get(tx, tenant_id)
            await match_models.use(tx, config, "client", await match_models.store(tx, tenant_id, model, {}, "bench"), "bench")
        began = time.perf_counter()
        kept: list[Client] = []
        await load(settings.need("database_url"), tenant_id, _remembered(everyone, golden, kept, records, random), golden, model)
        loaded_s = time.perf_counter() - began
        strangers = list(islice(everyone, records // 4))
        incoming = [(client.name, spelt(client, random)) for client in kept[: records - len(strangers)]] + [("", spelt(one, random)) for one in strangers]
        random.shuffle(incoming)
        told = {"golden": golden, "loaded_s": round(loaded_s), **await _match(pool, tenant_id, incoming)}
        print(told, file=sys.stderr)
        told |= await _write(pool, tenant_id, [values for _, values in incoming])
        print(told, file=sys.stderr)
        told |= await _graphql(settings, key, [spelt(client, random) for client in kept[:500]])
        await pool.close()
    return told


def _remembered(everyone: Iterator[Client], count: int, kept: list[Client], wanted: int, random: Random) -> Iterator[Client]:
    """The clients as they pass, some of them remembered."""
    for client in islice(everyone, count):
        if len(kept) < wanted and random.random() < 4 * wanted / count:
            kept.append(client)
        yield client


async def _match(pool: Pool, tenant_id: int, incoming: Sequence[tuple[str, Values]]) -> dict[str, Any]:
    """The match alone: normal form, candidates, scores."""
    took, found, sought = [], 0, 0
    async with pool.acquire() as tx:
        config = await ConfigurationCache().get(tx, tenant_id)
        for at, (name, values) in enumerate(incoming):
            began = time.perf_counter()
            await explain.likely(tx, config, "client", values, lambda value, target: None, most=3)
            if at >= 100:
                took.append(1000 * (time.perf_counter() - began))
            if name:
                likely = await explain.likely(tx, config, "client", values, lambda value, target: None, most=50)
                sought += 1
                names = await tx.fetch("SELECT name FROM golden.client WHERE id = ANY ($1::uuid[])", [one.golden_id for one in likely])
                found += name in {row["name"] for row in names}
    return {"online_p50_ms": _rank(took, 50), "online_p99_ms": _rank(took, 99), "candidate_recall": round(found / max(sought, 1), 4)}


async def _write(pool: Pool, tenant_id: int, incoming: Sequence[Values]) -> dict[str, Any]:
    """The whole durable write: message, contribution, match, golden record, version, change, form and keys, committed."""
    took, configurations = [], ConfigurationCache()
    for at, values in enumerate(incoming):
        message = NewMessage("erp", "client", f"n{at}", orjson.dumps(values), f"w{at}", "bench")
        began = time.perf_counter()
        await contribute.contribute(pool, Origin(tenant_id, "api", "bench"), [message], configurations)
        if at >= 100:
            took.append(1000 * (time.perf_counter() - began))
    return {"write_p50_ms": _rank(took, 50), "write_p99_ms": _rank(took, 99)}


async def _graphql(settings: Settings, key: str, incoming: Sequence[Values]) -> dict[str, Any]:
    """The mutation as a portal sends it, to an api process of its own."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")} | settings.for_child()
    command = (sys.executable, "-m", "hub", "serve", "--port", str(port))
    server = await asyncio.create_subprocess_exec(*command, env=environment, stdout=DEVNULL)
    took = []
    try:
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session:
            url = f"http://127.0.0.1:{port}/graphql"
            await _until_up(session, f"http://127.0.0.1:{port}/health")
            for at, values in enumerate(incoming):
                record = {"system": "erp", "object": "client", "externalId": f"g{at}", "body": values}
                body = {"query": MUTATION, "variables": {"records": [record]}}
                began = time.perf_counter()
                async with session.post(url, json=body) as answer:
                    told = await answer.json()
                if told.get("errors"):
                    raise RuntimeError(str(told["errors"])[:300])
                if at >= 50:
                    took.append(1000 * (time.perf_counter() - began))
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()
    return {"graphql_p50_ms": _rank(took, 50), "graphql_p99_ms": _rank(took, 99)}


MUTATION = "mutation ($records: [RecordInput!]!) { ingest(records: $records) { results { outcome recordId } errors { message } } }"


async def _until_up(session: aiohttp.ClientSession, url: str) -> None:
    for _ in range(900):
        try:
            async with session.get(url) as answer:
                if answer.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.2)
    raise RuntimeError("the api did not come up")


def _rank(took: Sequence[float], percent: int) -> float:
    return round(statistics.quantiles(took, n=100)[percent - 1], 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--clients", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=2_000)
    given = parser.parse_args()
    print(json.dumps(uvloop.run(measure(given.data, given.clients, given.records))))


if __name__ == "__main__":
    main()
