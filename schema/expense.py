"""Expenses and the reports they are handed in with."""

from __future__ import annotations

from schema.language import (
    TRANSACTION,
    Entity, boolean, business_key, code, date, decimal, declared_link, group, identifier, listing, lock, money, percent,
    quantity, reference, text,
)  # fmt: skip
from schema.shapes import Approval, Billing, Posting
from schema.systems import HCM, PSA


class ExpenseReport(Approval, Entity, family=TRANSACTION, origins=(PSA, HCM), plural="expense_reports", ents=(17,)):
    """What one resource hands in for one period."""

    number = identifier("expense_report", doc="Number of the report.")
    resource = reference("Resource", required=True, essential=True, doc="Who claims.")
    legal_entity = reference("LegalEntity", doc="Who reimburses.")
    period_from = date(doc="First day covered.")
    period_to = date(doc="Last day covered, inclusive.")
    purpose = text(doc="What for.")
    total = money(doc="Total claimed.")

    locks = (
        lock(resource, period_from, period_to, total, states=("approved",), remedy="Recall the approval first."),
    )
    match = (declared_link(),)


class Expense(Approval, Billing, Posting, Entity, family=TRANSACTION, origins=(PSA, HCM), plural="expenses", ents=(17,)):
    """One outlay. Three amounts in up to three currencies: incurred, reimbursed, to bill."""

    report = reference("ExpenseReport", essential=True, doc="Report it belongs to.")
    resource = reference("Resource", required=True, essential=True, doc="Who spent.")
    project = reference("Project", essential=True, doc="For which project; none on overhead.")
    task = reference("Task", doc="For which task.")
    incurred_on = date(required=True, essential=True, doc="Local day of the outlay.")
    category = code("EXPENSE_CATEGORY", essential=True, doc="What was bought.")
    incurred = money(required=True, essential=True, doc="Paid, in the currency paid.")
    reimbursed = money(doc="Given back to the resource.")
    to_bill = money(doc="To be billed.")
    rate = decimal(doc="Exchange rate used.")
    rate_date = date(doc="Day of the rate.")
    rate_source = text(doc="Who converted.")
    exchange = group(rate, rate_date, rate_source, doc="How it was converted.")
    input_tax_code = code("TAX_CATEGORY", doc="Tax on the receipt.")
    input_tax = money(doc="Tax on the receipt, amount.")
    input_tax_reclaimable = boolean(doc="May we reclaim it?")
    markup = percent(doc="Markup when billed.")
    billable = boolean(doc="May it be billed?")
    reimbursable = boolean(doc="Is it given back?")
    receipt_uri = text(doc="Where the receipt is.")
    receipt_digest = identifier("digest", doc="Digest of the receipt.")
    merchant = text(doc="Where it was spent.")
    quantity = quantity(doc="Kilometres, days of a per diem …")
    policy_flags = listing(codes="EXPENSE_FLAG", doc="Which rules it breaks.")
    note = text(doc="For the client; may reach an invoice.")
    correction_of = reference("Expense", doc="The expense it reverses or replaces.")

    locks = (
        lock(
            resource, project, task, incurred_on, category, incurred, reimbursed, to_bill, input_tax_code, input_tax, markup,
            billable, states=("approved",), remedy="Recall the approval, or book a reversing and a new expense.",
        ),
    )  # fmt: skip
    key = (resource, incurred_on, category, incurred, merchant)
    match = (
        declared_link(),
        business_key(resource, incurred_on, category, incurred, merchant),
        business_key(resource, incurred_on, category, incurred, receipt_digest),
    )
