"""The console as an ASGI application: every request gets an id, a person, a check of its form, and an answer people can read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from hub.api.auth import Keys
from hub.console import assets, sessions, signin, words
from hub.console.oidc import provider_of
from hub.console.known import Known
from hub.console.page import SECTIONS, Page
from hub.console.contents import PAGES
from hub.console.security import HEADERS, SAFE, check_csrf
from hub.console.shell import FLASH_COOKIE, AskError, Shell, Trouble, is_htmx, redirect, render, root, url, with_toast
from hub.console.shell import field as form_field
from hub.errors import RequestError
from hub.telemetry import logger

log = logger("hub.console")

Endpoint = Callable[[Request], Awaitable[Response]]

STATUS = {
    "UNAUTHENTICATED": 401, "FORBIDDEN": 403, "FORBIDDEN_FIELD": 403, "NOT_FOUND": 404, "VERSION_CONFLICT": 409, "IDEMPOTENCY_CONFLICT": 409,
    "STALE": 409, "MOVED_SINCE": 409, "TOO_LARGE": 413, "TOO_MANY_REQUESTS": 429, "TIMEOUT": 503, "UNAVAILABLE": 503, "INTERNAL": 500,
}  # fmt: skip
"""HTTP status by code; anything else the hub can name is 422: understood, and not possible as asked."""

TITLES = {
    401: "Please sign in", 403: "This is not for you", 404: "There is nothing here", 405: "That cannot be done here", 409: "Somebody was faster",
    413: "That is too much at once", 422: "That did not work", 429: "Too fast", 500: "Something broke", 503: "The hub is busy",
}  # fmt: skip
REMEDIES = {
    404: "The address may be old. Search for the record, or start again from home.",
    405: "Go back and use the buttons of the page.",
    500: "Nothing was changed by this request. If it happens again, tell whoever runs the hub this id.",
}


def templates() -> Environment:
    """The templates: everything escaped, and a name that does not exist is an error rather than nothing."""
    made = Environment(
        loader=PackageLoader("hub.console", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters.update(words.FILTERS)
    made.filters["when"] = _when
    made.filters["who"] = _who
    made.globals.update(asset=assets.address, amount=words.amount, sections=SECTIONS, label=words.label)
    return made


@pass_context
def _when(context: Context, value: Any) -> Markup:
    return words.when(value, context["now"])


@pass_context
def _who(context: Context, actor: str) -> Markup:
    return words.who(actor, context["request"].state.names)


class Console:
    """Serves everything below ``/console``."""

    def __init__(self, on: Shell, keys: Keys, pages: Sequence[Page] = PAGES) -> None:
        self._shell, self._pages, self._known = on, pages, Known()
        self.sign_in = signin.SignIn(keys, provider_of(on.settings, on.now))
        own = (
            Route("/static/{name}", assets.serve), *self.sign_in.routes(), Route("/sign-out", signin.sign_out, methods=["POST"]),
            Route("/team", _switch_team, methods=["POST"]),
        )  # fmt: skip
        open_paths = {"/static/{name}", *(route.path for route in self.sign_in.routes())}
        routes = [_opened(route) if route.path in open_paths else _guarded(route, Page("", "", ())) for route in own]
        routes += [_guarded(route, page) for page in pages for route in page.routes]
        self._router = Router([*routes, Route("/{path:path}", _opened_endpoint(_nowhere), methods=["GET", "POST"])], redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        scope["state"] = {**scope.get("state", {})}
        request.state.shell = self._shell
        request.state.correlation_id = str(self._shell.new_id())
        request.state.navigation = ()
        request.state.person = None
        request.state.known, request.state.names = self._known, {}
        request.state.all_pages = self._pages
        try:
            await self._router(scope, receive, send)
        except HTTPException as error:
            await sealed(error_page(request, error.status_code), request)(scope, receive, send)


def _guarded(route: Route, page: Page) -> Route:
    """A route for people who are signed in and may see the page."""
    endpoint: Endpoint = route.endpoint

    async def serve(request: Request) -> Response:
        who = await sessions.find(request)
        if who is None:
            return _to_sign_in(request)
        request.state.person = who
        request.state.navigation = _navigation(request.state.all_pages, who)
        if not who.may(*page.roles):
            wanted = " or ".join(role.value for role in page.roles)
            raise RequestError("FORBIDDEN", f"this page is for the role {wanted}; you are signed in as {who.principal.role.value}")
        request.state.names = await request.state.known.of(request.state.shell.pool, who.principal.tenant_id)
        await check_csrf(request, who.csrf)
        return await endpoint(request)

    return Route(route.path, _answering(serve), methods=sorted((route.methods or {"GET"}) - {"HEAD"}), name=route.name)


def _opened(route: Route) -> Route:
    """A route for everybody."""
    return Route(route.path, _opened_endpoint(route.endpoint), methods=sorted((route.methods or {"GET"}) - {"HEAD"}), name=route.name)


def _opened_endpoint(endpoint: Endpoint) -> Endpoint:
    return _answering(endpoint)


def _answering(endpoint: Endpoint) -> Endpoint:
    """Nothing leaves without our headers; what goes wrong becomes a page that says what to do."""

    async def serve(request: Request) -> Response:
        try:
            answer = await endpoint(request)
        except HTTPException as error:
            answer = error_page(request, error.status_code)
        except RequestError as error:
            answer = refused(request, error)
        except Exception as error:
            log.error("console request failed", correlation_id=request.state.correlation_id, exc_info=error)
            answer = error_page(request, 500)
        return sealed(answer, request)

    return serve


def sealed(answer: Response, request: Request) -> Response:
    """With the headers of every answer; flash words are shown once."""
    for name, value in HEADERS.items():
        if name not in answer.headers:
            answer.headers[name] = value
    answer.headers["x-correlation-id"] = request.state.correlation_id
    if FLASH_COOKIE in request.cookies and isinstance(answer, HTMLResponse) and not is_htmx(request):
        answer.delete_cookie(FLASH_COOKIE, path=root(request) or "/")
    if sessions.is_secure(request):
        answer.headers["strict-transport-security"] = "max-age=31536000"
    return answer


def refused(request: Request, error: RequestError) -> Response:
    """The page of something the hub can name: every reason, the field, and what to do."""
    troubles = error.troubles if isinstance(error, AskError) else (Trouble(error.code, str(error), error.field, error.remedy, error.is_retryable),)
    return error_page(request, STATUS.get(error.code.upper(), 422), troubles)


def error_page(request: Request, status: int, troubles: Sequence[Trouble] = ()) -> Response:
    """A page, or for htmx the part of one; the correlation id finds it in the log."""
    title = TITLES.get(status, TITLES[422])
    told = {"title": title, "code": status, "troubles": troubles, "remedy": "" if troubles else REMEDIES.get(status, "")}
    if not is_htmx(request):
        return render(request, "error.html", status=status, **told)
    said = f"{troubles[0].message}. {troubles[0].remedy}".strip() if troubles else title
    return with_toast(render(request, "error_part.html", status=status, **told), said[:1].upper() + said[1:], "trouble")


def _to_sign_in(request: Request) -> Response:
    """To the form and back; a form that was being sent is lost, so one returns to where it stood."""
    inner = request.url.path.removeprefix(root(request)) if request.method in SAFE and not is_htmx(request) else ""
    asked = f"{inner}?{request.url.query}" if inner and request.url.query else inner
    target = url(request, "/sign-in", next=asked if asked != "/" else "")
    if is_htmx(request):
        return Response(status_code=204, headers={"hx-redirect": target})
    return RedirectResponse(target, 303)


def _navigation(pages: Sequence[Page], who: Any) -> list[tuple[str, list[Page]]]:
    """The pages somebody may open, by section."""
    mine = [page for page in pages if page.path and who.may(*page.roles)]
    grouped = [(title, [page for page in mine if page.section == name]) for name, title in SECTIONS.items()]
    return [(title, some) for title, some in grouped if some]


async def _switch_team(request: Request) -> Response:
    """Work for another of one's teams."""
    team = await form_field(request, "team")
    if team not in request.state.person.teams:
        raise RequestError("FORBIDDEN", "that is not one of your teams", remedy="An admin can add you to it.")
    await sessions.switch_team(request, team)
    return redirect(request, "/", f"You work for {words.label(team).lower()} now.")


async def _nowhere(request: Request) -> Response:
    request.state.person = await sessions.find(request)
    if request.state.person is not None:
        request.state.navigation = _navigation(request.state.all_pages, request.state.person)
    raise HTTPException(404)

