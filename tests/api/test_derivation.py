"""The schema is derived from the model: every kind, every field, every way back, quickly, and always the same."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, build_schema, get_introspection_query

from hub.api import golden, values
from hub.api.filters import FILTERS
from hub.settings import DEFAULT_LIMITS
from hub.api.names import camel, reverses
from hub.api.plan import All, Compare, Op, OrderBy, Page, Plan, Shape
from hub.api.schema import sdl
from hub.api.statement import rows
from schema import ENTITIES
from schema.kinds import FieldKind

TABLES = {"OUTPUTS": golden.OUTPUTS, "INPUTS": golden.INPUTS, "FILTERS": FILTERS, "READ": values.READ}
SCHEMA = build_schema(sdl())


@pytest.mark.parametrize("name", TABLES)
def test_every_kind_of_field_has_its_place_in_every_table(name: str) -> None:
    assert set(TABLES[name]) == set(FieldKind)


@pytest.mark.parametrize("meta", ENTITIES.values(), ids=lambda meta: meta.name)
def test_every_field_of_the_model_is_read_filtered_explained_and_written(meta: object) -> None:
    wanted = {camel(name) for name in meta.fields}  # type: ignore[attr-defined]
    name = meta.type_name  # type: ignore[attr-defined]
    for type_name in (name, f"{name}Filter", f"{name}Provenance", f"{name}Values"):
        made = SCHEMA.get_type(type_name)
        assert isinstance(made, GraphQLObjectType | GraphQLInputObjectType)
        assert wanted <= set(made.fields), type_name
    query, mutation = SCHEMA.query_type, SCHEMA.mutation_type
    assert query is not None and mutation is not None
    assert {camel(meta.name), camel(meta.plural)} <= set(query.fields)  # type: ignore[attr-defined]
    assert f"upsert{name}" in mutation.fields


def test_every_reference_is_read_from_both_ends() -> None:
    back = reverses(ENTITIES.values())
    names = {name: [one.name for one in found] for name, found in back.items()}
    assert {"contacts", "projects", "contracts", "clientRelationshipsByFromClient", "clientRelationshipsByToClient"} <= set(names["client"])
    assert {"timeEntries", "timeEntriesByApprover", "projects"} <= set(names["resource"])
    assert sum(map(len, names.values())) == sum(len(meta.references) for meta in ENTITIES.values())
    for name, meta in ENTITIES.items():
        assert len(names[name]) == len(set(names[name]))
        assert not set(names[name]) & {camel(field) for field in meta.fields}


def test_the_schema_is_built_while_one_waits_and_is_the_same_every_time() -> None:
    code = (
        "from hub.api.schema import sdl; import hashlib, time; "
        "print(hashlib.sha256(sdl().encode()).hexdigest(), time.process_time())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"})
    digest, cpu_s = run.stdout.split()
    assert digest == hashlib.sha256(sdl().encode()).hexdigest()
    assert float(cpu_s) < 6.0  # with importing everything; about 2 s on an idle machine


@pytest.mark.parametrize(
    ("type_name", "value"),
    [("date", date(2026, 5, 17)), ("numeric", Decimal("1.10")), ("bigint", 5), ("text", "a"), ("boolean", True), ("text", None)],
)
def test_a_cell_in_a_cursor_is_read_back_exactly(type_name: str, value: object) -> None:
    text = values.as_text(value)
    assert (None if text is None else values.to_sql(type_name, text, "x")) == value


def test_no_value_stands_in_a_statement() -> None:
    shape = Shape("client", {"id": "uuid", "name": "text"})
    plan = Plan(shape, ("id",), All((Compare("name", Op.EQ, "'; DROP TABLE client; --"),)), (OrderBy("id"),), Page(5))
    bound = rows(plan)
    assert (bound.sql, bound.values) == (
        'SELECT t1."id" FROM api.client AS t1 WHERE t1."name" = $1::text ORDER BY t1."id" ASC LIMIT 6',
        ("'; DROP TABLE client; --",),
    )


def test_limits_leave_room_for_what_tools_ask() -> None:
    assert len(get_introspection_query().split()) < DEFAULT_LIMITS.most_tokens / 2
