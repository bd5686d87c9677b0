"""The chain of money: work → item → invoice line → document → application → payment, and what holds a link of it up. Pure.

What follows from what is declared here once, by the reference that says so; :mod:`hub.store.chain` walks it both ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple


class Edge(NamedTuple):
    """``upper`` comes of ``lower``; the reference ``field`` stands on the one of them named by ``holder``."""

    lower: str
    upper: str
    holder: str
    field: str


STAGES: Mapping[str, tuple[str, ...]] = {
    "work": ("time_entry", "expense", "milestone", "billing_schedule_line"),
    "item": ("billable_item",),
    "line": ("invoice_line",),
    "document": ("invoice", "credit_memo"),
    "application": ("payment_application",),
    "payment": ("payment",),
}
"""Stage → entities, from the hour to the money."""
TITLES: Mapping[str, str] = {
    "work": "Work", "item": "Billable item", "line": "Invoice line", "document": "Invoice", "application": "Settled by", "payment": "Payment",
}  # fmt: skip

EDGES: tuple[Edge, ...] = (
    Edge("time_entry", "billable_item", "billable_item", "time_entry"),
    Edge("time_entry", "billable_item", "time_entry", "billable_item"),
    Edge("time_entry", "invoice_line", "time_entry", "invoice_line"),
    Edge("expense", "billable_item", "billable_item", "expense"),
    Edge("expense", "billable_item", "expense", "billable_item"),
    Edge("expense", "invoice_line", "expense", "invoice_line"),
    Edge("milestone", "billable_item", "billable_item", "milestone"),
    Edge("milestone", "billable_item", "milestone", "billable_item"),
    Edge("milestone", "invoice", "milestone", "invoice"),
    Edge("billing_schedule_line", "billable_item", "billable_item", "schedule_line"),
    Edge("billable_item", "invoice_line", "billable_item", "invoice_line"),
    Edge("invoice_line", "invoice", "invoice_line", "invoice"),
    Edge("invoice_line", "credit_memo", "invoice_line", "credit_memo"),
    Edge("invoice", "payment_application", "payment_application", "invoice"),
    Edge("credit_memo", "payment_application", "payment_application", "credit_memo"),
    Edge("payment_application", "payment", "payment_application", "payment"),
)  # fmt: skip


class Shape(NamedTuple):
    """What a link of the chain shows: its amount, its day, the fields its gates look at, and whom it names."""

    amount: str
    day: str
    facts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


SHAPES: Mapping[str, Shape] = {
    "time_entry": Shape("", "work_date", ("state", "approved_at", "billable", "billing_state", "posting_state"), ("resource", "project", "task", "approver")),
    "expense": Shape("to_bill", "incurred_on", ("state", "approved_at", "billable", "billing_state", "posting_state"), ("resource", "project", "approver")),
    "milestone": Shape("amount", "target_date", ("state", "reached_on", "approved_at", "billing_state"), ("project", "contract_line", "approver")),
    "billing_schedule_line": Shape("amount", "due_on", ("state",), ("schedule", "milestone")),
    "billable_item": Shape("amount", "", ("state", "tax_category"), ("project", "contract_line", "rate_line", "client_po", "hold", "batch")),
    "invoice_line": Shape("net", "", ("tax_category",), ("service_item", "project", "contract_line", "tax_code")),
    "invoice": Shape(
        "gross", "issue_date", ("state", "posting_state", "due_date", "open_amount", "dispute_reason", "client_po_number"),
        ("client", "billing_account", "contract", "client_po", "approver", "period"),
    ),
    "credit_memo": Shape("gross", "issue_date", ("state", "posting_state", "open_amount"), ("client", "billing_account", "corrects", "approver")),
    "payment_application": Shape("amount", "applied_on", ("state",)),
    "payment": Shape("amount", "received_on", ("state", "unapplied", "method"), ("client", "billing_account", "legal_entity")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gate:
    """Something that keeps a link from going on. ``is_open`` gates are passed and only told."""

    code: str
    text: str
    who: str
    is_open: bool = False


def gates(entity: str, facts: Mapping[str, Any], today: str, *, goes_on: bool) -> tuple[Gate, ...]:
    """What keeps this record from its next stage. ``facts`` are canonical values, ``goes_on`` whether the next one is there.

    >>> [one.code for one in gates("time_entry", {"state": "submitted", "billable": True}, "2026-05-17", goes_on=False)]
    ['unapproved']
    >>> gates("time_entry", {"state": "approved", "billable": True}, "2026-05-17", goes_on=True)
    ()
    """
    found = {"time_entry": _work, "expense": _work, "milestone": _milestone, "billing_schedule_line": _schedule, "billable_item": _item,
             "invoice": _document, "credit_memo": _document, "payment": _payment}.get(entity)  # fmt: skip
    return tuple(found(facts, today, goes_on)) if found else ()


def _work(facts: Mapping[str, Any], _: str, goes_on: bool) -> list[Gate]:
    if facts.get("billable") is False:
        return [] if goes_on else [Gate("not_billable", "It is not billable: nothing follows.", "nobody", True)]
    state = facts.get("state")
    told = []
    if state != "approved":
        who = "delivery: the approver" if state == "submitted" else "delivery: whoever booked it"
        told.append(Gate("unapproved", f"It is {state or 'without approval'}, not approved.", who))
    elif not goes_on:
        told.append(Gate("no_item", "It is approved, and no billable item was made of it yet.", "finance operations"))
    if facts.get("posting_state") in ("refused", "waiting_period"):
        told.append(_posting(facts))
    return told


def _posting(facts: Mapping[str, Any]) -> Gate:
    if facts["posting_state"] == "waiting_period":
        return Gate("closed_period", "Its posting waits for an open period.", "finance operations: open the period, or accept the next one")
    return Gate("posting_refused", "The ledger refused its posting.", "finance operations")


def _milestone(facts: Mapping[str, Any], _: str, goes_on: bool) -> list[Gate]:
    state = facts.get("state")
    if state in ("approved", "invoiced"):
        return [] if goes_on else [Gate("no_item", "It is approved, and nothing was billed for it yet.", "finance operations")]
    if state in ("planned", None):
        return [Gate("not_reached", "It is not reached.", "delivery: the project manager")]
    return [Gate("unapproved", f"It is {state}, not approved.", "PMO: the approver")]


def _schedule(_: Mapping[str, Any], __: str, goes_on: bool) -> list[Gate]:
    return [] if goes_on else [Gate("no_item", "Nothing was billed for it yet.", "finance operations")]


def _item(facts: Mapping[str, Any], _: str, goes_on: bool) -> list[Gate]:
    state, told = facts.get("state"), list[Gate]()
    if state == "held":
        told.append(Gate("held", "A hold stops it.", "whoever placed the hold, or finance operations"))
    if not facts.get("contract_line") and state in ("open", "held", None):
        told.append(Gate("no_contract_line", "No contract line says how it is billed.", "PMO: name the contract line"))
    if not facts.get("tax_category") and state in ("open", "held", "ready", None):
        told.append(Gate("unmapped_tax", "It has no tax category.", "finance operations: map the tax code"))
    if state in ("written_off", "non_billable", "superseded", "credited"):
        return [Gate(str(state), f"It is {str(state).replace('_', ' ')}: nothing follows.", "nobody", True)]
    if not goes_on and not told:
        batch = "It is ready and waits for its batch." if state == "ready" else f"It is {state or 'open'} and not ready to be invoiced."
        told.append(Gate("not_invoiced", batch, "finance operations: release the batch" if state == "ready" else "finance operations"))
    return told


def _document(facts: Mapping[str, Any], today: str, goes_on: bool) -> list[Gate]:
    state, told = facts.get("state"), list[Gate]()
    if state in ("draft", "approved"):
        told.append(Gate("not_issued", f"It is {state}, not issued.", "finance operations"))
    if facts.get("posting_state") in ("refused", "waiting_period"):
        told.append(_posting(facts))
    if facts.get("dispute_reason"):
        told.append(Gate("disputed", f"The client disputes it: {facts['dispute_reason']}.", "finance operations: collections"))
    is_owed = _is_some(facts.get("open_amount")) and state in ("issued", "posted", "part_paid")
    if is_owed and facts.get("due_date") and str(facts["due_date"]) < today:
        told.append(Gate("overdue", f"It fell due on {facts['due_date']}.", "finance operations: collections"))
    elif is_owed and not goes_on:
        told.append(Gate("unpaid", f"It is due on {facts.get('due_date') or 'an unknown day'}.", "nobody before it is due", True))
    return told


def _payment(facts: Mapping[str, Any], _: str, __: bool) -> list[Gate]:
    if facts.get("state") == "unidentified":
        return [Gate("unidentified", "Nobody knows who paid.", "finance operations: name the account")]
    if _is_some(facts.get("unapplied")):
        return [Gate("unapplied", "A part of it is not applied to any document.", "finance operations")]
    return []


def _is_some(value: Any) -> bool:
    """Whether an amount is there and not zero."""
    return bool(value) and Decimal(str(value["amount"])) != 0
