"""Who works on the queue: members of teams, whom a task is given to, who stands in for whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

DATA_STEWARDS, FINANCE, PMO, DELIVERY, INTEGRATION = "data_stewards", "finance_operations", "pmo", "delivery", "integration_support"
TEAMS = (DATA_STEWARDS, FINANCE, PMO, DELIVERY, INTEGRATION)
"""The teams every tenant has; a tenant's routing rules may name more."""


@dataclass(frozen=True, slots=True)
class Member:
    """One person, whatever number of keys they use. Empty regions or legal entities: all of them."""

    id: UUID
    name: str
    teams: frozenset[str] = frozenset()
    actors: frozenset[str] = frozenset()
    """As changes name them: role and name of a key."""
    regions: frozenset[str] = frozenset()
    legal_entities: frozenset[UUID] = frozenset()
    is_away: bool = False
    delegate_id: UUID | None = None
    is_active: bool = True
    email: str = ""

    def serves(self, team: str, legal_entity: UUID | None, region: str | None) -> bool:
        """Whether tasks of this team, legal entity and region are theirs to take.

        >>> Member(UUID(int=1), "Ann", frozenset({"pmo"}), regions=frozenset({"DE"})).serves("pmo", None, "FR")
        False
        """
        return (
            self.is_active
            and team in self.teams
            and (legal_entity is None or not self.legal_entities or legal_entity in self.legal_entities)
            and (region is None or not self.regions or region in self.regions)
        )


def stand_in(member: Member, members: Mapping[UUID, Member]) -> Member | None:
    """Who acts for a member: themselves unless away, else their delegate, or the delegate's while that one is away too.

    None when everybody on the way is away or has left.

    >>> ann, bob = (Member(UUID(int=n), name, is_away=n == 1, delegate_id=UUID(int=2)) for n, name in ((1, "Ann"), (2, "Bob")))
    >>> stand_in(ann, {ann.id: ann, bob.id: bob}).name
    'Bob'
    """
    seen: set[UUID] = set()
    at: Member | None = member
    while at is not None and (at.is_away or not at.is_active):
        if at.id in seen:
            return None
        seen.add(at.id)
        at = members.get(at.delegate_id) if at.delegate_id is not None else None
    return at


@dataclass(frozen=True, slots=True)
class Work:
    """A task that wants somebody: what :func:`share_out` needs of it."""

    id: int
    team: str
    legal_entity: UUID | None = None
    region: str | None = None
    barred: frozenset[UUID] = frozenset()
    """Who may not decide it."""


def share_out(work: Sequence[Work], members: Iterable[Member], load: Mapping[UUID, int]) -> dict[int, UUID]:
    """Give each task to the least loaded member who serves it and is there; ties go by name. Others stay unassigned.

    >>> ann, bob = (Member(UUID(int=n), name, frozenset({"pmo"})) for n, name in ((1, "Ann"), (2, "Bob")))
    >>> [str(one)[-1] for one in share_out([Work(7, "pmo"), Work(8, "pmo"), Work(9, "pmo")], [ann, bob], {ann.id: 1}).values()]
    ['2', '1', '2']
    """
    there = sorted((one for one in members if one.is_active and not one.is_away), key=lambda one: one.name)
    held = {one.id: load.get(one.id, 0) for one in there}
    given: dict[int, UUID] = {}
    for task in work:
        able = [one for one in there if one.id not in task.barred and one.serves(task.team, task.legal_entity, task.region)]
        if able:
            chosen = min(able, key=lambda one: (held[one.id], one.name))
            held[chosen.id] += 1
            given[task.id] = chosen.id
    return given
