"""What bounds and changes a contract: change orders, thresholds and the client's own purchase orders."""

from __future__ import annotations

from schema.kinds import FieldKind
from schema.language import (
    KEYED, PROPOSE, R2, TRANSACTION,
    Entity, business_key, code, date, declared_link, facet, group, identifier, instant, integer, listing, lock, money,
    percent, quantity, reference, states, text,
)  # fmt: skip
from schema.systems import BILL, CRM, ERP, HUB, PSA


class ChangeOrder(Entity, family=TRANSACTION, origins=(CRM, PSA), plural="change_orders", ents=(6,)):
    """An agreed change of a contract. One whose base terms are no longer current is never rebased silently."""

    contract = reference("Contract", required=True, essential=True, doc="What it changes.")
    number = identifier("change_order", required=True, essential=True, doc="Number within the contract.")
    base_terms_version = integer(essential=True, doc="The terms it was written against.")
    kind = code("CHANGE_KIND", doc="Scope, rate, schedule, value, party or dates.")
    effective_from = date(essential=True, doc="May lie in the past.")
    changes = listing(
        {
            "entity": FieldKind.TEXT,
            "record": FieldKind.TEXT,
            "field": FieldKind.TEXT,
            "from": FieldKind.TEXT,
            "to": FieldKind.TEXT,
        },
        doc="What becomes what.",
    )
    value_delta = money(doc="By how much the value changes.")
    reason = text(doc="Why.")
    client_reference = text(doc="The client's own number.")
    state = code("CHANGE_ORDER_STATE", essential=True, doc="Where it is in its approval.")
    approver = reference("Resource", doc="Who approved.")
    approved_at = instant(doc="When it was approved.")
    signed_on = date(doc="When the client signed.")
    approval_comment = text(doc="What the approver said.")
    approval = facet(state, approver, approved_at, signed_on, approval_comment, owner=(CRM, PSA), doc="Approval.")

    states = states(
        "draft > submitted > approved > signed > applied",
        draft=["withdrawn"], submitted=["rejected", "withdrawn"], rejected=["draft"], approved=["applied", "withdrawn"],
    )  # fmt: skip
    locks = (
        lock(
            base_terms_version, kind, effective_from, changes, value_delta,
            states=("approved", "signed", "applied"), remedy="Raise another change order.",
        ),
    )  # fmt: skip
    key = (contract, number)
    match = (declared_link(), business_key(contract, number))


class ContractThreshold(Entity, family=KEYED, origins=(CRM, PSA, ERP), plural="contract_thresholds", ents=(7,)):
    """A limit that is checked before an item becomes ready for an invoice."""

    contract = reference("Contract", owner=(CRM, PSA, ERP), doc="Limits this contract,")
    contract_line = reference("ContractLine", owner=(CRM, PSA, ERP), doc="this line,")
    project = reference("Project", owner=(CRM, PSA, ERP), doc="or this project.")
    kind = code("THRESHOLD_KIND", owner=(CRM, PSA, ERP), policy=PROPOSE, required=True, doc="What is limited.")
    limit_amount = money(doc="The limit in money,")
    limit_quantity = quantity(doc="or in units.")
    ceiling = group(limit_amount, limit_quantity, owner=(CRM, PSA, ERP), policy=PROPOSE, risk=R2, doc="Moves together.")
    warn_at = percent(owner=(CRM, PSA, ERP), policy=PROPOSE, doc="Warn at this share of the limit.")
    action = code("THRESHOLD_ACTION", owner=(CRM, PSA, ERP), policy=PROPOSE, risk=R2, doc="Warn, hold or block.")

    key = (contract, contract_line, project, kind)
    one_of = ((contract, contract_line, project),)
    match = (declared_link(), business_key(contract, contract_line, project, kind))


class ClientPurchaseOrder(
    Entity, family=KEYED, origins=(BILL, ERP, CRM), plural="client_purchase_orders", ents=(7,), valid=("valid_from", "valid_to")
):
    """The client's order to us; a missing or used-up one is the most frequent reason a ready invoice comes back."""

    client = reference("Client", owner=(BILL, ERP, CRM), policy=PROPOSE, required=True, doc="Who ordered.")
    po_number = identifier("client_po", owner=(BILL, ERP, CRM), policy=PROPOSE, required=True, doc="The client's number.")
    billing_account = reference("BillingAccount", owner=(BILL, ERP, CRM), policy=PROPOSE, doc="Who is billed.")
    contract = reference("Contract", owner=(BILL, ERP, CRM), policy=PROPOSE, doc="What it orders.")
    legal_entity = reference("LegalEntity", owner=(BILL, ERP, CRM), policy=PROPOSE, doc="Whom they ordered from.")
    amount = money(owner=(BILL, ERP, CRM), policy=PROPOSE, risk=R2, doc="Ordered amount.")
    currency = code("CURRENCY", owner=(BILL, ERP, CRM), policy=PROPOSE, doc="Currency of the order.")
    valid_from = date(owner=(BILL, ERP, CRM), policy=PROPOSE, doc="Valid from.")
    valid_to = date(owner=(BILL, ERP, CRM), policy=PROPOSE, doc="Valid until, inclusive.")
    open_amount = money(owner=HUB, doc="What is left of it.")

    states = states("open > used_up > closed", open=["closed"], used_up=["open"])
    key = (client, po_number)
    match = (declared_link(), business_key(client, po_number))
