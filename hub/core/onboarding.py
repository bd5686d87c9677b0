"""Adding a system, as a value: what has been said so far of its connection, objects, fields and codes, and what follows from it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from dataclasses import field as having
from typing import Any

from hub.core.suggesting import Suggestion, suggest_fields
from schema import CODE_SETS, ENTITIES
from schema.code_maps import CodeEntry, CodeMaps
from schema.mapping import Mapping as SystemMapping
from schema.mapping_file import load_mappings
from schema.mapping_lines import MappingError

STEPS = ("connect", "profile", "fields", "codes", "try", "observe", "write")
IGNORED = "-"
"""The field of a column that is left alone on purpose."""

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)")
_NEEDED = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


@dataclass
class Draft:
    """What is said of one object of the system: what its records are, and which column is which field.

    ``columns``: column → (our field, ``-`` for ignored, empty for undecided; options of its mapping line).
    """

    object: str
    entity: str = ""
    id: str = ""
    version: str = ""
    modified: str = ""
    deleted: str = ""
    columns: dict[str, tuple[str, dict[str, Any]]] = having(default_factory=dict)
    by_hand: dict[str, Any] | None = None
    """The object's mappings written by a person instead of the table: one, or several under ``mappings``."""

    @property
    def undecided(self) -> list[str]:
        return [] if self.by_hand else [name for name, (target, _) in self.columns.items() if not target and name != self.id]

    def mappings(self) -> list[dict[str, Any]]:
        """The mappings as :mod:`schema.mapping_file` reads them; a field bound twice keeps its first column."""
        if self.by_hand is not None:
            return [{**one, "object": self.object} for one in self.by_hand.get("mappings", [self.by_hand])]
        fields: dict[str, Any] = {}
        for column, (target, options) in self.columns.items():
            if target and target != IGNORED:
                fields.setdefault(target, {"path": column, **options} if options else column)
        told = {"object": self.object, "entity": self.entity, "id": self.id}
        told |= {name: value for name in ("version", "modified", "deleted") if (value := getattr(self, name))}
        return [{**told, "fields": fields, "ignored": [column for column, (target, _) in self.columns.items() if target == IGNORED]}]


@dataclass
class Onboarding:
    """One system being added; kept as JSON, so it can be left and resumed."""

    system: str
    kind: str
    connector: str = ""
    document: dict[str, Any] = having(default_factory=dict)
    """The connection, with ``${VARIABLES}`` for what is secret."""
    objects: dict[str, Draft] = having(default_factory=dict)
    codes: dict[str, dict[str, str]] = having(default_factory=dict)
    """Set → their code → ours."""
    trial: dict[str, Any] | None = None
    loads: dict[str, dict[str, Any]] = having(default_factory=dict)
    """Object → how far its file is loaded, or what became of it."""

    def to_json(self) -> dict[str, Any]:
        """Objects and columns as lists: jsonb keeps no order of keys."""
        objects = [asdict(one) | {"columns": [[column, *placed] for column, placed in one.columns.items()]} for one in self.objects.values()]
        return asdict(self) | {"objects": objects}

    def mappings(self) -> dict[str, Any]:
        """The mapping document of every object whose entity is known."""
        return {"mappings": [each for one in self.objects.values() if one.entity for each in one.mappings()]}

    def entities(self) -> tuple[str, ...]:
        """What its records become, in MODEL order."""
        wanted = {one["entity"] for one in self.mappings()["mappings"]}
        return tuple(name for name in ENTITIES if name in wanted)

    def in_order(self) -> list[Draft]:
        """The objects, parents before children."""
        place = {name: at for at, name in enumerate(ENTITIES)}
        return sorted((one for one in self.objects.values() if one.entity), key=lambda one: place.get(one.entity, 0))

    def code_entries(self, mapped: Collection[str] = ()) -> list[CodeEntry]:
        """The rows of the code map. A system with a map of a set speaks only that, so where it had none (``mapped``) it keeps
        those of our words it may have spoken so far.
        """
        found = [CodeEntry(self.system, name, theirs, ours) for name, pairs in self.codes.items() for theirs, ours in pairs.items()]
        for name, pairs in self.codes.items():
            if pairs and name not in mapped:
                meant = set(pairs.values())
                spoken = (one for one in CODE_SETS[name].values if one not in pairs)
                found += [CodeEntry(self.system, name, one, one, "in" if one in meant else "both") for one in spoken]
        return found


def from_json(told: Mapping[str, Any]) -> Onboarding:
    """
    >>> one = Onboarding("crm_eu", "crm", objects={"account": Draft("account", "client", "Id", columns={"Name": ("name", {})})})
    >>> from_json(one.to_json()) == one
    True
    """
    drafts = [Draft(**{**one, "columns": {column: (target, dict(options)) for column, target, options in one["columns"]}}) for one in told.get("objects", ())]
    return Onboarding(**{**told, "objects": {one.object: one for one in drafts}})


def checked(one: Onboarding) -> tuple[SystemMapping, ...]:
    """The mappings as the hub will read them. Raises :class:`MappingError` that names object and field."""
    found: list[SystemMapping] = []
    for draft in one.objects.values():
        if not draft.entity:
            continue
        if draft.by_hand is None and not draft.id:
            raise MappingError(f"{draft.object}: say which column is the id")
        found += load_mappings({"mappings": draft.mappings()}, file=draft.object, system=one.system)
    return tuple(found)


def placed(draft: Draft, columns: Mapping[str, Sequence[Any]], objects: Iterable[Draft]) -> list[Suggestion]:
    """Fill what nobody has decided of a draft with suggestions; answers them. What a person placed stays."""
    held = {ENTITIES[one.entity].type_name: one.object for one in (*objects, draft) if one.entity in ENTITIES}
    for name in columns:
        draft.columns.setdefault(name, ("", {}))
    if draft.entity not in ENTITIES:
        return []
    if not draft.id:
        draft.id = id_column(columns)
    taken = {target for target, _ in draft.columns.values()}
    found = [one for one in suggest_fields(ENTITIES[draft.entity], columns, held) if one.column != draft.id]
    for one in found:
        if not draft.columns[one.column][0] and one.field not in taken:
            draft.columns[one.column] = (one.field, dict(one.options))
    return found


def id_column(columns: Mapping[str, Sequence[Any]]) -> str:
    """The column that is most likely the record's id: called so, filled, and different in every record.

    >>> id_column({"Name": ["a", "a"], "AccountId": ["1", "2"], "Id": ["7", "8"]})
    'Id'
    """
    def likely(name: str) -> tuple[int, int]:
        low = name.lower()
        return (0 if low == "id" else 1 if low.endswith(("_id", "id", "no", "number", "key")) else 2, list(columns).index(name))

    unique = [name for name, values in columns.items() if values and len({str(one) for one in values}) == len(values) and None not in values]
    return min(unique, key=likely, default="")


def guessed_entity(object_: str, columns: Mapping[str, Sequence[Any]]) -> str:
    """The entity whose fields the columns are most alike; of two, the one the object is called after.

    >>> guessed_entity("accounts", {"AccountName": ["a"], "City": ["b"], "Website": ["c.de"], "Industry": ["x"]})
    'client'
    """
    words = {"account": "client", "customer": "client", "company": "client", "person": "contact", "user": "resource", "employee": "resource",
             "timesheet": "time_entry", "hours": "time_entry", "job": "project", "deal": "opportunity", "supplier": "vendor"}  # fmt: skip
    name = object_.lower().rstrip("s")
    called = name if name in ENTITIES else next((ours for word, ours in words.items() if word in name), "")
    scores: Counter[str] = Counter()
    for entity, meta in ENTITIES.items():
        scores[entity] = round(100 * sum(one.likeness for one in suggest_fields(meta, columns))) + (250 if entity == called else 0)
    best, score = scores.most_common(1)[0] if scores else ("", 0)
    return best if score > 100 else ""


def unmapped(mappings: Iterable[SystemMapping], records: Iterable[tuple[str, Mapping[str, Any]]], codes: CodeMaps) -> list[dict[str, Any]]:
    """Codes of (object, record) pairs that nobody has mapped: set, theirs, count; the most frequent first."""
    by_object: dict[str, list[SystemMapping]] = {}
    for one in mappings:
        by_object.setdefault(one.object, []).append(one)
    found: Counter[tuple[str, str]] = Counter()
    for object_, record in records:
        for mapping in by_object.get(object_, ()):
            for part in mapping.read(record, codes):
                found.update((raw.set, raw.text) for raw in part.raw.values() if raw.set in CODE_SETS)
    return [{"set": name, "theirs": theirs, "count": count} for (name, theirs), count in found.most_common()]


def variables_in(document: Any) -> tuple[str, ...]:
    """The variables a document names, each once.

    >>> variables_in({"auth": {"token": "${CRM_TOKEN}"}, "base_url": "${CRM_URL:-http://x}"})
    ('CRM_TOKEN', 'CRM_URL')
    """
    return tuple(dict.fromkeys(_VARIABLE.findall(json.dumps(document, default=str))))


def variables_needed(document: Any) -> tuple[str, ...]:
    """Those it names without saying what to take instead.

    >>> variables_needed({"auth": {"token": "${CRM_TOKEN}"}, "base_url": "${CRM_URL:-http://x}"})
    ('CRM_TOKEN',)
    """
    return tuple(dict.fromkeys(_NEEDED.findall(json.dumps(document, default=str))))


def dialect_of(name: str, raw: bytes) -> dict[str, Any]:
    """How a file is written, by its name and its beginning: encoding, and for CSV the delimiter its header has most of.

    >>> dialect_of("clients.csv", "Id;Name\\n1;Müller\\n".encode("cp1252"))
    {'encoding': 'cp1252', 'delimiter': ';'}
    """
    told: dict[str, Any] = {}
    try:
        text = raw[:200_000].decode("utf-8", "strict" if len(raw) <= 200_000 else "ignore")
    except UnicodeDecodeError:
        told["encoding"], text = "cp1252", raw[:200_000].decode("cp1252", "replace")
    if name.lower().endswith((".jsonl", ".ndjson", ".json")):
        return told | {"format": "jsonl"}
    header = text.lstrip("\ufeff").split("\n", 1)[0]
    delimiter = max(",;\t|", key=lambda mark: len(next(csv.reader(io.StringIO(header), delimiter=mark), [])))
    return told | {"delimiter": delimiter}
