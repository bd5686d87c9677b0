"""Where a poll of Kantata stands: pages by offset that notice when rows moved, and after the changes the deletes of the events' feed.

A list sorted by the instant of change is walked by those instants; within one instant, and on lists that are sorted otherwise, by offset. Each
page there must hold one of the last rows of the page before: when it holds none, rows moved, and the walk steps back until it finds one. Parameters
compare by the second, and nothing says whether the second itself is included, so the walk asks from one second before.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from connectors.errors import RetriableError, SchemaDriftError
from connectors.kantata.config import OVERLAP_S
from schema.codecs import canonical_instant

Phase = Literal["rows", "deleted"]
KEPT_S = 8 * 86400
"""Events are kept for nine days; a gap of eight is filled by a full listing."""
LATE_S = 1800
"""Events come late and out of order: so far back they are asked for again."""
TAIL = 5
"""So many rows are looked for in the next page: one of them may be gone itself."""
BACK = 10
"""So often a walk steps back. A list whose order is not stable must not hold up everything else: it is read to its end, and then from anew."""


@dataclass(frozen=True, slots=True)
class Place:
    """``since``: all changes before it were read; ``listed``: when everything was last listed. The rest is about the walk under way: what it
    asks from, where the next page starts and the ids it must hold one of, how often it stepped back, and when it began by the vendor's clock.
    Instants are canonical."""

    since: str = ""
    listed: str = ""
    asked_from: str = ""
    offset: int = 0
    tail: list[str] = field(default_factory=list)
    began: str = ""
    phase: Phase = "rows"
    is_full: bool = True
    is_under_way: bool = False
    back: int = 0
    is_doubtful: bool = False
    """Rows may have been missed, so everything is listed next."""

    def text(self) -> str:
        """The checkpoint; "" asks for everything."""
        if self.is_under_way:
            return json.dumps(asdict(self))
        return json.dumps({"since": self.since, "listed": self.listed}) if self.since else ""


def place_of(checkpoint: str) -> Place:
    """The place a checkpoint stands for. Raises SchemaDriftError when it is not one of ours."""
    try:
        return Place(**json.loads(checkpoint)) if checkpoint else Place()
    except (ValueError, TypeError) as error:
        raise SchemaDriftError("the checkpoint was not made by this connector; start again without one") from error


def begun(place: Place, first: str = "") -> Place:
    """The walk to go on with; a new one starts before what is already covered, and the very first from ``first`` ("" = everything)."""
    if place.is_under_way:
        return place
    start = earlier(place.since, OVERLAP_S) if place.since else first
    return replace(place, asked_from=start, is_full=not start, is_under_way=True)


def stepped_back(place: Place, ids: list[str], size: int) -> Place | None:
    """Where to look for the rows a page should have begun with and does not hold; None when it holds one, or begins at the beginning."""
    if not place.tail or place.offset == 0 or place.back >= BACK or set(place.tail) & set(ids):
        return None
    return replace(place, offset=max(0, place.offset - size + 1), back=place.back + 1)


def checked(place: Place, ids: list[str]) -> Place:
    """The place with a doubt where a page was taken that does not go on from the one before."""
    return place if not place.tail or place.offset == 0 or set(place.tail) & set(ids) else replace(place, is_doubtful=True)


def after(place: Place, ids: list[str], count: Any, size: int) -> Place | None:
    """The place behind a page of these ids, None when it was the last one. ``count``: how many rows there are in all.

    Raises RetriableError when the page ends where the one before did: a list that takes no offset would be cut without a word.
    """
    read = place.offset + len(ids)
    if not ids or (read >= count if isinstance(count, int) else len(ids) < size):
        return None
    if place.offset and place.tail and ids[-1] == place.tail[-1]:
        raise RetriableError("a list does not go on where it was left")
    return replace(place, offset=read - 1, tail=ids[-TAIL:])


def onward(place: Place, newest: str) -> Place | None:
    """The walk from the newest instant a page has shown; None when it is no further than the one asked from."""
    return replace(place, asked_from=newest, offset=0, tail=[], back=0) if newest > place.asked_from else None


def ended(place: Place) -> Place:
    return Place(place.began, place.began if place.is_full else place.listed)


def has_lapsed(place: Place, now: float) -> bool:
    """Whether events are gone that this place would need."""
    return bool(place.since) and not place.is_under_way and age_s(place.since, now) > KEPT_S


def age_s(moment: str, now: float) -> float:
    return now - datetime.fromisoformat(moment).timestamp()


def earlier(moment: str, seconds: float) -> str:
    return canonical_instant(datetime.fromisoformat(moment) - timedelta(seconds=seconds))


def told(moment: str, *, earlier_s: float = 0.0) -> str:
    """An instant as a parameter says it.

    >>> told("2026-02-03T08:11:52.250000Z", earlier_s=1)
    '2026-02-03T08:11:51Z'
    """
    return earlier(moment, earlier_s)[:19] + "Z"
