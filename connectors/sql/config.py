"""The document of a database: where it is, and which rows are records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.tables import Table

Form = Literal["instant", "text", "epoch_s", "epoch_ms", "number"]
FORMS: tuple[Form, ...] = ("instant", "text", "epoch_s", "epoch_ms", "number")
DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Watermark:
    """The column that grows with every change. ``number``: a counter of the database's, not a time."""

    column: str
    form: Form = "instant"
    pattern: str = "%Y-%m-%d %H:%M:%S"
    """How a text writes a time."""
    overlap: int = 0
    """How many numbers behind the newest one a poll reads again."""


@dataclass(frozen=True, slots=True)
class SqlResource:
    """The rows of one kind of record: a table, or a query that stands for one."""

    object: str
    table: str
    select: str
    id: tuple[str, ...]
    columns: tuple[str, ...]
    watermark: Watermark | None
    deleted: str
    deleted_is: tuple[str, ...]
    listing_every_s: float
    """A listing of all, to find what is gone; 0: never."""


@dataclass(frozen=True, slots=True)
class SqlConfig:
    system: str
    url: str
    user: str
    password: str = field(repr=False)
    zone: ZoneInfo | None
    clock: str
    lag_s: float
    reread_s: float
    statement_timeout_s: float
    page_size: int
    resources: Mapping[str, SqlResource]


def parsed(config: Mapping[str, Any], file: str) -> SqlConfig:
    """Raises ConfigurationError with file, key and what is expected."""
    top = Table(config, file)
    for key in ("mappings", "code_maps", "name", "kind", "connector"):
        top.take(key)
    found = SqlConfig(
        system=top.text("system"),
        url=top.text("url"),
        user=top.text("user", ""),
        password=top.text("password", ""),
        zone=_zone(top),
        clock=top.text("clock", ""),
        lag_s=top.number("lag_s", 5.0),
        reread_s=top.number("reread_s", DAY_S),
        statement_timeout_s=top.number("statement_timeout_s", 30.0),
        page_size=int(top.number("page_size", 1000)) or 1,
        resources={name: _resource(name, table) for name, table in top.tables("resources")},
    )
    top.done()
    return found


def _zone(top: Table) -> ZoneInfo | None:
    name = top.text("zone", "")
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise top.wrong("zone", "a zone such as Europe/Berlin", name) from error


def _resource(name: str, table: Table) -> SqlResource:
    deleted, deleted_is = _deleted(table)
    found = SqlResource(
        object=table.text("object", name),
        table=table.text("table", ""),
        select=table.text("select", "").strip().rstrip(";"),
        id=table.texts("id") or ("id",),
        columns=table.texts("columns"),
        watermark=_watermark(table),
        deleted=deleted,
        deleted_is=deleted_is,
        listing_every_s=table.number("listing_every_s", 0.0 if deleted else DAY_S),
    )
    if bool(found.table) == bool(found.select):
        raise table.wrong("table", "a table, or a select instead", found.table or None)
    table.done()
    return found


def _deleted(table: Table) -> tuple[str, tuple[str, ...]]:
    """A column that is true, 1, or not empty where a row is deleted; or a column and the values that say so."""
    if not isinstance(table.take("deleted"), Mapping):
        return table.text("deleted", ""), ()
    inner = table.table("deleted")
    found = inner.text("column"), inner.texts("is")
    inner.done()
    return found


def _watermark(table: Table) -> Watermark | None:
    told = table.take("watermark")
    if told is None:
        return None
    if not isinstance(told, Mapping):
        return Watermark(table.text("watermark"))
    inner = table.table("watermark")
    found = Watermark(
        inner.text("column"), cast(Form, inner.one_of("form", FORMS, "instant")), inner.text("pattern", "%Y-%m-%d %H:%M:%S"), int(inner.number("overlap", 0))
    )
    inner.done()
    return found
