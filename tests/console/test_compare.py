"""Comparing records: what differs, what is at stake, what an answer brings, and the answers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from hub.flows.compare import compare
from hub.store import configuration
from tests.api.conftest import Api, Tenant
from tests.api.test_where import money, tell, where_systems
from tests.console.conftest import Browser, Page

NASTY = '<img src=x onerror="alert(1)">'


@pytest.fixture
async def acme(api: Api) -> Tenant:
    return await where_systems(api)


@pytest.fixture
async def pair(api: Api, acme: Tenant) -> list[str]:
    """Northbeam of CRM and Northbeam of the ERP, not known to be one."""
    return [
        await tell(api, acme, "crm", "account", "A1", name="Northbeam", city="Hamburg", phone="+49 40 1234567"),
        await tell(api, acme, "erp", "customer", "10042", name="NORTHBEAM", legal="Northbeam GmbH", city="Bremen"),
    ]


async def task_about(api: Api, tenant: Tenant, ids: list[str], **detail: Any) -> int:
    found: int = await api.pool.fetchval(
        "INSERT INTO hub.task (tenant_id, cause, subject, entity, golden_id, team, due_at, reason, remedy, detail) "
        "VALUES ($1, 'possible_duplicate', $2, 'client', $3, 'data_stewards', now(), 'Two may be one.', 'Decide.', $4) RETURNING id",
        tenant.id, " ".join(ids), UUID(ids[0]), {"other": ids[1], "evidence": [["domain", "agrees"]]} | detail,
    )  # fmt: skip
    return found


async def compared(browser: Browser, ids: list[str], **more: Any) -> Page:
    return await browser.get("/compare", entity="client", id=ids, **more)


def line(page: Page, name: str) -> list[str]:
    found = re.search(rf'<tr id="cmp-{name}".*?</tr>', page.html, re.DOTALL)
    assert found is not None, f"no row for {name}"
    return Page(200, {}, f"<tbody>{found[0]}</tbody>").table()[0]


async def decide(browser: Browser, answer: str, ids: list[str], **more: Any) -> Page:
    return await browser.post(f"/compare/{answer}", entity="client", id=ids, **more)


async def test_records_stand_in_columns_and_what_differs_is_marked(api: Api, pair: list[str], steward: Browser) -> None:
    page = await compared(steward, pair)
    assert line(page, "city") == ["City differs as the rules decide", "Hamburg", "Bremen"]
    assert line(page, "name") == ["Name", "Northbeam", "NORTHBEAM"]
    assert "1 field differs" in page.text and (len(page.tests("survivor-1")), len(page.tests("survivor-2")), len(page.tests("survivor-3"))) == (1, 1, 0)
    assert 'href="https://crm.example/accounts/A1"' in page.html
    only = await compared(steward, pair, only="differences")
    assert (len(only.tests("cmp-city")), len(only.tests("cmp-name"))) == (1, 0)


async def test_each_column_tells_what_is_at_stake_per_currency(api: Api, acme: Tenant, pair: list[str], steward: Browser) -> None:
    await api.golden(acme, "invoice", client=pair[1], currency="EUR", open_amount=money("595.00"), state="posted")
    await api.golden(acme, "invoice", client=pair[1], currency="JPY", open_amount={"amount": "7", "currency": "JPY"}, state="posted")
    project = await api.golden(acme, "project", client=pair[1], code="P", name="P", state="active")
    await api.golden(acme, "billable_item", project=str(project), amount=money("20.00"), state="open")
    page = await compared(steward, pair)
    table = {row[0]: row[1:] for row in page.table(0)}
    assert (table["Open receivables"], table["Unbilled"], table["Active projects"]) == (["–", "595.00 EUR 7 JPY"], ["–", "20.00 EUR"], ["0", "1"])
    assert re.search(r'checked data-test="survivor-2"', page.html), "who has money on it had better stay"


async def test_the_evidence_is_a_panel_of_its_own_and_tells_what_the_rule_saw(api: Api, acme: Tenant, pair: list[str], steward: Browser) -> None:
    task = await task_about(api, acme, pair)
    page = await steward.get("/compare/evidence", entity="client", id=pair, task=task)
    assert page.status == 200 and "What the rule saw Domain Agrees" in page.text


async def test_what_speaks_for_and_against_is_a_waterfall_and_a_veto_is_told_with_its_reason(api: Api, acme: Tenant, steward: Browser) -> None:
    ids = [
        await tell(api, acme, "crm", "account", "B1", name="Adler Maschinenbau 1 GmbH", city="Kassel", phone="+49 561 123456"),
        await tell(api, acme, "erp", "customer", "B2", name="Adler Maschinenbau 2 GmbH", city="Kassel", phone="+49 561 123456"),
    ]
    page = await steward.get("/compare/evidence", entity="client", id=ids)
    assert page.tests("pair") and "Together" in page.text and "<svg" in page.html
    assert "Distinguishing:" in page.text and 'class="note trouble"' in page.html


async def test_the_preview_tells_the_record_that_stays_and_what_follows_the_picks(api: Api, acme: Tenant, pair: list[str], steward: Browser) -> None:
    await compared(steward, pair)
    for number in range(3):
        await api.golden(acme, "contact", family_name=f"L{number}", client=pair[1])
    as_ruled = await decide(steward, "preview", pair, survivor=pair[0])
    picked = await decide(steward, "preview", pair, survivor=pair[0], **{"pick.city": pair[1]})
    assert "City Hamburg" in as_ruled.text and "Contact by client 3" in as_ruled.text
    assert "City Bremen picked" in picked.text


async def test_a_veto_is_told_in_the_preview_with_its_reason(api: Api, acme: Tenant, pair: list[str], steward: Browser) -> None:
    await compared(steward, pair)
    await decide(steward, "apart", pair, **{"reason.apart": "two firms"})
    page = await decide(steward, "preview", pair, survivor=pair[0])
    assert page.tests("veto") and "It cannot be merged as it stands." in page.text


async def test_the_same_merges_and_moves_on_after_five_seconds_of_undo(api: Api, acme: Tenant, pair: list[str], steward: Browser) -> None:
    third = await tell(api, acme, "crm", "account", "A3", name="Southbeam")
    first, second = await task_about(api, acme, pair), await task_about(api, acme, [pair[0], third])
    await compared(steward, pair)
    done = await decide(steward, "same", pair, survivor=pair[0], task=first, **{"reason.merge": "same firm", "pick.city": pair[1]})
    assert done.status == 303
    page = await steward.get(done.headers["location"].removeprefix("/console"))
    assert "2 records are one now." in page.text and page.tests("undo-bar")
    assert f'data-advance="/console/compare/task/{second}"' in page.html
    values = await api.pool.fetchrow("SELECT name, city FROM golden.client WHERE tenant_id = $1 AND id = $2", acme.id, UUID(pair[0]))
    assert tuple(values) == ("Northbeam", "Bremen")
    assert await api.pool.fetchval("SELECT survivor_id FROM hub.forward WHERE tenant_id = $1 AND loser_id = $2", acme.id, UUID(pair[1])) == UUID(pair[0])


async def test_a_merge_with_money_on_it_becomes_a_proposal(api: Api, acme: Tenant, pair: list[str], steward: Browser) -> None:
    await api.golden(acme, "invoice", client=pair[1], currency="EUR", open_amount=money("595.00"), state="posted")
    await compared(steward, pair)
    assert "A second person must approve" in (await decide(steward, "preview", pair, survivor=pair[0])).text
    await decide(steward, "same", pair, survivor=pair[0], **{"reason.merge": "same firm"})
    assert await api.pool.fetchval("SELECT state FROM hub.proposal WHERE tenant_id = $1 AND operation = 'merge'", acme.id) == "open"
    assert await api.pool.fetchval("SELECT count(*) FROM golden.client WHERE tenant_id = $1", acme.id) == 2


async def test_not_the_same_is_kept_for_good(api: Api, acme: Tenant, pair: list[str], steward: Browser) -> None:
    await compared(steward, pair)
    assert (await decide(steward, "apart", pair, **{"reason.apart": "two firms"})).status == 303
    refused = await decide(steward, "same", pair, survivor=pair[0], **{"reason.merge": "after all"})
    assert refused.status == 422


async def test_asking_puts_the_task_off_until_the_answer(api: Api, acme: Tenant, pair: list[str], steward: Browser) -> None:
    task = await task_about(api, acme, pair)
    await compared(steward, pair, task=task)
    until = date.today() + timedelta(days=5)
    asked = await decide(steward, "ask", pair, task=task, somebody="Ada, their account manager", question="One firm?", until=until.isoformat())
    assert (asked.status, asked.headers["location"]) == (303, "/console/inbox")
    row = await api.pool.fetchrow("SELECT state, snoozed_until FROM hub.task WHERE tenant_id = $1 AND id = $2", acme.id, task)
    assert (row["state"], row["snoozed_until"]) == ("open", datetime(until.year, until.month, until.day, 8, tzinfo=UTC))
    page = await compared(steward, pair, task=task)
    assert "Asked: One firm?" in page.text


async def test_sister_companies_become_a_group_and_are_never_merged(api: Api, acme: Tenant, pair: list[str], steward: Browser) -> None:
    await compared(steward, pair)
    done = await decide(steward, "group", pair, head=pair[1], kind="ultimate_parent", **{"reason.group": "sisters"})
    assert done.status == 303
    edge = await api.pool.fetchrow("SELECT from_client_id, to_client_id, kind FROM golden.client_relationship WHERE tenant_id = $1", acme.id)
    assert tuple(edge) == (UUID(pair[0]), UUID(pair[1]), "ultimate_parent")
    assert (await decide(steward, "same", pair, survivor=pair[0], **{"reason.merge": "after all"})).status == 422


@pytest.mark.parametrize("answer", ["same", "apart", "group"])
async def test_no_decision_is_taken_without_a_reason(api: Api, acme: Tenant, pair: list[str], steward: Browser, answer: str) -> None:
    await compared(steward, pair)
    page = await decide(steward, answer, pair, survivor=pair[0], head=pair[0], kind="ultimate_parent")
    assert (page.status, "needs a reason" in page.text) == (422, True)


async def test_a_task_leads_to_the_records_it_asks_about(api: Api, acme: Tenant, pair: list[str], steward: Browser) -> None:
    task = await task_about(api, acme, pair)
    page = await steward.get(f"/compare/task/{task}")
    assert page.headers["location"] == f"/console/compare?entity=client&id={pair[0]}&id={pair[1]}&task={task}"
    assert "Two may be one." in (await steward.get(page.headers["location"].removeprefix("/console"))).text
    alone = await task_about(api, acme, [pair[0], pair[0]])
    assert (await steward.get(f"/compare/task/{alone}")).headers["location"] == f"/console/record/client/{pair[0]}"


async def test_no_single_key_decides(api: Api, pair: list[str], steward: Browser) -> None:
    page = await compared(steward, pair)
    pressed = re.findall(r"<(\w+)[^>]*data-key=[^>]*>", page.html)
    opens = re.findall(r"<button[^>]*data-key=[^>]*>", page.html)
    assert set(pressed) == {"a", "button"} and all("data-opens=" in one for one in opens)


async def test_names_with_markup_stay_text_everywhere(api: Api, acme: Tenant, steward: Browser) -> None:
    ids = [await tell(api, acme, "crm", "account", f"A{n}", name=NASTY + str(n)) for n in range(2)]
    await compared(steward, ids)
    for page in (await compared(steward, ids), await steward.get("/compare/evidence", entity="client", id=ids), await decide(steward, "preview", ids, survivor=ids[0])):
        assert (page.status, "<img src=x" in page.html) == (200, False)


@pytest.mark.parametrize("query", [{}, {"entity": "client"}, {"entity": "spaceship", "id": ["x", "y"]}, {"entity": "client", "id": ["x", "y"]}])
async def test_too_few_or_unknown_records_are_refused_with_what_to_do(steward: Browser, query: dict[str, Any]) -> None:
    page = await steward.get("/compare", **query)
    assert (page.status, "2 to 12 records" in page.text) == (422, True)


async def test_twelve_records_take_as_few_statements_as_two(api: Api, acme: Tenant, steward: Browser) -> None:
    """One read for all columns, however many there are."""
    ids = [await api.golden(acme, "client", name=f"C{n}") for n in range(12)]
    counts = []
    async with api.pool.acquire() as connection:
        config = await configuration.read(connection, acme.id, 1)
        await compare(connection, config, "client", ids)  # what it needs is prepared
        for many in (2, 12):
            ran: list[str] = []
            connection.add_query_logger(lambda record, ran=ran: ran.append(record.query))
            found = await compare(connection, config, "client", ids[:many])
            counts.append((len(found.columns), len(ran)))
            connection._query_loggers.clear()
    assert [columns for columns, _ in counts] == [2, 12]
    assert counts[0][1] == counts[1][1] <= 8


async def test_a_reader_is_not_asked(api: Api, acme: Tenant, pair: list[str]) -> None:
    reader = Browser(api)
    await reader.sign_in(acme.keys["reader"])
    assert (await compared(reader, pair)).status == 403


async def test_enter_in_a_field_decides_nothing_and_each_dialog_sends_its_own_answer(api: Api, acme: Tenant, pair: list[str], steward: Browser) -> None:
    """A form's first button is pressed by Enter in any of its fields: that of the merge is disabled, the others have forms of their own."""
    task = await task_about(api, acme, pair)
    page = await compared(steward, pair, task=task)
    forms = re.findall(r'<form[^>]*action="/console/compare/(\w+)"[^>]*>(.*?)</form>', page.html, re.DOTALL)
    assert [name for name, _ in forms] == ["same", "apart", "ask", "group"]
    first = {name: re.findall(r"<button(?![^>]*type=\"button\")([^>]*)>", inside)[0] for name, inside in forms}
    assert "disabled" in first["same"] and not any("disabled" in first[name] for name in ("apart", "ask", "group"))
