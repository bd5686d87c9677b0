"""A Tryton document as a REST configuration: every model is asked, read and written the same way, so it says only what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.http import HttpClient
from connectors.rest.config import RestConfig, parse
from connectors.tables import Table
from connectors.tryton.session import IDLE_S, Session

PAGE = 200
OVERLAP_S = 300
"""A record's stamp is its transaction's begin: what changed is asked for again from as far back as the longest transaction takes."""
SETTLES_S = 60
OWN = {"resources", "auth", "extends", "page_size", "database", "company", "deletes", "full_listing_every_h", "overlap_s", "confirm"}
SYSTEM_FIELDS = ("id", "_timestamp", "last_modified_at")


@dataclass(frozen=True, slots=True)
class Part:
    """Something of a list as a record of its own: the first of it, or one of each kind (``by``) as its ``value``."""

    of: str
    by: str = ""
    value: str = ""
    kinds: tuple[str, ...] = ()
    """Kinds that are told as empty where there is none of them."""


@dataclass(frozen=True, slots=True)
class Model:
    """What is asked of one model. ``fields`` may be dotted; ``optional`` ones are asked for where the database has them."""

    model: str
    fields: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    where: tuple[Any, ...] = ()
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Its children by field, with what is asked of each: they are watched too, since they do not touch their parent."""
    parts: Mapping[str, Part] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    """Role → model whose records refer to this one by their field ``party``."""
    work: str = ""
    """``line`` for what is booked on a work, ``tree`` for the works themselves: they are told with project and task."""
    named: str = ""
    """The path of a person's whole name, which is told in two parts."""
    paid: str = ""
    """The list of payments, whose last day is told as ``paid_on`` and whose sum as ``paid``."""
    key: str = ""
    """The field that holds our key."""
    is_marked: bool = False
    """The key is a mark at the end of a text that people write."""
    is_unique: bool = False
    on_change: tuple[str, ...] = ()
    """Fields of a new record from which Tryton fills in others."""
    buttons: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Field that is only changed by buttons → its value → the buttons that lead there."""
    pays: str = ""
    """The resource that a payment is of: it is made by the wizard."""
    deletes: str = "log"
    """``none`` where its records are never deleted."""


@dataclass(frozen=True)
class TrytonConfig:
    """``company`` is an id, 0 for the user's own; ``confirm`` are warnings (by the beginning of their name) that are answered with yes."""

    rest: RestConfig
    session: Session
    database: str
    models: Mapping[str, Model]
    page: int = PAGE
    company: int = 0
    reads_log: bool = True
    listing_every_s: float = 86400.0
    overlap_s: float = OVERLAP_S
    confirm: tuple[str, ...] = ()


def read(document: Mapping[str, Any], file: str = "tryton") -> TrytonConfig:
    """Read a document. Raises ConfigurationError at the first thing that is not as it must be."""
    top = Table(document, file)
    page = int(top.number("page_size", PAGE))
    if not 2 <= page <= 2000:
        raise top.wrong("page_size", "a number from 2 to 2000", page)
    overlap_s = top.number("overlap_s", OVERLAP_S)
    models: dict[str, Model] = {}
    resources: dict[str, Any] = {}
    for name, table in top.tables("resources"):
        models[name], resources[name] = _resource(name, table, page, overlap_s)
    for one, model in models.items():
        if model.pays and model.pays not in models:
            raise top.wrong(f"resources.{one}.pays", "the name of a resource that is there", model.pays)
    database = top.text("database")
    rest = parse({**{key: value for key, value in document.items() if key not in OWN}, "resources": resources}, file)
    return TrytonConfig(
        rest, _session(top.table("auth"), rest, database), database, models, page, int(top.number("company", 0)),
        top.one_of("deletes", ("log", "listing"), "log") == "log", top.number("full_listing_every_h", 24.0) * 3600.0, overlap_s,
        top.texts("confirm"),
    )  # fmt: skip


def _session(table: Table, rest: RestConfig, database: str) -> Session:
    door = HttpClient(replace(rest.http, concurrency=1))
    found = Session(door, database, table.text("user"), table.text("password"), idle_s=table.number("idle_s", IDLE_S))
    table.done()
    return found


def _resource(name: str, table: Table, page: int, overlap_s: float) -> tuple[Model, dict[str, Any]]:
    """A model, and how REST deals with its records."""
    where, inactive, is_read_only = table.take("where") or (), table.take("deactivate"), table.flag("read_only")
    on_create, is_create_only = table.take("on_create") or {}, table.flag("create_only")
    if not isinstance(where, list | tuple):
        raise table.wrong("where", "a domain: a list of conditions", where)
    lists = {one: inner.texts(one) for one, inner in _inner(table, "lists")}
    optional = table.texts("optional")
    model = Model(
        model=table.text("model"), fields=(*table.texts("fields"), *optional), optional=frozenset(optional), where=tuple(where), lists=lists,
        parts={one: _part(inner.table(one)) for one, inner in _inner(table, "parts")}, roles=table.plain("roles"),
        work=table.one_of("work", ("line", "tree", "none"), "none").replace("none", ""), named=table.text("named", ""), paid=table.text("paid", ""), key=table.text("key", ""),
        is_marked=table.flag("key_is_a_mark"), is_unique=table.flag("key_is_unique"), on_change=table.texts("on_change"),
        buttons={one: _buttons(inner.table(one)) for one, inner in _inner(table, "buttons")}, pays=table.text("pays", ""),
        deletes=table.one_of("deletes", ("log", "none"), "log"),
    )  # fmt: skip
    for one, part in model.parts.items():
        if part.of not in lists:
            raise table.wrong(f"parts.{one}.of", f"one of the lists {', '.join(lists)}", part.of)
    found: dict[str, Any] = {
        "list": {"path": model.model}, "paging": {"kind": "none", "size": page}, "changes": {"param": "last_modified_at", "overlap_s": overlap_s},
        "id": "id", "version": "_timestamp", "modified": "last_modified_at", "one": {"path": model.model},
        "unknown_settles_after_s": table.number("unknown_settles_after_s", SETTLES_S),
    }  # fmt: skip
    if merges := table.text("merges", ""):
        found["merged_into"] = merges
        found["deleted"] = {"path": merges, "is_not": ["", None]}
    if not is_read_only:
        found |= {"create": {"path": model.model, "body": on_create}, "look_up": {"path": model.model}}
        if not is_create_only:
            found["update"] = {"path": model.model, "version_field": "_timestamp"}
        if inactive is not None:
            found["deactivate"] = {"path": model.model, **({"method": "DELETE"} if inactive == "delete" else {"body": inactive})}
        if model.key:
            found["external_id"] = {"field": model.key, "unique": model.is_unique}
    table.done()
    return model, found


def _inner(table: Table, key: str) -> list[tuple[str, Table]]:
    """The names in an inner table, each with that table."""
    names = list(table.take(key) or ())
    inner = table.maybe(key)
    return [(str(name), inner) for name in names] if inner else []


def _part(table: Table) -> Part:
    found = Part(table.text("of"), table.text("by", ""), table.text("value", ""), table.texts("kinds"))
    table.done()
    return found


def _buttons(table: Table) -> dict[str, tuple[str, ...]]:
    return {state: table.texts(state) for state in table._values}
