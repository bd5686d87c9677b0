"""The records Northbeam's database starts with: its clients, their people, contracts, projects, time, what is billed of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.autotask.simulator.database import Database
from connectors.simulator.seed import CONTACTS, FIRMS, PROJECTS, STAFF

COUNTRIES = {
    "DE": "Germany", "CH": "Switzerland", "GB": "United Kingdom", "FR": "France", "NL": "Netherlands", "IT": "Italy", "US": "United States",
    "ES": "Spain", "SE": "Sweden", "AT": "Austria", "BE": "Belgium", "IE": "Ireland", "DK": "Denmark",
}  # fmt: skip
RATES = {"Principal consultant": 210, "Senior consultant": 165, "Engagement manager": 195, "Consultant": 120, "Data engineer": 140}
STATUS = {"active": 2, "planned": 1}
_DAY = "T00:00:00Z"


def seed(database: Database) -> None:
    """Fill an empty database."""

    def put(object: str, **fields: Any) -> int:
        return int(database.put(object, None, fields).id)

    countries = {code: put("Countries", name=name, displayName=name, countryCode=code, isActive=True) for code, name in COUNTRIES.items()}
    euro = put("Currencies", name="EUR", description="Euro", exchangeRate=Decimal("1.0"), isInternalCurrency=True, isActive=True)
    pound = put("Currencies", name="GBP", description="Pound sterling", exchangeRate=Decimal("0.86"), isInternalCurrency=False, isActive=True)
    department = put("Departments", name="Consulting", number="C-100")
    put("OrganizationalLevel1s", name="Hamburg", isActive=True)
    put("OrganizationalLevel2s", name="Advisory", isActive=True)
    office = put("InternalLocations", name="Hamburg office", countryID=countries["DE"])
    region, category = put("TaxRegions", name="Germany", isActive=True), put("TaxCategories", name="Standard", isActive=True)
    put("Taxes", taxName="VAT 19", taxRate=Decimal("19.0"), taxRegionID=region, taxCategoryID=category, isCompounded=False)
    work = put("BillingCodes", name="Consulting", useType=1, externalNumber="8400", unitPrice=None, taxCategoryID=category, isActive=True)
    put("BillingCodes", name="Holiday", useType=3, isActive=True)
    roles = {}
    for name, rate in RATES.items():
        roles[name] = put("Roles", name=name, hourlyRate=Decimal(f"{rate}.0"), hourlyFactor=Decimal("1.0"), isActive=True)
        put("PriceListRoles", currencyID=euro, roleID=roles[name], hourlyRate=None, usesInternalCurrencyPrice=True)
        put("PriceListRoles", currencyID=pound, roleID=roles[name], hourlyRate=Decimal(rate) * Decimal("0.86"), usesInternalCurrencyPrice=False)
    people = [
        put("Resources", firstName=given, lastName=family, email=f"{given}.{family}@northbeam.example".lower(), userName=given.lower(), isActive=True,
            accountingReferenceID=number, internalCost=Decimal("62.5"), resourceType=1, locationID=office, hireDate="2022-04-01" + _DAY)
        for given, family, number, _, _ in STAFF
    ]  # fmt: skip
    companies: dict[int, int] = {}
    for place, firm in enumerate(FIRMS):
        if firm.psa:
            companies[place] = put(
                "Companies", companyName=firm.psa, companyNumber=None, companyType=1, ownerResourceID=people[0], address1=firm.street, city=firm.city,
                postalCode=firm.postcode, countryID=countries[firm.country], phone="+49 40 5550 0", webAddress=firm.domain, taxID=firm.vat or None,
                currencyID=pound if firm.country == "GB" else euro,
            )  # fmt: skip
    for number, (place, given, family, title) in enumerate(CONTACTS):
        if number % 3 == 0 and place in companies:
            mail = f"{given}.{family}@{FIRMS[place].domain}".lower().replace(" ", "")
            put("Contacts", companyID=companies[place], firstName=given, lastName=family, emailAddress=mail, title=title, isActive=1)
    contracts, tasks = {}, []
    for place, company in companies.items():
        contracts[place] = put(
            "Contracts", contractName=f"{FIRMS[place].name} - services 2026", contractNumber=f"C-{1000 + place}", contractType=1, contractCategory=12,
            status=1, companyID=company, startDate="2026-01-01" + _DAY, endDate="2026-12-31" + _DAY, estimatedRevenue=Decimal("84000.0"),
        )  # fmt: skip
    put("ContractRates", contractID=contracts[0], roleID=roles["Senior consultant"], contractHourlyRate=Decimal("150.5"))
    put("ContractRoleCosts", contractID=contracts[0], roleID=roles["Consultant"], resourceID=people[3], rate=Decimal("55.0"))
    put("ContractServices", contractID=contracts[1], serviceID=1, unitPrice=Decimal("490.0"), invoiceDescription="Managed operations")
    put("ContractBillingRules", contractID=contracts[1], productID=7, invoiceDescription="Managed devices", startDate="2026-01-01" + _DAY, isActive=True)
    put("ContractBlocks", contractID=contracts[2], hours=Decimal("100.0"), hourlyRate=Decimal("120.0"), startDate="2026-01-01" + _DAY,
        endDate="2026-06-30" + _DAY, datePurchased="2026-01-02" + _DAY, isPaid=True)  # fmt: skip
    put("ContractRetainers", contractID=contracts[3], amount=Decimal("2500.0"), startDate="2026-01-01" + _DAY, endDate="2026-12-31" + _DAY,
        datePurchased="2026-01-02" + _DAY, isPaid=False)  # fmt: skip
    milestone = put("ContractMilestones", contractID=contracts[1], title="Blueprint accepted", amount=Decimal("18000.0"), dateDue="2026-05-29" + _DAY,
                    status=0, isInitialPayment=False)  # fmt: skip
    for number, (place, _, title, status, _) in enumerate(PROJECTS):
        project = put(
            "Projects", projectName=title, companyID=companies[place], contractID=contracts[place], projectType=5, status=STATUS.get(status, 1),
            startDateTime="2026-03-02" + _DAY, endDateTime="2026-12-18" + _DAY, projectLeadResourceID=people[number % len(people)], department=department,
        )  # fmt: skip
        phase = put("Phases", title="Build", projectID=project, startDate="2026-03-02" + _DAY, dueDate="2026-09-30" + _DAY, estimatedHours=Decimal("160.0"))
        tasks.append((project, place, put("Tasks", title="Implementation", projectID=project, phaseID=phase, status=8, billingCodeID=work,
                                          estimatedHours=Decimal("40.0"), taskIsBillable=True, taskType=1)))  # fmt: skip
    entries = [
        put("TimeEntries", resourceID=people[number % len(people)], roleID=roles[STAFF[number % len(STAFF)][3]], taskID=task, billingCodeID=work,
            contractID=contracts[place], dateWorked=f"2026-05-{4 + number:02d}" + _DAY, startDateTime=f"2026-05-{4 + number:02d}T08:00:00Z",
            endDateTime=f"2026-05-{4 + number:02d}T11:30:00Z", hoursWorked=Decimal("3.5"), summaryNotes="Workshop", internalNotes="")
        for number, (_, place, task) in enumerate(tasks[:8])
    ]  # fmt: skip
    put("TimeEntries", resourceID=people[1], internalBillingCodeID=work + 1, dateWorked="2026-05-15" + _DAY, hoursWorked=Decimal("8.0"),
        summaryNotes="Holiday", internalNotes="")  # fmt: skip
    report = put("ExpenseReports", name="May", status=1, submitterID=people[1], weekEnding="2026-05-09" + _DAY, amountDue=Decimal("128.4"))
    item = put("ExpenseItems", expenseReportID=report, expenseDate="2026-05-05" + _DAY, expenseCategory=-2, expenseCurrencyID=euro,
               expenseCurrencyExpenseAmount=Decimal("128.4"), isBillableToCompany=True, projectID=tasks[0][0], description="Hotel")  # fmt: skip
    company, project = companies[0], tasks[0][0]
    common: dict[str, Any] = {"companyID": company, "projectID": project, "contractID": contracts[0], "postedDate": "2026-05-20T09:00:00.00Z", "nonBillable": 0}
    invoice = put(
        "Invoices", companyID=company, invoiceNumber="20417", invoiceTotal=Decimal("583.1"), totalTaxValue=Decimal("93.1"), paymentTerm=4,
        invoiceDateTime="2026-05-31" + _DAY, dueDate="2026-06-30" + _DAY, fromDate="2026-05-01" + _DAY, toDate="2026-05-31" + _DAY, orderNumber="4500017",
        batchID=41,
    )  # fmt: skip
    put("BillingItems", billingItemType=1, timeEntryID=entries[0], invoiceID=invoice, quantity=Decimal("3.5"), rate=Decimal("140.0"), itemName="Labor",
        extendedPrice=Decimal("490.0"), taxDollars=Decimal("93.1"), description="Workshop", itemDate="2026-05-04" + _DAY, **common)  # fmt: skip
    put("BillingItems", billingItemType=4, expenseItemID=item, quantity=Decimal("1.0"), rate=Decimal("128.4"), extendedPrice=Decimal("128.4"), itemName="Hotel",
        taxDollars=Decimal("0.0"), description="Hotel", itemDate="2026-05-05" + _DAY, **common)  # fmt: skip
    put("BillingItems", billingItemType=6, milestoneID=milestone, quantity=Decimal("1.0"), rate=Decimal("18000.0"), extendedPrice=Decimal("18000.0"),
        itemName="Blueprint accepted", taxDollars=Decimal("0.0"), description="Blueprint accepted", itemDate="2026-05-29" + _DAY,
        **(common | {"companyID": companies[1], "projectID": tasks[2][0], "contractID": contracts[1]}))  # fmt: skip
