"""What has to be known before golden records are joined: what forbids it, how much money hangs on it, who has to agree."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from hub.core.merging import Facts, Veto, is_mergeable, risk_of_merge, vetoes
from hub.core.records import Values
from hub.errors import RequestError
from hub.store import forwards
from hub.store.statements import Connection, statements
from schema.fields import Risk
from schema.language import EntityMeta

SQL = statements("merging")
HIERARCHIES = ("legal_parent", "ultimate_parent", "branch_of", "sales_parent")
"""Kinds of relationship by which one client stands above another."""
IN_FORCE = ("signed", "active", "suspended")
MOST = 12
"""Records joined at once, survivor included."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: vetoes refuse; ``risk`` above R1 asks for a second person, ``why`` says for what."""

    vetoes: tuple[Veto, ...]
    facts: Mapping[UUID, Facts]
    risk: Risk
    why: tuple[str, ...]


async def check(tx: Connection, tenant_id: int, meta: EntityMeta, records: Mapping[UUID, Values]) -> Checked:
    """Look at records (id → golden values) somebody wants to join."""
    facts = await facts_of(tx, tenant_id, meta, list(records))
    found = vetoes(meta, records, facts) + await _judged_apart(tx, tenant_id, list(records))
    if meta.name == "client":
        found += await _ancestors(tx, tenant_id, list(records))
    risk, why = risk_of_merge(records, facts)
    return Checked(tuple(found), facts, risk, why)


async def facts_of(tx: Connection, tenant_id: int, meta: EntityMeta, ids: Sequence[UUID]) -> dict[UUID, Facts]:
    """Money, projects and contracts of clients, projects or contracts; nothing of others."""
    if meta.name not in ("client", "project", "contract"):
        return {}
    given = {} if meta.name == "project" else {"signed": list(IN_FORCE)}
    rows = await SQL[f"{meta.name}_facts"].fetch(tx, tenant=tenant_id, ids=list(ids), **given)
    return {
        row["id"]: Facts(
            _money(row["receivables"]), _money(row["unbilled"]), row["active_projects"], row["signed_contracts"], row["items"]
        )
        for row in rows
    }


def _money(stored: Mapping[str, str] | None) -> dict[str, Decimal]:
    return {currency: Decimal(amount) for currency, amount in (stored or {}).items()}


async def _judged_apart(tx: Connection, tenant_id: int, ids: Collection[UUID]) -> list[Veto]:
    return [
        Veto(
            "not_the_same", f"{row['actor']} said that they are not the same: {row['reason']}", (row["one"], row["other"]),
            f"Withdraw decision {row['decision_id']} first, if it was wrong.",
        )
        for row in await forwards.apart(tx, tenant_id, ids)
    ]  # fmt: skip


async def _ancestors(tx: Connection, tenant_id: int, ids: Sequence[UUID]) -> list[Veto]:
    rows = await SQL["ancestors"].fetch(tx, tenant=tenant_id, ids=list(ids), kinds=list(HIERARCHIES))
    remedy = "A parent and its subsidiary are two companies; end the relationship first, if it was wrong."
    return [Veto("ancestor", "one stands above the other in a hierarchy", (row["above"], row["id"]), remedy) for row in rows]


def need_mergeable(meta: EntityMeta) -> None:
    """Raises :class:`RequestError` for an entity whose records are never joined."""
    if not is_mergeable(meta):
        raise RequestError(
            "NOT_MERGEABLE", f"{meta.plural.replace('_', ' ')} are never merged", field="entity",
            remedy="Correct the records at their source.",
        )  # fmt: skip


def refuse(found: Sequence[Veto]) -> None:
    """Raises :class:`RequestError` ``VETOED`` with the first reason, and how many there are."""
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise RequestError("VETOED", f"{found[0].reason}{more}", field="losers", remedy=found[0].remedy)


async def standing(tx: Connection, tenant_id: int, survivor: UUID, losers: Sequence[UUID]) -> tuple[UUID, list[UUID]]:
    """The ids as they stand now, merged ones followed. Raises :class:`RequestError` for too few, too many, or one and the same."""
    if not 1 <= len(losers) < MOST:
        raise RequestError("BAD_INPUT", f"a merge takes 2 to {MOST} records", field="losers", remedy="Merge in several steps.")
    ends = await forwards.ends(tx, tenant_id, [survivor, *losers])
    ids = [ends.get(one, one) for one in (survivor, *losers)]
    if len(set(ids)) < len(ids):
        raise RequestError("ALREADY_ONE", "two of these records are one already", field="losers", remedy="Look them up again.")
    return ids[0], ids[1:]
