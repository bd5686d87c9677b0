"""References as contributed, resolved through the crosswalk: which golden record does "client 4711 of PSA" mean?

Nothing is copied: a merge re-points by computing again. A reference resolves only to a record that is born.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from hub.core.records import SourceKey, Values
from hub.store import forwards as merges
from hub.store import golden, source_records
from hub.store.statements import Connection
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta, entity_name


class References:
    """What the references of one batch resolve to. ``born`` grows while the batch makes records."""

    def __init__(self) -> None:
        self.source_ids: dict[SourceKey, int] = {}
        self.golden_ids: dict[SourceKey, UUID | None] = {}
        self.forwarded: dict[UUID, UUID] = {}
        self.born: set[UUID] = set()

    def resolve(self, value: Mapping[str, Any], target: str) -> str | None:
        """The golden id of a contributed reference, None while its record is unknown or not born."""
        direct = _own_id(value)
        found = direct if direct is not None else self.golden_ids.get(key_of(value, target))
        if found is None:
            return None
        found = self.forwarded.get(found, found)
        return str(found) if found in self.born else None


async def load(tx: Connection, tenant_id: int, contributions: Mapping[str, Iterable[Values]]) -> References:
    """Look up every reference in these values (by entity): one statement for the keys and one a target entity."""
    references = References()
    keys: set[SourceKey] = set()
    ids: dict[str, set[UUID]] = {}
    for entity, several in contributions.items():
        fields = reference_fields(ENTITIES[entity])
        if fields:
            for values in several:
                for value, target in mentioned(fields, values):
                    direct = _own_id(value)
                    if direct is not None:
                        ids.setdefault(target, set()).add(direct)
                    else:
                        keys.add(key_of(value, target))
    if not keys and not ids:
        return references
    for key, row in (await source_records.resolve(tx, tenant_id, keys)).items():
        references.source_ids[key] = row["id"]
        references.golden_ids[key] = row["golden_id"]
        if row["golden_id"] is not None:
            ids.setdefault(key.entity, set()).add(row["golden_id"])
    if ids:
        await _find_born(tx, tenant_id, ids, references)
    return references


async def _find_born(tx: Connection, tenant_id: int, ids: Mapping[str, set[UUID]], references: References) -> None:
    for entity, wanted in ids.items():
        references.born |= await golden.existing(tx, tenant_id, ENTITIES[entity], wanted)
        forwarded = await forwards(tx, tenant_id, wanted - references.born)
        references.forwarded |= forwarded
        references.born.update(forwarded.values())


async def forwards(tx: Connection, tenant_id: int, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Of these golden ids, those that were merged away, with their survivor."""
    return await merges.ends(tx, tenant_id, ids)


def key_of(value: Mapping[str, Any], target: str) -> SourceKey:
    """The key of the source record a reference names, by its id or by its name within the system."""
    if "name" in value and "id" not in value:
        return alias_key(value["system"], value["object"], value["name"], target)
    return SourceKey(value.get("system", ""), value.get("object", ""), str(value.get("id", "")), target)


def alias_key(system: str, object_: str, name: str, entity: str) -> SourceKey:
    """The crosswalk row of a name within a system.

    >>> alias_key("psa", "client", "ACME  Ltd", "client").external_id
    'acme ltd'
    """
    return SourceKey(system, f"{object_}#name", " ".join(name.casefold().split()), entity)


def _own_id(value: Mapping[str, Any]) -> UUID | None:
    if "system" in value and value["system"] != "hub":
        return None
    try:
        return UUID(str(value.get("id", "")))
    except ValueError:
        return None


ReferenceField = tuple[str, str, tuple[tuple[str, str], ...]]
"""(field, target entity or '', (item key, target entity) …)."""


@cache
def reference_fields(meta: EntityMeta) -> tuple[ReferenceField, ...]:
    """The fields of an entity that name other records: references, lists of them, and lists with them inside."""
    found: list[ReferenceField] = []
    for field in meta.fields.values():
        if field.kind is FieldKind.REFERENCE or field.target:
            found.append((field.name, entity_name(field.target), ()))
        elif field.kind is FieldKind.LISTING and field.item_targets:
            found.append((field.name, "", tuple((name, entity_name(to)) for name, to in field.item_targets.items())))
    return tuple(found)


def mentioned(fields: Iterable[ReferenceField], values: Values) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Every contributed reference in ``values`` with its target entity."""
    for name, target, inside in fields:
        value = values.get(name)
        if not value:
            continue
        for one in value if isinstance(value, list) else (value,):
            if inside:
                yield from ((one[key], to) for key, to in inside if isinstance(one, dict) and isinstance(one.get(key), dict))
            elif isinstance(one, dict):
                yield one, target


def unresolved(meta: EntityMeta, field: str, values: Values, references: References) -> Iterator[SourceKey]:
    """Keys of the records a field names that are not known yet."""
    fields = tuple(one for one in reference_fields(meta) if one[0] == field)
    for value, target in mentioned(fields, values):
        if _own_id(value) is None and references.resolve(value, target) is None:
            yield key_of(value, target)
