"""The connector of an OData system: pages by links, changes by an instant or by the service's own delta links, writes one by one or in
batches whose parts are told apart.

What REST systems have in common (walks, keys, receipts, errors) is :class:`RestConnector`; a vendor's connector overrides the hooks that
begin with ``shaped``, ``told`` and ``if_match`` and leaves the rest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from connectors.errors import ConnectorError, RejectedError, SchemaDriftError, UnknownOutcomeError
from connectors.http import Answer, HttpClient, OnRequest, redacted
from connectors.odata import envelope
from connectors.odata.batch import Operation
from connectors.odata.batching import Batching
from connectors.odata.client import CsrfToken, ODataClient
from connectors.odata.config import EntitySet, ODataConfig, read
from connectors.odata.delta import Delta, delta_of, is_delta
from connectors.odata.envelope import Listing, Problem, Removed
from connectors.odata.query import alike, both, compared
from connectors.odata.values import key, wire
from connectors.port import Capabilities, Incoming, Page, Receipt, Write
from connectors.rest.answers import error_of, parsed
from connectors.rest.config import Resource, WriteRule
from connectors.rest.walk import Walk, begun, clock_of, modified_of, parse_checkpoint
from connectors.wire import dump_json, parse_json
from schema.paths import put_path

_IN_ADDRESS = re.compile(r"\(([^/]*)\)/?$")


@dataclass
class ODataConnector(Batching):
    """A connected OData system."""

    _services: dict[str, ODataClient] = field(default_factory=dict, init=False, repr=False)
    _types: dict[str, Mapping[str, str]] = field(default_factory=dict, init=False, repr=False)

    @property
    def capabilities(self) -> Capabilities:
        sets = self.odata.sets.values()
        return replace(super().capabilities, bulk_size=self.odata.bulk_size, can_filter_changes=all(one.changed_by or one.tracks for one in sets))

    def service_of(self, one: EntitySet) -> ODataClient:
        """The service a set belongs to; each has its own token."""
        if one.service not in self._services:
            csrf = CsrfToken(f"{one.service}/") if self.odata.has_csrf else None
            self._services[one.service] = ODataClient(self.client, one.service, one.version, csrf, self.headers())
        return self._services[one.service]

    # --- what a vendor does its own way ------------------------------------------------------------------------------

    def headers(self) -> dict[str, str]:
        """What every request carries besides."""
        return {}

    def preferences(self, one: EntitySet) -> list[str]:
        """What is asked of the service with every list and read."""
        return []

    def shaped(self, one: EntitySet, record: dict[str, Any]) -> dict[str, Any]:
        """A record as mappings read it: without the annotations, which change without a cause."""
        return {name: value for name, value in record.items() if "@" not in name}

    async def told(self, one: EntitySet, body: dict[str, Any], *, is_new: bool) -> dict[str, Any]:
        """A body as the service takes it; the way back of :meth:`shaped`."""
        types = await self.types_of(one)
        return {name: wire(value, types.get(name, ""), one.version) for name, value in body.items() if name not in one.reads_back}

    async def if_match(self, one: EntitySet, write: Write) -> str:
        """The tag an update is conditional on; "*" asks only that the record exists.

        The record is read right before, since a tag says nothing of what is newer. Raises RejectedError when it is another version.
        """
        if not write.expected_version or not one.locks:
            return "*" if one.locks else ""
        resource = self._resource(one.name)
        record = await self._record(resource, write.external_id or "")
        system = self.config.system
        if record is None:
            raise RejectedError(f"{system} has no {one.name} of this id any more", cause="not_found", system=system)
        if self._incoming(resource, record).version != write.expected_version:
            raise RejectedError(f"{system} changed the {one.name} meanwhile", cause="conflict", system=system)
        return envelope.etag(record) or "*"

    def field_of(self, problem: Problem) -> str:
        """The property an error is about: as it names it, else as its text does."""
        stated = problem.target.rpartition("/")[2]
        return stated or next((found[1] for one in self.odata.fields_in_text if (found := one.search(problem.text))), "")

    # --- reading -----------------------------------------------------------------------------------------------------

    async def poll(self, resource: str, checkpoint: str) -> Page:
        one = self.odata.sets[self._resource(resource).name]
        if one.tracks and (not checkpoint or is_delta(checkpoint)):
            return await self._tracked(one, checkpoint)
        return await self._walked(one, checkpoint)

    async def _walked(self, one: EntitySet, checkpoint: str) -> Page:
        """A page of a walk by the instant of change, or of a whole listing where there is none."""
        rest = self._resource(one.name)
        walk = begun(parse_checkpoint(checkpoint), rest)
        try:
            answer = await self._asked(one, walk)
        except RejectedError:
            if not walk.place:
                raise
            walk = replace(walk, place="")  # the place in the list has lapsed: again from where this walk stands
            answer = await self._asked(one, walk)
        listing = self._listing(one, answer)
        walk = replace(walk, began=walk.began or clock_of(answer.headers.get("date"), self.clock()))
        following = self._further(one, rest, walk, listing)
        return self._page(one, listing, following.text(), following.is_under_way, walk.is_full)

    def _further(self, one: EntitySet, rest: Resource, walk: Walk, listing: Listing) -> Walk:
        place = self._next_place(one, walk, listing)
        if not place:
            return Walk(since=walk.began if one.changed_by else "")
        newest = max(filter(None, (modified_of(record, rest) for record in listing.records)), default="")
        if newest and one.changed_by and newest > walk.asked_from:
            return replace(walk, asked_from=newest, place="")  # by instants: records that move to the end leave no gap
        return replace(walk, place=place)

    def _next_place(self, one: EntitySet, walk: Walk, listing: Listing) -> str:
        """Where the next page is, "" after the last: the service's link, or how many to skip where it gives none."""
        if listing.next or one.paging == "link":
            return listing.next
        here = int(walk.place) if walk.place.isdecimal() else 0
        return str(here + len(listing.records)) if len(listing.records) >= self.odata.page_size else ""

    async def _asked(self, one: EntitySet, walk: Walk) -> Answer:
        if walk.place and not walk.place.isdecimal():
            return await self._got(one, walk.place, None, f"list {one.name}")
        since = compared(one.changed_by, "ge", walk.asked_from, one.types[one.changed_by], one.version) if one.changed_by and walk.asked_from else ""
        is_skip = one.paging == "skip"
        query = one.query(
            both(one.where, since), order=one.order(), top=self.odata.page_size if is_skip else None, skip=int(walk.place or 0) if is_skip else None
        )
        return await self._got(one, one.set, query, f"list {one.name}")

    async def _tracked(self, one: EntitySet, checkpoint: str) -> Page:
        """A page of what the service tracks by itself: all there is, then what changed since. A link that lapsed begins anew."""
        walk = delta_of(checkpoint)
        try:
            answer = await self._delta_page(one, walk)
        except RejectedError:
            if not walk.link:
                raise
            walk = Delta(is_full=True)
            answer = await self._delta_page(one, walk)
        listing = self._listing(one, answer)
        began = walk.began or clock_of(answer.headers.get("date"), self.clock())
        if listing.next:
            return self._page(one, listing, Delta(listing.next, walk.is_full, is_under_way=True, began=began).text(), True, False)
        # a service that does not track this set gives no link: from now on by the instant of change
        following = Delta(listing.delta).text() if listing.delta else Walk(since=began if one.changed_by else "").text()
        return self._page(one, listing, following, False, walk.is_full, walk.link)

    async def _delta_page(self, one: EntitySet, walk: Delta) -> Answer:
        query = None if walk.link else one.query()
        return await self._got(one, walk.link or one.set, query, f"list {one.name}", [] if walk.link else ["odata.track-changes"])

    async def _got(self, one: EntitySet, path: str, query: Any, what: str, prefer: Sequence[str] = ()) -> Answer:
        size = [f"odata.maxpagesize={self.odata.page_size}"] if one.version == 4 else []
        answer = await self.service_of(one).get(path, query, prefer=[*prefer, *size, *self.preferences(one)])
        if answer.status >= 400:
            raise self._error(answer, what, is_read=True)
        return answer

    def _listing(self, one: EntitySet, answer: Answer) -> Listing:
        found = envelope.listing(parsed(self.config, answer, one.name))
        if found is None:
            raise SchemaDriftError(f"{self.config.system} answered no list of {one.name}", object=one.name, path="value", system=self.config.system)
        return found

    def _page(self, one: EntitySet, listing: Listing, checkpoint: str, has_more: bool, is_full: bool, link: str = "") -> Page:
        rest = self._resource(one.name)
        messages = [self._incoming(rest, record) for record in listing.records]
        messages += [self._removed(one, gone, link) for gone in listing.removed]
        return Page(tuple(messages), checkpoint, has_more, is_complete_listing=is_full and not has_more, total=listing.count)

    def _removed(self, one: EntitySet, gone: Removed, link: str) -> Incoming:
        """A deleted record; it has no version, so the link that told of it makes the message known again."""
        external_id = self.id_in(one, gone.id)
        mark = hashlib.sha256(link.encode()).hexdigest()[:16]
        return Incoming(self._resource(one.name).object, external_id, b"", f"{one.name}:{external_id}:gone:{mark}", is_delete=True)

    def _incoming(self, one: Resource, record: Any) -> Incoming:
        return super()._incoming(one, self.shaped(self.odata.sets[one.name], record) if isinstance(record, dict) else record)

    async def _record(self, one: Resource, external_id: str) -> Any:
        """One record as it is now, with its tag; None when it does not exist, or cannot (an id of another form)."""
        asked = self.odata.sets[one.name]
        try:
            path = f"{asked.set}{await self.key_of(asked, external_id)}"
        except ValueError:
            return None
        answer = await self.service_of(asked).get(path, replace(asked.query(), more=asked.more), prefer=self.preferences(asked))
        if answer.status in (404, 410):
            return None
        if answer.status >= 400:
            raise self._error(answer, f"read {one.name}", is_read=True)
        found = envelope.record(parsed(self.config, answer, one.name))
        if found is None:
            raise SchemaDriftError(f"{self.config.system} answered no {one.name}", object=one.name, system=self.config.system)
        return found

    async def key_of(self, one: EntitySet, external_id: str) -> str:
        """The predicate of a record's key. Raises ValueError when the id is none."""
        parts = external_id.split("|") if len(one.key) > 1 else [external_id]
        return key(dict(zip(one.key, parts, strict=True)), dict(await self.types_of(one)), one.version)

    def id_in(self, one: EntitySet, address: str) -> str:
        """The id in an address such as ``accounts(7d57…)``, or the id itself."""
        found = _IN_ADDRESS.search(unquote(address))
        if found is None:
            return address
        said = dict(re.findall(r"(\w+)=('(?:[^']|'')*'|[^,]+)", found[1])) if "=" in found[1].partition("'")[0] else {one.key[0]: found[1]}
        return "|".join(_bare(said[part]) for part in one.key if part in said)

    async def types_of(self, one: EntitySet) -> Mapping[str, str]:
        """Property → type: as the document says, else as the service's metadata does."""
        if not self.odata.reads_metadata:
            return one.types
        if one.name not in self._types:
            told = (await self.service_of(one).metadata()).sets.get(one.set)
            if told is None:
                raise SchemaDriftError(f"{self.config.system} has no {one.set}", object=one.name, path="$metadata", system=self.config.system)
            self._types[one.name] = {**told.types, **one.types}
        return self._types[one.name]

    def _error(self, answer: Answer, what: str, *, is_read: bool) -> ConnectorError:
        """The error of an answer whose envelope, of either version, is brought into one plain form."""
        try:
            found = envelope.problem(answer.json())
        except ValueError:
            found = None
        if found is not None:
            told = {"error": {"code": found.code, "message": found.text, "field": self.field_of(found)}}
            answer = replace(answer, body=dump_json(told))
        return error_of(self.config, answer, what, is_read=is_read)

    # --- writing -----------------------------------------------------------------------------------------------------

    async def _write(self, one: Resource, rule: WriteRule, write: Write) -> Receipt:
        request = await self.request_of(one, rule, write)
        asked = self.odata.sets[one.name]
        answer = await self.service_of(asked).send(request.method, request.path, request.json, headers=request.headers)
        return self._settled(one, rule, write, answer)

    async def request_of(self, one: Resource, rule: WriteRule, write: Write) -> Operation:
        """One write as the request it is. Raises RejectedError when the record is not the version it should be."""
        asked = self.odata.sets[one.name]
        body: dict[str, Any] = deepcopy({**rule.body, **write.body})
        if write.operation == "create":
            if one.key_field:
                put_path(body, one.key_field, write.intent_key)
            return Operation("POST", asked.set, await self.told(asked, body, is_new=True), self.write_headers(asked))
        tag = await self.if_match(asked, write)
        headers = {**({} if rule.method == "DELETE" else self.write_headers(asked)), **({"if-match": tag} if tag else {})}
        try:
            path = f"{asked.set}{await self.key_of(asked, write.external_id or '')}"
        except ValueError as error:
            raise RejectedError(f"{self.config.system} has no {one.name} of this id", cause="not_found", system=self.config.system) from error
        sent = None if rule.method == "DELETE" else await self.told(asked, body, is_new=False)
        return Operation("DELETE" if rule.method == "DELETE" else "PATCH", path, sent, headers)

    def write_headers(self, one: EntitySet) -> dict[str, str]:
        """What every write carries besides: the record is wanted back, for its id and version."""
        return {"prefer": "return=representation"} if one.version == 4 else {}

    def _settled(self, one: Resource, rule: WriteRule, write: Write, answer: Answer) -> Receipt:
        """What a good answer to a write says; one that cannot be read leaves open what was stored."""
        system, asked = self.config.system, self.odata.sets[one.name]
        if rule.method == "DELETE" and answer.status in (404, 410):
            return Receipt(write.external_id or "", response=str(answer.status))
        if answer.status >= 400:
            raise self._error(answer, f"{write.operation} {write.object}", is_read=False)
        try:
            record = envelope.record(parse_json(answer.body)) if answer.body.strip() else None
        except ValueError as error:
            raise UnknownOutcomeError(f"{system} answered a write with no valid JSON", system=system, status=answer.status) from error
        incoming = self._incoming(one, record) if record else None
        place = answer.headers.get("odata-entityid") or answer.headers.get("location", "")
        external_id = write.external_id or (incoming.external_id if incoming else "") or self.id_in(asked, place)
        if not external_id:
            raise UnknownOutcomeError(f"{system} did not say which {write.object} it made", system=system, status=answer.status)
        return Receipt(external_id, incoming.version if incoming else "", redacted(answer.body))

    async def _candidates(self, one: Resource, write: Write) -> list[Any]:
        """Records that carry our key, else those that agree in the whole natural key; a few of them."""
        asked = self.odata.sets[one.name]
        wanted = {one.key_field: write.intent_key} if one.key_field and write.intent_key else dict(write.natural_key)
        if not wanted:
            return []
        try:
            condition = alike(wanted, await self.types_of(asked), asked.version)
        except ValueError:
            return []
        answer = await self._got(asked, asked.set, asked.query(both(asked.where, condition), top=3), f"look up {one.name}")
        rows = [self.shaped(asked, row) for row in self._listing(asked, answer).records]
        return [row for row in rows if one.deleted is None or not one.deleted.holds(row.get(one.deleted.path))]

    async def look_up(self, write: Write) -> Receipt | None:
        one = self._resource(write.object)
        if write.operation == "create":
            return await super().look_up(write)
        record = await self._record(one, write.external_id or "")
        if record is None:
            return Receipt(write.external_id or "", "", "gone", was_adopted=True) if write.operation == "deactivate" and _deletes(one) else None
        incoming = self._incoming(one, record)
        body = dict(one.deactivate.body) if write.operation == "deactivate" and one.deactivate is not None else dict(write.body)
        if not self.holds(parse_json(incoming.body), body):
            return None
        return Receipt(write.external_id or "", incoming.version, "found", was_adopted=True)

    def holds(self, record: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
        """Whether the record already has everything the body would set."""
        return bool(body) and all(_same(record.get(name), value) for name, value in body.items())


def _bare(text: str) -> str:
    """A value as it stands in a key, without what its type adds."""
    found = re.fullmatch(r"(?:guid|datetime|datetimeoffset)?'(.*)'", text)
    return found[1].replace("''", "'") if found else text


def _deletes(one: Resource) -> bool:
    return one.deactivate is not None and one.deactivate.method == "DELETE"


def _same(stored: Any, wanted: Any) -> bool:
    """Whether a stored value is the wanted one; a day that comes back with a time is the same day."""
    if isinstance(stored, str) and isinstance(wanted, str) and len(wanted) == 10 and stored[:10] == wanted and stored[10:11] == "T":
        return True
    if isinstance(stored, str) is not isinstance(wanted, str) and not isinstance(stored, bool) and not isinstance(wanted, bool):
        return stored is not None and wanted is not None and str(stored) == str(wanted)
    return bool(stored == wanted)


def connector_of(config: ODataConfig, on_request: OnRequest | None = None) -> ODataConnector:
    """A plain connector of a document that needs nothing of a vendor's own."""
    return ODataConnector(config.rest, HttpClient(config.rest.http, config.rest.auth, on_request), odata=config)


def odata_connector(config: Mapping[str, Any], *, file: str = "odata", on_request: OnRequest | None = None) -> ODataConnector:
    """A factory: ``config`` is a document with its variables filled in."""
    return connector_of(read(config, file), on_request)
