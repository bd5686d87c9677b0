"""Our own values on their way back: which are echoes, which are late ones of a value we have replaced since, and which came
back as something else.

We wrote A, then B; the system's message that shows A comes last. Without a memory of A it would pass for the system's own
new word and undo B everywhere. So every write is remembered for a while and each of its values is recognised once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from hub.core.fold import is_newer
from hub.core.records import Contribution, Reading, Values
from hub.core.strategies import canonical_json


@dataclass(frozen=True, slots=True)
class Entry:
    """One write of ours: per field the hash of what we wrote and nobody has seen come back yet."""

    id: int
    hashes: Mapping[str, str]


@dataclass(slots=True)
class Seen:
    """What one message shows of our writes."""

    late: frozenset[str] = frozenset()
    """Fields that show a value of ours which we have replaced since: the system has not spoken."""
    rewritten: frozenset[str] = frozenset()
    """Fields that show neither what we wrote last nor what was there before: near misses."""
    consumed: dict[int, set[str]] = field(default_factory=dict)
    """Entry → fields that are done with."""


def value_hash(value: Any) -> str:
    """A short hash of a canonical value, the same for values that are the same thing.

    >>> hours = {"value": "7.5", "unit": "hour"}
    >>> value_hash(hours | {"stated": "450 min"}) == value_hash(hours), value_hash(None) == value_hash("")
    (True, False)
    """
    return blake2b(canonical_json(value).encode(), digest_size=9).hexdigest()


def hashes_of(values: Values) -> dict[str, str]:
    """Per field the hash of what is written."""
    return {name: value_hash(value) for name, value in values.items()}


def seen(before: Contribution, reading: Reading, entries: Sequence[Entry]) -> Seen:
    """What a message about a record we wrote to shows of it; ``entries`` are our writes to it, the newest first.

    A message with a version newer than the one our last write led to is the system's own word, also where it says what we
    once wrote. One with an older version was read before that write, and says nothing of what we wrote, whatever it shows.
    """
    found = Seen()
    side = _side(reading, before)
    late, rewritten = set[str](), set[str]()
    for name, told in reading.values.items():
        if name not in before.written:
            continue
        hashed = value_hash(told)
        if side < 0 and hashed != value_hash(before.written[name]):
            late.add(name)
            _consume(found, [one for one in entries if one.hashes.get(name) == hashed][-1:], name)
            continue
        if not any(name in one.hashes for one in entries):
            continue
        mine = [one for one in entries if one.hashes.get(name) == hashed]
        if hashed == value_hash(before.written[name]):
            _consume(found, mine[:1], name)
        elif mine and side <= 0:
            late.add(name)
            _consume(found, mine[-1:], name)
        elif hashed != value_hash(before.values.get(name)):
            newest = next(one for one in entries if name in one.hashes)
            if newest.hashes[name] == value_hash(before.written[name]):
                rewritten.add(name)
                _consume(found, [newest], name)
    found.late, found.rewritten = frozenset(late), frozenset(rewritten)
    return found


def _side(reading: Reading, before: Contribution) -> int:
    """Whether a message is of a version before (-1) or after (1) the one known of the record; 0 where nobody can say."""
    told, known = reading.order.rsplit("|", 3)[0], before.version
    if not told or not known or told == known:
        return 0
    return 1 if is_newer(f"{told}||0|0", f"{known}||0|0") else -1


def _consume(found: Seen, entries: Sequence[Entry], name: str) -> None:
    for one in entries:
        found.consumed.setdefault(one.id, set()).add(name)
