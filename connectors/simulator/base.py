"""What every simulated vendor is on the outside: a server with credentials, a quota, faults on request, webhooks that are tried again,
and ``/_control``, which only tests and the demo may use. What it says and refuses is its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import aiohttp
from aiohttp import web

from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store
from connectors.wire import dump_json, parse_json

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
FAULTS = ("lose_answer", "429", "500", "503", "slow", "cut", "malformed", "drift", "reject")


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


class VendorServer(ABC):
    """One running system. ``webhook_url`` "" sends no webhooks; ``requests_per_s`` 0 has no quota."""

    def __init__(self, name: str, store: Store, *, webhook_url: str = "", requests_per_s: float = 0.0) -> None:
        self.name, self.store, self.webhook_url, self.requests_per_s = name, store, webhook_url, requests_per_s
        self.url = ""
        self.faults: list[Fault] = []
        self.skew = timedelta()
        self.requests: Counter[str] = Counter()
        self.webhooks: Counter[str] = Counter()
        self._tokens = 0.0
        self._filled_at = time.monotonic()
        self._sending: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    # --- what a vendor says of itself ----------------------------------------------------------------------------------

    @abstractmethod
    def routes(self, app: web.Application) -> None:
        """Its API, each handler behind :meth:`guarded`."""

    @abstractmethod
    def seed(self) -> None:
        """Its records at the beginning."""

    @abstractmethod
    def is_allowed(self, request: web.Request) -> bool:
        """Whether the request carries credentials that hold now."""

    @abstractmethod
    def error(self, refusal: Refusal) -> web.Response:
        """How it says no."""

    @abstractmethod
    def objects(self) -> Mapping[str, Any]:
        """The kinds of record it has, by name."""

    @abstractmethod
    def shown(self, row: Row) -> dict[str, Any]:
        """A record as it shows it."""

    @abstractmethod
    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        """Store what a user or a request states of a record, and tell whoever listens."""

    def slow_down(self, seconds: float) -> web.Response:
        """How it says that it was asked too often."""
        response = self.error(Refusal("REQUEST_LIMIT_EXCEEDED", "", "Too many requests", 429))
        response.headers["retry-after"] = f"{seconds:g}"
        return response

    def unauthorized(self) -> web.Response:
        return self.error(Refusal("INVALID_SESSION_ID", "", "Session expired or invalid", 401))

    def expire_tokens(self) -> None:
        """End every session; a system whose credentials do not expire has nothing to do."""

    # --- life ----------------------------------------------------------------------------------------------------------

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Any:
        if not self.store.open():
            self.seed()
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
        app = web.Application(client_max_size=200_000_000)
        self.routes(app)
        app.on_response_prepare.append(self._dated)
        app.router.add_get("/_control/state", self._control_state)
        app.router.add_post("/_control/{action}", self._control)
        return app

    def set_clock(self, ahead_s: float) -> None:
        """From now on its clock goes wrong by so much: in what it stamps, and in the header ``Date``."""
        self.skew = timedelta(seconds=ahead_s)
        self.store.clock = lambda: datetime.now(UTC) + self.skew

    async def _dated(self, request: web.Request, response: web.StreamResponse) -> None:
        if self.skew:
            response.headers["date"] = format_datetime(datetime.now(UTC) + self.skew, usegmt=True)

    # --- around every request ------------------------------------------------------------------------------------------

    def guarded(self, object: str, operation: str, handle: Handler) -> Handler:
        """Quota, credentials and faults around a request, as they come at a real vendor: before, or after it took effect."""

        async def handler(request: web.Request) -> web.StreamResponse:
            return await self.guard(request, object, operation, handle)

        return handler

    async def guard(self, request: web.Request, object: str, operation: str, handle: Handler) -> web.StreamResponse:
        """The same for a handler that learns only from the request what it is about."""
        self.requests[f"{operation} {object}"] += 1
        if not self._has_quota():
            return self.slow_down(1.0)
        if not self.is_allowed(request):
            return self.unauthorized()
        fault = next((one for one in self.faults if one.fits(operation, object, request.match_info.get("id", ""))), None)
        if fault is None:
            return await handle(request)
        fault.times -= 1
        return await self._with_fault(fault, request, handle)

    async def _with_fault(self, fault: Fault, request: web.Request, handle: Handler) -> web.StreamResponse:
        match fault.kind:
            case "429":
                return self.slow_down(fault.retry_after_s)
            case "500" | "503":
                return self.error(Refusal("UNEXPECTED_ERROR", "", "Something went wrong", int(fault.kind)))
            case "reject":
                return self.error(Refusal("CUSTOM_VALIDATION", fault.field, "The record is refused on request", 400))
            case "drift":
                return answer({"unexpected": {"shape": True}})
            case "slow":
                await asyncio.sleep(fault.delay_s)
                return await handle(request)
        response = await handle(request)
        body = response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b""
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

    # --- webhooks ------------------------------------------------------------------------------------------------------

    def tell(self, body: bytes, headers: Callable[[int], Mapping[str, str]]) -> None:
        """Send a webhook in the background, again and again until somebody takes it, as vendors do; ``headers`` of an instant sign it."""
        if not self.webhook_url:
            return
        task = asyncio.create_task(self._send(body, headers))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, body: bytes, headers: Callable[[int], Mapping[str, str]]) -> None:
        self._session = self._session or aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        for attempt in range(8):
            signed = headers(int(time.time()))
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self._session.post(self.webhook_url, data=body, headers={"content-type": "application/json", **signed}) as response:
                    if response.status < 300:
                        self.webhooks["sent"] += 1
                        return
            await asyncio.sleep(min(0.2 * 2**attempt, 10.0))
        self.webhooks["given up"] += 1

    # --- control -------------------------------------------------------------------------------------------------------

    async def _control_state(self, request: web.Request) -> web.Response:
        """All records, what requests created under which key of ours, and counts."""
        objects = {name: {row.id: self.shown(row) for row in self.store.rows.get(name, {}).values()} for name in self.objects()}
        counts = {"requests": dict(self.requests), "webhooks": dict(self.webhooks)}
        return answer({"system": self.name, "objects": objects, "creates": dict(self.store.creates), **counts})

    async def _control(self, request: web.Request) -> web.Response:
        given = parse_json(await request.read() or b"{}")
        actions = self.actions()
        action = actions.get(request.match_info["action"])
        if action is None:
            return answer({"error": f"no such action; there are {', '.join(sorted(actions))}"}, 404)
        try:
            return answer(action(given))
        except (KeyError, TypeError, ValueError) as error:
            return answer({"error": f"{type(error).__name__}: {error}"}, 400)

    def actions(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        """What users of the system and its bad days do, by name."""
        return {
            "fault": self.control_fault, "change": self.control_change, "delete": self.control_delete, "webhook": self.control_webhook,
            "load": self.control_load, "expire_tokens": self.control_expire, "quota": self.control_quota,
        }  # fmt: skip

    def control_fault(self, given: dict[str, Any]) -> Any:
        """``{"kind": …, "object", "operation", "times", "retry_after_s", "delay_s", "field", "id"}``; ``{"kind": "none"}`` clears."""
        if given["kind"] == "none":
            self.faults.clear()
        elif given["kind"] not in FAULTS:
            raise ValueError(f"kind is one of {', '.join(FAULTS)}")
        else:
            self.faults.append(Fault(**given))
        return {"faults": len(self.faults)}

    def control_change(self, given: dict[str, Any]) -> Any:
        """``{"object", "id"?, "values"}``: edit (or, without an id, enter) a record as a user of the system."""
        return self.shown(self.put(self._known(given["object"]), given.get("id"), given["values"]))

    def control_delete(self, given: dict[str, Any]) -> Any:
        return self.shown(self.put(self._known(given["object"]), given["id"], {}, is_deleted=True))

    def control_webhook(self, given: dict[str, Any]) -> Any:
        self.webhook_url = given["url"]
        return {"url": self.webhook_url}

    def control_load(self, given: dict[str, Any]) -> Any:
        """``{"object", "count", "values"}``: enter many records, telling nobody; ``{n}`` in a text is their number."""
        name, url = self._known(given["object"]), self.webhook_url
        self.webhook_url = ""
        for number in range(given["count"]):
            values = {key: one.replace("{n}", str(number)) if isinstance(one, str) else one for key, one in given.get("values", {}).items()}
            self.put(name, None, values)
        self.webhook_url = url
        return {"count": len(self.store.rows[name])}

    def control_expire(self, given: dict[str, Any]) -> Any:
        self.expire_tokens()
        return {}

    def control_quota(self, given: dict[str, Any]) -> Any:
        self.requests_per_s = float(given["requests_per_s"])
        return {"requests_per_s": self.requests_per_s}

    def _known(self, object: str) -> str:
        if object not in self.objects():
            raise ValueError(f"no such object; there are {', '.join(self.objects())}")
        return object


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(body=dump_json(value), status=status, content_type="application/json", headers=headers)
