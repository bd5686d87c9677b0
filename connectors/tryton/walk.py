"""Where a poll of a model stands: its pages, then its children's, then the log of deletes.

A first listing goes along the ids. A later walk goes along ``(last_modified_at, id)``, from a little before the last walk began by the
server's clock, since a long transaction becomes visible late with the stamp of its begin. Both keep their place by what was read
last, so what changes while they read moves nothing out of sight.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from connectors.errors import SchemaDriftError
from connectors.tryton.database import Record
from connectors.tryton.values import instant, instant_text

MAIN, DELETED = "", "deleted"


@dataclass(frozen=True, slots=True)
class Place:
    """``since``: what changed before was read by an earlier walk; "" on a first listing. ``phase`` is "", a list of children, or
    "deleted". ``at`` and ``id`` are of the record read last; ``began`` is the server's clock at the walk's first page, ``listed`` when
    the last listing of all began."""

    since: str = ""
    phase: str = MAIN
    at: str = ""
    id: int = 0
    began: str = ""
    listed: str = ""
    is_under_way: bool = False

    @property
    def is_full(self) -> bool:
        return not self.since

    def text(self) -> str:
        return json.dumps(asdict(self))


def place_of(checkpoint: str, overlap_s: float) -> Place:
    """The place to go on from; a new walk starts ``overlap_s`` before the begin of the last one."""
    if not checkpoint:
        return Place(is_under_way=True)
    try:
        place = Place(**json.loads(checkpoint))
    except (ValueError, TypeError) as error:
        raise SchemaDriftError("the checkpoint was not made by this connector; start again without one") from error
    if place.is_under_way:
        return place
    since = instant_text(dt.datetime.fromisoformat(place.since) - dt.timedelta(seconds=overlap_s))
    return Place(since=since, listed=place.listed, is_under_way=True)


def domain(place: Place) -> list[Any]:
    """The condition of the walk's next page."""
    if place.is_full:
        return [["id", ">", place.id]] if place.id else []
    if not place.at:
        return [["last_modified_at", ">=", moment(place.since)]]
    here = moment(place.at)
    return [["OR", ["last_modified_at", ">", here], [["last_modified_at", "=", here], ["id", ">", place.id]]]]


def order(place: Place) -> list[list[str]]:
    return [["id", "ASC"]] if place.is_full else [["last_modified_at", "ASC"], ["id", "ASC"]]


def onward(place: Place, last: Record) -> Place:
    return replace(place, id=int(last["id"]), at="" if place.is_full else str(last["last_modified_at"]))


def into(place: Place, phase: str) -> Place:
    """At the begin of another phase."""
    return replace(place, phase=phase, at="", id=0)


def ended(place: Place) -> Place:
    """Between two walks: the next one starts from the begin of this."""
    return Place(since=place.began, listed=place.began if place.is_full else place.listed)


def age_s(place: Place, now: float) -> float:
    """How long ago the last listing of all began."""
    return now - dt.datetime.fromisoformat(place.listed).timestamp() if place.listed else 0.0


def moment(text: str) -> dict[str, Any]:
    return instant(dt.datetime.fromisoformat(text))
