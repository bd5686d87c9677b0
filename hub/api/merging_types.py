"""The types of merging and undoing. Actions are rows as the view gives them; previews are made as they are shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import strawberry

from hub.api.approval_types import Proposal
from hub.api.common import GoldenRecord, Money
from hub.api.context import Context
from hub.api.lineage import MovedId
from hub.api.mutation import ProblemOut
from hub.api.plan import Shape
from hub.api.scalars import DateTime, Json, Long
from hub.flows.undo import HANDLERS

ACTIONS = Shape(
    "action",
    {
        "id": "bigint", "kind": "text", "actor": "text", "reason": "text", "correlation_id": "text", "made_at": "timestamptz",
        "entity": "text", "golden_ids": "uuid[]", "decision_ids": "bigint[]", "given": "jsonb", "has_inverse": "boolean",
        "batch_id": "uuid", "undone_at": "timestamptz", "undone_by": "text", "redone_at": "timestamptz", "redone_by": "text",
    },
)  # fmt: skip


@strawberry.input(description="One part of a split: the source records that leave together.")
class SplitPart:
    source_ids: list[Long] = strawberry.field(description="Ids of source records of the record, as `sources` shows them.")
    id: strawberry.ID | None = strawberry.field(default=None, description="Golden id the part gets; left out: a new one.")


@strawberry.type(description="What a merge or split did, and the action that undoes it.")
class MergePayload:
    action_id: Long | None = strawberry.field(description="Give it to `undo`.")
    record: GoldenRecord | None = strawberry.field(description="The record that stayed, as it is now.")
    id_map: list[MovedId] | None = strawberry.field(description="Old ids and what stands for them.")
    children: int | None = strawberry.field(description="How many records refer to the survivor now that did not before.")
    proposal: Proposal | None = strawberry.field(description="Set when a second person must approve first: then nothing else was done.")
    errors: list[ProblemOut] = strawberry.field(description="Why it was refused, and what to do.")


@strawberry.type(description="Something that was done since and stays where it is.")
class UndoConflict:
    kind: str = strawberry.field(description="override_since, linked_since or reference_since.")
    reason: str = strawberry.field(description="What was done, and by whom.")
    entity: str = strawberry.field(description="Entity of the record it is about.")
    golden_id: strawberry.ID | None = strawberry.field(description="The record it is about.")
    field: str | None = strawberry.field(description="The field, if it is about one.")
    source_id: Long | None = strawberry.field(description="The source record, if it is about one.")
    decision_id: Long | None = strawberry.field(description="The decision, if it is about one.")


@strawberry.type(description="What an undo or redo did.")
class UndoPayload:
    action_id: Long | None = strawberry.field(description="The action.")
    record: GoldenRecord | None = strawberry.field(description="The first record it is about, as it is now.")
    conflicts: list[UndoConflict] | None = strawberry.field(description="What was done since and stays; a task waits for each.")
    note: str | None = strawberry.field(description="What else stays as it is.")
    proposal: Proposal | None = strawberry.field(description="Set when a second person must approve first: then nothing else was done.")
    errors: list[ProblemOut] = strawberry.field(description="Why it was refused, and what to do.")


@strawberry.type(description="What became of one action of several.")
class UndoItem:
    action_id: Long = strawberry.field(description="The action.")
    done: bool = strawberry.field(description="Whether it is undone now.")
    proposal_id: Long | None = strawberry.field(description="The proposal that waits for a second person.")
    error: ProblemOut | None = strawberry.field(description="Why it stands as it did.")


@strawberry.type(description="What became of each of them.")
class UndoManyPayload:
    items: list[UndoItem] | None = strawberry.field(description="One for each action, newest first.")
    errors: list[ProblemOut] = strawberry.field(description="Why none of them was looked at.")


def _long(root: Any) -> Long:
    return Long(str(root["id"]))


def _decisions(root: Any) -> list[Long]:
    return [Long(str(one)) for one in root["decision_ids"]]


def _records(root: Any) -> list[strawberry.ID]:
    return [strawberry.ID(str(one)) for one in root["golden_ids"]]


def _given(root: Any) -> Json:
    return Json(root["given"])


def _until(root: Any, info: strawberry.Info) -> datetime:
    context: Context = info.context
    return root["made_at"] + timedelta(days=context.services.settings.undo_days)  # type: ignore[no-any-return]


def _undo_until(root: Any, info: strawberry.Info) -> DateTime:
    return _until(root, info)  # type: ignore[return-value]


def _can_undo(root: Any, info: strawberry.Info) -> bool:
    return _state(root, info) == "stands"


def _state(root: Any, info: strawberry.Info) -> str:
    """Where an action is in its life, as the console shows it."""
    if root["undone_at"] is not None:
        return "undone"
    if not root["has_inverse"] or root["kind"] not in HANDLERS:
        return "final"
    return "stands" if _until(root, info) > datetime.now(UTC) else "expired"


@strawberry.type(description="One step somebody took, and whether it can be undone.")
class Action:
    id: Long = strawberry.field(resolver=_long, description="Give it to `undo` or `redo`.")
    kind: str = strawberry.field(description="override, withdraw, accept, link, unlink, merge, split, keep_apart, map_code …")
    actor: str = strawberry.field(description="Who did it.")
    reason: str = strawberry.field(description="Why, in their words.")
    correlation_id: str = strawberry.field(description="Names the request.")
    made_at: DateTime = strawberry.field(description="When.")
    entity: str | None = strawberry.field(description="Entity of the records it is about.")
    record_ids: list[strawberry.ID] = strawberry.field(resolver=_records, description="The records it is about.")
    decision_ids: list[Long] = strawberry.field(resolver=_decisions, description="The decisions it made.")
    given: Json = strawberry.field(resolver=_given, description="What it was asked.")
    batch_id: strawberry.ID | None = strawberry.field(description="The bulk step it is part of.")
    state: str = strawberry.field(resolver=_state, description="stands (can be undone), undone (can be redone), expired, or final: it cannot be undone.")
    can_undo: bool = strawberry.field(resolver=_can_undo, description="Whether `undo` may be tried.")
    undo_until: DateTime = strawberry.field(resolver=_undo_until, description="Until when it can be undone.")
    undone_at: DateTime | None = strawberry.field(description="When it was undone.")
    undone_by: str | None = strawberry.field(description="Who undid it.")
    redone_at: DateTime | None = strawberry.field(description="When it was done again.")
    redone_by: str | None = strawberry.field(description="Who did it again.")


# ------------------------------------------------------------------------------------------------------------ preview


@strawberry.type(description="A source record a record brings.")
class RoleOfSource:
    source_id: Long = strawberry.field(description="Id of the source record.")
    system: str = strawberry.field(description="Its system.")
    object: str = strawberry.field(description="Its object there.")
    external_id: str = strawberry.field(description="Its id there.")
    role: str = strawberry.field(description="The role it would have: primary is written to, alternate is not.")


@strawberry.type(description="One of the records to be joined.")
class RecordPreview:
    id: strawberry.ID = strawberry.field(description="Its golden id.")
    receivables: list[Money] = strawberry.field(description="Open receivables, per currency.")
    unbilled: list[Money] = strawberry.field(description="Items not billed yet, per currency.")
    active_projects: int = strawberry.field(description="Projects in state active.")
    signed_contracts: int = strawberry.field(description="Contracts signed and not over.")
    sources: list[RoleOfSource] = strawberry.field(description="The source records it brings.")
    lapsing_decision_ids: list[Long] = strawberry.field(description="Overrides that lapse while it is merged.")


@strawberry.type(description="What one record says in a field.")
class SaidBy:
    record_id: strawberry.ID = strawberry.field(description="The record.")
    value: Json | None = strawberry.field(description="Its value.")


@strawberry.type(description="One field before and after.")
class FieldPreview:
    field: str = strawberry.field(description="The field.")
    before: list[SaidBy] = strawberry.field(description="What each record says.")
    after: Json | None = strawberry.field(description="What the joined record would say.")
    differs: bool = strawberry.field(description="Whether the records differ in it.")
    picked: bool = strawberry.field(description="Whether it was picked.")
    source_id: Long | None = strawberry.field(description="The source record that would decide it.")
    rule: str = strawberry.field(description="By which rule.")
    provisional: bool = strawberry.field(description="Whether a later owner speaks for a silent first.")
    masked: bool = strawberry.field(description="Whether its values are hidden from the caller.")


@strawberry.type(description="Records that would mean the survivor.")
class ChildPreview:
    entity: str = strawberry.field(description="Their entity.")
    field: str = strawberry.field(description="The field by which they refer.")
    count: int = strawberry.field(description="How many.")
    sample: list[strawberry.ID] = strawberry.field(description="Some of them.")


@strawberry.type(description="What a system would be sent.")
class DeliveryPreview:
    system: str = strawberry.field(description="The system.")
    operation: str = strawberry.field(description="create, update or deactivate.")
    external_id: str | None = strawberry.field(description="The record there.")
    mode: str = strawberry.field(description="write, propose, observe or mixed.")
    fields: Json = strawberry.field(description="Each field with from and to.")


@strawberry.type(description="Why records may not be joined.")
class VetoShown:
    kind: str = strawberry.field(description="Stable; programs act on it.")
    reason: str = strawberry.field(description="Why, in a sentence.")
    record_ids: list[strawberry.ID] = strawberry.field(description="The records it is about.")
    remedy: str = strawberry.field(description="What to do.")


@strawberry.type(description="What a merge would come to.")
class MergePreview:
    entity: str = strawberry.field(description="The entity.")
    survivor_id: strawberry.ID = strawberry.field(description="The record that stays.")
    records: list[RecordPreview] = strawberry.field(description="The records, survivor first.")
    fields: list[FieldPreview] = strawberry.field(description="Every field somebody fills.")
    children: list[ChildPreview] = strawberry.field(description="What refers to those that go.")
    deliveries: list[DeliveryPreview] = strawberry.field(description="What systems would be sent.")
    vetoes: list[VetoShown] = strawberry.field(description="What forbids it; with any it is refused.")
    risk: str = strawberry.field(description="R1: one person. R2: two people. R3: two people of different teams.")
    why: list[str] = strawberry.field(description="What makes it risky.")
    needs_second_person: bool = strawberry.field(description="Whether it would wait for a second person.")
