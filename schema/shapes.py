"""Field groups that several transactions share: who approved, how it was billed, where it was posted.

An entity names a shape among its bases and gets its own copy of the shape's fields. A facet has one owner: a system
contributes to its facet only, what it repeats of the others is a representation to compare.
"""

from __future__ import annotations

from schema.language import (
    CONFIDENTIAL,
    code,
    date,
    facet,
    identifier,
    instant,
    integer,
    money,
    reference,
    states,
    text,
)
from schema.systems import BILL, ERP, PSA


class Approval:
    """Who released the record; several tiers count as approved at the last."""

    state = code("APPROVAL_STATE", essential=True, doc="Where the record is in its approval.")
    approver = reference("Resource", doc="Who decided.")
    approved_at = instant(doc="When it was decided.")
    approval_tier = integer(doc="Level of approval reached.")
    approval_comment = text(doc="What the approver said.")
    approval = facet(state, approver, approved_at, approval_tier, approval_comment, owner=PSA, doc="Approval.")

    states = states(
        "draft > submitted > approved",
        draft=["approved"], submitted=["rejected", "recalled", "draft"], rejected=["draft", "submitted"],
        recalled=["draft", "submitted", "approved"], approved=["recalled"],
    )  # fmt: skip


class Billing:
    """How far the record is billed."""

    billing_state = code("BILLING_STATE", doc="How far it is billed.")
    billable_item = reference("BillableItem", doc="The item it became.")
    invoice_line = reference("InvoiceLine", doc="The line it was invoiced on.")
    billing = facet(billing_state, billable_item, invoice_line, owner=(BILL, ERP), doc="Billing.")


class Posting:
    """Where the record stands in the ledger."""

    posting_state = code("POSTING_STATE", doc="How far it is posted.")
    legal_entity = reference("LegalEntity", doc="Books it belongs to.")
    cost_centre = reference("CostCentre", doc="Cost centre on the day worked.")
    period = reference("AccountingPeriod", doc="Period it was posted into: by work date or posting date, a rule of the legal entity.")
    document_no = identifier("document", doc="Number of the ledger document.")
    posted_at = instant(doc="When it was posted.")
    cost = money(sensitivity=CONFIDENTIAL, doc="What it cost us.")
    posting = facet(
        posting_state, legal_entity, cost_centre, period, document_no, posted_at, cost, owner=ERP, doc="Posting."
    )


class Posted:
    """The posting of a record that names its books itself."""

    posting_state = code("POSTING_STATE", doc="How far it is posted.")
    document_no = identifier("document", doc="Number of the ledger document.")
    posted_at = instant(doc="When it was posted.")
    period = reference("AccountingPeriod", doc="Period it was posted into.")
    posting = facet(posting_state, document_no, posted_at, period, owner=ERP, doc="Posting.")


class Validity:
    """From when until when a governed value may be used."""

    valid_from = date(doc="Usable from.")
    valid_to = date(doc="Usable until, inclusive.")
