"""Children of the supervisor: kept alive, stopped in order, gone when their parent is."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from hub.settings import Settings
from hub.supervise import Child, Supervisor

SLEEPER = "from hub.supervise import follow_parent; import time; follow_parent(); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"
)
PARENT = """
import asyncio, os, sys
from hub.supervise import Child, Supervisor
async def main():
    child = Child("child", (sys.executable, "-c", sys.argv[1]), dict(os.environ))
    async with Supervisor([child]) as supervisor:
        while not supervisor.pids():
            await asyncio.sleep(0.01)
        print(supervisor.pids()["child"], flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""


def child_that(code: str, name: str = "child") -> Child:
    return Child(name, (sys.executable, "-c", code), dict(os.environ))


async def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    give_up_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up_at
        await asyncio.sleep(0.01)


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_a_killed_child_is_back_within_a_second() -> None:
    async with Supervisor([child_that(SLEEPER)]) as supervisor:
        await until(lambda: "child" in supervisor.pids())
        first = supervisor.pids()["child"]
        os.kill(first, 9)
        await until(lambda: supervisor.pids().get("child", first) != first, seconds=1)


async def test_a_child_that_dies_at_once_is_not_started_in_a_frenzy(tmp_path: Path) -> None:
    log = tmp_path / "starts"
    async with Supervisor([child_that(f"open({str(log)!r}, 'a').write('x')")]):
        await asyncio.sleep(1.5)
    assert 2 <= len(log.read_text()) <= 5


async def test_the_end_stops_every_child_even_one_that_ignores_sigterm() -> None:
    children = [child_that(SLEEPER, "meek"), child_that(STUBBORN, "stubborn")]
    async with Supervisor(children, grace_s=0.5) as supervisor:
        await until(lambda: len(supervisor.pids()) == 2)
        pids = supervisor.pids().values()
        await asyncio.sleep(0.3)
    assert all(is_gone(pid) for pid in pids)


async def test_children_go_when_their_parent_is_killed() -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, SLEEPER, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    await asyncio.sleep(0.5)  # the child's interpreter starts and begins to follow
    parent.kill()
    await parent.wait()
    await until(lambda: is_gone(child))


def test_jobs_whose_redis_went_away_end_with_one_line(settings: Settings) -> None:
    """Its supervisor brings them back; a page of frames would hide the one thing to do."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        address = nobody.getsockname()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    given = environment | settings.for_child() | {"HUB_REDIS_URL": f"redis://127.0.0.1:{address[1]}"}
    done = subprocess.run(
        [sys.executable, "-m", "hub", "work", "--only", "jobs"], check=False, env=given, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "hub: Redis does not answer (ConnectionError): see that it runs at the address of HUB_REDIS_URL"
    assert "Traceback" not in done.stderr
