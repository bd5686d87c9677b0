"""Relay connections: from a field's arguments to a plan, and from its rows to edges, cursors and counts.

Pages hold 20 rows unless asked, never more than ``HUB_LARGEST_PAGE``. Counting is a statement of its own and runs only when
``totalCount`` is asked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import asyncpg

from hub.api.access import Role
from hub.api.context import REVERSES, Context, plan_key
from hub.api.cursor import Cursors
from hub.api.errors import ApiError, Code
from hub.api.filters import Filters, in_force, order_by
from hub.api.names import Reverse
from hub.api.plan import All, Page, Plan, golden_shape
from hub.api.rows import EVERYBODY, Scope, confine, confine_order
from hub.api.values import Row
from hub.settings import DEFAULT_LIMITS
from schema import ENTITIES
from schema.language import EntityMeta

DEFAULT_PAGE = 20
MOST_ORDERS = 5


@dataclass(frozen=True)
class Arguments:
    """What a connection field was given, as it came."""

    filter: Mapping[str, Any] | None = None
    order_by: Sequence[Mapping[str, Any]] | None = None
    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None
    on: str | None = None
    """The day on which rows must be in force."""

    @cached_property
    def key(self) -> str:
        return plan_key({"f": self.filter, "o": self.order_by, "p": [self.first, self.after, self.last, self.before], "on": self.on})

    @cached_property
    def filter_key(self) -> str:
        return plan_key({"f": self.filter} if self.on is None else {"f": self.filter, "on": self.on})


def page_size(arguments: Arguments, largest: int = DEFAULT_LIMITS.largest_page) -> int:
    """How many rows are asked for; raises ``BAD_PAGE``."""
    if arguments.first is not None and arguments.last is not None:
        raise ApiError(Code.BAD_PAGE, "first and last cannot be given together", "first", "Leave one of them out.")
    name = "last" if arguments.last is not None else "first"
    asked = arguments.last if arguments.last is not None else arguments.first
    size = DEFAULT_PAGE if asked is None else asked
    if not 0 <= size <= largest:
        raise ApiError(Code.BAD_PAGE, f"{name} must be from 0 to {largest}", name, "Ask page by page.")
    return size


@dataclass(frozen=True)
class Request:
    """A plan with the cursors of its list."""

    plan: Plan
    cursors: Cursors


def request(context: Context, meta: EntityMeta, arguments: Arguments) -> Request:
    """The plan for a connection over an entity."""
    return paged(context, golden_plan(meta, arguments, context.principal.role, context.principal.scope), arguments)


def golden_plan(meta: EntityMeta, arguments: Arguments, role: Role, scope: Scope = EVERYBODY) -> Plan:
    """Which rows of an entity a list's arguments leave, and in which order. Pure; every value may be a slot."""
    if len(arguments.order_by or ()) > MOST_ORDERS:
        raise ApiError(Code.TOO_COMPLEX, f"at most {MOST_ORDERS} orders", "orderBy")
    shape = golden_shape(meta)
    asked = Filters(ENTITIES, REVERSES, role).condition(meta, arguments.filter)
    if arguments.on is not None:
        asked = All((asked, in_force(meta, arguments.on)))
    where = confine(meta, asked, scope)
    order = confine_order(order_by(meta, arguments.order_by, role), scope)
    return Plan(shape, tuple(shape.columns), where, order)


def paged(context: Context, plan: Plan, arguments: Arguments) -> Request:
    """The same plan at the page the arguments ask for."""
    size = page_size(arguments, context.services.settings.limits.largest_page)
    cursors = Cursors(context.services.secret, context.principal.tenant_id, plan, arguments.filter_key)
    page = Page(
        size=size,
        after=cursors.open(arguments.after, "after") if arguments.after else None,
        before=cursors.open(arguments.before, "before") if arguments.before else None,
        backward=arguments.last is not None,
    )
    return Request(Plan(plan.shape, plan.columns, plan.where, plan.order, page), cursors)


@dataclass(frozen=True)
class Edge:
    node: Any
    cursor: str


@dataclass(frozen=True)
class PageOf:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


class Connection:
    """One page of a list, in the list's order."""

    def __init__(
        self,
        request: Request,
        records: list[asyncpg.Record],
        node: Callable[[asyncpg.Record], Any],
        count: Callable[[], Awaitable[int]],
    ) -> None:
        page = request.plan.page
        self._has_more = len(records) > page.size
        kept = records[: page.size]
        self._records = kept[::-1] if page.backward else kept
        self._request, self._node, self._count = request, node, count

    @cached_property
    def nodes(self) -> list[Any]:
        return [self._node(record) for record in self._records]

    @cached_property
    def edges(self) -> list[Edge]:
        return [Edge(node, self._cursor(record)) for node, record in zip(self.nodes, self._records, strict=True)]

    @property
    def page_info(self) -> PageOf:
        page = self._request.plan.page
        return PageOf(
            has_next_page=page.before is not None if page.backward else self._has_more,
            has_previous_page=self._has_more if page.backward else page.after is not None,
            start_cursor=self._cursor(self._records[0]) if self._records else None,
            end_cursor=self._cursor(self._records[-1]) if self._records else None,
        )

    @property
    def total_count(self) -> Awaitable[int]:
        return self._count()

    def _cursor(self, record: asyncpg.Record) -> str:
        return self._request.cursors.make([record[one.name] for one in self._request.plan.order])


async def read_list(context: Context, meta: EntityMeta, arguments: Arguments) -> Connection:
    """A root connection: ``clients(…)``."""
    asked = request(context, meta, arguments)
    records = await context.reader.rows(asked.plan) if asked.plan.page.size else []
    return Connection(asked, records, _node(context, meta), lambda: context.reader.count(asked.plan))


async def read_children(context: Context, parent: Row, back: Reverse, arguments: Arguments) -> Connection:
    """A nested connection: ``client { contacts(…) }``; all parents of a level share one statement."""
    asked = request(context, back.meta, arguments)
    column = f"{back.field.name}_id"
    records = await context.children(asked.plan, column, parent.id, arguments.key) if asked.plan.page.size else []
    return Connection(
        asked,
        records,
        _node(context, back.meta),
        lambda: context.child_count(asked.plan, column, parent.id, arguments.filter_key),
    )


def _node(context: Context, meta: EntityMeta) -> Callable[[asyncpg.Record], Row]:
    role = context.principal.role
    return lambda record: Row(meta, record, role)
