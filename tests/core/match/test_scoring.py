"""How pairs are judged: levels, symmetry, what is missing, and the named cases stewards know."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.match import (
    ALTERNATIVES, MATCH, NO_MATCH, POSSIBLE_MATCH, Adjustment, Clusters, Model, Rarity, Scored, Spec, bits, blocking_keys, default_model, guards,
    levels, normal_form, partition, score, spec_of, spec_of_columns, zone,
)  # fmt: skip
from schema import ENTITIES

FIRM = spec_of_columns(
    {"name": "organisation", "street": "street", "city": "city", "zip": "postcode", "country": "country", "phone": "phone",
     "site": "website", "vat": "tax_id"}
)  # fmt: skip
PERSON = spec_of_columns(
    {"first": "given_name", "last": "family_name", "born": "date", "mail": "email", "phone": "phone", "street": "street", "zip": "postcode"}
)


def level(kind: str, a: str, b: str) -> str:
    """The level that two values of one column reach."""
    spec = spec_of_columns({"x": kind})
    at = levels(default_model(spec), normal_form(spec, {"x": a}), normal_form(spec, {"x": b}))[0]
    return spec.comparisons[0].levels[at].name if at >= 0 else "not told"


@pytest.mark.parametrize(
    ("kind", "a", "b", "reached"),
    [
        ("organisation", "Acme Ltd", "ACME Limited", "same name"),
        ("organisation", "Acme GmbH", "Acme AG", "same name, other legal form"),
        ("organisation", "Weber Novak", "Novak & Weber", "same words"),
        ("organisation", "Northbeam Consulting", "Northbeem Consulting", "spelled alike"),
        ("organisation", "Beam Coffee", "Northbeam Ltd t/a Beam Coffee", "known under the same name"),
        ("organisation", "Acme Paper Mills", "Acme Paper Mills Holdings", "one has a distinguishing word more"),
        ("organisation", "Acme Paper Mills", "Acme Paper Mills 2", "one has a distinguishing word more"),
        ("organisation", "Acme Paper Mills", "Acme Paper Mills Sonora", "one has more words"),
        ("organisation", "Genuine Products Of Upper Saxo", "Genuine Products Of Upper Saxony GmbH", "spelled alike"),
        ("organisation", "Genuine Products Of Upper Saxony", "Genuine Products Of Upper Saxony Vermietung", "one is cut short"),
        ("organisation", "IBC", "Insular Brick Company", "else"),
        ("organisation", "Insular Brick Works", "IBW", "initials"),
        ("organisation", "Acme", "Zenith", "else"),
        ("organisation", "Acme", "n/a", "not told"),
        ("text", "Data Migration Phase 1", "data migration phase 2", "most words alike"),
        ("text", "Data Migration Phase 1", "Data Migration - Phase 1", "same text"),
        ("phone", "+1 851 525 884", "001851525884", "same"),
        ("phone", "+49 30 1234567", "+49 30 1234568", "one digit apart"),
        ("email", "jo.doe@acme.example", "jo.doe@zenith.example", "same name, other provider"),
        ("website", "https://www.acme.de/en", "acme.com", "same but for the ending"),
        ("tax_id", "DE136695976", "DE 136.695.976", "same"),
        ("tax_id", "DE136695976", "DE136695967", "two digits apart"),
        ("date", "1980-02-03", "1980-03-02", "day and month exchanged"),
        ("date", "1980-02-03", "1980-02-13", "one digit apart"),
        ("number", "100", "99.5", "nearly the same"),
    ],
)
def test_two_values_reach_the_first_level_that_holds(kind: str, a: str, b: str, reached: str) -> None:
    assert level(kind, a, b) == reached


def judged(spec: Spec, a: dict[str, str], b: dict[str, str]) -> Scored:
    return score(default_model(spec), normal_form(spec, a), normal_form(spec, b))


ACME = {"name": "Acme Paper Ltd", "street": "12 Main Street", "city": "Leeds", "zip": "LS1 4AP", "country": "GB", "phone": "+44 113 496 0000"}
BOB = {"first": "Robert", "last": "Smith", "born": "1978-11-12", "mail": "bsmith@work.example", "phone": "702-919-1300", "street": "123 Main St", "zip": "89132"}

SAME = [
    ("nickname", PERSON, BOB, {"first": "Bob", "last": "Smith", "born": "1978-11-12", "phone": "(702) 919-1300"}),
    ("moved address", PERSON, BOB, BOB | {"street": "1515 Adela Lane", "zip": "89111"}),
    ("moved office", FIRM, ACME | {"vat": "GB980780684"}, ACME | {"street": "7 Quay Road", "city": "Hull", "zip": "HU1 1AA", "vat": "GB980780684"}),
    ("given and family name exchanged", PERSON, BOB, BOB | {"first": "Smith", "last": "Robert", "mail": ""}),
    ("trading name", FIRM, ACME, ACME | {"name": "Quillfold Ltd t/a Acme Paper"}),
]

ASK = [
    ("sister company", FIRM, ACME, ACME | {"name": "Acme Paper Holdings Ltd"}, "distinguishing"),
    ("sister in another country", FIRM, ACME, ACME | {"name": "Acme Paper Germany Ltd"}, "distinguishing"),
    ("numbered sister", FIRM, ACME, ACME | {"name": "Acme Paper II Ltd"}, "distinguishing"),
    ("two tax numbers", FIRM, ACME | {"vat": "GB980780684"}, ACME | {"vat": "GB333289454"}, "identifiers"),
    ("twins", PERSON, BOB, BOB | {"first": "Patricia", "mail": ""}, "given_name"),
    ("father and son by date", PERSON, BOB, BOB | {"born": "2003-05-30"}, "birth_date"),
    ("father and son by suffix", PERSON, BOB | {"last": "Smith Sr", "born": ""}, BOB | {"last": "Smith Jr", "born": ""}, "generation"),
]

APART = [
    ("shared telephone", PERSON, BOB, {"first": "Ingrid", "last": "Olsen", "phone": "702-919-1300"}),
    ("role mailbox", PERSON, BOB | {"mail": "info@work.example"}, {"first": "Ingrid", "last": "Olsen", "mail": "info@work.example"}),
    ("namesake", PERSON, BOB, {"first": "Robert", "last": "Smith", "born": "1991-03-04", "street": "9 Elm Road", "zip": "10001"}),
    ("neighbour", FIRM, ACME, ACME | {"name": "Zenith Bakery", "phone": ""}),
]


@pytest.mark.parametrize(("spec", "a", "b"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
def test_what_is_the_same_scores_above_even_odds_unguarded(spec: Spec, a: dict[str, str], b: dict[str, str]) -> None:
    found = judged(spec, a, b)
    assert (found.weight > 0, found.guards) == (True, ())


@pytest.mark.parametrize(("spec", "a", "b", "guard"), [case[1:] for case in ASK], ids=[case[0] for case in ASK])
def test_what_is_related_is_never_linked_by_itself(spec: Spec, a: dict[str, str], b: dict[str, str], guard: str) -> None:
    found = judged(spec, a, b)
    assert guard in {one.kind for one in found.guards}
    certain = found._replace(weight=100.0, probability=1.0)
    assert zone(default_model(spec), certain) == POSSIBLE_MATCH


@pytest.mark.parametrize(("spec", "a", "b"), [case[1:] for case in APART], ids=[case[0] for case in APART])
def test_what_is_shared_by_many_makes_nobody_the_same(spec: Spec, a: dict[str, str], b: dict[str, str]) -> None:
    assert judged(spec, a, b).weight < 0


def test_a_shared_tax_number_waives_the_guards_of_names() -> None:
    one = ACME | {"vat": "GB980780684"}
    assert judged(FIRM, one, one | {"name": "Acme Paper Holdings Ltd"}).guards == ()


WORDS = st.sampled_from(["acme", "north", "paper", "holding", "müller", "2", "gmbh", "ltd", "systems", "novak", "novack", "phase"])
NAMES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
FIRMS = st.fixed_dictionaries(
    {}, optional={"name": NAMES, "street": st.sampled_from(["1 Main St", "2 Main St", "1 Maine Street"]), "city": st.sampled_from(["Leeds", "Hull"]),
                  "zip": st.sampled_from(["LS1", "LS2"]), "phone": st.sampled_from(["0113496000", "0113496001"]), "vat": st.sampled_from(["GB980780684", "GB333289454"])}
)  # fmt: skip


@given(FIRMS, FIRMS)
def test_a_score_is_symmetric_and_its_parts_add_up(a: dict[str, str], b: dict[str, str]) -> None:
    model, x, y = default_model(FIRM), normal_form(FIRM, a), normal_form(FIRM, b)
    found, other = score(model, x, y), score(model, y, x)
    assert found.weight == pytest.approx(other.weight, abs=1e-9)
    assert found.weight == pytest.approx(bits(model, x, y), abs=1e-9)
    assert found.weight == pytest.approx(sum(part.weight for part in found.parts), abs=1e-9)
    assert {one.kind for one in found.guards} == {one.kind for one in other.guards}


@given(FIRMS, FIRMS, st.sampled_from(["phone", "site", "vat"]))
def test_what_one_side_does_not_state_counts_neither_way(a: dict[str, str], b: dict[str, str], missing: str) -> None:
    model = default_model(FIRM)
    without = {name: value for name, value in a.items() if name != missing}
    neither = {name: value for name, value in b.items() if name != missing}
    assert bits(model, normal_form(FIRM, without), normal_form(FIRM, b)) == bits(model, normal_form(FIRM, without), normal_form(FIRM, neither))


@given(FIRMS, st.randoms())
def test_keys_depend_on_what_is_stated_and_on_nothing_else(a: dict[str, str], random: Any) -> None:
    items = list(a.items())
    random.shuffle(items)
    keys = [blocking_keys(FIRM, normal_form(FIRM, told), {}) for told in (a, dict(items))]
    assert keys[0] == keys[1] == tuple(sorted(set(keys[0])))
    assert all(-(2**63) <= key < 2**63 for key in keys[0])


def test_a_model_survives_its_document() -> None:
    rarity, worth = Rarity({"acme": 310}, 900), Adjustment({"smith": -2.5}, 0.5)
    model = replace(
        default_model(PERSON), version=3, priors=(-9.0, 1.0, 2.0), frequencies={"first_bag": rarity}, adjustments={"first_family": worth},
        source_bits=((-1.0, 0.5, 0.25), (0.0, 0.0, 0.0)), threshold_auto=9.5,
    )  # fmt: skip
    assert Model.from_json(PERSON, json.loads(json.dumps(model.to_json()))) == model
    assert len(ALTERNATIVES) == len(model.priors)


@pytest.mark.parametrize("name", [name for name, meta in ENTITIES.items() if meta.compare])
def test_every_declared_comparison_can_be_judged(name: str) -> None:
    spec = spec_of(ENTITIES[name])
    assert spec is not None
    assert {one.kind.value for one in spec.comparisons} <= {feature.kind.value for feature in spec.features}
    for comparison in spec.comparisons:
        assert {test.part for level in comparison.levels for test in level.tests} | set(comparison.needs) <= set(spec.columns)
        assert comparison.levels[-1].tests == ()


@pytest.mark.parametrize(
    ("weight", "rivals", "situation", "expected"),
    [
        (13.0, (), "new", MATCH),
        (13.0, (8.0,), "new", POSSIBLE_MATCH),
        (13.0, (2.0,), "new", MATCH),
        (13.0, (), "confirmed", POSSIBLE_MATCH),
        (5.0, (), "new", POSSIBLE_MATCH),
        (-9.0, (), "new", NO_MATCH),
    ],
)
def test_a_zone_depends_on_score_rivals_and_situation(weight: float, rivals: tuple[float, ...], situation: str, expected: str) -> None:
    assert zone(default_model(FIRM), Scored(weight, 0.5, (), ()), rivals, situation) == expected


def test_groups_refuse_two_tax_numbers_however_long_the_chain() -> None:
    groups = Clusters[str](strong={"a": ["vat|DE|136695976"], "d": ["vat|DE|811569869"]})
    assert [groups.join(*pair) for pair in ("ab", "bc", "cd")] == ["", "", "vat|DE|136695976 and vat|DE|811569869"]
    assert sorted(map(sorted, groups.groups("abcd"))) == [["a", "b", "c"], ["d"]]


def test_not_the_same_is_inherited_by_groups() -> None:
    groups = Clusters[str]()
    groups.apart("a", "d")
    groups.join("a", "b")
    groups.join("c", "d")
    assert groups.join("b", "c") == "not the same"


def test_a_system_without_duplicates_gives_a_group_one_record() -> None:
    groups = Clusters[str](sources={"a": "crm", "b": "erp", "c": "crm"})
    assert (groups.join("a", "b"), groups.join("b", "c")) == ("", "two records of crm")


def test_one_strong_pair_does_not_chain_two_groups() -> None:
    pairs = [("a", "b", 9.0), ("c", "d", 9.0), ("b", "c", 5.0), ("a", "c", -4.0), ("a", "d", -4.0), ("b", "d", -4.0)]
    groups = Clusters[str]()
    partition(pairs, groups)
    assert sorted(map(sorted, groups.groups("abcd"))) == [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize("word", ["Scotland", "Texas", "Bavaria", "Zürich", "Quebec"])
def test_a_part_of_a_country_tells_sister_companies_apart(word: str) -> None:
    spec = spec_of_columns({"name": "organisation"})
    a, b = (normal_form(spec, {"name": name}) for name in ("Foxglove Printing Ltd", f"Foxglove Printing {word} Ltd"))
    assert [guard.kind for guard in guards(default_model(spec), a, b)] == ["distinguishing"]
