"""Arbitrary golden records, and arbitrary queries over them: what both ways of answering must agree on.

hypothesis-graphql makes the selections, from a small schema of a few entities (the whole one would cost seconds a query);
arguments are written in afterwards from what the records hold, so that queries find something. Some arguments become
variables.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from graphql import (
    ArgumentNode, BooleanValueNode, DirectiveNode, DocumentNode, EnumValueNode, FieldNode, GraphQLEnumType, GraphQLField, GraphQLInputObjectType, GraphQLInterfaceType,
    GraphQLList, GraphQLNamedType, GraphQLNonNull, GraphQLObjectType, GraphQLScalarType, GraphQLSchema, InlineFragmentNode, IntValueNode,
    ListValueNode, NamedTypeNode, NameNode, ObjectFieldNode, ObjectValueNode, OperationDefinitionNode, SelectionSetNode, StringValueNode, TypeInfo, TypeInfoVisitor, VariableNode, Visitor, ast_from_value,
    get_named_type, is_leaf_type, parse, print_ast, visit,
)  # fmt: skip

from hub.api.names import camel
from hub.core.records import Lineage
from hub.store.ids import new_id
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta, Field, entity_name
from tests.api.conftest import Api, Tenant

TEXTS = ("Northbeam", 'Hotel "Post"', "back\\slash", "tab\tnew\nline", "Ünïcode ✓ 漢字", "\u2028 and </script>", "", "Acme", "acme", "\x01\x1f\x7f")
CURRENCIES = ("EUR", "USD", "JPY", "KWD")
DAYS = ("2025-12-31", "2026-01-01", "2026-03-03", "2026-05-17")
INSTANTS = ("2026-05-17T08:11:52.000000Z", "2025-01-01T00:00:00.123456Z")
NUMBERS = ("0", "7.5", "-12.25", "100", "1000000.000001")


def value_of(dice: random.Random, field: Field[Any], ids: dict[str, list[UUID]]) -> Any:
    """A canonical value of a field; None leaves it empty."""
    kind = field.kind
    if dice.random() < 0.2:
        return None
    match kind:
        case FieldKind.BOOLEAN:
            return dice.random() < 0.5
        case FieldKind.INTEGER:
            return dice.randrange(-5, 500)
        case FieldKind.DATE:
            return dice.choice(DAYS)
        case FieldKind.INSTANT:
            return dice.choice(INSTANTS)
        case FieldKind.PERCENT:
            return dice.choice(NUMBERS)
        case FieldKind.QUANTITY:
            return {"value": dice.choice(NUMBERS), "unit": dice.choice(("hour", "day"))} | ({"stated": '450 "min"'} if dice.random() < 0.3 else {})
        case FieldKind.MONEY:
            return {"amount": str(Decimal(dice.choice(NUMBERS)).quantize(Decimal("0.01"))), "currency": dice.choice(CURRENCIES)}
        case FieldKind.PRICE:
            return {"amount": dice.choice(NUMBERS), "currency": dice.choice(CURRENCIES), "per": "hour"}
        case FieldKind.REFERENCE:
            known = ids.get(entity_name(field.target), [])
            return str(dice.choice(known)) if known else None
        case FieldKind.LISTING:
            return [_item(dice, field, ids) for _ in range(dice.randrange(3))]
    return dice.choice(TEXTS)


def _item(dice: random.Random, field: Field[Any], ids: dict[str, list[UUID]]) -> Any:
    if field.target:
        known = ids.get(entity_name(field.target), [])
        return dice.choice([str(dice.choice(known)) if known else str(new_id()), {"system": "crm", "object": "x", "id": "9"}, str(new_id())])
    if not field.items:
        return dice.choice(TEXTS)
    item = {}
    for name, kind in field.items.items():
        target = field.item_targets.get(name, "")
        made = value_of(dice, _Like(kind, target), ids)  # type: ignore[arg-type]
        if made is not None or dice.random() < 0.3:
            item[name] = made
    return item


@dataclass(frozen=True)
class _Like:
    """As much of a field as :func:`value_of` looks at."""

    kind: FieldKind
    target: str
    items: dict[str, FieldKind] = field(default_factory=dict)


@dataclass
class World:
    """A tenant full of arbitrary records."""

    tenant: Tenant
    ids: dict[str, list[UUID]] = field(default_factory=dict)
    losers: list[UUID] = field(default_factory=list)
    sources: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def all_ids(self) -> list[str]:
        found = [str(one) for ids in self.ids.values() for one in ids]
        return [*found, *map(str, self.losers), str(UUID(int=1)), "no id"]


async def populate(api: Api, tenant: Tenant, seed: int, per_entity: int = 4) -> World:
    """Records of every entity with sources, decisions, several versions and some merged away."""
    dice, world = random.Random(seed), World(tenant)
    for meta in ENTITIES.values():
        world.ids[meta.name] = []
        for number in range(per_entity):
            await _record(api, world, dice, meta, number)
    for name in ("client", "project", "contact"):
        loser, survivor = new_id(), world.ids[name][0]
        world.losers.append(loser)
        await api.pool.execute(
            "INSERT INTO hub.forward (tenant_id, entity, loser_id, survivor_id, decision_id) VALUES ($1, $2, $3, $4, 0)",
            tenant.id, name, loser, survivor,
        )  # fmt: skip
    return world


async def _record(api: Api, world: World, dice: random.Random, meta: EntityMeta, number: int) -> None:
    golden_id = new_id()
    values = {f.name: made for f in meta.fields.values() if (made := value_of(dice, f, world.ids)) is not None}
    if dice.random() < 0.5:
        values["extra"] = {"branch": dice.choice(TEXTS), "floor_level": dice.randrange(9)}
    lineage: dict[str, Lineage] = {}
    for system in dice.sample(("crm", "psa", "erp"), dice.randrange(1, 4)):
        said = {name: value for name, value in values.items() if name != "extra" and dice.random() < 0.7}
        said |= {f"extra.{name}": value for name, value in (values.get("extra") or {}).items() if dice.random() < 0.5}
        external_id = dice.choice((f"{meta.name}-{number}", f"ä/{number} {meta.name}", f"{number}%&"))
        source = await api.source(world.tenant, system, f"{external_id}.{meta.name}", meta.name, golden_id, **said)
        world.sources.append((system, f"{external_id}.{meta.name}", meta.name))
        lineage |= {name: Lineage(source, 0, dice.choice(("owner", 'a "rule"')), dice.random() < 0.3) for name in said}
    if dice.random() < 0.3 and lineage:
        decision = await api.pool.fetchval(
            """INSERT INTO hub.decision (tenant_id, kind, entity, golden_id, field, value, reason, actor, rule, made_at)
               VALUES ($1, 'override', $2, $3, 'name', '"x"', 'a "reason"', 'steward:x', '', now()) RETURNING id""",
            world.tenant.id, meta.name, golden_id,
        )  # fmt: skip
        lineage[dice.choice(sorted(lineage))] = Lineage(0, decision, "override", False)
    await api.golden(world.tenant, meta.name, id=golden_id, lineage=lineage, **values)
    if dice.random() < 0.4:
        before = {name: None for name in values if dice.random() < 0.3}
        await api.golden(world.tenant, meta.name, id=golden_id, version=2, lineage=lineage, before=before, **values)
    world.ids[meta.name].append(golden_id)


# Queries -------------------------------------------------------------------------------------------------------------

SHARED = ("PageInfo", "Money", "Price", "Quantity", "FieldProvenance", "OwnFieldProvenance", "Alternate", "Decision", "SourceRecord", "RecordKey",
          "Change", "ChangeEdge", "ChangeConnection", "FieldChange")  # fmt: skip


def small_schema(whole: GraphQLSchema, entities: Sequence[str]) -> GraphQLSchema:
    """The part of the schema that speaks of some entities, without arguments."""
    metas = [ENTITIES[name] for name in entities]
    names = {*SHARED, "GoldenRecord", "Node", "Query"}
    for meta in metas:
        names |= {meta.type_name, f"{meta.type_name}Connection", f"{meta.type_name}Edge", f"{meta.type_name}Provenance"}
        names |= {name for name in whole.type_map if name.startswith(meta.type_name) and name.endswith("Item")}
        names |= {name for name in whole.type_map if name.startswith(f"{meta.type_name}Group") and not name.endswith("Field")}
    made: dict[str, GraphQLNamedType] = {}

    def wrapped(kind: Any) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return GraphQLNonNull(wrapped(kind.of_type))
        if isinstance(kind, GraphQLList):
            return GraphQLList(wrapped(kind.of_type))
        return kind if is_leaf_type(kind) else made[kind.name]

    def fields(kind: Any) -> dict[str, GraphQLField]:
        found = {}
        for name, one in kind.fields.items():
            target = get_named_type(one.type)
            is_root = kind.name == "Query"
            if is_root and name not in {n for m in metas for n in root_names(m)} | {"node"}:
                continue
            if name.startswith("_") or not (is_leaf_type(target) or target.name in names):
                continue
            found[name] = GraphQLField(wrapped(one.type))
        return found

    for name in sorted(names & whole.type_map.keys()):
        kind = whole.type_map[name]
        if isinstance(kind, GraphQLInterfaceType):
            made[name] = GraphQLInterfaceType(name, lambda kind=kind: fields(kind), lambda kind=kind: [made[i.name] for i in kind.interfaces])
        elif isinstance(kind, GraphQLObjectType):
            made[name] = GraphQLObjectType(
                name, lambda kind=kind: fields(kind), lambda kind=kind: [made[i.name] for i in kind.interfaces if i.name in made]
            )
    query = made["Query"]
    assert isinstance(query, GraphQLObjectType)
    return GraphQLSchema(query, types=[kind for kind in made.values()])


def root_names(meta: EntityMeta) -> tuple[str, ...]:
    return camel(meta.name), camel(meta.plural), f"{camel(meta.plural)}Aggregate"


@dataclass
class Arguments:
    """Writes arguments into a query, and turns some of them into variables."""

    whole: GraphQLSchema
    world: World
    dice: random.Random
    variables: dict[str, Any] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)

    def written(self, text: str) -> str:
        document = parse(text)
        info = TypeInfo(self.whole)
        done: DocumentNode = visit(document, TypeInfoVisitor(info, _Writing(self, info)))
        operation = done.definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        if self.types:
            header = ", ".join(f"${name}: {kind}" for name, kind in self.types.items())
            return print_ast(done).replace("{", f"query Q({header}) {{", 1)
        return print_ast(done)

    def of(self, parent: str, name: str, definition: GraphQLField) -> tuple[ArgumentNode, ...]:
        given = self._given(name, definition)
        nodes = []
        for argument, value in given.items():
            kind = definition.args[argument].type
            literal = ast_from_value(value, kind) if argument not in ("filter", "orderBy", "source", "groupBy", "having") else _literal(value, kind)
            if self.dice.random() < 0.3:
                variable = f"v{len(self.types)}"
                self.types[variable], self.variables[variable] = str(kind), value
                literal = VariableNode(name=NameNode(value=variable))
            nodes.append(ArgumentNode(name=NameNode(value=argument), value=literal))
        return tuple(nodes)

    def _given(self, name: str, definition: GraphQLField) -> dict[str, Any]:
        dice, args = self.dice, definition.args
        given: dict[str, Any] = {}
        if "id" in args:
            if "source" in args and dice.random() < 0.3:
                system, external_id, _ = dice.choice(self.world.sources)
                return {"source": {"system": system, "externalId": external_id} | ({"object": "account"} if dice.random() < 0.5 else {})}
            return {"id": dice.choice(self.world.all_ids)}
        if "first" in args and dice.random() < 0.7:
            given["last" if "last" in args and dice.random() < 0.3 else "first"] = dice.randrange(5)
        if "newestFirst" in args and dice.random() < 0.5:
            given["newestFirst"] = dice.random() < 0.5
        if "filter" in args and dice.random() < 0.5:
            given["filter"] = self.input(args["filter"].type, 2)
        if "orderBy" in args and "Order" in str(args["orderBy"].type) and "Group" not in str(args["orderBy"].type) and dice.random() < 0.5:
            given["orderBy"] = [self._order(get_named_type(args["orderBy"].type)) for _ in range(dice.randrange(1, 3))]
        if "on" in args and dice.random() < 0.3:
            given["on"] = dice.choice(DAYS)
        if "groupBy" in args and dice.random() < 0.8:
            given["groupBy"] = [self._group(get_named_type(args["groupBy"].type)) for _ in range(dice.randrange(1, 3))]
        if "having" in args and dice.random() < 0.2:
            given["having"] = {"count": {dice.choice(("gte", "lt", "eq")): dice.randrange(3)}}
        if "offset" in args and "orderBy" in args and dice.random() < 0.3:
            given["orderBy"] = [{"by": dice.choice(("COUNT", "KEY")), "direction": dice.choice(("ASC", "DESC"))}]
            given["offset"] = dice.randrange(2)
        return given

    def _order(self, kind: Any) -> dict[str, Any]:
        dice = self.dice
        references = [name for name, one in kind.fields.items() if name not in ("field", "direction") and isinstance(get_named_type(one.type), GraphQLInputObjectType)]
        if references and dice.random() < 0.3:
            name = dice.choice(references)
            return {name: self._leaf_order(get_named_type(kind.fields[name].type))}
        return self._leaf_order(kind)

    def _leaf_order(self, kind: Any) -> dict[str, Any]:
        members = get_named_type(kind.fields["field"].type)
        assert isinstance(members, GraphQLEnumType)
        found = {"field": self.dice.choice(sorted(members.values))}
        return found | ({"direction": self.dice.choice(("ASC", "DESC"))} if self.dice.random() < 0.6 else {})

    def _group(self, kind: Any) -> dict[str, Any]:
        members = get_named_type(kind.fields["field"].type)
        name = self.dice.choice(sorted(members.values))
        is_time = any(word in name for word in ("DATE", "_AT", "_ON", "_FROM", "_TO"))
        return {"field": name} | ({"truncate": self.dice.choice(("DAY", "WEEK", "MONTH", "QUARTER", "YEAR"))} if is_time else {})

    def input(self, kind: Any, depth: int) -> Any:
        """A filter that makes sense."""
        kind, dice = get_named_type(kind), self.dice
        assert isinstance(kind, GraphQLInputObjectType)
        if kind.name == "ExtraFilter":
            return {"name": "floor_level", "eq": dice.randrange(9)}
        if "isNull" in kind.fields or kind.name in ("CodeFilter", "IDFilter"):
            return self._comparison(kind)
        names = dice.sample(sorted(kind.fields), min(len(kind.fields), dice.randrange(1, 3)))
        found = {}
        for name in names:
            target = get_named_type(kind.fields[name].type)
            is_list = "[" in str(kind.fields[name].type)
            if isinstance(target, GraphQLInputObjectType) and (depth > 0 or "isNull" in target.fields or target.name == "ExtraFilter"):
                made = self.input(target, depth - 1)
                found[name] = [made] if is_list else made
        return found

    def _comparison(self, kind: GraphQLInputObjectType) -> dict[str, Any]:
        dice = self.dice
        ops = [name for name in kind.fields if name not in ("currency", "per", "unit")]
        op = dice.choice(ops)
        units = {"currency": dice.choice(CURRENCIES), "per": "hour", "unit": dice.choice(("hour", "day"))}
        found: dict[str, Any] = {name: units[name] for name in kind.fields if name in units and op != "isNull"}
        if op == "isNull":
            return found | {op: dice.random() < 0.5}
        scalar = get_named_type(kind.fields[op].type)
        assert isinstance(scalar, GraphQLScalarType)
        pool: dict[str, Sequence[Any]] = {
            "ID": self.world.all_ids[:-1], "String": TEXTS[:5], "Int": (1, 2, 50), "Boolean": (True, False), "Date": DAYS,
            "DateTime": INSTANTS, "Decimal": NUMBERS, "Long": ("1", "5"), "JSON": TEXTS[:3],
        }  # fmt: skip
        chosen = pool[scalar.name]
        return found | {op: [dice.choice(chosen) for _ in range(2)] if "[" in str(kind.fields[op].type) else dice.choice(chosen)}


class _Thickening(Visitor):
    """Asks for more of every object: hypothesis-graphql makes the paths, this what is read along them."""

    def __init__(self, dice: random.Random, small: GraphQLSchema, info: TypeInfo) -> None:
        super().__init__()
        self._dice, self._small, self._info, self._number = dice, small, info, 0

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode | None:
        kind = self._info.get_parent_type()
        if not isinstance(kind, GraphQLObjectType) or kind.name == "Query":
            return None
        return SelectionSetNode(selections=(*node.selections, *self._more(kind, 2)))

    def _more(self, kind: GraphQLObjectType, depth: int) -> list[Any]:
        dice = self._dice
        leaves = [name for name, one in kind.fields.items() if is_leaf_type(get_named_type(one.type))]
        objects = [name for name, one in kind.fields.items() if not is_leaf_type(get_named_type(one.type))]
        found = [self._field(name) for name in dice.sample(leaves, min(len(leaves), dice.randrange(1, 7)))]
        if dice.random() < 0.2:
            found.append(FieldNode(name=NameNode(value="__typename")))
        if depth and objects:
            for name in dice.sample(objects, min(len(objects), dice.randrange(0, 3))):
                target = get_named_type(kind.fields[name].type)
                if isinstance(target, GraphQLObjectType) and target.fields:
                    found.append(self._field(name, SelectionSetNode(selections=tuple(self._more(target, depth - 1)))))
        if dice.random() < 0.15:
            inner = InlineFragmentNode(
                type_condition=NamedTypeNode(name=NameNode(value=kind.name)), selection_set=SelectionSetNode(selections=tuple(found[:3]))
            )
            found = [*found[3:], inner]
        return found

    def _field(self, name: str, selection: SelectionSetNode | None = None) -> FieldNode:
        self._number += 1
        directives: list[DirectiveNode] = []
        if self._dice.random() < 0.05:
            said = ArgumentNode(name=NameNode(value="if"), value=BooleanValueNode(value=self._dice.random() < 0.5))
            directives.append(DirectiveNode(name=NameNode(value=self._dice.choice(("skip", "include"))), arguments=(said,)))
        alias = NameNode(value=f"a{self._number}")
        return FieldNode(alias=alias, name=NameNode(value=name), arguments=(), directives=tuple(directives), selection_set=selection)


def thickened(text: str, small: GraphQLSchema, dice: random.Random) -> str:
    """The query, asking for more."""
    info = TypeInfo(small)
    return print_ast(visit(parse(text), TypeInfoVisitor(info, _Thickening(dice, small, info))))


class _Writing(Visitor):
    """Gives every field that takes arguments some."""

    def __init__(self, arguments: Arguments, info: TypeInfo) -> None:
        super().__init__()
        self._arguments, self._info = arguments, info

    def enter_field(self, node: FieldNode, *_: Any) -> FieldNode | None:
        parent, name = self._info.get_parent_type(), node.name.value
        definition = parent.fields.get(name) if isinstance(parent, (GraphQLObjectType, GraphQLInterfaceType)) else None
        if definition is None or not definition.args or node.arguments:
            return None
        made = self._arguments.of(parent.name if parent else "", name, definition)
        if not made:
            return None
        return FieldNode(alias=node.alias, name=node.name, arguments=made, directives=node.directives, selection_set=node.selection_set)


def _literal(value: Any, kind: Any) -> Any:
    """A value of an input type as a literal; enums are names."""
    if isinstance(kind, GraphQLNonNull):
        return _literal(value, kind.of_type)
    if isinstance(kind, GraphQLList):
        return ListValueNode(values=tuple(_literal(each, kind.of_type) for each in value))
    if isinstance(kind, GraphQLInputObjectType):
        return ObjectValueNode(
            fields=tuple(ObjectFieldNode(name=NameNode(value=name), value=_literal(each, kind.fields[name].type)) for name, each in value.items())
        )
    if isinstance(kind, GraphQLEnumType):
        return EnumValueNode(value=value)
    return _untyped(value)


def _untyped(value: Any) -> Any:
    if isinstance(value, bool):
        return BooleanValueNode(value=value)
    return IntValueNode(value=str(value)) if isinstance(value, int) else StringValueNode(value=value)
