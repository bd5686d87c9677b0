"""Whose write goes first: a person's before the period that closes before everything else before a first load; nobody starves.

A lane's place is its waiting time less the patience of its class: one that has waited longer than the classes before it
may be expected to overtakes them. So what somebody just decided is sent at once under any backlog, and a backfill is at
most an hour behind.
"""

from __future__ import annotations

from collections.abc import Mapping

INTERACTIVE, CLOSE, NORMAL, BACKFILL = 1, 3, 5, 8
"""Classes of urgency, as a lane's ``priority`` holds them: somebody waits for it; a posting of a period that is over and still
open; everything else; records of a first load or a snapshot."""

PATIENCE_S: Mapping[int, float] = {INTERACTIVE: 0.0, CLOSE: 60.0, NORMAL: 300.0, BACKFILL: 3600.0}
"""How much longer than an interactive one a lane of the class may wait."""

DAY_SHARE: Mapping[int, float] = {INTERACTIVE: 1.0, CLOSE: 0.97, NORMAL: 0.9, BACKFILL: 0.7}
"""Part of a day's budget that is spent when a class has to wait for the next day, so that the more urgent have some left."""

PEOPLE = ("steward", "admin", "portal")
"""Actors (the part before the colon) behind whose changes somebody waits."""


def urgency_of(actor: str, cause: str, *, is_backfill: bool = False, is_closing: bool = False) -> int:
    """The class of a change; the fan-out judges likewise, in SQL. What is applied record by record after an approved plan is
    nobody's single wish.

    >>> [urgency_of("crm", "source"), urgency_of("steward:ann", "decision"), urgency_of("steward:ann", "plan:7")]
    [5, 1, 5]
    >>> urgency_of("crm", "source", is_closing=True), urgency_of("steward:ann", "source", is_backfill=True)
    (3, 8)
    """
    if is_backfill:
        return BACKFILL
    if actor.partition(":")[0] in PEOPLE and not cause.startswith("plan:"):
        return INTERACTIVE
    return CLOSE if is_closing else NORMAL


def least_urgent(used: int, per_day: int) -> int:
    """The least urgent class that may still be sent after ``used`` requests of a day's budget; 0 for none.

    >>> [least_urgent(used, 100) for used in (0, 69, 70, 90, 97, 100)], least_urgent(5, 0)
    ([8, 8, 5, 3, 1, 0], 8)
    """
    if per_day <= 0:
        return BACKFILL
    allowed = [urgency for urgency, share in DAY_SHARE.items() if used < per_day * share]
    return max(allowed, default=0)
