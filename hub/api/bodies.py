"""Bodies of requests: read in pieces up to a limit, and understood strictly or refused with a sentence.

What Postgres or JSON cannot hold (NUL, lone surrogates, other encodings, NaN, doubled keys) is refused here, so it
never becomes an error further in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from starlette.requests import Request
from starlette.types import Receive

from hub.api.errors import ApiError, Code

GRAPHQL_BYTES = 1_000_000
MESSAGE_BYTES = 10_000_000
MOST_LEVELS = 64

_SUSPECT = re.compile(r"\\u(0000|[dD][89a-fA-F])")


async def read_body(request: Request, limit_bytes: int) -> bytes:
    """The whole body of a request; see :func:`read_whole`."""
    return await read_whole(dict(request.scope["headers"]), request.receive, limit_bytes)


async def read_whole(head: Mapping[bytes, bytes], receive: Receive, limit_bytes: int) -> bytes:
    """The whole body; raises ``TOO_LARGE`` as soon as the limit is passed, also when its length was not announced."""
    if head.get(b"content-encoding", b"").strip().lower() not in (b"", b"identity"):
        raise ApiError(Code.UNSUPPORTED_MEDIA_TYPE, "compressed bodies are not read", remedy="Send it uncompressed.")
    piece, more = await _piece(receive)
    announced = head.get(b"content-length", b"") if more else b""
    if len(piece) > limit_bytes or (announced.isdigit() and int(announced[:18]) > limit_bytes):
        raise _too_large(limit_bytes)
    if not more:
        return piece
    pieces, size = [piece], len(piece)
    while more:
        piece, more = await _piece(receive)
        size += len(piece)
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        pieces.append(piece)
    return b"".join(pieces)


async def _piece(receive: Receive) -> tuple[bytes, bool]:
    """The next part of a body, and whether more comes."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ApiError(Code.BAD_REQUEST, "the body ended early")
    return message.get("body", b""), message.get("more_body", False)


def need_json(request: Request) -> None:
    """Refuse a request whose body is not JSON."""
    need_json_type(request.headers.get("content-type", ""))


def need_json_type(content_type: str) -> None:
    """Only JSON in UTF-8: a browser cannot send it across sites without asking first."""
    if content_type == "application/json":
        return
    kind, *parameters = (one.strip() for one in content_type.lower().split(";"))
    charset = next((one.partition("=")[2].strip('"') for one in parameters if one.startswith("charset=")), "utf-8")
    if kind != "application/json" or charset not in ("utf-8", "utf8"):
        raise ApiError(
            Code.UNSUPPORTED_MEDIA_TYPE, "the body must be JSON in UTF-8", remedy="Send Content-Type: application/json."
        )


def parse_json(raw: bytes, what: str = "the body") -> Any:
    """Read JSON exactly: decimals as Decimal, nothing that is not JSON, nothing nested beyond 64 levels."""
    value = _quickly(raw)
    return _exactly(raw, what) if value is _UNSURE else value


_UNSURE: Any = object()


def _quickly(raw: bytes) -> Any:
    """The same for bodies without fractions, doubled keys or escapes by number; else ``_UNSURE``.

    orjson takes a tenth of the time, but keeps the last of doubled keys in silence. Every key comes with a colon: when
    there are as many as keys and colons in texts, no key was doubled. (An escape could hide a colon, hence none of them.)
    """
    if b"\\u" in raw:
        return _UNSURE
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _UNSURE
    return value if _colons((value,), MOST_LEVELS) == raw.count(b":") else _UNSURE


def _colons(values: Iterable[Any], levels: int) -> int:
    """How many colons the text of these values has, without any doubled key; -1 or less where that cannot be said."""
    found = 0
    for each in values:
        kind = type(each)
        if kind is str:
            found += each.count(":")
        elif kind is dict:
            inner = _colons(each.values(), levels - 1) if levels else -1
            if inner < 0:
                return -1
            found += len(each) + inner + "".join(each).count(":")
        elif kind is list:
            inner = _colons(each, levels - 1) if levels else -1
            if inner < 0:
                return -1
            found += inner
        elif kind is float:
            return -1
    return found


def _exactly(raw: bytes, what: str) -> Any:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad(f"{what} is not UTF-8: byte {error.start}") from error
    try:
        value = json.loads(text, parse_float=_decimal, parse_constant=_refused, parse_int=_integer, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise _bad(f"{what} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise _bad(f"{what} is nested too deep: at most {MOST_LEVELS} levels") from error
    _check(value, what, is_suspect="\x00" in text or _SUSPECT.search(text) is not None)
    return value


def _check(value: Any, what: str, is_suspect: bool) -> None:
    """Bound the nesting; look at every text when an escape in it could be NUL or half a character."""
    level = [value]
    for _ in range(MOST_LEVELS):
        inner: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inner += each.values()
                if is_suspect:
                    inner += each.keys()
            elif isinstance(each, list):
                inner += each
            elif is_suspect and isinstance(each, str):
                check_text(each, what)
        level = inner
        if not level:
            return
    raise _bad(f"{what} is nested too deep: at most {MOST_LEVELS} levels")


def check_text(text: str, what: str) -> None:
    """Refuse what neither Postgres nor UTF-8 can hold."""
    if "\x00" in text:
        raise _bad(f"{what} holds a NUL character")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _bad(f"{what} holds half of a surrogate pair") from error


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise _bad("a number is not readable") from error
    if len(value.as_tuple().digits) > 60 or abs(value.adjusted()) > 60:
        raise _bad("a number has more digits than any amount has")
    return value


def _integer(text: str) -> int:
    if len(text) > 60:
        raise _bad("a number has more digits than any amount has")
    return int(text)


def _refused(name: str) -> Any:
    raise _bad(f"{name} is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise _bad(f"an object names {doubled[:60]!r} twice")
    return found


def _bad(message: str) -> ApiError:
    return ApiError(Code.BAD_REQUEST, message, remedy="Mend the body and send it again.")


def _too_large(limit_bytes: int) -> ApiError:
    return ApiError(Code.TOO_LARGE, f"the body is larger than {limit_bytes} bytes", remedy="Send less at once.")
