"""The kinds of record of the simulated account: their fields, what may be asked of them, what came along, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

EURO: Mapping[str, Any] = {"currency": "EUR", "currency_symbol": "€", "currency_base_unit": 100}
STATUSES = {100: ("grey", "Not Started"), 300: ("green", "In Progress"), 400: ("yellow", "At Risk"), 500: ("grey", "On Hold"), 600: ("grey", "Completed")}
"""The firm's statuses of a project, by key."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One collection, as ``kinds.yaml`` says it; there is told what each part means."""

    name: str
    wrap: str
    subject: str
    template: Mapping[str, Any]
    required: Mapping[str, str]
    takes: tuple[str, ...]
    refers: Mapping[str, str]
    many: Mapping[str, str]
    with_include: tuple[str, ...]
    optional: tuple[str, ...]
    filters: Mapping[str, str]
    hides: Mapping[str, str]
    orders: tuple[str, ...]
    default_order: str
    has_changes: bool
    has_stamps: bool

    @property
    def event(self) -> str:
        """What the feed calls it."""
        return self.name.removesuffix("ies") + "y" if self.name.endswith("ies") else self.name.removesuffix("s")


def _kind(name: str, told: Mapping[str, Any]) -> Kind:
    return Kind(
        name=name, wrap=told.get("wrap", ""), subject=told.get("subject", ""),
        template={**dict.fromkeys(told["fields"]), **told.get("stated", {}), **(EURO if told.get("money") else {})},
        required=told.get("required", {}), takes=tuple(told.get("takes", ())), refers=told.get("refers", {}), many=told.get("many", {}),
        with_include=tuple(told.get("with_include", ())), optional=tuple(told.get("optional", ())), filters=told.get("filters", {}),
        hides=told.get("hides", {}), orders=tuple(told.get("orders", ("created_at", "updated_at"))),
        default_order=told.get("default_order", "updated_at:desc"), has_changes=told.get("has_changes", True), has_stamps=told.get("has_stamps", True),
    )  # fmt: skip


KINDS: Mapping[str, Kind] = {
    name: _kind(name, told) for name, told in yaml.safe_load((files(__package__) / "kinds.yaml").read_text(encoding="utf-8")).items()
}
EVENTFUL = {one.name: one.subject for one in KINDS.values() if one.subject} | {"organizations": "Organization"}
"""What the feed tells of, and what it calls it."""
SUBJECTS = {one.subject: one.name for one in KINDS.values() if one.subject}
