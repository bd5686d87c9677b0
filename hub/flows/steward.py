"""What people decide: overrides, links, code maps, resubmitted messages, policy. Each is stored as a decision or as
configuration, and golden records follow by being computed again; nobody edits a golden record.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import copy
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from hub.core import planning
from hub.core import policy as policies
from hub.core.configuration import Configuration
from hub.core.records import SourceKey
from hub.core.strategies import canonical_json
from hub.errors import RequestError
from hub.flows import contexts, policy_checks, receive
from hub.flows.actions import By as By
from hub.flows.actions import note
from hub.flows.batch import Fresh, Reshaping
from hub.flows.canonical import canonical_value as canonical_value
from hub.flows.canonical import known_entity as known_entity
from hub.flows.receive import Origin
from hub.flows.recompute import begin, recompute
from hub.flows.merge import unmerge
from hub.flows.merge_checks import SQL
from hub.flows.split import come_back, put_back
from hub.store import actions, configuration, decisions, forwards, golden, inbox, source_records, tasks
from hub.store.ids import new_id
from hub.store.inbox import NewMessage
from hub.store.statements import Connection
from schema import CODE_SETS, ENTITIES
from schema.code_maps import CodeEntry
from schema.kinds import FieldKind


async def override(
    tx: Connection, config: Configuration, entity: str, golden_id: UUID, field: str, value: Any, by: By,
    *, reason: str, until: datetime | None = None, until_source_changes: bool = False,
) -> int:  # fmt: skip
    """Fix a field's value above all systems: permanently, until an instant, or until its source says something new.

    Answers the decision's id. Raises :class:`RequestError` for an unknown record, field or value, or without a reason.
    """
    meta = known_entity(entity)
    if not reason.strip():
        raise RequestError("REASON_REQUIRED", "an override needs a reason", field="reason", remedy="Say why.")
    golden_id = await forwards.end_of(tx, config.tenant_id, golden_id)
    stored = (await golden.lock(tx, config.tenant_id, meta, [golden_id])).get(golden_id)
    if stored is None:
        raise RequestError("NOT_FOUND", f"there is no {entity} {golden_id}", field="id", remedy="Look it up again.")
    if until is not None and until <= await tx.fetchval("SELECT statement_timestamp()"):
        raise RequestError("INVALID_VALUE", "the override would be over before it begins", field="until", remedy="Choose a later instant.")
    row = {
        "kind": "override", "entity": entity, "golden_id": golden_id, "field": field, "value": canonical_value(config, meta, field, value),
        "reason": reason, "actor": by.actor, "until": until,
        "while_source": canonical_json(stored.golden.values.get(field)) if until_source_changes else "",
    }  # fmt: skip
    [decision_id] = await decisions.make(tx, config.tenant_id, [row])
    await recompute(tx, config, {entity: {golden_id: by.cause()}})
    await note(
        tx, config.tenant_id, "override", by, reason=reason, entity=entity, golden_ids=[golden_id], decision_ids=[decision_id],
        given={"field": field}, inverse={"decisions": [decision_id]},
    )  # fmt: skip
    return decision_id


async def withdraw(tx: Connection, config: Configuration, decision_id: int, by: By) -> None:
    """Take a decision back; the record is as if it had never been made. The decision itself stays on record.

    A merge gives the merged record back; a placement (same, split, not the same) puts the source record back; a link made by
    a rule is answered with a "not the same": the source record gets a golden record of its own.
    """
    row = await tx.fetchrow("SELECT * FROM hub.decision WHERE tenant_id = $1 AND id = $2 AND withdrawn_at IS NULL", config.tenant_id, decision_id)
    if row is None:
        raise RequestError("NOT_FOUND", f"no decision {decision_id} is in force", field="id", remedy="List the decisions in force.")
    taken_back = await take_back(tx, config, row, by)
    await actions.withdrawn(tx, config.tenant_id, decision_id, by.actor)
    await note(
        tx, config.tenant_id, "withdraw", by, reason=f"{row['kind']} withdrawn", entity=row["entity"],
        golden_ids=[row["golden_id"]] if row["golden_id"] else [], given={"decision_id": decision_id},
        inverse={"decisions": taken_back} if row["kind"] == "override" else None,
    )  # fmt: skip


async def take_back(tx: Connection, config: Configuration, row: asyncpg.Record, by: By) -> list[int]:
    """Withdraw a decision in force and compute what follows; answers all that were withdrawn with it."""
    tenant, kind = config.tenant_id, row["kind"]
    if kind == "merge":
        await unmerge(tx, config, [row["id"]], by)
        return [row["id"]]
    if kind in ("same", "split", "not_same") or (kind == "link" and row["other_id"] is not None):
        together = await _made_together(tx, tenant, row)
        await put_back(tx, config, together, by)
        return together
    if kind == "link" and row["source_id"] is None:
        raise RequestError("NOT_POSSIBLE", f"a {kind} of an older build names no source record", field="id", remedy="Unlink the source record instead.")
    await decisions.withdraw(tx, tenant, row["id"], by.actor)
    if kind == "link":
        key = await _key_of(tx, tenant, row["source_id"])
        await unlink(tx, config, key, new_id(), f"withdrawn: {row['reason']}", by)
    elif kind == "accept" and row["source_id"] is not None:
        await hold_again(tx, config, row, by)
    elif row["golden_id"] is not None:
        await recompute(tx, config, {row["entity"]: {row["golden_id"]: by.cause()}})
    return [row["id"]]


async def _made_together(tx: Connection, tenant_id: int, row: asyncpg.Record) -> list[int]:
    """A placement and the "not the same" made beside it, by one step."""
    if row["source_id"] is None:
        return [row["id"]]
    rows = await tx.fetch(
        "SELECT id FROM hub.decision WHERE tenant_id = $1 AND source_id = $2 AND withdrawn_at IS NULL AND kind IN ('not_same', 'split') "
        "AND made_at = $3", tenant_id, row["source_id"], row["made_at"],
    )  # fmt: skip
    return sorted({row["id"], *(one["id"] for one in rows)})


async def hold_again(tx: Connection, config: Configuration, row: asyncpg.Record, by: By) -> None:
    """A value that was let pass is held back again, where the source still says it."""
    key = await _key_of(tx, config.tenant_id, row["source_id"])
    held = (await source_records.lock(tx, config.tenant_id, [key], config.ranks))[key]
    was = (row["evidence"] or {}).get("was")
    if held.golden_id is None or canonical_json(held.values.get(row["field"])) != canonical_json(row["value"]):
        return
    if was is None:
        held.values.pop(row["field"], None)
    else:
        held.values[row["field"]] = was
    held.held[row["field"]] = row["value"]
    await source_records.update(tx, config.tenant_id, [held])
    await recompute(tx, config, {key.entity: {held.golden_id: by.cause()}})


async def _key_of(tx: Connection, tenant_id: int, source_id: int) -> SourceKey:
    row = await tx.fetchrow(
        "SELECT system, object, external_id, entity, part FROM hub.source_record WHERE tenant_id = $1 AND id = $2", tenant_id, source_id
    )
    if row is None:
        raise RequestError("NOT_FOUND", f"there is no source record {source_id}", field="sourceId", remedy="Look at the record's sources.")
    return SourceKey(*row)


async def accept(tx: Connection, config: Configuration, source_id: int, field: str, reason: str, by: By) -> int:
    """Let a value pass that a lock holds back."""
    key = await _key_of(tx, config.tenant_id, source_id)
    held = (await source_records.lock(tx, config.tenant_id, [key], config.ranks))[key]
    if field not in held.held or held.golden_id is None:
        raise RequestError("NOT_HELD", f"nothing is held back for {field}", field="field", remedy="Look at the task again.")
    decision = {
        "kind": "accept", "entity": key.entity, "golden_id": held.golden_id, "source_id": source_id, "field": field,
        "value": held.held[field], "reason": reason, "actor": by.actor, "evidence": {"was": held.values.get(field)},
    }  # fmt: skip
    [decision_id] = await decisions.make(tx, config.tenant_id, [decision])
    released = copy(held)
    await recompute(tx, config, {key.entity: {held.golden_id: by.cause()}}, [Fresh(held, released)])
    await note(
        tx, config.tenant_id, "accept", by, reason=reason, entity=key.entity, golden_ids=[held.golden_id], decision_ids=[decision_id],
        given={"source_id": source_id, "field": field, "reason": reason}, inverse={"decisions": [decision_id]},
    )  # fmt: skip
    return decision_id


async def link(tx: Connection, config: Configuration, key: SourceKey, golden_id: UUID, reason: str, by: By) -> int:
    """Say that a source record is this golden record. A person's link outranks every rule."""
    return await _relink(tx, config, key, golden_id, "same", reason, by)


async def unlink(tx: Connection, config: Configuration, key: SourceKey, new_golden_id: UUID, reason: str, by: By) -> int:
    """Say that a source record is not the golden record it is linked to; it gets (or waits for) one of its own."""
    held = (await source_records.lock(tx, config.tenant_id, [key], config.ranks)).get(key)
    if held is None or held.golden_id is None:
        raise RequestError("NOT_FOUND", f"{key.system} {key.object} {key.external_id} is not linked", field="source")
    row = {
        "kind": "not_same", "entity": key.entity, "golden_id": held.golden_id, "source_id": held.id, "reason": reason, "actor": by.actor,
    }  # fmt: skip
    [decision_id] = await decisions.make(tx, config.tenant_id, [row])
    others = await forwards.source_ids(tx, config.tenant_id, [held.golden_id]) - {held.id}
    await forwards.set_apart(tx, config.tenant_id, decision_id, [held.id], others)
    return await _relink(tx, config, key, new_golden_id, "split", reason, by, [decision_id])


async def _relink(
    tx: Connection, config: Configuration, key: SourceKey, golden_id: UUID, kind: str, reason: str, by: By, beside: Sequence[int] = ()
) -> int:
    """Put a source record where a person says; ``beside`` are decisions made with it."""
    tenant = config.tenant_id
    before = (await source_records.lock(tx, tenant, [key], config.ranks)).get(key)
    if before is None:
        raise RequestError("NOT_FOUND", f"there is no record {key.external_id} of {key.system} {key.object}", field="source")
    shape = None
    if kind == "same":
        golden_id = await forwards.end_of(tx, tenant, golden_id)
    else:
        shape = await _back_again(tx, config, key.entity, golden_id, before.golden_id, by)
    if kind == "same" and not await golden.existing(tx, tenant, ENTITIES[key.entity], [golden_id]):
        raise RequestError("NOT_FOUND", f"there is no {key.entity} {golden_id}", field="id")
    home = await tx.fetchval("SELECT coalesce(home_id, golden_id) FROM hub.source_record WHERE tenant_id = $1 AND id = $2", tenant, before.id)
    moved = copy(before)
    moved.golden_id = golden_id
    moved.role = "primary" if before.role == "alternate" else before.role
    causes = {golden_id: by.cause()}
    if before.golden_id is not None:
        causes[before.golden_id] = by.cause()
    row = {
        "kind": kind, "entity": key.entity, "golden_id": golden_id, "other_id": home, "source_id": before.id, "reason": reason, "actor": by.actor,
    }  # fmt: skip
    [decision_id] = await decisions.make(tx, tenant, [row])
    await recompute(tx, config, {key.entity: causes}, [Fresh(before, moved)], reshaping=shape)
    if roles := await forwards.settle_roles(tx, tenant, list(causes)):
        await recompute(tx, config, {key.entity: {one["golden_id"]: by.cause() for one in roles}})
    name = f"{key.entity} {key.system} {key.object} {key.external_id}"
    over = await tasks.open_by_cause(tx, tenant, "possible_duplicate", [name])
    over += await tasks.open_by_cause(tx, tenant, "ambiguous", [name])
    closed = [one["id"] for one in await tasks.resolve(tx, tenant, over, reason, by.actor)]
    given = {"source": list(key), "golden_id": str(golden_id), "reason": reason}
    made = [*beside, decision_id]
    await note(
        tx, tenant, "link" if kind == "same" else "unlink", by, reason=reason, entity=key.entity, golden_ids=list(causes),
        decision_ids=made, given=given, inverse={"decisions": made, "tasks": closed},
    )  # fmt: skip
    return decision_id


async def _back_again(
    tx: Connection, config: Configuration, entity: str, golden_id: UUID, former: UUID | None, by: By
) -> Reshaping | None:
    """When a source record gets a record of its own that it had before: that one comes back."""
    revived, emptied = await come_back(tx, config, ENTITIES[entity], [golden_id])
    if not revived:
        return None
    at = await begin(tx)
    await SQL["withdraw_at"].fetch(tx, tenant=config.tenant_id, ids=emptied, at=at, actor=by.actor)
    return Reshaping(at, {golden_id: "split"}, [{"before": str(former), "after": str(golden_id)}], revived)


async def map_code(
    tx: Connection, tenant_id: int, system: str, code_set: str, theirs: str, ours: str, by: By, *, direction: str = "both", is_default: bool = False
) -> int:
    """Map a system's code to ours, and take up every message that waited for it; answers how many."""
    if code_set not in CODE_SETS:
        raise RequestError("INVALID_VALUE", f"there is no code set {code_set!r}", field="set", remedy="Look at the data dictionary.")
    if not CODE_SETS[code_set].allows(ours):
        raise RequestError("INVALID_VALUE", f"{ours!r} is not a value of {code_set}", field="ours", remedy="Choose one of the set's values.")
    kept = await _still_ours(tx, tenant_id, system, code_set, theirs, ours)
    before = await tx.fetchrow(
        "SELECT ours, direction, is_default FROM hub.code_map WHERE tenant_id = $1 AND system = $2 AND code_set = $3 AND theirs = $4",
        tenant_id, system, code_set, theirs,
    )  # fmt: skip
    await configuration.put_codes(tx, tenant_id, kept)
    unset = await configuration.put_codes(tx, tenant_id, [CodeEntry(system, code_set, theirs, ours, direction, is_default)])
    waiting = await tasks.open_by_cause(tx, tenant_id, "unknown_code", [f"{system} {code_set} {theirs!r}"])
    given = {"system": system, "code_set": code_set, "theirs": theirs, "ours": ours, "direction": direction, "is_default": is_default}
    await note(
        tx, tenant_id, "map_code", by, reason=f"{theirs!r} means {ours}", given=given,
        inverse={"before": dict(before) if before else None, "added": [one.theirs for one in kept], "unset": unset},
    )  # fmt: skip
    return await release(tx, tenant_id, waiting, f"{theirs!r} means {ours}", by)


async def _still_ours(tx: Connection, tenant_id: int, system: str, code_set: str, theirs: str, ours: str) -> list[CodeEntry]:
    """A system with a map of a set speaks only that; so the first code mapped by hand keeps those of ours it spoke so far."""
    if await tx.fetchval("SELECT true FROM hub.code_map WHERE tenant_id = $1 AND system = $2 AND code_set = $3 LIMIT 1", tenant_id, system, code_set):
        return []
    spoken = CODE_SETS[code_set].values.keys() - {theirs}
    return [CodeEntry(system, code_set, one, one, "in" if one == ours else "both") for one in sorted(spoken)]


async def release(tx: Connection, tenant_id: int, task_ids: Sequence[int], resolution: str, by: By) -> int:
    """Close tasks and take up the messages they held; answers how many."""
    if not task_ids:
        return 0
    held = await inbox.of_tasks(tx, tenant_id, task_ids)
    await tasks.resolve(tx, tenant_id, task_ids, resolution, by.actor)
    reopened = await inbox.reopen(tx, tenant_id, held)
    await tx.execute("SELECT pg_notify('hub_inbox', $1)", str(tenant_id))
    return len(reopened)


async def resubmit(tx: Connection, tenant_id: int, inbox_ids: Sequence[int], by: By, at: datetime, body: bytes | None = None) -> list[int]:
    """Take messages up again under the newest mapping, or one message with a mended body; answers the open ids.

    The mended body is a message of its own; the old one stays as it was received, with the outcome ``resubmitted``.
    """
    rows = await tx.fetch(
        "SELECT id, system, object, external_id, version, is_delete FROM hub.inbox WHERE tenant_id = $1 AND id = ANY ($2::bigint[])",
        tenant_id, list(inbox_ids),
    )  # fmt: skip
    if len(rows) < len(set(inbox_ids)):
        raise RequestError("NOT_FOUND", "one of these messages does not exist", field="ids", remedy="List the inbox again.")
    await note(tx, tenant_id, "resubmit", by, reason="taken up again", given={"inbox_ids": list(inbox_ids), "has_body": body is not None})
    if body is None:
        opened = await inbox.reopen(tx, tenant_id, [(r["id"], r["system"], r["object"], r["external_id"]) for r in rows])
        await tx.execute("SELECT pg_notify('hub_inbox', $1)", str(tenant_id))
        return opened
    if len(rows) != 1:
        raise RequestError("ONE_AT_A_TIME", "a mended body belongs to one message", field="body", remedy="Resubmit one message with it.")
    try:
        json.loads(body)
    except ValueError as error:
        raise RequestError("BAD_MESSAGE", f"the body is not JSON: {error}", field="body") from error
    row = rows[0]
    name = f"resubmit:{row['id']}:{receive.body_digest(body)}"
    mended = NewMessage(row["system"], row["object"], row["external_id"], body, name, by.correlation_id or name, version=row["version"])
    stored = await receive.store(tx, Origin(tenant_id, "steward", by.actor), [mended], at)
    outcome = {"inbox_id": row["id"], "outcome": "resubmitted", "task_id": None, "detail": [{"cause": "resubmitted", "field": "", "reason": f"as message {stored[0].id}", "remedy": ""}]}
    held_by = await tx.fetchval("SELECT task_id FROM hub.inbox_outcome WHERE tenant_id = $1 AND inbox_id = $2", tenant_id, row["id"])
    await inbox.settle(tx, tenant_id, [row["id"]], [outcome])
    await _close_when_empty(tx, tenant_id, held_by, by)
    return [stored[0].id]


async def _close_when_empty(tx: Connection, tenant_id: int, task_id: int | None, by: By) -> None:
    if task_id is not None and not await inbox.of_tasks(tx, tenant_id, [task_id]):
        await tasks.resolve(tx, tenant_id, [task_id], "every message it held was resubmitted", by.actor)


async def resolve_task(tx: Connection, tenant_id: int, task_id: int, resolution: str, by: By) -> None:
    """Close a task by hand; the messages it holds, if any, stay set aside."""
    if not await tasks.resolve(tx, tenant_id, [task_id], resolution, by.actor):
        raise RequestError("NOT_FOUND", f"task {task_id} is not open", field="id", remedy="List the open tasks.")
    await note(tx, tenant_id, "resolve_task", by, reason=resolution, given={"task_id": task_id, "resolution": resolution}, inverse={"tasks": [task_id]})


async def set_policy(tx: Connection, tenant_id: int, policy: policies.Policy, reason: str, by: By) -> int:
    """Change who decides; every golden record of the entities it names is computed again. Answers how many."""
    policy_checks.check(policy)
    await contexts.need_used(tx, tenant_id, policy)
    before = await configuration.SQL["policy"].row(tx, tenant=tenant_id)
    former = policies.from_json(before["document"]) if before else policies.default_policy()
    touched = {one.entity for one in (*policy.fields, *former.fields)} | set(planning.touched(former, policy))
    await configuration.put_policy(tx, tenant_id, policy, reason, by.actor)
    was = before["document"] if before else policies.default_policy().to_json()
    await note(
        tx, tenant_id, "set_policy", by, reason=reason, given={"document": policy.to_json(), "reason": reason}, inverse={"document": was}
    )
    return await reconsider_all(tx, tenant_id, sorted(touched), "policy", by)


async def reconsider_all(tx: Connection, tenant_id: int, entities: Sequence[str], cause: str, by: By) -> int:
    """Compute every golden record of these entities again, by the worker, in batches."""
    total = 0
    for entity in entities:
        tag = await tx.execute(
            "INSERT INTO hub.reconsider (tenant_id, entity, golden_id, due_at, cause, actor, correlation_id) "
            "SELECT DISTINCT tenant_id, entity, golden_id, statement_timestamp(), $3, $4, $5 FROM hub.source_record "
            "WHERE tenant_id = $1 AND entity = $2 AND golden_id IS NOT NULL AND state <> 'awaited' "
            "ON CONFLICT (tenant_id, golden_id, cause) DO UPDATE SET due_at = excluded.due_at",
            tenant_id, entity, cause, by.actor, by.correlation_id,
        )  # fmt: skip
        total += int(tag.rsplit(" ", 1)[-1])
    await tx.execute("SELECT pg_notify('hub_reconsider', $1)", str(tenant_id))
    return total


async def declare_extension_field(tx: Connection, tenant_id: int, entity: str, name: str, kind: str, by: By) -> None:
    """Declare one of the firm's own fields; it can be mapped, read and filtered at once."""
    known_entity(entity)
    if kind not in FieldKind.__members__.values():
        raise RequestError("INVALID_VALUE", f"there is no kind {kind!r}", field="kind", remedy="Choose one of: " + ", ".join(FieldKind))
    before = await tx.fetchval("SELECT kind FROM hub.extension_field WHERE tenant_id = $1 AND entity = $2 AND name = $3", tenant_id, entity, name)
    if before is not None and before != kind:
        raise RequestError("INVALID_VALUE", f"{entity} has a field {name!r} of kind {before} already", field="kind", remedy="Choose another name.")
    await configuration.put_extension_field(tx, tenant_id, entity, name, FieldKind(kind), {"declared_by": by.actor})
