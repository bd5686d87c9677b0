"""What work costs us: cost items, and our purchase orders to vendors."""

from __future__ import annotations

from schema.language import (
    CONFIDENTIAL, TRANSACTION,
    Entity, business_key, code, date, declared_link, facet, identifier, lock, money, price, quantity,
    reference, states, text,
)  # fmt: skip
from schema.shapes import Posted
from schema.systems import ERP, PROC, PSA


class CostItem(Posted, Entity, family=TRANSACTION, origins=(ERP, PSA), plural="cost_items", ents=(21, 29)):
    """Labour, subcontractor, vendor or expense cost of a project."""

    kind = code("COST_KIND", required=True, doc="What was paid for.")
    source_document = identifier("document", doc="Document it comes from.")
    line_no = identifier("line", doc="Line of that document.")
    project = reference("Project", doc="Project.")
    task = reference("Task", doc="Task.")
    resource = reference("Resource", doc="Whose work,")
    vendor = reference("Vendor", doc="or whose delivery.")
    time_entry = reference("TimeEntry", doc="Hour it costs.")
    expense = reference("Expense", doc="Expense it costs.")
    work_date = date(doc="Local day of the work.")
    quantity = quantity(doc="Quantity.")
    amount = money(required=True, sensitivity=CONFIDENTIAL, doc="Cost.")
    functional_amount = money(sensitivity=CONFIDENTIAL, doc="Cost in the books' currency.")
    legal_entity = reference("LegalEntity", doc="Whose cost.")
    cost_centre = reference("CostCentre", doc="Cost centre.")
    purchase_order = reference("PurchaseOrder", doc="Our order.")
    intercompany_partner = reference("LegalEntity", doc="The other entity, when work crosses entities.")

    key = (source_document, line_no)
    match = (declared_link(), business_key(legal_entity, source_document, line_no))


class PurchaseOrder(Entity, family=TRANSACTION, origins=(PROC, ERP), plural="purchase_orders", ents=(30,)):
    """Our request or order to a vendor; not the client's order to us."""

    number = identifier("purchase_order", required=True, doc="Number.")
    legal_entity = reference("LegalEntity", doc="Who orders.")
    vendor = reference("Vendor", doc="From whom.")
    project = reference("Project", doc="For which project.")
    currency = code("CURRENCY", doc="Currency.")
    amount = money(doc="Ordered.")
    ordered_on = date(doc="Day of the order.")
    received_amount = money(doc="Received.")
    invoiced_amount = money(doc="Invoiced by the vendor.")
    progress = facet(received_amount, invoiced_amount, owner=(ERP, PROC), doc="Progress.")

    states = states(
        "requested > approved > ordered > received > closed",
        requested=["rejected", "cancelled"], approved=["cancelled"], ordered=["closed", "cancelled"],
    )  # fmt: skip
    locks = (
        lock(vendor, currency, amount, states=("ordered", "received", "closed"), remedy="Change the order with the vendor."),
    )
    key = (legal_entity, number)
    match = (declared_link(), business_key(legal_entity, number))


class PurchaseOrderLine(Entity, family=TRANSACTION, origins=(PROC, ERP), plural="purchase_order_lines", ents=(30,)):
    """One line of our order to a vendor."""

    purchase_order = reference("PurchaseOrder", required=True, doc="Order.")
    line_no = identifier("line", required=True, doc="Number of the line.")
    description = text(doc="What is ordered.")
    project = reference("Project", doc="For which project.")
    task = reference("Task", doc="For which task.")
    resource = reference("Resource", doc="The contractor ordered.")
    quantity = quantity(doc="Quantity.")
    unit_price = price(sensitivity=CONFIDENTIAL, doc="Price per unit.")
    amount = money(sensitivity=CONFIDENTIAL, doc="Ordered.")
    received_amount = money(sensitivity=CONFIDENTIAL, doc="Received.")
    invoiced_amount = money(sensitivity=CONFIDENTIAL, doc="Invoiced by the vendor.")
    progress = facet(received_amount, invoiced_amount, owner=(ERP, PROC), doc="Progress.")

    key = (purchase_order, line_no)
    match = (declared_link(), business_key(purchase_order, line_no))
