"""What must hold between golden records of one entity: trees without cycles, effective dates without overlap.

An edge that would close a cycle is refused by a decision of the rule ``cycle`` (an override that lasts until its source
says something else) and a task; its record is not. Two lines in force for one key are a task, never a silent choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from hub.core.records import Golden
from hub.core.strategies import canonical_json
from hub.store import decisions, tasks
from hub.store.statements import Connection
from hub.store.tables import columns_of
from hub.store.tasks import NewTask
from schema import ENTITIES
from schema.language import EntityMeta


@dataclass(frozen=True, slots=True)
class Tree:
    """Where an entity keeps a tree: the field that names the parent, and whose parent it is (``id``: its own)."""

    parent: str
    child_column: str = "id"
    kind_column: str = ""


OVERLAP_KEYS: Mapping[str, tuple[str, ...]] = {"client_relationship": ("from_client", "kind")}
"""Keys within which dates may not overlap, where they are not the business key without its date."""


def tree_of(meta: EntityMeta) -> Tree | None:
    """The tree an entity forms, if any.

    >>> from schema.project import Task
    >>> tree_of(Task.meta)
    Tree(parent='parent', child_column='id', kind_column='')
    """
    if meta.name == "client_relationship":
        return Tree("to_client", "from_client_id", "kind")
    parent = meta.fields.get("parent")
    return Tree("parent") if parent is not None and parent.target == meta.type_name else None


async def refuse_cycles(tx: Connection, tenant_id: int, meta: EntityMeta, changed: Mapping[UUID, Golden]) -> list[UUID]:
    """Refuse the newest of these edges that closes a cycle; answers the records to compute again (none: all is well)."""
    tree = tree_of(meta)
    edges = [id_ for id_, golden in changed.items() if tree is not None and golden.values.get(tree.parent) is not None]
    if tree is None or not edges:
        return []
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('tree ' || $2, $1))", tenant_id, meta.name)
    closing = [row["edge"] for row in await tx.fetch(_cycle_sql(meta.name, tree), tenant_id, edges)]
    if not closing:
        return []
    edge = max(closing)
    value = changed[edge].values[tree.parent]
    reason = f"{meta.name} {edge} with {tree.parent} {value} would close a cycle"
    row = {
        "kind": "override", "entity": meta.name, "golden_id": edge, "field": tree.parent, "value": None, "actor": "rule",
        "rule": "cycle", "reason": reason, "while_source": canonical_json(value),
    }  # fmt: skip
    await decisions.make(tx, tenant_id, [row])
    remedy = "Mend the hierarchy at its source; the edge is taken as soon as it says something else."
    task = NewTask("cycle", f"{meta.name} {edge}", reason, remedy, meta.name, edge, field=tree.parent, is_restated=True)
    await tasks.open_tasks(tx, tenant_id, [task])
    return [edge]


@cache
def _cycle_sql(entity: str, tree: Tree) -> str:
    parent = columns_of(ENTITIES[entity].fields[tree.parent])[0][0]
    kind = tree.kind_column or "NULL::text"
    same_kind = f"AND e.{tree.kind_column} = up.kind" if tree.kind_column else ""
    return f"""
        WITH RECURSIVE up AS (
            SELECT id AS edge, {tree.child_column} AS child, {parent} AS parent, {kind} AS kind, 1 AS depth
              FROM golden.{entity}
             WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND {parent} IS NOT NULL
            UNION ALL
            SELECT up.edge, up.child, e.{parent}, up.kind, up.depth + 1
              FROM up
              JOIN golden.{entity} e ON e.tenant_id = $1 AND e.{tree.child_column} = up.parent {same_kind}
             WHERE e.{parent} IS NOT NULL AND up.parent <> up.child AND up.depth < 200
        )
        SELECT DISTINCT edge FROM up WHERE parent = child"""


async def report_overlaps(tx: Connection, tenant_id: int, meta: EntityMeta, changed: Iterable[UUID]) -> None:
    """Open a task for every pair of records of one key that are in force on the same day; close those that are over."""
    if meta.valid is None:
        return
    ids = list(changed)
    found = [_overlap(meta, row["a"], row["b"]) for row in await tx.fetch(_overlap_sql(meta.name), tenant_id, ids)]
    standing = {task.subject for task in found}
    before = await tx.fetch(
        "SELECT id, subject FROM hub.task WHERE tenant_id = $1 AND state = 'open' AND cause = 'overlap' "
        "AND (golden_id = ANY ($2::uuid[]) OR detail ->> 'other' = ANY ($2::uuid[]::text[]))",
        tenant_id, ids,
    )  # fmt: skip
    over = [row["id"] for row in before if row["subject"] not in standing]
    if over:
        await tasks.resolve(tx, tenant_id, over, "no longer overlaps")
    await tasks.open_tasks(tx, tenant_id, found)


def _overlap(meta: EntityMeta, a: UUID, b: UUID) -> NewTask:
    first, second = sorted((a, b))
    reason = f"{meta.name} {first} and {second} are in force for one key on the same day"
    return NewTask(
        "overlap", f"{meta.name} {first} {second}", reason, "End one of them at its source; none is chosen silently.",
        meta.name, second, detail={"other": str(first)}, is_restated=True,
    )  # fmt: skip


@cache
def _overlap_sql(entity: str) -> str:
    meta = ENTITIES[entity]
    assert meta.valid is not None
    starts, ends = meta.valid
    names = OVERLAP_KEYS.get(entity) or tuple(field.name for field in meta.key if field.name != starts)
    columns = [columns_of(meta.fields[name])[0][0] for name in names]
    same = " AND ".join([f"b.{columns[0]} = a.{columns[0]}", *(f"b.{c} IS NOT DISTINCT FROM a.{c}" for c in columns[1:])])
    return f"""
        SELECT DISTINCT least(a.id, b.id) AS a, greatest(a.id, b.id) AS b
          FROM golden.{entity} a
          JOIN golden.{entity} b ON b.tenant_id = a.tenant_id AND b.id <> a.id AND {same}
         WHERE a.tenant_id = $1 AND a.id = ANY ($2::uuid[])
           AND a.record_state = 'active' AND b.record_state = 'active'
           AND coalesce(a.{starts}, '-infinity') <= coalesce(b.{ends}, 'infinity')
           AND coalesce(b.{starts}, '-infinity') <= coalesce(a.{ends}, 'infinity')"""
