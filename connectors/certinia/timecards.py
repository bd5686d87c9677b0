"""Timecards: one record a week and project with the Salesforce platform, one entry a day with us.

A day of a timecard is the record ``<timecard>|<weekday>``; its hours and notes stand in fields named after the weekday, its date follows
from the begin of the week. Dates have no zone: a day is the day of who worked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from connectors.certinia.config import WEEK
from connectors.errors import RejectedError

OPEN = ("Saved", "Rejected")
"""The statuses in which a timecard takes hours; a firm's own are treated as closed."""
DERIVED = ("Day", "Date", "Hours", "Notes")


def hours_field(day: str) -> str:
    return f"pse__{day.capitalize()}_Hours__c"


def notes_field(day: str) -> str:
    return f"pse__{day.capitalize()}_Notes__c"


WEEK_FIELDS = frozenset({*map(hours_field, WEEK), *map(notes_field, WEEK)})


def days(header: Mapping[str, Any]) -> list[tuple[str, dict[str, Any] | None]]:
    """Each weekday of a timecard: its record, None where nothing is booked (no hours, or none and no word about it)."""
    plain = {key: value for key, value in header.items() if key not in WEEK_FIELDS}
    start = date.fromisoformat(str(header["pse__Start_Date__c"]))
    found: list[tuple[str, dict[str, Any] | None]] = []
    for place in range(7):
        on = start + timedelta(days=place)
        day = WEEK[(on.weekday() + 1) % 7]
        hours, notes = header.get(hours_field(day)), header.get(notes_field(day))
        is_booked = hours is not None and (hours != 0 or bool(notes))
        found.append((day, {**plain, "Day": day, "Date": on.isoformat(), "Hours": hours, "Notes": notes} if is_booked else None))
    return found


def week_of(on: str, week: Sequence[str]) -> tuple[str, str, str]:
    """First and last day of the week of a day, and its name.

    >>> week_of("2026-05-04", WEEK), week_of("2026-05-03", (*WEEK[1:], WEEK[0]))
    (('2026-05-03', '2026-05-09', 'monday'), ('2026-04-27', '2026-05-03', 'sunday'))
    """
    moment = date.fromisoformat(on)
    day = WEEK[(moment.weekday() + 1) % 7]
    start = moment - timedelta(days=week.index(day))
    return start.isoformat(), (start + timedelta(days=6)).isoformat(), day


def parted(external_id: str) -> tuple[str, str]:
    """Timecard and weekday of an entry's id. Raises RejectedError when it is none."""
    card, _, day = external_id.partition("|")
    if not card or day not in WEEK:
        raise RejectedError(f"{external_id!r} is no day of a timecard", cause="not_found", remedy="Unlink the record in the hub.")
    return card, day


def told(body: Mapping[str, Any], day: str) -> dict[str, Any]:
    """The fields of a timecard that say what an entry of one of its days says.

    >>> told({"Hours": 7.5, "Notes": None, "Date": "2026-05-04", "pse__Billable__c": True}, "monday")
    {'pse__Billable__c': True, 'pse__Monday_Hours__c': 7.5, 'pse__Monday_Notes__c': None}
    """
    found = {key: value for key, value in body.items() if key not in DERIVED}
    if "Hours" in body:
        found[hours_field(day)] = body["Hours"]
    if "Notes" in body:
        found[notes_field(day)] = body["Notes"]
    return found
