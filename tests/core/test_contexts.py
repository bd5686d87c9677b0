"""Consumer contexts: another winner for a consumer, from the same contributions; the golden record never depends on them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.contexts import contexts_of, decided_in, differing, policy_of, seen_in
from hub.core.policy import ContextPolicy, FieldPolicy, Policy, TrustPolicy, from_json
from hub.core.records import Contribution, Decision, Golden, Lineage
from schema.rules import Rule, Strategy, follow, longest, shortest, trust
from schema.systems import BILL, CRM, ERP, PSA
from tests.core.build import FIRM, HOUR, KINDS, NOON, a_contribution, an_override, golden_of, resolve

CRM_ONE = a_contribution({"name": "ACME", "motto": "long motto", "newest": "c", "follower": "fc", "street": "Ring 1", "city": "Ulm"})
ERP_ONE = a_contribution({"name": "ACME GMBH", "motto": "motto", "newest": "e", "follower": "fe", "street": "Allee 2"}, system="erp")
BOTH = (CRM_ONE, ERP_ONE)


@pytest.fixture(autouse=True)
def known_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.core.contexts.ENTITIES", {"firm": FIRM, "hour": HOUR})


def in_billing(*fields: FieldPolicy, policy: Policy | None = None) -> Policy:
    return replace(policy or Policy(), contexts=(ContextPolicy("billing", fields),), compiled={})


def of(field: str, *owners: Any, rule: Rule | None = None) -> FieldPolicy:
    return FieldPolicy("firm", field, owners, rule=rule)


def seen(policy: Policy, *sources: Contribution, at: dt.datetime = NOON, decisions: tuple[Decision, ...] = (), name: str = "billing") -> Golden:
    golden = golden_of(*sources, policy=policy, at=at, decisions=decisions)
    return seen_in(FIRM, golden, sources, decisions, policy, name, at, resolve)


def test_a_context_has_its_own_winner_of_what_it_names_and_the_golden_record_stays() -> None:
    policy = in_billing(of("name", ERP))
    golden, billing = golden_of(*BOTH, policy=policy), seen(policy, *BOTH)
    assert (golden.values["name"], golden.lineage["name"]) == ("ACME", Lineage(10, 0, "owner", False))
    assert (billing.values["name"], billing.lineage["name"]) == ("ACME GMBH", Lineage(12, 0, "owner", False))
    assert differing(golden, billing) == ["name"]
    assert golden == golden_of(*BOTH)


def test_who_a_context_does_not_name_speaks_after_those_it_names() -> None:
    assert seen(in_billing(of("name", PSA, ERP)), CRM_ONE).values["name"] == "ACME"
    assert seen(in_billing(of("name", BILL)), *BOTH).values["name"] == "ACME"


def test_a_context_may_have_another_rule_and_what_it_does_not_say_is_the_policys() -> None:
    assert seen(in_billing(of("motto", rule=shortest())), *BOTH).values["motto"] == "motto"
    base = Policy((of("name", PSA, ERP, CRM, rule=None), FieldPolicy("firm", "motto", (ERP,), rule=longest())))
    kept = policy_of(in_billing(of("motto", rule=shortest()), policy=base), "billing")
    assert kept.of("firm", "motto") == FieldPolicy("firm", "motto", (ERP,), FIRM.fields["motto"].policy, shortest())
    assert kept.of("firm", "name") == base.fields[0]


def test_an_owner_named_by_a_context_decides_though_the_policy_has_a_rule() -> None:
    assert seen(in_billing(of("motto", ERP)), *BOTH).values["motto"] == "motto"
    assert policy_of(in_billing(of("motto", ERP)), "billing").fields[0].rule == Rule(Strategy.OWNER)


def test_a_group_moves_together_in_a_context_and_whoever_follows_goes_along() -> None:
    assert decided_in(FIRM, in_billing(of("seat", ERP)), "billing") == {"street", "city"}
    billing = seen(in_billing(of("seat", ERP)), *BOTH)
    assert {name: billing.values.get(name) for name in ("street", "city", "name")} == {"street": "Allee 2", "city": None, "name": "ACME"}
    assert decided_in(FIRM, in_billing(of("newest", ERP)), "billing") == {"newest", "follower"}
    followed = seen(in_billing(of("newest", ERP)), *BOTH)
    assert (followed.values["newest"], followed.values["follower"]) == ("e", "fe")
    assert follow("newest") == FIRM.fields["follower"].rule


def test_a_persons_override_outranks_policy_and_context() -> None:
    agreed = (an_override("name", "As agreed"),)
    assert seen(in_billing(of("name", ERP)), *BOTH, decisions=agreed).values["name"] == "As agreed"


def test_a_context_never_empties_what_a_record_cannot_do_without() -> None:
    silent = a_contribution({"name": None, "motto": "m"}, system="erp")
    assert seen(in_billing(of("name", ERP), of("motto", ERP)), CRM_ONE, silent).values["name"] == "ACME"


def test_an_unknown_context_and_an_entity_it_does_not_name_are_seen_as_they_are() -> None:
    policy = in_billing(of("name", ERP))
    golden = golden_of(*BOTH, policy=policy)
    assert seen(policy, *BOTH, name="sales") is not None and seen(policy, *BOTH, name="sales") == golden
    assert (contexts_of(FIRM, policy), contexts_of(HOUR, policy)) == (("billing",), ())


def test_trust_in_a_context_has_an_instant_of_its_own() -> None:
    points = (TrustPolicy("firm", "name", "crm", 90, 30), TrustPolicy("firm", "name", "erp", 60))
    policy = in_billing(of("name", rule=trust()), policy=Policy(trust=points))
    crm, erp = a_contribution({"name": "ACME"}), a_contribution({"name": "ACME GMBH"}, system="erp")
    for one in (crm, erp):
        one.since = {"*": NOON.isoformat()}
    billing = seen(policy, crm, erp)
    assert (billing.values["name"], golden_of(crm, erp, policy=policy).reconsider_at) == ("ACME", None)
    assert billing.reconsider_at is not None
    assert seen(policy, crm, erp, at=billing.reconsider_at).values["name"] == "ACME GMBH"


NAMES = ("name", "motto", "street", "city", "newest", "follower", "sector", "tags")
WORDS = st.fixed_dictionaries({}, optional={name: st.none() | st.sampled_from(["a", "bb", "ccc"]) for name in NAMES if name != "tags"})
FIELDS = st.builds(
    FieldPolicy, st.just("firm"), st.sampled_from(["name", "motto", "seat", "newest", "sector"]),
    st.lists(st.sampled_from([CRM, ERP, PSA, BILL]), max_size=3, unique=True).map(tuple), st.none(), st.none() | st.sampled_from([longest(), shortest()]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(FIELDS, max_size=4), st.lists(WORDS, min_size=1, max_size=4))
def test_contexts_change_nothing_of_golden_records_and_only_what_they_name(fields: list[FieldPolicy], told: list[dict[str, Any]]) -> None:
    sources = [a_contribution({"name": "N"} | values, system=system) for values, system in zip(told, KINDS, strict=False)]
    policy = in_billing(*fields)
    golden = golden_of(*sources, policy=policy)
    assert golden == golden_of(*sources)
    billing = seen(policy, *sources)
    assert set(differing(golden, billing)) <= decided_in(FIRM, policy, "billing")
    assert seen(policy, *reversed(sources)) == billing


def test_contexts_read_back_and_a_policy_without_them_is_written_as_before() -> None:
    told = {
        "fields": [], "systems": [], "version": 0,
        "contexts": {"billing": {"fields": [{"entity": "client", "field": "name", "owner": ["bill", "erp"]}]}},
    }  # fmt: skip
    assert from_json(told).to_json() == told
    assert Policy().to_json() == {"fields": [], "systems": [], "version": 0}
    with pytest.raises(ValueError, match="cannot name a context"):
        from_json({"contexts": {"Billing!": {"fields": []}}})
    with pytest.raises(ValueError, match=r"contexts.billing.fields\[0\] cannot be read"):
        from_json({"contexts": {"billing": {"fields": [{"entity": "client"}]}}})
