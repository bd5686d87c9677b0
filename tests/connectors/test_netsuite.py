"""NetSuite beyond the suite: both ways to sign in, the account's clock, what a role may not query, payments, deletes, names, refusals."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from connectors.conformance import raises, read_all
from connectors.errors import (
    ConfigurationError, ConnectorError, CredentialsError, RateLimitedError, RejectedError, RetriableError, SignatureError, UnknownOutcomeError,
)  # fmt: skip
from connectors.http import Answer
from connectors.netsuite.connector import NetsuiteConnector
from connectors.netsuite.simulator.server import Netsuite
from connectors.netsuite.simulator.signing import CERTIFICATE_ID, CLIENT_ID, CONSUMER_KEY, CONSUMER_SECRET, TOKEN_ID, TOKEN_SECRET
from connectors.port import Incoming, Receipt, Write
from connectors.shipped import extended
from connectors.signatures import Signature
from connectors.simulator.base import Fault
from connectors.wire import dump_json, parse_json
from schema.code_maps import CodeMaps
from schema.mapping_file import load_code_maps, load_mappings
from tests.connectors.vendors.netsuite import PRIVATE, NetsuiteSubject, subject as netsuite

TBA = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET, "token_id": TOKEN_ID, "token_secret": TOKEN_SECRET}


@pytest.fixture
async def books() -> AsyncIterator[NetsuiteSubject]:
    found = await netsuite()
    yield found
    await found.close()


def account(books: NetsuiteSubject) -> Netsuite:
    assert isinstance(books.running, Netsuite)
    return books.running


def connected(books: NetsuiteSubject, **more: Any) -> NetsuiteConnector:
    made = books.connector(**more)
    assert isinstance(made, NetsuiteConnector)
    return made


def by_id(messages: list[Incoming]) -> dict[str, Any]:
    return {one.external_id: parse_json(one.body) for one in messages}


def first(books: NetsuiteSubject, object_: str) -> str:
    return next(iter(books.running.store.table(object_))).id


# --- signing in --------------------------------------------------------------------------------------------------------


async def test_each_request_is_signed_where_a_token_was_granted(books: NetsuiteSubject) -> None:
    connector = connected(books, auth=TBA)
    messages, _, _ = await read_all(connector, "customer")
    assert len(messages) == 10 and books.running.requests["token"] == 0
    receipt = await connector.write(Write("key ü/1", "create", "customer", "client", None, {"companyName": "Signed", "subsidiary": {"id": "2"}}))
    assert books.running.store.rows["customer"][receipt.external_id].fields["externalId"] == "key ü/1"


@pytest.mark.parametrize("wrong", ["consumer_key", "consumer_secret", "token_id", "token_secret"])
async def test_a_signature_by_others_is_told_as_wrong_credentials(books: NetsuiteSubject, wrong: str) -> None:
    await raises(CredentialsError, connected(books, auth=TBA | {wrong: "wrong"}).poll("customer", ""))


async def test_a_login_that_is_refused_once_is_tried_once_more(books: NetsuiteSubject, monkeypatch: pytest.MonkeyPatch) -> None:
    """NetSuite answers so, too, when too many ask at once."""
    signing = account(books).signing
    allows, refused = signing.allows, [True]
    monkeypatch.setattr(signing, "allows", lambda request, url: not (refused and refused.pop()) and allows(request, url))
    for auth in ({"auth": TBA}, {}):
        refused[:] = [True]
        assert (await connected(books, **auth).poll("currency", "")).messages and not refused


async def test_a_realm_is_the_account_however_it_is_written(books: NetsuiteSubject) -> None:
    assert (await connected(books, auth=TBA, account="123456-sb1").poll("currency", "")).messages
    await raises(CredentialsError, connected(books, auth=TBA, account="999999").poll("currency", ""))


async def test_concurrent_callers_share_one_token_and_it_is_renewed_before_it_ends(books: NetsuiteSubject) -> None:
    account(books).signing.lifetime_s = 60
    connector, now = connected(books), [1000.0]
    connector.client.auth.clock = lambda: now[0]  # type: ignore[union-attr]
    await asyncio.gather(*(connector.poll("currency", "") for _ in range(8)))
    assert books.running.requests["token"] == 1
    now[0] += 29
    await connector.poll("currency", "")
    assert books.running.requests["token"] == 1
    now[0] += 2
    await connector.poll("currency", "")
    assert books.running.requests["token"] == 2


async def test_a_certificate_of_the_other_kind_and_one_nobody_knows(books: NetsuiteSubject) -> None:
    key = rsa.generate_private_key(65537, 3072)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account(books).signing.certificates["second"] = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    auth = {"client_id": CLIENT_ID, "certificate_id": "second", "private_key": private}
    assert (await connected(books, auth=auth).poll("currency", "")).messages
    error = await raises(CredentialsError, connected(books, auth=auth | {"certificate_id": "third"}).poll("currency", ""))
    assert str(error) == "erp gives no token for our client (invalid_grant)"
    await raises(
        CredentialsError,
        connected(books, auth=auth | {"certificate_id": CERTIFICATE_ID, "private_key": PRIVATE, "algorithm": "ES256", "scope": "restlets"}).poll(
            "currency", ""
        ),
    )
    with pytest.raises(ConfigurationError, match="algorithm: expected one of PS256, PS384, PS512, ES256, ES384, ES512, got 'RS256'"):
        connected(books, auth=auth | {"algorithm": "RS256"})


# --- reading -----------------------------------------------------------------------------------------------------------


async def test_instants_are_those_of_utc_also_in_the_hour_that_is_there_twice(books: NetsuiteSubject) -> None:
    server, connector = account(books), connected(books)
    ids = await books.enter(3)
    stamps = ("2026-10-25T00:20:00Z", "2026-10-25T01:10:00Z", "2026-07-01T10:00:00Z")  # twenty past two, ten past two an hour later; summer
    for id, stamp in zip(ids, stamps, strict=True):
        row = server.store.rows["customer"][id]
        row.fields["lastModifiedDate"] = stamp
        server.account._mirror(row)
    messages, _, _ = await read_all(connector, "customer")
    assert [one.version for one in messages if one.external_id in ids] == [stamp.replace("Z", ".000000Z") for stamp in stamps]
    # what changed in the second pass is found by a walk that asks from an instant of the first
    page = await connector.poll("customer", json.dumps({"since": "2026-10-25T01:05:00.000000Z"}))
    assert ids[1] in {one.external_id for one in page.messages}


async def test_a_payment_tells_the_invoice_it_settles_though_its_stamp_stays(books: NetsuiteSubject) -> None:
    connector, invoice = connected(books), first(books, "invoice")
    _, checkpoint, _ = await read_all(connector, "invoice")
    old = datetime(2026, 1, 1, tzinfo=UTC)
    row = books.running.store.rows["invoice"][invoice]
    row.fields["lastModifiedDate"] = "2026-01-01T00:00:00Z"
    account(books).account._mirror(replace(row, changed_at=old))
    paid = {
        "customer": {"id": first(books, "customer")},
        "tranDate": "2026-06-20",
        "payment": Decimal("2788.26"),
        "subsidiary": {"id": "2"},
        "currency": {"id": "2"},
    }
    paid |= {"apply": {"items": [{"line": 0, "doc": {"id": invoice}, "apply": True, "amount": Decimal("2788.26")}]}}
    books.running.control_change({"object": "customerPayment", "values": paid})
    later, _, _ = await read_all(connector, "invoice", checkpoint)
    told = by_id(later)[invoice]
    assert (told["amountRemaining"], told["status"]["refName"], told["lastModifiedDate"]) == (0, "Paid In Full", "2026-01-01T00:00:00Z")


async def test_deletes_are_told_of_the_object_asked_for_alone(books: NetsuiteSubject) -> None:
    connector = connected(books)
    checkpoints = {one: (await read_all(connector, one))[1] for one in ("customer", "job", "invoice")}
    customer, job = (await books.enter(1))[0], first(books, "job")
    await books.delete(customer)
    books.running.control_delete({"object": "job", "id": job})
    told = {one: [(m.external_id, m.is_delete) for m in (await read_all(connector, one, at))[0] if m.is_delete] for one, at in checkpoints.items()}
    assert told == {"customer": [(customer, True)], "job": [(job, True)], "invoice": []}
    quiet = connected(books, deletes=False)
    assert [m for m in (await read_all(quiet, "customer", checkpoints["customer"]))[0] if m.is_delete] == []


async def test_a_role_that_may_not_see_deleted_records_is_told_so(books: NetsuiteSubject) -> None:
    connector = connected(books)
    _, checkpoint, _ = await read_all(connector, "customer")
    account(books).hidden = {"deletedrecord"}
    page = await connector.poll("customer", checkpoint)
    error = await raises(RejectedError, connector.poll("customer", page.checkpoint))
    assert "Deleted Records" in error.remedy and "deletes: false" in error.remedy


async def test_hours_of_a_project_name_it_and_those_of_a_customer_do_not(books: NetsuiteSubject) -> None:
    messages, _, _ = await read_all(connected(books), "timeBill")
    job, customer = first(books, "job"), first(books, "customer")
    assert [(one["hours"], one["customer"], one["job"]) for one in by_id(messages).values()] == [
        ("7:30", {"id": job}, {"id": job}), ("0:45", {"id": customer}, None),
    ]  # fmt: skip


@pytest.mark.parametrize("hidden", ["t.approvalstatus", "FROM timeBill", "t.lastmodifieddate"])
async def test_what_a_query_may_not_name_is_read_in_another_way_and_is_the_same(books: NetsuiteSubject, hidden: str) -> None:
    """A column: the records one by one. The stamp: everything each time. The whole table: the collection, by days."""
    plain, _, _ = await read_all(connected(books), "timeBill")
    server = account(books)
    server.hidden, server.day_form = {hidden.replace("FROM ", "").lower()}, "%d.%m.%Y"
    connector = connected(books)
    messages, checkpoint, last = await read_all(connector, "timeBill")
    assert last.is_complete_listing
    for id, record in by_id(messages).items():
        before = by_id(plain)[id]
        assert {name: record[name] for name in ("hours", "tranDate", "memo", "job", "isBillable")} == {
            name: before[name] for name in ("hours", "tranDate", "memo", "job", "isBillable")
        }
        assert record["approvalStatus"]["refName"] == before["approvalStatus"]["refName"]
    changed = first(books, "timeBill")
    server.control_change({"object": "timeBill", "id": changed, "values": {"memo": "Longer workshop"}})
    later, _, _ = await read_all(connector, "timeBill", checkpoint)
    assert by_id(later)[changed]["memo"] == "Longer workshop"


async def test_addresses_that_a_query_may_not_see_are_read_with_their_records(books: NetsuiteSubject) -> None:
    plain, _, _ = await read_all(connected(books), "customer")
    account(books).hidden = {"entityaddress"}
    connector = connected(books)
    told, _, _ = await read_all(connector, "customer")
    assert connector._ways == {"customer": "records"}
    addresses = [[record["billingAddress"][name] for name in ("addr1", "city", "zip")] for record in by_id(plain).values()]
    assert [[record["billingAddress"][name] for name in ("addr1", "city", "zip")] for record in by_id(told).values()] == addresses


async def test_a_walk_that_has_to_go_on_in_another_way_begins_anew_and_loses_nothing(books: NetsuiteSubject) -> None:
    await books.enter(250)
    first_page = await connected(books).poll("customer", "")
    account(books).hidden = {"customer"}
    connector = connected(books)
    second = await connector.poll("customer", first_page.checkpoint)
    assert '"at:100"' in second.checkpoint
    account(books).hidden = set()
    rest, _, last = await read_all(connected(books), "customer", second.checkpoint)
    assert {one.external_id for one in rest} == await books.ids() and last.is_complete_listing


async def test_a_record_that_is_not_given_holds_up_no_other(books: NetsuiteSubject) -> None:
    server, connector = account(books), connected(books)
    document = dict(server.store.rows["invoice"][first(books, "invoice")].fields)
    more = [server.account.put("invoice", None, {**document, "tranId": f"INV-{number}"}).id for number in range(4)]
    server.unreadable = {more[0]}
    messages, _, _ = await read_all(connector, "invoice")
    assert by_id(messages)[more[0]] == {"id": more[0], "unreadable": "Error while accessing a resource. An unexpected script error occurred."}
    assert len(messages) == 5 and connector.skipped == 1
    server.unreadable = set(more)
    await raises(RejectedError, connector.poll("invoice", ""))


async def test_a_record_reads_as_the_vendor_documents_it(books: NetsuiteSubject) -> None:
    """The documented sample of a customer, as it becomes a message."""
    sample = parse_json(
        b'{"links":[{"rel":"self","href":"https://x/customer/647"}],"id":"647","externalId":"C-1001","entityId":"CUST647","isPerson":false,'
        b'"companyName":"Nordlicht Logistik GmbH","email":"ap@nordlicht.example","subsidiary":{"links":[],"id":"2","refName":"Hub Consulting DE"},'
        b'"currency":{"links":[],"id":"2","refName":"Euro"},"entityStatus":{"id":"13","refName":"CUSTOMER-Closed Won"},"isInactive":false,'
        b'"addressBook":{"items":[{"id":88,"defaultBilling":true,"addressBookAddress":{"addr1":"Speicherstr. 12","city":"Hamburg","zip":"20457",'
        b'"country":{"id":"DE","refName":"Germany"}}}],"totalResults":1},"lastModifiedDate":"2026-05-17T20:25:00Z"}'
    )
    told = connected(books).netsuite.objects["customer"].form.of_record(sample, {"2": "EUR"})
    assert {name: told[name] for name in ("id", "externalId", "terms", "currency", "entityStatus", "billingAddress", "shippingAddress",
        "taxRegistrations")} == {
        "id": "647", "externalId": "C-1001", "terms": None, "currency": {"id": "2", "refName": "Euro", "symbol": "EUR"},
        "entityStatus": {"id": "13", "refName": "CUSTOMER-Closed Won", "stage": "CUSTOMER"},
        "billingAddress": {"addr1": "Speicherstr. 12", "city": "Hamburg", "zip": "20457", "country": {"id": "DE", "refName": "Germany"}},
        "shippingAddress": None, "taxRegistrations": [],
    }  # fmt: skip
    assert "links" not in told and "addressBook" not in told


async def test_a_field_of_the_firms_own_is_asked_for_and_written(books: NetsuiteSubject) -> None:
    custom = extended({**books.document(), "extends": "netsuite", "resources": {"customer": {"custom": {"custentity_region": "text"}}}})
    connector = connected(books, resources=custom["resources"])
    made = await connector.write(
        Write("key-1", "create", "customer", "client", None, {"companyName": "Ours", "subsidiary": {"id": "2"}, "custentity_region": "North"})
    )
    found = await connector.fetch("customer", made.external_id)
    assert found is not None and parse_json(found.body)["custentity_region"] == "North"


async def test_an_account_without_subsidiaries_and_currencies_is_not_asked_for_them(books: NetsuiteSubject) -> None:
    account(books).hidden = {"t.subsidiary", "t.currency"}
    connector = connected(books, one_world=False, multi_currency=False, currency="EUR")
    assert not {"subsidiary", "currency"} & set(connector.capabilities.resources)
    messages, _, _ = await read_all(connector, "customer")
    assert {parse_json(one.body)["currency"]["symbol"] for one in messages} == {"EUR"}


# --- writing -----------------------------------------------------------------------------------------------------------

FIRM = {
    "companyName": "Neu AG", "subsidiary": {"id": "2"}, "currency": {"symbol": "GBP"}, "terms": {"refName": "net 45"},
    "taxRegistrations": [{"number": "DE1"}],
    "billingAddress": {"addr1": "Weg 1", "city": "Bonn", "country": {"id": "DE"}},
}  # fmt: skip


async def test_what_is_named_is_written_by_its_id_and_reads_back(books: NetsuiteSubject) -> None:
    connector = connected(books)
    write = Write("key-1", "create", "customer", "client", None, FIRM)
    receipt = await connector.write(write)
    stored = books.running.store.rows["customer"][receipt.external_id].fields
    assert (stored["currency"], stored["terms"], stored["vatRegNumber"], stored["externalId"]) == ({"id": "3"}, {"id": "4"}, "DE1", "key-1")
    assert stored["addressBook"]["items"][0]["addressBookAddress"] == FIRM["billingAddress"]
    update = Write(
        "key-2",
        "update",
        "customer",
        "client",
        receipt.external_id,
        {"billingAddress": {"addr1": "Weg 2", "city": "Bonn"}, "terms": {"refName": None}},
    )
    await connector.write(update)
    assert await connector.look_up(update) is not None
    stored = books.running.store.rows["customer"][receipt.external_id].fields
    assert [one["addressBookAddress"]["addr1"] for one in stored["addressBook"]["items"]] == ["Weg 2"] and stored["terms"] is None
    await connector.write(replace(update, operation="deactivate", body={}))
    assert books.running.store.rows["customer"][receipt.external_id].fields["isInactive"] is True


async def test_a_name_that_is_not_set_up_is_told_with_its_field(books: NetsuiteSubject) -> None:
    connector = connected(books)
    error = await raises(
        RejectedError, connector.write(Write("key-1", "create", "customer", "client", None, {**FIRM, "terms": {"refName": "Net 77"}}))
    )
    assert (error.cause, error.field) == ("reference", "terms") and "'Net 77'" in error.remedy
    several = {**FIRM, "taxRegistrations": [{"number": "DE1"}, {"number": "AT2"}]}
    error = await raises(RejectedError, connector.write(Write("key-2", "create", "customer", "client", None, several)))
    assert (error.field, books.running.store.creates["key-2"]) == ("vatRegNumber", 0)


@pytest.mark.parametrize(
    ("object_", "entity", "natural_key"),
    [
        ("customer", "client", {"companyName": "NORDLICHT LOGISTIK GMBH", "billingAddress.zip": "20457"}),
        ("contact", "contact", {"lastName": "Brandt", "email": "lena.brandt@nordlicht.example"}),
        ("job", "project", {"companyName": "NL-ERP ERP rollout", "parent.id": "107"}),
        ("projectTask", "task", {"title": "Design", "project.id": "127"}),
        ("employee", "resource", {"lastName": "Holm", "email": "ida.holm@northbeam.example"}),
    ],
)  # fmt: skip
async def test_a_record_that_others_made_is_found_by_what_it_says(
    books: NetsuiteSubject, object_: str, entity: str, natural_key: dict[str, Any]
) -> None:
    connector = connected(books)
    found = await connector.look_up(Write("", "create", object_, entity, None, {}, natural_key=natural_key))
    assert found is not None and found.external_id == first(books, object_) and found.version
    other = {**natural_key, next(iter(natural_key)): "O'Nobody"}
    assert await connector.look_up(Write("", "create", object_, entity, None, {}, natural_key=other)) is None


async def test_an_upsert_that_names_no_id_is_asked_by_its_key(books: NetsuiteSubject) -> None:
    account(books).tells_location = False
    connector = connected(books)
    receipt = await connector.write(Write("key-1", "create", "customer", "client", None, FIRM))
    assert books.running.store.rows["customer"][receipt.external_id].fields["externalId"] == "key-1" and not receipt.was_adopted
    books.running.faults.append(Fault("500", "customer", "read", times=2))
    connector._new.add(("customer", "key-2"))
    await raises(UnknownOutcomeError, connector.write(Write("key-2", "create", "customer", "client", None, {**FIRM, "companyName": "Two"})))


async def test_an_hour_of_a_project_is_written_with_it_as_its_customer(books: NetsuiteSubject) -> None:
    connector, job = connected(books, defaults={"item": "21", "subsidiary": "2"}), first(books, "job")
    body = {"employee": {"id": first(books, "employee")}, "job": {"id": job}, "hours": "1:20", "tranDate": "2026-05-07", "isBillable": True}
    receipt = await connector.write(Write("key-1", "create", "timeBill", "time_entry", None, body))
    stored = books.running.store.rows["timeBill"][receipt.external_id].fields
    assert (stored["customer"], stored["hours"], stored["item"]) == ({"id": job}, "1:20", {"id": "21"})


async def test_an_outlay_is_written_as_a_report_of_one_line_and_comes_back_as_the_same_outlay(books: NetsuiteSubject) -> None:
    connector, key = connected(books), "0198c0de-0000-7000-8000-000000000009"
    document = extended({"extends": "netsuite", "system": "erp"})
    mappings, codes = load_mappings(document, system="erp"), CodeMaps(load_code_maps(document, system="erp"), lambda set, value: True)
    job, employee = first(books, "job"), first(books, "employee")
    values = {
        "resource": {"system": "erp", "object": "employee", "id": employee}, "project": {"system": "erp", "object": "job", "id": job},
        "incurred_on": "2026-05-12",
        "category": "Rail", "incurred": {"amount": "84.20", "currency": "GBP"}, "rate": "1.17", "billable": True, "note": "London",
    }  # fmt: skip
    (writes,) = (one for one in mappings if one.object == "expense")
    receipt = await connector.write(Write(key, "create", "expense", "expense", None, writes.write(values, codes, is_new=True)))
    told = {one.external_id: parse_json(one.body) for one in (await read_all(connector, "expenseReport"))[0]}[receipt.external_id]
    parts = [part for one in mappings if one.object == "expenseReport" for part in one.read(told, codes)]
    assert [(part.entity, part.part, [link.external_id for link in part.links]) for part in parts] == [("expense", "1", [key])]
    assert {name: parts[0].values[name] for name in values} == values
    assert "expense" not in connector.capabilities.resources


async def test_many_are_asked_for_at_once_and_those_that_are_there_are_adopted(books: NetsuiteSubject) -> None:
    connector = connected(books)
    before = await connector.write(Write("key-3", "create", "customer", "client", None, FIRM))
    writes = [Write(f"key-{n}", "create", "customer", "client", None, {**FIRM, "companyName": f"Firm {n}" if n != 5 else None}) for n in range(8)]
    books.running.requests.clear()
    answers = await connector.write_many(writes)
    adopted, refused = answers[3], answers[5]
    assert isinstance(adopted, Receipt) and (adopted.external_id, adopted.was_adopted) == (before.external_id, True)
    assert isinstance(refused, RejectedError) and (refused.field, refused.code) == ("companyName", "USER_ERROR")
    assert (books.running.requests["create customer"], books.running.requests["read customer"]) == (7, 1)
    assert [books.running.store.creates[f"key-{n}"] for n in range(8)] == [1, 1, 1, 1, 1, 0, 1, 1]


async def test_many_new_records_are_made_by_a_job_and_what_it_does_not_make_says_why_alone(books: NetsuiteSubject) -> None:
    connector = connected(books)
    connector._batches = replace(connector._batches, first_wait_s=0.01)
    writes = [Write(f"key-{n}", "create", "customer", "client", None, {**FIRM,
        "companyName": f"Firm {n}" if n != 57 else None}) for n in range(130)]
    writes[3] = replace(writes[3], body={**FIRM, "terms": {"refName": "Net 77"}})
    answers = await connector.write_many(writes)
    refused = {n: (one.cause, one.field) for n, one in enumerate(answers) if isinstance(one, RejectedError)}
    assert refused == {3: ("reference", "terms"), 57: ("validation", "companyName")}
    stored = {row.fields.get("externalId"): row.id for row in books.running.store.table("customer")}
    assert [one.external_id for one in answers if isinstance(one, Receipt)] == [stored[f"key-{n}"] for n in range(130) if n not in refused]
    assert books.running.requests["create customer"] == 3  # two jobs, and the one that was refused alone


async def test_a_batch_whose_answer_is_lost_leads_to_the_same_job(books: NetsuiteSubject) -> None:
    connector = connected(books)
    connector._batches = replace(connector._batches, first_wait_s=0.01)
    writes = [Write(f"key-{n}", "create", "customer", "client", None, {**FIRM, "companyName": f"Firm {n}"}) for n in range(25)]
    books.running.faults.append(Fault("lose_answer", "customer", "create"))
    answers = await connector.write_many(writes)
    assert {type(one) for one in answers} == {UnknownOutcomeError}
    found = [await connector.look_up(write) for write in writes]
    assert all(one is not None and one.was_adopted for one in found)
    connector._taken = lambda object_, keys: asyncio.sleep(0, {})  # type: ignore[method-assign,assignment,return-value]
    again = await connector.write_many(writes)  # as if nobody had looked
    assert {type(one) for one in again} == {Receipt} and {books.running.store.creates[f"key-{n}"] for n in range(25)} == {1}
    books.running.faults.append(Fault("503", "customer", "create"))
    assert {type(one) for one in await connector.write_many([replace(one, intent_key=f"{one.intent_key}-b") for one in writes])} == {RetriableError}


async def test_where_batches_are_not_taken_each_is_written_alone(books: NetsuiteSubject) -> None:
    books.running.faults.append(Fault("reject", "customer", "create"))
    writes = [Write(f"key-{n}", "create", "customer", "client", None, {**FIRM, "companyName": f"Firm {n}"}) for n in range(25)]
    answers = await connected(books).write_many(writes)
    assert {type(one) for one in answers} == {Receipt} and books.running.requests["create customer"] == 26
    assert connected(books, batches=False).capabilities.bulk_size == 1


async def test_a_closed_period_and_a_locked_record_are_told_as_such(books: NetsuiteSubject) -> None:
    connector, hour = connected(books), first(books, "timeBill")
    error = await raises(RejectedError, connector.write(Write("key-1", "update", "timeBill", "time_entry", hour, {"tranDate": "2026-01-15"})))
    assert error.cause == "closed_period" and "Jan 2026" in error.detail
    account(books).account.locked.add(hour)
    error = await raises(RejectedError, connector.write(Write("key-2", "update", "timeBill", "time_entry", hour, {"memo": "x"})))
    assert error.cause == "lock"
    error = await raises(RejectedError, connector.write(Write("key-3", "update", "customer", "client", first(books, "customer"), {"shoeSize": 1})))
    assert (error.code, error.field) == ("NONEXISTENT_FIELD", "shoeSize")


# --- refusals ----------------------------------------------------------------------------------------------------------

CASES: tuple[tuple[int, str, str, type[ConnectorError], str, str], ...] = (
    (400, "SSS_REQUEST_LIMIT_EXCEEDED", "Request Limit Exceeded", RateLimitedError, "", ""),
    (400, "USER_ERROR", "Concurrent request limit exceeded. Request blocked.", RateLimitedError, "", ""),
    (403, "INSUFFICIENT_PERMISSION", "Permission Violation: you need the 'Lists -> Customers' permission", RejectedError, "permission", ""),
    (400, "USER_ERROR", "Your current role does not have permission to perform this action.", RejectedError, "permission", ""),
    (400, "USER_ERROR", "Error while accessing a resource. You must enter a value for Company Name.", RejectedError, "validation", "companyName"),
    (400, "USER_ERROR", "You have entered an Invalid Field Value 702 for the following field: customer.", RejectedError, "reference", "customer"),
    (400, "INVALID_KEY_OR_REF", "Invalid reference key 12", RejectedError, "reference", ""),
    (400, "NONEXISTENT_FIELD", "no such field", RejectedError, "validation", ""),
    (400, "INVALID_CONTENT", "Invalid content in the request body", RejectedError, "validation", ""),
    (400, "INVALID_PARAMETER", "Invalid search query. Search error occurred: Field 'foo' not found.", RejectedError, "validation", "foo"),
    (400, "USER_ERROR", "Error while accessing a resource. This entity already exists.", RejectedError, "duplicate", ""),
    (400, "DUP_RCRD", "This record exists", RejectedError, "duplicate", ""),
    (400, "UNIQUE_CUST_ID_REQD", "A customer record with this ID already exists.", RejectedError, "duplicate", ""),
    (400, "IDEMPOTENCY_ERROR", "The key was used", RejectedError, "duplicate", ""),
    (400, "USER_ERROR", "This record has been locked by a user defined workflow.", RejectedError, "lock", ""),
    (400, "RCRD_HAS_BEEN_CHANGED", "Record has been changed", RetriableError, "", ""),
    (400, "CLOSED_TRAN_PRD", "You cannot create this", RejectedError, "closed_period", ""),
    (400, "DATEPERIODMISMATCH", "The transaction date is not within the period", RejectedError, "closed_period", ""),
    (400, "USER_ERROR", "The posting period is closed.", RejectedError, "closed_period", ""),
    (404, "NONEXISTENT_ID", "The record instance does not exist. Provide a valid record instance ID.", RejectedError, "not_found", ""),
    (400, "RCRD_DSNT_EXIST", "That record does not exist.", RejectedError, "not_found", ""),
    (500, "UNEXPECTED_ERROR", "An unexpected error occurred", UnknownOutcomeError, "", ""),
    (503, "", "Service unavailable", RetriableError, "", ""),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}-{case[3].__name__}-{case[4]}")
async def test_a_refusal_says_what_happens_next(books: NetsuiteSubject, case: tuple[int, str, str, type[ConnectorError], str, str]) -> None:
    status, code, detail, kind, cause, field = case
    body = {"type": {"odd": 1}, "title": "Bad Request", "status": status, "o:errorDetails": [{"detail": detail, "o:errorCode": code}]}
    error = connected(books)._error(Answer(status, {}, dump_json(body)), "update customer", is_read=False)
    assert type(error) is kind
    if isinstance(error, RejectedError):
        assert (error.cause, error.field, error.detail) == (cause, field, detail) and error.remedy


async def test_it_waits_longer_each_time_and_no_longer_once_it_is_answered(books: NetsuiteSubject) -> None:
    connector = connected(books)
    connector.client._quota.pause = lambda seconds: None  # type: ignore[method-assign]
    books.running.faults.append(Fault("429", "customer", "list", times=7))
    waits = [(await raises(RateLimitedError, connector.poll("customer", ""))).retry_after_s for _ in range(7)]
    assert [least <= wait <= 1.5 * least for least, wait in zip((1, 2, 4, 8, 16, 30, 30), waits, strict=True)] == [True] * 7
    await connector.poll("customer", "")
    books.running.faults.append(Fault("429", "customer", "list"))
    assert (await raises(RateLimitedError, connector.poll("customer", ""))).retry_after_s <= 1.5


# --- what a script in the account sends --------------------------------------------------------------------------------


async def test_what_a_script_sends_is_taken_when_it_is_signed_for_now(books: NetsuiteSubject) -> None:
    connector = connected(books, push={"secrets": ["a-secret"]})
    signature = Signature(
        "hmac-sha256", ("a-secret",), header="x-hub-signature", prefix="sha256=", signed="{timestamp}.{body}", timestamp_header="x-hub-timestamp"
    )
    now = int(datetime.now(UTC).timestamp())
    told = []
    for type_, operation in (("customer", "edit"), ("timebill", "delete"), ("vendorbill", "create")):
        body = dump_json({"type": type_, "id": "647", "operation": operation, "date": "2026-05-17T20:25:00Z"})
        told += connector.receive(signature.sign(body, "", now), body)
        with pytest.raises(SignatureError):
            connector.receive(signature.sign(body, "", now - 3600), body)
    assert [(one.object, one.external_id, one.needs_fetch, one.is_delete, one.key) for one in told] == [
        ("customer", "647", True, False, "customer:647:2026-05-17T20:25:00Z"), ("timeBill", "647", False, True,
            "timebill:647:2026-05-17T20:25:00Z"),
    ]  # fmt: skip


# --- the document ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"account": None}, "account: expected a text, got nothing"),
        ({"time_zone": "Berlin"}, "time_zone: expected the time zone of the hub's user in NetSuite, such as Europe/Berlin, got 'Berlin'"),
        ({"page_size": 2000}, "page_size: expected a number from 1 to 1000, got 2000"),
        ({"multi_currency": False}, "currency: expected the account's currency, such as EUR (or multi_currency: true), got nothing"),
        ({"auth": {"consumer_key": "x"}}, "auth.consumer_secret: expected a text, got nothing"),
        ({"resources": {"customer": {"fields": {"text": ["name; DROP"]}}}}, "'name; DROP' is no field of a record"),
        ({"resources": {"customer": {"fields": {"text": ["name = t.name; DROP"]}}}}, "'t.name; DROP' is no column"),
        ({"resources": {"customer": {"custom": {"custentity_x": "shoe"}}}}, "custom.custentity_x: expected one of text, flag"),
        ({"shoes": 1}, "shoes: unknown key"),
    ],
)  # fmt: skip
async def test_a_mistake_in_a_document_is_told(books: NetsuiteSubject, said: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        connected(books, **said)
    assert expected in str(refused.value)


def test_a_host_is_that_of_the_account() -> None:
    from connectors.netsuite.config import read

    document = extended({"extends": "netsuite", "system": "erp", "account": "123456_SB1", "time_zone": "Europe/Berlin", "auth": TBA})
    assert read(document).rest.http.base_url == "https://123456-sb1.suitetalk.api.netsuite.com"
