"""Closed field groups: what a lock keeps out of a contribution until somebody decides.

A time entry is locked from ``approved`` on. PSA then says 8 hours instead of 7.5: the 8 go to ``held``, the offer stays
7.5, and a conflict asks for a reversal. Has PSA recalled the entry in the same message, nothing is held. Invariant: what a
source says is always ``values`` overlaid with ``held``; nothing said is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.core.fold import rescoped
from hub.core.records import Conflict, Contribution, Decision, Values
from schema.kinds import FieldKind
from schema.language import EntityMeta, Family, States
from schema.systems import SystemKind

Resolve = Callable[[Mapping[str, Any], str], str | None]
"""(contributed reference, entity name) → golden id, or None while unknown."""

_MISSING: Any = object()
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
    before = previous.values if previous else {}
    held: Values = {}
    conflicts: list[Conflict] = []

    def keep_out(name: str, cause: str, remedy: str) -> None:
        value = said[name]
        if any(_accepts(decision, folded, name, value) for decision in decisions):
            return
        held[name] = value
        if previous is None or previous.held.get(name, _MISSING) != value:
            conflicts.append(Conflict(cause, name, folded.id, value, golden_before.get(name), remedy))

    state_owner = compiled.owners
    for name, machine in compiled.machines.items():
        state, step = golden_before.get(name), said.get(name)
        if step is None or step == state or step == before.get(name) or folded.kind not in state_owner[name]:
            continue
        if state in compiled.closing[name] and step not in machine.get(str(state), frozenset()):
            keep_out(name, "left_terminal_state", STATE_REMEDY)

    for lock in compiled.locks:
        if lock.via:
            if (parents or {}).get(lock.via, {}).get(lock.state_field) not in lock.states:
                continue
        elif lock.states and not _is_closed(lock, compiled, golden_before, said, folded.kind, held):
            continue
        for name in lock.fields:
            if name not in said or name in held or folded.kind not in state_owner[name]:
                continue
            is_closed = bool(lock.states) or golden_before.get(name) is not None
            if is_closed and _differs(name, said[name], before, golden_before, compiled.references.get(name), resolve):
                keep_out(name, "locked", lock.remedy)

    if not held and not folded.held:
        return folded, ()
    values = dict(said)
    for name in held:
        if name in before:
            values[name] = before[name]
        else:
            del values[name]
    return _with(folded, values, held), tuple(conflicts)


def _with(contribution: Contribution, values: Values, held: Values) -> Contribution:
    after = rescoped(contribution, contribution.kind, contribution.scope_rank)
    after.values, after.held = values, held
    return after


def _accepts(decision: Decision, contribution: Contribution, field: str, value: Any) -> bool:
    return (
        decision.kind == "accept"
        and decision.field == field
        and decision.source_id == contribution.id
        and (decision.value is None or decision.value == value)
    )


def _is_closed(
    lock: _Lock, compiled: _Locks, golden: Values, said: Values, kind: SystemKind, held: Values
) -> bool:
    """Locked before, and still locked after what this source now says of the state."""
    if golden.get(lock.state_field) not in lock.states:
        return False
    name = lock.state_field
    entitled = compiled.owners.get(name, frozenset())
    after = said.get(name) if kind in entitled and name not in held else None
    return after is None or after in lock.states


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


def entity_name(type_name: str) -> str:
    """The table name of a class name.

    >>> entity_name("TimeEntry")
    'time_entry'
    """
    return "".join(f"_{char.lower()}" if char.isupper() and at else char.lower() for at, char in enumerate(type_name))
