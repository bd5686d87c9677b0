"""Who asks, and what they may see: principals, roles, and the fields masked for a role.

A confidential field reads as null for roles without the right, and is named in ``masked``; filtering or ordering by
it is refused, since the answer would tell what the mask hides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from hub.api.errors import ApiError, Code
from schema.language import EntityMeta, Sensitivity


class Role(StrEnum):
    """What a key may do: read; also decide; send as one system; everything."""

    READER = "reader"
    STEWARD = "steward"
    SYSTEM = "system"
    ADMIN = "admin"


SEES_CONFIDENTIAL = frozenset({Role.STEWARD, Role.ADMIN})
SEES_OPERATIONS = frozenset({Role.STEWARD, Role.ADMIN})
SEES_SCHEMA = frozenset({Role.READER, Role.STEWARD, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Rate:
    """How much a key may ask for in a minute, where it differs from the settings; None: as set, 0: without limit."""

    requests: int | None = None
    cost: int | None = None


UNSET_RATE = Rate()


@dataclass(frozen=True, slots=True)
class Principal:
    """The owner of an API key, and the tenant it belongs to."""

    tenant_id: int
    tenant: str
    key_id: UUID
    role: Role
    name: str
    system: str | None = None
    scope: Mapping[str, tuple[UUID, ...]] = field(default_factory=dict, hash=False)
    """Entity → the golden records the key is confined to (:mod:`hub.api.rows`); empty: everything of the tenant."""
    rate: Rate = UNSET_RATE

    @property
    def actor(self) -> str:
        """How changes name them."""
        return f"{self.role.value}:{self.name}"

    def need(self, *roles: Role) -> None:
        """Refuse unless the principal has one of these roles; what is not for every role is not for a confined key."""
        if len(set(roles)) < len(Role):
            self.need_everything()
        if self.role not in roles:
            wanted = " or ".join(role.value for role in roles)
            raise ApiError(Code.FORBIDDEN, f"a key of role {self.role.value} may not do this", remedy=f"Use a key of role {wanted}.")

    def need_everything(self) -> None:
        """Refuse a key that is confined to some records: it reads them and nothing about the work around them."""
        if self.scope:
            raise ApiError(Code.FORBIDDEN, "a key confined to some records may not do this", remedy="Use a key that is not confined.")


def may_read_schema(introspection: str, role: Role) -> bool:
    """Whether ``HUB_INTROSPECTION`` (on, roles, off) lets a role read the GraphQL schema."""
    return introspection == "on" or (introspection == "roles" and role in SEES_SCHEMA)


@lru_cache(maxsize=1024)
def masked_fields(meta: EntityMeta, role: Role) -> frozenset[str]:
    """Canonical names of the fields this role reads as null."""
    if role in SEES_CONFIDENTIAL:
        return frozenset()
    return frozenset(
        name for name, one in meta.fields.items() if one.sensitivity is Sensitivity.CONFIDENTIAL
    )
