"""What the doctor asks of a running database: locks, sequences, indexes, archives, sealed secrets, the sealed trail, what stands still."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import asyncpg

from hub.doctor_findings import Finding, fine, problem, warning
from hub.errors import SecretError
from hub.settings import Settings
from hub.store import secrets

KEPT_BYTES = 5_000_000_000
"""Log a replication slot may keep back before somebody is told."""


async def advisory_locks(connection: asyncpg.Connection) -> Finding:
    """Locks of the hub end with their transactions: one whose holder is gone, or does nothing, blocks whoever waits for it."""
    rows = await connection.fetch(
        """
        SELECT l.pid, l.classid, l.objid, a.application_name, extract(epoch FROM now() - a.state_change)::int AS seconds
          FROM pg_locks l
          LEFT JOIN pg_stat_activity a ON a.pid = l.pid
         WHERE l.locktype = 'advisory' AND l.granted
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND (a.pid IS NULL OR a.state LIKE 'idle%' AND a.state_change < now() - interval '30 s')
        """
    )
    if rows:
        which = ", ".join(
            f"({row['classid']}, {row['objid']}) of " + (f"pid {row['pid']} ({row['application_name']}, idle for {row['seconds']} s)" if row["seconds"] is not None else "nobody alive")
            for row in rows
        )
        return problem(f"Advisory locks are held by nobody who works: {which}.", "SELECT pg_terminate_backend(pid); of a prepared transaction: ROLLBACK PREPARED.")
    return fine("No advisory lock is held by nobody.")


async def sequences(connection: asyncpg.Connection) -> Finding:
    """A sequence behind its table gives ids that are taken: it was restored or filled by hand."""
    rows = await connection.fetch(
        """
        SELECT a.attrelid::regclass::text AS table, a.attname AS column, pg_get_serial_sequence(a.attrelid::regclass::text, a.attname) AS sequence
          FROM pg_attribute a
          JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND c.relnamespace IN ('hub'::regnamespace, 'golden'::regnamespace)
         WHERE a.attidentity <> '' AND NOT a.attisdropped
         ORDER BY 1
        """
    )
    behind = []
    for row in rows:
        top = "SELECT max({column}) FROM {table}"
        if row["table"] != "hub.tenant":  # by the primary key, tenant by tenant, not through the whole table
            top = "SELECT max(m.id) FROM hub.tenant t CROSS JOIN LATERAL (SELECT max(x.{column}) AS id FROM {table} x WHERE x.tenant_id = t.id) AS m"
        most = await connection.fetchval(top.format(**row)) or 0
        last = await connection.fetchval(f"SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {row['sequence']}")
        if last < most:
            behind.append(f"{row['table']} (at {last}, the table at {most})")
    if behind:
        return problem(f"Sequences are behind their tables: {', '.join(behind)}.", "SELECT setval(pg_get_serial_sequence('…', 'id'), (SELECT max(id) FROM …)) on each.")
    return fine("Every sequence is ahead of its table.")


async def indexes(connection: asyncpg.Connection) -> Finding:
    names = await connection.fetchval(
        """
        SELECT string_agg(i.indexrelid::regclass::text, ', ' ORDER BY i.indexrelid::regclass::text)
          FROM pg_index i
          JOIN pg_class c ON c.oid = i.indexrelid
         WHERE NOT (i.indisvalid AND i.indisready) AND c.relnamespace IN ('hub'::regnamespace, 'golden'::regnamespace)
           AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)
        """
    )
    if names:
        return problem(f"Indexes are invalid: {names}.", "REINDEX INDEX CONCURRENTLY on each; one that was broken off is never used.")
    return fine("Every index is valid.")


async def triggers(connection: asyncpg.Connection) -> Finding:
    names = await connection.fetchval(
        """
        SELECT string_agg(t.tgrelid::regclass || '.' || t.tgname, ', ' ORDER BY t.tgrelid::regclass::text, t.tgname)
          FROM pg_trigger t
          JOIN pg_class c ON c.oid = t.tgrelid
         WHERE t.tgenabled NOT IN ('O', 'A') AND c.relnamespace IN ('hub'::regnamespace, 'golden'::regnamespace)
        """
    )
    if names:
        return problem(f"Triggers are switched off: {names}.", "ALTER TABLE … ENABLE TRIGGER …; foreign keys and seals depend on them.")
    return fine("No trigger is switched off.")


async def archive(connection: asyncpg.Connection) -> Finding:
    row = await connection.fetchrow(
        """
        SELECT current_setting('archive_mode') AS mode, failed_count, last_failed_wal, last_failed_time,
               coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) AS is_failing
          FROM pg_stat_archiver
        """
    )
    if row["mode"] != "off" and row["is_failing"]:
        return problem(f"The log is not archived since {row['last_failed_time']:%Y-%m-%d %H:%M} UTC (file {row['last_failed_wal']}).", "See the archive's folder and PostgreSQL's log; until then the log fills the disk.")
    return fine("The log is archived." if row["mode"] != "off" else "The log is not archived; hub backup keeps it where it is asked to.")


async def slots(connection: asyncpg.Connection) -> Finding:
    rows = await connection.fetch(
        """
        SELECT slot_name, active, coalesce(wal_status, '') AS status,
               CASE WHEN pg_is_in_recovery() THEN 0 ELSE coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0) END::bigint AS kept
          FROM pg_replication_slots
        """
    )
    bad = [f"{row['slot_name']} ({row['status'] or 'unused'}, {row['kept'] // 1_000_000} MB)" for row in rows if row["status"] in ("unreserved", "lost") or not row["active"] and row["kept"] > KEPT_BYTES]
    if bad:
        return problem(f"Replication slots keep back the log, or lost it: {', '.join(bad)}.", "Start whoever reads them, or SELECT pg_drop_replication_slot(name).")
    return fine(f"{len(rows)} replication slots, none behind." if rows else "There is no replication slot to keep the log back.")


async def age(connection: asyncpg.Connection) -> Finding:
    transactions = int(await connection.fetchval("SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()"))
    if transactions > 1_000_000_000:
        return problem(f"Autovacuum is {transactions:,} transactions behind; PostgreSQL stops at two billion.", "See what holds it up: long transactions, slots, autovacuum switched off.")
    return fine("Autovacuum keeps up.")


async def sequencing(connection: asyncpg.Connection) -> Finding:
    row = await connection.fetchrow(
        """
        SELECT count(*) AS count, coalesce(extract(epoch FROM now() - min(c.at)), 0)::int AS seconds
          FROM hub.feed_head h
          JOIN hub.change c ON c.tenant_id = h.tenant_id AND c.id > h.floor_id
                           AND c.xid >= pg_snapshot_xmax(h.seen) AND c.xid < pg_snapshot_xmax(pg_current_snapshot())
        """
    )
    if row["count"] and row["seconds"] > 60:
        return problem(f"{row['count']} changes have no position in the feed, the oldest for {row['seconds']} s.", "See that 'hub work --only deliver' runs, and read its log.")
    return fine("Every change has its position in the feed, or gets it now.")


async def reconsidering(connection: asyncpg.Connection) -> Finding:
    row = await connection.fetchrow("SELECT count(*) AS count, coalesce(extract(epoch FROM now() - min(due_at)), 0)::int AS seconds FROM hub.reconsider WHERE due_at <= now()")
    if row["count"] and row["seconds"] > 300:
        return problem(f"{row['count']} golden records are due to be computed again, the oldest for {row['seconds']} s.", "See that 'hub work --only ingest' runs, and read its log.")
    return fine(f"{row['count']} golden records are due to be computed again, none for long.")


async def seals(connection: asyncpg.Connection) -> Finding:
    """The trail is sealed within minutes, and was whole when it was looked through last."""
    row = await connection.fetchrow(
        """
        SELECT string_agg(t.slug || ': ' || left(h.finding, 200), '; ') FILTER (WHERE h.finding <> '') AS found,
               sum(coalesce(f.position, 0) - h.position) AS behind,
               (SELECT count(*) FROM hub.seal_due) AS due,
               max(extract(epoch FROM now() - s.made_at))::int AS seconds
          FROM hub.seal_head h
          JOIN hub.tenant t ON t.id = h.tenant_id
          LEFT JOIN hub.feed_head f ON f.tenant_id = h.tenant_id
          LEFT JOIN hub.seal s ON s.tenant_id = h.tenant_id AND s.id = h.seal_id
        """
    )
    if row["found"]:
        return problem(f"The sealed trail was altered: {row['found']}.", "Run 'hub audit verify'; keep what it says, and find who wrote to the database.")
    if (row["behind"] or row["due"]) and (row["seconds"] or 0) > 900:
        return warning(f"{(row['behind'] or 0) + row['due']} entries of the trail are not sealed, the newest seal is {row['seconds']} s old.", "See that the workers run, and their log for 'watch_failed'.")
    return fine("The trail is sealed.")


async def alerts(connection: asyncpg.Connection) -> Finding:
    rows = await connection.fetch(
        """
        SELECT t.slug, a.reason
          FROM hub.task a
          JOIN hub.tenant t ON t.id = a.tenant_id
         WHERE a.cause = 'alert' AND a.state = 'open'
         ORDER BY a.priority, a.id
         LIMIT 20
        """
    )
    if rows:
        return warning("Alerts are open: " + "; ".join(f"{row['slug']}: {row['reason']}" for row in rows) + ".", "They say in the queue what to do.")
    return fine("No alert is open.")


async def secret_keys(connection: asyncpg.Connection, settings: Settings) -> Finding:
    """Which keys stored secrets lie under, by the names they carry; one we do not have makes them useless."""
    columns = await connection.fetch(
        """
        SELECT format('%I.%I', table_schema, table_name) AS table, column_name AS column
          FROM information_schema.columns
         WHERE table_schema = 'hub' AND data_type = 'bytea' AND column_name IN ('secret', 'secrets', 'sealed')
         ORDER BY 1, 2
        """
    )
    counts: dict[str, int] = {}
    for row in columns:
        sql = f"SELECT encode(substr({row['column']}, 2, 4), 'hex') AS name, count(*) AS count FROM {row['table']} WHERE get_byte({row['column']}, 0) = 1 AND length({row['column']}) > 33 GROUP BY 1"
        for found in await connection.fetch(sql):
            counts[found["name"]] = counts.get(found["name"], 0) + found["count"]
    if settings.secret_key is None:
        return warning("HUB_SECRET_KEY is not set here, so nobody can say whether it opens what is stored.", "Set it for the doctor too.") if counts else fine("No secret is stored.")
    ours = key_name(settings.secret_key)
    former = {key_name(one) for one in settings.secret_keys[1:]}
    told = ", ".join(f"{name} ({count} secrets{', in use' if name == ours else ', former' if name in former else ''})" for name, count in sorted(counts.items()))
    if unknown := sorted(counts.keys() - {ours} - former):
        return problem(f"Secrets lie under keys that are not here: {', '.join(unknown)}. All keys: {told}.", "Set the HUB_SECRET_KEY they were stored under, or store them anew.")
    return fine(f"Stored secrets lie under key {told}." if told else f"No secret is stored; the key in use is {ours}.")


def key_name(key: str) -> str:
    """How stored secrets name a key.

    >>> key_name("k") == secrets.encrypt("k", "x", "1/a")[1:5].hex()
    True
    """
    try:
        return secrets.encrypt(key, "", "name")[1:5].hex()
    except SecretError:
        return ""


ON_STATE: tuple[Callable[[asyncpg.Connection], Awaitable[Finding]], ...] = (
    advisory_locks, sequences, indexes, triggers, age, archive, slots, sequencing, reconsidering, seals, alerts,
)  # fmt: skip
