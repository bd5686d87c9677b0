"""Where webhooks may go: every way to spell an address within a network is refused, and names are held to what they mean."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import aiohttp
import pytest

from hub.flows.addresses import ForbiddenAddressError, check_target, check_url, checked_connector, is_permitted, networks
from hub.flows.webhook_message import Message, new_secret
from hub.flows.webhook_post import Poster, open_session
from tests.flows.delivering import a_receiver

CLOSED = """
http://127.0.0.1/ http://127.0.0.1:443/ http://127.1/ http://127.0.1/ http://0/ http://0.0.0.0/ http://0.0.0.1/
http://2130706433/ http://017700000001/ http://0177.0.0.1/ http://0x7f.0.0.1/ http://0x7f000001/ http://0x7F.1/
http://127.0.0.1./ http://[::1]/ http://[0:0:0:0:0:0:0:1]/ http://[::]/ http://[::127.0.0.1]/ http://[::ffff:127.0.0.1]/
http://[::ffff:7f00:1]/ http://[::ffff:0:7f00:1]/ http://[64:ff9b::7f00:1]/ http://[64:ff9b::169.254.169.254]/
http://[64:ff9b:1::7f00:1]/ http://[2002:7f00:1::]/ http://[2002:a9fe:a9fe::1]/ http://[2001:0:7f00:1::1]/
http://[2606:4700::5efe:7f00:1]/ http://[fe80::1]/ http://[fe80::1%25eth0]/ http://[fec0::1]/ http://[fc00::1]/
http://[fd00:ec2::254]/ http://[ff02::1]/ http://[2001:db8::1]/ http://[3fff::1]/ http://[100::1]/ http://[5f00::1]/
http://[2001:2::1]/ http://10.0.0.1/ http://172.16.0.1/ http://172.31.255.255/ http://192.168.1.1/ http://169.254.169.254/
http://169.254.170.2/ http://100.64.0.1/ http://100.100.100.200/ http://168.63.129.16/ http://192.0.0.192/ http://192.0.2.1/
http://192.88.99.1/ http://198.18.0.1/ http://198.51.100.7/ http://203.0.113.9/ http://224.0.0.1/ http://240.0.0.1/
http://255.255.255.255/ http://2852039166/ http://0xa9fea9fe/ http://0251.0376.0251.0376/ http://１２７.０.０.１/
http://①②⑦.⓪.⓪.①/ http://127。0。0。1/ http://1.1.1.1:22/ http://1.1.1.1:6379/ https://1.1.1.1:8443/ http://1.1.1.1:0/
http://1.1.1.1:99999/ http://user:secret@1.1.1.1/ http://@1.1.1.1/ http://1.1.1.1@127.0.0.1/ http://127.0.0.1#@1.1.1.1/
http://127.0.0.1%00.example.com/ http://127.0.0.1%2eexample.com/ http://example.com\\@127.0.0.1/
http://1.1.1.1%0d%0aHost:x/ http:///etc/passwd http://[::1 http://256.1.1.1/ http://1.2.3/ http://example.com:22/
ftp://1.1.1.1/ file:///etc/passwd gopher://1.1.1.1/ javascript:alert(1) //1.1.1.1/ 1.1.1.1 http: https://
""".split()  # noqa: SIM905
OPEN = """
https://example.com/hook http://example.com:80/ https://example.com:443/ https://shop.example./ https://bücher.example/x?y=1
https://1.1.1.1/ http://93.184.215.14/ https://[2606:4700:4700::1111]/ http://172.32.0.1/ http://100.128.0.1/ https://EXAMPLE.com/
https://xn--bcher-kva.example/ https://a_b.example/ https://1and1.example/ https://127.0.0.1.example.com/
""".split()  # noqa: SIM905


@pytest.mark.parametrize("url", [*CLOSED, "http://exam ple.com/", "http://exa\tmple.com/", "http://1.1.1.1\n/", "https://example.com/" + "x" * 2048])
def test_an_address_within_a_network_is_refused_however_it_is_spelt(url: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        check_url(url, ())


@pytest.mark.parametrize("url", OPEN)
def test_a_public_address_is_not(url: str) -> None:
    assert check_url(url, ()).host


def test_there_are_enough_of_both() -> None:
    assert len(CLOSED) >= 80 and len(OPEN) >= 15


def test_what_the_operator_names_is_reached_at_any_port_and_nothing_else_is() -> None:
    allowed = networks("127.0.0.0/8, fd00::/8")
    assert [is_permitted(host, 9000, allowed) for host in ("127.0.0.1", "::ffff:127.0.0.1", "fd00::1", "::1", "10.0.0.1")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    for url in ("http://0177.0.0.1:9000/", "http://2130706433:9000/", "http://127.1:9000/"):
        with pytest.raises(ForbiddenAddressError, match="usual spelling"):
            check_url(url, allowed)


def resolves(monkeypatch: pytest.MonkeyPatch, *answers: list[str] | None) -> None:
    """What the system's resolver says, one answer after the other; None: it knows no such name."""
    left = list(answers)

    async def resolve(self: Any, host: str, port: int = 0, family: int = socket.AF_INET) -> list[dict[str, Any]]:
        found = left.pop(0) if len(left) > 1 else left[0]
        if found is None:
            raise OSError("unknown")
        return [{"hostname": host, "host": one, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0} for one in found]

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", resolve)


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("https://intern.example/", ["10.0.0.1"]),
        ("https://half.example/", ["93.184.215.14", "169.254.169.254"]),
        ("https://mapped.example/", ["::ffff:10.0.0.1"]),
        ("http://localhost/", ["127.0.0.1"]),
        ("http://localhost/", None),
        ("http://db/", None),
        ("http://metadata.google.internal/", None),
        ("https://printer.local./", None),
    ],
)
async def test_a_name_is_refused_for_any_address_it_has(monkeypatch: pytest.MonkeyPatch, url: str, addresses: list[str] | None) -> None:
    resolves(monkeypatch, addresses)
    with pytest.raises(ForbiddenAddressError):
        await check_target(url, ())


async def test_a_public_name_is_taken_also_before_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves(monkeypatch, ["93.184.215.14", "2606:2800:220:1::1"], None)
    await check_target("https://shop.example/", ())
    await check_target("https://soon.example/", ())


EVENT = Message("evt_1", "hub.test.v1", 1, b"{}")


async def test_a_name_that_points_elsewhere_later_is_not_followed_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: the first look-up is permitted, the second is not; what is connected to is what was checked."""
    async with a_receiver() as canary:
        port = canary.url.split(":")[2].split("/")[0]
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.2", int(port))
        resolves(monkeypatch, ["127.0.0.2"], ["127.0.0.1"])
        allowed = networks("127.0.0.2/32")
        url = f"http://rebinding.example:{port}/"
        await check_target(url, allowed)
        async with server, open_session(allowed) as session:
            answer = await Poster(session, allowed).post(url, EVENT, new_secret())
    assert (answer.state, answer.reason) == ("rejected", f"rebinding.example port {port} is not an address webhooks may go to")
    assert canary.got == []


async def test_a_socket_is_checked_for_what_it_is_opened_to_whoever_resolved_it() -> None:
    async with a_receiver() as canary, aiohttp.ClientSession(connector=checked_connector(())) as session:
        with pytest.raises(aiohttp.ClientConnectorError) as refused:
            await session.post(canary.url)
    assert isinstance(refused.value.os_error, ForbiddenAddressError) and canary.got == []
