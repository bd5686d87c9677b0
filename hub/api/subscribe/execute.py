"""Opening a subscription, and executing its operation once for one event of a whole group."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from inspect import isawaitable
from typing import Any
from uuid import UUID

import orjson
from graphql import DocumentNode, ExecutionResult, FieldNode, GraphQLSchema, OperationDefinitionNode, OperationType, VariableNode, execute

from hub.api.access import Principal, Rate
from hub.api.context import Context, Services
from hub.api.limits import measure, operation_of
from hub.api.run import MOST_ERRORS, Asked, Runner, error_out
from hub.api.subscribe.events import OpenedError, Opening
from hub.api.subscribe.feeds import AWAY
from hub.api.subscribe.metrics import EXECUTIONS

TIMEOUT_S = 25
TRIES = 20
_NOBODY = UUID(int=0)
_PERSONAL = ("after", "snapshot", "progress")
"""Arguments that say where a subscriber begins or how it is told, so that they part no groups."""


class InvalidError(Exception):
    """A document that cannot be run; ``errors`` are as they are sent."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("the document cannot be run")
        self.errors = errors


@dataclass(frozen=True)
class Operation:
    """What a group has in common. ``key`` covers document, variables, tenant and rights, and nothing personal."""

    key: bytes
    document: DocumentNode
    name: str | None
    variables: dict[str, Any]
    principal: Principal


@dataclass(frozen=True)
class Opened:
    """A subscription that may be made: the field at its root and its arguments, as they were given."""

    operation: Operation
    field: str
    arguments: dict[str, Any]


class Executor:
    """Runs subscriptions' operations against one schema."""

    def __init__(self, schema: GraphQLSchema, runner: Runner, services: Services) -> None:
        self._schema, self._runner, self._services = schema, runner, services

    def is_subscription(self, asked: Asked) -> bool:
        """Whether the operation asked for is one; raises GraphQLError or :class:`ApiError` for what names none."""
        document = self._runner.check(asked.query).document
        return operation_of(document, asked.operation_name).operation is OperationType.SUBSCRIPTION

    async def open(self, principal: Principal, asked: Asked, correlation_id: str) -> Opened:
        """Check a document and take down its arguments. Raises :class:`InvalidError`, :class:`ApiError` or GraphQLError."""
        checked = self._runner.check(asked.query)
        found = operation_of(checked.document, asked.operation_name)
        measure(self._schema, checked.document, found, asked.variables, self._services.settings.limits)
        if checked.errors:
            raise InvalidError([error_out(each, correlation_id) for each in checked.errors])
        operation = Operation(
            group_key(principal, asked, found), checked.document, asked.operation_name, asked.variables, principal
        )
        opening = Opening()
        result = await self._execute(operation, opening, self.context(operation))
        errors = [one for one in result.errors or () if not isinstance(one.original_error, OpenedError)]
        if errors or not opening.field:
            raise InvalidError([error_out(each, correlation_id) for each in errors[:MOST_ERRORS]])
        return Opened(operation, opening.field, opening.arguments)

    def context(self, operation: Operation) -> Context:
        """What executions of one batch share, loaders among it."""
        return Context(self._services, operation.principal, str(self._services.new_id()), operation.variables)

    async def execute_all(self, operation: Operation, roots: Sequence[object]) -> list[bytes]:
        """Several events at once: what they read is gathered into common statements."""
        context = self.context(operation)
        return list(await asyncio.gather(*(self.execute_once(operation, root, context) for root in roots)))

    async def execute_once(self, operation: Operation, root: object, context: Context | None = None) -> bytes:
        """The answer to one event, for everybody in the group, as JSON. Waits a while for a database that is away."""
        EXECUTIONS.inc()
        for _ in range(TRIES):
            context = context or self.context(operation)
            result = await self._execute(operation, root, context)
            if not any(isinstance(one.original_error, AWAY) for one in result.errors or ()):
                break
            context = None
            await asyncio.sleep(0.5)
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            told_id = context.correlation_id if context else ""
            answer["errors"] = [error_out(each, told_id) for each in result.errors[:MOST_ERRORS]]
        return orjson.dumps(answer, default=str)

    async def _execute(self, operation: Operation, root: object, context: Context) -> ExecutionResult:
        result = execute(
            self._schema, operation.document, root_value=root, context_value=context,
            variable_values=operation.variables, operation_name=operation.name, hide_suggestions=True,
        )  # fmt: skip
        if isawaitable(result):
            async with asyncio.timeout(TIMEOUT_S):
                done: ExecutionResult = await result
                return done
        return result


def group_key(principal: Principal, asked: Asked, operation: OperationDefinitionNode) -> bytes:
    """What two subscribers must have in common to be told the same: document, variables, tenant and rights."""
    personal = _personal_variables(asked.query, operation)
    variables = {name: value for name, value in asked.variables.items() if name not in personal}
    rights = repr((replace(principal, key_id=_NOBODY, name="", rate=Rate(), scope={}), sorted(principal.scope.items())))
    said = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS, default=repr)
    return sha256(b"\0".join((asked.query.encode(), repr(asked.operation_name).encode(), said, rights.encode()))).digest()


def _personal_variables(text: str, operation: OperationDefinitionNode) -> set[str]:
    """Variables that occur nowhere but in a personal argument of the root field."""
    found = set()
    for root in operation.selection_set.selections:
        for argument in (root.arguments or ()) if isinstance(root, FieldNode) else ():
            if argument.name.value in _PERSONAL and isinstance(argument.value, VariableNode):
                found.add(argument.value.name.value)
    return {name for name in found if len(re.findall(rf"\${name}\b", text)) == 2}

