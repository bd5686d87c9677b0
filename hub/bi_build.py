"""Making the star in a database: whenever what the model derives differs from what is there, all of it in one transaction.

What is there is known by a fingerprint in the comment of schema ``bi``. Logins keep their rights, since these are those
of two group roles and are granted again with every view. New words alone are set without dropping anything.
"""

from __future__ import annotations

import asyncpg

from hub.errors import SetupError
from hub.store.bi_sql import Script

LOCK_TIMEOUT_S = 3
TRIES = 4
ABOUT = "Star-shaped views for tools that speak SQL; hub migrate makes them anew, so keep your own in a schema of your own. "
_IN_THE_WAY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)

_FOUND = """
    SELECT coalesce(obj_description(n.oid, 'pg_namespace'), '') AS comment,
           array(SELECT relname::text FROM pg_class WHERE relnamespace = n.oid AND relkind = 'v') AS names
      FROM pg_namespace n
     WHERE nspname = 'bi'
"""
_OURS = "relnamespace = 'bi'::regnamespace AND relkind = 'v' AND relowner = 'hub_worker'::regrole"
_BUILT_ON_IT = f"""
    WITH ours AS (SELECT oid, reltype FROM pg_class WHERE {_OURS})
    SELECT DISTINCT coalesce(format('%s', u.oid::regclass), pg_describe_object(d.classid, d.objid, d.objsubid)) AS name
      FROM pg_depend d
      LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
      LEFT JOIN pg_class u ON u.oid = r.ev_class
     WHERE d.deptype = 'n'
       AND (d.refclassid = 'pg_class'::regclass AND d.refobjid IN (SELECT oid FROM ours)
         OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (SELECT reltype FROM ours))
       AND (u.oid IS NULL OR u.relpersistence <> 't' AND u.oid NOT IN (SELECT oid FROM ours))
     ORDER BY name
"""
_END_READERS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
     WHERE usename LIKE 'hub\\_bi\\_%' AND datname = current_database() AND pg_has_role(current_user, 'pg_signal_backend', 'USAGE')
       AND pid IN (SELECT l.pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relnamespace = 'bi'::regnamespace)
"""


async def refresh(owner: asyncpg.Connection, wanted: Script) -> bool:
    """Make the star what the model derives; answers whether anything was to do. Raises :class:`SetupError`.

    Does nothing in a database that has no schema ``bi`` yet.
    """
    found = await owner.fetchrow(_FOUND)
    if found is None or (found["comment"].endswith(wanted.fingerprint) and wanted.names <= {*found["names"]}):
        return False
    if f"views {wanted.views_fingerprint} " in found["comment"] and wanted.names <= {*found["names"]}:
        await _in_place_of(owner, wanted.words, wanted.fingerprint, drops=False)
    else:
        await _in_place_of(owner, wanted.views + wanted.words, wanted.fingerprint)
    return True


async def drop(owner: asyncpg.Connection) -> None:
    """Take the star away, so that a migration may drop or retype what its views show; :func:`refresh` brings it back."""
    if await owner.fetchrow(_FOUND) is not None:
        await _in_place_of(owner, "", "none")


async def _in_place_of(owner: asyncpg.Connection, statements: str, fingerprint: str, *, drops: bool = True) -> None:
    """Run statements as the views' owner, instead of the views there are.

    Whoever reads the star holds this up for some seconds at most: then connections of BI tools that do are ended.
    """
    for tried in range(1, TRIES + 1):
        try:
            async with owner.transaction():
                await owner.execute(f"SET LOCAL lock_timeout = '{round(1000 * LOCK_TIMEOUT_S)}ms'; SET LOCAL ROLE hub_worker")
                if drops:
                    await _drop_views(owner)
                await owner.execute(f"{statements}RESET ROLE; COMMENT ON SCHEMA bi IS '{ABOUT}{fingerprint}'")
                return
        except _IN_THE_WAY as error:
            if tried == TRIES:
                raise SetupError("the views of schema bi are being read and cannot be made anew; try again") from error
            await owner.execute(_END_READERS)


async def _drop_views(tx: asyncpg.Connection) -> None:
    """Every view of ours; a BI tool's temporary ones go with them, but nothing that lasts."""
    if others := [row["name"] for row in await tx.fetch(_BUILT_ON_IT)]:
        raise SetupError(f"{', '.join(others)} is built on views of schema bi: drop it, migrate, and make it again")
    names = await tx.fetchval(f"SELECT string_agg(oid::regclass::text, ', ') FROM pg_class WHERE {_OURS}")
    if names:
        await tx.execute(f"DROP VIEW {names} CASCADE")
