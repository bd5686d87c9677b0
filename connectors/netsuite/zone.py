"""The account's clock. SuiteQL tells and takes instants as local texts without an offset; records tell them in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from schema.codecs import canonical_instant

_STEPS = tuple(timedelta(minutes=30 * step) for step in range(5))


def local(canonical: str, zone: ZoneInfo) -> str:
    """A local text such that everything that changed at or after a canonical instant compares as not before it.

    When the clocks go back, later instants have earlier texts: the earliest text of the next two hours is it.

    >>> local("2026-10-25T00:50:00.000000Z", ZoneInfo("Europe/Berlin")), local("2026-05-17T20:25:07.900000Z", ZoneInfo("Europe/Berlin"))
    ('2026-10-25 02:20:00', '2026-05-17 22:25:07')
    """
    moment = datetime.fromisoformat(canonical)
    return min((moment + step).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") for step in _STEPS)


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
