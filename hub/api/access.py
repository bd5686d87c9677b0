"""Who asks, and what they may see: principals, roles, and the fields masked for a role.

A confidential field reads as null for roles without the right, and is named in ``masked``; filtering or ordering by
it is refused, since the answer would tell what the mask hides.
"""

from __future__ import annotations

from dataclasses import dataclass
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
class Principal:
    """The owner of an API key, and the tenant it belongs to."""

    tenant_id: int
    tenant: str
    key_id: UUID
    role: Role
    name: str
    system: str | None = None

    @property
    def actor(self) -> str:
        """How changes name them."""
        return f"{self.role.value}:{self.name}"

    def need(self, *roles: Role) -> None:
        """Refuse unless the principal has one of these roles."""
        if self.role not in roles:
            wanted = " or ".join(role.value for role in roles)
            raise ApiError(Code.FORBIDDEN, f"a key of role {self.role.value} may not do this", remedy=f"Use a key of role {wanted}.")


@lru_cache(maxsize=1024)
def masked_fields(meta: EntityMeta, role: Role) -> frozenset[str]:
    """Canonical names of the fields this role reads as null."""
    if role in SEES_CONFIDENTIAL:
        return frozenset()
    return frozenset(
        name for name, field in meta.fields.items() if field.sensitivity is Sensitivity.CONFIDENTIAL
    )
