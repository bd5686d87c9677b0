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

from connectors.auth import Auth, no_auth
from connectors.errors import ConfigurationError, ConnectorError, RejectedError, UnknownOutcomeError
from connectors.http import HttpClient, OnRequest, redacted
from connectors.port import Capabilities, Incoming, Page, Receipt, Write
from connectors.rest.config import Resource, WriteRule
from connectors.rest.connector import RestConnector
from connectors.rest.walk import clock_of
from connectors.sage_intacct import webhook
from connectors.sage_intacct.config import CURRENCIES, Entry, IntacctConfig, read
from connectors.sage_intacct.gateway import Gateway, Result, Told
from connectors.sage_intacct.reading import Reader, number_of
from connectors.sage_intacct.records import agrees, record, text, underived
from connectors.sage_intacct.rest import BASE, IntacctToken, RestGateway
from connectors.sage_intacct.state import State, parsed
from connectors.sage_intacct.writing import creates, needs_known, numbered, updates
from connectors.xml import Element, XmlError
from schema.paths import at_path, flattened

REPEATED = re.compile(r"control ?id.*(already|unique|duplicate)|(already|duplicate).*control ?id", re.IGNORECASE | re.DOTALL)
"""How the gateway says that a control id was used before (unverified wording)."""
ABORTED = "XL03000009"
GONE = "Restore the record there, or unlink it in the hub."
MOVED = "Read the record again, then retry."


@dataclass
class IntacctConnector(RestConnector):
    """A connected company."""

    intacct: IntacctConfig = field(kw_only=True)
    gateway: Gateway = field(init=False)
    reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        told = (self.client, self.config, self.intacct.login, self.intacct.gateway, self.clock)
        self.gateway = RestGateway(*told, names=self.intacct.names) if self.intacct.is_rest else Gateway(*told)
        self.reader = Reader(self.gateway, self.intacct.page, self.intacct.currency)

    @property
    def capabilities(self) -> Capabilities:
        scheme = webhook.SCHEME if self.intacct.webhook else ""
        return replace(super().capabilities, bulk_size=self.intacct.bulk, page_size=self.intacct.page, webhook_has_body=False, webhook_scheme=scheme)

    async def aclose(self) -> None:
        await self.gateway.aclose()

    # --- reading -----------------------------------------------------------------------------------------------------

    async def poll(self, resource: str, checkpoint: str) -> Page:
        one, entry = self._resource(resource), self._entry(resource)
        overlap_s = one.changes.overlap_s if one.changes else 0.0
        state = parsed(checkpoint).begun(overlap_s, bool(entry.asked.modified))
        if state.is_due and not state.after and self._may_list(state):
            return Page((), "", has_more=True)
        told, remaining, date = await self.reader.changed(entry, state)
        state = replace(state, began=state.began or clock_of(date, self.clock()))
        if told:
            state = replace(state, after=max(number_of(each, resource) for each in told))
        messages = tuple(self._incoming(one, each) for each in await self.reader.composed(entry, told))
        if remaining and told:
            return Page(messages, state.text(), has_more=True)
        if state.is_full:
            return Page(messages, state.ended().text(), has_more=False, is_complete_listing=True)
        gone, is_due = await self._deleted(one, entry, state) if entry.asked.audit else ((), True)
        state = replace(state, is_due=state.is_due or is_due)
        if state.is_due and self._may_list(state):
            return Page((*messages, *gone), "", has_more=True)
        return Page((*messages, *gone), state.ended().text(), has_more=False)

    async def _deleted(self, one: Resource, entry: Entry, state: State) -> tuple[tuple[Incoming, ...], bool]:
        """What was deleted since, as far as its number names it; whether there is more that only a listing of all can tell."""
        told = await self.reader.deleted(entry, state.asked_from)
        if entry.id != ("RECORDNO",) or entry.header is not None:
            return (), any(moment[:19] >= state.listed[:19] for _, moment in told)
        return tuple(
            Incoming(one.object, key, b"", f"{one.object}:{key}:deleted:{moment}", moment, is_delete=True, occurred_at=_moment(moment)) for key, moment in told
        ), False  # fmt: skip

    def _may_list(self, state: State) -> bool:
        """Whether the last listing of all is long enough ago."""
        return not state.listed or self.clock() - datetime.fromisoformat(state.listed).timestamp() >= self.intacct.relist_s

    async def _record(self, one: Resource, external_id: str) -> Any:
        return await self.reader.one(self._entry(one.name), external_id)

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
        """Writes in one request; those that need one of their own go alone."""
        told = {place: found for place in places if (found := self._plain(writes[place])) is not None}
        for place in places:
            if place not in told:
                try:
                    answers[place] = await self.write(writes[place])
                except ConnectorError as error:
                    answers[place] = error
        if not told:
            return
        try:
            done = await self._carried_out(list(told.values()))
        except ConnectorError as error:
            done = [error for _ in told]
        for place, receipt in zip(told, done, strict=True):
            answers[place] = await self._settled(writes[place], receipt)

    def _plain(self, write: Write) -> tuple[Resource, WriteRule, Write] | None:
        """What a write is made of, when one function is all it takes; None for one that cannot be or needs more."""
        one, entry = self.config.resources.get(write.object), self.intacct.entries.get(write.object)
        rule: WriteRule | None = getattr(one, write.operation) if one else None
        if one is None or entry is None or rule is None or entry.contact:
            return None
        return None if write.operation != "create" and needs_known(entry, write.expected_version) else (one, rule, write)

    async def _settled(self, write: Write, receipt: Receipt | ConnectorError) -> Receipt | ConnectorError:
        """What a write by itself would have ended with: a duplicate of ours is adopted, a doubt says how long it lasts."""
        one = self._resource(write.object)
        if isinstance(receipt, UnknownOutcomeError):
            receipt.settles_after_s = receipt.settles_after_s or one.unknown_settles_after_s
        is_taken = isinstance(receipt, RejectedError) and receipt.cause == "duplicate" and write.operation == "create" and one.key_is_unique
        if not is_taken:
            return receipt
        try:
            return await self.look_up(write) or receipt
        except ConnectorError as error:
            return error

    async def _carried_out(self, told: Sequence[tuple[Resource, WriteRule, Write]]) -> list[Receipt | ConnectorError]:
        """Send writes as the functions of one request; their receipts in the same order. Raises what the whole request ends with.

        Several functions are several writes, or those of one write, which are then carried out all or none.
        """
        asked: list[tuple[str, Element]] = []
        sent: list[tuple[Resource, WriteRule, Write]] = []
        refused: dict[int, ConnectorError] = {}
        for place, (one, rule, write) in enumerate(told):
            try:
                asked.extend(await self._functions(one, {**rule.body, **write.body}, write))
                sent.append((one, rule, write))
            except RejectedError as error:
                refused[place] = error
        answers: list[Receipt | ConnectorError] = []
        if sent:
            what = f"{sent[0][2].operation} {sent[0][2].object}"
            is_unique = all(write.operation == "create" for *_, write in sent)
            answered = await self.gateway.call(asked, what, is_read=False, is_atomic=len(asked) > len(sent), is_unique=is_unique)
            results = answered.results if len(asked) == len(sent) else (_decisive(answered.results),)
            made, shown = await self._lines_made(sent, results), redacted(answered.body)
            answers = [await self._outcome(one, write, result, made, shown) for (one, _, write), result in zip(sent, results, strict=True)]
        following = iter(answers)
        return [refused[place] if place in refused else next(following) for place in range(len(told))]

    async def _functions(self, one: Resource, body: Mapping[str, Any], write: Write) -> list[tuple[str, Element]]:
        """The functions of one write. Raises RejectedError for what cannot be asked."""
        try:
            return await self._made_functions(one, body, write)
        except XmlError as error:
            name = error.path.rpartition("/")[2]
            remedy = "Correct the text at its owner: Sage Intacct takes XML, which cannot carry every character."
            raise RejectedError(f"{self.config.system} cannot be told {name}: {error}", field=name, remedy=remedy, system=self.config.system) from error

    async def _made_functions(self, one: Resource, body: Mapping[str, Any], write: Write) -> list[tuple[str, Element]]:
        entry, body = self._entry(one.name), self._without_currency(one, body)
        if write.operation == "create":
            return creates(entry, write.intent_key, body, "" if one.key_is_unique else one.key_field, int(self.clock() // 3600))
        self._check_id(one, entry, body, write.external_id or "")
        known: dict[str, Any] | None = None
        if needs_known(entry, write.expected_version):
            known = await self.reader.one(entry, write.external_id or "")
            system = self.config.system
            if known is None:
                raise RejectedError(f"{system} has no {one.name} of this id any more", cause="not_found", remedy=GONE, system=system)
            if write.expected_version and self._incoming(one, known).version != write.expected_version:
                raise RejectedError(f"{system} changed the {one.name} meanwhile", cause="conflict", remedy=MOVED, system=system)
        return [(str(uuid4()), function) for function in updates(entry, write.external_id or "", body, known)]

    def _without_currency(self, one: Resource, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """A body as a company of one currency takes it. Raises RejectedError for an amount or record in another."""
        only, told = self.intacct.currency, flattened(dict(body))
        other = next((path for path, value in told.items() if path.rpartition(".")[2] in CURRENCIES and text(value) not in ("", only)), "") if only else ""
        if other:
            remedy = f"The company keeps {only} only: correct the currency at its owner, or deliver the record elsewhere."
            raise RejectedError(f"{self.config.system} takes no {one.name} in another currency", field=other, remedy=remedy, system=self.config.system)
        return _without(body, CURRENCIES) if only else body

    def _check_id(self, one: Resource, entry: Entry, body: Mapping[str, Any], external_id: str) -> None:
        """Raises RejectedError when an update would give the record another id, which Sage Intacct does not let it have."""
        told, parts = underived(body, entry.derived), external_id.split("|") if len(entry.id) > 1 else [external_id]
        for name, part in zip(entry.id, parts, strict=False):
            if text(at_path(told, name)) not in ("", part):
                remedy = "An id stays what it is in Sage Intacct: keep the old one at its owner, or make another record."
                raise RejectedError(f"{self.config.system} cannot change the {name} of a {one.name}", field=name, remedy=remedy, system=self.config.system)

    async def _lines_made(self, told: Sequence[tuple[Resource, WriteRule, Write]], results: Sequence[Result]) -> dict[str, str]:
        """Number of a document → number of its only line, of what was made for lines."""
        found: dict[str, str] = {}
        numbers: dict[str, list[str]] = {}
        for (one, _, write), result in zip(told, results, strict=True):
            if write.operation == "create" and self._entry(one.name).header is not None and not result.errors:
                numbers.setdefault(one.name, []).append(_number(result))
        for name, some in numbers.items():
            entry = self._entry(name)
            try:
                lines = await self.reader.lines(entry.object, entry.by, ("RECORDNO", entry.by), some)
            except ConnectorError:
                continue  # made, and told as a doubt, which a look-up settles
            found |= {text(line.get(entry.by)): text(line.get("RECORDNO")) for line in lines}
        return found

    async def _outcome(self, one: Resource, write: Write, result: Result, made: Mapping[str, str], shown: str) -> Receipt | ConnectorError:
        if result.errors:
            return await self._refused(one, write, result.errors)
        external_id = write.external_id or ""
        if write.operation == "create":
            entry, number = self._entry(one.name), _number(result)
            told = record(result.data.children[0], "") if result.data is not None and result.data.children else {}
            body = numbered(entry, write.intent_key, underived(write.body, entry.derived))
            parts = [text(told.get(name)) or text(at_path(body, name)) for name in entry.id]
            if entry.header is not None or entry.id == ("RECORDNO",):
                parts = [made.get(number, "") if entry.header is not None else number]
            external_id = "|".join(parts) if all(parts) else ""
        if not external_id:
            settles_s = one.unknown_settles_after_s
            return UnknownOutcomeError(f"{self.config.system} did not say which {one.name} it made", settles_after_s=settles_s, system=self.config.system)
        return Receipt(external_id, "", shown, was_adopted=result.is_repeated)

    async def _refused(self, one: Resource, write: Write, errors: Sequence[Told]) -> Receipt | ConnectorError:
        what = f"{write.operation} {write.object}"
        if write.operation == "create" and any(REPEATED.search(told.text) for told in errors):
            # carried out before under the same control id: what it made is found, or nobody knows
            unknown = UnknownOutcomeError(
                f"{self.config.system} was asked to {what} before", settles_after_s=one.unknown_settles_after_s, system=self.config.system
            )
            try:
                return await self.look_up(write) or unknown
            except ConnectorError as error:
                return error
        made = self.gateway.error(errors, what, is_read=False)
        if isinstance(made, RejectedError) and not made.field:
            made.field = self._field_in(one, write, " ".join(told.text for told in errors))
        if isinstance(made, RejectedError) and made.cause == "duplicate" and one.key_is_unique:
            made.field = made.field or self._entry(one.name).id[-1]
        return made

    def _field_in(self, one: Resource, write: Write, words: str) -> str:
        """The first field of ours that a refusal names."""
        entry = self._entry(one.name)
        lines = entry.lines.fields if entry.lines else ()
        names = {path.rpartition(".")[2].casefold(): path for path in (*lines, *entry.fields, *entry.id, *flattened(dict(write.body)))}
        return next((names[each] for each in re.findall(r"[a-z][a-z0-9_]+", words.casefold()) if each in names), "")

    async def look_up(self, write: Write) -> Receipt | None:
        if write.operation == "create":
            return await super().look_up(write)
        one, entry = self._resource(write.object), self._entry(write.object)
        found = await self.reader.one(entry, write.external_id or "")
        rule: WriteRule | None = getattr(one, write.operation)
        wanted = underived({**(rule.body if rule else {}), **write.body}, entry.derived)
        if found is None or not agrees(found, wanted):
            return None
        return Receipt(write.external_id or "", self._incoming(one, found).version, "found", was_adopted=True)

    async def _candidates(self, one: Resource, write: Write) -> list[Any]:
        """Records of the id we chose, or that carry our key; else those that agree in the whole natural key."""
        entry, what = self._entry(one.name), f"look up {one.name}"
        natural = underived(write.natural_key, entry.derived)
        if not one.key_field or not write.intent_key:
            return await self.reader.alike(entry, natural, what) if natural else []
        if not one.key_is_unique:
            return await self.reader.alike(entry, {one.key_field: write.intent_key}, what)
        body = underived(write.body, entry.derived)
        chosen = numbered(entry, write.intent_key, body)
        wanted = {name: at_path(chosen, name) for name in entry.id}
        # an id that the firm gives may be another record's: it must agree in what identifies it besides
        is_given = bool(text(at_path(body, entry.id[-1])))
        return await self.reader.alike(entry, {**(natural if is_given else {}), **wanted}, what) if all(map(text, wanted.values())) else []

    def _entry(self, name: str) -> Entry:
        found = self.intacct.entries.get(name)
        if found is None:
            raise ConfigurationError(f"{self.config.system} has no resource {name!r}", system=self.config.system)
        return found


def _without(body: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {key: _without(value, names) if isinstance(value, dict) else value for key, value in body.items() if key not in names}


def _decisive(results: Sequence[Result]) -> Result:
    """Of the results of one write the one that failed for a reason, else the last."""
    failed = (one for one in results if one.errors and one.status != "aborted" and ABORTED not in (told.code for told in one.errors))
    return next(failed, results[-1])


def _number(result: Result) -> str:
    """The record number of what a function made."""
    told = result.data.children[0] if result.data is not None and result.data.children else None
    return (told.said("RECORDNO") if told is not None else "") or result.key


def _moment(told: str) -> datetime | None:
    try:
        return datetime.fromisoformat(told)
    except ValueError:
        return None


def sage_intacct_connector(config: Mapping[str, Any], *, file: str = "sage_intacct", on_request: OnRequest | None = None) -> IntacctConnector:
    """The registry's factory: ``config`` is the document with its variables filled in."""
    told = read(config, file)
    auth: Auth = no_auth()
    if told.is_rest:
        one = told.login
        auth = IntacctToken(f"{BASE}/oauth2/token", client_id=one.client_id, client_secret=one.client_secret, username=one.username, early_s=60.0)
    return IntacctConnector(told.rest, HttpClient(told.rest.http, auth, on_request), intacct=told)
