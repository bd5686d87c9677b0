"""Records side by side: what each says of every field, where it comes from, how old it is and what hangs on it. One read for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from hub.core.configuration import Configuration
from hub.core.strategies import canonical_json
from hub.errors import RequestError
from hub.flows.references import forwards
from hub.store import golden, hierarchy, labels, source_records, where
from hub.store.hierarchy import Stakes
from hub.store.statements import Connection
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta, entity_name

LEAST, MOST = 2, 12


@dataclass(frozen=True, slots=True)
class Source:
    """One system's record of a column."""

    system: str
    kind: str
    object: str
    external_id: str
    role: str
    deep_link: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """One golden record. ``stakes`` is None for what is no client."""

    golden_id: UUID
    label: str
    version: int
    record_state: str
    created_at: datetime
    updated_at: datetime
    sources: tuple[Source, ...]
    stakes: Stakes | None
    is_protected: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One field over all columns; ``labels`` name the records references lead to."""

    name: str
    group: str
    doc: str
    values: tuple[Any, ...]
    labels: tuple[str, ...]
    differs: bool
    is_masked: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    entity: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    forwarded: Mapping[UUID, UUID]
    """Records that were asked for and are merged away → their survivors, which stand here instead."""


async def compare(tx: Connection, config: Configuration, entity: str, ids: Sequence[UUID], masked: frozenset[str] = frozenset()) -> Comparison:
    """Two to twelve records of one entity; merged ones stand as their survivors. Raises NOT_FOUND and BAD_NUMBER."""
    meta = ENTITIES[entity]
    forwarded = await _survivors(tx, config, ids)
    wanted = list(dict.fromkeys(forwarded.get(one, one) for one in ids))
    if len(wanted) > MOST:
        raise RequestError("BAD_NUMBER", f"at most {MOST} records stand side by side", field="ids", remedy="Compare fewer of them.")
    found = await golden.read(tx, config.tenant_id, meta, wanted)
    if missing := [one for one in wanted if one not in found]:
        raise RequestError("NOT_FOUND", f"there is no {entity.replace('_', ' ')} {missing[0]}", field="ids", remedy="Search for it.")
    sources = await source_records.siblings(tx, config.tenant_id, wanted, (), config.ranks)
    links = await where.deep_links(tx, config.tenant_id)
    stakes = await hierarchy.stakes(tx, config.tenant_id, wanted) if entity == "client" else {}
    records = [found[one] for one in wanted]
    named = await labels.read(tx, config.tenant_id, {(entity, one) for one in wanted} | _referred(meta, [one.golden.values for one in records]))
    columns = [
        Column(
            one.golden.id, named.get(one.golden.id, ""), one.golden.version, one.golden.record_state, one.created_at, one.updated_at,
            tuple(
                Source(
                    each.key.system, each.kind.value, each.key.object, each.key.external_id, each.role,
                    _link(links, each.key.system, each.key.object, each.key.external_id),
                )
                for each in sources
                if each.golden_id == one.golden.id and each.state == "present"
            ),
            stakes.get(one.golden.id), bool(one.golden.values.get("protected")),
        )
        for one in records
    ]  # fmt: skip
    rows = _rows(meta, [one.golden.values for one in records], named, masked)
    return Comparison(entity, tuple(columns), tuple(rows), {one: to for one, to in forwarded.items() if one in ids})


async def _survivors(tx: Connection, config: Configuration, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Asked id → where it went, over at most a few merges."""
    found: dict[UUID, UUID] = {}
    at = {one: one for one in ids}
    for _ in range(10):
        step = await forwards(tx, config.tenant_id, set(at.values()))
        if not step:
            break
        at = {asked: step.get(place, place) for asked, place in at.items()}
    found.update({asked: place for asked, place in at.items() if asked != place})
    return found


def _link(links: Mapping[str, Mapping[str, str]], system: str, object: str, external_id: str) -> str | None:
    template = links.get(system, {}).get(object)
    return template.replace("{id}", quote(external_id, safe="")) if template else None


def _referred(meta: EntityMeta, several: Sequence[Mapping[str, Any]]) -> set[tuple[str, UUID]]:
    return {(entity_name(one.target), UUID(values[one.name])) for values in several for one in meta.references if values.get(one.name)}


def _rows(meta: EntityMeta, several: Sequence[Mapping[str, Any]], named: Mapping[UUID, str], masked: frozenset[str]) -> list[Row]:
    """A row for each field any of them fills; those that differ can be told at a glance, since empty against filled does not count."""
    found: list[Row] = []
    for name, one in meta.fields.items():
        values = [values.get(name) for values in several]
        if all(value is None for value in values):
            continue
        hidden = name in masked
        is_reference = one.kind is FieldKind.REFERENCE
        told = {canonical_json(_folded(value)) for value in values if value is not None}
        found.append(
            Row(
                name, one.group.name if one.group is not None else "", one.doc, tuple(None if hidden else value for value in values),
                tuple(named.get(UUID(value), "") if is_reference and value and not hidden else "" for value in values), len(told) > 1, hidden,
            )
        )
    return found


def _folded(value: Any) -> Any:
    """Capitals make no difference a person needs to see."""
    return value.casefold() if isinstance(value, str) else value
