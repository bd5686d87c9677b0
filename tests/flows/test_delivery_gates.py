"""Postings of a closed period wait as one task with its sum, and go when it opens; everything else goes on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from hub.settings import Settings
from tests.flows.delivering import POSTING as POSTED
from tests.flows.delivering import Keeper, Target, a_target, eventually, lane_states, open_tasks

BOOKS: list[dict[str, Any]] = [
    {"object": "account", "entity": "client", "id": "id", "fields": {"name": "name"}},
    {
        "object": "bill", "entity": "invoice", "id": "id",
        "fields": {"number": "no", "issue_date": "day", "net": {"path": "net", "as": "money", "currency_path": "currency"}},
    },
    {"object": "receipt", "entity": "payment", "id": "id", "fields": {"received_on": "day", "amount": {"path": "sum", "as": "money", "currency_path": "cur"}}},
    {"object": "hours", "entity": "time_entry", "id": "id", "fields": {"work_date": "day", "quantity": {"path": "h", "as": "quantity", "unit": "hour"}}},
]  # fmt: skip


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked after every two seconds, every tenth of one."""
    monkeypatch.setattr("hub.flows.deliver.WAITING_EVERY_S", 0.1)


async def books(keeper: Keeper, settings: Settings, name: str = "erp", **options: Any) -> Target:
    return await a_target(keeper, settings, name, mappings=BOOKS, objects={"bill": POSTED, "receipt": POSTED, "hours": POSTED}, **options)


async def a_house(keeper: Keeper, code: str = "DE10", **more: Any) -> UUID:
    return await keeper.save("legal_entity", code=code, notify=False, **more)


async def a_period(keeper: Keeper, house: UUID, module: str = "receivables", state: str = "closed", month: str = "2026-05") -> UUID:
    return await keeper.save(
        "accounting_period", legal_entity=str(house), period=month, module=module, state=state, starts_on=f"{month}-01", ends_on=f"{month}-28",
        notify=False,
    )  # fmt: skip


async def an_invoice(keeper: Keeper, house: UUID, number: str, net: str, currency: str = "EUR", day: str = "2026-05-17") -> UUID:
    return await keeper.save(
        "invoice", number=number, legal_entity=str(house), currency=currency, issue_date=day, net={"amount": net, "currency": currency}
    )


async def backlog(keeper: Keeper) -> list[tuple[Any, ...]]:
    """(subject's period, count, money) of the tasks about closed periods."""
    rows = await keeper.pool.fetch("SELECT golden_id, count, money FROM hub.task WHERE state = 'open' AND cause = 'closed_period' ORDER BY id")
    return [tuple(row) for row in rows]


async def test_what_a_closed_period_holds_back_is_one_task_with_its_sum_and_goes_when_it_opens(keeper: Keeper, settings: Settings) -> None:
    erp = await books(keeper, settings)
    house = await a_house(keeper)
    period = await a_period(keeper, house)
    async with erp.running():
        await an_invoice(keeper, house, "1", "100.10")
        await an_invoice(keeper, house, "2", "0.90")
        await an_invoice(keeper, house, "3", "7.00", "USD")
        june = await an_invoice(keeper, house, "4", "5.00", day="2026-06-01")
        client = await keeper.save(name="Nordwind")
        money = [{"amount": "101.00", "currency": "EUR"}, {"amount": "7.00", "currency": "USD"}]

        async def is_told() -> bool:
            return await backlog(keeper) == [(period, 3, money)]

        await eventually(is_told, 20)
        await eventually(lambda: erp.system.bodies("account"))
        assert [body["no"] for body in erp.system.bodies("bill").values()] == ["4"]
        states = await lane_states(keeper.pool, keeper.tenant_id)
        assert (states[june], states[client], sorted(states.values())) == ("idle", "idle", sorted(["waiting"] * 3 + ["idle"] * (len(states) - 3)))
        await keeper.save("accounting_period", period, state="open")
        await eventually(lambda: len(erp.system.bodies("bill")) == 4, 20)

        async def is_over() -> bool:
            return await open_tasks(keeper) == []

        await eventually(is_over, 20)
    sent = {body["no"]: str(body["net"]) for body in erp.system.bodies("bill").values()}
    assert sent == {"1": "100.10", "2": "0.90", "3": "7.00", "4": "5.00"}
    assert erp.system.duplicates == {}


async def test_each_module_and_legal_entity_has_its_own_gate(keeper: Keeper, settings: Settings) -> None:
    erp = await books(keeper, settings)
    closed, open_ = await a_house(keeper, "DE10"), await a_house(keeper, "DE20")
    await a_period(keeper, closed, "receivables", "soft_closed")
    await a_period(keeper, closed, "time", "open")
    await a_period(keeper, closed, "ledger", "closed")
    await a_period(keeper, open_, "receivables", "open")
    project = await keeper.save("project", name="Rollout", legal_entity=str(closed), notify=False)
    async with erp.running():
        held = await an_invoice(keeper, closed, "1", "10.00")
        await an_invoice(keeper, open_, "2", "20.00")
        paid = await keeper.save("payment", legal_entity=str(closed), received_on="2026-05-17", amount={"amount": "5.00", "currency": "EUR"})
        await keeper.save("time_entry", project=str(project), work_date="2026-05-17", quantity={"value": "8", "unit": "hour"})
        await eventually(lambda: erp.system.bodies("bill") and erp.system.bodies("hours"), 20)

        async def both_wait() -> bool:
            states = await lane_states(keeper.pool, keeper.tenant_id)
            return {states.get(held), states.get(paid)} == {"waiting"}

        await eventually(both_wait, 20)
    assert [body["no"] for body in erp.system.bodies("bill").values()] == ["2"]
    assert erp.system.bodies("receipt") == {}


async def test_a_legal_entity_that_posts_by_posting_date_looks_at_todays_period(keeper: Keeper, settings: Settings) -> None:
    """Its hours of May go into the open period of today; its invoice of May does not."""
    erp = await books(keeper, settings)
    house = await a_house(keeper, period_rule="by_posting_date")
    await a_period(keeper, house, "time")
    await a_period(keeper, house, "receivables")
    async with erp.running():
        await keeper.save("time_entry", legal_entity=str(house), work_date="2026-05-17", quantity={"value": "8", "unit": "hour"})
        invoice = await an_invoice(keeper, house, "1", "10.00")
        await eventually(lambda: erp.system.bodies("hours"), 20)

        async def waits() -> bool:
            return (await lane_states(keeper.pool, keeper.tenant_id)).get(invoice) == "waiting"

        await eventually(waits, 20)
    assert erp.system.bodies("bill") == {}


async def test_only_systems_that_keep_the_books_have_a_gate(keeper: Keeper, settings: Settings) -> None:
    psa = await books(keeper, settings, "psa", kind="psa")
    house = await a_house(keeper)
    await a_period(keeper, house)
    async with psa.running():
        await an_invoice(keeper, house, "1", "10.00")
        await eventually(lambda: psa.system.bodies("bill"), 20)


async def test_a_posting_that_waits_for_its_period_is_no_missing_parent(keeper: Keeper, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.flows.waiting.PATIENCE_S", 0.05)
    erp = await books(keeper, settings)
    house = await a_house(keeper)
    period = await a_period(keeper, house)
    async with erp.running():
        await an_invoice(keeper, house, "1", "10.00")

        async def is_told() -> bool:
            return await backlog(keeper) == [(period, 1, [{"amount": "10.00", "currency": "EUR"}])]

        await eventually(is_told, 20)
        before = await keeper.pool.fetchval("SELECT count(*) FROM hub.attempt")
        await an_invoice(keeper, house, "2", "1.00")

        async def is_restated() -> bool:
            return await backlog(keeper) == [(period, 2, [{"amount": "11.00", "currency": "EUR"}])]

        await eventually(is_restated, 20)
    assert (before, [cause for cause, _, _ in await open_tasks(keeper)]) == (0, ["closed_period"])
