"""What must be so before money moves on: named checks over a record and what it refers to. Pure.

A gate answers ``passed``, ``failed`` or ``unknown`` (something it looks at is not there, or was not read in time), or nothing at all
where it does not apply. Hub processes ask them before they make an item or an invoice, ``wouldAccept`` before a record is sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.core.people import DATA_STEWARDS, DELIVERY, FINANCE, PMO
from hub.core.records import Values
from schema.contract import SIGNED
from schema.kinds import minor_units

PASSED, FAILED, UNKNOWN = "passed", "failed", "unknown"

WORK = ("time_entry", "expense")
BILLED = (*WORK, "milestone", "billable_item")
DOCUMENTS = ("invoice", "credit_memo")
DAYS: Mapping[str, str] = {
    "time_entry": "work_date", "expense": "incurred_on", "milestone": "reached_on", "invoice": "issue_date", "credit_memo": "issue_date",
    "payment": "received_on", "assignment": "start_date", "project": "start_date",
}  # fmt: skip
"""The day a record is about."""
MODULES: Mapping[str, tuple[str, ...]] = {
    "time_entry": ("time", "projects", "ledger"), "expense": ("projects", "ledger"), "milestone": ("receivables", "ledger"),
    "billable_item": ("receivables", "ledger"), "invoice": ("receivables", "ledger"), "credit_memo": ("receivables", "ledger"),
    "payment": ("receivables", "ledger"),
}  # fmt: skip
"""Whose period decides, the first that the books have."""
AMOUNTS: Mapping[str, str] = {"expense": "to_bill", "milestone": "amount", "billable_item": "amount", "invoice": "net", "credit_memo": "net", "payment": "amount"}
LIVE_ORDERS = frozenset({None, "", "open"})
BOOKED = frozenset({"posted", "part_paid", "paid", "credited", "part_applied", "applied"})
"""States of documents and payments that the ledger holds."""
SCOPES = ("contract_line", "contract", "client", "project", "region", "legal_entity", "standard")
"""Where a rate is looked for, after the assignment: the narrowest that has one decides."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A record in canonical values with what was read beside it.

    ``of`` are single records by role (project, client, resource …), ``lists`` several (periods, rates, holds …); what stands in
    ``unread`` was not read in time.
    """

    entity: str
    values: Values
    at: dt.datetime
    of: Mapping[str, Values] = field(default_factory=dict)
    lists: Mapping[str, Sequence[Values]] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    needs_assignment: bool = False

    def get(self, role: str) -> Values:
        return self.of.get(role, {})

    @property
    def this_day(self) -> str:
        """The day it is where the books are kept."""
        return local_day(self.at, self.get("legal_entity").get("tz"))

    @property
    def day(self) -> str:
        """The day the record is about, else today."""
        return str(self.values.get(DAYS.get(self.entity, "")) or self.this_day)

    @property
    def is_billable(self) -> bool:
        return self.values.get("billable") is not False and self.get("project").get("billable") is not False


def local_day(now: dt.datetime, tz: str | None) -> str:
    """The date of an instant in a time zone; a zone nobody knows is UTC.

    >>> [local_day(dt.datetime(2026, 5, 31, 23, 30, tzinfo=dt.UTC), tz) for tz in ("Europe/Berlin", "America/New_York", None)]
    ['2026-06-01', '2026-05-31', '2026-05-31']
    """
    try:
        return now.astimezone(ZoneInfo(tz or "UTC")).date().isoformat()
    except (ZoneInfoNotFoundError, ValueError):
        return now.astimezone(dt.UTC).date().isoformat()


class Said(NamedTuple):
    """What a gate says of a record."""

    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: which records it is asked about, what it reads beside them, who opens it and how."""

    name: str
    exc: str
    ctl: str
    team: str
    remedy: str
    entities: tuple[str, ...]
    reads: tuple[str, ...]
    judge: Callable[[Facts], Said | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one gate said of one record; ``money`` is what it stops."""

    gate: Gate
    verdict: str
    reason: str
    money: Mapping[str, str] | None = None


def judge(facts: Facts) -> list[Outcome]:
    """Every gate that applies to a record, in the order of the money's way."""
    found, money = list[Outcome](), worth(facts)
    for gate in GATES:
        if facts.entity not in gate.entities:
            continue
        late = facts.unread.intersection(gate.reads)
        said = Said(UNKNOWN, f"{', '.join(sorted(late)).replace('_', ' ')} could not be read in time") if late else gate.judge(facts)
        if said is None:
            continue
        found.append(Outcome(gate, said.verdict, said.reason, money))
    return found


def worth(facts: Facts) -> Mapping[str, str] | None:
    """What a record is about in money: its amount, or an hour's quantity at its rate."""
    stated = facts.values.get(AMOUNTS.get(facts.entity, ""))
    if stated:
        return dict(stated)
    booked = facts.values.get("quantity_to_bill") or facts.values.get("quantity")
    rate = rate_of(facts) if facts.entity == "time_entry" and facts.is_billable else None
    if not booked or not rate or (rate.get("per") or "hour") != booked["unit"]:
        return None
    amount = Decimal(booked["value"]) * Decimal(rate["amount"])
    places = Decimal(1).scaleb(-minor_units(rate["currency"]))
    return {"amount": format(amount.quantize(places, ROUND_HALF_UP), "f"), "currency": rate["currency"]}


# --------------------------------------------------------------------------------------------------------- period, project


def _period(facts: Facts) -> Said | None:
    if facts.values.get("posting_state") == "posted" or facts.values.get("state") in BOOKED:
        return Said(PASSED, "it is in the books already")
    house = facts.get("legal_entity")
    if not house:
        return Said(UNKNOWN, "nobody says in whose books it is kept")
    is_by_posting = house.get("period_rule") == "by_posting_date" and facts.entity not in DOCUMENTS
    day = facts.this_day if is_by_posting else facts.day
    covering = [one for one in facts.lists.get("periods", ()) if one.get("starts_on", "") <= day <= one.get("ends_on", "")]
    for module in MODULES[facts.entity]:
        of_module = [one for one in covering if one.get("module") == module and not one.get("is_adjustment")]
        if of_module:
            state = of_module[0].get("state")
            what = f"period {of_module[0].get('period')} of {module} at {house.get('code')}"
            return Said(PASSED, f"{what} is open") if state in ("open", None) else Said(FAILED, f"{what} is {str(state).replace('_', ' ')}")
    return Said(UNKNOWN, f"no system has told of a period for {day} at {house.get('code')}")


def _project(facts: Facts) -> Said | None:
    project = facts.get("project")
    if not project:
        return None if facts.entity == "expense" and not facts.values.get("project") else Said(UNKNOWN, "its project is not known")
    name, state = project.get("code") or project.get("name"), project.get("state")
    allowed = ("active",) if facts.entity in WORK else ("planned", "active") if facts.entity == "assignment" else ("active", "on_hold", "completed")
    if state not in (*allowed, None):
        return Said(FAILED, f"project {name} is {str(state).replace('_', ' ')}")
    switch = {"time_entry": "time_open", "expense": "expense_open", "milestone": "billing_open", "billable_item": "billing_open"}.get(facts.entity, "")
    if project.get(switch) is False:
        return Said(FAILED, f"project {name} is closed for {switch.partition('_')[0]}")
    if facts.get("task").get("time_open") is False and facts.entity == "time_entry":
        return Said(FAILED, f"task {facts.get('task').get('name')} is closed for time")
    return Said(PASSED, f"project {name} is {state or 'open'}")


def _resource(facts: Facts) -> Said | None:
    person = facts.get("resource")
    if not person:
        return Said(UNKNOWN, "who did the work is not known")
    if person.get("kind") == "placeholder" and facts.entity != "assignment":
        return Said(FAILED, "a placeholder does no work")
    day = facts.day
    if (first := person.get("start_date")) and day < first:
        return Said(FAILED, f"the person starts on {first}, after {day}")
    if (last := person.get("end_date")) and day > last:
        return Said(FAILED, f"the person's last day was {last}, before {day}")
    if person.get("state") == "left" and not person.get("end_date"):
        return Said(FAILED, "the person left")
    return _assigned(facts, day) if facts.entity == "time_entry" else Said(PASSED, f"the person works for us on {day}")


def _assigned(facts: Facts, day: str) -> Said:
    booked = [facts.of["assignment"]] if "assignment" in facts.of else list(facts.lists.get("assignments", ()))
    standing = [one for one in booked if one.get("state") not in ("cancelled", "requested")]
    if any(one.get("start_date", "") <= day <= (one.get("end_date") or "9999-12-31") for one in standing):
        return Said(PASSED, f"the person is assigned to the project on {day}")
    if "assignment" in facts.of or facts.needs_assignment:
        return Said(FAILED, f"the person is not assigned to the project on {day}")
    return Said(PASSED, f"the person works for us on {day}; no assignment is asked for")


# ----------------------------------------------------------------------------------------------------------------- rates


def rate_of(facts: Facts) -> Values | None:
    """The price in force on the day: of the assignment, else of the narrowest card that has a line for this work."""
    booked = [facts.of["assignment"]] if "assignment" in facts.of else [
        one for one in facts.lists.get("assignments", ()) if one.get("start_date", "") <= facts.day <= (one.get("end_date") or "9999-12-31")
    ]  # fmt: skip
    rates: list[Values] = [one["bill_rate"] for one in booked if one.get("bill_rate")]
    if rates:
        return rates[0]
    found = _lines(facts)
    return found[0]["price"] if found else None


def _lines(facts: Facts) -> list[Values]:
    """Rate lines in force for this work in the narrowest scope that has any; of them the ones that say most about it, in the
    contract's currency where there are such (a house has a card for each)."""
    role, grade = seat_of(facts)
    item = facts.values.get("service_item") or facts.get("task").get("service_item")
    wanted = {"resource": facts.get("resource").get("$id"), "role": role, "grade": grade, "service_item": item}
    lines = [
        one for one in facts.lists.get("rate_lines", ())
        if one.get("price") and (one.get("valid_from") or "") <= facts.day <= (one.get("valid_to") or "9999-12-31")
        and all(one.get(name) in (None, value) for name, value in wanted.items())
    ]  # fmt: skip
    for scope in SCOPES:
        if of_scope := [one for one in lines if one["$scope"] == scope]:
            most = max(sum(one.get(name) is not None for name in wanted) for one in of_scope)
            told = [one for one in of_scope if sum(one.get(name) is not None for name in wanted) == most]
            own = facts.get("contract").get("currency") or facts.get("project").get("currency")
            return [one for one in told if one["price"]["currency"] == own] or told
    return []


def seat_of(facts: Facts) -> tuple[str | None, str | None]:
    """Role and grade a rate is looked for by: the assignment's role, else the person's."""
    return facts.get("assignment").get("role") or facts.get("resource").get("role"), facts.get("resource").get("grade")


def _rate(facts: Facts) -> Said | None:
    if facts.entity == "billable_item":
        return _item_rate(facts)
    if not facts.is_billable:
        return None
    if "assignment" in facts.of and facts.of["assignment"].get("bill_rate"):
        return Said(PASSED, f"the assignment's rate is {_shown(facts.of['assignment']['bill_rate'])}")
    lines = _lines(facts)
    if len({(one["price"]["amount"], one["price"]["currency"]) for one in lines}) > 1:
        return Said(FAILED, f"{len(lines)} lines of rate cards are in force for one key on {facts.day}")
    rate = rate_of(facts)
    return Said(PASSED, f"{_shown(rate)} is in force on {facts.day}") if rate else Said(FAILED, f"no rate is in force for this work on {facts.day}")


def _item_rate(facts: Facts) -> Said | None:
    price, line = facts.values.get("price"), facts.get("rate_line").get("price")
    if not price:
        return None
    if not line:
        return Said(UNKNOWN, "the item does not name the rate it was priced with")
    if (price["amount"], price["currency"]) != (line["amount"], line["currency"]):
        return Said(FAILED, f"it was priced at {_shown(price)}, the card says {_shown(line)}")
    return Said(PASSED, f"it was priced at the card's {_shown(line)}")


def _shown(one: Mapping[str, str] | None) -> str:
    return f"{one['amount']} {one['currency']}" if one else "nothing"


# --------------------------------------------------------------------------------------------------------------- billing


def _approved(facts: Facts) -> Said | None:
    state = facts.values.get("state")
    if facts.entity == "billable_item":
        return None
    done = ("approved", "invoiced") if facts.entity == "milestone" else ("approved",)
    return Said(PASSED, "it is approved") if state in done else Said(FAILED, f"it is {state or 'without approval'}, not approved")


def _eligible(facts: Facts) -> Said | None:
    if not facts.is_billable or facts.get("project").get("kind") == "internal":
        return Said(FAILED, "it is not billable" if facts.values.get("billable") is False else "its project is not billable")
    if facts.get("contract_line").get("billing_method") == "non_billable":
        return Said(FAILED, "its contract line is not billable")
    account = facts.get("billing_account")
    if account.get("state") in ("blocked", "closed"):
        return Said(FAILED, f"account {account.get('account_no')} is {account['state']}")
    if account.get("credit_hold"):
        return Said(FAILED, f"account {account.get('account_no')} is on credit hold")
    if (state := facts.get("contract").get("state")) in ("draft", "in_approval", "suspended", "terminated"):
        return Said(FAILED, f"its contract is {str(state).replace('_', ' ')}")
    return Said(PASSED, "it may be billed")


def _held(facts: Facts) -> Said | None:
    holds = [one for one in facts.lists.get("holds", ()) if one.get("state") != "released" and one.get("kind") != "revenue"]
    if holds:
        return Said(FAILED, f"billing is held: {', '.join(sorted({str(one.get('reason')).replace('_', ' ') for one in holds}))}")
    return Said(PASSED, "nothing holds it")


def _taxed(facts: Facts) -> Said | None:
    if facts.entity not in DOCUMENTS and not facts.is_billable:
        return None
    ways = (("", "tax_category"), ("contract_line", "tax_category"), ("contract", "tax_treatment"), ("billing_account", "tax_class"), ("service_item", "tax_category"))
    for role, name in ways:
        if found := (facts.get(role) if role else facts.values).get(name):
            return Said(PASSED, f"taxed as {str(found).replace('_', ' ')}" + (f", by its {role.replace('_', ' ')}" if role else ""))
    of_lines = {one.get("tax_category") for one in facts.lists.get("lines", ())}
    if len(of_lines) == 1 and None not in of_lines:
        return Said(PASSED, f"taxed as {str(of_lines.pop()).replace('_', ' ')}, as every line of its contract")
    if facts.entity in DOCUMENTS:
        return Said(PASSED, "the document states its tax") if facts.values.get("tax") else Said(FAILED, "neither the document nor its account says how it is taxed")
    return Said(FAILED, "neither it, its contract line, its contract nor its account says how it is taxed")


def _ordered(facts: Facts) -> Said | None:
    """The client's own purchase order: there where it is asked for, in force, and with enough left."""
    named, is_asked = facts.get("client_po"), facts.get("billing_account").get("po_required") is True
    if facts.values.get("client_po") and not named:
        return Said(UNKNOWN, "the purchase order it names is not known")
    orders = [named] if named else [one for one in facts.lists.get("purchase_orders", ()) if one.get("state") in LIVE_ORDERS]
    if not orders:
        return Said(FAILED, "the client wants its purchase order on the invoice, and there is none") if is_asked else None
    usable = [one for one in orders if (one.get("valid_from") or "") <= facts.day <= (one.get("valid_to") or "9999-12-31")]
    if not usable:
        return Said(FAILED, f"purchase order {orders[0].get('po_number')} is not in force on {facts.day}")
    order, money = usable[0], worth(facts)
    left = _left(order)
    if left and money and left["currency"] == money["currency"] and Decimal(left["amount"]) < Decimal(money["amount"]):
        return Said(FAILED, f"purchase order {order.get('po_number')} has {_shown(left)} left, {_shown(money)} are wanted")
    return Said(PASSED, f"purchase order {order.get('po_number')}" + (f" has {_shown(left)} left" if left else " is in force"))


def _left(order: Values) -> Values | None:
    if order.get("open_amount"):
        return dict(order["open_amount"])
    amount = order.get("amount")
    if not amount:
        return None
    return {"amount": format(Decimal(amount["amount"]) - Decimal(str(order.get("$used") or 0)), "f"), "currency": amount["currency"]}


def _threshold(facts: Facts) -> Said | None:
    limits, money = facts.lists.get("thresholds", ()), worth(facts)
    booked = facts.values.get("quantity_to_bill") or facts.values.get("quantity")
    notes = []
    for one in limits:
        if one.get("kind") in ("minimum", "retainer_balance"):
            continue
        left = _room(one, money, booked)
        if left is None:
            continue
        words = str(one.get("kind")).replace("_", " ")
        if left < 0 and one.get("action") in ("hold", "block", None):
            return Said(FAILED, f"the limit ({words}) would be passed by {format(-left, 'f')}")
        notes.append(f"{words}: {'passed by ' + format(-left, 'f') if left < 0 else format(left, 'f') + ' left'}")
    return Said(PASSED, "; ".join(notes)) if notes else None


def _room(limit: Values, money: Mapping[str, str] | None, booked: Mapping[str, str] | None) -> Decimal | None:
    """What is left of a limit after this record; None when it is counted in something else."""
    amount, quantity = limit.get("limit_amount"), limit.get("limit_quantity")
    if amount and money and amount["currency"] == money["currency"]:
        return Decimal(amount["amount"]) - Decimal(str(limit.get("$used") or 0)) - Decimal(money["amount"])
    if quantity and booked and quantity["unit"] == booked["unit"]:
        return Decimal(quantity["value"]) - Decimal(str(limit.get("$used_quantity") or 0)) - Decimal(booked["value"])
    return None


def _prior(facts: Facts) -> Said | None:
    """Nothing is billed twice, and what is corrected was issued."""
    if facts.entity == "credit_memo" or (facts.entity == "invoice" and facts.values.get("corrects")):
        before = facts.get("corrects")
        if not before:
            return Said(UNKNOWN, "the invoice it corrects is not known")
        if before.get("state") in ("draft", "approved", "void"):
            return Said(FAILED, f"invoice {before.get('number') or ''} is {before['state']}: there is nothing to correct".replace("  ", " "))
        return Said(PASSED, f"invoice {before.get('number')} is {str(before.get('state')).replace('_', ' ')}")
    if facts.entity == "invoice":
        return None
    twins = [one for one in facts.lists.get("items", ()) if one.get("state") in ("ready", "drafted", "invoiced") and one.get("kind") != "adjustment"]
    if twins:
        return Said(FAILED, f"another item of the same origin is {twins[0]['state']}")
    if facts.entity != "billable_item" and facts.values.get("billing_state") in ("drafted", "invoiced"):
        return Said(FAILED, f"it is {facts.values['billing_state']} already")
    return Said(PASSED, "it is on no other invoice")


def _currency(facts: Facts) -> Said | None:
    """What is billed is in the currency of the contract, and a correction in that of what it corrects.

    An account has a usual currency only: another one is no failure.
    """
    stated = facts.values.get("currency") or (worth(facts) or {}).get("currency")
    for role, whose in (("corrects", "invoice"), ("contract", "contract")):
        if stated and (wanted := facts.get(role).get("currency")):
            return Said(PASSED, f"it is in {wanted}, as its {whose}") if stated == wanted else Said(FAILED, f"it is in {stated}, its {whose} in {wanted}")
    usual = facts.get("billing_account").get("currency")
    return Said(PASSED, f"it is in {stated}, as its account" if stated == usual else f"it is in {stated}, its account usually in {usual}") if stated and usual else None


# -------------------------------------------------------------------------------------------------------------- projects


def _client(facts: Facts) -> Said | None:
    if facts.entity == "project" and facts.values.get("kind") == "internal" and not facts.values.get("client"):
        return None
    client = facts.get("client")
    if not client:
        return Said(UNKNOWN, "its client is not known")
    if client.get("blocked"):
        return Said(FAILED, f"client {client.get('name')} is blocked")
    if client.get("state") == "closed":
        return Said(FAILED, f"client {client.get('name')} is closed")
    if client.get("kind") == "pseudo":
        return Said(FAILED, f"{client.get('name')} is no real client")
    return Said(PASSED, f"client {client.get('name')} is {client.get('state') or 'known'}")


def _house(facts: Facts) -> Said | None:
    """The ERP's rules of a legal entity: it is open, and the client has an account in its receivables."""
    house = facts.get("legal_entity")
    if not house:
        return Said(UNKNOWN, "no legal entity is named, or nobody knows it")
    code = house.get("code")
    if house.get("state") == "retired" or (house.get("valid_to") or "9999") < facts.this_day:
        return Said(FAILED, f"legal entity {code} is retired")
    if not house.get("functional_currency"):
        return Said(FAILED, f"legal entity {code} has no functional currency")
    if not facts.get("client") or facts.values.get("kind") == "internal":
        return Said(PASSED, f"legal entity {code} is open")
    accounts = [one for one in facts.lists.get("accounts", ()) if one.get("state") in ("open", None)]
    if not accounts:
        return Said(FAILED, f"the client has no open account in the receivables of {code}")
    return Said(PASSED, f"the client has account {accounts[0].get('account_no')} at {code}")


def _contract(facts: Facts) -> Said | None:
    contract = facts.get("contract")
    if not contract:
        return Said(UNKNOWN, "its contract is not known") if facts.values.get("contract") else None
    is_over = facts.values.get("state") in ("completed", "closed", "cancelled")
    if contract.get("state") not in (*SIGNED[:2], None) and not is_over:
        return Said(FAILED, f"contract {contract.get('contract_no') or contract.get('name')} is {str(contract['state']).replace('_', ' ')}")
    if (seller := contract.get("legal_entity")) and facts.values.get("legal_entity") and seller != facts.get("legal_entity").get("$id"):
        return Said(FAILED, "its contract is sold by another legal entity")
    if facts.get("client") and contract.get("client") and contract["client"] != facts.get("client").get("$id"):
        return Said(FAILED, "its contract is another client's")
    return Said(PASSED, f"contract {contract.get('contract_no') or contract.get('name')} is {contract.get('state') or 'there'}")


GATES: tuple[Gate, ...] = (
    Gate("client_open", "EXC-2", "CTL-69", DATA_STEWARDS, "Release the client in the CRM, or choose another one.", ("project", "invoice"), ("client",), _client),
    Gate("legal_entity_rules", "EXC-7", "CTL-69", FINANCE, "Open an account for the client in the ERP of this legal entity.", ("project",), ("legal_entity", "client", "accounts"), _house),
    Gate("contract_signed", "EXC-8", "CTL-26", PMO, "Have the contract signed, or name the right one.", ("project",), ("contract", "legal_entity", "client"), _contract),
    Gate("project_open", "EXC-10", "CTL-26", PMO, "Activate the project in the PSA, or open it for this kind of record.", (*BILLED, "assignment"), ("project", "task"), _project),
    Gate("resource_eligible", "EXC-26", "CTL-69", DELIVERY, "Correct the day or the person, or assign them to the project.", (*WORK, "assignment"), ("resource", "assignment", "assignments"), _resource),
    Gate("approved", "EXC-9", "CTL-32", DELIVERY, "Approve it in the PSA.", (*WORK, "milestone"), (), _approved),
    Gate("rate_in_force", "EXC-4", "CTL-9", PMO, "Enter the rate in its card, or end the line that is out of date.", ("time_entry", "billable_item"), ("assignment", "assignments", "rate_line", "rate_lines"), _rate),
    Gate("billing_eligible", "EXC-10", "CTL-9", FINANCE, "Mend the flag, the contract or the account; what is not billable stays so.", BILLED, ("project", "contract", "contract_line", "billing_account"), _eligible),
    Gate("no_hold", "EXC-10", "CTL-36", FINANCE, "Release the hold.", (*BILLED, "invoice"), ("holds",), _held),
    Gate("tax_mapped", "EXC-6", "CTL-6", FINANCE, "Set the category on the contract line, or the account's tax class.", (*BILLED, *DOCUMENTS), ("contract_line", "contract", "billing_account", "service_item", "lines"), _taxed),
    Gate("client_po", "EXC-9", "CTL-32", FINANCE, "Ask the client for a purchase order, or have it raised.", (*BILLED, "invoice"), ("billing_account", "client_po", "purchase_orders"), _ordered),
    Gate("within_threshold", "EXC-8", "CTL-9", PMO, "Raise a change order, or bill less.", (*BILLED, "invoice"), ("thresholds",), _threshold),
    Gate("prior_invoice", "EXC-13", "CTL-40", FINANCE, "Look at the earlier item or invoice; credit it first if this one is right.", (*BILLED, *DOCUMENTS), ("items", "corrects"), _prior),
    Gate("currency_agrees", "EXC-22", "CTL-27", FINANCE, "Bill in the contract's currency, or change the contract.", (*BILLED, *DOCUMENTS, "project"), ("contract", "billing_account", "corrects"), _currency),
    Gate("period_open", "EXC-5", "CTL-35", FINANCE, "Open the period in the ERP, or post into the next open one.", tuple(MODULES), ("legal_entity", "periods"), _period),
)  # fmt: skip
"""All gates, in the order of the money's way."""

GATED = frozenset(entity for gate in GATES for entity in gate.entities)


def reads_of(entity: str) -> frozenset[str]:
    """The roles and lists that the gates of an entity look at."""
    return frozenset(name for gate in GATES if entity in gate.entities for name in gate.reads)


def stopped(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Those that keep the record from going on."""
    return [one for one in outcomes if one.verdict == FAILED]
