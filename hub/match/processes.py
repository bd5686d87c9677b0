"""Work in processes beside this one: chunks in, results in their order, never more under way than are needed."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import Any, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")
MOST = 8


def as_many_as_pay() -> int:
    return max(1, min(MOST, os.cpu_count() or 1))


def pool_of(processes: int, start: Callable[..., None], told: tuple[Any, ...]) -> ProcessPoolExecutor:
    """Processes that know ``told``; started afresh, since this one has threads."""
    return ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), start, told)


def in_order(
    processes: int, start: Callable[..., None], told: tuple[Any, ...], work: Callable[[Given], Made], chunks: Iterable[Given]
) -> Iterator[Made]:
    """What ``work`` makes of each chunk, in order. ``processes``: 0 works here."""
    waiting = iter(chunks)
    if not processes:
        start(*told)
        yield from map(work, waiting)
        return
    with pool_of(processes, start, told) as pool:
        under_way: deque[Future[Made]] = deque()
        while True:
            for chunk in islice(waiting, processes + 2 - len(under_way)):
                under_way.append(pool.submit(work, chunk))
            if not under_way:
                return
            yield under_way.popleft().result()
