"""S/4HANA beyond the suite: sessions, arrangements, time slices, pages cut by the service, children, change sets, statuses, time sheets, errors."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from connectors.conformance import raises, read_all
from connectors.errors import ConfigurationError, CredentialsError, RateLimitedError, RejectedError, RetriableError, SignatureError
from connectors.http import Answer, HttpClient, HttpSettings
from connectors.port import Incoming, Receipt, Write
from connectors.sap_s4hana.connector import SapConnector
from connectors.sap_s4hana.simulator.rules import ZERO
from connectors.sap_s4hana.simulator.server import CLIENT_ID, CLIENT_SECRET, PASSWORD, USER, WEBHOOK_TOKEN, S4hana
from connectors.registry import connect
from connectors.shipped import extended
from connectors.tls import client_tls
from connectors.wire import dump_json, parse_json
from schema import CODE_SETS
from schema.code_maps import CodeMaps
from schema.mapping import Mapping, unbound
from schema.mapping_file import load_code_maps, load_mappings

Connect = Callable[..., SapConnector]
BASIC = {"user": USER, "password": PASSWORD}
SHIPPED = extended({"extends": "sap_s4hana", "system": "erp"})
CODES = CodeMaps(load_code_maps(SHIPPED, system="erp"), lambda set_, value: set_ in CODE_SETS and CODE_SETS[set_].allows(value))
MAPPINGS = load_mappings(SHIPPED, system="erp")


def mappings(object_: str) -> list[Mapping]:
    return [one for one in MAPPINGS if one.object == object_]


@pytest.fixture
async def tenant() -> AsyncIterator[S4hana]:
    running: S4hana = await S4hana(page=40).start()
    yield running
    await running.stop()


@pytest.fixture
async def connector(tenant: S4hana) -> AsyncIterator[Connect]:
    made: list[SapConnector] = []

    def connected(**more: Any) -> SapConnector:
        lately = {"TimeSheetEntryCollection": {"window": {"first": "2026-04-30"}, "pause_min": 0}}
        document = {"extends": "sap_s4hana", "system": "erp", "base_url": tenant.url, "auth": BASIC, "page_size": 100, "resources": lately, **more}
        found = connect("sap_s4hana", {key: value for key, value in extended(document).items() if key not in ("mappings", "code_maps")})
        assert isinstance(found, SapConnector)
        made.append(found)
        return found

    yield connected
    for one in made:
        await one.aclose()


def create(object_: str, entity: str, body: dict[str, Any], key: str = "00000000-0000-0000-0000-000000000007", **natural: Any) -> Write:
    return Write(key, "create", object_, entity, None, body, natural_key=natural)


def update(object_: str, entity: str, id: str, body: dict[str, Any], version: str = "") -> Write:
    return Write("key-u", "update", object_, entity, id, body, version)


def the(tenant: S4hana, object_: str, **wanted: Any) -> dict[str, Any]:
    (row,) = (row for row in tenant.store.table(object_) if all(row.fields.get(name) == value for name, value in wanted.items()))
    return row.fields


def values(messages: list[Incoming], entity: str) -> list[dict[str, Any]]:
    """What messages of one object contribute to an entity."""
    found = []
    for message in messages:
        raw = parse_json(message.body)
        for mapping in mappings(message.object):
            for part in mapping.read(raw, CODES) if mapping.entity == entity else ():
                assert part.problems == [] and not part.raw, part
                found.append(part.values)
    return found


# --- the whole table -------------------------------------------------------------------------------------------------


async def test_every_object_is_read_and_mapped_without_a_field_unknown_or_misread(connector: Connect) -> None:
    one, told = connector(), dict[str, int]()
    for resource in one.capabilities.resources:
        messages, _, last = await read_all(one, resource)
        assert messages and last.is_complete_listing, resource
        for message in messages:
            raw = parse_json(message.body)
            assert unbound(mappings(resource), raw) == set(), resource
            for mapping in mappings(resource):
                assert (mapping.record_id(raw), mapping.version(raw)) == (message.external_id, message.version)
                parts = mapping.read(raw, CODES)
                assert [(part.problems, part.raw) for part in parts if part.problems or part.raw] == [], resource
                told[mapping.entity] = told.get(mapping.entity, 0) + len(parts)
    assert told == {
        "legal_entity": 2, "ledger_account": 2, "cost_centre": 2, "client": 10, "client_site": 10, "billing_account": 10, "contact": 1, "resource": 6,
        "contract": 2, "contract_line": 2, "billing_schedule": 1, "billing_schedule_line": 2, "project": 14, "project_financials": 13, "task": 14,
        "engagement": 1, "milestone": 1, "rate_card": 1, "rate_line": 1, "time_entry": 8, "billable_item": 1, "invoice": 2, "credit_memo": 2,
        "invoice_line": 3, "payment": 1, "payment_application": 1,
    }  # fmt: skip


async def test_numbers_that_come_with_and_without_zeros_name_the_same_customer(connector: Connect, tenant: S4hana) -> None:
    invoices, _, _ = await read_all(connector(), "A_BillingDocument")
    assert the(tenant, "A_BillingDocument", BillingDocument="90000412")["SoldToParty"] == "0001000001"
    found = values(invoices, "invoice")[0]
    assert found["client"] == {"system": "erp", "object": "A_BusinessPartner", "id": "1000001"}
    assert found["billing_account"] == {"system": "erp", "object": "A_CustomerCompany", "id": "1000001|1010"}
    assert (found["state"], found["net"], found["issue_date"]) == ("paid", {"amount": "4023.75", "currency": "EUR"}, "2026-05-31")


async def test_a_number_of_a_customer_is_never_taken_for_that_of_a_partner(connector: Connect, tenant: S4hana) -> None:
    other = tenant.put("A_BusinessPartner", None, {"BusinessPartnerCategory": "2", "OrganizationBPName1": "Renumbered", "Customer": "1000012"}).id
    tenant.put("A_CustomerCompany", None, {"Customer": "1000012", "CompanyCode": "1010"})
    one = connector()
    workers = values((await read_all(one, "Worker"))[0], "resource")
    accounts = {message.external_id: message for message in (await read_all(one, "A_CustomerCompany"))[0]}
    (account,) = values([accounts["1000012|1010"]], "billing_account")
    assert account["client"]["id"] == other and next(worker for worker in workers if worker["employee_no"] == "500012")["family_name"] == "Holm"


async def test_a_payment_is_applied_to_the_invoice_that_its_document_cleared(connector: Connect) -> None:
    payments, _, _ = await read_all(connector(), "CustomerPayment")
    cleared, _, _ = await read_all(connector(), "ClearedItem")
    (payment,), (application,) = values(payments, "payment"), values(cleared, "payment_application")
    assert (payment["amount"], payment["state"]) == ({"amount": "4788.26", "currency": "EUR"}, "applied")
    assert application["payment"]["id"] == payments[0].external_id and application["invoice"]["id"] == "90000412"


async def test_a_time_sheet_names_person_project_and_element(connector: Connect, tenant: S4hana) -> None:
    tenant.put("TimeSheetEntryCollection", None, {
        **the(tenant, "TimeSheetEntryCollection", TimeSheetRecord="000000004711"), "TimeSheetRecord": None, "TimeSheetDate": "2026-05-20",
        "TimeSheetDataFields": {"WBSElement": "NL-ERP", "RecordedHours": Decimal("2.25")},
    })  # fmt: skip
    found = values((await read_all(connector(), "TimeSheetEntryCollection"))[0], "time_entry")
    element = the(tenant, "A_EnterpriseProjectElement", ProjectElement="NL-ERP.1")
    first, on_the_project = found[0], next(one for one in found if one["work_date"] == "2026-05-20")
    assert (first["task"]["id"], first["project"]["id"], first["state"]) == (element["ProjectElementUUID"], element["ProjectUUID"], "approved")
    assert first["resource"]["id"] == the(tenant, "A_BuPaIdentification", BPIdentificationNumber="500012")["BusinessPartner"]
    assert (on_the_project["task"], on_the_project["project"]["id"], on_the_project["quantity"]) == (
        None, element["ProjectUUID"], {"value": "2.25", "unit": "hour"},
    )  # fmt: skip


async def test_hours_on_a_commercial_project_name_it_where_the_firm_has_such(connector: Connect, tenant: S4hana) -> None:
    template = the(tenant, "TimeSheetEntryCollection", TimeSheetRecord="000000004711")
    for element in ("CP-ALPEN-01.1", ""):
        about = {"TimeSheetRecord": None, "TimeSheetDate": "2026-05-21", "TimeSheetDataFields": {**template["TimeSheetDataFields"], "WBSElement": element}}
        tenant.put("TimeSheetEntryCollection", None, {**template, **about})
    messages, _, _ = await read_all(connector(), "TimeSheetEntryCollection")
    (found,) = (one for one in values(messages, "time_entry") if one["work_date"] == "2026-05-21")
    assert (found["project"]["object"], found["project"]["id"], found["task"]["id"]) == ("ProjectSet", "CP-ALPEN-01", "CP-ALPEN-01|CP-ALPEN-01.1")
    tenant.control_arrange({"without": ["SC_PROJ_ENGMT_CREATE_UPD_SRV"]})
    without, _, _ = await read_all(connector(), "TimeSheetEntryCollection")
    assert len(without) == 10 and "2026-05-21" not in {one["work_date"] for one in values(without, "time_entry")}


async def test_of_time_slices_the_one_of_today_is_read(connector: Connect) -> None:
    found = values((await read_all(connector(), "A_CostCenter"))[0], "cost_centre")
    assert [(one["code"], one["name"], one["valid_from"]) for one in found] == [("10101902", "Consulting", "2020-01-01"), ("10101903", "Data and AI", "2022-01-01")]
    fetched = await connector().fetch("A_CostCenter", "A000|10101903")
    assert fetched is not None and parse_json(fetched.body)["CostCenterName"] == "Data and AI"


async def test_an_order_line_changes_with_its_order_and_is_fetched_with_its_instant(connector: Connect, tenant: S4hana) -> None:
    one = connector()
    messages, checkpoint, _ = await read_all(one, "A_SalesOrderItem")
    fetched = await one.fetch("A_SalesOrderItem", "70000001|10")
    assert fetched is not None and (fetched.version, fetched.body) == (messages[0].version, messages[0].body)
    tenant.put("A_SalesOrderItem", "70000001|10", {"NetAmount": Decimal("190000.00")})
    later, _, _ = await read_all(one, "A_SalesOrderItem", checkpoint)
    assert [line["amount"] for line in values(later, "contract_line")][-1] == {"amount": "190000.00", "currency": "EUR"}
    assert later[-1].version > messages[0].version


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", ["A_BusinessPartner", "A_SalesOrder", "TimeSheetEntryCollection"])
async def test_pages_that_the_service_cuts_itself_are_followed_to_the_end(connector: Connect, tenant: S4hana, resource: str) -> None:
    """40 rows a page where 100 are asked for: 2 pages and a half are one of ours."""
    before = len((await read_all(connector(), resource))[0])
    template = next(iter(tenant.store.table(resource))).fields
    computed = {"BusinessPartner", "Customer", "SalesOrder", "TimeSheetRecord", "LastChangeDateTime", "CreationDate", "LastChangeDate", "ETag"}
    for _ in range(230):
        tenant.put(resource, None, {name: value for name, value in template.items() if name not in computed})
    messages, _, last = await read_all(connector(), resource)
    assert len({one.external_id for one in messages}) == before + 230 and last.is_complete_listing


async def test_a_link_that_lapsed_begins_its_part_of_the_walk_anew(connector: Connect, tenant: S4hana) -> None:
    for number in range(60):
        tenant.put("A_BusinessPartner", None, {"BusinessPartnerCategory": "2", "OrganizationBPName1": f"Firm {number}"})
    one = connector()
    first = await one.poll("A_BusinessPartner", "")
    place = parse_json(first.checkpoint)["place"].replace("skiptoken=", "skiptoken=lapsed")
    rest, _, _ = await read_all(one, "A_BusinessPartner", dump_json(parse_json(first.checkpoint) | {"place": place}).decode())
    assert {message.external_id for message in (*first.messages, *rest)} == {row.id for row in tenant.store.table("A_BusinessPartner") if row.fields["Customer"]}


async def test_a_child_that_changes_alone_is_told_when_everything_is_listed_again(connector: Connect, tenant: S4hana) -> None:
    now = [datetime.now(UTC).timestamp()]
    one = connector()
    one.clock = lambda: now[0]
    _, checkpoint, _ = await read_all(one, "A_BusinessPartner")
    for row in tuple(tenant.store.table("A_BusinessPartner")):
        row.fields |= {"CreationDate": "2026-01-05", "LastChangeDate": None}
    tenant.put("A_BusinessPartnerAddress", "1000001|23001", {"CityName": "Bremen"})
    later, checkpoint, _ = await read_all(one, "A_BusinessPartner", checkpoint)
    assert later == [] and checkpoint
    now[0] += timedelta(hours=25).total_seconds()
    _, checkpoint, _ = await read_all(one, "A_BusinessPartner", checkpoint)
    assert checkpoint == "", "it is time to list everything again"
    found, _, last = await read_all(one, "A_BusinessPartner", checkpoint)
    assert next(client for client in values(found, "client") if client["name"] == "Nordlicht Logistik GmbH")["city"] == "Bremen"
    assert last.is_complete_listing


async def test_what_vanished_is_missing_from_the_next_whole_listing(connector: Connect, tenant: S4hana) -> None:
    one = connector()
    before, _, _ = await read_all(one, "A_EnterpriseProjectElement")
    tenant.control_delete({"object": "A_EnterpriseProjectElement", "id": before[3].external_id})
    after, _, last = await read_all(one, "A_EnterpriseProjectElement")
    assert {message.external_id for message in before} - {message.external_id for message in after} == {before[3].external_id}
    assert last.is_complete_listing
    assert ZERO not in {parse_json(message.body)["ParentObjectUUID"] for message in after}, "the root mirrors its project"


async def test_time_sheets_are_read_by_days_since_nothing_tells_what_changed(connector: Connect, tenant: S4hana) -> None:
    one, template = connector(), the(tenant, "TimeSheetEntryCollection", TimeSheetRecord="000000004711")
    today = datetime.now(UTC).date()
    for number in range(130):  # more than a page in one slice of days, and some long ago
        day = today - timedelta(days=number % 13 if number < 120 else 900)
        tenant.put("TimeSheetEntryCollection", None, {**template, "TimeSheetRecord": None, "TimeSheetDate": day.isoformat()})
    everything, checkpoint, last = await read_all(one, "TimeSheetEntryCollection")
    assert len({message.external_id for message in everything}) == 138 and last.is_complete_listing
    tenant.put("TimeSheetEntryCollection", everything[-1].external_id, {"TimeSheetStatus": "40"})
    later, _, last = await read_all(one, "TimeSheetEntryCollection", checkpoint)
    assert [message.external_id for message in later] == [everything[-1].external_id] and not last.is_complete_listing, "of two months what differs is told"
    assert {message.key for message in everything} == {""}, "without versions the hub makes keys"
    again, _, _ = await read_all(connector(), "TimeSheetEntryCollection", checkpoint)
    assert len({message.external_id for message in again}) == 120, "who has not told it before tells everything there is to look back to"


async def test_what_cannot_be_asked_for_by_a_change_is_told_once_and_again_where_a_page_was_not_saved(connector: Connect, tenant: S4hana) -> None:
    now = [datetime.now(UTC).timestamp()]
    one = connector()
    one.clock = lambda: now[0]
    first = await one.poll("A_CustomerCompany", "")
    assert len(first.messages) == 10 and first.is_complete_listing
    asked = tenant.requests["list A_CustomerCompany"]
    assert (await one.poll("A_CustomerCompany", first.checkpoint)).messages == () and tenant.requests["list A_CustomerCompany"] == asked, "it pauses"
    now[0] += 16 * 60
    tenant.put("A_CustomerCompany", "1000001|1010", {"PaymentTerms": "NT60"})
    second = await one.poll("A_CustomerCompany", first.checkpoint)
    assert [message.external_id for message in second.messages] == ["1000001|1010"] and not second.is_complete_listing
    unsaved = await one.poll("A_CustomerCompany", first.checkpoint)
    assert len(unsaved.messages) == 10, "the page was not saved, so all of it is told"
    tenant.control_delete({"object": "A_CustomerCompany", "id": "1000002|1010"})
    now[0] += timedelta(hours=25).total_seconds()
    due = await one.poll("A_CustomerCompany", unsaved.checkpoint)
    whole = await one.poll("A_CustomerCompany", due.checkpoint)
    assert due.checkpoint == "" and whole.is_complete_listing and len(whole.messages) == 9


async def test_a_partner_who_is_no_customer_is_no_client_even_when_a_notice_names_him(connector: Connect, tenant: S4hana) -> None:
    one = connector(webhook={"secrets": [WEBHOOK_TOKEN]})
    employee = the(tenant, "A_BuPaIdentification", BPIdentificationNumber="500012")["BusinessPartner"]
    notice = {"specversion": "1.0", "type": "sap.s4.beh.businesspartner.v1.BusinessPartner.Changed.v1", "id": "e-1", "data": {"BusinessPartner": employee}}
    headers = {"Authorization": f"Bearer {WEBHOOK_TOKEN}"}
    (message,) = one.receive(headers, dump_json(notice))
    assert (message.object, message.external_id, message.needs_fetch, message.key) == ("A_BusinessPartner", employee, True, "e-1")
    assert await one.fetch(message.object, message.external_id) is None
    assert (await one.fetch("A_BusinessPartner", "1000001")) is not None
    with pytest.raises(SignatureError):
        one.receive({"Authorization": "Bearer other"}, dump_json(notice))
    assert one.receive(headers, dump_json(notice | {"type": "sap.s4.beh.product.v1.Product.Changed.v1"})) == []


# --- signing in ------------------------------------------------------------------------------------------------------


async def test_one_signs_in_by_password_or_token_and_a_wrong_one_is_told(connector: Connect, tenant: S4hana) -> None:
    client = {"token_url": f"{tenant.url}/sap/bc/sec/oauth2/token", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    for auth in (BASIC, client, client | {"secret_in": "form"}):
        assert (await connector(auth=auth).poll("A_CompanyCode", "")).messages
    await raises(CredentialsError, connector(auth={"password": "wrong", "user": USER}).poll("A_CompanyCode", ""))
    with pytest.raises(ConfigurationError, match="expected user and password, client_id and client_secret with a token_url, or a certificate"):
        connector(auth={"token_url": "x"})
    with pytest.raises(ConfigurationError, match="expected a certificate and its private_key in PEM form"):
        connector(auth={"certificate": "x", "private_key": "y"})


async def test_a_certificate_is_shown_where_the_arrangement_asks_for_one(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate = made.public_bytes(Encoding.PEM).decode()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    file = tmp_path / "both.pem"
    file.write_text(certificate + private, encoding="ascii")
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=certificate)
    server.load_cert_chain(file)
    server.verify_mode = ssl.CERT_REQUIRED
    shown: list[Any] = []

    async def answered(request: web.Request) -> web.Response:
        assert request.transport is not None
        shown.append(request.transport.get_extra_info("peercert")["serialNumber"])
        return web.json_response({})

    app = web.Application()
    app.router.add_get("/x", answered)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server).start()
    tls = client_tls((certificate, private))
    assert tls is not None
    tls.load_verify_locations(cadata=certificate)
    client = HttpClient(HttpSettings("erp", f"https://localhost:{runner.addresses[0][1]}"), tls=tls)
    try:
        assert (await client.request("GET", "x")).status == 200 and shown == ["07"]
    finally:
        await client.aclose()
        await runner.cleanup()


async def test_a_session_that_ended_is_begun_anew_once_and_the_write_happens_once(connector: Connect, tenant: S4hana) -> None:
    one = connector()
    await one.write(create("A_BusinessPartner", "client", {"OrganizationName": "First"}, "k-1"))
    tenant.sessions.clear()
    await one.write(create("A_BusinessPartner", "client", {"OrganizationName": "Second"}, "k-2"))
    assert len(tenant.sessions) == 1
    assert [row.fields["OrganizationBPName1"] for row in tenant.store.table("A_BusinessPartner")][-2:] == ["First", "Second"]


async def test_a_service_outside_the_arrangement_is_told_as_such(connector: Connect, tenant: S4hana) -> None:
    tenant.control_arrange({"without": ["API_SALES_ORDER_SRV"]})
    error = await raises(RejectedError, connector().poll("A_SalesOrder", ""))
    assert error.cause == "permission" and "communication arrangement" in error.remedy
    assert (await connector().poll("A_CompanyCode", "")).messages, "others are read on"


async def test_a_gateway_that_throttles_is_obeyed_though_it_answers_no_json(connector: Connect, tenant: S4hana) -> None:
    tenant.control_fault({"kind": "429", "object": "A_CompanyCode", "retry_after_s": 7})
    error = await raises(RateLimitedError, connector().poll("A_CompanyCode", ""))
    assert error.retry_after_s == 7
    tenant.control_fault({"kind": "503", "object": "/sap/opu/odata/sap/API_COSTCENTER_SRV"})
    await raises(RetriableError, connector().poll("A_CostCenter", ""))


# --- partners --------------------------------------------------------------------------------------------------------

NEW = {
    "OrganizationName": "Gesellschaft für Hafenlogistik und Umschlag mbH", "Name": "GHU",
    "to_BusinessPartnerAddress": {"0": {"Street": "Am Sandtorkai 12", "CityName": "Hamburg", "PostalCode": "20457", "Country": "DE"}},
    "to_BusinessPartnerTax": [{"BPTaxCountry": "DE", "BPTaxType": "VAT", "BPTaxNumber": "DE136695976"}],
}  # fmt: skip


async def test_a_client_becomes_a_customer_with_address_roles_and_tax_number(connector: Connect, tenant: S4hana) -> None:
    one = connector()
    receipt = await one.write(create("A_BusinessPartner", "client", NEW))
    partner = the(tenant, "A_BusinessPartner", BusinessPartner=receipt.external_id)
    assert [partner[f"OrganizationBPName{n}"] for n in (1, 2, 3)] == ["Gesellschaft für Hafenlogistik und", "Umschlag mbH", ""]
    assert (partner["BusinessPartnerGrouping"], len(partner["BusinessPartnerIDByExtSystem"])) == ("BP02", 20)
    assert the(tenant, "A_BusinessPartnerTaxNumber", BusinessPartner=receipt.external_id)["BPTaxType"] == "DE0"
    roles = [row.fields["BusinessPartnerRole"] for row in tenant.store.table("A_BusinessPartnerRole") if row.fields["BusinessPartner"] == receipt.external_id]
    assert roles == ["FLCU00", "FLCU01"]
    fetched = await one.fetch("A_BusinessPartner", receipt.external_id)
    assert fetched is not None
    found = values([fetched], "client")[0]
    assert (found["legal_name"], found["street"], found["city"]) == (NEW["OrganizationName"], "Am Sandtorkai 12", "Hamburg")
    assert found["tax_registrations"] == [{"country": "DE", "scheme": "DE0", "number": "DE136695976"}]


async def test_a_create_is_found_by_our_key_and_without_one_by_name_and_country(connector: Connect) -> None:
    one = connector()
    made = await one.write(create("A_BusinessPartner", "client", NEW))
    by_key = await one.look_up(create("A_BusinessPartner", "client", NEW))
    natural = {"Name": NEW["OrganizationName"], "to_BusinessPartnerAddress.0.Country": "DE"}
    by_name = await one.look_up(Write("", "create", "A_BusinessPartner", "client", None, {}, natural_key=natural))
    elsewhere = await one.look_up(Write("", "create", "A_BusinessPartner", "client", None, {}, natural_key=natural | {"to_BusinessPartnerAddress.0.Country": "AT"}))
    assert by_key is not None and by_name is not None and {by_key.external_id, by_name.external_id} == {made.external_id}
    assert elsewhere is None


async def test_an_everyday_name_stands_in_where_no_legal_one_is_known_and_never_over_one(connector: Connect, tenant: S4hana) -> None:
    one = connector()
    made = await one.write(create("A_BusinessPartner", "client", {"Name": "GHU"}))
    assert "No address is maintained" in made.response, "what SAP warned of is kept"
    assert the(tenant, "A_BusinessPartner", BusinessPartner=made.external_id)["OrganizationBPName1"] == "GHU"
    renamed = update("A_BusinessPartner", "client", "1000001", {"Name": "Nordlicht"})
    assert (await one.write(renamed)).external_id == "1000001" and await one.look_up(renamed) is not None
    assert the(tenant, "A_BusinessPartner", BusinessPartner="1000001")["OrganizationBPName1"] == "Nordlicht Logistik GmbH"


async def test_a_firms_own_field_is_an_extension_field_both_ways(connector: Connect, tenant: S4hana) -> None:
    shipped = next(one for one in SHIPPED["mappings"] if (one["object"], one["entity"]) == ("A_BusinessPartner", "client"))
    select = [*SHIPPED["resources"]["A_BusinessPartner"]["select"], "YY1_Tier_bus"]
    own = extended({
        "extends": "sap_s4hana", "system": "erp", "resources": {"A_BusinessPartner": {"select": select}},
        "mappings": [shipped | {"fields": shipped["fields"] | {"extra.tier": "YY1_Tier_bus"}}],
    })  # fmt: skip
    (mapping,) = (one for one in load_mappings(own, system="erp") if (one.object, one.entity) == ("A_BusinessPartner", "client"))
    one = connector(resources={"A_BusinessPartner": {"select": select}})
    await one.write(update("A_BusinessPartner", "client", "1000001", mapping.write({"extra.tier": "gold"}, CODES)))
    fetched = await one.fetch("A_BusinessPartner", "1000001")
    assert fetched is not None and mapping.read(parse_json(fetched.body), CODES)[0].values["extra.tier"] == "gold"


async def test_a_name_that_does_not_fit_is_refused_and_not_cut(connector: Connect, tenant: S4hana) -> None:
    before = len(tenant.store.rows["A_BusinessPartner"])
    error = await raises(RejectedError, connector().write(create("A_BusinessPartner", "client", {"OrganizationName": "Wort " * 40})))
    assert (error.field, error.remedy) == ("OrganizationBPName1", "Shorten it to 160 characters at its owner, then retry.")
    assert len(tenant.store.rows["A_BusinessPartner"]) == before


async def test_a_partner_and_its_address_change_together_or_not_at_all(connector: Connect, tenant: S4hana) -> None:
    one = connector()
    good = {"CorrespondenceLanguage": "EN", "to_BusinessPartnerAddress": {"0": {"Street": "Peutestraße 3", "Country": "AT"}}}
    await one.write(update("A_BusinessPartner", "client", "1000001", good))
    address = the(tenant, "A_BusinessPartnerAddress", BusinessPartner="1000001")
    assert (address["StreetName"], address["HouseNumber"], address["Country"]) == ("Peutestraße 3", "", "AT")
    assert the(tenant, "A_BusinessPartner", BusinessPartner="1000001")["CorrespondenceLanguage"] == "EN"
    bad = {"CorrespondenceLanguage": "FR", "to_BusinessPartnerAddress": {"0": {"Country": "XX"}}}
    error = await raises(RejectedError, one.write(update("A_BusinessPartner", "client", "1000001", bad)))
    assert (error.field, error.code) == ("Country", "AM/013")
    assert the(tenant, "A_BusinessPartner", BusinessPartner="1000001")["CorrespondenceLanguage"] == "EN"
    assert tenant.requests["create batch"] == 2


async def test_an_address_that_was_not_there_is_added_and_a_deactivated_partner_is_marked(connector: Connect, tenant: S4hana) -> None:
    one = connector()
    made = await one.write(create("A_BusinessPartner", "client", {"OrganizationName": "Later"}))
    await one.write(update("A_BusinessPartner", "client", made.external_id, {"to_BusinessPartnerAddress": {"0": {"CityName": "Wien", "Country": "AT"}}}))
    assert the(tenant, "A_BusinessPartnerAddress", BusinessPartner=made.external_id)["CityName"] == "Wien"
    await one.write(Write("key-d", "deactivate", "A_BusinessPartner", "client", made.external_id, {}))
    fetched = await one.fetch("A_BusinessPartner", made.external_id)
    assert fetched is not None and fetched.is_delete


async def test_a_billing_account_is_opened_for_the_customer_a_partner_is(connector: Connect, tenant: S4hana) -> None:
    one, natural = connector(), {"Partner.BusinessPartner": "1000002", "CompanyCode": "1110"}
    body = {"Partner": {"BusinessPartner": "1000002"}, "CompanyCode": "1110", "PaymentTerms": "NT30", "ReconciliationAccountId": "YCOA|12100000"}
    receipt = await one.write(create("A_CustomerCompany", "billing_account", body))
    assert receipt.external_id == "1000002|1110"
    assert the(tenant, "A_CustomerCompany", Customer="1000002", CompanyCode="1110")["ReconciliationAccount"] == "12100000"
    found = await one.look_up(Write("", "create", "A_CustomerCompany", "billing_account", None, {}, natural_key=natural))
    assert found is not None and found.external_id == receipt.external_id
    error = await raises(RejectedError, one.write(create("A_CustomerCompany", "billing_account", body | {"Partner": {"BusinessPartner": "4711"}})))
    assert error.cause == "reference"


# --- projects and orders ---------------------------------------------------------------------------------------------


async def test_a_project_is_made_released_by_its_function_and_closed(connector: Connect, tenant: S4hana) -> None:
    one = connector()
    body = {"Project": "NB-NEW", "ProjectDescription": "New", "ProjectStartDate": "2026-06-01", "CompanyCode": "1010", "ProjectCurrency": "EUR", "ProcessingStatus": "10"}
    made = await one.write(create("A_EnterpriseProject", "project", body))
    project = the(tenant, "A_EnterpriseProject", Project="NB-NEW")
    assert (project["ProjectUUID"], project["ProcessingStatus"], project["ProjectStartDate"]) == (made.external_id, "10", "2026-06-01T00:00:00")
    await one.write(update("A_EnterpriseProject", "project", made.external_id, {"ProjectDescription": "Newer", "ProcessingStatus": "45"}))
    project = the(tenant, "A_EnterpriseProject", Project="NB-NEW")
    assert (project["ProjectDescription"], project["ProcessingStatus"]) == ("Newer", "45")
    error = await raises(RejectedError, one.write(create("A_EnterpriseProject", "project", body)))
    assert error.cause == "duplicate"
    found = await one.look_up(create("A_EnterpriseProject", "project", body, Project="NB-NEW"))
    assert found is not None and found.external_id == made.external_id


async def test_an_element_hangs_below_its_project_or_another_element(connector: Connect, tenant: S4hana) -> None:
    one, element = connector(), the(tenant, "A_EnterpriseProjectElement", ProjectElement="NL-ERP.1")
    body = {"ProjectUUID": element["ProjectUUID"], "ProjectElement": "NL-ERP.2", "ProjectElementDescription": "Training"}
    first = await one.write(create("A_EnterpriseProjectElement", "task", body))
    below = {**body, "ProjectElement": "NL-ERP.2.1", "ParentElementUUID": first.external_id}
    second = await one.write(create("A_EnterpriseProjectElement", "task", below))
    found = {message.external_id: message for message in (await read_all(one, "A_EnterpriseProjectElement"))[0]}
    (above,), (inner,) = values([found[first.external_id]], "task"), values([found[second.external_id]], "task")
    assert above["parent"] is None and inner["parent"]["id"] == first.external_id
    assert (inner["project"]["id"], inner["wbs_code"], inner["state"]) == (element["ProjectUUID"], "NL-ERP.2.1", "planned")


async def test_an_order_and_its_lines_are_written_and_carry_our_key(connector: Connect, tenant: S4hana) -> None:
    one, key = connector(), "00000000-0000-0000-0000-00000000000a"
    made = await one.write(create("A_SalesOrder", "contract", {"SoldTo": {"BusinessPartner": "1000002"}, "SalesOrderDate": "2026-06-01", "TransactionCurrency": "EUR"}, key))
    order = the(tenant, "A_SalesOrder", SalesOrder=made.external_id)
    assert (order["SoldToParty"], order["ExternalDocumentID"], order["SalesOrderType"]) == ("1000002", key, "OR")
    line = await one.write(create("A_SalesOrderItem", "contract_line", {"SalesOrder": made.external_id, "SalesOrderItem": "20", "SalesOrderItemText": "Rollout"}))
    assert line.external_id == f"{made.external_id}|20"
    await one.write(update("A_SalesOrderItem", "contract_line", line.external_id, {"SalesOrderItemText": "Rollout, phase 1"}))
    assert the(tenant, "A_SalesOrderItem", SalesOrder=made.external_id)["SalesOrderItemText"] == "Rollout, phase 1"
    found = await one.look_up(create("A_SalesOrder", "contract", {}, key))
    assert found is not None and found.external_id == made.external_id
    again = await one.look_up(create("A_SalesOrderItem", "contract_line", {}, SalesOrder=made.external_id, SalesOrderItem="20"))
    assert again is not None and again.external_id == line.external_id


# --- time sheets -----------------------------------------------------------------------------------------------------


@pytest.fixture
def booking(tenant: S4hana) -> dict[str, Any]:
    element = the(tenant, "A_EnterpriseProjectElement", ProjectElement="NL-ERP.1")
    worker = the(tenant, "A_BuPaIdentification", BPIdentificationNumber="500013")["BusinessPartner"]
    return {
        "Worker": {"BusinessPartner": worker}, "TimeSheetDate": "2026-06-02", "Element": {"ProjectUUID": element["ProjectUUID"], "ProjectElementUUID": element["ProjectElementUUID"]},
        "TimeSheetDataFields": {"RecordedHours": Decimal("7.50"), "TimeSheetNote": "Review"},
    }  # fmt: skip


async def test_hours_are_booked_corrected_and_taken_back(connector: Connect, tenant: S4hana, booking: dict[str, Any]) -> None:
    one = connector()
    made = await one.write(create("TimeSheetEntryCollection", "time_entry", booking))
    record = made.external_id.rpartition("|")[2]
    kept = the(tenant, "TimeSheetEntryCollection", TimeSheetRecord=record)
    assert (made.external_id, kept["TimeSheetStatus"]) == (f"500013|1010|{record}", "30"), "the company is its project's where nobody says another"
    assert (kept["TimeSheetDataFields"]["WBSElement"], kept["TimeSheetDataFields"]["RecordedHours"]) == ("NL-ERP.1", Decimal("7.50"))
    changed = await one.write(update("TimeSheetEntryCollection", "time_entry", made.external_id, {"TimeSheetDataFields": {"RecordedHours": Decimal("6.00")}}))
    after = the(tenant, "TimeSheetEntryCollection", TimeSheetRecord=changed.external_id.rpartition("|")[2])
    assert (after["TimeSheetPredecessorRecord"], after["TimeSheetDataFields"]["RecordedHours"], after["TimeSheetDataFields"]["TimeSheetNote"]) == (record, Decimal("6.00"), "Review")
    await one.write(Write("key-d", "deactivate", "TimeSheetEntryCollection", "time_entry", changed.external_id, {}))
    assert tenant.store.get("TimeSheetEntryCollection", changed.external_id) is None
    again = await one.write(Write("key-d", "deactivate", "TimeSheetEntryCollection", "time_entry", changed.external_id, {}))
    assert again.response == "gone"


async def test_hours_on_a_project_alone_go_to_its_own_element(connector: Connect, tenant: S4hana, booking: dict[str, Any]) -> None:
    del booking["Element"]["ProjectElementUUID"]
    made = await connector().write(create("TimeSheetEntryCollection", "time_entry", booking))
    assert the(tenant, "TimeSheetEntryCollection", TimeSheetRecord=made.external_id.rpartition("|")[2])["TimeSheetDataFields"]["WBSElement"] == "NL-ERP"


async def test_a_lost_answer_is_settled_by_who_when_what_and_how_long(connector: Connect, tenant: S4hana, booking: dict[str, Any]) -> None:
    one, element = connector(), booking["Element"]
    made = await one.write(create("TimeSheetEntryCollection", "time_entry", booking))
    natural = {"Worker.BusinessPartner": booking["Worker"]["BusinessPartner"], "TimeSheetDate": "2026-06-02", "Element.ProjectUUID": element["ProjectUUID"],
               "TimeSheetDataFields.RecordedHours": Decimal("7.50")}  # fmt: skip
    found = await one.look_up(create("TimeSheetEntryCollection", "time_entry", booking, **natural))
    assert found is not None and found.external_id == made.external_id
    other = await one.look_up(create("TimeSheetEntryCollection", "time_entry", booking, **natural | {"TimeSheetDataFields.RecordedHours": Decimal("7.00")}))
    elsewhere = booking | {"TimeSheetDataFields": booking["TimeSheetDataFields"] | {"TimeSheetNote": "Training"}}
    assert other is None and await one.look_up(create("TimeSheetEntryCollection", "time_entry", elsewhere, **natural)) is None


async def test_a_post_that_does_nothing_is_no_success(connector: Connect, tenant: S4hana, booking: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(tenant.store.rows["TimeSheetEntryCollection"])
    one = connector(resources={"TimeSheetEntryCollection": {"operations": "TimeSheetIsExecutedInTestRun"}})
    error = await raises(RejectedError, one.write(create("TimeSheetEntryCollection", "time_entry", booking)))
    assert "stored nothing" in str(error) and len(tenant.store.rows["TimeSheetEntryCollection"]) == before


async def test_a_closed_period_an_unknown_person_and_too_many_hours_are_told(connector: Connect, booking: dict[str, Any]) -> None:
    one = connector()
    closed = await raises(RejectedError, one.write(create("TimeSheetEntryCollection", "time_entry", booking | {"TimeSheetDate": "2025-12-30"})))
    assert (closed.cause, closed.field, closed.code) == ("closed_period", "TimeSheetDate", "F5/201")
    nobody = await raises(RejectedError, one.write(create("TimeSheetEntryCollection", "time_entry", booking | {"Worker": {"BusinessPartner": "1000001"}})))
    assert (nobody.cause, nobody.field) == ("reference", "PersonWorkAgreementExternalID")
    hours = await raises(RejectedError, one.write(create("TimeSheetEntryCollection", "time_entry", booking | {"TimeSheetDataFields": {"RecordedHours": Decimal(25)}})))
    assert (hours.cause, hours.field) == ("validation", "RecordedHours")


# --- errors ----------------------------------------------------------------------------------------------------------


async def test_a_record_somebody_has_open_is_tried_again_later(connector: Connect, tenant: S4hana) -> None:
    tenant.control_lock({"id": "1000001", "user": "CB9980000012"})
    error = await raises(RetriableError, connector().write(update("A_BusinessPartner", "client", "1000001", {"CorrespondenceLanguage": "EN"})))
    assert error.retry_after_s == 10


def refusal(code: str, text: str, details: list[dict[str, str]] | None = None) -> bytes:
    inner = {"errordetails": [{"code": code, "message": text, "propertyref": "", "severity": "error", "target": ""}] if details is None else details}
    return dump_json({"error": {"code": code, "message": {"lang": "en", "value": text}, "innererror": inner}})


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (403, b"CSRF token validation failed", "RetriableError"),
        (403, refusal("/IWFND/MED/170", "No authorization to access service"), "permission"),
        (403, b"<html>No authorization</html>", "permission"),
        (412, refusal("/IWBEP/CM_MGW_RT/190", "State of the resource (entity) was already changed (If-Match)"), "conflict"),
        (400, refusal("/IWFND/CM_MGW/094", "Malformed ETag"), "conflict"),
        (428, refusal("/IWBEP/CM_V4_RUNTIME/020", "Data service request is required to be conditional; try using If-Match"), "conflict"),
        (423, refusal("X/001", "locked"), "RetriableError"),
        (400, refusal("SY/530", "Exception raised without specific error", [{"code": "R1/042", "message": "1000001 is currently being processed by user X", "severity": "error"}]), "RetriableError"),
        (400, refusal("F5/201", "Posting period 004 2026 is not open for account type D"), "closed_period"),
        (400, refusal("XY/999", "Period 004/2026 is not open for account type S and G/L 41000000"), "closed_period"),
        (400, refusal("R1/217", "Business partner 1000001 already exists"), "duplicate"),
        (400, refusal("/S4PPM/CRUD/377", "Use the Project entity to update the project definition."), "permission"),
        (404, refusal("/IWBEP/CM_MGW_RT/020", "Resource not found for segment 'A_BusinessPartner'"), "not_found"),
        (404, dump_json({"error": {"code": "/IWBEP/CM_V4_APPS/017", "message": "Not found", "details": []}}), "not_found"),
        (400, refusal("V1/199", "Sold-to party 4711 does not exist"), "reference"),
        (400, refusal("R11/018", "Enter a value", [{"code": "R11/018", "message": "Enter a value", "propertyref": "Country", "severity": "error"}]), "validation"),
        (503, b"<html>Service Unavailable: throttled</html>", "RateLimitedError"),
        (503, b"<html>Service Unavailable</html>", "RetriableError"),
        (500, b"<html>Internal Server Error</html>", "UnknownOutcomeError"),
    ],
)  # fmt: skip
def test_what_goes_wrong_says_what_happens_next(connector: Connect, status: int, body: bytes, expected: str) -> None:
    error = connector()._error(Answer(status, {}, body), "update A_BusinessPartner", is_read=False)
    assert (error.cause if isinstance(error, RejectedError) else type(error).__name__) == expected


async def test_a_stale_version_is_a_conflict_also_where_rows_are_written(connector: Connect, tenant: S4hana) -> None:
    one = connector()
    fetched = await one.fetch("A_BusinessPartner", "1000001")
    assert fetched is not None
    tenant.control_change({"object": "A_BusinessPartner", "id": "1000001", "values": {"SearchTerm1": "NORD"}})
    body = {"to_BusinessPartnerAddress": {"0": {"CityName": "Kiel"}}}
    error = await raises(RejectedError, one.write(update("A_BusinessPartner", "client", "1000001", body, fetched.version)))
    assert error.cause == "conflict"
    fresh = await one.fetch("A_BusinessPartner", "1000001")
    assert fresh is not None and isinstance(await one.write(update("A_BusinessPartner", "client", "1000001", body, fresh.version)), Receipt)


async def test_a_batch_tells_each_records_fate(connector: Connect, tenant: S4hana) -> None:
    writes = [create("A_BusinessPartner", "client", {"OrganizationName": f"Firm {n}"}, f"k-{n}") for n in range(60)]
    writes[7] = create("A_BusinessPartner", "client", {"OrganizationName": ""}, "k-7")
    writes.append(update("A_BusinessPartner", "client", "1000001", {"to_BusinessPartnerAddress": {"0": {"CityName": "Kiel"}}}))
    answers = await connector().write_many(writes)
    refused = {n: (one.cause, one.field) for n, one in enumerate(answers) if isinstance(one, RejectedError)}
    assert refused == {7: ("validation", "OrganizationBPName1")}
    assert len({one.external_id for one in answers if isinstance(one, Receipt)}) == 60 and tenant.requests["create batch"] == 2


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"resources": {"A_BusinessPartner": {"dated": {"zone": "Mars/Phobos"}}}}, "resources.A_BusinessPartner.dated.zone: expected a time zone, got 'Mars/Phobos'"),
        ({"resources": {"A_BusinessPartner": {"derived": {"X": {"sum": "A"}}}}}, "expected joined, first, beginning, id, part, minus, cases or parent"),
        ({"resources": {"A_SalesOrder": {"joins": {"SoldTo": {"shoes": 1}}}}}, "resources.A_SalesOrder.joins.SoldTo.shoes: unknown key"),
        ({"base_url": "https://my300000.s4hana.cloud.sap"}, "base_url: expected the tenant's host for APIs, whose name ends with -api, got 'https://my300000.s4hana.cloud.sap'"),
        ({"resources": {"A_SalesOrder": {"shoes": 1}}}, "resources.A_SalesOrder.shoes: unknown key"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_document_is_told(connector: Connect, said: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        connector(**said)
    assert expected in str(refused.value)
