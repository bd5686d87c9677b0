"""Keep the normal forms and blocking keys of source records beside them, so that the next record finds them.

Forms follow contributions, never golden records: whoever computes golden records again (:mod:`hub.flows.recompute`) hands over
what was folded, and only what changed a compared field is written; of a load some seconds later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache

from hub.core import match
from hub.core.configuration import Configuration
from hub.core.records import Contribution, SourceKey
from hub.core.resolution import Resolve
from hub.flows import references
from hub.flows.batch import Batch, Fresh, id_of
from hub.store import likeness, source_records
from hub.store.likeness import StoredForm
from hub.store.statements import Connection
from schema import ENTITIES
from schema.comparing import MatchKind

PAGE = 1000
MOST_AT_ONCE = 50
"""A batch that changes more forms of an entity is a load, and its forms are written after it (:mod:`hub.flows.forms_later`), so many at a
time: with it they take three quarters of its time. Where a trained model judges, records that are new have theirs at once, or those behind
them would not find them; while nobody has trained one, it could only ask, and does so later too.
"""
Formed = tuple[match.Form, tuple[int, ...]]
"""A normal form and its blocking keys."""
NONE_KNOWN: Mapping[SourceKey, Formed] = {}
NEVER_MATCHED = frozenset({"pseudo", "placeholder"})
"""Kinds of client and resource that stand for nobody in particular."""


def is_compared(one: Contribution) -> bool:
    """Whether a contribution takes part in matching: it is there, and stands for one real thing."""
    return one.state == "present" and one.values.get("kind") not in NEVER_MATCHED


async def save(tx: Connection, batch: Batch, fresh: Iterable[Fresh]) -> None:
    """Store the forms of contributions that were folded just now, and of those whose reference means another record by now.

    Contributions that say the same as before cost nothing.
    """
    put: dict[str, dict[int, Contribution]] = {}
    came: set[int] = set()
    opened: set[int] = set()
    ended: list[int] = []
    for before, now in fresh:
        spec = match.spec_of(ENTITIES[now.key.entity])
        if spec is None:
            continue
        if not is_compared(now):
            if before is not None and is_compared(before):
                ended.append(now.id)
        elif before is None or not is_compared(before) or any(before.values.get(name) != now.values.get(name) for name in spec.fields):
            put.setdefault(now.key.entity, {})[now.id] = now
            if before is None:
                came.add(now.id)
                if id_of(now) not in batch.stored and batch.contributions[id_of(now)][0] is now:
                    opened.add(now.id)
    for change in batch.done.changes:
        if any(name in change.after or name in change.before for name in _references(change.entity)):
            several = put.setdefault(change.entity, {})
            several |= {one.id: one for one in batch.contributions.get(change.golden_id, ()) if is_compared(one)}
    await likeness.drop(tx, batch.config.tenant_id, ended)
    for entity, some in put.items():
        later = _later(batch.config, entity, some, came)
        if later:
            unjudged = opened if is_load(batch.config, entity, len(some)) and batch.config.match_mode(entity) != "off" else set()
            await likeness.put_off(tx, batch.config.tenant_id, entity, {one: one in unjudged for one in later}, MOST_AT_ONCE)
        await write(tx, batch.config, entity, [one for one in some.values() if one.id not in later], batch.refs.resolve)


def is_load(config: Configuration, entity: str, count: int) -> bool:
    """Whether so many records of one batch are compared later, and not with it."""
    return count > MOST_AT_ONCE and not config.model(entity).version


def _later(config: Configuration, entity: str, some: Mapping[int, Contribution], came: AbstractSet[int]) -> AbstractSet[int]:
    """Of these source records those whose form waits: of a load all, but where a trained model judges what comes, what came needs its own."""
    if len(some) <= MOST_AT_ONCE:
        return frozenset()
    return some.keys() - came if config.model(entity).version else some.keys()


@cache
def _references(entity: str) -> tuple[str, ...]:
    """Compared fields that name another golden record."""
    spec = match.spec_of(ENTITIES[entity])
    if spec is None:
        return ()
    return tuple(one.field for feature in spec.features for one in feature.inputs if one.kind is MatchKind.REFERENCE)


async def write(
    tx: Connection, config: Configuration, entity: str, several: Sequence[Contribution], resolve: Resolve, known: Mapping[SourceKey, Formed] = NONE_KNOWN
) -> None:
    """Store the forms and keys of these contributions of one entity; ``known`` are made already."""
    forms = []
    for one in several:
        form, keys = known.get(one.key) or formed(config, entity, one, resolve)
        forms.append(StoredForm(one.id, form, keys))
    await likeness.put(tx, config.tenant_id, entity, match.NORMAL_VERSION, forms)


def formed(config: Configuration, entity: str, one: Contribution, resolve: Resolve) -> Formed:
    """What a contribution is compared by, and found by. Generic values are no evidence."""
    model = config.model(entity)
    form = match.normal_form(model.spec, config.generic.without(entity, one.values), resolve, one.key.system)
    return form, match.blocking_keys(model.spec, form, model.frequencies)


async def renew(tx: Connection, config: Configuration, source_ids: Sequence[int]) -> int:
    """Compute forms again: after a new normaliser, a new model's rare tokens, or a merge of what they refer to."""
    several = [one for one in await source_records.by_ids(tx, config.tenant_id, source_ids, config.ranks) if is_compared(one)]
    by_entity: dict[str, list[Contribution]] = {}
    for one in several:
        if match.spec_of(ENTITIES[one.key.entity]) is not None:
            by_entity.setdefault(one.key.entity, []).append(one)
    for entity, contributions in by_entity.items():
        refs = await references.load(tx, config.tenant_id, {entity: [one.values for one in contributions]})
        await write(tx, config, entity, contributions, refs.resolve)
    return len(several)
