"""The connector of Fusion: what it reads (``reading``), and what it writes: one lock for a record, many records in one batch.

What REST systems have in common (walks, keys, receipts, errors) is :class:`RestConnector`; here is what Fusion does its own way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from connectors.errors import ConnectorError, RejectedError, UnknownOutcomeError
from connectors.http import Answer, HttpClient, OnRequest, redacted
from connectors.oracle_fusion import batch, query, records
from connectors.oracle_fusion.config import FusionObject, asked, read
from connectors.oracle_fusion.reading import FusionReader
from connectors.oracle_fusion.timecards import TimeCards
from connectors.port import Receipt, Write
from connectors.rest.answers import found_at
from connectors.rest.config import Resource, WriteRule
from schema.paths import ABSENT, at_path, flattened, put_path

JSON_ITEM = "application/vnd.oracle.adf.resourceitem+json"
MOST_SPELLED = 10_000


@dataclass
class FusionConnector(FusionReader):
    """A connected pod."""

    timecards: TimeCards = field(init=False, repr=False)
    unbatched: set[str] = field(default_factory=set, init=False, repr=False)
    """Objects the pod takes in no batch."""
    _spelled: dict[tuple[str, str, str], Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.timecards = TimeCards(self)

    async def write(self, write: Write) -> Receipt:
        ours = self.fusion.objects.get(write.object)
        try:
            return await super().write(write)
        except RejectedError as error:
            if error.cause != "duplicate" or write.operation != "create" or ours is None or not ours.key:
                raise
            adopted = await self.look_up(replace(write, natural_key={})) if await self._keeps_key(ours) else None
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
        own = {"source": self.fusion.source, "key": write.intent_key}
        has_key = await self._keeps_key(ours)
        for key, value in records.filled({**ours.set, **(ours.key_with if has_key else {})}, body, own).items():
            put_path(stated, key, value)
        body = _over(stated, body)
        if has_key:
            put_path(body, ours.key, write.intent_key)
        return path, await self._spelling(ours, body)

    async def _keeps_key(self, ours: FusionObject) -> bool:
        """Whether this pod's records have the place where our key lies."""
        known = await self.catalogue.attributes(self.fusion.base(ours.api), ours.resource)
        return bool(ours.key) and (not known or asked(ours.key) in known)

    async def changes(self, ours: FusionObject, write: Write) -> tuple[str, dict[str, Any]]:
        """Where an update is sent whose address is its id, and what is sent."""
        body = await self._spelling(ours, records.parted(ours, write.body))
        return f"{self.fusion.address(ours)}/{write.external_id}", body

    async def _change(self, one: Resource, ours: FusionObject, rule: WriteRule, write: Write) -> Receipt:
        """Send what differs, locked by what the record was when it was read; child rows go along in one batch, all or none."""
        raw = await self.raw(one, ours, write.external_id or "")
        if raw is None:
            raise RejectedError(f"{self.config.system} has no {one.name} of this id any more", cause="not_found", system=self.config.system)
        known = self._incoming(one, raw).version
        if write.expected_version and known != write.expected_version:
            raise RejectedError(f"{self.config.system} changed the {one.name} meanwhile", cause="conflict", system=self.config.system)
        body = await self._spelling(ours, records.parted(ours, {**rule.body, **write.body}))
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
        known = await self.catalogue.attributes(self.fusion.base(ours.api), ours.resource)
        body = _all_typed(records.listed(body), known, f"{ours.of}." if ours.of else "")
        if ours.names:
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
        if write.operation == "create":
            return await super().look_up(write)
        one, ours = self._resource(write.object), self.fusion.objects[write.object]
        rule = one.deactivate if write.operation == "deactivate" else None
        wanted = {key: value for key, value in {**(rule.body if rule else {}), **write.body}.items() if key not in ours.reads_back}
        record = await self._record(one, write.external_id or "")
        if record is None:
            # of what is taken back by a delete nothing is left to find
            return Receipt(write.external_id or "", response="gone", was_adopted=True) if write.operation == "deactivate" and not wanted else None
        if not wanted and write.operation == "deactivate":
            return None
        if not all(_same(at_path(record, path), value) for path, value in flattened(wanted).items()):
            return None
        return Receipt(write.external_id or "", self._incoming(one, record).version, "found", was_adopted=True)

    async def _candidates(self, one: Resource, write: Write) -> list[Any]:
        ours = self.fusion.objects[one.name]
        if ours.via == "accounts":
            return await self.accounts.candidates(ours, write)
        if ours.via == "timecards":
            return await self.timecards.candidates(ours, write)
        by_key = bool(write.intent_key) and await self._keeps_key(ours)
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
        rows = [self.plain(ours, row) for item in found for row in self._rows(ours, item)]
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


def oracle_fusion_connector(config: Mapping[str, Any], *, file: str = "oracle_fusion", on_request: OnRequest | None = None) -> FusionConnector:
    """The registry's factory: ``config`` is the document with its variables filled in."""
    told = read(config, file)
    return FusionConnector(told.rest, HttpClient(told.rest.http, told.rest.auth, on_request), fusion=told)


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


def _same(found: Any, wanted: Any) -> bool:
    if found is ABSENT or found is None or wanted is None:
        return (found is ABSENT or found is None) and wanted is None
    if isinstance(found, int | Decimal) and isinstance(wanted, int | Decimal):
        return Decimal(found) == Decimal(wanted)
    return str(found) == str(wanted)


def _typed(value: Any, described: Mapping[str, Any]) -> Any:
    """An id as the number it is there."""
    is_number = described.get("type") in ("integer", "number") and isinstance(value, str) and value.isascii() and value.isdecimal()
    return int(value) if is_number else value


def _all_typed(body: dict[str, Any], known: Mapping[str, Mapping[str, Any]], prefix: str) -> dict[str, Any]:
    """A body whose ids are the numbers they are there; references name them as text."""
    found: dict[str, Any] = {}
    for name, value in body.items():
        if isinstance(value, list):
            found[name] = [_all_typed(row, known, f"{prefix}{name}.") if isinstance(row, dict) else row for row in value]
        else:
            found[name] = _typed(value, known.get(prefix + name, {}))
    return found
