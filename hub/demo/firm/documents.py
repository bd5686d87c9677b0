"""Invoices, credit memos, their lines, payments and what these settle, as billing and the ERPs tell them."""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from hub.core.records import Values
from hub.demo.firm import accounts
from hub.demo.firm.basics import ITEMS, house_ref
from hub.demo.firm.books import (
    Bill, Part, Sums, books, credit_of, figures, has_credit, paid_of, sums, tax_of,
)  # fmt: skip
from hub.demo.firm.clients import face
from hub.demo.firm.deals import project_code
from hub.demo.firm.model import HOUSES, PRACTICES, YEAR, Firm, cross
from hub.demo.firm.shape import Record, hours, money, number_text, price, reference, said

CREDITS = 40
"""Every fortieth invoice may have a credit memo."""


def invoices(firm: Firm, at: int) -> Iterator[Record]:
    bill, told = books(firm).bills[at], sums(firm, at)
    home = HOUSES[bill.house]
    projects = _projects(firm, bill)
    values = _head(firm, bill, f"{home.code[3:]}{YEAR}-{at:06d}", told.net, told.tax) | {
        "projects": [reference("psa", "project", project) for project in projects],
        "service_from": date(YEAR, bill.month + 1, 1).isoformat(),
        "service_to": date(YEAR, bill.month + 1, monthrange(YEAR, bill.month + 1)[1]).isoformat(),
        "due_date": bill.due_on.isoformat(), "payment_terms": accounts.terms_of(bill.client), "kind": "standard", "state": "issued",
    }  # fmt: skip
    contracts = {project // 2 for project in projects}
    if len(contracts) == 1 and bill.client < firm.clients:
        values["contract"] = reference(firm.crm_of(bill.client), "contract", contracts.pop())
    if at % 200 == 19:
        values |= {"dispute_reason": "quantity", "disputed_since": bill.due_on.isoformat()}
    yield Record("invoice", at, (said("billing", "invoice", at, values), said(home.erp, "invoice", at, _posted(bill, at, told), "billing")))


def _projects(firm: Firm, bill: Bill) -> list[int]:
    lines = books(firm).lines[bill.first : bill.last]
    return list(dict.fromkeys(figures(firm, line).project for line in lines))


def _head(firm: Firm, bill: Bill, number: str, net: Decimal, tax: Decimal) -> Values:
    """What an invoice and a credit memo have in common."""
    home, is_sister = HOUSES[bill.house], bill.client >= firm.clients
    account = firm.account_of(bill.client, bill.house)
    return {
        "number": number, "series": home.code[3:], "fiscal_year": YEAR, "legal_entity": house_ref(bill.house), "currency": bill.currency,
        "billing_account": reference(home.erp, "billing_account", account),
        "client": reference("erp_north" if is_sister else home.erp, "client", bill.client), **_bill_to(firm, bill.client),
        "seller_name": home.legal_name, "issue_date": bill.issued_on.isoformat(), "tax_date": bill.issued_on.isoformat(),
        "net": money(net, bill.currency), "tax": money(tax, bill.currency), "gross": money(net + tax, bill.currency),
    }  # fmt: skip


def _bill_to(firm: Firm, client: int) -> Values:
    if client >= firm.clients:
        sister = HOUSES[client - firm.clients]
        return {"bill_to_name": sister.legal_name, "bill_to_country": sister.country}
    told = face(firm, client)
    seat = told.seat
    address = f"{seat['street']}\n{seat['postcode']} {seat['city']}"
    return {"bill_to_name": told.legal_name, "bill_to_address": address, "bill_to_country": seat["country"]}


def _posted(bill: Bill, at: int, told: Sums) -> Values:
    """What the ERP adds: the posting, the amounts in its own currency, what is still open."""
    home, rate = HOUSES[bill.house], cross(bill.currency, HOUSES[bill.house].currency, bill.month + 1)
    state = "paid" if told.open == 0 else ("part_paid" if told.paid else "posted")
    values: dict[str, Any] = {
        "state": state, "posting_state": "posted", "document_no": f"RV{at:08d}", "posted_at": f"{bill.issued_on.isoformat()}T18:00:00.000000Z",
        "period": reference(home.erp, "accounting_period", bill.house * 12 + bill.month), "open_amount": money(told.open, bill.currency),
        "functional_net": money(told.net * rate, home.currency), "functional_tax": money(told.tax * rate, home.currency),
        "functional_gross": money(told.gross * rate, home.currency), "rate": number_text(rate), "rate_type": "month_average",
        "rate_date": bill.issued_on.isoformat(),
    }  # fmt: skip
    if told.paid_on:
        values["paid_on"] = told.paid_on.isoformat()
    return values


def credit_memos(firm: Firm, at: int) -> Iterator[Record]:
    """Of every fortieth invoice half of the first line is taken back."""
    invoice = at * CREDITS + 11
    if invoice >= len(books(firm).bills) or not has_credit(firm, invoice, bill := books(firm).bills[invoice]):
        return
    net, tax = credit_of(firm, bill)
    home = HOUSES[bill.house]
    values = _head(firm, bill, f"G{home.code[3:]}{YEAR}-{at:06d}", net, tax) | {
        "corrects": reference("billing", "invoice", invoice), "reason": 'Hours disputed: "not as agreed"', "kind": "correction", "state": "issued",
        "due_date": bill.due_on.isoformat(),
    }  # fmt: skip
    booked: Values = {"state": "posted", "posting_state": "posted", "document_no": f"RG{at:08d}"}
    yield Record("credit_memo", at, (said("billing", "credit_memo", at, values), said(home.erp, "credit_memo", at, booked, "billing")))


def invoice_lines(firm: Firm, at: int) -> Iterator[Record]:
    """One line for each consultant and project of an invoice; after the last one those of credit memos."""
    made = books(firm)
    if at >= len(made.lines):
        yield from _credit_lines(firm, at - len(made.lines))
        return
    of = bisect_right(made.bills, at, key=lambda one: one.first) - 1
    bill, line = made.bills[of], made.lines[at]
    told = figures(firm, line)
    tax, category = tax_of(firm, bill, told.net)
    role, grade = firm.grade_of(line.resource)
    contract, practice = told.project // 2, told.project // 2 % len(PRACTICES)
    values: dict[str, Any] = {
        "invoice": reference("billing", "invoice", of), "line_no": str((at - bill.first + 1) * 10), "net": money(told.net, bill.currency),
        "description": f"{grade.title()} {role.replace('_', ' ')}, {YEAR}-{line.month + 1:02d}, {project_code(firm, told.project)}",
        "quantity": hours(told.quarters), "unit_price": price(told.rate, told.currency), "tax": money(tax, bill.currency),
        "tax_category": category, "tax_code": _tax_code(bill, category), "project": reference("psa", "project", told.project),
        "service_item": reference("psa", "service_item", practice * len(ITEMS)),
    }  # fmt: skip
    if not line.is_sister:
        values["contract_line"] = reference(firm.crm_of(bill.client), "contract_line", 2 * contract)
    yield Record("invoice_line", at, (said("billing", "invoice_line", at, values),))


def _tax_code(bill: Bill, category: str) -> dict[str, str]:
    return reference(HOUSES[bill.house].erp, "tax_code", 2 * bill.house + (category == "reverse_charge"))


def _credit_lines(firm: Firm, at: int) -> Iterator[Record]:
    made, invoice = books(firm), at * CREDITS + 11
    if invoice >= len(made.bills) or not has_credit(firm, invoice, bill := made.bills[invoice]):
        return
    told = figures(firm, made.lines[bill.first])
    net, tax = credit_of(firm, bill)
    _, category = tax_of(firm, bill, net)
    number = len(made.lines) + at
    values: dict[str, Any] = {
        "credit_memo": reference("billing", "credit_memo", at), "line_no": "10", "description": "Credit for disputed hours",
        "net": money(net, bill.currency), "tax": money(tax, bill.currency), "tax_category": category, "tax_code": _tax_code(bill, category),
        "project": reference("psa", "project", told.project),
    }  # fmt: skip
    yield Record("invoice_line", number, (said("billing", "invoice_line", number, values),))


def payments(firm: Firm, at: int) -> Iterator[Record]:
    receipt = books(firm).receipts[at]
    bill = books(firm).bills[receipt.parts[0].bill]
    home, is_sister = HOUSES[bill.house], bill.client >= firm.clients
    amount = sum((paid_of(firm, part) for part in receipt.parts), Decimal(0))
    numbers = ", ".join(f"{home.code[3:]}{YEAR}-{part.bill:06d}" for part in receipt.parts)
    values: dict[str, Any] = {
        "legal_entity": house_ref(bill.house), "client": reference("erp_north" if is_sister else home.erp, "client", bill.client),
        "billing_account": reference(home.erp, "billing_account", firm.account_of(bill.client, bill.house)), "payment_no": f"ZE{at:08d}",
        "received_on": receipt.received_on.isoformat(), "amount": money(amount, bill.currency), "reference": f"Invoices {numbers}",
        "method": "netting" if is_sister else "transfer", "bank_ref": f"SEPA{YEAR}{at:010d}", "state": "applied",
        "unapplied": money(Decimal(0), bill.currency),
    }  # fmt: skip
    yield Record("payment", at, (said(home.erp, "payment", at, values),))


def payment_applications(firm: Firm, at: int) -> Iterator[Record]:
    """What a payment settles; ``at`` counts payments."""
    receipt = books(firm).receipts[at]
    for number, part in enumerate(receipt.parts, receipt.first):
        yield _application(firm, at, number, part, receipt.received_on)


def _application(firm: Firm, payment: int, number: int, part: Part, applied_on: date) -> Record:
    bill = books(firm).bills[part.bill]
    erp = HOUSES[bill.house].erp
    values: dict[str, Any] = {
        "payment": reference(erp, "payment", payment), "invoice": reference("billing", "invoice", part.bill), "seq": part.seq,
        "amount": money(paid_of(firm, part), bill.currency), "applied_on": applied_on.isoformat(), "state": "applied",
    }  # fmt: skip
    return Record("payment_application", number, (said(erp, "payment_application", number, values),))

