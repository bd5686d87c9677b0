"""Boards of operations: blocked money per currency, overrides with what the sources say, unmapped codes with suggestions."""

from __future__ import annotations

import json
from typing import Any

from hub.api.boards import stake_sql
from tests.api.conftest import Api, Tenant


async def a_task(api: Api, tenant: Tenant, cause: str, subject: str, money: dict[str, str] | None = None, **more: Any) -> int:
    """An open task as the queue keeps it: its largest amount beside all of its money."""
    listed = [{"amount": amount, "currency": currency} for currency, amount in (money or {}).items()]
    largest = max(listed, key=lambda one: float(one["amount"]), default=None)
    given = {"team": "finance_operations", "count": 1, "legal_entity": None, "system": None, "entity": "invoice", **more}
    found: int = await api.pool.fetchval(
        """
        INSERT INTO hub.task (tenant_id, cause, subject, team, due_at, money, reason, remedy, amount, currency, count, legal_entity, system, entity)
        VALUES ($1, $2, $3, $4, now() + interval '1 day', $5, 'r', 'm', $6, $7, $8, $9, $10, $11) RETURNING id
        """,
        tenant.id, cause, subject, given["team"], listed or None, largest and largest["amount"], largest and largest["currency"],
        given["count"], given["legal_entity"], given["system"], given["entity"],
    )  # fmt: skip
    return found


BOARD = """
query ($by: [MoneyBy!]!, $cause: String, $currency: String) { moneyBoard(groupBy: $by, cause: $cause, currency: $currency) {
    rows { cause legalEntity { ... on LegalEntity { code } } amount { amount currency } tasks entries overdue }
    totals { amount { amount currency } tasks entries } } }
"""


async def test_blocked_money_is_told_by_cause_and_legal_entity_and_never_added_across_currencies(api: Api, acme: Tenant) -> None:
    house = await api.golden(acme, "legal_entity", code="NB-DE", name="Northbeam DE")
    await a_task(api, acme, "missing_client_po", "1", {"EUR": "100.10"}, legal_entity=house)
    await a_task(api, acme, "missing_client_po", "2", {"EUR": "48109.90"}, legal_entity=house, count=311)
    await a_task(api, acme, "missing_client_po", "3", {"USD": "5.00", "EUR": "2.00"})
    await a_task(api, acme, "parse", "4")
    await a_task(api, await api.tenant("other"), "missing_client_po", "1", {"EUR": "9.00"})
    board = (await api.ask(acme.keys["reader"], BOARD, by=["CAUSE", "LEGAL_ENTITY"])).data["moneyBoard"]
    assert board["rows"] == [
        row("missing_client_po", "NB-DE", "48210.00", "EUR", 2, 312), row("missing_client_po", None, "5.00", "USD", 1, 1),
        row("missing_client_po", None, "2.00", "EUR", 1, 1),
    ]  # fmt: skip
    assert board["totals"] == [
        {"amount": {"amount": "48212.00", "currency": "EUR"}, "tasks": 3, "entries": 313},
        {"amount": {"amount": "5.00", "currency": "USD"}, "tasks": 1, "entries": 1},
    ]
    only = (await api.ask(acme.keys["reader"], BOARD, by=["CAUSE"], currency="USD")).data["moneyBoard"]["rows"]
    assert only == [row("missing_client_po", None, "5.00", "USD", 1, 1)]


def row(cause: str, house: str | None, amount: str, currency: str, tasks: int, entries: int) -> dict[str, Any]:
    legal_entity = {"code": house} if house else None
    return {"cause": cause, "legalEntity": legal_entity, "amount": {"amount": amount, "currency": currency}, "tasks": tasks, "entries": entries, "overdue": 0}


async def test_the_board_reads_money_from_its_indexes(api: Api, acme: Tenant) -> None:
    """So that it does not slow down with what is resolved or has no money."""
    await api.pool.execute(
        "INSERT INTO hub.task (tenant_id, cause, subject, team, due_at, money, amount, currency, reason, remedy) "
        "SELECT $1, 'parked', n::text, 't', now(), '[{\"amount\": \"1.00\", \"currency\": \"EUR\"}]', 1, 'EUR', 'r', 'm' FROM generate_series(1, 3000) n", acme.id
    )
    await api.pool.execute("ANALYZE hub.task")
    async with api.app.state.services.api_pool.tenant(acme.id) as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {stake_sql(['cause'])}", *[None] * 5)
    used = set(_indexes(plan if isinstance(plan, list) else json.loads(plan)))
    assert {"task_money", "task_moneys"} <= used


def _indexes(plan: Any) -> list[str]:
    if isinstance(plan, dict):
        return ([plan["Index Name"]] if "Index Name" in plan else []) + [name for inner in plan.values() for name in _indexes(inner)]
    return [name for inner in plan for name in _indexes(inner)] if isinstance(plan, list) else []


OVERRIDES = """
query ($before: DateTime) { overridesInForce(expiringBefore: $before) { totalCount nodes {
    entity field value reason actor risk isAgreed whileSource record { ... on Client { name } } said { system value } } } }
"""


async def test_overrides_in_force_are_told_with_what_each_source_says_now(api: Api, acme: Tenant) -> None:
    client = await api.golden(acme, "client", name="ACME", city="Bonn")
    await api.source(acme, "crm", "1", "client", client, name="Acme Inc", city="Bonn")
    await api.source(acme, "erp", "2", "client", client, name="ACME")
    for field, value, until in (("name", "ACME", None), ("seat", {"city": "Bonn"}, "2099-01-01"), ("domain", "x.de", "2020-01-01")):
        await api.pool.execute(
            "INSERT INTO hub.decision (tenant_id, kind, entity, golden_id, field, value, reason, actor, until) "
            "VALUES ($1, 'override', 'client', $2, $3, $4, 'as printed', 'steward:ada', $5::text::timestamptz)",
            acme.id, client, field, value, until,
        )  # fmt: skip
    about = {"entity": "client", "reason": "as printed", "actor": "steward:ada", "whileSource": False, "record": {"name": "ACME"}, "risk": "R1"}
    found = (await api.ask(acme.keys["steward"], OVERRIDES)).data["overridesInForce"]
    assert found == {"totalCount": 2, "nodes": [
        {**about, "field": "seat", "value": {"city": "Bonn"}, "isAgreed": True, "said": [{"system": "crm", "value": {"city": "Bonn"}}]},
        {**about, "field": "name", "value": "ACME", "isAgreed": False, "said": [{"system": "crm", "value": "Acme Inc"}, {"system": "erp", "value": "ACME"}]},
    ]}  # fmt: skip
    soon = (await api.ask(acme.keys["steward"], OVERRIDES, before="2099-06-01T00:00:00Z")).data["overridesInForce"]
    assert [one["field"] for one in soon["nodes"]] == ["seat"]


async def test_unmapped_codes_come_with_what_waits_and_the_likeliest_of_ours(api: Api, acme: Tenant) -> None:
    await a_task(api, acme, "unknown_code", "erp BILLING_METHOD 'Time & Materials'", system="erp", count=312)
    await a_task(api, acme, "unknown_code", "crm BILLING_METHOD 'Regie'", {"EUR": "48210.00"}, system="crm", count=3)
    await a_task(api, acme, "unknown_code", "crm UNIT 'qqq'", system="crm")
    await api.pool.execute(
        "INSERT INTO hub.code_map (tenant_id, system, code_set, theirs, ours) VALUES ($1, 'psa', 'BILLING_METHOD', 'REGIE', 'time_and_materials')", acme.id
    )
    document = "{ codeMapReview { system codeSet theirs count money { amount currency } suggestion likeness isOpen } }"
    found = (await api.ask(acme.keys["steward"], document)).data["codeMapReview"]
    assert found == [
        {"system": "erp", "codeSet": "BILLING_METHOD", "theirs": "Time & Materials", "count": 312, "money": None, "suggestion": "time_and_materials", "likeness": "1.0", "isOpen": False},
        {"system": "crm", "codeSet": "BILLING_METHOD", "theirs": "Regie", "count": 3, "money": [{"amount": "48210.00", "currency": "EUR"}], "suggestion": "time_and_materials", "likeness": "1.0", "isOpen": False},
        {"system": "crm", "codeSet": "UNIT", "theirs": "qqq", "count": 1, "money": None, "suggestion": None, "likeness": None, "isOpen": False},
    ]  # fmt: skip


async def test_boards_are_closed_to_keys_that_may_not_see_the_work(api: Api, acme: Tenant) -> None:
    assert (await api.ask(acme.keys["system"], "{ moneyBoard { totals { tasks } } }")).codes == ["FORBIDDEN"]
    assert (await api.ask(acme.keys["reader"], "{ overridesInForce { totalCount } }")).codes == ["FORBIDDEN"]
    assert (await api.ask(acme.keys["reader"], "{ codeMapReview { theirs } }")).codes == ["FORBIDDEN"]
