"""Salesforce beyond the suite: bulk jobs, collections, merges, lapsed locators, assertions, and records as they are mapped both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from connectors.conformance import raises, read_all
from connectors.errors import ConfigurationError, CredentialsError, RateLimitedError, RejectedError
from connectors.port import Receipt, Write
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.simulator.server import CLIENT_ID, USER, Salesforce
from connectors.shipped import extended
from connectors.wire import parse_json
from schema.code_maps import CodeMaps
from schema.mapping_file import load_code_maps, load_mappings
from tests.connectors.vendors.salesforce import SalesforceSubject, subject as salesforce


@pytest.fixture
async def org() -> AsyncIterator[SalesforceSubject]:
    found = await salesforce()
    yield found
    await found.close()


def connected(org: SalesforceSubject, **more: Any) -> SalesforceConnector:
    made = org.connector(**more)
    assert isinstance(made, SalesforceConnector)
    return made


async def test_a_first_reading_by_a_bulk_job_gives_the_very_messages_of_one_by_rest(org: SalesforceSubject) -> None:
    await org.enter(700)
    for resource in ("Account", "Opportunity", "PricebookEntry"):
        by_rest, _, _ = await read_all(connected(org, initial_load="rest"), resource)
        by_bulk, checkpoint, last = await read_all(connected(org, initial_load="bulk"), resource)
        plain = [{**parse_json(one.body), "attributes": None} for one in by_rest]
        assert [{"attributes": None, **parse_json(one.body)} for one in by_bulk] == plain and plain
        assert [(one.external_id, one.version) for one in by_bulk] == [(one.external_id, one.version) for one in by_rest]
        assert last.is_complete_listing and checkpoint
    assert org.running.requests["create job"] == 3


async def test_a_bulk_reading_goes_on_where_it_was_killed(org: SalesforceSubject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.salesforce.bulk.ROWS", 100)
    await org.enter(250)
    first = await connected(org, initial_load="bulk").poll("Account", "")
    page = await connected(org, initial_load="bulk").poll("Account", first.checkpoint)
    rest, _, _ = await read_all(connected(org, initial_load="bulk"), "Account", page.checkpoint)
    assert first.messages == () and len(page.messages) == 100
    assert {one.external_id for one in (*page.messages, *rest)} == await org.ids()
    assert org.running.requests["create job"] == 1


async def test_a_loser_of_a_merge_leads_to_its_winner(org: SalesforceSubject) -> None:
    winner, loser = await org.enter(2)
    _, checkpoint, _ = await read_all(connected(org), "Account")
    org.running.control_merge({"object": "Account", "winner": winner, "loser": loser})  # type: ignore[attr-defined]
    later, _, _ = await read_all(connected(org), "Account", checkpoint)
    assert [(one.is_delete, one.merged_into) for one in later if one.external_id == loser][-1] == (True, winner)


async def test_a_listing_whose_locator_lapsed_begins_anew_and_loses_nothing(org: SalesforceSubject) -> None:
    await org.enter(500)
    connector = connected(org)
    first = await connector.poll("Account", "")
    org.running.locators.clear()  # type: ignore[attr-defined]
    rest, _, _ = await read_all(connector, "Account", first.checkpoint)
    assert {one.external_id for one in (*first.messages, *rest)} == await org.ids()


async def test_a_collection_tells_each_records_fate_and_adopts_what_is_there(org: SalesforceSubject) -> None:
    connector = connected(org)
    before = await connector.write(Write("key-2", "create", "Account", "client", None, {"Name": "Already there"}))
    bodies: list[dict[str, Any]] = [{"Name": f"Firm {n}"} for n in range(250)]
    bodies[7], bodies[9] = {"Name": "x", "Shoe__c": 1}, {"Name": None}
    answers = await connector.write_many([Write(f"key-{n}", "create", "Account", "client", None, body) for n, body in enumerate(bodies)])
    refused = {n: (one.code, one.field) for n, one in enumerate(answers) if isinstance(one, RejectedError)}
    assert refused == {7: ("INVALID_FIELD", ""), 9: ("REQUIRED_FIELD_MISSING", "Name")}
    adopted = answers[2]
    assert isinstance(adopted, Receipt) and (adopted.external_id, adopted.was_adopted) == (before.external_id, True)
    assert org.running.requests["create collection"] == 2 and org.running.store.creates["key-2"] == 1


async def test_a_lost_answer_to_a_collection_leaves_every_record_open_and_each_is_found(org: SalesforceSubject) -> None:
    from connectors.simulator.base import Fault

    connector = connected(org)
    org.running.faults.append(Fault("lose_answer", "collection", "create"))
    writes = [Write(f"key-{n}", "create", "Account", "client", None, {"Name": f"Firm {n}"}) for n in range(5)]
    answers = await connector.write_many(writes)
    assert {type(one).__name__ for one in answers} == {"UnknownOutcomeError"}
    found = [await connector.look_up(one) for one in writes]
    assert all(one is not None and one.was_adopted for one in found)


async def test_one_signs_in_by_an_assertion_too(org: SalesforceSubject) -> None:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    server = org.running
    assert isinstance(server, Salesforce)
    server.public_key = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    auth = {"client_id": CLIENT_ID, "user": USER, "private_key": private}
    assert (await connected(org, auth=auth).poll("Account", "")).messages
    await raises(CredentialsError, connected(org, auth=auth | {"user": "nobody@x.example"}).poll("Account", ""))
    await raises(ConfigurationError, connected(org, auth=auth | {"private_key": "no key"}).poll("Account", ""))


async def test_when_the_days_calls_are_used_up_everybody_waits(org: SalesforceSubject) -> None:
    server = org.running
    assert isinstance(server, Salesforce)
    server.daily = server.used + 1
    connector = connected(org, initial_load="rest")
    await connector.poll("Contact", "")
    error = await raises(RateLimitedError, connector.poll("Contact", ""))
    assert error.retry_after_s == 300


@pytest.mark.parametrize("object_", ["Account", "Contact", "Opportunity", "Contract"])
async def test_what_is_written_reads_back_as_the_same_record(org: SalesforceSubject, object_: str) -> None:
    """raw → canonical → raw: what a mapping reads, it writes again as it was."""
    document = extended({"extends": "salesforce", "system": "crm"})
    mappings = [one for one in load_mappings(document, system="crm") if one.object == object_ and one.fields_out]
    codes = CodeMaps(load_code_maps(document, system="crm"))
    accounts = await org.enter(1)
    if object_ == "Contract":
        org.running.put("Contract", None, {"AccountId": accounts[0], "Name": "Frame", "Status": "Activated", "StartDate": "2026-05-01", "ContractTerm": 12})
    messages, _, _ = await read_all(connected(org), object_)
    for message in messages:
        raw = parse_json(message.body)
        for mapping in mappings:
            (read,) = mapping.read(raw, codes)
            assert read.problems == [], read
            written = mapping.write(read.values, codes)
            assert written == {path: raw[path] for path in written} and written


async def test_amounts_are_decimals_with_the_orgs_currency(org: SalesforceSubject) -> None:
    messages, _, _ = await read_all(connected(org), "Opportunity")
    raw = parse_json(messages[0].body)
    assert (raw["Amount"], raw["CurrencyIsoCode"]) == (Decimal("184000.00"), "EUR")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"currency": None}, "currency: expected the org's currency, such as EUR (or multi_currency: true), got nothing"),
        ({"page_size": 10}, "page_size: expected a number from 200 to 2000, got 10"),
        ({"resources": {"Account": {"fields": ["Name; DROP"]}}}, "'Name; DROP' is no field or object of Salesforce"),
        ({"initial_load": "never"}, "initial_load: expected one of auto, bulk, rest, got 'never'"),
        ({"shoes": 1}, "shoes: unknown key"),
    ],
)  # fmt: skip
async def test_a_mistake_in_a_document_is_told(org: SalesforceSubject, said: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        connected(org, **said)
    assert expected in str(refused.value)


def test_a_firm_changes_what_is_different_with_it_and_keeps_the_rest() -> None:
    own = {"extends": "salesforce", "system": "crm", "resources": {"OrderItem": None, "Account": {"key": "Ours__c"}}, "mappings": [{"object": "Contact", "entity": "contact", "fields": {}}]}
    found = extended(own)
    assert "OrderItem" not in found["resources"] and found["resources"]["Account"]["key"] == "Ours__c"
    assert "extends" not in found and [one for one in found["mappings"] if one["object"] == "OrderItem"] == []
    assert [one["fields"] for one in found["mappings"] if one["object"] == "Contact"] == [{}]
    with pytest.raises(ConfigurationError, match="expected one of .*salesforce.*, got 'salesfarce'"):
        extended({"extends": "salesfarce"}, "crm.yaml")
