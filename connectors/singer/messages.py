"""Singer's messages, read the same whether a tap of ours prints them or somebody pipes them to us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import SchemaDriftError
from connectors.port import Incoming, message_key
from connectors.programs.pages import parsed_message
from connectors.wire import dump_json

DELETED_AT = "_sdc_deleted_at"


@dataclass(frozen=True, slots=True)
class StreamChoice:
    """What a document says of a stream; what it leaves out the tap's own schema says."""

    stream: str
    object: str
    id: tuple[str, ...] = ()
    version: str = ""
    replication: str = ""
    replication_key: str = ""
    exclude: tuple[str, ...] = ()


@dataclass(slots=True)
class _Shape:
    keys: tuple[str, ...]
    bookmark: str


@dataclass
class Singer:
    """Reads messages in their order. Streams that are not chosen are passed over; with ``is_open`` every stream is taken by its own name.

    ``state`` is the newest STATE, ``versions`` what ACTIVATE_VERSION said last of each stream.
    """

    program: str
    choices: Mapping[str, StreamChoice]
    is_open: bool = False
    state: Any = None
    has_state: bool = False
    versions: dict[str, int] = field(default_factory=dict)
    mixed: set[str] = field(default_factory=set)
    """Streams of whose records some were of another version, or of none."""
    _shapes: dict[str, _Shape] = field(default_factory=dict)
    _seen: dict[str, Any] = field(default_factory=dict)

    def take(self, line: bytes) -> Incoming | None:
        """The record of a line, None for any other message. Raises SchemaDriftError."""
        message = parsed_message(line, self.program)
        kind = message["type"].upper()
        if kind == "RECORD":
            return self._record(message)
        if kind == "SCHEMA":
            self._schema(message)
        elif kind == "STATE":
            if "value" not in message:
                raise SchemaDriftError(f"{self.program} printed a STATE without a value", path="value")
            self.state, self.has_state = message["value"], True
        elif kind == "ACTIVATE_VERSION":
            self._activate(message)
        elif kind == "BATCH" and self._choice(str(message.get("stream"))) is not None:
            raise SchemaDriftError(
                f"{self.program} hands over the records of {message.get('stream')} in files (BATCH), which are not read; take batch_config out of its configuration",
                object=str(message.get("stream")),
            )  # fmt: skip
        return None

    def _choice(self, stream: str) -> StreamChoice | None:
        return self.choices.get(stream) or (StreamChoice(stream, stream) if self.is_open else None)

    def _schema(self, message: Mapping[str, Any]) -> None:
        stream, schema = message.get("stream"), message.get("schema")
        choice = self._choice(str(stream))
        if choice is None:
            return
        if not isinstance(schema, Mapping):
            raise SchemaDriftError(f"{self.program} told a SCHEMA of {stream} without one", object=choice.object, path="schema")
        keys = choice.id or tuple(map(str, message.get("key_properties") or ()))
        known = schema.get("properties")
        if not keys:
            raise SchemaDriftError(f"the stream {stream} has no key; say which of its fields identify a record (id)", object=choice.object, path="key_properties")
        missing = [key for key in keys if isinstance(known, Mapping) and known and key not in known]
        if missing:
            raise SchemaDriftError(f"the stream {stream} has no field {missing[0]} any more", object=choice.object, path=missing[0])
        bookmarks = message.get("bookmark_properties") or [choice.replication_key]
        self._shapes[str(stream)] = _Shape(keys, choice.version or str(bookmarks[0] if isinstance(bookmarks, list) else bookmarks))

    def _record(self, message: Mapping[str, Any]) -> Incoming | None:
        stream, record = str(message.get("stream")), message.get("record")
        choice = self._choice(stream)
        if choice is None:
            return None
        shape = self._shapes.get(stream)
        if shape is None:
            raise SchemaDriftError(f"{self.program} told a record of {stream} before its SCHEMA", object=choice.object, path="schema")
        if not isinstance(record, Mapping):
            raise SchemaDriftError(f"{self.program} told a RECORD of {stream} without one", object=choice.object, path="record")
        if self._seen.setdefault(stream, message.get("version")) != message.get("version"):
            self.mixed.add(stream)
        body = dump_json(record)
        parts = [str(record[key]) if record.get(key) is not None else "" for key in shape.keys]
        external_id = "|".join(parts) if all(parts) else ""
        version = str(record[shape.bookmark]) if shape.bookmark and record.get(shape.bookmark) is not None else ""
        is_delete = record.get(DELETED_AT) is not None
        key = message_key(choice.object, external_id, version, body) if external_id else ""
        return Incoming(choice.object, external_id, body, key, version, is_delete)

    def _activate(self, message: Mapping[str, Any]) -> None:
        if isinstance(message.get("version"), int):
            self.versions[str(message.get("stream"))] = message["version"]

    def is_whole(self, stream: str) -> bool:
        """Whether the records told of a stream are all of the version that was activated at last: then what was not told is gone."""
        version = self.versions.get(stream)
        return version is not None and stream not in self.mixed and self._seen.get(stream, version) == version
