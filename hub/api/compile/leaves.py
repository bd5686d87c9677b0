"""Values of one column, or of the few columns of an amount, as JSON text: one table from field kind to its spelling.

They answer what :mod:`hub.api.values` and :mod:`hub.api.scalars` answer on the other way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hub.api.compile.build import Build
from hub.api.compile.selection import Asked
from hub.api.compile.text import Sql, Value, always, json_literal, json_object, nullable, quoted
from schema.kinds import FieldKind

NULL = always("null")


def text(cell: str) -> Value:
    """Text of a source: quoted as it is where the row is known to be plain, else escaped by PostgreSQL."""
    return Value(('"', Sql(cell), '"'), (Sql(f"to_json({cell})::text"),))


def safe_text(cell: str) -> Value:
    """Text of ours that never needs escaping."""
    return nullable('"', Sql(cell), '"')


def required_text(expression: str) -> Value:
    """Text of ours that is never null and never needs escaping."""
    return always('"', Sql(expression), '"')


def any_text(expression: str) -> Value:
    """Text that is always escaped."""
    return nullable(Sql(f"to_json({expression})::text"))


def json(expression: str) -> Value:
    """A jsonb value as it is."""
    return nullable(Sql(f"({expression})::text"))


def instant(expression: str) -> str:
    """An instant in canonical form: six decimals and Z."""
    return f"""to_char({expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


Leaf = Callable[[str], Value]

LEAVES: Mapping[FieldKind, Leaf] = {
    **dict.fromkeys(
        (
            FieldKind.TEXT, FieldKind.IDENTIFIER, FieldKind.EMAIL, FieldKind.PHONE, FieldKind.DOMAIN,
            FieldKind.COUNTRY, FieldKind.LANGUAGE, FieldKind.TIMEZONE, FieldKind.CODE,
        ),
        text,
    ),
    FieldKind.BOOLEAN: lambda cell: nullable(Sql(f"{cell}::text")),
    FieldKind.INTEGER: lambda cell: nullable(Sql(f"{cell}::text")),
    FieldKind.DATE: lambda cell: nullable('"', Sql(f"{cell}::text"), '"'),
    FieldKind.INSTANT: lambda cell: nullable('"', Sql(instant(cell)), '"'),
    FieldKind.PERCENT: lambda cell: nullable('"', Sql(f"trim_scale({cell})::text"), '"'),
}  # fmt: skip
"""Kinds that live in one column. References, amounts and listings have members of their own."""

CELLS: Mapping[FieldKind, Callable[[str], str]] = {
    **dict.fromkeys(
        (
            FieldKind.TEXT, FieldKind.IDENTIFIER, FieldKind.EMAIL, FieldKind.PHONE, FieldKind.DOMAIN, FieldKind.COUNTRY,
            FieldKind.LANGUAGE, FieldKind.TIMEZONE, FieldKind.CODE, FieldKind.BOOLEAN, FieldKind.INTEGER, FieldKind.DATE,
        ),
        str,
    ),
    FieldKind.INSTANT: lambda cell: instant(cell),
    FieldKind.PERCENT: lambda cell: f"trim_scale({cell})::text",
}  # fmt: skip
"""The same kinds as a column whose JSON, made by PostgreSQL, is the field's."""

Column = Callable[[str], str]
"""From a suffix to the column it names."""

AMOUNTS: Mapping[FieldKind, tuple[str, Mapping[str, Callable[[Column], Value]]]] = {
    FieldKind.MONEY: (
        "Money",
        {"amount": lambda at: always('"', Sql(f"{at('')}::text"), '"'), "currency": lambda at: text(at("_currency"))},
    ),
    FieldKind.PRICE: (
        "Price",
        {
            "amount": lambda at: always('"', Sql(f"trim_scale({at('')})::text"), '"'),
            "currency": lambda at: text(at("_currency")),
            "per": lambda at: text(at("_per")),
        },
    ),
    FieldKind.QUANTITY: (
        "Quantity",
        {
            "value": lambda at: always('"', Sql(f"trim_scale({at('')})::text"), '"'),
            "unit": lambda at: text(at("_unit")),
            "stated": lambda at: text(at("_stated")),
        },
    ),
}
"""Kinds of amounts: their GraphQL type, and each member from its column, named by suffix."""


def column(alias: str, name: str) -> str:
    """A column; some are called like words of SQL."""
    return f'{alias}."{name}"'


def amount(build: Build, kind: FieldKind, alias: str, name: str, asked: Asked) -> Value:
    """Money, a price or a quantity."""
    type_name, members = AMOUNTS[kind]

    def at(suffix: str) -> str:
        return column(alias, name + suffix)

    chosen = [
        (one.key, constant(type_name) if one.name == "__typename" else members[one.name](at))
        for one in build.fields(type_name, asked)
    ]
    return object_value(chosen, f"{at('')} IS NOT NULL")


def object_value(members: Sequence[tuple[str, Value]], present: str) -> Value:
    """An object made of a row's own columns; it can be written plain or escaped."""
    plain = [(name, Value(value.plain, value.plain, value.present)) for name, value in members]
    escaped = [(name, Value(value.escaped, value.escaped, value.present)) for name, value in members]
    return Value(json_object(plain), json_object(escaped), present)


def constant(value: object) -> Value:
    """The same for every row."""
    return always(json_literal(value))


def in_words(words: Mapping[str, str], expression: str) -> str:
    """A word of ours for each word of a column."""
    cases = " ".join(f"WHEN {quoted(name)} THEN {quoted(word)}" for name, word in words.items())
    return f"CASE {expression} {cases} ELSE {expression} END"
