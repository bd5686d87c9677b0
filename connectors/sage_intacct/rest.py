"""The REST API in the place of the gateway: the functions of the XML gateway, asked and answered in its words.

So objects, mappings and what is made of records stay the same, whichever of the two a firm has a key to. What REST lacks (an audit trail)
is not asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.auth import OAuthToken
from connectors.errors import ConnectorError, RetriableError, SchemaDriftError, UnknownOutcomeError
from connectors.http import Answer
from connectors.sage_intacct.gateway import Answered, Gateway, Result, Told
from connectors.sage_intacct.legacy import FORMS, KEY
from connectors.sage_intacct.names import NAMES, Names, found_in, text_of, value_of
from connectors.wire import dump_json, parse_json
from connectors.xml import Element
from schema.paths import ABSENT, at_path, put_path

BASE = "ia/api/v1"
MOST_AT_ONCE = 500
_SIGNS = {
    "equalto": "$eq", "notequalto": "$ne", "lessthan": "$lt", "lessthanorequalto": "$lte", "greaterthan": "$gt", "greaterthanorequalto": "$gte", "in": "$in",
}  # fmt: skip
_LINES = {"create_invoice": ("ARINVOICE", "ARINVOICEITEM"), "TIMESHEET": ("TIMESHEET", "TIMESHEETENTRY")}


@dataclass
class IntacctToken(OAuthToken):
    """OAuth 2.0 client credentials for a web-services user of a company, at one of its entities or at the top level."""

    client_id: str = field(kw_only=True)
    client_secret: str = field(kw_only=True, repr=False)
    username: str = field(kw_only=True)

    def form(self) -> dict[str, str]:
        return {"grant_type": "client_credentials", "client_id": self.client_id, "client_secret": self.client_secret, "username": self.username}


@dataclass
class RestGateway(Gateway):
    """A company behind its REST API. ``names`` are those of its fields, the firm's own among them."""

    names: Mapping[str, Names] = field(default_factory=lambda: NAMES, kw_only=True)

    async def call(
        self, asked: Sequence[tuple[str, Element]], what: str, *, is_read: bool, is_atomic: bool = False, is_unique: bool = False
    ) -> Answered:
        if is_read:
            results = [await self._read_one(id, function, what) for id, function in asked]
            return Answered(tuple(one for one, _ in results), results[-1][1], b"")
        if is_atomic:
            return Answered(tuple(await self._all_or_none(asked, what)), None, b"")
        return Answered(tuple(await self._together(asked, what)), None, b"")

    async def aclose(self) -> None:
        await self.client.aclose()

    # --- reading -------------------------------------------------------------------------------------------------------

    async def _read_one(self, id: str, function: Element, what: str) -> tuple[Result, str | None]:
        if function.name == "lookup":
            return Result(id, "success", _described(self.names[function.said("object")]), "", ()), None
        object = function.said("object")
        names = self.names[object]
        answer = await self._send("POST", "services/core/query", _query(function, names), what, is_read=True)
        rows, total = self._rows(answer, what)
        fields = [one.text for one in (function.find("select") or Element("select")).all("field")]
        told = [Element(object, children=tuple(_said(names, name, row) for name in fields)) for row in rows]
        if function.said("orderby/order/field") == "RECORDNO":
            _in_order(told, what, self.config.system)
        data = Element("data", "", tuple(told), {"listtype": object, "totalcount": str(total), "count": str(len(rows)), "numremaining": str(total - len(rows))})
        return Result(id, "success", data, "", ()), answer.headers.get("date")

    def _rows(self, answer: Answer, what: str) -> tuple[list[dict[str, Any]], int]:
        system = self.config.system
        try:
            told = parse_json(answer.body)
        except ValueError as error:
            raise RetriableError(f"{system} answered no valid JSON ({what})", system=system, status=answer.status) from error
        rows, total = at_path(told, "ia::result"), at_path(told, "ia::meta.totalCount")
        if not isinstance(rows, list) or not isinstance(total, int):
            raise SchemaDriftError(f"{system} answered no list ({what})", path="ia::result", system=system)
        return rows, total

    # --- writing -------------------------------------------------------------------------------------------------------

    async def _together(self, asked: Sequence[tuple[str, Element]], what: str) -> list[Result]:
        """Each by itself, but new records of one object in one request."""
        results: dict[int, Result] = {}
        groups: dict[str, list[int]] = {}
        for place, (_, function) in enumerate(asked):
            groups.setdefault(_object_of(function) if function.name.startswith("create") else f"{place}", []).append(place)
        for places in groups.values():
            for start in range(0, len(places), MOST_AT_ONCE):
                some = places[start : start + MOST_AT_ONCE]
                told = [asked[place] for place in some]
                done = await self._creates(told, what) if told[0][1].name.startswith("create") else [await self._update(*told[0], what)]
                results |= dict(zip(some, done, strict=True))
        return [results[place] for place in range(len(asked))]

    async def _all_or_none(self, asked: Sequence[tuple[str, Element]], what: str) -> list[Result]:
        """One after the other; when one is refused, what was made before it is taken back."""
        results: list[Result] = []
        for id, function in asked:
            done = (await self._together([(id, function)], what))[0]
            results.append(done)
            if done.errors:
                for (_, before), made in zip(asked, results[:-1], strict=False):
                    if before.name.startswith("create"):
                        await self._send("DELETE", f"objects/{self.names[_object_of(before)].path}/{made.key}", None, what, is_read=False)
                break
        return results

    async def _creates(self, asked: Sequence[tuple[str, Element]], what: str) -> list[Result]:
        names = self.names[_object_of(asked[0][1])]
        bodies = [_body(function, self.names) for _, function in asked]
        sent: Any = bodies[0] if len(bodies) == 1 else bodies
        # another body under the same key is refused: a corrected record is another request
        key = hashlib.sha256(dump_json([[id for id, _ in asked], sent], is_sorted=True)).hexdigest()
        answer = await self._send("POST", f"objects/{names.path}", sent, what, is_read=False, headers={"idempotency-key": key}, is_told=True)
        told = self._results(answer, len(bodies))
        is_repeated = "x-ia-idempotency-cached-date" in answer.headers
        return [replace(self._result(id, one), is_repeated=is_repeated) for (id, _), one in zip(asked, told, strict=True)]

    async def _update(self, id: str, function: Element, what: str) -> Result:
        object = _object_of(function)
        names, record = self.names[object], function.children[0]
        key = record.said("RECORDNO")
        if not key:
            first = record.children[0]
            name = names.fields[first.name]
            wanted = {"object": names.path, "fields": ["key"], "filters": [{"$eq": {name.path: first.text}}], "start": 1, "size": 2}
            rows, _ = self._rows(await self._send("POST", "services/core/query", wanted, what, is_read=True), what)
            if not rows:
                return Result(id, "failure", None, "", (Told("invalidKey", f"The {object} '{first.text}' was not found"),))
            key = str(rows[0]["key"])
        body = _fields(names, [one for one in record.children[1:] if one.name != "RECORDNO"], is_new=False)
        answer = await self._send("PATCH", f"objects/{names.path}/{key}", body, what, is_read=False, is_told=True)
        return self._result(id, self._results(answer, 1)[0])

    def _results(self, answer: Answer, count: int) -> list[dict[str, Any]]:
        """What became of each record: one result, a list of them, or one error for all."""
        try:
            told = parse_json(answer.body)
        except ValueError:
            told = None
        if answer.status >= 500 or not isinstance(told, dict):
            if answer.status >= 400:
                raise self.error([], "write", is_read=False, status=answer.status, headers=answer.headers)
            raise UnknownOutcomeError(f"{self.config.system} answered a write with no valid JSON", system=self.config.system, status=answer.status)
        found = told.get("ia::result")
        if isinstance(found, list) and len(found) == count:
            return found
        if answer.status >= 400 or (isinstance(found, dict) and "ia::error" in found):
            return [told] * count
        if not isinstance(found, dict) or count != 1:
            raise UnknownOutcomeError(f"{self.config.system} answered {count} records with something else", system=self.config.system, status=answer.status)
        return [found]

    def _result(self, id: str, told: Mapping[str, Any]) -> Result:
        errors = tuple(_errors(told))
        if errors:
            return Result(id, "failure", None, "", errors)
        key = str(told.get("key") or "")
        return Result(id, "success", None, key, ()) if key else Result(id, "failure", None, "", (Told("", "No key was told"),))

    async def _send(
        self, method: str, path: str, body: Any, what: str, *, is_read: bool, headers: Mapping[str, str] | None = None, is_told: bool = False
    ) -> Answer:
        """One request. ``is_told``: a refusal of the record is an answer, too."""
        about = dict(headers or {})
        if self.login.entity:
            about["x-ia-api-param-entity"] = self.login.entity
        answer = await self.client.request(method, f"{BASE}/{path}", json=body, headers=about, is_read=is_read)
        auth = self.client.auth
        if answer.status == 400 and b"Invalid token" in answer.body and isinstance(auth, IntacctToken):
            await auth.renew(self.client, await auth.headers(self.client))  # said by some gateways instead of 401
            answer = await self.client.request(method, f"{BASE}/{path}", json=body, headers=about, is_read=is_read)
        if answer.status >= 500 or (answer.status >= 400 and not is_told):
            raise self._meant(answer, what, is_read)
        return answer

    def _meant(self, answer: Answer, what: str, is_read: bool) -> ConnectorError:
        try:
            told = parse_json(answer.body)
        except ValueError:
            told = {}
        errors = list(_errors(told)) if isinstance(told, dict) else []
        return self.error(errors, what, is_read=is_read, status=answer.status, headers=answer.headers)


def _query(function: Element, names: Names) -> dict[str, Any]:
    """A query function in JSON."""
    filter = function.find("filter")
    conditions = list(filter.children) if filter is not None else []
    if len(conditions) == 1 and conditions[0].name == "and":
        conditions = list(conditions[0].children)
    order = function.said("orderby/order/field")
    asked = {
        "object": names.path,
        "fields": list(dict.fromkeys(names.fields[one.text].path for one in (function.find("select") or Element("select")).all("field"))),
        "filters": [_condition(one, names) for one in conditions], "orderBy": [{names.fields[order].path: "asc"}],
        "filterParameters": {"includePrivate": True, "caseSensitiveComparison": True},
        "start": int(function.said("offset") or 0) + 1, "size": int(function.said("pagesize") or 100),
    }  # fmt: skip
    return asked | ({"filterExpression": "and"} if len(conditions) > 1 else {})


def _condition(told: Element, names: Names) -> dict[str, Any]:
    name = names.fields[told.said("field")]
    if told.name == "isnotnull":
        return {"$ne": {name.path: None}}
    values = [value_of(one.text, name.form) for one in told.all("value")]
    return {_SIGNS[told.name]: {name.path: values if told.name == "in" else values[0]}}


def _said(names: Names, name: str, row: Mapping[str, Any]) -> Element:
    one = names.fields[name]
    return Element(name, text_of(found_in(row, one.path), one.form))


def _described(names: Names) -> Element:
    """The fields that REST has of an object, as a lookup tells them."""
    return Element("data", children=tuple(Element("Field", children=(Element("ID", name),)) for name in names.fields))


def _in_order(told: Sequence[Element], what: str, system: str) -> None:
    """Raises RetriableError unless the numbers rise: a walk goes by them, and an order of their texts would lose records."""
    numbers = [int(one.said("RECORDNO")) for one in told if one.said("RECORDNO").isdecimal()]
    if numbers != sorted(numbers):
        raise RetriableError(f"{system} does not list records by their numbers ({what}); read it by the XML gateway", system=system)


def _object_of(function: Element) -> str:
    return _LINES[function.name][0] if function.name in _LINES else function.children[0].name


def _body(function: Element, all: Mapping[str, Names]) -> dict[str, Any]:
    """What makes a record, in JSON, its lines inside."""
    if function.name in FORMS:
        return _document(function, all)
    record = function.children[0]
    names = all[record.name]
    body = _fields(names, [one for one in record.children if one.name != "TIMESHEETENTRIES"], is_new=True)
    entries = record.find("TIMESHEETENTRIES")
    if entries is not None:
        body["lines"] = [_fields(all[one.name], list(one.children), is_new=True) for one in entries.children]
    return body


def _document(function: Element, all: Mapping[str, Names]) -> dict[str, Any]:
    """A legacy document: posted unless its action is Draft, which is said by its state."""
    form, (object, line) = FORMS[function.name], _LINES[function.name]
    told = {ours: _day(one) if theirs in form.dates else one.text for theirs, ours in form.fields if (one := function.find(theirs)) is not None}
    body: dict[str, Any] = {"state": "draft"} if told.pop("ACTION", "Submit") == "Draft" else {}
    told.pop(KEY, None)
    _put(all[object], told, body, is_new=True)
    body["lines"] = []
    for one in (function.find(form.lines) or Element(form.lines)).all(form.line):
        values = {ours: found.text for theirs, ours in form.line_fields if (found := one.find(theirs)) is not None}
        inner: dict[str, Any] = {}
        _put(all[line], values, inner, is_new=True)
        body["lines"].append(inner)
    return body


def _day(told: Element) -> str:
    return f"{told.said('month')}/{told.said('day')}/{told.said('year')}"


def _fields(names: Names, told: Sequence[Element], *, is_new: bool, prefix: str = "") -> dict[str, Any]:
    values: dict[str, str] = {}

    def flatten(one: Element, before: str) -> None:
        for child in one.children:
            flatten(child, f"{before}{one.name}.")
        if not one.children:
            values[f"{before}{one.name}"] = one.text

    for one in told:
        flatten(one, prefix)
    body: dict[str, Any] = {}
    _put(names, values, body, is_new=is_new)
    return body


def _put(names: Names, values: Mapping[str, str], body: dict[str, Any], *, is_new: bool) -> None:
    """Set fields by their names in REST; what it does not have under another name is sent as it is, and refused by name."""
    for name, told in values.items():
        one = names.fields.get(name)
        value = value_of(told, one.form) if one else told
        if value is None and is_new:
            continue
        put_path(body, one.path if one else name, value)


def _errors(told: Mapping[str, Any]) -> list[Told]:
    """The errors of an answer: under ``ia::error``, under ``ia::result``, or as the gateway before it says them; details beside the first."""
    inner = at_path(told, "ia::error")
    for found in (inner, at_path(told, "ia::result.ia::error"), at_path(told, "error"), at_path(told, "ia::result")):
        if isinstance(found, dict) and ("message" in found or "code" in found):
            inner = found
            break
    if not isinstance(inner, dict) or inner is ABSENT:
        return []
    details = [one for one in inner.get("details") or [] if isinstance(one, dict)]
    texts = [str(one.get("message") or "") for one in (inner, *details)]
    return [Told(str(inner.get("code") or inner.get("errorId") or ""), " ".join(filter(None, texts)), str(inner.get("correction") or ""))]
