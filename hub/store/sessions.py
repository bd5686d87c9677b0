"""Sessions of the console: rows found by the digest of a token, so that who reads the table cannot use them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from hub.store.statements import Connection, statements

SQL = statements("sessions")


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to begin. ``key_id`` is None for somebody an identity provider vouches for."""

    tenant_id: int
    digest: bytes
    person_id: UUID
    key_id: UUID | None
    role: str
    name: str
    display: str
    teams: Sequence[str]
    csrf: str
    at: datetime
    expires_at: datetime


async def begin(tx: Connection, new: NewSession) -> None:
    """Store a session; it begins for the first of the person's teams."""
    await SQL["open"].run(
        tx, tenant=new.tenant_id, digest=new.digest, person_id=new.person_id, key_id=new.key_id, role=new.role, name=new.name,
        display=new.display, teams=list(new.teams), team=new.teams[0] if new.teams else "", csrf=new.csrf, at=new.at, expires_at=new.expires_at,
    )  # fmt: skip


async def find(tx: Connection, tenant_id: int, digest: bytes, at: datetime, idle_since: datetime) -> asyncpg.Record | None:
    """The row of a session that holds; None when it ended, expired, lay idle, or its key was revoked."""
    return await SQL["find"].row(tx, tenant=tenant_id, digest=digest, at=at, idle_since=idle_since)


async def note_seen(tx: Connection, tenant_id: int, digest: bytes, at: datetime, pause_since: datetime) -> datetime | None:
    """Say that the person is here; answers since when things are new to them."""
    since: datetime | None = await SQL["seen"].value(tx, tenant=tenant_id, digest=digest, at=at, pause_since=pause_since)
    return since


async def switch_team(tx: Connection, tenant_id: int, digest: bytes, team: str) -> None:
    await SQL["switch"].run(tx, tenant=tenant_id, digest=digest, team=team)


async def end(tx: Connection, tenant_id: int, digest: bytes, at: datetime) -> None:
    await SQL["end"].run(tx, tenant=tenant_id, digest=digest, at=at)


async def drop_old(tx: Connection, tenant_id: int, before: datetime) -> None:
    """Forget sessions that expired before an instant, but each person's last."""
    await SQL["drop_old"].run(tx, tenant=tenant_id, before=before)


async def tenant_of(tx: Connection, slug: str) -> tuple[int, str] | None:
    """(id, slug) of a tenant; with an empty slug, of the only one there is."""
    row = await SQL["tenant"].row(tx, slug=slug)
    return (row["id"], row["slug"]) if row else None
