"""The sealed trail in GraphQL: seals, keys, and what happened with the proof that it is unaltered. Packs are ``hub audit export``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import Role
from hub.api.common import GoldenRecord
from hub.api.context import Context
from hub.api.decisions import golden_id
from hub.api.errors import ApiError, Code
from hub.api.row_reads import long_of, record_of, text_id
from hub.api.scalars import DateTime, Long
from hub.api.shells import resolved_field
from hub.core.audit import KINDS
from hub.flows import audit_reads

AUDITORS = (Role.STEWARD, Role.ADMIN)
MOST = 100


@strawberry.type(description="A seal: what happened up to an instant, under one digest that also names the seal before. Digests are hexadecimal.")
class AuditSeal:
    id: Long | None = strawberry.field(resolver=long_of("id"), description="1, 2, 3 …: a missing one is seen.")
    made_at: DateTime
    count: int = strawberry.field(description="How many entries it holds.")
    root: str = strawberry.field(description="Merkle root over the digests of its entries.")
    previous: str = strawberry.field(description="Digest of the seal before; empty for the first.")
    digest: str = strawberry.field(description="What is signed, and what the next seal names.")
    key_id: str = strawberry.field(description="Name of the key that signed it.")
    signature: str = strawberry.field(description="Ed25519, over the digest.")
    is_thin: bool = strawberry.field(description="Whether retention gave its entries up; the chain holds without them.")


@strawberry.type(description="A public key that seals are signed with.")
class AuditKey:
    key_id: str = strawberry.field(description="Its name: the first half of its SHA-256. Tell it to auditors on another way.")
    public: str = strawberry.field(description="The key, Ed25519, hexadecimal.")
    made_at: DateTime
    retired_at: DateTime | None = strawberry.field(description="Since when it signs no more.")


@strawberry.type(description="Where the chain of seals stands. Note the digest down elsewhere: then nobody can make the chain anew.")
class AuditHead:
    seal_id: Long | None = strawberry.field(resolver=long_of("seal_id"), description="The newest seal; 0 before the first.")
    digest: str = strawberry.field(description="Its digest.")
    waiting: int = strawberry.field(description="Entries that no seal holds yet.")
    verified_at: DateTime | None = strawberry.field(description="When all of it was looked through for the last time (`hub audit verify`).")
    finding: str | None = strawberry.field(resolver=lambda root: root["finding"] or None, description="What was wrong then; null for nothing.")
    keys: list[AuditKey] = strawberry.field(description="The keys it is signed with.")


async def _record(root: Any, info: strawberry.Info) -> Any:
    return await record_of(info.context, root["entity"], root["golden_id"])


@strawberry.type(description="One thing that happened, and the seal it lies under.")
class AuditEntry:
    kind: str = strawberry.field(description="change, decision, action or proposal.")
    id: Long | None = strawberry.field(resolver=long_of("id"))
    at: DateTime
    actor: str
    what: str = strawberry.field(description="Which change, decision, action or operation.")
    reason: str | None = strawberry.field(resolver=lambda root: root["reason"] or None, description="The reason given; of a change its cause.")
    entity: str | None
    record_id: strawberry.ID | None = strawberry.field(resolver=text_id("golden_id"))
    record: GoldenRecord | None = strawberry.field(resolver=_record)
    version: int | None
    correlation_id: str | None = strawberry.field(resolver=lambda root: root["correlation_id"] or None)
    seal: AuditSeal | None = strawberry.field(description="The newest seal that holds it; null until there is one, some fifteen seconds.")
    is_sound: bool | None = strawberry.field(description="Whether it is as it was sealed; null where nothing can be said: not sealed yet, or past retention.")


async def audit_head(root: Any, info: Any) -> Any:
    context = _auditor(info)
    async with context.services.worker_pool.acquire() as connection:
        return await audit_reads.head(connection, context.principal.tenant_id)


async def audit_seals(root: Any, info: Any, first: int = 20, before: Any = None) -> list[Any]:
    context = _auditor(info)
    async with context.services.worker_pool.acquire() as connection:
        return list(await audit_reads.seals(connection, context.principal.tenant_id, _size(first), int(before) if before else None))


async def audit_trail(
    root: Any, info: Any, record_id: Any = None, actor: Any = None, kind: Any = None, since: Any = None, until: Any = None, first: int = 50
) -> list[Any]:
    context = _auditor(info)
    if kind is not None and kind not in KINDS.values():
        raise ApiError(Code.BAD_INPUT, "kind is change, decision, action or proposal", "kind")
    async with context.services.worker_pool.acquire() as connection:
        return list(
            await audit_reads.trail(
                connection, context.principal.tenant_id, context.services.settings.need("secret_key"),
                record=golden_id(record_id, "recordId") if record_id else None, actor=actor, kind=kind,
                since=_instant(since), until=_instant(until), first=_size(first),
            )
        )  # fmt: skip


def _auditor(info: Any) -> Context:
    context: Context = info.context
    context.principal.need_everything()
    context.principal.need(*AUDITORS)
    return context


def _size(first: int) -> int:
    if not 0 <= first <= MOST:
        raise ApiError(Code.BAD_PAGE, f"first must be from 0 to {MOST}", "first", "Go on behind the last one.")
    return first


def _instant(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def audit_fields() -> dict[str, StrawberryField]:
    """The sealed trail."""
    return {
        "audit_head": resolved_field("auditHead", AuditHead, audit_head, "Where the chain of seals stands, and its keys."),
        "audit_seals": resolved_field("auditSeals", list[AuditSeal], audit_seals, "The seals, newest first.", first=int, before=Long | None),
        "audit_trail": resolved_field(
            "auditTrail", list[AuditEntry], audit_trail,
            "What happened to a record, or what people did and proposed; newest first, each with its seal and whether it is as it was sealed.",
            record_id=strawberry.ID | None, actor=str | None, kind=str | None, since=DateTime | None, until=DateTime | None, first=int,
        ),
    }  # fmt: skip
