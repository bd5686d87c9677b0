"""Where a reading stands, as its checkpoint keeps it.

A walk goes by ids, which only grow: its condition stays the same and each page asks for what lies behind the last one, so a
record that changes meanwhile keeps its place, and is found once more by the next walk.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from hashlib import sha256
from typing import Any

from connectors.errors import SchemaDriftError


@dataclass(frozen=True, slots=True)
class Stand:
    """``since``: every change before it has been read. ``listed_at``: when all was last listed, in seconds of our clock.
    ``risen``: the highest value of the field that only grows. ``watched``: ids to be read again, last at ``watched_at``.
    ``pages``: what pages of records without versions looked like, so that the same page is not told twice.

    The rest is about a walk under way: what it asks from, the last id, when it began by the vendor's clock.
    """

    since: str = ""
    listed_at: float = 0.0
    risen: int = 0
    watched: tuple[int, ...] = ()
    watched_at: float = 0.0
    pages: Mapping[str, str] = field(default_factory=dict)
    is_walking: bool = False
    is_watching: bool = False
    is_full: bool = False
    asked_from: str = ""
    last: int = 0
    began: str = ""
    began_at: float = 0.0
    rising: int = 0
    seen: Mapping[str, str] = field(default_factory=dict)
    """Looks of the pages of this walk: f of a full one, i of one of changes, w of what was read again."""

    def text(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value not in ("", 0, 0.0, (), {}, False)} or {"since": ""})

    def ended(self) -> Stand:
        """The stand behind a walk."""
        kept = ("f",) if self.is_watching else ("f", "w")
        pages = self.seen if self.is_full else {**{name: one for name, one in self.pages.items() if name.startswith(kept)}, **self.seen}
        return Stand(
            since=self.began, listed_at=self.began_at if self.is_full else self.listed_at, risen=max(self.risen, self.rising),
            watched=self.watched, watched_at=self.watched_at, pages=pages,
        )  # fmt: skip

    def watching(self, opened: Iterable[int], closed: Iterable[int]) -> Stand:
        """With these ids to be read again, and those no more."""
        return replace(self, watched=tuple(sorted({*self.watched, *opened} - set(closed))))


def parse(checkpoint: str) -> Stand:
    """The stand of a checkpoint. Raises SchemaDriftError when it is not one of ours."""
    if not checkpoint:
        return Stand()
    known = {one.name for one in fields(Stand)}
    try:
        stored: dict[str, Any] = json.loads(checkpoint)
        if not stored.keys() <= known:
            raise ValueError("unknown keys")
        found = Stand(**stored)
        return replace(found, watched=tuple(map(int, found.watched)))
    except (ValueError, TypeError, AttributeError) as error:
        raise SchemaDriftError("the checkpoint was not made by this connector; start again without one") from error


def look(bodies: Iterable[bytes]) -> str:
    """A short name of what a page says."""
    return sha256(b"\n".join(bodies)).hexdigest()[:16]
