"""What is billed and what was paid, in outline: which hours are on which invoice, which payment settles which.

The outline holds a line for each consultant, month and project (63,000 a year at full size); amounts are worked out from the
hours when they are asked for, and so an invoice always says what was worked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from hub.demo.firm import accounts, deals
from hub.demo.firm.model import CURRENCIES, HOUSES, YEAR, Firm
from hub.demo.firm.shape import rounded
from hub.demo.firm.work import billed_quarters, booked

CLOSED_ON = date(YEAR, 12, 31)
"""The last day of which payments are known."""


class Line(NamedTuple):
    """The hours of one consultant in one month on one project, billed to the client or, by the employer, to a sister."""

    resource: int
    month: int
    slot: int
    is_sister: bool


class Bill(NamedTuple):
    """An invoice: everything of a month that one house bills one client in one currency, over however many projects."""

    month: int
    house: int
    client: int
    currency: str
    first: int
    last: int
    """Its lines: from ``first`` to before ``last``."""

    @property
    def issued_on(self) -> date:
        return date(YEAR + (self.month == 11), (self.month + 1) % 12 + 1, 3)

    @property
    def due_on(self) -> date:
        return self.issued_on + timedelta(days=accounts.net_days(self.client))


class Part(NamedTuple):
    """A payment's share in settling an invoice: ``seq`` of ``of`` payments, or 60 percent when ``of`` is 0."""

    bill: int
    seq: int
    of: int


class Receipt(NamedTuple):
    """Money received: of one account, for one or two invoices. ``first`` is the number of its first application."""

    received_on: date
    parts: tuple[Part, ...]
    first: int


@dataclass
class Books:
    """The year in outline."""

    lines: list[Line] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    paid_by: dict[int, list[tuple[date, Part]]] = field(default_factory=dict)
    """Invoice → what was paid of it, and when."""


class Figures(NamedTuple):
    """What a line bills."""

    project: int
    quarters: int
    rate: Decimal
    currency: str
    net: Decimal


class Sums(NamedTuple):
    """An invoice's amounts. ``credited`` is what a credit memo took back of the gross amount."""

    net: Decimal
    tax: Decimal
    gross: Decimal
    credited: Decimal
    paid: Decimal
    paid_on: date | None

    @property
    def open(self) -> Decimal:
        return self.gross - self.credited - self.paid


@lru_cache(maxsize=2)
def books(firm: Firm) -> Books:
    """The year's outline, made once a process: three seconds at full size."""
    made, groups = Books(), dict[tuple[int, int, int, str, bool], list[Line]]()
    for month in range(12):
        for line in _worked(firm, month):
            project = booked(firm, line.resource, month // 3)[line.slot]
            house, home = firm.house_of(project // 2), firm.home_of(line.resource)
            key = (month, house, firm.client_of(project // 2), firm.currency_of(project // 2), False)
            groups.setdefault(key, []).append(line)
            if house != home:
                sister = (month, home, firm.clients + house, HOUSES[home].currency, True)
                groups.setdefault(sister, []).append(line._replace(is_sister=True))
    for (month, house, client, currency, _), lines in sorted(groups.items()):
        first = len(made.lines)
        made.lines += lines
        made.bills.append(Bill(month, house, client, currency, first, len(made.lines)))
    _receive(firm, made)
    return made


def _worked(firm: Firm, month: int) -> Iterator[Line]:
    for resource in range(firm.resources):
        for slot in range(len(set(booked(firm, resource, month // 3)))):
            if billed_quarters(firm, resource, month, slot):
                yield Line(resource, month, slot, False)


def _receive(firm: Firm, made: Books) -> None:
    """Most invoices are paid in full, some together, some in two parts or in part, the youngest not yet."""
    waiting: dict[tuple[int, str], int] = {}
    for at, bill in enumerate(made.bills):
        paid_on = bill.due_on + timedelta(days=at % 9 - 3)
        if paid_on > CLOSED_ON or at % 20 == 19:
            continue
        if at % 20 == 15:
            _book(made, paid_on - timedelta(days=5), (Part(at, 1, 2),))
            _book(made, paid_on, (Part(at, 2, 2),))
        elif at % 20 == 16:
            _book(made, paid_on, (Part(at, 1, 0),))
        else:
            account = (firm.account_of(bill.client, bill.house), bill.currency)
            earlier = waiting.pop(account, None)
            if earlier is not None:
                _book(made, paid_on, (Part(earlier, 1, 1), Part(at, 1, 1)))
            elif at % 3 == 0 and bill.month < 10:
                waiting[account] = at
            else:
                _book(made, paid_on, (Part(at, 1, 1),))


def _book(made: Books, received_on: date, parts: tuple[Part, ...]) -> None:
    last = made.receipts[-1] if made.receipts else None
    made.receipts.append(Receipt(received_on, parts, last.first + len(last.parts) if last else 0))
    for part in parts:
        made.paid_by.setdefault(part.bill, []).append((received_on, part))


# -------------------------------------------------------------------------------------------------------------- amounts


def figures(firm: Firm, line: Line) -> Figures:
    project = booked(firm, line.resource, line.month // 3)[line.slot]
    role, grade = firm.grade_of(line.resource)
    card = deals.card_of(firm, project // 2)
    if line.is_sister:
        card = firm.home_of(line.resource) * (len(CURRENCIES) + 1) + len(CURRENCIES)
    rate, currency = deals.card_rate(firm, card, role, grade, YEAR)
    quarters = billed_quarters(firm, line.resource, line.month, line.slot)
    return Figures(project, quarters, rate, currency, rounded(rate * quarters / 4, currency))


def tax_of(firm: Firm, bill: Bill, net: Decimal) -> tuple[Decimal, str]:
    """(tax, category): the house's rate at home, nothing abroad."""
    home = HOUSES[bill.house]
    country = HOUSES[bill.client - firm.clients].country if bill.client >= firm.clients else firm.site(bill.client).market.country
    if country != home.country:
        return Decimal(0), "reverse_charge"
    return rounded(net * home.tax / 100, bill.currency), "standard" if home.tax else "exempt"


def has_credit(firm: Firm, at: int, bill: Bill) -> bool:
    return at % 40 == 11 and bill.client < firm.clients


def credit_of(firm: Firm, bill: Bill) -> tuple[Decimal, Decimal]:
    """(net, tax) of a credit memo: half of the invoice's first line."""
    net = rounded(figures(firm, books(firm).lines[bill.first]).net / 2, bill.currency)
    return net, tax_of(firm, bill, net)[0]


@lru_cache(maxsize=4096)
def sums(firm: Firm, at: int) -> Sums:
    """The amounts of an invoice; its tax is that of its lines."""
    made = books(firm)
    bill = made.bills[at]
    nets = [figures(firm, line).net for line in made.lines[bill.first : bill.last]]
    net, tax = sum(nets, Decimal(0)), sum((tax_of(firm, bill, one)[0] for one in nets), Decimal(0))
    credited = sum(credit_of(firm, bill), Decimal(0)) if has_credit(firm, at, bill) else Decimal(0)
    due = net + tax - credited
    received = made.paid_by.get(at, [])
    paid = sum((_share(due, part, bill.currency) for _, part in received), Decimal(0))
    return Sums(net, tax, net + tax, credited, paid, max(day for day, _ in received) if received and paid == due else None)


def paid_of(firm: Firm, part: Part) -> Decimal:
    """What a payment settles of an invoice."""
    told = sums(firm, part.bill)
    return _share(told.gross - told.credited, part, books(firm).bills[part.bill].currency)


def _share(due: Decimal, part: Part, currency: str) -> Decimal:
    if part.of == 0:
        return rounded(due * Decimal("0.6"), currency)
    half = rounded(due / 2, currency)
    return due if part.of == 1 else (half if part.seq == 1 else due - half)
