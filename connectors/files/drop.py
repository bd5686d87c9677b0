"""A folder into which a system drops files: whole ones are read in order, verified first, and put away once the hub has stored them.

Nothing is moved before the hub says so: a kill at any point reads or moves again what it must.
"""

from __future__ import annotations

import asyncio
import csv
import posixpath
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from connectors.errors import SchemaDriftError
from connectors.files.place import Entry, Place, put
from connectors.files.reader import BadLine, file_sha256
from connectors.files.resource import ACK, DONE, ERRORS, MANIFEST, FileResource, Mark
from connectors.files.verify import (
    Counted, RefusedFileError, counted, need_agreement, need_columns, need_no_shrinking, parsed_manifest, parsed_trailer,
)  # fmt: skip
from connectors.port import Incoming, Page
from connectors.wire import dump_json, parse_json

Listed = Mapping[str, Entry]


class NotYetError(Exception):
    """The file is still on its way; the next poll looks again."""


@dataclass
class DropFolder:
    """Reads the files of one folder. Without ``archive`` they stay, and the order of their names says which are new."""

    system: str
    place: Place
    folder: str
    archive: str = ""
    error: str = ""
    page_size: int = 500
    _begun: dict[str, str] = field(default_factory=dict)
    """Resource → checkpoint of a snapshot that is read here from its beginning."""
    _counted: dict[tuple[str, str], Counted] = field(default_factory=dict)

    async def page(self, resource: str, one: FileResource, checkpoint: str) -> Page:
        """The next lines. A line that cannot be read comes as a message without an id, so that it becomes a task."""
        mark = Mark.parsed(checkpoint)
        is_unbroken = self._begun.pop(resource, None) == checkpoint or not checkpoint
        listed = {entry.name: entry for entry in await self.place.entries(self.folder)}
        if mark.is_at_end and not mark.is_away and mark.file not in listed and self._goes_to(mark):
            return Page((), replace(mark, is_away=True).dumped(), has_more=True)
        waiting = await self._waiting(one, mark, listed)
        if mark.file and not mark.is_at_end:
            entry = self._current(resource, mark, listed)
        elif one.kind == "snapshot":
            if checkpoint and (waiting or mark.is_partly):
                return Page((), "", has_more=True)  # a listing of all begins
            if checkpoint or not waiting:
                return Page((), checkpoint, has_more=False)
            entry, mark = waiting[-1], Mark()
        else:
            found = self._following(resource, one, mark, waiting, listed)
            if found is None:
                return Page((), checkpoint, has_more=False)
            left = [*mark.left, *((mark.file,) if mark.is_at_end and not mark.is_away and self.archive else ())]
            entry, mark = found, Mark(number=mark.number, left=tuple(name for name in left if name in listed))
        try:
            page = await self._read(one, entry, mark, listed, waiting, is_unbroken=is_unbroken)
        except NotYetError:
            return Page((), checkpoint, has_more=False)
        except RefusedFileError as refused:
            return await self._refused(resource, one, entry, mark, str(refused))
        self._begun[resource] = page.checkpoint
        return page

    async def fetch(self, one: FileResource, external_id: str) -> Incoming | None:
        """A record as the newest snapshot tells it; other files do not tell what is not in them."""
        if one.kind != "snapshot":
            return None
        for folder in filter(None, (self.folder, self.archive)):
            listed = {entry.name: entry for entry in await self.place.entries(folder)}
            whole = [entry for entry in listed.values() if one.fits(entry.name) and (folder == self.archive or self._is_whole(one, entry, listed))]
            if whole:
                newest = max(whole, key=lambda entry: one.order(entry.name))
                return await asyncio.to_thread(_found, one, newest.name, await self.place.local(folder, newest), external_id)
        return None

    # which file

    async def _waiting(self, one: FileResource, mark: Mark, listed: Listed) -> list[Entry]:
        """Whole files that are to be read after ``mark``'s, in their order."""
        whole = [entry for entry in listed.values() if one.fits(entry.name) and self._is_whole(one, entry, listed)]
        found = []
        for entry in whole:
            if entry.name == mark.file:
                is_new = mark.is_away or (mark.is_at_end and bool(mark.sha) and await self._sha(entry) != mark.sha)
            else:
                is_new = entry.name not in mark.left and (not mark.file or self._is_after(one, entry.name, mark))
            if is_new:
                found.append(entry)
        return sorted(found, key=lambda entry: one.order(entry.name))

    def _is_after(self, one: FileResource, name: str, mark: Mark) -> bool:
        """What was read is put away where there is an archive; else the order tells. An older snapshot tells nothing."""
        return bool(self.archive and one.kind != "snapshot") or one.order(name) > one.order(mark.file)

    def _is_whole(self, one: FileResource, entry: Entry, listed: Listed) -> bool:
        if not entry.size:
            return False
        if one.complete == "settled":
            return self.place.is_settled(self.folder, entry)
        return entry.name + (DONE if one.complete == "done" else MANIFEST) in listed

    def _current(self, resource: str, mark: Mark, listed: Listed) -> Entry:
        if mark.file in listed:
            return listed[mark.file]
        raise SchemaDriftError(
            f"{mark.file} is gone before it was read to its end; put it back", object=resource, path=mark.file, system=self.system
        )

    def _following(self, resource: str, one: FileResource, mark: Mark, waiting: Sequence[Entry], listed: Listed) -> Entry | None:
        """The next file; None when there is none yet. Raises SchemaDriftError for a gap in the sequence."""
        entry = next(iter(waiting), None)
        number = one.number(entry.name) if entry else None
        if entry is None or number is None or mark.number is None or number <= mark.number + 1:
            return entry
        missing = mark.number + 1
        if any(one.fits(name) and one.number(name) == missing for name in listed):
            return None  # it is on its way
        raise SchemaDriftError(f"file {missing} is missing before {entry.name}; nothing behind it is read until it comes", object=resource, path=entry.name, system=self.system)

    # reading

    async def _read(
        self, one: FileResource, entry: Entry, mark: Mark, listed: Listed, waiting: Sequence[Entry], *, is_unbroken: bool
    ) -> Page:
        path = await self.place.local(self.folder, entry)
        sha = (await asyncio.to_thread(file_sha256, path))[:24]
        if mark.file and mark.sha and sha != mark.sha:  # it was replaced while we read it
            if one.kind == "snapshot":
                return Page((), "", has_more=True)
            mark = Mark(number=mark.number, left=mark.left)
        if not mark.file:
            await self._verify(one, entry, path, listed)
        messages, behind = await asyncio.to_thread(self._lines, one, entry.name, path, replace(mark, file=entry.name, sha=sha))
        others = [other for other in waiting if other.name != entry.name]
        if not behind.is_at_end:
            return Page(messages, behind.dumped(), has_more=True)
        numbers = [number for number in (mark.number, one.number(entry.name)) if number is not None]
        behind = replace(behind, number=max(numbers, default=None), is_partly=one.kind == "snapshot" and not is_unbroken)
        is_all = one.kind == "snapshot" and not behind.bad
        newer = [other for other in others if one.order(other.name) > one.order(entry.name)] if one.kind == "snapshot" else others
        return Page(messages, behind.dumped(), has_more=bool(newer), is_complete_listing=is_all)

    def _lines(self, one: FileResource, name: str, path: Path, mark: Mark) -> tuple[tuple[Incoming, ...], Mark]:
        messages: list[Incoming] = []
        offset, line, bad = mark.offset, mark.line, mark.bad
        for found, offset in one.records(path, name, offset=mark.offset, line=mark.line):
            is_bad = isinstance(found, BadLine)
            line, bad = max(line, found.number if isinstance(found, BadLine) else found.line), bad + is_bad
            messages.append(_unreadable(one, name, mark.sha, found) if isinstance(found, BadLine) else found)
            if len(messages) >= self.page_size:
                break
        else:
            offset = -1
        return tuple(messages), replace(mark, offset=offset, line=line, rows=mark.rows + len(messages), bad=bad)

    async def _verify(self, one: FileResource, entry: Entry, path: Path, listed: Listed) -> None:
        """Raises RefusedFileError, or NotYetError while it may still be on its way."""
        if one.sequence and one.number(entry.name) is None:
            raise RefusedFileError("its name has no number")
        try:
            await asyncio.to_thread(need_columns, one, path)
            if one.complete == "manifest":
                told = parsed_manifest(await self.place.read(posixpath.join(self.folder, entry.name + MANIFEST)), entry.name)
                need_agreement(told, await self._count(one, entry.name, path), one.totals)
            if one.trailer is not None:
                said = await asyncio.to_thread(parsed_trailer, one, path)
                need_agreement(said, await self._count(one, entry.name, path), one.trailer.totals, "trailer")
            if one.kind == "snapshot":
                before = await self._rows_before(one, entry.name, listed)
                if before:
                    need_no_shrinking(one, (await self._count(one, entry.name, path)).rows, before)
        except RefusedFileError:
            if one.complete == "manifest" and not self.place.is_settled(self.folder, entry):
                raise NotYetError from None
            raise

    async def _rows_before(self, one: FileResource, name: str, listed: Listed) -> int | None:
        """How many records the snapshot before this one had, None when there was none."""
        if not self.archive:
            earlier = [other for other in listed.values() if one.fits(other.name) and other.size and one.order(other.name) < one.order(name)]
            if not earlier:
                return None
            last = max(earlier, key=lambda other: one.order(other.name))
            return (await self._count(one, last.name, await self.place.local(self.folder, last))).rows
        acks = [entry.name for entry in await self.place.entries(self.archive) if entry.name.endswith(ACK) and one.fits(entry.name.removesuffix(ACK))]
        for ack in sorted(acks, key=lambda ack: one.order(ack.removesuffix(ACK)), reverse=True):
            told = parse_json(await self.place.read(posixpath.join(self.archive, ack)))
            if "read" in told:
                return int(told["read"])
        return None

    async def _count(self, one: FileResource, name: str, path: Path) -> Counted:
        key = (name, await asyncio.to_thread(file_sha256, path))
        if key not in self._counted:
            found = await asyncio.to_thread(counted, one, path, name)
            while len(self._counted) > 50:
                self._counted.pop(next(iter(self._counted)))
            self._counted[key] = found
        return self._counted[key]

    async def _sha(self, entry: Entry) -> str:
        return (await asyncio.to_thread(file_sha256, await self.place.local(self.folder, entry)))[:24]

    async def _refused(self, resource: str, one: FileResource, entry: Entry, mark: Mark, reason: str) -> Page:
        """Nothing of the file is taken: it becomes a task and is put aside; where it may not be moved, the poll stops."""
        if not self.error:
            raise SchemaDriftError(f"{entry.name}: {reason}", object=resource, path=entry.name, system=self.system)
        sha = await self._sha(entry)
        told = Incoming(one.object, "", f"{entry.name}: {reason}".encode(), f"{entry.name}:{sha}:refused")
        return Page((told,), Mark(entry.name, -1, 0, sha, number=mark.number, refused=reason).dumped(), has_more=True)

    # putting away

    def _goes_to(self, mark: Mark) -> str:
        return self.error if mark.refused else self.archive

    async def stored(self, one: FileResource, checkpoint: str) -> None:
        """Move a file whose records are stored, with an acknowledgement; what was done before a kill is not done again."""
        mark = Mark.parsed(checkpoint)
        target = self._goes_to(mark)
        if not mark.is_at_end or mark.is_partly or mark.is_away or not target:
            return
        listed = {entry.name: entry for entry in await self.place.entries(self.folder)}
        entry = listed.get(mark.file)
        if entry is not None and mark.sha and await self._sha(entry) != mark.sha:
            return  # another file has come under its name
        await self.place.prepare(target)
        if entry is not None:
            path = await self.place.local(self.folder, entry)
            if mark.bad and self.error:
                await self._tell_errors(one, entry.name, path)
            ack: dict[str, str | int] = {"file": entry.name, "sha256": await asyncio.to_thread(file_sha256, path)}
            if mark.refused:
                ack["refused"] = mark.refused
            else:
                ack |= {"read": mark.rows, "applied": mark.rows - mark.bad, "rejected": mark.bad}
            await self._move(entry.name, target, ack, mark.sha)
        await self._move_beside(mark.file, target, listed)
        if one.kind == "snapshot" and not mark.refused:
            await self._put_older_away(one, mark.file, listed)

    async def _put_older_away(self, one: FileResource, name: str, listed: Listed) -> None:
        """A snapshot takes the place of all before it."""
        for entry in listed.values():
            if one.fits(entry.name) and one.order(entry.name) < one.order(name) and self._is_whole(one, entry, listed):
                sha = await asyncio.to_thread(file_sha256, await self.place.local(self.folder, entry))
                await self._move(entry.name, self.archive, {"file": entry.name, "sha256": sha, "superseded_by": name}, sha[:24])
                await self._move_beside(entry.name, self.archive, listed)

    async def _move(self, name: str, target: str, ack: Mapping[str, object], sha: str) -> None:
        await put(self.place, posixpath.join(target, name + ACK), dump_json(ack))
        there = {entry.name for entry in await self.place.entries(target)}
        stem, ending = posixpath.splitext(name)
        kept = f"{stem}.{sha[:12]}{ending}" if name in there else name
        await self.place.rename(posixpath.join(self.folder, name), posixpath.join(target, kept))

    async def _move_beside(self, name: str, target: str, listed: Listed) -> None:
        for beside in (name + DONE, name + MANIFEST):
            if beside in listed:
                await self.place.rename(posixpath.join(self.folder, beside), posixpath.join(target, beside))

    async def _tell_errors(self, one: FileResource, name: str, path: Path) -> None:
        await self.place.prepare(self.error)
        with tempfile.TemporaryDirectory(prefix="hub-errors-") as scratch:
            file = Path(scratch) / "errors.csv"
            await asyncio.to_thread(_write_errors, one, name, path, file)
            await put(self.place, posixpath.join(self.error, name + ERRORS), file)


def _unreadable(one: FileResource, name: str, sha: str, bad: BadLine) -> Incoming:
    """Where it stands and why, then the line: no record, so that nothing is made of it."""
    said = f"{name} line {bad.number}: {bad.reason}: ".encode()
    return Incoming(one.object, "", said + bad.raw, f"{name}:{sha}:{bad.number}:bad", line=bad.number)


def _found(one: FileResource, name: str, path: Path, external_id: str) -> Incoming | None:
    return next((found for found, _ in one.records(path, name) if isinstance(found, Incoming) and found.external_id == external_id), None)


def _write_errors(one: FileResource, name: str, path: Path, target: Path) -> None:
    """The lines that could not be read, whole, each with its number and reason."""
    with target.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, quoting=csv.QUOTE_ALL)
        rows.writerow(["row", "line_no", "field", "code", "message"])
        for found, _ in one.records(path, name, shown_bytes=one.dialect.max_line_bytes):
            if isinstance(found, BadLine):
                about = {"no_id": "|".join(one.id), "unknown_operation": one.operations.column}.get(found.code, "")
                row = found.raw.decode(one.dialect.encoding, "backslashreplace").rstrip("\r\n")
                rows.writerow([row, found.number, about, found.code, found.reason])
