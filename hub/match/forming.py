"""Normal forms and blocking keys of many records, in as many processes as pay; the rows keep their order and number."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import Any

import pyarrow as pa

from hub.core.match.forms import Form, normal_form
from hub.core.match.keys import blocking_keys
from hub.core.match.ops import Rarity
from hub.core.match.spec import Spec
from hub.match import sql
from hub.match.engine import Engine, tables_of

CHUNK = 5_000
FEW = 20_000
"""Up to so many records starting processes costs more than it saves."""

Row = tuple[Mapping[str, Any], str]
"""What a record says, and the system it comes from ('' if nobody tells)."""

Rows = Sequence[Row]
Told = Callable[[int], None]
"""Rows done so far."""


def form_all(
    engine: Engine, rows: Iterable[Rows], frequencies: Mapping[str, Rarity], told: Told = lambda done: None, *, processes: int | None = None
) -> int:
    """Fill the engine from chunks of records; answers how many there were. ``processes``: 0 works here."""
    done = 0
    for forms, keys, count in _formed(engine.spec, rows, frequencies, _processes() if processes is None else processes):
        engine.add(forms, keys)
        done += count
        told(done)
    return done


def chunks_of(rows: Rows) -> Iterator[Rows]:
    for first in range(0, len(rows), CHUNK):
        yield rows[first : first + CHUNK]


def _processes() -> int:
    return max(1, min(8, os.cpu_count() or 1))


Formed = tuple[pa.Table, pa.Table, int]


def _formed(spec: Spec, rows: Iterable[Rows], frequencies: Mapping[str, Rarity], processes: int) -> Iterator[Formed]:
    numbered = _numbered(rows)
    if not processes:
        worker = _Worker(spec, frequencies)
        yield from (worker.work(first, chunk) for first, chunk in numbered)
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _start, (spec, frequencies)) as pool:
        under_way: deque[Future[Formed]] = deque()
        while True:
            for first, chunk in islice(numbered, processes + 2 - len(under_way)):
                under_way.append(pool.submit(_work, first, chunk))
            if not under_way:
                return
            yield under_way.popleft().result()


def _numbered(rows: Iterable[Rows]) -> Iterator[tuple[int, Rows]]:
    first = 0
    for chunk in rows:
        yield first, chunk
        first += len(chunk)


class _Worker:
    """What makes forms and keys of a chunk."""

    def __init__(self, spec: Spec, frequencies: Mapping[str, Rarity]) -> None:
        self.spec, self.frequencies = spec, frequencies
        self.schema = pa.schema(list(sql.columns_of(spec).items()))

    def work(self, first: int, rows: Rows) -> Formed:
        forms: list[Form] = [normal_form(self.spec, values, source=source) for values, source in rows]
        keys = [blocking_keys(self.spec, form, self.frequencies) for form in forms]
        return *tables_of(self.schema, first, forms, keys), len(forms)


_WORKERS: list[_Worker] = []


def _start(spec: Spec, frequencies: Mapping[str, Rarity]) -> None:
    """In a process beside: what all its chunks have in common."""
    _WORKERS[:] = [_Worker(spec, frequencies)]


def _work(first: int, rows: Rows) -> Formed:
    return _WORKERS[0].work(first, rows)
