"""A drop folder for tests, on this machine or behind an SFTP server on loopback: a folder its system's users see, and the document of it."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from connectors.files.connector import FilesConnector
from connectors.port import Incoming, Page
from connectors.registry import connect

USER, PASSWORD = "hub", "pw-1"
HOST_KEY, USER_KEY = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
Resource = dict[str, Any]
CLIENTS: Resource = {"object": "client", "pattern": "clients_*.csv"}


class Server(asyncssh.SSHServer):
    def __init__(self, server: SftpServer) -> None:
        self._server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        if self._server.is_away:
            conn.abort()
        self._server.connections.append(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and key.public_data == USER_KEY.public_data


@dataclass
class SftpServer:
    """An SFTP server whose root is ``root``."""

    root: Path
    port: int = 0
    is_away: bool = False
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    _acceptor: asyncssh.SSHAcceptor | None = None

    async def start(self) -> SftpServer:
        def sftp(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
            return asyncssh.SFTPServer(channel, chroot=os.fsencode(self.root))

        self._acceptor = await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[HOST_KEY], server_factory=lambda: Server(self), sftp_factory=sftp
        )
        self.port = self._acceptor.get_port()
        return self

    async def stop(self) -> None:
        assert self._acceptor is not None
        self._acceptor.close()
        await self._acceptor.wait_closed()
        self.cut()

    def cut(self) -> None:
        """Break all connections, as a network does."""
        while self.connections:
            self.connections.pop().abort()

    def document(self, **more: Any) -> dict[str, Any]:
        return {
            "connector": "sftp", "host": "127.0.0.1", "port": self.port, "username": USER, "password": PASSWORD,
            "host_key": HOST_KEY.export_public_key().decode(), "settled_after_s": 0,
        } | more  # fmt: skip


@dataclass
class Drop:
    """Four folders under ``root``: in, archive, error and out."""

    root: Path
    server: SftpServer | None = None
    _made: list[FilesConnector] = field(default_factory=list)

    def document(self, resources: Resource | None = None, **more: Any) -> dict[str, Any]:
        top = "/" if self.server else f"{self.root}/"
        plain: dict[str, Any] = {"connector": "files", "settled_after_s": 0} if self.server is None else self.server.document()
        folders = {"folder": f"{top}in", "archive": "archive", "error": "error"}
        found = plain | {"system": "old", "page_size": 3, "resources": resources or {"client": CLIENTS}} | folders | more
        return {key: value for key, value in found.items() if value is not None}

    def connector(self, resources: Resource | None = None, **more: Any) -> FilesConnector:
        document = self.document(resources, **more)
        made = connect(document["connector"], document)
        assert isinstance(made, FilesConnector)
        self._made.append(made)
        return made

    async def close(self) -> None:
        for one in self._made:
            await one.aclose()

    def put(self, name: str, content: str | bytes, folder: str = "in") -> Path:
        path = self.root / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def names(self, folder: str) -> list[str]:
        place = self.root / folder
        return sorted(one.name for one in place.iterdir() if not one.name.startswith(".")) if place.is_dir() else []

    def text(self, name: str, folder: str) -> str:
        return (self.root / folder / name).read_text(encoding="utf-8")

    def told(self, name: str, folder: str) -> Any:
        return json.loads(self.text(name, folder))

    def rows(self, folder: str = "out", ending: str = ".csv") -> list[dict[str, str]]:
        """What a reader finds in all files that were written."""
        found = []
        for name in self.names(folder):
            if name.endswith(ending):
                found += list(csv.DictReader(io.StringIO(self.text(name, folder), newline="")))
        return found


async def walk(
    connector: FilesConnector, resource: str = "client", checkpoint: str = "", *, is_looking: bool = False
) -> tuple[list[Incoming], str, list[Page]]:
    """A poll as the hub makes it, to its end: messages, the last checkpoint, pages. Who is looking only stores nothing."""
    found: list[Incoming] = []
    pages: list[Page] = []
    if checkpoint:
        await connector.stored(resource, checkpoint)
    for _ in range(1000):
        page = await connector.poll(resource, checkpoint)
        pages.append(page)
        found += page.messages
        checkpoint = page.checkpoint
        if checkpoint and not is_looking:
            await connector.stored(resource, checkpoint)
        if not page.has_more:
            return found, checkpoint, pages
    raise AssertionError("the poll does not end")
