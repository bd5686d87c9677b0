"""What a mapping file says about a file of records: whose they are, what its lines speak of, how it is written.

Beside ``mappings`` (the form of :mod:`schema.mapping_file`) the document may say:

```yaml
system: crm                        # whose records these are; or
system_column: source              # the column that names each line's system
kinds: {crm: crm, billing: bill}   # what kind of system each is, for those that are new
repeats: [owner]                   # objects many lines name: one record for each id, spellings folded
dialect: {delimiter: ";", encoding: cp1252, empty: absent}
extension_fields: {client: {floor: integer}}   # the firm's own fields, declared before the first line is read
```

A file whose lines speak of several objects is read once for each, parents first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from hub.errors import RequestError
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.mapping import Mapping as SystemMapping
from schema.mapping_file import load_mappings
from schema.mapping_lines import MappingError
from schema.systems import SystemKind

KEYS = frozenset({"system", "kind", "kinds", "system_column", "repeats", "dialect", "extension_fields"})
CONNECTED = tuple(kind.value for kind in SystemKind if kind not in (SystemKind.HUB, SystemKind.STEWARD))
DIALECT = frozenset({"format", "encoding", "delimiter", "quote", "columns", "empty", "max_line_bytes"})


@dataclass(frozen=True)
class FilePlan:
    """How to load a file. ``document`` is what is kept as each system's mapping; None where lines speak our words."""

    objects: tuple[str, ...]
    mappings: Mapping[str, tuple[SystemMapping, ...]] = field(default_factory=dict)
    document: Mapping[str, Any] | None = None
    system: str = ""
    """Only this system's lines; "" takes every system that ``system_column`` names."""
    system_column: str = ""
    kinds: Mapping[str, SystemKind] = field(default_factory=dict)
    repeats: frozenset[str] = frozenset()
    dialect: Mapping[str, Any] = field(default_factory=dict)
    extension_fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Entity → the firm's own field → its kind; declared before the first line is read."""

    @property
    def systems(self) -> tuple[str, ...]:
        return (self.system,) if self.system else tuple(self.kinds)

    def entities(self) -> tuple[str, ...]:
        """What the file's records become, in MODEL order."""
        wanted = {one.entity for some in self.mappings.values() for one in some} or set(self.objects)
        return tuple(name for name in ENTITIES if name in wanted)

    def identify(self, object_: str) -> Callable[[Mapping[str, Any]], str | None]:
        """The external id of a record; folded where many lines name the same one."""
        if not self.mappings:
            return canonical_id
        identify = self.mappings[object_][0].record_id
        if object_ not in self.repeats:
            return identify
        return lambda record: folded(identify(record))


def plan_of(mapping: Path | None, system: str = "", entity: str = "", kind: str = "", *, is_only_read: bool = False) -> FilePlan:
    """Read a mapping file; what the command line says outranks it. Raises :class:`RequestError` that says what is wrong.

    A file that ``is_only_read`` may leave open whose records these are.
    """
    name = entity_name(entity) if entity else ""
    document = _document(mapping) if mapping else {}
    told = {key: document.pop(key) for key in KEYS & document.keys()}
    file = mapping.name if mapping else "the command"
    column = str(told.get("system_column") or "")
    chosen = system or ("" if column else str(told.get("system") or ""))
    kinds = _kinds(told, chosen, kind, file)
    if not chosen and not column and not is_only_read:
        raise _wrong("whose records these are is not said", "Say --system, or name system or system_column in the mapping.")
    if column and not chosen and not kinds and not is_only_read:
        raise _wrong(f"{file}: kinds: expected the systems that {column} names, each with its kind", "Mend the mapping file.")
    if mapping is None:
        if not name:
            raise _wrong("what the records are is not said", "Say --entity, such as Client, or give a --mapping.")
        return FilePlan((name,), system=chosen, kinds=kinds)
    kept = _kept(document, name)
    by_object = _by_object(kept, file, chosen or next(iter(kinds), "system"))
    if name and not any(one.entity == name for some in by_object.values() for one in some):
        known = ", ".join(sorted({one.entity for some in by_object.values() for one in some}))
        raise _wrong(f"{file} maps {known}, not {name}", "Give the mapping of that entity, or say another --entity.")
    repeats, dialect = told.get("repeats") or [], told.get("dialect") or {}
    if not isinstance(repeats, list) or (strange := sorted(set(map(str, repeats)) - by_object.keys())):
        raise _wrong(f"{file}: repeats: {strange[0] if isinstance(repeats, list) else repeats!r} is no object mapped here", "Name mapped objects.")
    if not isinstance(dialect, dict) or (strange := sorted(map(str, set(dialect) - DIALECT))):
        raise _wrong(f"{file}: dialect: expected a table of {', '.join(sorted(DIALECT))}", "Mend the mapping file.")
    return FilePlan(
        _parents_first(by_object), by_object, kept, chosen, column, kinds, frozenset(map(str, repeats)),
        {key: tuple(value) if isinstance(value, list) else value for key, value in dialect.items()},
        _extension_fields(told.get("extension_fields") or {}, file),
    )  # fmt: skip


def entity_name(told: str) -> str:
    """Our name of an entity, however it is written; raises :class:`RequestError` with the nearest ones.

    >>> entity_name("TimeEntry"), entity_name("client")
    ('time_entry', 'client')
    """
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", told.strip()).lower().replace(" ", "_")
    if name not in ENTITIES:
        near = get_close_matches(name, ENTITIES, 3)
        raise _wrong(f"there is no entity {told!r} in the model", f"Did you mean {', '.join(near)}?" if near else "See schema/published/MODEL.md.")
    return name


def canonical_id(record: Mapping[str, Any]) -> str | None:
    """The id of a line that speaks our words: ``$id``, or ``id``."""
    for key in ("$id", "id"):
        value = record.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return None


def folded(text: str | None) -> str | None:
    """
    >>> folded("Pacific  Gas and Electric")
    'pacific gas and electric'
    """
    return " ".join(text.casefold().split()) or None if text else None


def _document(mapping: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(mapping.read_text(encoding="utf-8"))
        found = json.loads(json.dumps(found, default=str))
    except OSError as error:
        raise _wrong(f"{mapping.name} cannot be read: {error.strerror}", "Mend the path.") from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        said = " ".join(str(error).split())[:300]
        raise _wrong(f"{mapping.name} is not YAML: {said}", "Mend the mapping file.") from error
    if not isinstance(found, dict):
        raise _wrong(f"{mapping.name}: expected a table of keys and values", "Mend the mapping file.")
    return found


def _kept(document: dict[str, Any], entity: str) -> dict[str, Any]:
    """The mappings alone, as they are stored for each system."""
    listed = document.get("mappings", [document])
    if not isinstance(listed, list):
        return document
    return {
        "mappings": [
            ({"entity": entity} if entity else {}) | {key: value for key, value in one.items() if key != "system"} if isinstance(one, dict) else one
            for one in listed
        ]
    }


def _by_object(document: dict[str, Any], file: str, system: str) -> dict[str, tuple[SystemMapping, ...]]:
    found: dict[str, tuple[SystemMapping, ...]] = {}
    try:
        for one in load_mappings(document, file=file, system=system):
            found[one.object] = (*found.get(one.object, ()), one)
    except MappingError as error:
        raise RequestError("BAD_MAPPING", str(error), remedy="Mend the mapping file.") from error
    if not found:
        raise _wrong(f"{file} holds no mapping", "List at least one under mappings.")
    return found


def _parents_first(by_object: Mapping[str, tuple[SystemMapping, ...]]) -> tuple[str, ...]:
    place = {name: at for at, name in enumerate(ENTITIES)}
    return tuple(sorted(by_object, key=lambda one: place[by_object[one][0].entity]))


def _extension_fields(told: Any, file: str) -> dict[str, dict[str, str]]:
    """Entity → field → kind, as a mapping file declares them."""
    if not isinstance(told, dict) or not all(isinstance(some, dict) for some in told.values()):
        raise _wrong(f"{file}: extension_fields: expected a table of entity, field and kind", "Write extension_fields: {client: {floor: integer}}.")
    declared = {entity_name(str(entity)): {str(name): str(kind) for name, kind in some.items()} for entity, some in told.items()}
    for entity, some in declared.items():
        for name, kind in some.items():
            if kind not in FieldKind.__members__.values():
                raise _wrong(f"{file}: extension_fields: {entity}.{name}: there is no kind {kind!r}", "Choose one of: " + ", ".join(FieldKind))
    return declared


def _kinds(told: Mapping[str, Any], system: str, kind: str, file: str) -> dict[str, SystemKind]:
    stated = told.get("kinds") or {}
    if not isinstance(stated, dict):
        raise _wrong(f"{file}: kinds: expected a table of system and kind", "Mend the mapping file.")
    kinds = {str(name): str(value) for name, value in stated.items()}
    if system and (kind or told.get("kind")):
        kinds[system] = kind or str(told["kind"])
    for name, value in kinds.items():
        if value not in CONNECTED:
            raise _wrong(f"{value!r} is no kind of system ({name})", f"Kinds are {', '.join(CONNECTED)}.")
    return {name: SystemKind(value) for name, value in kinds.items() if not system or name == system}


def _wrong(reason: str, remedy: str) -> RequestError:
    return RequestError("BAD_LOAD", f"{reason}. {remedy}", remedy=remedy)
