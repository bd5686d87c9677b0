"""Fields that mappings see and SAP does not have: made of several when a record is read, taken apart again when it is written.

They keep the mapping a table: a name over four fields of forty characters, a composite id, a state that four fields tell together.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import ConfigurationError, RejectedError
from connectors.tables import Table
from schema.paths import at_path, put_path

ZERO = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Derived(ABC):
    """One such field; ``at`` is the path of a list whose rows have it."""

    name: str
    at: str

    @abstractmethod
    def read(self, record: Mapping[str, Any]) -> Any:
        """Its value of a record (or row)."""

    def write(self, body: dict[str, Any], value: Any, *, is_new: bool) -> None:
        """Tell a value by the fields there are; what SAP computes is not told."""


@dataclass(frozen=True)
class Joined(Derived):
    """Several texts as one. Written whole ``into`` one of them, or word by word over all, each ``width`` long."""

    parts: tuple[str, ...] = ()
    width: int = 40
    into: str = ""

    def read(self, record: Mapping[str, Any]) -> Any:
        return " ".join(text for text in (_text(at_path(record, one)) for one in self.parts) if text)

    def write(self, body: dict[str, Any], value: Any, *, is_new: bool) -> None:
        text = " ".join(str(value or "").split())
        lines = [text] if self.into else _lines(text, self.width)
        parts = [self.into, *(one for one in self.parts if one != self.into)] if self.into else list(self.parts)
        if len(lines) > len(parts) or any(len(line) > self.width for line in lines):
            most = self.width if self.into else self.width * len(parts)
            raise RejectedError(
                f"SAP has no room for the whole {self.name}", field=parts[0], remedy=f"Shorten it to {most} characters at its owner, then retry."
            )
        body.update(zip(parts, [*lines, *[""] * (len(parts) - len(lines))], strict=True))


def _lines(text: str, width: int) -> list[str]:
    """A text over lines of this width, broken between words.

    >>> _lines("Gesellschaft für Hafenlogistik und Umschlag mbH", 40)
    ['Gesellschaft für Hafenlogistik und', 'Umschlag mbH']
    """
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@dataclass(frozen=True)
class First(Derived):
    """The first of several that says something. What is written stands in for a field of a new record that nobody stated."""

    of: tuple[str, ...] = ()
    stands_in_for: str = ""

    def read(self, record: Mapping[str, Any]) -> Any:
        return next((found for found in (_text(at_path(record, one)) for one in self.of) if found), None)

    def write(self, body: dict[str, Any], value: Any, *, is_new: bool) -> None:
        if is_new and value and not body.get(self.stands_in_for):
            body[self.stands_in_for] = value


@dataclass(frozen=True)
class Beginning(Derived):
    """The first letters of a code (the country of DE0). A code that is ``plain`` is written as the beginning with ``ending``."""

    of: str = ""
    length: int = 2
    plain: str = ""
    ending: str = ""

    def read(self, record: Mapping[str, Any]) -> Any:
        return _text(at_path(record, self.of))[: self.length] or None

    def write(self, body: dict[str, Any], value: Any, *, is_new: bool) -> None:
        if value and (body.get(self.of) or self.plain) == self.plain:
            body[self.of] = f"{value}{self.ending}"


@dataclass(frozen=True)
class Conditional(Derived):
    """``conditions``: path → texts of which it must say one; a truth is "true" or "false", what is empty ""."""

    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def holds(self, record: Mapping[str, Any]) -> bool:
        return holds(self.conditions, record)


def holds(conditions: Mapping[str, tuple[str, ...]], record: Mapping[str, Any]) -> bool:
    return all(_text(at_path(record, path)) in wanted for path, wanted in conditions.items())


@dataclass(frozen=True)
class Composite(Conditional):
    """An id of several parts, joined with "|"; empty when one of them is. Written, each part goes where it came from, or the last ``into`` a field."""

    parts: tuple[str, ...] = ()
    into: str = ""

    def read(self, record: Mapping[str, Any]) -> Any:
        found = [_text(at_path(record, one)) for one in self.parts]
        is_empty = not all(found) or set(found[-1]) == {"0"} or not self.holds(record)
        return None if is_empty else "|".join(found)

    def write(self, body: dict[str, Any], value: Any, *, is_new: bool) -> None:
        texts = str(value).split("|") if value else [""] * len(self.parts)
        if self.into:
            body[self.into] = texts[-1]
            return
        for path, text in zip(self.parts, texts, strict=True):
            put_path(body, path, text)


@dataclass(frozen=True)
class Part(Conditional):
    """A field under a condition; with ``is_negated`` a number with the other sign."""

    of: str = ""
    is_negated: bool = False

    def read(self, record: Mapping[str, Any]) -> Any:
        found = _text(at_path(record, self.of)) if self.holds(record) else ""
        if not self.is_negated or not found:
            return found or None
        return found[1:] if found.startswith("-") else f"-{found}"


@dataclass(frozen=True)
class Cases(Derived):
    """A word for what several fields say together: of the first case whose conditions hold."""

    cases: tuple[tuple[Mapping[str, tuple[str, ...]], str], ...] = ()

    def read(self, record: Mapping[str, Any]) -> Any:
        return next((word for conditions, word in self.cases if holds(conditions, record)), None)


@dataclass(frozen=True)
class Parent(Derived):
    """A parent that is not the root: the root mirrors the whole, which is known by another field."""

    of: str = ""
    grandparent: str = ""
    whole: str = ""

    def read(self, record: Mapping[str, Any]) -> Any:
        found, above = _text(at_path(record, self.of)), _text(at_path(record, self.grandparent))
        is_root = found in ("", ZERO) or above == ZERO or found == _text(at_path(record, self.whole))
        return None if is_root else found

    def write(self, body: dict[str, Any], value: Any, *, is_new: bool) -> None:
        if value:
            body[self.of] = value


def derived_of(path: str, table: Table) -> Derived:
    """Read one from the document; its first key says which kind it is."""
    at, _, name = path.rpartition("[].")
    found = _kind(name, at, table)
    table.done()
    return found


def in_order(found: Iterable[Derived]) -> tuple[Derived, ...]:
    """What is made of other derived fields after those; a stored document keeps no order of keys."""
    several = tuple(found)
    names = {one.name for one in several}
    return tuple(sorted(several, key=lambda one: (isinstance(one, First) and not names.isdisjoint(one.of), one.at, one.name)))


def _kind(name: str, at: str, table: Table) -> Derived:
    if "joined" in table:
        return Joined(name, at, table.texts("joined"), int(table.number("width", 40)), table.text("into", ""))
    if "first" in table:
        return First(name, at, table.texts("first"), table.text("stands_in_for", ""))
    if "beginning" in table:
        return Beginning(name, at, table.text("beginning"), int(table.number("length", 2)), table.text("plain", ""), table.text("ending", ""))
    if "id" in table:
        return Composite(name, at, _conditions(table), table.texts("id"), table.text("into", ""))
    if "part" in table:
        return Part(name, at, _conditions(table), table.text("part"))
    if "minus" in table:
        return Part(name, at, _conditions(table), table.text("minus"), is_negated=True)
    if "cases" in table:
        return Cases(name, at, tuple(_case(one) for one in table.listed("cases")))
    if "parent" in table:
        return Parent(name, at, table.text("parent"), table.text("unless_root"), table.text("or"))
    raise ConfigurationError(f"{table.file}: {table.at}: expected joined, first, beginning, id, part, minus, cases or parent")


def _case(table: Table) -> tuple[Mapping[str, tuple[str, ...]], str]:
    found = _conditions(table), table.text("is")
    table.done()
    return found


def _conditions(table: Table) -> Mapping[str, tuple[str, ...]]:
    inner = table.maybe("if")
    return {} if inner is None else {path: inner.texts(path) for path in table.take("if")}


def _text(value: Any) -> str:
    """A value as conditions and ids have it."""
    if value is None or isinstance(value, dict | list) or not isinstance(value, bool | str | int) and not hasattr(value, "as_tuple"):
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
