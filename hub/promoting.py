"""Carrying a tenant's configuration: a composition root, like connecting, behind ``hub config``."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from hub import connecting
from hub.core.configuration import Configuration
from hub.core.onboarding import variables_needed
from hub.errors import RequestError, SetupError
from hub.flows import check, match_models, people, plans, promote, steward, subscriptions
from hub.flows.actions import By
from hub.flows.connect import opened_variables
from hub.flows.match_models import Matching
from hub.flows.promote import Difference
from hub.flows.tenants import need_tenant
from hub.settings import Settings
from hub.store import configuration, likeness
from hub.store.ids import new_id
from hub.store.pool import Pool
from hub.store.statements import Connection

T = TypeVar("T")
BY = By("operator", "hub-config")


async def exported(data: Path | None, tenant: str) -> dict[str, Any]:
    """A tenant's document."""
    return await _with(data, tenant, lambda at: _exported(at.pool, at.tenant_id))


def text_of(document: Mapping[str, Any]) -> str:
    text = "# Written by hub config export. Variables such as ${CRM_SECRET} are filled in where it is applied.\n"
    return text + str(yaml.safe_dump(json.loads(json.dumps(document, default=str)), sort_keys=False, allow_unicode=True, width=140))


async def applied(data: Path | None, tenant: str, file: Path, environment: Mapping[str, str], *, dry_run: bool, with_modes: bool) -> list[str]:
    """Lay a file over a tenant; answers what differed and what became of it, a line each."""
    document = promote.check(connecting.read(file))
    return await _with(data, tenant, lambda at: _applied(at, document, environment, dry_run, with_modes))


@dataclass(frozen=True)
class Place:
    """Where configuration is read from or laid over."""

    pool: Pool
    settings: Settings
    tenant_id: int
    said: list[str] = field(default_factory=list)


async def _with(data: Path | None, tenant: str, work: Callable[[Place], Awaitable[T]]) -> T:
    from hub.__main__ import _settings
    from hub.store.pool import open_worker_pool
    from hub.up import running

    with running(_settings("config", data)) as (live, _):
        pool = await open_worker_pool(live.need("worker_url"), size=2, name="hub-config")
        try:
            return await work(Place(pool, live, await need_tenant(pool, tenant)))
        finally:
            await pool.close()


async def _exported(pool: Pool, tenant_id: int) -> dict[str, Any]:
    async with pool.acquire() as tx, tx.transaction(isolation="repeatable_read"):
        return await promote.exported(tx, await _read(tx, tenant_id))


async def _applied(at: Place, document: Mapping[str, Mapping[str, Any]], environment: Mapping[str, str], dry_run: bool, with_modes: bool) -> list[str]:
    """Do what differs, part by part; each part is whole or not there, and saying it again goes on where it ended."""
    stands = await _exported(at.pool, at.tenant_id)
    found = promote.differences(document, stands, with_modes=with_modes)
    todo = [one for one in found if one.kind != "only here"]
    told = [str(one) for one in found]
    if not todo:
        return [*told, "Nothing is different."]
    _need_variables(document, todo, environment, await _kept_variables(at))
    if dry_run:
        return [*told, f"{len(todo)} would change. Nothing was changed."]
    for one in todo:
        try:
            await DO[one.part](at, one, document[one.part][one.name], environment, with_modes)
        except RequestError as error:
            raise SetupError(f"{one.part}.{one.name}: {error}. {error.remedy} What stands above it in the list is done; say it again afterwards.") from error
    return [*told, *at.said, f"{len(todo)} changed."]


async def _setting(at: Place, one: Difference, value: Any, environment: Mapping[str, str], with_modes: bool) -> None:
    async with at.pool.acquire() as tx, tx.transaction():
        here = await _read(tx, at.tenant_id)
        match one.name:
            case "approvals" | "routing":
                await people.set_rules(tx, here, one.name, value)
            case "checks":
                await check.set_severities(tx, here, value)
            case "matching":
                for entity, told in value.items():
                    await _matching(at, tx, await _read(tx, at.tenant_id), entity, None, Matching(told.get("mode"), told.get("thresholds")))
            case _:
                await configuration.put_setting(tx, at.tenant_id, one.name, value)


async def _extension_fields(at: Place, one: Difference, value: Any, environment: Mapping[str, str], with_modes: bool) -> None:
    async with at.pool.acquire() as tx, tx.transaction():
        for name, kind in value.items():
            await steward.declare_extension_field(tx, at.tenant_id, one.name, name, str(kind), BY)


async def _policy(at: Place, one: Difference, value: Any, environment: Mapping[str, str], with_modes: bool) -> None:
    """Owners and rules: at once where there is no record yet, else a plan that a second person approves."""
    policy = promote.policy_of(value)
    async with at.pool.acquire() as tx, tx.transaction():
        here = await _read(tx, at.tenant_id)
        entities = sorted({named.entity for named in (*policy.fields, *here.policy.fields)})
        if plans.is_on(here) and await promote.SQL["has_records"].value(tx, tenant=at.tenant_id, entities=entities):
            plan = await plans.plan_policy(tx, here, policy, "hub config apply", BY)
            at.said.append(f"Owners and rules would change records: plan {plan.id} waits in the console, under Plans.")
        else:
            await steward.set_policy(tx, at.tenant_id, policy, "hub config apply", BY)


async def _match_model(at: Place, one: Difference, value: Any, environment: Mapping[str, str], with_modes: bool) -> None:
    async with at.pool.acquire() as tx, tx.transaction():
        version = await likeness.put_model(tx, at.tenant_id, one.name, value, {}, BY.actor)
        await _matching(at, tx, await _read(tx, at.tenant_id), one.name, version, None)


async def _matching(at: Place, tx: Connection, here: Configuration, entity: str, version: int | None, told: Matching | None) -> None:
    """A model or its thresholds: at once where nothing is compared yet, else a plan."""
    match_models.check(entity, told)
    if await promote.SQL["has_records"].value(tx, tenant=at.tenant_id, entities=[entity]):
        plan = await plans.plan_matching(tx, here, entity, version, told, "hub config apply", BY)
        at.said.append(f"How {entity} is matched would change: plan {plan.id} waits in the console, under Plans.")
    elif told is not None:
        await match_models.set_matching(tx, here, entity, told)
    elif version is not None:
        await match_models.use(tx, here, entity, version, BY.actor)


async def _system(at: Place, one: Difference, value: Any, environment: Mapping[str, str], with_modes: bool) -> None:
    kept = (await _kept_variables(at)).get(one.name, {})
    document = {key: told for key, told in value.items() if key != "modes"}
    await connecting.connect_document(at.pool, at.settings, at.tenant_id, document, {**kept, **environment}, one.name)
    for name, mode in (value.get("modes") or {}).items() if with_modes else ():
        entity, _, group = name.partition(".")
        await subscriptions.set_mode(at.pool, at.tenant_id, one.name, entity, group or "*", mode, BY.actor)


async def _subscription(at: Place, one: Difference, value: Any, environment: Mapping[str, str], with_modes: bool) -> None:
    if one.kind == "changed":
        at.said.append(f"The subscription {one.name} is here already, and other: {', '.join(one.keys)}. It stays; change it, or remove it and apply again.")
        return
    known = ("kind", "system", "url", "topic", "filter", "payload", "coalesces", "retry_s")
    wanted = {key: value[key] for key in known if key in value}
    made = await subscriptions.create_subscription(
        at.pool, at.settings, at.tenant_id, subscription_id=new_id(), name=one.name, created_by=BY.actor, **wanted
    )
    if made.secret is not None:
        at.said.append(f"The secret of {one.name}, shown this once: {made.secret}")


DO: Mapping[str, Callable[[Place, Difference, Any, Mapping[str, str], bool], Awaitable[None]]] = {
    "settings": _setting, "extension_fields": _extension_fields, "policy": _policy, "match_models": _match_model, "systems": _system,
    "subscriptions": _subscription,
}  # fmt: skip
"""Part → what is done about one difference of it."""


def _need_variables(
    document: Mapping[str, Mapping[str, Any]], todo: list[Difference], environment: Mapping[str, str], kept: Mapping[str, Mapping[str, str]]
) -> None:
    """Raise :class:`SetupError` that names every variable nobody gave, before anything is changed."""
    missing = sorted({
        f"{variable} (of {one.name})"
        for one in todo
        if one.part == "systems"
        for variable in variables_needed(document["systems"][one.name])
        if variable not in environment and variable not in kept.get(one.name, {})
    })  # fmt: skip
    if missing:
        raise SetupError(f"these variables are not set: {', '.join(missing)}. Set them in the environment of this command.")


async def _kept_variables(at: Place) -> dict[str, dict[str, str]]:
    """System → the variables kept for it here."""
    rows = await at.pool.fetch("SELECT name, secrets FROM hub.system WHERE tenant_id = $1 AND secrets IS NOT NULL", at.tenant_id)
    key = at.settings.need("secret_key")
    return {row["name"]: opened_variables(key, row["secrets"], at.tenant_id, row["name"]) for row in rows}


async def _read(tx: Connection, tenant_id: int) -> Configuration:
    return await configuration.ConfigurationCache().get(tx, tenant_id)
