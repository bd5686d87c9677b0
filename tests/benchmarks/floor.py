"""The floor: the rows the hub left behind, written again for another tenant by plain set-based statements of 500.

Nothing is read, decided or checked, and what the statements take is prepared beforehand. Every table's final rows are
the same; rows that come and go (``inbox_open``, ``claim``) are not written.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from hub.store.pool import Pool
from hub.store.statements import Connection
from hub.store.tables import golden_columns
from schema import ENTITIES
from tests.benchmarks.workload import BATCH

CLIENT = ENTITIES["client"]
SOURCE = {
    "system": "text", "object": "text", "external_id": "text", "entity": "text", "part": "text", "state": "text",
    "golden_id": "uuid", "role": "text", "values": "jsonb", "held": "jsonb", "raw": "jsonb", "stated": "jsonb",
    "since": "jsonb", "written": "jsonb", "links": "jsonb", "version": "text", "message_id": "bigint", "mapping_version": "text",
}  # fmt: skip
INBOX = {
    "system": "text", "object": "text", "external_id": "text", "idempotency_key": "text", "body": "bytea",
    "is_delete": "boolean", "version": "text", "channel": "text", "actor": "text", "correlation_id": "text",
    "is_backfill": "boolean", "received_at": "timestamptz",
}  # fmt: skip
CHANGE = {
    "entity": "text", "golden_id": "uuid", "version": "integer", "op": "text", "before": "jsonb", "after": "jsonb",
    "cause": "text", "actor": "text", "correlation_id": "text", "message_id": "bigint", "is_backfill": "boolean", "at": "timestamptz",
}  # fmt: skip
KEY = {"entity": "text", "key": "bigint", "golden_id": "uuid"}
GOLDEN = {name: kind for name, kind in golden_columns(CLIENT) if name != "tenant_id"}
VERSION = GOLDEN | {"lineage": "jsonb", "recorded_at": "timestamptz"}
GOLDEN_STATE = {name: kind for name, kind in GOLDEN.items() if name != "created_at"}
SOURCE_STATE = {"id": "bigint"} | dict(list(SOURCE.items())[5:])
"""What an update sets; the key stays."""


@dataclass(frozen=True)
class Step:
    """One statement with its parameters, encoded as far as a client can do it beforehand."""

    sql: str
    arguments: tuple[Any, ...]


Batch = tuple[Step, ...]


async def prepare(pool: Pool, hub_tenant: int, tenant: int, after_inbox: int, after_change: int) -> list[Batch]:
    """What the hub wrote for ``hub_tenant`` since these ids, as batches that write it for ``tenant``."""
    async with pool.acquire() as connection:
        inbox = await connection.fetch(
            f"SELECT id, {_quoted(INBOX)} FROM hub.inbox WHERE tenant_id = $1 AND id > $2 ORDER BY id", hub_tenant, after_inbox
        )
        sources = await _by(connection, "message_id", (
            f"SELECT {_cast(SOURCE, 'text')} FROM hub.source_record WHERE tenant_id = $1 AND message_id > $2"), hub_tenant, after_inbox)
        known = {
            row["external_id"]: row["id"]
            for row in await connection.fetch("SELECT id, external_id FROM hub.source_record WHERE tenant_id = $1", tenant)
        }
        changes = await _by(connection, "message_id", (
            f"SELECT {_cast(CHANGE, 'text')} FROM hub.change WHERE tenant_id = $1 AND id > $2"), hub_tenant, after_change)
        versions = await _by(connection, ("id", "version"), (
            f"SELECT {_cast(VERSION, 'text')} FROM golden.client_version WHERE tenant_id = $1 "
            "AND (id, version) IN (SELECT golden_id, version FROM hub.change WHERE tenant_id = $1 AND id > $2)"), hub_tenant, after_change)
        had = {tuple(row) for row in await connection.fetch("SELECT key, golden_id FROM hub.match_key WHERE tenant_id = $1", tenant)}
        keys: dict[Any, list[dict[str, Any]]] = {}
        for row in await connection.fetch("SELECT entity, key, golden_id FROM hub.match_key WHERE tenant_id = $1", hub_tenant):
            if (row["key"], row["golden_id"]) not in had:
                keys.setdefault(row["golden_id"], []).append(dict(row))
    batches: list[Batch] = []
    for at in range(0, len(inbox), BATCH):
        ids = [row["id"] for row in inbox[at : at + BATCH]]
        mine = [sources[one] for one in ids]
        steps = sorted((changes[one] for one in ids if one in changes), key=lambda row: row["golden_id"])
        whole = [versions[step["golden_id"], step["version"]] for step in steps]
        batches.append(
            _inserted("hub.inbox", INBOX, tenant, inbox[at : at + BATCH])
            + _inserted("hub.source_record", SOURCE, tenant, [row for row in mine if row["external_id"] not in known])
            + _updated("hub.source_record", SOURCE_STATE, tenant, [
                row | {"id": known[row["external_id"]]} for row in mine if row["external_id"] in known
            ], ", updated_at = now()")
            + _inserted("golden.client", GOLDEN, tenant, [row for row in whole if row["version"] == 1])
            + _updated("golden.client", GOLDEN_STATE, tenant, [row for row in whole if row["version"] > 1])
            + _inserted("golden.client_version", VERSION, tenant, whole)
            + _inserted("hub.match_key", KEY, tenant, [key for step in steps for key in keys.get(step["golden_id"], ())])
            + _inserted("hub.change", CHANGE, tenant, steps)
        )
    return batches


async def run(pool: Pool, batches: Sequence[Batch], connections: int) -> float:
    """Write all batches on this many connections, one transaction each; answers the seconds it took."""
    waiting = iter(batches)

    async def writer() -> None:
        async with pool.acquire() as connection:
            for batch in waiting:
                async with connection.transaction():
                    for step in batch:
                        await connection.execute(step.sql, *step.arguments)

    started = time.perf_counter()
    await asyncio.gather(*(writer() for _ in range(connections)))
    return time.perf_counter() - started


async def copy_tenant(connection: Connection, from_tenant: int, tenant: int) -> None:
    """Everything one tenant holds, for another: both sides start from the same rows."""
    for table in ("hub.inbox", "hub.source_record", "golden.client", "golden.client_version", "hub.match_key", "hub.change"):
        names = await connection.fetch(
            "SELECT attname, attidentity <> '' AS made FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped",
            table,
        )  # fmt: skip
        columns = ", ".join(f'"{row["attname"]}"' for row in names if not row["made"] and row["attname"] != "tenant_id")
        order = "ORDER BY id" if any(row["attname"] == "id" for row in names) else ""
        await connection.execute(
            f"INSERT INTO {table} (tenant_id, {columns}) SELECT {tenant}, {columns} FROM {table} WHERE tenant_id = {from_tenant} {order}"
        )


def _inserted(table: str, columns: dict[str, str], tenant: int, rows: Sequence[Any]) -> Batch:
    if not rows:
        return ()
    filled = _filled(columns, rows)
    sql = f"INSERT INTO {table} (tenant_id, {_quoted(filled)}) SELECT $1, {_cast(filled)} FROM {_given(filled)}"
    return (Step(sql, (tenant, *_arrays(filled, rows))),)


def _updated(table: str, columns: dict[str, str], tenant: int, rows: Sequence[Any], also: str = "") -> Batch:
    if not rows:
        return ()
    filled = _filled(columns, rows)
    values = {name: f'g."{name}"' + ("::jsonb" if kind == "jsonb" else "") for name, kind in filled.items()}
    changed = ", ".join(f'"{name}" = {values.get(name, "NULL")}' for name in columns if name != "id")
    sql = f"UPDATE {table} s SET {changed}{also} FROM {_given(filled)} WHERE s.tenant_id = $1 AND s.id = g.id"
    return (Step(sql, (tenant, *_arrays(filled, rows))),)


def _filled(columns: dict[str, str], rows: Sequence[Any]) -> dict[str, str]:
    """Without the columns that are empty in every row: nothing is cheaper than not sending them."""
    return {name: kind for name, kind in columns.items() if any(row[name] is not None for row in rows)}


def _given(columns: dict[str, str]) -> str:
    arrays = ", ".join(f"${at}::{'text' if kind == 'jsonb' else kind}[]" for at, kind in enumerate(columns.values(), 2))
    return f"unnest({arrays}) AS g ({_quoted(columns)})"


def _arrays(columns: dict[str, str], rows: Sequence[Any]) -> list[list[Any]]:
    return [[row[name] for row in rows] for name in columns]


def _quoted(columns: dict[str, str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _cast(columns: dict[str, str], to: str = "jsonb") -> str:
    """The columns with JSON as text, or back: its encoding belongs to the preparation."""
    return ", ".join(f'"{name}"' + (f'::{to} AS "{name}"' if kind == "jsonb" else "") for name, kind in columns.items())


async def _by(connection: Connection, key: str | tuple[str, ...], sql: str, *arguments: Any) -> dict[Any, dict[str, Any]]:
    rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
    if isinstance(key, tuple):
        return {tuple(row[name] for name in key): dict(row) for row in rows}
    return {row[key]: dict(row) for row in rows}
