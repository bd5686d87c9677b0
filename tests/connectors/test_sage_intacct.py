"""Sage Intacct beyond the suite: sessions, ids we choose, functions told apart, lines as documents, deletes, refusals, triggers, and mappings."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.conformance import present, raises, read_all
from connectors.errors import (
    ConfigurationError, CredentialsError, RateLimitedError, RejectedError, RetriableError, SchemaDriftError, SignatureError, UnknownOutcomeError,
)  # fmt: skip
from connectors.port import Receipt, Write
from connectors.sage_intacct import webhook
from connectors.sage_intacct.connector import IntacctConnector
from connectors.sage_intacct.names import NAMES, Name
from connectors.sage_intacct.records import chosen_number
from connectors.sage_intacct.simulator.server import COMPANY, PASSWORD, SENDER, SENDER_PASSWORD, USER, WEBHOOK_SECRET, SageIntacct
from connectors.shipped import extended
from connectors.simulator.base import Fault
from connectors.simulator.store import Store
from connectors.wire import parse_json
from schema import CODE_SETS
from schema.code_maps import CodeMaps
from schema.mapping import unbound
from schema.mapping_file import load_code_maps, load_mappings
from tests.connectors.vendors.sage_intacct import SageIntacctSubject, subject
from tests.connectors.vendors.sage_intacct_rest import SageIntacctRestSubject, subject as rest_subject

AUTH = {"sender": SENDER, "sender_password": SENDER_PASSWORD, "company": COMPANY, "user": USER, "password": PASSWORD}


@pytest.fixture
async def company() -> AsyncIterator[SageIntacctSubject]:
    found = await subject()
    yield found
    await found.close()


def connected(company: SageIntacctSubject, **more: Any) -> IntacctConnector:
    made = company.connector(**more)
    assert isinstance(made, IntacctConnector)
    return made


def a_write(object: str, body: dict[str, Any], key: str = "key-1", **more: Any) -> Write:
    return Write(key, more.pop("operation", "create"), object, "any", more.pop("external_id", None), body, **more)


def hours(**more: Any) -> dict[str, Any]:
    return {"TIMESHEET": {"EMPLOYEEID": "NB-1001"}, "ENTRYDATE": "02/10/2026", "QTY": 3, "TASK": "NL-ERP|1", "BILLABLE": True, **more}


def an_invoice(**more: Any) -> dict[str, Any]:
    return {"CUSTOMERID": "C-10001", "WHENCREATED": "03/01/2026", "WHENDUE": "03/31/2026", "CURRENCY": "EUR", "LINE": {"TRX_AMOUNT": 490}, **more}


# --- mappings -------------------------------------------------------------------------------------------------------------


async def test_every_object_is_read_and_all_of_it_is_mapped_or_left_alone_on_purpose(company: SageIntacctSubject) -> None:
    document = company.document()
    mappings = load_mappings(document, system="erp")
    codes = CodeMaps(load_code_maps(document, system="erp"), lambda set, value: set in CODE_SETS and CODE_SETS[set].allows(value))
    connector = connected(company)
    seen: set[str] = set()
    for resource in connector.capabilities.resources:
        messages, _, last = await read_all(connector, resource)
        assert messages and last.is_complete_listing, resource
        own = [one for one in mappings if one.object == resource]
        for message in messages:
            raw = parse_json(message.body)
            parts = [part for one in own for part in one.read(raw, codes)]
            assert [part.problems for part in parts if part.problems] == [] and unbound(own, raw) == set()
            assert {own[0].record_id(raw)} == {message.external_id} and own[0].version(raw) == message.version
            seen |= {part.entity for part in parts}
    assert seen == {one.entity for one in mappings} - {"contact", "client_relationship"}  # all contacts here are our own people's


async def test_an_employee_is_a_resource_and_no_contact(company: SageIntacctSubject) -> None:
    company.running.put("CONTACT", None, {"CONTACTNAME": "Lena Brandt", "PRINTAS": "Lena Brandt", "FIRSTNAME": "Lena", "LASTNAME": "Brandt"})
    (mapping,) = [one for one in load_mappings(company.document(), system="erp") if one.object == "CONTACT"]
    messages, _, _ = await read_all(connected(company), "CONTACT")
    found = [part.values["family_name"] for one in messages for part in mapping.read(parse_json(one.body))]
    assert found == ["Brandt"] and len(messages) > 1


async def test_a_record_that_names_no_legal_entity_is_of_the_one_that_the_document_says(company: SageIntacctSubject) -> None:
    found = await connected(company, legal_entity="100").fetch("CUSTOMER", "C-10001")
    signed_in = await connected(company, auth={**AUTH, "entity": "200"}).fetch("CUSTOMER", "C-10001")
    assert found is not None and signed_in is not None
    assert (parse_json(found.body)["ENTITY"], parse_json(signed_in.body)["ENTITY"]) == ("100", "200")
    told = await connected(company, legal_entity="200").fetch("ARINVOICE", "INV-2041")
    assert told is not None and parse_json(told.body)["ENTITY"] == "100"


async def test_a_company_of_one_currency_says_it_in_its_document(company: SageIntacctSubject) -> None:
    connector, server = connected(company, currency="EUR"), company.running
    server.put("PROJECT", "NL-ERP", {"CURRENCY": ""})
    server.put("EEXPENSES", "EXP-1", {"CURRENCY": ""})
    project, outlay = [(await read_all(connector, resource))[0][0] for resource in ("PROJECT", "EEXPENSESITEM")]
    rate = (await read_all(connector, "PROJECTRESOURCES"))[0][0]
    assert [parse_json(one.body)[name] for one, name in ((project, "CURRENCY"), (rate, "PROJECTCURRENCY"))] == ["EUR", "EUR"]
    assert parse_json(outlay.body)["EEXPENSES"]["CURRENCY"] == "EUR"
    await connector.write(a_write("PROJECT", {"NAME": "Without one", "CURRENCY": "EUR"}))
    assert [row.fields["CURRENCY"] for row in server.store.table("PROJECT") if row.fields["NAME"] == "Without one"] == [""]
    refused = await raises(RejectedError, connector.write(a_write("PROJECT", {"NAME": "x", "CURRENCY": "USD"})))
    assert refused.field == "CURRENCY" and refused.remedy


async def test_a_company_without_an_optional_field_is_read_without_it_and_one_without_another_is_told(
    company: SageIntacctSubject, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.sage_intacct.simulator.objects import OBJECTS

    fields = {name: one for name, one in OBJECTS["CUSTOMER"].fields.items() if name != "CURRENCY"}
    object.__setattr__(OBJECTS["CUSTOMER"], "fields", fields)
    try:
        page = await connected(company).poll("CUSTOMER", "")
        assert page.messages and all("CURRENCY" not in parse_json(one.body) for one in page.messages)
        del fields["TERMNAME"]
        drift = await raises(SchemaDriftError, connected(company).poll("CUSTOMER", ""))
        assert drift.path == "TERMNAME"
    finally:
        OBJECTS["CUSTOMER"].__post_init__()


# --- sessions -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [{"sender_password": "x"}, {"company": "elsewhere"}, {"password": "x"}])
async def test_wrong_credentials_are_told_at_whichever_place_they_fail_and_shown_nowhere(company: SageIntacctSubject, wrong: dict[str, str]) -> None:
    error = await raises(CredentialsError, connected(company, auth=AUTH | wrong).poll("CUSTOMER", ""))
    assert not [one for one in (SENDER_PASSWORD, PASSWORD) if one in str(error)]


async def test_callers_at_once_share_a_session_and_it_is_renewed_before_it_ends(company: SageIntacctSubject) -> None:
    connector = connected(company)
    await asyncio.gather(*(connector.poll("PROJECT", "") for _ in range(5)))
    assert connector.gateway.renewals == 1
    company.running.session_s = 20.0
    await connector.poll("PROJECT", "")
    connector.gateway.clock = lambda: time.time() + 15
    await connector.poll("PROJECT", "")
    assert connector.gateway.renewals == 2


async def test_a_session_that_is_refused_is_replaced_once_and_then_no_more(company: SageIntacctSubject) -> None:
    connector = connected(company)
    await connector.poll("PROJECT", "")
    company.running.session_s = -1.0
    company.running.expire_tokens()
    await raises(CredentialsError, connector.poll("PROJECT", ""))
    assert connector.gateway.renewals == 2 and company.running.requests["session "] == 2


async def test_a_session_is_not_carried_to_another_domain(company: SageIntacctSubject) -> None:
    connector = connected(company)
    company.running.url = "https://gateway.elsewhere.example"
    error = await raises(SchemaDriftError, connector.poll("PROJECT", ""))
    assert error.path == "endpoint"


async def test_a_session_that_ends_between_writes_carries_them_out_once(company: SageIntacctSubject) -> None:
    connector = connected(company)
    await connector.poll("PROJECT", "")
    company.running.expire_tokens()
    before = await company.ids()
    answers = await connector.write_many([a_write("CUSTOMER", {"NAME": f"Firm {n}"}, f"key-{n}") for n in range(3)])
    assert await company.ids() - before == {one.external_id for one in answers if isinstance(one, Receipt)}


# --- writing --------------------------------------------------------------------------------------------------------------


async def test_many_writes_go_in_one_request_and_each_is_told_its_fate(company: SageIntacctSubject) -> None:
    bodies: list[dict[str, Any]] = [{"NAME": f"Firm {n}"} for n in range(60)]
    bodies[7], bodies[9] = {"NAME": "x", "SHOE": 1}, {"NAME": None}
    answers = await connected(company).write_many([a_write("CUSTOMER", body, f"key-{n}") for n, body in enumerate(bodies)])
    assert {n: (one.cause, one.field) for n, one in enumerate(answers) if isinstance(one, RejectedError)} == {7: ("validation", "SHOE"), 9: ("validation", "NAME")}
    assert company.running.requests["create CUSTOMER"] == 2
    assert [one.external_id for one in answers[:2] if isinstance(one, Receipt)] == [f"C-{chosen_number(_customer(), f'key-{n}')[2:]}" for n in range(2)]


def _customer() -> Any:
    from connectors.sage_intacct.config import Entry

    return Entry("CUSTOMER", (), number="C-")


async def test_a_lost_answer_to_many_leaves_each_open_and_each_is_found(company: SageIntacctSubject) -> None:
    connector = connected(company)
    company.running.faults.append(Fault("lose_answer", "CUSTOMER", "create"))
    writes = [a_write("CUSTOMER", {"NAME": f"Firm {n}"}, f"key-{n}") for n in range(5)]
    assert {type(one) for one in await connector.write_many(writes)} == {UnknownOutcomeError}
    assert all([await connector.look_up(one) for one in writes])


async def test_a_project_code_that_another_project_has_is_a_duplicate_and_not_taken_for_ours(company: SageIntacctSubject) -> None:
    body = {"PROJECTID": "NL-ERP", "NAME": "Something else"}
    error = await raises(RejectedError, connected(company).write(a_write("PROJECT", body, natural_key={"NAME": "Something else"})))
    assert (error.cause, error.code, error.field) == ("duplicate", "BL34000061", "PROJECTID")


async def test_a_client_without_a_legal_name_is_printed_by_its_name(company: SageIntacctSubject) -> None:
    connector = connected(company)
    made = await connector.write(a_write("CUSTOMER", {"NAME": "Nordlicht", "DISPLAYCONTACT": {"PRINTAS": None, "MAILADDRESS": {"CITY": "Hamburg"}}}))
    found = await connector.fetch("CUSTOMER", made.external_id)
    assert found is not None and parse_json(found.body)["DISPLAYCONTACT"]["PRINTAS"] == "Nordlicht"


async def test_an_id_is_not_changed_by_an_update(company: SageIntacctSubject) -> None:
    error = await raises(RejectedError, connected(company).write(a_write("PROJECT", {"PROJECTID": "X"}, operation="update", external_id="NL-ERP")))
    assert error.field == "PROJECTID" and "make another record" in error.remedy


async def test_a_repeated_control_id_that_made_nothing_to_be_found_stays_a_doubt(company: SageIntacctSubject) -> None:
    connector, now = connected(company), time.time()
    connector.clock = lambda: now
    await connector.write(a_write("TIMESHEETENTRY", hours()))
    again = a_write("TIMESHEETENTRY", hours(), natural_key={"ENTRYDATE": "02/10/2026", "QTY": 4, "TIMESHEET.EMPLOYEEID": "NB-1001"})
    await raises(UnknownOutcomeError, connector.write(again))
    connector.clock = lambda: now + 3600
    await connector.write(again)


async def test_a_person_is_made_with_their_contact_or_not_at_all(company: SageIntacctSubject) -> None:
    connector, contacts = connected(company), len(list(company.running.store.table("CONTACT")))
    person = {"CONTACT": {"FIRSTNAME": "Lena", "LASTNAME": "Brandt", "EMAIL1": "lena@x.example"}, "STARTDATE": "03/01/2026"}
    await raises(RejectedError, connector.write(a_write("EMPLOYEE", {**person, "DEPARTMENTID": "NOPE"}, "key-0")))
    assert len(list(company.running.store.table("CONTACT"))) == contacts
    made = await connector.write(a_write("EMPLOYEE", person))
    update = a_write("EMPLOYEE", {"CONTACT": {"LASTNAME": "Brandt-Holm"}, "TITLE": "Lead"}, operation="update", external_id=made.external_id)
    await connector.write(update)
    found = await connector.fetch("EMPLOYEE", made.external_id)
    assert found is not None and await connector.look_up(update) is not None
    raw = parse_json(found.body)
    assert (raw["CONTACT"]["FIRSTNAME"], raw["CONTACT"]["LASTNAME"], raw["TITLE"]) == ("Lena", "Brandt-Holm", "Lead")


async def test_hours_are_a_timesheet_of_one_line_which_a_lost_answer_does_not_double(company: SageIntacctSubject) -> None:
    connector = connected(company)
    wanted = a_write("TIMESHEETENTRY", hours(), natural_key={"TIMESHEET.EMPLOYEEID": "NB-1001", "ENTRYDATE": "02/10/2026", "PROJECTID": "NL-ERP", "QTY": 3})
    company.running.faults.append(Fault("lose_answer", "TIMESHEET", "create"))
    await raises(UnknownOutcomeError, connector.write(wanted))
    adopted = await connector.look_up(wanted)
    assert adopted is not None
    found = await connector.fetch("TIMESHEETENTRY", adopted.external_id)
    assert found is not None
    raw = parse_json(found.body)
    sheet = {name: raw["TIMESHEET"][name] for name in ("EMPLOYEEID", "BEGINDATE", "STATE")}
    assert sheet == {"EMPLOYEEID": "NB-1001", "BEGINDATE": "02/10/2026", "STATE": "Submitted"}
    assert (raw["PROJECTID"], raw["TASKID"], raw["QTY"], raw["BILLABLE"]) == ("NL-ERP", "1", "3", "true")
    many = await connector.write_many([a_write("TIMESHEETENTRY", hours(QTY=n), f"key-{n}") for n in range(2, 5)])
    assert len({one.external_id for one in many if isinstance(one, Receipt)}) == 3
    assert company.running.requests["create TIMESHEET"] == 2


async def test_an_outlay_is_a_report_of_one_line(company: SageIntacctSubject) -> None:
    connector = connected(company)
    body = {"EEXPENSES": {"EMPLOYEEID": "NB-1001", "CURRENCY": "EUR"}, "ENTRY_DATE": "02/10/2026", "EXPENSETYPE": "Train", "AMOUNT": 79, "TASK": "NL-ERP|1"}
    made = await connector.write(a_write("EEXPENSESITEM", body))
    found = await connector.fetch("EEXPENSESITEM", made.external_id)
    assert found is not None
    raw = parse_json(found.body)
    assert (raw["AMOUNT"], raw["EXPENSETYPE"], raw["EEXPENSES"]["EMPLOYEEID"], raw["EEXPENSES"]["WHENCREATED"]) == ("79", "Train", "NB-1001", "02/10/2026")


async def test_an_invoice_is_posted_under_its_number_and_a_credit_memo_names_it(company: SageIntacctSubject) -> None:
    connector = connected(company)
    made = await connector.write(a_write("ARINVOICE", an_invoice(RECORDID="INV-9", LINE={"TRX_AMOUNT": 490, "PROJECTID": "NL-ERP"})))
    memo = await connector.write(a_write("ARADJUSTMENT", {"CUSTOMERID": "C-10001", "WHENCREATED": "03/02/2026", "DOCNUMBER": "INV-9", "LINE": {"TRX_AMOUNT": -90}}))
    assert made.external_id == "INV-9" and memo.external_id.startswith("CM-")
    found = await connector.fetch("ARINVOICE", "INV-9")
    assert found is not None
    raw = parse_json(found.body)
    assert (raw["STATE"], raw["TRX_TOTALENTERED"], [(one["LINE_NO"], one["PROJECTID"]) for one in raw["LINES"]]) == ("Posted", "490", [("1", "NL-ERP")])
    refused = await raises(RejectedError, connector.write(a_write("ARINVOICE", {"DOCNUMBER": "x"}, operation="update", external_id="INV-9")))
    assert refused.cause == "permission"


@pytest.mark.parametrize(
    ("spoil", "object_", "body", "cause", "field"),
    [
        (None, "ARINVOICE", an_invoice(WHENCREATED="12/31/2025"), "closed_period", ""),
        ({"dimensions": frozenset({"LOCATIONID"})}, "ARINVOICE", an_invoice(), "validation", "LOCATIONID"),
        ({"forbidden": frozenset({"CUSTOMER"})}, "CUSTOMER", {"NAME": "x"}, "permission", ""),
        (None, "PROJECT", {"NAME": "x", "CUSTOMERID": "C-9"}, "reference", "CUSTOMERID"),
        (None, "TASK", {"NAME": "x", "PROJECTID": "NL-ERP", "TASKID": "1"}, "duplicate", "TASKID"),
        (None, "CUSTOMER", {"NAME": "x\x07"}, "validation", "NAME"),
    ],
)  # fmt: skip
async def test_a_refusal_says_why_where_and_what_to_do(
    company: SageIntacctSubject, spoil: dict[str, Any] | None, object_: str, body: dict[str, Any], cause: str, field: str
) -> None:
    for name, value in (spoil or {}).items():
        setattr(company.running.company, name, value)
    error = await raises(RejectedError, connected(company).write(a_write(object_, body, natural_key={"NAME": "no such"})))
    assert (error.cause, error.field) == (cause, field) and error.remedy


async def test_a_posted_document_is_locked_and_what_is_gone_is_not_found(company: SageIntacctSubject) -> None:
    connector = connected(company, resources={**company.document()["resources"], "ARINVOICE": {**company.document()["resources"]["ARINVOICE"], "update": True}})
    locked = await raises(RejectedError, connector.write(a_write("ARINVOICE", {"DOCNUMBER": "x"}, operation="update", external_id="INV-2041")))
    gone = await raises(RejectedError, connector.write(a_write("PROJECT", {"NAME": "x"}, operation="update", external_id="NOPE")))
    assert (locked.cause, gone.cause) == ("lock", "not_found")


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        (lambda server: server.faults.append(Fault("429", "PROJECT")), RateLimitedError),
        (lambda server: (server.faults.append(Fault("429", "PROJECT")), setattr(server, "is_limited_by_status", True)), RateLimitedError),
        (lambda server: server.faults.append(Fault("503", "PROJECT")), RetriableError),
    ],
)  # fmt: skip
async def test_a_busy_gateway_is_asked_again_later(company: SageIntacctSubject, prepare: Callable[[SageIntacct], Any], expected: type[RetriableError]) -> None:
    prepare(company.running)
    error = await raises(expected, connected(company).poll("PROJECT", ""))
    assert type(error) is expected and error.retry_after_s > 0


# --- deletes --------------------------------------------------------------------------------------------------------------


async def test_a_delete_of_a_record_known_by_its_number_is_told_at_once(company: SageIntacctSubject) -> None:
    connector = connected(company)
    messages, checkpoint, _ = await read_all(connector, "ARPYMT")
    company.running.put("ARPYMT", messages[0].external_id, {}, is_deleted=True)
    later, _, _ = await read_all(connector, "ARPYMT", checkpoint)
    assert [(one.external_id, one.is_delete) for one in later if one.is_delete] == [(messages[0].external_id, True)]


async def test_an_invoice_made_anew_under_another_number_is_the_same_invoice(company: SageIntacctSubject) -> None:
    server, connector = company.running, connected(company)
    _, checkpoint, _ = await read_all(connector, "ARINVOICE")
    row = server.store.rows["ARINVOICE"]["INV-2041"]
    server.put("ARINVOICE", "INV-2041", {}, is_deleted=True)
    del server.store.rows["ARINVOICE"]["INV-2041"]
    server.put("ARINVOICE", None, {name: value for name, value in row.fields.items() if name not in ("RECORDNO", "WHENMODIFIED")})
    later, _, last = await read_all(connector, "ARINVOICE", checkpoint)
    assert last.is_complete_listing and present(later) == {"INV-2041"}
    assert {parse_json(one.body)["RECORDNO"] for one in later} == {server.store.rows["ARINVOICE"]["INV-2041"].fields["RECORDNO"]}


async def test_deletes_have_all_listed_anew_only_so_often_and_are_not_forgotten_meanwhile(company: SageIntacctSubject) -> None:
    connector = connected(company, relist_s=3600)
    _, checkpoint, _ = await read_all(connector, "CUSTOMER")
    await company.delete("C-10001")
    later, checkpoint, last = await read_all(connector, "CUSTOMER", checkpoint)
    assert not last.is_complete_listing and json.loads(checkpoint)["due"]
    connector.clock = lambda: time.time() + 4000
    later, checkpoint, last = await read_all(connector, "CUSTOMER", checkpoint)
    assert last.is_complete_listing and "C-10001" not in present(later) and not json.loads(checkpoint)["due"]


async def test_a_checkpoint_of_another_connector_is_refused(company: SageIntacctSubject) -> None:
    for checkpoint in ('{"place": "x"}', "x"):
        await raises(SchemaDriftError, connected(company).poll("CUSTOMER", checkpoint))


async def test_a_change_that_is_committed_late_is_read_by_the_next_poll(company: SageIntacctSubject) -> None:
    connector, server = connected(company), company.running
    _, checkpoint, _ = await read_all(connector, "PROJECT")
    assert isinstance(server.store, Store)
    now = server.store.clock
    server.store.clock = lambda: now() - timedelta(seconds=90)
    row = server.put("PROJECT", None, {"NAME": "Entered late", "PROJECTCATEGORY": "Contract"})
    later, _, _ = await read_all(connector, "PROJECT", checkpoint)
    assert row.id in present(later)


# --- triggers -------------------------------------------------------------------------------------------------------------


def signed(body: bytes, *, at_s: int | None = None, secret: str = WEBHOOK_SECRET, **about: Any) -> dict[str, str]:
    context = {"OBJECTNAME": "CUSTOMER", "VID": "24", "EVENT": "after_update", **about}
    return {"x-ia-sage-signature": webhook.signature(secret, context, body, int(time.time()) if at_s is None else at_s), "x-idempotencykey": "k-1"}


async def test_a_trigger_without_a_body_of_ours_names_the_record_by_its_number(company: SageIntacctSubject) -> None:
    connector = connected(company)
    (message,) = connector.receive(signed(b""), b"")
    assert (message.object, message.external_id, message.key, message.needs_fetch) == ("CUSTOMER", "24", "k-1", True)
    found = await connector.fetch(message.object, message.external_id)
    assert found is not None and found.external_id == "C-10001"
    assert connector.receive(signed(b"", OBJECTNAME="VENDOR"), b"") == []
    (gone,) = connector.receive(signed(b"", EVENT="after_delete", OBJECTNAME="arpymt"), b"")
    assert (gone.object, gone.is_delete) == ("ARPYMT", True)


async def test_a_signature_that_stands_alone_is_taken_too(company: SageIntacctSubject) -> None:
    body = b'{"object": "CUSTOMER", "id": "C-10001", "modified": "02/28/2026 17:20:04"}'
    context = json.loads(base64.b64decode(signed(body)["x-ia-sage-signature"]))
    (message,) = connected(company).receive({"X-IA-Sage-Signature": context["signature"]}, body)
    assert (message.external_id, message.version) == ("C-10001", "2026-02-28T17:20:04.000000Z")


@pytest.mark.parametrize(
    "headers",
    [
        {}, signed(b"{}", secret="another"), signed(b"{}", at_s=int(time.time()) - 7200), signed(b"{}", at_s=int(time.time()) + 7200), signed(b"other"),
        {"x-ia-sage-signature": "e30="}, {"x-ia-sage-signature": base64.b64encode(b'["a.b.c"]').decode()},
    ],
)  # fmt: skip
async def test_a_trigger_that_is_not_signed_now_by_the_company_is_refused(company: SageIntacctSubject, headers: dict[str, str]) -> None:
    with pytest.raises(SignatureError):
        connected(company).receive(headers, b"{}")


async def test_a_trigger_signed_by_no_algorithm_is_refused(company: SageIntacctSubject) -> None:
    def part(told: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()

    now = int(time.time())
    claims = {"iat": now, "exp": now + 3600, "iss": "Sage Intacct", "payload_signature": hashlib.sha256(b"{}").hexdigest()}
    for mac in ("x", ""):
        with pytest.raises(SignatureError):
            connected(company).receive({"x-ia-sage-signature": f"{part({'alg': 'none'})}.{part(claims)}.{mac}"}, b"{}")


# --- the REST API ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def by_rest() -> AsyncIterator[SageIntacctRestSubject]:
    found = await rest_subject()
    yield found
    await found.close()


async def test_a_record_reads_the_same_by_either_api(by_rest: SageIntacctRestSubject) -> None:
    rest, xml = connected(by_rest), connected(by_rest, api="xml", auth=AUTH)
    assert set(rest.capabilities.resources) < set(xml.capabilities.resources)
    for resource in rest.capabilities.resources:
        one, other = (await read_all(rest, resource))[0], (await read_all(xml, resource))[0]
        assert [(each.external_id, each.version) for each in one] == [(each.external_id, each.version) for each in other]
        for here, there in zip(one, other, strict=True):
            raw, whole = parse_json(here.body), parse_json(there.body)
            assert _flat(raw).items() <= _flat(whole).items(), resource


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Every text of a record that is not empty, amounts by their value."""
    if isinstance(value, dict):
        return {key: one for name, inner in value.items() for key, one in _flat(inner, f"{path}.{name}").items()}
    if isinstance(value, list):
        return {key: one for place, inner in enumerate(value) for key, one in _flat(inner, f"{path}.{place}").items()}
    try:
        return {path: Decimal(value)} if value != "" else {}
    except ArithmeticError:
        return {path: value}


async def test_many_new_records_go_in_one_request_and_each_is_told_its_fate_by_rest(by_rest: SageIntacctRestSubject) -> None:
    writes = [a_write("CUSTOMER", {"NAME": name}, f"key-{name}") for name in ("A", "", "C")]
    one, bad, three = await connected(by_rest).write_many(writes)
    assert isinstance(one, Receipt) and isinstance(three, Receipt) and isinstance(bad, RejectedError)
    assert (bad.cause, bad.field, bad.code) == ("validation", "NAME", "operationFailed") and by_rest.running.requests["create CUSTOMER"] == 1


async def test_documents_and_hours_are_written_by_rest_with_their_lines(by_rest: SageIntacctRestSubject) -> None:
    connector = connected(by_rest)
    invoice = await connector.write(a_write("ARINVOICE", an_invoice(RECORDID="INV-9", LINE={"TRX_AMOUNT": 490, "PROJECTID": "NL-ERP"})))
    entry = await connector.write(a_write("TIMESHEETENTRY", hours()))
    found = await connector.fetch("ARINVOICE", invoice.external_id)
    booked = await connector.fetch("TIMESHEETENTRY", entry.external_id)
    assert found is not None and booked is not None
    raw, line = parse_json(found.body), parse_json(booked.body)
    assert (raw["STATE"], raw["TRX_TOTALENTERED"], raw["LINES"][0]["PROJECTID"]) == ("Posted", "490", "NL-ERP")
    assert (line["QTY"], line["TIMESHEET"]["EMPLOYEEID"], line["TIMESHEET"]["STATE"], line["TASK"]) == ("3", "NB-1001", "Submitted", "NL-ERP|1")
    closed = await raises(RejectedError, connector.write(a_write("ARINVOICE", an_invoice(WHENCREATED="12/31/2025"), "key-2")))
    assert closed.cause == "closed_period"


async def test_a_person_refused_by_rest_leaves_no_contact_behind(by_rest: SageIntacctRestSubject) -> None:
    connector, contacts = connected(by_rest), len(list(by_rest.running.store.table("CONTACT")))
    person = {"CONTACT": {"FIRSTNAME": "Lena", "LASTNAME": "Brandt"}, "STARTDATE": "03/01/2026"}
    await raises(RejectedError, connector.write(a_write("EMPLOYEE", {**person, "DEPARTMENTID": "NOPE"}, "key-0")))
    assert len(list(by_rest.running.store.table("CONTACT"))) == contacts
    assert (await connector.write(a_write("EMPLOYEE", person))).external_id.startswith("E-")


async def test_a_corrected_record_is_another_request_than_the_one_that_was_refused(by_rest: SageIntacctRestSubject) -> None:
    connector = connected(by_rest)
    await raises(RejectedError, connector.write(a_write("CUSTOMER", {"NAME": ""})))
    assert not (await connector.write(a_write("CUSTOMER", {"NAME": "Mended"}))).was_adopted


async def test_a_bad_token_that_is_told_as_a_bad_request_is_renewed(by_rest: SageIntacctRestSubject) -> None:
    connector = connected(by_rest)
    await connector.poll("PROJECT", "")
    by_rest.running.rest.is_plain_about_tokens = True
    by_rest.running.expire_tokens()
    assert (await connector.poll("PROJECT", "")).messages
    by_rest.running.rest.lives_s = -1.0
    by_rest.running.expire_tokens()
    await raises(CredentialsError, connector.poll("PROJECT", ""))


async def test_keys_ordered_as_texts_are_told_and_not_followed(by_rest: SageIntacctRestSubject, monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors.sage_intacct.simulator import rest

    monkeypatch.setattr(rest, "_sortable", lambda kind, text: (True, text))
    await by_rest.enter(120)
    await raises(RetriableError, connected(by_rest).poll("CUSTOMER", ""))


# --- documents ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"page_size": 2001}, "page_size: expected a number from 1 to 2000, got 2001"),
        ({"currency": "euro"}, "currency: expected the company's only currency, such as EUR, got 'euro'"),
        ({"bulk": 0}, "bulk: expected a number from 1 to 100, got 0"),
        ({"resources": {"CUSTOMER": {"fields": ["NAME</field>"]}}}, "'NAME</field>' is no field of Sage Intacct"),
        ({"auth": {**AUTH, "shoe": 1}}, "auth.shoe: unknown key"),
        ({"auth": {"sender": "x"}}, "auth.sender_password: expected a text, got nothing"),
        ({"shoes": 1}, "shoes: unknown key"),
        (
            {"api": "rest", "auth": {"client_id": "x", "client_secret": "x", "company": "x", "user": "x"}, "resources": {"ITEM": {"custom": ["SEASON"]}}},
            "resources.ITEM.rest_names: expected what REST calls SEASON, such as nsp::season, got nothing",
        ),
    ],
)  # fmt: skip
async def test_a_mistake_in_a_document_is_told(company: SageIntacctSubject, said: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        connected(company, **said)
    assert expected in str(refused.value)


@pytest.mark.parametrize("api", ["xml", "rest"])
async def test_a_firms_own_field_holds_our_key_and_finds_what_it_made(company: SageIntacctSubject, by_rest: SageIntacctRestSubject, api: str) -> None:
    from connectors.sage_intacct.simulator.objects import OBJECTS, Spec

    own = {"TIMESHEETENTRY": {"key": "HUB_ID", "rest_names": {"HUB_ID": "nsp::hubId"}}}
    company = company if api == "xml" else by_rest
    names = NAMES["TIMESHEETENTRY"].fields
    OBJECTS["TIMESHEETENTRY"].fields["HUB_ID"] = Spec("HUB_ID")  # type: ignore[index]
    try:
        document = extended({**company.document(), "extends": "sage_intacct", "resources": own})
        connector = connected(company, resources=document["resources"])
        names["HUB_ID"] = Name("nsp::hubId")  # type: ignore[index]
        company.running.faults.append(Fault("lose_answer", "TIMESHEET", "create"))
        wanted = a_write("TIMESHEETENTRY", hours(), "te_01H9")
        await raises(UnknownOutcomeError, connector.write(wanted))
        adopted = await connector.look_up(wanted)
        assert adopted is not None and connector.capabilities.of("TIMESHEETENTRY").keeps_our_key
    finally:
        OBJECTS["TIMESHEETENTRY"].__post_init__()
        names.pop("HUB_ID", None)  # type: ignore[attr-defined]
