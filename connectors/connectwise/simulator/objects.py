"""The objects of the simulated PSA: where they lie, their fields, what they refer to and what they refuse."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.simulator.rules import Refusal

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
APPROVAL = (
    "Open", "Rejected", "PendingApproval", "ErrorsCorrected", "PendingProjectApproval", "ApprovedByTierOne", "RejectBySecondTier",
    "ApprovedByTierTwo", "ReadyToBill", "Billed", "WrittenOff", "BilledAgreement",
)  # fmt: skip
BILLABLE = ("Billable", "DoNotBill", "NoCharge", "NoDefault")


@dataclass(frozen=True)
class Thing:
    """One object. ``refers`` maps a field to the object it refers to (its value is an object with an id); ``under`` is the field that names
    the record it lies below. ``defaults`` are all its fields, with what they are when nobody says."""

    name: str
    path: str
    defaults: Mapping[str, Any]
    resource: str = ""
    """What errors call it."""
    callback: str = ""
    required: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    lengths: Mapping[str, int] = field(default_factory=dict)
    refers: Mapping[str, str] = field(default_factory=dict)
    picks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()
    under: str = ""
    parent: str = ""
    first_id: int = 1
    has_custom_fields: bool = False

    def refusal(self, name: str, value: Any) -> Refusal | None:
        """Why a value of a field cannot be stored; None when it can."""
        if value is None:
            return self.missing(name) if name in self.required else None
        if name in self.lengths and isinstance(value, str) and len(value) > self.lengths[name]:
            return Refusal("OutOfRange", name, f"The {name} field may be {self.lengths[name]} characters long at most.")
        if name in self.picks and value not in self.picks[name]:
            return Refusal("InvalidField", name, f"The {name} field is not one of {', '.join(self.picks[name])}.")
        if name in self.dates and not (isinstance(value, str) and _INSTANT.fullmatch(value)):
            return Refusal("InvalidField", name, f"The {name} field is not a date like 2026-01-31T00:00:00Z.")
        if name in self.numbers and (isinstance(value, bool) or not isinstance(value, int | Decimal)):
            return Refusal("InvalidField", name, f"The {name} field is not a number.")
        return None

    def missing(self, name: str) -> Refusal:
        return Refusal("MissingRequiredField", name, f"The {name} field is required.")


def _fields(names: str, **stated: Any) -> dict[str, Any]:
    return dict.fromkeys(names.split()) | stated


def _list(name: str, path: str, resource: str, fields: str = "name", **stated: Any) -> Thing:
    """A list that the firm edits itself."""
    return Thing(name, path, _fields(fields, **stated), resource)


THINGS: Mapping[str, Thing] = {
    one.name: one
    for one in (
        _list("companyStatus", "company/companies/statuses", "companyStatus", defaultFlag=False, inactiveFlag=False),
        _list("companyType", "company/companies/types", "companyType", defaultFlag=False, vendorFlag=False),
        _list("country", "company/countries", "country", "name countryCode coreEntityCountryCode", defaultFlag=False),
        _list("communicationType", "company/communicationTypes", "communicationType", "description", phoneFlag=False, faxFlag=False, emailFlag=False, defaultFlag=False),
        _list("site", "company/sites", "site"),
        _list("opportunityStatus", "sales/opportunities/statuses", "opportunityStatus", wonFlag=False, lostFlag=False, closedFlag=False),
        _list("opportunityStage", "sales/stages", "stage"),
        _list("probability", "sales/probabilities", "probability", "probability"),
        _list("agreementType", "finance/agreements/types", "agreementType"),
        _list("board", "project/boards", "board"),
        _list("projectStatus", "project/statuses", "projectStatus", defaultFlag=False, closedFlag=False, inactiveFlag=False, noTimeFlag=False),
        _list("phaseStatus", "project/phaseStatuses", "phaseStatus", closedFlag=False),
        _list("billingStatus", "finance/billingStatuses", "billingStatus", closedFlag=False, sentFlag=False, defaultFlag=False),
        _list("billingTerms", "finance/billingTerms", "billingTerms"),
        _list("expenseType", "expense/types", "expenseType", "name", billExpenses="Billable", amountCaption="Amount", invoiceMarkupOption="Percent"),
        _list("classification", "expense/classifications", "classification"),
        _list("workType", "time/workTypes", "workType", billTime="Billable", rate=Decimal("1.0"), rateType="Multiplier"),
        Thing("currency", "finance/currencies", _fields("name symbol currencyCode currencyIdentifier", numberOfDecimals=2), "currency"),
        Thing("location", "system/locations", _fields("name ownerLevelId"), "location"),
        Thing("department", "system/departments", _fields("identifier name"), "department"),
        Thing("taxCode", "finance/taxCodes", _fields("identifier description invoiceCaption effectiveDate cancelDate"), "taxCode", dates=("effectiveDate",)),
        Thing("workRole", "time/workRoles", _fields("name hourlyRate", inactiveFlag=False), "workRole", numbers=("hourlyRate",)),
        Thing("member", "system/members", _fields(
            "identifier firstName lastName officeEmail title employeeIdentifer hourlyCost hourlyRate hireDate inactiveDate workRole defaultDepartment "
            "defaultLocation reportsTo", inactiveFlag=False, licenseClass="F", agreementInvoicingDisplayOptions="RemainOnInvoicingScreen",
            defaultEmail="Office", defaultPhone="Office", invoiceScreenDefaultTabFormat="ShowInvoicingTab", invoicingDisplayOptions="RemainOnInvoicingScreen"),
            "member", "member", ("identifier",), ("identifier",), {"identifier": 15},
            {"workRole": "workRole", "defaultDepartment": "department", "defaultLocation": "location", "reportsTo": "member"}, {"licenseClass": ("A", "C", "F", "X")},
            ("hireDate", "inactiveDate"), first_id=31),
        Thing("company", "company/companies", _fields(
            "identifier name status addressLine1 addressLine2 city state zip country phoneNumber faxNumber website territory territoryManager defaultContact "
            "accountNumber currency taxCode taxIdentifier billingTerms parentCompany billToCompany vendorIdentifier invoiceToEmailAddress site", types=[], leadFlag=False,
            deletedFlag=False, isVendorFlag=False, **{f"userDefinedField{n}": None for n in range(1, 11)}), "company", "company", ("identifier", "name"),
            ("identifier",), {"identifier": 30, "name": 50, "addressLine1": 50, "addressLine2": 50, "city": 50, "state": 50, "zip": 12, "phoneNumber": 30,
                              "website": 255},
            {"status": "companyStatus", "country": "country", "currency": "currency", "taxCode": "taxCode", "billingTerms": "billingTerms",
             "parentCompany": "company", "billToCompany": "company", "territoryManager": "member", "defaultContact": "contact", "site": "site"},
            first_id=250, has_custom_fields=True),
        Thing("contact", "company/contacts", _fields("firstName lastName company title department site", inactiveFlag=False, communicationItems=[], types=[]),
              "contact", "contact", ("firstName",), (), {"firstName": 30, "lastName": 30, "title": 100}, {"company": "company", "site": "site"}, first_id=77,
              has_custom_fields=True),
        Thing("opportunity", "sales/opportunities", _fields(
            "name company contact primarySalesRep expectedCloseDate stage status probability type taxCode notes", locationId=2, businessUnitId=10), "opportunity",
            "opportunity", ("name", "company", "primarySalesRep"), (), {"name": 100},
            {"company": "company", "contact": "contact", "primarySalesRep": "member", "stage": "opportunityStage", "status": "opportunityStatus",
             "probability": "probability"}, dates=("expectedCloseDate",), first_id=601, has_custom_fields=True),
        Thing("agreement", "finance/agreements", _fields(
            "name type company contact startDate endDate billAmount applicationLimit billingTerms parentAgreement billToCompany currency location department "
            "opportunity", noEndingDateFlag=False, cancelledFlag=False, agreementStatus="Active", applicationUnits="Amount", billTime="Billable"), "agreement",
            "agreement", ("name", "type", "company"), (), {"name": 100},
            {"type": "agreementType", "company": "company", "contact": "contact", "billingTerms": "billingTerms", "parentAgreement": "agreement",
             "billToCompany": "company", "currency": "currency", "location": "location", "department": "department", "opportunity": "opportunity"},
            {"agreementStatus": ("Active", "Cancelled", "Expired", "Inactive"), "applicationUnits": ("Amount", "Hours", "Incidents")},
            ("startDate", "endDate"), ("billAmount",), first_id=401, has_custom_fields=True),
        Thing("agreementWorkRole", "finance/agreements/{parent}/workRoles", _fields("agreementId workRole rate effectiveDate endingDate limitTo locationId", rateType="Custom"),
              "agreementWorkRole", "", ("rateType",), refers={"workRole": "workRole"}, picks={"rateType": ("AdjAmount", "Custom", "Multiplier")},
              dates=("effectiveDate", "endingDate"), numbers=("rate",), under="agreementId", parent="agreement"),
        Thing("chargeCode", "time/chargeCodes", _fields("name company department location", billTime="DoNotBill", timeEntryFlag=True, expenseEntryFlag=False), "chargeCode", "",
              ("name",), refers={"company": "company", "department": "department", "location": "location"}),
        Thing("project", "project/projects", _fields(
            "name company board billingMethod estimatedStart estimatedEnd billingAmount manager status type currency customerPO budgetHours "
            "agreement opportunity location department description contact", billingRateType="WorkRole", percentComplete=Decimal("0.0"), closedFlag=False,
            billTime="Billable", actualHours=Decimal("0.0")), "project", "project",
            ("name", "company", "board", "billingMethod", "estimatedStart", "estimatedEnd"), (), {"name": 100},
            {"company": "company", "board": "board", "manager": "member", "status": "projectStatus", "currency": "currency", "agreement": "agreement",
             "opportunity": "opportunity", "location": "location", "department": "department", "contact": "contact"},
            {"billingMethod": ("ActualRates", "FixedFee", "NotToExceed", "OverrideRate"), "billTime": BILLABLE}, ("estimatedStart", "estimatedEnd"),
            ("billingAmount", "budgetHours"), ("percentComplete", "actualHours", "closedFlag"), first_id=512, has_custom_fields=True),
        Thing("phase", "project/projects/{parent}/phases", _fields(
            "projectId description wbsCode parentPhase deadlineDate scheduledStart scheduledEnd actualEnd budgetHours status billingAmount currency",
            markAsMilestoneFlag=False, billSeparatelyFlag=False, billingMethod="ActualRates", billTime="Billable"), "projectPhase", "", ("description",), (),
            {"description": 100}, {"parentPhase": "phase", "status": "phaseStatus", "currency": "currency"},
            dates=("deadlineDate", "scheduledStart", "scheduledEnd"), under="projectId", parent="project", first_id=71),
        Thing("ticket", "project/tickets", _fields(
            "summary project phase company board status budgetHours requiredDate estimatedStartDate workRole wbsCode owner", closedFlag=False, billTime="Billable",
            actualHours=Decimal("0.0")), "ticket", "ticket", ("summary", "project"), (), {"summary": 100},
            {"project": "project", "phase": "phase", "company": "company", "board": "board", "workRole": "workRole", "owner": "member"}, {"billTime": BILLABLE},
            ("requiredDate", "estimatedStartDate"), ("budgetHours",), ("actualHours",), first_id=4412, has_custom_fields=True),
        Thing("timeEntry", "time/entries", _fields(
            "company chargeToId chargeToType member timeStart timeEnd actualHours notes internalNotes hoursBilled hourlyRate enteredBy dateEntered workType workRole project "
            "phase ticket agreement invoice", locationId=2, businessUnitId=10, hoursDeduct=Decimal("0.0"), billableOption="Billable", status="Open"), "timeEntry", "time",
            ("timeStart",), (), {}, {"company": "company", "member": "member", "workType": "workType", "workRole": "workRole", "project": "project", "phase": "phase",
                                     "ticket": "ticket", "agreement": "agreement", "invoice": "invoice"},
            {"chargeToType": ("ServiceTicket", "ProjectTicket", "ChargeCode", "Activity"), "billableOption": BILLABLE, "status": APPROVAL},
            ("timeStart", "timeEnd"), ("actualHours", "hoursDeduct"), ("hoursBilled", "enteredBy", "dateEntered", "status"), first_id=9001),
        Thing("expenseReport", "expense/reports", _fields("member dateStart dateEnd total", status="Open", year=2026, period=1), "expenseReport", "", refers={"member": "member"}),
        Thing("expenseEntry", "expense/entries", _fields(
            "expenseReport company chargeToId chargeToType member type classification amount billAmount date currency notes project phase ticket invoice",
            billableOption="Billable", status="Open", taxes=[], locationId=2), "expenseEntry", "expense", ("amount", "date"), (), {},
            {"expenseReport": "expenseReport", "company": "company", "member": "member", "type": "expenseType", "classification": "classification",
             "currency": "currency", "project": "project", "phase": "phase", "ticket": "ticket", "invoice": "invoice"},
            {"chargeToType": ("ServiceTicket", "ProjectTicket", "ChargeCode", "Activity"), "billableOption": BILLABLE, "status": APPROVAL}, ("date",), ("amount",),
            ("billAmount", "status"), first_id=7001),
        Thing("invoice", "finance/invoices", _fields(
            "invoiceNumber type status company billToCompany date dueDate project agreement applyToId subtotal salesTax total currency taxCode billingTerms customerPO "
            "locationId billingSiteAddressLine1 billingSiteCity billingSiteZip", applyToType="Project", serviceTotal=Decimal("0.0"), expenseTotal=Decimal("0.0"),
            productTotal=Decimal("0.0"), payments=Decimal("0.0"), credits=Decimal("0.0"), balance=Decimal("0.0"), specialInvoiceFlag=False), "invoice", "invoice",
            ("type",), ("invoiceNumber",), {"invoiceNumber": 15},
            {"status": "billingStatus", "company": "company", "billToCompany": "company", "project": "project", "agreement": "agreement", "currency": "currency",
             "taxCode": "taxCode", "billingTerms": "billingTerms"},
            {"type": ("Agreement", "CreditMemo", "DownPayment", "Miscellaneous", "Progress", "Standard")}, ("date", "dueDate"),
            ("subtotal", "salesTax", "total"), ("payments", "balance"), first_id=701),
        Thing("payment", "finance/invoices/{parent}/payments", _fields("invoice type amount paymentDate appliedBy credit"), "payment", "", ("amount",),
              refers={"invoice": "invoice"}, dates=("paymentDate",), numbers=("amount",), under="invoice", parent="invoice", first_id=801),
        Thing("callback", "system/callbacks", _fields("description url objectId type level payloadVersion memberId", inactiveFlag=False, isSoapCallbackFlag=False),
              "callback", "", ("url", "objectId", "type", "level"), (), {"description": 100}, first_id=26604),
    )
}  # fmt: skip
