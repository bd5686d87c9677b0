"""Which base backup, and which log, lead to a moment. Pure but for reading what the folder says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.backup.place import Base, Era
from hub.errors import BackupError


@dataclass(frozen=True, slots=True)
class Way:
    """Begin with ``base``, follow the log to ``timeline``, stop at ``to`` (None: at its end, which is ``reaches``)."""

    base: Base
    timeline: int
    to: datetime | None
    reaches: datetime


def way(bases: Sequence[Base], eras: Sequence[Era], to: datetime | None) -> Way:
    """The way to a moment: of the timeline that was written then, from the newest base backup before it.

    Raises :class:`BackupError` that says which moments can be had.
    """
    if not bases:
        raise BackupError("the folder holds no base backup")
    era = _era_of(eras, to)
    timeline = era.timeline if era else bases[-1].timeline
    fit = [one for one in bases if _leads_to(one, timeline, eras) and (to is None or one.finished_at <= to)]
    if not fit:
        raise BackupError(f"the oldest backup is good from {min(one.finished_at for one in bases):%Y-%m-%dT%H:%M:%SZ} on")
    base = max(fit, key=lambda one: (one.timeline, one.finished_at))
    end = max(era.reaches, base.finished_at) if era else base.finished_at
    if to is not None and to > end:
        raise BackupError(f"the log reaches to {end:%Y-%m-%dT%H:%M:%SZ}: give a moment before, or none for its end")
    return Way(base, timeline, to, end)


def _era_of(eras: Sequence[Era], to: datetime | None) -> Era | None:
    """The timeline that was written at a moment: one that reaches it before one that only began before. No moment: what reaches
    furthest, since a restore may have been taken back and the timeline before it gone on.
    """
    begun = [one for one in eras if to is None or one.began_at <= to] or list(eras[:1])
    return max(begun, key=lambda one: (one.reaches if to is None else one.reaches >= to, one.timeline), default=None)


def _leads_to(base: Base, timeline: int, eras: Sequence[Era]) -> bool:
    """Whether the timeline grew out of what this backup holds."""
    if base.timeline >= timeline:
        return base.timeline == timeline
    forks = [one.forked_at for one in eras if base.timeline < one.timeline <= timeline]
    return all(fork is not None and base.finished_at <= fork for fork in forks)
