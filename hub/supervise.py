"""Child processes: started, restarted with backoff when they die, and gone when their parent is.

A child's standard input is a pipe whose other end only the parent holds. When the parent dies, even
by kill -9, the pipe ends and :func:`follow_parent` in the child turns that into a SIGTERM.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from hub.telemetry import logger

log = logger("hub.supervise")
_HEALTHY_AFTER_S = 10.0


@dataclass(frozen=True)
class Child:
    """A process to keep alive. ``environment`` is all it gets."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of_hub(cls, name: str, *arguments: str, environment: Mapping[str, str]) -> Child:
        """A command of the hub as a process: ``Child.of_hub("api", "serve", environment=…)``."""
        return cls(name, (sys.executable, "-m", "hub", *arguments), environment)


def restart_delay_s(failures: int) -> float:
    """Seconds to wait before the next start, after so many quick deaths in a row.

    >>> [restart_delay_s(failures) for failures in (0, 1, 2, 5, 9)]
    [0.0, 0.2, 0.4, 3.2, 5.0]
    """
    return min(0.1 * 2**failures, 5.0) if failures else 0.0


class Supervisor:
    """Keeps its children running between ``async with`` and its end, which stops them in reverse order."""

    def __init__(self, children: Sequence[Child], grace_s: float = 10) -> None:
        self._children = children
        self._grace_s = grace_s
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._keepers: list[asyncio.Task[None]] = []

    def pids(self) -> dict[str, int]:
        """The living children by name."""
        return {name: process.pid for name, process in self._running.items() if process.returncode is None}

    async def __aenter__(self) -> Self:
        self._keepers = [asyncio.create_task(self._keep(child)) for child in self._children]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for child in reversed(self._children):
            if child.name in self._running:
                await _end(self._running[child.name], self._grace_s)

    async def _keep(self, child: Child) -> None:
        failures = 0
        while True:
            started = time.monotonic()
            process = self._running[child.name] = await _spawn(child)
            code = await process.wait()
            failures = 0 if time.monotonic() - started > _HEALTHY_AFTER_S else failures + 1
            delay_s = restart_delay_s(failures - 1)
            log.warning("child ended", child=child.name, exit_code=code, delay_s=delay_s)
            await asyncio.sleep(delay_s)


def follow_parent() -> None:
    """In a supervised process: end as by SIGTERM when the parent is gone. Elsewhere: nothing."""
    if os.environ.get("HUB_SUPERVISED") == "1":
        threading.Thread(target=_end_with_stdin, name="follow-parent", daemon=True).start()


def run_until_told(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end, or until SIGINT or SIGTERM, which cancels it so that its ``finally`` clauses run."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(_cancelled_by_signals(work))
        except asyncio.CancelledError:
            pass


async def _cancelled_by_signals(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, task.cancel)
    await task


async def _spawn(child: Child) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *child.command,
        env={**child.environment, "HUB_SUPERVISED": "1"},
        stdin=asyncio.subprocess.PIPE,
        stdout=sys.stderr.fileno(),  # standard output is the parent's to speak on
        start_new_session=True,  # Ctrl-C at the terminal reaches the parent alone, which stops all in order
    )


async def _end(process: asyncio.subprocess.Process, grace_s: float) -> None:
    if process.returncode is not None:
        return
    _signal_group(process.pid, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), grace_s)
    except TimeoutError:
        _signal_group(process.pid, signal.SIGKILL)
        await process.wait()


def _signal_group(pid: int, name: signal.Signals) -> None:
    """To the child's session: its own group, since it leads one."""
    try:
        os.killpg(pid, name)
    except ProcessLookupError:
        pass


def _end_with_stdin(patience_s: float = 15) -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(patience_s)
    os._exit(1)
