"""The clients our users have work unchanged: against the published schema, and against the server under uvicorn."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gql import Client, GraphQLRequest, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from graphql import GraphQLError, GraphQLSchema

from hub.api.descriptions import members
from hub.api.schema import build
from hub.publish import FOLDER
from tests.api.served import Server
from tests.node_tools import SCRIPTS, Node

SCHEMA = str(FOLDER / "schema.graphql")


async def test_relay_s_compiler_takes_the_published_schema(node: Node, tmp_path: Path) -> None:
    ran = await node.run("relay.mjs", SCHEMA, str(tmp_path / "relay"))
    assert (ran.code, ran.stderr) == (0, "")
    names = ("clientsContactsQuery", "clientsNodeQuery", "clientsQuery", "clientsRenameMutation", "clients_contacts")
    assert json.loads(ran.stdout) == [f"{name}.graphql.ts" for name in names]


async def test_types_generated_for_operations_hold_a_strict_program(node: Node, tmp_path: Path) -> None:
    ran = await node.run("codegen/codegen.mjs", SCHEMA, str(tmp_path))
    assert (ran.code, ran.stderr) == (0, "")
    for name in ("use.ts", "tsconfig.json"):
        (tmp_path / name).write_text((SCRIPTS / "codegen" / name).read_text())
    (tmp_path / "node_modules").symlink_to(node.folder / "node_modules")
    checked = await node.run("node_modules/typescript/bin/tsc", "--project", str(tmp_path))
    assert (checked.code, checked.stdout) == (0, "")


async def test_apollo_client_pages_and_asks_by_hash(node: Node, server: Server) -> None:
    ran = await node.run("apollo.mjs", env=server.env("reader"))
    assert (ran.code, ran.stderr) == (0, "")
    assert json.loads(ran.stdout) == {
        "names": ["ACME", "Beta", "Delta", "Epsilon", "Gamma"],
        "contacts": ["Doe", "Roe"],
        "again": 2,
        "asked": ["GET 200", "POST 200", "GET 200", "GET 200", "GET 200"],
    }


def client_of(server: Server, role: str = "reader", **options: bool) -> Client:
    headers = {"authorization": f"Bearer {server.tenant.keys[role]}"}
    return Client(transport=AIOHTTPTransport(url=server.graphql, headers=headers), **options)


def coordinates(schema: GraphQLSchema) -> set[str]:
    """Every field, argument and value of a schema."""
    types = [one for one in schema.type_map.values() if not one.name.startswith("__")]
    return {f"{one.name}.{name}" for one in types for name, _, _ in members(one)}


async def test_gql_learns_the_schema_from_the_server_and_checks_before_it_asks(server: Server) -> None:
    query = "query ($id: ID!) { client(id: $id) { name contracts { nodes { contractNo startDate totalValue { amount currency } } } } }"
    async with client_of(server, fetch_schema_from_transport=True) as session:
        assert session.client.schema is not None
        assert coordinates(session.client.schema) == coordinates(build()._schema)
        found = await session.execute(GraphQLRequest(query, variable_values={"id": str(server.firm["ACME"])}))
        with pytest.raises(GraphQLError, match="Cannot query field 'nam' on type 'Client'"):
            await session.execute(gql("{ clients { nodes { nam } } }"))
    contract = {"contractNo": "C-1", "startDate": "2026-01-31", "totalValue": {"amount": "100.00", "currency": "EUR"}}
    assert found == {"client": {"name": "ACME", "contracts": {"nodes": [contract]}}}


async def test_gql_is_told_what_is_wrong_with_a_code(server: Server) -> None:
    async with client_of(server) as session:
        with pytest.raises(TransportQueryError) as told:
            await session.execute(gql('{ client(id: "x", source: {system: "crm", externalId: "1"}) { name } }'))
    [error] = told.value.errors or []
    assert (error["message"], error["path"], error["extensions"]["code"]) == ("give either id or source", ["client"], "BAD_INPUT")
