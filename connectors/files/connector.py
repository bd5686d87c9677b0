"""A folder into which a system puts files, as a connector: each file is read once, in the order of the names."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast

from connectors.errors import ConnectorError, RejectedError, RetriableError, SchemaDriftError, SignatureError
from connectors.files.reader import BadLine, FileDialect, id_columns, read_file
from connectors.port import Capabilities, Incoming, Page, Receipt, Write
from connectors.tables import Table


@dataclass(frozen=True, slots=True)
class FileResource:
    """The files of one kind of record: names that fit ``pattern``, records identified by the columns ``id``."""

    object: str
    pattern: str
    id: tuple[str, ...]
    dialect: FileDialect


@dataclass
class FilesConnector:
    """Reads a folder. Files whose name begins with "." or ends with ".part", empty ones, and those still growing wait."""

    system: str
    folder: Path
    resources: Mapping[str, FileResource]
    page_size: int = 500
    settled_after_s: float = 2.0
    clock: Callable[[], float] = time.time

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(resources=tuple(self.resources), page_size=self.page_size, concurrency=1)

    async def poll(self, resource: str, checkpoint: str) -> Page:
        """The next lines. A line that cannot be read comes as a message without an id, so that it becomes a task."""
        one = self.resources[resource]
        name, offset, line = _parsed(checkpoint)
        files = self._ready(one)
        current = next((path for path in files if path.name > name or (path.name == name and offset >= 0)), None)
        if current is None:
            return Page((), checkpoint, has_more=False)
        if current.name != name:
            offset, line = 0, 0
        messages: list[Incoming] = []
        try:
            for found, behind in read_file(current, one.object, id_columns(one.id), one.dialect, offset=offset, line=line):
                offset = behind
                number = found.number if isinstance(found, BadLine) else found.line
                line = max(line, number)
                messages.append(_quarantined(one, current, found) if isinstance(found, BadLine) else found)
                if len(messages) >= self.page_size:
                    break
            else:
                offset = -1
        except OSError as error:
            raise RetriableError(f"{current.name} cannot be read now", system=self.system) from error
        has_more = offset >= 0 or current != files[-1]
        return Page(tuple(messages), json.dumps({"file": current.name, "offset": offset, "line": line}), has_more)

    def _ready(self, one: FileResource) -> list[Path]:
        """Whole files of a resource, in the order of their names."""
        found = []
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name.startswith(".") or path.name.endswith(".part") or not fnmatchcase(path.name, one.pattern):
                continue
            about = path.stat()
            if about.st_size and self.clock() - about.st_mtime >= self.settled_after_s:
                found.append(path)
        return sorted(found, key=lambda path: path.name)

    async def fetch(self, object: str, external_id: str) -> Incoming | None:
        return None

    def receive(self, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        raise SignatureError("files send no webhooks")

    async def write(self, write: Write) -> Receipt:
        raise RejectedError(
            f"{self.system} is read from files and cannot be written", cause="permission",
            remedy="Take the system out of the subscription.", system=self.system,
        )  # fmt: skip

    async def look_up(self, write: Write) -> Receipt | None:
        return None

    async def write_many(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        return [RejectedError(f"{self.system} is read from files and cannot be written", cause="permission") for _ in writes]

    async def aclose(self) -> None:
        return None


def files_connector(config: Mapping[str, Any], *, file: str = "files") -> FilesConnector:
    """The registry's factory; see README.md for the form of ``config``."""
    top = Table(config, file)
    for key in ("mappings", "code_maps", "name", "kind", "connector"):
        top.take(key)
    found = FilesConnector(
        system=top.text("system"),
        folder=Path(top.text("folder")),
        resources={name: _resource(name, table) for name, table in top.tables("resources")},
        page_size=int(top.number("page_size", 500)),
        settled_after_s=top.number("settled_after_s", 2.0),
    )
    top.done()
    return found


def _resource(name: str, table: Table) -> FileResource:
    dialect = FileDialect(
        format=cast(Any, table.one_of("format", ("csv", "jsonl"), "csv")),
        encoding=table.text("encoding", "utf-8"),
        delimiter=table.text("delimiter", ","),
        quote=table.text("quote", '"'),
        columns=table.texts("columns"),
        empty=cast(Any, table.one_of("empty", ("null", "absent"), "null")),
        max_line_bytes=int(table.number("max_line_bytes", 32_000_000)),
    )
    found = FileResource(table.text("object", name), table.text("pattern"), table.texts("id") or ("id",), dialect)
    table.done()
    return found


def _quarantined(one: FileResource, path: Path, bad: BadLine) -> Incoming:
    return Incoming(one.object, "", bad.raw, f"{path.name}:{bad.number}:bad", line=bad.number)


def _parsed(checkpoint: str) -> tuple[str, int, int]:
    """(file, offset behind the last line read or -1 at its end, last line)."""
    if not checkpoint:
        return "", 0, 0
    try:
        stored = json.loads(checkpoint)
        return str(stored["file"]), int(stored["offset"]), int(stored["line"])
    except (ValueError, KeyError, TypeError) as error:
        raise SchemaDriftError("the checkpoint was not made by this connector; start again without one") from error
