"""One operation of one document: what of it is a canonical read, and its statements, one per shape of its variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode, OperationType
from graphql import DocumentNode

from hub.api.access import Role
from hub.api.as_of import root_instants, stated
from hub.api.compile.build import Build
from hub.api.compile.roots import roots, single_rows
from hub.api.compile.selection import Asked, Reader
from hub.api.compile.text import joined, or_null
from hub.api.compile.variables import Given, Variables, variable_types
from hub.api.past import AsOf
from hub.api.slots import Slot, filled
from hub.settings import DEFAULT_LIMITS


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement that answers an operation's canonical reads, a column each; no row at all is null.

    ``keys`` are the answer's keys in the order of the columns, ``order`` all keys in the order of the answer, ``rest`` what
    the other way must answer.
    """

    sql: str
    values: tuple[Any, ...]
    keys: tuple[str, ...]
    order: tuple[str, ...]
    rest: tuple[Asked, ...]
    checks: tuple[Slot, ...] = ()
    instants: tuple[tuple[str, bool, Any], ...] = ()
    """What :func:`hub.api.as_of.stated` takes, where the statement reads as of an instant."""

    def instant(self, given: Given) -> str | None:
        """The instant the statement reads at; raises what differing ones raise."""
        return stated([(key, takes, filled(value, given)) for key, takes, value in self.instants])

    def bound(self, given: Given) -> list[Any]:
        """The parameters for one request; raises what a value that does not fit its field raises."""
        for check in self.checks:
            check.read(given)
        return [value.read(given) if isinstance(value, Slot) else value for value in self.values]


def compile_operation(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    values: dict[str, Any],
    role: Role,
    scope: Sequence[str] = (),
    largest_page: int = DEFAULT_LIMITS.largest_page,
) -> Compiled | None:
    """The statement for an operation with variables of this shape; None when nothing of it is a canonical read.

    Raises :class:`hub.api.errors.ApiError` for what a caller did wrong and ``NotCompiledError`` for what is not written
    here: both are answered field by field.
    """
    query = schema.query_type
    if operation.operation is not OperationType.QUERY or query is None:
        return None
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    reader = Reader(schema, fragments, Variables(variable_types(schema, operation), values))
    asked = reader.collect(query, (operation.selection_set,))
    mine = [one for one in asked if one.name in roots()]
    if not any(one.name != "__typename" for one in mine):
        return None
    build = Build(reader, role, {name: Slot(_scope_of(name)) for name in scope}, largest_page)
    instants = root_instants(reader, query, asked)
    if told := [value for _, _, value in instants if value is not None]:
        build.writer.as_of = AsOf(Slot(lambda given: datetime.fromisoformat(filled(told[0], given))))
    return Compiled(
        build.writer.pruned(_statement(build, asked, mine)), tuple(build.writer.values), tuple(one.key for one in mine),
        tuple(one.key for one in asked), tuple(one for one in asked if one.name not in roots()),
        tuple(build.checks), tuple(instants) if told else (),
    )  # fmt: skip


def _statement(build: Build, asked: Sequence[Asked], mine: Sequence[Asked]) -> str:
    if len(asked) == 1 and (row := single_rows().get(asked[0].name)):
        return f"SELECT convert_to(r.o, 'UTF8') FROM ({row(build, asked[0])}) AS r"
    return "SELECT " + ", ".join(f"convert_to({column(build, one)}, 'UTF8')" for one in mine)


def column(build: Build, asked: Asked) -> str:
    """One root field as text that is never null."""
    value = roots()[asked.name](build, asked)
    return joined(or_null("", value.escaped, value.present))


def _scope_of(name: str) -> Any:
    return lambda given: list(given.principal.scope[name])
