"""The simulated org as a server: tokens, queries, records, collections and bulk query jobs, with Salesforce's envelopes and errors."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any

from aiohttp import web
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from connectors.salesforce.simulator import jobs, soql
from connectors.salesforce.simulator.objects import SObject
from connectors.salesforce.simulator.org import Org
from connectors.salesforce.simulator.seed import seed
from connectors.simulator.base import VendorServer, answer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store
from connectors.wire import parse_json

VERSIONS = ("61.0", "62.0", "63.0")
CLIENT_ID, CLIENT_SECRET = "hub-consumer-key", "hub-consumer-secret"
USER = "integration@northbeam.example"
MOST_IN_COLLECTION = 200


class Salesforce(VendorServer):
    """One org. ``daily`` calls are allowed in all; ``public_key`` (PEM) verifies assertions; ``lifetime_s`` is a session's."""

    def __init__(self, store: Store | None = None, *, webhook_url: str = "", requests_per_s: float = 0.0, daily: int = 15_000_000) -> None:
        super().__init__("salesforce", store or Store(), webhook_url=webhook_url, requests_per_s=requests_per_s)
        self.org = self.made_org()
        self.daily, self.used = daily, 0
        self.public_key, self.lifetime_s = "", 7200.0
        self.tokens: dict[str, float] = {}
        self.locators: dict[str, list[dict[str, Any]]] = {}
        self.jobs: dict[str, jobs.Job] = {}
        self._numbers = count(1)

    def made_org(self) -> Org:
        """The org behind it; with packages it is another."""
        return Org(self.store)

    # --- what it says --------------------------------------------------------------------------------------------------

    def objects(self) -> Mapping[str, SObject]:
        return self.org.objects

    def seed(self) -> None:
        seed(self.org)

    def is_allowed(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme in ("Bearer", "OAuth") and self.tokens.get(token, 0.0) > time.time()

    def error(self, refusal: Refusal) -> web.Response:
        told = {"message": refusal.text, "errorCode": refusal.code} | ({"fields": [refusal.field]} if refusal.field else {})
        return answer([told], refusal.status)

    def slow_down(self, seconds: float) -> web.Response:
        return self.error(Refusal("REQUEST_LIMIT_EXCEEDED", "", "TotalRequests Limit exceeded.", 403))

    def expire_tokens(self) -> None:
        self.tokens.clear()

    def actions(self) -> dict[str, Any]:
        return super().actions() | {"merge": self.control_merge, "expire_locators": lambda given: self.locators.clear()}

    def control_merge(self, given: dict[str, Any]) -> Any:
        """``{"object", "winner", "loser"}``: merge two records as a user does: the loser is deleted and names the winner."""
        return self.shown(self.put(given["object"], given["loser"], {"MasterRecordId": given["winner"]}, is_deleted=True))

    def shown(self, row: Row) -> dict[str, Any]:
        return self.org.shown(row)

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        return self.org.put(object, id, fields, key=key, is_deleted=is_deleted)

    # --- routes --------------------------------------------------------------------------------------------------------

    def routes(self, app: web.Application) -> None:
        add, base = app.router.add_route, "/services/data/v{version}"
        add("POST", "/services/oauth2/token", self._token)
        add("GET", "/services/data", self._versions)
        add("GET", "/services/data/", self._versions)
        for slash in ("", "/"):
            add("GET", f"{base}/sobjects{slash}", self.guarded("org", "describe", self._sobjects))
            add("GET", f"{base}/sobjects/{{object}}/describe{slash}", self.guarded("org", "describe", self._describe))
            add("GET", f"{base}/query{slash}", self._query_of(False))
            add("GET", f"{base}/queryAll{slash}", self._query_of(True))
            add("GET", f"{base}/limits{slash}", self.guarded("org", "limits", self._limits))
            add("GET", f"{base}/sobjects/{{object}}/deleted{slash}", self._about("list", self._deleted))
            add("GET", f"{base}/sobjects/{{object}}/updated{slash}", self._about("list", self._updated))
            add("POST", f"{base}/sobjects/{{object}}{slash}", self._about("create", self._create))
            add("POST", f"{base}/jobs/query{slash}", self.guarded("job", "create", self._job))
        add("GET", f"{base}/query/{{locator}}", self.guarded("", "list", self._more))
        add("GET", f"{base}/sobjects/{{object}}/{{id}}", self._about("read", self._read))
        add("PATCH", f"{base}/sobjects/{{object}}/{{id}}", self._about("update", self._update))
        add("DELETE", f"{base}/sobjects/{{object}}/{{id}}", self._about("delete", self._delete))
        add("GET", f"{base}/sobjects/{{object}}/{{key}}/{{id}}", self._about("read", self._read_by_key))
        add("PATCH", f"{base}/sobjects/{{object}}/{{key}}/{{id}}", self._about("create", self._upsert))
        add("POST", f"{base}/composite/sobjects", self.guarded("collection", "create", self._collection))
        add("PATCH", f"{base}/composite/sobjects", self.guarded("collection", "update", self._collection))
        add("PATCH", f"{base}/composite/sobjects/{{object}}/{{key}}", self.guarded("collection", "create", self._collection))
        add("GET", f"{base}/jobs/query/{{id}}", self.guarded("job", "read", self._job_state))
        add("GET", f"{base}/jobs/query/{{id}}/results", self.guarded("job", "list", self._job_results))

    def _about(self, operation: str, handle: Any) -> Any:
        """A handler of an object that the address names."""

        async def handler(request: web.Request) -> web.StreamResponse:
            name = request.match_info["object"]
            if name not in self.org.objects:
                return self.error(Refusal("NOT_FOUND", "", "The requested resource does not exist", 404))
            return await self.guard(request, name, operation, handle)

        return handler

    def _query_of(self, with_deleted: bool) -> Any:
        """A query is about the object it names, so that faults strike it as they strike lists."""

        async def handler(request: web.Request) -> web.StreamResponse:
            try:
                query = soql.parse(request.query.get("q", ""))
            except (soql.MalformedError, ValueError) as error:
                return self.error(Refusal("MALFORMED_QUERY", "", str(error)))

            async def asked(_: web.Request) -> web.StreamResponse:
                return self._listed(request, query, with_deleted)

            return await self.guard(request, query.object, "read" if query.limit is not None or query.is_count else "list", asked)

        return handler

    # --- signing in ----------------------------------------------------------------------------------------------------

    async def _token(self, request: web.Request) -> web.Response:
        self.requests["token"] += 1
        form = await request.post()
        grant = form.get("grant_type")
        if grant == "client_credentials":
            basic = request.headers.get("authorization", "")
            given = _basic(basic) if basic else (str(form.get("client_id")), str(form.get("client_secret")))
            if given[0] != CLIENT_ID:
                return answer({"error": "invalid_client_id", "error_description": "client identifier invalid"}, 400)
            if given[1] != CLIENT_SECRET:
                return answer({"error": "invalid_client", "error_description": "invalid client credentials"}, 400)
        elif grant == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            if not self._is_assertion(str(form.get("assertion"))):
                return answer({"error": "invalid_grant", "error_description": "invalid assertion"}, 400)
        elif grant != "refresh_token":
            return answer({"error": "unsupported_grant_type", "error_description": "grant type not supported"}, 400)
        token = f"00DNB!{next(self._numbers):020d}"
        self.tokens[token] = time.time() + self.lifetime_s
        return answer({
            "access_token": token, "signature": "c2lnbmVk", "scope": "api", "instance_url": self.url, "token_type": "Bearer",
            "id": f"{self.url}/id/00DNB0000000001/005NB0000000001", "issued_at": str(int(time.time() * 1000)),
        })  # fmt: skip

    def _is_assertion(self, assertion: str) -> bool:
        try:
            told = jwt.decode(assertion, import_key(self.public_key, "RSA"), algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return False
        allowed = ("https://login.salesforce.com", "https://test.salesforce.com", self.url)
        return told.get("iss") == CLIENT_ID and told.get("sub") == USER and told.get("aud") in allowed and 0 < told.get("exp", 0) - time.time() <= 300

    async def _versions(self, request: web.Request) -> web.Response:
        return answer([{"label": f"Version {one}", "url": f"/services/data/v{one}", "version": one} for one in VERSIONS])

    # --- describing ----------------------------------------------------------------------------------------------------

    async def _sobjects(self, request: web.Request) -> web.Response:
        return self._good({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [one.told() for one in self.org.objects.values()]})

    async def _describe(self, request: web.Request) -> web.Response:
        kind = self.org.objects.get(request.match_info["object"])
        return self._good(kind.described()) if kind else self.error(Refusal("NOT_FOUND", "", "The requested resource does not exist", 404))

    async def _limits(self, request: web.Request) -> web.Response:
        return self._good({"DailyApiRequests": {"Max": self.daily, "Remaining": self.daily - self.used}})

    def _good(self, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
        """An answer with what is left of the day's calls; beyond them nothing is answered."""
        self.used += 1
        if self.used > self.daily:
            return self.slow_down(0)
        return answer(value, status, {"sforce-limit-info": f"api-usage={self.used}/{self.daily}", **(headers or {})})

    # --- reading -------------------------------------------------------------------------------------------------------

    def _listed(self, request: web.Request, query: soql.Query, with_deleted: bool) -> web.Response:
        rows = self.org.found(query, with_deleted)
        if isinstance(rows, Refusal):
            return self.error(rows)
        if query.is_count:
            return self._good({"totalSize": len(rows), "done": True, "records": []})
        size = _size(request)
        records = [self.org.cells(row, query.fields) for row in rows]
        locator = f"0r8NB{next(self._numbers):010d}"
        if len(records) > size:
            self.locators[locator] = records
        return self._good(self._cut(request.match_info["version"], locator, records, 0, size))

    async def _more(self, request: web.Request) -> web.Response:
        locator, _, start = request.match_info["locator"].rpartition("-")
        if locator not in self.locators or not start.isdecimal():
            return self.error(Refusal("INVALID_QUERY_LOCATOR", "", "invalid query locator"))
        return self._good(self._cut(request.match_info["version"], locator, self.locators[locator], int(start), _size(request)))

    def _cut(self, version: str, locator: str, records: list[dict[str, Any]], start: int, size: int) -> dict[str, Any]:
        end = start + size
        more = {"nextRecordsUrl": f"/services/data/v{version}/query/{locator}-{end}"} if end < len(records) else {}
        return {"totalSize": len(records), "done": not more, **more, "records": records[start:end]}

    async def _read(self, request: web.Request) -> web.Response:
        row = self.org.get(request.match_info["object"], request.match_info["id"])
        return self._missing() if row is None else self._good(self.shown(row))

    async def _read_by_key(self, request: web.Request) -> web.Response:
        rows = self._by_key(request)
        return self._missing() if not rows else self._good(self.shown(rows[0]))

    async def _deleted(self, request: web.Request) -> web.Response:
        told = [
            {"id": row.id, "deletedDate": row.fields["SystemModstamp"]}
            for row in self._within(request) if row.is_deleted
        ]  # fmt: skip
        return self._good({"deletedRecords": told, "earliestDateAvailable": "2026-01-01T00:00:00.000+0000", "latestDateCovered": _stamp(request.query["end"])})

    async def _updated(self, request: web.Request) -> web.Response:
        ids = [row.id for row in self._within(request) if not row.is_deleted]
        return self._good({"ids": ids, "latestDateCovered": _stamp(request.query["end"])})

    def _within(self, request: web.Request) -> list[Row]:
        start, end = (datetime.fromisoformat(request.query[name].replace(" ", "+")) for name in ("start", "end"))
        rows = self.store.rows.get(request.match_info["object"], {}).values()
        return [row for row in rows if start <= datetime.fromisoformat(row.fields["SystemModstamp"]) <= end]

    # --- writing -------------------------------------------------------------------------------------------------------

    async def _create(self, request: web.Request) -> web.Response:
        done = self.org.keep(request.match_info["object"], None, await self._body(request))
        if isinstance(done, Refusal):
            return self.error(done)
        place = f"/services/data/v{request.match_info['version']}/sobjects/{done.object}/{done.id}"
        return self._good({"id": done.id, "success": True, "errors": []}, 201, {"location": place})

    async def _update(self, request: web.Request) -> web.Response:
        row = self.org.get(request.match_info["object"], request.match_info["id"])
        if row is None:
            return self._missing()
        since = request.headers.get("if-unmodified-since")
        if since and datetime.fromisoformat(row.fields["SystemModstamp"]) > parsedate_to_datetime(since):
            return web.Response(status=412)
        done = self.org.keep(row.object, row.id, await self._body(request))
        return self.error(done) if isinstance(done, Refusal) else web.Response(status=204)

    async def _delete(self, request: web.Request) -> web.Response:
        row = self.org.get(request.match_info["object"], request.match_info["id"])
        if row is None:
            return self._missing()
        self.put(row.object, row.id, {}, is_deleted=True)
        return web.Response(status=204)

    async def _upsert(self, request: web.Request) -> web.Response:
        object_, key, value = (request.match_info[name] for name in ("object", "key", "id"))
        spec = self.org.objects[object_].fields.get(key)
        if spec is None or not spec.is_unique:
            text = f"Provided external ID field does not exist or is not accessible: {key}"
            return self.error(Refusal("NOT_FOUND", "", text, 404))
        body = await self._body(request)
        if key in body:
            return self.error(Refusal("INVALID_FIELD", key, f"The {key} field should not be specified in the sobject data."))
        rows = self._by_key(request)
        done = self.org.keep(object_, rows[0].id if rows else None, {**body, key: value})
        if isinstance(done, Refusal):
            return self.error(done)
        return self._good({"id": done.id, "success": True, "errors": [], "created": not rows}, 200 if rows else 201)

    def _by_key(self, request: web.Request) -> list[Row]:
        key, value = request.match_info["key"], request.match_info["id"]
        return [row for row in self.store.table(request.match_info["object"]) if str(row.fields.get(key) or "").casefold() == value.casefold()]

    async def _collection(self, request: web.Request) -> web.Response:
        given = parse_json(await request.read())
        records = given.get("records", [])
        if len(records) > MOST_IN_COLLECTION:
            return self.error(Refusal("REQUEST_LIMIT_EXCEEDED", "", f"record limit reached. cannot submit more than {MOST_IN_COLLECTION} records in this request"))
        key = request.match_info.get("key", "")
        results = []
        for record in records:
            object_ = (record.get("attributes") or {}).get("type", request.match_info.get("object", ""))
            fields = {name: value for name, value in record.items() if name not in ("attributes", "Id", "id")}
            known = self.org.get(object_, str(record.get("Id") or record.get("id") or "")) if request.method == "PATCH" and not key else None
            if key:
                known = next((row for row in self.store.table(object_) if row.fields.get(key) == record.get(key)), None)
            if request.method == "PATCH" and not key and known is None:
                results.append(_failed(Refusal("ENTITY_IS_DELETED", "", "entity is deleted")))
                continue
            done = self.org.keep(object_, known.id if known else None, fields)
            results.append(_failed(done) if isinstance(done, Refusal) else {"id": done.id, "success": True, "errors": []})
        return self._good(results)

    async def _body(self, request: web.Request) -> dict[str, Any]:
        given = parse_json(await request.read())
        return {name: value for name, value in given.items() if name != "attributes"} if isinstance(given, dict) else {}

    def _missing(self) -> web.Response:
        return self.error(Refusal("NOT_FOUND", "", "The requested resource does not exist", 404))

    # --- bulk query jobs -----------------------------------------------------------------------------------------------

    async def _job(self, request: web.Request) -> web.Response:
        made = jobs.begun(self.org, parse_json(await request.read()), f"750NB{next(self._numbers):010d}")
        if isinstance(made, Refusal):
            return self.error(made)
        self.jobs[made.id] = made
        return self._good(made.told("UploadComplete"))

    async def _job_state(self, request: web.Request) -> web.Response:
        job = self.jobs.get(request.match_info["id"])
        return self._missing() if job is None else self._good(job.state())

    async def _job_results(self, request: web.Request) -> web.Response:
        job = self.jobs.get(request.match_info["id"])
        if job is None:
            return self._missing()
        self.used += 1
        body, locator = job.page(request.query.get("locator", ""), int(request.query.get("maxRecords", "50000")))
        return web.Response(body=body, content_type="text/csv", charset="UTF-8", headers={"sforce-locator": locator, "sforce-numberofrecords": str(body.count(b"\n") - 1)})


def _size(request: web.Request) -> int:
    """How many records a page holds, as the request asks for."""
    asked = request.headers.get("sforce-query-options", "").partition("batchSize=")[2]
    return min(2000, max(200, int(asked))) if asked.isdecimal() else 2000


def _failed(refusal: Refusal) -> dict[str, Any]:
    return {"success": False, "errors": [{"statusCode": refusal.code, "message": refusal.text, "fields": [refusal.field] if refusal.field else []}]}


def _stamp(text: str) -> str:
    return datetime.fromisoformat(text.replace(" ", "+")).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:00.000+0000")


def _basic(header: str) -> tuple[str, str]:
    name, _, secret = base64.b64decode(header.partition(" ")[2]).decode().partition(":")
    return name, secret
