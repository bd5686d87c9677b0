"""Singer taps as sources: nothing lost over kills, states only behind stored pages, deletes as taps tell them, errors in words."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pytest

from connectors.conformance import present, read_all
from connectors.errors import ConfigurationError, CredentialsError, RejectedError, RetriableError, SchemaDriftError
from connectors.port import Page, Write, parse_json
from connectors.programs import child
from connectors.registry import connect
from connectors.singer.connector import SingerConnector, singer_connector

TAP = Path(__file__).parent / "programs" / "tap.py"


class Source:
    """A book of records and the taps that read it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.made = folder, list[SingerConnector]()
        self.book: dict[str, list[dict[str, Any]]] = {"clients": [], "other": [{"id": "x", "updated_at": "2026-01-01"}]}
        self.behave: dict[str, Any] = {}

    def fill(self, count: int) -> None:
        for number in range(count):
            self.put(f"c{number:03}", f"2026-02-03T08:{number // 60:02}:{number % 60:02}Z", name=f"Firm {number}")

    def put(self, id: str, at: str, **values: Any) -> None:
        rows = [row for row in self.book["clients"] if row["id"] != id]
        self.book["clients"] = [*rows, {"id": id, "updated_at": at, **values}]

    def document(self, **more: Any) -> dict[str, Any]:
        (self.folder / "book.json").write_text(json.dumps(self.book))
        told = {"book": str(self.folder / "book.json"), "token": "let-me-in", "log": str(self.folder / "log"), "behave": self.behave}
        return {
            "system": "crm2", "kind": "crm", "connector": "singer", "command": [sys.executable, str(TAP)], "config": told, "page_size": 20,
            "resources": {"client": {"stream": "clients"}},
        } | more  # fmt: skip

    def connector(self, **more: Any) -> SingerConnector:
        found = singer_connector(self.document(**more))
        self.made.append(found)
        return found

    def ids(self) -> set[str]:
        return {row["id"] for row in self.book["clients"]}

    def runs(self) -> list[Any]:
        lines = (self.folder / "log").read_text().splitlines()
        return [json.loads(line)["state"] for line in lines if line != "discover"]


@pytest.fixture
async def source(tmp_path: Path) -> AsyncIterator[Source]:
    child.allow(sys.executable)
    found = Source(tmp_path)
    yield found
    for one in found.made:
        await one.aclose()
    child.allow("")


async def pages(connector: SingerConnector, checkpoint: str = "", resource: str = "client") -> AsyncIterator[Page]:
    while True:
        page = await connector.poll(resource, checkpoint)
        yield page
        if not page.has_more:
            return
        checkpoint = page.checkpoint


async def test_one_run_of_the_tap_tells_all_pages(source: Source) -> None:
    source.fill(67)
    told, _, last = await read_all(source.connector(), "client")
    assert (present(told), len(told), source.runs()) == (source.ids(), 67, [None])
    assert not last.is_complete_listing, "nobody said that these are all"
    one = told[3]
    assert (one.object, one.external_id, one.version) == ("client", "c003", "2026-02-03T08:00:03Z")
    assert parse_json(one.body) == {"id": "c003", "updated_at": "2026-02-03T08:00:03Z", "name": "Firm 3"}


async def test_amounts_stay_exact(source: Source) -> None:
    source.put("c1", "2026-01-01", amount=0)
    (source.folder / "exact.json").write_text('{"clients": [{"id": "c1", "updated_at": "1", "amount": 1234567890.10}]}')
    told, _, _ = await read_all(source.connector(), "client")
    assert parse_json(told[0].body)["amount"] == 0
    from connectors.singer.messages import Singer, StreamChoice

    singer = Singer("tap", {"clients": StreamChoice("clients", "client", ("id",))})
    assert singer.take(b'{"type":"SCHEMA","stream":"clients","schema":{},"key_properties":[]}') is None
    found = singer.take(b'{"type":"RECORD","stream":"clients","record":{"id":7,"amount":1234567890.10}}')
    assert found is not None and found.body == b'{"id":7,"amount":1234567890.10}' and parse_json(found.body)["amount"] == Decimal("1234567890.10")


@pytest.mark.parametrize("state_every", [1, 7, 1000])
async def test_a_poll_resumes_after_a_kill_at_any_page(source: Source, state_every: int) -> None:
    """Another process knows nothing of the run that waits: it begins at the last state that was saved with its records."""
    source.behave = {"state_every": state_every}
    source.fill(67)
    stored: list[Any] = []
    saved = ""
    for _ in range(3):
        page = await source.connector().poll("client", saved)
        stored, saved = [*stored, *page.messages], page.checkpoint
        await source.made[-1].poll("client", saved)  # read, and killed before it was saved
    rest, _, _ = await read_all(source.connector(), "client", saved)
    assert present([*stored, *rest]) == source.ids()


async def test_a_checkpoint_asked_for_twice_gives_at_least_what_was_there(source: Source) -> None:
    source.fill(50)
    connector = source.connector()
    first = await connector.poll("client", "")
    second = await connector.poll("client", first.checkpoint)
    again = await connector.poll("client", first.checkpoint)
    assert {one.external_id for one in second.messages} <= {one.external_id for page in [again, *[p async for p in pages(connector, again.checkpoint)]] for one in page.messages}


async def test_a_state_is_given_back_to_the_tap_and_changes_are_read(source: Source) -> None:
    source.fill(5)
    _, checkpoint, _ = await read_all(source.connector(), "client")
    source.put("c001", "2026-03-01T00:00:00Z", name="Renamed")
    told, _, _ = await read_all(source.connector(), "client", checkpoint)
    assert [one.external_id for one in told] == ["c004", "c001"], "the last row comes again: bookmarks are inclusive"
    assert source.runs()[-1] == {"bookmarks": {"clients": {"replication_key": "updated_at", "replication_key_value": "2026-02-03T08:00:04Z"}}}


async def test_a_whole_table_is_a_complete_listing_each_time(source: Source) -> None:
    source.behave = {"method": "FULL_TABLE"}
    source.fill(30)
    connector = source.connector()
    _, checkpoint, last = await read_all(connector, "client")
    assert (checkpoint, last.is_complete_listing) == ("", True)
    source.book["clients"].pop(0)
    told, _, last = await read_all(source.connector(), "client", checkpoint)
    assert (present(told), last.is_complete_listing) == (source.ids(), True)


async def test_an_activated_version_has_all_listed_again(source: Source) -> None:
    """Rows of older versions exist no longer: the hub learns which by a listing of all."""
    source.behave = {"version": 1}
    source.fill(5)
    _, checkpoint, last = await read_all(source.connector(), "client")
    assert last.is_complete_listing
    told, checkpoint, last = await read_all(source.connector(), "client", checkpoint)
    assert ([one.external_id for one in told], last.is_complete_listing) == (["c004"], False)
    source.behave = {"version": 2}
    source.book["clients"].pop(0)
    seen = [page async for page in pages(source.connector(), checkpoint)]
    assert [page.checkpoint == "" for page in seen] == [True, False] and seen[-1].is_complete_listing
    assert {one.external_id for one in seen[-1].messages} == source.ids()


async def test_a_delete_marked_by_a_log_based_tap_is_told(source: Source) -> None:
    source.fill(2)
    source.put("c001", "2026-03-01", _sdc_deleted_at="2026-03-01T00:00:00Z")
    told, _, _ = await read_all(source.connector(), "client")
    assert present(told) == {"c000"}


async def test_types_in_small_letters_and_unknown_ones_and_a_new_schema_are_taken(source: Source) -> None:
    source.behave = {"small_letters": True, "schema_changes_after": 3}
    source.fill(6)
    told, _, _ = await read_all(source.connector(), "client")
    assert present(told) == source.ids()


async def test_several_streams_are_one_run_of_one_resource(source: Source) -> None:
    source.fill(3)
    streams = {"streams": {"clients": {"object": "client"}, "other": {}}}
    told, _, _ = await read_all(source.connector(resources={"all": streams}), "all")
    assert {(one.object, one.external_id) for one in told} == {("client", "c000"), ("client", "c001"), ("client", "c002"), ("other", "x")}
    assert len(source.runs()) == 1


@pytest.mark.parametrize("state_every", [1, 1000])
async def test_a_run_that_dies_keeps_what_it_told_and_is_begun_again(source: Source, state_every: int) -> None:
    source.behave = {"dies_after": 33, "state_every": state_every}
    source.fill(50)
    connector, stored, checkpoint, failed = source.connector(), list[Any](), "", list[str]()
    for _ in range(20):
        try:
            page = await connector.poll("client", checkpoint)
        except RetriableError as error:
            failed.append(str(error))
            continue
        stored.extend(page.messages)
        checkpoint = page.checkpoint
        if not page.has_more:
            break
    assert present(stored) == source.ids()
    assert len(failed) == 1 and "exit code 3: CRITICAL the source went away" in failed[0]
    assert "hunter2" not in failed[0] and "pw@" not in failed[0]


async def test_a_message_that_breaks_off_is_retriable(source: Source) -> None:
    source.behave = {"breaks_off_after": 0}
    source.fill(3)
    with pytest.raises(RetriableError):
        await source.connector().poll("client", "")


@pytest.mark.parametrize(
    ("behave", "said"),
    [
        ({"babbles_after": 0}, "no message"),
        ({"hands_over_after": 0}, "batch_config"),
        ({"without_schema": True}, "before its SCHEMA"),
        ({"key_goes_after": 0}, "no field id any more"),
    ],
)  # fmt: skip
async def test_what_might_hide_a_record_stops_the_poll(source: Source, behave: dict[str, Any], said: str) -> None:
    source.behave = behave
    source.fill(3)
    with pytest.raises(SchemaDriftError, match=said):
        await source.connector().poll("client", "")


async def test_a_stream_the_tap_does_not_have_is_named(source: Source) -> None:
    with pytest.raises(SchemaDriftError, match="no stream projects; it has clients, other") as error:
        await source.connector(resources={"project": {"stream": "projects"}}).poll("project", "")
    assert (error.value.object, error.value.path) == ("project", "projects")


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(child, "on_complaint", lambda program, said: found.append(said))
    return found


async def test_wrong_credentials_are_told_without_showing_them(source: Source, logged: list[str]) -> None:
    document = source.document()
    document["config"]["token"] = "sesame-0815"
    connector = singer_connector(document)
    with pytest.raises(CredentialsError) as error:
        await connector.poll("client", "")
    await connector.aclose()
    assert "401" in str(error.value) and "sesame" not in f"{error.value} {logged}"
    assert len(logged) == 1 and "401" in logged[0]


async def test_a_program_that_says_nothing_is_ended_with_all_it_started(source: Source) -> None:
    source.behave = {"sleeps_after": 5}
    source.fill(10)
    connector = source.connector(limits={"page_s": 0.2, "silence_s": 1.2})
    page = await connector.poll("client", "")
    process = connector._runs._running["client"].child.process
    with pytest.raises(RetriableError, match="said nothing for 1 s"):
        while page.has_more:
            page = await connector.poll("client", page.checkpoint)
    assert process.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


async def test_a_run_nobody_asks_for_any_more_is_ended(source: Source) -> None:
    source.fill(67)
    connector = source.connector(limits={"idle_s": 0.05})
    page = await connector.poll("client", "")
    process = connector._runs._running["client"].child.process
    async with asyncio.timeout(20):
        await process.wait()
    rest, _, _ = await read_all(connector, "client", page.checkpoint)
    assert present([*page.messages, *rest]) == source.ids()


async def test_a_tap_finds_the_tokens_it_renewed(source: Source) -> None:
    source.behave = {"renews": True}
    source.fill(1)
    connector = source.connector()
    await read_all(connector, "client")
    await read_all(connector, "client")
    log = [json.loads(line) for line in (source.folder / "log").read_text().splitlines() if line != "discover"]
    assert [one["refresh_token"] for one in log] == [None, "renewed"]


async def test_a_tap_sees_nothing_of_what_the_hub_was_told(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_SECRET_KEY", "ours")
    code = "import os, sys; sys.exit('HUB_SECRET_KEY' in os.environ)"
    found = await child.Child.start([sys.executable, "-c", code], source.folder)
    assert await found.ended() == 0
    await found.end()


async def test_a_flood_of_complaints_holds_nothing_up(source: Source, logged: list[str]) -> None:
    code = "import sys; [print('ERROR', n, 'x' * 90, file=sys.stderr) for n in range(20000)]; print('{}')"
    found = await child.Child.start([sys.executable, "-c", code], source.folder)
    assert (await found.line(), await found.line(), await found.ended()) == (b"{}\n", None, 0)
    assert found.reason().startswith("ERROR 19999") and len(logged) == child.MOST_LOGGED
    await found.end()


async def test_what_a_program_started_ends_with_it_even_unwillingly(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "GRACE_S", 0.2)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
    code = f"import subprocess, sys; one = subprocess.Popen([sys.executable, '-c', {deaf!r}]); print(one.pid, flush=True); {deaf}"
    found = await child.Child.start([sys.executable, "-c", code], source.folder)
    lines = {await found.line() for _ in range(3)}
    (other,) = (int(line) for line in lines if line and line.strip().isdigit())
    await found.end()
    assert found.process.returncode == -signal.SIGKILL
    async with asyncio.timeout(20):
        while runs(other):
            await asyncio.sleep(0.01)


def runs(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected by whoever adopted it does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_a_tap_is_read_and_never_written(source: Source) -> None:
    with pytest.raises(RejectedError, match="cannot be written"):
        await source.connector().write(Write("k", "create", "client", "client", None, {}))


@pytest.fixture
def nothing_allowed() -> Iterator[None]:
    child.allow("tap-*")
    yield
    child.allow("")


@pytest.mark.usefixtures("nothing_allowed")
def test_a_document_alone_starts_no_program() -> None:
    for command in (["/bin/sh", "-c", "id"], ["sh"], ["tap-/../../bin/sh"]):
        with pytest.raises(ConfigurationError, match="HUB_COMMANDS does not name"):
            connect("singer", {"system": "x", "command": command, "resources": {}})
    connect("singer", {"system": "x", "command": ["tap-csv"], "resources": {}})


async def test_a_program_that_is_not_installed_is_named() -> None:
    child.allow("tap-nobody-has")
    connector = connect("singer", {"system": "x", "command": "tap-nobody-has", "resources": {"a": {}}})
    with pytest.raises(ConfigurationError, match="tap-nobody-has cannot be run on this machine"):
        await connector.poll("a", "")
    await connector.aclose()
    child.allow("")


def test_a_configuration_may_stand_in_one_variable(source: Source) -> None:
    document = source.document()
    document["config"] = json.dumps(document["config"])
    assert singer_connector(document).config == source.document()["config"]
    with pytest.raises(ConfigurationError, match="config: expected a table, or a text of JSON"):
        singer_connector(source.document(config="no json"))
