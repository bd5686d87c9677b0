"""Kantata's lists: one page as it is asked for, records by their ids, all that parameters find, with what is associated, joined and derived."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import ConnectorError
from connectors.http import Answer, HttpClient
from connectors.kantata import records
from connectors.kantata.config import KantataConfig, Listing
from connectors.kantata.records import Record
from connectors.rest.answers import parsed

JOINED_S = 600.0
"""So long a list that others are joined with is taken for unchanged: roles, rate cards."""


@dataclass
class Lists:
    """The lists of one account. ``refused`` makes an error of an answer to a read."""

    kantata: KantataConfig
    client: HttpClient
    refused: Callable[[Answer, str], ConnectorError]
    clock: Callable[[], float]
    _unknown: dict[str, set[str]] = field(default_factory=dict)
    _joined: dict[str, tuple[float, dict[str, Record]]] = field(default_factory=dict)

    async def asked(self, listing: Listing, params: Mapping[str, str], what: str) -> tuple[Answer, Any]:
        """A good answer to a read. Parameters that this account's Kantata does not know are left out from then on."""
        unknown = self._unknown.setdefault(listing.path, set())
        sent = {name: value for name, value in {**listing.tries, **params}.items() if name not in unknown and value}
        answer = await self.client.request("GET", listing.path, params=sent)
        doubtful = set(listing.tries) & set(sent)
        if answer.status == 400 and doubtful:
            again = {name: value for name, value in sent.items() if name not in doubtful}
            answer = await self.client.request("GET", listing.path, params=again)
            if answer.status < 400:
                unknown |= doubtful
        if answer.status >= 400:
            raise self.refused(answer, what)
        return answer, parsed(self.kantata.rest, answer, listing.key)

    async def only(self, resource: str, ids: Sequence[str]) -> list[Record]:
        """The records of these ids; those that are not there, or hidden from us, are left out."""
        listing, found = self.kantata.listings[resource], list[Record]()
        for start in range(0, len(ids), listing.size):
            some = ids[start : start + listing.size]
            params = {**self.kantata.rest.resources[resource].list_params, "only": ",".join(some), "per_page": str(listing.size)}
            _, body = await self.asked(listing, params, f"read {resource}")
            found += await self.whole(resource, records.rows(body, resource), body)
        return found

    async def all(self, resource: str, params: Mapping[str, str]) -> list[Record]:
        """All records that parameters find, over all pages; in the order they were made where that can be had, which no change moves."""
        listing, found, offset = self.kantata.listings[resource], list[Record](), 0
        order = {"order": "created_at:asc"} if listing.order in ("created_at", "updated_at") else {}
        while True:
            asked = {**self.kantata.rest.resources[resource].list_params, **order, **params, "limit": str(listing.size), "offset": str(offset)}
            _, body = await self.asked(listing, asked, f"look up {resource}")
            raw = records.rows(body, resource)
            found += await self.whole(resource, raw, body)
            offset += len(raw)
            total = records.count(body)
            if not raw or (offset >= total if isinstance(total, int) else len(raw) < listing.size):
                return found

    async def whole(self, resource: str, raw: Sequence[Record], body: Mapping[str, Any]) -> list[Record]:
        """Records of an answer with what is associated, joined and derived."""
        listing, derived = self.kantata.listings[resource], records.DERIVED.get(resource)
        found = [records.associated(one, body, listing.embeds, self.kantata.service) for one in raw]
        for association, of in listing.joins.items() if found else ():
            known = await self._by_id(of.of)
            found = [records.inside(one, association, known, of) for one in found]
        found = [records.in_minor_units(one) for one in found]
        return [derived(one, self.kantata.currency) for one in found] if derived else found

    async def _by_id(self, resource: str) -> dict[str, Record]:
        """A short list, whole, by id; kept for a while."""
        kept = self._joined.get(resource)
        if kept is None or kept[0] < self.clock():
            found = {str(one["id"]): one for one in await self.all(resource, {})}
            self._joined[resource] = kept = (self.clock() + JOINED_S, found)
        return kept[1]
