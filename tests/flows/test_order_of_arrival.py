"""What came early finds what comes late: one test a mistake that a random history once found."""

from __future__ import annotations

from tests.flows.conftest import Hub


async def test_a_record_that_waits_for_two_others_is_computed_once_when_both_come_together(hub: Hub) -> None:
    refs = {name: {"system": "psa", "object": name, "id": "1"} for name in ("resource", "project")}
    entry = await hub.told("psa", "time_entry", "t", {**refs, "work_date": "2026-05-04", "quantity": {"value": "2", "unit": "hour"}})
    await hub.tell("psa", "resource", "1", {"given_name": "Bo", "family_name": "Ek"})
    await hub.tell("psa", "project", "1", {"code": "P1", "name": "Rollout"})
    await hub.settle()
    assert (await hub.golden("time_entry", entry)).version == 1
    assert await hub.tasks() == []
