"""What Autotask says of its fields: their types, and the labels of its picklists, which each customer writes as it likes.

Records hold a picklist's number, people and code maps its label; here is the way from one to the other. Numbers mean nothing
outside of one database, so none stands in any code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.autotask.config import Entity
from connectors.errors import SchemaDriftError

KEPT_S = 3600.0
"""How long what it says is taken to hold."""
AGAIN_S = 60.0
"""A number nobody knows has it asked again, but not more often than this."""


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field. ``labels``: number (as text) → label; ``numbers``: label → number, active ones first."""

    name: str
    type: str
    is_read_only: bool
    labels: Mapping[str, str]
    numbers: Mapping[str, str]


@dataclass(frozen=True)
class Fields:
    """The fields of one entity, as known since ``at`` (seconds)."""

    known: Mapping[str, FieldInfo]
    at: float

    def asked(self, entity: Entity) -> list[str]:
        """Of the fields a document names, those that this database has."""
        return [name for name in entity.fields if name == "id" or name in self.known]

    def has_label(self, name: str, value: Any) -> bool:
        info = self.known.get(name)
        return info is None or not info.labels or value is None or str(value) in info.labels

    def label(self, name: str, value: Any) -> Any:
        """What a picklist's number means; the number as text when nobody knows, anything else as it is."""
        info = self.known.get(name)
        if info is None or not info.labels or value is None:
            return value
        return info.labels.get(str(value), str(value))


def fields_of(answer: Any, at: float, entity: str, system: str) -> Fields:
    """The answer about an entity's fields. Raises SchemaDriftError when it is none."""
    listed = answer.get("fields") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        raise SchemaDriftError(f"{system} does not say which fields {entity} has", object=entity, path="fields", system=system)
    return Fields({one["name"]: _field(one) for one in listed if isinstance(one, dict) and "name" in one}, at)


def _field(said: Mapping[str, Any]) -> FieldInfo:
    values = [one for one in said.get("picklistValues") or [] if isinstance(one, dict)]
    labels = {str(one.get("value")): str(one.get("label") or "").strip() or str(one.get("value")) for one in values}
    numbers: dict[str, str] = {}
    for one in sorted(values, key=lambda one: one.get("isActive") is False):
        numbers.setdefault(labels[str(one.get("value"))], str(one.get("value")))
    is_list = bool(said.get("isPickList"))
    type = str(said.get("dataType") or "").lower()
    return FieldInfo(str(said["name"]), type, bool(said.get("isReadOnly")), labels if is_list else {}, numbers if is_list else {})
