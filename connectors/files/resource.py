"""What is declared of one kind of files, and how far a poll has come with them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from connectors.errors import SchemaDriftError
from connectors.files.reader import BadLine, FileDialect, file_sha256, id_columns, read_file
from connectors.port import Incoming, message_key
from connectors.wire import dump_json, parse_json

Kind = Literal["append", "delta", "snapshot"]
Completeness = Literal["settled", "done", "manifest"]
DONE, MANIFEST, ACK, ERRORS, PART = ".done", ".manifest.json", "_ack.json", "_errors.csv", ".part"
BESIDE = (DONE, MANIFEST, ACK, ERRORS, PART)
"""Endings of what lies beside a file of records."""


@dataclass(frozen=True, slots=True)
class Operations:
    """The column that says what a line of a ``delta`` file is, and the texts in it."""

    column: str = "operation"
    present: frozenset[str] = frozenset({"I", "U"})
    gone: frozenset[str] = frozenset({"D"})


@dataclass(frozen=True, slots=True)
class Trailer:
    """What the last line tells, by the number of its cell: how many records there are, and sums of columns."""

    rows: int
    totals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileResource:
    """The files of one kind of record: names that fit ``pattern``, records identified by the columns ``id``.

    ``append``: each line tells a record. ``delta``: and may say that it is gone. ``snapshot``: each file lists all records.
    """

    object: str
    pattern: str
    id: tuple[str, ...]
    dialect: FileDialect
    kind: Kind = "append"
    complete: Completeness = "settled"
    version: str = ""
    """The column that changes with each change of a record."""
    operations: Operations = field(default_factory=Operations)
    sequence: re.Pattern[str] | None = None
    """Finds the file's number in its name; files are read in its order, and a number that is missing is waited for."""
    most_fewer_percent: float = 20.0
    """A snapshot with fewer records than the one before by more than this is refused."""
    totals: tuple[str, ...] = ()
    """Columns whose sum the manifest tells."""
    trailer: Trailer | None = None
    decimal_comma: bool = False

    @property
    def summed(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.totals, *(self.trailer.totals if self.trailer else ()))))

    def fits(self, name: str) -> bool:
        return not name.startswith(".") and not name.endswith(BESIDE) and fnmatchcase(name, self.pattern)

    def order(self, name: str) -> tuple[int, str]:
        """By which files are read one after another."""
        return (self.number(name) or 0, name)

    def number(self, name: str) -> int | None:
        """The file's number in its sequence."""
        found = self.sequence.search(name) if self.sequence else None
        return int(found.group(1)) if found else None

    def records(self, path: Path, name: str, *, offset: int = 0, line: int = 0, shown_bytes: int = 200) -> Iterator[tuple[Incoming | BadLine, int]]:
        """Every line of a file with the place behind it, as messages of this kind.

        Under another name the same content is told again, unless files only append: a value may return to what it was.
        """
        key = "" if self.kind == "append" else f"file:{name}:{file_sha256(path)[:24]}"
        for found, behind in read_file(
            path, self.object, id_columns(self.id), self.dialect, offset=offset, line=line, key=key, shown_bytes=shown_bytes
        ):
            is_plain = isinstance(found, BadLine) or (self.kind != "delta" and not self.version)
            yield (found if is_plain else self._understood(found)), behind  # type: ignore[arg-type]

    def _understood(self, found: Incoming) -> Incoming | BadLine:
        record: dict[str, Any] = parse_json(found.body)
        version = str(record.get(self.version) or "") if self.version else ""
        key, body, is_delete = found.key, found.body, False
        if self.kind == "delta":
            said = str(record.pop(self.operations.column, None) or "").strip()
            if said not in self.operations.present | self.operations.gone:
                return BadLine(found.line, f"the operation {said!r} is not declared", found.body, "unknown_operation")
            is_delete, body = said in self.operations.gone, dump_json(record)
        if self.kind == "snapshot":
            key = message_key(found.object, found.external_id, version, body) or key
        return Incoming(found.object, found.external_id, body, key, version, is_delete, line=found.line)


@dataclass(frozen=True, slots=True)
class Mark:
    """A poll's checkpoint: the file it is at, and where behind the last line read; ``offset`` -1 at its end."""

    file: str = ""
    offset: int = 0
    line: int = 0
    sha: str = ""
    """Beginning of the digest of the file's content: under the same name another content is a correction."""
    rows: int = 0
    bad: int = 0
    number: int | None = None
    """The highest of the sequence so far."""
    is_partly: bool = False
    """A snapshot of which others read the beginning; it is read once more, since only a listing of all shows what is gone."""
    refused: str = ""
    """Why nothing of the file was taken."""
    is_away: bool = False
    """The file was moved: what lies under its name now is another."""
    left: tuple[str, ...] = ()
    """Files read before it that lie there still."""

    @property
    def is_at_end(self) -> bool:
        return bool(self.file) and self.offset < 0

    def dumped(self) -> str:
        return json.dumps({key: value for key, value in asdict(self).items() if value not in ("", None, False, 0, ()) or key in ("offset", "line")})

    @classmethod
    def parsed(cls, checkpoint: str) -> Mark:
        if not checkpoint:
            return cls()
        try:
            stored = json.loads(checkpoint)
            return cls(**{"file": stored["file"], "offset": int(stored["offset"]), "line": int(stored["line"])} | stored | {"left": tuple(stored.get("left", ()))})
        except (ValueError, KeyError, TypeError) as error:
            raise SchemaDriftError("the checkpoint was not made by this connector; start again without one") from error
