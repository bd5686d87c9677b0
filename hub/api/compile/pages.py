"""Connections: a page of rows in the list's order, its edges, cursors and counts, as one correlated subselect.

The row that tells whether there are more is read only when that is asked, and cursors are made only where they are asked:
they are signed in SQL by the key of their list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hub.api.compile.build import Build
from hub.api.compile.leaves import NULL, constant, instant
from hub.api.compile.selection import Asked
from hub.api.compile.text import Part, Sql, Value, always, joined, json_object, listed, nullable
from hub.api.compile.variables import Given
from hub.api.cursor import Cursors
from hub.api.lists import Arguments, golden_plan, page_size
from hub.api.names import Reverse
from hub.api.plan import Page, Plan
from hub.api.slots import Slot, filled
from hub.api.statement import Writer, condition, order_columns, ordering, page_conditions, tied
from schema.language import EntityMeta

Node = Callable[[str, Asked], str]
"""Writes one row of a page: (alias of the row, what is asked of the node)."""


@dataclass(frozen=True, slots=True)
class List:
    """A connection to write: its types, its plan, and the condition that ties it to its parent."""

    type_name: str
    node_type: str
    plan: Plan
    cursors: Slot
    extra: Callable[[str], Sequence[str]]


def nested(back: Reverse, record: Callable[[Build, EntityMeta, str, Asked], str]) -> Callable[[Build, EntityMeta, str, Asked], Value]:
    """The member that leads to all records of ``back`` that refer to this one."""

    def member(build: Build, meta: EntityMeta, alias: str, asked: Asked) -> Value:
        given = build.arguments(meta.type_name, asked)
        return golden_list(build, back.meta, given, asked, record, lambda other: (f"{other}.{back.field.name}_id = {alias}.id",))

    return member


def golden_list(
    build: Build,
    meta: EntityMeta,
    given: Mapping[str, Any],
    asked: Asked,
    record: Callable[[Build, EntityMeta, str, Asked], str],
    tie: Callable[[str], Sequence[str]],
) -> Value:
    """A connection over an entity's golden records."""
    arguments = arguments_of(given)
    plan, cursors = paged(build, golden_plan(meta, arguments, build.role, build.scope), arguments)
    wanted = List(f"{meta.type_name}Connection", f"{meta.type_name}Edge", plan, cursors, tie)
    return page(build, wanted, asked, lambda alias, node: record(build, meta, alias, node))


def arguments_of(given: Mapping[str, Any]) -> Arguments:
    """A connection's arguments by their names here."""
    return Arguments(
        filter=given.get("filter"), order_by=given.get("orderBy"), first=given.get("first"), after=given.get("after"),
        last=given.get("last"), before=given.get("before"), on=given.get("on"),
    )  # fmt: skip


def paged(build: Build, plan: Plan, arguments: Arguments) -> tuple[Plan, Slot]:
    """The plan at its page, and what will make and open its cursors."""

    def cursors(given: Given) -> Cursors:
        if (known := given.made.get(cursors)) is None:
            said = replace(arguments, filter=filled(arguments.filter, given), on=filled(arguments.on, given))
            known = given.made[cursors] = Cursors(given.secret, given.principal.tenant_id, plan, said.filter_key)
        found: Cursors = known
        return found

    def place(cursor: Any, name: str) -> tuple[Slot, ...] | None:
        if not cursor and not isinstance(cursor, Slot):
            return None

        def value(at: int) -> Slot:
            return Slot(lambda given: cursors(given).open(filled(cursor, given), name)[at])

        return tuple(value(at) for at in range(len(plan.order)))

    at = Page(
        page_size(arguments, build.largest_page), place(arguments.after, "after"), place(arguments.before, "before"),
        arguments.last is not None,
    )  # fmt: skip
    return replace(plan, page=at), Slot(cursors)


def page(build: Build, wanted: List, asked: Asked, node: Node) -> Value:
    """The connection object; never null."""
    return _Page(build, wanted, node).value(build.fields(wanted.type_name, asked))


class _Page:
    """Writes one page; notes on the way what its rows must carry."""

    def __init__(self, build: Build, wanted: List, node: Node) -> None:
        self.build, self.wanted, self.node = build, wanted, node
        self.alias = build.writer.alias()
        self.looks_ahead = False
        self.counts_rows = False
        self.reads_rows = False
        self._cursor = ""

    def value(self, asked: Sequence[Asked]) -> Value:
        self.looks_ahead = any(self._looks_ahead(one) for one in asked)
        found = [(one.key, self._member(one)) for one in asked]
        text = joined(json_object(found))
        if not self.reads_rows:
            self._check()
        return always(Sql(f"(SELECT {text} FROM {self._rows()})" if self.reads_rows else text))

    def _check(self) -> None:
        """Cursors and values nothing is read with are refused all the same."""
        unread = Writer()
        page_conditions(unread, self.wanted.plan, "unread")
        self.build.checks.extend(value for value in unread.values if isinstance(value, Slot))

    def _looks_ahead(self, one: Asked) -> bool:
        if one.name != "pageInfo":
            return False
        name = "hasPreviousPage" if self.wanted.plan.page.backward else "hasNextPage"
        return any(each.name == name for each in self.build.fields("PageInfo", one))

    @property
    def _kept(self) -> str:
        return f"{self.alias}.rn_ <= {self.wanted.plan.page.size}" if self.looks_ahead else ""

    @property
    def _order(self) -> str:
        if self.wanted.plan.page.backward:
            self.counts_rows = True
            return f"{self.alias}.rn_ DESC"
        return ""

    def _member(self, one: Asked) -> Value:
        match one.name:
            case "__typename":
                return constant(self.wanted.type_name)
            case "nodes":
                return always(*self._listed(self.node(self.alias, one)))
            case "edges":
                return always(*self._listed(self._edge(one)))
            case "pageInfo":
                return always(*json_object([(each.key, self._info(each)) for each in self.build.fields("PageInfo", one)]))
        return always(Sql(f"{self._count()}::text"))

    def _listed(self, text: str) -> tuple[Part, ...]:
        self.reads_rows = True
        return listed(text, self._order, self._kept)

    def _edge(self, asked: Asked) -> str:
        members = [(one.key, self._edge_member(one)) for one in self.build.fields(self.wanted.node_type, asked)]
        return joined(json_object(members))

    def _edge_member(self, one: Asked) -> Value:
        match one.name:
            case "__typename":
                return constant(self.wanted.node_type)
            case "node":
                return always(Sql(self.node(self.alias, one)))
        return always('"', Sql(self.cursor()), '"')

    def _info(self, one: Asked) -> Value:
        page = self.wanted.plan.page
        match one.name:
            case "__typename":
                return constant("PageInfo")
            case "hasNextPage":
                return constant(page.before is not None) if page.backward else self._more()
            case "hasPreviousPage":
                return self._more() if page.backward else constant(page.after is not None)
        is_first = (one.name == "startCursor") is not page.backward
        if page.size == 0:
            return NULL
        self.counts_rows = self.reads_rows = True
        last = f"least({self.alias}.total_, {page.size})"
        found = Sql(f"max({self.cursor()}) FILTER (WHERE {self.alias}.rn_ = {1 if is_first else last})")
        return nullable('"', found, '"')

    def _more(self) -> Value:
        size = self.wanted.plan.page.size
        if size == 0:
            return constant(False)
        self.reads_rows = True
        return always(Sql(f"(count(*) > {size})::text"))

    def _rows(self) -> str:
        """The page's rows under its alias, numbered when something asks."""
        plan = self.wanted.plan
        inner = self.build.writer.alias()
        extra = self.wanted.extra(inner)
        conditions = [*extra, *page_conditions(self.build.writer, plan, inner)]
        order = ordering(self.build.writer, plan, inner)
        where = " AND ".join(each for each in conditions if each != "true") or "true"
        limit = plan.page.size + (1 if self.looks_ahead and plan.page.size else 0)
        rows = (
            f"SELECT {', '.join((f'{inner}.*', *order_columns(self.build.writer, plan, inner)))} "
            f"FROM {self.build.writer.relation(plan.shape, inner, plan.where, tied(inner, extra), order)} WHERE {where} "
            f"ORDER BY {order} LIMIT {limit:d}"
        )
        if self.looks_ahead or self.counts_rows:
            numbered = self.build.writer.alias()
            rows = f"SELECT {numbered}.*, row_number() OVER () AS rn_, count(*) OVER () AS total_ FROM ({rows}) AS {numbered}"
        return f"({rows}) AS {self.alias}"

    def _count(self) -> str:
        plan = self.wanted.plan
        inner = self.build.writer.alias()
        extra = self.wanted.extra(inner)
        conditions = [*extra, condition(self.build.writer, plan.shape, inner, plan.where)]
        where = " AND ".join(each for each in conditions if each != "true") or "true"
        return f"(SELECT count(*) FROM {self.build.writer.relation(plan.shape, inner, plan.where, tied(inner, extra))} WHERE {where})"

    def cursor(self) -> str:
        """The cursor of a row, signed; the same bytes as :meth:`Cursors.make`."""
        writer, plan, cursors = self.build.writer, self.wanted.plan, self.wanted.cursors
        if not self._cursor:
            outer = writer.bind(cursors.then(lambda made: made.pads[0]), "bytea")
            inner = writer.bind(cursors.then(lambda made: made.pads[1]), "bytea")
            cells = [_place(one.type_in(plan.shape), f'{self.alias}."{one.name}"') for one in plan.order]
            body = "convert_to('[' || " + " || ',' || ".join(cells) + " || ']', 'UTF8')"
            signed = f"substr(sha256({outer} || sha256({inner} || {body})), 1, 12) || {body}"
            self._cursor = f"rtrim(translate(encode({signed}, 'base64'), E'+/\\n', '-_'), '=')"
        return self._cursor


def _place(kind: str, cell: str) -> str:
    """One value of a cursor as JSON, spelt as :func:`hub.api.values.as_text` spells it."""
    match kind:
        case "text":
            found = f"to_json({cell})::text"
        case "boolean":
            found = f"{cell}::text"
        case "timestamptz":
            found = f"""'"' || {instant(cell)} || '"'"""
        case _:
            found = f"""'"' || {cell}::text || '"'"""
    return f"coalesce({found}, 'null')"
