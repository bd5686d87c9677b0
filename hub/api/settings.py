"""Mutations of an admin: systems and their mappings, who decides, and the firm's own fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from connectors.errors import ConfigurationError
from hub.api.context import Context
from hub.api.decisions import ADMINS, CountPayload, DonePayload, decide, entity_of, need_system, submitted
from hub.api.errors import ApiError, Code
from hub.api.mutation import Call, Payload, ProblemOut, answer, by
from hub.api.plan_mutations import apply_plan
from hub.api.scalars import Json
from hub.api.shells import resolved_field
from hub.core import policy as policies
from hub.core.configuration import Configuration
from hub.flows import connect, plans, steward, system_check
from hub.store import configuration
from hub.store.statements import Connection
from schema.mapping_lines import MappingError


async def set_policy(root: Any, info: Any, document: Any, reason: str) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        try:
            policy = policies.from_json(document)
        except (ValueError, AttributeError, TypeError) as error:
            raise ApiError(Code.BAD_INPUT, str(error), "document", "See setPolicy in the manual.") from error
        if not plans.is_on(config):
            return await submitted(context, tx, config, "set_policy", {"document": document, "reason": reason})
        plan = await plans.plan_policy(tx, config, policy, reason, by(context))
        if plan.state != "ready":
            return {"plan_id": str(plan.id)}
        return {"plan_id": str(plan.id), **await apply_plan(context, tx, config, plan)}

    return await decide(context, ADMINS, "setPolicy", {}, work)


async def declare_extension_field(root: Any, info: Any, entity: str, name: str, kind: str) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        meta = entity_of(entity)
        if not name.isidentifier() or name != name.lower() or not name.isascii() or len(name) > 60:
            raise ApiError(Code.BAD_INPUT, "a name is small letters, digits and _", "name")
        await steward.declare_extension_field(tx, config.tenant_id, meta.name, name, kind, by(context))
        return {"done": True}

    return await decide(context, ADMINS, "declareExtensionField", {}, work)


async def connect_system(root: Any, info: Any, document: Any, variables: Any = None) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        given = _table(document, "document")
        texts = {str(name): str(value) for name, value in _table(variables or {}, "variables").items()}
        try:
            given = dict(context.services.extended(given))
            resources = context.services.resources_of(given, texts)
            key = context.services.settings.need("secret_key")
            await connect.connect(tx, config.tenant_id, given, texts, key, resources)
        except (ConfigurationError, MappingError, ValueError, TypeError, AttributeError) as error:
            raise ApiError(Code.BAD_INPUT, str(error), "document", "Mend the document.") from error
        return {"done": True}

    return await decide(context, ADMINS, "connectSystem", {}, work)


async def disconnect_system(root: Any, info: Any, system: str, reason: str) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        await connect.disconnect(tx, config.tenant_id, system, reason, by(context))
        return {"done": True}

    return await decide(context, ADMINS, "disconnectSystem", {}, work)


@strawberry.type(description="One thing that was tried with a connected system.")
class SystemFinding:
    about: str = strawberry.field(description="What was tried: sign in, read account, map account, find account by our key …")
    state: str = strawberry.field(description="good, look (usable, but a person should know) or bad.")
    says: str = strawberry.field(description="What was found, in words.")
    remedy: str = strawberry.field(description="What to do about it; empty when nothing is to be done.")


@strawberry.type(description="What was found when a system was tried.")
class CheckSystemPayload:
    findings: list[SystemFinding] = strawberry.field(description="In the order it was tried; empty when there are errors.")
    errors: list[ProblemOut]


async def check_system(root: Any, info: Any, system: str) -> Payload:
    context: Context = info.context

    async def work(_: Payload) -> Payload:
        tenant_id = context.principal.tenant_id
        async with context.services.worker_pool.acquire() as connection:
            config = await context.services.configurations.get(connection, tenant_id)
        need_system(config, system)
        connector = await context.services.connector_of(tenant_id, system)
        if connector is None:
            raise ApiError(Code.BAD_INPUT, f"{system} is not reached by a connector", "system", "Connect it first; see its document.")
        found = await system_check.check(config, connector, system)
        return {"findings": [SystemFinding(about=one.about, state=one.state, says=one.says, remedy=one.remedy) for one in found]}

    return {"findings": [], **await answer(context, ADMINS, Call("checkSystem", {}), work)}


async def set_mapping(root: Any, info: Any, system: str, document: Any) -> Payload:
    context: Context = info.context

    async def work(tx: Connection, config: Configuration) -> Payload:
        need_system(config, system)
        try:
            return {"count": await configuration.put_mapping(tx, config.tenant_id, system, document)}
        except (MappingError, ValueError, AttributeError, TypeError, KeyError) as error:
            raise ApiError(Code.BAD_INPUT, str(error), "document", "Mend the mapping.") from error

    return await decide(context, ADMINS, "setMapping", {}, work)


def setting_fields() -> dict[str, StrawberryField]:
    """What an admin configures: systems, mappings, policy, own fields."""
    return {
        "set_policy": resolved_field(
            "setPolicy", CountPayload, set_policy,
            "Change who decides: planned at once, and applied when it may be without a second person; a large plan is the worker's, see planId.",
            document=Json, reason=str,
        ),
        "declare_extension_field": resolved_field(
            "declareExtensionField", DonePayload, declare_extension_field, "Declare one of the firm's own fields.",
            entity=str, name=str, kind=str,
        ),
        "connect_system": resolved_field(
            "connectSystem", DonePayload, connect_system,
            "Connect a system, or change how: its kind, connector, mappings and codes. Secrets stand in `variables`, are kept "
            "encrypted and never shown.",
            document=Json, variables=Json | None,
        ),
        "disconnect_system": resolved_field(
            "disconnectSystem", DonePayload, disconnect_system,
            "Remove a system: how it is reached and its secrets are forgotten, it is read and written no more. What it told stays.",
            system=str, reason=str,
        ),
        "check_system": resolved_field(
            "checkSystem", CheckSystemPayload, check_system,
            "Try a connected system: sign in, read a page of everything, map it, look for a key nobody has. Nothing is written. Takes up to half a minute.",
            system=str,
        ),
        "set_mapping": resolved_field(
            "setMapping", CountPayload, set_mapping, "Store a new version of a system's mappings; answers its number.",
            system=str, document=Json,
        ),
    }  # fmt: skip


def _table(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ApiError(Code.BAD_INPUT, f"{path} must be an object", path)
    return value
