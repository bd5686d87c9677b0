"""Documents known by name: those trusted from the start, and those clients register as they go (Apollo's APQ).

A trusted document is named by the SHA-256 of its text, by the id its manifest gives it or, in a folder, by its file's
name. What clients register is kept by its hash alone, for all tenants alike: a text is no secret, its answer is.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from hub.api.errors import ApiError, Code
from hub.errors import SettingError

MOST_REGISTERED = 1_000
MOST_REGISTERED_BYTES = 8_000_000
PREFIX = "sha256:"


class Wanted(NamedTuple):
    """How a request names its document; ``hash`` is that of ``extensions.persistedQuery``."""

    query: str | None
    document_id: str | None = None
    hash: str | None = None


class Documents:
    """Looks documents up by name. ``trusted`` maps ids to texts."""

    def __init__(self, trusted: Mapping[str, str], *, only_trusted: bool = False) -> None:
        self.trusted = {**{digest(text): text for text in trusted.values()}, **trusted}
        self._texts = frozenset(trusted.values())
        self._only_trusted = only_trusted
        self._registered: OrderedDict[str, str] = OrderedDict()
        self._size_bytes = 0

    def text(self, wanted: Wanted, *, is_free: bool) -> str:
        """The document's text; ``is_free`` callers may run any. Raises ApiError for one not known or not trusted."""
        text = self._named(wanted)
        if self._only_trusted and not is_free and text not in self._texts:
            raise ApiError(
                Code.FORBIDDEN, "only documents this server was told to trust are run", "query", "Ask by documentId, or register the document."
            )
        return text

    def register(self, wanted: Wanted) -> None:
        """Keep a text that came with its hash and could be run; the oldest make room."""
        if wanted.hash is None or wanted.query is None or wanted.hash in self._registered or wanted.hash in self.trusted:
            return
        self._registered[wanted.hash] = wanted.query
        self._size_bytes += len(wanted.query)
        while len(self._registered) > MOST_REGISTERED or self._size_bytes > MOST_REGISTERED_BYTES:
            self._size_bytes -= len(self._registered.popitem(last=False)[1])

    def _named(self, wanted: Wanted) -> str:
        if wanted.document_id is not None:
            return self._trusted(wanted.document_id, wanted.query)
        if wanted.hash is None:
            assert wanted.query is not None
            return wanted.query
        if wanted.query is not None:
            if digest(wanted.query) != wanted.hash:
                raise ApiError(Code.BAD_REQUEST, "provided sha does not match query", "extensions.persistedQuery.sha256Hash")
            return wanted.query
        found = self.trusted.get(wanted.hash) or self._registered.get(wanted.hash)
        if found is None:
            raise ApiError(Code.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound", "", "Send the query along once.")
        if wanted.hash in self._registered:
            self._registered.move_to_end(wanted.hash)
        return found

    def _trusted(self, document_id: str, query: str | None) -> str:
        found = self.trusted.get(document_id.removeprefix(PREFIX))
        if found is None:
            raise ApiError(Code.PERSISTED_QUERY_NOT_FOUND, "no trusted document has this id", "documentId", "Register the document.")
        if query is not None and query != found:
            raise ApiError(Code.BAD_REQUEST, "query is not the document documentId names", "query", "Send one of them.")
        return found


def persisted_hash(extensions: Mapping[str, Any] | None) -> str | None:
    """The hash of ``extensions.persistedQuery``, None without one."""
    given = (extensions or {}).get("persistedQuery")
    if given is None:
        return None
    found = given.get("sha256Hash") if isinstance(given, dict) else None
    if not isinstance(found, str) or not found:
        raise ApiError(Code.BAD_REQUEST, "persistedQuery needs version and sha256Hash", "extensions.persistedQuery")
    if given.get("version") != 1:
        raise ApiError(Code.PERSISTED_QUERY_NOT_SUPPORTED, "PersistedQueryNotSupported", "extensions.persistedQuery.version", "Send version 1.")
    return found.lower()


def read_trusted(place: Path | None) -> dict[str, str]:
    """The documents of a folder (``*.graphql``) or a manifest (Apollo's, Relay's), by id. Raises SettingError."""
    if place is None:
        return {}
    try:
        found = dict(_of_folder(place) if place.is_dir() else _of_manifest(json.loads(place.read_text("utf-8"))))
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        raise SettingError("HUB_PERSISTED_DOCUMENTS", "is neither a folder of *.graphql files nor a manifest of Apollo or Relay") from error
    if not found:
        raise SettingError("HUB_PERSISTED_DOCUMENTS", "holds no document")
    return found


def _of_folder(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.rglob("*.graphql")):
        yield file.stem, file.read_text("utf-8")


def _of_manifest(given: Any) -> Iterator[tuple[str, str]]:
    """Apollo: ``{"format": …, "operations": [{"id", "body"}]}``; Relay: ``{id: text}``."""
    pairs = ((one["id"], one["body"]) for one in given["operations"]) if "operations" in given else given.items()
    for name, text in pairs:
        if not isinstance(name, str) or not isinstance(text, str):
            raise TypeError("not a manifest")
        yield name, text


def digest(text: str) -> str:
    """What a document is called: the SHA-256 of its text, in hexadecimal."""
    return sha256(text.encode()).hexdigest()
