"""``wouldAccept``: what would become of a record, before it is sent; ``gatesOf`` a record that stands; ``checks``: the rules in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import Role
from hub.api.approval_types import ProposalPayload, proposal
from hub.api.common import GoldenRecord, Money
from hub.api.context import Context
from hub.api.contributions import exact_json
from hub.api.decisions import ADMINS, entity_of, golden_id
from hub.api.errors import ApiError, Code
from hub.api.filters import fields_by_camel
from hub.api.mutation import Call, Payload, answer, by, in_transaction
from hub.api.names import camel
from hub.api.scalars import Json
from hub.api.shells import resolved_field
from hub.core import checks
from hub.core.financial_gates import Outcome
from hub.flows import approvals, would_accept
from hub.flows.would_accept import Answer, Question, RuleSaid
from schema import ENTITIES
from schema.checks import fields_of
from schema.kinds import FieldKind
from schema.language import EntityMeta

READERS = (Role.READER, Role.STEWARD, Role.ADMIN)
ASKERS = (*READERS, Role.SYSTEM)


@strawberry.type(description="What one financial gate says of a record.")
class FinancialGate:
    code: str = strawberry.field(description="Stable name of the gate.")
    verdict: str = strawberry.field(description="passed, failed, or unknown: something it looks at is not there.")
    reason: str
    exc: str = strawberry.field(description="Class of exceptions it belongs to.")
    ctl: str = strawberry.field(description="The control it carries out.")
    team: str = strawberry.field(description="Who opens it.")
    remedy: str | None = strawberry.field(description="What to do; null when it is passed.")
    money: Money | None = strawberry.field(description="What it is about, in money.")
    decides: bool = strawberry.field(description="Whether it stands in the way of the purpose that was asked about; always, where none was.")


@strawberry.type(description="What one declared rule says of a record.")
class RuleVerdict:
    name: str = strawberry.field(description="Stable name, as `checks` lists it; locked for a field that its state closes.")
    severity: str = strawberry.field(description="block, quarantine, warn, or lock; warn does not keep it out.")
    verdict: str = strawberry.field(description="passed, failed, or unknown.")
    reason: str | None
    remedy: str | None
    fields: list[str] = strawberry.field(description="What the rule reads.")


@strawberry.type(description="Why a value would not be taken as it stands.")
class WouldRefuse:
    cause: str = strawberry.field(description="Typed cause, as tasks have it.")
    field: str | None
    reason: str
    remedy: str
    fatal: bool = strawberry.field(description="The whole record would be refused, not the value alone.")


@strawberry.type(description="A record it names that nobody has told of.")
class WouldAwait:
    field: str
    entity: str
    system: str
    object: str
    external_id: str
    required: bool = strawberry.field(description="It would wait for it.")


@strawberry.type(description="A golden record it may be the same as.")
class WouldMatch:
    id: strawberry.ID
    label: str = strawberry.field(description="What people call it.")
    zone: str = strawberry.field(description="match or possible_match.")
    weight: float = strawberry.field(description="How alike they are, in bits.")


@strawberry.type(description="Whether a system it would go on to could take it.")
class WouldGo:
    system: str
    mode: str = strawberry.field(description="observe, propose or write: what the hub may do there.")
    verdict: str = strawberry.field(description="passed, failed, or unknown: it would have to wait for a record it hangs on.")
    reasons: list[str] = strawberry.field(description="What is in the way.")


@strawberry.type(description="What would become of a record if it were sent now. Nothing was stored.")
class WouldAccept:
    accepted: str = strawberry.field(description="yes, no, or unknown: see `unread`, and the gates that are unknown.")
    purpose: str = strawberry.field(description="What is meant to be done: create, bill or post.")
    becomes: str = strawberry.field(description="new, update, link, ask (a steward decides), wait, nothing (refused) or unknown.")
    why: str = strawberry.field(description="Why it would become that.")
    record: GoldenRecord | None = strawberry.field(description="The golden record it would belong to.")
    label: str | None = strawberry.field(description="What people call that record.")
    values: Json = strawberry.field(description="The values as they were read, in normal form.")
    missing: list[str] = strawberry.field(description="Required fields that nobody has given.")
    awaits: list[WouldAwait] = strawberry.field(description="Records it names that nobody has told of.")
    refusals: list[WouldRefuse] = strawberry.field(description="Values that cannot be taken as they stand.")
    rules: list[RuleVerdict] = strawberry.field(description="Declared rules over what was stated.")
    gates: list[FinancialGate] = strawberry.field(description="What stands between it and its money, in that order.")
    likely: list[WouldMatch] = strawberry.field(description="Records that are like it, the likest first.")
    targets: list[WouldGo] = strawberry.field(description="Systems it would go on to.")
    unread: list[str] = strawberry.field(description="What there was no time for.")
    took_ms: float = strawberry.field(description="How long it took.")


@strawberry.type(description="A declared rule of an entity's values.")
class DeclaredCheck:
    name: str = strawberry.field(description="Stable name: <entity>.<what>.")
    entity: str
    severity: str = strawberry.field(description="In force: block, quarantine, warn or off.")
    declared: str = strawberry.field(description="As declared, before the tenant's own.")
    says: str = strawberry.field(description="What a person reads when it is broken.")
    remedy: str
    fields: list[str] = strawberry.field(description="What it reads of the record.")
    between: bool = strawberry.field(description="It reads other records too: it warns or is off.")
    exc: str | None = strawberry.field(description="Class of exceptions it belongs to.")


async def ask(
    root: Any, info: Any, entity: str, values: Any, system: Any = None, purpose: str = "create", object: str = "", external_id: str = "",
    target: str = "", budget_ms: int = would_accept.BUDGET_MS,
) -> WouldAccept:  # fmt: skip
    context: Context = info.context
    context.principal.need_everything()
    context.principal.need(*ASKERS)
    meta = entity_of(entity)
    if not isinstance(values, Mapping):
        raise ApiError(Code.BAD_INPUT, "values are an object", "values", "Send field names with their values.")
    services, own = context.services, context.principal.system
    if own is not None and system not in (None, own):
        raise ApiError(Code.FORBIDDEN, f"this key speaks for {own}", "system", "Leave the system out.")
    body = exact_json(values if object else _canonical(meta, values)).encode()
    question = Question(meta.name, body, own or system or "portal", purpose, object, external_id, target, budget_ms)
    async with services.worker_pool.acquire() as connection:
        config = await services.configurations.get(connection, context.principal.tenant_id)
    found = await would_accept.would_accept(services.worker_pool, config, question, services.now())
    record = await context.row(meta, found.golden_id) if found.golden_id and own is None else None
    return _told(found, record)


def _canonical(meta: EntityMeta, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by our names, as ingest reads them: the API's spelling is taken too, and a reference by its golden id."""
    known, told = fields_by_camel(meta), dict[str, Any]()
    for name, value in values.items():
        one = known.get(name) or meta.fields.get(name)
        if one is not None and one.kind is FieldKind.REFERENCE and isinstance(value, str):
            value = {"id": value}
        told[one.name if one is not None else name] = value
    return told


def _told(found: Answer, record: Any) -> WouldAccept:
    deciding = {one.gate.name for one in found.deciding}
    return WouldAccept(
        accepted=found.accepted, purpose=found.purpose, becomes=found.becomes, why=found.why, record=record, label=found.label or None,
        values=Json(found.values), missing=[camel(one) for one in found.missing],
        awaits=[
            WouldAwait(field=camel(one.field), entity=one.key.entity, system=one.key.system, object=one.key.object, external_id=one.key.external_id, required=one.is_required)
            for one in found.awaited
        ],
        refusals=[
            WouldRefuse(cause=one.cause, field=one.field and camel(one.field) or None, reason=one.reason, remedy=one.remedy, fatal=one.is_fatal)
            for one in found.refusals
        ],
        rules=[_rule(one) for one in found.rules],
        gates=[_gate(one, one.gate.name in deciding) for one in found.gates],
        likely=[WouldMatch(id=strawberry.ID(str(one.golden_id)), label=one.label, zone=one.zone, weight=one.weight) for one in found.likely],
        targets=[WouldGo(system=one.system, mode=one.mode, verdict=one.verdict, reasons=list(one.reasons)) for one in found.targets],
        unread=found.unread, took_ms=round(found.took_ms, 1),
    )  # fmt: skip


def _rule(one: RuleSaid) -> RuleVerdict:
    return RuleVerdict(
        name=one.name, severity=one.severity, verdict=one.verdict, reason=one.reason or None, remedy=one.remedy or None, fields=[camel(name) for name in one.fields]
    )


def _gate(one: Outcome, decides: bool) -> FinancialGate:
    money = None if one.money is None else Money(amount=one.money["amount"], currency=one.money.get("currency"))  # type: ignore[arg-type]
    return FinancialGate(
        code=one.gate.name, verdict=one.verdict, reason=one.reason, exc=one.gate.exc, ctl=one.gate.ctl, team=one.gate.team,
        remedy=None if one.verdict == "passed" else one.gate.remedy, money=money, decides=decides,
    )  # fmt: skip


async def gates_of(root: Any, info: Any, entity: str, id: str) -> list[FinancialGate] | None:
    context: Context = info.context
    context.principal.need(*READERS)
    services = context.services
    async with services.worker_pool.acquire() as connection:
        config = await services.configurations.get(connection, context.principal.tenant_id)
        found = await would_accept.gates_of(connection, config, entity_of(entity).name, golden_id(id), services.now())
    return None if found is None else [_gate(one, True) for one in found]


async def declared(root: Any, info: Any, entity: Any = None) -> list[DeclaredCheck]:
    context: Context = info.context
    context.principal.need(*READERS)
    services = context.services
    async with services.worker_pool.acquire() as connection:
        config = await services.configurations.get(connection, context.principal.tenant_id)
    wanted = [entity_of(entity)] if entity is not None else list(ENTITIES.values())
    return [_declared(meta, name, severity) for meta in wanted for name, severity in checks.severities(meta.name, config.settings).items()]


def _declared(meta: EntityMeta, name: str, severity: str) -> DeclaredCheck:
    check = checks.declared()[name]
    return DeclaredCheck(
        name=name, entity=meta.name, severity=severity, declared=check.severity.value, says=check.says, remedy=check.remedy,
        fields=[camel(one.name) for one in fields_of(check)], between=check.is_between, exc=check.exc or None,
    )  # fmt: skip


async def set_checks(root: Any, info: Any, document: Any, reason: str) -> Payload:
    context: Context = info.context
    given = {"document": document, "reason": reason}

    async def run(_: Payload) -> Payload:
        done = await in_transaction(context, lambda tx, config: approvals.submit(tx, config, "set_checks", given, by(context)))
        return {"proposal": await proposal(context, done.proposal_id) if done.proposal_id else None}

    return await answer(context, ADMINS, Call("setChecks", {}), run)


def check_fields() -> dict[str, StrawberryField]:
    """What can be asked of rules and gates."""
    return {
        "would_accept": resolved_field(
            "wouldAccept", WouldAccept, ask,
            "What would become of a record if a system sent it now: how it is read, what it would belong to, its rules, the gates before money, and whether "
            "systems could take it. Nothing is stored; what does not fit into the time is unknown.",
            entity=str, values=Json, system=str | None, purpose=str, object=str, external_id=str, target=str, budget_ms=int,
        ),
        "gates_of": resolved_field(
            "gatesOf", list[FinancialGate] | None, gates_of, "The gates between a record and its money, in their order; null when there is no such record.",
            entity=str, id=strawberry.ID,
        ),
        "checks": resolved_field("checks", list[DeclaredCheck], declared, "The declared rules of values, with the severities in force.", entity=str | None),
    }  # fmt: skip


def check_mutations() -> dict[str, StrawberryField]:
    return {
        "set_checks": resolved_field(
            "setChecks", ProposalPayload, set_checks,
            "What becomes of records that break a rule: {severity: {rule: block, quarantine, warn or off}, assignmentRequired}. Two people of different teams.",
            document=Json, reason=str,
        ),
    }  # fmt: skip
