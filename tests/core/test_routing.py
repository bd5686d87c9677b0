"""Who hears of a change, what a target would be sent, and when a failed attempt is made again."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.fold import fold, wrote
from hub.core.records import Change, Contribution, Decision
from hub.core.retry import LONGEST_S, retry_delay_s
from hub.core.routing import Filter, WritePlan, golden_since, wants, write_for
from schema.language import EntityMeta
from schema.systems import CRM, ERP, PSA
from tests.core.build import (
    FIRM, GOLDEN, HOUR, NOON, PARENT, PARENT_ID, a_contribution, a_reading, an_override, euros, golden_of,
)  # fmt: skip

CHANGE = Change(GOLDEN, "client", 2, "update", {"tier": "a"}, {"tier": "b"}, "source", "crm", "c", NOON)


@pytest.mark.parametrize(
    ("wanted", "values", "expected"),
    [
        ({}, {}, True),
        ({"entities": ["contract"]}, {}, False),
        ({"fields": ["tier", "name"]}, {}, True),
        ({"fields": ["name"]}, {}, False),
        ({"ops": ["create"]}, {}, False),
        ({"where": [{"field": "country", "op": "in", "value": ["DE"]}]}, {"country": "DE"}, True),
        ({"where": [{"field": "country", "value": "DE"}]}, {"country": "FR"}, False),
        ({"where": [{"field": "total.amount", "op": "gt", "value": "9.5"}]}, {"total": euros("10.00")}, True),
        ({"where": [{"field": "total.amount", "op": "gt", "value": "9.5"}]}, {}, False),
        ({"where": [{"field": "start", "op": "lte", "value": "2026-05-17"}]}, {"start": "2026-05-17"}, True),
        ({"where": [{"field": "tier", "value": "a"}]}, {"tier": "b"}, True),  # it leaves the filter: the reader learns of it
    ],
)  # fmt: skip
def test_a_subscription_hears_of_what_its_filter_names(wanted: dict[str, Any], values: dict[str, Any], expected: bool) -> None:
    parsed = Filter.from_json(wanted)
    assert wants(parsed, CHANGE, values) is expected
    assert Filter.from_json(parsed.to_json()) == parsed


def test_backfill_is_heard_only_on_request() -> None:
    backfill = replace(CHANGE, is_backfill=True)
    assert (wants(Filter(), backfill, {}), wants(Filter(with_backfill=True), backfill, {})) == (False, True)


# --------------------------------------------------------------------------------------------------------------- writes


def external(golden_id: str, entity: str) -> dict[str, str] | None:
    return {"system": "psa", "object": "client", "id": "77"} if golden_id == PARENT_ID else None


def planned(
    *sources: Contribution, target: Contribution | None, fields: str, kind: Any = PSA, decisions: tuple[Decision, ...] = (),
    meta: EntityMeta = FIRM, **how: Any,
) -> WritePlan:  # fmt: skip
    everyone = [*sources, *([target] if target else [])]
    golden = golden_of(*everyone, meta=meta, decisions=decisions)
    since = golden_since(golden, everyone, decisions)
    return write_for(meta, golden, since, target, kind, fields.split(), external, **how)


def test_a_target_without_the_record_gets_everything_that_is_not_empty() -> None:
    plan = planned(a_contribution({"name": "A", "motto": None, "parent": PARENT}), target=None, fields="name motto parent")
    assert plan == WritePlan(
        "create",
        {"name": "A", "parent": {"system": "psa", "object": "client", "id": "77"}},
        {"motto": "empty", "name": "missing", "parent": "missing"},
    )


def test_a_field_is_written_when_the_golden_value_is_newer_than_the_targets() -> None:
    crm = a_contribution({"name": "New", "sector": "x"}, message=9)
    psa = a_contribution({"name": "Old", "sector": "x"}, system="psa", message=1)
    plan = planned(crm, target=psa, fields="name sector")
    assert (plan.op, plan.values, plan.reasons) == ("update", {"name": "New"}, {"name": "newer", "sector": "equal"})


def test_a_value_the_target_changed_later_is_corrected_only_on_request() -> None:
    crm = a_contribution({"name": "A"}, message=1)
    psa = a_contribution({"name": "Theirs"}, system="psa", message=9)
    assert planned(crm, target=psa, fields="name") == WritePlan("skip", {}, {"name": "target_newer"})
    assert planned(crm, target=psa, fields="name", correct=True) == WritePlan("update", {"name": "A"}, {"name": "correct"})


def test_an_owner_is_never_written_what_it_owns() -> None:
    crm = a_contribution({"name": "A"}, message=1)
    plan = planned(crm, target=crm, fields="name", kind=CRM, decisions=(an_override("name", "Fixed"),), correct=True)
    assert plan == WritePlan("skip", {}, {"name": "owner"})


def test_an_owner_that_only_shows_our_own_value_is_written_the_newer_one() -> None:
    crm = wrote(a_contribution({"name": "A"}, system="crm"), {"name": "A"})
    plan = planned(a_contribution({"name": "B"}, system="erp"), target=crm, fields="name", kind=CRM)
    assert plan == WritePlan("update", {"name": "B"}, {"name": "ours"})


def test_what_was_written_and_not_yet_seen_again_is_pending_and_an_old_echo_is_replaced() -> None:
    crm = a_contribution({"name": "A"}, message=9)
    psa = wrote(a_contribution({"name": "Old"}, system="psa"), {"name": "A"})
    assert planned(crm, target=psa, fields="name").reasons == {"name": "pending"}
    echo = fold(psa, a_reading({"name": "A"}, system="psa", message=20), PSA).contribution
    newer = a_contribution({"name": "B"}, message=10)
    assert planned(newer, target=echo, fields="name") == WritePlan("update", {"name": "B"}, {"name": "ours"})


def test_empty_is_written_over_a_value_only_when_the_owner_says_empty() -> None:
    psa = a_contribution({"name": "A", "lei": "529900T8BM49AURSDO55"}, system="psa", message=1)
    owner = a_contribution({"name": "A", "lei": None}, system="erp", message=9)
    assert planned(owner, target=psa, fields="lei") == WritePlan("update", {"lei": None}, {"lei": "emptied"})
    silent = a_contribution({"name": "A"}, system="erp", message=9)
    assert planned(silent, target=psa, fields="lei") == WritePlan("skip", {}, {"lei": "empty"})


def test_a_required_reference_the_target_lacks_is_waited_for_and_an_optional_one_left_out() -> None:
    other = "01980000-0000-7000-8000-0000000000aa"
    hour = {"day": "2026-05-17", "hours": {"value": "2", "unit": "hour"}, "project": {"id": other}}
    plan = planned(a_contribution(hour, system="psa"), target=None, fields="day hours project", kind=ERP, meta=HOUR)
    assert (plan.op, plan.waits_for) == ("wait", (("project", "firm", other),))
    plan = planned(a_contribution({"name": "A", "parent": {"id": other}}), target=None, fields="name parent")
    assert (plan.op, plan.values, plan.left_out) == ("create", {"name": "A"}, ("parent",))


def test_a_reference_is_equal_when_its_id_is() -> None:
    psa = a_contribution({"name": "A", "parent": {"system": "psa", "object": "client", "id": "77"}}, system="psa")
    assert planned(a_contribution({"name": "A", "parent": PARENT}), target=psa, fields="parent").op == "skip"


def test_an_inactive_record_is_deactivated_only_when_the_subscription_says_so() -> None:
    gone = a_contribution({"name": "A"})
    gone.state = "deleted"
    golden = golden_of(gone)
    target = a_contribution({"name": "A"}, system="psa")
    assert write_for(FIRM, golden, {}, target, PSA, ["name"], external).op == "skip"
    assert write_for(FIRM, golden, {}, target, PSA, ["name"], external, may_deactivate=True).op == "deactivate"


def test_extension_fields_are_written_like_others() -> None:
    plan = planned(a_contribution({"name": "A", "extra.risk": "low"}), target=None, fields="extra.risk")
    assert plan.values == {"extra.risk": "low"}


def test_an_override_newer_than_the_targets_value_is_written() -> None:
    psa = a_contribution({"name": "Old"}, system="psa", message=1)
    late = replace(an_override("name", "Fixed"), made_at=NOON + dt.timedelta(hours=1))
    plan = planned(a_contribution({"name": "A"}, message=1), target=psa, fields="name", decisions=(late,))
    assert plan == WritePlan("update", {"name": "Fixed"}, {"name": "newer"})


# --------------------------------------------------------------------------------------------------------------- retry


@given(st.integers(1, 200), st.floats(0, 0.999), st.integers(0, 90_000))
def test_a_retry_grows_is_bounded_and_never_undercuts_the_systems_word(attempt: int, jitter: float, told_s: int) -> None:
    delay = retry_delay_s(attempt, told_s, jitter)
    assert delay >= told_s
    assert retry_delay_s(attempt) <= delay < 1.2 * max(LONGEST_S, told_s)
    assert retry_delay_s(attempt + 1) >= retry_delay_s(attempt)
