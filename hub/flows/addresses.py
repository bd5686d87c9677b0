"""Where a webhook may go: a public address, or a network the operator has named. Checked on what is connected to.

A name is resolved once, every address it has must be permitted, and the connection goes to an address that was checked;
redirects are not followed. So neither a private address, nor a name that points there later, is ever reached.
"""

from __future__ import annotations

import ipaddress
from typing import TypeAlias
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from hub.errors import SettingError

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
PUBLIC_PORTS = frozenset({80, 443})
_EMBEDDING = tuple(ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
"""IPv6 networks whose addresses carry an IPv4 address of somebody else's choosing."""


class ForbiddenAddressError(OSError):
    """The address is not one a webhook may go to; nothing was sent."""


def networks(setting: str) -> tuple[Network, ...]:
    """Read HUB_WEBHOOK_NETWORKS.

    >>> networks("127.0.0.0/8, ::1"), networks("none")
    ((IPv4Network('127.0.0.0/8'), IPv6Network('::1/128')), ())
    """
    if setting.strip() == "none":
        return ()
    try:
        return tuple(ipaddress.ip_network(text.strip()) for text in setting.split(",") if text.strip())
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
    if any(address in network for network in _EMBEDDING):
        return False
    return address.is_global and not address.is_multicast and port in PUBLIC_PORTS


def check_url(url: str, allowed: tuple[Network, ...]) -> None:
    """Refuse what can be refused before resolving. Raises :class:`ForbiddenAddressError`."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise ForbiddenAddressError("the address cannot be read") from None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise ForbiddenAddressError("the address must begin with https:// or http:// and name a host, without a login")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return
    if not is_permitted(host, port, allowed):
        raise ForbiddenAddressError(f"{host} port {port} is not an address webhooks may go to")


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
