"""A ConnectWise document as a REST configuration: every object is listed, read and patched the same way, so it says only what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.connectwise.records import DERIVED
from connectors.rest.config import RestConfig, parse
from connectors.tables import Table

PAGE = 1000
VERSION = "2025.16"
UTC = ZoneInfo("UTC")
OVERLAP_S = 120
"""What is committed late is asked for again from this far back."""
SETTLES_S = 120
HOSTS = ("myconnectwise.net", "connectwisedev.com")
"""Domains that hand out keys of callbacks; the system's own host is one too."""
OWN = frozenset({
    "auth", "extends", "resources", "api_version", "codebase", "hub_field", "currency", "time_zone", "time_zones", "page_size", "callbacks",
    "sweep_every_h", "mobile_types",
})  # fmt: skip
_WRITES = ("create", "update", "deactivate")


@dataclass(frozen=True, slots=True)
class Picklist:
    """The firm's own values of a reference: where they are listed, what of an entry is told with the reference (our key → the first of
    their keys that is there), and by which key of it a value is found when it is written."""

    path: str
    by: str = "name"
    tells: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is said of one object beside what all have in common.

    ``under`` names the resource it lies below (``{parent}`` in its path). ``is_whole``: short enough to be listed anew each time.
    ``condition`` is always asked with. ``dates`` are days without a time. ``derives`` are the fields the connector makes of others.
    ``create`` is what the firm has said for new records (a board, a type). ``identifier`` is a unique text made from name and key.
    Of a record nothing is passed on but what it ``keeps`` (empty: everything) and does not ``drop``: passwords and private matters stay there.
    """

    name: str
    path: str
    under: str = ""
    callback: str = ""
    condition: str = ""
    is_whole: bool = False
    sweep_every_s: float = 86400.0
    dates: frozenset[str] = frozenset()
    derives: tuple[str, ...] = ()
    picklists: Mapping[str, Picklist] = field(default_factory=dict)
    create: Mapping[str, Any] = field(default_factory=dict)
    deactivate: Mapping[str, Any] = field(default_factory=dict)
    identifier: str = ""
    keeps: frozenset[str] = frozenset()
    drops: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Who may sign: keys said beforehand, and hosts a key may be fetched from."""

    keys: tuple[str, ...] = ()
    hosts: tuple[str, ...] = HOSTS


@dataclass(frozen=True)
class ConnectwiseConfig:
    rest: RestConfig
    kinds: Mapping[str, Kind]
    company: str
    codebase: str = ""
    """Fixed where it is said; otherwise asked for."""
    hub_field: str = ""
    """Caption of the custom field that keeps our key."""
    currency: str = ""
    """The firm's own, of amounts that name none."""
    zone: ZoneInfo = UTC
    zones: Mapping[str, ZoneInfo] = field(default_factory=dict)
    """Of a location's people, by its id, where it is another."""
    page_size: int = PAGE
    callbacks: Callbacks = Callbacks()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    mobile_types: frozenset[str] = frozenset({"Cell", "Mobile"})
    """What the firm calls its communication types for mobile telephones."""


def read(document: Mapping[str, Any], file: str = "connectwise") -> ConnectwiseConfig:
    """Read a document. Raises ConfigurationError at the first thing that is not as it must be."""
    top = Table(document, file)
    auth, currency, page = top.table("auth"), top.text("currency"), int(top.number("page_size", PAGE))
    if not (len(currency) == 3 and currency.isupper()):
        raise top.wrong("currency", "the firm's own currency, such as EUR", currency)
    if not 1 <= page <= PAGE:
        raise top.wrong("page_size", "a number from 1 to 1000", page)
    company, client_id = auth.text("company"), auth.text("client_id")
    user, password = f"{company}+{auth.text('public_key')}", auth.text("private_key")
    auth.done()
    hub_field, sweep_h = top.text("hub_field", ""), top.number("sweep_every_h", 24.0)
    kinds: dict[str, Kind] = {}
    resources: dict[str, Any] = {}
    for name, table in top.tables("resources"):
        kinds[name], resources[name] = _object(name, table, hub_field, sweep_h)
    for one in kinds.values():
        if one.under and one.under not in kinds:
            raise top.wrong(f"resources.{one.name}.under", "another resource", one.under)
    rest = {key: value for key, value in document.items() if key not in OWN}
    rest |= {"resources": resources, "auth": {"kind": "basic", "user": user, "password": password}}
    return ConnectwiseConfig(
        parse(rest, file), kinds, company, top.text("codebase", ""), hub_field, currency, _zone(top, "time_zone", top.text("time_zone", "UTC")),
        {place: _zone(top, f"time_zones.{place}", name) for place, name in top.plain("time_zones").items()}, page, _callbacks(top.maybe("callbacks")),
        {"clientid": client_id, "accept": f"application/vnd.connectwise.com+json; version={top.text('api_version', VERSION)}"},
        frozenset(top.texts("mobile_types") or ("Cell", "Mobile")),
    )  # fmt: skip


def _object(name: str, table: Table, hub_field: str, sweep_h: float) -> tuple[Kind, dict[str, Any]]:
    """What is special about an object, and how REST deals with it."""
    path, writes, identifier = table.text("path"), table.texts("writes"), table.text("identifier", "")
    for one in writes:
        if one not in _WRITES:
            raise table.wrong("writes", f"some of {', '.join(_WRITES)}", one)
    derives = table.texts("derives")
    if unknown := sorted(set(derives) - set(DERIVED)):
        raise table.wrong("derives", f"some of {', '.join(DERIVED)}", unknown[0])
    kind = Kind(
        name, path, table.text("under", ""), table.text("callback", ""), table.text("condition", ""), table.flag("whole"),
        table.number("sweep_every_h", sweep_h) * 3600, frozenset(table.texts("dates")), derives,
        {one: _picklist(inner) for one, inner in table.tables("picklists")}, table.take("create") or {}, table.take("deactivate") or {}, identifier,
        frozenset(table.texts("keeps")), frozenset(table.texts("drops")),
    )  # fmt: skip
    keeps_key = table.flag("custom_fields") and bool(hub_field)
    found: dict[str, Any] = {
        "list": {"path": path}, "paging": {"kind": "page", "param": "page", "size_param": "pageSize", "size": PAGE},
        "id": "id", "version": "_info.lastUpdated", "version_form": "instant", "modified": "_info.lastUpdated", "one": {"path": f"{path}/{{id}}"},
        "look_up": {"path": path}, "unknown_settles_after_s": table.number("unknown_settles_after_s", SETTLES_S),
    }  # fmt: skip
    if not kind.is_whole:
        found["changes"] = {"param": "conditions", "is_ordered": True, "overlap_s": table.number("overlap_s", OVERLAP_S)}
    if deleted := table.text("deleted", ""):
        found["deleted"] = deleted
    if "create" in writes:
        found["create"] = {"path": path, "id": "id", "version": "_info.lastUpdated"}
    if "update" in writes:
        found["update"] = {"path": f"{path}/{{id}}", "version": "_info.lastUpdated"}
    if "deactivate" in writes:
        found["deactivate"] = {"path": f"{path}/{{id}}", "version": "_info.lastUpdated"}
    if identifier or keeps_key:
        found["external_id"] = {"field": identifier or "hub_key", "unique": bool(identifier)}
    table.done()
    return kind, found


def _picklist(table: Table) -> Picklist:
    told = table.maybe("tells")
    tells = {key: told.texts(key) for key in table.take("tells") or {}} if told else {}
    found = Picklist(table.text("path"), table.text("by", "name"), tells)
    table.done()
    return found


def _callbacks(table: Table | None) -> Callbacks:
    if table is None:
        return Callbacks()
    found = Callbacks(table.texts("keys"), (*HOSTS, *table.texts("hosts")))
    table.done()
    return found


def _zone(table: Table, key: str, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise table.wrong(key, "a time zone such as Europe/Berlin", name) from None
