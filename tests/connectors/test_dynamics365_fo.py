"""Finance & Operations beyond the suite: companies, columns and sets by version, values from other sets, Infologs, writes, mapping."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from connectors.conformance import present, raises, read_all
from connectors.dynamics365_fo.connector import FinanceConnector
from connectors.dynamics365_fo.records import infolog
from connectors.dynamics365_fo.simulator.server import CLIENT_ID, CLIENT_SECRET, TENANT
from connectors.errors import CredentialsError, RejectedError
from connectors.port import Receipt, Write
from connectors.shipped import extended
from connectors.wire import parse_json
from schema.code_maps import CodeMaps
from schema.mapping import unbound
from schema.mapping_file import load_code_maps, load_mappings
from tests.connectors.vendors.dynamics365_fo import FinanceSubject, subject as dynamics365_fo


@pytest.fixture
async def books() -> AsyncIterator[FinanceSubject]:
    found = await dynamics365_fo()
    yield found
    await found.close()


def connected(books: FinanceSubject, **more: Any) -> FinanceConnector:
    made = books.connector(**more)
    assert isinstance(made, FinanceConnector)
    return made


async def told(connector: FinanceConnector, resource: str) -> list[dict[str, Any]]:
    return [parse_json(one.body) for one in (await read_all(connector, resource))[0]]


async def test_a_token_is_for_the_environment_itself(books: FinanceSubject) -> None:
    auth = {"tenant": TENANT, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "authority": books.running.url}
    assert (await connected(books, auth=auth).poll("LegalEntities", "")).messages
    error = await raises(CredentialsError, connected(books, auth={**auth, "scope": f"{books.running.url}//.default"}).poll("LegalEntities", ""))
    assert "invalid_scope" in str(error)


async def test_all_companies_are_read_or_those_that_are_said(books: FinanceSubject) -> None:
    assert {one["dataAreaId"] for one in await told(connected(books), "CustomersV3")} == {"nbde", "nbuk"}
    assert {one["dataAreaId"] for one in await told(connected(books, companies=["NBUK"]), "CustomersV3")} == {"nbuk"}
    assert {one["dataAreaId"] for one in await told(connected(books, more={"sap-client": "1"}), "CustomersV3")} == {"nbde"}, "without cross-company"
    entities = await told(connected(books), "LegalEntities")
    assert {one["LegalEntityId"] for one in entities} == {"nbde", "nbuk"}, "spelled in capitals there, and small in every other set"


async def test_every_poll_tells_all_there_is_and_so_what_is_gone(books: FinanceSubject) -> None:
    ids = await books.enter(120)
    connector = connected(books)
    first, checkpoint, last = await read_all(connector, "CustomersV3")
    assert last.is_complete_listing and checkpoint == "" and not connector.capabilities.can_filter_changes
    await books.delete(ids[0])
    await books.change(ids[1])
    later, _, last = await read_all(connector, "CustomersV3", checkpoint)
    assert last.is_complete_listing and present(later) == await books.ids()
    keys = {one.external_id: one.key for one in first}
    assert {one.external_id for one in later if one.key != keys[one.external_id]} == {ids[1]}, "a tag tells a repeated message from another"


async def test_columns_and_names_of_sets_that_a_version_has_not_are_left_out(books: FinanceSubject) -> None:
    connector = connected(books)
    customers = await told(connector, "CustomersV3")
    assert "AddressState" not in customers[0] and customers[0]["AddressZipCode"] == "20457"
    projects = await told(connector, "ProjectsV2")
    assert projects[0]["customer"].startswith("nb") and books.running.requests["list Projects"] == 1
    assert await told(connector, "TaxGroups") == [{"dataAreaId": "nbde", "TaxGroup": "DOM19", "Description": "Domestic 19 %"}]
    found = await connector.fetch("TaxGroups", "nbde|DOM19")
    assert found is not None and found.external_id == "nbde|DOM19"
    gone = connected(books, resources={**books.document()["resources"], "Currencies": {"id": "CurrencyCode", "select": ["CurrencyCode", "Gone"]}})
    error = await raises(RejectedError, gone.poll("Currencies", ""))
    assert error.field == "Gone"


async def test_a_line_has_its_documents_currency_and_a_payment_the_invoice_it_marks(books: FinanceSubject) -> None:
    connector = connected(books)
    line, credit_line = await told(connector, "FreeTextInvoiceLines")
    header, credit = await told(connector, "FreeTextInvoiceHeaders")
    assert (line["currency"], line["invoice"], line["LineNumber"]) == ("EUR", header["invoice"], 1)
    assert (header["InvoiceDate"], header["DueDate"]) == ("2026-05-31", "2026-06-30"), "noon is no instant"
    assert (credit["corrected"], credit_line["is_correction"], credit_line["invoice"]) == (header["invoice"], "Yes", credit["invoice"])
    paid = {one["JournalBatchNumber"]: one for one in await told(connector, "CustomerPaymentJournalLines")}
    assert (paid["CP-0001"]["is_posted"], paid["CP-0002"]["is_posted"], paid["CP-0001"]["invoice"]) == ("Yes", "No", header["invoice"])
    assert paid["CP-0001"]["customer"] == f"nbde|{header['CustomerAccount']}", "a dash within an account is escaped"
    books.running.put("CustomerPaymentJournalHeaders", "nbde|CP-0002", {"IsPosted": "Yes"})
    again = {one["JournalBatchNumber"]: one for one in await told(connector, "CustomerPaymentJournalLines")}
    assert again["CP-0002"]["is_posted"] == "Yes"
    lines = await told(connector, "LedgerJournalLines")
    assert [one["account"] for one in lines] == ["Northbeam|130100", "Northbeam|400100"]


async def test_the_environment_describes_itself(books: FinanceSubject) -> None:
    connector = connected(books)
    service = await connector.service_of(connector.odata.sets["CustomersV3"]).metadata()
    customers = service.sets["CustomersV3"]
    assert (customers.key, customers.types["CreditLimit"]) == (("dataAreaId", "CustomerAccount"), "Edm.Decimal")
    assert service.enums["Microsoft.Dynamics.DataEntities.NoYes"] == ("No", "Yes") and customers.types["OnHoldStatus"] in service.enums


async def test_no_date_is_empty(books: FinanceSubject) -> None:
    books.running.put("FreeTextInvoiceHeaders", None, {"dataAreaId": "nbde", "CustomerAccount": "C-1", "InvoiceDate": "2026-05-31", "DueDate": "1900-01-01"})
    draft = (await told(connected(books), "FreeTextInvoiceHeaders"))[-1]
    assert (draft["InvoiceDate"], draft["DueDate"], draft["FreeTextNumber"]) == ("2026-05-31", None, None), "nor is a number that is yet to be given"


async def test_every_set_is_read_and_every_record_mapped_without_a_problem(books: FinanceSubject) -> None:
    connector = connected(books)
    document = extended({"extends": "dynamics365_fo", "system": "erp"})
    mappings = load_mappings(document, system="erp")
    codes = CodeMaps(load_code_maps(document, system="erp"))
    for resource in connector.capabilities.resources:
        records = await told(connector, resource)
        mine = [one for one in mappings if one.object == resource]
        assert records and mine, resource
        for raw in records:
            parts = [part for one in mine for part in one.read(raw, codes)]
            assert [part.problems for part in parts if part.problems] == []
            assert unbound(mine, raw) == set(), resource


# --- writing ---------------------------------------------------------------------------------------------------------


async def test_a_customer_is_made_in_its_company_and_changed_across_companies(books: FinanceSubject) -> None:
    connector = connected(books)
    made = await connector.write(Write("k", "create", "CustomersV3", "client", None, {"OrganizationName": "Neu GmbH"}))
    assert made.external_id.startswith("nbde|C-") and books.running.store.rows["CustomersV3"][made.external_id].fields["CustomerGroupId"] == "10"
    british = await connector.write(Write("k", "create", "CustomersV3", "billing_account", None, {"OrganizationName": "New Ltd", "dataAreaId": "nbuk", "CustomerAccount": "UK-7"}))
    assert british.external_id == "nbuk|UK-7"
    await connector.write(Write("k", "update", "CustomersV3", "client", "nbuk|UK-7", {"OrganizationName": "Newer Ltd", "dataAreaId": "nbuk", "AddressCity": "Leeds"}))
    stored = books.running.store.rows["CustomersV3"]["nbuk|UK-7"].fields
    assert (stored["OrganizationName"], stored["AddressCity"]) == ("Newer Ltd", "Leeds")
    error = await raises(RejectedError, connector.write(Write("k", "create", "CustomersV3", "client", None, {"OrganizationName": "x", "dataAreaId": "nbuk", "CustomerAccount": "UK-7"})))
    assert error.cause == "duplicate"
    error = await raises(RejectedError, connected(books, company=None).write(Write("k", "create", "CustomersV3", "client", None, {"OrganizationName": "x"})))
    assert (error.cause, error.field) == ("reference", "dataAreaId")
    error = await raises(RejectedError, connector.write(Write("k", "update", "CustomersV3", "client", "nbde|nobody", {"OrganizationName": "x"})))
    assert error.cause == "not_found"


@pytest.mark.parametrize(("object_", "entity"), [("CustomersV3", "client"), ("CustomersV3", "billing_account"), ("ProjectsV2", "project"), ("FreeTextInvoiceHeaders", "invoice")])
async def test_what_is_written_reads_back_as_the_same_record(books: FinanceSubject, object_: str, entity: str) -> None:
    connector = connected(books)
    document = extended({"extends": "dynamics365_fo", "system": "erp"})
    (mapping,) = [one for one in load_mappings(document, system="erp") if (one.object, one.entity) == (object_, entity)]
    codes = CodeMaps(load_code_maps(document, system="erp"))
    message = (await read_all(connector, object_))[0][0]
    (read,) = mapping.read(parse_json(message.body), codes)
    values = {name: value for name, value in read.values.items() if name in mapping.fields_out}
    if mapping.natural_key:
        natural = await connector.look_up(Write("k", "create", object_, entity, None, mapping.write(values, codes), natural_key=mapping.key_of(values, codes)))
        assert natural is not None and natural.external_id == message.external_id
    values |= {name: f"{values[name]}-2" for name in ("account_no", "code") if name in values}
    receipt = await connector.write(Write("k", "create", object_, entity, None, mapping.write(values, codes, is_new=True)))
    stored = await connector.fetch(object_, receipt.external_id)
    assert stored is not None and receipt.external_id != message.external_id
    (again,) = mapping.read(parse_json(stored.body), codes)
    assert {name: again.values.get(name) for name in values} == values


async def test_an_invoice_goes_into_the_books_with_its_lines(books: FinanceSubject) -> None:
    connector = connected(books)
    customer = next(row.id for row in books.running.store.table("CustomersV3") if row.fields["dataAreaId"] == "nbde")
    head = {"dataAreaId": "nbde", "customer": customer, "InvoiceDate": "2026-06-30", "DueDate": "2026-07-30", "CurrencyCode": "EUR"}
    create = Write("intent-17", "create", "FreeTextInvoiceHeaders", "invoice", None, head)
    assert await connector.look_up(create) is None
    invoice = await connector.write(create)
    stored = books.running.store.rows["FreeTextInvoiceHeaders"][invoice.external_id].fields
    assert (stored["CustomerAccount"], stored["InvoiceDate"], stored["ExternalInvoiceId"]) == (customer.partition("|")[2], "2026-06-30T12:00:00Z", "intent-17")
    assert stored["FreeTextNumber"] == "Not posted", "its number is given when it is posted"
    found = await connector.look_up(create)
    assert found is not None and found.external_id == invoice.external_id
    body = {"invoice": invoice.external_id, "LineNumber": 1, "Quantity": Decimal("2.5"), "UnitPrice": Decimal(165), "TransactionCurrencyAmount": Decimal("412.50"), "currency": "EUR"}
    lines = [Write(f"k{n}", "create", "FreeTextInvoiceLines", "invoice_line", None, {**body, "LineNumber": str(n)}) for n in (1, 2, 3)]
    answers = await connector.write_many(lines)
    assert [one.external_id for one in answers if isinstance(one, Receipt)] == [f"{invoice.external_id}|{n}" for n in (1, 2, 3)]
    fetched = await connector.fetch("FreeTextInvoiceLines", f"{invoice.external_id}|2")
    assert fetched is not None and parse_json(fetched.body)["currency"] == "EUR"
    error = await raises(RejectedError, connector.write(Write("k", "create", "FreeTextInvoiceHeaders", "invoice", None, {**head, "InvoiceDate": "2025-12-31"})))
    assert (error.cause, error.detail) == ("closed_period", "The accounting period is closed for the date 2025-12-31.")
    error = await raises(RejectedError, connector.write(Write("k", "create", "FreeTextInvoiceHeaders", "invoice", None, {**head, "customer": "nbde|C-0"})))
    assert (error.cause, error.field) == ("reference", "Customer account")


def test_an_infolog_is_told_without_what_says_nothing() -> None:
    text = "Write failed for table row of type 'SalesOrderLineV3Entity'. Infolog: Warning: Inventory dimension Site is mandatory and must consequently be specified.; Error: Update has been canceled."
    assert infolog(text) == "Inventory dimension Site is mandatory and must consequently be specified."
    assert infolog("Infolog: Error: Update has been canceled.") == "Update has been canceled." and infolog("plain") == "plain"


@pytest.mark.parametrize(
    ("status", "text", "cause", "field"),
    [
        (500, "Field 'Customer group' must be filled in.", "validation", "Customer group"),
        (400, "An update conflict occurred due to another user process deleting the record or changing one or more fields in the record.", "conflict", ""),
        (400, "The value '99' in field 'Terms of payment' is not found in the related table 'Terms of payment'.", "reference", "Terms of payment"),
        (400, "Period 5 for module Customer is on hold.", "closed_period", ""),
        (400, "The record already exists.", "duplicate", ""),
        (400, "Inventory dimension Site is mandatory and must consequently be specified.", "validation", "Inventory dimension Site"),
    ],
)  # fmt: skip
async def test_an_infolog_says_what_happens_next(books: FinanceSubject, status: int, text: str, cause: str, field: str) -> None:
    from connectors.http import Answer
    from connectors.wire import dump_json

    inner = {"message": f"Write failed for table row of type 'X'. Infolog: Warning: {text}; Error: Update has been canceled.", "type": "…", "stacktrace": "…"}
    body = dump_json({"error": {"code": "", "message": "An error has occurred.", "innererror": inner}})
    error = connected(books)._error(Answer(status, {}, body), "create CustomersV3", is_read=False)
    assert isinstance(error, RejectedError) and (error.cause, error.field, error.detail) == (cause, field, text)
