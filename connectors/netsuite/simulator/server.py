"""The simulated account as a server: tokens, SuiteQL, records, metadata, jobs, with NetSuite's envelopes and errors."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from connectors.netsuite.simulator import catalogue, filters, sql
from connectors.netsuite.simulator.account import Account
from connectors.netsuite.simulator.catalogue import LOWER, SERVICES
from connectors.netsuite.simulator.envelope import INVALID_LOGIN, envelope
from connectors.netsuite.simulator.jobs import Jobs
from connectors.netsuite.simulator.shown import record
from connectors.netsuite.simulator.seed import seed
from connectors.netsuite.simulator.signing import Signing
from connectors.netsuite.simulator.types import TYPES, RecordType
from connectors.simulator.base import VendorServer, answer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store
from connectors.wire import parse_json

ACCOUNT = "123456_SB1"
MOST = 1000
TOKEN = f"{SERVICES}/auth/oauth2/v1/token"


class Netsuite(VendorServer):
    """One account. ``day_form`` is how it writes days (strftime); ``hidden`` are columns and tables its role may not query."""

    def __init__(self, store: Store | None = None, *, webhook_url: str = "", requests_per_s: float = 0.0, zone: str = "Europe/Berlin") -> None:
        super().__init__("netsuite", store or Store(), webhook_url=webhook_url, requests_per_s=requests_per_s)
        self.account = Account(self.store, ZoneInfo(zone))
        self.signing = Signing(ACCOUNT)
        self.jobs = Jobs()
        self.day_form = "%m/%d/%Y"
        self.hidden: set[str] = set()
        self.unreadable: set[str] = set()
        self.tells_location = True

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Any:
        await super().start(host, port)
        self.account.mirror_all()
        return self

    # --- what it says --------------------------------------------------------------------------------------------------

    def objects(self) -> Mapping[str, RecordType]:
        return TYPES

    def seed(self) -> None:
        seed(self.account)

    def is_allowed(self, request: web.Request) -> bool:
        return self.signing.allows(request, self.url)

    def error(self, refusal: Refusal) -> web.Response:
        return answer(envelope(refusal), refusal.status)

    def slow_down(self, seconds: float) -> web.Response:
        return self.error(Refusal("CONCURRENCY_LIMIT_EXCEEDED", "", "Concurrent request limit exceeded. Request blocked.", 429))

    def unauthorized(self) -> web.Response:
        return self.error(Refusal("INVALID_LOGIN", "", INVALID_LOGIN, 401))

    def expire_tokens(self) -> None:
        self.signing.tokens.clear()

    def shown(self, row: Row) -> dict[str, Any]:
        return {"id": row.id, **row.fields}

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        return self.account.put(object, id, fields, key=key, is_deleted=is_deleted)

    # --- routes --------------------------------------------------------------------------------------------------------

    def routes(self, app: web.Application) -> None:
        add, base = app.router.add_route, f"{SERVICES}/record/v1"
        add("POST", TOKEN, self._token)
        add("POST", f"{SERVICES}/query/v1/suiteql", self._suiteql)
        add("GET", f"{SERVICES}/system/v1/serverTime", self.guarded("system", "time", self._time))
        add("GET", f"{SERVICES}/system/v1/governanceLimits", self.guarded("system", "limits", self._limits))
        for path in ("", "/{task:task}", "/task/{number}", "/task/{number}/{result:result}"):
            add("GET", f"{SERVICES}/async/v1/job/{{job}}{path}", self.guarded("job", "read", self._job))
        add("GET", f"{base}/metadata-catalog", self.guarded("metadata", "describe", self._catalogue))
        add("GET", f"{base}/metadata-catalog/", self.guarded("metadata", "describe", self._catalogue))
        add("GET", f"{base}/metadata-catalog/{{object}}", self.guarded("metadata", "describe", self._described))
        add("GET", f"{base}/{{object}}", self._about("list", self._list))
        add("POST", f"{base}/{{object}}", self._about("create", self._create))
        add("PUT", f"{base}/{{object}}", self._about("create", self._create))
        add("PATCH", f"{base}/{{object}}", self._about("update", self._create))
        add("GET", f"{base}/{{object}}/{{id}}", self._about("read", self._read))
        add("PATCH", f"{base}/{{object}}/{{id}}", self._about("update", self._update))
        add("PUT", f"{base}/{{object}}/{{id}}", self._about("create", self._upsert))
        add("DELETE", f"{base}/{{object}}/{{id}}", self._about("delete", self._delete))

    def _about(self, operation: str, handle: Any) -> Any:
        """A handler of a record type that the address names."""

        async def handler(request: web.Request) -> web.StreamResponse:
            name = LOWER.get(request.match_info["object"].lower(), "")
            if not name:
                if not self.is_allowed(request):
                    return self.unauthorized()
                return self.error(Refusal("INVALID_PARAMETER", "", f"Record type '{request.match_info['object']}' does not exist.", 404))
            request.match_info["object"] = name
            return await self.guard(request, name, operation, handle)

        return handler

    async def _token(self, request: web.Request) -> web.Response:
        self.requests["token"] += 1
        given = self.signing.token({name: str(value) for name, value in (await request.post()).items()}, f"{self.url}{TOKEN}")
        return answer({"error": "invalid_grant"}, 400) if given is None else answer(given)

    # --- queries -------------------------------------------------------------------------------------------------------

    async def _suiteql(self, request: web.Request) -> web.StreamResponse:
        """A query is about the records whose table it asks, so that faults strike it as they strike lists."""
        try:
            text = str(parse_json(await request.read())["q"])
        except (ValueError, KeyError, TypeError):
            text = ""
        operation = "read" if " t.id = " in text or "externalid IN" in text else "list"

        async def asked(_: web.Request) -> web.StreamResponse:
            return self._queried(request, text)

        return await self.guard(request, _subject(text), operation, asked)

    def _queried(self, request: web.Request, text: str) -> web.Response:
        if "transient" not in request.headers.get("prefer", ""):
            return self.error(Refusal("INVALID_HEADER", "Prefer", "Missing or invalid header: Prefer: transient."))
        cut = _cut(request)
        if isinstance(cut, Refusal):
            return self.error(cut)
        limit, offset = cut
        for name in self.hidden:
            if name.lower() in text.lower():
                what = f"Field '{name}' not found" if "." in name else f"Record '{name}' was not found"
                return self.error(Refusal("INVALID_PARAMETER", "q", f"Invalid search query. Search error occurred: {what.replace('t.', '')}."))
        try:
            rows, total = self.account.tables.asked(text, limit, offset)
        except sql.QueryError as error:
            return self.error(Refusal("INVALID_PARAMETER", "q", str(error)))
        return answer(self._paged(request, [{"links": [], **row} for row in rows], limit, offset, total))

    def _paged(self, request: web.Request, items: list[dict[str, Any]], limit: int, offset: int, total: int) -> dict[str, Any]:
        path = f"{self.url}{request.path}"
        places = {"self": offset} | ({"next": offset + limit, "last": (total - 1) // limit * limit} if offset + limit < total else {})
        links = [{"rel": rel, "href": f"{path}?limit={limit}&offset={place}"} for rel, place in places.items()]
        return {"links": links, "count": len(items), "hasMore": offset + limit < total, "items": items, "offset": offset, "totalResults": total}

    # --- records -------------------------------------------------------------------------------------------------------

    async def _list(self, request: web.Request) -> web.Response:
        kind, cut = TYPES[request.match_info["object"]], _cut(request)
        if isinstance(cut, Refusal):
            return self.error(cut)
        limit, offset = cut
        try:
            asked = request.query.get("q", "")
            fits = filters.judge(asked, kind, self.day_form, self.account.zone) if asked else None
        except filters.FilterError as error:
            return self.error(Refusal("INVALID_PARAMETER", "q", str(error)))
        rows = sorted(self.store.table(kind.name), key=lambda row: int(row.id))
        found = [row for row in rows if fits is None or fits({"id": row.id, **row.fields})]
        items = [{"links": [{"rel": "self", "href": self._href(row)}], "id": row.id} for row in found[offset : offset + limit]]
        return answer(self._paged(request, items, limit, offset, len(found)))

    async def _read(self, request: web.Request) -> web.Response:
        row = self._row(request)
        if row is None:
            return self._missing()
        if row.id in self.unreadable:
            return self.error(Refusal("USER_ERROR", "", "Error while accessing a resource. An unexpected script error occurred."))
        return answer(record(self.account, row, self._href(row), expanded=request.query.get("expandSubResources") == "true"))

    async def _create(self, request: web.Request) -> web.Response:
        if "type=collection" in request.headers.get("content-type", "") or "respond-async" in request.headers.get("prefer", ""):
            return await self._later(request)
        return self._kept(request, None, await _body(request))

    async def _update(self, request: web.Request) -> web.Response:
        if "respond-async" in request.headers.get("prefer", ""):
            return await self._later(request)
        row = self._row(request)
        if row is None:
            return self._missing()
        body = await _body(request)
        for name in request.query.get("replace", "").split(","):
            if body and name in body:
                self.put(row.object, row.id, {name: {"items": []}})
        return self._kept(request, row, body)

    async def _upsert(self, request: web.Request) -> web.Response:
        if "respond-async" in request.headers.get("prefer", ""):
            return await self._later(request)
        id, row = request.match_info["id"], self._row(request)
        if row is None and not id.startswith("eid:"):
            return self._missing()
        return self._kept(request, row, await _body(request), key=id.removeprefix("eid:") if id.startswith("eid:") else "")

    def _kept(self, request: web.Request, row: Row | None, body: dict[str, Any] | None, *, key: str = "") -> web.Response:
        """Store what a request states; the answer is empty and names the record."""
        object_ = request.match_info["object"]
        if body is None:
            return self.error(Refusal("INVALID_CONTENT", "", "Invalid content in the request body."))
        done = self.kept(object_, row, body, key, request.headers.get("x-netsuite-propertynamevalidation", "Error"))
        if isinstance(done, Refusal):
            return self.error(done)
        named = row is None or self.tells_location
        headers = (
            {"location": self._href(done) if self.tells_location or not key else self._href(done).replace(done.id, f"eid:{key}")} if named else None
        )
        return web.Response(status=204, headers=headers)

    def kept(self, object_: str, row: Row | None, body: Mapping[str, Any], key: str, validation: str = "Error") -> Row | Refusal:
        """Store what a request states, or say why not."""
        ignores = validation.lower() in ("ignore", "warning")
        refused = self.account.refusal(object_, row.id if row else None, body, ignores_names=ignores)
        if refused is not None:
            return refused
        fields = {name: value for name, value in body.items() if name in TYPES[object_].fields or name == "externalId"}
        for name, value in fields.items():
            spec = TYPES[object_].fields.get(name)
            if spec is not None and spec.kind == "reference" and value is not None:
                fields[name] = {"id": self.account.referred(spec, value)}
        if key:
            fields["externalId"] = key
        created = "" if row is not None else str(fields.get("externalId") or f"{object_} without a key")
        return self.put(object_, row.id if row else None, fields, key=created)

    async def _delete(self, request: web.Request) -> web.Response:
        row = self._row(request)
        if row is None:
            return self._missing()
        self.put(row.object, row.id, {}, is_deleted=True)
        return web.Response(status=204)

    def _row(self, request: web.Request) -> Row | None:
        return self.account.get(request.match_info["object"], request.match_info["id"])

    def _missing(self) -> web.Response:
        return self.error(Refusal("NONEXISTENT_ID", "", "The record instance does not exist. Provide a valid record instance ID.", 404))

    def _href(self, row: Row) -> str:
        return f"{self.url}{SERVICES}/record/v1/{row.object}/{row.id}"

    # --- jobs ----------------------------------------------------------------------------------------------------------

    async def _later(self, request: web.Request) -> web.Response:
        """One record or up to a hundred, done in the background; a key of idempotency is taken once."""
        object_, key = request.match_info["object"], request.headers.get("x-netsuite-idempotency-key", "")
        known = self.jobs.of_key(key)
        if known:
            response = self.error(Refusal("IDEMPOTENCY_ERROR", "", "A request with this idempotency key was already submitted.", 400))
            response.headers["location"] = f"{self.url}{SERVICES}/async/v1/job/{known}"
            return response
        body = await _body(request)
        is_many = "type=collection" in request.headers.get("content-type", "")
        items = (body or {}).get("items") if is_many else [body]
        if not isinstance(items, list) or len(items) > 100:
            return self.error(Refusal("INVALID_CONTENT", "items", "A batch holds at most 100 records."))
        results = []
        for item in items:
            one = dict(item or {})
            own = str(request.match_info.get("id", "")).removeprefix("eid:") or (str(one.get("externalId") or "") if request.method == "PUT" else "")
            row = (
                self.account.get(object_, f"eid:{own}")
                if own
                else self.account.get(object_, str(one.pop("id", "")))
                if request.method == "PATCH"
                else None
            )
            done = (
                self.kept(object_, row, one, own)
                if isinstance(item, dict)
                else Refusal("INVALID_CONTENT", "", "Invalid content in the request body.")
            )
            results.append(
                envelope(done)
                if isinstance(done, Refusal)
                else {"status": 204, "location": self._href(done), "externalId": done.fields.get("externalId")}
            )
        job = self.jobs.begun(results, key or str(uuid.uuid4()))
        return web.Response(status=202, headers={"location": f"{self.url}{SERVICES}/async/v1/job/{job}"})

    async def _job(self, request: web.Request) -> web.Response:
        told = self.jobs.told(request.match_info["job"], request.path, f"{self.url}{SERVICES}/async/v1/job/{request.match_info['job']}")
        return self._missing() if told is None else answer(told)

    # --- what it is ----------------------------------------------------------------------------------------------------

    async def _time(self, request: web.Request) -> web.Response:
        return answer({"serverTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")})

    async def _limits(self, request: web.Request) -> web.Response:
        return answer({"accountConcurrencyLimit": 15, "accountUnallocatedConcurrencyLimit": 15, "limitType": "integrationSpecific"})

    async def _catalogue(self, request: web.Request) -> web.Response:
        chosen = [one for one in request.query.get("select", "").split(",") if one] or list(TYPES)
        return answer(catalogue.listed(self.url, [one for one in chosen if one in TYPES], request.headers.get("accept", "")))

    async def _described(self, request: web.Request) -> web.Response:
        told = catalogue.described(self.url, request.match_info["object"], request.headers.get("accept", ""))
        if told is None:
            return self.error(Refusal("INVALID_PARAMETER", "", f"Record type '{request.match_info['object']}' does not exist.", 404))
        return answer(told)


def _subject(text: str) -> str:
    """Which records a query is about, by its table and, for transactions, their type."""
    words = text.split()
    places = [place for place, word in enumerate(words) if word.upper() == "FROM"]
    table = words[places[-1] + 1].lower().strip("()") if places and places[-1] + 1 < len(words) else ""
    for place in places:
        found = words[place + 1].lower().strip("()") if place + 1 < len(words) else ""
        if found not in ("nexttransactionlinelink",):
            table = found
            break
    for kind in TYPES.values():
        if kind.sql_name == table and (not kind.tran or f"'{kind.tran}'" in text):
            return kind.name
    return table or "query"


def _cut(request: web.Request) -> tuple[int, int] | Refusal:
    """Limit and offset of a page."""
    limit, offset = request.query.get("limit", str(MOST)), request.query.get("offset", "0")
    if not limit.isdecimal() or not 1 <= int(limit) <= MOST:
        return Refusal("INVALID_PARAMETER", "limit", "The limit must be a number from 1 to 1000.")
    if not offset.isdecimal() or int(offset) // int(limit) >= MOST:
        return Refusal("INVALID_PARAMETER", "offset", "The offset is beyond the last page.")
    return int(limit), int(offset)


async def _body(request: web.Request) -> dict[str, Any] | None:
    try:
        given = parse_json(await request.read())
    except ValueError:
        return None
    return given if isinstance(given, dict) else None
