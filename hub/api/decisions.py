"""Mutations in which a person decides: overrides, links, codes, messages to take up again, tasks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import Role, masked_fields
from hub.api.approval_types import Proposal, me_of, proposal
from hub.api.common import GoldenRecord, Money, SourceKey
from hub.api.context import Context
from hub.api.contributions import exact_json
from hub.api.errors import ApiError, Code
from hub.api.filters import fields_by_camel
from hub.api.mutation import Call, Payload, ProblemOut, answer, answered, by, in_transaction, keep
from hub.api.names import camel
from hub.api.scalars import DateTime, Json, Long
from hub.api.shells import resolved_field
from hub.core.configuration import Configuration
from hub.core.records import SourceKey as Key
from hub.flows import approvals, steward
from hub.store.statements import Connection
from schema import ENTITIES
from schema.language import EntityMeta

STEWARDS = (Role.STEWARD, Role.ADMIN)
ADMINS = (Role.ADMIN,)
PROPOSERS = (Role.READER, *STEWARDS)


@strawberry.type(description="A decision that was made, and the record as it follows from it.")
class DecisionPayload:
    decision_id: Long | None
    record: GoldenRecord | None
    proposal: Proposal | None = strawberry.field(description="Set when a second person must approve first: then nothing else was done.")
    errors: list[ProblemOut]


@strawberry.type(description="How many messages or records follow from it; the workers take them up.")
class CountPayload:
    count: int | None
    money: list[Money] | None = strawberry.field(description="Of a replay: the money that what it takes up is about, per currency.")
    plan_id: Long | None = strawberry.field(description="Of a change of policy: the plan that says what it changes.")
    proposal: Proposal | None = strawberry.field(description="Set when a second person must approve first: then nothing else was done.")
    errors: list[ProblemOut]


@strawberry.type
class ResubmitPayload:
    message_ids: list[Long] | None = strawberry.field(description="The messages that are open now.")
    errors: list[ProblemOut]


@strawberry.type
class DonePayload:
    done: bool | None
    errors: list[ProblemOut]


Work = Callable[[Connection, Configuration], Awaitable[Payload]]


async def decide(
    context: Context, roles: tuple[Role, ...], name: str, given: Mapping[str, Any], work: Work, *, key: str | None = None,
    is_dry_run: bool = False,
) -> Payload:  # fmt: skip
    """Run one decision in a transaction; then show the record it is about."""

    call = Call(name, given, None if is_dry_run else key)

    async def once(tx: Connection, config: Configuration) -> Payload:
        before = await answered(tx, context, call)
        if before is not None:
            return before
        done = await work(tx, config)
        await keep(tx, context, call, done)
        return done

    async def run(kept: Payload) -> Payload:
        done = kept if kept and "pending" not in kept else await in_transaction(context, once, is_dry_run=is_dry_run)
        return {**await _shown(context, done, is_dry_run), "kept": done}

    return await answer(context, roles, call, run)


async def _shown(context: Context, done: Payload, is_dry_run: bool) -> Payload:
    if "proposal_id" in done:
        return {**done, "proposal": await proposal(context, int(done["proposal_id"]))}
    if is_dry_run or "entity" not in done:
        return done
    return {**done, "record": await context.row(ENTITIES[done["entity"]], UUID(done["id"]))}


async def submitted(
    context: Context, tx: Connection, config: Configuration, operation: str, given: Mapping[str, Any], *, is_dry_run: bool = False
) -> Payload:
    """Do what the caller may do alone, or leave a proposal: a reader's always is one, and a risky change anybody's."""
    may_decide = context.principal.role in STEWARDS
    if not may_decide:
        await _need_team(context, given)
    done = await approvals.submit(tx, config, operation, given, by(context), may_decide=may_decide, is_dry_run=is_dry_run)
    return {"proposal_id": str(done.proposal_id)} if done.outcome is None else dict(done.outcome.answer)


async def _need_team(context: Context, given: Mapping[str, Any]) -> None:
    """Readers propose when somebody has said which team they are of, and only what they may see."""
    me, role = await me_of(context), context.principal.role
    if me is None or not me["teams"]:
        raise ApiError(Code.FORBIDDEN, f"a key of role {role.value} may not do this", remedy="Use a key of role steward, or be a member of a team.")
    for one in given.get("changes", (given,)):
        if one.get("field") in masked_fields(ENTITIES[one["entity"]], role):
            raise ApiError(Code.FORBIDDEN_FIELD, "this field is confidential", "field", "Ask a steward.")


def entity_of(name: str) -> EntityMeta:
    """An entity by either of its names (``time_entry``, ``TimeEntry``)."""
    found = ENTITIES.get(name) or next((meta for meta in ENTITIES.values() if meta.type_name == name), None)
    if found is None:
        raise ApiError(Code.UNKNOWN_ENTITY, f"{name[:60]!r} is not an entity", "entity", "Use names like time_entry.")
    return found


def field_of(meta: EntityMeta, name: str) -> str:
    """A field or group by its canonical name or the API's."""
    groups = {camel(group): group for group in meta.groups} | {group: group for group in meta.groups}
    if name in meta.fields or name.startswith("extra."):
        return name
    field = fields_by_camel(meta).get(name)
    found = field.name if field else groups.get(name)
    if found is None:
        raise ApiError(Code.UNKNOWN_FIELD, f"{meta.name} has no field {name[:60]!r}", "field", "Look at the data dictionary.")
    return found


def golden_id(text: str, path: str = "id") -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise ApiError(Code.NOT_FOUND, "there is no record of this id", path) from error


def source_key(meta: EntityMeta, source: SourceKey, part: str) -> Key:
    return Key(source.system, source.object or "", source.external_id, meta.name, part)


async def override(
    root: Any, info: Any, entity: str, id: str, field: str, reason: str, value: Any = None, until: Any = None,
    until_source_changes: bool = False, idempotency_key: Any = None, expected_version: Any = None, dry_run: bool = False,
) -> Payload:  # fmt: skip
    context: Context = info.context
    given = {"entity": entity, "id": id, "field": field, "value": value, "reason": reason, "until": until}

    async def work(tx: Connection, config: Configuration) -> Payload:
        meta, wanted = entity_of(entity), golden_id(id)
        await check_version(tx, config.tenant_id, meta, wanted, expected_version)
        asked = {
            "entity": meta.name, "id": str(wanted), "field": field_of(meta, field), "value": value, "reason": reason, "until": until,
            "until_source_changes": until_source_changes,
        }  # fmt: skip
        return await submitted(context, tx, config, "override", asked, is_dry_run=dry_run)

    return await decide(context, PROPOSERS, "override", given, work, key=idempotency_key, is_dry_run=dry_run)


async def withdraw(root: Any, info: Any, decision_id: str) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        return await submitted(context, tx, config, "withdraw", {"decision_id": str(decision_id)})

    return await decide(context, STEWARDS, "withdraw", {}, work)


async def accept(root: Any, info: Any, source_id: str, field: str, reason: str) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        row = await tx.fetchrow(
            "SELECT entity FROM hub.source_record WHERE tenant_id = $1 AND id = $2", config.tenant_id, int(source_id)
        )
        name = field_of(ENTITIES[row["entity"]], field) if row else field
        return await submitted(context, tx, config, "accept", {"source_id": int(source_id), "field": name, "reason": reason})

    return await decide(context, STEWARDS, "accept", {}, work)


async def declare_link(root: Any, info: Any, entity: str, source: SourceKey, id: str, reason: str, part: str = "") -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        meta, wanted = entity_of(entity), golden_id(id)
        return await submitted(context, tx, config, "declare_link", link_arguments(meta, source_key(meta, source, part), wanted, reason))

    return await decide(context, STEWARDS, "declareLink", {}, work)


async def not_the_same(root: Any, info: Any, entity: str, source: SourceKey, reason: str, part: str = "") -> Payload:
    context: Context = info.context
    own = context.services.new_id()

    async def work(tx: Connection, config: Configuration) -> Payload:
        meta = entity_of(entity)
        return await submitted(context, tx, config, "not_the_same", link_arguments(meta, source_key(meta, source, part), own, reason))

    return await decide(context, STEWARDS, "notTheSame", {}, work)


def link_arguments(meta: EntityMeta, key: Key, golden_id: UUID, reason: str) -> dict[str, Any]:
    """What linking and unlinking are asked for with."""
    return {"entity": meta.name, "id": str(golden_id), "source": key._asdict(), "reason": reason}


def judgement_fields() -> dict[str, StrawberryField]:
    """Decisions about values and links of golden records."""
    return {
        "override": resolved_field(
            "override", DecisionPayload, override,
            "Fix a field or field group above all systems: for good, until an instant, or until its source says something new.",
            entity=str, id=strawberry.ID, field=str, reason=str, value=Json | None, until=DateTime | None,
            until_source_changes=bool, idempotency_key=str | None, expected_version=int | None, dry_run=bool,
        ),
        "withdraw": resolved_field(
            "withdraw", DecisionPayload, withdraw, "Take a decision back; the record is as if it had never been made.",
            decision_id=Long,
        ),
        "accept": resolved_field(
            "accept", DecisionPayload, accept, "Let a value pass that a lock holds back.",
            source_id=Long, field=str, reason=str,
        ),
        "declare_link": resolved_field(
            "declareLink", DecisionPayload, declare_link, "Say that a system's record is this golden record.",
            entity=str, source=SourceKey, id=strawberry.ID, reason=str, part=str,
        ),
        "not_the_same": resolved_field(
            "notTheSame", DecisionPayload, not_the_same,
            "Say that a system's record is not the golden record it is linked to; it gets one of its own.",
            entity=str, source=SourceKey, reason=str, part=str,
        ),
    }  # fmt: skip


async def check_version(tx: Connection, tenant_id: int, meta: EntityMeta, wanted: UUID, expected: int | None) -> None:
    """Refuse when the record has moved on since the caller saw it."""
    if expected is None:
        return
    version = await tx.fetchval(
        f"SELECT version FROM golden.{meta.name} WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE", tenant_id, wanted
    )
    if version != expected:
        raise ApiError(
            Code.VERSION_CONFLICT, f"the record is at version {version or 0}, not {expected}", "expectedVersion",
            "Read it again, then repeat your change on what you find.",
        )  # fmt: skip


async def resubmit(root: Any, info: Any, message_ids: list[str], body: Any = strawberry.UNSET) -> Payload:
    context: Context = info.context
    mended = None if body is strawberry.UNSET else exact_json(body).encode()

    async def work(tx: Connection, config: Configuration) -> Payload:
        ids = [int(each) for each in message_ids]
        at = context.services.now()
        opened = await steward.resubmit(tx, config.tenant_id, ids, by(context), at, mended)
        return {"message_ids": [str(each) for each in opened]}

    return await decide(context, STEWARDS, "resubmit", {}, work)


async def map_code(
    root: Any, info: Any, system: str, set: str, theirs: str, ours: str, direction: str = "both", is_default: bool = False
) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        need_system(config, system)
        if direction not in ("in", "out", "both"):
            raise ApiError(Code.BAD_INPUT, "direction is in, out or both", "direction")
        count = await steward.map_code(
            tx, config.tenant_id, system, set, theirs, ours, by(context), direction=direction, is_default=is_default
        )
        return {"count": count}

    return await decide(context, STEWARDS, "mapCode", {}, work)


async def resolve_task(root: Any, info: Any, id: str, resolution: str) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        await steward.resolve_task(tx, config.tenant_id, int(id), resolution, by(context))
        return {"done": True}

    return await decide(context, STEWARDS, "resolveTask", {}, work)


def repair_fields() -> dict[str, StrawberryField]:
    """Mending what is set aside: messages, codes, tasks."""
    return {
        "resubmit": resolved_field(
            "resubmit", ResubmitPayload, resubmit,
            "Take messages up again under the newest mapping, or one message with a mended body.",
            message_ids=list[Long], body=Json | None,
        ),
        "map_code": resolved_field(
            "mapCode", CountPayload, map_code, "Map a system's code to ours; every message that waited for it is taken up.",
            system=str, set=str, theirs=str, ours=str, direction=str, is_default=bool,
        ),
        "resolve_task": resolved_field(
            "resolveTask", DonePayload, resolve_task, "Close a task by hand.", id=Long, resolution=str
        ),
    }  # fmt: skip


def need_system(config: Configuration, name: str) -> None:
    if name not in config.systems:
        raise ApiError(Code.UNKNOWN_SYSTEM, f"no system {name[:60]!r} is connected", "system", "Connect it first.")


def decision_fields() -> dict[str, StrawberryField]:
    return {**judgement_fields(), **repair_fields()}
