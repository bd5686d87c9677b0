"""A document of S/4HANA as an OData configuration, and what is special to SAP beside it: time slices, dates of change without an instant,
numbers with leading zeros, records that are completed from other services, fields made of several."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.odata.config import EntitySet, ODataConfig, read as read_odata
from connectors.sap_s4hana.derived import Derived, derived_of, in_order
from connectors.tables import Table

_UI_HOST = re.compile(r"https://my\d+\.s4hana\.", re.IGNORECASE)
"""People's host sends everybody who brings no browser to a page to sign in."""
Reading = Literal["instants", "keys", "days"]
DAY_S = 86_400
OWN = frozenset({
    "set_key", "valid", "dated", "window", "touched", "relist_h", "pause_min", "key_length", "numbers", "derived", "joins", "children", "actions", "operations",
    "new", "rows", "in_language",
})  # fmt: skip
"""What a resource says here; the rest of it is an OData configuration's."""


@dataclass(frozen=True, slots=True)
class Dated:
    """When a record changed, where only a day and a time of the system's clock tell; a record nobody changed has those of its creation."""

    day: str
    time: str
    created_day: str
    created_time: str
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Window:
    """A set that does not tell what changed: the last ``days`` by this date are read each time, everything since ``first`` now and then."""

    by: str
    days: int
    first: str


@dataclass(frozen=True, slots=True)
class Join:
    """What completes a record from another set: the row whose properties equal the record's (path → property) lends ``take``.

    ``at`` is the path of a list whose rows are completed instead. ``root``: a row whose property of this name is the zero GUID stands for
    its parent alone, so its own id (the first of ``take``) is left empty. ``lends`` are filled in on writing where nobody stated them.
    """

    name: str
    at: str
    rows: EntitySet
    by: Mapping[str, str]
    take: tuple[str, ...]
    numbers: frozenset[str]
    root: str = ""
    lends: tuple[str, ...] = ()
    is_optional: bool = False
    """A firm may not use the service: without the right to it there is no such row."""


@dataclass(frozen=True, slots=True)
class Child:
    """Rows that hang below a record and are changed by requests of their own."""

    set: str
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A resource whose records are the rows below another's: where they lie, their own set, the way back, and their key."""

    at: str
    set: str
    parent: str
    key: tuple[str, ...]


@dataclass(frozen=True)
class Shape:
    """What is special to one resource; see README.md for the keys."""

    reading: Reading
    key: tuple[str, ...]
    valid: tuple[str, str] = ("", "")
    dated: Dated | None = None
    window: Window | None = None
    touched: tuple[str, ...] = ()
    relist_s: float = 0.0
    pause_s: float = 0.0
    """So long after a walk nothing is asked."""
    key_length: int = 0
    numbers: frozenset[str] = frozenset()
    derived: tuple[Derived, ...] = ()
    joins: tuple[Join, ...] = ()
    children: Mapping[str, Child] = field(default_factory=dict)
    actions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Property → function and the name of its key: such a property is not written, its function is called."""
    operations: str = ""
    """The property that says what a POST does (C, U, D), where everything is one."""
    new: Mapping[str, Any] = field(default_factory=dict)
    rows: Rows | None = None
    in_language: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    zoned: str = ""
    """An instant that comes without a zone."""


@dataclass(frozen=True)
class SapConfig:
    odata: ODataConfig
    shapes: Mapping[str, Shape]
    language: str = "EN"
    certificate: tuple[str, str] | None = None
    """Client certificate and key (PEM), where the arrangement wants one."""


def read(document: Mapping[str, Any], file: str = "sap_s4hana") -> SapConfig:
    """Read a document. Raises ConfigurationError at the first thing that is not as it must be."""
    top = Table(document, file)
    language, base = top.text("language", "EN").upper(), top.text("base_url", "")
    if _UI_HOST.match(base):
        raise top.wrong("base_url", "the tenant's host for APIs, whose name ends with -api", base)
    auth, certificate = _auth(top.maybe("auth"), document.get("auth"))
    shapes: dict[str, Shape] = {}
    resources: dict[str, Any] = {}
    for name, table in top.tables("resources"):
        said = dict(document["resources"][name])
        shapes[name], more = _shape(table, said)
        resources[name] = {key: value for key, value in said.items() if key not in OWN} | more
    stripped = {key: value for key, value in document.items() if key != "language"} | {"resources": resources, "auth": auth}
    odata = read_odata(stripped, file)
    return SapConfig(replace(odata, **_bent(odata, shapes)), shapes, language, certificate)


def _bent(odata: ODataConfig, shapes: Mapping[str, Shape]) -> dict[str, Any]:
    """Resources without a version where nothing tells one, and shapes with the instants they walk by."""
    resources = dict(odata.rest.resources)
    for name, shape in shapes.items():
        if shape.reading == "days" or (shape.reading == "keys" and not shape.dated):
            resources[name] = replace(resources[name], version="", modified="")
    return {"rest": replace(odata.rest, resources=resources)}


def _shape(table: Table, said: Mapping[str, Any]) -> tuple[Shape, dict[str, Any]]:
    """What is special to a resource, and the keys of an OData configuration that follow from it."""
    dated, window, touched = _dated(table.maybe("dated")), _window(table.maybe("window")), table.texts("touched")
    changes = said.get("changes")
    reading: Reading = "days" if window else "instants" if changes is not None else "keys"
    more: dict[str, Any] = {}
    if dated:
        more["changes"] = {"by": "ChangedAt", "overlap_s": DAY_S}
    elif window:
        more["changes"] = {"by": window.by, "type": "Edm.DateTime", "overlap_s": window.days * DAY_S}
    elif touched:
        more["changes"] = {"by": touched[0], "type": "Edm.DateTime", "overlap_s": DAY_S}
    elif changes is None:  # no condition can be asked: what is read between whole listings is compared with what was told
        more["changes"] = {"by": "ReadAt", "overlap_s": 0}
    more["paging"] = "skip"
    valid, rows = table.maybe("valid"), _rows(table.maybe("rows"))
    shape = Shape(
        reading, table.texts("set_key") or table.texts("id"), (valid.text("from"), valid.text("to")) if valid else ("", ""), dated, window, touched,
        table.number("relist_h", 0) * 3600, table.number("pause_min", 0) * 60, int(table.number("key_length", 0)), frozenset(table.texts("numbers")),
        in_order(derived_of(name, one) for name, one in table.tables("derived")), tuple(_join(name, one) for name, one in table.tables("joins")),
        {name: _child(one) for name, one in table.tables("children")}, {name: _action(one) for name, one in table.tables("actions")},
        table.text("operations", ""), dict(table.take("new") or {}), rows,
        {name: table.table("in_language").texts(name) for name in (table.take("in_language") or {})}, _zoned(changes),
    )  # fmt: skip
    if rows is not None and shape.key != table.texts("id"):
        raise table.wrong("set_key", "nothing, since rows have a key of their own", said.get("set_key"))
    return shape, more


def _auth(table: Table | None, said: Any) -> tuple[dict[str, Any], tuple[str, str] | None]:
    """As the arrangement has it: user and password, a token for a client, or a certificate (which may come along with either)."""
    if table is None:
        return {"kind": "none"}, None
    certificate = (table.text("certificate"), table.text("private_key")) if "certificate" in table else None
    found = {key: value for key, value in said.items() if key not in ("certificate", "private_key")}
    if "kind" not in found:
        found["kind"] = "oauth2_client_credentials" if "client_id" in table else "basic" if "user" in table else "none" if certificate else ""
    if found["kind"] == "oauth2_client_credentials":
        found.setdefault("secret_in", "header")
    if found["kind"] == "":
        raise table.wrong("user", "user and password, client_id and client_secret with a token_url, or a certificate and its private_key", None)
    return found, certificate


def _zoned(changes: Any) -> str:
    return str(changes["by"]) if isinstance(changes, Mapping) and changes.get("type") == "Edm.DateTime" else ""


def _dated(table: Table | None) -> Dated | None:
    if table is None:
        return None
    found = Dated(table.text("day"), table.text("time"), table.text("created_day"), table.text("created_time"), table.text("zone", "UTC"))
    table.done()
    try:
        ZoneInfo(found.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise table.wrong("zone", "a time zone", found.zone) from error
    return found


def _window(table: Table | None) -> Window | None:
    if table is None:
        return None
    found = Window(table.text("by"), int(table.number("days", 60)), table.text("first", "2020-01-01"))
    table.done()
    return found


def _rows(table: Table | None) -> Rows | None:
    if table is None:
        return None
    found = Rows(table.text("at"), table.text("set"), table.text("parent"), table.texts("key"))
    table.done()
    return found


def _child(table: Table) -> Child:
    found = Child(table.text("set"), table.texts("key"))
    table.done()
    return found


def _action(table: Table) -> tuple[str, str]:
    found = table.text("function"), table.text("key")
    table.done()
    return found


def _join(name: str, table: Table) -> Join:
    at, _, last = name.rpartition("[].")
    by, take, root = table.plain("by"), table.texts("take"), table.text("root", "")
    asked = tuple(dict.fromkeys((*by.values(), *take, *((root,) if root else ()))))
    rows = EntitySet(
        f"{table.text('set')} of {table.text('service')}", table.text("service").strip("/"), table.text("set"), 2, tuple(by.values()), asked,
        where=table.text("where", ""),
    )  # fmt: skip
    found = Join(last, at, rows, by, take, frozenset(table.texts("numbers")), root, table.texts("lends"), table.flag("optional"))
    table.done()
    if not by or not take:
        raise table.wrong("by", "the record's paths and the properties they equal, and what to take", None)
    return found

