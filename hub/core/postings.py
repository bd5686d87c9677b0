"""Which writes are postings, and which accounting period decides whether one may be made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hub.core.financial_gates import DOCUMENTS, local_day
from hub.core.records import Values


@dataclass(frozen=True, slots=True)
class Posted:
    """How an entity is posted: its day, the modules whose period decides (the first the books have), and the ways to the legal
    entity, each a path along references."""

    day: str
    modules: tuple[str, ...]
    houses: tuple[tuple[str, ...], ...] = (("legal_entity",),)


POSTED: Mapping[str, Posted] = {
    "invoice": Posted("issue_date", ("receivables", "ledger")),
    "credit_memo": Posted("issue_date", ("receivables", "ledger")),
    "payment": Posted("received_on", ("receivables", "ledger")),
    "payment_application": Posted("applied_on", ("receivables", "ledger"), (("payment", "legal_entity"), ("invoice", "legal_entity"), ("credit_memo", "legal_entity"))),
    "time_entry": Posted("work_date", ("time", "projects", "ledger"), (("legal_entity",), ("project", "legal_entity"))),
    "expense": Posted("incurred_on", ("projects", "payables", "ledger"), (("legal_entity",), ("project", "legal_entity"))),
    "cost_item": Posted("work_date", ("projects", "payables", "ledger"), (("legal_entity",), ("project", "legal_entity"))),
    "revenue_event": Posted("occurred_on", ("ledger", "receivables"), (("legal_entity",), ("project", "legal_entity"))),
    "posting": Posted("posted_on", ("ledger",)),
}
"""Entities whose records the ledger takes. A line follows its document, which its system must hold first."""


@dataclass(frozen=True, slots=True)
class Period:
    """An accounting period of one module of one legal entity; days are ISO dates, ``ends_on`` inclusive."""

    id: str
    legal_entity: str
    module: str
    name: str
    state: str
    starts_on: str
    ends_on: str

    @property
    def is_open(self) -> bool:
        return self.state == "open"


def posting_day(entity: str, values: Values, house: Values, at: dt.datetime) -> str:
    """The day whose period decides: the record's own or, where the legal entity posts by posting date, today in its zone.
    A document's is always its own.

    >>> now = dt.datetime(2026, 6, 2, tzinfo=dt.UTC)
    >>> posting_day("time_entry", {"work_date": "2026-05-31"}, {"period_rule": "by_posting_date"}, now)
    '2026-06-02'
    >>> posting_day("invoice", {"issue_date": "2026-05-31"}, {"period_rule": "by_posting_date"}, now)
    '2026-05-31'
    """
    today = local_day(at, house.get("tz"))
    if house.get("period_rule") == "by_posting_date" and entity not in DOCUMENTS:
        return today
    return str(values.get(POSTED[entity].day) or today)


def closed_period(entity: str, day: str, periods: Iterable[Period]) -> Period | None:
    """The period of a legal entity that keeps a record from being posted; None when the books take it, or know no period of
    that day (then the system itself decides).

    >>> may = Period("1", "h", "receivables", "2026-05", "closed", "2026-05-01", "2026-05-31")
    >>> closed_period("invoice", "2026-05-31", [may]) == may, closed_period("invoice", "2026-06-01", [may]), closed_period("time_entry", "2026-05-31", [may])
    (True, None, None)
    """
    covering = [one for one in periods if one.starts_on <= day <= one.ends_on]
    for module in POSTED[entity].modules:
        of_module = [one for one in covering if one.module == module]
        if of_module:
            return None if any(one.is_open for one in of_module) else of_module[0]
    return None


def starts_of(entity: str, values: Values) -> Sequence[tuple[str, ...]]:
    """The ways to a record's legal entity that begin at a reference it has."""
    return [way for way in POSTED[entity].houses if values.get(way[0])]
