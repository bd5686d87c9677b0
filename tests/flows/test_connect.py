"""Connecting a system from one document: what is stored, what is kept secret, and what is refused before anything is stored."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub import connecting
from hub.connections import Connections
from hub.errors import RequestError, SetupError
from hub.flows import steward, undo
from hub.flows.actions import By
from hub.flows.connect import about, connect
from hub.settings import Settings
from hub.store import secrets
from schema.mapping_lines import MappingError
from tests.flows.conftest import Hub

SECRET_KEY = "a secret key of this test"
CONFIGS = Path(__file__).parents[2] / "connectors" / "simulator" / "configs"
LEDGER: dict[str, Any] = {
    "system": "ledger", "kind": "erp", "connector": "rest", "base_url": "${LEDGER_URL}", "corrects": True, "rank": 3,
    "auth": {"kind": "bearer", "token": "${LEDGER_TOKEN}"},
    "resources": {"customer": {"list": {"path": "customers", "items": "data"}, "id": "no"}, "invoice": {"list": {"path": "invoices", "items": "data"}}},
    "mappings": [{"object": "customer", "entity": "client", "id": "no", "fields": {"name": "title"}}],
    "code_maps": {"CURRENCY": {"Euro": "EUR"}},
}  # fmt: skip
VARIABLES = {"LEDGER_URL": "http://ledger.example", "LEDGER_TOKEN": "very secret", "PATH": "/bin"}


async def stored(hub: Hub) -> dict[str, Any]:
    (row,) = await hub.rows("SELECT * FROM hub.system WHERE tenant_id = $1 AND name = 'ledger'", hub.tenant)
    return row


async def connect_ledger(hub: Hub, document: dict[str, Any] = LEDGER) -> None:
    await connecting.connect_document(hub.pool, Settings(secret_key=SECRET_KEY), hub.tenant, document, VARIABLES, "ledger.yaml")


async def test_a_document_becomes_a_system_with_mapping_codes_and_polls(hub: Hub) -> None:
    await connect_ledger(hub)
    row = await stored(hub)
    assert (row["kind"], row["connector"], row["corrects"], row["rank"]) == ("erp", "rest", True, 3)
    async with hub.transaction() as (_, config):
        assert [one.entity for one in config.mappings["ledger", "customer"]] == ["client"]
        assert config.codes.ours("ledger", "CURRENCY", "Euro") == "EUR"
    polled = await hub.rows("SELECT resource, checkpoint FROM hub.checkpoint WHERE tenant_id = $1 ORDER BY resource", hub.tenant)
    assert polled == [{"resource": "customer", "checkpoint": ""}, {"resource": "invoice", "checkpoint": ""}]


async def test_of_several_codes_the_first_of_the_document_is_written_until_a_person_says_another(hub: Hub) -> None:
    await connect_ledger(hub, LEDGER | {"code_maps": {"TIER": {"Prime": "A", "Best": "A", "Second": "B"}}})

    async def written() -> str | None:
        async with hub.transaction() as (_, config):
            return config.codes.theirs("ledger", "TIER", "A")

    assert await written() == "Prime"
    async with hub.transaction() as (tx, _):
        await steward.map_code(tx, hub.tenant, "ledger", "TIER", "Best", "A", By("bo"), is_default=True)
    assert await written() == "Best"
    async with hub.transaction() as (tx, config):
        action_id = await tx.fetchval("SELECT max(id) FROM hub.action WHERE kind = 'map_code'")
        await undo.undo(tx, config, action_id, By("bo"))
    assert await written() == "Prime"


async def test_tables_of_a_document_keep_their_order(hub: Hub) -> None:
    codes = {"Not for sale": True, "Gone": True, "No": False}
    fields = {"name": "title", "blocked": {"path": "sale", "codes": codes}}
    resources = {name: LEDGER["resources"]["customer"] for name in ("zone", "customer", "a")}
    await connect_ledger(hub, LEDGER | {"resources": resources, "mappings": [LEDGER["mappings"][0] | {"fields": fields}]})
    config = (await stored(hub))["config"]
    assert (list(config["resources"]), config["resources"]) == (["zone", "customer", "a"], resources)
    async with hub.transaction() as (_, configuration):
        (mapping,) = configuration.mappings["ledger", "customer"]
        assert mapping.write({"blocked": True}, configuration.codes) == {"sale": "Not for sale"}


async def test_secrets_are_kept_encrypted_and_only_those_the_document_names(hub: Hub) -> None:
    await connect_ledger(hub)
    row = await stored(hub)
    assert "very secret" not in json.dumps(row["config"]) and b"very secret" not in row["secrets"]
    opened = json.loads(secrets.decrypt(SECRET_KEY, row["secrets"], about(hub.tenant, "ledger")))
    assert opened == {"LEDGER_URL": "http://ledger.example", "LEDGER_TOKEN": "very secret"}


async def test_a_connected_system_can_be_reached_by_every_process(hub: Hub) -> None:
    await connect_ledger(hub, LEDGER | {"poll_every_s": 5})
    connections = Connections(hub.pool, Settings(secret_key=SECRET_KEY))
    try:
        first = await connections.get(hub.tenant, "ledger")
        assert first is not None and set(first.capabilities.resources) == {"customer", "invoice"}
        assert await connections.get(hub.tenant, "ledger") is first
        await connect_ledger(hub, LEDGER | {"resources": {"customer": LEDGER["resources"]["customer"]}})
        second = await connections.get(hub.tenant, "ledger")
        assert second is not None and second.capabilities.resources == ("customer",)
        assert await connections.get(hub.tenant, "unheard_of") is None
    finally:
        await connections.aclose()


async def test_a_document_may_say_where_a_record_is_seen_in_its_system(hub: Hub) -> None:
    links = {"customer": "https://ledger.example/customers/{id}"}
    await connect_ledger(hub, LEDGER | {"deep_links": links})
    assert (await stored(hub))["deep_links"] == links
    with pytest.raises(RequestError, match="no address with {id} in it"):
        await connect_ledger(hub, LEDGER | {"deep_links": {"customer": "javascript:alert(1)"}})


async def test_connecting_again_is_a_new_mapping_and_keeps_where_polls_resume(hub: Hub) -> None:
    await connect_ledger(hub)
    await hub.pool.execute("UPDATE hub.checkpoint SET checkpoint = '42' WHERE tenant_id = $1 AND resource = 'customer'", hub.tenant)
    await connect_ledger(hub)
    rows = await hub.rows("SELECT resource, checkpoint FROM hub.checkpoint WHERE tenant_id = $1 ORDER BY resource", hub.tenant)
    assert [row["checkpoint"] for row in rows] == ["42", ""]
    assert await hub.rows("SELECT max(version) FROM hub.mapping WHERE tenant_id = $1 AND system = 'ledger'", hub.tenant) == [{"max": 2}]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"kind": "erpp"}, "'erpp' is no kind of system"),
        ({"system": "hub"}, "'hub' cannot name a system"),
        ({"system": "Ledger 2"}, "'Ledger 2' cannot name a system"),
    ],
)
async def test_a_document_without_name_or_kind_is_refused(hub: Hub, change: dict[str, Any], told: str) -> None:
    with pytest.raises(RequestError, match=told):
        async with hub.transaction() as (tx, _):
            await connect(tx, hub.tenant, LEDGER | change, VARIABLES, SECRET_KEY)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"connector": "telex"}, "ledger.yaml: there is no connector 'telex'"),
        ({"resourcs": {}}, "unknown key"),
        ({"base_url": "${LEDGER_ADDRESS}"}, "the variable LEDGER_ADDRESS is not set"),
        ({"mappings": [{"object": "customer", "entity": "client", "fields": {"nmae": "title"}}]}, "nmae"),
    ],
)
async def test_what_cannot_work_is_refused_by_name_and_stores_nothing(hub: Hub, change: dict[str, Any], told: str) -> None:
    with pytest.raises(SetupError, match=told):
        await connect_ledger(hub, LEDGER | change)
    assert await hub.rows("SELECT name FROM hub.system WHERE tenant_id = $1 AND name = 'ledger'", hub.tenant) == []


async def test_a_mapping_that_cannot_be_read_names_its_place(hub: Hub) -> None:
    with pytest.raises(MappingError, match="mappings"):
        async with hub.transaction() as (tx, _):
            await connect(tx, hub.tenant, LEDGER | {"mappings": [{"object": "customer"}]}, VARIABLES, SECRET_KEY)


async def test_the_command_names_tenants_and_files_it_cannot_use(hub: Hub, settings: Settings, tmp_path: Path) -> None:
    live = replace(settings, secret_key=SECRET_KEY)
    with pytest.raises(RequestError, match="there is no tenant 'nroth'; known are north"):
        await connecting.main(live, "nroth", CONFIGS / "crm.yaml", VARIABLES)
    bad = tmp_path / "bad.yaml"
    bad.write_text("system: [")
    with pytest.raises(SetupError, match="bad.yaml cannot be read as YAML"):
        await connecting.main(live, "north", bad, VARIABLES)


@pytest.mark.parametrize("name", ["crm", "psa", "erp"])
async def test_the_simulated_systems_are_connected_from_their_files(
    hub: Hub, settings: Settings, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    live = replace(settings, secret_key=SECRET_KEY)
    assert await connecting.main(live, "north", CONFIGS / f"{name}.yaml", {f"{name.upper()}_URL": "http://127.0.0.1:1"}) == 0
    assert capsys.readouterr().out.startswith(f"{name} is connected to north. It is polled for ")


async def test_a_firm_extends_the_document_that_comes_with_a_connector(hub: Hub) -> None:
    document = {
        "system": "sales", "extends": "salesforce", "base_url": "https://acme.my.salesforce.com", "currency": "EUR",
        "auth": {"client_id": "hub", "client_secret": "${SF_SECRET}"}, "resources": {"OrderItem": None},
    }  # fmt: skip
    await connecting.connect_document(hub.pool, Settings(secret_key=SECRET_KEY), hub.tenant, document, {"SF_SECRET": "s3cret"}, "sales.yaml")
    row = await hub.pool.fetchrow("SELECT connector, kind, config FROM hub.system WHERE tenant_id = $1 AND name = 'sales'", hub.tenant)
    assert (row["connector"], row["kind"], "s3cret" in str(row["config"])) == ("salesforce", "crm", False)
    polled = {row["resource"] for row in await hub.rows("SELECT resource FROM hub.checkpoint WHERE system = 'sales'")}
    assert polled == {"User", "Account", "Contact", "Opportunity", "Contract", "Product2", "Pricebook2", "PricebookEntry"}
