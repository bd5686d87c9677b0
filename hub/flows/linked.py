"""What linking a batch comes to: where contributions went, what was decided on the way, and what people have to decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from hub.core.matching import MatchDecision
from hub.core.records import Contribution, SourceKey
from hub.store import golden
from hub.store.statements import Connection
from hub.store.tasks import NewTask
from schema import ENTITIES

NewId = Callable[[], UUID]

OWN = frozenset({"portal", "steward", "hub"})
"""Systems whose external id is the golden id itself."""


@dataclass(slots=True)
class Linked:
    """The crosswalk after a batch. ``left`` are records a contribution was moved away from."""

    brand_new: set[UUID] = field(default_factory=set)
    left: dict[str, set[UUID]] = field(default_factory=dict)
    links: list[dict[str, Any]] = field(default_factory=list)
    doubts: list[NewTask] = field(default_factory=list)
    unseen: dict[SourceKey, Contribution] = field(default_factory=dict)
    """Records of other systems that a declared link names and nobody has told us of yet, with who named them first."""
    looked_at: set[SourceKey] = field(default_factory=set)
    """Records that others had named before they came, and that were matched nevertheless."""
    homes: dict[SourceKey, UUID] = field(default_factory=dict)
    """Records that name a golden record of ours which was merged away: that is where they belong once the merge is undone."""
    joins: dict[UUID, tuple[Contribution, UUID, MatchDecision]] = field(default_factory=dict)
    """Golden records that only wait, and the standing one which a record that came to them proves to be theirs."""


async def standing(tx: Connection, tenant_id: int, named: Iterable[tuple[str, UUID]]) -> set[UUID]:
    """Which of these golden records (entity, id) stand by themselves."""
    by_entity: dict[str, set[UUID]] = {}
    for entity, golden_id in named:
        by_entity.setdefault(entity, set()).add(golden_id)
    found: set[UUID] = set()
    for entity, ids in by_entity.items():
        found |= await golden.existing(tx, tenant_id, ENTITIES[entity], ids)
    return found


def by_link(one: Contribution) -> dict[str, Any]:
    """The decision that a declared link has put a record where it is."""
    return _link(one, "declared_link", "names it")


def by_rule(one: Contribution, decision: MatchDecision) -> dict[str, Any]:
    """The decision that a match rule has put a record where it is."""
    return _link(one, decision.rule, "agrees") | {"evidence": evidence(decision)}


def _link(one: Contribution, rule: str, why: str) -> dict[str, Any]:
    return {
        "kind": "link", "entity": one.key.entity, "golden_id": one.golden_id, "actor": "rule", "rule": rule,
        "reason": f"{name_of(one)} {why}", "of": one,
    }  # fmt: skip


def decided(linked: Linked) -> list[dict[str, Any]]:
    """The decisions by rule, as they are stored: each names its source record, which has its id by now."""
    return [{name: value for name, value in row.items() if name != "of"} | {"source_id": row["of"].id or None} for row in linked.links]


def ambiguous(one: Contribution, targets: Iterable[UUID]) -> NewTask:
    """A record whose links lead to several, or to one that a record of its own system claims already."""
    return NewTask(
        cause="ambiguous",
        subject=f"{one.key.entity} {name_of(one)}",
        reason=f"{name_of(one)} links to a record that is linked otherwise",
        remedy="Decide which record it is, then mend the link at its source.",
        entity=one.key.entity,
        system=one.key.system,
        detail={"candidates": sorted(str(target) for target in targets)},
    )


def two_records(one: Contribution, other: UUID) -> NewTask:
    """A link between two golden records that both stand: merging them is a person's decision."""
    task = _duplicate(one, other, "links to a record that already stands by itself", [["declared_link", "agrees"]])
    return replace(task, remedy="Decide whether the two are the same.", is_restated=True)


def possible_duplicate(one: Contribution, other: UUID | None, decision: MatchDecision) -> NewTask:
    """Two records that a rule would join, did not something else speak against it; or that the model finds alike."""
    why = "shares an identifier with another record, but something contradicts it"
    return _duplicate(one, other, why if decision.likeness is None else _likeness(decision.likeness), evidence(decision))


def _likeness(told: Mapping[str, Any]) -> str:
    guards = "; ".join(guard["reason"] for guard in told["guards"])
    alike = f"is likely the same as another record ({told['weight']:.1f} bits)"
    return f"{alike}, but {guards}" if guards else alike


def _duplicate(one: Contribution, other: UUID | None, why: str, found: Evidence) -> NewTask:
    return NewTask(
        cause="possible_duplicate",
        subject=f"{one.key.entity} {name_of(one)}",
        reason=f"{name_of(one)} {why}",
        remedy="Decide whether they are the same.",
        entity=one.key.entity,
        golden_id=one.golden_id,
        system=one.key.system,
        detail={"other": str(other) if other else None, "evidence": found},
    )


Evidence = list[list[str]] | Mapping[str, Any]
"""(key, finding) of what was looked up, or what the learned model saw."""


def evidence(decision: MatchDecision) -> Evidence:
    if decision.likeness is not None:
        return decision.likeness
    return [[item.key, item.finding] for item in decision.evidence]


def name_of(one: Contribution) -> str:
    return f"{one.key.system} {one.key.object} {one.key.external_id}"
