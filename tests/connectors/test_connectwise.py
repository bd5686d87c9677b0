"""ConnectWise beyond the suite: releases, forward-only pages, children, sweeps, keys of callbacks, lists that are replaced, locks, records both ways."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from connectors.conformance import present, raises, read_all
from connectors.connectwise.connector import ConnectwiseConnector
from connectors.connectwise.simulator.psa import HUB_FIELD
from connectors.connectwise.simulator.server import Connectwise
from connectors.errors import ConfigurationError, CredentialsError, RateLimitedError, RejectedError, SchemaDriftError, SignatureError, UnknownOutcomeError
from connectors.port import Incoming, Receipt, Write, received
from connectors.shipped import extended
from connectors.simulator.base import Fault
from connectors.wire import dump_json, parse_json
from schema.code_maps import CodeMaps
from schema.mapping_file import load_code_maps, load_mappings
from tests.connectors.vendors.connectwise import ConnectwiseSubject, subject as connectwise


@pytest.fixture
async def psa() -> AsyncIterator[ConnectwiseSubject]:
    found = await connectwise()
    yield found
    await found.close()


def connected(psa: ConnectwiseSubject, **more: Any) -> ConnectwiseConnector:
    made = psa.connector(**more)
    assert isinstance(made, ConnectwiseConnector)
    return made


def server(psa: ConnectwiseSubject) -> Connectwise:
    assert isinstance(psa.running, Connectwise)
    return psa.running


def put(psa: ConnectwiseSubject, object_: str, **fields: Any) -> str:
    """A record as a user enters it; its id."""
    return server(psa).put(object_, None, fields).id


def first(psa: ConnectwiseSubject, object_: str) -> str:
    return next(iter(server(psa).store.rows[object_]))


async def body_of(connector: ConnectwiseConnector, object_: str, id: str) -> Any:
    found = await connector.fetch(object_, id)
    assert found is not None
    return parse_json(found.body)


def create(object_: str, entity: str, body: dict[str, Any], natural_key: dict[str, Any] | None = None, key: str = "key-1") -> Write:
    return Write(key, "create", object_, entity, None, body, natural_key=natural_key or {})


# --- the release that runs ------------------------------------------------------------------------------------------------


async def test_a_new_release_moves_every_address_and_loses_nothing(psa: ConnectwiseSubject) -> None:
    connector = connected(psa)
    await psa.enter(250)
    before = await connector.poll("company", "")
    server(psa).control_release({"codebase": "v2025_2"})
    rest, _, _ = await read_all(connector, "company", before.checkpoint)
    assert present([*before.messages, *rest]) == await psa.ids()
    receipt = await connector.write(create("company", "client", {"name": "After the release"}))
    assert psa.running.requests["companyinfo"] == 2 and receipt.external_id in await psa.ids()


async def test_who_is_unknown_to_the_vendor_is_told_so(psa: ConnectwiseSubject) -> None:
    auth = {"public_key": "a", "private_key": "b", "client_id": "c"}
    unknown = await raises(CredentialsError, connected(psa, auth={**auth, "company": "nobody"}).poll("company", ""))
    assert "knows no company 'nobody'" in str(unknown)
    server(psa).hides_from_strangers = True
    hidden = await raises(CredentialsError, connected(psa, auth={**auth, "company": "northbeam"}).poll("company", ""))
    assert "shows nothing to this company and key" in str(hidden)
    gone = await raises(SchemaDriftError, connected(psa, codebase="v1_old").poll("company", ""))
    assert "this release of psa has no company/" in str(gone)


@pytest.mark.parametrize("object_", ["currency", "agreementWorkRole", "phase", "payment", "chargeCode", "invoice", "timeEntry"])
async def test_every_object_is_read_with_its_parent_and_all_at_first(psa: ConnectwiseSubject, object_: str) -> None:
    messages, checkpoint, last = await read_all(connected(psa), object_)
    assert present(messages) == {row.id for row in server(psa).store.table(object_)} and last.is_complete_listing
    assert bool(checkpoint) is (object_ not in ("currency", "chargeCode")), "what is short is listed anew each time"


async def test_a_change_below_a_record_is_seen_once_the_record_changes(psa: ConnectwiseSubject) -> None:
    connector, project = connected(psa), first(psa, "project")
    _, checkpoint, _ = await read_all(connector, "phase")
    server(psa).put("project", project, {"name": "Renamed"})
    added = put(psa, "phase", projectId=int(project), description="Build")
    later, _, _ = await read_all(connector, "phase", checkpoint)
    found = {one.external_id: parse_json(one.body) for one in later}
    assert found[added]["description"] == "Build" and found[added]["parent"] == {"id": int(project)}
    assert (await body_of(connector, "phase", added))["description"] == "Build"


async def test_what_is_deleted_without_a_trace_is_missed_by_the_sweep(psa: ConnectwiseSubject) -> None:
    connector, contact = connected(psa), first(psa, "contact")
    _, checkpoint, _ = await read_all(connector, "contact")
    server(psa).control_delete({"object": "contact", "id": contact})
    early = await connector.poll("contact", checkpoint)
    assert early.checkpoint and not early.has_more
    aged = dump_json(parse_json(checkpoint) | {"swept": (datetime.now(UTC) - timedelta(hours=25)).isoformat()}).decode()
    due = await connector.poll("contact", aged)
    assert due.checkpoint == "" and not due.has_more, "the next poll lists everything"
    swept, _, last = await read_all(connector, "contact", due.checkpoint)
    assert last.is_complete_listing and contact not in present(swept) and present(swept)


async def test_more_rows_of_one_second_than_a_page_holds_are_all_read(psa: ConnectwiseSubject) -> None:
    _, checkpoint, _ = await read_all(connected(psa), "company")
    stopped = datetime.now(UTC) + timedelta(seconds=30)
    psa.running.store.clock = lambda: stopped
    ids = await psa.enter(350)
    later, _, _ = await read_all(connected(psa), "company", checkpoint)
    assert set(ids) <= present(later)


async def test_a_vendor_that_does_not_page_forward_is_found_out(psa: ConnectwiseSubject, monkeypatch: pytest.MonkeyPatch) -> None:
    await psa.enter(250)
    monkeypatch.setattr("connectors.connectwise.connector.FORWARD", {})
    connector = connected(psa)
    page = await connector.poll("company", "")
    await raises(SchemaDriftError, connector.poll("company", page.checkpoint))


async def test_a_long_question_is_sent_as_a_search(psa: ConnectwiseSubject) -> None:
    connector = connected(psa)
    text = "Notes " * 400
    assert await connector.look_up(create("contact", "contact", {}, {"lastName": text, "firstName": "x"}, key="")) is None
    assert psa.running.requests["list contact"] == 1


async def test_what_people_keep_to_themselves_is_not_passed_on(psa: ConnectwiseSubject) -> None:
    connector = connected(psa)
    kind = connector.connectwise.kinds["member"]
    told = connector._shown(kind, {"id": 1, "firstName": "Ida", "password": "secret", "homePhone": "+49 1", "token": "t"})
    assert told == {"id": 1, "firstName": "Ida", "currency": {"isoCode": "EUR"}}


# --- callbacks ------------------------------------------------------------------------------------------------------------


def resigned(psa: ConnectwiseSubject, body: bytes, **metadata: str) -> tuple[dict[str, str], bytes]:
    """A callback whose key lies elsewhere, signed with the right key."""
    changed = dump_json({**parse_json(body), "Metadata": metadata})
    made = hmac.new(hashlib.sha256(server(psa).signing_key.encode()).digest(), changed, hashlib.sha256).digest()
    return {"X-Content-Signature": base64.b64encode(made).decode()}, changed


async def test_the_key_of_a_callback_is_fetched_once_and_again_when_it_changes(psa: ConnectwiseSubject) -> None:
    connector, (id,) = connected(psa), await psa.enter(1)
    for _ in range(3):
        await received(connector, *await psa.webhook(id))
    assert psa.running.requests["callbackkey"] == 1
    server(psa).control_rotate({})
    assert len(await received(connector, *await psa.webhook(id))) == 1
    assert psa.running.requests["callbackkey"] == 2


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("{own}/login/callbackkey/index.rails?companyName=somebody&id={id}", "another company"),
        ("https://evil.example/key?companyName=northbeam&id={id}", "not the vendor's"),
        ("https://evilmyconnectwise.net/key?companyName=northbeam", "not the vendor's"),
        ("http://api-eu.myconnectwise.net/key?companyName=northbeam", "not the vendor's"),
        ("https://x@api-eu.myconnectwise.net/key?companyName=northbeam", "not the vendor's"),
        ("{own}/login/callbackkey/index.rails?companyName=northbeam&companyName=x&id={id}", "another company"),
        ("{own}/login/callbackkey/index.rails?companyName=northbeam&id=unknown", "a key that there is not"),
    ],
)  # fmt: skip
async def test_a_key_from_elsewhere_verifies_nothing(psa: ConnectwiseSubject, url: str, reason: str) -> None:
    (id,) = await psa.enter(1)
    _, body = await psa.webhook(id)
    headers, changed = resigned(psa, body, key_url=url.format(own=psa.running.url, id=server(psa).key_id))
    with pytest.raises(SignatureError, match=reason):
        await received(connected(psa), headers, changed)


async def test_a_key_that_is_said_needs_no_fetching(psa: ConnectwiseSubject) -> None:
    (id,) = await psa.enter(1)
    connector = connected(psa, callbacks={"keys": [server(psa).signing_key]})
    assert [one.external_id for one in connector.receive(*await psa.webhook(id))] == [id]
    assert psa.running.requests["callbackkey"] == 0


async def test_a_callback_of_a_delete_and_one_without_its_record(psa: ConnectwiseSubject) -> None:
    connector, (id,) = connected(psa), await psa.enter(1)
    headers, body = server(psa).callback(server(psa).store.rows["company"][id], "deleted")
    (gone,) = await received(connector, headers, body)
    message_id = parse_json(body)["MessageId"]
    assert gone == Incoming("company", id, b"", message_id, "", is_delete=True)
    bare = dump_json({**parse_json(body), "Action": "updated", "Entity": "{\"id\":" + id + ",\"name\":\"x\"}"})
    made = hmac.new(hashlib.sha256(server(psa).signing_key.encode()).digest(), bare, hashlib.sha256).digest()
    (told,) = await received(connector, {"x-content-signature": base64.b64encode(made).decode()}, bare)
    assert told.needs_fetch and (told.external_id, told.key) == (id, message_id), "a record without its stamp is fetched"


async def test_the_hub_is_called_for_every_change_of_what_it_reads(psa: ConnectwiseSubject) -> None:
    heard: list[tuple[str, dict[str, str], bytes]] = []

    async def hook(request: web.Request) -> web.Response:
        heard.append((request.query_string, dict(request.headers), await request.read()))
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/hooks/psa", hook)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    connector = connected(psa)
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/psa"
        assert await connector.listen(url) == [
            "agreement", "company", "contact", "expense", "invoice", "member", "opportunity", "project", "ticket", "time",
        ]  # fmt: skip
        assert await connector.listen(url) == [], "who listens already is not called twice"
        id = put(psa, "company", name="Called", identifier="CALLED")
        async with asyncio.timeout(30):
            while not heard:
                await asyncio.sleep(0.01)
    finally:
        await runner.cleanup()
    query, headers, body = heard[0]
    (message,) = await received(connector, headers, body)
    assert query == f"recordId={id}&action=added" and message.external_id == id


# --- writing --------------------------------------------------------------------------------------------------------------


async def test_a_second_create_is_refused_by_the_identifier_and_the_first_adopted(psa: ConnectwiseSubject) -> None:
    connector, wanted = connected(psa, hub_field=None), create("company", "client", {"name": "Harbor & Pine"})
    one, again = await connector.write(wanted), await connector.write(wanted)
    assert (again.external_id, again.was_adopted) == (one.external_id, True)
    found = await body_of(connector, "company", one.external_id)
    assert found["identifier"].startswith("HARBORPINE-") and "hub_key" not in (found.get("custom") or {})
    other = await connector.write(create("company", "client", {"name": "Harbor & Pine"}, key="key-2"))
    assert other.external_id != one.external_id, "two firms may have one name"


async def test_a_doubt_is_settled_by_our_key_in_a_custom_field_or_by_the_natural_key(psa: ConnectwiseSubject) -> None:
    body = {"name": 'The "Old" Mill', "company": {"id": first(psa, "company")}, "primarySalesRep": {"id": first(psa, "member")}}
    wanted = create("opportunity", "opportunity", body, {"name": body["name"], "company.id": body["company"]["id"]})
    for hub_field in (HUB_FIELD, None):
        connector = connected(psa, hub_field=hub_field)
        named = replace(wanted, intent_key=f"key-{hub_field}", body={**body, "name": f"{body['name']} {hub_field}"})
        named = replace(named, natural_key={**wanted.natural_key, "name": named.body["name"]})
        assert await connector.look_up(named) is None
        psa.running.faults.append(Fault("lose_answer", "opportunity", "create"))
        await raises(UnknownOutcomeError, connector.write(named))
        adopted = await connector.look_up(named)
        assert adopted is not None and adopted.was_adopted
        assert (await body_of(connector, "opportunity", adopted.external_id))["name"] == named.body["name"]


async def test_lists_are_replaced_whole_and_nothing_in_them_is_lost(psa: ConnectwiseSubject) -> None:
    connector = connected(psa)
    company = first(psa, "company")
    mail = {"email": "a@x.example", "phone": "+49 40 1", "mobile": "+49 170 1"}
    made = await connector.write(create("contact", "contact", {"firstName": "Asha", "lastName": "Patel", "company": {"id": company}, "points": mail, "custom": {"Segment": "A"}}))
    row = server(psa).store.rows["contact"][made.external_id]
    extra = {"id": 99, "type": {"id": 4, "name": "Fax"}, "value": "+49 40 9", "defaultFlag": False, "communicationType": "Fax"}
    server(psa).put("contact", row.id, {"communicationItems": [*row.fields["communicationItems"], extra]})
    change = Write("key-2", "update", "contact", "contact", made.external_id, {"points": {"phone": "+49 40 2", "mobile": None}})
    await connector.write(change)
    found = await body_of(connector, "contact", made.external_id)
    assert found["points"] == {"email": "a@x.example", "phone": "+49 40 2", "mobile": None}
    assert [one["value"] for one in found["communicationItems"]] == ["a@x.example", "+49 40 2", "+49 40 9"]
    assert (found["hub_key"], found["custom"]) == ("key-1", {"Segment": "A"})
    await connector.write(Write("key-3", "update", "contact", "contact", made.external_id, {"custom": {"Segment": "B"}}))
    found = await body_of(connector, "contact", made.external_id)
    assert (found["hub_key"], found["custom"]) == ("key-1", {"Segment": "B"})


async def test_values_of_the_firms_own_lists_are_told_by_name_and_sent_by_id(psa: ConnectwiseSubject) -> None:
    connector, project = connected(psa), first(psa, "project")
    before = await body_of(connector, "project", project)
    assert before["status"] == {"id": 2, "name": "Open", "noTimeFlag": False}
    added = put(psa, "projectStatus", name="Parked", noTimeFlag=True)
    await connector.write(Write("k", "update", "project", "project", project, {"status": {"name": "Parked"}, "currency": {"isoCode": "GBP"}}))
    after = await body_of(connector, "project", project)
    assert after["status"] == {"id": int(added), "name": "Parked", "noTimeFlag": True} and after["currency"]["isoCode"] == "GBP"
    error = await raises(RejectedError, connector.write(Write("k", "update", "project", "project", project, {"status": {"name": "Nowhere"}})))
    assert (error.cause, error.field) == ("validation", "status") and "project/statuses" in error.remedy


async def test_hours_go_to_a_ticket_and_their_day_stays_the_day_worked(psa: ConnectwiseSubject) -> None:
    connector = connected(psa, time_zone="America/New_York")
    ticket, member = first(psa, "ticket"), first(psa, "member")
    body = {"projectTicket": {"id": ticket}, "member": {"id": member}, "workDate": "2026-02-02", "actualHours": Decimal("1.5"), "billableOption": "Billable"}
    key = {"projectTicket.id": ticket, "member.id": member, "workDate": "2026-02-02", "actualHours": Decimal("1.5")}
    wanted = create("timeEntry", "time_entry", body, key)
    made = await connector.write(wanted)
    found = await body_of(connector, "timeEntry", made.external_id)
    assert (found["workDate"], found["timeStart"], found["chargeToType"]) == ("2026-02-02", "2026-02-02T14:00:00Z", "ProjectTicket")
    assert found["project"]["id"] == int(first(psa, "project"))
    adopted = await connector.look_up(wanted)
    assert adopted is not None and adopted.external_id == made.external_id
    late = put(psa, "timeEntry", chargeToId=int(ticket), chargeToType="ProjectTicket", member={"id": int(member)}, timeStart="2026-02-04T01:30:00Z", timeEnd="2026-02-04T02:30:00Z")
    assert (await body_of(connector, "timeEntry", late))["workDate"] == "2026-02-03"


@pytest.mark.parametrize(
    ("object_", "status", "remedy"),
    [("timeEntry", "Billed", "credit the invoice"), ("timeEntry", "ApprovedByTierTwo", "time sheet"), ("expenseEntry", "PendingApproval", "expense report")],
)  # fmt: skip
async def test_what_is_billed_or_handed_in_is_locked(psa: ConnectwiseSubject, object_: str, status: str, remedy: str) -> None:
    id = first(psa, object_)
    server(psa).put(object_, id, {"status": status})
    error = await raises(RejectedError, connected(psa).write(Write("k", "update", object_, "time_entry", id, {"notes": "Changed"})))
    assert error.cause == "lock" and remedy in error.remedy


async def test_a_payment_is_written_once_and_in_its_invoices_currency(psa: ConnectwiseSubject) -> None:
    connector, invoice = connected(psa), first(psa, "invoice")
    body = {"parent": {"id": invoice}, "amount": Decimal("83.10"), "currency": {"isoCode": "EUR"}, "paymentDate": "2026-06-20"}
    wanted = create("payment", "payment_application", body, {"parent.id": invoice, "paymentDate": "2026-06-20", "amount": Decimal("83.10")})
    made = await connector.write(wanted)
    adopted = await connector.look_up(wanted)
    assert adopted is not None and adopted.external_id == made.external_id
    assert server(psa).store.rows["invoice"][invoice].fields["balance"] == Decimal("400.00")
    error = await raises(RejectedError, connector.write(replace(wanted, body={**body, "currency": {"isoCode": "GBP"}})))
    assert error.field == "currency" and len(list(server(psa).store.table("payment"))) == 2


async def test_a_vendors_own_words_of_refusal(psa: ConnectwiseSubject) -> None:
    connector = connected(psa)
    missing = await raises(RejectedError, connector.write(create("project", "project", {"name": "x", "company": {"id": first(psa, "company")}})))
    assert (missing.code, missing.field, missing.cause) == ("MissingRequiredField", "board", "validation")
    gone = await raises(RejectedError, connector.write(Write("k", "update", "company", "client", "99999", {"name": "x"})))
    assert (gone.code, gone.cause) == ("NotFound", "not_found")
    server(psa).control_quota({"requests_per_s": 0.001})
    server(psa)._tokens = 0.0
    slow = await raises(RateLimitedError, connector.poll("company", ""))
    assert slow.retry_after_s == 1.0


async def test_what_is_deactivated_is_so_in_the_firms_own_words(psa: ConnectwiseSubject) -> None:
    connector, contact, company = connected(psa), first(psa, "contact"), first(psa, "company")
    for object_, id in (("contact", contact), ("company", company)):
        wanted = Write("k", "deactivate", object_, "contact", id, {})
        assert await connector.look_up(wanted) is None
        assert isinstance(await connector.write(wanted), Receipt)
        assert await connector.look_up(wanted) is not None
    assert (await body_of(connector, "company", company))["status"]["name"] == "Inactive"
    assert (await body_of(connector, "contact", contact))["inactiveFlag"] is True


# --- documents ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("object_", ["company", "contact", "opportunity", "agreement", "project", "ticket", "timeEntry", "expenseEntry"])
async def test_what_is_written_reads_back_as_the_same_record(psa: ConnectwiseSubject, object_: str) -> None:
    """A record of the vendor's, read, written as a change of itself and read again."""
    document = psa.document()
    mapping = next(one for one in load_mappings(document, system="psa") if one.object == object_ and one.fields_out)
    codes = CodeMaps(load_code_maps(document, system="psa"), lambda set, value: True)
    connector, id = connected(psa), first(psa, object_)
    if object_ == "timeEntry":
        server(psa).put(object_, id, {"status": "Open"})
    (before,) = mapping.read(await body_of(connector, object_, id), codes)
    written = mapping.write({name: value for name, value in before.values.items() if name in mapping.fields_out}, codes)
    await connector.write(Write("k", "update", object_, mapping.entity, id, written))
    (after,) = mapping.read(await body_of(connector, object_, id), codes)
    assert after.values == before.values and before.problems == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"currency": None}, "currency: expected a text, got nothing"),
        ({"currency": "euro"}, "currency: expected the firm's own currency, such as EUR, got 'euro'"),
        ({"page_size": 5000}, "page_size: expected a number from 1 to 1000, got 5000"),
        ({"time_zone": "Mars"}, "time_zone: expected a time zone such as Europe/Berlin, got 'Mars'"),
        ({"resources": {"company": {"path": "x", "derives": ["magic"]}}}, "resources.company.derives: expected some of points, hours"),
        ({"resources": {"company": {"path": "x", "writes": ["delete"]}}}, "resources.company.writes: expected some of create, update, deactivate"),
        ({"resources": {"phase": {"path": "x", "under": "project"}}}, "resources.phase.under: expected another resource, got 'project'"),
        ({"auth": {"company": "x"}}, "auth.client_id: expected a text, got nothing"),
        ({"shoes": 1}, "shoes: unknown key"),
    ],
)  # fmt: skip
async def test_a_mistake_in_a_document_is_told(psa: ConnectwiseSubject, said: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        connected(psa, **said)
    assert expected in str(refused.value)


async def test_a_checkpoint_of_somebody_else_is_refused(psa: ConnectwiseSubject) -> None:
    for checkpoint in ("yesterday", '{"place": 1}', '{"since": "", "swept": ""}'):
        await raises(SchemaDriftError, connected(psa).poll("company", checkpoint))


def test_a_firm_that_bills_here_connects_it_a_second_time() -> None:
    own = {"extends": "connectwise", "system": "billing", "kind": "bill", "resources": {"timeEntry": None, "expenseEntry": None}}
    found = extended(own)
    assert found["kind"] == "bill" and {one["object"] for one in found["mappings"]}.isdisjoint({"timeEntry", "expenseEntry"})
    assert {one.entity for one in load_mappings(found, system="billing")} >= {"client", "invoice", "credit_memo", "payment"}
