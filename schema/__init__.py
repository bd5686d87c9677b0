"""What the firm agrees on: the canonical model, declared once. Pure data, standard library only.

:data:`MODEL` lists the entities in lock order: whatever a record *requires* stands before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from schema.billing import BillableItem, BillingBatch, BillingHold, BillingSchedule, BillingScheduleLine
from schema.billing_account import BillingAccount
from schema.check import problems_of
from schema.client import Client, ClientRelationship, ClientSite, Contact
from schema.codes import SETS, CodeSet
from schema.contract import Contract, ContractLine, Opportunity
from schema.contract_terms import ChangeOrder, ClientPurchaseOrder, ContractThreshold
from schema.cost import CostItem, PurchaseOrder, PurchaseOrderLine
from schema.expense import Expense, ExpenseReport
from schema.forecast import Forecast, ForecastLine
from schema.interface import InterfaceEntry
from schema.invoice import CreditMemo, Invoice, InvoiceLine
from schema.language import Entity, EntityMeta
from schema.milestone import Milestone
from schema.payment import CollectionCase, Payment, PaymentApplication
from schema.posting import AccountingPeriod, AccountMap, FiscalCalendar, LedgerAccount, Posting, PostingLine
from schema.project import Engagement, Project, ProjectFinancials, ProjectTemplate, Task
from schema.rate import RateCard, RateLine
from schema.reference_data import (
    CostCentre,
    Currency,
    ExchangeRate,
    LegalEntity,
    Region,
    RegionalPolicy,
    ServiceItem,
    ServiceLine,
    TaxCode,
    TaxRule,
)
from schema.resource import Assignment, Resource, Vendor
from schema.revenue import RevenueEvent, RevenueSchedule, RevenueScheduleLine
from schema.snapshot import ProfitabilitySnapshot, ProjectActuals, UtilisationSnapshot, WipBalance
from schema.time_entry import TimeEntry

# fmt: off
MODEL: tuple[type[Entity], ...] = (
    Currency, FiscalCalendar, LegalEntity, Region, RegionalPolicy, CostCentre, LedgerAccount, ServiceLine, ServiceItem,
    AccountMap, TaxCode, TaxRule, ExchangeRate, AccountingPeriod, InterfaceEntry,
    Vendor, Resource, Client, ClientSite, Contact, ClientRelationship, BillingAccount,
    Opportunity, Contract, ContractLine, RateCard, RateLine, ClientPurchaseOrder,
    Engagement, ProjectTemplate, Project, ProjectFinancials, Task, Assignment, ContractThreshold, ChangeOrder,
    TimeEntry, ExpenseReport, Expense, Milestone, PurchaseOrder, PurchaseOrderLine, CostItem,
    BillingSchedule, BillingScheduleLine, BillingHold, BillingBatch, BillableItem,
    Invoice, CreditMemo, InvoiceLine, Payment, PaymentApplication, CollectionCase,
    Posting, PostingLine, RevenueSchedule, RevenueScheduleLine, RevenueEvent,
    WipBalance, Forecast, ForecastLine, ProjectActuals, UtilisationSnapshot, ProfitabilitySnapshot,
)
# fmt: on
"""Every entity, each after what it requires."""

ENTITIES: Mapping[str, EntityMeta] = MappingProxyType({cls.meta.name: cls.meta for cls in MODEL})
"""Entities by name (``time_entry``)."""

TYPES: Mapping[str, EntityMeta] = MappingProxyType({cls.meta.type_name: cls.meta for cls in MODEL})
"""Entities by class name (``TimeEntry``), as references name them."""


def _state_sets() -> dict[str, CodeSet]:
    sets: dict[str, CodeSet] = {}
    for meta in ENTITIES.values():
        state = meta.fields.get("state")
        if meta.states and state and state.codes not in SETS:
            doc = f"Where {'an' if meta.name[0] in 'aeiou' else 'a'} {meta.name.replace('_', ' ')} is in its life."
            sets.setdefault(state.codes, CodeSet(state.codes, {name: "" for name in meta.states.names}, doc))
    return sets


CODE_SETS: Mapping[str, CodeSet] = MappingProxyType(SETS | _state_sets())
"""Every code set by name: the governed ones and the states of each entity."""


def entity(name: str) -> EntityMeta:
    """What is declared about the entity ``name``, given as ``time_entry`` or ``TimeEntry``; KeyError when unknown.

    >>> entity("TimeEntry").plural
    'time_entries'
    """
    return ENTITIES[name] if name in ENTITIES else TYPES[name]


def problems() -> list[str]:
    """What is wrong with the model, one sentence each; empty when nothing is."""
    return problems_of(MODEL, CODE_SETS)
