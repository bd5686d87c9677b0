"""Plan before apply: a changed policy, or another match model, is computed over all the records it concerns before it is
switched on.

A plan lists every record that would change, what would be sent because of it, and the money concerned. A second person
approves it; then exactly that is written (:mod:`hub.flows.plans_apply`). Small plans are computed at once, large ones page by
page by the worker (:mod:`hub.flows.plans_work`), which can be watched and stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from hub.core import planning
from hub.core import policy as policies
from hub.core.configuration import Configuration
from hub.core.planning import Step, Summary
from hub.core.policy import Policy
from hub.errors import RequestError
from hub.flows import contexts, match_models, plans_match, policy_checks
from hub.flows.match_models import Matching
from hub.flows.plans_compute import look
from hub.flows.plans_deliveries import following, readers
from hub.flows.actions import By
from hub.store import plans, subscriptions
from hub.store.plans import START, Plan
from hub.store.statements import Connection

AT_ONCE = 5_000
"""A plan that concerns more golden records than this is the worker's."""
PAGE = 500
LEASE_S = 60.0
ENDED = ("applied", "cancelled", "failed")


def is_on(config: Configuration) -> bool:
    """Whether a change of policy that changes records needs a plan: the tenant's setting ``plan_before_apply``, on unless said."""
    return bool(config.settings.get("plan_before_apply", True))


async def plan_policy(tx: Connection, config: Configuration, policy: Policy, reason: str, by: By) -> Plan:
    """Plan another policy: owners, others' policy, survivorship rules, order of systems, also per legal entity.

    Answers the plan: ``ready`` when it could be computed at once, else ``computing``. Raises :class:`RequestError` for an
    unknown field, without a reason, or when the policy is the one in force.
    """
    policy_checks.check(policy, config.systems)
    await contexts.need_used(tx, config.tenant_id, policy)
    return await _open(tx, config, policy, reason, by, None)


async def plan_matching(tx: Connection, config: Configuration, entity: str, version: int | None, told: Matching | None, reason: str, by: By) -> Plan:
    """Plan another match model (``version``, 0 for the untrained one), mode or thresholds; None leaves what is.

    Raises :class:`RequestError` likewise, and for an entity that is never compared.
    """
    match_models.check(entity, told)
    before = plans_match.in_force(config, entity)
    given = {
        "entity": entity, "version": before["version"] if version is None else version,
        "matching": before["matching"] if told is None else told.to_json(),
    }  # fmt: skip
    await plans_match.then(tx, config, given)
    return await _store(tx, config, "match_model", [entity], given, before, reason, by, None)


async def plan_back(tx: Connection, config: Configuration, plan_id: int, reason: str, by: By) -> Plan:
    """The undo of an applied plan is another plan: back to the policy that was in force before it."""
    done = await need(tx, config.tenant_id, plan_id)
    if done.state != "applied":
        raise RequestError("NOT_POSSIBLE", f"plan {plan_id} is {done.state}, not applied", field="id", remedy="Cancel it instead.")
    if rule_in_force(config, done) != done.given:
        raise RequestError(
            "MOVED_SINCE", "the rule was changed again since", field="id", remedy="Take the later change back first, or plan the rule you want."
        )
    return await _store(tx, config, done.kind, done.entities, done.before, done.given, reason, by, plan_id)


async def _open(tx: Connection, config: Configuration, policy: Policy, reason: str, by: By, undoes: int | None) -> Plan:
    entities = planning.touched(config.policy, policy)
    return await _store(tx, config, "policy", entities, policy.to_json(), config.policy.to_json(), reason, by, undoes)


async def _store(
    tx: Connection, config: Configuration, kind: str, entities: Sequence[str], given: Mapping[str, Any], before: Mapping[str, Any],
    reason: str, by: By, undoes: int | None,
) -> Plan:  # fmt: skip
    if not reason.strip():
        raise RequestError("REASON_REQUIRED", "a plan needs a reason", field="reason", remedy="Say why.")
    if not entities or given == before:
        raise RequestError("NOTHING_CHANGES", "this is the rule in force", field="document", remedy="Change something.")
    total = await plans.population(tx, config.tenant_id, entities)
    plan_id = await plans.make(
        tx, config.tenant_id, kind=kind, entities=list(entities), given=dict(given), before=dict(before), reason=reason, actor=by.actor,
        undoes=undoes, config_version=config.version, total=total, correlation_id=by.correlation_id,
    )  # fmt: skip
    return await _compute_at_once(tx, config, plan_id)


def rule_in_force(config: Configuration, plan: Plan) -> Mapping[str, Any]:
    """The rule that a plan would replace, as it is now."""
    return config.policy.to_json() if plan.kind == "policy" else plans_match.in_force(config, plan.entities[0])


async def refresh(tx: Connection, config: Configuration, plan_id: int, by: By) -> Plan:
    """Compute a plan anew, from the policy and the records as they are now; whoever approved the old one has to look again."""
    plan = await need(tx, config.tenant_id, plan_id)
    if plan.state in ("applied", "cancelled", "approved", "applying"):
        raise RequestError("NOT_POSSIBLE", f"plan {plan_id} is {plan.state}", field="id", remedy="Make a new plan.")
    entities = plan.entities
    if plan.kind == "policy":
        entities = planning.touched(config.policy, policies.from_json(plan.given)) or entities
    total = await plans.population(tx, config.tenant_id, entities)
    await plans.begin_anew(tx, config.tenant_id, plan_id, rule_in_force(config, plan), entities, config.version, total)
    await plans.move(tx, config.tenant_id, plan_id, "computing")
    return await _compute_at_once(tx, config, plan_id)


async def cancel(tx: Connection, config: Configuration, plan_id: int, by: By) -> Plan:
    """Give a plan up; one that is being computed or checked stops at its next page."""
    plan = await need(tx, config.tenant_id, plan_id)
    if plan.state in (*ENDED, "applying"):
        raise RequestError("NOT_POSSIBLE", f"plan {plan_id} is {plan.state}", field="id", remedy="Plan it back instead.")
    await plans.move(tx, config.tenant_id, plan_id, "cancelled", actor=by.actor)
    return await need(tx, config.tenant_id, plan_id)


async def need(tx: Connection, tenant_id: int, plan_id: int) -> Plan:
    """The plan, held until the transaction ends."""
    plan = await plans.lock(tx, tenant_id, plan_id)
    if plan is None:
        raise RequestError("NOT_FOUND", f"there is no plan {plan_id}", field="id", remedy="List the plans.")
    return plan


# ------------------------------------------------------------------------------------------------------------------ computing


async def _compute_at_once(tx: Connection, config: Configuration, plan_id: int) -> Plan:
    plan = await need(tx, config.tenant_id, plan_id)
    while plan.total <= AT_ONCE and plan.state == "computing":
        plan = await compute_page(tx, config, plan)
    return plan


async def compute_page(tx: Connection, config: Configuration, plan: Plan) -> Plan:
    """Look at the plan's next records; after the last the plan is ready. Answers the plan as it stands then."""
    entity, ids = await next_page(tx, config.tenant_id, plan)
    if entity is None:
        return await _finish(tx, config, plan)
    steps, deliveries = await steps_of(tx, config, plan, entity, ids)
    await plans.put_items(tx, config.tenant_id, plan.id, steps)
    await plans.put_deliveries(tx, config.tenant_id, plan.id, deliveries)
    summary = Summary.from_json(plan.summary)
    for step in steps:
        summary.add(step)
    for row in deliveries:
        summary.add_delivery(row["system"], entity, row["op"], row["mode"])
    done, at, told = plan.done + len(ids), (entity, ids[-1]), summary.to_json()
    await plans.proceed(tx, config.tenant_id, plan, done, at, told, LEASE_S)
    return replace(plan, done=done, at_entity=at[0], at_id=at[1], summary=told)


async def steps_of(
    tx: Connection, config: Configuration, plan: Plan, entity: str, ids: Sequence[UUID], *, with_deliveries: bool = True
) -> tuple[list[Step], list[dict[str, Any]]]:
    """What the planned rule makes of these records, and the writes that would follow."""
    if plan.kind == "match_model":
        judged_by = await plans_match.then(tx, config, plan.given)
        listed = list((await plans_match.look(tx, config, judged_by, entity, ids)).values())
        joined = await plans_match.joined(tx, config, entity, listed) if with_deliveries else {}
        return listed, await following(tx, config, config, entity, joined, await readers(tx, config)) if joined else []
    then = with_policy(config, plan.given)
    seen = await look(tx, then, entity, ids)
    steps = [one.step for one in seen.values() if one.step is not None]
    readers_ = await readers(tx, config) if with_deliveries else []
    return steps, await following(tx, config, then, entity, seen, readers_)


async def next_page(tx: Connection, tenant_id: int, plan: Plan) -> tuple[str | None, list[Any]]:
    """(entity, golden ids) that come next; the entity is None after the last."""
    first = plan.entities.index(plan.at_entity) if plan.at_entity else 0
    for place, entity in enumerate(plan.entities[first:]):
        ids = await plans.page(tx, tenant_id, entity, plan.at_id if place == 0 and plan.at_entity else START, PAGE)
        if ids:
            return entity, ids
    return None, []


def with_policy(config: Configuration, document: Mapping[str, Any]) -> Configuration:
    """The configuration as it would be under another policy."""
    return replace(config, policy=policies.from_json(document))


async def _finish(tx: Connection, config: Configuration, plan: Plan) -> Plan:
    told = dict(plan.summary) or Summary().to_json()
    told["receivables"] = await plans.receivables(tx, config.tenant_id, plan.id)
    told["brakes"] = await _brakes(tx, config, told["deliveries"])
    await plans.proceed(tx, config.tenant_id, plan, plan.done, (plan.at_entity, plan.at_id), told, LEASE_S)
    await plans.move(tx, config.tenant_id, plan.id, "ready")
    return await need(tx, config.tenant_id, plan.id)


async def _brakes(tx: Connection, config: Configuration, deliveries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Systems whose brake the plan's writes would put on, by count alone; its share depends on what the system holds then."""
    writes: dict[str, int] = {}
    for one in deliveries:
        if one["mode"] in ("write", "mixed"):
            writes[one["system"]] = writes.get(one["system"], 0) + one["count"]
    found = []
    for system, count in sorted(writes.items()):
        brake = await subscriptions.brake_of(tx, config.tenant_id, system)
        if count > brake.count:
            found.append({"system": system, "writes": count, "limit": brake.count})
    return found
