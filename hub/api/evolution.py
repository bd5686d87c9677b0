"""How the schema may change: whatever a released schema offers stays until a release has shown it as deprecated.

The last released schema is kept beside the published one (``released.graphql``, without descriptions). Pure: texts in,
sentences out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_ast_schema,
    build_schema,
    parse,
    validate,
    visit,
)  # fmt: skip
from graphql.utilities import (
    BreakingChange,
    BreakingChangeType,
    DangerousChange,
    SafeChange,
    SchemaChange,
    find_schema_changes,
)

OPEN = "Not released yet"

_DESCRIPTION = re.compile(r'^ *"""(?:.|\n)*?(?<!\\)"""\n', re.MULTILINE)
_NAME = re.compile(r"\b[A-Za-z_]\w*")
_STUB = re.compile(r"\w+ @?\w+")
_NOTHING = "scalar Nothing"
_ARGUMENTS = re.compile(r"\(\n +([^()]*?)\n +\)")


def bare(sdl: str) -> str:
    """A schema without its descriptions, arguments on one line: a third of the size, the same contract.

    >>> print(bare('type Query {\\n  \"\"\"Ours.\"\"\"\\n  a(\\n    \"\"\"How many.\"\"\"\\n    first: Int\\n  ): Int\\n}'))
    type Query {
      a(first: Int): Int
    }
    """
    text = _DESCRIPTION.sub("", sdl)
    text = re.sub(r"\n\n(?= )", "\n", text)
    return _ARGUMENTS.sub(lambda found: "(" + re.sub(r"\s*\n\s*", ", ", found[1]) + ")", text)


def breaking(released: str, now: str) -> list[str]:
    """What would break clients of the released schema that nobody told them of, one sentence each."""
    before, after = _differing(released, now)
    found = [one for one in _changes(_without_deprecated(before), after) if isinstance(one, BreakingChange)]
    if any(one.type is BreakingChangeType.TYPE_REMOVED for one in found):
        reachable = _reachable(build_ast_schema(_without_deprecated(released), assume_valid=True))
        found = [one for one in found if not _is_of_no_use(one, reachable)]
    return [one.description for one in found]


def changelog(released: str, now: str) -> str:
    """What became different since the release, as Markdown: what breaks, what a client may trip over, what is new."""
    before, after = _differing(released, now)
    changes = _changes(parse(before, no_location=True), after)
    parts = (
        ("Breaking", [one for one in changes if isinstance(one, BreakingChange)]),
        ("May surprise", [one for one in changes if isinstance(one, DangerousChange)]),
        ("New", [one for one in changes if isinstance(one, SafeChange)]),
    )
    return "".join(f"**{title}**\n\n{_lines(found)}\n" for title, found in parts if found) or "Nothing.\n\n"


def _changes(before: DocumentNode, after: str) -> list[SchemaChange]:
    return find_schema_changes(
        build_ast_schema(before, assume_valid=True), build_schema(after, assume_valid=True, no_location=True)
    )


def _differing(released: str, now: str) -> tuple[str, str]:
    """The definitions that differ, of both schemas; what they mention and is the same in both stands there by name alone.

    Building and comparing two whole schemas takes seconds, and nearly everything is the same in both.
    """
    before, after = definitions(bare(released)), definitions(bare(now))
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    told = [[one[name] for name in names if name in one] for one in (before, after)]
    words = set(_NAME.findall("\n".join(told[0] + told[1])))
    stubs = [_STUB.match(before[name])[0] for name in sorted(words & before.keys() & after.keys() - set(names))]  # type: ignore[index]
    stubs = stubs or [_NOTHING]
    return "\n\n".join(told[0] + stubs), "\n\n".join(told[1] + stubs)


def definitions(sdl: str) -> dict[str, str]:
    """The definitions of a bare schema by name.

    >>> definitions("scalar Date\\n\\ntype Query {\\n  on: Date\\n}\\n")
    {'Date': 'scalar Date', 'Query': 'type Query {\\n  on: Date\\n}'}
    """
    parts = (one.strip() for one in re.split(r"\n\n+(?=\S)", sdl))
    return {(re.match(r"\w+ @?(\w+)", one) or [one, "schema"])[1]: one for one in parts if one}


def changes_page(page: str, news: str) -> str:
    """The page of changes with its first section renewed; the sections of releases stay as they are."""
    return f"{_HEAD}## {OPEN}\n\n{news.rstrip()}\n{_past(page)}"


def released_page(page: str, name: str, news: str) -> str:
    """The page of changes when what was open becomes a release."""
    return f"{_HEAD}## {OPEN}\n\nNothing.\n\n## {name}\n\n{news.rstrip()}\n{_past(page)}"


_HEAD = (
    "# Changes of the API\n\nDerived by `hub publish` from `schema.graphql` and `released.graphql`. What a release offers stays "
    "until a release has\nshown it as deprecated.\n\n"
)


def _past(page: str) -> str:
    """The sections of releases, with the empty line before."""
    sections = re.split(r"(?=^## )", page, flags=re.MULTILINE)[1:]
    past = [one.rstrip() for one in sections if not one.startswith(f"## {OPEN}\n")]
    return "".join(f"\n{one}\n" for one in past)


def _lines(changes: Sequence[SchemaChange]) -> str:
    return "".join(f"- {one.description}\n" for one in changes)


def _is_of_no_use(change: BreakingChange, reachable: frozenset[str]) -> bool:
    """A type is gone that only deprecated fields led to."""
    return change.type is BreakingChangeType.TYPE_REMOVED and change.description.split(" ")[0] not in reachable


def _without_deprecated(released: str) -> DocumentNode:
    document = parse(released, no_location=True)
    return replace(document, definitions=tuple(_kept(one) for one in document.definitions))


def _kept(node: Any) -> Any:
    """A definition without its deprecated fields, arguments and values."""
    given = {name: getattr(node, name, None) for name in ("fields", "arguments", "values")}
    kept = {
        name: tuple(_kept(each) for each in parts if not _is_deprecated(each)) for name, parts in given.items() if isinstance(parts, tuple)
    }
    return replace(node, **kept) if kept else node


def _is_deprecated(node: Any) -> bool:
    return any(one.name.value == "deprecated" for one in getattr(node, "directives", None) or ())


def _reachable(schema: GraphQLSchema) -> frozenset[str]:
    """The types some field leads to, from the roots or as an implementation of an interface."""
    members = [one for one in schema.type_map.values() if isinstance(one, GraphQLObjectType) and one.interfaces]
    roots = {"query": schema.query_type, "mutation": schema.mutation_type, "subscription": schema.subscription_type}
    return frozenset(GraphQLSchema(**roots, types=members, assume_valid=True).type_map)  # type: ignore[arg-type]


def has_deprecated(schema: GraphQLSchema) -> bool:
    """Whether any field or argument is to go; if none is, no document needs to be looked through."""
    types = (one for one in schema.type_map.values() if isinstance(one, (GraphQLObjectType, GraphQLInterfaceType)))
    fields = [field for one in types for field in one.fields.values()]
    return any(one.deprecation_reason for field in fields for one in (field, *field.args.values()))


def deprecated_uses(schema: GraphQLSchema, document: DocumentNode) -> tuple[str, ...]:
    """The deprecated fields and arguments a document uses, as ``Type.field`` or ``Type.field(argument:)``, each once."""
    visitor = _Uses(TypeInfo(schema))
    visit(document, TypeInfoVisitor(visitor.info, visitor))
    return tuple(sorted(visitor.found))


class _Uses(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info, self.found = info, set[str]()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent, field = self.info.get_parent_type(), self.info.get_field_def()
        if parent is not None and field is not None and field.deprecation_reason is not None:
            self.found.add(f"{parent.name}.{node.name.value}")

    def enter_argument(self, node: Any, *_: Any) -> None:
        parent, field, argument = self.info.get_parent_type(), self.info.get_field_def(), self.info.get_argument()
        if parent is not None and field is not None and argument is not None and argument.deprecation_reason is not None:
            name = next((name for name, one in parent.fields.items() if one is field), "")  # type: ignore[union-attr]
            self.found.add(f"{parent.name}.{name}({node.name.value}:)")


def invalid(schema: GraphQLSchema, operations: Iterable[tuple[str, str]]) -> list[str]:
    """Recorded operations (name, text) the schema no longer takes, one sentence each."""
    return [f"{name}: {error.message}" for name, text in operations for error in validate(schema, parse(text))]
