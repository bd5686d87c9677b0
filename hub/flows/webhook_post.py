"""One try of one webhook: signed, sent to a checked address, answered within 15 s or not at all, and what the answer means.

Whatever the receiver does costs one connection for that long and 64 KB: redirects are not followed, endless answers are cut.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp
from yarl import URL

from hub import tracing
from hub.faults import point
from hub.flows.addresses import ForbiddenAddressError, Network, check_url, checked_connector
from hub.flows.webhook_message import Message, signed_headers

TIMEOUT_S = 15.0
_CONNECT_S = 5.0
_SHOWN_BYTES = 500
_READ_BYTES = 65_536
_LONGEST_PAUSE_S = 3600.0


@dataclass(frozen=True, slots=True)
class Answer:
    """How the receiver took one event; ``state`` is done, retriable, rate_limited, rejected or gone."""

    state: str
    reason: str = ""
    status: int = 0
    body: str = ""
    retry_after_s: float = 0.0
    is_overload: bool = False
    """It has too much to do: it is sent less at once, not only this event later."""


def open_session(allowed: tuple[Network, ...]) -> aiohttp.ClientSession:
    """A process's one session for webhooks; connects to permitted addresses only and keeps no cookies."""
    return aiohttp.ClientSession(
        connector=checked_connector(allowed, limit=256, limit_per_host=32, ttl_dns_cache=30),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_S, sock_connect=_CONNECT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"user-agent": "hub-webhooks/1"},
        skip_auto_headers=("accept-encoding",),
        auto_decompress=False,
        max_line_size=8_190,
        max_field_size=8_190,
    )


@dataclass(frozen=True, slots=True)
class Poster:
    """Sends signed events. ``wall`` is the time that signatures carry, in seconds since 1970."""

    session: aiohttp.ClientSession
    allowed: tuple[Network, ...]
    wall: Callable[[], float] = time.time

    async def post(self, text: str, event: Message, secrets: str) -> Answer:
        """One try, whatever comes of it; ``secrets`` are those in force, apart by spaces."""
        try:
            url = check_url(text, self.allowed)
            headers = signed_headers(secrets, event, int(self.wall())) | tracing.headers()
            point("webhook.before_call")
            async with asyncio.timeout(TIMEOUT_S), self.session.post(url, data=event.body, headers=headers, allow_redirects=False) as response:
                point("webhook.after_call")
                body = await response.content.read(_READ_BYTES)
                return judge(response.status, response.headers.get("retry-after", ""), body, self.wall())
        except ForbiddenAddressError as error:
            return Answer("rejected", str(error))
        except (aiohttp.ClientSSLError, ssl.SSLError):
            return Answer("retriable", "The receiver's certificate is not valid, or it does not speak TLS.")
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, ForbiddenAddressError):
                return Answer("rejected", str(error.os_error))
            return Answer("retriable", "The receiver cannot be reached.")
        except TimeoutError:
            return Answer("retriable", f"No answer within {TIMEOUT_S:.0f} s.")
        except aiohttp.InvalidURL:
            return Answer("rejected", "The address cannot be read.")
        except (aiohttp.ClientError, OSError) as error:
            return Answer("retriable", f"The connection failed ({type(error).__name__}).")


def judge(status: int, retry_after: str, body: bytes, now: float) -> Answer:
    """What an HTTP answer means for the delivery. Who says that it is busy is sent less for a while; 429, and 503 with a
    time to come again, are no failed tries.

    >>> [judge(status, "", b"", 0).state for status in (200, 204, 301, 404, 408, 410, 429, 500, 503)]
    ['done', 'done', 'rejected', 'rejected', 'retriable', 'gone', 'rate_limited', 'retriable', 'retriable']
    >>> judge(503, "7", b"", 0).state, [judge(status, "", b"", 0).is_overload for status in (429, 500, 502, 503, 504)]
    ('rate_limited', [True, False, True, True, True])
    """
    shown = body[:_SHOWN_BYTES].decode("utf-8", "replace").replace("\x00", "")
    if 200 <= status < 300:
        return Answer("done", status=status, body=shown)
    wait_s = min(retry_after_s(retry_after, now), _LONGEST_PAUSE_S)
    if status == 410:
        return Answer("gone", "The receiver says that it is gone for good.", status, shown)
    if status == 429 or (status == 503 and wait_s):
        return Answer("rate_limited", f"The receiver asks to wait (HTTP {status}).", status, shown, wait_s, is_overload=True)
    if status in (502, 503, 504):
        return Answer("retriable", f"The receiver is overloaded (HTTP {status}).", status, shown, wait_s, is_overload=True)
    if 300 <= status < 400:
        return Answer("rejected", f"The receiver redirects (HTTP {status}), which is not followed.", status, shown)
    if 400 <= status < 500 and status not in (408, 425):
        return Answer("rejected", f"The receiver refuses the event (HTTP {status}).", status, shown)
    return Answer("retriable", f"The receiver failed (HTTP {status}).", status, shown, wait_s)


def retry_after_s(header: str, now: float) -> float:
    """Seconds of a Retry-After header, a number or a date; 0 when it says nothing we can read.

    >>> retry_after_s("2.5", 0), retry_after_s("Thu, 01 Jan 1970 00:01:00 GMT", 10), retry_after_s("soon", 0)
    (2.5, 50.0, 0.0)
    """
    try:
        return max(float(header), 0.0) if header.strip().lstrip("+-") not in ("nan", "inf", "infinity") else 0.0
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(header).timestamp() - now, 0.0)
    except (TypeError, ValueError, OverflowError):
        return 0.0


def in_force(secrets: str, former_until: datetime | None, now: float) -> str:
    """The secrets that sign at this time, apart by spaces: the former one only until it ends.

    >>> until = datetime.fromisoformat("1970-01-02T00:00:00+00:00")
    >>> [in_force("fresh former", until, now) for now in (86_399, 86_400)]
    ['fresh former', 'fresh']
    """
    if former_until is None or now < former_until.timestamp():
        return secrets
    return secrets.split()[0]


def shown_url(text: str) -> str:
    """An address as an attempt may show it: what follows a question mark is often a secret.

    >>> shown_url("https://shop.example/hook?token=s"), shown_url("https://shop.example/hook")
    ('https://shop.example/hook?…', 'https://shop.example/hook')
    """
    try:
        url = URL(text)
    except ValueError:
        return ""
    return str(url.with_query(None).with_fragment(None)) + ("?…" if url.query_string else "")
