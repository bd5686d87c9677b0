"""Documents a client owes us by, or is owed by: invoices, credit memos, and their lines."""

from __future__ import annotations

from schema.kinds import FieldKind
from schema.language import (
    TRANSACTION,
    Entity, business_key, code, country, date, decimal, declared_link, facet, group, identifier, instant, integer,
    listing, lock, money, price, quantity, ref, reference, states, text,
)  # fmt: skip
from schema.systems import BILL, ERP, STEWARD

ISSUED = ("issued", "posted", "part_paid", "paid", "credited", "written_off")
"""The states in which a document's facts are closed."""


class ReceivableDocument:
    """What an invoice and a credit memo have in common; negative amounts stay as the source signs them."""

    number = identifier("document", essential=True, doc="Null while draft; drafts link by source id only.")
    series = identifier("series", doc="Number series.")
    fiscal_year = integer(doc="Fiscal year of the number.")
    legal_entity = reference("LegalEntity", essential=True, doc="Seller.")
    billing_account = reference("BillingAccount", essential=True, doc="Account it is charged to.")
    client = reference("Client", essential=True, doc="Whom it is for.")
    contract = reference("Contract", doc="Contract.")
    projects = listing(target="Project", doc="Projects on it.")
    client_po = reference("ClientPurchaseOrder", doc="The client's order.")
    client_po_number = text(doc="The client's order number as printed.")
    kind = code("DOCUMENT_KIND", doc="Standard, advance, final, cancellation or correction.")
    bill_to_name = text(doc="Addressee as printed.")
    bill_to_address = text(doc="Address as printed.")
    bill_to_country = country(doc="Country as printed.")
    bill_to_tax_number = text(doc="Tax number as printed.")
    bill_to = group(
        bill_to_name, bill_to_address, bill_to_country, bill_to_tax_number,
        doc="As printed: never follows later changes or merges of the client.",
    )  # fmt: skip
    seller_name = text(doc="Seller as printed.")
    seller_address = text(doc="Address as printed.")
    seller_tax_number = text(doc="Tax number as printed.")
    seller = group(seller_name, seller_address, seller_tax_number, doc="As printed.")
    issue_date = date(essential=True, doc="Day of issue.")
    tax_date = date(doc="Tax point.")
    due_date = date(essential=True, doc="Falls due.")
    service_from = date(doc="First day of service.")
    service_to = date(doc="Last day of service, inclusive.")
    payment_terms = code("PAYMENT_TERMS", doc="Terms as printed.")
    currency = code("CURRENCY", required=True, essential=True, doc="Currency of the document.")
    net = money(essential=True, doc="Before tax.")
    tax = money(essential=True, doc="Tax.")
    gross = money(essential=True, doc="Net + tax + rounding, to the minor unit.")
    rounding = money(doc="Rounding difference.")
    functional_net = money(doc="Net in the books' currency.")
    functional_tax = money(doc="Tax in the books' currency.")
    functional_gross = money(doc="Gross in the books' currency.")
    rate = decimal(doc="Exchange rate used.")
    rate_type = code("RATE_TYPE", doc="Which rate.")
    rate_date = date(doc="Day of the rate.")
    functional = facet(
        functional_net, functional_tax, functional_gross, rate, rate_type, rate_date, owner=ERP, doc="In the books' currency."
    )
    state = code("DOCUMENT_STATE", essential=True, doc="Where it is.")
    approver = reference("Resource", doc="Who released it.")
    approved_at = instant(doc="When it was released.")
    progress = facet(state, approver, approved_at, owner=(ERP, BILL), doc="How far it is; ERP speaks once it holds it.")
    posting_state = code("POSTING_STATE", doc="How far it is posted.")
    document_no = identifier("ledger_document", doc="Number of the ledger document.")
    posted_at = instant(doc="When it was posted.")
    period = reference("AccountingPeriod", doc="Period it was posted into.")
    posting = facet(posting_state, document_no, posted_at, period, owner=ERP, doc="Posting.")
    open_amount = money(doc="Still to be paid.")
    paid_on = date(doc="Day it was paid in full.")
    settlement = facet(open_amount, paid_on, owner=ERP, doc="Settlement.")
    dispute_reason = code("DISPUTE_REASON", doc="What the client objects to; empty when nothing.")
    disputed_since = date(doc="Since when.")
    dispute = facet(dispute_reason, disputed_since, owner=(ERP, BILL, STEWARD), doc="Dispute.")
    e_document_status = code("E_DOCUMENT_STATUS", doc="Clearance by the authority.")
    e_document_id = identifier("e_document", doc="Number the authority gave.")
    e_document = facet(
        e_document_status, e_document_id, owner=(BILL, ERP), doc="Where law clears invoices before they are valid."
    )

    states = states(
        "draft > approved > issued > posted > part_paid > paid",
        draft=["issued", "void"], approved=["draft", "void"], issued=["part_paid", "paid", "void", "credited"],
        posted=["paid", "credited", "written_off"], part_paid=["posted", "credited", "written_off"],
        paid=["part_paid", "posted", "credited"],
    )  # fmt: skip
    locks = (
        lock(
            number, series, fiscal_year, legal_entity, billing_account, client, contract, projects, client_po, client_po_number,
            kind, bill_to, seller, issue_date, tax_date, due_date, service_from, service_to, payment_terms, currency, net, tax,
            gross, rounding, states=ISSUED, remedy="Issue a credit memo, a cancellation or a correction.",
        ),
    )  # fmt: skip
    key = (legal_entity, series, fiscal_year, number)
    match = (declared_link(), business_key(legal_entity, series, fiscal_year, number))


class Invoice(ReceivableDocument, Entity, family=TRANSACTION, origins=(BILL, ERP), plural="invoices", ents=(22,)):
    """What a client owes us, as printed and as booked."""

    corrects = reference("Invoice", doc="The invoice it cancels or corrects.")


class CreditMemo(ReceivableDocument, Entity, family=TRANSACTION, origins=(BILL, ERP), plural="credit_memos", ents=(23,)):
    """What we take back of an invoice; it names what it credits."""

    corrects = reference("Invoice", essential=True, doc="The invoice it credits.")
    reason = text(doc="Why.")


class InvoiceLine(Entity, family=TRANSACTION, origins=(BILL, ERP), plural="invoice_lines", ents=(22, 23)):
    """One line of an invoice or a credit memo. Consolidated and split lines are normal: allocations are many to many."""

    invoice = reference("Invoice", essential=True, doc="On this invoice,")
    credit_memo = reference("CreditMemo", essential=True, doc="or on this credit memo.")
    line_no = identifier("line", required=True, essential=True, doc="Stable number of the line.")
    service_item = reference("ServiceItem", doc="Catalogue item.")
    description = text(essential=True, doc="As printed.")
    quantity = quantity(doc="Billed quantity.")
    unit_price = price(doc="Price per unit.")
    net = money(required=True, essential=True, doc="Before tax.")
    tax_code = reference("TaxCode", doc="Tax code.")
    tax_category = code("TAX_CATEGORY", doc="How it is taxed.")
    tax = money(doc="Tax.")
    project = reference("Project", essential=True, doc="Project.")
    task = reference("Task", doc="Task.")
    contract_line = reference("ContractLine", doc="Line of the contract.")
    dimensions = listing({"dimension": FieldKind.TEXT, "value": FieldKind.TEXT}, doc="Ledger dimensions.")
    allocations = listing(
        {"billable_item": ref("BillableItem"), "amount": FieldKind.MONEY}, doc="Which items it bills; sums to net."
    )

    locks = (
        lock(
            line_no, description, quantity, unit_price, net, tax_code, tax_category, tax, project, task, allocations,
            states=ISSUED, via="invoice", remedy="Issue a credit memo or a correction.",
        ),
        lock(
            line_no, description, quantity, unit_price, net, tax_code, tax_category, tax, project, task, allocations,
            states=ISSUED, via="credit_memo", remedy="Issue a correction.",
        ),
    )  # fmt: skip
    one_of = ((invoice, credit_memo),)
    key = (invoice, credit_memo, line_no)
    match = (declared_link(), business_key(invoice, credit_memo, line_no))
