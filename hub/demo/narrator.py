"""What the viewer of the story reads: numbered steps, what was waited for and how long, small tables. No step decides here."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TextIO, TypeVar

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hub.errors import HubError

Found = TypeVar("Found")
WIDTH = 108
LOOK_EVERY_S = 0.1


class StoryError(HubError):
    """The hub or a system did not do what the story tells; the demo ends with this sentence."""


@dataclass
class Narrator:
    """Tells the story on one stream. On a terminal a wait shows a spinner; elsewhere only what came of it."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    step: str = "the start"
    """What is being told, for the sentence when something goes wrong."""

    def __post_init__(self) -> None:
        self._console = Console(file=self.out, highlight=False)
        if not self._console.is_terminal:
            self._console = Console(file=self.out, highlight=False, width=WIDTH)

    def title(self, text: str, subtitle: str) -> None:
        self._console.print()
        self._console.print(f" [bold]{escape(text)}[/]")
        self._console.print(f" [dim]{escape(subtitle)}[/]")

    def begin(self, number: int, title: str) -> None:
        self.step = f"step {number} ({title})"
        self._console.print()
        self._console.print(f" [bold cyan]{number:>2}[/]  [bold]{escape(title)}[/]")

    def say(self, text: str) -> None:
        """A paragraph; *emphasis* by rich's markup, so values from records are escaped by the caller."""
        self._console.print(Padding(text, (0, 1, 0, 5), expand=False))

    def line(self, text: str) -> None:
        """One line that is never broken, so that what stands in it can be copied."""
        self._console.print(f"     {text}", soft_wrap=True)

    def done(self, text: str, seconds: float | None = None) -> None:
        took = f" [dim]{_took(seconds)}[/]" if seconds is not None else ""
        self._console.print(Padding(f"[green]✓[/] {text}{took}", (0, 1, 0, 5), expand=False))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        has_header = any(columns)
        shown = Table(*columns, box=box.SIMPLE_HEAD if has_header else None, show_header=has_header, header_style="dim", pad_edge=False)
        for row in rows:
            shown.add_row(*(escape("–" if cell is None or cell == "" else str(cell)) for cell in row))
        self._console.print(Padding(shown, (0 if has_header else 1, 1, 0 if has_header else 1, 7), expand=False))

    def failed(self, sentence: str, log: str) -> None:
        self._console.print()
        self._console.print(Padding(f"[red]✗[/] In {escape(self.step)}: {escape(sentence)}", (0, 1, 0, 1), expand=False))
        self._console.print(Padding(f"[dim]What api, workers and systems said is in {escape(log)}[/]", (0, 1, 0, 3), expand=False))

    def plain(self, line: str) -> None:
        """One line as it is, for scripts to read."""
        self.out.write(line + "\n")
        self.out.flush()

    async def until(
        self, what: str, look: Callable[[], Awaitable[Found | None]], *, within_s: float = 30.0, since: float = 0.0, tell: bool = True
    ) -> Found:
        """Look again and again until something is found; says what was awaited and how long it took, ``since`` (a
        monotonic second) or from now. Raises :class:`StoryError` when it does not come true in time.
        """
        began = since or time.monotonic()
        with self._console.status(f"[dim]{what}[/]", spinner="dots"):
            found = await _awaited(look, what, time.monotonic() + within_s, within_s)
        if tell:
            self.done(what, time.monotonic() - began)
        return found


async def _awaited(look: Callable[[], Awaitable[Found | None]], what: str, give_up_at: float, within_s: float) -> Found:
    while True:
        found = await look()
        if found is not None and found is not False:
            return found
        if time.monotonic() > give_up_at:
            raise StoryError(f"this did not happen within {within_s:.0f} s: {Text.from_markup(what).plain}")
        await asyncio.sleep(LOOK_EVERY_S)


def _took(seconds: float) -> str:
    """A span of time as people read it.

    >>> _took(0.0424), _took(3.21)
    ('42 ms', '3.2 s')
    """
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
