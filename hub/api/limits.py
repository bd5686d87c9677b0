"""How much one document may ask for, decided before anything is validated or read.

Every fragment is measured once and remembered, so a document that doubles fragments costs as little to refuse as any
other. Cost is the number of values an answer could hold: the product of the page sizes on the way to each field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    parse,
)  # fmt: skip

from hub.api.aggregates import DEFAULT_GROUPS, LARGEST_GROUPS
from hub.api.errors import ApiError, Code
from hub.api.lists import DEFAULT_PAGE
from hub.settings import DEFAULT_LIMITS, Limits

MOST_NESTED_VALUES = 32
MOST_REMEMBERED = 64
SIZES = frozenset({"first", "last", "representations"})
"""Arguments that say how many records a list holds, by a number or by naming them."""
INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class Measure:
    """What a selection adds up to, fragments counted wherever they are spread; ``rows`` are records of lists."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    cost: int = 0
    rows: int = 0

    def __add__(self, other: Measure) -> Measure:
        return Measure(
            max(self.depth, other.depth),
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.cost + other.cost,
            self.rows + other.rows,
        )


def read_document(text: str, limits: Limits = DEFAULT_LIMITS) -> DocumentNode:
    """Parse a document; raises ``TOO_COMPLEX`` for too many tokens or too deep nesting, GraphQLError for bad syntax."""
    try:
        return parse(text, max_tokens=limits.most_tokens)
    except RecursionError as error:
        raise _too("deep", "levels", limits.most_depth) from error
    except GraphQLError as error:
        if "tokens" in error.message:
            raise _too("long", "tokens", limits.most_tokens) from error
        if "nested too deeply" in error.message:
            raise _too("deep", "levels", limits.most_depth) from error
        raise


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation to run; a document with several must be asked by name."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    named = [one for one in operations if name is None or (one.name and one.name.value == name)]
    if len(named) == 1:
        return named[0]
    if not operations:
        raise ApiError(Code.BAD_REQUEST, "the document holds no operation", "query")
    if name is None:
        raise ApiError(Code.BAD_REQUEST, "the document holds several operations", "operationName", "Name one of them.")
    raise ApiError(Code.BAD_REQUEST, f"the document holds no operation {name!r}", "operationName")


def measure(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any],
    limits: Limits = DEFAULT_LIMITS,
) -> Measure:  # fmt: skip
    """Measure one operation and refuse what is beyond the limits."""
    return Meter(schema, document, operation, limits).measure(variables)


class Meter:
    """Measures one operation again and again: only variables that size its lists make a difference, so it remembers."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, limits: Limits) -> None:
        self._schema, self._document, self._operation, self._limits = schema, document, operation, limits
        self._measured: dict[tuple[Any, ...], Measure] = {}

    def measure(self, variables: Mapping[str, Any]) -> Measure:
        """What the operation adds up to with these variables; raises ``TOO_COMPLEX`` beyond the limits."""
        sizes = tuple([_size_of(variables.get(name)) for name in self._names])
        if (known := self._measured.get(sizes)) is not None:
            return known
        found = self._walk(variables)
        if len(self._measured) < MOST_REMEMBERED:
            self._measured[sizes] = found
        return found

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """The variables that size lists, wherever they stand."""
        found: set[str] = set()
        waiting: list[Node] = list(self._document.definitions)
        while waiting:
            node = waiting.pop()
            if isinstance(node, FieldNode):
                sizes = [one.value for one in node.arguments or () if one.name.value in SIZES]
                found |= {one.name.value for one in sizes if isinstance(one, VariableNode)}
            selected = getattr(node, "selection_set", None)
            waiting += selected.selections if selected else ()
        return tuple(sorted(found))

    def _walk(self, variables: Mapping[str, Any]) -> Measure:
        operation, limits = self._operation, self._limits
        root = self._schema.get_root_type(operation.operation)
        walk = _Walk(self._schema, self._document, _sizes(operation, variables), limits)
        found = walk.selection(root, operation.selection_set, 1) + Measure(directives=len(operation.directives or ()))
        for name, value, most in (
            ("fields at the root", len(operation.selection_set.selections), limits.most_root_fields),
            ("levels", found.depth, limits.most_depth),
            ("fields", found.fields, limits.most_fields),
            ("aliases", found.aliases, limits.most_aliases),
            ("directives", found.directives, limits.most_directives),
            ("values", found.cost, limits.most_cost),
            ("records", found.rows, limits.most_rows),
        ):
            if value > most:
                raise _too("large", name, most)
        return found


def _size_of(value: Any) -> Any:
    """What measuring looks at in a variable: a number itself, of a list its length; anything else is refused later."""
    return value if isinstance(value, int) else (len(value),) if isinstance(value, list) else None


def is_introspection(operation: OperationDefinitionNode) -> bool:
    """Whether the operation reads the schema and nothing else."""
    names = [one.name.value for one in operation.selection_set.selections if isinstance(one, FieldNode)]
    return len(names) == len(operation.selection_set.selections) and all(
        name in INTROSPECTION or name == "__typename" for name in names
    )


def asks_for_schema(document: DocumentNode) -> bool:
    """Whether any part of the document reads the schema."""
    waiting: list[Node] = list(document.definitions)
    while waiting:
        node = waiting.pop()
        if isinstance(node, FieldNode) and node.name.value in INTROSPECTION:
            return True
        selected = getattr(node, "selection_set", None)
        waiting += selected.selections if selected else ()
    return False


class _Walk:
    """Measures selections; each fragment once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, sizes: Mapping[str, Any], limits: Limits) -> None:
        self._schema, self._sizes, self._limits = schema, sizes, limits
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._measured: dict[str, Measure | None] = {}

    def selection(self, parent: GraphQLNamedType | None, selected: SelectionSetNode, level: int) -> Measure:
        if level > self._limits.most_depth:
            raise _too("deep", "levels", self._limits.most_depth)
        total = Measure()
        for one in selected.selections:
            total += Measure(directives=len(getattr(one, "directives", None) or ()))
            if isinstance(one, FieldNode):
                total += self._field(parent, one, level)
            elif isinstance(one, InlineFragmentNode):
                inner = self._schema.get_type(one.type_condition.name.value) if one.type_condition else parent
                total += self.selection(inner, one.selection_set, level + 1)
            elif isinstance(one, FragmentSpreadNode):
                total += self._spread(one.name.value)
        return total

    def _spread(self, name: str) -> Measure:
        fragment = self._fragments.get(name)
        if fragment is None:
            return Measure()  # validation says so
        if name not in self._measured:
            self._measured[name] = None
            condition = self._schema.get_type(fragment.type_condition.name.value)
            self._measured[name] = self.selection(condition, fragment.selection_set, 1)
        found = self._measured[name]
        if found is None:
            raise ApiError(Code.TOO_COMPLEX, f"fragment {name} contains itself", "query")
        return found

    def _field(self, parent: GraphQLNamedType | None, node: FieldNode, level: int) -> Measure:
        for argument in node.arguments or ():
            _shallow(argument.value)
        alias = 1 if node.alias else 0
        if node.selection_set is None:
            return Measure(1, 1, alias, 0, 1)
        is_known = isinstance(parent, (GraphQLObjectType, GraphQLInterfaceType))
        definition = parent.fields.get(node.name.value) if is_known else None  # type: ignore[union-attr]
        returned = get_named_type(definition.type) if definition else None
        inner = self.selection(returned, node.selection_set, level + 1)
        times = self._times(node, returned)
        cost = 1 + inner.cost * (1 if times is None else times)
        rows = inner.rows if times is None else times * (inner.rows + 1)
        return Measure(inner.depth + 1, inner.fields + 1, inner.aliases + alias, inner.directives, cost, rows)

    def _times(self, node: FieldNode, returned: GraphQLNamedType | None) -> int | None:
        """How many records a list may hold; None for what is no list of records."""
        if returned is not None and returned.name.endswith("Connection"):
            return self._page(node)
        if returned is not None and returned.name.endswith("Group") and node.name.value.endswith("Aggregate"):
            return self._groups(node)
        return self._listed(node) if node.name.value == "_entities" else None

    def _groups(self, node: FieldNode) -> int:
        """How many groups an aggregate may tell; without keys there is one."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        if "groupBy" not in given:
            return 1
        size = self._size(given["first"], DEFAULT_GROUPS) if "first" in given else DEFAULT_GROUPS
        return size if size is not None and 0 <= size <= LARGEST_GROUPS else LARGEST_GROUPS

    def _listed(self, node: FieldNode) -> int:
        """How many records another subgraph names."""
        value = node.arguments[0].value if node.arguments else None
        given = self._sizes.get(value.name.value) if isinstance(value, VariableNode) else getattr(value, "values", ())
        return len(given) if isinstance(given, (list, tuple)) else 1

    def _page(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last"):
                size, largest = self._size(argument.value), self._limits.largest_page
                return size if size is not None and 0 <= size <= largest else largest
        return DEFAULT_PAGE

    def _size(self, value: ValueNode, default: int = DEFAULT_PAGE) -> int | None:
        if isinstance(value, IntValueNode):
            return int(value.value) if len(value.value) < 10 else None
        given = self._sizes.get(value.name.value) if isinstance(value, VariableNode) else None
        return given if isinstance(given, int) else default


def _sizes(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the variables, with the defaults of whole numbers."""
    defaults = {
        one.variable.name.value: int(one.default_value.value)
        for one in operation.variable_definitions or ()
        if isinstance(one.default_value, IntValueNode) and len(one.default_value.value) < 10
    }
    return defaults | dict(variables)


def _shallow(value: ValueNode) -> None:
    """Refuse literals nested beyond sense; whoever reads them calls itself per level."""
    level: list[ValueNode] = [value]
    for _ in range(MOST_NESTED_VALUES):
        level = [
            inner
            for one in level
            for inner in (
                one.values
                if isinstance(one, ListValueNode)
                else [field.value for field in one.fields] if isinstance(one, ObjectValueNode) else ()
            )
        ]
        if not level:
            return
    raise _too("deep", "nested values", MOST_NESTED_VALUES)


def _too(how: str, what: str, most: int) -> ApiError:
    return ApiError(
        Code.TOO_COMPLEX,
        f"the document is too {how}: at most {most} {what}",
        "query",
        "Ask for less at once: smaller pages, fewer levels, several requests.",
    )
