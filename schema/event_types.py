"""EVT-1 … EVT-25 declared: on which entity's change each fires, when, what it carries and by what its order is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schema import MODEL
from schema.billing import BillableItem, BillingBatch, BillingHold
from schema.client import Client
from schema.contract import Contract, Opportunity
from schema.contract_terms import ChangeOrder
from schema.expense import Expense
from schema.forecast import Forecast
from schema.invoice import CreditMemo, Invoice
from schema.kinds import FieldKind
from schema.language import OPEN, Entity, EntityMeta, Field, Sensitivity
from schema.milestone import Milestone
from schema.payment import CollectionCase, Payment, PaymentApplication
from schema.project import Project, ProjectFinancials
from schema.rate import RateCard, RateLine
from schema.resource import Assignment
from schema.revenue import RevenueEvent
from schema.snapshot import ProjectActuals
from schema.time_entry import TimeEntry
from schema.transitions import (
    NOTHING, Step, Values, When, amended, begins, both, changes, changes_state, created, either, enters, found, leaves,
    of_op, of_related, rises, unless_known,
)  # fmt: skip

AnyField = Field[Any]


@dataclass(frozen=True)
class Datum:
    """One field of an event's payload: its shape, and how it is read from the step.

    ``home`` is the entity it is a value of, '' for what is computed or counted; ``asked`` the name under which only
    the caller can supply it.
    """

    name: str
    kind: FieldKind
    read: Callable[[Step], Any]
    doc: str
    home: str = ""
    asked: str = ""
    codes: str = ""
    target: str = ""
    items: Mapping[str, FieldKind] = field(default_factory=dict)
    sensitivity: Sensitivity = OPEN
    parts: Mapping[str, FieldKind] = field(default_factory=dict)
    """Of a value that is several fields together: what it consists of."""

    def needs(self, meta: EntityMeta) -> str:
        """What the caller should put into ``related`` when a record of ``meta`` changed; '' for nothing."""
        return self.asked or (self.home if self.home and not _shares(meta, self.home) else "")


def _shares(meta: EntityMeta, home: str) -> bool:
    """Whether a field of ``home`` is one of ``meta`` too: the same entity, or one of the same shape."""
    return meta.name == home or bool(set(meta.interfaces) & set(_INTERFACES[home]))


_INTERFACES: Mapping[str, tuple[str, ...]] = {cls.meta.name: cls.meta.interfaces for cls in MODEL}


def value(one: AnyField, name: str = "") -> Datum:
    """A field of the changed record; of the related record when it belongs to another entity."""
    home = one.entity.meta.name

    def read(step: Step) -> Any:
        source = step.after if _shares(step.meta, home) else step.related.get(home) or NOTHING
        return source.get(one.name)

    return _like(one, name or one.name, read, one.doc, home)


def was(one: AnyField, name: str) -> Datum:
    """The field before the step."""
    return _like(one, name, lambda step: step.before.get(one.name), f"Before: {one.doc}")


def now(one: AnyField, name: str) -> Datum:
    """The field after the step."""
    return _like(one, name, lambda step: step.after.get(one.name), f"After: {one.doc}")


def _like(one: AnyField, name: str, read: Callable[[Step], Any], doc: str, home: str = "") -> Datum:
    return Datum(name, one.kind, read, doc, home, "", one.codes, one.target, one.items, one.sensitivity)


def own(name: str, kind: FieldKind, doc: str, source: str = "") -> Datum:
    """A field of this name of whichever entity changed; absent where it has none."""
    return Datum(name, kind, lambda step: step.after.get(source or name), doc)


def before(name: str, kind: FieldKind, doc: str, source: str) -> Datum:
    return Datum(name, kind, lambda step: step.before.get(source), doc)


def together(name: str, doc: str, *fields: AnyField) -> Datum:
    """Several fields of the changed record as one value; absent where all of them are."""
    home = fields[0].entity.meta.name

    def read(step: Step) -> Any:
        source = step.after if _shares(step.meta, home) else step.related.get(home) or NOTHING
        found = {one.name: source[one.name] for one in fields if source.get(one.name) is not None}
        return found or None

    return Datum(name, FieldKind.TEXT, read, doc, home, parts={one.name: one.kind for one in fields})


def told(name: str, kind: FieldKind, doc: str, /, target: str = "", **items: FieldKind) -> Datum:
    """What only the caller can count or look up; absent when it does not."""
    return Datum(name, kind, lambda step: step.related.get(name), doc, asked=name, target=target, items=items)


def itself(name: str, entity: type[Entity]) -> Datum:
    """The id of the changed record, or of the record of this entity it refers to."""

    def read(step: Step) -> Any:
        return step.golden_id if step.meta.name == entity.meta.name else step.after.get(name)

    return Datum(name, FieldKind.REFERENCE, read, entity.meta.doc, target=entity.meta.type_name)


@dataclass(frozen=True)
class Trigger:
    """On which entity's change an event fires, and when."""

    entity: type[Entity]
    when: When


@dataclass(frozen=True)
class EventType:
    """One type of business event. Order is kept per the first filled field of ``lane``, else per record."""

    number: int
    type: str
    doc: str
    triggers: tuple[Trigger, ...]
    payload: tuple[Datum, ...]
    lane: tuple[str, ...] = ()
    version: int = 1
    """Of its payload, the newest; :mod:`schema.event_versions` has the way back to older ones."""
    looks_at: tuple[str, ...] = ()
    """Related records the predicate asks for, besides those of the payload."""

    @property
    def ce_type(self) -> str:
        """The type on the wire: ``hub.time.approved.v1``."""
        return self.ce_type_of(self.version)

    def ce_type_of(self, version: int) -> str:
        return f"hub.{self.type}.v{version}"

    def needs(self, meta: EntityMeta) -> tuple[str, ...]:
        """What the caller should put into ``related`` when a record of ``meta`` changed; what is missing is left out."""
        wanted = (*self.looks_at, *(datum.needs(meta) for datum in self.payload))
        return tuple(dict.fromkeys(name for name in wanted if name and name != meta.name))


def event(number: int, type: str, doc: str, *parts: Trigger | Datum, lane: str = "", looks_at: str = "", version: int = 1) -> EventType:
    """An event type from its triggers and payload in one row; ``lane`` and ``looks_at`` are lists of words."""
    triggers = tuple(part for part in parts if isinstance(part, Trigger))
    payload = tuple(part for part in parts if isinstance(part, Datum))
    return EventType(number, type, doc, triggers, payload, tuple(lane.split()), version, tuple(looks_at.split()))


def on(entity: type[Entity], when: When) -> Trigger:
    return Trigger(entity, when)


def is_issued(values: Values) -> bool:
    """A document counts as issued when it has its number and is past approval."""
    return values.get("number") is not None and values.get("state") not in ("draft", "approved", "void")


def is_posted(values: Values) -> bool:
    """The posting facet says that the record is in the ledger."""
    return values.get("posting_state") in (None, "posted", "reversed") and any(
        values.get(name) is not None for name in ("posting_state", "document_no", "posted_at")
    )


TEXT, MONEY, INTEGER, LISTING, BOOLEAN, QUANTITY = (
    FieldKind.TEXT, FieldKind.MONEY, FieldKind.INTEGER, FieldKind.LISTING, FieldKind.BOOLEAN, FieldKind.QUANTITY
)  # fmt: skip

SEAT = (Client.street, Client.city, Client.postcode, Client.region, Client.country)
SEAT_FIELDS = tuple(one.name for one in SEAT)
CLIENT_VALUES = (
    value(Client.name), value(Client.legal_name), value(Client.kind), value(Client.tax_registrations),
    together("seat", "Registered seat.", *SEAT),
    told("parents", LISTING, "Parents by kind.", kind=TEXT, client=FieldKind.REFERENCE),
    told("billing_accounts", LISTING, "Its billing accounts.", target="BillingAccount"),
)  # fmt: skip
ID_MAP = told("id_map", LISTING, "Which id became which.", before=TEXT, after=TEXT)
SOLD = (
    told("lines", LISTING, "What was sold.", billing_method=TEXT, amount=MONEY, service_line=FieldKind.REFERENCE),
    own("region", FieldKind.REFERENCE, "Region."),
)
PROJECT_VALUES = (
    itself("project", Project), value(Project.code), value(Project.client), value(Project.contract_lines),
    value(Project.manager), value(Project.start_date), value(Project.end_date), value(Project.currency), value(Project.template),
)  # fmt: skip
TIME_VALUES = (
    value(TimeEntry.resource), value(TimeEntry.work_date), value(TimeEntry.project), value(TimeEntry.task),
    value(TimeEntry.quantity), value(TimeEntry.work_class), value(TimeEntry.billable), value(TimeEntry.approver),
)  # fmt: skip
MILESTONE_VALUES = (
    value(Milestone.project), value(Milestone.contract_line), value(Milestone.amount), value(Milestone.reached_on),
)  # fmt: skip
HOLD_VALUES = (
    value(BillingHold.level), value(BillingHold.client), value(BillingHold.contract), value(BillingHold.contract_line),
    value(BillingHold.project), value(BillingHold.billable_item), value(BillingHold.amount), value(BillingHold.reason),
    told("remaining_holds", INTEGER, "Holds that still stop the record."),
)  # fmt: skip
HELD = "billable_item contract_line project contract client"
TOTALS = (value(Invoice.net), value(Invoice.tax), value(Invoice.gross), value(Invoice.currency))
DOCUMENT_VALUES = (
    value(Invoice.number), *TOTALS, value(Invoice.due_date), value(Invoice.projects), value(Invoice.document_no),
    value(Invoice.open_amount),
)  # fmt: skip
PAYMENT_VALUES = (
    itself("payment", Payment), value(Payment.amount), value(Payment.unapplied),
    told("applications", LISTING, "What it paid.", document=FieldKind.REFERENCE, amount=MONEY),
)  # fmt: skip
REVENUE_VALUES = (
    value(RevenueEvent.amount), value(RevenueEvent.period), value(RevenueEvent.method), value(RevenueEvent.contract_line),
    value(RevenueEvent.project),
)  # fmt: skip
FORECAST_VALUES = (
    value(Forecast.scope), value(Forecast.revision), value(Forecast.revision_reason),
    told("measures", LISTING, "What it expects, by period.", period=TEXT, measure=TEXT, amount=MONEY, quantity=QUANTITY),
    told("delta", LISTING, "Difference from the revision before.", period=TEXT, measure=TEXT, amount=MONEY, quantity=QUANTITY),
)  # fmt: skip
EXCEPTION_VALUES = (
    told("code", TEXT, "EXC code."), told("cause", TEXT, "Typed cause."), told("subject", TEXT, "What all its records share."),
    told("money", MONEY, "What is at stake."), told("team", TEXT, "Who must act."),
    told("due_at", FieldKind.INSTANT, "By when."), told("remedy", TEXT, "What to do."), told("count", INTEGER, "Records waiting."),
)  # fmt: skip

DOCUMENTS: tuple[type[Entity], ...] = (Invoice, CreditMemo)
APPROVED: tuple[type[Entity], ...] = tuple(cls for cls in MODEL if "approval" in cls.meta.groups)
"""Every entity with an approval facet."""

GATES = ("time_open", "expense_open", "billing_open")

# fmt: off
EVENTS: tuple[EventType, ...] = (
    event(1, "client.created", "A client became known.", on(Client, created), *CLIENT_VALUES, version=2),
    event(1, "client.updated", "A client's values changed.", on(Client, amended), *CLIENT_VALUES, version=2),
    event(1, "client.merged", "Two clients turned out to be one.", on(Client, of_op("merge")), *CLIENT_VALUES, ID_MAP, version=2),
    event(1, "client.split", "One client turned out to be two.", on(Client, of_op("split")), *CLIENT_VALUES, ID_MAP, version=2),
    event(2, "opportunity.won", "A deal was won.", on(Opportunity, enters("won")),
          value(Opportunity.client), value(Opportunity.legal_entity), value(Opportunity.amount, "value"),
          value(Opportunity.service_line), value(Opportunity.expected_start, "start_date"), *SOLD),
    event(2, "contract.signed", "A contract was signed.", on(Contract, enters("signed")),
          value(Contract.client), value(Contract.legal_entity), value(Contract.currency), value(Contract.total_value, "value"),
          value(Contract.start_date), value(Contract.end_date), value(Contract.opportunity), *SOLD),
    event(3, "contract.amended", "A contract's terms changed.", on(Contract, rises("terms_version")),
          value(ChangeOrder.number), value(ChangeOrder.effective_from), value(ChangeOrder.changes),
          value(ChangeOrder.value_delta), value(Contract.terms_version),
          told("billed_items", INTEGER, "Items already billed under the old terms.")),
    event(3, "change_order.approved", "A change order was approved.", on(ChangeOrder, enters("approved")),
          value(ChangeOrder.contract), value(ChangeOrder.number), value(ChangeOrder.effective_from),
          value(ChangeOrder.changes), value(ChangeOrder.value_delta), value(ChangeOrder.base_terms_version, "terms_version"),
          told("billed_items", INTEGER, "Items already billed under the old terms."), lane="contract"),
    event(4, "project.created", "A project became known.", on(Project, created), *PROJECT_VALUES),
    event(4, "project.amended", "A project's values changed.", on(Project, amended), *PROJECT_VALUES),
    event(5, "project.activated", "A project is active and finance holds it.",
          on(Project, both(enters("active"), found("project_financials"))),
          on(ProjectFinancials, both(created, of_related("project", "state", "active"))),
          *PROJECT_VALUES, value(ProjectFinancials.cost_centre), value(ProjectFinancials.legal_entity),
          value(ProjectFinancials.revenue_method), lane="project", looks_at="project project_financials"),
    event(6, "project.status_changed", "A project's state or one of its gates changed.",
          on(Project, changes("state", *GATES)),
          was(Project.state, "from"), now(Project.state, "to"), value(Project.time_open), value(Project.expense_open),
          value(Project.billing_open)),
    event(7, "assignment.changed", "A booking was made, moved, repriced or cancelled.",
          on(Assignment, either(created, changes(
              "state", "resource", "task", "role", "start_date", "end_date", "planned_quantity", "allocation", "bill_rate"))),
          value(Assignment.resource), value(Assignment.project), value(Assignment.role), value(Assignment.start_date),
          value(Assignment.end_date), value(Assignment.planned_quantity), value(Assignment.replaces),
          value(Assignment.state), lane="project"),
    event(8, "rate.changed", "A rate in force was added, changed or ended.",
          on(RateLine, both(either(created, changes("price", "cost", "valid_from", "valid_to")),
                            unless_known("rate_card", of_related("rate_card", "state", "active")))),
          on(RateCard, either(enters("active"), both(enters("retired"), leaves("active")))),
          itself("rate_card", RateCard), value(RateCard.scope), own("role", TEXT, "Role it is for."), was(RateLine.price, "price_from"),
          now(RateLine.price, "price_to"), own("valid_from", FieldKind.DATE, "In force from."),
          told("unbilled", MONEY, "Unbilled items at this rate."), told("held", MONEY, "Held items at this rate."),
          told("billed", MONEY, "Billed items at this rate."),
          told("items", INTEGER, "Items at this rate."), lane="rate_card", looks_at="rate_card"),
    event(9, "time.approved", "An hour was approved.", on(TimeEntry, enters("approved")), *TIME_VALUES),
    event(9, "time.recalled", "An approved hour was taken back.", on(TimeEntry, leaves("approved")), *TIME_VALUES),
    event(10, "expense.approved", "An expense was approved.", on(Expense, enters("approved")),
          value(Expense.resource), value(Expense.project), value(Expense.category), value(Expense.incurred),
          value(Expense.to_bill), value(Expense.input_tax, "tax"), value(Expense.approver)),
    event(11, "approval.changed", "The approval of a record changed.", *(on(cls, changes_state) for cls in APPROVED),
          Datum("record_type", TEXT, lambda step: step.meta.name, "Entity of the record."),
          before("from", TEXT, "State before.", "state"), own("to", TEXT, "State after.", "state"),
          own("by", FieldKind.REFERENCE, "Who decided.", "approver"), own("tier", INTEGER, "Level.", "approval_tier"),
          own("comment", TEXT, "What the approver said.", "approval_comment")),
    event(12, "milestone.reached", "A milestone was reached.", on(Milestone, enters("reached")), *MILESTONE_VALUES),
    event(13, "milestone.approved", "A milestone was approved.", on(Milestone, enters("approved")),
          *MILESTONE_VALUES, value(Milestone.approver), value(Milestone.signed_off_on)),
    event(14, "billing_batch.approved", "A batch may be released.", on(BillingBatch, enters("approved")),
          value(BillingBatch.number), value(BillingBatch.items), value(BillingBatch.totals), value(BillingBatch.approver)),
    event(15, "billing_hold.placed", "Billing was stopped.", on(BillingHold, enters("placed")), *HOLD_VALUES, lane=HELD),
    event(15, "billing_hold.released", "A hold was lifted.", on(BillingHold, enters("released")), *HOLD_VALUES, lane=HELD),
    event(16, "invoice.ready", "An item passed all gates and may be invoiced.", on(BillableItem, enters("ready")),
          itself("item", BillableItem), value(BillableItem.contract_line), value(BillableItem.project),
          value(BillableItem.amount), value(BillableItem.tax_category), value(BillableItem.client_po),
          told("billing_account", FieldKind.REFERENCE, "Who will be billed.", target="BillingAccount"),
          lane="billing_account contract_line project"),
    event(17, "invoice.approved", "A document was approved.", *(on(cls, enters("approved")) for cls in DOCUMENTS),
          *TOTALS, value(Invoice.approver)),
    event(17, "invoice.released", "A batch was released to invoicing.", on(BillingBatch, enters("released")),
          value(BillingBatch.number), value(BillingBatch.totals), value(BillingBatch.approver)),
    event(18, "invoice.issued", "An invoice got its number.", on(Invoice, begins(is_issued)), *DOCUMENT_VALUES),
    event(18, "invoice.posted", "A document is in the ledger.", *(on(cls, begins(is_posted)) for cls in DOCUMENTS),
          *DOCUMENT_VALUES),
    event(18, "invoice.status_changed", "A document's state changed.", *(on(cls, changes_state) for cls in DOCUMENTS),
          *DOCUMENT_VALUES, before("from", TEXT, "State before.", "state"), own("to", TEXT, "State after.", "state")),
    event(19, "credit_memo.issued", "A credit memo was issued.", on(CreditMemo, enters("issued")),
          value(CreditMemo.corrects), *TOTALS, value(CreditMemo.reason), lane="corrects"),
    event(20, "payment.received", "Money came in.", on(Payment, created), *PAYMENT_VALUES, lane="billing_account"),
    event(20, "payment.applied", "A payment settled a document.", on(PaymentApplication, created), *PAYMENT_VALUES,
          value(PaymentApplication.amount, "applied"), value(PaymentApplication.invoice), value(PaymentApplication.credit_memo),
          told("billing_account", FieldKind.REFERENCE, "Who paid.", target="BillingAccount"), lane="billing_account payment"),
    event(20, "payment.reversed", "A payment or its application was taken back.",
          on(Payment, enters("reversed")), on(PaymentApplication, enters("reversed")), *PAYMENT_VALUES,
          lane="billing_account payment"),
    event(21, "collection.updated", "A collection case changed.", on(CollectionCase, either(created, amended)),
          value(CollectionCase.documents), value(CollectionCase.level), value(CollectionCase.promise_date),
          value(CollectionCase.reason, "dispute"), value(CollectionCase.state), lane="billing_account"),
    event(22, "revenue.event_raised", "There is a reason to recognise revenue.", on(RevenueEvent, created),
          *REVENUE_VALUES, lane="contract_line"),
    event(22, "revenue.posted", "Revenue is in the ledger.", on(RevenueEvent, begins(is_posted)), *REVENUE_VALUES,
          value(RevenueEvent.document_no), lane="contract_line"),
    event(23, "project_actuals.updated", "New actuals of a project.", on(ProjectActuals, created),
          value(ProjectActuals.project), value(ProjectActuals.period), value(ProjectActuals.hours),
          value(ProjectActuals.cost), value(ProjectActuals.billed), value(ProjectActuals.unbilled),
          value(ProjectActuals.recognised), lane="project"),
    event(24, "forecast.revised", "There is a new revision of a forecast.", on(Forecast, created), *FORECAST_VALUES,
          lane="scope"),
    event(24, "forecast.baselined", "A forecast became the baseline.",
          on(Forecast, begins(lambda values: values.get("is_baseline") is True)), *FORECAST_VALUES, lane="scope"),
    event(25, "exception.raised", "Something needs a person.", *EXCEPTION_VALUES),
    event(25, "exception.resolved", "A person or a retry settled it.", *EXCEPTION_VALUES),
)
# fmt: on
"""Every type of business event, in the order of its number."""
