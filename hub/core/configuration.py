"""What a tenant has configured, as one value: systems, mappings, code maps, policy, extension fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from hub.core.generic import GenericValues
from hub.core.match import Model, default_model, spec_of
from hub.core.policy import Policy
from schema import ENTITIES
from schema.code_maps import CodeMaps
from schema.mapping import Mapping as SystemMapping
from schema.systems import SystemKind


@dataclass(frozen=True, slots=True)
class System:
    """A connected system as the flows see it. ``rank`` orders the systems of one kind; lower speaks first."""

    name: str
    kind: SystemKind
    rank: int = 0
    connector: str = ""
    corrects: bool = False
    is_loading: bool = False
    is_paused: bool = False
    go_live: str | None = None
    context: str = ""
    """Whose view of the records it is written; see :mod:`hub.core.contexts`."""


@dataclass(frozen=True)
class Configuration:
    """Read once per version and shared by all batches; a change of configuration makes a new one."""

    tenant_id: int
    version: int
    systems: Mapping[str, System]
    mappings: Mapping[tuple[str, str], tuple[SystemMapping, ...]]
    """(system, object) → the mappings that read it."""
    mapping_versions: Mapping[str, str]
    codes: CodeMaps
    policy: Policy
    extensions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Entity → extension field → kind."""
    named: frozenset[tuple[str, str]] = frozenset()
    """(system, object) whose records others of that system refer to by name."""
    settings: Mapping[str, object] = field(default_factory=dict)
    models: Mapping[str, Model] = field(default_factory=dict)
    """Entity → the match model in force; without one the declared prior weights judge, and only ask."""
    generic: GenericValues = field(default_factory=GenericValues)
    """Values many share: they nominate nothing and weigh nothing."""

    @property
    def ranks(self) -> dict[str, tuple[SystemKind, int]]:
        """System → kind and place, as the store attaches them to contributions."""
        return {name: (system.kind, self.rank(system)) for name, system in self.systems.items()}

    def rank(self, system: System) -> int:
        return self.policy.rank(system.name) if self.policy.systems else system.rank

    def model(self, entity: str, situation: str = "") -> Model:
        """What judges how alike two records of a compared entity are, with the tenant's thresholds for the situation.

        ``new``, ``unconfirmed`` or ``confirmed`` (a person has looked at the record); '' leaves the model's own thresholds.
        """
        model = self.models.get(entity) or _untrained(entity)
        told = self._matching(entity).get("thresholds")
        found = (told.get(situation) or told.get("any")) if situation and isinstance(told, Mapping) else None
        if not found:
            return model
        auto, review = found.get("auto", model.threshold_auto), found.get("review", model.threshold_review)
        return replace(model, threshold_auto=float(auto), threshold_review=float(review))

    def match_mode(self, entity: str) -> str:
        """``link`` (the automatic zone links), ``ask`` (it asks a steward) or ``off``; a model nobody trained only asks."""
        told = self._matching(entity).get("mode")
        return str(told) if told in MATCH_MODES else ("link" if entity in self.models else "ask")

    def _matching(self, entity: str) -> Mapping[str, Any]:
        told = self.settings.get("matching")
        found = told.get(entity) if isinstance(told, Mapping) else None
        return found if isinstance(found, Mapping) else {}


MATCH_MODES = ("link", "ask", "off")


@cache
def _untrained(entity: str) -> Model:
    spec = spec_of(ENTITIES[entity])
    assert spec is not None, f"{entity} declares nothing to compare"
    return default_model(spec)
