"""``hub bi-login``: a PostgreSQL login for a BI tool, bound to one tenant's views of schema ``bi``.

The login's name says nothing, since every login of a server can list the others. Which tenant it sees stands in
``hub.bi_login``, which it cannot read; nothing it can set in its session changes that.
"""

from __future__ import annotations

import asyncio
import secrets
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from hub.errors import RequestError
from hub.settings import Settings

STATEMENT_TIMEOUT = "10min"
MOST_CONNECTIONS = 10
TRIES = 30
"""How often a role is tried to be dropped, every 0.1 s: a connection that was ended takes a moment to go."""

_SETTINGS = (
    f"SET statement_timeout = '{STATEMENT_TIMEOUT}'", "SET idle_in_transaction_session_timeout = '60s'", "SET search_path = 'bi'",
    "SET default_transaction_read_only = on", "SET timezone = 'UTC'",
)  # fmt: skip

_TERMINATE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE usename = $1 AND pg_has_role(current_user, 'pg_signal_backend', 'USAGE')
"""


async def give(settings: Settings, tenant: str, name: str, *, confidential: bool = False) -> str:
    """The new login's address, with its password; an earlier login of this name ends. Raises :class:`RequestError`."""
    if not name.strip():
        raise RequestError("NAME_REQUIRED", "say whose login it is, with --name", field="name")
    role, password = f"hub_bi_{secrets.token_hex(6)}", secrets.token_urlsafe(24)
    address = settings.need("database_url")
    connection = await asyncpg.connect(address)
    try:
        tenant_id = await _tenant(connection, tenant)
        async with connection.transaction():
            former = await _revoke(connection, tenant_id, name)
            await _execute(connection, "CREATE ROLE %I LOGIN PASSWORD %L CONNECTION LIMIT " + str(MOST_CONNECTIONS), role, password)
            await _execute(connection, "GRANT %I TO %I", "hub_bi_confidential" if confidential else "hub_bi", role)
            for setting in _SETTINGS:
                await _execute(connection, f"ALTER ROLE %I {setting}", role)
            await connection.execute("SET LOCAL ROLE hub_worker")
            await connection.execute(
                "INSERT INTO hub.bi_login (tenant_id, role, name, sees_confidential) VALUES ($1, $2, $3, $4)",
                tenant_id, role, name, confidential,
            )  # fmt: skip
        await _drop(connection, former)
    finally:
        await connection.close()
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password, safe='')}@{parts.netloc.rpartition('@')[2]}"))


async def end(settings: Settings, tenant: str, name: str) -> int:
    """End the logins of this name, also those that are in; answers how many."""
    connection = await asyncpg.connect(settings.need("database_url"))
    try:
        tenant_id = await _tenant(connection, tenant)
        async with connection.transaction():
            gone = await _revoke(connection, tenant_id, name)
        await _drop(connection, gone)
        return len(gone)
    finally:
        await connection.close()


async def _tenant(connection: asyncpg.Connection, slug: str) -> int:
    async with connection.transaction():
        await connection.execute("SET LOCAL ROLE hub_worker")
        known = {row["slug"]: int(row["id"]) for row in await connection.fetch("SELECT id, slug FROM hub.tenant")}
    if slug not in known:
        raise RequestError("UNKNOWN_TENANT", f"there is no tenant {slug!r}; known are {', '.join(sorted(known)) or 'none'}", field="tenant")
    return known[slug]


async def _revoke(tx: asyncpg.Connection, tenant_id: int, name: str) -> list[str]:
    """Logins of this name see nothing from now on, not even in an open connection, and cannot come in again."""
    await tx.execute("SET LOCAL ROLE hub_worker")
    gone = await tx.fetch("DELETE FROM hub.bi_login WHERE tenant_id = $1 AND name = $2 RETURNING role", tenant_id, name)
    await tx.execute("RESET ROLE")
    known = [row["rolname"] for row in await tx.fetch("SELECT rolname FROM pg_roles WHERE rolname = ANY ($1)", [row["role"] for row in gone])]
    for role in known:
        await _execute(tx, "ALTER ROLE %I NOLOGIN", role)
    return [row["role"] for row in gone]


async def _drop(connection: asyncpg.Connection, roles: list[str]) -> None:
    """Remove revoked logins. One whose open connection cannot be ended keeps its empty role: temporary objects hold it."""
    for role in roles:
        await connection.execute(_TERMINATE, role)
        for _ in range(TRIES):
            try:
                await _execute(connection, "DROP ROLE IF EXISTS %I", role)
                break
            except asyncpg.DependentObjectsStillExistError:
                await asyncio.sleep(0.1)


async def _execute(tx: asyncpg.Connection, pattern: str, *names: str) -> None:
    """A statement that takes no parameters, with names and literals quoted by PostgreSQL itself."""
    marks = ", ".join(f"${number}::text" for number in range(2, len(names) + 2))
    await tx.execute(await tx.fetchval(f"SELECT format($1, {marks})", pattern, *names))
