"""Airbyte's own reader of manifests, run by the hub against simulated systems."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.airbyte.connector import AirbyteConnector, airbyte_connector
from connectors.conformance import present, read_all
from connectors.errors import ConnectorError, CredentialsError
from connectors.kantata.simulator.server import TOKEN, Kantata
from connectors.programs import child
from tests.oracles.conftest import HERE, Clients

pytestmark = pytest.mark.slow


@pytest.fixture
async def account() -> AsyncIterator[Kantata]:
    child.allow("*/bin/python")
    running: Kantata = await Kantata().start()
    project = next(running.store.table("workspaces")).id
    about = {"workspace_id": project, "user_id": "1", "date_performed": "2026-05-06", "time_in_minutes": 30, "notes": "Call {n}"}
    running.control_load({"object": "time_entries", "count": 450, "values": about})
    yield running
    await running.stop()
    child.allow("")


async def connector(account: Kantata, *, token: str = TOKEN, **entry: Any) -> AirbyteConnector:
    python = await Clients().python("airbyte")
    return airbyte_connector(
        {
            "system": "kantata2", "kind": "psa", "connector": "airbyte", "manifest_file": str(HERE / "kantata" / "manifest.yaml"), "page_size": 100,
            "command": [python, "-c", "from airbyte_cdk.cli.source_declarative_manifest import run; run()"],
            "config": {"address": account.url, "token": token, "start": "2026-01-01T00:00:00Z"},
            "resources": {"entry": {"stream": "time_entries", **entry}},
        }
    )  # fmt: skip


async def test_a_manifest_is_read_and_then_from_its_state(account: Kantata) -> None:
    source = await connector(account)
    told, checkpoint, last = await read_all(source, "entry")
    assert present(told) == {row.id for row in account.store.table("time_entries")} and not last.is_complete_listing
    changed = told[17].external_id
    account.control_change({"object": "time_entries", "id": changed, "values": {"notes": "Changed"}})
    again, _, _ = await read_all(source, "entry", checkpoint)
    assert changed in present(again) and len(again) < len(told)
    await source.aclose()


async def test_a_manifest_resumes_after_a_kill(account: Kantata) -> None:
    source = await connector(account)
    first = await source.poll("entry", "")
    await source.aclose()
    source = await connector(account)
    rest, _, _ = await read_all(source, "entry", first.checkpoint)
    assert present([*first.messages, *rest]) == {row.id for row in account.store.table("time_entries")}
    await source.aclose()


async def test_a_manifest_read_whole_is_a_complete_listing(account: Kantata) -> None:
    source = await connector(account, sync="full_refresh")
    told, checkpoint, last = await read_all(source, "entry")
    assert (present(told), checkpoint, last.is_complete_listing) == ({row.id for row in account.store.table("time_entries")}, "", True)
    await source.aclose()


async def test_a_wrong_token_is_told_as_such(account: Kantata) -> None:
    source = await connector(account, token="wrong")
    with pytest.raises(ConnectorError) as error:
        await source.poll("entry", "")
    assert isinstance(error.value, CredentialsError), repr(error.value)
    await source.aclose()
