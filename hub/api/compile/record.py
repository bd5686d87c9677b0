"""A golden record: its own columns, the records it refers to, those that refer to it, and the way to its lineage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from hub.api.compile import aggregate, lineage, pages
from hub.api.compile.build import Build, NotCompiledError
from hub.api.compile.leaves import (
    AMOUNTS,
    CELLS,
    LEAVES,
    NULL,
    amount,
    column,
    constant,
    instant,
    json,
    object_value,
    required_text,
    safe_text,
)  # fmt: skip
from hub.api.compile.selection import Asked
from hub.api.compile.text import Sql, Value, always, joined, json_object, listed, nullable
from hub.api.context import REVERSES
from hub.api.filters import fields_by_camel, in_force
from hub.api.lineage import CHANGES
from hub.api.names import camel, pascal
from hub.api.plan import EVERYTHING, Compare, Op, OrderBy, Plan, golden_shape
from hub.api.statement import condition
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta, Field, entity_name

Member = Callable[[Build, EntityMeta, str, Asked], Value]
"""Writes one member of a record: (build, entity, alias of its row, what is asked)."""


def record(build: Build, meta: EntityMeta, alias: str, asked: Asked) -> str:
    """The record of a row as one text expression."""
    members = members_of(meta)
    masked = build.masked(meta)
    chosen: list[tuple[str, Value]] = []
    for one in build.fields(meta.type_name, asked):
        if one.name not in members:
            raise NotCompiledError(f"{meta.type_name}.{one.name}")
        column_name, member = members[one.name]
        chosen.append((one.key, NULL if column_name in masked else member(build, meta, alias, one)))
    return joined(json_object(chosen, is_plain=f"{alias}.plain_version = {alias}.version"))


def one(build: Build, meta: EntityMeta, asked: Asked, wanted: str, on: Any = None) -> Value:
    """The record whose id is ``wanted``, or null; also null when it is not in force on a day."""
    return nullable(Sql(f"({one_row(build, meta, asked, wanted, on)})"))


def one_row(build: Build, meta: EntityMeta, asked: Asked, wanted: str, on: Any = None, *, is_single: bool = False) -> str:
    """The same as a statement of no row or one. ``is_single``: it runs once per request, so its setting up counts."""
    alias = build.writer.alias()
    relation, visible = build.rows(meta, alias, ("id", wanted))
    if on is not None:
        visible.append(condition(build.writer, golden_shape(meta), alias, in_force(meta, on)))
    named = [] if build.writer.as_of else [f"{alias}.id = {wanted}"]  # a relation of then is of this record only
    rows = f"FROM {relation} WHERE {' AND '.join((*named, *visible)) or 'true'}"
    if is_single and (cells := _cells(build, meta, alias, asked)):
        return f"SELECT row_to_json({alias}_)::text AS o FROM (SELECT {', '.join(cells)} {rows}) AS {alias}_"
    return f"SELECT {record(build, meta, alias, asked)} AS o {rows}"


def _cells(build: Build, meta: EntityMeta, alias: str, asked: Asked) -> list[str]:
    """The record's members as columns, when all are plain columns; else none.

    One call of ``row_to_json`` is set up in a fifth of the time of a tree of concatenations; over many rows these win.
    """
    masked, found = build.masked(meta), list[str]()
    for each in build.fields(meta.type_name, asked):
        field = fields_by_camel(meta).get(each.name)
        if each.name in HEAD_CELLS:
            cell = HEAD_CELLS[each.name].format(alias)
        elif field is not None and field.name not in masked and field.kind in CELLS:
            cell = CELLS[field.kind](column(alias, field.name))
        else:
            return []
        if len(each.key) > LONGEST_COLUMN:
            return []
        found.append(f'{cell} AS "{each.key}"')
    return found


HEAD_CELLS: Mapping[str, str] = {
    "id": "{}.id", "version": "{}.version", "recordState": "{}.record_state", "createdAt": instant("{}.created_at"),
    "updatedAt": instant("{}.updated_at"),
}  # fmt: skip
LONGEST_COLUMN = 60
"""PostgreSQL cuts names after 63 bytes."""


def survivor(build: Build, meta: EntityMeta, expression: str) -> str:
    """An id, or the id its record was merged into: for ids that no foreign key keeps right."""
    if build.writer.as_of is None:
        return (
            f"CASE WHEN EXISTS (SELECT FROM api.forward WHERE loser_id = {expression}) "
            f"THEN api.survivor({expression}) ELSE {expression} END"
        )
    way, step, forwards = build.writer.alias(), build.writer.alias(), build.writer.forwards()
    return (
        f"CASE WHEN NOT EXISTS (SELECT FROM {forwards} AS g WHERE g.loser_id = {expression}) THEN {expression} ELSE coalesce(("
        f"WITH RECURSIVE {way} (survivor, steps) AS (SELECT survivor_id, 1 FROM {forwards} AS f WHERE loser_id = {expression} "
        f"UNION ALL SELECT {step}.survivor_id, {way}.steps + 1 FROM {way} JOIN {forwards} AS {step} "
        f"ON {step}.loser_id = {way}.survivor WHERE {way}.steps < 20) "
        f"SELECT survivor FROM {way} ORDER BY steps DESC LIMIT 1), {expression}) END"
    )


@cache
def members_of(meta: EntityMeta) -> Mapping[str, tuple[str, Member]]:
    """By GraphQL name: the canonical field it belongs to (what masking names) and how it is written."""
    found: dict[str, tuple[str, Member]] = dict(HEAD)
    for field in meta.fields.values():
        name = camel(field.name)
        if field.kind is FieldKind.REFERENCE:
            found[f"{name}Id"] = (field.name, _reference_id(field))
            found[name] = (field.name, _reference(field))
        elif field.kind is FieldKind.LISTING:
            found[name] = (field.name, _listing(field))
        elif field.kind in AMOUNTS:
            found[name] = (field.name, _amount(field))
        else:
            found[name] = (field.name, _leaf(field))
    for back in REVERSES[meta.name]:
        found[back.name] = ("", pages.nested(back, record))
        found[f"{back.name}Aggregate"] = ("", aggregate.nested(back, one))
    return found


def _id(_: Build, __: EntityMeta, alias: str, ___: Asked) -> Value:
    return required_text(f"{alias}.id::text")


def _masked(build: Build, meta: EntityMeta, _: str, __: Asked) -> Value:
    return constant([camel(name) for name in sorted(build.masked(meta))])


HEAD: Mapping[str, tuple[str, Member]] = {
    "__typename": ("", lambda _, meta, __, ___: constant(meta.type_name)),
    "id": ("", _id),
    "version": ("", lambda _, __, alias, ___: always(Sql(f"{alias}.version::text"))),
    "recordState": ("", lambda _, __, alias, ___: required_text(f"{alias}.record_state")),
    "createdAt": ("", lambda _, __, alias, ___: required_text(instant(f"{alias}.created_at"))),
    "updatedAt": ("", lambda _, __, alias, ___: required_text(instant(f"{alias}.updated_at"))),
    "extra": ("", lambda _, __, alias, ___: always(Sql(f"coalesce({alias}.extra::text, '{{}}')"))),
    "masked": ("", _masked),
    "provenance": ("", lineage.provenance),
    "sources": ("", lineage.sources),
    "recordKey": ("", lineage.record_key),
    "history": ("", lambda build, meta, alias, asked: _history(build, meta, alias, asked)),
}
"""Members every golden record has."""


def _history(build: Build, meta: EntityMeta, alias: str, asked: Asked) -> Value:
    """The record's versions, page by page."""
    given = build.arguments(meta.type_name, asked)
    order = (OrderBy("version", bool(given.get("newestFirst", True))),)
    as_of = build.writer.as_of
    upto = EVERYTHING if as_of is None else Compare("at", Op.LTE, as_of.at)
    plan, cursors = pages.paged(build, Plan(CHANGES, tuple(CHANGES.columns), upto, order), pages.arguments_of(given))
    wanted = pages.List("ChangeConnection", "ChangeEdge", plan, cursors, lambda c: (f"{c}.golden_id = {alias}.id",))

    def node(c: str, asked: Asked) -> str:
        return lineage.change(build, meta, c, asked, lambda own: one(build, meta, own, f"{c}.golden_id"))

    return pages.page(build, wanted, asked, node)


def _leaf(field: Field[object]) -> Member:
    return lambda _, __, alias, ___: LEAVES[field.kind](column(alias, field.name))


def _amount(field: Field[object]) -> Member:
    return lambda build, _, alias, asked: amount(build, field.kind, alias, field.name, asked)


def _reference_id(field: Field[object]) -> Member:
    def member(build: Build, meta: EntityMeta, alias: str, asked: Asked) -> Value:
        return safe_text(f"{alias}.{field.name}_id::text")

    return member


def _reference(field: Field[object]) -> Member:
    target = ENTITIES[entity_name(field.target)]

    def member(build: Build, meta: EntityMeta, alias: str, asked: Asked) -> Value:
        on = build.arguments(meta.type_name, asked).get("on") if target.valid else None
        return one(build, target, asked, f"{alias}.{field.name}_id", on)

    return member


def _listing(field: Field[object]) -> Member:
    if field.target:
        return _references(field)
    if field.items:
        return _items(field)
    return lambda _, __, alias, ___: json(column(alias, field.name))


def _references(field: Field[object]) -> Member:
    """Records of a list, in its order; what is not resolved or not there is left out."""
    target = ENTITIES[entity_name(field.target)]

    def member(build: Build, _: EntityMeta, alias: str, asked: Asked) -> Value:
        cell, item, found = column(alias, field.name), build.writer.alias(), build.writer.alias()
        wanted = survivor(build, target, f"{item}.golden_id")
        text_of = one(build, target, asked, wanted).plain[0]
        assert isinstance(text_of, Sql)
        return _filled(
            cell,
            f"(SELECT {joined(listed(f'{found}.o', f'{found}.n'))} FROM (SELECT {item}.n, {text_of.sql} AS o FROM "
            f"(SELECT n, {golden_id('v')} AS golden_id FROM jsonb_array_elements({cell}) WITH ORDINALITY AS each (v, n)) AS {item}"
            f") AS {found} WHERE {found}.o IS NOT NULL)",
        )

    return member


def _items(field: Field[object]) -> Member:
    """Structured items; their values are canonical already."""

    def member(build: Build, meta: EntityMeta, alias: str, asked: Asked) -> Value:
        cell, item = column(alias, field.name), build.writer.alias()
        type_name = f"{meta.type_name}{pascal(field.name)}Item"
        kinds = {camel(name): name for name in field.items}
        members = [
            (each.key, constant(type_name) if each.name == "__typename" else _item(build, field, kinds[each.name], f"{item}.v", each))
            for each in build.fields(type_name, asked)
        ]
        return _filled(
            cell,
            f"(SELECT {joined(listed(joined(json_object(members)), f'{item}.n'))} "
            f"FROM jsonb_array_elements({cell}) WITH ORDINALITY AS {item} (v, n))",
        )

    return member


def _filled(cell: str, expression: str) -> Value:
    """An expression over the items of a list; what is no list reads as null."""
    return Value((Sql(expression),), (Sql(expression),), f"jsonb_typeof({cell}) = 'array'")


def golden_id(value: str) -> str:
    """The golden id inside a reference of a listing; NULL while it is not resolved."""
    said = (
        f"CASE jsonb_typeof({value}) WHEN 'string' THEN {value} #>> '{{}}' "
        f"WHEN 'object' THEN CASE WHEN NOT {value} ? 'system' AND jsonb_typeof({value} -> 'id') = 'string' THEN {value} ->> 'id' END END"
    )
    return f"CASE WHEN ({said}) ~ '^[0-9A-Fa-f]{{8}}(-[0-9A-Fa-f]{{4}}){{3}}-[0-9A-Fa-f]{{12}}$' THEN ({said})::uuid END"


def _item(build: Build, field: Field[object], name: str, value: str, asked: Asked) -> Value:
    """One member of an item."""
    kind, cell = field.items[name], f"({value} -> '{name}')"
    if kind is FieldKind.REFERENCE and (wanted := field.item_targets.get(name)):
        target = ENTITIES[entity_name(wanted)]
        return one(build, target, asked, survivor(build, target, golden_id(cell)))
    if kind in AMOUNTS:
        return _item_amount(build, kind, cell, asked)
    return nullable(Sql(f"CASE WHEN jsonb_typeof({cell}) <> 'null' THEN {cell}::text END"))


def _item_amount(build: Build, kind: FieldKind, cell: str, asked: Asked) -> Value:
    type_name, _ = AMOUNTS[kind]
    members = [
        (each.key, constant(type_name) if each.name == "__typename" else json(f"{cell} -> '{each.name}'"))
        for each in build.fields(type_name, asked)
    ]
    return object_value(members, f"jsonb_typeof({cell}) = 'object'")
