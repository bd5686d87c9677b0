"""Figures taken at a moment and never rewritten: actuals, utilisation, profitability, work in progress."""

from __future__ import annotations

from schema.language import (
    CONFIDENTIAL, DERIVED,
    Entity, business_key, code, declared_link, instant, money, percent, quantity, reference, text,
)  # fmt: skip
from schema.systems import ERP, HUB, PSA


class ProjectActuals(Entity, family=DERIVED, origins=(PSA, HUB), plural="project_actuals_snapshots", ents=(38,)):
    """What a project has used and earned in a period, as known at a moment."""

    project = reference("Project", required=True, doc="Project.")
    period = text(required=True, doc="Name of the period (2026-05).")
    taken_at = instant(required=True, doc="As known at.")
    legal_entity = reference("LegalEntity", doc="Whose books.")
    hours = quantity(doc="Worked.")
    billable_hours = quantity(doc="Worked and billable.")
    cost = money(sensitivity=CONFIDENTIAL, doc="Cost.")
    billed = money(doc="Billed.")
    unbilled = money(doc="Billable, not billed.")
    recognised = money(doc="Recognised.")

    key = (project, period, taken_at)
    match = (declared_link(), business_key(project, period, taken_at))


class UtilisationSnapshot(Entity, family=DERIVED, origins=(PSA, HUB), plural="utilisation_snapshots", ents=(38,)):
    """How much of a resource's, practice's or region's capacity was used in a period."""

    scope = text(required=True, doc="What it is about.")
    period = text(required=True, doc="Name of the period (2026-05).")
    taken_at = instant(required=True, doc="As known at.")
    resource = reference("Resource", doc="Resource, when it is about one.")
    service_line = reference("ServiceLine", doc="Practice.")
    region = reference("Region", doc="Region.")
    legal_entity = reference("LegalEntity", doc="Employer.")
    capacity = quantity(doc="Hours that could be worked.")
    hours = quantity(doc="Hours worked.")
    billable_hours = quantity(doc="Hours worked and billable.")
    utilisation = percent(doc="Billable hours of capacity.")

    key = (scope, period, taken_at)
    match = (declared_link(), business_key(scope, period, taken_at))


class ProfitabilitySnapshot(Entity, family=DERIVED, origins=(HUB, ERP), plural="profitability_snapshots", ents=(39,)):
    """Revenue, cost and margin of a project, client or practice in a period."""

    scope = text(required=True, doc="What it is about.")
    period = text(required=True, doc="Name of the period (2026-05).")
    taken_at = instant(required=True, doc="As known at.")
    client = reference("Client", doc="Client, when it is about one,")
    project = reference("Project", doc="project,")
    service_line = reference("ServiceLine", doc="or practice.")
    legal_entity = reference("LegalEntity", doc="Whose books.")
    revenue = money(doc="Revenue.")
    cost = money(sensitivity=CONFIDENTIAL, doc="Cost.")
    margin = money(sensitivity=CONFIDENTIAL, doc="Revenue less cost.")
    margin_percent = percent(sensitivity=CONFIDENTIAL, doc="Margin of revenue.")

    key = (scope, period, taken_at)
    match = (declared_link(), business_key(scope, period, taken_at))


class WipBalance(Entity, family=DERIVED, origins=(HUB, ERP), plural="wip_balances", ents=(27,)):
    """Work done and not settled, per project, line, books and period: unbilled, accrued, deferred."""

    project = reference("Project", required=True, doc="Project.")
    contract_line = reference("ContractLine", doc="Line.")
    legal_entity = reference("LegalEntity", doc="Whose books.")
    period = text(required=True, doc="Name of the period (2026-05).")
    currency = code("CURRENCY", required=True, doc="One balance per currency.")
    unbilled = money(doc="Billable, not billed.")
    accrued = money(doc="Recognised, not billed.")
    deferred = money(doc="Billed, not recognised.")
    as_of = instant(doc="As known at.")

    key = (project, contract_line, legal_entity, period, currency)
    match = (declared_link(), business_key(project, contract_line, legal_entity, period, currency))
