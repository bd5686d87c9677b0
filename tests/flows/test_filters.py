"""Filters of the feed: read against the model, judged by the kinds of fields, shaping what is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from hub.errors import RequestError
from hub.flows.filters import fits, normal_filter
from hub.store.feed import FeedChange

ID = UUID("018f6b1e-0000-7000-8000-000000000001")
BOOKS = "018f6b1e-0000-7000-8000-000000000002"
OTHER = "018f6b1e-0000-7000-8000-000000000003"


def a_change(entity: str, before: dict[str, Any], after: dict[str, Any]) -> FeedChange:
    return FeedChange(ID, entity, 2, "update", before, after, "source", "erp", "c1", datetime(2026, 5, 17, tzinfo=UTC))


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


TABLE: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    ("invoice", {"field": "net", "op": "gt", "value": eur("10000")}, {"net": eur("10000.01")}, True),
    ("invoice", {"field": "net", "op": "gt", "value": eur("10000")}, {"net": eur("10000.00")}, False),
    ("invoice", {"field": "net", "op": "gt", "value": eur("1")}, {"net": {"amount": "900000", "currency": "JPY"}}, False),
    ("invoice", {"field": "net", "value": eur("100")}, {"net": eur("100.00")}, True),
    ("invoice", {"field": "net.amount", "op": "lt", "value": 9}, {"net": eur("10.5")}, False),
    ("invoice", {"field": "net.amount", "op": "lt", "value": "90"}, {"net": eur("9.5")}, True),
    ("invoice", {"field": "net.currency", "op": "in", "value": ["EUR", "CHF"]}, {"net": eur("1")}, True),
    ("invoice", {"field": "due_date", "op": "lte", "value": "2026-05-31"}, {"due_date": "2026-06-01"}, False),
    ("invoice", {"field": "due_date", "op": "lte", "value": "2026-05-31"}, {}, False),
    ("invoice", {"field": "due_date", "op": "is_empty"}, {}, True),
    ("invoice", {"field": "number", "op": "is_set"}, {"number": "7"}, True),
    ("invoice", {"field": "number", "op": "ne", "value": "7"}, {"number": "7"}, False),
    ("time_entry", {"field": "quantity", "op": "gte", "value": {"value": "7.5", "unit": "hour"}}, {"quantity": {"value": "7.50", "unit": "hour", "stated": "450 min"}}, True),
    ("time_entry", {"field": "quantity", "op": "gte", "value": {"value": "1", "unit": "day"}}, {"quantity": {"value": "7.5", "unit": "hour"}}, False),
    ("time_entry", {"field": "billable", "value": True}, {"billable": True}, True),
    ("time_entry", {"field": "project", "value": OTHER.upper()}, {"project": OTHER}, True),
    ("client", {"field": "extra.segment", "op": "in", "value": ["A"]}, {"extra": {"segment": "A"}}, True),
]  # fmt: skip


@pytest.mark.parametrize(("entity", "condition", "values", "passes"), TABLE)
def test_a_condition_is_judged_by_the_kind_of_its_field(
    entity: str, condition: dict[str, Any], values: dict[str, Any], passes: bool
) -> None:
    wanted = normal_filter({"entity": entity, "where": [condition]})
    assert fits(wanted, a_change(entity, {}, {}), values) is passes
    assert normal_filter(wanted) == wanted


@pytest.mark.parametrize(
    ("stated", "field", "told"),
    [
        ({"entity": "invoice", "where": [{"field": "nett", "value": "1"}]}, "where", "'nett' is not a field of invoice"),
        ({"entity": "invoice", "where": [{"field": "net", "op": "gt", "value": "1"}]}, "where", "net is compared with {'amount': …, 'currency': …}"),
        ({"entity": "invoice", "where": [{"field": "net.amount", "op": "gt", "value": 1.5}]}, "where", "net.amount is compared with a number"),
        ({"entity": "invoice", "where": [{"field": "net.price", "value": "1"}]}, "where", "net has no part 'price'"),
        ({"entity": "invoice", "where": [{"field": "due_date", "op": "gt", "value": "soon"}]}, "where", "due_date is compared with a date"),
        ({"entity": "time_entry", "where": [{"field": "billable", "op": "gt", "value": True}]}, "where", "billable has no order"),
        ({"entity": "time_entry", "where": [{"field": "project", "value": "P-1"}]}, "where", "project is compared with a reference"),
        ({"entity": "client", "where": [{"field": "name", "op": "in", "value": "A"}]}, "where", "in is compared with a list"),
        ({"entity": "client", "where": [{"field": "name", "op": "like", "value": "A"}]}, "where", "'like' is not one of"),
        ({"entity": "client", "where": [{"field": "name", "worth": "A"}]}, "where", "not 'worth'"),
        ({"where": {"field": "name"}}, "where", "is a list of conditions"),
        ({"entity": "client", "legal_entity": BOOKS}, "legal_entity", "'legal_entity' is not a field of client"),
        ({"legal_entity": "books"}, "legal_entity", "legal_entity is compared with a reference"),
        ({"entity": "client", "select": ["nme"]}, "select", "'nme' is not a field of client"),
        ({"events": ["exception.raised"]}, "events", "is no business event of a change"),
    ],
)
def test_what_cannot_be_judged_is_refused_when_the_filter_is_made(stated: dict[str, Any], field: str, told: str) -> None:
    with pytest.raises(RequestError) as refused:
        normal_filter(stated)
    assert (refused.value.code, refused.value.field) == ("bad_filter", f"filter.{field}")
    assert told in str(refused.value)


def test_a_reader_of_one_legal_entity_hears_of_its_records_and_of_their_leaving() -> None:
    wanted = normal_filter({"legal_entity": BOOKS})
    assert fits(wanted, a_change("invoice", {}, {"number": "7"}), {"number": "7", "legal_entity": BOOKS})
    assert fits(wanted, a_change("invoice", {"legal_entity": BOOKS}, {"legal_entity": OTHER}), {"legal_entity": OTHER})
    assert not fits(wanted, a_change("invoice", {}, {"number": "7"}), {"number": "7", "legal_entity": OTHER})
    assert not fits(wanted, a_change("client", {}, {"name": "A"}), {"name": "A"})
