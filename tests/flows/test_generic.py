"""Values that many share are learned and tell nobody apart; what rested on them is looked at again, never silently undone."""

from __future__ import annotations

from typing import Any

import pytest

from hub.core.records import SourceKey
from hub.errors import RequestError
from hub.flows import generic, steward, undo
from hub.flows.actions import By
from hub.store import feed
from tests.flows.conftest import Hub

BO = By("bo", "c-1")
SWITCHBOARD = "+49301234567"


async def look(hub: Hub) -> int:
    """What the worker does: settle, sequence, look at what is new."""
    await hub.settle()
    async with hub.pool.acquire() as tx, tx.transaction():
        await feed.sequence(tx, hub.tenant)
    return await generic.find_new(hub.pool, hub.ingester.configurations)


async def known(hub: Hub) -> list[tuple[Any, ...]]:
    rows = await hub.rows("SELECT entity, kind, value, holders, state, actor FROM hub.generic_value ORDER BY entity, kind, value")
    return [tuple(row.values()) for row in rows]


async def clients(hub: Hub, count: int, **values: Any) -> None:
    for number in range(count):
        await hub.tell("crm", "client", str(number), {"name": f"Firm number {number * 7919}", **values})


async def test_a_value_is_generic_from_its_threshold_on_and_no_more_when_few_share_it(hub: Hub) -> None:
    await clients(hub, 4, phone=SWITCHBOARD, country="DE")
    await look(hub)
    assert await known(hub) == []
    await hub.tell("crm", "client", "4", {"name": "The fifth one", "phone": SWITCHBOARD})
    await look(hub)
    assert await known(hub) == [("client", "phone", SWITCHBOARD, 5, "generic", "rule")]
    async with hub.transaction() as (_, config):
        assert config.generic.without("client", {"name": "A", "phone": SWITCHBOARD}) == {"name": "A"}
    for number in range(3):
        await hub.tell("crm", "client", str(number), {"name": f"Firm number {number * 7919}", "phone": f"+4930765432{number}"})
    await look(hub)
    assert await known(hub) == []


async def test_a_count_over_everything_equals_what_the_finder_counted(hub: Hub) -> None:
    await clients(hub, 6, phone=SWITCHBOARD, email="Info@Shared.example", street="Ring 1", city="Ulm")
    await look(hub)
    found = await known(hub)
    assert [row[1:4] for row in found] == [("email", "info@shared.example", 6), ("phone", SWITCHBOARD, 6)]
    await hub.pool.execute("DELETE FROM hub.generic_value")
    await hub.pool.execute("DELETE FROM hub.value_holder")
    await hub.pool.execute("UPDATE hub.finder SET position = 0")
    assert await generic.find_all(hub.pool, hub.ingester.configurations, hub.tenant) == {"client": 2}
    assert await generic.find_new(hub.pool, hub.ingester.configurations) == 0  # all that the feed tells of was counted
    assert await known(hub) == found


async def test_the_tenant_may_set_another_threshold(hub: Hub) -> None:
    await hub.pool.execute("""UPDATE hub.tenant SET settings = '{"generic": {"phone": 2}}', config_version = config_version + 1""")
    await clients(hub, 2, phone=SWITCHBOARD)
    await look(hub)
    assert await known(hub) == [("client", "phone", SWITCHBOARD, 2, "generic", "rule")]


async def test_a_persons_word_outranks_the_count_until_it_is_withdrawn(hub: Hub) -> None:
    await clients(hub, 5, phone=SWITCHBOARD)
    async with hub.transaction() as (tx, config):
        await generic.declare(tx, config, "client", "phone", SWITCHBOARD, "one desk each", BO, is_generic=False)
        await generic.declare(tx, config, "client", "email", "Buero@agency.example ", "an agency", BO)
    await look(hub)
    assert [row[1:] for row in await known(hub)] == [
        ("email", "buero@agency.example", 0, "generic", "bo"), ("phone", SWITCHBOARD, 5, "distinctive", "bo"),
    ]  # fmt: skip
    async with hub.transaction() as (tx, config):
        assert not config.generic.is_generic("client", "phone", SWITCHBOARD)
        assert config.generic.is_generic("client", "email", "BUERO@agency.example")
        await generic.withdraw(tx, config, "client", "phone", SWITCHBOARD, BO)
        [action] = await hub.rows("SELECT id FROM hub.action WHERE given ->> 'kind' = 'email'")
        await undo.undo(tx, config, action["id"], BO)
    assert [row[1:] for row in await known(hub)] == [("phone", SWITCHBOARD, 5, "generic", "rule")]


@pytest.mark.parametrize(
    ("entity", "kind", "value", "reason", "code"),
    [
        ("invoice", "phone", "1", "r", "UNKNOWN_ENTITY"), ("client", "fax", "1", "r", "INVALID_VALUE"), ("client", "phone", " ", "r", "INVALID_VALUE"),
        ("client", "phone", "1", " ", "REASON_REQUIRED"),
    ],
)  # fmt: skip
async def test_a_declaration_says_what_why_and_of_which_records(hub: Hub, entity: str, kind: str, value: str, reason: str, code: str) -> None:
    async with hub.transaction() as (tx, config):
        with pytest.raises(RequestError) as refused:
            await generic.declare(tx, config, entity, kind, value, reason, BO)
        assert refused.value.code == code
        with pytest.raises(RequestError, match="nobody has said anything"):
            await generic.withdraw(tx, config, "client", "phone", "+491", BO)


async def linked_by_a_group_number(hub: Hub) -> dict[str, Any]:
    """Two records that a tax number has joined."""
    vat = {"tax_registrations": [{"country": "DE", "scheme": "vat", "number": "DE136695976"}]}
    await hub.told("crm", "client", "a", {"name": "Northbeam Consulting GmbH", **vat})
    assert await hub.told("erp", "client", "b", {"name": "Northbeam Consulting", **vat}) == await hub.golden_id("crm", "client", "a")
    return vat


async def test_a_link_that_rested_on_a_generic_value_becomes_a_task_and_stays(hub: Hub) -> None:
    vat = await linked_by_a_group_number(hub)
    await look(hub)
    number = vat["tax_registrations"][0]["number"]
    async with hub.transaction() as (tx, config):
        await generic.declare(tx, config, "client", "tax_id", number, "number of the group", BO)
    await generic.find_new(hub.pool, hub.ingester.configurations)
    assert await hub.tasks() == [("link_in_doubt", "client erp client b", 1)]
    assert await hub.golden_id("erp", "client", "b") == await hub.golden_id("crm", "client", "a")
    assert await hub.told("bill", "client", "c", {"name": "Northbeam Consulting", **vat}) != await hub.golden_id("crm", "client", "a")
    async with hub.transaction() as (tx, config):
        await generic.declare(tx, config, "client", "tax_id", number, "its own after all", BO, is_generic=False)
    assert [cause for cause, *_ in await hub.tasks() if cause == "link_in_doubt"] == []


async def test_a_link_that_something_else_holds_too_is_left_alone(hub: Hub) -> None:
    vat = {"tax_registrations": [{"country": "DE", "scheme": "vat", "number": "DE136695976"}], "duns": "150483782"}
    await hub.told("crm", "client", "a", {"name": "Northbeam Consulting GmbH", **vat})
    await hub.told("erp", "client", "b", {"name": "Northbeam Consulting", **vat})
    await look(hub)
    async with hub.transaction() as (tx, config):
        await generic.declare(tx, config, "client", "tax_id", "DE136695976", "number of the group", BO)
    await generic.find_new(hub.pool, hub.ingester.configurations)
    assert await hub.tasks() == []


async def test_what_a_person_has_confirmed_is_not_asked_again(hub: Hub) -> None:
    await linked_by_a_group_number(hub)
    await look(hub)
    async with hub.transaction() as (tx, config):
        home = await hub.golden_id("crm", "client", "a")
        assert home is not None
        await steward.link(tx, config, SourceKey("erp", "client", "b", "client"), home, "I know them", BO)
        await generic.declare(tx, config, "client", "tax_id", "DE136695976", "number of the group", BO)
    await generic.find_new(hub.pool, hub.ingester.configurations)
    assert await hub.tasks() == []
