"""Our own values on their way back: late echoes are no news, and a peer that rewrites them is noticed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from hub.core.records import SourceKey
from hub.flows.system_limits import set_limits
from hub.store import crosswalk, ledger
from hub.store.crosswalk import Written
from tests.flows.conftest import Hub


async def a_client(hub: Hub) -> UUID:
    """The CRM's client, linked to the ERP's record, which says the same of it."""
    client = await hub.told("crm", "client", "C1", {"name": "Nordwind", "phone": "+494055501"})
    assert client is not None
    await wrote(hub, client, is_new=True, version="1", name="Nordwind", phone="+494055501")
    return client


async def wrote(hub: Hub, client: UUID, *, is_new: bool = False, version: str = "", echo_s: float = 3600, external_id: str = "E1", **values: Any) -> None:
    """The hub wrote to the ERP's record."""
    one = Written("erp", "client", external_id, "client", client, values, is_new, version)
    async with hub.transaction() as (tx, _):
        await crosswalk.store(tx, hub.tenant, [one])
        await ledger.store(tx, hub.tenant, [(one, echo_s)])


async def left(hub: Hub) -> list[list[str]]:
    """The fields of each write that may still come back."""
    rows = await hub.rows("SELECT hashes FROM hub.ledger ORDER BY id")
    return [sorted(row["hashes"]) for row in rows]


async def test_an_echo_of_a_value_we_have_replaced_since_changes_nothing(hub: Hub) -> None:
    """We wrote A, then B; the ERP's message that shows A comes after all that."""
    client = await a_client(hub)
    await hub.told("crm", "client", "C1", {"name": "Nordwind", "phone": "+494055502"})
    await wrote(hub, client, phone="+494055502")
    versions = await hub.rows("SELECT version FROM golden.client WHERE id = $1", client)
    await hub.told("erp", "client", "E1", {"name": "Nordwind", "phone": "+494055501"})
    assert (await hub.values("client", client))["phone"] == "+494055502"
    said = await hub.rows("SELECT \"values\" -> 'phone' AS phone FROM hub.source_record WHERE system = 'erp'")
    assert said == [{"phone": "+494055502"}]
    assert await hub.rows("SELECT version FROM golden.client WHERE id = $1", client) == versions
    assert await left(hub) == [["phone"]]


async def test_the_same_value_said_a_second_time_is_the_systems_own_word(hub: Hub) -> None:
    client = await a_client(hub)
    await hub.told("crm", "client", "C1", {"name": "Nordwind", "phone": "+494055502"})
    await wrote(hub, client, phone="+494055502")
    for _ in range(2):
        await hub.told("erp", "client", "E1", {"name": "Nordwind", "phone": "+494055501"})
    said = await hub.rows("SELECT \"values\" -> 'phone' AS phone FROM hub.source_record WHERE system = 'erp'")
    assert said == [{"phone": "+494055501"}]


async def test_a_version_newer_than_the_one_our_write_led_to_is_the_systems_own_word(hub: Hub) -> None:
    client = await a_client(hub)
    await wrote(hub, client, version="2", phone="+494055502")
    await hub.told("erp", "client", "E1", {"name": "Nordwind", "phone": "+494055501"}, version="3")
    said = await hub.rows("SELECT \"values\" -> 'phone' AS phone FROM hub.source_record WHERE system = 'erp'")
    assert said == [{"phone": "+494055501"}]


async def test_a_page_read_before_our_write_says_nothing_of_what_we_wrote(hub: Hub) -> None:
    """Even where its echo came before by another way, and the ledger has forgotten: its version is older than our write's."""
    client = await a_client(hub)
    await wrote(hub, client, version="2", phone="+494055502")
    await wrote(hub, client, version="3", phone="+494055503")
    await hub.pool.execute("DELETE FROM hub.ledger")
    await hub.told("erp", "client", "E1", {"name": "Nordwind", "phone": "+494055502", "city": "Kiel"}, version="2")
    said = await hub.rows("SELECT \"values\" -> 'phone' AS phone, \"values\" -> 'city' AS city FROM hub.source_record WHERE system = 'erp'")
    assert said == [{"phone": "+494055503", "city": "Kiel"}]


async def test_a_late_echo_after_the_ledgers_time_is_news(hub: Hub) -> None:
    client = await a_client(hub)
    await wrote(hub, client, phone="+494055502")
    await hub.pool.execute("UPDATE hub.ledger SET expires_at = now() - interval '1 second'")
    await hub.told("erp", "client", "E1", {"name": "Nordwind", "phone": "+494055501"})
    said = await hub.rows("SELECT \"values\" -> 'phone' AS phone FROM hub.source_record WHERE system = 'erp'")
    assert said == [{"phone": "+494055501"}]
    async with hub.pool.acquire() as connection:
        assert await ledger.forget(connection) == 2


async def test_each_value_is_recognised_once_and_an_entry_without_any_goes(hub: Hub) -> None:
    client = await a_client(hub)
    await hub.told("erp", "client", "E1", {"name": "Nordwind"})
    assert await left(hub) == [["phone"]]
    await hub.told("erp", "client", "E1", {"name": "Nordwind", "phone": "+494055501"})
    assert await left(hub) == []
    assert (await hub.values("client", client))["phone"] == "+494055501"


async def test_a_peer_that_rewrites_our_values_is_one_task_from_the_nth_time_on(hub: Hub) -> None:
    await set_limits(hub.pool, hub.tenant, "erp", {"ledger": {"near_misses": 3}})
    for number in range(4):
        client = await hub.told("crm", "client", f"C{number}", {"name": f"Nordwind {number}"})
        assert client is not None
        await wrote(hub, client, is_new=True, external_id=f"E{number}", name=f"Nordwind {number}")
        await hub.told("erp", "client", f"E{number}", {"name": f"NORDWIND {number}"})
        misses = [task for task in await hub.tasks() if task[0] == "rewritten_there"]
        assert misses == ([("rewritten_there", "erp client.name", number + 1)] if number >= 2 else [])
    counted = await hub.rows("SELECT system, entity, field, count, last_external_id FROM hub.rewritten")
    assert counted == [{"system": "erp", "entity": "client", "field": "name", "count": 4, "last_external_id": "E3"}]


async def test_a_message_under_way_when_we_wrote_is_no_near_miss(hub: Hub) -> None:
    client = await hub.told("crm", "client", "C1", {"name": "Nordwind"})
    assert client is not None
    await hub.tell("erp", "client", "E1", {"name": "Nordwind", "phone": "+494055500"}, crm="client:C1")
    await hub.settle()
    await wrote(hub, client, phone="+494055501")
    await hub.told("erp", "client", "E1", {"name": "Nordwind", "phone": "+494055500"})
    assert await hub.rows("SELECT count FROM hub.rewritten") == []


async def test_messages_about_records_we_never_wrote_to_cost_no_statement(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[set[SourceKey]] = []
    original = ledger.of_records

    async def counted(tx: Any, tenant_id: int, keys: Any) -> Any:
        asked.append(set(keys))
        return await original(tx, tenant_id, keys)

    monkeypatch.setattr("hub.flows.delivery_ledger.ledger.of_records", counted)
    await hub.told("crm", "client", "C1", {"name": "Nordwind"})
    await hub.told("crm", "client", "C1", {"name": "Nordwind AG"})
    assert asked == []
