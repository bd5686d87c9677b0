"""Taking messages in: acknowledged after commit, in order, bounded for each tenant, and honest when it cannot be done."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.api.bodies import parse_json
from hub.api.contributions import _spelt_out, exact_json
from hub.api.senders import Turnstile
from hub.errors import BusyError
from hub.flows.receive import Bounds, Origin, Receiver
from hub.store.inbox import NewMessage, Stored
from hub.store.pool import Pool, open_worker_pool
from tests.api.conftest import Answer, Api, Tenant, running
from tests.api.test_doors import DOCUMENT, SECRET, event, send
from tests.conftest import Database


def message(number: int, key: str = "", system: str = "crm", **options: Any) -> NewMessage:
    return NewMessage(system, "client", f"C{number}", b'{"name":"x"}', key or f"k{number}", "c-1", **options)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    opened = await open_worker_pool(database.worker_url, size=4)
    await opened.execute("INSERT INTO hub.tenant (slug, name) VALUES ('one', 'One'), ('two', 'Two')")
    yield opened
    opened.terminate()


@asynccontextmanager
async def locked(database: Database) -> AsyncIterator[None]:
    """Nobody can store messages meanwhile."""
    owner = await asyncpg.connect(database.owner_url)
    try:
        async with owner.transaction():
            await owner.execute("LOCK TABLE hub.inbox IN EXCLUSIVE MODE")
            yield
    finally:
        await owner.close()


async def under_way(*tasks: asyncio.Task[Any]) -> None:
    """Let tasks run up to where they wait for Postgres; nothing before that waits for anybody."""
    for _ in range(20):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)


async def test_concurrent_messages_are_kept_in_the_order_of_their_arrival_whoever_sent_them(pool: Pool) -> None:
    receiver = Receiver(pool)
    origins = [Origin(1, "webhook", "crm"), Origin(1, "api", "system:crm")]
    stored = await asyncio.gather(*(receiver.receive(origins[number % 2], [message(number)]) for number in range(100)))
    ids = [one[0].id for one in stored]
    assert ids == sorted(ids) and len(set(ids)) == 100
    rows = await pool.fetch("SELECT external_id, channel, actor FROM hub.inbox ORDER BY id")
    assert [tuple(row) for row in rows] == [(f"C{n}", *(("webhook", "crm"), ("api", "system:crm"))[n % 2]) for n in range(100)]
    assert await pool.fetchval("SELECT count(DISTINCT xmin::text) < 20 FROM hub.inbox")  # commits are shared


async def test_one_tenants_flood_is_told_to_come_again_and_leaves_the_others_served(pool: Pool, database: Database) -> None:
    receiver = Receiver(pool, bounds=Bounds(messages=20))
    flood, quiet = Origin(1, "webhook", "crm"), Origin(2, "webhook", "crm")
    async with locked(database):
        waiting = [asyncio.create_task(receiver.receive(flood, [message(number)])) for number in range(10)]
        await under_way(*waiting)
        with pytest.raises(BusyError) as refused:
            await receiver.receive(flood, [message(10)])
        other = asyncio.create_task(receiver.receive(quiet, [message(number) for number in range(10)]))
        await under_way(other)
        with pytest.raises(BusyError) as full:
            await receiver.receive(Origin(3, "webhook", "crm"), [message(1)])
    assert (refused.value.code, refused.value.is_yours, full.value.code, full.value.is_yours) == (
        "TOO_MANY_REQUESTS", True, "UNAVAILABLE", False,
    )  # fmt: skip
    assert len(await other) == 10
    assert [one[0].status for one in await asyncio.gather(*waiting)] == ["new"] * 10
    assert (await receiver.receive(flood, [message(10)]))[0].status == "new"


async def test_what_waits_is_bounded_by_its_size_too(pool: Pool, database: Database) -> None:
    receiver = Receiver(pool, bounds=Bounds(size_bytes=1_000))
    large = replace(message(1), body=b"x" * 400)
    async with locked(database):
        first = asyncio.create_task(receiver.receive(Origin(1, "webhook", "crm"), [large]))
        await under_way(first)
        with pytest.raises(BusyError):
            await receiver.receive(Origin(1, "webhook", "crm"), [replace(large, key="k2")])
    assert (await first)[0].status == "new"


async def test_a_database_that_does_not_answer_is_let_go_of_and_the_same_messages_are_stored_once(pool: Pool, database: Database) -> None:
    receiver = Receiver(pool, bounds=Bounds(timeout_s=0.3))
    origin = Origin(1, "webhook", "crm")
    async with locked(database):
        with pytest.raises(TimeoutError):
            await receiver.receive(origin, [message(1)])
    assert await pool.fetchval("SELECT count(*) FROM hub.inbox") == 0
    stored: list[Stored] = [*await receiver.receive(origin, [message(1)]), *await receiver.receive(origin, [message(1)])]
    assert [one.status for one in stored] == ["new", "repeat"]


async def test_a_message_that_cannot_be_stored_keeps_no_other_out(pool: Pool, database: Database) -> None:
    receiver = Receiver(pool)
    origin = Origin(1, "webhook", "crm")
    async with locked(database):
        first = asyncio.create_task(receiver.receive(origin, [message(0)]))
        await under_way(first)
        behind = [asyncio.create_task(receiver.receive(origin, [message(n, version="\x00" if n == 2 else "")])) for n in (1, 2, 3)]
        await under_way(*behind)
    await first
    outcomes = await asyncio.gather(*behind, return_exceptions=True)
    assert [isinstance(one, asyncpg.DataError) for one in outcomes] == [False, True, False]
    assert [row[0] for row in await pool.fetch("SELECT external_id FROM hub.inbox ORDER BY id")] == ["C0", "C1", "C3"]


async def lines(api: Api, tenant: Tenant, count: int = 1, first: int = 0) -> Answer:
    each = ({"object": "client", "externalId": f"A{n}", "body": {"name": "x"}, "idempotencyKey": f"k{n}"} for n in range(first, first + count))
    headers = {"authorization": f"Bearer {tenant.keys['system']}", "content-type": "application/x-ndjson"}
    return await api.send("POST", "/ingest/crm", "\n".join(json.dumps(one) for one in each).encode(), headers)


async def connected(api: Api, tenant: Tenant) -> str:
    """The address of a shop that sends signed webhooks."""
    connect = "mutation($d: JSON!, $v: JSON) { connectSystem(document: $d, variables: $v) { done } }"
    assert (await api.ask(tenant.keys["admin"], connect, d=DOCUMENT, v={"HOOK": SECRET})).data["connectSystem"]["done"]
    return f"/hooks/{tenant.slug}/shop"


def busy(answer: Answer) -> tuple[int, list[str], bool]:
    return answer.status, answer.codes, 1 <= int(answer.headers["retry-after"]) <= 60


async def test_a_tenants_minute_is_its_own_and_both_doors_count(database: Database) -> None:
    limited = replace(database, settings=replace(database.settings, intake_per_minute=5))
    async with running(limited) as api:
        one, two = await api.tenant("one"), await api.tenant("two")
        path = await connected(api, one)
        assert [(await lines(api, one, 4)).status, (await send(api, path, event(label="x"))).status] == [202, 202]
        assert busy(await lines(api, one, 1, first=9)) == (429, ["TOO_MANY_REQUESTS"], True)
        assert busy(await send(api, path, event("S2"), name="msg_2")) == (429, ["TOO_MANY_REQUESTS"], True)
        assert (await lines(api, two, 4)).status == 202
        assert await api.pool.fetchval("SELECT count(*) FROM hub.inbox WHERE tenant_id = $1", one.id) == 5


async def test_when_postgres_is_slow_away_or_only_reads_senders_are_told_to_come_again(database: Database, template: Any) -> None:
    patient = replace(database, settings=replace(database.settings, intake_timeout_s=0.5, intake_waiting=4))
    async with running(patient) as api:
        acme = await api.tenant("acme")
        path = await connected(api, acme)
        assert (await lines(api, acme)).status == 202
        async with locked(database):
            slow = asyncio.create_task(lines(api, acme, 2, first=1))
            while not any(one.messages for one in api.app.state.services.receiver._queues.values()):
                await asyncio.sleep(0.005)
            full = await lines(api, acme, 1, first=9)
        assert busy(full) == (429, ["TOO_MANY_REQUESTS"], True)
        await slow
        await template.execute(f"ALTER DATABASE {database.name} SET default_transaction_read_only = on")
        await template.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename = 'hub_worker'", database.name)
        try:
            read_only = [busy(await lines(api, acme, first=20)), busy(await send(api, path, event("S3"), name="msg_3"))]
        finally:
            await template.execute(f"ALTER DATABASE {database.name} RESET default_transaction_read_only")
        await template.execute(f"ALTER DATABASE {database.name} CONNECTION LIMIT 0")
        await template.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database.name)
        try:
            away = [busy(await lines(api, acme, first=20)), busy(await send(api, path, event("S3"), name="msg_3"))]
        finally:
            await template.execute(f"ALTER DATABASE {database.name} CONNECTION LIMIT -1")
        assert read_only + away == [(503, ["UNAVAILABLE"], True)] * 4
        assert [(await lines(api, acme, first=20)).status, (await send(api, path, event("S3"), name="msg_3")).status] == [202, 202]


def test_a_sender_has_so_many_requests_in_hand_and_no_more() -> None:
    turnstile = Turnstile(4, 0)
    three = turnstile.entered("acme"), turnstile.entered("acme"), turnstile.entered("globex")
    with three[0], three[1], three[2], pytest.raises(BusyError) as refused, turnstile.entered("acme"):
        pass
    assert (refused.value.code, refused.value.retry_after_s) == ("TOO_MANY_REQUESTS", 1)
    with turnstile.entered("acme"), turnstile.entered("acme"):
        pass


def test_bodies_on_their_way_in_are_counted_as_they_come() -> None:
    turnstile = Turnstile(100, 0, most_bytes=100)
    with turnstile.entered("acme") as came, turnstile.entered("globex") as theirs:
        came(40)
        theirs(50)
        with pytest.raises(BusyError) as mine, turnstile.entered("acme") as more:
            more(11)
        with pytest.raises(BusyError) as everybodys, turnstile.entered("initech") as others:
            others(5)
            others(6)
        with turnstile.entered("initech") as others:
            others(10)
    with turnstile.entered("acme") as came:
        came(1_000)
    assert [(one.value.code, one.value.is_yours) for one in (mine, everybodys)] == [("TOO_MANY_REQUESTS", True), ("UNAVAILABLE", False)]


async def test_a_system_works_as_soon_as_it_is_connected_and_a_new_secret_as_soon_as_it_is_set(api: Api, acme: Tenant) -> None:
    path = f"/hooks/{acme.slug}/shop"
    assert (await send(api, path, event())).status == 404
    await connected(api, acme)
    assert (await send(api, path, event())).status == 202
    fresh = "whsec_" + "ZnJlc2gtZnJlc2gtZnJlc2gtZnJlc2gtZnJlc2g="
    connect = "mutation($d: JSON!, $v: JSON) { connectSystem(document: $d, variables: $v) { done } }"
    await api.ask(acme.keys["admin"], connect, d=DOCUMENT, v={"HOOK": fresh})
    assert (await send(api, path, event(), name="msg_2", secret=fresh)).status == 202
    api.app.state.doors._senders._hooks.clear()
    assert (await send(api, path, event(), name="msg_3")).status == 401


async def test_an_old_webhook_sent_again_is_refused_and_one_known_by_its_id_stays_one_for_good(api: Api, acme: Tenant) -> None:
    path = await connected(api, acme)
    first = await send(api, path, event(label="x"))
    await api.pool.execute("UPDATE hub.inbox SET received_at = received_at - interval '1 year' WHERE tenant_id = $1", acme.id)
    again = await send(api, path, event(label="x"))
    late = await send(api, path, event(label="x"), at_s=int(time.time()) - 301)
    assert (again.status, again.json["ids"], late.status) == (202, first.json["ids"], 401)
    assert await api.pool.fetchval("SELECT count(*) FROM hub.inbox WHERE tenant_id = $1", acme.id) == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")) | st.decimals(-10**9, 10**9, places=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcä :"), inner, max_size=3), max_leaves=12,
)  # fmt: skip


@given(VALUES)
def test_a_body_is_spelt_alike_whether_it_holds_decimals_or_not_and_means_the_same(value: Any) -> None:
    text = exact_json(value)
    assert text == _spelt_out(value)
    assert json.loads(text, parse_float=Decimal) == value
    assert parse_json(text.encode()) == value
