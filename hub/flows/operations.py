"""What people can ask for: every operation that may need a second person, under the name proposals store it by.

An operation is data: how it runs on JSON arguments, how risky those arguments are, and what it is about in a sentence. The same
arguments on the same records make the same change, so ids of records to be made are among the arguments. To register one is
a line in :data:`OPERATIONS`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from hub.core import policy as policies
from hub.core.configuration import Configuration
from hub.core.records import SourceKey
from hub.core.risk import R1, R2, R3, highest, risk_of
from hub.errors import RequestError
from hub.flows import change_set, check, duplicates, hierarchy, match_models, people, plans, plans_apply, steward
from hub.flows.actions import By
from hub.flows.change_set import Override
from hub.flows.match_models import Matching
from hub.flows.merge_operations import MERGING
from hub.flows.operation import Given as Given
from hub.flows.operation import Operation as Operation
from hub.flows.operation import Outcome as Outcome
from hub.store import configuration
from hub.store.statements import Connection
from schema import ENTITIES
from schema.fields import Risk

async def _override(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    until = datetime.fromisoformat(given["until"]) if given.get("until") else None
    made = await steward.override(
        tx, config, given["entity"], UUID(given["id"]), given["field"], given.get("value"), by, reason=given["reason"], until=until,
        until_source_changes=bool(given.get("until_source_changes")),
    )  # fmt: skip
    return Outcome(decision_ids=(made,), answer={"decision_id": str(made), "entity": given["entity"], "id": given["id"]})


async def _field_risk(tx: Connection, config: Configuration, given: Given) -> Risk:
    return risk_of(ENTITIES[given["entity"]], given["field"]) if given["entity"] in ENTITIES else R1


async def _withdraw(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    row = await _decision(tx, config, given)
    await steward.withdraw(tx, config, int(given["decision_id"]), by)
    shown = {"entity": row["entity"], "id": str(row["golden_id"])} if row and row["golden_id"] else {}
    return Outcome({"withdrawn": str(given["decision_id"])}, answer={"decision_id": str(given["decision_id"]), **shown})


async def _decision(tx: Connection, config: Configuration, given: Given) -> Any:
    return await tx.fetchrow(
        "SELECT entity, golden_id, kind, field FROM hub.decision WHERE tenant_id = $1 AND id = $2", config.tenant_id, int(given["decision_id"])
    )


async def _withdraw_risk(tx: Connection, config: Configuration, given: Given) -> Risk:
    row = await _decision(tx, config, given)
    return risk_of(ENTITIES[row["entity"]], row["field"]) if row and row["kind"] in ("override", "accept") else R1


async def _accept(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    entity, golden_id = await _source(tx, config, int(given["source_id"]))
    made = await steward.accept(tx, config, int(given["source_id"]), given["field"], given["reason"], by)
    return Outcome(decision_ids=(made,), answer={"decision_id": str(made), "entity": entity, "id": str(golden_id)})


async def _accept_risk(tx: Connection, config: Configuration, given: Given) -> Risk:
    entity, _ = await _source(tx, config, int(given["source_id"]))
    return risk_of(ENTITIES[entity], given["field"])


async def _source(tx: Connection, config: Configuration, source_id: int) -> tuple[str, UUID | None]:
    row = await tx.fetchrow("SELECT entity, golden_id FROM hub.source_record WHERE tenant_id = $1 AND id = $2", config.tenant_id, source_id)
    if row is None:
        raise RequestError("NOT_FOUND", f"there is no source record {source_id}", field="sourceId", remedy="Look at the record's sources.")
    return row["entity"], row["golden_id"]


def _key(given: Given) -> SourceKey:
    return SourceKey(*(given["source"][part] for part in ("system", "object", "external_id", "entity", "part")))


async def _link(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    made = await steward.link(tx, config, _key(given), UUID(given["id"]), given["reason"], by)
    return Outcome(decision_ids=(made,), answer={"decision_id": str(made), "entity": given["entity"], "id": given["id"]})


async def _unlink(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    """``id`` is that of the record it gets when it has to have one of its own."""
    made = await steward.unlink(tx, config, _key(given), UUID(given["id"]), given["reason"], by)
    return Outcome(decision_ids=(made,), answer={"decision_id": str(made), "entity": given["entity"], "id": given["id"]})


DOCUMENTS = frozenset({"invoice", "credit_memo", "posting"})


async def _unlink_risk(tx: Connection, config: Configuration, given: Given) -> Risk:
    """Taking a source record away from a document that may be posted needs two teams."""
    return R3 if given["entity"] in DOCUMENTS else R1




async def _r1(tx: Connection, config: Configuration, given: Given) -> Risk:
    return R1


async def _r3(tx: Connection, config: Configuration, given: Given) -> Risk:
    return R3


def _need_plan(config: Configuration, mutation: str) -> None:
    """Raise where a rule is changed by a plan only."""
    if plans.is_on(config):
        raise RequestError("PLAN_NEEDED", "a change of rules is planned before it is applied", field="operation", remedy=f"Use {mutation}, then applyPlan.")


async def _set_policy(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    """Ownership and match policy; what approvers see is the document before and after. Where plans come first, a plan does it."""
    _need_plan(config, "planPolicy")
    before = await configuration.SQL["policy"].row(tx, tenant=config.tenant_id)
    policy = policies.from_json(given["document"])
    count = await steward.set_policy(tx, config.tenant_id, policy, given["reason"], by)
    was = before["document"] if before else policies.default_policy().to_json()
    return Outcome({"policy": {"before": was, "after": policy.to_json()}}, estimate={"records": count}, answer={"count": count})


async def _map_code(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    count = await steward.map_code(
        tx, config.tenant_id, given["system"], given["set"], given["theirs"], given["ours"], by,
        direction=given.get("direction", "both"), is_default=bool(given.get("is_default")),
    )  # fmt: skip
    code = {name: given[name] for name in ("system", "set", "theirs", "ours")}
    return Outcome({"code": code}, estimate={"messages": count}, answer={"count": count})


async def _change_set(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    made = await change_set.apply(tx, config, _overrides(given), given["reason"], by)
    return Outcome(decision_ids=tuple(made), answer={"decision_ids": [str(one) for one in made], "count": len(made)})


def _overrides(given: Given) -> list[Override]:
    return [Override(one["entity"], UUID(one["id"]), one["field"], one.get("value")) for one in given["changes"]]


async def _change_set_risk(tx: Connection, config: Configuration, given: Given) -> Risk:
    return highest(risk_of(ENTITIES[one["entity"]], one["field"]) for one in given["changes"] if one["entity"] in ENTITIES)


async def _r2(tx: Connection, config: Configuration, given: Given) -> Risk:
    return R2


async def _move_client(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    parent = UUID(given["parent"]) if given.get("parent") else None
    made, action_id = await hierarchy.move(
        tx, config, UUID(given["id"]), parent, given["kind"], date.fromisoformat(given["since"]), by, reason=given["reason"], edge_id=UUID(given["edge_id"])
    )
    return Outcome(decision_ids=tuple(made), action_id=action_id, answer={"action_id": str(action_id), "entity": "client", "id": given["id"]})


async def _same_group(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    """Sister companies: each below the head of their group, none of them merged. At most eleven, as one compares."""
    made, action_id = await hierarchy.group(
        tx, config, UUID(given["id"]), {UUID(one): UUID(edge) for one, edge in given["members"].items()}, given["kind"],
        date.fromisoformat(given["since"]), by, reason=given["reason"],
    )  # fmt: skip
    return Outcome(decision_ids=tuple(made), action_id=action_id, answer={"action_id": str(action_id), "entity": "client", "id": given["id"]})


async def _put_member(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    diff = await people.put(tx, config, given, by)
    return Outcome(diff, answer={"member_id": given["id"]})


async def _set_approvals(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    return Outcome(await people.set_rules(tx, config, "approvals", given["document"]), answer={"done": True})


async def _set_routing(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    return Outcome(await people.set_rules(tx, config, "routing", given["document"]), answer={"done": True})


async def _set_checks(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    return Outcome(await check.set_severities(tx, config, given["document"]), answer={"done": True})


async def _use_match_model(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    _need_plan(config, "planMatching")
    return Outcome({"model": await match_models.use(tx, config, given["entity"], int(given["version"]), by.actor)}, answer={"done": True})


async def _set_matching(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    _need_plan(config, "planMatching")
    told = Matching(given.get("mode"), given.get("thresholds"))
    return Outcome({"matching": await match_models.set_matching(tx, config, given["entity"], told)}, answer={"done": True})


async def _apply_plan(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    approved, shown, answer = await plans_apply.as_operation(tx, config, int(given["plan_id"]), by)
    return Outcome(approved, estimate=shown, answer=answer)


async def _answer_duplicate(tx: Connection, config: Configuration, given: Given, by: By) -> Outcome:
    superseded = UUID(given["superseded"]) if given.get("superseded") else None
    made = await duplicates.answer(tx, config, int(given["duplicate_id"]), given["answer"], given["reason"], by, superseded=superseded)
    shown = {"decision_id": str(made), "duplicate_id": str(given["duplicate_id"])}
    return Outcome({"answer": {"duplicate": str(given["duplicate_id"]), "is": given["answer"]}}, (made,), answer=shown)


async def _answer_duplicate_risk(tx: Connection, config: Configuration, given: Given) -> Risk:
    """Taking money out of the books' sight needs a second person; saying that both are right does not."""
    is_money = await duplicates.concerns_money(tx, config.tenant_id, int(given["duplicate_id"]))
    return R2 if given["answer"] == "duplicate" and is_money else R1


OPERATIONS: dict[str, Operation] = {
    "override": Operation(_override, _field_risk, "{entity}.{field} by hand"),
    "withdraw": Operation(_withdraw, _withdraw_risk, "take back decision {decision_id}"),
    "accept": Operation(_accept, _accept_risk, "let {field} of source record {source_id} pass"),
    "declare_link": Operation(_link, _r1, "link a source record to {entity} {id}"),
    "not_the_same": Operation(_unlink, _unlink_risk, "take a source record away from its {entity}"),
    "change_set": Operation(_change_set, _change_set_risk, "several fields by hand, all or none"),
    **MERGING,
    "map_code": Operation(_map_code, _r1, "{system} {set} {theirs!r} means {ours}"),
    "set_policy": Operation(_set_policy, _r3, "change who decides", only_admins=True),
    "move_client": Operation(_move_client, _r2, "move a client below another one ({kind})"),
    "same_group": Operation(_same_group, _r1, "clients of one group ({kind})"),
    "apply_plan": Operation(_apply_plan, _r3, "apply plan {plan_id}: {reason}", only_admins=True),
    "answer_duplicate": Operation(_answer_duplicate, _answer_duplicate_risk, "pair {duplicate_id} is {answer}"),
    "put_member": Operation(_put_member, people.risk, "change member {name}", only_admins=True),
    "set_approvals": Operation(_set_approvals, _r3, "change how changes are approved", only_admins=True),
    "use_match_model": Operation(_use_match_model, _r3, "let match model {version} of {entity} judge", only_admins=True),
    "set_matching": Operation(_set_matching, _r3, "change when {entity} records link by themselves", only_admins=True),
    "set_checks": Operation(_set_checks, _r3, "change what becomes of records that break a rule", only_admins=True),
    "set_routing": Operation(_set_routing, _r1, "change who gets which task", only_admins=True),
}
"""Every operation by the name proposals store. Those of other modules are added here, one line each."""
