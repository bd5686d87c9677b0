"""Who worked on what: bookings by the month, and from them the weekly timecards, day by day.

A booking is told by month, so that the hours behind an invoice can be made again without the year's other hours.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from hub.demo.firm.dice import Dice
from hub.demo.firm.model import HOUSES, YEAR, Firm
from hub.demo.firm.shape import Record, Said, hours, reference, said
from hub.demo.firm.words import NOTES

MOST_A_MONTH = 72
"""Numbers kept for the entries of one consultant in one month: at most three on each of 23 working days."""


class Entry(NamedTuple):
    """One line of a timecard. ``slot`` says which of the month's projects, -1 the employer's internal one."""

    day: date
    slot: int
    quarters: int
    work_class: str

    @property
    def is_billable(self) -> bool:
        return self.slot >= 0 and self.work_class != "travel"


@lru_cache(maxsize=8192)
def booked(firm: Firm, resource: int, quarter: int) -> tuple[int, int]:
    """The two projects a consultant works on in a quarter, mostly of the own house; else sisters charge each other."""
    dice, home = Dice(firm.seed, -2, resource * 4 + quarter), firm.home_of(resource)
    first = (firm.contracts * 85 + 99) // 100
    found: list[int] = []
    for tries in range(40):
        contract = first + dice.early(firm.contracts - first)
        project = 2 * contract + dice.below(2)
        if firm.is_current(contract) and project not in found and (tries > 7 or firm.house_of(contract) == home):
            found.append(project)
            if len(found) == 2:
                break
    return found[0], found[-1]


@lru_cache(maxsize=4096)
def month_of(firm: Firm, resource: int, month: int) -> tuple[Entry, ...]:
    """A consultant's entries of a month (0 to 11), by day."""
    dice, entries = Dice(firm.seed, -3, resource * 12 + month), list[Entry]()
    one, other = booked(firm, resource, month // 3)
    for day in range(1, monthrange(YEAR, month + 1)[1] + 1):
        when = date(YEAR, month + 1, day)
        if when.weekday() > 4 or (month, day) in ((0, 1), (4, 1), (11, 25), (11, 26)):
            continue
        if dice.below(100) < 8:
            entries.append(Entry(when, -1, 32, "absence"))
        elif one == other or dice.below(100) < 4:
            entries.append(Entry(when, 0, dice.between(30, 36), "work"))
        else:
            first = dice.between(8, 24)
            entries.append(Entry(when, 0, first, "work"))
            entries.append(Entry(when, 1, dice.between(30, 34) - first, "travel" if dice.below(100) < 3 else "work"))
            if dice.below(100) < 12:
                entries.append(Entry(when, -1, dice.between(1, 4), "work"))
    return tuple(entries)


def project_of(firm: Firm, resource: int, entry: Entry) -> int:
    if entry.slot < 0:
        return firm.projects + firm.home_of(resource)
    return booked(firm, resource, (entry.day.month - 1) // 3)[entry.slot]


def time_entries(firm: Firm, at: int) -> Iterator[Record]:
    """The entries of one consultant in one month; ``at`` counts the consultants of January, then those of February."""
    month, resource = divmod(at, firm.resources)
    dice, tz = Dice(firm.seed, -4, at), HOUSES[firm.home_of(resource)].tz
    who, boss = reference("psa", "resource", resource), reference("psa", "resource", resource // 20)
    last: date | None = None
    line = 0
    for number, entry in enumerate(month_of(firm, resource, month), at * MOST_A_MONTH):
        line = line + 1 if entry.day == last else 1
        last = entry.day
        billable = entry.is_billable
        values: dict[str, Any] = {
            "resource": who, "work_date": entry.day.isoformat(), "project": reference("psa", "project", project_of(firm, resource, entry)),
            "quantity": hours(entry.quarters), "work_class": entry.work_class, "billable": billable, "tz": tz,
        }  # fmt: skip
        if billable:
            values["quantity_to_bill"] = values["quantity"]
            if dice.below(4) == 0:
                values["note"] = dice.pick(NOTES)
        year, week, weekday = entry.day.isocalendar()
        if month == 11 and entry.day.day > 26:
            values["state"] = "submitted"
        else:
            approved = entry.day + timedelta(days=8 - weekday)
            values |= {"state": "approved", "approver": boss, "approved_at": f"{approved.isoformat()}T09:{number % 60:02d}:00.000000Z"}
        card = Said("psa", f"TC-{year}W{week:02d}-{resource:06d}", values, f"{entry.day.isoformat()}/{line}")
        yield Record("time_entry", number, (card,))


def billed_quarters(firm: Firm, resource: int, month: int, slot: int) -> int:
    """Quarters of an hour of a booking that are approved and to be billed."""
    return sum(
        one.quarters for one in month_of(firm, resource, month)
        if one.slot == slot and one.is_billable and not (month == 11 and one.day.day > 26)
    )  # fmt: skip


def assignments(firm: Firm, at: int) -> Iterator[Record]:
    """One for each consultant, quarter and project; ``at`` = (resource, quarter, slot)."""
    rest, slot = divmod(at, 2)
    resource, quarter = divmod(rest, 4)
    pair = booked(firm, resource, quarter)
    if slot and pair[0] == pair[1]:
        return
    ends = date(YEAR, 3 * quarter + 3, monthrange(YEAR, 3 * quarter + 3)[1])
    values: dict[str, Any] = {
        "resource": reference("psa", "resource", resource), "project": reference("psa", "project", pair[slot]),
        "role": firm.grade_of(resource)[0], "start_date": f"{YEAR}-{3 * quarter + 1:02d}-01", "end_date": ends.isoformat(),
        "planned_quantity": {"value": "240", "unit": "hour"}, "allocation": "50", "billable": True,
        "state": "ended" if quarter < 3 else "firm",
    }  # fmt: skip
    yield Record("assignment", at, (said("psa", "assignment", at, values),))
