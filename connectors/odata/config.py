"""A document of an OData system as a REST configuration: every entity set is read, written and looked up the same way, so it says only
what differs; README.md shows the keys."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from connectors.errors import ConfigurationError
from connectors.odata import values
from connectors.odata.query import Query
from connectors.odata.values import INSTANT, Version
from connectors.rest.config import RestConfig, parse
from connectors.tables import Table

PAGE = 500
OVERLAP_S = 600
"""Rows commit out of order: what changed is asked for again from this far back."""
Paging = Literal["link", "skip"]


@dataclass(frozen=True, slots=True)
class EntitySet:
    """What is asked of one set. ``key`` are its key properties; ``types`` what they and others are, where the value does not tell."""

    name: str
    service: str
    set: str
    version: Version
    key: tuple[str, ...]
    select: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    where: str = ""
    types: Mapping[str, str] = field(default_factory=dict)
    changed_by: str = ""
    """The property that tells when a record changed; "" where none can be asked for."""
    tracks: bool = False
    """The service keeps what changed by itself and gives a link to it."""
    paging: Paging = "link"
    locks: bool = True
    """An update can be made conditional on the tag of the record."""
    reads_back: frozenset[str] = frozenset()
    """What the system computes: read, never written."""
    more: tuple[tuple[str, str], ...] = ()
    """The service's own options of a question."""

    def query(self, condition: str = "", *, top: int | None = None, skip: int | None = None, order: tuple[str, ...] = ()) -> Query:
        return Query(self.select, self.expand, condition, order, top, skip, more=self.more)

    def order(self) -> tuple[str, ...]:
        """By the instant of change where there is one, so that a walk can go on from any of them."""
        return tuple(dict.fromkeys((*((self.changed_by,) if self.changed_by else ()), *self.key)))


@dataclass(frozen=True)
class ODataConfig:
    """``reads_metadata``: types that the document leaves out come from the service's own metadata."""

    rest: RestConfig
    sets: Mapping[str, EntitySet]
    page_size: int = PAGE
    has_csrf: bool = False
    reads_metadata: bool = False
    bulk_size: int = 1
    fields_in_text: tuple[re.Pattern[str], ...] = ()
    """How the property stands in the text of an error, where nothing else names it: each with one group."""


KEYS = frozenset({"odata", "service", "page_size", "csrf", "metadata", "bulk_size", "fields_in_text", "resources", "extends", "more"})
"""What this module reads of a document; the rest is a REST configuration's."""


def read(document: Mapping[str, Any], file: str = "odata", *, own: Collection[str] = ()) -> ODataConfig:
    """Read a document; ``own`` are top-level keys that a vendor's connector has read itself.

    Raises ConfigurationError at the first thing that is not as it must be.
    """
    top = Table(document, file)
    page, bulk = int(top.number("page_size", PAGE)), int(top.number("bulk_size", 1))
    if not 1 <= page <= 10_000:
        raise top.wrong("page_size", "a number from 1 to 10000", page)
    sets: dict[str, EntitySet] = {}
    resources: dict[str, Any] = {}
    for name, table in top.tables("resources"):
        sets[name], resources[name] = _resource(name, table, top, page)
    rest = {one: value for one, value in document.items() if one not in KEYS and one not in own}
    rest |= {"resources": resources}
    rest.setdefault("error_paths", {"code": "error.code", "message": "error.message", "field": "error.field"})
    return ODataConfig(
        parse(rest, file), sets, page, top.flag("csrf"), top.flag("metadata"), bulk, tuple(_pattern(one, top) for one in top.texts("fields_in_text")),
    )  # fmt: skip


def _pattern(text: str, top: Table) -> re.Pattern[str]:
    try:
        found = re.compile(text)
    except re.error as error:
        raise top.wrong("fields_in_text", f"regular expressions ({error})", text) from error
    if found.groups != 1:
        raise top.wrong("fields_in_text", "regular expressions with one group", text)
    return found


def _resource(name: str, table: Table, top: Table, page: int) -> tuple[EntitySet, dict[str, Any]]:
    """How a set is asked, and how REST deals with it."""
    changes, unique = table.take("changes"), table.take("key")
    by, overlap_s, form = _changes(changes, table)
    version = cast(Version, int(table.one_of("odata", ("2", "4"), top.text("odata", "4"))))
    service = table.text("service", top.text("service", "")).strip("/")
    types = _types(table)
    one = EntitySet(
        name, service, table.text("set", name), version, table.texts("id"), table.texts("select"), table.texts("expand"), table.text("where", ""),
        types | ({by: types.get(by, form)} if by else {}), by, table.flag("tracks"), cast(Paging, table.one_of("paging", ("link", "skip"), "link")),
        table.flag("locks", True), frozenset(table.texts("reads_back")),
        tuple(({**top.plain("more"), **table.plain("more")}).items()),
    )  # fmt: skip
    if not one.key:
        raise table.wrong("id", "the property that is the key, or a list of them", None)
    if one.tracks and one.where:
        raise table.wrong("where", "nothing, since a service that tracks changes takes no condition", one.where)
    found = _rest(one, table, page, unique, overlap_s)
    table.done()
    try:
        for property in (*one.key, *one.select):
            values.name(property)
    except ValueError as error:
        raise ConfigurationError(f"{table.file}: {table.at}: {error}") from error
    return one, found


def _rest(one: EntitySet, table: Table, page: int, unique: Any, overlap_s: float) -> dict[str, Any]:
    path = f"{one.service}/{one.set}".lstrip("/")
    found: dict[str, Any] = {
        "list": {"path": path}, "paging": {"kind": "link", "next": "next", "size": page}, "id": list(one.key), "one": {"path": path},
        "unknown_settles_after_s": table.number("unknown_settles_after_s", 150),
    }  # fmt: skip
    stated = {key: table.take(key) for key in ("object", "version", "version_form", "modified", "modified_form", "deleted", "merged_into")}
    found |= {key: value for key, value in stated.items() if value is not None}
    if one.changed_by:
        found["changes"] = {"param": "$filter", "is_ordered": True, "overlap_s": overlap_s}
        found.setdefault("modified", one.changed_by)
        if "version" not in found:
            found |= {"version": found["modified"], "version_form": found.get("modified_form", "instant")}
    writes = table.texts("writes") if "writes" in table else () if table.flag("read_only") else ("create", "update")
    table.take("read_only")
    update = {"path": path} | ({"version_header": "if-match"} if one.locks and "version" in found else {})
    found |= ({"create": {"path": path}} if "create" in writes else {}) | ({"update": update} if "update" in writes else {})
    inactive = table.maybe("deactivate")
    if inactive is not None:
        found["deactivate"] = {"path": path, "method": "DELETE"} if inactive.flag("delete") else {"path": path, "body": inactive.take("set")}
        inactive.done()
    if writes:
        found["look_up"] = {"path": path, "param": "$filter"}
    if unique is not None:
        key = Table(unique if isinstance(unique, Mapping) else {"field": unique}, table.file, f"{table.at}.key")
        found["external_id"] = {"field": key.text("field"), "unique": key.flag("unique", True)}
        key.done()
    return found


def _changes(stated: Any, table: Table) -> tuple[str, float, str]:
    """``changes: modifiedon``, or ``{by: LastChangeDateTime, overlap_s: 60, type: Edm.DateTime}``."""
    if stated is None:
        return "", OVERLAP_S, INSTANT
    inner = Table(stated if isinstance(stated, Mapping) else {"by": stated}, table.file, f"{table.at}.changes")
    found = inner.text("by"), inner.number("overlap_s", OVERLAP_S), inner.text("type", INSTANT)
    inner.done()
    return found



def _types(table: Table) -> dict[str, str]:
    """``types: {Edm.Guid: [accountid]}`` as property → type."""
    stated = table.take("types") or {}
    inner = Table(stated, table.file, f"{table.at}.types")
    return {property: type for type in stated for property in inner.texts(type)}
