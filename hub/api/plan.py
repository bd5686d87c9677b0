"""What a read asks for, as plain data: which view, which columns, which rows, in which order, which page.

Resolvers make a :class:`Plan` and hand it to :mod:`hub.api.read`, the compiler writes it into its statement. Columns are
named from a :class:`Shape`, never from a caller's text, and values travel beside the statement as parameters. Every
value may be a :class:`hub.api.slots.Slot` instead: known only when the request comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from hub.store.tables import SEARCHED, VERSION_TAIL, former_columns, golden_columns
from schema.kinds import FieldKind
from schema.language import EntityMeta


@dataclass(frozen=True, eq=False)
class Shape:
    """A view of schema ``api``: its columns with their SQL types, its key, and the columns searched without case."""

    view: str
    columns: Mapping[str, str]
    key: tuple[str, ...] = ("id",)
    searched: frozenset[str] = frozenset()
    versions: str = ""
    """The view of its versions, where it has some: then it can be read as of an instant."""
    former: frozenset[str] = frozenset()
    """Columns whose former values are known; see :mod:`hub.store.former`."""

    def type_of(self, column: str) -> str:
        return self.columns[column]


@lru_cache(maxsize=256)
def golden_shape(meta: EntityMeta) -> Shape:
    """The view of an entity's golden records."""
    columns = {name: kind for name, kind in golden_columns(meta) if name != "tenant_id"}
    searched = {
        name
        for name, field in meta.fields.items()
        if name in SEARCHED and field.kind in (FieldKind.TEXT, FieldKind.IDENTIFIER)
    }
    return Shape(meta.name, columns, ("id",), frozenset(searched), f"{meta.name}_version", frozenset(former_columns(meta)))


@lru_cache(maxsize=256)
def version_shape(meta: EntityMeta) -> Shape:
    """The view of an entity's versions, with lineage."""
    golden = golden_shape(meta)
    return Shape(f"{meta.name}_version", {**golden.columns, **dict(VERSION_TAIL)}, key=("id", "version"))


class Op(StrEnum):
    """How a column is compared. All are two-valued: an empty column differs from every value."""

    EQ = "eq"
    NE = "ne"
    IN = "in"
    NOT_IN = "notIn"
    IS_NULL = "isNull"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    IEQ = "ieq"
    STARTS_WITH = "startsWith"
    CONTAINS = "contains"
    """jsonb ``@>``: the column holds at least this."""


@dataclass(frozen=True, slots=True)
class Compare:
    column: str
    op: Op
    value: Any


@dataclass(frozen=True, slots=True)
class All:
    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    of: Condition


class Quantifier(StrEnum):
    SOME = "some"
    NONE = "none"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class Related:
    """Rows of ``shape`` whose ``theirs`` equals our ``ours``: some of them, none or every one satisfies ``of``."""

    ours: str
    shape: Shape
    theirs: str
    quantifier: Quantifier
    of: Condition


Condition = Compare | All | AnyOf | Not | Related

EVERYTHING = All(())


@dataclass(frozen=True, slots=True)
class Step:
    """From a row to the one its ``column`` refers to; ``where`` says which rows may be seen there."""

    column: str
    shape: Shape
    where: Condition = EVERYTHING


@dataclass(frozen=True, slots=True)
class OrderBy:
    """One column of the order, of the row itself or at the end of a path; empty values come last whichever way it runs."""

    column: str
    descending: bool = False
    path: tuple[Step, ...] = ()

    @property
    def name(self) -> str:
        """How its value is called among the columns of a row.

        >>> OrderBy("name", path=(Step("client_id", Shape("client", {})),)).name
        'client_id.name'
        """
        return ".".join((*(step.column for step in self.path), self.column))

    def type_in(self, shape: Shape) -> str:
        """The SQL type of its values, for rows of ``shape``."""
        return (self.path[-1].shape if self.path else shape).type_of(self.column)

    def is_key(self, shape: Shape) -> bool:
        """Whether it is part of the row's key, which is never empty."""
        return not self.path and self.column in shape.key


@dataclass(frozen=True, slots=True)
class Page:
    """``size`` rows after one place and before another; ``backward`` takes them from the end.

    A place is the values of the plan's order, as Python values of the columns' types, or slots for them.
    """

    size: int
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """One read. ``order`` always ends with the key, so that places are unique."""

    shape: Shape
    columns: tuple[str, ...]
    where: Condition = EVERYTHING
    order: tuple[OrderBy, ...] = field(default=(OrderBy("id"),))
    page: Page = Page(20)
