"""What each kind's normal form keeps and leaves out."""

from __future__ import annotations

from typing import Any

import pytest

from hub.core.match import normal_form, spec_of, spec_of_columns
from schema import ENTITIES


def form(kind: str, value: Any) -> dict[str, Any]:
    """The form of one column, its prefix left out."""
    made = normal_form(spec_of_columns({"x": kind}), {"x": value})
    return {name.removeprefix("x_"): part for name, part in made.items()}


@pytest.mark.parametrize(
    ("name", "tokens", "marks", "legal"),
    [
        ("ACME Müller GmbH & Co. KG", ["acme", "muller"], "", "gmbhcokg"),
        ("Acme Holdings II, Private Limi", ["acme", "holding", "2"], "2 holding", None),
        ("Acme Sociedad Limi", ["acme"], "", None),
        ("The I.B.M. Corporation", ["ibm"], "", None),
        ("Acme Intl Svcs - DO NOT USE", ["acme", "international", "service"], "international service", None),
        ("Koninklijke Philips N.V.", ["koninklijke", "philips"], "", "nv"),
        ("Ltd", ["ltd"], "", "ltd"),
    ],
)
def test_a_firms_name_is_its_words_without_legal_form(name: str, tokens: list[str], marks: str, legal: str | None) -> None:
    made = form("organisation", name)
    assert (made["tokens"], made["marks"], made.get("legal")) == (tokens, marks, legal)


def test_a_trading_name_is_another_name_of_the_firm() -> None:
    assert form("organisation", "Northbeam Ltd t/a Beam Coffee")["known"] == ["beamcoffee", "northbeam"]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("Smith, Mr. Bob", {"given": "bob", "family": "smith", "nick": "robert", "bag": "bob smith"}),
        ("Robert Smith Jr.", {"given": "robert", "family": "smith", "nick": "robert", "bag": "robert smith", "suffix": "jr"}),
        ("Madonna", {"family": "madonna", "bag": "madonna"}),
    ],
)
def test_a_whole_name_is_given_and_family_name(told: str, said: dict[str, str]) -> None:
    assert form("person", told) == said


@pytest.mark.parametrize("written", ["+49 30 1234567", "0049301234567", "+49 (0)30 1234567", "tel:+49-30-123 4567"])
def test_a_telephone_is_one_however_it_is_written(written: str) -> None:
    assert form("phone", written)["tail"] == "301234567"


@pytest.mark.parametrize("written", ["0000000", "123", "-", "99999999"])
def test_fillers_are_no_telephone(written: str) -> None:
    assert form("phone", written) == {}


def test_a_role_mailbox_names_nobody_and_a_free_provider_no_employer() -> None:
    assert form("email", "info@acme.example") == {"address": "info@acme.example", "host": "acme.example"}
    assert form("email", "Jo.Doe@gmail.com") == {"address": "jo.doe@gmail.com", "local": "jodoe"}


@pytest.mark.parametrize(
    ("told", "day"), [("1980-02-01", "19800201"), ("2/1/1980", "19800201"), ("1.2.1980", "19800201"), ("13/2/1980", "19800213"),
                      ("19800201", "19800201"), ("1 February 1980", "19800201"), ("soon", None)],
)  # fmt: skip
def test_a_day_is_one_however_it_is_written(told: str, day: str | None) -> None:
    assert form("date", told).get("day") == day


def test_street_and_house_are_read_apart_and_the_floor_is_left_out() -> None:
    spec = spec_of_columns({"street": "street", "city": "city", "zip": "postcode"})
    one = normal_form(spec, {"street": "12b Main Street, Suite 400", "city": "St. Louis", "zip": "63-101"})
    other = normal_form(spec, {"street": "12B MAIN ST", "city": "Saint Louis", "zip": "63101"})
    assert one == other
    assert one["street_house"] == "12"


@pytest.mark.parametrize("empty", [None, "", " ", "n/a", "unknown", "-"])
@pytest.mark.parametrize("kind", ["organisation", "person", "address", "phone", "email", "website", "tax_id", "identifier", "date", "number", "text"])
def test_a_placeholder_states_nothing(kind: str, empty: str | None) -> None:
    assert form(kind, empty) == {}


def test_a_group_number_neither_links_nor_contradicts() -> None:
    spec = spec_of(ENTITIES["client"])
    assert spec is not None
    own = {"country": "DE", "scheme": "vat", "number": "DE136695976"}
    assert normal_form(spec, {"tax_registrations": [own]})["tax_registrations_strong"] == ["vat|DE|136695976"]
    shared = normal_form(spec, {"tax_registrations": [own | {"group_registration": True}]})
    assert shared == {}


def test_a_number_with_a_wrong_check_digit_contradicts_nothing() -> None:
    spec = spec_of(ENTITIES["client"])
    assert spec is not None
    wrong = normal_form(spec, {"tax_registrations": [{"country": "DE", "scheme": "vat", "number": "DE136695977"}], "lei": "529900T8BM49AURSDO56"})
    assert {name: part for name, part in wrong.items() if name.endswith("_strong")} == {}


def test_a_reference_is_compared_once_it_is_resolved() -> None:
    spec = spec_of(ENTITIES["contact"])
    assert spec is not None
    told = {"client": {"system": "crm", "id": "7"}}
    assert normal_form(spec, told) == {}
    assert normal_form(spec, told, lambda reference, entity: f"{entity} {reference['id']}") == {"client_id": "client 7"}
