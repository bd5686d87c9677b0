"""Boards of operations: blocked money per currency, overrides with what the sources say, unmapped codes with suggestions."""

from __future__ import annotations

import json
from typing import Any

from hub.api.boards import stake_sql
from hub.store.ids import new_id
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
        plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {stake_sql(['cause'])}", *[None] * 6)
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
    of_set = "{ codeMapReview(codeSet: \"BILLING_METHOD\", first: 1) { theirs } first: codeMapReview(codeSet: \"UNIT\", first: 1) { theirs } }"
    assert (await api.ask(acme.keys["steward"], of_set)).data == {"codeMapReview": [{"theirs": "Time & Materials"}], "first": [{"theirs": "qqq"}]}


async def test_boards_are_closed_to_keys_that_may_not_see_the_work(api: Api, acme: Tenant) -> None:
    assert (await api.ask(acme.keys["system"], "{ moneyBoard { totals { tasks } } }")).codes == ["FORBIDDEN"]
    assert (await api.ask(acme.keys["reader"], "{ overridesInForce { totalCount } }")).codes == ["FORBIDDEN"]
    assert (await api.ask(acme.keys["reader"], "{ codeMapReview { theirs } }")).codes == ["FORBIDDEN"]


RELEASE = """
mutation ($cause: String!, $house: ID, $dry: Boolean!, $reason: String!) {
  releaseMoney(cause: $cause, legalEntity: $house, reason: $reason, dryRun: $dry) {
    how tasks entries money { amount currency } proposal { id risk } errors { code message remedy } } }
"""


async def refused_deliveries(api: Api, tenant: Tenant, house: Any) -> None:
    subscription = new_id()
    await api.pool.execute("INSERT INTO hub.subscription (tenant_id, id, name, kind, system) VALUES ($1, $2, 'erp', 'connector', 'erp')", tenant.id, subscription)
    for subject, amount, count in (("a", "48000.00", 3), ("b", "210.00", 2)):
        task = await a_task(api, tenant, "delivery_rejected", subject, {"EUR": amount}, legal_entity=house)
        for _ in range(count):
            await api.pool.execute(
                "INSERT INTO hub.lane (tenant_id, subscription_id, golden_id, entity, wanted_version, state, task_id) VALUES ($1, $2, $3, 'invoice', 1, 'parked', $4)",
                tenant.id, subscription, new_id(), task,
            )  # fmt: skip


async def test_a_release_is_told_before_it_is_done_and_is_what_was_told(api: Api, acme: Tenant) -> None:
    house = await api.golden(acme, "legal_entity", code="NB-DE", name="Northbeam DE")
    await refused_deliveries(api, acme, house)
    given = {"cause": "delivery_rejected", "house": str(house), "reason": "the period is open again"}
    told = (await api.ask(acme.keys["steward"], RELEASE, **given, dry=True)).data["releaseMoney"]
    assert told == {
        "how": "deliveries", "tasks": 2, "entries": 5, "money": [{"amount": "48210.00", "currency": "EUR"}], "proposal": None, "errors": [],
    }  # fmt: skip
    parked = "SELECT count(*) FROM hub.lane WHERE tenant_id = $1 AND state = 'parked'"
    assert await api.pool.fetchval(parked, acme.id) == 5
    assert (await api.ask(acme.keys["steward"], RELEASE, **given, dry=False)).data["releaseMoney"] == told
    assert await api.pool.fetchval(parked, acme.id) == 0


async def test_money_that_no_button_releases_says_who_can(api: Api, acme: Tenant) -> None:
    refused = (await api.ask(acme.keys["steward"], RELEASE, cause="unapproved_time", dry=True, reason="month end")).data["releaseMoney"]
    assert refused["errors"] == [{"code": "NOT_RELEASABLE", "message": "unapproved_time is not released from here", "remedy": "Approve or reject them in the PSA."}]
    nobody = (await api.ask(acme.keys["reader"], RELEASE, cause="delivery_rejected", dry=True, reason="r")).data["releaseMoney"]
    assert [one["code"] for one in nobody["errors"]] == ["FORBIDDEN"]


async def test_releasing_a_hold_asks_a_second_person(api: Api, acme: Tenant) -> None:
    project = await api.golden(acme, "project", code="P1", name="Cloud")
    hold = await api.golden(acme, "billing_hold", level="project", project=str(project), reason="missing_po", state="placed")
    await api.source(acme, "psa", "h1", "billing_hold", hold, level="project", reason="missing_po", state="placed")
    task = await a_task(api, acme, "open_hold", str(hold), {"EUR": "10.00"}, entity="billing_hold")
    await api.pool.execute("UPDATE hub.task SET golden_id = $1 WHERE tenant_id = $2 AND id = $3", hold, acme.id, task)
    told = (await api.ask(acme.keys["steward"], RELEASE, cause="open_hold", dry=False, reason="the order came")).data["releaseMoney"]
    assert (told["errors"], told["how"], told["money"], told["proposal"]["risk"]) == ([], "holds", [{"amount": "10.00", "currency": "EUR"}], "R2")
    assert await api.pool.fetchval("SELECT state FROM golden.billing_hold WHERE tenant_id = $1", acme.id) == "placed"


CODES = """
mutation ($entries: [CodeMeaning!]!, $dry: Boolean!) { mapCodes(entries: $entries, dryRun: $dry) {
    done count outcomes { item outcome count code } errors { code } } }
"""


async def test_codes_are_mapped_together_and_one_that_is_wrong_does_not_stop_the_others(api: Api, acme: Tenant) -> None:
    task = await a_task(api, acme, "unknown_code", "erp UNIT 'Std'", system="erp", count=2)
    for number in range(2):
        message = await api.pool.fetchval(
            "INSERT INTO hub.inbox (tenant_id, system, object, external_id, idempotency_key, body, channel, actor, correlation_id, received_at) "
            "VALUES ($1, 'erp', 'o', $2, $2, '{}', 'poll', 'erp', 'c', now()) RETURNING id", acme.id, str(number),
        )  # fmt: skip
        await api.pool.execute("INSERT INTO hub.inbox_outcome (tenant_id, inbox_id, outcome, task_id) VALUES ($1, $2, 'quarantined', $3)", acme.id, message, task)
    entries = [{"system": "erp", "set": "UNIT", "theirs": "Std", "ours": "hour"}, {"system": "erp", "set": "UNIT", "theirs": "Tag", "ours": "daily"}]
    told = (await api.ask(acme.keys["steward"], CODES, entries=entries, dry=True)).data["mapCodes"]
    assert told == {"done": 1, "count": 2, "errors": [], "outcomes": [
        {"item": "erp UNIT Std", "outcome": "done", "count": 2, "code": None}, {"item": "erp UNIT Tag", "outcome": "refused", "count": None, "code": "INVALID_VALUE"},
    ]}  # fmt: skip
    mapped = "SELECT count(*) FROM hub.code_map WHERE tenant_id = $1 AND theirs = 'Std'"
    assert await api.pool.fetchval(mapped, acme.id) == 0
    assert (await api.ask(acme.keys["steward"], CODES, entries=entries, dry=False)).data["mapCodes"] == told
    assert (await api.pool.fetchval(mapped, acme.id), await api.pool.fetchval("SELECT count(*) FROM hub.inbox_open WHERE tenant_id = $1", acme.id)) == (1, 2)


WITHDRAW = "mutation ($ids: [Long!]!, $dry: Boolean!) { withdrawMany(decisionIds: $ids, dryRun: $dry) { done outcomes { outcome code } errors { code } } }"


async def test_overrides_are_taken_back_together_and_a_risky_one_is_proposed(api: Api, acme: Tenant) -> None:
    client = await api.golden(acme, "client", name="ACME", legal_name="ACME GmbH")
    await api.source(acme, "crm", "1", "client", client, name="Acme Inc", legal_name="Acme Inc")
    ids = [
        str(await api.pool.fetchval(
            "INSERT INTO hub.decision (tenant_id, kind, entity, golden_id, field, value, reason, actor) VALUES ($1, 'override', 'client', $2, $3, $4, 'r', 'steward:ada') RETURNING id",
            acme.id, client, field, value,
        )) for field, value in (("name", "ACME"), ("legal_name", "ACME GmbH"))
    ]  # fmt: skip
    told = (await api.ask(acme.keys["steward"], WITHDRAW, ids=[*ids, "999999"], dry=False)).data["withdrawMany"]
    assert told == {"done": 2, "errors": [], "outcomes": [
        {"outcome": "done", "code": None}, {"outcome": "proposed", "code": None}, {"outcome": "refused", "code": "NOT_FOUND"},
    ]}  # fmt: skip
    values = await api.pool.fetchrow("SELECT name, legal_name FROM golden.client WHERE tenant_id = $1 AND id = $2", acme.id, client)
    assert tuple(values) == ("Acme Inc", "ACME GmbH")
