"""Money that came in, which documents it paid, and the work of collecting it."""

from __future__ import annotations

from schema.language import (
    TRANSACTION,
    Entity, business_key, code, date, declared_link, facet, identifier, integer, listing, lock, money, reference, states,
    text,
)  # fmt: skip
from schema.language import text as payer_text
from schema.systems import BILL, CRM, ERP


class Payment(Entity, family=TRANSACTION, origins=(ERP, BILL), plural="payments", ents=(24,)):
    """Money received. One payment pays many invoices and the reverse, so it never names one."""

    legal_entity = reference("LegalEntity", essential=True, doc="Who received it.")
    billing_account = reference("BillingAccount", doc="Who paid; null while unidentified.")
    client = reference("Client", doc="The paying client, where the source names one.")
    payment_no = identifier("payment", doc="Number of the receipt.")
    received_on = date(required=True, essential=True, doc="Day it arrived.")
    amount = money(required=True, essential=True, doc="Received.")
    reference = payer_text(doc="What the payer wrote.")
    method = code("PAYMENT_METHOD", doc="How it was paid.")
    bank_ref = identifier("bank_reference", doc="The bank's reference.")
    fee = money(doc="Bank charge.")
    fx_difference = money(doc="Exchange difference.")
    state = code("PAYMENT_STATE", essential=True, doc="How far it is applied.")
    unapplied = money(doc="Not applied yet.")
    settlement = facet(state, unapplied, owner=(ERP, BILL), doc="Settlement.")

    states = states(
        "received > part_applied > applied",
        received=["applied", "unidentified", "reversed"], unidentified=["received", "part_applied", "applied", "reversed"],
        part_applied=["received", "reversed"], applied=["part_applied", "reversed"],
    )  # fmt: skip
    locks = (
        lock(legal_entity, received_on, amount, states=("part_applied", "applied", "reversed"), remedy="Reverse the payment."),
    )
    key = (legal_entity, bank_ref)
    match = (
        declared_link(),
        business_key(legal_entity, bank_ref),
        business_key(billing_account, received_on, amount, reference),
    )


class PaymentApplication(Entity, family=TRANSACTION, origins=(ERP, BILL), plural="payment_applications", ents=(24,)):
    """A part of a payment that settles a document."""

    payment = reference("Payment", required=True, essential=True, doc="Payment.")
    invoice = reference("Invoice", essential=True, doc="Settles this invoice,")
    credit_memo = reference("CreditMemo", doc="or uses this credit memo.")
    seq = integer(doc="Place among the payment's applications to the document.")
    amount = money(required=True, essential=True, doc="Settled.")
    discount = money(doc="Discount taken.")
    write_off = money(doc="Written off.")
    withholding_tax = money(doc="Tax withheld by the payer.")
    applied_on = date(doc="Day it was applied.")

    states = states("applied > reversed")
    one_of = ((invoice, credit_memo),)
    key = (payment, invoice, credit_memo, seq)
    match = (declared_link(), business_key(payment, invoice, credit_memo, seq))


class CollectionCase(Entity, family=TRANSACTION, origins=ERP, plural="collection_cases", ents=(25,)):
    """The work of collecting what is overdue; CRM, PSA and portals are told."""

    billing_account = reference("BillingAccount", required=True, essential=True, doc="Who owes.")
    case_no = identifier("case", doc="Number of the case.")
    documents = listing(target="Invoice", doc="What is overdue.")
    level = integer(doc="Reminder level.")
    promise_date = date(doc="Promised for.")
    amount = money(doc="Overdue.")
    reason = code("DISPUTE_REASON", doc="What the client objects to.")
    owner = reference("Resource", doc="Who collects.")
    note = text(doc="Last note.")
    conversation = facet(promise_date, note, owner=(ERP, CRM), doc="What was said.")

    states = states(
        "open > promised > closed",
        open=["disputed", "escalated", "closed"], promised=["open", "disputed", "escalated"],
        disputed=["open", "promised", "escalated", "closed"], escalated=["open", "promised", "disputed", "closed"],
    )  # fmt: skip
    match = (declared_link(),)
