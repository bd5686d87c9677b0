"""Bring a database to the newest form: the login roles first, then alembic's migrations, then the star.

The views of schema ``bi`` are no migration: they are derived from the model and made anew whenever that says something
else. Before pending migrations they are taken away, so that none of these trips over them.

Roles belong to the whole server, so they are made here and not in a migration: ``hub_worker`` (flows),
``hub_api`` (reads through views) and ``hub_examiner`` (reads only). None is a superuser, none bypasses
row-level security, and each has its time-outs. What they may touch is granted by the migrations.
``hub_backup`` may replicate and touch nothing; it is made where the owner may give that away.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from hub import bi_build
from hub.errors import SetupError
from hub.settings import Settings
from hub.store.bi_sql import script
from hub.telemetry import logger
from schema import ENTITIES

log = logger("hub.migrate")

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
TIMEOUTS = {  # role: (statement, lock, idle in transaction)
    "hub_worker": ("60s", "10s", "30s"),
    "hub_api": ("10s", "5s", "10s"),
    "hub_examiner": ("10min", "5s", "60s"),
    "hub_backup": ("0", "5s", "60s"),
}
TRIES = 60
_MET_ANOTHER = ("55P03", "40P01")  # lock not available in time; deadlock
_ONE_AT_A_TIME = 7_140_001  # advisory lock of this database: two deployments may migrate at once


async def migrate(settings: Settings, revision: str = "head") -> None:
    """Make or update roles, schema and star; safe to call again, and by several at once.

    Raises :class:`SetupError` for a database at a revision that this build does not know, and for a star that cannot be
    made anew since something else is built on it.
    """
    guard = await asyncpg.connect(settings.need("database_url"))
    try:
        await guard.execute("SELECT pg_advisory_lock($1)", _ONE_AT_A_TIME)
        await ensure_roles(guard, settings)
        if has_migrations():
            await _upgrade(guard, settings.need("database_url"), revision)
    except CommandError as error:
        raise SetupError(f"{error}. Is this build older than the database? Run the one that migrated it last") from error
    finally:
        await guard.close()


async def _upgrade(guard: asyncpg.Connection, owner_url: str, revision: str) -> None:
    """Alembic's migrations between taking the star away, where there are any, and making it again."""
    known = [one.revision for one in ScriptDirectory.from_config(alembic_config(owner_url)).walk_revisions()]
    is_behind = await _revision(guard) in (None, *known[1:])
    if is_behind:
        await bi_build.drop(guard)
    try:
        await _patiently(owner_url, revision)
    except BaseException:
        if is_behind:
            with suppress(asyncpg.PostgresError, SetupError):  # it may fit already, or still; else the next run makes it
                await bi_build.refresh(guard, script(ENTITIES))
        raise
    if await _revision(guard) == known[0]:
        await bi_build.refresh(guard, script(ENTITIES))


async def _patiently(owner_url: str, revision: str) -> None:
    """Alembic's upgrade; a revision that met a lock for two seconds is undone as a whole and begun again.

    Between the tries whoever waited behind it goes on. Raises :class:`SetupError` after :data:`TRIES` of them.
    """
    for attempt in range(1, TRIES + 1):
        try:
            await asyncio.to_thread(command.upgrade, alembic_config(owner_url), revision)
            return
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _MET_ANOTHER:
                raise
            log.warning("a migration waits for a lock", attempt=attempt)
            if attempt == TRIES:
                raise SetupError("a migration did not get its locks; 'hub doctor' says who holds them. Run it again") from error
            await asyncio.sleep(min(0.2 * attempt, 2.0))


async def _revision(connection: asyncpg.Connection) -> str | None:
    """Where the database stands; None for an empty one."""
    if not await connection.fetchval("SELECT to_regclass('public.alembic_version') IS NOT NULL"):
        return None
    at: str | None = await connection.fetchval("SELECT version_num FROM public.alembic_version")
    return at


async def ensure_roles(connection: asyncpg.Connection, settings: Settings) -> None:
    """Each role exists, can log in with the password its address holds, and can do no more than that."""
    may_replicate = await connection.fetchval(
        "SELECT rolsuper OR (rolcreaterole AND rolreplication) FROM pg_roles WHERE rolname = current_user"
    )
    for role, url in (
        ("hub_worker", settings.worker_url),
        ("hub_api", settings.api_url),
        ("hub_examiner", settings.examiner_url),
        *([("hub_backup", settings.backup_url)] if may_replicate else []),
    ):
        if await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role) is None:
            await connection.execute(f"CREATE ROLE {role}")
        await connection.execute(f"ALTER ROLE {role} LOGIN")
        if await connection.fetchval(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = $1", role
        ):
            await connection.execute(f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS")
        if role == "hub_backup":
            await connection.execute("ALTER ROLE hub_backup REPLICATION")
        password = urlsplit(url).password if url else None
        if password is not None:
            statement = "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)"
            await connection.execute(await connection.fetchval(statement, role, unquote(password)))
        statement_s, lock_s, idle_s = TIMEOUTS[role]
        await connection.execute(f"ALTER ROLE {role} SET statement_timeout = '{statement_s}'")
        await connection.execute(f"ALTER ROLE {role} SET lock_timeout = '{lock_s}'")
        await connection.execute(f"ALTER ROLE {role} SET idle_in_transaction_session_timeout = '{idle_s}'")
        await connection.execute(f"ALTER ROLE {role} SET timezone = 'UTC'")
    if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        await connection.execute(
            "GRANT hub_worker TO CURRENT_USER WITH INHERIT FALSE, SET TRUE"
        )  # it owns the views


def alembic_config(owner_url: str) -> Config:
    """Alembic's settings, in code: there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = owner_url
    return config


def has_migrations() -> bool:
    return any((MIGRATIONS / "versions").glob("*.py"))


def head_revision() -> str | None:
    """The newest revision in this build; None while there is no migration."""
    return ScriptDirectory.from_config(alembic_config("")).get_current_head() if has_migrations() else None
