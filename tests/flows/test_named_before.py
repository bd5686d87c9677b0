"""A record that others named before it came: it is where they named it, and still meets its equal by identifier."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import permutations
from uuid import UUID

import pytest

from hub.flows import replay
from tests.flows.conftest import Hub

LEI = "5493001KJTIIGC8Y1R12"
Told = Callable[[Hub], Awaitable[object]]


async def psa(hub: Hub) -> None:
    await hub.tell("psa", "client", "P", {"name": "Acme"}, crm="client:C", version="1")


async def erp(hub: Hub) -> None:
    await hub.tell("erp", "client", "E", {"name": "ACME", "lei": LEI}, version="1")


async def crm(hub: Hub) -> None:
    await hub.tell("crm", "client", "C", {"name": "Acme", "lei": LEI}, version="1")


async def contact(hub: Hub) -> None:
    await hub.tell("psa", "contact", "K", {"family_name": "Ek", "client": {"system": "psa", "object": "client", "id": "P"}}, version="1")


async def where(hub: Hub) -> list[UUID | None]:
    return [await hub.golden_id(system, "client", id) for system, id in (("psa", "P"), ("erp", "E"), ("crm", "C"))]


@pytest.mark.parametrize("order", list(permutations((psa, erp, crm))), ids=lambda order: " ".join(one.__name__ for one in order))
@pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "in one batch"])
async def test_one_firm_is_one_client_in_whatever_order_its_records_come(hub: Hub, order: tuple[Told, ...], at_once: bool) -> None:
    await contact(hub)
    for tell in order:
        await tell(hub)
        if not at_once:
            await hub.settle()
    await hub.settle()
    assert len(set(await where(hub))) == 1
    assert await hub.rows("SELECT name, lei FROM golden.client") == [{"name": "Acme", "lei": LEI}]
    (person,) = await hub.rows("SELECT client_id FROM golden.contact")
    assert person["client_id"] == (await where(hub))[0]
    assert await hub.tasks() == []
    assert await hub.rows("SELECT 1 FROM hub.awaiting") == []
    assert {row["golden_id"] for row in await hub.rows("SELECT DISTINCT golden_id FROM hub.match_key WHERE entity = 'client'")} == set(await where(hub))
    async with hub.transaction() as (tx, config):
        assert (await replay.verify(tx, config)).differences == []


async def test_another_record_of_the_same_system_there_is_a_persons_decision(hub: Hub) -> None:
    await hub.told("psa", "client", "Q", {"name": "Acme"}, erp="client:E")
    await erp(hub)
    await hub.settle()
    await psa(hub)
    await hub.settle()
    await crm(hub)
    await hub.settle()
    in_psa, in_erp, in_crm = await where(hub)
    assert in_psa == in_crm != in_erp
    assert [cause for cause, *_ in await hub.tasks()] == ["possible_duplicate"]


async def test_who_stands_already_is_not_moved_by_an_identifier(hub: Hub) -> None:
    await hub.told("erp", "client", "E", {"name": "ACME", "lei": LEI})
    await hub.told("crm", "client", "C", {"name": "Acme"})
    standing = await where(hub)
    await hub.told("psa", "client", "P", {"name": "Acme", "lei": LEI}, crm="client:C")
    assert (await where(hub))[1:] == standing[1:]
    assert (await where(hub))[0] == standing[2]
