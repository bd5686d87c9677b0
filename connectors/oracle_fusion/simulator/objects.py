"""The resources of the simulated pod: attributes with their types, as ``describe`` tells them, and what an attribute refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.simulator.rules import Refusal

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute. ``lookup`` are the values it takes, "" for any."""

    name: str
    type: str = "string"
    length: int = 0
    is_mandatory: bool = False
    is_queryable: bool = True
    is_computed: bool = False
    lookup: tuple[str, ...] = ()
    default: Any = None

    def described(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "name": self.name, "type": "string" if self.type in ("date", "datetime") else self.type, "updatable": not self.is_computed,
            "mandatory": self.is_mandatory, "queryable": self.is_queryable, "allowChanges": "never" if self.is_computed else "always",
        }  # fmt: skip
        if self.length:
            told |= {"precision": self.length, "maxLength": self.length}
        if self.lookup:
            told["lov"] = {"childRef": f"{self.name}LOV", "attributeMap": [{"source": "LookupCode", "target": self.name}]}
        return told

    def refusal(self, value: Any) -> Refusal | None:
        """Why a value cannot be stored; None when it can."""
        path = f"/{self.name}"
        if value is None:
            text = f"You must provide a value for the attribute {self.name}. (JBO-27014)"
            return Refusal("JBO-27014", path, text) if self.is_mandatory else None
        wrong = {
            "integer": isinstance(value, bool) or not isinstance(value, int), "boolean": not isinstance(value, bool),
            "number": isinstance(value, bool) or not isinstance(value, int | Decimal),
            "date": not (isinstance(value, str) and _DATE.fullmatch(value[:10])), "string": not isinstance(value, str),
        }.get(self.type, False)  # fmt: skip
        if wrong:
            return Refusal("JBO-25009", path, f"Cannot create an object of type {self.type} from type {type(value).__name__} with value {str(value)[:40]}")
        if self.length and isinstance(value, str) and len(value) > self.length:
            return Refusal("JBO-27023", path, f"The value of the attribute {self.name} is longer than {self.length}. (JBO-27023)")
        if self.lookup and value not in self.lookup:
            return Refusal("JBO-27024", path, f"Failed to validate a row: the value {value} of {self.name} isn't valid. (JBO-27024)")
        return None


@dataclass(frozen=True)
class Resource:
    """One resource. ``key`` addresses a record, ``hashed`` says that it does so by an opaque hash; ``id`` is the number that lasts."""

    name: str
    api: str
    id: str
    attributes: tuple[Attribute, ...]
    key: str = ""
    hashed: bool = False
    children: Mapping[str, Resource] = field(default_factory=dict)
    can: frozenset[str] = frozenset({"GET"})
    patchable: frozenset[str] = frozenset()
    """All that PATCH takes; empty for everything."""
    is_stamped: bool = True

    @property
    def address(self) -> str:
        return self.key or self.id

    def known(self, name: str) -> Attribute | None:
        return next((one for one in self.every() if one.name == name), None)

    def every(self) -> tuple[Attribute, ...]:
        id_type = "integer" if self.id else "string"
        own = (Attribute(self.id, id_type, is_computed=True),) if self.id and all(one.name != self.id for one in self.attributes) else ()
        return (*own, *self.attributes, *(STAMPS if self.is_stamped else ()))

    def described(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "discrColumnType": False, "title": self.name, "attributes": [one.described() for one in self.every()],
            "collection": {"rangeSize": 25, "actions": [{"name": "get", "method": "GET"}]},
            "item": {"actions": [{"name": one.lower(), "method": one} for one in sorted(self.can)]}, "links": [],
        }  # fmt: skip
        if self.children:
            told["children"] = {name: one.described() for name, one in self.children.items()}
        return told


STAMPS = (
    Attribute("CreationDate", "datetime", is_computed=True), Attribute("CreatedBy", is_computed=True),
    Attribute("LastUpdateDate", "datetime", is_computed=True), Attribute("LastUpdatedBy", is_computed=True),
)  # fmt: skip
WRITES = frozenset({"GET", "POST", "PATCH", "DELETE"})
KEEPS = frozenset({"GET", "POST", "PATCH"})


def _of(names: str, kind: str = "string", **more: Any) -> tuple[Attribute, ...]:
    return tuple(Attribute(name, kind, **more) for name in names.split())


def _made(name: str, kind: str = "string", **more: Any) -> Attribute:
    return Attribute(name, kind, is_computed=True, **more)


FSCM, CRM, HCM = "fscmRestApi", "crmRestApi", "hcmRestApi"
ADDRESS = Resource("Address", CRM, "AddressId", (
    _made("AddressNumber"), *_of("AddressLine1 AddressLine2", length=240), *_of("City State Province", length=60), Attribute("PostalCode", length=60),
    Attribute("Country", length=2, is_mandatory=True), Attribute("PrimaryFlag", "boolean", default=False), *_of("AddressType SiteName"),
), "AddressNumber", can=WRITES)  # fmt: skip
REFERENCE = Resource("SourceSystemReference", CRM, "SourceSystemReferenceId", (
    Attribute("SourceSystem", length=30, is_mandatory=True), Attribute("SourceSystemReferenceValue", length=255, is_mandatory=True),
    Attribute("StartDate", "date"), Attribute("EndDate", "date"),
), can=WRITES)  # fmt: skip
TASK = Resource("Tasks", FSCM, "TaskId", (
    Attribute("TaskNumber", length=100), Attribute("TaskName", length=255, is_mandatory=True), Attribute("ParentTaskId", "integer"),
    *_of("PlanningStartDate PlanningEndDate TaskStartDate TaskFinishDate", "date"), *_of("MilestoneFlag BillableFlag ChargeableFlag", "boolean"),
    Attribute("PlannedEffort", "number"), Attribute("TaskStatusName"),
), hashed=True, can=WRITES)  # fmt: skip
INVOICE_TAX = Resource("receivablesInvoiceLineTaxLines", FSCM, "CustomerTransactionLineId", (
    *_of("TaxRateCode TaxRegimeCode"), *_of("TaxRate TaxAmount", "number"),
))  # fmt: skip
INVOICE_LINE = Resource("receivablesInvoiceLines", FSCM, "CustomerTransactionLineId", (
    Attribute("LineNumber", "integer", is_mandatory=True), Attribute("Description", length=240), *_of("Quantity UnitSellingPrice", "number"),
    *_of("TaxClassificationCode ItemNumber MemoLine SalesOrder UnitOfMeasure"),
), children={"receivablesInvoiceLineTaxLines": INVOICE_TAX}, can=frozenset({"GET", "POST"}))  # fmt: skip
CREDIT_LINE = Resource("receivablesCreditMemoLines", FSCM, "CustomerTransactionLineId", (
    Attribute("LineNumber", "integer", is_mandatory=True), Attribute("LineDescription", length=240), *_of("LineQuantityCredit UnitSellingPrice", "number"),
    Attribute("TaxClassificationCode"),
), can=frozenset({"GET", "POST"}))  # fmt: skip
JOURNAL_LINE = Resource("journalLines", FSCM, "", (
    Attribute("JeLineNumber", "integer"), *_of("AccountCombination CurrencyCode ChartOfAccountsName"), Attribute("Description", length=240),
    *_of("EnteredDr EnteredCr AccountedDr AccountedCr CurrencyConversionRate StatAmount", "number"), Attribute("CurrencyConversionDate", "date"),
), "JeLineNumber", hashed=True)  # fmt: skip
JOURNAL = Resource("journalHeaders", FSCM, "", (
    *_of("JournalName JournalDescription LedgerName LedgerCurrencyCode CurrencyCode PeriodName UserJeCategoryName LegalEntityName ExternalReference"),
    Attribute("DefaultEffectiveDate", "date"), *_of("RunningTotalDr RunningTotalCr", "number"),
), "JournalName", hashed=True, children={"journalLines": JOURNAL_LINE})  # fmt: skip
COST_FLEX = Resource("ProjectStandardCostCollectionFlexfields", FSCM, "TxnInterfaceId", (
    Attribute("_EXPENDITURE_ITEM_DATE", "date", is_mandatory=True), *_of("_PROJECT_ID_Display _TASK_ID_Display _EXPENDITURE_TYPE_ID_Display"),
    Attribute("_ORGANIZATION_ID_Display"), *_of("_PROJECT_ID _TASK_ID _EXPENDITURE_TYPE_ID _ORGANIZATION_ID", "integer"),
), is_stamped=False, can=KEEPS)  # fmt: skip

RESOURCES: Mapping[str, Resource] = {
    one.name: one
    for one in (
        Resource("finBusinessUnitsLOV", FSCM, "BusinessUnitId", (
            Attribute("BusinessUnitName"), Attribute("PrimaryLedgerId", "integer"), *_of("LegalEntityName DefaultCurrencyCode"),
        ), hashed=True, is_stamped=False),
        Resource("workers", HCM, "PersonId", (_made("PersonNumber"), *_of("DisplayName CorrespondenceLanguage")), hashed=True, children={
            "names": Resource("names", HCM, "PersonNameId", _of("FirstName LastName DisplayName LegislationCode")),
            "emails": Resource("emails", HCM, "EmailAddressId", (*_of("EmailAddress EmailType"), Attribute("PrimaryFlag", "boolean"))),
            "workRelationships": Resource("workRelationships", HCM, "PeriodOfServiceId", (
                *_of("LegalEmployerName WorkerType"), *_of("StartDate TerminationDate", "date"), Attribute("PrimaryFlag", "boolean"))),
        }),
        Resource("accounts", CRM, "PartyId", (
            _made("PartyNumber"), Attribute("OrganizationName", length=360, is_mandatory=True), Attribute("Type", lookup=("ZCA_CUSTOMER", "ZCA_PROSPECT")),
            Attribute("Status", lookup=("A", "I"), default="A"), Attribute("DUNSNumber", length=30), Attribute("TaxpayerIdentificationNumber"),
            Attribute("CurrencyCode", length=3), *_of("EmailAddress URL PhoneNumber IndustryCode OwnerPartyNumber PartyUsageCode", length=2000),
        ), "PartyNumber", children={"Address": ADDRESS, "SourceSystemReference": REFERENCE}, can=WRITES),
        Resource("contacts", CRM, "PartyId", (
            _made("PartyNumber"), Attribute("FirstName", length=150), Attribute("LastName", length=150, is_mandatory=True), Attribute("AccountPartyId", "integer"),
            *_of("SalutoryIntroduction EmailAddress WorkPhoneNumber MobileNumber JobTitle Department"), Attribute("Status", lookup=("A", "I"), default="A"),
        ), "PartyNumber", children={"SourceSystemReference": REFERENCE}, can=WRITES),
        Resource("opportunities", CRM, "OptyId", (
            _made("OptyNumber"), Attribute("Name", length=360, is_mandatory=True), Attribute("TargetPartyId", "integer"), Attribute("Revenue", "number"),
            Attribute("CurrencyCode", length=3), *_of("SalesStage StatusCode"), Attribute("WinProb", "number"), Attribute("EffectiveDate", "date"),
        ), "OptyNumber", can=WRITES),
        Resource("contracts", FSCM, "Id", (
            Attribute("ContractNumber"), Attribute("MajorVersion", "integer", default=1), *_of("ContractTypeName Cognomen StatusCode CurrencyCode OrgName"),
            *_of("StartDate EndDate DateSigned", "date"), *_of("EstimatedAmount ContractAmount", "number"), Attribute("PrimaryPartyId", "integer"),
            *_of("ExternalSource ExternalReferenceKey"),
        ), hashed=True, children={"ContractLine": Resource("ContractLine", FSCM, "LineId", (
            Attribute("LineNumber"), *_of("ItemDescription StatusCode"), *_of("LineAmount ItemQuantity UnitPrice", "number"), *_of("StartDate EndDate", "date"),
            Attribute("ProjectId", "integer")))}, can=WRITES),
        Resource("projects", FSCM, "ProjectId", (
            Attribute("ProjectNumber", length=25), Attribute("ProjectName", length=240, is_mandatory=True), Attribute("ProjectDescription", length=2000),
            *_of("ProjectStatus ProjectCurrencyCode BusinessUnitName ProjectManagerName ProjectManagerEmail LegalEntityName OwningOrganizationName"),
            *_of("ProjectStartDate ProjectEndDate", "date"), Attribute("SourceTemplateNumber", is_queryable=False),
            *_of("SourceApplicationCode SourceProjectReference"),
        ), children={
            "Tasks": TASK,
            "ProjectCustomers": Resource("ProjectCustomers", FSCM, "ProjectPartyId", (Attribute("PartyId", "integer"), *_of("PartyName PartyNumber")), can=WRITES),
            "ProjectClassifications": Resource("ProjectClassifications", FSCM, "ProjectClassId", _of("ClassCategory ClassCode"), hashed=True, can=WRITES),
        }, can=KEEPS),
        Resource("projectTemplates", FSCM, "ProjectId", (*_of("ProjectNumber ProjectName ProjectDescription ProjectStatus"),), hashed=True),
        Resource("projectResourceAssignments", FSCM, "AssignmentId", (
            *_of("ProjectId ResourceHCMPersonId", "integer"), *_of("ProjectRoleName AssignmentStatusCode"),
            *_of("AssignmentStartDate AssignmentFinishDate", "date"), Attribute("HoursPerDay", "number")), can=KEEPS),
        Resource("rateSchedules", FSCM, "RateScheduleId", (*_of("RateScheduleName ScheduleTypeCode CurrencyCode"),), children={
            "Rates": Resource("Rates", FSCM, "RateId", (
                *_of("UnitOfMeasureCode PersonNumber JobName"), *_of("Rate MarkupPercent", "number"), *_of("StartDateActive EndDateActive", "date"),
                Attribute("PersonId", "integer")), can=WRITES)}, can=WRITES),
        Resource("unprocessedProjectCosts", FSCM, "UnprocessedTransactionReferenceId", (
            Attribute("ExpenditureBatch", is_mandatory=True), *_of("BusinessUnit TransactionSource Document DocumentEntry PersonNumber UnitOfMeasureCode"),
            *_of("PersonId ProjectId TaskId", "integer"), Attribute("OriginalTransactionReference", length=120, is_mandatory=True),
            Attribute("Quantity", "number", is_mandatory=True), Attribute("Comment"), _made("StatusCode"), Attribute("ExpenditureEndingDate", "date", is_computed=True),
        ), hashed=True, children={
            COST_FLEX.name: COST_FLEX, "Errors": Resource("Errors", FSCM, "TransactionStatusId", _of("MessageName MessageText"), is_stamped=False)}, can=WRITES),
        Resource("projectCosts", FSCM, "TransactionNumber", (
            *_of("ProjectId TaskId PersonId UnprocessedTransactionReferenceId", "integer"), *_of("ProjectNumber TaskNumber PersonNumber BusinessUnit"),
            *_of("OriginalTransactionReference Document ExpenditureType UnitOfMeasureCode TransactionCurrencyCode ReversedFlag TransactionTypeCode"),
            *_of("ExpenditureItemDate AccountingDate", "date"), *_of("Quantity RawCostInTransactionCurrency AdjustedTransactionNumber", "number")), hashed=True),
        Resource("expenseReports", FSCM, "ExpenseReportId", (
            *_of("ExpenseReportNumber Purpose BusinessUnit ReimbursementCurrencyCode ExpenseStatusCode"), Attribute("PersonId", "integer"),
            Attribute("ExpenseReportTotal", "number"), *_of("ReportSubmitDate ExpenseReportDate", "date")), hashed=True, can=WRITES),
        Resource("expenses", FSCM, "ExpenseId", (
            *_of("ExpenseReportId PersonId", "integer"), *_of("ExpenseType Description MerchantName ReceiptCurrencyCode ReimbursementCurrencyCode"),
            *_of("ReceiptAmount ReimbursableAmount ExchangeRate", "number"), Attribute("StartDate", "date"), Attribute("BillableFlag", "boolean"),
        ), hashed=True, children={"ExpenseDistribution": Resource("ExpenseDistribution", FSCM, "ExpenseDistId", (Attribute("ReimbursableAmount", "number"),), children={
            "PJCDFF": Resource("PJCDFF", FSCM, "ExpenseDistId", (*_of("_PROJECT_ID_Display _TASK_ID_Display"), *_of("_PROJECT_ID _TASK_ID", "integer")),
                               is_stamped=False)})}, can=WRITES),
        Resource("projectBillingEvents", FSCM, "EventId", (
            _made("EventNumber", "integer"), *_of("SourceName SourceReference", length=80), Attribute("ContractTypeName"), Attribute("ContractNumber", is_mandatory=True),
            Attribute("ContractLineNumber"), Attribute("EventTypeName", is_mandatory=True), Attribute("EventDescription", length=240),
            Attribute("CompletionDate", "date"), Attribute("BillTrnsAmount", "number"), *_of("BillTrnsCurrencyCode ProjectNumber TaskNumber"),
            Attribute("ProjectId", "integer"), _made("Invoiced"), _made("InvoicedAmount", "number")), hashed=True, can=WRITES),
        Resource("receivablesInvoices", FSCM, "CustomerTransactionId", (
            Attribute("TransactionNumber", length=20), *_of("TransactionDate AccountingDate BillingDate DueDate ConversionDate", "date"),
            *_of("BusinessUnit TransactionSource TransactionType BillToCustomerName BillToCustomerNumber BillToSite PaymentTerms"),
            *_of("CrossReference PurchaseOrder Comments LegalEntityIdentifier"), Attribute("InvoiceCurrencyCode", length=3, is_mandatory=True),
            Attribute("ConversionRate", "number"), _made("EnteredAmount", "number"), _made("InvoiceBalanceAmount", "number"), _made("DocumentNumber", "integer"),
            Attribute("InvoiceStatus", lookup=("Complete", "Incomplete", "Frozen"), default="Complete"),
        ), children={"receivablesInvoiceLines": INVOICE_LINE}, can=KEEPS, patchable=frozenset({"InvoiceStatus", "PaymentTerms", "TransactionDate"})),
        Resource("receivablesCreditMemos", FSCM, "CustomerTransactionId", (
            Attribute("TransactionNumber", length=20), *_of("TransactionDate AccountingDate", "date"), *_of("BusinessUnit TransactionSource TransactionType"),
            *_of("BillToCustomerName BillToCustomerNumber BillToSite CreditReason CreditMemoComments CrossReference PurchaseOrder"),
            Attribute("CreditMemoCurrency", length=3, is_mandatory=True), _made("EnteredAmount", "number"), _made("CreditMemoBalanceAmount", "number"),
            _made("DocumentNumber", "integer"), Attribute("CreditMemoStatus", default="Complete"), Attribute("AllowCompletion"),
        ), children={"receivablesCreditMemoLines": CREDIT_LINE}, can=KEEPS, patchable=frozenset({"AllowCompletion", "CreditMemoStatus", "TransactionType"})),
        Resource("standardReceipts", FSCM, "StandardReceiptId", (
            Attribute("ReceiptNumber", length=30, is_mandatory=True), *_of("ReceiptDate AccountingDate", "date"), Attribute("Amount", "number", is_mandatory=True),
            Attribute("Currency", length=3), *_of("BusinessUnit ReceiptMethod CustomerName CustomerAccountNumber Comments CustomerReference"), _made("State"),
            _made("Status"), _made("UnappliedAmount", "number"),
        ), children={"remittanceReferences": Resource("remittanceReferences", FSCM, "RemittanceReferenceId", (
            *_of("ReceiptMatchBy ReferenceNumber"), Attribute("ReferenceAmount", "number")), can=WRITES)}, can=frozenset({"GET", "POST", "DELETE"})),
        Resource("receivablesCustomerAccountActivities", FSCM, "AccountId", (*_of("AccountNumber CustomerName"), Attribute("CustomerId", "integer")), children={
            "standardReceiptApplications": Resource("standardReceiptApplications", FSCM, "ApplicationId", (
                *_of("StandardReceiptId ReferenceTransactionId", "integer"), *_of("ReceiptNumber ReferenceTransactionNumber EnteredCurrency ApplicationStatus"),
                Attribute("ApplicationAmount", "number"), *_of("ApplicationDate AccountingDate", "date")))}, is_stamped=False),
        Resource("timeRecords", HCM, "timeRecordId", (
            *_of("personId timeRecordVersion timeRecordGroupId", "integer"), *_of("personNumber comment groupType"), *_of("startTime stopTime lastUpdateDate", "datetime"),
            Attribute("measure", "number")), children={
                "timeAttributes": Resource("timeAttributes", HCM, "timeAttributeId", _of("attributeName attributeValue"), is_stamped=False)}, is_stamped=False),
        Resource("ledgersLOV", FSCM, "LedgerId", (*_of("Name CurrencyCode PeriodSetName"),), is_stamped=False),
        Resource("accountingPeriodStatusLOV", FSCM, "PeriodStatusId", (
            *_of("LedgerId ApplicationId PeriodYear PeriodNumber", "integer"), *_of("PeriodNameId ClosingStatus AdjustmentPeriodFlag"),
            *_of("StartDate EndDate", "date")), hashed=True, is_stamped=False),
        Resource("valueSets", FSCM, "ValueSetId", (Attribute("ValueSetCode"),), "ValueSetCode", children={
            "values": Resource("values", FSCM, "ValueId", (
                *_of("Value Description EnabledFlag SummaryFlag DetailPostingAllowed AccountType"), *_of("StartDateActive EndDateActive", "date")))}),
        Resource("currenciesLOV", FSCM, "", (
            *_of("CurrencyCode Name Description EnabledFlag Symbol IssuingTerritoryCode"), Attribute("Precision", "integer"),
            *_of("StartDateActive EndDateActive", "date")), "CurrencyCode", is_stamped=False),
        Resource("outputTaxClassificationsLOV", FSCM, "", (
            *_of("LookupCode Meaning EnabledFlag"), *_of("StartDateActive EndDateActive", "date")), "LookupCode", hashed=True, is_stamped=False),
        Resource("journalBatches", FSCM, "JeBatchId", (
            *_of("BatchName BatchDescription DefaultPeriodName Status StatusMeaning UserJeSourceName ChartOfAccountsName"), Attribute("PostedDate", "date"),
        ), children={"journalHeaders": JOURNAL}),
        Resource("currencyRates", FSCM, "RateId", (
            *_of("FromCurrency ToCurrency UserConversionType"), Attribute("ConversionDate", "date"), Attribute("ConversionRate", "number")), hashed=True, is_stamped=False),
    )
}  # fmt: skip
