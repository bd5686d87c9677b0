"""Files out: one file per run of writes, and a ledger of what was written, by which no write ever appears in two files.

A run is written as ``.part``; then its ledger entry takes the next number of the sequence, which only one can have: from
there on it *is* written. Then the file gets its name, and its manifest follows. Whoever dies in between leaves what
:meth:`Outbox.look_up` finishes.
"""

from __future__ import annotations

import asyncio
import hashlib
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import InvalidOperation
from typing import Any
from uuid import uuid4

from connectors.errors import ConnectorError, RejectedError, RetriableError, UnknownOutcomeError
from connectors.files.place import Place, put, put_aside
from connectors.files.resource import DONE, MANIFEST, PART
from connectors.files.rows import OutObject, encoded, external_id_of, row_of, totals_of
from connectors.port import Receipt, Write
from connectors.wire import dump_json, parse_json

LEDGER = ".written"
TRIES = 50
REMEMBERED_DAYS = 400
ORPHAN_S = 7 * 86400.0
"""A ``.part`` so old belongs to no intent that is still open."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Known:
    """What the ledger of one object is known to hold."""

    keys: dict[str, str] = field(default_factory=dict)
    """The write's key → name of its ledger entry."""
    entries: set[str] = field(default_factory=set)
    last: int = 0
    is_swept: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass
class Outbox:
    """Writes files into one folder, each kind of record by itself."""

    system: str
    place: Place
    folder: str
    objects: Mapping[str, OutObject]
    now: Callable[[], datetime] = _now
    _known: dict[str, Known] = field(default_factory=dict)

    async def send(self, object: str, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        """Write what can be written as one file; the answers are in the order of the writes."""
        known, one = self._of(object), self.objects[object]
        async with known.turn:
            try:
                await self._refresh(object)
                adopted = {write.intent_key: await self._adopted(object, write) for write in writes if write.intent_key in known.keys}
            except OSError as error:
                return [self._later(error)] * len(writes)
            except ConnectorError as error:
                return [error] * len(writes)
            rows: dict[str, dict[str, Any]] = {}
            ids: dict[str, str] = {}
            refused: dict[str, ConnectorError] = {}
            for write in writes:
                if write.intent_key not in adopted:
                    try:
                        rows[write.intent_key] = row_of(one, write, self.system)
                        ids[write.intent_key] = external_id_of(one, write)
                    except RejectedError as error:
                        refused[write.intent_key] = error
            failed = await self._written(object, rows, ids) if rows else None
        return [self._answer(write, adopted, refused, ids, failed) for write in writes]

    def _answer(
        self, write: Write, adopted: Mapping[str, Receipt], refused: Mapping[str, ConnectorError], ids: Mapping[str, str], failed: ConnectorError | None
    ) -> Receipt | ConnectorError:
        key = write.intent_key
        return adopted.get(key) or refused.get(key) or failed or Receipt(ids[key])

    async def _written(self, object: str, rows: Mapping[str, dict[str, Any]], ids: Mapping[str, str]) -> ConnectorError | None:
        """Why it was not, or may not have been."""
        one, known, at = self.objects[object], self._of(object), self.now()
        content = encoded(one, list(rows.values()))
        about: dict[str, Any] = {"rows": len(rows), "sha256": hashlib.sha256(content).hexdigest(), "created_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
        try:
            if one.totals:
                about["totals"] = {name: str(total) for name, total in totals_of(one, list(rows.values())).items()}
        except InvalidOperation:
            return RejectedError("a column whose total is told holds no number", remedy="Take the column out of totals.", system=self.system)
        try:
            await self.place.prepare(self._path(LEDGER))
            part = self._path(f".{one.name}.{uuid4().hex}{PART}")
            await self.place.write(part, content)
        except OSError as error:
            return self._later(error)
        except ConnectorError as error:
            return error
        for _ in range(TRIES):
            number = known.last + 1
            file = f"{one.name}_{at:%Y%m%dT%H%M%SZ}_{number:08d}.{'csv' if one.dialect.format == 'csv' else 'jsonl'}"
            entry = {"file": file, **about, "part": posixpath.basename(part), "keys": dict(ids)}
            try:
                await put(self.place, self._path(LEDGER, _entry_name(object, number)), dump_json(entry), is_new=True)
            except FileExistsError:  # another worker was faster
                await self._refresh(object)
                if known.keys.keys() & ids.keys():
                    return RetriableError(f"{self.system}: another worker has just written some of these", system=self.system)
                known.last = max(known.last, number)
                continue
            except (OSError, ConnectorError) as error:
                return UnknownOutcomeError(f"{self.system}: the file may have been written", system=self.system) if not isinstance(error, PermissionError) else self._later(error)
            self._remember(object, _entry_name(object, number), entry)
            try:
                await self._finish(one, entry)
            except (OSError, ConnectorError):
                return UnknownOutcomeError(f"{self.system}: the file is written and has not its name yet", system=self.system)
            return None
        return RetriableError(f"{self.system}: too many write to the folder at once", system=self.system)

    async def look_up(self, object: str, write: Write) -> Receipt | None:
        """Whether the write is in a file, which then gets its name if it has none yet."""
        known = self._of(object)
        async with known.turn:
            try:
                await self._refresh(object)
                return await self._adopted(object, write) if write.intent_key in known.keys else None
            except OSError as error:
                raise self._later(error) from error

    async def _adopted(self, object: str, write: Write) -> Receipt:
        entry = parse_json(await self.place.read(self._path(LEDGER, self._of(object).keys[write.intent_key])))
        await self._finish(self.objects[object], entry)
        return Receipt(str(entry["keys"][write.intent_key]), was_adopted=True)

    async def _finish(self, one: OutObject, entry: Mapping[str, Any]) -> None:
        """Name and manifest; the reader may have taken the file meanwhile, then nothing is left to do."""
        there = {found.name for found in await self.place.entries(self.folder)}
        file, part = str(entry["file"]), str(entry["part"])
        if part in there:
            await self.place.rename(self._path(part), self._path(file))
        elif file not in there:
            return
        if one.complete == "manifest" and file + MANIFEST not in there:
            told = {name: entry[name] for name in ("file", "rows", "sha256", "created_at", "totals") if name in entry}
            await put(self.place, self._path(file + MANIFEST), dump_json(told))
        if one.complete == "done" and file + DONE not in there:
            await put(self.place, self._path(file + DONE), b"")

    async def _refresh(self, object: str) -> None:
        """Read what other workers have written meanwhile, and forget what is long past."""
        known, old = self._of(object), self.now().timestamp() - REMEMBERED_DAYS * 86400
        found = [one for one in await self.place.entries(self._path(LEDGER)) if _object_of(one.name) == object]
        last = max((one.name for one in found), default="")
        for one in found:
            if one.modified_at < old and one.name != last:
                known.keys = {key: name for key, name in known.keys.items() if name != one.name}
                await put_aside(self.place, self._path(LEDGER, one.name))
            elif one.name not in known.entries:
                self._remember(object, one.name, parse_json(await self.place.read(self._path(LEDGER, one.name))))
        if not known.is_swept:
            known.is_swept = True
            await self._sweep(self.objects[object])

    async def _sweep(self, one: OutObject) -> None:
        """Remove what writers left that died before their file counted."""
        begun = self.now().timestamp() - ORPHAN_S
        for entry in await self.place.entries(self.folder):
            if entry.name.startswith(f".{one.name}.") and entry.name.endswith(PART) and entry.modified_at < begun:
                await put_aside(self.place, self._path(entry.name))

    def _remember(self, object: str, name: str, entry: Mapping[str, Any]) -> None:
        known = self._of(object)
        known.entries.add(name)
        known.keys.update(dict.fromkeys(entry["keys"], name))
        known.last = max(known.last, int(name.removesuffix(".json").rpartition("_")[2]))

    def _of(self, object: str) -> Known:
        return self._known.setdefault(object, Known())

    def _path(self, *parts: str) -> str:
        return posixpath.join(self.folder, *parts)

    def _later(self, error: OSError) -> RetriableError:
        return RetriableError(f"{self.system}: {self.folder} cannot be written to now ({error.strerror or type(error).__name__})", system=self.system)


def _entry_name(object: str, number: int) -> str:
    return f"{object}_{number:08d}.json"


def _object_of(name: str) -> str:
    """The object of a ledger entry, "" for what is none."""
    if name.startswith(".") or not name.endswith(".json"):
        return ""
    return name.removesuffix(".json").rpartition("_")[0]
