"""What the connector of Tryton does by itself, without Tryton: ids out of a log that tells none, silence after a refusal, values.

Everything else is proved on Tryton itself: ``make test-tryton``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import Any, cast

import pytest
from aiohttp import web

from connectors.errors import ConfigurationError, CredentialsError, RateLimitedError, RetriableError
from connectors.http import HttpClient, HttpSettings
from connectors.shipped import extended
from connectors.tryton.config import read
from connectors.tryton.database import Database
from connectors.tryton.deletes import Deleted
from connectors.tryton.records import marked, of_kinds, of_numbers, unmarked
from connectors.tryton.session import SILENT_S, Session
from connectors.tryton.values import plain, typed, wire


class Log:
    """A log of deletes that can be searched by its resource, as Tryton's."""

    def __init__(self, rows: dict[int, str]) -> None:
        self.rows, self.searches = rows, 0

    async def search(self, model: str, domain: Sequence[Any]) -> list[int]:
        self.searches += 1
        (_, _, ids), (_, operator, value) = domain
        return [row for row in ids if (self.rows[row].startswith(value[:-1]) if operator == "like" else self.rows[row] == value)]


async def test_ids_of_deleted_records_are_found_digit_by_digit_and_kept() -> None:
    about = {1: "party.party,7", 2: "party.party,70", 3: "party.party,71234", 4: "party.party,90210", 5: "party.party,7"}
    log = Log(about)
    deleted = Deleted(cast(Database, log))
    assert await deleted.ids("party.party", about) == {1: 7, 2: 70, 3: 71234, 4: 90210, 5: 7}
    before = log.searches
    assert await deleted.ids("party.party", [3]) == {3: 71234}
    assert log.searches == before, "what was found out is not asked for again"


@pytest.mark.parametrize(
    ("kind", "told", "mapped"),
    [
        ("date", {"__class__": "date", "year": 2026, "month": 11, "day": 2}, "2026-11-02"),
        ("numeric", {"__class__": "Decimal", "decimal": "98.7531"}, Decimal("98.7531")),
        ("timedelta", {"__class__": "timedelta", "seconds": 5430.0}, Decimal("90.5")),
        ("reference", "project.work,34", {"model": "project.work", "id": 34}),
        ("timestamp", {"__class__": "datetime", "year": 2026, "month": 1, "day": 2, "hour": 3, "minute": 4, "second": 5, "microsecond": 6}, "2026-01-02T03:04:05.000006Z"),
        ("char", "Größe", "Größe"), ("boolean", True, True), ("many2one", 5, 5), ("date", None, None),
    ],
)  # fmt: skip
def test_values_go_both_ways(kind: str, told: Any, mapped: Any) -> None:
    assert typed(plain(told), {"type": kind}) == mapped
    assert wire(mapped, {"type": kind}) == told


def test_what_is_no_number_is_refused_and_truths_of_sqlite_are_truths() -> None:
    assert typed(1, {"type": "boolean"}) is True and wire("false", {"type": "boolean"}) is False
    for value in ("ten", "NaN"):
        with pytest.raises(ValueError, match="no number"):
            wire(value, {"type": "numeric"})


def test_our_mark_stays_at_the_end_of_a_text() -> None:
    assert unmarked(marked("Workshop [internal]", "k-1")) == ("Workshop [internal]", "k-1")
    assert marked(marked("a", "k-1"), "k-1") == "a [hub k-1]" and unmarked(marked(None, "k-1")) == (None, "k-1")


def test_lists_are_changed_one_by_one() -> None:
    held = [{"id": 4, "type": "phone", "value": "+49"}, {"id": 5, "type": "email", "value": "a@b.example"}, {"id": 6, "type": "phone", "value": "+33"}]
    assert of_kinds(held, "type", "value", {"phone": None, "email": "a@b.example", "website": "https://b.example"}) == [
        ["delete", [4]], ["create", [{"type": "website", "value": "https://b.example"}]],
    ]  # fmt: skip
    numbers = [{"id": 1, "type": "eu_vat", "code": "DE136695976"}, {"id": 2, "type": "fr_siren", "code": "552008443"}]
    assert of_numbers(numbers, [{"country": "FR", "scheme": "vat", "number": "FR83404833048"}]) == [
        ["delete", [1]], ["create", [{"type": "eu_vat", "code": "FR83404833048"}]],
    ]  # fmt: skip
    assert of_numbers(numbers, [{"country": "DE", "scheme": "vat", "number": "DE 136 695 976"}]) == []


def test_a_document_that_says_too_little_is_told_so() -> None:
    own = {"extends": "tryton", "system": "erp", "base_url": "http://127.0.0.1:1", "auth": {"user": "hub", "password": "x"}}
    plainly = {key: value for key, value in extended(own).items() if key not in ("mappings", "code_maps")}
    with pytest.raises(ConfigurationError, match="database"):
        read(plainly)
    with pytest.raises(ConfigurationError, match="page_size"):
        read({**plainly, "database": "books", "page_size": 1})
    assert read({**plainly, "database": "books"}).models["party"].is_unique


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def door() -> AsyncIterator[tuple[HttpClient, list[Any]]]:
    """A client of a server that answers logins with what is put into the list, the last for good."""
    answers: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        sent = await request.json()
        told = answers.pop(0) if len(answers) > 1 else answers[0]
        return web.Response(status=told) if isinstance(told, int) else web.json_response({"id": sent["id"], **told})

    app = web.Application()
    app.router.add_post("/books/rpc/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made = HttpClient(HttpSettings("books", f"http://127.0.0.1:{runner.addresses[0][1]}"))
    yield made, answers
    await made.aclose()
    await runner.cleanup()


async def test_one_login_serves_all_and_an_idle_session_is_not_tried(door: tuple[HttpClient, list[Any]]) -> None:
    client, answers = door
    answers.append({"result": [7, "token", None]})
    clock = Clock()
    session = Session(client, "books", "hub", "secret", clock=clock)
    first = await session.headers(client)
    assert (first, session.logins, session.user_id) == ({"authorization": "Session aHViOjc6dG9rZW4="}, 1, 7)
    await session.renew(client, {"authorization": "Session of another caller, renewed meanwhile"})
    assert session.logins == 1
    clock.now += session.idle_s + 1
    await session.headers(client)
    assert session.logins == 2 and "secret" not in repr(session)


async def test_after_a_refused_password_nothing_is_asked_until_the_account_is_open_again(door: tuple[HttpClient, list[Any]]) -> None:
    client, answers = door
    answers += [401, {"result": [7, "token", None]}]
    clock = Clock()
    session = Session(client, "books", "hub", "wrong", clock=clock)
    for _ in range(3):
        with pytest.raises(CredentialsError):
            await session.headers(client)
    assert len(answers) == 1
    clock.now += SILENT_S + 1
    assert await session.headers(client)


async def test_a_closed_account_says_how_long_to_wait(door: tuple[HttpClient, list[Any]]) -> None:
    client, answers = door
    answers.append(429)
    session = Session(client, "books", "hub", "secret", clock=Clock())
    with pytest.raises(RateLimitedError) as closed:
        await session.headers(client)
    assert closed.value.retry_after_s == SILENT_S


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (404, CredentialsError), (503, RetriableError), ({"error": ["'res.user'", ""]}, RetriableError),
        ({"error": ["LoginException", ["totp", "Code", "char"]]}, CredentialsError),
    ],
)  # fmt: skip
async def test_a_login_that_fails_says_what_happens_next(door: tuple[HttpClient, list[Any]], answer: Any, kind: type[Exception]) -> None:
    client, answers = door
    answers.append(answer)
    with pytest.raises(kind):
        await Session(client, "books", "hub", "secret").headers(client)
