"""A firm of about a million golden records with work in it: what the pages of the console are measured on.

The firm is :mod:`hub.demo.firm`, loaded by COPY. What people would have left behind in a busy year is added by SQL: items to bill,
hours nobody approved, disputes, tasks of many causes, questions about pairs, decisions, overrides, proposals, lanes with tries,
messages set aside, a plan, and one client on whom 5,000 projects and as many clients hang. Kept in its folder once made.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from hub.demo.firm import Firm, bulk
from hub.flows import find_exceptions, generic, search, tend_queue
from hub.flows.tenants import ensure_tenant, make_key
from hub.migrate import migrate
from hub.rematching import renew
from hub.settings import Settings
from hub.store import tasks
from hub.store.configuration import ConfigurationCache
from hub.store.pool import Pool, open_worker_pool, prepare
from hub.store.tasks import NewTask

SLUG, SEED, CHILDREN, TASKS = "console", 7, 5_000, 20_000
BUSY = (
    # money
    """
    INSERT INTO golden.billable_item (tenant_id, id, version, record_state, created_at, updated_at, project_id, amount, amount_currency, state, tax_category)
    SELECT t.tenant_id, md5('item' || t.id)::uuid, 1, 'active', now(), now(), t.project_id, 100 + row_number() OVER (ORDER BY t.id) % 900, 'EUR',
           (ARRAY['open', 'ready', 'ready', 'held', 'invoiced', 'invoiced', 'invoiced', 'invoiced'])[1 + row_number() OVER (ORDER BY t.id) % 8],
           CASE WHEN row_number() OVER (ORDER BY t.id) % 20 > 0 THEN 'STANDARD' END
      FROM (SELECT * FROM golden.time_entry WHERE tenant_id = $1 AND project_id IS NOT NULL LIMIT 200000) AS t
    """,
    "UPDATE golden.billing_account SET po_required = true WHERE tenant_id = $1 AND left(id::text, 1) IN ('0', '1')",
    """
    UPDATE golden.time_entry SET state = 'submitted', work_date = (date_trunc('month', now()) - interval '40 days')::date
     WHERE tenant_id = $1 AND id IN (SELECT id FROM golden.time_entry WHERE tenant_id = $1 ORDER BY id LIMIT 15000)
    """,
    """
    INSERT INTO golden.billing_hold (tenant_id, id, version, record_state, created_at, updated_at, project_id, level, reason, state, review_on, amount, amount_currency)
    SELECT tenant_id, md5('hold' || id)::uuid, 1, 'active', now(), now(), id, 'project', 'dispute', 'placed', current_date - 3, 1200, 'EUR'
      FROM golden.project WHERE tenant_id = $1 ORDER BY id LIMIT 500
    """,
    "UPDATE golden.invoice SET disputed_since = current_date - 20 WHERE tenant_id = $1 AND open_amount > 0 AND left(id::text, 2) < '08'",
    # one client on whom very much hangs
    """
    UPDATE golden.project SET client_id = $2 WHERE tenant_id = $1 AND id IN (SELECT id FROM golden.project WHERE tenant_id = $1 ORDER BY id DESC LIMIT 5000)
    """,
    """
    INSERT INTO golden.client_relationship (tenant_id, id, version, record_state, created_at, updated_at, from_client_id, to_client_id, kind, valid_from)
    SELECT tenant_id, md5('below' || id)::uuid, 1, 'active', now(), now(), id, $2, 'legal_parent', date '2020-01-01'
      FROM golden.client WHERE tenant_id = $1 AND id <> $2 ORDER BY id DESC LIMIT 5000
    """,
    # what people decided
    """
    INSERT INTO hub.decision (tenant_id, kind, entity, golden_id, field, value, reason, actor, made_at, until)
    SELECT tenant_id, 'override', 'client', id, 'tier', '"gold"', 'bench', 'steward:bench', now() - row_number() OVER () * interval '1 hour',
           CASE WHEN row_number() OVER () % 3 = 0 THEN now() + row_number() OVER () * interval '1 hour' END
      FROM golden.client WHERE tenant_id = $1 ORDER BY id LIMIT 3000
    """,
    """
    INSERT INTO hub.action (tenant_id, kind, actor, reason, made_at, entity, golden_ids, decision_ids, given, inverse)
    SELECT tenant_id, 'override', CASE WHEN id % 2 = 0 THEN 'steward:bench' ELSE 'steward:other' END, 'bench', made_at, entity, ARRAY[golden_id], ARRAY[id],
           jsonb_build_object('field', field), jsonb_build_object('decisions', ARRAY[id])
      FROM hub.decision WHERE tenant_id = $1 AND kind = 'override'
    """,
    """
    INSERT INTO hub.proposal (tenant_id, operation, given, diff, risk, needed, subject, reason, entity, golden_ids, author, author_teams, state, asked_at, expires_at)
    SELECT tenant_id, 'override', '{}', jsonb_build_object('changes', jsonb_build_array(jsonb_build_object('entity', 'client', 'golden_id', id,
           'before', jsonb_build_object('tier', 'gold'), 'after', jsonb_build_object('tier', 'silver')))), 'R2', 1, 'Set the tier of ' || name, 'bench', 'client', ARRAY[id],
           'steward:other', '{pmo}', CASE WHEN n <= 200 THEN 'open' ELSE 'approved' END, now() - n * interval '1 hour', now() + interval '7 days'
      FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM golden.client WHERE tenant_id = $1 ORDER BY id LIMIT 2000) AS c
    """,
    # systems: lanes, tries, messages set aside
    """
    INSERT INTO hub.subscription (tenant_id, id, name, kind, system, position)
    SELECT tenant_id, md5('sub' || name)::uuid, name, 'connector', name, (SELECT position FROM hub.feed_head WHERE tenant_id = $1)
      FROM hub.system WHERE tenant_id = $1 AND name IN ('erp_north', 'billing', 'psa')
    """,
    "INSERT INTO hub.mode (tenant_id, system, entity, mode) SELECT tenant_id, name, '*', 'write' FROM hub.system WHERE tenant_id = $1",
    """
    INSERT INTO hub.lane (tenant_id, subscription_id, golden_id, entity, wanted_version, delivered_version, state, reason, attempts)
    SELECT r.tenant_id, s.id, r.golden_id, r.entity, 1, CASE WHEN r.n % 40 = 0 THEN 0 ELSE 1 END, CASE WHEN r.n % 40 = 0 THEN 'parked' ELSE 'idle' END,
           CASE WHEN r.n % 40 = 0 THEN 'the period is closed' END, CASE WHEN r.n % 40 = 0 THEN 3 ELSE 1 END
      FROM (SELECT DISTINCT ON (system, golden_id) *, row_number() OVER (ORDER BY id) AS n FROM hub.source_record
             WHERE tenant_id = $1 AND system IN ('erp_north', 'billing', 'psa') AND entity IN ('client', 'invoice', 'billing_account', 'project')
               AND golden_id IS NOT NULL) AS r
      JOIN hub.subscription s ON s.tenant_id = r.tenant_id AND s.system = r.system
    """,
    """
    INSERT INTO hub.attempt (tenant_id, subscription_id, golden_id, version, operation, intent_key, state, error, started_at, finished_at)
    SELECT tenant_id, subscription_id, golden_id, 1, 'create', golden_id || '-' || n, CASE WHEN state = 'parked' THEN 'rejected' ELSE 'done' END,
           CASE WHEN state = 'parked' THEN '{"class": "rejected", "reason": "the period is closed"}'::jsonb END, now() - interval '2 hours', now() - interval '2 hours'
      FROM hub.lane, generate_series(1, 2) n WHERE tenant_id = $1
    """,
    """
    INSERT INTO hub.inbox (tenant_id, system, object, external_id, idempotency_key, body, channel, actor, correlation_id, received_at)
    SELECT tenant_id, system, object, external_id, 'bench-' || id, '{"Id": "1"}', 'webhook', system, 'bench-' || id, now() - interval '3 hours'
      FROM hub.source_record WHERE tenant_id = $1 ORDER BY id LIMIT 100000
    """,
    """
    INSERT INTO hub.inbox_outcome (tenant_id, inbox_id, outcome, detail)
    SELECT tenant_id, id, CASE WHEN id % 20 = 0 THEN 'quarantined' ELSE 'unchanged' END,
           CASE WHEN id % 20 = 0 THEN '[{"cause": "unknown_code", "field": "tier", "reason": "nobody mapped it", "remedy": "Map it."}]'::jsonb ELSE '[]' END
      FROM hub.inbox WHERE tenant_id = $1
    """,
    # a plan that changes many records
    """
    WITH made AS (
        INSERT INTO hub.plan (tenant_id, kind, state, entities, given, before, reason, actor, config_version, done, total, ready_at, settled_at)
        VALUES ($1, 'policy', 'ready', '{client}', '{}', '{}', 'bench', 'admin:bench', 1, 20000, 20000, now(), now()) RETURNING tenant_id, id
    )
    INSERT INTO hub.plan_item (tenant_id, plan_id, golden_id, entity, op, version, before, after, digest)
    SELECT m.tenant_id, m.id, c.id, 'client', 'update', c.version, jsonb_build_object('name', c.name), jsonb_build_object('name', upper(c.name)), ''
      FROM made m, (SELECT * FROM golden.client WHERE tenant_id = $1 ORDER BY id LIMIT 20000) AS c
    """,
    # people who came and went
    """
    INSERT INTO hub.session (tenant_id, digest, person_id, role, name, display, csrf, created_at, seen_at, expires_at, ended_at)
    SELECT $1, sha256(convert_to('session' || n, 'UTF8')), md5('person' || n % 50)::uuid, 'steward', 'p' || n % 50, 'P', '', now() - n * interval '1 hour',
           now() - n * interval '1 hour', now() - n * interval '1 hour' + interval '12 hours', now() FROM generate_series(13, 3000) AS n
    """,
)
"""What is added; $1 is the tenant, $2 the client on whom very much hangs."""

BIGGEST = "SELECT client_id FROM golden.billing_account WHERE tenant_id = $1 AND client_id IS NOT NULL GROUP BY client_id ORDER BY count(*) DESC, client_id LIMIT 1"


@dataclass(frozen=True)
class Ground:
    """The tenant, a steward's and an admin's key, and the client on whom very much hangs."""

    tenant_id: int
    steward: str
    admin: str
    biggest: UUID


async def make(settings: Settings, scale: float) -> Ground:
    """Load the firm and fill it with work unless the folder holds it; keys are made anew each time."""
    await migrate(settings)
    owner = await asyncpg.connect(settings.need("database_url"), server_settings={"statement_timeout": "0"}, command_timeout=3600)
    await prepare(owner)
    pool = await open_worker_pool(settings.need("worker_url"), 4, "bench-console")
    try:
        tenant_id = await ensure_tenant(owner, SLUG)
        if not await owner.fetchval("SELECT EXISTS (SELECT FROM hub.source_record WHERE tenant_id = $1)", tenant_id):
            loaded = await bulk.load(settings.need("database_url"), tenant_id, Firm(seed=SEED, scale=scale))
            print(f"{sum(loaded.golden.values()):,} golden records loaded in {loaded.seconds:.0f} s", flush=True)
        biggest = await owner.fetchval("SELECT (settings ->> 'biggest')::uuid FROM hub.tenant WHERE id = $1", tenant_id)
        if biggest is None:
            biggest = await _fill(owner, pool, tenant_id)
        await _forms(pool, tenant_id)
        async with owner.transaction():
            await owner.execute("UPDATE hub.api_key SET revoked_at = now() WHERE tenant_id = $1 AND revoked_at IS NULL", tenant_id)
            return Ground(tenant_id, await make_key(owner, tenant_id, "steward", "bench"), await make_key(owner, tenant_id, "admin", "bench"), biggest)
    finally:
        await pool.close()
        await owner.close()


async def _fill(owner: asyncpg.Connection, pool: Pool, tenant_id: int) -> UUID:
    """Everything a busy year leaves; prints what took how long, since several of these steps are the hub's own background work."""
    biggest: UUID = await owner.fetchval(BIGGEST, tenant_id)
    began = time.monotonic()
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        for statement in BUSY:
            await owner.execute(statement, *[tenant_id, biggest][: 2 if "$2" in statement else 1])
    began = _told("work added", began)
    await owner.execute("VACUUM (ANALYZE)")
    began = _told("vacuumed", began)
    async with owner.transaction():
        await tasks.open_tasks(owner, tenant_id, await _tasks(owner, tenant_id))
    began = _told(f"{TASKS:,} tasks opened", began)
    async with pool.acquire() as tx, tx.transaction():
        found = await find_exceptions.find(tx, tenant_id)
    began = _told(f"books looked through: {found:,} tasks", began)
    while await tend_queue.tend_all(pool):
        pass
    began = _told("tasks sent where they belong", began)
    await search.keep_up(pool)
    began = _told("search written", began)
    await generic.find_all(pool, ConfigurationCache(), tenant_id)
    began = _told("shared values counted", began)
    await owner.execute("ANALYZE")
    await owner.execute("UPDATE hub.tenant SET settings = settings || $2 WHERE id = $1", tenant_id, {"biggest": str(biggest)})
    await owner.execute("CHECKPOINT")
    return biggest


async def _forms(pool: Pool, tenant_id: int) -> None:
    """What is compared with what, where it is missing still: this takes longest, and goes on where it was broken off."""
    for entity in ("client", "contact"):
        began = time.monotonic()
        if many := await renew(pool, tenant_id, entity, False, lambda done: None):
            _told(f"{many:,} forms of {entity}s", began)


def _told(what: str, since: float) -> float:
    print(f"{what} in {time.monotonic() - since:.1f} s", flush=True)
    return time.monotonic()


CAUSES = (
    ("unknown_code", "client", "crm_eu"), ("required", "client", "psa"), ("proposed", "client", "crm_us"), ("rejected", "client", "erp_north"),
    ("delivery_rejected", "invoice", "erp_north"), ("unreachable", "invoice", "billing"), ("locked", "invoice", "erp_north"), ("type", "project", "psa"),
    ("ambiguous", "client", "psa"), ("link_in_doubt", "client", "crm_eu"),
)  # fmt: skip


CODED = "TIER"


async def _tasks(owner: asyncpg.Connection, tenant_id: int) -> list[NewTask]:
    """6,000 questions about pairs of clients, and tasks of other causes with money."""
    clients = [row["id"] for row in await owner.fetch("SELECT id FROM golden.client WHERE tenant_id = $1 ORDER BY id LIMIT 12000", tenant_id)]
    invoices = [row["id"] for row in await owner.fetch("SELECT id FROM golden.invoice WHERE tenant_id = $1 ORDER BY id LIMIT 12000", tenant_id)]
    projects = [row["id"] for row in await owner.fetch("SELECT id FROM golden.project WHERE tenant_id = $1 ORDER BY id LIMIT 12000", tenant_id)]
    about: dict[str, list[UUID]] = {"client": clients, "invoice": invoices, "project": projects}
    pairs = list(zip(clients[0::2], clients[1::2], strict=False))
    made = [
        NewTask("possible_duplicate", f"client {a} {b}", "two clients may be one", "Compare them.", entity="client", golden_id=a, detail={"other": str(b)})
        for a, b in pairs
    ]
    for n in range(TASKS - len(made)):
        cause, entity, system = CAUSES[n % len(CAUSES)]
        some = about[entity]
        money: list[dict[str, Any]] = [{"amount": str(Decimal(100 + n * 7 % 90_000)), "currency": ("EUR", "USD", "GBP")[n % 3]}] if n % 2 else []
        made.append(NewTask(cause, f"{system} {CODED} 'bench {n}'", f"the bench says so {n}", "Look.", entity=entity, golden_id=some[n % len(some)], system=system, field="tier",
                            count=1 + n % 5, money=money or None))  # fmt: skip
    return made
