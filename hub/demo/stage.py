"""What every scene of the story works with: the hub, the three systems, the narrator, and what came of earlier scenes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.demo.graphql import Hub
from hub.demo.narrator import Narrator, StoryError
from hub.demo.systems import System

TENANT = "northbeam"


@dataclass
class Stage:
    """``hub`` speaks with the admin's key, ``steward`` with a steward's. ``began`` is the monotonic second in which the command was given."""

    hub: Hub
    steward: Hub
    crm: System
    psa: System
    erp: System
    tell: Narrator
    began: float
    facts: dict[str, Any] = field(default_factory=dict)
    """What goes into the summary, by name."""
    links: dict[str, str] = field(default_factory=dict)
    """Ids that later scenes need, by name."""

    def system(self, name: str) -> System:
        systems: Mapping[str, System] = {"crm": self.crm, "psa": self.psa, "erp": self.erp}
        return systems[name]


def expect(is_so: bool, otherwise: str) -> None:
    """The story's own assertion. Raises :class:`StoryError` with a sentence."""
    if not is_so:
        raise StoryError(otherwise)
