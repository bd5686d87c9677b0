"""Where a record's values come from: provenance per field, the crosswalk, and the history of its versions.

The same answers as :mod:`hub.api.lineage` gives on the other way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hub.api.compile.build import Build, NotCompiledError
from hub.api.compile.leaves import AMOUNTS, LEAVES, NULL, any_text, column, constant, instant, json, safe_text
from hub.api.compile.selection import Asked
from hub.api.compile.text import Sql, Value, always, joined, json_object, listed, nullable, quoted
from hub.api.names import camel
from schema.kinds import FieldKind
from schema.language import EntityMeta, Field

Members = Mapping[str, Callable[[Asked], Value]]


def chosen(build: Build, type_name: str, asked: Asked, members: Members) -> Sequence[tuple[str, Value]]:
    """The members a selection asks of a type."""
    found = []
    for one in build.fields(type_name, asked):
        if one.name == "__typename":
            found.append((one.key, constant(type_name)))
        elif one.name in members:
            found.append((one.key, members[one.name](one)))
        else:
            raise NotCompiledError(f"{type_name}.{one.name}")
    return found


def written(build: Build, type_name: str, asked: Asked, members: Members) -> str:
    return joined(json_object(chosen(build, type_name, asked, members)))


# Provenance ----------------------------------------------------------------------------------------------------------


def provenance(build: Build, meta: EntityMeta, alias: str, asked: Asked) -> Value:
    """One explanation per field, from the lineage of the row's version and what its sources say."""
    lineage = build.writer.alias()
    row = _Row(build, meta, alias, f"{lineage}.lineage")
    members: dict[str, Callable[[Asked], Value]] = {
        camel(name): _field_member(row, field) for name, field in meta.fields.items()
    }
    members["extra"] = row.own_fields
    text = written(build, f"{meta.type_name}Provenance", asked, members)
    version = build.writer.alias()
    return always(
        Sql(
            f"(SELECT {text} FROM (SELECT coalesce((SELECT {version}.lineage FROM api.{meta.name}_version {version} "
            f"WHERE {version}.id = {alias}.id AND {version}.version = {alias}.version), '{{}}') AS lineage OFFSET 0) AS {lineage})"
        )
    )


def _field_member(row: _Row, field: Field[object]) -> Callable[[Asked], Value]:
    return lambda asked: row.field(field, asked)


@dataclass(frozen=True, slots=True)
class _Explained:
    """What is explained: its name (SQL text), its value, and whether it has one."""

    name: str
    value: Value
    present: str
    owners: Sequence[str]
    is_masked: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """A golden row whose fields are explained."""

    build: Build
    meta: EntityMeta
    alias: str
    lineage: str

    def field(self, field: Field[object], asked: Asked) -> Value:
        name = f"{field.name}_id" if field.kind is FieldKind.REFERENCE else field.name
        is_masked = field.name in self.build.masked(self.meta)
        value = NULL if is_masked else canonical(field.kind, self.alias, name)
        owners = [kind.value for kind in field.owner]
        told = _Explained(quoted(field.name), value, f"{column(self.alias, name)} IS NOT NULL", owners, is_masked)
        return self.explained(told, asked)

    def own_fields(self, asked: Asked) -> Value:
        """The firm's own fields, each that a source or the lineage speaks of."""
        name = self.build.writer.alias()
        source = self.build.writer.alias()
        found = f"nullif({self.alias}.extra -> substr({name}.k, 7), 'null')"
        owners = [kind.value for kind in self.meta.origins]
        told = _Explained(f"{name}.k", json(found), f"{found} IS NOT NULL", owners, False)
        members: Members = {
            "name": lambda _: any_text(f"substr({name}.k, 7)"),
            "provenance": lambda one: self.explained(told, one),
        }
        text = written(self.build, "OwnFieldProvenance", asked, members)
        is_told = f"({self.entry(told)} IS NOT NULL OR {self.others(told, '', '')})"
        return always(
            Sql(
                f"(SELECT {joined(listed(text, _by_name(name)))} FROM ("
                f"SELECT jsonb_object_keys({self.lineage}) AS k UNION SELECT jsonb_object_keys({source}.values) "
                f"FROM api.source_record {source} WHERE {source}.golden_id = {self.alias}.id) AS {name} "
                f"WHERE starts_with({name}.k, 'extra.') AND {is_told})"
            )
        )

    def entry(self, told: _Explained) -> str:
        """[source id, decision id, rule, provisional], or NULL."""
        return f"coalesce({self.lineage} -> {told.name}, CASE WHEN {told.present} THEN {self.lineage} -> '*' END)"

    def others(self, told: _Explained, winner: str, text: str) -> str:
        """The other sources that speak of it: their texts in brackets, or, without a text, whether there are any."""
        other = self.build.writer.alias()
        told_here = f"{other}.golden_id = {self.alias}.id AND {other}.values ? {told.name}"
        not_winner = f" AND {other}.id IS DISTINCT FROM {winner}.id" if winner else ""
        rows = f"FROM api.source_record {other} WHERE {told_here}{not_winner}{self.said(other, told)}"
        if not text:
            return f"EXISTS (SELECT {rows})"
        return f"(SELECT {joined(listed(text.replace('{other}', other), f'{other}.id'))} {rows})"

    def said(self, source: str, told: _Explained) -> str:
        """As of an instant: that a source said then what it says now."""
        if self.build.writer.as_of is None:
            return ""
        return f""" AND {_since(source, told.name)} <= {instant(self.build.writer.at)} COLLATE "C\""""

    def explained(self, told: _Explained, asked: Asked) -> Value:
        """One FieldProvenance, or null when nobody ever spoke of the field."""
        build, e, w, d = self.build, self.build.writer.alias(), self.build.writer.alias(), self.build.writer.alias()
        decision = f"nullif(({e}.entry ->> 1)::bigint, 0)"
        since, made = _since(w, told.name), instant(f"{d}.made_at")
        if self.build.writer.as_of is not None:
            since = f"CASE WHEN true{self.said(w, told)} THEN {since} END"
        members: Members = {
            "value": lambda _: told.value,
            "system": lambda _: any_text(f"coalesce({w}.system, CASE WHEN {decision} IS NOT NULL THEN 'steward' END)"),
            "object": lambda _: any_text(f"{w}.object"),
            "externalId": lambda _: any_text(f"{w}.external_id"),
            "observedAt": lambda _: any_text(f"CASE WHEN {w}.id IS NOT NULL THEN {since} ELSE {made} END"),
            "rule": lambda _: any_text(f"({e}.entry ->> 2)"),
            "owner": lambda _: constant(told.owners[0] if told.owners else None),
            "owners": lambda _: constant(list(told.owners)),
            "provisional": lambda _: always(Sql(f"coalesce({e}.entry ->> 3, 'false')")),
            "masked": lambda _: constant(told.is_masked),
            "decision": lambda one: Value(
                (said := Sql(written(build, "Decision", one, _decision(d))),), (said,), f"{d}.id IS NOT NULL"
            ),
            "alternates": lambda one: always(Sql(self.others(told, w, self._alternate(told, one)))),
        }
        text = written(build, "FieldProvenance", asked, members)
        needs_decision = f"{d}." in text
        found = Sql(
            f"(SELECT CASE WHEN {e}.entry IS NOT NULL OR {self.others(told, '', '')} THEN {text} END "
            f"FROM (SELECT {self.entry(told)} AS entry OFFSET 0) AS {e} "
            f"LEFT JOIN api.source_record {w} ON {w}.id = ({e}.entry ->> 0)::bigint AND {w}.golden_id = {self.alias}.id"
            + (f" LEFT JOIN api.decision {d} ON {d}.id = {decision})" if needs_decision else ")")
        )
        return nullable(found)

    def _alternate(self, told: _Explained, asked: Asked) -> str:
        members: Members = {
            "value": lambda _: NULL if told.is_masked else json(f"nullif({{other}}.values -> {told.name}, 'null')"),
            "system": lambda _: any_text("{other}.system"),
            "kind": lambda _: any_text(_kind_of("{other}")),
            "object": lambda _: any_text("{other}.object"),
            "externalId": lambda _: any_text("{other}.external_id"),
            "observedAt": lambda _: any_text(_since("{other}", told.name)),
        }
        return written(self.build, "Alternate", asked, members)


def _since(source: str, name: str) -> str:
    return f"coalesce({source}.since ->> {name}, {source}.since ->> '*')"


def _kind_of(source: str) -> str:
    return f"(SELECT y.kind FROM api.system y WHERE y.name = {source}.system)"


def _decision(d: str) -> Members:
    return {
        "id": lambda _: any_text(f"{d}.id::text"),
        "kind": lambda _: any_text(f"{d}.kind"),
        "reason": lambda _: any_text(f"{d}.reason"),
        "actor": lambda _: any_text(f"{d}.actor"),
        "madeAt": lambda _: safe_text(instant(f"{d}.made_at")),
        "until": lambda _: safe_text(instant(f"{d}.until")),
    }


def canonical(kind: FieldKind, alias: str, name: str) -> Value:
    """A field's value as JSON scalar JSON shows it."""
    cell = column(alias, name)
    if kind is FieldKind.REFERENCE:
        return safe_text(f"{cell}::text")
    if kind is FieldKind.LISTING:
        return json(cell)
    if kind in AMOUNTS:
        members = AMOUNTS[kind][1]
        found = json_object([(key, member(lambda suffix: column(alias, name + suffix))) for key, member in members.items()])
        return Value(found, found, f"{cell} IS NOT NULL")
    return LEAVES[kind](cell)


# The crosswalk -------------------------------------------------------------------------------------------------------


def sources(build: Build, meta: EntityMeta, alias: str, asked: Asked) -> Value:
    """Every system's record of this thing, oldest first."""
    if build.writer.as_of is not None:
        raise NotCompiledError("sources as of an instant")
    s = build.writer.alias()
    masked = sorted(build.masked(meta))
    link = f"(SELECT y.deep_links ->> {s}.object FROM api.system y WHERE y.name = {s}.system)"
    members: Members = {
        **{
            camel(name): _text_member(f"{s}.{name}")
            for name in ("system", "object", "external_id", "part", "state", "role", "version")
        },
        "id": lambda _: any_text(f"{s}.id::text"),
        "kind": lambda _: any_text(_kind_of(s)),
        "deepLink": lambda _: any_text(f"replace(nullif({link}, ''), '{{id}}', {_percent_encoded(f'{s}.external_id')})"),
        "values": lambda _: always(Sql(f"{_hidden(f'{s}.values', masked)}::text")),
        "held": lambda _: always(Sql(f"{_hidden(f'{s}.held', masked)}::text")),
        "masked": lambda _: _hidden_names(masked, f"{s}.values", f"{s}.held"),
        "firstSeenAt": lambda _: safe_text(instant(f"{s}.first_seen_at")),
        "updatedAt": lambda _: safe_text(instant(f"{s}.updated_at")),
    }
    text = written(build, "SourceRecord", asked, members)
    return always(Sql(f"(SELECT {joined(listed(text, f'{s}.id'))} FROM api.source_record {s} WHERE {s}.golden_id = {alias}.id)"))


def _by_name(alias: str) -> str:
    return f'{alias}.k COLLATE "C"'


def record_key(build: Build, meta: EntityMeta, alias: str, asked: Asked) -> Value:
    """The first of the systems' records it stands for."""
    if build.writer.as_of is not None:
        raise NotCompiledError("recordKey as of an instant")
    s = build.writer.alias()
    members: Members = {camel(name): _text_member(f"{s}.{name}") for name in ("system", "object", "external_id")}
    text = written(build, "RecordKey", asked, members)
    found = Sql(
        f"(SELECT {text} FROM api.source_record {s} WHERE {s}.golden_id = {alias}.id "
        f"AND {s}.state = 'present' AND {s}.role = 'primary' ORDER BY {s}.id LIMIT 1)"
    )
    return nullable(found)


def _text_member(cell: str) -> Callable[[Asked], Value]:
    return lambda _: any_text(cell)


def _percent_encoded(text: str) -> str:
    """Text as part of an address: every byte that is not unreserved as %XX."""
    byte = "regexp_replace(upper(encode(convert_to(c, 'UTF8'), 'hex')), '(..)', '%\\1', 'g')"
    return (
        f"coalesce((SELECT string_agg(CASE WHEN c ~ '^[A-Za-z0-9_.~-]$' THEN c ELSE {byte} END, '' ORDER BY n) "
        f"FROM regexp_split_to_table({text}, '') WITH ORDINALITY AS letters (c, n)), '')"
    )


def _names(names: Sequence[str]) -> str:
    return "ARRAY[" + ", ".join(map(quoted, names)) + "]::text[]"


def _hidden(values: str, masked: Sequence[str]) -> str:
    """Canonical values with the masked ones empty."""
    found = f"coalesce({values}, '{{}}')"
    if not masked:
        return found
    return (
        f"({found} || coalesce((SELECT jsonb_object_agg(m, NULL) FROM unnest({_names(masked)}) AS m WHERE {values} ? m), '{{}}'))"
    )


def _hidden_names(masked: Sequence[str], *values: str) -> Value:
    if not masked:
        return constant([])
    names = f"unnest({_names(masked)}, {_names([camel(name) for name in masked])}) WITH ORDINALITY AS m (name, word, n)"
    told = " OR ".join(f"{each} ? m.name" for each in values)
    return always(Sql(f"(SELECT {joined(listed('to_json(m.word)::text', 'm.n'))} FROM {names} WHERE {told})"))


# History -------------------------------------------------------------------------------------------------------------

CAMEL = (
    "(SELECT string_agg(CASE WHEN i = 1 THEN w ELSE upper(left(w, 1)) || substr(w, 2) END, '' ORDER BY i) "
    "FROM unnest(string_to_array({name}, '_')) WITH ORDINALITY AS words (w, i))"
)
"""A canonical name in camel case; see :func:`hub.api.names.camel`."""


def change(build: Build, meta: EntityMeta, c: str, asked: Asked, record: Callable[[Asked], Value]) -> str:
    """One version step of a record of a known entity; ``c`` is a row of ``api.change``."""
    masked = sorted(build.masked(meta))
    members: Members = {
        "id": lambda _: any_text(f"{c}.id::text"),
        "position": lambda _: any_text(f"{c}.position::text"),
        "recordId": lambda _: any_text(f"{c}.golden_id::text"),
        "version": lambda _: always(Sql(f"{c}.version::text")),
        **{camel(name): _text_member(f"{c}.{name}") for name in ("entity", "op", "cause", "actor", "correlation_id")},
        "before": lambda _: always(Sql(f"{_hidden(f'{c}.before', masked)}::text")),
        "after": lambda _: always(Sql(f"{_hidden(f'{c}.after', masked)}::text")),
        "fields": lambda one: _changed_fields(build, c, one, masked),
        "backfill": lambda _: always(Sql(f"{c}.is_backfill::text")),
        "at": lambda _: safe_text(instant(f"{c}.at")),
        "masked": lambda _: _hidden_names(masked, f"{c}.before", f"{c}.after"),
        "idMap": lambda one: _id_map(build, c, one),
        "record": record,
    }
    return written(build, "Change", asked, members)


def _id_map(build: Build, c: str, asked: Asked) -> Value:
    """Which id became which, of a merge or split; null of any other step."""
    m = build.writer.alias()
    members: Members = {name: _text_member(f"({m}.pair ->> '{name}')") for name in ("before", "after")}
    text = written(build, "MovedId", asked, members)
    pairs = f"jsonb_array_elements({c}.id_map) WITH ORDINALITY AS {m} (pair, n)"
    return nullable(Sql(f"CASE WHEN {c}.id_map IS NOT NULL THEN (SELECT {joined(listed(text, f'{m}.n'))} FROM {pairs}) END"))


def _changed_fields(build: Build, c: str, asked: Asked, masked: Sequence[str]) -> Value:
    k = build.writer.alias()
    hidden = f"{k}.k = ANY ({_names(masked)})" if masked else ""

    def value(side: str) -> Value:
        found = f"nullif({c}.{side} -> {k}.k, 'null')"
        return json(f"CASE WHEN NOT {hidden} THEN {found} END" if hidden else found)

    members: Members = {
        "field": lambda _: any_text(CAMEL.format(name=f"{k}.k")),
        "before": lambda _: value("before"),
        "after": lambda _: value("after"),
    }
    text = written(build, "FieldChange", asked, members)
    return always(
        Sql(
            f"(SELECT {joined(listed(text, _by_name(k)))} FROM (SELECT jsonb_object_keys({c}.before) AS k "
            f"UNION SELECT jsonb_object_keys({c}.after)) AS {k})"
        )
    )
