"""What a connected system may be asked, by all workers together: quotas, who goes first, breakers, windows, drains."""

from __future__ import annotations

import asyncio

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import RateLimitedError
from hub.core.urgency import BACKFILL, CLOSE, INTERACTIVE, NORMAL
from hub.errors import RequestError
from hub.flows.deliver import MOST_SYSTEM
from hub.flows.delivery_quota import Budget, page_turn
from hub.core.quota import Quota
from hub.flows.subscriptions import pause_system
from hub.flows.system_limits import drain, resume, set_limits, standing
from hub.settings import Settings
from hub.store import quotas
from tests.flows.delivering import POSTING as POSTED
from tests.flows.delivering import Keeper, Target, a_target, eventually, lane_states, open_tasks


async def clients(keeper: Keeper, count: int, **options: Any) -> None:
    """So many new clients, and one doorbell."""
    for number in range(count):
        await keeper.save(name=f"Client {number:03d}", notify=number == count - 1, **options)


def most_in_a_second(at: list[float]) -> int:
    return max(sum(start <= one < start + 1.0 for one in at) for start in at)


# quotas


async def test_two_workers_together_ask_no_more_in_a_second_than_the_system_allows(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, requests_per_s=20, concurrency=8)
    await clients(keeper, 40)
    async with erp.running(worker="one"), erp.running(worker="two"):
        await eventually(lambda: len(erp.system.bodies("account")) == 40, 30)
    assert most_in_a_second(erp.system.asked_at) <= 30


async def test_a_reserve_is_left_for_other_users_of_the_key(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, requests_per_s=20, concurrency=8, answers_after_s=0.02)
    await set_limits(keeper.pool, keeper.tenant_id, "erp", {"quota": {"reserve": 0.5}})
    await clients(keeper, 15)
    async with erp.running():
        await eventually(lambda: len(erp.system.bodies("account")) == 15, 30)
    assert most_in_a_second(erp.system.asked_at) <= 14
    assert erp.system.most_at_once <= 4


async def test_two_workers_together_have_no_more_under_way_than_the_system_allows(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, concurrency=3, answers_after_s=0.02)
    await clients(keeper, 45)
    async with erp.running(worker="one"), erp.running(worker="two"):
        await eventually(lambda: len(erp.system.bodies("account")) == 45, 30)
    assert erp.system.most_at_once == 3
    assert erp.system.duplicates == {}


async def test_the_days_budget_is_spent_on_the_urgent_once_it_is_short(keeper: Keeper, settings: Settings) -> None:
    """Of ten requests seven are free for a first load; the rest is left for what is more urgent, and after ten it is over."""
    erp = await a_target(keeper, settings, requests_per_day=10, concurrency=1)
    async with erp.running():
        await clients(keeper, 12, is_backfill=True)
        await eventually(lambda: len(erp.system.bodies("account")) == 7)
        await keeper.save(name="Changed by hand", actor="steward:ann")
        await eventually(lambda: len(erp.system.bodies("account")) == 8)
        async with keeper.pool.acquire() as connection:
            told = await standing(connection, keeper.tenant_id, "erp")
    assert {body["name"] for body in erp.system.bodies("account").values()} >= {"Changed by hand"}
    assert (told.requests_today, len(erp.system.asked_at)) == (8, 8)


async def test_a_pause_the_system_asks_for_holds_for_every_worker(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, requests_per_s=1000, concurrency=1)
    erp.system.fail("rate_limit", operation="write", retry_after_s=1.0)
    await clients(keeper, 4)
    async with erp.running(worker="one"), erp.running(worker="two"):
        await eventually(lambda: len(erp.system.bodies("account")) == 4, 30)
    assert min(later - erp.system.asked_at[0] for later in erp.system.asked_at[1:]) > 0.9


async def test_a_budget_is_borrowed_in_batches_and_unused_requests_go_back_to_the_day(keeper: Keeper, settings: Settings) -> None:
    await a_target(keeper, settings)
    budget = Budget(keeper.pool, keeper.tenant_id, "erp", "one", Quota(requests_per_s=200, requests_per_day=1000, concurrency=50))
    statements = await _lent(budget, 60)
    async with keeper.pool.acquire() as connection:
        told = await standing(connection, keeper.tenant_id, "erp")
    await budget.aclose()
    assert statements <= 6
    assert 60 <= told.requests_today + budget._lapsed <= 160


async def _lent(budget: Budget, calls: int) -> int:
    """How many loans so many calls at once take."""
    loans = 0
    lend = quotas.lend

    async def counted(*arguments: Any, **options: Any) -> Any:
        nonlocal loans
        loans += 1
        return await lend(*arguments, **options)

    async def call() -> None:
        assert await budget.enter() == 0.0
        budget.leave()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("hub.flows.delivery_quota.quotas.lend", counted)
        await asyncio.gather(*(call() for _ in range(calls)))
    return loans


async def test_pages_of_polls_share_the_quota_and_stop_with_the_day(keeper: Keeper, settings: Settings) -> None:
    quota = Quota(requests_per_day=10)
    await a_target(keeper, settings)
    for _ in range(9):
        await page_turn(keeper.pool, keeper.tenant_id, "erp", quota)
    with pytest.raises(RateLimitedError, match="the day's requests of erp are used up") as spent:
        await page_turn(keeper.pool, keeper.tenant_id, "erp", quota)
    assert 0 < spent.value.retry_after_s <= 86_400
    async with keeper.pool.acquire() as connection:
        assert (await standing(connection, keeper.tenant_id, "erp")).requests_today == 9


async def test_slots_of_a_worker_that_vanished_come_back(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, concurrency=2)
    async with keeper.pool.acquire() as connection, connection.transaction():
        await quotas.others(connection, keeper.tenant_id, "erp", "dead")
        await quotas.lease_slots(connection, keeper.tenant_id, "erp", "dead", 2, 2, 1.0)
    await clients(keeper, 2)
    async with erp.running():
        await eventually(lambda: len(erp.system.bodies("account")) == 2, 20)
    assert erp.system.most_at_once <= 2


# who goes first


async def test_what_a_person_decided_goes_before_a_backlog_and_the_backlog_is_not_starved(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, requests_per_s=10, concurrency=1)
    await clients(keeper, 45, is_backfill=True)
    async with erp.running():
        await eventually(lambda: len(erp.system.bodies("account")) >= 3, 20)
        before = len(erp.system.bodies("account"))
        await keeper.save(name="By hand", actor="steward:ann")
        await eventually(lambda: "By hand" in {body["name"] for body in erp.system.bodies("account").values()}, 20)
        overtaken = len(erp.system.bodies("account")) - before
    assert overtaken < 30
    priorities = await keeper.pool.fetch("SELECT priority, count(*) FROM hub.lane GROUP BY priority ORDER BY priority")
    assert [tuple(row) for row in priorities] == [(INTERACTIVE, 1), (BACKFILL, 45)]


async def test_a_lane_that_waited_longer_than_its_class_may_overtakes(keeper: Keeper, settings: Settings) -> None:
    """Leases go by age less patience: a backfill of two hours ago before what came just now, that before one of a minute ago."""
    erp = await a_target(keeper, settings, concurrency=1, requests_per_s=1000)
    old = await keeper.save(name="Old load", is_backfill=True, notify=False)
    young = await keeper.save(name="Young load", is_backfill=True, notify=False)
    now = await keeper.save(name="Now", notify=False)
    await pause_system(keeper.pool, keeper.tenant_id, "erp")
    async with erp.running():
        await eventually(lambda: lane_states(keeper.pool, keeper.tenant_id))
        await keeper.pool.execute("UPDATE hub.lane SET next_try_at = now() - interval '2 hours' WHERE golden_id = $1", old)
        await keeper.pool.execute("UPDATE hub.lane SET next_try_at = now() - interval '1 minute' WHERE golden_id = $1", young)
    order = await _order_of_leases(keeper, erp)
    assert order == [old, now, young]


async def _order_of_leases(keeper: Keeper, target: Target) -> list[Any]:
    """Lease one lane after another, as a worker does."""
    from uuid import uuid4

    from hub.store import lanes

    await resume(keeper.pool, keeper.tenant_id, target.system.name)
    found = []
    for _ in range(3):
        async with keeper.pool.acquire() as connection, connection.transaction():
            claimed = await lanes.claim(
                connection, keeper.tenant_id, token=uuid4(), lease_s=60, busy={target.subscription_id: MOST_SYSTEM - 1},
                most_system=MOST_SYSTEM, most_webhook=1, most_versions=1,
            )  # fmt: skip
        found += [lane.golden_id for lane, _ in claimed]
    return found


async def test_postings_of_a_period_that_is_over_and_still_open_go_before_the_rest(keeper: Keeper, settings: Settings) -> None:
    await a_target(keeper, settings)
    await pause_system(keeper.pool, keeper.tenant_id, "erp")
    today = datetime.now(UTC).date()
    last_month = (today.replace(day=1) - timedelta(days=1))
    house = await keeper.save("legal_entity", code="DE10", notify=False)
    await keeper.save(
        "accounting_period", legal_entity=str(house), period="last", module="receivables", state="open",
        starts_on=last_month.replace(day=1).isoformat(), ends_on=last_month.isoformat(), notify=False,
    )  # fmt: skip
    due = await keeper.save("invoice", legal_entity=str(house), currency="EUR", issue_date=last_month.isoformat(), notify=False)
    later = await keeper.save("invoice", legal_entity=str(house), currency="EUR", issue_date=today.isoformat())
    erp = await a_target(keeper, settings, "erp2")
    async with erp.running():
        await eventually(lambda: lane_states(keeper.pool, keeper.tenant_id))

        async def priorities() -> bool:
            rows = await keeper.pool.fetch("SELECT golden_id, min(priority) FROM hub.lane WHERE golden_id = ANY ($1) GROUP BY 1", [due, later])
            return dict(tuple(row) for row in rows) == {due: CLOSE, later: NORMAL}

        await eventually(priorities, 15)


# breakers


FAST = {"breaker": {"minimum_requests": 4, "error_timeout_s": 0.3, "longest_s": 0.3}}


async def test_a_breaker_opens_on_failures_is_seen_by_all_and_closes_when_the_system_answers(
    keeper: Keeper, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.flows.delivery_calls.retry_delay_s", lambda *_: 0.05)
    erp = await a_target(keeper, settings)
    await set_limits(keeper.pool, keeper.tenant_id, "erp", FAST)
    erp.system.fail("unavailable", object="account", operation="write", times=100_000)
    async with erp.running(worker="one") as one, erp.running(worker="two") as two:
        await clients(keeper, 8)
        await eventually(lambda: open_tasks(keeper), 20)
        await eventually(lambda: bool(one.controls.breakers) and bool(two.controls.breakers), 20)
        assert await open_tasks(keeper) == [("circuit_open", "erp: create account", 1)]
        asked = len(erp.system.asked_at)
        erp.system.faults.clear()
        await eventually(lambda: len(erp.system.bodies("account")) == 8, 30)
        await erp.settled()

        async def is_closed() -> bool:
            return await open_tasks(keeper) == []

        await eventually(is_closed, 20)
    assert asked < 60
    rows = await keeper.pool.fetch("SELECT operation, state, trips FROM hub.breaker")
    assert [tuple(row) for row in rows] == [("create account", "closed", 0)]


async def test_a_gate_that_lets_one_lane_try_and_a_small_room_leave_that_one_lane(
    keeper: Keeper, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a row of failures one lane may try; a quota that allows for few lanes must not take that one away, too."""
    monkeypatch.setattr("hub.flows.delivery_calls.retry_delay_s", lambda *_: 0.05)
    monkeypatch.setattr("hub.flows.gates.TRIPS_AT", 2)
    monkeypatch.setattr("hub.flows.gates.LONGEST_S", 0.1)
    erp = await a_target(keeper, settings, requests_per_s=100, concurrency=1)
    erp.system.fail("unavailable", object="account", operation="write", times=4)
    async with erp.running():
        await clients(keeper, 3)
        await eventually(lambda: len(erp.system.bodies("account")) == 3, 20)


async def test_a_breaker_of_one_operation_leaves_the_others_alone(keeper: Keeper, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.flows.delivery_calls.retry_delay_s", lambda *_: 0.05)
    monkeypatch.setattr("hub.flows.gates.TRIPS_AT", 1_000)
    erp = await a_target(keeper, settings)
    await set_limits(keeper.pool, keeper.tenant_id, "erp", {"breaker": {"minimum_requests": 4, "error_timeout_s": 60}})
    erp.system.fail("unavailable", object="account", operation="write", times=100_000)
    async with erp.running():
        await clients(keeper, 4)
        await eventually(lambda: open_tasks(keeper), 20)
        await keeper.save("resource", family_name="Brandt")
        await eventually(lambda: erp.system.bodies("person"), 20)
    assert erp.system.bodies("account") == {}


async def test_a_system_that_fails_for_too_long_is_paused_with_a_notice_until_it_is_resumed(
    keeper: Keeper, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.flows.delivery_calls.retry_delay_s", lambda *_: 0.05)
    erp = await a_target(keeper, settings)
    await set_limits(keeper.pool, keeper.tenant_id, "erp", {"breaker": FAST["breaker"] | {"disable_after_s": 1}})
    erp.system.fail("unavailable", object="account", operation="write", times=100_000)
    async with erp.running():
        await clients(keeper, 5)

        async def is_disabled() -> bool:
            return ("system_disabled", "erp", 1) in await open_tasks(keeper)

        await eventually(is_disabled, 30)
        async with keeper.pool.acquire() as connection:
            assert (await standing(connection, keeper.tenant_id, "erp")).state == "paused"
        erp.system.faults.clear()
        await resume(keeper.pool, keeper.tenant_id, "erp", "admin:ann")
        await eventually(lambda: len(erp.system.bodies("account")) == 5, 30)
        assert await open_tasks(keeper) == []


# windows


async def test_nothing_is_sent_in_a_maintenance_window_and_everything_when_it_is_lifted(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings)
    now = datetime.now(UTC)
    window = {"since": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(hours=1)).isoformat(), "reason": "release"}
    await set_limits(keeper.pool, keeper.tenant_id, "erp", {"windows": [window]})
    async with erp.running() as running:
        client = await keeper.save(name="Nordwind")
        await eventually(lambda: lane_states(keeper.pool, keeper.tenant_id))
        await eventually(lambda: running.controls.limits)
        assert (erp.system.asked_at, await lane_states(keeper.pool, keeper.tenant_id)) == ([], {client: "due"})
        await set_limits(keeper.pool, keeper.tenant_id, "erp", {"windows": None})
        await eventually(lambda: erp.system.bodies("account"))
    assert len(erp.system.asked_at) == 1


async def test_outside_its_posting_windows_master_data_goes_and_postings_wait(keeper: Keeper, settings: Settings) -> None:
    mappings = [
        {"object": "account", "entity": "client", "id": "id", "fields": {"name": "name"}},
        {"object": "bill", "entity": "invoice", "id": "id", "fields": {"number": "no", "currency": "currency"}},
    ]
    erp = await a_target(keeper, settings, mappings=mappings, objects={"bill": POSTED})
    yesterday = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(datetime.now(UTC).weekday() + 3) % 7]
    await set_limits(keeper.pool, keeper.tenant_id, "erp", {"windows": [{"kind": "posting", "days": [yesterday], "from": "08:00", "to": "18:00"}]})
    async with erp.running():
        invoice = await keeper.save("invoice", number="4711", currency="EUR", notify=False)
        client = await keeper.save(name="Nordwind")
        await eventually(lambda: erp.system.bodies("account"))

        async def waits() -> bool:
            reason = await keeper.pool.fetchval("SELECT reason FROM hub.lane WHERE golden_id = $1 AND state = 'due'", invoice)
            return reason == "erp is not written to at this time."

        await eventually(waits)
        assert erp.system.bodies("bill") == {}
        await set_limits(keeper.pool, keeper.tenant_id, "erp", {"windows": []})
        await eventually(lambda: erp.system.bodies("bill"))
    assert (await lane_states(keeper.pool, keeper.tenant_id))[client] == "idle"


# drains


async def test_a_drained_system_is_sent_what_is_queued_and_takes_no_more_until_it_is_resumed(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, requests_per_s=20)
    async with erp.running():
        await clients(keeper, 10)

        async def is_queued() -> bool:
            return len(await lane_states(keeper.pool, keeper.tenant_id)) == 10

        await eventually(is_queued)
        await drain(keeper.pool, keeper.tenant_id, "erp", "admin:ann")
        await keeper.save(name="Too late")

        async def state() -> str:
            async with keeper.pool.acquire() as connection:
                return (await standing(connection, keeper.tenant_id, "erp")).state

        async def is_drained() -> bool:
            return await state() == "drained"

        await eventually(is_drained, 20)
        assert len(erp.system.bodies("account")) == 10
        await resume(keeper.pool, keeper.tenant_id, "erp")
        await eventually(lambda: len(erp.system.bodies("account")) == 11)
        assert await state() == "writing"


# saying it


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"quotas": {}}, "limits: unknown key 'quotas'; known are quota, breaker, windows, ledger"),
        ({"quota": {"reserve": 1}}, "limits: quota.reserve: expected a number from 0 to 0.95"),
        ({"quota": {"concurrency": 1.5}}, "limits: quota.concurrency: expected a whole number from 1 to 10000"),
        ({"quota": {"zone": "Mars/Base"}}, "limits: quota.zone: 'Mars/Base' is not a time zone"),
        ({"windows": [{"from": "25:00", "to": "1"}]}, "limits: windows[0].from: expected a time such as 22:00"),
        ({"windows": [{"since": "2026-05-17T08:00:00", "until": "2026-05-18T08:00:00Z"}]}, "limits: windows[0].since: says no time zone"),
    ],
)
async def test_limits_that_mean_nothing_are_refused_and_say_why(keeper: Keeper, settings: Settings, limits: dict[str, Any], told: str) -> None:
    await a_target(keeper, settings)
    with pytest.raises(RequestError) as refused:
        await set_limits(keeper.pool, keeper.tenant_id, "erp", limits)
    assert (refused.value.code, str(refused.value)) == ("bad_limits", told)


async def test_a_part_of_the_limits_stays_when_another_one_is_set(keeper: Keeper, settings: Settings) -> None:
    await a_target(keeper, settings)
    await set_limits(keeper.pool, keeper.tenant_id, "erp", {"quota": {"concurrency": 2}}, "admin:ann")
    await set_limits(keeper.pool, keeper.tenant_id, "erp", {"breaker": {"failure_threshold": 50}}, "admin:bea")
    async with keeper.pool.acquire() as connection:
        told = await standing(connection, keeper.tenant_id, "erp")
    assert (told.limits, told.set_by) == ({"quota": {"concurrency": 2}, "breaker": {"failure_threshold": 50}}, "admin:bea")
    with pytest.raises(RequestError, match="there is no system 'xrp'"):
        await set_limits(keeper.pool, keeper.tenant_id, "xrp", {"quota": {}})
