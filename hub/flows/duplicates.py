"""Duplicates among transactions: alike ones are found as they come and shown to a person, never folded.

A finder reads the feed from where it ended and compares what changed with what is like it; :func:`find_all` goes over
everything. A pair that looks alike no more closes by itself. A person answers: it is a duplicate (a decision ``supersede``: the
record's state becomes ``superseded``, nothing is sent for it any more), or both are right (``legitimate``, for ever).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from hub.core import duplicates as alike
from hub.core.configuration import Configuration
from hub.core.duplicates import RULES, Likeness
from hub.core.records import Values
from hub.errors import RequestError
from hub.flows import generic
from hub.flows.recompute import recompute
from hub.flows.actions import By, note
from hub.settings import Settings
from hub.store import decisions, duplicates, golden, tasks
from hub.store.configuration import ConfigurationCache, tenants
from hub.store.golden import Stored
from hub.store.pool import Pool, open_worker_pool
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from schema import ENTITIES

FINDER = "duplicates"
STRETCH = 5_000
"""Positions of the feed one transaction looks at."""
LOAD = 50_000
"""A first look at a feed longer than this would compare a whole first load, which is a command's business."""
PAGE = 1_000
CAUSES = ("possible_duplicate_transaction", "key_collision")
REMEDIES = {
    alike.COLLISION: "Two records claim one number and say different things: correct the wrong one at its source, then say which it was.",
    alike.SAME: "Reverse the second one at its source and answer that it is a duplicate, or answer that both are right.",
    alike.NEAR: "Compare the two; answer that the later one is a duplicate, or that both are right.",
}


async def find_new(pool: Pool, most: int = 1_000_000) -> int:
    """Look at what changed since last time, at most so many stretches a tenant; answers how many records were compared."""
    async with pool.acquire() as connection:
        every = await tenants(connection)
    did = 0
    for tenant_id, _ in every:
        for _ in range(most):
            async with pool.acquire() as connection, connection.transaction():
                looked, is_behind = await find_stretch(connection, tenant_id)
            did += looked
            if not is_behind:
                break
    return did


async def find_stretch(tx: Connection, tenant_id: int) -> tuple[int, bool]:
    """Look at one stretch of the feed: (records compared, whether there is more).

    A tenant that begins with a large load begins at its end; what was loaded is compared by :func:`find_all`.
    """
    position = await duplicates.hold_finder(tx, tenant_id, FINDER)
    head = await duplicates.head(tx, tenant_id)
    if position is None or position >= head:
        return 0, False
    if position == 0 and head > LOAD:
        await duplicates.move_finder(tx, tenant_id, FINDER, head)
        return 0, False
    upto = min(head, position + STRETCH)
    changed = await duplicates.changed(tx, tenant_id, position, upto, list(RULES))
    for entity, ids in changed.items():
        await find(tx, tenant_id, entity, ids)
    await duplicates.move_finder(tx, tenant_id, FINDER, upto)
    return sum(map(len, changed.values())), upto < head


async def find_all(pool: Pool, tenant_id: int, entities: Sequence[str] = ()) -> dict[str, int]:
    """Compare everything there is, page by page; answers entity → open pairs."""
    for entity in entities or list(RULES):
        last = UUID(int=0)
        while True:
            async with pool.acquire() as connection, connection.transaction():
                ids = await duplicates.page(connection, tenant_id, entity, last, PAGE)
                await find(connection, tenant_id, entity, ids)
            if not ids:
                break
            last = ids[-1]
    rows = await pool.fetch("SELECT entity, count(*) AS count FROM hub.duplicate WHERE tenant_id = $1 AND state = 'open' GROUP BY 1 ORDER BY 1", tenant_id)
    return {row["entity"]: row["count"] for row in rows}


async def find(tx: Connection, tenant_id: int, entity: str, ids: Sequence[UUID]) -> list[int]:
    """Compare these golden records of one entity with what is like them; answers the ids of the open pairs."""
    if not ids:
        return []
    meta, rule = ENTITIES[entity], RULES[entity]
    pairs = await duplicates.candidates(tx, tenant_id, entity, ids)
    stored = await golden.read(tx, tenant_id, meta, {one for pair in pairs for one in pair})
    found: dict[tuple[UUID, UUID], Likeness] = {}
    for pair in pairs:
        if not all(one in stored and stored[one].golden.record_state == "active" for one in pair):
            continue
        later, earlier = sorted(pair, key=lambda one: (stored[one].created_at, one), reverse=True)
        if (later, earlier) not in found:
            likeness = alike.compare(rule, stored[later].golden.values, stored[earlier].golden.values)
            if likeness is not None:
                found[later, earlier] = likeness
    for row in await duplicates.gone(tx, tenant_id, ids, list(found)):
        await _close(tx, tenant_id, row, "they look alike no more", "hub")
    return await _keep(tx, tenant_id, entity, found, stored)


async def _keep(
    tx: Connection, tenant_id: int, entity: str, found: Mapping[tuple[UUID, UUID], Likeness], stored: Mapping[UUID, Stored]
) -> list[int]:
    if not found:
        return []
    systems = await duplicates.systems_of(tx, tenant_id, [one for pair in found for one in pair])
    rows = [
        {
            "entity": entity, "golden_id": later, "other_id": earlier, "rule": likeness.rule, "kind": likeness.kind,
            "score": likeness.score, "parts": likeness.told(), "money": _money(entity, stored[later].golden.values),
            "systems": sorted({*systems.get(later, ()), *systems.get(earlier, ())}),
        }
        for (later, earlier), likeness in found.items()
    ]  # fmt: skip
    kept = await duplicates.put(tx, tenant_id, rows)
    opened = [row for row in kept if row["state"] == "open"]
    await tasks.open_tasks(
        tx, tenant_id, [_task(entity, row, found[row["golden_id"], row["other_id"]], stored, systems) for row in opened]
    )
    return [row["id"] for row in opened]


def _money(entity: str, values: Values) -> list[dict[str, str]] | None:
    amount = values.get(RULES[entity].money) if RULES[entity].money else None
    return [amount] if amount else None


def _task(entity: str, row: Any, likeness: Likeness, stored: Mapping[UUID, Stored], systems: Mapping[UUID, list[str]]) -> NewTask:
    later, earlier = row["golden_id"], row["other_id"]
    words = entity.replace("_", " ")
    reason = {
        alike.COLLISION: f"two {words}s claim one number and say different things",
        alike.SAME: f"two {words}s have one business key",
        alike.NEAR: f"two {words}s look alike ({likeness.score} of 100)",
    }[likeness.kind]
    sides = [
        {"id": str(one), "systems": systems.get(one, []), "money": _money(entity, stored[one].golden.values)} for one in (later, earlier)
    ]
    return NewTask(
        cause_of(likeness.kind), subject_of(entity, later, earlier), reason, REMEDIES[likeness.kind], entity=entity, golden_id=later,
        system=next(iter(systems.get(later, ())), None), money=_money(entity, stored[later].golden.values), is_restated=True,
        detail={"duplicate": row["id"], "other": str(earlier), "kind": likeness.kind, "score": likeness.score, "parts": likeness.told(), "sides": sides},
    )  # fmt: skip


def cause_of(kind: str) -> str:
    """The cause of the task about a pair: one key with different facts is an exception of its own."""
    return "key_collision" if kind == alike.COLLISION else "possible_duplicate_transaction"


def subject_of(entity: str, golden_id: UUID, other_id: UUID) -> str:
    return f"{entity} {golden_id} {other_id}"


async def _close(tx: Connection, tenant_id: int, row: Any, why: str, actor: str) -> None:
    subject = subject_of(row["entity"], row["golden_id"], row["other_id"])
    for cause in CAUSES:
        ids = await tasks.open_by_cause(tx, tenant_id, cause, [subject])
        if ids:
            await tasks.resolve(tx, tenant_id, ids, why, actor)


# --------------------------------------------------------------------------------------------------------------------- answers


async def answer(
    tx: Connection, config: Configuration, duplicate_id: int, says: str, reason: str, by: By, *, superseded: UUID | None = None
) -> int:
    """Answer a pair: ``duplicate`` (the later one, or ``superseded``, counts no more) or ``legitimate`` (both are right).

    Answers the decision's id; withdrawing that decision takes the answer back. Raises :class:`RequestError` for an unknown or
    answered pair, or without a reason.
    """
    if not reason.strip():
        raise RequestError("REASON_REQUIRED", "an answer needs a reason", field="reason", remedy="Say why.")
    if says not in ("duplicate", "legitimate"):
        raise RequestError("INVALID_VALUE", f"{says[:40]!r} is not an answer", field="answer", remedy="Say duplicate or legitimate.")
    row = await duplicates.lock(tx, config.tenant_id, duplicate_id)
    if row is None:
        raise RequestError("NOT_FOUND", f"there is no pair {duplicate_id}", field="id", remedy="List the duplicates again.")
    if row["state"] not in ("open", "gone"):
        raise RequestError("NOT_POSSIBLE", f"the pair was answered: {row['state']}", field="id", remedy="Withdraw that decision first.")
    pair = (row["golden_id"], row["other_id"])
    if superseded is not None and superseded not in pair:
        raise RequestError("INVALID_VALUE", "that record is not of this pair", field="superseded", remedy="Name one of the two.")
    loser = superseded or pair[0]
    kept = pair[1] if loser == pair[0] else pair[0]
    evidence = {"duplicate": duplicate_id, "rule": row["rule"], "score": float(row["score"]), "parts": row["parts"]}
    [decision_id] = await decisions.make(tx, config.tenant_id, [{
        "kind": "supersede" if says == "duplicate" else "legitimate", "entity": row["entity"], "golden_id": loser, "other_id": kept,
        "reason": reason, "actor": by.actor, "rule": row["rule"], "evidence": evidence,
    }])  # fmt: skip
    await duplicates.answer(tx, config.tenant_id, duplicate_id, says, decision_id, by.actor)
    given = {"duplicate_id": duplicate_id, "answer": says, "superseded": str(superseded) if superseded else None, "reason": reason}
    await note(
        tx, config.tenant_id, "answer_duplicate", by, reason=reason, entity=row["entity"], golden_ids=pair, decision_ids=(decision_id,),
        given=given, inverse={"decisions": [decision_id]},
    )  # fmt: skip
    await _close(tx, config.tenant_id, row, f"{says}: {reason}", by.actor)
    if says == "duplicate":
        await recompute(tx, config, {row["entity"]: {loser: by.cause()}})
    return decision_id


async def concerns_money(tx: Connection, tenant_id: int, duplicate_id: int) -> bool:
    """Whether a pair's records are about money."""
    return bool(await tx.fetchval("SELECT money IS NOT NULL FROM hub.duplicate WHERE tenant_id = $1 AND id = $2", tenant_id, duplicate_id))


async def reopen(tx: Connection, config: Configuration, decision_id: int) -> None:
    """After the decision was withdrawn: the pair is looked at again at once."""
    row = await tx.fetchrow(
        "SELECT entity, golden_id, other_id FROM hub.duplicate WHERE tenant_id = $1 AND decision_id = $2", config.tenant_id, decision_id
    )
    if row is not None:
        await find(tx, config.tenant_id, row["entity"], [row["golden_id"], row["other_id"]])


# --------------------------------------------------------------------------------------------------------------------- command


async def main(settings: Settings, tenant: str, entities: Sequence[str], as_json: bool) -> int:
    """``hub duplicates``: compare everything a tenant has, and count anew the values that many share."""
    unknown = [one for one in entities if one not in RULES]
    if unknown:
        print(f"{unknown[0]} is not compared; choose among: {', '.join(RULES)}")
        return 2
    pool = await open_worker_pool(settings.need("worker_url"), 2, "hub-duplicates")
    try:
        async with pool.acquire() as connection:
            tenant_id = next((id_ for id_, slug in await tenants(connection) if slug == tenant), None)
        if tenant_id is None:
            print(f"there is no tenant {tenant}")
            return 2
        found = await find_all(pool, tenant_id, entities)
        shared = {} if entities else await generic.find_all(pool, ConfigurationCache(), tenant_id)
    finally:
        await pool.close()
    if as_json:
        print(json.dumps({"open_pairs": found, "generic_values": shared}))
    else:
        print("\n".join(f"{entity}: {count} pairs look alike and wait for an answer" for entity, count in found.items()) or "no pair looks alike")
        print("\n".join(f"{entity}: {count} values are shared by many" for entity, count in shared.items()) or "no value is shared by many")
    return 0
