"""Places in a list, handed to callers as opaque signed text.

A cursor holds the order's values of one row. Its signature covers the tenant, the list, its filter and its order, so
that it opens only the list it was made for, and nobody can forge one to probe values.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from hub.api.errors import ApiError, Code
from hub.api.plan import Plan
from hub.api.values import as_text, to_sql

_SIGNATURE_BYTES = 12


class Cursors:
    """Makes and opens the cursors of one list."""

    def __init__(self, secret: bytes, tenant_id: int, plan: Plan, filter_text: str) -> None:
        order = [(one.name, one.descending) for one in plan.order]
        named = json.dumps([tenant_id, plan.shape.view, filter_text, order], separators=(",", ":"))
        self._key = hmac.digest(secret, named.encode(), "sha256")
        self._types = [one.type_in(plan.shape) for one in plan.order]

    @property
    def pads(self) -> tuple[bytes, bytes]:
        """The outer and the inner key of HMAC-SHA256, for a signature made in SQL from plain SHA-256."""
        key = self._key.ljust(64, b"\x00")
        return bytes(byte ^ 0x5C for byte in key), bytes(byte ^ 0x36 for byte in key)

    def make(self, values: Sequence[Any]) -> str:
        """The cursor of a row, from its values of the order's columns."""
        body = json.dumps([as_text(value) for value in values], separators=(",", ":"), ensure_ascii=False).encode()
        return urlsafe_b64encode(self._sign(body) + body).rstrip(b"=").decode()

    def open(self, cursor: str, argument: str) -> tuple[Any, ...]:
        """The values of a cursor; raises ``BAD_CURSOR`` when it is not one of this list."""
        try:
            raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except (UnicodeEncodeError, Base64Error, ValueError) as error:
            raise _refused(argument) from error
        signature, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._sign(body)):
            raise _refused(argument)
        values = json.loads(body)
        return tuple(
            None if value is None else to_sql(type_name, value, argument)
            for type_name, value in zip(self._types, values, strict=True)
        )

    def _sign(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, sha256)[:_SIGNATURE_BYTES]


def _refused(argument: str) -> ApiError:
    return ApiError(
        Code.BAD_CURSOR,
        f"{argument} is not a cursor of this list with this filter and order",
        argument,
        "Start again without it, or repeat filter and order of the page it came from.",
    )
