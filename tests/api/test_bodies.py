"""Bodies are read exactly, and fast where that is the same."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.api.bodies import _UNSURE, _exactly, _quickly, parse_json
from hub.api.errors import ApiError

TEXTS = st.text(alphabet='ab:"\\{},[] \n\té€𝄞\u0001', max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(-1e40, 1e40, allow_subnormal=False).filter(lambda one: one == 0 or abs(one) > 1e-40) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@given(VALUES, st.booleans(), st.sampled_from([None, 0, 2]))
def test_reading_fast_and_reading_exactly_find_the_same(value: Any, is_escaped: bool, indent: int | None) -> None:
    raw = json.dumps(value, ensure_ascii=is_escaped, indent=indent).encode()
    exact = _exactly(raw, "the body")
    assert repr(_quickly(raw)) in (repr(exact), repr(_UNSURE))
    assert repr(parse_json(raw)) == repr(exact)


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=3), st.data())
def test_a_doubled_key_is_never_taken(value: dict[str, Any], data: st.DataObject) -> None:
    again = data.draw(st.sampled_from(sorted(value)))
    space = data.draw(st.sampled_from(["", " ", "\n"]))
    members = [f"{json.dumps(name, ensure_ascii=False)}{space}:{json.dumps(one, ensure_ascii=False)}" for name, one in value.items()]
    members.append(f"{json.dumps(again, ensure_ascii=False)}{space}:{json.dumps(data.draw(VALUES), ensure_ascii=False)}")
    raw = ("{" + ",".join(data.draw(st.permutations(members))) + "}").encode()
    with pytest.raises(ApiError, match="twice"):
        parse_json(raw)


def test_amounts_keep_every_digit_and_what_is_no_json_is_refused() -> None:
    assert parse_json(b'{"a": 0.10, "b": 12345678901234567890123}') == {"a": Decimal("0.10"), "b": 12345678901234567890123}
    for raw in (b"", b"{", b'{"a": NaN}', b'{"a": 1,}', b"\xff", b'{"a": "\xed\xa0\x80"}', b'"\\ud800"', b'"\\u0000"', b"[" * 70 + b"]" * 70):
        with pytest.raises(ApiError):
            parse_json(raw)
