"""Code maps: what a system's codes are among ours, per tenant, system and governed set."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple


class CodeEntry(NamedTuple):
    """One row of a code map. ``direction`` is in, out or both; the default is what is written when several of theirs fit."""

    system: str
    set: str
    theirs: str
    ours: str
    direction: str = "both"
    is_default: bool = False


class CodeMaps:
    """The code maps of a tenant: per system and set, their code → ours and back. Values never change; make a new one.

    ``is_known(set, value)`` lets a system speak our own codes without a map (``schema.codes``: ``SETS[set].allows``).

    >>> maps = CodeMaps([CodeEntry("erp", "PAYMENT_TERMS", "N30", "NET30"), CodeEntry("erp", "PAYMENT_TERMS", "30D", "NET30")])
    >>> maps.ours("erp", "PAYMENT_TERMS", "30D"), maps.theirs("erp", "PAYMENT_TERMS", "NET30"), maps.ours("erp", "TIER", "A")
    ('NET30', 'N30', None)
    """

    def __init__(self, entries: Iterable[CodeEntry] = (), is_known: Callable[[str, str], bool] | None = None) -> None:
        self._is_known = is_known or _nothing_known
        self._in: dict[tuple[str, str], dict[str, str]] = {}
        self._out: dict[tuple[str, str], dict[str, str]] = {}
        for entry in entries:
            at = (entry.system, entry.set)
            if entry.direction != "out":
                self._in.setdefault(at, {})[entry.theirs] = entry.ours
            if entry.direction != "in":
                outward = self._out.setdefault(at, {})
                if entry.is_default or entry.ours not in outward:
                    outward[entry.ours] = entry.theirs

    def ours(self, system: str, set: str, theirs: str) -> str | None:
        """Our code for theirs; None when nobody has mapped it. A system with a map of the set speaks only that."""
        inward = self._in.get((system, set))
        if inward is not None:
            return inward.get(theirs)
        return theirs if self._is_known(set, theirs) else None

    def theirs(self, system: str, set: str, ours: str) -> str | None:
        """Their code for ours; our own word where the system has no map of the set and so speaks our codes."""
        outward = self._out.get((system, set))
        if outward is not None:
            return outward.get(ours)
        return ours if self._is_known(set, ours) else None


class RawCode(NamedTuple):
    """A code nobody has mapped yet: the governed set and the text as delivered."""

    set: str
    text: str


def _nothing_known(set: str, value: str) -> bool:
    return False


NO_CODES = CodeMaps()
