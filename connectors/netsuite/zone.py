"""The account's clock. SuiteQL tells and takes instants as local texts without an offset; records tell them in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from schema.codecs import canonical_instant

_AHEAD = tuple(timedelta(minutes=30 * step) for step in range(1, 7))


def local(canonical: str, zone: ZoneInfo) -> str:
    """A local text such that everything that changed at or after a canonical instant compares as not before it.

    When the clocks are about to go back, later instants have earlier texts: it begins earlier by as much.

    >>> local("2026-10-25T00:50:00.000000Z", ZoneInfo("Europe/Berlin")), local("2026-05-17T20:25:07.900000Z", ZoneInfo("Europe/Berlin"))
    ('2026-10-25 01:50:00', '2026-05-17 22:25:07')
    """
    moment = datetime.fromisoformat(canonical)
    here = moment.astimezone(zone)
    back = max((_offset(here) - _offset((moment + ahead).astimezone(zone)) for ahead in _AHEAD), default=timedelta())
    return (here.replace(tzinfo=None) - max(back, timedelta())).strftime("%Y-%m-%d %H:%M:%S")


def utc(text: str, zone: ZoneInfo) -> str:
    """A local text ("2026-05-17T22:25:07", or with a space) as a canonical instant; in the repeated hour, its first pass.

    >>> utc("2026-05-17T22:25:07", ZoneInfo("Europe/Berlin"))
    '2026-05-17T20:25:07.000000Z'
    """
    return canonical_instant(_parsed(text, zone))


def is_twofold(text: str, zone: ZoneInfo) -> bool:
    """Whether a local text is of the hour that a change of the clocks repeats.

    >>> [is_twofold(one, ZoneInfo("Europe/Berlin")) for one in ("2026-10-25T02:30:00", "2026-10-25T03:30:00")]
    [True, False]
    """
    moment = _parsed(text, zone)
    return moment.tzinfo is zone and moment.utcoffset() != moment.replace(fold=1).utcoffset()


def _parsed(text: str, zone: ZoneInfo) -> datetime:
    """A text that carries an offset or Z after all is believed."""
    moment = datetime.fromisoformat(text.strip())
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(UTC)


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()
