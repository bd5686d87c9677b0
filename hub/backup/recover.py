"""Bring a copied cluster to a moment, on a server that nobody else can reach, and leave it ready for its owner to start.

While it recovers and is marked as restored the server listens on a socket in a folder of our own only: nobody reads or
writes before deliveries rest and the new epoch has begun.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]

from hub.backup.place import Base
from hub.backup.programs import program
from hub.embedded_process import account, end, give_to_server, last_words, launch
from hub.errors import BackupError

PORT = 5432
"""Of the socket's name; no port of the machine is taken."""

_ENDS_BEFORE = "recovery ended before configured recovery target was reached"
_TOO_EARLY = "requested recovery stop point is before consistent recovery point"


class EndsBeforeError(BackupError):
    """The log holds no transaction at or after the moment; the caller decides whether that is the whole of it."""


def give_tree_to_server(folder: Path) -> None:
    """The servers' user, when we are root, owns a copied cluster, and nobody else reads it."""
    for each in (folder, *folder.rglob("*")):
        each.chmod(0o700 if each.is_dir() else 0o600)
        if account() is not None:
            give_to_server(each)


@contextmanager
def private_server(cluster: Path, base: Base, to: datetime | None, timeline: int, beat: Callable[[], None]) -> Iterator[str]:
    """Recover ``cluster`` to a moment (None: to the end of its log) and answer its private address, as the superuser.

    ``beat`` is called while it works. Raises :class:`EndsBeforeError` when the log ends before the moment.
    """
    home = Path(tempfile.mkdtemp(prefix="hub-restore-", dir="/tmp"))  # a short path: sockets' end at 107 bytes
    give_to_server(home)
    try:
        config, logfile = cluster / "hub-recovery.conf", cluster / "hub-recovery.log"
        _set_aside(cluster)
        (cluster / "hub-recovery-hba.conf").write_text("local all all trust\n")
        config.write_text(_settings(cluster, home, to, timeline))
        (cluster / "recovery.signal").touch()
        logfile.unlink(missing_ok=True)
        for made in (config, cluster / "hub-recovery-hba.conf", cluster / "recovery.signal"):
            give_to_server(made)
        child = launch([str(program("postgres")), "-D", str(cluster), "-c", f"config_file={config}"], cluster, logfile)
        try:
            _wait_until_promoted(child, cluster, logfile, base, home, beat)
            yield f"postgresql://{quote(base.server.superuser)}@/{quote(base.server.database)}?host={home}&port={PORT}"
        finally:
            if child.poll() is None:
                end(psutil.Process(child.pid), (signal.SIGINT, 120), (signal.SIGQUIT, 5), (signal.SIGKILL, 5))
                child.wait()
        for made in cluster.glob("hub-recovery*"):
            made.unlink()
        _put_back(cluster)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _set_aside(cluster: Path) -> None:
    """What ALTER SYSTEM said on the old server would outrank us, and may name libraries that are not here."""
    altered, kept = cluster / "postgresql.auto.conf", cluster / "postgresql.auto.conf.kept"
    if altered.exists() and not kept.exists():
        altered.rename(kept)
    altered.write_text("")
    give_to_server(altered)


def _put_back(cluster: Path) -> None:
    kept = cluster / "postgresql.auto.conf.kept"
    if kept.exists():
        kept.replace(cluster / "postgresql.auto.conf")


def _settings(cluster: Path, home: Path, to: datetime | None, timeline: int) -> str:
    settings = {
        "data_directory": str(cluster),
        "hba_file": str(cluster / "hub-recovery-hba.conf"),
        "listen_addresses": "",
        "unix_socket_directories": str(home),
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "hot_standby": "off",  # nobody looks before it is done, and the old server's numbers of connections need not be matched
        "restore_command": "false",  # the log lies in pg_wal already
        "recovery_target_timeline": str(timeline),
        "recovery_target_action": "promote",
        "max_wal_size": "4GB",
        "shared_buffers": "256MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
    }
    if to is not None:
        settings |= {"recovery_target_time": to.isoformat(), "recovery_target_inclusive": "on"}
    return "".join(f"{name} = '{value}'\n" for name, value in settings.items())


def _wait_until_promoted(
    child: subprocess.Popen[str], cluster: Path, logfile: Path, base: Base, home: Path, beat: Callable[[], None]
) -> None:
    while child.poll() is None:
        beat()
        if (cluster / "recovery.signal").exists():
            time.sleep(0.1)
            continue
        answered = subprocess.run(
            [program("pg_isready"), "--quiet", "--host", home, "--port", str(PORT), "--dbname", "postgres", "--username", base.server.superuser],
            check=False,
        )
        if answered.returncode == 0:
            return
        time.sleep(0.1)
    said = logfile.read_text(errors="replace")
    if _ENDS_BEFORE in said:
        raise EndsBeforeError("the log ends before that moment")
    if _TOO_EARLY in said:
        raise BackupError(f"backup {base.name} is younger than that moment")
    raise BackupError(f"PostgreSQL could not recover; the end of {logfile}: {last_words(logfile)}")
