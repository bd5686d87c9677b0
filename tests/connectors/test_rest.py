"""The REST connector beyond the conformance suite: paging forms, walks, look-ups, error tables, mistakes in a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from connectors.conformance import present, raises, read_all
from connectors.errors import (
    ConfigurationError, RejectedError, RetriableError, SchemaDriftError, UnknownOutcomeError,
)  # fmt: skip
from connectors.port import Write
from connectors.rest.config import parse
from connectors.rest.connector import RestConnector, rest_connector
from connectors.rest.walk import begun, parse_checkpoint
from connectors.tables import fill_in
from connectors.wire import dump_json, parse_json
from tests.connectors.subjects import ERP, PSA, config_of, simulated


class Vendor:
    """A home-grown API: answers by path, remembers what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        path = request.rel_url.raw_path
        self.asked.append((request.method, path, dict(request.query), parse_json(body) if body else None))
        answer = self.answers[path.rpartition("/")[2]]
        found = answer(request) if callable(answer) else answer
        return found if isinstance(found, web.StreamResponse) else web.json_response(found)


@asynccontextmanager
async def connected(vendor: Vendor, **config: Any) -> AsyncIterator[RestConnector]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", vendor.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    connector = rest_connector({"system": "own", "base_url": f"http://127.0.0.1:{runner.addresses[0][1]}"} | config)
    try:
        yield connector
    finally:
        await connector.aclose()
        await runner.cleanup()


def things(**more: Any) -> dict[str, Any]:
    return {"resources": {"thing": {"list": {"path": "things", "items": "data"}} | more}}


async def test_a_list_without_pages_or_filter_is_read_whole_each_time() -> None:
    vendor = Vendor(things={"data": [{"id": 1}, {"id": 2}]})
    async with connected(vendor, **things()) as connector:
        for _ in range(2):
            messages, checkpoint, page = await read_all(connector, "thing")
            assert [one.external_id for one in messages] == ["1", "2"] and page.is_complete_listing and checkpoint == ""
            assert {one.key for one in messages} == {""}, "without versions a message has no key of its own"


async def test_pages_by_token_are_followed_to_the_end() -> None:
    pages = {"": ("a", "t1"), "t1": ("b", "t2"), "t2": ("c", None)}

    def answer(request: web.Request) -> Any:
        id, following = pages[request.query.get("cursor", "")]
        return {"data": [{"id": id}], "meta": {"next": following}}

    vendor = Vendor(things=answer)
    async with connected(vendor, **things(paging={"kind": "token", "param": "cursor", "next": "meta.next"})) as connector:
        assert [one.external_id for one in (await read_all(connector, "thing"))[0]] == ["a", "b", "c"]


async def test_a_list_of_ids_is_filled_by_reading_each_record() -> None:
    vendor = Vendor(things={"data": [{"id": "a"}, {"id": "b"}]}, a={"id": "a", "n": 1}, b=lambda _: web.json_response({}, status=404))
    config = things(one={"path": "thing/{id}"})
    config["resources"]["thing"]["list"]["fetch_each"] = True
    async with connected(vendor, **config) as connector:
        (message,) = (await connector.poll("thing", "")).messages
        assert parse_json(message.body) == {"id": "a", "n": 1}


async def test_a_lapsed_place_in_a_list_starts_the_walk_again() -> None:
    lapsed = True

    def answer(request: web.Request) -> Any:
        nonlocal lapsed
        if "cursor" not in request.query:
            return {"data": [{"id": "a"}], "next": "t1"}
        if lapsed:
            lapsed = False
            return web.json_response({}, status=400)
        return {"data": [{"id": "b"}], "next": None}

    async with connected(Vendor(things=answer), **things(paging={"kind": "token", "param": "cursor", "next": "next"})) as connector:
        assert present((await read_all(connector, "thing"))[0]) == {"a", "b"}


async def test_the_next_poll_starts_at_the_vendors_clock_minus_the_overlap() -> None:
    def answer(request: web.Request) -> Any:
        return web.json_response({"data": []}, headers={"date": "Fri, 20 Nov 2026 06:00:10 GMT"})

    vendor = Vendor(things=answer)
    config = things(changes={"param": "since", "overlap_s": 10}, modified="at")
    async with connected(vendor, **config) as connector:
        _, checkpoint, page = await read_all(connector, "thing")
        assert page.is_complete_listing
        later = await connector.poll("thing", checkpoint)
        assert not later.is_complete_listing
    assert [query for _, _, query, _ in vendor.asked] == [{}, {"since": "2026-11-20T06:00:00.000000Z"}]


async def test_rows_that_move_while_pages_are_read_are_not_skipped() -> None:
    subject = await simulated(PSA)
    try:
        ids = await subject.enter(300)
        connector, checkpoint, found = subject.connector(), "", list[Any]()
        for step in range(100):
            page = await connector.poll("client", checkpoint)
            found.extend(page.messages)
            checkpoint = page.checkpoint
            if step == 0:
                for id in ids[:20]:  # they move from the first page to the end, and every later row one place ahead
                    await subject.change(id)
            if not page.has_more:
                break
        assert {one.external_id for one in found} >= set(ids)
    finally:
        await subject.close()


async def test_many_records_of_one_instant_are_read_page_by_page() -> None:
    rows = [{"id": n, "at": "2026-05-01T00:00:00Z"} for n in range(25)] + [{"id": 99, "at": "2026-05-02T00:00:00Z"}]

    def answer(request: web.Request) -> Any:
        fit = [row for row in rows if str(row["at"]) >= request.query.get("since", "")[:19]]
        start = int(request.query["offset"])
        return {"data": fit[start : start + 10]}

    config = things(paging={"kind": "offset", "size": 10}, changes={"param": "since", "is_ordered": True}, modified="at")
    async with connected(Vendor(things=answer), **config) as connector:
        assert len(present((await read_all(connector, "thing"))[0])) == 26


@pytest.mark.parametrize("answer", [{"items": []}, {"data": {}}, {"data": None}, 3])
async def test_an_answer_of_another_shape_is_schema_drift(answer: Any) -> None:
    async with connected(Vendor(things=answer), **things()) as connector:
        error = await raises(SchemaDriftError, connector.poll("thing", ""))
        assert error.object == "thing" and error.path == "data"


async def test_a_merge_made_at_the_vendor_names_the_survivor() -> None:
    vendor = Vendor(things={"data": [{"id": 1, "gone": True, "master": 2}, {"id": 2, "gone": False, "master": None}]})
    async with connected(vendor, **things(deleted="gone", merged_into="master")) as connector:
        found = (await connector.poll("thing", "")).messages
    assert [(one.external_id, one.is_delete, one.merged_into) for one in found] == [("1", True, "2"), ("2", False, "")]


async def test_deletes_told_in_a_list_of_their_own_belong_to_the_object() -> None:
    config = things()
    config["resources"]["deleted_thing"] = {"object": "thing", "list": {"path": "deleted", "items": "data", "tells_deletes_only": True}, "id": "recordid"}
    async with connected(Vendor(deleted={"data": [{"recordid": 5}]}), **config) as connector:
        (message,) = (await connector.poll("deleted_thing", "")).messages
    assert (message.object, message.external_id, message.is_delete) == ("thing", "5", True)


async def test_a_record_without_an_id_is_passed_on_for_a_person_to_see() -> None:
    async with connected(Vendor(things={"data": [{"name": "x"}, {"id": 2}]}), **things()) as connector:
        assert [one.external_id for one in (await connector.poll("thing", "")).messages] == ["", "2"]


async def test_a_text_that_is_no_unicode_does_not_stop_the_page() -> None:
    raw = web.Response(body=b'{"data":[{"id":1,"name":"\\ud800"},{"id":2,"n":123456789012345678901234567890}]}')
    async with connected(Vendor(things=lambda _: raw), **things()) as connector:
        first, second = (await connector.poll("thing", "")).messages
        assert b"\\ud800" in first.body and b"123456789012345678901234567890" in second.body


def a_create(**more: Any) -> Write:
    return Write("golden-1", "create", "thing", "client", None, **{"body": {"name": "A"}, "natural_key": {"name": "A"}} | more)


async def test_the_id_of_a_new_record_is_read_off_the_location() -> None:
    vendor = Vendor(things=lambda _: web.Response(status=204, headers={"location": "/thing/77", "etag": '"v1"'}))
    config = things(create={"path": "things", "wrap": "thing", "body": {"kind": "x"}, "key_header": "idempotency-key"})
    async with connected(vendor, **config) as connector:
        receipt = await connector.write(a_create())
    assert (receipt.external_id, receipt.version) == ("77", "v1")
    assert vendor.asked == [("POST", "/things", {}, {"thing": {"kind": "x", "name": "A"}})]


async def test_a_good_answer_that_names_no_record_leaves_the_outcome_open() -> None:
    for body in (b"{}", b"", b"<html>"):
        async with connected(Vendor(things=lambda _, body=body: web.Response(body=body)), **things(create={"path": "things", "id": "id"})) as connector:
            error = await raises(UnknownOutcomeError, connector.write(a_create()))
            assert error.settles_after_s == 30


async def test_a_look_up_by_natural_key_wants_the_whole_key_and_one_record() -> None:
    rows = [{"id": 1, "name": "A", "land": "DE"}, {"id": 2, "name": "A", "land": "FR"}, {"id": 3, "name": "A b", "land": "DE"}]
    config = things(create={"path": "things", "id": "id"}, look_up={"path": "things", "params": {"name": "q"}})
    vendor = Vendor(things={"data": rows})
    async with connected(vendor, **config) as connector:
        found = await connector.look_up(a_create(natural_key={"name": "A", "land": "FR"}))
        assert found is not None and found.external_id == "2"
        assert await connector.look_up(a_create(natural_key={"name": "A", "land": "IT"})) is None
        assert await connector.look_up(a_create(natural_key={})) is None
        error = await raises(RejectedError, connector.look_up(a_create(natural_key={"name": "A"})))
        assert error.cause == "duplicate"
    assert vendor.asked[0][2] == {"q": "A"}


@pytest.mark.parametrize(
    ("status", "body", "kind", "about"),
    [
        (400, {"code": "E7", "msg": "no", "at": "name"}, RejectedError, ("validation", "name")),
        (400, {"code": "CLOSED", "msg": "May is closed"}, RejectedError, ("closed_period", "")),
        (400, {"code": "BUSY"}, RetriableError, ()),
        (400, {"msg": "please try later"}, RetriableError, ()),
        (403, {}, RejectedError, ("permission", "")),
        (404, {}, RejectedError, ("not_found", "")),
        (412, {}, RejectedError, ("conflict", "")),
        (423, {}, RejectedError, ("lock", "")),
        (500, {}, UnknownOutcomeError, ()),
        (502, {}, UnknownOutcomeError, ()),
        (503, {}, RetriableError, ()),
    ],
)
async def test_the_error_table_cuts_answers_by_what_happens_next(status: int, body: Any, kind: type[Any], about: tuple[str, ...]) -> None:
    config = things(create={"path": "things", "id": "id"}) | {
        "error_paths": {"code": "code", "message": "msg", "field": "at"},
        "errors": [
            {"class": "rejected", "code": "CLOSED", "cause": "closed_period", "remedy": "Open it."},
            {"class": "retriable", "status": 400, "code": "BUSY"},
            {"class": "retriable", "status": "4xx", "contains": "try later"},
        ],
    }
    async with connected(Vendor(things=lambda _: web.json_response(body, status=status)), **config) as connector:
        error = await raises(kind, connector.write(a_create()))
    if about:
        assert (error.cause, error.field) == about and error.remedy
        assert body.get("msg", "") == error.detail and (not error.detail or error.detail not in str(error))


async def test_a_webhook_without_a_signed_id_is_named_by_what_it_says() -> None:
    hook = {
        "scheme": "hmac-sha1", "secrets": ["s"], "header": "x-hook-signature", "prefix": "sha1=", "encoding": "base64",
        "object": "type", "id": "ref", "record": "record", "message_id": ["guid", "sequence"],
    }  # fmt: skip
    async with connected(Vendor(), **things() | {"webhook": hook | {"objects": {"thing.saved": "thing"}}}) as connector:
        assert connector.config.webhook is not None
        told = {"guid": "g1", "sequence": 7, "type": "thing.saved", "ref": "4", "record": {"name": "x"}}
        keys = []
        for body in (told, told | {"sequence": 8}, {name: value for name, value in told.items() if name != "guid"}):
            raw = dump_json(body)
            keys += [one.key for one in connector.receive(connector.config.webhook.signature.sign(raw, "", 0), raw)]
        assert keys == ["g1:7", "g1:8", ""]


async def test_a_webhook_that_tells_ids_only_is_to_be_fetched() -> None:
    config = things(one={"path": "thing/{id}"}) | {
        "webhook": {"scheme": "token", "secrets": ["s"], "header": "x-token", "events": "events", "object": "type", "id": "ref",
                    "objects": {"thing.saved": "thing", "thing.gone": "thing"}, "deleted": {"path": "type", "is": ["thing.gone"]}},
    }  # fmt: skip
    async with connected(Vendor(), **config) as connector:
        body = b'{"events":[{"type":"thing.saved","ref":7},{"type":"other","ref":8},{"type":"thing.gone","ref":9}]}'
        found = connector.receive({"X-Token": "s"}, body)
        assert [(one.external_id, one.needs_fetch, one.is_delete) for one in found] == [("7", True, False), ("9", False, True)]
        for bad in (b"{", b'{"x":1}', b'{"events":[{"ref":1}]}', b'{"events":[{"type":"thing.saved"}]}'):
            with pytest.raises(SchemaDriftError):
                connector.receive({"X-Token": "s"}, bad)


async def test_writes_of_one_record_keep_their_order() -> None:
    subject = await simulated(ERP)
    try:
        (id,) = await subject.enter(1)
        writes = [Write(f"k{n}", "update", "customer", "client", id, {"name": f"Name {n}"}) for n in range(10)]
        await subject.connector().write_many(writes)
        assert subject.running.store.rows["customer"][id].fields["name"] == "Name 9"
    finally:
        await subject.close()


async def test_ids_are_quoted_in_addresses() -> None:
    vendor = Vendor(**{"x%2F..%2Fadmin%3Fy": {"id": "x/../admin?y"}})
    async with connected(vendor, **things(one={"path": "thing/{id}"})) as connector:
        found = await connector.fetch("thing", "x/../admin?y")
    assert found is not None and found.external_id == "x/../admin?y"
    assert vendor.asked == [("GET", "/thing/x%2F..%2Fadmin%3Fy", {}, None)]


GOOD: dict[str, Any] = {
    "system": "own", "base_url": "https://own.example", "auth": {"kind": "basic", "user": "u", "password": "p"},
    "limits": {"timeout_s": 5}, "webhook": {"scheme": "token", "secrets": ["s"], "object": "t", "id": "i", "objects": {"a": "thing"}},
    "resources": {"thing": {"list": {"path": "things"}, "changes": {"param": "since"}, "modified": "at", "create": {"path": "things"}}},
    "errors": [{"class": "rejected", "status": [400, 422]}],
}  # fmt: skip


def test_a_good_file_is_read() -> None:
    assert parse(GOOD).resources["thing"].object == "thing"


def test_a_document_sent_as_json_may_have_decimals_for_numbers() -> None:
    assert parse(GOOD | {"limits": {"timeout_s": Decimal("0.5")}}).http.timeout_s == 0.5


@pytest.mark.parametrize(
    ("at", "value", "expected"),
    [
        ("system", None, "own.yaml: system: expected a text, got nothing"),
        ("base_url", "own.example", "own.yaml: base_url: expected an address that begins with http:// or https://, got 'own.example'"),
        ("auth.kind", "oauth", "own.yaml: auth.kind: expected one of none, bearer, basic, api_key, oauth2_client_credentials, oauth2_jwt_bearer, got 'oauth'"),
        ("auth.pasword", "x", "own.yaml: auth.pasword: unknown key; known are kind, password, user"),
        ("limits.timeout_s", "soon", "own.yaml: limits.timeout_s: expected a number that is not negative, got 'soon'"),
        ("resources", None, "own.yaml: resources: expected at least one resource, got nothing"),
        ("resources.thing.modified", None, "own.yaml: resources.thing.modified: expected the path of the instant"),
        ("resources.thing.paging", {"kind": "pages"}, "own.yaml: resources.thing.paging.kind: expected one of none, page"),
        ("resources.thing.paging", {"kind": "token"}, "own.yaml: resources.thing.paging.param: expected a text, got nothing"),
        ("resources.thing.create.method", "GET", "own.yaml: resources.thing.create.method: expected one of POST"),
        ("resources.thing.external_id", {"field": "ref"}, "own.yaml: resources.thing.look_up: expected how to find a record by our key"),
        ("resources.thing.deleted", 3, "own.yaml: resources.thing.deleted: expected the path of a flag"),
        ("webhook.objects.b", "nothing", "own.yaml: webhook.objects: there is no resource 'nothing'"),
        ("errors", [{"class": "bad"}], "own.yaml: errors[0].class: expected one of retriable"),
        ("errors", {"class": "bad"}, "own.yaml: errors: expected a list, got dict"),
        ("resorces", {}, "own.yaml: resorces: unknown key; known are auth, base_url"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_is_told_with_file_key_and_what_is_expected(at: str, value: Any, expected: str) -> None:
    document = deepcopy(GOOD)
    *parents, last = at.split(".")
    table = document
    for parent in parents:
        table = table[parent]
    table[last] = value
    with pytest.raises(ConfigurationError) as caught:
        parse(document, "own.yaml")
    assert str(caught.value).startswith(expected)


def test_a_variable_that_is_not_set_is_told_with_its_place() -> None:
    with pytest.raises(ConfigurationError, match=r"own.yaml: auth.token: the variable OWN_TOKEN is not set"):
        fill_in({"auth": {"token": "${OWN_TOKEN}"}}, {}, "own.yaml")


@pytest.mark.parametrize("checkpoint", ["x", "[]", '{"since":1', '{"place":"1"}'])
def test_a_foreign_checkpoint_is_refused(checkpoint: str) -> None:
    with pytest.raises(SchemaDriftError):
        parse_checkpoint(checkpoint)


def test_a_walk_under_way_keeps_its_filter() -> None:
    resource = parse(GOOD).resources["thing"]
    walk = begun(parse_checkpoint('{"since": "2026-05-01T00:00:10.000000Z"}'), resource)
    assert walk.asked_from == "2026-05-01T00:00:05.000000Z"
    assert begun(parse_checkpoint(walk.text()), resource) == walk


async def test_a_connector_of_the_simulator_can_be_configured_from_its_file_alone() -> None:
    subject = await simulated(ERP)
    try:
        connector = rest_connector(config_of(subject.running))
        pages = await asyncio.gather(*(connector.poll(one, "") for one in connector.capabilities.resources))
        assert sum(len(page.messages) for page in pages) == 31
        await connector.aclose()
    finally:
        await subject.close()
