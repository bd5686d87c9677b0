"""Certinia beyond the suite: timecards by their days, items that are made anew, licences, limits of the platform, both packages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.certinia.connector import CertiniaConnector
from connectors.certinia.simulator.org import CARD, DAY, ITEM, PROJECT, SPLIT
from connectors.certinia.simulator.server import Certinia
from connectors.conformance import present, raises, read_all
from connectors.errors import ConfigurationError, RejectedError, SchemaDriftError, UnknownOutcomeError
from connectors.port import Receipt, Write
from connectors.simulator.base import Fault
from connectors.wire import parse_json
from schema.code_maps import CodeMaps
from schema.mapping_file import load_code_maps, load_mappings
from tests.connectors.vendors.certinia import CertiniaSubject, subject as certinia


@pytest.fixture
async def org() -> AsyncIterator[CertiniaSubject]:
    found = await certinia()
    yield found
    await found.close()


def connected(org: CertiniaSubject, **more: Any) -> CertiniaConnector:
    made = org.connector(**more)
    assert isinstance(made, CertiniaConnector)
    return made


def server(org: CertiniaSubject) -> Certinia:
    assert isinstance(org.running, Certinia)
    return org.running


def put(org: CertiniaSubject, object_: str, id: str | None = None, **fields: Any) -> str:
    return server(org).put(object_, id, fields).id


def rows(org: CertiniaSubject, object_: str, **wanted: Any) -> list[Any]:
    return [row for row in server(org).store.table(object_) if all(row.fields.get(name) == value for name, value in wanted.items())]


def hours(org: CertiniaSubject, on: str = "2026-06-03", **more: Any) -> Write:
    """A day of Ida's on the first project."""
    card = rows(org, CARD)[0].fields
    body = {name: card[name] for name in ("pse__Resource__c", "pse__Project__c", "pse__Assignment__c")} | {"Date": on, "Hours": Decimal("7.5"), **more}
    key = {name: body[name] for name in ("pse__Resource__c", "pse__Project__c", "Date", "Hours") if name in body}
    return Write("key-1", "create", CARD, "time_entry", None, body, natural_key=key)


# --- timecards ------------------------------------------------------------------------------------------------------------


async def test_a_timecard_is_its_booked_days_and_nothing_is_lost_between_card_splits_and_days(org: CertiniaSubject) -> None:
    messages, _, last = await read_all(connected(org), CARD)
    (week,) = rows(org, CARD, pse__Status__c="Approved")
    told = {one.external_id: parse_json(one.body) for one in messages if one.external_id.startswith(week.id)}
    assert {id.partition("|")[2]: (one["Date"], one["Hours"]) for id, one in told.items()} == {
        "monday": ("2026-05-04", Decimal("8.0")), "tuesday": ("2026-05-05", Decimal("7.5")), "wednesday": ("2026-05-06", Decimal("8.0")),
        "friday": ("2026-05-08", Decimal("4.25")),
    }  # fmt: skip
    assert sum(one["Hours"] for one in told.values()) == week.fields["pse__Total_Hours__c"] == Decimal("27.75")
    splits = [row.id for row in rows(org, SPLIT, pse__Timecard_Header__c=week.id)]
    assert sum(row.fields["pse__Hours__c"] for row in rows(org, DAY) if row.fields["pse__Timecard__c"] in splits) == Decimal("27.75")
    (across,) = rows(org, CARD, pse__Status__c="Saved")
    assert len(rows(org, SPLIT, pse__Timecard_Header__c=across.id)) == 2, "a week over the end of a month has a part in each"
    assert last.is_complete_listing and (week.fields["pse__Submitted__c"], week.fields["pse__Approved__c"]) == (True, True)


async def test_a_day_that_is_emptied_is_told_as_deleted_and_comes_back(org: CertiniaSubject) -> None:
    connector, (card,) = connected(org), rows(org, CARD, pse__Status__c="Saved")
    _, checkpoint, _ = await read_all(connector, CARD)
    put(org, CARD, card.id, pse__Monday_Hours__c=None, pse__Thursday_Hours__c=Decimal("1.0"))
    later, _, _ = await read_all(connector, CARD, checkpoint)
    newest = {one.external_id.partition("|")[2]: one.is_delete for one in later if one.external_id.startswith(card.id)}
    assert newest == {"sunday": False, "monday": True, "tuesday": True, "wednesday": True, "thursday": False, "friday": True, "saturday": True}
    assert await connector.fetch(CARD, f"{card.id}|monday") is None
    found = await connector.fetch(CARD, f"{card.id}|thursday")
    assert found is not None and parse_json(found.body)["Date"] == "2026-06-04"
    server(org).control_delete({"object": CARD, "id": card.id})
    gone, _, _ = await read_all(connector, CARD, checkpoint)
    assert {one.external_id for one in gone if one.is_delete and one.external_id.startswith(card.id)} >= {f"{card.id}|sunday", f"{card.id}|thursday"}


async def test_hours_go_into_the_open_card_of_their_week_or_a_new_one(org: CertiniaSubject) -> None:
    connector, (card,) = connected(org), rows(org, CARD, pse__Status__c="Saved")
    into = await connector.write(hours(org, "2026-06-03", Notes="Review"))
    assert into.external_id == f"{card.id}|wednesday"
    stored = server(org).store.rows[CARD][card.id].fields
    assert (stored["pse__Wednesday_Hours__c"], stored["pse__Wednesday_Notes__c"], stored["pse__Monday_Hours__c"]) == (Decimal("7.5"), "Review", Decimal("6.0"))
    new = await connector.write(hours(org, "2026-06-10"))
    id, _, day = new.external_id.partition("|")
    made = server(org).store.rows[CARD][id].fields
    assert (day, made["pse__Start_Date__c"], made["pse__End_Date__c"], made["pse__Status__c"]) == ("wednesday", "2026-06-07", "2026-06-13", "Saved")
    beside = await connector.write(hours(org, "2026-05-07"))
    assert not beside.external_id.startswith(rows(org, CARD, pse__Status__c="Approved")[0].id), "an approved card takes none"
    monday = connected(org, week_starts="monday")
    start = server(org).store.rows[CARD][(await monday.write(hours(org, "2026-07-05"))).external_id.partition("|")[0]].fields["pse__Start_Date__c"]
    assert start == "2026-06-29"


async def test_hours_are_booked_once_whatever_happens_to_the_answer(org: CertiniaSubject) -> None:
    connector = connected(org)
    for on, operation in (("2026-06-10", "create"), ("2026-06-11", "update")):
        wanted = hours(org, on)
        assert await connector.look_up(wanted) is None
        server(org).faults.append(Fault("lose_answer", CARD, operation))
        await raises(UnknownOutcomeError, connector.write(wanted))
        adopted = await connector.look_up(wanted)
        assert adopted is not None and adopted.was_adopted
        error = await raises(RejectedError, connector.write(wanted))
        assert error.cause == "duplicate", "a day that holds hours is never added to"
    assert len(rows(org, CARD)) == 3


async def test_a_days_hours_are_changed_and_withdrawn_and_nothing_else_is(org: CertiniaSubject) -> None:
    connector, (card,) = connected(org), rows(org, CARD, pse__Status__c="Saved")
    change = Write("key-2", "update", CARD, "time_entry", f"{card.id}|monday", {"Hours": Decimal("5.5")})
    assert await connector.look_up(change) is None
    assert (await connector.write(change)).external_id == f"{card.id}|monday"
    assert await connector.look_up(change) is not None
    stale = replace(change, body={"Hours": Decimal("1.0")}, expected_version="2020-01-01T00:00:00.000000Z")
    assert (await raises(RejectedError, connector.write(stale))).cause == "conflict"
    moved = await raises(RejectedError, connector.write(replace(change, body={"Date": "2026-06-02", "Hours": Decimal("5.5")})))
    assert moved.field == "Date"
    gone = Write("key-3", "deactivate", CARD, "time_entry", f"{card.id}|monday", {})
    await connector.write(gone)
    assert await connector.look_up(gone) is not None
    stored = server(org).store.rows[CARD][card.id].fields
    assert (stored["pse__Monday_Hours__c"], stored["pse__Sunday_Hours__c"]) == (None, Decimal("2.0"))
    for id in ("nonsense", f"{card.id}|someday"):
        assert (await raises(RejectedError, connector.write(replace(change, external_id=id)))).cause == "not_found"


async def test_what_time_is_closed_to_says_so(org: CertiniaSubject) -> None:
    connector, project = connected(org), rows(org, CARD)[0].fields["pse__Project__c"]
    (approved,) = rows(org, CARD, pse__Status__c="Approved")
    locked = await raises(RejectedError, connector.write(Write("k", "update", CARD, "time_entry", f"{approved.id}|monday", {"Hours": Decimal("1.0")})))
    assert (locked.cause, locked.code) == ("lock", "ENTITY_IS_LOCKED")
    old = await raises(RejectedError, connector.write(hours(org, "2025-12-10")))
    assert old.cause == "closed_period"
    put(org, PROJECT, project, pse__Allow_Timecards_Without_Assignment__c=False)
    unassigned = await raises(RejectedError, connector.write(hours(org, "2026-06-10", pse__Assignment__c=None)))
    assert (unassigned.cause, unassigned.field) == ("reference", "pse__Assignment__c")
    put(org, PROJECT, project, pse__Closed_for_Time_Entry__c=True)
    closed = await raises(RejectedError, connector.write(hours(org, "2026-06-10")))
    assert (closed.cause, closed.field) == ("lock", "pse__Project__c")
    assert len(rows(org, CARD)) == 2


async def test_the_packages_own_words_of_refusal(org: CertiniaSubject) -> None:
    connector, project = connected(org), rows(org, CARD)[0].fields["pse__Project__c"]
    nobody = rows(org, "Contact", pse__Is_Resource__c=False)[0].id
    body = {"pse__Project__c": project, "pse__Resource__c": nobody, "pse__Start_Date__c": "2026-05-01"}
    trigger = await raises(RejectedError, connector.write(Write("k", "create", "pse__Assignment__c", "assignment", None, body)))
    assert (trigger.code, trigger.field, trigger.cause) == ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "pse__Resource__c", "validation")
    assert "the contact is not a resource" in trigger.detail
    put(org, PROJECT, project, pse__Closed_for_Expense_Entry__c=True)
    outlay = {"pse__Expense_Report__c": rows(org, "pse__Expense_Report__c")[0].id, "pse__Project__c": project, "pse__Expense_Date__c": "2026-05-06", "pse__Type__c": "Airfare"}
    closed = await raises(RejectedError, connector.write(Write("k", "create", "pse__Expense__c", "expense", None, outlay)))
    assert closed.cause == "lock" and "Open the project" in closed.remedy


# --- what is made anew, and what is lacking -----------------------------------------------------------------------------------


async def test_items_that_a_recalculation_makes_anew_stay_the_same_items(org: CertiniaSubject) -> None:
    connector = connected(org)
    before, checkpoint, _ = await read_all(connector, ITEM)
    known = {row.id for row in rows(org, ITEM)}
    put(org, CARD, rows(org, CARD, pse__Status__c="Saved")[0].id, pse__Tuesday_Hours__c=Decimal("3.0"))
    server(org).control_bill({"project": rows(org, CARD)[0].fields["pse__Project__c"]})
    after, _, _ = await read_all(connector, ITEM, checkpoint)
    assert known.isdisjoint(row.id for row in rows(org, ITEM)), "every one has another id"
    assert present([*before, *after]) == present(before) and len(present(before)) == 5
    id = min(present(before))
    found = await connector.fetch(ITEM, id)
    assert found is not None and found.external_id == id and await connector.fetch(ITEM, "a0G|nothing") is None
    kinds = sorted(parse_json(one.body)["Kind"] for one in before)
    assert kinds == ["expense", "milestone", "time", "time", "time"]
    for row in rows(org, ITEM):
        named = [row.fields.get(name) for name in ("pse__Timecard_Split__c", "pse__Expense__c", "pse__Milestone__c")]
        assert sum(one is not None for one in named) == 1, "an item bills just one thing"


async def test_without_a_licence_it_says_which_and_a_field_out_of_sight_is_named(org: CertiniaSubject) -> None:
    server(org).control_unlicense({"object": PROJECT, "field": "pse__Stage__c"})
    hidden = await raises(SchemaDriftError, connected(org).poll(PROJECT, ""))
    assert hidden.path == "pse__Stage__c" and "has no field pse__Stage__c" in str(hidden)
    server(org).control_unlicense({"object": "Contact", "field": "pse__Practice__c"})
    messages, _, _ = await read_all(connected(org), "Contact")
    assert messages and all("pse__Practice__c" not in parse_json(one.body) for one in messages), "an optional field is left out"
    server(org).control_unlicense({"prefix": "pse__"})
    lacking = await raises(RejectedError, connected(org).poll(PROJECT, ""))
    assert (lacking.cause, lacking.field) == ("permission", PROJECT) and "licence" in lacking.remedy
    spare = await connected(org, package="accounting").poll("fferpcore__BillingDocument__c", "")
    assert (spare.messages, spare.checkpoint, spare.has_more) == ((), "", False)


async def test_a_collection_beyond_the_platforms_limits_goes_in_halves_and_one_project_at_a_time(org: CertiniaSubject) -> None:
    connector, running = connected(org), server(org)
    running.most_at_once = 10
    projects = [row.id for row in rows(org, PROJECT)][1:3]
    writes = [
        Write(f"key-{n}", "create", "pse__Project_Task__c", "task", None, {"Name": f"Task {n}", "pse__Project__c": projects[n % 2]}) for n in range(80)
    ]  # fmt: skip
    answers = await connector.write_many(writes)
    assert all(isinstance(one, Receipt) for one in answers)
    names = [running.store.rows["pse__Project_Task__c"][one.external_id].fields["Name"] for one in answers if isinstance(one, Receipt)]
    assert names == [f"Task {n}" for n in range(80)], "answers stay in order"
    assert running.requests["create collection"] == 2 * (1 + 2 + 4), "forty, twenty and twenty, ten four times, for each project"
    assert connector.capabilities.bulk_size == 50


# --- documents ------------------------------------------------------------------------------------------------------------


async def test_each_package_is_a_connection_of_its_own(org: CertiniaSubject) -> None:
    psa, books = connected(org), connected(org, package="accounting")
    assert set(psa.capabilities.resources) & set(books.capabilities.resources) == {"Account"}
    messages, _, _ = await read_all(books, "Account")
    document = org.document()
    (account,) = [one for one in load_mappings(document, system="psa") if one.entity == "billing_account"]
    assert [len(account.read(parse_json(one.body))) for one in messages] == [1] * len(messages)
    messages, _, _ = await read_all(psa, "Account")
    assert [account.read(parse_json(one.body)) for one in messages] == [[]] * len(messages)


@pytest.mark.parametrize("object_", ["Account", "pse__Proj__c", "pse__Project_Task__c", "pse__Assignment__c", "pse__Milestone__c", "pse__Expense__c", CARD])
async def test_what_is_written_reads_back_as_the_same_record(org: CertiniaSubject, object_: str) -> None:
    """A record of the vendor's, read, written as a change of itself and read again."""
    document = org.document()
    mapping = next(one for one in load_mappings(document, system="psa") if one.object == object_ and one.fields_out)
    codes = CodeMaps(load_code_maps(document, system="psa"), lambda set, value: True)
    connector = connected(org)
    messages = [one for one in (await read_all(connector, object_))[0] if mapping.read(parse_json(one.body), codes) and not one.is_delete]
    record = messages[-1]
    (before,) = mapping.read(parse_json(record.body), codes)
    written = mapping.write({name: value for name, value in before.values.items() if name in mapping.fields_out}, codes)
    await connector.write(Write("k", "update", object_, mapping.entity, record.external_id, written))
    found = await connector.fetch(object_, record.external_id)
    assert found is not None and found.version != record.version
    (after,) = mapping.read(parse_json(found.body), codes)
    assert after.values == before.values and before.problems == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"package": "revenue"}, "package: expected one of psa, accounting, got 'revenue'"),
        ({"week_starts": "noon"}, "week_starts: expected one of sunday, monday"),
        ({"resources": {"pse__Proj__c": "all"}}, "resources.pse__Proj__c: expected a table of keys and values"),
        ({"multi_currency": False}, "currency: expected the org's currency"),
        ({"shoes": 1}, "shoes: unknown key"),
    ],
)  # fmt: skip
async def test_a_mistake_in_a_document_is_told(org: CertiniaSubject, said: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        connected(org, **said)
    assert expected in str(refused.value)
