"""Places for values that are known only when a request comes, so that one statement serves many requests.

Filters, orders and pages are read by the same functions whether their values are at hand or not: what is not at hand is
a :class:`Slot`, and everything that would convert or check it does so when the request fills it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """A value to come. ``read`` takes it from what the request gives; it may raise what converting a value raises."""

    read: Callable[[Any], Any]

    def then(self, convert: Callable[[Any], Any]) -> Slot:
        """The same value, converted when it comes."""
        read = self.read
        return Slot(lambda given: convert(read(given)))


def waits(value: Any) -> bool:
    """Whether a value is a slot or holds one at any depth."""
    match value:
        case Slot():
            return True
        case str():
            return False
        case Mapping():
            return any(map(waits, value.values()))
        case Sequence():
            return any(map(waits, value))
    return False


def filled(value: Any, given: Any) -> Any:
    """The value with every slot in it filled."""
    match value:
        case Slot():
            return value.read(given)
        case str():
            return value
        case Mapping():
            return {name: filled(each, given) for name, each in value.items()}
        case Sequence():
            return [filled(each, given) for each in value]
    return value
