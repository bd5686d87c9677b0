"""The connector of Finance & Operations: whole listings, companies in every key, Infologs as errors.

What OData services have in common is :class:`ODataConnector`; here is what Finance & Operations does its own way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from connectors.dynamics365_fo import records
from connectors.dynamics365_fo.config import Beside, FinanceConfig, read
from connectors.errors import ConnectorError, RejectedError
from connectors.http import Answer, HttpClient, OnRequest
from connectors.odata import envelope
from connectors.odata.batch import Operation
from connectors.odata.config import EntitySet
from connectors.odata.connector import ODataConnector
from connectors.odata.envelope import Listing
from connectors.odata.query import Query, alike, either
from connectors.odata.values import typed
from connectors.port import Incoming, Write, message_key
from connectors.rest.answers import error_of, parsed
from connectors.rest.config import Resource, WriteRule
from connectors.wire import dump_json

AT_ONCE = 30
"""Keys asked for in one question; longer addresses are refused."""
MOST_KNOWN = 100_000


@dataclass
class FinanceConnector(ODataConnector):
    """A connected environment."""

    finance: FinanceConfig = field(kw_only=True)
    _beside: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict, init=False, repr=False)
    """Set → path → what was looked up → what it is."""

    # --- reading -----------------------------------------------------------------------------------------------------

    async def _got(self, one: EntitySet, path: str, query: Any, what: str, prefer: Sequence[str] = ()) -> Answer:
        """A list; columns and names of sets that this version has not are learned from its refusals."""
        if isinstance(query, Query):
            query = replace(query, order=tuple(name for name in query.order if name not in self.finance.entities[one.name].either))
        while True:
            try:
                answer = await super()._got(one, path, query, what, prefer)
            except RejectedError as error:
                following = self._without(one, error)
                if following is None:
                    raise
                was, one = one, following
                path = one.set if path == was.set else path
                query = replace(query, select=one.select) if isinstance(query, Query) else query
                continue
            await self._look_beside(one, answer)
            return answer

    def _without(self, one: EntitySet, error: RejectedError) -> EntitySet | None:
        """The set without the column or under another name, kept for later; None when neither is to blame."""
        entity = self.finance.entities[one.name]
        if error.field in entity.optional and error.field in one.select:
            found = replace(one, select=tuple(name for name in one.select if name != error.field))
        elif error.status == 404 and one.set not in entity.also and entity.also:
            found = replace(one, set=entity.also[0])
        elif error.status == 404 and one.set in entity.also[:-1]:
            found = replace(one, set=entity.also[entity.also.index(one.set) + 1])
        else:
            return None
        cast(dict[str, EntitySet], self.odata.sets)[one.name] = found
        return found

    async def _look_beside(self, one: EntitySet, answer: Answer) -> None:
        """What the records of a page need from other sets, asked for in few questions."""
        entity = self.finance.entities[one.name]
        if not entity.beside:
            return
        body = parsed(self.config, answer, one.name)
        listing = envelope.listing(body) or Listing([record] if (record := envelope.record(body)) else [])
        rows = [records.shaped(row, entity, {}) for row in listing.records]
        for name, beside in entity.beside.items():
            known = self._beside.setdefault(one.name, {}).setdefault(name, {})
            if len(known) > MOST_KNOWN:
                known.clear()
            wanted = {records.key_in(row, beside): row.get(beside.by) for row in rows}
            wanted.pop("", None)
            found = await self._values(beside, list(dict.fromkeys(wanted.values())))
            known |= {key: found.get(key, found.get(f"|{value}")) for key, value in wanted.items()}  # anew: a journal may have been posted

    async def _values(self, beside: Beside, keys: Sequence[Any]) -> dict[str, Any]:
        """Company and key → value, of some records of another set; without the company where a set has none."""
        target = self.odata.sets[beside.set] if beside.set in self.odata.sets else _plain_set(beside)
        target = replace(target, paging="link")
        has_company = "dataAreaId" in target.key
        select = tuple(dict.fromkeys((*(("dataAreaId",) if has_company else ()), beside.key, beside.column)))
        found: dict[str, Any] = {}
        for start in range(0, len(keys), AT_ONCE):
            condition = either(*(alike({beside.key: key}, target.types) for key in keys[start : start + AT_ONCE]))
            path, query = target.set, Query(select, (), condition, more=target.more)
            asked: Query | None = query
            while path:
                listing = self._listing(target, await super()._got(target, path, asked, f"list {beside.set}"))
                found |= {f"{str(row.get('dataAreaId') or '').lower()}|{row.get(beside.key)}": row.get(beside.column) for row in listing.records}
                path, asked = listing.next, None
        return found

    async def _record(self, one: Resource, external_id: str) -> Any:
        """By a condition, not by a key: which columns a key has is not confirmed for every set."""
        asked = self.odata.sets[one.name]
        parts = external_id.split("|") if len(asked.key) > 1 else [external_id]
        if len(parts) != len(asked.key):
            return None
        entity = self.finance.entities[one.name]
        if any(name in entity.either for name in asked.key):
            return await self._scanned(one, asked, external_id)
        try:
            condition = alike(dict(zip(asked.key, parts, strict=True)), asked.types)
        except ValueError:
            return None
        answer = await self._got(asked, asked.set, asked.query(condition, top=1), f"read {one.name}")
        rows = self._listing(asked, answer).records
        return rows[0] if rows else None

    async def _scanned(self, one: Resource, asked: EntitySet, external_id: str) -> Any:
        """One of a small set whose columns are not known by name."""
        query: Query | None = asked.query()
        path = asked.set
        while path:
            listing = self._listing(asked, await self._got(asked, path, query, f"read {one.name}"))
            found = next((row for row in listing.records if self._id(one, self.shaped(asked, row)) == external_id), None)
            if found is not None:
                return found
            path, query = listing.next, None
        return None

    def shaped(self, one: EntitySet, record: dict[str, Any]) -> dict[str, Any]:
        return records.shaped(record, self.finance.entities[one.name], self._beside.get(one.name, {}))

    def _incoming(self, one: Resource, record: Any) -> Incoming:
        """There are no versions to compare, but the tag tells a repeated message from another one."""
        found = super()._incoming(one, record)
        return replace(found, key=message_key(found.object, found.external_id, envelope.etag(record), found.body))

    def _error(self, answer: Answer, what: str, *, is_read: bool) -> ConnectorError:
        try:
            found = envelope.problem(answer.json())
        except ValueError:
            found = None
        if found is not None:
            said = records.infolog(found.text)
            code = found.code or ("Infolog" if "Infolog:" in found.text else "")
            told = {"error": {"code": code, "message": said, "field": self.field_of(replace(found, text=said))}}
            answer = replace(answer, body=dump_json(told))
        return error_of(self.config, answer, what, is_read=is_read)

    # --- writing -----------------------------------------------------------------------------------------------------

    async def told(self, one: EntitySet, body: dict[str, Any], *, is_new: bool) -> dict[str, Any]:
        entity = self.finance.entities[one.name]
        found = await super().told(one, records.untold(body, entity), is_new=is_new)
        found = {name: typed(value, one.types.get(name, "")) for name, value in found.items()}
        if is_new and entity.has_company:
            found = {**entity.defaults, **found}
            found["dataAreaId"] = found.get("dataAreaId") or self.finance.company
            if not found["dataAreaId"]:
                raise RejectedError(
                    f"{self.config.system} makes no {one.name} without a company", cause="reference", field="dataAreaId",
                    remedy="Give the record its legal entity, or say the company in the system's document.", system=self.config.system,
                )  # fmt: skip
            if one.name == "CustomersV3" and self.finance.customer_group:
                found.setdefault("CustomerGroupId", self.finance.customer_group)
        if not is_new:
            found = {name: value for name, value in found.items() if name not in one.key}
        return found

    async def request_of(self, one: Resource, rule: WriteRule, write: Write) -> Operation:
        found = await super().request_of(one, rule, write)
        return found if found.method == "POST" else replace(found, path=f"{found.path}?cross-company=true")

    async def _candidates(self, one: Resource, write: Write) -> list[Any]:
        """By our key where a column holds it, else by the natural key, in the columns it is made of."""
        wanted = records.untold(write.natural_key, self.finance.entities[one.name])
        return await super()._candidates(one, replace(write, intent_key=write.intent_key if one.key_field else "", natural_key=wanted))


def _plain_set(beside: Beside) -> EntitySet:
    """A set that is no resource of its own."""
    return EntitySet(beside.set, "data", beside.set, 4, ("dataAreaId", beside.key), more=(("cross-company", "true"),))


def dynamics365_fo_connector(config: Mapping[str, Any], *, file: str = "dynamics365_fo", on_request: OnRequest | None = None) -> FinanceConnector:
    """The registry's factory: ``config`` is the document with its variables filled in."""
    told = read(config, file)
    client = HttpClient(told.odata.rest.http, told.auth, on_request)
    return FinanceConnector(told.odata.rest, client, odata=told.odata, finance=told)
