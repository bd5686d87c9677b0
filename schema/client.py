"""Who we sell to: the client, its sites and its people."""

from __future__ import annotations

from schema.kinds import FieldKind
from schema.language import (
    ACCEPT_IF_EMPTY, IGNORE, MATCHED, PERSONAL, PROPOSE, R2, R3, REJECT,
    Entity, boolean, candidates, code, country, declared_link, domain, email, exact, group, identifier, language,
    listing, phone, reference, states, text,
)  # fmt: skip
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
    key = ()
    match = (
        declared_link(),
        exact(registration_no, country),
        exact(lei, agreeing=name),
        exact(duns, agreeing=name),
        candidates(domain, phone, name),
    )
