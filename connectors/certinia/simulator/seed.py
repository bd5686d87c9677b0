"""The records Northbeam's org with Certinia starts with: the platform's, and its regions, people, projects, timecards, outlays and documents."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.certinia.simulator.org import PackagedOrg
from connectors.salesforce.simulator.seed import seed as seed_platform
from connectors.simulator.seed import FIRMS, PROJECTS, STAFF

STAGES = {"active": "In Progress", "planned": "Planned"}


def seed(org: PackagedOrg) -> None:
    """Fill an empty org."""
    seed_platform(org)
    accounts = {row.fields["Name"]: row.id for row in org.store.table("Account")}
    for number, id in enumerate(accounts.values()):
        org.put("Account", id, {"AccountNumber": f"C-{1001 + number}"})
    regions = {name: org.put("pse__Region__c", None, {"Name": name}).id for name in ("Germany", "United Kingdom")}
    practice = org.put("pse__Practice__c", None, {"Name": "Consulting"}).id
    group = org.put("pse__Grp__c", None, {"Name": "CC-100"}).id
    people = [
        org.put("Contact", None, {
            "FirstName": given, "LastName": family, "Email": f"{given}.{family}@northbeam.example".lower(), "pse__Is_Resource__c": True,
            "pse__Is_Resource_Active__c": True, "pse__Resource_Role__c": role, "pse__Region__c": regions["United Kingdom" if country == "GB" else "Germany"],
            "pse__Practice__c": practice, "pse__Group__c": group, "pse__Start_Date__c": "2022-04-01",
        }).id
        for given, family, _, role, country in STAFF
    ]  # fmt: skip
    org.put("pse__Rate_Card__c", None, {"Name": "Senior consultant Germany", "pse__Role__c": "Senior consultant", "pse__Suggested_Bill_Rate__c": Decimal("165.00"),
                                        "pse__Region__c": regions["Germany"], "pse__Start_Date__c": "2026-01-01"})  # fmt: skip
    org.put("pse__Proj__c", None, {"Name": "Template: rollout", "pse__Is_Template__c": True, "pse__Region__c": regions["Germany"]})
    opportunities = {row.fields["AccountId"]: row.id for row in org.store.table("Opportunity")}
    projects = []
    for number, (place, code, title, status, _) in enumerate(PROJECTS):
        firm = FIRMS[place]
        projects.append(org.put("pse__Proj__c", None, {
            "Name": f"{code} {title}", "pse__Account__c": accounts[firm.name], "pse__Opportunity__c": opportunities[accounts[firm.name]] if number < 6 else None,
            "pse__Project_Manager__c": people[number % len(people)], "pse__Region__c": regions["United Kingdom" if firm.country == "GB" else "Germany"],
            "pse__Practice__c": practice, "pse__Start_Date__c": "2026-03-02", "pse__End_Date__c": "2026-12-18", "pse__Stage__c": STAGES[status],
            "CurrencyIsoCode": "GBP" if firm.country == "GB" else "EUR",
        }).id)  # fmt: skip
    first, ida = projects[0], people[0]
    org.put("pse__Project_Task__c", None, {"Name": "Fit-gap", "pse__Project__c": first, "pse__Start_Date__c": "2026-03-02", "pse__End_Date__c": "2026-06-30",
                                           "pse__Estimated_Hours__c": Decimal("80.0"), "pse__Status__c": "Started"})  # fmt: skip
    hourly = _assigned(org, first, ida, Decimal("145.00"), daily=False)
    _assigned(org, first, people[1], Decimal("1160.00"), daily=True)
    org.put("pse__Milestone__c", None, {"Name": "Blueprint accepted", "pse__Project__c": first, "pse__Milestone_Amount__c": Decimal("18000.00"),
                                        "pse__Target_Date__c": "2026-05-29"})  # fmt: skip
    week = {"pse__Resource__c": ida, "pse__Project__c": first, "pse__Assignment__c": hourly, "pse__Bill_Rate__c": Decimal("145.00")}
    org.put("pse__Timecard_Header__c", None, {**week, "pse__Start_Date__c": "2026-05-03", "pse__End_Date__c": "2026-05-09", "pse__Status__c": "Approved",
            "pse__Monday_Hours__c": Decimal("8.0"), "pse__Tuesday_Hours__c": Decimal("7.5"), "pse__Wednesday_Hours__c": Decimal("8.0"),
            "pse__Thursday_Hours__c": Decimal("0.0"), "pse__Friday_Hours__c": Decimal("4.25"), "pse__Monday_Notes__c": "Workshop"})  # fmt: skip
    org.put("pse__Timecard_Header__c", None, {**week, "pse__Start_Date__c": "2026-05-31", "pse__End_Date__c": "2026-06-06", "pse__Sunday_Hours__c": Decimal("2.0"),
            "pse__Monday_Hours__c": Decimal("6.0")})  # fmt: skip
    report = org.put("pse__Expense_Report__c", None, {"Name": "May 2026", "pse__Resource__c": ida, "pse__Project__c": first}).id
    org.put("pse__Expense__c", None, {"pse__Expense_Report__c": report, "pse__Resource__c": ida, "pse__Project__c": first, "pse__Expense_Date__c": "2026-05-06",
            "pse__Type__c": "Airfare", "pse__Amount__c": Decimal("212.40"), "CurrencyIsoCode": "GBP", "pse__Billing_Amount__c": Decimal("248.51"),
            "pse__Billing_Currency__c": "EUR", "pse__Incurred_Tax__c": Decimal("33.90"), "pse__Description__c": "London"})  # fmt: skip
    org.bill(first)
    _books(org, accounts[FIRMS[0].name])


def _assigned(org: PackagedOrg, project: str, person: str, rate: Decimal, *, daily: bool) -> str:
    return org.put("pse__Assignment__c", None, {
        "pse__Project__c": project, "pse__Resource__c": person, "pse__Role__c": "Senior consultant", "pse__Bill_Rate__c": rate, "pse__Daily_Bill_Rate__c": daily,
        "pse__Planned_Hours__c": Decimal("640.0"), "pse__Start_Date__c": "2026-05-01", "pse__End_Date__c": "2026-12-31",
    }).id  # fmt: skip


def _books(org: PackagedOrg, account: str) -> None:
    """What Accounting holds."""
    company = org.put("c2g__codaCompany__c", None, {"Name": "Northbeam DE"}).id
    org.put("c2g__codaAccountingCurrency__c", None, {"Name": "EUR", "c2g__DecimalPlaces__c": 2})
    org.put("c2g__codaGeneralLedgerAccount__c", None, {"Name": "Revenue consulting", "c2g__ReportingCode__c": "4000", "c2g__Type__c": "Profit and Loss"})
    org.put("c2g__codaDimension1__c", None, {"Name": "Delivery Germany", "c2g__ReportingCode__c": "CC-100"})
    org.put("c2g__codaTaxCode__c", None, {"Name": "VO-DE-19", "c2g__Description__c": "Output VAT 19 %"})
    org.put("c2g__codaPeriod__c", None, {"Name": "2026/005", "c2g__StartDate__c": "2026-05-01", "c2g__EndDate__c": "2026-05-31", "c2g__Status__c": "Open",
                                         "c2g__OwnerCompany__c": company})  # fmt: skip
    money: dict[str, Any] = {"c2g__NetTotal__c": Decimal("4023.75"), "c2g__TaxTotal__c": Decimal("764.51"), "c2g__InvoiceTotal__c": Decimal("4788.26")}
    invoice = org.put("c2g__codaInvoice__c", None, {
        "c2g__Account__c": account, "c2g__InvoiceDate__c": "2026-05-31", "c2g__DueDate__c": "2026-06-30", "c2g__InvoiceStatus__c": "Complete",
        "c2g__PaymentStatus__c": "Part Paid", "c2g__OutstandingValue__c": Decimal("2788.26"), "c2g__OwnerCompany__c": company, **money,
    }).id  # fmt: skip
    org.put("c2g__codaInvoiceLineItem__c", None, {"c2g__Invoice__c": invoice, "c2g__LineNumber__c": 1, "c2g__LineDescription__c": "Consulting May",
            "c2g__Quantity__c": Decimal("27.75"), "c2g__UnitPrice__c": Decimal("145.00"), "c2g__NetValue__c": Decimal("4023.75"),
            "c2g__TaxValueTotal__c": Decimal("764.51")})  # fmt: skip
    note = org.put("c2g__codaCreditNote__c", None, {
        "c2g__Account__c": account, "c2g__CreditNoteDate__c": "2026-06-02", "c2g__CreditNoteStatus__c": "Complete", "c2g__PaymentStatus__c": "Unpaid",
        "c2g__NetTotal__c": Decimal("145.00"), "c2g__CreditNoteTotal__c": Decimal("172.55"), "c2g__OutstandingValue__c": Decimal("172.55"), "c2g__Invoice__c": invoice,
    }).id  # fmt: skip
    org.put("c2g__codaCreditNoteLineItem__c", None, {"c2g__CreditNote__c": note, "c2g__LineNumber__c": 1, "c2g__LineDescription__c": "One hour", "c2g__Quantity__c": Decimal(1),
            "c2g__UnitPrice__c": Decimal("145.00"), "c2g__NetValue__c": Decimal("145.00")})  # fmt: skip
    org.put("c2g__codaCashEntry__c", None, {"c2g__Account__c": account, "c2g__Date__c": "2026-06-20", "c2g__Type__c": "Receipt", "c2g__Status__c": "Complete",
            "c2g__Value__c": Decimal("2000.00"), "c2g__Reference__c": "SIN 16", "c2g__PaymentMethod__c": "Electronic"})  # fmt: skip
