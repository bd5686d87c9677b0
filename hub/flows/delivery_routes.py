"""Routes of subscriptions: which versions of a batch go elsewhere, read along references with a statement per entity and step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from hub.core.delivery_routes import Read, is_routed
from hub.core.records import Golden, Values
from hub.store import checks
from hub.store.statements import Connection

_MOST_STEPS = 5


async def astray(
    connection: Connection, tenant_id: int, route: Mapping[str, Sequence[str]], goldens: Mapping[tuple[UUID, int], Golden]
) -> frozenset[tuple[UUID, int]]:
    """The versions of these that the route sends elsewhere; costs nothing without a route."""
    if not route:
        return frozenset()
    read: dict[tuple[str, str], Values] = {}
    for _ in range(_MOST_STEPS):
        missing = {one for golden in goldens.values() for one in is_routed(route, golden.entity, golden.values, _known(read))[1]}
        if not missing:
            break
        by_entity: dict[str, set[UUID]] = {}
        for entity, id_ in missing:
            by_entity.setdefault(entity, set()).add(UUID(id_))
        for entity, ids in by_entity.items():
            found = await checks.values(connection, tenant_id, entity, ids)
            read.update({(entity, str(id_)): found.get(id_, {}) for id_ in ids})
    return frozenset(key for key, golden in goldens.items() if not is_routed(route, golden.entity, golden.values, _known(read))[0])


def _known(read: Mapping[tuple[str, str], Values]) -> Read:
    return lambda entity, id_: read.get((entity, id_))
