"""Rows as PostgreSQL's COPY takes them: lines of its text format, and blocking keys, of which there are twenty a record, in its binary one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import repeat
from typing import Any
from uuid import UUID

import numpy as np
import orjson
from numpy.typing import NDArray

from hub.core.records import Golden
from hub.store.golden import version_row
from hub.store.tables import golden_columns
from schema.language import EntityMeta

NULL = "\\N"
_SPECIAL = re.compile(r"[\\\t\n\r]")
_NULLS = repeat(NULL)
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}

SOURCE_COLUMNS = (
    "tenant_id", "id", "system", "object", "external_id", "entity", "part", "state", "golden_id", "values", "raw", "stated", "since", "links",
    "mapping_version", "first_seen_at", "updated_at",
)  # fmt: skip
CHANGE_COLUMNS = ("tenant_id", "entity", "golden_id", "version", "op", "before", "after", "cause", "actor", "correlation_id", "is_backfill", "at")
KEY_COLUMNS = ("tenant_id", "entity", "key", "golden_id")
DECISION_COLUMNS = ("tenant_id", "kind", "entity", "golden_id", "source_id", "reason", "actor", "rule", "evidence", "made_at")
FORM_COLUMNS = ("tenant_id", "source_id", "entity", "normal", "form", "keys")
TASK_COLUMNS = (
    "tenant_id", "cause", "subject", "entity", "golden_id", "source_id", "system", "field", "count", "team", "due_at", "money", "reason", "remedy", "detail",
    "correlation_id", "priority", "risk", "amount", "currency", "is_mixed", "legal_entity", "exc", "opened_at", "updated_at",
)  # fmt: skip
BLOCKING_COLUMNS = ("tenant_id", "key", "source_id")


def json(value: Any) -> str:
    """A value as JSON, as a cell."""
    return as_cell(orjson.dumps(value))


def as_cell(packed: bytes) -> str:
    """JSON as a cell."""
    text = packed.decode()
    return text.replace("\\", "\\\\") if "\\" in text else text


def line(row: Mapping[str, Any], columns: Sequence[str]) -> str:
    r"""One row.

    >>> line({"a": 'x\\y', "b": None, "c": True}, ("a", "b", "c"))
    'x\\\\y\t\\N\tt\n'
    """
    return line_of(cells(row), columns)


def cells(row: Mapping[str, Any]) -> dict[str, str]:
    """What a row states, as cells."""
    return {name: cell(value) for name, value in row.items() if value is not None}


def line_of(stated: Mapping[str, str], columns: Sequence[str]) -> str:
    return "\t".join(map(stated.get, columns, _NULLS)) + "\n"


def cell(value: Any) -> str:
    if value.__class__ is str:
        return _SPECIAL.sub(lambda found: _ESCAPES[found.group()], value) if _SPECIAL.search(value) else value
    if value is True or value is False:
        return "t" if value else "f"
    return json(value) if isinstance(value, dict | list) else str(value)


def columns_of(meta: EntityMeta, known: Sequence[str]) -> Iterator[str]:
    """Of a golden or version table's columns those that a version row fills; the others have defaults or are generated."""
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)
    sample = version_row(0, meta, Golden(UUID(int=0), meta.name, {}, {}), long_ago, long_ago)
    typed = {name for name, _ in golden_columns(meta)}
    yield from (name for name in known if name in typed or name in sample)


BINARY_HEAD, BINARY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_KEY = np.dtype([("fields", ">i2"), ("l0", ">i4"), ("tenant", ">i4"), ("l1", ">i4"), ("key", ">i8"), ("l2", ">i4"), ("source", ">i8")])


def binary_keys(tenant_id: int, keys: NDArray[np.int64], source_ids: NDArray[np.int64]) -> bytes:
    """Rows of ``blocking_key`` between head and end of the binary format: the number of fields, then each with its length before it."""
    rows = np.empty(len(keys), _KEY)
    rows["fields"], rows["l0"], rows["tenant"], rows["l1"], rows["key"], rows["l2"], rows["source"] = 3, 4, tenant_id, 8, keys, 8, source_ids
    return rows.tobytes()
