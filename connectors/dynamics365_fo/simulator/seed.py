"""The records Northbeam's environment starts with: its companies and customers, what was invoiced, paid and posted."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.simulator.seed import ERP_NAMES, FIRMS, PROJECTS, STAFF

if TYPE_CHECKING:
    from connectors.dynamics365_fo.simulator.server import Finance

TERMS = {"N10": "Net10", "N14": "Net14", "N30": "Net30", "N45": "Net45", "N60": "Net60"}


def seed(books: Finance) -> None:
    """Fill an empty environment."""

    def put(set_: str, **fields: Any) -> dict[str, Any]:
        return books.put(set_, None, fields).fields

    for company, name in (("NBDE", "Northbeam Consulting GmbH"), ("NBUK", "Northbeam Consulting Ltd")):
        put("LegalEntities", LegalEntityId=company, Name=name)
    for code, name in (("EUR", "Euro"), ("GBP", "Pound Sterling")):
        put("Currencies", CurrencyCode=code, Name=name)
    for account, name, kind in (("110110", "Bank", "Asset"), ("130100", "Receivables", "Asset"), ("400100", "Consulting revenue", "Revenue")):
        put("MainAccounts", ChartOfAccounts="Northbeam", MainAccountId=account, Name=name, MainAccountType=kind)
    put("TaxGroups", dataAreaId="nbde", TaxGroupCode="DOM19", Description="Domestic 19 %")
    for given, family, number, _, _ in STAFF:
        put("Workers", PersonnelNumber=number, Name=f"{given} {family}", FirstName=given, LastName=family, WorkerType="Employee", WorkerStatus="Employed",
            PrimaryContactEmail=f"{given}.{family}@northbeam.example".lower())  # fmt: skip
    accounts: dict[int, dict[str, Any]] = {}
    for place, firm in enumerate(FIRMS):
        if firm.erp:
            is_british = firm.country == "GB"
            accounts[place] = put(
                "CustomersV3", dataAreaId="nbuk" if is_british else "nbde", OrganizationName=firm.erp, CustomerGroupId="10", SalesCurrencyCode="GBP" if is_british else "EUR",
                PaymentTerms=TERMS[firm.terms], AddressStreet=firm.street, AddressZipCode=firm.postcode, AddressCity=firm.city,
                AddressCountryRegionId=ERP_NAMES[firm.country], PrimaryContactEmail=f"invoices@{firm.domain}", CreditLimit=Decimal(50_000),
            )  # fmt: skip
    for place, code, title, _, is_here in PROJECTS:
        if is_here and place in accounts:
            customer = accounts[place]
            put("Projects", dataAreaId=customer["dataAreaId"], ProjectId=code, ProjectName=title, CustomerAccountNumber=customer["CustomerAccount"], ProjectStage="InProcess")
    first = accounts[0]
    invoice = put("FreeTextInvoiceHeaders", dataAreaId="nbde", FreeTextNumber="FTI-00412", CustomerAccount=first["CustomerAccount"], InvoiceDate="2026-05-31",
                  DueDate="2026-06-30", CurrencyCode="EUR", IsPosted="Yes")  # fmt: skip
    put("FreeTextInvoiceLines", dataAreaId="nbde", ParentRecId=invoice["InvoiceIdentifier"], LineNumber=1, Quantity=Decimal("32.5"), UnitPrice=Decimal(165),
        TransactionCurrencyAmount=Decimal("5362.50"), MainAccountDisplayValue="400100-", Description="Workshops in May", SalesTaxAmount=Decimal("1018.88"), ProjectId="NL-ERP")  # fmt: skip
    correction = put("FreeTextInvoiceHeaders", dataAreaId="nbde", FreeTextNumber="FTI-00413", CustomerAccount=first["CustomerAccount"], InvoiceDate="2026-06-02",
                     CurrencyCode="EUR", IsPosted="Yes", IsCorrection="Yes", CorrectedInvoiceId="FTI-00412")  # fmt: skip
    put("FreeTextInvoiceLines", dataAreaId="nbde", ParentRecId=correction["InvoiceIdentifier"], LineNumber=1, Quantity=Decimal(-1), UnitPrice=Decimal(165),
        TransactionCurrencyAmount=Decimal("-165.00"), MainAccountDisplayValue="400100-", Description="One hour too many")  # fmt: skip
    put("SalesOrderHeadersV2", dataAreaId="nbde", SalesOrderNumber="SO-000017", CurrencyCode="EUR", SalesOrderName="ERP rollout",
        OrderingCustomerAccountNumber=first["CustomerAccount"])  # fmt: skip
    for batch, is_posted in (("CP-0001", "Yes"), ("CP-0002", "No")):
        put("CustomerPaymentJournalHeaders", dataAreaId="nbde", JournalBatchNumber=batch, JournalName="CustPay", IsPosted=is_posted)
        put("CustomerPaymentJournalLines", dataAreaId="nbde", JournalBatchNumber=batch, LineNumber=1, AccountDisplayValue=first["CustomerAccount"].replace("-", "\\-"),
            AccountType="Cust", CreditAmount=Decimal("6381.38"), CurrencyCode="EUR", MarkedInvoice="FTI-00412", TransactionDate="2026-06-28", Voucher=f"V-{batch}")  # fmt: skip
    put("LedgerJournalHeaders", dataAreaId="nbde", JournalBatchNumber="GL-0001", JournalName="GenJrn", Description="Accruals in May", IsPosted="Yes")
    for line, (account, debit, credit) in enumerate((("130100-001-", "100.00", "0"), ("400100-001-", "0", "100.00")), 1):
        put("LedgerJournalLines", dataAreaId="nbde", JournalBatchNumber="GL-0001", LineNumber=line, AccountDisplayValue=account, DebitAmount=Decimal(debit),
            CreditAmount=Decimal(credit), CurrencyCode="EUR", TransDate="2026-05-31", Voucher="V-9001", Text="Accrual")  # fmt: skip
