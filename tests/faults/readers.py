"""Those who follow the feed during a run: one pulls pages by cursor, one listens on a websocket; both go on where they were."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import websockets

from tests.faults.evidence import Book, Heard
from tests.faults.stage import Api, HubError, Stage, Tenant

PULL = """
    query ($after: String) { changes(after: $after, first: 100) {
        changes { position recordId version entity } cursor hasMore gap { first last } } }
"""
FOLLOW = """
    subscription ($after: String) { changes(after: $after, progress: true) {
        kind cursor change { position recordId version entity } gap { first last resumeFrom } } }
"""
CLIENT_PAGE = "query ($after: String) { clients(first: 100, after: $after) { nodes { id name version } pageInfo { hasNextPage endCursor } } }"


@dataclass
class Reader:
    """What one reader was told; ``cursor`` is where it goes on."""

    tenant: Tenant
    api: Api
    book: Book
    name: str
    cursor: str | None = None
    heard: list[Heard] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.book.heard[self.tenant.slug, self.name] = self.heard

    def note(self, change: dict[str, Any]) -> None:
        self.heard.append(Heard(int(change["position"]), change["recordId"], change["version"], change["entity"]))


async def pull(reader: Reader, stop: asyncio.Event) -> None:
    """Ask for the next page, again and again; an answer that does not come is asked for again with the same cursor."""
    while not stop.is_set():
        try:
            page = (await reader.api.ask(PULL, after=reader.cursor))["changes"]
        except HubError:
            await asyncio.sleep(0.2)
            continue
        if page["gap"] is not None:
            reader.book.during.append(f"{reader.tenant.slug} pull was told of a gap {page['gap']}, and nothing was dropped")
        for change in page["changes"]:
            reader.note(change)
        reader.cursor = page["cursor"]
        if not page["hasMore"]:
            await asyncio.sleep(0.25)


async def listen(reader: Reader, stop: asyncio.Event) -> None:
    """Subscribe over a websocket; when it breaks, subscribe again with the cursor of the last event."""
    address = reader.api.base.replace("http", "ws") + "/graphql"
    while not stop.is_set():
        with suppress(OSError, TimeoutError, websockets.WebSocketException, KeyError, ValueError):
            async with websockets.connect(address, subprotocols=[websockets.Subprotocol("graphql-transport-ws")], open_timeout=5) as socket:
                await socket.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {reader.api.key}"}}))
                await asyncio.wait_for(socket.recv(), 5)
                asked = {"query": FOLLOW, "variables": {"after": reader.cursor}}
                await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": asked}))
                while not stop.is_set():
                    said = json.loads(await asyncio.wait_for(socket.recv(), 20))
                    if said["type"] == "ping":
                        await socket.send(json.dumps({"type": "pong"}))
                    elif said["type"] in ("complete", "error") or said["type"] == "next" and not _take(reader, said["payload"]):
                        break
        await asyncio.sleep(0.2)


def _take(reader: Reader, payload: dict[str, Any]) -> bool:
    """Note one event; False when one must subscribe again."""
    if payload.get("errors"):
        return False
    event = payload["data"]["changes"]
    if event["kind"] == "CHANGE":
        reader.note(event["change"])
    if event["kind"] == "GAP":
        reader.cursor = event["gap"]["resumeFrom"] or reader.cursor
        return False
    reader.cursor = event["cursor"] or reader.cursor
    return True


async def page_through(here: Stage, tenant: Tenant, book: Book, stop: asyncio.Event) -> None:
    """Read lists with the tenant's own key: never a record of another one, never an older version than before."""
    api = here.api(tenant, "reader")
    other = [f"{name} " for name in here.tenants if name != tenant.slug]
    while not stop.is_set():
        with suppress(HubError):
            page = (await api.ask(CLIENT_PAGE, after=None))["clients"]
            book.reads_across += len(page["nodes"])
            for node in page["nodes"]:
                if any((node["name"] or "").startswith(one) for one in other):
                    book.other_tenant.append(f"{tenant.slug} read {node['id']} of another tenant")
        await asyncio.sleep(1.0)
