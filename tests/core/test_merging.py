"""The registry of references, vetoes and risk of a merge: complete by the model, by the database, and readable."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub.core.merging import REFERENCES, Facts, Treatment, as_given, declared_references, is_mergeable, printed_fields, risk_of_merge, vetoes
from schema import ENTITIES
from schema.fields import Risk
from schema.kinds import FieldKind
from tests.conftest import Database

A, B = UUID(int=1), UUID(int=2)
CLIENT = ENTITIES["client"]


def test_every_reference_of_the_model_says_what_a_merge_does_to_it() -> None:
    assert {(one.entity, one.field, one.item, one.target) for one in REFERENCES} == declared_references(ENTITIES.values())
    assert len(REFERENCES) == len({(one.entity, one.field, one.item) for one in REFERENCES})


def test_a_reference_follows_exactly_when_its_target_can_be_merged() -> None:
    assert [one for one in REFERENCES if (one.treatment is Treatment.FOLLOWS) != is_mergeable(ENTITIES[one.target])] == []


async def test_the_foreign_keys_of_the_golden_tables_are_the_references_that_have_a_column(database: Database) -> None:
    connection = await asyncpg.connect(database.owner_url)
    rows = await connection.fetch(
        "SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent, conkey, a.attname AS column "
        "FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[2] "
        "WHERE contype = 'f' AND connamespace = 'golden'::regnamespace"
    )
    await connection.close()
    known = {(row["child"].removeprefix("golden."), row["column"].removesuffix("_id"), row["parent"].removeprefix("golden.")) for row in rows}
    with_column = {
        (one.entity, one.field, one.target) for one in REFERENCES
        if not one.item and ENTITIES[one.entity].fields[one.field].kind is FieldKind.REFERENCE
    }  # fmt: skip
    assert known == with_column


def test_issued_documents_keep_what_was_printed() -> None:
    for entity in ("invoice", "credit_memo"):
        assert {"bill_to_name", "bill_to_address", "bill_to_country", "bill_to_tax_number"} <= set(printed_fields()[entity])
        assert all(ENTITIES[entity].fields[name].kind is not FieldKind.REFERENCE for name in printed_fields()[entity])


def vat(number: str, **more: Any) -> dict[str, Any]:
    return {"tax_registrations": [{"country": number[:2], "scheme": "vat", "number": number, **more}]}


@pytest.mark.parametrize(
    ("left", "right", "kinds"),
    [
        (vat("DE136695976"), vat("DE811569869"), ["different_tax_number"]),
        (vat("DE136695976"), vat("DE136695976"), []),
        (vat("DE136695976"), vat("FR40303265045"), []),
        (vat("DE136695976", group_registration=True), vat("DE811569869"), []),
        (vat("DE000000000"), vat("DE811569869"), []),
        ({"registration_no": "HRB 1", "country": "DE"}, {"registration_no": "HRB 2", "country": "AT"}, []),
        ({"registration_no": "HRB 1", "country": "DE"}, {"registration_no": "HRB 2", "country": "DE"}, ["different_registration_no"]),
        ({"lei": "529900T8BM49AURSDO55"}, {"lei": "5493001KJTIIGC8Y1R12"}, ["different_lei"]),
        ({"kind": "pseudo"}, {"kind": "intercompany"}, ["pseudo_client", "own_legal_entity"]),
    ],
)  # fmt: skip
def test_what_forbids_joining_two_clients(left: dict[str, Any], right: dict[str, Any], kinds: list[str]) -> None:
    assert [one.kind for one in vetoes(CLIENT, {A: left, B: right}, {})] == kinds


def test_projects_with_items_or_another_currency_stay_apart() -> None:
    project = ENTITIES["project"]
    both = {A: {"currency": "EUR", "legal_entity": "x"}, B: {"currency": "USD", "legal_entity": "y"}}
    assert [one.kind for one in vetoes(project, both, {})] == ["different_currency", "different_legal_entity"]
    busy = Facts({}, {}, items=1)
    assert [one.kind for one in vetoes(project, {A: {}, B: {}}, {A: busy, B: busy})] == ["both_have_items"]
    assert vetoes(project, {A: {}, B: {}}, {A: busy}) == []


def test_money_and_protection_ask_for_a_second_person() -> None:
    nothing = Facts({}, {})
    assert risk_of_merge({A: {}, B: {}}, {A: nothing, B: nothing}) == (Risk.R1, ())
    assert risk_of_merge({A: {"name": "Acme", "protected": True}, B: {}}, {}) == (Risk.R2, ("Acme is protected",))
    owing = Facts({"EUR": Decimal("12.00")}, {"EUR": Decimal(1)}, signed_contracts=1)
    assert risk_of_merge({A: {"name": "Acme"}}, {A: owing}) == (
        Risk.R2, ("Acme has open receivables", "Acme has unbilled items", "Acme has a signed contract"),
    )  # fmt: skip


def test_a_picked_reference_is_stated_by_id_so_that_it_follows_later_merges() -> None:
    assert as_given(ENTITIES["engagement"], "projects", ["p1"]) == [{"id": "p1"}]
    assert as_given(ENTITIES["contract_line"], "funding", [{"payer": "c1", "share": "50"}]) == [{"payer": {"id": "c1"}, "share": "50"}]
    assert as_given(CLIENT, "seat", {"city": "Ulm"}) == {"city": "Ulm"}
