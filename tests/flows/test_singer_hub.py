"""Singer at both ends of the hub: a tap connected by its command line, and the hub as the target of a pipe."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.programs import child
from connectors.singer.connector import SingerConnector
from hub import connecting_singer, singer_target
from hub.connecting_singer import Wish
from hub.connections import Connections
from hub.errors import RequestError, SetupError
from hub.flows import poll
from hub.flows.connect import connect
from hub.settings import Settings
from hub.singer_target import Target
from tests.flows.conftest import Hub

TAP = Path(__file__).parents[1] / "connectors" / "programs" / "tap.py"
MAPPING = {"mappings": [{"object": "clients", "entity": "client", "id": "id", "fields": {"name": "name"}}]}
SCHEMA = {"type": "SCHEMA", "stream": "clients", "key_properties": ["id"], "schema": {"properties": {"id": {}, "name": {}}}}


@pytest.fixture(autouse=True)
def allowed() -> Iterator[None]:
    child.allow(sys.executable)
    yield
    child.allow("")


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    book = {"clients": [{"id": f"c{n}", "name": f"Firm {n}", "updated_at": f"2026-01-0{n}"} for n in range(1, 6)], "other": []}
    (tmp_path / "book.json").write_text(json.dumps(book))
    told = {"book": str(tmp_path / "book.json"), "log": str(tmp_path / "log"), "token": "let-me-in", "behave": {"version": 1}}
    (tmp_path / "c.json").write_text(json.dumps(told))
    (tmp_path / "mapping.yaml").write_text(yaml.safe_dump(MAPPING))
    return [sys.executable, str(TAP), "--config", str(tmp_path / "c.json")]


async def slug(hub: Hub) -> str:
    found: str = await hub.pool.fetchval("SELECT slug FROM hub.tenant WHERE id = $1", hub.tenant)
    return found


async def test_a_tap_connected_by_its_command_line_becomes_golden_records(hub: Hub, settings: Settings, words: list[str], tmp_path: Path) -> None:
    settings = replace(settings, secret_key="a secret key")
    wish = Wish("crm2", "crm", mapping=tmp_path / "mapping.yaml", save=tmp_path / "crm2.yaml")
    assert await connecting_singer.main(settings, await slug(hub), wish, words, {}) == 0
    (row,) = await hub.rows("SELECT config FROM hub.system WHERE tenant_id = $1 AND name = 'crm2'", hub.tenant)
    assert "let-me-in" not in json.dumps(row["config"]) + wish.save.read_text()  # type: ignore[union-attr]
    connections = Connections(hub.pool, settings)
    done = await poll.poll(hub.pool, connections.get, hub.tenant, "crm2", "clients")
    assert (done.new, done.error) == (5, None)
    await hub.settle()
    found = await hub.rows("SELECT name FROM golden.client WHERE tenant_id = $1 ORDER BY name", hub.tenant)
    assert [one["name"] for one in found] == [f"Firm {n}" for n in range(1, 6)]
    book = json.loads((tmp_path / "book.json").read_text())
    (tmp_path / "book.json").write_text(json.dumps(book | {"clients": book["clients"][1:]}))
    told = json.loads((tmp_path / "c.json").read_text()) | {"behave": {"version": 2}}
    live = await connections.get(hub.tenant, "crm2")
    assert isinstance(live, SingerConnector)
    live._config().write_text(json.dumps(told))  # as a tap does, too
    assert (await poll.poll(hub.pool, connections.get, hub.tenant, "crm2", "clients")).deleted == 1
    await connections.aclose()


async def test_what_a_tap_cannot_do_is_said_before_anything_is_stored(hub: Hub, settings: Settings, words: list[str]) -> None:
    settings = replace(settings, secret_key="a secret key")
    for wish, given, said in (
        (Wish("crm2", "crm", only=("projects",)), words, "no stream projects; it has clients, other"),
        (Wish("crm2", "crm"), [*words, "--state", "s.json"], "leave --state out"),
        (Wish("crm2", "crm"), [*words[:2], "--config", "nowhere.json"], "nowhere.json cannot be read"),
        (Wish("crm2", "crm"), ["/bin/sh", *words[2:]], "HUB_COMMANDS does not name /bin/sh"),
    ):
        with pytest.raises(SetupError, match=said):
            await connecting_singer.main(settings, await slug(hub), wish, given, {})
    assert await hub.rows("SELECT name FROM hub.system WHERE tenant_id = $1 AND name = 'crm2'", hub.tenant) == []


def pipe(*messages: dict[str, Any] | str) -> io.BytesIO:
    return io.BytesIO("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in messages).encode())


def record(number: int, **more: Any) -> dict[str, Any]:
    return {"type": "RECORD", "stream": "clients", "record": {"id": f"c{number}", "name": f"Firm {number}", **more}}


@pytest.fixture
async def crm2(hub: Hub) -> Hub:
    async with hub.transaction() as (tx, _):
        await connect(tx, hub.tenant, {"system": "crm2", "kind": "crm", **MAPPING}, {}, "a secret key")
    return hub


async def received(hub: Hub) -> list[str]:
    rows = await hub.rows("SELECT external_id, is_delete FROM hub.inbox WHERE tenant_id = $1 ORDER BY id", hub.tenant)
    return [f"-{row['external_id']}" if row["is_delete"] else row["external_id"] for row in rows]


async def test_a_state_is_printed_after_the_commit_of_all_before_it(crm2: Hub) -> None:
    said: list[tuple[str, int]] = []
    target = Target(crm2.pool, crm2.tenant, "crm2", lambda line: said.append((line, target.stored)))
    many = [record(number) for number in range(1, 1201)]
    state = {"type": "STATE", "value": {"at": 1}}
    await target.take_all(pipe(SCHEMA, *many[:700], state, *many[700:], {"type": "STATE", "value": {"at": 2}}, record(5, _sdc_deleted_at="2026-01-01")))
    assert [line for line, _ in said] == ['{"at":1}', '{"at":2}']
    assert said[0][1] >= 700 and said[1][1] >= 1200
    assert len(await received(crm2)) == 1201 and (await received(crm2))[-1] == "-c5"


async def test_a_state_of_records_that_could_not_be_stored_is_not_printed(crm2: Hub) -> None:
    said: list[str] = []
    await crm2.pool.close()
    with pytest.raises(Exception, match="pool is clos"):
        await Target(crm2.pool, crm2.tenant, "crm2", said.append).take_all(pipe(SCHEMA, record(1), {"type": "STATE", "value": 1}))
    assert said == []


async def test_what_came_before_a_broken_line_is_kept_and_said(crm2: Hub) -> None:
    said: list[str] = []
    with pytest.raises(Exception, match="no message"):
        await Target(crm2.pool, crm2.tenant, "crm2", said.append).take_all(pipe(SCHEMA, record(1), {"type": "STATE", "value": 1}, "Traceback:", record(2)))
    assert (said, await received(crm2)) == (["1"], ["c1"])


async def test_a_system_that_is_not_connected_takes_nothing(hub: Hub, settings: Settings) -> None:
    with pytest.raises(RequestError, match="no system 'nobody' is connected"):
        await singer_target.main(settings, await slug(hub), "nobody", pipe(SCHEMA), print)
