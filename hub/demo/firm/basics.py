"""What others are written in terms of: currencies, houses, regions, practices, catalogue, taxes, rates of exchange, periods."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from decimal import Decimal

from hub.demo.firm.model import CURRENCIES, HOUSES, PRACTICES, YEAR, Firm, cross, rate_of
from hub.demo.firm.shape import Record, number_text, price, reference, said

ITEMS = ("Consulting hour", "Travel", "Retainer month", "Fixed-price work")
"""Four catalogue items in each practice."""

REGIONS = (("EMEA", ["DE", "GB", "AT", "FR"]), ("AMER", ["US"]), ("APAC", ["JP"]))
_NAMES = {"EUR": "Euro", "USD": "US Dollar", "GBP": "Pound Sterling", "JPY": "日本円"}


def currencies(firm: Firm, at: int) -> Iterator[Record]:
    code = CURRENCIES[at]
    values = {"code": code, "name": _NAMES[code], "minor_units": 0 if code == "JPY" else 2, "is_reporting": code == "EUR", "state": "active"}
    yield Record("currency", at, (said("erp_north", "currency", at, values),))


def fiscal_calendars(firm: Firm, at: int) -> Iterator[Record]:
    values = {"code": "CAL", "name": "Calendar year", "year_start_month": 1, "period_scheme": "months", "tz": "Europe/Berlin"}
    yield Record("fiscal_calendar", 0, (said("erp_north", "fiscal_calendar", 0, values),))


def legal_entities(firm: Firm, at: int) -> Iterator[Record]:
    house = HOUSES[at]
    values = {
        "code": house.code, "name": house.name, "legal_name": house.legal_name, "tax_country": house.country,
        "functional_currency": house.currency, "tz": house.tz, "invoice_series": house.code[3:], "period_rule": "by_work_date",
        "fiscal_calendar": reference("erp_north", "fiscal_calendar", 0), "valid_from": "2010-01-01", "state": "active",
    }  # fmt: skip
    if at:
        values["parent"] = reference("erp_north", "legal_entity", 0)
    yield Record("legal_entity", at, (said("erp_north", "legal_entity", at, values),))


def house_ref(house: int) -> dict[str, str]:
    """A legal entity, as everybody names it: by the number in the group's first ERP."""
    return reference("erp_north", "legal_entity", house)


def regions(firm: Firm, at: int) -> Iterator[Record]:
    code, countries = REGIONS[at]
    values = {"code": code, "name": code, "countries": countries, "valid_from": "2010-01-01", "state": "active"}
    yield Record("region", at, (said("erp_north", "region", at, values),))


def region_of(house: int) -> int:
    return {"US": 1, "JP": 2}.get(HOUSES[house].country, 0)


def cost_centres(firm: Firm, at: int) -> Iterator[Record]:
    """One for each house and practice."""
    house, practice = divmod(at, len(PRACTICES))
    values = {
        "code": f"{HOUSES[house].code[3:]}-{100 + practice * 10}", "name": f"{PRACTICES[practice]} {HOUSES[house].country}",
        "legal_entity": house_ref(house), "valid_from": "2010-01-01", "state": "active",
    }  # fmt: skip
    yield Record("cost_centre", at, (said(HOUSES[house].erp, "cost_centre", at, values),))


def service_lines(firm: Firm, at: int) -> Iterator[Record]:
    values = {"code": f"P{at + 1}", "name": PRACTICES[at], "valid_from": "2010-01-01", "state": "active"}
    yield Record("service_line", at, (said("psa", "service_line", at, values),))


def service_items(firm: Firm, at: int) -> Iterator[Record]:
    practice, kind = divmod(at, len(ITEMS))
    values = {
        "code": f"SI-{at:03d}", "name": f"{ITEMS[kind]}: {PRACTICES[practice]}", "service_line": reference("psa", "service_line", practice),
        "unit": ("hour", "item", "month", "item")[kind], "kind": ("labour", "expense", "subscription", "fee")[kind],
        "tax_category": "standard", "valid_from": "2010-01-01", "state": "active",
    }  # fmt: skip
    if kind == 0:
        values["list_price"] = price(rate_of(HOUSES[0], "consultant", "senior", YEAR), "EUR")
    yield Record("service_item", at, (said("psa", "service_item", at, values),))


def tax_codes(firm: Firm, at: int) -> Iterator[Record]:
    """Two for each house: its domestic rate, and what it charges abroad."""
    house, is_abroad = divmod(at, 2)
    told = HOUSES[house]
    category = "reverse_charge" if is_abroad else ("standard" if told.tax else "exempt")
    values = {
        "code": f"{told.country}{'X' if is_abroad else told.tax}", "name": f"{told.country} {category.replace('_', ' ')}",
        "legal_entity": house_ref(house), "country": told.country, "category": category, "rate": "0" if is_abroad else str(told.tax),
        "direction": "output", "valid_from": "2010-01-01", "state": "active",
    }  # fmt: skip
    yield Record("tax_code", at, (said(told.erp, "tax_code", at, values),))


PAIRS = tuple((a, b) for a in CURRENCIES for b in CURRENCIES if a != b)


def exchange_rates(firm: Firm, at: int) -> Iterator[Record]:
    """The average of each month for each pair of currencies."""
    pair, month = divmod(at, 12)
    (a, b), last = PAIRS[pair], monthrange(YEAR, month + 1)[1]
    values = {
        "from_currency": a, "to_currency": b, "rate_type": "month_average", "rate": number_text(cross(a, b, month + 1)),
        "source": "ECB", "valid_from": f"{YEAR}-{month + 1:02d}-01", "valid_to": f"{YEAR}-{month + 1:02d}-{last}",
    }  # fmt: skip
    yield Record("exchange_rate", at, (said("erp_north", "exchange_rate", at, values),))


def accounting_periods(firm: Firm, at: int) -> Iterator[Record]:
    """The receivables' months of each house."""
    house, month = divmod(at, 12)
    last = monthrange(YEAR, month + 1)[1]
    values = {
        "legal_entity": house_ref(house), "calendar": reference("erp_north", "fiscal_calendar", 0), "period": f"{YEAR}-{month + 1:02d}",
        "module": "receivables", "fiscal_year": YEAR, "starts_on": f"{YEAR}-{month + 1:02d}-01",
        "ends_on": f"{YEAR}-{month + 1:02d}-{last}", "is_adjustment": False, "state": "closed" if month < 11 else "open",
    }  # fmt: skip
    yield Record("accounting_period", at, (said(HOUSES[house].erp, "accounting_period", at, values),))


TRANSFER_MARGIN = Decimal("0.6")
"""What a house charges a sister for an hour, of its own standard rate."""
