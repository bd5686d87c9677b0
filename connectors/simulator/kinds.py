"""The three configurations: which kinds of record each system holds, with all their fields, and how it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.signatures import Signature
from connectors.simulator import rules
from connectors.simulator.dialects import Crm, Dialect, Erp, Kind, Psa

CRM_SECRET = "whsec_bm9ydGhiZWFtLWNybS13ZWJob29rLXNlY3JldA=="
PSA_SECRET = "northbeam-psa-webhook-secret"


def _empty(names: str, **stated: Any) -> Mapping[str, Any]:
    return dict.fromkeys(names.split()) | stated


def crm() -> Dialect:
    account = _empty(
        "Name LegalName__c Type BillingStreet BillingCity BillingPostalCode BillingState BillingCountry Phone Website Industry "
        "Tier__c Language__c Duns__c Lei__c VatNumber__c OwnerId Erp_Number__c Payment_Terms__c Hub_Id__c",
        Status__c="Prospect",
    )
    contact = _empty("AccountId FirstName LastName Salutation Email Phone MobilePhone Title Department Hub_Id__c", Status__c="Active")
    opportunity = _empty("AccountId Name StageName Amount CurrencyIsoCode CloseDate Probability Hub_Id__c", IsClosed=False, IsWon=False)
    base = "/services/data/v1"
    return Crm(
        "crm",
        base,
        (
            Kind("account", "accounts", account, 1, "001NB{:010d}AAA", "Hub_Id__c", check=rules.crm_account),
            Kind("contact", "contacts", contact, 1, "003NB{:010d}AAC", "Hub_Id__c", check=rules.crm_contact),
            Kind("opportunity", "opportunities", opportunity, 1, "006NB{:010d}AAO", "Hub_Id__c", check=rules.crm_opportunity),
        ),
        Signature("standard-webhooks", (CRM_SECRET,)),
    )


def psa() -> Dialect:
    client = _empty(
        "name legal_name address city zip country phone website duns crm_id erp_customer_no payment_terms", active=True, currency="EUR"
    )
    person = _empty(
        "first_name last_name email phone job_title client_id crm_contact_id employee_no role country hired_on", is_staff=False, active=True
    )
    project = _empty(
        "code title description client_id manager_id opportunity_id starts_on ends_on budget_cents", currency="EUR", status="planned",
        billable=True,
    )  # fmt: skip
    entry = _empty(
        "person_id project_id date_performed time_in_minutes notes approved_at approved_by corrects_id", status="draft", billable=True
    )
    milestone = _empty("project_id code title due_on reached_on amount_cents", currency="EUR", status="planned")
    return Psa(
        "psa",
        "/api/v1",
        (
            Kind("client", "clients", client, 101, "{}", check=rules.psa_client),
            Kind("person", "people", person, 501, "{}"),
            Kind("project", "projects", project, 2001, "{}", check=rules.psa_project),
            Kind("time_entry", "time_entries", entry, 90001, "{}", check=rules.psa_time_entry),
            Kind("milestone", "milestones", milestone, 701, "{}"),
        ),
        Signature("hmac-sha256", (PSA_SECRET,), header="x-psa-signature", prefix="sha256="),
    )


def erp() -> Dialect:
    company = _empty("name legalName country vatId timeZone", currency="EUR")
    customer = _empty(
        "name legalName phone email website crm_id company creditLimit registration duns lei hub_ref",
        address=_empty("line1 town zip region country"), taxIds=[], terms="N30", currency="EUR", blocked="N", invoiceEmail=None,
    )  # fmt: skip
    employee = _empty("firstName lastName email personnelNo company costCentre psa_id", status="A")
    project = _empty("title customer company psa_project costCentre revenueMethod hub_ref", status="OPEN", currency="EUR")
    posting = _empty("employee project date hours note reverses documentNo postedAt hub_ref", status="POSTED")
    invoice = _empty(
        "customer company date due net tax gross open corrects", terms="N30", status="POSTED", currency="EUR", lines=[], orderRef=None
    )
    payment = _empty("customer company received amount unapplied bankRef text", currency="EUR", status="APPLIED", applications=[])
    return Erp(
        "erp",
        "/erp/v2",
        (
            Kind("company", "companies", company, 1, "NB-{:02d}", is_read_only=True),
            Kind("customer", "customers", customer, 10001, "CUST-{}", "hub_ref", check=rules.erp_customer),
            Kind("employee", "employees", employee, 301, "E{:05d}", is_read_only=True),
            Kind("project", "projects", project, 4001, "PRJ-{}", "hub_ref", check=rules.erp_project),
            Kind("time_posting", "timePostings", posting, 1, "TP-{:07d}", "hub_ref", is_create_only=True, check=rules.erp_time_posting),
            Kind("invoice", "invoices", invoice, 41, "INV-2026-{:04d}", is_read_only=True),
            Kind("credit_memo", "creditMemos", {**invoice, "reason": None}, 1, "CM-2026-{:04d}", is_read_only=True),
            Kind("payment", "payments", payment, 1, "PAY-{:06d}", is_read_only=True),
        ),
        Signature("none"),
    )


DIALECTS = {"crm": crm, "psa": psa, "erp": erp}
