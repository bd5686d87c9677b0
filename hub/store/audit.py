"""Seals over the trail. Invariant: what is sealed is never rewritten; a seal loses its entries to retention, and nothing else.

An entry is a row as it stood: a change, a decision, an action, a proposal, the votes on one. ``open`` is what everybody may see for
ever, ``covered`` what may have to be erased one day, both name -> text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from hub.store.statements import Connection, statements

SQL = statements("audit")
_READ = {"change": "changes", "decision": "decisions", "action": "actions", "proposal": "proposals", "vote": "votes"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as it stands. One that is gone has nothing but ``{"gone": "true"}``."""

    kind: str
    row_id: int
    open: Mapping[str, str | None]
    covered: Mapping[str, str]


GONE: Mapping[str, str | None] = {"gone": "true"}


@dataclass(frozen=True, slots=True)
class Seal:
    """One seal as it is stored; ``leaves`` are 32 bytes an entry."""

    id: int
    made_at: datetime
    count: int
    root: bytes
    previous: bytes
    digest: bytes
    key_id: str
    signature: bytes
    kinds: str | None
    ids: Sequence[int] | None
    leaves: bytes | None


async def lock_head(tx: Connection, tenant_id: int) -> asyncpg.Record | None:
    """(seal_id, digest, position), held until the transaction ends; None while somebody else seals."""
    if await SQL["open_head"].value(tx, tenant=tenant_id):
        await SQL["note_all"].run(tx, tenant=tenant_id)
    return await SQL["lock_head"].row(tx, tenant=tenant_id)


async def read(tx: Connection, tenant_id: int, kind: str, ids: Sequence[int]) -> dict[int, Entry]:
    """Rows of one kind as they stand now, by id; those that are gone are told so."""
    if not ids:
        return {}
    rows = await SQL[_READ[kind]].fetch(tx, tenant=tenant_id, ids=list(ids))
    found = {row["id"]: Entry(kind, row["id"], row["open"], row["covered"] or {}) for row in rows}
    return {one: found.get(one) or Entry(kind, one, GONE, {}) for one in ids}


async def add(tx: Connection, tenant_id: int, seal: Seal, states: Sequence[Mapping[str, Any]], position: int) -> None:
    """Store a seal with the states of its rows other than changes, and move the head to it."""
    changes = [one for letter, one in zip(seal.kinds or "", seal.ids or (), strict=True) if letter == "c"]
    await SQL["add_seal"].run(
        tx, tenant=tenant_id, id=seal.id, made_at=seal.made_at, count=seal.count, root=seal.root, previous=seal.previous, digest=seal.digest,
        key_id=seal.key_id, signature=seal.signature, first_change=min(changes, default=None), last_change=max(changes, default=None),
        kinds=seal.kinds, ids=list(seal.ids or ()), leaves=seal.leaves,
    )  # fmt: skip
    if states:
        await SQL["add_states"].run(tx, tenant=tenant_id, seal_id=seal.id, rows=list(states))
    await SQL["move_head"].run(tx, tenant=tenant_id, seal_id=seal.id, digest=seal.digest, position=position)


async def seals(tx: Connection, tenant_id: int, after: int, upto: int, most: int) -> list[Seal]:
    """Seals behind one, up to another."""
    rows = await SQL["seals"].fetch(tx, tenant=tenant_id, after=after, upto=upto, most=most)
    return [Seal(*row) for row in rows]


async def erased(tx: Connection, tenant_id: int, kind: str, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Row -> name -> digest of what was erased of it."""
    rows = await SQL["erased"].fetch(tx, tenant=tenant_id, kind=kind, ids=list(ids))
    return {row["row_id"]: row["covered"] for row in rows}


async def entries(
    tx: Connection, tenant_id: int, records: Sequence[UUID] | None, since: datetime, until: datetime, most: int
) -> list[tuple[str, int]]:
    """(kind, row id) of what happened in a time, to these records or (None) to all."""
    if records is None:
        rows = await SQL["entries_between"].fetch(tx, tenant=tenant_id, since=since, until=until, most=most)
    else:
        rows = await SQL["entries_of"].fetch(tx, tenant=tenant_id, records=list(records), since=since, until=until, most=most)
    return [(row["kind"], row["id"]) for row in rows]


async def sealed_in(tx: Connection, tenant_id: int, kind: str, ids: Sequence[int]) -> dict[int, list[int]]:
    """Row -> the seals that hold it, the oldest first."""
    if kind == "change":
        rows = await SQL["seals_of_changes"].fetch(tx, tenant=tenant_id, ids=list(ids))
    else:
        rows = await SQL["seals_of_rows"].fetch(tx, tenant=tenant_id, kind=kind, ids=list(ids))
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row["row_id"], []).append(row["seal_id"])
    return found
