"""Reading plans, pairs of transactions that look alike, and values that many share; and answering the latter two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import Role
from hub.api.approval_types import proposal
from hub.api.context import Context
from hub.api.decisions import STEWARDS, DonePayload, decide, entity_of, submitted
from hub.api.errors import problem_of
from hub.api.mutation import Call, Payload, answer, by, in_transaction, problem_out
from hub.api.operations import equal, list_field, newest
from hub.api.plan import AnyOf, Compare, Condition, Op, OrderBy
from hub.api.plan_mutations import plan_mutations
from hub.api.plan_types import (
    DELIVERIES,
    DUPLICATES,
    GENERIC,
    ITEMS,
    PLANS,
    Duplicate,
    DuplicatesPayload,
    GenericValue,
    PlanDelivery,
    PlanItem,
    RulePlan,
    plan_row,
)
from hub.api.scalars import Long
from hub.api.shells import resolved_field
from hub.api.values import to_sql
from hub.core.configuration import Configuration
from hub.errors import HubError
from hub.flows import generic
from hub.store.statements import Connection

MOST_ANSWERS = 500
_READERS = (Role.STEWARD, Role.ADMIN)


async def _plan(root: Any, info: Any, id: str) -> Any:
    return await plan_row(info.context, int(id))


def _pairs(context: Context, given: Mapping[str, Any]) -> list[Condition]:
    found: list[Condition] = list(equal(DUPLICATES, entity="entity", state="state", kind="kind")(context, given))
    if given.get("record_id") is not None:
        wanted = to_sql("uuid", given["record_id"], "recordId")
        found.append(AnyOf((Compare("golden_id", Op.EQ, wanted), Compare("other_id", Op.EQ, wanted))))
    return found


def plan_fields() -> dict[str, StrawberryField]:
    """What can be read of plans, duplicates and shared values."""
    text, identity = str | None, strawberry.ID | None
    return {
        "plans": list_field(
            "plans", PLANS, RulePlan, equal(PLANS, state="state", kind="kind", actor="actor"), "Plans, newest first.", _READERS, newest(PLANS),
            state=text, kind=text, actor=text,
        ),
        "plan": resolved_field("plan", RulePlan | None, _plan, "One plan.", id=Long),
        "plan_items": list_field(
            "planItems", ITEMS, PlanItem, equal(ITEMS, plan_id="plan_id", entity="entity", op="op", state="state"),
            "The records of a plan.", _READERS, (OrderBy("golden_id"),), plan_id=Long, entity=text, op=text, state=text,
        ),
        "plan_deliveries": list_field(
            "planDeliveries", DELIVERIES, PlanDelivery, equal(DELIVERIES, plan_id="plan_id", entity="entity", system="system", mode="mode"),
            "The writes that would follow a plan.", _READERS, (OrderBy("golden_id"), OrderBy("system")),
            plan_id=Long, entity=text, system=text, mode=text,
        ),
        "duplicates": list_field(
            "duplicates", DUPLICATES, Duplicate, _pairs, "Transactions that look alike, newest first.", _READERS, newest(DUPLICATES),
            entity=text, state=text, kind=text, record_id=identity,
        ),
        "generic_values": list_field(
            "genericValues", GENERIC, GenericValue, equal(GENERIC, entity="entity", kind="kind", state="state"),
            "Values that many records share, and what people said of them.", _READERS, tuple(OrderBy(one) for one in GENERIC.key),
            entity=text, kind=text, state=text,
        ),
    }  # fmt: skip


async def answer_duplicates(
    root: Any, info: Any, ids: list[str], verdict: str, reason: str, superseded: Any = None, dry_run: bool = False
) -> Payload:
    """Several pairs with one answer, each in a transaction of its own, so that one refused answer holds nobody up."""
    context: Context = info.context

    async def one(id: str) -> dict[str, Any]:
        given = {"duplicate_id": int(id), "answer": verdict, "reason": reason, "superseded": superseded}

        async def work(tx: Connection, config: Configuration) -> Payload:
            return await submitted(context, tx, config, "answer_duplicate", given, is_dry_run=dry_run)

        try:
            done = await in_transaction(context, work, is_dry_run=dry_run)
        except HubError as error:
            problem = problem_of(error)
            if problem is None:
                raise
            return {"id": id, "done": False, "proposal": None, "errors": [problem_out(problem, context.correlation_id)]}
        waits = done.get("proposal_id")
        shown = await proposal(context, int(waits)) if waits and not dry_run else None
        return {"id": id, "done": not waits and not dry_run, "proposal": shown, "errors": []}

    async def run(_: Payload) -> Payload:
        return {"outcomes": [await one(id) for id in dict.fromkeys(ids[:MOST_ANSWERS])]}

    return await answer(context, STEWARDS, Call("answerDuplicates", {}), run)


async def declare_generic(root: Any, info: Any, entity: str, kind: str, value: str, reason: str, is_generic: bool = True) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        await generic.declare(tx, config, entity_of(entity).name, kind, value, reason, by(context), is_generic=is_generic)
        return {"done": True}

    return await decide(context, STEWARDS, "declareGeneric", {}, work)


async def withdraw_generic(root: Any, info: Any, entity: str, kind: str, value: str) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        await generic.withdraw(tx, config, entity_of(entity).name, kind, value, by(context))
        return {"done": True}

    return await decide(context, STEWARDS, "withdrawGeneric", {}, work)


def planning_mutations() -> dict[str, StrawberryField]:
    return {
        **plan_mutations(),
        "answer_duplicates": resolved_field(
            "answerDuplicates", DuplicatesPayload, answer_duplicates,
            "Say of pairs of transactions that they are a `duplicate` (the later one, or superseded, counts no more) or `legitimate` (both are right).",
            ids=list[Long], verdict=str, reason=str, superseded=strawberry.ID | None, dry_run=bool,
        ),
        "declare_generic": resolved_field(
            "declareGeneric", DonePayload, declare_generic,
            "Say that a value is shared by many, or (isGeneric: false) that it tells records apart however many share it.",
            entity=str, kind=str, value=str, reason=str, is_generic=bool,
        ),
        "withdraw_generic": resolved_field(
            "withdrawGeneric", DonePayload, withdraw_generic, "Take one's word about a value back; the count decides again.",
            entity=str, kind=str, value=str,
        ),
    }  # fmt: skip
