"""Where a webhook may go: a public address, or a network the operator has named. Checked on what is connected to.

A name is resolved once, every address it has must be permitted, and the connection goes to an address that was checked;
redirects are not followed. The URL is read by the parser of the client that connects, since two parsers that disagree
about a host are how such checks are passed by; and each socket is checked again for the address it is opened to. So
neither a private address, however it is spelt, nor a name that points there later, is ever reached.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from typing import Any, TypeAlias

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from hub.errors import SettingError

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
PUBLIC_PORTS = frozenset({80, 443})
LOOPBACK = "127.0.0.0/8,::1/128"
LONGEST_URL = 2_048
RESOLVING_S = 2.0


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


_CLOSED_V4 = _networks(
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
    "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
)  # fmt: skip
"""IANA's special purposes (own use, carriers, link, loopback, benchmarks, examples, relays, multicast, reserved), and the
address behind which one cloud keeps the secrets of its machines."""
_OPEN_V6 = ipaddress.IPv6Network("2000::/3")
_CLOSED_V6 = _networks("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
"""Of the global ones: Teredo, ORCHID and benchmarks, examples, 6to4. Outside of 2000::/3 nothing is global: that closes
NAT64 (64:ff9b::/96, 64:ff9b:1::/48), IPv4-compatible and -translated, link-local, site-local and unique local addresses."""
_ISATAP = re.compile(r"0[02]00:5efe:")
"""Interface ids that carry an IPv4 address within any network."""

_STRANGE = re.compile(r"[\x00-\x20\x7f\\]")
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
_LIKE_A_NUMBER = re.compile(r"(?:\d+|0x[0-9a-f]*)")
_WITHIN = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "corp", "home", "private", "home.arpa")
"""Names that mean somebody's own network wherever they are looked up."""


class ForbiddenAddressError(OSError):
    """The address is not one a webhook may go to; nothing was sent."""


def networks(setting: str) -> tuple[Network, ...]:
    """Read HUB_WEBHOOK_NETWORKS; ``local`` is what it means for a hub that only its own machine reaches.

    >>> networks("10.1.0.0/16, ::1"), networks("none"), networks("local") == networks(LOOPBACK)
    ((IPv4Network('10.1.0.0/16'), IPv6Network('::1/128')), (), True)
    """
    text = setting.strip()
    if text == "none":
        return ()
    try:
        return _networks(*(one.strip() for one in (LOOPBACK if text == "local" else text).split(",") if one.strip()))
    except ValueError:
        raise SettingError("HUB_WEBHOOK_NETWORKS", "must be networks such as 10.1.0.0/16, separated by commas") from None


def is_permitted(text: str, port: int, allowed: tuple[Network, ...]) -> bool:
    """Whether a connection to this address and port is allowed.

    >>> [is_permitted(host, 443, ()) for host in ("93.184.215.14", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "100.64.0.1")]
    [True, False, False, False, False]
    >>> is_permitted("127.0.0.1", 8080, networks("127.0.0.0/8")), is_permitted("93.184.215.14", 22, ())
    (True, False)
    """
    address: Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address in network for network in allowed):
        return True
    if port not in PUBLIC_PORTS:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _CLOSED_V4)
    is_isatap = _ISATAP.match(address.exploded[20:]) is not None
    return address in _OPEN_V6 and not is_isatap and not any(address in network for network in _CLOSED_V6)


def check_url(text: str, allowed: tuple[Network, ...]) -> URL:
    """The address as the client reads it, refused where that can be done before resolving.

    Raises :class:`ForbiddenAddressError`, also for hosts that another reader would take for a number.

    >>> check_url("https://Shop.Example./hook", ()).raw_host
    'shop.example.'
    >>> check_url("http://0x7f.1/", ())
    Traceback (most recent call last):
    ...
    hub.flows.addresses.ForbiddenAddressError: 0x7f.1 is not the usual spelling of an address
    """
    try:
        if len(text) > LONGEST_URL or _STRANGE.search(text):
            raise ValueError(text)
        url = URL(text)
        host, port = url.raw_host or "", url.port
    except (ValueError, UnicodeError):
        raise ForbiddenAddressError("the address cannot be read") from None
    if url.scheme not in ("http", "https") or not host or not port or "@" in text.split("://", 1)[1].split("/", 1)[0]:
        raise ForbiddenAddressError("the address must begin with https:// or http:// and name a host, without a login")
    if _literal(host) is not None:
        if not is_permitted(host, port, allowed):
            raise ForbiddenAddressError(f"{host} port {port} is not an address webhooks may go to")
    elif port not in PUBLIC_PORTS and not allowed:
        raise ForbiddenAddressError(f"webhooks go to the ports 80 and 443, not {port}")
    return url


def _literal(host: str) -> Address | None:
    """The address a host is; None for a name. Raises :class:`ForbiddenAddressError` for what is neither."""
    name = host.removesuffix(".")
    if ":" not in host and not _LIKE_A_NUMBER.fullmatch(name.rpartition(".")[2]):
        if not _NAME.fullmatch(name):
            raise ForbiddenAddressError("the host of the address is not a name")
        return None
    if "%" in host:
        raise ForbiddenAddressError("the address must not name an interface")
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        raise ForbiddenAddressError(f"{host} is not the usual spelling of an address") from None


async def check_target(text: str, allowed: tuple[Network, ...]) -> None:
    """The same, and what its name means now: refused when any of its addresses is not permitted. A name nobody knows yet is
    let pass, unless it would be one within a network; it is resolved and checked at every connection anyway."""
    url = check_url(text, allowed)
    host = (url.raw_host or "").removesuffix(".")
    if _literal(host) is not None:
        return
    resolver = CheckedResolver(allowed)
    try:
        async with asyncio.timeout(RESOLVING_S):
            await resolver.resolve(host, url.port or 0, socket.AF_UNSPEC)
    except ForbiddenAddressError:
        raise
    except (OSError, TimeoutError):
        if "." not in host or any(f".{host}".endswith(f".{one}") for one in _WITHIN):
            raise ForbiddenAddressError(f"{host} is not a public name") from None


class CheckedResolver(AbstractResolver):
    """Resolves names for aiohttp and refuses those with any address that is not permitted."""

    def __init__(self, allowed: tuple[Network, ...]) -> None:
        self._allowed = allowed
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)  # type: ignore[arg-type]
        if not all(is_permitted(one["host"], port, self._allowed) for one in found):
            raise ForbiddenAddressError(f"{host} port {port} is not an address webhooks may go to")
        return found

    async def close(self) -> None:
        await self._inner.close()


def checked_connector(allowed: tuple[Network, ...], **options: Any) -> aiohttp.TCPConnector:
    """Connections for aiohttp that begin nowhere but at permitted addresses, whoever resolved them."""

    def opened(info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, (host, port, *_) = info
        if not is_permitted(host, port, allowed):
            raise ForbiddenAddressError(f"{host} port {port} is not an address webhooks may go to")
        return socket.socket(family, kind, protocol)

    return aiohttp.TCPConnector(resolver=CheckedResolver(allowed), socket_factory=opened, **options)
