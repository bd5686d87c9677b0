"""The queue: who gets a task, who holds it, what it waits for, and how it ends."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from hub.core.people import Member
from hub.core.queue_rules import routing_of
from hub.core.records import SourceKey
from hub.errors import RequestError
from hub.flows import split, steward, tend_queue, work
from hub.flows.actions import By
from hub.store import members, tasks
from hub.store.tasks import NewTask
from tests.flows.conftest import Hub

ANN, BOB, CAT = (By(f"steward:{name}", "c-1") for name in ("ann", "bob", "cat"))
IDS = {name: UUID(int=number) for number, name in enumerate(("ann", "bob", "cat"), 1)}
TEAMS = {"ann": {"data_stewards"}, "bob": {"data_stewards"}, "cat": {"finance_operations"}}


async def people(hub: Hub, **more: dict[str, Any]) -> None:
    async with hub.transaction() as (tx, _):
        for name in IDS:
            told = {"teams": frozenset(TEAMS[name]), "actors": frozenset({f"steward:{name}"}), **more.get(name, {})}
            await members.put(tx, hub.tenant, Member(IDS[name], name, **told))


async def opened(hub: Hub, *new: NewTask) -> list[int]:
    async with hub.transaction() as (tx, _):
        made = await tasks.open_tasks(tx, hub.tenant, new)
    return [made[one.cause, one.subject] for one in new]


def a_task(subject: str = "s", cause: str = "possible_duplicate", **more: Any) -> NewTask:
    return NewTask(cause, subject, "why", "what to do", **more)


async def task(hub: Hub, id: int, *columns: str) -> dict[str, Any]:
    [row] = await hub.rows(f"SELECT {', '.join(columns)} FROM hub.task WHERE id = $1", id)
    return row


async def events(hub: Hub, id: int) -> list[tuple[str, str, str]]:
    rows = await hub.rows("SELECT kind, actor, comment FROM hub.task_event WHERE task_id = $1 ORDER BY id", id)
    return [(row["kind"], row["actor"], row["comment"]) for row in rows]


async def routed(hub: Hub, settings: dict[str, Any] | None = None) -> int:
    async with hub.transaction() as (tx, _):
        return await tend_queue.route(tx, hub.tenant, routing_of(settings or {}))


async def test_a_task_is_claimed_once_and_released_by_its_holder_only(hub: Hub) -> None:
    await people(hub)
    [one] = await opened(hub, a_task())
    async with hub.transaction() as (tx, config):
        codes = [[item.code for item in await work.claim(tx, config, [one], by)] for by in (ANN, BOB)]
        codes += [[item.code for item in await work.release(tx, config, [one], by)] for by in (BOB, ANN)]
        codes += [[item.code for item in await work.claim(tx, config, [one, 999], BOB)]]
    assert codes == [[""], ["TAKEN"], ["NOT_YOURS"], [""], ["", "NOT_FOUND"]]
    assert [kind for kind, _, _ in await events(hub, one)] == ["claim", "release", "claim"]


async def test_tasks_are_shared_out_to_the_least_loaded_who_serve_them(hub: Hub) -> None:
    await people(hub)
    ids = await opened(hub, *(a_task(str(n)) for n in range(3)), a_task("m", "delivery_rejected"), a_task("i", "parse"))
    async with hub.transaction() as (tx, config):
        await work.claim(tx, config, ids[:1], ANN)
        items = await work.assign(tx, config, ids[1:], None, CAT)
    assert [(item.code, item.assignee_id) for item in items] == [
        ("", IDS["bob"]), ("", IDS["ann"]), ("", IDS["cat"]), ("NOBODY", None),
    ]  # fmt: skip


async def test_what_is_given_to_somebody_away_goes_to_who_stands_in_and_what_the_away_hold_is_handed_on(hub: Hub) -> None:
    await people(hub)
    first, second = await opened(hub, a_task("1"), a_task("2"))
    async with hub.transaction() as (tx, config):
        await work.claim(tx, config, [first], ANN)
    await people(hub, ann={"is_away": True, "delegate_id": IDS["bob"]})
    async with hub.transaction() as (tx, config):
        [item] = await work.assign(tx, config, [second], IDS["ann"], CAT)
        assert await tend_queue.hand_on(tx, hub.tenant) == 1
    assert item.assignee_id == IDS["bob"]
    assert (await task(hub, first, "assignee_id"))["assignee_id"] == IDS["bob"]


async def test_a_task_put_off_comes_back_and_a_question_keeps_it_until_the_answer(hub: Hub) -> None:
    await people(hub)
    one, two = await opened(hub, a_task("1"), a_task("2"))
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=2)
    async with hub.transaction() as (tx, config):
        await work.snooze(tx, config, [one], later, "quarter end", ANN)
        await work.ask(tx, config, [two], "Are they one?", later, ANN, somebody="account manager Eva")
        assert [item.code for item in await work.snooze(tx, config, [two], later, "r", ANN)] == ["ASKED"]
        with pytest.raises(RequestError, match="in the future"):
            await work.snooze(tx, config, [one], later - dt.timedelta(days=3), "r", ANN)
        assert await tend_queue.wake(tx, hub.tenant) == 0
    async with hub.transaction() as (tx, config):
        await work.answer(tx, config, two, "No, two houses.", BOB)
        with pytest.raises(RequestError, match="nothing is asked"):
            await work.answer(tx, config, one, "x", BOB)
    assert await task(hub, two, "snoozed_until", "question", "state") == {"snoozed_until": None, "question": None, "state": "open"}
    assert await events(hub, two) == [("ask", "steward:ann", "Are they one?"), ("answer", "steward:bob", "No, two houses.")]
    await hub.pool.execute("UPDATE hub.task SET snoozed_until = now() - interval '1 s' WHERE id = $1", one)
    async with hub.transaction() as (tx, _):
        assert await tend_queue.wake(tx, hub.tenant) == 1
    assert (await task(hub, one, "snoozed_until"))["snoozed_until"] is None


async def test_closing_needs_a_reason_spares_what_others_hold_and_can_be_taken_back(hub: Hub) -> None:
    await people(hub)
    mine, bobs = await opened(hub, a_task("1"), a_task("2"))
    async with hub.transaction() as (tx, config):
        await work.claim(tx, config, [bobs], BOB)
        with pytest.raises(RequestError, match="needs a reason"):
            await work.resolve(tx, config, [mine], " ", ANN)
        assert [item.code for item in await work.resolve(tx, config, [mine, bobs], "looked at", ANN)] == ["", "TAKEN"]
        assert [item.code for item in await work.resolve(tx, config, [mine], "again", ANN)] == ["NOT_OPEN"]
        assert [item.code for item in await work.reopen(tx, config, [mine], "too early", ANN)] == [""]
        await work.resolve(tx, config, [mine], "done", ANN)
    [anew] = await opened(hub, a_task("1"))
    assert anew != mine
    async with hub.transaction() as (tx, config):
        assert [item.code for item in await work.reopen(tx, config, [mine], "r", ANN)] == ["OPEN_ANEW"]


LATER = dt.datetime.now(dt.UTC) + dt.timedelta(days=2)
STEPS: dict[str, Any] = {
    "claim": lambda *at: work.claim(*at, ANN), "release": lambda *at: work.release(*at, BOB, "not mine"), "assign": lambda *at: work.assign(*at, IDS["cat"], ANN),
    "comment": lambda *at: work.comment(*at, "hm", ANN), "snooze": lambda *at: work.snooze(*at, LATER, "quarter end", ANN),
    "ask": lambda *at: work.ask(*at, "Are they one?", LATER, ANN, somebody="Eva"), "resolve": lambda *at: work.resolve(*at, "looked at", ANN),
    "tag": lambda *at: work.tag(*at, ["audit"], ANN),
}  # fmt: skip


@pytest.mark.parametrize("kind", STEPS)
async def test_a_task_stands_as_before_once_a_step_is_taken_back(hub: Hub, kind: str) -> None:
    await people(hub)
    [one] = await opened(hub, a_task("1"))
    async with hub.transaction() as (tx, config):
        await work.tag(tx, config, [one], ["before"], CAT)
        if kind == "release":
            await work.claim(tx, config, [one], BOB)
    who = BOB if kind == "release" else ANN
    before = await task(hub, one, *work.KEPT)
    async with hub.transaction() as (tx, config):
        assert [item.code for item in await STEPS[kind](tx, config, [one])] == [""]
    assert kind == "comment" or await task(hub, one, *work.KEPT) != before
    async with hub.transaction() as (tx, config):
        assert [item.code for item in await work.take_back(tx, config, [one], CAT)] == ["MOVED_SINCE"]
        assert [item.code for item in await work.take_back(tx, config, [one], who)] == [""]
        assert [item.code for item in await work.take_back(tx, config, [one], who)] == ["MOVED_SINCE"]
    assert await task(hub, one, *work.KEPT) == before
    assert (await events(hub, one))[-1] == ("undo", who.actor, "")


async def test_a_closed_task_whose_cause_came_back_is_not_opened_beside_it(hub: Hub) -> None:
    await people(hub)
    [one] = await opened(hub, a_task("1"))
    async with hub.transaction() as (tx, config):
        await work.resolve(tx, config, [one], "done", ANN)
    await opened(hub, a_task("1"))
    async with hub.transaction() as (tx, config):
        assert [item.code for item in await work.take_back(tx, config, [one, 999], ANN)] == ["OPEN_ANEW", "NOT_FOUND"]
    assert (await task(hub, one, "state"))["state"] == "resolved"


async def test_rules_of_the_tenant_send_tasks_by_cause_amount_and_legal_entity(hub: Hub) -> None:
    await people(hub)
    house = await hub.told("erp", "legal_entity", "L1", {"code": "DE01", "name": "House", "functional_currency": "EUR"})
    settings = {
        "routing": {
            "rules": [
                {"cause": ["delivery_rejected"], "legal_entity": [str(house)], "team": "pmo", "due_h": 5},
                {"amount_from": 1000, "priority": 1, "escalate_to": "pmo"},
            ]
        }
    }
    euro = [{"amount": "1500.00", "currency": "EUR"}]
    ours, other, big = await opened(
        hub, a_task("1", "delivery_rejected", legal_entity=house), a_task("2", "delivery_rejected"), a_task("3", "delivery_rejected", money=euro)
    )
    assert await routed(hub, settings) == 3
    columns = ("team", "priority", "amount", "currency", "legal_entity", "exc")
    assert [await task(hub, one, *columns) for one in (ours, other, big)] == [
        {"team": "pmo", "priority": 3, "amount": None, "currency": None, "legal_entity": house, "exc": "EXC-17"},
        {"team": "finance_operations", "priority": 3, "amount": None, "currency": None, "legal_entity": None, "exc": "EXC-17"},
        {"team": "finance_operations", "priority": 1, "amount": Decimal("1500.00"), "currency": "EUR", "legal_entity": None, "exc": "EXC-17"},
    ]
    assert (await task(hub, ours, "due_at - opened_at AS span"))["span"] == dt.timedelta(hours=5)
    assert await routed(hub, settings) == 0


async def test_a_clients_task_shows_what_it_owes_and_what_is_not_billed(hub: Hub) -> None:
    client = await hub.told("crm", "client", "C1", {"name": "ACME"})
    assert client is not None
    account = await hub.told("erp", "billing_account", "B1", {"client": {"system": "crm", "object": "client", "id": "C1"}, "account_no": "1"})
    await hub.pool.execute(
        "INSERT INTO golden.invoice (tenant_id, id, version, record_state, created_at, updated_at, client_id, open_amount, open_amount_currency) "
        "SELECT $1, gen_random_uuid(), 1, 'active', now(), now(), $2, n * 100, CASE WHEN n = 3 THEN 'USD' ELSE 'EUR' END FROM generate_series(1, 3) AS n",
        hub.tenant, client,
    )  # fmt: skip
    [one] = await opened(hub, a_task("1", entity="client", golden_id=client))
    await routed(hub)
    shown = await task(hub, one, "money", "amount", "currency", "is_mixed")
    assert account is None or account
    assert shown == {
        "money": [{"amount": "300", "currency": "EUR"}, {"amount": "300", "currency": "USD"}], "amount": Decimal(300), "currency": "USD", "is_mixed": True,
    }  # fmt: skip


async def test_what_people_did_with_tasks_alike_is_suggested_with_its_share(hub: Hub) -> None:
    await people(hub)
    ids = await opened(hub, *(a_task(str(n), "proposed", system="crm", field="segment") for n in range(9)))
    async with hub.transaction() as (tx, config):
        await work.resolve(tx, config, ids[:8], "CRM knows best", ANN, "accept")
        await work.resolve(tx, config, ids[8:], "no", ANN)
    alike, other = await opened(hub, a_task("x", "proposed", system="crm", field="segment"), a_task("y", "locked", system="crm"))
    await routed(hub)
    wanted = {"action": "accept", "resolution": "CRM knows best", "confidence": 0.8, "of": 9, "like": "cause, system and field"}
    assert [(await task(hub, one, "suggestion"))["suggestion"] for one in (alike, other)] == [wanted, None]


async def test_a_task_nobody_sees_to_is_raised_step_by_step_and_told_of(hub: Hub) -> None:
    await people(hub)
    [one] = await opened(hub, a_task("1", "delivery_rejected"))
    async with hub.transaction() as (tx, config):
        await work.claim(tx, config, [one], CAT)
    seen = []
    for hours in (-10, -19, -25, -49):
        await hub.pool.execute(
            "UPDATE hub.task SET opened_at = now() + make_interval(hours => $2), due_at = now() + make_interval(hours => $2 + 24) WHERE id = $1", one, hours
        )
        async with hub.transaction() as (tx, _):
            await tend_queue.escalate(tx, hub.tenant, routing_of({}))
            await tend_queue.escalate(tx, hub.tenant, routing_of({}))
        row = await task(hub, one, "escalation", "priority", "team", "assignee_id")
        seen.append(tuple(row.values()))
    cat = IDS["cat"]
    assert seen == [
        (0, 3, "finance_operations", cat), (1, 2, "finance_operations", cat), (2, 1, "integration_support", None), (3, 1, "integration_support", None),
    ]  # fmt: skip
    assert [kind for kind, _, _ in await events(hub, one)] == ["claim", "escalate", "escalate", "escalate"]


async def test_a_task_resolves_itself_when_its_record_is_linked(hub: Hub) -> None:
    await hub.tell("crm", "client", "C1", {"name": "ACME", "vat": "x"})
    await hub.settle()
    client = await hub.golden_id("crm", "client", "C1")
    [one] = await opened(hub, a_task("client crm client C2", "possible_duplicate"))
    await hub.told("crm", "client", "C2", {"name": "ACME Ltd"})
    assert client is not None
    async with hub.transaction() as (tx, config):
        await steward.link(tx, config, SourceKey("crm", "client", "C2", "client", ""), client, "one house", ANN)
    assert await task(hub, one, "state", "resolved_by") == {"state": "resolved", "resolved_by": "steward:ann"}


async def test_a_question_about_two_records_ends_when_they_are_one_or_kept_apart(hub: Hub) -> None:
    first, second, third = [await hub.told("crm", "client", f"C{n}", {"name": f"ACME {n}"}) for n in range(3)]
    assert first and second and third
    one, two, other = await opened(
        hub, *(a_task(f"{one} {other}", entity="client", golden_id=one, detail={"other": str(other)}) for one, other in ((first, second), (first, third), (second, third)))
    )
    async with hub.transaction() as (tx, config):
        assert await tend_queue.close_answered(tx, hub.tenant) == 0
        await steward.link(tx, config, SourceKey("crm", "client", "C1", "client", ""), first, "one house", ANN)
    async with hub.transaction() as (tx, _):
        assert await tend_queue.close_answered(tx, hub.tenant) == 2
    ended = {"state": "resolved", "resolution": "they are kept apart, or one of them is gone", "resolved_by": "hub"}
    assert [await task(hub, id, "state", "resolution", "resolved_by") for id in (one, other)] == [ended, ended]
    assert (await task(hub, two, "state"))["state"] == "open"
    async with hub.transaction() as (tx, config):
        await split.keep_apart(tx, config, "client", [first, third], ANN, reason="two houses")
    again = (await opened(hub, a_task("again", entity="client", golden_id=third, detail={"other": str(first)})))[0]
    async with hub.transaction() as (tx, _):
        await tend_queue.close_answered(tx, hub.tenant)
    assert await task(hub, again, "state", "resolution", "resolved_by") == ended
