"""A document of Dynamics 365 as one of OData: every table has the same stamps and keys, so it says only what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.auth import Auth
from connectors.entra import entra
from connectors.odata import values
from connectors.odata.config import EntitySet, ODataConfig
from connectors.odata.config import read as read_odata
from connectors.tables import Table

CRM_ROLE = "crm"
HUB_KEY = "hub_key"
"""Under this name records hold our key, whatever the firm calls its column."""
_SOLD = {"account": "accountid", "salesorder": "salesorderid", "salesorderdetail": "salesorderdetailid"}
TWINS: Mapping[str, Mapping[str, str]] = {
    "psa": {**_SOLD, "bookableresource": "_userid_value"}, "bill": {**_SOLD, "msdyn_project": "msdyn_projectid"},
}  # fmt: skip
"""By kind of system: table → the column with the id that another connected system of the same organisation knows the record by."""
_OWN_OF_RESOURCE = ("parts", "columns", "lookups", "labels", "names", "optional", "renamed", "days", "numbers", "joined", "digits", "translated", "totals")


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A set that is read whole to say by a value what records name by an id; several values are a table."""

    set: str
    id: str
    value: tuple[str, ...]
    is_table: bool


@dataclass(frozen=True, slots=True)
class DataverseTable:
    """What is special with one table.

    ``lookups``: reference → the table it may lead to; another's id there is not told. ``labels``: choices that people edit, told by
    their labels. ``names``: references whose name is told besides. ``optional``: columns that not every version has; ``renamed``: a
    column → what older versions call it. ``days``: instants that mean a day. ``numbers``: choices that are written, which codes
    have as texts. ``joined``, ``digits``, ``translated``, ``totals``: what
    is made of columns.
    """

    name: str
    lookups: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    days: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    digits: Mapping[str, str] = field(default_factory=dict)
    translated: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    totals: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class DynamicsConfig:
    """``hub_key``: the column of an alternate key that holds our keys, "" where records get ids of our choice instead."""

    odata: ODataConfig
    auth: Auth
    tables: Mapping[str, DataverseTable]
    dictionaries: Mapping[str, Dictionary]
    zone: ZoneInfo
    hub_key: str = ""
    own_user: str = ""
    """Whose changes webhooks need not tell: the hub's own application user."""
    twins: Mapping[str, str] = field(default_factory=dict)
    duplicate_detection: bool = False


def read(document: Mapping[str, Any], file: str = "dynamics365") -> DynamicsConfig:
    """Read a document. Raises ConfigurationError at the first thing that is not as it must be."""
    top = Table(document, file)
    kind, key = top.text("kind", CRM_ROLE), top.text("hub_key", "")
    dictionaries = {name: _dictionary(table) for name, table in top.tables("dictionaries")}
    tables: dict[str, DataverseTable] = {}
    resources: dict[str, Any] = {}
    for name, table in top.tables("resources"):
        parts = table.texts("parts")
        tables[name] = _table(name, table, dictionaries)
        if parts and kind in ("crm", "psa", "bill") and kind not in parts:
            del tables[name]
            continue
        stated = dict(document["resources"][name])
        resources[name] = _resource(name, stated, tables[name], table, key)
    own = {"dictionaries", "hub_key", "own_user", "shares_org", "duplicate_detection", "zone", "resources", "auth", "webhook", "deep_links"}
    rest = {one: value for one, value in document.items() if one not in own}
    rest |= {"resources": resources}
    if "webhook" in top:
        rest["webhook"] = _webhook(top.table("webhook"), tables)
    auth = entra(top.table("auth"), scope_of(top.text("base_url")))
    return DynamicsConfig(
        read_odata(rest, file), auth, tables, dictionaries, _zone(top), key, top.text("own_user", "").lower(), TWINS.get(kind, {}) if top.flag("shares_org") else {}, top.flag("duplicate_detection")
    )


def _resource(name: str, stated: dict[str, Any], table: DataverseTable, told: Table, key: str) -> dict[str, Any]:
    """What OData needs of a table: its stamps, the types of its ids, and how its records are told apart."""
    id = told.text("id")
    select = [id, *told.texts("select"), *told.texts("columns"), "modifiedon", "versionnumber"]
    types = {kind: list(listed) for kind, listed in (stated.get("types") or {}).items()}
    types.setdefault("Edm.Guid", [])
    types["Edm.Guid"] += [id, *(one for one in select if one.startswith("_") and one.endswith("_value"))]
    is_read_only = bool(stated.get("read_only"))
    found = {one: value for one, value in stated.items() if one not in _OWN_OF_RESOURCE}
    found |= {
        "select": list(dict.fromkeys((*select, *((key,) if key and not is_read_only else ())))), "types": types, "tracks": stated.get("tracks", True),
        "changes": stated.get("changes", "modifiedon"), "version": "versionnumber", "version_form": "text", "modified": "modifiedon",
    }  # fmt: skip
    if not is_read_only:
        found["key"] = {"field": key or id, "unique": True}
    return found


def _table(name: str, table: Table, dictionaries: Mapping[str, Dictionary]) -> DataverseTable:
    joined, translated, totals = table.maybe("joined"), table.maybe("translated"), table.maybe("totals")
    found = DataverseTable(
        name, table.plain("lookups"), table.texts("labels"), table.texts("names"), table.texts("optional"), table.plain("renamed"), table.texts("days"),
        table.texts("numbers"),
        {one: joined.texts(one) for one in table.take("joined")} if joined else {}, table.plain("digits"),
        {one: _translated(one, translated, dictionaries) for one in table.take("translated")} if translated else {},
        (totals.text("gross"), totals.text("tax")) if totals else ("", ""),
    )  # fmt: skip
    for one in (*found.optional, *found.labels, *found.days, *found.renamed, *found.renamed.values()):
        values.name(one)
    return found


def _translated(one: str, table: Table, dictionaries: Mapping[str, Dictionary]) -> tuple[str, str]:
    stated = table.texts(one)
    if len(stated) != 2 or stated[0] not in dictionaries:
        raise table.wrong(one, f"a dictionary ({', '.join(dictionaries)}) and a column", str(stated))
    return stated[0], stated[1]


def _dictionary(table: Table) -> Dictionary:
    stated = table.take("value")
    found = Dictionary(table.text("set"), table.text("id"), table.texts("value"), isinstance(stated, list))
    table.done()
    return found


def _zone(top: Table) -> ZoneInfo:
    name = top.text("zone", "UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise top.wrong("zone", "a time zone such as Europe/Berlin", name) from error


def scope_of(base_url: str) -> str:
    """What a token is asked for: the organisation's own address, without the ``.api`` of its Web API.

    >>> scope_of("https://acme.api.crm4.dynamics.com/")
    'https://acme.crm4.dynamics.com/.default'
    """
    scheme, host = urlsplit(base_url)[:2]
    return f"{scheme}://{host.replace('.api.', '.', 1)}/.default"


def _webhook(table: Table, tables: Mapping[str, DataverseTable]) -> dict[str, Any]:
    """A shared secret in a header: Dynamics signs nothing."""
    found = {
        "scheme": "token", "secrets": list(table.texts("secrets")), "header": table.text("header", "x-hub-key"), "object": "PrimaryEntityName",
        "objects": {name: name for name in tables}, "id": "PrimaryEntityId", "deleted": {"path": "MessageName", "is": ["Delete"]},
    }  # fmt: skip
    table.done()
    return found


def with_columns(one: EntitySet, table: DataverseTable, known: frozenset[str]) -> EntitySet:
    """The set with the optional and older columns there are: those of the table's metadata, in which a reference has no ``_value``."""
    old = {new: before for new, before in table.renamed.items() if attribute(new) not in known and attribute(before) in known}
    select = [old.get(name, name) for name in one.select]
    select += [name for name in table.optional if attribute(name) in known]
    extra = {name: values.GUID for name in table.optional if name.startswith("_")}
    return EntitySet(
        one.name, one.service, one.set, one.version, one.key, tuple(dict.fromkeys(select)), one.expand, one.where, {**one.types, **extra}, one.changed_by,
        one.tracks, one.paging, one.locks, one.reads_back, one.more,
    )  # fmt: skip


def attribute(column: str) -> str:
    """A column as metadata names it.

    >>> attribute("_msdyn_project_value"), attribute("name")
    ('msdyn_project', 'name')
    """
    return column[1:-6] if column.startswith("_") and column.endswith("_value") else column
