"""A Salesforce document as a REST configuration: every object is read, written and looked up the same way, so it says only what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from connectors.errors import ConfigurationError
from connectors.rest.config import RestConfig, parse
from connectors.salesforce import soql
from connectors.tables import Table

InitialLoad = Literal["auto", "bulk", "rest"]
PAGE = 2000
OVERLAP_S = 600
"""Rows commit out of order: what changed is asked for again from this far back."""
LOGIN = "https://login.salesforce.com"
SYSTEM_FIELDS = ("Id", "SystemModstamp", "IsDeleted")


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of one object. ``dates`` are fields without a time; ``reads_back`` those Salesforce computes. ``optional`` are fields
    that an org may lack: they are asked for where it describes them."""

    object: str
    fields: tuple[str, ...]
    where: str = ""
    dates: frozenset[str] = frozenset()
    reads_back: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SalesforceConfig:
    """``base`` is the path of the pinned version of the API. ``currency`` is the org's where records do not say theirs."""

    rest: RestConfig
    base: str
    queries: Mapping[str, Query]
    currency: str = ""
    initial_load: InitialLoad = "auto"
    allow_duplicates: bool = False
    describe: bool = False
    """Every object is compared with the org's own description before it is first read."""


def read(document: Mapping[str, Any], file: str = "salesforce") -> SalesforceConfig:
    """Read a document. Raises ConfigurationError at the first thing that is not as it must be."""
    top = Table(document, file)
    page = int(top.number("page_size", PAGE))
    if not 200 <= page <= PAGE:
        raise top.wrong("page_size", "a number from 200 to 2000", page)
    version, load = top.text("api_version", "v62.0"), top.one_of("initial_load", ("auto", "bulk", "rest"), "auto")
    is_multi, currency, allows = top.flag("multi_currency"), top.text("currency", ""), top.flag("allow_duplicates")
    describe = top.flag("describe")
    if not is_multi and not (len(currency) == 3 and currency.isupper()):
        raise top.wrong("currency", "the org's currency, such as EUR (or multi_currency: true)", currency or None)
    base = f"services/data/{version}"
    queries: dict[str, Query] = {}
    resources: dict[str, Any] = {}
    for name, table in top.tables("resources"):
        if table.flag("multi_currency") and not is_multi:
            continue
        queries[name], resources[name] = _object(name, table, base, is_multi, page)
    own = {"api_version", "initial_load", "multi_currency", "currency", "allow_duplicates", "resources", "auth", "extends", "page_size", "describe"}
    rest = {key: value for key, value in document.items() if key not in own}
    rest |= {"resources": resources, "auth": _auth(top.table("auth"))}
    return SalesforceConfig(parse(rest, file), base, queries, "" if is_multi else currency, cast(InitialLoad, load), allows, describe)


def _object(name: str, table: Table, base: str, is_multi: bool, page: int) -> tuple[Query, dict[str, Any]]:
    """The query of an object, and how REST deals with it."""
    fields, key, merges, optional = table.texts("fields"), table.text("key", ""), table.text("merges", ""), table.texts("optional")
    query = Query(
        name, tuple(dict.fromkeys((*SYSTEM_FIELDS, *fields, *optional, *(("CurrencyIsoCode",) if is_multi else ())))), table.text("where", ""),
        frozenset(table.texts("dates")), table.texts("reads_back"), frozenset(optional),
    )  # fmt: skip
    is_read_only = table.flag("read_only")
    inactive = table.maybe("deactivate")
    rows = f"{base}/sobjects/{name}"
    found: dict[str, Any] = {
        "list": {"path": f"{base}/queryAll/", "items": "records"}, "paging": {"kind": "link", "next": "nextRecordsUrl", "size": page},
        "changes": {"param": "q", "is_ordered": True, "overlap_s": OVERLAP_S},
        "id": "Id", "version": "SystemModstamp", "version_form": "instant", "modified": "SystemModstamp", "deleted": "IsDeleted",
        "one": {"path": f"{rows}/{{id}}"}, "unknown_settles_after_s": table.number("unknown_settles_after_s", 600),
    }  # fmt: skip
    if merges:
        found["merged_into"] = merges
    if not is_read_only:
        found |= {"create": {"path": f"{rows}/", "id": "id"}, "update": {"path": f"{rows}/{{id}}", "version_header": "if-unmodified-since"}}
        found["look_up"] = {"path": f"{base}/query/"}
    if key:
        found["external_id"] = {"field": key, "unique": True}
        found["look_up"] = {"path": f"{base}/query/", "param": "q"}
    if inactive is not None:
        found["deactivate"] = {"path": f"{rows}/{{id}}", "body": inactive.plain("set")}
        inactive.done()
    table.done()
    try:
        soql.changed(name, query.fields, "")
    except ValueError as error:
        raise ConfigurationError(f"{table.file}: {table.at}.fields: {error}") from error
    return query, found


def _auth(table: Table) -> dict[str, Any]:
    """Client credentials where a secret is given, a signed assertion where a key is."""
    found: dict[str, Any] = {"token_url": table.text("token_url", "services/oauth2/token")}
    if "private_key" in table:
        found |= {
            "kind": "oauth2_jwt_bearer", "issuer": table.text("client_id"), "subject": table.text("user"), "private_key": table.text("private_key"),
            "audience": table.text("audience", LOGIN),
        }  # fmt: skip
    else:
        found |= {"kind": "oauth2_client_credentials", "client_id": table.text("client_id"), "client_secret": table.text("client_secret")}
    table.done()
    return found
