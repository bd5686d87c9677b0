"""An Autotask document as a REST configuration: every entity is queried, read and written the same way, so it says only what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.autotask.joins import INTERNAL, Join, parse_join
from connectors.errors import ConfigurationError
from connectors.rest.config import RestConfig, parse
from connectors.tables import Table

BASE = "V1.0"
MOST = 500
"""Records of one page, and values of one filter."""
OVERLAP_S = 600
"""What changed is asked for again from this far back, since rows become visible late."""
DAY_OVERLAP_S = 2 * 86400
"""The same where a cursor may say days only."""


@dataclass(frozen=True, slots=True)
class Parent:
    """Children are written through their parent's address: ``Projects/4/Tasks``, where ``field`` holds the 4."""

    entity: str
    field: str
    child: str


@dataclass(frozen=True)
class Entity:
    """What is asked of one entity, and what is made of its records.

    ``changed`` are the instants by which changes are found, none where the vendor has none; ``by_day`` says that they may be days.
    ``rises`` is a field that only grows (an invoice's id on a billing item) and finds what changed without its instant. ``watched``
    is the field that is empty as long as a record must be read again by its id. ``derived``: our name → (their field → value, the
    first that holds, with ``{id}`` for the record's own); ``differences``: our name → (theirs, minus theirs).
    """

    name: str
    fields: tuple[str, ...]
    udfs: tuple[str, ...] = ()
    dates: frozenset[str] = frozenset()
    changed: tuple[str, ...] = ()
    by_day: bool = False
    rises: str = ""
    watched: tuple[str, ...] = ()
    parent: Parent | None = None
    joins: Mapping[str, Join] = field(default_factory=dict)
    derived: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    differences: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    has_stable_version: bool = True
    """False where a record changes without its instants, so that they are no version of it."""

    @property
    def ours(self) -> frozenset[str]:
        """Names that are made here and that the vendor does not know."""
        return frozenset((*self.joins, *self.derived, *self.differences))


@dataclass(frozen=True)
class AutotaskConfig:
    """``currency`` is the firm's internal one. ``list_every_s``: how often what tells no changes is read whole;
    ``reconcile_every_s``: the same for the rest, so that deletes are seen; ``reserve``: the share of the hourly threshold that is
    left to other integrations."""

    rest: RestConfig
    entities: Mapping[str, Entity]
    headers: Mapping[str, str] = field(repr=False)
    user: str
    currency: str
    is_multi_currency: bool = False
    list_every_s: float = 3600.0
    reconcile_every_s: float = 86400.0
    watch_every_s: float = 900.0
    reserve: float = 0.1
    page_size: int = MOST


def read(document: Mapping[str, Any], file: str = "autotask") -> AutotaskConfig:
    """Read a document. Raises ConfigurationError at the first thing that is not as it must be."""
    top = Table(document, file)
    page = int(top.number("page_size", MOST))
    if not 1 <= page <= MOST:
        raise top.wrong("page_size", "a number from 1 to 500", page)
    currency = top.text("currency", "")
    if not (len(currency) == 3 and currency.isupper()):
        raise top.wrong("currency", "the firm's internal currency, such as EUR", currency or None)
    reserve = top.number("reserve", 0.1)
    if reserve >= 1:
        raise top.wrong("reserve", "a share below 1", str(reserve))
    entities: dict[str, Entity] = {}
    resources: dict[str, Any] = {}
    for name, table in top.tables("resources"):
        entities[name], resources[name] = _entity(name, table, page)
    auth = top.table("auth")
    user, headers = auth.text("user"), _headers(auth)
    found = AutotaskConfig(
        rest=_rest(document, resources, file), entities=entities, headers=headers, user=user, currency=currency,
        is_multi_currency=top.flag("multi_currency"), list_every_s=top.number("list_every_s", 3600.0),
        reconcile_every_s=top.number("reconcile_every_s", 86400.0), watch_every_s=top.number("watch_every_s", 900.0), reserve=reserve, page_size=page,
    )  # fmt: skip
    return replace(found, entities={name: _of_currency(one, found) for name, one in entities.items()})


OWN = frozenset({
    "resources", "auth", "currency", "multi_currency", "list_every_s", "reconcile_every_s", "watch_every_s", "reserve", "page_size", "extends",
})  # fmt: skip


def _rest(document: Mapping[str, Any], resources: Mapping[str, Any], file: str) -> RestConfig:
    plain = {key: value for key, value in document.items() if key not in OWN}
    hook = plain.get("webhook")
    if isinstance(hook, Mapping) and not hook.get("secrets"):
        del plain["webhook"]  # a firm that has not agreed on a secret takes no webhooks
    return parse(plain | {"resources": resources}, file)


def _headers(auth: Table) -> dict[str, str]:
    found = {"apiintegrationcode": auth.text("integration_code"), "username": auth.text("user"), "secret": auth.text("secret")}
    impersonated = auth.text("impersonate", "")
    if impersonated:
        found["impersonationresourceid"] = impersonated
    auth.done()
    return found


def _entity(name: str, table: Table, page: int) -> tuple[Entity, dict[str, Any]]:
    """What is asked of an entity, and how REST deals with it."""
    changed, parent = table.texts("changed"), table.text("parent", "")
    entity = Entity(
        name, tuple(dict.fromkeys(("id", *table.texts("fields")))), table.texts("udfs"), frozenset(table.texts("dates")), changed,
        table.flag("by_day"), table.text("rises", ""), table.texts("watched"), _parent(parent, table) if parent else None,
        {ours: _join(said, table, f"joins.{ours}") for ours, said in table.plain("joins").items()},
        {ours: inner.plain(ours) for ours, inner in _inner(table, "derived")},
        {ours: _pair(inner, ours) for ours, inner in _inner(table, "differences")},
        not table.flag("changes_silently"),
    )  # fmt: skip
    writes = table.texts("writes")
    if unknown := set(writes) - {"create", "update"}:
        raise table.wrong("writes", "create, update or both", min(unknown))
    resource: dict[str, Any] = {
        "list": {"path": f"{BASE}/{name}/query", "items": "items"}, "paging": {"kind": "none", "size": page}, "id": "id",
        "one": {"path": f"{BASE}/{name}/{{id}}", "item": "item"}, "unknown_settles_after_s": table.number("unknown_settles_after_s", 120),
    }  # fmt: skip
    if changed:
        overlap = DAY_OVERLAP_S if entity.by_day else OVERLAP_S
        resource |= {"changes": {"param": "filter", "overlap_s": overlap}, "modified": changed[0]}
    if writes:
        resource["look_up"] = {"path": f"{BASE}/{name}/query"}
    on_create = table.take("on_create") or {}
    if "create" in writes:
        resource["create"] = {"path": f"{BASE}/{name}", "id": "itemId", "body": on_create}
    if "update" in writes:
        resource["update"] = {"method": "PATCH", "path": f"{BASE}/{name}", "id": "itemId"}
    inactive = table.take("deactivate")
    if inactive is not None:
        resource["deactivate"] = {"method": "PATCH", "path": f"{BASE}/{name}", "id": "itemId", "body": inactive}
    key = table.text("key", "")
    if key:
        resource["external_id"] = {"field": key, "unique": False}
        resource["look_up"] = {"path": f"{BASE}/{name}/query", "param": "filter"}
    table.done()
    return entity, resource


def _parent(said: str, table: Table) -> Parent:
    """``Projects/projectID/Tasks``."""
    parts = said.split("/")
    if len(parts) != 3 or not all(parts):
        raise table.wrong("parent", "the parent, the field that names it, and the child's address, as in Projects/projectID/Tasks", said)
    return Parent(*parts)


def _join(said: str, table: Table, key: str) -> Join:
    try:
        return parse_join(said)
    except ValueError as error:
        raise ConfigurationError(f"{table.file}: {table.at}.{key}: {error}") from None


def _inner(table: Table, key: str) -> Iterator[tuple[str, Table]]:
    """The names in an inner table, in their order, each with that table."""
    inner = table.maybe(key)
    for name in table.take(key) or {} if inner else ():
        assert inner is not None
        yield str(name), inner


def _pair(table: Table, ours: str) -> tuple[str, str]:
    found = table.texts(ours)
    if len(found) != 2:
        raise table.wrong(ours, "two fields, the second is taken off the first", None)
    return found[0], found[1]


def _of_currency(entity: Entity, config: AutotaskConfig) -> Entity:
    """Without several currencies, amounts are in the internal one, and nobody need be asked."""
    if config.is_multi_currency:
        return entity
    joins = {ours: Join(internal=INTERNAL) if one.is_currency else one for ours, one in entity.joins.items()}
    return replace(entity, joins=joins)
