"""Model and ownership, plans, match quality: what is in force, and changes that are computed before two people agree."""

from __future__ import annotations

import pytest

from hub.core import match
from schema import ENTITIES
from tests.api.conftest import Api, Tenant
from tests.console.conftest import Browser


@pytest.fixture
async def admin(api: Api, acme: Tenant) -> Browser:
    made = Browser(api)
    await made.sign_in(acme.keys["admin"])
    return made


async def test_the_model_shows_owner_policy_rule_risk_and_what_the_firm_decided_otherwise(api: Api, acme: Tenant, steward: Browser) -> None:
    document = {"fields": [{"entity": "client", "field": "name", "owner": ["erp"]}], "systems": [], "version": 0}
    await api.pool.execute("INSERT INTO hub.policy (tenant_id, document, actor) VALUES ($1, $2, 'admin:ada')", acme.id, document)
    await api.pool.execute("UPDATE hub.tenant SET config_version = config_version + 1 WHERE id = $1", acme.id)
    assert "1 decided otherwise" in (await steward.get("/model", q="client")).text
    page = await steward.get("/model/client")
    rows = {row[0].split(" ")[0]: row[1:] for row in page.table()}
    assert rows["Name"][1] == "ERP the firm's declared: CRM > ERP > PSA > BILL"
    assert rows["Legal"][1:5] == ["ERP > BILL > CRM", "Propose", "Owner", "R2"]
    assert page.tests("change-open") == []
    assert "name,text,,erp,ignore,owner,R1,open,True,True" in (await steward.get("/model/client", format="csv")).html


async def test_another_owner_is_planned_and_shown_before_anybody_agrees(api: Api, acme: Tenant, admin: Browser) -> None:
    client = await api.golden(acme, "client", name="Acme Inc")
    await api.source(acme, "crm", "1", "client", client, name="Acme Inc")
    await api.source(acme, "erp", "2", "client", client, name="ACME <b>GmbH</b>")
    page = await admin.get("/model/client")
    assert page.tests("change-open")
    wrong = await admin.post("/model/client", field="name", owners="erp > bank", reason="x")
    assert wrong.status == 422 and "&#39;bank&#39; is no kind of system" in wrong.html
    assert "needs a reason" in (await admin.post("/model/client", field="name", owners="erp")).text
    done = await admin.post("/model/client", field="name", owners="erp > crm", reason="the books are right")
    assert done.status == 303
    plan = done.headers["location"].removeprefix("/console")
    shown = await admin.get(plan)
    assert "the books are right" in shown.text and "<b>GmbH" not in shown.html
    [row] = shown.table(-1)
    assert row[1] == "Update" and "before: Acme Inc → after: ACME <b>GmbH</b>" in row[2]
    assert await api.pool.fetchval("SELECT name FROM golden.client WHERE tenant_id = $1", acme.id) == "Acme Inc"
    assert "Policy" in (await admin.get("/plans")).table()[0][0]
    assert "ACME <b>GmbH</b>" in (await admin.get(plan, format="csv")).html
    asked = await admin.post(plan, deed="apply")
    assert asked.status == 303 and "wait" in (await admin.get(plan)).text or (await admin.get(plan)).tests("proposal")
    assert await api.pool.fetchval("SELECT count(*) FROM hub.proposal WHERE tenant_id = $1 AND state = 'open'", acme.id) == 1


async def test_a_plan_is_cancelled_and_an_unknown_one_is_not_found(api: Api, acme: Tenant, admin: Browser) -> None:
    client = await api.golden(acme, "client", name="Acme Inc")
    await api.source(acme, "erp", "2", "client", client, name="ACME")
    await admin.get("/model/client")
    plan = (await admin.post("/model/client", field="name", owners="erp", reason="r")).headers["location"].removeprefix("/console")
    await admin.post(plan, deed="cancel")
    assert "cancelled" in (await admin.get(plan)).text
    assert [(await admin.get(path)).status for path in ("/plans/999999", "/plans/x")] == [404, 404]


async def test_a_steward_cannot_plan_who_decides(api: Api, acme: Tenant, steward: Browser) -> None:
    await steward.get("/model/client")
    assert (await steward.post("/model/client", field="name", owners="erp", reason="x")).status == 403


async def test_match_quality_tells_what_is_compared_and_how_it_did(api: Api, acme: Tenant, steward: Browser) -> None:
    rows = {row[0]: row[1:] for row in (await steward.get("/quality")).table()}
    assert rows["Client"][1:] == ["as declared, untrained", "0", "0", "–", "0", "0", "0"]
    page = await steward.get("/quality/client")
    assert page.status == 200, page.text
    assert "No sweep" in page.text and page.html.count('class="for"') > 3
    assert (await steward.get("/quality/invoice")).status == 404


async def test_a_link_that_was_taken_back_is_counted_and_shown(api: Api, acme: Tenant, steward: Browser) -> None:
    client = await api.golden(acme, "client", name="Borealis")
    source = await api.source(acme, "crm", "4711", "client", client, name="Boreas")
    for at, withdrawn in ((1, None), (2, "steward:ada")):
        await api.pool.execute(
            "INSERT INTO hub.decision (tenant_id, kind, entity, golden_id, source_id, actor, rule, evidence, withdrawn_by, withdrawn_at) "
            "VALUES ($1, 'link', 'client', $2, $3, 'rule', 'model:1', $4, $5, CASE WHEN $5::text IS NOT NULL THEN now() END)",
            acme.id, client, source, {"weight": 12.5 + at}, withdrawn,
        )  # fmt: skip
    assert "1 linked by itself 1 of these taken back by people 50.00 % held: measured precision" in (await steward.get("/quality/client")).text
    [row] = (await steward.get("/quality/client/withdrawn", htmx=True)).table()
    assert row[:3] == ["crm 4711", "Borealis", "+14.5"] and row[4].startswith("steward:ada")


async def test_a_trained_model_shows_its_sweep_and_a_change_of_it_is_a_plan(api: Api, acme: Tenant, admin: Browser) -> None:
    spec = match.spec_of(ENTITIES["client"])
    assert spec is not None
    report = {"sweep": [{"threshold": at, "pairs": 100 - at, "precision": 0.9, "recall": 0.5} for at in (-4, 0, 4, 8)]}
    await api.pool.execute(
        "INSERT INTO hub.match_model (tenant_id, entity, version, document, report, state, made_by) VALUES ($1, 'client', 1, $2, $3, 'trained', 'ada')",
        acme.id, match.default_model(spec).to_json(), report,
    )  # fmt: skip
    page = await admin.get("/quality/client", version="1")
    assert page.tests("sweep") and "hub match train" not in page.text
    assert "is no number of bits" in (await admin.post("/quality/client", auto="much", reason="x")).text
    done = await admin.post("/quality/client", mode="ask", reason="look first")
    assert done.status == 303, done.text
    assert done.headers["location"].startswith("/console/plans/")
