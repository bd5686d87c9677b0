"""Northbeam Consulting as three databases: a company in each, clients in the CRM, work in the PSA, books in the ERP."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hub.demo.tryton.person import Person

COUNTRIES = (("Germany", "DE", "DEU", "276"), ("France", "FR", "FRA", "250"), ("Norway", "NO", "NOR", "578"), ("Netherlands", "NL", "NLD", "528"), ("Italy", "IT", "ITA", "380"))
PEOPLE = (("Anna Berg", "anna.berg@northbeam.example"), ("Otto Krüger", "otto.krueger@northbeam.example"), ("Mireille Fabre", "mireille.fabre@northbeam.example"))
CLIENTS: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    ("Nordlicht Logistik GmbH", "Speicherstraße 12", "20457", "Hamburg", "DE", "+49403692100", "DE136695976"),
    ("Vermeil & Associés SAS", "Rue de la Paix 8", "75002", "Paris", "FR", "+33142615390", "FR83404833048"),
    ("Fjordkraft Bygg AS", "Kong Oscars gate 3", "5017", "Bergen", "NO", "+4755231100", ""),
    ("Delft Marine B.V.", "Rotterdamseweg 145", "2628 AL", "Delft", "NL", "+31152782111", ""),
    ("Ferrovia Lombarda SpA", "Via Torino 40", "20123", "Milano", "IT", "+39026774500", ""),
    ("Alpenwerk Anlagenbau GmbH", "Leopoldstraße 77", "80802", "München", "DE", "+4989361044", ""),
    ("Hafen Bremen KG", "Am Kaiserhafen 1", "27568", "Bremerhaven", "DE", "+494719454", ""),
    ("Skagen Rederi AS", "Strandgaten 19", "4005", "Stavanger", "NO", "+4751850100", ""),
)
"""Name, street, postcode, town, country, telephone, VAT number."""

PROJECTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Warehouse roll-out": ("Nordlicht Logistik GmbH", ("Analysis", "Roll-out")),
    "Treasury review": ("Vermeil & Associés SAS", ("Interviews",)),
    "Dry dock planning": ("Delft Marine B.V.", ("Scheduling", "Training")),
    "Signalling programme": ("Ferrovia Lombarda SpA", ("Supplier audit",)),
}
"""Project → client and tasks."""


async def found_company(person: Person) -> int:
    """What every database needs first: a currency, countries, the company and its people. The company's id."""
    euro = await person.enter("currency.currency", {
        "name": "Euro", "code": "EUR", "symbol": "€", "rounding": Decimal("0.01"), "digits": 2, "numeric_code": "978",
    })  # fmt: skip
    for name, code, code3, number in COUNTRIES:
        await person.enter("country.country", {"name": name, "code": code, "code3": code3, "code_numeric": number})
    party = await person.enter("party.party", {"name": "Northbeam Consulting GmbH", "code": "NB"})
    company = await person.enter("company.company", {"party": party, "currency": euro})
    for name, email in PEOPLE:
        own = await person.enter("party.party", {"name": name, "contact_mechanisms": [{"type": "email", "value": email}]})
        await person.enter("company.employee", {"party": own, "company": company, "start_date": "2024-01-01"})
    me = await person.one("res.user", login="admin")
    await person.do("model.res.user.write", [me], {"companies": [["add", [company]]], "company": company})
    person.database.forget_context()
    return company


async def client(person: Person, name: str) -> int:
    """Enter one of the clients, as the CRM's people know it."""
    (_, street, postcode, city, country, phone, vat), = (one for one in CLIENTS if one[0] == name)
    values: dict[str, Any] = {
        "name": name,
        "addresses": [{"street": street, "postal_code": postcode, "city": city, "country": await person.one("country.country", code=country)}],
        "contact_mechanisms": [{"type": "phone", "value": phone}, {"type": "website", "value": _site(name)}],
    }  # fmt: skip
    if vat:
        values["identifiers"] = [{"type": "eu_vat", "code": vat}]
    return await person.enter("party.party", values)


def _site(name: str) -> str:
    return f"https://www.{''.join(letter for letter in name.split()[0].lower() if letter.isascii())}.example"


async def opportunities(person: Person, parties: Mapping[str, int]) -> None:
    sellers = await person.rows("company.employee", ["id"])
    for name, amount in (("Nordlicht Logistik GmbH", "184000.00"), ("Skagen Rederi AS", "46500.00"), ("Hafen Bremen KG", "72000.00")):
        await person.enter("sale.opportunity", {
            "description": f"Next phase for {name}", "party": parties[name], "employee": int(sellers[0]["id"]), "amount": Decimal(amount), "start_date": "2026-10-01",
        })  # fmt: skip


async def keep_books(person: Person, company: int) -> None:
    """A chart of accounts, a fiscal year with numbers for invoices, a way to be paid, and terms."""
    context = {"company": company}
    template = await person.one("account.account.template", parent=None)
    session, _, _ = await person.do("wizard.account.create_chart.create", context=context)
    chosen = {"account": {"company": company, "account_template": template}}
    await person.do("wizard.account.create_chart.execute", session, chosen, "create_account", context=context)
    accounts = {kind: await person.one("account.account", closed=False, **{f"type__{kind}": True}) for kind in ("revenue", "expense")}
    accounts |= {kind: await person.one("account.account", closed=False, party_required=True, **{f"type__{kind}": True}) for kind in ("receivable", "payable")}
    defaults = {
        "company": company, "account_receivable": accounts["receivable"], "account_payable": accounts["payable"],
        "category_account_expense": accounts["expense"], "category_account_revenue": accounts["revenue"],
    }  # fmt: skip
    await person.do("wizard.account.create_chart.execute", session, chosen | {"properties": defaults}, "create_properties", context=context)
    await person.do("wizard.account.create_chart.delete", session, context=context)
    moves = await person.enter("ir.sequence.strict", {"name": "Moves", "sequence_type": await person.one("ir.sequence.type", name="Account Move"), "company": company})
    numbers = await person.enter(
        "ir.sequence.strict", {"name": "Invoices", "prefix": "R-", "sequence_type": await person.one("ir.sequence.type", name="Invoice"), "company": company}
    )
    kinds = ("in_invoice_sequence", "in_credit_note_sequence", "out_invoice_sequence", "out_credit_note_sequence")
    year = await person.enter("account.fiscalyear", {
        "name": "2026", "start_date": "2026-01-01", "end_date": "2026-12-31", "company": company, "move_sequence": moves,
        "invoice_sequences": [{"company": company, **dict.fromkeys(kinds, numbers)}],
    })  # fmt: skip
    await person.do("model.account.fiscalyear.create_period", [year])
    cash = await person.one("account.account", code="1.1.1")
    await person.enter("account.invoice.payment.method", {
        "name": "Bank", "journal": await person.one("account.journal", type="cash"), "credit_account": cash, "debit_account": cash, "company": company,
    })  # fmt: skip
    await person.enter("account.invoice.payment_term", {"name": "30 days", "lines": [{"type": "remainder", "relativedeltas": [{"days": 30}]}]})


async def work(person: Person, parties: Mapping[str, int], company: int) -> None:
    """The projects with their tasks, and hours of three weeks on them."""
    staff = [int(one["id"]) for one in await person.rows("company.employee", ["id"])]
    for at, (name, (of, tasks)) in enumerate(PROJECTS.items()):
        project = await new_work(person, name, company, party=parties[of])
        sheets = [await sheet(person, project)]
        sheets += [await sheet(person, await new_work(person, task, company, parent=project)) for task in tasks]
        for day in range(9):
            await hours(person, staff[(at + day) % 3], sheets[day % len(sheets)], f"2026-11-{2 + day + 2 * (day // 5):02d}", 60 + 45 * ((at + day) % 7), f"{name}, day {day + 1}")


async def new_work(person: Person, name: str, company: int, **more: Any) -> int:
    kind = "task" if "parent" in more else "project"
    return await person.enter("project.work", {"name": name, "type": kind, "company": company, "timesheet_available": True, **more})


async def sheet(person: Person, work_: int) -> int:
    return await person.one("timesheet.work", origin=f"project.work,{work_}")


async def hours(person: Person, employee: int, on: int, day: str, minutes: int, note: str) -> int:
    return await person.enter("timesheet.line", {"employee": employee, "work": on, "date": day, "duration": minutes, "description": note})


async def invoice(person: Person, party: int, text: str, quantity: str, price: str, day: str) -> int:
    """A draft invoice of one line, filled in as Tryton's client fills it in."""
    company = (await person.database.context())["company"]
    given = {"type": "out", "party": party, "company": company}
    told = await person.do("model.account.invoice.on_change", given, ["type", "party"])
    filled = {name: value for name, value in told.items() if not name.endswith(".") and not isinstance(value, list) and value is not None}
    line = {
        "type": "line", "description": text, "quantity": Decimal(quantity), "unit_price": Decimal(price), "company": company,
        "account": await person.one("account.account", closed=False, type__revenue=True), "currency": await person.one("currency.currency", code="EUR"),
    }  # fmt: skip
    terms = await person.one("account.invoice.payment_term", name="30 days")
    return await person.enter("account.invoice", {**filled, **given, "payment_term": terms, "invoice_date": day, "description": text, "lines": [line]})
