"""What a selection asks for: fields in the order of the answer, fragments and conditions resolved, arguments read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
)  # fmt: skip

from hub.api.compile.variables import ABSENT, Variables


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of an answer: its key there, its name in the schema, and every place that asks for it."""

    key: str
    name: str
    nodes: tuple[FieldNode, ...]

    @property
    def selections(self) -> Iterator[SelectionSetNode]:
        return (node.selection_set for node in self.nodes if node.selection_set is not None)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads selections and arguments of one operation with one set of variables."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Variables

    def fields(self, parent: GraphQLObjectType, asked: Asked) -> list[Asked]:
        """The fields a field's selections ask of an object type."""
        return self.collect(parent, tuple(asked.selections))

    def collect(self, parent: GraphQLObjectType, selections: Sequence[SelectionSetNode]) -> list[Asked]:
        found: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        for selection in selections:
            self._collect(parent, selection, found, spread)
        return [Asked(key, nodes[0].name.value, tuple(nodes)) for key, nodes in found.items()]

    def _collect(
        self, parent: GraphQLObjectType, selection: SelectionSetNode, found: dict[str, list[FieldNode]], spread: set[str]
    ) -> None:
        for one in selection.selections:
            if not self._is_included(one.directives or ()):
                continue
            if isinstance(one, FieldNode):
                key = one.alias.value if one.alias else one.name.value
                found.setdefault(key, []).append(one)
            elif isinstance(one, InlineFragmentNode):
                if one.type_condition is None or self._fits(parent, one.type_condition.name.value):
                    self._collect(parent, one.selection_set, found, spread)
            elif isinstance(one, FragmentSpreadNode) and one.name.value not in spread:
                spread.add(one.name.value)
                fragment = self.fragments[one.name.value]
                if self._fits(parent, fragment.type_condition.name.value):
                    self._collect(parent, fragment.selection_set, found, spread)

    def _fits(self, parent: GraphQLObjectType, condition: str) -> bool:
        if condition == parent.name:
            return True
        kind = self.schema.get_type(condition)
        return isinstance(kind, GraphQLInterfaceType) and self.schema.is_sub_type(kind, parent)

    def _is_included(self, directives: Sequence[DirectiveNode]) -> bool:
        for directive in directives:
            name = directive.name.value
            if name in ("skip", "include"):
                is_true = self._condition(directive)
                if is_true is (name == "skip"):
                    return False
        return True

    def _condition(self, directive: DirectiveNode) -> bool:
        value = next(each.value for each in directive.arguments or () if each.name.value == "if")
        if isinstance(value, VariableNode):
            return bool(self.variables.known(value.name.value))
        return bool(value.value)  # type: ignore[attr-defined]

    def arguments(self, definition: GraphQLField, asked: Asked) -> dict[str, Any]:
        """Arguments by GraphQL name, as Strawberry would hand them on; values of variables are slots.

        Arguments that were not given and have no default are left out.
        """
        given = {each.name.value: each.value for each in asked.nodes[0].arguments or ()}
        found: dict[str, Any] = {}
        for name, argument in definition.args.items():
            value = self.value(given[name], argument.type) if name in given else ABSENT
            if value is ABSENT and argument.default_value is not Undefined:
                value = argument.default_value
            if value is not ABSENT:
                found[name] = value
        return found

    def value(self, node: ValueNode, kind: GraphQLInputType) -> Any:
        """A value written in the document."""
        if isinstance(node, VariableNode):
            return self.variables.value(node.name.value)
        if isinstance(node, NullValueNode):
            return None
        if isinstance(kind, GraphQLNonNull):
            return self.value(node, kind.of_type)
        if isinstance(kind, GraphQLList):
            nodes = node.values if isinstance(node, ListValueNode) else (node,)
            return [self.value(each, kind.of_type) for each in nodes]
        if isinstance(kind, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
            read = ((each.name.value, self.value(each.value, kind.fields[each.name.value].type)) for each in node.fields)
            return {name: value for name, value in read if value is not ABSENT}
        if isinstance(kind, (GraphQLScalarType, GraphQLEnumType)):
            return kind.parse_literal(node, self.variables.slots())
        raise TypeError(f"no value of {kind}")
