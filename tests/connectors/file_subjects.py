"""Conformance subjects of drop folders: a system that writes a snapshot of all its records after each change, and takes in what is written for it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.conformance import NotApplicable
from connectors.files import place
from connectors.files.connector import FilesConnector
from connectors.files.place import Entry
from connectors.port import Connector
from tests.connectors.drops import Drop, SftpServer

RESOURCES = {"client": {"pattern": "clients_*.csv", "kind": "snapshot", "complete": "done", "version": "v", "most_fewer_percent": 100}}
OUT = {"folder": "out", "objects": {"client": {"columns": ["name"], "required": ["name"], "format": "jsonl"}}}
BESIDE_THE_POINT = {
    "a_signed_webhook_is_taken_and_is_the_message_of_the_poll",  # files send none
    "a_webhook_that_is_not_signed_for_its_body_is_refused",
    "an_update_of_a_changed_record_is_refused",  # nobody refuses a line of a file
    "a_rate_limit_says_how_long_to_wait",
    "a_cut_or_malformed_answer_is_retriable_for_a_read_and_unknown_for_a_write",  # a malformed file is refused whole
    "an_expired_token_is_renewed_in_the_middle_of_a_poll",
}


class FlakyPlace:
    """A place whose next requests go wrong as the subject says."""

    def __init__(self, inner: Any, faults: list[tuple[str, str, Mapping[str, Any]]], scratch: Path) -> None:
        self._inner, self._faults, self._scratch = inner, faults, scratch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def _taken(self, operation: str, *kinds: str) -> Mapping[str, Any] | None:
        for fault in self._faults:
            if fault[1] == operation and fault[0] in kinds:
                self._faults.remove(fault)
                return {"kind": fault[0], **fault[2]}
        return None

    async def _meet(self, operation: str) -> None:
        met = self._taken(operation, "500", "503", "slow")
        if met and met["kind"] == "slow":
            await asyncio.sleep(met["delay_s"])
        elif met:
            raise OSError(5, "input/output error")

    async def entries(self, folder: str) -> list[Entry]:
        await self._meet("list")
        found: list[Entry] = await self._inner.entries(folder)
        return found

    async def write(self, path: str, content: bytes | Path) -> None:
        await self._meet("create")
        await self._inner.write(path, content)

    async def rename(self, old: str, new: str, *, is_new: bool = False) -> None:
        await self._inner.rename(old, new, is_new=is_new)
        if is_new and self._taken("create", "lose_answer"):
            raise OSError(5, "input/output error")

    async def local(self, folder: str, entry: Entry) -> Path:
        found: Path = await self._inner.local(folder, entry)
        if not self._taken("list", "drift"):
            return found
        other = self._scratch / "drifted.csv"
        other.write_text(found.read_text().replace("id", "number", 1))
        return other


@dataclass
class FilesSubject:
    """One folder, here or behind an SFTP server."""

    drop: Drop
    resource: str = "client"
    object: str = "client"
    entity: str = "client"
    page_size: int = 100
    tells_how_long: bool = True
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    ahead_s: float = 0.0
    _files: int = 0
    _taken: set[str] = field(default_factory=set)

    def connector(self, **more: Any) -> Connector:
        made: FilesConnector = self.drop.connector(RESOURCES, page_size=self.page_size, out=OUT, error=None, **more)
        flaky: Any = FlakyPlace(made.place, self.faults, self.drop.root)
        made.place = made.drop.place = flaky
        if made.outbox:
            made.outbox.place = flaky
        return made

    def connector_with_wrong_credentials(self) -> Connector:
        if self.drop.server is None:
            raise NotApplicable("a folder asks for none")
        return self.connector(password="wrong")

    async def close(self) -> None:
        await self.drop.close()
        if self.drop.server:
            await self.drop.server.stop()
        place.allow("")
        shutil.rmtree(self.drop.root)

    def _snapshot(self) -> None:
        self._files += 1
        name = f"clients_{self._files:04}.csv"
        path = self.drop.put(name, "id,name,v\n" + "".join(f"{id},{one['name']},{one['v']}\n" for id, one in self.records.items()))
        os.utime(path, (time.time() + self.ahead_s,) * 2)
        self.drop.put(f"{name}.done", "")

    def _take_in(self) -> None:
        """What was written for the system becomes its records."""
        for name in self.drop.names("out"):
            if name.endswith(".jsonl") and name not in self._taken:
                self._taken.add(name)
                for row in map(json.loads, self.drop.text(name, "out").splitlines()):
                    known = self.records.get(row["id"], {"v": 0})
                    self.records[row["id"]] = {"name": row["name"], "v": known["v"] + 1}

    async def enter(self, count: int) -> list[str]:
        made = [f"c{len(self.records) + number}" for number in range(count)]
        self.records |= {id: {"name": f"Firm {id}", "v": 1} for id in made}
        self._snapshot()
        return made

    async def change(self, id: str) -> None:
        self.records[id] = {"name": f"Changed {time.time_ns()}", "v": self.records[id]["v"] + 1}
        self._snapshot()

    async def delete(self, id: str) -> None:
        del self.records[id]
        self._snapshot()

    async def ids(self) -> set[str]:
        self._take_in()
        return set(self.records)

    async def fault(self, kind: str, operation: str, **options: Any) -> None:
        if kind in ("429", "cut", "malformed", "reject"):
            raise NotApplicable("nobody answers so: there are only files")
        self.faults.append((kind, operation, options))

    async def set_clock(self, ahead_s: float) -> None:
        self.ahead_s = ahead_s

    async def expire_tokens(self) -> None:
        raise NotApplicable("there are no tokens")

    async def webhook(self, id: str) -> tuple[Mapping[str, str], bytes]:
        raise NotApplicable("files send no webhooks")

    def body(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"name": f"New firm {number}"}, {}

    def refused(self) -> tuple[dict[str, Any], str]:
        return {"name": ""}, "name"

    async def version_of(self, id: str) -> str:
        self._take_in()
        return str(self.records[id]["v"])


async def files_subject(name: str) -> FilesSubject:
    """``files`` or ``sftp``."""
    root = Path(tempfile.mkdtemp(prefix="hub-drop-"))
    place.allow(str(root))
    return FilesSubject(Drop(root, await SftpServer(root).start() if name == "sftp" else None))
