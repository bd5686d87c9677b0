"""The connector of NetSuite: records are written one at a time and each by our key; how they are read is :class:`NetsuiteReader`.

What REST systems have in common (checkpoints, keys, receipts, errors) is :class:`connectors.rest.connector.RestConnector`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from connectors.errors import ConnectorError, RejectedError, UnknownOutcomeError
from connectors.http import Answer, HttpClient, OnRequest, redacted
from connectors.netsuite import batches
from connectors.netsuite.batches import Batches
from connectors.netsuite.config import RECORD, read
from connectors.netsuite.forms import ADDRESSES, address_book
from connectors.netsuite.reader import AT_ONCE, NetsuiteReader
from connectors.port import Capabilities, Receipt, Write, one_by_one
from connectors.rest.config import STAMPS, Resource, WriteRule
from schema.paths import put_path

STRICT = {"x-netsuite-propertynamevalidation": "Error", "x-netsuite-propertyvaluevalidation": "Error"}
"""A misspelt field is refused instead of dropped."""


@dataclass
class NetsuiteConnector(NetsuiteReader):
    """A connected account."""

    _new: set[tuple[str, str]] = field(default_factory=set, init=False, repr=False)
    """Object and key of what was just asked for and is not there: it is written without asking again."""
    _batches: Batches = field(init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._batches = Batches(self.client, self.config.system)

    async def _write(self, one: Resource, rule: WriteRule, write: Write) -> Receipt:
        if write.operation == "create":
            return await self._created(one, write)
        body = {**rule.body, **write.body}
        current = None
        if write.expected_version or any(path in body for path in ADDRESSES):
            current = await self._unchanged(one, write)
        await self._sent(one, "PATCH", write.external_id or "", write, await self._body(one, body, current))
        return Receipt(write.external_id or "")

    async def _created(self, one: Resource, write: Write) -> Receipt:
        """An upsert by our key, which makes no second record whatever happens; what is there already is adopted as it is."""
        key = _eid(write.intent_key)
        is_new = (one.name, write.intent_key) in self._new
        self._new.discard((one.name, write.intent_key))
        known = None if is_new else await self._current(one, key)
        if known is not None:
            return self._adopted(one, known)
        answer = await self._sent(one, "PUT", key, write, await self._new_body(one, write))
        id = answer.headers.get("location", "").rstrip("/").rpartition("/")[2]
        if id.isdecimal():
            return Receipt(id, response=redacted(answer.body))
        try:
            known = await self._current(one, key)
        except ConnectorError as error:
            raise UnknownOutcomeError(f"{self.config.system} did not say which {one.name} it made", system=self.config.system) from error
        if known is None:
            raise UnknownOutcomeError(f"{self.config.system} did not say which {one.name} it made", system=self.config.system)
        return replace(self._adopted(one, known), was_adopted=False)

    async def _new_body(self, one: Resource, write: Write) -> dict[str, Any]:
        body = {**(one.create.body if one.create else {}), **write.body}
        for path, id in self.netsuite.defaults.items():
            if path in self._object(one).query.by_path and body.get(path) is None:
                body[path] = {"id": id}
        return await self._body(one, body, None)

    def _adopted(self, one: Resource, known: Mapping[str, Any]) -> Receipt:
        return Receipt(str(known["id"]), str(STAMPS["instant"].read(known.get("lastModifiedDate") or "") or ""), "found", was_adopted=True)

    async def _sent(self, one: Resource, method: str, id: str, write: Write, body: Mapping[str, Any]) -> Answer:
        what = f"{write.operation} {write.object}"
        answer = self._good(what, await self._careful(self.client.request(method, self._path(one, id), json=body, headers=STRICT)), is_read=False)
        if answer.status != 204:
            # a good answer is empty; anything else leaves open what was stored
            raise UnknownOutcomeError(f"{self.config.system} answered {what} with {answer.status}", system=self.config.system, status=answer.status)
        return answer

    async def _unchanged(self, one: Resource, write: Write) -> dict[str, Any]:
        """The record as it is. Raises RejectedError (conflict) when it was changed after the version we know.

        NetSuite refuses no write for a version, so the stamp is read right before; what happens in between is not seen.
        """
        current = await self._current(one, write.external_id or "")
        if current is None:
            raise RejectedError(f"{self.config.system} has no {one.name} of this id any more", cause="not_found", system=self.config.system)
        if write.expected_version and STAMPS["instant"].read(current.get("lastModifiedDate") or "") != write.expected_version:
            raise RejectedError(f"{self.config.system} changed the {one.name} meanwhile", cause="conflict", system=self.config.system)
        return current

    async def _body(self, one: Resource, body: Mapping[str, Any], current: Mapping[str, Any] | None) -> dict[str, Any]:
        """A body as the record API takes it: ids of what is named, the address book, one tax number."""
        form, sent = self._object(one).form, dict[str, Any]()
        for path, value in body.items():
            if path in ADDRESSES or (self.netsuite.currency and path == "currency"):
                continue
            if path in form.listed:
                sent |= self._unlisted(one, path, form.listed[path], value)
            elif not form.is_made(path):
                put_path(sent, form.aliases.get(path, path), await self._named(path, value))
        return sent | address_book(body, current)

    async def _named(self, path: str, value: Any) -> Any:
        """A value as it is sent: ``{"id": …}`` for what a mapping names by its id, its name or its symbol, None where it is emptied; a table
        of numbered places is a list."""
        if isinstance(value, Mapping) and value and set(value) <= {"id", "refName", "symbol"}:
            return await self._reference(path, value)
        if isinstance(value, Mapping) and value and all(name.isdecimal() for name in value):
            return [await self._named(path, value[name]) for name in sorted(value, key=int)]
        if isinstance(value, Mapping):
            return {name: await self._named(name, inner) for name, inner in value.items()}
        return [await self._named(path, one) for one in value] if isinstance(value, list) else value

    async def _reference(self, path: str, value: Mapping[str, Any]) -> Any:
        if value.get("id") is not None:
            return {"id": value["id"]}
        named = value.get("refName") or value.get("symbol")
        if named is None:
            return None
        id = await self.lists.id_of(path, str(named)) if path in self.netsuite.lists else None
        if id is None:
            raise RejectedError(
                f"{self.config.system} has no {path} called {named!r}", cause="reference", field=path, system=self.config.system,
                remedy=f"Set {named!r} up in NetSuite, or map its code to one that is there (Codes in the console).",
            )  # fmt: skip
        return {"id": id}

    def _unlisted(self, one: Resource, path: str, structure: Mapping[str, str], value: Any) -> dict[str, Any]:
        """A list with at most one structure as the fields it is made of."""
        listed = value if isinstance(value, list) else []
        if len(listed) > 1:
            raise RejectedError(
                f"{self.config.system} holds one of {path} in a {one.name}, not {len(listed)}", field=next(iter(structure.values())),
                remedy="Leave one of them, or turn on SuiteTax and map its registrations.", system=self.config.system,
            )  # fmt: skip
        return {theirs: listed[0].get(key) if listed else None for key, theirs in structure.items()}

    async def _candidates(self, one: Resource, write: Write) -> list[Any]:
        if write.intent_key:
            known = await self._current(one, _eid(write.intent_key))
            return [known] if known is not None else []
        if not write.natural_key:
            return []
        about = self._object(one)
        try:
            text = about.query.alike(write.natural_key, only_stamps=about.read != "rows")
        except ValueError as error:
            raise RejectedError(f"{one.name} cannot be looked up: {error}", system=self.config.system) from error
        rows, _, _ = await self._asked(f"look up {one.name}", text, 3)
        if about.read == "rows":
            return await self._records_of(one, rows)
        return [record for row in rows if (record := await self._whole(one, str(row["id"]))) is not None]

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, bulk_size=batches.MOST if self.netsuite.makes_batches else 1)

    async def write_many(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        """A few at a time; which of the new ones are there already is asked once for all, and many new ones are made by jobs."""
        known: dict[tuple[str, str], str] = {}
        for object_ in dict.fromkeys(one.object for one in writes if one.operation == "create"):
            new = {one.intent_key: one for one in writes if one.object == object_ and one.operation == "create"}
            for start in range(0, len(new), AT_ONCE):
                known |= await self._taken(object_, list(new)[start : start + AT_ONCE])
        done: dict[int, Receipt | ConnectorError] = {
            place: Receipt(known[one.object, one.intent_key], response="found", was_adopted=True)
            for place, one in enumerate(writes) if one.operation == "create" and (one.object, one.intent_key) in known
        }  # fmt: skip
        for places in self._worth_a_job(writes, done):
            done |= await self._made_together(writes, places)
        rest = [place for place in range(len(writes)) if place not in done]
        done |= dict(zip(rest, await one_by_one(self, [writes[place] for place in rest], self.config.http.concurrency), strict=True))
        return [done[place] for place in range(len(writes))]

    def _worth_a_job(self, writes: Sequence[Write], done: Mapping[int, Any]) -> list[list[int]]:
        """Places of new records of one object, up to a hundred together; each key once."""
        groups: dict[str, dict[str, int]] = {}
        for place, one in enumerate(writes):
            if one.operation == "create" and place not in done and self.netsuite.makes_batches:
                groups.setdefault(one.object, {}).setdefault(one.intent_key, place)
        return [
            list(group.values())[start : start + batches.MOST]
            for group in groups.values() if len(group) >= batches.WORTH_IT
            for start in range(0, len(group), batches.MOST)
        ]  # fmt: skip

    async def _made_together(self, writes: Sequence[Write], places: Sequence[int]) -> dict[int, Receipt | ConnectorError]:
        """What a job made of new records. Those it did not make are left out: each alone says why."""
        one = self._resource(writes[places[0]].object)
        told: dict[int, Receipt | ConnectorError] = {}
        bodies = []
        for place in places:
            try:
                bodies.append({**await self._new_body(one, writes[place]), "externalId": writes[place].intent_key})
            except ConnectorError as error:
                told[place] = error
        sent = [place for place in places if place not in told]
        try:
            answer = await self._careful(self._batches.submitted(f"{RECORD}/{self._object(one).record}", bodies, STRICT))
        except ConnectorError as error:
            return told | dict.fromkeys(sent, _settling(error, one))
        job = batches.job_of(answer)
        if not job:
            refused = self._error(answer, f"create {one.name}", is_read=False) if answer.status >= 400 else None
            # what is not taken as a batch is written alone
            return told if refused is None or isinstance(refused, RejectedError) else told | dict.fromkeys(sent, _settling(refused, one))
        try:
            await self._batches.done(job)
            text = self._object(one).query.keyed([writes[place].intent_key for place in sent])
            found = {str(row["externalid"]): str(row["id"]) for row in await self._rows_of(f"look up {one.name}", text)}
        except ConnectorError:
            unknown = UnknownOutcomeError(f"{self.config.system} has not said what became of a batch", system=self.config.system)
            return told | dict.fromkeys(sent, _settling(unknown, one))
        return told | {place: Receipt(found[key]) for place in sent if (key := writes[place].intent_key) in found}

    async def _taken(self, object_: str, keys: Sequence[str]) -> dict[tuple[str, str], str]:
        """Ids of the records that carry these keys already; the others are surely new when they are written next."""
        try:
            rows = await self._rows_of(f"look up {object_}", self._object(self._resource(object_)).query.keyed(keys))
        except ConnectorError:
            return {}  # each is asked for by itself
        found = {(object_, str(row["externalid"])): str(row["id"]) for row in rows}
        self._new |= {(object_, key) for key in keys} - set(found)
        return found


def _settling(error: ConnectorError, one: Resource) -> ConnectorError:
    if isinstance(error, UnknownOutcomeError):
        error.settles_after_s = error.settles_after_s or one.unknown_settles_after_s
    return error


def _eid(key: str) -> str:
    return f"eid:{quote(key, safe='')}"


def netsuite_connector(config: Mapping[str, Any], *, file: str = "netsuite", on_request: OnRequest | None = None) -> NetsuiteConnector:
    """The registry's factory: ``config`` is the document with its variables filled in."""
    told = read(config, file)
    return NetsuiteConnector(told.rest, HttpClient(told.rest.http, told.auth, on_request), netsuite=told)
