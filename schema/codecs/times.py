"""Codecs of days and instants. A day stays the day it says; an instant is brought to UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from datetime import date as Date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schema.codecs.codec import Codec, CodecError, same, shown
from schema.codecs.numbers import exact_decimal
from schema.codecs.texts import as_trimmed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE_PARTS = {"YYYY": r"(?P<year>\d{4})", "MM": r"(?P<month>\d{1,2})", "DD": r"(?P<day>\d{1,2})"}
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def date(pattern: str = "YYYY-MM-DD") -> Codec:
    """A calendar day in a ``pattern`` of YYYY, MM and DD; a time after an ISO date is cut off, never converted.

    >>> date("DD.MM.YYYY").read("5.3.2026"), date("YYYYMMDD").write("2026-03-05")
    ('2026-03-05', '20260305')
    """
    if pattern == "YYYY-MM-DD":
        return Codec("date", _read_iso_date, same)
    shape = re.escape(pattern)
    for part, expression in _DATE_PARTS.items():
        if pattern.count(part) != 1:
            raise ValueError(f"a date pattern names YYYY, MM and DD once each, not {pattern!r}")
        fixed = expression if re.search(r"[^YMD]", pattern) else expression.replace("{1,2}", "{2}")
        shape = shape.replace(part, fixed)
    compiled = re.compile(shape, re.ASCII)

    def read(value: Any) -> Any:
        if value == "":
            return None
        found = compiled.fullmatch(as_trimmed(value) or "")
        if found is None:
            raise CodecError("", f"expected a date like {pattern}, got {shown(value)}")
        return _is_day(int(found["year"]), int(found["month"]), int(found["day"]))

    def write(value: Any) -> Any:
        year, month, day = value.split("-")
        return pattern.replace("YYYY", year).replace("MM", month).replace("DD", day)

    return Codec("date", read, write)


def _read_iso_date(value: Any) -> Any:
    if value == "":
        return None
    text = value.strip() if isinstance(value, str) else ""
    day = text[:10] if len(text) > 10 and text[10] in "T " else text
    if not _ISO_DATE.fullmatch(day):
        raise CodecError("", f"expected a date like YYYY-MM-DD, got {shown(value)}")
    return _is_day(int(day[:4]), int(day[5:7]), int(day[8:]))


def _is_day(year: int, month: int, day: int) -> str:
    try:
        return Date(year, month, day).isoformat()
    except ValueError as error:
        raise CodecError("", f"expected a day of the calendar: {error}") from None


def instant() -> Codec:
    """An ISO 8601 instant with offset or Z. One without an offset is refused: declare its zone with ``local_instant``."""

    def read(value: Any) -> Any:
        if value == "":
            return None
        moment = _parse_iso(value)
        if moment.tzinfo is None:
            raise CodecError("", f"expected an offset or Z at the end of {shown(value)}; declare the zone it is meant in")
        return _in_utc(moment)

    return Codec("instant", read, same)


def local_instant(zone: str) -> Codec:
    """An instant without offset, meant in ``zone``.

    The hour that a change of the clocks repeats is read as its first pass; an instant of its second pass cannot be
    written and is refused, since it would come back as another one.
    """
    try:
        tz = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"no such time zone: {zone!r}") from None

    def read(value: Any) -> Any:
        if value == "":
            return None
        moment = _parse_iso(value)
        return _in_utc(moment if moment.tzinfo else moment.replace(tzinfo=tz))

    def write(value: Any) -> Any:
        local = datetime.fromisoformat(value).astimezone(tz)
        if local.fold:
            raise CodecError("", f"{value} falls into the repeated hour of {zone} and cannot be told there")
        return local.replace(tzinfo=None).isoformat()

    return Codec("local_instant", read, write)


def epoch(unit: str = "ms") -> Codec:
    """An instant as a count of ``s``, ``ms`` or ``us`` since 1970.

    >>> epoch("s").read("1788000000")
    '2026-08-29T10:40:00.000000Z'
    """
    micro = {"s": 1_000_000, "ms": 1_000, "us": 1}[unit]

    def read(value: Any) -> Any:
        if value == "":
            return None
        count = exact_decimal(value) * micro
        if count != count.to_integral_value():
            raise CodecError("", f"expected whole {unit} since 1970, got {shown(value)}")
        try:
            return canonical_instant(EPOCH + timedelta(microseconds=int(count)))
        except OverflowError:
            raise CodecError("", "the instant lies outside of the calendar") from None

    def write(value: Any) -> Any:
        count, rest = divmod((datetime.fromisoformat(value) - EPOCH) // timedelta(microseconds=1), micro)
        if rest:
            raise CodecError("", f"{value} is finer than this field's {unit}")
        return count

    return Codec("epoch", read, write)


def canonical_instant(moment: datetime) -> str:
    """An aware instant in normal form: UTC, six decimals, Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z" if moment.year >= 1000 else _refuse_year(moment)


def _refuse_year(moment: datetime) -> str:
    raise CodecError("", f"the year {moment.year} is no business date")


def _parse_iso(value: Any) -> datetime:
    text = value.strip() if isinstance(value, str) else ""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise CodecError("", f"expected an instant like 2026-05-17T08:11:52Z, got {shown(value)}") from None


def _in_utc(moment: datetime) -> str:
    try:
        return canonical_instant(moment)
    except OverflowError:
        raise CodecError("", "the instant lies outside of the calendar") from None
