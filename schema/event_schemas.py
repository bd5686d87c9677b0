"""The JSON Schema of each business event, with an example that validates against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schema import CODE_SETS
from schema.event_types import Datum, EventType
from schema.events import BusinessEvent, Circumstances, envelope
from schema.kinds import FieldKind

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


def event_schema(event: EventType) -> Json:
    """The JSON Schema (draft 2020-12) of the whole envelope of one type of event, with one example."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:hub:event:{event.ce_type}",
        "title": event.ce_type,
        "description": f"EVT-{event.number}. {event.doc} Order is kept per {' or '.join(event.lane) or 'record'}.",
        **_envelope_schema(event),
        "examples": [example(event)],
    }


def _envelope_schema(event: EventType) -> Json:
    return {
        "type": "object",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {**TEXT, "description": "Unique per source; the same event is delivered under the same id."},
            "source": {**TEXT, "description": "The hub that tells."},
            "type": {"const": event.ce_type},
            "subject": {**TEXT, "description": "Entity and canonical id of the record."},
            "time": INSTANT,
            "datacontenttype": {"const": "application/json"},
            "partitionkey": {**TEXT, "description": "The lane: order is kept per this key."},
            "sequence": {"type": "string", "pattern": r"^\d{20}$"},
            "data": _data_schema(event),
        },
        "required": [
            "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "partitionkey", "sequence", "data"
        ],
    }  # fmt: skip


def _data_schema(event: EventType) -> Json:
    required: dict[str, Json] = {
        "tenant": TEXT,
        "position": {"type": "integer", "description": "Place in the tenant's feed."},
        "payload_version": {"const": event.version},
        "occurrence": {"type": "integer", "minimum": 1, "description": "How often it has fired for this record."},
        "record": _record_schema(event),
        "legal_entity": {"type": ["string", "null"]},
        "occurred_at": {**INSTANT, "type": ["string", "null"], "description": "When it happened, as the source says."},
        "recorded_at": {**INSTANT, "description": "When the hub recorded it."},
        "cause": TEXT,
        "actor": TEXT,
        "correlation_id": TEXT,
        "backfill": {"type": "boolean"},
        "changed": {
            "type": "object",
            "additionalProperties": {"type": "object", "properties": {"before": {}, "after": {}}},
        },
        "masked": {"type": "array", "items": TEXT, "description": "Fields left out because the reader may not see them."},
        "payload": _payload_schema(event),
    }
    return {"type": "object", "properties": required, "required": [*required]}


def _record_schema(event: EventType) -> Json:
    entities = sorted({trigger.entity.meta.name for trigger in event.triggers})
    return {
        "type": "object",
        "properties": {
            "entity": {"enum": entities} if entities else TEXT,
            "id": TEXT,
            "version": {"type": "integer"},
            "key": {"type": "object", "description": "Its business key."},
            "external_ids": {"type": "object", "additionalProperties": TEXT, "description": "Its id in each system."},
        },
        "required": ["entity", "id", "version", "key", "external_ids"],
    }


def _payload_schema(event: EventType) -> Json:
    """The payload: fields without a value are left out, so none is required."""
    return {
        "type": "object",
        "properties": {datum.name: _datum_schema(datum) for datum in event.payload},
        "additionalProperties": False,
    }


def _datum_schema(datum: Datum) -> Json:
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


def example(event: EventType) -> Json:
    """One event of this type as it is delivered."""
    entity = event.triggers[0].entity.meta.name if event.triggers else "time_entry"
    payload = {datum.name: _example_value(datum) for datum in event.payload}
    lane = f"{event.lane[0]}:{OTHER_ID}" if event.lane else f"{entity}:{ID}"
    return envelope(BusinessEvent(event, entity, ID, lane, payload), ABOUT)


ABOUT = Circumstances(
    event_id="018f6b1e-0000-7000-8000-0000000000aa", source="urn:hub:northbeam", tenant="northbeam", position=4711,
    record_version=3, recorded_at="2026-05-17T08:11:52.000000Z", cause="source", actor="system:psa",
    correlation_id="018f6b1e-0000-7000-8000-0000000000bb", occurred_at="2026-05-17T08:11:50.000000Z",
    business_key={"code": "NB-1042"}, external_ids={"psa": "88123"}, legal_entity=OTHER_ID,
    changed={"state": ("submitted", "approved")},
)  # fmt: skip
"""The circumstances of all examples."""

_SHOWN: Mapping[bool, Callable[[Datum], Any]] = {
    True: lambda datum: [{name: EXAMPLES[kind] for name, kind in datum.items.items()}],
    False: lambda datum: [OTHER_ID] if datum.target else EXAMPLES[FieldKind.LISTING],
}


def _example_value(datum: Datum) -> Any:
    if datum.kind is FieldKind.LISTING:
        return _SHOWN[bool(datum.items)](datum)
    codes = CODE_SETS.get(datum.codes)
    if codes and codes.values:
        return next(iter(codes.values))
    return {"CURRENCY": "EUR"}.get(datum.codes, EXAMPLES[datum.kind])
