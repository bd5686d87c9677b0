"""Kantata beyond the suite: signing in, rows that move, deletes without a feed, approvals, references, what is refused before it is asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.conformance import present, raises, read_all
from connectors.errors import ConfigurationError, ConnectorError, CredentialsError, RejectedError, RetriableError, UnknownOutcomeError
from connectors.http import Answer
from connectors.kantata import walk
from connectors.kantata.connector import KantataConnector
from connectors.kantata.records import with_approval
from connectors.kantata.simulator.server import CLIENT_ID, CLIENT_SECRET, REFRESH, TOKEN, Kantata
from connectors.port import Incoming, Write
from connectors.registry import connect
from connectors.rest.answers import error_of
from connectors.shipped import extended
from connectors.simulator.base import Fault
from connectors.wire import dump_json, parse_json
from schema import ENTITIES
from schema.code_maps import CodeMaps
from schema.mapping import unbound
from schema.mapping_file import load_code_maps, load_mappings
from tests.connectors.test_pairs import is_known

KEY = "0199a1b0-0000-7000-8000-000000000001"


class Firm:
    """A running account and the connectors to it."""

    def __init__(self, running: Kantata) -> None:
        self.running, self.made = running, list[KantataConnector]()

    def connector(self, **more: Any) -> KantataConnector:
        own = {"system": "psa", "base_url": self.running.url, "currency": "EUR", "auth": {"token": TOKEN}, "page_size": 50}
        document = extended({"extends": "kantata", **own, **more})
        made = connect("kantata", {key: value for key, value in document.items() if key not in ("mappings", "code_maps")})
        assert isinstance(made, KantataConnector)
        self.made.append(made)
        return made

    def first(self, object: str) -> str:
        return next(self.running.store.table(object)).id

    def fields(self, object: str, id: str) -> dict[str, Any]:
        return self.running.store.rows[object][id].fields

    def load(self, object: str, count: int, **values: Any) -> list[str]:
        before = set(self.running.store.rows.get(object, {}))
        self.running.control_load({"object": object, "count": count, "values": values})
        return [id for id in self.running.store.rows[object] if id not in before]

    def references(self) -> list[tuple[str, str, str]]:
        return [(row.fields["subject_type"], row.fields["subject_id"], row.fields["service_model_ref"]) for row in self.running.store.table("external_references")]


@pytest.fixture
async def firm() -> AsyncIterator[Firm]:
    found = Firm(await Kantata().start())
    yield found
    for one in found.made:
        await one.aclose()
    await found.running.stop()


def entry(firm: Firm, **more: Any) -> dict[str, Any]:
    about = {"workspace_id": firm.first("workspaces"), "user_id": "2", "story_id": None, "date_performed": "2026-05-20"}
    return {**about, "time_in_minutes": 60, "billable": True, "notes": "Call", **more}


def create(firm: Firm, body: dict[str, Any], key: str = KEY) -> Write:
    natural = {name: body[name] for name in ("user_id", "workspace_id", "date_performed", "time_in_minutes")}
    return Write(key, "create", "time_entries", "time_entry", None, body, natural_key=natural)


def update(object: str, id: str, body: dict[str, Any], **more: Any) -> Write:
    return Write("key-9", "update", object, "time_entry", id, body, **more)


# --- signing in ---------------------------------------------------------------------------------------------------------


async def test_a_refresh_token_is_used_once_and_the_one_that_comes_takes_its_place(firm: Firm) -> None:
    auth = {"token_url": f"{firm.running.url}/oauth/token", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": REFRESH}
    connector = firm.connector(auth=auth)
    await asyncio.gather(*(connector.poll("vendors", "") for _ in range(4)))
    firm.running.expire_tokens()
    assert (await connector.poll("vendors", "")).messages
    assert firm.running.requests["token"] == 2
    await raises(CredentialsError, firm.connector(auth=auth).poll("vendors", ""))


async def test_a_revoked_token_is_told_as_such(firm: Firm) -> None:
    firm.running.tokens.clear()
    await raises(CredentialsError, firm.connector().poll("vendors", ""))


# --- reading ------------------------------------------------------------------------------------------------------------


async def test_every_record_of_the_account_is_read_whole_by_the_shipped_mappings(firm: Firm) -> None:
    document = extended({"extends": "kantata", "system": "psa"})
    mappings, codes = load_mappings(document, system="psa"), CodeMaps(load_code_maps(document, system="psa"), is_known)
    connector, seen = firm.connector(), set[str]()
    for resource in connector.capabilities.resources:
        for message in (await read_all(connector, resource))[0]:
            record, mine = parse_json(message.body), [one for one in mappings if one.object == message.object]
            parts = [part for one in mine for part in one.read(record, codes)]
            assert [(part.problems, part.raw) for part in parts if part.problems or part.raw] == []
            assert unbound(mine, record) == set()
            assert {one.record_id(record) for one in mine} == {message.external_id}
            for part in parts:
                stated = {name for name, value in part.values.items() if value is not None}
                assert {field.name for field in ENTITIES[part.entity].required} <= stated, f"{message.object} as {part.entity}"
                seen.add(part.entity)
    assert seen == {
        "client", "contact", "resource", "project", "contract_threshold", "task", "milestone", "assignment", "rate_card", "rate_line", "time_entry",
        "expense", "expense_report", "invoice", "payment", "payment_application", "vendor", "cost_centre", "region",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("object_", "values"),
    [("workspace_groups", {"name": "Firm {n}", "company": True}), ("expenses", {"date": "2026-05-04", "category": "Travel", "amount_in_cents": 100})],
)
async def test_rows_that_move_while_pages_are_read_by_offset_are_not_skipped(firm: Firm, object_: str, values: dict[str, Any]) -> None:
    if object_ == "expenses":
        values = {**values, "workspace_id": firm.first("workspaces"), "user_id": "1"}
    ids = firm.load(object_, 170, **values)
    for id in ids:  # all of one second, as after an import
        firm.fields(object_, id).update(updated_at="2026-05-04T09:00:00-07:00", created_at="2026-05-04T09:00:00-07:00")
    connector, checkpoint, found = firm.connector(), "", list[Incoming]()
    moved = iter(ids[:4])
    while True:
        page = await connector.poll(object_, checkpoint)
        found, checkpoint = [*found, *page.messages], page.checkpoint
        if (gone := next(moved, None)) is not None:
            firm.running.control_delete({"object": object_, "id": gone})
        if not page.has_more:
            break
    assert present(found) >= {row.id for row in firm.running.store.table(object_)}


def test_a_walk_steps_back_to_the_rows_it_has_read_and_doubts_a_list_that_never_settles() -> None:
    place = walk.Place(offset=98, tail=["95", "96", "97", "98"], is_under_way=True)
    assert walk.stepped_back(place, ["98", "99"], 50) is None and walk.stepped_back(place, ["96", "99"], 50) is None
    for _ in range(walk.BACK):
        back = walk.stepped_back(place, ["120", "121"], 50)
        assert back is not None and back.offset == 49
        place = replace(walk.place_of(back.text()), offset=98)
    assert walk.stepped_back(place, ["120", "121"], 50) is None and walk.checked(place, ["120", "121"]).is_doubtful
    assert not walk.checked(replace(place, offset=0), ["120"]).is_doubtful


async def test_what_was_doubtful_is_listed_anew_and_no_absence_is_taken_for_a_delete(firm: Firm) -> None:
    place = walk.Place(offset=5, tail=["no such row"], began="2026-05-04T00:00:00.000000Z", back=walk.BACK, is_under_way=True)
    page = await firm.connector().poll("workspace_groups", place.text())
    assert len(page.messages) == 6 and (page.checkpoint, page.has_more, page.is_complete_listing) == ("", False, False)


async def test_a_list_that_takes_no_offset_is_not_cut_without_a_word(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.kantata.simulator.asking.cut", lambda query, rows: (rows[:5], {"count": len(rows)}))
    error = await raises(RetriableError, read_all(firm.connector(), "workspace_groups"))
    assert "does not go on" in str(error)


async def test_what_a_default_filter_hides_is_read_and_fetched(firm: Firm) -> None:
    project, connector = firm.first("workspaces"), firm.connector()
    firm.running.control_change({"object": "workspaces", "id": project, "values": {"archived": True}})
    inside = {row.id for row in firm.running.store.table("time_entries") if row.fields["workspace_id"] == project}
    assert inside and inside <= present((await read_all(connector, "time_entries"))[0])
    found = await connector.fetch("workspaces", project)
    assert found is not None and parse_json(found.body)["progress"] == "Archived"
    assert await connector.fetch("workspaces", "999999") is None


async def test_without_the_feed_a_listing_that_is_due_shows_what_is_gone(firm: Firm) -> None:
    connector, gone = firm.connector(full_listing_every_h=0), firm.first("vendors")
    _, checkpoint, last = await read_all(connector, "vendors")
    assert checkpoint == "" and last.is_complete_listing
    firm.running.control_delete({"object": "vendors", "id": gone})
    messages, _, last = await read_all(connector, "vendors", checkpoint)
    assert last.is_complete_listing and gone not in present(messages)
    _, checkpoint, _ = await read_all(firm.connector(), "vendors")
    assert json.loads(checkpoint)["listed"]


async def test_the_feed_tells_deletes_and_what_came_while_it_was_read_comes_next_time(firm: Firm) -> None:
    ids, connector = firm.load("vendors", 130, name="V {n}"), firm.connector(events=True)
    _, checkpoint, _ = await read_all(connector, "vendors")
    for id in ids[:120]:
        firm.running.control_delete({"object": "vendors", "id": id})
    later, checkpoint, last = await read_all(connector, "vendors", checkpoint)
    assert {one.external_id for one in later if one.is_delete} == set(ids[:120]) and not last.is_complete_listing
    assert len({one.key for one in later}) == len(later)
    again, _, _ = await read_all(connector, "vendors", checkpoint)
    assert {one.key for one in again if one.is_delete} == {one.key for one in later if one.is_delete}


async def test_a_gap_longer_than_events_are_kept_begins_a_full_listing(firm: Firm) -> None:
    connector = firm.connector(events=True)
    checkpoint = walk.Place("2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00.000000Z").text()
    page = await connector.poll("vendors", checkpoint)
    assert (page.messages, page.checkpoint, page.has_more) == ((), "", False)
    assert (await read_all(connector, "vendors", page.checkpoint))[2].is_complete_listing


async def test_a_feed_that_is_not_paid_for_is_told_as_a_right_that_is_missing(firm: Firm) -> None:
    firm.running.has_events = False
    connector = firm.connector(events=True)
    _, checkpoint, _ = await read_all(connector, "vendors")
    page = await connector.poll("vendors", checkpoint)
    error = await raises(RejectedError, connector.poll("vendors", page.checkpoint))
    assert error.cause == "permission" and "events" in str(error)


async def test_an_approval_that_does_not_stamp_the_time_it_approves_is_seen(firm: Firm) -> None:
    connector = firm.connector()
    sheet = next(row for row in firm.running.store.table("timesheet_submissions") if row.fields["status"] == "new")
    (id,) = sheet.fields["time_entry_ids"]
    before, checkpoint, _ = await read_all(connector, "time_approvals")
    assert {one.object for one in before} == {"time_entries"}
    firm.fields("time_entries", id)["approved"] = True
    firm.running.put("timesheet_submissions", sheet.id, {"status": "approved", "current_resolution_creator_id": "3"})
    later, _, last = await read_all(connector, "time_approvals", checkpoint)
    told = {one.external_id: parse_json(one.body) for one in later}[id]
    assert (told["approval"], told["active_submission"]["current_resolution_creator_id"], last.is_complete_listing) == ("approved", "3", False)


@pytest.mark.parametrize(
    ("record", "state"),
    [
        ({"approved": True}, "approved"),
        ({"approved": False, "active_submission_id": "9", "active_submission": {"status": "new"}}, "submitted"),
        ({"approved": False, "active_submission_id": "9"}, "submitted"),
        ({"approved": False, "recent_submission": {"status": "rejected"}}, "rejected"),
        ({"approved": False, "recent_submission": {"status": "cancelled"}}, "recalled"),
        ({"approved": False}, "draft"),
    ],
)
def test_where_time_stands_is_read_off_its_submissions(record: dict[str, Any], state: str) -> None:
    assert with_approval(record)["approval"] == state


async def test_parameters_an_account_does_not_know_are_left_out_from_then_on(firm: Firm) -> None:
    firm.running.unknown = {"show_deleted"}
    connector = firm.connector()
    assert len((await read_all(connector, "stories"))[0]) == 3
    asked = firm.running.requests["list stories"]
    await connector.poll("stories", "")
    assert (asked, firm.running.requests["list stories"]) == (2, 3)
    firm.running.unknown = {"include_archived"}
    error = await raises(RejectedError, connector.poll("workspaces", ""))
    assert error.detail.startswith("Unknown parameter: include_archived")


async def test_other_services_ids_stand_beside_ours_whatever_we_are_called(firm: Firm) -> None:
    id = firm.first("workspace_groups")
    for service, ref in (("northbeam", KEY), ("salesforce", "001NB0000000001AAA")):
        firm.running.account.refer({"service_name": service, "service_model": "Account", "service_model_ref": ref, "subject_type": "WorkspaceGroup", "subject_id": id})
    found = await firm.connector(service="northbeam").fetch("workspace_groups", id)
    assert found is not None and parse_json(found.body)["references"] == {"hub": KEY, "salesforce": "001NB0000000001AAA"}


# --- writing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("takes_references", [True, False])
async def test_a_new_record_has_our_reference_whether_it_is_taken_along_or_not(firm: Firm, takes_references: bool) -> None:
    firm.running.takes_references = takes_references
    connector, wanted = firm.connector(), create(firm, entry(firm))
    receipt = await connector.write(wanted)
    assert firm.references() == [("TimeEntry", receipt.external_id, KEY)]
    found = await connector.look_up(wanted)
    assert found is not None and (found.external_id, found.version) == (receipt.external_id, receipt.version) and receipt.version
    assert receipt.response.startswith("req-")


async def test_a_record_whose_reference_is_lost_is_found_by_what_tells_it_apart_and_gets_one(firm: Firm) -> None:
    firm.running.takes_references = False
    connector, body = firm.connector(), entry(firm)
    firm.running.faults.append(Fault("lose_answer", "time_entries", "create", times=2))  # the second is that of the record without a reference
    story = firm.first("stories")
    alike = firm.load("time_entries", 1, **{**body, "notes": "Another call"}) + firm.load("time_entries", 1, **{**body, "story_id": story})
    taken = firm.load("time_entries", 1, **body)[0]
    firm.running.account.refer({"service_name": "hub", "service_model": "time_entry", "service_model_ref": "another", "subject_type": "TimeEntry", "subject_id": taken})
    firm.running.faults.pop()
    (id,) = firm.load("time_entries", 1, **body)
    found = await connector.look_up(create(firm, body))
    assert found is not None and found.external_id == id and id not in alike and found.was_adopted
    assert ("TimeEntry", id, KEY) in firm.references()


async def test_a_record_stands_even_when_its_reference_could_not_be_written(firm: Firm) -> None:
    firm.running.takes_references = False
    firm.running.faults.append(Fault("500", "external_references", "create"))
    receipt = await firm.connector().write(create(firm, entry(firm)))
    assert receipt.external_id and receipt.response.startswith("its reference was refused (500)") and firm.references() == []


@pytest.mark.parametrize(
    ("changed", "cause", "field"),
    [
        ({"is_invoiced": True}, "lock", "is_invoiced"),
        ({"approved": True}, "lock", "approved"),
        ({"user_can_edit": False}, "permission", "user_can_edit"),
    ],
)
async def test_a_line_that_is_closed_is_not_touched(firm: Firm, changed: dict[str, Any], cause: str, field: str) -> None:
    (id,) = firm.load("time_entries", 1, **entry(firm, **changed))
    error = await raises(RejectedError, firm.connector().write(update("time_entries", id, {"time_in_minutes": 90})))
    assert (error.cause, error.field, bool(error.remedy)) == (cause, field, True)
    assert firm.running.requests["update time_entries"] == 0


async def test_a_day_before_the_lock_is_a_closed_period_for_new_and_moved_time(firm: Firm) -> None:
    connector = firm.connector()
    error = await raises(RejectedError, connector.write(create(firm, entry(firm, date_performed="2026-01-30"))))
    assert (error.cause, error.field) == ("closed_period", "date_performed")
    (id,) = firm.load("time_entries", 1, **entry(firm, date_performed="2026-01-12"))
    error = await raises(RejectedError, connector.write(update("time_entries", id, {"date_performed": "2026-05-04"})))
    assert error.cause == "closed_period"
    assert (await connector.write(create(firm, entry(firm, date_performed="2026-01-31")))).external_id


async def test_a_delete_is_carried_out_once_and_found_again(firm: Firm) -> None:
    (id,) = firm.load("time_entries", 1, **entry(firm))
    connector, wanted = firm.connector(), Write("key-8", "deactivate", "time_entries", "time_entry", id, {})
    assert await connector.look_up(wanted) is None
    await connector.write(wanted)
    found = await connector.look_up(wanted)
    assert found is not None and found.external_id == id
    assert (await connector.write(wanted)).was_adopted


async def test_a_project_is_archived_and_that_is_seen(firm: Firm) -> None:
    connector, id = firm.connector(), firm.first("workspaces")
    wanted = Write("key-8", "deactivate", "workspaces", "project", id, {})
    assert await connector.look_up(wanted) is None
    await connector.write(wanted)
    assert firm.fields("workspaces", id)["archived"] is True and await connector.look_up(wanted) is not None


async def test_a_project_that_changes_its_client_keeps_its_other_groups(firm: Firm) -> None:
    id, (first, second, third) = firm.first("workspaces"), [row.id for row in firm.running.store.table("workspace_groups")][:3]
    firm.running.put("workspaces", id, {"workspace_group_ids": [first, third], "primary_workspace_group_id": first})
    wanted = update("workspaces", id, {"primary_workspace_group_id": second, "title": "ERP rollout 2"})
    connector = firm.connector()
    await connector.write(wanted)
    assert (firm.fields("workspaces", id)["workspace_group_ids"], firm.fields("workspaces", id)["title"]) == ([second, third], "ERP rollout 2")
    assert await connector.look_up(wanted) is not None


async def test_an_amount_in_another_currency_than_its_projects_is_refused(firm: Firm) -> None:
    about = {"workspace_id": firm.first("workspaces"), "user_id": "1", "date": "2026-05-04", "category": "Travel"}
    body = {**about, "amount_in_cents": 8900, "is_billable": False, "notes": "Train"}
    connector = firm.connector()
    error = await raises(RejectedError, connector.write(Write("key-1", "create", "expenses", "expense", None, {**body, "currency": "GBP"})))
    assert (error.cause, error.field) == ("validation", "currency")
    receipt = await connector.write(Write("key-1", "create", "expenses", "expense", None, {**body, "currency": "EUR"}))
    assert {name: firm.fields("expenses", receipt.external_id)[name] for name in body} == body


async def test_amounts_are_counted_as_the_account_counts_them(firm: Firm) -> None:
    """An account that keeps two decimals of a currency that has none."""
    project = firm.first("workspaces")
    firm.running.put("workspaces", project, {"currency": "ISK", "currency_base_unit": 100, "price_in_cents": 500_000_00})
    connector = firm.connector()
    body = {"workspace_id": project, "user_id": "1", "date": "2026-05-04", "category": "Travel", "amount_in_cents": 8900, "currency": "ISK"}
    receipt = await connector.write(Write("key-1", "create", "expenses", "expense", None, body))
    assert firm.fields("expenses", receipt.external_id)["amount_in_cents"] == 890_000
    found, priced = await connector.fetch("expenses", receipt.external_id), await connector.fetch("workspaces", project)
    assert found is not None and priced is not None
    assert (parse_json(found.body)["amount_in_cents"], parse_json(priced.body)["price_in_cents"]) == (8900, 500_000)


async def test_a_payment_is_of_all_that_is_open_or_refused(firm: Firm) -> None:
    connector, invoice = firm.connector(), firm.first("invoices")
    body = {"invoice_id": invoice, "amount_in_cents": 105000, "workspace": {"currency": "EUR"}}
    wanted = Write("key-1", "create", "external_payments", "payment_application", None, body, natural_key={"invoice_id": invoice, "amount_in_cents": 105000})
    part = Write("key-2", "create", "external_payments", "payment_application", None, {**body, "amount_in_cents": 5000})
    assert (await raises(RejectedError, connector.write(part))).field == "amount_in_cents"
    receipt, found = await connector.write(wanted), await connector.look_up(wanted)
    assert found is not None and found.external_id == receipt.external_id
    assert firm.fields("invoices", invoice)["balance_in_cents"] == 0


@pytest.mark.parametrize(
    ("object_", "entity"),
    [("workspace_groups", "client"), ("workspaces", "project"), ("stories", "task"), ("expenses", "expense"), ("billing_milestones", "milestone")],
)
async def test_what_is_written_reads_back_as_the_same_record(firm: Firm, object_: str, entity: str) -> None:
    """raw → canonical → a new record → canonical."""
    document = extended({"extends": "kantata", "system": "psa"})
    codes = CodeMaps(load_code_maps(document, system="psa"), is_known)
    (mapping,) = [one for one in load_mappings(document, system="psa") if one.object == object_ and one.entity == entity]
    connector = firm.connector()
    (message, *_), _, _ = await read_all(connector, object_)
    (read,) = mapping.read(parse_json(message.body), codes)
    receipt = await connector.write(Write(KEY, "create", object_, entity, None, mapping.write(read.values, codes, is_new=True)))
    made = await connector.fetch(object_, receipt.external_id)
    assert made is not None
    (again,) = mapping.read(parse_json(made.body), codes)
    written = {name for name in mapping.fields_out if name in read.values}
    assert {name: again.values[name] for name in written} == {name: read.values[name] for name in written}
    assert [(link.system, link.external_id) for link in again.links] == [("hub", KEY)]


async def test_an_unknown_outcome_is_told_where_kantata_cut_the_request(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    firm.running.faults.append(Fault("503", "time_entries", "create"))
    await raises(RetriableError, firm.connector().write(create(firm, entry(firm))))
    monkeypatch.setattr("connectors.kantata.connector.CUT_AFTER_S", 0.0)
    firm.running.faults.append(Fault("503", "time_entries", "create"))
    error = await raises(UnknownOutcomeError, firm.connector().write(create(firm, entry(firm))))
    assert error.settles_after_s >= 180


async def test_an_answer_of_another_shape_stops_the_poll_and_a_new_status_waits_for_its_code(firm: Firm) -> None:
    from connectors.errors import SchemaDriftError
    from connectors.kantata.records import rows

    for body in ({}, {"results": [{"key": "users", "id": "7"}]}, {"results": [{"id": "7"}], "users": {}}, []):
        with pytest.raises(SchemaDriftError):
            rows(body, "users")
    project = firm.first("workspaces")
    firm.running.put("workspaces", project, {"status": {"color": "red", "key": 777, "message": "In Escalation"}})
    document = extended({"extends": "kantata", "system": "psa"})
    mapping = next(one for one in load_mappings(document, system="psa") if one.entity == "project")
    found = await firm.connector().fetch("workspaces", project)
    assert found is not None
    (part,) = mapping.read(parse_json(found.body), CodeMaps(load_code_maps(document, system="psa"), is_known))
    assert part.problems == [] and {name: raw.text for name, raw in part.raw.items()} == {"state": "In Escalation"}


# --- errors and configuration -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "told", "expected"),
    [
        (400, {"type": "syntax", "message": "Unknown parameter: x"}, ("RejectedError", "validation", "")),
        (401, {"type": "oauth", "message": "Invalid OAuth 2 Request"}, ("CredentialsError", "", "")),
        (403, {"type": "system", "message": "You may not"}, ("RejectedError", "permission", "")),
        (404, {"type": "system", "message": "The requested resource could not be found."}, ("RejectedError", "not_found", "")),
        (422, {"type": "validation", "message": "Date performed can't be blank", "field": "date_performed"}, ("RejectedError", "validation", "date_performed")),
        (422, {"type": "validation", "message": "Name has already been taken", "field": "name"}, ("RejectedError", "duplicate", "name")),
        (422, {"type": "validation", "message": "Date performed is locked", "field": "date_performed"}, ("RejectedError", "closed_period", "date_performed")),
        (422, {"type": "validation", "message": "It has been approved"}, ("RejectedError", "lock", "")),
        (422, {"type": "validation", "message": "It has been invoiced"}, ("RejectedError", "lock", "")),
        (422, {"type": "validation", "message": "Workspace must exist", "field": "workspace_id"}, ("RejectedError", "reference", "workspace_id")),
        (500, {"type": "system", "message": "Oops"}, ("UnknownOutcomeError", "", "")),
        (503, {"type": "system", "message": "Down"}, ("RetriableError", "", "")),
        (504, {"type": "system", "message": "Timeout"}, ("UnknownOutcomeError", "", "")),
    ],
)
async def test_each_refusal_says_what_happens_next(firm: Firm, status: int, told: dict[str, str], expected: tuple[str, str, str]) -> None:
    error: ConnectorError = error_of(firm.connector().config, Answer(status, {}, dump_json({"errors": [told]})), "create time entry", is_read=False)
    assert (type(error).__name__, getattr(error, "cause", ""), getattr(error, "field", "")) == expected


async def test_a_refusal_names_the_request_for_kantatas_support(firm: Firm) -> None:
    error = await raises(RejectedError, firm.connector().write(create(firm, entry(firm, user_id="99"))))
    assert (error.cause, error.field) == ("reference", "user_id") and "(request req-" in error.detail


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"currency": None}, "currency: expected the account's currency, such as EUR, got nothing"),
        ({"page_size": 500}, "page_size: expected a number from 2 to 200, got 500"),
        ({"auth": {"client_id": "x"}}, "auth.client_secret: expected a text, got nothing"),
        ({"resources": {"rate_card_versions": None}}, "resources.rate_card_roles: expected the names of resources that are there, got 'rate_card_versions'"),
        ({"resources": {"users": {"embed": {"role": ["roles"]}}}}, "resources.users.embed.role: expected a collection and the fields that are taken of it"),
        ({"shoes": 1}, "shoes: unknown key"),
    ],
)
async def test_a_mistake_in_a_document_is_told(firm: Firm, said: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        firm.connector(**said)
    assert expected in str(refused.value)
