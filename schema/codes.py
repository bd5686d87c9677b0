"""The governed code sets: what a code field may hold.

Every system's own codes map to these values through the code map of (system, set). An *open* set has no fixed values:
the firm lists its own, or a pattern says what a value looks like.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class CodeSet:
    """One set: value → label ('' when the value speaks for itself)."""

    name: str
    values: Mapping[str, str]
    doc: str
    is_open: bool = False
    pattern: str = ""

    def allows(self, value: str) -> bool:
        """Whether ``value`` is canonical for this set; an open set without pattern takes any code.

        >>> SETS["UNIT"].allows("hour"), SETS["UNIT"].allows("Std"), SETS["CURRENCY"].allows("EUR")
        (True, False, True)
        """
        if value in self.values:
            return True
        return self.is_open and (not self.pattern or re.fullmatch(self.pattern, value) is not None)


def closed(name: str, values: str | Mapping[str, str], doc: str) -> CodeSet:
    """A set with fixed values, given as words or with their labels."""
    return CodeSet(name, dict.fromkeys(values.split(), "") if isinstance(values, str) else dict(values), doc)


def tenants_own(name: str, doc: str, pattern: str = "", **values: str) -> CodeSet:
    """A set whose values each firm lists itself; ``values`` are those we know already."""
    return CodeSet(name, values, doc, is_open=True, pattern=pattern)


_ALL = (
    # what is sold and how it is billed
    closed(
        "BILLING_METHOD",
        {
            "time_and_materials": "", "fixed_fee": "", "milestone": "", "retainer": "", "subscription": "", "recurring": "",
            "unit_based": "", "cost_plus": "", "capped": "Not to exceed", "prepaid_block": "", "non_billable": "",
        },
        "How a contract line is billed.",
    ),
    closed(
        "CONTRACT_TYPE",
        "time_and_materials fixed_fee milestone retainer subscription recurring unit_based cost_plus capped prepaid_block "
        "non_billable mixed",
        "The single billing method of the lines, or mixed.",
    ),
    closed(
        "BILLING_RULE",
        {
            "actuals_at_rate": "", "scheduled_dates": "", "on_milestone": "", "percent_complete": "", "recurring_advance": "",
            "recurring_arrears": "", "draw_down": "", "true_up": "", "pass_through": "Expenses", "minimum_fee": "", "cap": "",
        },
        "What makes an item billable.",
    ),
    closed(
        "REVENUE_METHOD",
        "as_invoiced as_incurred percent_complete_cost percent_complete_hours straight_line milestone completed manual none",
        "How revenue is recognised.",
    ),
    closed("CONTRACT_KIND", {"master": "", "sow": "Statement of work", "order": "", "retainer": ""}, "What the paper is."),
    closed("RENEWAL", "none automatic on_request", "What happens at the end of a contract."),
    closed("CHANGE_KIND", "scope rate schedule value party dates", "What a change order changes."),
    closed("THRESHOLD_KIND", "not_to_exceed budget retainer_balance minimum hours", "What a threshold limits."),
    closed("THRESHOLD_ACTION", "warn hold block", "What happens at the limit."),
    closed("RATE_CARD_KIND", "bill cost transfer", "What the rates are for."),
    closed("RATE_SCOPE", "standard region legal_entity client contract project", "How narrow a rate card applies."),
    closed("SERVICE_KIND", "labour expense subscription fee product", "What a service item is."),
    # states of facets
    closed("APPROVAL_STATE", "draft submitted approved rejected recalled", "Where a record is in its approval."),
    closed("BILLING_STATE", "not_billable open held ready drafted invoiced credited written_off", "How far a record is billed."),
    closed("POSTING_STATE", "not_posted waiting_period sent posted reversed refused", "How far a record is posted."),
    closed(
        "E_DOCUMENT_STATUS", "not_required pending accepted rejected", "Clearance of an electronic invoice by the authority."
    ),
    closed("HEALTH", "green amber red", "How it is going."),
    # parties
    closed(
        "CLIENT_KIND",
        {
            "organisation": "", "person": "", "public_body": "", "intercompany": "One of our own legal entities",
            "pseudo": "One-time customer, various, internal: never matches, never merges",
        },
        "What a client is.",
    ),
    closed("RESOURCE_KIND", "employee contractor agency placeholder", "What a resource is."),
    closed("VENDOR_KIND", "subcontractor agency supplier", "What we buy from a vendor."),
    closed("SITE_KIND", "seat billing delivery office", "What a site is used for."),
    closed("CONTACT_ROLE", "sponsor billing approver signatory project_manager technical", "What a contact does for us."),
    closed("CONSENT", "granted refused withdrawn unknown", "May we write to them?"),
    closed(
        "RELATIONSHIP_KIND",
        "legal_parent ultimate_parent branch_of sales_parent bill_to payer successor",
        "What it means that one client belongs to another.",
    ),
    # work
    closed("PROJECT_KIND", "external internal presales investment", "Why a project is done."),
    closed("TASK_KIND", "phase task deliverable", "What a node of the work breakdown is."),
    closed("WORK_CLASS", "work overtime travel absence", "What kind of time it was."),
    closed("INTERCOMPANY_RULE", "none transfer_price cost_plus resale_minus", "How work across legal entities is charged."),
    # billing and documents
    closed("SCHEDULE_KIND", "dates milestones percent recurring", "By what a billing schedule falls due."),
    closed("ITEM_KIND", "time expense milestone schedule adjustment", "What a billable item comes from."),
    closed("HOLD_LEVEL", "client contract line project item amount", "How much a hold stops."),
    closed("HOLD_KIND", "billing revenue", "What a hold stops."),
    closed(
        "HOLD_REASON",
        "client_dispute missing_po missing_approval contract_unsigned rate_check budget_exceeded tax_check credit "
        "scope_change internal",
        "Why billing is held.",
    ),
    closed("WRITE_OFF", "write_down goodwill overrun rate_error bad_debt not_billable", "Why less is billed or received."),
    closed("DISPUTE_REASON", "quantity rate quality po tax addressee duplicate not_ordered", "What a client objects to."),
    closed("DOCUMENT_KIND", "standard advance final cancellation correction", "What a receivable document is."),
    closed("CONSOLIDATION", "project po client", "What is put on one invoice."),
    closed("INVOICE_CHANNEL", "mail portal e_invoice edi post", "How invoices are delivered."),
    closed("PAYMENT_METHOD", "transfer direct_debit card cheque cash netting other", "How money moves."),
    tenants_own("PAYMENT_TERMS", "When payment is due, as a structure with a code.", pattern=r"[A-Z0-9_/.]+"),
    # money, tax, ledger
    tenants_own("CURRENCY", "ISO 4217.", pattern="[A-Z]{3}"),
    closed("RATE_TYPE", "spot month_average budget contract", "Which exchange rate."),
    closed(
        "TAX_CATEGORY", "standard reduced zero exempt reverse_charge outside_scope export", "What taxation amounts to."
    ),
    closed("TAX_DIRECTION", "output input", "Tax we charge, or tax we are charged."),
    closed("PERIOD_MODULE", "ledger receivables payables projects time", "What an accounting period opens and closes."),
    closed("PERIOD_SCHEME", {"months": "", "weeks_445": "4-4-5 weeks", "thirteen": "Thirteen periods"}, "How a year is cut."),
    closed("PERIOD_RULE", "by_work_date by_posting_date", "Which period a work date falls in."),
    closed("ACCOUNT_KIND", "asset liability equity revenue expense", "What a ledger account is."),
    closed(
        "ACCOUNT_PURPOSE", "revenue deferred accrued unbilled receivable cost tax write_off rounding", "What an account is used for."
    ),
    tenants_own("LEDGER", "Ledgers of the books.", general="General ledger"),
    closed("COST_KIND", "labour subcontractor vendor expense", "What a cost is for."),
    closed("REVENUE_EVENT_KIND", "work milestone progress period adjustment", "Why revenue is recognised."),
    closed("REVENUE_BASIS", "hours percent milestone time", "By what revenue is measured."),
    closed("FORECAST_MEASURE", "revenue cost hours backlog margin risk", "What a forecast line says."),
    closed("UNIT", "hour day month item km percent", "What a quantity or price is counted in."),
    # governance
    closed("POLICY_TOPIC", "revenue tax time expense invoicing", "What a regional policy is about."),
    closed("TIMING_CLASS", "immediate minutes hourly daily on_demand", "How fast an interface must be."),
    closed("TRANSPORT", "api webhook poll file message manual", "How an interface is carried."),
    # a firm's own
    tenants_own("INDUSTRY", "Industries."),
    tenants_own("SEGMENT", "Market segments."),
    tenants_own("TIER", "Tiers of clients."),
    tenants_own("ROLE", "Delivery roles."),
    tenants_own("GRADE", "Grades."),
    tenants_own("SKILL", "Skills."),
    tenants_own("CALENDAR", "Working calendars."),
    tenants_own("EXPENSE_CATEGORY", "Expense categories."),
    tenants_own("EXPENSE_FLAG", "Expense rules that may be broken."),
)  # fmt: skip

SETS: dict[str, CodeSet] = {one.name: one for one in _ALL}
"""The governed sets by name; :data:`schema.CODE_SETS` adds the states of each entity."""


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """When a document is due: ``net_days`` after its start date, at the end of that month when ``end_of_month``."""

    net_days: int
    end_of_month: bool = False
    discount_percent: str = ""
    discount_days: int = 0
    start: str = "invoice"
    """What the days count from: ``invoice``, ``receipt`` or ``service``."""

    @property
    def code(self) -> str:
        """The canonical code: ``NET30``, ``NET30EOM``, ``2/10NET30``, ``NET30_RECEIPT``; nothing to wait for is ``NET0``.

        >>> PaymentTerms(30, end_of_month=True, discount_percent="2", discount_days=10).code
        '2/10NET30EOM'
        """
        discount = f"{self.discount_percent}/{self.discount_days}" if self.discount_percent else ""
        start = "" if self.start == "invoice" else f"_{self.start.upper()}"
        return f"{discount}NET{self.net_days}{'EOM' if self.end_of_month else ''}{start}"

    def due_on(self, start: date) -> date:
        """The day a document is due that starts on ``start``.

        >>> PaymentTerms(30, end_of_month=True).due_on(date(2026, 1, 15)).isoformat()
        '2026-02-28'
        """
        due = start + timedelta(days=self.net_days)
        if not self.end_of_month:
            return due
        first_of_next = (due.replace(day=1) + timedelta(days=32)).replace(day=1)
        return first_of_next - timedelta(days=1)


_TERMS = re.compile(
    r"(?:(?P<percent>\d{1,2}(?:\.\d+)?)/(?P<discount>\d{1,3}))?NET(?P<net>\d{1,3})(?P<eom>EOM)?(?:_(?P<start>INVOICE|RECEIPT|SERVICE))?"
)


def payment_terms(code: str) -> PaymentTerms | None:
    """Read a canonical code of the set PAYMENT_TERMS; None when it is a firm's own word.

    >>> payment_terms("2/10NET30")
    PaymentTerms(net_days=30, end_of_month=False, discount_percent='2', discount_days=10, start='invoice')
    >>> payment_terms("ON_SITE") is None
    True
    """
    found = _TERMS.fullmatch(code)
    if found is None:
        return None
    return PaymentTerms(
        net_days=int(found["net"]),
        end_of_month=found["eom"] is not None,
        discount_percent=found["percent"] or "",
        discount_days=int(found["discount"] or 0),
        start=(found["start"] or "INVOICE").lower(),
    )
