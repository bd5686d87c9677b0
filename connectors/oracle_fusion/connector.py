"""The connector of Fusion: pages by key, conditions as its metadata allows them, one lock for a record, many records in one batch.

What REST systems have in common (walks, keys, receipts, errors) is :class:`RestConnector`; here is what Fusion does its own way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.errors import ConnectorError, RejectedError, RetriableError, UnknownOutcomeError
from connectors.http import Answer, HttpClient, OnRequest, redacted
from connectors.oracle_fusion import batch, errors, query, records
from connectors.oracle_fusion.accounts import CustomerAccounts
from connectors.oracle_fusion.config import FusionConfig, FusionObject, asked, read
from connectors.oracle_fusion.describe import Catalogue
from connectors.oracle_fusion.timecards import TimeCards
from connectors.port import Capabilities, Incoming, Page, Receipt, Write
from connectors.rest.answers import error_of, found_at, parsed
from connectors.rest.config import Resource, WriteRule
from connectors.rest.connector import RestConnector
from connectors.rest.walk import Walk, begun, clock_of, parse_checkpoint
from connectors.wire import dump_json
from schema.paths import ABSENT, at_path, put_path

JSON_ITEM = "application/vnd.oracle.adf.resourceitem+json"
ACCEPT = "application/json, application/vnd.oracle.adf.error+json"
"""Errors are structured for whom asks for them; whoever asks for nothing else is refused by some resources."""
MOST_SPELLED = 10_000


@dataclass
class FusionConnector(RestConnector):
    """A connected pod."""

    fusion: FusionConfig = field(kw_only=True)
    catalogue: Catalogue = field(init=False, repr=False)
    accounts: CustomerAccounts = field(init=False, repr=False)
    timecards: TimeCards = field(init=False, repr=False)
    unbatched: set[str] = field(default_factory=set, init=False, repr=False)
    """Objects the pod takes in no batch."""
    _spelled: dict[tuple[str, str, str], Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.catalogue = Catalogue(self.client, self.headers)
        self.accounts = CustomerAccounts(self)
        self.timecards = TimeCards(self)

    @property
    def headers(self) -> dict[str, str]:
        return {"accept": ACCEPT, "rest-framework-version": str(self.fusion.framework)}

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, bulk_size=self.fusion.at_once)

    # --- reading -----------------------------------------------------------------------------------------------------

    async def poll(self, resource: str, checkpoint: str) -> Page:
        """Changes where the pod lets them be asked for; all of it once in a while, for Fusion tells of no deletes."""
        one, ours = self._resource(resource), self.fusion.objects[resource]
        listed, walk = _opened(checkpoint)
        if not walk.is_under_way and checkpoint:
            if self.clock() - listed >= ours.relist_s:
                return Page((), "", has_more=True)
            if not await self._has_changes(one, ours):
                return Page((), checkpoint, has_more=False)
        elif not checkpoint:
            listed = self.clock()
        walk = begun(walk, one)
        if ours.via == "accounts":
            page, following = await self.accounts.page(one, ours, walk)
        else:
            page, following = await self._page(one, ours, walk)
        ends = not following.is_under_way
        return Page(tuple(page), _closed(listed, following), not ends, is_complete_listing=walk.is_full and ends)

    async def _has_changes(self, one: Resource, ours: FusionObject) -> bool:
        if not ours.has_changes or ours.via == "accounts":
            return ours.has_changes
        return await self.catalogue.is_asked_by(self.fusion.base(ours.api), ours.resource, one.modified)

    async def _page(self, one: Resource, ours: FusionObject, walk: Walk) -> tuple[list[Incoming], Walk]:
        params = {"limit": str(one.paging.size), "links": "self,child"}
        conditions = [ours.where, query.changed(one.modified, walk.asked_from) if walk.asked_from else ""]
        by_key = not walk.place.startswith("at:") and await self.catalogue.is_asked_by(self.fusion.base(ours.api), ours.resource, ours.order)
        if ours.order:
            params["orderBy"] = f"{ours.order}:asc"
        if walk.place.startswith("key:"):
            conditions.append(f"{ours.order} > {walk.place.removeprefix('key:')}")
        elif walk.place:
            params["offset"] = walk.place.removeprefix("at:")
        body, date = await self._listed(one, ours, params, conditions)
        items = self._items(one, body)
        if not isinstance(items, list):
            items = found_at(self.config, {}, one.items, one.name)
        for item in items:
            await self._completed(one, item)
        walk = replace(walk, began=walk.began or clock_of(date, self.clock()))
        has_more = body.get("hasMore") is True if "hasMore" in body else len(items) >= one.paging.size
        if not has_more:
            following = Walk(since=walk.began)
        elif not items:
            raise RetriableError(f"{self.config.system} says that there is more of {one.name}, and gives none", system=self.config.system)
        else:
            last = items[-1].get(ours.order) if isinstance(items[-1], dict) else None
            at = int(walk.place.removeprefix("at:")) if walk.place.startswith("at:") else 0
            following = replace(walk, place=f"key:{last}" if by_key and isinstance(last, int) else f"at:{at + len(items)}")
        return [self._incoming(one, row) for item in items for row in self._rows(ours, item)], following

    async def _listed(self, one: Resource, ours: FusionObject, params: dict[str, str], conditions: Sequence[str]) -> tuple[Any, str | None]:
        """The body of a listing, and when it was answered by the pod's clock."""
        said = query.every(conditions)
        if said:
            params = {**params, "q": said}
        if ours.finder:
            params["finder"] = ours.finder
        if ours.expand:
            params["expand"] = ",".join(ours.expand)
        answer = await self.client.request("GET", one.list_path, params=params, headers=self.headers)
        if answer.status >= 400:
            raise self._error(answer, f"list {one.name}", is_read=True)
        body = parsed(self.config, answer, one.name)
        return body if isinstance(body, dict) else {}, answer.headers.get("date")

    async def _completed(self, one: Resource, item: Any) -> None:
        """Read on where a child collection holds more than was given with its parent: nothing is cut off in silence."""
        for name, child in list(item.items()) if isinstance(item, dict) else ():
            if not (isinstance(child, dict) and isinstance(child.get("items"), list)):
                continue
            while child.get("hasMore") is True:
                address = records.link(item, name) or f"{records.link(item)}/child/{name}"
                params = {"offset": str(len(child["items"])), "limit": "500"}
                answer = await self.client.request("GET", self._link(address), params=params, headers=self.headers)
                if answer.status >= 400:
                    raise self._error(answer, f"list {name} of {one.name}", is_read=True)
                more = parsed(self.config, answer, one.name)
                rows = found_at(self.config, more, "items", one.name)
                if not rows:
                    raise RetriableError(f"{self.config.system} says that there is more of {name}, and gives none", system=self.config.system)
                child["items"].extend(rows)
                child["hasMore"] = more.get("hasMore")
            for row in child["items"]:
                await self._completed(one, row)

    def _rows(self, ours: FusionObject, item: Any) -> list[Any]:
        """The records in an item: itself, or the rows of its child collection, each with the attributes that name their parent."""
        if not ours.of:
            return [item]
        found = records.plain(FusionObject("", "", (), ""), item).get(ours.of)
        above = {key: value for key, value in item.items() if key in ours.id and not isinstance(value, dict | list)}
        return [{**above, **row} for row in found or [] if isinstance(row, dict)]

    def _link(self, link: str) -> str:
        """Links name the pod with its port, whatever address it is reached by."""
        _, mark, path = link.partition("/resources/")
        return super()._link(link) if not mark else f"{link.partition('/resources/')[0].rstrip('/').rpartition('/')[2]}/resources/{path}"

    async def _record(self, one: Resource, external_id: str) -> Any:
        ours = self.fusion.objects[one.name]
        if ours.via == "accounts":
            return await self.accounts.record(one, ours, external_id)
        raw = await self.raw(one, ours, external_id)
        return None if raw is None else self.plain(ours, raw)

    async def raw(self, one: Resource, ours: FusionObject, external_id: str) -> dict[str, Any] | None:
        """One record as Fusion gives it, links and all; None when it is gone."""
        parts = external_id.split("|")
        numbers = [part for name, part in zip(ours.id, parts, strict=False) if not ours.has_text_id or name == ours.order]
        if len(parts) != len(ours.id) or not all(part.isascii() and part.isdecimal() for part in numbers):
            return None
        if not ours.is_linked and len(ours.id) == 1:
            params = {"expand": ",".join(ours.expand)} if ours.expand else {}
            answer = await self.client.request("GET", f"{self.fusion.address(ours)}/{external_id}", params=params, headers=self.headers)
            if answer.status in (404, 410):
                return None
            if answer.status >= 400:
                raise self._error(answer, f"read {one.name}", is_read=True)
            found: dict[str, Any] = parsed(self.config, answer, one.name)
            if "etag" in answer.headers:
                found = {**found, "@context": {"headers": {"ETag": answer.headers["etag"]}, "links": found.get("links") or []}}
            await self._completed(one, found)
            return found
        wanted = {name: part if ours.has_text_id and name != ours.order else int(part) for name, part in zip(ours.id, parts, strict=True)}
        parents, path = wanted, one.list_path
        if ours.of:
            parents = {ours.order: wanted[ours.order]}
        params = {"limit": "2", "links": "self,child"}
        body, _ = await self._listed(replace(one, list_path=path), replace(ours, finder=""), params, query.alike(parents))
        items = found_at(self.config, body, "items", one.name)
        for item in items:
            await self._completed(one, item)
            for row in self._raw_rows(ours, item):
                if all(str(row.get(name)) == part for name, part in zip(ours.id, parts, strict=True)):
                    return row
        return None

    def _raw_rows(self, ours: FusionObject, item: dict[str, Any]) -> list[dict[str, Any]]:
        if not ours.of:
            return [item]
        above = {key: value for key, value in item.items() if key in ours.id}
        inner = item.get(ours.of)
        return [{**above, **row} for row in (inner.get("items") if isinstance(inner, dict) else inner) or []]

    def plain(self, ours: FusionObject, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The record as mappings read it; one that is plain already stays as it is."""
        found = records.plain(ours, raw)
        return self.timecards.plain(found) if ours.via == "timecards" else found

    def _incoming(self, one: Resource, record: Any) -> Incoming:
        ours = self.fusion.objects[one.name]
        return super()._incoming(one, self.plain(ours, record) if isinstance(record, dict) else record)

    # --- writing -----------------------------------------------------------------------------------------------------

    async def write(self, write: Write) -> Receipt:
        ours = self.fusion.objects.get(write.object)
        try:
            return await super().write(write)
        except RejectedError as error:
            if error.cause != "duplicate" or write.operation != "create" or ours is None or not ours.key:
                raise
            adopted = await self.look_up(replace(write, natural_key={}))
            if adopted is None:
                raise
            return adopted

    async def _write(self, one: Resource, rule: WriteRule, write: Write) -> Receipt:
        ours = self.fusion.objects[one.name]
        if ours.via == "accounts":
            return await self.accounts.write(one, rule, write)
        if ours.via == "timecards":
            return await self.timecards.write(one, write)
        if write.operation == "create":
            return await self._create(one, ours, write)
        if write.operation == "deactivate" and one.object == "unprocessedProjectCosts":
            return await self._reverse(one, ours, write)
        return await self._change(one, ours, rule, write)

    async def _create(self, one: Resource, ours: FusionObject, write: Write) -> Receipt:
        path, body = await self.new(one, ours, write)
        answer = await self.client.request("POST", path, json=body, headers={**self.headers, "content-type": JSON_ITEM})
        if answer.status >= 400:
            raise self._error(answer, f"create {write.object}", is_read=False)
        return self.receipt(one, write, self._told(answer), answer)

    async def new(self, one: Resource, ours: FusionObject, write: Write) -> tuple[str, dict[str, Any]]:
        """Where a new record is sent, and what is sent."""
        body = records.parted(ours, write.body)
        path = self.fusion.address(ours)
        if ours.of:
            parent = body.pop(ours.order, None)
            if parent is None:
                raise RejectedError(f"a {one.name} needs the record it belongs to", cause="reference", field=ours.order, system=self.config.system)
            path = f"{path}/{parent}/child/{ours.of}"
        stated: dict[str, Any] = {}
        for key, value in records.filled(ours.set, body, {"source": self.fusion.source, "key": write.intent_key}).items():
            put_path(stated, key, value)
        body = _over(stated, body)
        if ours.key:
            put_path(body, ours.key, write.intent_key)
        return path, records.listed(await self._spelling(ours, body))

    async def changes(self, ours: FusionObject, write: Write) -> tuple[str, dict[str, Any]]:
        """Where an update is sent whose address is its id, and what is sent."""
        body = records.listed(await self._spelling(ours, records.parted(ours, write.body)))
        return f"{self.fusion.address(ours)}/{write.external_id}", body

    async def _change(self, one: Resource, ours: FusionObject, rule: WriteRule, write: Write) -> Receipt:
        """Send what differs, locked by what the record was when it was read; child rows go along in one batch, all or none."""
        raw = await self.raw(one, ours, write.external_id or "")
        if raw is None:
            raise RejectedError(f"{self.config.system} has no {one.name} of this id any more", cause="not_found", system=self.config.system)
        known = self._incoming(one, raw).version
        if write.expected_version and known != write.expected_version:
            raise RejectedError(f"{self.config.system} changed the {one.name} meanwhile", cause="conflict", system=self.config.system)
        body = records.listed(await self._spelling(ours, records.parted(ours, {**rule.body, **write.body})))
        if ours.of:
            body = {key: value for key, value in body.items() if key != ours.order}
        if ours.update_only:
            closed = sorted(set(body) - set(ours.update_only))
            if closed:
                raise RejectedError(
                    f"{self.config.system} changes no {closed[0]} of a {one.name} that it has", cause="lock", field=closed[0],
                    remedy="Correct it there by a document of its own.", system=self.config.system,
                )  # fmt: skip
        address = self._link(records.link(raw)) or f"{self.fusion.address(ours)}/{write.external_id}"
        children = records.rows(body)
        if children:
            return await batch.with_children(self, one, write, address, raw, {k: v for k, v in body.items() if k not in children}, children)
        lock = {"if-match": f'"{records.etag(raw)}"'} if write.expected_version and records.etag(raw) else {}
        answer = await self.client.request("PATCH", address, json=body, headers={**self.headers, "content-type": JSON_ITEM, **lock})
        if answer.status >= 400:
            raise self._error(answer, f"{write.operation} {write.object}", is_read=False)
        return self.receipt(one, write, self._told(answer), answer)

    async def _reverse(self, one: Resource, ours: FusionObject, write: Write) -> Receipt:
        """Take back a cost: one that still waits is deleted, one that became a project's is reversed by an adjustment."""
        raw = await self.raw(one, ours, write.external_id or "")
        if raw is not None:
            answer = await self.client.request("DELETE", self._link(records.link(raw)), headers=self.headers)
            if answer.status >= 400 and answer.status not in (404, 410):
                raise self._error(answer, "delete a cost that waits", is_read=False)
            return Receipt(write.external_id or "", response=str(answer.status))
        conditions = query.alike({"UnprocessedTransactionReferenceId": int(write.external_id or 0)})
        costs = self.fusion.objects["projectCosts"]
        body, _ = await self._listed(self._resource("projectCosts"), costs, {"limit": "2", "links": "self"}, conditions)
        found = found_at(self.config, body, "items", "projectCosts")
        if not found:
            raise RejectedError(f"{self.config.system} holds the cost neither waiting nor processed", cause="not_found", system=self.config.system)
        told = {"AdjustmentType": "REVERSE", "Justification": f"{self.fusion.source} {write.intent_key}"}
        number = found[0].get("TransactionNumber")
        address = f"{self.fusion.address(costs)}/{number}/action/adjustProjectCosts"
        answer = await self.client.request("POST", address, json=told, headers={**self.headers, "content-type": "application/vnd.oracle.adf.action+json"})
        if answer.status >= 400:
            raise self._error(answer, "reverse a cost", is_read=False)
        return Receipt(write.external_id or "", response=redacted(answer.body))

    async def _spelling(self, ours: FusionObject, body: dict[str, Any]) -> dict[str, Any]:
        """The body with its ids as Fusion wants them told (numbers people know instead of ids), and attributes as this pod calls them."""
        for path, spelling in ours.spell.items():
            value = at_path(body, path)
            if value is ABSENT:
                continue
            if value is not None and spelling.object:
                value = await self._attribute(spelling.object, str(value), spelling.attribute)
            records.told(body, path, spelling, value)
        if ours.names:
            known = await self.catalogue.attributes(self.fusion.base(ours.api), ours.resource)
            for name, others in ours.names.items():
                there = next((other for other in others if other in known), None)
                if "." not in name and name in body and known and name not in known and there:
                    body[there] = body.pop(name)
        return body

    async def _attribute(self, object: str, external_id: str, attribute: str) -> Any:
        """An attribute of another record, remembered."""
        at = (object, external_id, attribute)
        if at not in self._spelled:
            record = await self._record(self._resource(object), external_id)
            found = ABSENT if record is None else at_path(record, attribute)
            if found is ABSENT or found is None:
                raise RejectedError(f"{self.config.system} has no {object} of this id any more", cause="reference", field=attribute, system=self.config.system)
            if len(self._spelled) >= MOST_SPELLED:
                self._spelled.clear()
            self._spelled[at] = found
        return self._spelled[at]

    def _told(self, answer: Answer) -> Any:
        """The record in a good answer to a write; one that cannot be read leaves open what was stored."""
        try:
            return answer.json()
        except ValueError as error:
            raise UnknownOutcomeError(
                f"{self.config.system} answered a write with no valid JSON", system=self.config.system, status=answer.status
            ) from error

    def receipt(self, one: Resource, write: Write, record: Any, answer: Answer) -> Receipt:
        """What a record that was answered says of itself."""
        ours = self.fusion.objects[one.name]
        found = records.plain(ours, record) if isinstance(record, dict) else {}
        if ours.of and write.operation == "create":
            found = {ours.order: at_path(dict(write.body), ours.order), **found}
        external_id = write.external_id or self._id(one, found)
        if not external_id:
            raise UnknownOutcomeError(f"{self.config.system} did not say which {write.object} it made", system=self.config.system, status=answer.status)
        version = super()._incoming(one, found).version if found else ""
        return Receipt(external_id, version, redacted(answer.body))

    async def look_up(self, write: Write) -> Receipt | None:
        one, ours = self._resource(write.object), self.fusion.objects[write.object]
        if write.operation != "create" and write.operation != "deactivate":
            write = replace(write, body=_holding(ours, write.body))
        return await super().look_up(replace(write, object=one.name))

    async def _candidates(self, one: Resource, write: Write) -> list[Any]:
        ours = self.fusion.objects[one.name]
        if ours.via == "accounts":
            return await self.accounts.candidates(ours, write)
        if ours.via == "timecards":
            return await self.timecards.candidates(ours, write)
        by_key = bool(ours.key and write.intent_key)
        wanted: Mapping[str, Any] = {ours.key: write.intent_key} if by_key else write.natural_key
        if not wanted:
            return []
        if by_key:
            conditions = await self._key_conditions(ours, write.intent_key)
        else:
            conditions = await self._natural_conditions(one, ours, wanted)
        params = {"limit": "500", "links": "self"} | ({"orderBy": f"{ours.order}:asc"} if ours.order else {})
        found: list[Any] = []
        while True:
            if ours.of:
                body, _ = await self._listed(one, ours, {**params, "offset": str(len(found))}, [c for c in conditions if c.startswith(ours.order)])
            else:
                body, _ = await self._listed(one, replace(ours, finder=""), {**params, "offset": str(len(found))}, conditions)
            items = found_at(self.config, body, "items", one.name)
            for item in items:
                await self._completed(one, item)
            found.extend(items)
            if body.get("hasMore") is not True or not items:
                break
        rows = [records.plain(ours, row) for item in found for row in self._rows(ours, item)]
        if by_key:
            return [row for row in rows if _has_key(ours, row, write.intent_key)]
        return [row for row in rows if all(_same(at_path(row, path), value) for path, value in wanted.items())]

    async def _key_conditions(self, ours: FusionObject, key: str) -> list[str]:
        """Our key is asked for where it lies; a pod that shows the first reference at the record itself is asked there."""
        base = self.fusion.base(ours.api)
        path = asked(ours.key)
        flat = path.rpartition(".")[2]
        by_record = path != flat and await self.catalogue.is_asked_by(base, ours.resource, flat)
        return query.alike({flat if by_record else path: key})

    async def _natural_conditions(self, one: Resource, ours: FusionObject, wanted: Mapping[str, Any]) -> list[str]:
        """Of the natural key, what may be asked by and can be said; the answer is compared with all of it."""
        base = self.fusion.base(ours.api)
        parts = records.parted(ours, wanted)
        known = await self.catalogue.attributes(base, ours.resource)
        able = {asked(path): value for path, value in parts.items() if known.get(asked(path), {}).get("queryable") is True}
        if ours.of:
            able = {ours.order: parts[ours.order]} if ours.order in parts else {}
        conditions = query.alike({path: _typed(value, known.get(path, {})) for path, value in able.items()})
        if not conditions:
            raise RejectedError(
                f"{self.config.system} cannot be asked for a {one.name} like this one", field=next(iter(wanted)),
                remedy="Look for it there and link it, or let the hub create it.", system=self.config.system,
            )  # fmt: skip
        return conditions

    async def write_many(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        """Batches of one API, all or none each; what a batch refuses is told apart, and the others are sent again without it."""
        return await batch.write_many(self, writes)

    def _error(self, answer: Answer, what: str, *, is_read: bool) -> ConnectorError:
        return error_of(self.config, errors.plain(answer), what, is_read=is_read)


def oracle_fusion_connector(config: Mapping[str, Any], *, file: str = "oracle_fusion", on_request: OnRequest | None = None) -> FusionConnector:
    """The registry's factory: ``config`` is the document with its variables filled in."""
    told = read(config, file)
    return FusionConnector(told.rest, HttpClient(told.rest.http, told.rest.auth, on_request), fusion=told)


def _opened(checkpoint: str) -> tuple[float, Walk]:
    """When all was listed last, and the walk a checkpoint stands for."""
    walk = parse_checkpoint(checkpoint)
    return (float(json.loads(checkpoint).get("listed", 0.0)) if checkpoint else 0.0), walk


def _closed(listed: float, walk: Walk) -> str:
    text = walk.text()
    return dump_json({**(json.loads(text) if text else {"since": ""}), "listed": int(listed)}).decode()


def _over(below: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables joined key by key; what ``over`` says counts."""
    found = dict(below)
    for key, value in over.items():
        before = found.get(key)
        found[key] = _over(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return found


def _has_key(ours: FusionObject, row: Mapping[str, Any], key: str) -> bool:
    """Whether a record carries our key, in whichever row of its child collection."""
    child, _, rest = ours.key.partition(".")
    inner = row.get(child)
    if isinstance(inner, list):
        attribute = rest.partition(".")[2]
        return any(isinstance(one, dict) and str(at_path(one, attribute)) == key for one in inner)
    return str(at_path(dict(row), ours.key)) == key


def _holding(ours: FusionObject, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of a body, what can be seen in a record that was read."""
    return {key: value for key, value in body.items() if key not in ours.reads_back}


def _same(found: Any, wanted: Any) -> bool:
    if found is ABSENT or found is None or wanted is None:
        return (found is ABSENT or found is None) and wanted is None
    return str(found) == str(wanted)


def _typed(value: Any, described: Mapping[str, Any]) -> Any:
    """An id as the number it is there."""
    is_number = described.get("type") in ("integer", "number") and isinstance(value, str) and value.isascii() and value.isdecimal()
    return int(value) if is_number else value
