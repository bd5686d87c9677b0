"""A browser without a screen: keeps cookies, sends forms with their token, reads pages. Over the real app and Postgres."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import asyncpg
import pytest

from hub.embedded import Embedded
from hub.settings import Settings
from tests.api.conftest import Answer, Api, Tenant, running
from tests.conftest import Database, _settings_for


class _Text(HTMLParser):
    """What a page says: words without tags, scripts or styles."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._silent += tag in ("script", "style", "template")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "template")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words += data.split()


@dataclass
class Page:
    """An answer as a person sees it."""

    status: int
    headers: dict[str, str]
    html: str

    @property
    def text(self) -> str:
        """Words, with narrow and fixed spaces as plain ones."""
        parser = _Text()
        parser.feed(self.html)
        return " ".join(parser.words).replace("\u202f", " ").replace("\u00a0", " ")

    def table(self, number: int = 0) -> list[list[str]]:
        """The words of each cell of a table's body."""
        body = re.findall(r"<tbody[^>]*>(.*?)</tbody>", self.html, re.DOTALL)[number]
        rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
        return [[_plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]

    def tests(self, name: str) -> list[str]:
        """The opening tags of the elements with this ``data-test``."""
        return re.findall(rf'<[^>]*data-test="{re.escape(name)}"[^>]*>', self.html)

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.html) or re.search(r'"X-CSRF-Token": "([^"]+)"', unescape(self.html))
        assert found is not None, "the page has no token"
        return found[1]


def _plain(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    return " ".join(parser.words).replace("\u202f", " ").replace("\u00a0", " ")


@dataclass
class Browser:
    """One person's browser."""

    api: Api
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    async def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None, query: str = "") -> Page:
        """One request below ``/console``, without following redirects."""
        head = {"host": "test", "accept": "text/html", **(headers or {})}
        if self.cookies:
            head["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        path, _, asked = path.partition("?")
        app = _Listening(self.api.app)
        found: Answer = await Api(app, self.api.pool, self.api.database).send(method, "/console" + path, body, head, query or asked)
        keep_cookies(self, app.set_cookies)
        return Page(found.status, found.headers, found.body.decode("utf-8", "replace"))

    async def get(self, path: str, *, htmx: bool = False, **query: Any) -> Page:
        page = await self.send("GET", path, headers={"hx-request": "true"} if htmx else {}, query=urlencode(query, doseq=True))
        if "X-CSRF-Token" in page.html and "csrf" in page.html:
            self.csrf = page.csrf
        return page

    async def post(self, path: str, *, htmx: bool = False, csrf: str | None = None, **fields: Any) -> Page:
        """Send a form with the token of the last page."""
        given = {**fields, "csrf": self.csrf if csrf is None else csrf}
        head = {"content-type": "application/x-www-form-urlencoded"} | ({"hx-request": "true"} if htmx else {})
        return await self.send("POST", path, urlencode(given, doseq=True).encode(), head)

    async def upload(self, path: str, name: str, content: bytes, **fields: str) -> Page:
        """Send a form with a file."""
        edge = "----edge"
        parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in ({"csrf": self.csrf} | fields).items()]
        parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n'.encode())
        body = b"".join(parts) + content + f"\r\n--{edge}--\r\n".encode()
        return await self.send("POST", path, body, {"content-type": f"multipart/form-data; boundary={edge}"})

    async def sign_in(self, key: str) -> Page:
        """Sign in with a key; the page answered is what the form gave."""
        await self.get("/sign-in")
        page = await self.post("/sign-in", key=key)
        if page.status == 303:
            await self.get("/")
        return page


class _Listening:
    """An application whose answers' Set-Cookie lines are all kept; a dictionary of headers holds only one."""

    def __init__(self, app: Any) -> None:
        self._app, self.set_cookies = app, list[str]()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def heard(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.set_cookies += [value.decode() for name, value in message["headers"] if name == b"set-cookie"]
            await send(message)

        await self._app(scope, receive, heard)


def keep_cookies(browser: Browser, lines: list[str]) -> None:
    """What a browser does with Set-Cookie."""
    for line in lines:
        for name, one in SimpleCookie(line).items():
            if one["max-age"] == "0":
                browser.cookies.pop(name, None)
            else:
                browser.cookies[name] = one.value


@pytest.fixture(scope="session")
async def console_api(servers: Embedded, template: asyncpg.Connection) -> AsyncIterator[Api]:
    """One application on one database for the tests of this folder, each with tenants of its own."""
    await template.execute("CREATE DATABASE test_console TEMPLATE hub")
    database = Database("test_console", _settings_for(Settings().on(servers), "test_console"))
    async with running(database) as started:
        yield started
    await template.execute("DROP DATABASE test_console WITH (FORCE)")


@pytest.fixture
async def api(console_api: Api) -> Api:
    console_api.app.state.keys.forget()
    console_api.app.state.console.sign_in.tries.forget()
    return console_api


@pytest.fixture
async def acme(api: Api) -> Tenant:
    return await api.tenant("acme")


@pytest.fixture
def browser(api: Api) -> Browser:
    """A stranger's browser."""
    return Browser(api)


@pytest.fixture
async def steward(api: Api, acme: Tenant) -> Browser:
    """A steward of acme, signed in."""
    made = Browser(api)
    await made.sign_in(acme.keys["steward"])
    return made
