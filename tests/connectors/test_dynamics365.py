"""Dynamics 365 beyond the suite: tokens, tracked changes, references and choices by metadata, batches, webhooks, errors, mapping."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from connectors.conformance import present, raises, read_all
from connectors.dynamics365.connector import DynamicsConnector
from connectors.dynamics365.simulator.server import CLIENT_ID, TENANT, WEBHOOK_KEY, Dataverse
from connectors.errors import ConfigurationError, CredentialsError, RateLimitedError, RejectedError, SchemaDriftError, SignatureError
from connectors.port import Receipt, Write
from connectors.shipped import extended
from connectors.simulator.base import Fault
from connectors.simulator.rules import Refusal
from connectors.wire import parse_json
from schema.code_maps import CodeMaps
from schema.mapping import unbound
from schema.mapping_file import load_code_maps, load_mappings
from tests.connectors.vendors.dynamics365 import DynamicsSubject, subject as dynamics365


@pytest.fixture
async def org() -> AsyncIterator[DynamicsSubject]:
    found = await dynamics365()
    yield found
    await found.close()


def connected(org: DynamicsSubject, **more: Any) -> DynamicsConnector:
    document = {**org.document(), **more}
    made = org._connected({key: value for key, value in document.items() if value is not None})
    assert isinstance(made, DynamicsConnector)
    return made


def server(org: DynamicsSubject) -> Dataverse:
    assert isinstance(org.running, Dataverse)
    return org.running


def row(org: DynamicsSubject, table: str, **wanted: Any) -> Any:
    return next(one for one in org.running.store.table(table) if all(one.fields.get(name) == value for name, value in wanted.items()))


# --- signing in ------------------------------------------------------------------------------------------------------


async def test_one_signs_in_by_a_certificate_too_and_a_wrong_one_is_told(org: DynamicsSubject) -> None:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    server(org).public_key = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    auth = {"tenant": TENANT, "client_id": CLIENT_ID, "private_key": private, "thumbprint": "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg", "authority": org.running.url}
    assert (await connected(org, auth=auth).poll("account", "")).messages
    assert (await connected(org, auth={**auth, "algorithm": "RS256"}).poll("account", "")).messages
    server(org).public_key = rsa.generate_private_key(65537, 2048).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    error = await raises(CredentialsError, connected(org, auth=auth).poll("account", ""))
    assert "invalid_client" in str(error)
    await raises(CredentialsError, connected(org, auth={**auth, "tenant": "somebody-else"}).poll("account", ""))


async def test_an_organisation_without_an_application_user_is_a_matter_of_credentials(org: DynamicsSubject, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = org.running.error(Refusal("0x80072560", "", "The user is not a member of the organization.", 403))
    monkeypatch.setattr(org.running, "unauthorized", lambda: refused)
    monkeypatch.setattr(org.running, "is_allowed", lambda request: False)
    await raises(CredentialsError, connected(org).poll("account", ""))


# --- reading ---------------------------------------------------------------------------------------------------------


async def test_tracked_changes_tell_what_was_deleted_and_a_lapsed_link_begins_anew(org: DynamicsSubject) -> None:
    ids = await org.enter(3)
    connector = connected(org)
    _, checkpoint, first = await read_all(connector, "account")
    await org.delete(ids[0])
    await org.change(ids[1])
    later, checkpoint, last = await read_all(connector, "account", checkpoint)
    assert {(one.external_id, one.is_delete) for one in later} == {(ids[0], True), (ids[1], False)}
    assert first.is_complete_listing and not last.is_complete_listing and "deltatoken" in checkpoint
    server(org).lists.lapsed = "9999"
    everything, _, last = await read_all(connector, "account", checkpoint)
    assert present(everything) == await org.ids() and last.is_complete_listing


async def test_a_table_that_is_not_tracked_is_read_by_the_instant_of_change(org: DynamicsSubject) -> None:
    server(org).lists.untracked.add("account")
    ids = await org.enter(250)
    connector = connected(org)
    messages, checkpoint, _ = await read_all(connector, "account")
    assert present(messages) == await org.ids() and '"since"' in checkpoint
    await org.change(ids[7])
    later, _, _ = await read_all(connector, "account", checkpoint)
    assert ids[7] in present(later)


async def test_a_record_says_its_currency_its_labels_and_whom_it_refers_to(org: DynamicsSubject) -> None:
    connector = connected(org)
    account = row(org, "account", name="Nordlicht Logistik")
    person = row(org, "contact", lastname="Brandt", _parentcustomerid_value=account.id)
    org.running.put("contact", None, {"lastname": "Assistant", "_parentcustomerid_value": person.id})
    accounts = {parse_json(one.body)["name"]: parse_json(one.body) for one in (await read_all(connector, "account"))[0]}
    contacts = {parse_json(one.body)["lastname"]: parse_json(one.body) for one in (await read_all(connector, "contact"))[0]}
    deals = [parse_json(one.body) for one in (await read_all(connector, "opportunity"))[0]]
    assert accounts["Nordlicht Logistik"]["industrycode"] == "Transportation"
    assert contacts["Assistant"]["_parentcustomerid_value"] is None, "a contact is no client"
    assert (deals[0]["estimatedvalue"], deals[0]["currency"]) == (Decimal("184000.00"), "EUR")
    assert not [name for name in deals[0] if "@" in name]


async def test_a_loser_of_a_merge_leads_to_its_winner(org: DynamicsSubject) -> None:
    winner, loser = await org.enter(2)
    connector = connected(org)
    _, checkpoint, _ = await read_all(connector, "account")
    server(org).control_merge({"object": "account", "winner": winner, "loser": loser})
    (message,), _, _ = await read_all(connector, "account", checkpoint)
    assert (message.external_id, message.is_delete, message.merged_into) == (loser, True, winner)


async def test_a_firms_own_columns_are_read_besides(org: DynamicsSubject) -> None:
    resources = org.document()["resources"]
    own = connected(org, resources={**resources, "account": {**resources["account"], "columns": ["creditlimit"]}})
    messages, _, _ = await read_all(own, "account")
    assert "creditlimit" in parse_json(messages[0].body)


async def test_the_organisation_describes_itself(org: DynamicsSubject) -> None:
    connector = connected(org, kind="psa")
    service = await connector.service_of(connector.odata.sets["msdyn_timeentry"]).metadata()
    for one in connector.odata.sets.values():
        known = service.sets[one.set]
        assert known.key == one.key and {name for name, type in one.types.items() if known.types.get(name, type) != type} == set(), one.name
    assert service.sets["msdyn_timeentries"].navigations["msdyn_projectTask"] == "Microsoft.Dynamics.CRM.msdyn_projecttask"


async def test_a_currency_that_is_new_is_learned_when_a_record_names_it(org: DynamicsSubject) -> None:
    connector = connected(org)
    _, checkpoint, _ = await read_all(connector, "opportunity")
    yen = org.running.put("transactioncurrency", None, {"isocurrencycode": "JPY", "currencyname": "Yen", "currencyprecision": 0}).id
    org.running.put("opportunity", None, {"name": "Tokyo", "estimatedvalue": 5_000_000, "_transactioncurrencyid_value": yen})
    (message,), _, _ = await read_all(connector, "opportunity", checkpoint)
    assert parse_json(message.body)["currency"] == "JPY"


async def test_columns_of_older_versions_stand_in_and_a_column_that_is_gone_is_told(org: DynamicsSubject) -> None:
    connector = connected(org, kind="psa")
    (message,), _, _ = await read_all(connector, "msdyn_contractlinescheduleofvalue")
    assert parse_json(message.body)["msdyn_milestonedate"] == "2026-05-29", "this organisation calls it msdyn_invoicedate"
    tasks, _, _ = await read_all(connector, "msdyn_projecttask")
    assert "msdyn_wbsid" not in parse_json(tasks[0].body) and parse_json(tasks[0].body)["msdyn_ismilestone"] is False
    resources = org.document()["resources"]
    gone = connected(org, resources={**resources, "account": {**resources["account"], "select": ["name", "nb_gone"], "lookups": None, "labels": None}})
    error = await raises(SchemaDriftError, gone.poll("account", ""))
    assert error.path == "nb_gone"


async def test_days_begin_where_the_firm_is(org: DynamicsSubject) -> None:
    org.running.put("msdyn_project", row(org, "msdyn_project").id, {"msdyn_scheduledstart": "2026-03-01T23:30:00Z"})
    days = {}
    for zone in ("UTC", "Europe/Berlin"):
        messages, _, _ = await read_all(connected(org, kind="psa", zone=zone), "msdyn_project")
        days[zone] = parse_json(messages[0].body)["msdyn_scheduledstart"] if zone == "UTC" else {parse_json(one.body)["msdyn_scheduledstart"] for one in messages}
    assert days["Europe/Berlin"] == {"2026-03-02"}
    berlin = connected(org, kind="psa", zone="Europe/Berlin")
    project = row(org, "msdyn_project")
    await berlin.write(Write("k", "update", "msdyn_project", "project", project.id, {"msdyn_scheduledstart": "2026-07-01"}))
    assert org.running.store.rows["msdyn_project"][project.id].fields["msdyn_scheduledstart"] == "2026-06-30T22:00:00Z"


async def test_each_kind_of_system_reads_its_own_tables(org: DynamicsSubject) -> None:
    found = {kind: set(connected(org, kind=kind).capabilities.resources) for kind in ("crm", "psa", "bill")}
    assert {"opportunity", "systemuser"} <= found["crm"] and not {"msdyn_timeentry", "invoice"} & found["crm"]
    assert {"msdyn_timeentry", "bookableresource", "msdyn_actual"} <= found["psa"] and not {"opportunity", "invoice"} & found["psa"]
    assert {"invoice", "invoicedetail"} <= found["bill"] and "msdyn_timeentry" not in found["bill"]
    twins = connected(org, kind="psa", shares_org=True)
    (message, *_), _, _ = await read_all(twins, "account")
    assert parse_json(message.body)["twin"] == message.external_id and "_ownerid_value" not in parse_json(message.body), "users are the CRM's to tell"
    (person, *_), _, _ = await read_all(twins, "bookableresource")
    assert parse_json(person.body)["twin"] == parse_json(person.body)["_userid_value"]


@pytest.mark.parametrize("kind", ["crm", "psa", "bill"])
async def test_every_table_is_read_and_every_record_mapped_without_a_problem(org: DynamicsSubject, kind: str) -> None:
    connector = connected(org, kind=kind)
    document = extended({"extends": "dynamics365", "system": "d365"})
    mappings = load_mappings(document, system="d365")
    codes = CodeMaps(load_code_maps(document, system="d365"))
    for resource in connector.capabilities.resources:
        messages, _, _ = await read_all(connector, resource)
        mine = [one for one in mappings if one.object == resource]
        assert mine, resource
        for message in messages:
            raw = parse_json(message.body)
            parts = [part for one in mine for part in one.read(raw, codes)]
            assert [part.problems for part in parts if part.problems] == []
            assert unbound(mine, raw) == set(), resource


# --- writing ---------------------------------------------------------------------------------------------------------


async def test_a_reference_and_a_choice_are_written_as_the_organisation_spells_them(org: DynamicsSubject) -> None:
    connector = connected(org)
    account = row(org, "account", name="Nordlicht Logistik")
    body = {"lastname": "Petersen", "_parentcustomerid_value": account.id}
    receipt = await connector.write(Write("key-1", "create", "contact", "contact", None, body))
    assert org.running.store.rows["contact"][receipt.external_id].fields["_parentcustomerid_value"] == account.id
    deal = {"name": "Deal", "_customerid_value": account.id, "estimatedvalue": Decimal("1000.50"), "currency": "GBP", "estimatedclosedate": "2026-06-30"}
    receipt = await connector.write(Write("key-2", "create", "opportunity", "opportunity", None, deal))
    stored = org.running.store.rows["opportunity"][receipt.external_id].fields
    assert (stored["estimatedvalue"], stored["_transactioncurrencyid_value"]) == (Decimal("1000.50"), row(org, "transactioncurrency", isocurrencycode="GBP").id)
    await connector.write(Write("key-3", "update", "account", "client", account.id, {"industrycode": "Consulting"}))
    assert org.running.store.rows["account"][account.id].fields["industrycode"] == 9
    cleared = await connector.write(Write("key-4", "update", "contact", "contact", (await connector.look_up(Write("key-1", "create", "contact", "contact", None, {}))).external_id,  # type: ignore[union-attr]
                                          {"_parentcustomerid_value": None}))  # fmt: skip
    assert org.running.store.rows["contact"][cleared.external_id].fields["_parentcustomerid_value"] is None
    for body, field in (({"industrycode": "Alchemy"}, "industrycode"), ({"currency": "XAU"}, "currency")):
        object_, id = ("account", account.id) if field == "industrycode" else ("opportunity", receipt.external_id)
        error = await raises(RejectedError, connector.write(Write("k", "update", object_, "client", id, body)))
        assert error.field == field and error.remedy


@pytest.mark.parametrize(("kind", "object_"), [("crm", "account"), ("crm", "contact"), ("crm", "opportunity"), ("crm", "salesorder"), ("psa", "msdyn_project"), ("psa", "msdyn_timeentry")])
async def test_what_is_written_reads_back_as_the_same_record(org: DynamicsSubject, kind: str, object_: str) -> None:
    """raw → canonical → a new record → canonical: what a mapping reads, it writes again as it was."""
    connector = connected(org, kind=kind, zone="Europe/Berlin")
    document = extended({"extends": "dynamics365", "system": "d365"})
    (mapping,) = [one for one in load_mappings(document, system="d365") if one.object == object_ and one.fields_out]
    codes = CodeMaps(load_code_maps(document, system="d365"))
    for number, message in enumerate((await read_all(connector, object_))[0][:3]):
        (read,) = mapping.read(parse_json(message.body), codes)
        values = {name: value for name, value in read.values.items() if name in mapping.fields_out}
        create = Write(f"golden-{object_}-{number}", "create", object_, mapping.entity, None, mapping.write(values, codes, is_new=True), natural_key=mapping.key_of(values, codes))
        natural = await connector.look_up(Write("", "create", object_, mapping.entity, None, create.body, natural_key=create.natural_key))
        assert natural is not None and natural.external_id == message.external_id
        receipt = await connector.write(create)
        stored = await connector.fetch(object_, receipt.external_id)
        assert stored is not None
        (again,) = mapping.read(parse_json(stored.body), codes)
        assert {name: again.values.get(name) for name in values} == values
        assert await connector.look_up(Write("u", "update", object_, mapping.entity, receipt.external_id, mapping.write(values, codes))) is not None


async def test_every_industry_of_ours_can_be_written(org: DynamicsSubject) -> None:
    connector = connected(org)
    (id,) = await org.enter(1)
    for label in extended({"extends": "dynamics365", "system": "crm"})["code_maps"]["INDUSTRY"]:
        await connector.write(Write("k", "update", "account", "client", id, {"industrycode": label}))
        message = await connector.fetch("account", id)
        assert message is not None and parse_json(message.body)["industrycode"] == label


async def test_without_a_column_for_our_key_records_get_ids_of_our_choice(org: DynamicsSubject) -> None:
    connector = connected(org, hub_key=None)
    wanted = Write("golden-1", "create", "account", "client", None, {"name": "Ours"})
    org.running.faults.append(Fault("lose_answer", "account", "create"))
    with pytest.raises(Exception, match="did not answer a write"):
        await connector.write(wanted)
    found = await connector.look_up(wanted)
    again = await connector.write(wanted)
    assert found is not None and (again.external_id, again.was_adopted) == (found.external_id, True)
    assert found.external_id == connector.id_of(wanted) and org.running.store.creates[found.external_id] == 1


async def test_a_create_is_addressed_by_the_alternate_key_where_an_address_can_hold_ours(org: DynamicsSubject) -> None:
    sent: list[tuple[str, str]] = []
    connector = connected(org)
    connector.client.on_request = lambda one: sent.append((one.method, one.url.rpartition("/")[2]))
    first = await connector.write(Write("3f0c-1", "create", "account", "client", None, {"name": "One"}))
    other = await connector.write(Write("a/b:1", "create", "account", "client", None, {"name": "Two"}))
    writes = [one for one in sent if one[0] in ("PATCH", "POST") and one[1].startswith("accounts")]
    assert writes == [("PATCH", "accounts(nb_hubkey='3f0c-1')"), ("POST", "accounts")]
    stored = org.running.store.rows["account"]
    assert (stored[first.external_id].fields["nb_hubkey"], stored[other.external_id].fields["nb_hubkey"]) == ("3f0c-1", "a/b:1")
    again = await connector.write(Write("a/b:1", "create", "account", "client", None, {"name": "Two"}))
    assert (again.external_id, again.was_adopted) == (other.external_id, True)
    with pytest.raises(RejectedError):  # the column is there, but no key
        await connected(org, hub_key="websiteurl").write(Write("k", "create", "account", "client", None, {"name": "Three"}))


async def test_an_update_never_creates_and_holds_to_the_version_it_has_seen(org: DynamicsSubject) -> None:
    connector = connected(org)
    nowhere = "7d577253-3ef0-4a0a-bb7f-8335c2596e70"
    error = await raises(RejectedError, connector.write(Write("k", "update", "account", "client", nowhere, {"name": "x"})))
    assert error.cause == "not_found" and nowhere not in org.running.store.rows["account"]
    (id,) = await org.enter(1)
    receipt = await connector.write(Write("k", "update", "account", "client", id, {"name": "Once"}, expected_version=await org.version_of(id)))
    assert receipt.version == await org.version_of(id)
    error = await raises(RejectedError, connector.write(Write("k", "update", "account", "client", id, {"name": "Twice"}, expected_version="1")))
    assert (error.cause, error.code) == ("conflict", "0x80060882")


async def test_a_batch_goes_on_behind_a_refused_part(org: DynamicsSubject) -> None:
    connector = connected(org)
    account = row(org, "account", name="Alpenwerk")
    writes = [Write(f"key-{n}", "create", "account", "client", None, {"name": "x" * 161 if n == 3 else f"Firm {n}"}) for n in range(60)]
    writes.append(Write("u", "update", "account", "client", account.id, {"name": "Alpenwerk AG"}))
    writes.append(Write("d", "deactivate", "account", "client", account.id, {}))
    answers = await connector.write_many(writes)
    refused = answers[3]
    assert [n for n, one in enumerate(answers) if not isinstance(one, Receipt)] == [3]
    assert isinstance(refused, RejectedError) and (refused.code, refused.field) == ("0x80044331", "name")
    stored = org.running.store.rows["account"][account.id].fields
    assert (stored["name"], stored["statecode"]) == ("Alpenwerk AG", 1) and org.running.requests["create batch"] == 3


async def test_time_is_booked_as_a_draft_and_what_is_approved_stays(org: DynamicsSubject) -> None:
    connector = connected(org, kind="psa")
    project, person = row(org, "msdyn_project"), row(org, "bookableresource")
    body = {"msdyn_date": "2026-05-20", "msdyn_duration": 450, "_msdyn_project_value": project.id, "_msdyn_bookableresource_value": person.id, "msdyn_entrystatus": 192350000}
    receipt = await connector.write(Write("golden-time", "create", "msdyn_timeentry", "time_entry", None, body))
    stored = org.running.store.rows["msdyn_timeentry"][receipt.external_id].fields
    assert (stored["msdyn_date"], stored["msdyn_duration"], stored["_msdyn_bookableresource_value"]) == ("2026-05-20", 450, person.id)
    approved = row(org, "msdyn_timeentry", msdyn_entrystatus=192350003)
    error = await raises(RejectedError, connector.write(Write("k", "update", "msdyn_timeentry", "time_entry", approved.id, {"msdyn_duration": 60})))
    assert error.cause == "lock"
    error = await raises(RejectedError, connector.write(Write("k", "create", "msdyn_timeentry", "time_entry", None, {**body, "msdyn_date": "2019-12-31"})))
    assert error.cause == "closed_period"
    await connector.write(Write("k", "deactivate", "msdyn_timeentry", "time_entry", receipt.external_id, {}))
    assert await connector.fetch("msdyn_timeentry", receipt.external_id) is None
    error = await raises(RejectedError, connector.write(Write("k", "create", "msdyn_projecttask", "task", None, {"msdyn_subject": "x"})))
    assert error.cause == "permission"


async def test_duplicate_rules_speak_where_the_firm_wants_them_to(org: DynamicsSubject) -> None:
    body = {"name": "Nordlicht Logistik"}
    assert (await connected(org).write(Write("key-1", "create", "account", "client", None, body))).external_id
    error = await raises(RejectedError, connected(org, duplicate_detection=True).write(Write("key-2", "create", "account", "client", None, body)))
    assert (error.cause, error.code) == ("duplicate", "0x80040333") and "Link" in error.remedy


@pytest.mark.parametrize(
    ("code", "status", "text", "kind", "expected"),
    [
        ("0x80072322", 429, "Number of requests exceeded the limit", RateLimitedError, None),
        ("0x80040217", 404, "msdyn_project With Id = 7 Does Not Exist", RejectedError, "reference"),
        ("0x80040265", 400, "The accounting period of May is closed.", RejectedError, "closed_period"),
        ("0x80040265", 400, "The attribute 'creditlimit' is too high.", RejectedError, "validation"),
        ("0x80048408", 400, "The invoice is not in the right state.", RejectedError, "lock"),
        ("0x80040220", 403, "Principal user is missing prvCreateAccount privilege", RejectedError, "permission"),
        ("0x80060882", 412, "The version of the existing record doesn't match the RowVersion property provided.", RejectedError, "conflict"),
    ],
)  # fmt: skip
async def test_an_error_says_what_happens_next(org: DynamicsSubject, code: str, status: int, text: str, kind: type, expected: str | None) -> None:
    connector = connected(org)

    async def refused(*_: Any) -> Any:
        return org.running.error(Refusal(code, "", text, status))

    org.running.guard = refused  # type: ignore[method-assign, assignment]
    connector._ready.add("account")
    connector.client.auth = type("Signed", (), {"headers": staticmethod(_signed), "renew": staticmethod(_signed)})()
    error = await raises(kind, connector.write(Write("k", "create", "account", "client", None, {"name": "x"})))
    assert expected is None or error.cause == expected
    assert "creditlimit" not in text or error.field == "creditlimit"


async def _signed(*_: Any) -> dict[str, str]:
    return {"authorization": "Bearer x"}


# --- webhooks --------------------------------------------------------------------------------------------------------


async def test_a_webhook_names_a_record_and_our_own_changes_are_left_out(org: DynamicsSubject) -> None:
    ours = "00000000-0000-0000-0000-00000000aaaa"
    connector = connected(org, webhook={"secrets": [WEBHOOK_KEY]}, own_user=ours.upper())
    (id,) = await org.enter(1)
    stored = org.running.store.rows["account"][id]
    headers = server(org).webhook_headers(stored)
    (message,) = connector.receive(headers, server(org).event(stored, "Update"))
    assert (message.object, message.external_id, message.needs_fetch) == ("account", id, True)
    assert connector.receive(headers, server(org).event(stored, "Update")) == [message]
    (gone,) = connector.receive(headers, server(org).event(stored, "Delete"))
    assert gone.is_delete
    assert connector.receive(headers, server(org).event(stored, "Update", user=ours)) == []
    assert connector.receive(headers, server(org).event(stored, "Retrieve")) == []
    for bad in ({}, {"x-hub-key": "wrong"}):
        with pytest.raises(SignatureError):
            connector.receive(bad, server(org).event(stored, "Update"))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"zone": "Mars/Olympus"}, "zone: expected a time zone such as Europe/Berlin"),
        ({"auth": {"tenant": "t", "client_id": "i"}}, "auth.client_secret: expected a text"),
        ({"auth": {"tenant": "t", "client_id": "i", "client_secret": "s", "shoes": 1}}, "auth.shoes: unknown key"),
        ({"shoes": 1}, "shoes: unknown key"),
        ({"resources": {"account": {"set": "accounts", "id": "accountid", "translated": {"currency": ["shoes", "x"]}}}}, "translated.currency: expected a dictionary"),
    ],
)  # fmt: skip
async def test_a_mistake_in_a_document_is_told(org: DynamicsSubject, said: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        connected(org, **said)
    assert expected in str(refused.value)
