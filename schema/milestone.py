"""Milestones: what is due when something is reached, and who said that it is."""

from __future__ import annotations

from schema.language import (
    TRANSACTION,
    Entity, boolean, business_key, date, declared_link, facet, identifier, instant, lock, money, reference, states,
    text,
)  # fmt: skip
from schema.language import code as coded
from schema.systems import BILL, CRM, ERP, PSA


class Milestone(Entity, family=TRANSACTION, origins=PSA, plural="milestones", ents=(18,)):
    """A point in a project at which an amount falls due."""

    project = reference("Project", required=True, essential=True, doc="Project.")
    code = identifier("milestone", doc="Code within the project.")
    name = text(essential=True, doc="What is reached; never enough to link by.")
    contract_line = reference("ContractLine", doc="Line it bills.")
    target_date = date(essential=True, doc="Planned day.")
    reached_on = date(doc="Day it was reached.")
    amount = money(essential=True, doc="Falls due; negotiated in CRM.")
    pricing = facet(amount, owner=(CRM, PSA), doc="What it is worth.")
    needs_client_signoff = boolean(doc="Must the client agree?")
    signed_off_on = date(doc="Day the client agreed.")
    state = coded("MILESTONE_STATE", essential=True, doc="Where it is.")
    approver = reference("Resource", doc="Who approved.")
    approved_at = instant(doc="When it was approved.")
    approval_comment = text(doc="What the approver said.")
    approval = facet(state, approver, approved_at, approval_comment, owner=PSA, doc="Approval.")
    billing_state = coded("BILLING_STATE", doc="How far it is billed.")
    billable_item = reference("BillableItem", doc="The item it became.")
    invoice = reference("Invoice", doc="The invoice it is on.")
    billing = facet(billing_state, billable_item, invoice, owner=(BILL, ERP), doc="Billing.")

    states = states(
        "planned > reached > submitted > approved > invoiced",
        planned=["cancelled"], reached=["approved", "planned", "cancelled"], submitted=["rejected", "cancelled"],
        rejected=["reached", "submitted", "cancelled"],
    )  # fmt: skip
    locks = (
        lock(
            project, contract_line, reached_on, amount, signed_off_on,
            states=("approved", "invoiced"), remedy="Raise a change order, or credit the invoice.",
        ),
    )  # fmt: skip
    key = (project, code)
    match = (declared_link(), business_key(project, code), business_key(project, contract_line, amount, target_date))
