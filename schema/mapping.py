"""Declarative two-way mappings between one object of a system and one entity: one line per field, reads as a table.

One vendor record may be read by several mappings (an ERP customer is client, billing account and site), and one mapping
may find several parts in it (the lines of an invoice). Mappings are values; their lines are compiled to closures once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping as Lookup, Sequence
from dataclasses import dataclass, field as having, replace
from typing import Any, Literal, NamedTuple

from schema.codecs import DEFAULT_CODECS, Codec, CodecError, code, instant, trimmed
from schema.kinds import FieldKind
from schema.language import Entity, Field

Values = dict[str, Any]
Mode = Literal["both", "read", "write"]
ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "ABSENT", "__bool__": lambda self: False})()
"""Not stated at all, unlike ``None`` (stated empty)."""


class MappingError(ValueError):
    """A mapping does not say what it must; the message names file, key and what is expected."""


class UnwritableError(ValueError):
    """Canonical values that this system cannot be told; ``problems`` says which and why. The delivery becomes a task."""

    def __init__(self, system: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"{system} cannot be told " + "; ".join(f"{one.path}: {one.reason}" for one in problems))
        self.system, self.problems = system, tuple(problems)


class Link(NamedTuple):
    """Another system's record, or ours (system ``hub``, object ``""``), that this one says it is."""

    system: str
    object: str
    external_id: str


class RawCode(NamedTuple):
    """A code nobody has mapped yet: the governed set and the text as delivered."""

    set: str
    text: str


class Problem(NamedTuple):
    """What could not be read or written. Unless ``fatal`` the rest of the part is applied without this field."""

    path: str
    cause: str
    """type, identity, code, unwritable."""
    reason: str
    fatal: bool
    field: str = ""


@dataclass(slots=True)
class MappedPart:
    """What one vendor record contributes to one entity; ``part`` is the stable business part, usually ``""``."""

    entity: str
    part: str
    values: Values
    links: tuple[Link, ...] = ()
    raw: dict[str, RawCode] = having(default_factory=dict)
    problems: list[Problem] = having(default_factory=list)


# --- code maps -------------------------------------------------------------------------------------------------------


class CodeEntry(NamedTuple):
    """One row of a code map. ``direction`` is in, out or both; the default is what is written when several of theirs fit."""

    system: str
    set: str
    theirs: str
    ours: str
    direction: str = "both"
    is_default: bool = False


class CodeMaps:
    """The code maps of a tenant: per system and set, their code → ours and back. Values never change; make a new one.

    ``is_known(set, value)`` lets a system speak our own codes without a map (``schema.codes``: ``SETS[set].allows``).

    >>> maps = CodeMaps([CodeEntry("erp", "PAYMENT_TERMS", "N30", "NET30"), CodeEntry("erp", "PAYMENT_TERMS", "30D", "NET30")])
    >>> maps.ours("erp", "PAYMENT_TERMS", "30D"), maps.theirs("erp", "PAYMENT_TERMS", "NET30"), maps.ours("erp", "TIER", "A")
    ('NET30', 'N30', None)
    """

    def __init__(self, entries: Iterable[CodeEntry] = (), is_known: Callable[[str, str], bool] | None = None) -> None:
        self._is_known = is_known or _nothing_known
        self._in: dict[tuple[str, str], dict[str, str]] = {}
        self._out: dict[tuple[str, str], dict[str, str]] = {}
        for entry in entries:
            at = (entry.system, entry.set)
            if entry.direction != "out":
                self._in.setdefault(at, {})[entry.theirs] = entry.ours
            if entry.direction != "in":
                outward = self._out.setdefault(at, {})
                if entry.is_default or entry.ours not in outward:
                    outward[entry.ours] = entry.theirs

    def ours(self, system: str, set: str, theirs: str) -> str | None:
        """Our code for theirs; None when nobody has mapped it. A system with a map of the set speaks only that."""
        inward = self._in.get((system, set))
        if inward is not None:
            return inward.get(theirs)
        return theirs if self._is_known(set, theirs) else None

    def theirs(self, system: str, set: str, ours: str) -> str | None:
        """Their code for ours; our own word where the system has no map of the set and so speaks our codes."""
        outward = self._out.get((system, set))
        if outward is not None:
            return outward.get(ours)
        return ours if self._is_known(set, ours) else None


def _nothing_known(set: str, value: str) -> bool:
    return False


NO_CODES = CodeMaps()


# --- lines -----------------------------------------------------------------------------------------------------------


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


# --- the mapping -----------------------------------------------------------------------------------------------------

Getter = Callable[[Any, Any], Any]
"""(item, whole record) → the raw value, or ABSENT."""
_Compiled = tuple[Line, Getter, Callable[[Any], Any], tuple[Getter, ...]]


@dataclass(frozen=True)
class Mapping:
    """How one object of one system becomes (parts of) one entity, and back.

    ``id`` may name several paths: their texts joined with "|" are the external id. ``items`` is the path of a list
    whose elements are the parts, named by the path ``part``. ``ignored`` lists what is left alone on purpose.
    ``on_create`` is told to the system with a new record only. ``natural_key`` names the fields by which a record that
    may have been created is looked up where the system has no unique field for our key.
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
        compiled = ((one, _getter(one.path), one.codec.read, _beside(one)) for one in lines if one.mode != "write")
        put(self, "_compiled", tuple(compiled))
        put(self, "_conditions", tuple((one, _getter(one.path)) for one in self.when))
        put(self, "_links", tuple((one, _getter(one.path)) for one in self.links))
        put(self, "_writers", writers)
        put(self, "_known_paths", _known(_trie(self._bound_paths())))
        put(self, "_version", _getter(self.version_path))
        put(self, "_deleted", _getter(self.deleted.path if self.deleted else ""))

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
        found = [_identity(at_path(record, path)) for path in self.id]
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
            name = _identity(_getter(self.part)(item, record)) if isinstance(item, dict) else None
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
                if (found := _identity(get(item, record))) is not None
            )
        return mapped

    def unbound(self, record: Any) -> set[str]:
        """Paths of the record that are neither bound nor ignored; with several mappings of one object, intersect them."""
        found: set[str] = set()
        _walk(record, self._known_paths, "", found)
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
            yield from (_absolute(path, inner) for path in (one.path, *one.codec.beside) if path)
        yield from (_absolute(path, inner) for path in (*(one.path for one in self.links), *(one.path for one in self.when)))
        yield from (*self.id, self.version_path, self.modified_path, self.deleted.path if self.deleted else "")
        yield from self.ignored
        if self.items:
            yield _absolute(self.part, inner)


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
    )


def unbound(mappings: Iterable[Mapping], record: Any) -> set[str]:
    """What none of the mappings of this object binds or ignores."""
    found = [one.unbound(record) for one in mappings]
    return set.intersection(*found) if found else set()


def load_mapping(document: Any, *, file: str = "mapping", system: str = "", entity: str = "", object: str = "") -> Mapping:
    """Read one mapping from its YAML form; see :mod:`schema.mapping_file` for the form."""
    from schema.mapping_file import load_mapping as load

    return load(document, file=file, system=system, entity=entity, object=object)


# --- paths -----------------------------------------------------------------------------------------------------------

_INSTANT = instant()


def _for_system(one: Line, system: str) -> Line:
    bind = one.codec.for_system
    return replace(one, codec=replace(bind(system), for_system=bind)) if bind else one


def none_if_absent(value: Any) -> Any:
    return None if value is ABSENT else value


def _beside(one: Line) -> tuple[Getter, ...]:
    return tuple(_getter(path) for path in one.codec.beside)


def _getter(path: str) -> Getter:
    """Compile a path; "" always finds something (a constant needs no path)."""
    if not path:
        return lambda item, record: ""
    if path.startswith("^"):
        inner = _getter(path[1:])
        return lambda item, record: inner(record, record)
    keys = path.split(".")
    if len(keys) == 1:
        return lambda item, record: item.get(path, ABSENT)
    first, second = keys[0], keys[1]

    def nested(item: Any, record: Any) -> Any:
        inner = item.get(first)
        return inner.get(second, ABSENT) if type(inner) is dict else _follow(item, keys)

    return nested if len(keys) == 2 else lambda item, record: _follow(item, keys)


def at_path(record: Any, path: str) -> Any:
    """What lies at a path, ABSENT when nothing does; a number steps into a list."""
    return _follow(record, path.split("."))


def _follow(value: Any, keys: list[str]) -> Any:
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key, ABSENT)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None if value is None else ABSENT
    return value


def _identity(value: Any) -> str | None:
    """An id as text; empty, absent and structured ones are none."""
    if value is ABSENT or value is None or isinstance(value, bool | dict | list):
        return None
    return str(value).strip() or None


def _absolute(path: str, inner: str) -> str:
    return path[1:] if path.startswith("^") else inner + path


def put_path(body: dict[str, Any], path: str, raw: Any) -> None:
    """Set a path of a nested body in place; ABSENT leaves it alone."""
    if raw is ABSENT:
        return
    *parents, last = path.split(".")
    for parent in parents:
        body = body.setdefault(parent, {})
    body[last] = raw


def flattened(body: Lookup[str, Any], prefix: str = "") -> dict[str, Any]:
    """A nested body as path → value.

    >>> flattened({"name": "A", "address": {"city": "Bern"}})
    {'name': 'A', 'address.city': 'Bern'}
    """
    flat: dict[str, Any] = {}
    for key, value in body.items():
        flat |= flattened(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


def _trie(paths: Iterable[str]) -> dict[str, Any]:
    """Paths as nested dictionaries; an empty one binds everything below it. ``[]`` is the key of list items."""
    root: dict[str, Any] = {}
    for path in sorted({one for one in paths if one}, key=len, reverse=True):
        node = root
        for key in path.replace("[]", ".[]").split("."):
            node = node.setdefault("[]" if key.isdecimal() else key, {})
    return root


class Known(NamedTuple):
    """The keys of an object that are bound or ignored, and what is known inside of those that are not bound whole."""

    keys: frozenset[str]
    inside: dict[str, Known]


def _known(trie: Lookup[str, Any]) -> Known:
    return Known(frozenset(trie), {key: _known(inner) for key, inner in trie.items() if inner})


def _walk(value: Any, known: Known, path: str, found: set[str]) -> None:
    if isinstance(value, dict):
        if not value.keys() <= known.keys:
            found.update(f"{path}.{key}" if path else key for key in value.keys() - known.keys)
        for key, inside in known.inside.items():
            if key in value:
                _walk(value[key], inside, f"{path}.{key}" if path else key, found)
    elif isinstance(value, list) and "[]" in known.inside:
        for inner in value:
            _walk(inner, known.inside["[]"], f"{path}[]", found)


def _refused(entity: str, path: str, reason: str, cause: str) -> MappedPart:
    return MappedPart(entity, "", {}, problems=[Problem(path, cause, reason, True)])
