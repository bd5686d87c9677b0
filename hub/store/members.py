"""The people of a tenant. They are few, so they are read whole."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from hub.core.people import Member
from hub.store.statements import Connection, statements

SQL = statements("members")


async def everybody(tx: Connection, tenant_id: int) -> dict[UUID, Member]:
    """All members by id, in the order of their names."""
    found = {}
    for row in await SQL["all"].fetch(tx, tenant=tenant_id):
        found[row["id"]] = Member(
            row["id"], row["name"], frozenset(row["teams"]), frozenset(row["actors"]), frozenset(row["regions"]),
            frozenset(row["legal_entities"]), row["is_away"], row["delegate_id"], row["is_active"], row["email"],
        )  # fmt: skip
    return found


def of_actor(members: Mapping[UUID, Member], actor: str) -> Member | None:
    """The person behind a key, as changes name it (``steward:ann``)."""
    return next((one for one in members.values() if actor in one.actors), None)


async def names(connection: Connection, tenant_id: int) -> dict[str, str]:
    """Actor, as changes name it, → name of the person."""
    return {row["actor"]: row["name"] for row in await SQL["names"].fetch(connection, tenant=tenant_id)}


async def put(tx: Connection, tenant_id: int, member: Member, by: str = "") -> None:
    """Take up a person or change what is said of them; their keys are exactly ``member.actors`` then."""
    await SQL["put"].run(
        tx, tenant=tenant_id, id=member.id, name=member.name, email=member.email, teams=sorted(member.teams),
        regions=sorted(member.regions), legal_entities=sorted(member.legal_entities), is_away=member.is_away,
        delegate_id=member.delegate_id, is_active=member.is_active, actor=by,
    )  # fmt: skip
    await SQL["forget_actors"].run(tx, tenant=tenant_id, id=member.id, actors=sorted(member.actors))
    await SQL["put_actors"].run(tx, tenant=tenant_id, id=member.id, actors=sorted(member.actors))
