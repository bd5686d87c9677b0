"""Many requests in one: the multipart form of both versions, and version 4's JSON form. A change set happens whole or not at all."""

from __future__ import annotations

import json as texts
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.http import Answer
from connectors.odata.values import Version
from connectors.wire import dump_json, parse_json

LINE = b"\r\n"
_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)
_STATUS = re.compile(rb"HTTP/\d\.\d (\d{3})")


@dataclass(frozen=True, slots=True)
class Operation:
    """One request. ``path`` is relative to the service, or begins at the root of the host, as the service wants it."""

    method: str
    path: str
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


ChangeSet = tuple[Operation, ...]


class MalformedBatchError(ValueError):
    """The answer to a batch cannot be taken apart; what became of its requests is open."""


def multipart(parts: Sequence[Operation | ChangeSet], version: Version = 4, *, name: str = "hub") -> tuple[str, bytes]:
    """Content type and body. A lone operation that changes something should be a change set of its own in version 2."""
    boundary = f"batch_{name}"
    body = b"".join(_part(boundary, _set(part, f"changeset_{name}_{at}", version) if isinstance(part, tuple) else _single(part, "", version))
                    for at, part in enumerate(parts))  # fmt: skip
    return f"multipart/mixed; boundary={boundary}", body + f"--{boundary}--".encode() + LINE


def _part(boundary: str, content: bytes) -> bytes:
    return f"--{boundary}".encode() + LINE + content + LINE


def _set(operations: ChangeSet, boundary: str, version: Version) -> bytes:
    head = f"Content-Type: multipart/mixed; boundary={boundary}".encode() + LINE + LINE
    inner = b"".join(_part(boundary, _single(one, str(at + 1), version)) for at, one in enumerate(operations))
    return head + inner + f"--{boundary}--".encode() + LINE


def _single(one: Operation, content_id: str, version: Version) -> bytes:
    body = dump_json(one.json) if one.json is not None else b""
    head = ["Content-Type: application/http", "Content-Transfer-Encoding: binary", *([f"Content-ID: {content_id}"] if content_id else []), ""]
    said = {"Accept": "application/json", **({"Content-Type": "application/json"} if body else {}), **one.headers}
    if version == 2 and body:
        said["Content-Length"] = str(len(body))
    lines = [*head, f"{one.method} {one.path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items()), ""]
    return LINE.join(line.encode() for line in lines) + LINE + body


def parts_of(content_type: str, body: bytes) -> list[Answer]:
    """The answers inside, in order; those of a change set stand where the set stood. Raises MalformedBatchError."""
    if "json" in content_type.lower():
        return _json_parts(body)
    return list(_parts(content_type, body))


def _parts(content_type: str, body: bytes) -> Iterator[Answer]:
    for head, content in split(content_type, body):
        kind = head.get("content-type", "")
        if kind.lower().startswith("multipart/"):
            yield from _parts(kind, content)
        else:
            yield _answer(content)


def split(content_type: str, body: bytes) -> Iterator[tuple[dict[str, str], bytes]]:
    """Headers and content of each part of a multipart body. Raises MalformedBatchError when it is cut."""
    stated = _BOUNDARY.search(content_type)
    if stated is None:
        raise MalformedBatchError("the answer to a batch names no boundary")
    mark = b"--" + stated[1].encode()
    pieces = (LINE + body.replace(b"\r\n", b"\n").replace(b"\n", LINE)).split(LINE + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise MalformedBatchError("the answer to a batch is cut")
    for piece in pieces[1:-1]:
        head, _, content = piece.lstrip(b" \t").removeprefix(LINE).partition(LINE + LINE)
        yield _headers(head), content


def _headers(head: bytes) -> dict[str, str]:
    lines = (line.partition(b":") for line in head.split(LINE))
    return {name.decode("latin-1").strip().lower(): value.decode("latin-1").strip() for name, _, value in lines if name}


def _answer(content: bytes) -> Answer:
    first, _, rest = content.lstrip(LINE).partition(LINE)
    status = _STATUS.match(first)
    if status is None:
        raise MalformedBatchError("a part of the answer to a batch has no status")
    head, found, body = rest.partition(LINE + LINE)
    if not found and rest.startswith(LINE):
        head, body = b"", rest.removeprefix(LINE)
    return Answer(int(status[1]), _headers(head), body.strip(LINE))


def json_batch(parts: Sequence[Operation | ChangeSet]) -> dict[str, Any]:
    """The same as version 4's JSON; ids are the places in order."""
    requests: list[dict[str, Any]] = []
    for at, part in enumerate(parts):
        for one in part if isinstance(part, tuple) else (part,):
            said: dict[str, Any] = {"id": str(len(requests) + 1), "method": one.method, "url": one.path}
            headers = {**({"content-type": "application/json"} if one.json is not None else {}), **one.headers}
            said |= ({"headers": headers} if headers else {}) | ({"body": one.json} if one.json is not None else {})
            requests.append(said | ({"atomicityGroup": f"g{at + 1}"} if isinstance(part, tuple) else {}))
    return {"requests": requests}


def _json_parts(body: bytes) -> list[Answer]:
    try:
        responses = parse_json(body)["responses"]
        has_numbers = all(str(one["id"]).isdecimal() for one in responses)
        ordered = sorted(responses, key=lambda one: int(one["id"])) if has_numbers else responses
        return [
            Answer(int(one["status"]), {name.lower(): str(value) for name, value in (one.get("headers") or {}).items()}, _body(one.get("body")))
            for one in ordered
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedBatchError("the answer to a batch is not what it should be") from error


def _body(stated: Any) -> bytes:
    if stated is None:
        return b""
    return dump_json(stated) if not isinstance(stated, str) else texts.dumps(stated).encode()
