"""Who may enter the console, how long a session holds, and what every answer carries."""

from __future__ import annotations

from datetime import timedelta

from hub.api.access import Role
from tests.api.conftest import Api, Tenant
from tests.console.conftest import Browser


async def test_a_stranger_is_sent_to_the_sign_in_and_back_to_the_page_they_asked_for(browser: Browser, acme: Tenant) -> None:
    page = await browser.get("/", team="pmo")
    assert (page.status, page.headers["location"]) == (303, "/console/sign-in?next=%2F%3Fteam%3Dpmo")
    form = await browser.get("/sign-in?next=/inbox?team=pmo")
    entered = await browser.post("/sign-in", key=acme.keys["steward"], next="/inbox?team=pmo", csrf=form.csrf)
    assert (entered.status, entered.headers["location"]) == (303, "/console/inbox?team=pmo")


async def test_a_page_to_go_on_with_never_leads_elsewhere(browser: Browser, acme: Tenant) -> None:
    form = await browser.get("/sign-in")
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
        entered = await browser.post("/sign-in", key=acme.keys["steward"], next=elsewhere, csrf=form.csrf)
        assert entered.headers["location"] == "/console/"
        form = await browser.get("/sign-in")


async def test_people_of_the_three_roles_enter_and_programs_do_not(api: Api, acme: Tenant) -> None:
    entered = {role: (await Browser(api).sign_in(acme.keys[role])).status for role in ("reader", "steward", "admin", "system")}
    assert entered == {"reader": 303, "steward": 303, "admin": 303, "system": 403}


async def test_a_wrong_key_is_told_the_same_whatever_is_wrong_and_ten_of_them_must_wait(api: Api, acme: Tenant) -> None:
    browser = Browser(api)
    told = {(await browser.sign_in(key)).text for key in ("hub_wrong_0123456789", "x", "\u2603" * 9)}
    assert len(told) == 1 and "not known" in told.pop()
    assert {(await browser.sign_in("hub_wrong_0123456789")).status for _ in range(7)} == {401}
    page = await browser.sign_in(acme.keys["steward"])
    assert (page.status, page.headers["retry-after"].isdigit()) == (429, True)


async def test_the_cookie_is_closed_to_scripts_and_signed_and_only_its_digest_is_stored(api: Api, acme: Tenant, steward: Browser) -> None:
    stored = await api.pool.fetchrow("SELECT digest, name, role FROM hub.session WHERE tenant_id = $1", acme.id)
    tenant, token, tag = steward.cookies["hub_session"].split(".")
    assert (tenant, stored["name"], stored["role"], len(stored["digest"])) == (str(acme.id), "steward", "steward", 32)
    assert token.encode() not in bytes(stored["digest"])
    steward.cookies["hub_session"] = f"{tenant}.{token}.{tag[::-1]}"
    assert (await steward.get("/")).status == 303


async def test_a_session_ends_at_sign_out_for_every_copy_of_its_cookie(api: Api, steward: Browser) -> None:
    copied = Browser(api, dict(steward.cookies))
    assert (await copied.get("/")).status == 200
    assert (await steward.post("/sign-out")).headers["location"] == "/console/sign-in"
    assert "hub_session" not in steward.cookies
    assert (await copied.get("/")).status == 303


async def test_a_session_ends_when_it_expires_lies_idle_or_its_key_is_revoked(api: Api, acme: Tenant) -> None:
    for change in (
        "UPDATE hub.session SET expires_at = now() - interval '1 second' WHERE tenant_id = $1",
        "UPDATE hub.session SET seen_at = now() - interval '2 hours 1 second' WHERE tenant_id = $1",
        "UPDATE hub.api_key SET revoked_at = now() WHERE tenant_id = $1 AND role = 'steward'",
    ):
        browser = Browser(api)
        await browser.sign_in(acme.keys["steward"])
        assert (await browser.get("/")).status == 200
        await api.pool.execute(change, acme.id)
        assert (await browser.get("/")).status == 303


async def test_a_form_without_the_sessions_token_or_from_elsewhere_is_refused(api: Api, acme: Tenant, steward: Browser) -> None:
    other = Browser(api)
    await other.sign_in(acme.keys["steward"])
    assert other.csrf != steward.csrf
    for token in ("", "wrong", other.csrf):
        page = await steward.post("/team", team="pmo", csrf=token)
        assert (page.status, "not sent from a page of this session" in page.text) == (403, True)
    body = f"team=pmo&csrf={steward.csrf}".encode()
    head = {"content-type": "application/x-www-form-urlencoded"}
    assert (await steward.send("POST", "/team", body, head | {"origin": "https://evil.example"})).status == 403
    assert (await steward.send("POST", "/team", body, head | {"sec-fetch-site": "cross-site"})).status == 403
    assert (await steward.send("POST", "/team", body, head | {"origin": "http://test"})).status == 303


async def test_somebody_in_several_teams_works_for_the_one_they_choose(steward: Browser) -> None:
    await steward.post("/team", team="finance_operations")
    assert '<option value="finance_operations" selected>' in (await steward.get("/")).html
    refused = await steward.post("/team", team="nobody")
    assert (refused.status, "not one of your teams" in refused.text) == (403, True)


async def test_every_answer_is_kept_from_frames_scripts_of_others_and_caches(steward: Browser, browser: Browser) -> None:
    for page in (await steward.get("/"), await browser.get("/sign-in"), await steward.get("/nowhere"), await browser.get("/")):
        policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
        assert {policy[name] for name in ("default-src", "script-src", "style-src", "form-action")} == {"'self'"}
        assert {policy[name] for name in ("frame-ancestors", "object-src", "base-uri")} == {"'none'"}
        assert (page.headers["x-content-type-options"], page.headers["cache-control"]) == ("nosniff", "no-store")
        assert "x-correlation-id" in page.headers
        assert "<script>" not in page.html and "<style" not in page.html and " style=" not in page.html and " onclick=" not in page.html


async def test_what_is_not_there_is_told_with_an_id_that_finds_it_in_the_log(steward: Browser) -> None:
    page = await steward.get("/nowhere")
    assert page.status == 404
    assert "There is nothing here" in page.text and page.headers["x-correlation-id"] in page.text


async def test_static_files_carry_a_hash_in_their_name_and_are_kept_for_ever(steward: Browser, browser: Browser) -> None:
    page = await steward.get("/")
    for path in {part.split('"')[0].removeprefix("/console") for part in page.html.split('="')[1:] if part.startswith("/console/static/")}:
        file = await browser.get(path)
        assert (file.status, file.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
        again = await browser.send("GET", path, headers={"if-none-match": file.headers["etag"]})
        assert (again.status, again.html) == (304, "")
    assert (await browser.get("/static/../app.py")).status == 404


async def test_what_is_new_to_somebody_is_what_came_after_their_last_visit(api: Api, acme: Tenant, steward: Browser) -> None:
    await api.pool.execute("UPDATE hub.session SET seen_at = seen_at - interval '1 hour' WHERE tenant_id = $1", acme.id)
    left_at = await api.pool.fetchval("SELECT seen_at FROM hub.session WHERE tenant_id = $1", acme.id)
    await steward.get("/")
    row = await api.pool.fetchrow("SELECT since_at, seen_at FROM hub.session WHERE tenant_id = $1", acme.id)
    assert row["since_at"] == left_at and row["seen_at"] - left_at > timedelta(minutes=59)


async def test_roles_of_the_console_are_those_of_keys() -> None:
    assert {role.value for role in Role} - {"system"} == {"reader", "steward", "admin"}
