"""The connector of Tryton: keyset pages along stamps, children that do not touch their parents, deletes from a log that tells no ids.

What systems have in common (keys, receipts, adoption) is :class:`RestConnector`; here is what Tryton does its own way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connectors.errors import ConnectorError, RejectedError, SchemaDriftError, UnknownOutcomeError
from connectors.http import HttpClient, OnRequest
from connectors.port import Capabilities, Incoming, Page, Receipt, Write, message_key, one_by_one
from connectors.rest.config import Resource, WriteRule
from connectors.rest.connector import RestConnector
from connectors.rest.walk import clock_of
from connectors.tryton import records, walk, wizards, work
from connectors.tryton.bodies import Bodies
from connectors.tryton.config import Model, TrytonConfig, read
from connectors.tryton.database import Database, Record
from connectors.tryton.deletes import LOG, Deleted
from connectors.tryton.walk import DELETED, MAIN, Place
from schema.paths import ABSENT, at_path, flattened

AT_ONCE = 100
"""Records created by one call: all of them or none."""
FEW = 100
"""Deletes whose ids are looked for one by one; after more of them everything is listed."""


@dataclass
class TrytonConnector(RestConnector):
    """A connected database."""

    tryton: TrytonConfig = field(kw_only=True)
    database: Database = field(init=False, repr=False)
    bodies: Bodies = field(init=False, repr=False)
    deleted: Deleted = field(init=False, repr=False)
    _asked_for: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.database = Database(self.tryton, self.client)
        self.bodies, self.deleted = Bodies(self.database), Deleted(self.database)

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, can_filter_changes=True, bulk_size=AT_ONCE, overlap_s=self.tryton.overlap_s)

    # --- reading -------------------------------------------------------------------------------------------------------

    async def poll(self, resource: str, checkpoint: str) -> Page:
        one, model = self._resource(resource), self.tryton.models[resource]
        place = walk.place_of(checkpoint, self.tryton.overlap_s)
        if place.phase == MAIN:
            return await self._changed(one, model, place)
        return await (self._gone(one, model, place) if place.phase == DELETED else self._children(one, model, place))

    async def _changed(self, one: Resource, model: Model, place: Place) -> Page:
        domain = [*model.where, *await self.database.every(model.model), *walk.domain(place)]
        rows, headers = await self.database.search_read(
            model.model, domain, await self._fields(one, model), order=walk.order(place), limit=self.tryton.page, what=f"list {one.name}"
        )
        self._check(one, rows)
        place = replace(place, began=place.began or clock_of(headers.get("date"), self.clock()))
        messages = [self._incoming(one, each) for each in await self._whole(model, rows)]
        if place.is_full:
            # a listing is taken up even where an equal one was before: a child may be gone since that left no trace at its parent
            messages = [replace(each, key=f"{each.key}:{place.began[:10]}" if each.key else "") for each in messages]
        return await self._page(model, place, messages, rows)

    async def _children(self, one: Resource, model: Model, place: Place) -> Page:
        """The records whose children changed: those that were put into a list, or changed there."""
        about = (await self.database.fields(model.model)).get(place.phase, {})
        child, parent = str(about.get("relation") or ""), str(about.get("relation_field") or "")
        if about.get("type") != "one2many" or not parent:
            return await self._page(model, place, [], [])
        domain = [*await self.database.every(child), *walk.domain(place)]
        rows, _ = await self.database.search_read(
            child, domain, ["id", "last_modified_at", parent], order=walk.order(place), limit=self.tryton.page, what=f"list {child}"
        )
        ids = {int(each[parent]) for each in rows if isinstance(each.get(parent), int)}
        parents = await self.database.read_many(model.model, ids, await self._fields(one, model), also=model.where)
        return await self._page(model, place, [self._incoming(one, each) for each in await self._whole(model, parents)], rows)

    async def _gone(self, one: Resource, model: Model, place: Place) -> Page:
        """Deletes the log tells; it may name records of ours, of another resource of the same model, and such as were never read."""
        domain = [["event", "=", "delete"], ["resource", "like", f"{model.model},%"], *walk.domain(place)]
        rows, _ = await self.database.search_read(
            LOG, domain, ["id", "last_modified_at", "_timestamp"], order=walk.order(place), limit=self.tryton.page, what="read the log of deletes"
        )
        if len(self.deleted.unknown(model.model, [int(each["id"]) for each in rows])) > FEW:
            return Page((), "", has_more=False)  # the next poll lists everything
        ids = await self.deleted.ids(model.model, [int(each["id"]) for each in rows])
        messages = [self._delete(one, ids[int(each["id"])], each) for each in rows if int(each["id"]) in ids]
        return await self._page(model, place, messages, rows)

    def _delete(self, one: Resource, id: int, row: Record) -> Incoming:
        version = str(row["_timestamp"])
        return Incoming(
            one.object, str(id), b"", message_key(one.object, str(id), f"deleted:{row['id']}", b""), version, is_delete=True,
            occurred_at=datetime.fromisoformat(str(row["last_modified_at"])),
        )  # fmt: skip

    async def _page(self, model: Model, place: Place, messages: Sequence[Incoming], rows: Sequence[Record]) -> Page:
        """The page, and where it goes on: in this phase while its pages are full, in the next one, or with the next walk."""
        if len(rows) >= self.tryton.page:
            return Page(tuple(messages), walk.onward(place, rows[-1]).text(), has_more=True)
        phases = [MAIN] if place.is_full else [MAIN, *model.lists, *([DELETED] if self.tryton.reads_log and model.deletes == "log" else [])]
        following = phases[phases.index(place.phase) + 1 :]
        if following:
            return Page(tuple(messages), walk.into(place, following[0]).text(), has_more=True)
        after = walk.ended(place)
        is_due = walk.age_s(after, self.clock()) >= self.tryton.listing_every_s
        return Page(tuple(messages), "" if is_due else after.text(), has_more=False, is_complete_listing=place.is_full)

    async def _fields(self, one: Resource, model: Model) -> tuple[str, ...]:
        """What is asked of a model: what it must have, and of the rest what it has. Raises SchemaDriftError for what is missing."""
        if one.name not in self._asked_for:
            found = ["id", "_timestamp", "last_modified_at"]
            wanted = [*model.fields, *(f"{name}.{inner}" for name, inners in model.lists.items() for inner in inners)]
            for path in wanted:
                if await self.database.field(model.model, path) is not None:
                    found.append(path)
                elif path not in model.optional and path.partition(".")[0] not in model.optional:
                    text = f"{model.model} of {self.config.system} has no field {path}: activate its module, or take the field out of the resource"
                    raise SchemaDriftError(text, object=one.object, path=path, system=self.config.system)
            for name in model.lists:
                also = [each for each in ("_timestamp", "active") if await self.database.field(model.model, f"{name}.{each}") is not None]
                found += [f"{name}.{each}" for each in also]
            self._asked_for[one.name] = tuple(dict.fromkeys(found))
        return self._asked_for[one.name]

    async def _whole(self, model: Model, rows: Sequence[Record]) -> list[Record]:
        """The records with what lies elsewhere: which roles a party has, and which project a work belongs to."""
        found = list(rows)
        ids = [int(one["id"]) for one in rows]
        for role, of in model.roles.items():
            held = {int(one["party"]) for one in await self._holders(of, ids)}
            found = [{**one, "roles": {**one.get("roles", {}), role: int(one["id"]) in held}} for one in found]
        if model.work == "line":
            found = await work.told_on_lines(self.database, found)
        elif model.work == "tree":
            found = await work.told_on_works(self.database, found)
        return [records.shaped(one, model) for one in found]

    async def _holders(self, model: str, parties: Sequence[int]) -> list[Record]:
        if not parties:
            return []
        domain = [["party", "in", list(parties)], *await self.database.every(model)]
        return (await self.database.search_read(model, domain, ["party"]))[0]

    def _check(self, one: Resource, rows: Sequence[Record]) -> None:
        for each in rows:
            if not each.get("last_modified_at") or not each.get("_timestamp"):
                text = f"the answer of {self.config.system} about {one.name} has no 'last_modified_at'"
                raise SchemaDriftError(text, object=one.object, path="last_modified_at", system=self.config.system)

    async def _record(self, one: Resource, external_id: str) -> Any:
        model = self.tryton.models[one.name]
        if not (external_id.isascii() and external_id.isdecimal()):
            return None
        found = await self.database.read_many(model.model, [int(external_id)], await self._fields(one, model), also=model.where)
        return (await self._whole(model, found))[0] if found else None

    # --- writing -------------------------------------------------------------------------------------------------------

    async def _write(self, one: Resource, rule: WriteRule, write: Write) -> Receipt:
        model = self.tryton.models[one.name]
        if write.operation == "create":
            return await self._create(one, model, rule, write)
        current = await self._record(one, write.external_id or "")
        if current is None:
            if write.operation == "deactivate":
                return Receipt(write.external_id or "", response="it is gone already", was_adopted=True)
            raise self._rejected(f"has no {one.name} of this id any more", "not_found", "Restore the record there, or unlink it in the hub.")
        if write.expected_version and str(current["_timestamp"]) != write.expected_version:
            raise self._rejected(f"changed the {one.name} meanwhile", "conflict", "Read the record again, then retry.")
        seen = {"_timestamp": records.stamps(current, model, await self._list_models(model))}
        if rule.method == "DELETE":
            await self.database.call(f"model.{model.model}.delete", [[int(current["id"])]], f"delete {one.name}", is_read=False, more=seen)
            return Receipt(str(current["id"]), response="deleted")
        values, pressed = await self.bodies.of(model, {**rule.body, **write.body}, current)
        if values:
            await self.database.call(f"model.{model.model}.write", [[int(current["id"])], values], f"update {one.name}", is_read=False, more=seen)
        await self._press(one, model, int(current["id"]), pressed, str(current.get("state") or ""))
        return await self._receipt_of(one, int(current["id"]), "written")

    async def _create(self, one: Resource, model: Model, rule: WriteRule, write: Write) -> Receipt:
        if model.pays:
            line = await wizards.pay(self.database, self.tryton.models[model.pays].model, {**rule.body, **write.body})
            return await self._receipt_of(one, line, "paid")
        values, pressed = await self._new(model, rule, write)
        before = await self._begun(one, model, write) if pressed and model.key else None
        id, state = (int(before["id"]), str(before.get("state") or "")) if before else ((await self._created(model, one, [values]))[0], "")
        await self._press(one, model, id, pressed, state)
        return await self._receipt_of(one, id, "created")

    async def _begun(self, one: Resource, model: Model, write: Write) -> Record | None:
        """The record an earlier try made whose buttons were refused: they are pressed again, nothing is made twice."""
        found = await self._candidates(one, write)
        return found[0] if found else None

    async def _new(self, model: Model, rule: WriteRule, write: Write) -> tuple[Record, list[tuple[str, ...]]]:
        """The values of a new record with our key in it, and the buttons to press on it."""
        body: Record = {**rule.body, **write.body}
        if model.key:
            body[model.key] = records.marked(body.get(model.key), write.intent_key) if model.is_marked else write.intent_key
        values, pressed = await self.bodies.of(model, body, {})
        return await self.bodies.filled_in(model, values), pressed

    async def _created(self, model: Model, one: Resource, values: list[Record]) -> list[int]:
        told = await self.database.call(f"model.{model.model}.create", [values], f"create {one.name}", is_read=False)
        if not isinstance(told, list) or len(told) != len(values):
            raise UnknownOutcomeError(f"{self.config.system} did not say which {one.name} it made", system=self.config.system)
        return [int(id) for id in told]

    async def _press(self, one: Resource, model: Model, id: int, pressed: Sequence[tuple[str, ...]], state: str) -> None:
        """Press the buttons that lead to a state, but not those that led to where the record is already."""
        for buttons in pressed:
            for button in self.bodies.still(model, buttons, state):
                await self.database.call(f"model.{model.model}.{button}", [[id]], f"{button} {one.name}", is_read=False)

    async def _receipt_of(self, one: Resource, id: int, response: str) -> Receipt:
        """What was written, with its new stamp; a stamp that cannot be had now comes with the next poll."""
        try:
            found = await self.database.read_many(self.tryton.models[one.name].model, [id], ["_timestamp"])
        except ConnectorError:
            found = []
        return Receipt(str(id), str(found[0]["_timestamp"]) if found else "", response)

    async def _list_models(self, model: Model) -> dict[str, str]:
        about = await self.database.fields(model.model)
        return {name: str(about[name]["relation"]) for name in model.lists if about.get(name, {}).get("type") == "one2many"}

    async def look_up(self, write: Write) -> Receipt | None:
        if write.operation == "create":
            return await super().look_up(write)
        one = self._resource(write.object)
        record = await self._record(one, write.external_id or "")
        rule: WriteRule | None = getattr(one, write.operation)
        if write.operation == "deactivate" and rule is not None and rule.method == "DELETE":
            return None if record is not None else Receipt(write.external_id or "", response="gone", was_adopted=True)
        body = {**(rule.body if rule else {}), **write.body}
        if record is None or not all(_same(at_path(record, path), value) for path, value in flattened(body).items()):
            return None
        return Receipt(write.external_id or "", str(record["_timestamp"]), "found", was_adopted=True)

    async def _candidates(self, one: Resource, write: Write) -> list[Any]:
        """Records that carry our key; without a field for it, or when none is given, those that agree in the whole natural key."""
        model = self.tryton.models[one.name]
        if model.key and write.intent_key:
            key: list[Any] = [model.key, "like", f"%[hub {write.intent_key}]"] if model.is_marked else [model.key, "=", write.intent_key]
            wanted: Mapping[str, Any] = {"hub_id" if model.is_marked else model.key: write.intent_key}
            domain = [key]
        else:
            wanted = flattened(write.natural_key)
            domain = await self.bodies.alike(model, wanted)
        if not domain or not wanted:
            return []
        rows, _ = await self.database.search_read(
            model.model, [*model.where, *await self.database.every(model.model), *domain], await self._fields(one, model), limit=50, what=f"look up {one.name}"
        )
        found = await self._whole(model, rows)
        return [each for each in found if all(_same(at_path(each, path), value) for path, value in wanted.items()) and not self._is_gone(one, each)]

    def _is_gone(self, one: Resource, record: Record) -> bool:
        return one.deleted is not None and one.deleted.holds(at_path(record, one.deleted.path))

    async def write_many(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        """New records of one model go in one call, all or none; when it is refused, and for all else, each goes alone."""
        answers: dict[int, Receipt | ConnectorError] = {}
        groups: dict[str, list[int]] = {}
        for place, each in enumerate(writes):
            if each.operation == "create" and self._is_plain(each.object):
                groups.setdefault(each.object, []).append(place)
        for object_, places in groups.items():
            for start in range(0, len(places), AT_ONCE):
                some = places[start : start + AT_ONCE]
                if len(some) > 1:
                    answers |= dict(zip(some, await self._together(object_, [writes[place] for place in some]), strict=True))
        alone = [place for place in range(len(writes)) if place not in answers]
        answers |= dict(zip(alone, await one_by_one(self, [writes[place] for place in alone], self.config.http.concurrency), strict=True))
        return [answers[place] for place in range(len(writes))]

    def _is_plain(self, object_: str) -> bool:
        model = self.tryton.models.get(object_)
        return model is not None and self._resource(object_).create is not None and not (model.pays or model.buttons or model.work or model.on_change)

    async def _together(self, object_: str, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        one, model = self._resource(object_), self.tryton.models[object_]
        assert one.create is not None
        try:
            values = [(await self._new(model, one.create, each))[0] for each in writes]
            ids = await self._created(model, one, values)
        except RejectedError:
            return await one_by_one(self, writes, self.config.http.concurrency)
        except ConnectorError as error:
            if isinstance(error, UnknownOutcomeError):
                error.settles_after_s = error.settles_after_s or one.unknown_settles_after_s
            return [error for _ in writes]
        try:
            found = {int(each["id"]): str(each["_timestamp"]) for each in await self.database.read_many(model.model, ids, ["_timestamp"])}
        except ConnectorError:
            found = {}
        return [Receipt(str(id), found.get(id, ""), "created") for id in ids]

    def _rejected(self, text: str, cause: Any, remedy: str) -> RejectedError:
        return RejectedError(f"{self.config.system} {text}", cause=cause, remedy=remedy, system=self.config.system)

    async def aclose(self) -> None:
        await super().aclose()
        await self.tryton.session.door.aclose()


def tryton_connector(config: Mapping[str, Any], *, file: str = "tryton", on_request: OnRequest | None = None) -> TrytonConnector:
    """The registry's factory: ``config`` is the document with its variables filled in."""
    told = read(config, file)
    return TrytonConnector(told.rest, HttpClient(told.rest.http, told.session, on_request), tryton=told)


def _same(found: Any, wanted: Any) -> bool:
    """Equal as Tryton keeps them: an id is a number there and a text here, and nothing is nothing."""
    if found is ABSENT or found in (None, ""):
        return wanted in (None, "")
    if isinstance(found, bool) or isinstance(wanted, bool | dict | list):
        return bool(found == wanted)
    return bool(found == wanted) or str(found) == str(wanted)
