"""The simulated tenant as a server: sessions with tokens, SAP's envelopes, deep inserts, functions, time sheets where everything is a POST, and
notices as an event mesh forwards them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from urllib.parse import quote, unquote
from uuid import uuid4

from aiohttp import web

from connectors.odata.simulator import ODataServer
from connectors.odata.simulator_batch import Asked
from connectors.odata.simulator_kinds import Kind, Service
from connectors.odata.simulator_lists import key_of, keys_in
from connectors.sap_s4hana.simulator import model
from connectors.sap_s4hana.simulator.rules import BUSINESS_ERROR, OPEN_FROM, ZERO, Rules
from connectors.sap_s4hana.simulator.seed import seed
from connectors.simulator.base import answer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store, merged

USER, PASSWORD = "HUB_COMM_USER", "Welcome-to-S4"
CLIENT_ID, CLIENT_SECRET = "sb-hub!b1", "hub-secret"
WEBHOOK_TOKEN = "mesh-token"
CODES = {
    "VersionMismatch": ("/IWBEP/CM_MGW_RT/190", "State of the resource (entity) was already changed (If-Match)"),
    "IfMatchRequired": ("/IWBEP/CM_V4_RUNTIME/020", "Data service request is required to be conditional; try using If-Match"),
    "NoSuchSegment": ("/IWBEP/CM_MGW_RT/020", ""), "NotFound": ("/IWBEP/CM_MGW_RT/020", "Resource not found for segment"),
    "NoSuchReference": (BUSINESS_ERROR, ""), "DuplicateKey": ("/IWBEP/CM_MGW_RT/022", "The record already exists"),
    "BadRequest": ("/IWFND/CM_MGW/095", ""), "Malformed": ("/IWFND/CM_MGW/095", ""), "UnknownProperty": ("/IWCOR/CX_OD_EP_PROPERTY_ERROR/001", ""),
}  # fmt: skip
"""What the layer below calls by its own names: SAP's message class and number, and its words where they are known."""
NO_ADDRESS = {"code": "R1/234", "message": "No address is maintained for the business partner", "severity": "warning", "target": "", "details": []}
STATUSES = ("00", "10", "42", "45")


class S4hana(ODataServer):
    """One tenant. ``page``: rows a page has at most before the service cuts it by itself; ``not_arranged``: services outside the
    communication arrangement."""

    def __init__(
        self, store: Store | None = None, *, webhook_url: str = "", requests_per_s: float = 0.0, lifetime_s: float = 3600.0, page: int = model.PAGE
    ) -> None:
        super().__init__("sap_s4hana", store or Store(), webhook_url=webhook_url, requests_per_s=requests_per_s)
        self._services = tuple(replace(one, page=page) for one in model.SERVICES)
        self.rules = Rules(self.store)
        self.tokens: dict[str, float] = {}
        self.lifetime_s = lifetime_s
        self.not_arranged: set[str] = set()
        self.locked_by: dict[str, str] = {}
        """Id of a record → the user who has it open."""
        self._numbers = count(1)

    # --- what it says --------------------------------------------------------------------------------------------------

    def services(self) -> tuple[Service, ...]:
        return self._services

    def seed(self) -> None:
        seed(self)

    def new_id(self, kind: Kind, fields: Mapping[str, Any]) -> str:
        return self.rules.new_id(kind, fields)

    def stamped(self, kind: Kind, id: str, fields: dict[str, Any], old: Row | None) -> dict[str, Any]:
        return self.rules.stamped(kind, id, fields, old)

    def check(self, kind: Kind, new: Mapping[str, Any], old: Row | None) -> Refusal | None:
        if old is not None and old.id in self.locked_by:
            return Refusal("R1/042", "", f"{kind.set} {old.id} is currently being processed by user {self.locked_by[old.id]}")
        return self.rules.check(kind, new, old)

    def read_only(self, kind: Kind) -> str:
        return f"Creating or changing {kind.set} is not supported" if kind.set in model.READ_ONLY else ""

    def our_key(self, kind: Kind, fields: Mapping[str, Any]) -> str:
        return str(fields.get("BusinessPartnerIDByExtSystem") or fields.get("ExternalDocumentID") or super().our_key(kind, fields))

    def etag(self, row: Row) -> str:
        stamp = row.fields.get("ETag")
        return f"W/\"'{quote(str(stamp))}'\"" if stamp else f"W/\"'{row.version:026d}'\""

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        """Store a state; a new customer of the usual grouping has the partner's number, and a partner is not deleted but marked."""
        if is_deleted and object == "A_BusinessPartner":
            fields, is_deleted = {"IsMarkedForArchiving": True}, False
        row = super().put(object, id, fields, key=key, is_deleted=is_deleted)
        if object == "A_BusinessPartner":
            if id is None and row.fields.get("Customer"):
                super().put("A_Customer", None, {"Customer": row.id, "CustomerName": row.fields["BusinessPartnerFullName"]})
            self._notify("Created" if id is None else "Changed", row)
        if object.endswith("Item") and row.fields.get("NetAmount") is not None:
            self._total(object.removesuffix("Item"), row)
        return row

    def _total(self, object: str, item: Row) -> None:
        """Roll an item's amount up into its header, which thereby changes."""
        if object not in ("A_SalesOrder", "A_SalesContract"):
            return
        by = object.removeprefix("A_")
        head = self.store.get(object, str(item.fields.get(by)))
        if head is not None:
            rows = [row for row in self.store.table(item.object) if row.fields.get(by) == head.id]
            super().put(object, head.id, {"TotalNetAmount": sum((Decimal(row.fields.get("NetAmount") or 0) for row in rows), Decimal(0))})

    def error(self, refusal: Refusal) -> web.Response:
        code, text = CODES.get(refusal.code, (refusal.code if "/" in refusal.code else BUSINESS_ERROR, ""))
        said = text or refusal.text
        if code.endswith("/020") and refusal.status == 404:
            said = refusal.text if "segment" in refusal.text else f"Resource not found for segment '{refusal.text.partition(' ')[0]}'"
        detail = {"code": code, "message": said, "propertyref": refusal.field, "severity": "error", "target": ""}
        inner = {
            "application": {"component_id": "LO-MD-BP", "service_namespace": "/SAP/", "service_id": "API", "service_version": "0001"},
            "transactionid": uuid4().hex.upper(), "timestamp": datetime.now(UTC).strftime("%Y%m%d%H%M%S.%f0"),
            "Error_Resolution": {"SAP_Transaction": "Run transaction /IWFND/ERROR_LOG on SAP Gateway hub system"}, "errordetails": [detail],
        }  # fmt: skip
        return answer({"error": {"code": code, "message": {"lang": "en", "value": said}, "innererror": inner}}, refusal.status)

    def slow_down(self, seconds: float) -> web.Response:
        return web.Response(status=429, text="Too Many Requests", headers={"retry-after": f"{seconds:g}"})

    def unauthorized(self) -> web.Response:
        page = "<html><head><title>Logon Error Message</title></head><body>Logon failed</body></html>"
        return web.Response(status=401, text=page, content_type="text/html", headers={"www-authenticate": 'Basic realm="SAP S/4HANA Cloud"'})

    # --- signing in ----------------------------------------------------------------------------------------------------

    def is_allowed(self, request: web.Request) -> bool:
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            return _basic(said) == (USER, PASSWORD)
        return scheme == "Bearer" and self.tokens.get(said, 0.0) > time.time()

    def expire_tokens(self) -> None:
        self.tokens.clear()
        self.sessions.clear()

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/sap/bc/sec/oauth2/token", self._token)
        super().routes(app)

    async def _token(self, request: web.Request) -> web.Response:
        self.requests["token"] += 1
        form = await request.post()
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        name, secret = _basic(said) if scheme == "Basic" else (str(form.get("client_id")), str(form.get("client_secret")))
        given = (unquote(name), unquote(secret)) if scheme == "Basic" else (name, secret)
        if form.get("grant_type") != "client_credentials":
            return answer({"error": "unsupported_grant_type"}, 400)
        if given != (CLIENT_ID, CLIENT_SECRET):
            return answer({"error": "invalid_client"}, 401)
        token = uuid4().hex
        self.tokens[token] = time.time() + self.lifetime_s
        return answer({"access_token": token, "token_type": "Bearer", "expires_in": int(self.lifetime_s), "scope": "API_BUSINESS_PARTNER_0001"})

    def actions(self) -> dict[str, Any]:
        return super().actions() | {"lock": self.control_lock, "arrange": self.control_arrange}

    def control_lock(self, given: dict[str, Any]) -> Any:
        """``{"id", "user"}``: somebody opens a record; without a user nobody has it open."""
        self.locked_by = {given["id"]: given["user"]} if given.get("user") else {}
        return self.locked_by

    def control_arrange(self, given: dict[str, Any]) -> Any:
        """``{"without": [service, …]}``: what the communication arrangement leaves out."""
        self.not_arranged = set(given["without"])
        return sorted(self.not_arranged)

    # --- requests ------------------------------------------------------------------------------------------------------

    async def answered(self, asked: Asked, *, is_whole: bool = False) -> web.Response:
        name = asked.service.base.rpartition("/")[2].partition(";")[0]
        if name in self.not_arranged:
            return self.error(Refusal("/IWFND/MED/170", "", f"No authorization to access service '{name}'", 403))
        return await super().answered(asked, is_whole=is_whole)

    async def special(self, asked: Asked) -> web.Response | None:
        first = asked.segments[0]
        if first in ("SetProcessingStatus", "SetProjElemProcessingStatus"):
            return self._status(asked, "A_EnterpriseProject" if first == "SetProcessingStatus" else "A_EnterpriseProjectElement")
        if first == "TimeSheetEntryCollection" and asked.method == "GET":
            return self._times(asked)
        if first == "TimeSheetEntryCollection" and asked.method == "POST":
            return self._time(asked)
        name, bracket, rest = first.partition("(")
        kind = asked.service.kinds.get(name)
        if kind is None or asked.method != "POST":
            return None
        if not bracket:
            return self._deep(asked, kind, asked.json())
        head = self.store.get(kind.name, key_of(kind, keys_in(kind, rest.removesuffix(")"))))
        nav = next((one for one in kind.navs if len(asked.segments) > 1 and one.name == asked.segments[1]), None)
        if head is None or nav is None:
            return self.error(Refusal("NoSuchSegment", "", f"Resource not found for segment '{name}'", 404))
        pairs = ((nav.own, nav.theirs), *nav.also)
        return self._deep(asked, asked.service.kinds[nav.set], {**{theirs: head.fields.get(own) for own, theirs in pairs}, **asked.json()})

    def _deep(self, asked: Asked, kind: Kind, fields: Mapping[str, Any]) -> web.Response:
        """A new record with the rows stated below it: all of it, or nothing."""
        held = self.store.held()
        done = self._kept(asked.service, kind, fields)
        if isinstance(done, Refusal):
            self.store.restore(held)
            return self.error(done)
        done = self.store.get(kind.name, done.id) or done
        said = {"sap-message": json.dumps(NO_ADDRESS)} if kind.name == "A_BusinessPartner" and not fields.get("to_BusinessPartnerAddress") else {}
        return self.one(asked, kind, done, 201, {"location": self.address(asked.service, kind, done), **said})

    def _kept(self, service: Service, kind: Kind, fields: Mapping[str, Any]) -> Row | Refusal:
        navs = {one.name: one for one in kind.navs}
        plain = {name: value for name, value in fields.items() if name not in navs}
        computed = {name for name in kind.key if kind.props[name].is_computed}
        done = self.keep(kind, None, {name: value for name, value in plain.items() if not (name in computed and not value)}, service)
        if isinstance(done, Refusal):
            return done
        for name, rows in fields.items():
            nav = navs.get(name)
            if nav is None:
                continue
            for row in rows if isinstance(rows, list) else [rows]:
                below = {nav.theirs: done.fields.get(nav.own), **row}
                inner = self._kept(service, service.kinds[nav.set], below)
                if isinstance(inner, Refusal):
                    return inner
        if kind.name == "A_EnterpriseProject":
            self.root_of(done)
        return done

    def root_of(self, project: Row) -> Row:
        """The element that mirrors a new project."""
        mirrored = {"ProjectElement": "Project", "ProjectElementDescription": "ProjectDescription", "PlannedStartDate": "ProjectStartDate",
                    "PlannedEndDate": "ProjectEndDate", "CompanyCode": "CompanyCode"}  # fmt: skip
        about = {own: project.fields.get(theirs) for own, theirs in mirrored.items()}
        return super().put("A_EnterpriseProjectElement", None, {**about, "ProjectUUID": project.id, "ParentObjectUUID": ZERO})

    def keep(self, kind: Kind, row: Row | None, fields: Mapping[str, Any], service: Service, id: str | None = None) -> Row | Refusal:
        if kind.name == "A_EnterpriseProjectElement" and row is None and not fields.get("ParentObjectUUID"):
            root = next((one for one in self.store.table(kind.name) if one.fields.get("ProjectUUID") == fields.get("ProjectUUID") and one.fields.get("ParentObjectUUID") == ZERO), None)
            if root is None:
                return Refusal("/S4PPM/CRUD/011", "ProjectUUID", "Project does not exist")
            fields = {**fields, "ParentObjectUUID": root.id}
        return super().keep(kind, row, fields, service, id)

    def _status(self, asked: Asked, object: str) -> web.Response:
        """A function that sets a status, its arguments in the address."""
        kind = self.kind(object)
        said = {name: text.removeprefix("guid").strip("'") for name, text in asked.params.items()}
        row = self.store.get(object, said.get(kind.key[0], "").lower())
        if row is None:
            return self.missing(kind, said)
        if said.get("ProcessingStatus") not in STATUSES or row.fields.get("ProcessingStatus") == "45":
            return self.error(Refusal("/S4PPM/CRUD/220", "ProcessingStatus", f"Status {said.get('ProcessingStatus')} cannot be set"))
        done = self.put(object, row.id, {"ProcessingStatus": said["ProcessingStatus"]})
        return self.good(asked, {"d": {asked.segments[0]: self.rendered(Asked(asked.service, "GET", (), {}, {}), kind, done)}})

    # --- time sheets ---------------------------------------------------------------------------------------------------

    def _times(self, asked: Asked) -> web.Response | None:
        """Lists with the defects that are known: an order and a count are ignored, gt and lt on the date find nothing."""
        if "(" in asked.segments[0]:
            return None
        ignored = {"$orderby", "$inlinecount"}
        params = {name: value for name, value in asked.params.items() if name not in ignored}
        if any(f"TimeSheetDate {sign} " in params.get("$filter", "") for sign in ("gt", "lt")):
            return self.good(asked, {"d": {"results": []}})
        return self._list(Asked(asked.service, asked.method, asked.segments, params, asked.headers), asked.service.kinds["TimeSheetEntryCollection"])

    def _time(self, asked: Asked) -> web.Response:
        kind, said = asked.service.kinds["TimeSheetEntryCollection"], asked.json()
        operation = said.pop("TimeSheetOperation", "")
        said.get("TimeSheetDataFields", {}).pop("__metadata", None)
        if operation not in ("C", "U", "D"):  # answered as if it had been done
            return self.good(asked, {"d": {**said, "TimeSheetRecord": "", "TimeSheetStatus": ""}}, 201)
        known = self.store.get(kind.name, "|".join(str(said.get(name) or "") for name in kind.key)) if operation != "C" else None
        if operation != "C" and known is None:
            return self.error(Refusal("CATS/801", "TimeSheetRecord", "Time sheet record does not exist"))
        if operation == "D" and known is not None:
            self.put(kind.name, known.id, {}, is_deleted=True)
            return self.good(asked, {"d": {**said, "TimeSheetOperation": "D"}}, 201)
        whole = merged(known.fields, said) if known is not None else said
        if refusal := self._time_refused(whole):
            return self.error(refusal)
        status = "30" if whole.get("TimeSheetIsReleasedOnSave") else "10"
        numbers = {"RecordedHours": Decimal(str(whole["TimeSheetDataFields"]["RecordedHours"]))}
        about = {**whole, "TimeSheetStatus": status, "TimeSheetOperation": "", "TimeSheetDataFields": {**whole["TimeSheetDataFields"], **numbers}}
        about["PersonWorkAgreement"] = f"{int(''.join(filter(str.isdecimal, about['PersonWorkAgreementExternalID'])) or 0) + 50_000_000:08d}"
        if known is not None and known.fields.get("TimeSheetStatus") == "30":  # what was approved stays, its change is another record
            self.put(kind.name, known.id, {"TimeSheetStatus": "50"})
            about |= {"TimeSheetPredecessorRecord": known.fields["TimeSheetRecord"]}
            known = None
        about.pop("TimeSheetRecord", None)
        if known is None:
            done = self.put(kind.name, None, about, key="" if operation == "U" else "TimeSheetEntryCollection without a key")
        else:
            done = self.put(kind.name, known.id, about)
        return self.one(asked, kind, done, 201, {"location": self.address(asked.service, kind, done)})

    def _time_refused(self, said: Mapping[str, Any]) -> Refusal | None:
        fields, day = said.get("TimeSheetDataFields") or {}, str(said.get("TimeSheetDate") or "")[:10]
        if not any(row.fields.get("BPIdentificationNumber") == said.get("PersonWorkAgreementExternalID") for row in self.store.table("A_BuPaIdentification")):
            return Refusal("CATS/012", "PersonWorkAgreementExternalID", f"Work agreement {said.get('PersonWorkAgreementExternalID')} does not exist")
        if not day:
            return Refusal("CATS/020", "TimeSheetDate", "Enter a date in the field TimeSheetDate")
        if day < OPEN_FROM:
            return Refusal("F5/201", "TimeSheetDate", f"Posting period {int(day[5:7]):03d} {day[:4]} is not open for account type S")
        if fields.get("WBSElement") and not any(row.fields.get("ProjectElement") == fields["WBSElement"] for row in self.store.table("A_EnterpriseProjectElement")):
            return Refusal("CJ/021", "WBSElement", f"WBS element {fields['WBSElement']} does not exist")
        try:
            hours = Decimal(str(fields.get("RecordedHours")))
        except ArithmeticError:
            return Refusal("CATS/030", "RecordedHours", "Enter hours in the field RecordedHours")
        return Refusal("CATS/031", "RecordedHours", "More than 24 hours on one day") if not 0 < hours <= 24 else None

    # --- notices -------------------------------------------------------------------------------------------------------

    def _notify(self, what: str, row: Row) -> None:
        """A notice as a mesh forwards it: what happened to which record, nothing of the record."""
        about = {
            "specversion": "1.0", "type": f"sap.s4.beh.businesspartner.v1.BusinessPartner.{what}.v1", "source": "/default/sap.s4.beh/my300000", "id": str(uuid4()),
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "datacontenttype": "application/json", "data": {"BusinessPartner": row.id},
        }  # fmt: skip
        self.tell(json.dumps(about).encode(), lambda at: {"authorization": f"Bearer {WEBHOOK_TOKEN}"})

    def shown(self, row: Row) -> dict[str, Any]:
        return dict(row.fields)


def _basic(said: str) -> tuple[str, str]:
    try:
        name, _, secret = base64.b64decode(said, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return name, secret
