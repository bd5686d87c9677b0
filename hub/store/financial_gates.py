"""Reads of financial gates: the records beside one that cannot be reached along its references. Statements follow from the model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from uuid import UUID

from hub.core.records import Values
from hub.store.checks import shown
from hub.store.statements import Connection
from hub.store.tables import golden_columns
from schema import ENTITIES

USED_STATES = "('ready', 'drafted', 'invoiced', 'credited')"
"""Items that draw on a limit or an order."""
MOST = 200


@cache
def _columns(entity: str) -> str:
    return ", ".join(f'g."{name}"' for name, _ in golden_columns(ENTITIES[entity]))


async def _rows(tx: Connection, tenant_id: int, entity: str, where: str, *given: object, beside: str = "", joined: str = "") -> list[Values]:
    """Active records of an entity; ``beside`` are further columns, shown under ``$name``."""
    sql = (
        f"SELECT {_columns(entity)}{beside} FROM golden.{entity} g {joined} "
        f"WHERE g.tenant_id = $1 AND g.record_state = 'active' AND {where} ORDER BY g.id LIMIT {MOST}"
    )
    names = [part.rpartition(" AS ")[2].strip() for part in beside.split(" AS ")[1:]] if beside else []
    names = [name.split(",")[0].strip() for name in names]
    return [{**shown(entity, row), **{f"${name}": row[name] for name in names}} for row in await tx.fetch(sql, tenant_id, *given)]


async def periods(tx: Connection, tenant_id: int, legal_entity: UUID, first: dt.date, last: dt.date) -> list[Values]:
    """The periods of a legal entity that hold one of two days."""
    where = "g.legal_entity_id = $2 AND ((g.starts_on <= $3 AND g.ends_on >= $3) OR (g.starts_on <= $4 AND g.ends_on >= $4))"
    return await _rows(tx, tenant_id, "accounting_period", where, legal_entity, first, last)


async def assignments(tx: Connection, tenant_id: int, resource: UUID, project: UUID) -> list[Values]:
    return await _rows(tx, tenant_id, "assignment", "g.resource_id = $2 AND g.project_id = $3", resource, project)


async def rate_lines(
    tx: Connection, tenant_id: int, ids: Mapping[str, UUID], seat: tuple[str | None, str | None], day: dt.date
) -> list[Values]:
    """Lines in force on a day, for a role and grade, of the bill cards that may apply; each with its card's scope as ``$scope``."""
    given = [*(ids.get(name) for name in ("rate_card", "contract", "client", "project", "legal_entity")), day, *seat, ids.get("resource")]
    joined = "JOIN golden.rate_card c ON c.tenant_id = g.tenant_id AND c.id = g.rate_card_id"
    where = (
        "c.record_state = 'active' AND coalesce(c.kind, 'bill') = 'bill' AND coalesce(c.state, 'active') IN ('approved', 'active') "
        "AND coalesce(c.valid_from, $7) <= $7 AND coalesce(c.valid_to, $7) >= $7 AND coalesce(g.valid_from, $7) <= $7 AND coalesce(g.valid_to, $7) >= $7 "
        "AND coalesce(g.role = $8, g.role IS NULL) AND coalesce(g.grade = $9, g.grade IS NULL) AND coalesce(g.resource_id = $10, g.resource_id IS NULL) "
        "AND (c.id = $2 OR c.contract_id = $3 OR (c.contract_id IS NULL AND (c.client_id = $4 OR c.project_id = $5 "
        "OR (c.client_id IS NULL AND c.project_id IS NULL AND (c.legal_entity_id = $6 OR c.legal_entity_id IS NULL)))))"
    )
    scope = ", CASE WHEN c.id = $2 THEN 'contract_line' ELSE coalesce(c.scope, 'standard') END AS scope"
    return await _rows(tx, tenant_id, "rate_line", where, *given, beside=scope, joined=joined)


async def lines(tx: Connection, tenant_id: int, contract: UUID) -> list[Values]:
    return await _rows(tx, tenant_id, "contract_line", "g.contract_id = $2", contract)


async def accounts(tx: Connection, tenant_id: int, client: UUID, legal_entity: UUID) -> list[Values]:
    return await _rows(tx, tenant_id, "billing_account", "g.client_id = $2 AND g.legal_entity_id = $3", client, legal_entity)


async def purchase_orders(tx: Connection, tenant_id: int, client: UUID, contract: UUID | None) -> list[Values]:
    """The client's orders for a contract, or for any; ``$used`` is what items draw on each."""
    used = (
        f", (SELECT sum(i.amount) FROM golden.billable_item i WHERE i.tenant_id = g.tenant_id AND i.client_po_id = g.id "
        f"AND i.record_state = 'active' AND i.state IN {USED_STATES} AND i.amount_currency = g.amount_currency) AS used"
    )
    where = "g.client_id = $2 AND (g.contract_id IS NULL OR g.contract_id = $3)"
    return await _rows(tx, tenant_id, "client_purchase_order", where, client, contract, beside=used)


async def thresholds(tx: Connection, tenant_id: int, ids: Mapping[str, UUID], but: UUID | None) -> list[Values]:
    """The limits of a contract line, contract or project; ``$used`` is what other items draw on each, in its currency."""
    given = [ids.get(name) for name in ("contract_line", "contract", "project")]
    of_limit = (
        "FROM golden.billable_item i LEFT JOIN golden.contract_line l ON l.tenant_id = i.tenant_id AND l.id = i.contract_line_id "
        "WHERE i.tenant_id = g.tenant_id AND i.record_state = 'active' AND i.id IS DISTINCT FROM $5 "
        f"AND i.state IN {USED_STATES} AND (i.contract_line_id = g.contract_line_id OR l.contract_id = g.contract_id OR i.project_id = g.project_id)"
    )
    used = (
        f", (SELECT sum(i.amount) {of_limit} AND i.amount_currency = g.limit_amount_currency) AS used"
        f", (SELECT sum(i.quantity) {of_limit} AND i.quantity_unit = g.limit_quantity_unit) AS used_quantity"
    )
    where = "(g.contract_line_id = $2 OR g.contract_id = $3 OR g.project_id = $4)"
    return await _rows(tx, tenant_id, "contract_threshold", where, *given, but, beside=used)


async def holds(tx: Connection, tenant_id: int, ids: Mapping[str, UUID]) -> list[Values]:
    """Holds in force on a record or on anything above it."""
    given = [ids.get(name) for name in ("client", "contract", "contract_line", "project", "item")]
    where = (
        "coalesce(g.state, 'placed') = 'placed' AND (g.client_id = $2 OR g.contract_id = $3 OR g.contract_line_id = $4 "
        "OR g.project_id = $5 OR g.billable_item_id = $6)"
    )
    return await _rows(tx, tenant_id, "billing_hold", where, *given)


async def items(tx: Connection, tenant_id: int, of: Mapping[str, UUID], but: UUID | None) -> list[Values]:
    """Other items of the same origin: an hour, an expense, a milestone or a due date."""
    given = [of.get(name) for name in ("time_entry", "expense", "milestone", "schedule_line")]
    where = (
        "g.id IS DISTINCT FROM $6 AND (g.time_entry_id = $2 OR g.expense_id = $3 OR g.milestone_id = $4 OR g.schedule_line_id = $5)"
    )
    return await _rows(tx, tenant_id, "billable_item", where, *given, but)
