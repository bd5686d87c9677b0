"""Lists that run by fields of related records: the right order, pages that lose nothing, and closed where a mask is."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from hub.api import statement
from hub.api.access import Role
from hub.api.lists import Arguments, golden_plan
from schema import ENTITIES
from tests.api.conftest import Api, Tenant
from tests.api.test_lists import _walk

Key = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
async def firm(shared: Api) -> tuple[Tenant, list[dict[str, Any]]]:
    """31 clients with managers (and theirs) and legal entities, several of them missing; with what each is ordered by."""
    tenant, chance = await shared.tenant("order"), random.Random(7)
    heads = [await shared.golden(tenant, "resource", family_name=name) for name in ("Ost", "West")]
    managers = []
    for number, name in enumerate(("Adam", "adam", "Öz", "Zoe")):
        manager = {"family_name": name, **({"manager": str(heads[number % 2])} if number else {})}
        managers.append((await shared.golden(tenant, "resource", **manager), name, ("Ost", "West")[number % 2] if number else None))
    rows = []
    for number in range(31):
        manager = chance.choice([*managers, None])
        given: dict[str, Any] = {"name": f"c{number % 5}", **({"account_manager": str(manager[0])} if manager else {})}
        golden_id = str(await shared.golden(tenant, "client", **given))
        rows.append({"id": golden_id, "name": given["name"], "manager": manager and manager[1], "head": manager and manager[2]})
    return tenant, rows


def nulls_last(name: str, collated: dict[str, int], down: bool = False) -> Key:
    return lambda row: (row[name] is None, (-1 if down else 1) * collated.get(row[name], 0))


ORDERS: tuple[tuple[str, tuple[tuple[str, bool], ...]], ...] = (
    ("[{accountManager: {field: FAMILY_NAME}}]", (("manager", False),)),
    ("[{accountManager: {field: FAMILY_NAME, direction: DESC}}, {field: NAME}]", (("manager", True), ("name", False))),
    ("[{accountManager: {manager: {field: FAMILY_NAME}}}]", (("head", False),)),
    ("[{accountManager: {manager: {field: FAMILY_NAME, direction: DESC}}}, {accountManager: {field: FAMILY_NAME}}, {field: ID, direction: DESC}]",
     (("head", True), ("manager", False), ("id", True))),
)  # fmt: skip


@pytest.mark.parametrize(("order", "terms"), ORDERS)
async def test_pages_by_related_fields_run_both_ways_and_empty_ones_come_last(
    shared: Api, firm: tuple[Tenant, list[dict[str, Any]]], order: str, terms: tuple[tuple[str, bool], ...]
) -> None:
    tenant, rows = firm
    expected = list(rows)
    for name, down in reversed((*terms, ("id", False))):
        words = sorted({row[name] for row in rows if row[name]})
        collated = [r[0] for r in await shared.pool.fetch("SELECT w FROM unnest($1::text[]) AS w ORDER BY w", words)]
        expected.sort(key=nulls_last(name, {word: at for at, word in enumerate(collated)}, down))
    whole = [row["id"] for row in expected]
    for size in (1, 7, 31):
        arguments = f"orderBy: {order}"
        assert await _walk(shared, tenant, size, arguments, "first", "after", "endCursor", "hasNextPage") == whole
        assert await _walk(shared, tenant, size, arguments, "last", "before", "startCursor", "hasPreviousPage") == whole


async def test_children_run_by_related_fields_too(shared: Api, firm: tuple[Tenant, list[dict[str, Any]]]) -> None:
    tenant, rows = firm
    for number, code in enumerate(("b", "a", None)):
        region = {"delivery_region": str(await shared.golden(tenant, "region", code=code, name=f"R-{code}"))} if code else {}
        await shared.golden(tenant, "project", code=f"P{number}", name="p", client=rows[0]["id"], **region)
    ask = """query($id: ID!, $after: String) { client(id: $id) { projects(first: 2, after: $after, orderBy: [{deliveryRegion: {field: CODE}}]) {
        nodes { code } pageInfo { endCursor } } } }"""
    first = (await shared.ask(tenant.keys["reader"], ask, id=rows[0]["id"])).data["client"]["projects"]
    then = (await shared.ask(tenant.keys["reader"], ask, id=rows[0]["id"], after=first["pageInfo"]["endCursor"])).data["client"]["projects"]
    assert [[node["code"] for node in page["nodes"]] for page in (first, then)] == [["P1", "P0"], ["P2"]]


REFUSED = (
    ("{}", "BAD_INPUT", "orderBy.0 must name one field or one related record"),
    ("{direction: DESC}", "BAD_INPUT", "orderBy.0 must name one field or one related record"),
    ("{field: ROLE, manager: {field: ROLE}}", "BAD_INPUT", "orderBy.0 must name one field or one related record"),
    ("{manager: {field: ID}, region: {field: ID}}", "BAD_INPUT", "orderBy.0 must name one field or one related record"),
    ("{manager: {}}", "BAD_INPUT", "orderBy.0.manager must name one field or one related record"),
    ("{direction: DESC, manager: {field: ID}}", "BAD_INPUT", "orderBy.0 states a direction without a field"),
    ("{manager: {field: COST_RATE}}", "FORBIDDEN_FIELD", "orderBy.0.manager.costRate is a confidential field"),
    ("{manager: {manager: {field: COST_RATE}}}", "FORBIDDEN_FIELD", "orderBy.0.manager.manager.costRate is a confidential field"),
    ("{manager: {manager: {manager: {manager: {field: ROLE}}}}}", "TOO_COMPLEX", "orderBy.0.manager.manager.manager follows more than 3 references"),
)  # fmt: skip


@pytest.mark.parametrize(("term", "code", "message"), REFUSED)
async def test_a_term_that_says_too_little_too_much_or_what_is_masked_is_refused(
    shared: Api, firm: tuple[Tenant, list[dict[str, Any]]], term: str, code: str, message: str
) -> None:
    answer = await shared.ask(firm[0].keys["reader"], f"{{ resources(orderBy: [{term}]) {{ nodes {{ id }} }} }}")
    assert (answer.codes, answer.json["errors"][0]["message"]) == ([code], message)


async def test_a_cursor_of_one_order_does_not_open_another(shared: Api, firm: tuple[Tenant, list[dict[str, Any]]]) -> None:
    ask = "{ clients(first: 1, %s orderBy: [{accountManager: {field: %s}}]) { pageInfo { endCursor } } }"
    cursor = (await shared.ask(firm[0].keys["reader"], ask % ("", "FAMILY_NAME"))).data["clients"]["pageInfo"]["endCursor"]
    answer = await shared.ask(firm[0].keys["reader"], ask % (f'after: "{cursor}",', "GIVEN_NAME"))
    assert answer.codes == ["BAD_CURSOR"]


def test_the_value_it_runs_by_is_written_alike_in_list_and_order() -> None:
    order = [{"account_manager": None, "accountManager": {"field": "family_name"}}]
    bound = statement.rows(golden_plan(ENTITIES["client"], Arguments(order_by=order), Role.READER))
    value = '(SELECT t1_account_manager_id."family_name" FROM api.resource AS t1_account_manager_id WHERE t1_account_manager_id.id = t1.account_manager_id)'
    assert f'{value} AS "account_manager_id.family_name" FROM' in bound.sql
    assert f'ORDER BY {value} ASC, t1."id" ASC LIMIT' in bound.sql
