"""The embedded servers: started, adopted, healed, and gone when they should be."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis.asyncio as redis

from hub import embedded
from hub.embedded import Access, Embedded
from hub.embedded_process import free_port


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("data")
    yield folder
    embedded.stop(folder)


def servers_in(data: Path) -> list[psutil.Process]:
    """Every process that works inside the data folder, found without the code under test."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.cwd().startswith(str(data)):
                found.append(process)
        except psutil.Error:
            continue
    return found


def wait_until(holds: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


async def version(servers: Embedded) -> int:
    connection = await asyncpg.connect(servers.postgres_url)
    try:
        return int(await connection.fetchval("SHOW server_version_num"))
    finally:
        await connection.close()


async def test_both_servers_answer_and_leave_no_process_behind(data: Path) -> None:
    with embedded.start(data) as servers:
        assert await version(servers) >= 180_000
        assert servers.redis_url is not None
        async with redis.from_url(servers.redis_url) as client:
            assert await client.ping()
        assert servers_in(data)
    assert servers_in(data) == []


async def test_nobody_enters_without_the_password(data: Path) -> None:
    with embedded.start(data) as servers:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(servers.postgres_url.replace(servers.access.superuser_password, "guess"))
        with pytest.raises(redis.AuthenticationError):
            async with redis.from_url(f"redis://127.0.0.1:{servers.access.redis_port}") as client:
                await client.ping()


async def test_data_and_addresses_outlive_a_restart(data: Path) -> None:
    with embedded.start(data) as servers:
        first_url = servers.postgres_url
        connection = await asyncpg.connect(first_url)
        await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        await connection.close()
    with embedded.start(data) as servers:
        assert servers.postgres_url == first_url
        connection = await asyncpg.connect(servers.postgres_url)
        assert await connection.fetchval("SELECT answer FROM kept") == 42
        await connection.close()


def test_a_second_start_attaches_and_its_stop_leaves_the_servers_to_their_owner(data: Path) -> None:
    with embedded.start(data) as owner:
        with embedded.start(data) as guest:
            assert (guest.owned, guest.postgres_url, guest.redis_url) == (
                False,
                owner.postgres_url,
                owner.redis_url,
            )
        assert embedded.is_running(data)


@pytest.mark.parametrize("name", [signal.SIGKILL, signal.SIGQUIT])
async def test_a_crashed_postgres_is_healed_at_the_same_address(data: Path, name: signal.Signals) -> None:
    with embedded.start(data) as servers:
        postmaster = next(p for p in servers_in(data) if p.name() == "postgres" and p.ppid() == os.getpid())
        postmaster.send_signal(name)
        postmaster.wait(10)
        assert servers.heal() == ("postgres",)
        assert await version(servers) >= 180_000
        assert servers.heal() == ()


def test_a_dead_redis_is_healed(data: Path) -> None:
    with embedded.start(data) as servers:
        next(p for p in servers_in(data) if p.name() == "redis-server").kill()
        wait_until(lambda: servers.redis_url is None)
        assert servers.heal() == ("redis",)


OWNER = (
    "import sys, time; from pathlib import Path; from hub import embedded; "
    "e = embedded.start(Path(sys.argv[1])); print('up', flush=True); time.sleep(600)"
)


def an_owner_elsewhere(data: Path) -> subprocess.Popen[str]:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(data)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None and owner.stdout.readline() == "up\n"
    return owner


def test_servers_of_a_killed_owner_are_adopted_by_the_next_start(data: Path) -> None:
    owner = an_owner_elsewhere(data)
    before = {p.pid for p in servers_in(data)}
    owner.kill()
    owner.communicate()
    with embedded.start(data) as servers:
        assert servers.owned
        assert before & {p.pid for p in servers_in(data)}
    assert servers_in(data) == []


def test_servers_of_a_killed_owner_are_stopped_by_stop(data: Path) -> None:
    owner = an_owner_elsewhere(data)
    owner.kill()
    owner.communicate()
    assert embedded.stop(data)
    assert servers_in(data) == []
    assert not embedded.stop(data)


def a_stranger() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])


async def test_a_pid_file_that_names_a_stranger_neither_stops_the_start_nor_hurts_the_stranger(
    data: Path,
) -> None:
    embedded.start(data).stop()
    pid_file = data / "postgres" / "postmaster.pid"
    stranger = a_stranger()
    try:
        pid_file.write_text(f"{stranger.pid}\n{data}/postgres\n1\n5432\n\n127.0.0.1\n1 1\nready\n")
        with embedded.start(data) as servers:
            assert await version(servers) >= 180_000
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_port_taken_meanwhile_is_replaced(data: Path) -> None:
    with embedded.start(data) as servers:
        port = servers.access.postgres_port
    with socket.socket() as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of the stopped server may linger
        taker.bind(("127.0.0.1", port))
        taker.listen()
        assert free_port(port) != port
        with embedded.start(data) as servers:
            assert servers.access.postgres_port != port
            assert Access.read(data / "embedded.json") == servers.access


def test_passwords_are_readable_by_their_owner_alone(data: Path) -> None:
    with embedded.start(data):
        assert (data / "embedded.json").stat().st_mode & 0o777 == 0o600


def test_a_long_data_folder_is_no_trouble(data: Path) -> None:
    with embedded.start(data / ("deep" * 30) / ("er" * 30)) as servers:
        assert servers.owned


async def test_without_a_redis_server_the_hub_says_so(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.embedded_servers._redis_program", lambda: None)
    with embedded.start(data) as servers:
        assert servers.redis_url is None
        assert servers.notes == (
            "This machine has no redis-server: the hub runs without Redis, its workers poll.",
        )
        assert servers.heal() == ()
