"""The queue over GraphQL: lists and counts by everything people ask for, and many tasks worked at once."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from hub.api.plan import All, Compare, Op, Page, Plan
from hub.api.statement import rows as rows_of
from hub.api.task_types import TASKS
from hub.api.tasks import ORDERS, counts_sql
from hub.flows.tenants import give_key
from hub.store import tasks
from hub.store.tasks import NewTask
from tests.api.conftest import AT, Api, Tenant


async def opened(api: Api, tenant: Tenant, *new: NewTask) -> list[str]:
    """Open tasks one after the other; answers their ids."""
    made: dict[tuple[str, str], int] = {}
    async with api.pool.acquire() as connection, connection.transaction():
        for one in new:
            made |= await tasks.open_tasks(connection, tenant.id, [one])
    return [str(made[one.cause, one.subject]) for one in new]


def a_task(subject: str, cause: str = "possible_duplicate", euros: str = "", **more: Any) -> NewTask:
    money = [{"amount": euros, "currency": "EUR"}] if euros else None
    return NewTask(cause, subject, more.pop("reason", "two records may be one"), "look", money=money, **more)


@pytest.fixture
async def firm(api: Api) -> Tenant:
    tenant = await api.tenant("queue")
    tenant.keys["bob"] = await give_key(api.pool, tenant.slug, "steward", "bob")
    for name, actor in (("Ann", "steward:steward"), ("Bob", "steward:bob")):
        made = await api.ask(
            tenant.keys["admin"], 'mutation($n: String!, $a: [String!]) { putMember(name: $n, actors: $a, teams: ["data_stewards"]) { member { id } errors { code } } }',
            n=name, a=[actor],
        )  # fmt: skip
        tenant.keys[f"{name}'s id"] = made.data["putMember"]["member"]["id"]
    return tenant


async def subjects(api: Api, firm: Tenant, arguments: str, role: str = "steward", **variables: Any) -> list[str]:
    found = await api.ask(firm.keys[role], f"{{ stewardTasks({arguments}) {{ nodes {{ subject }} }} }}", **variables)
    return [one["subject"] for one in found.data["stewardTasks"]["nodes"]]


async def test_the_list_is_narrowed_and_ordered_by_what_people_ask_for(api: Api, firm: Tenant) -> None:
    [one, two, three] = await opened(
        api, firm, a_task("small", euros="5.00", system="crm"), a_task("big", "delivery_rejected", "900.00", system="erp"), a_task("none", "brake", reason="100% of it")
    )
    claim = "mutation($i: [Long!]!) { claimTasks(ids: $i) { done errors { code } } }"
    assert (await api.ask(firm.keys["steward"], claim, i=[one])).data["claimTasks"] == {"done": 1, "errors": []}
    await api.pool.execute("UPDATE hub.task SET due_at = now() - interval '1 h' WHERE id = $1", int(two))
    await api.pool.execute("UPDATE hub.task SET snoozed_until = now() + interval '1 h', tags = '{march}' WHERE id = $1", int(three))
    asked = {
        "": ["none", "big", "small"], "order: OLDEST": ["small", "big", "none"], "order: MONEY": ["big", "small", "none"],
        "order: PRIORITY": ["none", "big", "small"], "order: DUE": ["big", "none", "small"], "mine: true": ["small"], "unassigned: true": ["none", "big"],
        "overdue: true": ["big"], "snoozed: false": ["big", "small"], "snoozed: true": ["none"], "amountFrom: 10": ["big"],
        'causes: ["brake", "possible_duplicate"]': ["none", "small"], 'team: "finance operations"': ["big"], "myTeams: true": ["small"],
        'tag: "march"': ["none"], 'text: "100%"': ["none"], 'text: "l"': ["small"], 'exc: "EXC-17"': ["big"], 'currency: "EUR", order: OLDEST': ["small", "big"],
    }  # fmt: skip
    assert {name: await subjects(api, firm, name or "first: 9") for name in asked} == asked


async def test_pages_of_an_order_meet_without_gap_or_repeat(api: Api, firm: Tenant) -> None:
    await opened(api, firm, *(a_task(str(n), euros=f"{n % 3}.00" if n % 4 else "") for n in range(11)))
    whole = await subjects(api, firm, "order: MONEY, first: 50")
    seen: list[str] = []
    cursor: str | None = None
    while cursor is not None or not seen:
        page = (
            await api.ask(firm.keys["steward"], "query($a: String) { stewardTasks(order: MONEY, first: 3, after: $a) { nodes { subject } pageInfo { endCursor hasNextPage } } }", a=cursor)
        ).data["stewardTasks"]
        seen += [one["subject"] for one in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None
    assert seen == whole and len(whole) == 11


async def test_counts_tell_tasks_and_money_per_currency_once_each(api: Api, firm: Tenant) -> None:
    both = [{"amount": "10.00", "currency": "EUR"}, {"amount": "7.00", "currency": "USD"}]
    await opened(api, firm, a_task("1", euros="5.00"), NewTask("possible_duplicate", "2", "r", "m", money=both), a_task("3", "brake"))
    found = await api.ask(
        firm.keys["reader"], "{ taskCounts(by: [CAUSE, TEAM]) { cause team count overdue unassigned money { amount currency } } taskCounts2: taskCounts(by: [], causes: [\"brake\"]) { cause count } }"
    )
    assert found.data == {
        "taskCounts": [
            {
                "cause": "possible_duplicate", "team": "data_stewards", "count": 2, "overdue": 0, "unassigned": 2,
                "money": [{"amount": "15.00", "currency": "EUR"}, {"amount": "7.00", "currency": "USD"}],
            },
            {"cause": "brake", "team": "integration_support", "count": 1, "overdue": 0, "unassigned": 1, "money": []},
        ],
        "taskCounts2": [{"cause": None, "count": 1}],
    }  # fmt: skip


async def test_many_are_closed_at_once_with_a_preview_and_an_outcome_each(api: Api, firm: Tenant) -> None:
    one, two = await opened(api, firm, a_task("1", euros="5.00"), a_task("2", euros="6.50"))
    await api.ask(firm.keys["bob"], "mutation($i: [Long!]!) { claimTasks(ids: $i) { done } }", i=[two])
    close = """mutation($i: [Long!]!, $d: Boolean!, $k: String) { resolveTasks(ids: $i, resolution: "looked at", dryRun: $d, idempotencyKey: $k) {
        done money { amount currency } outcomes { id done code task { state } } errors { code } } }"""
    outcomes = [{"id": one, "done": True, "code": None}, {"id": two, "done": False, "code": "TAKEN"}, {"id": "99999", "done": False, "code": "NOT_FOUND"}]
    for is_dry, state in ((True, "open"), (False, "resolved"), (False, "resolved")):
        done = (await api.ask(firm.keys["steward"], close, i=[one, two, "99999"], d=is_dry, k="close-1")).data["resolveTasks"]
        shown = [{**told, "task": {"state": now} if now else None} for told, now in zip(outcomes, (state, "open", None), strict=True)]
        assert done == {"done": 1, "money": [{"amount": "5.00", "currency": "EUR"}], "outcomes": shown, "errors": []}


async def test_a_question_is_asked_answered_and_kept_in_the_history(api: Api, firm: Tenant) -> None:
    [before] = await opened(api, firm, a_task("1"))
    await api.ask(firm.keys["steward"], 'mutation($i: [Long!]!) { resolveTasks(ids: $i, resolution: "two houses") { done } }', i=[before])
    [one] = await opened(api, firm, a_task("1"))
    until = (AT.replace(year=AT.year + 1)).isoformat()
    ask = """mutation($i: [Long!]!, $u: DateTime!, $m: ID) { askAbout(ids: $i, question: "Are they one?", until: $u, memberId: $m) {
        outcomes { task { isSnoozed question { text to askedBy member { name } } } } errors { code message } } }"""
    asked = (await api.ask(firm.keys["steward"], ask, i=[one], u=until, m=firm.keys["Bob's id"])).data["askAbout"]
    question = {"text": "Are they one?", "to": "Bob", "askedBy": "steward:steward", "member": {"name": "Bob"}}
    assert asked == {"outcomes": [{"task": {"isSnoozed": True, "question": question}}], "errors": []}
    assert await subjects(api, firm, 'asked: true, state: "open"') == ["1"]
    answer = 'mutation($i: Long!) { answerQuestion(id: $i, text: "No.") { done errors { code } } }'
    assert (await api.ask(firm.keys["bob"], answer, i=one)).data["answerQuestion"] == {"done": 1, "errors": []}
    shown = await api.ask(
        firm.keys["reader"], "query($i: Long!) { stewardTask(id: $i) { isSnoozed question { text } means ends events { kind actor comment } earlier { id resolution } assignee { name } } }", i=one
    )
    assert shown.data["stewardTask"] == {
        "isSnoozed": False, "question": None, "means": "two records may be one", "ends": "they are merged, linked or said not to be the same",
        "events": [
            {"kind": "ask", "actor": "steward:steward", "comment": "Are they one?"}, {"kind": "answer", "actor": "steward:bob", "comment": "No."},
        ],
        "earlier": [{"id": before, "resolution": "two houses"}], "assignee": None,
    }  # fmt: skip


async def test_the_queues_version_changes_with_any_task_and_only_then(api: Api, firm: Tenant) -> None:
    async def version() -> str:
        return str((await api.ask(firm.keys["reader"], "{ queueVersion }")).data["queueVersion"])

    empty = await version()
    [one] = await opened(api, firm, a_task("1"))
    filled = await version()
    assert filled != empty and await version() == filled
    await api.ask(firm.keys["steward"], "mutation($i: [Long!]!) { claimTasks(ids: $i) { done } }", i=[one])
    assert await version() != filled


async def test_readers_see_the_queue_and_cannot_work_it(api: Api, firm: Tenant) -> None:
    [one] = await opened(api, firm, a_task("1"))
    answer = (await api.ask(firm.keys["reader"], "mutation($i: [Long!]!) { claimTasks(ids: $i) { done errors { code } } }", i=[one])).data["claimTasks"]
    assert answer == {"done": None, "errors": [{"code": "FORBIDDEN"}]}
    assert await subjects(api, firm, "first: 5", "reader") == ["1"]


async def test_rules_decide_the_team_when_they_are_set(api: Api, firm: Tenant) -> None:
    rules = {"rules": [{"cause": ["brake"], "team": "pmo"}]}
    done = await api.ask(firm.keys["admin"], 'mutation($d: JSON!) { setRouting(document: $d, reason: "new desk") { proposal { id } errors { code } } }', d=rules)
    assert done.data["setRouting"] == {"proposal": None, "errors": []}
    wrong = await api.ask(firm.keys["admin"], 'mutation { setRouting(document: {rules: [{cause: ["rain"]}]}, reason: "r") { errors { code message } } }')
    assert wrong.data["setRouting"]["errors"] == [{"code": "INVALID_VALUE", "message": "routing: rules[0]: there is no cause 'rain'"}]
    shown = await api.ask(firm.keys["reader"], "{ workRules }")
    assert shown.data["workRules"] == {"fourEyes": True, "days": 7, "noticeHours": 24, "approvers": {"R1": 1, "R2": 1, "R3": 1}, "routing": rules}


OPEN = Compare("state", Op.EQ, "open")


@pytest.fixture(scope="module")
async def crowd(shared: Api) -> Tenant:
    """20,000 open tasks, as wide as tasks are, beside as many resolved ones."""
    tenant = await shared.tenant("crowd")
    await shared.pool.execute(
        """
        INSERT INTO hub.task (tenant_id, cause, subject, state, team, due_at, reason, remedy, amount, currency, money, opened_at, routed_at)
        SELECT $1, 'cause' || n % 12, 's' || n, CASE WHEN n % 2 = 0 THEN 'open' ELSE 'resolved' END, 'team' || n % 5, now() + make_interval(mins => n), repeat(md5(n::text), 25), 'm',
               n % 1000, 'EUR', NULL, now(), now()
          FROM generate_series(1, 40000) AS n
        """,
        tenant.id,
    )
    return tenant


async def planned(api: Api, tenant: Tenant, sql: str, values: tuple[Any, ...]) -> str:
    """The plan of a statement as the api's own role runs it."""
    owner = await asyncpg.connect(api.database.owner_url)
    try:
        await owner.execute("VACUUM ANALYZE hub.task")
    finally:
        await owner.close()
    connection = await asyncpg.connect(api.database.api_url)
    try:
        await connection.execute("SELECT set_config('hub.tenant', $1, false)", str(tenant.id))
        return "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {sql}", *values))
    finally:
        await connection.close()


INDEXES = {"newest": "task_queue", "oldest": "task_queue", "due": "task_queue_due", "money": "task_queue_amount", "priority": "task_queue_priority"}


@pytest.mark.parametrize("order", ORDERS)
async def test_a_page_of_the_queue_is_read_along_an_index_in_its_order(api: Api, crowd: Tenant, order: str) -> None:
    bound = rows_of(Plan(TASKS, tuple(TASKS.columns), All((OPEN,)), ORDERS[order], Page(50)))
    plan = await planned(api, crowd, bound.sql, bound.values)
    assert f"using {INDEXES[order]} " in plan.replace("task_pkey", "task_queue") and "Sort" not in plan, plan


async def test_counts_read_an_index_and_no_task(api: Api, crowd: Tenant) -> None:
    sql, values = counts_sql(["cause", "team"], All((OPEN,)), AT)
    plan = await planned(api, crowd, sql, values)
    assert "Index Only Scan using task_queue_count" in plan, plan
