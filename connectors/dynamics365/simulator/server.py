"""The simulated organisation as a server: tokens of Entra, tables with their metadata, annotations, limits, webhooks, Dataverse's errors."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4, uuid5

from aiohttp import web
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from connectors.dynamics365.simulator import metadata
from connectors.dynamics365.simulator.seed import seed
from connectors.dynamics365.simulator.tables import CHOICES, HUB_KEY, SERVICE, references
from connectors.odata.simulator import ODataServer
from connectors.odata.simulator_batch import Asked
from connectors.odata.simulator_kinds import Kind, Service
from connectors.odata.values import DECIMAL
from connectors.simulator.base import answer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store
from connectors.wire import dump_json

TENANT, CLIENT_ID, CLIENT_SECRET = "1f6d2b7e-0000-4000-8000-0000000000aa", "hub-application-id", "hub-application-secret"
LABEL, LOGICAL_NAME = "OData.Community.Display.V1.FormattedValue", "Microsoft.Dynamics.CRM.lookuplogicalname"
WEBHOOK_KEY = "a-shared-webhook-key"
_SPACE = UUID("00000000-0000-4000-8000-00000000d365")
_CODES = {  # ours → theirs
    "DuplicateKey": "0x80040237", "DuplicateFound": "0x80040333", "VersionMismatch": "0x80060882", "NotFound": "0x80040217", "NoSuchReference": "0x80040217",
    "UnknownProperty": "0x80048d19", "InvalidProperty": "0x80048d19", "TooLong": "0x80044331", "OutOfRange": "0x8004431A", "Required": "0x80040203",
    "ReadOnly": "0x80040220", "BadRequest": "0x80060888", "Locked": "0x80048408", "CUSTOM_VALIDATION": "0x80040265", "DeltaTokenExpired": "0x80044150",
    "UNEXPECTED_ERROR": "0x80040216", "NoSuchSegment": "0x8006088a",
}  # fmt: skip


class Dataverse(ODataServer):
    """One organisation. ``public_key`` (PEM) verifies assertions; ``lifetime_s`` is a token's; ``burst`` requests may come in five minutes."""

    def __init__(self, store: Store | None = None, *, webhook_url: str = "", requests_per_s: float = 0.0, burst: int = 6_000_000) -> None:
        super().__init__("dynamics365", store or Store(), webhook_url=webhook_url, requests_per_s=requests_per_s)
        self.public_key, self.lifetime_s = "", 3599.0
        self.burst, self.used = burst, 0
        self.tokens: dict[str, float] = {}
        self._numbers, self._versions = count(1), count(400_001)

    # --- what it is ----------------------------------------------------------------------------------------------------

    def services(self) -> tuple[Service, ...]:
        return (SERVICE,)

    def seed(self) -> None:
        seed(self)

    def new_id(self, kind: Kind, fields: Mapping[str, Any]) -> str:
        return str(fields.get(kind.key[0]) or uuid5(_SPACE, f"{kind.type}-{next(self._numbers)}"))

    def stamped(self, kind: Kind, id: str, fields: dict[str, Any], old: Row | None) -> dict[str, Any]:
        now = self.store.clock().astimezone(UTC).replace(microsecond=0).strftime("%Y-%m-%dT%H:%M:%SZ")
        found = fields | {"modifiedon": now, "versionnumber": next(self._versions)}
        found["createdon"] = found.get("createdon") or now
        for name, value in fields.items():
            if f"{name}_base" in kind.props and kind.props[name].type == DECIMAL:
                found[f"{name}_base"] = value
        if kind.type == "salesorder" and not found.get("ordernumber"):
            found["ordernumber"] = f"ORD-{found['versionnumber']:05d}"
        if kind.type == "msdyn_expense":
            found["msdyn_totalamount"] = (found.get("msdyn_amount") or Decimal(0)) + (found.get("msdyn_salestaxamount") or Decimal(0))
        return found

    def etag(self, row: Row) -> str:
        return f'W/"{row.fields["versionnumber"]}"'

    def our_key(self, kind: Kind, fields: Mapping[str, Any]) -> str:
        return str(fields.get(HUB_KEY) or fields.get(kind.key[0]) or super().our_key(kind, fields))

    def read_only(self, kind: Kind) -> str:
        if kind.type in ("msdyn_projecttask", "msdyn_projectteam", "msdyn_resourceassignment"):
            return "You cannot directly do 'Create' operation to this entity. Try editing it through the Resource editing UI via Project."
        return "Direct creation of actuals is blocked." if kind.type == "msdyn_actual" else ""

    def worded(self, kind: Kind, refusal: Refusal) -> Refusal:
        name, prop = refusal.field, kind.props.get(refusal.field)
        if refusal.code == "InvalidProperty" and prop is not None and refusal.text.endswith("is too long."):
            text = f"The length of the '{name}' attribute of the '{kind.type}' entity exceeded the maximum allowed length of '{prop.length}'."
            return Refusal("TooLong", "", f"A validation error occurred. {text}")
        if refusal.code == "InvalidProperty" and prop is not None and prop.picks:
            text = f"The value of '{name}' on record of type '{kind.type}' is outside the valid range. Accepted Values: {','.join(map(str, prop.picks))}"
            return Refusal("OutOfRange", "", f"A validation error occurred. {text}")
        if refusal.code == "UnknownProperty":
            return Refusal("UnknownProperty", "", f"Error identified in Payload provided by the user for Entity :'{kind.set}', with Error Message: "
                                                  f"An undeclared property '{name}' which only has property annotations in the payload was found.")  # fmt: skip
        return Refusal(refusal.code, "", refusal.text, refusal.status)

    def check(self, kind: Kind, new: Mapping[str, Any], old: Row | None) -> Refusal | None:
        if kind.type == "msdyn_timeentry":
            return _time_entry(new, old)
        if old is not None and kind.type == "opportunity" and old.fields.get("statecode") != 0 and new.get("statecode") == old.fields.get("statecode"):
            return Refusal("Locked", "", "This opportunity has already been closed and cannot be updated in its read-only state.")
        return None

    # --- how it answers ------------------------------------------------------------------------------------------------

    def error(self, refusal: Refusal) -> web.Response:
        code = _CODES.get(refusal.code, refusal.code if refusal.code.startswith("0x") else "0x80040216")
        text = refusal.text
        if refusal.code == "CUSTOM_VALIDATION" and refusal.field:
            text = f"The plug-in refuses the attribute '{refusal.field}': {refusal.text}"
        return answer({"error": {"code": code, "message": text}}, refusal.status, {"odata-version": "4.0", "x-ms-service-request-id": str(uuid4())})

    def slow_down(self, seconds: float) -> web.Response:
        text = "Number of requests exceeded the limit of 6000 over time window of 300 seconds."
        response = self.error(Refusal("0x80072322", "", text, 429))
        response.headers["retry-after"] = f"{seconds:g}"
        return response

    def unauthorized(self) -> web.Response:
        return web.Response(status=401, headers={"www-authenticate": f'Bearer authorization_uri="{self.url}/{TENANT}/oauth2/authorize", resource_id="{self.url}/"'})

    def good(self, asked: Asked, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
        left = {"x-ms-ratelimit-burst-remaining-xrm-requests": str(self.burst - self.used), "x-ms-ratelimit-time-remaining-xrm-requests": "1200.00"}
        return super().good(asked, body, status, {**left, **(headers or {})})

    def is_allowed(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme == "Bearer" and self.tokens.get(token, 0.0) > time.time()

    def expire_tokens(self) -> None:
        self.tokens.clear()

    def annotated(self, kind: Kind, row: Row, shown: dict[str, Any], asked: Asked) -> dict[str, Any]:
        wanted = asked.prefers("include-annotations")
        if not wanted:
            return shown
        found = dict(shown)
        for name, value in shown.items():
            if value is None or "@" in name:
                continue
            if wanted == "*" or LABEL in wanted:
                label = self._label(kind, name, value)
                found |= {f"{name}@{LABEL}": label} if label is not None else {}
            if (wanted == "*" or LOGICAL_NAME in wanted) and name.startswith("_") and (target := self._target(kind, name, value)) is not None:
                found[f"{name}@{LOGICAL_NAME}"] = target.object
        return found

    def _label(self, kind: Kind, name: str, value: Any) -> str | None:
        if name.startswith("_"):
            target = self._target(kind, name, value)
            if target is None:
                return None
            names = ("name", "msdyn_name", "msdyn_subject", "currencyname", "cdm_name")
            said = next((str(target.fields[one]) for one in names if target.fields.get(one)), "")
            return said or " ".join(filter(None, (target.fields.get("firstname"), target.fields.get("lastname"))))
        choices = CHOICES.get((kind.type, name))
        return choices.get(value) if choices is not None and isinstance(value, int) else None

    def _target(self, kind: Kind, column: str, id: Any) -> Row | None:
        tables = [one.target for one in references(kind.type) if f"_{one.attribute}_value" == column]
        return next((row for one in tables if (row := self.store.get(one, str(id))) is not None), None)

    # --- beside entity sets --------------------------------------------------------------------------------------------

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        app.router.add_get("/{tenant}/v2.0/.well-known/openid-configuration", self._openid)
        super().routes(app)

    async def special(self, asked: Asked) -> web.Response | None:
        first = asked.segments[0]
        if first.startswith(("EntityDefinitions", "GlobalOptionSetDefinitions")):
            found = metadata.answered(asked.segments, asked.params)
            return self.missing(SERVICE.kinds["accounts"], {"LogicalName": first}) if found is None else self.good(asked, found)
        if first in ("WhoAmI", "WhoAmI()"):
            return self.good(asked, {"UserId": str(uuid5(_SPACE, "me")), "BusinessUnitId": str(uuid5(_SPACE, "unit")), "OrganizationId": str(uuid5(_SPACE, "org"))})
        action = asked.segments[1] if len(asked.segments) == 2 else ""
        kind = SERVICE.kinds.get(first)
        if kind is not None and asked.method == "POST" and action in ("Microsoft.Dynamics.CRM.CreateMultiple", "Microsoft.Dynamics.CRM.UpdateMultiple",
                                                                       "Microsoft.Dynamics.CRM.UpsertMultiple"):  # fmt: skip
            return self._multiple(asked, kind, action.rpartition(".")[2])
        return None

    def _multiple(self, asked: Asked, kind: Kind, action: str) -> web.Response:
        """All or nothing, as on standard tables."""
        held, ids = self.store.held(), []
        for target in asked.json().get("Targets", []):
            fields = {name: value for name, value in target.items() if name != "@odata.type" and name != "@odata.id"}
            row, known = self._target_row(kind, str(target.get("@odata.id", "")), fields)
            if action == "UpdateMultiple" and row is None:
                done: Row | Refusal = Refusal("NotFound", "", f"{kind.type} With Ids Do Not Exist", 404)
            else:
                done = self.keep(kind, row if action != "CreateMultiple" else None, {**known, **fields}, SERVICE)
            if isinstance(done, Refusal):
                self.store.restore(held)
                return self.error(done)
            ids.append(done.id)
        if action == "CreateMultiple":
            return self.good(asked, {"@odata.context": f"{self.url}{SERVICE.base}/$metadata#Microsoft.Dynamics.CRM.CreateMultipleResponse", "Ids": ids})
        return web.Response(status=204, headers=self.versions(4))

    def _target_row(self, kind: Kind, address: str, fields: dict[str, Any]) -> tuple[Row | None, dict[str, Any]]:
        if "(" in address:
            row, wanted = self._named(kind, address.partition("(")[2].removesuffix(")"))
            return row, {} if row is not None else wanted
        return self.store.get(kind.name, str(fields.get(kind.key[0]))), {}

    def _create(self, asked: Asked, kind: Kind, fields: Mapping[str, Any], id: str | None = None) -> web.Response:
        detects = kind.type == "account" and asked.headers.get("mscrm.suppressduplicatedetection", "").lower() == "false"
        if detects and any(row.fields["name"].casefold() == str(fields.get("name")).casefold() for row in self.store.table("account")):
            text = "A record was not created or updated because a duplicate of the current record already exists."
            return self.error(Refusal("DuplicateFound", "", text, 412))
        return super()._create(asked, kind, fields, id)

    def actions(self) -> dict[str, Any]:
        return super().actions() | {"merge": self.control_merge}

    def control_merge(self, given: dict[str, Any]) -> Any:
        """``{"object", "winner", "loser"}``: merge two records as a user does: the loser is deactivated and names the winner."""
        values = {"merged": True, "_masterid_value": given["winner"], "statecode": 1, "statuscode": 2}
        return self.shown(self.put(given["object"], given["loser"], values))

    # --- signing in ----------------------------------------------------------------------------------------------------

    async def _openid(self, request: web.Request) -> web.Response:
        base = f"{self.url}/{request.match_info['tenant']}"
        return answer({"issuer": f"{base}/v2.0", "token_endpoint": f"{base}/oauth2/v2.0/token", "authorization_endpoint": f"{base}/oauth2/v2.0/authorize"})

    async def _token(self, request: web.Request) -> web.Response:
        self.requests["token"] += 1
        form = await request.post()
        if request.match_info["tenant"] != TENANT:
            return refused_token(400, "invalid_request", 90002, "Tenant not found. Check to make sure you have the correct tenant ID")
        if form.get("grant_type") != "client_credentials":
            return refused_token(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type")
        if form.get("client_id") != CLIENT_ID:
            return refused_token(400, "unauthorized_client", 700016, "Application with identifier was not found in the directory")
        if "client_assertion" in form:
            if not self._is_assertion(str(form.get("client_assertion")), str(request.url)):
                return refused_token(401, "invalid_client", 700027, "The certificate with identifier used to sign the client assertion is not registered")
        elif form.get("client_secret") != CLIENT_SECRET:
            return refused_token(401, "invalid_client", 7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value")
        if not str(form.get("scope", "")).endswith("/.default"):
            return refused_token(400, "invalid_scope", 1002012, "The provided value for scope is not valid. Client credential flows must have /.default suffixed")
        token = f"eyJ0eXAiOiJKV1Qi.{next(self._numbers):08d}"
        self.tokens[token] = time.time() + self.lifetime_s
        return answer({"token_type": "Bearer", "expires_in": int(self.lifetime_s), "ext_expires_in": int(self.lifetime_s), "access_token": token})

    def _is_assertion(self, assertion: str, url: str) -> bool:
        try:
            told = jwt.decode(assertion, import_key(self.public_key, "RSA"), algorithms=["PS256", "RS256"])
        except (JoseError, ValueError):
            return False
        claims = told.claims
        is_named = "x5t#S256" in told.header or "x5t" in told.header
        return is_named and claims.get("iss") == claims.get("sub") == CLIENT_ID and claims.get("aud") == url and bool(claims.get("jti")) and claims.get("exp", 0) > time.time()

    # --- webhooks ------------------------------------------------------------------------------------------------------

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        is_new = id is None or self.store.get(object, id) is None
        row = super().put(object, id, fields, key=key, is_deleted=is_deleted)
        if self.webhook_url:
            body = self.event(row, "Delete" if is_deleted else "Create" if is_new else "Update")
            self.tell(body, lambda at_s: self.webhook_headers(row))
        return row

    def webhook_headers(self, row: Row) -> dict[str, str]:
        return {"x-hub-key": WEBHOOK_KEY, "x-ms-dynamics-organization": "acme.crm.dynamics.com", "x-ms-dynamics-entity-name": row.object}

    def event(self, row: Row, message: str, user: str = "") -> bytes:
        """The execution context of a change."""
        shown = {name: value for name, value in row.fields.items() if value is not None and not name.startswith("_")}
        target = {"__type": "Entity:http://schemas.microsoft.com/xrm/2011/Contracts", "LogicalName": row.object, "Id": row.id,
                  "Attributes": [{"key": name, "value": value} for name, value in shown.items()]}  # fmt: skip
        millis = int(row.changed_at.timestamp() * 1000)
        return dump_json({
            "MessageName": message, "PrimaryEntityName": row.object, "PrimaryEntityId": row.id, "Depth": 1, "Stage": 40, "Mode": 1,
            "CorrelationId": str(uuid5(_SPACE, f"correlation-{row.id}-{row.version}")), "OperationId": str(uuid5(_SPACE, f"operation-{row.id}-{row.version}")),
            "OperationCreatedOn": f"/Date({millis})/", "InitiatingUserId": user or str(uuid5(_SPACE, "somebody")), "OrganizationName": "acme",
            "InputParameters": [{"key": "Target", "value": target}], "PostEntityImages": [],
        })  # fmt: skip


def _time_entry(new: Mapping[str, Any], old: Row | None) -> Refusal | None:
    if not 0 < (new.get("msdyn_duration") or 0) <= 1440:
        return Refusal("OutOfRange", "", "A validation error occurred. The value of 'msdyn_duration' on record of type 'msdyn_timeentry' is outside the valid range.")
    if old is not None and old.fields.get("msdyn_entrystatus") in (192350002, 192350003):
        return Refusal("Locked", "", "A time entry that is submitted or approved is in a read-only state: recall it first.")
    if str(new.get("msdyn_date", "")) < "2020-01-01":
        return Refusal("CUSTOM_VALIDATION", "", "The accounting period of this date is closed.")
    return None


def refused_token(status: int, error: str, code: int, text: str) -> web.Response:
    """How Entra says that it gives no token."""
    now = datetime.now(UTC) + timedelta(0)
    told = {"error": error, "error_description": f"AADSTS{code}: {text}.", "error_codes": [code], "timestamp": now.strftime("%Y-%m-%d %H:%M:%SZ"),
            "trace_id": str(uuid4()), "correlation_id": str(uuid4()), "error_uri": f"https://login.microsoftonline.com/error?code={code}"}  # fmt: skip
    return answer(told, status)


