"""Requests to a simulated OData service, alone or many in one, and the change sets that happen whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from connectors.odata.batch import split
from connectors.odata.simulator_filter import MalformedError
from connectors.odata.simulator_kinds import Service
from connectors.odata.values import Version, plain
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Store
from connectors.wire import dump_json, parse_json

MOST_IN_BATCH = 1000
_PREFERENCE = re.compile(r'([\w.-]+)(?:\s*=\s*("[^"]*"|[^,;]+))?\s*(?:[,;]|$)')


@dataclass(frozen=True)
class Asked:
    """One request, alone or as a part of a batch. ``segments`` are those of the path below the service, decoded."""

    service: Service
    method: str
    segments: tuple[str, ...]
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    def json(self) -> dict[str, Any]:
        """What is stated, as plain values. Raises ValueError when it is no JSON."""
        given = parse_json(self.body) if self.body.strip() else {}
        if not isinstance(given, dict):
            raise MalformedError("An object is expected.")
        found: dict[str, Any] = plain(given) if self.service.version == 2 else given
        return found

    def prefers(self, name: str) -> str:
        """A preference's value, "" when it is not stated; one without a value is "true"."""
        for stated, value in _PREFERENCE.findall(self.headers.get("prefer", "")):
            if stated.removeprefix("odata.") == name.removeprefix("odata."):
                return value.strip('"') or "true"
        return ""


class Batches:
    """The part of a server that takes batches apart; the server answers each part."""

    store: Store

    async def answered(self, asked: Asked, *, is_whole: bool = False) -> web.Response:
        """The answer to one request."""
        raise NotImplementedError

    def error(self, refusal: Refusal) -> web.Response:
        raise NotImplementedError

    def good(self, asked: Asked, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
        raise NotImplementedError

    def versions(self, version: Version) -> dict[str, str]:
        raise NotImplementedError

    async def batched(self, asked: Asked) -> web.Response:
        kind = asked.headers.get("content-type", "")
        try:
            if "json" in kind:
                return await self._json_batch(asked)
            parts = list(split(kind, asked.body))
            if asked.body.count(b"Content-Type: application/http") > MOST_IN_BATCH:
                raise MalformedError(f"more than {MOST_IN_BATCH} requests")
        except (ValueError, KeyError, TypeError) as error:
            return self.error(Refusal("BadRequest", "", f"The batch is malformed: {error}", 400))
        goes_on = asked.service.version == 2 or bool(asked.prefers("continue-on-error"))
        done: list[bytes] = []
        for head, content in parts:
            inner = head.get("content-type", "")
            answers = await self._set(asked, inner, content) if inner.startswith("multipart/") else [await self._part(asked, content)]
            done.append(_change_set(answers) if inner.startswith("multipart/") and answers[0].status < 400 else _http(answers[0]))
            if answers[0].status >= 400 and not goes_on:
                break
        whole = b"".join(b"--batchresponse_1f0c\r\n" + one for one in done) + b"--batchresponse_1f0c--\r\n"
        status = 202 if asked.service.version == 2 else 400 if not goes_on and b"HTTP/1.1 4" in whole else 200
        headers = {"content-type": "multipart/mixed; boundary=batchresponse_1f0c", **self.versions(asked.service.version)}
        return web.Response(body=whole, status=status, headers=headers)

    async def _set(self, asked: Asked, kind: str, content: bytes) -> list[web.Response]:
        """A change set: all of its answers, or the one that says why nothing happened."""
        held, creates = self.store.held(), self.store.creates.copy()
        answers: list[web.Response] = []
        for head, part in split(kind, content):
            done = await self._part(asked, part, head.get("content-id", ""))
            if done.status >= 400:
                self.store.restore(held)
                self.store.creates = creates
                return [done]
            answers.append(done)
        return answers

    async def _part(self, asked: Asked, content: bytes, content_id: str = "") -> web.Response:
        first, _, rest = content.lstrip(b"\r\n").partition(b"\r\n")
        method, address, _ = first.decode().split(" ", 2)
        head, _, body = rest.partition(b"\r\n\r\n")
        pairs = (line.partition(":") for line in head.decode("latin-1").split("\r\n"))
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs if name}
        done = await self._inner(asked, method, address, headers, body.strip(b"\r\n"))
        if content_id:
            done.headers["content-id"] = content_id
        return done

    async def _inner(self, asked: Asked, method: str, address: str, headers: dict[str, str], body: bytes) -> web.Response:
        path, _, query = address.partition("?")
        inner = path.partition(asked.service.base + "/")[2] if asked.service.base in path else path
        params = {unquote(name.replace("+", " ")): unquote(value.replace("+", " ")) for name, _, value in (one.partition("=") for one in query.split("&")) if name}
        segments = tuple(unquote(one) for one in inner.split("/") if one)
        return await self.answered(Asked(asked.service, method, segments, params, headers, body))

    async def _json_batch(self, asked: Asked) -> web.Response:
        responses, goes_on = [], bool(asked.prefers("continue-on-error"))
        for one in parse_json(asked.body)["requests"]:
            headers = {name.lower(): str(value) for name, value in (one.get("headers") or {}).items()}
            body = dump_json(one["body"]) if "body" in one else b""
            done = await self._inner(asked, one["method"], one["url"], headers, body)
            told: dict[str, Any] = {"id": one["id"], "status": done.status, "headers": {name.lower(): value for name, value in done.headers.items()}}
            responses.append(told | ({"body": parse_json(done.body)} if isinstance(done.body, bytes) and done.body else {}))
            if done.status >= 400 and not goes_on:
                break
        return self.good(asked, {"responses": responses})


def _http(done: web.Response) -> bytes:
    """An answer as a part of a batch."""
    body = done.body if isinstance(done.body, bytes) else b""
    content_id = done.headers.get("content-id", "")
    head = ["Content-Type: application/http", "Content-Transfer-Encoding: binary", *([f"Content-ID: {content_id}"] if content_id else []), ""]
    told = [f"{name}: {value}" for name, value in done.headers.items() if name.lower() not in ("content-id", "content-length")]
    if body and "content-type" not in {name.lower() for name in done.headers}:
        told.append("Content-Type: application/json")
    lines = [*head, f"HTTP/1.1 {done.status} {done.reason}", *told, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body + b"\r\n"


def _change_set(answers: list[web.Response]) -> bytes:
    inner = b"".join(b"--changesetresponse_1f0c\r\n" + _http(one) for one in answers) + b"--changesetresponse_1f0c--\r\n"
    return b"Content-Type: multipart/mixed; boundary=changesetresponse_1f0c\r\n\r\n" + inner + b"\r\n"
