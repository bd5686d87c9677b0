"""What operations see: how far readers are, what is held with its money, every try with nothing secret, and the trail of one correlation."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub.flows import correlate
from hub.store.ids import new_id
from hub.store.statements import statements
from tests.api.conftest import Api, Tenant
from tests.conftest import Database


async def reader(api: Api, tenant: Tenant, name: str, system: str | None = None, position: int = 0, state: str = "active") -> UUID:
    id_ = new_id()
    await api.pool.execute(
        "INSERT INTO hub.subscription (tenant_id, id, name, kind, system, url, position, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant.id, id_, name, "connector" if system else "webhook", system, None if system else "https://bi.example", position, state,
    )  # fmt: skip
    return id_


async def lane(
    api: Api, tenant: Tenant, subscription: UUID, golden_id: UUID, state: str, *, entity: str = "client", version: int = 1, delivered: int = 0,
    reason: str | None = None, task_id: int | None = None, position: int = 1,
) -> None:  # fmt: skip
    await api.pool.execute(
        """INSERT INTO hub.lane (tenant_id, subscription_id, golden_id, entity, wanted_version, wanted_position, delivered_version, state, reason, task_id, attempts)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 2)""",
        tenant.id, subscription, golden_id, entity, version, position, delivered, state, reason, task_id,
    )  # fmt: skip


async def attempt(api: Api, tenant: Tenant, subscription: UUID, golden_id: UUID, state: str, **more: Any) -> int:
    given = {"version": 1, "operation": "update", "intent_key": "k", "request": None, "response": None, "error": None, "correlation_id": "c-1"} | more
    found: int = await api.pool.fetchval(
        f"""INSERT INTO hub.attempt (tenant_id, subscription_id, golden_id, state, {", ".join(given)}) VALUES ($1, $2, $3, $4, {", ".join(f"${n}" for n in range(5, 5 + len(given)))})
            RETURNING id""",
        tenant.id, subscription, golden_id, state, *given.values(),
    )  # fmt: skip
    return found


async def task(api: Api, tenant: Tenant, cause: str, **more: Any) -> int:
    given = {"subject": cause, "team": "finance_operations", "reason": "r", "remedy": "mend it"} | more
    found: int = await api.pool.fetchval(
        f"INSERT INTO hub.task (tenant_id, cause, due_at, {', '.join(given)}) VALUES ($1, $2, now(), {', '.join(f'${n}' for n in range(3, 3 + len(given)))}) RETURNING id",
        tenant.id, cause, *given.values(),
    )  # fmt: skip
    return found


async def invoice(api: Api, tenant: Tenant, amount: str) -> UUID:
    id_ = new_id()
    await api.pool.execute(
        "INSERT INTO golden.invoice (tenant_id, id, version, record_state, created_at, updated_at, gross, gross_currency) "
        "VALUES ($1, $2, 1, 'active', now(), now(), $3::text::numeric, 'EUR')", tenant.id, id_, amount,
    )  # fmt: skip
    return id_


STATUS = "{ deliveryStatus { name kind system state lag lagSeconds deliveredPerMinute failedPerMinute retries lanes { state count } subscription { name } } }"


async def test_readers_tell_how_far_they_are_in_positions_and_seconds_and_how_fast(api: Api, acme: Tenant) -> None:
    clients = [await api.golden(acme, "client", name=f"C{n}") for n in range(4)]
    await api.pool.execute("UPDATE hub.feed SET sequenced_at = now() - interval '90 s' WHERE tenant_id = $1", acme.id)
    done = await reader(api, acme, "a done", position=4)
    slow = await reader(api, acme, "b slow", "erp", position=4)
    await reader(api, acme, "c behind", position=1, state="paused")
    for place, client in enumerate(clients[2:]):
        await lane(api, acme, slow, client, "due", position=place + 3)
    await lane(api, acme, slow, clients[0], "parked", position=1)
    for _ in range(10):
        await attempt(api, acme, done, clients[0], "done")
    await attempt(api, acme, slow, clients[0], "retriable")
    found = (await api.ask(acme.keys["steward"], STATUS)).data["deliveryStatus"]
    seconds = [one.pop("lagSeconds") for one in found]
    assert (seconds[0], 90 <= seconds[1] < 200, 90 <= seconds[2] < 200) == (0, True, True)
    assert found == [
        {"name": "a done", "kind": "webhook", "system": None, "state": "active", "lag": "0", "deliveredPerMinute": 2.0, "failedPerMinute": 0.0, "retries": "0",
         "lanes": [], "subscription": {"name": "a done"}},
        {"name": "b slow", "kind": "connector", "system": "erp", "state": "active", "lag": "2", "deliveredPerMinute": 0.0, "failedPerMinute": 0.2, "retries": "4",
         "lanes": [{"state": "due", "count": 2}, {"state": "parked", "count": 1}], "subscription": {"name": "b slow"}},
        {"name": "c behind", "kind": "webhook", "system": None, "state": "paused", "lag": "3", "deliveredPerMinute": 0.0, "failedPerMinute": 0.0, "retries": "0",
         "lanes": [], "subscription": {"name": "c behind"}},
    ]  # fmt: skip


async def held(api: Api, acme: Tenant) -> dict[str, Any]:
    erp = await reader(api, acme, "to erp", "erp")
    refused = await task(api, acme, "delivery_rejected", system="erp")
    lost = await task(api, acme, "unknown_outcome", system="erp")
    for amount, reason, which in (("100.10", "period closed", refused), ("20", "period closed", refused), ("3", "no account", refused), ("7", "no answer", lost)):
        await lane(api, acme, erp, await invoice(api, acme, amount), "parked", entity="invoice", reason=reason, task_id=which)
    await lane(api, acme, erp, new_id(), "waiting", entity="invoice", reason="waits for its client")
    return {"erp": erp, "refused": refused, "lost": lost}


async def test_what_is_held_is_told_by_state_and_why_with_its_money(api: Api, acme: Tenant) -> None:
    await held(api, acme)
    asked = '{ laneGroups(entity: "invoice") { system state cause reason count money { amount currency } } }'
    found = (await api.ask(acme.keys["steward"], asked)).data["laneGroups"]
    assert found[0] == {
        "system": "erp", "state": "parked", "cause": "delivery_rejected", "reason": "period closed", "count": 2, "money": [{"amount": "120.10", "currency": "EUR"}],
    }  # fmt: skip
    assert sorted((one["state"], one["cause"], one["reason"], one["count"], [m["amount"] for m in one["money"]]) for one in found[1:]) == [
        ("parked", "delivery_rejected", "no account", 1, ["3"]), ("parked", "unknown_outcome", "no answer", 1, ["7"]), ("waiting", None, "waits for its client", 1, []),
    ]  # fmt: skip
    waiting = (await api.ask(acme.keys["steward"], '{ laneGroups(states: ["waiting"], byReason: false) { state reason count } }')).data["laneGroups"]
    assert waiting == [{"state": "waiting", "reason": None, "count": 1}]
    assert (await api.ask(acme.keys["steward"], '{ laneGroups(states: ["sleeping"]) { count } }')).codes == ["BAD_INPUT"]


async def test_from_a_group_one_comes_to_its_deliveries(api: Api, acme: Tenant) -> None:
    made = await held(api, acme)
    asked = "query ($reason: String, $task: Long) { deadLetters(reason: $reason, taskId: $task) { totalCount nodes { reason } } }"
    found = (await api.ask(acme.keys["steward"], asked, reason="period closed")).data["deadLetters"]
    assert found == {"totalCount": 2, "nodes": [{"reason": "period closed"}] * 2}
    assert (await api.ask(acme.keys["steward"], asked, task=str(made["lost"]))).data["deadLetters"]["totalCount"] == 1


async def test_dead_letters_are_told_by_class_with_the_money_at_stake(api: Api, acme: Tenant) -> None:
    await held(api, acme)
    asked = "{ deadLetterClasses { cause means count tasks team remedy money { amount currency } task { cause } } }"
    found = (await api.ask(acme.keys["steward"], asked)).data["deadLetterClasses"]
    assert [(one["cause"], one["count"], one["tasks"], [m["amount"] for m in one["money"]], one["task"]) for one in found] == [
        ("delivery_rejected", 3, 1, ["123.10"], {"cause": "delivery_rejected"}),
        ("unknown_outcome", 1, 1, ["7"], {"cause": "unknown_outcome"}),
    ]
    assert (found[0]["means"], found[0]["team"], found[0]["remedy"]) == ("a system refused a write", "finance_operations", "mend it")


async def test_a_replay_tells_beforehand_what_it_takes_up_and_its_money(api: Api, acme: Tenant) -> None:
    made = await held(api, acme)
    ask = "mutation ($task: Long, $dry: Boolean!) { replay(taskId: $task, dryRun: $dry) { count money { amount currency } errors { code } } }"
    told = {"count": 3, "money": [{"amount": "123.10", "currency": "EUR"}], "errors": []}
    assert (await api.ask(acme.keys["steward"], ask, task=str(made["refused"]), dry=True)).data["replay"] == told
    assert await api.pool.fetchval("SELECT count(*) FROM hub.lane WHERE tenant_id = $1 AND state = 'parked'", acme.id) == 4
    assert (await api.ask(acme.keys["steward"], ask, task=str(made["refused"]), dry=False)).data["replay"] == told
    assert await api.pool.fetchval("SELECT count(*) FROM hub.lane WHERE tenant_id = $1 AND state = 'parked'", acme.id) == 1


async def test_tries_show_what_was_sent_and_answered_without_secrets_and_personal_values(api: Api, acme: Tenant) -> None:
    contact = await api.golden(acme, "contact", given_name="Ada", family_name="Lovelace", email="ada@acme.example")
    psa = await reader(api, acme, "to psa", "psa")
    await lane(api, acme, psa, contact, "idle", entity="contact")
    await attempt(
        api, acme, psa, contact, "rejected", intent_key="i-7",
        request={"object": "contact", "values": {"given_name": "Ada", "family_name": "Lovelace", "email": "ada@acme.example", "active": True}, "token": "t0psecret"},
        response={"message": "ada@acme.example is taken", "authorization": "Bearer abc"}, error={"class": "rejected", "reason": "call +49 30 1234567"},
    )  # fmt: skip
    asked = '{ attempts(intentKey: "i-7") { totalCount nodes { state operation request response error subscription { name } recordId } } }'
    answer = await api.ask(acme.keys["steward"], asked)
    (one,) = answer.data["attempts"]["nodes"]
    assert (one["state"], one["subscription"], one["recordId"]) == ("rejected", {"name": "to psa"}, str(contact))
    for hidden in (b"Ada", b"Lovelace", b"ada@acme", b"t0psecret", b"abc", b"1234567"):
        assert hidden not in answer.body, hidden
    assert one["request"]["values"]["active"] is True
    tries = await api.ask(acme.keys["steward"], "{ deliveries(system: \"psa\") { nodes { tries { request response error } } } }")
    assert (b"Ada" in tries.body, b"t0psecret" in tries.body, b"object" in tries.body) == (False, False, True)


@pytest.mark.parametrize(
    ("asked", "count"), [('state: "done"', 2), ('system: "erp"', 3), ('system: "psa"', 0), ('correlationId: "c-2"', 1), ('since: "2999-01-01T00:00:00Z"', 0), ('until: "2999-01-01T00:00:00Z", state: "unknown"', 1)]
)  # fmt: skip
async def test_tries_are_found_by_what_became_of_them(api: Api, acme: Tenant, asked: str, count: int) -> None:
    erp, client = await reader(api, acme, "to erp", "erp"), new_id()
    await attempt(api, acme, erp, client, "done")
    await attempt(api, acme, erp, client, "done", correlation_id="c-2")
    await attempt(api, acme, erp, client, "unknown")
    assert (await api.ask(acme.keys["admin"], f"{{ attempts({asked}) {{ totalCount }} }}")).data["attempts"]["totalCount"] == count


async def test_alerts_are_told_with_what_they_explain(api: Api, acme: Tenant) -> None:
    explains = [{"kind": "given_up", "says": "3 deliveries to erp were given up after all tries", "system": "erp", "subscription": "", "count": 3,
                 "since": "2026-05-17T08:00:00.000000Z", "money": [{"amount": "5.00", "currency": "EUR"}]}]  # fmt: skip
    detail = {"kind": "system_down", "since": "2026-05-17T08:00:00.000000Z", "subscription": "", "deadline": None, "explains": explains}
    await task(api, acme, "alert", system="erp", reason="erp does not answer", money=[{"amount": "5.00", "currency": "EUR"}], detail=detail, count=3)
    asked = "{ alerts { kind says system since count deadline money { amount } explains { kind says subscription money { currency } } task { cause } } }"
    assert (await api.ask(acme.keys["steward"], asked)).data["alerts"] == [
        {"kind": "system_down", "says": "erp does not answer", "system": "erp", "since": "2026-05-17T08:00:00.000000Z", "count": 3, "deadline": None,
         "money": [{"amount": "5.00"}], "task": {"cause": "alert"},
         "explains": [{"kind": "given_up", "says": "3 deliveries to erp were given up after all tries", "subscription": None, "money": [{"currency": "EUR"}]}]},
    ]  # fmt: skip


TRAIL = """query ($by: String, $event: String, $key: String, $message: Long, $record: ID) {
  trail(correlationId: $by, eventId: $event, idempotencyKey: $key, messageId: $message, recordId: $record) {
    correlationId isCut
    messages { externalId outcome } changes { version eventId record { id } }
    deliveries { system ofVersion isDelivered state tries { state } }
    externalIds { system externalId } tasks { cause } actions { kind } proposals { operation } records { id } steps { kind says }
  }
}"""


async def story(api: Api, tenant: Tenant) -> dict[str, Any]:
    """A message of the CRM became a version, which one system took at the second try and another refused."""
    client = await api.golden(tenant, "client", name="ACME")
    message = await api.pool.fetchval(
        """INSERT INTO hub.inbox (tenant_id, system, object, external_id, idempotency_key, body, channel, actor, correlation_id, received_at)
           VALUES ($1, 'crm', 'account', '4711', 'key-1', '', 'webhook', 'crm', 'c-77', '2026-05-17 08:00+00') RETURNING id""", tenant.id,
    )  # fmt: skip
    await api.source(tenant, "crm", "4711", "client", client)
    await api.source(tenant, "erp", "C-9", "client", client, object="customer")
    later = await api.pool.fetchval(
        """WITH made AS (INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id, message_id, at)
           VALUES ($1, 'client', $2, 2, 'update', '{}', '{}', 'source', 'crm', 'c-77', $3, '2026-05-17 08:00:01+00') RETURNING id)
           INSERT INTO hub.feed (tenant_id, position, change_id) SELECT $1, 2, id FROM made RETURNING change_id""",
        tenant.id, client, message,
    )  # fmt: skip
    erp, psa = await reader(api, tenant, "to erp", "erp"), await reader(api, tenant, "to psa", "psa")
    refused = await task(api, tenant, "delivery_rejected", system="psa", correlation_id="c-77")
    await lane(api, tenant, erp, client, "idle", version=2, delivered=2)
    await lane(api, tenant, psa, client, "parked", version=2, delivered=1, task_id=refused)
    await attempt(api, tenant, erp, client, "retriable", version=2, intent_key="i-1", correlation_id="c-77")
    await attempt(api, tenant, erp, client, "done", version=2, intent_key="i-1", correlation_id="c-77")
    await attempt(api, tenant, psa, client, "rejected", version=2, intent_key="i-2", correlation_id="c-77")
    await api.pool.execute(
        "INSERT INTO hub.action (tenant_id, kind, actor, correlation_id, entity, golden_ids) VALUES ($1, 'override', 'steward:ann', 'c-77', 'client', ARRAY[$2::uuid])",
        tenant.id, client,
    )  # fmt: skip
    return {"client": client, "message": message, "change": later}


async def test_one_correlation_holds_everything_from_the_first_message_to_the_last_delivery(api: Api, acme: Tenant) -> None:
    made = await story(api, acme)
    found = (await api.ask(acme.keys["steward"], TRAIL, by="c-77")).data["trail"]
    steps = found.pop("steps")
    assert found == {
        "correlationId": "c-77", "isCut": False, "messages": [{"externalId": "4711", "outcome": "applied"}],
        "changes": [{"version": 2, "eventId": f"evt_{acme.id}_1_{made['change']}", "record": {"id": str(made["client"])}}],
        "deliveries": [
            {"system": "erp", "ofVersion": 2, "isDelivered": True, "state": "idle", "tries": [{"state": "retriable"}, {"state": "done"}]},
            {"system": "psa", "ofVersion": 2, "isDelivered": False, "state": "parked", "tries": [{"state": "rejected"}]},
        ],
        "externalIds": [{"system": "crm", "externalId": "4711"}, {"system": "erp", "externalId": "C-9"}],
        "tasks": [{"cause": "delivery_rejected"}], "actions": [{"kind": "override"}], "proposals": [], "records": [{"id": str(made["client"])}],
    }  # fmt: skip
    assert [(one["kind"], one["says"]) for one in steps[:2]] == [
        ("message", "crm account 4711 came by webhook: applied"), ("change", "client version 2 (update, source)"),
    ]  # fmt: skip
    assert sorted(one["kind"] for one in steps[2:]) == ["action", "attempt", "attempt", "attempt"]


async def test_a_trail_is_found_by_event_key_message_and_record(api: Api, acme: Tenant) -> None:
    made = await story(api, acme)
    asked: list[dict[str, Any]] = [
        {"event": f"evt_{acme.id}_1_{made['change']}"}, {"key": "key-1"}, {"key": "i-2"}, {"message": str(made["message"])}, {"record": str(made["client"])},
    ]  # fmt: skip
    found = [(await api.ask(acme.keys["steward"], TRAIL, **one)).data["trail"]["correlationId"] for one in asked]
    assert found == ["c-77"] * 5


async def test_messages_folded_together_find_the_version_that_took_them_in(api: Api, acme: Tenant) -> None:
    made = await story(api, acme)
    await api.pool.execute(
        """INSERT INTO hub.inbox (tenant_id, id, system, object, external_id, idempotency_key, body, channel, actor, correlation_id, received_at)
           OVERRIDING SYSTEM VALUE VALUES ($1, $2, 'erp', 'customer', 'C-9', 'key-0', '', 'poll', 'erp', 'c-76', now())""",
        acme.id, made["message"] - 1_000_000,
    )  # fmt: skip
    found = (await api.ask(acme.keys["steward"], TRAIL, by="c-76")).data["trail"]
    assert ([one["version"] for one in found["changes"]], len(found["deliveries"])) == ([2], 2)


async def test_a_trail_shows_nothing_of_another_tenant_and_needs_an_operators_key(api: Api, acme: Tenant) -> None:
    made, other = await story(api, acme), await api.tenant("other")
    for one in ({"by": "c-77"}, {"event": f"evt_{acme.id}_1_{made['change']}"}, {"key": "key-1"}, {"message": str(made["message"])}, {"record": str(made["client"])}):
        assert (await api.ask(other.keys["admin"], TRAIL, **one)).data["trail"] is None
    for role in ("reader", "system"):
        for asked in ("{ deliveryStatus { name } }", "{ laneGroups { count } }", "{ attempts { totalCount } }", "{ alerts { says } }", '{ trail(correlationId: "c-77") { isCut } }',
                      "{ auditHead { digest } }", "{ auditTrail { at } }"):  # fmt: skip
            assert (await api.ask(acme.keys[role], asked)).codes == ["FORBIDDEN"], (role, asked)
    assert (await api.ask(acme.keys["steward"], '{ trail(correlationId: "c", messageId: "1") { isCut } }')).codes == ["BAD_INPUT"]


FILL = """
    INSERT INTO hub.inbox (tenant_id, system, object, external_id, idempotency_key, body, channel, actor, correlation_id, received_at)
    SELECT 1, 'crm', 'account', n::text, n::text, '', 'webhook', 'crm', 'c-' || n, now() FROM generate_series(1, 30000) n;
    INSERT INTO hub.inbox_open (tenant_id, inbox_id, source_hash) SELECT 1, id, id FROM hub.inbox WHERE id % 3 = 0;
    INSERT INTO hub.inbox_outcome (tenant_id, inbox_id, outcome) SELECT 1, id, 'unchanged' FROM hub.inbox WHERE id % 3 = 1;
    INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, state, golden_id)
    SELECT 1, 'crm', 'account', n::text, 'client', 'present', lpad(to_hex(n), 32, '0')::uuid FROM generate_series(1, 30000) n;
    INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id, message_id, at)
    SELECT 1, 'client', lpad(to_hex(n), 32, '0')::uuid, 1, 'create', '{}', '{}', 'source', 'crm', 'c-' || n, n, now() FROM generate_series(1, 30000) n;
    INSERT INTO hub.feed (tenant_id, position, change_id) SELECT 1, id, id FROM hub.change;
    INSERT INTO hub.subscription (tenant_id, id, name, kind) VALUES (1, '00000000-0000-0000-0000-000000000001', 'one', 'webhook');
    INSERT INTO hub.lane (tenant_id, subscription_id, golden_id, entity, wanted_version, state)
    SELECT 1, '00000000-0000-0000-0000-000000000001', golden_id, 'client', 1, 'idle' FROM hub.change;
    INSERT INTO hub.attempt (tenant_id, subscription_id, golden_id, version, operation, intent_key, state, correlation_id)
    SELECT 1, '00000000-0000-0000-0000-000000000001', golden_id, 1, 'event', 'evt_' || id, 'done', correlation_id FROM hub.change;
    INSERT INTO hub.task (tenant_id, cause, subject, team, due_at, reason, remedy, correlation_id, state)
    SELECT 1, 'required', n::text, 't', now(), '', '', 'c-' || n, 'resolved' FROM generate_series(1, 10000) n;
    INSERT INTO hub.action (tenant_id, kind, actor, correlation_id) SELECT 1, 'override', 'ann', 'c-' || n FROM generate_series(1, 10000) n;
    INSERT INTO hub.proposal (tenant_id, operation, given, diff, risk, subject, author, expires_at, correlation_id)
    SELECT 1, 'override', '{}', '{}', 'R1', '', 'ann', now(), 'c-' || n FROM generate_series(1, 10000) n;
"""
GIVEN = {
    "tenant": 1, "correlation_id": "c-77", "most": 501, "messages": [77], "records": [UUID(int=77)], "versions": [1], "record": UUID(int=77), "version": None,
    "subscriptions": [UUID(int=1)], "ids": [77], "id": 77, "key": "77", "system": None,
}  # fmt: skip


async def test_every_step_of_a_trail_is_by_an_index(database: Database) -> None:
    """As role hub_worker, which runs them, on tables large enough for a plan to matter."""
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("INSERT INTO hub.tenant (slug, name) VALUES ('a', 'a'); INSERT INTO hub.system (tenant_id, name, kind) VALUES (1, 'crm', 'crm')")
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(FILL)
    await owner.execute("ANALYZE hub.inbox, hub.inbox_open, hub.inbox_outcome, hub.source_record, hub.change, hub.feed, hub.lane, hub.attempt, hub.task, hub.action, hub.proposal, hub.subscription")
    await owner.close()
    worker = await asyncpg.connect(database.worker_url)
    read: dict[str, list[str]] = {}
    for name, statement in statements("trail").items():
        plan = json.loads(await worker.fetchval(f"EXPLAIN (FORMAT JSON) {statement.text}", *(GIVEN[one] for one in statement.parameters)))
        if scanned := [relation for relation in scans(plan[0]["Plan"]) if relation not in ("system", "subscription", "feed_head")]:
            read[name] = scanned
    await worker.close()
    assert read == {}
    assert set(statements("trail")) == set(correlate.SQL)


def scans(node: dict[str, Any]) -> list[str]:
    """Tables that a plan reads from end to end."""
    mine = [node["Relation Name"]] if node["Node Type"] == "Seq Scan" else []
    return mine + [name for child in node.get("Plans", ()) for name in scans(child)]
