"""What the account of Northbeam holds at the beginning: its books, its people, its firms as customers, their projects, and a first bill."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.netsuite.simulator.account import Account
from connectors.simulator.seed import FIRMS, PROJECTS, STAFF

TERMS = {"N10": "Net 10", "N14": "Net 14", "N30": "Net 30", "N45": "Net 45", "N60": "Net 60", "EOM30": "Net 30"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LAST = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def seed(account: Account) -> None:
    """Fill an empty account."""

    def put(object: str, **fields: Any) -> dict[str, str]:
        return {"id": account.put(object, None, fields).id}

    money = {code: put("currency", name=name, symbol=code, exchangeRate=Decimal(rate), currencyPrecision=2) for code, name, rate in (
        ("USD", "US Dollar", "1"), ("EUR", "Euro", "1"), ("GBP", "British Pound", "1.17"),
    )}  # fmt: skip
    terms = {name: put("term", name=name, daysUntilNetDue=int(name.split()[1])) for name in dict.fromkeys(TERMS.values())}
    parent = put("subsidiary", name="Northbeam Group", legalName="Northbeam Group SE", currency=money["EUR"], country={"id": "DE",
        "refName": "Germany"})
    house = {
        "DE": put("subsidiary", name="Northbeam DE", legalName="Northbeam Consulting GmbH", currency=money["EUR"], country={"id": "DE",
        "refName": "Germany"}, parent=parent),
        "GB": put("subsidiary", name="Northbeam UK", legalName="Northbeam Consulting Ltd", currency=money["GBP"], country={"id": "GB",
        "refName": "United Kingdom"}, parent=parent),
    }  # fmt: skip
    delivery = put("department", name="Delivery")
    put("classification", name="ERP practice")
    put("location", name="Hamburg")
    receivable = put("account", acctNumber="1100", acctName="Accounts Receivable", acctType={"id": "AcctRec"})
    bank = put("account", acctNumber="1000", acctName="Checking", acctType={"id": "Bank"})
    put("account", acctNumber="4000", acctName="Consulting revenue", acctType={"id": "Income"})
    put("accountingPeriod", periodName="FY 2026", startDate="2026-01-01", endDate="2026-12-31", isYear=True)
    periods = [
        put("accountingPeriod", periodName=f"{month} 2026", startDate=f"2026-{number:02d}-01", endDate=f"2026-{number:02d}-{LAST[number - 1]}",
            closed=number < 3, arLocked=number < 4, apLocked=number < 4, allLocked=number < 3)
        for number, month in enumerate(MONTHS, start=1)
    ]  # fmt: skip
    vat = put("salesTaxItem", itemId="DE19", description="VAT 19 %", rate=Decimal(19))
    level = put("priceLevel", name="Base Price")
    item = put("serviceSaleItem", itemId="CONS-SEN", displayName="Senior consultant", price={"items": [
        {"priceLevel": level, "currencyPage": money["EUR"], "price": Decimal("165.00"), "quantity": {"value": "0"}},
        {"priceLevel": level, "currencyPage": money["GBP"], "price": Decimal("141.00"), "quantity": {"value": "0"}},
    ]})  # fmt: skip
    people = [
        put("employee", entityId=number, firstName=given, lastName=family, email=f"{given}.{family}@northbeam.example".lower(),
            subsidiary=house["GB" if country == "GB" else "DE"],
            department=delivery, currency=money["GBP" if country == "GB" else "EUR"], laborCost=Decimal("62.50"), hireDate="2022-04-01",
                isJobResource=True)
        for given, family, number, _, country in STAFF
    ]  # fmt: skip
    customers: dict[int, dict[str, str]] = {}
    for place, firm in enumerate(FIRMS):
        if not firm.erp:
            continue
        at = {"addr1": firm.street, "city": firm.city, "zip": firm.postcode, "country": {"id": firm.country}}
        customers[place] = put(
            "customer", companyName=firm.erp, email=f"invoices@{firm.domain}", url=f"https://{firm.domain}", vatRegNumber=firm.vat or None,
            subsidiary=house["GB" if firm.country == "GB" else "DE"], currency=money["GBP" if firm.country == "GB" else "EUR"],
                terms=terms[TERMS[firm.terms]],
            entityStatus={"id": "13"}, addressBook={"items": [{"defaultBilling": True, "defaultShipping": True, "addressBookAddress": at}]},
        )  # fmt: skip
        put("contact", firstName="Lena", lastName="Brandt", email=f"lena.brandt@{firm.domain}", company=customers[place], title="CFO",
            subsidiary=house["DE"])
    jobs = [
        put("job", companyName=f"{code} {title}", parent=customers[place], subsidiary=house["GB" if FIRMS[place].country == "GB" else "DE"],
            jobType={"id": "1"},
            status={"id": "2" if status == "active" else "1"}, startDate="2026-03-02", endDate="2026-12-18", allowTime=True, allowExpenses=True,
            currency=money["GBP" if FIRMS[place].country == "GB" else "EUR"])
        for place, code, title, status, is_in_erp in PROJECTS if is_in_erp and place in customers
    ]  # fmt: skip
    task = put("projectTask", project=jobs[0], title="Design", startDate="2026-03-02", estimatedWork=Decimal(120), status={"id": "PROGRESS"},
        constraintType={"id": "ASAP"})
    hour = put("timeBill", employee=people[0], customer=jobs[0], caseTaskEvent=task, item=item, hours="7:30", tranDate="2026-05-05",
        isBillable=True, memo="Workshop",
               approvalStatus={"id": "3"}, subsidiary=house["DE"], department=delivery)  # fmt: skip
    put("timeBill", employee=people[1], customer=customers[0], item=item, hours="0:45", tranDate="2026-05-06", isBillable=False, memo="Presales",
        approvalStatus={"id": "2"}, subsidiary=house["DE"])  # fmt: skip
    put("opportunity", entity=customers[0], title="Nordlicht - Data warehouse", tranDate="2026-04-02", expectedCloseDate="2026-07-31",
        probability=Decimal(60),
        projectedTotal=Decimal("90000.00"), currency=money["EUR"], entityStatus={"id": "10"}, subsidiary=house["DE"])  # fmt: skip
    line = {"line": 1, "item": item, "description": "Consulting", "quantity": Decimal("27.75"), "rate": Decimal("145.00"),
        "amount": Decimal("4023.75"),
            "job": jobs[0], "department": delivery, "taxCode": vat}  # fmt: skip
    put("salesOrder", entity=customers[0], tranDate="2026-02-27", startDate="2026-03-02", endDate="2026-12-18", currency=money["EUR"],
        exchangeRate=Decimal(1), job=jobs[0],
        memo="ERP rollout", subsidiary=house["DE"], terms=terms["Net 30"], status={"id": "Pending Billing", "refName": "Pending Billing"},
            subtotal=Decimal("184000.00"),
        total=Decimal("184000.00"), item={"items": [{**line, "quantity": Decimal(1200), "rate": Decimal("153.333333"),
            "amount": Decimal("184000.00")}]})  # fmt: skip
    document = {
        "entity": customers[0], "tranDate": "2026-05-31", "currency": money["EUR"], "exchangeRate": Decimal(1), "subsidiary": house["DE"],
        "postingPeriod": periods[4],
        "subtotal": Decimal("4023.75"), "taxTotal": Decimal("764.51"), "total": Decimal("4788.26"), "item": {"items": [line]},
    }  # fmt: skip
    invoice = put("invoice", **document, dueDate="2026-06-30", terms=terms["Net 30"], otherRefNum="PO-77", transactionNumber="CUSTINVC1",
        amountRemaining=Decimal("4788.26"),
                  status={"id": "Open", "refName": "Open"})  # fmt: skip
    put("creditMemo", **document | {"subtotal": Decimal("145.00"), "taxTotal": Decimal("27.55"), "total": Decimal("172.55")},
        memo="One hour too many",
        amountRemaining=Decimal("0.00"), status={"id": "Fully Applied", "refName": "Fully Applied"},
        apply={"items": [{"line": 0, "doc": invoice, "apply": True, "amount": Decimal("172.55"), "refNum": "INV"}]})  # fmt: skip
    put("customerPayment", customer=customers[0], tranDate="2026-06-18", payment=Decimal("2000.00"), unapplied=Decimal("0.00"),
        currency=money["EUR"], exchangeRate=Decimal(1),
        checkNum="SEPA-991", memo="Nordlicht 0412", subsidiary=house["DE"], account=bank, aracct=receivable, status={"id": "Deposited",
            "refName": "Deposited"},
        apply={"items": [{"line": 0, "doc": invoice, "apply": True, "amount": Decimal("2000.00"), "refNum": "INV"}]})  # fmt: skip
    put("expenseReport", entity=people[0], tranDate="2026-05-08", memo="Travel", complete=True, supervisorApproval=True, currency=money["EUR"],
        subsidiary=house["DE"], expense={"items": [
        {"line": 1, "expenseDate": "2026-05-06", "category": {"id": "3"}, "foreignAmount": Decimal("212.40"), "currency": money["GBP"],
        "exchangeRate": Decimal("1.17"),
         "amount": Decimal("248.51"), "customer": jobs[0], "isBillable": True},
    ]})  # fmt: skip
    put("charge", project=jobs[0], billTo=customers[0], quantity=Decimal("7.5"), rate=Decimal("145.00"), amount=Decimal("1087.50"),
        currency=money["EUR"],
        stage={"id": "READY_FOR_BILLING"}, timeRecord=hour)  # fmt: skip
