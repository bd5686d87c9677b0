"""The schema: everything the API offers, put together from the model and the operational lists."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg
import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField

from hub.api import descriptions, federation
from hub.api.approvals import proposal_fields, proposal_mutations
from hub.api.as_of import enter
from hub.api.audit import audit_fields
from hub.api.board_changes import board_change_fields
from hub.api.boards import board_fields
from hub.api.checks import check_fields, check_mutations
from hub.api.common import Node, SourceKey, comparisons
from hub.api.contexts import context_fields
from hub.api.contributions import ingest_field
from hub.api.decisions import decision_fields
from hub.api.deliveries import delivery_fields, would_write_field
from hub.api.errors import ApiError, Code
from hub.api.exports import export_fields
from hub.api.golden import all_types, connection_arguments, on_argument
from hub.api.group_types import aggregate_field
from hub.api.hierarchy import hierarchy_mutations
from hub.api.lineage import Provenance
from hub.api.lists import Arguments, Connection, read_list
from hub.api.matching import match_fields, match_mutations
from hub.api.merging import merging_fields, merging_queries
from hub.api.monitor import monitor_fields
from hub.api.names import camel
from hub.api.operations import operation_fields
from hub.api.plans import plan_fields, planning_mutations
from hub.api.scalars import SCALARS, DateTime
from hub.api.search import search_fields
from hub.api.settings import setting_fields
from hub.api.shells import Shells, resolved_field
from hub.api.subscribe.events import subscription_fields
from hub.api.resting import resting_field, resuming_field
from hub.api.system_limits import system_limit_fields, system_standing_field
from hub.api.tasks import task_fields, task_mutations
from hub.api.upserts import upsert_fields
from hub.api.values import Row
from hub.api.webhooks import webhook_fields
from hub.api.where import where_fields
from schema import ENTITIES
from schema.language import EntityMeta


def attribute(source: Any, name: str) -> Any:
    """How a field without a resolver is read: from a row, a mapping or an object."""
    if isinstance(source, (Row, Provenance)):
        return source.get(name)
    if isinstance(source, Mapping):
        return source.get(name.removesuffix("_"))
    if isinstance(source, asyncpg.Record):
        return source[name]
    return getattr(source, name)


def golden_id(text: str) -> UUID | None:
    """A golden id as it was sent; what is none leads nowhere, like an id that does not exist."""
    try:
        return UUID(text)
    except ValueError:
        return None


def entity_fields(shells: Shells, meta: EntityMeta) -> dict[str, StrawberryField]:
    """``client(id, source)`` and ``clients(filter, orderBy, …)``."""
    words = meta.name.replace("_", " ")

    async def one(root: Any, info: Any, id: Any = None, source: Any = None, as_of: Any = None) -> Row | None:
        if (id is None) == (source is None):
            raise ApiError(Code.BAD_INPUT, "give either id or source", "id")
        context = await enter(info)
        wanted = (
            golden_id(id)
            if source is None
            else await context.golden_id(meta, source.system, source.object, source.external_id)
        )
        return await context.row(meta, wanted) if wanted else None

    async def many(
        root: Any, info: Any, filter: Any = None, order_by: Any = None, first: Any = None, after: Any = None,
        last: Any = None, before: Any = None, as_of: Any = None, **given: Any,
    ) -> Connection:  # fmt: skip
        return await read_list(await enter(info), meta, Arguments(filter, order_by, first, after, last, before, **given))

    return {
        camel(meta.name): resolved_field(
            camel(meta.name), shells.of(meta.type_name) | None, one,
            f"One {words}, by golden id (also of a record merged into it) or by a system's record.",
            id=strawberry.ID | None, source=SourceKey | None, as_of=DateTime | None,
        ),
        camel(meta.plural): resolved_field(
            camel(meta.plural), shells.of(f"{meta.type_name}Connection"), many,
            f"{meta.plural.replace('_', ' ').capitalize()}, filtered, ordered and paged.",
            extra=on_argument(meta), as_of=DateTime | None, **connection_arguments(shells, meta),
        ),
        f"{camel(meta.plural)}Aggregate": aggregate_field(shells, meta),
    }  # fmt: skip


def node_field() -> StrawberryField:
    async def node(root: Any, info: Any, id: str) -> Row | None:
        context = await enter(info)
        wanted = golden_id(id)
        meta = await context.entity_of(wanted) if wanted else None
        return await context.row(meta, wanted) if meta and wanted else None

    return resolved_field("node", Node | None, node, "Any golden record by its id.", id=strawberry.ID)  # Relay's compiler wants no other argument


@lru_cache(maxsize=1)
def build() -> strawberry.Schema:
    """The schema, built once. Nothing of it is garbage: looking for some meanwhile was a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return _build()
    finally:
        if was_enabled:
            gc.enable()


def _build() -> strawberry.Schema:
    shells = Shells()
    comparisons(shells)
    types = all_types(shells)
    fields: dict[str, StrawberryField] = {"node": node_field(), **federation.federation_fields(shells)}
    for meta in ENTITIES.values():
        fields |= entity_fields(shells, meta)
    for name, made in {**operation_fields(shells), **proposal_fields(), **task_fields(), **board_fields(), **search_fields(), **merging_queries(), **match_fields(), **plan_fields(), "would_write": would_write_field(), "system_standing": system_standing_field(), "resting_deliveries": resting_field(), **where_fields(), **check_fields(), **context_fields(), **monitor_fields(), **audit_fields(), **export_fields(shells)}.items():
        if made.graphql_name in {one.graphql_name for one in fields.values()}:
            raise ValueError(f"{made.graphql_name} names an entity and an operational list")
        fields[name] = made
    query = shells.output("Query", fields, "What can be read.")
    changes = {"ingest": ingest_field(), **upsert_fields(shells), **decision_fields(), **board_change_fields(), **proposal_mutations(), **merging_fields(), **task_mutations(), **hierarchy_mutations(), **match_mutations(), **planning_mutations(), **check_mutations(), **delivery_fields(), **system_limit_fields(), "resume_deliveries": resuming_field(), **webhook_fields(), **setting_fields()}
    mutation = shells.output("Mutation", changes, "What can be changed.")
    subscription = shells.output("Subscription", subscription_fields(shells), "What can be followed.")
    if unfilled := shells.unfilled():
        raise ValueError(f"types without fields: {sorted(unfilled)}")
    config = StrawberryConfig(
        auto_camel_case=True, scalar_map={**SCALARS, **federation.SCALARS}, default_resolver=attribute, disable_field_suggestions=True
    )
    schema = strawberry.Schema(query=query, mutation=mutation, subscription=subscription, types=types, config=config)
    descriptions.complete(schema._schema)
    return schema


def sdl() -> str:
    """The schema in GraphQL's own language, as published."""
    return build().as_str()
