"""The pages about deliveries: readers, their tries, dead letters with their money, alerts, and the trail of an id."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from hub.flows.subscriptions import create_subscription
from hub.store.ids import new_id
from tests.api.conftest import Api, Tenant
from tests.api.test_where import tell, where_systems
from tests.console.conftest import Browser
from tests.console.working import task


@pytest.fixture
async def acme(api: Api) -> Tenant:
    """CRM and ERP take clients; the hub may write to the ERP."""
    return await where_systems(api)


async def a_webhook(api: Api, tenant: Tenant, name: str = "till") -> UUID:
    made = await create_subscription(
        api.pool, api.database.settings, tenant.id, subscription_id=new_id(), name=name, kind="webhook", url="http://127.0.0.1:9/hook", filter={"entities": ["client"]}
    )
    return made.id


async def parked(api: Api, tenant: Tenant, subscription: UUID, golden: str) -> int:
    """A delivery that was refused, with its task and its try."""
    number = await task(api, tenant, "the till refuses it", "webhook_refused", entity="client", golden_id=UUID(golden))
    await api.pool.execute(
        """INSERT INTO hub.lane (tenant_id, subscription_id, golden_id, external_key, entity, wanted_version, wanted_position, state, task_id, reason, correlation_id)
           VALUES ($1, $2, $3, '', 'client', 1, 1, 'parked', $4, 'The receiver refuses the event (HTTP 422).', 'c-77')
           ON CONFLICT (tenant_id, subscription_id, golden_id, external_key) DO UPDATE SET state = 'parked', task_id = $4, reason = excluded.reason""",
        tenant.id, subscription, UUID(golden), number,
    )  # fmt: skip
    await api.pool.execute(
        """INSERT INTO hub.attempt (tenant_id, subscription_id, golden_id, external_key, version, operation, intent_key, state, worker, request, response, error, correlation_id, started_at, finished_at)
           VALUES ($1, $2, $3, '', 1, 'event', 'evt_1_1_9', 'rejected', 'w', '{"url": "http://127.0.0.1:9/hook"}', '{"status": 422}', '{"reason": "no such till"}', 'c-77', now(), now())""",
        tenant.id, subscription, UUID(golden),
    )  # fmt: skip
    return number


async def test_readers_are_listed_with_how_far_they_are(api: Api, acme: Tenant, steward: Browser) -> None:
    await a_webhook(api, acme, "<b>till</b>")
    page = await steward.get("/subscriptions")
    assert [row[0].split(" ")[0] for row in page.table()] and "<b>till</b>" not in page.html and "&lt;b&gt;till" in page.html
    sheet = await steward.get("/subscriptions", format="csv")
    assert sheet.html.lstrip("\ufeff").startswith("name,kind,system,state,lag_positions")


async def test_a_reader_is_paused_resumed_and_ended_by_an_admin(api: Api, acme: Tenant, steward: Browser) -> None:
    one, boss = await a_webhook(api, acme), Browser(api)
    assert not (await steward.get(f"/subscriptions/{one}")).tests("pause")
    await boss.sign_in(acme.keys["admin"])
    assert (await boss.get(f"/subscriptions/{one}")).tests("pause")
    for what, state in (("pause", "paused"), ("resume", "active"), ("disable", "disabled")):
        done = await boss.post(f"/subscriptions/{one}/{what}")
        assert (done.status, await api.pool.fetchval("SELECT state FROM hub.subscription WHERE id = $1", one)) == (303, state)
    assert (await steward.get(f"/subscriptions/{new_id()}")).status == 404


async def test_a_new_secret_is_shown_once(api: Api, acme: Tenant) -> None:
    boss = Browser(api)
    await boss.sign_in(acme.keys["admin"])
    one = await a_webhook(api, acme)
    await boss.get(f"/subscriptions/{one}")
    page = await boss.post(f"/subscriptions/{one}/rotate")
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", page.html)
    assert secret is not None and "Former secret" in (await boss.get(f"/subscriptions/{one}")).text
    assert secret[0] not in (await boss.get(f"/subscriptions/{one}")).html


async def test_what_a_receiver_refused_stands_with_its_try_and_is_tried_again_after_a_look(api: Api, acme: Tenant, steward: Browser) -> None:
    one, client = await a_webhook(api, acme), await tell(api, acme, "crm", "account", "A1", name="Northbeam")
    number = await parked(api, acme, one, client)
    page = await steward.get(f"/subscriptions/{one}")
    assert "The receiver refuses the event (HTTP 422)." in page.text and "no such till" in page.text and f"/inbox/{number}" in page.html
    letters = await steward.get("/dead-letters")
    assert "Webhook refused" in letters.text and page.tests("tries")
    looked = await steward.post("/dead-letters/replay", htmx=True, id=str(one), entity="client")
    assert "1 deliveries" in looked.text and looked.tests("replay-go")
    assert await api.pool.fetchval("SELECT state FROM hub.lane WHERE subscription_id = $1", one) == "parked"
    done = await steward.post("/dead-letters/replay", htmx=True, id=str(one), entity="client", sure="1")
    assert "1 are tried again." in done.text
    assert await api.pool.fetchval("SELECT state FROM hub.lane WHERE subscription_id = $1", one) == "due"


async def test_sending_again_tells_how_many_before_it_does(api: Api, acme: Tenant, steward: Browser) -> None:
    one = await a_webhook(api, acme)
    await steward.get(f"/subscriptions/{one}")
    looked = await steward.post(f"/subscriptions/{one}/again", htmx=True, entity="client", since="2026-05-01T00:00")
    assert "0 events would be sent once more" in looked.text and 'value="2026-05-01T00:00"' in looked.html
    assert (await steward.post(f"/subscriptions/{one}/again", htmx=True, since="yesterday")).status == 422


async def test_a_trail_leads_from_the_message_to_whoever_holds_it(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await tell(api, acme, "crm", "account", "A1", name="Northbeam")
    correlation: Any = await api.pool.fetchval("SELECT correlation_id FROM hub.change WHERE tenant_id = $1 AND golden_id = $2", acme.id, UUID(client))
    for q in (correlation, client):
        page = await steward.get("/trail", q=q)
        assert correlation in page.text and f"/record/client/{client}" in page.html and "crm account A1" in page.text
    assert "Nothing is known of that" in (await steward.get("/trail", q="<script>")).text
    assert "Which trail?" in (await steward.get("/trail")).text


async def test_alerts_name_the_root_cause_or_that_nothing_is_wrong(api: Api, acme: Tenant, steward: Browser) -> None:
    assert "Nothing is wrong" in (await steward.get("/alerts")).text
    await task(
        api, acme, "The ERP cannot be reached", "alert", system="erp", money=[{"amount": "48210.00", "currency": "EUR"}],
        detail={"kind": "system_down", "explains": [{"kind": "lanes", "says": "312 deliveries wait", "count": 312, "since": "2026-05-17T10:00:00Z", "system": "erp", "subscription": "", "money": []}]},
    )  # fmt: skip
    page = await steward.get("/alerts")
    assert "The ERP cannot be reached" in page.text and "48 210.00 EUR" in page.text and "312 deliveries wait" in page.text


async def test_readers_of_the_firm_do_not_see_operations(api: Api, acme: Tenant) -> None:
    reader = Browser(api)
    await reader.sign_in(acme.keys["reader"])
    assert [(await reader.get(path)).status for path in ("/subscriptions", "/dead-letters", "/alerts", "/trail")] == [403] * 4
