"""Running one GraphQL request that has been read and whose sender is known: checked once, measured, then answered.

A document is parsed and validated once per text, for everybody. Documents and variables are never logged.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from inspect import isawaitable
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    MaxIntrospectionDepthRule,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    execute,
    specified_rules,
    validate,
)  # fmt: skip
from strawberry import Schema

from hub import telemetry
from hub.api.access import Principal, may_read_schema
from hub.api.compile.selection import Asked as Field
from hub.api.compiled import CompiledReads, Operation, too_large
from hub.api.context import Context, Services
from hub.api.errors import ApiError, Code, Problem, problem_of
from hub.api.evolution import deprecated_uses, has_deprecated
from hub.api.limits import asks_for_schema, is_introspection, measure, operation_of, read_document

log = telemetry.logger("api")

MOST_ERRORS = 5
REMEMBERED_DOCUMENTS = 500
RULES = (*specified_rules, MaxIntrospectionDepthRule)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as GraphQL over HTTP means it."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None


@dataclass(frozen=True, slots=True)
class Checked:
    """A document and what validation said of it; the same for everybody."""

    document: DocumentNode
    errors: tuple[GraphQLError, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A body, and its status for clients that speak ``application/graphql-response+json``."""

    body: bytes
    status: int = 200
    cost: int = 0


class Runner:
    """Answers requests against one schema."""

    def __init__(self, schema: Schema, services: Services, *, compiles: bool = True) -> None:
        """``compiles=False`` answers everything field by field; the answers are the same."""
        self._schema, self._services, self._compiles = schema._schema, services, compiles
        self._reads = CompiledReads(self._schema, services)
        self._checked: OrderedDict[bytes, Checked] = OrderedDict()
        self._introspected: OrderedDict[bytes, bytes] = OrderedDict()
        self._has_deprecated = has_deprecated(self._schema)
        self._deprecated: OrderedDict[bytes, tuple[str, ...]] = OrderedDict()

    async def run(self, principal: Principal, asked: Asked, correlation_id: str, *, only_queries: bool = False) -> Answer:
        """The answer; raises :class:`ApiError` for what must not run at all."""
        is_noted = self._note_deprecated(principal, asked.query)
        known = self._reads.find(asked.query, asked.operation_name)
        if known and (answer := await self._read(known, principal, asked, correlation_id)) is not None:
            return answer
        try:
            checked = self.check(asked.query)
        except GraphQLError as error:
            return failed([error], correlation_id)
        if not is_noted:
            self._note_deprecated(principal, asked.query)
        if asks_for_schema(checked.document) and not may_read_schema(self._services.settings.introspection, principal.role):
            raise ApiError(Code.FORBIDDEN, "this key may not read the schema")
        operation = operation_of(checked.document, asked.operation_name)
        measured = measure(self._schema, checked.document, operation, asked.variables, self._services.settings.limits)
        if checked.errors:
            return failed(checked.errors, correlation_id)
        if operation.operation is not OperationType.QUERY and only_queries:
            raise ApiError(Code.BAD_REQUEST, "mutations are sent by POST", "query")
        if known is None:
            learned = self._learn(asked, checked, operation)
            if learned and (answer := await self._read(learned, principal, asked, correlation_id)) is not None:
                return answer
        return await self._resolved(principal, checked, operation, asked, correlation_id, measured.cost)

    async def _resolved(
        self, principal: Principal, checked: Checked, operation: OperationDefinitionNode, asked: Asked, correlation_id: str, cost: int
    ) -> Answer:  # fmt: skip
        """The answer field by field; what the schema says of itself is remembered."""
        is_schema = is_introspection(operation)
        name = sha256(repr((asked.query, asked.operation_name, asked.variables)).encode()).digest() if is_schema else b""
        if name in self._introspected:
            return Answer(self._introspected[name], cost=cost)
        result = await self.resolve(principal, checked.document, asked, correlation_id)
        answer = answered(result, correlation_id, cost, self._services.settings.largest_answer_bytes)
        if is_schema and not result.errors:
            remember(self._introspected, name, answer.body, 20)
        return answer

    async def resolve(self, principal: Principal, document: DocumentNode, asked: Asked, correlation_id: str) -> ExecutionResult:
        """Run a checked document field by field."""
        context = Context(self._services, principal, correlation_id, asked.variables)
        result = execute(
            self._schema, document, context_value=context, variable_values=asked.variables,
            operation_name=asked.operation_name, hide_suggestions=True,
        )  # fmt: skip
        done: ExecutionResult = await result if isawaitable(result) else result
        return done

    def warm(self, text: str) -> None:
        """Write the statements of a document before anybody asks; raises what a document that cannot be run raises."""
        checked = self.check(text)
        if checked.errors:
            raise checked.errors[0]
        for definition in checked.document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                name = definition.name.value if definition.name else None
                for known_as in {name, None} if len(checked.document.definitions) == 1 else {name}:
                    learned = self._learn(Asked(text, {}, known_as), checked, definition)
                    if learned:
                        self._reads.warm(learned)

    def _learn(self, asked: Asked, checked: Checked, operation: OperationDefinitionNode) -> Operation | None:
        mine = self._compiles and operation.operation is OperationType.QUERY and not asks_for_schema(checked.document)
        return self._reads.learn(asked.query, asked.operation_name, checked.document, operation) if mine else None

    async def _read(self, operation: Operation, principal: Principal, asked: Asked, correlation_id: str) -> Answer | None:
        """The answer of a compiled statement, or None."""

        async def rest(fields: Sequence[Field]) -> dict[str, bytes] | None:
            document = only(operation.document, operation.node, fields)
            done = await self.resolve(principal, document, asked, correlation_id)
            if done.errors or done.data is None:
                return None
            return {key: orjson.dumps(value, default=str) for key, value in done.data.items()}

        found = await self._reads.answer(operation, principal, asked.variables, rest)
        return None if found is None else Answer(found[0], cost=found[1])

    def check(self, text: str) -> Checked:
        """Parse and validate, once per document text; raises GraphQLError for what cannot be parsed."""
        name = sha256(text.encode()).digest()
        if (known := self._checked.get(name)) is not None:
            self._checked.move_to_end(name)
            return known
        document = read_document(text)
        for definition in document.definitions:
            if getattr(definition, "operation", None) is not None:
                measure(self._schema, document, definition, {}, self._services.settings.limits)  # type: ignore[arg-type]
        errors = validate(self._schema, document, RULES, max_errors=MOST_ERRORS, hide_suggestions=True)
        checked = Checked(document, tuple(errors[:MOST_ERRORS]))
        remember(self._checked, name, checked, REMEMBERED_DOCUMENTS)
        if self._has_deprecated and (uses := deprecated_uses(self._schema, document)):
            remember(self._deprecated, name, uses, REMEMBERED_DOCUMENTS)
        return checked

    def _note_deprecated(self, principal: Principal, text: str) -> bool:
        """Count who still uses what is to go; False for a document that uses nothing of it, or was not looked through yet."""
        uses = self._deprecated.get(sha256(text.encode()).digest(), ()) if self._deprecated else ()
        for use in uses:
            telemetry.DEPRECATED_USES.labels(use, principal.tenant, principal.name).inc()
        return bool(uses)


def only(document: DocumentNode, operation: OperationDefinitionNode, fields: Sequence[Field]) -> DocumentNode:
    """The document with these root fields and no others."""
    selections = tuple(node for field in fields for node in field.nodes)
    smaller = OperationDefinitionNode(
        operation=operation.operation, name=operation.name, variable_definitions=operation.variable_definitions,
        directives=operation.directives, selection_set=SelectionSetNode(selections=selections),
    )  # fmt: skip
    return DocumentNode(definitions=tuple(smaller if one is operation else one for one in document.definitions))


def failed(errors: Any, correlation_id: str) -> Answer:
    """A document that was not run."""
    return Answer(orjson.dumps({"errors": [error_out(each, correlation_id) for each in errors]}), 400)


def answered(result: ExecutionResult, correlation_id: str, cost: int, largest_bytes: int) -> Answer:
    """A result as it is sent; raises ``TOO_LARGE``."""
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [error_out(each, correlation_id) for each in result.errors[:MOST_ERRORS]]
    answer["extensions"] = {"cost": cost}
    body = orjson.dumps(answer, default=str)
    if len(body) > largest_bytes:
        raise too_large(largest_bytes)
    return Answer(body, 400 if result.data is None and result.errors else 200, cost)


def error_out(error: GraphQLError, correlation_id: str) -> dict[str, Any]:
    """One entry of ``errors``. What the caller did wrong is said; what we did wrong is masked."""
    original = error.original_error
    problem = problem_of(original) if original is not None else None
    if problem is None and (original is None or error.path is None):
        problem = Problem(Code.BAD_INPUT, error.message)
    if problem is None:
        log.error("resolver failed", correlation_id=correlation_id, exc_info=original)
        problem = Problem(Code.INTERNAL, "something went wrong here; the correlation id finds it in our log")
    found: dict[str, Any] = {"message": problem.message, "extensions": problem.extensions(correlation_id)}
    if error.locations:
        found["locations"] = [{"line": each.line, "column": each.column} for each in error.locations]
    if error.path:
        found["path"] = error.path
    return found


def remember(known: OrderedDict[bytes, Any], name: bytes, value: Any, most: int) -> None:
    """Keep the newest ``most`` entries."""
    known[name] = value
    while len(known) > most:
        known.popitem(last=False)
