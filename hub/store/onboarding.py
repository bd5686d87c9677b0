"""Systems that are being added: how far somebody is, and the files they are tried with. Invariant: one row a system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from hub.core.onboarding import Onboarding, from_json
from hub.store.statements import Connection, statements

SQL = statements("onboarding")


@dataclass(frozen=True, slots=True)
class Held:
    """How far a system is, and who went so far."""

    step: str
    state: Onboarding
    updated_by: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class File:
    """What one object's records are tried with. ``is_sample``: fetched to look at, never loaded."""

    object: str
    name: str
    content: bytes
    dialect: Mapping[str, Any]
    is_sample: bool


async def every(tx: Connection, tenant_id: int) -> list[asyncpg.Record]:
    """(system, step, kind, started_by, started_at, updated_by, updated_at, is_connected), the latest first."""
    return await SQL["every"].fetch(tx, tenant=tenant_id)


async def begin(tx: Connection, tenant_id: int, one: Onboarding, actor: str) -> bool:
    """Begin; False when somebody has begun already."""
    return await SQL["start"].value(tx, tenant=tenant_id, system=one.system, state=one.to_json(), actor=actor) is not None


async def lock(tx: Connection, tenant_id: int, system: str) -> Held | None:
    """How far it is, locked to the end of the transaction."""
    return _held(await SQL["lock"].row(tx, tenant=tenant_id, system=system))


async def look(tx: Connection, tenant_id: int, system: str) -> Held | None:
    return _held(await SQL["look"].row(tx, tenant=tenant_id, system=system))


def _held(row: asyncpg.Record | None) -> Held | None:
    return Held(row["step"], from_json(row["state"]), row["updated_by"], row["updated_at"]) if row else None


async def keep(tx: Connection, tenant_id: int, one: Onboarding, step: str, actor: str) -> None:
    await SQL["keep"].run(tx, tenant=tenant_id, system=one.system, state=one.to_json(), step=step, actor=actor)


async def note_load(tx: Connection, tenant_id: int, system: str, object: str, told: Mapping[str, Any]) -> None:
    """Say how far the load of one object's file is."""
    await SQL["note_load"].run(tx, tenant=tenant_id, system=system, object=object, told=dict(told))


async def end(tx: Connection, tenant_id: int, system: str) -> None:
    """Forget it, with its files; what it connected stays."""
    await SQL["end"].run(tx, tenant=tenant_id, system=system)


async def keep_file(tx: Connection, tenant_id: int, system: str, file: File) -> None:
    await SQL["keep_file"].run(
        tx, tenant=tenant_id, system=system, object=file.object, name=file.name, content=file.content, dialect=dict(file.dialect),
        is_sample=file.is_sample,
    )  # fmt: skip


async def drop_file(tx: Connection, tenant_id: int, system: str, object: str) -> None:
    await SQL["drop_file"].run(tx, tenant=tenant_id, system=system, object=object)


async def files(tx: Connection, tenant_id: int, system: str) -> list[asyncpg.Record]:
    """(object, name, size_bytes, dialect, is_sample, kept_at) without their content."""
    return await SQL["files"].fetch(tx, tenant=tenant_id, system=system)


async def file(tx: Connection, tenant_id: int, system: str, object: str) -> File | None:
    row = await SQL["file"].row(tx, tenant=tenant_id, system=system, object=object)
    return File(row["object"], row["name"], row["content"], row["dialect"], row["is_sample"]) if row else None
