"""A real PostgreSQL 18 and a real Redis under one data folder, for machines that have neither.

One process owns a data folder: the one that holds the lock on ``owner.lock``. Only the owner starts,
restarts and stops the servers; everybody else attaches. The kernel drops the lock when the owner
dies, however it dies, so servers left behind by a killed owner are found and adopted by the next.

The folder holds ``embedded.json`` (ports, passwords, pids; mode 0600), ``postgres/`` (the cluster),
``redis/`` and the two logs. Both servers listen on 127.0.0.1 only, each behind a password of its own.
TCP rather than unix sockets, whose paths end at 107 bytes.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from hub.embedded_process import account, free_port, make_reachable
from hub.embedded_servers import Folder, Postgres, Redis
from hub.errors import EmbeddedError

ROLES = ("hub_worker", "hub_api", "hub_examiner", "hub_backup")


@dataclass(frozen=True)
class Access:
    """What ``embedded.json`` remembers: how to reach the servers of this folder, and as whom."""

    postgres_port: int
    redis_port: int
    superuser_password: str
    redis_password: str
    secret_key: str
    role_passwords: dict[str, str] = field(default_factory=dict)

    @classmethod
    def fresh(cls) -> Access:
        return cls(
            postgres_port=free_port(),
            redis_port=free_port(),
            superuser_password=secrets.token_urlsafe(24),
            redis_password=secrets.token_urlsafe(24),
            secret_key=secrets.token_urlsafe(32),
            role_passwords={role: secrets.token_urlsafe(24) for role in ROLES},
        )

    @classmethod
    def read(cls, file: Path) -> Access | None:
        """What an earlier start wrote; None before the first one."""
        try:
            return cls(**json.loads(file.read_text()))._complete()
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise EmbeddedError(f"{file} is damaged; restore it, or remove the whole data folder") from error

    def _complete(self) -> Access:
        """With passwords of roles that the build which wrote it did not know."""
        missing = {role: secrets.token_urlsafe(24) for role in ROLES if role not in self.role_passwords}
        return replace(self, role_passwords=self.role_passwords | missing)

    def write(self, file: Path) -> None:
        """Replace the file as a whole, readable by its owner alone."""
        draft = file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(json.dumps(asdict(self), indent=1))
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)


class Embedded:
    """The servers of one data folder, running. ``owned`` says whether stopping them is up to us."""

    def __init__(self, folder: Folder, access: Access, lock: int | None, options: Mapping[str, str]) -> None:
        self._folder = folder
        self._lock = lock
        self._options = options
        self.access = access
        self._postgres = Postgres(folder)
        self._redis = Redis(folder)
        self.notes: tuple[str, ...] = ()
        """Sentences the user should read, such as why there is no Redis."""

    @property
    def owned(self) -> bool:
        return self._lock is not None

    @property
    def postgres_url(self) -> str:
        """The superuser's address of database ``hub``: for migrations and administration only."""
        return self._address("postgres", self.access.superuser_password)

    @property
    def redis_url(self) -> str | None:
        """None when this machine has no Redis server: the hub then runs slower, never wrong."""
        if self._redis.process() is None:
            return None
        return f"redis://:{self.access.redis_password}@127.0.0.1:{self.access.redis_port}/0"

    def role_url(self, role: str) -> str:
        """The address for one of :data:`ROLES`, which ``hub migrate`` creates."""
        return self._address(role, self.access.role_passwords[role])

    def _address(self, user: str, password: str) -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.access.postgres_port}/hub"

    def heal(self) -> tuple[str, ...]:
        """Restart what has died since, and name it. A server's address never changes by healing."""
        if not self.owned:
            return ()
        dead = []
        if self._postgres.process() is None:
            dead.append("postgres")
            self._postgres.start(self.access.postgres_port, self.access.superuser_password, self._options)
        if not self.notes and self._redis.process() is None:
            dead.append("redis")
            self._redis.start(self.access.redis_port, self.access.redis_password)
        return tuple(dead)

    def stop(self) -> None:
        """Stop Redis, then Postgres, and wait for both. Does nothing to servers another process owns."""
        if self._lock is None:
            return
        try:
            self.stop_servers()
        finally:
            os.close(self._lock)
            self._lock = None

    def stop_servers(self) -> None:
        """End both servers and stay their owner."""
        self._redis.stop()
        self._postgres.stop()

    def begin(self) -> None:
        """Bring both servers up, on new ports where a stranger has taken ours meanwhile."""
        if self._postgres.process() is None:
            self._use(postgres_port=free_port(self.access.postgres_port))
            self._postgres.start(self.access.postgres_port, self.access.superuser_password, self._options)
        if not self._redis.program:
            self.notes = ("This machine has no redis-server: the hub runs without Redis, its workers poll.",)
        elif self._redis.process() is None:
            self._use(redis_port=free_port(self.access.redis_port))
            self._redis.start(self.access.redis_port, self.access.redis_password)

    def _use(self, **ports: int) -> None:
        self.access = replace(self.access, **ports)  # type: ignore[arg-type]
        self.access.write(self._folder.access_file)

    def is_ready(self) -> bool:
        return self._postgres.is_ready()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(data: Path, *, options: Mapping[str, str] | None = None, patience_s: float = 120) -> Embedded:
    """The servers of this data folder, up and answering: started, adopted, or attached to.

    ``options`` are PostgreSQL settings on top of ours (``{"fsync": "off"}`` for a throw-away cluster).
    Raises :class:`EmbeddedError` with the server's last words when one does not come up.
    """
    folder = _prepare(data)
    give_up_at = time.monotonic() + patience_s
    while time.monotonic() < give_up_at:
        lock = _take(folder.lock_file)
        if lock is not None:
            return _own(folder, lock, options or {})
        access = Access.read(folder.access_file)
        if access is not None:
            attached = Embedded(folder, access, None, {})
            if attached.is_ready():
                return attached
        time.sleep(0.05)
    raise EmbeddedError(f"another process owns {folder.path}, and its servers do not become ready")


def stop(data: Path, *, even_if_owned: bool = True, patience_s: float = 60) -> bool:
    """End whatever runs on this data folder: its owner by SIGTERM, then servers left behind by a dead one.

    Returns whether anything was stopped. Only processes proved to belong to the folder are signalled.
    Without ``even_if_owned`` a folder with a living owner is left as it is.
    """
    folder = Folder(data.expanduser().resolve())
    if not folder.lock_file.exists():
        return False
    lock, asked = _take(folder.lock_file), False
    if lock is None and not even_if_owned:
        return False
    give_up_at = time.monotonic() + patience_s
    while lock is None:
        asked = asked or _ask_owner_to_end(folder.lock_file)
        if time.monotonic() > give_up_at:
            raise EmbeddedError(f"the owner of {folder.path} does not end within {patience_s:.0f} s")
        time.sleep(0.05)
        lock = _take(folder.lock_file)
    ran = asked or Postgres(folder).process() is not None or Redis(folder).process() is not None
    Embedded(folder, Access.read(folder.access_file) or Access.fresh(), lock, {}).stop()
    return ran


@contextmanager
def held(data: Path) -> Iterator[tuple[Folder, Access]]:
    """The data folder for ourselves, its servers down, for as long as the block runs: to put another cluster there.

    Raises :class:`EmbeddedError` while a hub runs on it.
    """
    folder = _prepare(data)
    lock = _take(folder.lock_file)
    if lock is None:
        raise EmbeddedError(f"a hub runs on {folder.path}; 'hub stop --data {folder.path}' ends it")
    access = Access.read(folder.access_file) or Access.fresh()
    access.write(folder.access_file)
    embedded = Embedded(folder, access, lock, {})
    embedded.stop_servers()
    try:
        yield folder, access
    finally:
        embedded.stop()


def is_running(data: Path) -> bool:
    """Whether either server of this folder lives, owned or left behind."""
    folder = Folder(data.expanduser().resolve())
    return Postgres(folder).process() is not None or Redis(folder).process() is not None


def _prepare(data: Path) -> Folder:
    folder = Folder(data.expanduser().resolve())
    folder.path.mkdir(parents=True, exist_ok=True)
    folder.redis.mkdir(exist_ok=True)
    if (user := account()) is not None:
        make_reachable(folder.path)
        os.chown(folder.redis, user.pw_uid, user.pw_gid)
    folder.redis.chmod(0o700)
    return folder


def _own(folder: Folder, lock: int, options: Mapping[str, str]) -> Embedded:
    access = Access.read(folder.access_file) or Access.fresh()
    access.write(folder.access_file)
    embedded = Embedded(folder, access, lock, options)
    try:
        embedded.begin()
    except BaseException:
        embedded.stop()
        raise
    return embedded


def _take(file: Path) -> int | None:
    """The lock, as an open file that no child inherits; None while another process (or start) holds it."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    os.truncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
    return handle


def _ask_owner_to_end(lock_file: Path) -> bool:
    """SIGTERM to the process that holds the lock; the pid in a held lock is its holder's."""
    text = lock_file.read_text()
    if not text or int(text) == os.getpid():
        return False
    try:
        os.kill(int(text), signal.SIGTERM)
    except ProcessLookupError:
        return False
    return True
