"""The connector of Salesforce: SOQL and bulk jobs to read, one record or two hundred at a time to write.

What REST systems have in common (walks, keys, receipts, errors) is :class:`RestConnector`; here is what Salesforce does its own way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from connectors.auth import Auth, Headers
from connectors.errors import ConnectorError, RejectedError, SchemaDriftError, UnknownOutcomeError
from connectors.http import Answer, HttpClient, OnRequest, redacted
from connectors.port import Capabilities, Incoming, Page, Receipt, Write, one_by_one
from connectors.rest.answers import error_of, found_at, parsed
from connectors.rest.config import Resource, WriteRule
from connectors.rest.connector import RestConnector
from connectors.rest.walk import Walk, begun, parse_checkpoint
from connectors.salesforce import bulk, soql
from connectors.salesforce.config import Query, SalesforceConfig, read
from connectors.wire import dump_json
from schema.paths import ABSENT, at_path

CLIENT = "client=services-hub"
"""How our writes are named in change events, so that they are told from those of people."""
AT_ONCE = 200
"""Records in one collection."""
MANY = 20_000
"""From so many records on, the first reading is a bulk job."""


@dataclass(frozen=True)
class Session:
    """A token that names the host it is for: calls elsewhere would be refused, one by one and without a word why."""

    inner: Auth
    system: str

    async def headers(self, client: HttpClient) -> Headers:
        return self._named(client, await self.inner.headers(client))

    async def renew(self, client: HttpClient, refused: Headers) -> Headers | None:
        renewed = await self.inner.renew(client, refused)
        return None if renewed is None else self._named(client, renewed)

    def _named(self, client: HttpClient, headers: Headers) -> Headers:
        host = str(getattr(self.inner, "answered", {}).get("instance_url", "")).rstrip("/")
        if host and host != client.settings.base_url.rstrip("/"):
            raise SchemaDriftError(f"{self.system} is served at another host: set base_url to {host}", system=self.system, path="instance_url")
        return {**headers, "sforce-call-options": CLIENT}


@dataclass
class SalesforceConnector(RestConnector):
    """A connected org."""

    salesforce: SalesforceConfig = field(kw_only=True)
    at_once: int = field(default=AT_ONCE, kw_only=True)
    _types: dict[str, dict[str, str]] = field(default_factory=dict, init=False, repr=False)

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, bulk_size=self.at_once)

    # --- reading -----------------------------------------------------------------------------------------------------

    async def poll(self, resource: str, checkpoint: str) -> Page:
        one = self._resource(resource)
        walk = begun(parse_checkpoint(checkpoint), one)
        if bulk.is_job(walk.place):
            if self.salesforce.initial_load != "rest":
                return await self._bulk_page(one, walk)
            checkpoint, walk = "", begun(Walk(), one)
        if walk.is_full and not walk.place and await self._is_large(one):
            return Page((), (await bulk.start(await self._job(one), walk)).text(), has_more=True)
        return await super().poll(resource, checkpoint)

    async def _is_large(self, one: Resource) -> bool:
        load = self.salesforce.initial_load
        if load != "auto":
            return load == "bulk"
        answer = await self._query(f"SELECT COUNT() FROM {soql.name(one.object)}", f"count {one.name}")
        return int(found_at(self.config, parsed(self.config, answer, one.name), "totalSize", one.name)) >= MANY

    async def _bulk_page(self, one: Resource, walk: Walk) -> Page:
        rows, following, total = await bulk.page(await self._job(one), walk)
        messages = tuple(self._incoming(one, row) for row in rows)
        return Page(messages, following.text(), following.is_under_way, is_complete_listing=not following.is_under_way, total=total)

    async def _query_of(self, one: Resource) -> Query:
        """What is asked of an object, without the optional fields that this org lacks. Raises SchemaDriftError for one it must have."""
        query = self.salesforce.queries[one.name]
        if not (query.optional or self.salesforce.describe):
            return query
        types = await self._types_of(one)
        missing = [name for name in query.fields if "." not in name and name not in types]
        needed = sorted(set(missing) - query.optional - {"CurrencyIsoCode"})  # what holds no amounts may have no currency either
        if needed:
            text = f"{one.object} of {self.config.system} has no field {needed[0]} that the hub's user may see: give it the right, or take the field out"
            raise SchemaDriftError(text, object=one.object, path=needed[0], system=self.config.system)
        return replace(query, fields=tuple(name for name in query.fields if name not in missing))

    async def _job(self, one: Resource) -> bulk.Job:
        query = await self._query_of(one)
        text = soql.changed(one.object, query.fields, "", where=query.where)
        return bulk.Job(self.client, self.config, self.salesforce.base, one, text, lambda: self._types_of(one), self.clock)

    async def _types_of(self, one: Resource) -> Mapping[str, str]:
        """Field → type, as the org describes the object."""
        if one.object not in self._types:
            answer = await self.client.request("GET", f"{self.salesforce.base}/sobjects/{one.object}/describe/")
            if answer.status >= 400:
                raise error_of(self.config, answer, f"describe {one.name}", is_read=True)
            fields = found_at(self.config, parsed(self.config, answer, one.name), "fields", one.name)
            self._types[one.object] = {each["name"]: each["type"] for each in fields}
        return self._types[one.object]

    async def _list(self, one: Resource, walk: Walk) -> Answer:
        if walk.place:
            return await self._asked(f"list {one.name}", self._link(walk.place), {})
        query = await self._query_of(one)
        return await self._asked(f"list {one.name}", one.list_path, {"q": soql.changed(one.object, query.fields, walk.asked_from, where=query.where)})

    async def _query(self, text: str, what: str) -> Answer:
        return await self._asked(what, f"{self.salesforce.base}/query/", {"q": text})

    async def _asked(self, what: str, path: str, params: Mapping[str, str]) -> Answer:
        answer = await self.client.request("GET", path, params=params, headers={"sforce-query-options": f"batchSize={self.capabilities.page_size}"})
        if answer.status >= 400:
            raise error_of(self.config, answer, what, is_read=True)
        return answer

    async def _record(self, one: Resource, external_id: str) -> Any:
        """One record by its id, with just the fields of its query; None when it is gone."""
        query = await self._query_of(one)
        answer = await self._query(soql.alike(one.object, query.fields, {"Id": external_id}, most=1), f"read {one.name}")
        records = found_at(self.config, parsed(self.config, answer, one.name), "records", one.name)
        return records[0] if records else None

    def _incoming(self, one: Resource, record: Any) -> Incoming:
        if self.salesforce.currency and isinstance(record, dict):
            record = {**record, "CurrencyIsoCode": self.salesforce.currency}
        return super()._incoming(one, record)

    # --- writing -----------------------------------------------------------------------------------------------------

    async def _write(self, one: Resource, rule: WriteRule, write: Write) -> Receipt:
        write = replace(write, body=self._writable(one, write.body))
        if write.operation != "create" and write.expected_version:
            stamp = await self._unchanged(one, write)
            write = replace(write, expected_version="")
            return await self._send(one, rule, write, {"if-unmodified-since": format_datetime(stamp, usegmt=True)})
        return await self._send(one, rule, write, {})

    async def _send(self, one: Resource, rule: WriteRule, write: Write, headers: Mapping[str, str]) -> Receipt:
        body: dict[str, Any] = {**rule.body, **write.body}
        if write.operation == "create" and one.key_field:
            body[one.key_field] = write.intent_key
        path = rule.path.replace("{id}", write.external_id or "")
        answer = await self.client.request(rule.method, path, json=body, headers={**headers, **self._duplicates()})
        if answer.status >= 400:
            raise error_of(self.config, answer, f"{write.operation} {write.object}", is_read=False)
        return self._receipt(rule, write, answer)

    def _writable(self, one: Resource, body: Mapping[str, Any]) -> dict[str, Any]:
        """Without the currency we said ourselves, and without what Salesforce computes."""
        own = {"CurrencyIsoCode"} if self.salesforce.currency else set()
        return {key: value for key, value in body.items() if key not in own and key not in self.salesforce.queries[one.name].reads_back}

    def _duplicates(self) -> dict[str, str]:
        return {"sforce-duplicate-rule-header": "allowSave=true"} if self.salesforce.allow_duplicates else {}

    async def _unchanged(self, one: Resource, write: Write) -> datetime:
        """When the record was last changed. Raises RejectedError (conflict) when that is later than the version we know.

        The header of the write itself is as coarse as a second, so the stamp is read right before; what happens in between is
        seen by the header.
        """
        answer = await self._query(soql.alike(one.object, ("Id", "SystemModstamp"), {"Id": write.external_id}, most=1), f"read {one.name}")
        records = found_at(self.config, parsed(self.config, answer, one.name), "records", one.name)
        if not records:
            raise RejectedError(f"{self.config.system} has no {one.name} of this id any more", cause="not_found", system=self.config.system)
        if self._incoming(one, records[0]).version != write.expected_version:
            raise RejectedError(f"{self.config.system} changed the {one.name} meanwhile", cause="conflict", system=self.config.system)
        return datetime.fromisoformat(str(records[0]["SystemModstamp"])).astimezone(UTC)

    async def _candidates(self, one: Resource, write: Write) -> list[Any]:
        query = await self._query_of(one)
        wanted = {one.key_field: write.intent_key} if one.key_field and write.intent_key else self._writable(one, write.natural_key)
        if not wanted:
            return []
        answer = await self._query(soql.alike(one.object, query.fields, wanted, dates=query.dates), f"look up {one.name}")
        found: list[Any] = found_at(self.config, parsed(self.config, answer, one.name), "records", one.name)
        return found

    async def write_many(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        """Collections of two hundred of one object and operation, told apart record by record; what needs a check goes alone."""
        answers: list[Receipt | ConnectorError | None] = [None] * len(writes)
        groups: dict[tuple[str, ...], list[int]] = {}
        seen: set[str] = set()
        for place, one in enumerate(writes):
            alone = bool(one.expected_version) or one.operation == "deactivate" or (one.external_id or one.intent_key) in seen
            seen.add(one.external_id or one.intent_key)
            groups.setdefault(() if alone else self._group(one), []).append(place)
        for group, places in groups.items():
            for start in range(0, len(places), self.at_once if group else len(places)):
                some = places[start : start + self.at_once] if group else places
                told = [writes[place] for place in some]
                done = await self._collection(told) if group else await one_by_one(self, told, self.config.http.concurrency)
                for place, receipt in zip(some, done, strict=True):
                    answers[place] = receipt
        return [one if one is not None else UnknownOutcomeError("no answer", system=self.config.system) for one in answers]

    def _group(self, write: Write) -> tuple[str, ...]:
        """What goes into one collection; () goes alone."""
        return write.object, write.operation

    async def _collection(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        first = writes[0]
        one = self._resource(first.object)
        is_new = first.operation == "create"
        records = [self._of_collection(one, write) for write in writes]
        try:
            answer = await self.client.request(
                "POST" if is_new else "PATCH", f"{self.salesforce.base}/composite/sobjects", json={"allOrNone": False, "records": records},
                headers=self._duplicates(),
            )  # fmt: skip
            if answer.status >= 400:
                raise error_of(self.config, answer, f"{first.operation} {first.object}", is_read=False)
            told = parsed(self.config, answer, first.object)
        except ConnectorError as error:
            if isinstance(error, UnknownOutcomeError):
                error.settles_after_s = error.settles_after_s or one.unknown_settles_after_s
            return [error for _ in writes]
        if not isinstance(told, list) or len(told) != len(writes):
            return [UnknownOutcomeError(f"{self.config.system} answered {len(writes)} records with something else", system=self.config.system) for _ in writes]
        return [await self._of_result(one, write, each) for write, each in zip(writes, told, strict=True)]

    def _of_collection(self, one: Resource, write: Write) -> dict[str, Any]:
        """A record as collections want it: its type comes first."""
        rule = one.create if write.operation == "create" else one.update
        about: dict[str, Any] = {"attributes": {"type": one.object}, **(rule.body if rule else {}), **self._writable(one, write.body)}
        if write.operation != "create":
            return {**about, "Id": write.external_id}
        return {**about, one.key_field: write.intent_key} if one.key_field else about

    async def _of_result(self, one: Resource, write: Write, told: Any) -> Receipt | ConnectorError:
        """What became of one record of a collection."""
        if at_path(told, "success") is True:
            external_id = at_path(told, "id")
            return Receipt(str(external_id) if external_id is not ABSENT else write.external_id or "", response=redacted(str(told).encode()))
        errors = at_path(told, "errors")
        body = [{**each, "errorCode": each.get("statusCode")} for each in errors] if isinstance(errors, list) else []
        answer = Answer(400, {}, dump_json(body))
        error = error_of(self.config, answer, f"{write.operation} {write.object}", is_read=False)
        if isinstance(error, RejectedError) and error.cause == "duplicate" and write.operation == "create" and one.key_is_unique:
            try:
                return await self.look_up(write) or error
            except ConnectorError as failed:
                return failed
        return error


def salesforce_connector(config: Mapping[str, Any], *, file: str = "salesforce", on_request: OnRequest | None = None) -> SalesforceConnector:
    """The registry's factory: ``config`` is the document with its variables filled in."""
    told = read(config, file)
    client = HttpClient(told.rest.http, Session(told.rest.auth, told.rest.system), on_request)
    return SalesforceConnector(told.rest, client, salesforce=told)
