"""Looking through the books: what holds money up becomes a task with its money, and ends by itself."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest

from hub.flows import find_exceptions, tend_queue
from tests.flows.conftest import Hub

JUNE = dt.date(2026, 6, 15)


@pytest.fixture
async def books(hub: Hub) -> dict[str, UUID]:
    """A client with an account that wants purchase orders, a contract, a project, and two items ready to be billed."""
    ids = {name: uuid4() for name in ("house", "client", "account", "contract", "project", "one", "two", "resource")}
    await put(hub, "legal_entity", ids["house"], code="DE01", name="House")
    await put(hub, "client", ids["client"], name="ACME")
    await put(hub, "billing_account", ids["account"], client_id=ids["client"], legal_entity_id=ids["house"], account_no="4711", po_required=True, tax_class="standard")
    await put(hub, "contract", ids["contract"], contract_no="K1", client_id=ids["client"], billing_account_id=ids["account"])
    await put(hub, "project", ids["project"], code="P1", client_id=ids["client"], contract_id=ids["contract"], legal_entity_id=ids["house"], state="active")
    for name, amount in (("one", 100), ("two", 250)):
        await put(hub, "billable_item", ids[name], project_id=ids["project"], amount=amount, amount_currency="EUR", state="ready")
    return ids


async def put(hub: Hub, entity: str, id: UUID, **values: Any) -> None:
    names = ", ".join(values)
    marks = ", ".join(f"${at}" for at in range(3, 3 + len(values)))
    await hub.pool.execute(
        f"INSERT INTO golden.{entity} (tenant_id, id, version, record_state, created_at, updated_at, {names}) "
        f"VALUES ($1, $2, 1, 'active', now(), now(), {marks})",
        hub.tenant, id, *values.values(),
    )  # fmt: skip


async def found(hub: Hub) -> dict[str, list[dict[str, Any]]]:
    """Open tasks by cause after a look."""
    async with hub.transaction() as (tx, _):
        await find_exceptions.find(tx, hub.tenant, JUNE)
    rows = await hub.rows("SELECT cause, count, money, legal_entity, team, reason, exc FROM hub.task WHERE tenant_id = $1 AND state = 'open' ORDER BY id", hub.tenant)
    shown: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        shown.setdefault(row.pop("cause"), []).append(row)
    return shown


async def test_items_without_the_clients_order_are_one_task_an_account_until_an_order_comes(hub: Hub, books: dict[str, UUID]) -> None:
    assert (await found(hub))["missing_client_po"] == [
        {
            "count": 2, "money": [{"amount": "350", "currency": "EUR"}], "legal_entity": books["house"], "team": "finance_operations", "exc": "EXC-9",
            "reason": "2 items for account 4711 wait for the client's purchase order",
        }
    ]  # fmt: skip
    await put(hub, "client_purchase_order", uuid4(), client_id=books["client"], contract_id=books["contract"], po_number="PO-1", state="open")
    assert "missing_client_po" not in await found(hub)
    [row] = await hub.rows("SELECT resolved_by, resolution FROM hub.task WHERE cause = 'missing_client_po'")
    assert row == {"resolved_by": "hub", "resolution": "it is not so any more"}


async def test_items_ready_without_any_tax_category_wait_and_another_currency_is_told_apart(hub: Hub, books: dict[str, UUID]) -> None:
    assert "unmapped_tax" not in await found(hub)
    await hub.pool.execute("UPDATE golden.billing_account SET tax_class = NULL, po_required = false")
    await hub.pool.execute("UPDATE golden.billable_item SET amount_currency = 'USD' WHERE id = $1", books["two"])
    [task] = (await found(hub))["unmapped_tax"]
    assert (task["count"], sorted(one["currency"] + one["amount"] for one in task["money"])) == (2, ["EUR100", "USD250"])


async def test_time_of_a_month_that_is_over_and_not_approved_is_worth_what_it_bills_at(hub: Hub, books: dict[str, UUID]) -> None:
    assignment = uuid4()
    await put(hub, "resource", books["resource"], given_name="Ann", family_name="B")
    await put(hub, "assignment", assignment, resource_id=books["resource"], project_id=books["project"], bill_rate=120, bill_rate_currency="EUR")
    for day, state in ((dt.date(2026, 5, 30), "submitted"), (dt.date(2026, 5, 31), "draft"), (dt.date(2026, 5, 29), "approved"), (dt.date(2026, 6, 2), "draft")):
        await put(hub, "time_entry", uuid4(), resource_id=books["resource"], project_id=books["project"], assignment_id=assignment, work_date=day, quantity=8, quantity_unit="hour", state=state)
    [task] = (await found(hub))["unapproved_time"]
    assert (task["count"], task["money"], task["team"]) == (2, [{"amount": "1920.00", "currency": "EUR"}], "delivery")
    await hub.pool.execute("UPDATE golden.time_entry SET state = 'approved' WHERE work_date = '2026-05-30'")
    [task] = (await found(hub))["unapproved_time"]
    assert (task["count"], task["money"]) == (1, [{"amount": "960.00", "currency": "EUR"}])


async def test_holds_past_their_day_and_disputes_are_tasks_of_their_own(hub: Hub, books: dict[str, UUID]) -> None:
    await put(hub, "billing_hold", uuid4(), level="project", project_id=books["project"], reason="client_dispute", state="placed", review_on=dt.date(2026, 6, 1), amount=70, amount_currency="EUR")
    await put(hub, "billing_hold", uuid4(), level="project", project_id=books["project"], reason="internal", state="placed", review_on=dt.date(2026, 7, 1))
    await put(hub, "invoice", uuid4(), number="R-1", client_id=books["client"], legal_entity_id=books["house"], open_amount=99, open_amount_currency="EUR", dispute_reason="rate")
    tasks = await found(hub)
    assert [(one["money"], one["legal_entity"]) for name in ("open_hold", "disputed_invoice") for one in tasks[name]] == [
        ([{"amount": "70", "currency": "EUR"}], books["house"]), ([{"amount": "99", "currency": "EUR"}], books["house"]),
    ]  # fmt: skip


async def test_a_second_look_writes_nothing(hub: Hub, books: dict[str, UUID]) -> None:
    await found(hub)
    before = await hub.rows("SELECT id, updated_at FROM hub.task ORDER BY id")
    await found(hub)
    assert await hub.rows("SELECT id, updated_at FROM hub.task ORDER BY id") == before


async def test_a_look_after_tasks_were_routed_writes_nothing_either(hub: Hub, books: dict[str, UUID]) -> None:
    known = uuid4()
    await put(hub, "project", known, code="P2", client_id=books["client"], state="closed")
    await put(hub, "project_financials", uuid4(), project_id=known)
    assert [one["money"] for one in (await found(hub))["project_without_financials"]] == [None]
    await tend_queue.tend_all(hub.pool)
    before = await hub.rows("SELECT id, updated_at, money FROM hub.task ORDER BY id")
    assert None not in [row["money"] for row in before]
    await found(hub)
    assert await hub.rows("SELECT id, updated_at, money FROM hub.task ORDER BY id") == before


async def test_a_refused_message_that_a_later_one_overtook_needs_nobody(hub: Hub) -> None:
    await hub.tell("crm", "spaceship", "C1", {"name": "ACME"})
    await hub.settle()
    assert [cause for cause, _, _ in await hub.tasks()] == ["unknown_entity"]
    await hub.tell("crm", "client", "C1", {"name": "ACME", "country": "Atlantis"})
    await hub.settle()
    assert [cause for cause, _, _ in await hub.tasks()] == ["unknown_entity", "type"]
    await hub.tell("crm", "client", "C1", {"name": "ACME", "country": "DE"})
    await hub.settle()
    async with hub.transaction() as (tx, _):
        assert await tend_queue.close_overtaken(tx, hub.tenant) == 1
    assert [cause for cause, _, _ in await hub.tasks()] == ["unknown_entity"]
