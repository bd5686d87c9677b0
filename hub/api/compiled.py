"""Answering from compiled statements: which operation, which of its statements, its values, its bytes.

An operation is looked up by its text; its statement by who asks (role and kind of confinement) and by the shape of its
variables. Whatever cannot be answered here, errors above all, is answered field by field by Strawberry instead, so that
there is one place that words them.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, value_from_ast

from hub.api.access import Principal, Role
from hub.api.as_of import settle
from hub.api.compile.build import NotCompiledError
from hub.api.compile.document import Compiled, compile_operation
from hub.api.compile.selection import Asked
from hub.api.compile.variables import Given, UnfitError, coerced, is_filling, variable_types, variant
from hub.api.context import Services
from hub.api.errors import ApiError, Code
from hub.api.limits import measure
from hub.telemetry import COMPILE_SECONDS, COMPILED_READS

REMEMBERED_OPERATIONS = 2_000
REMEMBERED_VARIANTS = 64

_UNWRITTEN = object()
_HIT, _MISS, _OTHER = (COMPILED_READS.labels(result) for result in ("hit", "miss", "other"))

Rest = Callable[[Sequence[Asked]], Awaitable[Mapping[str, bytes] | None]]
"""Answers fields field by field: JSON by key, or None when something went wrong."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled operation ready to be sent: its pieces of the answer around the columns, and its cost."""

    compiled: Compiled
    around: tuple[bytes, ...]
    end: bytes
    cost: int


@dataclass(slots=True)
class Operation:
    """One operation of a document and the statements written for it so far (:class:`Statement`; None: not answered here)."""

    document: DocumentNode
    node: OperationDefinitionNode
    types: Mapping[str, Any]
    statements: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)


class CompiledReads:
    """The compiled operations of one schema."""

    def __init__(self, schema: GraphQLSchema, services: Services) -> None:
        self._schema, self._services = schema, services
        self._operations: OrderedDict[tuple[str, str | None], Operation] = OrderedDict()

    def find(self, text: str, name: str | None) -> Operation | None:
        """The operation, when it was learnt; what is asked stays, what nobody asks is forgotten first."""
        key = (text, name)
        if (found := self._operations.get(key)) is not None:
            self._operations.move_to_end(key)
        return found

    def learn(self, text: str, name: str | None, document: DocumentNode, node: OperationDefinitionNode) -> Operation:
        """Remember a valid query."""
        found = self._operations[text, name] = Operation(document, node, variable_types(self._schema, node))
        while len(self._operations) > REMEMBERED_OPERATIONS:
            self._operations.popitem(last=False)
        return found

    def warm(self, operation: Operation) -> None:
        """Write the statements an operation needs when all its variables are given, for every role.

        Variables that shape statements (page sizes, filters) have shapes nobody knows before; those without default are
        left to the first request.
        """
        values: dict[str, Any] = {}
        for one in operation.node.variable_definitions or ():
            name = one.variable.name.value
            if one.default_value is not None:
                values[name] = value_from_ast(one.default_value, operation.types[name])
            elif is_filling(operation.types[name]):
                values[name] = ""
            else:
                return
        for role in Role:
            key = (role, (), variant(operation.types, values))
            operation.statements[key] = self.write(operation, role, values)

    async def answer(self, operation: Operation, principal: Principal, variables: Mapping[str, Any], rest: Rest) -> tuple[bytes, int] | None:
        """The body of the answer and its cost; None when it must be answered the other way."""
        try:
            values = coerced(operation.node, operation.types, variables)
            statement = self._statement(operation, principal, values)
            if statement is None:
                _OTHER.inc()
                return None
            given = Given(values, principal, self._services.secret)
            parameters = statement.compiled.bound(given)
            if statement.compiled.instants and not await self._may_read_as_of(statement.compiled, given):
                _OTHER.inc()
                return None
        except (UnfitError, ApiError, UnicodeEncodeError):
            _OTHER.inc()
            return None
        try:
            row = await self._services.api_pool.fetchrow(principal.tenant_id, statement.compiled.sql, parameters)
        except asyncpg.DataError:
            return None
        body = _joined(statement, row) if not statement.compiled.rest else await _mixed(statement, row, rest)
        if body is not None and len(body) > (largest := self._services.settings.largest_answer_bytes):
            raise too_large(largest)
        return None if body is None else (body, statement.cost)

    async def _may_read_as_of(self, compiled: Compiled, given: Given) -> bool:
        """Whether the instant is settled and all former values are known; raises what :func:`settle` raises."""
        instant = compiled.instant(given)
        return instant is not None and (await settle(self._services, given.principal.tenant_id, instant)).knows_former

    def write(self, operation: Operation, role: Role, values: Mapping[str, Any], scope: Sequence[str] = ()) -> Statement | None:
        """A statement for an operation asked by a role, with variables of the shape of ``values``."""
        started = time.perf_counter()
        limits = self._services.settings.limits
        cost = measure(self._schema, operation.document, operation.node, values, limits).cost
        try:
            compiled = compile_operation(
                self._schema, operation.document, operation.node, dict(values), role, scope, limits.largest_page
            )
        except NotCompiledError:
            compiled = None
        COMPILE_SECONDS.observe(time.perf_counter() - started)
        if compiled is None:
            return None
        around = tuple(b'%s"%s":' % (b"," if at else b'{"data":{', key.encode()) for at, key in enumerate(compiled.keys))
        return Statement(compiled, around, b'},"extensions":{"cost":%d}}' % cost, cost)

    def _statement(self, operation: Operation, principal: Principal, values: Mapping[str, Any]) -> Statement | None:
        scope = tuple(principal.scope)
        key = (principal.role, scope, variant(operation.types, values))
        found = operation.statements.get(key, _UNWRITTEN)
        if found is not _UNWRITTEN:
            _HIT.inc()
            operation.statements.move_to_end(key)
            return found  # type: ignore[no-any-return]
        _MISS.inc()
        written = self.write(operation, principal.role, values, scope)
        operation.statements[key] = written
        while len(operation.statements) > REMEMBERED_VARIANTS:
            operation.statements.popitem(last=False)
        return written


def too_large(largest_bytes: int) -> ApiError:
    message = f"the answer would be larger than {largest_bytes} bytes"
    return ApiError(Code.TOO_LARGE, message, remedy="Ask for smaller pages.")


def _joined(statement: Statement, row: asyncpg.Record | None) -> bytes:
    """The columns between their keys, untouched."""
    if row is None:
        return b"".join((statement.around[0], b"null", statement.end))
    if len(row) == 1:
        return b"".join((statement.around[0], row[0], statement.end))
    pieces: list[bytes] = []
    for around, column in zip(statement.around, row, strict=True):
        pieces += (around, column)
    return b"".join((*pieces, statement.end))


async def _mixed(statement: Statement, row: asyncpg.Record, rest: Rest) -> bytes | None:
    """Columns and what the other way answers, in the order they were asked."""
    others = await rest(statement.compiled.rest)
    if others is None:
        return None
    found = {**dict(zip(statement.compiled.keys, row, strict=True)), **others}
    members = b",".join(b'"%s":%s' % (key.encode(), found[key]) for key in statement.compiled.order)
    return b'{"data":{' + members + statement.end
