"""The JSON Schema of each event as it is delivered, business events and those of records, with an example that validates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from schema import CODE_SETS, ENTITIES
from schema.event_types import Datum, EventType
from schema.event_versions import newest, translated
from schema.events import VERBS, BusinessEvent, Told, envelope
from schema.fields import Field
from schema.kinds import FieldKind
from schema.language import EntityMeta

Json = dict[str, Any]

DECIMAL: Json = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
TEXT: Json = {"type": "string"}
INSTANT: Json = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"}
CURRENCY: Json = {"type": "string", "pattern": "^[A-Z]{3}$"}


def _structure(**parts: Json) -> Json:
    return {"type": "object", "properties": parts, "required": [*parts], "additionalProperties": False}


JSON_TYPES: Mapping[FieldKind, Json] = {
    FieldKind.TEXT: TEXT,
    FieldKind.IDENTIFIER: TEXT,
    FieldKind.EMAIL: TEXT,
    FieldKind.PHONE: TEXT,
    FieldKind.DOMAIN: TEXT,
    FieldKind.COUNTRY: {"type": "string", "pattern": "^[A-Z]{2}$"},
    FieldKind.LANGUAGE: TEXT,
    FieldKind.TIMEZONE: TEXT,
    FieldKind.CODE: TEXT,
    FieldKind.BOOLEAN: {"type": "boolean"},
    FieldKind.INTEGER: {"type": "integer"},
    FieldKind.DATE: {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
    FieldKind.INSTANT: INSTANT,
    FieldKind.PERCENT: DECIMAL,
    FieldKind.QUANTITY: _structure(value=DECIMAL, unit=TEXT) | {
        "properties": {"value": DECIMAL, "unit": TEXT, "stated": {**TEXT, "description": "The source's own figure."}}
    },
    FieldKind.MONEY: _structure(amount=DECIMAL, currency=CURRENCY),
    FieldKind.PRICE: _structure(amount=DECIMAL, currency=CURRENCY, per=TEXT),
    FieldKind.REFERENCE: {"type": "string", "format": "uuid"},
    FieldKind.LISTING: {"type": "array"},
}
"""The JSON Schema of a value of each kind."""

ID = "018f6b1e-0000-7000-8000-000000000001"
OTHER_ID = "018f6b1e-0000-7000-8000-000000000002"
EXAMPLES: Mapping[FieldKind, Any] = {
    FieldKind.TEXT: "Rollout of the new ledger",
    FieldKind.IDENTIFIER: "NB-1042",
    FieldKind.EMAIL: "lena.brandt@nordlicht.example",
    FieldKind.PHONE: "+494055501120",
    FieldKind.DOMAIN: "nordlicht.example",
    FieldKind.COUNTRY: "DE",
    FieldKind.LANGUAGE: "de",
    FieldKind.TIMEZONE: "Europe/Berlin",
    FieldKind.CODE: "standard",
    FieldKind.BOOLEAN: True,
    FieldKind.INTEGER: 2,
    FieldKind.DATE: "2026-05-17",
    FieldKind.INSTANT: "2026-05-17T08:11:52.000000Z",
    FieldKind.PERCENT: "12.5",
    FieldKind.QUANTITY: {"value": "7.5", "unit": "hour", "stated": "450 min"},
    FieldKind.MONEY: {"amount": "1250.00", "currency": "EUR"},
    FieldKind.PRICE: {"amount": "95", "currency": "EUR", "per": "hour"},
    FieldKind.REFERENCE: OTHER_ID,
    FieldKind.LISTING: ["Nordlicht"],
}
"""A value of each kind, to show and to test with."""


def event_schema(event: EventType, version: int | None = None) -> Json:
    """The JSON Schema (draft 2020-12) of the whole envelope of one type of event, the newest version or an older one, with
    one example."""
    version = event.version if version is None else version
    entities = sorted({trigger.entity.meta.name for trigger in event.triggers})
    more: Json = {
        "payload": _payload_schema(event, version),
        "legal_entity": {"type": ["string", "null"], "description": "Whose books it belongs to."},
        "events": {"type": "array", "minItems": 1, "description": "All business events this change raises that were asked for."},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:hub:event:{event.ce_type_of(version)}",
        "title": event.ce_type_of(version),
        "description": f"EVT-{event.number}. {event.doc}",
        **_envelope_schema({"const": event.ce_type_of(version)}, f"urn:hub:event:{event.ce_type_of(version)}", version, entities, more),
        "examples": [example(event, version)],
    }


def record_schema(meta: EntityMeta, version: int | None = None) -> Json:
    """The same of what is told of an entity's records to who did not ask for business events."""
    version = newest(meta.name) if version is None else version
    known = {one.name: _field_schema(one) for one in meta.fields.values()}
    shown = translated(known, meta.name, version)
    more: Json = {"values": {"type": "object", "description": "The whole record (payload snapshot or both).", "properties": shown}}
    types = [f"hub.{meta.name}.{verb}.v{version}" for verb in VERBS.values()]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:hub:record:{meta.name}.v{version}",
        "title": f"hub.{meta.name}.*.v{version}",
        "description": meta.doc,
        **_envelope_schema({"enum": types}, f"urn:hub:record:{meta.name}.v{version}", version, [meta.name], more, required=()),
        "examples": [record_example(meta, version)],
    }


def _envelope_schema(
    type_: Json, schema: str, version: int, entities: Sequence[str], more: Json, required: Sequence[str] = ("payload", "events")
) -> Json:
    return {
        "type": "object",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {**TEXT, "description": "Unique per source; the same event is delivered under the same id."},
            "source": {**TEXT, "description": "The hub and tenant that tell."},
            "type": type_,
            "subject": {**TEXT, "description": "Entity and canonical id of the record."},
            "time": INSTANT,
            "datacontenttype": {"const": "application/json"},
            "dataschema": {"const": schema},
            "partitionkey": {**TEXT, "description": "The record: order is kept per this key."},
            "sequence": {"type": "string", "pattern": r"^\d{20}$", "description": "The position, padded."},
            "data": _data_schema(version, entities, more, required),
        },
        "required": [
            "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "partitionkey", "sequence", "data"
        ],
    }  # fmt: skip


def _data_schema(version: int, entities: Sequence[str], more: Json, required: Sequence[str]) -> Json:
    always: dict[str, Json] = {
        "tenant": TEXT,
        "epoch": {"type": "integer", "minimum": 1, "description": "Of the feed; a restored hub begins a new one."},
        "position": {"type": "integer", "description": "Place in the tenant's feed."},
        "payload_version": {"const": version},
        "record": _record_schema(entities),
        "op": {"enum": [*VERBS]},
        "recorded_at": {**INSTANT, "description": "When the hub recorded it."},
        "cause": TEXT,
        "actor": TEXT,
        "correlation_id": TEXT,
        "backfill": {"type": "boolean"},
        "masked": {"type": "array", "items": TEXT, "description": "Fields left out because the reader may not see them."},
    }
    sometimes: dict[str, Json] = {
        "changed": {
            "type": "object",
            "description": "What changed (payload delta or both).",
            "additionalProperties": {"type": "object", "properties": {"before": {}, "after": {}}},
        },
        "values": {"type": "object", "description": "The whole record (payload snapshot or both)."},
        "id_map": {
            "type": "array",
            "description": "Of a merge or split: which id became which.",
            "items": {"type": "object", "properties": {"before": TEXT, "after": TEXT}, "required": ["before", "after"]},
        },
        "context": {**TEXT, "description": "The consumer context whose values these are."},
    }
    return {"type": "object", "properties": {**always, **sometimes, **more}, "required": [*always, *required]}


def _record_schema(entities: Sequence[str]) -> Json:
    return {
        "type": "object",
        "properties": {
            "entity": {"enum": [*entities]} if entities else TEXT,
            "id": TEXT,
            "version": {"type": "integer"},
            "key": {"type": "object", "description": "Its business key; in business events."},
        },
        "required": ["entity", "id", "version"],
    }


def _payload_schema(event: EventType, version: int) -> Json:
    """The payload: fields without a value are left out, so none is required."""
    known = {datum.name: _datum_schema(datum) for datum in event.payload}
    return {
        "type": "object",
        "properties": _taken_apart(known, event, version),
        "additionalProperties": False,
    }


def _taken_apart(known: Mapping[str, Json], event: EventType, version: int) -> Json:
    """Schemas of the newest payload's fields as those of an older one: a value made of parts goes the way of its parts."""
    parts = {datum.name: known[datum.name]["properties"] for datum in event.payload if datum.parts}
    return translated({name: parts.get(name, one) if version < event.version else one for name, one in known.items()}, event.type, version)


def _field_schema(one: Field[Any]) -> Json:
    shape = dict(JSON_TYPES[one.kind])
    if one.codes in CODE_SETS and not CODE_SETS[one.codes].is_open and one.kind is FieldKind.CODE:
        shape["enum"] = [*CODE_SETS[one.codes].values]
    if one.target and one.kind is FieldKind.REFERENCE:
        shape["x-entity"] = one.target
    if one.sensitivity.value != "open":
        shape["x-sensitivity"] = one.sensitivity.value
    return {**shape, "description": one.doc}


def _datum_schema(datum: Datum) -> Json:
    if datum.parts:
        parts = {name: JSON_TYPES[kind] for name, kind in datum.parts.items()}
        return {"type": "object", "properties": parts, "additionalProperties": False, "description": datum.doc}
    shape = dict(JSON_TYPES[datum.kind])
    if datum.kind is FieldKind.LISTING:
        shape["items"] = _item_schema(datum)
    if datum.codes in CODE_SETS and not CODE_SETS[datum.codes].is_open:
        shape["enum"] = [*CODE_SETS[datum.codes].values]
    if datum.target and datum.kind is FieldKind.REFERENCE:
        shape["x-entity"] = datum.target
    if datum.sensitivity.value != "open":
        shape["x-sensitivity"] = datum.sensitivity.value
    return {**shape, "description": datum.doc}


def _item_schema(datum: Datum) -> Json:
    if datum.items:
        return {"type": "object", "properties": {name: JSON_TYPES[kind] for name, kind in datum.items.items()}}
    return JSON_TYPES[FieldKind.REFERENCE] if datum.target else TEXT


def example(event: EventType, version: int | None = None) -> Json:
    """One event of this type as it is delivered to who is pinned to a version, else to the newest."""
    entity = event.triggers[0].entity.meta.name if event.triggers else "time_entry"
    payload = {datum.name: _example_value(datum) for datum in event.payload}
    raised = BusinessEvent(event, entity, ID, f"{entity}:{ID}", payload)
    key = {one.name: EXAMPLES[one.kind] for one in ENTITIES[entity].key}
    about = replace(ABOUT, entity=entity, facts={**key, "legal_entity": OTHER_ID})
    return envelope(about, [raised], {event.type: event.version if version is None else version})


def record_example(meta: EntityMeta, version: int | None = None) -> Json:
    """One event of a record of this entity, with what changed and the whole record."""
    values = {one.name: _example_of(one) for one in meta.fields.values()}
    name = next(iter(values))
    about = replace(ABOUT, entity=meta.name, changed={name: {"before": None, "after": values[name]}}, values=values)
    return envelope(about, (), {meta.name: newest(meta.name) if version is None else version})


ABOUT = Told(
    event_id="evt_1_1_4711", tenant="northbeam", epoch=1, position=4711, entity="time_entry", golden_id=ID, version=3,
    op="update", recorded_at="2026-05-17T08:11:52.000000Z", cause="source", actor="system:psa",
    correlation_id="018f6b1e-0000-7000-8000-0000000000bb", changed={"state": {"before": "submitted", "after": "approved"}},
)  # fmt: skip
"""The circumstances of all examples."""

_SHOWN: Mapping[bool, Callable[[Datum], Any]] = {
    True: lambda datum: [{name: EXAMPLES[kind] for name, kind in datum.items.items()}],
    False: lambda datum: [OTHER_ID] if datum.target else EXAMPLES[FieldKind.LISTING],
}


def _example_of(one: Field[Any]) -> Any:
    if one.kind is FieldKind.LISTING:
        return [OTHER_ID] if one.target else EXAMPLES[FieldKind.LISTING]
    codes = CODE_SETS.get(one.codes)
    if codes and codes.values:
        return next(iter(codes.values))
    return {"CURRENCY": "EUR"}.get(one.codes, EXAMPLES[one.kind])


def _example_value(datum: Datum) -> Any:
    if datum.parts:
        return {name: EXAMPLES[kind] for name, kind in datum.parts.items()}
    if datum.kind is FieldKind.LISTING:
        return _SHOWN[bool(datum.items)](datum)
    codes = CODE_SETS.get(datum.codes)
    if codes and codes.values:
        return next(iter(codes.values))
    return {"CURRENCY": "EUR"}.get(datum.codes, EXAMPLES[datum.kind])
