"""Members and the tenant's rules about them. Who a key belongs to is never changed by one person alone once it is known:
else one person could become two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from hub.core.configuration import Configuration
from hub.core.people import Member
from hub.core.queue_rules import routing_of
from hub.core.risk import R1, R2, rules_of
from hub.errors import RequestError
from hub.flows.actions import By
from hub.store import configuration, members, work
from hub.store.statements import Connection
from hub.telemetry import logger
from schema.fields import Risk

log = logger("hub.flows.people")


async def put(tx: Connection, config: Configuration, given: Mapping[str, Any], by: By) -> dict[str, Any]:
    """Take up a member or change what is said of them; answers what changed, as approvers see it.

    Raises :class:`RequestError` for a name twice, a delegate nobody knows.
    """
    known = await members.everybody(tx, config.tenant_id)
    member = member_of(given)
    if not member.name.strip() or len(member.name) > 200:
        raise RequestError("INVALID_VALUE", "a member has a name of up to 200 characters", field="name", remedy="Say who it is.")
    if any(one.name.lower() == member.name.lower() and one.id != member.id for one in known.values()):
        raise RequestError("NAME_TAKEN", f"there is another member {member.name[:60]!r}", field="name", remedy="Change that one, or choose another name.")
    if member.delegate_id is not None and (member.delegate_id not in known or member.delegate_id == member.id):
        raise RequestError("NOT_FOUND", "the delegate is another member", field="delegateId", remedy="List the members.")
    before = known.get(member.id)
    for actor in member.actors:
        owner = members.of_actor(known, actor)
        if owner is not None and owner.id != member.id:
            await members.put(tx, config.tenant_id, replace(owner, actors=owner.actors - {actor}), by.actor)
    await members.put(tx, config.tenant_id, member, by.actor)
    return {"member": {"before": _shown(before) if before else None, "after": _shown(member)}}


async def risk(tx: Connection, config: Configuration, given: Mapping[str, Any]) -> Risk:
    """R2 when a key changes hands or a known member's teams or keys change; anything else is one admin's to do."""
    known = await members.everybody(tx, config.tenant_id)
    member = member_of(given)
    before = known.get(member.id)
    moves = any((owner := members.of_actor(known, actor)) is not None and owner.id != member.id for actor in member.actors)
    changes = before is not None and (before.teams, before.actors) != (member.teams, member.actors) and bool(before.actors)
    return R2 if moves or changes else R1


async def set_rules(tx: Connection, config: Configuration, part: str, document: Any) -> dict[str, Any]:
    """Store a part of the tenant's settings, ``approvals`` or ``routing``; answers before and after."""
    try:
        (rules_of if part == "approvals" else routing_of)({part: document})
    except ValueError as error:
        raise RequestError("INVALID_VALUE", str(error), field="document", remedy="Mend the document.") from error
    before = config.settings.get(part)
    await configuration.put_setting(tx, config.tenant_id, part, document)
    if part == "routing":
        await work.SQL["route_again"].run(tx, tenant=config.tenant_id)
    return {part: {"before": before, "after": document}}


async def switch_four_eyes(tx: Connection, tenant: str, state: str) -> None:
    """What whoever runs the hub decides outside of it, where nobody else could be asked: a firm of one steward."""
    if state not in ("on", "off"):
        raise RequestError("INVALID_VALUE", "four eyes are on or off", field="state", remedy="Say which.")
    row = await tx.fetchrow("SELECT id, settings FROM hub.tenant WHERE slug = $1 FOR UPDATE", tenant)
    if row is None:
        raise RequestError("NOT_FOUND", f"there is no tenant {tenant}", field="tenant", remedy="hub key --new makes one.")
    document = {**(row["settings"].get("approvals") or {}), "fourEyes": state == "on"}
    await configuration.put_setting(tx, row["id"], "approvals", document)
    log.info("four_eyes", tenant=tenant, state=state)


def member_of(given: Mapping[str, Any]) -> Member:
    """A member as the arguments of ``put_member`` say."""
    return Member(
        UUID(given["id"]), given["name"], frozenset(given.get("teams") or ()), frozenset(given.get("actors") or ()),
        frozenset(given.get("regions") or ()), frozenset(UUID(one) for one in given.get("legal_entities") or ()),
        bool(given.get("is_away")), UUID(given["delegate_id"]) if given.get("delegate_id") else None,
        bool(given.get("is_active", True)), given.get("email") or "",
    )  # fmt: skip


def _shown(member: Member) -> dict[str, Any]:
    return {
        "id": str(member.id), "name": member.name, "teams": sorted(member.teams), "actors": sorted(member.actors),
        "is_active": member.is_active, "delegate_id": str(member.delegate_id) if member.delegate_id else None,
    }  # fmt: skip
