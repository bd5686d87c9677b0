"""``hub up`` as a user meets it: a process that starts everything, says where it is, and cleans up.

The api here is a stand-in of ten lines, since what is tested is the starting and stopping.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from hub import embedded

UP = """
import os, sys
from pathlib import Path
from hub import up
from hub.settings import Settings
from hub.supervise import Child

API = '''
import http.server, os
from hub.supervise import follow_parent
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *_): pass
follow_parent()
http.server.HTTPServer(("127.0.0.1", int(os.environ["HUB_PORT"])), Answer).serve_forever()
'''

async def no_migrations(settings): pass
async def two_tenants(settings): return [{"slug": "north", "keys": {"admin": "k"}}]
up.migrate = no_migrations
up.processes = lambda settings: [Child("api", (sys.executable, "-c", API), {**os.environ, **settings.for_child()})]
up.up(Settings(data=Path(sys.argv[1]), port=0), two_tenants, as_json=True)
"""


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    embedded.stop(tmp_path)


def started(data: Path) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    hub = subprocess.Popen(
        [sys.executable, "-c", UP, str(data)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert hub.stdout is not None
    return hub, json.loads(hub.stdout.readline())


def below(hub: subprocess.Popen[str], data: Path) -> list[psutil.Process]:
    """Everything alive that belongs to this hub: its descendants, and whoever works in its folder."""
    found = psutil.Process(hub.pid).children(recursive=True) if hub.poll() is None else []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.cwd().startswith(str(data)):
                found.append(process)
        except psutil.Error:
            continue
    return found


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def until_listening(port: int, other_than: int, hub: subprocess.Popen[str]) -> None:
    """Wait for another Postgres of this hub to listen on the port."""
    give_up_at = time.monotonic() + 10
    while time.monotonic() < give_up_at:
        others = [
            p for p in psutil.Process(hub.pid).children() if p.name() == "postgres" and p.pid != other_than
        ]
        if any(line.laddr.port == port for p in alive(others) for line in p.net_connections("tcp")):
            return
        time.sleep(0.05)
    raise AssertionError("Postgres did not come back")


def test_the_first_line_is_json_with_every_address(data: Path) -> None:
    hub, addresses = started(data)
    assert set(addresses) == {"graphql", "websocket", "hooks", "database_url", "redis_url", "tenants"}
    assert addresses["database_url"].startswith("postgresql://hub_examiner:")
    assert addresses["tenants"] == [{"slug": "north", "keys": {"admin": "k"}}]
    with urllib.request.urlopen(addresses["graphql"].replace("/graphql", "/health"), timeout=5) as answer:
        assert answer.status == 200
    hub.terminate()
    hub.wait(20)


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_leaves_no_process(data: Path, name: signal.Signals) -> None:
    hub, _ = started(data)
    family = below(hub, data)
    assert {"postgres", "redis-server"} <= {p.name() for p in family}
    os.killpg(hub.pid, name)
    assert hub.wait(20) == 0
    assert alive(family) == []


def test_impatience_leaves_no_process_either(data: Path) -> None:
    hub, _ = started(data)
    family = below(hub, data)
    while hub.poll() is None:
        os.killpg(hub.pid, signal.SIGINT)
        time.sleep(0.02)
    assert alive(family) == []


def test_a_signal_while_postgres_starts_leaves_no_process(data: Path) -> None:
    hub = subprocess.Popen(
        [sys.executable, "-c", UP, str(data)], stdout=subprocess.DEVNULL, start_new_session=True
    )
    while not (data / "postgres").exists():
        assert hub.poll() is None
    os.killpg(hub.pid, signal.SIGTERM)
    hub.wait(20)
    assert alive(below(hub, data)) == []


def test_after_kill_9_a_new_start_takes_over_and_ends_cleanly(data: Path) -> None:
    first, _ = started(data)
    family = below(first, data)
    first.kill()
    first.wait()
    second, addresses = started(data)
    assert addresses["database_url"]
    second.terminate()
    assert second.wait(20) == 0
    psutil.wait_procs(alive(family), timeout=5)
    assert alive(family) == []


def test_a_killed_postgres_is_back_at_its_address(data: Path) -> None:
    hub, addresses = started(data)
    postmaster = next(p for p in below(hub, data) if p.name() == "postgres" and p.ppid() == hub.pid)
    postmaster.kill()
    port = int(addresses["database_url"].rpartition(":")[2].partition("/")[0])
    until_listening(port, other_than=postmaster.pid, hub=hub)
    hub.terminate()
    assert hub.wait(20) == 0


def test_stop_ends_a_running_hub(data: Path) -> None:
    hub, _ = started(data)
    family = below(hub, data)
    assert embedded.stop(data)
    assert hub.wait(20) == 0
    assert alive(family) == []


def test_two_hubs_cannot_share_a_folder(data: Path) -> None:
    hub, _ = started(data)
    second = subprocess.run(
        [sys.executable, "-c", UP, str(data)], capture_output=True, text=True, timeout=30, check=False
    )
    assert second.returncode != 0
    assert "a hub runs on" in second.stderr
    hub.terminate()
    assert hub.wait(20) == 0
