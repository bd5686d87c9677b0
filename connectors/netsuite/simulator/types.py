"""The record types of the simulated account: their fields, as its metadata catalogue tells them, and the tables queries ask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

JSON_TYPES = {"text": "string", "date": "string", "instant": "string", "duration": "string", "number": "number", "integer": "integer",
    "flag": "boolean"}
FORMATS = {"date": "date", "instant": "date-time", "number": "double", "integer": "int64"}
_DATE, _DURATION = re.compile(r"\d{4}-\d{2}-\d{2}"), re.compile(r"-?\d+:[0-5]\d")


@dataclass(frozen=True, slots=True)
class Spec:
    """One field. ``refers_to`` are the record types a reference may name; without any it is an entry of a list."""

    name: str
    kind: str = "text"
    is_required: bool = False
    is_computed: bool = False
    refers_to: tuple[str, ...] = ()
    label: str = ""
    column: str = ""
    length: int = 300
    items: tuple[Spec, ...] = ()

    @property
    def sql_name(self) -> str:
        return self.column or self.name.lower()

    @property
    def shown(self) -> str:
        """How messages call it."""
        return self.label or re.sub(r"(?<!^)([A-Z])", r" \1", self.name[:1].upper() + self.name[1:])

    def schema(self) -> dict[str, Any]:
        """As the catalogue tells it."""
        told: dict[str, Any] = {"title": self.shown, "nullable": not self.is_required, "readOnly": self.is_computed}
        if self.kind in ("reference", "sublist"):
            told |= {"type": "object", "$ref": f"/services/rest/record/v1/metadata-catalog/{self.refers_to[0]}" if self.refers_to else "nsLink"}
            if self.kind == "reference":
                told["x-ns-filterable"] = True
            else:
                told["properties"] = {"items": {"type": "array", "items": {"type": "object",
                    "properties": {one.name: one.schema() for one in self.items}}}}
            return told
        told |= {"type": JSON_TYPES[self.kind], "x-ns-filterable": True}
        if self.kind in FORMATS:
            told["format"] = FORMATS[self.kind]
        if self.name.startswith("cust"):
            told["x-ns-custom-field"] = True
        return told

    def fault(self, value: Any) -> str:
        """What is wrong with the form of a value, "" when nothing is."""
        match self.kind:
            case "flag":
                return "" if isinstance(value, bool) else "Expected a boolean"
            case "number":
                return "" if isinstance(value, int | Decimal) and not isinstance(value, bool) else "Expected a number"
            case "integer":
                return "" if isinstance(value, int) and not isinstance(value, bool) else "Expected an integer"
            case "date":
                return "" if isinstance(value, str) and _DATE.fullmatch(value) else "Expected a date"
            case "duration":
                return "" if isinstance(value, str) and _DURATION.fullmatch(value) else "Expected a duration"
            case "reference" | "sublist":
                return "" if isinstance(value, dict) else "Expected an object"
        return "" if isinstance(value, str) and len(value) <= self.length else "Expected a string" if not isinstance(value, str) else "Too long"


@dataclass(frozen=True)
class RecordType:
    """One record type. Types of one ``series`` share their ids; ``tran`` is a transaction's type in queries."""

    name: str
    specs: tuple[Spec, ...]
    table: str = ""
    tran: str = ""
    series: str = ""
    label: str = ""
    first_id: int = 1
    is_read_only: bool = False
    has_stamp: bool = True
    fields: Mapping[str, Spec] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", {one.name: one for one in (*SYSTEM, Spec(self.created, "instant", is_computed=True), *self.specs)})

    @property
    def created(self) -> str:
        """What it calls the moment of its making."""
        return "dateCreated" if self.series == "entity" else "createdDate"

    @property
    def sql_name(self) -> str:
        return "transaction" if self.tran else self.table or self.name.lower()

    def schema(self, url: str) -> dict[str, Any]:
        """Its JSON Schema."""
        properties: dict[str, Any] = {"id": {"title": "Internal ID", "type": "string", "nullable": True, "x-ns-filterable": True}}
        properties["refName"] = {"title": "Reference Name", "type": "string", "nullable": True}
        properties["externalId"] = {"title": "External ID", "type": "string", "nullable": True, "x-ns-filterable": True}
        properties["links"] = {"title": "Links", "type": "array", "readOnly": True,
            "items": {"$ref": f"{url}/services/rest/record/v1/metadata-catalog/nsLink"}}
        return {
            "$schema": "http://json-schema.org/draft-06/hyper-schema#", "type": "object",
            "properties": properties | {one.name: one.schema() for one in self.fields.values()}, "x-ns-filterable": [],
        }  # fmt: skip


SYSTEM = (Spec("lastModifiedDate", "instant", is_computed=True),)


def _texts(names: str) -> tuple[Spec, ...]:
    return tuple(Spec(name) for name in names.split())


def _of(kind: str, names: str) -> tuple[Spec, ...]:
    return tuple(Spec(name, kind) for name in names.split())


def _ref(name: str, *to: str, is_required: bool = False, column: str = "", is_computed: bool = False) -> Spec:
    return Spec(name, "reference", is_required, is_computed, to, column=column)


INACTIVE, SUBSIDIARY, CURRENCY = Spec("isInactive", "flag"), _ref("subsidiary", "subsidiary", is_required=True), _ref("currency", "currency")
ENTITY_ADDRESS = (*_texts("addr1 addr2 city state zip addressee attention"), _ref("country"))
ADDRESS_BOOK = Spec("addressBook", "sublist", items=(
    Spec("id", "integer"), *_of("flag", "defaultBilling defaultShipping"), *_texts("label"), Spec("addressBookAddress", "sublist",
    items=ENTITY_ADDRESS),
))  # fmt: skip
LINE = (
    *_of("integer", "line"), _ref("item", "serviceSaleItem"), *_texts("description"), *_of("number", "quantity rate amount"), _ref("job", "job"),
    _ref("department", "department"), _ref("taxCode", "salesTaxItem"), _ref("location", "location"), _ref("class", "classification"),
)  # fmt: skip
APPLY = (*_of("integer", "line"), _ref("doc", "invoice"), *_of("flag", "apply"), *_of("number", "amount"), *_texts("refNum"))
DOCUMENT = (
    _ref("entity", "customer", "job", is_required=True), *_texts("tranId transactionNumber memo otherRefNum"), *_of("date", "tranDate dueDate"),
    _ref("postingPeriod", "accountingPeriod"), CURRENCY, *_of("number", "exchangeRate"), _ref("subsidiary", "subsidiary"), _ref("status"),
    _ref("terms", "term"), *_of("number", "subtotal taxTotal total amountRemaining"), Spec("item", "sublist", items=LINE),
)  # fmt: skip

TYPES: Mapping[str, RecordType] = {
    one.name: one
    for one in (
        RecordType("currency", (*_texts("name symbol"), *_of("number", "exchangeRate"), *_of("integer", "currencyPrecision"), INACTIVE),
            has_stamp=False),
        RecordType("term", (*_texts("name"), *_of("integer", "daysUntilNetDue"), INACTIVE), has_stamp=False),
        RecordType("subsidiary", (*_texts("name legalName"), _ref("parent", "subsidiary"), CURRENCY, _ref("country"), *_of("flag",
            "isElimination"), INACTIVE)),
        *(RecordType(name, (*_texts("name"), _ref("parent", name), INACTIVE), has_stamp=False) for name in ("department", "classification",
        "location")),
        RecordType("account", (
            Spec("acctNumber"), Spec("acctName", column="accountsearchdisplaynamecopy"), _ref("acctType", column="accttype"), _ref("parent",
            "account"),
            *_of("flag", "isSummary"), INACTIVE,
        ), has_stamp=False, first_id=54),
        RecordType("accountingPeriod", (*_texts("periodName"), *_of("date", "startDate endDate"),
                                        *_of("flag", "closed arLocked apLocked allLocked isAdjust isQuarter isYear")), has_stamp=False,
                                        first_id=112),
        RecordType("salesTaxItem", (*_texts("itemId description"), *_of("number", "rate"), INACTIVE), has_stamp=False),
        RecordType("employee", (
            *_texts("entityId firstName"), Spec("lastName", is_required=True), *_texts("email phone"), SUBSIDIARY, _ref("department", "department"),
            _ref("supervisor", "employee"), *_of("number", "laborCost"), CURRENCY, *_of("date", "hireDate releaseDate"), *_of("flag",
            "isJobResource"), INACTIVE,
        ), series="entity", label="Employee", first_id=101),
        RecordType("customer", (
            Spec("entityId", label="Customer ID"), Spec("companyName", length=83), *_of("flag", "isPerson"),
            *_texts("firstName lastName email phone url vatRegNumber"),
            SUBSIDIARY, CURRENCY, _ref("terms", "term"), _ref("entityStatus"), _ref("parent", "customer"), INACTIVE, ADDRESS_BOOK,
            *_texts("custentity_region"),
        ), series="entity", label="Customer", first_id=101),
        RecordType("contact", (
            *_texts("entityId firstName lastName email phone title"), _ref("company", "customer"), _ref("subsidiary", "subsidiary"), INACTIVE,
        ), series="entity", label="Contact", first_id=101),
        RecordType("job", (
            *_texts("entityId"), Spec("companyName", is_required=True, label="Project Name"), _ref("parent", "customer", is_required=True),
            SUBSIDIARY,
            _ref("jobType"), _ref("status", column="entitystatus"), *_of("date", "startDate endDate"), CURRENCY, *_of("flag",
            "allowTime allowExpenses"), INACTIVE,
        ), series="entity", label="Project", first_id=101),
        RecordType("serviceSaleItem", (
            Spec("itemId", is_required=True), *_texts("displayName"), INACTIVE,
            Spec("price", "sublist", items=(_ref("priceLevel", "priceLevel"), _ref("currencyPage", "currency"), *_of("number", "price"),
            Spec("quantity", "sublist", items=_texts("value")))),
        ), table="item", label="Service Item", first_id=21),
        RecordType("priceLevel", (*_texts("name"), INACTIVE), has_stamp=False),
        RecordType("projectTask", (
            _ref("project", "job", is_required=True), Spec("title", is_required=True), _ref("parent", "projectTask"), _ref("constraintType"),
            *_of("date", "startDate"), *_of("number", "estimatedWork"), _ref("status"),
        ), label="Project Task", first_id=58),
        RecordType("timeBill", (
            _ref("employee", "employee", is_required=True), _ref("customer", "job", "customer"), _ref("caseTaskEvent", "projectTask"),
            _ref("item", "serviceSaleItem"),
            Spec("hours", "duration", is_required=True), Spec("tranDate", "date"), *_of("flag", "isBillable"), *_texts("memo"),
            _ref("approvalStatus"),
            _ref("subsidiary", "subsidiary"), _ref("department", "department"), *_of("number", "rate price"),
        ), label="Time Entry", first_id=9001),
        RecordType("charge", (
            _ref("project", "job"), _ref("billTo", "customer"), _ref("chargeType"), *_of("number", "quantity rate amount"), CURRENCY, _ref("stage"),
            _ref("invoice", "invoice"), _ref("timeRecord", "timeBill"),
        ), label="Charge"),
        RecordType("opportunity", (
            _ref("entity", "customer", is_required=True), *_texts("tranId title"), *_of("date", "tranDate expectedCloseDate"), *_of("number",
            "probability projectedTotal"),
            _ref("entityStatus"), CURRENCY, _ref("subsidiary", "subsidiary"),
        ), tran="Opprtnty", series="transaction", label="Opportunity", first_id=40001),
        RecordType("salesOrder", (*DOCUMENT, *_of("date", "startDate endDate"), _ref("job", "job")), tran="SalesOrd", series="transaction",
            label="Sales Order", first_id=40001),
        RecordType("invoice", DOCUMENT, tran="CustInvc", series="transaction", label="Invoice", first_id=40001),
        RecordType("creditMemo", (*DOCUMENT, Spec("apply", "sublist", items=APPLY)), tran="CustCred", series="transaction", label="Credit Memo",
            first_id=40001),
        RecordType("customerPayment", (
            _ref("customer", "customer", is_required=True), *_texts("tranId memo checkNum"), *_of("date", "tranDate"), *_of("number",
            "payment unapplied exchangeRate"),
            CURRENCY, _ref("subsidiary", "subsidiary"), _ref("status"), _ref("account", "account"), _ref("aracct", "account"),
                _ref("postingPeriod", "accountingPeriod"),
            Spec("apply", "sublist", items=APPLY),
        ), tran="CustPymt", series="transaction", label="Customer Payment", first_id=40001),
        RecordType("expenseReport", (
            _ref("entity", "employee", is_required=True), *_texts("tranId memo"), *_of("date", "tranDate"), *_of("flag",
            "complete supervisorApproval accountingApproval"),
            CURRENCY, _ref("subsidiary", "subsidiary"), _ref("status"),
            Spec("expense", "sublist", items=(
                *_of("integer", "line"), *_of("date", "expenseDate"), _ref("category"), *_of("number", "amount foreignAmount exchangeRate"),
                _ref("currency", "currency"),
                _ref("customer", "job", "customer"), *_of("flag", "isBillable"), *_texts("memo"), _ref("department", "department"),
            )),
        ), tran="ExpRept", series="transaction", label="Expense Report", first_id=40001),
    )
}  # fmt: skip

PICKS: Mapping[str, Mapping[str, str]] = {
    "entityStatus": {"6": "LEAD-Unqualified", "7": "PROSPECT-In Discussion", "10": "PROSPECT-Proposal", "13": "CUSTOMER-Closed Won",
    "16": "CUSTOMER-Lost Customer"},
    "job.status": {"1": "Pending", "2": "In Progress", "3": "Closed", "4": "Not Awarded", "17": "Awarded"},
    "jobType": {"1": "Time and Materials", "2": "Fixed Bid"},
    "projectTask.status": {"NOTSTART": "Not Started", "PROGRESS": "In Progress", "COMPLETE": "Completed"},
    "constraintType": {"ASAP": "As Soon As Possible", "FIXEDSTART": "Fixed Start"},
    "approvalStatus": {"1": "Open", "2": "Pending Approval", "3": "Approved", "4": "Rejected"},
    "category": {"1": "Hotel", "2": "Rail", "3": "Airfare"},
    "stage": {"READY_FOR_BILLING": "Ready for Billing", "HOLD": "Hold", "PROCESSED": "Processed", "NON_BILLABLE": "Non-Billable"},
    "acctType": {"AcctRec": "Accounts Receivable", "Bank": "Bank", "Income": "Income", "Expense": "Expense", "DeferRevenue": "Deferred Revenue"},
}  # fmt: skip
"""What the lists hold that people edit: field → id → name."""

LETTERS = {"Open": "A", "Paid In Full": "B", "Voided": "V", "Pending Approval": "D", "Pending Billing": "F", "Deposited": "C", "Not Deposited": "B"}
"""A status of a transaction as queries tell it."""
