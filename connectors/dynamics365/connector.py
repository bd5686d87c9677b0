"""The connector of Dynamics 365 on Dataverse: changes by its own tracking, writes by ids of our choice or an alternate key, many in a batch.

What OData services have in common is :class:`ODataConnector`; here is what Dataverse does its own way.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from connectors.dynamics365 import records
from connectors.dynamics365.config import DataverseTable, DynamicsConfig, attribute, read, with_columns
from connectors.dynamics365.records import LABEL
from connectors.errors import ConnectorError, RejectedError, SchemaDriftError
from connectors.http import Answer, HttpClient, OnRequest
from connectors.odata import envelope
from connectors.odata.config import EntitySet
from connectors.odata.connector import ODataConnector
from connectors.odata.query import Query, address
from connectors.odata.values import alternate_key
from connectors.port import Incoming, Page, Receipt, Write
from connectors.rest.answers import parsed
from connectors.wire import parse_json
from schema.paths import at_path

SPACE = UUID("6f1c9a52-7d0e-5b8a-9c43-1f0a4be2d365")
"""Ids of our choice are made from our keys in this name space, so that a second create meets the first."""
_ADDRESSABLE = re.compile(r"[^/<>*%&:\\?+]+")
"""What may stand in an address as the value of an alternate key."""
_UNKNOWN_COLUMN = "0x80060888"
_NOT_FOUND = "0x80040217"


@dataclass
class DynamicsConnector(ODataConnector):
    """A connected organisation."""

    dynamics: DynamicsConfig = field(kw_only=True)
    _ready: set[str] = field(default_factory=set, init=False, repr=False)
    _words: dict[str, dict[str, Any]] = field(default_factory=dict, init=False, repr=False)
    """Dictionary → id → what it stands for."""
    _unknown: set[str] = field(default_factory=set, init=False, repr=False)
    """Dictionaries that did not know an id since they were read."""
    _choices: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict, init=False, repr=False)
    _navigations: dict[str, dict[tuple[str, str], str]] = field(default_factory=dict, init=False, repr=False)
    _sets: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    # --- reading -----------------------------------------------------------------------------------------------------

    async def poll(self, resource: str, checkpoint: str) -> Page:
        await self._prepare(self._resource(resource).name)
        page = await super().poll(resource, checkpoint)
        return await super().poll(resource, checkpoint) if await self._learned(resource) else page

    async def _record(self, one: Any, external_id: str) -> Any:
        await self._prepare(one.name)
        return await super()._record(one, external_id)

    async def fetch(self, object: str, external_id: str) -> Incoming | None:
        found = await super().fetch(object, external_id)
        return await super().fetch(object, external_id) if await self._learned(object) else found

    async def look_up(self, write: Write) -> Receipt | None:
        await self._prepare(self._resource(write.object).name)
        return await super().look_up(write)

    def headers(self) -> dict[str, str]:
        return {"if-none-match": "null"} | ({"mscrm.suppressduplicatedetection": "false"} if self.dynamics.duplicate_detection else {})

    def preferences(self, one: EntitySet) -> list[str]:
        return [f'odata.include-annotations="{LABEL},{records.LOGICAL_NAME}"']

    def shaped(self, one: EntitySet, record: dict[str, Any]) -> dict[str, Any]:
        table = self.dynamics.tables[one.name]
        found, unknown = records.shaped(record, table, self.dynamics, self._words)
        self._unknown |= unknown
        if one.name in self.dynamics.twins:
            found["twin"] = found.get(self.dynamics.twins[one.name])
        return found

    async def _prepare(self, name: str) -> None:
        """Know the table's columns and the dictionaries its records need, before it is asked."""
        table = self.dynamics.tables[name]
        if name in self._ready:
            return
        async with self._lock:
            if name in self._ready:
                return
            if table.optional or table.renamed:
                columns = await self._metadata(f"EntityDefinitions(LogicalName='{name}')/Attributes", ("LogicalName",))
                known = frozenset(str(one.get("LogicalName")) for one in columns)
                sets = cast(dict[str, EntitySet], self.odata.sets)
                sets[name] = with_columns(sets[name], table, known)
            for dictionary in {one for one, _ in table.translated.values()}:
                if dictionary not in self._words:
                    await self._read(dictionary)
            self._ready.add(name)

    async def _learned(self, resource: str) -> bool:
        """Read the dictionaries again that did not know an id; whether there were any."""
        wanted = {one for one, _ in self.dynamics.tables[self._resource(resource).name].translated.values()} & self._unknown
        async with self._lock:
            for dictionary in wanted:
                await self._read(dictionary)
                self._unknown.discard(dictionary)
        return bool(wanted)

    async def _read(self, name: str) -> None:
        """All of a dictionary, page by page."""
        wanted = self.dynamics.dictionaries[name]
        query: Query | None = Query((wanted.id, *wanted.value))
        found: dict[str, Any] = {}
        path = wanted.set
        while path:
            answer = await self._service().get(path, query, prefer=["odata.maxpagesize=5000"])
            if answer.status >= 400:
                raise self._error(answer, f"list {wanted.set}", is_read=True)
            listing = envelope.listing(parsed(self.config, answer, wanted.set))
            if listing is None:
                raise SchemaDriftError(f"{self.config.system} answered no list of {wanted.set}", object=wanted.set, system=self.config.system)
            for one in listing.records:
                if one.get(wanted.id):
                    found[str(one[wanted.id])] = {value: one.get(value) for value in wanted.value} if wanted.is_table else one.get(wanted.value[0])
            path, query = listing.next, None
        self._words[name] = found

    async def _metadata(self, path: str, select: tuple[str, ...], expand: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        answer = await self._service().get(path, Query(select, expand))
        if answer.status >= 400:
            raise self._error(answer, f"describe {path}", is_read=True)
        listing = envelope.listing(parsed(self.config, answer, "metadata"))
        if listing is None:
            raise SchemaDriftError(f"{self.config.system} does not tell its metadata", path=path, system=self.config.system)
        return listing.records

    def _service(self) -> Any:
        return self.service_of(next(iter(self.odata.sets.values())))

    def _error(self, answer: Answer, what: str, *, is_read: bool) -> ConnectorError:
        found = super()._error(answer, what, is_read=is_read)
        if not isinstance(found, RejectedError):
            return found
        if is_read and found.code == _UNKNOWN_COLUMN:
            return SchemaDriftError(f"{self.config.system} has no column {found.field!r} (any more)", path=found.field, system=self.config.system)
        if found.code == _NOT_FOUND and what.startswith("create"):
            found.cause, found.remedy = "reference", "Deliver or link the record it refers to first."
        return found

    # --- webhooks ----------------------------------------------------------------------------------------------------

    def receive(self, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        """One event tells one record's id: what it holds is partial, so it is fetched. Our own changes are left out."""
        found = super().receive(headers, body)
        event = parse_json(body)
        if self.dynamics.own_user and str(at_path(event, "InitiatingUserId")).lower() == self.dynamics.own_user:
            return []
        if at_path(event, "MessageName") not in ("Create", "Update", "Delete", "Assign", "SetState", "SetStateDynamicEntity", "Merge"):
            return []
        mark = f"{at_path(event, 'CorrelationId')}:{at_path(event, 'OperationId') or at_path(event, 'OperationCreatedOn')}"
        return [replace(one, external_id=one.external_id.lower(), key=f"{one.object}:{one.external_id.lower()}:{mark}") for one in found]

    # --- writing -----------------------------------------------------------------------------------------------------

    async def request_of(self, one: Any, rule: Any, write: Write) -> Any:
        await self._prepare(one.name)
        column = self.dynamics.hub_key
        if write.operation == "create" and not column:
            write = replace(write, intent_key=self.id_of(write))
        found = await super().request_of(one, rule, write)
        if write.operation != "create" or not column or not _ADDRESSABLE.fullmatch(write.intent_key):
            return found
        # addressed by the alternate key, so that a key that is not (yet) active is refused instead of letting doubles in
        path = f"{found.path}{alternate_key({column: write.intent_key})}"
        body = {name: value for name, value in found.json.items() if name != column}
        return replace(found, method="PATCH", path=path, json=body, headers={**found.headers, "if-none-match": "*"})

    def id_of(self, write: Write) -> str:
        """The id a record of ours gets there where no column holds our key."""
        return str(uuid5(SPACE, f"{write.object}:{write.intent_key}"))

    async def _candidates(self, one: Any, write: Write) -> list[Any]:
        if write.intent_key and not self.dynamics.hub_key:
            write = replace(write, intent_key=self.id_of(write))
        wanted = replace(write, natural_key=await self.told(self.odata.sets[one.name], dict(write.natural_key), is_new=True, binds=False))
        return await super()._candidates(one, wanted)

    async def told(self, one: EntitySet, body: dict[str, Any], *, is_new: bool, binds: bool = True) -> dict[str, Any]:
        table = self.dynamics.tables[one.name]
        try:
            found = records.untranslated(body, table, self.dynamics, self._words)
        except records.UnknownWordError as error:
            remedy = f"Add the {error.name} in Dynamics, or leave it out of what is written there."
            about = f"{self.config.system} has no such {error.name}"
            raise RejectedError(about, cause="reference", field=error.name, remedy=remedy, detail=error.value, system=self.config.system) from error
        for name in table.labels:
            if isinstance(found.get(name), str):
                found[name] = await self._choice(one.name, name, found[name])
        if binds:
            for name in [name for name in found if name in table.lookups]:
                navigation, place = await self._bound(one.name, name, table, found.pop(name))
                found[navigation] = place
        return {name: value for name, value in found.items() if name not in one.reads_back}

    async def _choice(self, object: str, name: str, label: str) -> int:
        """The value of a choice by its label, as the firm's own metadata has them; asked again for a label it did not have."""
        known = self._choices.get(object, {}).get(name, {})
        if label.casefold() not in known:
            path = f"EntityDefinitions(LogicalName='{object}')/Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata"
            told = await self._metadata(path, ("LogicalName",), ("OptionSet",))
            self._choices[object] = {str(one["LogicalName"]): records.options(one) for one in told}
            known = self._choices[object].get(name, {})
        if label.casefold() not in known:
            raise RejectedError(
                f"{self.config.system} has no such choice for {name}", field=name, remedy="Add the choice in Dynamics, or map its code (Codes in the console).",
                detail=label, system=self.config.system,
            )  # fmt: skip
        return known[label.casefold()]

    async def _bound(self, object: str, column: str, table: DataverseTable, id: Any) -> tuple[str, str | None]:
        """A reference as it is written: the navigation by its own spelling, which only metadata tells, and the address of the record."""
        target = table.lookups[column]
        if object not in self._navigations:
            told = await self._metadata(
                f"EntityDefinitions(LogicalName='{object}')/ManyToOneRelationships",
                ("ReferencingAttribute", "ReferencedEntity", "ReferencingEntityNavigationPropertyName"),
            )
            self._navigations[object] = {
                (str(one["ReferencingAttribute"]), str(one["ReferencedEntity"])): str(one["ReferencingEntityNavigationPropertyName"]) for one in told
            }
        navigation = self._navigations[object].get((attribute(column), target), attribute(column))
        if id is None:
            return f"{navigation}@odata.bind", None
        return f"{navigation}@odata.bind", f"/{await self._set_of(target)}({id})"

    async def _set_of(self, object: str) -> str:
        if object in self.odata.sets:
            return self.odata.sets[object].set
        if object not in self._sets:
            told = await self._service().get(address(f"EntityDefinitions(LogicalName='{object}')", Query(("EntitySetName",))))
            found = envelope.record(parsed(self.config, told, object)) if told.status < 400 else None
            if not found or not found.get("EntitySetName"):
                raise SchemaDriftError(f"{self.config.system} has no table {object}", object=object, system=self.config.system)
            self._sets[object] = str(found["EntitySetName"])
        return self._sets[object]

    async def if_match(self, one: EntitySet, write: Write) -> str:
        """A version here is the number in the tag itself, so nothing needs to be read before."""
        return f'W/"{write.expected_version}"' if write.expected_version else "*"

    def write_headers(self, one: EntitySet) -> dict[str, str]:
        """The record is wanted back for its version, with its id alone."""
        return {"prefer": "return=representation"} | ({"mscrm.suppressduplicatedetection": "false"} if self.dynamics.duplicate_detection else {})

    def in_batch(self, one: EntitySet, path: str) -> str:
        root = urlsplit(self.config.http.base_url).path.rstrip("/")
        return f"{root}/{one.service}/{path}"

    async def write_many(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        for name in {self._resource(one.object).name for one in writes}:
            await self._prepare(name)
        return await super().write_many(writes)


def dynamics365_connector(config: Mapping[str, Any], *, file: str = "dynamics365", on_request: OnRequest | None = None) -> DynamicsConnector:
    """The registry's factory: ``config`` is the document with its variables filled in."""
    told = read(config, file)
    client = HttpClient(told.odata.rest.http, told.auth, on_request)
    return DynamicsConnector(told.odata.rest, client, odata=told.odata, dynamics=told)
