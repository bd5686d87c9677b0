"""What is sold: opportunities, contracts with their lines, what hours cost under them, and the projects that deliver."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hub.demo.firm.accounts import terms_of
from hub.demo.firm.basics import ITEMS, TRANSFER_MARGIN, house_ref, region_of
from hub.demo.firm.clients import in_order
from hub.demo.firm.model import CURRENCIES, GRADES, HOUSES, PRACTICES, ROLES, YEAR, Firm, cross, rate_of
from hub.demo.firm.shape import Record, money, price, reference, rounded, said
from hub.demo.firm.words import PHASES, SUBJECTS

SEATS = len(ROLES) * len(GRADES)
YEARS = (YEAR - 1, YEAR)


def opportunities(firm: Firm, at: int) -> Iterator[Record]:
    """Every fourth contract came from one; after those, the open and lost ones with prospects."""
    won = at < firm.contracts
    if won and at % 4:
        return
    client = firm.client_of(at) if won else firm.customers + (at - firm.contracts) % (firm.clients - firm.customers)
    house, dice, crm = (firm.house_of(at) if won else firm.site(client).house), firm.dice("opportunity", at), firm.crm_of(client)
    began = firm.started_on(at) if won else date(YEAR, 1, 6) + timedelta(days=dice.below(350))
    values: dict[str, Any] = {
        "name": f"{dice.pick(SUBJECTS)} – {dice.pick(PHASES)}", "client": reference(crm, "client", client), "legal_entity": house_ref(house),
        "stage": "Closed won" if won else dice.pick(("Qualify", "Propose", "Negotiate")), "amount": value_of(firm, at, house),
        "probability": "100" if won else str(10 + 10 * dice.below(8)), "close_date": (began - timedelta(days=20)).isoformat(),
        "owner": reference("psa", "resource", dice.below(firm.resources)),
        "service_line": reference("psa", "service_line", dice.below(len(PRACTICES))), "expected_start": began.isoformat(),
        "state": "won" if won else ("open" if at % 3 else "lost"),
    }  # fmt: skip
    yield Record("opportunity", at, (said(crm, "opportunity", at, values),))


def value_of(firm: Firm, contract: int, house: int, currency: str = "") -> dict[str, str]:
    """What a contract is worth."""
    thousands = 8 + firm.dice("contract_line", contract).early(900)
    home = HOUSES[house]
    return money(Decimal(thousands * 1000) * (1 if currency not in ("", home.currency) else home.level), currency or home.currency)


def contract_state(firm: Firm, at: int) -> str:
    if firm.is_current(at):
        return "active"
    if at * 100 >= firm.contracts * 85:
        return "in_approval"
    return "terminated" if at % 53 == 7 else "completed"


def contracts(firm: Firm, at: int) -> Iterator[Record]:
    client, house, currency, dice = firm.client_of(at), firm.house_of(at), firm.currency_of(at), firm.dice("contract", at)
    crm, erp, began = firm.crm_of(client), HOUSES[house].erp, firm.started_on(at)
    state = contract_state(firm, at)
    ends = date(YEAR + 1, 6, 30) if firm.is_current(at) else began + timedelta(days=90 + at % 270)
    shared: dict[str, Any] = {
        "contract_no": f"C-{began.year}-{at:06d}", "legal_entity": house_ref(house), "currency": currency,
        "total_value": value_of(firm, at, house, currency), "start_date": began.isoformat(), "end_date": ends.isoformat(),
        "payment_terms": terms_of(client), "notice_days": 30 + at % 3 * 30,
    }  # fmt: skip
    if state != "in_approval":
        shared["signed_on"] = (began - timedelta(days=5 + at % 30)).isoformat()
    values = shared | {
        "name": f"{dice.pick(SUBJECTS)} {began.year}", "kind": dice.pick(("sow", "sow", "order", "retainer")),
        "client": reference(crm, "client", client), "renewal": dice.pick(("none", "none", "automatic", "on_request")),
        "region": reference("erp_north", "region", region_of(house)), "state": state,
    }  # fmt: skip
    if at % 4 == 0:
        values["opportunity"] = reference(crm, "opportunity", at)
    records = [said(crm, "contract", at, values)]
    if at % 5 < 3 and state != "in_approval":
        account = firm.account_of(client, house)
        books = {"client": reference(erp, "client", client), "billing_account": reference(erp, "billing_account", account)}
        records.append(said(erp, "contract", at, shared | books, crm))
    yield Record("contract", at, in_order("contract", records))


# ---------------------------------------------------------------------------------------------------------------- rates

HOUSE_CARDS = len(HOUSES) * (len(CURRENCIES) + 1)
"""A standard card in each currency for each house, and its transfer card for sisters."""


def negotiated(firm: Firm) -> int:
    """Key accounts with a card of their own: the first of them."""
    return max(1, firm.customers // 250)


def rate_cards(firm: Firm, at: int) -> Iterator[Record]:
    """The houses' cards, then those of key accounts: five percent below the standard of their home house."""
    if at >= HOUSE_CARDS:
        client = at - HOUSE_CARDS
        house, crm = firm.site(client).house, firm.crm_of(client)
        values: dict[str, Any] = {
            "code": f"RC-K{client:05d}", "name": f"Negotiated {client}", "kind": "bill", "scope": "client",
            "currency": HOUSES[house].currency, "legal_entity": house_ref(house), "client": reference(crm, "client", client),
        }  # fmt: skip
        system = crm
    else:
        house, kind = divmod(at, len(CURRENCIES) + 1)
        is_transfer = kind == len(CURRENCIES)
        currency = HOUSES[house].currency if is_transfer else CURRENCIES[kind]
        values = {
            "code": f"RC-{HOUSES[house].code[3:]}-{'IC' if is_transfer else currency}", "name": f"{HOUSES[house].name} {currency}",
            "kind": "transfer" if is_transfer else "bill", "scope": "legal_entity", "currency": currency, "legal_entity": house_ref(house),
        }  # fmt: skip
        system = "psa"
    values |= {"valid_from": f"{YEARS[0]}-01-01", "state": "active"}
    yield Record("rate_card", at, (said(system, "rate_card", at, values),))


def card_of(firm: Firm, contract: int) -> int:
    """The card a contract is priced by."""
    client, house, currency = firm.client_of(contract), firm.house_of(contract), firm.currency_of(contract)
    if client < negotiated(firm) and house == firm.site(client).house and currency == HOUSES[house].currency:
        return HOUSE_CARDS + client
    return house * (len(CURRENCIES) + 1) + CURRENCIES.index(currency)


def card_rate(firm: Firm, card: int, role: str, grade: str, year: int) -> tuple[Decimal, str]:
    """(price of an hour, currency) by a card."""
    if card >= HOUSE_CARDS:
        home = HOUSES[firm.site(card - HOUSE_CARDS).house]
        return rounded(rate_of(home, role, grade, year) * Decimal("0.95"), home.currency), home.currency
    house, kind = divmod(card, len(CURRENCIES) + 1)
    home = HOUSES[house]
    rate = rate_of(home, role, grade, year)
    if kind == len(CURRENCIES):
        return rounded(rate * TRANSFER_MARGIN, home.currency), home.currency
    currency = CURRENCIES[kind]
    return (rate, currency) if currency == home.currency else (rounded(rate * cross(home.currency, currency, 1), currency), currency)


def rate_lines(firm: Firm, at: int) -> Iterator[Record]:
    """Two lines for each role and grade of a card: last year's price and this year's."""
    card, rest = divmod(at, SEATS * len(YEARS))
    seat, which = divmod(rest, len(YEARS))
    role, grade, year = ROLES[seat // len(GRADES)], GRADES[seat % len(GRADES)], YEARS[which]
    amount, currency = card_rate(firm, card, role, grade, year)
    system = firm.crm_of(card - HOUSE_CARDS) if card >= HOUSE_CARDS else "psa"
    values: dict[str, Any] = {
        "rate_card": reference(system, "rate_card", card), "role": role, "grade": grade, "unit": "hour", "price": price(amount, currency),
        "hours_per_day": {"value": "8", "unit": "hour"}, "overtime_factor": "1.25", "valid_from": f"{year}-01-01",
    }  # fmt: skip
    if not which:
        values["valid_to"] = f"{year}-12-31"
    yield Record("rate_line", at, (said(system, "rate_line", at, values),))


def contract_lines(firm: Firm, at: int) -> Iterator[Record]:
    """The work by the hour, and under two contracts in five what comes on top."""
    contract, on_top = divmod(at, 2)
    if on_top and contract % 5 > 1:
        return
    client, house, currency = firm.client_of(contract), firm.house_of(contract), firm.currency_of(contract)
    crm, card, practice = firm.crm_of(client), card_of(firm, contract), contract % len(PRACTICES)
    values: dict[str, Any] = {
        "contract": reference(crm, "contract", contract), "line_no": str(10 + 10 * on_top), "valid_from": firm.started_on(contract).isoformat(),
        "service_item": reference("psa", "service_item", practice * len(ITEMS) + on_top),
        "service_line": reference("psa", "service_line", practice),
    }  # fmt: skip
    if on_top:
        values |= {"description": "Travel at cost", "billing_method": "cost_plus", "billing_rule": "pass_through", "expense_billable": True,
                   "expense_at_cost": contract % 2 == 0, "expense_markup": "0" if contract % 2 == 0 else "2.5",
                   "expense_cap": money(HOUSES[house].level * 5000, currency)}  # fmt: skip
    else:
        values |= {"description": f"Services: {PRACTICES[practice]}", "billing_method": "time_and_materials", "billing_rule": "actuals_at_rate",
                   "rate_card": reference(crm if card >= HOUSE_CARDS else "psa", "rate_card", card),
                   "amount": value_of(firm, contract, house, currency)}  # fmt: skip
    yield Record("contract_line", at, (said(crm, "contract_line", at, values),))


def purchase_orders(firm: Firm, at: int) -> Iterator[Record]:
    """The client's own order, under every sixth contract that runs."""
    if at % 6 or not firm.is_current(at):
        return
    client, house, currency = firm.client_of(at), firm.house_of(at), firm.currency_of(at)
    erp = HOUSES[house].erp
    values: dict[str, Any] = {
        "client": reference(erp, "client", client), "po_number": f"45{at:08d}", "legal_entity": house_ref(house),
        "billing_account": reference(erp, "billing_account", firm.account_of(client, house)),
        "contract": reference(firm.crm_of(client), "contract", at), "amount": value_of(firm, at, house, currency), "currency": currency,
        "valid_from": firm.started_on(at).isoformat(), "state": "open",
    }  # fmt: skip
    yield Record("client_purchase_order", at, (said(erp, "client_purchase_order", at, values),))


# ------------------------------------------------------------------------------------------------------------- projects


def project_code(firm: Firm, at: int) -> str:
    if at >= firm.projects:
        return f"INT-{HOUSES[at - firm.projects].code[3:]}"
    return f"{HOUSES[firm.house_of(at // 2)].code[3:]}{firm.started_on(at // 2).year % 100}-{at:06d}"


def projects(firm: Firm, at: int) -> Iterator[Record]:
    """A contract's two projects; after the last one, each house's internal project."""
    if at >= firm.projects:
        yield _internal(firm, at, at - firm.projects)
        return
    contract, dice = at // 2, firm.dice("project", at)
    client, house, currency = firm.client_of(contract), firm.house_of(contract), firm.currency_of(contract)
    began, current = firm.started_on(contract) + timedelta(days=at % 2 * 30), firm.is_current(contract)
    in_approval = contract_state(firm, contract) == "in_approval"
    shared: dict[str, Any] = {
        "code": project_code(firm, at), "legal_entity": house_ref(house), "kind": "external", "currency": currency,
        "start_date": began.isoformat(), "billable": True,
    }  # fmt: skip
    crm = firm.crm_of(client)
    values = shared | {
        "name": f"{dice.pick(SUBJECTS)}: {dice.pick(PHASES)}", "client": reference("psa", "client", client),
        "contract": reference(crm, "contract", contract), "contract_lines": [reference(crm, "contract_line", 2 * contract)],
        "manager": reference("psa", "resource", dice.below(firm.resources)), "delivery_region": reference("erp_north", "region", region_of(house)),
        "service_line": reference("psa", "service_line", contract % len(PRACTICES)),
        "percent_complete": str(dice.below(95)) if current else "100", "health": dice.pick(("green", "green", "green", "amber", "red")),
        "time_open": current, "expense_open": current, "billing_open": current,
        "state": "active" if current else ("planned" if in_approval else "closed"),
    }  # fmt: skip
    if not current:
        values["end_date"] = (began + timedelta(days=60 + at % 200)).isoformat()
    if at % 7 == 0:
        values["description"] = f"Scope as agreed in {shared['code']}; see \"Annex B\".\nChanges by change order only."
    records = [said("psa", "project", at, values)]
    if at % 3 == 0 and not in_approval:
        erp = HOUSES[house].erp
        books = {"name": shared["code"], "client": reference(erp, "client", client), "billing_open": current}
        records.append(said(erp, "project", at, shared | books, "psa"))
    yield Record("project", at, tuple(records))


def _internal(firm: Firm, at: int, house: int) -> Record:
    values: dict[str, Any] = {
        "code": project_code(firm, at), "name": f"Internal time {HOUSES[house].country}", "legal_entity": house_ref(house), "kind": "internal",
        "currency": HOUSES[house].currency, "start_date": "2013-01-07", "billable": False, "time_open": True, "state": "active",
    }  # fmt: skip
    return Record("project", at, (said("psa", "project", at, values),))
