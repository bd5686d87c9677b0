"""Codes and reference data: bulk accept after a preview, maps with history, values with their use and validity."""

from __future__ import annotations

import csv
import io

from tests.api.conftest import Api, Tenant
from tests.console.conftest import Browser
from tests.console.systems import a_task


async def waiting(api: Api, tenant: Tenant, theirs: str, messages: int, system: str = "erp", **more: object) -> None:
    """A code nobody has mapped, and messages that wait for it."""
    task = await a_task(api, tenant, "unknown_code", f"{system} UNIT {theirs!r}", system=system, count=messages, **more)
    for number in range(messages):
        await api.pool.execute(
            """
            WITH told AS (INSERT INTO hub.inbox (tenant_id, system, object, external_id, idempotency_key, body, channel, actor, correlation_id, received_at)
                          VALUES ($1, $2, 'o', $3, $3, '{}', 'poll', 'erp', 'c', now()) RETURNING id)
            INSERT INTO hub.inbox_outcome (tenant_id, inbox_id, outcome, task_id) SELECT $1, id, 'quarantined', $4 FROM told
            """,
            tenant.id, system, f"{theirs}{number}", task,
        )  # fmt: skip


def form_of(*rows: tuple[str, str, str]) -> dict[str, list[str]]:
    """(theirs, ours, was) of each row, as the form sends them."""
    return {
        "system": ["erp"] * len(rows), "set": ["UNIT"] * len(rows), "direction": ["both"] * len(rows), "theirs": [row[0] for row in rows],
        "ours": [row[1] for row in rows], "was": [row[2] for row in rows],
    }  # fmt: skip


async def test_codes_are_listed_by_what_waits_and_likely_meanings_are_chosen(api: Api, acme: Tenant, steward: Browser) -> None:
    await waiting(api, acme, "zzz", 1)
    await waiting(api, acme, "Hours", 3, money={"EUR": "48210.00"})
    page = await steward.get("/codes")
    assert [row[:5] for row in page.table()] == [["erp", "UNIT", "Hours", "3", "48 210.00 EUR"], ["erp", "UNIT", "zzz", "1", "–"]]
    assert page.html.count('<option value="hour" selected>') == 1
    told = await steward.get("/codes", format="csv")
    assert [row[:5] for row in csv.reader(io.StringIO(told.html.lstrip("\ufeff")))][1:] == [["erp", "UNIT", "Hours", "3", "hour"], ["erp", "UNIT", "zzz", "1", ""]]


async def test_many_are_mapped_together_after_a_preview(api: Api, acme: Tenant, steward: Browser) -> None:
    await waiting(api, acme, "Hours", 3)
    await waiting(api, acme, "Tage", 2)
    await waiting(api, acme, "zzz", 1)
    await steward.get("/codes")
    form = form_of(("Hours", "hour", ""), ("Tage", "day", ""), ("zzz", "", ""))
    told = await steward.post("/codes/preview", htmx=True, **form)
    assert "2 codes, 5 messages are taken up" in told.text
    assert await api.pool.fetchval("SELECT count(*) FROM hub.inbox_open WHERE tenant_id = $1", acme.id) == 0
    assert (await steward.post("/codes", **form)).status == 303
    assert "2 codes are mapped; 5 messages are taken up." in (await steward.get("/codes")).text
    assert await api.pool.fetchval("SELECT count(*) FROM hub.inbox_open WHERE tenant_id = $1", acme.id) == 5
    assert [row[2] for row in (await steward.get("/codes")).table()] == ["zzz"]


async def test_a_map_is_changed_and_tells_who_said_so(api: Api, acme: Tenant, steward: Browser) -> None:
    await waiting(api, acme, "Std", 1)
    await steward.get("/codes")
    await steward.post("/codes", **form_of(("Std", "day", "")))
    page = await steward.get("/codes/erp/UNIT")
    assert "steward:steward said that Std means Day" in page.text
    await steward.post("/codes?back=/codes/erp/UNIT", **form_of(("Std", "hour", "day"), ("day", "day", "day")))
    page = await steward.get("/codes/erp/UNIT")
    assert "steward:steward said that Std means Hour , before: Day" in page.text
    assert await api.pool.fetchval("SELECT ours FROM hub.code_map WHERE tenant_id = $1 AND theirs = 'Std'", acme.id) == "hour"


async def test_an_empty_choice_is_refused_with_what_to_do(api: Api, acme: Tenant, steward: Browser) -> None:
    await steward.get("/codes")
    page = await steward.post("/codes", **form_of(("Std", "", "")))
    assert page.status == 422 and "Choose what some of them mean." in page.text


async def test_a_set_tells_its_values_their_use_and_what_systems_call_them(api: Api, acme: Tenant, steward: Browser) -> None:
    for state in ("active", "active", "prospect"):
        await api.golden(acme, "client", name="x", kind="organisation", state=state)
    await api.pool.execute("INSERT INTO hub.code_map (tenant_id, system, code_set, theirs, ours) VALUES ($1, 'erp', 'CLIENT_KIND', 'Org', 'organisation')", acme.id)
    assert (await steward.get("/reference/sets/CLIENT_KIND")).status == 200
    used = await steward.get("/reference/sets/CLIENT_KIND/usage", htmx=True)
    rows = {row[0]: row[1:] for row in used.table()}
    assert rows["organisation"] == ["Organisation", "3", "Client kind 3", "erp: Org"]
    assert rows["person"] == ["Person", "0", "", ""]


async def test_governed_rows_tell_parent_validity_and_use(api: Api, acme: Tenant, steward: Browser) -> None:
    europe = await api.golden(acme, "region", code="EU", name="Europe")
    dach = await api.golden(acme, "region", code="DACH", name="Germany, Austria <b>& Switzerland", parent=str(europe), valid_from="2020-01-01", state="active")
    await api.golden(acme, "project", code="P1", name="x", delivery_region=str(dach))
    page = await steward.get("/reference/region")
    assert page.table() == [
        ["DACH Germany, Austria <b>& Switzerland", "EU Europe", "1 Jan 2020", "–", "Active", "project 1"],
        ["EU Europe", "–", "–", "–", "–", "region 1"],
    ]
    assert (await steward.get("/reference/region", q="eu")).table() == [["EU Europe", "–", "–", "–", "–", "region 1"]]
    assert "Nothing begins so" in (await steward.get("/reference/region", q="50%")).text


async def test_what_is_no_reference_data_is_not_found(steward: Browser) -> None:
    assert [(await steward.get(path)).status for path in ("/reference/client", "/reference/sets/NOPE", "/codes/erp/NOPE")] == [404, 404, 404]
    assert "Sets of codes" in (await steward.get("/reference", q="billing method")).text
