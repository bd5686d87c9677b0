"""The sealed trail as people read it: what happened, under which seal it lies, and whether it still is what was sealed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from hub.core.audit import KINDS, covers, leaf, row_salt, split
from hub.flows.audit import Key, opened
from hub.store import audit
from hub.store.audit import SQL as STORED
from hub.store.audit import Seal
from hub.store.statements import Connection, statements

SQL = statements("audit_reads")


async def head(tx: Connection, tenant_id: int) -> dict[str, Any]:
    """Where the chain stands, when it was looked through, and the public keys it is signed with."""
    row = await STORED["head"].row(tx, tenant=tenant_id)
    keys = [dict(one) for one in await SQL["keys"].fetch(tx, tenant=tenant_id)]
    if row is None:
        return {"seal_id": 0, "digest": "", "verified_at": None, "finding": "", "waiting": 0, "keys": keys}
    return {**row, "digest": row["digest"].hex(), "waiting": row["due"] + (row["behind"] or 0), "keys": keys}


async def seals(tx: Connection, tenant_id: int, first: int, before: int | None) -> list[dict[str, Any]]:
    """Seals, newest first."""
    return [dict(row) for row in await SQL["seals"].fetch(tx, tenant=tenant_id, first=first, before=before)]


async def trail(
    tx: Connection, tenant_id: int, secret_key: str, *, record: UUID | None, actor: str | None, kind: str | None, since: datetime | None,
    until: datetime | None, first: int,
) -> list[dict[str, Any]]:  # fmt: skip
    """Entries with the seal that holds each, and ``is_sound``: True, False, or None while none does or its entries were given up."""
    given = {"tenant": tenant_id, "actor": actor, "kind": kind, "since": since, "until": until, "first": first}
    rows = await (SQL["trail_of_record"].fetch(tx, **given, record=record) if record else SQL["trail_of_people"].fetch(tx, **given))
    sound = await _sound(tx, tenant_id, secret_key, [(row["kind"], row["id"]) for row in rows])
    numbers = sorted({number for number, _ in sound.values() if number})
    told = {row["id"]: dict(row) for row in await SQL["of_ids"].fetch(tx, tenant=tenant_id, ids=numbers)}
    return [
        {**row, "seal": told.get(sound[row["kind"], row["id"]][0]), "is_sound": sound[row["kind"], row["id"]][1]} for row in rows
    ]  # fmt: skip


async def _sound(tx: Connection, tenant_id: int, secret_key: str, wanted: list[tuple[str, int]]) -> dict[tuple[str, int], tuple[int, bool | None]]:
    """Entry to the newest seal that holds it (0: none yet) and whether the row still is what lies under it."""
    keys = {row["key_id"]: opened(secret_key, tenant_id, row) for row in await STORED["keys"].fetch(tx, tenant=tenant_id)}
    found: dict[tuple[str, int], tuple[int, bool | None]] = {one: (0, None) for one in wanted}
    for kind in KINDS.values():
        ids = [row_id for named, row_id in wanted if named == kind]
        if not ids:
            continue
        newest = {row_id: numbers[-1] for row_id, numbers in (await audit.sealed_in(tx, tenant_id, kind, ids)).items()}
        waiting = {row["row_id"] for row in await STORED["waiting"].fetch(tx, tenant=tenant_id, kind=kind, ids=ids)}
        standing, erased = await audit.read(tx, tenant_id, kind, ids), await audit.erased(tx, tenant_id, kind, ids)
        held = {one.id: one for number in sorted(set(newest.values())) for one in await audit.seals(tx, tenant_id, number - 1, number, 1)}
        for row_id, number in newest.items():
            is_sound = None if row_id in waiting else _is_sound(standing[row_id], held[number], keys, erased.get(row_id, {}))
            found[kind, row_id] = (number, is_sound)
    return found


def _is_sound(one: audit.Entry, seal: Seal, keys: Mapping[str, Key], erased: Mapping[str, str]) -> bool | None:
    key = keys.get(seal.key_id)
    if seal.ids is None or key is None:
        return None
    letter = next(letter for letter, kind in KINDS.items() if kind == one.kind)
    covered = covers(row_salt(key.salt, one.kind, one.row_id), one.covered) | dict(erased)
    digest = leaf(one.kind, one.row_id, one.open, covered)
    leaves = split(seal.leaves or b"")
    return any(
        leaves[place] == digest for place, (named, row_id) in enumerate(zip(seal.kinds or "", seal.ids, strict=True)) if (named, row_id) == (letter, one.row_id)
    )
