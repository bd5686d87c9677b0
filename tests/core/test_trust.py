"""Numeric trust: points fade with age and never under the floor, and time alone may change who wins, at a known instant."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.policy import FieldPolicy, Policy, TrustPolicy, from_json
from hub.core.records import Contribution, Decision, Golden, Lineage
from hub.core.trust import DAY_US, MICROSECOND, points
from schema.language import ACCEPT_IF_EMPTY
from schema.language import Policy as OthersPolicy
from schema.rules import trust
from tests.core.build import KINDS, NOON, a_contribution, an_override, golden_of

DAY = dt.timedelta(days=1)
LEI, WRONG_LEI = "529900T8BM49AURSDO55", "529900T8BM49AURSDO54"


def a_policy(*trusted: tuple[Any, ...], field: str = "name", others: OthersPolicy | None = None) -> Policy:
    """(system, score, half-life, floor, on_invalid), the last three at will."""
    return Policy((FieldPolicy("firm", field, policy=others, rule=trust()),), trust=tuple(TrustPolicy("firm", field, *one) for one in trusted))


def said(value: Any, system: str, *, days_ago: float = 0, field: str = "name", **how: Any) -> Contribution:
    one = a_contribution({"name": "N"} | {field: value} if field != "name" else {"name": value}, system=system, **how)
    one.since = {"*": (NOON - days_ago * DAY).isoformat()}
    return one


def decided(policy: Policy, *sources: Contribution, at: dt.datetime = NOON, decisions: tuple[Decision, ...] = ()) -> Golden:
    return golden_of(*sources, policy=policy, at=at, decisions=decisions)


# -------------------------------------------------------------------------------------------------------------- points


@pytest.mark.parametrize(
    ("one", "days", "has_failed", "expected"),
    [
        (TrustPolicy("", "", "", 80), 9999, False, 80),
        (TrustPolicy("", "", "", 80, 30), 0, False, 80),
        (TrustPolicy("", "", "", 80, 30), -5, False, 80),
        (TrustPolicy("", "", "", 80, 30), 15, False, 60),
        (TrustPolicy("", "", "", 80, 30), 30, False, 40),
        (TrustPolicy("", "", "", 80, 30), 45, False, 30),
        (TrustPolicy("", "", "", 80, 30, 35), 45, False, 35),
        (TrustPolicy("", "", "", 80, 30), 30 * 8, False, 0),
        (TrustPolicy("", "", "", 80, 30, 10, 30), 15, True, 30),
        (TrustPolicy("", "", "", 80, 30, 10, 30), 300, True, 0),
        (TrustPolicy("", "", "", 80), 0, True, 0),
    ],
)
def test_points_halve_with_the_half_life_keep_to_the_floor_and_fall_with_a_failed_check(
    one: TrustPolicy, days: int, has_failed: bool, expected: int
) -> None:
    assert points(one, days * DAY_US, has_failed) == expected


TRUSTS = st.builds(
    lambda score, half_life, floor, off: TrustPolicy("firm", "name", "crm", score, half_life, min(floor, score), off),
    st.integers(0, 100), st.none() | st.integers(1, 400), st.integers(0, 100), st.integers(0, 100),
)  # fmt: skip


@given(TRUSTS, st.integers(0, 4000 * DAY_US), st.integers(0, 4000 * DAY_US), st.booleans())
def test_points_only_ever_fall_with_age_and_a_sound_value_keeps_the_floor(one: TrustPolicy, young: int, more: int, has_failed: bool) -> None:
    before, after = points(one, young, has_failed), points(one, young + more, has_failed)
    assert 0 <= after <= before <= one.score
    assert points(one, young + more) >= one.floor


# ------------------------------------------------------------------------------------------------------------- winning


def test_the_most_trusted_source_wins_whatever_the_owners_order() -> None:
    policy = a_policy(("crm", 60), ("erp", 90))
    golden = decided(policy, said("ACME", "crm"), said("ACME GMBH", "erp"))
    assert (golden.values["name"], golden.lineage["name"], golden.reconsider_at) == ("ACME GMBH", Lineage(12, 0, "trust", False), None)


def test_equal_points_fall_to_the_owners_order_and_a_system_without_points_comes_last() -> None:
    assert decided(a_policy(("crm", 50), ("erp", 50)), said("A", "crm"), said("E", "erp")).values["name"] == "A"
    assert decided(a_policy(("psa", 1)), said("A", "crm"), said("P", "psa")).values["name"] == "P"


def test_who_may_not_speak_is_not_heard_however_trusted() -> None:
    assert decided(a_policy(("crm", 1), ("bill", 100)), said("A", "crm"), said("B", "bill")).values["name"] == "A"


def test_an_older_value_loses_to_a_less_trusted_newer_one_from_the_very_microsecond() -> None:
    policy = a_policy(("crm", 90, 30), ("erp", 60))
    sources = said("ACME", "crm"), said("ACME GMBH", "erp")
    golden = decided(policy, *sources)
    assert golden.values["name"] == "ACME"
    # 90 fades to 60 after two thirds of the way to its halving; equal points are still the first owner's
    assert golden.reconsider_at == NOON + 20 * DAY + MICROSECOND
    assert decided(policy, *sources, at=NOON + 20 * DAY).values["name"] == "ACME"
    later = decided(policy, *sources, at=golden.reconsider_at)
    assert (later.values["name"], later.reconsider_at) == ("ACME GMBH", None)


def test_a_value_that_failed_validation_loses_its_points() -> None:
    policy = a_policy(("crm", 60), ("erp", 90, None, 0, 50), field="lei")
    valid, wrong = said(LEI, "crm", field="lei"), said(WRONG_LEI, "erp", field="lei")
    assert decided(policy, valid, wrong).values["lei"] == LEI
    mild = a_policy(("crm", 60), ("erp", 90, None, 0, 10), field="lei")
    assert decided(mild, valid, wrong).values["lei"] == WRONG_LEI
    unmapped = said("x", "erp")
    unmapped.raw = {"name": "X?"}
    assert decided(a_policy(("crm", 60), ("erp", 90)), said("A", "crm"), unmapped).values["name"] == "A"


def test_an_empty_value_counts_unless_others_may_fill_it_then_the_next_trusted_does() -> None:
    empty, crm, psa = said(None, "erp", field="sector"), said("Retail", "crm", field="sector"), said("Trade", "psa", field="sector")
    told = ("erp", 90), ("psa", 80), ("crm", 10)
    assert "sector" not in decided(a_policy(*told, field="sector"), empty, crm, psa).values
    filled = decided(a_policy(*told, field="sector", others=ACCEPT_IF_EMPTY), empty, crm, psa)
    assert (filled.values["sector"], filled.lineage["sector"].rule) == ("Trade", "accept_if_empty")


def test_a_group_moves_together_with_the_points_of_the_group() -> None:
    policy = a_policy(("crm", 10), ("erp", 90), field="seat")
    crm = a_contribution({"name": "A", "street": "Ring 1", "city": "Ulm"})
    erp = a_contribution({"street": "Allee 2", "city": None}, system="erp")
    assert decided(policy, crm, erp).values == {"name": "A", "street": "Allee 2"}


def test_an_override_outranks_every_trust_and_the_instant_is_still_known() -> None:
    policy = a_policy(("crm", 90, 30), ("erp", 60))
    golden = decided(policy, said("A", "crm"), said("E", "erp"), decisions=(an_override("name", "As agreed"),))
    assert (golden.values["name"], golden.reconsider_at) == ("As agreed", NOON + 20 * DAY + MICROSECOND)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_winner_stays_until_the_instant_it_names_and_follows_from_what_is_said_policy_and_instant(data: st.DataObject) -> None:
    systems = data.draw(st.lists(st.sampled_from(["crm", "crm_us", "erp", "psa"]), min_size=2, max_size=4, unique=True))
    trusts = {system: data.draw(TRUSTS) for system in systems}
    policy = a_policy(*((name, t.score, t.half_life_days, t.floor, t.on_invalid) for name, t in trusts.items()))
    sources = [said(name, name, days_ago=data.draw(st.floats(-30, 1000)), rank=list(KINDS).index(name)) for name in systems]
    for one in sources:
        one.raw = {"name": "?"} if data.draw(st.booleans()) else {}
    at = NOON
    for _ in range(6):
        now = decided(policy, *sources, at=at)
        assert decided(policy, *reversed(sources), at=at) == now
        until = now.reconsider_at
        if until is None:
            assert decided(policy, *sources, at=at + 40_000 * DAY).values == now.values
            break
        assert until > at
        for part in (data.draw(st.floats(0, 1)), 1.0):
            moment = at + (until - at - MICROSECOND) * part
            assert decided(policy, *sources, at=moment).values == now.values
        at = until


# ------------------------------------------------------------------------------------------------------------ document


def test_a_trust_document_reads_back_and_says_what_it_cannot_read() -> None:
    told = {
        "fields": [{"entity": "client", "field": "name", "rule": {"strategy": "trust", "argument": "", "among_all": True}}],
        "systems": [], "version": 0,
        "trust": [{"entity": "client", "field": "name", "system": "crm", "score": 80, "half_life_days": 30, "floor": 10, "on_invalid": 100}],
    }  # fmt: skip
    assert from_json(told).to_json() == told
    for wrong, why in (
        ({"score": 101}, r"trust\[0\] cannot be read: score is a whole number from 0 to 100"), ({"score": 80.5}, "score is a whole number"),
        ({"half_life_days": 0}, "half_life_days is at least 1"), ({"floor": 90}, "floor is a whole number from 0 to 80"), ({"score": None}, "score"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=why):
            from_json({"trust": [told["trust"][0] | wrong]})  # type: ignore[index]
