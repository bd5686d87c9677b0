"""The outgoing client against a real server: credentials, quota, time-outs, limits, and what its log shows."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from connectors import auth
from connectors.errors import (
    CredentialsError,
    RateLimitedError,
    RetriableError,
    SchemaDriftError,
    UnknownOutcomeError,
)
from connectors.http import HttpClient, HttpSettings, RequestLog, redacted, redacted_url

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def a_client(handle: Handle, **options: Any) -> AsyncIterator[HttpClient]:
    """A client to a server that answers everything with ``handle``."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    more = {name: options.pop(name) for name in ("auth", "on_request") if name in options}
    client = HttpClient(HttpSettings("erp", f"http://127.0.0.1:{port}/api", **options), **more)
    try:
        yield client
    finally:
        await client.aclose()
        await runner.cleanup()


def answering(status: int = 200, body: bytes = b"{}", **headers: str) -> Handle:
    async def handle(request: web.Request) -> web.Response:
        return web.Response(status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return handle


async def test_numbers_cross_the_wire_exactly_in_both_directions() -> None:
    seen: list[bytes] = []

    async def handle(request: web.Request) -> web.Response:
        seen.append(await request.read())
        return web.Response(body=b'{"amount":12345678901234567.10}')

    async with a_client(handle) as client:
        answer = await client.request("POST", "x", json={"amount": Decimal("0.10"), "n": 3})
        assert answer.json() == {"amount": Decimal("12345678901234567.10")}
    assert seen == [b'{"amount":0.10,"n":3}']


async def test_concurrent_callers_share_one_renewal_of_the_token() -> None:
    issued = 0

    async def handle(request: web.Request) -> web.Response:
        nonlocal issued
        if request.path == "/api/token":
            issued += 1
            await asyncio.sleep(0.02)
            return web.json_response({"access_token": f"t{issued}", "expires_in": 3600})
        return web.json_response({}, status=200 if request.headers["authorization"] == f"Bearer t{issued}" else 401)

    credentials = auth.ClientCredentials("token", "hub", "secret")
    async with a_client(handle, auth=credentials, concurrency=8) as client:
        await asyncio.gather(*(client.request("GET", "x") for _ in range(8)))
        assert issued == 1
        issued += 1  # the server forgets the token it gave
        answers = await asyncio.gather(*(client.request("GET", "x") for _ in range(8)))
        assert {answer.status for answer in answers} == {200} and credentials.renewals == 2


async def test_a_token_may_come_from_another_host_that_is_told_the_secret_by_a_header() -> None:
    asked: list[tuple[str | None, str]] = []

    async def gives(request: web.Request) -> web.Response:
        asked.append((request.headers.get("authorization"), (await request.read()).decode()))
        return web.json_response({"access_token": "t", "expires_in": 3600})

    async def answers(request: web.Request) -> web.Response:
        return web.json_response({"token": request.headers["authorization"]})

    async with a_client(gives) as elsewhere:
        credentials = auth.ClientCredentials(elsewhere.url("oauth2/v1/token"), "hub", "s:cret", scope="all", secret_in="header")
        async with a_client(answers, auth=credentials) as client:
            assert (await client.request("GET", "things")).json() == {"token": "Bearer t"}
    assert asked == [("Basic aHViOnMlM0FjcmV0", "grant_type=client_credentials&scope=all")]


async def test_a_token_is_renewed_before_it_expires() -> None:
    now, issued = 0.0, 0

    async def handle(request: web.Request) -> web.Response:
        nonlocal issued
        issued += request.path == "/api/token"
        return web.json_response({"access_token": f"t{issued}", "expires_in": 100})

    credentials = auth.ClientCredentials("token", "hub", "secret", early_s=30, clock=lambda: now)
    async with a_client(handle, auth=credentials) as client:
        for now in (0.0, 69.0, 71.0):
            await client.request("GET", "x")
    assert credentials.renewals == 2


async def test_credentials_that_stay_refused_are_tried_once_more_and_no_further() -> None:
    asked = 0

    async def handle(request: web.Request) -> web.Response:
        nonlocal asked
        if request.path == "/api/token":
            return web.json_response({"access_token": "t"})
        asked += 1
        return web.json_response({}, status=401)

    async with a_client(handle, auth=auth.ClientCredentials("token", "hub", "secret")) as client:
        with pytest.raises(CredentialsError):
            await client.request("GET", "x")
    assert asked == 2


async def test_no_connection_is_retriable_for_a_write_too() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = HttpClient(HttpSettings("erp", f"http://127.0.0.1:{taken.getsockname()[1]}"))
        with pytest.raises(RetriableError):
            await client.request("POST", "x", json={})
        await client.aclose()


async def test_a_time_out_is_retriable_for_a_read_and_unknown_for_a_write() -> None:
    async def handle(request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    async with a_client(handle, timeout_s=0.1) as client:
        with pytest.raises(RetriableError):
            await client.request("GET", "x")
        with pytest.raises(UnknownOutcomeError):
            await client.request("POST", "x", json={})
        with pytest.raises(RetriableError):
            await client.request("POST", "query", json={}, is_read=True)


async def test_an_answer_beyond_the_limit_is_not_taken_in() -> None:
    async with a_client(answering(body=b"x" * 2000), max_response_bytes=1000) as client:
        with pytest.raises(SchemaDriftError):
            await client.request("GET", "x")


async def test_a_redirect_and_a_link_to_another_host_are_refused() -> None:
    async with a_client(answering(302, location="http://evil.example/")) as client:
        with pytest.raises(SchemaDriftError):
            await client.request("GET", "x")
        for link in ("http://evil.example/x", "//evil.example/x", "https://127.0.0.1/x", "http://127.0.0.1@evil.example/"):
            with pytest.raises(SchemaDriftError):
                client.url(link)


async def test_a_rate_limit_holds_the_next_request_back() -> None:
    statuses = iter((429, 200))

    async def handle(request: web.Request) -> web.Response:
        return web.Response(status=next(statuses), headers={"retry-after": "0.3"})

    async with a_client(handle) as client:
        with pytest.raises(RateLimitedError) as caught:
            await client.request("GET", "x")
        assert caught.value.retry_after_s == 0.3
        began = time.monotonic()
        assert (await client.request("GET", "x")).status == 200
        assert time.monotonic() - began >= 0.28


async def test_the_quota_limits_requests_per_second_and_at_once() -> None:
    at_once = most = 0

    async def handle(request: web.Request) -> web.Response:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.005)
        at_once -= 1
        return web.Response()

    async with a_client(handle, requests_per_s=50, concurrency=3) as client:
        began = time.monotonic()
        await asyncio.gather(*(client.request("GET", "x") for _ in range(65)))
        assert time.monotonic() - began >= 0.28
    assert most <= 3


async def test_the_log_shows_the_request_without_its_secrets() -> None:
    seen: list[RequestLog] = []
    body = b'{"access_token":"s3cret","name":"Nordwind"}'
    async with a_client(answering(body=body), auth=auth.bearer("s3cret"), on_request=seen.append) as client:
        await client.request("POST", "x", params={"api_key": "s3cret", "page": "2"}, json={"password": "s3cret", "bank": {"iban": "s3cret"}})
    (entry,) = seen
    assert (entry.system, entry.method, entry.status) == ("erp", "POST", 200)
    assert "s3cret" not in repr(entry) and "Nordwind" in entry.response and "page=2" in entry.url
    assert "s3cret" not in repr(auth.ClientCredentials("t", "hub", "s3cret")) + repr(auth.bearer("s3cret"))


def test_bodies_and_addresses_are_masked_in_every_form() -> None:
    assert redacted(b"client_id=hub&client_secret=x&scope=api") == "client_id=***&client_secret=***&scope=api"
    assert redacted(b'{"a": {"Password" : "x\\"y"}, "refresh_token":"z"}') == '{"a": {"Password" : "***"}, "refresh_token":"***"}'
    assert redacted_url("https://u:p@h.example/x?token=a&b=c") == "https://h.example/x?token=***&b=c"
    assert len(redacted(b'{"a":"' + b"x" * 10_000)) < 4100


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
async def test_a_write_whose_answer_is_lost_is_sent_once(method: str) -> None:
    seen: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        seen.append(request.method)
        if len(seen) > 1 and request.transport is not None:
            request.transport.abort()
        return web.Response()

    async with a_client(handle) as client:
        await client.request(method, "first")  # so that the connection is one that was used before
        with pytest.raises(UnknownOutcomeError):
            await client.request(method, "second")
    assert seen == [method, method]
