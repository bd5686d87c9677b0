"""Code maps and governed values: what systems say for ours, who said so, and how often golden records hold a value."""

from __future__ import annotations

from collections import Counter
from functools import cache

import asyncpg

from hub.store.statements import Connection, statements
from schema import ENTITIES
from schema.kinds import FieldKind

SQL = statements("codes")

PATIENCE = "3s"
"""How long values are counted while somebody looks."""


async def maps(tx: Connection, tenant_id: int) -> list[asyncpg.Record]:
    """(system, code_set, codes, ours) of every map."""
    return await SQL["maps"].fetch(tx, tenant=tenant_id)


async def entries(tx: Connection, tenant_id: int, system: str, code_set: str) -> list[asyncpg.Record]:
    """(theirs, ours, direction, is_default) of one map."""
    return await SQL["entries"].fetch(tx, tenant=tenant_id, system=system, code_set=code_set)


async def history(tx: Connection, tenant_id: int, system: str, code_set: str) -> list[asyncpg.Record]:
    """(id, actor, made_at, undone_at, undone_by, theirs, ours, before) of what people mapped."""
    return await SQL["history"].fetch(tx, tenant=tenant_id, system=system, code_set=code_set)


@cache
def fields_of(code_set: str) -> tuple[tuple[str, str], ...]:
    """(entity, field) of every field that holds a code of the set.

    >>> ("contract_line", "billing_method") in fields_of("BILLING_METHOD")
    True
    """
    return tuple(
        (meta.name, field.name) for meta in ENTITIES.values() for field in meta.fields.values()
        if field.kind is FieldKind.CODE and field.codes == code_set
    )  # fmt: skip


async def usage(tx: Connection, tenant_id: int, code_set: str) -> dict[str, Counter[str]]:
    """Value → field → golden records that hold it.

    Reads whole columns, so it stops after :data:`PATIENCE` with asyncpg's ``QueryCanceledError``; the caller's transaction ends then.
    """
    found: dict[str, Counter[str]] = {}
    await tx.execute(f"SET LOCAL statement_timeout = '{PATIENCE}'")
    for entity, name in fields_of(code_set):
        rows = await tx.fetch(f"SELECT {name} AS value, count(*) FROM golden.{entity} WHERE tenant_id = $1 AND {name} IS NOT NULL GROUP BY 1", tenant_id)
        for row in rows:
            found.setdefault(row["value"], Counter())[f"{entity}.{name}"] = row["count"]
    return found
