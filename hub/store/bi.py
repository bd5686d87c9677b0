"""The star of schema ``bi``: dimensions, their histories and facts, derived from the model for tools that speak SQL.

Pure functions from :class:`schema.language.EntityMeta` to views; :mod:`hub.bi_build` makes them. Every view shows
one tenant, that of the login (``bi.this_tenant``), behind a security barrier: whoever writes SQL of their own could
otherwise have the planner run it over other tenants' rows first (an error in a cast tells a value).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from schema.kinds import FieldKind
from schema.language import EntityMeta, Family, Field, Sensitivity, entity_name

AnyField = Field[object]


class Part(StrEnum):
    """What a view is in the star."""

    DIMENSION = "dim"
    HISTORY = "history"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a view: its SQL expression over ``t`` and the joins, its type, and what it means."""

    name: str
    expression: str
    type_name: str
    doc: str
    is_confidential: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A view of schema ``bi``; ``tail`` is everything behind its columns."""

    name: str
    entity: str
    part: Part
    doc: str
    columns: tuple[Column, ...]
    tail: str
    is_confidential: bool = False
    """Whether it holds columns that only logins with the right to them may read."""

    @property
    def sql(self) -> str:
        columns = ", ".join(f'{one.expression} AS "{one.name}"' for one in self.columns)
        return f"CREATE VIEW bi.{self.name} WITH (security_barrier) AS SELECT {columns} {self.tail}"


PARTS: Mapping[FieldKind, tuple[tuple[str, str, str, str], ...]] = {
    FieldKind.TEXT: (("", "", "text", ""),),
    FieldKind.IDENTIFIER: (("", "", "text", ""),),
    FieldKind.EMAIL: (("", "", "text", ""),),
    FieldKind.PHONE: (("", "", "text", ""),),
    FieldKind.DOMAIN: (("", "", "text", ""),),
    FieldKind.COUNTRY: (("", "", "text", "ISO 3166."),),
    FieldKind.LANGUAGE: (("", "", "text", ""),),
    FieldKind.TIMEZONE: (("", "", "text", ""),),
    FieldKind.CODE: (("", "", "text", ""),),
    FieldKind.BOOLEAN: (("", "", "boolean", ""),),
    FieldKind.INTEGER: (("", "", "bigint", ""),),
    FieldKind.DATE: (("", "", "date", "Joins dim_date.date."),),
    FieldKind.INSTANT: (("", "", "timestamptz", "UTC."),),
    FieldKind.PERCENT: (("", "", "numeric", ""),),
    FieldKind.QUANTITY: (
        ("_value", "", "numeric", ""), ("_unit", "_unit", "text", "Its unit; amounts of different units do not add up."),
        ("_stated", "_stated", "text", "As the source said it."),
    ),
    FieldKind.MONEY: (
        ("_amount", "", "numeric", ""), ("_currency", "_currency", "text", "Its currency; group by it before you add."),
    ),
    FieldKind.PRICE: (
        ("_amount", "", "numeric", ""), ("_currency", "_currency", "text", "Its currency."),
        ("_per", "_per", "text", "Per what."),
    ),
    FieldKind.REFERENCE: (("_id", "_id", "uuid", ""),),
    FieldKind.LISTING: (("", "", "jsonb", "JSON."),),
}  # fmt: skip
"""The columns a field of each kind becomes: suffix here, suffix in the golden table, type, and what to say of it."""

SHARED = ("client", "contract", "project", "resource", "legal_entity")
"""Dimensions every fact leads to where the model knows a way, as ``<dimension>_key``."""

FARTHEST = 3
RENAMED = {"valid_from": "in_force_from", "valid_to": "in_force_to"}
"""Business dates by another name: ``valid_from`` and ``valid_to`` say in a history since when we knew."""

TENANT = "(SELECT tenant_id FROM bi.this_tenant)"


def views(entities: Mapping[str, EntityMeta]) -> tuple[View, ...]:
    """Every view of the star but the calendar and the tenant, in the order of the model."""
    return tuple(view for meta in entities.values() for view in _views_of(meta, entities))


def is_dimension(meta: EntityMeta) -> bool:
    """Masters and reference data describe; transactions and snapshots are what is described."""
    return meta.family in (Family.MATCHED, Family.KEYED, Family.REFERENCE)


def is_fact(meta: EntityMeta) -> bool:
    """Transactions and snapshots; also a keyed master that holds amounts, or is in force for a time."""
    holds = any(field.kind in (FieldKind.MONEY, FieldKind.QUANTITY) for field in meta.fields.values())
    return not is_dimension(meta) or (meta.family is Family.KEYED and (holds or meta.valid is not None))


def _views_of(meta: EntityMeta, entities: Mapping[str, EntityMeta]) -> Iterable[View]:
    own = columns(meta)
    if is_dimension(meta):
        yield from _with_confidential(View(f"dim_{meta.name}", meta.name, Part.DIMENSION, meta.doc, own, _now(meta)))
        doc = f"Every version of dim_{meta.name}: what was known, and from when to when."
        yield from _with_confidential(
            View(f"dim_{meta.name}_history", meta.name, Part.HISTORY, doc, (*own, *HISTORY), _versions(meta))
        )
    if is_fact(meta):
        keys, joins = _keys(meta, entities)
        yield from _with_confidential(
            View(f"fact_{meta.name}", meta.name, Part.FACT, meta.doc, (*own, *keys), _now(meta, joins))
        )


def _with_confidential(view: View) -> Iterable[View]:
    """The view everybody may read, and beside it one with the confidential columns where there are any."""
    secret = [one for one in view.columns if one.is_confidential]
    yield replace(view, columns=tuple(one for one in view.columns if not one.is_confidential))
    if secret:
        name = f"{view.name}_confidential"
        yield replace(view, name=name, doc=f"{view.doc} With its confidential columns.", is_confidential=True)


@lru_cache(maxsize=256)
def columns(meta: EntityMeta) -> tuple[Column, ...]:
    """An entity's own columns: its id, its fields, and the head every golden record has."""
    head = (
        Column(f"{meta.name}_id", "t.id", "uuid", "Golden id: the key of this row."),
        *(column for field in meta.fields.values() for column in _columns_of(field)),
        Column("extra", "t.extra", "jsonb", "The firm's own fields, as JSON."),
        Column("record_state", "t.record_state", "text", "active, or inactive when no source holds it any longer."),
        Column("version", "t.version", "integer", "Number of this version; the first is 1."),
        Column("created_at", "t.created_at", "timestamptz", "When the record was born. UTC."),
        Column("updated_at", "t.updated_at", "timestamptz", "When this version was made. UTC."),
    )
    return head


def _columns_of(field: AnyField) -> Iterable[Column]:
    name = RENAMED.get(field.name, field.name)
    is_confidential = field.sensitivity is Sensitivity.CONFIDENTIAL
    for suffix, stored, type_name, more in PARTS[field.kind]:
        of_it = f"Of {name}.{' Confidential.' if is_confidential else ''}"
        said = [_doc(field) if not stored or field.kind is FieldKind.REFERENCE else of_it, more]
        doc = " ".join(part for part in said if part)
        yield Column(name + suffix, f't."{field.name}{stored}"', type_name, doc, is_confidential)


def _doc(field: AnyField) -> str:
    parts = [field.doc]
    if field.kind is FieldKind.REFERENCE:
        parts.append(f"Key of {entity_name(field.target)}.")
    if field.kind is FieldKind.CODE:
        parts.append(f"A code of {field.codes}.")
    if field.sensitivity is not Sensitivity.OPEN:
        parts.append(f"{field.sensitivity.value.capitalize()}.")
    return " ".join(part for part in parts if part)


def _now(meta: EntityMeta, joins: Sequence[str] = ()) -> str:
    return " ".join([f"FROM golden.{meta.name} t", *joins, f"WHERE t.tenant_id = {TENANT}"])


HISTORY = (
    Column("valid_from", "t.recorded_at", "timestamptz", "Since when this was what we knew. UTC."),
    Column(
        "valid_to", "coalesce(t.next_at, d.made_at)", "timestamptz",
        "Until when, exclusive: the next version, or the merge into another record; empty while it stands. UTC.",
    ),
    Column("is_current", "t.next_at IS NULL AND f.loser_id IS NULL", "boolean", "Is this the row of the dimension now?"),
)  # fmt: skip


def _versions(meta: EntityMeta) -> str:
    """Versions with the instant of the next; a record merged into another ends with the decision that merged it."""
    return (
        f"FROM (SELECT * FROM (SELECT v.*, lead(v.recorded_at) OVER (PARTITION BY v.tenant_id, v.id ORDER BY v.version) AS next_at "
        f"FROM golden.{meta.name}_version v WHERE v.tenant_id = {TENANT}) w WHERE w.record_state <> 'merged') t "
        "LEFT JOIN hub.forward f ON f.tenant_id = t.tenant_id AND f.loser_id = t.id "
        "LEFT JOIN hub.decision d ON d.tenant_id = f.tenant_id AND d.id = f.decision_id"
    )


Way = tuple[AnyField, ...]
"""A chain of references, from a fact to a dimension."""


def _keys(meta: EntityMeta, entities: Mapping[str, EntityMeta]) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The shared dimensions a fact belongs to, by the shortest ways of references, and the joins this takes."""
    keys: list[Column] = []
    joins: dict[str, str] = {}
    for dimension in SHARED:
        ways = _ways(meta, dimension, entities) if dimension != meta.name else []
        if not ways:
            continue
        found = [_end(way, joins) for way in ways]
        words = " or else the ".join(" of ".join(one.name.replace("_", " ") for one in reversed(way)) for way in ways)
        expression = found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"
        keys.append(Column(f"{dimension}_key", expression, "uuid", f"The {words}. Joins dim_{dimension}.{dimension}_id."))
    return tuple(keys), tuple(joins.values())


def _end(way: Way, joins: dict[str, str]) -> str:
    """The column a way ends at; the joins it takes are added."""
    at = "t"
    for number, field in enumerate(way[:-1], 1):
        alias = "_".join(["j", *(one.name for one in way[:number])])
        joins[alias] = (
            f"LEFT JOIN golden.{entity_name(field.target)} {alias} "
            f"ON {alias}.tenant_id = t.tenant_id AND {alias}.id = {at}.{field.name}_id"
        )
        at = alias
    return f"{at}.{way[-1].name}_id"


def _ways(meta: EntityMeta, dimension: str, entities: Mapping[str, EntityMeta]) -> list[Way]:
    """The shortest chains of references to an entity, in order of declaration; never back to an entity on the way.

    Their last reference is called after the dimension (``client``, not ``payer``; ``resource``, not ``approver``), and
    they run over keyed masters and transactions only: what is known of a fact's resource is not known of the fact.
    """
    ways: list[tuple[Way, frozenset[str]]] = [((), frozenset({meta.name}))]
    for _ in range(FARTHEST):
        longer: list[tuple[Way, frozenset[str]]] = []
        found: list[Way] = []
        for way, seen in ways:
            for field in (entities[entity_name(way[-1].target)] if way else meta).references:
                target = entities[entity_name(field.target)]
                if field.name == dimension == target.name:
                    found.append((*way, field))
                elif target.name not in seen and target.family in (Family.KEYED, Family.TRANSACTION, Family.DERIVED):
                    longer.append(((*way, field), seen | {target.name}))
        if found:
            return found
        ways = longer
    return []


CALENDAR = tuple(
    Column(name, expression, type_name, doc)
    for name, expression, type_name, doc in (
        ("date", "d::date", "date", "The day."),
        ("date_key", "to_char(d, 'YYYYMMDD')::integer", "integer", "The same as a number: 20260517."),
        ("year", "extract(year FROM d)::integer", "integer", "Year."),
        ("quarter", "extract(quarter FROM d)::integer", "integer", "Quarter, 1 to 4."),
        ("month", "extract(month FROM d)::integer", "integer", "Month, 1 to 12."),
        ("month_name", "to_char(d, 'FMMonth')", "text", "Month in English."),
        ("day", "extract(day FROM d)::integer", "integer", "Day of the month."),
        ("iso_year", "extract(isoyear FROM d)::integer", "integer", "Year the ISO week belongs to."),
        ("iso_week", "extract(week FROM d)::integer", "integer", "ISO week, 1 to 53."),
        ("weekday", "extract(isodow FROM d)::integer", "integer", "1 Monday to 7 Sunday."),
        ("weekday_name", "to_char(d, 'FMDay')", "text", "Weekday in English."),
        ("is_weekend", "extract(isodow FROM d) > 5", "boolean", "Saturday or Sunday."),
        ("first_of_week", "date_trunc('week', d)::date", "date", "Its Monday."),
        ("first_of_month", "date_trunc('month', d)::date", "date", "First day of its month."),
        ("first_of_quarter", "date_trunc('quarter', d)::date", "date", "First day of its quarter."),
        ("first_of_year", "date_trunc('year', d)::date", "date", "First day of its year."),
    )
)

DIM_DATE = View(
    "dim_date", "date", Part.DIMENSION, "A row a day, 2000 to 2050; every date column of the star joins it.", CALENDAR,
    "FROM generate_series(timestamp '2000-01-01', timestamp '2050-12-31', interval '1 day') AS d",
)  # fmt: skip

THIS_TENANT = (
    "CREATE VIEW bi.this_tenant WITH (security_barrier) AS "
    "SELECT tenant_id FROM hub.bi_login WHERE role = session_user "
    "UNION ALL SELECT nullif(current_setting('hub.tenant', true), '')::integer "
    "WHERE session_user IN ('hub_examiner', 'hub_worker')"
)
"""The tenant of whoever is logged in. Logins of BI tools are bound to theirs; the examiner, who may read all, says which."""


def star(entities: Mapping[str, EntityMeta]) -> tuple[View, ...]:
    """Every view a BI tool sees."""
    return (DIM_DATE, *views(entities))
