"""Alike transactions are found as they come, shown with their money, and answered once."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from hub.errors import RequestError
from hub.flows import duplicates, replay, steward, undo
from hub.flows.actions import By
from hub.flows.finders import Finders
from hub.store import feed
from tests.conftest import Database
from tests.flows.conftest import Hub

BO = By("bo", "c-1")


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


async def look(hub: Hub) -> int:
    """What the worker does: settle, sequence, look at what is new."""
    await hub.settle()
    async with hub.pool.acquire() as tx, tx.transaction():
        await feed.sequence(tx, hub.tenant)
    return await duplicates.find_new(hub.pool)


async def pay(hub: Hub, system: str, id_: str, amount: str = "119.00", day: str = "2026-05-04", **more: Any) -> None:
    account = {"system": "erp", "object": "billing_account", "id": "b"}
    await hub.tell(system, "payment", id_, {"received_on": day, "amount": eur(amount), "billing_account": account, "reference": "RE-42", **more})


@pytest.fixture
async def firm(hub: Hub) -> Hub:
    await hub.tell("erp", "client", "c", {"name": "Acme"})
    reference = {"system": "erp", "object": "client", "id": "c"}
    await hub.tell("erp", "billing_account", "b", {"account_no": "D100", "client": reference, "currency": "EUR", "name": "Acme"})
    await hub.settle()
    return hub


async def pairs(hub: Hub) -> list[tuple[Any, ...]]:
    rows = await hub.rows("SELECT entity, kind, state, systems, money FROM hub.duplicate ORDER BY id")
    return [tuple(row.values()) for row in rows]


async def test_two_alike_of_one_system_stay_two_and_are_one_task_with_the_money(firm: Hub) -> None:
    await pay(firm, "erp", "1")
    assert await look(firm) > 0
    assert await pairs(firm) == []
    await pay(firm, "erp", "2", day="2026-05-06")
    await look(firm)
    assert await pairs(firm) == [("payment", "near", "open", ["erp"], [eur("119.00")])]
    first, second = [await firm.golden_id("erp", "payment", one) for one in "12"]
    [task] = await firm.rows("SELECT cause, subject, golden_id, money, detail FROM hub.task WHERE state = 'open'")
    assert (task["cause"], task["subject"]) == ("possible_duplicate_transaction", f"payment {second} {first}")
    assert (task["golden_id"], task["money"], task["detail"]["other"]) == (second, [eur("119.00")], str(first))
    assert await look(firm) == 0


async def test_across_systems_pairs_are_one_to_one_and_the_one_too_many_is_flagged(firm: Hub) -> None:
    for id_ in ("1", "2"):
        await pay(firm, "erp", id_)
    await firm.settle()
    for id_ in ("1", "2", "3"):
        await pay(firm, "bill", id_)
    await look(firm)
    assert len(await firm.rows("SELECT 1 FROM golden.payment")) == 3
    assert {(kind, state) for _, kind, state, *_ in await pairs(firm)} == {("near", "open")}
    assert len(await pairs(firm)) == 3


async def test_one_number_with_two_totals_is_a_collision_with_both_sides_and_nothing_is_overwritten(firm: Hub) -> None:
    entity = {"legal_entity": {"system": "erp", "object": "legal_entity", "id": "le"}}
    await firm.tell("erp", "legal_entity", "le", {"code": "LE", "name": "Seller", "country": "DE", "functional_currency": "EUR"})
    for id_, gross in (("1", "119.00"), ("2", "238.00")):
        await firm.tell("erp", "invoice", id_, {**entity, "number": "RE-0042", "currency": "EUR", "gross": eur(gross), "issue_date": "2026-05-04"})
        await firm.settle()
    await look(firm)
    [task] = await firm.rows("SELECT cause, money, detail -> 'sides' AS sides FROM hub.task WHERE cause = 'key_collision'")
    assert task["money"] == [eur("238.00")]
    assert [side["money"] for side in task["sides"]] == [[eur("238.00")], [eur("119.00")]]
    grosses = [row["gross"] for row in await firm.rows("SELECT gross::text FROM golden.invoice ORDER BY gross")]
    assert grosses == ["119.00", "238.00"]


async def test_a_duplicate_is_superseded_and_withdrawing_the_answer_brings_it_back(firm: Hub) -> None:
    await pay(firm, "erp", "1")
    await pay(firm, "erp", "2")
    await look(firm)
    [pair] = await firm.rows("SELECT id, golden_id, other_id FROM hub.duplicate")
    async with firm.transaction() as (tx, config):
        decision = await duplicates.answer(tx, config, pair["id"], "duplicate", "entered twice", BO)
    assert (await firm.golden("payment", pair["golden_id"])).record_state == "superseded"
    assert (await firm.golden("payment", pair["other_id"])).record_state == "active"
    assert await firm.tasks() == []
    async with firm.transaction() as (tx, config):
        assert (await replay.verify(tx, config)).differences == []
        with pytest.raises(RequestError, match="was answered: duplicate"):
            await duplicates.answer(tx, config, pair["id"], "legitimate", "no", BO)
        await steward.withdraw(tx, config, decision, BO)
    assert (await firm.golden("payment", pair["golden_id"])).record_state == "active"
    await look(firm)
    assert [state for _, _, state, *_ in await pairs(firm)] == ["open"]
    assert len(await firm.tasks()) == 1


@pytest.mark.parametrize("says", ["duplicate", "legitimate"])
async def test_an_answer_can_be_undone_and_done_again(firm: Hub, says: str) -> None:
    await pay(firm, "erp", "1")
    await pay(firm, "erp", "2")
    await look(firm)
    [pair] = await firm.rows("SELECT id, golden_id FROM hub.duplicate")
    async with firm.transaction() as (tx, config):
        await duplicates.answer(tx, config, pair["id"], says, "entered twice", BO)
    [action] = await firm.rows("SELECT id, kind FROM hub.action")
    states = {"duplicate": "superseded", "legitimate": "active"}
    for step, state, stands in ((undo.undo, "open", "active"), (undo.redo, says, states[says]), (undo.undo, "open", "active")):
        async with firm.transaction() as (tx, config):
            await step(tx, config, action["id"], BO)
        assert [one for _, _, one, *_ in await pairs(firm)] == [state]
        assert (await firm.golden("payment", pair["golden_id"])).record_state == stands
        assert len(await firm.tasks()) == (state == "open")


async def test_what_a_person_calls_legitimate_is_never_asked_again(firm: Hub) -> None:
    await pay(firm, "erp", "1")
    await pay(firm, "erp", "2")
    await look(firm)
    [pair] = await firm.rows("SELECT id FROM hub.duplicate")
    async with firm.transaction() as (tx, config):
        await duplicates.answer(tx, config, pair["id"], "legitimate", "two instalments", BO)
    await pay(firm, "erp", "2", method="transfer")
    await look(firm)
    assert await duplicates.find_all(firm.pool, firm.tenant) == {}
    assert ([state for _, _, state, *_ in await pairs(firm)], await firm.tasks()) == (["legitimate"], [])


async def test_a_pair_that_looks_alike_no_more_closes_by_itself_and_may_open_again(firm: Hub) -> None:
    await pay(firm, "erp", "1")
    await pay(firm, "erp", "2")
    await look(firm)
    for amount, state, open_ in (("120.00", "gone", 0), ("119.00", "open", 1)):
        await pay(firm, "erp", "2", amount)
        await look(firm)
        assert ([one for _, _, one, *_ in await pairs(firm)], len(await firm.tasks())) == ([state], open_)


async def test_a_run_over_everything_finds_what_the_finder_has_found(firm: Hub) -> None:
    for number in range(6):
        await pay(firm, "erp", str(number), amount=f"{100 + number // 2}.00")
    await look(firm)
    found = await pairs(firm)
    await firm.pool.execute("DELETE FROM hub.duplicate")
    assert await duplicates.find_all(firm.pool, firm.tenant, ["payment"]) == {"payment": 3}
    assert sorted(map(str, await pairs(firm))) == sorted(map(str, found))


@pytest.mark.parametrize(
    ("id_", "says", "reason", "code"),
    [(None, "duplicate", " ", "REASON_REQUIRED"), (None, "maybe", "r", "INVALID_VALUE"), (999, "duplicate", "r", "NOT_FOUND")],
)
async def test_an_answer_needs_a_reason_a_known_word_and_a_pair(firm: Hub, id_: int | None, says: str, reason: str, code: str) -> None:
    await pay(firm, "erp", "1")
    await pay(firm, "erp", "2")
    await look(firm)
    [pair] = await firm.rows("SELECT id FROM hub.duplicate")
    async with firm.transaction() as (tx, config):
        with pytest.raises(RequestError) as refused:
            await duplicates.answer(tx, config, id_ or pair["id"], says, reason, BO)
        assert refused.value.code == code
        with pytest.raises(RequestError, match="not of this pair"):
            await duplicates.answer(tx, config, pair["id"], "duplicate", "r", BO, superseded=UUID(int=1))


async def test_the_command_compares_everything_and_counts_shared_values(firm: Hub, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    await pay(firm, "erp", "1")
    await pay(firm, "erp", "2")
    for number in range(5):
        await firm.tell("crm", "client", str(number), {"name": f"Firm number {number * 7919}", "phone": "+49301234567"})
    await firm.settle()
    assert await duplicates.main(database.settings, "north", (), True) == 0
    assert json.loads(capsys.readouterr().out) == {"open_pairs": {"payment": 1}, "generic_values": {"client": 1}}
    assert await duplicates.main(database.settings, "north", ("client",), True) == 2
    assert await duplicates.main(database.settings, "south", (), True) == 2


async def test_the_finders_of_a_worker_go_on_with_plans_and_look_at_what_is_new(firm: Hub) -> None:
    await pay(firm, "erp", "1")
    await pay(firm, "erp", "2")
    await firm.settle()
    async with firm.pool.acquire() as tx, tx.transaction():
        await feed.sequence(tx, firm.tenant)
    await Finders(firm.pool, firm.ingester.configurations).run_once()
    assert [state for _, _, state, *_ in await pairs(firm)] == ["open"]
    places = await firm.rows("SELECT name, position = (SELECT position FROM hub.feed_head) AS is_there FROM hub.finder ORDER BY name")
    assert [row for row in places if row["name"] in ("duplicates", "generic")] == [
        {"name": "duplicates", "is_there": True}, {"name": "generic", "is_there": True},
    ]  # fmt: skip
