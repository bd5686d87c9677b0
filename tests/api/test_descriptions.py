"""Whoever meets the schema in a tool reads what each part of it means."""

from __future__ import annotations

from graphql import GraphQLArgument, GraphQLField, GraphQLObjectType, GraphQLSchema, GraphQLString

from hub.api.descriptions import complete, members, undescribed
from hub.api.schema import build
from hub.api.words import EXACTLY


def test_every_type_field_argument_and_value_of_the_schema_is_described() -> None:
    assert undescribed(build()._schema) == []


def test_what_nobody_describes_is_found() -> None:
    field = GraphQLField(GraphQLString, args={"first": GraphQLArgument(GraphQLString), "strange": GraphQLArgument(GraphQLString)})
    schema = complete(GraphQLSchema(GraphQLObjectType("Query", {"unheardOf": field}, description="What can be read.")))
    assert [name for name in undescribed(schema) if name.startswith("Query")] == ["Query.unheardOf", "Query.unheardOf.strange"]


def test_no_description_is_kept_for_what_is_gone() -> None:
    types = build()._schema.type_map
    known = set(types) | {f"{name}.{member}" for name, named in types.items() for member, _, _ in members(named)}
    assert sorted(EXACTLY.keys() - known) == []
