"""A NetSuite document as a REST configuration: every object is queried, read and written the same way, so it says only what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.auth import Auth, ClientAssertion, SignsRequests
from connectors.errors import ConfigurationError
from connectors.netsuite.forms import Form
from connectors.netsuite.suiteql import KINDS, Column, Query, column, name
from connectors.oauth1 import OAuth1
from connectors.rest.config import RestConfig, parse
from connectors.tables import Table

PAGE = 1000
RECORDS_AT_ONCE = 100
"""Records in a page of an object each of whose records is read by itself."""
OVERLAP_S = 600
"""Rows become visible late: what changed is asked for again from this far back."""
SUITEQL, RECORD = "services/rest/query/v1/suiteql", "services/rest/record/v1"
TOKEN = "services/rest/auth/oauth2/v1/token"
Read = Literal["rows", "records", "list"]


@dataclass(frozen=True, slots=True)
class Object:
    """How one object is read. ``rows``: a query tells the records; ``records``: it tells which changed, and each is read by the
    record API; ``list``: the record API tells both."""

    record: str
    query: Query
    form: Form
    read: Read = "rows"
    deleted_as: frozenset[str] = frozenset()
    """What its records are called among the deleted ones, without spaces and capitals."""


@dataclass(frozen=True)
class NetsuiteConfig:
    """``lists`` holds, by the field that names an entry, the table of its entries and the column of their name."""

    rest: RestConfig
    auth: Auth | SignsRequests
    zone: ZoneInfo
    objects: Mapping[str, Object]
    lists: Mapping[str, tuple[str, str]]
    page: int = PAGE
    currency: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Field → id of what a new record gets there when nobody says it."""
    tells_deletes: bool = True
    makes_batches: bool = True


def read(document: Mapping[str, Any], file: str = "netsuite") -> NetsuiteConfig:
    """Read a document. Raises ConfigurationError at the first thing that is not as it must be."""
    top = Table(document, file)
    account = top.text("account")
    base_url = top.text("base_url", f"https://{account.lower().replace('_', '-')}.suitetalk.api.netsuite.com")
    page = int(top.number("page_size", PAGE))
    if not 1 <= page <= PAGE:
        raise top.wrong("page_size", "a number from 1 to 1000", page)
    left_out = {"subsidiary"} if not top.flag("one_world", True) else set()
    is_multi, currency = top.flag("multi_currency", True), top.text("currency", "")
    if not is_multi and not (len(currency) == 3 and currency.isupper()):
        raise top.wrong("currency", "the account's currency, such as EUR (or multi_currency: true)", currency or None)
    left_out |= set() if is_multi else {"currency"}
    objects: dict[str, Object] = {}
    resources: dict[str, Any] = {}
    for each, table in top.tables("resources"):
        if each in left_out:
            continue
        objects[each], resources[each] = _object(each, table, left_out, page)
    zone = _zone(top)
    lists = {each: _list(top, each, stated) for each, stated in top.plain("lists").items()}
    defaults, tells_deletes, makes_batches = top.plain("defaults"), top.flag("deletes", True), top.flag("batches", True)
    auth = _auth(top.table("auth"), account, base_url)
    own = {
        "account", "base_url", "page_size", "one_world", "multi_currency", "currency", "resources", "time_zone", "lists", "defaults", "deletes",
        "batches",
        "auth", "extends", "push",
    }  # fmt: skip
    rest = {key: value for key, value in document.items() if key not in own} | {"base_url": base_url, "resources": resources, **_push(top, objects)}
    return NetsuiteConfig(parse(rest, file), auth, zone, objects, lists, page, "" if is_multi else currency, defaults, tells_deletes, makes_batches)


def _object(called: str, table: Table, left_out: set[str], page: int) -> tuple[Object, dict[str, Any]]:
    """How an object is asked for, and what REST knows of it."""
    record, way = table.text("record", called), cast(Read, table.one_of("read", ("rows", "records", "list"), "rows"))
    is_read_only, is_unstamped, is_write_only = table.flag("read_only"), table.flag("unstamped"), table.flag("write_only")
    columns = [one for one in _columns(table) if one.path.split(".")[0] not in left_out]
    try:
        query = Query(
            name(table.text("table", called.lower())), tuple(columns), table.text("joins", ""), table.text("where", ""), table.text("touched", ""),
            "" if is_unstamped else name(table.text("stamp", "lastmodifieddate")), key=not is_read_only,
        )  # fmt: skip
    except ValueError as error:
        raise ConfigurationError(f"{table.file}: {table.at}: {error}") from error
    listed, parts = table.maybe("listed"), table.maybe("parts")
    currencies = (*(one.path for one in columns if one.kind == "currency"), *table.texts("currencies"))
    form = Form(
        tuple(columns), currencies, table.plain("compose"), {key: listed.plain(key) for key, _ in table.tables("listed") if listed},
        table.plain("writes"), table.plain("keyed"), table.plain("is_also"),
        {key: parts.plain(key) for key, _ in table.tables("parts") if parts},
    )  # fmt: skip
    deleted_as = frozenset(one.lower().replace(" ", "") for one in (record, *table.texts("deleted_as")))
    inactive = table.flag("deactivate")
    rows = f"{RECORD}/{record}"
    found: dict[str, Any] = {
        **({} if is_write_only else {"list": {"path": SUITEQL, "items": "items"}}), "id": "id", "one": {"path": f"{rows}/{{id}}"},
        "paging": {"kind": "offset", "size": page if way == "rows" else min(page, RECORDS_AT_ONCE)},
        "unknown_settles_after_s": table.number("unknown_settles_after_s", 900),
    }  # fmt: skip
    if not is_unstamped:
        found |= {"changes": {"param": "q", "is_ordered": True, "overlap_s": OVERLAP_S}}
        found |= {"version": "lastModifiedDate", "version_form": "instant", "modified": "lastModifiedDate"}
    if not is_read_only:
        found |= {
            "create": {"method": "PUT", "path": rows}, "update": {"path": f"{rows}/{{id}}", "version_field": "lastModifiedDate"},
            "external_id": {"field": "externalId", "unique": True}, "look_up": {"path": rows, "param": "externalId"},
        }  # fmt: skip
        if inactive:
            found["deactivate"] = {"path": f"{rows}/{{id}}", "body": {"isInactive": True}}
    table.done()
    return Object(record, query, form, way, deleted_as), found


def _columns(table: Table) -> list[Column]:
    """``fields`` lists the fields of each kind; ``custom`` names, one by one, those of the firm."""
    found: list[Column] = []
    try:
        kinds = table.maybe("fields")
        if kinds is not None:
            for kind in KINDS:
                found += [column(stated, kind) for stated in kinds.texts(kind)]
            kinds.done()
        for path, stated in table.plain("custom").items():
            if stated not in KINDS:
                raise table.wrong(f"custom.{path}", f"one of {', '.join(KINDS)}", stated)
            found.append(column(path, stated))
    except ValueError as error:
        raise ConfigurationError(f"{table.file}: {table.at}.fields: {error}") from error
    return found


def _zone(top: Table) -> ZoneInfo:
    stated = top.text("time_zone")
    try:
        return ZoneInfo(stated)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise top.wrong("time_zone", "the time zone of the hub's user in NetSuite, such as Europe/Berlin", stated) from error


def _list(top: Table, called: str, stated: str) -> tuple[str, str]:
    table, _, named = stated.partition(".")
    try:
        return name(table), name(named or "name")
    except ValueError as error:
        raise top.wrong(f"lists.{called}", "a table, or table.column", stated) from error


def _auth(table: Table, account: str, base_url: str) -> Auth | SignsRequests:
    """A certificate where a private key is given, else a consumer and a token."""
    found: Auth | SignsRequests
    if "private_key" in table:
        address = f"{base_url.rstrip('/')}/{TOKEN}"
        found = ClientAssertion(
            table.text("token_url", TOKEN), issuer=table.text("client_id"), audience=table.text("audience", address),
            private_key=table.text("private_key"), header={"kid": table.text("certificate_id")},
            algorithm=table.one_of("algorithm", ("PS256", "PS384", "PS512", "ES256", "ES384", "ES512"), "PS256"),
            claims={"scope": table.text("scope", "rest_webservices")}, valid_s=300,
        )  # fmt: skip
    else:
        found = OAuth1(
            table.text("consumer_key"), table.text("consumer_secret"), table.text("token_id"), table.text("token_secret"),
            realm=account.upper().replace("-", "_"),
        )  # fmt: skip
    table.done()
    return found


def _push(top: Table, objects: Mapping[str, Object]) -> dict[str, Any]:
    """What the script in the account sends, where there is one: ids only, signed."""
    push = top.maybe("push")
    if push is None:
        return {}
    secrets = list(push.texts("secrets"))
    push.done()
    return {
        "webhook": {
            "scheme": "hmac-sha256", "secrets": secrets, "header": "x-hub-signature", "prefix": "sha256=", "timestamp_header": "x-hub-timestamp",
            "signed": "{timestamp}.{body}", "object": "type", "objects": {one.record.lower(): called for called,
            one in reversed([*objects.items()])}, "id": "id",
            "deleted": {"path": "operation", "is": ["delete", "xdelete"]}, "message_id": ["type", "id", "date"],
        }
    }  # fmt: skip
