"""Airbyte sources: the protocol's states, statuses and errors become pages, completeness and our errors."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.airbyte.connector import AirbyteConnector, airbyte_connector
from connectors.conformance import present, read_all
from connectors.errors import (
    ConfigurationError, ConnectorError, CredentialsError, RateLimitedError, RejectedError, RetriableError, SchemaDriftError,
)  # fmt: skip
from connectors.port import parse_json
from connectors.programs import child

SOURCE = Path(__file__).parent / "programs" / "source.py"


class Source:
    """A book of records and the sources that read it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.made = folder, list[AirbyteConnector]()
        self.book: dict[str, list[dict[str, Any]]] = {"clients": []}
        self.behave: dict[str, Any] = {}

    def fill(self, count: int) -> None:
        self.book["clients"] = [{"id": f"c{n:03}", "updated_at": f"2026-02-03T08:{n // 60:02}:{n % 60:02}Z", "name": f"Firm {n}"} for n in range(count)]

    def document(self, **more: Any) -> dict[str, Any]:
        (self.folder / "book.json").write_text(json.dumps(self.book))
        told = {"book": str(self.folder / "book.json"), "token": "let-me-in", "log": str(self.folder / "log"), "behave": self.behave}
        return {
            "system": "crm2", "kind": "crm", "connector": "airbyte", "command": [sys.executable, str(SOURCE)], "config": told, "page_size": 20,
            "resources": {"client": {"stream": "clients"}},
        } | more  # fmt: skip

    def connector(self, **more: Any) -> AirbyteConnector:
        found = airbyte_connector(self.document(**more))
        self.made.append(found)
        return found

    def ids(self) -> set[str]:
        return {row["id"] for row in self.book["clients"]}

    def runs(self) -> list[Any]:
        return [json.loads(line) for line in (self.folder / "log").read_text().splitlines()]


@pytest.fixture
async def source(tmp_path: Path) -> AsyncIterator[Source]:
    child.allow(f"{sys.executable}, source-declarative-manifest")
    found = Source(tmp_path)
    yield found
    for one in found.made:
        await one.aclose()
    child.allow("")


async def test_a_stream_is_read_and_then_from_its_state(source: Source) -> None:
    source.fill(47)
    told, checkpoint, last = await read_all(source.connector(), "client")
    assert (present(told), len(told), last.is_complete_listing) == (source.ids(), 47, False)
    assert (told[1].external_id, told[1].version, parse_json(told[1].body)["name"]) == ("c001", "2026-02-03T08:00:01Z", "Firm 1")
    source.book["clients"].append({"id": "new", "updated_at": "2026-03-01T00:00:00Z"})
    told, _, _ = await read_all(source.connector(), "client", checkpoint)
    assert [one.external_id for one in told] == ["c046", "new"]
    assert [(run["sync"], run["state"]) for run in source.runs()] == [("incremental", []), ("incremental", [{"updated_at": "2026-02-03T08:00:46Z"}])]


async def test_a_whole_stream_is_a_complete_listing_each_time(source: Source) -> None:
    source.behave = {"modes": ["full_refresh"]}
    source.fill(30)
    _, checkpoint, last = await read_all(source.connector(), "client")
    assert (checkpoint, last.is_complete_listing) == ("", True)


@pytest.mark.parametrize("state_every", [1, 1000])
async def test_a_poll_resumes_after_a_kill_at_any_page(source: Source, state_every: int) -> None:
    source.behave = {"state_every": state_every}
    source.fill(67)
    stored: list[Any] = []
    saved = ""
    for _ in range(3):
        page = await source.connector().poll("client", saved)
        stored, saved = [*stored, *page.messages], page.checkpoint
    rest, _, _ = await read_all(source.connector(), "client", saved)
    assert present([*stored, *rest]) == source.ids()


@pytest.mark.parametrize(
    ("failure", "kind"), [("transient_error", RetriableError), ("config_error", CredentialsError), ("system_error", RejectedError), ("", RetriableError)]
)
async def test_a_failure_keeps_what_was_told_and_says_who_can_mend_it(source: Source, failure: str, kind: type[ConnectorError]) -> None:
    source.behave = {"fails_after": 13, "failure": failure}
    source.fill(20)
    connector = source.connector()
    page = await connector.poll("client", "")
    assert len(page.messages) == 13 and page.has_more
    with pytest.raises(kind) as error:
        await connector.poll("client", page.checkpoint)
    assert "it went wrong" in str(error.value) and "hunter2" not in str(error.value)
    rest, _, _ = await read_all(connector, "client", page.checkpoint)
    assert present([*page.messages, *rest]) == source.ids()


@pytest.mark.parametrize(("status", "kind"), [("INCOMPLETE", RetriableError), ("RATE_LIMITED", RateLimitedError)])
async def test_a_stream_that_is_not_complete_is_not_taken_for_one(source: Source, status: str, kind: type[ConnectorError]) -> None:
    source.behave = {"status": status, "modes": ["full_refresh"]}
    source.fill(3)
    connector = source.connector()
    page = await connector.poll("client", "")
    assert (len(page.messages), page.has_more, page.is_complete_listing) == (3, True, False)
    with pytest.raises(kind) as error:
        await connector.poll("client", page.checkpoint)
    assert getattr(error.value, "retry_after_s", 0.0) == (86400.0 if status == "RATE_LIMITED" else 0.0)


async def test_a_record_that_was_told_and_did_not_come_is_noticed(source: Source) -> None:
    source.behave = {"swallows": 2, "state_every": 5}
    source.fill(5)
    connector = source.connector()
    page = await connector.poll("client", "")
    with pytest.raises(RetriableError, match="says it told 5 records of clients, 4 came"):
        await connector.poll("client", page.checkpoint)


async def test_a_value_that_was_cut_off_on_its_way_is_not_stated(source: Source) -> None:
    source.book["clients"] = [{"id": "1", "updated_at": "1", "note": "cut o", "name": "Nordwind"}]
    told, _, _ = await read_all(source.connector(), "client")
    assert parse_json(told[0].body) == {"id": "1", "updated_at": "1", "name": "Nordwind"}


async def test_a_delete_of_a_log_based_source_is_told(source: Source) -> None:
    source.book["clients"] = [{"id": "1", "updated_at": "1"}, {"id": "2", "updated_at": "2", "_ab_cdc_deleted_at": "2026-01-01"}]
    told, _, _ = await read_all(source.connector(), "client")
    assert present(told) == {"1"}


async def test_a_renewed_configuration_serves_the_next_run(source: Source) -> None:
    source.behave = {"renews": True}
    source.fill(1)
    connector = source.connector()
    await read_all(connector, "client")
    await read_all(connector, "client")
    assert [run["token"] for run in source.runs()] == [None, "renewed"]


async def test_a_configuration_that_does_not_work_is_told(source: Source) -> None:
    document = source.document()
    document["config"]["token"] = "sesame-0815"
    connector = airbyte_connector(document)
    with pytest.raises(CredentialsError) as error:
        await connector.poll("client", "")
    assert "401" in str(error.value) and "sesame" not in str(error.value)
    source.behave = {"check_says": "HTTP Status Code: 503"}
    with pytest.raises(RetriableError, match="503"):
        await source.connector().poll("client", "")


async def test_a_stream_that_is_not_there_or_has_no_key_is_named(source: Source) -> None:
    with pytest.raises(SchemaDriftError, match="no stream projects; it has clients"):
        await source.connector(resources={"project": {"stream": "projects"}}).poll("project", "")
    source.behave = {"modes": ["full_refresh"]}
    with pytest.raises(SchemaDriftError, match="cannot be read incrementally"):
        await source.connector(resources={"client": {"stream": "clients", "sync": "incremental"}}).poll("client", "")


def test_a_manifest_becomes_the_configuration_of_its_reader(source: Source, tmp_path: Path) -> None:
    manifest = {"version": "7.0.0", "type": "DeclarativeSource", "streams": [{"name": "clients"}]}
    (tmp_path / "m.yaml").write_text(json.dumps(manifest))
    about = {"system": "crm2", "config": {"token": "t"}, "resources": {}}
    one, other = airbyte_connector({**about, "manifest": manifest}), airbyte_connector({**about, "manifest_file": str(tmp_path / "m.yaml")})
    assert one.command == ("source-declarative-manifest",)
    assert one.config == other.config and one.config["token"] == "t"
    assert one.config["__injected_declarative_manifest"]["streams"] == [{"name": "clients"}]
    with pytest.raises(ConfigurationError, match="manifest: expected a declarative manifest"):
        airbyte_connector({**about, "manifest": {"version": "1"}})
    child.allow("")
    with pytest.raises(ConfigurationError, match="HUB_COMMANDS does not name source-declarative-manifest"):
        airbyte_connector({**about, "manifest": manifest})
