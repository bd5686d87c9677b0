"""Signing in with an API key or through the firm's identity provider, and out again."""

from __future__ import annotations

from secrets import token_urlsafe

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub.api.access import Role
from hub.api.auth import Keys
from hub.console import sessions
from hub.console.oidc import OidcError, Provider
from hub.console.security import CsrfError, Tries, TooManyTriesError, check_csrf, key_of, sign, verified
from hub.console.sessions import Identity, is_secure
from hub.console.shell import field, is_htmx, render, root, shell, url
from hub.errors import RequestError

FORM_COOKIE = "hub_form"
OIDC_COOKIE = "hub_oidc"
OIDC_S = 600


class SignIn:
    """The doors into the console."""

    def __init__(self, keys: Keys, provider: Provider | None) -> None:
        self._keys, self._provider, self.tries = keys, provider, Tries()

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("/sign-in", self.page, methods=["GET"]),
            Route("/sign-in", self.by_key, methods=["POST"]),
            Route("/sign-in/oidc", self.to_provider, methods=["GET"]),
            Route("/sign-in/oidc/callback", self.from_provider, methods=["GET"]),
        )

    async def page(self, request: Request) -> Response:
        """The form. Its token is bound to a cookie, since there is no session yet."""
        return self._form(request)

    def _form(self, request: Request, status: int = 200, problem: str = "") -> Response:
        token = verified(_key(request), "form", request.cookies.get(FORM_COOKIE, "")) or token_urlsafe(24)
        answer = render(
            request, "sign_in.html", status=status, title="Sign in", csrf=token, problem=problem, has_oidc=self._provider is not None,
            next=_inner(request.query_params.get("next", "")),
        )  # fmt: skip
        _set(request, answer, FORM_COOKIE, sign(_key(request), "form", token), 3600)
        return answer

    async def by_key(self, request: Request) -> Response:
        """Check a key and begin a session; a wrong one is told the same whatever is wrong with it."""
        address, now = _address(request), shell(request).now()
        try:
            self.tries.check(address, now)
            await check_csrf(request, verified(_key(request), "form", request.cookies.get(FORM_COOKIE, "")) or "")
            who = await self._identity(request)
        except TooManyTriesError as error:
            answer = self._form(request, 429, f"{error}. {error.remedy}".capitalize())
            answer.headers["retry-after"] = str(error.wait_s)
            return answer
        except CsrfError:
            return self._form(request, 403, "This page was too old to be sent. Try again.")
        except RequestError as error:
            self.tries.failed(address, now)
            return self._form(request, 401 if error.code == "UNAUTHENTICATED" else 403, _sentence(error))
        self.tries.succeeded(address)
        return await self._begun(request, who, _inner(await field(request, "next")))

    async def _identity(self, request: Request) -> Identity:
        key = await field(request, "key")
        head = {b"authorization": f"Bearer {key}".encode("latin-1", "replace")}
        try:
            principal = await self._keys.of_head(head, request.scope)
        except RequestError as error:
            if error.code != "UNAUTHENTICATED":
                raise
            raise RequestError("UNAUTHENTICATED", "this key is not known, or has ended") from error
        if principal.role is Role.SYSTEM or principal.scope:
            raise RequestError("FORBIDDEN", "this key is for a program; the console needs a key of a reader, a steward or an admin")
        return Identity(principal, principal.key_id, principal.key_id, principal.name, ())

    async def _begun(self, request: Request, who: Identity, inner: str) -> Response:
        answer = RedirectResponse(root(request) + inner, 303)
        await sessions.begin(request, who, answer)
        answer.delete_cookie(FORM_COOKIE, path=root(request) or "/")
        return answer

    async def to_provider(self, request: Request) -> Response:
        """Send the browser to the identity provider; what we must recognise on its way back goes along in a signed cookie."""
        provider = self._need_provider()
        state, nonce, verifier = token_urlsafe(24), token_urlsafe(24), token_urlsafe(48)
        target = await provider.authorization(_callback(request), state, nonce, verifier)
        answer = RedirectResponse(target, 303)
        inner = _inner(request.query_params.get("next", ""))
        _set(request, answer, OIDC_COOKIE, sign(_key(request), "oidc", f"{state} {nonce} {verifier} {inner}"), OIDC_S)
        return answer

    async def from_provider(self, request: Request) -> Response:
        """Take the browser back with a code, and begin a session for whom the provider names."""
        provider = self._need_provider()
        kept = (verified(_key(request), "oidc", request.cookies.get(OIDC_COOKIE, "")) or "").split(" ")
        given = request.query_params
        if len(kept) != 4 or given.get("state") != kept[0]:
            return self._form(request, 403, "The sign-in was begun elsewhere or took too long. Try again.")
        if "code" not in given:
            return self._form(request, 401, "Your identity provider did not let you in.")
        try:
            who = await provider.identity(shell(request).pool, given["code"], _callback(request), kept[1], kept[2])
        except OidcError as error:
            return self._form(request, 403 if error.is_refusal else 502, _sentence(error))
        answer = await self._begun(request, who, kept[3])
        answer.delete_cookie(OIDC_COOKIE, path=root(request) or "/")
        return answer

    def _need_provider(self) -> Provider:
        if self._provider is None:
            raise RequestError("NOT_FOUND", "no identity provider is set up", remedy="Sign in with an API key, or set HUB_OIDC_ISSUER.")
        return self._provider


async def sign_out(request: Request) -> Response:
    """End the session, here and for whoever may have copied its cookie."""
    target = url(request, "/sign-in")
    answer: Response = Response(status_code=204, headers={"hx-redirect": target}) if is_htmx(request) else RedirectResponse(target, 303)
    await sessions.end(request, answer)
    answer.headers["clear-site-data"] = '"cache"'
    return answer


def _callback(request: Request) -> str:
    """Our own address as the provider knows it."""
    base = shell(request).settings.console_address.rstrip("/")
    return (base or str(request.base_url).rstrip("/").removesuffix(root(request)) + root(request)) + "/sign-in/oidc/callback"


def _inner(path: str) -> str:
    """An address of ours to go on with; anything that could lead elsewhere becomes the home page.

    >>> [_inner(path) for path in ("/inbox?team=pmo", "//evil.example", "https://evil.example", "/\\\\evil", "")]
    ['/inbox?team=pmo', '/', '/', '/', '/']
    """
    is_ours = path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable() and " " not in path and "\\" not in path
    return path if is_ours and not path.startswith("/sign-in") else "/"


def _set(request: Request, answer: Response, name: str, value: str, age_s: int) -> None:
    answer.set_cookie(name, value, max_age=age_s, path=root(request) or "/", secure=is_secure(request), httponly=True, samesite="lax")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _key(request: Request) -> bytes:
    return key_of(shell(request).settings.need("secret_key"))


def _sentence(error: RequestError) -> str:
    text = f"{error}."
    return (text[:1].upper() + text[1:] + (f" {error.remedy}" if error.remedy else "")).strip()
