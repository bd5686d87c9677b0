"""The connector of ConnectWise PSA: conditions and forward-only pages to read, JSON Patch to write, callbacks to hear of changes sooner.

What REST systems have in common (keys, receipts, errors) is :class:`RestConnector`; here is what ConnectWise does its own way.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.auth import FixedHeaders
from connectors.connectwise import callbacks
from connectors.connectwise.client import GONE, ConnectwiseClient
from connectors.connectwise.comparing import asked_of, number, same
from connectors.connectwise.conditions import all_of, moment, quoted
from connectors.connectwise.config import ConnectwiseConfig, Kind, read
from connectors.connectwise.picklists import Picklists
from connectors.connectwise.records import About, identifier_of, mark_of, patch, shown, told, with_days, with_ids
from connectors.connectwise.walk import Walk, parse_checkpoint
from connectors.errors import ConfigurationError, ConnectorError, CredentialsError, RejectedError, SchemaDriftError
from connectors.http import Answer, OnRequest
from connectors.port import Capabilities, Incoming, Page, Receipt, Write
from connectors.rest.answers import error_of, parsed
from connectors.rest.config import Resource, WriteRule
from connectors.rest.connector import RestConnector
from connectors.rest.walk import clock_of, modified_of
from schema.paths import ABSENT, at_path, flattened

FORWARD = {"pagination-type": "forward-only"}
PARENTS = 50
"""Records whose children make one page."""
MOST_KNOWN = 100_000
LONGEST = 1500
"""Letters of a condition that still fit an address; a longer one is sent as a search."""


@dataclass
class ConnectwiseConnector(RestConnector):
    """A connected PSA."""

    connectwise: ConnectwiseConfig = field(kw_only=True)
    _keys: callbacks.Keys = field(init=False, repr=False)
    _about: About = field(init=False, repr=False)
    _lists: Picklists = field(init=False, repr=False)
    _above: dict[tuple[str, str], str] = field(default_factory=dict, init=False, repr=False)
    """(resource, id) → id of the record that it lies below."""

    def __post_init__(self) -> None:
        said = self.connectwise
        self._about = About(said.hub_field, said.currency, said.zone, said.zones, said.mobile_types)
        self._lists = Picklists(self.config.system, self._all, self.clock)
        self._keys = callbacks.Keys(self.config.system, said.company, self.config.http.base_url, said.callbacks)

    @property
    def capabilities(self) -> Capabilities:
        base = super().capabilities
        objects = {name: replace(one, has_expected_version=one.can_update) for name, one in base.objects.items()}
        overlap_s = max((one.changes.overlap_s for one in self.config.resources.values() if one.changes), default=0.0)
        return replace(base, objects=objects, can_filter_changes=True, overlap_s=overlap_s, webhook_scheme="hmac-sha256", page_size=self.connectwise.page_size)

    # --- reading -----------------------------------------------------------------------------------------------------

    async def poll(self, resource: str, checkpoint: str) -> Page:
        one = self._resource(resource)
        kind = self.connectwise.kinds[resource]
        walk = parse_checkpoint(checkpoint).begun(one.changes.overlap_s if one.changes else 0.0)
        await self._lists.read_for(kind)
        listed, parent_kind = (one, kind) if not kind.under else (self._resource(kind.under), self.connectwise.kinds[kind.under])
        size = min(PARENTS, self.connectwise.page_size) if kind.under else self.connectwise.page_size
        answer = await self._page(parent_kind, walk, size)
        rows = self._rows(answer, listed.name)
        clock = clock_of(answer.headers.get("date"), self.clock())
        if walk.is_whole:
            ids = [number(self._id(listed, row)) for row in rows]
            if ids and min(ids) <= walk.after:
                text = f"{self.config.system} does not page {listed.name} forward by id"
                raise SchemaDriftError(text, object=resource, path="pagination-type", system=self.config.system)
            following = walk.whole_page(ids, clock, is_remembered=not kind.is_whole)
        else:
            newest = max(filter(None, (modified_of(row, listed) for row in rows)), default="")
            following = walk.changes_page(newest, len(rows) >= size, clock, kind.sweep_every_s)
        records = await self._children(kind, rows) if kind.under else rows
        messages = tuple(self._incoming(one, record) for record in records)
        return Page(messages, following.text(), following.is_under_way, is_complete_listing=walk.is_whole and not following.is_under_way)

    async def _page(self, kind: Kind, walk: Walk, size: int) -> Answer:
        params = {"pageSize": str(size)}
        if walk.is_whole:
            more = {"pageId": str(walk.after)} if walk.after >= 0 else {}
            return await self._asked(f"list {kind.name}", kind.path, kind.condition, {**params, **more}, FORWARD)
        condition = all_of(kind.condition, f"lastUpdated>={moment(walk.asked_from)}")
        return await self._asked(f"list {kind.name}", kind.path, condition, {**params, "orderBy": "lastUpdated asc", "page": str(walk.page)})

    async def _asked(
        self, what: str, path: str, condition: str, params: Mapping[str, str], headers: Mapping[str, str] | None = None,
        within: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """The answer to a list; ``within`` are the conditions on what lies in lists (childConditions …)."""
        stated = {key: value for key, value in {"conditions": condition, **(within or {})}.items() if value}
        if sum(map(len, stated.values())) > LONGEST:
            order = {key: value for key, value in params.items() if key == "orderBy"}
            rest = {key: value for key, value in params.items() if key != "orderBy"}
            answer = await self.client.request("POST", f"{path}/search", params=rest, json={**stated, **order}, headers=headers, is_read=True)
        else:
            answer = await self.client.request("GET", path, params={**stated, **params}, headers=headers)
        if answer.status == 404:
            self._no_list(path, answer)
        if answer.status >= 400:
            raise error_of(self.config, answer, what, is_read=True)
        return answer

    def _no_list(self, path: str, answer: Answer) -> None:
        """A list is there always, so a 404 says something else: that this release has none, or that it does not know who asks."""
        system = self.config.system
        if GONE in answer.body:
            raise SchemaDriftError(f"this release of {system} has no {path}", path=path, system=system, status=404)
        raise CredentialsError(f"{system} shows nothing to this company and key (404)", system=system, status=404)

    def _rows(self, answer: Answer, name: str) -> list[Any]:
        found = parsed(self.config, answer, name)
        if not isinstance(found, list):
            raise SchemaDriftError(f"{self.config.system} answered no list of {name}", object=name, system=self.config.system)
        return found

    async def _all(self, path: str, what: str, condition: str = "", within: Mapping[str, str] | None = None) -> list[Any]:
        """A list to its end, by numbers: of children, of a picklist, of candidates."""
        found: list[Any] = []
        size = self.connectwise.page_size
        for page in range(1, 1000):
            answer = await self._asked(what, path, condition, {"pageSize": str(size), "page": str(page)}, within=within)
            rows = self._rows(answer, path)
            found += rows
            if len(rows) < size:
                return found
        raise SchemaDriftError(f"the list {path} of {self.config.system} does not end", path=path, system=self.config.system)

    async def _children(self, kind: Kind, parents: list[Any]) -> list[Any]:
        """What lies below these records, each naming its parent, and with its parent's currency where it says none."""
        paths = [kind.path.replace("{parent}", str(one["id"])) for one in parents]
        listed = await asyncio.gather(*(self._all(path, f"list {kind.name}") for path in paths))
        if len(self._above) > MOST_KNOWN:
            self._above.clear()
        self._above |= {(kind.name, str(row["id"])): str(one["id"]) for one, rows in zip(parents, listed, strict=True) for row in rows if "id" in row}
        inherited = [{"parent": {"id": one["id"]}} | ({"currency": one["currency"]} if one.get("currency") else {}) for one in parents]
        return [{**more, **row} for more, rows in zip(inherited, listed, strict=True) for row in rows]

    async def _record(self, one: Resource, external_id: str) -> Any:
        kind = self.connectwise.kinds[one.name]
        await self._lists.read_for(kind)
        if not external_id.isdecimal():
            return None
        return await self._child(one, kind, external_id) if kind.under else await super()._record(one, external_id)

    async def _child(self, one: Resource, kind: Kind, external_id: str) -> Any:
        """A record that lies below another: by the parent it was last listed under, since its own id says nothing of it."""
        parent = self._above.get((kind.name, external_id))
        if parent is None:
            raise ConfigurationError(f"{self.config.system}: a {one.name} is read with its {kind.under}: list it first", system=self.config.system)
        above = await self._record(self._resource(kind.under), parent)
        listed = await self._children(kind, [above]) if above is not None else []
        return next((row for row in listed if str(row.get("id")) == external_id), None)

    def _incoming(self, one: Resource, record: Any) -> Incoming:
        if isinstance(record, dict):
            record = self._shown(self.connectwise.kinds[one.name], record)
        return super()._incoming(one, record)

    def _shown(self, kind: Kind, record: Mapping[str, Any]) -> dict[str, Any]:
        """A record with what it derives, and with what picklists say of its references."""
        kept = {key: value for key, value in record.items() if key not in kind.drops and (not kind.keeps or key in kind.keeps)}
        return self._lists.told(kind, shown(kept, kind.derives, self._about))

    # --- callbacks -----------------------------------------------------------------------------------------------------

    async def prepare(self, headers: Mapping[str, str], body: bytes) -> None:
        """Fetch what :meth:`receive` verifies and reads a callback with."""
        await self._keys.prepare(headers, body)
        self._keys.verify(headers, body)
        kind = self._heard(callbacks.event(body, self.config.system).type)
        if kind is not None:
            with contextlib.suppress(ConnectorError):  # without them the record is fetched
                await self._lists.read_for(kind)

    def receive(self, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        self._keys.verify(headers, body)
        event = callbacks.event(body, self.config.system)
        kind = self._heard(event.type)
        if kind is None:
            return []
        one = self._resource(kind.name)
        if event.is_delete:
            return [Incoming(one.object, event.id, b"", event.message_id, "", is_delete=True)]
        if event.record is not None and self._lists.has_for(kind) and at_path(event.record, "id") is not ABSENT:
            message = self._incoming(one, event.record)
            if message.key and message.external_id == event.id:
                return [message]
        return [Incoming(one.object, event.id, b"", event.message_id)]

    def _heard(self, type: str) -> Kind | None:
        return next((one for one in self.connectwise.kinds.values() if one.callback == type), None)

    async def listen(self, url: str) -> list[str]:
        """Have ConnectWise call ``url`` (the hub's ``/hooks/…``) for everything we read; answers the types that are new."""
        made = []
        for type_ in sorted({one.callback for one in self.connectwise.kinds.values() if one.callback}):
            body = {
                "description": "services-hub", "url": f"{url}?recordId=", "objectId": 1, "type": type_, "level": "owner", "inactiveFlag": False,
                "payloadVersion": "3.0.0",
            }  # fmt: skip
            answer = await self.client.request("POST", "system/callbacks", json=body, is_read=True)
            if answer.status < 400:
                made.append(type_)
                continue
            error = error_of(self.config, answer, f"call back for {type_}", is_read=True)
            if not (isinstance(error, RejectedError) and error.cause == "duplicate"):
                raise error
        return made

    # --- writing -----------------------------------------------------------------------------------------------------

    async def _write(self, one: Resource, rule: WriteRule, write: Write) -> Receipt:
        kind = self.connectwise.kinds[one.name]
        if write.operation == "create":
            path, body = await self._made(one, kind, write)
            answer = await self.client.request("POST", path, json=body)
        else:
            known = await self._as_expected(one, write)
            stated = {**kind.deactivate, **write.body} if write.operation == "deactivate" else write.body
            body = await self._told(kind, stated, known)
            answer = await self.client.request("PATCH", rule.path.replace("{id}", write.external_id or ""), json=patch(body))
        if answer.status >= 400:
            raise error_of(self.config, answer, f"{write.operation} {write.object}", is_read=False)
        return self._receipt(rule, write, answer)

    async def _made(self, one: Resource, kind: Kind, write: Write) -> tuple[str, dict[str, Any]]:
        """Where a new record goes, and its whole body: what the firm has said for new ones, ours over it, and our key."""
        body = {**kind.create, **write.body}
        known: Mapping[str, Any] = {}
        if one.key_field == "hub_key" or (self._about.hub_field and "custom" in body):
            known = {"customFields": await self._blank_fields(kind)}
        if one.key_field == "hub_key":
            body["hub_key"] = write.intent_key
        if kind.identifier:
            body.setdefault(kind.identifier, identifier_of(str(body.get("name") or ""), write.intent_key))
        path = kind.path
        if kind.under:
            parent = body.pop("parent", None)
            id = parent.get("id") if isinstance(parent, Mapping) else None
            if id is None:
                raise RejectedError(
                    f"a {one.name} needs its {kind.under}", cause="reference", field=kind.under, remedy=f"Deliver the {kind.under} first.",
                    system=self.config.system,
                )  # fmt: skip
            path = path.replace("{parent}", str(id))
            await self._same_currency(kind, str(id), body)
        whole = await self._told(kind, body, known)
        return path, {key: value for key, value in whole.items() if value is not None}

    async def _same_currency(self, kind: Kind, parent: str, body: Mapping[str, Any]) -> None:
        """An amount below a record is in that record's currency, which it does not say. Raises RejectedError when ours is another."""
        ours = at_path(body, "currency.isoCode")
        above = await self._record(self._resource(kind.under), parent) if isinstance(ours, str) else None
        theirs = at_path(self._shown(self.connectwise.kinds[kind.under], above), "currency.isoCode") if above is not None else ours
        if theirs != ours:
            raise RejectedError(
                f"the {kind.under} of this {kind.name} is in {theirs}, not in {ours}", cause="validation", field="currency",
                remedy=f"Convert it, or deliver it to the right {kind.under}.", system=self.config.system,
            )  # fmt: skip

    async def _told(self, kind: Kind, body: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        """A body in the vendor's own fields."""
        types: list[Any] = []
        if isinstance(body.get("points"), Mapping):
            types = await self._communication_types()
        plain = told(body, self._about, known, types)
        if "currency" in kind.derives and "currency" not in kind.picklists:
            plain.pop("currency", None)  # it has none of its own: what is told is in its parent's, or the firm's
        return with_days(with_ids(await self._lists.picked(kind, plain)), kind.dates)

    async def _communication_types(self) -> list[Any]:
        path = "company/communicationTypes"
        await self._lists.read(path)
        return list(self._lists.entries(path).values())

    async def _blank_fields(self, kind: Kind) -> list[dict[str, Any]]:
        """The custom fields an object has, without values: any record shows them all."""
        rows = self._rows(await self._asked(f"list {kind.name}", kind.path, kind.condition, {"pageSize": "1", "fields": "id,customFields"}), kind.name)
        fields = (rows[0].get("customFields") if rows else None) or [{"caption": self._about.hub_field}]
        return [{**one, "value": None} for one in fields]

    async def _as_expected(self, one: Resource, write: Write) -> Mapping[str, Any]:
        """The record as it stands, where that matters. Raises RejectedError (conflict) when it is not the version we know.

        There is no condition on a write, so what happens between this reading and the write is not seen.
        """
        needs_lists = not {"custom", "points", "workDate"}.isdisjoint(write.body)
        if not (write.expected_version or needs_lists):
            return {}
        record = await self._record(one, write.external_id or "")
        if record is None:
            raise RejectedError(f"{self.config.system} has no {one.name} of this id any more", cause="not_found", system=self.config.system)
        if write.expected_version and self._incoming(one, record).version != write.expected_version:
            raise RejectedError(
                f"{self.config.system} changed the {one.name} meanwhile", cause="conflict", remedy="Read the record again, then retry.",
                system=self.config.system,
            )  # fmt: skip
        found: Mapping[str, Any] = record
        return found

    async def look_up(self, write: Write) -> Receipt | None:
        if write.operation == "create":
            return await super().look_up(write)
        one = self._resource(write.object)
        kind = self.connectwise.kinds[one.name]
        record = await self._record(one, write.external_id or "")
        if record is None:
            return None
        stated = {**kind.deactivate, **write.body} if write.operation == "deactivate" else dict(write.body)
        now = self._shown(kind, record)
        if not all(same(at_path(now, path), value, is_day=path in kind.dates) for path, value in flattened(stated).items()):
            return None
        return Receipt(write.external_id or "", self._incoming(one, record).version, "found", was_adopted=True)

    async def _candidates(self, one: Resource, write: Write) -> list[Any]:
        """Records that carry our key (in the identifier we made, or in the custom field), else those of the whole natural key."""
        kind = self.connectwise.kinds[one.name]
        await self._lists.read_for(kind)
        if kind.identifier and write.intent_key and kind.identifier not in write.body:
            mark = mark_of(write.intent_key)
            rows = await self._all(kind.path, f"look up {one.name}", all_of(kind.condition, f'{kind.identifier} like "*{mark}"'))
            return self._living(one, [row for row in rows if str(row.get(kind.identifier, "")).rpartition("-")[2] == mark])
        if one.key_field == "hub_key" and write.intent_key:
            asked = f"caption={quoted(self._about.hub_field)} AND value={quoted(write.intent_key)}"
            rows = await self._all(kind.path, f"look up {one.name}", kind.condition, {"customFieldConditions": asked})
            return self._living(one, [row for row in rows if self._shown(kind, row).get("hub_key") == write.intent_key])
        return await self._alike(one, kind, write.natural_key)

    async def _alike(self, one: Resource, kind: Kind, wanted: Mapping[str, Any]) -> list[Any]:
        if not wanted:
            return []
        listed = kind.path
        if kind.under:
            if (parent := wanted.get("parent.id")) is None:
                return []
            listed = listed.replace("{parent}", str(parent))
        asked, within = asked_of(wanted, kind)
        rows = await self._all(listed, f"look up {one.name}", all_of(kind.condition, *asked), {"childConditions": all_of(*within)})
        if kind.under:
            rows = [{"parent": {"id": wanted["parent.id"]}, **row} for row in rows]
        alike = [row for row in rows if all(same(at_path(self._shown(kind, row), path), value, is_day=path in kind.dates) for path, value in wanted.items())]
        return self._living(one, alike)

    @staticmethod
    def _living(one: Resource, rows: list[Any]) -> list[Any]:
        return [row for row in rows if not (one.deleted and one.deleted.holds(at_path(row, one.deleted.path)))]


def connectwise_connector(config: Mapping[str, Any], *, file: str = "connectwise", on_request: OnRequest | None = None) -> ConnectwiseConnector:
    """The registry's factory: ``config`` is the document with its variables filled in."""
    found = read(config, file)
    basic = found.rest.auth
    assert isinstance(basic, FixedHeaders)
    auth = FixedHeaders({**basic.values, **found.headers})
    client = ConnectwiseClient(found.rest.http, auth, on_request, company=found.company, codebase=found.codebase)
    return ConnectwiseConnector(found.rest, client, time.time, connectwise=found)
