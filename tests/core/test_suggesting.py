"""Columns find their fields by words and values; what is ambiguous is left to a person."""

from __future__ import annotations

import pytest

from hub.core.suggesting import suggest_code, suggest_fields
from schema import ENTITIES
from schema.codes import SETS

CRM = {
    "Id": ["1", "2"], "AccountName": ["Acme Ltd", "Borealis"], "BillingStreet": ["Main 1"], "BillingPostalCode": ["10115"],
    "BillingCountry": ["Germany"], "E-Mail": ["a@b.de"], "Blocked": ["Y", "N"], "OwnerId": ["u1"], "Notes": ["call them"],
}  # fmt: skip
PSA = {
    "Date": ["05.03.2026", "06.03.2026"], "Hours": ["7,5", "8,0"], "Employee": ["E1", "E2"], "Project": ["P 1 Cloud", "P 2 Data"],
    "Billable": ["yes", "no"],
}  # fmt: skip


def test_the_columns_of_a_crm_find_the_fields_of_a_client() -> None:
    found = {one.column: (one.field, dict(one.options)) for one in suggest_fields(ENTITIES["client"], CRM, {"Resource": "user"})}
    assert found == {
        "AccountName": ("name", {}), "BillingStreet": ("street", {}), "BillingPostalCode": ("postcode", {}),
        "BillingCountry": ("country", {}), "E-Mail": ("email", {}), "Blocked": ("blocked", {"as": "boolean", "true": "Y", "false": "N"}),
        "OwnerId": ("account_manager", {"reference": "user"}),
    }  # fmt: skip


def test_values_say_how_dates_decimals_and_references_are_spelt() -> None:
    found = {one.field: dict(one.options) for one in suggest_fields(ENTITIES["time_entry"], PSA, {"Resource": "worker", "Project": "job"})}
    assert found == {
        "work_date": {"as": "date", "pattern": "DD.MM.YYYY"}, "quantity": {"as": "quantity", "unit": "hour", "comma": True},
        "resource": {"reference": "worker"}, "project": {"reference": {"object": "job", "by": "name"}},
        "billable": {"as": "boolean", "true": "yes", "false": "no"},
    }  # fmt: skip


def test_an_amount_takes_its_currency_from_the_column_beside_it() -> None:
    found = suggest_fields(ENTITIES["contract"], {"TotalValue": ["1,000.50"], "Currency": ["EUR"]})
    assert {one.field: dict(one.options) for one in found} == {
        "total_value": {"as": "money", "currency_path": "Currency"}, "currency": {},
    }  # fmt: skip


def test_a_column_whose_values_are_of_another_kind_is_not_suggested() -> None:
    assert suggest_fields(ENTITIES["client"], {"Blocked": ["since May", "no idea"]}) == []


@pytest.mark.parametrize(
    ("theirs", "code_set", "ours"),
    [("T&M Time & Materials", "BILLING_METHOD", "time_and_materials"), ("FIXED FEE", "BILLING_METHOD", "fixed_fee"),
     ("hours", "UNIT", "hour"), ("qqq", "BILLING_METHOD", "")],
)  # fmt: skip
def test_a_code_is_suggested_by_likeness_of_its_words(theirs: str, code_set: str, ours: str) -> None:
    assert suggest_code(theirs, SETS[code_set])[0] == ours


def test_what_another_system_of_the_firm_calls_it_counts_as_our_word() -> None:
    assert suggest_code("Regie", SETS["BILLING_METHOD"], {"regie": "time_and_materials"}) == ("time_and_materials", 1.0)
