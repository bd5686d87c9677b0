"""The simulated company as a server: sessions, functions with their results, queries, cursors and legacy documents, with the vendor's errors."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from aiohttp import web

from connectors.sage_intacct import webhook
from connectors.sage_intacct.legacy import FORMS, KEY
from connectors.sage_intacct.simulator import envelopes, rest
from connectors.sage_intacct.simulator.company import Company
from connectors.sage_intacct.simulator.objects import OBJECTS, Kind, wrong
from connectors.sage_intacct.simulator.queries import Found, queried, read_by_query
from connectors.sage_intacct.simulator.seed import seed
from connectors.simulator.base import VendorServer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store
from connectors.xml import Element, XmlError, parse_xml, value_of

SENDER, SENDER_PASSWORD = "hub", "hub-sender-password"
COMPANY, USER, PASSWORD = "northbeam", "xml_gw", "xml-gateway-password"
GATEWAY = "/ia/xml/xmlgw.phtml"
WEBHOOK_SECRET = "hub-rest-client-secret"
MOST_BY_QUERY = 1000
ASKED = web.RequestKey("asked", Element)


class SageIntacct(VendorServer):
    """One company. ``session_s`` is a session's length; ``is_limited_by_status`` answers too many requests by HTTP 429 instead of words in a 200."""

    def __init__(self, store: Store | None = None, *, webhook_url: str = "", requests_per_s: float = 0.0) -> None:
        super().__init__("sage_intacct", store or Store(), webhook_url=webhook_url, requests_per_s=requests_per_s)
        self.company = Company(self.store, changed=self._changed)
        self.session_s, self.is_limited_by_status = float(envelopes.SESSION_S), False
        self.sessions: dict[str, float] = {}
        self.control_ids: set[str] = set()
        self.cursors: dict[str, list[Element]] = {}
        self.rest = rest.RestApi(self, USER, COMPANY)
        self._numbers = count(1)

    # --- what it says --------------------------------------------------------------------------------------------------

    def objects(self) -> Mapping[str, Kind]:
        return OBJECTS

    def seed(self) -> None:
        seed(self.company)

    def routes(self, app: web.Application) -> None:
        app.router.add_post(GATEWAY, self._gateway)
        self.rest.routes(app)

    def is_allowed(self, request: web.Request) -> bool:
        """Whether the session or the sign-in holds; a session's end slides with its use."""
        if ASKED not in request:
            return self.rest.is_allowed(request)
        asked: Element = request[ASKED]
        session = asked.said("operation/authentication/sessionid")
        if session:
            if self.sessions.get(session, 0.0) <= time.time():
                return False
            self.sessions[session] = time.time() + self.session_s
            return True
        login = asked.find("operation/authentication/login")
        return login is not None and (login.said("companyid"), login.said("userid"), login.said("password")) == (COMPANY, USER, PASSWORD)

    def unauthorized(self) -> web.Response:
        if rest.IS_REST.get():
            return self.rest.unauthorized()
        return envelopes.refused_sign_in(None, USER, COMPANY, Refusal("XL03000006", "", "Sign-in information is incorrect|Sign-in information is incorrect|"))

    def error(self, refusal: Refusal) -> web.Response:
        """How it says no outside of the handlers: to a request with a fault."""
        if rest.IS_REST.get():
            return self.rest.error(refusal)
        if refusal.status >= 500 or refusal.status == 429:
            return envelopes.refused_whole(None, Refusal("", "", f"{refusal.text}|The Service is Temporarily Off-line|" if refusal.status == 503 else refusal.text), refusal.status)
        return envelopes.carried_out(None, USER, COMPANY, "", [envelopes.refused("create", "", wrong(refusal.text, refusal.field))], self.session_s)

    def slow_down(self, seconds: float) -> web.Response:
        """No word of how long; in a good answer, unless it is to be by status."""
        if rest.IS_REST.get():
            return self.rest.slow_down(seconds)
        refusal = Refusal("GW-0010", "", "API rate limit exceeded", 429)
        return envelopes.refused_whole(None, refusal, 429 if self.is_limited_by_status else 200)

    def expire_tokens(self) -> None:
        self.sessions.clear()
        self.rest.tokens.clear()

    def shown(self, row: Row) -> dict[str, Any]:
        return dict(row.fields)

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        return self.company.put(object, id, fields, key=key, is_deleted=is_deleted)

    # --- triggers ------------------------------------------------------------------------------------------------------

    def _changed(self, row: Row) -> None:
        if self.webhook_url and row.object != "AUDITHISTORY":
            body = self.trigger_body(row)
            self.tell(body, lambda at_s: self.trigger_headers(row, body, at_s))

    def trigger_body(self, row: Row) -> bytes:
        """The body that the connector's README has a trigger send."""
        return json.dumps({"object": row.object, "id": row.id, "modified": row.fields.get("WHENMODIFIED", "")}).encode()

    def trigger_headers(self, row: Row, body: bytes, at_s: int) -> dict[str, str]:
        event = "after_delete" if row.is_deleted else "after_create" if row.version == 1 else "after_update"
        about = {
            "COMPANY": COMPANY, "ENTITY": "", "USER": USER, "OBJECTNAME": row.object, "RESTOBJECTNAME": row.object.lower(), "VID": row.fields["RECORDNO"], "EVENT": event,
        }  # fmt: skip
        return {"X-IA-Sage-Signature": webhook.signature(WEBHOOK_SECRET, about, body, at_s), "X-IdempotencyKey": f"{row.object}-{row.fields['RECORDNO']}-{row.version}"}

    # --- the gateway ---------------------------------------------------------------------------------------------------

    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        rest.IS_REST.set(False)
        try:
            asked = parse_xml(await request.read())
        except XmlError as error:
            return envelopes.refused_whole(None, Refusal("XL03000003", "", f"XML Parse schema error|{error}|"), 200)
        about = asked.find("control")
        if asked.name != "request" or about is None or about.said("dtdversion") != "3.0":
            return envelopes.refused_whole(about, Refusal("XL03000003", "", "XML Parse schema error|The request does not fit the schema|"))
        if (about.said("senderid"), about.said("password")) != (SENDER, SENDER_PASSWORD):
            return envelopes.refused_whole(about, Refusal("XL03000006", "", "Sign-in error|Incorrect Intacct XML Partner ID or password.|"))
        login = asked.find("operation/authentication/login")
        if login is not None and login.said("companyid") != COMPANY and login.said("companyid"):
            text = f"Invalid Web Services Authorization|The sender ID '{SENDER}' is not authorized to make Web Services requests to company ID '{login.said('companyid')}'|"
            return envelopes.refused_sign_in(about, login.said("userid"), login.said("companyid"), Refusal("XL03000006", "", text))
        functions = [one for one in (asked.find("operation/content") or Element("content")).all("function") if one.children]
        if not functions:
            return envelopes.refused_whole(about, Refusal("XL03000003", "", "XML Parse schema error|There is no function|"))
        request[ASKED] = asked
        operation, object = _operation_of(functions[0].children[0])
        return await self.guard(request, object, operation, lambda _: self._carry_out(asked, functions))

    async def _carry_out(self, asked: Element, functions: list[Element]) -> web.StreamResponse:
        operation, about = asked.find("operation"), asked.find("control")
        is_atomic = operation is not None and operation.attributes.get("transaction") == "true"
        is_unique = about is not None and about.said("uniqueid") == "true"
        results: list[Element] = []
        before: list[tuple[str, dict[str, Row]]] = [(name, dict(rows)) for name, rows in self.store.rows.items()] if is_atomic else []
        for function in functions:
            results.append(self._function(function, is_unique))
            if is_atomic and results[-1].said("status") != "success":
                self._roll_back(before)
                aborted = Refusal("XL03000009", "", "Aborted|The entire transaction in this operation has been rolled back due to an error.|")
                results = [
                    one if one is results[-1] else envelopes.refused(one.said("function"), one.said("controlid"), aborted, "aborted") for one in results
                ]  # fmt: skip
                break
        return envelopes.carried_out(about, USER, COMPANY, "", results, self.session_s)

    def _roll_back(self, before: list[tuple[str, dict[str, Row]]]) -> None:
        self.store.rows.clear()
        self.store.rows.update(before)
        self.store._ordered.clear()

    def _function(self, function: Element, is_unique: bool) -> Element:
        asked, control_id = function.children[0], function.attributes.get("controlid", "")
        if is_unique and control_id in self.control_ids:
            text = f"Duplicate function|The function control ID '{control_id}' was used already; it must be unique.|Use another control ID"
            return envelopes.refused(asked.name, control_id, Refusal("XL03000010", "", text))
        answers: Mapping[str, Callable[[Element], Element | Refusal]] = {
            "getAPISession": self._sign_in, "query": self._query, "readByQuery": self._read_by_query, "readMore": self._read_more, "read": self._read,
            "readByName": self._read, "lookup": self._lookup, "create": self._create, "update": self._update, "delete": self._delete,
        }  # fmt: skip
        answer = answers.get(asked.name)
        if answer is None and asked.name not in FORMS:
            return envelopes.refused(asked.name, control_id, Refusal("XL03000003", "", f"Unknown function|The function {asked.name} is not known|"))
        done = answer(asked) if answer else self._document(asked, control_id)
        if isinstance(done, Refusal):
            return envelopes.refused(asked.name, control_id, done)
        if is_unique:
            self.control_ids.add(control_id)
        return envelopes.result(asked.name, control_id, done)

    def _sign_in(self, asked: Element) -> Element:
        id = f"session-{next(self._numbers):08d}"
        self.sessions[id] = time.time() + self.session_s
        api = Element("api", children=(Element("sessionid", id), Element("endpoint", f"{self.url}{GATEWAY}"), Element("locationid", asked.said("locationid"))))
        return Element("data", children=(api,))

    # --- reading -------------------------------------------------------------------------------------------------------

    def _query(self, asked: Element) -> Element | Refusal:
        found = queried(self.company, asked)
        if isinstance(found, Refusal):
            return found
        object = asked.said("object")
        rows = [envelopes.shown(object, {name: self.company.value(row, name) for name in found.fields}) for row in found.rows]
        return envelopes.data(object, rows, **_counts(found))

    def _read_by_query(self, asked: Element) -> Element | Refusal:
        object, size = asked.said("object").upper(), int(asked.said("pagesize") or 100)
        if object not in OBJECTS:
            return wrong(f"The object {object} does not exist")
        if size > MOST_BY_QUERY:
            return wrong(f"The pagesize must be between 1 and {MOST_BY_QUERY}", "pagesize")
        rows = read_by_query(self.company, object, asked.said("query"))
        if isinstance(rows, Refusal):
            return rows
        names = list(OBJECTS[object].fields) if asked.said("fields") in ("", "*") else [one.strip() for one in asked.said("fields").split(",")]
        told = [envelopes.shown(object.lower(), {name: self.company.value(row, name) for name in names}) for row in rows]
        id = f"7765623{next(self._numbers):06d}"
        self.cursors[id] = told[size:]
        counts = {"count": len(told[:size]), "totalcount": len(told), "numremaining": len(told[size:]), "resultId": f"{id}:{size}" if told[size:] else ""}
        return envelopes.data(object.lower(), told[:size], **counts)

    def _read_more(self, asked: Element) -> Element | Refusal:
        """The next page of a frozen result."""
        id, _, size = asked.said("resultId").partition(":")
        told = self.cursors.get(id)
        if not told:
            return Refusal("BL01001973", "", "readMore|There is no next result set to return|Query again")
        page, self.cursors[id] = told[: int(size)], told[int(size) :]
        left = len(self.cursors[id])
        return envelopes.data(page[0].name, page, count=len(page), totalcount=len(told), numremaining=left, resultId=asked.said("resultId") if left else "")

    def _read(self, asked: Element) -> Element | Refusal:
        object = asked.said("object").upper()
        if object not in OBJECTS:
            return wrong(f"The object {object} does not exist")
        rows = [row for key in (asked.said("keys") or asked.said("key")).split(",") if (row := self.company.found(object, key.strip()))]
        told = [_nested(object, {name: self.company.value(row, name) for name in OBJECTS[object].fields}) for row in rows]
        return envelopes.data(object.lower(), told, count=len(told))

    def _lookup(self, asked: Element) -> Element | Refusal:
        kind = OBJECTS.get(asked.said("object"))
        return wrong(f"The object {asked.said('object')} does not exist") if kind is None else envelopes.data("All", [envelopes.described(kind)], count=1)

    # --- writing -------------------------------------------------------------------------------------------------------

    def _create(self, asked: Element) -> Element | Refusal:
        return self._stored(asked, lambda object, body: self.company.create(object, body, str(body.get("HUB_ID") or f"{object} {len(self.store.rows.get(object, {}))}")))

    def _update(self, asked: Element) -> Element | Refusal:
        return self._stored(asked, self.company.update)

    def _stored(self, asked: Element, store: Callable[[str, dict[str, Any]], Row | Refusal]) -> Element | Refusal:
        told = []
        for one in asked.children:
            if one.name not in OBJECTS:
                return wrong(f"The object {one.name} does not exist")
            body = value_of(one, lists={"TIMESHEETENTRY", "ARPYMTDETAIL"})
            done = store(one.name, body if isinstance(body, dict) else {})
            if isinstance(done, Refusal):
                return done
            told.append(_key_of(done))
        return envelopes.data("objects", told, count=len(told))

    def _delete(self, asked: Element) -> Element | Refusal:
        for key in asked.said("keys").split(","):
            done = self.company.delete(asked.said("object"), key.strip())
            if isinstance(done, Refusal):
                return done
        return Element("data", "", (), {"listtype": "objects", "count": "0"})

    def _document(self, asked: Element, control_id: str) -> Element | Refusal:
        """An invoice, an adjustment or an expense report, made by its own function."""
        form = FORMS[asked.name]
        order = [one.name for one in asked.children]
        known = [theirs for theirs, _ in form.fields] + [form.lines]
        if [one for one in known if one in order] != order:
            return Refusal("XL03000003", "", f"XML Parse schema error|The elements of {asked.name} are not those of the schema, in its order: {', '.join(order)}|")
        fields = _told(asked, form.fields, form.dates)
        key = fields.pop(KEY, "")
        lines = [_told(one, form.line_fields, form.dates) for one in (asked.find(form.lines) or Element(form.lines)).all(form.line)]
        if not lines:
            return wrong("A document needs at least one line", form.lines)
        object, line = {"create_invoice": ("ARINVOICE", "ARINVOICEITEM"), "create_aradjustment": ("ARADJUSTMENT", "ARADJUSTMENTITEM")}.get(
            asked.name, ("EEXPENSES", "EEXPENSESITEM")
        )
        action = fields.pop("ACTION", "Submit")
        if object == "EEXPENSES":
            amount = sum(float(one.get("AMOUNT") or 0) for one in lines)
            fields |= {"TOTALENTERED": f"{amount:.2f}", "RECORDID": fields.get("RECORDID") or f"EXP-{next(self._numbers)}"}
        else:
            fields |= {"STATE": "Posted" if action == "Submit" else "Draft", "RAWSTATE": "A" if action == "Submit" else "D"}
            fields["RECORDID"] = fields.get("RECORDID") or f"INV-{next(self._numbers)}"
        # the state decides whether a document may still be changed, so it is set once it is whole
        held: dict[str, Any] = {name: fields.pop(name) for name in ("STATE", "RAWSTATE") if name in fields} if object != "EEXPENSES" else {}
        done = self.company.made(object, fields, line, lines, key or control_id)
        if isinstance(done, Refusal):
            return done
        if object != "EEXPENSES":
            self.company.balance(done, lines)
            type = {"ARINVOICE": "ri", "ARADJUSTMENT": "ra"}[object]
            self.company.put(object, done.id, {**held, "RECORDTYPE": type, "MODULEKEY": "4.AR"})
        return Element("key", done.fields["RECORDNO"])


def _operation_of(asked: Element) -> tuple[str, str]:
    """What a function does and to what, for faults and counts."""
    if asked.name in FORMS:
        return "create", {"create_invoice": "ARINVOICE", "create_aradjustment": "ARADJUSTMENT"}.get(asked.name, "EEXPENSES")
    object = asked.said("object").upper() or (asked.children[0].name if asked.children else "")
    operation = {"query": "list", "readByQuery": "list", "readMore": "list", "lookup": "describe", "getAPISession": "session"}.get(asked.name, asked.name)
    return operation, object if operation in ("list", "read", "create", "update", "delete", "describe") else ""


def _counts(found: Found) -> dict[str, int]:
    return {"totalcount": found.total, "offset": found.offset, "count": len(found.rows), "numremaining": found.remaining}


def _key_of(row: Row) -> Element:
    """What a create or an update answers of a record."""
    kind = OBJECTS[row.object]
    told = {"RECORDNO": row.fields["RECORDNO"], **({kind.id: row.fields[kind.id]} if kind.id != "RECORDNO" else {})}
    return envelopes.shown(row.object.lower(), told)


def _nested(object: str, values: Mapping[str, str]) -> Element:
    """A record as ``read`` tells it: related ones inside."""
    plain = [Element(name, value) for name, value in values.items() if "." not in name]
    inner: dict[str, dict[str, str]] = {}
    for name, value in values.items():
        head, _, rest = name.partition(".")
        if rest:
            inner.setdefault(head, {})[rest] = value
    return Element(object, children=(*plain, *(_nested(head, rest) for head, rest in inner.items())))


def _told(asked: Element, table: tuple[tuple[str, str], ...], dates: frozenset[str]) -> dict[str, str]:
    """The fields of a legacy function by their usual names."""
    found = {}
    for theirs, ours in table:
        one = asked.find(theirs)
        if one is None:
            continue
        found[ours] = f"{int(one.said('month')):02d}/{int(one.said('day')):02d}/{one.said('year')}" if theirs in dates else one.text
    return found
