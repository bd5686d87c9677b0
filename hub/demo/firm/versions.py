"""Clients that change: what a CRM says of them from one version to the next, spread over the months after the first load."""

from __future__ import annotations

from datetime import datetime, timedelta

from hub.demo.firm.dice import mix
from hub.demo.firm.shape import LOADED_AT, Record, reference

FIELDS = ("phone", "tier", "segment", "account_manager", "name")
"""What may change with a version; the telephone number does each time, the name rarely."""

SPAN = timedelta(days=290)
_SETTLED = timedelta(days=1)
_CHOICES = {"tier": ("A", "B", "C"), "segment": ("enterprise", "mid_market", "small", "public_sector")}


def version_instant(versions: int, version: int, number: int) -> datetime:
    """When a client gets a version from its second on; all clients have one before any has the next."""
    step = SPAN // versions
    return LOADED_AT + _SETTLED + (version - 2) * step + timedelta(milliseconds=number)


def speaker(record: Record) -> int | None:
    """Which of those who speak of a client tells its changes; None for our own houses, which do not change."""
    return next((at for at, one in enumerate(record.said) if "phone" in one.values), None)


def versioned(record: Record, version: int, resources: int) -> Record:
    """The record as its speaker tells it at a version; the others stay as they are."""
    at = speaker(record)
    if version < 2 or at is None:
        return record
    values = dict(record.said[at].values)
    values["phone"] = f"{values['phone'][:-6]}{100_000 + (record.number * 31 + version * 7919) % 900_000}"
    for name, choices in _CHOICES.items():
        if mix(version // 3, 1, record.number) % 4 == 0:
            values[name] = choices[mix(version, 2, record.number) % len(choices)]
    if "account_manager" in values and mix(version // 4, 3, record.number) % 2:
        values["account_manager"] = reference("hcm", "resource", mix(version // 4, 4, record.number) % resources)
    if mix(version // 5, 5, record.number) % 8 == 0:
        values["name"] = f"{values['name']} {('Group', 'International')[version // 5 % 2]}"
    told = record.said[at]._replace(values=values)
    return record._replace(said=(*record.said[:at], told, *record.said[at + 1 :]))
