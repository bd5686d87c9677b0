"""The server of one simulated system: its API, its webhooks, and under ``/_control`` what only tests and the demo may do."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from connectors.simulator.dialects import Crm, Dialect, Kind, answer
from connectors.simulator.kinds import DIALECTS
from connectors.simulator.rules import Refusal
from connectors.simulator.seed import seed
from connectors.simulator.store import Row, Store, merged
from connectors.wire import dump_json, parse_json
from schema.paths import ABSENT, at_path

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
FAULTS = ("lose_answer", "429", "500", "503", "slow", "cut", "malformed", "reject")
PAGING = frozenset({"page", "per_page", "offset", "limit", "ModifiedSince", "updated_after", "changedFrom", "order"})


@dataclass(slots=True)
class Fault:
    """What goes wrong, and for which of the next requests: of ``object`` and ``operation`` (list, read, create, update)."""

    kind: str
    object: str = ""
    operation: str = ""
    times: int = 1
    retry_after_s: float = 1.0
    delay_s: float = 1.0
    field: str = ""
    id: str = ""

    def fits(self, operation: str, object: str, id: str) -> bool:
        return self.times > 0 and self.object in ("", object) and self.operation in ("", operation) and self.id in ("", id)


@dataclass
class Simulator:
    """One running system. ``webhook_url`` "" sends no webhooks."""

    dialect: Dialect
    store: Store
    webhook_url: str = ""
    requests_per_s: float = 0.0
    url: str = ""
    faults: list[Fault] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    webhooks: Counter[str] = field(default_factory=Counter)
    _tokens: float = 0.0
    _filled_at: float = field(default_factory=time.monotonic)
    _sending: set[asyncio.Task[None]] = field(default_factory=set)
    _session: aiohttp.ClientSession | None = None
    _runner: web.AppRunner | None = None
    _events: int = 0

    # --- life --------------------------------------------------------------------------------------------------------

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Simulator:
        if not self.store.open():
            seed(self.dialect, self.store)
        self._tokens = self.requests_per_s
        self._runner = web.AppRunner(self.app(), access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound = self._runner.addresses[0]
        self.url = f"http://{bound[0]}:{bound[1]}"
        return self

    async def stop(self) -> None:
        for task in tuple(self._sending):
            task.cancel()
        if self._session is not None:
            await self._session.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self.store.close()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=20_000_000)
        if isinstance(self.dialect, Crm):
            app.router.add_post("/services/oauth2/token", self._token)
        for kind in self.dialect.kinds:
            base = f"{self.dialect.base}/{kind.route}"
            app.router.add_get(base, self._guarded(kind, "list", self._list))
            app.router.add_get(f"{base}/more/{{locator}}", self._guarded(kind, "list", self._list))
            app.router.add_get(f"{base}/{{id}}", self._guarded(kind, "read", self._read))
            if not kind.is_read_only:
                app.router.add_post(base, self._guarded(kind, "create", self._create))
                if not kind.is_create_only:
                    app.router.add_patch(f"{base}/{{id}}", self._guarded(kind, "update", self._update))
                    app.router.add_put(f"{base}/{{id}}", self._guarded(kind, "update", self._update))
        app.router.add_get("/_control/state", self._control_state)
        app.router.add_post("/_control/{action}", self._control)
        return app

    # --- the api -----------------------------------------------------------------------------------------------------

    def _guarded(self, kind: Kind, operation: str, handle: Callable[[Kind, web.Request], Awaitable[web.Response]]) -> Handler:
        """Quota, credentials and faults around a request, as they come at a real vendor: before, or after it took effect."""

        async def handler(request: web.Request) -> web.StreamResponse:
            self.requests[f"{operation} {kind.object}"] += 1
            if not self._has_quota():
                return self._slow_down(1.0)
            if not self.dialect.is_allowed(request, time.time()):
                return self.dialect.error(Refusal("INVALID_SESSION_ID", "", "Session expired or invalid", 401))
            fault = next((one for one in self.faults if one.fits(operation, kind.object, request.match_info.get("id", ""))), None)
            if fault is None:
                return await handle(kind, request)
            fault.times -= 1
            return await self._with_fault(fault, kind, request, handle)

        return handler

    async def _with_fault(
        self, fault: Fault, kind: Kind, request: web.Request, handle: Callable[[Kind, web.Request], Awaitable[web.Response]]
    ) -> web.StreamResponse:
        match fault.kind:
            case "429":
                return self._slow_down(fault.retry_after_s)
            case "500" | "503":
                return self.dialect.error(Refusal("UNEXPECTED_ERROR", "", "Something went wrong", int(fault.kind)))
            case "reject":
                return self.dialect.error(Refusal("CUSTOM_VALIDATION", fault.field, "The record is refused on request", 400))
            case "slow":
                await asyncio.sleep(fault.delay_s)
                return await handle(kind, request)
        response = await handle(kind, request)
        body = response.body if isinstance(response.body, bytes) else b""
        if fault.kind == "malformed":
            return web.Response(body=body[: max(1, len(body) // 2)] or b"{", status=200, content_type="application/json")
        if fault.kind == "cut" and body:
            partial = web.StreamResponse(status=response.status, headers={"content-length": str(len(body) + 100)})
            await partial.prepare(request)
            await partial.write(body[: len(body) // 2])
        if request.transport is not None:
            request.transport.abort()
        return response

    def _has_quota(self) -> bool:
        if not self.requests_per_s:
            return True
        now = time.monotonic()
        self._tokens = min(self.requests_per_s, self._tokens + (now - self._filled_at) * self.requests_per_s)
        self._filled_at = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def _slow_down(self, seconds: float) -> web.Response:
        response = self.dialect.error(Refusal("REQUEST_LIMIT_EXCEEDED", "", "Too many requests", 429))
        response.headers["retry-after"] = f"{seconds:g}"
        return response

    async def _token(self, request: web.Request) -> web.Response:
        self.requests["token"] += 1
        assert isinstance(self.dialect, Crm)
        return await self.dialect.token(request, time.time())

    async def _list(self, kind: Kind, request: web.Request) -> web.Response:
        rows = self.store.changed(kind.object)
        since = self.dialect.changed_since(request)
        if since:
            try:
                moment = datetime.fromisoformat(since.replace(" ", "+"))
                rows = [row for row in rows if row.changed_at >= moment]
            except (ValueError, TypeError):
                return self.dialect.error(Refusal("INVALID_PARAMETER", "", "The instant is not in ISO 8601 with an offset"))
        for name, wanted in request.query.items():
            if name not in PAGING and "locator" not in request.match_info:
                rows = [row for row in rows if not row.is_deleted and str(_field(row, name)) == wanted]
        return answer(self.dialect.listed(kind, request, rows))

    async def _read(self, kind: Kind, request: web.Request) -> web.Response:
        row = self.store.get(kind.object, request.match_info["id"])
        return self._missing() if row is None else answer(self.dialect.shown(row))

    async def _create(self, kind: Kind, request: web.Request) -> web.Response:
        fields, refusal = await self._given(kind, request)
        if refusal is not None:
            return self.dialect.error(refusal)
        key = str(fields.get(kind.key_field) or "") if kind.key_field else ""
        if key:
            holder = next((row for row in self.store.table(kind.object) if row.fields.get(kind.key_field) == key), None)
            if holder is not None:
                text = f"duplicate value found: {kind.key_field} duplicates value on record with id: {holder.id}"
                return self.dialect.error(Refusal("DUPLICATE_VALUE", kind.key_field, text))
        refusal = kind.check(self.store, merged(kind.template, fields), None) if kind.check else None
        if refusal is not None:
            return self.dialect.error(refusal)
        return self.dialect.made(kind, self._put(kind, None, fields, key=key or f"{kind.object} without a key"))

    async def _update(self, kind: Kind, request: web.Request) -> web.Response:
        row = self.store.get(kind.object, request.match_info["id"])
        if row is None:
            return self._missing()
        fields, refusal = await self._given(kind, request)
        if refusal is not None:
            return self.dialect.error(refusal)
        expected = self.dialect.expected_version(request, fields)
        if expected is not None and expected != self.dialect.version(row):
            return self.dialect.error(Refusal("RECORD_CHANGED", "", "The record has been changed meanwhile", 412))
        refusal = kind.check(self.store, merged(row.fields, fields), row) if kind.check else None
        return self.dialect.error(refusal) if refusal else self.dialect.updated(kind, self._put(kind, row.id, fields))

    async def _given(self, kind: Kind, request: web.Request) -> tuple[dict[str, Any], Refusal | None]:
        try:
            fields = self.dialect.given(kind, parse_json(await request.read()))
        except (ValueError, KeyError, TypeError):
            return {}, Refusal("INVALID_CONTENT", "", "The body is not what this address takes")
        unknown = sorted(set(fields) - set(kind.template) - {"lock_version"})
        if unknown:
            return {}, Refusal("INVALID_FIELD", unknown[0], f"No such field '{unknown[0]}'")
        return fields, None

    def _missing(self) -> web.Response:
        return self.dialect.error(Refusal("NOT_FOUND", "", "The requested record does not exist", 404))

    def _put(self, kind: Kind, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        known = self.store.rows.get(kind.object, {}).get(id) if id else None
        name = id or self._new_id(kind)
        whole = merged(known.fields if known else kind.template, fields)
        if kind.object == "time_posting" and known is None:
            whole |= {"documentNo": f"GL-{name}", "postedAt": self.store.clock().isoformat()}
        row = self.store.put(kind.object, name, whole, key=key, is_deleted=is_deleted)
        self._announce(kind, row)
        return row

    def _new_id(self, kind: Kind) -> str:
        number = self.store.next_number(kind.object, kind.first_id)
        while kind.id_form.format(number) in self.store.rows.get(kind.object, {}):
            number += 1
        return kind.id_form.format(number)

    # --- webhooks ----------------------------------------------------------------------------------------------------

    def _announce(self, kind: Kind, row: Row) -> None:
        """Tell the change in the background, again and again until somebody takes it, as vendors do."""
        if not self.webhook_url or self.dialect.signature.scheme == "none":
            return
        self._events += 1
        task = asyncio.create_task(self._send(dump_json(self.dialect.event(kind, row, self._events)), f"{kind.object}-{row.id}-{row.version}"))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, body: bytes, message_id: str) -> None:
        self._session = self._session or aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        for attempt in range(8):
            signed = self.dialect.signature.sign(body, message_id, int(time.time()))
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self._session.post(self.webhook_url, data=body, headers={"content-type": "application/json", **signed}) as response:
                    if response.status < 300:
                        self.webhooks["sent"] += 1
                        return
            await asyncio.sleep(min(0.2 * 2**attempt, 10.0))
        self.webhooks["given up"] += 1

    # --- control -----------------------------------------------------------------------------------------------------

    async def _control_state(self, request: web.Request) -> web.Response:
        """All records, what requests created under which key of ours, and counts."""
        objects = {
            kind.object: {row.id: self.dialect.shown(row) for row in self.store.rows.get(kind.object, {}).values()} for kind in self.dialect.kinds
        }
        counts = {"requests": dict(self.requests), "webhooks": dict(self.webhooks)}
        return answer({"system": self.dialect.name, "objects": objects, "creates": dict(self.store.creates), **counts})

    async def _control(self, request: web.Request) -> web.Response:
        given = parse_json(await request.read() or b"{}")
        actions = {
            "fault": self._control_fault, "change": self._control_change, "delete": self._control_delete, "webhook": self._control_webhook,
            "load": self._control_load, "expire_tokens": self._control_expire, "quota": self._control_quota,
        }  # fmt: skip
        action = actions.get(request.match_info["action"])
        if action is None:
            return answer({"error": f"no such action; there are {', '.join(sorted(actions))}"}, 404)
        try:
            return answer(action(given))
        except (KeyError, TypeError, ValueError) as error:
            return answer({"error": f"{type(error).__name__}: {error}"}, 400)

    def _control_fault(self, given: dict[str, Any]) -> Any:
        """``{"kind": …, "object", "operation", "times", "retry_after_s", "delay_s", "field", "id"}``; ``{"kind": "none"}`` clears."""
        if given["kind"] == "none":
            self.faults.clear()
        elif given["kind"] not in FAULTS:
            raise ValueError(f"kind is one of {', '.join(FAULTS)}")
        else:
            self.faults.append(Fault(**given))
        return {"faults": len(self.faults)}

    def _control_change(self, given: dict[str, Any]) -> Any:
        """``{"object", "id"?, "values"}``: edit (or, without an id, enter) a record as a user of the system."""
        return self.dialect.shown(self._put(self._kind(given["object"]), given.get("id"), given["values"]))

    def _control_delete(self, given: dict[str, Any]) -> Any:
        row = self._put(self._kind(given["object"]), given["id"], {}, is_deleted=True)
        return self.dialect.shown(row)

    def _control_webhook(self, given: dict[str, Any]) -> Any:
        self.webhook_url = given["url"]
        return {"url": self.webhook_url}

    def _control_load(self, given: dict[str, Any]) -> Any:
        """``{"object", "count", "values"}``: enter many records; ``{n}`` in a text is their number."""
        kind = self._kind(given["object"])
        for number in range(given["count"]):
            values = {name: one.replace("{n}", str(number)) if isinstance(one, str) else one for name, one in given.get("values", {}).items()}
            self.store.put(kind.object, self._new_id(kind), merged(kind.template, values))
        return {"count": len(self.store.rows[kind.object])}

    def _control_expire(self, given: dict[str, Any]) -> Any:
        self.dialect.tokens.clear()
        return {}

    def _control_quota(self, given: dict[str, Any]) -> Any:
        self.requests_per_s = float(given["requests_per_s"])
        return {"requests_per_s": self.requests_per_s}

    def _kind(self, object: str) -> Kind:
        found = next((kind for kind in self.dialect.kinds if kind.object == object), None)
        if found is None:
            raise ValueError(f"no such object; there are {', '.join(kind.object for kind in self.dialect.kinds)}")
        return found


def simulator(config: str, state: Path | None = None, *, webhook_url: str = "", requests_per_s: float = 0.0) -> Simulator:
    """A system not yet started; ``state`` is the folder of its journal, None forgets everything at the end."""
    journal = state / f"{config}.jsonl" if state else None
    return Simulator(DIALECTS[config](), Store(journal), webhook_url, requests_per_s)


def _field(row: Row, name: str) -> Any:
    found = at_path(row.fields, name)
    return "" if found is ABSENT or found is None else found
