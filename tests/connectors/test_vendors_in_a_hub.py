"""Every vendor's connector in a real hub: its whole system told and folded, told again without effect, written to and followed.

Slow, therefore part of ``make test-connectors``. What is particular to a vendor is its row in :mod:`tests.connectors.firms`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase as fnmatch
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest

from connectors.simulator.store import Row, merged
from hub.connecting import connect_document
from hub.connections import Connections
from hub.core.configuration import System
from hub.core.policy import FieldPolicy, Policy
from hub.flows import steward
from hub.flows.actions import By
from hub.flows.ingest_loop import Ingester
from hub.flows.poll import poll_due, poll_soon
from hub.flows.subscriptions import create_subscription, set_mode
from hub.flows.tenants import ensure_tenant
from hub.settings import Settings
from hub.store import configuration
from hub.store.pool import open_worker_pool
from tests.conftest import Database
from tests.connectors.firms import FIRMS, Firm, Spot
from tests.connectors.simulated import SimulatedSubject
from tests.connectors.vendors import VENDORS
from tests.flows.conftest import Hub
from tests.flows.delivering import a_deliverer, attempts_made, eventually, is_settled

pytestmark = pytest.mark.slow
WISHED = "Renamed by the steward"
NEW = {"name": "Weserwind", "street": "Am Deich 3", "city": "Bremerhaven", "postcode": "27568", "country": "DE"}


@dataclass
class Connected:
    """A vendor's simulated system, connected to a tenant of its own by the document that is shipped."""

    hub: Hub
    settings: Settings
    firm: Firm
    subject: SimulatedSubject
    document: dict[str, Any]
    connections: Connections
    resources: tuple[str, ...]

    @property
    def system(self) -> str:
        name: str = self.document["system"]
        return name

    def named(self, spot: Spot, name: str) -> Row:
        """The one record of that name in the simulator."""
        (row,) = [row for row in self.subject.running.store.table(spot.object) if row.fields.get(spot.field) == name]
        return row

    async def golden_ids(self, spot: Spot) -> dict[str, UUID]:
        """The simulator's id → golden id."""
        rows = await self.hub.rows(
            "SELECT external_id, golden_id FROM hub.source_record WHERE system = $1 AND object = $2 AND entity = $3", self.system, spot.object, spot.entity
        )
        return {row["external_id"]: row["golden_id"] for row in rows}

    async def poll(self) -> None:
        """Ask for everything until nothing more is due, and fold it."""
        await poll_soon(self.hub.pool, self.hub.tenant, self.system, list(self.resources))
        while await poll_due(self.hub.pool, self.connections.get):
            pass
        failed = await self.hub.rows("SELECT resource, error FROM hub.checkpoint WHERE failures > 0 OR error IS NOT NULL OR polled_at IS NULL")
        assert failed == []
        await self.hub.settle()

    async def last_change(self) -> int:
        last: int = await self.hub.pool.fetchval("SELECT max(id) FROM hub.change WHERE tenant_id = $1", self.hub.tenant)
        return last


@pytest.fixture(params=sorted(FIRMS))
async def connected(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Connected]:
    firm = FIRMS[request.param]
    pool = await open_worker_pool(database.worker_url, size=6)
    async with pool.acquire() as tx, tx.transaction():
        tenant = await ensure_tenant(tx, "north")
        await configuration.put_system(tx, tenant, System("beside", firm.beside))
        if firm.wish.owners:
            policy = Policy((FieldPolicy("client", firm.wish.field, firm.wish.owners),))
            await steward.set_policy(tx, tenant, policy, "who owns what here", By("bo"))
    settings = replace(database.settings, secret_key="a secret key")
    subject: SimulatedSubject = await VENDORS[firm.vendor or request.param].subject()
    document, credentials = _with_variables(merged(subject.document(), firm.document))
    connections = Connections(pool, settings)
    try:
        _, resources = await connect_document(pool, settings, tenant, document, credentials, f"{request.param}.yaml")
        yield Connected(Hub(pool, tenant, Ingester(pool, "test"), count(1)), settings, firm, subject, document, connections, resources)
    finally:
        await connections.aclose()
        await subject.close()
        await pool.close()


def _with_variables(document: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The document with its credentials as variables, as firms write it, and what these hold."""
    held = {name: value for name, value in document["auth"].items() if isinstance(value, str)}
    named = {name: f"${{AUTH_{name.upper()}}}" for name in held}
    return {**document, "auth": {**document["auth"], **named}}, {f"AUTH_{name.upper()}": value for name, value in held.items()}


def test_every_vendor_has_a_row() -> None:
    assert {firm.vendor or name for name, firm in FIRMS.items()} == set(VENDORS)


async def test_a_hub_takes_a_whole_system_writes_to_it_and_follows_it(connected: Connected) -> None:
    if connected.firm.has_crm:
        await _told_by_the_crm(connected)
    await connected.poll()
    await _all_is_a_source_record(connected)
    await _golden_records_are_made(connected)
    before = await connected.last_change()
    await connected.poll()
    assert await connected.last_change() == before, "told again, it makes new versions"
    await _written_and_not_echoed(connected)
    await _followed(connected)
    await _created_once(connected)


async def _told_by_the_crm(one: Connected) -> None:
    """A PSA is no origin of clients: the firm's CRM tells them, linked by the PSA's ids."""
    spot = one.firm.client
    for row in one.subject.running.store.table(spot.object):
        await one.hub.tell("beside", "client", f"c{row.id}", {"name": row.fields[spot.field]}, **{one.system: f"{spot.object}:{row.id}"})


async def _all_is_a_source_record(one: Connected) -> None:
    """What the simulator holds of every mapped object that is polled is a source record; what is open is explained in the row."""
    firm, store = one.firm, one.subject.running.store
    mapped = {mapping["object"] for mapping in one.document["mappings"]}
    assert bool(mapped - set(one.resources)) == bool(firm.unread)
    rows = await one.hub.rows("SELECT DISTINCT object, external_id FROM hub.source_record WHERE system = $1", one.system)
    told = {(row["object"], row["external_id"]) for row in rows}
    held = {(name, firm.id_of(name, row)) for name in mapped & set(one.resources) - firm.made for row in store.table(firm.tables.get(name, name))}
    assert {row for row in told if row[0] not in firm.made} == {row for row in held if row[1] is not None}
    assert firm.made <= {name for name, _ in told}
    await _nothing_else_is_open(one)


async def _nothing_else_is_open(one: Connected) -> None:
    """No message was set aside, and only such tasks are open as the row explains."""
    tasks = [f"{cause} {subject}" for cause, subject, _ in await one.hub.tasks()]
    assert [task for task in tasks if not any(fnmatch(task, pattern) for pattern in one.firm.tasks)] == []
    assert [pattern for pattern in one.firm.tasks if not any(fnmatch(task, pattern) for task in tasks)] == []
    assert await one.hub.rows("SELECT outcome, detail FROM hub.inbox_outcome WHERE outcome = 'quarantined'") == []


async def _golden_records_are_made(one: Connected) -> None:
    made = {row["entity"] for row in await one.hub.rows("SELECT DISTINCT entity FROM hub.change WHERE op = 'create'")}
    assert one.firm.origin <= made
    spot, values = one.firm.client, one.firm.values
    golden = await one.hub.values("client", (await one.golden_ids(spot))[one.named(spot, values["name"]).id])
    assert {name: value for name, value in golden.items() if value is not None} == values


async def _written_and_not_echoed(one: Connected) -> None:
    """A steward states something of a client: the system is written to, and what it tells of that makes no version."""
    hub, spot, wished = one.hub, one.firm.client, one.firm.wish.field
    row = one.named(spot, one.firm.values["name"])
    golden_id = (await one.golden_ids(spot))[row.id]
    await create_subscription(hub.pool, one.settings, hub.tenant, subscription_id=uuid4(), name=one.system, kind="connector", system=one.system)
    await set_mode(hub.pool, hub.tenant, one.system, "*", "*", "write")
    async with hub.transaction() as (tx, config):
        await steward.override(tx, config, "client", golden_id, wished, WISHED, By("bo"), reason="their wish")
    async with a_deliverer(hub.pool, one.settings, one.connections.get):
        await eventually(lambda: is_settled(hub.pool, hub.tenant), 60)
    assert await attempts_made(hub.pool) == {"done": 1}
    assert one.named(spot, WISHED).id == row.id
    before = await one.last_change()
    await one.poll()
    changes = await hub.rows("SELECT entity, after, cause FROM hub.change WHERE id > $1", before)
    assert {(change["entity"], name) for change in changes for name in change["after"]} == one.firm.echoes
    assert (await hub.values("client", golden_id))[wished] == WISHED
    before = await one.last_change()
    await one.poll()
    assert await one.last_change() == before, "its echo makes versions again"


async def _followed(one: Connected) -> None:
    """A user renames a record of which the system owns the name, and the golden record follows."""
    spot = one.firm.follows or one.firm.client
    golden_ids = await one.golden_ids(spot)
    row = next(row for row in one.subject.running.store.table(spot.object) if row.id in golden_ids and row.fields[spot.field] != WISHED)
    one.subject.running.control_change({"object": spot.object, "id": row.id, "values": {spot.field: "Renamed by a user"}})
    await one.poll()
    assert (await one.hub.values(spot.entity, golden_ids[row.id]))["name"] == "Renamed by a user"


async def _created_once(one: Connected) -> None:
    """A client that another system tells is made in the vendor's, once, and what comes back is the same client."""
    golden_id = await one.hub.told("beside", "client", "new", NEW)
    async with a_deliverer(one.hub.pool, one.settings, one.connections.get):
        await eventually(lambda: is_settled(one.hub.pool, one.hub.tenant), 60)
    refused = await one.hub.rows("SELECT request, error FROM hub.attempt WHERE state <> 'done'")
    assert refused == []
    row = one.named(one.firm.client, NEW["name"])
    await one.poll()
    assert (await one.golden_ids(one.firm.client))[row.id] == golden_id
    assert [row["id"] for row in await one.hub.rows("SELECT id FROM golden.client WHERE name = $1", NEW["name"])] == [golden_id]
    values = await one.hub.values("client", golden_id)
    assert {name: values[name] for name in NEW} == NEW
    await _nothing_else_is_open(one)
