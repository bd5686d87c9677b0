"""Folders of another machine over SFTP: one connection, to a server whose host key is pinned.

Files are read from a copy in a folder of ours, so that a broken connection never cuts a line.
"""

from __future__ import annotations

import asyncio
import posixpath
import stat
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import asyncssh
from asyncssh import sftp as protocol

from connectors.errors import ConnectorError, CredentialsError, RetriableError
from connectors.files.place import READ_BYTES, Entry

COPIES = 4
"""Copies of files that are kept for the next page."""
KEEPALIVE_S = 15.0
asyncssh.set_log_level("WARNING")  # it tells every connection with the user's name


@dataclass(frozen=True, slots=True)
class Login:
    """Where the server is, the keys it may show, and how we sign in."""

    host: str
    port: int
    username: str
    host_keys: tuple[asyncssh.SSHKey, ...]
    password: str | None = field(default=None, repr=False)
    key: asyncssh.SSHKey | None = field(default=None, repr=False)
    connect_s: float = 20.0


@dataclass
class SftpPlace:
    """A :class:`connectors.files.place.Place` over SFTP. The server's clock is not asked: a file has settled when two looks find it the same."""

    system: str
    login: Login
    settled_after_s: float = 10.0
    clock: Callable[[], float] = time.monotonic
    _connection: asyncssh.SSHClientConnection | None = None
    _client: asyncssh.SFTPClient | None = None
    _connecting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _seen: dict[str, tuple[int, float, float]] = field(default_factory=dict)
    """Path → size, instant of change, and our clock when we first saw it so."""
    _scratch: tempfile.TemporaryDirectory[str] | None = None
    _copies: dict[str, tuple[Entry, Path]] = field(default_factory=dict)

    async def entries(self, folder: str) -> list[Entry]:
        found: list[Entry] = []
        async with self._sftp(folder) as client:
            with suppress(protocol.SFTPNoSuchFile):
                async for one in client.scandir(folder):
                    about = one.attrs
                    if about.permissions is None or stat.S_ISREG(about.permissions):
                        name = one.filename if isinstance(one.filename, str) else one.filename.decode("utf-8", "surrogateescape")
                        found.append(Entry(name, about.size or 0, float(about.mtime or 0)))
        found = [one for one in found if one.name not in (".", "..") and "/" not in one.name]
        self._look(folder, found)
        return found

    def _look(self, folder: str, found: list[Entry]) -> None:
        there = {posixpath.join(folder, one.name): one for one in found}
        for path in [path for path in self._seen if posixpath.dirname(path) == folder and path not in there]:
            del self._seen[path]
        for path, one in there.items():
            if self._seen.get(path, ())[:2] != (one.size, one.modified_at):
                self._seen[path] = (one.size, one.modified_at, self.clock())

    def is_settled(self, folder: str, entry: Entry) -> bool:
        seen = self._seen.get(posixpath.join(folder, entry.name))
        return seen is not None and seen[:2] == (entry.size, entry.modified_at) and self.clock() - seen[2] >= self.settled_after_s

    async def local(self, folder: str, entry: Entry) -> Path:
        path = posixpath.join(folder, entry.name)
        kept = self._copies.get(path)
        if kept is not None and kept[0] == entry:
            return kept[1]
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="hub-sftp-")
        copy = Path(self._scratch.name) / uuid4().hex
        async with self._sftp(path) as client:
            await client.get(path, str(copy))
        if copy.stat().st_size != entry.size:
            copy.unlink()
            raise OSError(0, "the file changed while it was fetched", entry.name)
        self._forget(path)
        self._copies[path] = (entry, copy)
        while len(self._copies) > COPIES:
            self._forget(next(iter(self._copies)))
        return copy

    def _forget(self, path: str) -> None:
        kept = self._copies.pop(path, None)
        if kept is not None:
            kept[1].unlink(missing_ok=True)

    async def read(self, path: str) -> bytes:
        async with self._sftp(path) as client, client.open(path, "rb") as file:
            found = await file.read(READ_BYTES)
            return found if isinstance(found, bytes) else found.encode()

    async def write(self, path: str, content: bytes | Path) -> None:
        async with self._sftp(path) as client:
            if isinstance(content, Path):
                await client.put(str(content), path)
                return
            async with client.open(path, "wb") as file:
                await file.write(content)
                with suppress(protocol.SFTPOpUnsupported):
                    await file.fsync()

    async def rename(self, old: str, new: str, *, is_new: bool = False) -> None:
        async with self._sftp(new) as client:
            if not is_new:
                await _replace(client, old, new)
            elif await client.exists(new):
                raise FileExistsError(new)
            else:
                try:
                    await client.rename(old, new)  # by the protocol never over what is there
                except (protocol.SFTPFailure, protocol.SFTPFileAlreadyExists):
                    if await client.exists(new):
                        raise FileExistsError(new) from None
                    raise
        self._forget(old)

    async def remove(self, path: str) -> None:
        async with self._sftp(path) as client:
            await client.remove(path)

    async def prepare(self, folder: str) -> None:
        async with self._sftp(folder) as client:
            await client.makedirs(folder, exist_ok=True)

    async def aclose(self) -> None:
        if self._connection is not None:
            self._connection.close()
            await self._connection.wait_closed()
        self._connection = self._client = None
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch, self._copies = None, {}

    # the connection

    @asynccontextmanager
    async def _sftp(self, path: str) -> AsyncIterator[asyncssh.SFTPClient]:
        """The client; what goes wrong with a file is an OSError, what goes wrong with the connection a ConnectorError."""
        client = await self._connected()
        try:
            yield client
        except protocol.SFTPNoSuchFile as error:
            raise FileNotFoundError(2, "there is no such file", path) from error
        except protocol.SFTPPermissionDenied as error:
            raise PermissionError(13, "the server does not permit it", path) from error
        except (protocol.SFTPConnectionLost, protocol.SFTPNoConnection, asyncssh.ConnectionLost, asyncssh.DisconnectError, ConnectionError) as error:
            self._drop()
            raise self._unreachable(error) from error
        except protocol.SFTPError as error:
            raise OSError(5, f"the server refuses it ({type(error).__name__})", path) from error

    async def _connected(self) -> asyncssh.SFTPClient:
        async with self._connecting:
            if self._client is not None and self._connection is not None and not self._connection.is_closed():
                return self._client
            self._drop()
            login = self.login
            try:
                async with asyncio.timeout(login.connect_s):
                    self._connection = await asyncssh.connect(
                        login.host, login.port, username=login.username, password=login.password,
                        client_keys=[login.key] if login.key else None, known_hosts=(list(login.host_keys), [], []),
                        config=None, agent_path=None, keepalive_interval=KEEPALIVE_S,
                        preferred_auth="publickey" if login.key and login.password is None else "publickey,password,keyboard-interactive",
                    )  # fmt: skip
                    self._client = await self._connection.start_sftp_client()
            except asyncssh.HostKeyNotVerifiable as error:
                raise CredentialsError(f"{self.system}: {login.host} does not show the host key that is declared", system=self.system) from error
            except asyncssh.PermissionDenied as error:
                raise CredentialsError(f"{self.system}: {login.host} does not let {login.username} in", system=self.system) from error
            except (OSError, TimeoutError, asyncssh.Error) as error:
                self._drop()
                raise self._unreachable(error) from error
            return self._client

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.abort()
        self._connection = self._client = None

    def _unreachable(self, error: Exception) -> ConnectorError:
        return RetriableError(f"{self.system}: {self.login.host} cannot be reached now ({type(error).__name__})", system=self.system)


async def _replace(client: asyncssh.SFTPClient, old: str, new: str) -> None:
    try:
        await client.posix_rename(old, new)
    except protocol.SFTPOpUnsupported:  # a server without the extension: for a moment there is neither
        with suppress(protocol.SFTPNoSuchFile):
            await client.remove(new)
        await client.rename(old, new)
