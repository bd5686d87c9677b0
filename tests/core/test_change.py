"""One version step: what changed, and when nothing did."""

from __future__ import annotations

from hub.core.change import Cause, diff, diff_all, lineage_differs
from hub.core.fold import fold
from hub.core.records import Change, Contribution
from schema.systems import CRM
from tests.core.build import GOLDEN, NOON, a_contribution, a_reading, golden_of

CAUSE = Cause("source", "crm", "corr-1", 7)


def test_a_new_record_is_a_create_with_all_its_values() -> None:
    assert diff(None, golden_of(a_contribution({"name": "A", "motto": None})), CAUSE, NOON) == Change(
        GOLDEN, "firm", 1, "create", {"name": None}, {"name": "A"}, "source", "crm", "corr-1", NOON, 7
    )


def test_only_changed_fields_are_listed_and_an_emptied_one_is_null() -> None:
    before = golden_of(a_contribution({"name": "A", "motto": "x", "nick": "n"}))
    before.version = 4
    after = golden_of(a_contribution({"name": "B", "motto": None, "nick": "n"}))
    change = diff(before, after, CAUSE, NOON)
    assert change is not None
    assert (change.version, change.op, change.before, change.after) == (
        5, "update", {"name": "A", "motto": "x"}, {"name": "B", "motto": None},
    )  # fmt: skip


def test_no_difference_a_reader_could_see_is_no_change() -> None:
    before = golden_of(a_contribution({"name": "A"}, system="erp"))
    after = golden_of(a_contribution({"name": "A"}, system="erp"), a_contribution({"name": "A"}))
    assert diff(before, after, CAUSE, NOON) is None
    assert lineage_differs(before, after)


def test_a_record_that_is_not_born_makes_no_change_and_one_that_was_born_stays() -> None:
    unborn = golden_of(a_contribution({"motto": "x"}))
    assert diff(None, unborn, CAUSE, NOON) is None
    change = diff(golden_of(a_contribution({"name": "A", "motto": "x"})), unborn, CAUSE, NOON)
    assert change is not None
    assert change.after == {"name": None}


def test_losing_the_last_source_inactivates_and_its_return_reactivates() -> None:
    there, gone = a_contribution({"name": "A"}), a_contribution({"name": "A"})
    gone.state = "deleted"
    active, inactive = golden_of(there), golden_of(gone)
    steps = diff_all([(active, inactive), (inactive, active), (active, active)], CAUSE, NOON)
    assert [(one.op, one.after) for one in steps] == [("inactivate", {}), ("reactivate", {})]


def test_a_merge_is_named_as_such() -> None:
    merged = diff(golden_of(a_contribution({"name": "A"})), golden_of(a_contribution({"name": "B"})), CAUSE, NOON, op="merge")
    assert merged is not None
    assert merged.op == "merge"


def test_back_and_forth_is_three_changes() -> None:
    contribution: Contribution | None = None
    before, seen = None, []
    for at, name in enumerate(["A", "B", "A"], 1):
        contribution = fold(contribution, a_reading({"name": name}, message=at), CRM).contribution
        after = golden_of(contribution)
        change = diff(before, after, CAUSE, NOON)
        assert change is not None
        after.version = change.version
        seen.append((change.version, change.after["name"]))
        before = after
    assert seen == [(1, "A"), (2, "B"), (3, "A")]
