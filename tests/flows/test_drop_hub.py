"""Drop folders at both ends of the hub: dropped files become golden records, and what changes there is written for another system."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import RetriableError
from connectors.files import place
from connectors.files.connector import FilesConnector, files_connector
from connectors.port import Connector
from hub.flows import poll
from hub.flows.connect import connect
from hub.settings import Settings
from tests.flows.conftest import Hub
from tests.flows.delivering import Keeper, a_deliverer, a_target, attempts_made, open_tasks

RESOURCES = {"clients": {"object": "clients", "pattern": "clients_*.csv", "kind": "snapshot", "complete": "done", "most_fewer_percent": 50}}
MAPPING = {"mappings": [{"object": "clients", "entity": "client", "id": "id", "fields": {"name": "name"}}]}


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    place.allow(str(tmp_path))
    (tmp_path / "in").mkdir()
    yield tmp_path
    place.allow("")


def dropped(root: Path, number: int, lines: list[str]) -> None:
    (root / "in" / f"clients_{number}.csv").write_text("\n".join(["id,name", *lines, ""]))
    (root / "in" / f"clients_{number}.csv.done").write_text("")


def names(root: Path, folder: str) -> list[str]:
    return sorted(one.name for one in (root / folder).iterdir()) if (root / folder).is_dir() else []


@pytest.fixture
async def crm2(hub: Hub, root: Path) -> FilesConnector:
    document = {"system": "crm2", "kind": "crm", "connector": "files", "folder": str(root / "in"), "archive": "archive", "error": "error"}
    document |= {"page_size": 2, "resources": RESOURCES}
    async with hub.transaction() as (tx, _):
        await connect(tx, hub.tenant, {**document, **MAPPING}, {}, "a secret key", ["clients"])
    return files_connector(document)


async def polled(hub: Hub, connector: Connector) -> poll.Polled:
    async def of(tenant: int, system: str) -> Connector:
        return connector

    done = await poll.poll(hub.pool, of, hub.tenant, "crm2", "clients")
    await hub.settle()
    return done


async def test_a_dropped_snapshot_becomes_golden_records_and_is_put_away_and_the_next_tells_what_is_gone(hub: Hub, root: Path, crm2: FilesConnector) -> None:
    dropped(root, 1, [f"c{n},Firm {n}" for n in range(1, 6)])
    assert (await polled(hub, crm2)).new == 5
    assert names(root, "in") == [] and names(root, "archive") == ["clients_1.csv", "clients_1.csv.done", "clients_1.csv_ack.json"]
    found = await hub.rows("SELECT name FROM golden.client WHERE tenant_id = $1 ORDER BY name", hub.tenant)
    assert [one["name"] for one in found] == [f"Firm {n}" for n in range(1, 6)]
    dropped(root, 2, [f"c{n},Firm {n}" for n in range(2, 6)])
    assert (await polled(hub, crm2)).deleted == 1
    (row,) = await hub.rows("SELECT state FROM hub.source_record WHERE tenant_id = $1 AND external_id = 'c1'", hub.tenant)
    assert row["state"] == "deleted" and names(root, "in") == []


async def test_a_refused_file_and_a_bad_line_become_tasks(hub: Hub, root: Path, crm2: FilesConnector) -> None:
    dropped(root, 1, ["c1,Firm 1", ",no id"])
    await polled(hub, crm2)
    dropped(root, 2, [])
    await polled(hub, crm2)
    assert names(root, "error") == ["clients_1.csv_errors.csv", "clients_2.csv", "clients_2.csv.done", "clients_2.csv_ack.json"]
    assert await hub.tasks() == [("parse", "crm2 clients", 2)]
    rows = await hub.rows("SELECT convert_from(body, 'UTF8') AS body FROM hub.inbox WHERE tenant_id = $1 AND external_id = '' ORDER BY id", hub.tenant)
    bad, refused = (row["body"] for row in rows)
    assert bad == "clients_1.csv line 3: the record has no id: ,no id\n"
    assert refused.startswith("clients_2.csv: it lists 0 records where the one before listed 2;")


async def test_a_file_whose_move_failed_is_moved_before_the_next_poll(hub: Hub, root: Path, crm2: FilesConnector, monkeypatch: pytest.MonkeyPatch) -> None:
    dropped(root, 1, ["c1,Firm 1", "c2,Firm 2", "c3,Firm 3"])
    with monkeypatch.context() as patch:

        async def broken(*_: object) -> None:
            raise RetriableError("the archive is full")

        patch.setattr(FilesConnector, "stored", broken)
        assert (await polled(hub, crm2)).error == "RetriableError"
    stored = await hub.rows("SELECT checkpoint FROM hub.checkpoint WHERE tenant_id = $1 AND system = 'crm2'", hub.tenant)
    assert json.loads(stored[0]["checkpoint"])["file"] == "clients_1.csv" and names(root, "archive") == []
    for _ in range(3):
        await polled(hub, crm2)
    assert "clients_1.csv" in names(root, "archive") and names(root, "in") == []
    found = await hub.rows("SELECT name FROM golden.client WHERE tenant_id = $1 ORDER BY name", hub.tenant)
    assert [one["name"] for one in found] == ["Firm 1", "Firm 2", "Firm 3"]


async def test_changes_are_written_as_files_each_once_though_an_answer_is_lost(
    keeper: Keeper, settings: Settings, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = {"folder": str(root / "out"), "bulk": 50, "objects": {"account": {"columns": ["name", "phone"], "required": ["name"]}}}
    connector = files_connector({"system": "erp", "folder": str(root / "in"), "out": out})

    async def of(tenant: int, system: str) -> Connector | None:
        return connector if system == "erp" else None

    plain, lost = place.LocalPlace.rename, [True]

    async def rename(self: place.LocalPlace, old: str, new: str, *, is_new: bool = False) -> None:
        await plain(self, old, new, is_new=is_new)
        if is_new and lost:
            lost.clear()
            raise OSError(5, "input/output error")

    monkeypatch.setattr(place.LocalPlace, "rename", rename)
    target = await a_target(keeper, settings)
    async with a_deliverer(keeper.pool, settings, of, call_timeout_s=5.0):
        clients = [await keeper.save(name=f"Firm {number}", notify=number == 9) for number in range(10)]
        await target.settled()
        await keeper.save(golden_id=clients[3], phone="+494055501")
        await target.settled()
    rows: list[dict[str, Any]] = []
    for file in sorted((root / "out").glob("*.csv")):
        with file.open(newline="") as text:
            found = list(csv.DictReader(text))
        assert json.loads(Path(f"{file}.manifest.json").read_text())["rows"] == len(found)
        rows += found
    created, updated = rows[:-1], rows[-1]
    assert sorted((row["operation"], row["name"]) for row in created) == [("I", f"Firm {number}") for number in range(10)]
    ids = {row["name"]: row["id"] for row in created}
    assert (updated["operation"], updated["id"], updated["name"], updated["phone"]) == ("U", ids["Firm 3"], "", "+494055501")
    assert ids["Firm 3"] == str(clients[3]), "what created it goes by the hub's id"
    assert len({row["hub_key"] for row in rows}) == 11 and await open_tasks(keeper) == []
    assert sum((await attempts_made(keeper.pool)).values()) >= 11 and not lost
