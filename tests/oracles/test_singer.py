"""Taps that others' libraries make, read by the hub; and the hub as a target beside one that others wrote."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.conformance import present, read_all
from connectors.errors import CredentialsError, RetriableError
from connectors.port import parse_json
from connectors.programs import child
from connectors.simulator.server import Simulator, simulator
from connectors.singer.connector import SingerConnector, singer_connector
from connectors.singer.messages import Singer
from tests.oracles.conftest import HERE, Clients

pytestmark = pytest.mark.slow
CLIENTS = [{"id": f"c{n:02}", "name": f"Firm {n}", "amount": n + 0.25, "updated_at": f"2026-01-{n % 28 + 1:02}T00:00:00.000000Z"} for n in range(60)]
RATES = [{"id": f"r{n}", "name": None, "amount": n * 1.1} for n in range(5)]


async def command(folder: str, script: str) -> list[str]:
    return [await Clients().python(folder), str(HERE / folder / script)]


@pytest.fixture(autouse=True)
def allowed() -> Iterator[None]:
    child.allow("*/bin/python")
    yield
    child.allow("")


def connector(words: list[str], config: dict[str, Any], resources: dict[str, Any]) -> SingerConnector:
    return singer_connector({"system": "firm", "command": words, "config": config, "resources": resources, "page_size": 20})


@pytest.fixture
async def book(tmp_path: Path) -> Path:
    (tmp_path / "book.json").write_text(json.dumps({"clients": CLIENTS, "rates": RATES}))
    return tmp_path / "book.json"


async def test_a_tap_made_with_singer_python(book: Path) -> None:
    """An incremental stream goes on from its bookmark; a whole one, with versions, is a listing of all each time."""
    tap = connector(await command("singer_tools", "tap.py"), {"book": str(book)}, {"client": {"stream": "clients"}, "rate": {"stream": "rates"}})
    told, checkpoint, _ = await read_all(tap, "client")
    assert {one.external_id: parse_json(one.body)["name"] for one in told} == {row["id"]: row["name"] for row in CLIENTS}
    book.write_text(json.dumps({"clients": [*CLIENTS, CLIENTS[0] | {"id": "new", "updated_at": "2026-03-01T00:00:00.000000Z"}], "rates": RATES[1:]}))
    told, _, _ = await read_all(tap, "client", checkpoint)
    assert {one.external_id for one in told} == {"new", *(row["id"] for row in CLIENTS if row["updated_at"].startswith("2026-01-28"))}
    rates, checkpoint, last = await read_all(tap, "rate")
    assert (present(rates), checkpoint, last.is_complete_listing) == ({"r1", "r2", "r3", "r4"}, "", True)
    await tap.aclose()


async def test_a_tap_made_with_singer_python_that_fails_says_why(book: Path) -> None:
    book.write_text(json.dumps({"clients": [{"id": "c1"}], "rates": []}))
    tap = connector(await command("singer_tools", "tap.py"), {"book": str(book)}, {"client": {"stream": "clients"}})
    with pytest.raises(RetriableError, match=r"exit code 1: .*CRITICAL 'updated_at'"):
        await tap.poll("client", "")
    await tap.aclose()


@pytest.fixture
async def crm() -> AsyncIterator[Simulator]:
    running = await simulator("crm").start()
    yield running
    await running.stop()


async def test_a_tap_made_with_the_sdk(crm: Simulator) -> None:
    words = await command("singer_sdk", "tap.py")
    tap = connector(words, {"address": crm.url, "secret": "crm-secret"}, {"account": {"stream": "accounts"}})
    told, checkpoint, _ = await read_all(tap, "account")
    assert present(told) == {row.id for row in crm.store.table("account")} and len(present(told)) > 3
    again, _, _ = await read_all(tap, "account", checkpoint)
    assert 1 <= len(again) < len(told)
    await tap.aclose()
    tap = connector(words, {"address": crm.url, "secret": "wrong"}, {"account": {"stream": "accounts"}})
    with pytest.raises((CredentialsError, RetriableError)) as error:
        await tap.poll("account", "")
    assert isinstance(error.value, CredentialsError), str(error.value)
    await tap.aclose()


async def test_the_hub_takes_what_another_target_takes(book: Path, tmp_path: Path) -> None:
    """The same output of a tap into target-jsonl and into us: the same records; what its checker says of the output is good."""
    words = await command("singer_tools", "tap.py")
    (tmp_path / "c.json").write_text(json.dumps({"book": str(book)}))
    catalog = json.loads(await ran([*words, "--config", str(tmp_path / "c.json"), "--discover"]))
    for stream in catalog["streams"]:
        for one in stream["metadata"]:
            one["metadata"]["selected"] = True
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    out = await ran([*words, "--config", str(tmp_path / "c.json"), "--catalog", str(tmp_path / "catalog.json")])
    checked = await ran([words[0], "-m", "singertools.check_tap"], out)
    assert b"The output is valid" in checked and b"WARNING" not in checked.upper()
    (tmp_path / "t.json").write_text(json.dumps({"destination_path": str(tmp_path), "do_timestamp_file": False}))
    state = await ran([*await command("target_jsonl", "target.py"), "--config", str(tmp_path / "t.json")], out)
    theirs = {name: [json.loads(line) for line in (tmp_path / f"{name}.jsonl").read_text().splitlines()] for name in ("clients", "rates")}
    ours: dict[str, list[Any]] = {"clients": [], "rates": []}
    singer = Singer("tap", {}, is_open=True)
    for line in io.BytesIO(out):
        if (found := singer.take(line)) is not None:
            ours[found.object].append(json.loads(found.body))
    assert ours == theirs
    assert singer.state == json.loads(state.splitlines()[-1])


async def ran(words: list[str], given: bytes = b"") -> bytes:
    process = await asyncio.create_subprocess_exec(*words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = await asyncio.wait_for(process.communicate(given), 120)
    assert process.returncode == 0, err.decode()[-2000:]
    return out
