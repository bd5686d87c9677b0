"""A connected system as a small HTTP server: it takes records, each with a unique field for our key, and forgets nothing.

It is as unkind as a real one: it answers late, and now and then takes a record and loses the answer.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any, Self

from aiohttp import web

LOST_ANSWERS = 0.003


@dataclass
class Target:
    """One system; ``records`` by object and id."""

    name: str
    random: Random
    records: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {"client": {}, "resource": {}})
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    url: str = ""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{object}", self._find)
        app.router.add_post("/{object}", self._create)
        app.router.add_get("/{object}/{id}", self._read)
        app.router.add_patch("/{object}/{id}", self._update)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = "http://{}:{}".format(*self._runner.addresses[0][:2])
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def size(self) -> int:
        return sum(map(len, self.records.values()))

    def document(self, kind: str) -> dict[str, Any]:
        """How the ``rest`` connector talks to it and how its records map."""
        fields = {"client": {"name": "name", "phone": "phone"}, "resource": {"given_name": "first", "family_name": "last"}}
        return {
            "system": self.name, "kind": kind, "connector": "rest", "base_url": self.url,
            "limits": {"concurrency": 16, "timeout_s": 10},
            "resources": {name: _resource(name) for name in self.records},
            "errors": [{"class": "rejected", "code": "DUPLICATE_VALUE", "cause": "duplicate"}],
            "error_paths": {"code": "code"},
            "mappings": [{"object": name, "entity": name, "id": "id", "version": "rev", "fields": lines} for name, lines in fields.items()],
        }  # fmt: skip

    async def _find(self, request: web.Request) -> web.Response:
        records = self.records[request.match_info["object"]]
        wanted = request.query.get("hub_ref")
        return web.json_response({"items": [one for one in records.values() if wanted in (None, one["hub_ref"])]})

    async def _read(self, request: web.Request) -> web.Response:
        found = self.records[request.match_info["object"]].get(request.match_info["id"])
        return web.json_response(found) if found else web.json_response({"code": "NOT_FOUND"}, status=404)

    async def _create(self, request: web.Request) -> web.Response:
        name, given = request.match_info["object"], json.loads(await request.read())
        key = (name, given["hub_ref"])
        if key in self.keys:
            self.refused[given["hub_ref"]] += 1
            return web.json_response({"code": "DUPLICATE_VALUE"}, status=400)
        record = given | {"id": f"{self.name[0]}{len(self.keys)}", "rev": 1}
        self.keys[key] = record["id"]
        self.records[name][record["id"]] = record
        return await self._answered(request, record)

    async def _update(self, request: web.Request) -> web.Response:
        record = self.records[request.match_info["object"]][request.match_info["id"]]
        record.update(json.loads(await request.read()), rev=record["rev"] + 1)
        return await self._answered(request, record)

    async def _answered(self, request: web.Request, record: dict[str, Any]) -> web.Response:
        """It has happened; the answer takes a moment, and may never arrive."""
        body = dict(record)
        await asyncio.sleep(self.random.uniform(0, 0.006))
        if self.random.random() < LOST_ANSWERS and request.transport is not None:
            request.transport.abort()
        return web.json_response(body)


def _resource(name: str) -> dict[str, Any]:
    return {
        "list": {"path": name, "items": "items"}, "id": "id", "version": "rev", "one": {"path": f"{name}/{{id}}"},
        "create": {"path": name, "id": "id", "version": "rev"},
        "update": {"method": "PATCH", "path": f"{name}/{{id}}", "version": "rev"},
        "external_id": {"field": "hub_ref", "unique": True}, "look_up": {"path": name, "param": "hub_ref"},
        "unknown_settles_after_s": 0.5,
    }  # fmt: skip
