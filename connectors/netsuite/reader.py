"""Reading an account: queries that tell records or which changed, the record API for what a query cannot tell, and what was deleted.

Which columns and tables a query may name differs by account and role. What one refuses is read in the next way, and so from then on.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.errors import ConnectorError, RateLimitedError, RejectedError, SchemaDriftError
from connectors.http import Answer
from connectors.netsuite import suiteql, zone
from connectors.netsuite.config import RECORD, RECORDS_AT_ONCE, SUITEQL, NetsuiteConfig, Object, Read
from connectors.netsuite.lists import Lists
from connectors.port import Incoming, Page, message_key
from connectors.rest.answers import error_of, found_at, parsed
from connectors.rest.config import STAMPS, Resource
from connectors.rest.connector import RestConnector
from connectors.rest.walk import Walk, begun, clock_of, parse_checkpoint
from connectors.wire import dump_json

AT_ONCE = 500
"""Ids or keys in one question."""
LONGEST_WAIT_S = 30.0
DayForm = Callable[[datetime], str]
DAYS: tuple[DayForm, ...] = (
    lambda day: f"{day.month}/{day.day}/{day.year}", lambda day: f"{day:%Y-%m-%d}", lambda day: f"{day:%d/%m/%Y}", lambda day: f"{day:%d.%m.%Y}",
)  # fmt: skip
"""How accounts write days."""
Rows = tuple[list[Any], bool, str | None]
"""Rows of a page, whether there are more, and the vendor's clock."""
_DELETES, _AT = "deleted:", "at:"
"""How places begin among what was deleted, and in a list of the record API; elsewhere a place is the last id."""
_FIELDS = (
    re.compile(r"for the following field: ([\w. ]+?)\."), re.compile(r"[Ff]ield '([^']+)' not found"),
    re.compile(r"You must enter a value for ([^.]+)\."), re.compile(r"[Uu]nknown property:? '?(\w+)"),
)  # fmt: skip


@dataclass
class NetsuiteReader(RestConnector):
    """A connected account, as far as it is read."""

    netsuite: NetsuiteConfig = field(kw_only=True)
    lists: Lists = field(init=False)
    skipped: int = field(default=0, init=False)
    """Records that NetSuite lists and does not give; each is passed on with what it says."""
    _slowed: int = field(default=0, init=False)
    _ways: dict[str, Read] = field(default_factory=dict, init=False, repr=False)
    """How an object is read where not as its document says, since a query cannot tell it in this account."""
    _day_form: DayForm = field(default_factory=lambda: DAYS[0], init=False, repr=False)
    _unstamped: set[str] = field(default_factory=set, init=False, repr=False)

    def __post_init__(self) -> None:
        self.lists = Lists(self.netsuite.lists, self._rows_of, self.clock)

    # --- reading -----------------------------------------------------------------------------------------------------

    async def poll(self, resource: str, checkpoint: str) -> Page:
        one = self._resource(resource)
        walk = begun(parse_checkpoint(checkpoint), one)
        if walk.place.startswith(_DELETES):
            return await self._deleted(one, walk)
        while True:
            if walk.place and walk.place.startswith(_AT) is not (self._object(one).read == "list"):
                walk = replace(walk, place="")  # a place of another way to read says nothing here
            try:
                return await self._page(one, walk)
            except RejectedError as error:
                if not self._reads_otherwise(one, error):
                    raise
            one = self._resource(resource)
            walk = begun(parse_checkpoint(checkpoint) if one.changes else Walk(), one)

    def _reads_otherwise(self, one: Resource, error: RejectedError) -> bool:
        """Whether there is another way to read what a query cannot tell in this account: which columns and tables a query may name
        differs by account and role. From then on it is used."""
        about, said = self._object(one), error.detail.lower()
        is_about_a_field = any(word in said for word in ("not found", "not_exposed", "not exposed"))
        if about.read == "list" or not is_about_a_field:
            return False
        if about.query.stamp and about.query.stamp in said:
            self._unstamped.add(one.name)
        elif about.read == "rows" and ("field" in said or about.query.table.lower() not in said):
            self._ways[one.name] = "records"
        else:
            self._ways[one.name] = "list"
        return True

    async def _page(self, one: Resource, walk: Walk) -> Page:
        """The next records by their ids, which do not move while it reads."""
        if self._object(one).read == "list":
            rows, more, date = await self._listed(one, walk)
            place = f"{_AT}{_offset(walk) + len(rows)}"
        else:
            rows, more, date = await self._found(one, walk)
            place = str(rows[-1]["id"]) if rows else ""
        messages = tuple(await self._told(one, rows))
        if self._object(one).read == "list":  # it was asked by whole days
            messages = tuple(message for message in messages if not message.version or message.version >= walk.asked_from)
        walk = replace(walk, began=walk.began or clock_of(date, self.clock()))
        if more and rows:
            following = replace(walk, place=place)
        elif walk.asked_from and self.netsuite.tells_deletes:
            following = replace(walk, place=f"{_DELETES}0")
        else:
            following = Walk(since=walk.began if one.changes else "")
        return Page(messages, following.text(), following.is_under_way, is_complete_listing=walk.is_full and not following.is_under_way)

    async def _found(self, one: Resource, walk: Walk) -> Rows:
        about = self._object(one)
        since = zone.local(walk.asked_from, self.netsuite.zone) if walk.asked_from else ""
        return await self._asked(f"list {one.name}", about.query.changed(since, walk.place, only_stamps=about.read == "records"), one.paging.size)

    async def _listed(self, one: Resource, walk: Walk) -> Rows:
        """The same by the record API, which tells ids only and takes a day in the form that the account writes days in."""
        since = zone.local(walk.asked_from, self.netsuite.zone)[:10] if walk.asked_from else ""
        refused: RejectedError | None = None
        for form in (self._day_form, *(one for one in DAYS if one != self._day_form)):
            params = {"limit": str(one.paging.size), "offset": str(_offset(walk))}
            if since:
                params["q"] = f'lastModifiedDate ON_OR_AFTER "{form(datetime.fromisoformat(since) - timedelta(days=1))}"'
            try:
                answer = await self._got(f"list {one.name}", f"{RECORD}/{self._object(one).record}", params)
            except RejectedError as error:
                if not since or error.code != "INVALID_PARAMETER":
                    raise
                refused = error
                continue
            self._day_form = form
            return self._rows(answer, one.name)
        assert refused is not None
        raise refused

    async def _told(self, one: Resource, rows: Sequence[Any]) -> list[Incoming]:
        if self._object(one).read == "rows":
            return [self._incoming(one, record) for record in await self._records_of(one, rows)]
        found = await asyncio.gather(*(self._read_or_said(one, row) for row in rows))
        refused = [error for _, error in found if error is not None]
        if len(refused) * 2 > len(rows) and len(refused) > 1:
            raise refused[0]
        self.skipped += len(refused)
        records = [record for record, _ in found if record is not None]
        await self._mark_projects(one, records)
        return [self._incoming(one, record) for record in records]

    async def _records_of(self, one: Resource, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """The records of rows; an instant of the hour that is there twice is asked of the record, which tells it in UTC."""
        about, symbols = self._object(one), await self._symbols(one)
        records = [about.form.of_row(row, symbols, self._moment) for row in rows]
        for row, record in zip(rows, records, strict=True):
            if row.get("lastmodifieddate") and zone.is_twofold(str(row["lastmodifieddate"]), self.netsuite.zone):
                exact = await self._current(one, str(row["id"]))
                record["lastModifiedDate"] = (exact or record).get("lastModifiedDate")
        await self._mark_projects(one, records)
        return records

    async def _mark_projects(self, one: Resource, records: Sequence[dict[str, Any]]) -> None:
        """Tell once more, as a project, each customer of an hour or an outlay that is one."""
        places = [place for record in records for place in self._object(one).form.projects_in(record)]
        ids = sorted({id for _, _, id in places if id})
        projects: set[str] = set()
        for start in range(0, len(ids), AT_ONCE):
            projects |= {str(row["id"]) for row in await self._rows_of("tell projects", suiteql.among("job", ids[start : start + AT_ONCE]))}
        for holder, name, id in places:
            holder[name] = {"id": id} if id in projects else None

    async def _read_or_said(self, one: Resource, row: Any) -> tuple[dict[str, Any] | None, RejectedError | None]:
        """A record by the record API, or what NetSuite says instead: one that it cannot give must not hold up the others."""
        id = str(row["id"])
        try:
            return await self._whole(one, id), None
        except RejectedError as error:
            return {"id": id, "unreadable": error.detail or str(error)}, error

    async def _deleted(self, one: Resource, walk: Walk) -> Page:
        """What was deleted since, page by page; ids of people, firms and projects are of one series, and so are those of transactions."""
        about, offset = self._object(one), int(walk.place.removeprefix(_DELETES))
        text = suiteql.deleted(zone.local(walk.asked_from, self.netsuite.zone))
        try:
            rows, more, _ = await self._asked(f"list deleted {one.name}", text, self.netsuite.page, offset)
        except RejectedError as error:
            error.remedy = "Give the role of the hub's user the permission Deleted Records, or do without deletes (deletes: false)."
            raise
        gone = [row for row in rows if {str(row.get(name) or "").lower().replace(" ", "") for name in ("type", "scriptid")} & about.deleted_as]
        following = replace(walk, place=f"{_DELETES}{offset + len(rows)}") if more and rows else Walk(since=walk.began)
        return Page(tuple(self._gone(one, row) for row in gone), following.text(), following.is_under_way)

    def _gone(self, one: Resource, row: Any) -> Incoming:
        id, moment = str(row["recordid"]), self._moment(str(row["deleteddate"]))
        body = dump_json({"id": id, "deletedDate": moment, "type": row.get("type")})
        version = str(STAMPS["instant"].read(moment))
        return Incoming(one.object, id, body, message_key(one.object, id, version, body), version, True, datetime.fromisoformat(version))

    async def _record(self, one: Resource, external_id: str) -> Any:
        """One record as it is told, None when there is none."""
        about = self._object(one)
        if not external_id.isascii() or not external_id.lstrip("-").isdecimal():
            return None
        if about.read == "rows":
            rows, _, _ = await self._asked(f"read {one.name}", about.query.one(external_id), 1)
            found = await self._records_of(one, rows)
            return found[0] if found else None
        record = await self._whole(one, external_id)
        if record is not None:
            await self._mark_projects(one, [record])
        return record

    async def _whole(self, one: Resource, id: str) -> dict[str, Any] | None:
        answered = await self._current(one, id)
        return None if answered is None else self._object(one).form.of_record(answered, await self._symbols(one))

    async def _current(self, one: Resource, id: str) -> dict[str, Any] | None:
        """A record as the record API gives it, by an id or ``eid:`` with our key; None when there is none."""
        try:
            answer = await self._got(f"read {one.name}", self._path(one, id), {"expandSubResources": "true"})
        except RejectedError as error:
            if error.cause != "not_found":
                raise
            return None
        found = found_at(self.config, parsed(self.config, answer, one.name), "", one.name)
        if not isinstance(found, dict) or "id" not in found:
            raise SchemaDriftError(f"{self.config.system} answered no record of {one.name}", object=one.name, path="id", system=self.config.system)
        return found

    async def _got(self, what: str, path: str, params: Mapping[str, str]) -> Answer:
        return self._good(what, await self._careful(self.client.request("GET", path, params=params)), is_read=True)

    async def _asked(self, what: str, text: str, limit: int, offset: int = 0) -> Rows:
        """Rows of a query, whether there are more, and the vendor's clock."""
        params, headers = {"limit": str(limit), "offset": str(offset)}, {"prefer": "transient"}
        answer = await self._careful(self.client.request("POST", SUITEQL, params=params, json={"q": text}, headers=headers, is_read=True))
        return self._rows(self._good(what, answer, is_read=True), what)

    def _rows(self, answer: Answer, what: str) -> Rows:
        body = parsed(self.config, answer, what)
        rows: list[Any] = found_at(self.config, body, "items", what)
        return rows, bool(found_at(self.config, body, "hasMore", what)), answer.headers.get("date")

    async def _rows_of(self, what: str, text: str) -> list[Any]:
        """All rows of a query about a short list."""
        found: list[Any] = []
        while True:
            rows, more, _ = await self._asked(what, text, self.netsuite.page, len(found))
            found += rows
            if not more or not rows:
                return found

    async def _symbols(self, one: Resource) -> Mapping[str, str]:
        """Currency by its id; empty where no record of the object names one."""
        return await self.lists.names("currency") if self._object(one).form.currencies and "currency" in self.netsuite.lists else {}

    def _moment(self, text: str) -> str:
        """An instant as the record API spells it."""
        return zone.utc(text, self.netsuite.zone)[:19] + "Z"

    def _incoming(self, one: Resource, record: Any) -> Incoming:
        if self.netsuite.currency and isinstance(record, dict):
            record = {**record, "currency": {"symbol": self.netsuite.currency}}
        return super()._incoming(one, record)

    # --- what is common ----------------------------------------------------------------------------------------------

    def _resource(self, name: str) -> Resource:
        found = super()._resource(name)
        if self._ways.get(name):
            found = replace(found, paging=replace(found.paging, size=min(found.paging.size, RECORDS_AT_ONCE)))
        return replace(found, changes=None) if name in self._unstamped and self._ways.get(name) != "list" else found

    def _object(self, one: Resource) -> Object:
        found = self.netsuite.objects[one.name]
        found = replace(found, read=self._ways.get(one.name, found.read))
        return replace(found, query=replace(found.query, stamp="")) if one.name in self._unstamped else found

    def _path(self, one: Resource, id: str) -> str:
        return f"{RECORD}/{self._object(one).record}/{id}"

    async def _careful(self, request: Awaitable[Answer]) -> Answer:
        """The answer to a request; how long to wait when it came too soon is ours to say."""
        try:
            return await request
        except RateLimitedError as error:
            raise self._waiting(error) from error

    def _good(self, what: str, answer: Answer, *, is_read: bool) -> Answer:
        if answer.status >= 400:
            raise self._error(answer, what, is_read=is_read)
        self._slowed = 0
        return answer

    def _waiting(self, error: RateLimitedError) -> RateLimitedError:
        """NetSuite says nothing of how long: twice as long each time, up to half a minute, and never all at the same moment."""
        wait_s = min(2.0**self._slowed, LONGEST_WAIT_S) * random.uniform(1.0, 1.5)
        self._slowed = min(self._slowed + 1, 10)
        return RateLimitedError(str(error), retry_after_s=wait_s, scope=error.scope, system=error.system, status=error.status)

    def _error(self, answer: Answer, what: str, *, is_read: bool) -> ConnectorError:
        error = error_of(self.config, answer, what, is_read=is_read)
        if isinstance(error, RateLimitedError):
            return self._waiting(error)
        if isinstance(error, RejectedError) and not error.field:
            said = next((match[1] for one in _FIELDS if (match := one.search(error.detail))), "")
            error.field = self._named_so(said)
        return error

    def _named_so(self, said: str) -> str:
        """The field that a message calls by its label ("Company Name"), as records call it; what it says where none is like it."""
        plain = said.replace(" ", "").lower()
        paths = (path for one in self.netsuite.objects.values() for path in one.query.by_path)
        return next((path for path in paths if path.lower() == plain), said)


def _offset(walk: Walk) -> int:
    return int(walk.place.removeprefix(_AT) or 0)
