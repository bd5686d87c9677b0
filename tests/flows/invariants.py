"""What must hold of a tenant at rest, whatever happened before: read from the tables, with the flows' own proof of ``f``."""

from __future__ import annotations

from hub.flows import replay
from hub.flows.ingest_loop import Ingester
from hub.flows.sequence import sequence
from tests.flows.conftest import Hub
from tests.flows.histories import TOLD


async def check_everything(hub: Hub, tenant: int, ingester: Ingester) -> None:
    """All of them."""
    await _check_golden_is_f(hub, tenant, ingester)
    await _check_versions(hub, tenant)
    await _check_outcomes(hub, tenant)
    await _check_crosswalk(hub, tenant)
    await _check_feed(hub, tenant)


async def _check_golden_is_f(hub: Hub, tenant: int, ingester: Ingester) -> None:
    async with hub.pool.acquire() as tx, tx.transaction():
        found = await replay.verify(tx, await ingester.configurations.get(tx, tenant))
    assert [str(one) for one in found.differences] == []
    golden = sum([len(await hub.rows(f"SELECT 1 FROM golden.{entity} WHERE tenant_id = $1", tenant)) for entity in TOLD])
    assert found.checked == golden > 0


async def _check_versions(hub: Hub, tenant: int) -> None:
    """Versions 1..n of every record, in the change log and in the version table, the newest as in the golden table."""
    changes = await hub.rows(
        "SELECT entity, golden_id, array_agg(version ORDER BY id) AS versions, array_agg(op ORDER BY id) AS ops, "
        "bool_and(cause <> '' AND actor <> '') AS is_caused, bool_and(at > coalesce(before_at, '-infinity')) AS is_later "
        "FROM (SELECT *, lag(at) OVER (PARTITION BY golden_id ORDER BY version) AS before_at FROM hub.change WHERE tenant_id = $1) AS c "
        "GROUP BY 1, 2", tenant,
    )  # fmt: skip
    for entity in TOLD:
        logged = {row["golden_id"]: row["versions"] for row in changes if row["entity"] == entity}
        stored = await hub.rows(
            f"SELECT id, array_agg(version ORDER BY version) AS versions FROM golden.{entity}_version WHERE tenant_id = $1 GROUP BY 1", tenant
        )
        newest = await hub.rows(f"SELECT id, version FROM golden.{entity} WHERE tenant_id = $1", tenant)
        assert logged == {row["id"]: list(range(1, row["version"] + 1)) for row in newest}
        assert logged == {row["id"]: row["versions"] for row in stored}
    assert all(row["is_caused"] and row["is_later"] and row["ops"][0] == "create" for row in changes)


async def _check_outcomes(hub: Hub, tenant: int) -> None:
    """Every message is settled: it changed a golden record, or an outcome says why it did not."""
    assert await hub.rows("SELECT 1 FROM hub.inbox_open WHERE tenant_id = $1", tenant) == []
    assert await hub.rows("SELECT 1 FROM hub.claim WHERE tenant_id = $1", tenant) == []
    applied = {row["message_id"] for row in await hub.rows("SELECT message_id FROM hub.change WHERE tenant_id = $1", tenant)}
    outcomes = {row["inbox_id"]: row for row in await hub.rows("SELECT inbox_id, outcome, task_id FROM hub.inbox_outcome WHERE tenant_id = $1", tenant)}
    changed = {row["golden_id"] for row in await hub.rows("SELECT golden_id FROM hub.change WHERE tenant_id = $1", tenant)}
    moved = {row["source_id"] for row in await hub.rows("SELECT source_id FROM hub.decision WHERE tenant_id = $1", tenant)}
    for row in await hub.rows(
        "SELECT i.id, s.golden_id, s.id AS source_id FROM hub.inbox i LEFT JOIN hub.source_record s "
        "ON s.tenant_id = $1 AND (s.system, s.object, s.external_id) = (i.system, i.object, i.external_id) WHERE i.tenant_id = $1", tenant,
    ):  # fmt: skip
        outcome = outcomes.get(row["id"])
        if outcome is None:
            assert row["id"] in applied or row["golden_id"] in changed or row["source_id"] in moved, "a message went without a trace"
        elif outcome["outcome"] == "incomplete":
            assert outcome["task_id"] is not None
        else:
            assert row["id"] not in applied
            assert (outcome["outcome"] == "quarantined") == (outcome["task_id"] is not None)
            assert outcome["outcome"] in ("unchanged", "stale", "waiting", "quarantined")
    assert await hub.rows("SELECT reason FROM hub.task WHERE tenant_id = $1 AND cause = 'internal'", tenant) == []


async def _check_crosswalk(hub: Hub, tenant: int) -> None:
    """Every contribution has its golden record, born or known to wait; nobody waits for what has come."""
    born = "UNION ALL ".join(f"SELECT id FROM golden.{entity} WHERE tenant_id = $1 " for entity in TOLD)
    assert await hub.rows("SELECT id FROM hub.source_record WHERE tenant_id = $1 AND state <> 'awaited' AND golden_id IS NULL", tenant) == []
    lost = await hub.rows(
        f"SELECT system, entity, external_id FROM hub.source_record s WHERE tenant_id = $1 AND state = 'present' "
        f"AND golden_id NOT IN ({born}) AND NOT EXISTS (SELECT FROM hub.awaiting a WHERE a.tenant_id = $1 AND a.golden_id = s.golden_id)", tenant,
    )  # fmt: skip
    assert lost == []
    come = await hub.rows(
        f"SELECT a.entity, a.field, s.system, s.external_id FROM hub.awaiting a "
        f"JOIN hub.source_record s ON s.tenant_id = a.tenant_id AND s.id = a.source_id "
        f"WHERE a.tenant_id = $1 AND a.golden_id <> s.golden_id AND s.golden_id IN ({born})", tenant,
    )  # fmt: skip
    assert come == []
    assert await hub.rows("SELECT cause FROM hub.reconsider WHERE tenant_id = $1 AND due_at <= clock_timestamp()", tenant) == []


async def _check_feed(hub: Hub, tenant: int) -> None:
    await sequence(hub.pool, tenant)
    rows = await hub.rows("SELECT position, change_id FROM hub.feed WHERE tenant_id = $1 ORDER BY position", tenant)
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    assert {row["change_id"] for row in rows} == {row["id"] for row in await hub.rows("SELECT id FROM hub.change WHERE tenant_id = $1", tenant)}
