"""What an operation is that may need a second person: data, so that it can be stored, tried, compared and run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.core.configuration import Configuration
from hub.flows.actions import By
from hub.store.statements import Connection
from schema.fields import Risk

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation did besides the versions it made, which the caller reads from the database.

    ``diff`` is approved and compared on approval; ``estimate`` is shown only; ``answer`` is what a mutation shows.
    """

    diff: Mapping[str, Any] = field(default_factory=dict)
    decision_ids: tuple[int, ...] = ()
    action_id: int | None = None
    estimate: Mapping[str, Any] = field(default_factory=dict)
    answer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked for. ``run`` raises :class:`RequestError` for what cannot be done."""

    run: Callable[[Connection, Configuration, Given, By], Awaitable[Outcome]]
    risk: Callable[[Connection, Configuration, Given], Awaitable[Risk]]
    says: str
    """A sentence over the arguments, such as ``"{entity}.{field} by hand"``."""
    only_admins: bool = False
