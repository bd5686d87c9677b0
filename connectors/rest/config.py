"""The configuration of a REST system, read from YAML into plain values; see README.md for the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from connectors import auth as auths
from connectors.auth import Auth
from connectors.errors import Cause, ConfigurationError
from connectors.http import HttpSettings
from connectors.signatures import SCHEMES, Scheme, Signature
from connectors.tables import Table, fill_in
from schema.codecs import Codec, epoch, instant, trimmed
from schema.mapping_lines import When, when
from schema.paths import ABSENT

PagingKind = Literal["none", "page", "offset", "link", "token"]
ErrorClass = Literal["retriable", "rate_limited", "rejected", "unknown", "credentials"]
CAUSES: tuple[Cause, ...] = (
    "validation", "duplicate", "closed_period", "lock", "permission", "not_found", "conflict", "reference",
)  # fmt: skip
STAMPS: Mapping[str, Codec] = {"instant": instant(), "epoch_s": epoch("s"), "epoch_ms": epoch("ms"), "text": trimmed()}


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list is cut into pages.

    ``page``: number in ``param``, from ``first``; ``offset``: rows to skip; ``link``: the address of the next page at
    ``next``; ``token``: a token at ``next``, sent back in ``param``. ``size_param`` carries the page size. ``more`` is
    the path of a flag or of the number of pages; without it a full page means there is another.
    """

    kind: PagingKind = "none"
    param: str = ""
    size_param: str = ""
    size: int = 100
    first: int = 1
    next: str = ""
    more: str = ""
    pages: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """How to ask for what changed: ``param`` gets the instant ``since`` which (inclusive), in ``form``.

    ``is_ordered``: the list is sorted by that instant, so a poll walks by instants, not by page numbers, and rows that
    move while it reads are not skipped.
    """

    param: str
    form: str = "instant"
    is_ordered: bool = False
    overlap_s: float = 5.0


@dataclass(frozen=True, slots=True)
class WriteRule:
    """How to create, update or deactivate: ``wrap`` puts the body under a key, ``body`` is sent besides (or alone)."""

    method: str
    path: str
    wrap: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    id_path: str = ""
    version_path: str = ""
    version_header: str = ""
    """Header that carries the expected version (If-Match)."""
    version_field: str = ""
    """Or the field of the body that does."""
    key_header: str = ""
    """Header that carries our key, where the system has idempotency keys."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """How to find a record we may have written: our key in ``param``, or the natural key by ``params`` (their path → param)."""

    path: str
    param: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of record of the system."""

    name: str
    object: str
    list_path: str = ""
    items: str = ""
    list_params: Mapping[str, str] = field(default_factory=dict)
    paging: Paging = Paging()
    changes: Changes | None = None
    fetch_each: bool = False
    tells_deletes_only: bool = False
    id: tuple[str, ...] = ("id",)
    version: str = ""
    version_form: str = "text"
    modified: str = ""
    modified_form: str = "instant"
    deleted: When | None = None
    merged_into: str = ""
    """Path of the id of the record that a deleted one was merged into."""
    one_path: str = ""
    one_item: str = ""
    create: WriteRule | None = None
    update: WriteRule | None = None
    deactivate: WriteRule | None = None
    key_field: str = ""
    key_is_unique: bool = False
    look_up: LookUp | None = None
    unknown_settles_after_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Webhook:
    """How events come in: ``events`` is the path of a list ("" = the body is one event); ``objects`` maps the text at
    ``object`` to a resource; the record lies at ``record`` ("" = ids only, the hub fetches)."""

    signature: Signature
    events: str = ""
    object: str = ""
    objects: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    record: str = ""
    version: str = ""
    deleted: When | None = None
    occurred: str = ""
    message_id: tuple[str, ...] = ()
    """Paths within an event that name the message for good, where no signed header does."""


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """Answers with one of ``statuses`` ("4xx" forms too) and, if given, one of ``codes`` or a ``contains``, are ``kind``."""

    kind: ErrorClass
    statuses: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()
    contains: str = ""
    cause: Cause = "validation"
    remedy: str = ""
    field: str = ""
    retry_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ErrorPaths:
    """Where an error's body keeps its code, its text and the field it is about."""

    code: tuple[str, ...] = ()
    message: tuple[str, ...] = ()
    field: tuple[str, ...] = ()


@dataclass(frozen=True)
class RestConfig:
    system: str
    http: HttpSettings
    auth: Auth
    resources: Mapping[str, Resource]
    webhook: Webhook | None = None
    errors: tuple[ErrorRule, ...] = ()
    error_paths: ErrorPaths = ErrorPaths()


def load_file(path: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """The YAML of a system with its variables filled in: for the connector, and (``mappings``, ``code_maps``) for the hub."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path.name}: cannot be read as YAML: {error}") from error
    if not isinstance(document, dict):
        raise ConfigurationError(f"{path.name}: expected a table of keys and values")
    filled: dict[str, Any] = fill_in(document, environment, path.name)
    return filled


def parse(document: Mapping[str, Any], file: str = "rest") -> RestConfig:
    """Read the whole configuration. Raises ConfigurationError at the first thing that is not as it must be."""
    top = Table(document, file)
    for key in ("mappings", "code_maps", "name", "kind", "connector", "deep_links"):
        top.take(key)
    system = top.text("system")
    limits = top.maybe("limits")
    config = RestConfig(
        system=system,
        http=_http(top, system, limits),
        auth=_auth(top.maybe("auth")),
        resources={name: _resource(name, table) for name, table in top.tables("resources")},
        webhook=_webhook(top.maybe("webhook")),
        errors=tuple(_error(table) for table in top.listed("errors")),
        error_paths=_error_paths(top.maybe("error_paths")),
    )
    top.done()
    if not config.resources:
        raise top.wrong("resources", "at least one resource", None)
    for target in config.webhook.objects.values() if config.webhook else ():
        if target not in config.resources:
            raise ConfigurationError(f"{file}: webhook.objects: there is no resource {target!r}")
    return config


def _http(top: Table, system: str, limits: Table | None) -> HttpSettings:
    base_url = top.text("base_url")
    if not base_url.startswith(("http://", "https://")):
        raise top.wrong("base_url", "an address that begins with http:// or https://", base_url)
    if limits is None:
        return HttpSettings(system, base_url)
    settings = HttpSettings(
        system,
        base_url,
        timeout_s=limits.number("timeout_s", 30.0),
        connect_timeout_s=limits.number("connect_timeout_s", 5.0),
        max_response_bytes=int(limits.number("max_response_bytes", 50_000_000)),
        requests_per_s=limits.number("requests_per_s", 0.0),
        concurrency=int(limits.number("concurrency", 4)),
    )
    limits.done()
    return settings


def _auth(table: Table | None) -> Auth:
    if table is None:
        return auths.no_auth()
    found: Auth
    match table.one_of("kind", ("none", "bearer", "basic", "api_key", "oauth2_client_credentials", "oauth2_jwt_bearer")):
        case "bearer":
            found = auths.bearer(table.text("token"))
        case "basic":
            found = auths.basic(table.text("user"), table.text("password"))
        case "api_key":
            found = auths.api_key(table.text("header", "x-api-key"), table.text("key"))
        case "oauth2_client_credentials":
            found = auths.ClientCredentials(
                table.text("token_url"), client_id=table.text("client_id"), client_secret=table.text("client_secret"),
                scope=table.text("scope", ""), early_s=table.number("early_s", 30.0),
                secret_in=cast(Literal["form", "header"], table.one_of("secret_in", ("form", "header"), "form")),
            )  # fmt: skip
        case "oauth2_jwt_bearer":
            found = auths.JwtBearer(
                table.text("token_url"), issuer=table.text("issuer"), subject=table.text("subject"), audience=table.text("audience"),
                private_key=table.text("private_key"), algorithm=table.one_of("algorithm", ("RS256", "PS256", "ES256"), "RS256"),
                claims=table.plain("claims"), early_s=table.number("early_s", 30.0),
            )  # fmt: skip
        case _:
            found = auths.no_auth()
    table.done()
    return found


def _resource(name: str, table: Table) -> Resource:
    listing, external, lookup = table.maybe("list"), table.maybe("external_id"), table.maybe("look_up")
    paging, changes = table.maybe("paging"), table.maybe("changes")
    one = table.maybe("one")
    found = Resource(
        name=name,
        object=table.text("object", name),
        list_path=listing.text("path") if listing else "",
        items=listing.text("items", "") if listing else "",
        list_params=listing.plain("params") if listing else {},
        fetch_each=listing.flag("fetch_each") if listing else False,
        tells_deletes_only=listing.flag("tells_deletes_only") if listing else False,
        paging=_paging(paging) if paging else Paging(),
        changes=_changes(changes) if changes else None,
        id=table.texts("id") or ("id",),
        version=table.text("version", ""),
        version_form=table.one_of("version_form", tuple(STAMPS), "text"),
        modified=table.text("modified", ""),
        modified_form=table.one_of("modified_form", tuple(STAMPS), "instant"),
        deleted=_condition(table.take("deleted"), table, "deleted"),
        merged_into=table.text("merged_into", ""),
        one_path=one.text("path") if one else "",
        one_item=one.text("item", "") if one else "",
        create=_write_rule(table.maybe("create"), "POST"),
        update=_write_rule(table.maybe("update"), "PATCH"),
        deactivate=_write_rule(table.maybe("deactivate"), "PATCH"),
        key_field=external.text("field") if external else "",
        key_is_unique=external.flag("unique") if external else False,
        look_up=LookUp(lookup.text("path"), lookup.text("param", ""), lookup.plain("params")) if lookup else None,
        unknown_settles_after_s=table.number("unknown_settles_after_s", 30.0),
    )
    for inner in (listing, external, lookup, one):
        if inner:
            inner.done()
    table.done()
    if found.changes and not found.modified:
        raise table.wrong("modified", "the path of the instant that changes are filtered by", None)
    if found.fetch_each and not found.one_path:
        raise table.wrong("one", "the path of one record, since the list tells ids only", None)
    if found.key_field and not found.look_up:
        raise table.wrong("look_up", "how to find a record by our key", None)
    return found


def _paging(table: Table) -> Paging:
    kind = table.one_of("kind", ("none", "page", "offset", "link", "token"))
    defaults = {"page": ("page", "per_page"), "offset": ("offset", "limit")}.get(kind, ("", ""))
    found = Paging(
        kind=cast(PagingKind, kind),
        param=table.text("param") if kind == "token" else table.text("param", defaults[0]),
        size_param=table.text("size_param", defaults[1]),
        size=int(table.number("size", 100)),
        first=int(table.number("first", 1)),
        next=table.text("next") if kind in ("link", "token") else "",
        more=table.text("more", ""),
        pages=table.text("pages", ""),
    )
    table.done()
    return found


def _changes(table: Table) -> Changes:
    found = Changes(
        param=table.text("param"),
        form=table.one_of("form", ("instant", "epoch_s", "epoch_ms"), "instant"),
        is_ordered=table.flag("is_ordered"),
        overlap_s=table.number("overlap_s", 5.0),
    )
    table.done()
    return found


def _write_rule(table: Table | None, method: str) -> WriteRule | None:
    if table is None:
        return None
    found = WriteRule(
        method=table.one_of("method", ("POST", "PUT", "PATCH", "DELETE"), method),
        path=table.text("path"),
        wrap=table.text("wrap", ""),
        body=table.take("body") or {},
        id_path=table.text("id", ""),
        version_path=table.text("version", ""),
        version_header=table.text("version_header", ""),
        version_field=table.text("version_field", ""),
        key_header=table.text("key_header", ""),
    )
    if not isinstance(found.body, Mapping):
        raise table.wrong("body", "a table of their fields", found.body)
    table.done()
    return found


def _condition(stated: Any, table: Table, key: str) -> When | None:
    """``deleted: IsDeleted`` (a flag), ``{path: status, is: [gone]}`` or ``{path: deleted_at, is_not: [""]}``."""
    if stated is None:
        return None
    if isinstance(stated, str):
        return when(stated, is_=[True, "T", "Y", "1", "true"])
    if isinstance(stated, Mapping) and set(stated) in ({"path", "is"}, {"path", "is_not"}):
        return when(str(stated["path"]), is_=stated.get("is", ABSENT), is_not=stated.get("is_not", ABSENT))
    raise table.wrong(key, "the path of a flag, or {path: …, is: …}, {path: …, is_not: …}", stated)


def _webhook(table: Table | None) -> Webhook | None:
    if table is None:
        return None
    signature = Signature(
        scheme=cast(Scheme, table.one_of("scheme", SCHEMES)),
        secrets=table.texts("secrets"),
        header=table.text("header", "x-signature"),
        prefix=table.text("prefix", ""),
        encoding=cast(Literal["hex", "base64"], table.one_of("encoding", ("hex", "base64"), "hex")),
        secret_is=cast(Literal["text", "sha256", "base64"], table.one_of("secret_is", ("text", "sha256", "base64"), "text")),
        signed=table.text("signed", "{body}"),
        id_header=table.text("id_header", ""),
        timestamp_header=table.text("timestamp_header", ""),
    )
    if "{body}" not in signature.signed or bool(signature.timestamp_header) != ("{timestamp}" in signature.signed):
        raise table.wrong("signed", "what is signed, with {body} and, just where there is a timestamp_header, {timestamp}", signature.signed)
    found = Webhook(
        signature=signature,
        events=table.text("events", ""),
        object=table.text("object"),
        objects=table.plain("objects"),
        id=table.text("id"),
        record=table.text("record", ""),
        version=table.text("version", ""),
        deleted=_condition(table.take("deleted"), table, "deleted"),
        occurred=table.text("occurred", ""),
        message_id=tuple(table.texts("message_id")),
    )
    table.done()
    return found


def _error(table: Table) -> ErrorRule:
    found = ErrorRule(
        kind=cast(ErrorClass, table.one_of("class", ("retriable", "rate_limited", "rejected", "unknown", "credentials"))),
        statuses=table.texts("status"),
        codes=frozenset(table.texts("code")),
        contains=table.text("contains", ""),
        cause=cast(Cause, table.one_of("cause", CAUSES, "validation")),
        remedy=table.text("remedy", ""),
        field=table.text("field", ""),
        retry_after_s=table.number("retry_after_s", 0.0),
    )
    table.done()
    return found


def _error_paths(table: Table | None) -> ErrorPaths:
    if table is None:
        return ErrorPaths()
    found = ErrorPaths(table.texts("code"), table.texts("message"), table.texts("field"))
    table.done()
    return found
