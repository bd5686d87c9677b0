"""Work in processes beside this one: chunks in, results in their order, never more under way than are needed."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from hub.garbage import collect_rarely

Given = TypeVar("Given")
Made = TypeVar("Made")
MOST = 8


def as_many_as_pay() -> int:
    return max(1, min(MOST, os.cpu_count() or 1))


class Workers:
    """Processes for several kinds of work, one after the other: starting one and importing what it needs costs seconds.

    What all chunks of a kind have in common is written to a file once and read once by each process. ``processes``: 0 works here.
    """

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._pool = _pool(processes) if processes else None
        self._folder = tempfile.TemporaryDirectory(prefix="hub-match-")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._folder.cleanup()

    def begin(self, work: Callable[..., Made], told: tuple[Any, ...]) -> Callable[[Given], Future[Made]]:
        """Answers how to have a chunk worked on: ``work(*told, chunk)``."""
        if self._pool is None:
            return lambda chunk: _done(work(*told, chunk))
        handle, name = tempfile.mkstemp(dir=self._folder.name)
        with os.fdopen(handle, "wb") as file:
            pickle.dump(told, file)
        pool = self._pool
        return lambda chunk: pool.submit(_work, work, name, chunk)

    @property
    def most_under_way(self) -> int:
        return self.processes + 2 if self.processes else 1

    def in_order(self, work: Callable[..., Made], told: tuple[Any, ...], chunks: Iterable[Given]) -> Iterator[Made]:
        """What ``work`` makes of each chunk, in order."""
        begin: Callable[[Given], Future[Made]] = self.begin(work, told)
        waiting = iter(chunks)
        under_way: deque[Future[Made]] = deque()
        while True:
            for chunk in islice(waiting, self.most_under_way - len(under_way)):
                under_way.append(begin(chunk))
            if not under_way:
                return
            yield under_way.popleft().result()


def in_order(processes: int, work: Callable[..., Made], told: tuple[Any, ...], chunks: Iterable[Given]) -> Iterator[Made]:
    """The same in processes that end with it."""
    with Workers(processes) as workers:
        yield from workers.in_order(work, told, chunks)


def _pool(processes: int) -> ProcessPoolExecutor:
    """Started afresh, since this process has threads; what they make has no cycles."""
    return ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), collect_rarely)


def _done(made: Made) -> Future[Made]:
    future: Future[Made] = Future()
    future.set_result(made)
    return future


def _work(work: Callable[..., Made], name: str, chunk: Any) -> Made:
    return work(*_told(name), chunk)


@lru_cache(maxsize=1)
def _told(name: str) -> tuple[Any, ...]:
    told: tuple[Any, ...] = pickle.loads(Path(name).read_bytes())
    return told
