"""The inbox: what it shows, what the address says, and what becomes of many tasks at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.api.conftest import Api, Tenant
from tests.console.conftest import Browser
from tests.console.working import NASTY, member, state_of, task


@pytest.fixture
async def ada(api: Api, acme: Tenant, steward: Browser) -> Browser:
    """The steward, whom members know as Ada."""
    await member(api, acme, "Ada", "steward:steward", "data_stewards", "finance_operations")
    await steward.get("/")
    return steward


async def test_the_inbox_shows_the_tasks_of_ones_team_and_the_address_filters_them(api: Api, acme: Tenant, ada: Browser) -> None:
    client = await api.golden(acme, "client", name="Müller GmbH")
    await task(api, acme, "the seat differs", entity="client", golden_id=client, system="crm")
    await task(api, acme, "no code for state 'on hold'", "unknown_code", system="erp")
    await task(api, acme, "refused: closed period", "delivery_rejected", money=[{"amount": "1200.5", "currency": "EUR"}])
    page = await ada.get("/inbox")
    assert sorted(row[1].split(" Proposed")[0].split(" Unknown")[0] for row in page.table()) == ["no code for state 'on hold'", "the seat differs"]
    assert [row[1] for row in (await ada.get("/inbox", cause="unknown_code")).table()] == ["no code for state 'on hold' Unknown code · erp"]
    finance = (await ada.get("/inbox", team="finance_operations")).table()
    assert [row[1:3] for row in finance] == [["refused: closed period Delivery rejected", "1 200.50 EUR"]]
    assert "Nothing like that waits" in (await ada.get("/inbox", text="nowhere")).text
    assert "All done" in (await ada.get("/inbox", team="pmo")).text


async def test_a_filter_answers_htmx_with_the_list_alone_and_names_what_the_address_says(api: Api, acme: Tenant, ada: Browser) -> None:
    await task(api, acme, "one")
    head = {"hx-request": "true", "hx-target": "results"}
    part = await ada.send("GET", "/inbox?who=nobody&order=NEWEST", headers=head)
    assert part.html.count("<html") == 0 and "one" in part.text
    page = await ada.get("/inbox", who="nobody", order="NEWEST", text="on")
    assert re.search(r'<option value="nobody" selected>', page.html) and re.search(r'<option value="NEWEST" selected>', page.html)
    assert 'value="on"' in page.tests("f-text")[0]


async def test_the_list_is_asked_for_again_only_when_a_task_changed(api: Api, acme: Tenant, ada: Browser) -> None:
    await task(api, acme, "one")
    page = await ada.get("/inbox")
    version = re.search(r"/inbox/version\?v=([^\"]+)", page.html)
    assert version is not None
    assert (await ada.get(f"/inbox/version?v={version[1]}", htmx=True)).status == 204
    await task(api, acme, "two")
    changed = await ada.get(f"/inbox/version?v={version[1]}", htmx=True)
    assert (changed.status, '"queue"' in changed.headers["hx-trigger"], version[1] in changed.html) == (200, True, False)


async def test_a_task_tells_what_it_is_about_who_holds_it_and_where_it_is_dealt_with(api: Api, acme: Tenant, ada: Browser) -> None:
    client = await api.golden(acme, "client", name="Müller GmbH")
    number = await task(
        api, acme, "may be the same as Mueller GmbH", "possible_duplicate", entity="client", golden_id=client, money=[{"amount": "-3", "currency": "JPY"}]
    )
    page = await ada.get(f"/inbox/{number}")
    for words in ("may be the same as Mueller GmbH", "Two records may be one.", "−3 JPY", "nobody's yet", "Look at it."):
        assert words in page.text
    assert f"/console/compare?task={number}" in page.tests("next")[0]
    assert (await ada.get("/inbox/999999999")).status == 404


async def test_claiming_and_closing_offer_five_seconds_to_take_it_back(api: Api, acme: Tenant, ada: Browser) -> None:
    number = await task(api, acme, "one")
    claimed = await ada.post("/inbox/do", htmx=True, deed="claim", ids=number)
    assert "Claimed: it is yours." in claimed.text and 'data-seconds="5"' in claimed.tests("undo-bar")[0]
    assert [row[4] for row in (await ada.get("/inbox", who="me")).table()] == ["Ada"]
    closed = await ada.post("/inbox/do", htmx=True, deed="resolve", ids=number, reason="It was checked.")
    assert f'data-next-row="{number}"' in closed.tests("undo-bar")[0]
    assert "queue" not in closed.headers["hx-trigger"]  # the list holds still until the bar is over
    assert await state_of(api, acme, number) == ("resolved", "It was checked.")
    back = await ada.post("/inbox/undo", htmx=True, deed="resolve", ids=number)
    assert "Taken back." in back.headers["hx-trigger"]
    assert (await state_of(api, acme, number))[0] == "open"


async def test_a_form_works_without_htmx_too(api: Api, acme: Tenant, ada: Browser) -> None:
    number = await task(api, acme, "one")
    answer = await ada.post("/inbox/do", deed="resolve", ids=number, reason="Done.")
    assert (answer.status, answer.headers["location"]) == (303, f"/console/inbox/{number}")
    assert "Closed." in (await ada.get(f"/inbox/{number}")).text


async def test_many_tasks_are_previewed_one_by_one_before_anything_is_done(api: Api, acme: Tenant, ada: Browser) -> None:
    numbers = [await task(api, acme, f"task {n}", money=[{"amount": "10.5", "currency": "EUR"}]) for n in range(3)]
    await ada.post("/inbox/do", htmx=True, deed="resolve", ids=numbers[0], reason="Done before.")
    told = await ada.post("/inbox/preview", htmx=True, deed="resolve", ids=[*numbers, 999999999])
    assert "2 of 4 can be done, with 21.00 EUR at stake." in told.text
    assert [row[0] for row in told.table()] == [str(numbers[0]), "999999999"]
    assert [await state_of(api, acme, one) for one in numbers[1:]] == [("open", None)] * 2
    done = await ada.post("/inbox/do", htmx=True, deed="resolve", ids=[*numbers, 999999999], reason="All three.")
    assert "2 tasks closed. 2 could not be:" in done.text
    assert [await state_of(api, acme, one) for one in numbers[1:]] == [("resolved", "All three.")] * 2


async def test_a_task_that_is_put_off_comes_back_by_its_filter(api: Api, acme: Tenant, ada: Browser) -> None:
    number = await task(api, acme, "one")
    later = (ada.api.app.state.services.now() + timedelta(days=3)).date().isoformat()
    assert "Put off." in (await ada.post("/inbox/do", htmx=True, deed="snooze", ids=number, until=later, reason="Month end.")).text
    assert "All done" in (await ada.get("/inbox")).text
    assert len((await ada.get("/inbox", when="snoozed")).table()) == 1
    other = await task(api, acme, "two")
    asked = await ada.post("/inbox/do", htmx=True, deed="ask", ids=other, question="Is it one firm?", until=later, somebody="Grace")
    assert "Asked; it waits for the answer." in asked.text
    assert "Asked Grace: “Is it one firm?”" in (await ada.get(f"/inbox/{other}")).text


async def test_a_deed_without_its_reason_is_refused_with_words(api: Api, acme: Tenant, ada: Browser) -> None:
    number = await task(api, acme, "one")
    page = await ada.post("/inbox/do", htmx=True, deed="resolve", ids=number, reason="")
    assert page.status >= 400 and "toast" in page.headers["hx-trigger"]
    assert (await state_of(api, acme, number))[0] == "open"
    assert (await ada.post("/inbox/do", deed="nothing", ids=number)).status == 422
    assert "no task is marked" in (await ada.post("/inbox/do", deed="claim")).text.lower()


async def test_a_reader_sees_tasks_and_changes_none(api: Api, acme: Tenant) -> None:
    reader = Browser(api)
    await reader.sign_in(acme.keys["reader"])
    number = await task(api, acme, "one")
    page = await reader.get(f"/inbox/{number}")
    assert (page.status, page.tests("deeds")) == (200, [])
    assert (await reader.post("/inbox/do", deed="resolve", ids=number, reason="x")).status == 403
    assert (await state_of(api, acme, number))[0] == "open"


async def test_somebody_nobody_knows_is_told_who_can_say_so(api: Api, acme: Tenant, steward: Browser) -> None:
    number = await task(api, acme, "one")
    page = await steward.post("/inbox/do", deed="claim", ids=number)
    assert page.status >= 400 and "nobody has said who steward:steward is" in page.text.lower()


async def test_names_that_look_like_markup_formulas_or_templates_are_shown_as_they_are(api: Api, acme: Tenant, ada: Browser) -> None:
    numbers = []
    for name in NASTY:
        client = await api.golden(acme, "client", name=name)
        numbers.append(await task(api, acme, f"{name} differs", entity="client", golden_id=client, detail={"name": name}))
    for page in [await ada.get("/inbox"), await ada.get("/"), *[await ada.get(f"/inbox/{one}") for one in numbers]]:
        assert page.status == 200
        assert "<img" not in page.html.replace('<img src="/console/static/', "") and "49" not in re.findall(r">([^<]*differs)", page.html)
        assert not re.search(r"<[^>]+ on\w+=", page.html)
    assert "{{ 7 * 7 }} differs" in (await ada.get("/inbox")).text
    assert "A" * 119 + "…" in (await ada.get("/inbox")).html


async def test_the_list_exports_to_csv_with_formulas_defused(api: Api, acme: Tenant, ada: Browser) -> None:
    for reason in ("=1+1", "@x", "+4 more", "-5 fewer", "\tx", "plain, with a comma"):
        await task(api, acme, reason, money=[{"amount": "-12.5", "currency": "EUR"}])
    page = await ada.get("/inbox/tasks.csv", order="OLDEST")
    assert page.headers["content-disposition"] == 'attachment; filename="tasks.csv"'
    assert page.headers["content-type"] == "text/csv; charset=utf-8" and page.html.startswith("\ufefftask_id,cause,")
    assert [line.split(",")[6] for line in page.html.splitlines()[1:6]] == ["'=1+1", "'@x", "'+4 more", "'-5 fewer", "'\tx"]
