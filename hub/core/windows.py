"""When a system may be written to: maintenance windows in which nothing is sent, posting windows outside of which nothing is posted.

A window is a time of the week in a zone ("Saturday 22:00 to 04:00 in Berlin", over midnight where its end is not after its
start) or a stretch between two instants. Local times follow the zone's clock through its changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MAINTENANCE, POSTING = "maintenance", "posting"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_AHEAD_DAYS = 9
"""A weekly window comes again within a week; a day more on both sides for those over midnight."""


@dataclass(frozen=True, slots=True)
class Window:
    """``days`` (0 is Monday) on which it begins, from ``starts`` to ``ends`` in ``zone``; or once, from ``since`` to ``until``."""

    kind: str
    days: frozenset[int] = frozenset()
    starts: time = time()
    ends: time = time()
    zone: str = "UTC"
    since: datetime | None = None
    until: datetime | None = None
    reason: str = ""

    def stretches(self, around: datetime) -> list[tuple[datetime, datetime]]:
        """Its stretches from shortly before an instant to a week after it, in order, half open."""
        if self.since is not None and self.until is not None:
            return [(self.since, self.until)] if self.until > around else []
        zone = ZoneInfo(self.zone)
        first = around.astimezone(zone).date() - timedelta(days=1)
        found = []
        for day in (first + timedelta(days=number) for number in range(_AHEAD_DAYS)):
            if day.weekday() in self.days:
                last = day if self.ends > self.starts else day + timedelta(days=1)
                found.append((_at(day, self.starts, zone), _at(last, self.ends, zone)))
        return found


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


def closed_until(windows: Sequence[Window], now: datetime, *, is_posting: bool) -> datetime | None:
    """Until when nothing may be sent, None when it may now. Windows that meet or overlap are one.

    >>> nights = [Window(MAINTENANCE, frozenset(range(7)), time(22), time(2))]
    >>> closed_until(nights, datetime(2026, 5, 17, 23, tzinfo=UTC), is_posting=False)
    datetime.datetime(2026, 5, 18, 2, 0, tzinfo=datetime.timezone.utc)
    >>> office = [Window(POSTING, frozenset({0}), time(8), time(18), "Europe/Berlin")]
    >>> closed_until(office, datetime(2026, 5, 17, 12, tzinfo=UTC), is_posting=True)
    datetime.datetime(2026, 5, 18, 6, 0, tzinfo=datetime.timezone.utc)
    >>> closed_until(office, datetime(2026, 5, 17, 12, tzinfo=UTC), is_posting=False)
    """
    moment = now
    for _ in range(50):  # leaving one window may lead into the next
        ends = [end for one in windows if one.kind == MAINTENANCE for start, end in one.stretches(moment) if start <= moment < end]
        if ends:
            moment = max(ends)
            continue
        starts = [] if not is_posting else _postings(windows, moment)
        if not starts:
            break
        if starts[0] == datetime.max.replace(tzinfo=UTC):
            return starts[0]
        moment = starts[0]
    return moment if moment > now else None


def _postings(windows: Sequence[Window], moment: datetime) -> list[datetime]:
    """When posting begins, where it may not at this moment; the end of time where no window is to come."""
    told = [one for one in windows if one.kind == POSTING]
    stretches = [stretch for one in told for stretch in one.stretches(moment)]
    if not told or any(start <= moment < end for start, end in stretches):
        return []
    return [min((start for start, _ in stretches if start > moment), default=datetime.max.replace(tzinfo=UTC))]


def read_window(told: Mapping[str, Any], at: str) -> Window:
    """A window as it is written down. Raises ValueError that names the part which cannot be read.

    >>> read_window({"kind": "maintenance", "days": ["sat", "sun"], "from": "22:00", "to": "04:00", "zone": "Europe/Berlin"}, "windows[0]").days
    frozenset({5, 6})
    >>> read_window({"kind": "maintenance", "days": ["someday"], "from": "22:00", "to": "04:00"}, "windows[0]")
    Traceback (most recent call last):
    ValueError: windows[0].days: 'someday' is not one of mon, tue, wed, thu, fri, sat, sun
    """
    unknown = told.keys() - {"kind", "days", "from", "to", "zone", "since", "until", "reason"}
    if unknown:
        raise ValueError(f"{at}: unknown key '{min(unknown)}'")
    kind, reason = str(told.get("kind", MAINTENANCE)), str(told.get("reason", ""))
    if kind not in (MAINTENANCE, POSTING):
        raise ValueError(f"{at}.kind: {kind!r} is neither maintenance nor posting")
    if "since" in told or "until" in told:
        since, until = _instant(told, "since", at), _instant(told, "until", at)
        if until <= since:
            raise ValueError(f"{at}: ends before it begins")
        return Window(kind, since=since, until=until, reason=reason)
    days = told.get("days", list(DAYS))
    if not isinstance(days, list) or not days:
        raise ValueError(f"{at}.days: expected a list of days")
    for day in days:
        if day not in DAYS:
            raise ValueError(f"{at}.days: {day!r} is not one of {', '.join(DAYS)}")
    zone = str(told.get("zone", "UTC"))
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{at}.zone: {zone!r} is not a time zone") from None
    return Window(kind, frozenset(DAYS.index(day) for day in days), _clock(told, "from", at), _clock(told, "to", at), zone, reason=reason)


def _clock(told: Mapping[str, Any], name: str, at: str) -> time:
    try:
        return time.fromisoformat(str(told[name])).replace(tzinfo=None)
    except (KeyError, ValueError):
        raise ValueError(f"{at}.{name}: expected a time such as 22:00") from None


def _instant(told: Mapping[str, Any], name: str, at: str) -> datetime:
    try:
        found = datetime.fromisoformat(str(told[name]))
    except (KeyError, ValueError):
        raise ValueError(f"{at}.{name}: expected an instant such as 2026-12-24T18:00:00Z") from None
    if found.tzinfo is None:
        raise ValueError(f"{at}.{name}: says no time zone")
    return found.astimezone(UTC)
