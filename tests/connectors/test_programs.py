"""The reading part of the conformance suite over taps and sources; runs with ``make test-connectors``, since each check starts many programs."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.conformance import READING, Check, NotApplicable, name_of, present, read_all
from connectors.port import Connector
from connectors.programs import child
from connectors.registry import connect

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent / "programs"
KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "tap, whole": ("singer", "tap.py", {"method": "FULL_TABLE"}),
    "tap, with versions": ("singer", "tap.py", {"version": 1}),
    "source, whole": ("airbyte", "source.py", {"modes": ["full_refresh"]}),
}
ANEW = "a_poll_resumes_after_a_kill_at_any_page"
"""Asked of what has states: a run that tells everything begins anew after a kill, and so never ends when killed at every page."""
BESIDE_THE_POINT = {
    "a_record_is_fetched_as_it_is_now",  # a tap tells streams, never one record
    "what_changes_is_told_though_the_system_s_clock_is_wrong",  # it asks no clock
}


class ProgramSubject:
    """A book of records behind a program; a record that was changed is the newest."""

    resource = object = entity = "client"
    page_size, tells_how_long = 20, True

    def __init__(self, folder: Path, kind: str) -> None:
        self.is_whole = kind.endswith("whole")
        self.folder, (self.name, self.script, self.behave) = folder, KINDS[kind]
        self.rows: dict[str, dict[str, Any]] = {}
        self.moment = 0
        self.made: list[Connector] = []

    def connector(self) -> Connector:
        (self.folder / "book.json").write_text(json.dumps({"clients": list(self.rows.values())}))
        told = {"book": str(self.folder / "book.json"), "token": "let-me-in", "log": str(self.folder / "log"), "behave": self.behave}
        document = {
            "system": "x", "command": [sys.executable, str(HERE / self.script)], "config": told, "page_size": self.page_size,
            "resources": {"client": {"stream": "clients"}}, "limits": {"concurrency": 9},
        }  # fmt: skip
        self.made.append(connect(self.name, document))
        return self.made[-1]

    def _write(self, id: str) -> None:
        self.moment += 1
        self.rows[id] = {"id": id, "name": f"Firm {self.moment}", "updated_at": f"{self.moment:012}"}

    async def enter(self, count: int) -> list[str]:
        ids = [f"c{len(self.rows) + number:05}" for number in range(count)]
        for id in ids:
            self._write(id)
        return ids

    async def change(self, id: str) -> None:
        self._write(id)
        (self.folder / "book.json").write_text(json.dumps({"clients": list(self.rows.values())}))

    async def delete(self, id: str) -> None:
        """A tap with versions tells one more, since what is gone is not told otherwise."""
        del self.rows[id]
        if "version" in self.behave:
            self.behave = {"version": self.behave["version"] + 1}

    async def ids(self) -> set[str]:
        return set(self.rows)

    async def version_of(self, id: str) -> str:
        return str(self.rows[id]["updated_at"])

    async def set_clock(self, ahead_s: float) -> None:
        raise NotApplicable("it asks no clock")

    def __getattr__(self, name: str) -> Any:
        raise NotApplicable(f"{name} is not asked of what is only read")


@pytest.fixture(params=list(KINDS))
async def subject(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ProgramSubject]:
    child.allow(sys.executable)
    found = ProgramSubject(tmp_path, request.param)
    yield found
    for one in found.made:
        await one.aclose()
    child.allow("")


@pytest.mark.parametrize("check", READING, ids=name_of)
async def test_the_connector_conforms(check: Check, subject: ProgramSubject) -> None:
    if name_of(check) == ANEW and subject.is_whole:
        await subject.enter(3 * subject.page_size + 7)
        first = await subject.connector().poll("client", "")
        rest, _, _ = await read_all(subject.connector(), "client", first.checkpoint)
        assert present(rest) == await subject.ids()
    elif name_of(check) == "a_record_is_fetched_as_it_is_now":
        (id,) = await subject.enter(1)
        assert await subject.connector().fetch("client", id) is None
    elif name_of(check) in BESIDE_THE_POINT:
        with pytest.raises(NotApplicable):
            await check(subject)
    else:
        await check(subject)
