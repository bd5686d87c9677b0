"""The lines of a mapping's table: a field bound to a path, a link, a condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from schema.codecs import DEFAULT_CODECS, Codec, code, trimmed
from schema.kinds import FieldKind
from schema.language import Field
from schema.paths import ABSENT

Mode = Literal["both", "read", "write"]


class MappingError(ValueError):
    """A mapping does not say what it must; the message names file, key and what is expected."""


@dataclass(frozen=True, slots=True)
class Line:
    """One field: canonical name, the system's path, how it is spelled, and in which directions it is used."""

    field: str
    path: str
    codec: Codec
    mode: Mode = "both"
    default: Any = ABSENT
    is_required: bool = False


def line(
    field: Field[Any] | str, path: str, codec: Codec | None = None, *, mode: Mode = "both", default: Any = ABSENT, required: bool = False
) -> Line:
    """Bind ``field`` to ``path`` ("Name", "address.city"; inside a part "^id" starts at the whole record).

    Without a codec the field's kind decides. ``default`` is the canonical value of a record that does not state it.
    ``required`` is a reference that the system demands of a new record, though the model does not: the record waits
    until the system holds what it refers to.
    """
    if isinstance(field, Field):
        return Line(field.name, path, codec or default_codec(field), mode, default, required)
    return Line(field, path, codec or trimmed(), mode, default, required)


def default_codec(field: Field[Any]) -> Codec:
    """The codec of a line that names none; amounts, quantities and references must say how they are spelled."""
    if field.kind is FieldKind.CODE:
        return code(field.codes)
    found = DEFAULT_CODECS[field.kind]
    if found is None:
        raise MappingError(f"{field!r} is a {field.kind}: say how it is spelled (money, price, quantity, reference …)")
    return found


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A path that holds the id this record has elsewhere."""

    path: str
    system: str
    object: str


def link(path: str, *, to: str | tuple[str, str]) -> LinkLine:
    """A declared link: ``to="hub"`` for our own id, else ``(system, object)``."""
    system, object = (to, "") if isinstance(to, str) else to
    return LinkLine(path, system, object)


@dataclass(frozen=True, slots=True)
class When:
    """Which records a mapping is about: the text at ``path`` is one of ``values`` (or none of them)."""

    path: str
    values: frozenset[str]
    is_negated: bool = False

    def holds(self, found: Any) -> bool:
        return (_condition_text(found) in self.values) is not self.is_negated


def _condition_text(value: Any) -> str:
    """Values of conditions compare as text; true/false in lower case, absent and null as ""."""
    if value is ABSENT or value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def when(path: str, *, is_: Any = ABSENT, is_not: Any = ABSENT) -> When:
    """A condition; a list means any of them, ``None`` means absent or empty.

    >>> when("Is_Resource", is_=True).holds(True), when("kind", is_not=["a", "b"]).holds("b")
    (True, False)
    """
    if (is_ is ABSENT) is (is_not is ABSENT):
        raise MappingError(f"a condition on {path!r} says either what it is or what it is not")
    stated = is_not if is_ is ABSENT else is_
    values = stated if isinstance(stated, list | tuple | set | frozenset) else (stated,)
    return When(path, frozenset(map(_condition_text, values)), is_ is ABSENT)
