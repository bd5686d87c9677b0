"""What one step from a golden record to its next version changed."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from hub.core.records import Change, Golden, Values


class Cause(NamedTuple):
    """Why a version came about and on whose behalf; the same for every record a message or decision touches."""

    cause: str
    """``source``, ``decision``, ``policy``, ``time``, ``merge``, ``split``, ``undo`` or ``process``."""
    actor: str
    correlation_id: str
    message_id: int = 0
    is_backfill: bool = False


def diff(before: Golden | None, after: Golden, cause: Cause, at: dt.datetime, op: str = "") -> Change | None:
    """The change from ``before`` (None: not there yet) to ``after``, or None when nothing a reader could see differs.

    Only changed fields are listed, empty ones as None. A record that is not born yet makes no change; one that was born
    stays, whatever it lacks by now. ``op`` names a merge or a split, which is a step whatever it changed; else it follows from the two states.
    """
    if before is None and not after.is_born:
        return None
    old, new = changed_values(before.values if before else {}, after.values)
    step = _op(before, after)
    if not new and step == "update" and not op:
        return None
    version = before.version + 1 if before else 1
    return Change(
        after.id, after.entity, version, op or step, old, new, cause.cause, cause.actor, cause.correlation_id, at,
        cause.message_id, cause.is_backfill,
    )  # fmt: skip


def _op(before: Golden | None, after: Golden) -> str:
    if before is None:
        return "create"
    if before.record_state == after.record_state:
        return "update"
    return "reactivate" if after.record_state == "active" else "inactivate"


def changed_values(before: Values, after: Values) -> tuple[Values, Values]:
    """The fields that differ, before and after; absent and None are both "empty". ``extra`` is compared as a whole.

    >>> changed_values({"name": "ACME", "city": "Ulm"}, {"name": "ACME Ltd", "city": "Ulm", "phone": None})
    ({'name': 'ACME'}, {'name': 'ACME Ltd'})
    """
    if before == after:
        return {}, {}
    old: Values = {}
    new: Values = {}
    for name, value in after.items():
        was = before.get(name)
        if was != value:
            old[name], new[name] = was, value
    if not before.keys() <= after.keys():
        for name, was in before.items():
            if name not in after and was is not None:
                old[name], new[name] = was, None
    return old, new


def diff_all(pairs: list[tuple[Golden | None, Golden]], cause: Cause, at: dt.datetime) -> list[Change]:
    """:func:`diff` of each pair, without those that changed nothing."""
    changes = (diff(before, after, cause, at) for before, after in pairs)
    return [change for change in changes if change is not None]


def lineage_differs(before: Golden, after: Golden) -> bool:
    """Whether the same values come from somebody else now: worth keeping, but nothing a subscriber is told."""
    return before.lineage != after.lineage
