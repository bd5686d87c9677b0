"""Payload versions: what changed with each, and how a subscriber made for an older one is served. Pure.

A version belongs to a subject: a type of business event (``client.updated``), or an entity for what is told of its records
(``client``: ``hub.client.updated.v1`` and ``data.changed``). The hub makes the newest; each revision has one function from
fields as of its version to fields as of the one before, and a subscriber that is pinned gets them applied in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schema import ENTITIES
from schema.event_types import EVENTS, SEAT_FIELDS

Fields = Mapping[str, Any]
"""Values by field name: a business event's payload, a whole record, or the fields a change is about."""


@dataclass(frozen=True)
class Revision:
    """One step between two versions of a payload. ``doc`` says what is new; ``down`` leaves its argument as it is."""

    subjects: tuple[str, ...]
    version: int
    doc: str
    down: Callable[[Fields], dict[str, Any]]
    """Fields as of this version → as of the one before. Also called with some of the fields only."""


def seat_apart(fields: Fields) -> dict[str, Any]:
    """
    >>> seat_apart({"name": "A", "seat": {"city": "Kiel", "country": "DE"}})
    {'name': 'A', 'city': 'Kiel', 'country': 'DE'}
    """
    seat: Fields = fields.get("seat") or {}
    return {name: value for name, value in fields.items() if name != "seat"} | dict(seat)


REVISIONS: tuple[Revision, ...] = (
    Revision(
        ("client.created", "client.updated", "client.merged", "client.split"), 2,
        f"The registered seat is one value, `seat`, as the model has it; version 1 had {', '.join(SEAT_FIELDS)} beside the others.",
        seat_apart,
    ),
)  # fmt: skip
"""Every revision there has been, in the order of versions. Version 1 has none."""


_OF_SUBJECT: Mapping[str, tuple[Revision, ...]] = {
    subject: tuple(one for one in REVISIONS if subject in one.subjects) for each in REVISIONS for subject in each.subjects
}


def _of(subject: str, revisions: Sequence[Revision]) -> Sequence[Revision]:
    """The revisions of a subject, in the order of versions; every event asks, and most subjects have none."""
    if revisions is REVISIONS:
        return _OF_SUBJECT.get(subject, ())
    return [one for one in revisions if subject in one.subjects]


def subjects() -> tuple[str, ...]:
    """Everything that has payload versions."""
    return (*ENTITIES, *(event.type for event in EVENTS))


def newest(subject: str, revisions: Sequence[Revision] = REVISIONS) -> int:
    """
    >>> newest("client.updated"), newest("client"), newest("time.approved")
    (2, 1, 1)
    """
    found = _of(subject, revisions)
    return found[-1].version if found else 1


def newest_of_all(revisions: Sequence[Revision] = REVISIONS) -> dict[str, int]:
    """Subject → newest version of all that have more than one: what a subscriber that comes today is made for."""
    return {subject: one.version for one in revisions for subject in one.subjects}


def pinned_version(subject: str, pins: Mapping[str, int], revisions: Sequence[Revision] = REVISIONS) -> int:
    """Which version a subscriber gets: the one it is pinned to, which is 1 where it is silent."""
    return min(pins.get(subject, 1), newest(subject, revisions))


def translated(fields: Fields, subject: str, version: int, revisions: Sequence[Revision] = REVISIONS) -> dict[str, Any]:
    """Fields of the newest version as of an older one.

    >>> translated({"seat": {"city": "Kiel"}}, "client.created", 1), translated({"state": "won"}, "opportunity.won", 1)
    ({'city': 'Kiel'}, {'state': 'won'})
    """
    told = dict(fields)
    for one in reversed(_of(subject, revisions)):
        if one.version > version:
            told = one.down(told)
    return told


def changed_as(changed: Mapping[str, Fields], subject: str, version: int, revisions: Sequence[Revision] = REVISIONS) -> dict[str, Any]:
    """The same for fields with their values before and after."""
    if version >= newest(subject, revisions):
        return {name: dict(values) for name, values in changed.items()}
    sides = {
        side: translated({name: values.get(side) for name, values in changed.items()}, subject, version, revisions)
        for side in ("before", "after")
    }
    names = sorted({*sides["before"], *sides["after"]})
    return {name: {side: sides[side].get(name) for side in ("before", "after")} for name in names}


def problems(revisions: Sequence[Revision] = REVISIONS) -> list[str]:
    """What is wrong with the revisions, one sentence each: a version left out, a subject that is none."""
    known = set(subjects())
    found = [f"{subject} has a revision, but is neither an entity nor a business event" for one in revisions for subject in one.subjects if subject not in known]
    for subject in sorted({subject for one in revisions for subject in one.subjects}):
        versions = [one.version for one in revisions if subject in one.subjects]
        if versions != list(range(2, len(versions) + 2)):
            found.append(f"{subject} has revisions {versions}, which are not 2, 3 … in this order")
    return found
