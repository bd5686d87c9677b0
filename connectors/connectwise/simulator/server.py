"""The simulated PSA as a server: its release's codebase, lists with conditions, JSON Patch, callbacks, ConnectWise's envelopes and errors."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from connectors.connectwise.simulator import conditions
from connectors.connectwise.simulator.asking import any_item, forward, number, only, page_size, patched, reader, sortable
from connectors.connectwise.simulator.objects import THINGS, Thing
from connectors.connectwise.simulator.psa import STAYS, Psa
from connectors.connectwise.simulator.seed import seed
from connectors.simulator.base import VendorServer, answer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store
from connectors.wire import dump_json, parse_json

COMPANY, PUBLIC_KEY, PRIVATE_KEY, CLIENT_ID = "northbeam", "hub-public", "hub-private", "4f1b9d1c-0c5e-4f0c-8f5a-7a1d2b3c4d5e"
LONGEST_URL = 2000
AGAIN = (404, 409, 419, 429)
_RESOURCE: ContextVar[str] = ContextVar("resource", default="object")
Handle = Callable[[web.Request, Thing, str, str], Awaitable[web.StreamResponse]]


class Connectwise(VendorServer):
    """One firm's PSA. ``codebase`` is that of the release that runs; ``signing_key`` signs callbacks."""

    def __init__(self, store: Store | None = None, *, webhook_url: str = "", requests_per_s: float = 0.0) -> None:
        super().__init__("connectwise", store or Store(), webhook_url=webhook_url, requests_per_s=requests_per_s)
        self.psa = Psa(self.store)
        self.codebase, self.key_id, self.signing_key = "v2025_1", str(uuid.UUID(int=7)), "northbeam-callback-signing-key"
        self.retry_waits_s = (2.0, 4.0)
        self.hides_from_strangers = False
        """The cloud may answer a wrong pair of company and key as if nothing were there."""
        self._paths = [(thing, re.compile(thing.path.replace("{parent}", r"(?P<parent>[^/]+)") + r"(?:/(?P<tail>[^/]+))?", re.IGNORECASE)) for thing in THINGS.values()]

    # --- what it says --------------------------------------------------------------------------------------------------

    def objects(self) -> Mapping[str, Thing]:
        return THINGS

    def seed(self) -> None:
        seed(self.psa)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Any:
        started = await super().start(host, port)
        self.psa.url = self.url
        return started

    def is_allowed(self, request: web.Request) -> bool:
        expected = base64.b64encode(f"{COMPANY}+{PUBLIC_KEY}:{PRIVATE_KEY}".encode()).decode()
        return request.headers.get("authorization") == f"Basic {expected}" and bool(request.headers.get("clientid"))

    def unauthorized(self) -> web.Response:
        if self.hides_from_strangers:
            return self.error(Refusal("NotFound", "", "Resource not found", 404))
        return answer({"code": "ConnectWiseApi", "message": "UserNotAuthenticated", "errors": None}, 401)

    def slow_down(self, seconds: float) -> web.Response:
        told = {"error": "ConnectWiseAPI", "message": f"Too many requests. Please try again in {seconds:g} seconds."}
        return answer(told, 429, {"retry-after": f"{seconds:g}"})

    def error(self, refusal: Refusal) -> web.Response:
        if refusal.status != 400:
            return answer({"code": refusal.code, "message": refusal.text, "errors": None}, refusal.status)
        resource = _RESOURCE.get()
        inner = {"code": refusal.code, "message": refusal.text, "resource": resource, "field": refusal.field}
        return answer({"code": "InvalidObject", "message": f"{resource} object is invalid", "errors": [inner]}, 400)

    def no_endpoint(self) -> web.Response:
        return answer({"code": "ConnectWiseApi", "message": "The endpoint does not exist.", "errors": None}, 404)

    def shown(self, row: Row) -> dict[str, Any]:
        return self.psa.shown(row)

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        known = bool(id) and id in self.store.rows.get(object, {})
        row = self.psa.put(object, id, fields, key=key, is_deleted=is_deleted)
        self._announce(row, "deleted" if is_deleted else "updated" if known else "added")
        return row

    def actions(self) -> dict[str, Any]:
        return super().actions() | {"release": self.control_release, "rotate_key": self.control_rotate}

    def control_release(self, given: dict[str, Any]) -> Any:
        """``{"codebase": "v2025_2"}``: a new release runs; addresses of the old one are gone."""
        self.codebase = given["codebase"]
        return {"codebase": self.codebase}

    def control_rotate(self, given: dict[str, Any]) -> Any:
        """Another key signs callbacks from now on."""
        self.key_id, self.signing_key = str(uuid.uuid4()), uuid.uuid4().hex
        return {"id": self.key_id}

    # --- routes --------------------------------------------------------------------------------------------------------

    def routes(self, app: web.Application) -> None:
        app.router.add_get("/login/companyinfo/{company}", self._company)
        app.router.add_get("/login/callbackkey/index.rails", self._key)
        app.router.add_route("*", "/{codebase}/apis/3.0/{path:.*}", self._api)

    async def _company(self, request: web.Request) -> web.Response:
        self.requests["companyinfo"] += 1
        if request.match_info["company"].casefold() != COMPANY:
            return answer(None)
        return answer({
            "CompanyName": "Northbeam", "Codebase": f"{self.codebase}/", "VersionCode": self.codebase.replace("_", "."), "VersionNumber": "v4.6.95531",
            "CompanyID": COMPANY, "IsCloud": True, "SiteUrl": self.url.partition("://")[2],
        })  # fmt: skip

    async def _key(self, request: web.Request) -> web.Response:
        self.requests["callbackkey"] += 1
        if request.query.get("companyName", "").casefold() != COMPANY or request.query.get("id") != self.key_id:
            return answer({"code": "NotFound", "message": "Key not found", "errors": None}, 404)
        return answer({"signing_key": self.signing_key})

    async def _api(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"].strip("/")
        if len(str(request.rel_url)) > LONGEST_URL:
            return web.Response(status=414)
        if request.match_info["codebase"] not in (self.codebase, "v4_6_release"):
            return self.no_endpoint()
        for thing, pattern in self._paths:
            if found := pattern.fullmatch(path):
                parts = found.groupdict()
                response = await self._about(request, thing, parts.get("parent") or "", parts.get("tail") or "")
                if not response.prepared:
                    response.headers["api-current-version"] = "2025.16"
                return response
        return self.no_endpoint()

    async def _about(self, request: web.Request, thing: Thing, parent: str, tail: str) -> web.StreamResponse:
        """A request to an object: which operation it is, and for which record."""
        _RESOURCE.set(thing.resource)
        operation, handle = self._operation(request, tail)

        async def handler(request: web.Request) -> web.StreamResponse:
            if thing.parent and self.store.get(thing.parent, parent) is None:
                return self._missing(THINGS[thing.parent], parent)
            if handle is None:
                return answer({"code": "MethodNotAllowed", "message": "The method is not allowed.", "errors": None}, 405)
            return await handle(request, thing, parent, tail)

        return await self.guard(request, thing.name, operation, handler)

    def _operation(self, request: web.Request, tail: str) -> tuple[str, Handle | None]:
        match request.method, tail:
            case "GET", "":
                return "list", self._list
            case "GET", "count":
                return "count", self._count
            case "POST", "search":
                return "list", self._list
            case "POST", "":
                return "create", self._create
            case "GET", _:
                return "read", self._read
            case ("PATCH" | "PUT"), tail if tail:
                return "update", self._update
            case "DELETE", tail if tail:
                return "delete", self._delete
        return "other", None

    def _missing(self, thing: Thing, id: str) -> web.Response:
        return self.error(Refusal("NotFound", "", f"{thing.resource[:1].upper()}{thing.resource[1:]} {id} not found", 404))

    # --- reading -------------------------------------------------------------------------------------------------------

    async def _found(self, request: web.Request, thing: Thing, parent: str) -> list[dict[str, Any]] | web.Response:
        """The records a question finds, in its order."""
        asked: dict[str, Any] = dict(request.query)
        if request.method == "POST":
            asked |= parse_json(await request.read() or b"{}")
        try:
            where, child, custom = (conditions.parse(asked.get(name, "")) for name in ("conditions", "childConditions", "customFieldConditions"))
        except conditions.MalformedError as error:
            return self.error(Refusal("InvalidField", "conditions", str(error)))
        rows: list[dict[str, Any]] = []
        after, most = forward(request)
        for row in sorted(self.store.rows.get(thing.name, {}).values(), key=lambda one: int(one.id)):
            if (row.is_deleted and thing.name not in STAYS) or (parent and self._parent_of(thing, row) != parent) or int(row.id) <= after:
                continue
            if len(rows) == most:
                break
            record = self.shown(row)
            if where(reader(record)) and (not asked.get("childConditions") or any_item(record, child)) and (
                not asked.get("customFieldConditions") or any(custom(reader(one)) for one in record.get("customFields", []))
            ):  # fmt: skip
                rows.append(record)
        for part in reversed([one.split() for one in asked.get("orderBy", "id asc").split(",") if one.split()]):
            rows.sort(key=lambda record, name=part[0]: sortable(reader(record)(name)), reverse=part[-1].lower() == "desc")  # type: ignore[misc]
        return rows

    @staticmethod
    def _parent_of(thing: Thing, row: Row) -> str:
        value = row.fields.get(thing.under)
        return str(value["id"] if isinstance(value, dict) else value)

    async def _list(self, request: web.Request, thing: Thing, parent: str, tail: str) -> web.Response:
        rows = await self._found(request, thing, parent)
        if isinstance(rows, web.Response):
            return rows
        size = page_size(request)
        if forward(request)[1]:
            cut = sorted(rows, key=lambda one: one["id"])
            links = [("next", {"pageId": str(cut[-1]["id"] if cut else request.query.get("pageId", "0"))})]
        else:
            page = max(1, number(request.query.get("page", ""), 1))
            last = max(1, -(-len(rows) // size))
            cut = rows[(page - 1) * size : page * size]
            links = [("next", {"page": str(page + 1)}), ("last", {"page": str(last)})] if page < last else []
            links += [("first", {"page": "1"}), ("prev", {"page": str(page - 1)})] if page > 1 else []
        told = ", ".join(f'<{self._link(request, changed)}>; rel="{name}"' for name, changed in links)
        fields = [one for one in request.query.get("fields", "").split(",") if one]
        return answer([only(one, fields) for one in cut], 200, {"link": told} if told else None)

    def _link(self, request: web.Request, changed: Mapping[str, str]) -> str:
        """The address of another page; the page is the last thing it says."""
        kept = {name: value for name, value in request.query.items() if name not in ("page", "pageId")}
        return f"{self.url}{request.path}?{urlencode({**kept, **changed})}"

    async def _count(self, request: web.Request, thing: Thing, parent: str, tail: str) -> web.Response:
        rows = await self._found(request, thing, parent)
        return rows if isinstance(rows, web.Response) else answer({"count": len(rows)})

    def _row(self, thing: Thing, parent: str, id: str) -> Row | None:
        row = self.store.rows.get(thing.name, {}).get(id)
        if row is None or (row.is_deleted and thing.name not in STAYS) or (parent and self._parent_of(thing, row) != parent):
            return None
        return row

    async def _read(self, request: web.Request, thing: Thing, parent: str, tail: str) -> web.Response:
        if not tail.isdecimal():
            return self.no_endpoint()
        row = self._row(thing, parent, tail)
        return self._missing(thing, tail) if row is None else answer(self.shown(row))

    # --- writing -------------------------------------------------------------------------------------------------------

    async def _create(self, request: web.Request, thing: Thing, parent: str, tail: str) -> web.Response:
        given = await self._given(request)
        if not isinstance(given, dict):
            return self._no_body()
        done = self.psa.keep(thing, None, given, parent)
        if isinstance(done, Refusal):
            return self.error(done)
        self._announce(done, "added")
        return answer(self.shown(done), 201)

    async def _update(self, request: web.Request, thing: Thing, parent: str, tail: str) -> web.Response:
        row = self._row(thing, parent, tail)
        if row is None:
            return self._missing(thing, tail)
        given = await self._given(request)
        stated = patched(given) if request.method == "PATCH" else given if isinstance(given, dict) else None
        if stated is None:
            return self._no_body()
        if request.method == "PUT":
            stated = {**{name: value for name, value in thing.defaults.items() if name not in thing.computed}, **stated}
        done = self.psa.keep(thing, row.id, {name: value for name, value in stated.items() if name not in ("id", "_info")})
        if isinstance(done, Refusal):
            return self.error(done)
        self._announce(done, "updated")
        return answer(self.shown(done))

    async def _delete(self, request: web.Request, thing: Thing, parent: str, tail: str) -> web.Response:
        row = self._row(thing, parent, tail)
        if row is None:
            return self._missing(thing, tail)
        if thing.name == "company" and any((each.fields.get("company") or {}).get("id") == int(row.id) for each in self.store.table("project")):
            return self.error(Refusal("Conflict", "", "The company is in use.", 409))
        self.put(thing.name, row.id, {}, is_deleted=True)
        return web.Response(status=204)

    async def _given(self, request: web.Request) -> Any:
        try:
            return parse_json(await request.read())
        except ValueError:
            return None

    def _no_body(self) -> web.Response:
        return self.error(Refusal("InvalidField", "", "The body is not what this address takes."))

    # --- callbacks -----------------------------------------------------------------------------------------------------

    def callback(self, row: Row, action: str) -> tuple[dict[str, str], bytes]:
        """Headers and body of what is sent about a record."""
        key_url = f"{self.url}/login/callbackkey/index.rails?companyName={COMPANY}&id={self.key_id}"
        told = {
            "MessageId": str(uuid.uuid4()), "FromUrl": self.url.partition("://")[2], "CompanyId": COMPANY, "MemberId": "Admin1", "Action": action,
            "Type": THINGS[row.object].callback, "ID": int(row.id), "Entity": None if action == "deleted" else dump_json(self.shown(row)).decode(),
            "Metadata": {"key_url": key_url}, "CallbackObjectRecId": 26604, "ProductInstanceId": None, "PartnerId": None,
        }  # fmt: skip
        body = dump_json(told)
        made = hmac.new(hashlib.sha256(self.signing_key.encode()).digest(), body, hashlib.sha256).digest()
        return {"x-content-signature": base64.b64encode(made).decode(), "content-type": "application/json"}, body

    def _announce(self, row: Row, action: str) -> None:
        type_ = THINGS[row.object].callback
        if not type_ or not self.url:
            return
        urls = {self.webhook_url} if self.webhook_url else set()
        urls |= {one.fields["url"] for one in self.store.table("callback") if one.fields["type"] == type_ and not one.fields["inactiveFlag"]}
        for url in sorted(urls):
            headers, body = self.callback(row, action)
            address = f"{url}{row.id}&action={action}" if url.endswith("=") else url
            task = asyncio.create_task(self._call(address, headers, body))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _call(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send a callback; only some answers are tried again, twice."""
        self._session = self._session or aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))
        for wait_s in (*self.retry_waits_s, None):
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self._session.post(url, data=body, headers=headers) as response:
                    if response.status < 300:
                        self.webhooks["sent"] += 1
                        return
                    if response.status not in AGAIN:
                        break
            if wait_s is None:
                break
            await asyncio.sleep(wait_s)
        self.webhooks["given up"] += 1

    def expire_tokens(self) -> None:
        """Keys do not expire."""
