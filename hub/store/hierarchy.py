"""How clients belong together, read on a day: one step up or down, the way to the top, all below, and what hangs on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

import asyncpg

from hub.store.statements import Connection, statements

SQL = statements("hierarchy")
MOST = 20_000
"""Clients of one tree that are added up."""


@dataclass(frozen=True, slots=True)
class Stakes:
    """What hangs on clients. Amounts by currency, never added over currencies."""

    receivables: Mapping[str, Decimal] = field(default_factory=dict)
    unbilled: Mapping[str, Decimal] = field(default_factory=dict)
    projects: int = 0
    contracts: int = 0

    def __add__(self, other: Stakes) -> Stakes:
        return Stakes(
            _sum(self.receivables, other.receivables), _sum(self.unbilled, other.unbilled), self.projects + other.projects,
            self.contracts + other.contracts,
        )  # fmt: skip

    @property
    def is_money_attached(self) -> bool:
        return bool(self.receivables or self.unbilled or self.contracts)


def _sum(one: Mapping[str, Decimal], other: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {currency: one.get(currency, Decimal(0)) + other.get(currency, Decimal(0)) for currency in sorted({*one, *other})}


def amounts(sums: Mapping[str, Decimal]) -> list[dict[str, str]]:
    """Sums as amounts with their currency.

    >>> amounts({"EUR": Decimal("12.50")})
    [{'amount': '12.50', 'currency': 'EUR'}]
    """
    return [{"amount": format(amount, "f"), "currency": currency} for currency, amount in sorted(sums.items())]


async def up(tx: Connection, tenant_id: int, ids: Sequence[UUID], kind: str | None, day: date) -> list[asyncpg.Record]:
    """Edges that lead up from these clients: id, child, parent, kind, share, valid_from, valid_to, name of the parent."""
    return await SQL["edges_up"].fetch(tx, tenant=tenant_id, ids=list(ids), kind=kind, day=day)


async def children(
    tx: Connection, tenant_id: int, parents: Sequence[UUID], kind: str, day: date, most: int, after: UUID | None = None
) -> dict[UUID, list[asyncpg.Record]]:
    """Who is right below each client, by name; one more than ``most`` where there are more. ``after``: the last one seen."""
    found: dict[UUID, list[asyncpg.Record]] = {one: [] for one in parents}
    for row in await SQL["children"].fetch(tx, tenant=tenant_id, ids=list(parents), kind=kind, day=day, most=most + 1, after=after):
        found[row["parent"]].append(row)
    return found


async def ways_up(tx: Connection, tenant_id: int, clients: Sequence[UUID], kind: str, day: date) -> dict[UUID, list[asyncpg.Record]]:
    """Of each: the client itself, its parent, and so on to the top, with id, depth and name."""
    found: dict[UUID, list[asyncpg.Record]] = {one: [] for one in clients}
    for row in await SQL["ways_up"].fetch(tx, tenant=tenant_id, ids=list(clients), kind=kind, day=day):
        found[row["asked"]].append(row)
    return found


async def below(tx: Connection, tenant_id: int, clients: Sequence[UUID], kind: str, day: date) -> dict[UUID, dict[UUID, int]]:
    """Each client and all below it, with their depth; at most :data:`MOST` together, and one more when there are more."""
    found: dict[UUID, dict[UUID, int]] = {one: {} for one in clients}
    for row in await SQL["below"].fetch(tx, tenant=tenant_id, ids=list(clients), kind=kind, day=day, most=MOST):
        found[row["root"]][row["id"]] = row["depth"]
    return found


async def kinds(tx: Connection, tenant_id: int, clients: Sequence[UUID], day: date) -> dict[UUID, list[asyncpg.Record]]:
    """The trees each client stands in: kind, children, has_parent."""
    found: dict[UUID, list[asyncpg.Record]] = {one: [] for one in clients}
    for row in await SQL["kinds"].fetch(tx, tenant=tenant_id, ids=list(clients), day=day):
        found[row["client_id"]].append(row)
    return found


async def stakes(tx: Connection, tenant_id: int, ids: Iterable[UUID]) -> dict[UUID, Stakes]:
    """What hangs on each of these clients; a client without anything has empty ones."""
    wanted = sorted(set(ids))
    found = dict.fromkeys(wanted, Stakes())
    for row in await SQL["stakes"].fetch(tx, tenant=tenant_id, ids=wanted) if wanted else ():
        found[row["client_id"]] += _stakes_of(row)
    return found


def _stakes_of(row: asyncpg.Record) -> Stakes:
    match row["measure"]:
        case "receivable":
            return Stakes(receivables={row["currency"] or "": row["amount"]})
        case "unbilled":
            return Stakes(unbilled={row["currency"] or "": row["amount"]})
        case "project":
            return Stakes(projects=row["count"])
    return Stakes(contracts=row["count"])
