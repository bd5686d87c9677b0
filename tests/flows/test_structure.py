"""Trees without cycles, effective dates without silent overlaps, keys nobody mapped, the firm's own fields."""

from __future__ import annotations

from hub.flows import replay, steward
from hub.flows.steward import By
from hub.store import configuration
from tests.flows.conftest import Hub


def project(number: int, parent: int | None = None) -> dict[str, object]:
    ref = {"system": "psa", "object": "project", "id": str(parent)} if parent is not None else None
    return {"code": f"P{number}", "name": f"Project {number}", "parent": ref}


async def test_the_edge_that_would_close_a_cycle_is_refused_and_its_record_is_not(hub: Hub) -> None:
    ids = [await hub.told("psa", "project", str(n), project(n, n - 1 if n else None)) for n in range(3)]
    await hub.told("psa", "project", "0", {**project(0, 2), "name": "Renamed"})
    assert await hub.values("project", ids[0]) == {"code": "P0", "name": "Renamed"}
    assert [cause for cause, *_ in await hub.tasks()] == ["cycle"]
    async with hub.transaction() as (tx, config):
        assert (await replay.verify(tx, config)).differences == []
    await hub.told("psa", "project", "2", project(2, None))
    await hub.told("psa", "project", "0", project(0, 1))
    assert (await hub.values("project", ids[0])).get("parent") is None, "1 still hangs below 0"
    await hub.told("psa", "project", "9", project(9))
    await hub.told("psa", "project", "0", project(0, 9))
    assert (await hub.values("project", ids[0]))["parent"] == str(await hub.golden_id("psa", "project", "9"))


async def test_a_ring_told_in_one_batch_loses_one_edge_only(hub: Hub) -> None:
    for n in range(4):
        await hub.tell("psa", "project", str(n), project(n, (n + 1) % 4))
    await hub.settle()
    parents = [row["parent_id"] for row in await hub.rows("SELECT parent_id FROM golden.project")]
    assert sum(parent is None for parent in parents) == 1


async def test_two_rates_in_force_for_one_key_on_one_day_are_a_task_until_one_ends(hub: Hub) -> None:
    card = {"system": "crm", "object": "rate_card", "id": "c"}
    await hub.tell("crm", "rate_card", "c", {"code": "STD", "name": "Standard", "kind": "bill", "currency": "EUR", "state": "active"})
    line = {"rate_card": card, "unit": "hour", "role": "dev", "price": {"amount": "95", "currency": "EUR", "per": "hour"}}
    await hub.tell("crm", "rate_line", "1", {**line, "valid_from": "2026-01-01"})
    await hub.told("crm", "rate_line", "2", {**line, "valid_from": "2026-07-01"})
    assert [cause for cause, *_ in await hub.tasks()] == ["overlap"]
    await hub.told("crm", "rate_line", "1", {**line, "valid_from": "2026-01-01", "valid_to": "2026-06-30"})
    assert await hub.tasks() == []


async def test_a_key_no_mapping_binds_is_reported_once(hub: Hub) -> None:
    document = {"mappings": [{"object": "customer", "entity": "client", "fields": {"name": "name"}}]}
    async with hub.pool.acquire() as tx, tx.transaction():
        await configuration.put_mapping(tx, hub.tenant, "erp", document)
    await hub.told("erp", "customer", "1", {"id": "1", "name": "A", "shoe_size": 43})
    assert await hub.tasks() == [("unbound", "erp customer shoe_size", 1)]
    async with hub.pool.acquire() as tx, tx.transaction():
        [task] = await hub.rows("SELECT id FROM hub.task")
        await steward.resolve_task(tx, hub.tenant, task["id"], "we do not need it", By("bo"))
    await hub.told("erp", "customer", "2", {"id": "2", "name": "B", "shoe_size": 44})
    assert await hub.tasks() == []


async def test_the_firms_own_fields_are_typed_and_undeclared_ones_are_refused(hub: Hub) -> None:
    async with hub.pool.acquire() as tx, tx.transaction():
        await steward.declare_extension_field(tx, hub.tenant, "client", "floor_area", "integer", By("bo"))
    client = await hub.told("crm", "client", "1", {"name": "A", "extra.floor_area": "1200", "extra.colour": "red"})
    assert await hub.values("client", client) == {"name": "A", "extra": {"floor_area": 1200}}
    assert (await hub.golden("client", client)).lineage["extra.floor_area"].rule == "owner"
    assert [cause for cause, *_ in await hub.tasks()] == ["unknown_field"]
