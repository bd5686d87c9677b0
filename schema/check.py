"""What must hold of every model; a test demands that :func:`problems_of` finds nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from schema.codes import CodeSet
from schema.kinds import FieldKind
from schema.language import DERIVED, Entity, EntityMeta, Field, Lock

ENT_NUMBERS = range(1, 41)
RESERVED = frozenset({
    "id", "version", "extra", "tenant_id", "plain", "record_state", "created_at", "updated_at", "recorded_at", "lineage",
    "provenance", "sources", "history",
})  # fmt: skip
"""Names every golden record, its row or its API type has anyway."""

SUFFIXES: Mapping[FieldKind, tuple[str, ...]] = {kind: ("",) for kind in FieldKind} | {
    FieldKind.REFERENCE: ("_id",),
    FieldKind.MONEY: ("", "_currency"),
    FieldKind.PRICE: ("", "_currency", "_per"),
    FieldKind.QUANTITY: ("", "_unit", "_stated"),
}
"""Endings of the columns a field of each kind becomes."""

LONGEST_NAME = 63
"""Bytes Postgres keeps of a name."""


def problems_of(model: Sequence[type[Entity]], code_sets: Mapping[str, CodeSet]) -> list[str]:
    """Everything that is wrong with a model, one sentence each; empty when nothing is."""
    metas = {cls.meta.type_name: cls.meta for cls in model}
    found = [*_model_problems(list(metas.values()))]
    for meta in metas.values():
        for problems in (_names(meta), _codes(meta, code_sets), _targets(meta, metas), _owners(meta), _members(meta)):
            found.extend(problems)
        found.extend(_locks(meta, metas))
    found.extend(_order(model))
    return found


def _model_problems(metas: Iterable[EntityMeta]) -> Iterator[str]:
    metas = list(metas)
    names = Counter(name for meta in metas for name in {meta.name, meta.plural})
    for meta in metas:
        if meta.name == meta.plural:
            yield f"{meta.name}: singular and plural are the same word"
        if not meta.doc:
            yield f"{meta.name}: has no docstring"
    yield from (f"{name}: is used twice" for name, times in names.items() if times > 1)
    covered = {number for meta in metas for number in meta.ents}
    yield from (f"ENT-{number}: no entity declares it" for number in ENT_NUMBERS if number not in covered)


def _names(meta: EntityMeta) -> Iterator[str]:
    columns = Counter(field.name + suffix for field in meta.fields.values() for suffix in SUFFIXES[field.kind])
    yield from (f"{meta.name}.{name}: two fields make this column" for name, times in columns.items() if times > 1)
    for name in columns:
        if name in RESERVED:
            yield f"{meta.name}.{name}: the name is reserved"
        if len(f"ix_{meta.name}_version_{name}") > LONGEST_NAME:
            yield f"{meta.name}.{name}: too long for the name of an index"
    for field in meta.fields.values():
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", field.name):
            yield f"{meta.name}.{field.name}: is not snake case"
        if not field.doc:
            yield f"{meta.name}.{field.name}: has no doc"


def _codes(meta: EntityMeta, code_sets: Mapping[str, CodeSet]) -> Iterator[str]:
    for field in meta.fields.values():
        for codes in filter(None, (field.codes, *field.item_codes.values())):
            if codes not in code_sets:
                yield f"{meta.name}.{field.name}: there is no code set {codes}"
        if field.kind is FieldKind.CODE and not field.codes:
            yield f"{meta.name}.{field.name}: names no code set"
    if meta.states:
        known = code_sets.get(meta.fields["state"].codes)
        for state in meta.states.names:
            if known and not known.allows(state):
                yield f"{meta.name}: its code set has no state {state}"


def _targets(meta: EntityMeta, metas: Mapping[str, EntityMeta]) -> Iterator[str]:
    for field in meta.fields.values():
        for target in filter(None, (field.target, *field.item_targets.values())):
            if target not in metas:
                yield f"{meta.name}.{field.name}: there is no entity {target}"
        if field.kind is FieldKind.REFERENCE and not field.target:
            yield f"{meta.name}.{field.name}: refers to nothing"


def _owners(meta: EntityMeta) -> Iterator[str]:
    if not meta.origins and meta.family is not DERIVED:
        yield f"{meta.name}: has no origin"
    for field in meta.fields.values():
        if not field.owner:
            yield f"{meta.name}.{field.name}: has no owner"
        if field.required and not set(meta.origins) <= set(field.owner):
            yield f"{meta.name}.{field.name}: is required, but an origin of the entity may not speak for it"


def _members(meta: EntityMeta) -> Iterator[str]:
    """Whatever names a field names one of this entity's own, and a field is in one group at most."""

    def is_own(field: Field[Any]) -> bool:
        return meta.fields.get(field.name) is field

    said = [("key", meta.key), *(("one_of", fields) for fields in meta.one_of), *(("lock", one.fields) for one in meta.locks)]
    said += [("match", (*rule.fields, *rule.agreeing, *rule.within)) for rule in meta.match]
    said += [(f"group {name}", group.members) for name, group in meta.groups.items()]
    for where, fields in said:
        yield from (f"{meta.name}: {where} names {field!r}, which is not its own" for field in fields if not is_own(field))
    for name, group in meta.groups.items():
        yield from (f"{meta.name}.{f.name}: is in two groups" for f in group.members if f.group is not group)
        if name in meta.fields:
            yield f"{meta.name}.{name}: is a field and a group"
    for name in meta.valid or ():
        if name not in meta.fields or meta.fields[name].kind is not FieldKind.DATE:
            yield f"{meta.name}: {name} is not one of its dates"


def _locks(meta: EntityMeta, metas: Mapping[str, EntityMeta]) -> Iterator[str]:
    for lock in meta.locks:
        judged = _judged(meta, lock, metas)
        if judged is None:
            yield f"{meta.name}: a lock goes by {lock.via!r}, which is not a reference"
        elif lock.states and (judged.states is None or lock.state_field not in judged.fields):
            yield f"{meta.name}: a lock goes by {judged.name}.{lock.state_field}, which is no state"
        elif judged.states:
            strange = set(lock.states) - set(judged.states.names)
            yield from (f"{meta.name}: {judged.name} has no state {state}" for state in sorted(strange))


def _judged(meta: EntityMeta, lock: Lock, metas: Mapping[str, EntityMeta]) -> EntityMeta | None:
    """The entity whose state a lock goes by."""
    if not lock.via:
        return meta
    field = meta.fields.get(lock.via)
    return metas.get(field.target) if field else None


def _order(model: Sequence[type[Entity]]) -> Iterator[str]:
    """What a record requires stands before it: the order in which locks are taken and deliveries depend."""
    place = {cls.meta.type_name: number for number, cls in enumerate(model)}
    for cls in model:
        for field in cls.meta.required:
            if field.target and place.get(field.target, 0) >= place[cls.meta.type_name]:
                yield f"{cls.meta.name}.{field.name}: requires {field.target}, which stands later in the model"
