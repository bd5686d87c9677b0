"""Where the time of a batch goes: the functions of the way in are wrapped with clocks while one lane works alone.

With one lane, a stage's CPU seconds of this process are Python and the rest of its wall time is waiting for Postgres.
A stage inside another one is counted once, where it is most precise.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

STAGES: dict[str, tuple[str, ...]] = {
    "receive": ("hub.flows.receive:Receiver.receive",),
    "claim": ("hub.store.inbox:claim", "hub.store.configuration:ConfigurationCache.get", "hub.store.inbox:read_open"),
    "read": ("hub.flows.ingest_loop:read_all",),
    "normalise": ("hub.core.reading:normal_values",),
    "fold": ("hub.flows.ingest:_fold",),
    "link": ("hub.flows.ingest:_creates_under_way", "hub.flows.ingest:link", "hub.store.decisions:make"),
    "lock and read": ("hub.flows.recompute:_read", "hub.flows.recompute:_hold"),
    "survive": ("hub.flows.recompute:_survive", "hub.flows.recompute:_change_hands"),
    "save sources": ("hub.flows.recompute:_store_contributions",),
    "save golden": ("hub.store.golden:save",),
    "keys": ("hub.flows.recompute:_save_keys",),
    "change": ("hub.store.change_log:append",),
    "waits and tasks": (
        "hub.flows.waits:save", "hub.flows.conflicts:save", "hub.flows.recompute:_keep_structure",
        "hub.store.change_log:reconsider", "hub.store.tasks:open_tasks",
    ),
    "settle": ("hub.flows.ingest:_settle", "hub.store.claims:release"),
}  # fmt: skip
REST = "begin, commit, rest"


@dataclass
class Clocks:
    """Seconds per stage: (wall, CPU of this process)."""

    wall: dict[str, float] = field(default_factory=lambda: dict.fromkeys((*STAGES, REST), 0.0))
    cpu: dict[str, float] = field(default_factory=lambda: dict.fromkeys((*STAGES, REST), 0.0))
    statements: int = 0
    _open: list[str] = field(default_factory=lambda: [REST])
    _since: tuple[float, float] = (0.0, 0.0)

    def begin(self) -> None:
        self._since = time.perf_counter(), time.process_time()

    def enter(self, stage: str) -> None:
        self._tick()
        self._open.append(stage)

    def leave(self) -> None:
        self._tick()
        self._open.pop()

    def _tick(self) -> None:
        now = time.perf_counter(), time.process_time()
        self.wall[self._open[-1]] += now[0] - self._since[0]
        self.cpu[self._open[-1]] += now[1] - self._since[1]
        self._since = now

    def report(self, records: int) -> dict[str, dict[str, float]]:
        """Microseconds per record: stage → {"python", "postgres"}."""
        scale = 1e6 / records
        return {
            stage: {"python": round(self.cpu[stage] * scale, 1), "postgres": round(max(self.wall[stage] - self.cpu[stage], 0) * scale, 1)}
            for stage in self.wall
        }


@contextmanager
def measured() -> Iterator[Clocks]:
    """Clocks in place of the stages' functions until the end of the block."""
    clocks, originals = Clocks(), []
    for stage, names in STAGES.items():
        for name in names:
            module, _, path = name.partition(":")
            owner: Any = import_module(module)
            *outer, last = path.split(".")
            for one in outer:
                owner = getattr(owner, one)
            originals.append((owner, last, getattr(owner, last)))
            setattr(owner, last, _timed(getattr(owner, last), stage, clocks))
    clocks.begin()
    try:
        yield clocks
    finally:
        clocks._tick()
        for owner, last, original in originals:
            setattr(owner, last, original)


def _timed(function: Callable[..., Any], stage: str, clocks: Clocks) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        async def waiting(*arguments: Any, **options: Any) -> Any:
            clocks.enter(stage)
            try:
                return await function(*arguments, **options)
            finally:
                clocks.leave()

        return waiting

    def timed(*arguments: Any, **options: Any) -> Any:
        clocks.enter(stage)
        try:
            return function(*arguments, **options)
        finally:
            clocks.leave()

    return timed
