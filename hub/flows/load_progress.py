"""The bars of a load, on standard error; silent when that is not a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars


class Progress:
    """Hears how far a load is; this one tells nobody."""

    def reads(self, size_bytes: int) -> None:
        """How many bytes there are to read."""

    def read_on(self, size_bytes: int) -> None:
        """So many more were read."""

    def stored(self, messages: int) -> None:
        """So many messages wait to be folded."""

    def folded(self, messages: int) -> None:
        """So many of them were folded."""


class _Shown(Progress):
    def __init__(self, bars: Bars, name: str) -> None:
        self._bars = bars
        self._reading = bars.add_task(f"{name}: reading", total=None)
        self._folding = bars.add_task(f"{name}: folding", total=0)
        self._stored = 0

    def reads(self, size_bytes: int) -> None:
        self._bars.update(self._reading, total=size_bytes)

    def read_on(self, size_bytes: int) -> None:
        self._bars.advance(self._reading, size_bytes)

    def stored(self, messages: int) -> None:
        self._stored += messages
        self._bars.update(self._folding, total=self._stored)

    def folded(self, messages: int) -> None:
        self._bars.advance(self._folding, messages)


@contextmanager
def progress_on(name: str) -> Iterator[Progress]:
    """Bars for a load of this name while the block runs."""
    if not sys.stderr.isatty():
        yield Progress()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Shown(bars, name)
