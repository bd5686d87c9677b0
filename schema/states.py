"""State machines, written as the usual course with its branches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class States:
    """The state machine of an entity: legal transitions, and the states nobody leaves.

    A contributed state may skip steps, since polling sees only the newest; leaving a terminal or locked state by a
    transition not listed is a conflict.
    """

    transitions: Mapping[str, tuple[str, ...]]
    initial: str
    chain: tuple[str, ...] = ()
    """The usual course, in order; a state off it (``rejected``) is a branch."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.transitions)

    @property
    def terminal(self) -> frozenset[str]:
        return frozenset(name for name, following in self.transitions.items() if not following)

    def enters(self, state: str, before: str | None, after: str | None) -> bool:
        """Whether the step from ``before`` to ``after`` enters ``state``, or passes it on the usual course.

        A poll sees only the newest state, so an hour first seen as ``invoiced`` was approved on the way.

        >>> course = states("planned > reached > submitted > approved > invoiced", submitted=["rejected"], rejected=["submitted"])
        >>> course.enters("approved", "planned", "invoiced"), course.enters("reached", "rejected", "invoiced")
        (True, False)
        """
        if after == state:
            return before != state
        if state not in self.chain or after not in self.chain:
            return False
        return self._place(before) < self.chain.index(state) < self.chain.index(after)

    def _place(self, state: str | None) -> int:
        """Where a state stands on the usual course; a branch stands where it can first be reached from."""
        if state in self.chain:
            return self.chain.index(state)
        return min((at for at, name in enumerate(self.chain) if state in self.transitions[name]), default=-1)


def states(chain: str, **branches: Iterable[str]) -> States:
    """Read ``"prospect > active > dormant > closed"``; ``branches`` adds further transitions per state.

    >>> states("draft > submitted > approved", submitted=["rejected"], rejected=["submitted"]).transitions["submitted"]
    ('approved', 'rejected')
    """
    names = [name.strip() for name in chain.split(">")]
    following: dict[str, tuple[str, ...]] = {
        name: (names[at + 1],) if at + 1 < len(names) else () for at, name in enumerate(names)
    }
    for name, more in branches.items():
        following[name] = (*following.get(name, ()), *more)
    for targets in list(following.values()):
        for target in targets:
            following.setdefault(target, ())
    return States(following, names[0], tuple(names))
