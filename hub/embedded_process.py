"""Processes of the embedded servers: as whom they run, how they are launched, recognised and ended.

A pid found in a file is a claim, not a fact: a process counts as ours only while it is the right
program working in the right folder. Each leads a session of its own, so a Ctrl-C at the terminal does
not reach it before we stop it in order.
"""

from __future__ import annotations

import os
import pwd
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TypedDict

import psutil  # type: ignore[import-untyped]

from hub.errors import EmbeddedError

_SYSTEM_USER = "pgserver"
_PORTS = range(20_000, 32_000)  # below the range outgoing connections take: a restart finds its port free


def launch(command: list[str], home: Path, log: Path, say: str = "") -> subprocess.Popen[str]:
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


def run(command: list[str], home: Path, say: str = "") -> None:
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


def give_to_server(path: Path) -> None:
    if (user := account()) is not None:
        os.chown(path, user.pw_uid, user.pw_gid)


def write_as_server(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    give_to_server(path)


def recognise(pid: int, program: str, home: Path) -> psutil.Process | None:
    """The process with this pid, if it is this program working in this folder and alive."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or process.name() != program:
            return None
        return process if Path(process.cwd()) == home else None
    except psutil.Error:
        return None


def end(process: psutil.Process | None, *steps: tuple[signal.Signals, float]) -> None:
    """Signal after signal, each with the seconds it is given, until the process is gone."""
    if process is None:
        return
    for name, seconds in steps:
        if not is_over(process):
            process.send_signal(name)
        if _ended([process], seconds):
            return


def _ended(processes: list[psutil.Process], seconds: float) -> bool:
    """Wait until all are gone; not by psutil's wait, which also waits for init to bury an orphan."""
    give_up_at = time.monotonic() + seconds
    while not all(is_over(process) for process in processes):
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.01)
    return True


def is_over(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-5:]
    return " / ".join(line.strip() for line in lines) or "it is empty"


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
        for _ in range(50):  # another hub may be making it at this moment
            try:
                return pwd.getpwnam(_SYSTEM_USER)
            except KeyError:
                time.sleep(0.1)
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


def open_for_reading(tree: Path) -> None:
    """A package installed under a strict umask, made readable for the servers' user."""
    for folder, _, files in os.walk(tree):
        os.chmod(folder, os.stat(folder).st_mode | 0o055)
        for name in files:
            path = os.path.join(folder, name)
            mode = os.stat(path).st_mode
            os.chmod(path, mode | (0o055 if mode & 0o100 else 0o044))
