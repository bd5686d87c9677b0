"""Everything the firm's systems tell, entity by entity, whatever is referred to before whoever refers to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from hub.demo.firm import accounts, basics, clients, deals, documents, people, work
from hub.demo.firm.books import books
from hub.demo.firm.model import CURRENCIES, HOUSES, PRACTICES, Firm
from hub.demo.firm.shape import Record
from schema import ENTITIES
from schema.language import entity_name


class Source(NamedTuple):
    """How an entity's records are made: ``make(firm, at)`` yields those of one step, for ``at`` below ``steps(firm)``."""

    entity: str
    steps: Callable[[Firm], int]
    make: Callable[[Firm, int], Iterator[Record]]
    most: int = 2
    """Most contributions of one step."""


def _each(count: int) -> Callable[[Firm], int]:
    return lambda firm: count


CATALOGUE: tuple[Source, ...] = (
    Source("currency", _each(len(CURRENCIES)), basics.currencies),
    Source("fiscal_calendar", _each(1), basics.fiscal_calendars),
    Source("legal_entity", _each(len(HOUSES)), basics.legal_entities),
    Source("region", _each(len(basics.REGIONS)), basics.regions),
    Source("cost_centre", _each(len(HOUSES) * len(PRACTICES)), basics.cost_centres),
    Source("service_line", _each(len(PRACTICES)), basics.service_lines),
    Source("service_item", _each(len(PRACTICES) * len(basics.ITEMS)), basics.service_items),
    Source("tax_code", _each(2 * len(HOUSES)), basics.tax_codes),
    Source("exchange_rate", _each(12 * len(basics.PAIRS)), basics.exchange_rates),
    Source("accounting_period", _each(12 * len(HOUSES)), basics.accounting_periods),
    Source("resource", lambda firm: firm.resources, people.resources),
    Source("client", lambda firm: firm.clients + len(HOUSES), clients.clients, 6),
    Source("client_site", lambda firm: firm.customers, clients.client_sites),
    Source("contact", lambda firm: 2 * firm.clients, clients.contacts),
    Source("client_relationship", lambda firm: firm.clients, clients.client_relationships),
    Source("billing_account", accounts.count, accounts.billing_accounts),
    Source("opportunity", lambda firm: firm.contracts + firm.clients - firm.customers, deals.opportunities),
    Source("contract", lambda firm: firm.contracts, deals.contracts),
    Source("rate_card", lambda firm: deals.HOUSE_CARDS + deals.negotiated(firm), deals.rate_cards),
    Source("rate_line", lambda firm: (deals.HOUSE_CARDS + deals.negotiated(firm)) * deals.SEATS * len(deals.YEARS), deals.rate_lines),
    Source("contract_line", lambda firm: 2 * firm.contracts, deals.contract_lines),
    Source("client_purchase_order", lambda firm: firm.contracts, deals.purchase_orders),
    Source("project", lambda firm: firm.projects + len(HOUSES), deals.projects),
    Source("assignment", lambda firm: 8 * firm.resources, work.assignments),
    Source("time_entry", lambda firm: 12 * firm.resources, work.time_entries, work.MOST_A_MONTH),
    Source("invoice", lambda firm: len(books(firm).bills), documents.invoices),
    Source("credit_memo", lambda firm: len(books(firm).bills) // documents.CREDITS + 1, documents.credit_memos),
    Source("invoice_line", lambda firm: len(books(firm).lines) + len(books(firm).bills) // documents.CREDITS + 1, documents.invoice_lines),
    Source("payment", lambda firm: len(books(firm).receipts), documents.payments),
    Source("payment_application", lambda firm: len(books(firm).receipts), documents.payment_applications),
)
"""In the order in which they are loaded."""

SMALL = frozenset(
    {"currency", "fiscal_calendar", "legal_entity", "region", "cost_centre", "service_line", "service_item", "tax_code", "resource"}
)
"""A few thousand records at most, which every part of the firm refers to: never left out."""


def wanted(only: Iterable[str] | None = None) -> tuple[Source, ...]:
    """The sources of these entities, of what they cannot be without, and of what everything refers to; all by default."""
    if only is None:
        return CATALOGUE
    names = set(only) | SMALL
    if unknown := sorted(names - {one.entity for one in CATALOGUE}):
        raise ValueError(f"the firm has no {', '.join(unknown)}")
    while more := {entity_name(f.target) for name in names for f in ENTITIES[name].required if f.target} - names:
        names |= more
    return tuple(one for one in CATALOGUE if one.entity in names)


def records(firm: Firm, source: Source, first: int = 0, last: int | None = None) -> Iterator[Record]:
    """The records of a source, from step ``first`` to before ``last``."""
    for at in range(first, source.steps(firm) if last is None else last):
        yield from source.make(firm, at)
