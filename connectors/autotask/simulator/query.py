"""Queries of the simulated database: conditions, groups and user fields, judged record by record."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.autotask.simulator.entities import Entity
from connectors.wire import parse_json

MOST_VALUES = 500
Judge = Callable[[Mapping[str, Any]], bool]


class BadQueryError(ValueError):
    """A query asks for what is not there; the text says what."""


@dataclass(frozen=True)
class Query:
    """A query and the place in its answer: records behind ``after``."""

    holds: Judge
    fields: tuple[str, ...]
    most: int
    said: Mapping[str, Any]
    after: int = 0
    is_by_id: bool = False
    """Whether it walks by ids, as a reading of a whole entity does."""

    def token(self, after: int) -> str:
        return base64.urlsafe_b64encode(json.dumps({"said": self.said, "after": after}, default=str).encode()).decode()


def of_token(entity: Entity, token: str) -> Query:
    try:
        stored = parse_json(base64.urlsafe_b64decode(token))
    except ValueError as error:
        raise BadQueryError("Invalid paging token.") from error
    return parse(entity, stored["said"], stored["after"])


def parse(entity: Entity, said: Any, after: int = 0) -> Query:
    """Raises BadQueryError."""
    given = {str(key).casefold(): value for key, value in said.items()} if isinstance(said, dict) else {}
    conditions = given.get("filter")
    if not isinstance(conditions, list) or not conditions:
        raise BadQueryError("The query must have at least one filter.")
    if _count(conditions, "udf") > 1:
        raise BadQueryError("A query may filter by one user-defined field.")
    most = given.get("maxrecords")
    fields = tuple(given.get("includefields") or ())
    for name in fields:
        if name not in entity.fields:
            raise BadQueryError(f"IncludeFields: {name} is not a field of {entity.name}.")
    judges = [_judge(entity, one) for one in conditions]
    walks = any(one.get("field") == "id" and one.get("op") == "gt" for one in conditions if isinstance(one, dict))
    return Query(lambda row: all(judge(row) for judge in judges), fields, min(int(most or 500), 500), said, after, walks)


def _count(conditions: list[Any], key: str) -> int:
    return sum(bool(one.get(key)) + _count(one.get("items") or [], key) for one in conditions if isinstance(one, dict))


def _judge(entity: Entity, said: Any) -> Judge:
    if not isinstance(said, dict):
        raise BadQueryError("A filter is an object.")
    op = str(said.get("op", "")).casefold()
    if op in ("and", "or"):
        inner = [_judge(entity, one) for one in said.get("items") or []]
        if op == "or" and len(inner) > MOST_VALUES:
            raise BadQueryError(f"At most {MOST_VALUES} OR conditions are allowed.")
        return lambda row: (all if op == "and" else any)(judge(row) for judge in inner)
    name, value = str(said.get("field", "")), said.get("value")
    spec = next((one for one in entity.fields.values() if one.name.casefold() == name.casefold()), None)
    if not said.get("udf"):
        if spec is None:
            raise BadQueryError(f"Unable to find {name} in the {entity.name} Entity.")
        if not spec.is_queryable:
            raise BadQueryError(f"The field {name} of {entity.name} cannot be queried.")
    read: Callable[[Mapping[str, Any]], Any] = _udf(name) if said.get("udf") else lambda row: row.get(spec.name if spec else name)
    if op in ("in", "notin"):
        if not isinstance(value, list) or len(value) > MOST_VALUES:
            raise BadQueryError(f"{op} takes a list of at most {MOST_VALUES} values.")
        wanted = {_plain(one) for one in value}
        return lambda row: (_plain(read(row)) in wanted) is (op == "in")
    if op in ("exist", "notexist"):
        return lambda row: (read(row) is not None) is (op == "exist")
    if op not in _OPS:
        raise BadQueryError(f"{said.get('op')} is not an operator.")
    compare, expected = _OPS[op], _plain(value)
    return lambda row: compare(_plain(read(row)), expected)


def _udf(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda row: next((one["value"] for one in row.get("userDefinedFields") or () if one["name"] == name), None)


def _plain(value: Any) -> Any:
    """A value for comparing: texts without case, instants as such, truth as text, numbers whatever they were written as."""
    if isinstance(value, bool):
        return str(value).casefold()
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if not isinstance(value, str):
        return value
    if len(value) >= 16 and value[10:11] == "T":
        try:
            return datetime.fromisoformat(value).astimezone(UTC) if value.endswith("Z") or "+" in value else datetime.fromisoformat(value).replace(tzinfo=UTC)
        except ValueError:
            pass
    plain = value.removeprefix("-")
    return Decimal(value) if plain.isascii() and plain.replace(".", "", 1).isdecimal() else value.casefold()


def _ordered(judge: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda a, b: a is not None and b is not None and type(a) is type(b) and judge(a, b)


def _texts(judge: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda a, b: a is not None and b is not None and judge(str(a), str(b))


_OPS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b), "noteq": lambda a, b: bool(a != b), "gt": _ordered(lambda a, b: bool(a > b)),
    "gte": _ordered(lambda a, b: bool(a >= b)), "lt": _ordered(lambda a, b: bool(a < b)), "lte": _ordered(lambda a, b: bool(a <= b)),
    "beginswith": _texts(lambda a, b: a.startswith(b)), "endswith": _texts(lambda a, b: a.endswith(b)), "contains": _texts(lambda a, b: b in a),
}  # fmt: skip
