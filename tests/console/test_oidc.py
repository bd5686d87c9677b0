"""Signing in through an identity provider: who comes in as what, and every token that must not be believed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.console.oidc import claims_of, provider_of
from hub.errors import SettingError
from hub.settings import Settings
from tests.api.conftest import Api, Tenant
from tests.console.conftest import Browser, Page
from tests.console.provider import CLIENT, SECRET, Provider, provider


@pytest.fixture
async def firm(api: Api, acme: Tenant) -> AsyncIterator[Provider]:
    """The firm's provider, set up in the console for acme."""
    async with provider() as made:
        settings = replace(
            Settings(), oidc_issuer=made.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET, oidc_tenant=acme.slug,
            oidc_roles="groups:hub-admins=admin, groups:stewards=steward", oidc_teams="groups:finance=finance_operations, groups:pmo=pmo",
        )  # fmt: skip
        sign_in = api.app.state.console.sign_in
        sign_in._provider = provider_of(settings, lambda: datetime.now(UTC))
        made.claims = {"email": "ada@firm.example", "email_verified": True, "name": "Ada Lovelace", "groups": ["stewards", "finance"]}
        yield made
        sign_in._provider = None


async def arrive(browser: Browser, firm: Provider, next: str = "/") -> Page:
    """Through the provider and back."""
    page = await browser.get("/sign-in/oidc", next=next)
    return await browser.send("GET", "/sign-in/oidc/callback" + firm.authorize(page.headers["location"]))


async def test_somebody_the_provider_vouches_for_comes_in_with_the_role_and_teams_of_their_claims(
    api: Api, acme: Tenant, browser: Browser, firm: Provider
) -> None:
    page = await arrive(browser, firm, "/inbox?team=pmo")
    assert (page.status, page.headers["location"]) == (303, "/console/inbox?team=pmo")
    home = await browser.get("/")
    assert (home.status, "Ada Lovelace" in home.text) == (200, True)
    stored = await api.pool.fetchrow("SELECT role, name, display, teams, key_id FROM hub.session WHERE tenant_id = $1", acme.id)
    assert dict(stored) == {"role": "steward", "name": "ada@firm.example", "display": "Ada Lovelace", "teams": ["finance_operations"], "key_id": None}


async def test_what_the_provider_is_asked_is_bound_to_this_browser(browser: Browser, firm: Provider) -> None:
    await arrive(browser, firm)
    assert {name: firm.asked[name] for name in ("response_type", "client_id", "redirect_uri", "scope", "code_challenge_method")} == {
        "response_type": "code", "client_id": CLIENT, "redirect_uri": "http://test/console/sign-in/oidc/callback",
        "scope": "openid email profile", "code_challenge_method": "S256",
    }  # fmt: skip


async def test_a_callback_that_another_browser_began_is_refused(api: Api, browser: Browser, firm: Provider) -> None:
    page = await browser.get("/sign-in/oidc")
    stolen = firm.authorize(page.headers["location"])
    other = Browser(api)
    assert (await other.send("GET", "/sign-in/oidc/callback" + stolen)).status == 403
    await other.get("/sign-in/oidc")
    assert (await other.send("GET", "/sign-in/oidc/callback" + stolen)).status == 403
    assert "hub_session" not in other.cookies


@pytest.mark.parametrize(
    "forged",
    [{"aud": "other"}, {"iss": "https://evil.example"}, {"exp": 1_000_000_000}, {"nonce": "other"}, {"sub": ""}, {"aud": [CLIENT, "other"]}, {"iat": 9_000_000_000}],
)  # fmt: skip
async def test_a_token_for_somebody_else_or_another_time_is_not_believed(browser: Browser, firm: Provider, forged: dict[str, Any]) -> None:
    firm.forged = forged
    page = await arrive(browser, firm)
    assert (page.status, "hub_session" in browser.cookies) == (502, False)


@pytest.mark.parametrize("signed_by", ["other", "our secret", "nobody"])
async def test_a_token_signed_by_anybody_else_is_not_believed(browser: Browser, firm: Provider, signed_by: str) -> None:
    firm.signed_by = signed_by
    page = await arrive(browser, firm)
    assert (page.status, "token is not good" in page.text, "hub_session" in browser.cookies) == (502, True, False)


async def test_a_new_key_of_the_provider_is_fetched_when_a_token_names_it(browser: Browser, firm: Provider) -> None:
    assert (await arrive(browser, firm)).status == 303
    firm.key = Provider().key
    assert (await arrive(browser, firm)).status == 303


async def test_somebody_without_a_role_stays_outside_and_is_told_so(browser: Browser, firm: Provider) -> None:
    firm.claims["groups"] = ["sales"]
    page = await arrive(browser, firm)
    assert (page.status, "You have no role in the hub. Ask an admin of the hub for one." in page.text) == (403, True)


async def test_a_provider_that_does_not_answer_leaves_the_key_to_sign_in_with(browser: Browser, firm: Provider) -> None:
    page = await browser.get("/sign-in/oidc")
    back = firm.authorize(page.headers["location"])
    firm.asked["code_challenge"] = "wrong"
    refused = await browser.send("GET", "/sign-in/oidc/callback" + back)
    assert (refused.status, bool(refused.tests("enter")), bool(refused.tests("oidc"))) == (502, True, True)


@pytest.mark.parametrize(
    ("setting", "text"), [("HUB_OIDC_ROLES", "groups:x=owner"), ("HUB_OIDC_ROLES", "admin"), ("HUB_OIDC_ROLES", "=admin")]
)
def test_a_list_of_claims_that_cannot_be_read_is_refused_at_the_start(setting: str, text: str) -> None:
    with pytest.raises(SettingError, match="must be a list of claim:value"):
        claims_of(setting, text, ("admin", "steward", "reader"))


def test_a_provider_must_be_reached_by_https() -> None:
    settings = replace(Settings(), oidc_issuer="http://login.example", oidc_client_id="x")
    with pytest.raises(SettingError, match="HUB_OIDC_ISSUER must begin with https://"):
        provider_of(settings, lambda: datetime.now(UTC))
