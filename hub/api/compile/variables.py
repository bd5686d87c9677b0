"""Variables of an operation, parted into what shapes the statement and what only fills it.

What shapes it (booleans, enums, page sizes, which members an input object has) names the statement among those of its
document; everything else becomes a :class:`hub.api.slots.Slot`, and one statement serves all its values.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from dataclasses import field as make
from enum import Enum
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    type_from_ast,
    value_from_ast,
)  # fmt: skip

from hub.api.access import Principal
from hub.api.slots import Slot


class _Absent(Enum):
    ABSENT = "absent"


ABSENT = _Absent.ABSENT
"""Of a variable or argument that was not given."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a request brings to a compiled statement."""

    variables: Mapping[str, Any]
    principal: Principal
    secret: bytes
    made: dict[object, Any] = make(default_factory=dict)
    """What several slots need and one of them has made."""


@dataclass(frozen=True, slots=True)
class Variables:
    """The coerced variables of the request a statement is written for; only their shapes may be looked at."""

    types: Mapping[str, GraphQLInputType]
    values: Mapping[str, Any]

    def known(self, name: str) -> Any:
        """The value itself; for conditions of directives."""
        return self.values.get(name)

    def value(self, name: str) -> Any:
        """What stands for a variable: its value where that shapes the statement, slots elsewhere."""
        if name not in self.values:
            return ABSENT
        return _slotted(self.values[name], self.types[name], lambda given: given.variables[name])

    def slots(self) -> dict[str, Any]:
        """Slots of all variables, for literals of scalars that may hold variables (JSON)."""
        return {name: self.value(name) for name in self.types if name in self.values}


def variable_types(schema: GraphQLSchema, operation: OperationDefinitionNode) -> dict[str, GraphQLInputType]:
    """Types of an operation's variables."""
    return {
        one.variable.name.value: type_from_ast(schema, one.type)  # type: ignore[misc]
        for one in operation.variable_definitions or ()
    }


def variant(types: Mapping[str, GraphQLInputType], values: Mapping[str, Any]) -> tuple[Hashable, ...]:
    """What of the variables shapes a statement; equal ones share it."""
    return tuple(_shape(values[name], kind) if name in values else ABSENT for name, kind in types.items())


def _shape(value: Any, kind: GraphQLInputType) -> Hashable:
    if value is None:
        return None
    if isinstance(kind, GraphQLNonNull):
        return _shape(value, kind.of_type)
    if isinstance(kind, GraphQLList):
        return True if is_filling(kind.of_type) else tuple(_shape(each, kind.of_type) for each in value)
    if isinstance(kind, GraphQLInputObjectType):
        return tuple((name, _shape(each, kind.fields[name].type)) for name, each in value.items())
    return True if is_filling(kind) else (type(value), value)


def _slotted(value: Any, kind: GraphQLInputType, read: Callable[[Given], Any]) -> Any:
    if value is None:
        return None
    if isinstance(kind, GraphQLNonNull):
        return _slotted(value, kind.of_type, read)
    if isinstance(kind, GraphQLList):
        if is_filling(kind.of_type):
            return Slot(read)
        return [_slotted(each, kind.of_type, _item(read, at)) for at, each in enumerate(value)]
    if isinstance(kind, GraphQLInputObjectType):
        return {name: _slotted(each, kind.fields[name].type, _item(read, name)) for name, each in value.items()}
    return Slot(read) if is_filling(kind) else value


def _item(read: Callable[[Given], Any], name: Any) -> Callable[[Given], Any]:
    return lambda given: read(given)[name]


def is_filling(kind: GraphQLInputType) -> bool:
    """Whether values of a type fill a statement and never shape it. Whole numbers may be page sizes, so they do."""
    named = _named(kind)
    return isinstance(named, GraphQLScalarType) and named is not GraphQLBoolean and named is not GraphQLInt


def _named(kind: GraphQLInputType) -> Any:
    while isinstance(kind, (GraphQLNonNull, GraphQLList)):
        kind = kind.of_type
    return kind


class UnfitError(Exception):
    """A variable is not of its type; the other way says what is wrong with it."""


def coerced(operation: OperationDefinitionNode, types: Mapping[str, GraphQLInputType], given: Mapping[str, Any]) -> dict[str, Any]:
    """Variables as GraphQL means them: checked, defaults filled in. Raises :class:`UnfitError`."""
    found: dict[str, Any] = {}
    for one in operation.variable_definitions or ():
        name = one.variable.name.value
        kind = types[name]
        if name in given:
            found[name] = _coerced(given[name], kind)
        elif one.default_value is not None:
            found[name] = value_from_ast(one.default_value, kind)
        elif isinstance(kind, GraphQLNonNull):
            raise UnfitError(name)
    return found


def _coerced(value: Any, kind: GraphQLInputType) -> Any:
    if isinstance(kind, GraphQLNonNull):
        if value is None:
            raise UnfitError
        kind = kind.of_type
    if value is None:
        return None
    if isinstance(kind, GraphQLList):
        return [_coerced(each, kind.of_type) for each in (value if isinstance(value, list) else [value])]
    if isinstance(kind, GraphQLInputObjectType):
        return _coerced_object(value, kind)
    try:
        return kind.parse_value(value)
    except (GraphQLError, ValueError, TypeError, ArithmeticError) as error:
        raise UnfitError from error


def _coerced_object(value: Any, kind: GraphQLInputObjectType) -> dict[str, Any]:
    if not isinstance(value, dict) or not value.keys() <= kind.fields.keys():
        raise UnfitError
    found: dict[str, Any] = {}
    for name, field in kind.fields.items():
        if name in value:
            found[name] = _coerced(value[name], field.type)
        elif field.default_value is not Undefined:
            found[name] = field.default_value
        elif isinstance(field.type, GraphQLNonNull):
            raise UnfitError
    return found
