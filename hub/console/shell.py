"""What every page stands on: who is signed in, GraphQL in process, templates, and answers that work with and without htmx.

A page asks in GraphQL what GraphQL has, so that a firm can build the same screen itself; the rest it reads by a function
of ``hub.store`` or ``hub.flows`` on ``shell(request).pool``.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from jinja2 import Environment
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hub.api.access import Principal, Role
from hub.core.configuration import Configuration
from hub.errors import RequestError
from hub.settings import Settings
from hub.store.configuration import ConfigurationCache
from hub.store.pool import Pool

Ask = Callable[[Principal, str, Mapping[str, Any], str], Awaitable[dict[str, Any]]]
"""(who asks, document, variables, correlation id) → the answer as GraphQL gives it: ``data`` and, maybe, ``errors``."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in. ``team`` is the one of their teams they work for now; ``since_at`` is when they were here before."""

    principal: Principal
    display: str
    teams: tuple[str, ...]
    team: str
    csrf: str
    since_at: datetime | None
    member_id: UUID | None = None
    """Whom members know them as; None while nobody has said whose key this is."""

    @property
    def actor(self) -> str:
        """How changes name them."""
        return self.principal.actor

    def may(self, *roles: Role) -> bool:
        return self.principal.role in roles


@dataclass(frozen=True)
class Shell:
    """What lives as long as the process."""

    pool: Pool
    ask: Ask
    settings: Settings
    configurations: ConfigurationCache
    templates: Environment
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that went wrong, as a page shows it."""

    code: str
    message: str
    field: str = ""
    remedy: str = ""
    is_retryable: bool = False


class AskError(RequestError):
    """GraphQL refused what a page asked; ``troubles`` has every reason, the message is the first."""

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        first = troubles[0]
        super().__init__(first.code, first.message, field=first.field, remedy=first.remedy, is_retryable=first.is_retryable)
        self.troubles = tuple(troubles)


def shell(request: Request) -> Shell:
    return cast(Shell, request.state.shell)


def person(request: Request) -> Person:
    """Who asks; every page behind the sign-in has somebody."""
    return cast(Person, request.state.person)


def tenant_id(request: Request) -> int:
    return person(request).principal.tenant_id


def correlation_id(request: Request) -> str:
    return cast(str, request.state.correlation_id)


async def configuration(request: Request) -> Configuration:
    """The tenant's configuration as it is now."""
    one = shell(request)
    async with one.pool.acquire() as connection:
        return await one.configurations.get(connection, tenant_id(request))


async def ask(request: Request, document: str, **variables: Any) -> dict[str, Any]:
    """The data of a GraphQL document, asked as the person who is signed in; raises :class:`AskError`."""
    data, troubles = await attempt(request, document, **variables)
    if troubles:
        raise AskError(troubles)
    return data


async def attempt(request: Request, document: str, **variables: Any) -> tuple[dict[str, Any], tuple[Trouble, ...]]:
    """The same for a page that shows what it has beside what failed: (data, troubles)."""
    answer = await shell(request).ask(person(request).principal, document, variables, correlation_id(request))
    return answer.get("data") or {}, tuple(trouble_of(one) for one in answer.get("errors") or ())


async def tell(request: Request, document: str, **variables: Any) -> dict[str, Any]:
    """Run a mutation with one root field and answer its payload; raises :class:`AskError` for the payload's errors too."""
    data = await ask(request, document, **variables)
    [payload] = data.values()
    if payload and payload.get("errors"):
        raise AskError([payload_trouble(one) for one in payload["errors"]])
    return payload or {}


def trouble_of(error: Mapping[str, Any]) -> Trouble:
    """An entry of GraphQL's ``errors``."""
    more = error.get("extensions") or {}
    return Trouble(more.get("code") or "ERROR", error["message"], more.get("field") or "", more.get("remedy") or "", bool(more.get("retryable")))


def payload_trouble(error: Mapping[str, Any]) -> Trouble:
    """An entry of a payload's ``errors``; a document may ask for code and message alone."""
    return Trouble(
        error.get("code") or "ERROR", error.get("message") or "", error.get("field") or "", error.get("remedy") or "", bool(error.get("retryable"))
    )


# Answers -------------------------------------------------------------------------------------------------------------


def is_htmx(request: Request) -> bool:
    """Whether a part of a page is wanted; going back in history asks for a whole one."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-history-restore-request") != "true"


def render(request: Request, template: str, *, status: int = 200, **data: Any) -> HTMLResponse:
    """A whole page. ``title`` and ``crumbs`` (pairs of text and path) among the data name the place."""
    text = shell(request).templates.get_template(template).render(_around(request, data))
    return HTMLResponse(text, status)


def part(request: Request, template: str, block: str, *, status: int = 200, **data: Any) -> HTMLResponse:
    """One block of a template, as htmx swaps it in."""
    found = shell(request).templates.get_template(template)
    context = found.new_context(_around(request, data))
    next(found.root_render_func(context), "")  # up to its first word: what it imports at its top is there for the block
    return HTMLResponse("".join(found.blocks[block](context)), status)


def render_or_part(request: Request, template: str, block: str, **data: Any) -> HTMLResponse:
    """The whole page for a browser, one block of it for htmx."""
    return part(request, template, block, **data) if is_htmx(request) else render(request, template, **data)


def _around(request: Request, data: Mapping[str, Any]) -> dict[str, Any]:
    """What every template has beside its own data."""
    who: Person | None = getattr(request.state, "person", None)
    return {
        "title": "", "crumbs": (), "request": request, "person": who, "csrf": who.csrf if who else "",
        "now": shell(request).now(), "url": lambda path, **query: url(request, path, **query),
        "here": request.url.path.removeprefix(root(request)), "query": request.query_params,
        "correlation_id": correlation_id(request), "theme": theme(request), "flash": flash_of(request), "navigation": request.state.navigation,
        **data,
    }  # fmt: skip


def root(request: Request) -> str:
    """The console's own address."""
    return cast(str, request.scope.get("root_path", ""))


def url(request: Request, path: str, **query: Any) -> str:
    """An address within the console; what is None, empty or False is left out of the query.

    Lists become repeated parameters.
    """
    given = {name: value for name, value in query.items() if value not in (None, "", False) and value != []}
    return root(request) + path + (f"?{urlencode(given, doseq=True)}" if given else "")


def theme(request: Request) -> str:
    """``light``, ``dark`` or empty for what the browser prefers."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in ("light", "dark") else ""


THEME_COOKIE = "hub_theme"
FLASH_COOKIE = "hub_flash"


def redirect(request: Request, path: str, toast: str = "", **query: Any) -> Response:
    """Go to another page of the console, with a word about what was done."""
    target = url(request, path, **query)
    if is_htmx(request):
        answer: Response = Response(status_code=204, headers={"hx-redirect": target})
    else:
        answer = RedirectResponse(target, 303)
    if toast:
        answer.set_cookie(FLASH_COOKIE, _packed(toast), max_age=30, path=root(request) or "/", httponly=True, samesite="lax")
    return answer


def flash_of(request: Request) -> str:
    """The word that a redirect left for the next page."""
    try:
        return json.loads(bytes.fromhex(request.cookies.get(FLASH_COOKIE, "")) or b'""')[:500]  # type: ignore[no-any-return]
    except (ValueError, TypeError, KeyError):
        return ""


def _packed(text: str) -> str:
    return json.dumps(text[:500]).encode().hex()


def with_toast(answer: Response, text: str, kind: str = "done") -> Response:
    """Say something in the corner of the page (``done``, ``info`` or ``trouble``), announced to screen readers."""
    return with_events(answer, toast={"text": text, "kind": kind})


def with_events(answer: Response, **events: Any) -> Response:
    """Ring events in the page after htmx swapped the answer in: other parts listen with ``hx-trigger="name from:body"``."""
    before = json.loads(answer.headers.get("hx-trigger", "{}"))
    answer.headers["hx-trigger"] = json.dumps(before | {name: value if value is not None else {} for name, value in events.items()})
    return answer


async def form(request: Request) -> FormData:
    """What a form sent; its CSRF token has been checked."""
    return await request.form(max_files=5, max_fields=2_000, max_part_size=10_000_000)


async def field(request: Request, name: str, default: str = "") -> str:
    """One text field of a form, without spaces around it."""
    value = (await form(request)).get(name, default)
    return value.strip() if isinstance(value, str) else default


async def fields(request: Request, name: str) -> list[str]:
    """Every value of a field of a form that stands there several times."""
    return [value for value in (await form(request)).getlist(name) if isinstance(value, str)]


def need(request: Request, *roles: Role) -> None:
    """Refuse a person without one of these roles, with a page that says so."""
    person(request).principal.need(*roles)
