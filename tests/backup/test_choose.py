"""Which backup and which log lead to a moment, also after earlier restores."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hub.backup.choose import Way, way
from hub.backup.place import Base, Era, Server
from hub.errors import BackupError

SERVER = Server("1", 180_004, "hub", "postgres")


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 20, hour, minute, tzinfo=UTC)


def base(hour: int, timeline: int = 1) -> Base:
    return Base(f"{hour}", at(hour), at(hour, 5), timeline, f"{timeline:08X}" + "0" * 16, 1, SERVER)


BASES = [base(8), base(11), base(14, 2)]
ERAS = [Era(1, at(8), at(12)), Era(2, at(13), at(16), forked_at=at(10))]
"""Backed up at 8 and 11; at 13 somebody restored to 10; the next backup was at 14."""


@pytest.mark.parametrize(
    ("to", "chosen", "timeline"),
    [
        (at(9), BASES[0], 1),
        (at(11, 30), BASES[1], 1),  # left behind by the restore, and still there to go to
        (at(13, 30), BASES[0], 2),  # the backup of 11 is of a future that did not happen
        (at(15), BASES[2], 2),
        (None, BASES[2], 2),
    ],
)
def test_a_moment_is_reached_on_the_timeline_that_was_written_then(to: datetime | None, chosen: Base, timeline: int) -> None:
    found = way(BASES, ERAS, to)
    assert (found.base, found.timeline, found.to) == (chosen, timeline, to)


def test_a_single_backup_without_its_log_is_good_for_its_own_end() -> None:
    assert way([base(8)], [], None) == Way(base(8), 1, None, at(8, 5))


@pytest.mark.parametrize(
    ("to", "said"), [(at(7), "good from 2026-11-20T08:05:00Z on"), (at(17), "reaches to 2026-11-20T16:00:00Z"), (at(8, 1), "good from")]
)
def test_a_moment_out_of_reach_is_refused_with_those_within(to: datetime, said: str) -> None:
    with pytest.raises(BackupError, match=said):
        way(BASES, ERAS, to)


def test_a_restore_that_was_taken_back_does_not_hide_the_timeline_that_went_on() -> None:
    """At 13 somebody restored, and put the former server back; its log goes on to 18."""
    eras = [Era(1, at(8), at(18)), Era(2, at(13), at(13), forked_at=at(10))]
    assert (way(BASES[:2], eras, at(17)).timeline, way(BASES[:2], eras, None).timeline) == (1, 1)
