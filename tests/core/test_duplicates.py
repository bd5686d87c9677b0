"""Which transactions look alike, as tables: what makes two of them suspects, and what speaks for them."""

from __future__ import annotations

from typing import Any

import pytest

from hub.core.duplicates import COLLISION, NEAR, RULES, SAME, compare


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def hours(value: str) -> dict[str, str]:
    return {"value": value, "unit": "hour"}


INVOICE = {"legal_entity": "L", "billing_account": "B", "gross": eur("119.00"), "issue_date": "2026-05-04", "number": "RE-2026-0042"}
PAYMENT = {"legal_entity": "L", "billing_account": "B", "amount": eur("119.00"), "received_on": "2026-05-04", "reference": "RE-2026-0042"}
EXPENSE = {"resource": "R", "incurred": eur("23.40"), "incurred_on": "2026-05-04", "merchant": "Taxi Müller", "category": "taxi"}
HOURS = {"resource": "R", "work_date": "2026-05-04", "project": "P", "quantity": hours("2"), "note": "Workshop with the client"}
ITEM = {"time_entry": "T", "kind": "time", "amount": eur("200.00"), "origin_version": 1}
MILESTONE = {"project": "P", "amount": eur("5000.00"), "name": "Design accepted", "target_date": "2026-05-04", "code": "M1"}


@pytest.mark.parametrize(
    ("entity", "one", "changed", "kind"),
    [
        ("invoice", INVOICE, {}, SAME),
        ("invoice", INVOICE, {"number": "re 2026/0042"}, SAME),
        ("invoice", INVOICE, {"gross": eur("120.00")}, COLLISION),
        ("invoice", INVOICE, {"billing_account": "C"}, COLLISION),
        ("invoice", INVOICE, {"number": "RE-2026-0024"}, NEAR),  # two signs swapped
        ("invoice", INVOICE, {"number": "RE-2026-042", "issue_date": "2026-05-06"}, NEAR),
        ("invoice", INVOICE, {"number": "RE-2026-0043", "service_from": "2026-04-01", "other": {"service_from": "2026-05-01"}}, None),
        ("invoice", INVOICE, {"number": "RE-2026-0043", "issue_date": "2026-06-04"}, None),  # next month's retainer
        ("invoice", INVOICE, {"number": "RE-2026-0099"}, None),
        ("invoice", INVOICE, {"number": "RE-2026-0024", "gross": eur("120.00")}, None),
        ("invoice", INVOICE, {"number": "RE-2026-0024", "corrects": "I"}, None),
        ("invoice", INVOICE, {"number": "RE-2026-0024", "state": "void"}, None),
        ("credit_memo", INVOICE, {"number": "RE-2026-0024"}, NEAR),
        ("payment", PAYMENT, {}, NEAR),
        ("payment", PAYMENT, {"reference": "Rechnung RE-2026-0042", "received_on": "2026-05-07"}, NEAR),
        ("payment", PAYMENT, {"reference": "RE-2026-0043"}, None),
        ("payment", PAYMENT, {"received_on": "2026-05-14"}, None),
        ("payment", {**PAYMENT, "bank_ref": "X1"}, {"bank_ref": "X2"}, None),
        ("payment", {**PAYMENT, "bank_ref": "X1"}, {"reference": "other"}, SAME),
        ("payment", {**PAYMENT, "bank_ref": "X1"}, {"amount": eur("1.00")}, COLLISION),
        ("payment", {**PAYMENT, "billing_account": None}, {}, NEAR),
        ("expense", EXPENSE, {}, NEAR),
        ("expense", EXPENSE, {"incurred_on": "2026-05-05", "merchant": "TAXI MUELLER"}, NEAR),
        ("expense", EXPENSE, {"incurred_on": "2026-05-05", "merchant": "taxi  müller."}, NEAR),
        ("expense", EXPENSE, {"merchant": "Taxi Müler"}, NEAR),
        ("expense", EXPENSE, {"merchant": "Hotel Post", "category": "hotel"}, None),
        ("expense", {**EXPENSE, "quantity": {"value": "1", "unit": "day"}}, {"incurred_on": "2026-05-05"}, None),  # per diem
        ("expense", {**EXPENSE, "receipt_digest": "D"}, {"merchant": None, "incurred": eur("9.00")}, COLLISION),
        ("time_entry", HOURS, {}, NEAR),
        ("time_entry", HOURS, {"note": "workshop with the client!"}, NEAR),
        ("time_entry", {**HOURS, "note": None}, {}, None),  # two equal entries on one day are legitimate
        ("time_entry", HOURS, {"note": "Minutes of the workshop"}, None),
        ("time_entry", HOURS, {"task": "A", "other": {"task": "B"}}, None),
        ("time_entry", HOURS, {"started_at": "2026-05-04T08:00:00Z", "other": {"started_at": "2026-05-04T13:00:00Z"}}, None),
        ("time_entry", HOURS, {"quantity": hours("3")}, None),
        ("billable_item", ITEM, {}, SAME),
        ("billable_item", ITEM, {"amount": eur("210.00")}, COLLISION),
        ("billable_item", ITEM, {"origin_version": 2}, NEAR),  # one hour billed twice
        ("billable_item", ITEM, {"origin_version": 2, "state": "superseded"}, None),
        ("milestone", MILESTONE, {"code": "M2"}, NEAR),
        ("milestone", MILESTONE, {"code": "M2", "name": "Design  accepted."}, NEAR),
        ("milestone", MILESTONE, {"code": "M2", "name": "Build accepted"}, None),
        ("milestone", MILESTONE, {"code": "M2", "name": "Design accepted, phase 2"}, None),
        ("milestone", MILESTONE, {"amount": eur("6000.00")}, COLLISION),
    ],
)  # fmt: skip
def test_pairs(entity: str, one: dict[str, Any], changed: dict[str, Any], kind: str | None) -> None:
    other = {**one, **changed.pop("other", {})} if "other" in changed else one
    found = compare(RULES[entity], {**one, **changed}, other)
    assert (found.kind if found else None) == kind, found
    turned = compare(RULES[entity], other, {**one, **changed})
    assert (turned.kind, turned.score) == (found.kind, found.score) if turned and found else turned is found


def test_a_likeness_tells_what_speaks_for_it_point_by_point() -> None:
    found = compare(RULES["expense"], EXPENSE, {**EXPENSE, "incurred_on": "2026-05-05"})
    assert found is not None
    assert [(part.name, part.points, part.most, part.finding) for part in found.parts] == [
        ("resource", 25, 25, "equal"), ("incurred", 30, 30, "equal"), ("incurred_on", 12, 20, "a day apart"),
        ("merchant", 25, 25, "the same words"), ("category", 5, 5, "equal"),
    ]  # fmt: skip
    assert found.score == sum(part.points for part in found.parts)
