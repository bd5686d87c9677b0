"""A Kantata document as a REST configuration: every list is asked, read and written the same way, so it says only what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from connectors.auth import OAuthToken
from connectors.errors import Cause
from connectors.rest.config import CAUSES, RestConfig, parse
from connectors.tables import Table
from schema.mapping_lines import When, when

BASE = "api/v1"
TOKEN_URL = "https://app.mavenlink.com/oauth/token"
PAGE = 200
OVERLAP_S = 300
"""How far back changes are asked for again: what commits late carries an older stamp."""
SETTLES_S = 200
"""Kantata cuts a request after three minutes; after that nothing can still happen."""
OWN = {"resources", "auth", "extends", "page_size", "service", "events", "full_listing_every_h", "currency"}


@dataclass(frozen=True, slots=True)
class Guard:
    """A record that may not be changed, seen before it is asked: what a refusal's text would have to tell otherwise."""

    when: When
    cause: Cause
    remedy: str


@dataclass(frozen=True, slots=True)
class Param:
    """How a value of the natural key is asked for: ``template`` says it, with {} for the value."""

    name: str
    template: str = "{}"


@dataclass(frozen=True, slots=True)
class Inside:
    """What of an associated record is put into one: just what is mapped, since all of it would change without a cause."""

    of: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """What Kantata's list of one kind of record needs beside what REST systems have in common; ``key`` is the collection in answers."""

    key: str
    path: str
    order: str = ""
    size: int = PAGE
    has_changes: bool = True
    """Whether it can be asked for what changed."""
    embeds: Mapping[str, Inside] = field(default_factory=dict)
    """Of which associated records that come along something is put into the record, by association."""
    joins: Mapping[str, Inside] = field(default_factory=dict)
    """The same of records of another list, which is read whole."""
    touches: tuple[str, str] | None = None
    """The resource whose records change with these, and the field that has their ids: those are told instead."""
    pays: str = ""
    """The resource that a payment is of."""
    is_partial: bool = False
    """What it does not show need not be gone."""
    tries: Mapping[str, str] = field(default_factory=dict)
    """Parameters that are left out once they were refused."""
    subject: str = ""
    """What external references call it; "" for what cannot have any."""
    event: str = ""
    """What the feed of events calls it."""
    natural: Mapping[str, Param] = field(default_factory=dict)
    """How to ask for records by fields of the natural key."""
    alike: tuple[str, ...] = ()
    """Fields compared besides the natural key."""
    written_as: Mapping[str, str] = field(default_factory=dict)
    """Fields that are written under another name, "" for those that are not written."""
    guards: tuple[Guard, ...] = ()
    locked_by: str = ""
    """The day by which ``line_item_locks`` judge."""
    in_currency_of: str = ""
    """The field that names the project in whose currency its amounts are."""


@dataclass(frozen=True)
class KantataConfig:
    """``service`` is our name in external references, ``currency`` the account's, ``listing_every_s`` how long deletes may stay unseen
    where the feed of events is not subscribed to."""

    rest: RestConfig
    listings: Mapping[str, Listing]
    service: str = "hub"
    currency: str = ""
    has_events: bool = False
    listing_every_s: float = 86400.0


@dataclass
class Refreshed(OAuthToken):
    """OAuth 2.0 with a refresh token; one that comes with an answer takes its place."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)

    def form(self) -> dict[str, str]:
        token = str(self.answered.get("refresh_token") or self.refresh_token)
        return {"grant_type": "refresh_token", "client_id": self.client_id, "client_secret": self.client_secret, "refresh_token": token}


def read(document: Mapping[str, Any], file: str = "kantata") -> KantataConfig:
    """Read a document. Raises ConfigurationError at the first thing that is not as it must be."""
    top = Table(document, file)
    page = int(top.number("page_size", PAGE))
    if not 2 <= page <= PAGE:
        raise top.wrong("page_size", f"a number from 2 to {PAGE}", page)
    currency = top.text("currency", "")
    if not (len(currency) == 3 and currency.isupper()):
        raise top.wrong("currency", "the account's currency, such as EUR", currency or None)
    service, has_events, every_h = top.text("service", "hub"), top.flag("events"), top.number("full_listing_every_h", 24.0)
    listings: dict[str, Listing] = {}
    resources: dict[str, Any] = {}
    for name, table in top.tables("resources"):
        listings[name], resources[name] = _resource(name, table, page)
    for one, listing in listings.items():
        for other in (*(each.of for each in listing.joins.values()), *((listing.touches[0],) if listing.touches else ()), *((listing.pays,) if listing.pays else ())):
            if other not in listings:
                raise top.wrong(f"resources.{one}", "the names of resources that are there", other)
    told, auth = _auth(top.table("auth"))
    rest = parse({**{key: value for key, value in document.items() if key not in OWN}, "resources": resources, "auth": told}, file)
    return KantataConfig(
        replace(rest, auth=auth) if auth else rest, listings, service, currency, has_events, every_h * 3600.0,
    )  # fmt: skip


def _resource(name: str, table: Table, page: int) -> tuple[Listing, dict[str, Any]]:
    """How a list is asked, and how REST deals with its records."""
    path, order, wrap = table.text("path", name), table.text("order", ""), table.text("wrap", "")
    embeds, subject = _inside(table, "embed"), table.text("subject", "")
    along = {"external_references": bool(subject), "custom_field_values": table.flag("custom_fields")}
    include = [*table.texts("include"), *embeds, *(association for association, is_asked in along.items() if is_asked)]
    params = table.plain("params") | ({"include": ",".join(include)} if include else {})
    touches, tries = table.plain("touches"), table.plain("tries")
    listing = Listing(
        key=path, path=f"{BASE}/{path}", order=order, size=min(int(table.number("size", page)), page), has_changes=table.flag("changes", True),
        embeds=embeds, joins=_inside(table, "join"), touches=next(iter(touches.items()), None), pays=table.text("pays", ""),
        is_partial=table.flag("partial"), tries=tries, subject=subject, event=table.text("event", ""),
        natural={one: _param(how) for one, how in table.plain("natural").items()}, alike=table.texts("alike"),
        written_as=table.plain("written_as") | dict.fromkeys(table.texts("not_sent"), ""),
        guards=tuple(_guard(one) for one in table.listed("refused_when")),
        locked_by=table.text("locked_by", ""), in_currency_of=table.text("in_currency_of", ""),
    )  # fmt: skip
    found: dict[str, Any] = {
        "object": table.text("object", name), "list": {"path": listing.path, "params": params}, "paging": {"kind": "offset", "size": listing.size},
        "changes": {"param": "updated_after", "is_ordered": order == "updated_at", "overlap_s": OVERLAP_S},
        "id": "id", "version": "updated_at", "version_form": "instant", "modified": "updated_at", "one": {"path": listing.path},
        "unknown_settles_after_s": table.number("unknown_settles_after_s", SETTLES_S),
    }  # fmt: skip
    if deleted := table.text("deleted_at", ""):
        found["deleted"] = {"path": deleted, "is_not": [""]}
    if wrap:
        row = f"{listing.path}/{{id}}"
        found |= {
            "create": {"path": listing.path, "wrap": wrap, "body": table.take("on_create") or {}},
            "update": {"method": "PUT", "path": row, "wrap": wrap, "version_field": "updated_at"},
            "look_up": {"path": listing.path},
        }
        if subject:
            found["external_id"] = {"field": "external_reference.service_model_ref"}
        if table.flag("create_only"):
            del found["update"]
        if inactive := table.take("deactivate"):
            stated = {"method": "PUT", "wrap": wrap, "body": inactive}
            found["deactivate"] = {"path": row, **({"method": "DELETE"} if inactive == "delete" else stated)}
    table.done()
    return listing, found


def _inside(table: Table, key: str) -> dict[str, Inside]:
    """``role: [roles, name]``: of the associated role its name."""
    found: dict[str, Inside] = {}
    inner = table.maybe(key)
    for association in table.take(key) or ():
        assert inner is not None
        of, *fields = inner.texts(association) or ("",)
        if not of or not fields:
            raise inner.wrong(association, "a collection and the fields that are taken of it", None)
        found[association] = Inside(of, tuple(fields))
    return found


def _param(how: str) -> Param:
    """``search`` or ``date_performed_between={}:{}``."""
    name, _, template = how.partition("=")
    return Param(name, template or "{}")


def _guard(table: Table) -> Guard:
    found = Guard(when(table.text("path"), is_=table.take("is")), cast(Cause, table.one_of("cause", CAUSES)), table.text("remedy"))
    table.done()
    return found


def _auth(table: Table) -> tuple[dict[str, Any], OAuthToken | None]:
    """A token as the account's administrator copied it, else one for a client's secret: by a refresh token where there is one."""
    if "token" in table:
        told: dict[str, Any] = {"kind": "bearer", "token": table.text("token")}
        table.done()
        return told, None
    url, client, secret = table.text("token_url", TOKEN_URL), table.text("client_id"), table.text("client_secret")
    refresh = table.text("refresh_token", "")
    table.done()
    if refresh:
        return {"kind": "none"}, Refreshed(url, client_id=client, client_secret=secret, refresh_token=refresh)
    return {"kind": "oauth2_client_credentials", "token_url": url, "client_id": client, "client_secret": secret}, None
