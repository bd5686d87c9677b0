"""Normal forms, blocking keys and match models. Invariant: the blocking keys of a source record are those its form names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from hub.store.statements import Connection, statements

SQL = statements("likeness")


@dataclass(frozen=True, slots=True)
class Found:
    """A source record that shares blocking keys with one we look for, and the golden record it belongs to."""

    source_id: int
    golden_id: UUID
    system: str
    form: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredForm:
    source_id: int
    form: dict[str, Any]
    keys: Sequence[int]


async def near(
    tx: Connection, tenant_id: int, keys: Mapping[int, Iterable[int]], *, cap: int, limit: int
) -> dict[int, list[Found]]:
    """Per place up to ``limit`` present source records that share one of its keys; a key of more than ``cap`` holders is left out."""
    asked = [(place, key) for place, several in keys.items() for key in several]
    found: dict[int, list[Found]] = {place: [] for place in keys}
    if asked:
        rows = await SQL["candidates"].fetch(
            tx, tenant=tenant_id, places=[place for place, _ in asked], keys=[key for _, key in asked], cap=cap, limit=limit
        )
        for row in rows:
            found[row["place"]].append(_found(row))
    return found


async def of_clusters(tx: Connection, tenant_id: int, golden_ids: Iterable[UUID]) -> dict[UUID, list[Found]]:
    """Every form of these golden records."""
    found: dict[UUID, list[Found]] = {}
    for row in await SQL["cluster_forms"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids)):
        found.setdefault(row["golden_id"], []).append(_found(row))
    return found


def _found(row: asyncpg.Record) -> Found:
    return Found(row["source_id"], row["golden_id"], row["system"], row["form"])


@dataclass(frozen=True, slots=True)
class Due:
    """A source record whose form came or changed since the last re-evaluation."""

    source_id: int
    golden_id: UUID
    form: dict[str, Any]
    keys: Sequence[int]


async def due(tx: Connection, tenant_id: int, entity: str, limit: int) -> list[Due]:
    """The oldest source records of an entity that the next re-evaluation looks at."""
    rows = await SQL["due_forms"].fetch(tx, tenant=tenant_id, entity=entity, limit=limit)
    return [Due(row["source_id"], row["golden_id"], row["form"], row["keys"]) for row in rows]


async def due_count(tx: Connection, tenant_id: int) -> dict[str, int]:
    """Entity → source records that the next re-evaluation looks at."""
    return {row["entity"]: row["due"] for row in await SQL["due_count"].fetch(tx, tenant=tenant_id)}


async def entities_due(tx: Connection, every_h: float) -> list[tuple[int, str]]:
    """(tenant, entity) with a model in force, due forms, and no look at them in the last ``every_h`` hours."""
    return [(row["tenant_id"], row["entity"]) for row in await SQL["entities_due"].fetch(tx, every_h=every_h)]


async def looked_at(tx: Connection, tenant_id: int, source_ids: Sequence[int]) -> None:
    await SQL["looked_at"].run(tx, tenant=tenant_id, source_ids=list(source_ids))


async def all_due(tx: Connection, tenant_id: int, entity: str) -> None:
    """Let the next re-evaluation look at every source record of an entity."""
    await SQL["all_due"].run(tx, tenant=tenant_id, entity=entity)


async def movable(tx: Connection, tenant_id: int, source_ids: Sequence[int]) -> set[int]:
    """Of these source records, those that the model alone has put where they are."""
    return {row["source_id"] for row in await SQL["movable"].fetch(tx, tenant=tenant_id, source_ids=list(source_ids))}


async def withdraw_links(tx: Connection, tenant_id: int, source_ids: Sequence[int], actor: str) -> None:
    """Take back the model's links of these source records."""
    await SQL["withdraw_links"].run(tx, tenant=tenant_id, source_ids=list(source_ids), actor=actor)


async def asked(tx: Connection, tenant_id: int, golden_ids: Iterable[UUID]) -> set[frozenset[UUID]]:
    """Pairs of these golden records that somebody is asked about already."""
    rows = await SQL["asked"].fetch(tx, tenant=tenant_id, golden_ids=list(golden_ids))
    return {frozenset((row["one"], row["other"])) for row in rows}


async def put(tx: Connection, tenant_id: int, entity: str, normal: int, forms: Sequence[StoredForm]) -> None:
    """Store forms and exactly their blocking keys; keys that stay are not touched."""
    if not forms:
        return
    ordered = sorted(forms, key=lambda one: one.source_id)
    ids = [one.source_id for one in ordered]
    before = await SQL["keys_of"].fetch(tx, tenant=tenant_id, source_ids=ids)
    had = {(key, row["source_id"]) for row in before for key in row["keys"]}
    has = {(key, one.source_id) for one in ordered for key in one.keys}
    owned = sorted(has, key=lambda pair: (pair[1], pair[0]))
    await SQL["put_forms"].run(
        tx, tenant=tenant_id, entity=entity, normal=normal, keys=[key for key, _ in owned], owners=[owner for _, owner in owned],
        source_ids=ids, forms=[one.form for one in ordered],
    )  # fmt: skip
    await _keys(tx, tenant_id, "drop_blocking_keys", had - has)
    await _keys(tx, tenant_id, "add_blocking_keys", has - had)


async def drop(tx: Connection, tenant_id: int, source_ids: Sequence[int]) -> None:
    """Forget the forms of source records that ended."""
    if not source_ids:
        return
    before = await SQL["keys_of"].fetch(tx, tenant=tenant_id, source_ids=list(source_ids))
    await _keys(tx, tenant_id, "drop_blocking_keys", {(key, row["source_id"]) for row in before for key in row["keys"]})
    await SQL["drop_forms"].run(tx, tenant=tenant_id, source_ids=list(source_ids))


async def put_off(tx: Connection, tenant_id: int, entity: str, source_ids: Mapping[int, bool], piece: int) -> None:
    """Leave forms to be written later, ``piece`` at a time; the source records that nobody compared with others are True."""
    ids = sorted(source_ids)
    await SQL["put_off"].run(tx, tenant=tenant_id, entity=entity, source_ids=ids, unjudged=[source_ids[one] for one in ids], piece=piece)


async def put_off_first(tx: Connection, tenant_id: int) -> asyncpg.Record | None:
    """The oldest piece of forms (``id``, ``entity``, ``source_ids``, ``unjudged``) that nobody else writes, held to the transaction's end."""
    return await SQL["put_off_first"].row(tx, tenant=tenant_id)


async def put_off_done(tx: Connection, tenant_id: int, id_: int) -> None:
    await SQL["put_off_done"].run(tx, tenant=tenant_id, id=id_)


async def _keys(tx: Connection, tenant_id: int, statement: str, pairs: Iterable[tuple[int, int]]) -> None:
    ordered = sorted(pairs)
    if ordered:
        await SQL[statement].run(tx, tenant=tenant_id, keys=[key for key, _ in ordered], source_ids=[one for _, one in ordered])


async def put_model(
    tx: Connection, tenant_id: int, entity: str, document: Mapping[str, Any], report: Mapping[str, Any], actor: str
) -> int:
    """Store a trained model as the entity's next version; it judges nothing until it is put in force. Answers the version."""
    row = await SQL["put_model"].row(tx, tenant=tenant_id, entity=entity, document=document, report=report, actor=actor)
    assert row is not None
    version: int = row["version"]
    return version


async def put_in_force(tx: Connection, tenant_id: int, entity: str, version: int, actor: str) -> bool:
    """Let a version judge from now on; False when there is none. The caller bumps the configuration."""
    await retire(tx, tenant_id, entity)
    return await SQL["put_in_force"].row(tx, tenant=tenant_id, entity=entity, version=version, actor=actor) is not None


async def retire(tx: Connection, tenant_id: int, entity: str) -> None:
    """Let no trained version judge."""
    await SQL["retire"].run(tx, tenant=tenant_id, entity=entity)


async def models_in_force(tx: Connection, tenant_id: int) -> dict[str, tuple[int, Mapping[str, Any]]]:
    """Entity → (version, document) of the models that judge."""
    rows = await SQL["in_force"].fetch(tx, tenant=tenant_id)
    return {row["entity"]: (row["version"], row["document"]) for row in rows}


async def model(tx: Connection, tenant_id: int, entity: str, version: int) -> asyncpg.Record | None:
    """One version of an entity's model."""
    return await SQL["model"].row(tx, tenant=tenant_id, entity=entity, version=version)


async def models(tx: Connection, tenant_id: int, entity: str) -> list[asyncpg.Record]:
    """Every version of an entity's model, newest first."""
    return await SQL["models"].fetch(tx, tenant=tenant_id, entity=entity)


async def runs(tx: Connection, tenant_id: int, entity: str | None, limit: int) -> list[asyncpg.Record]:
    """Trainings, first loads and re-evaluations, newest first."""
    return await SQL["runs"].fetch(tx, tenant=tenant_id, entity=entity, limit=limit)


async def links_made(tx: Connection, tenant_id: int, entity: str) -> tuple[int, int]:
    """How many links the model made stand, and how many a person took back."""
    row = await SQL["links_made"].row(tx, tenant=tenant_id, entity=entity)
    assert row is not None
    return row["linked"], row["withdrawn"]


async def answers(tx: Connection, tenant_id: int, entity: str) -> list[asyncpg.Record]:
    """(bits, asked, same, apart): questions about possible duplicates by weight, in bands of two bits."""
    return await SQL["answers"].fetch(tx, tenant=tenant_id, entity=entity)


async def start_run(tx: Connection, tenant_id: int, entity: str, kind: str, version: int, actor: str) -> int:
    """Say that a training, a first load or a re-evaluation began."""
    run_id: int = await SQL["start_run"].value(tx, tenant=tenant_id, entity=entity, kind=kind, version=version, actor=actor)
    return run_id


async def end_run(tx: Connection, tenant_id: int, run_id: int, looked_at: int, outcome: Mapping[str, Any]) -> None:
    await SQL["end_run"].run(tx, tenant=tenant_id, id=run_id, looked_at=looked_at, outcome=outcome)


async def without_form(tx: Connection, tenant_id: int, entity: str, normal: int, after: int, limit: int) -> list[int]:
    """Ids of present source records whose form is missing or of an older normaliser."""
    rows = await SQL["without_form"].fetch(tx, tenant=tenant_id, entity=entity, after=after, normal=normal, limit=limit)
    return [row["id"] for row in rows]
