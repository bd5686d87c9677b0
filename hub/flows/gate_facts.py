"""What financial gates look at, read beside one record: along its references, and by what it is about.

A fixed number of statements for any record. Reading stops when its time is up; what was not read by then the gates call unknown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from hub.core.financial_gates import Facts, reads_of, seat_of
from hub.core.records import Values
from hub.store import checks as reads
from hub.store import financial_gates as lists
from hub.store.statements import Connection

ROLES: Mapping[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "task": ("task", (("", "task"),)),
    "resource": ("resource", (("", "resource"),)),
    "assignment": ("assignment", (("", "assignment"),)),
    "item": ("billable_item", (("", "billable_item"),)),
    "project": ("project", (("", "project"), ("task", "project"))),
    "contract_line": ("contract_line", (("", "contract_line"), ("item", "contract_line"))),
    "rate_line": ("rate_line", (("", "rate_line"), ("item", "rate_line"))),
    "client_po": ("client_purchase_order", (("", "client_po"), ("item", "client_po"))),
    "corrects": ("invoice", (("", "corrects"),)),
    "contract": ("contract", (("", "contract"), ("contract_line", "contract"), ("project", "contract"))),
    "client": ("client", (("", "client"), ("contract", "client"), ("project", "client"))),
    "billing_account": ("billing_account", (("", "billing_account"), ("contract", "billing_account"))),
    "legal_entity": ("legal_entity", (("", "legal_entity"), ("project", "legal_entity"), ("contract", "legal_entity"), ("billing_account", "legal_entity"))),
    "service_item": ("service_item", (("", "service_item"), ("task", "service_item"), ("contract_line", "service_item"))),
}  # fmt: skip
"""Role → its entity and the ways to it, the first that leads somewhere decides."""

OWN_ROLE: Mapping[str, str] = {"project": "project", "billable_item": "item"}
"""The record itself has a role of its own; what its references lead to is read as of any other."""
LATE = frozenset({"periods", "assignments", "rate_lines", "accounts", "purchase_orders", "thresholds", "holds", "items", "lines"})


@dataclass
class Reading:
    """Facts as they come in: whoever reads them may be stopped at any time."""

    entity: str
    values: Values
    now: dt.datetime
    golden_id: UUID | None = None
    needs_assignment: bool = False
    of: dict[str, Values] = field(default_factory=dict)
    lists: dict[str, list[Values]] = field(default_factory=dict)
    is_along: bool = False
    """Whether every reference was followed."""

    def facts(self) -> Facts:
        unread = (LATE - self.lists.keys()) if self.is_along else (LATE - self.lists.keys()) | (ROLES.keys() - self.of.keys())
        return Facts(self.entity, self.values, self.now, self.of, self.lists, frozenset(unread), self.needs_assignment)


async def read(tx: Connection, tenant_id: int, into: Reading) -> None:
    """Read everything the gates of the record's entity look at, the nearest first."""
    await _follow(tx, tenant_id, into)
    into.is_along = True
    wanted = reads_of(into.entity)
    ids = {role: UUID(one["$id"]) for role, one in into.of.items()}
    if into.golden_id is not None and (own := OWN_ROLE.get(into.entity)):
        ids[own] = into.golden_id
    for name, load in _loads(tx, tenant_id, into, ids).items():
        if name in wanted or name == "accounts":
            into.lists[name] = await load()
            if name == "accounts":
                await _take_account(tx, tenant_id, into, ids)


async def _follow(tx: Connection, tenant_id: int, into: Reading) -> None:
    """Follow references in rounds; a role waits while a better way to it is being read."""
    settled: set[str] = set()
    while True:
        asked: dict[str, UUID] = {}
        for role, (_, ways) in ROLES.items():
            if role in settled:
                continue
            for start, name in ways:
                if start in asked:
                    break
                told = (into.of.get(start, {}) if start else into.values).get(name)
                if isinstance(told, str):
                    asked[role] = UUID(told)
                    break
        if not asked:
            return
        settled |= asked.keys()
        by_entity: dict[str, set[UUID]] = {}
        for role, id_ in asked.items():
            by_entity.setdefault(ROLES[role][0], set()).add(id_)
        found = {entity: await reads.values(tx, tenant_id, entity, ids) for entity, ids in by_entity.items()}
        for role, id_ in asked.items():
            if (one := found[ROLES[role][0]].get(id_)) is not None:
                into.of[role] = one


async def _take_account(tx: Connection, tenant_id: int, into: Reading, ids: dict[str, UUID]) -> None:
    """Where nothing names the account, the client's only open one with the seller is it."""
    standing = [one for one in into.lists["accounts"] if one.get("state") in ("open", None)]
    if "billing_account" not in into.of and len(standing) == 1:
        into.of["billing_account"] = standing[0]
        ids["billing_account"] = UUID(standing[0]["$id"])


Load = Callable[[], Awaitable[list[Values]]]


async def _nothing() -> list[Values]:
    return []


def _loads(tx: Connection, tenant_id: int, into: Reading, ids: Mapping[str, UUID]) -> dict[str, Load]:
    """The lists by name, in the order of their reading."""
    facts = into.facts()
    house, client = ids.get("legal_entity"), ids.get("client")
    resource, project, contract = ids.get("resource"), ids.get("project"), ids.get("contract")
    day, today = _day(facts.day, into.now), _day(facts.this_day, into.now)
    origin = {into.entity: into.golden_id} if into.golden_id is not None else {}
    origins = {**{k: v for k, v in origin.items() if v}, **_own_origins(into)}
    cards = {**ids, **({"rate_card": UUID(into.of["contract_line"]["rate_card"])} if into.of.get("contract_line", {}).get("rate_card") else {})}
    seat = seat_of(facts)
    but = into.golden_id if into.entity == "billable_item" else None
    return {
        "accounts": (lambda: lists.accounts(tx, tenant_id, client, house)) if client and house else _nothing,
        "periods": (lambda: lists.periods(tx, tenant_id, house, day, today)) if house else _nothing,
        "assignments": (lambda: lists.assignments(tx, tenant_id, resource, project)) if resource and project else _nothing,
        "holds": lambda: lists.holds(tx, tenant_id, ids),
        "rate_lines": lambda: lists.rate_lines(tx, tenant_id, cards, seat, day),
        "lines": (lambda: lists.lines(tx, tenant_id, contract)) if contract and "contract_line" not in into.of else _nothing,
        "purchase_orders": (lambda: lists.purchase_orders(tx, tenant_id, client, ids.get("contract"))) if client else _nothing,
        "thresholds": lambda: lists.thresholds(tx, tenant_id, ids, but),
        "items": (lambda: lists.items(tx, tenant_id, origins, but)) if origins else _nothing,
    }  # fmt: skip


def _own_origins(into: Reading) -> dict[str, UUID]:
    """What an item comes from."""
    if into.entity != "billable_item":
        return {}
    told = {name: into.values.get(name) for name in ("time_entry", "expense", "milestone", "schedule_line")}
    return {name: UUID(one) for name, one in told.items() if isinstance(one, str)}


def _day(text: str, now: dt.datetime) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return now.date()
