"""Documents whose tables mean their order ("the first is written"), kept in jsonb, which puts keys in an order of its own.

A table that jsonb would keep otherwise says the order of its keys beside them, as ``$order``; whoever reads jsonb gets it as it was.
"""

from __future__ import annotations

from typing import Any

import orjson

ORDER = "$order"


def in_order(document: Any) -> Any:
    """A document as JSON has it, with the order of its tables stated where jsonb keeps another.

    >>> in_order({"Open": "active", "New": {"to": "active"}})
    {'Open': 'active', 'New': {'to': 'active'}, '$order': ['Open', 'New']}
    >>> in_order({"b": [1], "cc": 2})
    {'b': [1], 'cc': 2}
    """
    return _stated(orjson.loads(orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS, default=str)))


def _stated(value: Any) -> Any:
    if isinstance(value, list):
        return [_stated(one) for one in value]
    if not isinstance(value, dict):
        return value
    names = list(value)
    found = {name: _stated(one) for name, one in value.items()}
    return found if names == sorted(names, key=_as_jsonb) else found | {ORDER: names}


def _as_jsonb(name: str) -> tuple[int, bytes]:
    encoded = name.encode()
    return len(encoded), encoded


def as_written(value: Any) -> Any:
    """What :func:`in_order` was given. An ``$order`` that is not the order of the keys beside it is a key like any other.

    >>> as_written({"New": 1, "Open": 2, "$order": ["Open", "New"]}), as_written({"$order": ["x"]})
    ({'Open': 2, 'New': 1}, {'$order': ['x']})
    """
    if isinstance(value, list):
        return [as_written(one) for one in value]
    if not isinstance(value, dict):
        return value
    order, others = value.get(ORDER), value.keys() - {ORDER}
    names = order if isinstance(order, list) and len(order) == len(others) and others == {one for one in order if isinstance(one, str)} else value
    return {name: as_written(value[name]) for name in names}
