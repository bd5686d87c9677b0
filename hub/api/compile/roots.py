"""The fields of the query type that are canonical reads: one record, a list, a node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from hub.api.compile import aggregate, pages
from hub.api.compile.build import Build
from hub.api.compile.leaves import constant
from hub.api.compile.record import one, one_row, record, survivor
from hub.api.compile.selection import Asked
from hub.api.compile.text import Sql, Value, nullable
from hub.api.errors import ApiError, Code
from hub.api.names import camel
from hub.api.slots import Slot, filled
from schema import ENTITIES
from schema.language import EntityMeta

Root = Callable[[Build, Asked], Value]


@cache
def roots() -> Mapping[str, Root]:
    """By GraphQL name: how a root field is written."""
    found: dict[str, Root] = {"__typename": lambda _, __: constant("Query"), "node": _node}
    for meta in ENTITIES.values():
        found[camel(meta.name)] = _one(meta)
        found[camel(meta.plural)] = _many(meta)
        found[f"{camel(meta.plural)}Aggregate"] = aggregate.root(meta, one)
    return found


@cache
def single_rows() -> Mapping[str, Callable[[Build, Asked], str]]:
    """Root fields that are at most one row: as a statement of it, for requests that ask for nothing else."""
    return {camel(meta.name): _row(meta) for meta in ENTITIES.values()}


def _one(meta: EntityMeta) -> Root:
    """``client(id, source)``."""

    def root(build: Build, asked: Asked) -> Value:
        return one(build, meta, asked, _wanted(build, meta, asked))

    return root


def _row(meta: EntityMeta) -> Callable[[Build, Asked], str]:
    return lambda build, asked: one_row(build, meta, asked, _wanted(build, meta, asked), is_single=True)


def _wanted(build: Build, meta: EntityMeta, asked: Asked) -> str:
    """The id a root field asks for, or that of the record it was merged into."""
    given = build.arguments("Query", asked)
    golden, source = given.get("id"), given.get("source")
    if (golden is None) == (source is None):
        raise ApiError(Code.BAD_INPUT, "give either id or source", "id")
    return survivor(build, meta, _id(build, golden) if source is None else _by_source(build, meta, source))


def _many(meta: EntityMeta) -> Root:
    """``clients(filter, orderBy, …)``."""

    def root(build: Build, asked: Asked) -> Value:
        return pages.golden_list(build, meta, build.arguments("Query", asked), asked, record, lambda _: ())

    return root


def _node(build: Build, asked: Asked) -> Value:
    """Any golden record: which entity it is of stands in its first change; only that entity's branch is run."""
    wanted = _id(build, build.arguments("Query", asked)["id"])
    first = build.writer.alias()
    entity = f"(SELECT {first}.entity FROM api.change {first} WHERE {first}.golden_id = {wanted} ORDER BY {first}.version LIMIT 1)"
    branches = []
    for meta in ENTITIES.values():
        found = one(build, meta, asked, survivor(build, meta, wanted)).plain[0]
        assert isinstance(found, Sql)
        branches.append(f"WHEN '{meta.name}' THEN {found.sql}")
    text = Sql(f"CASE {entity} {' '.join(branches)} END")
    return nullable(text)


def _id(build: Build, value: Any) -> str:
    """An id as a parameter; what is none leads nowhere, like an id that does not exist."""
    return build.writer.bind(Slot(lambda given: golden_id(filled(value, given))), "uuid")


def golden_id(text: str) -> UUID | str | None:
    """An id in its usual form goes out as it is: the driver reads it, and refuses what is none."""
    if len(text) == 36:
        return text
    try:
        return UUID(text)
    except ValueError:
        return None


def _by_source(build: Build, meta: EntityMeta, source: Mapping[str, Any]) -> str:
    """The golden id a system's record belongs to."""
    s = build.writer.alias()
    system, external_id = (build.writer.bind(source[name], "text") for name in ("system", "externalId"))
    named = ""
    if source.get("object") is not None:
        named = f"AND {s}.object = {build.writer.bind(source['object'], 'text')} "
    return (
        f"(SELECT {s}.golden_id FROM api.source_record {s} WHERE {s}.system = {system} AND {s}.external_id = {external_id} "
        f"{named}AND {s}.entity = '{meta.name}' AND {s}.golden_id IS NOT NULL ORDER BY {s}.state <> 'present', {s}.id LIMIT 1)"
    )
