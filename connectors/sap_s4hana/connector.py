"""The connector of S/4HANA Cloud: OData version 2 with what SAP has of its own.

Walks by keys where no instant of change can be asked for, by days where nothing tells what changed; records completed from other services;
change sets over a record and its rows; functions that set a status; time sheets, where everything is a POST.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from connectors.errors import ConnectorError, RejectedError, SchemaDriftError
from connectors.http import Answer, HttpClient, OnRequest, redacted
from connectors.odata import envelope
from connectors.odata.batch import Operation
from connectors.odata.config import EntitySet
from connectors.odata.connector import ODataConnector
from connectors.odata.query import alike, both
from connectors.odata.values import key, wire
from connectors.port import Page, Receipt, Write, one_by_one
from connectors.rest.answers import error_of, parsed
from connectors.rest.config import Resource, WriteRule
from connectors.rest.walk import Walk, begun, clock_of, parse_checkpoint
from connectors.sap_s4hana import bodies, joins, shapes, timesheets, told, walks
from connectors.sap_s4hana.config import SapConfig, Shape, read
from connectors.tls import client_tls
from connectors.wire import dump_json
from schema.paths import at_path, flattened


@dataclass
class SapConnector(ODataConnector):
    """A connected tenant."""

    sap: SapConfig = field(kw_only=True)
    joined: joins.Joins = field(init=False, repr=False)
    _told: told.Told = field(default_factory=told.Told, init=False, repr=False)

    def __post_init__(self) -> None:
        self.joined = joins.Joins(self)

    def shape(self, name: str) -> Shape:
        return self.sap.shapes[name]

    def headers(self) -> dict[str, str]:
        return {"accept-language": self.sap.language.lower()}

    def shaped(self, one: EntitySet, record: dict[str, Any]) -> dict[str, Any]:
        return shapes.told(record, self.shape(one.name), self.sap.language)

    def _error(self, answer: Answer, what: str, *, is_read: bool) -> ConnectorError:
        """The error of an answer; the words of its details count too, for the first ones are often general."""
        try:
            body = answer.json()
        except ValueError:
            body = None
        found = envelope.problem(body)
        if found is not None:
            words = dict.fromkeys(filter(None, (found.text, *(one.text for one in envelope.details(body)))))
            said = {"code": found.code, "message": " ".join(words), "field": self.field_of(found)}
            answer = replace(answer, body=dump_json({"error": said}))
        return error_of(self.config, answer, what, is_read=is_read)

    async def types_of(self, one: EntitySet) -> Mapping[str, str]:
        """Property → type; a service that does not tell its metadata is refused to us, or away, as it is with any other request."""
        try:
            return await super().types_of(one)
        except SchemaDriftError as error:
            if error.status < 400:
                raise
            raise self._error(Answer(error.status, {}, b""), f"read the metadata of {one.service}", is_read=True) from error

    # --- reading -----------------------------------------------------------------------------------------------------

    async def poll(self, resource: str, checkpoint: str) -> Page:
        rest = self._resource(resource)
        one, shape, stands = self.odata.sets[rest.name], self.shape(rest.name), walks.stands(checkpoint)
        if shape.pause_s and stands.read_s and self.clock() - stands.read_s < shape.pause_s:
            return Page((), checkpoint, has_more=False)
        chain = self._told.begun(resource, checkpoint)
        walk = begun(parse_checkpoint(checkpoint), rest)
        try:
            answer = await self._asked(one, walk)
        except RejectedError:
            if not walks.is_link(walk):
                raise
            walk = replace(walk, place="")  # the link has lapsed: again from where this walk stands
            answer = await self._asked(one, walk)
        listing = self._listing(one, answer)
        walk = replace(walk, began=walk.began or clock_of(answer.headers.get("date"), self.clock()))
        following = walks.further(shape, rest, walk, listing, self.odata.page_size, self.today())
        records = await self.joined.complete(one, shape, self._rows(shape, listing.records))
        page = self._page(one, replace(listing, records=records), "", following.is_under_way, walk.is_full)
        if not rest.version:
            page = replace(page, messages=chain.news(page.messages, is_full=walk.is_full))
        if walk.is_full and not following.is_under_way:
            stands = replace(stands, listed_s=self.clock())
        chain.end = self._checkpoint(shape, following, stands, told.mark() if not rest.version else "")
        return replace(page, checkpoint=chain.end)

    def _checkpoint(self, shape: Shape, walk: Walk, stands: walks.Stands, mark: str) -> str:
        """Where the next poll goes on: at the very beginning again when it is time to see what is no longer there."""
        now = self.clock()
        if not walk.is_under_way and shape.relist_s and now - stands.listed_s >= shape.relist_s:
            return ""
        read_s = stands.read_s if walk.is_under_way else now
        about = {"listed": round(stands.listed_s, 3), "read": round(read_s, 3)} | ({"mark": mark} if mark else {})
        return json.dumps(json.loads(walk.text()) | about) if walk.text() else ""

    def _rows(self, shape: Shape, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The records themselves, or the rows below them with what their header says."""
        if shape.rows is None:
            return records
        own = {name for record in records for row in record.get(shape.rows.at) or () for name in row}
        return [
            {**{name: value for name, value in record.items() if name not in own and name != shape.rows.at and "@" not in name}, **row}
            for record in records for row in record.get(shape.rows.at) or ()
        ]  # fmt: skip

    async def _asked(self, one: EntitySet, walk: Walk) -> Answer:
        asked = walks.asked(one, self.shape(one.name), walk, self.odata.page_size, await self.types_of(one), self.today())
        link = asked if isinstance(asked, str) else ""
        return await self._got(one, link or one.set, None if link else asked, f"list {one.name}")

    def today(self) -> str:
        return datetime.fromtimestamp(self.clock(), UTC).date().isoformat()

    async def _record(self, one: Resource, external_id: str) -> Any:
        """One record, completed, with its tag. Where an id is not the key (slices of time), or not every record of the set is ours, it is
        looked for instead of named."""
        asked, shape = self.odata.sets[one.name], self.shape(one.name)
        if shape.rows is not None:
            record = await self._row(asked, shape, external_id)
        elif shape.key != asked.key or asked.where:
            record = await self._slice(asked, shape, external_id)
        else:
            record = await super()._record(one, external_id)
        return None if record is None else (await self.joined.complete(asked, shape, [record]))[0]

    async def _slice(self, one: EntitySet, shape: Shape, external_id: str) -> dict[str, Any] | None:
        parts = external_id.split("|") if len(one.key) > 1 else [external_id]
        try:
            named = alike(dict(zip(one.key, parts, strict=True)), await self.types_of(one), 2)
        except ValueError:
            return None  # an id of another form
        condition = both(one.where, walks.valid(shape, self.today()), named)
        rows = await self.rows_of(one, condition, top=1)
        return rows[0] if rows else None

    async def rows_of(self, one: EntitySet, condition: str, *, top: int | None = None) -> list[dict[str, Any]]:
        """All rows a condition finds, over all of the service's pages; or the first of them."""
        link, found = "", list[dict[str, Any]]()
        while True:
            answer = await self._got(one, link or one.set, None if link else one.query(condition, top=top), f"read {one.set}")
            listing = self._listing(one, answer)
            found += listing.records
            link = listing.next
            if not link:
                return found

    async def _row(self, one: EntitySet, shape: Shape, external_id: str) -> dict[str, Any] | None:
        """A row by its own key, with what its header says."""
        assert shape.rows is not None
        parts = external_id.split("|")
        if len(parts) != len(shape.rows.key):
            return None
        heads = [name for name in one.select if "/" not in name]
        inner = [name.removeprefix(f"{shape.rows.at}/") for name in one.select if name.startswith(f"{shape.rows.at}/")]
        select = (*inner, *(f"{shape.rows.parent}/{name}" for name in heads))
        path = f"{shape.rows.set}{key(dict(zip(shape.rows.key, parts, strict=True)), None, 2)}"
        answer = await self.service_of(one).get(path, replace(one.query(), select=select, expand=(shape.rows.parent,)))
        if answer.status in (404, 410):
            return None
        if answer.status >= 400:
            raise self._error(answer, f"read {one.name}", is_read=True)
        record = envelope.record(parsed(self.config, answer, one.name)) or {}
        head = record.pop(shape.rows.parent, None) or {}
        return {**{name: head.get(name) for name in heads if name not in record}, **record}

    # --- writing -----------------------------------------------------------------------------------------------------

    def _keyed(self, write: Write) -> Write:
        length = self.shape(self._resource(write.object).name).key_length
        return replace(write, intent_key=shapes.short(write.intent_key, length)) if length and write.intent_key and write.operation == "create" else write

    async def told(self, one: EntitySet, body: dict[str, Any], *, is_new: bool) -> dict[str, Any]:
        """A mapping's body as the service takes it, rows below it as lists."""
        shape = self.shape(one.name)
        stated = await self.joined.stated(shape, shapes.taken_apart(deepcopy(body), shape, is_new=is_new))
        if is_new:
            stated = shapes.over(shape.new, {name: value for name, value in stated.items() if name not in one.reads_back or name in shape.new})
        types = await self._types_of_rows(one, shape) if shape.rows else await self.types_of(one)
        return {
            name: wire(bodies.emptied(value, types.get(name, "")), types.get(name, ""), 2) for name, value in stated.items()
            if is_new or name not in one.reads_back
        }  # fmt: skip

    async def _types_of_rows(self, one: EntitySet, shape: Shape) -> Mapping[str, str]:
        assert shape.rows is not None
        found = (await self.service_of(one).metadata()).sets.get(shape.rows.set)
        return found.types if found is not None else {}

    async def if_match(self, one: EntitySet, write: Write) -> str:
        """Where the version is not asked for, the record must only exist: services may refuse a write without any condition."""
        return await super().if_match(one, write) or ("*" if one.locks else "")

    async def request_of(self, one: Resource, rule: WriteRule, write: Write) -> Operation:
        asked, shape = self.odata.sets[one.name], self.shape(one.name)
        if shape.rows is None:
            return await super().request_of(one, rule, write)
        if write.operation == "create":
            body = dict(write.body)
            head = str(body.pop(shape.rows.key[0], ""))
            sent = await self.told(asked, body, is_new=True)
            return Operation("POST", f"{asked.set}{key({shape.rows.key[0]: head}, None, 2)}/{shape.rows.at}", sent)
        parts = dict(zip(shape.rows.key, (write.external_id or "").split("|"), strict=False))
        stated = {name: value for name, value in write.body.items() if name not in parts}
        return Operation("PATCH", f"{shape.rows.set}{key(parts, None, 2)}", await self.told(asked, stated, is_new=False), {"if-match": "*"})

    async def _write(self, one: Resource, rule: WriteRule, write: Write) -> Receipt:
        asked, shape, write = self.odata.sets[one.name], self.shape(one.name), self._keyed(write)
        if shape.operations:
            return await timesheets.posted(self, asked, shape, write)
        if not self._is_manifold(shape, write):
            return await super()._write(one, rule, write)
        if write.operation == "update":
            return await self._update(one, asked, shape, write)
        made = {name: value for name, value in write.body.items() if name not in shape.actions}
        receipt = await super()._write(one, rule, replace(write, body=made))
        with suppress(ConnectorError):  # the record is there: a status that could not be set is a difference that is delivered next
            await self._statuses(asked, shape, receipt.external_id, write.body, {})
        return receipt

    def _settled(self, one: Resource, rule: WriteRule, write: Write, answer: Answer) -> Receipt:
        """With what SAP warned of though it took the record: that stands first in the attempt's record."""
        receipt = super()._settled(one, rule, write, answer)
        warned = answer.headers.get("sap-message", "")
        return replace(receipt, response=f"{redacted(warned.encode())} {receipt.response}".strip()) if warned else receipt

    def _is_manifold(self, shape: Shape, write: Write) -> bool:
        """Whether a write is more than one request: rows below the record, or a status that a function sets, or nothing at all."""
        if write.operation != "update":
            return write.operation == "create" and bool(shape.actions.keys() & write.body.keys())
        silent = {each.name for each in shape.derived if getattr(each, "stands_in_for", "")}
        return bool({*shape.children, *shape.actions} & write.body.keys()) or not write.body.keys() - silent

    async def _statuses(self, one: EntitySet, shape: Shape, id: str, body: Mapping[str, Any], record: Mapping[str, Any]) -> None:
        """Call the functions of what they set, where it is not so yet."""
        for name, (function, by) in shape.actions.items():
            if body.get(name) and body[name] != record.get(name):
                await self._call(one, function, {by: id, name: body[name]}, f"{function} of {one.name}")

    async def _update(self, one: Resource, asked: EntitySet, shape: Shape, write: Write) -> Receipt:
        """A record and its rows in one change set, then the functions that set a status."""
        system, id = self.config.system, write.external_id or ""
        record = await self._record(one, id)
        if record is None:
            raise RejectedError(f"{system} has no {one.name} of this id any more", cause="not_found", system=system)
        if write.expected_version and self._incoming(one, record).version != write.expected_version:
            raise RejectedError(f"{system} changed the {one.name} meanwhile", cause="conflict", system=system)
        tag = envelope.etag(record) if write.expected_version else "*"
        body = await self.told(asked, dict(write.body), is_new=False)
        place, service = f"{asked.set}{await self.key_of(asked, id)}", self.service_of(asked)
        header = {name: value for name, value in body.items() if name not in shape.children and name not in shape.actions}
        operations = [Operation("PATCH", place, header, {"if-match": tag or "*"})] if header else []
        for name, child in shape.children.items():
            operations += bodies.of_rows(name, child, place, asked, record, body.get(name) or [])
        if len(operations) == 1:
            answers: Sequence[Answer] | Answer = [await service.send(operations[0].method, operations[0].path, operations[0].json, headers=operations[0].headers)]
        else:
            answers = await service.batch([tuple(operations)]) if operations else []
        for answer in [answers] if isinstance(answers, Answer) else answers:
            if answer.status >= 400:
                raise self._error(answer, f"update {write.object}", is_read=False)
        await self._statuses(asked, shape, id, body, record)
        return Receipt(id)

    async def _call(self, one: EntitySet, function: str, arguments: Mapping[str, Any], what: str) -> None:
        types = await self.types_of(one)
        said = key(dict(arguments), dict(types), 2)[1:-1].replace(",", "&")
        answer = await self.service_of(one).send("POST", f"{function}?{said}", headers={"if-match": "*"})
        if answer.status >= 400:
            raise self._error(answer, what, is_read=False)

    async def look_up(self, write: Write) -> Receipt | None:
        return await super().look_up(self._keyed(write))

    def holds(self, record: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
        """Whether the record says all of it; what stands in for another field says nothing of its own, and rows may be among others."""
        shape = next((self.shape(name) for name in self.sap.shapes if self.shape(name).children.keys() & body.keys()), None)
        silent = {one.name for shape_ in self.sap.shapes.values() for one in shape_.derived if getattr(one, "stands_in_for", "")}
        wanted = flattened({name: value for name, value in body.items() if name not in silent and not isinstance(value, list)})
        lists = {name: value for name, value in body.items() if isinstance(value, list) and shape is not None}
        return (
            bool(body)
            and all(bodies.says(at_path(record, path), value) for path, value in wanted.items())
            and all(any(all(bodies.says(row.get(k), v) for k, v in one.items()) for row in record.get(name) or ()) for name, rows in lists.items() for one in rows)
        )

    async def _candidates(self, one: Resource, write: Write) -> list[Any]:
        """By our key where there is a field for it, else by what of the natural key can be asked for, compared whole."""
        asked, shape = self.odata.sets[one.name], self.shape(one.name)
        if one.key_field and write.intent_key:
            return await super()._candidates(one, write)
        if not write.natural_key:
            return []
        body: dict[str, Any] = {}
        for path, value in write.natural_key.items():
            bodies.put(body, path, value)
        plain_shape = replace(shape, new={})
        stated = await self.joined.stated(shape, shapes.taken_apart(deepcopy(body), plain_shape, is_new=True), lends=False)
        types = await self.types_of(asked)
        header = {name: value for name, value in stated.items() if name in types and not isinstance(value, dict | list) and value not in (None, "")}
        if shape.rows is not None or not header:
            header = {name: value for name, value in header.items() if name in asked.select}
        if not header:
            return []
        condition = both(asked.where, walks.valid(shape, self.today()), alike(header, types, 2))
        rows = await self.joined.complete(asked, shape, self._rows(shape, await self.rows_of(asked, condition)))
        alike_rows = [
            row for row in rows
            if self.holds(self.shaped(asked, row), body) and not (one.deleted and one.deleted.holds(at_path(row, one.deleted.path)))
        ]  # fmt: skip
        whole = [row for row in alike_rows if self.holds(self.shaped(asked, row), write.body)]
        # one books the same hours on two tasks of a project: an entry is ours only when it says all of it
        return whole or ([] if shape.operations and write.body else alike_rows)

    async def write_many(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        """Writes of one request each go in batches, the others one by one, with all that is about the same record."""
        records = {_about(write) for write in writes if self._is_alone(write)}
        alone = [place for place, write in enumerate(writes) if _about(write) in records]
        together = [place for place in range(len(writes)) if place not in set(alone)]
        answers: dict[int, Receipt | ConnectorError] = {}
        answers |= zip(together, await super().write_many([self._keyed(writes[place]) for place in together]), strict=True)
        done = await one_by_one(self, [writes[place] for place in alone], self.config.http.concurrency)
        answers |= zip(alone, done, strict=True)
        return [answers[place] for place in range(len(writes))]

    def _is_alone(self, write: Write) -> bool:
        one = self._resource(write.object)
        shape = self.shape(one.name)
        return bool(shape.operations) or self._is_manifold(shape, write)


def _about(write: Write) -> tuple[str, str]:
    return write.object, write.external_id or write.intent_key


def sap_s4hana_connector(config: Mapping[str, Any], *, file: str = "sap_s4hana", on_request: OnRequest | None = None) -> SapConnector:
    """The registry's factory: ``config`` is the document with its variables filled in."""
    found = read(config, file)
    rest = found.odata.rest
    client = HttpClient(rest.http, rest.auth, on_request, tls=client_tls(found.certificate))
    return SapConnector(rest, client, odata=found.odata, sap=found)
