"""Who does the work: our people, contractors and placeholders, where they are assigned, and whom we buy from."""

from __future__ import annotations

from schema.comparing import (
    ADDRESS, CITY, DATE, EMAIL, FAMILY_NAME, GIVEN_NAME, IDENTIFIER, ORGANISATION, PERSON, PHONE, POSTCODE, REFERENCE, REGION, STREET, TAX_ID,
    WEBSITE, compared,
)  # fmt: skip
from schema.kinds import FieldKind
from schema.language import (
    ACCEPT_IF_EMPTY, CONFIDENTIAL, IGNORE, KEYED, MATCHED, PERSONAL, PROPOSE, R2, R3, REJECT,
    Entity, boolean, business_key, candidates, code, country, date, declared_link, domain, email, exact, group,
    identifier, listing, percent, phone, price, quantity, reference, states, text, timezone,
)  # fmt: skip
from schema.systems import ERP, HCM, PROC, PSA, STEWARD, TAX


class Vendor(Entity, family=MATCHED, origins=(PROC, ERP), plural="vendors", ents=(29, 30)):
    """Whom we buy from: subcontractor, agency or supplier. A firm that is client and vendor is two records."""

    name = text(owner=(PROC, ERP), required=True, essential=True, doc="Everyday name.")
    legal_name = text(owner=(ERP, PROC), policy=PROPOSE, risk=R2, doc="As registered.")
    kind = code("VENDOR_KIND", owner=(PROC, ERP), policy=PROPOSE, doc="What we buy.")
    vendor_no = identifier("vendor", owner=(ERP, PROC), doc="Number in payables.")
    registration_no = identifier("registration", owner=(ERP, PROC), policy=ACCEPT_IF_EMPTY, risk=R2, doc="Registered number.")
    lei = identifier("lei", owner=(ERP, PROC), policy=ACCEPT_IF_EMPTY, risk=R2, doc="Legal Entity Identifier.")
    duns = identifier("duns", owner=(ERP, PROC), policy=ACCEPT_IF_EMPTY, risk=R2, doc="D-U-N-S number.")
    tax_registrations = listing(
        {
            "country": FieldKind.COUNTRY,
            "scheme": FieldKind.TEXT,
            "number": FieldKind.IDENTIFIER,
            "valid_from": FieldKind.DATE,
            "valid_to": FieldKind.DATE,
            "group_registration": FieldKind.BOOLEAN,
        },
        owner=(ERP, TAX, PROC), policy=PROPOSE, risk=R3, doc="Tax numbers.",
    )  # fmt: skip
    street = text(doc="Street and number.")
    city = text(doc="Town.")
    postcode = text(doc="Postal code.")
    region = text(doc="State, province or county.")
    country = country(doc="ISO 3166 country.")
    seat = group(street, city, postcode, region, country, owner=(PROC, ERP), policy=PROPOSE, doc="Registered seat.")
    domain = domain(owner=(PROC, ERP), doc="Internet domain; nominates candidates only.")
    email = email(owner=(PROC, ERP), doc="General mailbox.")
    phone = phone(owner=(PROC, ERP), doc="Switchboard.")
    payment_terms = code("PAYMENT_TERMS", owner=(ERP, PROC), policy=PROPOSE, risk=R2, doc="When we pay.")
    currency = code("CURRENCY", owner=(ERP, PROC), policy=PROPOSE, risk=R2, doc="Currency we are billed in.")
    bank_holder = text(sensitivity=CONFIDENTIAL, doc="Account holder.")
    bank_number_masked = text(sensitivity=CONFIDENTIAL, doc="Last digits only.")
    bank_digest = identifier("digest", sensitivity=CONFIDENTIAL, doc="Digest of the whole number, to compare.")
    bank = group(bank_holder, bank_number_masked, bank_digest, owner=ERP, policy=REJECT, risk=R3, doc="Never changed automatically.")
    same_party_as = reference("Client", owner=(STEWARD, ERP), doc="The same firm as our client.")

    states = states("active > blocked > closed", active=["closed"], blocked=["active"])
    match = (
        declared_link(),
        exact(registration_no, country),
        exact(lei, agreeing=name),
        exact(duns, agreeing=name),
        candidates(domain, phone, name),
    )
    compare = (
        compared(ORGANISATION, name, legal_name),
        compared(ADDRESS, street, city, postcode, region, country, street=STREET, city=CITY, postcode=POSTCODE, region=REGION),
        compared(PHONE, phone),
        compared(WEBSITE, domain),
        compared(EMAIL, email),
        compared(TAX_ID, tax_registrations),
        compared(IDENTIFIER, registration_no),
        compared(IDENTIFIER, lei),
        compared(IDENTIFIER, duns),
    )


class Resource(Entity, family=MATCHED, origins=(HCM, PSA), plural="resources", ents=(12,)):
    """A person or placeholder that does billable or internal work. A rehire gets a new employee number."""

    given_name = text(owner=(HCM, PSA, ERP), sensitivity=PERSONAL, essential=True, doc="First name.")
    family_name = text(owner=(HCM, PSA, ERP), sensitivity=PERSONAL, essential=True, doc="Last name, or what a placeholder is called.")
    work_email = email(owner=(HCM, PSA, ERP), policy=IGNORE, sensitivity=PERSONAL, essential=True, doc="Business e-mail.")
    employee_no = identifier("employee", owner=(HCM, ERP, PSA), policy=PROPOSE, essential=True, dated=True, doc="Unique per employer.")
    legal_entity = reference("LegalEntity", owner=(HCM, ERP, PSA), policy=PROPOSE, essential=True, dated=True, doc="Employer.")
    kind = code("RESOURCE_KIND", owner=(HCM, PSA), policy=PROPOSE, essential=True, doc="A placeholder never matches a person.")
    vendor = reference("Vendor", owner=(PROC, PSA), policy=PROPOSE, doc="Who lends us a contractor.")
    role = code("ROLE", owner=(PSA, HCM), policy=IGNORE, dated=True, doc="Delivery role.")
    grade = code("GRADE", owner=(PSA, HCM), policy=IGNORE, dated=True, doc="Seniority.")
    service_line = reference("ServiceLine", owner=(PSA, HCM), policy=IGNORE, dated=True, doc="Practice.")
    skills = listing(codes="SKILL", owner=(PSA, HCM), policy=IGNORE, dated=True, doc="What they can do.")
    cost_centre = reference("CostCentre", owner=(HCM, ERP), policy=PROPOSE, dated=True, doc="The one on the day worked goes on the posting.")
    department = text(owner=(HCM, ERP), policy=PROPOSE, dated=True, doc="Department.")
    manager = reference("Resource", owner=(HCM, ERP), policy=PROPOSE, dated=True, doc="Reports to.")
    region = reference("Region", owner=(HCM, ERP), policy=PROPOSE, dated=True, doc="Delivery region.")
    calendar = code("CALENDAR", owner=(HCM, PSA), policy=IGNORE, dated=True, doc="Working calendar; gives capacity.")
    fte = percent(owner=(HCM, PSA), policy=IGNORE, dated=True, doc="Share of full time.")
    work_country = country(owner=(HCM, PSA), policy=IGNORE, dated=True, doc="Where they work.")
    tz = timezone(owner=(HCM, PSA), policy=IGNORE, dated=True, doc="What a work date means locally.")
    cost_rate = price(
        owner=(ERP, HCM, PSA), policy=REJECT, risk=R2, sensitivity=CONFIDENTIAL, dated=True, doc="What an hour costs us."
    )
    start_date = date(owner=(HCM, PSA), policy=PROPOSE, essential=True, doc="First day; eligibility.")
    end_date = date(owner=(HCM, PSA), policy=PROPOSE, doc="Last day; eligibility.")

    states = states("planned > active > on_leave > left", planned=["left"], active=["left"], on_leave=["active"])
    one_of = ((family_name, work_email),)
    match = (
        declared_link(),
        exact(employee_no, legal_entity),
        exact(work_email, agreeing=family_name),
        candidates(work_email, family_name, employee_no),
    )
    compare = (
        compared(PERSON, given_name, family_name, given_name=GIVEN_NAME, family_name=FAMILY_NAME),
        compared(EMAIL, work_email),
        compared(IDENTIFIER, employee_no),
        compared(REFERENCE, legal_entity),
        compared(DATE, start_date),
    )


class Assignment(
    Entity, family=KEYED, origins=PSA, plural="assignments", ents=(13,), valid=("start_date", "end_date")
):
    """Who is booked on which project, for how much and at what rate."""

    resource = reference("Resource", policy=REJECT, required=True, essential=True, doc="Who, or a placeholder.")
    project = reference("Project", policy=REJECT, required=True, essential=True, doc="On which project.")
    task = reference("Task", policy=REJECT, doc="On which task.")
    role = code("ROLE", policy=REJECT, doc="In which role.")
    start_date = date(policy=REJECT, essential=True, doc="First day.")
    end_date = date(policy=REJECT, doc="Last day, inclusive.")
    planned_quantity = quantity(policy=REJECT, doc="Planned work.")
    allocation = percent(policy=REJECT, doc="Share of capacity.")
    bill_rate = price(policy=REJECT, doc="Agreed rate; first hit when an hour is priced.")
    billable = boolean(policy=REJECT, doc="Is the work billable?")
    replaces = reference("Assignment", policy=REJECT, doc="The assignment it takes over.")

    states = states(
        "requested > soft > firm > ended",
        requested=["firm", "cancelled"], soft=["cancelled", "ended"], firm=["soft", "cancelled"],
    )  # fmt: skip
    key = (resource, project, task, role, start_date)
    match = (declared_link(), business_key(resource, project, task, role, start_date))


