"""The ledger's side: postings, periods, calendars, accounts, and which account what goes to."""

from __future__ import annotations

from schema.kinds import FieldKind
from schema.language import (
    REFERENCE, TRANSACTION,
    Entity, boolean, business_key, code, date, decimal, declared_link, identifier, instant, integer, listing, lock, money,
    reference, states, text, timezone,
)  # fmt: skip
from schema.language import code as coded
from schema.shapes import Validity
from schema.systems import ERP


class FiscalCalendar(Entity, family=REFERENCE, origins=ERP, plural="fiscal_calendars", ents=(31,)):
    """How a legal entity cuts its years into periods."""

    code = identifier("calendar", required=True, doc="Code.")
    name = text(doc="Name.")
    year_start_month = integer(doc="First month of the year.")
    period_scheme = coded("PERIOD_SCHEME", doc="Months, 4-4-5 weeks, thirteen periods.")
    tz = timezone(doc="Zone of the period's boundary.")

    key = (code,)
    match = (declared_link(), business_key(code))


class AccountingPeriod(Entity, family=REFERENCE, origins=ERP, plural="accounting_periods", ents=(31,)):
    """A period of one module of one legal entity; a closed one takes no new posting."""

    legal_entity = reference("LegalEntity", doc="Whose books.")
    calendar = reference("FiscalCalendar", doc="Calendar.")
    period = identifier("period", required=True, essential=True, doc="Name of the period (2026-05).")
    module = code("PERIOD_MODULE", required=True, essential=True, doc="Ledger, receivables, payables, projects or time.")
    fiscal_year = integer(doc="Fiscal year.")
    starts_on = date(essential=True, doc="First day.")
    ends_on = date(essential=True, doc="Last day, inclusive.")
    is_adjustment = boolean(doc="Only for adjustments.")

    states = states(
        "future > open > soft_closed > closed > locked",
        soft_closed=["open"], closed=["open", "soft_closed"], open=["closed"],
    )  # fmt: skip
    key = (legal_entity, calendar, period, module)
    match = (declared_link(), business_key(legal_entity, calendar, period, module))


class LedgerAccount(Validity, Entity, family=REFERENCE, origins=ERP, plural="ledger_accounts", ents=(32,)):
    """An account of the chart of accounts."""

    code = identifier("ledger_account", required=True, essential=True, doc="Number.")
    name = text(essential=True, doc="Name.")
    legal_entity = reference("LegalEntity", doc="Whose chart; none when shared.")
    chart = text(doc="Chart of accounts.")
    kind = coded("ACCOUNT_KIND", doc="Asset, liability, equity, revenue or expense.")
    parent = reference("LedgerAccount", doc="Summing account.")
    currency = coded("CURRENCY", doc="Currency, when only one is allowed.")
    is_posting_allowed = boolean(doc="May be posted to.")

    states = states("active > retired", retired=["active"])
    key = (legal_entity, code)
    match = (declared_link(), business_key(legal_entity, code))


class AccountMap(Validity, Entity, family=REFERENCE, origins=ERP, plural="account_maps", ents=(32,)):
    """Which ledger account an item goes to, by what it is."""

    code = identifier("account_map", required=True, doc="Code.")
    name = text(doc="Name.")
    legal_entity = reference("LegalEntity", doc="Whose books.")
    purpose = coded("ACCOUNT_PURPOSE", doc="Revenue, deferred, accrued, receivable, cost, tax …")
    service_item = reference("ServiceItem", doc="For this item,")
    service_line = reference("ServiceLine", doc="this practice,")
    revenue_method = coded("REVENUE_METHOD", doc="or this method.")
    account = reference("LedgerAccount", doc="Goes here.")

    states = states("active > retired", retired=["active"])
    key = (code,)
    match = (declared_link(), business_key(code))


class Posting(Entity, family=TRANSACTION, origins=ERP, plural="postings", ents=(31,)):
    """A document of the ledger: balanced per currency and immutable; what is wrong is reversed."""

    document_no = identifier("document", required=True, essential=True, doc="Number of the document.")
    legal_entity = reference("LegalEntity", essential=True, doc="Whose books.")
    fiscal_year = integer(essential=True, doc="Fiscal year.")
    ledger = code("LEDGER", doc="Ledger.")
    period = reference("AccountingPeriod", doc="Period.")
    posted_on = date(essential=True, doc="Posting date.")
    posted_at = instant(doc="When it was posted.")
    source_entity = text(doc="Kind of the record it comes from.")
    source_record = identifier("record", doc="That record's canonical id or business key.")
    description = text(doc="What for.")
    currency = code("CURRENCY", doc="Currency of the document.")
    reverses = reference("Posting", doc="What it reverses.")

    locks = (
        lock(
            document_no, legal_entity, fiscal_year, ledger, period, posted_on, source_entity, source_record, currency, reverses,
            states=(), remedy="Post a reversal.",
        ),
    )  # fmt: skip
    key = (legal_entity, fiscal_year, document_no)
    match = (declared_link(), business_key(legal_entity, fiscal_year, document_no))


class PostingLine(Entity, family=TRANSACTION, origins=ERP, plural="posting_lines", ents=(31,)):
    """One debit or credit."""

    posting = reference("Posting", required=True, essential=True, doc="Document.")
    line_no = identifier("line", required=True, essential=True, doc="Number of the line.")
    account = reference("LedgerAccount", essential=True, doc="Account.")
    debit = money(doc="Debit,")
    credit = money(doc="or credit.")
    functional_debit = money(doc="Debit in the books' currency,")
    functional_credit = money(doc="or credit in it.")
    rate = decimal(doc="Exchange rate used.")
    cost_centre = reference("CostCentre", doc="Cost centre.")
    project = reference("Project", doc="Project.")
    tax_code = reference("TaxCode", doc="Tax code.")
    dimensions = listing({"dimension": FieldKind.TEXT, "value": FieldKind.TEXT}, doc="Further dimensions.")
    description = text(doc="What for.")

    locks = (
        lock(
            posting, line_no, account, debit, credit, functional_debit, functional_credit, cost_centre, project, tax_code,
            dimensions, states=(), remedy="Post a reversal.",
        ),
    )  # fmt: skip
    key = (posting, line_no)
    match = (declared_link(), business_key(posting, line_no))
