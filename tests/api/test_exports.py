"""Exports: the same rows, rights and values as GraphQL, whole or resumable, at the pace of whoever takes them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hub.api.access import Role
from hub.api.export import columns as export_columns
from hub.api.export.columns import CELLS, JSON
from hub.flows.tenants import Bounds, give_key
from schema import ENTITIES
from schema.kinds import FieldKind
from tests.api.conftest import Answer, Api, Tenant

SENT = {
    "name": 'Müller & "Söhne"\n\\ 日本', "contract_no": "C-1", "start_date": "2026-01-31",
    "total_value": {"amount": "-1200.50", "currency": "EUR"}, "state": "signed",
}  # fmt: skip


async def export(api: Api, bearer: str, plural: str, accept: str = "", **body: Any) -> Answer:
    headers = {"authorization": f"Bearer {bearer}", "content-type": "application/json", "accept-encoding": accept}
    return await api.send("POST", f"/export/{plural}", json.dumps(body).encode(), headers)


async def rows_of(api: Api, bearer: str, plural: str, **body: Any) -> list[dict[str, Any]]:
    answer = await export(api, bearer, plural, **body)
    assert answer.status == 200, answer.json
    return [json.loads(line) for line in answer.body.splitlines()]


def refused(answer: Answer) -> tuple[int, str, str | None]:
    error = answer.json["errors"][0]["extensions"]
    return answer.status, error["code"], error["field"]


def test_every_kind_of_field_has_its_form_in_every_format() -> None:
    assert set(JSON) == set(CELLS) == set(FieldKind)


async def test_a_line_says_what_graphql_says_of_the_record(api: Api, acme: Tenant) -> None:
    client = await api.golden(acme, "client", name="ACME")
    await api.golden(acme, "contract", client=str(client), **SENT)
    await api.golden(acme, "contract", contract_no="C-2")
    await api.golden(acme, "currency", code="EUR", minor_units=2, is_reporting=True)
    resource = await api.golden(acme, "resource", family_name="Berg", cost_rate={"amount": "80.5", "currency": "EUR", "per": "hour"})
    entry = {
        "resource": str(resource), "work_date": "2026-03-03", "quantity": {"value": "7.5", "unit": "hour", "stated": "7h30"},
        "submitted_at": "2026-03-04T05:06:07.000890Z",
    }  # fmt: skip
    await api.golden(acme, "time_entry", **{name: value for name, value in entry.items() if name in ENTITIES["time_entry"].fields})
    parts = {FieldKind.MONEY: "{ amount currency }", FieldKind.PRICE: "{ amount currency per }", FieldKind.QUANTITY: "{ value unit stated }"}
    for meta in (ENTITIES["contract"], ENTITIES["resource"], ENTITIES["time_entry"], ENTITIES["currency"]):
        listings = {name for name, field in meta.fields.items() if field.kind is FieldKind.LISTING}
        names = [one for one in export_columns.columns(meta, Role.ADMIN) if one not in {export_columns.camel(name) for name in listings}]
        kinds = {export_columns.camel(name): field.kind for name, field in meta.fields.items()}
        asked = " ".join(f"{name} {parts.get(kinds.get(name, FieldKind.TEXT), '')}" for name in names)
        root = export_columns.camel(meta.plural)
        pages = (await api.ask(acme.keys["admin"], f"{{ {root} {{ nodes {{ {asked} }} }} }}")).data[root]["nodes"]
        assert await rows_of(api, acme.keys["admin"], root, columns=names) == pages, meta.name


async def test_an_address_of_graphql_answers_what_was_asked_with_its_filter_and_columns(api: Api, acme: Tenant) -> None:
    for number, name in enumerate(("ACME", "Beta", "Bravo")):
        await api.golden(acme, "client", id=UUID(int=number), name=name)
    ask = """{ exportClients(filter: {name: {startsWith: "b"}}, columns: ["name"], format: CSV) {
        url method format columns masked expiresAt approximateRows } }"""
    made = (await api.ask(acme.keys["reader"], ask)).data["exportClients"]
    assert (made["method"], made["format"], made["columns"], made["masked"]) == ("GET", "CSV", ["id", "name"], [])
    assert made["approximateRows"] >= 1 and made["expiresAt"] > datetime.now(UTC).isoformat()
    answer = await get(api, acme.keys["reader"], made["url"])
    assert [row[1] for row in csv.reader(io.StringIO(answer.body.decode()))] == ["name", "Beta", "Bravo"]
    assert answer.headers["content-disposition"] == 'attachment; filename="clients.csv"'


async def get(api: Api, bearer: str, url: str, query: str = "") -> Answer:
    return await api.send("GET", url, headers={"authorization": f"Bearer {bearer}"}, query=query)


async def test_an_address_is_good_for_its_tenant_its_rights_and_an_hour(api: Api, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    globex = await api.tenant("globex")
    await api.golden(acme, "client", name="ACME")
    url = (await api.ask(acme.keys["reader"], "{ exportClients { url } }")).data["exportClients"]["url"]
    forged = url[:-6] + ("A" if url[-6] != "A" else "B") + url[-5:]
    assert (await get(api, acme.keys["reader"], url)).status == 200
    answers = {
        "another tenant": refused(await get(api, globex.keys["reader"], url))[:2],
        "never made": refused(await get(api, acme.keys["reader"], "/export/nonsense"))[:2],
        "forged": refused(await get(api, acme.keys["reader"], forged))[:2],
        "other rights": refused(await get(api, acme.keys["admin"], url))[:2],
        "no key": refused(await api.send("GET", url))[:2],
    }
    with monkeypatch.context() as patch:
        patch.setattr("hub.api.export.address.GOOD_FOR", timedelta(seconds=-1))
        stale = (await api.ask(acme.keys["reader"], "{ exportClients { url } }")).data["exportClients"]["url"]
    answers["expired"] = refused(await get(api, acme.keys["reader"], stale))[:2]
    unknown = (404, "NOT_FOUND")
    assert answers == {
        "another tenant": unknown, "never made": unknown, "forged": unknown, "other rights": (403, "FORBIDDEN"),
        "no key": (401, "UNAUTHENTICATED"), "expired": unknown,
    }  # fmt: skip


async def test_what_a_role_may_not_read_is_null_and_not_to_be_filtered_by(api: Api, acme: Tenant) -> None:
    await api.golden(acme, "resource", family_name="Berg", cost_rate={"amount": "80.5", "currency": "EUR", "per": "hour"})
    columns = ["familyName", "costRate"]
    seen = {role: (await rows_of(api, acme.keys[role], "resources", columns=columns))[0]["costRate"] for role in ("reader", "steward")}
    assert seen == {"reader": None, "steward": {"amount": "80.5", "currency": "EUR", "per": "hour"}}
    made = (await api.ask(acme.keys["reader"], '{ exportResources(columns: ["costRate"]) { columns masked } }')).data["exportResources"]
    assert made == {"columns": ["id", "costRate"], "masked": ["costRate"]}
    sly = {"costRate": {"gt": "80", "currency": "EUR", "per": "hour"}}
    assert refused(await export(api, acme.keys["reader"], "resources", filter=sly)) == (400, "FORBIDDEN_FIELD", "filter.costRate")
    flat = await export(api, acme.keys["reader"], "resources", format="csv", columns=columns)
    assert flat.body.decode().splitlines()[1].partition(",")[2] == '"Berg",,,'


async def test_a_confined_key_exports_its_own_rows_and_no_others(api: Api, acme: Tenant) -> None:
    mine, theirs = await api.golden(acme, "client", name="Mine"), await api.golden(acme, "client", name="Theirs")
    for client in (mine, theirs):
        await api.golden(acme, "project", name=f"of {client}", client=str(client))
    await api.pool.execute("UPDATE hub.api_key SET scope = $2 WHERE tenant_id = $1 AND role = 'reader'", acme.id, {"client": [str(mine)]})
    api.app.state.keys.forget()
    assert [row["name"] for row in await rows_of(api, acme.keys["reader"], "clients")] == ["Mine"]
    assert [row["clientId"] for row in await rows_of(api, acme.keys["reader"], "projects")] == [str(mine)]


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1")
HARMLESS = ("ACME", "a=b", '"quoted", with comma', "two\r\nlines", " =1", "'", "")


async def test_csv_is_rfc_4180_and_no_cell_of_it_is_a_formula(api: Api, acme: Tenant) -> None:
    for number, name in enumerate((*FORMULAS, *HARMLESS)):
        await api.golden(acme, "contract", id=UUID(int=number), name=name, total_value={"amount": "-5.00", "currency": "EUR"})
    await api.golden(acme, "contract", contract_no="C-1", start_date="2026-01-31")
    answer = await export(api, acme.keys["reader"], "contracts", format="csv", columns=["name", "totalValue", "startDate"])
    assert answer.headers["content-type"].startswith("text/csv")
    header, *rows = csv.reader(io.StringIO(answer.body.decode(), newline=""))
    assert header == ["id", "name", "totalValueAmount", "totalValueCurrency", "startDate"]
    assert [row[1] for row in rows] == [*("'" + name for name in FORMULAS), *HARMLESS, ""]
    assert {tuple(row[2:]) for row in rows[:-1]} == {("-5.00", "EUR", "")}
    assert answer.body.endswith(b",,,,2026-01-31\r\n")
    assert b',"",-5.00,"EUR",\r\n' in answer.body, "an empty text is not an absent one"


async def test_arrow_and_parquet_hold_exact_decimals_days_and_instants(api: Api, acme: Tenant) -> None:
    client = await api.golden(acme, "client", name="ACME")
    await api.golden(acme, "contract", id=UUID(int=1), client=str(client), **SENT)
    await api.golden(acme, "contract", total_value={"amount": "99999999999999999999.9999", "currency": "CLF"})
    columns = ["totalValue", "startDate", "updatedAt", "clientId", "version", "extra"]
    tables = []
    for name, read in (("arrow", lambda body: pa.ipc.open_stream(body).read_all()), ("parquet", lambda body: pq.read_table(io.BytesIO(body)))):
        answer = await export(api, acme.keys["reader"], "contracts", format=name, columns=columns)
        assert answer.status == 200, answer.json
        tables.append(read(answer.body))
    assert tables[0].equals(tables[1])
    assert dict(zip(tables[0].schema.names, map(str, tables[0].schema.types), strict=True)) == {
        "id": "string", "totalValueAmount": "decimal128(38, 4)", "totalValueCurrency": "string", "startDate": "date32[day]",
        "updatedAt": "timestamp[us, tz=UTC]", "clientId": "string", "version": "int32", "extra": "string",
    }  # fmt: skip
    first, second = tables[0].drop_columns(["id"]).to_pylist()
    assert first == {
        "totalValueAmount": Decimal("-1200.5000"), "totalValueCurrency": "EUR", "startDate": date(2026, 1, 31),
        "updatedAt": datetime(2026, 5, 17, 8, 11, 52, tzinfo=UTC), "clientId": str(client), "version": 1, "extra": None,
    }  # fmt: skip
    assert second["totalValueAmount"] == Decimal("99999999999999999999.9999")


async def test_an_export_without_rows_is_a_whole_file(api: Api, acme: Tenant) -> None:
    bodies = {name: (await export(api, acme.keys["reader"], "clients", format=name, columns=["name"])).body for name in ("ndjson", "csv", "arrow", "parquet")}
    assert bodies["ndjson"] == b"" and bodies["csv"] == b"id,name\r\n"
    assert pa.ipc.open_stream(bodies["arrow"]).read_all().num_rows == pq.read_table(io.BytesIO(bodies["parquet"])).num_rows == 0


async def test_an_export_goes_on_behind_the_last_whole_row_without_gap_or_double(api: Api, acme: Tenant) -> None:
    """Also when the last row was changed or is gone meanwhile, and new ones were born."""
    ids = [await api.golden(acme, "client", id=UUID(int=number), name=f"c{number}") for number in range(7)]
    whole = await export(api, acme.keys["reader"], "clients", columns=["name"])
    broken = whole.body[: whole.body.index(b'"c3"') + 2]
    had = [json.loads(line) for line in broken.splitlines(keepends=True) if line.endswith(b"\n")]
    assert [row["name"] for row in had] == ["c0", "c1", "c2"]
    await api.pool.execute("DELETE FROM golden.client_version WHERE tenant_id = $1 AND id = $2", acme.id, ids[2])
    await api.pool.execute("DELETE FROM golden.client WHERE tenant_id = $1 AND id = $2", acme.id, ids[2])
    await api.golden(acme, "client", id=ids[1], version=2, name="c1 renamed")
    await api.golden(acme, "client", id=UUID(int=7), name="c7")
    rest = await export(api, acme.keys["reader"], "clients", columns=["name"], after=had[-1]["id"])
    assert rest.headers["x-export-cursor"] == had[-1]["id"]
    assert [json.loads(line)["name"] for line in rest.body.splitlines()] == ["c3", "c4", "c5", "c6", "c7"]
    flat = await export(api, acme.keys["reader"], "clients", columns=["name"], after=str(ids[5]), format="csv")
    assert flat.body.decode() == f'{ids[6]},"c6"\r\n{UUID(int=7)},"c7"\r\n', "no second header"


async def test_the_last_line_can_say_that_it_is_the_last(api: Api, acme: Tenant) -> None:
    last = [await api.golden(acme, "client", id=UUID(int=number), name="c") for number in (1, 2)][-1]
    url = (await api.ask(acme.keys["reader"], '{ exportClients(columns: ["name"]) { url } }')).data["exportClients"]["url"]
    answer = await get(api, acme.keys["reader"], url, "end=true")
    assert json.loads(answer.body.splitlines()[-1]) == {"end": {"rows": 2, "cursor": str(last)}}
    more = await get(api, acme.keys["reader"], url, f"end=true&after={last}")
    assert json.loads(more.body) == {"end": {"rows": 0, "cursor": str(last)}}


async def test_an_export_is_compressed_for_whoever_takes_it(api: Api, acme: Tenant) -> None:
    await api.golden(acme, "client", name="ACME")
    plain = await export(api, acme.keys["reader"], "clients", columns=["name"])
    small = await export(api, acme.keys["reader"], "clients", columns=["name"], accept="br, gzip;q=0.8")
    assert (small.headers["content-encoding"], gzip.decompress(small.body)) == ("gzip", plain.body)
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize(
    ("plural", "body", "wanted"),
    [
        ("nonsense", {}, (400, "UNKNOWN_ENTITY", None)),
        ("clients", {"limit": 5}, (400, "BAD_REQUEST", None)),
        ("clients", {"columns": "name"}, (400, "BAD_INPUT", "columns")),
        ("clients", {"columns": ["name", "x"]}, (400, "UNKNOWN_FIELD", "columns.1")),
        ("clients", {"format": "xlsx"}, (400, "BAD_INPUT", "format")),
        ("clients", {"after": "first"}, (400, "BAD_CURSOR", "after")),
        ("clients", {"filter": {"nmae": {"eq": "x"}}}, (400, "BAD_INPUT", "filter")),
        ("clients", {"filter": {"name": {"eq": 5}}}, (400, "BAD_INPUT", "filter.name.eq")),
        ("clients", {"filter": {"id": {"eq": "x"}}}, (400, "BAD_INPUT", "filter.id.eq")),
        ("contracts", {"filter": {"totalValue": {"gt": "5"}}}, (400, "BAD_INPUT", "filter.totalValue")),
    ],
)
async def test_what_cannot_be_exported_is_refused_before_the_first_row(
    api: Api, acme: Tenant, plural: str, body: dict[str, Any], wanted: tuple[int, str, str | None]
) -> None:
    assert refused(await export(api, acme.keys["reader"], plural, **body)) == wanted


async def test_a_stranger_and_a_form_are_turned_away(api: Api, acme: Tenant) -> None:
    assert refused(await api.send("POST", "/export/clients", b"{}"))[:2] == (401, "UNAUTHENTICATED")
    form = await api.send("POST", "/export/clients", b"a=b", {"authorization": f"Bearer {acme.keys['reader']}", "content-type": "text/plain"})
    assert refused(form)[:2] == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_few_exports_run_at_once_and_a_tenant_has_its_share(api: Api, acme: Tenant) -> None:
    running = api.app.state.exports._exporter._running
    running[acme.id] = 2
    try:
        busy = await export(api, acme.keys["reader"], "clients")
    finally:
        del running[acme.id]
    assert (busy.status, busy.codes, "retry-after" in busy.headers) == (429, ["TOO_MANY_REQUESTS"], True)
    assert (await export(api, acme.keys["reader"], "clients")).status == 200
    assert running == {}


async def test_an_export_is_a_request_of_its_key_whichever_door_was_asked_before(api: Api, acme: Tenant) -> None:
    key = await give_key(api.pool, acme.slug, "reader", "busy exporter", bounds=Bounds(rate={"requests": 3}))
    asked = await api.ask(key, "{ exportClients { url } }")
    first = await export(api, key, "clients")
    second = await api.send("GET", asked.data["exportClients"]["url"], b"", {"authorization": f"Bearer {key}"})
    third = [await export(api, key, "clients"), await api.send("GET", "/export/whatever", b"", {"authorization": f"Bearer {key}"})]
    assert [one.headers["ratelimit-remaining"] for one in (asked, first, second)] == ["2", "1", "0"]
    assert [(one.status, one.codes, 15 < int(one.headers["retry-after"]) <= 20) for one in third] == [(429, ["TOO_MANY_REQUESTS"], True)] * 2
    assert (await api.ask(key, "{ me { role } }")).status == 429
    assert "ratelimit" not in (await export(api, acme.keys["reader"], "clients")).headers


async def test_an_export_costs_its_values_and_a_minutes_worth_at_most(api: Api, acme: Tenant) -> None:
    for number in range(20):
        await api.golden(acme, "region", code=f"R{number}", name="North")
    key = await give_key(api.pool, acme.slug, "reader", "large exporter", bounds=Bounds(rate={"cost": 50}))
    left = []
    for columns in (["code"], ["code", "name"], ["code"]):
        answer = await export(api, key, "regions", columns=columns)
        left.append((answer.status, answer.headers["ratelimit-remaining"]))
    assert left == [(200, "50"), (200, "10"), (429, "0")]
    assert 59 <= int(answer.headers["ratelimit-reset"]) <= 120


async def test_a_filter_that_no_address_holds_is_refused_before_one_is_given(api: Api, acme: Tenant) -> None:
    """A long list of one id is a short address, which nobody would unfold."""
    asked = await api.ask(acme.keys["reader"], "query ($ids: [ID!]) { exportClients(filter: {id: {in: $ids}}) { url } }", ids=[str(UUID(int=0))] * 6_000)
    assert asked.codes == ["TOO_LARGE"]


async def test_every_format_needs_its_library_and_says_which(api: Api, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(__import__("sys").modules, "hub.api.export.arrow", raising=False)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    answer = await export(api, acme.keys["reader"], "clients", format="parquet")
    assert refused(answer) == (400, "BAD_INPUT", "format")
    assert "services-hub[arrow]" in answer.json["errors"][0]["extensions"]["remedy"]
    asked = await api.ask(acme.keys["reader"], "{ exportClients(format: ARROW) { url } }")
    assert asked.codes == ["BAD_INPUT"]


async def test_another_tenants_rows_are_in_no_export(api: Api, acme: Tenant) -> None:
    globex = await api.tenant("globex")
    mine, theirs = await api.golden(acme, "client", name="ACME"), await api.golden(globex, "client", name="Globex")
    both = {"id": {"in": [str(mine), str(theirs)]}}
    assert [UUID(row["id"]) for row in await rows_of(api, acme.keys["admin"], "clients", filter=both)] == [mine]
    after = await rows_of(api, acme.keys["admin"], "clients", after=str(UUID(int=0)))
    assert [UUID(row["id"]) for row in after] == [mine]
