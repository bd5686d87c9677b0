"""What must hold of a record's values: rules as data, each with what becomes of a record that breaks it.

A rule that lacks something it reads says nothing: what must be there has a rule of its own (:class:`Filled`). Rules of one record are
judged as it is computed; rules between records a little later, since what a record refers to may come after it.
:mod:`hub.core.checks` carries them out, a tenant may switch the severity of each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from schema.billing import BillableItem, BillingScheduleLine
from schema.billing_account import BillingAccount
from schema.client import ClientRelationship, ClientSite
from schema.contract import SIGNED, Contract, ContractLine, Opportunity
from schema.cost import PurchaseOrderLine
from schema.expense import Expense, ExpenseReport
from schema.fields import Field
from schema.invoice import ISSUED, CreditMemo, Invoice, InvoiceLine
from schema.language import Entity
from schema.milestone import Milestone
from schema.payment import Payment, PaymentApplication
from schema.posting import AccountingPeriod, PostingLine
from schema.project import Project, ProjectFinancials, Task
from schema.rate import RateLine
from schema.reference_data import Currency, ExchangeRate, TaxCode
from schema.resource import Resource
from schema.revenue import RevenueEvent
from schema.time_entry import TimeEntry

AnyField = Field[Any]


class Severity(StrEnum):
    """What becomes of a record that breaks a rule."""

    BLOCK = "block"
    """The message is refused and nothing of it is kept; what only breaks the rule together with earlier messages is held."""
    QUARANTINE = "quarantine"
    """What the message says anew of the fields the rule reads is held back until somebody decides."""
    WARN = "warn"
    """The value stands, and a task says so until the rule holds again."""
    OFF = "off"


@dataclass(frozen=True, slots=True)
class When:
    """The rule applies while a field has one of these values."""

    field: AnyField
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """A text has a form (a regular expression, whole)."""

    field: AnyField
    pattern: str


@dataclass(frozen=True, slots=True)
class Within:
    """A number, quantity, price or amount is not below ``least`` nor above ``most``; '' leaves that side open."""

    field: AnyField
    least: str = ""
    most: str = ""
    unit: str = ""
    """Of a quantity: judged only in this unit."""
    is_strict: bool = False
    """``least`` itself is too little."""


@dataclass(frozen=True, slots=True)
class Filled:
    """All of these are there; a rule of it has a :class:`When`, for what is always required belongs to the entity."""

    fields: tuple[AnyField, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """All of these are there, or none."""

    fields: tuple[AnyField, ...]


@dataclass(frozen=True, slots=True)
class NotBoth:
    """At most one of the two is there and not zero."""

    one: AnyField
    other: AnyField


@dataclass(frozen=True, slots=True)
class Ordered:
    """A day or instant is not before another one."""

    earlier: AnyField
    later: AnyField


@dataclass(frozen=True, slots=True)
class Differs:
    """Two fields do not say the same."""

    one: AnyField
    other: AnyField


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount is the sum of others of the record; an empty part is zero, all of one currency."""

    total: AnyField
    parts: tuple[AnyField, ...]
    optional: tuple[AnyField, ...] = ()
    """Parts that may be left out; of ``parts`` all must be there."""


@dataclass(frozen=True, slots=True)
class ItemsSum:
    """A part of a list's items sums up to a number, or to an amount of the record."""

    listing: AnyField
    part: str
    to: str | AnyField


@dataclass(frozen=True, slots=True)
class InCurrency:
    """Amounts of the record are in the currency the record names."""

    currency: AnyField
    amounts: tuple[AnyField, ...]


# between records


@dataclass(frozen=True, slots=True)
class RefersTo:
    """The record a reference leads to is in none of these states."""

    via: AnyField
    no_longer: tuple[str, ...]
    state: str = "state"


@dataclass(frozen=True, slots=True)
class SameAs:
    """A field says what a field of the referenced record says; of an amount its currency is compared."""

    field: AnyField
    via: AnyField
    other: AnyField


@dataclass(frozen=True, slots=True)
class Agree:
    """Two referenced records say the same, unless some record that refers to the second fills ``unless``."""

    one: tuple[AnyField, AnyField]
    other: tuple[AnyField, AnyField]
    unless: tuple[AnyField, AnyField] | None = None
    """(its reference to the second record, the field it fills)."""


@dataclass(frozen=True, slots=True)
class SumOf:
    """An amount is the sum of an amount of the records that refer to this one."""

    total: AnyField
    via: AnyField
    """The reference of the summed records."""
    amount: AnyField


Alone = Matches | Within | Filled | Together | NotBoth | Ordered | Differs | Sum | ItemsSum | InCurrency
Between = RefersTo | SameAs | Agree | SumOf


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of an entity. ``says`` is the sentence a person reads when it is broken, ``exc`` its class of exceptions."""

    name: str
    """``<entity>.<what>``, stable: a tenant's severities name it."""
    form: Alone | Between
    says: str
    remedy: str
    when: tuple[When, ...] = ()
    severity: Severity = Severity.WARN
    exc: str = ""

    @property
    def is_between(self) -> bool:
        return isinstance(self.form, Between)


BLOCK, QUARANTINE, WARN, OFF = Severity
AT_SOURCE = "Correct it at its source."
STARTED = ("active", "on_hold")
OPEN_PROJECT = ("draft", "planned", *STARTED)


def _dates(what: str, earlier: AnyField, later: AnyField, severity: Severity = WARN) -> Check:
    words = (earlier.name.replace("_", " "), later.name.replace("_", " "))
    return Check(f"{what}.{later.name}", Ordered(earlier, later), f"{words[1]} is before {words[0]}", AT_SOURCE, severity=severity)


def _share(what: str, field: AnyField, most: str = "100") -> Check:
    return Check(f"{what}.{field.name}", Within(field, "0", most), f"{field.name.replace('_', ' ')} is not between 0 and {most}", AT_SOURCE)


def _document(cls: type[Invoice | CreditMemo], what: str) -> tuple[Check, ...]:
    """What holds of both documents."""
    issued = (When(cls.state, ISSUED),)
    line = InvoiceLine.invoice if cls is Invoice else InvoiceLine.credit_memo
    return (
        Check(f"{what}.gross", Sum(cls.gross, (cls.net, cls.tax), (cls.rounding,)), "gross is not net plus tax", AT_SOURCE, exc="EXC-6"),
        Check(f"{what}.currency", InCurrency(cls.currency, (cls.net, cls.tax, cls.gross)), "an amount is not in the currency of the document", AT_SOURCE, exc="EXC-22"),
        _dates(what, cls.issue_date, cls.due_date),
        _dates(what, cls.service_from, cls.service_to),
        Check(f"{what}.issued", Filled((cls.number,)), "it is issued without a number", AT_SOURCE, issued, exc="EXC-16"),
        Check(f"{what}.lines", SumOf(cls.net, line, InvoiceLine.net), "net is not the sum of its lines", "Send the missing line, or correct the document at its source.", issued, exc="EXC-22"),
    )  # fmt: skip


CHECKS: Mapping[type[Entity], tuple[Check, ...]] = {
    ClientSite: (
        Check("client_site.e_invoice", Together((ClientSite.e_invoice_scheme, ClientSite.e_invoice_id)), "an electronic address lacks its scheme, or a scheme its address", AT_SOURCE, exc="EXC-16"),
    ),
    ClientRelationship: (_share("client_relationship", ClientRelationship.share),),
    Opportunity: (_share("opportunity", Opportunity.probability),),
    BillingAccount: (
        Check("billing_account.number", Filled((BillingAccount.account_no, BillingAccount.legal_entity)), "an open account lacks its number or its legal entity",
              "Set the account up in the ERP.", (When(BillingAccount.state, ("open",)),), exc="EXC-7"),
        Check("billing_account.exemption", Filled((BillingAccount.exemption_certificate,)), "it is exempt from tax without a certificate",
              "Enter the certificate in the ERP.", (When(BillingAccount.tax_class, ("exempt",)),), OFF, "EXC-6"),
    ),
    Contract: (
        _dates("contract", Contract.start_date, Contract.end_date),
        Check("contract.signed_on", Filled((Contract.signed_on,)), "it is signed, and nobody says when", "Enter the day of the last signature.", (When(Contract.state, SIGNED),), OFF, "EXC-8"),
        Check("contract.currency", InCurrency(Contract.currency, (Contract.total_value,)), "its value is not in its currency", AT_SOURCE, exc="EXC-8"),
    ),
    ContractLine: (
        _share("contract_line", ContractLine.expense_markup),
        Check("contract_line.funding", ItemsSum(ContractLine.funding, "percent", "100"), "the shares of its payers do not sum up to 100", "Correct the shares in the CRM.", exc="EXC-8"),
        Check("contract_line.currency", SameAs(ContractLine.amount, ContractLine.contract, Contract.currency), "its amount is not in the currency of its contract", AT_SOURCE, exc="EXC-8"),
    ),
    Project: (
        _dates("project", Project.start_date, Project.end_date),
        _share("project", Project.percent_complete),
        Check("project.billing", Filled((Project.client, Project.legal_entity, Project.currency)), "it is active and billable without client, legal entity or currency",
              "Complete the project in the PSA.", (When(Project.state, STARTED), When(Project.billable, (True,))), exc="EXC-15"),
        Check("project.client", RefersTo(Project.client, ("closed",)), "its client is closed", "Close the project, or open the client again.", (When(Project.state, OPEN_PROJECT),), exc="EXC-10"),
    ),
    Task: (_dates("task", Task.start_date, Task.end_date),),
    Resource: (
        _dates("resource", Resource.start_date, Resource.end_date),
        Check("resource.left", Filled((Resource.end_date,)), "the person left, and nobody says when", "Enter the last day in HR.", (When(Resource.state, ("left",)),), OFF, "EXC-26"),
    ),
    RateLine: (Check("rate_line.price", Within(RateLine.price, "0"), "its price is below zero", AT_SOURCE, exc="EXC-4"),),
    TimeEntry: (
        Check("time_entry.quantity", Within(TimeEntry.quantity, "-24", "24", "hour"), "a day has 24 hours", AT_SOURCE, exc="EXC-28"),
        _dates("time_entry", TimeEntry.started_at, TimeEntry.ended_at),
        Check("time_entry.task", SameAs(TimeEntry.project, TimeEntry.task, Task.project), "its task belongs to another project", AT_SOURCE, exc="EXC-3"),
        Check("time_entry.intercompany", Agree(
            (TimeEntry.resource, Resource.legal_entity), (TimeEntry.project, Project.legal_entity),
            (ProjectFinancials.project, ProjectFinancials.intercompany_rule),
        ), "the person's employer and the project's seller differ, and no rule says how that is charged",
              "Set the intercompany rule of the project's financials.", (When(TimeEntry.billable, (True,)),), OFF, "EXC-7"),
    ),
    Expense: (
        Check("expense.task", SameAs(Expense.project, Expense.task, Task.project), "its task belongs to another project", AT_SOURCE, exc="EXC-11"),
        Check("expense.category", Filled((Expense.category,)), "it is approved without a category", "Set the category, then approve it again.", (When(Expense.state, ("approved",)), When(Expense.billable, (True,))), exc="EXC-11"),
    ),
    ExpenseReport: (_dates("expense_report", ExpenseReport.period_from, ExpenseReport.period_to),),
    Milestone: (
        Check("milestone.signed_off", Filled((Milestone.signed_off_on,)), "it is approved, and the client has not agreed",
              "Enter the day the client agreed, or take the approval back.", (When(Milestone.state, ("approved", "invoiced")), When(Milestone.needs_client_signoff, (True,))), exc="EXC-9"),
    ),
    BillingScheduleLine: (_dates("billing_schedule_line", BillingScheduleLine.period_from, BillingScheduleLine.period_to), _share("billing_schedule_line", BillingScheduleLine.percent)),
    BillableItem: (
        Check("billable_item.currency", InCurrency(BillableItem.currency, (BillableItem.amount,)), "its amount is not in its currency", AT_SOURCE, exc="EXC-22"),
    ),
    Invoice: _document(Invoice, "invoice"),
    CreditMemo: (
        *_document(CreditMemo, "credit_memo"),
        Check("credit_memo.same_currency", SameAs(CreditMemo.currency, CreditMemo.corrects, Invoice.currency), "it is not in the currency of the invoice it credits", AT_SOURCE, exc="EXC-22"),
        Check("credit_memo.client", SameAs(CreditMemo.client, CreditMemo.corrects, Invoice.client), "it is for another client than the invoice it credits", AT_SOURCE, exc="EXC-22"),
    ),
    InvoiceLine: (
        Check("invoice_line.allocations", ItemsSum(InvoiceLine.allocations, "amount", InvoiceLine.net), "what it bills of its items is not its net", AT_SOURCE, exc="EXC-22"),
        Check("invoice_line.currency", SameAs(InvoiceLine.net, InvoiceLine.invoice, Invoice.currency), "it is not in the currency of its invoice", AT_SOURCE, exc="EXC-22"),
        Check("invoice_line.credit_currency", SameAs(InvoiceLine.net, InvoiceLine.credit_memo, CreditMemo.currency), "it is not in the currency of its credit memo", AT_SOURCE, exc="EXC-22"),
    ),
    Payment: (Check("payment.unapplied", Within(Payment.unapplied, "0"), "more of it is applied than came in", AT_SOURCE, exc="EXC-14"),),
    PaymentApplication: (
        Check("payment_application.currency", SameAs(PaymentApplication.amount, PaymentApplication.invoice, Invoice.currency), "it settles an invoice of another currency", AT_SOURCE, exc="EXC-14"),
    ),
    PurchaseOrderLine: (Check("purchase_order_line.unit_price", Within(PurchaseOrderLine.unit_price, "0"), "its price is below zero", AT_SOURCE),),
    RevenueEvent: (_share("revenue_event", RevenueEvent.basis_percent),),
    AccountingPeriod: (_dates("accounting_period", AccountingPeriod.starts_on, AccountingPeriod.ends_on, QUARANTINE),),
    PostingLine: (Check("posting_line.side", NotBoth(PostingLine.debit, PostingLine.credit), "it is a debit and a credit at once", AT_SOURCE, exc="EXC-17"),),
    TaxCode: (_share("tax_code", TaxCode.rate),),
    Currency: (Check("currency.code", Matches(Currency.code, "[A-Z]{3}"), "it is no ISO 4217 code", AT_SOURCE),),
    ExchangeRate: (
        Check("exchange_rate.rate", Within(ExchangeRate.rate, "0", is_strict=True), "a rate is above zero", AT_SOURCE, severity=BLOCK),
        Check("exchange_rate.to_currency", Differs(ExchangeRate.from_currency, ExchangeRate.to_currency), "a currency has no rate in itself", AT_SOURCE),
    ),
}  # fmt: skip
"""Entity → its rules, beside those every effective-dated entity has (:func:`rules_of`). ``OFF`` ones wait for a firm to want them."""


def rules_of(cls: type[Entity]) -> tuple[Check, ...]:
    """All rules of an entity; who names a first and a last day has a rule that they are in order."""
    meta = cls.meta
    pair = meta.valid or (("valid_from", "valid_to") if {"valid_from", "valid_to"} <= meta.fields.keys() else None)
    dated = (_dates(meta.name, meta.fields[pair[0]], meta.fields[pair[1]]),) if pair else ()
    return (*dated, *CHECKS.get(cls, ()))


def fields_of(check: Check) -> tuple[AnyField, ...]:
    """The record's own fields a rule reads, each once."""
    found = [one.field for one in check.when] + list(_own(check.form))
    return tuple({field.name: field for field in found}.values())


def _own(form: Alone | Between) -> Iterator[AnyField]:
    match form:
        case Matches(field=field) | Within(field=field):
            yield field
        case Filled(fields=fields) | Together(fields=fields):
            yield from fields
        case NotBoth(one=one, other=other) | Differs(one=one, other=other):
            yield from (one, other)
        case Ordered(earlier=earlier, later=later):
            yield from (earlier, later)
        case Sum(total=total, parts=parts, optional=optional):
            yield from (total, *parts, *optional)
        case ItemsSum(listing=listing, to=to):
            yield listing
            if isinstance(to, Field):
                yield to
        case InCurrency(currency=currency, amounts=amounts):
            yield from (currency, *amounts)
        case RefersTo(via=via):
            yield via
        case SameAs(field=field, via=via):
            yield from (field, via)
        case Agree(one=one, other=other):
            yield from (one[0], other[0])
        case SumOf(total=total):
            yield total
