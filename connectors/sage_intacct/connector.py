"""The connector of Sage Intacct: queries to read, functions with a result each to write.

What systems have in common (resources, adoption, receipts) is :class:`RestConnector`; here is what the XML gateway does its own way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from connectors.errors import ConfigurationError, ConnectorError, RejectedError, SchemaDriftError, UnknownOutcomeError
from connectors.http import HttpClient, OnRequest, redacted
from connectors.port import Capabilities, Incoming, Page, Receipt, Write
from connectors.rest.config import Resource, WriteRule
from connectors.rest.connector import RestConnector
from connectors.rest.walk import clock_of
from connectors.sage_intacct import functions, webhook
from connectors.sage_intacct.config import Entry, IntacctConfig, Join, read
from connectors.sage_intacct.gateway import Gateway, Result, Told
from connectors.sage_intacct.legacy import FORMS
from connectors.sage_intacct.records import agrees, chosen_number, derive, record, text, underived
from connectors.sage_intacct.state import State, parsed
from connectors.xml import Element, element_of
from schema.paths import at_path, flattened, put_path

REPEATED = re.compile(r"control ?id.*(already|unique|duplicate)|(already|duplicate).*control ?id", re.IGNORECASE | re.DOTALL)
"""How the gateway says that a control id was used before (unverified wording)."""
ABORTED = "XL03000009"


@dataclass
class IntacctConnector(RestConnector):
    """A connected company."""

    intacct: IntacctConfig = field(kw_only=True)
    gateway: Gateway = field(init=False)
    _known: dict[str, frozenset[str]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.gateway = Gateway(self.client, self.config, self.intacct.login, self.intacct.gateway, self.clock)

    @property
    def capabilities(self) -> Capabilities:
        told = replace(super().capabilities, bulk_size=self.intacct.bulk, page_size=self.intacct.page, webhook_has_body=False)
        return replace(told, webhook_scheme=webhook.SCHEME if self.intacct.webhook else "")

    async def aclose(self) -> None:
        await self.gateway.aclose()

    # --- reading -----------------------------------------------------------------------------------------------------

    async def poll(self, resource: str, checkpoint: str) -> Page:
        one, entry = self._resource(resource), self._entry(resource)
        overlap_s = one.changes.overlap_s if one.changes else 0.0
        state = parsed(checkpoint).begun(overlap_s, bool(entry.asked.modified))
        if state.is_due and not state.after and self._may_list(state):
            return Page((), "", has_more=True)
        told, remaining, date = await self._page(entry, state)
        state = replace(state, began=state.began or clock_of(date, self.clock()))
        if told:
            state = replace(state, after=max(_number(each, resource) for each in told))
        messages = tuple(self._incoming(one, each) for each in await self._composed(entry, told))
        if remaining and told:
            return Page(messages, state.text(), has_more=True)
        is_full = state.is_full
        gone: tuple[Incoming, ...] = ()
        if not is_full and entry.audit:
            gone, is_due = await self._deleted(one, entry, state)
            state = replace(state, is_due=state.is_due or is_due)
            if state.is_due and self._may_list(state):
                return Page((*messages, *gone), "", has_more=True)
        return Page((*messages, *gone), state.ended().text(), has_more=False, is_complete_listing=is_full)

    async def _page(self, entry: Entry, state: State) -> tuple[list[dict[str, Any]], int, str | None]:
        asked = entry.asked
        conditions = [functions.condition("equalto", name, value) for name, value in asked.where.items()]
        if state.asked_from:
            conditions.append(functions.condition("greaterthanorequalto", asked.modified, functions.stamp(state.asked_from)))
        if state.after:
            conditions.append(functions.condition("greaterthan", "RECORDNO", str(state.after)))
        return await self._queried(asked, conditions, what=f"list {entry.object}")

    async def _queried(
        self, entry: Entry, conditions: Sequence[Element], *, what: str, size: int = 0
    ) -> tuple[list[dict[str, Any]], int, str | None]:
        """Records of a query, how many remain, and the vendor's clock."""
        function = functions.query(entry.object, await self._fields(entry), conditions, size=size or self.intacct.page)
        result, date = await self.gateway.one(function, what)
        rows, remaining = self._rows(result, entry.object, entry.modified)
        return rows, remaining, date

    def _rows(self, result: Result, object: str, modified: str) -> tuple[list[dict[str, Any]], int]:
        system = self.config.system
        if result.data is None:
            raise SchemaDriftError(f"{system} answered a query of {object} with no data", object=object, path="data", system=system)
        try:
            remaining = int(result.data.attributes.get("numremaining", "0") or 0)
        except ValueError as error:
            raise SchemaDriftError(f"{system} does not say how many {object} remain", object=object, path="numremaining", system=system) from error
        return [record(each, modified) for each in result.data.children], remaining

    async def _fields(self, entry: Entry) -> Sequence[str]:
        """What is asked for: optional fields only where the company has them."""
        if not entry.optional:
            return entry.selected
        if entry.object not in self._known:
            result, _ = await self.gateway.one(functions.lookup(entry.object), f"look at the fields of {entry.object}")
            self._known[entry.object] = _field_names(result.data)
        known = self._known[entry.object]
        return [one for one in entry.selected if one not in entry.optional or one in known]

    async def _composed(self, entry: Entry, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Records with their lines, with what other objects say of them, and with what is made of that; or the lines of headers."""
        if not told:
            return []
        if entry.header is not None:
            headers = {text(one.get("RECORDNO")): one for one in told}
            told = await self._lines(entry.object, entry.by, entry.selected, list(headers))
            for one in told:
                one[entry.header.object] = headers[text(one.get(entry.by))]
        if entry.lines is not None:
            await self._attach(entry, told)
        await self._join(entry.joins, told)
        for one in told:
            derive(one, entry.derived)
        return told

    async def _attach(self, entry: Entry, told: list[dict[str, Any]]) -> None:
        lines = entry.lines
        assert lines is not None
        names = tuple(dict.fromkeys(("RECORDNO", lines.by, *lines.fields)))
        found = await self._lines(lines.object, lines.by, names, [text(one.get("RECORDNO")) for one in told])
        await self._join(lines.joins, found)
        by_header: dict[str, list[dict[str, Any]]] = {}
        for one in found:
            derive(one, lines.derived)
            own = by_header.setdefault(text(one.get(lines.by)), [])
            own.append(one | {"LINE_SEQ": len(own) + 1})
        for one in told:
            one["LINES"] = by_header.get(text(one.get("RECORDNO")), [])

    async def _lines(self, object: str, by: str, names: Sequence[str], headers: Sequence[str]) -> list[dict[str, Any]]:
        """All lines of these headers, in the order in which they were entered."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(headers), functions.MOST_IN):
            some = functions.condition("in", by, *headers[start : start + functions.MOST_IN])
            after = 0
            while True:
                conditions = [some, *([functions.condition("greaterthan", "RECORDNO", str(after))] if after else [])]
                result, _ = await self.gateway.one(functions.query(object, names, conditions, size=self.intacct.page), f"list {object}")
                rows, remaining = self._rows(result, object, "")
                found.extend(rows)
                if not rows or not remaining:
                    break
                after = max(_number(one, object) for one in rows)
        return found

    async def _join(self, joins: Sequence[Join], told: list[dict[str, Any]]) -> None:
        for join in joins:
            keys = sorted({text(at_path(one, join.on)) for one in told} - {""})
            rows: dict[str, dict[str, Any]] = {}
            for start in range(0, len(keys), functions.MOST_IN):
                some = functions.condition("in", join.key, *keys[start : start + functions.MOST_IN])
                fields = tuple(dict.fromkeys((join.key, *join.take.values())))
                result, _ = await self.gateway.one(functions.query(join.object, fields, [some], order=join.key), f"look up {join.object}")
                rows |= {text(one.get(join.key)): one for one in self._rows(result, join.object, "")[0]}
            for one in told:
                other = rows.get(text(at_path(one, join.on)), {})
                for name, theirs in join.take.items():
                    one[name] = text(at_path(other, theirs))

    async def _deleted(self, one: Resource, entry: Entry, state: State) -> tuple[tuple[Incoming, ...], bool]:
        """What the audit trail says was deleted; whether some of it only a listing can tell."""
        asked, offset = entry.asked, 0
        gone: list[Incoming] = []
        is_due = False
        while True:
            conditions = [
                functions.condition("equalto", "OBJECTTYPE", asked.audit), functions.condition("equalto", "ACCESSMODE", "D"),
                functions.condition("greaterthanorequalto", "ACCESSTIME", functions.stamp(state.asked_from)),
            ]  # fmt: skip
            fields = ("OBJECTTYPE", "OBJECTKEY", "ACCESSMODE", "ACCESSTIME")
            function = functions.query("AUDITHISTORY", fields, conditions, order="ACCESSTIME", size=self.intacct.page, offset=offset)
            result, _ = await self.gateway.one(function, f"list deleted {asked.object}")
            rows, remaining = self._rows(result, "AUDITHISTORY", "ACCESSTIME")
            for told in rows:
                key, moment = text(told.get("OBJECTKEY")), text(told.get("ACCESSTIME"))
                if entry.id == ("RECORDNO",) and entry.header is None:
                    gone.append(Incoming(one.object, key, b"", f"{one.object}:{key}:deleted:{moment}", moment, is_delete=True, occurred_at=_moment(moment)))
                elif moment[:19] >= state.listed[:19]:
                    is_due = True
            offset += len(rows)
            if not rows or not remaining:
                return tuple(gone), is_due

    def _may_list(self, state: State) -> bool:
        """Whether the last listing of all is long enough ago."""
        return not state.listed or self.clock() - datetime.fromisoformat(state.listed).timestamp() >= self.intacct.relist_s

    async def _record(self, one: Resource, external_id: str) -> Any:
        """One record as it is now; a webhook may name it by its record number where it is known by another id."""
        entry = self._entry(one.name)
        parts = external_id.split("|") if len(entry.id) > 1 else [external_id]
        if len(parts) == len(entry.id):
            found = await self._found(entry, dict(zip(entry.id, parts, strict=True)), f"read {one.name}")
            if found:
                return found[0]
        if entry.id != ("RECORDNO",) and external_id.isascii() and external_id.isdecimal():
            found = await self._found(entry, {"RECORDNO": external_id}, f"read {one.name}")
            return found[0] if found else None
        return None

    async def _found(self, entry: Entry, wanted: Mapping[str, Any], what: str, most: int = 3) -> list[dict[str, Any]]:
        """The records that have these values, a few of them, whole. What lies in a header or is derived is compared here."""
        made, beside = {one.name for one in entry.derived}, entry.header.object if entry.header else ""
        plain = {name: text(value) for name, value in wanted.items() if name not in made and name.partition(".")[0] != beside}
        if not plain and entry.header is None:
            raise ConfigurationError(f"{self.config.system}: {entry.object} cannot be looked up by {', '.join(wanted) or 'nothing'}")
        if not (plain.get("RECORDNO") or "0").isdecimal():
            return []
        conditions = [functions.condition("equalto", name, value) for name, value in {**entry.where, **plain}.items()]
        names = entry.selected if entry.header is not None else await self._fields(entry)
        result, _ = await self.gateway.one(functions.query(entry.object, names, conditions, size=self.intacct.page), what)
        rows, _ = self._rows(result, entry.object, entry.modified)
        if entry.header is not None and rows:
            keys = sorted({text(one.get(entry.by)) for one in rows})[: functions.MOST_IN]
            headers, _, _ = await self._queried(entry.header, [functions.condition("in", "RECORDNO", *keys)], what=what)
            lines = {text(one.get("RECORDNO")) for one in rows}
            rows = [one for one in await self._composed(entry, headers) if text(one.get("RECORDNO")) in lines]
        else:
            rows = await self._composed(entry, rows[: most + 1])
        return [one for one in rows if agrees(one, wanted)][: most + 1]

    def receive(self, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        if self.intacct.webhook is None:
            raise ConfigurationError(f"{self.config.system} has no webhook configured", system=self.config.system)
        told = webhook.verified(self.intacct.webhook.secrets, headers, body, self.clock)
        # triggers name objects in capitals or small letters
        name = next((one for one in self.intacct.entries if one.casefold() == told.object.casefold()), "")
        return [Incoming(name, told.id, b"", told.key, told.version, told.is_delete)] if name else []

    # --- writing -----------------------------------------------------------------------------------------------------

    async def _write(self, one: Resource, rule: WriteRule, write: Write) -> Receipt:
        (answer,) = await self._carried_out([(one, rule, write)])
        if isinstance(answer, ConnectorError):
            raise answer
        return answer

    async def write_many(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        """Requests of many functions, each with its result; writes to one record keep their order."""
        answers: list[Receipt | ConnectorError] = [UnknownOutcomeError("no answer", system=self.config.system)] * len(writes)
        rounds: list[list[int]] = []
        seen: dict[str, int] = {}
        for place, write in enumerate(writes):
            key = f"{write.object}|{write.external_id or write.intent_key}"
            seen[key] = turn = seen.get(key, -1) + 1
            rounds.extend([] for _ in range(turn + 1 - len(rounds)))
            rounds[turn].append(place)
        for places in rounds:
            for start in range(0, len(places), self.intacct.bulk):
                await self._together(writes, places[start : start + self.intacct.bulk], answers)
        return answers

    async def _together(self, writes: Sequence[Write], places: Sequence[int], answers: list[Receipt | ConnectorError]) -> None:
        """Writes in one request; those that need one of their own (a contact beside it, a version to compare) go alone."""
        alone = [place for place in places if writes[place].expected_version or self._is_made_of_two(writes[place])]
        together = [place for place in places if place not in alone]
        told: list[tuple[Resource, WriteRule, Write]] = []
        for place in list(together):
            one = self._resource(writes[place].object)
            rule = getattr(one, writes[place].operation)
            if rule is None:
                together.remove(place)
                alone.append(place)
            else:
                told.append((one, rule, writes[place]))
        for place in alone:
            try:
                answers[place] = await self.write(writes[place])
            except ConnectorError as error:
                answers[place] = error
        if not told:
            return
        try:
            done = await self._carried_out(told)
        except ConnectorError as error:
            done = [error for _ in told]
        for place, receipt in zip(together, done, strict=True):
            answers[place] = await self._settled(writes[place], receipt)

    async def _settled(self, write: Write, receipt: Receipt | ConnectorError) -> Receipt | ConnectorError:
        """What a write by itself would have ended with: a duplicate of ours is adopted, a doubt says how long it lasts."""
        one = self._resource(write.object)
        if isinstance(receipt, UnknownOutcomeError):
            receipt.settles_after_s = receipt.settles_after_s or one.unknown_settles_after_s
        is_ours = isinstance(receipt, RejectedError) and receipt.cause == "duplicate" and write.operation == "create" and one.key_is_unique
        if not is_ours:
            return receipt
        try:
            return await self.look_up(write) or receipt
        except ConnectorError as error:
            return error

    def _is_made_of_two(self, write: Write) -> bool:
        entry = self.intacct.entries.get(write.object)
        return bool(entry and write.operation == "create" and (entry.contact or entry.header))

    async def _carried_out(self, told: Sequence[tuple[Resource, WriteRule, Write]]) -> list[Receipt | ConnectorError]:
        """Send writes as the functions of one request; their receipts in the same order. Raises what the whole request ends with."""
        asked: list[tuple[str, Element]] = []
        for one, rule, write in told:
            body = {**rule.body, **write.body}
            if write.operation == "create":
                asked.extend(self._creates(one, write, body))
            else:
                asked.append((str(uuid4()), await self._update(one, write, body)))
        what = f"{told[0][2].operation} {told[0][2].object}"
        is_unique = all(write.operation == "create" for *_, write in told)
        answered = await self.gateway.call(asked, what, is_read=False, is_atomic=len(asked) > len(told), is_unique=is_unique)
        results = self._by_write(answered.results, len(told))
        receipts: list[Receipt | ConnectorError] = []
        for (one, _, write), result in zip(told, results, strict=True):
            receipts.append(await self._outcome(one, write, result, redacted(answered.body)))
        return receipts

    def _by_write(self, results: Sequence[Result], count: int) -> list[Result]:
        """One result a write: of a pair of functions the one that failed for a reason, else the last."""
        if len(results) == count:
            return list(results)
        failed = [one for one in results if one.errors and one.status != "aborted" and ABORTED not in (told.code for told in one.errors)]
        return [failed[0] if failed else results[-1]]

    async def _outcome(self, one: Resource, write: Write, result: Result, shown: str) -> Receipt | ConnectorError:
        if result.errors:
            return await self._refused(one, write, result.errors)
        try:
            external_id, version = await self._made(one, write, result)
        except ConnectorError as error:
            return UnknownOutcomeError(f"{self.config.system} made a {one.name} and could not say which: {error}", system=self.config.system)
        if not external_id:
            return UnknownOutcomeError(f"{self.config.system} did not say which {one.name} it made", system=self.config.system)
        return Receipt(external_id, version, shown)

    async def _refused(self, one: Resource, write: Write, errors: Sequence[Told]) -> Receipt | ConnectorError:
        what = f"{write.operation} {write.object}"
        if write.operation == "create" and any(REPEATED.search(told.text) for told in errors):
            # carried out before under the same control id: what it made is found, or nobody knows
            unknown = UnknownOutcomeError(f"{self.config.system} was asked to {what} before", system=self.config.system)
            unknown.settles_after_s = one.unknown_settles_after_s
            try:
                return await self.look_up(write) or unknown
            except ConnectorError as error:
                return error
        made = self.gateway.error(errors, what, is_read=False)
        if isinstance(made, RejectedError) and not made.field:
            made.field = self._field_in(one, write, " ".join(told.text for told in errors))
        return made

    def _field_in(self, one: Resource, write: Write, words: str) -> str:
        """The first field of ours that a refusal names."""
        entry = self._entry(one.name)
        names = {path.rpartition(".")[2].casefold(): path for path in (*entry.fields, *entry.id, *flattened(dict(write.body)))}
        return next((names[each] for each in re.findall(r"[a-z][a-z0-9_]+", words.casefold()) if each in names), "")

    def _creates(self, one: Resource, write: Write, body: dict[str, Any]) -> list[tuple[str, Element]]:
        """The functions that make a record, their control ids made of our key, so that a repeat is refused."""
        entry = self._entry(one.name)
        body = self._numbered(one, entry, write, underived(body, entry.derived))
        for name, value in entry.on_create.items():
            if at_path(body, name) in (None, "") or name not in body:
                put_path(body, name, value)
        if one.key_field and not one.key_is_unique:
            put_path(body, one.key_field, write.intent_key)
        made: list[Element] = []
        if entry.contact:
            contact = body.pop("CONTACT", None) or {}
            name = text(at_path(body, f"{entry.contact}.CONTACTNAME")) or _contact_name(contact, write.intent_key)
            put_path(body, f"{entry.contact}.CONTACTNAME", name)
            if contact:
                made.append(functions.stored("create", "CONTACT", {"CONTACTNAME": name, "PRINTAS": _print_as(contact) or name, **contact}))
        made.append(self._create(entry, body, write.intent_key))
        return [(f"{write.intent_key}-{place}" if place else write.intent_key, each) for place, each in enumerate(reversed(made))][::-1]

    def _create(self, entry: Entry, body: dict[str, Any], key: str) -> Element:
        if entry.create in FORMS:
            if entry.header is not None:
                about = body.pop(entry.header.object, None) or {}
                body = {**about, "WHENCREATED": about.get("WHENCREATED") or body.get("ENTRY_DATE"), "LINE": body}
            return FORMS[entry.create].element(body, key)
        if entry.header is None:
            return functions.stored("create", entry.object, body)
        about = body.pop(entry.header.object, None) or {}
        whole = {**about, "BEGINDATE": about.get("BEGINDATE") or body.get("ENTRYDATE")}
        entries = element_of("TIMESHEETENTRIES", {entry.object: [body]})
        sheet = element_of(entry.header.object, whole)
        return Element("create", children=(replace(sheet, children=(*sheet.children, entries)),))

    def _numbered(self, one: Resource, entry: Entry, write: Write, body: dict[str, Any]) -> dict[str, Any]:
        """The body with the id of the new record: its own, else one made of our key."""
        if entry.number is None or text(at_path(body, entry.id[-1])):
            return body
        return {entry.id[-1]: chosen_number(entry, write.intent_key), **body}

    async def _update(self, one: Resource, write: Write, body: Mapping[str, Any]) -> Element:
        entry = self._entry(one.name)
        external_id = write.external_id or ""
        told = underived(body, entry.derived)
        key = {entry.id[0]: external_id}
        if write.expected_version or len(entry.id) > 1 or entry.contact:
            found = await self._record(one, external_id)
            if found is None:
                raise RejectedError(
                    f"{self.config.system} has no {one.name} of this id any more", cause="not_found", remedy="Restore the record there, or unlink it in the hub.",
                    system=self.config.system,
                )  # fmt: skip
            if write.expected_version and self._incoming(one, found).version != write.expected_version:
                raise RejectedError(
                    f"{self.config.system} changed the {one.name} meanwhile", cause="conflict", remedy="Read the record again, then retry.",
                    system=self.config.system,
                )  # fmt: skip
            if len(entry.id) > 1:
                key = {"RECORDNO": text(found.get("RECORDNO"))}
        if entry.contact and told.pop("CONTACT", None):
            # a person's name and address are the contact's, which is a record of its own
            put_path(told, f"{entry.contact}.CONTACTNAME", text(at_path(found, "CONTACT.CONTACTNAME")))
        if entry.header is not None:
            told.pop(entry.header.object, None)
        return functions.stored("update", entry.object, {**key, **{name: value for name, value in told.items() if name not in key}})

    async def _made(self, one: Resource, write: Write, result: Result) -> tuple[str, str]:
        """Id and version of what was written."""
        entry = self._entry(one.name)
        if write.operation != "create":
            return write.external_id or "", ""
        told = record(result.data.children[0], "") if result.data is not None and result.data.children else {}
        number = text(told.get("RECORDNO")) or result.key
        if entry.header is not None:
            lines = await self._lines(entry.object, entry.by, entry.selected, [number])
            return (text(lines[0].get("RECORDNO")) if lines else ""), ""
        if entry.id == ("RECORDNO",):
            return number, ""
        body = self._numbered(one, entry, write, underived({**write.body}, entry.derived))
        parts = [text(told.get(name)) or text(at_path(body, name)) for name in entry.id]
        if not all(parts) and number:
            found = await self._found(entry, {"RECORDNO": number}, f"read {one.name}")
            parts = [text(at_path(found[0], name)) for name in entry.id] if found else []
        return "|".join(parts) if all(parts) else "", ""

    async def look_up(self, write: Write) -> Receipt | None:
        if write.operation == "create":
            return await super().look_up(write)
        one, entry = self._resource(write.object), self._entry(write.object)
        found = await self._record(one, write.external_id or "")
        rule = getattr(one, write.operation)
        wanted = underived({**(rule.body if rule else {}), **write.body}, entry.derived)
        if found is None or not agrees(found, wanted):
            return None
        return Receipt(write.external_id or "", self._incoming(one, found).version, "found", was_adopted=True)

    async def _candidates(self, one: Resource, write: Write) -> list[Any]:
        """Records of the id we chose, or that carry our key; else those that agree in the whole natural key."""
        entry, what = self._entry(one.name), f"look up {one.name}"
        body = underived({**write.body}, entry.derived)
        if one.key_field and write.intent_key and (one.key_is_unique or one.key_field in entry.fields):
            if not one.key_is_unique:
                return await self._found(entry, {one.key_field: write.intent_key}, what)
            numbered = self._numbered(one, entry, write, body)
            wanted = {name: at_path(numbered, name) for name in entry.id}
            is_own = bool(text(at_path(body, entry.id[-1])))
            # an id the firm gives may be another record's: it must agree in what identifies it besides
            natural = underived(write.natural_key, entry.derived) if is_own else {}
            return await self._found(entry, {**natural, **wanted}, what) if all(text(value) for value in wanted.values()) else []
        wanted = underived(write.natural_key, entry.derived)
        return await self._found(entry, wanted, what) if wanted else []

    def _entry(self, name: str) -> Entry:
        found = self.intacct.entries.get(name)
        if found is None:
            raise ConfigurationError(f"{self.config.system} has no resource {name!r}", system=self.config.system)
        return found


def _number(told: Mapping[str, Any], object: str) -> int:
    number = text(told.get("RECORDNO"))
    if not number.isdecimal():
        raise SchemaDriftError(f"a record of {object} has no RECORDNO", object=object, path="RECORDNO")
    return int(number)


def _field_names(data: Element | None) -> frozenset[str]:
    """The ids of the fields that a lookup tells."""
    if data is None:
        return frozenset()
    waiting, found = [data], set()
    while waiting:
        one = waiting.pop()
        waiting.extend(one.children)
        if one.name == "Field":
            found.add(one.said("ID"))
    return frozenset(found)


def _moment(told: str) -> datetime | None:
    try:
        return datetime.fromisoformat(told)
    except ValueError:
        return None


def _print_as(contact: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (text(contact.get("FIRSTNAME")), text(contact.get("LASTNAME")))))


def _contact_name(contact: Mapping[str, Any], key: str) -> str:
    """A name no other contact has: names are unique there, and people's are not."""
    return f"{_print_as(contact) or 'Contact'} ({chosen_number(Entry('CONTACT', ()), key)[:6]})"


def sage_intacct_connector(config: Mapping[str, Any], *, file: str = "sage_intacct", on_request: OnRequest | None = None) -> IntacctConnector:
    """The registry's factory: ``config`` is the document with its variables filled in."""
    told = read(config, file)
    return IntacctConnector(told.rest, HttpClient(told.rest.http, on_request=on_request), intacct=told)
