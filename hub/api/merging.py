"""Merging and splitting in GraphQL: preview, merge, split, keep apart; and what people did, with its undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import Role, masked_fields
from hub.api.common import Money
from hub.api.context import Context
from hub.api.decisions import STEWARDS, decide, entity_of, field_of, golden_id, submitted
from hub.api.errors import ApiError, Code, problem_of
from hub.api.merging_types import (
    ACTIONS, Action, ChildPreview, DeliveryPreview, FieldPreview, MergePayload, MergePreview, RecordPreview, RoleOfSource, SaidBy,
    SplitPart, UndoItem, UndoManyPayload, UndoPayload, VetoShown,
)  # fmt: skip
from hub.api.mutation import Call, Payload, answer, in_transaction, problem_out
from hub.api.names import camel
from hub.api.operations import equal, list_field, newest
from hub.api.plan import Compare, Condition, Op
from hub.api.scalars import Json, Long
from hub.api.shells import resolved_field
from hub.api.values import to_sql
from hub.core.configuration import Configuration
from hub.core.merging import Veto
from hub.flows import merge_preview
from hub.flows.again import transaction
from hub.flows.merge_preview import Preview
from hub.store import actions
from hub.store.statements import Connection
from schema.language import EntityMeta

MOST_AT_ONCE = 200


# ------------------------------------------------------------------------------------------------------------ preview


async def merge_preview_of(root: Any, info: Any, entity: str, survivor: str, losers: list[str], picks: Any = None) -> MergePreview:
    context: Context = info.context
    context.principal.need_everything()
    context.principal.need(*STEWARDS)
    meta = entity_of(entity)
    ids = [golden_id(one, "losers") for one in losers]
    async with transaction(context.services.worker_pool, is_dry_run=True) as tx:
        config = await context.services.configurations.get(tx, context.principal.tenant_id)
        found = await merge_preview.preview(tx, config, meta.name, golden_id(survivor, "survivor"), ids, picks=_picks(meta, picks))
    return _shown(meta, found, context.principal.role)


def _picks(meta: EntityMeta, picks: Any) -> dict[str, dict[str, Any]]:
    """Picks by canonical field names; each names a record, a source or a value."""
    if not picks:
        return {}
    if not isinstance(picks, Mapping) or not all(isinstance(one, Mapping) for one in picks.values()):
        raise ApiError(Code.BAD_INPUT, 'picks map a field to {"record": id}, {"source": id} or {"value": …}', "picks")
    return {field_of(meta, name): dict(pick) for name, pick in picks.items()}


def _shown(meta: EntityMeta, found: Preview, role: Role) -> MergePreview:
    hidden = masked_fields(meta, role)

    def seen(name: str, value: Any) -> Json | None:
        return None if name in hidden or value is None else Json(value)

    return MergePreview(
        entity=found.entity,
        survivor_id=strawberry.ID(str(found.survivor)),
        records=[
            RecordPreview(
                id=strawberry.ID(str(one.golden_id)),
                receivables=_money(one.facts.receivables), unbilled=_money(one.facts.unbilled),
                active_projects=one.facts.active_projects, signed_contracts=one.facts.signed_contracts,
                sources=[
                    RoleOfSource(source_id=Long(str(id_)), system=system, object=object_, external_id=external_id, role=role_)
                    for id_, system, object_, external_id, role_ in one.sources
                ],
                lapsing_decision_ids=[Long(str(id_)) for id_ in one.lapsing],
            )
            for one in found.records
        ],
        fields=[
            FieldPreview(
                field=camel(one.field),
                before=[SaidBy(record_id=strawberry.ID(str(id_)), value=seen(one.field, value)) for id_, value in one.before.items()],
                after=seen(one.field, one.after), differs=one.differs, picked=one.is_picked,
                source_id=Long(str(one.source_id)) if one.source_id else None, rule=one.rule, provisional=one.provisional,
                masked=one.field in hidden,
            )
            for one in found.fields
        ],
        children=[
            ChildPreview(entity=one.entity, field=camel(one.field), count=one.count, sample=[strawberry.ID(str(id_)) for id_ in one.sample])
            for one in found.children
        ],
        deliveries=[
            DeliveryPreview(
                system=one.system, operation=one.operation, external_id=one.external_id, mode=one.mode,
                fields=Json({camel(name): value for name, value in one.fields.items() if name not in hidden}),
            )
            for one in found.deliveries
        ],
        vetoes=[_veto(one) for one in found.vetoes],
        risk=found.risk.value, why=list(found.why), needs_second_person=found.risk.value != "R1",
    )  # fmt: skip


def _veto(one: Veto) -> VetoShown:
    return VetoShown(kind=one.kind, reason=one.reason, record_ids=[strawberry.ID(str(id_)) for id_ in one.records], remedy=one.remedy)


def _money(amounts: Mapping[str, Any]) -> list[Money]:
    return [Money(amount=amount, currency=currency) for currency, amount in sorted(amounts.items())]


# ---------------------------------------------------------------------------------------------------------- mutations


async def merge(
    root: Any, info: Any, entity: str, survivor: str, losers: list[str], reason: str, picks: Any = None,
    idempotency_key: Any = None, dry_run: bool = False,
) -> Payload:  # fmt: skip
    context: Context = info.context
    given = {"entity": entity, "survivor": survivor, "losers": losers, "picks": picks, "reason": reason}

    async def work(tx: Connection, config: Configuration) -> Payload:
        meta = entity_of(entity)
        asked = {
            "entity": meta.name, "survivor": str(golden_id(survivor, "survivor")),
            "losers": [str(golden_id(one, "losers")) for one in losers], "picks": _picks(meta, picks), "reason": reason,
        }  # fmt: skip
        done = await submitted(context, tx, config, "merge", asked, is_dry_run=dry_run)
        id_map = [{"before": before, "after": after} for before, after in done.get("id_map", {}).items()]
        return {**done, "id_map": id_map} if "action_id" in done else done

    return await decide(context, STEWARDS, "merge", given, work, key=idempotency_key, is_dry_run=dry_run)


async def split(
    root: Any, info: Any, entity: str, id: str, parts: list[SplitPart], reason: str, idempotency_key: Any = None, dry_run: bool = False
) -> Payload:
    context: Context = info.context
    groups = {str(one.id or context.services.new_id()): [int(source) for source in one.source_ids] for one in parts}
    given = {"entity": entity, "id": id, "parts": list(groups.values()), "reason": reason}

    async def work(tx: Connection, config: Configuration) -> Payload:
        asked = {"entity": entity_of(entity).name, "id": str(golden_id(id)), "groups": groups, "reason": reason}
        done = await submitted(context, tx, config, "split", asked, is_dry_run=dry_run)
        parts_of = [{"before": done["id"], "after": one} for one in (done["id"], *done["parts"])] if "parts" in done else []
        return {**done, "id_map": parts_of} if parts_of else done

    return await decide(context, STEWARDS, "split", given, work, key=idempotency_key, is_dry_run=dry_run)


async def keep_apart(root: Any, info: Any, entity: str, ids: list[str], reason: str, idempotency_key: Any = None) -> Payload:
    context: Context = info.context
    given = {"entity": entity, "ids": ids, "reason": reason}

    async def work(tx: Connection, config: Configuration) -> Payload:
        asked = {"entity": entity_of(entity).name, "ids": [str(golden_id(one, "ids")) for one in ids], "reason": reason}
        return {**await submitted(context, tx, config, "keep_apart", asked), "id_map": []}

    return await decide(context, STEWARDS, "keepApart", given, work, key=idempotency_key)


async def undo_action(root: Any, info: Any, action_id: str, dry_run: bool = False) -> Payload:
    return await _step(info.context, action_id, False, dry_run)


async def redo_action(root: Any, info: Any, action_id: str, dry_run: bool = False) -> Payload:
    return await _step(info.context, action_id, True, dry_run)


async def _step(context: Context, action_id: str, is_redo: bool, is_dry_run: bool) -> Payload:
    asked = {"action_id": int(action_id), "redo": is_redo, "keep_days": context.services.settings.undo_days}

    async def work(tx: Connection, config: Configuration) -> Payload:
        await _need_admin_for_policy(context, tx, config, int(action_id))
        return await submitted(context, tx, config, "undo", asked, is_dry_run=is_dry_run)

    return await decide(context, STEWARDS, "redo" if is_redo else "undo", asked, work, is_dry_run=is_dry_run)


async def _need_admin_for_policy(context: Context, tx: Connection, config: Configuration, action_id: int) -> None:
    kind = await tx.fetchval("SELECT kind FROM hub.action WHERE tenant_id = $1 AND id = $2", config.tenant_id, action_id)
    if kind == "set_policy":
        context.principal.need(Role.ADMIN)


async def undo_many(root: Any, info: Any, action_ids: Any = None, batch_id: Any = None, dry_run: bool = False) -> Payload:
    """Each action in a step of its own: what needs a second person is left as a proposal, the rest is undone."""
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        items = [await _undo_item(context, tx, config, one, dry_run) for one in await _wanted(tx, config, action_ids, batch_id)]
        return {"items": items}

    async def run(_: Payload) -> Payload:
        return await in_transaction(context, work, is_dry_run=dry_run)

    return await answer(context, STEWARDS, Call("undoMany", {}), run)


async def _wanted(tx: Connection, config: Configuration, action_ids: Any, batch_id: Any) -> list[int]:
    """The actions to undo, newest first."""
    if (not action_ids) == (batch_id is None):
        raise ApiError(Code.BAD_INPUT, "give either actionIds or batchId", "actionIds")
    wanted = [int(one) for one in action_ids] if action_ids else await actions.of_batch(tx, config.tenant_id, golden_id(batch_id, "batchId"))
    if len(wanted) > MOST_AT_ONCE:
        raise ApiError(Code.TOO_COMPLEX, f"at most {MOST_AT_ONCE} actions at once", "actionIds", "Undo them in several steps.")
    return sorted(set(wanted), reverse=True)


async def _undo_item(context: Context, tx: Connection, config: Configuration, action_id: int, is_dry_run: bool) -> UndoItem:
    step = tx.transaction()
    await step.start()
    try:
        await _need_admin_for_policy(context, tx, config, action_id)
        asked = {"action_id": action_id, "keep_days": context.services.settings.undo_days}
        done = await submitted(context, tx, config, "undo", asked, is_dry_run=is_dry_run)
    except Exception as error:
        await step.rollback()
        problem = problem_of(error)
        if problem is None:
            raise
        return UndoItem(action_id=Long(str(action_id)), done=False, proposal_id=None, error=problem_out(problem, context.correlation_id))
    await step.commit()
    waiting = done.get("proposal_id")
    return UndoItem(action_id=Long(str(action_id)), done=waiting is None, proposal_id=Long(waiting) if waiting else None, error=None)


# -------------------------------------------------------------------------------------------------------------- lists


def _conditions(context: Context, given: Mapping[str, Any]) -> Sequence[Condition]:
    found: list[Condition] = list(equal(ACTIONS, kind="kind", entity="entity", actor="actor", batch_id="batch_id")(context, given))
    if given.get("mine"):
        found.append(Compare("actor", Op.EQ, context.principal.actor))
    if given.get("record_id") is not None:
        found.append(Compare("golden_ids", Op.CONTAINS, [to_sql("uuid", given["record_id"], "recordId")]))
    if given.get("undone") is not None:
        found.append(Compare("undone_at", Op.IS_NULL, not given["undone"]))
    return found


async def action_of(root: Any, info: Any, id: str) -> Any:
    context: Context = info.context
    context.principal.need_everything()
    context.principal.need(*STEWARDS)
    rows = await context.reader.query("SELECT * FROM api.action WHERE id = $1", int(id))
    return rows[0] if rows else None


def merging_queries() -> dict[str, StrawberryField]:
    """What can be read before and after."""
    text = str | None
    return {
        "merge_preview": resolved_field(
            "mergePreview", MergePreview, merge_preview_of,
            "What a merge would come to: the record, every reference, every delivery, what forbids it. Nothing is changed.",
            entity=str, survivor=strawberry.ID, losers=list[strawberry.ID], picks=Json | None,
        ),
        "actions": list_field(
            "actions", ACTIONS, Action, _conditions, "What people did, newest first, each with its undo.", STEWARDS, newest(ACTIONS),
            kind=text, entity=text, actor=text, mine=bool | None, record_id=strawberry.ID | None, undone=bool | None,
            batch_id=strawberry.ID | None,
        ),
        "action": resolved_field("action", Action | None, action_of, "One step somebody took.", id=Long),
    }  # fmt: skip


def merging_fields() -> dict[str, StrawberryField]:
    """Joining, taking apart, undoing."""
    return {
        "merge": resolved_field(
            "merge", MergePayload, merge,
            "Join records: the losers' ids lead to the survivor for ever, or until it is undone. With money attached it takes a second person.",
            entity=str, survivor=strawberry.ID, losers=list[strawberry.ID], reason=str, picks=Json | None,
            idempotency_key=str | None, dry_run=bool,
        ),
        "split": resolved_field(
            "split", MergePayload, split, "Give source records of a record records of their own.",
            entity=str, id=strawberry.ID, parts=list[SplitPart], reason=str, idempotency_key=str | None, dry_run=bool,
        ),
        "keep_apart": resolved_field(
            "keepApart", MergePayload, keep_apart, "Say that records are not the same: no rule joins them, and a merge is refused.",
            entity=str, ids=list[strawberry.ID], reason=str, idempotency_key=str | None,
        ),
        "undo": resolved_field(
            "undo", UndoPayload, undo_action, "Undo what somebody did; what was done since stays, and is told.", action_id=Long, dry_run=bool
        ),
        "redo": resolved_field("redo", UndoPayload, redo_action, "Do an undone step again.", action_id=Long, dry_run=bool),
        "undo_many": resolved_field(
            "undoMany", UndoManyPayload, undo_many, "Undo several steps, newest first; each is undone or refused by itself.",
            action_ids=list[Long] | None, batch_id=strawberry.ID | None, dry_run=bool,
        ),
    }  # fmt: skip

