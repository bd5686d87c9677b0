"""Moving a client in a tree: the edge that stands ends the day before, and a new one is stated by a steward.

Nothing edits an edge: its end is an override, which can be withdrawn, and the new edge is a contribution of system ``steward`` like
any other system's. A move that would close a circle is refused before anything is written, with the way it would go round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hub.core.configuration import Configuration
from hub.core.reading import read_all
from hub.errors import RequestError
from hub.flows import change_set
from hub.flows.actions import By, note
from hub.flows.change_set import Override
from hub.flows.contribute import portal_message
from hub.flows.ingest import ingest
from hub.store import golden, hierarchy, inbox
from hub.store.ids import new_id
from hub.store.statements import Connection
from schema import CODE_SETS, ENTITIES

MOST_AT_ONCE = 11
CLIENT, EDGE = ENTITIES["client"], ENTITIES["client_relationship"]


async def move(
    tx: Connection, config: Configuration, client: UUID, parent: UUID | None, kind: str, since: date, by: By, *, reason: str, edge_id: UUID
) -> tuple[list[int], int]:
    """Put a client below another one in the tree of ``kind`` from a day on, or with ``parent`` None to the top of its own.

    ``edge_id`` becomes the golden id of the new edge. Answers (decisions made, action). Raises :class:`RequestError`: CYCLE with
    the way round, NO_CHANGE, NOT_FOUND.
    """
    ended = await _move(tx, config, client, parent, kind, since, by, reason, edge_id)
    action_id = await note(
        tx, config.tenant_id, "move_client", by, reason=reason, entity="client", golden_ids=[client, *([parent] if parent else [])], decision_ids=ended,
        given={"client": str(client), "parent": str(parent) if parent else None, "kind": kind, "since": since.isoformat()},
        inverse={"decision_ids": ended, "edge_ids": [str(edge_id)] if parent else []},
    )  # fmt: skip
    return ended, action_id


async def group(
    tx: Connection, config: Configuration, head: UUID, members: Mapping[UUID, UUID], kind: str, since: date, by: By, *, reason: str
) -> tuple[list[int], int]:
    """Put several clients below the head of their group; ``members`` says the id of each one's new edge.

    Who is below the head already stays there. Answers (decisions made, action). Raises what :func:`move` raises.
    """
    if not 0 < len(members) <= MOST_AT_ONCE:
        raise RequestError("INVALID_VALUE", f"a group is made of 1 to {MOST_AT_ONCE} clients at once", field="clients", remedy="Make it in several steps.")
    standing = {row["child"]: row["parent"] for row in await hierarchy.up(tx, config.tenant_id, sorted(members), kind, since)}
    joining = {client: edge for client, edge in members.items() if standing.get(client) != head}
    if not joining:
        raise RequestError("NO_CHANGE", "they are below it already", field="head", remedy="Nothing needs to be done.")
    ended: list[int] = []
    for client, edge in sorted(joining.items()):
        ended += await _move(tx, config, client, head, kind, since, by, reason, edge)
    action_id = await note(
        tx, config.tenant_id, "same_group", by, reason=reason, entity="client", golden_ids=[head, *sorted(joining)], decision_ids=ended,
        given={"head": str(head), "members": [str(one) for one in sorted(joining)], "kind": kind, "since": since.isoformat()},
        inverse={"decision_ids": ended, "edge_ids": [str(joining[one]) for one in sorted(joining)]},
    )  # fmt: skip
    return ended, action_id


async def take_back(tx: Connection, config: Configuration, edge_id: UUID, by: By) -> None:
    """Delete the edge a move stated; what it had ended is in force again when its overrides are withdrawn."""
    await _tell(tx, config, edge_id, None, by)


async def _move(
    tx: Connection, config: Configuration, client: UUID, parent: UUID | None, kind: str, since: date, by: By, reason: str, edge_id: UUID
) -> list[int]:
    await _check(tx, config, client, parent, kind, since, reason)
    above = await hierarchy.up(tx, config.tenant_id, [client], kind, since)
    standing = [row["id"] for row in above if row["parent"] != parent]
    if parent is not None and above and not standing:
        raise RequestError("NO_CHANGE", "the client is below it already", field="parent", remedy="Choose another client.")
    if parent is None and not standing:
        raise RequestError("NO_CHANGE", "nobody is above the client in this tree", field="parent", remedy="Choose a client to move it below.")
    ended = await _end(tx, config, standing, since, by, reason)
    if parent is not None:
        await _state(tx, config, client, parent, kind, since, by, edge_id)
    return ended


async def _check(tx: Connection, config: Configuration, client: UUID, parent: UUID | None, kind: str, since: date, reason: str) -> None:
    if kind not in CODE_SETS["RELATIONSHIP_KIND"].values:
        known = ", ".join(CODE_SETS["RELATIONSHIP_KIND"].values)
        raise RequestError("INVALID_VALUE", f"{kind[:40]!r} is no kind of relationship", field="kind", remedy=f"Choose {known}.")
    if not reason.strip():
        raise RequestError("REASON_REQUIRED", "a move needs a reason", field="reason", remedy="Say why.")
    wanted = {client} | ({parent} if parent is not None else set())
    missing = wanted - await golden.existing(tx, config.tenant_id, CLIENT, wanted)
    if missing:
        raise RequestError("NOT_FOUND", f"there is no client {min(missing)}", field="parent" if client not in missing else "client", remedy="Look it up again.")
    if parent is not None:
        await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('tree ' || $2, $1))", config.tenant_id, EDGE.name)
        await _refuse_circle(tx, config, client, parent, kind, since)


async def _refuse_circle(tx: Connection, config: Configuration, client: UUID, parent: UUID, kind: str, since: date) -> None:
    way = (await hierarchy.ways_up(tx, config.tenant_id, [parent], kind, since))[parent]
    at = next((place for place, row in enumerate(way) if row["id"] == client), None)
    if at is None:
        return
    steps = " → ".join(f"{row['name']}" for row in way[: at + 1])
    raise RequestError(
        "CYCLE", f"it would close a circle: {steps} → {way[0]['name']}" if at else "a client cannot be above itself",
        field="parent", remedy="Move the upper one out first, or choose another parent.",
    )  # fmt: skip


async def _end(tx: Connection, config: Configuration, edges: Sequence[UUID], since: date, by: By, reason: str) -> list[int]:
    """The edges' last day is the day before."""
    last = (since - timedelta(days=1)).isoformat()
    if not edges:
        return []
    return await change_set.apply(tx, config, [Override(EDGE.name, one, "valid_to", last) for one in edges], reason, by)


async def _state(tx: Connection, config: Configuration, client: UUID, parent: UUID, kind: str, since: date, by: By, edge_id: UUID) -> None:
    values = {"from_client": {"id": str(client)}, "to_client": {"id": str(parent)}, "kind": kind, "valid_from": since.isoformat()}
    await _tell(tx, config, edge_id, values, by)
    made = (await golden.read(tx, config.tenant_id, EDGE, [edge_id])).get(edge_id)
    if made is None or made.golden.values.get("to_client") != str(parent):
        raise RequestError("REFUSED", "the new edge was not taken", field="parent", remedy="Look at the client's tasks: a rule keeps it out.")


async def _tell(tx: Connection, config: Configuration, edge_id: UUID, values: Mapping[str, Any] | None, by: By) -> None:
    """One message of system steward about the edge, folded at once."""
    message = portal_message(EDGE.name, edge_id, values or {}, f"move:{new_id()}", by.correlation_id or f"move:{edge_id}", "steward")
    if values is None:
        message = replace(message, is_delete=True)
    at = await tx.fetchval("SELECT statement_timestamp()")
    stored = await inbox.store(tx, config.tenant_id, [message], channel="steward", actor=by.actor, received_at=at, is_backfill=False)
    batch = await inbox.read_open(tx, config.tenant_id, [one.id for one in stored])
    await ingest(tx, config, batch, read_all(batch, config), new_id)
