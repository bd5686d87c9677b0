"""Pages out of runs of a program: read up to a page, keep the program waiting in between, and start again from the last state.

The rule behind it: a state counts once every record before it is stored. A page's checkpoint holds the newest state that was told
before the page's end, so it is saved with the records it speaks of; what was read behind it comes again after a kill.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from connectors.errors import ConnectorError, RetriableError, SchemaDriftError
from connectors.port import Incoming, Page
from connectors.programs.child import Child
from connectors.tables import Table
from connectors.wire import dump_json, parse_json


@dataclass(frozen=True, slots=True)
class Limits:
    """``page_s``: after this long a page is what there is; ``silence_s``: a program that says nothing for so long is ended; ``run_s``: the
    longest run; ``idle_s``: how long one waits for the next page to be asked for; ``concurrency``: programs at once."""

    page_s: float = 20.0
    silence_s: float = 600.0
    run_s: float = 6 * 3600.0
    idle_s: float = 120.0
    concurrency: int = 2


def limits_of(top: Table) -> Limits:
    """The table ``limits`` of a document."""
    table = top.maybe("limits")
    if table is None:
        return Limits()
    usual = Limits()
    found = Limits(
        **{name: table.number(name, getattr(usual, name)) for name in ("page_s", "silence_s", "run_s", "idle_s")},
        concurrency=int(table.number("concurrency", usual.concurrency)) or 1,
    )
    table.done()
    return found


def settings_of(top: Table, key: str) -> dict[str, Any]:
    """A program's own configuration: a table, or a text of JSON, which may stand in one ``${VARIABLE}``."""
    value = top.take(key)
    if isinstance(value, str):
        try:
            value = parse_json(value)
        except ValueError as error:
            raise top.wrong(key, "a table, or a text of JSON", "another text") from error
    if value is not None and not isinstance(value, Mapping):
        raise top.wrong(key, "a table, or a text of JSON", value)
    return dict(value or {})


@dataclass(frozen=True, slots=True)
class End:
    """How a run that succeeded ends: the checkpoint behind it ("": the next one reads all again), and whether it told all there is."""

    checkpoint: str
    is_complete: bool = False
    has_more: bool = False


class Reading(Protocol):
    """What one run means, in the words of its protocol."""

    def take(self, line: bytes) -> Sequence[Incoming]:
        """The records of one line. Raises ConnectorError for one that cannot be understood, or that says that the run has failed."""
        ...

    def kept(self) -> dict[str, Any]:
        """What a checkpoint in the middle of the run holds: the newest state, and what :meth:`end` needs to know."""
        ...

    def failed(self, child: Child, code: int) -> ConnectorError:
        """What a run that ended with this exit code means."""
        ...

    def end(self) -> End:
        """What a run that ended with 0 comes to. Raises ConnectorError for one that did not succeed all the same."""
        ...


Start = Callable[[dict[str, Any], bool, Path], Awaitable[tuple[Child, Reading]]]
"""(what the checkpoint kept, whether it was "", a folder of the run's own) → the program and how it is read."""


@dataclass
class _Run:
    child: Child
    reading: Reading
    folder: Path
    began: float
    heard: float
    name: str = field(default_factory=lambda: uuid4().hex[:12])
    pages: int = 0
    issued: str = ""
    failure: ConnectorError | None = None
    idle: asyncio.TimerHandle | None = None


@dataclass
class Runs:
    """The runs of one connector, one a resource."""

    system: str
    page_size: int
    limits: Limits
    _running: dict[str, _Run] = field(default_factory=dict)
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)
    _ending: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.limits.concurrency)

    async def page(self, resource: str, checkpoint: str, start: Start) -> Page:
        """The page behind a checkpoint: of the run that waits there, else of a new one from the checkpoint's state."""
        kept = read_checkpoint(checkpoint)
        async with self._turns.setdefault(resource, asyncio.Lock()):
            run = self._running.get(resource)
            if run is None or run.issued != checkpoint:
                await self._end(resource)
                if not await self._has_place():
                    return Page((), checkpoint, has_more=True)
                run = await self._begin(resource, kept, checkpoint == "", start)
            if run.idle is not None:
                run.idle.cancel()
            try:
                return await self._read(resource, run)
            except BaseException:
                await self._end(resource)
                raise

    async def aclose(self) -> None:
        for resource in list(self._running):
            await self._end(resource)
        await asyncio.gather(*self._ending)

    async def _has_place(self) -> bool:
        """Wait for one of the places, but not for longer than a page takes: who polls has a lease."""
        try:
            await asyncio.wait_for(self._places.acquire(), self.limits.page_s)
        except TimeoutError:
            return False
        return True

    async def _begin(self, resource: str, kept: dict[str, Any], is_first: bool, start: Start) -> _Run:
        folder = Path(tempfile.mkdtemp(prefix="hub-run-"))
        try:
            child, reading = await start({name: one for name, one in kept.items() if name not in ("run", "page")}, is_first, folder)
        except BaseException:
            self._places.release()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        run = self._running[resource] = _Run(child, reading, folder, time.monotonic(), time.monotonic())
        return run

    async def _read(self, resource: str, run: _Run) -> Page:
        if run.failure is not None:
            raise run.failure
        messages: list[Incoming] = []
        end: End | None = None
        try:
            async with asyncio.timeout(self.limits.page_s):
                end = await self._gather(run, messages)
        except TimeoutError:
            run.failure = self._overdue(run)
        except ConnectorError as error:
            run.failure = error
        if run.failure is not None and not messages:
            raise run.failure
        run.pages += 1
        if end is not None:
            await self._end(resource)
            return Page(tuple(messages), end.checkpoint, end.has_more, is_complete_listing=end.is_complete)
        run.issued = dump_json({**run.reading.kept(), "run": run.name, "page": run.pages}).decode()
        loop = asyncio.get_running_loop()
        run.idle = loop.call_later(self.limits.idle_s, self._give_up, resource, run)
        return Page(tuple(messages), run.issued, has_more=True)

    async def _gather(self, run: _Run, messages: list[Incoming]) -> End | None:
        """Read a page's records; answers how the run ended when it is over and has succeeded."""
        while len(messages) < self.page_size:
            line = await run.child.line()
            if line is None:
                code = await run.child.ended()
                if code:
                    raise run.reading.failed(run.child, code)
                return run.reading.end()
            run.heard = time.monotonic()
            if line.strip():
                messages.extend(run.reading.take(line))
        return None

    def _overdue(self, run: _Run) -> ConnectorError | None:
        """Why a run that did not fill its page in time must end; None when it may go on."""
        now = time.monotonic()
        if now - run.heard >= self.limits.silence_s:
            return RetriableError(f"{run.child.name} has said nothing for {self.limits.silence_s:.0f} s; {run.child.reason()}", system=self.system)
        if now - run.began >= self.limits.run_s:
            return RetriableError(f"{run.child.name} was not done after {self.limits.run_s:.0f} s", system=self.system)
        return None

    def _give_up(self, resource: str, run: _Run) -> None:
        """End a run whose next page nobody asks for."""
        if self._running.get(resource) is run:
            task = asyncio.ensure_future(self._end(resource))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def _end(self, resource: str) -> None:
        run = self._running.pop(resource, None)
        if run is None:
            return
        if run.idle is not None:
            run.idle.cancel()
        try:
            await run.child.end()
        finally:
            self._places.release()
            shutil.rmtree(run.folder, ignore_errors=True)


async def printed(child: Child, limit_s: float) -> tuple[list[bytes], int]:
    """All lines of a program that is asked one thing, and its exit code. Raises RetriableError when it takes too long."""
    found: list[bytes] = []
    try:
        async with asyncio.timeout(limit_s):
            while (line := await child.line()) is not None:
                found.append(line)
            return found, await child.ended()
    except TimeoutError as error:
        raise RetriableError(f"{child.name} did not answer within {limit_s:.0f} s; {child.reason()}") from error
    finally:
        await child.end()


def read_checkpoint(checkpoint: str) -> dict[str, Any]:
    """What a checkpoint kept. Raises SchemaDriftError for one of another connector."""
    if not checkpoint:
        return {}
    try:
        found = parse_json(checkpoint)
    except ValueError:
        found = None
    if not isinstance(found, dict) or "state" not in found:
        raise SchemaDriftError("the checkpoint was not made by this connector; start again without one")
    return found


def write_private(file: Path, value: Mapping[str, Any] | Sequence[Any]) -> Path:
    """Write JSON that only we may read; numbers stay exact."""
    file.touch(mode=0o600)
    file.write_bytes(dump_json(value))
    return file


def parsed_message(line: bytes, program: str) -> dict[str, Any]:
    """One message. What is none is an error: it might have been a record."""
    try:
        found = parse_json(line)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        raise SchemaDriftError(f"{program} printed something that is no message; its log belongs on standard error")
    return found
