"""Before a file is loaded: its tenant, its systems and their mappings are there, or the load ends with a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.configuration import System
from hub.core.records import SourceKey
from hub.errors import RequestError, SetupError
from hub.flows.load_plan import CONNECTED, FilePlan
from hub.flows.references import alias_key
from hub.flows.tenants import ensure_tenant
from hub.store import configuration, loads, source_records
from hub.store.pool import Pool
from hub.store.statements import Connection
from schema.kinds import FieldKind


@dataclass(frozen=True)
class Ready:
    """What a load starts from. ``is_remapped``: what was loaded under an older mapping is to be read again."""

    systems: Mapping[str, System]
    is_remapped: bool
    replaced: tuple[str, ...] = ()
    """System and object of what another mapping read until now."""


async def tenant_of(pool: Pool, slug: str) -> int:
    """The tenant's id. The first tenant of a hub is made; later ones must be there, since a name is easily misspelt."""
    async with pool.acquire() as connection, connection.transaction():
        try:
            known = {name: id_ for id_, name in await configuration.tenants(connection)}
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError, asyncpg.InsufficientPrivilegeError) as error:
            raise SetupError("the database has no tables of the hub yet; run 'hub migrate' first") from error
        if slug in known:
            return known[slug]
        if known:
            raise RequestError("UNKNOWN_TENANT", f"there is no tenant {slug!r}; known are {', '.join(sorted(known))}")
        return await ensure_tenant(connection, slug)


async def prepare(pool: Pool, tenant_id: int, plan: FilePlan) -> Ready:
    """Connect the file's systems and store its mappings where they differ from the newest ones."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('configuration', $1))", tenant_id)
        before = await configuration.read(connection, tenant_id, 0)
        for name in plan.systems:
            await _connect(connection, tenant_id, name, plan, before.systems)
        for entity, some in plan.extension_fields.items():
            for name, kind in some.items():
                if before.extensions.get(entity, {}).get(name) is None:
                    await configuration.put_extension_field(connection, tenant_id, entity, name, FieldKind(kind), {})
        replaced = [await _map(connection, tenant_id, name, plan) for name in plan.systems]
        after = await configuration.read(connection, tenant_id, 0)
        await _name_earlier_records(connection, tenant_id, after.named - before.named)
        told = tuple(one for some in replaced for one in some or ())
        return Ready({name: after.systems[name] for name in plan.systems}, any(some is not None for some in replaced), told)


async def _connect(tx: Connection, tenant_id: int, name: str, plan: FilePlan, known: Mapping[str, System]) -> None:
    stated = plan.kinds.get(name)
    if name not in known:
        if stated is None:
            raise RequestError(
                "UNKNOWN_SYSTEM", f"no system {name!r} is connected; say what it is with --kind ({', '.join(CONNECTED)})"
            )
        await configuration.put_system(tx, tenant_id, System(name, stated))
    elif stated is not None and known[name].kind is not stated:
        raise RequestError("SYSTEM_KIND", f"system {name!r} is connected as {known[name].kind}, not as {stated}")


async def _map(tx: Connection, tenant_id: int, system: str, plan: FilePlan) -> list[str] | None:
    """Store the plan's mappings beside those of the system's other objects; answers those it replaced, None if nothing differs."""
    if plan.document is None:
        return None
    newest = await loads.newest_mapping(tx, tenant_id, system)
    merged = merge(newest, plan.document, frozenset(plan.mappings))
    if merged == newest:
        return None
    await configuration.put_mapping(tx, tenant_id, system, merged)
    before, after = _by_object(newest), _by_object(merged)
    return [f"{system} {one}" for one in sorted(before.keys() & after.keys()) if before[one] != after[one]]


def _by_object(document: Mapping[str, Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for one in document.get("mappings", [document] if document else []):
        found.setdefault(_object(one), []).append(one)
    return found


def merge(newest: Mapping[str, Any], ours: Mapping[str, Any], objects: frozenset[str]) -> dict[str, Any]:
    """The mappings of both documents; ours replace those of the same objects.

    >>> merge({"mappings": [{"object": "a"}, {"object": "b", "id": "x"}]}, {"mappings": [{"object": "b"}]}, frozenset({"b"}))
    {'mappings': [{'object': 'a'}, {'object': 'b'}]}
    """
    listed = newest.get("mappings", [newest] if newest else [])
    kept = [one for one in listed if _object(one) not in objects]
    rest = newest if "mappings" in newest else {}
    return {**rest, "mappings": sorted([*kept, *ours["mappings"]], key=_object)}


def _object(one: Mapping[str, Any]) -> str:
    return str(one.get("object") or one.get("entity"))


async def _name_earlier_records(tx: Connection, tenant_id: int, named: Iterable[tuple[str, str]]) -> None:
    """Names become part of the crosswalk once a mapping refers by them; records loaded before get theirs now."""
    aliases: dict[SourceKey, UUID] = {}
    for row in await loads.named_records(tx, tenant_id, sorted(named)):
        alias = alias_key(row["system"], row["object"], row["name"], row["entity"])
        if aliases.get(alias, row["golden_id"]) != row["golden_id"] or len(aliases) >= 1000:
            await source_records.point_aliases(tx, tenant_id, aliases)
            aliases = {}
        aliases[alias] = row["golden_id"]
    await source_records.point_aliases(tx, tenant_id, aliases)
