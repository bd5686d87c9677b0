"""Bodies and documents nobody means well with: always a clear JSON answer, never a 5xx, never a leak."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest

from hub.api.bodies import GRAPHQL_BYTES
from tests.api.conftest import Answer, Api, Tenant, running
from tests.conftest import Database

DEEP = 20_000


async def post(api: Api, tenant: Tenant, body: bytes, **headers: str) -> Answer:
    sent = {"authorization": f"Bearer {tenant.keys['reader']}", "content-type": "application/json"}
    return await api.send("POST", "/graphql", body, sent | {name.replace("_", "-"): value for name, value in headers.items()})


def asking(query: str, **more: object) -> bytes:
    return json.dumps({"query": query, **more}).encode()


BODIES = {
    "nothing": (b"", 400),
    "null": (b"null", 400),
    "a number": (b"1", 400),
    "a list": (b"[1]", 400),
    "a batch": (b'[{"query": "{ me { role } }"}]', 400),
    "text": (b'"query"', 400),
    "no query": (b"{}", 400),
    "an empty query": (asking("  "), 400),
    "a query that is no text": (b'{"query": {"a": 1}}', 400),
    "variables that are no object": (asking("{ me { role } }", variables=[1]), 400),
    "a name that is no text": (asking("{ me { role } }", operationName=5), 400),
    "extensions that are no object": (asking("{ me { role } }", extensions="x"), 400),
    "not UTF-8": (b'{"query": "\xff\xfe"}', 400),
    "UTF-16": ('{"query": "{ me { role } }"}'.encode("utf-16"), 400),
    "cut short": (b'{"query": "{ me', 400),
    "NaN": (b'{"query": "{ me { role } }", "variables": {"a": NaN}}', 400),
    "a doubled key": (b'{"query": "{ me { role } }", "query": "{ systems { name } }"}', 400),
    "deep JSON": (b'{"query": "{ me { role } }", "variables": {"a": ' + b"[" * DEEP + b"]" * DEEP + b"}}", 400),
    "quite deep JSON": (b'{"query": "{ me { role } }", "variables": {"a": ' + b"[" * 300 + b"]" * 300 + b"}}", 400),
    "a NUL in a variable": (b'{"query": "query($a: String) { me { role } }", "variables": {"a": "\\u0000"}}', 400),
    "half a surrogate pair": (b'{"query": "query($a: String) { me { role } }", "variables": {"a": "\\ud800"}}', 400),
    "a raw NUL in the query": (b'{"query": "{ me { role } } \\u0000"}', 400),
    "a number of a million digits": (b'{"query": "{ me { role } }", "variables": {"a": ' + b"9" * 500_000 + b"}}", 400),
    "an exponent bomb": (b'{"query": "{ me { role } }", "variables": {"a": 1e1000000}}', 400),
    "too large": (b'{"query": "' + b" " * GRAPHQL_BYTES + b'"}', 413),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_bad_body_is_refused_with_a_code_and_a_correlation_id(api: Api, acme: Tenant, name: str) -> None:
    body, status = BODIES[name]
    answer = await post(api, acme, body, accept="application/graphql-response+json")
    assert answer.status == status, answer.body[:300]
    [error] = answer.json["errors"]
    assert error["extensions"]["code"] in ("BAD_REQUEST", "TOO_LARGE")
    assert error["extensions"]["correlationId"] == answer.headers["x-correlation-id"]


async def test_only_uncompressed_json_is_read(api: Api, acme: Tenant) -> None:
    body = asking("{ me { role } }")
    kinds = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "")
    assert [(await post(api, acme, body, content_type=kind)).status for kind in kinds] == [415] * 4
    assert [(await post(api, acme, body, content_encoding=each)).status for each in ("gzip", "br", "deflate")] == [415] * 3
    assert (await post(api, acme, body)).status == 200


DOCUMENTS = {
    "bad syntax": ("{ me {", "BAD_INPUT"),
    "an unknown field": ("{ secrets }", "BAD_INPUT"),
    "no operation": ("fragment a on Me { role }", "BAD_REQUEST"),
    "several operations, none named": ("query a { me { role } } query b { me { role } }", "BAD_REQUEST"),
    "a fragment in itself": ("{ me { ...a } } fragment a on Me { role ...a }", "TOO_COMPLEX"),
    "two fragments in each other": ("{ me { ...a } } fragment a on Me { ...b } fragment b on Me { ...a }", "TOO_COMPLEX"),
    "too many tokens": ("{ " + "me { role } " * 600 + "}", "TOO_COMPLEX"),
    "too deep": ("{ clients { nodes " + "{ accountManager { clients { nodes " * 6 + "{ id }" + "} } }" * 6 + " } }", "TOO_COMPLEX"),
    "nested without end": ("{ a" * 500 + "}" * 500, "TOO_COMPLEX"),
    "a value nested without end": ("{ clients(filter: " + "{not: " * 150 + "{}" + "}" * 150 + ") { totalCount } }", "TOO_COMPLEX"),
    "aliases": ("{ me { " + " ".join(f"a{n}: role" for n in range(300)) + " } }", "TOO_COMPLEX"),
    "directives": ("{ me { role " + "@skip(if: false) " * 60 + "} }", "TOO_COMPLEX"),
    "many roots": ("{ " + " ".join(f"a{n}: me {{ role }}" for n in range(40)) + " }", "TOO_COMPLEX"),
    "pages in pages": (
        "{ clients(first: 100) { nodes { projects(first: 100) { nodes { timeEntries(first: 100) { nodes { id } } } } } } }",
        "TOO_COMPLEX",
    ),
    "a negative page": ("{ clients(first: -1) { totalCount } }", "BAD_PAGE"),
    "a huge page": ("{ clients(first: 101) { totalCount } }", "BAD_PAGE"),
    "both ends at once": ("{ clients(first: 1, last: 1) { totalCount } }", "BAD_PAGE"),
    "a float for an amount": ('{ contracts(filter: {totalValue: {currency: "EUR", gt: 1.5}}) { totalCount } }', "BAD_INPUT"),
    "an amount without currency": ('{ contracts(filter: {totalValue: {gt: "1.5"}}) { totalCount } }', "BAD_INPUT"),
    "a NUL in a filter": ('{ clients(filter: {name: {eq: "a\\u0000b"}}) { totalCount } }', "BAD_INPUT"),
    "a NUL in an extension field": ('{ clients(filter: {extra: [{name: "a", eq: "\\u0000"}]}) { totalCount } }', "BAD_INPUT"),
    "half a pair in a filter": ('{ clients(filter: {name: {eq: "\\ud800"}}) { totalCount } }', "BAD_INPUT"),
    "an id that is none": ('{ clients(filter: {id: {eq: "1 OR 1=1"}}) { totalCount } }', "BAD_INPUT"),
    "a cursor that is none": ('{ clients(after: "aGVsbG8") { totalCount } }', "BAD_CURSOR"),
    "a year 0": ('{ clients(filter: {createdAt: {gt: "0001-01-01T00:00:00+14:00"}}) { totalCount } }', "BAD_INPUT"),
    "a number that does not fit": ("{ clients(filter: {version: {gt: 99999999999}}) { totalCount } }", "BAD_INPUT"),
    "null where a value belongs": ("{ clients(filter: {name: null}) { totalCount } }", "BAD_INPUT"),
    "order by a field that is none": ('{ clients(orderBy: [{field: "name; DROP TABLE"}]) { totalCount } }', "BAD_INPUT"),
    "a mutation by GET's words": ("subscription { me { role } }", "BAD_INPUT"),
    "no entity of the feed": ('{ changes(entities: ["pg_user"]) { cursor } }', "UNKNOWN_ENTITY"),
    "a page of the feed too large": ("{ changes(first: 100000) { cursor } }", "BAD_FIRST"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_bad_document_is_refused_cheaply_with_a_stable_code(api: Api, acme: Tenant, name: str) -> None:
    document, code = DOCUMENTS[name]
    began = time.process_time()
    answer = await api.ask(acme.keys["reader"], document)
    assert time.process_time() - began < 1.0
    assert answer.status in (200, 400)
    assert code in answer.codes, answer.json
    assert len(answer.codes) <= 5
    assert "Did you mean" not in answer.body.decode()


async def test_doubled_fragments_cost_nothing_to_refuse(api: Api, acme: Tenant) -> None:
    fragments = " ".join(f"fragment f{n} on Client {{ ...f{n + 1} ...f{n + 1} }}" for n in range(40))
    document = f"{{ clients {{ nodes {{ ...f0 }} }} }} {fragments} fragment f40 on Client {{ id }}"
    began = time.process_time()
    answer = await api.ask(acme.keys["reader"], document)
    assert answer.codes == ["TOO_COMPLEX"]
    assert time.process_time() - began < 0.5


async def test_page_sizes_in_variables_count_too(api: Api, acme: Tenant) -> None:
    document = "query($n: Int) { clients(first: $n) { nodes { projects(first: $n) { nodes { tasks(first: $n) { nodes { id } } } } } } }"
    assert (await api.ask(acme.keys["reader"], document, n=100)).codes == ["TOO_COMPLEX"]
    assert (await api.ask(acme.keys["reader"], document, n=5)).data == {"clients": {"nodes": []}}


STRANGERS = ({}, {"authorization": ""}, {"authorization": "Bearer x"}, {"authorization": "Bearer hub_reader_wrong"},
             {"authorization": "Basic YTpi"}, {"authorization": "Bearer " + "a" * 5000})  # fmt: skip


@pytest.mark.parametrize("headers", STRANGERS)
async def test_a_stranger_learns_nothing_before_anything_is_parsed(api: Api, headers: dict[str, str]) -> None:
    for body in (b"not json", asking("{ __schema { types { name } } }"), asking("{ nonsense")):
        answer = await api.send("POST", "/graphql", body, {"content-type": "application/json", **headers})
        assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_an_address_that_keeps_guessing_is_told_to_wait(api: Api) -> None:
    wrong = {"authorization": "Bearer hub_reader_wrong", "content-type": "application/json"}
    statuses = [(await api.send("POST", "/graphql", b"{}", wrong)).status for _ in range(60)]
    assert statuses[0] == 401 and statuses[-1] == 429


async def test_a_revoked_or_expired_key_is_a_strangers(api: Api, acme: Tenant) -> None:
    revoke = "UPDATE hub.api_key SET revoked_at = now() WHERE tenant_id = $1 AND role = 'reader'"
    expire = "UPDATE hub.api_key SET expires_at = now() - interval '1 s' WHERE tenant_id = $1 AND role = 'admin'"
    for statement in (revoke, expire):
        await api.pool.execute(statement, acme.id)
    assert [(await api.ask(acme.keys[role], "{ me { role } }")).status for role in ("reader", "admin", "steward")] == [401, 401, 200]


async def test_the_schema_is_for_people_not_for_systems(api: Api, acme: Tenant) -> None:
    document = "{ me { role } ...s } fragment s on Query { __schema { queryType { name } } }"
    assert (await api.ask(acme.keys["system"], document)).codes == ["FORBIDDEN"]
    assert (await api.ask(acme.keys["reader"], document)).data["__schema"] == {"queryType": {"name": "Query"}}


async def test_a_mutation_is_not_sent_by_get(api: Api, acme: Tenant) -> None:
    headers = {"authorization": f"Bearer {acme.keys['admin']}"}
    got = await api.send("GET", "/graphql", headers=headers, query="query=%7Bme%7Brole%7D%7D")
    assert got.json["data"] == {"me": {"role": "admin"}}
    refused = await api.send("GET", "/graphql", headers=headers, query='query=mutation%7BresolveTask(id:"1",resolution:""){done}}')
    assert (refused.status, refused.codes) == (400, ["BAD_REQUEST"])


async def test_status_codes_follow_what_the_client_speaks(api: Api, acme: Tenant) -> None:
    key, spoken = acme.keys["reader"], "application/graphql-response+json"
    assert [(await api.ask(key, "{ nonsense }", accept=each)).status for each in ("application/json", spoken)] == [200, 400]
    answer = await api.ask(key, "{ me { role } }", accept=spoken)
    assert (answer.status, answer.headers["content-type"]) == (200, f"{spoken}; charset=utf-8")


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A connection that may break a database of the test's own."""
    connection = await asyncpg.connect(database.owner_url)
    yield connection
    await connection.close()


async def test_what_goes_wrong_inside_is_masked(database: Database, owner: asyncpg.Connection) -> None:
    async with running(database) as api:
        acme = await api.tenant("acme")
        await owner.execute("DROP VIEW api.region_version")
        region = await api.golden(acme, "region", code="EU", name="Europe")
        answer = await api.ask(acme.keys["reader"], f'{{ region(id: "{region}") {{ provenance {{ name {{ rule }} }} }} }}')
    assert answer.codes == ["INTERNAL"]
    assert "region_version" not in answer.body.decode() and "not exist" not in answer.body.decode()


async def test_a_slow_read_is_stopped_and_may_be_tried_again(database: Database, owner: asyncpg.Connection) -> None:
    await owner.execute(f"ALTER ROLE hub_api IN DATABASE {database.name} SET statement_timeout = '1ms'")
    async with running(database) as api:
        acme = await api.tenant("acme")
        await api.pool.execute(
            "INSERT INTO golden.client (tenant_id, id, version, record_state, created_at, updated_at, name) "
            "SELECT $1, gen_random_uuid(), 1, 'active', now(), now(), 'n' || g FROM generate_series(1, 30000) g", acme.id,
        )  # fmt: skip
        answer = await api.ask(acme.keys["reader"], '{ clients(filter: {website: {ne: "x"}}) { totalCount } }')
    assert answer.codes == ["TIMEOUT"]
    assert answer.json["errors"][0]["extensions"]["retryable"] is True
