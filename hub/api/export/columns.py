"""The columns of an export, derived from the model: as a value of a JSON line, and flat for CSV, Arrow and Parquet.

A JSON line says what GraphQL says of a record. Flat, money is ``totalValueAmount`` and ``totalValueCurrency``: the parts
GraphQL has, joined to the field's name. Text is written by Postgres (``r`` is the row); see the figures in
``README.md`` beside this file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hub.api.access import Role, masked_fields
from hub.api.errors import ApiError, Code
from hub.api.names import camel
from schema.kinds import FieldKind
from schema.language import EntityMeta

MONEY_SCALE, PRICE_SCALE, QUANTITY_SCALE, PERCENT_SCALE = 4, 6, 6, 18
"""Decimals of a column of Arrow: the most a currency has, what prices and quantities are held at, what a rate may need."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A flat column: its name, the SQL of its raw value, the type of that, and its decimals."""

    name: str
    value: str
    type_name: str
    scale: int = 0
    is_trimmed: bool = False
    """Whether a number is written without trailing zeros; money keeps those of its currency."""


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the API: what it reads, its value in a JSON line, and its flat cells."""

    name: str
    reads: tuple[str, ...]
    json: str
    cells: tuple[Cell, ...]


def text(name: str) -> str:
    """A text column as a JSON value."""
    return f"""coalesce(to_json(r."{name}")::text, 'null')"""


def _quoted(expression: str) -> str:
    """What needs no escaping, as JSON text; null stays null."""
    return f"""coalesce('"' || {expression} || '"', 'null')"""


def _as_it_is(name: str) -> str:
    return f"""coalesce(r."{name}"::text, 'null')"""


def instant(name: str) -> str:
    return f"""to_char(r."{name}" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def day(name: str) -> str:
    return f"""to_char(r."{name}", 'YYYY-MM-DD')"""


def _money(name: str) -> str:
    return f"""coalesce('{{"amount":"' || r."{name}" || '","currency":' || {text(f"{name}_currency")} || '}}', 'null')"""


def _price(name: str) -> str:
    parts = f"""'","currency":' || {text(f"{name}_currency")} || ',"per":' || {text(f"{name}_per")} || '}}'"""
    return f"""coalesce('{{"amount":"' || trim_scale(r."{name}") || {parts}, 'null')"""


def _quantity(name: str) -> str:
    parts = f"""'","unit":' || {text(f"{name}_unit")} || ',"stated":' || {text(f"{name}_stated")} || '}}'"""
    return f"""coalesce('{{"value":"' || trim_scale(r."{name}") || {parts}, 'null')"""


_TEXTS = (
    FieldKind.TEXT, FieldKind.IDENTIFIER, FieldKind.EMAIL, FieldKind.PHONE, FieldKind.DOMAIN, FieldKind.COUNTRY,
    FieldKind.LANGUAGE, FieldKind.TIMEZONE, FieldKind.CODE,
)  # fmt: skip

JSON: Mapping[FieldKind, Callable[[str], str]] = {
    **dict.fromkeys(_TEXTS, text),
    FieldKind.BOOLEAN: _as_it_is,
    FieldKind.INTEGER: _as_it_is,
    FieldKind.DATE: lambda name: _quoted(day(name)),
    FieldKind.INSTANT: lambda name: _quoted(instant(name)),
    FieldKind.PERCENT: lambda name: _quoted(f'trim_scale(r."{name}")'),
    FieldKind.QUANTITY: _quantity,
    FieldKind.MONEY: _money,
    FieldKind.PRICE: _price,
    FieldKind.REFERENCE: lambda name: _quoted(f'r."{name}_id"'),
    FieldKind.LISTING: _as_it_is,
}
"""SQL of a field's value in a JSON line, by kind."""

Part = tuple[str, str, str, int, bool]
CELLS: Mapping[FieldKind, tuple[Part, ...]] = {
    **dict.fromkeys(_TEXTS, (("", "", "text", 0, False),)),
    FieldKind.BOOLEAN: (("", "", "boolean", 0, False),),
    FieldKind.INTEGER: (("", "", "bigint", 0, False),),
    FieldKind.DATE: (("", "", "date", 0, False),),
    FieldKind.INSTANT: (("", "", "timestamptz", 0, False),),
    FieldKind.PERCENT: (("", "", "numeric", PERCENT_SCALE, True),),
    FieldKind.QUANTITY: (
        ("Value", "", "numeric", QUANTITY_SCALE, True), ("Unit", "_unit", "text", 0, False), ("Stated", "_stated", "text", 0, False),
    ),
    FieldKind.MONEY: (("Amount", "", "numeric", MONEY_SCALE, False), ("Currency", "_currency", "text", 0, False)),
    FieldKind.PRICE: (
        ("Amount", "", "numeric", PRICE_SCALE, True), ("Currency", "_currency", "text", 0, False), ("Per", "_per", "text", 0, False),
    ),
    FieldKind.REFERENCE: (("", "_id", "uuid", 0, False),),
    FieldKind.LISTING: (("", "", "jsonb", 0, False),),
}  # fmt: skip
"""The flat cells a field of each kind becomes: suffix of its name, suffix of its column, type, decimals, trimmed."""


def _head(column: str, type_name: str, json: str) -> Column:
    name = camel(column)
    return Column(name, (column,), json, (Cell(name, f'r."{column}"', type_name),))


ID = _head("id", "uuid", """'"' || r."id" || '"'""")
HEAD = (
    ID,
    _head("version", "integer", """r."version"::text"""),
    _head("record_state", "text", text("record_state")),
    _head("created_at", "timestamptz", _quoted(instant("created_at"))),
    _head("updated_at", "timestamptz", _quoted(instant("updated_at"))),
)
EXTRA = _head("extra", "jsonb", """coalesce(r."extra"::text, '{}')""")


@lru_cache(maxsize=1024)
def columns(meta: EntityMeta, role: Role) -> Mapping[str, Column]:
    """Every column of an entity by its name in the API; what the role may not read is null in every row."""
    masked = masked_fields(meta, role)
    found = {one.name: one for one in HEAD}
    for name, field in meta.fields.items():
        is_reference = field.kind is FieldKind.REFERENCE
        called = f"{camel(name)}Id" if is_reference else camel(name)
        cells = tuple(
            Cell(
                called + suffix, f"NULL::{type_name}" if name in masked else f'r."{name}{stored}"', type_name, scale, trimmed,
            )
            for suffix, stored, type_name, scale, trimmed in CELLS[field.kind]
        )  # fmt: skip
        reads = () if name in masked else tuple(name + stored for _, stored, *_ in CELLS[field.kind])
        found[called] = Column(called, reads, "'null'" if name in masked else JSON[field.kind](name), cells)
    return found | {EXTRA.name: EXTRA}


def chosen(meta: EntityMeta, role: Role, names: Sequence[str] | None) -> tuple[Column, ...]:
    """The columns asked for, all when none are; the id always comes first, since it is where an export goes on.

    Raises ``UNKNOWN_FIELD``.
    """
    known = columns(meta, role)
    if names is None:
        return tuple(known.values())
    for at, name in enumerate(names):
        if name not in known:
            raise ApiError(
                Code.UNKNOWN_FIELD, f"{meta.type_name} has no column {name[:60]!r}", f"columns.{at}",
                f"Columns are {', '.join(known)}.",
            )  # fmt: skip
    return tuple({one.name: one for one in (ID, *(known[name] for name in names))}.values())


def masked_columns(meta: EntityMeta, role: Role) -> list[str]:
    """Names of the columns that are null because the role may not read them."""
    masked = masked_fields(meta, role)
    return [f"{camel(name)}Id" if field.kind is FieldKind.REFERENCE else camel(name) for name, field in meta.fields.items() if name in masked]
