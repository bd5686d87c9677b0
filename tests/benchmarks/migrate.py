"""Migrate a million rows while they are written: how long did anybody wait, and did anything fail?

A database as the build before left it (revision 0011), filled with SQL, written to and read by eight connections with the
statements that build runs, while ``hub migrate`` brings it to the newest revision. The last line is JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from alembic import command

from hub import embedded
from hub.migrate import alembic_config, ensure_roles, head_revision, migrate
from hub.settings import Settings

ROWS = int(os.environ.get("ROWS", "1000000"))
RELEASED = "0011"
FLOOR_S = 2.0

FILL = """
INSERT INTO hub.tenant (slug, name) VALUES ('north', 'north');
INSERT INTO hub.feed_head (tenant_id, position) VALUES (1, {rows});
INSERT INTO hub.system (tenant_id, name, kind) VALUES (1, 'crm', 'crm'), (1, 'erp', 'erp');
INSERT INTO hub.subscription (tenant_id, id, name, kind, url) VALUES (1, '00000000-0000-0000-0000-000000000001', 'bi', 'webhook', 'http://127.0.0.1:9');
INSERT INTO golden.client (tenant_id, id, version, record_state, created_at, updated_at, name)
SELECT 1, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, 'active', now(), now(), 'Client ' || n FROM generate_series(1, {rows}) n;
INSERT INTO golden.client_version (tenant_id, id, version, record_state, created_at, updated_at, name, lineage, recorded_at)
SELECT tenant_id, id, version, record_state, created_at, updated_at, name, '{{}}', now() FROM golden.client;
INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, state, golden_id, "values")
SELECT 1, 'crm', 'account', n::text, 'client', 'present', ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, jsonb_build_object('name', 'Client ' || n)
  FROM generate_series(1, {rows}) n;
INSERT INTO hub.inbox (tenant_id, system, object, external_id, idempotency_key, body, channel, actor, correlation_id, received_at)
SELECT 1, 'crm', 'account', n::text, 'k' || n, '{{}}', 'api', 'crm', 'c' || n, now() FROM generate_series(1, {rows}) n;
INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id, at)
SELECT 1, 'client', ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, 'create', '{{}}', '{{}}', 'source', 'crm', 'c' || n, now()
  FROM generate_series(1, {rows}) n;
INSERT INTO hub.feed (tenant_id, position, change_id) SELECT 1, id, id FROM hub.change;
INSERT INTO hub.lane (tenant_id, subscription_id, golden_id, entity, wanted_version, delivered_version, state)
SELECT 1, '00000000-0000-0000-0000-000000000001', id, 'client', 1, 1, 'idle' FROM golden.client;
INSERT INTO hub.attempt (tenant_id, subscription_id, golden_id, version, operation, intent_key, state)
SELECT 1, '00000000-0000-0000-0000-000000000001', id, 1, 'event', id::text, 'done' FROM golden.client;
INSERT INTO hub.task (tenant_id, cause, subject, team, due_at, reason, remedy, state)
SELECT 1, 'required', n::text, 'data_stewards', now(), 'r', 'r', 'resolved' FROM generate_series(1, {rows} / 10) n;
ANALYZE
"""

GOLDEN = "(SELECT ('00000000-0000-7000-8000-' || lpad(to_hex((1 + floor(random() * 1000))::integer), 12, '0'))::uuid)"
STATEMENTS: dict[str, str] = {
    "receive": "INSERT INTO hub.inbox (tenant_id, system, object, external_id, idempotency_key, body, channel, actor, correlation_id, received_at) "
    "VALUES (1, 'crm', 'account', gen_random_uuid()::text, gen_random_uuid()::text, '{}', 'api', 'crm', 'c', now())",
    "fold": f'UPDATE hub.source_record SET "values" = "values", updated_at = now() WHERE tenant_id = 1 AND golden_id = {GOLDEN}',
    "save": f"UPDATE golden.client SET updated_at = now() WHERE tenant_id = 1 AND id = {GOLDEN}",
    "log": "INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id, at) "
    "VALUES (1, 'client', gen_random_uuid(), 1, 'create', '{}', '{}', 'source', 'crm', 'c', now())",
    "deliver": f"UPDATE hub.lane SET updated_at = now() WHERE tenant_id = 1 AND golden_id = {GOLDEN}",
    "try": "INSERT INTO hub.attempt (tenant_id, subscription_id, golden_id, version, operation, intent_key, state) "
    "VALUES (1, '00000000-0000-0000-0000-000000000001', gen_random_uuid(), 1, 'event', 'k', 'done')",
    "task": "INSERT INTO hub.task (tenant_id, cause, subject, team, due_at, reason, remedy) VALUES (1, 'required', gen_random_uuid()::text, 'pmo', now(), 'r', 'r')",
    "read": "SELECT count(*) FROM (SELECT FROM hub.change c JOIN hub.feed f ON f.tenant_id = c.tenant_id AND f.change_id = c.id WHERE c.tenant_id = 1 LIMIT 100) x",
}


@dataclass
class Waits:
    """What one kind of statement took, in seconds, before and during the migration, and how often it failed."""

    before: list[float] = field(default_factory=list)
    during: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


async def writing(url: str, name: str, waits: Waits, is_migrating: Callable[[], bool], stop: asyncio.Event) -> None:
    """One statement after the other, as fast as a busy firm would want."""
    connection = await asyncpg.connect(url, server_settings={"lock_timeout": "10s"})
    try:
        while not stop.is_set():
            began, during = time.perf_counter(), is_migrating()
            try:
                await connection.execute(STATEMENTS[name])
            except asyncpg.PostgresError as error:
                waits.failed.append(type(error).__name__)
            (waits.during if during or is_migrating() else waits.before).append(time.perf_counter() - began)
            await asyncio.sleep(0.005)
    finally:
        await connection.close()


async def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="bench-migrate-"))
    try:
        with embedded.start(folder, options={"shared_buffers": "512MB"}) as servers:
            print(json.dumps(await measured(Settings().on(servers))))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def measured(settings: Settings) -> dict[str, object]:
    url = settings.need("database_url")
    connection = await asyncpg.connect(url)
    await ensure_roles(connection, settings)
    await asyncio.to_thread(command.upgrade, alembic_config(url), RELEASED)
    began = time.perf_counter()
    for statement in FILL.format(rows=ROWS).split(";\n"):
        await connection.execute(statement)
    await connection.execute("CHECKPOINT")
    print(f"{ROWS:,} rows in each of eight tables at revision {RELEASED}, filled in {time.perf_counter() - began:.0f} s", flush=True)
    stop, state = asyncio.Event(), {"migrating": False}
    waits = {name: Waits() for name in STATEMENTS}
    writers = [asyncio.create_task(writing(settings.need("worker_url"), name, one, lambda: state["migrating"], stop)) for name, one in waits.items()]
    await asyncio.sleep(5)
    state["migrating"], began = True, time.perf_counter()
    await migrate(settings)
    took_s, state["migrating"] = time.perf_counter() - began, False
    stop.set()
    await asyncio.gather(*writers)
    await connection.close()
    for name, one in waits.items():
        print(f"{name:<8} {len(one.during):>6} statements  p99 before {_p99(one.before):.3f} s  during {_p99(one.during):.3f} s  longest {max(one.during):.3f} s")
    longest = max(max(one.during) for one in waits.values())
    failed = [name for one in waits.values() for name in one.failed]
    return {
        "rows": ROWS, "from": RELEASED, "to": head_revision(), "took_s": round(took_s, 1), "longest_wait_s": round(longest, 3),
        "floor_s": FLOOR_S, "failed": len(failed), "statements": sum(len(one.during) for one in waits.values()),
        "p99_before_s": round(max(_p99(one.before) for one in waits.values()), 3), "p99_during_s": round(max(_p99(one.during) for one in waits.values()), 3),
        "is_met": longest <= FLOOR_S and not failed,
    }  # fmt: skip


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)] if seconds else 0.0


if __name__ == "__main__":
    asyncio.run(main())
