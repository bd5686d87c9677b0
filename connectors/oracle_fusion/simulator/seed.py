"""The records Northbeam's pod starts with: its firms as parties, accounts and debtors, its people, projects, contracts and first documents."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.oracle_fusion.simulator import cards
from connectors.oracle_fusion.simulator.pod import Pod
from connectors.simulator.seed import FIRMS, PROJECTS, STAFF

if TYPE_CHECKING:
    from connectors.oracle_fusion.simulator.soap import Soap

UNITS = {"DE": "DE Consulting", "GB": "UK Consulting"}
TERMS = {"N30": "30 Net", "N45": "45 Net", "N60": "60 Net", "N14": "14 Net"}
MODULES = (101, 222)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def seed(pod: Pod, soap: Soap) -> None:
    """Fill an empty pod."""
    _structure(pod)
    people = [_person(pod, *one) for one in STAFF]
    firms: dict[int, Any] = {}
    for place, firm in enumerate(FIRMS):
        if not firm.erp:
            continue
        party = pod.put("accounts", None, {
            "OrganizationName": firm.erp, "Type": "ZCA_CUSTOMER", "DUNSNumber": firm.duns or None, "TaxpayerIdentificationNumber": firm.vat or None,
            "URL": f"https://{firm.domain}", "EmailAddress": f"office@{firm.domain}", "PhoneNumber": f"+49 40 5550 {200 + place}",
            "Address": [
                {"AddressLine1": "Postfach 1", "City": firm.city, "PostalCode": firm.postcode, "Country": firm.country, "PrimaryFlag": False, "AddressType": "BILL_TO"},
                {"AddressLine1": firm.street, "City": firm.city, "PostalCode": firm.postcode, "Country": firm.country, "PrimaryFlag": True, "AddressType": "SELL_TO"},
            ],
        })  # fmt: skip
        account = soap.put("customerAccounts", None, {"PartyId": party.id, "AccountName": firm.erp, "CreatedByModule": "TCA_FORM_WRAPPER"})
        soap._profile({
            "CustomerAccountId": account.fields["CustomerAccountId"], "PartyId": party.id, "ProfileClassName": "DEFAULT", "CreditLimit": str(50_000 + 10_000 * place),
            "CreditCurrencyCode": _currency(firm.country), "PaymentTerms": TERMS[firm.terms],
        }, is_new=True)  # fmt: skip
        pod.put("contacts", None, {
            "FirstName": "Lena", "LastName": "Brandt", "AccountPartyId": int(party.id), "EmailAddress": f"lena.brandt@{firm.domain}", "JobTitle": "CFO"})  # fmt: skip
        firms[place] = (party, account)
    projects = [_project(pod, firms, people, *one) for one in PROJECTS if one[0] in firms]
    _sold(pod, firms, projects, people)


def _structure(pod: Pod) -> None:
    for name, currency in (("DE Consulting", "EUR"), ("UK Consulting", "GBP")):
        pod.put("finBusinessUnitsLOV", None, {"BusinessUnitName": name, "LegalEntityName": f"Northbeam {name[:2]}", "DefaultCurrencyCode": currency})
    ledger = int(pod.put("ledgersLOV", None, {"Name": "Northbeam EUR", "CurrencyCode": "EUR", "PeriodSetName": "Monthly"}).id)
    for application in MODULES:
        for at, month in enumerate(MONTHS):
            last = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[at]
            pod.put("accountingPeriodStatusLOV", None, {
                "LedgerId": ledger, "ApplicationId": application, "PeriodYear": 2026, "PeriodNumber": at + 1, "PeriodNameId": f"{month}-26",
                "ClosingStatus": "C" if at < 3 else "O" if at < 6 else "F", "AdjustmentPeriodFlag": "N",
                "StartDate": f"2026-{at + 1:02d}-01", "EndDate": f"2026-{at + 1:02d}-{last}",
            })  # fmt: skip
    sets = (
        ("NB_ACCOUNT", (("40000", "Consulting revenue", "R"), ("12000", "Receivables", "A"), ("22000", "VAT payable", "L"))),
        ("NB_COST_CENTER", (("100", "Delivery", None), ("101", "Data", None), ("000", "None", None))),
    )  # fmt: skip
    for code, values in sets:
        rows = [{"Value": value, "Description": text, "EnabledFlag": "Y", "SummaryFlag": "N", "DetailPostingAllowed": "Y", "AccountType": kind}
                for value, text, kind in values]  # fmt: skip
        pod.put("valueSets", None, {"ValueSetCode": code, "values": rows})
    pod.put("currencyRates", None, {
        "FromCurrency": "GBP", "ToCurrency": "EUR", "UserConversionType": "Corporate", "ConversionDate": "2026-05-04", "ConversionRate": Decimal("1.1725")})  # fmt: skip
    for code, name, digits in (("EUR", "Euro", 2), ("GBP", "Pound Sterling", 2), ("JPY", "Yen", 0)):
        pod.put("currenciesLOV", None, {"CurrencyCode": code, "Name": name, "EnabledFlag": "Y", "Precision": digits})
    for code, text in (("DE19", "German VAT, 19 %"), ("GB20", "UK VAT, 20 %")):
        pod.put("outputTaxClassificationsLOV", None, {"LookupCode": code, "Meaning": text, "EnabledFlag": "Y"})


def _person(pod: Pod, given: str, family: str, number: str, role: str, country: str) -> Any:
    unit = UNITS.get(country, "DE Consulting")
    return pod.put("workers", None, {
        "PersonNumber": number, "DisplayName": f"{given} {family}",
        "names": [{"FirstName": given, "LastName": family, "DisplayName": f"{given} {family}", "LegislationCode": country}],
        "emails": [{"EmailAddress": f"{given}.{family}@northbeam.example".lower(), "EmailType": "W1", "PrimaryFlag": True}],
        "workRelationships": [{"LegalEmployerName": unit, "WorkerType": "E", "StartDate": "2022-04-01", "PrimaryFlag": True}],
    })  # fmt: skip


def _project(pod: Pod, firms: dict[int, Any], people: list[Any], place: int, code: str, title: str, status: str, _: bool) -> Any:
    firm = FIRMS[place]
    made = pod.put("projects", None, {
        "ProjectNumber": code, "ProjectName": f"{firm.name} - {title}", "ProjectDescription": title, "ProjectStatus": "Active" if status == "active" else "Draft",
        "ProjectStartDate": "2026-03-02", "ProjectEndDate": "2026-12-18", "ProjectCurrencyCode": _currency(firm.country),
        "BusinessUnitName": UNITS["GB" if firm.country == "GB" else "DE"], "ProjectManagerName": people[place % len(people)].fields["DisplayName"],
        "ProjectManagerEmail": people[place % len(people)].fields["emails"][0]["EmailAddress"],
        "ProjectCustomers": [{"PartyId": int(firms[place][0].id), "PartyName": firm.erp, "PartyNumber": firms[place][0].fields["PartyNumber"]}],
        "Tasks": [{"TaskNumber": "1", "TaskName": "Delivery", "ChargeableFlag": False, "BillableFlag": True}],
    })  # fmt: skip
    top = made.fields["Tasks"][0]["TaskId"]
    work = {"TaskNumber": "1.1", "TaskName": "Workshops", "ParentTaskId": top, "ChargeableFlag": True, "BillableFlag": True, "MilestoneFlag": False,
            "PlanningStartDate": "2026-03-02", "PlanningEndDate": "2026-06-30", "PlannedEffort": Decimal(240)}  # fmt: skip
    return pod.put("projects", made.id, {"Tasks": [*made.fields["Tasks"], work]})


def _currency(country: str) -> str:
    return "GBP" if country == "GB" else "EUR"


def _sold(pod: Pod, firms: dict[int, Any], projects: list[Any], people: list[Any]) -> None:
    party, account = firms[0]
    project, number = projects[0], account.fields["AccountNumber"]
    pod.put("opportunities", None, {
        "Name": f"{FIRMS[0].name} - ERP rollout", "TargetPartyId": int(party.id), "Revenue": Decimal("184000.00"), "CurrencyCode": "EUR", "SalesStage": "Closed",
        "StatusCode": "WON", "WinProb": 100, "EffectiveDate": "2026-02-27"})  # fmt: skip
    pod.put("contracts", None, {
        "ContractNumber": "C-100", "ContractTypeName": "Services", "Cognomen": "ERP rollout", "StatusCode": "ACTIVE", "CurrencyCode": "EUR", "OrgName": "DE Consulting",
        "StartDate": "2026-03-02", "EndDate": "2026-12-18", "EstimatedAmount": Decimal("184000.00"), "PrimaryPartyId": int(party.id),
        "ContractLine": [{"LineNumber": "1", "ItemDescription": "Implementation", "LineAmount": Decimal("184000.00"), "StartDate": "2026-03-02",
                          "ProjectId": int(project.id)}],
    })  # fmt: skip
    pod.put("projectTemplates", None, {"ProjectNumber": "T-100", "ProjectName": "Fixed price template", "ProjectStatus": "Active"})
    pod.put("projectResourceAssignments", None, {
        "ProjectId": int(project.id), "ResourceHCMPersonId": int(people[0].id), "ProjectRoleName": "Consultant", "AssignmentStatusCode": "CONFIRMED",
        "AssignmentStartDate": "2026-03-02", "AssignmentFinishDate": "2026-06-30", "HoursPerDay": Decimal(6)})  # fmt: skip
    pod.put("rateSchedules", None, {
        "RateScheduleName": "Standard 2026", "ScheduleTypeCode": "EMPLOYEE", "CurrencyCode": "EUR",
        "Rates": [{"UnitOfMeasureCode": "HOURS", "PersonNumber": people[0].fields["PersonNumber"], "PersonId": int(people[0].id), "Rate": Decimal("165.5"),
                   "StartDateActive": "2026-01-01"}],
    })  # fmt: skip
    report = pod.put("expenseReports", None, {
        "ExpenseReportNumber": "EXP0001", "Purpose": "Workshop", "PersonId": int(people[0].id), "ReimbursementCurrencyCode": "EUR", "ExpenseReportTotal": Decimal("89.90"),
        "ExpenseStatusCode": "PEND_MGR_APPROVAL", "BusinessUnit": "DE Consulting", "ReportSubmitDate": "2026-05-08"})  # fmt: skip
    pod.put("expenses", None, {
        "ExpenseReportId": int(report.id), "PersonId": int(people[0].id), "ExpenseType": "Rail", "Description": "Hamburg and back", "MerchantName": "Bahn",
        "ReceiptAmount": Decimal("89.90"), "ReceiptCurrencyCode": "EUR", "ReimbursableAmount": Decimal("89.90"), "ReimbursementCurrencyCode": "EUR",
        "StartDate": "2026-05-06", "BillableFlag": True,
        "ExpenseDistribution": [{"ReimbursableAmount": Decimal("89.90"), "PJCDFF": [{"_PROJECT_ID": int(project.id), "_PROJECT_ID_Display": project.fields["ProjectNumber"]}]}],
    })  # fmt: skip
    task = project.fields["Tasks"][1]
    pod.put("unprocessedProjectCosts", None, {
        "ExpenditureBatch": "MAN-1", "BusinessUnit": "DE Consulting", "TransactionSource": "Manual", "Document": "Timecard", "DocumentEntry": "Labor",
        "PersonNumber": people[0].fields["PersonNumber"], "PersonId": int(people[0].id), "ProjectId": int(project.id), "TaskId": task["TaskId"],
        "OriginalTransactionReference": "MAN-1-1", "Quantity": Decimal("7.5"), "UnitOfMeasureCode": "HOURS",
        "ProjectStandardCostCollectionFlexfields": [{"_EXPENDITURE_ITEM_DATE": "2026-05-04", "_PROJECT_ID_Display": project.fields["ProjectNumber"],
                                                     "_TASK_ID_Display": task["TaskNumber"], "_EXPENDITURE_TYPE_ID_Display": "Professional"}],
    })  # fmt: skip
    pod.put("projectBillingEvents", None, {
        "SourceName": "Manual", "SourceReference": "MS-1", "ContractTypeName": "Services", "ContractNumber": "C-100", "ContractLineNumber": "1",
        "EventTypeName": "Milestone", "EventDescription": "Blueprint", "CompletionDate": "2026-05-29", "BillTrnsAmount": Decimal(18000), "BillTrnsCurrencyCode": "EUR",
        "ProjectNumber": project.fields["ProjectNumber"], "ProjectId": int(project.id)})  # fmt: skip
    line = {"LineNumber": 1, "Description": "Consulting April", "Quantity": Decimal("3.5"), "UnitSellingPrice": Decimal(140), "TaxClassificationCode": "DE19",
            "receivablesInvoiceLineTaxLines": [{"TaxRateCode": "DE19", "TaxRate": Decimal(19), "TaxAmount": Decimal("93.10")}]}  # fmt: skip
    invoice = pod.put("receivablesInvoices", None, {
        "TransactionNumber": "INV-2040", "TransactionDate": "2026-04-30", "AccountingDate": "2026-04-30", "DueDate": "2026-05-30", "BusinessUnit": "DE Consulting",
        "TransactionSource": "Manual", "TransactionType": "Invoice", "BillToCustomerName": FIRMS[0].erp, "BillToCustomerNumber": number, "PaymentTerms": "30 Net",
        "InvoiceCurrencyCode": "EUR", "PurchaseOrder": "PO-77", "receivablesInvoiceLines": [line]})  # fmt: skip
    pod.put("receivablesCreditMemos", None, {
        "TransactionNumber": "CM-12", "TransactionDate": "2026-05-04", "AccountingDate": "2026-05-04", "BusinessUnit": "DE Consulting", "TransactionSource": "Manual",
        "TransactionType": "Credit Memo", "BillToCustomerName": FIRMS[0].erp, "BillToCustomerNumber": number, "CreditMemoCurrency": "EUR", "CreditReason": "Goodwill",
        "receivablesCreditMemoLines": [{"LineNumber": 1, "LineDescription": "Goodwill", "LineQuantityCredit": Decimal(1), "UnitSellingPrice": Decimal(-50)}]})  # fmt: skip
    receipt = pod.put("standardReceipts", None, {
        "ReceiptNumber": "RC-881", "ReceiptDate": "2026-05-20", "Amount": Decimal("600.00"), "Currency": "EUR", "BusinessUnit": "DE Consulting",
        "ReceiptMethod": "Wire", "CustomerName": FIRMS[0].erp, "CustomerAccountNumber": number, "Comments": "INV-2040"})  # fmt: skip
    cards.settle(pod, invoice.id, receipt.id, Decimal("583.10"))
    amounts = (("10-12000-000", "583.10", None), ("10-40000-100", None, "490.00"), ("10-22000-000", None, "93.10"))
    lines = [
        {"JeLineNumber": at, "AccountCombination": account, "CurrencyCode": "EUR", "Description": "INV-2040", "CurrencyConversionRate": Decimal(1),
         "EnteredDr": _amount(debit), "EnteredCr": _amount(credit), "AccountedDr": _amount(debit), "AccountedCr": _amount(credit)}
        for at, (account, debit, credit) in enumerate(amounts, 1)
    ]  # fmt: skip
    journal = {"LedgerName": "Northbeam EUR", "LedgerCurrencyCode": "EUR", "CurrencyCode": "EUR", "PeriodName": "Apr-26", "UserJeCategoryName": "Sales Invoices"}
    for name, status in (("Receivables A 118", "P"), ("Receivables A 119", "U")):
        pod.put("journalBatches", None, {
            "BatchName": name, "DefaultPeriodName": "Apr-26", "Status": status, "StatusMeaning": "Posted" if status == "P" else "Unposted",
            "UserJeSourceName": "Receivables", "PostedDate": "2026-05-02" if status == "P" else None,
            "journalHeaders": [{**journal, "JournalName": f"Apr-26 Sales Invoices EUR | {name}", "JournalDescription": "Invoices of April",
                                "DefaultEffectiveDate": "2026-04-30", "journalLines": lines}]})  # fmt: skip


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
