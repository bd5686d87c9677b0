"""The entities of the simulated database: fields with their types, picklists with labels of this firm, and what a field refuses.

A field is written ``name:type``, with ``!`` for required, ``~`` for read only, ``-`` for not queryable and ``>Companies`` for a
reference; types are s100 (text of so many characters), i, l, d, b, t (instant), D (midnight of a day) and p (a picklist).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.simulator.rules import Refusal

TYPES = {"s": "string", "i": "integer", "l": "long", "d": "double", "b": "boolean", "t": "datetime", "D": "datetime", "p": "integer"}
_SPEC = re.compile(r"(\w+):([silbtdDp])(\d*)([!~-]*)(?:>(\w+))?")


@dataclass(frozen=True, slots=True)
class Spec:
    """One field."""

    name: str
    kind: str
    length: int = 0
    is_required: bool = False
    is_read_only: bool = False
    is_queryable: bool = True
    refers_to: str = ""
    picks: tuple[tuple[int, str], ...] = ()

    def described(self) -> dict[str, Any]:
        """As ``entityInformation/fields`` tells it; a picklist's values are texts there."""
        return {
            "name": self.name, "dataType": TYPES[self.kind], "length": self.length, "isRequired": self.is_required, "isReadOnly": self.is_read_only,
            "isQueryable": self.is_queryable, "isReference": bool(self.refers_to), "referenceEntityType": self.refers_to, "isPickList": bool(self.picks),
            "picklistValues": [
                {"value": str(value), "label": label, "isDefaultValue": False, "sortOrder": at, "parentValue": "", "isActive": True, "isSystem": False}
                for at, (value, label) in enumerate(self.picks, 1)
            ] or None,
            "picklistParentValueField": "", "isSupportedWebhookField": not self.is_read_only,
        }  # fmt: skip

    def refusal(self, value: Any) -> Refusal | None:
        """Why a value cannot be stored; None when it can."""
        if value is None:
            return Refusal("", self.name, f"Missing Required Field: {self.name}.") if self.is_required else None
        if self.picks and value not in [one for one, _ in self.picks]:
            return Refusal("", self.name, f"Value {value} of field: {self.name} is not a valid picklist value.")
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        good = {
            "s": isinstance(value, str), "i": is_number and value == int(value), "l": is_number and value == int(value), "d": is_number,
            "b": isinstance(value, bool), "t": _is_instant(value), "D": _is_instant(value), "p": is_number,
        }[self.kind]  # fmt: skip
        if not good:
            return Refusal("", self.name, f"Value of field: {self.name} could not be converted to {TYPES[self.kind]}.")
        if self.kind == "s" and self.length and len(value) > self.length:
            return Refusal("", self.name, f"Value of field: {self.name} exceeds maximum length of {self.length}.")
        return None


def _is_instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value) is not None
    except ValueError:
        return False


@dataclass(frozen=True)
class Entity:
    """One entity. ``can``: c create, u update, d delete, at its own address or below its parent's; ``stamps`` move with each edit;
    ``fixed`` are the only fields a request may change."""

    name: str
    fields: Mapping[str, Spec]
    can: str = ""
    parent: str = ""
    parent_field: str = ""
    child: str = ""
    stamps: tuple[str, ...] = ()
    created: str = ""
    changeable: tuple[str, ...] = ()
    first_id: int = 1
    defaults: Mapping[str, Any] = field(default_factory=dict)
    hook: str = ""


PICKS: Mapping[str, tuple[tuple[int, str], ...]] = {
    "Companies.companyType": ((1, "Customer"), (2, "Lead"), (3, "Prospect"), (4, "Dead"), (6, "Cancelation"), (7, "Vendor"), (8, "Partner")),
    "Opportunities.stage": ((1, "Qualification"), (2, "Proposal"), (3, "Contract"), (29682778, "Signed")),
    "Opportunities.status": ((0, "Not Ready To Buy"), (1, "Active"), (2, "Lost"), (3, "Closed"), (4, "Implemented")),
    "Contracts.contractType": ((1, "Time and Materials"), (3, "Fixed Price"), (4, "Block Hours"), (6, "Retainer"), (7, "Recurring Service"), (8, "Incident")),
    "Contracts.contractCategory": ((12, "Standard"), (13, "Managed services")),
    "Contracts.status": ((0, "Inactive"), (1, "Active")),
    "Projects.projectType": ((2, "Proposal"), (3, "Template"), (4, "Internal"), (5, "Client"), (8, "Baseline")),
    "Projects.status": ((1, "New"), (2, "In Progress"), (4, "On Hold"), (5, "Complete"), (0, "Inactive")),
    "Tasks.status": ((1, "New"), (8, "In Progress"), (7, "Waiting Customer"), (5, "Complete")),
    "ContractMilestones.status": ((0, "In Progress"), (1, "Ready to Bill"), (2, "Billed")),
    "Resources.resourceType": ((1, "Employee"), (2, "Contractor")),
    "TimeEntries.timeEntryType": ((2, "Ticket"), (6, "Task"), (10, "Internal")),
    "ExpenseReports.status": ((1, "In Progress"), (2, "Submitted"), (3, "Approved"), (4, "Paid"), (5, "Rejected")),
    "ExpenseItems.expenseCategory": ((-1, "Travel"), (-2, "Hotel"), (29683001, "Client dinner")),
    "BillingItems.billingItemType": ((1, "Labor"), (2, "Ticket Charge"), (4, "Project Expense"), (6, "Milestone"), (11, "Recurring Contract Service")),
    "BillingCodes.useType": ((1, "Work Type"), (2, "Material Cost"), (3, "Internal Allocation"), (4, "Expense"), (5, "Recurring Contract Service")),
    "Invoices.paymentTerm": ((1, "Net 14"), (4, "Net 30"), (5, "Net 60")),
}  # fmt: skip


def entity(name: str, fields: str, **more: Any) -> Entity:
    found = {"id": Spec("id", "l", is_read_only=True)}
    for said in fields.split():
        match = _SPEC.fullmatch(said)
        assert match is not None, said
        field_, kind, length, marks, refers_to = match.groups()
        found[field_] = Spec(
            field_, kind, int(length or 0), "!" in marks, "~" in marks, "-" not in marks, refers_to or "", PICKS.get(f"{name}.{field_}", ())
        )
    return Entity(name, found, **more)


_COMPANIES = entity("Companies", """companyName:s100! companyNumber:s50 companyType:p! classification:i isActive:b ownerResourceID:l!>Resources
    parentCompanyID:l>Companies currencyID:l>Currencies taxID:s50 taxRegionID:l>TaxRegions address1:s128 address2:s128 city:s30 state:s40
    postalCode:s10 countryID:l>Countries phone:s25! webAddress:s255 billToAddressToUse:i createDate:t~ lastActivityDate:t~
    lastTrackedModifiedDateTime:t~""", can="cu", stamps=("lastActivityDate", "lastTrackedModifiedDateTime"), created="createDate",
    first_id=174, defaults={"isActive": True}, hook="Account")  # fmt: skip
_CONTACTS = entity("Contacts", """companyID:l!>Companies firstName:s50! lastName:s50! emailAddress:s254 phone:s25 mobilePhone:s25 title:s50 isActive:i!
    externalID:s50 createDate:t~ lastModifiedDate:t~""", can="cu", parent="Companies", parent_field="companyID", child="Contacts",
    stamps=("lastModifiedDate",), created="createDate", first_id=30682885, hook="Contact")  # fmt: skip

ENTITIES: Mapping[str, Entity] = {
    one.name: one
    for one in (
        _COMPANIES, _CONTACTS,
        entity("Opportunities", """title:s128! companyID:l!>Companies stage:p! status:p! probability:i! projectedCloseDate:D! amount:d! cost:d!
            ownerResourceID:l!>Resources useQuoteTotals:b createDate:t~ lastActivity:t~""", can="cu", stamps=("lastActivity",), created="createDate",
            first_id=29682001),
        entity("Contracts", """contractName:s100! contractNumber:s50 contractType:p! contractCategory:p status:p! companyID:l!>Companies
            billToCompanyID:l>Companies opportunityID:l>Opportunities startDate:D! endDate:D! estimatedRevenue:d setupFee:d
            purchaseOrderNumber:s50 billingPreference:i timeReportingRequiresStartAndStopTimes:i""", can="cu", first_id=29684183),
        entity("ContractServices", "contractID:l!>Contracts serviceID:l unitPrice:d invoiceDescription:s1000", can="cu", parent="Contracts",
               parent_field="contractID", child="Services"),
        entity("ContractBillingRules", """contractID:l!>Contracts productID:l invoiceDescription:s1000 startDate:D! endDate:D isActive:b! minimumUnits:i
            maximumUnits:i""", can="cu", parent="Contracts", parent_field="contractID", child="BillingRules"),
        entity("ContractBlocks", "contractID:l!>Contracts hours:d! hourlyRate:d! startDate:D! endDate:D! datePurchased:D! isPaid:b", can="cu",
               parent="Contracts", parent_field="contractID", child="Blocks"),
        entity("ContractRetainers", "contractID:l!>Contracts amount:d! startDate:D! endDate:D! datePurchased:D! isPaid:b", can="cu",
               parent="Contracts", parent_field="contractID", child="Retainers"),
        entity("ContractMilestones", "contractID:l!>Contracts title:s50! amount:d dateDue:D! status:p! isInitialPayment:b! createDate:t~", can="cu",
               parent="Contracts", parent_field="contractID", child="Milestones", created="createDate", first_id=501),
        entity("ContractRates", "contractID:l!>Contracts roleID:l!>Roles contractHourlyRate:d!", can="cu", parent="Contracts", parent_field="contractID",
               child="Rates"),
        entity("ContractRoleCosts", "contractID:l!>Contracts roleID:l!>Roles resourceID:l!>Resources rate:d!", can="cu", parent="Contracts",
               parent_field="contractID", child="RoleCosts"),
        entity("Roles", "name:s200! hourlyRate:d! hourlyFactor:d! isActive:b description:s200", first_id=8),
        entity("PriceListRoles", "currencyID:l!>Currencies roleID:l!>Roles hourlyRate:d usesInternalCurrencyPrice:b!"),
        entity("Projects", """projectName:s100! projectNumber:s50~ extProjectNumber:s50 description:s2000 companyID:l!>Companies contractID:l>Contracts
            opportunityID:l>Opportunities projectType:p! status:p! startDateTime:D! endDateTime:D! estimatedTime:d~ actualHours:d~
            projectLeadResourceID:l>Resources department:l>Departments purchaseOrderNumber:s50 completedPercentage:i~ createDateTime:t~
            lastActivityDateTime:t~""", can="cu", stamps=("lastActivityDateTime",), created="createDateTime", first_id=4, defaults={"completedPercentage": 0}),
        entity("Phases", """title:s255! externalID:s50 phaseNumber:s50~ parentPhaseID:l>Phases projectID:l!>Projects startDate:D dueDate:D
            estimatedHours:d createDate:t~ lastActivityDateTime:t~""", can="cu", parent="Projects", parent_field="projectID", child="Phases",
            stamps=("lastActivityDateTime",), created="createDate", first_id=61),
        entity("Tasks", """title:s255! taskNumber:s50~ externalID:s50 projectID:l!>Projects phaseID:l>Phases status:p! billingCodeID:l>BillingCodes
            estimatedHours:d startDateTime:t endDateTime:t taskIsBillable:b taskType:i createDateTime:t~ lastActivityDateTime:t~""", can="cu",
            parent="Projects", parent_field="projectID", child="Tasks", stamps=("lastActivityDateTime",), created="createDateTime", first_id=101),
        entity("Tickets", "title:s255! companyID:l!>Companies projectID:l>Projects status:i", first_id=9001),
        entity("Resources", """firstName:s50! lastName:s50! email:s254! userName:s32! isActive:b accountingReferenceID:s100 internalCost:d payrollType:i
            resourceType:p locationID:l>InternalLocations hireDate:D""", first_id=10),
        entity("TimeEntries", """resourceID:l!>Resources roleID:l>Roles taskID:l>Tasks ticketID:l>Tickets internalBillingCodeID:l>BillingCodes
            billingCodeID:l>BillingCodes contractID:l>Contracts dateWorked:D! startDateTime:t endDateTime:t hoursWorked:d! hoursToBill:d offsetHours:d
            isNonBillable:b showOnInvoice:b summaryNotes:s32000 internalNotes:s32000 timeEntryType:p~ billingApprovalDateTime:t~
            billingApprovalLevelMostRecent:i~ billingApprovalResourceID:l~>Resources createDateTime:t~ creatorUserID:l~ lastModifiedUserID:l~
            lastModifiedDateTime:t~""", can="cu", stamps=("lastModifiedDateTime",), created="createDateTime", first_id=5,
            defaults={"isNonBillable": False, "showOnInvoice": True, "offsetHours": Decimal("0.0"), "billingApprovalLevelMostRecent": 0}),
        entity("ExpenseReports", "name:s100! status:p~ submitterID:l!>Resources weekEnding:D! amountDue:d~ submitDate:t~", can="cu", first_id=31),
        entity("ExpenseItems", """expenseReportID:l!>ExpenseReports expenseDate:D! expenseCategory:p! expenseCurrencyExpenseAmount:d
            expenseCurrencyID:l>Currencies internalCurrencyExpenseAmount:d~ isBillableToCompany:b! isReimbursable:b~ companyID:l>Companies
            projectID:l>Projects taskID:l>Tasks gLCode:s20 workType:i description:s128!""", can="cu", parent="Expenses", parent_field="expenseReportID",
            child="Items", first_id=71, defaults={"isReimbursable": True}),
        entity("BillingItems", """billingItemType:p~ invoiceID:l~>Invoices timeEntryID:l~>TimeEntries expenseItemID:l~>ExpenseItems
            milestoneID:l~>ContractMilestones companyID:l~>Companies projectID:l~>Projects contractID:l~>Contracts itemName:s255~ description:s2000~
            quantity:d~ rate:d~ extendedPrice:d~ taxDollars:d~ totalAmount:d~ internalCurrencyExtendedPrice:d~ itemDate:D~ postedDate:t~ nonBillable:i~
            webServiceDate:t""", can="u", changeable=("webServiceDate",), first_id=7001),
        entity("Invoices", """companyID:l~>Companies invoiceNumber:s50 invoiceTotal:d~ totalTaxValue:d~ invoiceDateTime:D~ dueDate:D~- fromDate:D~
            toDate:D~ paymentTerm:p~ orderNumber:s50~ taxRegionName:s50~- taxGroup:l~- batchID:l~ isVoided:b~ voidedDate:t~ paidDate:D comments:s4000
            createDateTime:t~ webServiceDate:t""", can="u", changeable=("invoiceNumber", "paidDate", "webServiceDate", "comments"),
            created="createDateTime", first_id=88, defaults={"isVoided": False}),
        entity("Taxes", "taxName:s100! taxRate:d! taxRegionID:l!>TaxRegions taxCategoryID:l!>TaxCategories isCompounded:b"),
        entity("TaxRegions", "name:s200! isActive:b"), entity("TaxCategories", "name:s200! isActive:b"),
        entity("BillingCodes", """name:s200! useType:p! externalNumber:s100 generalLedgerAccount:l taxCategoryID:l>TaxCategories unitPrice:d
            isActive:b""", first_id=29682801),
        entity("Currencies", "name:s100! description:s100 exchangeRate:d isInternalCurrency:b isActive:b lastModifiedDateTime:t~",
               stamps=("lastModifiedDateTime",)),
        entity("Countries", "name:s100! displayName:s100 countryCode:s2 isActive:b", first_id=81),
        entity("Departments", "name:s100! number:s50 description:s1000", first_id=29683384),
        entity("OrganizationalLevel1s", "name:s100! isActive:b"), entity("OrganizationalLevel2s", "name:s100! isActive:b"),
        entity("InternalLocations", "name:s100! countryID:l>Countries"),
        entity("CompanyWebhooks", """name:s50! webhookUrl:s255! deactivationUrl:s255! secretKey:s64! isActive:b! isSubscribedToCreateEvents:b!
            isSubscribedToUpdateEvents:b! isSubscribedToDeleteEvents:b! sendThresholdExceededNotification:b ownerResourceID:l!>Resources isReady:b~""",
            can="cud"),
        entity("ContactWebhooks", """name:s50! webhookUrl:s255! deactivationUrl:s255! secretKey:s64! isActive:b! isSubscribedToCreateEvents:b!
            isSubscribedToUpdateEvents:b! isSubscribedToDeleteEvents:b! sendThresholdExceededNotification:b ownerResourceID:l!>Resources isReady:b~""",
            can="cud"),
    )
}  # fmt: skip


def _hook_fields(of: Entity, hooks: str) -> Entity:
    """The fields a webhook of an entity may be asked about: a picklist of their names."""
    made = entity(f"{hooks.removesuffix('s')}Fields", f"webhookID:l!>{hooks} fieldID:p! isSubscribedField:b! isDisplayAlwaysField:b!", can="cud", parent=hooks,
                  parent_field="webhookID", child="Fields")  # fmt: skip
    names = tuple((200 + at, name) for at, name in enumerate(name for name, spec in of.fields.items() if not spec.is_read_only))
    picked = Spec("fieldID", "p", is_required=True, picks=names)
    return Entity(made.name, {**made.fields, "fieldID": picked}, made.can, made.parent, made.parent_field, made.child)


ENTITIES = {**ENTITIES, **{one.name: one for one in (_hook_fields(_COMPANIES, "CompanyWebhooks"), _hook_fields(_CONTACTS, "ContactWebhooks"))}}
BY_NAME = {name.casefold(): one for name, one in ENTITIES.items()}
"""Addresses do not mind the case."""
CHILDREN = {(one.parent.casefold(), one.child.casefold()): one for one in ENTITIES.values() if one.parent}
KEYS = {"Companies": "companyNumber", "Contacts": "externalID", "Projects": "extProjectNumber", "Phases": "externalID", "Tasks": "externalID"}
"""Where the hub's key lies, by which tests count creates."""
