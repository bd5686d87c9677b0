"""A Fusion document as a REST configuration: every resource is listed, addressed and written the same way, so it says only what differs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from connectors.errors import ConfigurationError
from connectors.oracle_fusion import auth, query
from connectors.rest.config import RestConfig, parse
from connectors.tables import Table

Via = Literal["rest", "accounts", "timecards"]
VERSION = "11.13.18.05"
FRAMEWORK = 4
PAGE = 499
"""One pod was measured to give no more than this, of the 500 that are documented."""
OVERLAP_S = 600
"""Rows commit late, and jobs work for minutes: what changed is asked for again from this far back."""
RELIST_S = 86_400
"""Fusion tells of no deletes: this often all is listed, and what is absent is gone."""
LIST_ONLY_S = 900
MODIFIED = "LastUpdateDate"
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Spelling:
    """Where a value goes when it is written: ``to`` a path, as it is or as the ``attribute`` of the record of ``object`` that it names."""

    to: str
    object: str = ""
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class FusionObject:
    """What one resource is beyond what all have in common. Paths lead into the record as ``records`` has made it."""

    name: str
    path: str
    """Its API and resource: ``crmRestApi/accounts``, or a child collection: ``fscmRestApi/valueSets/GL/child/values``."""
    id: tuple[str, ...]
    order: str
    """A unique whole number by which a listing walks; "" where there is none."""
    is_linked: bool = False
    """Its address is a hash that only its link tells."""
    has_text_id: bool = False
    via: Via = "rest"
    of: str = ""
    """The child collection whose rows are the records; the resource is their parents'."""
    with_parent: tuple[str, ...] = ()
    """Attributes of the parent that such a row says too, beside those of its id."""
    expand: tuple[str, ...] = ()
    first: Mapping[str, str] = field(default_factory=dict)
    """Child collection → the flag of the row that comes first."""
    fills: Mapping[str, str] = field(default_factory=dict)
    """An attribute → what it is where the record does not say; ``{currency}`` is the firm's."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Our name of an attribute → what else pods call it."""
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """A key of ours → the attributes whose texts it joins with "|"."""
    products: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """A path below lists → the attributes of a row whose product it is, where the row does not say it."""
    segments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """A path below lists to a combination → the names of its segments, as the firm's chart of accounts has them; "" for one of no interest."""
    delimiter: str = "-"
    currency: str = ""
    sums: Mapping[str, str] = field(default_factory=dict)
    """A key of ours → the path below lists whose values it adds up."""
    spell: Mapping[str, Spelling] = field(default_factory=dict)
    set: Mapping[str, Any] = field(default_factory=dict)
    """What a new record says besides; ``{path}`` in a text is a value of the body."""
    where: str = ""
    finder: str = ""
    key: str = ""
    key_with: Mapping[str, str] = field(default_factory=dict)
    """What stands beside our key: whose it is."""
    update_only: tuple[str, ...] = ()
    reads_back: tuple[str, ...] = ()
    can_batch: bool = True
    has_changes: bool = True
    leaves: bool = False
    """Its records leave once they are processed, so absence is no deletion."""
    relist_s: float = RELIST_S

    @property
    def api(self) -> str:
        return self.path.partition("/")[0]

    @property
    def resource(self) -> str:
        return self.path.partition("/")[2]


@dataclass(frozen=True)
class FusionConfig:
    """``source`` names us as a source system, where records say whence they come."""

    rest: RestConfig
    objects: Mapping[str, FusionObject]
    version: str
    framework: int
    source: str
    at_once: int
    profile_class: str
    time_attributes: Mapping[str, str]
    """Path of the body → the name of the time attribute that carries it."""

    def base(self, api: str) -> str:
        return f"{api}/resources/{self.version}"

    def address(self, one: FusionObject) -> str:
        return f"{self.base(one.api)}/{one.resource}"


def read(document: Mapping[str, Any], file: str = "oracle_fusion") -> FusionConfig:
    """Read a document. Raises ConfigurationError at the first thing that is not as it must be."""
    top = Table(document, file)
    version, source = top.text("version", VERSION), top.text("source", "HUB")
    currency = top.text("currency", "")
    framework, page = int(top.number("framework", FRAMEWORK)), int(top.number("page_size", PAGE))
    at_once, relist_s = int(top.number("batch", AT_ONCE)), top.number("relist_s", RELIST_S)
    if not 2 <= framework <= 9:
        raise top.wrong("framework", "a version of the REST framework from 2 to 9 (1 has another language of queries)", framework)
    if not 1 <= page <= 500:
        raise top.wrong("page_size", "a number from 1 to 500", page)
    if not 1 <= at_once <= 100:
        raise top.wrong("batch", "a number from 1 to 100", at_once)
    objects: dict[str, FusionObject] = {}
    resources: dict[str, Any] = {}
    for name, table in top.tables("resources"):
        made = _object(name, table, relist_s, currency)
        if made is None:
            continue
        objects[name], rest = made
        resources[name] = _resource(objects[name], rest, f"{objects[name].api}/resources/{version}/{objects[name].resource}", page)
    own = {"version", "framework", "source", "page_size", "batch", "relist_s", "resources", "auth", "extends", "profile_class", "time_attributes",
           "currency"}  # fmt: skip
    profile_class, times = top.text("profile_class", "DEFAULT"), top.plain("time_attributes")
    signed = auth.read(top.table("auth"))
    config = parse({key: value for key, value in document.items() if key not in own} | {"resources": resources}, file)
    return FusionConfig(replace(config, auth=signed), objects, version, framework, source, at_once, profile_class, times)


def _object(name: str, table: Table, relist_s: float, currency: str) -> tuple[FusionObject, dict[str, Any]] | None:
    """A resource as its document says it, and what of it is the REST connector's; None for one that the firm has to ask for."""
    path, value_set = table.text("path"), table.text("value_set", "")
    if "{value_set}" in path and not value_set:
        return None
    if table.flag("optional"):
        return None
    path = path.replace("{value_set}", value_set)
    order = table.text("order", "")
    changes = not table.flag("lists_only")
    writes, inactive = table.texts("write"), table.maybe("deactivate")
    found = FusionObject(
        name=name, path=path, id=table.texts("id") or (order,), order=order, is_linked=table.flag("linked"), has_text_id=table.flag("text_id"),
        via=cast(Via, table.one_of("via", ("rest", "accounts", "timecards"), "rest")), of=table.text("of", ""), with_parent=table.texts("with_parent"), expand=table.texts("expand"),
        first=table.plain("first"), fills=_filled(table.plain("fills"), currency), names=_texts(table, "names"), joined=_texts(table, "joined"),
        products=_texts(table, "products"), segments=_texts(table, "segments"), delimiter=table.text("delimiter", "-"), currency=table.text("currency", ""), sums=table.plain("sums"), spell=_spellings(table),
        set=table.take("set") or {}, where=table.text("where", ""), finder=table.text("finder", ""), key=table.text("key", ""), key_with=table.plain("key_with"),
        update_only=table.texts("update_only"), reads_back=table.texts("reads_back"), can_batch=table.flag("batch", True), has_changes=changes,
        leaves=table.flag("leaves"),
        relist_s=table.number("relist_s", relist_s if changes else LIST_ONLY_S),
    )  # fmt: skip
    rest = {
        "modified": table.text("modified", MODIFIED), "writes": writes, "unique": table.flag("unique"), "deactivate": None if inactive is None else
        inactive.take("set") or {}, "deleted": table.take("deleted"), "settles": table.number("unknown_settles_after_s", 600),
    }  # fmt: skip
    if inactive is not None:
        inactive.done()
    table.done()
    _checked(found, table)
    return found, rest


def _checked(one: FusionObject, table: Table) -> None:
    try:
        for path in (*one.id, one.order, *one.names, *(asked(one.key),)):
            if path and path not in one.joined:
                query.name(path)
    except ValueError as error:
        raise ConfigurationError(f"{table.file}: {table.at}: {error}") from error
    if not re.fullmatch(r"[a-z]+(RestApi|Service)/[A-Za-z0-9_/{}. -]+", one.path):
        raise table.wrong("path", "an API and a resource, such as fscmRestApi/projects", one.path)


def _resource(one: FusionObject, rest: Mapping[str, Any], address: str, page: int) -> dict[str, Any]:
    """How the REST connector is told of it."""
    found: dict[str, Any] = {
        "list": {"path": address, "items": "items"}, "paging": {"kind": "offset", "size": page, "more": "hasMore"},
        "id": list(one.id), "version": rest["modified"], "version_form": "instant", "modified": rest["modified"],
        "one": {"path": f"{address}/{{id}}"}, "unknown_settles_after_s": rest["settles"],
    }  # fmt: skip
    if one.has_changes:
        found["changes"] = {"param": "q", "overlap_s": OVERLAP_S}
    if rest["deleted"] is not None:
        found["deleted"] = rest["deleted"]
    if "create" in rest["writes"]:
        found |= {"create": {"path": address}, "look_up": {"path": address}}
    if "update" in rest["writes"]:
        found["update"] = {"path": f"{address}/{{id}}", "version_header": "if-match"}
    if rest["deactivate"] is not None:
        found["deactivate"] = {"path": f"{address}/{{id}}", "body": rest["deactivate"]}
    if one.key:
        found["external_id"] = {"field": one.key, "unique": rest["unique"]}
        found.setdefault("look_up", {"path": address})
    return found


def _filled(stated: Mapping[str, str], currency: str) -> dict[str, str]:
    found = {name: text.replace("{currency}", currency) for name, text in stated.items()}
    return {name: text for name, text in found.items() if text}


def _texts(table: Table, key: str) -> dict[str, tuple[str, ...]]:
    inner = table.maybe(key)
    return {name: inner.texts(name) for name in table.take(key) or {}} if inner else {}


def _spellings(table: Table) -> dict[str, Spelling]:
    found = {}
    for name, inner in table.tables("spell"):
        object, _, attribute = inner.text("by", "").partition(".")
        found[name] = Spelling(inner.text("to", name), object, attribute)
        inner.done()
    return found


def asked(path: str) -> str:
    """A path as a condition names it: rows of lists have no numbers there.

    >>> asked("SourceSystemReference.0.SourceSystemReferenceValue")
    'SourceSystemReference.SourceSystemReferenceValue'
    """
    return re.sub(r"\.\d+(?=\.|$)", "", path)
