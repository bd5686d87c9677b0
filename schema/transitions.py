"""The step from one golden version to the next, and the questions a business event asks of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schema.language import EntityMeta

Values = Mapping[str, Any]
NOTHING: Values = {}


@dataclass(frozen=True, slots=True)
class Step:
    """One version step with the whole values before and after it.

    ``related`` holds what the caller looked up: golden values of another record under its entity's name (``project``),
    or a figure under its own.
    """

    meta: EntityMeta
    golden_id: str
    op: str
    before: Values
    after: Values
    related: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_created(self) -> bool:
        return self.op == "create"

    def changed(self, *names: str) -> bool:
        """Whether one of these fields (without names: any field) differs between the versions."""
        return any(self.before.get(name) != self.after.get(name) for name in names or self.meta.fields)


When = Callable[[Step], bool]


def created(step: Step) -> bool:
    """The golden record was made."""
    return step.is_created


def amended(step: Step) -> bool:
    """An existing golden record's values changed."""
    return step.op == "update" and step.changed()


def of_op(op: str) -> When:
    """The change is this kind of step."""
    return lambda step: step.op == op


def enters(state: str) -> When:
    """The record enters this state, or passes it: a poll sees only the newest."""

    def when(step: Step) -> bool:
        machine, before, after = step.meta.states, step.before.get("state"), step.after.get("state")
        return machine is not None and machine.enters(state, before, after)

    return when


def leaves(state: str) -> When:
    """The record was in this state and is no longer."""
    return lambda step: step.before.get("state") == state and step.after.get("state") != state


def begins(holds: Callable[[Values], bool]) -> When:
    """Something holds of the new values that did not hold of the old ones."""
    return lambda step: holds(step.after) and not holds(step.before)


def changes(*names: str) -> When:
    """One of the fields changed on a record that existed."""
    return lambda step: not step.is_created and step.changed(*names)


def changes_state(step: Step) -> bool:
    """The state changed, or the record was first seen beyond the state it starts in."""
    machine, state = step.meta.states, step.after.get("state")
    if step.is_created:
        return machine is not None and state is not None and state != machine.initial
    return step.changed("state")


def rises(name: str) -> When:
    """The number grew on a record that existed."""
    return lambda step: not step.is_created and (step.after.get(name) or 0) > (step.before.get(name) or 0)


def either(*conditions: When) -> When:
    return lambda step: any(condition(step) for condition in conditions)


def both(*conditions: When) -> When:
    return lambda step: all(condition(step) for condition in conditions)


def found(name: str) -> When:
    """The caller found this related record."""
    return lambda step: bool(step.related.get(name))


def of_related(name: str, key: str, *values: str) -> When:
    """The related record's field holds one of these values."""
    return lambda step: (step.related.get(name) or NOTHING).get(key) in values


def unless_known(name: str, condition: When) -> When:
    """True when the caller knows no such related record, else the condition."""
    return lambda step: not step.related.get(name) or condition(step)
