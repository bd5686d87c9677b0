"""The model as declared: complete, consistent, typed."""

from __future__ import annotations

import pytest

import schema
from schema import CODE_SETS, ENTITIES, MODEL, entity
from schema.check import SUFFIXES, problems_of
from schema.codes import SETS, PaymentTerms, payment_terms
from schema.dictionary import KIND_WORDS
from schema.event_schemas import EXAMPLES, JSON_TYPES
from schema.invoice import CreditMemo, Invoice
from schema.kinds import FieldKind
from schema.language import (
    IGNORE, KEYED, PROPOSE, R2, REFERENCE, REJECT, TRANSACTION, Entity, code, facet, lock, reference, states, text,
)  # fmt: skip
from schema.systems import BILL, CRM, ERP, PSA
from schema.time_entry import TimeEntry


def test_the_model_has_no_problems() -> None:
    assert schema.problems() == []


@pytest.mark.parametrize("table", [SUFFIXES, KIND_WORDS, JSON_TYPES, EXAMPLES], ids=["columns", "words", "json", "examples"])
def test_every_kind_of_field_appears_in_every_table(table: dict[FieldKind, object]) -> None:
    assert set(table) == set(FieldKind)


def test_an_entity_is_found_by_its_name_and_by_its_type() -> None:
    assert entity("time_entry") is entity("TimeEntry") is TimeEntry.meta
    with pytest.raises(KeyError):
        entity("timeentry")


@pytest.mark.parametrize(
    ("name", "owner", "policy", "risk"),
    [
        ("client.legal_name", (ERP, BILL, CRM), PROPOSE, "R2"),
        ("client.postcode", (CRM, ERP, PSA), PROPOSE, "R1"),
        ("billing_account.payment_terms", (ERP, BILL, CRM), PROPOSE, "R2"),
        ("project.currency", (PSA, ERP, "hub"), REJECT, "R1"),
        ("time_entry.quantity", (PSA,), REJECT, "R1"),
        ("time_entry.billing_state", (BILL, ERP), REJECT, "R1"),
        ("invoice.open_amount", (ERP,), REJECT, "R1"),
        ("contract_line.revenue_method", (ERP,), PROPOSE, "R2"),
        ("task.name", (PSA,), IGNORE, "R1"),
    ],
)
def test_owner_policy_and_risk_come_from_field_group_or_family(
    name: str, owner: tuple[str, ...], policy: str, risk: str
) -> None:
    entity_name, _, field_name = name.partition(".")
    field = ENTITIES[entity_name].fields[field_name]
    assert (field.owner, field.policy, field.risk) == (owner, policy, risk)


def test_a_shape_gives_each_entity_its_own_fields_groups_and_locks() -> None:
    assert Invoice.net is not CreditMemo.net
    assert (Invoice.net.entity, CreditMemo.net.entity) == (Invoice, CreditMemo)
    assert CreditMemo.meta.groups["settlement"].members == (CreditMemo.open_amount, CreditMemo.paid_on)
    assert CreditMemo.open_amount.group is CreditMemo.meta.groups["settlement"]
    assert Invoice.bill_to_name in Invoice.meta.locks[0].fields
    assert Invoice.meta.key == (Invoice.legal_entity, Invoice.series, Invoice.fiscal_year, Invoice.number)
    assert Invoice.meta.interfaces == CreditMemo.meta.interfaces == ("ReceivableDocument",)


def test_every_reference_inside_a_listing_names_its_target() -> None:
    allocations = ENTITIES["invoice_line"].fields["allocations"]
    assert allocations.items == {"billable_item": FieldKind.REFERENCE, "amount": FieldKind.MONEY}
    assert allocations.item_targets == {"billable_item": "BillableItem"}


def test_states_of_entities_are_code_sets_too() -> None:
    assert [*CODE_SETS["PROJECT_STATE"].values] == [
        "draft", "planned", "active", "on_hold", "completed", "closed", "cancelled",
    ]  # fmt: skip
    assert ENTITIES["time_entry"].fields["state"].codes == "APPROVAL_STATE"


def test_code_sets_hold_the_values_of_the_specification() -> None:
    assert [*SETS["WRITE_OFF"].values] == ["write_down", "goodwill", "overrun", "rate_error", "bad_debt", "not_billable"]
    assert SETS["TAX_CATEGORY"].allows("reverse_charge")
    assert not SETS["TAX_CATEGORY"].allows("19%")
    assert SETS["INDUSTRY"].allows("whatever the firm lists")
    assert not SETS["CURRENCY"].allows("Euro")


@pytest.mark.parametrize(
    ("code", "terms"),
    [
        ("NET0", PaymentTerms(0)),
        ("NET30", PaymentTerms(30)),
        ("NET30EOM", PaymentTerms(30, end_of_month=True)),
        ("2/10NET30", PaymentTerms(30, discount_percent="2", discount_days=10)),
        ("1.5/14NET45EOM_RECEIPT", PaymentTerms(45, True, "1.5", 14, "receipt")),
    ],
)
def test_payment_terms_are_read_from_their_code_and_written_back(code: str, terms: PaymentTerms) -> None:
    assert payment_terms(code) == terms
    assert terms.code == code


@pytest.mark.parametrize("code", ["", "30", "net30", "NET", "NET30X", "2/NET30", "N30"])
def test_other_words_are_not_payment_terms(code: str) -> None:
    assert payment_terms(code) is None


class Parent(Entity, family=KEYED, origins=CRM, plural="parents", ents=tuple(range(1, 41))):
    """A sound entity."""

    name = text(doc="Name.", required=True)
    states = states("draft > done")


def test_a_broken_model_is_described_in_words() -> None:
    class Broken(Entity, family=TRANSACTION, origins=(PSA, ERP), plural="broken"):
        """Everything wrong at once."""

        name = text(owner=PSA, required=True)
        id = text(doc="Reserved.")
        colour = code("COLOUR", doc="No such set.")
        parent = reference("Parent", required=True, doc="Fine.")
        friend = reference("Nobody", doc="No such entity.")
        amount_currency = text(doc="One column twice.")
        amount = schema.language.money(doc="One column twice.")
        first = facet(name, owner=PSA, doc="A facet.")
        second = facet(name, owner=ERP, doc="Another with the same field.")
        locks = (lock(colour, states=("gone",), via="parent", remedy="None."),)
        key = (TimeEntry.quantity,)

    assert problems_of((Broken, Parent), SETS | {"PARENT_STATE": CODE_SETS["PROJECT_STATE"]}) == [
        "broken: singular and plural are the same word",
        "broken.amount_currency: two fields make this column",
        "broken.id: the name is reserved",
        "broken.name: has no doc",
        "broken.colour: there is no code set COLOUR",
        "broken.friend: there is no entity Nobody",
        "broken.name: is required, but an origin of the entity may not speak for it",
        "broken: key names TimeEntry.quantity, which is not its own",
        "broken.name: is in two groups",
        "broken: parent has no state gone",
        "parent: its code set has no state done",
        "broken.parent: requires Parent, which stands later in the model",
    ]


def test_a_gap_in_the_entities_asked_for_is_a_problem() -> None:
    class Alone(Entity, family=REFERENCE, origins=ERP, plural="alones", ents=tuple(range(1, 40))):
        """Leaves out ENT-40."""

        name = text(risk=R2, doc="Name.")

    assert problems_of((Alone,), SETS) == ["ENT-40: no entity declares it"]


def test_locks_of_lines_go_by_the_state_of_their_contract() -> None:
    (closed,) = ENTITIES["contract_line"].locks
    assert (closed.via, closed.state_field, "signed" in closed.states) == ("contract", "state", True)


def test_the_model_declares_each_entity_once() -> None:
    assert len({cls.meta.name for cls in MODEL}) == len(MODEL) == len(ENTITIES)
