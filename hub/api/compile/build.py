"""What writing one statement carries along: the reader of the document, who asks, and the parameters so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLObjectType

from hub.api.access import Role, masked_fields
from hub.api.compile.selection import Asked, Reader
from hub.api.plan import EVERYTHING, golden_shape
from hub.api.rows import Scope, rule
from hub.api.slots import Slot
from hub.api.statement import Tie, Writer, condition
from hub.settings import DEFAULT_LIMITS
from schema.language import EntityMeta


class NotCompiledError(Exception):
    """The document asks for something this package does not write; it is run field by field instead."""


@dataclass(slots=True)
class Build:
    """One statement being written."""

    reader: Reader
    role: Role
    scope: Scope = field(default_factory=dict)
    """Confining entity → the ids a key may see, as a slot."""
    largest_page: int = DEFAULT_LIMITS.largest_page
    writer: Writer = field(default_factory=Writer)
    checks: list[Slot] = field(default_factory=list)
    """Values that must be fit although the statement does without them."""

    def type(self, name: str) -> GraphQLObjectType:
        found = self.reader.schema.get_type(name)
        assert isinstance(found, GraphQLObjectType), name
        return found

    def fields(self, type_name: str, asked: Asked) -> list[Asked]:
        """What ``asked`` selects of a type."""
        return self.reader.fields(self.type(type_name), asked)

    def arguments(self, type_name: str, asked: Asked) -> dict[str, Any]:
        """The arguments of a field of a type, by GraphQL name."""
        return self.reader.arguments(self.type(type_name).fields[asked.name], asked)

    def masked(self, meta: EntityMeta) -> frozenset[str]:
        return masked_fields(meta, self.role)

    def rows(self, meta: EntityMeta, alias: str, tie: Tie | None = None) -> tuple[str, list[str]]:
        """What stands behind FROM for an entity's golden records, and which of them the key may see."""
        shape, seen = golden_shape(meta), rule(meta, self.scope)
        return self.writer.relation(shape, alias, tie=tie), [] if seen == EVERYTHING else [condition(self.writer, shape, alias, seen)]
