"""Tenants and their keys. A key is shown once; only its digest is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hub.errors import RequestError
from hub.store import configuration
from hub.store.ids import new_id
from hub.store.pool import Pool
from hub.store.statements import Connection
from schema import ENTITIES

ROLES = ("admin", "steward", "reader", "system")


async def need_tenant(connection: Connection | Pool, slug: str, field: str = "") -> int:
    """The id of a tenant. Raises :class:`RequestError` with the tenants there are."""
    known = {name: id_ for id_, name in await configuration.tenants(connection)}
    if slug not in known:
        raise RequestError("UNKNOWN_TENANT", f"there is no tenant {slug!r}; known are {', '.join(sorted(known)) or 'none'}", field=field)
    return known[slug]


async def ensure_tenants(pool: Pool, slugs: Sequence[str]) -> list[dict[str, Any]]:
    """Make these tenants if they are missing, each with a fresh key per role: ``[{"slug", "keys": {role: key}}]``.

    Keys that an earlier call made for this purpose are revoked, so that only the newest start's keys are good.
    """
    made = []
    async with pool.acquire() as connection, connection.transaction():
        for slug in slugs:
            tenant_id = await ensure_tenant(connection, slug)
            await connection.execute(
                "UPDATE hub.api_key SET revoked_at = now() WHERE tenant_id = $1 AND name = 'start' AND revoked_at IS NULL", tenant_id
            )
            keys = {role: await make_key(connection, tenant_id, role, "start") for role in ROLES}
            made.append({"slug": slug, "keys": keys})
    return made


async def ensure_tenant(tx: Connection, slug: str, name: str = "") -> int:
    """The tenant's id; makes the tenant, with the head of its feed, when it is new."""
    await tx.execute("INSERT INTO hub.tenant (slug, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", slug, name or slug)
    tenant_id: int = await tx.fetchval("SELECT id FROM hub.tenant WHERE slug = $1", slug)
    await tx.execute("INSERT INTO hub.feed_head (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING", tenant_id)
    return tenant_id


@dataclass(frozen=True)
class Bounds:
    """What a key is held to: ``scope`` names records by entity (empty: everything), ``rate`` what it may ask a minute."""

    scope: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rate: Mapping[str, int] = field(default_factory=dict)


async def give_key(
    pool: Pool, slug: str, role: str, name: str, system: str | None = None, *, makes_tenant: bool = False, bounds: Bounds = Bounds()
) -> str:
    """A key for a person or a program; the same name's earlier key of this role is revoked. The first tenant is made.

    Raises :class:`RequestError` for an unknown tenant, role, system or record.
    """
    if role not in ROLES:
        raise RequestError("UNKNOWN_ROLE", f"{role!r} is no role; roles are {', '.join(ROLES)}", field="role")
    if not name.strip():
        raise RequestError("NAME_REQUIRED", "say whose key it is, with --name", field="name")
    async with pool.acquire() as connection, connection.transaction():
        known = {one["slug"] for one in await connection.fetch("SELECT slug FROM hub.tenant")}
        if known and slug not in known and not makes_tenant:
            raise RequestError(
                "UNKNOWN_TENANT", f"there is no tenant {slug!r}; known are {', '.join(sorted(known))}. Make it with --new", field="tenant"
            )
        tenant_id = await ensure_tenant(connection, slug)
        systems = {one["name"] for one in await connection.fetch("SELECT name FROM hub.system WHERE tenant_id = $1", tenant_id)}
        if system is not None and system not in systems:
            raise RequestError("UNKNOWN_SYSTEM", f"no system {system!r} is connected to {slug}", field="system")
        await _check_scope(connection, tenant_id, bounds.scope)
        await connection.execute(
            "UPDATE hub.api_key SET revoked_at = now() WHERE tenant_id = $1 AND name = $2 AND role = $3 AND revoked_at IS NULL",
            tenant_id, name, role,
        )  # fmt: skip
        return await make_key(connection, tenant_id, role, name, system, bounds)


async def _check_scope(tx: Connection, tenant_id: int, scope: Mapping[str, Sequence[str]]) -> None:
    """Every record a key is confined to exists; a misspelt one would be a key that opens nothing."""
    for entity, ids in scope.items():
        if entity not in ENTITIES:
            raise RequestError("UNKNOWN_ENTITY", f"{entity[:60]!r} is not an entity; write them like legal_entity", field="only")
        for each in ids:
            if not _is_id(each) or not await tx.fetchval(
                f"SELECT true FROM golden.{entity} WHERE tenant_id = $1 AND id = $2::uuid", tenant_id, UUID(each)
            ):
                raise RequestError("NOT_FOUND", f"there is no {entity} {each[:60]!r}", field="only")


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


async def revoke_keys(pool: Pool, slug: str, name: str) -> int:
    """End every key of this name; answers how many."""
    revoked = await pool.fetch(
        "UPDATE hub.api_key SET revoked_at = now() FROM hub.tenant t "
        "WHERE t.slug = $1 AND tenant_id = t.id AND api_key.name = $2 AND revoked_at IS NULL RETURNING 1",
        slug, name,
    )  # fmt: skip
    return len(revoked)


async def make_key(
    tx: Connection, tenant_id: int, role: str, name: str, system: str | None = None, bounds: Bounds = Bounds()
) -> str:
    """A new API key of a role: 32 random bytes behind a prefix that tells what it is. Shown here and never again."""
    key = f"hub_{role}_{secrets.token_urlsafe(32)}"
    await tx.execute(
        "INSERT INTO hub.api_key (tenant_id, id, digest, prefix, role, name, system, scope, rate) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant_id, new_id(), digest(key), key[:14], role, name, system, dict(bounds.scope), dict(bounds.rate),
    )  # fmt: skip
    return key


def digest(key: str) -> bytes:
    """What is kept of a key. The key has 256 random bits, so a plain SHA-256 is enough."""
    return hashlib.sha256(key.encode()).digest()
