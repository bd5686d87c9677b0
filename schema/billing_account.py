"""The client as our receivables sees it."""

from __future__ import annotations

from schema.language import (
    CONFIDENTIAL, KEYED, PROPOSE, R2, R3, REJECT,
    Entity, boolean, business_key, code, date, declared_link, email, group, identifier, language, money, reference,
    states, text,
)  # fmt: skip
from schema.systems import BILL, CRM, ERP, HUB, TAX


class BillingAccount(Entity, family=KEYED, origins=(ERP, BILL, HUB), plural="billing_accounts", ents=(3, 33)):
    """One per client, selling legal entity and ERP account; two accounts of a merged client stay two accounts."""

    client = reference(
        "Client", owner=(ERP, BILL, HUB), policy=REJECT, required=True, essential=True, doc="Whose account it is."
    )
    legal_entity = reference("LegalEntity", owner=(ERP, BILL, HUB), policy=REJECT, essential=True, doc="Who sells.")
    account_no = identifier("account", owner=(ERP, BILL), policy=REJECT, essential=True, doc="Null while only requested.")
    name = text(owner=(ERP, BILL), doc="What receivables calls the account.")
    currency = code("CURRENCY", owner=(ERP, BILL, CRM), policy=PROPOSE, risk=R2, essential=True, doc="Usual currency.")
    payment_terms = code(
        "PAYMENT_TERMS", owner=(ERP, BILL, CRM), policy=PROPOSE, risk=R2, essential=True,
        doc="A contract's negotiated terms beat these for its invoices.",
    )  # fmt: skip
    payment_method = code("PAYMENT_METHOD", owner=(ERP, BILL, CRM), policy=PROPOSE, risk=R2, doc="How the client pays.")
    bill_to_site = reference("ClientSite", owner=(ERP, BILL), policy=PROPOSE, risk=R2, doc="Address on the invoice.")
    bill_to_contact = reference("Contact", owner=(ERP, BILL), policy=PROPOSE, risk=R2, doc="Addressee of the invoice.")
    invoice_email = email(owner=(ERP, BILL), policy=PROPOSE, risk=R2, doc="Where invoices are mailed.")
    tax_class = code("TAX_CATEGORY", doc="How the account is taxed.")
    exemption_certificate = text(doc="Certificate of exemption.")
    exemption_valid_to = date(doc="Last day of the exemption.")
    reverse_charge = boolean(doc="The client owes the tax.")
    tax_treatment = group(
        tax_class, exemption_certificate, exemption_valid_to, reverse_charge,
        owner=(TAX, ERP), policy=PROPOSE, risk=R3, doc="Moves together.",
    )  # fmt: skip
    credit_limit = money(owner=ERP, policy=REJECT, risk=R2, doc="Most we let the client owe.")
    credit_hold = boolean(owner=ERP, policy=REJECT, risk=R2, doc="No new deliveries on credit.")
    dunning_block = boolean(owner=ERP, policy=REJECT, risk=R2, doc="No reminders.")
    po_required = boolean(owner=(BILL, ERP), policy=PROPOSE, doc="No invoice without a client PO.")
    consolidation = code("CONSOLIDATION", owner=(BILL, ERP), policy=PROPOSE, doc="What is put on one invoice.")
    channel = code("INVOICE_CHANNEL", owner=(BILL, ERP), policy=PROPOSE, doc="How invoices are delivered.")
    layout = text(owner=(BILL, ERP), policy=PROPOSE, doc="Invoice layout.")
    language = language(owner=(BILL, ERP), policy=PROPOSE, doc="Language of the invoice.")
    receivable_account = reference("LedgerAccount", owner=ERP, policy=REJECT, doc="Ledger account of the receivable.")
    bank_holder = text(sensitivity=CONFIDENTIAL, doc="Account holder.")
    bank_number_masked = text(sensitivity=CONFIDENTIAL, doc="Last digits only.")
    bank_digest = identifier("digest", sensitivity=CONFIDENTIAL, doc="Digest of the whole number, to compare.")
    bank = group(
        bank_holder, bank_number_masked, bank_digest,
        owner=ERP, policy=REJECT, risk=R3, doc="Never changed automatically, never by a merge.",
    )  # fmt: skip

    states = states("requested > open > blocked > closed", requested=["closed"], open=["closed"], blocked=["open"])
    key = (legal_entity, account_no)
    match = (declared_link(), business_key(legal_entity, account_no))
