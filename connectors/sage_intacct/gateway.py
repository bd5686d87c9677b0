"""The XML gateway: one address, a session, functions that each have a result, and errors in three places of a good HTTP answer.

*Control* refuses the whole request (a wrong sender), *authentication* the session or the sign-in, a *result* one function. An expired
session looks like any other failed authentication, so a new one is asked for once, and then no more.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import uuid4

from connectors.errors import ConnectorError, CredentialsError, RateLimitedError, RejectedError, RetriableError, SchemaDriftError, UnknownOutcomeError
from connectors.http import Answer, HttpClient
from connectors.rest.answers import error_of
from connectors.rest.config import RestConfig
from connectors.sage_intacct import functions
from connectors.sage_intacct.config import Login
from connectors.wire import dump_json, parse_json
from connectors.xml import Element, XmlError, dump_xml, element_of, parse_xml

CONTENT = {"content-type": "application/xml", "accept": "application/xml"}
GENERIC = frozenset({"BL01001973"})
"""Codes that say no more than that something failed; where a more telling one stands beside, that one counts."""
UNDEFINED = re.compile(r"[Ff]ield '?(?P<name>[A-Z][A-Z0-9_.]*)'? (?:is not (?:defined|valid)|does not exist)|Invalid field '?(?P<other>[A-Z][A-Z0-9_.]*)")
"""How a query for a field is refused that the object lacks (unverified wording; what none of it fits is a refusal)."""
EARLY_S = 30.0


@dataclass(frozen=True, slots=True)
class Told:
    """One error as the gateway words it."""

    code: str
    text: str
    correction: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one function. ``data`` is None where it gave none; ``errors`` is empty where it succeeded."""

    control_id: str
    status: Literal["success", "failure", "aborted"]
    data: Element | None
    key: str
    errors: tuple[Told, ...]
    is_repeated: bool = False
    """Answered from memory: it was carried out before."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The results of a request, the vendor's clock (HTTP date), and the answer as text for the attempt's record."""

    results: tuple[Result, ...]
    date: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class _Session:
    id: str = field(repr=False)
    client: HttpClient
    path: str


@dataclass
class Gateway:
    """A company behind its gateway. Concurrent callers share one session, which is renewed before it ends and when it is refused."""

    client: HttpClient
    config: RestConfig
    login: Login
    path: str
    clock: Callable[[], float] = time.time
    renewals: int = 0
    _session: _Session | None = field(default=None, repr=False)
    _ends_at: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def call(
        self, asked: Sequence[tuple[str, Element]], what: str, *, is_read: bool, is_atomic: bool = False, is_unique: bool = False
    ) -> Answered:
        """Carry out functions, each under its control id. ``is_atomic``: all or none; ``is_unique``: a control id serves once.

        Raises what the whole request ends with; what becomes of each function is in its result.
        """
        session = await self._opened(None)
        try:
            return await self._asked(session, asked, what, is_read, is_atomic, is_unique)
        except _SignInError:
            session = await self._opened(session)
        try:
            return await self._asked(session, asked, what, is_read, is_atomic, is_unique)
        except _SignInError as error:
            raise error.meaning from error

    async def one(self, function: Element, what: str, *, is_read: bool = True) -> tuple[Result, str | None]:
        """Carry out one function that reads. Raises the error it ends with, too."""
        answered = await self.call([(str(uuid4()), function)], what, is_read=is_read)
        result = answered.results[0]
        if result.errors or result.status != "success":
            words = " ".join(one.text for one in result.errors)
            unknown = UNDEFINED.search(words)
            if is_read and unknown:
                name = unknown["name"] or unknown["other"]
                raise SchemaDriftError(f"{self.config.system} has no field {name} any more ({what})", path=name, system=self.config.system)
            raise self.error(result.errors, what, is_read=is_read)
        return result, answered.date

    def error(self, told: Sequence[Told], what: str, *, is_read: bool, status: int = 200, headers: Mapping[str, str] | None = None) -> ConnectorError:
        """The error that these words mean, by the document's table."""
        first = next((one for one in told if one.code not in GENERIC), told[0] if told else Told("", ""))
        texts = " ".join(dict.fromkeys(one.text for one in told if one.text))
        body = {"code": first.code, "message": texts}
        made = error_of(self.config, Answer(status if status >= 400 else 422, dict(headers or {}), dump_json(body)), what, is_read=is_read)
        correction = next((one.correction for one in told if one.correction), "")
        if isinstance(made, RejectedError) and correction:
            made.remedy = f"{made.remedy} Sage Intacct advises: {correction}"
        return made

    async def aclose(self) -> None:
        if self._session is not None and self._session.client is not self.client:
            await self._session.client.aclose()
        await self.client.aclose()

    # --- the session ---------------------------------------------------------------------------------------------------

    async def _opened(self, refused: _Session | None) -> _Session:
        """The session in use, or a new one when there is none, it is about to end, or it is the ``refused`` one."""
        async with self._lock:
            if self._session is not None and self._session is not refused and self.clock() < self._ends_at:
                return self._session
            before, self._session = self._session, None
            self._session = await self._signed_in(before)
            self.renewals += 1
            return self._session

    async def _signed_in(self, before: _Session | None) -> _Session:
        one = self.login
        login: dict[str, Any] = {"userid": one.user, "companyid": one.company, "password": one.password}
        if one.entity:
            login["locationid"] = one.entity
        what = "sign in"
        function = (str(uuid4()), functions.session())
        document = self._document(element_of("authentication", {"login": login}), [function], is_atomic=False, is_unique=False)
        answer = await self.client.request("POST", self.path, content=document, headers=CONTENT, is_read=True)
        try:
            answered = self._read(answer, 1, what, is_read=True)
        except _SignInError as error:
            raise error.meaning from error
        result = answered.results[0]
        if result.errors or result.data is None:
            raise self.error(result.errors, what, is_read=True)
        id, endpoint = result.data.said("api/sessionid"), result.data.said("api/endpoint")
        if not id:
            raise SchemaDriftError(f"{self.config.system} answered no session", system=self.config.system, path="sessionid")
        client, path = await self._at(endpoint, before)
        return _Session(id, client, path)

    async def _at(self, endpoint: str, before: _Session | None) -> tuple[HttpClient, str]:
        """Where the session is to be used: the address the vendor gives, which is the same host or one of the same domain."""
        base, there = urlsplit(self.config.http.base_url), urlsplit(endpoint)
        if before is not None and before.client is not self.client:
            await before.client.aclose()
        if not endpoint or (there.scheme, there.netloc) == (base.scheme, base.netloc):
            return self.client, there.path or self.path
        domain = "." + ".".join((base.hostname or "").split(".")[-2:])
        if there.scheme != "https" or not domain.strip("0123456789.") or not f".{there.hostname}".endswith(domain):
            raise SchemaDriftError(f"{self.config.system} sends us to another domain", system=self.config.system, path="endpoint")
        settings = replace(self.client.settings, base_url=f"{there.scheme}://{there.netloc}")
        return HttpClient(settings, self.client.auth, self.client.on_request, self.client.resolver), there.path

    # --- one request ---------------------------------------------------------------------------------------------------

    async def _asked(
        self, session: _Session, asked: Sequence[tuple[str, Element]], what: str, is_read: bool, is_atomic: bool, is_unique: bool
    ) -> Answered:
        authentication = element_of("authentication", {"sessionid": session.id})
        document = self._document(authentication, asked, is_atomic=is_atomic, is_unique=is_unique)
        answer = await session.client.request("POST", session.path, content=document, headers=CONTENT, is_read=is_read)
        return self._read(answer, len(asked), what, is_read=is_read)

    def _document(self, authentication: Element, asked: Sequence[tuple[str, Element]], *, is_atomic: bool, is_unique: bool) -> bytes:
        control = element_of("control", {
            "senderid": self.login.sender, "password": self.login.sender_password, "controlid": str(uuid4()), "uniqueid": is_unique,
            "dtdversion": "3.0", "includewhitespace": False,
        })  # fmt: skip
        content = Element("content", children=tuple(Element("function", "", (one,), {"controlid": id}) for id, one in asked))
        operation = Element("operation", "", (authentication, content), {"transaction": "true" if is_atomic else "false"})
        return dump_xml(Element("request", children=(control, operation)))

    def _read(self, answer: Answer, expected: int, what: str, *, is_read: bool) -> Answered:
        system = self.config.system
        try:
            root = parse_xml(answer.body)
        except XmlError as error:
            if answer.status >= 400:
                told = _json_error(answer.body)
                raise self.error([told], what, is_read=is_read, status=answer.status, headers=answer.headers) from error
            if is_read and _is_json(answer.body):
                raise SchemaDriftError(f"{system} answered JSON ({what})", path="response", system=system) from error
            kind = RetriableError if is_read else UnknownOutcomeError
            raise kind(f"{system} answered no valid XML", system=system, status=answer.status) from error
        operation = root.find("operation")
        if is_read and answer.status < 400 and root.find("control") is None:
            raise SchemaDriftError(f"{system} answered {root.name[:40]} instead of a response ({what})", path="control", system=system)
        if answer.status >= 400 or root.said("control/status") != "success" or operation is None:
            raise self.error(list(_errors(root)), what, is_read=is_read, status=answer.status, headers=answer.headers)
        if operation.said("authentication/status") != "success":
            raise _SignInError(self._refused(list(_errors(operation)), what, is_read))
        self._note_end(operation.said("authentication/sessiontimeout"), answer.headers.get("date"))
        results = tuple(_result(one) for one in operation.all("result"))
        if len(results) != expected:
            told_errors = list(_errors(operation))
            if told_errors:
                raise self.error(told_errors, what, is_read=is_read)
            kind = RetriableError if is_read else UnknownOutcomeError
            raise kind(f"{system} answered {len(results)} of {expected} functions", system=system, status=answer.status)
        return Answered(results, answer.headers.get("date"), answer.body)

    def _refused(self, told: Sequence[Told], what: str, is_read: bool) -> ConnectorError:
        """A sign-in that fails is about credentials, unless the table says that it is only for now."""
        made = self.error(told, what, is_read=is_read)
        if isinstance(made, RateLimitedError | RetriableError):
            return made
        code = told[0].code if told else ""
        return CredentialsError(f"{self.config.system} does not accept our sign-in{f' ({code})' if code else ''}", system=self.config.system)

    def _note_end(self, timeout: str, date: str | None) -> None:
        """When the session ends, by our clock; the vendor's is told by its answer's date."""
        self._ends_at = self.clock() + 60.0 * 60
        try:
            now = parsedate_to_datetime(date) if date else datetime.fromtimestamp(self.clock(), UTC)
            left_s = (datetime.fromisoformat(timeout) - now).total_seconds()
        except (ValueError, TypeError):
            return
        if left_s > 0:
            # a very short session must not be renewed with every request
            self._ends_at = self.clock() + max(left_s - EARLY_S, left_s / 2)


class _SignInError(Exception):
    """The session, or the sign-in, was not accepted."""

    def __init__(self, meaning: ConnectorError) -> None:
        super().__init__(str(meaning))
        self.meaning = meaning


def _result(one: Element) -> Result:
    status: Any = one.said("status")
    return Result(
        one.said("controlid"), status if status in ("success", "aborted") else "failure", one.find("data"), one.said("key"),
        () if status == "success" else tuple(_errors(one)) or (Told("", "Something went wrong"),),
    )  # fmt: skip


def _errors(at: Element) -> Iterator[Told]:
    """The errors of an element: one ``error`` or many."""
    for message in at.all("errormessage"):
        for one in message.all("error"):
            texts = [text for text in (one.said("description"), one.said("description2")) if text]
            yield Told(one.said("errorno"), " ".join(texts), one.said("correction"))


def _is_json(body: bytes) -> bool:
    try:
        return isinstance(parse_json(body), dict | list)
    except ValueError:
        return False


def _json_error(body: bytes) -> Told:
    """What stands before the gateway answers in JSON."""
    try:
        told = parse_json(body)
    except ValueError:
        return Told("", "")
    inner = told.get("error") or told.get("ia::error") if isinstance(told, dict) else None
    about = inner if isinstance(inner, dict) else told if isinstance(told, dict) else {}
    return Told(str(about.get("errorId") or about.get("code") or ""), str(about.get("message") or ""))
