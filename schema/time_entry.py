"""Hours: one resource, one local date, one project or task, one class of work."""

from __future__ import annotations

from schema.language import (
    TRANSACTION,
    Entity, boolean, business_key, code, date, declared_link, instant, lock, quantity, reference, text, timezone,
)  # fmt: skip
from schema.language import quantity as billed_quantity
from schema.shapes import Approval, Billing, Posting
from schema.systems import PSA


class TimeEntry(Approval, Billing, Posting, Entity, family=TRANSACTION, origins=PSA, plural="time_entries", ents=(16,)):
    """Work of one day. Absence and internal time are entries too, since utilisation needs them, and never billable."""

    resource = reference("Resource", required=True, essential=True, doc="Who worked.")
    work_date = date(required=True, essential=True, doc="The resource's local day: no zone, never shifted.")
    project = reference("Project", required=True, essential=True, doc="On which project.")
    task = reference("Task", doc="On which task.")
    assignment = reference("Assignment", doc="Under which booking.")
    quantity = quantity(required=True, essential=True, doc="As booked; the billed quantity is never recomputed from it.")
    quantity_to_bill = billed_quantity(doc="What is to be billed.")
    work_class = code("WORK_CLASS", doc="Work, overtime, travel or absence.")
    service_item = reference("ServiceItem", doc="What it is billed as.")
    billable = boolean(essential=True, doc="May it be billed?")
    note = text(doc="For the client; may reach an invoice.")
    internal_note = text(doc="For us; never reaches an invoice.")
    started_at = instant(doc="Start, where the source has it.")
    ended_at = instant(doc="End, where the source has it.")
    tz = timezone(doc="Zone the resource worked in.")
    correction_of = reference("TimeEntry", doc="The entry it reverses or replaces.")

    locks = (
        lock(
            resource, work_date, project, task, quantity, quantity_to_bill, work_class, service_item, billable,
            states=("approved",), remedy="Recall the approval, or book a reversing and a new entry.",
        ),
    )  # fmt: skip
    key = (resource, work_date, project, task, work_class, quantity)
    match = (declared_link(), business_key(resource, work_date, project, task, work_class, quantity))
