"""Where a record stands in each system, field by field, in the typed words a person acts by. Pure.

What would be written, and why not, is :func:`hub.core.routing.write_for`'s word; here it meets the lane, the mode and the
switches of the system, and becomes one verdict a cell: "on its way", "refused", "not sent: observe" …
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from hub.core.records import Contribution, Golden
from hub.core.routing import WritePlan

VERDICTS: Mapping[str, str] = {
    "same": "same",
    "sent": "sent, not shown yet",
    "on_its_way": "on its way",
    "again": "being tried again",
    "waiting": "waiting",
    "refused": "refused",
    "observe": "not sent: observe",
    "propose": "not sent: propose",
    "paused": "not sent: paused",
    "braked": "not sent: brake",
    "unsubscribed": "not sent: not subscribed",
    "before_go_live": "not sent: before go-live",
    "not_compared": "not compared yet",
    "locked": "locked",
    "not_corrected": "theirs loses, not corrected",
    "not_written": "theirs loses, not mapped back",
    "overridden": "theirs loses to an override",
    "alternate": "alternate: not written",
    "deleted": "not sent: deleted there",
    "inactive": "not sent: the record is inactive",
    "absent": "not there",
    "not_carried": "not carried",
}
"""Verdict → how it reads. ``same`` and ``not_carried`` are no differences."""

QUIET = frozenset({"same", "not_carried"})
WRITTEN = frozenset({"missing", "newer", "ours", "correct", "emptied"})
"""Reasons of :mod:`hub.core.routing` by which a field is written."""

ACTS: Mapping[str, str] = {
    "on_its_way": "nobody: the hub sends it",
    "again": "nobody: the hub tries again",
    "sent": "nobody: the system shows it with its next message",
    "observe": "integration support: set the mode to propose or write",
    "propose": "data stewards: accept the proposal, or set the mode to write",
    "paused": "integration support: resume the system",
    "braked": "integration support: look at the run, then release the brake",
    "unsubscribed": "integration support: subscribe the system to changes",
    "before_go_live": "nobody: older records are read and never written",
    "not_corrected": "nobody, unless losing values of this system are to be corrected",
    "not_written": "integration support: bind the field in the mapping, if it should be sent",
    "locked": "finance operations: accept the held value, or correct it at its source",
    "alternate": "data stewards: merge the two records at the source",
    "deleted": "data stewards: restore it there, or end the record",
    "overridden": "data stewards: withdraw the override, or correct the source",
    "not_compared": "nobody: it is compared with the record's next change",
}
"""Verdict → who must act, where no task says so."""


@dataclass(frozen=True, slots=True)
class Lane:
    """How far one system is with one record; ``wanted`` and ``delivered`` are versions of the golden record."""

    state: str
    wanted: int
    delivered: int
    attempts: int = 0
    next_try_at: datetime | None = None
    waits_for: UUID | None = None
    reason: str = ""
    task_id: int | None = None
    money: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One connected system, as far as this record is concerned."""

    system: str
    target: Contribution | None
    """Its own record of this thing, if it holds one."""
    plan: WritePlan | None
    """What it would be sent; None where no mapping writes this entity to it."""
    lane: Lane | None = None
    modes: Mapping[str, str] = field(default_factory=dict)
    """Field → observe, propose or write; ``*`` for the record as a whole."""
    is_subscribed: bool = False
    is_paused: bool = False
    is_braked: bool = False
    is_before_go_live: bool = False
    is_alternate: bool = False
    """Another record of the same system is the one that is written to."""
    is_deleted: bool = False
    """The system held the record and deleted it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one system says of one field, and what becomes of the difference."""

    system: str
    value: Any
    verdict: str
    reason: str = ""
    is_winner: bool = False
    held: Any = None
    since: str = ""
    """Since when the system says so (an instant in normal form)."""


def cell(column: Column, golden: Golden, name: str, told: Any, is_same: bool) -> Cell:
    """The verdict on one field. ``told`` is what the system says in our words, ``is_same`` whether that is what stands."""
    target = column.target
    line = golden.lineage.get(name)
    wins = target is not None and line is not None and line.source_id == target.id != 0
    if target is not None and name in target.held:
        return Cell(column.system, told, "locked", "A lock keeps the newer value out until somebody decides.", wins, target.held[name])
    because = column.plan.reasons.get(name) if column.plan is not None else None
    if is_same or because == "equal" or wins:
        return Cell(column.system, told, "same", is_winner=wins)
    if because in WRITTEN and not column.is_deleted:
        return Cell(column.system, told, *_sending(column, name))
    return Cell(column.system, told, *_unsent(column, because, told, by_override=line is not None and line.decision_id != 0))


def _unsent(column: Column, because: str | None, told: Any, *, by_override: bool) -> tuple[str, str]:
    """Why a difference is not even meant to be written."""
    if column.is_deleted:
        return "deleted", f"{column.system} held the record and deleted it."
    if because == "pending":
        return "sent", f"{column.system} took it and has not shown it yet."
    if because == "unresolved":
        return "waiting", f"{column.system} does not hold the record it names yet."
    if told is None:
        return ("absent", "") if column.target is None and column.plan is None else ("not_carried", "")
    if because == "owner" and by_override:
        return "overridden", "A person's decision stands above what this system says."
    if column.is_alternate:
        return "alternate", f"Another record of {column.system} is the one that is written to."
    if column.plan is not None and not column.plan.reasons:
        return "inactive", "No source holds the record any more."
    if because is None:
        return "not_written", f"The mapping of {column.system} does not write this field."
    return "not_corrected", "It said so later, or owns the field, and losing values are not corrected there."


def _sending(column: Column, name: str) -> tuple[str, str]:
    """How far a field is that is to be written; the first obstacle speaks."""
    lane, mode = column.lane, column.modes.get(name, column.modes.get("*", "observe"))
    obstacles = (
        (column.is_before_go_live, "before_go_live", f"The record is dated before {column.system} went live."),
        (not column.is_subscribed, "unsubscribed", f"No subscription of {column.system} takes this record."),
        (lane is not None and lane.state == "parked", "refused", lane.reason if lane else ""),
        (mode == "observe", "observe", "The hub only shows what it would write."),
        (mode == "propose" and (lane is None or lane.state in ("proposed", "idle")), "propose", "The hub proposes it; a person accepts."),
        (column.is_paused, "paused", f"{column.system} is paused."),
        (column.is_braked, "braked", f"The brake of {column.system} is on."),
        (lane is not None and lane.state == "waiting", "waiting", lane.reason if lane else ""),
        (lane is not None and lane.state in ("due", "leased") and lane.attempts > 0, "again", lane.reason if lane else ""),
        (lane is not None and lane.state in ("due", "leased"), "on_its_way", ""),
    )  # fmt: skip
    for is_there, verdict, reason in obstacles:
        if is_there:
            return verdict, reason
    return "not_compared", (lane.reason if lane is not None and lane.reason else f"The record has not changed since {column.system} was subscribed.")


def overall(column: Column, verdicts: Mapping[str, str]) -> str:
    """One verdict for the whole column: the gravest of its fields."""
    present = set(verdicts.values())
    grave = ("refused", "waiting", "again", "braked", "paused", "locked", "propose", "observe", "on_its_way", "sent", "unsubscribed", "before_go_live", "deleted", "alternate", "overridden", "not_corrected", "not_written", "inactive", "not_compared")  # fmt: skip
    found = next((one for one in grave if one in present), None)
    if found is not None:
        return found
    return "same" if column.target is not None else "absent"
