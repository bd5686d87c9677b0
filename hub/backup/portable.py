"""A portable copy: every table in one snapshot as PostgreSQL's COPY text, for any PostgreSQL and any owner.

The schema is not in it; the migrations make it at the revision the copy names. So it goes from an embedded server to a
served one, to another major version, and to an owner who is no superuser. Secrets in it are as encrypted as in the rows.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import asyncpg

from hub.backup.base import Progress
from hub.backup.place import instant, read, write
from hub.errors import BackupError
from hub.flows.restored import Restored, mark_all
from hub.migrate import migrate
from hub.settings import Settings
from hub.store.pool import prepare

FORM = 1
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the copy: its columns in the order of the file, rows, and the checksum of the file."""

    name: str
    columns: Sequence[str]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy as a whole; ``at`` is the instant of its snapshot."""

    path: Path
    at: datetime
    tables: int
    rows: int


def is_portable(folder: Path) -> bool:
    return (folder / "portable.json").exists()


async def dump(settings: Settings, folder: Path, progress: Progress) -> Copied:
    """Write a copy of everything, as of one instant, beside whatever runs. Raises :class:`BackupError` for a folder in use."""
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = await asyncpg.connect(settings.need("worker_url"), server_settings={"application_name": "hub-backup", "statement_timeout": "0"})
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            at = await connection.fetchval("SELECT clock_timestamp()")
            shapes = await connection.fetch(SHAPES)
            revision = await _revision(settings)
            tables = []
            for place, shape in enumerate(shapes, 1):
                tables.append(await _dump_table(connection, folder, shape["name"], list(shape["columns"])))
                progress("copying", place / len(shapes))
            sequences = {row["name"]: row["last_value"] for row in await connection.fetch(SEQUENCES)}
    finally:
        await connection.close()
    document = {
        "form": FORM, "at": at.isoformat(), "revision": revision, "tables": [asdict(one) for one in tables], "sequences": sequences,
    }  # fmt: skip
    write(folder / "portable.json", document)
    return Copied(folder, at, len(tables), sum(one.rows for one in tables))


async def _revision(settings: Settings) -> str:
    """Where the schema stands; only its owner reads that."""
    connection = await asyncpg.connect(settings.need("database_url"))
    try:
        return str(await connection.fetchval("SELECT version_num FROM public.alembic_version"))
    finally:
        await connection.close()


async def _dump_table(connection: asyncpg.Connection, folder: Path, name: str, columns: list[str]) -> Table:
    with gzip.open(folder / f"{name}.copy.gz", "wb", compresslevel=1) as out:
        pieces = _Pieces(out)
        status = await connection.copy_from_query(f"SELECT {_listed(columns)} FROM {name}", output=pieces.take, format="text")
        pieces.flush()
    return Table(name, columns, int(status.split()[-1]), pieces.digest.hexdigest())


class _Pieces:
    """COPY comes a row at a time; it is hashed and packed a piece at a time."""

    def __init__(self, out: gzip.GzipFile) -> None:
        self._out, self._held, self.digest = out, bytearray(), hashlib.sha256()

    async def take(self, data: bytes) -> None:
        self._held.extend(data)
        if len(self._held) >= _PIECE:
            await asyncio.to_thread(self.flush)

    def flush(self) -> None:
        self.digest.update(self._held)
        self._out.write(self._held)
        self._held.clear()


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


SHAPES = """
SELECT c.oid::regclass::text AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
 WHERE c.relkind = 'r' AND c.relnamespace IN ('hub'::regnamespace, 'golden'::regnamespace)
 GROUP BY c.oid
 ORDER BY 1
"""
SEQUENCES = """
SELECT format('%I.%I', schemaname, sequencename) AS name, last_value
  FROM pg_sequences
 WHERE schemaname IN ('hub', 'golden') AND last_value IS NOT NULL
"""


# and back


async def load(settings: Settings, folder: Path, progress: Progress) -> Copied:
    """Put a copy into an empty database: the schema at its revision, the rows, then this build's schema and the mark.

    Rows are counted and files checked against what the copy says; nothing stays when they differ. Raises
    :class:`BackupError`.
    """
    told = read(folder / "portable.json")
    if told is None or told.get("form") != FORM:
        raise BackupError(f"{folder} holds no portable copy that this build reads")
    tables = [Table(**one) for one in told["tables"]]
    at = instant(told["at"])
    await migrate(settings, told["revision"])
    connection = await asyncpg.connect(settings.need("database_url"), server_settings={"application_name": "hub-restore"})
    try:
        await prepare(connection)
        await connection.execute("SET statement_timeout = 0")
        if await connection.fetchval("SELECT EXISTS (SELECT FROM hub.tenant)"):
            raise BackupError("the database holds tenants already: a copy goes into an empty one")
        async with connection.transaction():
            await _load_all(connection, folder, tables, progress)
            for name, value in told["sequences"].items():
                await connection.execute("SELECT setval(CAST($1::text AS regclass), $2)", name, value)
        for schema_ in ("hub", "golden"):
            for row in await connection.fetch("SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = $1", schema_):
                await connection.execute(f"ANALYZE {row['name']}")
    finally:
        await connection.close()
    await migrate(settings)
    worker = await asyncpg.connect(settings.need("worker_url"))
    try:
        await prepare(worker)
        async with worker.transaction():
            await mark_all(worker, Restored(at, "dump"))
    finally:
        await worker.close()
    return Copied(folder, at, len(tables), sum(one.rows for one in tables))


async def _load_all(tx: asyncpg.Connection, folder: Path, tables: Sequence[Table], progress: Progress) -> None:
    """Every table's rows, without its indexes in the way; for the transaction row-level security does not bind the
    owner, and triggers rest: what they wrote is among the rows."""
    is_superuser = await tx.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if is_superuser:
        await tx.execute("SET LOCAL session_replication_role = replica")  # one snapshot's rows refer to each other rightly
    indexes = await tx.fetch(INDEXES)
    for row in indexes:
        await tx.execute(f"DROP INDEX {row['name']}")
    for table in tables:
        await tx.execute(f"ALTER TABLE {table.name} NO FORCE ROW LEVEL SECURITY, DISABLE TRIGGER USER")
    order = {name: place for place, name in enumerate(await _parents_first(tx))}
    done, whole = 0, sum(one.rows for one in tables) or 1
    for table in sorted(tables, key=lambda one: order.get(one.name, 0)):
        await _load_table(tx, folder, table)
        done += table.rows
        progress("loading", 0.8 * done / whole)
    await tx.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for place, row in enumerate(indexes, 1):
        await tx.execute(row["definition"])
        progress("loading", 0.8 + 0.2 * place / len(indexes))
    for table in tables:
        await tx.execute(f"ALTER TABLE {table.name} FORCE ROW LEVEL SECURITY, ENABLE TRIGGER USER")


async def _load_table(tx: asyncpg.Connection, folder: Path, table: Table) -> None:
    digest = hashlib.sha256()

    async def pieces() -> AsyncIterator[bytes]:
        with gzip.open(folder / f"{table.name}.copy.gz", "rb") as file:
            while piece := await asyncio.to_thread(file.read, _PIECE):
                digest.update(piece)
                yield piece

    schema_, _, name = table.name.partition(".")
    try:
        status = await tx.copy_to_table(name.strip('"'), schema_name=schema_, columns=list(table.columns), source=pieces(), format="text")
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        raise BackupError(f"{table.name}.copy.gz is damaged") from error
    except asyncpg.PostgresError as error:
        raise BackupError(f"{table.name}.copy.gz does not fit the table ({type(error).__name__})") from error
    if digest.hexdigest() != table.sha256 or int(status.split()[-1]) != table.rows:
        raise BackupError(f"{table.name}.copy.gz is damaged: checksum or count of rows differ")


async def _parents_first(tx: asyncpg.Connection) -> list[str]:
    """Tables so that what one refers to, other than deferred, comes before it."""
    edges = [(row["child"], row["parent"]) for row in await tx.fetch(EDGES)]
    names = [row["name"] for row in await tx.fetch(SHAPES)]
    ordered: list[str] = []
    while len(ordered) < len(names):
        free = [n for n in names if n not in ordered and all(p in ordered or p == n for c, p in edges if c == n)]
        if not free:
            raise BackupError("tables refer to each other in a circle")
        ordered += free
    return ordered


INDEXES = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
  FROM pg_index i
  JOIN pg_class t ON t.oid = i.indrelid AND t.relnamespace IN ('hub'::regnamespace, 'golden'::regnamespace)
 WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""
EDGES = """
SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent
  FROM pg_constraint
 WHERE contype = 'f' AND NOT condeferrable AND connamespace IN ('hub'::regnamespace, 'golden'::regnamespace)
"""
