"""The simulated environment as a server: tokens of Entra, companies, Infologs, number sequences."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any

from aiohttp import web

from connectors.dynamics365.simulator.server import CLIENT_ID, CLIENT_SECRET, TENANT, refused_token
from connectors.dynamics365_fo.simulator.entities import SERVICE
from connectors.dynamics365_fo.simulator.seed import seed
from connectors.odata.simulator import ODataServer
from connectors.odata.simulator_batch import Asked
from connectors.odata.simulator_kinds import Kind, Service
from connectors.simulator.base import answer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "TENANT", "Finance"]
COMPANY = "nbde"
"""The default company of the hub's user."""
CLOSED_BEFORE = "2026-01-01"
LABELS = {"OrganizationName": "Organization name", "CustomerGroupId": "Customer group", "CustomerAccount": "Customer account", "ProjectName": "Project name"}
GROUPS = frozenset({"10", "20", "30"})


class Finance(ODataServer):
    """One environment."""

    def __init__(self, store: Store | None = None, *, webhook_url: str = "", requests_per_s: float = 0.0) -> None:
        super().__init__("dynamics365_fo", store or Store(), webhook_url=webhook_url, requests_per_s=requests_per_s)
        self.lifetime_s = 3599.0
        self.tokens: dict[str, float] = {}
        self._numbers, self._records = count(1), count(5_637_144_576)

    def services(self) -> tuple[Service, ...]:
        return (SERVICE,)

    def seed(self) -> None:
        seed(self)

    def new_id(self, kind: Kind, fields: Mapping[str, Any]) -> str:
        made = {"dataAreaId": COMPANY, "CustomerAccount": "", "InvoiceIdentifier": ""}
        if kind.type == "CustomersV3":
            made["CustomerAccount"] = f"C-{1000 + next(self._numbers)}"
        if kind.type == "FreeTextInvoiceHeaders":
            made["InvoiceIdentifier"] = str(next(self._records))
        if kind.type == "Projects":
            made["ProjectId"] = f"PRJ-{next(self._numbers):06d}"
        return "|".join(str(fields[name] if fields.get(name) is not None else made.get(name, "")) for name in kind.key)

    def stamped(self, kind: Kind, id: str, fields: dict[str, Any], old: Row | None) -> dict[str, Any]:
        found = fields | {name: part for name, part in zip(kind.key, id.split("|"), strict=True) if fields.get(name) in (None, "")}
        for name, prop in kind.props.items():
            if prop.type == "Edm.Int64" and isinstance(found.get(name), str):
                found[name] = int(found[name])
            if prop.type == "Edm.Decimal" and isinstance(found.get(name), int | str) and found[name] != "":
                found[name] = Decimal(found[name])
            if name.endswith("Date") and isinstance(found.get(name), str):
                found[name] = f"{found[name][:10]}T12:00:00Z"
        if kind.type == "CustomersV3":
            found["PartyNumber"] = found.get("PartyNumber") or f"P-{id}"
        if kind.type == "FreeTextInvoiceHeaders" and found.get("IsPosted") == "Yes" and found.get("FreeTextNumber") == "Not posted":
            found["FreeTextNumber"] = f"FTI-{found['InvoiceIdentifier'] % 100_000:05d}"
        return found

    def etag(self, row: Row) -> str:
        return f'W/"{base64.b64encode(f"{row.version},{row.id}".encode()).decode()}"'

    def worded(self, kind: Kind, refusal: Refusal) -> Refusal:
        label = LABELS.get(refusal.field, refusal.field)
        if refusal.code == "Required":
            return replace(refusal, text=f"Field '{label}' must be filled in.")
        if refusal.code == "UnknownProperty":
            return replace(refusal, code="NotInfolog", text=f"The property '{refusal.field}' does not exist on type 'Microsoft.Dynamics.DataEntities.{kind.type}'.")
        return replace(refusal, text=f"The value in field '{label}' {refusal.text.partition(chr(39) + ' ')[2]}")

    def check(self, kind: Kind, new: Mapping[str, Any], old: Row | None) -> Refusal | None:
        if kind.type == "CustomersV3" and new.get("CustomerGroupId") not in GROUPS:
            group = new.get("CustomerGroupId")
            return Refusal("Infolog", "", f"The value '{group}' in field 'Customer group' is not found in the related table 'Customer groups'.")
        if kind.type == "FreeTextInvoiceHeaders":
            if self.store.get("CustomersV3", f"{new.get('dataAreaId')}|{new.get('CustomerAccount')}") is None:
                return Refusal("Infolog", "", f"The value '{new.get('CustomerAccount')}' in field 'Customer account' is not found in the related table 'Customers'.")
            if str(new.get("InvoiceDate") or "9999") < CLOSED_BEFORE:
                return Refusal("Infolog", "", f"The accounting period is closed for the date {str(new['InvoiceDate'])[:10]}.")
        return None

    def read_only(self, kind: Kind) -> str:
        return "access denied" if kind.type in ("LegalEntities", "Workers") else ""

    def error(self, refusal: Refusal) -> web.Response:
        text = refusal.text
        if refusal.code == "DuplicateKey":
            text = "Cannot create a record. The record already exists."
        if refusal.code == "VersionMismatch":
            text = "An update conflict occurred due to another user process deleting the record or changing one or more fields in the record."
        if refusal.code == "CUSTOM_VALIDATION" and refusal.field:
            text = f"The value in field '{refusal.field}' is not allowed."
        if refusal.code not in ("NotInfolog", "BadRequest", "NoSuchSegment", "UNEXPECTED_ERROR", "NotFound"):
            text = f"Write failed for table row of type 'Entity'. Infolog: Warning: {text}; Error: Update has been canceled."
        status = 400 if refusal.code in ("DuplicateKey", "VersionMismatch") else refusal.status
        inner = {"message": text, "type": "Microsoft.Dynamics.Platform.Integration.Services.OData.ODataException", "stacktrace": "   at Microsoft.Dynamics…"}
        return answer({"error": {"code": "", "message": "An error has occurred.", "innererror": inner}}, status, {"odata-version": "4.0"})

    def slow_down(self, seconds: float) -> web.Response:
        response = answer({"error": {"code": "", "message": "Too many requests."}}, 429)
        response.headers["retry-after"] = f"{seconds:g}"
        return response

    def unauthorized(self) -> web.Response:
        return web.Response(status=401, headers={"www-authenticate": "Bearer"})

    def is_allowed(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme == "Bearer" and self.tokens.get(token, 0.0) > time.time()

    def expire_tokens(self) -> None:
        self.tokens.clear()

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        super().routes(app)

    async def answered(self, asked: Asked, *, is_whole: bool = False) -> web.Response:
        """Without ``cross-company`` only the user's own company is seen."""
        kind = asked.service.kinds.get(asked.segments[0].partition("(")[0]) if asked.segments else None
        if kind is not None and asked.method == "GET" and "dataAreaId" in kind.props and asked.params.get("cross-company") != "true":
            mine = f"dataAreaId eq '{COMPANY}'"
            stated = asked.params.get("$filter", "")
            asked = replace(asked, params={**asked.params, "$filter": f"({stated}) and {mine}" if stated else mine})
        return await super().answered(asked, is_whole=is_whole)

    async def _token(self, request: web.Request) -> web.Response:
        self.requests["token"] += 1
        form = await request.post()
        if form.get("client_id") != CLIENT_ID or form.get("client_secret") != CLIENT_SECRET:
            return refused_token(401, "invalid_client", 7000215, "Invalid client secret provided")
        if form.get("scope") != f"{self.url}/.default":
            return refused_token(400, "invalid_scope", 1002012, "The provided value for scope is not valid")
        token = f"eyJ0eXAiOiJKV1Qi.{next(self._numbers):08d}"
        self.tokens[token] = time.time() + self.lifetime_s
        return answer({"token_type": "Bearer", "expires_in": int(self.lifetime_s), "ext_expires_in": int(self.lifetime_s), "access_token": token})
