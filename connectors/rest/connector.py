"""The connector of a REST system: one class, all of whose habits are configuration."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.errors import (
    ConfigurationError,
    ConnectorError,
    RejectedError,
    SchemaDriftError,
    UnknownOutcomeError,
)
from connectors.http import Answer, HttpClient, OnRequest, redacted
from connectors.port import (
    Capabilities,
    Incoming,
    ObjectCapabilities,
    Page,
    Receipt,
    Write,
    message_key,
    one_by_one,
)
from connectors.rest.answers import error_of, found_at, parsed
from connectors.rest.config import STAMPS, Resource, RestConfig, Webhook, WriteRule, parse
from connectors.rest.walk import Walk, advanced, begun, modified_of, parse_checkpoint, query
from connectors.wire import dump_json, parse_json
from schema.codecs import CodecError
from schema.paths import ABSENT, at_path, flattened, put_path


@dataclass
class RestConnector:
    """A connected REST system; see README.md for what each key of the configuration does."""

    config: RestConfig
    client: HttpClient
    clock: Callable[[], float] = time.time

    @property
    def capabilities(self) -> Capabilities:
        config = self.config
        listed = {name: one for name, one in config.resources.items() if one.list_path}
        return Capabilities(
            resources=tuple(listed),
            objects={name: _able(one) for name, one in config.resources.items()},
            can_filter_changes=all(one.changes for one in listed.values()),
            overlap_s=max((one.changes.overlap_s for one in listed.values() if one.changes), default=0.0),
            webhook_scheme=config.webhook.signature.scheme if config.webhook else "",
            webhook_has_body=bool(config.webhook and config.webhook.record),
            page_size=max((one.paging.size for one in listed.values()), default=100),
            requests_per_s=config.http.requests_per_s,
            concurrency=config.http.concurrency,
        )

    # --- reading -----------------------------------------------------------------------------------------------------

    async def poll(self, resource: str, checkpoint: str) -> Page:
        one = self._resource(resource)
        walk = begun(parse_checkpoint(checkpoint), one)
        try:
            answer = await self._list(one, walk)
        except RejectedError:
            if not (walk.place and one.paging.kind in ("link", "token")):
                raise
            # the place in the list has lapsed at the vendor: walk again from where this walk began
            walk = replace(walk, place="")
            answer = await self._list(one, walk)
        body = parsed(self.config, answer, resource)
        items = self._items(one, body)
        if not isinstance(items, list):
            raise SchemaDriftError(
                f"{self.config.system} answered no list of {resource}", object=resource, path=one.items, system=self.config.system
            )
        following = advanced(walk, one, body, items, answer.headers.get("date"), self.clock())
        return Page(
            messages=tuple(await self._messages(one, items)),
            checkpoint=following.text(),
            has_more=following.is_under_way,
            is_complete_listing=walk.is_full and not following.is_under_way,
        )

    async def fetch(self, object: str, external_id: str) -> Incoming | None:
        one = self._resource(object)
        record = await self._record(one, external_id)
        return None if record is None else self._incoming(one, record)

    def receive(self, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        hook = self.config.webhook
        if hook is None:
            raise ConfigurationError(f"{self.config.system} has no webhook configured", system=self.config.system)
        message_id = hook.signature.verify(headers, body, self.clock)
        try:
            document = parse_json(body)
        except ValueError as error:
            raise SchemaDriftError(f"a webhook of {self.config.system} is not JSON", system=self.config.system) from error
        events = found_at(self.config, document, hook.events, "webhook")
        listed = events if isinstance(events, list) else [events]
        found = (self._event(event, f"{message_id}:{place}" if message_id else named(event, hook)) for place, event in enumerate(listed))
        return [one for one in found if one is not None]

    def _event(self, event: Any, message_id: str) -> Incoming | None:
        """One event as a message; None when it is about an object we were not asked to read."""
        hook = self.config.webhook
        assert hook is not None
        named = at_path(event, hook.object)
        target = hook.objects.get(str(named)) or (str(named) if named in self.config.resources else "")
        if named is ABSENT:
            raise SchemaDriftError(f"a webhook of {self.config.system} has no {hook.object!r}", path=hook.object)
        if not target:
            return None
        one = self._resource(target)
        record = at_path(event, hook.record) if hook.record else ABSENT
        is_delete = hook.deleted is not None and hook.deleted.holds(at_path(event, hook.deleted.path))
        if isinstance(record, dict):
            message = self._incoming(one, record)
            external_id = message.external_id or _text(at_path(event, hook.id))
            # an event with its record and a version is the same message as the poll of that version
            return replace(message, external_id=external_id, is_delete=is_delete or message.is_delete, key=message.key or message_id)
        external_id = _text(at_path(event, hook.id))
        if not external_id:
            raise SchemaDriftError(f"a webhook of {self.config.system} names no record", path=hook.id)
        version = _text(at_path(event, hook.version)) if hook.version else ""
        return Incoming(one.object, external_id, b"", message_id, version, is_delete)

    async def _list(self, one: Resource, walk: Walk) -> Answer:
        if one.paging.kind == "link" and walk.place:
            answer = await self.client.request("GET", self._link(walk.place))
        else:
            answer = await self.client.request("GET", one.list_path, params=query(walk, one))
        if answer.status >= 400:
            raise self._error(answer, f"list {one.name}", is_read=True)
        return answer

    def _error(self, answer: Answer, what: str, *, is_read: bool) -> ConnectorError:
        """The error a refused request is; a system with an envelope of its own brings it into plain form first."""
        return error_of(self.config, answer, what, is_read=is_read)

    def _link(self, link: str) -> str:
        """A link as the system gave it: absolute, from the root of its host, or below the base address."""
        if link.startswith("/") and not link.startswith("//"):
            scheme, _, rest = self.config.http.base_url.partition("://")
            return f"{scheme}://{rest.partition('/')[0]}{link}"
        return link

    async def _messages(self, one: Resource, items: list[Any]) -> list[Incoming]:
        if not one.fetch_each:
            return [self._incoming(one, item) for item in items]
        ids = [self._id(one, item) for item in items]
        records = await asyncio.gather(*(self._record(one, id) for id in ids))
        return [self._incoming(one, record) for record in records if record is not None]

    async def _record(self, one: Resource, external_id: str) -> Any:
        """One record as it is now, None when it does not exist."""
        if not one.one_path:
            raise ConfigurationError(f"{self.config.system}: resources.{one.name}.one: expected how to read one record")
        answer = await self.client.request("GET", _filled(one.one_path, external_id))
        if answer.status in (404, 410):
            return None
        if answer.status >= 400:
            raise self._error(answer, f"read {one.name}", is_read=True)
        return self._single(one, parsed(self.config, answer, one.name))

    def _items(self, one: Resource, body: Any) -> Any:
        """The records of a good answer to a list; a system that wraps them in its own way says how."""
        return found_at(self.config, body, one.items, one.name)

    def _single(self, one: Resource, body: Any) -> Any:
        """The record of a good answer about one; None where there is none."""
        return found_at(self.config, body, one.one_item, one.name)

    def _incoming(self, one: Resource, record: Any) -> Incoming:
        external_id, body, version = self._id(one, record), dump_json(record), _version(one, record)
        moment = modified_of(record, one)
        return Incoming(
            object=one.object,
            external_id=external_id,
            body=body,
            key=message_key(one.object, external_id, version, body),
            version=version,
            is_delete=one.tells_deletes_only or (one.deleted is not None and one.deleted.holds(at_path(record, one.deleted.path))),
            occurred_at=datetime.fromisoformat(moment) if moment else None,
            merged_into=_text(at_path(record, one.merged_into)) if one.merged_into else "",
        )

    def _id(self, one: Resource, record: Any) -> str:
        """The external id, "" when the record has none: it is passed on, and becomes a task instead of stopping the page."""
        parts = [_text(at_path(record, path)) for path in one.id]
        return "|".join(parts) if all(parts) else ""

    # --- writing -----------------------------------------------------------------------------------------------------

    async def write(self, write: Write) -> Receipt:
        one = self._resource(write.object)
        rule: WriteRule | None = getattr(one, write.operation)
        if rule is None:
            raise RejectedError(
                f"{self.config.system} has no {write.operation} of {write.object}", cause="permission",
                remedy="Configure it, or take the object out of the subscription.", system=self.config.system,
            )  # fmt: skip
        try:
            return await self._write(one, rule, write)
        except UnknownOutcomeError as error:
            error.settles_after_s = error.settles_after_s or one.unknown_settles_after_s
            raise
        except RejectedError as error:
            adopted = None
            if error.cause == "duplicate" and write.operation == "create" and one.key_is_unique:
                adopted = await self.look_up(write)
            if adopted is None:
                raise
            return adopted

    async def _write(self, one: Resource, rule: WriteRule, write: Write) -> Receipt:
        body: dict[str, Any] = deepcopy({**rule.body, **write.body})
        headers: dict[str, str] = {}
        if write.operation == "create" and one.key_field:
            put_path(body, one.key_field, write.intent_key)
        if rule.key_header:
            headers[rule.key_header] = write.intent_key
        if write.expected_version and rule.version_header:
            headers[rule.version_header] = f'"{write.expected_version}"'
        if write.expected_version and rule.version_field:
            put_path(body, rule.version_field, _as_number(write.expected_version))
        sent = None if rule.method == "DELETE" else {rule.wrap: body} if rule.wrap else body
        answer = await self.client.request(rule.method, _filled(rule.path, write.external_id or ""), json=sent, headers=headers)
        if rule.method == "DELETE" and answer.status in (404, 410):
            return Receipt(write.external_id or "", response=str(answer.status))
        if answer.status >= 400:
            raise self._error(answer, f"{write.operation} {write.object}", is_read=False)
        return self._receipt(rule, write, answer)

    def _receipt(self, rule: WriteRule, write: Write, answer: Answer) -> Receipt:
        """Read id and version off a good answer; one that cannot be read leaves open what was stored."""
        system = self.config.system
        try:
            body = answer.json()
        except ValueError as error:
            raise UnknownOutcomeError(f"{system} answered a write with no valid JSON", system=system, status=answer.status) from error
        external_id = write.external_id or (_text(at_path(body, rule.id_path)) if rule.id_path else "")
        if not external_id:
            external_id = answer.headers.get("location", "").rstrip("/").rpartition("/")[2]
        if not external_id:
            raise UnknownOutcomeError(f"{system} did not say which {write.object} it made", system=system, status=answer.status)
        version = _text(at_path(body, rule.version_path)) if rule.version_path else answer.headers.get("etag", "").strip('"')
        return Receipt(external_id, version, redacted(answer.body))

    async def look_up(self, write: Write) -> Receipt | None:
        one = self._resource(write.object)
        if write.operation != "create":
            record = await self._record(one, write.external_id or "")
            if record is None or not _holds(record, write.body):
                return None
            return Receipt(write.external_id or "", _version(one, record), "found", was_adopted=True)
        found = await self._candidates(one, write)
        if len(found) > 1:
            raise RejectedError(
                f"{self.config.system} holds {len(found)} {write.object} records that may be ours", cause="duplicate",
                remedy="Choose the right one and link it; remove the other there.", system=self.config.system,
            )  # fmt: skip
        return Receipt(self._id(one, found[0]), _version(one, found[0]), "found", was_adopted=True) if found else None

    async def _candidates(self, one: Resource, write: Write) -> list[Any]:
        """Records that carry our key; without a field for it, or when none is given, those that agree in the whole natural key."""
        lookup = one.look_up
        if lookup is None:
            return []
        if one.key_field and lookup.param and write.intent_key:
            wanted: Mapping[str, Any] = {one.key_field: write.intent_key}
            params = {lookup.param: write.intent_key}
        else:
            wanted = write.natural_key
            params = {param: _text(wanted[path]) for path, param in lookup.params.items() if wanted.get(path) is not None}
            if not params:
                return []
        answer = await self.client.request("GET", lookup.path, params={**one.list_params, **params})
        if answer.status == 404:
            return []
        if answer.status >= 400:
            raise self._error(answer, f"look up {one.name}", is_read=True)
        items = self._items(one, parsed(self.config, answer, one.name))
        return [item for item in items if _agrees(item, wanted) and not (one.deleted and one.deleted.holds(at_path(item, one.deleted.path)))]

    async def write_many(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        return await one_by_one(self, writes, self.config.http.concurrency)

    async def aclose(self) -> None:
        await self.client.aclose()

    def _resource(self, name: str) -> Resource:
        found = self.config.resources.get(name)
        if found is None:
            raise ConfigurationError(f"{self.config.system} has no resource {name!r}", system=self.config.system)
        return found


def rest_connector(config: Mapping[str, Any], *, file: str = "rest", on_request: OnRequest | None = None) -> RestConnector:
    """The registry's factory: ``config`` is the parsed YAML with its variables filled in (``config.load_file``)."""
    read = parse(config, file)
    return RestConnector(read, HttpClient(read.http, read.auth, on_request))


def _able(one: Resource) -> ObjectCapabilities:
    return ObjectCapabilities(
        can_create=one.create is not None,
        can_update=one.update is not None,
        can_deactivate=one.deactivate is not None,
        has_unique_external_id=bool(one.key_field) and one.key_is_unique,
        keeps_our_key=bool(one.key_field),
        unknown_settles_after_s=one.unknown_settles_after_s,
        has_expected_version=bool(one.update and (one.update.version_header or one.update.version_field)),
    )


def _filled(template: str, external_id: str) -> str:
    """The path of one record; composite ids fill ``{id}`` whole, or ``{0}``, ``{1}`` by their parts."""
    path = template.replace("{id}", quote(external_id, safe=""))
    for place, part in enumerate(external_id.split("|")):
        path = path.replace(f"{{{place}}}", quote(part, safe=""))
    return path


def named(event: Any, hook: Webhook) -> str:
    """What an event calls itself, "" when it does not say all of it."""
    parts = [_text(at_path(event, path)) for path in hook.message_id]
    return ":".join(parts) if all(parts) else ""


def _text(value: Any) -> str:
    return "" if value is None or value is ABSENT or isinstance(value, bool | dict | list) else str(value)


def _version(one: Resource, record: Any) -> str:
    found = at_path(record, one.version) if one.version else None
    if found is None or found is ABSENT:
        return ""
    try:
        return str(STAMPS[one.version_form].read(found) or "")
    except CodecError:
        return ""


def _as_number(version: str) -> int | str:
    return int(version) if version.isascii() and version.isdecimal() else version


def _agrees(record: Any, wanted: Mapping[str, Any]) -> bool:
    return all(_text(at_path(record, path)) == _text(value) for path, value in wanted.items())


def _holds(record: Any, body: Mapping[str, Any]) -> bool:
    """Whether the record already has everything the body would set."""
    return all(at_path(record, path) == value for path, value in flattened(body).items())
