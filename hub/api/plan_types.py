"""The types of plans, of pairs of transactions that look alike, and of values that many share. Their objects are rows as the views
give them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import strawberry

from hub.api.access import Role
from hub.api.approval_types import Proposal, proposal
from hub.api.common import GoldenRecord, Money
from hub.api.context import Context
from hub.api.mutation import ProblemOut
from hub.api.row_reads import long_of, record_of
from hub.api.operations import page_of
from hub.api.plan import Shape
from hub.api.scalars import DateTime, Json, Long

PLANS = Shape(
    "plan",
    {
        "id": "bigint", "kind": "text", "state": "text", "entities": "text[]", "given": "jsonb", "before": "jsonb", "reason": "text",
        "actor": "text", "undoes": "bigint", "undone_by": "bigint", "proposal_id": "bigint", "done": "integer", "total": "integer",
        "summary": "jsonb", "error": "text", "made_at": "timestamptz", "ready_at": "timestamptz", "approved_by": "text",
        "approved_at": "timestamptz", "applied_at": "timestamptz", "ended_by": "text", "correlation_id": "text",
    },
)  # fmt: skip
ITEMS = Shape(
    "plan_item",
    {
        "plan_id": "bigint", "golden_id": "uuid", "entity": "text", "op": "text", "version": "integer", "before": "jsonb",
        "after": "jsonb", "state": "text", "moved": "jsonb", "applied_version": "integer",
    },
    key=("golden_id",),
)  # fmt: skip
DELIVERIES = Shape(
    "plan_delivery",
    {"plan_id": "bigint", "golden_id": "uuid", "system": "text", "entity": "text", "mode": "text", "op": "text", "fields": "jsonb"},
    key=("golden_id", "system"),
)
DUPLICATES = Shape(
    "duplicate",
    {
        "id": "bigint", "entity": "text", "golden_id": "uuid", "other_id": "uuid", "rule": "text", "kind": "text", "score": "numeric",
        "parts": "jsonb", "systems": "text[]", "money": "jsonb", "state": "text", "decision_id": "bigint", "found_at": "timestamptz",
        "seen_at": "timestamptz", "answered_at": "timestamptz", "answered_by": "text",
    },
)  # fmt: skip
GENERIC = Shape(
    "generic_value",
    {
        "entity": "text", "kind": "text", "value_hash": "bigint", "value": "text", "holders": "integer", "state": "text", "actor": "text",
        "reason": "text", "found_at": "timestamptz", "reviewed_at": "timestamptz",
    },
    key=("entity", "kind", "value_hash"),
)  # fmt: skip


async def _record(root: Any, info: strawberry.Info) -> Any:
    return await record_of(info.context, root["entity"], root["golden_id"])


async def _other(root: Any, info: strawberry.Info) -> Any:
    return await record_of(info.context, root["entity"], root["other_id"])


def _record_id(root: Any) -> strawberry.ID:
    return strawberry.ID(str(root["golden_id"]))


def _told(name: str) -> Callable[[Any], list[Any]]:
    """One list of a plan's summary; a plan that is still computed has none yet."""
    return lambda root: list(root["summary"].get(name) or ())


def _count(key: str, name: str) -> Callable[[Any], int | None]:
    def read(root: Any) -> int | None:
        told: Mapping[str, Any] = root["summary"].get(key) or {}
        return told.get(name)

    return read


async def _proposal(root: Any, info: strawberry.Info) -> Any:
    return await proposal(info.context, root["proposal_id"]) if root["proposal_id"] else None


@strawberry.type(description="How many records of an entity are changed how.")
class PlannedRecords:
    entity: str
    op: str = strawberry.field(description="create, update, inactivate, reactivate; lineage: the values stay, only who says them changes. Of a match plan: link, ask, drop, part")
    count: int


@strawberry.type(description="In how many records a field changes.")
class PlannedField:
    entity: str
    field: str
    count: int


@strawberry.type(description="Sums of a money field over the records in which it changes.")
class PlannedAmount:
    entity: str
    field: str
    currency: str
    before: str
    after: str
    difference: str
    count: int


@strawberry.type(description="How many writes to a system would follow.")
class PlannedDelivery:
    system: str
    entity: str
    op: str
    mode: str = strawberry.field(description="write, propose or observe (nothing is sent); mixed: some fields are held back")
    count: int


@strawberry.type(description="What is still to be paid on invoices of the records that change.")
class PlannedReceivables:
    currency: str
    amount: str
    count: int


@strawberry.type(description="A system whose brake the plan's writes would put on.")
class PlannedBrake:
    system: str
    writes: int
    limit: int


@strawberry.type(description="One record of a plan: the fields that change, before and after.")
class PlanItem:
    record_id: strawberry.ID = strawberry.field(resolver=_record_id)
    record: GoldenRecord | None = strawberry.field(resolver=_record)
    entity: str
    op: str
    version: int = strawberry.field(description="The record's version the plan starts from; 0 before its birth.")
    before: Json
    after: Json
    state: str = strawberry.field(description="planned, applied, or moved: it would become something else by now")
    moved: Json | None = strawberry.field(description="What it would become instead.")
    applied_version: int | None


@strawberry.type(description="One write that would follow a plan.")
class PlanDelivery:
    record_id: strawberry.ID = strawberry.field(resolver=_record_id)
    record: GoldenRecord | None = strawberry.field(resolver=_record)
    system: str
    entity: str
    op: str
    mode: str
    fields: Json


PlanItems = page_of(PlanItem, "PlanItem")
PlanDeliveries = page_of(PlanDelivery, "PlanDelivery")


@strawberry.type(name="Plan", description="What a changed rule would change: computed first, approved by a second person, then applied exactly.")
class RulePlan:
    id: Long | None = strawberry.field(resolver=long_of("id"))
    kind: str = strawberry.field(description="policy: who decides; match_model: how records are recognised")
    state: str = strawberry.field(
        description="computing, ready, approved (being checked), applying, applied, stale (records have moved since), cancelled or failed"
    )
    entities: list[str]
    given: Json = strawberry.field(description="The rule to be.")
    before: Json = strawberry.field(description="The rule the plan was held against; planBack puts it back.")
    reason: str
    actor: str
    undoes: Long | None = strawberry.field(resolver=long_of("undoes"), description="The plan this one takes back.")
    undone_by: Long | None = strawberry.field(resolver=long_of("undone_by"))
    proposal: Proposal | None = strawberry.field(resolver=_proposal, description="Where its second person is asked.")
    done: int = strawberry.field(description="Progress: records looked at,")
    total: int = strawberry.field(description="of how many.")
    records: list[PlannedRecords] = strawberry.field(resolver=_told("records"))
    fields: list[PlannedField] = strawberry.field(resolver=_told("fields"))
    amounts: list[PlannedAmount] = strawberry.field(resolver=_told("amounts"))
    deliveries: list[PlannedDelivery] = strawberry.field(resolver=_told("deliveries"))
    receivables: list[PlannedReceivables] = strawberry.field(resolver=_told("receivables"))
    brakes: list[PlannedBrake] = strawberry.field(resolver=_told("brakes"))
    applied: int | None = strawberry.field(resolver=_count("applied", "applied"), description="Records that are as planned.")
    moved_meanwhile: int | None = strawberry.field(
        resolver=_count("applied", "moved"), description="Records that changed in the moment of applying; they follow the new rule, as they are now."
    )
    error: str = strawberry.field(description="Why it is stale or failed.")
    made_at: DateTime
    ready_at: DateTime | None
    approved_by: str | None
    approved_at: DateTime | None
    applied_at: DateTime | None
    correlation_id: str


@strawberry.type(description="A plan as it stands now; with a proposal when a second person must approve first.")
class PlanPayload:
    plan: RulePlan | None
    proposal: Proposal | None = strawberry.field(description="Set when a second person must approve first: then nothing else was done.")
    errors: list[ProblemOut]


# ------------------------------------------------------------------------------------------------------------------ duplicates


@strawberry.type(description="What speaks for a pair (points above 0) or against it.")
class LikenessPart:
    name: str
    points: int
    most: int
    finding: str
    a: Json | None
    b: Json | None


async def _money_of(root: Any) -> list[Any]:
    return list(root["money"] or ())


def _score(root: Any) -> int:
    return int(root["score"])


@strawberry.type(description="Two transactions that look alike. They stay two until a person says which one counts.")
class Duplicate:
    id: Long | None = strawberry.field(resolver=long_of("id"))
    entity: str
    kind: str = strawberry.field(description="same (one business key), near, or collision (one key, different facts)")
    score: int = strawberry.field(resolver=_score, description="Of 100.")
    rule: str
    parts: list[LikenessPart]
    record_id: strawberry.ID = strawberry.field(resolver=_record_id)
    record: GoldenRecord | None = strawberry.field(resolver=_record, description="The later of the two, which is in doubt.")
    other: GoldenRecord | None = strawberry.field(resolver=_other)
    systems: list[str]
    money: list[Money] = strawberry.field(resolver=_money_of, description="The money in doubt.")
    state: str = strawberry.field(description="open, duplicate, legitimate, or gone (they look alike no more)")
    decision_id: Long | None = strawberry.field(resolver=long_of("decision_id"), description="Withdrawing it takes the answer back.")
    found_at: DateTime
    answered_at: DateTime | None
    answered_by: str | None


@strawberry.type(description="What became of one answer of several.")
class DuplicateOutcome:
    id: Long
    done: bool
    proposal: Proposal | None
    errors: list[ProblemOut]


@strawberry.type
class DuplicatesPayload:
    outcomes: list[DuplicateOutcome] | None
    errors: list[ProblemOut]


def _hash(root: Any) -> strawberry.ID:
    return strawberry.ID(str(root["value_hash"]))


@strawberry.type(description="A value that many records share, such as a switchboard: it nominates no candidate and weighs nothing.")
class GenericValue:
    id: strawberry.ID = strawberry.field(resolver=_hash)
    entity: str
    kind: str = strawberry.field(description="phone, email, domain, tax_id, identifier or address")
    value: str
    holders: int = strawberry.field(description="Golden records that carry it, when last counted.")
    state: str = strawberry.field(description="generic, or distinctive: a person said that it tells records apart")
    actor: str = strawberry.field(description="rule, or who said so.")
    reason: str
    found_at: DateTime
    reviewed_at: DateTime | None = strawberry.field(description="When links that rested on it were judged again.")


async def plan_row(context: Context, plan_id: int) -> Any:
    """One plan as the api sees it."""
    context.principal.need(Role.STEWARD, Role.ADMIN)
    rows = await context.reader.query("SELECT * FROM api.plan WHERE id = $1", plan_id)
    return rows[0] if rows else None


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
