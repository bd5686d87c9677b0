"""Alerts on real rows: one task per root cause, with money, team and deadline; it restates and resolves itself, and is told outside."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiohttp import web
from standardwebhooks import Webhook

from hub.app import create_app
from hub.flows import alerts
from hub.flows.addresses import networks
from hub.flows.webhook_message import new_secret
from hub.flows.webhook_post import Poster, open_session
from hub.settings import Settings
from hub.store.ids import new_id
from tests.conftest import Database
from tests.flows.conftest import Hub


@pytest.fixture(autouse=True)
async def deliverer(hub: Hub, database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A process that delivers is connected."""
    connection = await asyncpg.connect(database.worker_url, server_settings={"application_name": "host:1:deliver listener"})
    yield connection
    await connection.close()


async def reader(hub: Hub, name: str, system: str | None = None) -> UUID:
    id_ = new_id()
    kind, url = ("connector", None) if system else ("webhook", "https://bi.example/hook")
    await hub.pool.execute(
        "INSERT INTO hub.subscription (tenant_id, id, name, kind, system, url) VALUES ($1, $2, $3, $4, $5, $6)", hub.tenant, id_, name, kind, system, url
    )
    return id_


async def lane(hub: Hub, subscription: UUID, state: str, *, golden_id: UUID | None = None, task_id: int | None = None, minutes: int = 600) -> None:
    await hub.pool.execute(
        """INSERT INTO hub.lane (tenant_id, subscription_id, golden_id, entity, wanted_version, state, attempts, next_try_at, updated_at, task_id)
           VALUES ($1, $2, $3, 'invoice', 1, $4, 3, now() - make_interval(mins => $5), now() - make_interval(mins => $5), $6)""",
        hub.tenant, subscription, golden_id or new_id(), state, minutes, task_id,
    )  # fmt: skip


async def task(hub: Hub, cause: str, system: str | None, *, hours: int = 5) -> int:
    found: int = await hub.pool.fetchval(
        """INSERT INTO hub.task (tenant_id, cause, subject, system, team, due_at, reason, remedy)
           VALUES ($1, $2, $2, $3, 'finance_operations', now() + make_interval(hours => $4), 'r', 'm') RETURNING id""",
        hub.tenant, cause, system, hours,
    )  # fmt: skip
    return found


async def invoice(hub: Hub, amount: str) -> UUID:
    id_ = new_id()
    await hub.pool.execute(
        """INSERT INTO golden.invoice (tenant_id, id, version, record_state, created_at, updated_at, gross, gross_currency)
           VALUES ($1, $2, 1, 'active', now(), now(), $3::text::numeric, 'EUR')""", hub.tenant, id_, amount,
    )  # fmt: skip
    return id_


async def down(hub: Hub, system: str, minutes: int = 30) -> None:
    await hub.pool.execute(
        """INSERT INTO hub.breaker (tenant_id, system, operation, state, failing_since, error)
           VALUES ($1, $2, 'create invoice', 'open', now() - make_interval(mins => $3), 'HTTP 503')""", hub.tenant, system, minutes,
    )  # fmt: skip


async def look(hub: Hub) -> list[dict[str, Any]]:
    async with hub.transaction() as (tx, _):
        await alerts.look(tx, hub.tenant, datetime.now(UTC))
    return await hub.rows(
        "SELECT id, subject, reason, remedy, team, priority, count, money, detail, state, due_at, resolution FROM hub.task WHERE cause = 'alert' ORDER BY id"
    )


async def erp_is_down(hub: Hub) -> None:
    erp = await reader(hub, "to erp", "erp")
    await down(hub, "erp")
    given_up = await task(hub, "unreachable", "erp")
    await lane(hub, erp, "parked", golden_id=await invoice(hub, "100.00"), task_id=given_up)
    await lane(hub, erp, "due", golden_id=await invoice(hub, "20.50"))
    await lane(hub, erp, "waiting")


async def test_a_system_that_is_down_is_one_alert_with_all_that_waits_for_it(hub: Hub) -> None:
    await erp_is_down(hub)
    (one,) = await look(hub)
    assert (one["subject"], one["reason"], one["team"], one["priority"], one["count"]) == (
        "system_down erp", "erp does not answer: HTTP 503", "integration_support", 1, 3,
    )  # fmt: skip
    assert one["money"] == [{"amount": "120.50", "currency": "EUR"}]
    assert [(each["kind"], each["count"]) for each in one["detail"]["explains"]] == [("given_up", 1), ("late", 1), ("waiting", 1)]
    deadline = await hub.pool.fetchval("SELECT due_at FROM hub.task WHERE cause = 'unreachable'")
    assert datetime.fromisoformat(one["detail"]["deadline"]) == deadline


async def test_an_alert_restates_itself_and_resolves_itself(hub: Hub) -> None:
    await erp_is_down(hub)
    (first,) = await look(hub)
    assert await look(hub) == [first]
    erp = await hub.pool.fetchval("SELECT id FROM hub.subscription")
    await lane(hub, erp, "parked", golden_id=await invoice(hub, "1.00"))
    (again,) = await look(hub)
    assert (again["id"], again["money"], again["count"]) == (first["id"], [{"amount": "121.50", "currency": "EUR"}], 4)
    await hub.pool.execute("DELETE FROM hub.breaker")
    await hub.pool.execute("UPDATE hub.lane SET state = 'idle'")
    (over,) = await look(hub)
    assert (over["state"], over["resolution"]) == ("resolved", "it is over")


async def test_what_is_left_when_a_root_is_over_is_told_by_itself(hub: Hub) -> None:
    await erp_is_down(hub)
    await look(hub)
    await hub.pool.execute("DELETE FROM hub.breaker")
    found = {one["subject"]: one["state"] for one in await look(hub)}
    assert found == {"system_down erp": "resolved", "given_up erp": "open", "late erp to erp": "open"}


async def test_without_anybody_who_delivers_that_is_the_alert(hub: Hub, deliverer: asyncpg.Connection) -> None:
    await lane(hub, await reader(hub, "bi"), "due")
    await lane(hub, await reader(hub, "to psa", "psa"), "due")
    assert {one["subject"] for one in await look(hub)} == {"late bi", "late psa to psa"}
    await deliverer.close()
    while await hub.pool.fetchval("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%deliver listener'"):
        await asyncio.sleep(0.01)
    assert {one["subject"]: one["state"] for one in await look(hub)} == {"late bi": "resolved", "late psa to psa": "resolved", "delivery_stalled": "open"}


async def test_a_tenants_rules_say_whose_its_alerts_are(hub: Hub) -> None:
    await hub.pool.execute("""UPDATE hub.tenant SET settings = '{"routing": {"rules": [{"cause": "alert", "system": "erp", "team": "pmo"}]}}'""")
    await down(hub, "erp")
    await down(hub, "crm")
    assert {one["subject"]: one["team"] for one in await look(hub)} == {"system_down erp": "pmo", "system_down crm": "integration_support"}


async def test_a_pause_holds_nothing_back_where_nothing_waits(hub: Hub) -> None:
    await hub.pool.execute("UPDATE hub.system SET paused = true WHERE name = 'erp'")
    assert await look(hub) == []
    await lane(hub, await reader(hub, "to erp", "erp"), "due")
    assert [one["reason"] for one in await look(hub) if one["subject"].startswith("paused")] == ["erp is paused by hand"]


async def test_a_system_the_hub_paused_itself_is_down_not_paused_by_hand(hub: Hub) -> None:
    await hub.pool.execute("UPDATE hub.system SET paused = true WHERE name = 'erp'")
    await hub.pool.execute("UPDATE hub.task SET opened_at = now() - interval '1 h' WHERE id = $1", await task(hub, "system_disabled", "erp", hours=-1))
    await lane(hub, await reader(hub, "to erp", "erp"), "due")
    assert [(one["reason"], [each["kind"] for each in one["detail"]["explains"]]) for one in await look(hub)] == [
        ("erp does not answer: it failed for so long that the hub paused it", ["late", "overdue"]),
    ]  # fmt: skip


async def test_overdue_tasks_are_told_by_cause_and_money_and_alerts_are_not_told_of_alerts(hub: Hub) -> None:
    for number in range(2):
        id_ = await task(hub, "unmapped_tax", None, hours=-2) if not number else await hub.pool.fetchval(
            """INSERT INTO hub.task (tenant_id, cause, subject, team, due_at, reason, remedy) VALUES ($1, 'unmapped_tax', 'b', 'finance_operations', now() - interval '1 h', 'r', 'm')
               RETURNING id""", hub.tenant,
        )  # fmt: skip
        await hub.pool.execute("UPDATE hub.task SET amount = 10.25, currency = 'EUR' WHERE id = $1", id_)
    (one,) = await look(hub)
    assert (one["reason"], one["team"], one["money"]) == (
        "2 tasks are past their deadline: unmapped_tax", "finance_operations", [{"amount": "20.50", "currency": "EUR"}],
    )  # fmt: skip
    await hub.pool.execute("UPDATE hub.task SET due_at = now() - interval '1 day' WHERE cause = 'alert'")
    assert len(await look(hub)) == 1


async def test_tenants_are_looked_at_in_turn_by_one_process(hub: Hub) -> None:
    await down(hub, "erp")
    assert await alerts.look_all(hub.pool, every_s=60) == 1
    assert await alerts.look_all(hub.pool, every_s=60) == 0
    assert await alerts.look_all(hub.pool, every_s=0) == 1


@asynccontextmanager
async def listening(status: int = 204) -> AsyncIterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    heard: list[tuple[dict[str, str], bytes]] = []

    async def take(request: web.Request) -> web.Response:
        heard.append((dict(request.headers), await request.read()))
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/alerts", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    try:
        yield f"http://127.0.0.1:{port}/alerts", heard
    finally:
        await runner.cleanup()


async def test_an_address_is_told_once_when_an_alert_opens_and_once_when_it_ends(hub: Hub) -> None:
    await erp_is_down(hub)
    await look(hub)
    secret, allowed = new_secret(), networks("local")
    async with listening() as (url, heard), open_session(allowed) as session:
        settings = replace(Settings(), alert_webhook=url, alert_secret=secret)
        poster = Poster(session, allowed)
        assert [await alerts.tell_all(hub.pool, settings, poster) for _ in range(2)] == [1, 0]
        await hub.pool.execute("DELETE FROM hub.breaker")
        await hub.pool.execute("UPDATE hub.lane SET state = 'idle'")
        await look(hub)
        assert [await alerts.tell_all(hub.pool, settings, poster) for _ in range(2)] == [1, 0]
    told = [json.loads(body) for _, body in heard]
    assert [one["type"] for one in told] == ["hub.alert.opened.v1", "hub.alert.ended.v1"]
    assert told[0]["data"]["money"] == [{"amount": "120.50", "currency": "EUR"}]
    for headers, body in heard:
        Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})


@pytest.mark.parametrize("status", [500, 302])
async def test_an_address_that_does_not_take_it_is_told_again(hub: Hub, status: int) -> None:
    await down(hub, "erp")
    await look(hub)
    allowed = networks("local")
    async with open_session(allowed) as session:
        async with listening(status) as (url, heard):
            assert await alerts.tell_all(hub.pool, replace(Settings(), alert_webhook=url), Poster(session, allowed)) == 0
        async with listening() as (url, later):
            assert await alerts.tell_all(hub.pool, replace(Settings(), alert_webhook=url), Poster(session, allowed)) == 1
    assert json.loads(heard[0][1])["id"] == json.loads(later[0][1])["id"]


async def test_an_api_looks_when_no_worker_did(hub: Hub, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages nobody folds are told of, though nothing but an api runs."""
    monkeypatch.setattr("hub.app.STANDING_IN_S", 0.1)
    await hub.tell("crm", "client", "1", {"name": "Acme"})
    await hub.pool.execute("UPDATE hub.inbox_open SET due_at = now() - interval '10 min' WHERE tenant_id = $1", hub.tenant)
    app = create_app(settings, is_alone=True)
    async with app.router.lifespan_context(app), asyncio.timeout(30):
        while not (found := await hub.rows("SELECT subject, count FROM hub.task WHERE cause = 'alert' AND state = 'open'")):
            await asyncio.sleep(0.05)
    assert found == [{"subject": "ingest_stalled", "count": 1}]
