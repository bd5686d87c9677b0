"""The simulated account as a server: tokens, lists, records, external references, the events' feed, locks, with Kantata's envelopes and errors."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from aiohttp import web

from connectors.kantata.simulator import asking
from connectors.kantata.simulator.account import Account
from connectors.kantata.simulator.kinds import EVENTFUL, KINDS, Kind
from connectors.kantata.simulator.seed import seed
from connectors.simulator.base import VendorServer, answer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store
from connectors.wire import parse_json

TOKEN = "kantata-token"
CLIENT_ID, CLIENT_SECRET, CODE, REFRESH = "hub-application", "hub-application-secret", "code-1", "refresh-1"
LISTED = [name for name in KINDS if name not in ("rate_card_set_versions",)]
STANDING = {"users", "account_memberships", "roles", "subscribed_events", "timesheet_submissions", "expense_report_submissions"}
"""Not entered by a request here."""


class Kantata(VendorServer):
    """One account. ``has_events``: Subscribed Events are paid for. ``takes_references``: a reference is taken along with its record.
    ``unknown``: parameters that it does not know."""

    def __init__(self, store: Store | None = None, *, webhook_url: str = "", requests_per_s: float = 0.0, has_events: bool = True) -> None:
        super().__init__("kantata", store or Store(), webhook_url=webhook_url, requests_per_s=requests_per_s)
        self.account = Account(self.store)
        self.has_events, self.takes_references = has_events, True
        self.unknown: set[str] = set()
        self.tokens = {TOKEN}
        self.refresh = REFRESH
        self._numbers = count(1)

    # --- what it says --------------------------------------------------------------------------------------------------

    def objects(self) -> Mapping[str, Kind]:
        return KINDS

    def seed(self) -> None:
        seed(self.account)

    def is_allowed(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and token in self.tokens

    def error(self, refusal: Refusal) -> web.Response:
        kind = {401: "oauth", 400: "syntax", 422: "validation"}.get(refusal.status, "system")
        told = {"type": "validation" if refusal.field else kind, "message": refusal.text} | ({"field": refusal.field} if refusal.field else {})
        return answer({"errors": [told]}, refusal.status)

    def slow_down(self, seconds: float) -> web.Response:
        return self.error(Refusal("", "", "Too many requests. Please retry after a short delay.", 429))

    def unauthorized(self) -> web.Response:
        return self.error(Refusal("", "", "Invalid OAuth 2 Request", 401))

    def expire_tokens(self) -> None:
        """Revoke what was given out for a client's secret; a token that was copied stays."""
        self.tokens = {TOKEN}

    def shown(self, row: Row) -> dict[str, Any]:
        return asking.shown(row, set(KINDS[row.object].refers) | set(KINDS[row.object].many), set(KINDS[row.object].optional))

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        return self.account.put(object, id, fields, key=key, is_deleted=is_deleted)

    def app(self) -> web.Application:
        app = super().app()

        async def named(request: web.Request, response: web.StreamResponse) -> None:
            response.headers["x-request-id"] = f"req-{next(self._numbers):08d}"

        app.on_response_prepare.append(named)
        return app

    # --- routes --------------------------------------------------------------------------------------------------------

    def routes(self, app: web.Application) -> None:
        add, base = app.router.add_route, "/api/v1"
        add("POST", "/oauth/token", self._token)
        for end in ("", ".json"):
            add("GET", f"{base}/users/me{end}", self.guarded("users", "read", self._me))
            add("GET", f"{base}/subscribed_events/event_types{end}", self.guarded("subscribed_events", "describe", self._event_types))
            add("POST", f"{base}/external_references/create_or_update{end}", self.guarded("external_references", "create", self._refer))
            add("PUT", f"{base}/invoices/{{id:\\d+}}/cancel{end}", self.guarded("invoices", "update", self._cancel))
            for name in LISTED:
                add("GET", f"{base}/{name}{end}", self._about(name, "list", self._list))
                add("POST", f"{base}/{name}{end}", self._about(name, "create", self._create))
                add("GET", f"{base}/{name}/{{id:[^/.]+}}{end}", self._about(name, "read", self._read))
                add("PUT", f"{base}/{name}/{{id:[^/.]+}}{end}", self._about(name, "update", self._update))
                add("DELETE", f"{base}/{name}/{{id:[^/.]+}}{end}", self._about(name, "delete", self._delete))
        add("*", f"{base}/{{rest:.*}}", self.guarded("", "read", self._nowhere))

    def _about(self, name: str, operation: str, handle: Any) -> Any:
        """A handler of one collection; a list asked for certain records is a read of those."""

        async def handler(request: web.Request) -> web.StreamResponse:
            is_certain = bool({"only", "external_reference_service_model_refs", "without_external_reference_service_name"} & set(request.query))

            async def asked(_: web.Request) -> web.StreamResponse:
                response: web.StreamResponse = await handle(request, KINDS[name])
                return response

            return await self.guard(request, name, "read" if operation == "list" and is_certain else operation, asked)

        return handler

    # --- signing in ----------------------------------------------------------------------------------------------------

    async def _token(self, request: web.Request) -> web.Response:
        self.requests["token"] += 1
        form = await request.post()
        if form.get("client_id") != CLIENT_ID or form.get("client_secret") != CLIENT_SECRET:
            return answer({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        grant = form.get("grant_type")
        is_known = grant == "client_credentials" or (grant == "authorization_code" and form.get("code") == CODE) or (
            grant == "refresh_token" and form.get("refresh_token") == self.refresh
        )
        if not is_known:
            return answer({"error": "invalid_grant", "error_description": "The provided authorization grant is invalid"}, 400)
        token = f"given-{next(self._numbers):08d}"
        self.tokens.add(token)
        more = {}
        if grant == "refresh_token":
            self.refresh = f"refresh-{next(self._numbers):08d}"
            more = {"refresh_token": self.refresh}
        return answer({"access_token": token, "token_type": "bearer", **more})

    # --- reading -------------------------------------------------------------------------------------------------------

    async def _me(self, request: web.Request) -> web.Response:
        return self._told(KINDS["users"], [next(iter(self.store.table("users")))], request.query)

    async def _event_types(self, request: web.Request) -> web.Response:
        kinds = [KINDS[name] for name in EVENTFUL]
        return answer({"event_types": [f"{one.event}:{what}" for one in kinds for what in ("created", "updated", "deleted")]})

    async def _list(self, request: web.Request, kind: Kind) -> web.Response:
        if kind.name == "subscribed_events" and not self.has_events:
            return self.error(Refusal("", "", "Your account does not have access to Subscribed Events", 403))
        query = dict(request.query)
        refused = asking.refusal(kind, query)
        if self.unknown & set(query):
            refused = Refusal("syntax", "", f"Unknown parameter: {min(self.unknown & set(query))}")
        if refused is None and kind.name == "external_references" and "subject_type" not in query:
            refused = Refusal("syntax", "", "subject_type is required")
        if refused is not None:
            return self.error(refused)
        page, meta = asking.cut(query, asking.found(self.account, kind, query))
        return answer(asking.envelope(self.account, kind, page, query, meta))

    async def _read(self, request: web.Request, kind: Kind) -> web.Response:
        """A record; one that a default filter hides is not found."""
        query = {**request.query, "only": request.match_info["id"]}
        refused = asking.refusal(kind, query)
        if refused is not None:
            return self.error(refused)
        rows = asking.found(self.account, kind, query)
        return self._told(kind, rows, query) if rows else self._missing()

    def _told(self, kind: Kind, rows: list[Row], query: Mapping[str, str]) -> web.Response:
        return answer(asking.envelope(self.account, kind, rows, query))

    async def _nowhere(self, request: web.Request) -> web.Response:
        return self._missing()

    def _missing(self) -> web.Response:
        return self.error(Refusal("", "", "The requested resource could not be found.", 404))

    # --- writing -------------------------------------------------------------------------------------------------------

    async def _create(self, request: web.Request, kind: Kind) -> web.Response:
        """One record under the singular, or several under the plural: all or none."""
        if not kind.takes or kind.name in STANDING:
            return self._missing()
        given = await _body(request)
        stated = given.get(kind.wrap) if isinstance(given.get(kind.wrap), dict) else given.get(kind.name)
        told = stated if isinstance(stated, list) else [stated]
        bodies = [one for one in told if isinstance(one, dict)]
        if not bodies or len(bodies) != len(told):
            return self.error(Refusal("", "", f"param is missing or the value is empty: {kind.wrap}", 400))
        kept: list[Row] = []
        for body in bodies:
            if "external_reference" in body and not self.takes_references:
                return self.error(Refusal("", "", "Unknown parameter: external_reference"))
            done = self._paid(body) if kind.name == "external_payments" else self.account.keep(kind, None, body)
            if isinstance(done, Refusal):
                for row in kept:
                    del self.store.rows[kind.name][row.id]
                return self.error(done)
            kept.append(done)
        return self._told(kind, kept, dict(request.query))

    def _paid(self, body: dict[str, Any]) -> Row | Refusal:
        """A payment of an invoice is of all that is open of it, whatever is stated."""
        invoice = self.store.get("invoices", str(body.get("invoice_id")))
        if body.get("invoice_id") is not None and (invoice is None or invoice.fields["draft"]):
            return Refusal("", "invoice_id", "Invoice must exist and not be a draft", 422)
        if invoice is None:
            return self.account.keep(KINDS["external_payments"], None, body)
        done = self.account.keep(KINDS["external_payments"], None, {**body, "amount_in_cents": invoice.fields["balance_in_cents"]})
        if isinstance(done, Row):
            self.put("invoices", invoice.id, {"balance_in_cents": 0, "status": "accepted payment"})
        return done

    async def _update(self, request: web.Request, kind: Kind) -> web.Response:
        row = self.store.get(kind.name, request.match_info["id"])
        if row is None or not kind.takes:
            return self._missing()
        body = (await _body(request)).get(kind.wrap)
        if not isinstance(body, dict):
            return self.error(Refusal("", "", f"param is missing or the value is empty: {kind.wrap}", 400))
        done = self.account.keep(kind, row.id, body)
        return self.error(done) if isinstance(done, Refusal) else self._told(kind, [done], dict(request.query))

    async def _delete(self, request: web.Request, kind: Kind) -> web.StreamResponse:
        row = self.store.get(kind.name, request.match_info["id"])
        if row is None:
            return self._missing()
        refused = self.account.line_lock(kind, row) if kind.name in ("time_entries", "expenses") else None
        if kind.name == "invoices" and not row.fields["draft"]:
            refused = Refusal("validation", "base", "Only drafts can be deleted", 422)
        if refused is not None:
            return self.error(refused)
        self.put(kind.name, row.id, {}, is_deleted=True)
        return web.Response(status=204)

    async def _cancel(self, request: web.Request) -> web.Response:
        row = self.store.get("invoices", request.match_info["id"])
        if row is None:
            return self._missing()
        return self._told(KINDS["invoices"], [self.put("invoices", row.id, {"status": "cancelled", "balance_in_cents": 0})], dict(request.query))

    async def _refer(self, request: web.Request) -> web.Response:
        given = (await _body(request)).get("external_reference")
        done = self.account.refer(given) if isinstance(given, dict) else Refusal("", "", "param is missing or the value is empty: external_reference", 400)
        return self.error(done) if isinstance(done, Refusal) else self._told(KINDS["external_references"], [done], {})


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        given = parse_json(await request.read() or b"{}")
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}
