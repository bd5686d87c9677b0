"""The golden tables, derived from the model: one typed table and one version table an entity.

Pure functions from :class:`schema.language.EntityMeta` to SQLAlchemy tables. Migrations create them from a frozen
copy; alembic's check compares that copy with what these functions say today.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger, Boolean, Column, Date, DateTime, ForeignKeyConstraint, Index, Integer, MetaData, Numeric,
    PrimaryKeyConstraint, Table, Text, Uuid, text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from schema.kinds import FieldKind
from schema.language import EntityMeta, Field, entity_name

ColumnSpec = tuple[str, str]
"""(suffix, SQL type name): the columns one field becomes are named field + suffix."""

COLUMNS: dict[FieldKind, tuple[ColumnSpec, ...]] = {
    FieldKind.TEXT: (("", "text"),),
    FieldKind.IDENTIFIER: (("", "text"),),
    FieldKind.EMAIL: (("", "text"),),
    FieldKind.PHONE: (("", "text"),),
    FieldKind.DOMAIN: (("", "text"),),
    FieldKind.COUNTRY: (("", "text"),),
    FieldKind.LANGUAGE: (("", "text"),),
    FieldKind.TIMEZONE: (("", "text"),),
    FieldKind.CODE: (("", "text"),),
    FieldKind.BOOLEAN: (("", "boolean"),),
    FieldKind.INTEGER: (("", "bigint"),),
    FieldKind.DATE: (("", "date"),),
    FieldKind.INSTANT: (("", "timestamptz"),),
    FieldKind.PERCENT: (("", "numeric"),),
    FieldKind.QUANTITY: (("", "numeric"), ("_unit", "text"), ("_stated", "text")),
    FieldKind.MONEY: (("", "numeric"), ("_currency", "text")),
    FieldKind.PRICE: (("", "numeric"), ("_currency", "text"), ("_per", "text")),
    FieldKind.REFERENCE: (("_id", "uuid"),),
    FieldKind.LISTING: (("", "jsonb"),),
}
"""The golden columns of each kind of field."""

TYPES: dict[str, TypeEngine[Any]] = {
    "text": Text(),
    "boolean": Boolean(),
    "bigint": BigInteger(),
    "integer": Integer(),
    "date": Date(),
    "timestamptz": DateTime(timezone=True),
    "numeric": Numeric(),
    "uuid": Uuid(),
    "jsonb": JSONB(),
}

HEAD: tuple[ColumnSpec, ...] = (
    ("tenant_id", "integer"), ("id", "uuid"), ("version", "integer"), ("record_state", "text"),
    ("created_at", "timestamptz"), ("updated_at", "timestamptz"), ("extra", "jsonb"),
)  # fmt: skip
VERSION_TAIL: tuple[ColumnSpec, ...] = (("lineage", "jsonb"), ("recorded_at", "timestamptz"))
PLAIN: ColumnSpec = ("plain_version", "integer")
"""The version for which no text of the row needs escaping in JSON; any other value, and none, says nothing.

It is compared with ``version``: code that updates a row without knowing this column leaves the two unequal.
"""
SEARCHED = frozenset({"name", "legal_name", "family_name", "code", "number", "contract_no", "account_no", "employee_no"})


def columns_of(field: Field[Any]) -> tuple[ColumnSpec, ...]:
    """Column names and types of one field.

    >>> from schema.client import Client
    >>> columns_of(Client.account_manager)
    (('account_manager_id', 'uuid'),)
    """
    return tuple((field.name + suffix, type_name) for suffix, type_name in COLUMNS[field.kind])


def golden_columns(meta: EntityMeta) -> tuple[ColumnSpec, ...]:
    """All columns of the golden table, in their order."""
    return (*HEAD, *(spec for field in meta.fields.values() for spec in columns_of(field)), PLAIN)


def version_columns(meta: EntityMeta) -> tuple[ColumnSpec, ...]:
    """All columns of the version table, in their order."""
    return (*golden_columns(meta)[:-1], *VERSION_TAIL, PLAIN)


def golden_indexes(meta: EntityMeta) -> tuple[tuple[str, str], ...]:
    """(name, expression) of the indexes beside the primary key: what filters, references and keys need."""
    names: dict[str, str] = {}
    for field in meta.fields.values():
        column = columns_of(field)[0][0]
        if field.kind is FieldKind.REFERENCE:
            names[column] = column
        elif field.name in SEARCHED and field.kind in (FieldKind.TEXT, FieldKind.IDENTIFIER):
            names[column] = f"lower({column}) text_pattern_ops"
        elif field in meta.key or (field.kind is FieldKind.DATE and field.essential):
            names[column] = column
    return tuple((f"ix_{meta.name}_{column}", expression) for column, expression in names.items())


FORMER_TYPES = frozenset({"text", "uuid", "date", "bigint"})
"""Types whose values compare as text as they do themselves, as far as former values are looked for."""


@cache
def former_columns(meta: EntityMeta) -> tuple[str, ...]:
    """The columns whose former values are kept, so that reads as of an instant find records by them: those with an index.

    >>> from schema.contract import ContractLine
    >>> former_columns(ContractLine.meta)[:2]
    ('contract_id', 'line_no')
    """
    kinds = dict(golden_columns(meta))
    names = (name.removeprefix(f"ix_{meta.name}_") for name, _ in golden_indexes(meta))
    return tuple(name for name in names if kinds[name] in FORMER_TYPES)


def metadata(entities: Iterable[EntityMeta]) -> MetaData:
    """The golden and version tables of all ``entities`` in one collection, for alembic's check."""
    tables = MetaData()
    for meta in entities:
        golden_table(meta, tables)
        version_table(meta, tables)
    return tables


def golden_table(meta: EntityMeta, tables: MetaData) -> Table:
    """The golden record of an entity: typed, narrow, real columns; no lineage and no keys in it."""
    return Table(
        meta.name,
        tables,
        *(_column(name, kind) for name, kind in golden_columns(meta)),
        PrimaryKeyConstraint("tenant_id", "id", name=f"{meta.name}_pkey"),
        *(_foreign_key(meta, field) for field in meta.references),
        *(Index(name, *_terms(expression)) for name, expression in golden_indexes(meta)),
        Index(f"ix_{meta.name}_extra", "extra", postgresql_using="gin", postgresql_ops={"extra": "jsonb_path_ops"}),
        schema="golden",
    )


def version_table(meta: EntityMeta, tables: MetaData) -> Table:
    """Every version whole, with compact lineage; append-only."""
    return Table(
        f"{meta.name}_version",
        tables,
        *(_column(name, kind) for name, kind in version_columns(meta)),
        PrimaryKeyConstraint("tenant_id", "id", "version", name=f"{meta.name}_version_pkey"),
        Index(f"ix_{meta.name}_version_at", "tenant_id", "id", "recorded_at"),
        schema="golden",
    )


_REQUIRED = frozenset({"tenant_id", "id", "version", "record_state", "created_at", "updated_at", "lineage", "recorded_at"})


def _column(name: str, type_name: str) -> Column[Any]:
    return Column(name, TYPES[type_name], nullable=name not in _REQUIRED)


def _foreign_key(meta: EntityMeta, field: Field[Any]) -> ForeignKeyConstraint:
    target = entity_name(field.target)
    return ForeignKeyConstraint(
        ("tenant_id", f"{field.name}_id"),
        (f"golden.{target}.tenant_id", f"golden.{target}.id"),
        name=f"fk_{meta.name}_{field.name}",
        deferrable=True,
        initially="DEFERRED",
    )


def _terms(expression: str) -> tuple[Any, ...]:
    if expression.startswith("lower("):
        return ("tenant_id", text(expression))
    return ("tenant_id", expression)
