"""Closed field groups: what a lock keeps out of a contribution until somebody decides.

A time entry is locked from ``approved`` on. PSA then says 8 hours instead of 7.5: the 8 go to ``held``, the offer stays
7.5, and a conflict asks for a reversal. Has PSA recalled the entry in the same message, nothing is held. Invariant: what a
source says is always ``values`` overlaid with ``held``; nothing said is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from hub.core.fold import rescoped
from hub.core.records import Conflict, Contribution, Decision, Values
from schema.kinds import FieldKind
from schema.language import EntityMeta, Family, States, entity_name
from schema.systems import SystemKind

Resolve = Callable[[Mapping[str, Any], str], str | None]
"""(contributed reference, entity name) → golden id, or None while unknown."""

Barred = dict[str, tuple[str, str]]
"""Field whose new value is held → cause and remedy of the conflict."""

_Told = tuple[SystemKind, Values, Values, Values]
"""Of a record that stands: the kind of system that speaks, what it says, what it said before, and what stands."""

_MISSING: Any = object()
_NONE: frozenset[str] = frozenset()
STATE_REMEDY = "Take the step back in the source, or accept it here with a reason."


@dataclass(frozen=True, slots=True)
class _Lock:
    state_field: str
    states: frozenset[str]
    remedy: str
    via: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Locks:
    """An entity's locks with everything looked up that does not depend on a record."""

    locks: tuple[_Lock, ...]
    machines: Mapping[str, Mapping[str, frozenset[str]]]
    """State field → state → all states that can be reached from it."""
    closing: Mapping[str, frozenset[str]]
    """State field → states that are terminal or lock something."""
    owners: Mapping[str, frozenset[SystemKind]]
    references: Mapping[str, str]


def hold(
    meta: EntityMeta,
    previous: Contribution | None,
    folded: Contribution,
    golden_before: Values | None,
    *,
    decisions: Sequence[Decision] = (),
    resolve: Resolve | None = None,
    parents: Mapping[str, Values] | None = None,
) -> tuple[Contribution, tuple[Conflict, ...]]:
    """Keep out of ``folded`` what a lock on the golden record forbids; release what is no longer forbidden.

    A decision of kind ``accept`` (its ``source_id`` and ``field``) lets the held value pass. A conflict is given when a
    value is held for the first time, not again with every repetition. ``parents`` are the golden values of records that
    close this one (reference field → values: a contract line closes with its contract).
    """
    compiled = _locks_of(meta)
    if golden_before is None or not (compiled.locks or compiled.machines):
        if folded.held:
            folded = _with(folded, {**folded.values, **folded.held}, {})
        return folded, ()
    said = {**folded.values, **folded.held} if folded.held else folded.values
    told = (folded.kind, said, previous.values if previous else {}, golden_before)
    accepted = _accepted(decisions, folded.id, said) if decisions else _NONE
    barred: Barred = {}
    if compiled.machines:
        _bar_steps_back(compiled, told, accepted, barred)
    for lock in compiled.locks:
        if _is_closed(lock, compiled, told, parents, barred):
            _bar_changes(lock, compiled, told, accepted, resolve, barred)
    if not barred and not folded.held:
        return folded, ()
    held = {name: said[name] for name in barred}
    return _with(folded, _without(told, held), held), _conflicts(barred, previous, folded.id, told)


def _bar_steps_back(compiled: _Locks, told: _Told, accepted: AbstractSet[str], barred: Barred) -> None:
    """Bar a step out of a terminal or locking state that the state machine does not know."""
    kind, said, before, golden = told
    for name, machine in compiled.machines.items():
        state, step = golden.get(name), said.get(name)
        if step is None or step == state or step == before.get(name) or kind not in compiled.owners[name]:
            continue
        if state in compiled.closing[name] and step not in machine.get(str(state), _NONE) and name not in accepted:
            barred[name] = ("left_terminal_state", STATE_REMEDY)


def _is_closed(lock: _Lock, compiled: _Locks, told: _Told, parents: Mapping[str, Values] | None, barred: Barred) -> bool:
    """Locked before, and still locked after what this source now says of the state; or by the record it belongs to."""
    name = lock.state_field
    if lock.via:
        return (parents or {}).get(lock.via, {}).get(name) in lock.states
    if not lock.states:
        return True
    kind, said, _, golden = told
    if golden.get(name) not in lock.states:
        return False
    after = said.get(name) if name not in barred and kind in compiled.owners.get(name, _NONE) else None
    return after is None or after in lock.states


def _bar_changes(
    lock: _Lock, compiled: _Locks, told: _Told, accepted: AbstractSet[str], resolve: Resolve | None, barred: Barred
) -> None:
    """Bar what an owner says anew of the fields of a closed lock; one without states closes a field once it is filled."""
    kind, said, before, golden = told
    for name in lock.fields:
        if name not in said or name in barred or kind not in compiled.owners[name]:
            continue
        if not lock.states and golden.get(name) is None:
            continue
        if _differs(name, said[name], before, golden, compiled.references.get(name), resolve) and name not in accepted:
            barred[name] = ("locked", lock.remedy)


def _without(told: _Told, held: Values) -> Values:
    """What the source says, with what it said before wherever the new value is held."""
    _, said, before, _ = told
    values = dict(said)
    for name in held:
        if name in before:
            values[name] = before[name]
        else:
            del values[name]
    return values


def _conflicts(barred: Barred, previous: Contribution | None, source_id: int, told: _Told) -> tuple[Conflict, ...]:
    """A conflict for each value that is held for the first time."""
    _, said, _, golden = told
    return tuple(
        Conflict(cause, name, source_id, said[name], golden.get(name), remedy)
        for name, (cause, remedy) in barred.items()
        if previous is None or previous.held.get(name, _MISSING) != said[name]
    )


def _with(contribution: Contribution, values: Values, held: Values) -> Contribution:
    after = rescoped(contribution, contribution.kind, contribution.scope_rank)
    after.values, after.held = values, held
    return after


def _accepted(decisions: Sequence[Decision], source_id: int, said: Values) -> set[str]:
    """Fields whose value as it is said now somebody has let pass."""
    return {
        one.field
        for one in decisions
        if one.kind == "accept" and one.source_id == source_id and (one.value is None or one.value == said.get(one.field))
    }


def _differs(
    name: str, value: Any, before: Values, golden: Values, target: str | None, resolve: Resolve | None
) -> bool:
    """Whether the source says something else than it did, or, speaking for the first time, than the golden record."""
    if name in before:
        return bool(before[name] != value)
    kept = golden.get(name)
    if value is None or kept is None:
        return False
    if target is not None and isinstance(value, Mapping):
        return resolve is not None and resolve(value, target) != kept
    return bool(value != kept)


_BY_ENTITY: dict[int, tuple[EntityMeta, _Locks]] = {}


def _locks_of(meta: EntityMeta) -> _Locks:
    known = _BY_ENTITY.get(id(meta))
    if known is None:
        known = _BY_ENTITY[id(meta)] = (meta, _compile(meta))
    return known[1]


def _compile(meta: EntityMeta) -> _Locks:
    locks = tuple(
        _Lock(lock.state_field, frozenset(lock.states), lock.remedy, lock.via, tuple(f.name for f in lock.fields if lock.via or f.name != lock.state_field))
        for lock in meta.locks
    )
    machines: dict[str, Mapping[str, frozenset[str]]] = {}
    closing: dict[str, frozenset[str]] = {}
    if meta.states is not None and "state" in meta.fields and meta.family is not Family.DERIVED:
        machines["state"] = reachable(meta.states)
        locking = (state for lock in locks if lock.state_field == "state" for state in lock.states)
        closing["state"] = meta.states.terminal.union(locking)
    return _Locks(
        locks,
        machines,
        closing,
        {name: frozenset(field.owner) for name, field in meta.fields.items()},
        {field.name: entity_name(field.target) for field in meta.fields.values() if field.kind is FieldKind.REFERENCE},
    )


def reachable(machine: States) -> dict[str, frozenset[str]]:
    """For each state, all that may follow it, with steps skipped: a poll sees only the newest.

    >>> from schema.language import states
    >>> sorted(reachable(states("draft > signed > active", draft=["withdrawn"]))["draft"])
    ['active', 'signed', 'withdrawn']
    """
    result: dict[str, frozenset[str]] = {}
    for start in machine.transitions:
        seen: set[str] = set()
        waiting = list(machine.transitions[start])
        while waiting:
            state = waiting.pop()
            if state not in seen:
                seen.add(state)
                waiting.extend(machine.transitions.get(state, ()))
        result[start] = frozenset(seen)
    return result
