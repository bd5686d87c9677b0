"""From work to invoice: schedules, billable items, the batches they are released in, and the holds that stop them."""

from __future__ import annotations

from schema.kinds import FieldKind
from schema.language import (
    R2, TRANSACTION,
    Entity, business_key, code, date, declared_link, facet, identifier, instant, integer, listing, lock, money, percent,
    price, quantity, reference, states, text,
)  # fmt: skip
from schema.systems import BILL, CRM, ERP, HUB, PSA, STEWARD


class BillingSchedule(Entity, family=TRANSACTION, origins=(BILL, HUB), plural="billing_schedules", ents=(19,)):
    """When a contract line falls due: by dates, milestones, progress or recurrence."""

    contract_line = reference("ContractLine", required=True, essential=True, doc="Line it bills.")
    kind = code("SCHEDULE_KIND", doc="Dates, milestones, percent or recurring.")
    currency = code("CURRENCY", doc="Currency of its lines.")
    terms_version = integer(doc="Contract terms it was made from.")

    key = (contract_line, kind)
    match = (declared_link(), business_key(contract_line, kind))


class BillingScheduleLine(Entity, family=TRANSACTION, origins=(BILL, HUB), plural="billing_schedule_lines", ents=(19,)):
    """One due date. A change order recalculates only lines that have no item yet."""

    schedule = reference("BillingSchedule", required=True, essential=True, doc="Schedule.")
    seq = integer(required=True, essential=True, doc="Place in the schedule.")
    due_on = date(doc="Falls due on.")
    amount = money(doc="Falls due, as an amount,")
    percent = percent(doc="or as a share of the line.")
    milestone = reference("Milestone", doc="Falls due when this is approved.")
    period_from = date(doc="First day billed.")
    period_to = date(doc="Last day billed, inclusive.")

    states = states("planned > due > item_created > invoiced", planned=["cancelled"], due=["cancelled"])
    locks = (
        lock(
            due_on, amount, percent, milestone, period_from, period_to,
            states=("item_created", "invoiced"), remedy="Adjust the billable item.",
        ),
    )  # fmt: skip
    key = (schedule, seq)
    match = (declared_link(), business_key(schedule, seq))


class BillableItem(Entity, family=TRANSACTION, origins=(HUB, BILL, PSA, ERP), plural="billable_items", ents=(21,)):
    """The grain of money: one origin version makes one item, for ever. Also called charge, actual, billing event item."""

    project = reference("Project", required=True, essential=True, doc="Project.")
    contract_line = reference("ContractLine", essential=True, doc="Line it is billed under.")
    kind = code("ITEM_KIND", doc="What it comes from.")
    time_entry = reference("TimeEntry", doc="Comes from this hour,")
    expense = reference("Expense", doc="this expense,")
    milestone = reference("Milestone", doc="this milestone,")
    schedule_line = reference("BillingScheduleLine", doc="this due date,")
    adjusts = reference("BillableItem", doc="or adjusts this item.")
    origin_version = integer(doc="Version of the origin record it was made from.")
    terms_version = integer(doc="Contract terms it was priced under.")
    rate_line = reference("RateLine", doc="Rate it was priced with.")
    quantity = quantity(doc="Billed quantity.")
    price = price(doc="Price per unit.")
    amount = money(required=True, essential=True, doc="To be billed.")
    currency = code("CURRENCY", doc="Currency billed.")
    tax_category = code("TAX_CATEGORY", doc="How it is taxed.")
    client_po = reference("ClientPurchaseOrder", doc="The client's order it draws on.")
    invoice_text = text(doc="What the invoice says.")
    write_down_reason = code("WRITE_OFF", risk=R2, doc="Why it is billed for less.")
    state = code("BILLABLE_ITEM_STATE", essential=True, doc="Where it is.")
    hold = reference("BillingHold", doc="What holds it.")
    batch = reference("BillingBatch", doc="Batch it is released in.")
    invoice_line = reference("InvoiceLine", doc="Line it was invoiced on.")
    billing = facet(state, hold, batch, invoice_line, owner=(BILL, ERP, HUB), doc="Billing.")

    states = states(
        "open > ready > drafted > invoiced > credited",
        open=["held", "written_off", "non_billable", "superseded"], held=["open", "ready", "written_off", "superseded"],
        ready=["held", "open", "superseded"], drafted=["ready"], invoiced=["written_off"],
    )  # fmt: skip
    locks = (
        lock(
            project, contract_line, quantity, price, amount, currency, tax_category, client_po, rate_line, invoice_text,
            states=("drafted", "invoiced", "credited", "written_off"), remedy="Make an adjusting item.",
        ),
    )  # fmt: skip
    one_of = ((time_entry, expense, milestone, schedule_line, adjusts),)
    key = (time_entry, expense, milestone, schedule_line, adjusts, origin_version, kind)
    match = (
        declared_link(),
        business_key(time_entry, expense, milestone, schedule_line, adjusts, origin_version, kind),
    )


class BillingBatch(Entity, family=TRANSACTION, origins=(HUB, BILL), plural="billing_batches", ents=(19,)):
    """The controlled queue between items and invoices; its author does not approve it."""

    number = identifier("batch", required=True, doc="Number.")
    legal_entity = reference("LegalEntity", doc="Seller.")
    client = reference("Client", doc="Client, when the batch is for one.")
    cut_off = date(doc="Items up to this day, inclusive.")
    items = listing(target="BillableItem", doc="What is in it.")
    totals = listing({"total": FieldKind.MONEY}, doc="Totals, one per currency.")
    state = code("BILLING_BATCH_STATE", risk=R2, doc="Where it is.")
    approver = reference("Resource", risk=R2, doc="Who approved.")
    approved_at = instant(risk=R2, doc="When it was approved.")
    approval_comment = text(doc="What the approver said.")
    approval = facet(state, approver, approved_at, approval_comment, owner=(HUB, BILL), doc="Approval.")

    states = states(
        "collecting > in_review > approved > released > invoiced", in_review=["returned"], approved=["returned"], returned=["collecting"]
    )
    locks = (
        lock(items, totals, cut_off, states=("approved", "released", "invoiced"), remedy="Return the batch first."),
    )
    key = (legal_entity, number)
    match = (declared_link(), business_key(legal_entity, number))


class BillingHold(Entity, family=TRANSACTION, origins=(PSA, ERP, CRM, HUB, STEWARD), plural="billing_holds", ents=(20,)):
    """Stops invoicing. Any system may place one; only the placing side or finance releases it; all must be released."""

    level = code("HOLD_LEVEL", required=True, doc="How much is held.")
    client = reference("Client", doc="Holds this client,")
    contract = reference("Contract", doc="this contract,")
    contract_line = reference("ContractLine", doc="this line,")
    project = reference("Project", doc="this project,")
    billable_item = reference("BillableItem", doc="or this item.")
    amount = money(doc="Held amount, when not all of it.")
    reason = code("HOLD_REASON", required=True, essential=True, doc="Why.")
    kind = code("HOLD_KIND", doc="Billing or revenue.")
    placed_by = text(doc="Who placed it.")
    placed_at = instant(doc="When it was placed.")
    review_on = date(doc="Look again on.")
    state = code("BILLING_HOLD_STATE", risk=R2, essential=True, doc="Placed or released.")
    released_by = text(risk=R2, doc="Who released it.")
    released_at = instant(risk=R2, doc="When it was released.")
    release = facet(state, released_by, released_at, owner=(PSA, ERP, CRM, HUB, STEWARD), doc="Release.")

    states = states("placed > released")
    one_of = ((client, contract, contract_line, project, billable_item),)
    match = (declared_link(),)
