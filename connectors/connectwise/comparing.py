"""Looking a record up: conditions that narrow the question, and whether what comes back is the one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.connectwise.conditions import equals
from connectors.connectwise.config import Kind
from connectors.connectwise.records import CANONICAL
from schema.paths import ABSENT


def asked_of(wanted: Mapping[str, Any], kind: Kind) -> tuple[list[str], list[str]]:
    """Conditions on a record and on what lies in its lists; what cannot be asked for is compared in what comes back."""
    asked: list[str] = []
    within: list[str] = []
    for path, value in wanted.items():
        if path.startswith("points."):
            within.append(f"communicationItems/{equals('value', value)}")
        elif path == "projectTicket.id":
            asked += [f"chargeToId={number(value)}", 'chargeToType="ProjectTicket"']
        elif path.endswith(".id") and path != "parent.id":
            asked.append(equals(path, number(value)))
        elif path in kind.dates:
            asked.append(f"{path}=[{value}T00:00:00Z]")
        elif "." not in path and path != "workDate" and isinstance(value, str):
            asked.append(equals(path, value))
    return asked, within


def number(id: Any) -> int:
    """An id as the number it is there; -1, which no record has, for anything else."""
    text = str(id)
    return int(text) if text.isascii() and text.isdecimal() else -1


def same(here: Any, wanted: Any, *, is_day: bool) -> bool:
    """Whether a value is the one wanted: days without their midnight, instants to the second, ids as numbers or texts.

    >>> same("2026-05-01T00:00:00Z", "2026-05-01", is_day=True), same(250, "250", is_day=False), same(None, "", is_day=False)
    (True, True, False)
    """
    here = None if here is ABSENT else here
    if isinstance(here, str) and isinstance(wanted, str):
        if CANONICAL.fullmatch(wanted):
            return here[:19] == wanted[:19]
        if is_day:
            return here[:10] == wanted[:10]
    return bool(here == wanted) or (here is not None and wanted is not None and not isinstance(here, bool) and str(here) == str(wanted))
