"""Writing to connected systems: observed first, each record once, at its newest version, parents first, nothing hidden."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from hub.errors import RequestError
from hub.flows.subscriptions import (
    WouldWrite, accept_proposals, dead_letters, pause_system, release_brake, replay_lanes, resume_system, set_mode,
    would_write,
)  # fmt: skip
from hub.settings import Settings
from hub.store import configuration
from schema.code_maps import CodeEntry
from tests.flows.delivering import (
    KEYLESS, MASTER, Keeper, a_target, attempts_made, contribute, eventually, lane_states, open_tasks,
    running_all,
)  # fmt: skip


async def crosswalk(keeper: Keeper) -> dict[str, tuple[UUID, dict[str, Any]]]:
    rows = await keeper.pool.fetch("SELECT external_id, golden_id, written FROM hub.source_record WHERE system <> 'crm' ORDER BY id")
    return {row["external_id"]: (row["golden_id"], row["written"]) for row in rows}


async def test_a_new_record_is_created_once_and_its_id_remembered(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings)
    async with erp.running():
        client = await keeper.save(name="Nordwind", phone="+494055501")
        await erp.settled()
    assert erp.system.bodies("account") == {"erp-1": {"name": "Nordwind", "phone": "+494055501"}}
    assert await crosswalk(keeper) == {"erp-1": (client, {"name": "Nordwind", "phone": "+494055501"})}
    assert await attempts_made(keeper.pool) == {"done": 1}


async def test_an_update_carries_only_what_differs_and_jumps_to_the_newest_version(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings)
    async with erp.running():
        client = await keeper.save(name="Nordwind", phone="+494055501")
        await erp.settled()
        writes = erp.system.requests["write"]
        await pause_system(keeper.pool, keeper.tenant_id, "erp")
        await keeper.save(golden_id=client, name="Nordwind 1", notify=False)
        await keeper.save(golden_id=client, name="Nordwind 2", notify=False)
        await keeper.save(golden_id=client, name="Nordwind 3", notify=False)
        await keeper.save(golden_id=client, legal_name="Nordwind Logistik GmbH")
        await erp.gathered()
        await resume_system(keeper.pool, keeper.tenant_id, "erp")
        await erp.settled()
    assert erp.system.requests["write"] == writes + 1
    assert erp.system.bodies("account") == {"erp-1": {"name": "Nordwind 3", "phone": "+494055501"}}
    update = await keeper.pool.fetchval("SELECT request -> 'body' FROM hub.attempt WHERE operation = 'update'")
    assert update == {"name": "Nordwind 3"}


async def test_a_system_that_says_it_already_is_sent_nothing(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings)
    erp.system.put("account", "A7", {"name": "Nordwind"})
    client = await keeper.save(name="Nordwind", notify=False)
    await contribute(keeper, "erp", "account", "A7", "client", client, {"name": "Nordwind"})
    async with erp.running():
        await erp.settled()
    assert (erp.system.requests["write"], await attempts_made(keeper.pool)) == (0, {})


@pytest.mark.parametrize(("corrects", "name"), [(False, "Nordwind AG"), (True, "Nordwind")])
async def test_a_loser_is_corrected_only_where_that_is_switched_on(
    keeper: Keeper, settings: Settings, corrects: bool, name: str
) -> None:
    erp = await a_target(keeper, settings, corrects=corrects)
    erp.system.put("account", "A7", {"name": "Nordwind AG"})
    client = await keeper.save(name="Nordwind", notify=False)
    await contribute(
        keeper, "erp", "account", "A7", "client", client, {"name": "Nordwind AG"}, since="2999-02-02T00:00:00.000000Z"
    )
    async with erp.running():
        await erp.settled()
    assert erp.system.bodies("account")["A7"]["name"] == name


async def test_observing_shows_what_would_be_written_and_switching_to_write_writes_it(
    keeper: Keeper, settings: Settings
) -> None:
    erp = await a_target(keeper, settings, mode="observe")
    async with erp.running():
        clients = [await keeper.save(name=name) for name in ("One", "Two")]
        await keeper.save(golden_id=clients[0], name="One and only")
        await erp.settled()
        assert erp.system.requests["write"] == 0
        (shown,) = await would_write(keeper.pool, keeper.tenant_id, "erp")
        assert (shown.entity, shown.creates, shown.updates) == ("client", 2, 0)
        plans = {plan["golden_id"]: plan["fields"] for plan in shown.sample}
        assert plans[str(clients[0])] == {"name": {"from": None, "to": "One and only"}}
        await erp.write_mode("client")
        await erp.settled()
        assert await would_write(keeper.pool, keeper.tenant_id, "erp") == []
    assert sorted(body["name"] for body in erp.system.bodies("account").values()) == ["One and only", "Two"]


async def test_a_field_group_may_stay_observed_while_the_rest_is_written(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings)
    await erp.write_mode("client", "seat", "observe")
    async with erp.running():
        client = await keeper.save(name="Nordwind", city="Hamburg")
        await erp.settled()
        assert erp.system.bodies("account") == {"erp-1": {"name": "Nordwind"}}
        assert await lane_states(keeper.pool, keeper.tenant_id) == {client: "observed"}
        await erp.write_mode("client", "seat")
        await erp.settled()
    assert erp.system.bodies("account") == {"erp-1": {"name": "Nordwind", "city": "Hamburg"}}


async def test_proposals_are_one_task_and_sent_when_accepted(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, mode="propose")
    async with erp.running():
        one = await keeper.save(name="One")
        two = await keeper.save(name="Two")
        await erp.settled()
        await keeper.save(golden_id=one, name="One more")
        await erp.settled()
        assert await open_tasks(keeper) == [("proposed_write", "erp client", 2)]
        assert await accept_proposals(keeper.pool, keeper.tenant_id, "erp", golden_ids=[one]) == 1
        await erp.settled()
        assert erp.system.bodies("account") == {"erp-1": {"name": "One more"}}
        assert await lane_states(keeper.pool, keeper.tenant_id) == {one: "idle", two: "proposed"}
        await erp.write_mode()
        await erp.settled()
    assert len(erp.system.bodies("account")) == 2
    assert await open_tasks(keeper) == []


async def test_a_lost_answer_is_looked_up_and_adopted(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings)
    erp.system.fail("lose_answer", object="account")
    async with erp.running():
        client = await keeper.save(name="Nordwind")
        await erp.settled()
    assert (len(erp.system.bodies("account")), erp.system.duplicates) == (1, {})
    assert await crosswalk(keeper) == {"erp-1": (client, {"name": "Nordwind"})}
    assert await attempts_made(keeper.pool) == {"adopted": 1}
    assert await lane_states(keeper.pool, keeper.tenant_id) == {client: "idle"}


async def test_without_a_field_for_our_key_the_natural_key_finds_what_was_made(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, objects={"account": KEYLESS})
    erp.system.fail("lose_answer", object="account")
    async with erp.running():
        await keeper.save(name="Nordwind")
        await erp.settled()
    assert (len(erp.system.bodies("account")), await attempts_made(keeper.pool)) == (1, {"adopted": 1})


async def test_a_lost_answer_to_an_update_is_repeated_under_the_same_key(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings)
    async with erp.running():
        client = await keeper.save(name="Nordwind")
        await erp.settled()
        erp.system.fail("lose_answer", operation="write")
        await keeper.save(golden_id=client, name="Nordwind AG")
        await erp.settled()
    assert erp.system.bodies("account") == {"erp-1": {"name": "Nordwind AG"}}
    keys = await keeper.pool.fetch("SELECT intent_key, state FROM hub.attempt WHERE operation = 'update' ORDER BY id")
    assert [row["state"] for row in keys] == ["resolved", "done"]
    assert keys[0]["intent_key"] == keys[1]["intent_key"]


@pytest.mark.parametrize("happened", [True, False])
async def test_a_worker_killed_between_intent_and_answer_leaves_no_double(
    keeper: Keeper, settings: Settings, happened: bool
) -> None:
    """The first worker stores its intent and hangs in the call; its lease runs out and a second one takes over."""
    erp = await a_target(keeper, settings)
    began, never = asyncio.Event(), asyncio.Event()
    write = erp.connector.write

    async def hang(one: Any) -> Any:
        if happened:
            await write(one)
        began.set()
        await never.wait()

    erp.connector.write = hang  # type: ignore[method-assign]
    async with erp.running(lease_s=600, call_timeout_s=600) as dead:
        client = await keeper.save(name="Nordwind")
        await began.wait()
        for task in list(dead._tasks):
            task.cancel()
        assert await attempts_made(keeper.pool) == {"intent": 1}
        await keeper.pool.execute("UPDATE hub.lane SET lease_until = now() - interval '1 second'")
        erp.connector.write = write  # type: ignore[method-assign]
        async with erp.running():
            await eventually(lambda: erp.system.bodies("account"))
            await erp.settled()
    assert erp.system.bodies("account") == {"erp-1": {"name": "Nordwind"}}
    assert erp.system.duplicates == {}
    assert await crosswalk(keeper) == {"erp-1": (client, {"name": "Nordwind"})}
    expected = {"adopted": 1} if happened else {"abandoned": 1, "done": 1}
    assert await attempts_made(keeper.pool) == expected


async def test_a_rate_limit_is_honoured_by_all_lanes_and_counts_as_no_try(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings)
    erp.system.fail("rate_limit", operation="write", retry_after_s=0.5)
    times: list[float] = []
    write = erp.connector.write

    async def timed(one: Any) -> Any:
        times.append(asyncio.get_running_loop().time())
        return await write(one)

    erp.connector.write = timed  # type: ignore[method-assign]
    async with erp.running():
        await keeper.save(name="One")
        await eventually(lambda: times)
        await keeper.save(name="Two")
        await erp.settled()
    assert len(erp.system.bodies("account")) == 2
    assert all(later - times[0] > 0.45 for later in times[1:])
    assert await keeper.pool.fetchval("SELECT max(attempts) FROM hub.lane") == 0


async def test_a_failing_system_is_tried_again(
    keeper: Keeper, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.flows.delivery_calls.retry_delay_s", lambda *_: 0.01)
    erp = await a_target(keeper, settings)
    erp.system.fail("unavailable", operation="write", times=3)
    async with erp.running():
        await keeper.save(name="One")
        await erp.settled()
    assert len(erp.system.bodies("account")) == 1
    assert await attempts_made(keeper.pool) == {"retriable": 3, "done": 1}


async def test_a_refused_record_parks_alone_with_one_task_and_a_newer_version_mends_it(
    keeper: Keeper, settings: Settings
) -> None:
    erp = await a_target(keeper, settings)
    erp.system.checks["account"] = lambda body: ("name", "is too long") if len(body["name"]) > 10 else None
    async with erp.running():
        bad = await keeper.save(name="Nordwind Logistik")
        worse = await keeper.save(name="Südwind Logistik")
        good = await keeper.save(name="Ost")
        await erp.settled()
        assert await lane_states(keeper.pool, keeper.tenant_id) == {bad: "parked", worse: "parked", good: "idle"}
        assert await open_tasks(keeper) == [("delivery_rejected", "erp client name validation", 2)]
        letters = await dead_letters(keeper.pool, keeper.tenant_id, entity="client")
        assert {one.golden_id for one in letters} == {bad, worse}
        assert letters[0].error is not None and letters[0].error["remedy"] == "Correct name: is too long."
        await keeper.save(golden_id=bad, name="Nordwind")
        await erp.settled()
        assert (await lane_states(keeper.pool, keeper.tenant_id))[bad] == "idle"
        erp.system.checks.clear()
        assert await replay_lanes(keeper.pool, keeper.tenant_id, golden_ids=[worse]) == 1
        await erp.settled()
    assert len(erp.system.bodies("account")) == 3
    assert await open_tasks(keeper) == []


async def test_a_code_the_system_does_not_know_is_a_task_before_anything_is_sent(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings)
    async with keeper.pool.acquire() as connection:
        await configuration.put_codes(connection, keeper.tenant_id, [CodeEntry("erp", "TIER", "gold", "A")])
    async with erp.running():
        client = await keeper.save(name="Nordwind", tier="B")
        await erp.settled()
    assert await lane_states(keeper.pool, keeper.tenant_id) == {client: "parked"}
    ((cause, subject, count),) = await open_tasks(keeper)
    assert (cause, subject.split(":")[0], count, erp.system.requests["write"]) == ("delivery_rejected", "erp client tier", 1, 0)


async def test_refused_credentials_pause_the_system_with_a_task_that_closes_itself(
    keeper: Keeper, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.flows.delivery_calls.CREDENTIALS_PAUSE_S", 0.3)
    erp = await a_target(keeper, settings)
    erp.system.fail("credentials", operation="write")
    async with erp.running():
        await keeper.save(name="One")
        await eventually(lambda: open_tasks(keeper))
        assert await open_tasks(keeper) == [("credentials", "erp", 1)]
        await erp.settled()
    assert len(erp.system.bodies("account")) == 1
    assert await open_tasks(keeper) == []


async def test_a_child_waits_for_its_parent_and_follows_it(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings)
    erp.system.fail("reject", object="account", times=1, field="name")
    async with erp.running():
        client = await keeper.save(name="Nordwind", notify=False)
        site = await keeper.save("client_site", city="Ulm", client=str(client))
        await erp.settled()
        assert await lane_states(keeper.pool, keeper.tenant_id) == {client: "parked", site: "waiting"}
        assert erp.system.bodies("site") == {}
        await replay_lanes(keeper.pool, keeper.tenant_id)
        await erp.settled()
    assert erp.system.bodies("site") == {"erp-1": {"city": "Ulm", "account": "erp-1"}}
    assert await lane_states(keeper.pool, keeper.tenant_id) == {client: "idle", site: "idle"}


async def test_a_waiting_child_goes_on_when_the_system_itself_tells_of_the_parent(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, filter={"entities": ["client_site"]})
    async with erp.running():
        client = await keeper.save(name="Nordwind")
        site = await keeper.save("client_site", city="Ulm", client=str(client))
        await erp.settled()
        assert await lane_states(keeper.pool, keeper.tenant_id) == {site: "waiting"}
        await contribute(keeper, "erp", "account", "A7", "client", client, {"name": "Nordwind"})
        await eventually(lambda: erp.system.bodies("site"))
        await erp.settled()
    assert erp.system.bodies("site") == {"erp-1": {"city": "Ulm", "account": "A7"}}


async def test_who_waits_too_long_for_a_parent_becomes_a_task(
    keeper: Keeper, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.flows.waiting.PATIENCE_S", 0.1)
    monkeypatch.setattr("hub.flows.deliver.WAITING_EVERY_S", 0.1)
    erp = await a_target(keeper, settings, filter={"entities": ["client_site"]})
    async with erp.running():
        client = await keeper.save(name="Nordwind")
        await keeper.save("client_site", city="Ulm", client=str(client))
        await keeper.save("client_site", city="Bonn", client=str(client))
        await eventually(lambda: open_tasks(keeper))
        ((cause, subject, count),) = await open_tasks(keeper)
        assert (cause, subject) == ("missing_parent", f"erp {client}") and count in (1, 2)
        await contribute(keeper, "erp", "account", "A7", "client", client, {"name": "Nordwind"})
        await eventually(lambda: len(erp.system.bodies("site")) == 2)

        async def is_solved() -> bool:
            return await open_tasks(keeper) == []

        await eventually(is_solved)


async def test_an_optional_reference_is_left_out_and_follows(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings)
    await erp.write_mode("resource", mode="observe")
    async with erp.running():
        manager = await keeper.save("resource", family_name="Brandt")
        await keeper.save(name="Nordwind", account_manager=str(manager))
        await erp.settled()
        assert erp.system.bodies("account") == {"erp-1": {"name": "Nordwind"}}
        await erp.write_mode("resource")
        await eventually(lambda: "manager" in erp.system.bodies("account")["erp-1"])
        await erp.settled()
    assert erp.system.bodies("account") == {"erp-1": {"name": "Nordwind", "manager": "erp-1"}}


async def an_entry(keeper: Keeper, **more: Any) -> UUID:
    hours = more.pop("hours", "7.5")
    return await keeper.save(
        "time_entry", work_date="2026-05-17", quantity={"value": hours, "unit": "hour"}, **({"state": "draft"} | more)
    )


async def test_a_reference_left_out_of_a_transaction_follows_when_all_its_versions_went_out(keeper: Keeper, settings: Settings) -> None:
    """Its task is told to the target after the hour was: nothing new is sequenced then, and it is sent all the same."""
    hour = {
        "object": "posting", "entity": "time_entry", "id": "id", "version": "version",
        "fields": {"work_date": "date", "quantity": {"path": "hours", "as": "quantity", "unit": "hour"}, "task": {"path": "task", "reference": "step"}},
    }  # fmt: skip
    step = {"object": "step", "entity": "task", "id": "id", "version": "version", "fields": {"name": "name"}}
    erp = await a_target(
        keeper, settings, filter={"entities": ["time_entry", "task"]}, mappings=[hour, step], objects={"posting": MASTER, "step": MASTER}
    )
    await erp.write_mode("task", mode="observe")
    async with erp.running():
        task = await keeper.save("task", name="Analysis")
        entry = await an_entry(keeper, note="first")
        await erp.settled()
        await keeper.save("time_entry", entry, task=str(task))
        await erp.settled()
        assert [body.get("task") for body in erp.system.bodies("posting").values()] == [None]
        await erp.write_mode("task")
        await eventually(lambda: all("task" in body for body in erp.system.bodies("posting").values()))
        await erp.settled()
    assert [body["task"] for body in erp.system.bodies("posting").values()] == ["erp-1"]


APPROVED = {"entities": ["client", "resource", "project", "time_entry"], "when": {"time_entry": {"state": ["approved"]}}}


async def test_hours_are_posted_once_when_approved_and_corrected_by_reversal(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, filter=APPROVED)
    async with erp.running():
        person = await keeper.save("resource", family_name="Brandt")
        client = await keeper.save(name="Nordwind")
        project = await keeper.save("project", name="Rollout", client=str(client))
        entry = await an_entry(keeper, resource=str(person), project=str(project))
        await erp.settled()
        assert erp.system.bodies("posting") == {}
        erp.system.fail("lose_answer", object="posting")
        await keeper.save("time_entry", entry, state="approved")
        await erp.settled()
        await keeper.save("time_entry", entry, note="seen")
        await erp.settled()
        assert [body["hours"] for body in erp.system.bodies("posting").values()] == [7.5]
        await an_entry(
            keeper, resource=str(person), project=str(project), hours="-7.5", state="approved", correction_of=str(entry)
        )
        await erp.settled()
    assert [(body["hours"], body.get("reverses")) for body in erp.system.bodies("posting").values()] == [
        (7.5, None), (-7.5, "erp-1"),
    ]  # fmt: skip
    assert erp.system.duplicates == {}


async def test_a_reversal_waits_for_what_it_reverses(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, filter=APPROVED)
    async with erp.running():
        person = await keeper.save("resource", family_name="Brandt")
        client = await keeper.save(name="Nordwind")
        project = await keeper.save("project", name="Rollout", client=str(client))
        await erp.settled()
        erp.system.fail("reject", object="posting", times=1)
        refs = {"resource": str(person), "project": str(project), "state": "approved"}
        entry = await an_entry(keeper, **refs)
        await erp.settled()
        reversal = await an_entry(keeper, hours="-7.5", correction_of=str(entry), **refs)
        await erp.settled()
        states = await lane_states(keeper.pool, keeper.tenant_id)
        assert (states[entry], states[reversal]) == ("parked", "waiting")
        await replay_lanes(keeper.pool, keeper.tenant_id)
        await erp.settled()
    assert sorted(body["hours"] for body in erp.system.bodies("posting").values()) == [-7.5, 7.5]


async def test_records_dated_before_go_live_are_never_delivered(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings, filter=APPROVED, go_live="2026-06-01")
    async with erp.running():
        person = await keeper.save("resource", family_name="Brandt")
        client = await keeper.save(name="Nordwind")
        project = await keeper.save("project", name="Rollout", client=str(client))
        entry = await an_entry(keeper, resource=str(person), project=str(project), state="approved")
        await erp.settled()
    assert erp.system.bodies("posting") == {}
    assert (await lane_states(keeper.pool, keeper.tenant_id))[entry] == "idle"


async def test_a_system_being_loaded_gets_no_echo_of_its_backfill_while_another_does(
    keeper: Keeper, settings: Settings
) -> None:
    psa = await a_target(keeper, settings, "psa", kind="psa", is_loading=True)
    erp = await a_target(keeper, settings)
    async with running_all(psa, erp):
        await keeper.save(name="Loaded", is_backfill=True)
        await keeper.save(name="Live")
        await eventually(lambda: len(erp.system.bodies("account")) == 2)
        await eventually(lambda: psa.system.bodies("account"))
        await erp.settled()
    assert list(psa.system.bodies("account").values()) == [{"name": "Live"}]


async def test_what_a_user_deleted_there_is_not_made_again(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings)
    client = await keeper.save(name="Nordwind", notify=False)
    await contribute(keeper, "erp", "account", "A7", "client", client, {"name": "Nordwind"}, state="deleted")
    async with erp.running():
        await keeper.save(golden_id=client, name="Nordwind AG")
        await erp.settled()
    assert erp.system.requests["write"] == 0


async def test_a_run_beyond_its_limit_is_braked_before_anything_is_sent(
    keeper: Keeper, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.flows.send_system.BRAKE_FLOOR", 3)
    erp = await a_target(keeper, settings, brake={"count": 5, "percent": 20})
    for number in range(4):
        await keeper.save(name=f"C{number}", notify=False)
    async with erp.running():
        await eventually(lambda: open_tasks(keeper))
        await keeper.save(name="One more")
        await asyncio.sleep(0.3)
        assert await open_tasks(keeper) == [("brake", "erp", 4)]
        assert (erp.system.requests["write"], await attempts_made(keeper.pool)) == (0, {})
        await release_brake(keeper.pool, keeper.tenant_id, "erp")
        await erp.settled()
        assert await open_tasks(keeper) == []
        await keeper.save(name="Small")
        await erp.settled()
    assert len(erp.system.bodies("account")) == 6


async def test_a_paused_system_holds_and_gets_the_newest_state_afterwards(keeper: Keeper, settings: Settings) -> None:
    erp = await a_target(keeper, settings)
    await pause_system(keeper.pool, keeper.tenant_id, "erp")
    async with erp.running():
        client = await keeper.save(name="One")
        await keeper.save(golden_id=client, name="Two")
        await asyncio.sleep(0.3)
        assert erp.system.requests["write"] == 0
        await resume_system(keeper.pool, keeper.tenant_id, "erp")
        await erp.settled()
    assert (erp.system.requests["write"], erp.system.bodies("account")) == (1, {"erp-1": {"name": "Two"}})


async def test_an_inactive_record_is_deactivated_only_where_the_subscription_says_so(
    keeper: Keeper, settings: Settings
) -> None:
    erp = await a_target(keeper, settings)
    bold = await a_target(keeper, settings, "bold", filter={"deactivate": True})
    async with running_all(erp, bold):
        client = await keeper.save(name="Nordwind")
        await eventually(lambda: erp.system.bodies("account") and bold.system.bodies("account"))
        await erp.settled()
        await keeper.save(golden_id=client, op="inactivate", record_state="inactive")
        await eventually(lambda: bold.system.bodies("account")["bold-1"].get("active") is False)
        await erp.settled()
    assert erp.system.bodies("account") == {"erp-1": {"name": "Nordwind"}}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("erp", "client", "*", "shout"), "bad_mode"),
        (("erp", "klient", "*", "write"), "unknown_entity"),
        (("erp", "client", "saet", "write"), "unknown_group"),
        (("xrp", "client", "*", "write"), "unknown_system"),
    ],
)
async def test_a_mode_that_means_nothing_is_refused(
    keeper: Keeper, settings: Settings, arguments: tuple[str, str, str, str], code: str
) -> None:
    await a_target(keeper, settings)
    with pytest.raises(RequestError) as refused:
        await set_mode(keeper.pool, keeper.tenant_id, *arguments)
    assert refused.value.code == code


async def test_a_summary_of_what_would_be_written_counts_money(keeper: Keeper, settings: Settings) -> None:
    await a_target(keeper, settings, mode="observe")
    assert await would_write(keeper.pool, keeper.tenant_id, "erp") == []
    assert WouldWrite("client").creates == 0
