"""What the steps of :mod:`hub.flows.recompute` share: everything that was read about the records of one batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from hub.core.change import Cause
from hub.core.configuration import Configuration
from hub.core.records import Change, Conflict, Contribution, Decision, Golden
from hub.flows.references import References
from hub.store import golden
from schema import ENTITIES


class Fresh(NamedTuple):
    """A contribution that was folded in this transaction and is stored by :func:`recompute`."""

    previous: Contribution | None
    contribution: Contribution


@dataclass(frozen=True, slots=True)
class Reshaping:
    """A merge or a split under way: what its versions have in common.

    ``at`` is the instant of the decision; ``ops`` names the step of the records it is about (golden id → merge or split),
    with the map of ids; ``revived`` are records that come back, each as the version with which it went.
    """

    at: datetime
    ops: Mapping[UUID, str]
    id_map: list[dict[str, str]]
    revived: Mapping[UUID, golden.Stored] = field(default_factory=dict)


@dataclass(slots=True)
class Recomputed:
    """What came of it. ``unborn`` are records that wait for a required field or for an origin."""

    changes: list[Change] = field(default_factory=list)
    born: list[UUID] = field(default_factory=list)
    unborn: list[UUID] = field(default_factory=list)
    goldens: dict[UUID, Golden] = field(default_factory=dict)


@dataclass(slots=True)
class Batch:
    """What the steps share: everything that was read, by golden id."""

    config: Configuration
    causes: Mapping[str, Mapping[UUID, Cause]]
    stored: dict[UUID, golden.Stored]
    contributions: dict[UUID, list[Contribution]]
    decisions: Mapping[UUID, list[Decision]]
    refs: References
    at: datetime
    reshaping: Reshaping | None = None
    held: list[tuple[Conflict, Contribution]] = field(default_factory=list)
    done: Recomputed = field(default_factory=Recomputed)
    versions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def ordered(entities: Iterable[str]) -> list[str]:
    """Entities in MODEL order, which is the order of locks and of birth."""
    wanted = set(entities)
    return [name for name in ENTITIES if name in wanted]


def id_of(one: Contribution) -> UUID:
    """The golden id of a linked contribution."""
    assert one.golden_id is not None, f"{one.key} has no golden id"
    return one.golden_id
