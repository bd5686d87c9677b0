"""The simulated account as tap-mavenlink and Airbyte's reader of manifests see it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connectors.kantata.simulator.server import TOKEN, Kantata
from tests.oracles.conftest import Clients

pytestmark = pytest.mark.slow
STREAMS = ("account_memberships", "assignments", "expenses", "invoices", "stories", "time_entries", "users", "workspace_groups", "workspaces")


@pytest.fixture
async def account() -> AsyncIterator[Kantata]:
    running: Kantata = await Kantata().start()
    project = next(running.store.table("workspaces")).id
    about = {"workspace_id": project, "user_id": "1", "date_performed": "2026-05-06", "time_in_minutes": 30, "notes": "Call {n}"}
    running.control_load({"object": "time_entries", "count": 450, "values": about})
    archived = list(running.store.table("workspaces"))[-1].id
    running.control_change({"object": "workspaces", "id": archived, "values": {"archived": True}})
    yield running
    await running.stop()


def ids(account: Kantata, object: str) -> list[str]:
    return sorted(row.id for row in account.store.table(object))


async def test_tap_mavenlink(account: Kantata, clients: Clients) -> None:
    told = await clients.run("kantata", account.url, TOKEN, *STREAMS)
    assert told == {name: [len(ids(account, name))] * 2 for name in STREAMS}


async def test_airbytes_reader_of_manifests(account: Kantata, clients: Clients) -> None:
    told = await clients.airbyte("kantata", {"address": account.url, "token": TOKEN, "start": "2026-01-01T00:00:00Z"})
    assert told["check"] == "SUCCEEDED"
    for name in ("workspaces", "time_entries"):
        found = told["streams"][name]
        assert (found["ids"], found["doubles"]) == (ids(account, name), 0) and found["again"] < len(found["ids"])
