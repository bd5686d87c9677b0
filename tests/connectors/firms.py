"""The firms of ``test_vendors_in_a_hub.py``: what is particular to each vendor when a hub takes its whole system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from connectors.simulator.seed import STAFF
from connectors.simulator.store import Row
from schema.systems import CRM, ERP, SystemKind

IdOf = Callable[[Mapping[str, Any], str], str | None]
"""The id a record is told by, from its fields and its id in the simulator; None: no mapping takes it, by the shipped document's word."""
NORDLICHT: Mapping[str, Any] = {"street": "Speicherstr. 12", "city": "Hamburg", "postcode": "20457", "country": "DE"}
NAMESAKES = {"possible_duplicate contact *": "the simulator's firms have contacts of one name, and a person is asked whether they are one"}
NO_ENTITY = {"rule_warning project * project.billing": "no legal entity: those are the books' to tell"}


class Spot(NamedTuple):
    """The name of an entity's records in a system: object and field."""

    entity: str
    object: str
    field: str


class Wish(NamedTuple):
    """What a steward states of a client: ``field``, owned by ``owners`` first in this firm (empty: as in the model)."""

    field: str = "name"
    owners: tuple[SystemKind, ...] = ()


NAME = Wish()
BOOKS_OWN_NAMES = Wish("name", (ERP, CRM))
"""An owner is never written to: in a firm whose books own the names of clients, its CRM is."""


@dataclass(frozen=True)
class Firm:
    """A vendor's row. What a table leaves out is as the simulator has it."""

    client: Spot
    values: Mapping[str, Any]
    """The golden record of one client, found by its name, whole."""
    origin: frozenset[str]
    """What becomes golden records by this system alone, at least."""
    wish: Wish = NAME
    echoes: frozenset[tuple[str, str]] = frozenset()
    """(entity, field) of ours that the field a steward's wish is written to holds, too."""
    follows: Spot | None = None
    """Where the system owns what its users change; its clients, where left out."""
    ids: Mapping[str, IdOf] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    """Object → the simulator's table it is told from, where that has another name."""
    made: frozenset[str] = frozenset()
    """Objects the connector makes from parts of others: at least one record of each."""
    unread: str = ""
    """Why mapped objects are not asked for."""
    tasks: Mapping[str, str] = field(default_factory=dict)
    """Pattern of cause and subject → why it is right that such tasks are open."""
    beside: SystemKind = CRM
    """What else the firm has: told by hand, it tells a client that the vendor's system has not."""
    has_crm: bool = False
    """A PSA is no origin of clients: what is beside it is a CRM that tells them all."""
    vendor: str = ""
    document: Mapping[str, Any] = field(default_factory=dict)
    """What this firm says over the subject's document."""

    def id_of(self, object: str, row: Row) -> str | None:
        return self.ids[object](row.fields, row.id) if object in self.ids else row.id


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def only_if(path: str) -> IdOf:
    """Told where the field says something."""
    return lambda fields, id: id if fields.get(path) else None


def unless(path: str) -> IdOf:
    return lambda fields, id: None if fields.get(path) else id


def by(*paths: str) -> IdOf:
    """Told by these fields."""
    return lambda fields, id: "|".join(str(fields[path]) for path in paths)


SAGE_CLIENT: Mapping[str, Any] = {
    "name": "NORDLICHT LOGISTIK GMBH", "legal_name": "Nordlicht Logistik GmbH", "kind": "organisation",
    "tax_registrations": [{"number": "DE136695976", "country": "DE"}], **NORDLICHT, "email": "ap@nordlicht.example", "blocked": False, "state": "active",
}  # fmt: skip


def employees_contact(fields: Mapping[str, Any], id: str) -> str | None:
    """Sage keeps everybody's names as contacts; those of employees are no client's."""
    return None if id in {f"{given} {family}" for given, family, *_ in STAFF} else id


FIRMS: Mapping[str, Firm] = {
    "autotask": Firm(
        Spot("client", "Companies", "companyName"), {"name": "Nordlicht Logistik GmbH", **NORDLICHT},
        names("billable_item client contact expense expense_report milestone project rate_card rate_line region resource service_item service_line task"
              " time_entry"),
        follows=Spot("project", "Projects", "projectName"), has_crm=True,
        document={"resources": {"Companies": {"on_create": {"ownerResourceID": 10, "phone": "+49 40 1"}}}},  # what Autotask wants of a new one
        ids={
            "PriceListRoles": unless("usesInternalCurrencyPrice"),  # no price of its own
            "TimeEntries": only_if("taskID"),  # holidays and the like
        },
    ),
    "certinia": Firm(
        Spot("client", "Account", "Name"), {"name": "Nordlicht Logistik", **NORDLICHT},
        names("assignment billable_item client contact expense expense_report milestone project project_template rate_card rate_line region resource"
              " service_line task time_entry"),
        follows=Spot("project", "pse__Proj__c", "Name"), has_crm=True,
        made=names("pse__Timecard_Header__c pse__Billing_Event_Item__c"),  # the days of a card, and an item by what it bills
        unread="accounting is read by a document of its own, as what bills",
        tasks={**NAMESAKES, **NO_ENTITY},
    ),
    "certinia-books": Firm(
        Spot("client", "Account", "Name"), {"name": "Nordlicht Logistik", **NORDLICHT, "domain": "nordlicht.example", "website": "https://nordlicht.example"},
        names("accounting_period billing_account client cost_centre credit_memo currency invoice invoice_line ledger_account legal_entity payment tax_code"),
        echoes=frozenset({("billing_account", "name")}),
        unread="work is read by a document of its own", vendor="certinia", document={"system": "books", "kind": "erp", "package": "accounting"},
    ),
    "connectwise": Firm(
        Spot("client", "company", "name"), {"name": "Nordlicht Logistik GmbH", **NORDLICHT},
        names("client contact expense expense_report milestone project rate_card rate_line resource service_item service_line task time_entry"),
        follows=Spot("project", "project", "name"), has_crm=True,
        tasks={**NO_ENTITY, "unbound psa * custom": "custom fields are the firm's to bind"},
    ),
    "dynamics365": Firm(
        Spot("client", "account", "name"),
        {"name": "Nordlicht Logistik", **NORDLICHT, "domain": "nordlicht.example", "website": "https://nordlicht.example", "industry": "transport",
         "state": "active"},
        names("client contact contract contract_line contract_threshold opportunity"), BOOKS_OWN_NAMES, beside=ERP,
        ids={"systemuser": only_if("internalemailaddress")},  # an application's user
        unread="work and bills are read by documents of their own, as a PSA and as what bills",
        tasks=NAMESAKES,
    ),
    "dynamics365-psa": Firm(
        Spot("client", "account", "name"), {"name": "Nordlicht Logistik", **NORDLICHT},
        names("assignment client cost_item expense milestone project rate_card rate_line resource service_item task time_entry"),
        follows=Spot("project", "msdyn_project", "msdyn_subject"), has_crm=True,
        unread="deals and bills are read by documents of their own", vendor="dynamics365",
        document={"system": "psa", "kind": "psa", "shares_org": True, "zone": "Europe/Berlin"},
    ),
    "dynamics365-bill": Firm(
        Spot("client", "account", "name"), {"name": "Nordlicht Logistik", "state": "active"},
        names("client invoice invoice_line"),
        unread="deals and work are read by documents of their own", vendor="dynamics365",
        document={"system": "bill", "kind": "bill", "shares_org": True, "zone": "Europe/Berlin"},
    ),
    "dynamics365_fo": Firm(
        Spot("client", "CustomersV3", "OrganizationName"),
        {"name": "NORDLICHT LOGISTIK GMBH", "legal_name": "NORDLICHT LOGISTIK GMBH", "kind": "organisation", **NORDLICHT,
         "email": "invoices@nordlicht.example"},
        names("billing_account client client_site contract credit_memo currency invoice invoice_line ledger_account legal_entity payment"
              " payment_application posting posting_line project project_financials tax_code"),
        echoes=frozenset({("client", "legal_name"), ("billing_account", "name")}),  # a customer has one name
        tables={"ProjectsV2": "Projects"},
        ids={
            "LegalEntities": lambda fields, id: id.lower(),  # as dataAreaId of all else
            "CustomerPaymentJournalLines": lambda fields, id: id if fields["JournalBatchNumber"] == "CP-0001" else None,  # the other is not posted
        },
    ),
    "kantata": Firm(
        Spot("client", "workspace_groups", "name"), {"name": "Nordlicht Logistik GmbH"},
        names("assignment client contact contract_threshold expense expense_report milestone project rate_card rate_line region resource task time_entry"),
        follows=Spot("project", "workspaces", "title"), has_crm=True,
    ),
    "netsuite": Firm(
        Spot("client", "customer", "companyName"),
        {"name": "NORDLICHT LOGISTIK GMBH", "kind": "organisation", "tax_registrations": [{"number": "DE136695976"}], **NORDLICHT,
         "domain": "nordlicht.example", "website": "https://nordlicht.example", "email": "invoices@nordlicht.example", "blocked": False, "state": "active"},
        names("accounting_period billing_account client client_site contract contract_line cost_centre credit_memo currency invoice invoice_line"
              " ledger_account legal_entity payment payment_application project project_financials rate_card rate_line service_item tax_code"),
        echoes=frozenset({("billing_account", "name")}), document={"defaults": {"subsidiary": "2"}},
        ids={"accountingPeriod": unless("isYear")},
        unread="an outlay is written as a report of one line",
        tasks={
            **NAMESAKES,
            "overlap rate_line *": "a price level is one card, and its prices in two currencies are in force together",
        },
    ),
    "oracle_fusion": Firm(
        Spot("client", "accounts", "OrganizationName"),
        {"name": "NORDLICHT LOGISTIK GMBH", "duns": "315000011", **NORDLICHT, "domain": "nordlicht.example", "website": "https://nordlicht.example",
         "phone": "+49405550200", "email": "office@nordlicht.example", "state": "active"},
        names("accounting_period billing_account client client_site contract contract_line cost_centre credit_memo currency exchange_rate invoice"
              " invoice_line ledger_account legal_entity payment payment_application posting posting_line project project_financials rate_card"
              " rate_line tax_code"),
        ids={
            "accountingPeriodStatusLOV": by("LedgerId", "ApplicationId", "PeriodNameId"), "contracts": by("ContractNumber"),
            "currenciesLOV": by("CurrencyCode"), "currencyRates": by("FromCurrency", "ToCurrency", "UserConversionType", "ConversionDate"),
            "finBusinessUnitsLOV": by("BusinessUnitName"), "outputTaxClassificationsLOV": by("LookupCode"),
        },
        made=names("tasks journals ledgerAccounts costCentres"),
        document={"resources": {
            "ledgerAccounts": {"value_set": "NB_ACCOUNT"}, "costCentres": {"value_set": "NB_COST_CENTER"},
            "journals": {"optional": False, "segments": {"journalLines.AccountCombination": ["", "Account", "CostCentre"]}},
        }},
        unread="hours are read as costs, or instead of these",
        tasks={
            **NAMESAKES, "rule_warning billing_account * billing_account.number": "an account is every business unit's",
            "unknown_code erp TAX_CATEGORY *": "tax classifications are the firm's codes",
        },
    ),
    "sage_intacct": Firm(
        Spot("client", "CUSTOMER", "NAME"), SAGE_CLIENT,
        names("accounting_period billing_account client client_site contract contract_line cost_centre credit_memo invoice invoice_line ledger_account"
              " legal_entity payment payment_application project project_financials rate_card region service_item service_line tax_code"),
        echoes=frozenset({("billing_account", "name")}), ids={"CONTACT": employees_contact}, document={"legal_entity": "100"},
    ),
    "sage_intacct_rest": Firm(
        Spot("client", "CUSTOMER", "NAME"), SAGE_CLIENT,
        names("billing_account client client_site cost_centre invoice invoice_line ledger_account legal_entity project project_financials region"
              " service_item service_line"),
        echoes=frozenset({("billing_account", "name")}), ids={"CONTACT": employees_contact}, document={"legal_entity": "100"},
        unread="the REST API has no more",
    ),
    "salesforce": Firm(
        Spot("client", "Account", "Name"),
        {"name": "Nordlicht Logistik", **NORDLICHT, "domain": "nordlicht.example", "website": "https://nordlicht.example", "industry": "logistics",
         "state": "active"},
        names("client contact opportunity rate_card rate_line"), BOOKS_OWN_NAMES, beside=ERP,
        unread="an org of one currency has no list of them",
        tasks=NAMESAKES,
    ),
    "sap_s4hana": Firm(
        Spot("client", "A_BusinessPartner", "OrganizationBPName1"),
        {"name": "Nordlicht Logistik GmbH", "legal_name": "Nordlicht Logistik GmbH", "kind": "organisation",
         "tax_registrations": [{"number": "DE136695976", "scheme": "DE0", "country": "DE"}], **NORDLICHT, "blocked": False},
        names("billing_account client client_site contract contract_line cost_centre credit_memo invoice invoice_line ledger_account legal_entity payment"
              " payment_application project project_financials rate_card rate_line"),
        Wish("legal_name", (CRM, ERP)),  # the one name it has; what others call a client stands in for it in a new one only
        echoes=frozenset({("client", "name"), ("client_site", "name")}),
        ids={
            "A_BusinessPartner": only_if("Customer"), "A_CostCenter": by("ControllingArea", "CostCenter"),
            "A_EnterpriseProjectElement": lambda fields, id: id if fields["ParentObjectUUID"].strip("0-") else None,  # the project itself
            "WorkPackageSet": by("ProjectID", "WorkPackageID"),
        },
        made=names("Worker ContactPerson CustomerPayment ClearedItem"),
        tasks={"rule_warning project * project.billing": "an enterprise project names no client"},
    ),
}
