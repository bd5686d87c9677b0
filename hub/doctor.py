"""``hub doctor``: says in words what is wrong with an installation, and how to mend it.

Each check is a small coroutine that answers with findings; one that cannot look says so as a finding.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial

import asyncpg
from asyncpg.exceptions import PostgresError
from redis import asyncio as redis
from redis.exceptions import RedisError

from hub.doctor_findings import Finding, Verdict, fine, problem, warning
from hub.doctor_state import ON_STATE, secret_keys
from hub.migrate import head_revision
from hub.settings import Settings


async def examine(settings: Settings) -> list[Finding]:
    """Every finding, in the order of need: what comes later may follow from what comes first."""
    findings = [python()]
    try:
        connection = await asyncpg.connect(settings.need("database_url"), timeout=10)
    except (OSError, TimeoutError, PostgresError) as error:
        findings.append(
            problem(
                f"Postgres does not let us in ({type(error).__name__}).",
                "Check HUB_DATABASE_URL and that it runs.",
            )
        )
        return [*findings, await redis_answers(settings)]
    try:
        findings += [await version(connection), await clock(connection), await migrations(connection)]
        findings += await roles(connection, settings)
        for check in (*_ON_TABLES, *ON_STATE):
            findings.append(await _looked(check, connection))
        findings.append(await _looked(partial(secret_keys, settings=settings), connection))
    finally:
        await connection.close()
    return [*findings, await redis_answers(settings)]


def is_healthy(findings: list[Finding]) -> bool:
    return all(finding.verdict is not Verdict.PROBLEM for finding in findings)


def python() -> Finding:
    name = ".".join(map(str, sys.version_info[:3]))
    if sys.hexversion < 0x030B0000:
        return problem(f"Python is {name}.", "Use Python 3.11 or later.")
    return fine(f"Python is {name}.")


async def version(connection: asyncpg.Connection) -> Finding:
    number = int(await connection.fetchval("SHOW server_version_num"))
    if number < 180_000:
        return warning(
            f"PostgreSQL is {number // 10_000}; the hub is measured on 18.", "Upgrade when convenient."
        )
    return fine(f"PostgreSQL is {number // 10_000}.{number % 10_000}.")


async def clock(connection: asyncpg.Connection) -> Finding:
    """The skew is known no better than the question's own round trip."""
    before = time.time()
    theirs = float(await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())"))
    after = time.time()
    skew_s = max(before - theirs, theirs - after, 0.0)
    if skew_s > 1:
        return problem(
            f"Our clock and Postgres' differ by {skew_s:.1f} s.", "Let both machines follow one time server."
        )
    return fine("Our clock and Postgres' agree.")


async def migrations(connection: asyncpg.Connection) -> Finding:
    head = head_revision()
    exists = await connection.fetchval("SELECT to_regclass('public.alembic_version') IS NOT NULL")
    at = await connection.fetchval("SELECT version_num FROM public.alembic_version") if exists else None
    if at != head:
        return problem(
            f"The schema is at revision {at or 'none'}, this build wants {head}.", "Run 'hub migrate'."
        )
    return fine(f"The schema is at revision {head}.")


async def roles(connection: asyncpg.Connection, settings: Settings) -> list[Finding]:
    """Each role exists, is bound by row-level security, and can log in with the address we have for it."""
    rows = await connection.fetch(
        "SELECT rolname, rolsuper OR rolbypassrls AS unbound FROM pg_roles WHERE rolname LIKE 'hub\\_%'"
    )
    unbound = {row["rolname"]: row["unbound"] for row in rows}
    findings = []
    for role in ("hub_worker", "hub_api", "hub_examiner"):
        url = getattr(settings, f"{role.removeprefix('hub_')}_url")
        if role not in unbound:
            findings.append(problem(f"Role {role} does not exist.", "Run 'hub migrate'."))
        elif unbound[role]:
            mend = f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS"
            findings.append(problem(f"Role {role} is above row-level security.", mend))
        elif not await _enters(url):
            variable = f"HUB_{role.removeprefix('hub_').upper()}"
            mend = (
                f"Set {variable}_PASSWORD or {variable}_URL, then run 'hub migrate', which sets the password."
            )
            findings.append(problem(f"Role {role} cannot log in with the address we have.", mend))
        else:
            findings.append(fine(f"Role {role} logs in and is bound by row-level security."))
    return findings


async def row_security(connection: asyncpg.Connection) -> Finding:
    names = await _tables_that(connection, "NOT (c.relrowsecurity AND c.relforcerowsecurity)")
    if names:
        mend = "ALTER TABLE … ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY on each."
        return problem(f"Row-level security is not forced on {names}.", mend)
    return fine("Row-level security is forced on every table.")


async def api_rights(connection: asyncpg.Connection) -> Finding:
    names = await _tables_that(connection, "has_table_privilege('hub_api', c.oid, 'SELECT, INSERT, UPDATE, DELETE')")
    if names:
        return problem(f"Role hub_api reaches tables past its views: {names}.", "REVOKE ALL on them FROM hub_api.")
    return fine("Role hub_api reaches nothing but its views.")


async def _tables_that(connection: asyncpg.Connection, condition: str) -> str | None:
    """Names of our tables (``c``, a row of pg_class) of which a condition is true; None for none."""
    names: str | None = await connection.fetchval(
        f"""
        SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid::regclass::text)
          FROM pg_class c
          JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('hub', 'golden') AND c.relkind IN ('r', 'p') AND {condition}
        """
    )
    return names


async def idle_transactions(connection: asyncpg.Connection) -> Finding:
    rows = await connection.fetch(
        """
        SELECT pid, application_name, extract(epoch FROM now() - state_change)::int AS seconds
          FROM pg_stat_activity
         WHERE state LIKE 'idle in transaction%' AND state_change < now() - interval '30 s'
         ORDER BY state_change
        """
    )
    if rows:
        who = ", ".join(f"pid {row['pid']} ({row['application_name']}, {row['seconds']} s)" for row in rows)
        return problem(
            f"Transactions stand open and idle: {who}.",
            "Find who holds them; SELECT pg_terminate_backend(pid).",
        )
    return fine("No transaction stands open and idle.")


async def unsettled(connection: asyncpg.Connection) -> Finding:
    row = await connection.fetchrow(
        """
        SELECT count(*) AS count, extract(epoch FROM now() - min(i.received_at))::int AS seconds
          FROM hub.inbox_open o
          JOIN hub.inbox i ON i.tenant_id = o.tenant_id AND i.id = o.inbox_id
         WHERE o.due_at <= now()
        """
    )
    if row["count"] and row["seconds"] > 60:
        says = f"{row['count']} messages wait to be folded, the oldest for {row['seconds']} s."
        return problem(says, "See that 'hub work --only ingest' runs, and read its log.")
    return fine(f"{row['count']} messages wait to be folded, none for long.")


async def lanes(connection: asyncpg.Connection) -> Finding:
    rows = await connection.fetch(
        """
        SELECT s.name, count(*) AS count, extract(epoch FROM now() - min(l.updated_at))::int AS seconds
          FROM hub.lane l
          JOIN hub.subscription s ON s.tenant_id = l.tenant_id AND s.id = l.subscription_id
         WHERE s.state = 'active' AND l.task_id IS NULL AND l.updated_at < now() - interval '60 s'
           AND (l.state = 'due' AND l.next_try_at < now() - interval '60 s'
                OR l.state = 'leased' AND l.lease_until < now() - interval '60 s')
         GROUP BY s.name
         ORDER BY s.name
        """
    )
    if rows:
        which = ", ".join(f"{row['name']} ({row['count']} records, {row['seconds']} s)" for row in rows)
        return problem(
            f"Deliveries make no progress: {which}.",
            "See that 'hub work --only deliver' runs, and read its log.",
        )
    return fine("No delivery stands still without a task.")


async def redis_answers(settings: Settings) -> Finding:
    if settings.redis_url is None:
        return warning(
            "The hub runs without Redis: workers poll every sweep.", "Set HUB_REDIS_URL to react sooner."
        )
    try:
        async with redis.Redis.from_url(
            settings.redis_url, socket_connect_timeout=3, socket_timeout=3
        ) as client:
            await client.ping()
    except (RedisError, OSError, TimeoutError) as error:
        says = f"Redis does not answer ({type(error).__name__}); until it does, workers poll and jobs wait."
        return problem(says, "Check HUB_REDIS_URL and that it runs.")
    return fine("Redis answers.")


_ON_TABLES: tuple[Callable[[asyncpg.Connection], Awaitable[Finding]], ...] = (
    row_security,
    api_rights,
    idle_transactions,
    unsettled,
    lanes,
)


async def _looked(
    check: Callable[[asyncpg.Connection], Awaitable[Finding]], connection: asyncpg.Connection
) -> Finding:
    try:
        return await check(connection)
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.UndefinedObjectError):
        what = getattr(check, "__name__", "secret_keys").replace("_", " ")
        return problem(f"Cannot look at {what}: its table or role is missing.", "Run 'hub migrate'.")


async def _enters(url: str | None) -> bool:
    try:
        connection = await asyncpg.connect(url or "", timeout=5)
    except (OSError, TimeoutError, PostgresError, ValueError):
        return False
    await connection.close()
    return True
