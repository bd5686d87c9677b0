"""``hub export``: every row of an entity into a file, with a progress bar; what broke goes on where it stopped.

While it grows the file is called ``<out>.part``; beside it ``<out>.part.json`` says what was asked, how many bytes are whole
and behind which row to go on. It gets its name when it is complete.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import asyncpg

from hub.api.access import Principal, Role
from hub.api.export.asked import Asked, Format, entity_of, format_of, typed_filter
from hub.api.export.encode import encoder
from hub.api.export.stream import Exporter
from hub.api.export.written import estimate
from hub.errors import RequestError, SetupError
from hub.flows.tenants import need_tenant
from hub.settings import Settings
from hub.store.pool import TenantPool
from schema.language import EntityMeta

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line says."""

    entities: str
    filter: str = ""
    columns: str = ""
    format: str = "ndjson"
    out: Path | None = None
    tenant: str = "north"
    role: str = "reader"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file is: whole bytes, rows, and the id of the last whole row."""

    size_bytes: int = 0
    rows: int = 0
    cursor: str = ""


async def main(settings: Settings, wish: Wish) -> int:
    """Write the file, or standard output. Raises :class:`RequestError` for what cannot be exported."""
    asked = understood(wish)
    pool = TenantPool(settings.need("api_url"), 2, "hub-export")
    try:
        principal = await _principal(settings, wish)
        exporter = Exporter(pool)
        if wish.out is None:
            await _run(exporter, principal, asked, sys.stdout.buffer, None, Progress(), None)
        else:
            rows = await _into(exporter, principal, asked, wish.out, await _expected(pool, principal, asked))
            print(f"{wish.out}: {rows:,} {wish.entities}.", file=sys.stderr)
    finally:
        await pool.close()
    return 0


def understood(wish: Wish) -> Asked:
    """The command's words as an export."""
    meta = entity_of(wish.entities)
    columns = tuple(name.strip() for name in wish.columns.split(",") if name.strip()) or None
    return Asked(meta, _filter(meta, wish.filter) if wish.filter else None, columns, format_of(wish.format))


def _filter(meta: EntityMeta, text: str) -> Mapping[str, Any] | None:
    """A filter as the schema takes it. The schema is made here, since that takes a second and most need none."""
    from hub.api.schema import build

    try:
        return typed_filter(build()._schema, meta, json.loads(text))
    except json.JSONDecodeError as error:
        raise RequestError("BAD_INPUT", f"--filter is not JSON: {error.msg} at column {error.colno}", field="filter") from error


async def _principal(settings: Settings, wish: Wish) -> Principal:
    if wish.role not in list(Role):
        raise RequestError("UNKNOWN_ROLE", f"{wish.role!r} is no role; roles are {', '.join(Role)}", field="role")
    connection = await asyncpg.connect(settings.need("worker_url"))
    try:
        tenant_id = await need_tenant(connection, wish.tenant, "tenant")
    finally:
        await connection.close()
    return Principal(tenant_id, wish.tenant, NOBODY, Role(wish.role), "hub export")


async def _expected(pool: TenantPool, principal: Principal, asked: Asked) -> int:
    """About how many rows there are, for the bar."""
    bound = estimate(asked.plan(principal))
    async with pool.tenant(principal.tenant_id) as connection:
        explained = await connection.fetchval(bound.sql, *bound.values)
    told: list[dict[str, Any]] = json.loads(explained) if isinstance(explained, str) else explained
    return int(told[0]["Plan"]["Plan Rows"])


async def _into(exporter: Exporter, principal: Principal, asked: Asked, out: Path, expected: int) -> int:
    """A file, gone on with if an earlier try of the same export left one."""
    part, note = out.with_name(out.name + ".part"), out.with_name(out.name + ".part.json")
    name = _name(principal, asked)
    had = _had(part, note, name) if asked.format in (Format.NDJSON, Format.CSV) else Progress()
    try:
        with part.open("r+b" if had.size_bytes else "wb") as file, _bar(expected, had.rows) as advance:
            file.truncate(had.size_bytes)
            file.seek(had.size_bytes)
            rows = await _run(exporter, principal, asked, file, advance, had, lambda now: _remember(note, name, now))
            file.flush()
            os.fsync(file.fileno())
    except ConnectionError:  # the database's; the file can be gone on with
        raise
    except OSError as error:
        raise SetupError(f"{part} cannot be written: {error.strerror}") from error
    part.replace(out)
    note.unlink(missing_ok=True)
    return rows


async def _run(
    exporter: Exporter, principal: Principal, asked: Asked, file: IO[bytes], advance: Any, had: Progress, remember: Any
) -> int:
    """Write the rows behind those we have; answers how many the file has then."""
    resumed = replace(asked, after=UUID(had.cursor) if had.cursor else None)
    made = encoder(resumed.chosen(principal), resumed.format, is_resumed=resumed.after is not None)
    size, rows = had.size_bytes, had.rows
    async with exporter.begin(principal, resumed, made) as export:
        async for piece in export.pieces():
            file.write(piece.body)
            size, rows = size + len(piece.body), had.rows + piece.rows
            if remember is not None and piece.cursor is not None:
                file.flush()
                remember(Progress(size, rows, str(piece.cursor)))
            if advance is not None:
                advance(rows)
    file.flush()
    return rows


def _name(principal: Principal, asked: Asked) -> str:
    """Names what was asked, so that no file goes on with another export's rows."""
    said = [principal.tenant_id, principal.role, asked.meta.name, asked.filter, asked.columns, asked.format]
    return hashlib.sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()


def _had(part: Path, note: Path, name: str) -> Progress:
    """How far an earlier try of the same export came; nothing when there is none."""
    try:
        said: Mapping[str, Any] = json.loads(note.read_text())
        there = part.stat().st_size
    except (OSError, json.JSONDecodeError):
        return Progress()
    if said.get("export") != name or there < said["size_bytes"]:
        return Progress()
    return Progress(said["size_bytes"], said["rows"], said["cursor"])


def _remember(note: Path, name: str, now: Progress) -> None:
    """Replace the note at once: a half-written one would lose everything."""
    said = {"export": name, "size_bytes": now.size_bytes, "rows": now.rows, "cursor": now.cursor}
    beside = note.with_name(note.name + "~")
    beside.write_text(json.dumps(said))
    beside.replace(note)


@contextmanager
def _bar(expected: int, had: int) -> Iterator[Any]:
    """A bar on standard error where somebody looks at it; what is called with the rows so far."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    with Bar(BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("rows", total=max(expected, had), completed=had)
        yield lambda rows: bar.update(task, completed=rows, total=max(expected, rows))
