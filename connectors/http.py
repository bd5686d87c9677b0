"""The one outgoing HTTP client: authentication, quota, time-outs, and errors cut by what happens next.

After a request that changes something was sent, no answer means *unknown* (it may have been applied); before it was
sent, or for a read, it means *retriable*. Numbers in answers stay exact; redirects are not followed; a link in an
answer is followed on the same origin only, since our credentials travel with it.
"""

from __future__ import annotations

import email.utils
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import aiohttp
from aiohttp.abc import AbstractResolver

from connectors.auth import Auth, Headers, SignsRequests, no_auth
from connectors.errors import (
    CredentialsError,
    RateLimitedError,
    RetriableError,
    SchemaDriftError,
    UnknownOutcomeError,
)
from connectors.quota import Quota
from connectors.wire import dump_json, parse_json


trace_headers: Callable[[], Mapping[str, str]] = dict
"""What every request carries of the trace it is part of; the process that sends may set it."""


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Where a system is and how hard it may be asked. Times in seconds."""

    system: str
    base_url: str
    timeout_s: float = 30.0
    connect_timeout_s: float = 5.0
    max_response_bytes: int = 50_000_000
    requests_per_s: float = 0.0
    concurrency: int = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status other than 3xx, 401 and 429."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: Mapping[str, str] = field(default_factory=dict)
    """What it set; nothing of it is sent back by itself."""

    def json(self) -> Any:
        """The parsed body, None when empty. Raises ValueError."""
        return parse_json(self.body) if self.body.strip() else None


@dataclass(frozen=True, slots=True)
class RequestLog:
    """One request for the log and the attempt's record: no credentials, secret and long values masked."""

    system: str
    method: str
    url: str
    status: int
    """0 when no answer came."""
    ms: float
    request: str
    response: str
    error: str = ""


OnRequest = Callable[[RequestLog], None]


@dataclass
class HttpClient:
    """Requests to one system. Make one per connector and close it; its quota is shared by all its callers."""

    settings: HttpSettings
    auth: Auth | SignsRequests = field(default_factory=no_auth)
    on_request: OnRequest | None = None
    resolver: AbstractResolver | None = None
    """Checks addresses where the base address comes from a customer."""
    tls: ssl.SSLContext | None = None
    """With a client certificate, where the system asks for one."""
    _session: aiohttp.ClientSession | None = field(default=None, init=False, repr=False)
    _quota: Quota = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._quota = Quota(self.settings.requests_per_s, self.settings.concurrency)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        is_read: bool | None = None,
    ) -> Answer:
        """Send one request; a 401 renews the credentials and repeats it once. ``content`` is a body as it is, its type among ``headers``.

        Raises RetriableError, RateLimitedError, CredentialsError, SchemaDriftError (an answer beyond the size limit)
        and, unless ``is_read`` (by default: GET and HEAD), UnknownOutcomeError. Other 4xx and 5xx are answers.
        """
        reads = method in ("GET", "HEAD") if is_read is None else is_read
        body = dump_json(json) if json is not None else urlencode(form).encode() if form is not None else content
        kind = {"content-type": "application/json"} if json is not None else {}
        if form is not None:
            kind = {"content-type": "application/x-www-form-urlencoded"}
        url = self.url(path)
        signed = {**(params or {}), **(form or {})}
        credentials = await self._credentials(method, url, signed)
        answer = await self._send(method, url, params, body, {**kind, **(credentials or {}), **(headers or {})}, reads)
        if answer.status == 401:
            renewed = await self._credentials(method, url, signed, credentials)
            if renewed is not None:
                answer = await self._send(method, url, params, body, {**kind, **renewed, **(headers or {})}, reads)
        return self._checked(answer, reads)

    async def request_unauthenticated(self, method: str, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a token: a repeat is harmless, so no answer is retriable. ``path`` is what the configuration says, so it may be an
        address on another host: many systems have their tokens from an identity provider."""
        url = path if path.startswith(("https://", "http://")) else self.url(path)
        sent = {"content-type": "application/x-www-form-urlencoded", **(headers or {})}
        answer = await self._send(method, url, None, urlencode(form).encode(), sent, reads=True)
        if answer.status >= 500:
            message = f"{self.settings.system} cannot give a token now"
            raise RetriableError(message, system=self.settings.system, status=answer.status)
        return answer if answer.status == 401 else self._checked(answer, reads=True)

    async def _credentials(self, method: str, url: str, params: Mapping[str, str], refused: Headers | None = None) -> Headers | None:
        """The headers that say who we are; others than the ``refused`` ones, and none when there are no others."""
        if isinstance(self.auth, SignsRequests):
            return self.auth.signed(method, url, params)
        if refused is None:
            return await self.auth.headers(self)
        return await self.auth.renew(self, refused)

    def url(self, path: str) -> str:
        """The absolute address of a path or of a link the system gave; another origin is refused."""
        base = self.settings.base_url.rstrip("/") + "/"
        if "://" in path or path.startswith("//"):
            absolute = urljoin(base, path)
        else:
            absolute = base + path.lstrip("/")
        if urlsplit(absolute)[:2] != urlsplit(base)[:2]:
            raise SchemaDriftError(f"{self.settings.system} names an address on another host", system=self.settings.system)
        return absolute

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _send(
        self, method: str, url: str, params: Mapping[str, str] | None, body: bytes | None, headers: Mapping[str, str], reads: bool
    ) -> Answer:
        system, began, status, answered, failure = self.settings.system, time.perf_counter(), 0, b"", ""
        await self._quota.enter()
        try:
            async with self._opened().request(
                method, url, params=params, data=body, headers={"accept": "application/json", **trace_headers(), **headers}, allow_redirects=False
            ) as response:
                status = response.status
                answered = await self._read(response)
                given = {name: one.value for name, one in response.cookies.items()}
                return Answer(status, {name.lower(): value for name, value in response.headers.items()}, answered, given)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            failure = type(error).__name__
            raise RetriableError(f"{system} cannot be reached", system=system) from error
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            failure = type(error).__name__
            if reads:
                raise RetriableError(f"{system} did not answer a read ({failure})", system=system, status=status) from error
            raise UnknownOutcomeError(f"{system} did not answer a write ({failure})", system=system, status=status) from error
        except _TooLargeError as error:
            failure = "too large"
            message = f"{system} answered more than {self.settings.max_response_bytes} bytes"
            raise (SchemaDriftError if reads else UnknownOutcomeError)(message, system=system, status=status) from error
        finally:
            self._quota.leave()
            if self.on_request is not None:
                ms = (time.perf_counter() - began) * 1000
                shown = redacted_url(url, params)
                self.on_request(RequestLog(system, method, shown, status, ms, redacted(body), redacted(answered), failure))

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_chunked(65536):
            size += len(chunk)
            if size > self.settings.max_response_bytes:
                raise _TooLargeError
            chunks.append(chunk)
        return b"".join(chunks)

    def _checked(self, answer: Answer, reads: bool) -> Answer:
        system, status = self.settings.system, answer.status
        if status == 401:
            raise CredentialsError(f"{system} does not accept our credentials", system=system, status=401)
        if status == 429:
            wait = retry_after_s(answer.headers.get("retry-after"), default=1.0)
            self._quota.pause(wait)
            raise RateLimitedError(f"{system} asks us to slow down", retry_after_s=wait, scope=system, system=system)
        if 300 <= status < 400:
            raise SchemaDriftError(f"{system} redirects to another address ({status})", system=system, status=status)
        return answer

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            one = self.settings
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=max(one.concurrency, 1), resolver=self.resolver, ssl=self.tls or True),
                timeout=aiohttp.ClientTimeout(total=one.timeout_s, sock_connect=one.connect_timeout_s),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"user-agent": "services-hub"},
            )
            # aiohttp would send a PUT or DELETE once more by itself when its answer is lost; whether to is not the client's to say
            self._session._retry_connection = False
        return self._session


class _TooLargeError(Exception):
    """An answer went beyond the size limit."""


def retry_after_s(stated: str | None, *, default: float = 0.0, now: Callable[[], float] = time.time) -> float:
    """Seconds a ``Retry-After`` asks for: a number, or an HTTP date; at most a day.

    >>> retry_after_s("7"), retry_after_s("Wed, 21 Oct 2026 07:28:00 GMT", now=lambda: 1792567670.0), retry_after_s("soon", default=2.0)
    (7.0, 10.0, 2.0)
    """
    if stated is None:
        return default
    if re.fullmatch(r"\d{1,9}(\.\d+)?", stated.strip(), re.ASCII):
        return min(float(stated), 86400.0)
    try:
        return min(max(email.utils.parsedate_to_datetime(stated).timestamp() - now(), 0.0), 86400.0)
    except (ValueError, TypeError):
        return default


_SECRET = re.compile(
    r'("[^"]*(?:token|secret|password|passwd|authorization|api_?key|iban|bank|assertion)[^"]*"\s*:\s*)("(?:[^"\\]|\\.)*"|-?[\d.]+)',
    re.IGNORECASE,
)
_SECRET_NAME = re.compile(r"token|secret|password|passwd|authorization|api_?key|iban|signature|assertion|client_id", re.IGNORECASE)
_SECRET_ELEMENT = re.compile(
    r"(<([\w:.-]*(?:token|secret|password|passwd|authorization|api_?key|iban|bank|assertion|sessionid|integrationcode)[\w.-]*)(?:\s[^<>]*)?>)[^<]+",
    re.IGNORECASE,
)
SHOWN_BYTES = 4000


def redacted(body: bytes | None) -> str:
    """The beginning of a body with the values of secret keys masked.

    >>> redacted(b'{"access_token": "abc", "name": "Nordwind"}')
    '{"access_token": "***", "name": "Nordwind"}'
    >>> redacted(b"<login><userid>hub</userid><password>abc</password></login>")
    '<login><userid>hub</userid><password>***</password></login>'
    """
    if not body:
        return ""
    text = body[:SHOWN_BYTES].decode("utf-8", "replace")
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        return _SECRET_ELEMENT.sub(r"\1***", text) + ("…" if len(body) > SHOWN_BYTES else "")
    if not text.lstrip().startswith(("{", "[")) and "=" in text:
        return "&".join(f"{k}={'***' if _SECRET_NAME.search(k) else v}" for k, v in parse_qsl(text, keep_blank_values=True))
    return _SECRET.sub(r'\1"***"', text) + ("…" if len(body) > SHOWN_BYTES else "")


def redacted_url(url: str, params: Mapping[str, str] | None = None) -> str:
    """An address for the log: no user, no password, secret parameters masked."""
    scheme, host, path, query, _ = urlsplit(url)
    pairs = [*parse_qsl(query, keep_blank_values=True), *(params or {}).items()]
    shown = "&".join(f"{name}={'***' if _SECRET_NAME.search(name) else value}" for name, value in pairs)
    return urlunsplit((scheme, host.rpartition("@")[2], path, shown, ""))
