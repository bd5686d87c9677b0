"""What a simulated system holds: records in memory, every change appended to a journal that a restart reads again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from connectors.wire import dump_json, parse_json

Clock = Callable[[], datetime]


@dataclass(slots=True)
class Row:
    """One record: its own fields, and what the system keeps about it."""

    object: str
    id: str
    fields: dict[str, Any]
    version: int
    changed_at: datetime
    is_deleted: bool = False


@dataclass
class Store:
    """All records of one system. Instants of change are unique and rise, so a sorted list has one order."""

    journal: Path | None = None
    clock: Clock = lambda: datetime.now(UTC)
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    creates: Counter[str] = field(default_factory=Counter)
    """How often requests (not users) created something under one key of ours."""
    _last: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    _file: IO[bytes] | None = None
    _ordered: dict[str, list[Row]] = field(default_factory=dict)

    def open(self) -> bool:
        """Read the journal back; False when there is nothing to read yet. A half-written last line is dropped."""
        found = False
        if self.journal is not None:
            self.journal.parent.mkdir(parents=True, exist_ok=True)
            whole = 0
            for raw in self.journal.open("rb") if self.journal.exists() else ():
                if not raw.endswith(b"\n"):
                    break
                found, whole = True, whole + len(raw)
                self._replay(parse_json(raw))
            self._file = self.journal.open("r+b" if self.journal.exists() else "wb")
            self._file.truncate(whole)
            self._file.seek(whole)
        return found

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def get(self, object: str, id: str) -> Row | None:
        """A record that is not deleted."""
        row = self.rows.get(object, {}).get(id)
        return None if row is None or row.is_deleted else row

    def table(self, object: str) -> Iterator[Row]:
        return (row for row in self.rows.get(object, {}).values() if not row.is_deleted)

    def put(self, object: str, id: str, fields: Mapping[str, Any], *, is_deleted: bool = False, key: str = "") -> Row:
        """Store a new state of a record; ``key`` counts a create that a request made."""
        self._last = max(self.clock(), self._last + timedelta(microseconds=1))
        known = self.rows.get(object, {}).get(id)
        row = Row(object, id, dict(fields), known.version + 1 if known else 1, self._last, is_deleted)
        self._keep(row, key)
        if self._file is not None:
            entry = {
                "object": object, "id": id, "fields": row.fields, "version": row.version,
                "changed_at": row.changed_at.isoformat(), "deleted": is_deleted, "key": key,
            }  # fmt: skip
            self._file.write(dump_json(entry) + b"\n")
            self._file.flush()
        return row

    def changed(self, object: str) -> list[Row]:
        """All rows, deleted ones too, by instant of change."""
        found = self._ordered.get(object)
        if found is None:
            found = sorted(self.rows.get(object, {}).values(), key=lambda row: row.changed_at)
            self._ordered[object] = found
        return found

    def held(self) -> dict[str, dict[str, Row]]:
        """All rows as they are now, for :meth:`restore` when what follows must not have happened."""
        return {object: dict(rows) for object, rows in self.rows.items()}

    def restore(self, held: Mapping[str, dict[str, Row]]) -> None:
        """Take back every change since; only where nothing is kept in a journal."""
        self.rows = {object: dict(rows) for object, rows in held.items()}
        self._ordered.clear()

    def next_number(self, object: str, first: int) -> int:
        return first + len(self.rows.get(object, {}))

    def _keep(self, row: Row, key: str) -> None:
        self.rows.setdefault(row.object, {})[row.id] = row
        self._ordered.pop(row.object, None)
        if key:
            self.creates[key] += 1

    def _replay(self, entry: dict[str, Any]) -> None:
        self._last = max(self._last, datetime.fromisoformat(entry["changed_at"]))
        row = Row(entry["object"], entry["id"], entry["fields"], entry["version"], self._last, entry["deleted"])
        self._keep(row, entry["key"])


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """``old`` with the stated fields of ``new``; inner objects merge, lists are replaced."""
    found = dict(old)
    for name, value in new.items():
        before = found.get(name)
        found[name] = merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return found


def as_number(text: str) -> Any:
    """A query parameter as JSON would have it, for comparing with a field."""
    try:
        return json.loads(text)
    except ValueError:
        return text
