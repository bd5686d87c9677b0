"""What a restored database must show before anybody enters it: sequences ahead, policies forced, triggers and indexes whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from hub.backup.base import Progress


@dataclass(frozen=True, slots=True)
class Examined:
    """Rows per table, and what is wrong, in words."""

    rows: Mapping[str, int]
    problems: tuple[str, ...]


async def examine(connection: asyncpg.Connection, progress: Progress) -> Examined:
    """Count every table and look at what hangs on them, as superuser or owner."""
    tables = [row["name"] for row in await connection.fetch(TABLES)]
    rows = {}
    for place, name in enumerate(tables, 1):
        rows[name] = int(await connection.fetchval(f"SELECT count(*) FROM {name}"))
        progress("counting", place / len(tables))
    return Examined(rows, tuple(await _problems(connection)))


async def _problems(connection: asyncpg.Connection) -> list[str]:
    found = []
    for row in await connection.fetch(SEQUENCES):
        last = await connection.fetchval(f"SELECT max({row['column']}) FROM {row['table']}")
        if last is not None and (row["last_value"] or 0) < last:
            found.append(f"sequence of {row['table']}.{row['column']} stands at {row['last_value']}, behind {last}")
    found += [f"row-level security is not forced on {row[0]}" for row in await connection.fetch(UNFORCED)]
    found += [f"no policy binds {row[0]}" for row in await connection.fetch(UNBOUND)]
    found += [f"a trigger of {row[0]} is off" for row in await connection.fetch(TRIGGERS)]
    found += [f"index {row[0]} is invalid: REINDEX it" for row in await connection.fetch(INVALID)]
    found += [f"collation of {row[0]} was version {row[1]}, and is {row[2]} here: REINDEX DATABASE" for row in await connection.fetch(COLLATIONS)]
    return found


OURS = "('hub'::regnamespace, 'golden'::regnamespace)"
TABLES = f"SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace IN {OURS} ORDER BY 1"
SEQUENCES = f"""
SELECT t.oid::regclass::text AS table, quote_ident(a.attname) AS column, q.last_value
  FROM pg_depend d
  JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
  JOIN pg_class t ON t.oid = d.refobjid AND t.relnamespace IN {OURS}
  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
  JOIN pg_sequences q ON q.schemaname = s.relnamespace::regnamespace::text AND q.sequencename = s.relname
 WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('i', 'a')
"""
UNFORCED = f"SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace IN {OURS} AND NOT (relrowsecurity AND relforcerowsecurity)"
UNBOUND = f"""
SELECT oid::regclass::text FROM pg_class
 WHERE relkind IN ('r', 'p') AND relnamespace IN {OURS} AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid)
"""
TRIGGERS = f"SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE c.relnamespace IN {OURS} AND tgenabled = 'D'"
INVALID = f"SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE c.relnamespace IN {OURS} AND NOT (indisvalid AND indisready)"
COLLATIONS = """
SELECT datname, datcollversion, pg_database_collation_actual_version(oid) FROM pg_database
 WHERE datname = current_database() AND datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid) AND datcollversion IS NOT NULL
"""
