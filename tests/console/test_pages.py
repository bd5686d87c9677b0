"""Home, proposals, decisions, people and answers by CSV, over the real app."""

from __future__ import annotations

import re

import pytest

from hub.console.contents import PAGES
from hub.flows.search import keep_up
from tests.api.conftest import Api, Tenant
from tests.console.conftest import Browser
from tests.console.working import member, state_of, task, two_clients

OVERRIDE = "mutation ($id: ID!, $value: JSON) { override(entity: \"client\", id: $id, field: \"name\", value: $value, reason: \"Their letterhead.\") { decisionId proposal { id } errors { message } } }"
PROPOSE = "mutation ($given: JSON!) { propose(operation: \"override\", given: $given) { proposal { id } errors { message } } }"


@pytest.fixture
async def ada(api: Api, acme: Tenant, steward: Browser) -> Browser:
    await member(api, acme, "Ada", "steward:steward", "data_stewards", "finance_operations")
    await steward.get("/")
    return steward


@pytest.fixture
async def boss(api: Api, acme: Tenant) -> Browser:
    """An admin, whom members know as Grace."""
    await member(api, acme, "Grace", "admin:admin", "pmo")
    made = Browser(api)
    await made.sign_in(acme.keys["admin"])
    return made


async def test_home_tells_what_waits_by_cause_overdue_first_and_differs_by_team(api: Api, acme: Tenant, ada: Browser) -> None:
    await task(api, acme, "not pressing", "unbound")
    late = await task(api, acme, "long overdue", "unknown_code", money=[{"amount": "100", "currency": "EUR"}, {"amount": "5", "currency": "JPY"}])
    await api.pool.execute("UPDATE hub.task SET due_at = now() - interval '2 days' WHERE tenant_id = $1 AND id = $2", acme.id, late)
    await task(api, acme, "may be the same", "possible_duplicate")
    page = await ada.get("/")
    assert re.findall(r">(\d+)</b><span>([^<]+)", page.html) == [
        ("2", "tasks wait for your team"), ("1", "are overdue"), ("2", "nobody holds"), ("0", "are yours"),
    ]  # fmt: skip
    assert page.text.index("long overdue") < page.text.index("may be the same")
    assert ["Unknown code", "1", "1", "100.00 EUR 5 JPY"] in page.table()
    stewards = re.findall(r'data-test="panel-(\w+)"', page.html)
    await ada.post("/team", team="finance_operations")
    finance = re.findall(r'data-test="panel-(\w+)"', (await ada.get("/")).html)
    assert (stewards[0], finance[0], sorted(stewards) == sorted(finance)) == ("since", "money", True)


async def test_every_panel_of_home_loads_by_itself(api: Api, acme: Tenant, ada: Browser) -> None:
    client = await api.golden(acme, "client", name="Müller GmbH")
    await task(api, acme, "a new one")
    texts = {name: (await ada.get(f"/home/{name}", htmx=True)).text for name in ("since", "proposals", "overrides", "systems", "money")}
    assert "1 tasks came, 0 went." in texts["since"] and "Client 1 – –" in texts["since"]
    assert "None wait for your word." in texts["proposals"] and "None ends in the next seven days." in texts["overrides"]
    assert "crm" in texts["systems"] and "observe" in texts["systems"] and client
    assert "Nothing holds money up." in texts["money"]
    assert (await ada.get("/home/other", htmx=True)).status == 404


async def test_a_reader_sees_home_without_what_is_for_operators(api: Api, acme: Tenant) -> None:
    reader = Browser(api)
    await reader.sign_in(acme.keys["reader"])
    page = await reader.get("/")
    assert re.findall(r'data-test="panel-(\w+)"', page.html) == ["since", "proposals"]
    assert {link for link in re.findall(r'data-test="nav-([\w-]+)"', page.html)} >= {"home", "inbox", "search"}
    assert "nav-people" not in page.html
    refused = await reader.get("/people")
    assert (refused.status, "for the role steward or admin" in refused.text) == (403, True)


async def test_every_page_of_the_navigation_opens_for_an_admin(boss: Browser) -> None:
    paths = [page.path for page in PAGES if page.path]
    assert {path: (await boss.get(path)).status for path in paths} == dict.fromkeys(paths, 200)


async def test_a_proposal_shows_its_diff_and_is_answered_by_somebody_else(api: Api, acme: Tenant, ada: Browser, boss: Browser) -> None:
    client, _ = await two_clients(api, acme)
    given = {"entity": "client", "id": str(client), "field": "name", "value": "Müller Maschinenbau GmbH", "reason": "Their letterhead."}
    made = (await api.ask(acme.keys["steward"], PROPOSE, given=given)).data["propose"]
    assert made["errors"] == []
    path = f"/proposals/{made['proposal']['id']}"
    mine = await ada.get(path)
    assert ["Name", "Müller GmbH", "Müller Maschinenbau GmbH"] in mine.table()
    assert mine.tests("approve-open") == [] and "authors never approve their own" in mine.text
    assert (await ada.post(f"{path}/approve", text="")).status >= 400
    theirs = await boss.get(path)
    assert len(theirs.tests("approve-open")) == 1 and 'data-key' not in theirs.tests("approve-open")[0]
    assert (await boss.get("/proposals/waiting", htmx=True)).html == "1"
    answered = await boss.post(f"{path}/approve", text="Seen it.")
    assert (answered.status, answered.headers["location"]) == (303, f"/console{path}")
    done = await boss.get(path)
    assert "Approved." in done.text and "Seen it." in done.text
    assert await api.pool.fetchval("SELECT name FROM golden.client WHERE tenant_id = $1 AND id = $2", acme.id, client) == "Müller Maschinenbau GmbH"


async def test_a_refusal_needs_a_reason_and_an_author_may_withdraw(api: Api, acme: Tenant, ada: Browser, boss: Browser) -> None:
    client, _ = await two_clients(api, acme)
    given = {"entity": "client", "id": str(client), "field": "name", "value": "X", "reason": "Why not."}
    numbers = [(await api.ask(acme.keys["steward"], PROPOSE, given={**given, "value": value})).data["propose"]["proposal"]["id"] for value in ("X", "Y")]
    assert (await boss.post(f"/proposals/{numbers[0]}/refuse", text="")).status >= 400
    assert (await boss.post(f"/proposals/{numbers[0]}/refuse", text="It is printed otherwise.")).status == 303
    assert (await ada.post(f"/proposals/{numbers[1]}/withdraw")).status == 303
    assert [row[-1] for state in ("refused", "withdrawn") for row in (await ada.get("/proposals", state=state)).table()] == ["refused", "withdrawn"]


async def test_what_one_decided_is_listed_and_taken_back(api: Api, acme: Tenant, ada: Browser) -> None:
    client, _ = await two_clients(api, acme)
    made = (await api.ask(acme.keys["steward"], OVERRIDE, id=str(client), value="Müller AG")).data["override"]
    assert (made["errors"], made["proposal"]) == ([], None)
    page = await ada.get("/decisions")
    [row] = page.table()
    assert (row[1], row[3], row[4], row[6]) == ("Override Name", "Their letterhead.", "steward:steward", "in force")
    number = page.tests("undo-" + (re.search(r'data-row="(\d+)"', page.html) or ["", ""])[1])
    action = re.search(r"/decisions/(\d+)/undo", number[0])
    assert action is not None
    assert "Nothing that came later stands in its way." in (await ada.get(f"/decisions/{action[1]}/undo", htmx=True)).text
    assert (await ada.post(f"/undo/{action[1]}")).headers["location"] == "/console/decisions"
    assert await api.pool.fetchval("SELECT name FROM golden.client WHERE tenant_id = $1 AND id = $2", acme.id, client) == "Müller GmbH"
    assert (await ada.get("/decisions", state="undone")).table()[0][6] == "taken back"
    assert (await ada.get("/decisions/decisions.csv")).html.count("override") == 1


async def test_an_admin_says_who_works_here_and_anybody_that_they_are_away(api: Api, acme: Tenant, boss: Browser) -> None:
    assert (await boss.post("/people", name="Alan", teams=["pmo", "delivery"], actors="reader:reader")).status == 303
    rows = {row[0]: row[1:4] for row in (await boss.get("/people")).table()}
    assert rows["Alan"] == ["Delivery, PMO", "reader:reader", "here"] or rows["Alan"] == ["PMO, Delivery", "reader:reader", "here"]
    assert (await boss.post("/people/absence", away="yes")).status == 303
    assert {row[0]: row[3] for row in (await boss.get("/people")).table()}["Grace"].startswith("away")


async def test_answers_come_back_from_a_sheet_tried_first_and_taken_back_as_one(api: Api, acme: Tenant, ada: Browser) -> None:
    one, other = await two_clients(api, acme)
    apart = await two_clients(api, acme, "Nord AG", "Nord KG")
    same = await task(api, acme, "same?", "possible_duplicate", entity="client", golden_id=one, detail={"other": str(other)})
    split = await task(api, acme, "not?", "possible_duplicate", entity="client", golden_id=apart[0], detail={"other": str(apart[1])})
    close = await task(api, acme, "close me")
    sheet = (
        "task_id;answer;survivor;until;reason\n"
        f"{same};same;{other};;One firm.\n{split};not same;;;Two firms.\n{close};close;;;'=Checked\n"
        f"{close};close;;;again\n999999999;close;;;x\n{same + 10**6};fly;;;x\nabc;close;;;x\n;;;;\n"
    ).encode()
    tried = await ada.upload("/answers/try", "file", sheet)
    assert "3 of 7 answers can be given" in tried.text
    told = [(row[0], row[4]) for row in tried.table()]
    assert [state.split(" ")[0] for _, state in told] == ["ready", "ready", "ready", "refused", "refused", "refused", "refused"]
    assert [number for number, _ in told] == ["2", "3", "4", "5", "6", "7", "8"]
    assert [await state_of(api, acme, number) for number in (same, split, close)] == [("open", None)] * 3
    done = await ada.post("/answers/do", sheet=sheet.decode())
    assert "3 of 7 answers given" in done.text
    assert await state_of(api, acme, close) == ("resolved", "=Checked")
    assert await api.pool.fetchval("SELECT survivor_id FROM hub.forward WHERE tenant_id = $1 AND loser_id = $2", acme.id, one) == other
    back = dict(re.findall(r'name="(actions|closed)" value="(\d+)"', done.html))
    actions = re.findall(r'name="actions" value="(\d+)"', done.html)
    assert (len(actions), back["closed"]) == (2, str(close))
    assert (await ada.post("/answers/undo", actions=actions, closed=close)).status == 303
    assert (await state_of(api, acme, close))[0] == "open"
    assert await api.pool.fetchval("SELECT count(*) FROM hub.forward WHERE tenant_id = $1", acme.id) == 0


async def test_a_sheet_that_cannot_be_read_says_why(ada: Browser) -> None:
    for raw, words in ((b"", "there is no sheet"), (b"a,b\n1,2\n", "no column task_id"), (b"task_id,answer\n1,\n", "no line of the sheet has an answer")):
        page = await ada.upload("/answers/try", "file", raw)
        assert (page.status, words in page.text.lower()) == (422, True)


async def test_searching_from_anywhere_lists_finds_and_opens_a_single_number(api: Api, acme: Tenant, ada: Browser) -> None:
    invoice = await api.golden(acme, "invoice", number="INV-2024/00017", state="issued")
    await api.golden(acme, "client", name='<img src=x onerror="alert(1)">')
    while await keep_up(api.pool):
        pass
    quick = await ada.get("/search/quick", htmx=True, q="inv-2024")
    assert f"/console/record/invoice/{invoice}" in quick.html and "INV-2024/00017" in quick.text
    opened = await ada.get("/search", q="inv 2024 00017")
    assert (opened.status, opened.headers["location"]) == (303, f"/console/record/invoice/{invoice}")
    page = await ada.get("/search", q="onerror")
    assert "&lt;img src=x" in page.html and "<img src=x" not in page.html
    assert "Nothing found" in (await ada.get("/search", q="nothing at all")).text


async def test_proposals_and_finds_go_out_as_sheets_too(api: Api, acme: Tenant, ada: Browser) -> None:
    client, _ = await two_clients(api, acme, "=Müller GmbH")
    given = {"entity": "client", "id": str(client), "field": "name", "value": "X", "reason": "@once"}
    await api.ask(acme.keys["steward"], PROPOSE, given=given)
    [_, line] = (await ada.get("/proposals/proposals.csv")).html.splitlines()
    assert line.split(",")[1] == "override" and ",'@once," in line
    while await keep_up(api.pool):
        pass
    assert (await ada.get("/search/search.csv", q="müller")).html.splitlines()[1].startswith(f"client,{client},'=Müller GmbH,")


async def test_home_says_how_far_a_reader_of_the_feed_is_behind(api: Api, acme: Tenant, ada: Browser) -> None:
    await api.golden(acme, "client", name="Müller GmbH")
    await api.pool.execute(
        "INSERT INTO hub.subscription (tenant_id, id, name, kind, url, position) VALUES ($1, gen_random_uuid(), 'portal', 'webhook', 'https://x.example', 0)",
        acme.id,
    )  # fmt: skip
    assert "portal is 1 changes behind" in (await ada.get("/home/systems", htmx=True)).text
