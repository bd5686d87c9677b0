"""What is special about Tryton, on Tryton itself: children, deletes without ids, merges, locks, buttons, wizards, a user without a company."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from connectors.errors import ConnectorError, CredentialsError, RateLimitedError, RejectedError, UnknownOutcomeError
from connectors.port import Incoming, Operation, Write, parse_json
from connectors.registry import connect
from connectors.shipped import extended
from connectors.tryton.connector import TrytonConnector
from hub.demo.tryton import firm
from hub.demo.tryton.person import Person
from tests.tryton.conftest import Running
from tests.tryton.proxy import Fault, Proxy

pytestmark = pytest.mark.slow


def connected(running: Running, database: str, url: str = "", **more: Any) -> TrytonConnector:
    left_out = {"crm": ("project", "task", "timesheet"), "psa": ("opportunity", "sale", "product", "invoice", "payment"), "erp": ("opportunity",)}
    own = {
        "system": database, "kind": database, "base_url": url or running.url, "database": database, "resources": dict.fromkeys(left_out[database]),
        "auth": {"user": "admin", "password": running.tryton.password}, "page_size": 50, **more,
    }  # fmt: skip
    whole = extended({"extends": "tryton", **own})
    made = connect("tryton", {key: value for key, value in whole.items() if key not in ("mappings", "code_maps")})
    assert isinstance(made, TrytonConnector)
    return made


def write(operation: Operation, object_: str, body: Mapping[str, Any], **more: Any) -> Write:
    return Write(more.pop("key", str(uuid4())), operation, object_, "", more.pop("id", None), body, **more)


async def polled(connector: TrytonConnector, resource: str, checkpoint: str = "") -> tuple[list[Incoming], str]:
    found: list[Incoming] = []
    while True:
        page = await connector.poll(resource, checkpoint)
        found += page.messages
        checkpoint = page.checkpoint
        if not page.has_more:
            return found, checkpoint


def newest(messages: list[Incoming], id: int | str) -> Incoming:
    return [one for one in messages if one.external_id == str(id)][-1]


@pytest.fixture
async def crm(running: Running) -> AsyncIterator[TrytonConnector]:
    made = connected(running, "crm")
    yield made
    await made.aclose()


@pytest.fixture
async def psa(running: Running) -> AsyncIterator[TrytonConnector]:
    made = connected(running, "psa")
    yield made
    await made.aclose()


@pytest.fixture
async def erp(running: Running) -> AsyncIterator[TrytonConnector]:
    made = connected(running, "erp")
    yield made
    await made.aclose()


async def a_party(person: Person, name: str) -> int:
    values = {"name": name, "addresses": [{"city": "Bergen", "street": "Kai 4"}], "contact_mechanisms": [{"type": "phone", "value": "+4755112233"}]}
    return await person.enter("party.party", values)


async def test_a_child_that_changes_alone_is_told_as_its_party(running: Running, crm: TrytonConnector) -> None:
    person = running.people["crm"]
    id = await a_party(person, "Fjord Åse AS")
    _, checkpoint = await polled(crm, "party")
    (address,) = await person.rows("party.address", ["id"], [["party", "=", id]])
    await person.edit("party.address", int(address["id"]), {"street": "Øvregaten 12"})
    told = newest((await polled(crm, "party", checkpoint))[0], id)
    body = parse_json(told.body)
    assert (body["name"], body["address"]["street"], body["contact"]["phone"]) == ("Fjord Åse AS", "Øvregaten 12", "+4755112233")


async def test_deletes_are_told_with_their_ids_and_those_of_records_never_seen_do_no_harm(running: Running, crm: TrytonConnector) -> None:
    person = running.people["crm"]
    ids = [await a_party(person, f"Short-lived {at}") for at in range(3)]
    _, checkpoint = await polled(crm, "party")
    unseen = await a_party(person, "Made and deleted between two polls")
    for id in (ids[0], ids[2], unseen):
        await person.delete("party.party", id)
    messages, after = await polled(crm, "party", checkpoint)
    assert {one.external_id for one in messages if one.is_delete} >= {str(ids[0]), str(ids[2]), str(unseen)}
    assert str(ids[1]) not in {one.external_id for one in messages if one.is_delete}
    again, _ = await polled(crm, "party", after)
    assert {one.key for one in again if one.is_delete} <= {one.key for one in messages if one.is_delete}, "a delete that is read twice is one message"


async def test_a_party_that_was_replaced_is_told_as_merged(running: Running, crm: TrytonConnector) -> None:
    person = running.people["crm"]
    source, destination = await a_party(person, "Rogaland Shipping"), await a_party(person, "Skagen Rederi AS")
    _, checkpoint = await polled(crm, "party")
    await person.merge(source, destination)
    told = newest((await polled(crm, "party", checkpoint))[0], source)
    assert (told.is_delete, told.merged_into) == (True, str(destination))


async def test_a_party_closed_and_opened_again_is_told_both_times(running: Running, crm: TrytonConnector) -> None:
    person = running.people["crm"]
    id = await a_party(person, "On and off GmbH")
    _, checkpoint = await polled(crm, "party")
    states = []
    for active in (False, True):
        await person.edit("party.party", id, {"active": active})
        messages, checkpoint = await polled(crm, "party", checkpoint)
        states.append((parse_json(newest(messages, id).body)["active"], newest(messages, id).is_delete))
    assert states == [(False, False), (True, False)]


async def test_a_lost_answer_to_many_creates_leaves_each_to_be_found(running: Running, proxy: Proxy) -> None:
    connector = connected(running, "crm", proxy.url)
    try:
        writes = [write("create", "party", {"name": f"Batch {at} Ł", "contact": {"email": f"b{at}@batch.example"}}) for at in range(5)]
        proxy.faults.append(Fault("lose_answer", "model.party.party.create"))
        answers = await connector.write_many(writes)
        assert [type(one) for one in answers] == [UnknownOutcomeError] * 5
        found = [await connector.look_up(one) for one in writes]
        assert all(one is not None and one.was_adopted for one in found) and len({one.external_id for one in found if one}) == 5
        again = await connector.write_many(writes)
        assert [one.external_id for one in again if not isinstance(one, ConnectorError)] == [one.external_id for one in found if one]
    finally:
        await connector.aclose()


async def test_a_server_killed_in_the_middle_of_a_batch_made_all_of_it_or_nothing(running: Running, crm: TrytonConnector) -> None:
    writes = [write("create", "party", {"name": f"Killed {at}"}) for at in range(100)]
    await crm.look_up(writes[0])  # signed in, and its fields known
    sending = asyncio.create_task(crm.write_many(writes))
    await asyncio.sleep(0.15)
    await running.stop(kill=True)
    answers = await sending
    await running.start()
    found = [await crm.look_up(one) for one in writes]
    made = sum(one is not None for one in found)
    assert made in (0, 100) and all(isinstance(one, ConnectorError) for one in answers) or made == 100
    receipts = await crm.write_many([each for each, one in zip(writes, found, strict=True) if one is None])
    assert [one for one in receipts if isinstance(one, ConnectorError)] == []
    rows = await running.people["crm"].rows("party.party", ["id"], [["name", "like", "Killed %"]])
    assert len(rows) == 100


async def test_hours_carry_our_key_and_people_read_it_as_a_mark(running: Running, psa: TrytonConnector) -> None:
    person = running.people["psa"]
    company = (await person.database.context())["company"]
    project = await firm.new_work(person, "Warehouse", company)
    task = await firm.new_work(person, "Analysis", company, parent=project)
    employee = await person.one("company.employee", party__name="Otto Krüger")
    wanted = write("create", "timesheet", {"employee": str(employee), "project": str(project), "task": str(task), "date": "2026-11-19", "duration": 95, "description": "Größe"})
    receipt = await psa.write(wanted)
    assert (await psa.look_up(wanted)) is not None
    (line,) = await person.rows("timesheet.line", ["description", "duration"], [["id", "=", int(receipt.external_id)]])
    assert (line["description"], line["duration"]) == (f"Größe [hub {wanted.intent_key}]", 95)
    told = await psa.fetch("timesheet", receipt.external_id)
    assert told is not None
    body = parse_json(told.body)
    assert (body["description"], body["hub_id"], body["project"], body["task"], body["duration"]) == ("Größe", wanted.intent_key, project, task, 95)
    await psa.write(write("update", "timesheet", {"description": "Größe, corrected"}, id=receipt.external_id, expected_version=receipt.version))
    (line,) = await person.rows("timesheet.line", ["description"], [["id", "=", int(receipt.external_id)]])
    assert line["description"] == f"Größe, corrected [hub {wanted.intent_key}]"
    gone = write("deactivate", "timesheet", {}, id=receipt.external_id)
    await psa.write(gone)
    assert await psa.fetch("timesheet", receipt.external_id) is None and await psa.look_up(gone) is not None


async def test_a_work_is_done_with_its_progress(running: Running, psa: TrytonConnector) -> None:
    receipt = await psa.write(write("create", "project", {"name": "Soon over", "status": {"name": "Open"}}, natural_key={"name": "Soon over"}))
    await psa.write(write("update", "project", {"status": {"name": "Done"}}, id=receipt.external_id))
    told = await psa.fetch("project", receipt.external_id)
    assert told is not None and parse_json(told.body)["status"]["name"] == "Done"
    found = await psa.look_up(write("create", "project", {}, key="", natural_key={"name": "Soon over"}))
    assert found is not None and found.external_id == receipt.external_id


async def test_an_invoice_is_made_posted_once_and_paid_in_two_parts(running: Running, erp: TrytonConnector) -> None:
    person = running.people["erp"]
    party = await a_party(person, "Kunde & Söhne KG")
    revenue = await person.one("account.account", closed=False, type__revenue=True)
    line = {"type": "line", "description": "Consulting", "quantity": Decimal("3.5"), "unit_price": Decimal("98.7531"), "account": revenue, "currency": {"code": "EUR"}}
    wanted = write("create", "invoice", {"party": str(party), "invoice_date": "2026-11-10", "lines": [line], "state": "posted"})
    receipt = await erp.write(wanted)
    told = await erp.fetch("invoice", receipt.external_id)
    assert told is not None
    body = parse_json(told.body)
    assert (body["state"], body["total_amount"], body["hub_id"], body["lines"][0]["unit_price"]) == ("posted", Decimal("345.64"), wanted.intent_key, Decimal("98.7531"))
    assert (await erp.write(wanted)).external_id == receipt.external_id, "posting after a lost answer makes no second invoice, and posts none twice"
    with pytest.raises(RejectedError) as refused:
        await erp.write(write("update", "invoice", {"reference": "late"}, id=receipt.external_id))
    assert refused.value.cause == "lock", refused.value.detail
    stale = write("update", "invoice", {"description": "x"}, id=receipt.external_id, expected_version="1.0")
    with pytest.raises(RejectedError) as conflict:
        await erp.write(stale)
    assert conflict.value.cause == "conflict"
    part = await erp.write(write("create", "payment", {"invoice": receipt.external_id, "amount": Decimal("100.00"), "date": "2026-11-12"}))
    told = await erp.fetch("invoice", receipt.external_id)
    assert told is not None and (parse_json(told.body)["state"], parse_json(told.body)["amount_to_pay"]) == ("posted", Decimal("245.64"))
    await erp.write(write("create", "payment", {"invoice": receipt.external_id, "amount": Decimal("245.64"), "date": "2026-11-14"}))
    told = await erp.fetch("invoice", receipt.external_id)
    assert told is not None
    body = parse_json(told.body)
    assert (body["state"], body["amount_to_pay"], body["paid_on"]) == ("paid", Decimal(0), "2026-11-14")
    paid = await erp.fetch("payment", part.external_id)
    assert paid is not None
    body = parse_json(paid.body)
    assert (body["invoice"], body["amount"], body["date"]) == (int(receipt.external_id), Decimal("100.00"), "2026-11-12")


async def test_an_invoice_out_of_the_order_of_dates_is_a_closed_period(running: Running, erp: TrytonConnector) -> None:
    person = running.people["erp"]
    party = await a_party(person, "Late Papers AS")
    ids = [await firm.invoice(person, party, "Late", "1", "10.00", day) for day in ("2026-11-19", "2026-11-02")]
    await erp.write(write("update", "invoice", {"state": "posted"}, id=str(ids[0])))
    with pytest.raises(RejectedError) as refused:
        await erp.write(write("update", "invoice", {"state": "posted"}, id=str(ids[1])))
    assert (refused.value.cause, refused.value.field) == ("closed_period", "invoice_date") and "order of their dates" in refused.value.remedy


async def test_a_credit_note_is_told_as_less_than_nothing(running: Running, erp: TrytonConnector) -> None:
    person = running.people["erp"]
    party = await a_party(person, "Credited SpA")
    id = await firm.invoice(person, party, "Too much", "2", "50.00", "2026-11-20")
    await erp.write(write("update", "invoice", {"state": "posted"}, id=str(id)))
    about = {"active_model": "account.invoice", "active_id": id, "active_ids": [id]}
    session, start, _ = await person.do("wizard.account.invoice.credit.create", context=about)
    await person.do("wizard.account.invoice.credit.execute", session, {start: {"with_refund": False}}, "credit", context=about)
    messages, _ = await polled(erp, "invoice")
    notes = [body for one in messages if (body := parse_json(one.body)) and body["party"] == party and body["is_credit"]]
    assert [(one["total_amount"], one["state"]) for one in notes] == [(Decimal("-100.00"), "draft")]


async def test_a_user_without_a_company_is_told_what_is_missing(running: Running) -> None:
    person = running.people["psa"]
    await person.enter("res.user", {"login": "lonely", "name": "Lonely", "password": "long-enough-8241"})
    groups = [int(one["id"]) for one in await person.rows("res.group", ["id"])]
    me = await person.one("res.user", login="lonely")
    await person.do("model.res.user.write", [me], {"groups": [["add", groups]], "company": None, "companies": [["remove", [(await person.database.context())["company"]]]]})
    connector = connected(running, "psa", auth={"user": "lonely", "password": "long-enough-8241"})
    try:
        with pytest.raises(RejectedError) as refused:
            await connector.write(write("create", "project", {"name": "Nobody's", "status": {"name": "Open"}}))
        assert (refused.value.field, refused.value.cause) == ("company", "permission") and "company: <id>" in refused.value.remedy
    finally:
        await connector.aclose()


async def test_after_a_wrong_password_the_connector_is_silent(running: Running, proxy: Proxy) -> None:
    person = running.people["crm"]
    await person.enter("res.user", {"login": "closed", "name": "Closed", "password": "long-enough-8241"})
    connector = connected(running, "crm", proxy.url, auth={"user": "closed", "password": "wrong"})
    try:
        for _ in range(4):
            with pytest.raises(CredentialsError):
                await connector.poll("party", "")
        assert proxy.methods == ["common.db.login"]
    finally:
        await connector.aclose()
    for _ in range(7):
        other = connected(running, "crm", proxy.url, auth={"user": "closed", "password": "wrong"})
        with pytest.raises((CredentialsError, RateLimitedError)):
            await other.poll("party", "")
        await other.aclose()
    right = connected(running, "crm", proxy.url, auth={"user": "closed", "password": "long-enough-8241"})
    with pytest.raises(RateLimitedError) as closed:
        await right.poll("party", "")
    assert closed.value.retry_after_s > 300
    await right.aclose()


async def test_what_the_database_lacks_is_named(running: Running) -> None:
    connector = connected(running, "crm", resources={"project": {"model": "project.work", "fields": ["name"], "read_only": True}, "task": None, "timesheet": None})
    try:
        with pytest.raises(ConnectorError, match=r"no model project\.work: activate its module"):
            await connector.poll("project", "")
    finally:
        await connector.aclose()
    connector = connected(running, "crm", resources={"party": {"fields": ["name", "nickname"]}, "project": None, "task": None, "timesheet": None})
    try:
        with pytest.raises(ConnectorError, match="has no field nickname"):
            await connector.poll("party", "")
    finally:
        await connector.aclose()
