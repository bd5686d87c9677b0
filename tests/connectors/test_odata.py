"""OData in both versions: literals and envelopes, and a connector over a small service, read, tracked, written and batched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from aiohttp import web

from connectors.auth import bearer
from connectors.conformance import present, raises, read_all
from connectors.errors import ConfigurationError, RateLimitedError, RejectedError, RetriableError, SchemaDriftError, UnknownOutcomeError
from connectors.http import HttpClient, HttpSettings
from connectors.odata import edmx, envelope
from connectors.odata.batch import MalformedBatchError, Operation, multipart, parts_of
from connectors.odata.client import ODataClient
from connectors.odata.connector import ODataConnector, odata_connector
from connectors.odata.query import Query, alike, both, compared
from connectors.odata.simulator import ODataServer
from connectors.odata.simulator_filter import MalformedError, parse
from connectors.odata.simulator_kinds import Kind, Nav, Prop, Service
from connectors.odata.values import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    GUID,
    INSTANT,
    INT32,
    INT64,
    STRING,
    TIME,
    alternate_key,
    key,
    literal,
    plain,
    wire,
)
from connectors.port import Receipt, Write
from connectors.simulator.base import Fault, answer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store
from connectors.wire import parse_json


def props(version: int) -> tuple[Prop, ...]:
    """A firm's properties; version 2 has days as instants without a zone."""
    return (
        Prop("FirmID", STRING, 10), Prop("Name", STRING, 40, is_required=True), Prop("ChangedAt", INSTANT), Prop("Founded", DATE if version == 4 else DATETIME),
        Prop("Limit", DECIMAL, scale=2), Prop("OurKey", STRING, 40), Prop("Number", INT64), Prop("IsOpen", BOOLEAN, default=True),
        Prop("ParentID", STRING, 10, refers_to="Firms", binds="Parent"),
    )  # fmt: skip


FIRMS = {
    version: Kind(
        "Firms", f"Firm{version}", ("FirmID",), props(version), unique=(("OurKey",),), navs=(Nav("Parent", "Firms", "ParentID", "FirmID"),
                                                                                               Nav("Children", "Firms", "FirmID", "ParentID", True)),
    )
    for version in (2, 4)
}  # fmt: skip
LINES = Kind("Lines", "Line", ("Document", "Line"), (Prop("Document"), Prop("Line", INT32), Prop("Text")))


class Little(ODataServer):
    """Firms by both versions, and lines with a key of two parts, of which nobody knows when they changed."""

    def __init__(self) -> None:
        ticks, begin = count(), datetime.now(UTC)
        super().__init__("little", Store(clock=lambda: begin + timedelta(milliseconds=10 * next(ticks))))
        self.made = 0
        self.needs_if_match = False

    def services(self) -> tuple[Service, ...]:
        return (
            Service("/v4", {"Firms": FIRMS[4], "Lines": LINES}, 4, page=50),
            Service("/v2", {"Firms": FIRMS[2]}, 2, page=50, keyset=False, has_csrf=True, needs_if_match=self.needs_if_match),
        )

    def seed(self) -> None:
        pass

    def new_id(self, kind: Kind, fields: Mapping[str, Any]) -> str:
        if kind is LINES:
            return f"{fields['Document']}|{fields['Line']}"
        self.made += 1
        return str(fields.get("FirmID") or f"{self.made:06d}")

    def stamped(self, kind: Kind, id: str, fields: dict[str, Any], old: Row | None) -> dict[str, Any]:
        return fields | ({"ChangedAt": self.store.clock().isoformat(timespec="milliseconds")} if kind is not LINES else {})

    def is_allowed(self, request: web.Request) -> bool:
        return request.headers.get("authorization") == "Bearer good"

    def error(self, refusal: Refusal) -> web.Response:
        return answer({"error": {"code": refusal.code, "message": refusal.text, "target": refusal.field}}, refusal.status)


@pytest.fixture
async def little() -> AsyncIterator[Little]:
    running: Little = await Little().start()
    yield running
    await running.stop()


def document(little: Little, version: int, **more: Any) -> dict[str, Any]:
    firms: dict[str, Any] = {"set": "Firms", "id": "FirmID", "changes": {"by": "ChangedAt", "overlap_s": 0}, "key": "OurKey", "types": {"Edm.Date": ["Founded"]} if version == 4 else {},
                             **more.pop("firms", {})}
    resources = {f"Firm{version}": firms} | ({"Line": {"set": "Lines", "id": ["Document", "Line"], "types": {"Edm.Int32": ["Line"]}, "writes": ["create"]}} if version == 4 else {})
    return {
        "system": "little", "base_url": little.url, "auth": {"kind": "bearer", "token": "good"}, "odata": str(version), "service": f"v{version}",
        "page_size": 50, "bulk_size": 20, "csrf": version == 2, "metadata": version == 2, "resources": resources,
        "errors": [{"class": "rejected", "code": "DuplicateKey", "cause": "duplicate"}], **more,
    }  # fmt: skip


@pytest.fixture
async def made() -> AsyncIterator[list[ODataConnector]]:
    connectors: list[ODataConnector] = []
    yield connectors
    for one in connectors:
        await one.aclose()


@pytest.fixture
def connect(little: Little, made: list[ODataConnector]) -> Any:
    def connected(version: int = 4, **more: Any) -> ODataConnector:
        made.append(odata_connector(document(little, version, **more)))
        return made[-1]

    return connected


def enter(little: Little, count: int, object_: str = "Firm4") -> list[str]:
    return [little.put(object_, None, {"Name": f"Firm {n}", "Founded": "2001-05-01"}).id for n in range(count)]


# --- values and envelopes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "type", "in_2", "in_4"),
    [
        ("O'Hara & Söhne", STRING, "'O''Hara & Söhne'", "'O''Hara & Söhne'"),
        ("7D577253-3EF0-4A0A-BB7F-8335C2596E70", GUID, "guid'7d577253-3ef0-4a0a-bb7f-8335c2596e70'", "7d577253-3ef0-4a0a-bb7f-8335c2596e70"),
        ("2026-05-01T02:00:00.250000+02:00", INSTANT, "datetimeoffset'2026-05-01T00:00:00.25Z'", "2026-05-01T00:00:00.25Z"),
        ("2026-05-01", DATETIME, "datetime'2026-05-01T00:00:00'", "2026-05-01T00:00:00"),
        ("2026-05-01", DATE, "datetime'2026-05-01'", "2026-05-01"),
        ("PT7H30M", TIME, "time'PT7H30M'", "PT7H30M"),
        (Decimal("12.50"), DECIMAL, "12.50M", "12.50"),
        ("12.50", DECIMAL, "12.50M", "12.50"),
        (5637144576, INT64, "5637144576L", "5637144576"),
        (True, BOOLEAN, "true", "true"),
        (None, GUID, "null", "null"),
    ],
)  # fmt: skip
def test_a_literal_is_spelled_by_its_type_and_the_version(value: Any, type: str, in_2: str, in_4: str) -> None:
    assert (literal(value, type, 2), literal(value, type, 4)) == (in_2, in_4)


@pytest.mark.parametrize(("value", "type"), [("1 or 1 eq 1", GUID), ("2026-05-01 or true", DATE), ("7) or (1", DECIMAL), ("x' or '", TIME), (1, BOOLEAN)])
def test_nothing_a_record_holds_becomes_part_of_the_question(value: Any, type: str) -> None:
    for version in (2, 4):
        with pytest.raises(ValueError, match=r"no|badly|Invalid"):
            literal(value, type, version)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no property"):
        compared("Name eq 'x' or Name", "eq", "y")


def test_a_question_is_encoded_for_an_address() -> None:
    asked = Query(("Name", "Parent/Name"), ("Children($select=Name)",), both(alike({"Name": "A+B & C", "IsOpen": True}, {}), "a eq 1 or b eq 2"), ("ChangedAt desc",), 10, 5, True)
    assert asked.text(4) == (
        "$select=Name,Parent/Name&$expand=Children($select=Name)&$filter=Name%20eq%20'A%2BB%20%26%20C'%20and%20IsOpen%20eq%20true%20and%20(a%20eq%201%20or%20b%20eq%202)"
        "&$orderby=ChangedAt%20desc&$top=10&$skip=5&$count=true"
    )
    assert asked.text(2).endswith("&$inlinecount=allpages")
    assert key({"Document": "A/1 (x)", "Line": 2}) == "(Document='A%2F1%20%28x%29',Line=2)"
    assert alternate_key({"accountnumber": "O'1"}) == "(accountnumber='O''1')"


def test_records_of_version_2_read_as_those_of_version_4_and_are_written_back() -> None:
    told = {
        "__metadata": {"etag": "W/\"1\""}, "Day": "/Date(1777593600000)/", "At": "/Date(1779049500250+0000)/", "Amount": "4023.75", "Big": "12",
        "to_Lines": {"results": [{"__metadata": {}, "No": "1"}]}, "to_Other": {"__deferred": {"uri": "x"}}, "Long": "/Date(99999999999999999)/",
    }  # fmt: skip
    assert plain(told) == {
        "@odata.etag": "W/\"1\"", "Day": "2026-05-01T00:00:00", "At": "2026-05-17T20:25:00.25Z", "Amount": "4023.75", "Big": "12",
        "to_Lines": [{"No": "1"}], "Long": "/Date(99999999999999999)/",
    }  # fmt: skip
    assert [wire("2026-05-01", DATETIME, 2), wire("2026-05-17T20:25:00.250Z", INSTANT, 2), wire(Decimal("4023.75"), "", 2), wire(12, INT64, 2), wire(12, INT32, 2)] == [
        "/Date(1777593600000)/", "/Date(1779049500250+0000)/", "4023.75", "12", 12,
    ]  # fmt: skip
    assert wire(Decimal("4023.75"), DECIMAL, 4) == Decimal("4023.75")


def test_a_page_of_either_version_is_the_same_value() -> None:
    in_4 = {"@odata.context": "…#accounts/$delta", "value": [{"a": 1}, {"@odata.context": "https://x/$metadata#accounts/$deletedEntity", "id": "7d57", "reason": "deleted"},
                                                            {"@removed": {"reason": "changed"}, "@id": "accounts(8e)"}], "@odata.deltaLink": "https://x/?$deltatoken=1"}  # fmt: skip
    assert envelope.listing(in_4) == envelope.Listing([{"a": 1}], [envelope.Removed("7d57"), envelope.Removed("accounts(8e)", "changed")], delta="https://x/?$deltatoken=1")
    assert envelope.listing({"d": {"results": [{"a": 1}], "__count": "9", "__next": "https://x/?$skiptoken=2"}}) == envelope.Listing([{"a": 1}], next="https://x/?$skiptoken=2", count=9)
    assert envelope.listing({"d": [{"a": 1}]}) == envelope.Listing([{"a": 1}])
    assert [envelope.listing(one) for one in ({"value": {}}, {"d": {"a": 1}}, [], {})] == [None, None, None, None]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error": {"code": "0x80040237", "message": "A record with matching key values already exists."}}, ("0x80040237", "A record with matching key values already exists.", "")),
        ({"error": {"code": "c", "message": "m", "target": "name", "details": [{"code": "d", "message": "n", "target": "x"}]}}, ("c", "m", "name")),
        ({"error": {"code": "", "message": "An error has occurred.", "innererror": {"message": "Write failed. Infolog: Error: no."}}}, ("", "Write failed. Infolog: Error: no.", "")),
        ({"error": {"code": "/IWBEP/1", "message": {"lang": "en", "value": "Not possible"}, "innererror": {"errordetails": [
            {"code": "I/1", "message": "noted", "propertyref": "B", "severity": "info"}, {"code": "R11/018", "message": "wrong", "propertyref": "A/Country", "severity": "error"}]}}},
         ("/IWBEP/1", "Not possible", "A/Country")),
        ({"odata.error": {"code": "x", "message": {"value": "old"}}}, ("x", "old", "")),
    ],
)  # fmt: skip
def test_an_error_of_every_make_is_understood(body: Any, expected: tuple[str, str, str]) -> None:
    found = envelope.problem(body)
    assert found is not None and (found.code, found.text, found.target) == expected
    assert envelope.problem({"value": []}) is None and envelope.problem("no") is None


def test_a_batch_is_written_and_its_answer_taken_apart() -> None:
    kind, body = multipart([Operation("GET", "Firms('1')"), (Operation("PATCH", "Firms('1')", {"Name": "Ä"}, {"if-match": "*"}),)], 4)
    assert kind == "multipart/mixed; boundary=batch_hub"
    assert body.decode() == (
        "--batch_hub\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET Firms('1') HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n"
        "--batch_hub\r\nContent-Type: multipart/mixed; boundary=changeset_hub_1\r\n\r\n--changeset_hub_1\r\nContent-Type: application/http\r\n"
        "Content-Transfer-Encoding: binary\r\nContent-ID: 1\r\n\r\nPATCH Firms('1') HTTP/1.1\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
        'if-match: *\r\n\r\n{"Name":"Ä"}\r\n--changeset_hub_1--\r\n\r\n--batch_hub--\r\n'
    )
    told = (
        b"--b1\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\": 1}\r\n"
        b"--b1\r\nContent-Type: multipart/mixed; boundary=\"c1\"\r\n\r\n--c1\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 204 No Content\r\nOData-EntityId: Firms('1')\r\n\r\n\r\n--c1--\r\n"
        b"--b1--\r\n"
    )  # fmt: skip
    assert [(one.status, one.body, one.headers.get("odata-entityid")) for one in parts_of("multipart/mixed; boundary=b1", told)] == [(200, b'{"a": 1}', None), (204, b"", "Firms('1')")]
    for cut in (told[:-8], told[: len(told) // 2], b""):
        with pytest.raises(MalformedBatchError):
            parts_of("multipart/mixed; boundary=b1", cut)


def test_metadata_tells_keys_and_types_with_what_is_inherited() -> None:
    service = edmx.parse(b"""<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices><Schema Namespace="mscrm" Alias="m" xmlns="http://docs.oasis-open.org/odata/ns/edm">
      <EntityType Name="crmbaseentity" Abstract="true"><Property Name="etag" Type="Edm.String"/></EntityType>
      <EntityType Name="account" BaseType="mscrm.crmbaseentity"><Key><PropertyRef Name="accountid"/></Key><Property Name="accountid" Type="Edm.Guid" Nullable="false"/>
        <Property Name="name" Type="Edm.String" MaxLength="160"/><NavigationProperty Name="parentaccountid" Type="mscrm.account"/></EntityType>
      <EnumType Name="NoYes"><Member Name="No"/><Member Name="Yes"/></EnumType>
      <EntityContainer Name="System"><EntitySet Name="accounts" EntityType="m.account"/></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>""")
    account = service.sets["accounts"]
    assert (account.key, account.types, account.navigations) == (("accountid",), {"etag": STRING, "accountid": GUID, "name": STRING}, {"parentaccountid": "mscrm.account"})
    assert (account.properties["name"].length, service.enums) == (160, {"mscrm.NoYes": ("No", "Yes")})
    for bad in (b"<html/>", b"no", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'):
        with pytest.raises(SchemaDriftError):
            edmx.parse(bad)


@pytest.mark.parametrize("version", [2, 4])
async def test_a_service_tells_its_metadata_in_its_version(little: Little, connect: Any, version: int) -> None:
    connector = connect(version)
    found = (await connector.service_of(connector.odata.sets[f"Firm{version}"]).metadata()).sets["Firms"]
    assert found.key == ("FirmID",) and found.types == FIRMS[version].types  # type: ignore[index]
    assert found.properties["Name"].length == 40 and not found.properties["Name"].is_nullable


# --- conditions on the server's side ---------------------------------------------------------------------------------


async def test_what_is_expanded_in_version_2_is_selected_there_and_found_by_all_parts_of_a_key() -> None:
    lines = Kind("Lines", "Line", ("Document", "Line"), (Prop("Document"), Prop("Line"), Prop("Text"), Prop("Place", "Played.Place")))
    heads = Kind("Heads", "Head", ("Document",), (Prop("Document"), Prop("First")), (Nav("to_First", "Lines", "Document", "Document", True, (("First", "Line"),)),))

    class Played(Little):
        def services(self) -> tuple[Service, ...]:
            return (Service("/v2", {"Heads": heads, "Lines": lines}, 2, "Played", complexes={"Place": (Prop("Town", STRING, 40),)}),)

        def new_id(self, kind: Kind, fields: Mapping[str, Any]) -> str:
            return "|".join(fields[one] for one in kind.key)

        def stamped(self, kind: Kind, id: str, fields: dict[str, Any], old: Row | None) -> dict[str, Any]:
            return fields

    server: Played = await Played().start()
    try:
        server.put("Head", None, {"Document": "1", "First": "20"})
        for line in ("10", "20"):
            server.put("Line", None, {"Document": "1", "Line": line, "Text": "x", "Place": {"Town": "Lyon"}})
        client = ODataClient(HttpClient(HttpSettings("played", server.url), bearer("good")), "v2", 2)
        found = envelope.listing((await client.get("Heads", Query(("Document", "to_First/Line"), ("to_First",)))).json())
        assert found is not None
        assert [{name: value for name, value in one.items() if "@" not in name} for one in found.records[0]["to_First"]] == [{"Line": "20"}]
        raw = (await client.client.request("GET", client.path("$metadata"))).body
        assert b'<ComplexType Name="Place"><Property Name="Town" Type="Edm.String" MaxLength="40"/></ComplexType>' in raw
        await client.client.aclose()
    finally:
        await server.stop()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("Name eq 'NORDLICHT'", True), ("Name ne 'x' and not (Limit lt 5)", True), ("contains(Name,'licht')", True), ("substringof('licht',Name)", True),
        ("startswith(tolower(Name),'nord') eq true", True), ("Founded ge datetime'2001-05-01T00:00:00' and Founded le 2001-05-01", True),
        ("At gt datetimeoffset'2026-01-01T00:00:00Z'", True), ("At lt 2026-01-01T00:00:00Z", False), ("Limit eq 12.5M or Limit eq 1", True),
        ("ID eq guid'7d577253-3ef0-4a0a-bb7f-8335c2596e70'", True), ("ID eq 7D577253-3EF0-4A0A-BB7F-8335C2596E70", True), ("Nothing eq null", True),
        ("Nothing gt 1", False), ("Name in ('a','Nordlicht')", True), ("IsOpen", False), ("Kind eq Ns.NoYes'Yes'", True),
    ],
)  # fmt: skip
def test_a_condition_judges_records(condition: str, expected: bool) -> None:
    row = {"Name": "Nordlicht", "Limit": Decimal("12.50"), "Founded": "2001-05-01", "At": "2026-05-01T00:00:00Z", "ID": "7d577253-3ef0-4a0a-bb7f-8335c2596e70",
           "Nothing": None, "IsOpen": False, "Kind": "Yes"}  # fmt: skip
    types = {"Name": STRING, "Limit": DECIMAL, "Founded": DATE, "At": INSTANT, "ID": GUID, "Nothing": INT32, "IsOpen": "bool", "Kind": "Ns.NoYes"}
    assert parse(condition, types)(row.get) is expected


@pytest.mark.parametrize("condition", ["Name eq 5", "ID eq 'x'", "Nme eq 'x'", "Name eq", "Name eq 'x' and", "(Name eq 'x'", "Name like 'x'", "exec(Name)", "Limit eq '5'", "Name eq 'x' Name"])
def test_a_condition_a_real_service_refuses_is_refused(condition: str) -> None:
    with pytest.raises(MalformedError):
        parse(condition, {"Name": STRING, "ID": GUID, "Limit": DECIMAL})


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [2, 4])
async def test_every_record_is_read_over_all_pages_and_then_what_changed(little: Little, connect: Any, version: int) -> None:
    object_ = f"Firm{version}"
    ids = enter(little, 170, object_)
    connector = connect(version)
    messages, checkpoint, last = await read_all(connector, object_)
    assert present(messages) == set(ids) and last.is_complete_listing
    assert little.requests[f"list {object_}"] >= 4
    record = parse_json(messages[0].body)
    assert (record["Founded"][:10], "@odata.etag" in record, "__metadata" in record) == ("2001-05-01", False, False)
    little.put(object_, ids[3], {"Name": "Changed"})
    later, _, last = await read_all(connector, object_, checkpoint)
    assert ids[3] in present(later) and not last.is_complete_listing


@pytest.mark.parametrize("version", [2, 4])
async def test_records_that_move_while_it_reads_leave_no_gap(little: Little, connect: Any, version: int) -> None:
    object_ = f"Firm{version}"
    ids = enter(little, 150, object_)
    connector, checkpoint, found = connect(version), "", []
    for moved in (ids[0], ids[1], ids[60], ids[149], *[""] * 9):
        page = await connector.poll(object_, checkpoint)
        found += page.messages
        checkpoint = page.checkpoint
        if moved:
            little.put(object_, moved, {"Name": "Moved"})
        if not page.has_more:
            break
    assert present(found) == set(ids)


async def test_a_set_without_an_instant_of_change_is_listed_whole_each_time(little: Little, connect: Any) -> None:
    ids = {little.put("Line", None, {"Document": "A/1", "Line": n, "Text": str(n)}).id for n in range(120)}
    connector = connect()
    for _ in range(2):
        messages, checkpoint, last = await read_all(connector, "Line")
        assert present(messages) == ids and last.is_complete_listing and checkpoint == ""
    found = await connector.fetch("Line", "A/1|7")
    assert found is not None and parse_json(found.body) == {"Document": "A/1", "Line": 7, "Text": "7"}
    assert await connector.fetch("Line", "A/1|700") is None and await connector.fetch("Line", "no key") is None


async def test_pages_are_skipped_to_where_a_service_gives_no_links(little: Little, connect: Any) -> None:
    ids = enter(little, 120)
    connector = connect(firms={"paging": "skip"}, page_size=40)
    messages, _, _ = await read_all(connector, "Firm4")
    assert present(messages) == set(ids)


async def test_tracked_changes_tell_deletes_and_go_on_from_their_link(little: Little, connect: Any) -> None:
    ids = enter(little, 130)
    connector = connect(firms={"tracks": True})
    first = await connector.poll("Firm4", "")
    little.put("Firm4", ids[2], {"Name": "Changed while it reads"})
    rest, checkpoint, last = await read_all(connector, "Firm4", first.checkpoint)
    assert present([*first.messages, *rest]) == set(ids) and last.is_complete_listing
    little.put("Firm4", ids[0], {}, is_deleted=True)
    brief = little.put("Firm4", None, {"Name": "Brief"}).id
    little.put("Firm4", brief, {}, is_deleted=True)
    later, after, last = await read_all(connector, "Firm4", checkpoint)
    assert {(one.external_id, one.is_delete) for one in later} == {(ids[2], False), (ids[0], True), (brief, True)} and not last.is_complete_listing
    again, _, _ = await read_all(connector, "Firm4", checkpoint)
    assert [one.key for one in again] == [one.key for one in later] and all(one.key for one in later)
    nothing, _, _ = await read_all(connector, "Firm4", after)
    assert nothing == []


async def test_a_link_that_lapsed_begins_a_whole_listing_and_a_set_that_is_not_tracked_goes_by_instants(little: Little, connect: Any) -> None:
    ids = enter(little, 60)
    connector = connect(firms={"tracks": True})
    _, checkpoint, _ = await read_all(connector, "Firm4")
    little.put("Firm4", ids[0], {}, is_deleted=True)
    little.lists.lapsed = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    messages, _, last = await read_all(connector, "Firm4", checkpoint)
    assert present(messages) == set(ids[1:]) and last.is_complete_listing
    little.lists.untracked.add("Firm4")
    messages, checkpoint, last = await read_all(connector, "Firm4")
    assert present(messages) == set(ids[1:]) and '"since"' in checkpoint and last.is_complete_listing
    little.put("Firm4", ids[5], {"Name": "Changed"})
    later, _, _ = await read_all(connector, "Firm4", checkpoint)
    assert ids[5] in present(later)


async def test_an_answer_that_is_no_list_is_told(little: Little, connect: Any) -> None:
    connector = connect(resources={"Firm4": {"set": "Firms('1')", "id": "FirmID"}})
    little.put("Firm4", "1", {"Name": "One"})
    await raises(SchemaDriftError, connector.poll("Firm4", ""))


# --- writing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [2, 4])
async def test_a_record_is_created_once_updated_and_found(little: Little, connect: Any, version: int) -> None:
    connector, object_ = connect(version), f"Firm{version}"
    body = {"Name": "O'Hara & Söhne", "Founded": "2001-05-01", "Limit": Decimal("12.50"), "Number": 5637144576}
    create = Write("ours-1", "create", object_, "client", None, body)
    receipt = await connector.write(create)
    assert (receipt.version != "", little.store.rows[object_][receipt.external_id].fields["OurKey"]) == (True, "ours-1")
    again = await connector.write(create)
    assert (again.external_id, again.was_adopted) == (receipt.external_id, True)
    assert {name: little.store.rows[object_][receipt.external_id].fields[name] for name in ("Name", "Number")} == {"Name": "O'Hara & Söhne", "Number": 5637144576}
    natural = Write("", "create", object_, "client", None, body, natural_key={"Name": "O'Hara & Söhne", "Founded": "2001-05-01", "Limit": Decimal("12.50")})
    found = await connector.look_up(natural)
    assert found is not None and found.external_id == receipt.external_id
    update = Write("ours-2", "update", object_, "client", receipt.external_id, {"Name": "New"}, expected_version=receipt.version)
    assert await connector.look_up(update) is None
    done = await connector.write(update)
    assert done.external_id == receipt.external_id and await connector.look_up(update) is not None
    error = await raises(RejectedError, connector.write(update))
    assert error.cause == "conflict"
    error = await raises(RejectedError, connector.write(Write("k", "update", object_, "client", "999", {"Name": "x"})))
    assert error.cause == "not_found"


@pytest.mark.parametrize("version", [2, 4])
async def test_parts_of_a_batch_are_told_apart_and_disturb_no_other(little: Little, connect: Any, version: int) -> None:
    connector, object_ = connect(version), f"Firm{version}"
    there = await connector.write(Write("key-3", "create", object_, "client", None, {"Name": "There"}))
    writes = [Write(f"key-{n}", "create", object_, "client", None, {"Name": "x" * 41 if n == 5 else f"Firm {n}"}) for n in range(45)]
    writes.append(Write("u", "update", object_, "client", there.external_id, {"Name": "Updated"}))
    writes.append(Write("u2", "update", object_, "client", there.external_id, {"Name": "Updated again"}))
    answers = await connector.write_many(writes)
    assert [n for n, one in enumerate(answers) if not isinstance(one, Receipt)] == [5]
    refused, adopted = answers[5], answers[3]
    assert isinstance(refused, RejectedError) and (refused.code, refused.field) == ("InvalidProperty", "Name")
    assert isinstance(adopted, Receipt) and (adopted.external_id, adopted.was_adopted) == (there.external_id, True)
    assert little.store.rows[object_][there.external_id].fields["Name"] == "Updated again"
    assert little.requests["create batch"] == 4 and len(list(little.store.table(object_))) == 44


async def test_a_lost_answer_to_a_batch_leaves_every_part_open_and_each_is_found(little: Little, connect: Any) -> None:
    connector = connect()
    little.faults.append(Fault("lose_answer", "batch", "create"))
    writes = [Write(f"key-{n}", "create", "Firm4", "client", None, {"Name": f"Firm {n}"}) for n in range(5)]
    answers = await connector.write_many(writes)
    assert {type(one) for one in answers} == {UnknownOutcomeError} and all(one.settles_after_s == 150 for one in answers)
    found = [await connector.look_up(one) for one in writes]
    assert all(one is not None and one.was_adopted for one in found)
    little.faults.append(Fault("429", "batch", "create", retry_after_s=7))
    assert {(type(one), one.retry_after_s) for one in await connector.write_many(writes)} == {(RateLimitedError, 7.0)}
    little.faults.append(Fault("503", "batch", "create"))
    connector.client._quota.pause(0)
    assert {type(one) for one in await connect().write_many(writes)} == {RetriableError}


async def test_a_token_is_fetched_once_and_anew_when_it_no_longer_holds(little: Little, connect: Any) -> None:
    connector = connect(2)
    firms = connector.odata.sets["Firm2"]
    for n in range(3):
        await connector.write(Write(f"key-{n}", "create", "Firm2", "client", None, {"Name": f"Firm {n}"}))
    assert connector.service_of(firms).csrf.fetches == 1
    little.sessions.clear()
    await connector.write(Write("key-9", "create", "Firm2", "client", None, {"Name": "Firm 9"}))
    assert connector.service_of(firms).csrf.fetches == 2 and little.store.creates["Firm2 without a key"] == 4


async def test_a_service_that_demands_a_condition_gets_one(little: Little, connect: Any) -> None:
    little.needs_if_match = True
    connector = connect(2)
    receipt = await connector.write(Write("key-1", "create", "Firm2", "client", None, {"Name": "One"}))
    await connector.write(Write("u", "update", "Firm2", "client", receipt.external_id, {"Name": "Two"}, expected_version=receipt.version))
    assert little.store.rows["Firm2"][receipt.external_id].fields["Name"] == "Two"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"page_size": 0}, "page_size: expected a number from 1 to 10000, got 0"),
        ({"odata": "3"}, "odata: expected one of 2, 4, got '3'"),
        ({"fields_in_text": ["(a"]}, "fields_in_text: expected regular expressions"),
        ({"fields_in_text": ["a"]}, "regular expressions with one group"),
        ({"resources": {"Firm4": {"set": "Firms"}}}, "id: expected the property that is the key"),
        ({"resources": {"Firm4": {"set": "Firms", "id": "a b"}}}, "'a b' is no property of an OData service"),
        ({"resources": {"Firm4": {"set": "Firms", "id": "a", "tracks": True, "where": "a eq 1"}}}, "a service that tracks changes takes no condition"),
        ({"shoes": 1}, "shoes: unknown key"),
    ],
)  # fmt: skip
async def test_a_mistake_in_a_document_is_told(connect: Any, said: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        connect(**said)
    assert expected in str(refused.value)
