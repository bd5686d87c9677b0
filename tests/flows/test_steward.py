"""People decide; golden records follow, and every decision can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.core.policy import FieldPolicy, Policy
from hub.core.records import SourceKey
from hub.errors import RequestError
from hub.flows import contribute, replay, steward
from hub.flows.contribute import Expected
from hub.flows.receive import Origin
from hub.flows.steward import By
from hub.store.ids import new_id
from schema.systems import ERP
from tests.flows.conftest import Hub

BO = By("bo", "c-1")


async def test_an_override_outranks_every_source_until_it_is_withdrawn(hub: Hub) -> None:
    client = await hub.told("crm", "client", "1", {"name": "Acme"})
    async with hub.transaction() as (tx, config):
        decision = await steward.override(tx, config, "client", client, "name", "ACME!", BO, reason="their wish")
    await hub.told("crm", "client", "1", {"name": "Acme Ltd"})
    golden = await hub.golden("client", client)
    assert (golden.values["name"], golden.lineage["name"].decision_id) == ("ACME!", decision)
    async with hub.transaction() as (tx, config):
        await steward.withdraw(tx, config, decision, BO)
    assert (await hub.values("client", client))["name"] == "Acme Ltd"


async def test_an_override_with_an_end_falls_due_by_itself(hub: Hub) -> None:
    client = await hub.told("crm", "client", "1", {"name": "Acme"})
    until = datetime.now(UTC) + timedelta(seconds=0.4)
    async with hub.transaction() as (tx, config):
        await steward.override(tx, config, "client", client, "name", "Temporary", BO, reason="for now", until=until)
    assert (await hub.values("client", client))["name"] == "Temporary"
    await hub.pool.execute("SELECT pg_sleep(0.5)")
    await hub.settle()
    assert (await hub.values("client", client))["name"] == "Acme"
    causes = [row["cause"] for row in await hub.rows("SELECT cause FROM hub.change ORDER BY version")]
    assert causes == ["source", "decision", "time"]


async def test_an_override_until_its_source_changes_ends_with_the_next_new_value(hub: Hub) -> None:
    client = await hub.told("crm", "client", "1", {"name": "Acme"})
    async with hub.transaction() as (tx, config):
        await steward.override(tx, config, "client", client, "name", "Mended", BO, reason="typo", until_source_changes=True)
    await hub.told("crm", "client", "1", {"name": "Acme", "phone": "+49301234567"})
    assert (await hub.values("client", client))["name"] == "Mended"
    await hub.told("crm", "client", "1", {"name": "Acme Ltd"})
    assert (await hub.values("client", client))["name"] == "Acme Ltd"


async def test_an_override_needs_a_reason_and_a_value_of_the_field(hub: Hub) -> None:
    client = await hub.told("crm", "client", "1", {"name": "Acme"})
    for field, value, reason, code in (
        ("name", "x", " ", "REASON_REQUIRED"), ("nam", "x", "r", "UNKNOWN_FIELD"), ("blocked", {"a": 1}, "r", "INVALID_VALUE"),
        ("name", None, "r", "INVALID_VALUE"), ("state", "gone", "r", "INVALID_VALUE"),
    ):  # fmt: skip
        with pytest.raises(RequestError) as refused:
            async with hub.transaction() as (tx, config):
                await steward.override(tx, config, "client", client, field, value, BO, reason=reason)
        assert refused.value.code == code
    with pytest.raises(RequestError, match="over before it begins"):
        async with hub.transaction() as (tx, config):
            await steward.override(tx, config, "client", client, "name", "x", BO, reason="r", until=datetime(2020, 1, 1, tzinfo=UTC))
    assert await hub.rows("SELECT 1 FROM hub.decision") == []


async def test_an_unknown_code_is_one_task_and_mapping_it_releases_every_record(hub: Hub) -> None:
    from hub.store import configuration

    document = {"mappings": [{"object": "customer", "entity": "client", "fields": {"name": "name", "kind": "type"}}]}
    async with hub.pool.acquire() as tx, tx.transaction():
        await configuration.put_mapping(tx, hub.tenant, "erp", document)
    for number in range(3):
        await hub.tell("erp", "customer", str(number), {"id": str(number), "name": f"C{number}", "type": "GOV"})
    await hub.settle()
    assert await hub.tasks() == [("unknown_code", "erp CLIENT_KIND 'GOV'", 3)]
    assert [row["kind"] for row in await hub.rows("SELECT kind FROM golden.client")] == [None, None, None]
    async with hub.pool.acquire() as tx, tx.transaction():
        assert await steward.map_code(tx, hub.tenant, "erp", "CLIENT_KIND", "GOV", "public_body", BO) == 3
    await hub.settle()
    assert [row["kind"] for row in await hub.rows("SELECT kind FROM golden.client")] == ["public_body"] * 3
    assert await hub.tasks() == []
    assert await hub.rows("SELECT 1 FROM hub.inbox_outcome WHERE outcome <> 'unchanged'") == []


async def test_a_code_that_is_not_ours_never_gets_in_without_a_mapping_either(hub: Hub) -> None:
    client = await hub.told("crm", "client", "1", {"name": "Acme", "state": "active"})
    await hub.told("crm", "client", "1", {"name": "Acme", "state": "Vivant"})
    assert await hub.tasks() == [("unknown_code", "crm CLIENT_STATE 'Vivant'", 1)]
    assert (await hub.values("client", client))["state"] == "active"
    async with hub.pool.acquire() as tx, tx.transaction():
        assert await steward.map_code(tx, hub.tenant, "crm", "CLIENT_STATE", "Vivant", "dormant", BO) == 1
    await hub.settle()
    assert (await hub.values("client", client))["state"] == "dormant"
    assert await hub.tasks() == []


async def test_the_first_code_mapped_by_hand_keeps_those_of_ours_a_system_spoke(hub: Hub) -> None:
    async with hub.transaction() as (tx, _):
        await steward.map_code(tx, hub.tenant, "crm", "CLIENT_KIND", "GOV", "public_body", BO)
    async with hub.transaction() as (_, config):
        spoken = {one: config.codes.ours("crm", "CLIENT_KIND", one) for one in ("organisation", "public_body", "GOV", "X")}
        told = {one: config.codes.theirs("crm", "CLIENT_KIND", one) for one in ("organisation", "public_body")}
    assert spoken == {"organisation": "organisation", "public_body": "public_body", "GOV": "public_body", "X": None}
    assert told == {"organisation": "organisation", "public_body": "GOV"}


async def test_an_own_field_keeps_the_kind_it_was_declared_with(hub: Hub) -> None:
    client = await hub.told("crm", "client", "1", {"name": "Acme"})
    async with hub.transaction() as (tx, _):
        await steward.declare_extension_field(tx, hub.tenant, "client", "floor", "integer", BO)
    with pytest.raises(RequestError, match="of kind integer already"):
        async with hub.transaction() as (tx, _):
            await steward.declare_extension_field(tx, hub.tenant, "client", "floor", "text", BO)
    for field, value in (("extra.floor", "top"), ("extra.roof", "flat")):
        with pytest.raises(RequestError):
            async with hub.transaction() as (tx, config):
                await steward.override(tx, config, "client", client, field, value, BO, reason="r")
    async with hub.transaction() as (tx, config):
        await steward.override(tx, config, "client", client, "extra.floor", "7", BO, reason="r")
    assert (await hub.values("client", client))["extra"] == {"floor": 7}


async def test_a_refused_message_can_be_mended_and_resubmitted(hub: Hub) -> None:
    [kept] = await hub.tell("crm", "widget", "1", {"name": "Acme"})
    await hub.settle()
    async with hub.pool.acquire() as tx, tx.transaction():
        with pytest.raises(RequestError):
            await steward.resubmit(tx, hub.tenant, [999], BO, datetime.now(UTC))
    document = {"mappings": [{"object": "widget", "entity": "client", "fields": {"name": "name"}, "ignored": ["x"]}]}
    from hub.store import configuration

    async with hub.pool.acquire() as tx, tx.transaction():
        await configuration.put_mapping(tx, hub.tenant, "crm", document)
        await steward.resubmit(tx, hub.tenant, [kept.id], BO, datetime.now(UTC), b'{"name": "Acme mended"}')
    await hub.settle()
    assert [row["name"] for row in await hub.rows("SELECT name FROM golden.client")] == ["Acme mended"]
    assert await hub.tasks() == []


async def test_a_new_policy_is_applied_to_what_is_there(hub: Hub) -> None:
    client = await hub.told("crm", "client", "1", {"name": "Acme"})
    await hub.told("erp", "client", "2", {"name": "ACME GMBH"}, crm="client:1")
    async with hub.transaction() as (tx, config):
        await steward.set_policy(tx, config.tenant_id, Policy((FieldPolicy("client", "name", (ERP,)),)), "ERP knows best", BO)
    await hub.settle()
    assert (await hub.values("client", client))["name"] == "ACME GMBH"
    async with hub.transaction() as (tx, config):
        assert (await replay.verify(tx, config)).differences == []


async def test_a_person_can_part_what_a_rule_linked_and_the_rule_never_joins_it_again(hub: Hub) -> None:
    client = await hub.told("crm", "client", "1", {"name": "Acme"})
    await hub.told("erp", "client", "2", {"name": "ACME GMBH"}, crm="client:1")
    own = new_id()
    key = SourceKey("erp", "client", "2", "client")
    async with hub.transaction() as (tx, config):
        await steward.unlink(tx, config, key, own, "another firm", BO)
    await hub.told("erp", "client", "2", {"name": "ACME GMBH 2"}, crm="client:1")
    assert (await hub.values("client", own))["name"] == "ACME GMBH 2"
    assert (await hub.golden("client", client)).values == {"name": "Acme"}
    async with hub.transaction() as (tx, config):
        await steward.link(tx, config, key, client, "it is them after all", BO)
    assert await hub.golden_id("erp", "client", "2") == client
    assert (await hub.golden("client", own)).record_state == "inactive"
    async with hub.transaction() as (tx, config):
        [last] = await hub.rows("SELECT max(id) AS id FROM hub.decision WHERE kind = 'same'")
        await steward.withdraw(tx, config, last["id"], BO)
    assert await hub.golden_id("erp", "client", "2") == own
    assert (await hub.golden("client", own)).record_state == "active"


async def test_a_portal_contributes_under_the_golden_id_and_a_stale_version_is_refused(hub: Hub) -> None:
    origin, id_ = Origin(hub.tenant, "portal", "ida"), new_id()
    made = await contribute.contribute(
        hub.pool, origin, [contribute.portal_message("client", id_, {"name": "Portal Co"}, "k-a", "c")], hub.ingester.configurations
    )
    assert (await hub.values("client", id_)) == {"name": "Portal Co"}
    assert [change.golden_id for change in made.ingested.changes] == [id_]
    again = contribute.portal_message("client", id_, {"name": "Other"}, "k-b", "c")
    with pytest.raises(RequestError, match="version 1, not 7"):
        await contribute.contribute(hub.pool, origin, [again], hub.ingester.configurations, expected=[Expected("client", id_, 7)])
    dry = await contribute.contribute(hub.pool, origin, [again], hub.ingester.configurations, is_dry_run=True)
    assert [golden.values["name"] for golden in dry.goldens.values() if golden] == ["Other"]
    assert (await hub.values("client", id_)) == {"name": "Portal Co"}
    assert len(await hub.rows("SELECT 1 FROM hub.inbox")) == 1


async def test_an_approved_time_entry_is_held_and_a_steward_may_let_the_change_pass(hub: Hub) -> None:
    await hub.tell("psa", "resource", "r", {"given_name": "Bo", "family_name": "Ek"})
    await hub.tell("psa", "project", "p", {"code": "P1", "name": "Rollout"})
    refs = {"resource": {"system": "psa", "object": "resource", "id": "r"}, "project": {"system": "psa", "object": "project", "id": "p"}}
    hours = {**refs, "work_date": "2026-05-04", "quantity": {"value": "7.5", "unit": "hour"}, "state": "approved"}
    entry = await hub.told("psa", "time_entry", "t", hours)
    await hub.told("psa", "time_entry", "t", {**hours, "quantity": {"value": "8", "unit": "hour"}})
    assert (await hub.values("time_entry", entry))["quantity"]["value"] == "7.5"
    assert [cause for cause, *_ in await hub.tasks()] == ["locked"]
    [source] = await hub.rows("SELECT id FROM hub.source_record WHERE entity = 'time_entry'")
    async with hub.transaction() as (tx, config):
        await steward.accept(tx, config, source["id"], "quantity", "agreed with finance", BO)
    assert (await hub.values("time_entry", entry))["quantity"]["value"] == "8"
    assert await hub.tasks() == []


async def test_an_invoice_line_closes_with_its_issued_invoice(hub: Hub) -> None:
    eur = {"currency": "EUR"}
    totals = {"net": {"amount": "100.00", **eur}, "tax": {"amount": "0.00", **eur}, "gross": {"amount": "100.00", **eur}}
    await hub.tell("erp", "invoice", "i", {"currency": "EUR", "number": "R-1", "state": "issued", **totals})
    line = {"invoice": {"system": "erp", "object": "invoice", "id": "i"}, "line_no": 1, "net": {"amount": "100.00", **eur}}
    made = await hub.told("erp", "invoice_line", "i|1", line)
    await hub.told("erp", "invoice_line", "i|1", {**line, "net": {"amount": "90.00", **eur}})
    assert (await hub.values("invoice_line", made))["net"]["amount"] == "100.00"
    assert [cause for cause, *_ in await hub.tasks()] == ["locked"]
