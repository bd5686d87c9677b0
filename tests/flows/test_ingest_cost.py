"""What a batch may cost: its statements do not grow with its records, and matchers that share a key take turns."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import asyncpg
import pytest

from hub.flows.ingest_loop import Ingester
from tests.flows.conftest import Hub

MOST_STATEMENTS = 21
"""From claim to release, for clients without references."""
LEI = "5493001KJTIIGC8Y1R12"


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts what is sent to Postgres, by its first words."""
    sent: Counter[str] = Counter()
    original = asyncpg.Connection._do_execute

    async def counted(self: asyncpg.Connection, query: str, *arguments: Any, **options: Any) -> Any:
        sent[" ".join(query.split())[:60]] += 1
        return await original(self, query, *arguments, **options)

    monkeypatch.setattr(asyncpg.Connection, "_do_execute", counted)
    return sent


@pytest.mark.parametrize("count", [1, 40])
async def test_a_batch_costs_the_same_number_of_statements_whatever_its_size(hub: Hub, statements: Counter[str], count: int) -> None:
    for number in range(count):
        await hub.tell("crm", "client", str(number), {"name": f"Client {number}", "country": "DE", "duns": f"{200_000_001 + number}"})
    await hub.settle()
    for number in range(count):
        await hub.tell("crm", "client", str(number), {"name": f"Client {number}", "country": "FR", "phone": "+33472300000"})
    statements.clear()
    assert await hub.ingester.ingest_once(hub.tenant) == count
    assert sum(statements.values()) <= MOST_STATEMENTS, statements
    assert max(statements.values()) <= 2, statements


async def test_two_first_records_of_one_client_meet_though_two_workers_match_them_at_once(hub: Hub) -> None:
    workers = [Ingester(hub.pool, f"w{number}", batch_size=1) for number in range(2)]
    for number in range(6):
        lei = f"5299{number:014d}"
        lei += f"{98 - int(lei + '00') % 97:02d}"
        await hub.tell("crm", "client", str(number), {"name": f"Client {number}", "lei": lei})
        await hub.tell("erp", "client", str(number), {"name": f"CLIENT {number}", "lei": lei})
        await asyncio.gather(*(worker.ingest_once(hub.tenant) for worker in workers))
    await hub.settle()
    clients = await hub.rows("SELECT golden_id, count(*) AS n FROM hub.source_record WHERE tenant_id = $1 GROUP BY 1", hub.tenant)
    assert [client["n"] for client in clients] == [2] * 6


async def test_a_batch_with_more_keys_than_the_server_can_lock_matches_all_the_same(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.flows.match_rules.MOST_KEY_LOCKS", 1)
    await hub.tell("crm", "client", "1", {"name": "Acme", "lei": LEI})
    await hub.tell("erp", "client", "2", {"name": "ACME", "lei": LEI, "duns": "150483782"})
    await hub.tell("bill", "client", "3", {"name": "Acme", "duns": "150483782"})
    await hub.settle()
    assert len(await hub.rows("SELECT DISTINCT golden_id FROM hub.source_record WHERE tenant_id = $1", hub.tenant)) == 1


async def test_batches_grow_under_a_backlog_and_shrink_after_it(hub: Hub) -> None:
    for number in range(20):
        await hub.tell("crm", "client", str(number), {"name": f"Client {number}"})
    ingester = Ingester(hub.pool, "w", batch_size=2, backlog_size=8)
    assert [await ingester.ingest_once(hub.tenant) for _ in range(6)] == [2, 4, 8, 6, 0, 0]
    for number in range(3):
        await hub.tell("crm", "client", str(number), {"name": f"Other {number}"})
    assert await ingester.ingest_once(hub.tenant) == 2
