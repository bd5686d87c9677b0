"""The connector of Kantata: keyed envelopes, pages that notice moved rows, deletes from the events' feed, and our ids as external references.

What REST systems have in common (keys, receipts, errors) is :class:`RestConnector`; here is what Kantata does its own way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from connectors.errors import ConnectorError, RejectedError, UnknownOutcomeError
from connectors.http import Answer, HttpClient, OnRequest, redacted
from connectors.kantata import records, walk
from connectors.kantata.config import BASE, KantataConfig, Listing, read
from connectors.kantata.lists import Lists
from connectors.kantata.records import Record
from connectors.kantata.walk import Place
from connectors.port import Capabilities, Incoming, Page, Receipt, Write, message_key
from connectors.rest.answers import parsed
from connectors.rest.config import Resource, WriteRule
from connectors.rest.connector import RestConnector
from connectors.rest.walk import clock_of, modified_of
from connectors.wire import dump_json
from schema.codecs import CodecError, canonical_instant, instant
from schema.paths import at_path, flattened

RECENT_S = 2 * 86400.0
"""Longer than any first listing takes: approvals given meanwhile are among those of the last two days."""
LOCKS_S = 60.0
"""So long what is locked is taken for unchanged."""
CUT_AFTER_S = 150.0
"""A 503 that comes so late is a request that Kantata cut: it may have been carried out."""
_INSTANT = instant()


@dataclass
class KantataConnector(RestConnector):
    """A connected account."""

    kantata: KantataConfig = field(kw_only=True)
    lists: Lists = field(init=False, repr=False)
    _locked_to: tuple[float, str] = field(default=(0.0, ""), init=False, repr=False)

    def __post_init__(self) -> None:
        self.lists = Lists(self.kantata, self.client, lambda answer, what: self._error(answer, what, is_read=True), lambda: self.clock())

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, can_filter_changes=True)

    # --- reading -----------------------------------------------------------------------------------------------------

    async def poll(self, resource: str, checkpoint: str) -> Page:
        one, place = self._resource(resource), walk.place_of(checkpoint)
        listing = self.kantata.listings[resource]
        if walk.has_lapsed(place, self.clock()) and self._has_feed(listing):
            return Page((), "", has_more=False)  # the next poll lists everything
        # whose records tell only which others changed need not be read from the beginning: those others are
        place = walk.begun(place, canonical_instant(datetime.fromtimestamp(self.clock() - RECENT_S, UTC)) if listing.touches else "")
        return await (self._deleted(one, listing, place) if place.phase == "deleted" else self._changed(one, listing, place))

    async def _changed(self, one: Resource, listing: Listing, place: Place) -> Page:
        params = {**one.list_params, "limit": str(listing.size), "offset": str(place.offset)}
        if listing.order:
            params["order"] = f"{listing.order}:asc"
        if listing.has_changes and place.asked_from:
            params["updated_after"] = walk.told(place.asked_from, earlier_s=1.0)
        answer, body = await self.lists.asked(listing, params, f"list {one.name}")
        raw = records.rows(body, one.name)
        ids = [self._id(one, each) for each in raw]
        place = replace(place, began=place.began or clock_of(answer.headers.get("date"), self.clock()))
        if (back := walk.stepped_back(place, ids, listing.size)) is not None:
            return Page((), back.text(), has_more=True)
        place = walk.checked(place, ids)
        fresh = [each for id, each in zip(ids, raw, strict=True) if id not in place.tail]
        if listing.touches is not None:
            messages = await self._touched(listing.touches, fresh)
        else:
            messages = [self._incoming(one, each) for each in await self.lists.whole(one.name, fresh, body)]
        following = walk.after(place, ids, records.count(body), listing.size)
        if following is not None:
            newest = max(filter(None, (modified_of(each, one) for each in raw)), default="")
            on = walk.onward(place, newest) if listing.order == "updated_at" else None
            return Page(tuple(messages), (on or following).text(), has_more=True)
        if self._has_feed(listing) and not place.is_full:
            return Page(tuple(messages), replace(place, phase="deleted", offset=0, tail=[], back=0).text(), has_more=True)
        return self._ended(listing, place, tuple(messages))

    def _ended(self, listing: Listing, place: Place, messages: tuple[Incoming, ...]) -> Page:
        """The end of a walk. Where nothing tells deletes, a listing that is due begins with the next poll: absence is all there is to see."""
        following = walk.ended(place)
        age_s = walk.age_s(following.listed or following.since, self.clock())
        is_due = age_s >= self.kantata.listing_every_s and not (self._has_feed(listing) or listing.touches or listing.is_partial)
        checkpoint = "" if is_due or place.is_doubtful or not listing.has_changes else following.text()
        is_complete = place.is_full and not place.is_doubtful and not listing.is_partial
        return Page(messages, checkpoint, has_more=False, is_complete_listing=is_complete)

    async def _deleted(self, one: Resource, listing: Listing, place: Place) -> Page:
        """Deletes told by the feed of events between the last walk and the begin of this one: a window that does not move while it is read."""
        params = {
            "event_types": f"{listing.event}:deleted", "order": "created_at:asc", "limit": str(listing.size), "offset": str(place.offset),
            "created_after": walk.told(place.since, earlier_s=walk.LATE_S), "created_before": walk.told(place.began, earlier_s=-1.0),
        }  # fmt: skip
        feed = Listing("subscribed_events", f"{BASE}/subscribed_events", tries={"created_before": "", "order": ""})
        _, body = await self.lists.asked(feed, params, f"read events of {one.name}")
        events = records.rows(body, "subscribed_events")
        ids = [str(each["id"]) for each in events]
        if (back := walk.stepped_back(place, ids, listing.size)) is not None:
            return Page((), back.text(), has_more=True)
        place = walk.checked(place, ids)
        messages = tuple(self._delete(one, each) for id, each in zip(ids, events, strict=True) if id not in place.tail and each.get("subject_id"))
        following = walk.after(place, ids, records.count(body), listing.size)
        return Page(messages, following.text(), has_more=True) if following is not None else self._ended(listing, place, messages)

    def _delete(self, one: Resource, event: Record) -> Incoming:
        external_id, body = str(event["subject_id"]), dump_json({"id": str(event["subject_id"])})
        try:
            moment = str(_INSTANT.read(event.get("subject_changed_at") or event.get("created_at") or "") or "")
        except CodecError:
            moment = ""
        key = message_key(one.object, external_id, moment, body + str(event["id"]).encode())
        return Incoming(one.object, external_id, body, key, moment, is_delete=True, occurred_at=datetime.fromisoformat(moment) if moment else None)

    def _has_feed(self, listing: Listing) -> bool:
        return self.kantata.has_events and bool(listing.event)

    async def _touched(self, touches: tuple[str, str], raw: Sequence[Record]) -> list[Incoming]:
        """The records of another resource that change with these: an approval does not always stamp what it approves."""
        resource, path = touches
        ids = sorted({str(id) for one in raw for id in one.get(path) or ()}, key=lambda id: (len(id), id))
        one = self._resource(resource)
        return [self._incoming(one, each) for each in await self.lists.only(resource, ids)]

    async def _record(self, one: Resource, external_id: str) -> Any:
        """One record; asked for by ``only``, since a single one is "not found" where a default filter hides it."""
        if not (external_id.isascii() and external_id.isdecimal()):
            return None
        found = await self.lists.only(one.name, [external_id])
        return found[0] if found else None

    # --- writing -----------------------------------------------------------------------------------------------------

    async def _write(self, one: Resource, rule: WriteRule, write: Write) -> Receipt:
        listing = self.kantata.listings[one.name]
        current: Record = {}
        if write.operation != "create":
            current = await self._changeable(one, listing, write)
            if not current:
                return Receipt(write.external_id or "", response="it is gone already", was_adopted=True)
        await self._judged(listing, write, current)
        factor = await self._scale(listing, write, current)
        stated = await self._payment(listing, write) if listing.pays else {**rule.body, **write.body}
        counted = {name: records.rescaled(value, 1 / factor) if name.endswith("_in_cents") else value for name, value in stated.items()}
        body = records.written(counted, listing.written_as, current)
        if write.operation == "create" and listing.subject:
            body["external_reference"] = self._reference(write)
        answer = await self._sent(one, rule, write, body)
        if answer.status in (400, 422) and "external_reference" in body and b"external_reference" in answer.body:
            answer = await self._sent(one, rule, write, {name: value for name, value in body.items() if name != "external_reference"})
        if answer.status >= 400:
            raise self._error(answer, f"{write.operation} {write.object}", is_read=False)
        receipt = self._receipt(rule, write, answer)
        return await self._referred(listing, write, receipt) if write.operation == "create" and listing.subject else receipt

    async def _sent(self, one: Resource, rule: WriteRule, write: Write, body: Record) -> Answer:
        began = self.clock()
        path = rule.path.replace("{id}", write.external_id or "")
        answer = await self.client.request(rule.method, path, json=None if rule.method == "DELETE" else {rule.wrap: body})
        if answer.status == 503 and self.clock() - began >= CUT_AFTER_S:
            raise UnknownOutcomeError(f"{self.config.system} cut a request to {write.operation} {one.name}", system=self.config.system, status=503)
        return answer

    def _error(self, answer: Answer, what: str, *, is_read: bool) -> ConnectorError:
        """The error, with the id by which Kantata's support finds the request."""
        error = super()._error(answer, what, is_read=is_read)
        if isinstance(error, RejectedError) and (request := answer.headers.get("x-request-id")):
            error.detail = f"{error.detail} (request {request})"
        return error

    def _receipt(self, rule: WriteRule, write: Write, answer: Answer) -> Receipt:
        system, request = self.config.system, answer.headers.get("x-request-id", "")
        if rule.method == "DELETE":
            return Receipt(write.external_id or "", response=f"{answer.status} {request}")
        try:
            (record,) = records.rows(answer.json(), write.object)
        except (ValueError, ConnectorError) as error:
            raise UnknownOutcomeError(f"{system} answered a write with no valid envelope", system=system, status=answer.status) from error
        found = self._incoming(self._resource(write.object), record)
        return Receipt(found.external_id, found.version, f"{request} {redacted(answer.body)}".strip())

    async def _changeable(self, one: Resource, listing: Listing, write: Write) -> Record:
        """The record as it is; {} when one to delete is gone. Raises RejectedError where it changed meanwhile or cannot be changed."""
        found = await self._record(one, write.external_id or "")
        if found is None:
            if write.operation == "deactivate":
                return {}
            text = f"has no {one.name} of this id, or hides it from the hub's user"
            raise self._rejected(text, "not_found", "Restore the record there, or unlink it in the hub.")
        if write.expected_version and self._incoming(one, found).version != write.expected_version:
            raise self._rejected(f"changed the {one.name} meanwhile", "conflict", "Read the record again, then retry.")
        for guard in listing.guards:
            if guard.when.holds(at_path(found, guard.when.path)):
                raise self._rejected(f"does not let the {one.name} be changed", guard.cause, guard.remedy, guard.when.path)
        return dict(found)

    async def _judged(self, listing: Listing, write: Write, current: Record) -> None:
        """Refuse what Kantata would book wrongly without a word, or refuse with a text that nobody can rely on."""
        days = [str(one[listing.locked_by]) for one in (write.body, current) if one.get(listing.locked_by)] if listing.locked_by else []
        if days and min(days) < await self._locked():
            raise self._rejected(f"has locked {min(days)}", "closed_period", "Move the date behind the lock, or lift the lock in Kantata.", listing.locked_by)

    async def _scale(self, listing: Listing, write: Write, current: Record) -> Fraction:
        """How many minor units one of the project's units is. Raises RejectedError when an amount is in another currency than the project's."""
        stated, path = write.body.get("currency"), listing.in_currency_of
        project = (write.body.get(path) or current.get(path)) if path and stated else None
        found = await self._record(self._resource("workspaces"), str(project)) if project else None
        if found is None:
            return Fraction(1)
        if found.get("currency") not in (None, stated):
            text = f"keeps amounts of this project in {found['currency']}"
            raise self._rejected(text, "validation", "State the amount in the project's currency.", "currency")
        return records.scale(found)

    async def _payment(self, listing: Listing, write: Write) -> Record:
        """A payment as Kantata takes it: of all that is open of an invoice. Raises RejectedError when ours is of less or more."""
        invoice, amount = await self._record(self._resource(listing.pays), str(write.body.get("invoice_id"))), write.body.get("amount_in_cents")
        if invoice is None:
            raise self._rejected("has no such invoice", "reference", "Deliver or link the invoice first.", "invoice_id")
        projects, currency = invoice.get("workspace_ids") or [], at_path(write.body, "workspace.currency")
        if len(projects) != 1 or (amount, currency) != (invoice.get("balance_in_cents"), invoice.get("currency")):
            text = "records payments of whole invoices of one project only"
            raise self._rejected(text, "validation", "Record the payment in Kantata by hand, or leave its invoices out.", "amount_in_cents")
        return {"workspace_id": str(projects[0]), "invoice_id": write.body["invoice_id"]}

    async def _locked(self) -> str:
        """The day before which no time can be booked, "" when there is none or we may not see it."""
        if self._locked_to[0] < self.clock():
            answer = await self.client.request("GET", f"{BASE}/line_item_locks", params={"per_page": "200"})
            found = records.rows(parsed(self.config, answer, "line_item_locks"), "line_item_locks") if answer.status < 400 else []
            self._locked_to = (self.clock() + LOCKS_S, max((str(one.get("locked_to") or "") for one in found), default=""))
        return self._locked_to[1]

    def _rejected(self, text: str, cause: Any, remedy: str, path: str = "") -> RejectedError:
        return RejectedError(f"{self.config.system} {text}", cause=cause, remedy=remedy, field=path, system=self.config.system)

    # --- finding again -----------------------------------------------------------------------------------------------

    def _reference(self, write: Write) -> Record:
        return {"service_name": self.kantata.service, "service_model": write.entity, "service_model_ref": write.intent_key, "status": "successful"}

    async def _referred(self, listing: Listing, write: Write, receipt: Receipt) -> Receipt:
        """Write our reference as a call of its own: an upsert, for where the one sent along with the record is not kept."""
        subject = {"subject_type": listing.subject, "subject_id": int(receipt.external_id)}
        about = {"external_reference": {**self._reference(write), **subject}}
        try:
            answer = await self.client.request("POST", f"{BASE}/external_references/create_or_update", json=about)
            text = "" if answer.status < 400 else f"its reference was refused ({answer.status})"
        except ConnectorError as error:  # the record is there; without the reference it is found by its natural key
            text = f"its reference is not written ({type(error).__name__})"
        return replace(receipt, response=f"{text} {receipt.response}".strip())

    async def look_up(self, write: Write) -> Receipt | None:
        one, listing = self._resource(write.object), self.kantata.listings[write.object]
        if write.operation == "deactivate" and one.deactivate is not None:
            if one.deactivate.method == "DELETE":
                gone = await self._record(one, write.external_id or "") is None
                return Receipt(write.external_id or "", response="gone", was_adopted=True) if gone else None
            write = replace(write, body={**one.deactivate.body, **write.body})
        found = await super().look_up(write)
        return await self._referred(listing, write, found) if found and write.operation == "create" and write.intent_key and listing.subject else found

    async def _candidates(self, one: Resource, write: Write) -> list[Any]:
        """Records that carry our reference, else those without one that agree in the natural key and in what else tells them apart."""
        listing, theirs = self.kantata.listings[one.name], dict[str, str]()
        if write.intent_key and listing.subject:
            ours = {"external_reference_service_name": self.kantata.service, "external_reference_service_model_refs": write.intent_key}
            if found := [each for each in await self.lists.all(one.name, ours) if not _is_gone(one, each)]:
                return found
            theirs = {"without_external_reference_service_name": self.kantata.service}
        wanted, body = write.natural_key, flattened(write.body)
        params = {how.name: how.template.replace("{}", _text(wanted[path])) for path, how in listing.natural.items() if wanted.get(path) is not None}
        if not params:
            return []
        compared = {**wanted, **{path: body.get(path) for path in listing.alike}}
        return [each for each in await self.lists.all(one.name, {**params, **theirs}) if not _is_gone(one, each) and _agrees(each, compared)]


def _is_gone(one: Resource, record: Record) -> bool:
    return one.deleted is not None and one.deleted.holds(at_path(record, one.deleted.path))


def _agrees(record: Record, wanted: Mapping[str, Any]) -> bool:
    return all(_text(at_path(record, path)) == _text(value) for path, value in wanted.items())


def _text(value: Any) -> str:
    """A value as text; what is empty and what is not there are the same."""
    return str(value).lower() if isinstance(value, bool) else str(value or "") if not isinstance(value, int) else str(value)


def kantata_connector(config: Mapping[str, Any], *, file: str = "kantata", on_request: OnRequest | None = None) -> KantataConnector:
    """The registry's factory: ``config`` is the document with its variables filled in."""
    told = read(config, file)
    return KantataConnector(told.rest, HttpClient(told.rest.http, told.rest.auth, on_request), kantata=told)
