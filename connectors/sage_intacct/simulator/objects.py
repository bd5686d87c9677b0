"""The objects of the simulated company: fields with their types, as ``lookup`` tells them, and what a field refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.simulator.rules import Refusal

STAMP = "%m/%d/%Y %H:%M:%S"
DAY = "%m/%d/%Y"
_LENGTHS = {"TEXT": 1000, "ID": 20}


@dataclass(frozen=True, slots=True)
class Spec:
    """One field: TEXT, ID, INTEGER, DECIMAL, BOOLEAN, DATE, DATETIME or ENUM (of ``values``)."""

    name: str
    type: str = "TEXT"
    values: tuple[str, ...] = ()
    is_required: bool = False
    is_computed: bool = False
    refers_to: str = ""
    default: str = ""

    def refusal(self, object: str, value: str) -> Refusal | None:
        """Why a text cannot be stored here; None when it can."""
        if value == "":
            return required(self.name) if self.is_required else None
        if self.is_computed:
            return wrong(f"The field {self.name} of {object} is read only", self.name)
        if self.type in _LENGTHS and len(value) > _LENGTHS[self.type]:
            return wrong(f"The value of {self.name} is too long: at most {_LENGTHS[self.type]} characters", self.name)
        if typed(self.type, value) is None:
            return wrong(f"The value '{value[:40]}' of {self.name} is no {self.type.lower()}", self.name)
        if self.values and value not in self.values:
            return wrong(f"The value '{value[:40]}' of {self.name} is not one of {', '.join(self.values)}", self.name)
        return None


@dataclass(frozen=True)
class Kind:
    """One object. ``id`` names its records for people; ``prefix`` begins ids that it makes itself. ``header`` is whose line it is, by ``by``."""

    name: str
    specs: tuple[Spec, ...]
    id: str = "RECORDNO"
    prefix: str = ""
    header: str = ""
    by: str = ""
    has_stamp: bool = True
    fields: Mapping[str, Spec] = field(init=False)

    def __post_init__(self) -> None:
        own = (Spec("RECORDNO", "INTEGER", is_computed=True), *((Spec("WHENMODIFIED", "DATETIME", is_computed=True),) if self.has_stamp else ()))
        object.__setattr__(self, "fields", {one.name: one for one in (*own, *self.specs)})


def required(name: str) -> Refusal:
    return Refusal("BL01001973", name, f"Required field missing|The field {name} is required|Enter a value for {name}")


def wrong(text: str, name: str = "") -> Refusal:
    return Refusal("BL01001973", name, f"Invalid value|{text}|Check the value and try again")


def typed(kind: str, value: str) -> Any:
    """A text as a value to compare; None when it is none of this type.

    >>> typed("DECIMAL", "440.00") == 440, typed("DATE", "01/31/2026"), typed("DATE", "2026-01-31")
    (True, datetime.datetime(2026, 1, 31, 0, 0), None)
    """
    match kind:
        case "INTEGER":
            return int(value) if len(value) < 19 and value.removeprefix("-").isdecimal() and value.isascii() else None
        case "DECIMAL":
            try:
                number = Decimal(value)
            except InvalidOperation:
                return None
            return number if number.is_finite() else None
        case "BOOLEAN":
            return value.lower() in ("true", "t") if value.lower() in ("true", "false", "t", "f") else None
        case "DATE" | "DATETIME":
            for form in (STAMP, DAY):
                try:
                    return datetime.strptime(value, form)
                except ValueError:
                    continue
            return None
    return value


def _texts(names: str, kind: str = "TEXT") -> tuple[Spec, ...]:
    return tuple(Spec(name, kind) for name in names.split())


def _ref(name: str, to: str, *, is_required: bool = False) -> Spec:
    return Spec(name, "TEXT", refers_to=to, is_required=is_required)


STATUS = Spec("STATUS", "ENUM", ("active", "inactive"), default="active")
DIMENSIONS = (
    _ref("LOCATIONID", "LOCATION"), _ref("DEPARTMENTID", "DEPARTMENT"), _ref("PROJECTID", "PROJECT"), _ref("CUSTOMERID", "CUSTOMER"),
    _ref("EMPLOYEEID", "EMPLOYEE"), _ref("ITEMID", "ITEM"), _ref("CLASSID", "CLASS"), Spec("TASKID"),
)  # fmt: skip
ADDRESS = "ADDRESS1 CITY STATE ZIP COUNTRY COUNTRYCODE"
TOTALS = "TOTALENTERED TOTALPAID TOTALDUE TRX_TOTALENTERED TRX_TOTALPAID TRX_TOTALDUE EXCHANGE_RATE"
SHEET_STATES = ("Draft", "Saved", "Submitted", "Approved", "Partially Approved", "Declined", "Partially Declined")
DOCUMENT = (
    Spec("RECORDID", is_required=True), Spec("RECORDTYPE", is_computed=True), Spec("STATE"), Spec("RAWSTATE"), _ref("CUSTOMERID", "CUSTOMER", is_required=True),
    Spec("CUSTOMERNAME"), *_texts("WHENCREATED WHENPOSTED WHENDUE WHENPAID", "DATE"), *_texts("BASECURR CURRENCY TERMNAME DOCNUMBER DESCRIPTION MODULEKEY MEGAENTITYID"),
    *_texts(TOTALS, "DECIMAL"),
)  # fmt: skip
LINE = (
    Spec("RECORDKEY", "INTEGER"), Spec("LINE_NO", "INTEGER"), *_texts("AMOUNT TRX_AMOUNT", "DECIMAL"), *_texts("ACCOUNTNO ACCOUNTLABEL ENTRYDESCRIPTION"), *DIMENSIONS,
)  # fmt: skip

OBJECTS: Mapping[str, Kind] = {
    one.name: one
    for one in (
        Kind("LOCATIONENTITY", (Spec("LOCATIONID", "ID"), Spec("NAME", is_required=True), STATUS, *_texts("CURRENCY TAXID LEGALNAME OPCOUNTRY FEDERALID")), "LOCATIONID"),
        Kind("LOCATION", (Spec("LOCATIONID", "ID"), Spec("NAME", is_required=True), STATUS, _ref("PARENTID", "LOCATION")), "LOCATIONID"),
        Kind("DEPARTMENT", (Spec("DEPARTMENTID", "ID"), Spec("TITLE", is_required=True), STATUS, _ref("PARENTID", "DEPARTMENT")), "DEPARTMENTID"),
        Kind("CLASS", (Spec("CLASSID", "ID"), Spec("NAME", is_required=True), STATUS, _ref("PARENTID", "CLASS")), "CLASSID"),
        Kind("GLACCOUNT", (Spec("ACCOUNTNO", "ID"), Spec("TITLE", is_required=True), STATUS, Spec("ACCOUNTTYPE", "ENUM", ("balancesheet", "incomestatement")),
                           Spec("NORMALBALANCE", "ENUM", ("debit", "credit"))), "ACCOUNTNO"),
        Kind("TAXDETAIL", (Spec("DETAILID", "ID"), *_texts("DESCRIPTION TAXTYPE"), Spec("VALUE", "DECIMAL"), STATUS), "DETAILID", has_stamp=False),
        Kind("REPORTINGPERIOD", (Spec("NAME", is_required=True), *_texts("START_DATE END_DATE", "DATE"), STATUS), has_stamp=False),
        Kind("ITEM", (Spec("ITEMID", "ID"), Spec("NAME", is_required=True), STATUS, Spec("ITEMTYPE")), "ITEMID"),
        Kind("CONTACT", (Spec("CONTACTNAME", is_required=True), Spec("PRINTAS", is_required=True), STATUS,
                         *_texts("PREFIX FIRSTNAME LASTNAME COMPANYNAME EMAIL1 PHONE1 CELLPHONE"), *_texts(" ".join(f"MAILADDRESS.{one}" for one in ADDRESS.split()))),
             "CONTACTNAME", "K-"),
        Kind("EMPLOYEE", (Spec("EMPLOYEEID", "ID"), _ref("PERSONALINFO.CONTACTNAME", "CONTACT", is_required=True), Spec("TITLE"), STATUS,
                          *_texts("STARTDATE ENDDATE", "DATE"), _ref("DEPARTMENTID", "DEPARTMENT"), _ref("LOCATIONID", "LOCATION"), Spec("MEGAENTITYID", is_computed=True),
                          _ref("SUPERVISORID", "EMPLOYEE")), "EMPLOYEEID", "E-"),
        Kind("CUSTOMER", (
            Spec("CUSTOMERID", "ID"), Spec("NAME", is_required=True), STATUS, _ref("PARENTID", "CUSTOMER"),
            Spec("TERMNAME", "ENUM", ("Net 10", "Net 14", "Net 30", "Net 45", "Net 60", "Net 30 EOM")), *_texts("ONHOLD ONETIME", "BOOLEAN"),
            *_texts("TAXID CURRENCY MEGAENTITYID"), Spec("CREDITLIMIT", "DECIMAL"),
            *_texts("DISPLAYCONTACT.PRINTAS DISPLAYCONTACT.EMAIL1 DISPLAYCONTACT.PHONE1 DISPLAYCONTACT.URL1 DISPLAYCONTACT.CONTACTNAME"),
            *_texts(" ".join(f"DISPLAYCONTACT.MAILADDRESS.{one}" for one in ADDRESS.split())),
        ), "CUSTOMERID", "C-"),
        Kind("CONTRACT", (
            Spec("CONTRACTID", "ID"), Spec("NAME", is_required=True), _ref("CUSTOMERID", "CUSTOMER", is_required=True), Spec("BEGINDATE", "DATE", is_required=True),
            Spec("ENDDATE", "DATE"), *_texts("TERMNAME BILLINGFREQUENCY CURRENCY"), Spec("TERMTYPE", "ENUM", ("Termed", "Evergreen"), is_required=True),
            Spec("STATE", default="Draft"), _ref("LOCATIONID", "LOCATION"), _ref("PROJECTID", "PROJECT"), Spec("MEGAENTITYID", is_computed=True),
        ), "CONTRACTID", "CON-"),
        Kind("CONTRACTDETAIL", (
            _ref("CONTRACTID", "CONTRACT", is_required=True), Spec("LINENO", "INTEGER"), _ref("ITEMID", "ITEM", is_required=True), *_texts("ITEMDESC STATE BILLINGMETHOD CURRENCY"),
            *_texts("BEGINDATE ENDDATE", "DATE"), *_texts("QUANTITY PRICE FLATAMOUNT", "DECIMAL"), _ref("LOCATIONID", "LOCATION"), _ref("DEPARTMENTID", "DEPARTMENT"),
        )),
        Kind("CONTRACTBILLINGSCHEDULE", (Spec("CONTRACTDETAILKEY", "INTEGER"), Spec("STATE"))),
        Kind("CONTRACTBILLINGSCHEDULEENTRY", (
            Spec("BILLINGSCHEDULEKEY", "INTEGER"), *_texts("POSTINGDATE SERVICEPERIODSTARTDATE SERVICEPERIODENDDATE", "DATE"), Spec("AMOUNT", "DECIMAL"),
            Spec("POSTED", "BOOLEAN"),
        ), header="CONTRACTBILLINGSCHEDULE", by="BILLINGSCHEDULEKEY"),
        Kind("CONTRACTPRICELIST", (Spec("NAME", is_required=True), Spec("DESCRIPTION"), STATUS), "NAME"),
        Kind("PROJECT", (
            Spec("PROJECTID", "ID"), Spec("NAME", is_required=True), Spec("DESCRIPTION"), Spec("PROJECTCATEGORY", "ENUM", ("Contract", "Internal Billable", "Internal Non-Billable",
            "Capitalized"), is_required=True), STATUS, Spec("PROJECTSTATUS"), _ref("CUSTOMERID", "CUSTOMER"), _ref("MANAGERID", "EMPLOYEE"),
            *_texts("BEGINDATE ENDDATE", "DATE"), *_texts("CURRENCY BILLINGTYPE PONUMBER SFDCKEY"), *_texts("CONTRACTAMOUNT BUDGETAMOUNT", "DECIMAL"),
            Spec("PREVENTGENINVOICE", "BOOLEAN", default="false"), _ref("DEPARTMENTID", "DEPARTMENT"), _ref("LOCATIONID", "LOCATION"), _ref("PARENTID", "PROJECT"),
            Spec("MEGAENTITYID", is_computed=True),
        ), "PROJECTID", "P-"),
        Kind("PROJECTRESOURCES", (_ref("PROJECTID", "PROJECT"), _ref("EMPLOYEEID", "EMPLOYEE"), _ref("ITEMID", "ITEM"), Spec("BILLINGRATE", "DECIMAL"), Spec("STARTDATE", "DATE"))),
        Kind("TASK", (
            Spec("TASKID", "ID"), Spec("NAME", is_required=True), _ref("PROJECTID", "PROJECT", is_required=True),
            Spec("TASKSTATUS", "ENUM", ("Not Started", "Planned", "In Progress", "Completed", "On Hold"), is_required=True), *_texts("PARENTID TASKNO"),
            *_texts("PBEGINDATE PENDDATE", "DATE"), *_texts("BUDGETQTY ESTQTY", "DECIMAL"), *_texts("BILLABLE ISMILESTONE", "BOOLEAN"), _ref("ITEMID", "ITEM"),
        ), prefix="T-"),
        Kind("TIMESHEET", (_ref("EMPLOYEEID", "EMPLOYEE", is_required=True), Spec("BEGINDATE", "DATE", is_required=True), Spec("STATE", "ENUM", SHEET_STATES, default="Draft"))),
        Kind("TIMESHEETENTRY", (
            Spec("TIMESHEETKEY", "INTEGER"), Spec("ENTRYDATE", "DATE", is_required=True), Spec("QTY", "DECIMAL", is_required=True), *_texts("TIMETYPE NOTES"),
            Spec("BILLABLE", "BOOLEAN"), *_texts("EXTBILLRATE EXTCOSTRATE", "DECIMAL"), *DIMENSIONS,
        ), header="TIMESHEET", by="TIMESHEETKEY"),
        Kind("EEXPENSES", (
            Spec("RECORDID", is_required=True), _ref("EMPLOYEEID", "EMPLOYEE", is_required=True), Spec("WHENCREATED", "DATE", is_required=True), Spec("STATE"),
            *_texts("CURRENCY BASECURR DESCRIPTION"), Spec("TOTALENTERED", "DECIMAL"),
        ), "RECORDID", "EXP-"),
        Kind("EEXPENSESITEM", (
            Spec("RECORDKEY", "INTEGER"), *_texts("EXPENSETYPE ACCOUNTNO DESCRIPTION"), Spec("AMOUNT", "DECIMAL", is_required=True), Spec("ENTRY_DATE", "DATE"),
            Spec("BILLABLE", "BOOLEAN"), *DIMENSIONS,
        ), header="EEXPENSES", by="RECORDKEY"),
        Kind("ARINVOICE", DOCUMENT, "RECORDID", "INV-"),
        Kind("ARINVOICEITEM", LINE, header="ARINVOICE", by="RECORDKEY"),
        Kind("ARADJUSTMENT", DOCUMENT, "RECORDID", "ADJ-"),
        Kind("ARADJUSTMENTITEM", LINE, header="ARADJUSTMENT", by="RECORDKEY"),
        Kind("ARPYMT", (
            *_texts("RECORDID STATE FINANCIALENTITY DOCNUMBER DESCRIPTION CURRENCY BASECURR MEGAENTITYID"), Spec("PAYMENTMETHOD"), _ref("CUSTOMERID", "CUSTOMER", is_required=True),
            Spec("RECEIPTDATE", "DATE", is_required=True), Spec("TRX_TOTALENTERED", "DECIMAL"),
        )),
        Kind("ARPYMTDETAIL", (Spec("PAYMENTKEY", "INTEGER"), Spec("RECORDKEY", "INTEGER"), Spec("TRX_PAYMENTAMOUNT", "DECIMAL")), header="ARPYMT", by="PAYMENTKEY"),
        Kind("AUDITHISTORY", (*_texts("OBJECTTYPE OBJECTKEY ACCESSMODE USERID"), Spec("ACCESSTIME", "DATETIME")), has_stamp=False),
    )
}  # fmt: skip
