"""Who we sell to: the client, its sites, its people and how clients belong together."""

from __future__ import annotations

from schema.comparing import (
    ADDRESS, CITY, EMAIL, FAMILY_NAME, GIVEN_NAME, IDENTIFIER, ORGANISATION, PERSON, PHONE, POSTCODE, REFERENCE, REGION, STREET, TAX_ID, TEXT,
    WEBSITE, compared,
)  # fmt: skip
from schema.kinds import FieldKind
from schema.language import (
    ACCEPT_IF_EMPTY, IGNORE, KEYED, MATCHED, PERSONAL, PROPOSE, R2, R3, REJECT,
    Entity, boolean, business_key, candidates, code, country, date, declared_link, domain, email, exact, group, identifier,
    language, listing, percent, phone, reference, states, text,
)  # fmt: skip
from schema.language import phone as telephone
from schema.rules import keep_all
from schema.systems import BILL, CRM, ERP, HUB, PSA, STEWARD, TAX


class Client(Entity, family=MATCHED, origins=(CRM, ERP, BILL), plural="clients", ents=(1,)):
    """A company or person we sell services to."""

    name = text(owner=(CRM, ERP, PSA, BILL), required=True, essential=True, doc="Everyday name.")
    legal_name = text(owner=(ERP, BILL, CRM), policy=PROPOSE, risk=R2, essential=True, doc="As registered; printed on invoices.")
    kind = code("CLIENT_KIND", owner=(ERP, CRM), policy=PROPOSE, essential=True, doc="A pseudo client never matches or merges.")
    register = text(owner=(ERP, CRM), doc="The register the number belongs to.")
    registration_no = identifier("registration", doc="Number in that register.")
    registration = group(register, registration_no, owner=(ERP, CRM), policy=ACCEPT_IF_EMPTY, risk=R2)
    lei = identifier("lei", owner=(ERP, CRM), policy=ACCEPT_IF_EMPTY, risk=R2, doc="Legal Entity Identifier.")
    duns = identifier("duns", owner=(ERP, CRM), policy=ACCEPT_IF_EMPTY, risk=R2, doc="D-U-N-S number.")
    tax_registrations = listing(
        {
            "country": FieldKind.COUNTRY,
            "scheme": FieldKind.TEXT,
            "number": FieldKind.IDENTIFIER,
            "valid_from": FieldKind.DATE,
            "valid_to": FieldKind.DATE,
            "checked_at": FieldKind.INSTANT,
            "group_registration": FieldKind.BOOLEAN,
        },
        owner=(ERP, TAX, CRM), policy=PROPOSE, risk=R3, essential=True,
        doc="Several per client; a group number is shared by sister companies, so it never links alone.",
    )  # fmt: skip
    street = text(doc="Street and number.")
    city = text(doc="Town.")
    postcode = text(doc="Postal code.")
    region = text(doc="State, province or county.")
    country = country(doc="ISO 3166 country.")
    seat = group(street, city, postcode, region, country, owner=(CRM, ERP, PSA), policy=PROPOSE, doc="Registered seat.")
    domain = domain(owner=(CRM, ERP), policy=IGNORE, doc="Internet domain; nominates candidates only.")
    website = text(owner=(CRM, ERP), doc="Address of the web site.")
    phone = phone(owner=(CRM, ERP), doc="Switchboard.")
    email = email(owner=(CRM, ERP), doc="General mailbox.")
    former_names = listing(owner=HUB, rule=keep_all(), doc="Past names; feed matching and search.")
    aliases = listing(owner=HUB, rule=keep_all(), doc="Losing names; feed matching and search.")
    industry = code("INDUSTRY", owner=CRM, doc="Industry.")
    segment = code("SEGMENT", owner=CRM, doc="Market segment.")
    tier = code("TIER", owner=CRM, doc="Importance to us.")
    language = language(owner=CRM, doc="Language of correspondence.")
    account_manager = reference("Resource", owner=CRM, doc="Who looks after the client.")
    protected = boolean(owner=(STEWARD, CRM), policy=REJECT, risk=R2, doc="Merges need two people.")
    do_not_contact = boolean(owner=(STEWARD, CRM), policy=REJECT, risk=R2, doc="No marketing.")
    blocked = boolean(owner=(ERP, STEWARD), policy=REJECT, risk=R2, doc="No new business.")

    states = states("prospect > active > dormant > closed", dormant=["active"], prospect=["closed"])
    match = (
        declared_link(),
        exact(registration_no, country),
        exact(lei, agreeing=name),
        exact(duns, agreeing=name),
        candidates(domain, phone, name),
    )
    compare = (
        compared(ORGANISATION, name, legal_name, former_names, aliases),
        compared(ADDRESS, street, city, postcode, region, country, street=STREET, city=CITY, postcode=POSTCODE, region=REGION),
        compared(PHONE, phone),
        compared(WEBSITE, domain, website),
        compared(EMAIL, email),
        compared(TAX_ID, tax_registrations),
        compared(IDENTIFIER, registration_no),
        compared(IDENTIFIER, lei),
        compared(IDENTIFIER, duns),
    )


class ClientSite(Entity, family=MATCHED, origins=(ERP, CRM, BILL), plural="client_sites", ents=(1, 33)):
    """A place of a client: where it is seated, billed, delivered to or works."""

    client = reference("Client", owner=(CRM, ERP, BILL), required=True, essential=True, doc="Whose place it is.")
    name = text(owner=(CRM, ERP, BILL), doc="What the client calls it.")
    kind = code("SITE_KIND", owner=(ERP, CRM, BILL), doc="What the place is used for.")
    site_no = identifier("site", owner=(ERP, CRM), doc="Number of the address in the owner's system.")
    street = text(doc="Street and number.")
    city = text(doc="Town.")
    postcode = text(doc="Postal code.")
    region = text(doc="State, province or county.")
    country = country(doc="ISO 3166 country.")
    address = group(street, city, postcode, region, country, owner=(ERP, CRM, BILL), doc="Moves together; compared as one.")
    tax_jurisdiction = text(owner=(TAX, ERP), policy=PROPOSE, risk=R2, doc="Where it is taxed.")
    e_invoice_scheme = identifier("e_invoice_scheme", doc="Scheme of the electronic address (Peppol, SDI …).")
    e_invoice_id = identifier("e_invoice", doc="Address in that scheme.")
    e_invoice = group(e_invoice_scheme, e_invoice_id, owner=ERP, policy=PROPOSE, risk=R2, doc="Where electronic invoices go.")
    valid_from = date(owner=(ERP, CRM), doc="In use from.")
    valid_to = date(owner=(ERP, CRM), doc="In use until, inclusive.")

    match = (declared_link(), candidates(postcode, street, within=(client,)))
    compare = (
        compared(ADDRESS, street, city, postcode, region, country, street=STREET, city=CITY, postcode=POSTCODE, region=REGION),
        compared(REFERENCE, client),
        compared(TEXT, name),
        compared(IDENTIFIER, e_invoice_id),
    )


class Contact(Entity, family=MATCHED, origins=(CRM, PSA, BILL), plural="contacts", ents=(1,)):
    """A person at a client. Who changes employer becomes a new contact, joined by ``same_person_as``."""

    given_name = text(owner=(CRM, PSA, BILL), sensitivity=PERSONAL, doc="First name.")
    family_name = text(owner=(CRM, PSA, BILL), sensitivity=PERSONAL, doc="Last name.")
    salutation = text(owner=CRM, sensitivity=PERSONAL, doc="How to address them.")
    email = email(owner=(CRM, BILL, PSA), policy=IGNORE, sensitivity=PERSONAL, essential=True, doc="A role mailbox links to nobody.")
    phone = phone(owner=(CRM, BILL), policy=IGNORE, sensitivity=PERSONAL, doc="Desk telephone.")
    mobile = telephone(owner=(CRM, BILL), policy=IGNORE, sensitivity=PERSONAL, doc="Mobile telephone.")
    client = reference("Client", owner=(CRM, PSA, BILL), essential=True, doc="Whom they work for.")
    title = text(owner=(CRM, PSA), doc="Position.")
    department = text(owner=CRM, doc="Department.")
    roles = listing(codes="CONTACT_ROLE", owner=(CRM, ERP), doc="Sponsor, billing, approver, signatory.")
    language = language(owner=CRM, doc="Language of correspondence.")
    consent = code("CONSENT", owner=CRM, policy=REJECT, risk=R2, doc="May we write to them?")
    same_person_as = reference("Contact", owner=(STEWARD, CRM), doc="The same person at an earlier employer.")

    states = states("active > left", left=["active"])
    one_of = ((family_name, email),)
    match = (
        declared_link(),
        candidates(email, family_name, within=(client,)),
    )
    compare = (
        compared(PERSON, given_name, family_name, given_name=GIVEN_NAME, family_name=FAMILY_NAME),
        compared(EMAIL, email),
        compared(PHONE, phone, mobile),
        compared(REFERENCE, client),
        compared(TEXT, title),
    )


class ClientRelationship(
    Entity, family=KEYED, origins=(ERP, CRM, STEWARD), plural="client_relationships", ents=(2,), valid=("valid_from", "valid_to")
):
    """How one client belongs to another. Each kind is a tree of its own, without cycles, one open parent per kind."""

    from_client = reference("Client", owner=(ERP, CRM, STEWARD), required=True, essential=True, doc="The child.")
    to_client = reference("Client", owner=(ERP, CRM, STEWARD), required=True, essential=True, doc="The parent, payer or successor.")
    kind = code("RELATIONSHIP_KIND", owner=(ERP, CRM, STEWARD), required=True, essential=True, doc="What the edge means.")
    share = percent(owner=(ERP, CRM), doc="Part held or paid.")
    valid_from = date(owner=(ERP, CRM, STEWARD), doc="In force from.")
    valid_to = date(owner=(ERP, CRM, STEWARD), doc="In force until, inclusive.")

    key = (from_client, to_client, kind, valid_from)
    match = (declared_link(), business_key(from_client, to_client, kind, valid_from))
