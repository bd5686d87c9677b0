"""The records Northbeam's PSA starts with: its own lists, its people, clients, agreements, projects, hours, outlays and invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.connectwise.simulator.psa import Psa
from connectors.simulator.seed import CONTACTS, CRM_NAMES, FIRMS, PROJECTS, PSA_TERMS, STAFF

STATUSES = {"active": "Open", "planned": "New"}
CURRENCIES = {"GB": "GBP", "CH": "CHF", "US": "USD", "SE": "SEK"}


def seed(psa: Psa) -> None:
    """Fill an empty PSA."""
    names: dict[tuple[str, str], dict[str, Any]] = {}

    def put(object: str, **fields: Any) -> dict[str, Any]:
        reference = {"id": int(psa.put(object, None, fields).id)}
        for name in ("name", "description", "currencyIdentifier"):
            if fields.get(name):
                names[object, str(fields[name])] = reference
        return reference

    _lists(put)
    members = [
        put("member", identifier=family[:1].upper() + given[:1].upper() + str(place), firstName=given, lastName=family, officeEmail=_mail(given, family, "northbeam.example"),
            employeeIdentifer=number, hourlyCost=Decimal("71.5"), hourlyRate=Decimal("140.0"), hireDate="2022-04-01T00:00:00Z", workRole=names["workRole", role],
            defaultDepartment=names["department", "Consulting"], defaultLocation=names["location", "Northbeam UK" if country == "GB" else "Northbeam DE"])
        for place, (given, family, number, role, country) in enumerate(STAFF)
    ]  # fmt: skip
    firms: dict[int, dict[str, Any]] = {}
    for place, firm in enumerate(FIRMS):
        if not firm.psa:
            continue
        terms = PSA_TERMS[firm.terms]
        firms[place] = put(
            "company", identifier=_identifier(firm.psa), name=firm.psa, status=names["companyStatus", "Active"], addressLine1=firm.street, city=firm.city,
            zip=firm.postcode, country=names["country", CRM_NAMES[firm.country]], website=f"http://{firm.domain}", taxIdentifier=firm.vat or None,
            currency=names["currency", CURRENCIES.get(firm.country, "EUR")], billingTerms=names["billingTerms", f"Net {terms}"],
            types=[{**names["companyType", "Client"], "name": "Client"}],
        )  # fmt: skip
    for number, (place, given, family, title) in enumerate(CONTACTS):
        if place in firms:
            mail = {"id": 2 * number + 1, "type": {**names["communicationType", "Email"], "name": "Email"}, "value": _mail(given, family, FIRMS[place].domain),
                    "defaultFlag": True, "communicationType": "Email"}  # fmt: skip
            put("contact", firstName=given, lastName=family, company=firms[place], title=title, communicationItems=[mail])
    agreement = put("agreement", name="Managed operations", type=names["agreementType", "Managed Services"], company=firms[11], startDate="2026-01-01T00:00:00Z",
                    endDate="2026-12-31T00:00:00Z", billAmount=Decimal("4500.0"), currency=names["currency", "EUR"], location=names["location", "Northbeam DE"])  # fmt: skip
    put("agreementWorkRole", agreementId=agreement["id"], workRole=names["workRole", "Senior consultant"], rate=Decimal("152.5"), effectiveDate="2026-01-01T00:00:00Z")
    put("opportunity", name=f"{FIRMS[0].psa} - Data warehouse", company=firms[0], primarySalesRep=members[2], expectedCloseDate="2026-06-30T00:00:00Z",
        status=names["opportunityStatus", "Open"], stage=names["opportunityStage", "Proposal"], probability={"id": 2})  # fmt: skip
    put("chargeCode", name="Internal meeting", location=names["location", "Northbeam DE"])
    put("chargeCode", name="Vacation", location=names["location", "Northbeam DE"])
    projects, tickets = [], []
    for number, (place, code, title, status, _) in enumerate(PROJECTS):
        country = FIRMS[place].country
        project = put(
            "project", name=f"{code} {title}", company=firms[place], board=names["board", "Consulting"], billingMethod="ActualRates",
            estimatedStart="2026-03-02T00:00:00Z", estimatedEnd="2026-12-18T00:00:00Z", manager=members[number % len(members)],
            status=names["projectStatus", STATUSES[status]], currency=names["currency", CURRENCIES.get(country, "EUR")],
            location=names["location", "Northbeam UK" if country == "GB" else "Northbeam DE"], department=names["department", "Consulting"],
        )  # fmt: skip
        phase = put("phase", projectId=project["id"], description="Design", wbsCode="1", scheduledStart="2026-03-02T00:00:00Z", budgetHours=Decimal("120.0"))
        projects.append(project)
        tickets.append(put("ticket", summary="Fit-gap", project=project, phase=phase, company=firms[place], board=names["board", "Consulting"], budgetHours=Decimal("80.0")))
    put("phase", projectId=projects[0]["id"], description="Blueprint accepted", wbsCode="2", markAsMilestoneFlag=True, deadlineDate="2026-05-29T00:00:00Z",
        billSeparatelyFlag=True, billingMethod="FixedFee", billingAmount=Decimal("18000.0"), currency=names["currency", "EUR"],
        status=names["phaseStatus", "Open"])  # fmt: skip
    for number in range(8):
        at = (0, 2, 3, 5, 6, 8, 9, 10)[number]
        put("timeEntry", chargeToId=tickets[at]["id"], chargeToType="ProjectTicket", member=members[number % len(members)], timeStart=f"2026-05-{4 + number:02d}T08:00:00Z",
            timeEnd=f"2026-05-{4 + number:02d}T{10 + number % 6:02d}:30:00Z", workRole=names["workRole", "Consultant"], notes="Workshop",
            hourlyRate=Decimal("140.0"), status="PendingApproval" if number % 2 == 0 else "Open")  # fmt: skip
    put("timeEntry", chargeToId=1, chargeToType="ChargeCode", member=members[0], timeStart="2026-05-15T00:00:00Z", actualHours=Decimal("1.5"), billableOption="DoNotBill")
    report = put("expenseReport", member=members[0], dateStart="2026-05-01T00:00:00Z", dateEnd="2026-05-31T00:00:00Z", total=Decimal("238.0"))
    put("expenseEntry", expenseReport=report, chargeToId=tickets[0]["id"], chargeToType="ProjectTicket", member=members[0], type=names["expenseType", "Travel"],
        classification=names["classification", "Reimbursable"], amount=Decimal("238.0"), date="2026-05-05T00:00:00Z", currency=names["currency", "EUR"],
        taxes=[{"id": 1, "amount": Decimal("38.0"), "type": {"id": 1, "name": "State"}}], notes="Train to Hamburg")  # fmt: skip
    invoice = put(
        "invoice", invoiceNumber="20417", type="Progress", status=names["billingStatus", "Sent"], company=firms[0], billToCompany=firms[0], date="2026-05-29T00:00:00Z",
        dueDate="2026-06-28T00:00:00Z", project=projects[0], applyToId=projects[0]["id"], subtotal=Decimal("490.0"), salesTax=Decimal("93.1"), total=Decimal("583.1"), payments=Decimal("100.0"),
        serviceTotal=Decimal("490.0"), currency=names["currency", "EUR"], billingTerms=names["billingTerms", "Net 30 days"], locationId=names["location", "Northbeam DE"]["id"],
    )  # fmt: skip
    put("invoice", invoiceNumber="20418", type="CreditMemo", status=names["billingStatus", "New"], company=firms[0], billToCompany=firms[0], date="2026-06-02T00:00:00Z",
        applyToType="All", subtotal=Decimal("-49.0"), salesTax=Decimal("-9.31"), total=Decimal("-58.31"), currency=names["currency", "EUR"])  # fmt: skip
    put("payment", invoice=invoice, type="Check", amount=Decimal("100.0"), paymentDate="2026-06-10T00:00:00Z")


def _lists(put: Any) -> None:
    """What a firm sets up before it works."""
    for name in ("Active", "Not-Approved", "Inactive"):
        put("companyStatus", name=name, defaultFlag=name == "Active", inactiveFlag=name == "Inactive")
    for name in ("Client", "Prospect", "Vendor"):
        put("companyType", name=name, vendorFlag=name == "Vendor")
    for code, name in CRM_NAMES.items():
        put("country", name=name, countryCode=code, coreEntityCountryCode=code)
    for name, kind in (("Email", "emailFlag"), ("Direct", "phoneFlag"), ("Cell", "phoneFlag"), ("Fax", "faxFlag")):
        put("communicationType", description=name, defaultFlag=name in ("Email", "Direct"), **{kind: True})
    put("site", name="Main")
    for name in ("Open", "Won", "Lost"):
        put("opportunityStatus", name=name, wonFlag=name == "Won", lostFlag=name == "Lost", closedFlag=name != "Open")
    for name in ("Prospect", "Proposal", "Decision"):
        put("opportunityStage", name=name)
    for number in (25, 60, 90):
        put("probability", name=f"{number}%", probability=number)
    put("agreementType", name="Managed Services")
    put("board", name="Consulting")
    for name in ("New", "Open", "On-Hold", "Closed"):
        put("projectStatus", name=name, closedFlag=name == "Closed", noTimeFlag=name in ("Closed", "On-Hold"), defaultFlag=name == "Open")
    for name in ("Open", "Completed"):
        put("phaseStatus", name=name, closedFlag=name == "Completed")
    for name in ("New", "Sent", "Closed"):
        put("billingStatus", name=name, sentFlag=name != "New", closedFlag=name == "Closed", defaultFlag=name == "New")
    for days in PSA_TERMS.values():
        put("billingTerms", name=f"Net {days}")
    for name in ("Travel", "Hotel", "Meals"):
        put("expenseType", name=name)
    for name in ("Reimbursable", "Company", "Personal"):
        put("classification", name=name)
    put("workType", name="Regular")
    for code, symbol, name in (("EUR", "€", "Euro"), ("GBP", "£", "Pound"), ("USD", "$", "Dollar"), ("CHF", "CHF", "Franc"), ("SEK", "kr", "Krona")):
        put("currency", name=name, symbol=symbol, currencyIdentifier=code, currencyCode={"id": 1, "name": code})
    for name in ("Northbeam DE", "Northbeam UK"):
        put("location", name=name)
    put("department", identifier="CONS", name="Consulting")
    put("taxCode", identifier="DE19", description="German VAT 19 %", invoiceCaption="VAT", effectiveDate="2021-01-01T00:00:00Z")
    for role, rate in zip(sorted({one[3] for one in STAFF}), ("140.0", "120.0", "190.0", "210.0", "165.0"), strict=True):
        put("workRole", name=role, hourlyRate=Decimal(rate))


def _mail(given: str, family: str, domain: str) -> str:
    plain = f"{given}.{family}".lower().replace("á", "a").replace("ñ", "n").replace("é", "e").replace(" ", "")
    return f"{plain}@{domain}"


def _identifier(name: str) -> str:
    return "".join(one for one in name.upper() if one.isascii() and one.isalnum())[:30]
