"""Undo and redo of what people did. An action is undone by withdrawing what it decided, never by editing a golden record.

Each kind of action has a pair of handlers; what a handler cannot undo it refuses with the reason. What somebody did later on
top of it stays where it is, and is told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hub.core import policy as policies
from hub.core.configuration import Configuration
from hub.core.records import SourceKey
from hub.errors import RequestError
from hub.faults import point
from hub.flows import duplicates, generic, merge as merging
from hub.flows import split as splitting
from hub.flows import steward
from hub.flows.actions import Action, By
from hub.flows.merge import Conflict
from hub.flows.merge_checks import SQL
from hub.flows.recompute import recompute
from hub.store import actions, configuration, decisions
from hub.store.statements import Connection
from schema.code_maps import CodeEntry

KEEP_DAYS = 90
"""How long an action can be undone, where nothing else is said (HUB_UNDO_DAYS)."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo or redo came to. ``conflicts`` is what was done since and stays; ``note`` says what else stays."""

    action_id: int
    kind: str
    entity: str | None
    golden_ids: tuple[UUID, ...]
    conflicts: tuple[Conflict, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """What doing an action again made."""

    decision_ids: Sequence[int] = ()
    inverse: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Back:
    """What undoing it came to."""

    conflicts: tuple[Conflict, ...] = ()
    note: str = ""
    inverse: Mapping[str, Any] | None = field(default=None)


async def undo(tx: Connection, config: Configuration, action_id: int, by: By, *, keep_days: int = KEEP_DAYS) -> Undone:
    """Undo an action. Raises :class:`RequestError`: ``NOT_FOUND``, ``UNDONE_ALREADY``, ``NOT_UNDOABLE``, ``TOO_LATE``, ``MOVED_SINCE``."""
    action = await _locked(tx, config, action_id, keep_days)
    if action.undone_at is not None:
        raise RequestError("UNDONE_ALREADY", f"{action.undone_by} undid action {action.id} already", field="actionId", remedy="Redo it first.")
    handlers = HANDLERS.get(action.kind)
    if handlers is None or action.inverse is None:
        raise RequestError("NOT_UNDOABLE", f"{action.kind} cannot be undone", field="actionId", remedy=REMEDIES.get(action.kind, "Decide anew."))
    if action.is_expired:
        raise RequestError("TOO_LATE", f"action {action.id} is older than {keep_days} days", field="actionId", remedy="Decide anew.")
    back = await _with_later_named(tx, config, action, handlers[0], by)
    point("undo.middle", tx)
    await actions.undone(tx, config.tenant_id, action, by.actor, back.inverse or action.inverse)
    return Undone(action.id, action.kind, action.entity, tuple(action.golden_ids), back.conflicts, back.note)


async def _with_later_named(tx: Connection, config: Configuration, action: Action, handler: Undo, by: By) -> Back:
    """Run a handler; where something stands on the action, the refusal names it."""
    try:
        return await handler(tx, config, action, by)
    except RequestError as error:
        if error.code != "MOVED_SINCE":
            raise
        later = await actions.later(tx, config.tenant_id, action.id, action.golden_ids, LINKING)
        if not later:
            raise
        named = ", ".join(f"{row['kind']} {row['id']} by {row['actor']}" for row in later[:3])
        raise RequestError(
            "MOVED_SINCE", f"{error}; later: {named}", field="actionId", remedy=f"Undo action {later[0]['id']} first."
        ) from error


async def redo(tx: Connection, config: Configuration, action_id: int, by: By, *, keep_days: int = KEEP_DAYS) -> Undone:
    """Do an undone action again, as far as it is still possible; the same checks as the first time."""
    action = await _locked(tx, config, action_id, keep_days)
    if action.undone_at is None:
        raise RequestError("NOT_UNDONE", f"action {action.id} stands", field="actionId", remedy="Undo it first.")
    if action.is_expired:
        raise RequestError("TOO_LATE", f"action {action.id} is older than {keep_days} days", field="actionId", remedy="Decide anew.")
    again = await HANDLERS[action.kind][1](tx, config, action, by)
    await actions.redone(tx, config.tenant_id, action, by.actor, again.decision_ids, again.inverse or action.inverse)
    return Undone(action.id, action.kind, action.entity, tuple(action.golden_ids))


async def _locked(tx: Connection, config: Configuration, action_id: int, keep_days: int) -> Action:
    found = await actions.lock(tx, config.tenant_id, [action_id], keep_days)
    if not found:
        raise RequestError("NOT_FOUND", f"there is no action {action_id}", field="actionId", remedy="List the actions.")
    return found[0]


# ----------------------------------------------------------------------------------------------------------- handlers


async def _undo_override(tx: Connection, config: Configuration, action: Action, by: By) -> Back:
    for row in await _in_force(tx, config, action):
        await steward.take_back(tx, config, row, by)
    return Back()


async def _in_force(tx: Connection, config: Configuration, action: Action) -> list[Any]:
    """The action's decisions that stand; refused when none does."""
    assert action.inverse is not None
    rows = await tx.fetch(
        "SELECT * FROM hub.decision WHERE tenant_id = $1 AND id = ANY ($2::bigint[]) AND withdrawn_at IS NULL ORDER BY id DESC",
        config.tenant_id, action.inverse["decisions"],
    )  # fmt: skip
    if not rows:
        raise RequestError("UNDONE_ALREADY", "what was decided is withdrawn already", field="actionId", remedy="List the actions.")
    return list(rows)


_COPIED = ("kind", "entity", "golden_id", "other_id", "source_id", "field", "value", "reason", "rule", "evidence", "until", "while_source")


async def _decide_again(tx: Connection, config: Configuration, ids: Sequence[int], by: By) -> list[int]:
    """The same decisions once more, by whoever asks for it now; what is about them is computed again."""
    rows = await SQL["decisions"].fetch(tx, tenant=config.tenant_id, ids=list(ids))
    made = await decisions.make(tx, config.tenant_id, [{name: row[name] for name in _COPIED} | {"actor": by.actor} for row in rows])
    for row in rows:
        if row["golden_id"] is not None:
            await recompute(tx, config, {row["entity"]: {row["golden_id"]: by.cause()}})
    return made


async def _redo_override(tx: Connection, config: Configuration, action: Action, by: By) -> Again:
    made = await _decide_again(tx, config, action.decision_ids, by)
    return Again(made, {"decisions": made})


async def _undo_withdraw(tx: Connection, config: Configuration, action: Action, by: By) -> Back:
    assert action.inverse is not None
    made = await _decide_again(tx, config, action.inverse["decisions"], by)
    return Back(inverse={**action.inverse, "made": made})


async def _redo_withdraw(tx: Connection, config: Configuration, action: Action, by: By) -> Again:
    assert action.inverse is not None
    rows = await tx.fetch(
        "SELECT * FROM hub.decision WHERE tenant_id = $1 AND id = ANY ($2::bigint[]) AND withdrawn_at IS NULL",
        config.tenant_id, action.inverse.get("made", []),
    )  # fmt: skip
    for row in rows:
        await steward.take_back(tx, config, row, by)
    return Again((), {"decisions": [row["id"] for row in rows]})


async def _redo_accept(tx: Connection, config: Configuration, action: Action, by: By) -> Again:
    given = action.given
    return await _anew(tx, config, action, await steward.accept(tx, config, given["source_id"], given["field"], given["reason"], by))


async def _undo_placement(tx: Connection, config: Configuration, action: Action, by: By) -> Back:
    await splitting.put_back(tx, config, [row["id"] for row in await _in_force(tx, config, action)], by)
    assert action.inverse is not None
    await SQL["reopen_tasks"].fetch(tx, tenant=config.tenant_id, ids=action.inverse.get("tasks", []))
    return Back()


async def _redo_link(tx: Connection, config: Configuration, action: Action, by: By) -> Again:
    step = steward.link if action.kind == "link" else steward.unlink
    given = action.given
    made = await step(tx, config, SourceKey(*given["source"]), UUID(given["golden_id"]), given["reason"], by)
    return await _anew(tx, config, action, made)


async def _redo_split(tx: Connection, config: Configuration, action: Action, by: By) -> Again:
    given = action.given
    assert action.entity is not None
    groups = {UUID(new_id): ids for new_id, ids in given["groups"].items()}
    done = await splitting.split(tx, config, action.entity, UUID(given["golden_id"]), groups, by, reason=given["reason"])
    return await _taken_over(tx, config, done.action_id)


async def _redo_apart(tx: Connection, config: Configuration, action: Action, by: By) -> Again:
    assert action.entity is not None
    ids = [UUID(one) for one in action.given["ids"]]
    made = await splitting.keep_apart(tx, config, action.entity, ids, by, reason=action.given["reason"])
    return await _anew(tx, config, action, made[0])


async def _undo_merge(tx: Connection, config: Configuration, action: Action, by: By) -> Back:
    assert action.inverse is not None
    rows = await SQL["decisions"].fetch(tx, tenant=config.tenant_id, ids=action.inverse["merges"])
    standing = [row["id"] for row in rows if row["withdrawn_at"] is None]
    done = await merging.unmerge(tx, config, standing, by, tasks_closed=action.inverse.get("tasks", ()))
    return Back(done.conflicts)


async def _redo_merge(tx: Connection, config: Configuration, action: Action, by: By) -> Again:
    given = action.given
    assert action.entity is not None
    losers = [UUID(one) for one in given["losers"]]
    done = await merging.merge(
        tx, config, action.entity, UUID(given["survivor"]), losers, by, reason=given["reason"], picks=given["picks"]
    )
    return await _taken_over(tx, config, done.action_id)


async def _anew(tx: Connection, config: Configuration, action: Action, decision_id: int) -> Again:
    """What a step made that was done again by its own flow, which has remembered it as an action: one row is enough."""
    made = await actions.of_decision(tx, config.tenant_id, decision_id)
    assert made is not None
    return await _taken_over(tx, config, made)


async def _taken_over(tx: Connection, config: Configuration, action_id: int) -> Again:
    row = await tx.fetchrow(
        "DELETE FROM hub.action WHERE tenant_id = $1 AND id = $2 RETURNING decision_ids, inverse", config.tenant_id, action_id
    )
    assert row is not None
    return Again(row["decision_ids"], row["inverse"])


async def _undo_map_code(tx: Connection, config: Configuration, action: Action, by: By) -> Back:
    given, inverse = action.given, action.inverse or {}
    tenant, now = config.tenant_id, await _code(tx, config, given)
    if now is None or any(now[name] != given[name] for name in ("ours", "direction", "is_default")):
        raise RequestError("MOVED_SINCE", f"{given['theirs']!r} was mapped otherwise since", field="actionId", remedy="Map it anew.")
    await tx.execute(
        "DELETE FROM hub.code_map WHERE tenant_id = $1 AND system = $2 AND code_set = $3 AND theirs = ANY ($4::text[])",
        tenant, given["system"], given["code_set"], [given["theirs"], *inverse["added"]],
    )  # fmt: skip
    entries = [CodeEntry(given["system"], given["code_set"], given["theirs"], **inverse["before"])] if inverse["before"] else []
    await configuration.put_codes(tx, tenant, entries)
    await tx.execute(
        "UPDATE hub.code_map SET is_default = true WHERE tenant_id = $1 AND system = $2 AND code_set = $3 AND ours = $4 AND theirs = ANY ($5::text[])",
        tenant, given["system"], given["code_set"], given["ours"], inverse.get("unset", []),
    )  # fmt: skip
    return Back(note="What was read with this code stays as it was read, until its source says something new.")


async def _code(tx: Connection, config: Configuration, given: Mapping[str, Any]) -> Any:
    return await tx.fetchrow(
        "SELECT ours, direction, is_default FROM hub.code_map WHERE tenant_id = $1 AND system = $2 AND code_set = $3 AND theirs = $4",
        config.tenant_id, given["system"], given["code_set"], given["theirs"],
    )  # fmt: skip


async def _redo_map_code(tx: Connection, config: Configuration, action: Action, by: By) -> Again:
    given = dict(action.given)
    await steward.map_code(
        tx, config.tenant_id, given["system"], given["code_set"], given["theirs"], given["ours"], by, direction=given["direction"],
        is_default=given["is_default"],
    )  # fmt: skip
    return await _newest_taken_over(tx, config, "map_code")


async def _undo_resolve(tx: Connection, config: Configuration, action: Action, by: By) -> Back:
    assert action.inverse is not None
    if not await SQL["reopen_tasks"].fetch(tx, tenant=config.tenant_id, ids=action.inverse["tasks"]):
        raise RequestError("MOVED_SINCE", "the same task is open again by now", field="actionId", remedy="Look at the open task.")
    return Back()


async def _redo_resolve(tx: Connection, config: Configuration, action: Action, by: By) -> Again:
    await steward.resolve_task(tx, config.tenant_id, action.given["task_id"], action.given["resolution"], by)
    return await _newest_taken_over(tx, config, "resolve_task")


async def _undo_policy(tx: Connection, config: Configuration, action: Action, by: By) -> Back:
    assert action.inverse is not None
    row = await configuration.SQL["policy"].row(tx, tenant=config.tenant_id)
    if row is None or policies.from_json(row["document"]).to_json() != policies.from_json(action.given["document"]).to_json():
        raise RequestError("MOVED_SINCE", "the policy was changed again since", field="actionId", remedy="Set the policy you want.")
    await steward.set_policy(tx, config.tenant_id, policies.from_json(action.inverse["document"]), f"undo of action {action.id}", by)
    await _newest_taken_over(tx, config, "set_policy")
    return Back()


async def _redo_policy(tx: Connection, config: Configuration, action: Action, by: By) -> Again:
    await steward.set_policy(tx, config.tenant_id, policies.from_json(action.given["document"]), action.given["reason"], by)
    return await _newest_taken_over(tx, config, "set_policy")


async def _newest_taken_over(tx: Connection, config: Configuration, kind: str) -> Again:
    """The action a flow has just remembered in this transaction."""
    made = await tx.fetchval("SELECT max(id) FROM hub.action WHERE tenant_id = $1 AND kind = $2", config.tenant_id, kind)
    return await _taken_over(tx, config, made)


async def _undo_move(tx: Connection, config: Configuration, action: Action, by: By) -> Back:
    """Edges of a hierarchy that a move stated go; those it ended are in force again."""
    from hub.flows import hierarchy

    assert action.inverse is not None
    for edge_id in action.inverse["edge_ids"]:
        await hierarchy.take_back(tx, config, UUID(edge_id), by)
    for row in await tx.fetch(
        "SELECT * FROM hub.decision WHERE tenant_id = $1 AND id = ANY ($2::bigint[]) AND withdrawn_at IS NULL",
        config.tenant_id, action.inverse["decision_ids"],
    ):  # fmt: skip
        await steward.take_back(tx, config, row, by)
    return Back()


async def _redo_move(tx: Connection, config: Configuration, action: Action, by: By) -> Again:
    raise RequestError("NOT_POSSIBLE", "a move in a hierarchy is not done again by itself", field="actionId", remedy="Move it anew.")


async def _undo_answer(tx: Connection, config: Configuration, action: Action, by: By) -> Back:
    """The pair is open again, and looked at at once: it may look alike no more."""
    for row in await _in_force(tx, config, action):
        await steward.take_back(tx, config, row, by)
        await duplicates.reopen(tx, config, row["id"])
    return Back()


async def _redo_answer(tx: Connection, config: Configuration, action: Action, by: By) -> Again:
    given = action.given
    superseded = UUID(given["superseded"]) if given["superseded"] else None
    made = await duplicates.answer(tx, config, given["duplicate_id"], given["answer"], given["reason"], by, superseded=superseded)
    return await _anew(tx, config, action, made)


async def _undo_declare(tx: Connection, config: Configuration, action: Action, by: By) -> Back:
    given = action.given
    await generic.withdraw(tx, config, given["entity"], given["kind"], given["value"], by)
    return Back(note="How many share the value decides again.")


async def _redo_declare(tx: Connection, config: Configuration, action: Action, by: By) -> Again:
    given = action.given
    await generic.declare(
        tx, config, given["entity"], given["kind"], given["value"], given["reason"], by, is_generic=given["is_generic"]
    )
    return await _newest_taken_over(tx, config, "declare_generic")


Undo = Callable[[Connection, Configuration, Action, By], Awaitable[Back]]
Redo = Callable[[Connection, Configuration, Action, By], Awaitable[Again]]

HANDLERS: Mapping[str, tuple[Undo, Redo]] = {
    "override": (_undo_override, _redo_override),
    "withdraw": (_undo_withdraw, _redo_withdraw),
    "accept": (_undo_override, _redo_accept),
    "link": (_undo_placement, _redo_link),
    "unlink": (_undo_placement, _redo_link),
    "split": (_undo_placement, _redo_split),
    "keep_apart": (_undo_placement, _redo_apart),
    "merge": (_undo_merge, _redo_merge),
    "move_client": (_undo_move, _redo_move),
    "same_group": (_undo_move, _redo_move),
    "map_code": (_undo_map_code, _redo_map_code),
    "resolve_task": (_undo_resolve, _redo_resolve),
    "set_policy": (_undo_policy, _redo_policy),
    "answer_duplicate": (_undo_answer, _redo_answer),
    "declare_generic": (_undo_declare, _redo_declare),
}
"""Kind of action → how it is undone and done again."""

LINKING = ("merge", "split", "link", "unlink")
"""Kinds of action that move source records: what a later undo may depend on."""

REMEDIES = {
    "resubmit": "Messages are folded once; correct the record at its source, or override the field.",
    "withdraw": "Make the decision anew.",
    "disconnect_system": "Connect it again: what it told, its mapping and its codes are still here, its secrets are not.",
    "apply_plan": "Plan the way back with planBack: a second person approves that too.",
}
