"""Golden = f(contributions, decisions, policy, at): who decides each field, and what is said about it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.alternates import alternates
from hub.core.fold import fold, wrote
from hub.core.policy import FieldPolicy, Policy, from_json
from hub.core.records import Contribution, Decision, Lineage
from hub.core.strategies import STRATEGIES, canonical_json
from hub.core.survivorship import Survival, survive_all
from schema.language import ACCEPT_IF_EMPTY
from schema.rules import Strategy, longest
from schema.systems import CRM, ERP
from tests.core.build import (
    FIRM, GOLDEN, HOUR, KINDS, NOON, PARENT, PARENT_ID, a_contribution, a_reading, an_override, euros, golden_of, resolve,
)  # fmt: skip

LATER = NOON + dt.timedelta(days=1)


def test_every_strategy_but_custom_is_a_function() -> None:
    assert set(STRATEGIES) | {Strategy.CUSTOM} == set(Strategy)


# ------------------------------------------------------------------------------------------------------------- owners


def test_the_first_owner_that_holds_the_record_decides() -> None:
    golden = golden_of(a_contribution({"name": "ERP Ltd"}, system="erp"), a_contribution({"name": "ACME"}, system="crm"))
    assert (golden.values, golden.lineage) == ({"name": "ACME"}, {"name": Lineage(10, 0, "owner", False)})


def test_while_the_owner_holds_no_record_the_next_speaks_provisionally() -> None:
    golden = golden_of(a_contribution({"name": "ERP Ltd"}, system="erp"))
    assert (golden.values, golden.lineage["name"]) == ({"name": "ERP Ltd"}, Lineage(12, 0, "owner", True))


def test_an_owner_that_does_not_carry_the_field_lets_the_next_speak() -> None:
    golden = golden_of(a_contribution({"name": "A"}), a_contribution({"street": "Ring 1"}, system="erp"))
    assert golden.values == {"name": "A", "street": "Ring 1"}
    assert golden.lineage["street"].provisional


def test_an_owner_that_says_empty_wins_with_empty() -> None:
    golden = golden_of(a_contribution({"name": "A", "lei": None}, system="erp"), a_contribution({"lei": "529900T8BM49AURSDO55"}))
    assert "lei" not in golden.values
    assert golden.lineage["lei"] == Lineage(12, 0, "owner", False)


def test_a_kind_that_is_no_owner_is_never_heard() -> None:
    golden = golden_of(a_contribution({"name": "A"}), a_contribution({"motto": "x", "street": "y"}, system="bill"))
    assert golden.values == {"name": "A"}


def test_of_two_systems_of_one_kind_the_scope_decides_never_the_newest() -> None:
    first = a_contribution({"name": "EU"}, system="crm", rank=1, message=1)
    second = a_contribution({"name": "US"}, system="crm_us", rank=0, message=9)
    assert golden_of(first, second).values["name"] == "US"
    second.scope_rank = 2
    assert golden_of(first, second).values["name"] == "EU"


def test_of_two_records_of_one_system_the_primary_speaks() -> None:
    alternate, primary = a_contribution({"name": "old"}, id=1), a_contribution({"name": "new"}, id=2)
    alternate.role = "alternate"
    assert golden_of(alternate, primary).lineage["name"].source_id == 2


def test_an_invalid_identifier_never_wins_against_a_valid_one() -> None:
    wrong = a_contribution({"name": "A", "lei": "529900T8BM49AURSDO54"}, system="erp")
    right = a_contribution({"lei": "529900T8BM49AURSDO55"})
    assert golden_of(wrong, right).values["lei"] == "529900T8BM49AURSDO55"
    assert golden_of(wrong).values["lei"] == "529900T8BM49AURSDO54"
    assert golden_of(wrong, a_contribution({"lei": None})).values["lei"] == "529900T8BM49AURSDO54"


def test_accept_if_empty_lets_others_fill_what_the_owner_left_empty() -> None:
    owner = a_contribution({"name": "A", "duns": None}, system="erp")
    golden = golden_of(owner, a_contribution({"duns": "150483782"}, system="psa"))
    assert (golden.values["duns"], golden.lineage["duns"]) == ("150483782", Lineage(13, 0, "accept_if_empty", True))
    owner.values["duns"] = "804735132"
    golden = golden_of(owner, a_contribution({"duns": "150483782"}, system="psa"))
    assert (golden.values["duns"], golden.conflicts) == ("804735132", ())


def test_a_group_comes_whole_from_one_source() -> None:
    golden = golden_of(
        a_contribution({"name": "A", "city": "Ulm"}), a_contribution({"street": "Ring 1", "city": "Bonn"}, system="erp")
    )
    assert golden.values == {"name": "A", "city": "Ulm"}
    assert {golden.lineage[name].source_id for name in ("street", "city")} == {10}


# ---------------------------------------------------------------------------------------------------------- conflicts


@pytest.mark.parametrize(("field", "cause"), [("legal_name", "proposed"), ("terms", "rejected")])
def test_a_differing_value_of_another_becomes_a_conflict(field: str, cause: str) -> None:
    erp, crm = a_contribution({"name": "A", field: "X"}, system="erp"), a_contribution({field: "Y"})
    golden = golden_of(erp, crm)
    assert golden.values[field] == "X"
    assert [(c.cause, c.field, c.source_id, c.offered, c.kept) for c in golden.conflicts] == [(cause, field, 10, "Y", "X")]


def test_agreement_emptiness_and_ignored_fields_are_no_conflicts() -> None:
    erp = a_contribution({"name": "A", "legal_name": "X", "terms": "N30"}, system="erp")
    assert golden_of(erp, a_contribution({"name": "B", "legal_name": "X", "terms": None})).conflicts == ()


def test_an_override_settles_the_conflict() -> None:
    erp, crm = a_contribution({"name": "A", "terms": "X"}, system="erp"), a_contribution({"terms": "Y"})
    golden = golden_of(erp, crm, decisions=(an_override("terms", "Y"),))
    assert (golden.values["terms"], golden.conflicts) == ("Y", ())


# ----------------------------------------------------------------------------------------------------------- strategies


@pytest.mark.parametrize(
    ("field", "crm", "erp", "expected"),
    [
        ("newest", ("old", 1), ("new", 2), "new"),
        ("newest", ("old", 1), (None, 2), None),
        ("newest", ("first", 1), ("second", 1), "first"),
        ("first_seen", ("2026-01-01", 2), ("2025-01-01", 1), "2025-01-01"),
        ("motto", ("short", 1), ("much longer", 1), "much longer"),
        ("nick", ("ACME", 1), ("ACME Ltd", 1), "ACME"),
        ("revenue", (euros("9.50"), 1), (euros("10.00"), 1), euros("10.00")),
        ("revenue", (euros("9.50"), 1), ({"amount": "900", "currency": "JPY"}, 1), euros("9.50")),
        ("floor", (euros("9.50"), 1), (euros("10.00"), 1), euros("9.50")),
        ("agreed", ("A", 1), ("A", 1), "A"),
        ("agreed", ("A", 1), ("B", 1), None),
        ("tags", (["x", "y"], 1), (["y", "z"], 1), ["x", "y", "z"]),
        ("filled", (None, 1), ("B", 1), "B"),
    ],
)
def test_a_rule_decides_among_all_owners(field: str, crm: Any, erp: Any, expected: Any) -> None:
    golden = golden_of(
        a_contribution({"name": "A", field: crm[0]}, message=crm[1]),
        a_contribution({field: erp[0]}, system="erp", message=erp[1]),
    )
    assert golden.values.get(field) == expected


def test_the_value_most_sources_agree_on_survives() -> None:
    golden = golden_of(
        a_contribution({"name": "A", "sector": "x"}),
        a_contribution({"sector": "y"}, system="erp"),
        a_contribution({"sector": "y"}, system="psa"),
    )
    assert golden.values["sector"] == "y"


def test_the_most_complete_group_survives_whole() -> None:
    golden = golden_of(
        a_contribution({"name": "A", "contact_name": "Jo", "contact_mail": None}),
        a_contribution({"contact_name": "J. Doe", "contact_mail": "jo@acme.example"}, system="erp"),
    )
    assert {name: golden.values[name] for name in ("contact_name", "contact_mail")} == {
        "contact_name": "J. Doe", "contact_mail": "jo@acme.example",
    }  # fmt: skip


def test_a_follower_takes_the_value_of_whoever_won_the_other_field() -> None:
    golden = golden_of(
        a_contribution({"name": "A", "newest": "old", "follower": "crm's"}, message=1),
        a_contribution({"newest": "new", "follower": "erp's"}, system="erp", message=2),
    )
    assert (golden.values["follower"], golden.lineage["follower"]) == ("erp's", Lineage(12, 0, "follow", False))


# ----------------------------------------------------------------------------------------------- echo, delete, presence


def test_our_own_value_that_came_back_makes_no_offer() -> None:
    crm = wrote(a_contribution({"name": "theirs"}), {"name": "ERP Ltd"})
    crm = fold(crm, a_reading({"name": "ERP Ltd"}, message=5), CRM).contribution
    crm.id = 10
    golden = golden_of(crm, a_contribution({"name": "ERP Ltd 2"}, system="erp"))
    assert golden.values["name"] == "ERP Ltd 2"


def test_what_deleted_sources_said_and_then_our_own_values_are_the_last_resort() -> None:
    gone = a_contribution({"name": "Gone Ltd", "terms": "N30"}, system="erp")
    gone.state = "deleted"
    echo = wrote(a_contribution({"name": "Echo"}), {"name": "Echo"})
    golden = golden_of(gone, echo)
    assert (golden.values, golden.record_state) == ({"name": "Gone Ltd", "terms": "N30"}, "active")
    assert golden.lineage["name"] == Lineage(12, 0, "last_resort", True)
    alone = golden_of(echo)
    assert (alone.values, alone.lineage["name"].rule) == ({"name": "Echo"}, "reflected")


def test_a_record_only_deleted_sources_held_is_inactive_and_keeps_its_values() -> None:
    gone = a_contribution({"name": "A"})
    gone.state = "deleted"
    golden = golden_of(gone)
    assert (golden.record_state, golden.values, golden.is_born) == ("inactive", {"name": "A"}, True)


def test_a_record_without_its_required_fields_is_not_born() -> None:
    golden = golden_of(a_contribution({"motto": "x"}))
    assert (golden.is_born, golden.missing) == (False, ("name",))


# --------------------------------------------------------------------------------------------------------- references


def test_a_reference_shows_the_golden_id_it_resolves_to_and_is_awaited_until_then() -> None:
    known = golden_of(a_contribution({"name": "A", "parent": PARENT}))
    assert (known.values["parent"], known.awaited) == (PARENT_ID, ())
    unknown = golden_of(a_contribution({"name": "A", "parent": {**PARENT, "id": "Q"}}))
    assert ("parent" in unknown.values, unknown.awaited, unknown.is_born) == (False, ("parent",), True)


def test_a_required_reference_must_resolve_before_the_record_is_born() -> None:
    hour = {"day": "2026-05-17", "hours": {"value": "8", "unit": "hour"}, "project": {**PARENT, "id": "Q"}}
    assert golden_of(a_contribution(hour, system="psa"), meta=HOUR).missing == ("project",)
    assert golden_of(a_contribution({**hour, "project": PARENT}, system="psa"), meta=HOUR).is_born


# ------------------------------------------------------------------------------------------------------- transactions

EIGHT = {"value": "8", "unit": "hour"}
HOURS: dict[str, Any] = {"day": "2026-05-17", "hours": EIGHT, "project": PARENT, "state": "approved"}


def test_a_transactions_facts_come_from_its_one_origin_and_facets_from_their_owner() -> None:
    golden = golden_of(
        a_contribution({**HOURS, "billing_state": "open"}, system="psa", id=1),
        a_contribution({"hours": {"value": "9", "unit": "hour"}, "note": "copy", "billing_state": "held"}, system="erp", id=2),
        a_contribution({"billing_state": "invoiced"}, system="bill", id=3),
        meta=HOUR,
    )
    assert golden.values == {**HOURS, "project": PARENT_ID, "billing_state": "invoiced"}
    assert golden.conflicts == ()


def test_of_two_origin_records_the_first_is_the_origin_unless_decided_otherwise() -> None:
    first = a_contribution({**HOURS, "note": "first"}, system="psa", id=4)
    second = a_contribution({**HOURS, "note": "second"}, system="psa", id=5)
    assert golden_of(second, first, meta=HOUR).values["note"] == "first"
    chosen = Decision(1, "origin", "hour", GOLDEN, source_id=5)
    assert golden_of(second, first, meta=HOUR, decisions=(chosen,)).values["note"] == "second"


def test_a_deleted_draft_is_withdrawn_and_a_deleted_approved_transaction_is_a_task() -> None:
    gone = a_contribution({**HOURS, "state": "draft"}, system="psa", id=1)
    gone.state = "deleted"
    copy = a_contribution({"billing_state": "open"}, system="erp", id=2)
    assert golden_of(gone, copy, meta=HOUR).record_state == "inactive"
    gone.values["state"] = "approved"
    golden = golden_of(gone, meta=HOUR)
    assert golden.record_state == "active"
    assert [(one.cause, one.field, one.source_id) for one in golden.conflicts] == [("deleted_transaction", "state", 1)]


# ---------------------------------------------------------------------------------------------------------- overrides


def test_an_override_stands_above_all_systems_until_it_expires_by_itself() -> None:
    crm, override = a_contribution({"name": "A"}), an_override("name", "Fixed", until=LATER)
    now = golden_of(crm, decisions=(override,))
    assert (now.values["name"], now.lineage["name"], now.reconsider_at) == ("Fixed", Lineage(0, 1, "override", False), LATER)
    due = golden_of(crm, decisions=(override,), at=LATER)
    assert (due.values["name"], due.reconsider_at) == ("A", None)


def test_an_override_until_the_source_changes_ends_with_it() -> None:
    override = an_override("name", "Fixed", while_source=canonical_json("A"))
    assert golden_of(a_contribution({"name": "A"}), decisions=(override,)).values["name"] == "Fixed"
    assert golden_of(a_contribution({"name": "B"}), decisions=(override,)).values["name"] == "B"


def test_the_newest_override_wins_and_may_say_empty() -> None:
    decisions = (an_override("name", None, id=3), an_override("name", "Fixed", id=2))
    golden = golden_of(a_contribution({"name": "A"}), decisions=decisions)
    assert (golden.values, golden.missing, golden.lineage["name"].decision_id) == ({}, ("name",), 3)


def test_a_whole_group_and_a_reference_can_be_overridden() -> None:
    decisions = (an_override("seat", {"city": "Ulm"}), an_override("parent", {"id": PARENT_ID}, id=2))
    golden = golden_of(a_contribution({"name": "A", "city": "Bonn", "street": "Weg 1"}), decisions=decisions)
    assert golden.values == {"name": "A", "city": "Ulm", "parent": PARENT_ID}


def test_of_overrides_of_a_group_and_of_a_member_the_later_stands() -> None:
    crm = a_contribution({"name": "A", "city": "Bonn", "street": "Weg 1"})
    whole, member = {"city": "Ulm", "street": "Ring 1"}, "Köln"
    for first, second, city in (("city", "seat", "Ulm"), ("seat", "city", "Köln")):
        chosen = {"seat": whole, "city": member}
        decisions = (an_override(second, chosen[second], id=2), an_override(first, chosen[first], id=1))
        for order in (decisions, decisions[::-1]):
            assert golden_of(crm, decisions=order).values == {"name": "A", "city": city, "street": "Ring 1"}


# ------------------------------------------------------------------------------------------------- policy and extensions


def test_a_tenants_policy_replaces_owner_rule_and_policy() -> None:
    both = (a_contribution({"name": "short"}), a_contribution({"name": "the longest"}, system="erp"))
    assert golden_of(*both, policy=Policy((FieldPolicy("firm", "name", (ERP,)),))).values["name"] == "the longest"
    assert golden_of(*both, policy=Policy((FieldPolicy("firm", "name", rule=longest()),))).values["name"] == "the longest"
    filled = Policy((FieldPolicy("firm", "terms", policy=ACCEPT_IF_EMPTY),))
    assert golden_of(a_contribution({"name": "A", "terms": "x"}), policy=filled).values["terms"] == "x"


def test_a_policy_reads_what_it_wrote_and_says_what_it_cannot_read() -> None:
    policy = Policy((FieldPolicy("firm", "name", (ERP, CRM), ACCEPT_IF_EMPTY, longest(), "le"),), ("erp", "crm"), 3)
    assert from_json(policy.to_json()) == policy
    with pytest.raises(ValueError, match=r"fields\[0\].*abacus"):
        from_json({"fields": [{"entity": "firm", "field": "name", "owner": ["abacus"]}]})


def test_extension_fields_survive_by_origin_and_are_collected() -> None:
    golden = golden_of(
        a_contribution({"name": "A", "extra.risk": "low"}, system="erp"),
        a_contribution({"extra.risk": "high", "extra.color": None}),
        a_contribution({"extra.size": 3}, system="psa"),
        decisions=(an_override("extra.floor", "2"),),
    )
    assert golden.values == {"name": "A", "extra": {"risk": "high", "size": 3, "floor": "2"}}
    assert golden.lineage["extra.risk"] == Lineage(10, 0, "owner", False)


# --------------------------------------------------------------------------------------------------------- alternates


def test_every_offer_is_listed_with_the_reason_it_lost() -> None:
    gone = a_contribution({"name": "Gone"}, system="crm_us", id=20, rank=1)
    gone.state = "deleted"
    listed = alternates(
        FIRM, "name",
        [a_contribution({"name": "ERP Ltd"}, system="erp"), a_contribution({"name": "A"}), gone,
         a_contribution({"name": "A"}, system="psa"), a_contribution({"name": "B"}, system="bill")],
        [an_override("name", "Was", until=NOON)], Policy(), NOON, resolve,
    )  # fmt: skip
    assert [(one.system, one.value, one.wins, one.why) for one in listed] == [
        ("crm", "A", True, "owner"),
        ("steward", "Was", False, "expired"),
        ("crm_us", "Gone", False, "deleted"),
        ("erp", "ERP Ltd", False, "later_owner"),
        ("psa", "A", False, "agrees"),
        ("bill", "B", False, "not_an_owner"),
    ]


# ----------------------------------------------------------------------------------------------------------- properties

VALUES = st.fixed_dictionaries(
    {"name": st.sampled_from(["A", "B"])},
    optional={
        "legal_name": st.sampled_from(["A", "B", None]),
        "duns": st.sampled_from(["150483782", "804735132", "12", None]),
        "city": st.sampled_from(["Ulm", "Bonn", None]),
        "street": st.sampled_from(["Ring", None]),
        "newest": st.sampled_from(["x", "y", None]),
        "sector": st.sampled_from(["x", "y", None]),
        "agreed": st.sampled_from(["x", "y"]),
        "tags": st.sampled_from([["x"], ["y", "x"], None]),
        "parent": st.sampled_from([PARENT, {**PARENT, "id": "Q"}, None]),
        "extra.risk": st.sampled_from(["low", "high", None]),
    },
)
STATE = st.sampled_from(["present", "present", "deleted", "awaited"])


@st.composite
def some_contributions(draw: st.DrawFn) -> list[Contribution]:
    systems = draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=4, unique=True))
    made = []
    for at, system in enumerate(systems):
        one = a_contribution(draw(VALUES), system=system, id=at + 1, rank=draw(st.integers(0, 1)), message=draw(st.integers(1, 3)))
        one.state = draw(STATE)
        if draw(st.booleans()):
            one = wrote(one, {"name": "A"})
        made.append(one)
    return made


OVERRIDE = st.builds(an_override, st.sampled_from(["name", "city", "seat", "extra.risk"]), st.none(), id=st.integers(1, 9))


@given(some_contributions(), st.lists(OVERRIDE, max_size=2, unique_by=lambda one: one.id), st.randoms(use_true_random=False))
def test_the_golden_record_does_not_depend_on_the_order_of_what_it_follows_from(
    contributions: list[Contribution], decisions: list[Decision], random: Any
) -> None:
    before = [(one.key, dict(one.values)) for one in contributions]
    straight = golden_of(*contributions, decisions=tuple(decisions))
    mixed, mixed_decisions = contributions[:], decisions[:]
    random.shuffle(mixed)
    random.shuffle(mixed_decisions)
    again = golden_of(*mixed, decisions=tuple(mixed_decisions))
    assert (again.values, again.lineage, again.record_state, again.missing) == (
        straight.values, straight.lineage, straight.record_state, straight.missing,
    )  # fmt: skip
    assert set(map(str, again.conflicts)) == set(map(str, straight.conflicts))
    assert [(one.key, dict(one.values)) for one in contributions] == before


@given(some_contributions())
def test_every_value_has_a_lineage_and_comes_from_the_source_it_names(contributions: list[Contribution]) -> None:
    golden = golden_of(*contributions)
    by_id = {one.id: one for one in contributions}
    for name, value in golden.values.items():
        if name in ("tags", "extra"):
            continue
        source = by_id[golden.lineage[name].source_id]
        assert source.values[name] == value or (name == "parent" and value == PARENT_ID)
    assert all(value is not None for value in golden.values.values())


@given(some_contributions())
def test_one_plan_serves_a_batch(contributions: list[Contribution]) -> None:
    batch = [Survival(FIRM, GOLDEN, contributions), Survival(FIRM, GOLDEN, contributions[:1])]
    assert survive_all(batch, Policy(), NOON, resolve) == [golden_of(*contributions), golden_of(contributions[0])]

