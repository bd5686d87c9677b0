"""The pieces of the compiler by themselves: text of JSON in SQL, variables, selections, and cursors signed in SQL."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from graphql import FragmentDefinitionNode, GraphQLObjectType, OperationDefinitionNode, parse

from hub.api.access import Principal, Role
from hub.api.compile.build import Build
from hub.api.compile.document import compile_operation
from hub.api.compile.pages import List, _Page
from hub.api.compile.selection import Reader
from hub.api.compile.text import Sql, Value, always, joined, json_object, listed, or_null
from hub.api.compile.variables import ABSENT, Given, UnfitError, Variables, coerced, is_filling, variable_types, variant
from hub.api.cursor import Cursors
from hub.api.errors import ApiError
from hub.api.limits import operation_of
from hub.api.plan import OrderBy, Plan, Shape
from hub.api.schema import build
from hub.api.slots import Slot, filled
from tests.api.conftest import Api

SCHEMA = build()._schema
AWKWARD = ("", "plain", "it's", 'say "hi"', "back\\slash", "a\nb\tc\r\b\f", "\x01\x1f\x7f", "\u2028\u2029", "Ünï ✓ 漢字 🙂", "$1 || '%s'", "x" * 300)
"""Texts that go wrong where something is not quoted, escaped or counted in bytes."""

# Text ----------------------------------------------------------------------------------------------------------------


def test_neighbouring_literals_are_one_and_expressions_make_a_balanced_tree() -> None:
    assert joined([]) == "''::text"
    assert joined(["it's", "", " one"]) == "'it''s one'::text"
    assert joined([Sql("a")]) == "a"
    assert joined([Sql("a"), Sql("b"), "c", "d", Sql("e")]) == "((a || b) || ('cd' || e))"


def test_a_value_is_written_with_its_key_or_as_null_with_its_key() -> None:
    assert or_null('"a":', ("1",), "") == ('"a":', "1")
    assert or_null('"a":', (Sql("x"),), None) == (Sql("""coalesce(('"a":' || x), '"a":null')"""),)
    assert or_null('"a":', (Sql("x"),), "y") == (Sql("""CASE WHEN y THEN ('"a":' || x) ELSE '"a":null' END"""),)


def test_an_object_asks_once_for_neighbours_whether_they_are_plain_and_never_around_other_rows() -> None:
    text, rows = Value((Sql("t.a"),), (Sql("esc(t.a)"),), ""), always(Sql("(SELECT 1)"))
    assert json_object([]) == ("{}",)
    assert json_object([("n", always("1"))]) == ('{"n":', "1", "}")
    assert json_object([("a", text), ("b", text)], "p") == (
        Sql("""CASE WHEN p THEN (('{"a":' || t.a) || (',"b":' || t.a)) ELSE (('{"a":' || esc(t.a)) || (',"b":' || esc(t.a))) END"""), "}",
    )  # fmt: skip
    assert json_object([("a", text), ("rows", rows)], "p")[1:] == (',"rows":', Sql("(SELECT 1)"), "}")
    assert json_object([("a", text)]) == ('{"a":', Sql("esc(t.a)"), "}")


async def test_what_is_put_together_is_json_whatever_the_texts_hold(template: asyncpg.Connection) -> None:
    cells = ", ".join(f"${at}::text AS c{at}" for at in range(1, len(AWKWARD) + 1))
    members = [(f"k{at}", Value((), (Sql(f"to_json(c{at})::text"),))) for at in range(1, len(AWKWARD) + 1)]
    members.append(("gone", Value((), (Sql("NULL::text"),))))
    members += [(f"said{at}", always(json.dumps(text, ensure_ascii=False))) for at, text in enumerate(AWKWARD)]
    text = await template.fetchval(f"SELECT {joined(json_object(members))} FROM (SELECT {cells}) AS t", *AWKWARD)
    assert list(json.loads(text).values()) == [*AWKWARD, None, *AWKWARD]


async def test_lists_keep_their_order_take_what_they_should_and_are_empty_without_rows(template: asyncpg.Connection) -> None:
    numbers = "(VALUES (3), (1), (2)) AS t (n)"
    told = joined(listed("n::text", "n DESC", "n > 1"))
    assert await template.fetchval(f"SELECT {told} FROM {numbers}") == "[3,2]"
    assert await template.fetchval(f"SELECT {joined(listed('n::text'))} FROM {numbers} WHERE n > 3") == "[]"


# Variables -----------------------------------------------------------------------------------------------------------

DECLARED = """query (
    $flag: Boolean, $sure: Boolean!, $size: Int = 7, $name: String = "x", $names: [String!], $order: [ClientOrder!],
    $filter: ClientFilter, $day: Date, $any: JSON, $id: ID
) { __typename }"""


def operation(text: str) -> OperationDefinitionNode:
    return operation_of(parse(text), None)


OPERATION = operation(DECLARED)
TYPES = variable_types(SCHEMA, OPERATION)


def given(**values: Any) -> dict[str, Any]:
    return coerced(OPERATION, TYPES, {"sure": True, **values})


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ({}, {"sure": True, "size": 7, "name": "x"}),
        ({"size": None, "flag": None}, {"sure": True, "size": None, "flag": None, "name": "x"}),
        ({"names": "one"}, {"sure": True, "size": 7, "name": "x", "names": ["one"]}),
        ({"names": []}, {"sure": True, "size": 7, "name": "x", "names": []}),
        ({"size": 3.0, "id": 5}, {"sure": True, "size": 3, "name": "x", "id": "5"}),
        ({"filter": {"name": {"eq": None}}}, {"sure": True, "size": 7, "name": "x", "filter": {"name": {"eq": None}}}),
        ({"any": {"a": [1, None, "x"]}}, {"sure": True, "size": 7, "name": "x", "any": {"a": [1, None, "x"]}}),
        ({"unknown": 1}, {"sure": True, "size": 7, "name": "x"}),
    ],
)  # fmt: skip
def test_variables_are_read_as_graphql_means_them(values: dict[str, Any], read: dict[str, Any]) -> None:
    assert given(**values) == read


@pytest.mark.parametrize(
    "values",
    [
        {"sure": None}, {"sure": "yes"}, {"flag": 1}, {"size": "7"}, {"size": 7.5}, {"size": 2**31}, {"size": True}, {"name": 7},
        {"names": ["a", None]}, {"names": [["a"]]}, {"filter": "x"}, {"filter": {"nobody": {}}}, {"filter": {"name": {"eq": 1}}},
        {"filter": {"or": [None]}}, {"order": [{"field": "NOPE"}]}, {"order": [{"field": "NAME", "direction": "UP"}]},
        {"day": "31.12.2026"}, {"day": 20261231}, {"id": 1.5}, {"filter": {"extra": [{"name": "x"}]}},
    ],
)  # fmt: skip
def test_a_variable_that_is_not_of_its_type_is_left_to_the_other_way(values: dict[str, Any]) -> None:
    with pytest.raises(UnfitError):
        given(**values)


def test_a_required_variable_that_is_missing_is_unfit() -> None:
    with pytest.raises(UnfitError):
        coerced(OPERATION, TYPES, {})


Pair = tuple[dict[str, Any], dict[str, Any]]
SAME_STATEMENT: tuple[Pair, ...] = (
    ({"name": "a"}, {"name": "b"}),
    ({"names": ["a"]}, {"names": ["b", "c"]}),
    ({"id": "1"}, {"id": "2"}),
    ({"day": "2026-01-01"}, {"day": "2026-01-02"}),
    ({"any": {"a": 1}}, {"any": [None]}),
    ({"filter": {"name": {"eq": "a"}}}, {"filter": {"name": {"eq": "b"}}}),
    ({"filter": {"name": {"in": ["a"]}}}, {"filter": {"name": {"in": []}}}),
)
OTHER_STATEMENT: tuple[Pair, ...] = (
    ({}, {"name": None}),
    ({"name": "a"}, {"name": None}),
    ({"flag": True}, {"flag": False}),
    ({"flag": True}, {}),
    ({"size": 1}, {"size": 2}),
    ({"size": 1}, {"size": None}),
    ({"size": 1, "flag": False}, {"size": 0, "flag": True}),
    ({"filter": {"name": {"eq": "a"}}}, {"filter": {"name": {"ne": "a"}}}),
    ({"filter": {"name": {"eq": "a"}}}, {"filter": {"name": {"eq": None}}}),
    ({"filter": {}}, {"filter": None}),
    ({"filter": {"or": [{}]}}, {"filter": {"or": [{}, {}]}}),
    ({"filter": {"blocked": {"eq": True}}}, {"filter": {"blocked": {"eq": False}}}),
    ({"order": [{"field": "NAME"}]}, {"order": [{"field": "COUNTRY"}]}),
    ({"order": [{"field": "NAME"}]}, {"order": [{"field": "NAME", "direction": "DESC"}]}),
)


@pytest.mark.parametrize(("one", "other"), SAME_STATEMENT)
def test_values_that_only_fill_share_a_statement(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert variant(TYPES, given(**one)) == variant(TYPES, given(**other))


@pytest.mark.parametrize(("one", "other"), OTHER_STATEMENT)
def test_values_that_shape_have_statements_of_their_own(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert variant(TYPES, given(**one)) != variant(TYPES, given(**other))
    hash(variant(TYPES, given(**one)))


def test_a_default_shapes_like_the_same_value_given() -> None:
    assert variant(TYPES, given()) == variant(TYPES, given(size=7, name="y"))
    assert {name: is_filling(kind) for name, kind in TYPES.items() if name != "filter"} == {
        "flag": False, "sure": False, "size": False, "name": True, "names": True, "order": False, "day": True, "any": True, "id": True,
    }  # fmt: skip


def test_a_variable_stands_as_its_value_where_it_shapes_and_as_a_slot_where_it_fills() -> None:
    values = given(filter={"name": {"in": ["a"]}, "blocked": {"eq": True}, "or": [{"name": {"eq": "b"}}]}, any={"deep": 1})
    variables = Variables(TYPES, values)
    found = variables.value("filter")
    assert isinstance(found["name"]["in"], Slot) and isinstance(variables.value("any"), Slot)
    assert found["blocked"] == {"eq": True}
    assert (variables.value("size"), variables.value("flag"), variables.value("sure")) == (7, ABSENT, True)
    later = given(filter={"name": {"in": ["z"]}, "blocked": {"eq": True}, "or": [{"name": {"eq": "y"}}]})
    assert filled(found, asked_with(later)) == later["filter"]


def asked_with(variables: Mapping[str, Any]) -> Given:
    return Given(variables, Principal(1, "one", UUID(int=7), Role.READER, "test"), b"secret")


# Selections ----------------------------------------------------------------------------------------------------------


def reader(text: str, **values: Any) -> tuple[Reader, OperationDefinitionNode]:
    document = parse(text)
    one = operation_of(document, None)
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    types = variable_types(SCHEMA, one)
    return Reader(SCHEMA, fragments, Variables(types, coerced(one, types, values))), one


def selected(text: str, type_name: str = "Query", path: Sequence[str] = (), **values: Any) -> list[tuple[str, str]]:
    """Keys and names of what is asked at a path, in the order of the answer."""
    read, one = reader(text, **values)
    kind, found = SCHEMA.query_type, read.collect(SCHEMA.query_type, (one.selection_set,))  # type: ignore[arg-type]
    for key in path:
        kind = SCHEMA.get_type(type_name)  # type: ignore[assignment]
        found = read.fields(kind, next(each for each in found if each.key == key))  # type: ignore[arg-type]
    return [(each.key, each.name) for each in found]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("id name id", ["id", "name"]),
        ("b: name a: name name", ["b", "a", "name"]),
        ("...F version", ["id", "name", "version"]),
        ("version ...F id ...F", ["version", "id", "name"]),
        ("... on GoldenRecord { version } ... on Contact { familyName } ... on Node { id }", ["version", "id"]),
        ("... { id } ... @include(if: false) { name }", ["id"]),
        ("id @skip(if: $yes) name @include(if: $yes) country @include(if: $no) version @skip(if: $no)", ["name", "version"]),
        ("id @include(if: $yes) @skip(if: $yes) name", ["name"]),
        ("...F @skip(if: $yes) version ...F", ["version", "id", "name"]),
        ("name: legalName", ["name"]),
    ],
)  # fmt: skip
def test_fragments_and_conditions_leave_the_fields_in_the_order_of_the_answer(body: str, found: list[str]) -> None:
    text = f"query ($yes: Boolean!, $no: Boolean = false) {{ client(id: 1) {{ {body} }} }} fragment F on Client {{ id ... on Client {{ name }} }}"
    assert [key for key, _ in selected(text, "Client", ["client"], yes=True)] == found


def test_selections_of_one_key_are_merged() -> None:
    text = "{ client(id: 1) { name } ... on Query { client(id: 1) { id ...F } } } fragment F on Client { name country }"
    assert selected(text, "Client", ["client"]) == [("name", "name"), ("id", "id"), ("country", "country")]


def test_arguments_are_read_with_defaults_and_slots() -> None:
    text = """query ($n: Int, $name: String!, $gone: ClientFilter, $f: ClientFilter) {
        a: clients(first: $n, filter: {name: {eq: $name}, country: {in: ["DE"]}})
        b: clients(filter: $gone, orderBy: {field: NAME}, first: null)
        c: client(id: 1) }"""
    read, one = reader(text, n=3, name="x")
    query = SCHEMA.query_type
    assert isinstance(query, GraphQLObjectType)
    a, b, c = [read.arguments(query.fields[each.name], each) for each in read.collect(query, (one.selection_set,))]
    assert filled(a, asked_with({"name": "y"})) == {"first": 3, "filter": {"name": {"eq": "y"}, "country": {"in": ["DE"]}}}
    assert isinstance(a["filter"]["name"]["eq"], Slot)
    assert (b["first"], "filter" in b, len(b["orderBy"]), c) == (None, False, 1, {"id": "1"})


@pytest.mark.parametrize(
    ("text", "compiled"),
    [
        ("{ clients { totalCount } }", ("clients",)), ("{ __typename }", None), ("{ me { role } }", None),
        ("{ b: me { role } a: clients { totalCount } __typename }", ("a", "__typename")),
        ("mutation { ingest(system: \"crm\", records: []) { errors { code } } }", None),
        ("subscription { changes { cursor } }", None),
        ("query ($no: Boolean = false) { clients @include(if: $no) { totalCount } me { role } }", None),
    ],
)  # fmt: skip
def test_the_canonical_reads_of_an_operation_are_compiled_and_nothing_else(text: str, compiled: tuple[str, ...] | None) -> None:
    document = parse(text)
    one = operation_of(document, None)
    found = compile_operation(SCHEMA, document, one, coerced(one, variable_types(SCHEMA, one), {}), Role.ADMIN)
    assert (found.keys if found else None) == compiled


def test_one_statement_serves_all_values_of_its_shape() -> None:
    text = "query ($name: String!, $ids: [ID!]!) { clients(filter: {name: {eq: $name}, id: {in: $ids}}) { nodes { id } } }"
    document = parse(text)
    one = operation_of(document, None)
    ids = [UUID(int=1), UUID(int=2)]
    found = compile_operation(SCHEMA, document, one, {"name": "never looked at", "ids": []}, Role.READER)
    assert found is not None and "never looked at" not in found.sql
    bound = found.bound(asked_with({"name": "it's", "ids": [str(each) for each in ids]}))
    assert bound == ["it's", ids]
    with pytest.raises(ApiError):
        found.bound(asked_with({"name": "NUL \x00", "ids": []}))
    with pytest.raises(ApiError):
        found.bound(asked_with({"name": "x", "ids": ["no id"]}))


# Cursors -------------------------------------------------------------------------------------------------------------

CELLS: Mapping[str, tuple[Any, ...]] = {
    "text": (*AWKWARD, *("".join(map(chr, range(at, at + 64))) for at in range(1, 0x300, 64)), "\ud7ff\ue000\uffff\U0010ffff"),
    "boolean": (True, False),
    "integer": (0, -1, 2**31 - 1),
    "bigint": (0, -(2**63), 2**63 - 1),
    "numeric": tuple(map(Decimal, ("0", "0.00", "-12.250000", "1E+3", "1000000.000001", "12345678901234567890.123456", "-0.000001"))),
    "date": (date(1, 1, 1), date(999, 12, 31), date(2026, 2, 28), date(9999, 12, 31)),
    "timestamptz": (
        datetime(1, 1, 1, tzinfo=UTC), datetime(999, 5, 6, 7, 8, 9, 10, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 5, 17, 8, 11, 52, 123456, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ),
    "uuid": (UUID(int=0), UUID("01900000-0000-7000-8000-00000000abcd")),
}  # fmt: skip
SHAPE = Shape("made", {kind: kind for kind in CELLS})


async def cursor_in_sql(api: Api, cells: Mapping[str, Any]) -> tuple[str, str]:
    """The cursor of a row as PostgreSQL signs it, and as it is made from what PostgreSQL returns."""
    plan = Plan(SHAPE, tuple(cells), order=tuple(OrderBy(kind) for kind in cells))
    cursors = Cursors(b"a secret", 4711, plan, "filter")
    build_ = Build(reader("{ __typename }")[0], Role.READER)
    page = _Page(build_, List("", "", plan, Slot(lambda _: cursors), lambda _: ()), lambda _, __: "")
    made = page.cursor()
    pads = [slot.read(None) for slot in build_.writer.values]
    row = ", ".join(f'${at}::{kind} AS "{kind}"' for at, kind in enumerate(cells, len(pads) + 1))
    async with api.app.state.services.api_pool.tenant(1) as connection:
        found = await connection.fetchrow(f"SELECT {made} AS made, {page.alias}.* FROM (SELECT {row}) AS {page.alias}", *pads, *cells.values())
    assert cursors.open(found["made"], "after") == tuple(cells.values())
    return found["made"], cursors.make([found[kind] for kind in cells])


@pytest.mark.parametrize("kind", CELLS)
async def test_a_cursor_signed_in_sql_is_the_one_made_here_and_opens_to_the_same_values(api: Api, kind: str) -> None:
    for value in (*CELLS[kind], None):
        in_sql, made = await cursor_in_sql(api, {kind: value})
        assert in_sql == made, value


async def test_cursors_of_several_columns_are_the_same_bytes_too(api: Api) -> None:
    dice = random.Random(3)
    for _ in range(60):
        kinds = dice.sample(sorted(CELLS), dice.randrange(2, 6))
        cells = {kind: dice.choice((*CELLS[kind], None)) for kind in kinds}
        in_sql, made = await cursor_in_sql(api, cells)
        assert in_sql == made, cells


def test_a_cursor_is_bound_to_tenant_list_filter_and_order() -> None:
    plans = [
        Plan(SHAPE, ("uuid",), order=(OrderBy("uuid"),)), Plan(SHAPE, ("uuid",), order=(OrderBy("uuid", True),)),
        Plan(Shape("other", SHAPE.columns), ("uuid",), order=(OrderBy("uuid"),)),
    ]  # fmt: skip
    made = [Cursors(secret, tenant, plan, text) for secret in (b"a", b"b") for tenant in (1, 2) for plan in plans for text in ("", "f")]
    cursors = [one.make([UUID(int=1)]) for one in made]
    assert len(set(cursors)) == len(made)
    for one, cursor in itertools.product(made, cursors):
        if one.make([UUID(int=1)]) != cursor:
            with pytest.raises(ApiError):
                one.open(cursor, "after")
