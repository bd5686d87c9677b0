"""Adding a system: every step is kept, nothing of the firm's changes before observe, and secrets are never given back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.memory import ANYTHING, MemoryConnector, MemorySystem
from hub.app import resources_of
from hub.core.onboarding import Draft
from hub.errors import RequestError
from hub.files import read_records
from hub.flows import onboarding, onboarding_samples
from hub.flows.onboarding_step import Place, Tools, look
from hub.flows.steward import By
from hub.settings import Settings
from hub.store.ids import new_id
from tests.conftest import Database
from tests.flows.conftest import Hub

ACCOUNTS = b"""Id;AccountName;BillingCity;BillingCountry;Sort;Reg
1;Aurora Ltd;London;GB;Org;
2;Borealis;Bonn;DE;Org;HRB 4711
3;Celeste;Bern;CH;Verein;
4;Broken "line
"""


async def nothing(tenant_id: int, system: str) -> None:
    return None


TOOLS = Tools(read_records, nothing, resources_of)


def place(hub: Hub, system: str = "books", actor: str = "admin:ada") -> Place:
    return Place(hub.pool, hub.tenant, system, By(actor))


def settings_of(database: Database) -> Settings:
    return replace(database.settings, secret_key="k" * 32)


async def with_accounts(hub: Hub, settings: Settings) -> Place:
    at = place(hub)
    await onboarding.begin(at, "bill")
    await onboarding.connect(at, settings, TOOLS, "", "", {})
    await onboarding_samples.take_file(at, TOOLS, "account", "accounts.csv", ACCOUNTS)
    return at


async def test_a_file_is_read_and_its_columns_placed_by_suggestion(hub: Hub, database: Database) -> None:
    at = await with_accounts(hub, settings_of(database))
    held = await look(at)
    draft = held.state.objects["account"]
    assert (held.step, draft.entity, draft.id) == ("fields", "client", "Id")
    assert {name: target for name, (target, _) in draft.columns.items()} == {
        "Id": "", "AccountName": "name", "BillingCity": "city", "BillingCountry": "country", "Sort": "", "Reg": "",
    }  # fmt: skip
    assert draft.undecided == ["Sort", "Reg"]


async def test_somebody_else_goes_on_where_the_first_one_left(hub: Hub, database: Database) -> None:
    at = await with_accounts(hub, settings_of(database))
    other = place(hub, actor="admin:grace")
    await onboarding.begin(other, "erp")
    held = await look(other)
    assert (held.state.kind, held.updated_by, list(held.state.objects)) == ("bill", "admin:ada", ["account"])
    await onboarding.finish(at)
    with pytest.raises(RequestError, match="nobody is adding"):
        await look(other)


def mapped(draft: Draft, **more: str) -> Draft:
    draft.columns |= {column: (target, {}) for column, target in more.items()}
    return draft


async def test_what_cannot_be_read_is_kept_as_typed_and_named(hub: Hub, database: Database) -> None:
    at = await with_accounts(hub, settings_of(database))
    draft = (await look(at)).state.objects["account"]
    draft.columns["Reg"] = ("registration_no", {"as": "magic"})
    with pytest.raises(RequestError, match=r"account: mappings\[0\].fields.registration_no.as: expected one of"):
        await onboarding.put_fields(at, draft)
    held = await look(at)
    assert (held.step, held.state.objects["account"].columns["Reg"]) == ("fields", ("registration_no", {"as": "magic"}))


async def test_codes_of_the_sample_are_counted_and_mapping_one_keeps_our_words_it_speaks(hub: Hub, database: Database) -> None:
    at = await with_accounts(hub, settings_of(database))
    await onboarding.put_fields(at, mapped((await look(at)).state.objects["account"], Sort="kind", Reg="registration_no"))
    assert await onboarding.unmapped_codes(at, TOOLS) == [
        {"set": "CLIENT_KIND", "theirs": "Org", "count": 2}, {"set": "CLIENT_KIND", "theirs": "Verein", "count": 1},
    ]  # fmt: skip
    await onboarding.put_codes(at, [("CLIENT_KIND", "Org", "organisation")])
    assert await onboarding.unmapped_codes(at, TOOLS) == [{"set": "CLIENT_KIND", "theirs": "Verein", "count": 1}]
    entries = {(entry.theirs, entry.ours, entry.direction) for entry in (await look(at)).state.code_entries()}
    assert {("Org", "organisation", "both"), ("organisation", "organisation", "in"), ("person", "person", "both")} <= entries
    with pytest.raises(RequestError, match="is not a value of CLIENT_KIND"):
        await onboarding.put_codes(at, [("CLIENT_KIND", "Verein", "club")])


async def test_a_file_goes_from_trial_to_golden_records_and_back_out_of_the_wizard(hub: Hub, database: Database) -> None:
    settings = settings_of(database)
    borealis = await hub.told("crm", "client", "c1", {"name": "Borealis AG", "registration_no": "HRB 4711", "country": "DE"})
    at = await with_accounts(hub, settings)
    await onboarding.put_fields(at, mapped((await look(at)).state.objects["account"], Sort="kind", Reg="registration_no"))
    with pytest.raises(RequestError, match="nobody has tried"):
        await onboarding.observe(at, settings, TOOLS)
    trial = await onboarding.try_out(at, TOOLS)
    assert (dict(trial.counts), trial.records, trial.incomplete) == ({"created": 2, "linked": 1, "refused": 1}, 4, 3)
    assert [one["external_id"] for one in trial.samples["refused"]] == ["line 5"]
    assert await hub.rows("SELECT * FROM hub.mapping") == []

    assert await onboarding.observe(at, settings, TOOLS) == ("account",)
    await onboarding.load_files(at, TOOLS, ("account",))
    told = (await look(at)).state.loads["account"]
    assert (told["state"], told["read"], told["quarantined"], told["golden"]) == ("done", 4, 1, {"client": 3})
    assert await hub.golden_id("books", "account", "2") == borealis
    assert not await onboarding.end_first_load(at, settings, new_id)
    await onboarding.finish(at)
    assert await hub.rows("SELECT name, loading FROM hub.system WHERE name = 'books'") == [{"name": "books", "loading": False}]
    assert await hub.rows("SELECT * FROM hub.onboarding_file") == []


async def test_a_connected_system_is_sampled_observed_and_shows_what_it_would_be_sent(hub: Hub, database: Database) -> None:
    settings = settings_of(database)
    system = MemorySystem(name="crm3", objects={"account": ANYTHING})
    for number in range(3):
        system.put("account", f"a{number}", {"Name": f"Client {number}", "City": "Bonn"})

    async def connector_of(tenant_id: int, name: str) -> Any:
        return MemoryConnector(system)

    tools = Tools(read_records, connector_of, lambda document, variables: ("account",))
    at = place(hub, "crm3")
    await onboarding.begin(at, "crm")
    await onboarding.connect(at, settings, tools, "memory", "", {})
    assert await onboarding_samples.fetch_samples(at, tools) == {"account": 3}
    draft = (await look(at)).state.objects["account"]
    assert {name: target for name, (target, _) in draft.columns.items()}.items() >= {"Name": "name", "City": "city"}.items()
    draft.columns = {"Name": ("name", {}), "City": ("city", {})}
    await onboarding.put_fields(at, draft)
    assert dict((await onboarding.try_out(at, tools)).counts) == {"created": 3}
    assert await onboarding.observe(at, settings, tools) == ()  # what was fetched to look at is polled, not loaded
    assert [row["resource"] for row in await hub.rows("SELECT resource FROM hub.checkpoint")] == ["account"]
    assert await onboarding.end_first_load(at, settings, new_id)
    [made] = await hub.rows("SELECT name, kind, state, filter FROM hub.subscription")
    assert made == {"name": "crm3", "kind": "connector", "state": "active", "filter": {"entities": ["client"]}}


async def test_secrets_are_kept_without_being_sent_again_and_never_shown(hub: Hub, database: Database) -> None:
    settings = settings_of(database)
    at = place(hub, "crm2")
    await onboarding.begin(at, "crm")
    document = "base_url: https://crm.example\nauth: {kind: bearer, token: '${CRM_TOKEN}'}\nresources: {account: {list: {path: a, items: i}, id: Id}}\n"
    with pytest.raises(RequestError, match="CRM_TOKEN") as refused:
        await onboarding.connect(at, settings, TOOLS, "rest", document, {})
    assert refused.value.remedy == "Give CRM_TOKEN a value."
    assert await onboarding.connect(at, settings, TOOLS, "rest", document, {"CRM_TOKEN": "s3cret-value"}) == ("account",)
    assert await onboarding.connect(at, settings, TOOLS, "rest", document, {"CRM_TOKEN": ""}) == ("account",)
    assert await onboarding.held_variables(at, settings) == {"CRM_TOKEN"}
    everything = str(await hub.rows("SELECT state::text, (SELECT config::text FROM hub.system WHERE name = 'crm2') FROM hub.onboarding"))
    assert "s3cret-value" not in everything
    assert await hub.rows("SELECT * FROM hub.checkpoint") == []


@pytest.mark.parametrize(
    ("name", "kind", "code"), [("CRM!", "crm", "INVALID_VALUE"), ("hub", "crm", "INVALID_VALUE"), ("crm9", "bank", "INVALID_VALUE")]
)
async def test_a_name_or_kind_that_cannot_be_is_refused(hub: Hub, name: str, kind: str, code: str) -> None:
    with pytest.raises(RequestError) as refused:
        await onboarding.begin(place(hub, name), kind)
    assert refused.value.code == code
