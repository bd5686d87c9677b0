"""The simulated database as a server: its zone, three headers, queries, children below parents, thresholds, webhooks and errors as texts."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from connectors.autotask.simulator import query as queries
from connectors.autotask.simulator.database import Database
from connectors.autotask.simulator.entities import BY_NAME, CHILDREN, ENTITIES, Entity
from connectors.autotask.simulator.seed import seed
from connectors.autotask.webhooks import escaped
from connectors.signatures import Signature
from connectors.simulator.base import Handler, VendorServer, answer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store
from connectors.wire import dump_json, parse_json

USER, SECRET, CODE = "hub@northbeam.example", "Hub#Secret1", "HUBINTEGRATIONCODE"
HOOK_SECRET = "northbeam-autotask-hook"
SIGNATURE = Signature("hmac-sha1", (HOOK_SECRET,), header="X-Hook-Signature", prefix="sha1=", encoding="base64")
PAGE = "<html><head><title>500 - Internal server error.</title></head><body>Server Error</body></html>"


class Autotask(VendorServer):
    """One database. ``hourly`` requests are allowed in an hour, ``threads`` at once for one entity; ``is_escaping`` signs webhooks over
    the escaped form; ``missing_is_404`` says how it tells that there is no such record; ``latency_s`` is added to each answer from half of
    the hour's requests on, and twice that from three quarters on."""

    def __init__(self, store: Store | None = None, *, webhook_url: str = "", requests_per_s: float = 0.0, hourly: int = 10_000, threads: int = 3) -> None:
        super().__init__("autotask", store or Store(), webhook_url=webhook_url, requests_per_s=requests_per_s)
        self.database = Database(self.store)
        self.hourly, self.threads = hourly, threads
        self.is_escaping = self.missing_is_404 = False
        self.latency_s = 0.0
        self.zones, self.secret, self.events = 0, HOOK_SECRET, 0
        self.hour: deque[float] = deque()
        self.running: Counter[str] = Counter()
        self.most_running: Counter[str] = Counter()

    # --- what it says --------------------------------------------------------------------------------------------------

    def objects(self) -> Mapping[str, Entity]:
        return ENTITIES

    def seed(self) -> None:
        seed(self.database)

    def is_allowed(self, request: web.Request) -> bool:
        return self._refused(request) is None

    def _refused(self, request: web.Request) -> web.Response | None:
        """An unknown user or integration is an error of the server's, a wrong secret is not; a database elsewhere takes no secret."""
        if request.headers.get("username") != USER or request.headers.get("apiintegrationcode") != CODE:
            return answer({"errors": ["The API integration or the user could not be authenticated."]}, 500)
        if request.headers.get("secret") != SECRET or not request.path.casefold().startswith(self.base.casefold()):
            return web.Response(status=401)
        return None

    @property
    def base(self) -> str:
        """Where the database is now."""
        return f"/zone{self.zones}/ATServicesRest/" if self.zones else "/ATServicesRest/"

    def error(self, refusal: Refusal) -> web.Response:
        if refusal.code == "UNEXPECTED_ERROR":
            return web.Response(text=PAGE, status=refusal.status, content_type="text/html")
        if refusal.code == "CUSTOM_VALIDATION":
            return answer({"errors": [f"Value of field: {refusal.field or 'id'} is refused on request."]}, 500)
        return answer({"errors": [refusal.text]}, 500 if refusal.status == 400 else refusal.status)

    def slow_down(self, seconds: float) -> web.Response:
        return answer({"errors": [f"API thread threshold of {self.threads} threads has been exceeded"]}, 429)

    def expire_tokens(self) -> None:
        """Nothing expires; but a database moves to another zone, and the old one refuses what it took."""
        self.zones += 1

    def shown(self, row: Row) -> dict[str, Any]:
        return dict(row.fields)

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        is_new = id is None or id not in self.store.rows.get(object, {})
        row = self.database.put(object, id, fields, key=key, is_deleted=is_deleted)
        self._announce(row, "Delete" if is_deleted else "Create" if is_new else "Update", list(fields))
        return row

    def actions(self) -> dict[str, Any]:
        return super().actions() | {"note": self.control_note}

    def control_note(self, given: dict[str, Any]) -> Any:
        """``{"id"}``: somebody writes a note on a company: only its last activity moves."""
        return self.shown(self.database.put("Companies", given["id"], {}, unmoved=("lastTrackedModifiedDateTime",)))

    # --- routes --------------------------------------------------------------------------------------------------------

    def routes(self, app: web.Application) -> None:
        app.router.add_route("*", "/{path:(?!_control).*}", self._any)

    async def _any(self, request: web.Request) -> web.StreamResponse:
        parts = [part for part in request.path.split("/") if part]
        lower = [part.casefold() for part in parts]
        if "atservicesrest" not in lower:
            return web.Response(status=404)
        at = lower.index("atservicesrest") + 1
        rest, low = parts[at:], lower[at:]
        if low[-1:] == ["versioninformation"]:
            return answer({"apiVersions": ["1.0"]})
        if not low or low[0] != "v1.0" or len(low) < 2:
            return web.Response(status=404)
        if low[1] == "zoneinformation":
            return self._zone(request)
        if low[1] == "thresholdinformation":
            return await self._entered(request, "ThresholdInformation", "read", self._threshold)
        child = CHILDREN.get((low[1], low[3])) if len(low) >= 4 else None
        entity = child or BY_NAME.get(low[1])
        if entity is None:
            return answer({"errors": [f"No HTTP resource was found that matches {rest[1]}."]}, 404)
        operation, handle = self._handler(request, entity, low[1:], is_child=child is not None)
        return await self._entered(request, entity.name, operation, handle)

    def _zone(self, request: web.Request) -> web.Response:
        self.requests["zone"] += 1
        if request.query.get("user") != USER:
            return answer({"errors": ["Zone information could not be determined."]}, 500)
        return answer({"zoneName": "EU1 Loopback", "url": f"{self.url}{self.base}", "webUrl": f"{self.url}/", "ci": 40})

    async def _entered(self, request: web.Request, object: str, operation: str, handle: Handler) -> web.StreamResponse:
        """Credentials, the hour's threshold and threads, then quota and faults as everywhere."""
        if (refused := self._refused(request)) is not None:
            self.requests[f"refused {object}"] += 1
            return refused
        now = time.monotonic()
        self.hour.append(now)
        while self.hour and self.hour[0] < now - 3600:
            self.hour.popleft()
        if len(self.hour) > self.hourly:
            return answer({"errors": [f"The request threshold of {self.hourly} requests per hour has been exceeded."]}, 429)
        if self.latency_s and len(self.hour) > self.hourly / 2:
            await asyncio.sleep(self.latency_s * (2 if len(self.hour) > self.hourly * 3 / 4 else 1))
        self.running[object] += 1
        self.most_running[object] = max(self.most_running[object], self.running[object])
        try:
            if self.running[object] > self.threads:
                return self.slow_down(0)
            return await self.guard(request, object, operation, handle)
        finally:
            self.running[object] -= 1

    async def _threshold(self, request: web.Request) -> web.Response:
        return answer({"externalRequestThreshold": self.hourly, "requestThresholdTimeframe": 60, "currentTimeframeRequestCount": len(self.hour)})

    def _handler(self, request: web.Request, entity: Entity, parts: list[str], *, is_child: bool) -> tuple[str, Handler]:
        """What an address asks for: its operation, by which faults are chosen, and who does it."""
        method, tail = request.method, parts[3:] if is_child else parts[1:]
        parent = parts[1] if is_child else ""

        async def run(inner: web.Request) -> web.Response:
            match method, tail:
                case "GET", ["entityinformation"]:
                    return answer({"info": {"name": entity.name, "canCreate": "c" in entity.can, "canUpdate": "u" in entity.can, "canQuery": True,
                                            "canDelete": "d" in entity.can, "hasUserDefinedFields": False, "supportsWebhookCallouts": bool(entity.hook)}})  # fmt: skip
                case "GET", ["entityinformation", "fields"]:
                    return answer({"fields": [spec.described() for spec in entity.fields.values()]})
                case "GET", ["entityinformation", "userdefinedfields"]:
                    return answer({"fields": []})
                case ("GET" | "POST"), ["query", "count"]:
                    return await self._query(inner, entity, is_count=True)
                case ("GET" | "POST"), ["query"]:
                    return await self._query(inner, entity)
                case "GET", ["query", "next"]:
                    return self._listed(queries.of_token(entity, inner.query.get("paging", "")), entity)
                case "GET", [id]:
                    return self._one(entity, id)
                case "GET", [] if is_child:
                    rows = [row for row in self.store.table(entity.name) if str(row.fields.get(entity.parent_field)) == parent]
                    return self._page(entity, [self.shown(row) for row in rows], None, 500)
                case "POST", [] if is_child or not entity.parent:
                    return self._created(entity, await self._given(inner), parent)
                case ("PATCH" | "PUT"), [] if is_child or not entity.parent:
                    return self._changed(entity, await self._given(inner), parent, is_replace=method == "PUT")
                case "DELETE", [id] if "d" in entity.can:
                    return self._deleted(entity, id)
            return answer({"errors": [f"The requested resource does not support http method '{method}'."]}, 405)

        async def checked(inner: web.Request) -> web.StreamResponse:
            try:
                return await run(inner)
            except queries.BadQueryError as error:
                return self.error(Refusal("", "", str(error)))
            except (ValueError, TypeError, KeyError):
                return self.error(Refusal("", "", "The request body could not be read."))

        return _operation(method, tail), checked

    async def _given(self, request: web.Request) -> dict[str, Any]:
        given = parse_json(await request.read())
        if not isinstance(given, dict):
            raise TypeError("no object")
        return given

    # --- reading -------------------------------------------------------------------------------------------------------

    async def _query(self, request: web.Request, entity: Entity, *, is_count: bool = False) -> web.Response:
        said = parse_json(request.query["search"]) if request.method == "GET" else await self._given(request)
        query = queries.parse(entity, said)
        return self._listed(query, entity, is_count=is_count)

    def _listed(self, query: queries.Query, entity: Entity, *, is_count: bool = False) -> web.Response:
        rows = sorted((row for row in self.store.table(entity.name) if int(row.id) > query.after), key=lambda row: int(row.id))
        found = [row for row in rows if query.holds(row.fields)]
        if is_count:
            return answer({"queryCount": len(found)})
        shown = [self.shown(row) for row in found[: query.most]]
        more = query.token(int(found[query.most - 1].id)) if len(found) > query.most else None
        if query.fields:
            shown = [{name: row.get(name) for name in ("id", *query.fields)} for row in shown]
        return self._page(entity, shown, more, query.most)

    def _page(self, entity: Entity, items: list[dict[str, Any]], more: str | None, most: int) -> web.Response:
        following = f"{self.url}{self.base}V1.0/{entity.name}/query/next?paging={more}" if more else None
        return answer({"items": items, "pageDetails": {"count": len(items), "requestCount": most, "prevPageUrl": None, "nextPageUrl": following}})

    def _one(self, entity: Entity, id: str) -> web.Response:
        row = self.store.get(entity.name, id)
        if row is None:
            return answer({"errors": ["No matching records found."]}, 404) if self.missing_is_404 or not id.isdecimal() else answer({"item": None})
        return answer({"item": self.shown(row)})

    # --- writing -------------------------------------------------------------------------------------------------------

    def _created(self, entity: Entity, given: dict[str, Any], parent: str) -> web.Response:
        if "c" not in entity.can:
            text = "The logged in Resource does not have the adequate permissions to create this entity type."
            return self.error(Refusal("", "", text))
        if parent:
            given = {**given, entity.parent_field: int(parent)}
        return self._kept(entity, None, given, False)

    def _changed(self, entity: Entity, given: dict[str, Any], parent: str, *, is_replace: bool) -> web.Response:
        row = self.store.get(entity.name, str(given.get("id")))
        if row is None or (parent and str(row.fields.get(entity.parent_field)) != parent):
            return answer({"errors": ["No matching records found."]}, 404)
        if "u" not in entity.can:
            return self.error(Refusal("", "", "The logged in Resource does not have the adequate permissions to update this entity type."))
        return self._kept(entity, row.id, given, is_replace)

    def _kept(self, entity: Entity, id: str | None, given: Mapping[str, Any], is_replace: bool) -> web.Response:
        done = self.database.keep(entity, id, given, is_replace=is_replace)
        if isinstance(done, Refusal):
            return self.error(done)
        if entity.name in ("CompanyWebhooks", "ContactWebhooks"):
            self.webhook_url, self.secret = done.fields["webhookUrl"], done.fields["secretKey"]
        self._announce(done, "Update" if id else "Create", list(given))
        return answer({"itemId": int(done.id)})

    def _deleted(self, entity: Entity, id: str) -> web.Response:
        if self.store.get(entity.name, id) is None:
            return answer({"errors": ["No matching records found."]}, 404)
        self.put(entity.name, id, {}, is_deleted=True)
        return answer({"itemId": int(id)})

    # --- webhooks ------------------------------------------------------------------------------------------------------

    def _announce(self, row: Row, action: str, changed: list[str]) -> None:
        if self.webhook_url and ENTITIES[row.object].hook:
            body = self.event(row, action, changed)
            self.tell(body, lambda at: self.signed(body))

    def event(self, row: Row, action: str = "Update", changed: list[str] | None = None) -> bytes:
        """What a delivery says: the fields subscribed to as they are displayed, not the record."""
        self.events += 1
        fields = {name: str(row.fields.get(name)) for name in changed or [] if name in ENTITIES[row.object].fields}
        told = {
            "Action": action, "Guid": f"a3f2{self.events:04d}-0000-4000-8000-{row.changed_at.microsecond:012d}", "EntityType": ENTITIES[row.object].hook,
            "Id": int(row.id), "Fields": fields, "EventTime": row.changed_at.strftime("%Y-%m-%dT%H:%M:%SZ"), "SequenceNumber": 1, "PersonId": 30691780,
        }  # fmt: skip
        return dump_json(told)

    def signed(self, body: bytes) -> dict[str, str]:
        signature = Signature("hmac-sha1", (self.secret,), header="X-Hook-Signature", prefix="sha1=", encoding="base64")
        return signature.sign(escaped(body) if self.is_escaping else body, "", 0)


def _operation(method: str, tail: list[str]) -> str:
    if "entityinformation" in tail:
        return "describe"
    if "query" in tail:
        return "count" if "count" in tail else "list"
    return {"GET": "read", "POST": "create", "DELETE": "delete"}.get(method, "update")
