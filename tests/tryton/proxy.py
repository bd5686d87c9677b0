"""A proxy in front of Tryton's server: it passes everything on, loses, cuts and delays answers when told to, and counts requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

LIST, CREATE, UPDATE = "model.party.party.search_read", "model.party.party.create", "model.party.party.write"
METHODS = {"list": LIST, "create": CREATE, "update": UPDATE}


@dataclass
class Fault:
    """What goes wrong with the next call of ``method``."""

    kind: str
    method: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Proxy:
    """Between a connector and the server at ``url``."""

    target: str
    faults: list[Fault] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    methods: list[str] = field(default_factory=list)
    url: str = ""
    _runner: web.AppRunner | None = None
    _client: aiohttp.ClientSession | None = None

    async def start(self) -> Proxy:
        app = web.Application(client_max_size=64_000_000)
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._client = aiohttp.ClientSession(auto_decompress=False)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def stop(self) -> None:
        assert self._client is not None and self._runner is not None
        await self._client.close()
        await self._runner.cleanup()

    async def end_sessions(self, database: str) -> None:
        """Sign everybody out, as the server does with who was idle for too long."""
        assert self._client is not None
        for one in sorted(self.sessions):
            body = json.dumps({"id": 1, "method": "common.db.logout", "params": []})
            headers = {"authorization": one, "content-type": "application/json", "accept-encoding": "gzip"}
            async with self._client.post(f"{self.target}/{database}/rpc/", data=body, headers=headers) as answer:
                assert answer.status == 200
        self.sessions.clear()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        sent = await request.read()
        method = str(json.loads(sent).get("method")) if sent else ""
        self.methods.append(method)
        if session := request.headers.get("authorization"):
            self.sessions.add(session)
        fault = next((one for one in self.faults if one.method == method), None)
        if fault is not None:
            self.faults.remove(fault)
        kind = fault.kind if fault else ""
        if kind in ("429", "500", "503"):
            wait = {"retry-after": str(fault.options["retry_after_s"])} if fault and "retry_after_s" in fault.options else {}
            return web.Response(status=int(kind), headers=wait)
        if kind == "slow" and fault is not None:
            await asyncio.sleep(float(fault.options["delay_s"]))
        status, body, headers = await self._asked(request, sent, "gzip" if not kind else "")
        if kind == "lose_answer":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if kind == "cut":
            whole = web.StreamResponse(status=status, headers={"content-type": "application/json", "content-length": str(len(body))})
            await whole.prepare(request)
            await whole.write(body[: len(body) // 2])
            assert request.transport is not None
            request.transport.abort()
            return whole
        if kind == "malformed":
            body = body[:-2]
        if kind == "drift":
            body = body.replace(b'"last_modified_at"', b'"changed_at"')
        return web.Response(status=status, body=body, headers=headers)

    async def _asked(self, request: web.Request, body: bytes, encoding: str) -> tuple[int, bytes, dict[str, str]]:
        """The server's answer; as plain text where something is to be done to it."""
        assert self._client is not None
        told = {name: value for name, value in request.headers.items() if name.lower() in ("authorization", "content-type")}
        async with self._client.request(request.method, f"{self.target}{request.rel_url}", data=body, headers=told | {"accept-encoding": "gzip"}) as answer:
            raw = await answer.read()
            headers = {name: value for name, value in answer.headers.items() if name.lower() in ("content-type", "date", "content-encoding")}
        if not encoding and headers.pop("Content-Encoding", "") == "gzip":
            import gzip

            raw = gzip.decompress(raw)
        return answer.status, raw, headers
