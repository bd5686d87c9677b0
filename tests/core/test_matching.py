"""What links an unknown record by itself, what asks a person, and what stays apart."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hub.core.matching import Candidate, match, match_all, match_keys, tax_numbers
from hub.core.records import Contribution
from schema.client import Client
from schema.systems import ERP, PSA
from tests.core.build import HOUR, PARENT, PARENT_ID, a_contribution, resolve

CLIENT = Client.meta
A, B = UUID(int=1), UUID(int=2)
LEI, DUNS = "529900T8BM49AURSDO55", "150483782"


def a_client(values: dict[str, Any], **how: Any) -> Contribution:
    return a_contribution(values, entity="client", **how)


def known(golden_id: UUID = A, systems: tuple[str, ...] = ("crm",), **values: Any) -> Candidate:
    return Candidate(golden_id, values, frozenset(systems))


def test_keys_are_valid_identifiers_in_one_spelling() -> None:
    values = {"name": "A", "lei": LEI.lower(), "duns": "15-048-3782", "registration_no": "552 100 554", "country": "FR"}
    assert match_keys(CLIENT, values) == (f"duns:{DUNS}", f"lei:{LEI}", "registration+country:552100554|fr")
    assert match_keys(CLIENT, {"name": "A", "lei": LEI[:-1] + "4", "duns": "000000000"}) == ()
    assert match_keys(CLIENT, {"name": "various", "kind": "pseudo", "lei": LEI}) == ()


def test_a_valid_identifier_with_an_agreeing_name_links() -> None:
    decision = match(CLIENT, a_client({"name": "ACME Ltd", "lei": LEI}, system="erp"), [known(name="Acme GmbH", lei=LEI)])
    assert (decision.kind, decision.golden_id, decision.rule) == ("match", A, "lei")
    by_legal_name = a_client({"name": "Kitchen", "legal_name": "ACME Ltd", "lei": LEI}, system="erp")
    assert match(CLIENT, by_legal_name, [known(name="Acme", lei=LEI)]).kind == "match"


def test_an_identifier_whose_name_differs_asks_a_person() -> None:
    decision = match(CLIENT, a_client({"name": "ACME Holdings", "lei": LEI}, system="erp"), [known(name="ACME", lei=LEI)])
    assert (decision.kind, decision.golden_id, decision.opens) == ("possible_match", A, True)
    assert [one.finding for one in decision.evidence] == ["name differs"]


def test_a_second_identifier_that_contradicts_asks_a_person() -> None:
    unknown = a_client({"name": "ACME", "lei": LEI, "duns": DUNS}, system="erp")
    assert match(CLIENT, unknown, [known(name="ACME", lei=LEI, duns="804735132")]).kind == "possible_match"


def test_two_golden_records_matched_by_different_rules_ask_a_person() -> None:
    unknown = a_client({"name": "ACME", "lei": LEI, "duns": DUNS}, system="erp")
    decision = match(CLIENT, unknown, [known(A, name="ACME", lei=LEI), known(B, name="ACME", duns=DUNS)])
    assert decision.kind == "possible_match"
    assert {one.golden_id for one in decision.evidence} == {A, B}


def test_name_domain_phone_and_email_never_link() -> None:
    values: dict[str, Any] = {"name": "ACME", "domain": "acme.example", "phone": "+4930123456", "email": "info@acme.example"}
    decision = match(CLIENT, a_client(values, system="erp"), [Candidate(A, values, frozenset({"crm"}))])
    assert (decision.kind, decision.opens, decision.evidence) == ("no_match", True, ())


def test_what_a_person_said_it_is_not_stays_apart() -> None:
    decision = match(CLIENT, a_client({"name": "ACME", "lei": LEI}, system="erp"), [known(name="ACME", lei=LEI)], barred=[A])
    assert (decision.kind, decision.opens) == ("no_match", True)


def test_a_tax_number_links_sisters_never_by_their_group_registration() -> None:
    own = [{"country": "DE", "scheme": "vat", "number": "DE136695976"}]
    shared = [{**own[0], "group_registration": True}]
    candidate = known(name="ACME GmbH", tax_registrations=own)
    assert match(CLIENT, a_client({"name": "Acme", "tax_registrations": own}, system="erp"), [candidate]).kind == "match"
    assert match(CLIENT, a_client({"name": "Acme", "tax_registrations": shared}, system="erp"), [candidate]).kind == "no_match"
    assert tax_numbers({"tax_registrations": [{"country": "DE", "number": "136 695 976"}, {"country": "DE", "number": "1"}]}) == ["DE136695976"]


# --------------------------------------------------------------------------------------------------------------- batch


def test_unknowns_of_one_batch_are_candidates_for_each_other_and_origins_come_first() -> None:
    psa = a_client({"name": "Acme", "lei": LEI}, system="psa")
    crm = a_client({"name": "ACME", "lei": LEI, "duns": DUNS}, system="crm")
    erp = a_client({"name": "ACME Ltd", "duns": DUNS}, system="erp")
    decisions = match_all(CLIENT, [psa, crm, erp], [])
    assert [(one.kind, one.same_as, one.opens) for one in decisions] == [
        ("match", 1, False), ("no_match", -1, True), ("match", 1, False),
    ]  # fmt: skip


def test_a_kind_that_is_no_origin_opens_nothing() -> None:
    decision = match(CLIENT, a_client({"name": "ACME", "lei": LEI}, system="psa"), [])
    assert (decision.kind, decision.opens) == ("no_match", False)


# -------------------------------------------------------------------------------------------------------- business keys


def an_hour(system: str, id: str, value: str = "2") -> Contribution:
    values = {"day": "2026-05-17", "hours": {"value": value, "unit": "hour"}, "project": PARENT}
    return a_contribution(values, system=system, id=int(id), entity="hour")


def test_business_keys_pair_records_of_different_systems_one_to_one() -> None:
    golden = {"day": "2026-05-17", "hours": {"value": "2", "unit": "hour"}, "project": PARENT_ID}
    two = [Candidate(A, golden, frozenset({"psa"})), Candidate(B, golden, frozenset({"psa"}))]
    copies = [an_hour("erp", "1"), an_hour("erp", "2"), an_hour("erp", "3"), an_hour("erp", "4", "3")]
    decisions = match_all(HOUR, copies, two, resolve=resolve)
    assert [(one.kind, one.golden_id) for one in decisions] == [
        ("match", A), ("match", B), ("no_match", None), ("no_match", None),
    ]  # fmt: skip


def test_inside_one_system_two_alike_are_two_records() -> None:
    decisions = match_all(HOUR, [an_hour("psa", "1"), an_hour("psa", "2"), an_hour("erp", "3")], [], resolve=resolve)
    assert [(one.kind, one.same_as, one.opens) for one in decisions] == [
        ("no_match", -1, True), ("no_match", -1, True), ("match", 0, False),
    ]  # fmt: skip


def test_a_key_with_a_part_missing_or_unresolved_is_no_key() -> None:
    values = {"day": "2026-05-17", "hours": {"value": "2", "unit": "hour"}, "project": PARENT}
    assert match_keys(HOUR, values, resolve) == (f"key:project+day+hours:{PARENT_ID}|2026-05-17|2 hour",)
    assert match_keys(HOUR, {**values, "project": {**PARENT, "id": "Q"}}, resolve) == ()
    assert match_keys(HOUR, {**values, "day": None}, resolve) == ()


def test_who_may_open_can_be_said_by_the_caller() -> None:
    hours = [an_hour("erp", "1"), an_hour("psa", "2")]
    decisions = match_all(HOUR, hours, [], resolve=resolve, may_open=lambda one: one.kind is ERP)
    assert [(one.opens, one.same_as) for one in decisions] == [(True, -1), (False, 0)]
    assert hours[1].kind is PSA
