"""The records Northbeam's company starts with: its entities and units, its firms, people, projects, and what was billed and paid."""

from __future__ import annotations

from connectors.sage_intacct.simulator.company import Company
from connectors.simulator.seed import FIRMS, PROJECTS, STAFF

TERMS = {"N10": "Net 10", "N14": "Net 14", "N30": "Net 30", "N45": "Net 45", "N60": "Net 60", "EOM30": "Net 30 EOM"}
CURRENCIES = {"GB": "GBP", "CH": "CHF", "SE": "SEK", "US": "USD"}


def seed(company: Company) -> None:
    """Fill an empty company."""
    put = company.put
    entity = {"STATUS": "active", "CURRENCY": "EUR", "TAXID": "DE811569869", "LEGALNAME": "Northbeam Consulting GmbH", "OPCOUNTRY": "Germany"}
    put("LOCATIONENTITY", None, {"LOCATIONID": "100", "NAME": "Northbeam Germany", **entity})
    put("LOCATION", None, {"LOCATIONID": "100", "NAME": "Northbeam Germany"})
    put("LOCATION", None, {"LOCATIONID": "110", "NAME": "Hamburg", "PARENTID": "100"})
    put("DEPARTMENT", None, {"DEPARTMENTID": "CONS", "TITLE": "Consulting"})
    put("CLASS", None, {"CLASSID": "ERP", "NAME": "ERP practice"})
    put("GLACCOUNT", None, {"ACCOUNTNO": "4000", "TITLE": "Consulting revenue", "ACCOUNTTYPE": "incomestatement", "NORMALBALANCE": "credit"})
    put("GLACCOUNT", None, {"ACCOUNTNO": "1200", "TITLE": "Receivables", "ACCOUNTTYPE": "balancesheet", "NORMALBALANCE": "debit"})
    put("TAXDETAIL", None, {"DETAILID": "DE-STD", "DESCRIPTION": "German VAT, standard", "TAXTYPE": "Sale", "VALUE": "19"})
    put("REPORTINGPERIOD", None, {"NAME": "Month Ended February 2026", "START_DATE": "02/01/2026", "END_DATE": "02/28/2026"})
    put("ITEM", None, {"ITEMID": "CONS-SEN", "NAME": "Senior consultant", "ITEMTYPE": "Non-Inventory"})
    put("CONTRACTPRICELIST", None, {"NAME": "Standard 2026", "DESCRIPTION": "Standard rates"})
    for place, (given, family, number, title, _) in enumerate(STAFF):
        contact = f"{given} {family}"
        mail = f"{given.lower()}.{family.lower()}@northbeam.example"
        put("CONTACT", None, {"CONTACTNAME": contact, "PRINTAS": contact, "FIRSTNAME": given, "LASTNAME": family, "EMAIL1": mail})
        put("EMPLOYEE", None, {
            "EMPLOYEEID": number, "PERSONALINFO.CONTACTNAME": contact, "TITLE": title, "DEPARTMENTID": "CONS", "LOCATIONID": "100", "MEGAENTITYID": "100",
            "STARTDATE": "01/01/2020", "SUPERVISORID": "" if place == 0 else STAFF[0][2],
        })  # fmt: skip
    known: dict[int, str] = {}
    for place, firm in enumerate(FIRMS):
        if not firm.erp:
            continue
        known[place] = f"C-{10001 + place}"
        where = {"ADDRESS1": firm.street, "CITY": firm.city, "ZIP": firm.postcode, "COUNTRYCODE": firm.country}
        put("CUSTOMER", None, {
            "CUSTOMERID": known[place], "NAME": firm.erp, "TERMNAME": TERMS[firm.terms], "TAXID": firm.vat, "CURRENCY": CURRENCIES.get(firm.country, "EUR"),
            "ONHOLD": "false", "ONETIME": "false", "DISPLAYCONTACT.PRINTAS": firm.legal, "DISPLAYCONTACT.EMAIL1": f"ap@{firm.domain}" if firm.domain else "",
            **{f"DISPLAYCONTACT.MAILADDRESS.{name}": value for name, value in where.items()},
        })  # fmt: skip
    for place, code, title, state, is_in_erp in PROJECTS:
        if not is_in_erp or place not in known:
            continue
        put("PROJECT", None, {
            "PROJECTID": code, "NAME": title, "PROJECTCATEGORY": "Contract", "PROJECTSTATUS": "In Progress" if state == "active" else "Not Started",
            "CUSTOMERID": known[place], "MANAGERID": STAFF[2][2], "BEGINDATE": "01/05/2026", "CURRENCY": "EUR", "BILLINGTYPE": "Time & Material", "DEPARTMENTID": "CONS",
            "LOCATIONID": "100", "MEGAENTITYID": "100", "CONTRACTAMOUNT": "15000.00",
        })  # fmt: skip
        put("TASK", None, {"TASKID": "1", "NAME": "Design", "PROJECTID": code, "TASKSTATUS": "In Progress", "BUDGETQTY": "40", "BILLABLE": "true"})
    _work(company, known[0])


def _work(company: Company, client: str) -> None:
    """A contract with the first firm, hours and an outlay on its project, an invoice and its payment."""
    put = company.put
    where = {"LOCATIONID": "100", "DEPARTMENTID": "CONS"}
    put("CONTRACT", None, {
        "CONTRACTID": "K-2026-1", "NAME": "ERP rollout", "CUSTOMERID": client, "BEGINDATE": "01/05/2026", "ENDDATE": "12/31/2026", "TERMNAME": "Net 30",
        "TERMTYPE": "Termed", "CURRENCY": "EUR", "STATE": "In progress", "LOCATIONID": "100", "MEGAENTITYID": "100", "PROJECTID": "NL-ERP",
    })  # fmt: skip
    line = put("CONTRACTDETAIL", None, {
        "CONTRACTID": "K-2026-1", "LINENO": "1", "ITEMID": "CONS-SEN", "ITEMDESC": "Senior consultant", "BILLINGMETHOD": "Fixed price", "QUANTITY": "1",
        "PRICE": "15000.00", "FLATAMOUNT": "15000.00", "BEGINDATE": "01/05/2026", "ENDDATE": "12/31/2026", "STATE": "In progress", **where,
    })  # fmt: skip
    schedule = put("CONTRACTBILLINGSCHEDULE", None, {"CONTRACTDETAILKEY": line.fields["RECORDNO"], "STATE": "In progress"})
    for day, posted in (("02/28/2026", "true"), ("03/31/2026", "false")):
        put("CONTRACTBILLINGSCHEDULEENTRY", None, {"BILLINGSCHEDULEKEY": schedule.fields["RECORDNO"], "POSTINGDATE": day, "AMOUNT": "7500.00", "POSTED": posted})
    put("PROJECTRESOURCES", None, {"PROJECTID": "NL-ERP", "EMPLOYEEID": "NB-1002", "BILLINGRATE": "165.00", "STARTDATE": "01/05/2026"})
    sheet = put("TIMESHEET", None, {"EMPLOYEEID": "NB-1002", "BEGINDATE": "02/02/2026", "STATE": "Approved"})
    for day, hours in (("02/02/2026", "3.5"), ("02/03/2026", "7.25")):
        put("TIMESHEETENTRY", None, {
            "TIMESHEETKEY": sheet.fields["RECORDNO"], "ENTRYDATE": day, "QTY": hours, "PROJECTID": "NL-ERP", "TASKID": "1", "CUSTOMERID": client, "ITEMID": "CONS-SEN",
            "TIMETYPE": "Regular", "BILLABLE": "true", "NOTES": "Workshop", **where,
        })  # fmt: skip
    report = put("EEXPENSES", None, {
        "RECORDID": "EXP-1", "EMPLOYEEID": "NB-1002", "WHENCREATED": "02/06/2026", "STATE": "Approved", "CURRENCY": "EUR", "BASECURR": "EUR", "TOTALENTERED": "119.00",
    })  # fmt: skip
    put("EEXPENSESITEM", None, {
        "RECORDKEY": report.fields["RECORDNO"], "EXPENSETYPE": "Hotel", "AMOUNT": "119.00", "ENTRY_DATE": "02/03/2026", "PROJECTID": "NL-ERP", "BILLABLE": "true", **where,
    })  # fmt: skip
    amounts = {name: "583.1" for name in ("TOTALENTERED", "TRX_TOTALENTERED", "TOTALDUE", "TRX_TOTALDUE")}
    document = {"CUSTOMERID": client, "BASECURR": "EUR", "CURRENCY": "EUR", "MEGAENTITYID": "100", "STATE": "Posted", "RAWSTATE": "A"}
    invoice = put("ARINVOICE", None, {
        "RECORDTYPE": "ri", "RECORDID": "INV-2041", "WHENCREATED": "02/28/2026", "WHENPOSTED": "02/28/2026", "WHENDUE": "03/30/2026", "TERMNAME": "Net 30",
        "MODULEKEY": "4.AR", "TOTALPAID": "0", "TRX_TOTALPAID": "0", **document, **amounts,
    })  # fmt: skip
    item = {"ACCOUNTNO": "4000", "PROJECTID": "NL-ERP", "TASKID": "1", "ITEMID": "CONS-SEN", **where}
    put("ARINVOICEITEM", None, {
        "RECORDKEY": invoice.fields["RECORDNO"], "LINE_NO": "1", "AMOUNT": "490.00", "TRX_AMOUNT": "490.00", "ENTRYDESCRIPTION": "Consulting, February", **item,
    })  # fmt: skip
    memo = put("ARADJUSTMENT", None, {
        "RECORDTYPE": "ra", "RECORDID": "CM-7", "WHENCREATED": "03/04/2026", "DOCNUMBER": "INV-2041", "DESCRIPTION": "Travel charged twice", "TOTALENTERED": "-93.10",
        "TRX_TOTALENTERED": "-93.10", "TRX_TOTALDUE": "0", **document,
    })  # fmt: skip
    put("ARADJUSTMENTITEM", None, {"RECORDKEY": memo.fields["RECORDNO"], "LINE_NO": "1", "AMOUNT": "-93.10", "TRX_AMOUNT": "-93.10", "ENTRYDESCRIPTION": "Travel", **item})
    payment = put("ARPYMT", None, {
        "RECORDID": "", "STATE": "Complete", "FINANCIALENTITY": "DB-EUR", "PAYMENTMETHOD": "EFT", "CUSTOMERID": client, "RECEIPTDATE": "03/27/2026", "CURRENCY": "EUR",
        "BASECURR": "EUR", "TRX_TOTALENTERED": "490.00", "DOCNUMBER": "BANK-771", "MEGAENTITYID": "100",
    })  # fmt: skip
    put("ARPYMTDETAIL", None, {"PAYMENTKEY": payment.fields["RECORDNO"], "RECORDKEY": invoice.fields["RECORDNO"], "TRX_PAYMENTAMOUNT": "490.00"})
