"""What keeps the console's answers and forms safe: headers, tokens of forms, signed cookies, a brake on guessing keys."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections import OrderedDict
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from starlette.requests import Request

from hub.errors import RequestError

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "cache-control": "no-store",
}
"""Of every page; static files are kept for ever instead of not at all."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_FAILURES = 10
FAILURE_WINDOW = timedelta(minutes=1)
MOST_REMEMBERED = 10_000


class CsrfError(RequestError):
    """A form came without the token of this session: from elsewhere, or from a page older than the sign-in."""

    def __init__(self) -> None:
        super().__init__("FORBIDDEN", "the form was not sent from a page of this session", remedy="Open the page again and repeat what you did.")


class TooManyTriesError(RequestError):
    """An address sent wrong keys again and again."""

    def __init__(self, wait_s: int) -> None:
        super().__init__("TOO_MANY_REQUESTS", "too many wrong keys from this address", remedy=f"Wait {wait_s} s.", is_retryable=True)
        self.wait_s = wait_s


def sign(key: bytes, purpose: str, text: str) -> str:
    """``text`` with a tag that only we can make for this purpose.

    >>> verified(b"k", "cookie", sign(b"k", "cookie", "7.abc"))
    '7.abc'
    >>> verified(b"k", "cookie", sign(b"k", "other", "7.abc")) is None
    True
    """
    return f"{text}.{_tag(key, purpose, text)}"


def verified(key: bytes, purpose: str, signed: str) -> str | None:
    """The text of :func:`sign`, or None when somebody else made it."""
    text, _, tag = signed.rpartition(".")
    return text if text and hmac.compare_digest(tag.encode(), _tag(key, purpose, text).encode()) else None


def _tag(key: bytes, purpose: str, text: str) -> str:
    return urlsafe_b64encode(hmac.digest(key, f"{purpose}:{text}".encode(), hashlib.sha256)).decode().rstrip("=")


def key_of(secret_key: str) -> bytes:
    """What the console signs with, derived from the hub's secret key so that no two uses share one."""
    return hashlib.sha256(b"hub console:" + secret_key.encode()).digest()


async def check_csrf(request: Request, wanted: str) -> None:
    """Refuse a request that changes something unless it carries the session's token and comes from our own pages.

    The token is the field ``csrf`` of a form, or the header ``X-CSRF-Token`` that htmx sends.
    """
    if request.method in SAFE:
        return
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none") or not _is_same_origin(request):
        raise CsrfError
    given = request.headers.get("x-csrf-token")
    if given is None:
        value = (await request.form(max_files=5, max_fields=2_000, max_part_size=10_000_000)).get("csrf")
        given = value if isinstance(value, str) else ""
    if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise CsrfError


def _is_same_origin(request: Request) -> bool:
    """Whether ``Origin``, where a browser sends it, is the host it asks."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")


class Tries:
    """Wrong keys by address; who sends too many waits."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def check(self, address: str, now: datetime) -> None:
        """Raises :class:`TooManyTriesError` while the address must wait."""
        since, count = self._failures.get(address, (now, 0))
        if count >= MOST_FAILURES and now - since <= FAILURE_WINDOW:
            raise TooManyTriesError(max(int((since + FAILURE_WINDOW - now).total_seconds()), 1))

    def failed(self, address: str, now: datetime) -> None:
        since, count = self._failures.get(address, (now, 0))
        if now - since > FAILURE_WINDOW:
            since, count = now, 0
        self._failures[address] = (since, count + 1)
        self._failures.move_to_end(address)
        while len(self._failures) > MOST_REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, address: str) -> None:
        self._failures.pop(address, None)

    def forget(self) -> None:
        """Forgive every address."""
        self._failures.clear()
