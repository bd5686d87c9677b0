"""The simulated Template: tokens, a list by pages, records, and its way to say no."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from connectors.simulator.base import VendorServer, answer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store, merged
from connectors.wire import parse_json

CLIENT_ID, CLIENT_SECRET = "hub-id", "hub-secret"
LIFETIME_S = 3600
OBJECTS = {"client": "C"}
"""Object → what its ids begin with."""
STATES = ("live", "gone")


class Template(VendorServer):
    """One customer's Template."""

    def __init__(self, store: Store | None = None, *, webhook_url: str = "", requests_per_s: float = 0.0) -> None:
        super().__init__("template", store or Store(), webhook_url=webhook_url, requests_per_s=requests_per_s)
        self.tokens: dict[str, float] = {}

    # --- what it says --------------------------------------------------------------------------------------------------

    def objects(self) -> Mapping[str, str]:
        return OBJECTS

    def seed(self) -> None:
        for name, country in (("Nordlicht Logistik", "DE"), ("Alpenblick Hotels", "CH"), ("Thames Retail", "GB")):
            self.put("client", None, {"name": name, "country": country, "status": "live"})

    def is_allowed(self, request: web.Request) -> bool:
        return self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "), 0.0) > time.time()

    def expire_tokens(self) -> None:
        self.tokens.clear()

    def error(self, refusal: Refusal) -> web.Response:
        return answer({"error": {"code": refusal.code, "field": refusal.field, "text": refusal.text}}, refusal.status)

    def shown(self, row: Row) -> dict[str, Any]:
        stamp = row.changed_at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {"id": row.id, "revision": row.version, "updated_at": stamp, "is_deleted": row.is_deleted, **row.fields}

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        id = id or f"{OBJECTS[object]}{self.store.next_number(object, 1)}"
        known = self.store.rows.get(object, {}).get(id)
        return self.store.put(object, id, merged(known.fields if known else {}, fields), is_deleted=is_deleted, key=key)

    # --- routes --------------------------------------------------------------------------------------------------------

    def routes(self, app: web.Application) -> None:
        add = app.router.add_route
        add("POST", "/oauth/token", self._token)
        add("GET", "/v1/clients", self.guarded("client", "list", self._list))
        add("POST", "/v1/clients", self.guarded("client", "create", self._create))
        add("GET", "/v1/clients/{id}", self.guarded("client", "read", self._read))
        add("PATCH", "/v1/clients/{id}", self.guarded("client", "update", self._update))

    async def _token(self, request: web.Request) -> web.Response:
        given = await request.post()
        if (given.get("client_id"), given.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return answer({"error": "invalid_client"}, 401)
        token = secrets.token_urlsafe(16)
        self.tokens[token] = time.time() + LIFETIME_S
        return answer({"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_S})

    async def _list(self, request: web.Request) -> web.Response:
        """Sorted by instant of change; deleted records are told, too."""
        rows = self.store.changed("client")
        if since := request.query.get("updated_since"):
            rows = [row for row in rows if row.changed_at >= datetime.fromisoformat(since)]
        if ref := request.query.get("hub_ref"):
            rows = [row for row in rows if row.fields.get("hub_ref") == ref and not row.is_deleted]
        page, size = int(request.query.get("page", 1)), min(int(request.query.get("per_page", 100)), 100)
        shown = [self.shown(row) for row in rows[(page - 1) * size : page * size]]
        return answer({"data": shown, "meta": {"pages": max(1, -(-len(rows) // size))}})

    async def _read(self, request: web.Request) -> web.Response:
        row = self.store.get("client", request.match_info["id"])
        return self._missing() if row is None else answer({"data": self.shown(row)})

    async def _create(self, request: web.Request) -> web.Response:
        given = parse_json(await request.read())
        key = str(given.get("hub_ref") or "")
        refusal = self._refusal(given) or (key and any(row.fields.get("hub_ref") == key for row in self.store.table("client")) and Refusal(
            "DUPLICATE", "hub_ref", "hub_ref is taken", 409,
        )) or None  # fmt: skip
        return self.error(refusal) if refusal else answer({"data": self.shown(self.put("client", None, given, key=key))}, 201)

    async def _update(self, request: web.Request) -> web.Response:
        row = self.store.get("client", request.match_info["id"])
        if row is None:
            return self._missing()
        expected = request.headers.get("if-match", "").strip('"')
        if expected and expected != str(row.version):
            return self.error(Refusal("STALE", "", "The record was changed meanwhile", 412))
        given = parse_json(await request.read())
        refusal = self._refusal(merged(row.fields, given))
        return self.error(refusal) if refusal else answer({"data": self.shown(self.put("client", row.id, given))})

    def _refusal(self, given: Mapping[str, Any]) -> Refusal | None:
        if not given.get("name"):
            return Refusal("VALIDATION", "name", "name is required", 422)
        if given.get("status", "live") not in STATES:
            return Refusal("VALIDATION", "status", f"status is one of {', '.join(STATES)}", 422)
        return None

    def _missing(self) -> web.Response:
        return self.error(Refusal("NOT_FOUND", "", "There is no such record", 404))
