"""Declared rules and financial gates as tables: what holds, what is broken, what nobody can say."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core import checks
from hub.core.financial_gates import GATED, GATES, Facts, judge, rate_of, worth
from hub.core.records import Contribution, Decision, SourceKey
from schema import ENTITIES, MODEL
from schema.checks import Severity, rules_of
from schema.systems import ERP

NOW = dt.datetime(2026, 5, 17, 8, tzinfo=dt.UTC)


def eur(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def hours(value: str, unit: str = "hour") -> dict[str, str]:
    return {"value": value, "unit": unit}


DOCUMENT = {"net": eur("100.00"), "tax": eur("19.00"), "gross": eur("119.00"), "currency": "EUR"}

TABLE: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("currency.code", {"code": "EUR"}, {"code": "Euro"}),
    ("tax_code.rate", {"rate": "19"}, {"rate": "119"}),
    ("exchange_rate.rate", {"rate": "0.0001"}, {"rate": "0"}),
    ("exchange_rate.to_currency", {"from_currency": "EUR", "to_currency": "USD"}, {"from_currency": "EUR", "to_currency": "EUR"}),
    ("accounting_period.ends_on", {"starts_on": "2026-05-01", "ends_on": "2026-05-31"}, {"starts_on": "2026-05-01", "ends_on": "2026-04-30"}),
    ("resource.end_date", {"start_date": "2020-01-01", "end_date": "2020-01-01"}, {"start_date": "2020-01-02", "end_date": "2020-01-01"}),
    ("resource.left", {"state": "left", "end_date": "2020-01-01"}, {"state": "left"}),
    ("client_site.e_invoice", {"e_invoice_scheme": "0088", "e_invoice_id": "1"}, {"e_invoice_id": "1"}),
    ("client_relationship.share", {"share": "51"}, {"share": "151"}),
    ("billing_account.number", {"state": "open", "account_no": "1", "legal_entity": "x"}, {"state": "open", "account_no": "1"}),
    ("billing_account.exemption", {"tax_class": "standard"}, {"tax_class": "exempt"}),
    ("opportunity.probability", {"probability": "100"}, {"probability": "-1"}),
    ("contract.end_date", {"start_date": "2026-01-01"}, {"start_date": "2026-01-01", "end_date": "2025-12-31"}),
    ("contract.signed_on", {"state": "draft"}, {"state": "signed"}),
    ("contract.currency", {"currency": "EUR", "total_value": eur("1.00")}, {"currency": "EUR", "total_value": eur("1.00", "USD")}),
    ("contract_line.expense_markup", {"expense_markup": "10"}, {"expense_markup": "110"}),
    ("contract_line.funding", {"funding": [{"percent": "60"}, {"percent": "40"}]}, {"funding": [{"percent": "60"}, {"percent": "30"}]}),
    ("rate_line.price", {"price": eur("0")}, {"price": eur("-1")}),
    ("rate_line.valid_to", {"valid_from": "2026-01-01", "valid_to": "2026-12-31"}, {"valid_from": "2026-01-01", "valid_to": "2025-12-31"}),
    ("project.end_date", {"start_date": "2026-01-01", "end_date": None}, {"start_date": "2026-01-01", "end_date": "2025-01-01"}),
    ("project.percent_complete", {"percent_complete": "0"}, {"percent_complete": "101"}),
    ("project.billing", {"state": "active", "billable": False}, {"state": "active", "billable": True, "client": "x"}),
    ("task.end_date", {}, {"start_date": "2026-01-02", "end_date": "2026-01-01"}),
    ("time_entry.quantity", {"quantity": hours("24")}, {"quantity": hours("24.5")}),
    ("time_entry.quantity", {"quantity": hours("30", "day")}, {"quantity": hours("-25")}),
    ("time_entry.ended_at", {"started_at": "2026-05-01T08:00:00.000000Z"}, {"started_at": "2026-05-01T08:00:00.000000Z", "ended_at": "2026-05-01T07:00:00.000000Z"}),
    ("expense_report.period_to", {}, {"period_from": "2026-05-02", "period_to": "2026-05-01"}),
    ("expense.category", {"state": "approved", "billable": True, "category": "hotel"}, {"state": "approved", "billable": True}),
    ("milestone.signed_off", {"state": "approved", "needs_client_signoff": False}, {"state": "approved", "needs_client_signoff": True}),
    ("purchase_order_line.unit_price", {"unit_price": eur("1")}, {"unit_price": eur("-0.01")}),
    ("billing_schedule_line.period_to", {}, {"period_from": "2026-05-02", "period_to": "2026-05-01"}),
    ("billing_schedule_line.percent", {"percent": "50"}, {"percent": "101"}),
    ("billable_item.currency", {"currency": "EUR", "amount": eur("1.00")}, {"currency": "EUR", "amount": eur("1.00", "USD")}),
    ("invoice.gross", {**DOCUMENT, "rounding": None}, {**DOCUMENT, "gross": eur("119.01")}),
    ("invoice.gross", {**DOCUMENT, "gross": eur("119.01"), "rounding": eur("0.01")}, {**DOCUMENT, "rounding": eur("0.01")}),
    ("invoice.currency", DOCUMENT, {**DOCUMENT, "currency": "USD"}),
    ("invoice.due_date", {"issue_date": "2026-05-01", "due_date": "2026-05-01"}, {"issue_date": "2026-05-02", "due_date": "2026-05-01"}),
    ("invoice.service_to", {}, {"service_from": "2026-05-02", "service_to": "2026-05-01"}),
    ("invoice.issued", {"state": "issued", "number": "R1"}, {"state": "issued"}),
    ("invoice_line.allocations", {"net": eur("3.00"), "allocations": [{"amount": eur("1.00")}, {"amount": eur("2.00")}]}, {"net": eur("3.00"), "allocations": [{"amount": eur("1.00")}]}),
    ("payment.unapplied", {"unapplied": eur("0.00")}, {"unapplied": eur("-0.01")}),
    ("posting_line.side", {"debit": eur("1.00"), "credit": eur("0.00")}, {"debit": eur("1.00"), "credit": eur("1.00")}),
    ("revenue_event.basis_percent", {"basis_percent": "5"}, {"basis_percent": "105"}),
)  # fmt: skip
BETWEEN: tuple[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]], ...] = (
    ("project.client", {"state": "active"}, {"client": [{"state": "active"}]}, {"client": [{"state": "closed"}]}),
    ("contract_line.currency", {"amount": eur("1.00")}, {"contract": [{"currency": "EUR"}]}, {"contract": [{"currency": "USD"}]}),
    ("time_entry.task", {"project": "p"}, {"task": [{"project": "p"}]}, {"task": [{"project": "q"}]}),
    ("expense.task", {"project": "p"}, {}, {"task": [{"project": "q"}]}),
    ("time_entry.intercompany", {"billable": True}, {"resource": [{"legal_entity": "a"}], "project": [{"legal_entity": "b"}], "unless": [{"intercompany_rule": "cost_plus"}]},
     {"resource": [{"legal_entity": "a"}], "project": [{"legal_entity": "b"}]}),
    ("invoice.lines", {"state": "issued", "net": eur("3.00")}, {"": [{"net": eur("1.00")}, {"net": eur("2.00")}]}, {"": [{"net": eur("1.00")}]}),
    ("credit_memo.lines", {"state": "issued", "net": eur("-3.00")}, {"": []}, {"": [{"net": eur("3.00")}]}),
    ("credit_memo.same_currency", {"currency": "EUR"}, {"corrects": [{"currency": "EUR"}]}, {"corrects": [{"currency": "USD"}]}),
    ("credit_memo.client", {"client": "a"}, {"corrects": [{"client": "a"}]}, {"corrects": [{"client": "b"}]}),
    ("invoice_line.currency", {"net": eur("1.00")}, {"invoice": [{"currency": "EUR"}]}, {"invoice": [{"currency": "USD"}]}),
    ("invoice_line.credit_currency", {"net": eur("1.00")}, {"credit_memo": [{}]}, {"credit_memo": [{"currency": "USD"}]}),
    ("payment_application.currency", {"amount": eur("1.00")}, {"invoice": [{"currency": "EUR"}]}, {"invoice": [{"currency": "USD"}]}),
)  # fmt: skip

RULES = {check.name: checks._rule(cls.meta.name, check, Severity.WARN) for cls in MODEL for check in rules_of(cls)}


@pytest.mark.parametrize(("name", "good", "bad"), TABLE, ids=[f"{row[0]}-{at}" for at, row in enumerate(TABLE)])
def test_a_rule_holds_of_the_one_and_is_broken_by_the_other(name: str, good: dict[str, Any], bad: dict[str, Any]) -> None:
    assert [RULES[name].judge(values, {}) for values in (good, {}, bad)] == [True, True, False]


@pytest.mark.parametrize(("name", "values", "good", "bad"), BETWEEN, ids=[row[0] for row in BETWEEN])
def test_a_rule_between_records_is_judged_by_what_they_refer_to(name: str, values: dict[str, Any], good: dict[str, Any], bad: dict[str, Any]) -> None:
    assert [RULES[name].judge(values, beside) for beside in (good, {}, bad)] == [True, True, False]


def test_every_rule_has_a_row_here_but_for_the_dates_every_dated_entity_has() -> None:
    told = {row[0] for row in TABLE} | {row[0] for row in BETWEEN}
    said_for_both = {name for name in RULES if name.startswith("credit_memo.") and name.replace("credit_memo", "invoice") in told}
    assert sorted(name for name in RULES if name not in told | said_for_both and not name.endswith((".valid_to", "assignment.end_date"))) == []


VALUES = st.one_of(
    st.none(), st.sampled_from(["EUR", "2026-01-01", "2025-01-01", "active", "approved", "left", "issued", "5", "150", True, False]),
    st.builds(eur, st.sampled_from(["1.00", "2.00", "-3.00"]), st.sampled_from(["EUR", "USD"])), st.builds(hours, st.sampled_from(["8", "30"])),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([(row[0], values) for row in TABLE for values in row[1:]]), st.dictionaries(st.sampled_from(sorted(ENTITIES["invoice"].fields)), VALUES))
def test_a_verdict_depends_on_nothing_but_what_the_rule_reads(row: tuple[str, dict[str, Any]], noise: dict[str, Any]) -> None:
    name, values = row
    rule = RULES[name]
    around = {key: value for key, value in noise.items() if key not in rule.reads}
    assert rule.judge({**values, **around}, {}) == rule.judge({key: value for key, value in values.items() if key in rule.reads}, {})


# severities


def told(*, previous: dict[str, Any] | None = None, held: dict[str, Any] | None = None, **values: Any) -> tuple[Contribution | None, Contribution]:
    key = SourceKey("erp", "period", "1", "accounting_period")
    before = None if previous is None else Contribution(key, ERP, id=7, state="present", values=previous, held=held or {})
    return before, Contribution(key, ERP, id=7, state="present", values=values)


PERIODS = checks.in_force("accounting_period", {})


def test_what_is_said_anew_of_a_rules_fields_is_held_until_it_is_accepted() -> None:
    good, bad = {"starts_on": "2026-05-01", "ends_on": "2026-05-31"}, {"starts_on": "2026-05-01", "ends_on": "2026-04-30"}
    before, now = told(previous=good, **bad)
    after, conflicts = checks.hold(PERIODS, before, now)
    assert (after.values, after.held) == (good, {"ends_on": "2026-04-30"})
    assert [(one.cause, one.field, one.offered, one.kept) for one in conflicts] == [("rule_held", "ends_on", "2026-04-30", "2026-05-31")]
    again = told(previous=good, held=after.held, **bad)
    assert checks.hold(PERIODS, *again)[1] == ()
    accepted = Decision(1, "accept", "accounting_period", None, source_id=7, field="ends_on", value="2026-04-30")
    assert checks.hold(PERIODS, before, now, [accepted])[0].values == bad
    assert checks.hold(PERIODS, *told(**bad))[0].values == {}


def test_a_message_is_refused_by_what_it_states_itself_only() -> None:
    rates = checks.in_force("exchange_rate", {})
    assert [one.rule.name for one in checks.refused(rates, {"rate": "0", "from_currency": "EUR"})] == ["exchange_rate.rate"]
    assert checks.refused(rates, {"from_currency": "EUR"}) == []


def test_a_tenant_switches_severities_but_not_of_rules_between_records() -> None:
    strict = {"checks": {"severity": {"invoice.gross": "block", "exchange_rate.rate": "off", "invoice.due_date": "quarantine"}}}
    found = checks.in_force("invoice", strict)
    assert ([one.name for one in found.block], [one.name for one in found.hold]) == (["invoice.gross"], ["invoice.gross", "invoice.due_date"])
    assert checks.in_force("exchange_rate", strict).block == ()
    for wrong in ({"severity": {"invoice.lines": "block"}}, {"severity": {"no.such": "warn"}}, {"severity": {"invoice.gross": "loud"}}, {"else": 1}, [1]):
        with pytest.raises(ValueError, match=r"rule|severity|checks are"):
            checks.told_of({"checks": wrong})
    assert checks.in_force("invoice", {"checks": {"severity": {"no.such": "warn"}}}) == checks.in_force("invoice", {})


# gates

HOUSE = {"$id": "h", "code": "DE01", "tz": "Europe/Berlin", "functional_currency": "EUR", "state": "active"}
MAY = {"period": "2026-05", "module": "time", "starts_on": "2026-05-01", "ends_on": "2026-05-31", "state": "open"}
PERSON = {"$id": "r", "start_date": "2020-01-01", "state": "active", "role": "consultant"}
PROJECT = {"$id": "p", "code": "P1", "state": "active", "billable": True}
RATE = {"role": "consultant", "price": {"amount": "120", "currency": "EUR", "per": "hour"}, "valid_from": "2026-01-01", "$scope": "standard"}
HOUR = {"work_date": "2026-05-04", "quantity": hours("7.5"), "billable": True, "state": "approved"}
OF = {"legal_entity": HOUSE, "resource": PERSON, "project": PROJECT, "billing_account": {"account_no": "1", "state": "open", "currency": "EUR", "tax_class": "standard"}}
LISTS = {"periods": [MAY], "rate_lines": [RATE]}


def facts(entity: str = "time_entry", *, of: dict[str, Any] | None = None, lists: dict[str, Any] | None = None, **values: Any) -> Facts:
    base = HOUR if entity == "time_entry" else {}
    return Facts(entity, {**base, **values}, NOW, {**OF, **(of or {})}, {**LISTS, **(lists or {})})


def said(found: Facts, gate: str) -> tuple[str, str] | None:
    return next(((one.verdict, one.reason) for one in judge(found) if one.gate.name == gate), None)


GATE_TABLE: tuple[tuple[str, Facts, tuple[str, str] | None], ...] = (
    ("period_open", facts(), ("passed", "period 2026-05 of time at DE01 is open")),
    ("period_open", facts(lists={"periods": [{**MAY, "state": "soft_closed"}]}), ("failed", "period 2026-05 of time at DE01 is soft closed")),
    ("period_open", facts(lists={"periods": [{**MAY, "module": "ledger"}]}), ("passed", "period 2026-05 of ledger at DE01 is open")),
    ("period_open", facts(of={"legal_entity": {}}), ("unknown", "nobody says in whose books it is kept")),
    ("period_open", facts(work_date="2026-06-02"), ("unknown", "no system has told of a period for 2026-06-02 at DE01")),
    ("period_open", facts(of={"legal_entity": {**HOUSE, "period_rule": "by_posting_date"}}, work_date="2026-01-02"), ("passed", "period 2026-05 of time at DE01 is open")),
    ("project_open", facts(), ("passed", "project P1 is active")),
    ("project_open", facts(of={"project": {**PROJECT, "state": "on_hold"}}), ("failed", "project P1 is on hold")),
    ("project_open", facts(of={"project": {**PROJECT, "time_open": False}}), ("failed", "project P1 is closed for time")),
    ("project_open", facts("expense", of={"project": {**PROJECT, "expense_open": False}}), ("failed", "project P1 is closed for expense")),
    ("project_open", facts("billable_item", of={"project": {**PROJECT, "billing_open": False}}), ("failed", "project P1 is closed for billing")),
    ("project_open", facts(of={"task": {"name": "T", "time_open": False}}), ("failed", "task T is closed for time")),
    ("resource_eligible", facts(of={"resource": {**PERSON, "end_date": "2026-04-30"}}), ("failed", "the person's last day was 2026-04-30, before 2026-05-04")),
    ("resource_eligible", facts(of={"resource": {**PERSON, "start_date": "2026-06-01"}}), ("failed", "the person starts on 2026-06-01, after 2026-05-04")),
    ("resource_eligible", facts(of={"resource": {"kind": "placeholder"}}), ("failed", "a placeholder does no work")),
    ("resource_eligible", facts(of={"assignment": {"start_date": "2026-06-01"}}), ("failed", "the person is not assigned to the project on 2026-05-04")),
    ("resource_eligible", facts(of={"assignment": {"start_date": "2026-05-01", "state": "firm"}}), ("passed", "the person is assigned to the project on 2026-05-04")),
    ("approved", facts(state="submitted"), ("failed", "it is submitted, not approved")),
    ("approved", facts("milestone", state="invoiced"), ("passed", "it is approved")),
    ("rate_in_force", facts(), ("passed", "120 EUR is in force on 2026-05-04")),
    ("rate_in_force", facts(lists={"rate_lines": [RATE, {**RATE, "price": eur("130")}]}), ("failed", "2 lines of rate cards are in force for one key on 2026-05-04")),
    ("rate_in_force", facts(lists={"rate_lines": [{**RATE, "role": "partner"}]}), ("failed", "no rate is in force for this work on 2026-05-04")),
    ("rate_in_force", facts(billable=False), None),
    ("rate_in_force", facts("billable_item", price=eur("110"), of={"rate_line": RATE}), ("failed", "it was priced at 110 EUR, the card says 120 EUR")),
    ("rate_in_force", facts("billable_item", price=eur("120"), of={"rate_line": RATE}), ("passed", "it was priced at the card's 120 EUR")),
    ("billing_eligible", facts(billable=False), ("failed", "it is not billable")),
    ("billing_eligible", facts(of={"project": {**PROJECT, "kind": "internal"}}), ("failed", "its project is not billable")),
    ("billing_eligible", facts(of={"billing_account": {"account_no": "1", "credit_hold": True}}), ("failed", "account 1 is on credit hold")),
    ("billing_eligible", facts(of={"contract": {"state": "suspended"}}), ("failed", "its contract is suspended")),
    ("no_hold", facts(), ("passed", "nothing holds it")),
    ("no_hold", facts(lists={"holds": [{"state": "placed", "reason": "missing_po"}]}), ("failed", "billing is held: missing po")),
    ("tax_mapped", facts(), ("passed", "taxed as standard, by its billing account")),
    ("tax_mapped", facts(of={"billing_account": {}}, lists={"lines": [{"tax_category": "reduced"}] * 2}), ("passed", "taxed as reduced, as every line of its contract")),
    ("tax_mapped", facts(of={"billing_account": {}}), ("failed", "neither it, its contract line, its contract nor its account says how it is taxed")),
    ("client_po", facts(), None),
    ("client_po", facts(of={"billing_account": {"po_required": True}}), ("failed", "the client wants its purchase order on the invoice, and there is none")),
    ("client_po", facts(lists={"purchase_orders": [{"po_number": "PO1", "amount": eur("1000.00"), "$used": Decimal(500)}]}),
     ("failed", "purchase order PO1 has 500.00 EUR left, 900.00 EUR are wanted")),
    ("client_po", facts(lists={"purchase_orders": [{"po_number": "PO1", "valid_to": "2026-01-31"}]}), ("failed", "purchase order PO1 is not in force on 2026-05-04")),
    ("within_threshold", facts(lists={"thresholds": [{"kind": "not_to_exceed", "action": "block", "limit_amount": eur("1000.00"), "$used": Decimal(200)}]}),
     ("failed", "the limit (not to exceed) would be passed by 100.00")),
    ("within_threshold", facts(lists={"thresholds": [{"kind": "budget", "action": "warn", "limit_amount": eur("800.00")}]}), ("passed", "budget: passed by 100.00")),
    ("within_threshold", facts(lists={"thresholds": [{"kind": "hours", "action": "hold", "limit_quantity": hours("100"), "$used_quantity": Decimal("92.5")}]}), ("passed", "hours: 0.0 left")),
    ("prior_invoice", facts(), ("passed", "it is on no other invoice")),
    ("prior_invoice", facts(billing_state="invoiced"), ("failed", "it is invoiced already")),
    ("prior_invoice", facts(lists={"items": [{"state": "drafted"}]}), ("failed", "another item of the same origin is drafted")),
    ("prior_invoice", facts("credit_memo", of={"corrects": {"number": "R1", "state": "draft"}}), ("failed", "invoice R1 is draft: there is nothing to correct")),
    ("currency_agrees", facts(of={"contract": {"currency": "USD"}}), ("failed", "it is in EUR, its contract in USD")),
    ("currency_agrees", facts("credit_memo", currency="EUR", of={"corrects": {"currency": "USD"}}), ("failed", "it is in EUR, its invoice in USD")),
    ("currency_agrees", facts("invoice", currency="USD"), ("passed", "it is in USD, its account usually in EUR")),
    ("period_open", facts("invoice", state="posted"), ("passed", "it is in the books already")),
    ("currency_agrees", facts("invoice", currency="EUR"), ("passed", "it is in EUR, as its account")),
    ("client_open", facts("project", of={"client": {"name": "ACME", "state": "closed"}}), ("failed", "client ACME is closed")),
    ("client_open", facts("project", of={"client": {"name": "ACME", "state": "active"}}), ("passed", "client ACME is active")),
    ("client_open", facts("project", of={"client": {"name": "ACME", "blocked": True}}), ("failed", "client ACME is blocked")),
    ("client_open", facts("project", kind="internal"), None),
    ("billing_eligible", facts(), ("passed", "it may be billed")),
    ("client_po", facts(of={"client_po": {"po_number": "PO1", "open_amount": eur("900.00")}}), ("passed", "purchase order PO1 has 900.00 EUR left")),
    ("contract_signed", facts("project", of={"contract": {"contract_no": "K1", "state": "signed"}}), ("passed", "contract K1 is signed")),
    ("legal_entity_rules", facts("project", of={"client": {"$id": "c"}}), ("failed", "the client has no open account in the receivables of DE01")),
    ("legal_entity_rules", facts("project", of={"client": {"$id": "c"}}, lists={"accounts": [{"account_no": "1", "state": "open"}]}), ("passed", "the client has account 1 at DE01")),
    ("contract_signed", facts("project", of={"contract": {"contract_no": "K1", "state": "draft"}}), ("failed", "contract K1 is draft")),
    ("contract_signed", facts("project", of={"contract": {"state": "active", "legal_entity": "other"}}, legal_entity="h"), ("failed", "its contract is sold by another legal entity")),
)  # fmt: skip


@pytest.mark.parametrize(("gate", "found", "expected"), GATE_TABLE, ids=[f"{row[0]}-{at}" for at, row in enumerate(GATE_TABLE)])
def test_a_gate_says_why_it_is_shut(gate: str, found: Facts, expected: tuple[str, str] | None) -> None:
    assert said(found, gate) == expected


def test_every_gate_has_both_ends_here_and_somebody_who_opens_it() -> None:
    seen = {(row[0], row[2][0]) for row in GATE_TABLE if row[2]}
    assert [gate.name for gate in GATES if not {(gate.name, "failed"), (gate.name, "passed")} <= seen] == []
    assert all(gate.team and gate.remedy and gate.exc.startswith("EXC-") and gate.ctl.startswith("CTL-") for gate in GATES)
    assert set(ENTITIES) >= GATED


def test_the_narrowest_rate_decides_and_an_assignments_before_all() -> None:
    of_client = {**RATE, "price": eur("150"), "$scope": "client", "role": None}
    assert rate_of(facts(lists={"rate_lines": [RATE, of_client]})) == eur("150")
    assert rate_of(facts(lists={"rate_lines": [of_client]}, of={"assignment": {"bill_rate": eur("99")}})) == eur("99")
    assert worth(facts()) == eur("900.00")


def test_what_could_not_be_read_in_time_is_unknown_and_not_failed() -> None:
    found = Facts("time_entry", HOUR, NOW, OF, {"rate_lines": [RATE]}, frozenset({"periods", "holds"}))
    assert said(found, "period_open") == ("unknown", "periods could not be read in time")
    assert said(found, "rate_in_force") == ("passed", "120 EUR is in force on 2026-05-04")
