"""The story of ``make demo`` end to end, as its viewer gets it: every scene checks itself; here are its end and its ending."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from hub import embedded
from hub.demo import story
from hub.demo.narrator import Narrator
from hub.errors import SetupError
from hub.settings import Settings
from hub.up import Addresses
from tests.conftest import RUNS

PATIENCE_S = 90


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """One data folder for all runs: the second finds what the first left. Beside the other runs' folders, since every
    start of pytest closes its own temporary folder to the user PostgreSQL runs as.
    """
    RUNS.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-demo-", dir=RUNS))
    yield folder
    embedded.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


def play(data: Path, *options: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    command = [sys.executable, "-m", "hub", "demo", "--data", str(data), "--port", "0", *options]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True)


def family(demo: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(demo.pid).children(recursive=True)


def test_the_story_is_told_to_its_end_and_summed_up_in_the_last_line(data: Path) -> None:
    demo = play(data, "--once")
    said, _ = demo.communicate(timeout=PATIENCE_S)
    assert demo.returncode == 0, f"{said}\n{(data / story.LOG).read_text()[-4000:]}"
    told = json.loads(said.rstrip().splitlines()[-1])
    assert {name: told[name] for name in ("adopted", "parked", "merged", "agreed", "duplicates_at_targets", "tasks_open")} == {
        "adopted": 1, "parked": 1, "merged": 1, "agreed": 3, "duplicates_at_targets": 0, "tasks_open": 2,
    }  # fmt: skip
    assert told["golden_records"] < min(told["contributions"], told["changes"]) and told["deliveries"] > 40  # how many changes: by batches
    assert told["first_golden_s"] < 60  # PostgreSQL, Redis and all migrations from nothing
    assert told["seconds"] - told["first_golden_s"] < 25  # the story itself; most of it is waiting for polls and settling times
    assert "Traceback" not in said and not embedded.is_running(data)


def test_it_starts_anew_on_the_same_folder_and_ctrl_c_leaves_no_process(data: Path) -> None:
    demo = play(data)
    assert demo.stdout is not None
    for line in demo.stdout:
        if "golden record stood" in line:
            break
    processes = family(demo)
    names = " ".join(" ".join(one.cmdline()) for one in processes if one.is_running())
    assert all(part in names for part in ("serve", "work", "postgres", "connectors.simulator"))
    os.killpg(demo.pid, signal.SIGINT)
    demo.wait(30)
    demo.stdout.close()
    give_up_at = time.monotonic() + 5
    while alive := [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]:
        assert time.monotonic() < give_up_at, alive
        time.sleep(0.05)


def test_at_its_end_one_line_says_where_the_console_is_and_whose_key_opens_it(tmp_path: Path) -> None:
    said = io.StringIO()
    settings = Settings(data=tmp_path)
    demo = story.Demo(settings, once=False, tell=Narrator(said), began=0.0)
    keys = {role: f"hub_{role}_" + "x" * 60 for role in ("admin", "steward", "reader", "system")}
    demo._tell_addresses(Addresses(settings, [{"slug": "northbeam", "keys": keys}]))
    assert [line.strip() for line in said.getvalue().splitlines() if "The console" in line] == [
        f"The console as {name}, {role}: http://127.0.0.1:8080/console  sign in with {keys[role]}"
        for name, role in (("Ada Lund", "steward"), ("Ben Osei", "admin"))
    ]


def test_servers_that_are_not_its_own_are_left_alone(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="unset HUB_DATABASE_URL"):
        story.main(Settings(data=tmp_path, database_url="postgresql://owner@db/hub"), once=True)


async def test_a_folder_with_somebodys_own_hub_is_refused_and_kept(settings: Settings, database: object) -> None:
    owner = await asyncpg.connect(settings.need("database_url"))
    try:
        await owner.execute("INSERT INTO hub.tenant (slug, name) VALUES ('north', 'north')")
        with pytest.raises(SetupError, match=r"holds a hub of its own \(tenants north\)"):
            await story.empty(settings)
        assert await owner.fetchval("SELECT count(*) FROM hub.tenant") == 1
        await owner.execute("UPDATE hub.tenant SET slug = 'northbeam'")
        await story.empty(settings)
        assert await owner.fetchval("SELECT count(*) FROM hub.tenant") == 0
    finally:
        await owner.close()
