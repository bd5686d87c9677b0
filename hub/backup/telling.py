"""How far it is, told to a person on standard error: a bar on a terminal, a line per tenth elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from hub.backup.base import Progress


@contextmanager
def telling() -> Iterator[Progress]:
    """A function that is told what is done and which share of it."""
    if sys.stderr.isatty():
        yield from _bar()
        return
    told: dict[str, int] = {}

    def line(what: str, share: float) -> None:
        tenth = int(share * 10)
        if told.get(what, -1) < tenth:
            told[what] = tenth
            print(f"{what} {tenth * 10} %", file=sys.stderr, flush=True)

    yield line


def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    with Bars(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(), console=Console(stderr=True)) as bars:
        tasks = {}

        def step(what: str, share: float) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=1.0)
            bars.update(tasks[what], completed=min(share, 1.0))

        yield step
