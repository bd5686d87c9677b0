"""Walks through a list of S/4HANA: by the instant of change where there is one, else behind the last key, or by slices of days.

The place of a walk under way is how many records to skip, the last key as JSON, a slice of days ("from/to/skip"), or, where the service cut
a page by itself, its link: "link <records read> <the place it stands for> <address>".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from connectors.odata.config import EntitySet
from connectors.odata.envelope import Listing
from connectors.odata.query import Query, both, compared, either
from connectors.odata.values import DATETIME, INSTANT
from connectors.rest.config import Resource
from connectors.rest.walk import Walk, modified_of
from connectors.sap_s4hana.config import Shape
from connectors.sap_s4hana.shapes import days_of, instant_of, later
from schema.paths import at_path

SLICE_DAYS = 31


def is_link(walk: Walk) -> bool:
    return walk.place.startswith("link ")


def asked(one: EntitySet, shape: Shape, walk: Walk, size: int, types: Mapping[str, str], today: str) -> Query | str:
    """The next request of a walk: a question, or the service's own link."""
    if is_link(walk):
        return walk.place.split(" ", 3)[3]
    if shape.reading == "days":
        return _slice(one, shape, walk, size)
    conditions = [one.where, valid(shape, today), _since(one, shape, walk)]
    if shape.reading == "keys":
        behind = _behind(shape.key, json.loads(walk.place), types) if walk.place else ""
        return one.query(both(*conditions, behind), top=size, order=shape.key)
    order = (one.changed_by, *(name for name in one.key if name in one.select))
    return one.query(both(*conditions), top=size, skip=int(walk.place or 0) or None, order=order)


def valid(shape: Shape, today: str) -> str:
    """Of time slices, the one of today."""
    if not shape.valid[0]:
        return ""
    return both(compared(shape.valid[0], "le", today, DATETIME, 2), compared(shape.valid[1], "ge", today, DATETIME, 2))


def _since(one: EntitySet, shape: Shape, walk: Walk) -> str:
    """What changed; where only days tell, from the beginning of a day."""
    if not walk.asked_from or not one.changed_by:
        return ""
    if shape.reading == "instants":
        return compared(one.changed_by, "ge", walk.asked_from, DATETIME if shape.zoned else INSTANT, 2)
    days = (shape.dated.day, shape.dated.created_day) if shape.dated else shape.touched  # none: everything is read, and what differs is told
    return either(*(compared(day, "ge", walk.asked_from[:10], DATETIME, 2) for day in days))


def _behind(names: tuple[str, ...], last: list[Any], types: Mapping[str, str]) -> str:
    """The condition that a record comes behind another in the order of these keys."""
    parts = []
    for at, name in enumerate(names):
        same = [compared(one, "eq", last[place], types.get(one, ""), 2) for place, one in enumerate(names[:at])]
        joined = both(*same, compared(name, "gt", last[at], types.get(name, ""), 2))
        parts.append(f"({joined})" if at else joined)
    return either(*parts)


def _slice(one: EntitySet, shape: Shape, walk: Walk, size: int) -> Query:
    """A slice of days. The defects of such a service are known: other comparisons than ge and le fail, an order is ignored."""
    start, end, skip = days_of(walk.place or _first_slice(shape, walk))
    conditions = [compared(one.changed_by, sign, day, DATETIME, 2) for sign, day in (("ge", start), ("le", end)) if day]
    return one.query(both(one.where, *conditions), top=size, skip=skip or None)


def _first_slice(shape: Shape, walk: Walk) -> str:
    assert shape.window is not None
    start = walk.asked_from[:10]
    return f"{start}/{later(start, SLICE_DAYS)}/0" if start else f"/{shape.window.first}/0"


def further(shape: Shape, rest: Resource, walk: Walk, listing: Listing, size: int, today: str) -> Walk:
    """The walk after a page. Where the service cut it, its links are followed first; then the walk goes on by its own means."""
    before, resumes = 0, walk.place
    if is_link(walk):
        _, told, resumes, _ = walk.place.split(" ", 3)
        before, resumes = int(told), "" if resumes == "-" else resumes
    total = before + len(listing.records)
    if listing.next:
        return replace(walk, place=f"link {total} {resumes or '-'} {listing.next}")
    if shape.reading == "days":
        return _next_slice(shape, replace(walk, place=resumes), total, size, today)
    if total < size:
        return Walk(since=walk.began if rest.changes else "")
    if shape.reading == "keys":
        last = json.dumps([at_path(listing.records[-1], name) for name in shape.key], separators=(",", ":"), default=str)
        return replace(walk, place=last.replace(" ", "\\u0020"))
    newest = max((modified_of(_zoned(shape, record), rest) for record in listing.records), default="")
    if newest > walk.asked_from:
        return replace(walk, asked_from=newest, place="")  # by instants: records that move to the end leave no gap
    return replace(walk, place=str(int(resumes or 0) + total))


def _zoned(shape: Shape, record: dict[str, Any]) -> dict[str, Any]:
    return {**record, shape.zoned: instant_of(str(record.get(shape.zoned) or ""))} if shape.zoned else record


def _next_slice(shape: Shape, walk: Walk, count: int, size: int, today: str) -> Walk:
    """The next slice; one that does not fit on a page is halved, since an order cannot be asked for to go on by."""
    start, end, skip = days_of(walk.place or _first_slice(shape, walk))
    if count >= size:
        if start and end and start < end:
            middle = (date.fromisoformat(end) - date.fromisoformat(start)).days // 2
            return replace(walk, place=f"{start}/{later(start, middle)}/0")
        return replace(walk, place=f"{start}/{end}/{skip + count}")
    if not end:
        return Walk(since=walk.began)
    following = later(end, 1)
    return replace(walk, place=f"{following}//0" if following > today else f"{following}/{later(following, SLICE_DAYS)}/0")


@dataclass(frozen=True, slots=True)
class Stands:
    """When everything was listed last, and when a walk ended last, in seconds since 1970; 0 when that is not known."""

    listed_s: float = 0.0
    read_s: float = 0.0


def stands(checkpoint: str) -> Stands:
    try:
        said = json.loads(checkpoint) if checkpoint else {}
        return Stands(float(said.get("listed", 0.0)), 0.0 if "place" in said else float(said.get("read", 0.0)))
    except (ValueError, TypeError, AttributeError):
        return Stands()
