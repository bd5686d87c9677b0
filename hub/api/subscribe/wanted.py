"""What a subscriber asked for: arguments checked against the model and the subscriber's rights. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub.api.access import Principal, masked_fields
from hub.api.errors import ApiError, Code
from hub.api.filters import forbidden
from hub.api.names import camel
from hub.api.values import to_sql
from hub.api.subscribe.raised import NAMES
from hub.core.records import Values
from hub.flows.filters import fits, needs_values, normal_filter, raised
from hub.store.feed import FeedChange
from schema import ENTITIES


@dataclass(frozen=True)
class Wanted:
    """Which changes a group gets, and where this subscriber begins.

    ``filter`` is a normal one of :mod:`hub.flows.filters`; ``entities`` and ``ids`` say part of it again, for the
    statements that read the feed.
    """

    filter: Mapping[str, Any]
    entities: tuple[str, ...] | None
    ids: tuple[UUID, ...] | None
    with_backfill: bool
    after: str | None = None
    snapshot: bool = False
    progress: bool = False

    @property
    def needs_values(self) -> bool:
        return needs_values(self.filter)

    def may_fit(self, change: FeedChange) -> bool:
        """What can be judged without the record's values."""
        if change.is_backfill and (not self.with_backfill or "events" in self.filter):
            return False  # nothing that a first load brings is an event
        if self.ids is not None and change.golden_id not in self.ids:
            return False
        return self.entities is None or change.entity in self.entities

    def fits(self, change: FeedChange, values: Values) -> bool:
        if not self.may_fit(change) or not fits(self.filter, change, values):
            return False
        return "events" not in self.filter or bool(raised(self.filter, change, values))

    def holds_now(self, record: FeedChange) -> bool:
        """Whether a record of a snapshot belongs to it; how it came about (fields, ops, events, backfill) does not matter there."""
        standing = {name: value for name, value in self.filter.items() if name not in ("fields", "ops")}
        return fits(standing, record, record.after)


def wanted_changes(given: Mapping[str, Any], principal: Principal) -> Wanted:
    """Read the arguments of ``changes``. Raises what the caller did wrong, with the argument's name."""
    if principal.scope:
        raise ApiError(Code.FORBIDDEN, "this key sees some records only, and the feed has all", remedy="Subscribe to record(id).")
    if given["after"] and given["snapshot"]:
        raise ApiError(Code.BAD_INPUT, "give either after or snapshot", "snapshot", "A snapshot comes with its own cursor.")
    stated: dict[str, Any] = {}
    for name in given["entities"] or ():
        if name not in ENTITIES:
            raise ApiError(Code.UNKNOWN_ENTITY, f"{name[:60]!r} is not an entity", "entities", "Use names like time_entry.")
    if given["entities"] is not None:
        stated["entities"] = list(given["entities"])
    if given["ops"] is not None:
        stated["ops"] = list(given["ops"])
    if given["fields"] is not None:
        stated["fields"] = [canonical(name) for name in given["fields"]]
    if given["events"] is not None:
        stated["events"] = _events(given["events"])
    where = [_condition(one) for one in given["where"] or ()]
    if given["legal_entity_id"]:
        where.append({"field": "legal_entity", "op": "eq", "value": str(to_sql("uuid", given["legal_entity_id"], "legalEntityId"))})
    if where:
        stated["where"] = where
    filter = normal_filter(stated)
    _may_see(filter, principal)
    ids = (to_sql("uuid", given["record_id"], "recordId"),) if given["record_id"] else None
    return Wanted(
        filter, tuple(filter["entities"]) if "entities" in filter else None, ids,
        given["backfill"], given["after"] or None, given["snapshot"], given["progress"],
    )  # fmt: skip


def _events(names: Sequence[str]) -> list[str]:
    """Names of events that changes raise. Raises ``BAD_INPUT``, also for none: nothing would ever be told."""
    unknown = next((f"{name[:60]!r} is no business event of a change" for name in names if name not in NAMES), "")
    if unknown or not names:
        remedy = "schema/published/MODEL.md#business-events lists them: time.approved, invoice.issued …"
        raise ApiError(Code.BAD_INPUT, unknown or "name at least one business event", "events", remedy)
    return list(names)


def canonical(name: str) -> str:
    """A field's canonical name, from either spelling; what is no field stays, and is refused by the filter.

    >>> canonical("legalName"), canonical("legal_name"), canonical("total.amount")
    ('legal_name', 'legal_name', 'total.amount')
    """
    head, dot, rest = name.partition(".")
    return _BY_CAMEL.get(head, head) + dot + rest


_BY_CAMEL = {camel(name): name for meta in ENTITIES.values() for name in meta.fields}


def _condition(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"field": canonical(given["field"]), "op": given.get("op") or "eq", "value": given.get("value")}


def _may_see(stated: Mapping[str, Any], principal: Principal) -> None:
    """A filter on a masked field would tell what the mask hides."""
    among: Sequence[str] = stated.get("entities") or list(ENTITIES)
    hidden = {name for entity in among for name in masked_fields(ENTITIES[entity], principal.role)}
    for name in stated.get("fields", ()):
        if name in hidden:
            raise forbidden("fields")
    for one in stated.get("where", ()):
        if one["field"].partition(".")[0] in hidden:
            raise forbidden("where")
