"""Golden records in their typed tables, one whole version a step, with compact lineage.

Lineage on disk is ``{field: [source id, decision id, rule, provisional]}`` where ``"*"`` stands for every filled field
that is not listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg

from hub.core.records import Golden, Lineage, Values
from hub.store.statements import Connection
from hub.store.tables import columns_of, golden_columns
from schema.kinds import FieldKind
from schema.language import EntityMeta


@dataclass(frozen=True, slots=True)
class Table:
    """The statements of one entity's golden and version tables, built once."""

    lock: str
    lineage: str
    exists: str
    save: str
    read: str


@cache
def table(meta: EntityMeta) -> Table:
    """Statements over derived columns. Each takes the tenant as $1."""
    names = [name for name, _ in golden_columns(meta)]
    columns = ", ".join(f'"{name}"' for name in names)
    updated = ", ".join(f'"{name}"' for name in names if name not in ("tenant_id", "id", "created_at"))
    excluded = ", ".join(f'excluded."{name}"' for name in names if name not in ("tenant_id", "id", "created_at"))
    golden, versions = f"golden.{meta.name}", f"golden.{meta.name}_version"
    return Table(
        lock=f"SELECT {columns} FROM {golden} WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR NO KEY UPDATE",
        read=f"SELECT {columns} FROM {golden} WHERE tenant_id = $1 AND id = ANY ($2::uuid[])",
        lineage=(
            f"SELECT v.id, v.lineage FROM unnest($2::uuid[], $3::integer[]) AS k (id, version) "
            f"JOIN {versions} v ON v.tenant_id = $1 AND v.id = k.id AND v.version = k.version"
        ),
        exists=f"SELECT id FROM {golden} WHERE tenant_id = $1 AND id = ANY ($2::uuid[])",
        save=(
            f"WITH given AS (SELECT * FROM jsonb_populate_recordset(NULL::{versions}, $1)), "
            f"saved AS (INSERT INTO {golden} ({columns}) SELECT {columns} FROM given ORDER BY id "
            f"ON CONFLICT (tenant_id, id) DO UPDATE SET ({updated}) = ROW ({excluded})) "
            f"INSERT INTO {versions} ({columns}, lineage, recorded_at) SELECT {columns}, lineage, recorded_at FROM given"
        ),
    )


@dataclass(frozen=True, slots=True)
class Stored:
    """A golden record as it stands, locked: what ``f`` said last, and when."""

    golden: Golden
    created_at: datetime
    updated_at: datetime


async def lock(
    tx: Connection, tenant_id: int, meta: EntityMeta, ids: Iterable[UUID], *, with_lineage: bool = True
) -> dict[UUID, Stored]:
    """The golden records that exist, locked in id order, with the lineage of their newest version."""
    ordered = sorted(set(ids))
    rows = await tx.fetch(table(meta).lock, tenant_id, ordered) if ordered else []
    found = {row["id"]: stored(meta, row, {}) for row in rows}
    if with_lineage:
        for golden_id, lineage in (await lineages(tx, tenant_id, meta, found.values())).items():
            found[golden_id].golden.lineage = lineage
    return found


async def lineages(
    tx: Connection, tenant_id: int, meta: EntityMeta, records: Iterable[Stored]
) -> dict[UUID, dict[str, Lineage]]:
    """Who decided each field of these records' present versions."""
    by_id = {one.golden.id: one.golden for one in records}
    if not by_id:
        return {}
    rows = await tx.fetch(table(meta).lineage, tenant_id, list(by_id), [one.version for one in by_id.values()])
    return {row["id"]: full_lineage(row["lineage"], by_id[row["id"]].values) for row in rows}


async def read(tx: Connection, tenant_id: int, meta: EntityMeta, ids: Iterable[UUID]) -> dict[UUID, Stored]:
    """The same without locks and lineage."""
    rows = await tx.fetch(table(meta).read, tenant_id, list(ids))
    return {row["id"]: stored(meta, row, {}) for row in rows}


async def existing(tx: Connection, tenant_id: int, meta: EntityMeta, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these golden records are born."""
    return {row["id"] for row in await tx.fetch(table(meta).exists, tenant_id, list(ids))}


async def save(tx: Connection, tenant_id: int, meta: EntityMeta, versions: Sequence[dict[str, Any]]) -> None:
    """Store new versions: the golden row and its version row, from the same values (see :func:`version_row`)."""
    if versions:
        await tx.execute(table(meta).save, versions)


def version_row(tenant_id: int, meta: EntityMeta, golden: Golden, created_at: datetime, at: datetime) -> dict[str, Any]:
    """One version as the columns take it; canonical strings are cast by Postgres."""
    row = flat(meta, golden.values)
    row.update(
        tenant_id=tenant_id, id=golden.id, version=golden.version, record_state=golden.record_state,
        created_at=created_at, updated_at=at, recorded_at=at, lineage=compact_lineage(golden),
    )  # fmt: skip
    if is_plain(row):
        row["plain_version"] = golden.version
    if golden.values.get("extra"):
        row["extra"] = golden.values["extra"]
    return row


_ESCAPED = re.compile(r'["\\\x00-\x1f]')


def is_plain(row: Mapping[str, Any]) -> bool:
    """Whether every text among these columns stands in JSON as it is, between quotes.

    >>> is_plain({"name": "Müller & Söhne", "version": 3}), is_plain({"name": 'Hotel "Post"'})
    (True, False)
    """
    return _ESCAPED.search("".join([value for value in row.values() if type(value) is str])) is None


_PARTS: Mapping[FieldKind, tuple[tuple[str, str], ...]] = {
    FieldKind.QUANTITY: (("", "value"), ("_unit", "unit"), ("_stated", "stated")),
    FieldKind.MONEY: (("", "amount"), ("_currency", "currency")),
    FieldKind.PRICE: (("", "amount"), ("_currency", "currency"), ("_per", "per")),
}


@cache
def _suffixes(meta: EntityMeta) -> dict[str, tuple[tuple[str, str], ...] | str]:
    """Field → how it is laid out: a column name, or the columns its parts go to."""
    layout: dict[str, tuple[tuple[str, str], ...] | str] = {}
    for name, field in meta.fields.items():
        parts = _PARTS.get(field.kind)
        layout[name] = tuple((name + suffix, key) for suffix, key in parts) if parts else columns_of(field)[0][0]
    return layout


def flat(meta: EntityMeta, values: Values) -> dict[str, Any]:
    """Canonical values as columns: money becomes an amount and a currency column, a reference its id."""
    layout = _suffixes(meta)
    row: dict[str, Any] = {}
    for name, value in values.items():
        if value is None or name == "extra":
            continue
        where = layout[name]
        if isinstance(where, str):
            row[where] = value
        else:
            for column, key in where:
                if key in value:
                    row[column] = value[key]
    return row


def stored(meta: EntityMeta, row: asyncpg.Record, lineage: Mapping[str, Sequence[Any]]) -> Stored:
    """A golden row back in canonical values."""
    values = values_of(meta, row)
    golden = Golden(
        id=row["id"], entity=meta.name, values=values, lineage=full_lineage(lineage, values),
        record_state=row["record_state"], version=row["version"],
    )  # fmt: skip
    return Stored(golden, row["created_at"], row["updated_at"])


def values_of(meta: EntityMeta, row: asyncpg.Record) -> Values:
    """Canonical values of a golden or version row; empty fields are absent."""
    cells = tuple(row.values())
    values: Values = {}
    for name, at, read in _readers(meta):
        cell = cells[at]
        if cell is not None:
            values[name] = cell if read is None else read(cell, cells, at)
    if row["extra"]:
        values["extra"] = row["extra"]
    return values


Reader = Callable[[Any, tuple[Any, ...], int], Any]


@cache
def _readers(meta: EntityMeta) -> tuple[tuple[str, int, Reader | None], ...]:
    """(field, place of its first column in the row, how the cell becomes a canonical value)."""
    place = {name: at for at, (name, _) in enumerate(golden_columns(meta))}
    return tuple((f.name, place[columns_of(f)[0][0]], _READERS.get(f.kind)) for f in meta.fields.values())


def decimal_text(value: Decimal) -> str:
    """Normal form of a number that is not money: no exponent, no trailing zeros.

    >>> [decimal_text(Decimal(text)) for text in ("7.500", "100", "0.0", "1E+2")]
    ['7.5', '100', '0', '100']
    """
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _quantity(cell: Decimal, cells: tuple[Any, ...], at: int) -> dict[str, str]:
    value = {"value": decimal_text(cell), "unit": cells[at + 1]}
    return value | {"stated": cells[at + 2]} if cells[at + 2] is not None else value


_READERS: Mapping[FieldKind, Reader] = {
    FieldKind.DATE: lambda cell, _, __: _date(cell),
    FieldKind.INSTANT: lambda cell, _, __: instant_text(cell),
    FieldKind.PERCENT: lambda cell, _, __: decimal_text(cell),
    FieldKind.QUANTITY: _quantity,
    FieldKind.MONEY: lambda cell, cells, at: {"amount": format(cell, "f"), "currency": cells[at + 1]},
    FieldKind.PRICE: lambda cell, cells, at: {
        "amount": decimal_text(cell), "currency": cells[at + 1], "per": cells[at + 2],
    },
    FieldKind.REFERENCE: lambda cell, _, __: str(cell),
}  # fmt: skip


def _date(value: date) -> str:
    return value.isoformat()


def instant_text(value: datetime) -> str:
    """RFC 3339 in UTC, always with six decimals."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")  # %Y pads no year


def compact_lineage(golden: Golden) -> dict[str, list[Any]]:
    """Per field who won and why; what most filled fields share is said once, under ``*``."""
    values, lineage = golden.values, golden.lineage
    ids = list(map(id, lineage.values()))  # the fields of one winner share one entry
    common_id = max(dict.fromkeys(ids), key=ids.count, default=0)
    compact: dict[str, list[Any]] = {}
    for name, entry in lineage.items():
        if id(entry) == common_id:
            compact.setdefault("*", list(entry))
            if values.get(name) is None:
                compact[name] = list(entry)
        else:
            compact[name] = list(entry)
    return compact


def full_lineage(compact: Mapping[str, Sequence[Any]], values: Values) -> dict[str, Lineage]:
    """The inverse of :func:`compact_lineage`, given the values of the same version."""
    common = compact.get("*")
    full = {name: Lineage(*entry) for name, entry in compact.items() if name != "*"}
    if common is not None:
        shared = Lineage(*common)
        for name in values.keys() - {"extra"}:
            full.setdefault(name, shared)
    return full


