"""OAuth 1.0a: the signatures RFC 5849 and others give for the same requests, and a client that signs each request anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import unquote

import pytest
from aiohttp import web

from connectors.auth import ClientAssertion
from connectors.conformance import raises
from connectors.errors import ConfigurationError, CredentialsError
from connectors.http import HttpClient, HttpSettings
from connectors.oauth1 import OAuth1, base_string, signature


def test_the_base_string_is_that_of_the_standard() -> None:
    """The example of RFC 5849, section 3.4.1.1, with what a form says among the parameters."""
    told = [
        ("c2", ""), ("a3", "2 q"), ("oauth_consumer_key", "9djdj82h48djs9d2"), ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"), ("oauth_timestamp", "137131201"), ("oauth_nonce", "7d8f3e4a"),
    ]  # fmt: skip
    assert base_string("POST", "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b", told) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26"
        "oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201"
        "%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


def test_a_signature_is_the_one_that_others_publish() -> None:
    """Twitter's worked example: its secrets, its base string, its signature."""
    text = base_string("POST", "https://api.twitter.com/1.1/statuses/update.json?include_entities=true", [
        ("status", "Hello Ladies + Gentlemen, a signed OAuth request!"), ("oauth_consumer_key", "xvz1evFS4wEEPTGEFPHBog"),
        ("oauth_nonce", "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"), ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "1318622958"), ("oauth_token", "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"), ("oauth_version", "1.0"),
    ])  # fmt: skip
    found = signature(text, "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE", "HMAC-SHA1")
    assert found == "hCtSmYh+iHYCEqBWrE7C7hYmtUk="


def test_a_header_names_the_realm_and_everything_that_is_signed() -> None:
    """The signature is oauthlib's for the same request."""
    auth = OAuth1("ck", "c&s", "tk", "t s", "123456_SB1", wall=lambda: 1795149524.9, nonce=lambda: "fjaLirsIcCGVZWzBX0pg")
    header = auth.signed("PUT", "https://123456-sb1.suitetalk.api.netsuite.com/services/rest/record/v1/customer/eid:C%201?expand=a+b", {"limit": "5"})
    assert header == {
        "authorization": 'OAuth realm="123456_SB1", oauth_consumer_key="ck", oauth_token="tk", oauth_signature_method="HMAC-SHA256", '
        'oauth_timestamp="1795149524", oauth_nonce="fjaLirsIcCGVZWzBX0pg", oauth_version="1.0", '
        'oauth_signature="V7n%2FvN%2BYv3CTHhDbQR6D9%2F7GLDS0OWCerT6W6lPSpsU%3D"'
    }
    assert "c&s" not in repr(auth) and "t s" not in repr(auth)


@pytest.fixture
async def refusing_once() -> AsyncIterator[tuple[str, list[str]]]:
    """A server that refuses the first request, and what it was told."""
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(unquote(request.headers.get("authorization", "")))
        return web.json_response({}, status=401 if len(seen) == 1 or request.path == "/never" else 200)

    app = web.Application()
    app.router.add_get("/{any}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", seen
    await runner.cleanup()


async def test_each_request_is_signed_anew_and_a_refused_one_once_more(refusing_once: tuple[str, list[str]]) -> None:
    url, seen = refusing_once
    client = HttpClient(HttpSettings("erp", url), OAuth1("ck", "cs", "tk", "ts"))
    try:
        assert (await client.request("GET", "a", params={"q": "1"})).status == 200
        await client.request("GET", "a", params={"q": "1"})
        await raises(CredentialsError, client.request("GET", "never"))
    finally:
        await client.aclose()
    assert len(seen) == 5 and len(set(seen)) == 5


def test_a_key_that_is_none_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"auth\.private_key: expected a private key in PEM form"):
        ClientAssertion("https://x.example/token", issuer="c", audience="a", private_key="no key").form()
