"""What an export is asked for, read strictly: the same typed filter as GraphQL's, columns by their names in the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from graphql import GraphQLError, GraphQLSchema
from graphql.utilities import coerce_input_value, validate_input_value

from hub.api.access import Principal
from hub.api.errors import ApiError, Code
from hub.api.export.columns import Column, chosen
from hub.api.lists import Arguments, golden_plan
from hub.api.names import camel
from hub.api.plan import Plan
from schema import ENTITIES
from schema.language import EntityMeta


class Format(StrEnum):
    """How rows are written."""

    NDJSON = "ndjson"
    CSV = "csv"
    ARROW = "arrow"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Asked:
    """One export. ``filter`` has passed the schema; ``after`` is the id of the last row somebody already has."""

    meta: EntityMeta
    filter: Mapping[str, Any] | None = None
    columns: tuple[str, ...] | None = None
    format: Format = Format.NDJSON
    after: UUID | None = None
    with_end: bool = False
    """Whether the last line of NDJSON shall say that it is the last."""

    def plan(self, principal: Principal) -> Plan:
        """The rows a principal gets; raises ``FORBIDDEN_FIELD`` and what else a filter can be refused for."""
        return golden_plan(self.meta, Arguments(filter=self.filter), principal.role, principal.scope)

    def chosen(self, principal: Principal) -> tuple[Column, ...]:
        return chosen(self.meta, principal.role, self.columns)


BODY = frozenset({"filter", "columns", "format", "after", "end"})


@lru_cache(maxsize=1)
def by_plural() -> Mapping[str, EntityMeta]:
    """Entities by what a list of them is called: ``timeEntries``, also ``time_entries``."""
    return {name: meta for meta in ENTITIES.values() for name in (camel(meta.plural), meta.plural)}


def entity_of(plural: str) -> EntityMeta:
    """Raises ``UNKNOWN_ENTITY``."""
    if (meta := by_plural().get(plural)) is None:
        raise ApiError(Code.UNKNOWN_ENTITY, f"there are no {plural[:60]!r}", remedy="Name them as GraphQL does: clients, timeEntries …")
    return meta


def read(schema: GraphQLSchema, plural: str, given: Mapping[str, Any]) -> Asked:
    """A request's body; raises :class:`ApiError` for what it must not say."""
    meta = entity_of(plural)
    if unknown := sorted(given.keys() - BODY):
        raise ApiError(Code.BAD_REQUEST, f"an export has no {unknown[0][:60]!r}", remedy=f"It has {', '.join(sorted(BODY))}.")
    names = given.get("columns")
    if names is not None and not (isinstance(names, list) and all(isinstance(one, str) for one in names)):
        raise ApiError(Code.BAD_INPUT, "columns must be a list of names", "columns")
    return Asked(
        meta, typed_filter(schema, meta, given.get("filter")), None if names is None else tuple(names),
        format_of(given.get("format")), after_of(given.get("after")), given.get("end") is True,
    )  # fmt: skip


def typed_filter(schema: GraphQLSchema, meta: EntityMeta, given: Any) -> Mapping[str, Any] | None:
    """A filter as the schema's input type takes it; raises ``BAD_INPUT`` with the path of what it does not take."""
    if given is None:
        return None
    wanted: Any = schema.get_type(f"{meta.type_name}Filter")
    wrong: list[tuple[str, str]] = []

    def note(error: GraphQLError, path: list[str | int]) -> None:
        wrong.append((".".join(["filter", *map(str, path)]), error.message))

    validate_input_value(given, wanted, note, hide_suggestions=True)
    if wrong:
        raise ApiError(Code.BAD_INPUT, wrong[0][1], wrong[0][0], f"{meta.type_name}Filter in the schema says what it takes.")
    found: Mapping[str, Any] = coerce_input_value(given, wanted)
    return found


def format_of(given: Any) -> Format:
    """Raises ``BAD_INPUT`` for a format we do not write."""
    try:
        return Format.NDJSON if given is None else Format(str(given).lower())
    except ValueError as error:
        raise ApiError(Code.BAD_INPUT, f"no export is written as {str(given)[:40]!r}", "format", f"Formats are {', '.join(Format)}.") from error


def after_of(given: Any) -> UUID | None:
    """Raises ``BAD_CURSOR`` for what is no id."""
    try:
        return UUID(given) if given else None
    except (ValueError, AttributeError, TypeError) as error:
        raise ApiError(Code.BAD_CURSOR, "after is the id of the last row you have", "after", "Leave it out to start from the first row.") from error
