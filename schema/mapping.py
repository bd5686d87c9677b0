"""Declarative two-way mappings between one object of a system and one entity: one line per field, reads as a table.

One vendor record may be read by several mappings (an ERP customer is client, billing account and site), and one mapping
may find several parts in it (the lines of an invoice). Mappings are values; their lines are compiled to closures once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Lookup
from dataclasses import dataclass, replace
from dataclasses import field as having
from typing import Any

from schema.code_maps import NO_CODES, CodeEntry, CodeMaps, RawCode
from schema.codecs import Codec, CodecError, instant
from schema.language import Entity, Field
from schema.mapped import Link, MappedPart, Problem, UnwritableError, Values
from schema.mapping_lines import Line, LinkLine, MappingError, Mode, When, default_codec, line, link, when
from schema.paths import (
    ABSENT,
    Getter,
    Known,
    absolute,
    at_path,
    flattened,
    getter,
    identity,
    known_paths,
    none_if_absent,
    note_unknown,
    put_path,
)

__all__ = [
    "ABSENT", "NO_CODES", "CodeEntry", "CodeMaps", "Getter", "Known", "Line", "Link", "LinkLine", "MappedPart", "Mapping",
    "MappingError", "Mode", "Problem", "RawCode", "UnwritableError", "Values", "When", "at_path", "default_codec", "flattened", "line",
    "link", "load_mapping", "mapping", "none_if_absent", "put_path", "unbound", "when",
]  # fmt: skip

_Compiled = tuple[Line, Getter, Callable[[Any], Any], tuple[Getter, ...]]
_INSTANT = instant()


@dataclass(frozen=True)
class Mapping:
    """How one object of one system becomes (parts of) one entity, and back.

    ``id`` may name several paths: their texts joined with "|" are the external id. ``items`` is the path of a list
    whose elements are the parts, named by the path ``part``. ``ignored`` lists what is left alone on purpose.
    ``on_create`` is told to the system with a new record only. ``natural_key`` names the fields by which a record that
    may have been created is looked up where the system has no unique field for our key. ``tell_back`` maps paths of the record
    to other systems, whose ids of the same thing are written there.
    """

    system: str
    object: str
    entity: str
    lines: tuple[Line, ...]
    id: tuple[str, ...] = ("id",)
    links: tuple[LinkLine, ...] = ()
    version_path: str = ""
    version_codec: Codec | None = None
    modified_path: str = ""
    deleted: When | None = None
    when: tuple[When, ...] = ()
    items: str = ""
    part: str = ""
    ignored: tuple[str, ...] = ()
    on_create: tuple[tuple[str, Any], ...] = ()
    natural_key: tuple[str, ...] = ()
    tell_back: tuple[tuple[str, str], ...] = ()
    name: str = ""
    _compiled: tuple[_Compiled, ...] = having(init=False, repr=False, compare=False)
    _conditions: tuple[tuple[When, Getter], ...] = having(init=False, repr=False, compare=False)
    _links: tuple[tuple[LinkLine, Getter], ...] = having(init=False, repr=False, compare=False)
    _writers: Lookup[str, tuple[Line, ...]] = having(init=False, repr=False, compare=False)
    _known_paths: Known = having(init=False, repr=False, compare=False)
    _version: Getter = having(init=False, repr=False, compare=False)
    _deleted: Getter = having(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        lines = tuple(_for_system(one, self.system) for one in self.lines)
        writers: dict[str, tuple[Line, ...]] = {}
        for one in lines:
            if one.mode != "read" and one.path and not self.items:
                writers[one.field] = (*writers.get(one.field, ()), one)
        put = object.__setattr__
        put(self, "lines", lines)
        compiled = ((one, getter(one.path), one.codec.read, _beside(one)) for one in lines if one.mode != "write")
        put(self, "_compiled", tuple(compiled))
        put(self, "_conditions", tuple((one, getter(one.path)) for one in self.when))
        put(self, "_links", tuple((one, getter(one.path)) for one in self.links))
        put(self, "_writers", writers)
        put(self, "_known_paths", known_paths(self._bound_paths()))
        put(self, "_version", getter(self.version_path))
        put(self, "_deleted", getter(self.deleted.path if self.deleted else ""))

    def for_system(self, system: str) -> Mapping:
        """The same mapping for another system of the same make; references and codes are that system's."""
        return self if system == self.system else replace(self, system=system)

    @property
    def fields_out(self) -> frozenset[str]:
        """Canonical fields this mapping can write."""
        return frozenset(self._writers)

    @property
    def fields_required(self) -> frozenset[str]:
        """Of the fields this mapping can write, those without which the system makes no record."""
        return frozenset(name for name, lines in self._writers.items() if any(one.is_required for one in lines))

    @property
    def fields_in(self) -> frozenset[str]:
        """Canonical fields this mapping may state."""
        return frozenset(one.field for one, *_ in self._compiled)

    # reading

    def record_id(self, record: Any) -> str | None:
        """The external id; None when (a part of) it is missing."""
        found = [identity(at_path(record, path)) for path in self.id]
        return None if None in found else "|".join(one for one in found if one is not None)

    def version(self, record: Any) -> str:
        """The source's own version as sortable text, "" when it has none."""
        found = self._version(record, record) if self.version_path and isinstance(record, dict) else None
        if found is None or found is ABSENT:
            return ""
        try:
            return str(self.version_codec.read(found) or "") if self.version_codec else str(found)
        except CodecError:
            return ""

    def modified_at(self, record: Any) -> str | None:
        """When the source says the record was last changed, as a canonical instant."""
        found = at_path(record, self.modified_path) if self.modified_path else None
        try:
            return None if found is None or found is ABSENT else _INSTANT.read(found)
        except CodecError:
            return None

    def is_deleted(self, record: Any) -> bool:
        """Whether the record's own flag says that it is deleted."""
        return self.deleted is not None and isinstance(record, dict) and self.deleted.holds(self._deleted(record, record))

    def read(self, record: Any, codes: CodeMaps = NO_CODES) -> list[MappedPart]:
        """What the record contributes: no part (a condition does not hold), one, or one for each of its items."""
        if not isinstance(record, dict):
            return [_refused(self.entity, "", f"expected an object, got {type(record).__name__}", "type")]
        if self.items:
            return self._read_items(record, codes)
        if not all(condition.holds(get(record, record)) for condition, get in self._conditions):
            return []
        return [self._read_part(record, record, "", codes)]

    def _read_items(self, record: Any, codes: CodeMaps) -> list[MappedPart]:
        found = at_path(record, self.items)
        if found is ABSENT or found is None:
            return []
        if not isinstance(found, list):
            return [_refused(self.entity, self.items, f"expected a list, got {type(found).__name__}", "type")]
        parts: list[MappedPart] = []
        seen: set[str] = set()
        for place, item in enumerate(found):
            name = identity(getter(self.part)(item, record)) if isinstance(item, dict) else None
            if not isinstance(item, dict) or name is None or name in seen:
                reason = "the part's name is missing" if name is None else f"two parts are named {name!r}"
                parts.append(_refused(self.entity, f"{self.items}[{place}].{self.part}", reason, "identity"))
            elif all(condition.holds(get(item, record)) for condition, get in self._conditions):
                seen.add(name)
                parts.append(self._read_part(item, record, name, codes))
        return parts

    def _read_part(self, item: Any, record: Any, part: str, codes: CodeMaps) -> MappedPart:
        values: Values = {}
        mapped = MappedPart(self.entity, part, values)
        for one, get, read, beside in self._compiled:
            raw = get(item, record)
            if raw is ABSENT:
                if one.default is not ABSENT:
                    values[one.field] = one.default
                continue
            if raw is None:
                values[one.field] = None if one.default is ABSENT else one.default
                continue
            try:
                found = read((raw, *(none_if_absent(other(item, record)) for other in beside)) if beside else raw)
            except CodecError as error:
                path = f"{one.path}.{error.path}" if error.path else one.path
                mapped.problems.append(Problem(path, "type", error.reason, False, one.field))
                continue
            codec = one.codec
            if codec.codes and found is not None:
                ours = codes.ours(self.system, codec.codes, found)
                if ours is None and not codec.is_open:
                    mapped.raw[one.field] = RawCode(codec.codes, found)
                    continue
                found = found if ours is None else ours
            values[one.field] = found
        if self._links:
            mapped.links = tuple(
                Link(one.system, one.object, found)
                for one, get in self._links
                if (found := identity(get(item, record))) is not None
            )
        return mapped

    def unbound(self, record: Any) -> set[str]:
        """Paths of the record that are neither bound nor ignored; with several mappings of one object, intersect them."""
        found: set[str] = set()
        note_unknown(record, self._known_paths, "", found)
        return found

    # writing

    def write(self, values: Lookup[str, Any], codes: CodeMaps = NO_CODES, *, is_new: bool = False) -> dict[str, Any]:
        """The system's body for these canonical values, nested as its paths say; what it cannot hold is left out.

        Raises :class:`UnwritableError` when a value cannot be told to this system (no code for it, too fine).
        """
        body: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, value in values.items():
            for one in self._writers.get(name, ()):
                try:
                    for path, raw in zip((one.path, *one.codec.beside), self._spell(one, value, codes), strict=True):
                        put_path(body, path, raw)
                except (CodecError, KeyError, TypeError, ArithmeticError) as error:
                    reason = error.reason if isinstance(error, CodecError) else f"not a value of this field ({error!r})"
                    problems.append(Problem(one.path, "unwritable", reason, True, name))
        if problems:
            raise UnwritableError(self.system, problems)
        for path, raw in self.on_create if is_new else ():
            put_path(body, path, raw)
        return body

    def _spell(self, one: Line, value: Any, codes: CodeMaps) -> tuple[Any, ...]:
        """Raw values for the line's path and the paths beside it; an emptied amount leaves its currency alone."""
        if value is None:
            return (None, *(ABSENT for _ in one.codec.beside))
        if one.codec.codes:
            theirs = codes.theirs(self.system, one.codec.codes, value)
            if theirs is None and not one.codec.is_open:
                raise CodecError("", f"{self.system} has no code for {one.codec.codes} {value!r}")
            value = value if theirs is None else theirs
        raw = one.codec.write(value)
        return tuple(raw) if one.codec.beside else (raw,)

    def key_of(self, values: Lookup[str, Any], codes: CodeMaps = NO_CODES) -> dict[str, Any]:
        """Path → raw value of the natural key, to look up a record by it; {} when a part of the key is not stated."""
        if not self.natural_key or any(values.get(name) is None for name in self.natural_key):
            return {}
        return flattened(self.write({name: values[name] for name in self.natural_key}, codes))

    def _bound_paths(self) -> Iterable[str]:
        inner = f"{self.items}[]." if self.items else ""
        for one in self.lines:
            yield from (absolute(path, inner) for path in (one.path, *one.codec.beside) if path)
        yield from (absolute(path, inner) for path in (*(one.path for one in self.links), *(one.path for one in self.when)))
        yield from (*self.id, self.version_path, self.modified_path, self.deleted.path if self.deleted else "")
        yield from self.ignored
        yield from (path for path, _ in self.tell_back)
        if self.items:
            yield absolute(self.part, inner)


def mapping(
    system: str,
    object: str,
    entity: type[Entity] | str,
    *lines: Line | LinkLine,
    id: str | tuple[str, ...] = "id",
    version: str = "",
    version_codec: Codec | None = None,
    modified: str = "",
    deleted: str | When = "",
    only: When | tuple[When, ...] = (),
    items: str = "",
    part: str = "",
    ignored: Iterable[str] = (),
    on_create: Lookup[str, Any] | None = None,
    natural_key: Iterable[Field[Any] | str] = (),
    tell_back: Lookup[str, str] | None = None,
) -> Mapping:
    """Declare a mapping; the positional arguments are its table of ``line`` and ``link``."""
    return Mapping(
        system=system,
        object=object,
        entity=entity if isinstance(entity, str) else entity.meta.name,
        lines=tuple(one for one in lines if isinstance(one, Line)),
        links=tuple(one for one in lines if isinstance(one, LinkLine)),
        id=(id,) if isinstance(id, str) else id,
        version_path=version,
        version_codec=version_codec,
        modified_path=modified,
        deleted=when(deleted, is_=[True, "T", "Y", "1", "true"]) if isinstance(deleted, str) and deleted else deleted or None,
        when=only if isinstance(only, tuple) else (only,),
        items=items.removesuffix("[]"),
        part=part,
        ignored=tuple(ignored),
        on_create=tuple((on_create or {}).items()),
        natural_key=tuple(one if isinstance(one, str) else one.name for one in natural_key),
        tell_back=tuple((tell_back or {}).items()),
    )


def unbound(mappings: Iterable[Mapping], record: Any) -> set[str]:
    """What none of the mappings of this object binds or ignores."""
    found = [one.unbound(record) for one in mappings]
    return set.intersection(*found) if found else set()


def load_mapping(document: Any, *, file: str = "mapping", system: str = "", entity: str = "", object: str = "") -> Mapping:
    """Read one mapping from its YAML form; see :mod:`schema.mapping_file` for the form."""
    from schema.mapping_file import load_mapping as load

    return load(document, file=file, system=system, entity=entity, object=object)


def _for_system(one: Line, system: str) -> Line:
    bind = one.codec.for_system
    return replace(one, codec=replace(bind(system), for_system=bind)) if bind else one


def _beside(one: Line) -> tuple[Getter, ...]:
    return tuple(getter(path) for path in one.codec.beside)


def _refused(entity: str, path: str, reason: str, cause: str) -> MappedPart:
    return MappedPart(entity, "", {}, problems=[Problem(path, cause, reason, True)])
