"""What was sold: the opportunity, the contract it became, and the contract's lines."""

from __future__ import annotations

from schema.comparing import DATE, IDENTIFIER, NUMBER, REFERENCE, TEXT, compared
from schema.kinds import FieldKind
from schema.language import (
    KEYED, PROPOSE, R2, REJECT,
    Entity, boolean, business_key, code, date, decimal, declared_link, group, identifier, integer, listing, lock, money, percent,
    price, quantity, ref, reference, states, text,
)  # fmt: skip
from schema.language import quantity as units
from schema.systems import CRM, ERP, HUB, PSA, TAX

SIGNED = ("signed", "active", "suspended", "completed", "terminated", "expired")
"""The states of a contract in which its terms change only through an approved change order."""


class Opportunity(Entity, family=KEYED, origins=CRM, plural="opportunities", ents=(4,)):
    """A deal in negotiation; every project may point to the one it came from."""

    name = text(policy=REJECT, required=True, essential=True, doc="What is sold to whom.")
    client = reference("Client", policy=REJECT, essential=True, doc="Prospective buyer.")
    legal_entity = reference("LegalEntity", policy=REJECT, doc="Who would sell.")
    opportunity_no = identifier("opportunity", policy=REJECT, doc="Number in the CRM, where it has one.")
    stage = text(policy=REJECT, doc="Stage as the CRM words it.")
    amount = money(policy=REJECT, essential=True, doc="Expected value.")
    probability = percent(policy=REJECT, doc="Chance to win.")
    close_date = date(policy=REJECT, essential=True, doc="Expected decision.")
    owner = reference("Resource", policy=REJECT, doc="Who sells.")
    service_line = reference("ServiceLine", policy=REJECT, doc="Practice that would deliver.")
    expected_start = date(policy=REJECT, doc="When work would begin.")

    states = states("open > won", open=["lost"], lost=["open"])
    match = (declared_link(),)
    compare = (
        compared(TEXT, name),
        compared(REFERENCE, client),
        compared(IDENTIFIER, opportunity_no),
        compared(NUMBER, amount),
        compared(DATE, close_date),
        compared(REFERENCE, owner),
    )


class Contract(Entity, family=KEYED, origins=(CRM, ERP), plural="contracts", ents=(5, 6)):
    """What was agreed with a client; a statement of work is a contract of kind ``sow`` under its master."""

    contract_no = identifier("contract", owner=(CRM, ERP), policy=PROPOSE, essential=True, doc="Null until numbered.")
    name = text(owner=(CRM, ERP), doc="Title.")
    kind = code("CONTRACT_KIND", owner=(CRM, ERP), policy=PROPOSE, essential=True, doc="Master, statement of work, order, retainer.")
    parent = reference("Contract", owner=(CRM, ERP), policy=PROPOSE, doc="The master contract; amendments are change orders.")
    client = reference("Client", owner=(CRM, ERP), policy=PROPOSE, required=True, essential=True, doc="Who contracts.")
    billing_account = reference("BillingAccount", owner=ERP, policy=PROPOSE, doc="Who is billed; may differ from the client.")
    payer = reference("Client", owner=(CRM, ERP), policy=PROPOSE, doc="Who pays, if not the client.")
    opportunity = reference("Opportunity", owner=CRM, policy=PROPOSE, doc="The deal it came from.")
    legal_entity = reference("LegalEntity", owner=(CRM, ERP), policy=PROPOSE, risk=R2, essential=True, doc="Seller.")
    currency = code("CURRENCY", owner=(CRM, ERP), policy=REJECT, risk=R2, essential=True, doc="Currency of the contract.")
    total_value = money(owner=(CRM, ERP), policy=REJECT, risk=R2, doc="Agreed value.")
    fx_rate_type = code("RATE_TYPE", doc="Which rate converts.")
    fx_fixed_rate = decimal(doc="The rate, when it was fixed.")
    fx_clause = group(fx_rate_type, fx_fixed_rate, owner=CRM, policy=REJECT, risk=R2, doc="How currencies are converted.")
    signed_on = date(owner=(CRM, ERP), policy=PROPOSE, doc="Day of the last signature.")
    start_date = date(owner=(CRM, ERP), policy=PROPOSE, essential=True, doc="In force from.")
    end_date = date(owner=(CRM, ERP), policy=PROPOSE, doc="In force until, inclusive.")
    renewal = code("RENEWAL", owner=(CRM, ERP), policy=PROPOSE, doc="What happens at the end.")
    notice_days = integer(owner=(CRM, ERP), policy=PROPOSE, doc="Days of notice.")
    payment_terms = code("PAYMENT_TERMS", owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="Overrides the billing account's.")
    tax_treatment = code("TAX_CATEGORY", owner=(TAX, ERP), policy=PROPOSE, risk=R2, doc="Overrides the billing account's.")
    region = reference("Region", owner=(CRM, PSA), doc="Delivery region.")
    type = code("CONTRACT_TYPE", owner=HUB, policy=REJECT, doc="Derived from the lines: their single billing method, or mixed.")
    terms_version = integer(owner=HUB, policy=REJECT, essential=True, doc="Rises by one with each applied change order.")

    states = states(
        "draft > in_approval > signed > active > suspended > completed",
        draft=["signed"], in_approval=["draft"], signed=["terminated"], suspended=["active", "terminated"],
        active=["completed", "terminated", "expired"],
    )  # fmt: skip
    locks = (
        lock(
            currency, total_value, fx_rate_type, fx_fixed_rate, start_date, end_date, payment_terms, notice_days, renewal,
            states=SIGNED, remedy="Raise a change order and have it approved.",
        ),
    )  # fmt: skip
    key = (legal_entity, contract_no)
    match = (declared_link(), business_key(legal_entity, contract_no))
    compare = (
        compared(TEXT, name),
        compared(REFERENCE, client),
        compared(IDENTIFIER, contract_no),
        compared(NUMBER, total_value),
        compared(DATE, start_date),
        compared(DATE, signed_on),
    )


class ContractLine(
    Entity, family=KEYED, origins=(CRM, ERP), plural="contract_lines", ents=(5,), valid=("valid_from", "valid_to")
):
    """One thing sold under a contract, with its own way of billing: real contracts mix them."""

    contract = reference("Contract", owner=(CRM, ERP), policy=PROPOSE, risk=R2, required=True, essential=True, doc="Contract.")
    line_no = identifier("line", owner=(CRM, ERP), policy=PROPOSE, required=True, essential=True, doc="Stable number of the line.")
    description = text(owner=(CRM, ERP), doc="What is delivered.")
    service_item = reference("ServiceItem", owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="Catalogue item.")
    service_line = reference("ServiceLine", owner=(CRM, ERP), policy=PROPOSE, doc="Practice that delivers.")
    billing_method = code("BILLING_METHOD", owner=(CRM, ERP), policy=PROPOSE, risk=R2, essential=True, doc="How it is billed.")
    billing_rule = code("BILLING_RULE", owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="What makes an item billable.")
    amount = money(owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="Agreed amount.")
    quantity = quantity(owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="Agreed quantity.")
    unit_price = price(owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="Agreed price per unit.")
    rate_card = reference("RateCard", owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="Rates that apply.")
    cap_amount = money(owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="Not to exceed, in money.")
    cap_hours = units(owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="Not to exceed, in hours.")
    expense_billable = boolean(doc="Are expenses billed on?")
    expense_at_cost = boolean(doc="Without markup.")
    expense_markup = percent(doc="Markup on expenses.")
    expense_cap = money(doc="Most expenses billed on.")
    expense_rule = group(
        expense_billable, expense_at_cost, expense_markup, expense_cap,
        owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="How expenses are billed.",
    )  # fmt: skip
    revenue_method = code("REVENUE_METHOD", owner=ERP, policy=PROPOSE, risk=R2, doc="How revenue is recognised.")
    tax_category = code("TAX_CATEGORY", owner=ERP, policy=PROPOSE, risk=R2, doc="How the line is taxed.")
    scope_projects = listing(target="Project", owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="Projects it pays for.")
    scope_tasks = listing(target="Task", owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="Tasks it pays for.")
    funding = listing(
        {"payer": ref("Client"), "percent": FieldKind.PERCENT},
        owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="Who pays which part; sums to 100.",
    )  # fmt: skip
    billing_schedule = reference("BillingSchedule", owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="When it is billed.")
    valid_from = date(owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="In force from.")
    valid_to = date(owner=(CRM, ERP), policy=PROPOSE, risk=R2, doc="In force until, inclusive.")

    locks = (
        lock(
            billing_method, billing_rule, amount, quantity, unit_price, rate_card, cap_amount, cap_hours, expense_billable,
            expense_at_cost, expense_markup, expense_cap, funding, valid_from, valid_to,
            states=SIGNED, via="contract", remedy="Raise a change order and have it approved.",
        ),
    )  # fmt: skip
    key = (contract, line_no)
    match = (declared_link(), business_key(contract, line_no))
