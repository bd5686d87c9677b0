"""Merge, split, keep apart, undo and redo as operations: what can be asked for, how risky it is, what approvers compare.

Ids of records to be made are among the arguments, so that approving runs exactly what was shown.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hub.core.configuration import Configuration
from hub.core.risk import risk_of
from hub.errors import RequestError
from hub.flows import merge, split, undo
from hub.flows.actions import By
from hub.flows.canonical import known_entity
from hub.flows.merge_checks import check, need_mergeable, standing
from hub.flows.operation import Given, Operation, Outcome
from hub.store import golden
from hub.store.statements import Connection
from schema.fields import Risk

DOCUMENTS = frozenset({"invoice", "credit_memo", "posting"})


async def _merge(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    done = await merge.merge(
        tx, config, given["entity"], UUID(given["survivor"]), [UUID(one) for one in given["losers"]], by, reason=given["reason"],
        picks=given.get("picks"),
    )  # fmt: skip
    losers = [str(one) for one in done.losers]
    return Outcome(
        {"merged": {"survivor": str(done.survivor), "losers": losers}}, done.decision_ids, done.action_id, {"children": done.children},
        _answer(done.action_id, done.entity, done.survivor) | {"children": done.children, "id_map": {one: str(done.survivor) for one in losers}},
    )  # fmt: skip


async def _merge_risk(tx: Connection, config: Configuration, given: Given) -> Risk:
    """A second person where money is attached or a record is protected; on top of that the risk of each picked field."""
    meta = known_entity(given["entity"])
    need_mergeable(meta)
    survivor, losers = await standing(tx, config.tenant_id, UUID(given["survivor"]), [UUID(one) for one in given["losers"]])
    stored = await golden.read(tx, config.tenant_id, meta, [survivor, *losers])
    return (await check(tx, config.tenant_id, meta, {id_: one.golden.values for id_, one in stored.items()})).risk


async def _split(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    groups = {UUID(new_id): [int(one) for one in ids] for new_id, ids in given["groups"].items()}
    done = await split.split(tx, config, given["entity"], UUID(given["id"]), groups, by, reason=given["reason"])
    parts = [str(one) for one in done.new_ids]
    return Outcome(
        {"split": {"record": str(done.golden_id), "parts": parts}}, done.decision_ids, done.action_id, {},
        _answer(done.action_id, done.entity, done.golden_id) | {"parts": parts},
    )  # fmt: skip


async def _split_risk(tx: Connection, config: Configuration, given: Given) -> Risk:
    return Risk.R3 if given["entity"] in DOCUMENTS else Risk.R1


async def _keep_apart(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    ids = [UUID(one) for one in given["ids"]]
    made = await split.keep_apart(tx, config, given["entity"], ids, by, reason=given["reason"])
    action_id = await tx.fetchval("SELECT id FROM hub.action WHERE tenant_id = $1 AND decision_ids @> $2::bigint[]", config.tenant_id, made)
    return Outcome({"apart": sorted(given["ids"])}, tuple(made), action_id, {}, _answer(action_id, given["entity"], ids[0]))


async def _keep_apart_risk(tx: Connection, config: Configuration, given: Given) -> Risk:
    return Risk.R1


async def _undo(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    step = undo.redo if given.get("redo") else undo.undo
    done = await step(tx, config, int(given["action_id"]), by, keep_days=int(given.get("keep_days", undo.KEEP_DAYS)))
    answer = _answer(done.action_id, done.entity, done.golden_ids[0] if done.golden_ids else None)
    conflicts = [_conflict(one) for one in done.conflicts]
    return Outcome({"undone": str(done.action_id)}, (), done.action_id, {"conflicts": conflicts}, answer | {"conflicts": conflicts, "note": done.note})


def _conflict(one: merge.Conflict) -> dict[str, Any]:
    return {
        "kind": one.kind, "reason": one.reason, "entity": one.entity, "golden_id": str(one.golden_id) if one.golden_id else None,
        "field": one.field or None, "source_id": str(one.source_id) if one.source_id else None,
        "decision_id": str(one.decision_id) if one.decision_id else None,
    }  # fmt: skip


async def _undo_risk(tx: Connection, config: Configuration, given: Given) -> Risk:
    """As risky as doing it: of a merge, what hangs on the record now; of a decision about a field, the field's own class."""
    row = await tx.fetchrow(
        "SELECT kind, entity, golden_ids, given FROM hub.action WHERE tenant_id = $1 AND id = $2", config.tenant_id, int(given["action_id"])
    )
    if row is None:
        raise RequestError("NOT_FOUND", f"there is no action {given['action_id']}", field="actionId", remedy="List the actions.")
    if row["kind"] == "merge":
        meta = known_entity(row["entity"])
        stored = await golden.read(tx, config.tenant_id, meta, row["golden_ids"])
        return (await check(tx, config.tenant_id, meta, {id_: one.golden.values for id_, one in stored.items()})).risk
    if row["kind"] in ("split", "unlink", "link"):
        return await _split_risk(tx, config, {"entity": row["entity"]})
    return field_risk(row["kind"], row["entity"], row["given"])


def field_risk(kind: str, entity: str | None, given: Given) -> Risk:
    """The class of undoing a decision about a field, or about who decides."""
    if kind == "set_policy":
        return Risk.R3
    if kind in ("override", "accept") and entity is not None and given.get("field"):
        return risk_of(known_entity(entity), given["field"])
    return Risk.R1


def _answer(action_id: int, entity: str | None, golden_id: UUID | None) -> dict[str, Any]:
    return {"action_id": str(action_id)} | ({"entity": entity, "id": str(golden_id)} if entity and golden_id else {})


MERGING: dict[str, Operation] = {
    "merge": Operation(_merge, _merge_risk, "merge {entity} records into {survivor}"),
    "split": Operation(_split, _split_risk, "split {entity} {id}"),
    "keep_apart": Operation(_keep_apart, _keep_apart_risk, "these {entity} records are not the same"),
    "undo": Operation(_undo, _undo_risk, "undo or redo action {action_id}"),
}
"""Operations of this module, by the name proposals store."""
