"""What Prometheus is told: counters of each process, gauges read from the tables, and never a secret, a document or a personal value."""

from __future__ import annotations

import asyncio
import re
import socket
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hub.errors import SettingError
from hub.flows.ingest_loop import Ingester
from hub.store import gauges
from hub.store.ids import new_id
from hub.telemetry import REGISTRY, serve_metrics
from tests.api.conftest import Api, running
from tests.conftest import Database


def read(text: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    return {
        sample.name: {tuple(sorted(one.labels.items())): one.value for one in family.samples if one.name == sample.name}
        for family in text_string_to_metric_families(text) for sample in family.samples
    }  # fmt: skip


async def scraped(api: Api) -> dict[str, Any]:
    answer = await api.send("GET", "/metrics")
    assert answer.status == 200
    return read(answer.body.decode())


async def test_gauges_tell_lag_backlog_breakers_tasks_and_money(database: Database) -> None:
    async with running(database) as api:
        acme = await api.tenant("acme")
        client = await api.golden(acme, "client", name="ACME")
        slow = new_id()
        await api.pool.execute("INSERT INTO hub.subscription (tenant_id, id, name, kind) VALUES ($1, $2, 'bi', 'webhook')", acme.id, slow)
        await api.pool.execute(
            """INSERT INTO hub.lane (tenant_id, subscription_id, golden_id, entity, wanted_version, state, attempts, next_try_at, updated_at)
               VALUES ($1, $2, $3, 'client', 1, 'due', 3, now() - interval '50 s', now() - interval '50 s')""", acme.id, slow, client,
        )  # fmt: skip
        await api.pool.execute("INSERT INTO hub.breaker (tenant_id, system, operation, state) VALUES ($1, 'erp', 'create invoice', 'open')", acme.id)
        await api.pool.execute(
            """INSERT INTO hub.task (tenant_id, cause, subject, team, due_at, reason, remedy, amount, currency)
               VALUES ($1, 'unmapped_tax', 's', 'finance_operations', now() - interval '1 h', 'r', 'm', 48210.00, 'EUR')""", acme.id,
        )  # fmt: skip
        found = await scraped(api)
    tenant = ("tenant", acme.slug)
    reader = (("kind", "webhook"), ("state", "active"), ("subscription", "bi"), tenant)
    assert found["hub_database_up"] == {(): 1.0}
    assert found["hub_feed_position"] == {(tenant,): 1.0}
    assert found["hub_subscription_lag_positions"] == {reader: 1.0}
    assert 50 <= found["hub_subscription_lag_seconds"][reader] < 200
    assert found["hub_lanes"] == {(("state", "due"), ("subscription", "bi"), tenant): 1.0}
    assert found["hub_retries_waiting"] == {(("subscription", "bi"), tenant): 3.0}
    assert found["hub_breaker_state"] == {(("operation", "create invoice"), ("system", "erp"), tenant): 2.0}
    assert found["hub_tasks_overdue"] == {(("cause", "unmapped_tax"), ("team", "finance_operations"), tenant): 1.0}
    assert found["hub_money_blocked"] == {(("cause", "unmapped_tax"), ("currency", "EUR"), tenant): 48210.0}
    assert 50 <= found["hub_oldest_unsettled_seconds"][("queue", "lanes"), tenant] < 200
    assert found["hub_pool_connections"][("pool", "flows"), ("state", "most")] == 10.0


async def test_every_gauge_is_told_and_described(database: Database) -> None:
    async with running(database) as api:
        await api.tenant("acme")
        text = (await api.send("GET", "/metrics")).body.decode()
    assert [name for name in gauges.SQL if f"# HELP {name} {gauges.docs()[name]}" not in text] == []


async def test_without_the_database_the_process_still_tells_its_own_counters(database: Database) -> None:
    async with running(database) as api:
        await api.app.state.services.worker_pool.close()
        found = await scraped(api)
    assert (found["hub_database_up"], "hub_batch_seconds_count" in found or "hub_pool_connections" in found) == ({(): 0.0}, True)


async def test_strangers_are_told_nothing_and_an_admin_from_elsewhere_is(database: Database) -> None:
    async with running(database) as api:
        acme = await api.tenant("acme")
        elsewhere = {"x-forwarded-for": "203.0.113.7"}
        refused = await api.send("GET", "/metrics", headers=elsewhere)
        assert (refused.status, b"hub_" in refused.body) == (401, False)
        assert (await api.send("GET", "/metrics", headers={**elsewhere, "authorization": f"Bearer {acme.keys['admin']}"})).status == 200
        assert (await api.send("GET", "/metrics", headers={**elsewhere, "authorization": f"Bearer {acme.keys['steward']}"})).status == 403


async def test_folding_is_counted_by_outcome_and_nothing_personal_is_a_label(database: Database) -> None:
    async with running(database) as api:
        acme = await api.tenant("acme")
        line = b'{"object": "client", "externalId": "ada-4711", "body": {"name": "Ada Lovelace Ltd", "email": "ada@acme.example"}}'
        await api.send("POST", "/ingest/crm", line, {"authorization": f"Bearer {acme.keys['steward']}"})
        before = await scraped(api)
        await Ingester(api.pool, "test").drain(acme.id)
        after = await scraped(api)
        text = (await api.send("GET", "/metrics")).body.decode()
    settled, made = (("outcome", "applied"), ("system", "crm")), (("cause", "source"), ("entity", "client"))
    assert after["hub_settled_total"][settled] - before.get("hub_settled_total", {}).get(settled, 0) == 1
    assert after["hub_changes_total"][made] - before.get("hub_changes_total", {}).get(made, 0) == 1
    for hidden in ("Lovelace", "ada@acme", "ada-4711", "Bearer", "postgresql://"):
        assert hidden not in text, hidden


async def test_a_worker_answers_prometheus_at_its_own_address() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    end = serve_metrics(f"127.0.0.1:{port - 1}", 1)
    try:
        text = await asyncio.to_thread(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode())
    finally:
        await asyncio.to_thread(end)
    assert "# HELP hub_batch_seconds Time of one batch." in text


async def test_an_address_that_is_taken_stops_nobody_and_one_that_cannot_be_read_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        serve_metrics(f"127.0.0.1:{taken.getsockname()[1]}")()
    with pytest.raises(SettingError, match="HUB_METRICS_ADDRESS must be host:port"):
        serve_metrics("9464")
    serve_metrics("")()


def test_every_metric_is_in_the_page_that_tells_of_them() -> None:
    page = (Path(__file__).parent.parent / "hub" / "OBSERVING.md").read_text()
    families = [one for one in REGISTRY.collect() if one.name.startswith("hub_")]
    wanted = {(one.name + ("_total" if one.type == "counter" else ""), one.documentation) for one in families} | set(gauges.docs().items())
    assert [name for name, doc in sorted(wanted) if not re.search(rf"^\| `{name}` \| [a-z ]+ \| {re.escape(doc)} \|$", page, re.MULTILINE)] == []
