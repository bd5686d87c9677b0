"""The packages' objects of the simulated org, as ``describe`` tells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from connectors.certinia.config import WEEK
from connectors.certinia.timecards import hours_field, notes_field
from connectors.salesforce.simulator.objects import KEY, OBJECTS, SObject, Spec

STATUSES = ("Saved", "Submitted", "Approved", "Rejected")


def _many(names: str, kind: str = "string", **more: bool) -> tuple[Spec, ...]:
    return tuple(Spec(name, kind, is_computed=more.get("computed", False)) for name in names.split())


def _flags(names: str, default: bool = False) -> tuple[Spec, ...]:
    return tuple(Spec(name, "boolean", default=default) for name in names.split())


def _to(name: str, target: str, *, required: bool = False) -> Spec:
    return Spec(name, "reference", is_required=required, refers_to=target)


CURRENCY = Spec("CurrencyIsoCode", "picklist", picks=("EUR", "GBP", "USD", "CHF", "SEK"), is_restricted=True, default="EUR")
RESOURCE = (
    *_flags("pse__Is_Resource__c pse__Is_Resource_Active__c pse__External_Resource__c"), Spec("pse__Resource_Role__c", "picklist"),
    _to("pse__Region__c", "pse__Region__c"), _to("pse__Practice__c", "pse__Practice__c"), _to("pse__Group__c", "pse__Grp__c"),
    Spec("pse__Start_Date__c", "date"), _to("pse__Salesforce_User__c", "User"), _to("ReportsToId", "Contact"),
)  # fmt: skip
PACKAGED = (
    SObject("pse__Region__c", "a0A", (Spec("Name", is_required=True), _to("pse__Parent_Region__c", "pse__Region__c"), CURRENCY)),
    SObject("pse__Practice__c", "a0B", (Spec("Name", is_required=True), CURRENCY)),
    SObject("pse__Grp__c", "a0D", (Spec("Name", is_required=True), _to("pse__Parent_Group__c", "pse__Grp__c"), CURRENCY)),
    SObject("pse__Rate_Card__c", "a0E", (
        Spec("Name", is_required=True), Spec("pse__Role__c", "picklist"), Spec("pse__Suggested_Bill_Rate__c", "currency"), Spec("pse__Average_Cost_Rate__c", "currency"),
        _to("pse__Region__c", "pse__Region__c"), _to("pse__Account__c", "Account"), *_many("pse__Start_Date__c pse__End_Date__c", "date"), CURRENCY,
    )),
    SObject("pse__Proj__c", "a0K", (
        Spec("Name", length=80, is_required=True), Spec("pse__Project_ID__c", is_computed=True), _to("pse__Account__c", "Account"),
        _to("pse__Opportunity__c", "Opportunity"), _to("pse__Project_Manager__c", "Contact"), _to("pse__Region__c", "pse__Region__c", required=True),
        _to("pse__Practice__c", "pse__Practice__c"), _to("pse__Group__c", "pse__Grp__c"), _to("pse__Parent_Project__c", "pse__Proj__c"),
        *_many("pse__Start_Date__c pse__End_Date__c", "date"),
        Spec("pse__Stage__c", "picklist", picks=("Draft", "Planned", "In Progress", "On Hold", "Completed", "Canceled"), is_restricted=True, default="Draft"),
        Spec("pse__Billing_Type__c", "picklist", default="Time and Materials"), *_flags("pse__Is_Active__c pse__Is_Billable__c pse__Allow_Timecards_Without_Assignment__c", True),
        *_flags("pse__Is_Template__c pse__Closed_for_Time_Entry__c pse__Closed_for_Expense_Entry__c"),
        *_many("pse__Bookings__c pse__Billed__c pse__Invoiced__c pse__Revenue__c pse__Margin__c", "currency", computed=True), CURRENCY, KEY,
    )),
    SObject("pse__Milestone__c", "a0C", (
        Spec("Name", is_required=True), _to("pse__Project__c", "pse__Proj__c", required=True), Spec("pse__Milestone_Amount__c", "currency"),
        *_many("pse__Target_Date__c pse__Actual_Date__c", "date"), Spec("pse__Status__c", "picklist", default="Planned"),
        *_flags("pse__Approved__c pse__Billed__c pse__Invoiced__c pse__Include_In_Financials__c pse__Billing_Hold__c pse__Requires_Customer_Sign_off__c"), CURRENCY, KEY,
    )),
    SObject("pse__Project_Task__c", "a0T", (
        Spec("Name", length=80, is_required=True), _to("pse__Project__c", "pse__Proj__c", required=True), _to("pse__Parent_Task__c", "pse__Project_Task__c"),
        _to("pse__Milestone__c", "pse__Milestone__c"), *_many("pse__Start_Date__c pse__End_Date__c", "date"), Spec("pse__Status__c", "picklist", default="Planned"),
        Spec("pse__Estimated_Hours__c", "double"), Spec("pse__WBS_Element_Number__c", is_computed=True), *_flags("pse__Closed_for_Time_Entry__c"),
        replace(KEY, name="pse__External_Task_ID__c"), CURRENCY, KEY,
    )),
    SObject("pse__Assignment__c", "a15", (
        _to("pse__Project__c", "pse__Proj__c", required=True), _to("pse__Resource__c", "Contact", required=True), Spec("pse__Role__c", "picklist"),
        Spec("pse__Bill_Rate__c", "currency"), *_flags("pse__Daily_Bill_Rate__c"), *_flags("pse__Is_Billable__c", True), Spec("pse__Planned_Hours__c", "double"),
        Spec("pse__Percent_Allocated__c", "percent"), *_many("pse__Start_Date__c pse__End_Date__c", "date"), Spec("pse__Status__c", "picklist", default="Scheduled"),
        Spec("pse__Cost_Rate_Amount__c", "currency"), CURRENCY, KEY,
    )),
    SObject("pse__Timecard_Header__c", "a0R", (
        Spec("Name", is_computed=True), _to("pse__Resource__c", "Contact", required=True), _to("pse__Project__c", "pse__Proj__c", required=True),
        _to("pse__Assignment__c", "pse__Assignment__c"), _to("pse__Milestone__c", "pse__Milestone__c"), Spec("pse__Start_Date__c", "date", is_required=True),
        Spec("pse__End_Date__c", "date", is_required=True), Spec("pse__Status__c", "picklist", picks=STATUSES, is_restricted=True, default="Saved"),
        *_flags("pse__Submitted__c pse__Approved__c pse__Include_In_Financials__c pse__Billed__c pse__Invoiced__c pse__Exclude_from_Billing__c pse__Admin_Global_Edit__c"),
        *_flags("pse__Billable__c", True), *(Spec(hours_field(day), "double") for day in WEEK), *(Spec(notes_field(day), "textarea") for day in WEEK),
        Spec("pse__Total_Hours__c", "double", is_computed=True), Spec("pse__Bill_Rate__c", "currency"), Spec("pse__Audit_Notes__c", "textarea"), CURRENCY, KEY,
    )),
    SObject("pse__Timecard__c", "a0S", (
        _to("pse__Timecard_Header__c", "pse__Timecard_Header__c"), *_many("pse__Start_Date__c pse__End_Date__c", "date"), Spec("pse__Total_Hours__c", "double"),
        *_flags("pse__Billed__c pse__Invoiced__c"), CURRENCY,
    )),
    SObject("pse__Time_Date__c", "a0U", (_to("pse__Timecard__c", "pse__Timecard__c"), Spec("pse__Date__c", "date"), Spec("pse__Hours__c", "double"))),
    SObject("pse__Expense_Report__c", "a0M", (
        Spec("Name", is_required=True), _to("pse__Resource__c", "Contact", required=True), _to("pse__Project__c", "pse__Proj__c"),
        Spec("pse__Status__c", "picklist", default="Draft"), *_flags("pse__Submitted__c pse__Approved__c"), CURRENCY, KEY,
    )),
    SObject("pse__Expense__c", "a0N", (
        _to("pse__Expense_Report__c", "pse__Expense_Report__c", required=True), _to("pse__Resource__c", "Contact"), _to("pse__Project__c", "pse__Proj__c"),
        _to("pse__Assignment__c", "pse__Assignment__c"), _to("pse__Milestone__c", "pse__Milestone__c"),
        Spec("pse__Expense_Date__c", "date", is_required=True), Spec("pse__Type__c", "picklist", is_required=True), Spec("pse__Amount__c", "currency"),
        Spec("pse__Description__c", "textarea"), Spec("pse__Billing_Amount__c", "currency"), Spec("pse__Billing_Currency__c"), Spec("pse__Incurred_Tax__c", "currency"),
        Spec("pse__Status__c", "picklist", default="Draft"), *_flags("pse__Billable__c", True), *_flags("pse__Billed__c pse__Invoiced__c pse__Non_Reimbursable__c"),
        CURRENCY, KEY,
    )),
    SObject("pse__Billing_Event__c", "a0G", (
        Spec("Name", is_computed=True), _to("pse__Project__c", "pse__Proj__c"), Spec("pse__Status__c", "picklist", default="Draft"), Spec("pse__Date__c", "date"),
        *_flags("pse__Approved__c pse__Released__c pse__Invoiced__c"), Spec("pse__Invoice_Number__c"), Spec("pse__Invoice_Date__c", "date"), CURRENCY,
    )),
    SObject("pse__Billing_Event_Item__c", "a0H", (
        _to("pse__Billing_Event__c", "pse__Billing_Event__c", required=True), *_many("pse__Amount__c pse__Unit_Price__c", "currency"), Spec("pse__Quantity__c", "double"),
        Spec("pse__Date__c", "date"), Spec("pse__Category__c", "picklist"), Spec("pse__Object_Id__c"), _to("pse__Timecard_Split__c", "pse__Timecard__c"),
        _to("pse__Expense__c", "pse__Expense__c"), _to("pse__Milestone__c", "pse__Milestone__c"), CURRENCY,
    )),
    SObject("c2g__codaCompany__c", "a1A", (Spec("Name", is_required=True),)),
    SObject("c2g__codaAccountingCurrency__c", "a1B", (Spec("Name", is_required=True), Spec("c2g__DecimalPlaces__c", "int"))),
    SObject("c2g__codaGeneralLedgerAccount__c", "a1C", (Spec("Name", is_required=True), Spec("c2g__ReportingCode__c"), Spec("c2g__Type__c", "picklist"))),
    SObject("c2g__codaDimension1__c", "a1E", (Spec("Name", is_required=True), Spec("c2g__ReportingCode__c"))),
    SObject("c2g__codaTaxCode__c", "a1F", (Spec("Name", is_required=True), Spec("c2g__Description__c"))),
    SObject("c2g__codaPeriod__c", "a1G", (
        Spec("Name", is_required=True), *_many("c2g__StartDate__c c2g__EndDate__c", "date"), Spec("c2g__Status__c", "picklist"), _to("c2g__OwnerCompany__c", "c2g__codaCompany__c"),
    )),
    SObject("c2g__codaInvoice__c", "a1D", (
        Spec("Name", is_computed=True), _to("c2g__Account__c", "Account"), *_many("c2g__InvoiceDate__c c2g__DueDate__c", "date"),
        Spec("c2g__InvoiceStatus__c", "picklist", default="In Progress"), Spec("c2g__PaymentStatus__c", "picklist"), _to("c2g__OwnerCompany__c", "c2g__codaCompany__c"),
        *_many("c2g__NetTotal__c c2g__TaxTotal__c c2g__InvoiceTotal__c c2g__OutstandingValue__c", "currency"), CURRENCY,
    )),
    SObject("c2g__codaInvoiceLineItem__c", "a1H", (
        _to("c2g__Invoice__c", "c2g__codaInvoice__c"), Spec("c2g__LineNumber__c", "int"), Spec("c2g__LineDescription__c"), Spec("c2g__Quantity__c", "double"),
        *_many("c2g__UnitPrice__c c2g__NetValue__c c2g__TaxValueTotal__c", "currency"), CURRENCY,
    )),
    SObject("c2g__codaCreditNote__c", "a1J", (
        Spec("Name", is_computed=True), _to("c2g__Account__c", "Account"), Spec("c2g__CreditNoteDate__c", "date"), Spec("c2g__CreditNoteStatus__c", "picklist"),
        Spec("c2g__PaymentStatus__c", "picklist"), *_many("c2g__NetTotal__c c2g__CreditNoteTotal__c c2g__OutstandingValue__c", "currency"),
        _to("c2g__Invoice__c", "c2g__codaInvoice__c"), CURRENCY,
    )),
    SObject("c2g__codaCreditNoteLineItem__c", "a1K", (
        _to("c2g__CreditNote__c", "c2g__codaCreditNote__c"), Spec("c2g__LineNumber__c", "int"), Spec("c2g__LineDescription__c"), Spec("c2g__Quantity__c", "double"),
        *_many("c2g__UnitPrice__c c2g__NetValue__c", "currency"), CURRENCY,
    )),
    SObject("c2g__codaCashEntry__c", "a1L", (
        Spec("Name", is_computed=True), _to("c2g__Account__c", "Account"), Spec("c2g__Date__c", "date"), Spec("c2g__Type__c", "picklist"),
        Spec("c2g__Status__c", "picklist"), Spec("c2g__Value__c", "currency"), Spec("c2g__Reference__c"), Spec("c2g__PaymentMethod__c", "picklist"), CURRENCY,
    )),
)  # fmt: skip


def objects() -> Mapping[str, SObject]:
    """The platform's objects with the packages' fields, and the packages' own. The newer billing documents are not installed."""
    more = {"Contact": (*RESOURCE, CURRENCY), "Account": (CURRENCY,), "Opportunity": (CURRENCY,)}
    platform = {name: SObject(name, one.prefix, (*one.specs, *more.get(name, ()))) for name, one in OBJECTS.items()}
    return platform | {one.name: one for one in PACKAGED}
