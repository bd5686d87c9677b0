"""Mutations about plans: plan another policy, compute anew, give up, apply, take back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from strawberry.types.field import StrawberryField

from hub.api.approval_types import proposal
from hub.api.context import Context
from hub.api.decisions import ADMINS, entity_of, submitted
from hub.api.errors import ApiError, Code
from hub.api.mutation import Call, Payload, answer, by, in_transaction
from hub.api.plan_types import PlanPayload, plan_row
from hub.api.scalars import Json, Long
from hub.api.shells import resolved_field
from hub.core import policy as policies
from hub.core.configuration import Configuration
from hub.flows import plans
from hub.flows.match_models import Matching
from hub.store import plans as store
from hub.store.plans import Plan
from hub.store.statements import Connection

Work = Callable[[Connection, Configuration], Awaitable[Payload]]


async def apply_plan(context: Context, tx: Connection, config: Configuration, plan: Plan) -> Payload:
    """Apply a plan, or ask for its second person; the plan remembers where."""
    done = await submitted(context, tx, config, "apply_plan", {"plan_id": plan.id, "reason": plan.reason})
    if "proposal_id" in done:
        await store.SQL["ask"].run(tx, tenant=config.tenant_id, id=plan.id, proposal=int(done["proposal_id"]))
    return done


async def _about(context: Context, name: str, work: Work) -> Payload:
    async def run(_: Payload) -> Payload:
        done = await in_transaction(context, work)
        shown: Payload = {"plan": await plan_row(context, int(done["plan_id"]))}
        if "proposal_id" in done:
            shown["proposal"] = await proposal(context, int(done["proposal_id"]))
        return shown

    return await answer(context, ADMINS, Call(name, {}), run)


async def plan_policy(root: Any, info: Any, document: Any, reason: str) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        try:
            policy = policies.from_json(document)
        except (ValueError, AttributeError, TypeError) as error:
            raise ApiError(Code.BAD_INPUT, str(error), "document", "See setPolicy in the manual.") from error
        return {"plan_id": (await plans.plan_policy(tx, config, policy, reason, by(context))).id}

    return await _about(context, "planPolicy", work)


async def plan_and_apply(
    context: Context, tx: Connection, config: Configuration, entity: str, version: int | None, told: Matching | None, reason: str
) -> Payload:
    """Plan another model or threshold, and apply the plan or ask for its second person; a large one is computed by the workers first."""
    plan = await plans.plan_matching(tx, config, entity, version, told, reason, by(context))
    if plan.state != "ready":
        return {"plan_id": str(plan.id), "done": None}
    applied = await apply_plan(context, tx, config, plan)
    return {"plan_id": str(plan.id), "done": None if "proposal_id" in applied else True, **applied}


async def plan_matching(
    root: Any, info: Any, entity: str, reason: str, version: Any = None, mode: Any = None, thresholds: Any = None
) -> Payload:
    from hub.api.matching import zones_of

    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        told = None if mode is None and thresholds is None else Matching(mode, zones_of(thresholds) or None)
        made = await plans.plan_matching(tx, config, entity_of(entity).name, version, told, reason, by(context))
        return {"plan_id": made.id}

    return await _about(context, "planMatching", work)


async def plan_back(root: Any, info: Any, id: str, reason: str) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        return {"plan_id": (await plans.plan_back(tx, config, int(id), reason, by(context))).id}

    return await _about(context, "planBack", work)


async def refresh_plan(root: Any, info: Any, id: str) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        return {"plan_id": (await plans.refresh(tx, config, int(id), by(context))).id}

    return await _about(context, "refreshPlan", work)


async def cancel_plan(root: Any, info: Any, id: str) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        return {"plan_id": (await plans.cancel(tx, config, int(id), by(context))).id}

    return await _about(context, "cancelPlan", work)


async def apply(root: Any, info: Any, id: str) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        plan = await plans.need(tx, config.tenant_id, int(id))
        return {**await apply_plan(context, tx, config, plan), "plan_id": plan.id}

    return await _about(context, "applyPlan", work)


def plan_mutations() -> dict[str, StrawberryField]:
    from hub.api.matching import ThresholdInput

    return {
        "plan_policy": resolved_field(
            "planPolicy", PlanPayload, plan_policy,
            "Compute what another policy would change, without changing it: records, fields, writes and money. A large plan is computed by the "
            "workers; look at done and total.",
            document=Json, reason=str,
        ),
        "plan_matching": resolved_field(
            "planMatching", PlanPayload, plan_matching,
            "Compute what another match model, mode or thresholds would change, without changing it: which pairs would be linked, asked about "
            "or left apart. What is not given stays as it is.",
            entity=str, reason=str, version=int | None, mode=str | None, thresholds=list[ThresholdInput] | None,
        ),
        "apply_plan": resolved_field(
            "applyPlan", PlanPayload, apply,
            "Apply a plan that is ready, or ask for its second person. Exactly what it says is written, or nothing.", id=Long,
        ),
        "refresh_plan": resolved_field("refreshPlan", PlanPayload, refresh_plan, "Compute a plan anew, from the records as they are now.", id=Long),
        "cancel_plan": resolved_field("cancelPlan", PlanPayload, cancel_plan, "Give a plan up; one that is being computed stops.", id=Long),
        "plan_back": resolved_field(
            "planBack", PlanPayload, plan_back, "Plan the way back from an applied plan: the policy that was in force before it.",
            id=Long, reason=str,
        ),
    }  # fmt: skip
