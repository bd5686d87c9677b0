"""JSON as it crosses the wire: numbers stay exact in both directions, and what JSON leaves vague is an error."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from typing import Any

import orjson

_EXACT = re.compile(rb'"\\u0000(-?[0-9.]+)\\u0000"')


def dump_json(value: Any, *, is_sorted: bool = False) -> bytes:
    """Encode; a ``Decimal`` leaves as a JSON number with exactly its digits.

    >>> dump_json({"amount": Decimal("12.50"), "n": 1})
    b'{"amount":12.50,"n":1}'
    """
    try:
        encoded = orjson.dumps(value, default=_marked, option=orjson.OPT_SORT_KEYS if is_sorted else 0)
    except orjson.JSONEncodeError:
        # integers beyond 64 bits and lone surrogates: the record is passed on as it is and judged at the door
        encoded = json.dumps(value, default=_marked, sort_keys=is_sorted, separators=(",", ":"), allow_nan=False).encode()
    return _EXACT.sub(rb"\1", encoded) if b'"\\u0000' in encoded else encoded


def _marked(value: Any) -> str:
    if isinstance(value, Decimal) and value.is_finite():
        return f"\0{value:f}\0"
    raise TypeError(f"{type(value).__name__} is not a JSON value")


class DuplicateKeyError(ValueError):
    """An object names a key twice; which one counts differs from reader to reader, so neither does."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the key {key!r} occurs twice in one object")
        self.key = key


def parse_json(raw: bytes | str) -> Any:
    """Decode UTF-8 JSON; numbers with a point are ``Decimal``, NaN, Infinity and duplicate keys are errors (ValueError)."""
    text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
    try:
        return json.loads(text, parse_float=_number, parse_constant=_no_constant, object_pairs_hook=_unique)
    except RecursionError:
        raise ValueError("the document is nested too deeply") from None


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) > 400:
        raise ValueError(f"{text[:40]} is not a number anybody means")
    return number


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        raise DuplicateKeyError(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return found


def digest(value: Any) -> str:
    """A short key of a JSON value: equal values have equal digests, whatever the order of their keys."""
    return hashlib.sha256(dump_json(value, is_sorted=True)).hexdigest()[:32]
