"""What the others are written in terms of: legal entities, cost centres, regions, catalogue, taxes, currencies.

A value is retired, never removed. Every system's codes map to it through the code map of its set.
"""

from __future__ import annotations

from schema.kinds import FieldKind
from schema.language import (
    PROPOSE, R2, R3, REFERENCE, REJECT,
    Entity, boolean, business_key, country, date, decimal, declared_link, identifier, integer, listing, percent, price,
    reference, states, text, timezone,
)  # fmt: skip
from schema.language import code as coded
from schema.shapes import Validity
from schema.systems import ERP, PSA, STEWARD, TAX


class LegalEntity(Validity, Entity, family=REFERENCE, origins=(ERP, STEWARD), plural="legal_entities", ents=(35,)):
    """A company of ours: who sells, employs and keeps books."""

    code = identifier("legal_entity", required=True, essential=True, doc="Code.")
    name = text(essential=True, doc="Name.")
    legal_name = text(policy=PROPOSE, risk=R2, doc="As registered; printed on invoices.")
    registration_no = identifier("registration", policy=PROPOSE, risk=R3, doc="Registered number.")
    tax_number = identifier("vat", policy=PROPOSE, risk=R3, doc="Tax number.")
    tax_country = country(policy=PROPOSE, risk=R3, doc="Where it is taxed.")
    parent = reference("LegalEntity", doc="Company it belongs to.")
    functional_currency = coded("CURRENCY", policy=REJECT, risk=R3, essential=True, doc="Currency of its books.")
    fiscal_calendar = reference("FiscalCalendar", doc="Its periods.")
    tz = timezone(doc="Zone of its period boundary.")
    invoice_series = text(policy=PROPOSE, doc="Number series of its invoices.")
    period_rule = coded("PERIOD_RULE", policy=PROPOSE, doc="Period by work date or by posting date.")
    address = text(doc="Registered address.")

    states = states("active > retired", retired=["active"])
    key = (code,)
    match = (declared_link(), business_key(code))


class CostCentre(Entity, family=REFERENCE, origins=ERP, plural="cost_centres", ents=(36,), valid=("valid_from", "valid_to")):
    """Where cost is collected."""

    code = identifier("cost_centre", required=True, essential=True, doc="Code.")
    name = text(essential=True, doc="Name.")
    legal_entity = reference("LegalEntity", doc="Whose.")
    parent = reference("CostCentre", doc="Summing cost centre.")
    manager = reference("Resource", doc="Who answers for it.")
    valid_from = date(doc="In force from.")
    valid_to = date(doc="In force until, inclusive.")

    states = states("active > retired", retired=["active"])
    key = (legal_entity, code, valid_from)
    match = (declared_link(), business_key(legal_entity, code, valid_from))


class Region(Validity, Entity, family=REFERENCE, origins=(STEWARD, ERP, PSA), plural="regions", ents=(37,)):
    """A region we sell or deliver in."""

    code = identifier("region", required=True, doc="Code.")
    name = text(doc="Name.")
    parent = reference("Region", doc="Region around it.")
    countries = listing(doc="Countries in it.")

    states = states("active > retired", retired=["active"])
    key = (code,)
    match = (declared_link(), business_key(code))


class RegionalPolicy(Validity, Entity, family=REFERENCE, origins=STEWARD, plural="regional_policies", ents=(26, 37)):
    """A rule of a region or country that processes obey."""

    code = identifier("regional_policy", required=True, doc="Code.")
    region = reference("Region", doc="Where it holds.")
    legal_entity = reference("LegalEntity", doc="For whom it holds.")
    topic = coded("POLICY_TOPIC", doc="Revenue, tax, time, expense, invoicing.")
    rule = text(risk=R2, doc="What it says.")
    parameters = listing({"name": FieldKind.TEXT, "value": FieldKind.TEXT}, risk=R2, doc="Its figures.")

    states = states("draft > active > retired", draft=["retired"])
    key = (code,)
    match = (declared_link(), business_key(code))


class ServiceLine(Validity, Entity, family=REFERENCE, origins=(ERP, PSA), plural="service_lines", ents=(15,)):
    """A practice."""

    code = identifier("service_line", required=True, doc="Code.")
    name = text(doc="Name.")
    parent = reference("ServiceLine", doc="Practice it belongs to.")
    manager = reference("Resource", doc="Who leads it.")

    states = states("active > retired", retired=["active"])
    key = (code,)
    match = (declared_link(), business_key(code))


class ServiceItem(Validity, Entity, family=REFERENCE, origins=(ERP, PSA), plural="service_items", ents=(15,)):
    """Something we sell; one definition for all systems."""

    code = identifier("service_item", required=True, doc="Code.")
    name = text(doc="Name.")
    service_line = reference("ServiceLine", doc="Practice.")
    unit = coded("UNIT", doc="What it is counted in.")
    list_price = price(doc="Price without any agreement.")
    tax_category = coded("TAX_CATEGORY", doc="How it is taxed.")
    revenue_account = reference("LedgerAccount", doc="Where its revenue goes.")
    kind = coded("SERVICE_KIND", doc="Labour, expense, subscription, fee.")

    states = states("active > retired", retired=["active"])
    key = (code,)
    match = (declared_link(), business_key(code))


class TaxCode(Validity, Entity, family=REFERENCE, origins=(ERP, TAX), plural="tax_codes", ents=(33,)):
    """A tax code of the books, with its rate."""

    code = identifier("tax_code", required=True, doc="Code.")
    name = text(doc="Name.")
    legal_entity = reference("LegalEntity", doc="Whose books.")
    country = country(doc="Country of the tax.")
    jurisdiction = text(doc="State or county.")
    category = coded("TAX_CATEGORY", doc="What it amounts to.")
    rate = percent(risk=R2, doc="Rate.")
    direction = coded("TAX_DIRECTION", doc="Output or input.")
    account = reference("LedgerAccount", doc="Where the tax goes.")

    states = states("active > retired", retired=["active"])
    key = (legal_entity, code)
    match = (declared_link(), business_key(legal_entity, code))


class TaxRule(Validity, Entity, family=REFERENCE, origins=(TAX, ERP), plural="tax_rules", ents=(33,)):
    """Which tax code applies to whom for what."""

    code = identifier("tax_rule", required=True, doc="Code.")
    legal_entity = reference("LegalEntity", doc="Seller.")
    ship_to_country = country(doc="Where the client is.")
    jurisdiction = text(doc="State or county.")
    client_class = coded("TAX_CATEGORY", doc="Tax class of the client.")
    service_item = reference("ServiceItem", doc="What is sold.")
    tax_code = reference("TaxCode", risk=R2, doc="What applies.")
    priority = integer(doc="The lowest that fits applies.")
    legal_text = text(doc="What the invoice must say.")

    states = states("active > retired", retired=["active"])
    key = (code,)
    match = (declared_link(), business_key(code))


class Currency(Entity, family=REFERENCE, origins=(ERP, STEWARD), plural="currencies", ents=(34,)):
    """A currency the firm uses."""

    code = identifier("currency", required=True, doc="ISO 4217 code.")
    name = text(doc="Name.")
    minor_units = integer(doc="Decimals of an amount.")
    is_reporting = boolean(doc="Do we report in it?")

    states = states("active > retired", retired=["active"])
    key = (code,)
    match = (declared_link(), business_key(code))


class ExchangeRate(Entity, family=REFERENCE, origins=ERP, plural="exchange_rates", ents=(34,), valid=("valid_from", "valid_to")):
    """What one unit of a currency costs in another, for a time and a purpose."""

    from_currency = coded("CURRENCY", required=True, doc="One unit of this")
    to_currency = coded("CURRENCY", required=True, doc="costs so much of this.")
    rate_type = coded("RATE_TYPE", required=True, doc="Spot, month average, budget or contract.")
    rate = decimal(required=True, risk=R2, doc="The rate.")
    source = text(doc="Who published it.")
    valid_from = date(required=True, doc="In force from.")
    valid_to = date(doc="In force until, inclusive.")

    key = (from_currency, to_currency, rate_type, valid_from)
    match = (declared_link(), business_key(from_currency, to_currency, rate_type, valid_from))
