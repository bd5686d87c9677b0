"""Records of S/4HANA as mappings read them, and bodies of mappings as S/4HANA takes them: plain functions over a resource's shape."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sap_s4hana.config import Dated, Shape
from schema.codecs import canonical_instant

_TIME = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?")


def bare(number: Any) -> Any:
    """A number as it is compared: without the zeros that fill it up, which come and go from field to field.

    >>> bare("0001000001"), bare("1000001"), bare("YB600"), bare("0000"), bare(None)
    ('1000001', '1000001', 'YB600', '0', None)
    """
    return (number.lstrip("0") or "0") if isinstance(number, str) and number.isascii() and number.isdecimal() else number


def told(record: Mapping[str, Any], shape: Shape, language: str) -> dict[str, Any]:
    """A record of the service as mappings read it: without annotations, which change without a cause."""
    found: dict[str, Any] = _plain(record)
    for name in shape.numbers:
        if name in found:
            found[name] = bare(found[name])
    for path, names in shape.in_language.items():
        rows = found.pop(path, None) or []
        row = next((one for one in rows if one.get("Language") == language), rows[0] if rows else {})
        found |= {name: row.get(name) for name in names}
    if shape.zoned and isinstance(found.get(shape.zoned), str):
        found[shape.zoned] = instant_of(found[shape.zoned])
    if shape.dated:
        found["ChangedAt"] = changed_at(found, shape.dated)
    for one in shape.derived:
        for row in rows_at(found, one.at):
            row[one.name] = one.read(row)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if "@" not in name}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def rows_at(record: dict[str, Any], at: str) -> Iterator[dict[str, Any]]:
    """The record itself, or the rows of its list ``at``."""
    listed = record.get(at) if at else [record]
    yield from (one for one in listed or () if isinstance(one, dict))


def instant_of(text: str) -> str:
    """An instant that states no zone is meant in UTC.

    >>> instant_of("2026-05-17T20:25:00"), instant_of("2026-05-17T20:25:00Z")
    ('2026-05-17T20:25:00Z', '2026-05-17T20:25:00Z')
    """
    return text if text.endswith("Z") or not text else f"{text}Z"


def changed_at(record: Mapping[str, Any], dated: Dated) -> str | None:
    """The instant of a day and a time; of the creation where nobody changed the record since."""
    day, time = (record.get(dated.day), record.get(dated.time)) if record.get(dated.day) else (record.get(dated.created_day), record.get(dated.created_time))
    if not isinstance(day, str) or not day:
        return None
    at = _TIME.fullmatch(str(time or ""))
    hours, minutes, seconds = (int(part or 0) for part in at.groups()) if at else (0, 0, 0)
    moment = datetime.fromisoformat(day[:10]).replace(tzinfo=ZoneInfo(dated.zone)) + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return canonical_instant(moment.astimezone(UTC))


def short(key: str, length: int) -> str:
    """Our key cut to what a field holds: letters and digits that a system may fold to capitals without harm.

    >>> short("00000000-0000-0000-0000-000000000001", 20), short("k-1", 0)
    ('PLA3RVYBBO3M2OR6QTT7', 'k-1')
    """
    return base64.b32encode(hashlib.sha256(key.encode()).digest()).decode()[:length] if length else key


def taken_apart(body: dict[str, Any], shape: Shape, *, is_new: bool) -> dict[str, Any]:
    """A mapping's body with lists as lists and without derived fields; what joins stated is left to them."""
    found = {name: _listed(value) if name in shape.children else value for name, value in body.items()}
    for one in reversed(shape.derived):
        for row in rows_at(found, one.at):
            if one.name in row:
                one.write(row, row.pop(one.name), is_new=is_new)
    return found


def _listed(value: Any) -> Any:
    """Rows stated by their places (``{"0": {…}}``) as a list."""
    if isinstance(value, Mapping):
        return [dict(row) for _, row in sorted(value.items(), key=lambda one: int(one[0]))]
    return [dict(row) for row in value] if isinstance(value, list) else []


def over(below: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """A body over what stands below it; tables are joined, anything else replaces."""
    found = dict(below)
    for name, value in body.items():
        before = found.get(name)
        found[name] = over(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return found


def days_of(place: str) -> tuple[str, str, int]:
    """A slice of days as the place in a walk has it: from, to ("" open), and how many records of it were read.

    >>> days_of("2026-05-01/2026-05-31/0")
    ('2026-05-01', '2026-05-31', 0)
    """
    start, end, skip = place.split("/")
    return start, end, int(skip)


def later(day: str, days: int) -> str:
    return (datetime.fromisoformat(day) + timedelta(days=days)).date().isoformat()
