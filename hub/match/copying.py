"""Rows as the lines that PostgreSQL's COPY takes, in its text format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from hub.core.records import Golden
from hub.store.golden import version_row
from hub.store.tables import golden_columns
from schema.language import EntityMeta

NULL = "\\N"
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}

SOURCE_COLUMNS = (
    "tenant_id", "id", "system", "object", "external_id", "entity", "part", "state", "golden_id", "values", "raw", "stated", "since", "links",
    "mapping_version", "first_seen_at", "updated_at",
)  # fmt: skip
CHANGE_COLUMNS = ("tenant_id", "entity", "golden_id", "version", "op", "before", "after", "cause", "actor", "correlation_id", "is_backfill", "at")
KEY_COLUMNS = ("tenant_id", "entity", "key", "golden_id")
DECISION_COLUMNS = ("tenant_id", "kind", "entity", "golden_id", "source_id", "reason", "actor", "rule", "evidence", "made_at")
FORM_COLUMNS = ("tenant_id", "source_id", "entity", "normal", "form", "keys")
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
    return "\t".join([NULL if (value := row.get(name)) is None else cell(value) for name in columns]) + "\n"


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
