"""One more message about a record: newest per field, echoes, deletes, order."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.fold import fold, is_newer, is_reflected, value_since, wrote
from hub.core.records import Contribution
from schema.systems import CRM
from tests.core.build import a_contribution, a_reading, folded


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("10|t1|1|0", "9|t2|2|0"),
        ("010|t1|1|0", "9|t2|2|0"),
        ("b|t1|1|0", "a|t2|2|0"),
        ("2026-05-17T08:11:52.5Z|t1|1|0", "2026-05-17T08:11:52Z|t2|2|0"),
        ("2026-05-17T09:00:00+02:00|t1|1|0", "2026-05-17T06:59:59Z|t2|2|0"),
        ("|t2|1|0", "9|t1|2|0"),
        ("9|t1|2|0", "9|t1|1|0"),
        ("9|t1|10|0", "9|t1|9|0"),
        ("9|t1|1|1", "9|t1|1|0"),
        ("a|b|t2|1|0", "a|b|t1|1|0"),
        ("9" * 5000 + "|t1|1|0", "9" * 4999 + "|t2|2|0"),
    ],
)
def test_orders_compare_by_version_then_receipt_then_reprocessing(newer: str, older: str) -> None:
    assert is_newer(newer, older)
    assert not is_newer(older, newer)
    assert not is_newer(newer, newer)


def test_the_first_reading_is_the_contribution() -> None:
    one = a_contribution({"name": "ACME", "terms": None})
    assert (one.state, one.values, one.stated) == (
        "present", {"name": "ACME", "terms": None}, {"*": "|2026-05-17T12:00:01.000000Z|1|0"},
    )  # fmt: skip
    assert one.since == {"*": "2026-05-17T12:00:01.000000Z"}


def test_an_absent_field_is_left_alone_and_an_empty_one_is_emptied() -> None:
    one = folded(a_reading({"name": "ACME", "terms": "N30"}), a_reading({"terms": None}, message=2))
    assert one.values == {"name": "ACME", "terms": None}


def test_an_older_message_changes_only_what_nobody_spoke_of_since() -> None:
    start = folded(a_reading({"name": "A", "terms": "N30"}, version="7"), a_reading({"terms": "N60"}, version="9", message=2))
    after = fold(start, a_reading({"name": "B", "terms": "N10", "motto": "go"}, version="8", message=3), CRM)
    assert after.contribution.values == {"name": "B", "terms": "N60", "motto": "go"}
    assert (after.outcome, after.changed) == ("applied", frozenset({"name", "motto"}))
    assert fold(after.contribution, a_reading({"name": "C"}, version="7", message=4), CRM).outcome == "stale"


def test_an_unchanged_newer_message_advances_stated_and_not_since() -> None:
    start = a_contribution({"name": "A"}, version="1")
    after = fold(start, a_reading({"name": "A"}, version="2", message=2), CRM)
    assert after.outcome == "unchanged"
    assert after.contribution.stated == {"*": "2|2026-05-17T12:00:02.000000Z|2|0"}
    assert after.contribution.since == start.since
    late = fold(after.contribution, a_reading({"name": "B"}, version="1", message=3), CRM)
    assert late.outcome == "stale"


def test_back_and_forth_is_three_changes() -> None:
    readings = [a_reading({"name": name}, message=at) for at, name in enumerate(["A", "B", "A"], 1)]
    contribution: Contribution | None = None
    outcomes = []
    for reading in readings:
        contribution, outcome, _ = fold(contribution, reading, CRM)
        outcomes.append((outcome, contribution.values["name"], value_since(contribution, "name")[17:19]))
    assert outcomes == [("applied", "A", "01"), ("applied", "B", "02"), ("applied", "A", "03")]


def test_since_moves_only_for_the_field_that_changed() -> None:
    one = folded(a_reading({"name": "A", "terms": "N30", "motto": "x"}), a_reading({"name": "B", "terms": "N30", "motto": "x"}, message=2))
    assert one.since == {"*": "2026-05-17T12:00:01.000000Z", "name": "2026-05-17T12:00:02.000000Z"}


def test_the_same_message_under_a_newer_mapping_beats_itself() -> None:
    start = a_contribution({"name": "a c m e"}, version="7")
    after = fold(start, a_reading({"name": "ACME"}, version="7", again=1), CRM)
    assert (after.outcome, after.contribution.values) == ("applied", {"name": "ACME"})


def test_an_unmapped_code_keeps_the_value_and_the_raw_text_until_it_is_mapped() -> None:
    start = folded(a_reading({"terms": "N30"}), a_reading({}, raw={"terms": "N45"}, message=2))
    assert (start.values, start.raw) == ({"terms": "N30"}, {"terms": "N45"})
    after = fold(start, a_reading({"terms": "net45"}, message=2, again=1), CRM).contribution
    assert (after.values, after.raw) == ({"terms": "net45"}, {})


def test_an_unmapped_code_means_the_same_in_whatever_order_messages_arrive() -> None:
    told = [
        a_reading({"terms": "N10", "name": "A"}, version="1", message=1), a_reading({"terms": "N30"}, version="2", message=2),
        a_reading({"name": "B"}, raw={"terms": "N45"}, version="3", message=3), a_reading({}, raw={"terms": "N40"}, version="2.5", message=4),
    ]  # fmt: skip
    for order in permutations(told):
        stands = folded(*order)
        assert (stands.values, stands.raw) == ({"terms": "N30", "name": "B"}, {"terms": "N45"})
        mapped = fold(stands, a_reading({"terms": "N60"}, version="4", message=5), CRM).contribution
        assert (mapped.values, mapped.raw) == ({"terms": "N60", "name": "B"}, {})


def test_an_awaited_record_keeps_its_place_when_it_arrives() -> None:
    awaited = Contribution(a_reading({}).key, CRM, 7, "awaited")
    after = fold(awaited, a_reading({"name": "A"}), CRM).contribution
    assert (after.id, after.state, after.values) == (7, "present", {"name": "A"})


# ------------------------------------------------------------------------------------------------------------ deletes


def test_a_delete_ends_the_contribution_and_keeps_its_values() -> None:
    one = folded(a_reading({"name": "A"}, version="1"), a_reading({}, version="2", message=2, is_delete=True))
    assert (one.state, one.values) == ("deleted", {"name": "A"})


def test_an_older_delete_is_stale_and_an_older_update_does_not_bring_the_record_back() -> None:
    present = a_contribution({"name": "A"}, version="3")
    assert fold(present, a_reading({}, version="2", message=2, is_delete=True), CRM).outcome == "stale"
    deleted = folded(a_reading({"name": "A"}, version="1"), a_reading({}, version="5", message=2, is_delete=True))
    late = fold(deleted, a_reading({"name": "B", "motto": "x"}, version="4", message=3), CRM).contribution
    assert (late.state, late.values) == ("deleted", {"name": "B", "motto": "x"})
    back = fold(late, a_reading({"name": "C"}, version="6", message=4), CRM)
    assert (back.outcome, back.contribution.state, back.contribution.values["name"]) == ("applied", "present", "C")


def test_a_delete_of_a_record_never_seen_is_remembered() -> None:
    gone = fold(None, a_reading({}, version="5", is_delete=True), CRM)
    assert (gone.outcome, gone.contribution.state) == ("deleted", "deleted")
    assert fold(gone.contribution, a_reading({"name": "A"}, version="4", message=2), CRM).contribution.state == "deleted"


# -------------------------------------------------------------------------------------------------------------- echo


def test_our_own_value_coming_back_is_reflected_until_the_source_says_something_else() -> None:
    one = wrote(a_contribution({"name": "theirs"}), {"name": "ours"})
    assert not is_reflected(one, "name")
    one = fold(one, a_reading({"name": "theirs"}, message=2), CRM).contribution  # was under way when we wrote
    one = fold(one, a_reading({"name": "ours"}, message=3), CRM).contribution
    assert is_reflected(one, "name")
    years_later = fold(one, a_reading({"name": "ours"}, message=4), CRM).contribution
    assert is_reflected(years_later, "name")
    changed = fold(years_later, a_reading({"name": "new"}, message=5), CRM).contribution
    assert (is_reflected(changed, "name"), changed.written) == (False, {})
    theirs = fold(changed, a_reading({"name": "ours"}, message=6), CRM).contribution
    assert not is_reflected(theirs, "name")


@given(st.lists(st.sampled_from(["ours", "theirs"]), min_size=1, max_size=8))
def test_however_often_a_source_is_synced_again_our_value_never_becomes_theirs(synced: list[str]) -> None:
    one = wrote(a_contribution({"name": "theirs"}), {"name": "ours"})
    has_differed = False
    for at, name in enumerate(["ours", *synced], 2):
        has_differed = has_differed or name != "ours"
        one = fold(one, a_reading({"name": name}, message=at), CRM).contribution
        assert is_reflected(one, "name") == (not has_differed)


# ------------------------------------------------------------------------------------------------------------ property

FIELDS = ["name", "terms", "motto"]
MESSAGE = st.tuples(
    st.dictionaries(st.sampled_from(FIELDS), st.sampled_from([None, "a", "b"]), min_size=1),
    st.booleans(),
)


@given(st.lists(MESSAGE, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_versioned_messages_give_one_result_in_whatever_order_they_arrive(messages: list[Any], random: Any) -> None:
    told = [
        ({} if is_delete and version > 1 else values, is_delete and version > 1, str(version))
        for version, (values, is_delete) in enumerate(messages, 1)
    ]
    readings = [
        a_reading(values, version=version, message=int(version), is_delete=is_delete) for values, is_delete, version in told
    ]
    shuffled = readings[:]
    random.shuffle(shuffled)
    straight, mixed = folded(*readings), folded(*shuffled)
    assert (mixed.values, mixed.state) == (straight.values, straight.state)
    assert mixed.stated.get("!") == straight.stated.get("!")
    again = folded(*shuffled, *readings)
    assert (again.values, again.state) == (straight.values, straight.state)


def test_every_order_of_three_messages_gives_the_newest_value_per_field() -> None:
    readings = [
        a_reading({"name": "A", "terms": "1"}, version="1"),
        a_reading({"name": "B"}, version="2", message=2),
        a_reading({"terms": "3", "motto": None}, version="3", message=3),
    ]
    results = [folded(*order).values for order in permutations(readings)]
    assert results == [{"name": "B", "terms": "3", "motto": None}] * 6


def test_a_record_we_made_may_show_only_some_of_what_we_wrote_again_and_again() -> None:
    start = wrote(Contribution(a_reading({}).key, CRM, 1), {"name": "ACME", "phone": "+4930123456"})
    start.state, start.values = "present", dict(start.written)
    once = fold(start, a_reading({"name": "ACME"}, version="1"), CRM).contribution
    assert once.stated["phone"] == "", "nobody there spoke of it"
    twice = fold(once, a_reading({"name": "ACME 2"}, version="2", message=2), CRM).contribution
    assert twice.values == {"name": "ACME 2", "phone": "+4930123456"}
