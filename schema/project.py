"""The work: engagement, project and its template, the tree of tasks, and what finance holds about a project."""

from __future__ import annotations

from schema.comparing import DATE, IDENTIFIER, REFERENCE, TEXT, compared
from schema.kinds import FieldKind
from schema.language import (
    IGNORE, KEYED, PROPOSE, R2, REJECT,
    Entity, boolean, business_key, candidates, code, date, declared_link, identifier, listing, lock, percent,
    quantity, reference, states, text,
)  # fmt: skip
from schema.language import code as coded
from schema.systems import BILL, CRM, ERP, HUB, PSA

RUNNING = ("active", "on_hold", "completed", "closed")
"""The states in which a project has, or may have, items."""


class Engagement(Entity, family=KEYED, origins=(PSA, CRM), plural="engagements", ents=(8,)):
    """An optional umbrella over contracts and projects; where no system has engagements, none are invented."""

    code = identifier("engagement", owner=(PSA, CRM), required=True, doc="Code.")
    name = text(owner=(PSA, CRM), doc="Title.")
    client = reference("Client", owner=(PSA, CRM), policy=PROPOSE, doc="For whom.")
    legal_entity = reference("LegalEntity", owner=(PSA, CRM), policy=PROPOSE, doc="Seller.")
    partner = reference("Resource", owner=(PSA, CRM), doc="Who answers for it.")
    contracts = listing(target="Contract", owner=(CRM, PSA), doc="Contracts under it.")
    projects = listing(target="Project", owner=PSA, doc="Projects under it.")

    states = states("planned > active > closed", planned=["closed"])
    key = (code,)
    match = (declared_link(), business_key(code))
    compare = (compared(TEXT, name), compared(IDENTIFIER, code), compared(REFERENCE, client), compared(REFERENCE, partner))


class ProjectTemplate(Entity, family=KEYED, origins=PSA, plural="project_templates", ents=(9,)):
    """What a new project is copied from."""

    code = identifier("template", owner=PSA, required=True, doc="Code.")
    name = text(owner=PSA, doc="Name.")
    description = text(owner=PSA, doc="What it is for.")
    billing_method = coded("BILLING_METHOD", owner=PSA, doc="Usual billing method.")
    service_line = reference("ServiceLine", owner=PSA, doc="Practice.")

    states = states("active > retired", retired=["active"])
    key = (code,)
    match = (declared_link(), business_key(code))


class Project(Entity, family=KEYED, origins=(PSA, HUB, ERP), plural="projects", ents=(9,)):
    """A piece of delivery work. Codes repeat between firms: a code links only with the same client or legal entity."""

    code = identifier("project", owner=(PSA, ERP, HUB, CRM, BILL), policy=REJECT, essential=True, doc="Fixed once active.")
    name = text(owner=(PSA, CRM, HUB, ERP, BILL), policy=IGNORE, required=True, essential=True, doc="Title; never links alone.")
    description = text(owner=(PSA, CRM), policy=IGNORE, doc="What is delivered.")
    client = reference("Client", owner=(PSA, HUB, ERP, CRM, BILL), policy=PROPOSE, essential=True, doc="None on internal projects.")
    legal_entity = reference("LegalEntity", owner=(PSA, ERP, HUB), policy=PROPOSE, risk=R2, essential=True, doc="Seller.")
    engagement = reference("Engagement", owner=PSA, policy=PROPOSE, doc="Umbrella.")
    contract = reference("Contract", owner=(CRM, HUB, PSA), policy=PROPOSE, doc="Contract it delivers.")
    contract_lines = listing(target="ContractLine", owner=(PSA, HUB), policy=PROPOSE, doc="Lines it delivers.")
    opportunity = reference("Opportunity", owner=(PSA, HUB), policy=PROPOSE, doc="Deal it came from.")
    kind = coded("PROJECT_KIND", owner=(PSA, ERP), policy=PROPOSE, essential=True, doc="External, internal, presales, investment.")
    billable = boolean(owner=(PSA, ERP), policy=PROPOSE, doc="May its work be billed?")
    manager = reference("Resource", owner=PSA, policy=IGNORE, essential=True, doc="Project manager.")
    delivery_region = reference("Region", owner=PSA, policy=IGNORE, doc="Where it is delivered.")
    service_line = reference("ServiceLine", owner=PSA, policy=IGNORE, doc="Practice.")
    start_date = date(owner=(PSA, ERP), policy=IGNORE, essential=True, doc="First day.")
    end_date = date(owner=(PSA, ERP), policy=IGNORE, doc="Last day, inclusive.")
    percent_complete = percent(owner=PSA, policy=IGNORE, doc="Progress.")
    health = coded("HEALTH", owner=PSA, policy=IGNORE, doc="How it is going.")
    currency = coded("CURRENCY", owner=(PSA, ERP, HUB), policy=REJECT, essential=True, doc="Fixed by the first item.")
    template = reference("ProjectTemplate", owner=PSA, policy=IGNORE, doc="What it was copied from.")
    parent = reference("Project", owner=PSA, policy=IGNORE, doc="Project it is part of.")
    time_open = boolean(owner=PSA, policy=PROPOSE, doc="May time be booked?")
    expense_open = boolean(owner=PSA, policy=PROPOSE, doc="May expenses be booked?")
    billing_open = boolean(owner=(ERP, PSA), policy=PROPOSE, doc="May it be billed?")

    states = states(
        "draft > planned > active > on_hold > completed > closed",
        draft=["active", "cancelled"], planned=["cancelled"], active=["completed", "cancelled"],
        on_hold=["active", "cancelled"], completed=["active"],
    )  # fmt: skip
    locks = (
        lock(code, currency, legal_entity, states=RUNNING, remedy="Close this project and open another."),
    )
    key = (legal_entity, code)
    match = (
        declared_link(),
        business_key(legal_entity, code),
        business_key(client, code),
        candidates(code, name, within=(client,)),
    )
    compare = (
        compared(TEXT, name),
        compared(REFERENCE, client),
        compared(IDENTIFIER, code),
        compared(DATE, start_date),
        compared(REFERENCE, manager),
    )


class Task(Entity, family=KEYED, origins=PSA, plural="tasks", ents=(10,)):
    """A node of a project's work breakdown: phase, task or deliverable in one tree per project."""

    project = reference("Project", policy=IGNORE, required=True, essential=True, doc="Project it belongs to.")
    parent = reference("Task", policy=IGNORE, doc="Node above; the root stands for the project.")
    kind = code("TASK_KIND", policy=IGNORE, doc="Phase, task or deliverable.")
    name = text(policy=IGNORE, required=True, essential=True, doc="Title.")
    wbs_code = identifier("wbs", policy=IGNORE, doc="Code in the work breakdown.")
    start_date = date(policy=IGNORE, doc="First day.")
    end_date = date(policy=IGNORE, doc="Last day, inclusive.")
    planned_quantity = quantity(policy=IGNORE, doc="Planned work.")
    billable = boolean(policy=IGNORE, doc="Is its work billable?")
    service_item = reference("ServiceItem", policy=IGNORE, doc="What its work is billed as.")
    time_open = boolean(policy=IGNORE, doc="May time be booked?")

    states = states("planned > active > completed", planned=["cancelled"], active=["cancelled"], completed=["active"])
    key = (project, wbs_code)
    match = (declared_link(), business_key(project, wbs_code))


class ProjectFinancials(
    Entity, family=KEYED, origins=(ERP, HUB), plural="project_financials_records", ents=(11,), valid=("valid_from", "valid_to")
):
    """How finance sees a project for a time: what an ERP calls its project is this record, not a rival of ``project``."""

    project = reference("Project", policy=REJECT, risk=R2, required=True, essential=True, doc="Project it is about.")
    legal_entity = reference("LegalEntity", policy=REJECT, risk=R2, essential=True, doc="Books it is kept in.")
    cost_centre = reference("CostCentre", policy=REJECT, risk=R2, essential=True, doc="Cost centre.")
    profit_centre = text(policy=REJECT, risk=R2, doc="Profit centre.")
    department = text(policy=REJECT, risk=R2, doc="Department.")
    ledger_dimensions = listing(
        {"dimension": FieldKind.TEXT, "value": FieldKind.TEXT}, policy=REJECT, risk=R2, doc="Further dimensions of its postings."
    )
    revenue_method = code("REVENUE_METHOD", policy=REJECT, risk=R2, essential=True, doc="How revenue is recognised.")
    revenue_account_map = reference("AccountMap", policy=REJECT, risk=R2, doc="Which accounts its revenue uses.")
    tax_category = code("TAX_CATEGORY", policy=REJECT, risk=R2, doc="How it is taxed.")
    intercompany_rule = code("INTERCOMPANY_RULE", policy=REJECT, risk=R2, doc="How work across entities is charged.")
    erp_project_no = identifier("erp_project", policy=REJECT, risk=R2, doc="Number of the ERP's own project.")
    valid_from = date(policy=REJECT, risk=R2, doc="In force from.")
    valid_to = date(policy=REJECT, risk=R2, doc="In force until, inclusive.")

    states = states("requested > open > closed", requested=["closed"], closed=["open"])
    key = (project, valid_from)
    match = (declared_link(), business_key(project, valid_from))
