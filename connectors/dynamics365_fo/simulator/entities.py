"""The data entities of the simulated environment: days at noon, enumerations by their names, companies in every key."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.odata.simulator_kinds import Kind, Prop, Service
from connectors.odata.values import DECIMAL, INSTANT, INT64

ENUMS = "Microsoft.Dynamics.DataEntities"
NO_YES = f"{ENUMS}.NoYes"


def _picks(names: str) -> Mapping[int | str, str]:
    return {name: name for name in names.split()}


_YES = _picks("No Yes")
_COMPANY = Prop("dataAreaId", length=4, is_required=True)


def _texts(names: str, length: int = 0) -> tuple[Prop, ...]:
    return tuple(Prop(name, length=length) for name in names.split())


def _kind(set_: str, key: tuple[str, ...], *listed: Prop, unique: tuple[tuple[str, ...], ...] = ()) -> Kind:
    return Kind(set_, set_, key, listed, unique=unique)


KINDS = {
    one.set: one
    for one in (
        _kind("LegalEntities", ("LegalEntityId",), Prop("LegalEntityId", length=4), Prop("Name", length=60)),
        _kind("Currencies", ("CurrencyCode",), Prop("CurrencyCode", length=3), Prop("Name", length=60)),
        _kind("MainAccounts", ("ChartOfAccounts", "MainAccountId"), *_texts("ChartOfAccounts MainAccountId Name"), Prop("MainAccountType", f"{ENUMS}.DimensionLedgerAccountType", picks=_picks("ProfitAndLoss Revenue Expense BalanceSheet Asset Liability Equity Total"))),
        _kind("TaxGroups", ("dataAreaId", "TaxGroupCode"), _COMPANY, *_texts("TaxGroupCode Description")),
        _kind("Workers", ("PersonnelNumber",), *_texts("PersonnelNumber Name FirstName LastName PrimaryContactEmail"), Prop("WorkerType", f"{ENUMS}.HcmWorkerType", picks=_picks("Employee Contractor")), Prop("WorkerStatus", f"{ENUMS}.HcmWorkerStatus", picks=_picks("Pending Employed Terminated"))),
        _kind(
            "CustomersV3", ("dataAreaId", "CustomerAccount"), _COMPANY, Prop("CustomerAccount", length=20), Prop("PartyType", f"{ENUMS}.DirPartyType", picks=_picks("Organization Person"), default="Organization"),
            Prop("OrganizationName", length=100, is_required=True), Prop("CustomerGroupId", length=10, is_required=True), Prop("SalesCurrencyCode", length=3, default="EUR"),
            Prop("PaymentTerms", length=10), *_texts("AddressStreet AddressZipCode AddressCity AddressCountryRegionId PrimaryContactEmail PrimaryContactPhone", 255),
            Prop("PartyNumber", is_computed=True), Prop("CreditLimit", DECIMAL, default=0), Prop("OnHoldStatus", f"{ENUMS}.CustVendorBlocked", picks=_picks("No Invoice All Payment Requisition Never"), default="No"),
        ),
        _kind(
            "Projects", ("dataAreaId", "ProjectId"), _COMPANY, Prop("ProjectId", length=20), Prop("ProjectName", length=60, is_required=True),
            *_texts("ProjectContractId CustomerAccountNumber ProjectGroupId ProjectManagerPersonnelNumber ParentProjectId", 25),
            Prop("ProjectStage", f"{ENUMS}.ProjStatus", picks=_picks("Created Estimated Scheduled InProcess ReportedFinished Finished"), default="Created"),
        ),
        _kind("SalesOrderHeadersV2", ("dataAreaId", "SalesOrderNumber"), _COMPANY, *_texts("SalesOrderNumber CurrencyCode SalesOrderName OrderingCustomerAccountNumber")),
        _kind(
            "FreeTextInvoiceHeaders", ("dataAreaId", "InvoiceIdentifier"), _COMPANY, Prop("InvoiceIdentifier", INT64), Prop("FreeTextNumber", is_computed=True, default="Not posted"),
            Prop("CustomerAccount", length=20, is_required=True), Prop("InvoiceDate", INSTANT), Prop("DueDate", INSTANT), Prop("CurrencyCode", length=3),
            Prop("IsPosted", NO_YES, is_computed=True, default="No", picks=_YES), Prop("IsCorrection", NO_YES, default="No", picks=_YES),
            *_texts("CorrectedInvoiceId TermsOfPayment CustomerRequisition ExternalInvoiceId", 60),
        ),
        _kind(
            "FreeTextInvoiceLines", ("dataAreaId", "ParentRecId", "LineNumber"), _COMPANY, Prop("ParentRecId", INT64), Prop("LineNumber", DECIMAL), Prop("Description"),
            Prop("Quantity", DECIMAL), Prop("UnitPrice", DECIMAL), Prop("TransactionCurrencyAmount", DECIMAL), Prop("SalesTaxAmount", DECIMAL), *_texts("MainAccountDisplayValue ProjectId"),
        ),
        _kind("CustomerPaymentJournalHeaders", ("dataAreaId", "JournalBatchNumber"), _COMPANY, *_texts("JournalBatchNumber JournalName"), Prop("IsPosted", NO_YES, picks=_YES)),
        _kind(
            "CustomerPaymentJournalLines", ("dataAreaId", "JournalBatchNumber", "LineNumber"), _COMPANY, *_texts("JournalBatchNumber AccountDisplayValue CurrencyCode MarkedInvoice Voucher PaymentReference AccountType"),
            Prop("LineNumber", DECIMAL), Prop("CreditAmount", DECIMAL), Prop("TransactionDate", INSTANT),
        ),
        _kind("LedgerJournalHeaders", ("dataAreaId", "JournalBatchNumber"), _COMPANY, *_texts("JournalBatchNumber JournalName Description"), Prop("IsPosted", NO_YES, picks=_YES)),
        _kind(
            "LedgerJournalLines", ("dataAreaId", "JournalBatchNumber", "LineNumber"), _COMPANY, *_texts("JournalBatchNumber AccountDisplayValue CurrencyCode Voucher Text"),
            Prop("LineNumber", DECIMAL), Prop("DebitAmount", DECIMAL), Prop("CreditAmount", DECIMAL), Prop("TransDate", INSTANT),
        ),
    )
}  # fmt: skip
"""There is no set ProjectsV2 here: the environment calls it Projects."""
SERVICE = Service("/data", KINDS, 4, ENUMS, page=10_000, keyset=False)
