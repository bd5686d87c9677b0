"""What an hour costs the client, us, or a sister company: rate cards and their lines.

The rate of an hour is the first hit of assignment, contract line, contract, client, project, region, standard, in force
on the work date; it is recorded with the line's id when the hour is approved. Two lines in force for one key are a task.
"""

from __future__ import annotations

from schema.language import (
    CONFIDENTIAL, KEYED, PROPOSE, R2,
    Entity, business_key, code, date, decimal, declared_link, identifier, lock, price, quantity, reference, states, text,
)  # fmt: skip
from schema.language import code as coded
from schema.language import price as cost_price
from schema.systems import CRM, ERP, HCM, PSA

CARD_OWNERS = (CRM, PSA, ERP, HCM)
"""Negotiated cards come from CRM, standard ones from PSA, cost cards from ERP, else HCM."""


class RateCard(Entity, family=KEYED, origins=CARD_OWNERS, plural="rate_cards", ents=(14,), valid=("valid_from", "valid_to")):
    """A named set of rates for one purpose and scope."""

    code = identifier("rate_card", owner=CARD_OWNERS, policy=PROPOSE, required=True, essential=True, doc="Code of the card.")
    name = text(owner=CARD_OWNERS, doc="Name.")
    kind = coded("RATE_CARD_KIND", owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="Bill, cost or transfer.")
    scope = coded("RATE_SCOPE", owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="How narrow it applies.")
    currency = coded("CURRENCY", owner=CARD_OWNERS, policy=PROPOSE, risk=R2, essential=True, doc="Currency of the rates.")
    legal_entity = reference("LegalEntity", owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="Seller it applies to.")
    client = reference("Client", owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="Client it applies to.")
    contract = reference("Contract", owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="Contract it applies to.")
    project = reference("Project", owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="Project it applies to.")
    region = reference("Region", owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="Region it applies to.")
    valid_from = date(owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="In force from.")
    valid_to = date(owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="In force until, inclusive.")

    states = states("draft > approved > active > retired", draft=["retired"], approved=["draft", "retired"])
    locks = (
        lock(kind, scope, currency, states=("approved", "active", "retired"), remedy="Make a new card and retire this one."),
    )
    key = (code, valid_from)
    match = (declared_link(), business_key(code, valid_from))


class RateLine(Entity, family=KEYED, origins=CARD_OWNERS, plural="rate_lines", ents=(14,), valid=("valid_from", "valid_to")):
    """One price in a card, in force for a time."""

    rate_card = reference("RateCard", owner=CARD_OWNERS, policy=PROPOSE, risk=R2, required=True, essential=True, doc="Card.")
    role = code("ROLE", owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="For this role,")
    grade = code("GRADE", owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="this grade,")
    resource = reference("Resource", owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="this person,")
    service_item = reference("ServiceItem", owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="this item,")
    region = reference("Region", owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="or this region.")
    unit = code("UNIT", owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="Hour, day or item.")
    price = price(owner=CARD_OWNERS, policy=PROPOSE, risk=R2, essential=True, doc="Price per unit to bill,")
    cost = cost_price(owner=(ERP, HCM), policy=PROPOSE, risk=R2, sensitivity=CONFIDENTIAL, doc="or what it costs us (a cost card).")
    hours_per_day = quantity(owner=CARD_OWNERS, policy=PROPOSE, doc="Hours in a day of this rate.")
    overtime_factor = decimal(owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="What overtime multiplies the price by.")
    valid_from = date(owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="In force from.")
    valid_to = date(owner=CARD_OWNERS, policy=PROPOSE, risk=R2, doc="In force until, inclusive.")

    one_of = ((price, cost),)
    key = (rate_card, role, grade, resource, service_item, region, unit, valid_from)
    match = (declared_link(), business_key(rate_card, role, grade, resource, service_item, region, unit, valid_from))
