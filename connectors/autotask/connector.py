"""The connector of Autotask: queries that walk by ids, labels for picklists, children through their parents.

What REST systems have in common (receipts, adoption, errors) is :class:`RestConnector`; here is what Autotask does its own way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.autotask import filters, stand as stands, webhooks
from connectors.autotask.asking import Asking, has_more
from connectors.autotask.client import AutotaskClient
from connectors.autotask.config import BASE, AutotaskConfig, Entity, read
from connectors.autotask.directory import Directory
from connectors.autotask.metadata import AGAIN_S
from connectors.autotask.records import body_of, completed, is_same, told, value_of
from connectors.autotask.stand import Stand
from connectors.errors import ConnectorError, RejectedError
from connectors.auth import FixedHeaders
from connectors.http import Answer, OnRequest
from connectors.port import Incoming, Page, Receipt, Write, message_key
from connectors.rest.answers import error_of, found_at, parsed
from connectors.rest.config import Resource, WriteRule
from connectors.rest.connector import RestConnector
from connectors.rest.walk import clock_of
from connectors.wire import dump_json
from schema.codecs import CodecError, canonical_instant, instant
from schema.paths import at_path, flattened, put_path

RISING_BACK = 100
"""Numbers are given out before they can be read, so what rises is asked for again from so far back."""
MIND_S = 60.0
"""So long a listing that was announced is waited for."""
_INSTANT = instant()
_FIELD = re.compile(r"[Ff]ield:?\s+['\"\[]?([A-Za-z]\w*)")


@dataclass
class AutotaskConnector(RestConnector):
    """A connected database."""

    autotask: AutotaskConfig = field(kw_only=True)
    asking: Asking = field(init=False, repr=False)
    _directory: Directory = field(init=False, repr=False)
    _announced: dict[str, tuple[float, Mapping[str, str]]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.asking = Asking(self.client, self.autotask, lambda: self.clock(), lambda answer, what: self._error(answer, what, is_read=True))
        self._directory = Directory(self.asking)

    # --- reading -------------------------------------------------------------------------------------------------------

    async def poll(self, resource: str, checkpoint: str) -> Page:
        one, entity, now = self._resource(resource), self._entity(resource), self.clock()
        stand = stands.parse(checkpoint)
        if not stand.is_walking:
            every_s = self.autotask.reconcile_every_s if entity.changed else self.autotask.list_every_s
            if checkpoint and now - stand.listed_at >= every_s:
                self._announced[resource] = (now, stand.pages)
                return Page((), "", has_more=True)  # everything is listed anew, which tells what is gone
            if checkpoint and not entity.changed:
                return Page((), checkpoint, has_more=False)
            stand = self._begun(one, stand, is_full=not checkpoint)
        return await (self._watched(one, entity, stand) if stand.is_watching else self._walked(one, entity, stand))

    def _begun(self, one: Resource, stand: Stand, *, is_full: bool) -> Stand:
        """A walk at its begin, ``overlap_s`` before what is covered; a full one may know how the pages looked last time."""
        now = self.clock()
        if is_full:
            announced_at, pages = self._announced.pop(one.name, (0.0, {}))
            return Stand(pages=pages if now - announced_at < MIND_S else {}, is_walking=True, is_full=True, began_at=now)
        assert one.changes is not None
        start = datetime.fromisoformat(stand.since) - timedelta(seconds=one.changes.overlap_s)
        return replace(stand, is_walking=True, asked_from=canonical_instant(start), began_at=now)

    async def _walked(self, one: Resource, entity: Entity, stand: Stand) -> Page:
        conditions = filters.changed(entity, await self.asking.cursors(entity), stand.asked_from, max(stand.risen - RISING_BACK, 0))
        answer = await self.asking.page(entity, [filters.is_("id", stand.last, "gt"), *conditions], f"list {one.name}")
        body = parsed(self.config, answer, one.name)
        items, is_cut = self.asking.rows(one.name, self._items(one, body)), has_more(body)
        total = await self.asking.count(entity) if stand.is_full and is_cut and not stand.last else None
        records = await self._told(entity, items)
        messages = [self._incoming(one, record) for record in records]
        place = f"{'f' if stand.is_full else 'i'}{stand.last}"
        shown, stand = self._unseen(entity, messages, place, stand)
        if entity.watched:
            ids = {int(record["id"]): not any(record.get(name) for name in entity.watched) for record in records}
            stand = stand.watching((id for id, is_open in ids.items() if is_open), (id for id, is_open in ids.items() if not is_open))
        if entity.rises:
            stand = replace(stand, rising=max([stand.rising, *(int(record.get(entity.rises) or 0) for record in records)]))
        began = stand.began or clock_of(answer.headers.get("date"), self.clock())
        stand = replace(stand, began=began, last=int(records[-1]["id"]) if records else stand.last)
        if is_cut and records:
            return Page(tuple(shown), stand.text(), has_more=True, total=total)
        if self._must_watch(entity, stand):
            return Page(tuple(shown), replace(stand, is_watching=True, last=0, watched_at=self.clock()).text(), has_more=True)
        if stand.is_full:
            stand = replace(stand, watched_at=self.clock())
        return Page(tuple(shown), stand.ended().text(), has_more=False, is_complete_listing=stand.is_full)

    def _must_watch(self, entity: Entity, stand: Stand) -> bool:
        return bool(entity.watched and stand.watched) and not stand.is_full and self.clock() - stand.watched_at >= self.autotask.watch_every_s

    async def _watched(self, one: Resource, entity: Entity, stand: Stand) -> Page:
        """Records that may change without an instant saying so, read again by their ids; who is not there is gone."""
        ids = [id for id in stand.watched if id > stand.last][: self.autotask.page_size]
        if not ids:
            return Page((), stand.ended().text(), has_more=False)
        items = await self.asking.all(entity, [filters.among("id", ids)])
        records = await self._told(entity, items)
        shown, stand = self._unseen(entity, [self._incoming(one, record) for record in records], f"w{ids[0]}", stand)
        gone = sorted(set(ids) - {int(record["id"]) for record in records})
        closed = {int(record["id"]) for record in records if any(record.get(name) for name in entity.watched)}
        stand = replace(stand.watching((), {*gone, *closed}), last=ids[-1])
        deleted = [Incoming(one.object, str(id), b"", is_delete=True) for id in gone]
        return Page((*shown, *deleted), stand.text(), has_more=True)

    def _unseen(self, entity: Entity, messages: list[Incoming], place: str, stand: Stand) -> tuple[list[Incoming], Stand]:
        """A page without what need not be told: records without versions whose page looks as it did. Of a listing of all, their
        ids stay, so that they do not seem to be gone."""
        if not messages or all(one.version for one in messages):
            return messages, stand
        look = stands.look(one.body for one in messages)
        if stand.pages.get(place) == look:
            messages = [replace(one, body=b"", key="") for one in messages] if stand.is_full else []
        return messages, replace(stand, seen={**stand.seen, place: look})

    async def _record(self, one: Resource, external_id: str) -> Any:
        """One record as it is told; None when it is gone: Autotask says 404, or that there is no item."""
        if not external_id.isascii() or not external_id.isdecimal():
            return None
        entity = self._entity(one.name)
        answer = await self.client.request("GET", f"{BASE}/{one.name}/{external_id}")
        if answer.status in (404, 410):
            return None
        if answer.status >= 400:
            raise self._error(answer, f"read {one.name}", is_read=True)
        item = found_at(self.config, parsed(self.config, answer, one.name), "item", one.name)
        return None if item is None else (await self._told(entity, [item]))[0]

    async def _told(self, entity: Entity, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Records as the hub is told them: labels, days, user fields, and what their ids lead to."""
        fields = await self.asking.fields(entity.name)
        if any(not fields.has_label(name, item[name]) for item in items for name in entity.fields if name in item):
            fields = await self.asking.fields(entity.name, older_s=AGAIN_S)
        records = [told(entity, fields, item) for item in items]
        joined = {ours: await self._directory.leads(join, items) for ours, join in entity.joins.items()} if items else {}
        return [completed(entity, record, {ours: found[at] for ours, found in joined.items()}) for at, record in enumerate(records)]

    def _incoming(self, one: Resource, record: Any) -> Incoming:
        entity = self._entity(one.name)
        moments = [moment for name in entity.changed if (moment := _moment(record.get(name)))]
        version = max(moments, default="") if entity.has_stable_version else ""
        body, id = dump_json(record), self._id(one, record)
        occurred = datetime.fromisoformat(max(moments)) if moments else None
        return Incoming(one.object, id, body, message_key(one.object, id, version, body), version, occurred_at=occurred)

    # --- writing -------------------------------------------------------------------------------------------------------

    async def _write(self, one: Resource, rule: WriteRule, write: Write) -> Receipt:
        entity, is_new = self._entity(one.name), write.operation == "create"
        stored = None if is_new else await self._stored(one, entity, write)
        stated = {name: value for name, value in write.body.items() if value is not None or not is_new}  # a new record has no empty fields
        body: dict[str, Any] = deepcopy({**rule.body, **stated})
        if is_new and one.key_field:
            put_path(body, one.key_field, write.intent_key)
        sent = await self._sent(entity, body, stored)
        if not is_new:
            sent["id"] = int(write.external_id or 0)
        answer = await self.client.request(rule.method, self._address(rule, entity, stored if stored is not None else sent), json=sent)
        if answer.status >= 400:
            raise self._error(answer, f"{write.operation} {write.object}", is_read=False)
        return self._receipt(rule, write, answer)

    async def _stored(self, one: Resource, entity: Entity, write: Write) -> dict[str, Any] | None:
        """The record as it is there, where its parent or its currency must be known."""
        if entity.parent is None and not any(name in write.body and join.is_currency for name, join in entity.joins.items()):
            return None
        found: dict[str, Any] | None = await self._record(one, write.external_id or "")
        if found is None:
            message = f"{self.config.system} has no {one.name} of this id any more"
            raise RejectedError(message, cause="not_found", remedy="Restore the record there, or unlink it in the hub.", system=self.config.system)
        return found

    async def _sent(self, entity: Entity, body: Mapping[str, Any], stored: Mapping[str, Any] | None) -> dict[str, Any]:
        """The body as Autotask takes it; amounts in a currency that the record does not have are refused."""
        whole = dict(body)
        for ours in [name for name in body if name in entity.joins]:
            if entity.joins[ours].plain is not None:
                start, id = await self._directory.back(entity, ours, body[ours])
                whole[start] = id
        fields = await self.asking.fields(entity.name)
        sent = body_of(entity, fields, whole, self.config.system)
        for ours, join in entity.joins.items():
            if ours in body and body[ours] is not None and join.is_currency:
                (theirs,) = await self._directory.leads(join, [{**(stored or {}), **sent}])
                if theirs != body[ours]:
                    raise RejectedError(
                        f"{self.config.system} keeps this {entity.name} in {theirs}, not in {body[ours]}", cause="validation", field=ours,
                        remedy="Convert the amount, or change the currency of the company in Autotask.", system=self.config.system,
                    )  # fmt: skip
        return sent

    def _address(self, rule: WriteRule, entity: Entity, record: Mapping[str, Any]) -> str:
        parent = entity.parent
        if parent is None:
            return rule.path
        id = record.get(parent.field)
        if not id:
            raise RejectedError(
                f"{self.config.system} needs the {parent.entity} of a {entity.name}", cause="reference", field=parent.field,
                remedy="Deliver or link the record it belongs to first.", system=self.config.system,
            )  # fmt: skip
        return f"{BASE}/{parent.entity}/{id}/{parent.child}"

    async def look_up(self, write: Write) -> Receipt | None:
        if write.operation == "create":
            return await super().look_up(write)
        one = self._resource(write.object)
        record = await self._record(one, write.external_id or "")
        wanted = {**write.body, **(one.deactivate.body if write.operation == "deactivate" and one.deactivate else {})}
        readable = {path: value for path, value in flattened(wanted).items() if path.split(".")[0] in (record or {})}
        if record is None or not readable or not all(is_same(at_path(record, path), value) for path, value in readable.items()):
            return None
        return Receipt(write.external_id or "", self._incoming(one, record).version, "found", was_adopted=True)

    async def _candidates(self, one: Resource, write: Write) -> list[Any]:
        entity = self._entity(one.name)
        fields = await self.asking.fields(entity.name)
        wanted = {one.key_field: write.intent_key} if one.key_field and write.intent_key else dict(write.natural_key)
        conditions = []
        for path, value in wanted.items():
            if value is None or (path in entity.ours and path in entity.joins and entity.joins[path].plain is None) or path in entity.derived:
                continue
            field, known = await self._directory.back(entity, path, value) if path in entity.joins else (path, value)
            conditions.append(filters.is_(field, value_of(entity, fields, field, known, self.config.system)))
        if not conditions:
            return []
        wide = replace(entity, udfs=tuple({*entity.udfs, one.key_field.partition(".")[2]} - {""}) if "." in one.key_field else entity.udfs)
        records = await self._told(wide, await self.asking.all(wide, conditions))
        return [record for record in records if all(is_same(at_path(record, path), value) for path, value in wanted.items())]

    # --- webhooks and errors -----------------------------------------------------------------------------------------------

    def receive(self, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        if self.config.webhook is not None:
            headers = webhooks.plainly_signed(self.config.webhook.signature, headers, body)
        return super().receive(headers, body)

    def _event(self, event: Any, message_id: str) -> Incoming | None:
        """A record's event; that the hook itself was switched off is about no record, and polls go on."""
        if at_path(event, "Action") == "Deactivated":
            return None
        return super()._event(event, message_id)

    def _error(self, answer: Answer, what: str, *, is_read: bool) -> ConnectorError:
        """Autotask has texts and no codes; the field is the one that the text names."""
        error = error_of(self.config, answer, what, is_read=is_read)
        if isinstance(error, RejectedError) and not error.field:
            error.field = self._named_field(error.detail, what.rpartition(" ")[2])
        return error

    def _named_field(self, text: str, entity: str) -> str:
        said = _FIELD.search(text)
        if said:
            return said[1]
        known = self.asking.known[entity].known if entity in self.asking.known else {}
        return next((word for word in re.findall(r"[A-Za-z]\w+", text) if word in known and word != word.lower()), "")

    def _entity(self, name: str) -> Entity:
        self._resource(name)
        return self.autotask.entities[name]


def _moment(value: Any) -> str:
    try:
        return str(_INSTANT.read(value) or "") if isinstance(value, str) else ""
    except CodecError:
        return ""


def autotask_connector(config: Mapping[str, Any], *, file: str = "autotask", on_request: OnRequest | None = None) -> AutotaskConnector:
    """The registry's factory: ``config`` is the document with its variables filled in."""
    read_ = read(config, file)
    client = AutotaskClient(read_.rest.http, FixedHeaders(read_.headers), on_request, user=read_.user, reserve=read_.reserve)
    return AutotaskConnector(read_.rest, client, autotask=read_)
