"""What the hub talks to: systems it reads and writes, and receivers of webhooks. Each keeps a log that nobody else can change.

A system takes records with a unique field for the hub's key, lists them, and forgets nothing. It loses answers when told to.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any, Self

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from tests.faults.proxy import Proxy


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the hub to a system, as the system saw it. ``applied``: it changed a record. ``told``: it was answered."""

    at: float
    operation: str
    """create, look_up, read, update or list."""
    object: str
    key: str
    id: str
    status: int
    applied: bool
    told: bool
    body: dict[str, Any] = field(default_factory=dict)


@dataclass
class Peer:
    """An HTTP server behind a proxy; the hub only knows the proxy."""

    name: str
    chance: Random
    loses: float = 0.0
    """Share of what it takes whose answer never arrives."""
    answers: list[str] = field(default_factory=list)
    """How the next requests are answered instead: 429, 503, 500, 410, endless, large, refuse."""
    proxy: Proxy = field(init=False)
    _runner: web.AppRunner | None = None

    def routes(self, app: web.Application) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64_000_000)
        self.routes(app)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.proxy = await Proxy(self.name, host, port, self.chance).__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.proxy.__aexit__()
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.proxy.listening_on}"


@dataclass
class System(Peer):
    """A connected system: records by object and id."""

    objects: tuple[str, ...] = ()
    records: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    _changed: int = 0

    def routes(self, app: web.Application) -> None:
        self.records = {name: {} for name in self.objects}
        app.router.add_get("/{object}", self._list)
        app.router.add_post("/{object}", self._create)
        app.router.add_get("/{object}/{id}", self._read)
        app.router.add_patch("/{object}/{id}", self._update)

    def put(self, object: str, id: str, rev: int, values: dict[str, Any], *, deleted: bool = False) -> dict[str, Any]:
        """A user of the system writes a record."""
        now = self.records[object].get(id, {})
        record = {**now, **values, "id": id, "rev": rev, "deleted": deleted, "changed": self._moment()}
        self.records[object][id] = record
        return record

    def _moment(self) -> str:
        """An instant of its own for each change, so that a list by instants skips nothing."""
        self._changed = max(self._changed + 1, time.time_ns() // 1000)
        seconds, micros = divmod(self._changed, 1_000_000)
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{micros:06d}Z"

    async def _list(self, request: web.Request) -> web.StreamResponse:
        name, query = request.match_info["object"], request.query
        if (other := await self._otherwise(request, "look_up" if "hub_ref" in query else "list")) is not None:
            return other
        rows = sorted(self.records[name].values(), key=lambda one: (one["changed"], one["id"]))
        if "hub_ref" in query:
            found = [one for one in rows if one.get("hub_ref") == query["hub_ref"]]
            self._note("look_up", name, query["hub_ref"], "", 200)
        else:
            since = [one for one in rows if one["changed"] >= query.get("since", "")]
            at, size = int(query.get("offset", "0")), int(query.get("limit", "500"))
            found, more = since[at : at + size], len(since) > at + size
            self._note("list", name, "", "", 200)
            return web.json_response({"items": found, "hasMore": more})
        return web.json_response({"items": found})

    async def _read(self, request: web.Request) -> web.StreamResponse:
        if (other := await self._otherwise(request, "read")) is not None:
            return other
        found = self.records[request.match_info["object"]].get(request.match_info["id"])
        self._note("read", request.match_info["object"], "", request.match_info["id"], 200 if found else 404)
        return web.json_response(found) if found else web.json_response({"code": "NOT_FOUND"}, status=404)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        name, given = request.match_info["object"], json.loads(await request.read())
        key = str(given.get("hub_ref", ""))
        if (other := await self._otherwise(request, "create", key, given)) is not None:
            return other
        if (name, key) in self.keys:
            self._note("create", name, key, self.keys[name, key], 400)
            return web.json_response({"code": "DUPLICATE_VALUE"}, status=400)
        record = self.put(name, f"{self.name}-{len(self.keys) + 1}", 1, given)
        self.keys[name, key] = record["id"]
        return await self._answered(request, "create", name, key, record, given)

    async def _update(self, request: web.Request) -> web.StreamResponse:
        name, id = request.match_info["object"], request.match_info["id"]
        given = json.loads(await request.read())
        if (other := await self._otherwise(request, "update", "", given)) is not None:
            return other
        if id not in self.records[name]:
            return web.json_response({"code": "NOT_FOUND"}, status=404)
        record = self.put(name, id, self.records[name][id]["rev"] + 1, given)
        return await self._answered(request, "update", name, "", record, given)

    async def _answered(
        self, request: web.Request, operation: str, name: str, key: str, record: dict[str, Any], given: dict[str, Any]
    ) -> web.StreamResponse:
        """It has happened; the answer may never arrive."""
        body, is_lost = dict(record), self.chance.random() < self.loses
        self._note(operation, name, key, record["id"], 200, applied=True, told=not is_lost, body=given)
        await asyncio.sleep(self.chance.uniform(0, 0.004))
        if is_lost and request.transport is not None:
            request.transport.abort()
        return web.json_response(body)

    async def _otherwise(
        self, request: web.Request, operation: str, key: str = "", given: dict[str, Any] | None = None
    ) -> web.StreamResponse | None:
        """One of the answers a system gives on a bad day; nothing was changed."""
        if not self.answers:
            return None
        kind = self.answers.pop(0)
        status = {"429": 429, "503": 503, "refuse": 422}.get(kind, 500 if kind == "500" else 200)
        self._note(operation, request.match_info["object"], key, "", status, told=kind not in ("endless", "large"), body=given or {})
        return await misbehave(request, kind)

    def _note(
        self, operation: str, object: str, key: str, id: str, status: int, *, applied: bool = False, told: bool = True,
        body: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.calls.append(Call(time.time(), operation, object, key, id, status, applied, told, body or {}))

    def document(self, kind: str, entities: dict[str, tuple[str, dict[str, Any]]], **more: Any) -> dict[str, Any]:
        """How the hub's ``rest`` connector reaches it; ``entities``: object → (entity, fields)."""
        return {
            "system": self.name, "kind": kind, "connector": "rest", "base_url": self.url,
            "limits": {"concurrency": 8, "timeout_s": 5, "max_response_bytes": 5_000_000},
            "resources": {name: _resource(name) for name in self.objects},
            "errors": [
                {"class": "rejected", "code": "DUPLICATE_VALUE", "cause": "duplicate"},
                {"class": "rejected", "status": 422},
                {"class": "retriable", "status": 500},
            ],
            "error_paths": {"code": "code"},
            "mappings": [
                {"object": name, "entity": entity, "id": "id", "version": "rev", "deleted": "deleted", "fields": fields, "ignored": ["changed"],
                 "links": [{"path": "hub_ref", "to": "hub"}]}
                for name, (entity, fields) in entities.items()
            ],
            **more,
        }  # fmt: skip


def _resource(name: str) -> dict[str, Any]:
    return {
        "list": {"path": name, "items": "items"}, "id": "id", "version": "rev", "deleted": "deleted", "one": {"path": f"{name}/{{id}}"},
        "changes": {"param": "since", "form": "instant", "is_ordered": True, "overlap_s": 2}, "modified": "changed",
        "paging": {"kind": "offset", "param": "offset", "size_param": "limit", "size": 200, "more": "hasMore"},
        "create": {"path": name, "id": "id", "version": "rev"},
        "update": {"method": "PATCH", "path": f"{name}/{{id}}", "version": "rev"},
        "external_id": {"field": "hub_ref", "unique": True}, "look_up": {"path": name, "param": "hub_ref"},
        "unknown_settles_after_s": 0.5,
    }  # fmt: skip


async def misbehave(request: web.Request, kind: str) -> web.StreamResponse:
    """429 and 503 ask to wait; ``endless`` never ends, ``large`` is 50 MB, ``410`` is gone."""
    if kind in ("endless", "large"):
        response = web.StreamResponse(headers={"content-type": "application/json"})
        await response.prepare(request)
        try:
            for _ in range(50 if kind == "large" else 600):
                await response.write(b" " * (1_000_000 if kind == "large" else 10))
                await asyncio.sleep(0 if kind == "large" else 0.1)
        except (ConnectionError, asyncio.CancelledError):
            pass
        return response
    status = {"refuse": 422}.get(kind) or int(kind)
    headers = {"retry-after": "1"} if status in (429, 503) else {}
    return web.json_response({"code": "NO"}, status=status, headers=headers)


@dataclass(frozen=True, slots=True)
class Event:
    """One webhook as it was received. ``taken``: it was answered with 2xx, however the body of the answer went on."""

    at: float
    id: str
    entity: str
    record: str
    version: int
    position: int
    op: str
    tenant: str
    digest: str
    taken: bool
    signed: bool
    values: dict[str, Any]
    after_s: float = 0.0
    """Seconds since the change was made."""


@dataclass
class Receiver(Peer):
    """The other end of a webhook subscription. ``secrets`` are those its owner knows."""

    secrets: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    codes: Counter[int] = field(default_factory=Counter)
    newest: dict[str, int] = field(default_factory=dict)
    """Record → the newest version that came."""
    names: set[str] = field(default_factory=set)
    """Names of the records that came: for those who wait for one."""

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/", self._take)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        kind = self.answers.pop(0) if self.answers else ""
        is_lost = not kind and self.chance.random() < self.loses
        event = event_of(raw, dict(request.headers), self.secrets, taken=not is_lost and kind in ("", "endless", "large"))
        self.events.append(event)
        if kind:
            return await misbehave(request, kind)
        self.newest[event.record] = max(self.newest.get(event.record, 0), event.version)
        self.names.add(str(event.values.get("name", "")))
        if is_lost and request.transport is not None:
            request.transport.abort()
        return web.Response(status=204)


def event_of(raw: bytes, headers: dict[str, str], secrets: list[str], *, taken: bool) -> Event:
    envelope = json.loads(raw, parse_float=Decimal)
    data = envelope["data"]
    record = data["record"]
    told = hashlib.sha256(json.dumps([envelope["id"], envelope["type"], data], sort_keys=True, default=str).encode()).hexdigest()
    return Event(
        time.time(), envelope["id"], record["entity"], record["id"], record["version"], data["position"], data["op"], data["tenant"],
        told, taken, any(_fits(secret, raw, headers) for secret in secrets), dict(data.get("values") or {}),
        time.time() - datetime.fromisoformat(data["recorded_at"]).timestamp(),
    )  # fmt: skip


def _fits(secret: str, raw: bytes, headers: dict[str, str]) -> bool:
    try:
        Webhook(secret).verify(raw, headers)
    except WebhookVerificationError:
        return False
    return True
