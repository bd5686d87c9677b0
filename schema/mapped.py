"""What a mapping gives: the parts a record contributes, and what could not be read or written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schema.code_maps import RawCode

Values = dict[str, Any]


@dataclass(slots=True)
class MappedPart:
    """What one vendor record contributes to one entity; ``part`` is the stable business part, usually ``""``."""

    entity: str
    part: str
    values: Values
    links: tuple[Link, ...] = ()
    raw: dict[str, RawCode] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class Link(NamedTuple):
    """Another system's record, or ours (system ``hub``, object ``""``), that this one says it is."""

    system: str
    object: str
    external_id: str


class Problem(NamedTuple):
    """What could not be read or written. Unless ``fatal`` the rest of the part is applied without this field."""

    path: str
    cause: str
    """type, identity, code, unwritable."""
    reason: str
    fatal: bool
    field: str = ""


class UnwritableError(ValueError):
    """Canonical values that this system cannot be told; ``problems`` says which and why. The delivery becomes a task."""

    def __init__(self, system: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"{system} cannot be told " + "; ".join(f"{one.path}: {one.reason}" for one in problems))
        self.system, self.problems = system, tuple(problems)
