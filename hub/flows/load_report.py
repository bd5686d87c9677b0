"""What became of a file, in figures that add up: every line is stored, repeated, of another system, or set aside."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hub.store import loads
from hub.store.inbox import NewMessage, Stored
from hub.store.loads import Span
from hub.store.pool import Pool
from hub.store.tasks import NewTask

SHOWN = 10
"""Problems shown; the rest are in the inbox and its tasks."""

_KINDS: tuple[tuple[str, str, str, str], ...] = (
    # how the reason begins, cause, what such lines share, remedy
    ("byte 0x", "parse", "lines not in the file's encoding", "Save the file as UTF-8, or state its encoding in the mapping's dialect."),
    ("the key ", "parse", "lines that name a key twice", "Leave one of the two, then load the file again."),
    ("expected an object", "type", "lines that are no object", "Write one JSON object a line."),
    ("expected ", "type", "lines with another number of columns", "Mend the line: a separator or a quote is missing or too many."),
    ("the record has no id", "identity", "lines without an id", "Give the record its id, or map another column as id."),
    ("externalId", "identity", "lines whose id cannot be kept", "Give the record a plain short id."),
    ("the line has more than", "type", "lines that are too long", "Send the record in parts."),
)


@dataclass
class Loaded:
    """The result of loading one file; ``read`` counts lines (for each object of its own), the rest messages."""

    file: str
    key: str
    objects: dict[str, tuple[str, ...]]
    """Object → what its records become."""
    systems: tuple[str, ...] = ()
    read: int = 0
    skipped: int = 0
    """Lines of other systems."""
    gathered: int = 0
    """Messages about objects that many lines name; no line of their own."""
    stored: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(system, object) → new messages."""
    repeated: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: dict[int, str] = field(default_factory=dict)
    """Line → why it is no record; the first ones."""
    refusals: int = 0
    unbound: set[str] = field(default_factory=set)
    """Columns that no mapping reads or ignores."""
    first_id: int = 0
    last_id: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    golden: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    awaited: dict[str, int] = field(default_factory=dict)
    still_open: int = 0
    seconds: float = 0.0
    replaced: tuple[str, ...] = ()
    """System and object of each mapping that the file's replaced."""

    def count(self, message: NewMessage, one: Stored, *, is_gathered: bool = False, line: int = 0, reason: str = "") -> None:
        """Enter what became of one message at the door."""
        self.first_id = min(self.first_id or one.id, one.id)
        self.last_id = max(self.last_id, one.id)
        self.gathered += is_gathered
        if reason:
            self.refusals += 1
            if len(self.refused) < SHOWN:
                self.refused[line] = reason
        else:
            (self.stored if one.status == "new" else self.repeated)[message.system, message.object] += 1

    @property
    def span(self) -> Span:
        return Span(self.key, self.first_id, self.last_id)

    @property
    def quarantined(self) -> int:
        """Lines set aside, at the door or when they were read."""
        return self.outcomes.get("quarantined", 0)

    @property
    def adds_up(self) -> bool:
        """Every line is stored, repeated, skipped or quarantined, and every message is settled."""
        told = self.stored.total() + self.repeated.total() - self.gathered + self.skipped + self.refusals
        return told == self.read and not self.still_open and self.quarantined >= self.refusals

    def as_json(self) -> dict[str, Any]:
        return {
            "file": self.file, "read": self.read, "skipped": self.skipped, "stored": _nested(self.stored),
            "repeated": _nested(self.repeated), "quarantined": self.quarantined, "incomplete": self.outcomes.get("incomplete", 0),
            "golden": self.golden, "waiting": self.waiting, "awaited": self.awaited, "seconds": round(self.seconds, 1),
        }  # fmt: skip

    def as_text(self) -> str:
        """The summary a person reads."""
        messages = self.stored.total()
        lines = [
            f"{self.file}: {self.read:,} lines read in {self.seconds:.1f} s ({messages / max(self.seconds, 0.001):,.0f} messages/s)",
            _row("stored", messages, (f"{system} {object_} {count:,}" for (system, object_), count in sorted(self.stored.items()))),
            _row("repeated", self.repeated.total()),
            _row("quarantined", self.quarantined),
        ]
        if self.skipped:
            lines.append(_row("skipped", self.skipped, ["lines of other systems"]))
        if incomplete := self.outcomes.get("incomplete", 0):
            lines.append(_row("incomplete", incomplete, ["taken without a field that could not be read"]))
        lines += [f"      {_problem(one)}" for one in self.problems]
        lines.append(_row("golden", sum(self.golden.values()), (f"{name} {count:,}" for name, count in self.golden.items())))
        lines.append(_row("waiting", sum(self.waiting.values()), _told(self.waiting, "no origin yet, or a required field is missing")))
        lines.append(_row("awaited", sum(self.awaited.values()), _told(self.awaited, "references to what nobody has told us of")))
        if self.replaced:
            lines.append(f"  mapping      {', '.join(self.replaced)}: read by this file's mapping from now on, webhooks and polls too")
        if self.unbound:
            lines.append(f"  not read     {', '.join(sorted(self.unbound))}")
        if self.still_open:
            lines.append(_row("still open", self.still_open, ["another worker holds them, or a write of ours must settle first"]))
        return "\n".join(lines)


def _row(name: str, count: int, details: Iterable[str] = ()) -> str:
    told = ", ".join(details)
    return f"  {name:<12} {count:>8,}{'   ' + told if told else ''}"


def _told(counts: dict[str, int], why: str) -> list[str]:
    told = [f"{name} {count:,}" for name, count in counts.items() if count]
    return [f"{', '.join(told)}: {why}"] if told else []


def _problem(one: dict[str, Any]) -> str:
    where = f"line {one['line']}" + (f" (and {one['count'] - 1:,} more)" if one["count"] > 1 else "")
    return f"{where}: {one['field'] + ': ' if one['field'] else ''}{one['reason']}"


def _nested(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (system, object_), count in sorted(counts.items()):
        found.setdefault(system, {})[object_] = count
    return found


def refusal_of(message: NewMessage, reason: str) -> NewTask:
    """The task of a line that is no record: one for each kind of problem of a system's object, with a count."""
    for begins, cause, shared, remedy in _KINDS:
        if reason.startswith(begins):
            break
    else:
        cause, shared, remedy = "parse", "lines that cannot be read", "Mend the line, then load the file again."
    if re.search(r"which is no system we know$", reason):
        cause, shared, remedy = "unknown_system", "lines of a system we do not know", "Name the system and its kind in the mapping's kinds."
    return NewTask(
        cause=cause, subject=f"{message.system} {message.object}: {shared}", reason=reason, remedy=remedy,
        system=message.system, correlation_id=message.correlation_id,
    )  # fmt: skip


async def report_of(pool: Pool, tenant_id: int, loaded: Loaded, seconds: float) -> Loaded:
    """Complete the result with what the tables say now."""
    entities = sorted({name for some in loaded.objects.values() for name in some})
    async with pool.acquire() as connection:
        loaded.still_open = await loads.still_open(connection, tenant_id, loaded.span)
        loaded.outcomes = await loads.outcomes(connection, tenant_id, loaded.span)
        loaded.problems = [dict(row) for row in await loads.problems(connection, tenant_id, loaded.span, SHOWN)]
        for entity in entities:
            loaded.golden[entity], loaded.waiting[entity] = await loads.births(connection, tenant_id, entity, loaded.systems)
        loaded.awaited = await loads.awaited(connection, tenant_id, entities)
    loaded.seconds = seconds
    return loaded
