"""The connector of Certinia: Salesforce's, with timecards cut into days, small batches of one project each, and packages that may be lacking."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.certinia import items, timecards
from connectors.certinia.config import TIMECARD, CertiniaConfig, read
from connectors.errors import ConnectorError, RateLimitedError, RejectedError, RetriableError, SchemaDriftError
from connectors.http import HttpClient, OnRequest
from connectors.port import Incoming, Page, Receipt, Write, message_key
from connectors.rest.answers import found_at, parsed
from connectors.rest.config import Resource, WriteRule
from connectors.salesforce import soql
from connectors.salesforce.connector import SalesforceConnector, Session
from connectors.wire import dump_json, parse_json
from schema.paths import at_path

AT_ONCE = 50
"""Records in one collection: the packages' triggers run on every one, within the platform's limits on time and queries."""
MOST_ITEMS = 2000
"""Items of one event that are compared with those that went; what lies beyond is told as deleted and as made anew."""
LACKING = ("NOT_FOUND", "INVALID_TYPE")
PROJECT = "pse__Proj__c"
ITEM = "pse__Billing_Event_Item__c"

DERIVED = {ITEM: items.derived, "c2g__codaInvoice__c": items.state_of, "c2g__codaCreditNote__c": items.state_of}
"""What is made of several fields, by object."""


@dataclass
class CertiniaConnector(SalesforceConnector):
    """A connected org with Certinia's packages."""

    certinia: CertiniaConfig = field(kw_only=True)

    # --- reading -----------------------------------------------------------------------------------------------------

    async def poll(self, resource: str, checkpoint: str) -> Page:
        try:
            page = await super().poll(resource, checkpoint)
        except RejectedError as error:
            if error.code in LACKING and resource in self.certinia.spare:
                return Page((), "", has_more=False)
            raise self._lacking(resource, error) from error
        if resource == ITEM:
            return await self._lasting(page)
        if resource != TIMECARD:
            return page
        return replace(page, messages=tuple(each for one in page.messages for each in self._days(one)))

    async def _lasting(self, page: Page) -> Page:
        """A page of billing items without the deletes of those that were made anew: the same item lives on under another id."""
        gone = [parse_json(one.body) for one in page.messages if one.is_delete]
        events = sorted({str(one.get("pse__Billing_Event__c")) for one in gone if one.get("pse__Billing_Event__c")})
        if not events:
            return page
        live = {items.key_of(one) for listed in await asyncio.gather(*map(self._items_of, events)) for one in listed}
        return replace(page, messages=tuple(one for one in page.messages if not (one.is_delete and one.external_id in live)))

    async def _items_of(self, event: str) -> list[dict[str, Any]]:
        """The items of a billing event as they are now."""
        query = await self._query_of(self._resource(ITEM))
        answer = await self._query(soql.alike(ITEM, query.fields, {"pse__Billing_Event__c": event}, most=MOST_ITEMS), f"read {ITEM}")
        found: list[dict[str, Any]] = found_at(self.config, parsed(self.config, answer, ITEM), "records", ITEM)
        return found

    def _lacking(self, object: str, error: RejectedError) -> RejectedError:
        """Without a licence an object does not exist; that says what to do about it."""
        if error.code not in LACKING:
            return error
        remedy = "Give the hub's user the package licence and the permission set, or take the object out of the document."
        text = f"{self.config.system} has no {object} for the hub's user"
        return RejectedError(text, cause="permission", field=object, remedy=remedy, code=error.code, system=self.config.system, status=error.status)

    def _incoming(self, one: Resource, record: Any) -> Incoming:
        if not isinstance(record, dict):
            return super()._incoming(one, record)
        derived = DERIVED.get(one.name)
        message = super()._incoming(one, {**record, **(derived(record) if derived else {}), "Package": self.certinia.package})
        if one.name != ITEM:
            return message
        id = items.key_of(record)
        return replace(message, external_id=id, key=message_key(one.object, id, message.version, message.body))

    def _days(self, card: Incoming) -> list[Incoming]:
        """A timecard as its days. One that was changed since it was made may have lost a day, so its empty ones are told, too."""
        header = parse_json(card.body) if card.body else {}
        if not isinstance(header, dict) or not header.get("pse__Start_Date__c"):
            raise SchemaDriftError(f"a timecard of {self.config.system} does not say when it begins", object=TIMECARD, path="pse__Start_Date__c")
        was_changed = card.is_delete or header.get("CreatedDate") != header.get("LastModifiedDate")
        return [self._day(card, day, record) for day, record in timecards.days(header) if record is not None or was_changed]

    def _day(self, card: Incoming, day: str, record: Mapping[str, Any] | None) -> Incoming:
        body = dump_json(record if record is not None else {"Id": card.external_id, "Day": day})
        id, is_gone = f"{card.external_id}|{day}", card.is_delete or record is None
        key = message_key(card.object, id, card.version, body)
        return Incoming(card.object, id, body, key, card.version, is_gone, card.occurred_at, merged_into="")

    async def fetch(self, object: str, external_id: str) -> Incoming | None:
        if object == ITEM:
            listed = await self._items_of(external_id.partition("|")[0])
            return next((self._incoming(self._resource(ITEM), one) for one in listed if items.key_of(one) == external_id), None)
        if object != TIMECARD:
            return await super().fetch(object, external_id)
        card, _, day = external_id.partition("|")
        found = await super().fetch(object, card)
        return next((one for one in self._days(found) if one.external_id.endswith(f"|{day}") and not one.is_delete), None) if found else None

    # --- writing -----------------------------------------------------------------------------------------------------

    async def _write(self, one: Resource, rule: WriteRule, write: Write) -> Receipt:
        if one.name == TIMECARD:
            return await self._write_day(one, write)
        return await super()._write(one, rule, write)

    async def _write_day(self, one: Resource, write: Write) -> Receipt:
        """Hours of one day: into the open timecard of that week, a new one where there is none."""
        if write.operation == "create":
            return await self._book(one, write)
        card, day = timecards.parted(write.external_id or "")
        body = {"Hours": None, "Notes": None} if write.operation == "deactivate" else dict(write.body)
        if body.get("Date", "") and await self._date_of(one, card, day) != body["Date"]:
            raise RejectedError(
                "an entry cannot move to another day of its timecard", cause="validation", field="Date", system=self.config.system,
                remedy="Withdraw it and book another.",
            )  # fmt: skip
        assert one.update is not None
        version = write.expected_version
        told = replace(write, operation="update", external_id=card, body=timecards.told(body, day), expected_version=version)
        receipt = await super()._write(one, one.update, told)
        return replace(receipt, external_id=write.external_id or "")

    async def _date_of(self, one: Resource, card: str, day: str) -> str:
        record = await self._record(one, card)
        return next((str(each["Date"]) for name, each in timecards.days(record) if name == day and each), "") if record else ""

    async def _book(self, one: Resource, write: Write) -> Receipt:
        start, end, day = timecards.week_of(str(write.body.get("Date")), self.certinia.week)
        await self._takes_hours(write.body)
        fields = timecards.told(write.body, day)
        cards = await self._cards(one, write.body, start)
        for card in (each for each in cards if each.get("pse__Status__c") in timecards.OPEN):
            if card.get(timecards.hours_field(day)):
                raise RejectedError(
                    f"the timecard of that week in {self.config.system} already holds hours of this day", cause="duplicate", field=timecards.hours_field(day),
                    remedy="Correct the hours there, or link the entry.", system=self.config.system,
                )  # fmt: skip
            assert one.update is not None
            version = self._incoming(one, card).version
            changed = {name: value for name, value in fields.items() if name in timecards.WEEK_FIELDS}
            await super()._write(one, one.update, replace(write, operation="update", external_id=str(card["Id"]), body=changed, expected_version=version))
            return Receipt(f"{card['Id']}|{day}")
        assert one.create is not None
        whole = {**fields, "pse__Start_Date__c": start, "pse__End_Date__c": end, "pse__Status__c": "Saved"}
        made = await super()._write(one, one.create, replace(write, body=whole))
        return replace(made, external_id=f"{made.external_id}|{day}")

    async def _takes_hours(self, body: Mapping[str, Any]) -> None:
        """Ask the project first: what its triggers say when it is closed differs from release to release. Raises RejectedError."""
        fields = ("pse__Closed_for_Time_Entry__c", "pse__Allow_Timecards_Without_Assignment__c")
        answer = await self._query(soql.alike(PROJECT, fields, {"Id": body.get("pse__Project__c")}, most=1), "ask the project")
        project = at_path(parsed(self.config, answer, PROJECT), "records.0")
        if not isinstance(project, dict):
            raise RejectedError("there is no such project", cause="reference", field="pse__Project__c", remedy="Deliver the project first.", system=self.config.system)
        if project.get(fields[0]) is True:
            raise RejectedError(
                "the project is closed for time entry", cause="lock", field="pse__Project__c", remedy="Open it for time entry in Certinia, then retry.",
                system=self.config.system,
            )  # fmt: skip
        if project.get(fields[1]) is False and not body.get("pse__Assignment__c"):
            raise RejectedError(
                "the project takes hours on assignments only", cause="reference", field="pse__Assignment__c",
                remedy="Assign the resource to the project, or allow timecards without assignment there.", system=self.config.system,
            )  # fmt: skip

    async def _cards(self, one: Resource, body: Mapping[str, Any], start: str) -> list[dict[str, Any]]:
        """The timecards of one person, project and assignment for a week."""
        names = ("pse__Resource__c", "pse__Project__c", "pse__Assignment__c")
        query = await self._query_of(one)
        wanted = {name: body.get(name) for name in names} | {"pse__Start_Date__c": start}
        answer = await self._query(soql.alike(one.object, query.fields, wanted, dates=query.dates, most=20), f"look up {one.name}")
        found: list[dict[str, Any]] = found_at(self.config, parsed(self.config, answer, one.name), "records", one.name)
        return found

    async def look_up(self, write: Write) -> Receipt | None:
        if write.object != TIMECARD:
            return await super().look_up(write)
        one = self._resource(TIMECARD)
        if write.operation == "create":
            wanted = write.natural_key or write.body
            start, _, day = timecards.week_of(str(wanted.get("Date")), self.certinia.week)
            cards = await self._cards(one, {**write.body, **wanted}, start)
        else:
            card, day = timecards.parted(write.external_id or "")
            record = await self._record(one, card)
            cards = [record] if record else []
            wanted = {"Hours": None} if write.operation == "deactivate" else write.body
        hours = [each for each in cards if _same(each.get(timecards.hours_field(day)), wanted.get("Hours", each.get(timecards.hours_field(day))))]
        others = {name: value for name, value in timecards.told(wanted, day).items() if name not in timecards.WEEK_FIELDS and name != "CurrencyIsoCode"}
        found = [each for each in hours if all(_same(each.get(name), value) for name, value in others.items())]
        if len(found) > 1:
            raise RejectedError(
                f"{self.config.system} holds {len(found)} timecards with these hours", cause="duplicate", remedy="Link the right one, remove the other there.",
                system=self.config.system,
            )  # fmt: skip
        return Receipt(f"{found[0]['Id']}|{day}", self._incoming(one, found[0]).version, "found", was_adopted=True) if found else None

    def _group(self, write: Write) -> tuple[str, ...]:
        """One project a collection: the packages sum up on it, and records of several hold each other up. Timecards go alone: a week is read first."""
        if write.object == TIMECARD:
            return ()
        return (*super()._group(write), str(write.body.get("pse__Project__c", "")))

    async def _collection(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        """A collection that the platform's limits broke off (nothing of it is stored) goes again in halves."""
        answers = await super()._collection(writes)
        if len(writes) < 2 or not all(_is_too_much(one) for one in answers):
            return answers
        middle = len(writes) // 2
        return [*await self._collection(writes[:middle]), *await self._collection(writes[middle:])]


def _is_too_much(answer: Receipt | ConnectorError) -> bool:
    return isinstance(answer, RetriableError) and not isinstance(answer, RateLimitedError) and answer.status in (400, 500)


def _same(here: Any, wanted: Any) -> bool:
    return bool(here == wanted) or (here is not None and wanted is not None and not isinstance(here, bool) and str(here) == str(wanted))


def certinia_connector(config: Mapping[str, Any], *, file: str = "certinia", on_request: OnRequest | None = None) -> CertiniaConnector:
    """The registry's factory: ``config`` is the document with its variables filled in."""
    told = read(config, file)
    rest = told.salesforce.rest
    client = HttpClient(rest.http, Session(rest.auth, rest.system), on_request)
    return CertiniaConnector(rest, client, salesforce=told.salesforce, at_once=AT_ONCE, certinia=told)
