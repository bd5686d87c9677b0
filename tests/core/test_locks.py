"""What a lock keeps out, when it lets go, and which steps back are conflicts."""

from __future__ import annotations

from typing import Any

from hub.core.fold import fold
from hub.core.locks import hold
from hub.core.records import Conflict, Contribution, Decision, Values
from schema.language import KEYED, TRANSACTION, Entity, date, lock, reference, states, text
from schema.systems import CRM, ERP, PSA
from tests.core.build import GOLDEN, HOUR, PARENT, PARENT_ID, a_contribution, a_reading, resolve

EIGHT, NINE = {"value": "8", "unit": "hour"}, {"value": "9", "unit": "hour"}
APPROVED: Values = {"day": "2026-05-17", "hours": EIGHT, "project": PARENT_ID, "state": "approved"}
REMEDY = "Recall it, or reverse it."


def an_hour(**values: Any) -> Contribution:
    return a_contribution({**APPROVED, "project": PARENT, **values}, system="psa", id=1, entity="hour")


def told(previous: Contribution, golden: Values | None = APPROVED, message: int = 2, decisions: tuple[Decision, ...] = (),
         **values: Any) -> tuple[Contribution, tuple[Conflict, ...]]:  # fmt: skip
    after = fold(previous, a_reading(values, system="psa", entity="hour", message=message), PSA).contribution
    return hold(HOUR, previous, after, golden, decisions=decisions, resolve=resolve)


def test_a_differing_value_of_the_owner_is_held_and_asks_for_the_remedy_once() -> None:
    after, conflicts = told(an_hour(), hours=NINE)
    assert (after.values["hours"], after.held) == (EIGHT, {"hours": NINE})
    assert conflicts == (Conflict("locked", "hours", 1, NINE, EIGHT, REMEDY),)
    again, repeated = told(after, message=3, hours=NINE)
    assert (again.values["hours"], again.held, repeated) == (EIGHT, {"hours": NINE}, ())
    other, changed = told(again, message=4, day="2026-05-18")
    assert (other.held, len(changed)) == ({"hours": NINE, "day": "2026-05-18"}, 1)


def test_a_field_nobody_ever_spoke_of_may_be_filled_and_one_stated_empty_may_not() -> None:
    filled, conflicts = told(an_hour(), note="on site")
    assert (filled.values["note"], filled.held, conflicts) == ("on site", {}, ())
    emptied, _ = told(an_hour(note=None), note="on site")
    assert (emptied.values["note"], emptied.held) == (None, {"note": "on site"})


def test_saying_the_locked_value_again_ends_the_hold() -> None:
    held, _ = told(an_hour(), hours=NINE)
    after, conflicts = told(held, message=3, hours=EIGHT)
    assert (after.values["hours"], after.held, conflicts) == (EIGHT, {}, ())


def test_nothing_is_locked_before_the_state_and_a_draft_may_change_as_it_is_approved() -> None:
    draft = {**APPROVED, "state": "draft"}
    after, conflicts = told(an_hour(state="draft"), draft, hours=NINE, state="approved")
    assert (after.values["hours"], after.held, conflicts) == (NINE, {}, ())


def test_an_owner_may_recall_and_change_in_one_message() -> None:
    after, conflicts = told(an_hour(), hours=NINE, state="recalled")
    assert (after.values["hours"], after.values["state"], conflicts) == (NINE, "recalled", ())


def test_what_was_held_is_released_when_the_record_is_no_longer_locked() -> None:
    held, _ = told(an_hour(), hours=NINE)
    after, conflicts = told(held, {**APPROVED, "state": "recalled"}, message=3, state="recalled")
    assert (after.values["hours"], after.held, conflicts) == (NINE, {}, ())


def test_an_accepted_value_passes_the_lock() -> None:
    accept = Decision(1, "accept", "hour", GOLDEN, source_id=1, field="hours", value=NINE)
    after, conflicts = told(an_hour(), hours=NINE, decisions=(accept,))
    assert (after.values["hours"], after.held, conflicts) == (NINE, {}, ())
    other, _ = told(an_hour(), hours={"value": "10", "unit": "hour"}, decisions=(accept,))
    assert other.values["hours"] == EIGHT


def test_a_stale_message_keeps_what_is_held() -> None:
    held, _ = told(an_hour(), hours=NINE)
    outcome = fold(held, a_reading({"hours": EIGHT}, system="psa", entity="hour", message=0), PSA)
    after, conflicts = hold(HOUR, held, outcome.contribution, APPROVED, resolve=resolve)
    assert (outcome.outcome, after.values["hours"], after.held, conflicts) == ("stale", EIGHT, {"hours": NINE}, ())


def test_a_system_that_owns_nothing_here_is_not_held() -> None:
    erp = a_contribution({"hours": NINE}, system="erp", entity="hour")
    assert hold(HOUR, None, erp, APPROVED) == (erp, ())


def test_a_second_source_of_an_owner_is_held_to_what_stands() -> None:
    second = a_contribution({"hours": NINE, "day": "2026-05-17", "project": PARENT}, system="psa", id=2, entity="hour")
    after, conflicts = hold(HOUR, None, second, APPROVED, resolve=resolve)
    assert (after.values, after.held) == ({"day": "2026-05-17", "project": PARENT}, {"hours": NINE})
    assert [one.field for one in conflicts] == ["hours"]


def test_leaving_a_state_without_a_way_back_is_a_conflict_and_keeps_the_state() -> None:
    class Deal(Entity, family=KEYED, origins=(CRM,)):
        name = text(owner=CRM)
        states = states("open > won > closed", open=["lost"])
        locks = (lock(name, states=("won",), remedy="Amend it."),)

    won = a_contribution({"name": "A", "state": "won"}, id=1)
    back = fold(won, a_reading({"name": "B", "state": "open"}, message=2), CRM).contribution
    after, conflicts = hold(Deal.meta, won, back, {"name": "A", "state": "won"})
    assert (after.values, after.held) == ({"name": "A", "state": "won"}, {"name": "B", "state": "open"})
    assert [(one.cause, one.field) for one in conflicts] == [("left_terminal_state", "state"), ("locked", "name")]
    on = fold(won, a_reading({"state": "closed"}, message=2), CRM).contribution
    assert hold(Deal.meta, won, on, {"name": "A", "state": "won"})[0].values["state"] == "closed"


def test_a_contributed_state_may_skip_steps() -> None:
    draft = {**APPROVED, "state": "draft"}
    after, conflicts = told(an_hour(state="draft"), draft, state="approved")
    assert (after.values["state"], conflicts) == ("approved", ())


def test_a_lock_without_states_closes_what_was_once_set_and_one_through_a_parent_follows_its_state() -> None:
    class Entry(Entity, family=TRANSACTION, origins=(ERP,)):
        account = text()
        period = date()
        book = reference("Book")
        locks = (
            lock(account, states=(), remedy="Reverse it."),
            lock(period, states=("closed",), via="book", remedy="Use the next period."),
        )

    golden = {"account": "4000", "period": "2026-05-01", "book": "B"}
    before = a_contribution({"account": "4000", "period": "2026-05-01"}, system="erp", id=1)
    values = {"account": "4100", "period": "2026-06-01"}
    after = fold(before, a_reading(values, system="erp", message=2), ERP).contribution
    closed, _ = hold(Entry.meta, before, after, golden, parents={"book": {"state": "closed"}})
    assert closed.held == values
    opened, _ = hold(Entry.meta, before, after, golden, parents={"book": {"state": "open"}})
    assert opened.held == {"account": "4100"}
