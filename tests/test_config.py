"""A tenant's configuration carried from one environment into another, by the command."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub import connecting
from hub.core import policy as policies
from hub.core.configuration import Configuration
from hub.errors import RequestError
from hub.flows import plans, promote, steward, subscriptions
from hub.flows.people import set_rules
from hub.flows.tenants import ensure_tenant
from hub.promoting import BY
from hub.settings import Settings
from hub.store import configuration
from hub.store.ids import new_id
from hub.store.pool import Pool
from hub.store.statements import Connection
from schema.code_maps import CodeEntry
from tests.conftest import Database
from tests.connectors.subjects import CONFIGS
from tests.flows.delivering import worker_pool

SECRETS = {"CRM_SECRET": "very secret indeed", "CRM_WEBHOOK_SECRET": "another secret"}
OWNERS = {**policies.default_policy().to_json(), "fields": [{"entity": "client", "field": "name", "owner": ["erp", "crm"]}]}


@dataclass
class Firm:
    """A database with tenants, and the command on it."""

    pool: Pool
    settings: Settings
    file: Path

    async def said(self, *arguments: str, **environment: str) -> tuple[int, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub", "config", *arguments, env=kept | self.settings.for_child() | environment, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode or 0, (out + err).decode()

    async def tenant(self, slug: str) -> int:
        async with self.pool.acquire() as tx, tx.transaction():
            return await ensure_tenant(tx, slug)

    async def document(self, tenant_id: int) -> dict[str, Any]:
        async with self.pool.acquire() as tx, tx.transaction():
            return await promote.exported(tx, await _read(tx, tenant_id))


async def _read(tx: Connection, tenant_id: int) -> Configuration:
    return await configuration.ConfigurationCache().get(tx, tenant_id)


@pytest.fixture
async def firm(database: Database, settings: Settings, tmp_path: Path) -> AsyncIterator[Firm]:
    async with worker_pool(database, 3) as pool:
        yield Firm(pool, settings, tmp_path / "firm.yaml")


@pytest.fixture
async def north(firm: Firm) -> int:
    """A tenant with a bit of everything that can be configured."""
    tenant = await firm.tenant("north")
    document = yaml.safe_load(re.sub(r":-[^}]*}", "}", (CONFIGS / "crm.yaml").read_text()))
    document["base_url"] = "http://127.0.0.1:1"
    await connecting.connect_document(firm.pool, firm.settings, tenant, document, SECRETS, "crm.yaml")
    async with firm.pool.acquire() as tx, tx.transaction():
        await steward.declare_extension_field(tx, tenant, "client", "tier", "text", BY)
        await steward.set_policy(tx, tenant, policies.from_json(OWNERS), "ours", BY)
        await set_rules(tx, await _read(tx, tenant), "routing", {"rules": [{"cause": ["brake"], "team": "pmo"}]})
        await configuration.put_codes(tx, tenant, [CodeEntry("crm", "CLIENT_STATE", "Old one", "inactive", "in", True)])
    await subscriptions.set_mode(firm.pool, tenant, "crm", "client", "*", "write", "ada")
    await subscriptions.create_subscription(
        firm.pool, firm.settings, tenant, subscription_id=new_id(), name="to crm", kind="connector", system="crm", filter={"entities": ["client"]}
    )
    return tenant


async def test_what_one_environment_has_stands_in_another_without_secrets_and_without_its_right_to_write(firm: Firm, north: int) -> None:
    code, out = await firm.said("export", str(firm.file), "--tenant", "north")
    assert (code, out) == (0, "The configuration of north is in firm.yaml.\n")
    text = firm.file.read_text()
    assert "${CRM_SECRET}" in text and not [secret for secret in SECRETS.values() if secret in text]
    south = await firm.tenant("south")
    code, out = await firm.said("apply", str(firm.file), "--tenant", "south")
    assert code == 2 and "CRM_SECRET (of crm), CRM_WEBHOOK_SECRET (of crm)" in out
    code, out = await firm.said("apply", str(firm.file), "--tenant", "south", "--dry-run", **SECRETS)
    assert (code, out.splitlines()) == (0, [
        "new        settings.routing", "new        extension_fields.client", "new        policy.document", "new        systems.crm",
        "new        subscriptions.to crm", "5 would change. Nothing was changed.",
    ])  # fmt: skip
    assert await firm.document(south) == {"hub_configuration": 1, **{part: {} for part in promote.PARTS}}
    code, out = await firm.said("apply", str(firm.file), "--tenant", "south", **SECRETS)
    assert (code, out.splitlines()[-1]) == (0, "5 changed.")
    ours, theirs = await firm.document(north), await firm.document(south)
    assert ours["systems"]["crm"].pop("modes") == {"client.*": "write"}
    assert theirs == ours
    code, out = await firm.said("apply", str(firm.file), "--tenant", "south")  # variables it has are kept
    assert (code, out) == (0, "Nothing is different.\n")
    code, out = await firm.said("apply", str(firm.file), "--tenant", "south", "--with-modes")
    assert (code, out.splitlines()) == (0, ["changed    systems.crm: modes", "1 changed."])
    assert (await firm.document(south))["systems"]["crm"]["modes"] == {"client.*": "write"}


async def test_owners_that_would_change_records_become_a_plan(firm: Firm, north: int) -> None:
    await firm.said("export", str(firm.file), "--tenant", "north")
    document = yaml.safe_load(firm.file.read_text())
    document["policy"]["document"]["fields"][0]["owner"] = ["crm"]
    firm.file.write_text(yaml.safe_dump(document))
    await firm.pool.execute(
        "INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, state, golden_id, \"values\", since, first_seen_at, updated_at) "
        "VALUES ($1, 'crm', 'account', '1', 'client', 'present', $2, '{}', '{}', now(), now())",
        north, new_id(),
    )  # fmt: skip
    code, out = await firm.said("apply", str(firm.file), "--tenant", "north")
    assert (code, out.splitlines()[0], out.splitlines()[-1]) == (0, "changed    policy.document: fields", "1 changed."), out
    async with firm.pool.acquire() as tx, tx.transaction():
        here = await _read(tx, north)
        assert here.policy.to_json()["fields"][0]["owner"] == ["erp", "crm"]
        plan = await plans.need(tx, north, await tx.fetchval("SELECT max(id) FROM hub.plan WHERE tenant_id = $1", north))
    assert f"plan {plan.id} waits" in out and plan.given["fields"][0]["owner"] == ["crm"]


@pytest.mark.parametrize(
    ("document", "field"),
    [([], "hub_configuration"), ({"systems": {}}, "hub_configuration"), ({"hub_configuration": 1, "sytems": {}}, "sytems"),
     ({"hub_configuration": 1, "systems": []}, "hub_configuration"), ({"hub_configuration": 1, "policy": [1]}, "policy")],
)  # fmt: skip
def test_a_document_that_is_none_is_refused_with_the_place(document: Any, field: str) -> None:
    if document == {"hub_configuration": 1, "systems": []}:
        assert promote.check(document)["systems"] == {}
        return
    with pytest.raises(RequestError) as error:
        promote.check(document)
    assert error.value.field == field
