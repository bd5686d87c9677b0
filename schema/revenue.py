"""When what was sold becomes revenue: schedules, their periods, and the events that recognise."""

from __future__ import annotations

from schema.language import (
    TRANSACTION,
    Entity, business_key, code, date, declared_link, integer, lock, money, percent, quantity, reference, states, text,
)  # fmt: skip
from schema.shapes import Posted
from schema.systems import ERP, HUB


class RevenueSchedule(Entity, family=TRANSACTION, origins=ERP, plural="revenue_schedules", ents=(26,)):
    """How the price of a contract line is recognised over time; a change of terms makes a new version."""

    contract_line = reference("ContractLine", required=True, doc="Line.")
    schedule_version = integer(doc="Version of the schedule.")
    legal_entity = reference("LegalEntity", doc="Whose books.")
    project = reference("Project", doc="Project.")
    method = code("REVENUE_METHOD", doc="How revenue is recognised.")
    obligation = text(doc="Performance obligation.")
    allocated = money(doc="Price allocated to the obligation.")

    states = states("planned > active > completed", planned=["cancelled"], active=["superseded", "cancelled"])
    key = (contract_line, schedule_version)
    match = (declared_link(), business_key(contract_line, schedule_version))


class RevenueScheduleLine(Entity, family=TRANSACTION, origins=ERP, plural="revenue_schedule_lines", ents=(26,)):
    """One period of a revenue schedule."""

    schedule = reference("RevenueSchedule", required=True, doc="Schedule.")
    period = text(required=True, doc="Name of the period (2026-05).")
    accounting_period = reference("AccountingPeriod", doc="The period itself.")
    planned = money(doc="To be recognised.")
    recognised = money(doc="Recognised.")
    deferred = money(doc="Billed, not recognised.")

    states = states("planned > recognised", planned=["cancelled"], recognised=["reversed"])
    key = (schedule, period)
    match = (declared_link(), business_key(schedule, period))


class RevenueEvent(Posted, Entity, family=TRANSACTION, origins=(ERP, HUB), plural="revenue_events", ents=(26,)):
    """A reason to recognise revenue: work done, a milestone, progress or the passing of time."""

    kind = code("REVENUE_EVENT_KIND", required=True, doc="What happened.")
    contract_line = reference("ContractLine", doc="Line.")
    project = reference("Project", doc="Project.")
    legal_entity = reference("LegalEntity", doc="Whose books.")
    time_entry = reference("TimeEntry", doc="Comes from this hour,")
    expense = reference("Expense", doc="this expense,")
    milestone = reference("Milestone", doc="this milestone,")
    schedule_line = reference("RevenueScheduleLine", doc="or this period of a schedule.")
    origin_version = integer(doc="Version of the origin record.")
    amount = money(required=True, doc="Recognised.")
    occurred_on = date(doc="Day it happened.")
    method = code("REVENUE_METHOD", doc="How revenue is recognised.")
    basis = code("REVENUE_BASIS", doc="Hours, percent, milestone or time.")
    basis_quantity = quantity(doc="Hours worked.")
    basis_percent = percent(doc="Progress.")
    hold = reference("BillingHold", doc="What holds it.")

    states = states("raised > posted", raised=["held", "cancelled"], held=["raised", "cancelled"], posted=["reversed"])
    locks = (
        lock(amount, method, contract_line, project, states=("posted", "reversed"), remedy="Raise a reversing event."),
    )
    key = (time_entry, expense, milestone, schedule_line, kind, origin_version)
    match = (
        declared_link(),
        business_key(time_entry, expense, milestone, schedule_line, kind, origin_version),
    )
