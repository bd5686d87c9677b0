"""What people call golden records: one line each, from the columns people recognise them by.

The statement is derived from the model, so that a new entity has a label without a line here; a few transactions, which
nobody calls by a name, say what they are about instead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from uuid import UUID

from hub.store.statements import Connection
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta

NUMBERS = ("code", "number", "contract_no", "account_no", "payment_no", "po_number", "opportunity_no", "employee_no", "case_no", "line_no", "period")
NAMES = ("name", "legal_name", "description", "po_number", "seq")
_AMOUNT = "{0}::text || ' ' || {0}_currency"
SAID: Mapping[str, str] = {
    "time_entry": "concat_ws(' ', work_date::text, trim_scale(quantity)::text || ' ' || quantity_unit)",
    "expense": f"concat_ws(' ', incurred_on::text, {_AMOUNT.format('incurred')}, merchant)",
    "billable_item": f"concat_ws(' ', kind, coalesce(invoice_text, {_AMOUNT.format('amount')}))",
    "billing_schedule_line": f"concat_ws(' ', due_on::text, {_AMOUNT.format('amount')})",
    "payment": f"concat_ws(' ', payment_no, received_on::text, {_AMOUNT.format('amount')})",
    "payment_application": f"concat_ws(' ', applied_on::text, {_AMOUNT.format('amount')})",
    "rate_line": "concat_ws(' ', role, grade, trim_scale(price)::text || ' ' || price_currency || '/' || coalesce(price_per, unit))",
    "billing_hold": "concat_ws(' ', level, reason)",
    "exchange_rate": "concat_ws(' ', from_currency, to_currency, valid_from::text)",
    "client_relationship": "kind",
    "client_purchase_order": "po_number",
}  # fmt: skip
"""Entities whose label is not a number and a name."""


@cache
def label_sql(meta: EntityMeta) -> str:
    """The expression over the entity's golden columns; never null.

    >>> from schema.project import Project
    >>> label_sql(Project.meta)
    "coalesce(nullif(concat_ws(' ', code, name), ''), left(id::text, 8))"
    """
    said = SAID.get(meta.name)
    if said is None:
        plain = {name for name, one in meta.fields.items() if one.kind in (FieldKind.TEXT, FieldKind.IDENTIFIER)}
        person = [name for name in ("given_name", "family_name") if name in plain]
        number = [name for name in NUMBERS if name in plain and not person][:1]
        name = [] if person else [name for name in NAMES if name in plain and name not in number][:1]
        parts = [*person, *number, *name]
        said = f"concat_ws(' ', {', '.join(parts)})" if parts else "''"
    return f"coalesce(nullif({said}, ''), left(id::text, 8))"


async def read(tx: Connection, tenant_id: int, wanted: Iterable[tuple[str, UUID]]) -> dict[UUID, str]:
    """Labels by golden id of (entity, golden id); what is not there has none. One statement."""
    by_entity: dict[str, set[UUID]] = {}
    for entity, golden_id in wanted:
        by_entity.setdefault(entity, set()).add(golden_id)
    if not by_entity:
        return {}
    entities = sorted(by_entity)
    ids = [sorted(by_entity[entity]) for entity in entities]
    rows = await tx.fetch(_statement(tuple(entities)), tenant_id, *ids)
    return {row["id"]: row["label"] for row in rows}


@cache
def _statement(entities: Collection[str]) -> str:
    return " UNION ALL ".join(
        f"SELECT id, {label_sql(ENTITIES[entity])} AS label FROM golden.{entity} WHERE tenant_id = $1 AND id = ANY (${at}::uuid[])"
        for at, entity in enumerate(entities, 2)
    )
