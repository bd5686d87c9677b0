"""Reads the evidence of a run over a read-only connection (role hub_examiner), and what SQL sees while it runs."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from hashlib import sha256
from typing import Any

import asyncpg

from tests.faults.evidence import (
    Book, Change, Evidence, Golden, Inbox, Source, Task, Version, canonical,
)  # fmt: skip
from tests.faults.stage import Stage

ENTITIES = ("client", "resource", "invoice")

QUIET = """
SELECT (SELECT count(*) FROM hub.inbox_open) AS messages,
       (SELECT count(*) FROM hub.claim) AS claims,
       (SELECT count(*) FROM hub.reconsider WHERE due_at <= clock_timestamp()) AS due,
       (SELECT count(*) FROM hub.change c WHERE NOT EXISTS (SELECT FROM hub.feed f WHERE f.tenant_id = c.tenant_id AND f.change_id = c.id)) AS unsequenced,
       (SELECT count(*) FROM hub.subscription s JOIN hub.feed_head h ON h.tenant_id = s.tenant_id
         WHERE s.state = 'active' AND s.position < h.position) AS behind,
       (SELECT count(*) FROM hub.lane l JOIN hub.subscription s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id
         WHERE s.state = 'active' AND l.state NOT IN ('idle', 'parked', 'waiting')) AS lanes
"""
"""What is still to be done; all zero at rest."""

WATCH = {
    "a transaction is idle for over 30 s": """
        SELECT pid || ' ' || application_name AS what FROM pg_stat_activity
         WHERE state LIKE 'idle in transaction%' AND clock_timestamp() - state_change > interval '30 s' AND datname = current_database()""",
    "a lane stands still without a task for over 60 s": """
        SELECT s.name || ' ' || l.state || ' ' || l.golden_id || ' ' || coalesce(l.reason, '') AS what
          FROM hub.lane l JOIN hub.subscription s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id
         WHERE l.state IN ('due', 'leased') AND l.task_id IS NULL AND s.state = 'active'
           AND greatest(l.updated_at, l.next_try_at, l.lease_until) < clock_timestamp() - interval '60 s'
           AND NOT EXISTS (  -- a queue that moves is no standstill: its end waits for its head
               SELECT FROM hub.lane m
                WHERE m.tenant_id = l.tenant_id AND m.subscription_id = l.subscription_id AND m.state = 'idle'
                  AND m.updated_at > clock_timestamp() - interval '60 s')
         LIMIT 5""",
    "an advisory lock is held by no living session": """
        SELECT l.pid || ' ' || l.objid AS what FROM pg_locks l
         WHERE l.locktype = 'advisory' AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = l.pid)
           AND NOT EXISTS (SELECT FROM pg_prepared_xacts)""",
}  # fmt: skip
"""What is wrong → rows that show it, at any moment."""

OLDEST = "SELECT coalesce(extract(epoch FROM max(clock_timestamp() - i.received_at)), 0)::float8 FROM hub.inbox_open o JOIN hub.inbox i ON i.tenant_id = o.tenant_id AND i.id = o.inbox_id"


async def watch(here: Stage, book: Book, stop: asyncio.Event, every_s: float = 2.0) -> None:
    """Look again and again, as often as the database lets us in."""
    connection: asyncpg.Connection | None = None
    try:
        while not stop.is_set():
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                if connection is None or connection.is_closed():
                    connection = await here.examine()
                for wrong, statement in WATCH.items():
                    rows = await connection.fetch(statement)
                    book.looks_during += 1
                    book.during += [told for row in rows if (told := f"{wrong}: {row['what']}") not in book.during]
                book.oldest_unsettled_s = max(book.oldest_unsettled_s, await connection.fetchval(OLDEST))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every_s)
    finally:
        if connection is not None:
            connection.terminate()


async def until_quiet(here: Stage, patience_s: float) -> dict[str, int]:
    """Wait until nothing is to be done; answers what is left when patience ends."""
    give_up_at = asyncio.get_running_loop().time() + patience_s
    calm, left = 0, {"unknown": 1}
    while calm < 3 and asyncio.get_running_loop().time() < give_up_at:
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await here.examine()
            try:
                row = await connection.fetchrow(QUIET)
                left = {name: count for name, count in dict(row).items() if count}
            finally:
                await connection.close()
        calm = calm + 1 if not left else 0
        await asyncio.sleep(0.3)
    return left


async def collect(here: Stage, book: Book) -> Evidence:
    """Everything, in one snapshot of the database; what readers and receivers were told is taken up to its positions."""
    slugs = {tenant.id: tenant.slug for tenant in here.tenants.values()}
    connection = await here.examine()
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            found = Evidence(book)
            await _way_in(connection, found, slugs)
            await _golden(connection, found, slugs)
            await _feed(connection, found, slugs)
            await _rest(connection, found, slugs)
    finally:
        await connection.close()
    head = {slug: max((at for tenant, at, _ in found.feed if tenant == slug), default=0) for slug in slugs.values()}
    await _all_told(book, head)
    book.heard = {(slug, name): [one for one in heard if one.position <= head[slug]] for (slug, name), heard in book.heard.items()}
    for tenant in here.tenants.values():
        for name, receiver in tenant.receivers.items():
            if name in tenant.subscriptions:
                found.events[tenant.slug, name] = [one for one in receiver.events if one.position <= head[tenant.slug]]
        for system in tenant.systems:
            found.calls[tenant.slug, system.name] = list(system.calls)
            for object, records in system.records.items():
                found.held[tenant.slug, system.name, object] = [dict(one) for one in records.values()]
    return found


async def _all_told(book: Book, head: dict[str, int], patience_s: float = 30) -> None:
    """Wait for readers who are still behind; whoever stays behind is found out."""
    give_up_at = asyncio.get_running_loop().time() + patience_s
    while any(not heard or heard[-1].position < head[slug] for (slug, _), heard in book.heard.items()):
        if asyncio.get_running_loop().time() > give_up_at:
            return
        await asyncio.sleep(0.1)


async def _way_in(connection: asyncpg.Connection, found: Evidence, slugs: dict[int, str]) -> None:
    of: dict[tuple[int, str, str, str], list[str]] = {}
    for row in await connection.fetch("SELECT tenant_id, id, system, object, external_id, entity, golden_id, state FROM hub.source_record"):
        found.sources.append(
            Source(slugs[row["tenant_id"]], row["id"], row["system"], row["object"], row["external_id"], row["entity"], str(row["golden_id"] or ""), row["state"])
        )
        of.setdefault((row["tenant_id"], row["system"], row["object"], row["external_id"]), []).append(str(row["golden_id"] or ""))
    moved = await connection.fetch(
        "SELECT d.tenant_id, s.system, s.object, s.external_id, d.golden_id FROM hub.decision d "
        "JOIN hub.source_record s ON s.tenant_id = d.tenant_id AND s.id = d.source_id WHERE d.golden_id IS NOT NULL"
    )
    for row in moved:
        of.setdefault((row["tenant_id"], row["system"], row["object"], row["external_id"]), []).append(str(row["golden_id"]))
    rows = await connection.fetch(
        "SELECT i.tenant_id, i.id, i.system, i.object, i.external_id, i.idempotency_key, i.body, o.inbox_id IS NOT NULL AS is_open, r.outcome, r.task_id "
        "FROM hub.inbox i LEFT JOIN hub.inbox_open o ON o.tenant_id = i.tenant_id AND o.inbox_id = i.id "
        "LEFT JOIN hub.inbox_outcome r ON r.tenant_id = i.tenant_id AND r.inbox_id = i.id"
    )
    for row in rows:
        told = sha256(canonical(bytes(row["body"])).encode()).hexdigest()[:16]
        golden_ids = tuple(of.get((row["tenant_id"], row["system"], row["object"], row["external_id"]), ()))
        found.inbox.append(
            Inbox(slugs[row["tenant_id"]], row["id"], row["system"], row["object"], row["external_id"], row["idempotency_key"], told,
                  row["is_open"], row["outcome"], row["task_id"], golden_ids)
        )  # fmt: skip


async def _golden(connection: asyncpg.Connection, found: Evidence, slugs: dict[int, str]) -> None:
    for entity in ENTITIES:
        for row in await connection.fetch(f"SELECT v.*, to_jsonb(v) AS all_of_it FROM golden.{entity}_version v"):
            values = json.loads(row["all_of_it"])
            lineage = row["lineage"] if isinstance(row["lineage"], dict) else json.loads(row["lineage"])
            found.versions.append(
                Version(slugs[row["tenant_id"]], entity, str(row["id"]), row["version"], filled(values, lineage), lineage)
            )
        for row in await connection.fetch(f"SELECT to_jsonb(g) AS all_of_it FROM golden.{entity} g"):
            values = json.loads(row["all_of_it"], parse_float=str)
            found.goldens.append(Golden(slugs[values["tenant_id"]], entity, values["id"], values["version"], values))


HEAD = frozenset({"tenant_id", "id", "version", "record_state", "created_at", "updated_at", "recorded_at", "lineage", "extra", "plain_version"})


def filled(values: dict[str, Any], lineage: dict[str, Any]) -> frozenset[str]:
    """Fields of a version row that say something; columns that belong to a field (gross_currency) are that field.

    >>> sorted(filled({"id": "1", "name": "ACME", "gross": "1.00", "gross_currency": "EUR", "city": None}, {}))
    ['gross', 'name']
    """
    columns = {name for name, value in values.items() if value is not None and name not in HEAD}
    return frozenset(name for name in columns if name in lineage or not any(name.startswith(f"{other}_") for other in columns if other != name))


async def _feed(connection: asyncpg.Connection, found: Evidence, slugs: dict[int, str]) -> None:
    for row in await connection.fetch("SELECT * FROM hub.change ORDER BY tenant_id, id"):
        after = row["after"] if isinstance(row["after"], dict) else json.loads(row["after"])
        found.changes.append(
            Change(slugs[row["tenant_id"]], row["id"], row["entity"], str(row["golden_id"]), row["version"], row["op"], row["cause"], row["actor"],
                   row["message_id"], row["is_backfill"], after)
        )  # fmt: skip
    rows = await connection.fetch("SELECT tenant_id, position, change_id FROM hub.feed")
    found.feed = [(slugs[row["tenant_id"]], row["position"], row["change_id"]) for row in rows]


async def _rest(connection: asyncpg.Connection, found: Evidence, slugs: dict[int, str]) -> None:
    rows = await connection.fetch("SELECT tenant_id, id, kind FROM hub.decision")
    found.decisions = {(slugs[row["tenant_id"]], row["id"]): row["kind"] for row in rows}
    for row in await connection.fetch("SELECT * FROM hub.task"):
        found.tasks.append(
            Task(slugs[row["tenant_id"]], row["id"], row["cause"], row["subject"], row["system"] or "", str(row["golden_id"] or ""), row["reason"])
        )
    row = await connection.fetchrow(QUIET)
    found.stuck = [f"{count} {name} are not done although nothing moves" for name, count in dict(row).items() if count]
    found.stuck += [
        f"a lane of {row['name']} is {row['state']}: {row['entity']} {row['golden_id']} wants {row['wanted_version']}, has {row['delivered_version']} {row['reason']}"
        for row in await connection.fetch(
            "SELECT s.name, l.* FROM hub.lane l JOIN hub.subscription s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id "
            "WHERE l.state NOT IN ('idle', 'waiting', 'parked') AND s.state = 'active' LIMIT 10"
        )
    ]
    found.stuck += [
        f"a lane of {row['name']} is parked: {row['reason']}"
        for row in await connection.fetch(
            "SELECT s.name, l.reason FROM hub.lane l JOIN hub.subscription s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id "
            "WHERE l.state = 'parked' AND s.state = 'active'"
        )
    ]
