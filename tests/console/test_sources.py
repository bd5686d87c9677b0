"""Sources: what comes in, what is held back and why, previews before modes are set, tries without what must not be shown."""

from __future__ import annotations

import re

import pytest

from tests.api.conftest import Api, Tenant
from tests.console.conftest import Browser
from tests.console.systems import a_lane, a_subscription, a_task, an_attempt


@pytest.fixture
async def admin(api: Api, acme: Tenant) -> Browser:
    made = Browser(api)
    await made.sign_in(acme.keys["admin"])
    return made


async def test_every_system_has_a_line_with_what_waits_in_and_out(api: Api, acme: Tenant, steward: Browser) -> None:
    erp = await a_subscription(api, acme, "erp")
    for state in ("parked", "observed", "observed", "waiting", "due"):
        await a_lane(api, acme, erp, await api.golden(acme, "client", name="x"), state)
    await a_task(api, acme, "delivery_rejected", "erp 1", system="erp")
    await api.pool.execute("UPDATE hub.system SET braked_at = now() WHERE tenant_id = $1 AND name = 'crm'", acme.id)
    await api.pool.execute("INSERT INTO hub.checkpoint (tenant_id, system, resource, error, failures) VALUES ($1, 'psa', 'person', 'RetriableError', 3)", acme.id)
    page = await steward.get("/sources")
    assert page.table() == [
        ["crm CRM", "braked", "–", "0", "0", "0", "0", "0", "0"],
        ["erp ERP", "observing", "–", "0", "1", "1", "2", "1", "1"],
        ["psa PSA", "failing person: RetriableError", "–", "0", "0", "0", "0", "0", "0"],
    ]


async def test_a_mode_is_set_after_its_consequences_were_shown(api: Api, acme: Tenant, admin: Browser) -> None:
    erp = await a_subscription(api, acme, "erp")
    aurora = await api.golden(acme, "client", name="Aurora <img src=x onerror=alert(1)>")
    await a_lane(api, acme, erp, aurora, "observed", op="create", fields={"name": "Aurora", "city": "Bonn"}, money=("48210.00", "EUR"))
    await a_lane(api, acme, erp, await api.golden(acme, "client", name="B"), "observed", fields={"city": "Bern"}, money=("5.00", "USD"))
    page = await admin.get("/sources/erp/modes")
    assert ["Client", "everything", "observe", "never: observe", "2"] in [row[:5] for row in page.table()]
    shown = await admin.get("/sources/erp/modes/preview", htmx=True, entity="client", group="*", mode="write")
    assert "2 writes go out , about 48 210.00 EUR 5.00 USD , as soon as you confirm: 1 client made, 1 client changed." in shown.text
    assert "<img" not in shown.html
    seat = await admin.get("/sources/erp/modes/preview", htmx=True, entity="client", group="legal_name", mode="write")
    assert "Nothing is held back now" in seat.text
    assert (await admin.post("/sources/erp/modes", entity="client", group="*", mode="write")).status == 303
    assert await api.pool.fetchval("SELECT mode FROM hub.mode WHERE tenant_id = $1 AND system = 'erp' AND entity = 'client'", acme.id) == "write"
    assert [row["state"] for row in await api.pool.fetch("SELECT state FROM hub.lane WHERE tenant_id = $1", acme.id)] == ["due", "due"]


async def test_a_steward_sees_modes_and_cannot_set_them(api: Api, acme: Tenant, steward: Browser) -> None:
    await a_subscription(api, acme, "erp")
    page = await steward.get("/sources/erp/modes")
    assert "Change to" not in page.text
    refused = await steward.post("/sources/erp/modes", entity="client", group="*", mode="write")
    assert (refused.status, await api.pool.fetchval("SELECT count(*) FROM hub.mode WHERE tenant_id = $1", acme.id)) == (403, 0)


async def test_parked_deliveries_are_tried_again_one_by_one_or_all(api: Api, acme: Tenant, steward: Browser) -> None:
    erp = await a_subscription(api, acme, "erp")
    task = await a_task(api, acme, "delivery_rejected", "erp closed", system="erp", reason="The period is closed")
    first, second, third = [await api.golden(acme, "client", name=name) for name in ("Aurora", "Borealis", "Celeste")]
    for golden in (first, second, third):
        await a_lane(api, acme, erp, golden, "parked", reason="The period is closed", task_id=task)
    page = await steward.get("/sources/erp/parked")
    assert sorted(row[1] for row in page.table()) == ["Aurora Client", "Borealis Client", "Celeste Client"]
    await steward.post("/sources/erp/retry", how="marked", lane=[f"{erp}/{first}"])
    assert await states(api, acme) == {first: "due", second: "parked", third: "parked"}
    await steward.get("/sources/erp/parked")
    await steward.post("/sources/erp/retry", how="all", task=str(task), entity="client")
    assert set((await states(api, acme)).values()) == {"due"}
    assert "Nothing is parked" in (await steward.get("/sources/erp/parked")).text


async def states(api: Api, tenant: Tenant) -> dict[object, str]:
    return {row["golden_id"]: row["state"] for row in await api.pool.fetch("SELECT golden_id, state FROM hub.lane WHERE tenant_id = $1", tenant.id)}


async def test_tries_are_shown_without_secrets_and_personal_values(api: Api, acme: Tenant, steward: Browser) -> None:
    erp = await a_subscription(api, acme, "erp")
    ada = await api.golden(acme, "contact", family_name="Lovelace")
    await a_lane(api, acme, erp, ada, "parked", entity="contact")
    await an_attempt(
        api, acme, erp, ada, request={"Name": "Lovelace", "Town": "Bonn", "auth": {"apiKey": "k-123"}},
        response={"echo": "mail to ada@acme.example refused"}, error={"reason": "tel +49 30 1234567 is wrong"},
    )  # fmt: skip
    shown = await steward.get(f"/sources/erp/attempts/{erp}/{ada}", htmx=True, entity="contact")
    text = re.sub(r"&#34;|&quot;", '"', shown.text)
    assert "Bonn" in text and "refused" in text
    assert [secret for secret in ("Lovelace", "k-123", "ada@acme", "1234567") if secret in shown.html] == []


async def test_pausing_resuming_and_the_brake_go_through_a_question(api: Api, acme: Tenant, steward: Browser) -> None:
    await api.pool.execute("UPDATE hub.system SET braked_at = now() WHERE tenant_id = $1 AND name = 'crm'", acme.id)
    page = await steward.get("/sources/crm")
    assert page.tests("release-go") and page.tests("pause-go")
    await steward.post("/sources/crm/pause")
    await steward.post("/sources/crm/release")
    row = await api.pool.fetchrow("SELECT paused, braked_at FROM hub.system WHERE tenant_id = $1 AND name = 'crm'", acme.id)
    assert tuple(row) == (True, None)
    assert (await steward.get("/sources/crm")).tests("resume")
    await steward.post("/sources/crm/resume")
    assert await api.pool.fetchval("SELECT paused FROM hub.system WHERE tenant_id = $1 AND name = 'crm'", acme.id) is False


async def test_a_profile_tells_fill_rates_and_what_is_suspicious(api: Api, acme: Tenant, steward: Browser) -> None:
    for number, email in enumerate(("a@acme.example", "nonsense", "n/a")):
        await api.source(acme, "crm", str(number), "client", None, name="Aurora", email=email)
    assert (await steward.get("/sources/crm/profile")).status == 200
    shown = await steward.get("/sources/crm/profile/figures", htmx=True)
    rows = {row[0]: row[1:] for row in shown.table()}
    assert rows["email email"][0].startswith("100 %") and "1 invalid" in rows["email email"][3] and "1 placeholders" in rows["email email"][3]
    assert "3 records in 1 groups with the same name" in shown.text


@pytest.mark.parametrize("path", ["/sources/nobody", "/sources/nobody/modes", "/sources/crm/attempts/x/y"])
async def test_what_is_not_there_is_said_with_a_way_on(steward: Browser, path: str) -> None:
    page = await steward.get(path)
    assert page.status == 404 and "Look at the list" in page.text


async def test_a_reader_has_no_business_here(api: Api, acme: Tenant) -> None:
    reader = Browser(api)
    await reader.sign_in(acme.keys["reader"])
    assert (await reader.get("/sources")).status == 403


async def test_limits_are_set_as_a_document_and_what_is_wrong_is_said_beside_it(api: Api, acme: Tenant, steward: Browser) -> None:
    boss = Browser(api)
    await boss.sign_in(acme.keys["admin"])
    assert not (await steward.get("/sources/erp/sending")).tests("set-limits")
    page = await boss.get("/sources/erp/sending")
    assert page.tests("set-limits") and page.tests("drain-open")
    wrong = await boss.post("/sources/erp/sending", limits="quota: {requests_per_s: quick}")
    assert wrong.status == 422 and "quota.requests_per_s" in wrong.text and "quick" in wrong.html
    assert "is not YAML" in (await boss.post("/sources/erp/sending", limits="quota: [")).text
    done = await boss.post("/sources/erp/sending", limits="quota: {requests_per_s: 2.5, requests_per_day: 500}")
    assert done.status == 303
    assert "0 of 500" in (await boss.get("/sources/erp/sending")).text
    for what, states in (("drain", ("draining", "drained")), ("go-on", ("writing",))):
        assert (await boss.post(f"/sources/erp/sending/{what}")).status == 303
        shown = (await boss.get("/sources/erp/sending")).text.lower()
        assert any(f"state {one}" in shown for one in states), shown[:400]
