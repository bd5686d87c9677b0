"""How a pod is read: pages by key, conditions as its metadata allows them, children completed, and everything listed once in a while."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.errors import ConnectorError, RetriableError
from connectors.http import Answer
from connectors.oracle_fusion import errors, query, records, timecards
from connectors.oracle_fusion.accounts import CustomerAccounts
from connectors.oracle_fusion.config import FusionConfig, FusionObject
from connectors.oracle_fusion.describe import Catalogue
from connectors.port import Capabilities, Incoming, Page
from connectors.rest.answers import error_of, found_at, parsed
from connectors.rest.config import Resource
from connectors.rest.connector import RestConnector
from connectors.rest.walk import Walk, begun, clock_of, parse_checkpoint
from connectors.wire import dump_json

ACCEPT = "application/json, application/vnd.oracle.adf.error+json"
"""Errors are structured for whom asks for them; whoever asks for nothing else is refused by some resources."""


@dataclass
class FusionReader(RestConnector):
    """A pod as it is read."""

    fusion: FusionConfig = field(kw_only=True)
    catalogue: Catalogue = field(init=False, repr=False)
    accounts: CustomerAccounts = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.catalogue = Catalogue(self.client, self.headers)
        self.accounts = CustomerAccounts(self)

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
        return Page(tuple(page), _closed(listed, following), not ends, is_complete_listing=walk.is_full and ends and not ours.leaves)

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

    def _rows(self, ours: FusionObject, item: Any) -> list[dict[str, Any]]:
        """The records in an item: itself, or the rows of its child collection, each with what it says of its parent."""
        if not ours.of or not isinstance(item, dict):
            return [item]
        above = {key: value for key, value in item.items() if key in ours.id or key in ours.with_parent}
        inner = item.get(ours.of)
        return [{**above, **row} for row in (inner.get("items") if isinstance(inner, dict) else inner) or []]

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
        parts = external_id.split("|", len(ours.id) - 1)     # names that people gave may have a bar
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
            for row in self._rows(ours, item):
                if all(str(row.get(name)) == part for name, part in zip(ours.id, parts, strict=True)):
                    return row
        return None

    def plain(self, ours: FusionObject, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The record as mappings read it; one that is plain already stays as it is."""
        found = records.plain(ours, raw)
        return timecards.plain(found, self.fusion.time_attributes) if ours.via == "timecards" else found

    def _incoming(self, one: Resource, record: Any) -> Incoming:
        ours = self.fusion.objects[one.name]
        return super()._incoming(one, self.plain(ours, record) if isinstance(record, dict) else record)

    def _error(self, answer: Answer, what: str, *, is_read: bool) -> ConnectorError:
        return error_of(self.config, errors.plain(answer), what, is_read=is_read)


def _opened(checkpoint: str) -> tuple[float, Walk]:
    """When all was listed last, and the walk a checkpoint stands for."""
    walk = parse_checkpoint(checkpoint)
    return (float(json.loads(checkpoint).get("listed", 0.0)) if checkpoint else 0.0), walk


def _closed(listed: float, walk: Walk) -> str:
    text = walk.text()
    return dump_json({**(json.loads(text) if text else {"since": ""}), "listed": int(listed)}).decode()
