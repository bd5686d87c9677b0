"""Lists of a simulated OData service: conditions, order, pages, references, and what changed since a link was given."""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.odata import simulator_filter as filters
from connectors.odata.simulator_filter import MalformedError, Read
from connectors.odata.simulator_kinds import Kind, Nav, Service
from connectors.odata.values import GUID, INT32, INT64, key
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store
from connectors.wire import dump_json, parse_json

_NAMED = re.compile(r"\s*(\w+)\s*=\s*((?:\w+)?'(?:[^']|'')*'|[^,]+)\s*(?:,|$)")
_KNOWN = frozenset({"$select", "$filter", "$orderby", "$top", "$skip", "$skiptoken", "$count", "$inlinecount", "$expand", "$format", "$search",
                    "$deltatoken", "sap-client", "sap-language", "cross-company", "api-version"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """One page; ``next`` and ``delta`` are the parameters of the addresses that lead on."""

    rows: list[Row]
    gone: list[Row] = field(default_factory=list)
    next: str = ""
    delta: str = ""
    count: int | None = None
    is_tracked: bool = False


@dataclass
class Lists:
    """What questions find in a store. ``lapsed``: delta links given before this instant no longer hold; ``untracked`` sets give none."""

    store: Store
    lapsed: str = ""
    untracked: set[str] = field(default_factory=set)

    def found(self, service: Service, kind: Kind, params: Mapping[str, str]) -> list[Row]:
        """All rows a condition finds, in the order asked for."""
        rows = list(self.store.table(kind.name))
        if text := params.get("$filter", ""):
            condition = filters.parse(text, self._types(service, kind), ignores_case=service.ignores_case)
            rows = [row for row in rows if condition(self._read(service, kind, row))]
        rows.sort(key=lambda row: row.id)
        return filters.ordered(rows, params.get("$orderby", ""), self._types(service, kind), lambda row: self._read(service, kind, row))

    def page(self, service: Service, kind: Kind, params: Mapping[str, str], size: int, tracks: bool) -> Listed | Refusal:
        """One page. Raises MalformedError."""
        for name in params:
            if name.startswith("$") and name not in _KNOWN:
                raise MalformedError(f"The query parameter '{name}' is not supported.")
        size = min(size or service.page, service.page)
        if "$deltatoken" in params and params["$deltatoken"] != "none":
            return self._changes(kind, params, size)
        is_tracked = tracks and kind.name not in self.untracked
        if is_tracked and set(params) & {"$filter", "$orderby", "$expand", "$top"}:
            return Refusal("TrackingTakesNoOptions", "", "Change tracking does not support $filter, $orderby, $expand and $top.", 400)
        rows = self.found(service, kind, params)
        count = len(rows) if params.get("$count") == "true" or params.get("$inlinecount") == "allpages" else None
        rows = self._behind(service, kind, rows, params)
        if "$skip" in params:
            rows = rows[_whole(params, "$skip") :]
        if "$top" in params:
            rows = rows[: _whole(params, "$top")]
        began = self._now(kind)
        shown, rest = rows[:size], rows[size:]
        kept = {name: value for name, value in params.items() if name not in ("$skiptoken", "$deltatoken", "$skip")}
        if rest:
            if "$top" in kept:
                kept["$top"] = str(_whole(params, "$top") - len(shown))
            mark = self._mark(service, kind, params, shown, began if is_tracked else "")
            return Listed(shown, next=_params({**kept, "$skiptoken": mark}), count=count, is_tracked=is_tracked)
        ends = self._tracked_from(params) or (began if is_tracked else "")
        return Listed(shown, delta=_params({**kept, "$deltatoken": ends}) if ends else "", count=count, is_tracked=is_tracked)

    def _changes(self, kind: Kind, params: Mapping[str, str], size: int) -> Listed | Refusal:
        """What changed after the instant of a delta link, oldest first."""
        token = params["$deltatoken"]
        since, _, at = token.partition("~")
        if (self.lapsed and since <= self.lapsed) or not since:
            return Refusal("DeltaTokenExpired", "", "The delta token is invalid or has expired.", 400)
        rows = [row for row in self.store.changed(kind.name) if row.changed_at.isoformat() > (at or since)]
        shown, rest = rows[:size], rows[size:]
        kept = {name: value for name, value in params.items() if name not in ("$deltatoken", "$skiptoken")}
        alive, gone = [row for row in shown if not row.is_deleted], [row for row in shown if row.is_deleted]
        newest = shown[-1].changed_at.isoformat() if shown else at or since
        if rest:
            return Listed(alive, gone, next=_params({**kept, "$deltatoken": f"{since}~{newest}"}), is_tracked=True)
        return Listed(alive, gone, delta=_params({**kept, "$deltatoken": newest}), is_tracked=True)

    def _now(self, kind: Kind) -> str:
        rows = self.store.changed(kind.name)
        return (rows[-1].changed_at if rows else datetime.fromisoformat("2000-01-01T00:00:00+00:00")).isoformat()

    def _behind(self, service: Service, kind: Kind, rows: list[Row], params: Mapping[str, str]) -> list[Row]:
        """The rows behind the place a skip token stands for."""
        mark = params.get("$skiptoken")
        if not mark:
            return rows
        place = _unmarked(mark)
        if not service.keyset:
            return rows[int(place["skip"]) :]
        if not params.get("$orderby"):  # sorted by id
            return rows[bisect_right(rows, place["last"][-1], key=lambda row: row.id) :]
        terms = [*filters.terms(params.get("$orderby", ""), self._types(service, kind)), ("", False)]

        def is_behind(row: Row) -> bool:
            values = [*(self._read(service, kind, row)(name) for name, _ in terms[:-1]), row.id]
            for (_, is_descending), value, last in zip(terms, values, place["last"], strict=True):
                side = filters.compare(value, last)
                if side:
                    return (side < 0) if is_descending else side > 0
            return False

        return [row for row in rows if is_behind(row)]

    def _mark(self, service: Service, kind: Kind, params: Mapping[str, str], shown: list[Row], began: str) -> str:
        if service.keyset:
            read = self._read(service, kind, shown[-1])
            names = [name for name, _ in filters.terms(params.get("$orderby", ""), self._types(service, kind))]
            place: dict[str, Any] = {"last": [*(read(name) for name in names), shown[-1].id]}
        else:
            before = _unmarked(params["$skiptoken"])["skip"] if params.get("$skiptoken") else _whole(params, "$skip") if "$skip" in params else 0
            place = {"skip": int(before) + len(shown)}
        tracked = self._tracked_from(params) or began
        return base64.urlsafe_b64encode(dump_json(place | ({"began": tracked} if tracked else {}))).decode()

    def _tracked_from(self, params: Mapping[str, str]) -> str:
        """When a tracked listing began, on its further pages."""
        return str(_unmarked(params["$skiptoken"]).get("began", "")) if params.get("$skiptoken") else ""

    def led_to(self, kind: Kind, row: Row, nav: Nav, target: Kind) -> list[Row]:
        """The records a navigation leads to."""
        wanted = row.fields.get(nav.own)
        if wanted is None:
            return []
        pairs = [(theirs, row.fields.get(own)) for own, theirs in nav.also]
        return [
            one for one in self.store.table(target.name)
            if one.fields.get(nav.theirs) == wanted and all(one.fields.get(theirs) == value for theirs, value in pairs)
        ]  # fmt: skip

    def predicate(self, service: Service, kind: Kind, row: Row) -> str:
        parts = row.id.split("|") if len(kind.key) > 1 else [row.id]
        values = {name: int(part) if kind.props[name].type in (INT32, INT64) else part for name, part in zip(kind.key, parts, strict=True)}
        return key(values, kind.types, service.version)

    def _types(self, service: Service, kind: Kind) -> dict[str, str]:
        """Types of what conditions may name: properties, and those of single references."""
        found = dict(kind.types)
        for nav in kind.navs:
            target = service.kinds.get(nav.set)
            if target is not None and not nav.is_many:
                found |= {f"{nav.name}/{name}": type for name, type in target.types.items()}
        return found

    def _read(self, service: Service, kind: Kind, row: Row) -> Read:
        def value(name: str) -> Any:
            head, _, rest = name.partition("/")
            if not rest:
                return row.fields.get(head)
            nav = next(one for one in kind.navs if one.name == head)
            rows = self.led_to(kind, row, nav, service.kinds[nav.set])
            return rows[0].fields.get(rest) if rows else None

        return value


def keys_in(kind: Kind, text: str) -> dict[str, Any]:
    """What a key predicate says, named or bare. Raises MalformedError."""
    text = text.strip()
    named = _NAMED.match(text) if "=" in text.partition("'")[0] else None
    if named is None:
        if len(kind.key) != 1:
            raise MalformedError(f"The number of keys specified does not match the number of keys of '{kind.type}'.")
        return {kind.key[0]: _key_value(kind, kind.key[0], text)}
    found, at = dict[str, Any](), 0
    while at < len(text):
        named = _NAMED.match(text, at)
        if named is None or named[1] not in kind.props:
            raise MalformedError(f"Bad Request - Error in query syntax at '{text[at:]}'.")
        found[named[1]] = _key_value(kind, named[1], named[2].strip())
        at = named.end()
    return found


def _key_value(kind: Kind, name: str, text: str) -> Any:
    type = kind.props[name].type
    quoted = re.fullmatch(r"(\w*)'(.*)'", text, re.DOTALL)
    if type == GUID:
        inner = quoted[2] if quoted else text
        if not re.fullmatch(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", inner):
            raise MalformedError("Error in query syntax.")
        return inner.lower()
    if type in (INT32, INT64, "Edm.Int16"):
        if not re.fullmatch(r"-?\d+[Ll]?", text):
            raise MalformedError("Error in query syntax.")
        return int(text.rstrip("Ll"))
    if quoted is None:
        raise MalformedError("Error in query syntax.")
    return quoted[2].replace("''", "'")


def key_of(kind: Kind, wanted: Mapping[str, Any]) -> str:
    """The id a key stands for."""
    return "|".join(str(wanted[name]) for name in kind.key)


def _unmarked(mark: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = parse_json(base64.urlsafe_b64decode(mark.encode()))
        return found
    except (ValueError, binascii.Error) as error:
        raise MalformedError("The skip token is malformed.") from error


def _whole(params: Mapping[str, str], name: str) -> int:
    text = params[name]
    if not text.isascii() or not text.isdecimal():
        raise MalformedError(f"Invalid value '{text}' for {name}.")
    return int(text)


def _params(params: Mapping[str, str]) -> str:
    return "&".join(f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in params.items())


