"""The hub as a subgraph of Apollo Federation 2: golden records are entities, known by their id or by a system's record.

Another subgraph that knows ``crm`` calls a client 4711 refers to it as ``Client @key(fields: "recordKey { system
externalId }")`` and never learns our ids. The published schema stays plain; ``_service { sdl }`` says the same with the
directives a gateway composes by.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NewType
from uuid import UUID

import strawberry
from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    GraphQLTypeResolver,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
    parse_const_value,
    print_ast,
)  # fmt: skip
from graphql.language import ConstArgumentNode, NameNode, SchemaExtensionNode
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField
from strawberry.types.scalar import ScalarDefinition
from strawberry.types.union import StrawberryUnion

from hub.api.context import Context
from hub.api.errors import ApiError, Code
from hub.api.shells import Shells, resolved_field
from hub.api.values import Row
from schema import ENTITIES
from schema.language import EntityMeta

SPEC = "https://specs.apollo.dev/federation/v2.3"
KEYS = ("id", "recordKey { system externalId }", "recordKey { system object externalId }")
"""What names a golden record elsewhere. The last is for systems that use one id for records of several kinds."""

SHAREABLE = frozenset({"Money", "PageInfo", "Price", "Quantity", "RecordKey"})
"""Types other subgraphs may declare too."""

MOST_REPRESENTATIONS = 1000

Representation = NewType("Representation", object)
_MACHINERY = frozenset({"_Any", "_Entity", "_Service"})
_TYPES = {meta.type_name: meta for meta in ENTITIES.values()}


@strawberry.type(description="A record of a connected system, by the names it is known by there.")
class RecordKey:
    system: str
    object: str
    external_id: str


@strawberry.type(name="_Service", description="The hub as a part of a federated graph.")
class Service:
    sdl: str = strawberry.field(description="The schema with the directives of Apollo Federation.")


class _EntityUnion(StrawberryUnion):
    """Told apart by the row's own entity."""

    def get_type_resolver(self, type_map: Any) -> GraphQLTypeResolver:
        return lambda value, _, __: value.meta.type_name


SCALARS: Mapping[object, ScalarDefinition] = {
    Representation: strawberry.scalar(
        name="_Any",
        description="A record as another subgraph names it: `__typename` and the fields of one key.",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    )
}


def federation_fields(shells: Shells) -> dict[str, StrawberryField]:
    """``_service`` and ``_entities``."""
    types = tuple(StrawberryAnnotation(shells.of(name)) for name in _TYPES)
    union = _EntityUnion("_Entity", types, "A golden record of any kind.")

    async def service(root: Any, info: Any) -> Service:
        return Service(sdl=await asyncio.to_thread(_sdl_of, info.schema))

    async def entities(root: Any, info: Any, representations: Sequence[Any]) -> list[Row | Exception | None]:
        if len(representations) > MOST_REPRESENTATIONS:
            raise ApiError(Code.TOO_LARGE, f"at most {MOST_REPRESENTATIONS} representations at once", "representations")
        found = (_resolved(info.context, each) for each in representations)
        return list(await asyncio.gather(*found))

    return {
        "_service": resolved_field("_service", Service, service, "The schema for a gateway."),
        "_entities": resolved_field(
            "_entities", list[union | None], entities,  # type: ignore[valid-type]
            "Golden records as other subgraphs name them, in their order; null for what this key does not see.",
            representations=list[Representation],
        ),
    }  # fmt: skip


def record_key_field() -> StrawberryField:
    """``recordKey`` of every golden record."""

    async def resolve(root: Row, info: Any) -> RecordKey | None:
        context: Context = info.context
        sources = await context.sources(root.id)
        first = next((one for one in sources if one["state"] == "present" and one["role"] == "primary"), None)
        return RecordKey(system=first["system"], object=first["object"], external_id=first["external_id"]) if first else None

    doc = "The first of the system's records it stands for; any other one names it in `_entities`, too. Null while none is present."
    return resolved_field("recordKey", RecordKey | None, resolve, doc)


async def _resolved(context: Context, representation: Any) -> Row | ApiError | None:
    """The record behind a representation. An error for one that nobody could resolve; it is told at its place."""
    meta = _TYPES.get(str(representation.get("__typename"))) if isinstance(representation, Mapping) else None
    if meta is None:
        return ApiError(Code.BAD_INPUT, "a representation has the __typename of a golden record", "representations")
    try:
        wanted = await _golden_id(context, meta, representation)
    except ApiError as error:
        return error
    return await context.row(meta, wanted) if wanted else None


async def _golden_id(context: Context, meta: EntityMeta, representation: Mapping[str, Any]) -> UUID | None:
    given, key = representation.get("id"), representation.get("recordKey")
    if isinstance(given, str):
        try:
            return UUID(given)
        except ValueError:
            return None
    named = [key.get(name) for name in ("system", "object", "externalId")] if isinstance(key, Mapping) else []
    match named:
        case [str(system), str() | None as kind, str(external_id)]:
            return await context.golden_id(meta, system, kind, external_id)
    raise ApiError(
        Code.BAD_INPUT, f"a representation of {meta.type_name} has an id, or a recordKey with system and externalId", "representations"
    )


@lru_cache(maxsize=1)
def _sdl_of(schema: strawberry.Schema) -> str:
    return subgraph_sdl(schema.as_str())


def subgraph_sdl(plain: str) -> str:
    """The published schema with keys and shareable types marked, and without what every gateway adds itself."""
    link = SchemaExtensionNode(directives=(_directive("link", url=f'"{SPEC}"', **{"import": '["@key", "@shareable"]'}),))
    marked = (_marked(one) for one in parse(plain, no_location=True).definitions)
    return "\n\n".join(print_ast(one) for one in (link, *marked) if one is not None) + "\n"


def _marked(definition: DefinitionNode) -> DefinitionNode | None:
    if isinstance(definition, (ScalarTypeDefinitionNode, UnionTypeDefinitionNode)):
        return None if definition.name.value in _MACHINERY else definition
    if not isinstance(definition, ObjectTypeDefinitionNode):
        return definition
    name = definition.name.value
    if name in _MACHINERY:
        return None
    if name == "Query":
        own = tuple(field for field in definition.fields or () if not field.name.value.startswith("_"))
        return replace(definition, fields=own)
    if name in SHAREABLE:
        return replace(definition, directives=(_directive("shareable"),))
    keys = tuple(_directive("key", fields=f'"{key}"') for key in KEYS)
    return replace(definition, directives=keys) if name in _TYPES else definition


def _directive(name: str, **arguments: str) -> ConstDirectiveNode:
    """A directive; arguments as GraphQL writes them."""
    given = tuple(
        ConstArgumentNode(name=NameNode(value=each), value=parse_const_value(value)) for each, value in arguments.items()
    )
    return ConstDirectiveNode(name=NameNode(value=name), arguments=given)
