"""The first stage of ingest: messages become readings in canonical normal form, or refusals that say why not.

Pure, so that the next batch is read while Postgres stores the last one. A message never fails as a whole because one
field is wrong: that field has no offer, the raw text is kept, and a task names it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from hub.core import checks
from hub.core.configuration import Configuration
from hub.core.fold import order_of
from hub.core.normalize import InvalidValueError, Problem, normal, normal_values
from hub.core.records import Message, Reading, Refusal, SourceKey, Values
from schema import CODE_SETS, ENTITIES
from schema.code_maps import RawCode
from schema.kinds import FieldKind
from schema.language import EntityMeta, Field
from schema.mapped import MappedPart
from schema.mapping import unbound

MAX_FIELD_BYTES = 1_000_000


@dataclass(slots=True)
class Read:
    """What a batch said. ``deletes`` are vendor records that ended; their parts are known only to the store."""

    readings: list[Reading] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    deletes: list[Message] = field(default_factory=list)
    unbound: set[tuple[str, str, str]] = field(default_factory=set)
    """(system, object, path) that no mapping binds or ignores; reported once."""


def read_all(batch: Iterable[Message], config: Configuration) -> Read:
    """Map and normalise a batch."""
    read = Read()
    for message in batch:
        read_message(message, config, read)
    return read


def read_message(message: Message, config: Configuration, into: Read) -> None:
    """Map and normalise one message into ``into``."""
    refuse = _Refuser(message, into)
    if message.system not in config.systems:
        refuse("unknown_system", message.system, "system", f"no system '{message.system}' is connected", "Connect it, or mend the sender.")
        return
    if message.is_delete:
        into.deletes.append(message)
        return
    try:
        record = parse(message.body)
    except ValueError as error:
        refuse("parse", f"{message.system} {message.object}", "", str(error), "Mend the record at its source, or edit and resubmit it.")
        return
    mappings = config.mappings.get((message.system, message.object))
    if mappings is None:
        parts = [_canonical_part(message, record, refuse)]
    else:
        parts = []
        for mapping in mappings:
            if mapping.is_deleted(record):
                into.deletes.append(message)
                return
            parts += mapping.read(record, config.codes)
        if left := unbound(mappings, record):
            into.unbound.update((message.system, message.object, path) for path in left)
    version = message.version or (mappings[0].version(record) if mappings else "")
    order = order_of(version, message.received_at, message.id, message.reprocess)
    for part in parts:
        if part is not None and (meta := _entity_of(part, refuse)):
            _read_part(message, meta, part, order, config, refuse, into)


def parse(body: bytes) -> Any:
    """The JSON of a message, numbers exact. Raises ValueError that says where it goes wrong.

    >>> parse(b'{"a": 1.10}')
    {'a': Decimal('1.10')}
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start + 1} is not UTF-8") from error
    try:
        record = _DECODER.decode(text)
        if "\\u" in text:
            _check_keys(record)
        return record
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno} column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a value")


def _check_keys(value: Any) -> None:
    """Keys with characters that cannot be kept; values are judged field by field."""
    if isinstance(value, list):
        for item in value:
            _check_keys(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in key):
                raise ValueError(f"key {key!a} holds characters that cannot be kept")
            _check_keys(item)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"key {twice!r} appears twice")
    return record


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_unique)


class _Refuser:
    """Writes refusals about one message."""

    __slots__ = ("into", "message")

    def __init__(self, message: Message, into: Read) -> None:
        self.message, self.into = message, into

    def __call__(self, cause: str, subject: str, path: str, reason: str, remedy: str, *, is_fatal: bool = True) -> None:
        self.into.refusals.append(Refusal(self.message.id, cause, subject, path, reason, remedy, is_fatal))


def _canonical_part(message: Message, record: Any, refuse: _Refuser) -> MappedPart | None:
    """A record that speaks our words already: object = entity, keys = fields; ``$links`` and ``$part`` beside them."""
    if message.object not in ENTITIES:
        known = f"{message.system} has no mapping for '{message.object}', and we have no such entity"
        refuse("unknown_entity", f"{message.system} {message.object}", "object", known, "Add a mapping, or send one of our entities.")
        return None
    if not isinstance(record, dict):
        refuse("type", f"{message.system} {message.object}", "", "expected an object", "Send one object a record.")
        return None
    values = {name: value for name, value in record.items() if not name.startswith("$")}
    links = record.get("$links", [])
    if not (isinstance(links, list) and all(isinstance(one, list) and len(one) == 3 for one in links)):
        refuse("type", f"{message.system} {message.object}", "$links", "expected [[system, object, id], …]", "Mend the links.")
        links = []
    part = str(record.get("$part", ""))
    return MappedPart(message.object, part, values, tuple(tuple(map(str, one)) for one in links))  # type: ignore[misc]


def _entity_of(part: MappedPart, refuse: _Refuser) -> EntityMeta | None:
    meta = ENTITIES.get(part.entity)
    if meta is None:
        refuse("unknown_entity", part.entity, "entity", f"we have no entity '{part.entity}'", "Mend the mapping.")
    return meta


def _read_part(
    message: Message, meta: EntityMeta, part: MappedPart, order: str, config: Configuration, refuse: _Refuser, into: Read
) -> None:
    where = f"{message.system} {message.object}"
    if part.problems:
        for problem in part.problems:
            subject = f"{where} {problem.path}: {problem.reason}"[:400]
            refuse(problem.cause, subject, problem.path, problem.reason, "Mend the value at its source, or edit and resubmit it.", is_fatal=problem.fatal)
        if any(problem.fatal for problem in part.problems):
            return
    values, problems = normal_values(meta, part.values, limit_bytes=MAX_FIELD_BYTES)
    if not part.values.keys() <= meta.fields.keys():
        values, problems = _own_fields(meta, values, problems, config)
    values, raw_codes = _known_codes(message.system, meta, values, part.raw, config)
    for found in problems:
        subject = f"{where} {found.field}: {found.reason}"[:400]
        remedy = "Declare the field, or mend the mapping." if found.cause == "unknown_field" else "Mend the value at its source, or edit and resubmit it."
        refuse(found.cause, subject, found.field, found.reason, remedy, is_fatal=False)
    for name, raw in raw_codes.items():
        refuse(
            "unknown_code", f"{message.system} {raw.set} {raw.text!r}", name,
            f"{message.system} says {raw.text!r} for {raw.set}, which nobody has mapped",
            f"Map {raw.text!r} of {message.system} to one of {raw.set}.", is_fatal=False,
        )  # fmt: skip
    if barred := _barred(meta, values, config):
        for one in barred:
            refuse(
                checks.CAUSE, f"{where} {one.rule.name}", min(one.rule.reads), f"{one.reason} (rule {one.rule.name})", one.rule.check.remedy,
            )  # fmt: skip
        return
    into.readings.append(
        Reading(
            SourceKey(message.system, message.object, message.external_id, meta.name, part.part),
            values,
            order,
            message.id,
            message.received_at,
            links=tuple(_link(meta, *link) for link in part.links) if part.links else (),
            raw={name: raw.text for name, raw in raw_codes.items()} if raw_codes else {},
            mapping_version=config.mapping_versions.get(message.system, ""),
            is_backfill=message.is_backfill,
        )
    )


def _known_codes(
    system: str, meta: EntityMeta, values: Values, raw: Mapping[str, RawCode], config: Configuration
) -> tuple[Values, Mapping[str, RawCode]]:
    """Codes that no mapping read, by the system's code map or as ours; what is neither is kept raw and makes no offer."""
    unknown: dict[str, RawCode] = {}
    for name, code_set in _code_fields(meta.name):
        said = values.get(name)
        if not isinstance(said, str) or CODE_SETS[code_set].allows(said):
            continue
        ours = config.codes.ours(system, code_set, said)
        if ours is None:
            unknown[name] = RawCode(code_set, said)
        else:
            values = {**values, name: ours}
    if not unknown:
        return values, raw
    return {name: value for name, value in values.items() if name not in unknown}, {**raw, **unknown}


@cache
def _code_fields(entity: str) -> tuple[tuple[str, str], ...]:
    fields = ENTITIES[entity].fields.items()
    return tuple((name, field.codes) for name, field in fields if field.kind is FieldKind.CODE and field.codes in CODE_SETS)


def _barred(meta: EntityMeta, values: Values, config: Configuration) -> list[checks.Broken]:
    """The rules that keep a record of these values out."""
    rules = checks.in_force(meta.name, config.settings)
    return checks.refused(rules, values) if rules.block else []


def wrong_with(system: str, meta: EntityMeta, stated: Values, config: Configuration) -> tuple[Problem, ...]:
    """What would be reported of values stated in our own words; for those who refuse them before they are kept."""
    values, problems = normal_values(meta, stated)
    values, problems = _own_fields(meta, values, problems, config)
    _, unknown = _known_codes(system, meta, values, {}, config)
    unread = (Problem(name, "unknown_code", f"{raw.text!r} is not a value of {raw.set}") for name, raw in unknown.items())
    barred = (Problem(min(one.rule.reads), checks.CAUSE, one.reason) for one in _barred(meta, values, config))
    return (*problems, *unread, *barred)


def _own_fields(
    meta: EntityMeta, values: Values, problems: tuple[Problem, ...], config: Configuration
) -> tuple[Values, tuple[Problem, ...]]:
    """The firm's own fields in the normal form of their declared kind; an undeclared one is reported, not kept."""
    found = list(problems)
    kept = {name: value for name, value in values.items() if not name.startswith("extra.")}
    for name in values.keys() - kept.keys():
        declared = own_field(config, meta, name)
        if declared is None:
            found.append(Problem(name, "unknown_field", f"{meta.name} has no extension field '{name[6:]}'"))
            continue
        try:
            kept[name] = normal(declared, values[name])
        except InvalidValueError as error:
            found.append(Problem(name, "type", error.reason))
    return kept, tuple(found)


def own_field(config: Configuration, meta: EntityMeta, name: str) -> Field[Any] | None:
    """The firm's own field ``extra.<name>`` as it was declared, or None."""
    kind = config.extensions.get(meta.name, {}).get(name.removeprefix("extra."))
    return None if kind is None else _extension_field(kind)


@cache
def _extension_field(kind: str) -> Field[Any]:
    return Field(FieldKind(kind))


def _link(meta: EntityMeta, system: str, object_: str, external_id: str) -> SourceKey:
    return SourceKey(system, object_, external_id, meta.name)


def hub_id(link: SourceKey) -> UUID | None:
    """The golden id a declared link names, when it names one of ours.

    >>> hub_id(SourceKey("hub", "", "not an id", "client")) is None
    True
    """
    if link.system != "hub":
        return None
    try:
        return UUID(link.external_id)
    except ValueError:
        return None


def delete_readings(messages: Iterable[Message], parts: Mapping[tuple[str, str, str], list[SourceKey]]) -> list[Reading]:
    """Readings that end every contribution of deleted vendor records."""
    return [
        Reading(key, {}, order_of(m.version, m.received_at, m.id, m.reprocess), m.id, m.received_at, is_delete=True)
        for m in messages
        for key in parts.get((m.system, m.object, m.external_id), ())
    ]
