"""Autotask beyond the suite: zones, labels, parents, what changes silently, thresholds, signatures, and errors that are texts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.autotask import webhooks
from connectors.autotask.connector import AutotaskConnector
from connectors.autotask.joins import parse_join
from connectors.autotask.simulator.server import CODE, HOOK_SECRET, SECRET, USER
from connectors.autotask.webhooks import Subscription, subscribe
from connectors.conformance import present, raises, read_all
from connectors.errors import (
    ConfigurationError, CredentialsError, RateLimitedError, RejectedError, RetriableError, SchemaDriftError, SignatureError, UnknownOutcomeError,
)  # fmt: skip
from connectors.port import Incoming, Receipt, Write, received
from connectors.simulator.base import Fault
from connectors.simulator.rules import Refusal
from connectors.wire import dump_json, parse_json
from tests.connectors.vendors.autotask import AutotaskSubject, subject as autotask


@pytest.fixture
async def psa() -> AsyncIterator[AutotaskSubject]:
    found = await autotask()
    yield found
    await found.close()


def connected(psa: AutotaskSubject, **more: Any) -> AutotaskConnector:
    made = psa.connector(**more)
    assert isinstance(made, AutotaskConnector)
    return made


def told(message: Incoming) -> dict[str, Any]:
    found: dict[str, Any] = parse_json(message.body)
    return found


def create(object: str, entity: str, body: dict[str, Any], key: str = "key-1", **natural: Any) -> Write:
    return Write(key, "create", object, entity, None, body, natural_key=natural)


def update(object: str, entity: str, id: str, body: dict[str, Any]) -> Write:
    return Write("key-u", "update", object, entity, id, body)


# --- signing in ------------------------------------------------------------------------------------------------------------


async def test_the_zone_is_asked_for_once_and_without_credentials(psa: AutotaskSubject) -> None:
    connector = connected(psa)
    await asyncio.gather(*(connector.poll(name, "") for name in ("Companies", "Roles", "Projects")))
    assert (psa.running.requests["zone"], psa.running.requests["read ThresholdInformation"]) == (1, 1)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"user": "nobody@x.example"}, "knows no zone of our user (500): check user, secret and integration_code"),
        ({"integration_code": "WRONG"}, "refuses our first request (500): check user, secret and integration_code"),
        ({"secret": "wrong"}, "does not accept our credentials"),
    ],
)  # fmt: skip
async def test_wrong_credentials_are_told_as_such_whatever_status_they_have(psa: AutotaskSubject, wrong: dict[str, str], says: str) -> None:
    connector = connected(psa, auth={"user": USER, "secret": SECRET, "integration_code": CODE} | wrong)
    for _ in range(2):
        assert says in str(await raises(CredentialsError, connector.poll("Companies", "")))


async def test_a_web_servers_page_instead_of_the_first_answer_says_nothing_of_credentials(psa: AutotaskSubject) -> None:
    connector = connected(psa)
    psa.running.faults.append(Fault("500", "ThresholdInformation"))
    assert "if it never does, check user" in str(await raises(RetriableError, connector.poll("Companies", "")))
    assert (await connector.poll("Companies", "")).messages


async def test_a_database_that_moves_is_found_by_all_who_were_refused_at_once(psa: AutotaskSubject) -> None:
    connector = connected(psa)
    await connector.poll("Companies", "")
    await psa.expire_tokens()
    pages = await asyncio.gather(*(connector.poll(name, "") for name in ("Companies", "Projects", "Tasks")))
    assert all(page.messages for page in pages) and psa.running.requests["zone"] == 2


async def test_credentials_do_not_go_to_a_zone_on_somebody_elses_host(psa: AutotaskSubject) -> None:
    connector = connected(psa)
    psa.server.url = "http://localhost.attacker.example"
    assert "not its own" in str(await raises(SchemaDriftError, connector.poll("Companies", "")))


# --- thresholds ------------------------------------------------------------------------------------------------------------


async def test_the_hours_requests_are_not_used_to_the_last_one(psa: AutotaskSubject) -> None:
    psa.server.hourly = 40
    connector = connected(psa, reserve=0.5)
    done = 0
    with pytest.raises(RateLimitedError) as held:
        for _ in range(100):
            await connector.fetch("Companies", "174")
            done += 1
    assert held.value.retry_after_s == 60 and 10 < done < 20 and len(psa.server.hour) <= 20
    connector.client.threshold.asked_at -= 121  # type: ignore[attr-defined]
    psa.server.hour.clear()
    assert await connector.fetch("Companies", "174") is not None


async def test_no_more_than_three_requests_run_at_once(psa: AutotaskSubject) -> None:
    connector = connected(psa)
    for _ in range(12):
        psa.running.faults.append(Fault("slow", "Companies", "read", delay_s=0.02))
    await asyncio.gather(*(connector.fetch("Companies", "174") for _ in range(12)))
    assert psa.server.most_running["Companies"] <= 3


@pytest.mark.parametrize(("status", "text", "least_s"), [
    (429, "API thread threshold of 3 threads has been exceeded", 5), (500, "Itgenatr005: try later", 5),
    (500, "The request threshold of 10000 has been exceeded", 60),
])  # fmt: skip
async def test_a_threshold_is_told_whatever_status_it_has(psa: AutotaskSubject, monkeypatch: pytest.MonkeyPatch, status: int, text: str, least_s: float) -> None:
    connector = connected(psa)
    await connector.poll("Companies", "")
    monkeypatch.setattr(psa.server, "error", lambda refusal: _answer(text, status))
    psa.running.faults.append(Fault("500", "Companies", "list"))
    error = await raises(RateLimitedError, connector.poll("Companies", ""))
    assert least_s <= error.retry_after_s <= least_s * 1.5


def _answer(text: str, status: int) -> Any:
    from connectors.simulator.base import answer

    return answer({"errors": [text]}, status)


# --- reading ---------------------------------------------------------------------------------------------------------------


async def test_picklists_are_told_by_their_labels_and_a_new_one_is_learned(psa: AutotaskSubject, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = connected(psa)
    assert told((await connector.poll("Projects", "")).messages[0])["status"] == "In Progress"
    kinds, spec = psa.server.objects()["Projects"].fields, psa.server.objects()["Projects"].fields["status"]
    monkeypatch.setitem(kinds, "status", replace(spec, picks=(*spec.picks, (29683002, "Waiting for steel"))))  # type: ignore[index]
    psa.running.control_change({"object": "Projects", "id": "4", "values": {"status": 29683002}})
    unknown = await connector.fetch("Projects", "4")
    psa.ahead_s = 61
    learned = await connector.fetch("Projects", "4")
    assert unknown is not None and learned is not None
    assert (told(unknown)["status"], told(learned)["status"]) == ("29683002", "Waiting for steel")


async def test_a_note_on_a_company_moves_one_of_its_instants_and_is_a_later_version(psa: AutotaskSubject) -> None:
    connector = connected(psa)
    messages, checkpoint, _ = await read_all(connector, "Companies")
    before = next(one for one in messages if one.external_id == "174")
    psa.server.control_note({"id": "174"})
    after = next(one for one in (await read_all(connector, "Companies", checkpoint))[0] if one.external_id == "174")
    assert after.version > before.version and told(after)["lastTrackedModifiedDateTime"] == told(before)["lastTrackedModifiedDateTime"]


async def test_what_tells_no_changes_is_listed_again_after_a_while_and_an_equal_page_is_not_told_twice(psa: AutotaskSubject) -> None:
    connector = connected(psa)
    first, checkpoint, _ = await read_all(connector, "Roles")
    assert (await connector.poll("Roles", checkpoint)).messages == ()
    psa.ahead_s = 3601
    again, later, last = await read_all(connector, "Roles", checkpoint)
    assert last.is_complete_listing and {one.external_id for one in again} == {one.external_id for one in first}
    assert all(one.needs_fetch for one in again) and all(not one.needs_fetch and one.key == "" for one in first)
    psa.running.control_change({"object": "Roles", "id": "8", "values": {"hourlyRate": Decimal("220.0")}})
    psa.ahead_s = 2 * 3601
    changed, _, _ = await read_all(connector, "Roles", later)
    assert {told(one)["hourlyRate"] for one in changed if one.external_id == "8"} == {Decimal("220.0")}


async def test_whoever_reads_all_from_the_beginning_is_told_all(psa: AutotaskSubject) -> None:
    connector = connected(psa)
    await read_all(connector, "Roles")
    again, _, _ = await read_all(connector, "Roles")
    assert again and all(not one.needs_fetch for one in again)


async def test_an_invoice_that_is_paid_voided_or_gone_is_seen_although_no_instant_moves(psa: AutotaskSubject) -> None:
    for number in ("20418", "20419", "20420"):
        values = {"companyID": 174, "invoiceNumber": number, "invoiceTotal": Decimal("10.0"), "createDateTime": "2026-01-02T00:00:00Z"}
        psa.running.control_change({"object": "Invoices", "values": values})
    connector = connected(psa)
    first, checkpoint, _ = await read_all(connector, "Invoices")
    psa.ahead_s = 901
    again, checkpoint, _ = await read_all(connector, "Invoices", checkpoint)
    psa.ahead_s = 2 * 901
    quiet, checkpoint, _ = await read_all(connector, "Invoices", checkpoint)
    psa.running.control_change({"object": "Invoices", "id": "89", "values": {"paidDate": "2026-06-20T00:00:00Z"}})
    psa.running.control_change({"object": "Invoices", "id": "90", "values": {"isVoided": True}})
    psa.running.control_delete({"object": "Invoices", "id": "91"})
    psa.ahead_s = 3 * 901
    later, checkpoint, _ = await read_all(connector, "Invoices", checkpoint)
    assert present(first) == present(again) == {"88", "89", "90", "91"} and quiet == []
    states = {one.external_id: told(one)["documentState"] for one in later if not one.is_delete}
    assert (states["89"], states["90"], [one.external_id for one in later if one.is_delete]) == ("paid", "void", ["91"])
    psa.ahead_s = 4 * 901
    settled, checkpoint, _ = await read_all(connector, "Invoices", checkpoint)
    assert '"watched": [88]' in checkpoint and present(settled) <= {"88"}


async def test_an_item_that_is_invoiced_later_is_found_by_its_invoices_number(psa: AutotaskSubject) -> None:
    connector = connected(psa)
    _, checkpoint, _ = await read_all(connector, "BillingItems")
    invoice = psa.running.control_change({"object": "Invoices", "values": {"companyID": 174, "invoiceNumber": "20421", "invoiceTotal": Decimal("128.4")}})
    psa.running.control_change({"object": "BillingItems", "id": "7002", "values": {"invoiceID": invoice["id"]}})
    later, _, _ = await read_all(connector, "BillingItems", checkpoint)
    assert {one.external_id: told(one)["billing"] for one in later}["7002"] == "invoiced"


async def test_ids_lead_to_currencies_projects_and_people(psa: AutotaskSubject) -> None:
    connector = connected(psa, multi_currency=True)
    rows = {}
    for name in ("Contracts", "ContractMilestones", "TimeEntries", "ExpenseItems", "PriceListRoles"):
        rows[name] = [told(one) for one in (await read_all(connector, name))[0]]
    british = [one for one in rows["Contracts"] if one["currencyCode"] == "GBP"]
    assert {one["contractName"] for one in british} == {"Brightwater Utilities - services 2026", "Kestrel Energy - services 2026"}
    assert rows["ContractMilestones"][0]["projectID"] == 6, "the only project of its contract"
    assert [one["projectID"] for one in rows["TimeEntries"] if one["internalBillingCodeID"]] == [None]
    assert (rows["ExpenseItems"][0]["resourceID"], rows["ExpenseItems"][0]["reportStatus"]) == (11, "In Progress")
    assert {one["roleName"] for one in rows["PriceListRoles"]} >= {"Consultant", "Data engineer"}


async def test_time_of_no_project_goes_to_the_one_the_firm_names(psa: AutotaskSubject) -> None:
    joins = {"projectID": "taskID > Tasks.projectID | = 13"}
    document = psa.document()
    document["resources"]["TimeEntries"]["joins"] = joins
    rows = [told(one) for one in (await read_all(connected(psa, resources=document["resources"]), "TimeEntries"))[0]]
    assert [one["projectID"] for one in rows if one["taskID"] is None] == [13]


async def test_user_fields_are_told_by_name_and_written_the_same_way(psa: AutotaskSubject) -> None:
    resources = psa.document()["resources"]
    resources["Companies"] |= {"udfs": ["Hub id", "Region"], "key": "userDefinedFields.Hub id"}
    connector = connected(psa, resources=resources)
    body = {"companyName": "New firm", "companyType": "Lead", "phone": "1", "ownerResourceID": "10", "userDefinedFields": {"Region": "North"}}
    wanted = create("Companies", "client", body, "cl_01H8")
    made = await connector.write(wanted)
    found = await connector.fetch("Companies", made.external_id)
    assert found is not None and told(found)["userDefinedFields"] == {"Region": "North", "Hub id": "cl_01H8"}
    adopted = await connector.look_up(wanted)
    assert adopted is not None and adopted.external_id == made.external_id


async def test_a_record_that_is_gone_is_none_in_both_forms(psa: AutotaskSubject) -> None:
    connector = connected(psa)
    assert await connector.fetch("Companies", "999999") is None
    psa.server.missing_is_404 = True
    assert await connector.fetch("Companies", "999999") is None


async def test_a_list_that_is_not_in_the_order_of_ids_is_not_read_as_if_it_were(psa: AutotaskSubject, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = connected(psa)
    page = psa.server._page
    monkeypatch.setattr(psa.server, "_page", lambda entity, items, more, most: page(entity, items[::-1], more, most))
    await raises(SchemaDriftError, connector.poll("Companies", ""))


# --- writing ---------------------------------------------------------------------------------------------------------------


async def test_children_are_written_through_their_parents_also_when_they_move(psa: AutotaskSubject) -> None:
    connector = connected(psa)
    made = await connector.write(create("Tasks", "task", {"title": "Cut-over", "projectID": "4", "status": "New", "phaseID": "61"}))
    await connector.write(update("Tasks", "task", made.external_id, {"title": "Go-live", "status": "Complete"}))
    fields = psa.running.store.rows["Tasks"][made.external_id].fields
    assert (fields["title"], fields["status"], fields["projectID"], fields["phaseID"], fields["externalID"]) == ("Go-live", 5, 4, 61, "key-1")
    error = await raises(RejectedError, connector.write(create("Tasks", "task", {"title": "Nowhere", "status": "New"})))
    assert (error.cause, error.field) == ("reference", "projectID")


async def test_a_body_is_told_in_numbers_days_and_ids(psa: AutotaskSubject) -> None:
    connector = connected(psa)
    body = {"projectName": "Rollout", "companyID": "174", "projectType": "Client", "status": "New", "startDateTime": "2026-09-01", "endDateTime": "2026-12-01",
            "currencyCode": "EUR"}  # fmt: skip
    made = await connector.write(create("Projects", "project", body, "pr_01H9"))
    fields = psa.running.store.rows["Projects"][made.external_id].fields
    assert {name: fields[name] for name in ("companyID", "projectType", "status", "startDateTime", "extProjectNumber")} == {
        "companyID": 174, "projectType": 5, "status": 1, "startDateTime": "2026-09-01T00:00:00Z", "extProjectNumber": "pr_01H9",
    }  # fmt: skip
    company = await connector.write(update("Companies", "client", "174", {"countryCode": "CH", "companyType": "Prospect"}))
    stored = psa.running.store.rows["Companies"][company.external_id].fields
    assert (psa.running.store.rows["Countries"][str(stored["countryID"])].fields["countryCode"], stored["companyType"]) == ("CH", 3)


@pytest.mark.parametrize(
    ("object_", "body", "cause", "field"),
    [
        ("Companies", {"companyType": "Partner in crime"}, "validation", "companyType"),
        ("Companies", {"countryCode": "XX"}, "reference", "countryID"),
        ("Companies", {"ownerResourceID": "4711"}, "reference", "ownerResourceID"),
        ("Projects", {"projectNumber": "P1"}, "validation", "projectNumber"),
        ("Contracts", {"estimatedRevenue": Decimal("10.00"), "currencyCode": "USD"}, "validation", "currencyCode"),
    ],
)  # fmt: skip
async def test_a_refusal_says_why_and_where(psa: AutotaskSubject, object_: str, body: dict[str, Any], cause: str, field: str) -> None:
    id = {"Companies": "174", "Projects": "4", "Contracts": "29684183"}[object_]
    error = await raises(RejectedError, connected(psa).write(update(object_, "x", id, body)))
    assert (error.cause, error.field) == (cause, field) and error.remedy


@pytest.mark.parametrize(
    ("text", "status", "cause"),
    [
        ("The logged in Resource does not have the adequate permissions to create this entity type.", 500, "permission"), ("", 403, "permission"),
        ("A company of this name already exists.", 500, "duplicate"), ("The time entry has been posted and cannot be changed.", 500, "lock"),
        ("The report has been submitted.", 500, "lock"), ("Nothing here.", 404, "not_found"), ("Conflict.", 409, "conflict"),
        ("Something about companyName is wrong.", 500, "validation"),
    ],
)  # fmt: skip
async def test_errors_are_told_apart_by_their_texts(psa: AutotaskSubject, monkeypatch: pytest.MonkeyPatch, text: str, status: int, cause: str) -> None:
    monkeypatch.setattr(psa.server, "error", lambda refusal: _answer(text, status))
    psa.running.faults.append(Fault("reject", "Companies", "update"))
    error = await raises(RejectedError, connected(psa).write(update("Companies", "client", "174", {"phone": "1"})))
    assert (error.cause, bool(error.remedy)) == (cause, True)
    assert error.field == ("companyName" if "companyName" in text else "")


async def test_a_page_instead_of_an_answer_to_a_write_leaves_open_what_happened(psa: AutotaskSubject) -> None:
    psa.running.faults.append(Fault("500", "Companies", "update"))
    error = await raises(UnknownOutcomeError, connected(psa).write(update("Companies", "client", "174", {"phone": "1"})))
    assert error.settles_after_s == 120


async def test_time_is_entered_found_by_what_it_says_and_locked_once_approved(psa: AutotaskSubject) -> None:
    connector = connected(psa)
    natural = {"resourceID": "10", "taskID": "101", "dateWorked": "2026-06-01", "hoursWorked": Decimal("7.5")}
    wanted = create("TimeEntries", "time_entry", {**natural, "roleID": 8, "isNonBillable": "false", "summaryNotes": "Review"}, **natural)
    assert await connector.look_up(wanted) is None
    made = await connector.write(wanted)
    adopted = await connector.look_up(wanted)
    assert adopted is not None and adopted.external_id == made.external_id
    error = await raises(RejectedError, connector.write(create("TimeEntries", "time_entry", {**natural, "roleID": 8, "hoursWorked": Decimal(25)})))
    assert error.field == "hoursWorked"
    psa.running.control_change({"object": "TimeEntries", "id": made.external_id, "values": {"billingApprovalDateTime": "2026-06-02T10:00:00Z"}})
    locked = await raises(RejectedError, connector.write(update("TimeEntries", "time_entry", made.external_id, {"hoursWorked": Decimal("7.0")})))
    assert locked.cause == "lock"


async def test_an_invoice_is_never_made_but_told_that_it_is_paid_and_posted(psa: AutotaskSubject) -> None:
    connector = connected(psa)
    assert (await raises(RejectedError, connector.write(create("Invoices", "invoice", {"invoiceNumber": "1"})))).cause == "permission"
    body = {"paidDate": "2026-06-20", "webServiceDate": "2026-06-01T08:00:00.000000Z"}
    await connector.write(update("Invoices", "invoice", "88", body))
    fields = psa.running.store.rows["Invoices"]["88"].fields
    assert (fields["paidDate"], fields["webServiceDate"]) == ("2026-06-20T00:00:00Z", "2026-06-01T08:00:00Z")
    assert await connector.look_up(update("Invoices", "invoice", "88", body)) is not None
    refused = await raises(RejectedError, connector.write(update("Invoices", "invoice", "88", {"invoiceTotal": Decimal("1.0")})))
    assert refused.field == "invoiceTotal"


async def test_two_records_that_may_be_ours_are_a_persons_to_tell_apart(psa: AutotaskSubject) -> None:
    for _ in range(2):
        psa.running.control_change({"object": "Companies", "values": {"companyName": "Twin", "companyNumber": "key-1"}})
    error = await raises(RejectedError, connected(psa).look_up(create("Companies", "client", {})))
    assert error.cause == "duplicate"


async def test_a_contact_is_deactivated_through_its_company(psa: AutotaskSubject) -> None:
    receipt = await connected(psa).write(Write("key-d", "deactivate", "Contacts", "contact", "30682885", {}))
    assert isinstance(receipt, Receipt) and psa.running.store.rows["Contacts"]["30682885"].fields["isActive"] == 0


# --- webhooks --------------------------------------------------------------------------------------------------------------


async def test_a_webhook_over_the_escaped_form_is_taken_and_a_forged_one_is_not(psa: AutotaskSubject) -> None:
    psa.running.control_change({"object": "Companies", "id": "174", "values": {"companyName": "Söhne & \"Töchter\" <🙂>+'`"}})
    connector, row = connected(psa), psa.running.store.rows["Companies"]["174"]
    body = psa.server.event(row, changed=["companyName"])
    for is_escaping in (False, True):
        psa.server.is_escaping = is_escaping
        (message,) = await received(connector, psa.server.signed(body), body)
        assert (message.object, message.external_id, message.needs_fetch) == ("Companies", "174", True)
    with pytest.raises(SignatureError):
        await received(connector, psa.server.signed(body + b" "), body)


async def test_an_event_is_named_for_good_and_what_is_not_read_is_let_be(psa: AutotaskSubject) -> None:
    connector = connected(psa)

    async def heard(**said: Any) -> list[Incoming]:
        event = {"Action": "Update", "Guid": "g-1", "EntityType": "Account", "Id": 174, "Fields": {}, "SequenceNumber": 2, **said}
        body = dump_json(event)
        return await received(connector, psa.server.signed(body), body)

    (update_,), (again,), (gone,) = await heard(), await heard(EntityType="Companies"), await heard(Action="Delete", SequenceNumber=3)
    assert update_.key == again.key != gone.key and gone.is_delete and not update_.is_delete
    assert await heard(Action="Deactivated") == [] and await heard(EntityType="Ticket") == []


async def test_the_hub_subscribes_once_and_is_told(psa: AutotaskSubject) -> None:
    connector = connected(psa)
    wanted = Subscription("Company", "http://127.0.0.1:1/hook", HOOK_SECRET, 10, ("companyName", "city"))
    first = await subscribe(connector, wanted)
    assert await subscribe(connector, replace(wanted, fields=("companyName", "phone"))) == first
    fields = [row.fields["fieldID"] for row in psa.running.store.table("CompanyWebhookFields")]
    assert len(list(psa.running.store.table("CompanyWebhooks"))) == 1 and len(fields) == len(set(fields)) == 3
    assert psa.running.webhook_url == "http://127.0.0.1:1/hook"
    await raises(RejectedError, subscribe(connector, replace(wanted, secret="x" * 65)))
    psa.running.webhook_url = ""


def test_the_escaped_form_is_what_html_cannot_mistake() -> None:
    assert webhooks.escaped('{"a":"<\\"é🙂\\\\+"}'.encode()) == b'{"a":"\\u003C\\u0022\\u00E9\\uD83D\\uDE42\\\\\\u002B"}'


# --- the document ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"currency": None}, "currency: expected the firm's internal currency, such as EUR, got nothing"),
        ({"page_size": 501}, "page_size: expected a number from 1 to 500"),
        ({"reserve": 1}, "reserve: expected a share below 1"),
        ({"auth": {"user": USER, "secret": SECRET}}, "auth.integration_code: expected a text"),
        ({"resources": {"Tasks": {"fields": ["title"], "parent": "Projects"}}}, "as in Projects/projectID/Tasks"),
        ({"resources": {"Tasks": {"fields": ["title"], "joins": {"x": "nowhere"}}}}, "expected a way such as companyID > Companies.currencyID"),
        ({"resources": {"Tasks": {"fields": ["title"], "writes": ["delete"]}}}, "writes: expected create, update or both"),
        ({"shoes": 1}, "shoes: unknown key"),
    ],
)  # fmt: skip
async def test_a_mistake_in_a_document_is_told(psa: AutotaskSubject, said: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        connected(psa, **said)
    assert expected in str(refused.value)


async def test_without_a_secret_no_webhook_is_taken(psa: AutotaskSubject) -> None:
    document = psa.document()["webhook"] | {"secrets": []}
    with pytest.raises(ConfigurationError, match="no webhook configured"):
        await received(connected(psa, webhook=document), {}, b"{}")


async def test_a_checkpoint_of_somebody_else_is_refused(psa: AutotaskSubject) -> None:
    await raises(SchemaDriftError, connected(psa).poll("Companies", '{"place": 1}'))
    await raises(SchemaDriftError, connected(psa).poll("Companies", "[]"))


def test_a_way_back_is_known_only_where_one_step_led_there() -> None:
    assert parse_join("companyID > Companies.currencyID > Currencies.name").plain is None
    assert parse_join("contractID < Projects.contractID").plain is None


async def test_the_simulator_refuses_what_the_vendor_does(psa: AutotaskSubject) -> None:
    keep, entities = psa.server.database.keep, psa.server.objects()
    said = {"companyName": "x" * 101, "companyType": 1, "phone": "1", "ownerResourceID": 10}
    assert keep(entities["Companies"], None, said) == Refusal("", "companyName", "Value of field: companyName exceeds maximum length of 100.")
    assert keep(entities["Companies"], None, {**said, "companyName": "x", "companyType": 99}) == Refusal(
        "", "companyType", "Value 99 of field: companyType is not a valid picklist value."
    )
