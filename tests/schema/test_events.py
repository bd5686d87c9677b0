"""Business events by table: each fires on its transition and on nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from schema import ENTITIES
from schema.event_schemas import example
from schema.event_types import EVENTS
from schema.events import TYPES, Told, envelope, events_of, exception_event, needs_of

ID = "018f6b1e-0000-7000-8000-000000000001"
GOLDEN_ID = UUID(ID)
PROJECT = "018f6b1e-0000-7000-8000-000000000002"
ACCOUNT = "018f6b1e-0000-7000-8000-000000000003"
EUR = {"amount": "100.00", "currency": "EUR"}


@dataclass(frozen=True)
class AChange:
    op: str
    cause: str = "source"
    is_backfill: bool = False
    golden_id: UUID = GOLDEN_ID


def fired(entity: str, before: dict[str, Any] | None, after: dict[str, Any], op: str = "", **options: Any) -> list[str]:
    """Types of the events of one step; ``before`` None means the record is new."""
    related = options.pop("related", {})
    change = AChange(op or ("create" if before is None else "update"), **options)
    return [one.type.type for one in events_of(change, ENTITIES[entity], before or {}, after, related)]


NEW = None
ACTIVE_CARD = {"rate_card": {"state": "active"}}
DRAFT_CARD = {"rate_card": {"state": "draft"}}
FINANCE = {"project_financials": {"cost_centre": ID}}
ACTIVE_PROJECT = {"project": {"state": "active"}}

# fmt: off
FIRES: list[tuple[str, dict[str, Any] | None, dict[str, Any], dict[str, Any], list[str]]] = [
    ("client", NEW, {"name": "A"}, {}, ["client.created"]),
    ("client", {"name": "A"}, {"name": "B"}, {}, ["client.updated"]),
    ("client", {"name": "A"}, {"name": "A"}, {}, []),
    ("opportunity", {"state": "open"}, {"state": "won"}, {}, ["opportunity.won"]),
    ("opportunity", NEW, {"state": "won"}, {}, ["opportunity.won"]),
    ("opportunity", {"state": "open"}, {"state": "lost"}, {}, []),
    ("opportunity", {"state": "won"}, {"state": "won", "stage": "x"}, {}, []),
    ("contract", {"state": "in_approval"}, {"state": "signed"}, {}, ["contract.signed"]),
    ("contract", {"state": "draft"}, {"state": "active"}, {}, ["contract.signed"]),
    ("contract", {"state": "suspended"}, {"state": "active"}, {}, []),
    ("contract", {"state": "draft"}, {"state": "terminated"}, {}, []),
    ("contract", {"terms_version": 1}, {"terms_version": 2}, {}, ["contract.amended"]),
    ("contract", {"terms_version": 2}, {"terms_version": 1}, {}, []),
    ("contract", NEW, {"terms_version": 1}, {}, []),
    ("change_order", {"state": "submitted"}, {"state": "approved"}, {}, ["change_order.approved", "approval.changed"]),
    ("change_order", {"state": "submitted"}, {"state": "applied"}, {}, ["change_order.approved", "approval.changed"]),
    ("change_order", {"state": "submitted"}, {"state": "rejected"}, {}, ["approval.changed"]),
    ("change_order", {"state": "approved"}, {"state": "signed"}, {}, ["approval.changed"]),
    ("project", NEW, {"name": "P", "state": "planned"}, {}, ["project.created"]),
    ("project", {"name": "P"}, {"name": "Q"}, {}, ["project.amended"]),
    ("project", {"state": "planned"}, {"state": "active"}, FINANCE,
     ["project.amended", "project.activated", "project.status_changed"]),
    ("project", {"state": "planned"}, {"state": "active"}, {}, ["project.amended", "project.status_changed"]),
    ("project_financials", NEW, {"project": PROJECT}, ACTIVE_PROJECT, ["project.activated"]),
    ("project_financials", NEW, {"project": PROJECT}, {"project": {"state": "planned"}}, []),
    ("project_financials", {"department": "a"}, {"department": "b"}, ACTIVE_PROJECT, []),
    ("project", {"time_open": True}, {"time_open": False}, {}, ["project.amended", "project.status_changed"]),
    ("assignment", NEW, {"resource": ID}, {}, ["assignment.changed"]),
    ("assignment", {"end_date": "2026-05-01"}, {"end_date": "2026-06-01"}, {}, ["assignment.changed"]),
    ("assignment", {"state": "firm"}, {"state": "cancelled"}, {}, ["assignment.changed"]),
    ("assignment", {"billable": True}, {"billable": False}, {}, []),
    ("rate_line", NEW, {"price": "95"}, ACTIVE_CARD, ["rate.changed"]),
    ("rate_line", NEW, {"price": "95"}, {}, ["rate.changed"]),
    ("rate_line", NEW, {"price": "95"}, DRAFT_CARD, []),
    ("rate_line", {"valid_to": None}, {"valid_to": "2026-05-31"}, ACTIVE_CARD, ["rate.changed"]),
    ("rate_line", {"hours_per_day": None}, {"hours_per_day": "8"}, ACTIVE_CARD, []),
    ("rate_card", {"state": "approved"}, {"state": "active"}, {}, ["rate.changed"]),
    ("rate_card", {"state": "active"}, {"state": "retired"}, {}, ["rate.changed"]),
    ("rate_card", {"state": "draft"}, {"state": "approved"}, {}, []),
    ("time_entry", {"state": "submitted"}, {"state": "approved"}, {}, ["time.approved", "approval.changed"]),
    ("time_entry", NEW, {"state": "approved"}, {}, ["time.approved", "approval.changed"]),
    ("time_entry", {"state": "recalled"}, {"state": "approved"}, {}, ["time.approved", "approval.changed"]),
    ("time_entry", {"state": "approved"}, {"state": "recalled"}, {}, ["time.recalled", "approval.changed"]),
    ("time_entry", {"state": "approved"}, {"state": "approved", "note": "x"}, {}, []),
    ("time_entry", NEW, {"state": "draft"}, {}, []),
    ("time_entry", {"state": "draft"}, {"state": "submitted"}, {}, ["approval.changed"]),
    ("expense", {"state": "submitted"}, {"state": "approved"}, {}, ["expense.approved", "approval.changed"]),
    ("expense", {"state": "submitted"}, {"state": "rejected"}, {}, ["approval.changed"]),
    ("expense_report", {"state": "draft"}, {"state": "submitted"}, {}, ["approval.changed"]),
    ("milestone", {"state": "planned"}, {"state": "reached"}, {}, ["approval.changed", "milestone.reached"]),
    ("milestone", {"state": "reached"}, {"state": "approved"}, {}, ["approval.changed", "milestone.approved"]),
    ("milestone", {"state": "rejected"}, {"state": "approved"}, {}, ["approval.changed", "milestone.approved"]),
    ("milestone", {"state": "planned"}, {"state": "invoiced"}, {},
     ["approval.changed", "milestone.reached", "milestone.approved"]),
    ("milestone", {"state": "approved"}, {"state": "invoiced"}, {}, ["approval.changed"]),
    ("milestone", {"state": "planned"}, {"state": "cancelled"}, {}, ["approval.changed"]),
    ("billing_batch", {"state": "in_review"}, {"state": "approved"}, {}, ["approval.changed", "billing_batch.approved"]),
    ("billing_batch", {"state": "approved"}, {"state": "released"}, {}, ["approval.changed", "invoice.released"]),
    ("billing_batch", {"state": "approved"}, {"state": "returned"}, {}, ["approval.changed"]),
    ("billing_hold", NEW, {"state": "placed"}, {}, ["billing_hold.placed"]),
    ("billing_hold", {"state": "placed"}, {"state": "released"}, {}, ["billing_hold.released"]),
    ("billing_hold", {"state": "placed"}, {"state": "placed", "review_on": "2026-05-01"}, {}, []),
    ("billable_item", {"state": "open"}, {"state": "ready"}, {}, ["invoice.ready"]),
    ("billable_item", {"state": "held"}, {"state": "drafted"}, {}, ["invoice.ready"]),
    ("billable_item", {"state": "ready"}, {"state": "drafted"}, {}, []),
    ("billable_item", {"state": "open"}, {"state": "held"}, {}, []),
    ("invoice", {"state": "draft"}, {"state": "approved"}, {}, ["invoice.approved", "invoice.status_changed"]),
    ("invoice", {"state": "approved"}, {"state": "issued", "number": "7"}, {}, ["invoice.issued", "invoice.status_changed"]),
    ("invoice", NEW, {"state": "draft", "number": "7"}, {}, []),
    ("invoice", NEW, {"state": "paid", "number": "7", "document_no": "9"}, {},
     ["invoice.approved", "invoice.issued", "invoice.posted", "invoice.status_changed"]),
    ("invoice", {"state": "issued", "number": "7"}, {"state": "issued", "number": "7", "posting_state": "posted"}, {},
     ["invoice.posted"]),
    ("invoice", {"posting_state": "waiting_period"}, {"posting_state": "sent"}, {}, []),
    ("invoice", {"open_amount": EUR}, {"open_amount": None}, {}, []),
    ("credit_memo", {"state": "approved"}, {"state": "issued", "number": "8"}, {},
     ["invoice.status_changed", "credit_memo.issued"]),
    ("credit_memo", {"state": "issued"}, {"state": "posted"}, {}, ["invoice.status_changed"]),
    ("payment", NEW, {"state": "received", "amount": EUR}, {}, ["payment.received"]),
    ("payment", {"state": "applied"}, {"state": "reversed"}, {}, ["payment.reversed"]),
    ("payment", {"state": "received"}, {"state": "applied"}, {}, []),
    ("payment_application", NEW, {"amount": EUR, "state": "applied"}, {}, ["payment.applied"]),
    ("payment_application", {"state": "applied"}, {"state": "reversed"}, {}, ["payment.reversed"]),
    ("collection_case", NEW, {"level": 1}, {}, ["collection.updated"]),
    ("collection_case", {"level": 1}, {"level": 2}, {}, ["collection.updated"]),
    ("revenue_event", NEW, {"amount": EUR}, {}, ["revenue.event_raised"]),
    ("revenue_event", {"document_no": None}, {"document_no": "9"}, {}, ["revenue.posted"]),
    ("project_actuals", NEW, {"period": "2026-05"}, {}, ["project_actuals.updated"]),
    ("project_actuals", {"period": "2026-05"}, {"period": "2026-06"}, {}, []),
    ("forecast", NEW, {"revision": 2}, {}, ["forecast.revised"]),
    ("forecast", NEW, {"revision": 1, "is_baseline": True}, {}, ["forecast.revised", "forecast.baselined"]),
    ("forecast", {"is_baseline": False}, {"is_baseline": True}, {}, ["forecast.baselined"]),
    ("cost_item", NEW, {"amount": EUR}, {}, []),
]
# fmt: on


@pytest.mark.parametrize(("entity", "before", "after", "related", "expected"), FIRES)
def test_events_fire_on_their_transition_only(
    entity: str,
    before: dict[str, Any] | None,
    after: dict[str, Any],
    related: dict[str, Any],
    expected: list[str],
) -> None:
    assert fired(entity, before, after, related=related) == expected


def test_a_merge_is_told_of_the_client_and_not_of_the_records_it_re_points() -> None:
    assert fired("client", {"name": "A"}, {"name": "A"}, "merge", cause="merge") == ["client.merged"]
    assert fired("client", {"name": "A"}, {"name": "A"}, "split", cause="split") == ["client.split"]
    assert fired("project", {"client": ID}, {"client": ACCOUNT}, cause="merge") == []


def test_a_backfilled_change_fires_nothing() -> None:
    assert fired("time_entry", None, {"state": "approved"}, is_backfill=True) == []


def test_every_type_but_the_exceptions_is_in_the_table() -> None:
    seen = {name for row in FIRES for name in row[4]} | {"client.merged", "client.split"}
    assert {event.type for event in EVENTS} - seen == {"exception.raised", "exception.resolved"}


def test_every_number_from_1_to_25_is_declared() -> None:
    assert sorted({event.number for event in EVENTS}) == list(range(1, 26))


def test_an_event_carries_its_payload_and_the_lane_of_its_project() -> None:
    change = AChange("create")
    after = {"project": PROJECT, "cost_centre": "018f"}
    (event,) = events_of(
        change, ENTITIES["project_financials"], {}, after, {"project": {"state": "active", "code": "NB-1", "currency": "EUR"}}
    )
    assert event.lane == f"project:{PROJECT}"
    assert event.payload == {"project": PROJECT, "code": "NB-1", "currency": "EUR", "cost_centre": "018f"}


@pytest.mark.parametrize(
    ("entity", "after", "related", "lane"),
    [
        ("payment", {"billing_account": ACCOUNT}, {}, f"billing_account:{ACCOUNT}"),
        ("payment", {}, {}, f"payment:{ID}"),
        ("payment_application", {"payment": PROJECT}, {}, f"payment:{PROJECT}"),
        ("payment_application", {"payment": PROJECT}, {"billing_account": ACCOUNT}, f"billing_account:{ACCOUNT}"),
        ("forecast", {"scope": "P-1"}, {}, "scope:P-1"),
        ("assignment", {"project": PROJECT}, {}, f"project:{PROJECT}"),
        ("client", {}, {}, f"client:{ID}"),
    ],
)
def test_order_is_kept_by_the_first_filled_lane(
    entity: str, after: dict[str, Any], related: dict[str, Any], lane: str
) -> None:
    (event, *_) = events_of(AChange("create"), ENTITIES[entity], {}, after, related)
    assert event.lane == lane


def test_the_caller_learns_what_to_look_up() -> None:
    assert needs_of(ENTITIES["time_entry"]) == ()
    assert needs_of(ENTITIES["project_financials"]) == ("project",)
    assert needs_of(ENTITIES["payment"]) == ("applications",)


ABOUT = Told(
    event_id="e1", tenant="acme", epoch=2, position=42, entity="project_actuals", golden_id=ID, version=3, op="update",
    recorded_at="2026-05-17T08:11:52.000000Z", cause="source", actor="system:erp", correlation_id="c1",
    changed={"cost": {"before": None, "after": EUR}, "period": {"before": "2026-04", "after": "2026-05"}},
    facts={"project": PROJECT, "period": "2026-05", "legal_entity": ACCOUNT},
)  # fmt: skip


def test_the_envelope_is_a_cloud_event_without_what_the_reader_may_not_see() -> None:
    after = {"project": PROJECT, "period": "2026-05", "cost": EUR, "billed": EUR}
    raised = events_of(AChange("create"), ENTITIES["project_actuals"], {}, after)
    sent = envelope(ABOUT, raised)
    payload = {"project": PROJECT, "period": "2026-05", "billed": EUR}
    assert sent == {
        "specversion": "1.0",
        "id": "e1",
        "source": "/hub/tenants/acme",
        "type": "hub.project_actuals.updated.v1",
        "subject": f"project_actuals/{ID}",
        "time": "2026-05-17T08:11:52.000000Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:hub:event:hub.project_actuals.updated.v1",
        "partitionkey": f"project_actuals:{ID}",
        "sequence": "00000000000000000042",
        "data": {
            "tenant": "acme",
            "epoch": 2,
            "position": 42,
            "payload_version": 1,
            "record": {
                "entity": "project_actuals", "id": ID, "version": 3,
                "key": {"project": PROJECT, "period": "2026-05", "taken_at": None},
            },
            "op": "update",
            "recorded_at": "2026-05-17T08:11:52.000000Z",
            "cause": "source",
            "actor": "system:erp",
            "correlation_id": "c1",
            "backfill": False,
            "masked": ["cost"],
            "changed": {"period": {"before": "2026-04", "after": "2026-05"}},
            "payload": payload,
            "legal_entity": ACCOUNT,
            "events": [{"type": "hub.project_actuals.updated.v1", "payload": payload}],
        },
    }  # fmt: skip
    assert envelope(ABOUT, raised, shows_confidential=True)["data"]["payload"]["cost"] == EUR


def test_an_exception_is_told_in_the_lane_of_its_record() -> None:
    event = exception_event("exception.raised", "invoice", ID, {"cause": "lock", "count": 3, "secret": "x"})
    assert (event.lane, event.payload) == (f"invoice:{ID}", {"cause": "lock", "count": 3})
    assert exception_event("exception.resolved", "", "", {"subject": "erp N45"}).lane == "task:erp N45"


def test_types_are_found_by_name_and_unique() -> None:
    assert len(TYPES) == len(EVENTS)
    assert example(TYPES["time.approved"])["type"] == "hub.time.approved.v1"
