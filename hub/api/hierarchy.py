"""``client.parent``, ``children``, ``root`` and what hangs on a whole tree: the hierarchy of clients, a tree per kind, on a day."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import strawberry
from strawberry import ID
from strawberry.types.field import StrawberryField

from hub.api.approval_types import Proposal
from hub.api.common import GoldenRecord, Money
from hub.api.context import Context
from hub.api.decisions import PROPOSERS, decide, golden_id, submitted
from hub.api.errors import ApiError, Code
from hub.api.mutation import Payload, ProblemOut
from hub.api.scalars import Date, Decimals, Long
from hub.api.shells import Shells, plain_field, resolved_field
from hub.api.values import Row
from hub.core.configuration import Configuration
from hub.store import hierarchy
from hub.store.golden import decimal_text
from hub.store.hierarchy import Stakes, amounts
from hub.store.statements import Connection
from schema import CODE_SETS, ENTITIES

KINDS = tuple(CODE_SETS["RELATIONSHIP_KIND"].values)


def client_fields(shells: Shells) -> dict[str, StrawberryField]:
    """What a client has beside its own fields: its places in the trees of clients."""
    relative, below, top, sums, tree = _types(shells)
    when: dict[str, Any] = {"on": Date | None}
    return {
        "parent": resolved_field("parent", relative | None, _parent, "Who is right above it in one tree.", kind=str, **when),
        "children": resolved_field("children", below, _children, "Who is right below it in one tree, by name.", kind=str, **when, first=int, after=ID | None),
        "root": resolved_field("root", top, _root, "The top of its tree, and the way there; itself when nobody is above.", kind=str, **when),
        "roll_up": resolved_field("rollUp", sums, _roll_up, "What hangs on it and on all below it in one tree.", kind=str, **when),
        "trees": resolved_field("trees", list[tree], _trees, "In which trees it stands.", **when),  # type: ignore[valid-type]
    }  # fmt: skip


def _types(shells: Shells) -> tuple[Any, Any, Any, Any, Any]:
    client = shells.of("Client", GoldenRecord)
    record = resolved_field("client", client | None, _client, "The client at the other end.")
    relative = shells.output(
        "ClientRelative",
        {
            "client": record,
            "client_id": plain_field("clientId", ID, "Its golden id."),
            "name": plain_field("name", str | None, "What it is called."),
            "relationship_id": plain_field("relationshipId", ID, "Golden id of the edge."),
            "kind": plain_field("kind", str, "legal_parent, ultimate_parent, branch_of, sales_parent, bill_to, payer or successor."),
            "share": plain_field("share", Decimals | None, "Part held or paid, in percent."),
            "valid_from": plain_field("validFrom", Date | None, "In force from."),
            "valid_to": plain_field("validTo", Date | None, "In force until, inclusive."),
            "has_children": plain_field("hasChildren", bool | None, "Somebody is below it; null for a parent."),
        },
        "A client beside another one in a tree.",
    )
    below = shells.output(
        "ClientRelatives",
        {
            "nodes": plain_field("nodes", list[relative], "The clients of this page."),  # type: ignore[valid-type]
            "has_more": plain_field("hasMore", bool, "There are more; go on with the last one's id as `after`."),
        },
        "Clients below one.",
    )
    top = shells.output(
        "ClientRoot",
        {
            "client": resolved_field("client", client | None, _client, "The top of the tree."),
            "client_id": plain_field("clientId", ID, "Its golden id."),
            "depth": plain_field("depth", int, "Steps from the client up to it."),
            "path": plain_field("path", list[shells.of("ClientStep")], "From the client up."),  # type: ignore[misc]
        },
        "The top of a client's tree.",
    )
    shells.output("ClientStep", {"id": plain_field("id", ID), "name": plain_field("name", str | None, "What it is called.")}, "A step up.")
    sums = shells.output(
        "ClientRollUp",
        {
            "clients": plain_field("clients", int, "Clients added up, itself included."),
            "is_complete": plain_field("isComplete", bool, f"False when the tree holds more than {hierarchy.MOST} clients."),
            "receivables": plain_field("receivables", list[Money], "Open receivables, an amount per currency."),
            "unbilled": plain_field("unbilled", list[Money], "Billable items not invoiced yet, an amount per currency."),
            "active_projects": plain_field("activeProjects", int, "Projects in state active."),
            "contracts": plain_field("contracts", int, "Contracts that are signed and not over."),
        },
        "What hangs on a client and on all below it.",
    )
    tree = shells.output(
        "ClientTree",
        {
            "kind": plain_field("kind", str, "What its edges mean."),
            "children": plain_field("children", int, "Clients right below."),
            "has_parent": plain_field("hasParent", bool, "Somebody is above."),
        },
        "A tree a client stands in.",
    )
    return relative, below, top, sums, tree


async def _client(root: Mapping[str, Any], info: Any) -> Row | None:
    context: Context = info.context
    return await context.row(ENTITIES["client"], UUID(root["client_id"]))


async def _load(info: Any, name: str, kind: str | None, on: str | None, client: UUID, load: Callable[..., Awaitable[Mapping[UUID, Any]]], *more: Any) -> Any:
    """Read through the flows' pool, all clients of one level at once."""
    context: Context = info.context
    context.principal.need_everything()
    if context.reader.as_of is not None:
        raise ApiError(Code.BAD_INPUT, "trees are read on a business day, not as of an instant", name, "Ask with `on` and without `asOf`.")
    if kind is not None and kind not in KINDS:
        raise ApiError(Code.BAD_INPUT, f"{kind[:40]!r} is no kind of relationship", "kind", f"Choose {', '.join(KINDS)}.")
    day = date.fromisoformat(on) if on else context.services.now().date()

    async def read(clients: Sequence[UUID]) -> Mapping[UUID, Any]:
        async with context.services.worker_pool.acquire() as connection:
            given = (clients,) if kind is None else (clients, kind)
            return await load(connection, context.principal.tenant_id, *given, day, *more)

    return await context.load((name, kind, day, *more), read, client)


async def _parent(root: Row, info: Any, kind: str, on: Any = None) -> dict[str, Any] | None:
    row = await _load(info, "parent", kind, on, root.id, _parents)
    return None if row is None else _relative(row, row["parent"], None)


async def _parents(tx: Connection, tenant_id: int, ids: Sequence[UUID], kind: str, day: date) -> dict[UUID, asyncpg.Record]:
    """The newest edge up of each."""
    found: dict[UUID, asyncpg.Record] = {}
    for row in await hierarchy.up(tx, tenant_id, ids, kind, day):
        found.setdefault(row["child"], row)
    return found


async def _children(root: Row, info: Any, kind: str, on: Any = None, first: int = 50, after: Any = None) -> dict[str, Any]:
    if not 0 < first <= 100:
        raise ApiError(Code.BAD_PAGE, "first is from 1 to 100", "first")
    last = golden_id(after, "after") if after else None
    rows = await _load(info, "children", kind, on, root.id, hierarchy.children, first, last) or []
    return {"nodes": [_relative(row, row["child"], row["has_children"]) for row in rows[:first]], "has_more": len(rows) > first}


async def _root(root: Row, info: Any, kind: str, on: Any = None) -> dict[str, Any]:
    way = await _load(info, "root", kind, on, root.id, hierarchy.ways_up)
    return {"client_id": str(way[-1]["id"]), "depth": way[-1]["depth"], "path": [{"id": str(one["id"]), "name": one["name"]} for one in way]}


async def _roll_up(root: Row, info: Any, kind: str, on: Any = None) -> dict[str, Any]:
    ids, stakes = await _load(info, "rollUp", kind, on, root.id, roll_ups)
    return {
        "clients": min(len(ids), hierarchy.MOST), "is_complete": len(ids) <= hierarchy.MOST, "receivables": amounts(stakes.receivables),
        "unbilled": amounts(stakes.unbilled), "active_projects": stakes.projects, "contracts": stakes.contracts,
    }  # fmt: skip


async def roll_ups(tx: Connection, tenant_id: int, ids: Sequence[UUID], kind: str, day: date) -> dict[UUID, tuple[Mapping[UUID, int], Stakes]]:
    """Of each client: all below it with their depth, and what hangs on all of them together."""
    found = await hierarchy.below(tx, tenant_id, ids, kind, day)
    each = await hierarchy.stakes(tx, tenant_id, {one for several in found.values() for one in several})
    return {root: (several, sum((each[one] for one in several), Stakes())) for root, several in found.items()}


async def _trees(root: Row, info: Any, on: Any = None) -> list[Any]:
    return list(await _load(info, "trees", None, on, root.id, hierarchy.kinds) or ())


def _relative(row: asyncpg.Record, other: UUID, has_children: bool | None) -> dict[str, Any]:
    return {
        "client_id": str(other), "name": row["name"], "relationship_id": str(row["id"]), "kind": row["kind"],
        "share": None if row["share"] is None else decimal_text(row["share"]), "valid_from": row["valid_from"], "valid_to": row["valid_to"],
        "has_children": has_children,
    }  # fmt: skip


@strawberry.type(description="What a move in a tree of clients did, and the action that undoes it.")
class HierarchyPayload:
    action_id: Long | None = strawberry.field(description="Give it to `undo`.")
    record: GoldenRecord | None = strawberry.field(description="The client as it is now.")
    proposal: Proposal | None = strawberry.field(description="Set when a second person must approve first: then nothing else was done.")
    errors: list[ProblemOut] = strawberry.field(description="Why it was refused, and what to do.")


async def move_client(root: Any, info: Any, client: str, kind: str, reason: str, parent: Any = None, since: Any = None, dry_run: bool = False) -> Payload:
    context: Context = info.context
    edge_id = str(context.services.new_id())

    async def work(tx: Connection, config: Configuration) -> Payload:
        asked = {
            "entity": "client", "id": str(golden_id(client, "client")), "parent": str(golden_id(parent, "parent")) if parent else None, "kind": kind,
            "since": since or context.services.now().date().isoformat(), "reason": reason, "edge_id": edge_id,
        }  # fmt: skip
        return await submitted(context, tx, config, "move_client", asked, is_dry_run=dry_run)

    return await decide(context, PROPOSERS, "moveClient", {}, work, is_dry_run=dry_run)


async def same_group(root: Any, info: Any, head: str, clients: list[str], kind: str, reason: str, since: Any = None, dry_run: bool = False) -> Payload:
    context: Context = info.context
    members = {str(golden_id(one, "clients")): str(context.services.new_id()) for one in clients if one != head}

    async def work(tx: Connection, config: Configuration) -> Payload:
        asked = {
            "entity": "client", "id": str(golden_id(head, "head")), "members": members, "kind": kind,
            "since": since or context.services.now().date().isoformat(), "reason": reason,
        }  # fmt: skip
        return await submitted(context, tx, config, "same_group", asked, is_dry_run=dry_run)

    return await decide(context, PROPOSERS, "sameGroup", {}, work, is_dry_run=dry_run)


def hierarchy_mutations() -> dict[str, StrawberryField]:
    return {
        "move_client": resolved_field(
            "moveClient", HierarchyPayload, move_client,
            "Move a client below another one in one tree, or to the top of its own, from a day on. A second person approves.",
            client=ID, kind=str, reason=str, parent=ID | None, since=Date | None, dry_run=bool,
        ),
        "same_group": resolved_field(
            "sameGroup", HierarchyPayload, same_group,
            "Say that clients are of one group: each goes below the head of the group in one tree; none is merged.",
            head=ID, clients=list[ID], kind=str, reason=str, since=Date | None, dry_run=bool,
        ),
    }  # fmt: skip
