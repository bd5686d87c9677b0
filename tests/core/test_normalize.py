"""Normal forms: one spelling per thing, clear errors, nothing lost or invented."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.identifiers import is_valid_identifier
from hub.core.matching import match_keys
from hub.core.names import name_core, names_agree
from hub.core.normalize import NORMALISERS, Ground, InvalidValueError, Problem, instant_text, normal, normal_values
from schema import ENTITIES
from schema.billing_account import BillingAccount
from schema.client import Client
from schema.invoice import Invoice
from schema.kinds import FieldKind, Money
from schema.project import Project
from tests.core.build import FIRM, Firm, Hour


def test_every_kind_has_a_normal_form() -> None:
    assert set(NORMALISERS) == set(FieldKind)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (FieldKind.TEXT, "  ACME  ", "ACME"),
        (FieldKind.TEXT, "Mu\u0308ller", "Müller"),
        (FieldKind.TEXT, "N/A", None),
        (FieldKind.TEXT, "   ", None),
        (FieldKind.TEXT, 4711, "4711"),
        (FieldKind.TEXT, Decimal("1E+2"), "100"),
        (FieldKind.TEXT, "Null", "Null"),  # a family name
        (FieldKind.CODE, "unknown", "unknown"),
        (FieldKind.CODE, "", None),
        (FieldKind.EMAIL, "Jo@ACME.Example", "Jo@acme.example"),
        (FieldKind.EMAIL, "mailto:jo@acme.example", "jo@acme.example"),
        (FieldKind.EMAIL, "test@acme.example", None),
        (FieldKind.PHONE, "tel:+49 (30) 123456", "+4930123456"),
        (FieldKind.PHONE, "555 0100", "5550100"),
        (FieldKind.PHONE, "000000000", None),
        (FieldKind.DOMAIN, "HTTP://user@www.Acme.example:8080/x", "acme.example"),
        (FieldKind.DOMAIN, "müller.example", "xn--mller-kva.example"),
        (FieldKind.COUNTRY, "gbr", "GB"),
        (FieldKind.COUNTRY, "Österreich", "AT"),
        (FieldKind.LANGUAGE, "DE_at", "de-AT"),
        (FieldKind.TIMEZONE, "Europe/Berlin", "Europe/Berlin"),
        (FieldKind.BOOLEAN, "TRUE", True),
        (FieldKind.BOOLEAN, False, False),
        (FieldKind.INTEGER, "42", 42),
        (FieldKind.INTEGER, Decimal("42.0"), 42),
        (FieldKind.DATE, "2024-02-29", "2024-02-29"),
        (FieldKind.DATE, "9999-12-31", None),
        (FieldKind.INSTANT, "2026-05-17T10:11:52.5+02:00", "2026-05-17T08:11:52.500000Z"),
        (FieldKind.PERCENT, "12.50 %", "12.5"),
        (FieldKind.PERCENT, "-0.00", "0"),
        (FieldKind.MONEY, {"amount": "1.1", "currency": "eur"}, {"amount": "1.10", "currency": "EUR"}),
        (FieldKind.MONEY, {"amount": Decimal("-0.00"), "currency": "EUR"}, {"amount": "0.00", "currency": "EUR"}),
        (FieldKind.MONEY, {"amount": "1.234", "currency": "KWD"}, {"amount": "1.234", "currency": "KWD"}),
        (FieldKind.MONEY, Money(Decimal(5), "EUR"), {"amount": "5.00", "currency": "EUR"}),
        (FieldKind.MONEY, {"amount": None, "currency": "EUR"}, None),
        (FieldKind.PRICE, {"amount": "0.123456", "currency": "EUR", "per": "H"}, {"amount": "0.123456", "currency": "EUR", "per": "hour"}),
        (FieldKind.QUANTITY, {"value": "450", "unit": "min"}, {"value": "7.5", "unit": "hour", "stated": "450 min"}),
        (FieldKind.QUANTITY, {"value": "7.33333", "unit": "h"}, {"value": "7.3333", "unit": "hour", "stated": "7.33333"}),
        (FieldKind.REFERENCE, {"system": "crm", "object": "account", "id": " 1 "}, {"system": "crm", "object": "account", "id": "1"}),
        (FieldKind.REFERENCE, {"system": "crm", "object": "account", "name": "ACME"}, {"system": "crm", "object": "account", "name": "ACME"}),
        (FieldKind.REFERENCE, "01980000-0000-7000-8000-0000000000FF", {"id": "01980000-0000-7000-8000-0000000000ff"}),
        (FieldKind.REFERENCE, {"system": "crm", "object": "account", "id": ""}, None),
    ],
)  # fmt: skip
def test_a_value_takes_its_normal_form(kind: FieldKind, value: Any, expected: Any) -> None:
    assert NORMALISERS[kind](value, Ground()) == expected


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        (FieldKind.TEXT, "a\x00b", "NUL"),
        (FieldKind.TEXT, "a\ud800b", "surrogate"),
        (FieldKind.TEXT, {"a": 1}, "expected text, got an object"),
        (FieldKind.TEXT, True, "expected text, got true or false"),
        (FieldKind.TEXT, 1.5, "binary float"),
        (FieldKind.TEXT, "ä" * 600_000, "longer than 1000000 bytes"),
        (FieldKind.EMAIL, "jo at acme", "e-mail"),
        (FieldKind.PHONE, "call me", "phone number"),
        (FieldKind.DOMAIN, "acme", "domain"),
        (FieldKind.COUNTRY, "Atlantis", "country"),
        (FieldKind.BOOLEAN, 2, "true or false"),
        (FieldKind.INTEGER, "1.5", "whole"),
        (FieldKind.INTEGER, 2**63, "64 bits"),
        (FieldKind.INTEGER, "9" * 100_000, "decimal"),
        (FieldKind.DATE, "2026-02-30", "calendar"),
        (FieldKind.DATE, "17.05.2026", "form"),
        (FieldKind.DATE, "20260517", "form"),
        (FieldKind.INSTANT, "2026-05-17T08:11:52", "offset"),
        (FieldKind.PERCENT, "١٢", "decimal"),
        (FieldKind.PERCENT, "1_000", "decimal"),
        (FieldKind.PERCENT, "NaN", "decimal"),
        (FieldKind.PERCENT, Decimal("NaN"), "finite"),
        (FieldKind.PERCENT, Decimal("1e1000000"), "digits"),
        (FieldKind.PERCENT, Decimal("1e-1000000"), "digits"),
        (FieldKind.MONEY, {"amount": "1.001", "currency": "EUR"}, "at most 2 decimals"),
        (FieldKind.MONEY, {"amount": "0.5", "currency": "JPY"}, "at most 0 decimals"),
        (FieldKind.MONEY, {"amount": "9" * 37, "currency": "EUR"}, "38 digits"),
        (FieldKind.MONEY, {"amount": 0.1, "currency": "EUR"}, "binary float"),
        (FieldKind.MONEY, {"amount": "1", "currency": "euro"}, "currency"),
        (FieldKind.MONEY, {"amount": "1", "currency": "EUR", "tax": "0"}, "no part 'tax'"),
        (FieldKind.PRICE, {"amount": "0.1234567", "currency": "EUR", "per": "hour"}, "at most 6"),
        (FieldKind.PRICE, {"amount": "1", "currency": "EUR"}, "names no unit"),
        (FieldKind.REFERENCE, {"id": "K1"}, "golden record"),
        (FieldKind.REFERENCE, {"name": "ACME"}, "needs the system"),
        (FieldKind.LISTING, "a, b", "expected a list"),
    ],
)  # fmt: skip
def test_what_has_no_normal_form_is_an_error_that_says_why(kind: FieldKind, value: Any, reason: str) -> None:
    with pytest.raises(InvalidValueError, match=reason):
        NORMALISERS[kind](value, Ground())


def test_a_bad_field_is_reported_and_leaves_the_others_alone() -> None:
    values, problems = normal_values(FIRM, {"name": "ACME ", "revenue": {"amount": "x", "currency": "EUR"}, "nmae": "?"})
    assert values == {"name": "ACME"}
    assert problems == (
        Problem("revenue", "type", "is not a decimal number"),
        Problem("nmae", "unknown_field", "firm has no field 'nmae'"),
    )


def test_the_records_country_reads_its_national_phone_number() -> None:
    values, problems = normal_values(Client.meta, {"name": "A", "country": "Germany", "phone": "030 123456"})
    assert (values["country"], values["phone"], problems) == ("DE", "+4930123456", ())


def test_parts_of_listing_items_have_normal_forms_and_errors_a_path() -> None:
    items = [{"country": "Germany", "scheme": "vat", "number": "DE 136695976"}]
    assert normal(Client.tax_registrations, items) == [{"country": "DE", "scheme": "vat", "number": "DE 136695976"}]
    with pytest.raises(InvalidValueError, match=r"0\.valid_from"):
        normal(Client.tax_registrations, [{"valid_from": "soon"}])
    assert normal(Client.former_names, []) is None


def test_extension_values_are_kept_and_numbers_in_them_are_exact() -> None:
    values, problems = normal_values(FIRM, {"extra.risk": {"score": Decimal("1.10"), "by": " jo "}, "extra.n": 3})
    assert (values, problems) == ({"extra.risk": {"score": "1.1", "by": "jo"}, "extra.n": 3}, ())


def test_the_text_limit_can_be_set() -> None:
    values, problems = normal_values(FIRM, {"name": "ACME Consulting"}, limit_bytes=8)
    assert values == {}
    assert problems == (Problem("name", "type", "longer than 8 bytes"),)


@pytest.mark.parametrize(
    ("scheme", "number", "country", "verdict"),
    [
        ("lei", "529900T8BM49AURSDO55", "", True),
        ("lei", "529900T8BM49AURSDO54", "", False),
        ("duns", "150483782", "", True),
        ("duns", "000000000", "", False),
        ("duns", "15048378", "", False),
        ("vat", "DE136695976", "", True),
        ("vat", "136695976", "DE", True),
        ("vat", "DE136695975", "DE", False),
        ("vat", "GB 980 7806 84", "GB", True),
        ("registration", "552 100 554", "FR", True),
        ("registration", "552 100 553", "FR", False),
        ("registration", "HRB 4711", "DE", None),
        ("house", "4711", "", None),
    ],
)
def test_an_identifier_is_checked_where_its_scheme_can_be(scheme: str, number: str, country: str, verdict: bool | None) -> None:
    assert is_valid_identifier(scheme, number, country) is verdict


@pytest.mark.parametrize(
    ("a", "b", "agree"),
    [
        ("ACME GmbH", "Acme Inc.", True),
        ("The Northbeam Group, Inc.", "Northbeam Group", True),
        ("Consulting Northbeam", "Northbeam Consulting Ltd", True),
        ("Müller & Söhne GmbH & Co. KG", "Mueller und Soehne", True),
        ("Северный луч", "Severnyy luch", True),
        ("Northbeam Consulting", "Northbeem Consulting", True),
        ("Northbeam Ltd", "Northbeam Holdings Ltd", False),
        ("Northbeam Germany", "Northbeam France", False),
        ("Rollout Phase II", "Rollout Phase III", False),
        ("Site 21 Ltd", "Site 12 Ltd", False),
        ("Northbeam North", "Northbeam South", False),
        ("Alpha Bank", "Beta Bank", False),
        ("", "", False),
    ],
)  # fmt: skip
def test_names_agree_only_when_they_are_one_name(a: str, b: str, agree: bool) -> None:
    assert names_agree(a, b) is agree
    assert names_agree(b, a) is agree


def test_a_name_of_nothing_but_a_legal_form_keeps_it() -> None:
    assert name_core("GmbH") == "gmbh"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=30) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["amount", "currency", "value", "unit", "id", "system"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(st.sampled_from(list(FieldKind)), JSON)
def test_a_normal_form_is_its_own_normal_form_and_nothing_else_is_raised(kind: FieldKind, value: Any) -> None:
    try:
        once = None if value is None else NORMALISERS[kind](value, Ground())
    except InvalidValueError:
        return
    if once is not None and kind is not FieldKind.LISTING:
        assert NORMALISERS[kind](once, Ground()) == once


@given(st.decimals(min_value="-1e20", max_value="1e20", places=2), st.integers(0, 3))
def test_equal_amounts_have_one_form_whatever_their_scale(amount: Decimal, zeros: int) -> None:
    padded = format(amount, "f") + "0" * zeros
    forms = [normal(Firm.revenue, {"amount": one, "currency": "EUR"}) for one in (amount, padded)]
    assert forms[0] == forms[1]
    assert isinstance(forms[0], dict)
    assert Decimal(forms[0]["amount"]) == amount


@given(st.integers(0, 6000))
def test_minutes_are_hours_to_four_decimals_with_the_source_figure_beside(minutes: int) -> None:
    form = normal(Hour.hours, {"value": str(minutes), "unit": "min"})
    assert isinstance(form, dict)
    assert abs(Decimal(form["value"]) * 60 - minutes) <= Decimal("0.003")
    assert form.get("stated") == f"{minutes} min"


def test_instants_of_early_years_have_four_digits_too() -> None:
    assert instant_text(dt.datetime(1, 1, 1, tzinfo=dt.UTC)) == "0001-01-01T00:00:00.000000Z"


@pytest.mark.parametrize("number", ["INV-2026-0041", "A-B1", "AB-1", "12345", "00042", "a.7/3"])
def test_a_firms_own_number_is_kept_as_delivered(number: str) -> None:
    assert normal(Project.code, number) == normal(Invoice.number, number) == normal(BillingAccount.account_no, number) == number


def test_a_registered_number_loses_its_separators() -> None:
    assert normal(Client.duns, "15-048-3782") == "150483782"


def test_two_codes_that_differ_in_a_separator_are_two() -> None:
    meta = ENTITIES["project"]
    client = str(UUID(int=1))
    keys = [set(match_keys(meta, {"code": code, "client": client})) for code in ("A-B1", "AB-1", "A B1")]
    assert keys[0].isdisjoint(keys[1]) and keys[0] == keys[2]
