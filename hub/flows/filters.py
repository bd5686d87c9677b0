"""Which changes a subscription wants, as its owner states it and as it is judged for each change.

A filter may name ``entities``, ``fields`` (an update changed at least one of them), ``ops``, ``where`` (conditions on the
values, see :mod:`hub.core.conditions`), ``legal_entity`` (records that name it), ``select`` (the fields that are told, of those
that changed and of the whole record; all unless said), ``when`` (conditions of one entity: {entity: {field: [values]}}),
``events`` (webhooks: only changes that raise one of these business events, such as ``time.approved``), ``backfill`` and ``confidential`` (both false unless said). ``context`` is
the consumer context whose values it is sent. ``route`` (connected systems only) names legal entities, regions or contract types by
code, found along a record's references. For one entity it may be said shorter:
{"entity": "time_entry", "when": {"state": ["approved"]}}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.core.conditions import normal_condition
from hub.core.delivery_routes import WAYS
from hub.core.records import Values
from hub.core.routing import Filter, meets, wants
from hub.errors import RequestError
from hub.store.feed import FeedChange
from schema import ENTITIES
from schema.events import TYPES, BusinessEvent, events_of

OPS = frozenset({"create", "update", "inactivate", "reactivate", "merge", "split"})
_OF_CORE = ("entities", "fields", "ops", "where")
_KEYS = frozenset({*_OF_CORE, "when", "events", "backfill", "confidential", "deactivate", "context", "legal_entity", "select", "route"})


def normal_filter(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Check a filter against the model and write it in its long form. Raises :class:`RequestError` ``bad_filter``.

    >>> normal_filter({"entity": "time_entry", "when": {"state": ["approved"]}})
    {'when': {'time_entry': {'state': ['approved']}}, 'entities': ['time_entry']}
    """
    stated = dict(stated)
    entity = stated.pop("entity", None)
    if entity is not None:
        if "entities" in stated:
            raise _bad("entity", "say either entity or entities")
        stated["entities"] = [entity]
        if "when" in stated:
            stated["when"] = {entity: stated["when"]}
    for key in stated.keys() - _KEYS:
        raise _bad(str(key), f"is not one of {', '.join(sorted(_KEYS))}")
    for name in _texts(stated, "entities"):
        if name not in ENTITIES:
            raise _bad("entities", f"{name!r} is not an entity")
    for name in _texts(stated, "events"):
        if name not in TYPES or not TYPES[name].triggers:
            raise _bad("events", f"{name!r} is no business event of a change; schema/published/EVENTS.md lists them")
    if stated.get("events") and "entities" not in stated:
        stated["entities"] = sorted({one.entity.meta.name for name in stated["events"] for one in TYPES[name].triggers})
    among = stated.get("entities") or list(ENTITIES)
    for key in ("fields", "select"):
        for name in _texts(stated, key):
            if not any(name in ENTITIES[entity].fields for entity in among):
                raise _bad(key, f"{name!r} is not a field of {', '.join(among) if len(among) < 5 else 'any entity'}")
    for name in _texts(stated, "ops"):
        if name not in OPS:
            raise _bad("ops", f"{name!r} is not one of {', '.join(sorted(OPS))}")
    for name in ("backfill", "confidential", "deactivate"):
        if not isinstance(stated.get(name, False), bool):
            raise _bad(name, "is true or false")
    if not isinstance(stated.get("context", ""), str):
        raise _bad("context", "is the name of a context")
    _check_conditions(stated.get("when", {}))
    _check_route(stated.get("route", {}))
    return _with_conditions(stated, among)


def fits(wanted: Mapping[str, Any], change: FeedChange, values: Values) -> bool:
    """Whether a subscription with this (normal) filter gets this change; ``values`` are the record's after it.

    ``values`` may be empty where :func:`needs_values` says no.
    """
    return wants(_core(wanted), change, values) and holds(wanted, change.entity, values)


def holds(wanted: Mapping[str, Any], entity: str, values: Values) -> bool:
    """Whether a record's values meet the filter's conditions for its entity.

    >>> approved = normal_filter({"entity": "time_entry", "when": {"state": ["approved"]}})
    >>> holds(approved, "time_entry", {"state": "draft"}), holds(approved, "client", {})
    (False, True)
    """
    conditions = wanted.get("when", {}).get(entity, {})
    return all(values.get(name) in allowed for name, allowed in conditions.items())


def stands(wanted: Mapping[str, Any], entity: str, values: Values) -> bool:
    """Whether a record as it stands meets all conditions of the filter: what a connected system is sent, whatever changed."""
    return holds(wanted, entity, values) and (not wanted.get("where") or meets(_core(wanted), values))


def needs_values(wanted: Mapping[str, Any]) -> bool:
    return bool(wanted.get("when") or wanted.get("where") or wanted.get("events"))


def raised(wanted: Mapping[str, Any], change: FeedChange, values: Values) -> tuple[BusinessEvent, ...]:
    """The business events of a change that the filter names; ``values`` are the record's after it."""
    names = wanted.get("events", ())
    if not names:
        return ()
    before = {name: value for name, value in {**values, **change.before}.items() if value is not None}
    related = {"id_map": change.id_map} if change.id_map else {}
    found = events_of(change, ENTITIES[change.entity], {} if change.op == "create" else before, values, related)
    return tuple(event for event in found if event.type.type in names)


def _core(wanted: Mapping[str, Any]) -> Filter:
    """Backfill is judged when a lane is wanted, so a filter lets it pass here."""
    return Filter.from_json({name: wanted[name] for name in _OF_CORE if name in wanted} | {"with_backfill": True})


def _with_conditions(stated: dict[str, Any], among: Sequence[str]) -> dict[str, Any]:
    """The filter with its conditions in normal form, the legal entity among them."""
    given = stated.get("where", [])
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise _bad("where", "is a list of conditions")
    legal_entity = stated.pop("legal_entity", None)
    if legal_entity is not None:
        given = [*given, {"field": "legal_entity", "op": "eq", "value": legal_entity}]
    try:
        stated |= {"where": [normal_condition(one, among) for one in given]} if given else {}
        _core(stated)
    except (ValueError, TypeError, AttributeError) as error:
        raise _bad("where" if legal_entity is None else "legal_entity", str(error)) from error
    return stated


def _check_conditions(when: Any) -> None:
    if not isinstance(when, Mapping):
        raise _bad("when", "maps entities to conditions")
    for entity, conditions in when.items():
        if entity not in ENTITIES or not isinstance(conditions, Mapping):
            raise _bad("when", f"{entity!r} is not an entity with conditions")
        for name, allowed in conditions.items():
            if name not in ENTITIES[entity].fields or not isinstance(allowed, list):
                raise _bad(f"when.{entity}", f"{name!r} is not a field with a list of values")


def _check_route(route: Any) -> None:
    if not isinstance(route, Mapping) or not route.keys() <= WAYS.keys():
        raise _bad("route", f"maps {', '.join(WAYS)} to lists of codes")
    for name, codes in route.items():
        if not isinstance(codes, list) or not all(isinstance(one, str) for one in codes):
            raise _bad(f"route.{name}", "is a list of codes")


def _texts(stated: Mapping[str, Any], name: str) -> list[str]:
    found = stated.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise _bad(name, "is a list of names")
    return found


def _bad(field: str, reason: str) -> RequestError:
    return RequestError("bad_filter", f"filter.{field}: {reason}", field=f"filter.{field}", remedy="Correct the filter.")
