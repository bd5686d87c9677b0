"""The records Northbeam Consulting starts with: the same firms, people and projects as three systems know them.

Most are linked as real firms link them (the ERP customer and the PSA client carry the CRM's id). Öresund Medtech is
linked in the ERP by its LEI alone, Zephyr Analytics in the PSA by its D-U-N-S number; Kestrel Energy and Kestrel Energy
Trading are sisters at one address that must stay two. Kestrel Energy Trading is in the CRM only, Ferrovia Lombarda is
missing in the ERP.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from connectors.simulator.dialects import Dialect
from connectors.simulator.store import Store, merged


class Firm(NamedTuple):
    """One client: everyday name, the PSA's and the ERP's spelling ("" = not there), legal name, seat, identifiers."""

    name: str
    psa: str
    erp: str
    legal: str
    street: str
    city: str
    postcode: str
    country: str
    duns: str = ""
    lei: str = ""
    vat: str = ""
    domain: str = ""
    terms: str = "N30"
    industry: str = "Technology"


FIRMS = (
    Firm("Nordlicht Logistik", "Nordlicht Logistik GmbH", "NORDLICHT LOGISTIK GMBH", "Nordlicht Logistik GmbH", "Speicherstr. 12", "Hamburg",
         "20457", "DE", "315000011", "529900NBHUB000000077", "DE136695976", "nordlicht.example", "N30", "Logistics"),
    Firm("Alpenwerk", "Alpenwerk AG", "ALPENWERK AG", "Alpenwerk AG", "Bahnhofstrasse 7", "Zürich", "8001", "CH", "480000022", "", "",
         "alpenwerk.example", "N30", "Manufacturing"),
    Firm("Brightwater Utilities", "Brightwater", "BRIGHTWATER UTILITIES LTD", "Brightwater Utilities Limited", "4 Harbourside", "Bristol",
         "BS1 5DB", "GB", "210000033", "213800NBHUB000001141", "", "brightwater.example", "N45", "Utilities"),
    Firm("Château Vermeil", "Chateau Vermeil", "CHATEAU VERMEIL SA", "Château Vermeil SA", "18 quai Saint-Vincent", "Lyon", "69001", "FR",
         "270000044", "", "FR83404833048", "vermeil.example", "N60", "Hospitality"),
    Firm("Delft Marine Systems", "Delft Marine Systems BV", "DELFT MARINE SYSTEMS BV", "Delft Marine Systems B.V.", "Schieweg 25", "Delft",
         "2627 AN", "NL", "", "", "NL004495445B01", "delftmarine.example", "N30", "Manufacturing"),
    Firm("Ferrovia Lombarda", "Ferrovia Lombarda SpA", "", "Ferrovia Lombarda S.p.A.", "Via Torino 40", "Milano", "20123", "IT", "430000066",
         "", "IT00743110157", "ferrovialombarda.example", "N60", "Transport"),
    Firm("Harbor & Pine", "Harbor and Pine", "HARBOR & PINE INC", "Harbor & Pine, Inc.", "900 SW Fifth Ave", "Portland", "97204", "US",
         "080000077", "", "", "harborpine.example", "N30", "Retail"),
    Firm("Iberdata Sistemas", "Iberdata", "IBERDATA SISTEMAS SL", "Iberdata Sistemas, S.L.", "Calle de Alcalá 61", "Madrid", "28014", "ES",
         "460000088", "", "ESB58378431", "iberdata.example", "N60"),
    Firm("Kestrel Energy", "Kestrel Energy plc", "KESTREL ENERGY PLC", "Kestrel Energy plc", "1 Wellington Place", "Leeds", "LS1 4AP", "GB",
         "210000099", "549300NBHUB000002211", "", "kestrel.example", "N30", "Energy"),
    Firm("Kestrel Energy Trading", "", "", "Kestrel Energy Trading Limited", "1 Wellington Place", "Leeds", "LS1 4AP", "GB", "210000107", "",
         "", "kestrel.example", "N30", "Energy"),
    Firm("Öresund Medtech", "Oresund Medtech", "ORESUND MEDTECH AB", "Öresund Medtech AB", "Stora Varvsgatan 6", "Malmö", "211 19", "SE", "",
         "969500NBHUB000003346", "SE123456789701", "oresundmedtech.example", "N30", "Healthcare"),
    Firm("Zephyr Analytics", "Zephyr Analytics", "ZEPHYR ANALYTICS GMBH", "Zephyr Analytics GmbH", "Mariahilfer Str. 88", "Wien", "1070", "AT",
         "300000121", "", "ATU13585627", "zephyr.example", "N14"),
)  # fmt: skip
BY_LEI_ONLY, BY_DUNS_ONLY = "Öresund Medtech", "Zephyr Analytics"

CRM_NAMES = {
    "DE": "Germany", "CH": "Switzerland", "GB": "United Kingdom", "FR": "France", "NL": "Netherlands", "IT": "Italy",
    "US": "United States", "ES": "Spain", "SE": "Sweden", "AT": "Austria",
}  # fmt: skip
ERP_NAMES = {
    "DE": "DEU", "CH": "CHE", "GB": "GBR", "FR": "FRA", "NL": "NLD", "IT": "ITA", "US": "USA", "ES": "ESP", "SE": "SWE", "AT": "AUT",
}  # fmt: skip
PSA_TERMS = {"N10": "10 days", "N14": "14 days", "N30": "30 days", "N45": "45 days", "N60": "60 days", "EOM30": "30 days eom"}
CRM_TERMS = {"N10": "Net 10", "N14": "Net 14", "N30": "Net 30", "N45": "Net 45", "N60": "Net 60", "EOM30": "Net 30 EOM"}

CONTACTS: tuple[tuple[int, str, str, str], ...] = (
    (0, "Lena", "Brandt", "CFO"), (0, "Jonas", "Petersen", "Head of IT"), (1, "Urs", "Keller", "COO"), (1, "Mia", "Frei", "Project lead"),
    (2, "Graham", "Pike", "Finance Director"), (2, "Asha", "Patel", "Programme Manager"), (3, "Camille", "Roche", "DAF"),
    (4, "Sanne", "de Vries", "Director"), (4, "Pieter", "Bakker", "IT Manager"), (5, "Giulia", "Conti", "CIO"),
    (6, "Dana", "Whitfield", "VP Operations"), (6, "Luis", "Ortega", "Controller"), (7, "Carmen", "Ibáñez", "Directora Financiera"),
    (8, "Fiona", "Marsh", "Head of Procurement"), (8, "Tom", "Ellery", "Data Lead"), (9, "Tom", "Ellery", "Trading Systems"),
    (10, "Elin", "Sandberg", "CTO"), (10, "Nils", "Ek", "Quality Manager"), (11, "Clara", "Gruber", "CEO"), (11, "Max", "Hofer", "Einkauf"),
)  # fmt: skip
"""(place of the firm, given name, family name, title)."""

STAFF = (
    ("Ida", "Holm", "NB-1001", "Principal consultant", "DE"), ("Marek", "Novak", "NB-1002", "Senior consultant", "DE"),
    ("Priya", "Raman", "NB-1003", "Engagement manager", "GB"), ("Yusuf", "Demir", "NB-1004", "Consultant", "DE"),
    ("Sofia", "Lindqvist", "NB-1005", "Senior consultant", "SE"), ("Owen", "Byrne", "NB-1006", "Data engineer", "GB"),
)  # fmt: skip

PROJECTS: tuple[tuple[int, str, str, str, bool], ...] = (
    (0, "NL-ERP", "ERP rollout", "active", True), (0, "NL-DWH", "Data warehouse", "planned", True), (1, "AW-MES", "MES integration", "active", True),
    (2, "BW-CIS", "Customer information system", "active", True), (2, "BW-AMI", "Smart metering advice", "planned", False),
    (3, "CV-PMS", "Booking platform", "active", True), (4, "DM-PLM", "PLM selection", "active", True), (5, "FL-TMS", "Timetable data hub", "active", False),
    (6, "HP-OMS", "Order management", "active", True), (7, "IB-MIG", "Cloud migration", "active", True), (8, "KE-SCADA", "SCADA modernisation", "active", True),
    (8, "KE-ETRM", "Trading risk study", "planned", True), (10, "OM-QMS", "Quality system", "active", True), (11, "ZA-ML", "Forecasting models", "active", True),
    (11, "ZA-OPS", "Managed operations", "planned", True),
)  # fmt: skip
"""(place of the firm, code, title, status, is in the ERP too)."""

ENTERED_DAYS_AGO = {"crm": 42, "psa": 21, "erp": 7}
"""When each system's records were entered: by the clock alone, the ERP's spellings are the newest."""


def seed(dialect: Dialect, store: Store) -> None:
    """Fill an empty store with what the system holds at the start of the story."""
    kinds = {kind.object: kind for kind in dialect.kinds}
    makers = {"crm": _crm, "psa": _psa, "erp": _erp}
    now, entered_at = store.clock, store.clock() - timedelta(days=ENTERED_DAYS_AGO[dialect.name])
    store.clock = lambda: entered_at
    for object, fields in makers[dialect.name]():
        kind = kinds[object]
        id = kind.id_form.format(store.next_number(object, kind.first_id))
        store.put(object, id, merged(kind.template, fields))
    store.clock = now


Seeds = Iterator[tuple[str, dict[str, Any]]]


def crm_id(place: int) -> str:
    return f"001NB{place + 1:010d}AAA"


def _places(attribute: str) -> dict[int, int]:
    """Place of a firm → its place among those that a system holds."""
    held = [place for place, firm in enumerate(FIRMS) if getattr(firm, attribute)]
    return {place: at for at, place in enumerate(held)}


def psa_id(place: int) -> str:
    return str(101 + _places("psa")[place])


def erp_id(place: int) -> str:
    return f"CUST-{10001 + _places('erp')[place]}"


def _mail(given: str, family: str, domain: str) -> str:
    plain = f"{given}.{family}".lower().replace("á", "a").replace("ñ", "n").replace("é", "e").replace(" ", "")
    return f"{plain}@{domain}"


def _crm() -> Seeds:
    for place, firm in enumerate(FIRMS):
        yield "account", {
            "Name": firm.name, "LegalName__c": firm.legal, "Type": "Customer", "Status__c": "Active", "BillingStreet": firm.street,
            "BillingCity": firm.city, "BillingPostalCode": firm.postcode, "BillingCountry": CRM_NAMES[firm.country],
            "Website": f"https://www.{firm.domain}", "Industry": firm.industry, "Duns__c": firm.duns or None, "Lei__c": firm.lei or None,
            "VatNumber__c": firm.vat or None, "Tier__c": "A" if place % 3 == 0 else "B", "Payment_Terms__c": CRM_TERMS[firm.terms],
            "Erp_Number__c": erp_id(place) if firm.erp and firm.name != BY_LEI_ONLY else None,
        }  # fmt: skip
    for number, (place, given, family, title) in enumerate(CONTACTS):
        yield "contact", {
            "AccountId": crm_id(place), "FirstName": given, "LastName": family, "Title": title,
            "Email": _mail(given, family, FIRMS[place].domain), "Phone": f"+49 40 5550 {100 + number}",
        }  # fmt: skip
    for place, code, title, status, _ in PROJECTS[:6]:
        yield "opportunity", {
            "AccountId": crm_id(place), "Name": f"{FIRMS[place].name} - {title}", "StageName": "Closed Won" if status == "active" else "Proposal",
            "Amount": 40000 + 12500 * place, "CurrencyIsoCode": "EUR", "CloseDate": "2026-02-27", "Probability": 100 if status == "active" else 60,
            "IsClosed": status == "active", "IsWon": status == "active",
        }  # fmt: skip


def _psa() -> Seeds:
    for place, firm in enumerate(FIRMS):
        if firm.psa:
            yield "client", {
                "name": firm.psa, "address": firm.street, "city": firm.city, "zip": firm.postcode, "country": firm.country,
                "website": f"http://{firm.domain}", "duns": firm.duns if firm.name == BY_DUNS_ONLY else None,
                "crm_id": None if firm.name == BY_DUNS_ONLY else crm_id(place), "payment_terms": PSA_TERMS[firm.terms],
                "erp_customer_no": erp_id(place) if firm.erp and firm.name not in (BY_DUNS_ONLY, BY_LEI_ONLY) else None,
            }  # fmt: skip
    for given, family, personnel_no, role, country in STAFF:
        yield "person", {
            "first_name": given, "last_name": family, "email": _mail(given, family, "northbeam.example"), "job_title": role, "role": role,
            "employee_no": personnel_no, "country": country, "hired_on": "2022-04-01", "is_staff": True,
        }  # fmt: skip
    for number, (place, given, family, title) in enumerate(CONTACTS):
        if number % 3 == 0 and FIRMS[place].psa:
            yield "person", {
                "first_name": given, "last_name": family, "email": _mail(given, family, FIRMS[place].domain).upper(), "job_title": title,
                "client_id": psa_id(place), "crm_contact_id": f"003NB{number + 1:010d}AAC",
            }  # fmt: skip
    for number, (place, code, title, status, _) in enumerate(PROJECTS):
        yield "project", {
            "code": code, "title": title, "client_id": psa_id(place), "manager_id": str(501 + number % len(STAFF)), "status": status,
            "starts_on": "2026-03-02", "ends_on": "2026-12-18", "budget_cents": 4_000_000 + 250_000 * number,
            "currency": "GBP" if FIRMS[place].country == "GB" else "EUR",
            "opportunity_id": f"006NB{number + 1:010d}AAO" if number < 6 else None,
        }  # fmt: skip
    for number in range(8):
        yield "time_entry", {
            "person_id": str(501 + number % len(STAFF)), "project_id": str(2001 + (0, 2, 3, 5, 6, 8, 9, 10)[number]),
            "date_performed": f"2026-05-{4 + number:02d}", "time_in_minutes": (450, 480, 240, 390, 440, 480, 90, 300)[number],
            "notes": ("Workshop", "Interfaces", "Review", "Data model", "Testing", "Cut-over", "Steering", "Training")[number],
            "status": "submitted" if number % 2 == 0 else "draft",
        }  # fmt: skip
    yield "milestone", {"project_id": "2001", "code": "M1", "title": "Blueprint accepted", "due_on": "2026-05-29", "amount_cents": 1_800_000}


def _erp() -> Seeds:
    yield "company", {"name": "Northbeam DE", "legalName": "Northbeam Consulting GmbH", "country": "DEU", "vatId": "DE111222339",
                      "timeZone": "Europe/Berlin"}  # fmt: skip
    yield "company", {"name": "Northbeam UK", "legalName": "Northbeam Consulting Ltd", "country": "GBR", "currency": "GBP",
                      "timeZone": "Europe/London"}  # fmt: skip
    for place, firm in enumerate(FIRMS):
        if firm.erp:
            yield "customer", {
                "name": firm.erp, "legalName": firm.legal, "company": "NB-02" if firm.country == "GB" else "NB-01",
                "crm_id": None if firm.name == BY_LEI_ONLY else crm_id(place), "lei": firm.lei or None, "terms": firm.terms,
                "duns": firm.duns or None, "currency": "GBP" if firm.country == "GB" else "EUR", "creditLimit": 50000 + 10000 * place,
                "address": {"line1": firm.street, "town": firm.city, "zip": firm.postcode, "country": ERP_NAMES[firm.country]},
                "taxIds": [{"type": "VAT", "country": ERP_NAMES[firm.country], "value": firm.vat}] if firm.vat else [],
                "invoiceEmail": f"invoices@{firm.domain}",
            }  # fmt: skip
    for number, (given, family, personnel_no, _, country) in enumerate(STAFF):
        yield "employee", {
            "firstName": given.upper(), "lastName": family.upper(), "email": _mail(given, family, "northbeam.example"), "personnelNo": personnel_no,
            "company": "NB-02" if country == "GB" else "NB-01", "costCentre": f"CC-{100 + number % 3}", "psa_id": str(501 + number),
        }  # fmt: skip
    for number, (place, code, title, status, is_in_erp) in enumerate(PROJECTS):
        if is_in_erp and FIRMS[place].erp:
            yield "project", {
                "title": f"{code} {title}", "customer": erp_id(place), "company": "NB-02" if FIRMS[place].country == "GB" else "NB-01",
                "psa_project": str(2001 + number), "costCentre": f"CC-{100 + number % 3}", "revenueMethod": "POC" if number % 2 else "TM",
                "currency": "GBP" if FIRMS[place].country == "GB" else "EUR",
            }  # fmt: skip
