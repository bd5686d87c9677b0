"""Which golden record does each folded contribution belong to? Declared links first, then exact rules, else its own.

Every contribution gets a golden id at once; a record without an origin waits under that id, can be found there by its
match keys, and is born when an origin joins it.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from hub.core.configuration import Configuration
from hub.core.reading import hub_id
from hub.core.records import Contribution
from hub.flows import declared_links, match_rules, named_before, references
from hub.flows.batch import Fresh, ordered
from hub.flows.linked import OWN, Linked, NewId
from hub.store import golden
from hub.store.statements import Connection
from schema import ENTITIES


async def link(tx: Connection, config: Configuration, fresh: Sequence[Fresh], new_id: NewId) -> Linked:
    """Give each contribution its golden id; ``fresh`` changes in place."""
    linked = Linked()
    await _take_own(tx, config.tenant_id, fresh, linked)
    waiting = [one.contribution for one in fresh if one.contribution.links]
    waiting = await declared_links.follow(tx, config.tenant_id, waiting, fresh, linked)
    await _match_unknown(tx, config, fresh, waiting, linked, new_id)
    while waiting:
        again = await declared_links.follow(tx, config.tenant_id, waiting, fresh, linked)
        if len(again) == len(waiting):
            again = again[1:]  # they name each other in a circle: one has to come first
        await _match_unknown(tx, config, fresh, again, linked, new_id)
        waiting = again
    await named_before.join(tx, config.tenant_id, fresh, linked)
    await named_before.claim(tx, config.tenant_id, linked)
    return linked


async def _take_own(tx: Connection, tenant_id: int, fresh: Sequence[Fresh], linked: Linked) -> None:
    """What a portal, a steward or a process contributes names its golden record by id; a merged one is followed."""
    mine: dict[str, dict[UUID, Contribution]] = {}
    for one in fresh:
        key = one.contribution.key
        if key.system in OWN and one.contribution.golden_id is None and (own := hub_id(key._replace(system="hub"))):
            mine.setdefault(key.entity, {})[own] = one.contribution
    for entity, some in mine.items():
        there = await golden.existing(tx, tenant_id, ENTITIES[entity], some)
        forwarded = await references.forwards(tx, tenant_id, some.keys() - there)
        for own, contribution in some.items():
            contribution.golden_id = forwarded.get(own, own)
            if own not in there and own not in forwarded:
                linked.brand_new.add(own)


async def _match_unknown(
    tx: Connection, config: Configuration, fresh: Sequence[Fresh], waiting: Sequence[Contribution], linked: Linked, new_id: NewId
) -> None:
    """Match whoever has no golden id yet, but for those that wait for a record of this batch which they name; and whoever
    came to a golden record that only waits: it was put there by its name alone.
    """
    later = {one.key for one in waiting}
    named = await named_before.unproven(tx, config.tenant_id, fresh, linked)
    by_entity: dict[str, list[Contribution]] = {}
    for one in fresh:
        if (one.contribution.golden_id is None or one.contribution.key in named) and one.contribution.key not in later:
            by_entity.setdefault(one.contribution.key.entity, []).append(one.contribution)
    for entity in ordered(by_entity):
        await match_rules.match(tx, config, entity, by_entity[entity], linked, new_id)
