"""Proposals in GraphQL: what waits for a second person, voting on it, asking anew, and who the people are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import Role
from hub.api.approval_types import PROPOSALS, Member, MemberPayload, Proposal, ProposalPayload, me_of, members_of, proposal
from hub.api.context import Context
from hub.api.decisions import ADMINS, STEWARDS, DecisionPayload, decide, entity_of, field_of, golden_id, submitted
from hub.api.errors import ApiError, Code, Problem, problem_of
from hub.api.mutation import Call, Payload, ProblemOut, answer, by, in_transaction, problem_out
from hub.api.operations import equal, list_field, newest
from hub.api.plan import Compare, Condition, Op
from hub.api.scalars import Json, Long
from hub.api.shells import resolved_field
from hub.api.values import to_sql
from hub.core.configuration import Configuration
from hub.core.risk import rules_of
from hub.errors import RequestError
from hub.flows import approvals
from hub.flows.approvals import OPERATIONS, Verdict
from hub.store.statements import Connection

PROPOSERS = (Role.READER, Role.STEWARD, Role.ADMIN)


@strawberry.input(description="One value of a change set: a field or field group of a golden record.")
class ChangeInput:
    entity: str
    id: strawberry.ID
    field: str
    value: Json | None = None


def _conditions(context: Context, given: Mapping[str, Any]) -> list[Condition]:
    found: list[Condition] = list(equal(PROPOSALS, state="state", operation="operation", risk="risk", entity="entity", author="author")(context, given))
    if given.get("record_id") is not None:
        found.append(Compare("golden_ids", Op.CONTAINS, [to_sql("uuid", given["record_id"], "recordId")]))
    if context.principal.role is Role.READER or given.get("mine"):
        found.append(Compare("author", Op.EQ, context.principal.actor))
    return found


async def _one(root: Any, info: Any, id: str) -> Any:
    context: Context = info.context
    context.principal.need(*PROPOSERS)
    found = await proposal(context, int(id))
    is_hidden = context.principal.role is Role.READER and found is not None and found["author"] != context.principal.actor
    return None if is_hidden else found


async def _members(root: Any, info: Any, team: Any = None) -> list[Any]:
    context: Context = info.context
    context.principal.need(*PROPOSERS)
    known = await members_of(context)
    return [one for one in known.values() if team is None or team in one["teams"]]


async def _my_member(root: Any, info: Any) -> Any:
    return await me_of(info.context)


async def _rules(root: Any, info: Any) -> Json:
    context: Context = info.context
    context.principal.need(*PROPOSERS)
    [row] = await context.services.worker_pool.fetch("SELECT settings FROM hub.tenant WHERE id = $1", context.principal.tenant_id)
    return Json({**rules_of(row["settings"]).to_json(), "routing": row["settings"].get("routing") or {"rules": []}})


def proposal_fields() -> dict[str, StrawberryField]:
    """What can be read of proposals and people."""
    text = str | None
    return {
        "proposals": list_field(
            "proposals", PROPOSALS, Proposal, _conditions,
            "What waits, or waited, for a second person, newest first. A reader sees their own.", PROPOSERS, newest(PROPOSALS),
            state=text, operation=text, risk=text, entity=text, author=text, mine=bool | None, record_id=strawberry.ID | None,
        ),
        "proposal": resolved_field("proposal", Proposal | None, _one, "One proposal.", id=Long),
        "members": resolved_field("members", list[Member], _members, "The people who work here.", team=text),
        "my_member": resolved_field("myMember", Member | None, _my_member, "The person behind this key; null: nobody has said who it is."),
        "work_rules": resolved_field("workRules", Json, _rules, "fourEyes, days and approvers of proposals, and the routing of tasks, as they are in force."),
    }  # fmt: skip


async def settled(context: Context, name: str, id: str, work: Any) -> Payload:
    """Run a vote and show the proposal after it; one that went stale says so as an error too, since it was not made."""

    async def run(_: Payload) -> Payload:
        verdict: Verdict = await in_transaction(context, work)
        shown = {"proposal": await proposal(context, int(id))}
        if verdict.state in ("stale", "expired"):
            shown["errors"] = [_not_made(context, verdict)]
        return shown

    return await answer(context, STEWARDS, Call(name, {}), run)


def _not_made(context: Context, verdict: Verdict) -> ProblemOut:
    what, remedy = {
        "stale": ("it would change something else by now; nothing was changed", "Look at what moved, then renew the proposal."),
        "expired": ("nobody decided in time; nothing was changed", "Renew the proposal."),
    }[verdict.state]
    return problem_out(Problem(verdict.state.upper(), what, "id", remedy), context.correlation_id)


async def approve(root: Any, info: Any, id: str, comment: str = "", for_member: Any = None) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Verdict:
        return await approvals.approve(tx, config, int(id), by(context), comment=comment, for_id=_member_id(for_member))

    return await settled(context, "approve", id, work)


async def refuse(root: Any, info: Any, id: str, reason: str, for_member: Any = None) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Verdict:
        return await approvals.refuse(tx, config, int(id), by(context), reason, for_id=_member_id(for_member))

    return await settled(context, "refuse", id, work)


def _member_id(text: str | None) -> UUID | None:
    return None if text is None else golden_id(text, "forMember")


async def withdraw_proposal(root: Any, info: Any, id: str) -> Payload:
    context: Context = info.context

    async def run(_: Payload) -> Payload:
        await in_transaction(context, lambda tx, config: approvals.withdraw(tx, config, int(id), by(context)))
        return {"proposal": await proposal(context, int(id))}

    return await answer(context, PROPOSERS, Call("withdrawProposal", {}), run)


async def renew_proposal(root: Any, info: Any, id: str) -> Payload:
    context: Context = info.context

    async def run(_: Payload) -> Payload:
        before = await proposal(context, int(id))
        if before is not None and before["operation"] in OPERATIONS and OPERATIONS[before["operation"]].only_admins:
            context.principal.need(*ADMINS)
        made = await in_transaction(context, lambda tx, config: approvals.renew(tx, config, int(id), by(context)))
        return {"proposal": await proposal(context, made)}

    return await answer(context, STEWARDS, Call("renewProposal", {}), run)


async def change_set(
    root: Any, info: Any, changes: list[ChangeInput], reason: str, idempotency_key: Any = None, dry_run: bool = False
) -> Payload:
    context: Context = info.context
    told = []
    for at, one in enumerate(changes):
        try:
            meta = entity_of(one.entity)
            told.append({"entity": meta.name, "id": str(golden_id(one.id)), "field": field_of(meta, one.field), "value": one.value})
        except RequestError as error:
            return {"errors": [_at(context, at, error)]}
    given = {"changes": told, "reason": reason}

    async def work(tx: Connection, config: Configuration) -> Payload:
        return await submitted(context, tx, config, "change_set", given, is_dry_run=dry_run)

    return await decide(context, PROPOSERS, "changeSet", given, work, key=idempotency_key, is_dry_run=dry_run)


def _at(context: Context, at: int, error: RequestError) -> ProblemOut:
    problem = problem_of(error)
    assert problem is not None
    return problem_out(Problem(problem.code, problem.message, f"changes[{at}].{problem.field}", problem.remedy), context.correlation_id)


async def propose(root: Any, info: Any, operation: str, given: Any, dry_run: bool = False) -> Payload:
    """Ask for any operation, whatever its risk."""
    context: Context = info.context

    async def run(_: Payload) -> Payload:
        if operation not in OPERATIONS or not isinstance(given, Mapping):
            raise ApiError(Code.BAD_INPUT, "there is no such operation", "operation", "Choose one of: " + ", ".join(OPERATIONS))
        if OPERATIONS[operation].only_admins:
            context.principal.need(*ADMINS)

        async def work(tx: Connection, config: Configuration) -> int:
            risk = await OPERATIONS[operation].risk(tx, config, given)
            return await approvals.ask(tx, config, operation, given, risk, by(context))

        try:
            made = await in_transaction(context, work, is_dry_run=dry_run)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise ApiError(Code.BAD_INPUT, f"{operation} cannot be run with these arguments", "given", "See the operation in the guide.") from error
        return {"proposal": None if dry_run else await proposal(context, made)}

    return await answer(context, STEWARDS, Call("propose", {}), run)


async def put_member(root: Any, info: Any, name: str, **told: Any) -> Payload:
    """Take up a person, or change what is said of one; what is not given stays."""
    context: Context = info.context

    async def run(_: Payload) -> Payload:
        known, id = await members_of(context), told.get("id")
        before = known.get(golden_id(id)) if id is not None else None
        if id is not None and before is None:
            raise ApiError(Code.NOT_FOUND, "there is no such member", "id", "List the members.")

        def said(column: str, default: Any) -> Any:
            return told[column] if told.get(column) is not None else (before[column] if before else default)

        delegate = said("delegate_id", None)
        given = {
            "id": str(before["id"] if before else context.services.new_id()), "name": name, "email": said("email", ""),
            "is_away": said("is_away", False), "is_active": said("is_active", True),
            "legal_entities": [str(golden_id(str(one), "legalEntities")) for one in said("legal_entities", ())],
            "delegate_id": str(golden_id(str(delegate), "delegateId")) if delegate else None,
            **{column: list(said(column, ())) for column in ("teams", "actors", "regions")},
        }  # fmt: skip
        return await _member_change(context, given)

    return await answer(context, ADMINS, Call("putMember", {}), run)


async def set_absence(root: Any, info: Any, is_away: bool, delegate_id: Any = None) -> Payload:
    """Say that oneself is away, and who stands in."""
    context: Context = info.context

    async def run(_: Payload) -> Payload:
        me = await me_of(context)
        if me is None:
            raise ApiError(Code.NOT_FOUND, "nobody has said who this key is", "", "An admin says so with putMember.")
        given = {
            "id": str(me["id"]), "name": me["name"], "teams": list(me["teams"]), "actors": list(me["actors"]), "regions": list(me["regions"]),
            "legal_entities": [str(one) for one in me["legal_entities"]], "email": me["email"], "is_away": is_away, "is_active": me["is_active"],
            "delegate_id": str(golden_id(delegate_id, "delegateId")) if delegate_id else (str(me["delegate_id"]) if me["delegate_id"] else None),
        }  # fmt: skip
        return await _member_change(context, given)

    return await answer(context, STEWARDS, Call("setAbsence", {}), run)


async def _member_change(context: Context, given: Mapping[str, Any]) -> Payload:
    done = await in_transaction(context, lambda tx, config: approvals.submit(tx, config, "put_member", given, by(context)))
    context.forget("members")
    if done.proposal_id is not None:
        return {"proposal": await proposal(context, done.proposal_id), "member": (await members_of(context)).get(UUID(given["id"]))}
    return {"member": (await members_of(context)).get(UUID(given["id"])), "proposal": None}


def _set(name: str, operation: str) -> Any:
    async def run_it(root: Any, info: Any, document: Any, reason: str) -> Payload:
        context: Context = info.context
        given = {"document": document, "reason": reason}

        async def run(_: Payload) -> Payload:
            done = await in_transaction(context, lambda tx, config: approvals.submit(tx, config, operation, given, by(context)))
            return {"proposal": await proposal(context, done.proposal_id) if done.proposal_id else None}

        return await answer(context, ADMINS, Call(name, {}), run)

    return run_it


def proposal_mutations() -> dict[str, StrawberryField]:
    """What can be done with proposals and people."""
    member: Mapping[str, Any] = {
        "id": strawberry.ID | None, "teams": list[str] | None, "actors": list[str] | None, "regions": list[str] | None,
        "legal_entities": list[strawberry.ID] | None, "email": str | None, "is_away": bool | None, "delegate_id": strawberry.ID | None,
        "is_active": bool | None,
    }  # fmt: skip
    return {
        "approve": resolved_field(
            "approve", ProposalPayload, approve,
            "Approve a proposal. Its change is made with the last approval it needs, exactly as it was approved; else it is STALE.",
            id=Long, comment=str, for_member=strawberry.ID | None,
        ),
        "refuse": resolved_field("refuse", ProposalPayload, refuse, "Refuse a proposal, saying why.", id=Long, reason=str, for_member=strawberry.ID | None),
        "withdraw_proposal": resolved_field("withdrawProposal", ProposalPayload, withdraw_proposal, "Take one's own proposal back.", id=Long),
        "renew_proposal": resolved_field("renewProposal", ProposalPayload, renew_proposal, "Ask anew for what a stale or expired proposal asked for.", id=Long),
        "propose": resolved_field(
            "propose", ProposalPayload, propose, "Ask for an operation instead of doing it, whatever its risk.", operation=str, given=Json, dry_run=bool
        ),
        "change_set": resolved_field(
            "changeSet", DecisionPayload, change_set,
            "Fix several fields of several records as one change, all or none; a proposal when one of them needs a second person.",
            changes=list[ChangeInput], reason=str, idempotency_key=str | None, dry_run=bool,
        ),
        "put_member": resolved_field(
            "putMember", MemberPayload, put_member,
            "Take up a person or change what is said of one: teams, keys, absence. A key changes hands by two people only.", extra=member, name=str,
        ),
        "set_absence": resolved_field(
            "setAbsence", MemberPayload, set_absence, "Say that oneself is away, and who stands in.", is_away=bool, delegate_id=strawberry.ID | None
        ),
        "set_approval_rules": resolved_field(
            "setApprovalRules", ProposalPayload, _set("setApprovalRules", "set_approvals"),
            "How changes are approved: {fourEyes, days, approvers: {R2, R3}, noticeHours}. Itself a change of class R3.", document=Json, reason=str,
        ),
        "set_routing": resolved_field(
            "setRouting", ProposalPayload, _set("setRouting", "set_routing"), "Who gets which task by when: {rules: [...]}.", document=Json, reason=str
        ),
    }  # fmt: skip
