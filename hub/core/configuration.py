"""What a tenant has configured, as one value: systems, mappings, code maps, policy, extension fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.core.policy import Policy
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

    @property
    def ranks(self) -> dict[str, tuple[SystemKind, int]]:
        """System → kind and place, as the store attaches them to contributions."""
        return {name: (system.kind, self.rank(system)) for name, system in self.systems.items()}

    def rank(self, system: System) -> int:
        return self.policy.rank(system.name) if self.policy.systems else system.rank
