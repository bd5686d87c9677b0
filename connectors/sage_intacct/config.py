"""A Sage Intacct document as a configuration: every object is queried and written alike, so it says only what differs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.errors import ConfigurationError
from connectors.rest.config import RestConfig, parse
from connectors.sage_intacct.names import NAMES, Name, Names
from connectors.tables import Table

CURRENCIES = ("CURRENCY", "BASECURR")
PAGE = 2000
"""Most records of one answer to a query."""
OVERLAP_S = 120
"""WHENMODIFIED is set before a transaction commits: what changed is asked for again from this far back."""
RELIST_S = 3600
REST_RELIST_S = 86_400
"""REST has no audit trail: what was deleted is what a listing of all, once a day, does not tell any more."""
GATEWAY = "ia/xml/xmlgw.phtml"
_FIELD = re.compile(r"[A-Z][A-Z0-9_]*(\.[A-Z][A-Z0-9_]*){0,4}")


@dataclass(frozen=True, slots=True)
class Join:
    """Fields of another object, found by a key of this one: ``take`` is their field here → their field there."""

    object: str
    on: str
    key: str
    take: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of an object, which a query tells only by themselves: those whose ``by`` is a header's RECORDNO."""

    object: str
    by: str
    fields: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    joins: tuple[Join, ...] = ()
    derived: tuple[Derived, ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    """A value made of others: the first of them that is there, all of them joined by "|", or a list of one record of them.

    A list names its fields in ``keys``, in the order of ``of``; it is empty when the first is. Where no choice is there, it is ``otherwise``.
    """

    name: str
    of: tuple[str, ...]
    is_joined: bool = False
    keys: tuple[str, ...] = ()
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is asked of one object and how it is written.

    ``header``: this object's records are lines of that object, which is what is asked for changes; its fields lie under its name.
    ``number``: we choose the id of a new record, as this prefix and letters made of our key, unless the record brings its own.
    ``needs``: fields without which a record is none yet. ``audit``: what the audit trail calls it. ``create``: the function that makes one. ``optional``: fields that a company may lack.
    """

    object: str
    fields: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    where: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    modified: str = "WHENMODIFIED"
    id: tuple[str, ...] = ("RECORDNO",)
    header: Entry | None = None
    by: str = ""
    lines: Lines | None = None
    joins: tuple[Join, ...] = ()
    derived: tuple[Derived, ...] = ()
    audit: str = ""
    number: str | None = None
    create: str = "create"
    contact: str = ""
    on_create: Mapping[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> Entry:
        """The object that is asked for changes."""
        return self.header or self

    @property
    def selected(self) -> tuple[str, ...]:
        """Every field a query names."""
        named = (one for join in self.joins for one in (join.on,) if "." not in one)
        own = (one for one in self.id if one in self.fields or _FIELD.fullmatch(one))
        stamp = (self.modified,) if self.modified else ()
        made = {one.name for one in self.derived} | {name for join in self.joins for name in join.take}
        wanted = ("RECORDNO", *((self.by,) if self.by else ()), *own, *self.fields, *named, *stamp)
        return tuple(one for one in dict.fromkeys(wanted) if one not in made)


@dataclass(frozen=True)
class Login:
    """Two credentials: the partner's (sender) or an application's (client), and a web-services user of the company.

    ``entity`` selects one legal entity.
    """

    company: str
    user: str
    entity: str = ""
    sender: str = ""
    sender_password: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)

    @property
    def username(self) -> str:
        """How OAuth names the user."""
        return f"{self.user}@{self.company}" + (f"|{self.entity}" if self.entity else "")


@dataclass(frozen=True)
class IntacctConfig:
    """``relist_s``: how often at most all records of an object are listed anew because some were deleted.

    ``currency``: the company's only one, where its records do not say theirs.
    """

    rest: RestConfig
    login: Login
    entries: Mapping[str, Entry]
    is_rest: bool = False
    names: Mapping[str, Names] = field(default_factory=lambda: NAMES)
    """The fields' names in REST, the firm's own among them."""
    gateway: str = GATEWAY
    page: int = PAGE
    bulk: int = 50
    relist_s: float = RELIST_S
    webhook: Webhook | None = None
    currency: str = ""


@dataclass(frozen=True)
class Webhook:
    """Triggers of Platform Services, signed with the secret of a REST application."""

    secrets: tuple[str, ...] = field(repr=False)


def read(document: Mapping[str, Any], file: str = "sage_intacct") -> IntacctConfig:
    """Read a document. Raises ConfigurationError at the first thing that is not as it must be."""
    top = Table(document, file)
    page, bulk = int(top.number("page_size", PAGE)), int(top.number("bulk", 50))
    if not 1 <= page <= PAGE:
        raise top.wrong("page_size", "a number from 1 to 2000", page)
    if not 1 <= bulk <= 100:
        raise top.wrong("bulk", "a number from 1 to 100", bulk)
    is_rest = top.one_of("api", ("xml", "rest"), "xml") == "rest"
    currency = top.text("currency", "")
    if currency and not (len(currency) == 3 and currency.isupper()):
        raise top.wrong("currency", "the company's only currency, such as EUR", currency)
    gateway, overlap_s = top.text("gateway", GATEWAY), top.number("overlap_s", OVERLAP_S)
    relist_s = top.number("relist_s", REST_RELIST_S if is_rest else RELIST_S)
    ours = top.text("legal_entity", "") or top.table("auth").text("entity", "")
    names: dict[str, Names] = dict(NAMES)
    entries: dict[str, Entry] = {}
    resources: dict[str, Any] = {}
    for name, table in top.tables("resources"):
        firms, in_rest = (*table.texts("custom"), *table.texts("key")), table.plain("rest_names")
        entry, resource = _object(name, table, gateway, page, overlap_s)
        entry = replace(entry, derived=tuple(replace(one, otherwise=ours if one.otherwise else "") for one in entry.derived))
        if not is_rest:
            entries[name], resources[name] = entry, resource
        elif entry.object in names:
            if unnamed := [one for one in firms if one not in in_rest]:
                raise table.wrong("rest_names", f"what REST calls {', '.join(unnamed)}, such as nsp::{unnamed[0].lower()}", None)
            names[entry.object] = _with(names[entry.object], in_rest)
            if (known := _in_rest(entry, names)) is not None:
                entries[name], resources[name] = known, resource
    login = _login(top.table("auth"), is_rest)
    hook = top.maybe("webhook")
    webhook = Webhook(hook.texts("secrets")) if hook else None
    if hook:
        hook.done()
    own = {"resources", "auth", "extends", "api", "legal_entity", "currency", "gateway", "page_size", "bulk", "relist_s", "overlap_s", "webhook"}
    rest = {key: value for key, value in document.items() if key not in own} | {"resources": resources}
    return IntacctConfig(parse(rest, file), login, entries, is_rest, names, gateway, page, bulk, relist_s, webhook, currency)


def _object(name: str, table: Table, gateway: str, page: int, overlap_s: float) -> tuple[Entry, dict[str, Any]]:
    """What is asked of an object, and how REST systems would deal with it."""
    header, key, inactive = table.maybe("header"), table.text("key", ""), table.maybe("deactivate")
    lines, is_read_only = table.maybe("lines"), table.flag("read_only")
    object_ = table.text("object", name)
    optional = table.texts("optional")
    asked = (*table.texts("fields"), *optional, *table.texts("custom"), *((key,) if key else ()))
    entry = Entry(
        object=object_, fields=_fields(table, "fields", asked), optional=frozenset(optional),
        where=table.plain("where"), needs=_fields(table, "needs", table.texts("needs")), modified=_modified(table, header), id=table.texts("id") or ("RECORDNO",),
        by=header.text("by") if header else "",
        header=_header(header) if header else None, lines=_lines(lines) if lines else None, joins=_joins(table), derived=_derived(table),
        audit=table.text("audit", object_.lower()), number=table.text("number", "") or None, create=table.text("create", "create"),
        contact=table.text("contact", ""), on_create=table.plain("on_create"),
    )  # fmt: skip
    stamp = f"{entry.header.object}.{entry.header.modified}" if entry.header else entry.modified
    found: dict[str, Any] = {
        "object": name, "list": {"path": gateway}, "paging": {"kind": "none", "size": page}, "id": list(entry.id), "one": {"path": gateway},
        "unknown_settles_after_s": table.number("unknown_settles_after_s", 300),
    }  # fmt: skip
    if stamp:
        found |= {"version": stamp, "version_form": "instant", "modified": stamp, "changes": {"param": "WHENMODIFIED", "overlap_s": overlap_s}}
    can_update = table.flag("update", default=True)
    if not is_read_only:
        found |= {"create": {"path": gateway}, "look_up": {"path": gateway}}
        if can_update:
            found["update"] = {"path": gateway, "version_field": entry.modified} if stamp and not header else {"path": gateway}
        if key or entry.number is not None:
            found["external_id"] = {"field": key or entry.id[-1], "unique": not key}
    if inactive is not None:
        found["deactivate"] = {"path": gateway, "body": inactive.plain("set")}
        inactive.done()
    table.done()
    return entry, found


def _modified(table: Table, header: Table | None) -> str:
    """The field that says when a record changed; ``none`` where there is none, and then all are listed each time."""
    told = table.text("modified", "WHENMODIFIED")
    return "" if header or told == "none" else told


def _header(table: Table) -> Entry:
    optional = table.texts("optional")
    fields = _fields(table, "fields", (*table.texts("fields"), *optional))
    found = Entry(table.text("object"), fields, frozenset(optional), audit=table.text("audit", table.text("object").lower()))
    table.text("by")
    table.done()
    return found


def _lines(table: Table) -> Lines:
    optional = table.texts("optional")
    fields = _fields(table, "fields", (*table.texts("fields"), *optional))
    found = Lines(table.text("object"), table.text("by"), fields, frozenset(optional), _joins(table), _derived(table))
    table.done()
    return found


def _joins(table: Table) -> tuple[Join, ...]:
    found = []
    for one in table.listed("joined"):
        found.append(Join(one.text("object"), one.text("by"), one.text("key", "RECORDNO"), one.plain("take")))
        one.done()
    return tuple(found)


def _derived(table: Table) -> tuple[Derived, ...]:
    found = []
    for name, one in table.tables("derived"):
        listed = one.plain("list")
        of = tuple(listed.values()) or one.texts("first") or one.texts("joined")
        found.append(Derived(name, of, "joined" in one, tuple(listed), one.one_of("else", ("legal_entity", ""), "") if "else" in one else ""))
        for key in ("first", "joined"):
            one.take(key)
        one.done()
    return tuple(found)


def _fields(table: Table, key: str, given: tuple[str, ...]) -> tuple[str, ...]:
    """Field names as they may stand in a query."""
    for one in given:
        if not _FIELD.fullmatch(one):
            raise ConfigurationError(f"{table.file}: {table.at}.{key}: {one!r} is no field of Sage Intacct")
    return given


def _login(table: Table, is_rest: bool) -> Login:
    ours = ("client_id", "client_secret") if is_rest else ("sender", "sender_password")
    told = {key: table.text(key) for key in (*ours, "company", "user", *(() if is_rest else ("password",)))}
    found = Login(**told, entity=table.text("entity", ""))
    table.done()
    return found


def _with(known: Names, own: Mapping[str, str]) -> Names:
    return replace(known, fields={**known.fields, **{name: Name(path) for name, path in own.items()}})


def _in_rest(entry: Entry, names: Mapping[str, Names]) -> Entry | None:
    """What of an object the REST API has; None where it has nothing, or not all that the object is made of."""
    objects = (entry.object, *((entry.header.object,) if entry.header else ()), *((entry.lines.object,) if entry.lines else ()))
    if any(one not in names for one in objects):
        return None

    def known(object: str, fields: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(one for one in fields if one in names[object].fields)

    def joined(joins: tuple[Join, ...]) -> tuple[Join, ...]:
        return tuple(one for one in joins if one.object in names)

    return replace(
        entry, fields=known(entry.object, entry.fields), joins=joined(entry.joins), audit="",
        header=replace(entry.header, fields=known(entry.header.object, entry.header.fields), audit="") if entry.header else None,
        lines=replace(entry.lines, fields=known(entry.lines.object, entry.lines.fields), joins=joined(entry.lines.joins)) if entry.lines else None,
    )  # fmt: skip
