"""A plan is applied exactly: every record is computed once more and held against the plan, then the rule is switched on and
the listed records are written.

A record whose result would differ from the planned one has *moved since*; while there is one, nothing is applied: the plan is
``stale`` until it is computed anew. Small plans are applied in one transaction, large ones by the worker: first all records are
checked, then the rule is switched, then the records are written page by page, each with cause ``plan:<id>``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from hub.core import policy as policies
from hub.core.change import Cause
from hub.core.configuration import Configuration
from hub.core.contexts import contexts_of
from hub.core.planning import Step, digest
from hub.errors import RequestError
from hub.flows.plans import LEASE_S, PAGE, need, next_page, rule_in_force, steps_of, with_policy
from hub.flows.plans_compute import look
from hub.flows.recompute import recompute
from hub.flows import plans_match
from hub.flows.actions import By, note
from hub.flows.steward import reconsider_all
from hub.store import change_log, configuration, plans, versions
from hub.store.plans import START, Plan
from hub.store.statements import Connection
from schema import ENTITIES

AT_ONCE = 1_000
"""A plan that concerns more golden records than this is written by the worker: its approver does not wait for it."""


async def as_operation(tx: Connection, config: Configuration, plan_id: int, by: By) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Apply a plan as what somebody approves: (what is approved, what is shown of it, what a mutation answers).

    What is approved names the plan's content, so that a plan computed anew meanwhile is another one. Raises
    :class:`RequestError` when it cannot be applied, also because records have moved since.
    """
    plan = await need(tx, config.tenant_id, plan_id)
    content = await plans.SQL["content"].value(tx, tenant=config.tenant_id, id=plan_id)
    approved = {"plan": {"id": plan_id, "kind": plan.kind, "before": dict(plan.before), "after": dict(plan.given), "content": content}}
    done = await apply(tx, config, plan_id, by)
    if done.state == "stale":
        raise RequestError("MOVED_SINCE", done.error, field="id", remedy="Compute the plan anew, look at it, then ask again.")
    shown = {"plan": {"id": plan_id, "reason": plan.reason, **dict(plan.summary)}}
    applied = done.summary.get("applied", {})
    return approved, shown, {"plan_id": str(plan_id), "count": applied.get("applied", 0)}


async def apply(tx: Connection, config: Configuration, plan_id: int, by: By) -> Plan:
    """Apply a plan that is ready. A small one is ``applied`` when this answers, or ``stale`` with what has moved since and
    nothing changed; a large one is ``approved`` and the worker's. Who may ask for this is :mod:`hub.flows.approvals`' to say.
    """
    plan = await need(tx, config.tenant_id, plan_id)
    if plan.state != "ready":
        remedy = "Compute it anew." if plan.state == "stale" else "Make a new plan."
        raise RequestError("NOT_POSSIBLE", f"plan {plan_id} is {plan.state}, not ready", field="id", remedy=remedy)
    other = await plans.SQL["being_applied"].row(tx, tenant=config.tenant_id, id=plan_id)
    if other is not None:
        raise RequestError("BUSY", f"plan {other['id']} is being applied", field="id", remedy="Wait for it.", is_retryable=True)
    await plans.move(tx, config.tenant_id, plan_id, "approved", actor=by.actor)
    plan = await need(tx, config.tenant_id, plan_id)
    while plan.total <= AT_ONCE and plan.state in ("approved", "applying"):
        plan = await go_on(tx, config, plan)
    return plan


async def go_on(tx: Connection, config: Configuration, plan: Plan) -> Plan:
    """One page more of an approved plan: checking, or writing after the switch."""
    return await (_check_page if plan.state == "approved" else _write_page)(tx, config, plan)


# ------------------------------------------------------------------------------------------------------------------- checking


async def _check_page(tx: Connection, config: Configuration, plan: Plan) -> Plan:
    """Hold the next records against the plan; after the last, switch the rule on or call the plan stale."""
    if rule_in_force(config, plan) != plan.before:
        return await _end(tx, config, plan, "stale", "Another rule is in force than the one the plan was made against.")
    entity, ids = await next_page(tx, config.tenant_id, plan)
    if entity is None:
        return await _checked(tx, config, plan)
    planned = await plans.digests(tx, config.tenant_id, plan.id, ids)
    moved = await (_moved_pairs if plan.kind == "match_model" else _moved_records)(tx, config, plan, entity, ids, planned)
    await plans.settle_items(tx, config.tenant_id, plan.id, moved)
    done, at = plan.done + len(ids), (entity, ids[-1])
    await plans.proceed(tx, config.tenant_id, plan, done, at, plan.summary, LEASE_S)
    return replace(plan, done=done, at_entity=at[0], at_id=at[1])


async def _moved_records(
    tx: Connection, config: Configuration, plan: Plan, entity: str, ids: Sequence[UUID], planned: Mapping[UUID, bytes]
) -> list[dict[str, Any]]:
    """Records that would not become what the plan says; one it does not list must stay as it is."""
    seen = await look(tx, with_policy(config, plan.given), entity, ids)
    await change_log.reconsider(tx, config.tenant_id, [
        {"entity": entity, "golden_id": golden_id, "due_at": one.after.reconsider_at, "cause": "time"}
        for golden_id, one in seen.items() if one.before is not None and one.after.reconsider_at is not None
    ])  # fmt: skip
    return [
        _moved(entity, golden_id, one.step, one.before.version if one.before else 0)
        for golden_id, one in seen.items()
        if (one.step is not None if golden_id not in planned else digest(one.after) != planned[golden_id])
    ]


async def _moved_pairs(
    tx: Connection, config: Configuration, plan: Plan, entity: str, ids: Sequence[UUID], planned: Mapping[UUID, bytes]
) -> list[dict[str, Any]]:
    """Records whose pairs would come to lie in other zones than the plan says."""
    steps, _ = await steps_of(tx, config, plan, entity, ids)
    found = {step.golden_id: step for step in steps}
    return [
        _moved(entity, golden_id, found.get(golden_id), 0)
        for golden_id in sorted({*found, *planned})
        if golden_id not in found or found[golden_id].digest != planned.get(golden_id)
    ]


def _moved(entity: str, golden_id: UUID, step: Step | None, version: int) -> dict[str, Any]:
    becomes = {"before": step.before, "after": step.after} if step is not None else {"before": {}, "after": {}}
    return {
        "golden_id": golden_id, "entity": entity, "op": step.op if step else "update", "version": version, "state": "moved", "moved": becomes,
    }  # fmt: skip


async def _checked(tx: Connection, config: Configuration, plan: Plan) -> Plan:
    await plans.SQL["vanished"].run(tx, tenant=config.tenant_id, id=plan.id)
    moved = (await plans.counts(tx, config.tenant_id, plan.id)).get("moved", 0)
    if moved:
        return await _end(tx, config, plan, "stale", f"{moved} records have moved since the plan was computed.")
    actor = plan.approved_by or plan.actor
    if plan.kind == "match_model":
        await plans_match.switch(tx, config, plan.id, plan.given, actor)
        await plans.SQL["all_applied"].run(tx, tenant=config.tenant_id, id=plan.id)
        return await _applied(tx, config, plan)
    await configuration.put_policy(tx, config.tenant_id, policies.from_json(plan.given), f"plan {plan.id}: {plan.reason}", actor)
    return await _end(tx, config, plan, "applying", "")


# -------------------------------------------------------------------------------------------------------------------- writing


async def _write_page(tx: Connection, config: Configuration, plan: Plan) -> Plan:
    """Write the next listed records under the rule that is on now."""
    rows = await plans.items_left(tx, config.tenant_id, plan.id, plan.at_id, PAGE)
    if not rows:
        return await _applied(tx, config, plan)
    cause = Cause(f"plan:{plan.id}", plan.approved_by or plan.actor, plan.correlation_id)
    causes: dict[str, dict[UUID, Cause]] = {}
    for row in rows:
        causes.setdefault(row["entity"], {})[row["golden_id"]] = cause
    done = await recompute(tx, with_policy(config, plan.given), causes)
    settled = []
    for row in rows:
        after = done.goldens[row["golden_id"]]
        is_planned = digest(after) == row["digest"]
        if not is_planned and plan.total <= AT_ONCE:  # somebody was quicker by a moment; nothing of it is stored
            raise RequestError("MOVED_SINCE", "a record changed while the plan was applied", field="id", remedy="Apply it again.", is_retryable=True)
        settled.append({
            "golden_id": row["golden_id"], "entity": row["entity"], "state": "applied" if is_planned else "moved",
            "moved": None if is_planned else {"by": "a change that came in while the plan was applied"},
            "applied_version": after.version or None,
        })  # fmt: skip
    await plans.settle_items(tx, config.tenant_id, plan.id, settled)
    at = ("", rows[-1]["golden_id"])
    await plans.proceed(tx, config.tenant_id, plan, plan.done + len(rows), at, plan.summary, LEASE_S)
    return replace(plan, done=plan.done + len(rows), at_entity="", at_id=at[1])


async def _applied(tx: Connection, config: Configuration, plan: Plan) -> Plan:
    counts = await plans.counts(tx, config.tenant_id, plan.id)
    told = dict(plan.summary) | {"applied": {"applied": counts.get("applied", 0), "moved": counts.get("moved", 0)}}
    await plans.proceed(tx, config.tenant_id, plan, plan.done, ("", START), told, LEASE_S)
    given = {"plan_id": plan.id, "document": dict(plan.given)}
    who = By(plan.approved_by or plan.actor, plan.correlation_id)
    if plan.kind == "policy":
        await reconsider_all(tx, config.tenant_id, _seen_otherwise(plan), "policy", who)
    await note(tx, config.tenant_id, "apply_plan", who, reason=plan.reason, given=given, inverse=None)  # its undo is another plan
    if plan.undoes is not None:
        await plans.SQL["undone"].run(tx, tenant=config.tenant_id, id=plan.undoes, undone_by=plan.id)
    return await _end(tx, config, plan, "applied", "")


def _seen_otherwise(plan: Plan) -> list[str]:
    """Entities whose records some context may see otherwise by now: their readers are told as they are computed again."""
    both = [policies.from_json(one) for one in (plan.given, plan.before)]
    return [entity for entity in plan.entities if any(contexts_of(ENTITIES[entity], policy) for policy in both)]


async def _end(tx: Connection, config: Configuration, plan: Plan, state: str, why: str) -> Plan:
    await plans.move(tx, config.tenant_id, plan.id, state, error=why)
    return await need(tx, config.tenant_id, plan.id)


# ------------------------------------------------------------------------------------------------------------------- verifying


@dataclass(frozen=True, slots=True)
class Verified:
    """How an applied plan compares with what was written: ``equal`` of ``planned`` records are as planned."""

    planned: int
    equal: int
    differing: tuple[UUID, ...]


async def verify(tx: Connection, config: Configuration, plan_id: int) -> Verified:
    """Read what was written for a plan, and hold it against what was planned, record by record."""
    rows = await tx.fetch(
        "SELECT golden_id, entity, digest, coalesce(applied_version, version) AS version FROM hub.plan_item "
        "WHERE tenant_id = $1 AND plan_id = $2 AND digest <> '' ORDER BY golden_id",
        config.tenant_id, plan_id,
    )  # fmt: skip
    equal, differing = 0, []
    for start in range(0, len(rows), PAGE):
        page = rows[start : start + PAGE]
        stored = await versions.read(tx, config.tenant_id, [(row["entity"], row["golden_id"], row["version"]) for row in page])
        for row in page:
            found = stored.get((row["golden_id"], row["version"]))
            if found is not None and digest(found) == row["digest"]:
                equal += 1
            else:
                differing.append(row["golden_id"])
    return Verified(len(rows), equal, tuple(differing))
