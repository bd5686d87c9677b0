"""Builders of the core's values that take only what matters, and a small model to decide about."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from hub.core.fold import fold, order_of
from hub.core.policy import Policy
from hub.core.records import Contribution, Decision, Golden, Reading, SourceKey
from hub.core.survivorship import survive
from schema.language import (
    ACCEPT_IF_EMPTY, MATCHED, PROPOSE, REJECT, TRANSACTION,
    Entity, EntityMeta, business_key, code, date, declared_link, exact, facet, group, identifier, listing, lock, money,
    quantity, reference, states, text,
)  # fmt: skip
from schema.rules import (
    custom, follow, frequency, keep_all, largest, longest, most_complete, oldest, recency, shortest, smallest, unanimous,
)  # fmt: skip
from schema.systems import BILL, CRM, ERP, PSA, SystemKind

NOON = dt.datetime(2026, 5, 17, 12, tzinfo=dt.UTC)
GOLDEN = UUID("01980000-0000-7000-8000-000000000001")
KINDS: dict[str, SystemKind] = {"crm": CRM, "crm_us": CRM, "erp": ERP, "psa": PSA, "bill": BILL}


class Firm(Entity, family=MATCHED, origins=(CRM, ERP)):
    """A matched entity with one field per way of deciding."""

    name = text(owner=(CRM, ERP, PSA), required=True)
    legal_name = text(owner=(ERP, CRM), policy=PROPOSE)
    terms = text(owner=(ERP,), policy=REJECT)
    duns = identifier("duns", owner=(ERP, CRM), policy=ACCEPT_IF_EMPTY)
    lei = identifier("lei", owner=(ERP, CRM))
    street = text()
    city = text()
    seat = group(street, city, owner=(CRM, ERP))
    parent = reference("Firm", owner=(CRM, ERP))
    newest = text(owner=(CRM, ERP), rule=recency())
    first_seen = date(owner=(CRM, ERP), rule=oldest())
    motto = text(owner=(CRM, ERP), rule=longest())
    nick = text(owner=(CRM, ERP), rule=shortest())
    revenue = money(owner=(CRM, ERP), rule=largest())
    floor = money(owner=(CRM, ERP), rule=smallest())
    sector = text(owner=(CRM, ERP, PSA), rule=frequency())
    agreed = text(owner=(CRM, ERP, PSA), rule=unanimous())
    tags = listing(owner=(CRM, ERP, PSA), rule=keep_all())
    contact_name = text()
    contact_mail = text()
    person = group(contact_name, contact_mail, owner=(CRM, ERP), rule=most_complete())
    follower = text(owner=(CRM, ERP), rule=follow("newest"))
    filled = text(owner=(CRM, ERP), rule=custom("first_filled"))

    match = (declared_link(), exact(lei, agreeing=name), exact(duns, agreeing=name))


class Hour(Entity, family=TRANSACTION, origins=(PSA,)):
    """A transaction: facts of its origin, an approval facet, a billing facet."""

    day = date(required=True)
    hours = quantity(required=True)
    project = reference("Firm", required=True)
    note = text()
    state = code("HOUR_STATE")
    billing_state = code("BILLING")
    billing = facet(billing_state, owner=(BILL, ERP))

    states = states("draft > submitted > approved > recalled", submitted=["rejected"], rejected=["draft"], recalled=["draft"])
    locks = (lock(day, hours, project, note, states=("approved",), remedy="Recall it, or reverse it."),)
    match = (declared_link(), business_key(project, day, hours))


FIRM, HOUR = Firm.meta, Hour.meta
PARENT = {"system": "crm", "object": "account", "id": "P"}
PARENT_ID = "01980000-0000-7000-8000-0000000000ff"


def resolve(value: Any, entity: str) -> str | None:
    """Knows one parent, and ids of our own."""
    if value.get("system"):
        return PARENT_ID if value == PARENT else None
    return str(value["id"])


def a_reading(
    values: dict[str, Any], *, system: str = "crm", id: str = "1", version: str = "", message: int = 1, entity: str = "firm",
    is_delete: bool = False, raw: dict[str, str] | None = None, again: int = 0,
) -> Reading:  # fmt: skip
    at = NOON + dt.timedelta(seconds=message)
    key = SourceKey(system, "account", id, entity)
    order = order_of(version, at, message, again)
    return Reading(key, values, order, message, at, is_delete=is_delete, raw=raw or {})


def a_contribution(values: dict[str, Any], *, id: int = 0, rank: int = 0, **how: Any) -> Contribution:
    system = how.get("system", "crm")
    contribution = fold(None, a_reading(values, **how), KINDS[system], rank).contribution
    contribution.id = id or 10 + list(KINDS).index(system)
    return contribution


def folded(*readings: Reading) -> Contribution:
    contribution: Contribution | None = None
    for reading in readings:
        contribution = fold(contribution, reading, KINDS[reading.key.system]).contribution
    assert contribution is not None
    return contribution


def golden_of(*contributions: Contribution, meta: EntityMeta = FIRM, decisions: tuple[Decision, ...] = (),
              policy: Policy | None = None, at: dt.datetime = NOON) -> Golden:  # fmt: skip
    return survive(meta, GOLDEN, list(contributions), decisions, policy or Policy(), at, resolve)


def an_override(field: str, value: Any, *, id: int = 1, **how: Any) -> Decision:
    return Decision(id, "override", "firm", GOLDEN, field=field, value=value, reason="as agreed", made_at=NOON, **how)


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}
