"""A simulated OData server over a vendor's store: lists, records, batches, tracked changes, metadata, tags and tokens, in both versions.

A vendor says what it holds (:meth:`ODataServer.services`), how it refuses (``error``) and what it computes and checks (the hooks below).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from connectors.odata import simulator_kinds as kinds
from connectors.odata.simulator_batch import Asked, Batches
from connectors.odata.simulator_filter import MalformedError
from connectors.odata.simulator_kinds import Kind, Service
from connectors.odata.simulator_lists import Lists, key_of, keys_in
from connectors.odata.values import Version, typed, wire
from connectors.simulator.base import VendorServer, answer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store, merged

WRITES = {"POST": "create", "PATCH": "update", "MERGE": "update", "PUT": "update", "DELETE": "delete"}


class ODataServer(Batches, VendorServer):
    """A running system whose services speak OData."""

    def __init__(self, name: str, store: Store, *, webhook_url: str = "", requests_per_s: float = 0.0) -> None:
        super().__init__(name, store, webhook_url=webhook_url, requests_per_s=requests_per_s)
        self.sessions: dict[str, str] = {}
        self.lists = Lists(self.store)

    # --- what a vendor says --------------------------------------------------------------------------------------------

    @abstractmethod
    def services(self) -> tuple[Service, ...]: ...

    @abstractmethod
    def new_id(self, kind: Kind, fields: Mapping[str, Any]) -> str:
        """The id of a new record, its key's values joined with "|"."""

    def stamped(self, kind: Kind, id: str, fields: dict[str, Any], old: Row | None) -> dict[str, Any]:
        """What the system adds to a state by itself: stamps, numbers, roll-ups."""
        return fields

    def check(self, kind: Kind, new: Mapping[str, Any], old: Row | None) -> Refusal | None:
        """Rules beyond types, lengths and references."""
        return None

    def etag(self, row: Row) -> str:
        return f'W/"{row.version}"'

    def worded(self, kind: Kind, refusal: Refusal) -> Refusal:
        """A refusal of a value in the vendor's words."""
        return refusal

    def read_only(self, kind: Kind) -> str:
        """Why nobody may write this set by requests, "" when they may."""
        return ""

    async def special(self, asked: Asked) -> web.Response | None:
        """Functions, actions and whatever is no entity set; None when there is no such thing."""
        return None

    def annotated(self, kind: Kind, row: Row, shown: dict[str, Any], asked: Asked) -> dict[str, Any]:
        """A record with what the vendor says beside its properties."""
        return shown

    # --- the outside ---------------------------------------------------------------------------------------------------

    def kind(self, object: str) -> Kind:
        return next(one for service in self.services() for one in service.kinds.values() if one.name == object)

    def objects(self) -> Mapping[str, Kind]:
        return {one.name: one for service in self.services() for one in service.kinds.values()}

    def shown(self, row: Row) -> dict[str, Any]:
        return dict(row.fields)

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        kind = self.kind(object)
        old = self.store.rows.get(object, {}).get(id) if id else None
        whole = merged(old.fields if old else {one.name: one.default for one in kind.listed}, fields)
        name = id or self.new_id(kind, whole)
        whole |= {one: part for one, part in zip(kind.key, name.split("|") if len(kind.key) > 1 else [name], strict=True) if whole.get(one) is None}
        return self.store.put(object, name, self.stamped(kind, name, whole, old), key=key, is_deleted=is_deleted)

    def routes(self, app: web.Application) -> None:
        for service in self.services():
            for path in (service.base, service.base + "/{rest:.*}"):
                app.router.add_route("*", path, self._entry(service))

    def _entry(self, service: Service) -> Any:
        async def enter(request: web.Request) -> web.StreamResponse:
            inner = request.rel_url.raw_path.removeprefix(service.base).strip("/")
            segments = tuple(unquote(one) for one in inner.split("/") if one)
            headers = {name.lower(): value for name, value in request.headers.items()}
            method = request.headers.get("x-http-method", request.method)
            asked = Asked(service, method, segments, dict(request.query), headers, await request.read())
            object_, operation = self.about(asked)

            async def handle(_: web.Request) -> web.StreamResponse:
                return self._with_token(asked, await self.answered(asked, is_whole=True))

            return await self.guard(request, object_, operation, handle)

        return enter

    def about(self, asked: Asked) -> tuple[str, str]:
        """The object and operation a request is about, as faults name them. A question for very few records is a look-up, no list."""
        if asked.segments == ("$batch",):
            return "batch", "create"
        name, _, key = asked.segments[0].partition("(") if asked.segments else ("", "", "")
        kind = asked.service.kinds.get(name)
        if kind is None:
            return asked.service.base, "metadata"
        if asked.method == "GET":
            few = (asked.params.get("$top") or "100").isdecimal() and int(asked.params.get("$top", "100")) <= 3
            return kind.name, "read" if key or few else "list"
        is_insert = asked.method == "PATCH" and asked.headers.get("if-none-match") == "*"
        return kind.name, "create" if is_insert else WRITES.get(asked.method, "read")

    # --- answering -----------------------------------------------------------------------------------------------------

    async def answered(self, asked: Asked, *, is_whole: bool = False) -> web.Response:
        """The answer to one request; ``is_whole``: it came alone, so tokens are asked of it."""
        if is_whole and (forged := self._forged(asked)):
            return forged
        try:
            return await self._routed(asked)
        except MalformedError as error:
            return self.error(Refusal("BadRequest", "", str(error), 400))
        except ValueError as error:
            return self.error(Refusal("Malformed", "", str(error), 400))

    async def _routed(self, asked: Asked) -> web.Response:
        match asked.segments:
            case ():
                return self.good(asked, {"value": [{"name": one, "kind": "EntitySet", "url": one} for one in asked.service.kinds]})
            case ("$metadata",):
                return web.Response(body=kinds.edmx(asked.service), content_type="application/xml", headers=self.versions(asked.service.version))
            case ("$batch",) if asked.method == "POST":
                return await self.batched(asked)
        special = await self.special(asked)
        if special is not None:
            return special
        name, bracket, rest = asked.segments[0].partition("(")
        kind = asked.service.kinds.get(name)
        if kind is None:
            return self.error(Refusal("NoSuchSegment", "", f"Resource not found for the segment '{name}'.", 404))
        if not bracket:
            return self._of_set(asked, kind)
        row, wanted = self._named(kind, rest.removesuffix(")"))
        if len(asked.segments) > 1 and row is not None:
            return self._inside(asked, kind, row)
        return self._of_record(asked, kind, row, wanted)

    def _of_set(self, asked: Asked, kind: Kind) -> web.Response:
        if asked.method == "POST":
            return self._create(asked, kind, asked.json())
        if len(asked.segments) > 1 and asked.segments[1] == "$count":
            return web.Response(text=str(len(self.lists.found(asked.service, kind, asked.params))), content_type="text/plain")
        return self._list(asked, kind)

    def _of_record(self, asked: Asked, kind: Kind, row: Row | None, wanted: Mapping[str, Any]) -> web.Response:
        match asked.method:
            case "GET" | "HEAD":
                return self.missing(kind, wanted) if row is None else self.one(asked, kind, row)
            case "PATCH" | "MERGE" | "PUT":
                return self._update(asked, kind, row, wanted)
            case "DELETE":
                return self._delete(asked, kind, row, wanted)
        return self.error(Refusal("MethodNotAllowed", "", "The method is not allowed", 405))

    def _inside(self, asked: Asked, kind: Kind, row: Row) -> web.Response:
        nav = next((one for one in kind.navs if one.name == asked.segments[1]), None)
        if nav is None or nav.set not in asked.service.kinds:
            return self.error(Refusal("NoSuchSegment", "", f"Resource not found for the segment '{asked.segments[1]}'.", 404))
        target = asked.service.kinds[nav.set]
        rows = self.lists.led_to(kind, row, nav, target)
        if nav.is_many:
            return self.good(asked, self._wrapped(asked, target, [self.rendered(asked, target, one) for one in rows]))
        return self.one(asked, target, rows[0]) if rows else web.Response(status=204)

    def _named(self, kind: Kind, text: str) -> tuple[Row | None, dict[str, Any]]:
        """The record a key names, and what the key says. Raises MalformedError."""
        wanted = keys_in(kind, text)
        if set(wanted) == set(kind.key):
            return self.store.get(kind.name, key_of(kind, wanted)), wanted
        if not any(set(one) == set(wanted) for one in kind.unique):
            raise MalformedError(f"The key in the request is not a key of '{kind.type}'.")
        return self._holder(kind, wanted), wanted

    def _holder(self, kind: Kind, wanted: Mapping[str, Any]) -> Row | None:
        return next((row for row in self.store.table(kind.name) if all(_equal(row.fields.get(one), value) for one, value in wanted.items())), None)

    # --- reading -------------------------------------------------------------------------------------------------------

    def _list(self, asked: Asked, kind: Kind) -> web.Response:
        listed = self.lists.page(asked.service, kind, asked.params, int(asked.prefers("maxpagesize") or 0), asked.prefers("track-changes") == "true")
        if isinstance(listed, Refusal):
            return self.error(listed)
        address = f"{self.url}{asked.service.base}/{kind.set}"
        body = self._wrapped(asked, kind, [self.rendered(asked, kind, row) for row in listed.rows], listed.count)
        if asked.service.version == 2:
            body["d"] |= {"__next": f"{address}?{listed.next}"} if listed.next else {}
            return self.good(asked, body)
        body["value"] += [
            {"@odata.context": f"{self.url}{asked.service.base}/$metadata#{kind.set}/$deletedEntity", "id": row.id, "reason": "deleted"}
            for row in listed.gone
        ]
        body |= {"@odata.nextLink": f"{address}?{listed.next}"} if listed.next else {}
        body |= {"@odata.deltaLink": f"{address}?{listed.delta}"} if listed.delta else {}
        applied = [one for one in ("odata.track-changes", "odata.maxpagesize") if asked.prefers(one) and (one != "odata.track-changes" or listed.is_tracked)]
        return self.good(asked, body, headers={"preference-applied": ",".join(applied)} if applied else {})

    def _wrapped(self, asked: Asked, kind: Kind, rows: list[dict[str, Any]], count: int | None = None) -> dict[str, Any]:
        if asked.service.version == 2:
            return {"d": {"results": rows} | ({"__count": str(count)} if count is not None else {})}
        context = f"{self.url}{asked.service.base}/$metadata#{kind.set}"
        return {"@odata.context": context} | ({"@odata.count": count} if count is not None else {}) | {"value": rows}

    def one(self, asked: Asked, kind: Kind, row: Row, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
        """The answer about one record."""
        said = {"etag": self.etag(row), **(headers or {})}
        shown = self.rendered(asked, kind, row)
        if asked.service.version == 2:
            return self.good(asked, {"d": shown}, status, said)
        return self.good(asked, {"@odata.context": f"{self.url}{asked.service.base}/$metadata#{kind.set}/$entity", **shown}, status, said)

    def rendered(self, asked: Asked, kind: Kind, row: Row) -> dict[str, Any]:
        """A record as this request wants it: the properties selected, what is expanded inside, in the version's form."""
        version, shown = asked.service.version, self.shown(row)
        wanted = [one for one in asked.params.get("$select", "").split(",") if one and "/" not in one]
        wanted = [] if "*" in wanted else wanted
        for name in wanted:
            if name not in kind.props and name not in {nav.name for nav in kind.navs}:
                raise MalformedError(f"Could not find a property named '{name}' on type '{kind.type}'.")
        names = [one for one in kind.props if not wanted or one in wanted or (version == 4 and one in kind.key)]
        found: dict[str, Any] = {name: wire(shown.get(name), kind.props[name].type, version) for name in names}
        expanded = [one.partition("(")[0].partition("/")[0] for one in _parts(asked.params.get("$expand", ""))]
        for nav in kind.navs:
            if nav.set not in asked.service.kinds:
                continue
            if nav.name in expanded:
                target = asked.service.kinds[nav.set]
                plainly = Asked(asked.service, "GET", (), _within(nav.name, asked.params) if version == 2 else {}, asked.headers)
                rows = [self.rendered(plainly, target, one) for one in self.lists.led_to(kind, row, nav, target)]
                found[nav.name] = ({"results": rows} if version == 2 else rows) if nav.is_many else (rows[0] if rows else None)
            elif version == 2 and (not wanted or nav.name in wanted):
                found[nav.name] = {"__deferred": {"uri": f"{self.address(asked.service, kind, row)}/{nav.name}"}}
        if unknown := set(expanded) - {nav.name for nav in kind.navs}:
            raise MalformedError(f"Could not find a property named '{min(unknown)}' on type '{kind.type}'.")
        if version == 2:
            uri = self.address(asked.service, kind, row)
            about = {"id": uri, "uri": uri, "type": f"{asked.service.namespace}.{kind.type}", "etag": self.etag(row)}
            return self.annotated(kind, row, {"__metadata": about, **found}, asked)
        return self.annotated(kind, row, {"@odata.etag": self.etag(row), **found}, asked)

    def address(self, service: Service, kind: Kind, row: Row) -> str:
        return f"{self.url}{service.base}/{kind.set}{self.lists.predicate(service, kind, row)}"

    # --- writing -------------------------------------------------------------------------------------------------------

    def keep(self, kind: Kind, row: Row | None, fields: Mapping[str, Any], service: Service, id: str | None = None) -> Row | Refusal:
        """Store what a request states of a record (a new one without ``row``), or say why not."""
        if reason := self.read_only(kind):
            return Refusal("ReadOnly", "", reason, 403)
        stated = self._bound(kind, fields, service)
        if isinstance(stated, Refusal):
            return stated
        if refusal := kinds.refused(kind, stated):
            return self.worded(kind, refusal)
        if row is None and (missing := kind.missing(stated)):
            return self.worded(kind, Refusal("Required", missing[0], f"The property '{missing[0]}' is required."))
        for name, value in stated.items():
            target = kind.props[name].refers_to
            if value and target in service.kinds and self.store.get(service.kinds[target].name, str(value)) is None:
                return Refusal("NoSuchReference", name, f"{service.kinds[target].type} With Id = {value} Does Not Exist", 404)
        whole = {**(row.fields if row else {one.name: one.default for one in kind.listed}), **stated}
        for unique in (kind.key, *kind.unique):
            said = {one: whole.get(one) for one in unique}
            holder = self._holder(kind, said) if all(value is not None for value in said.values()) else None
            if holder is not None and (row is None or holder.id != row.id):
                return Refusal("DuplicateKey", unique[0], "A record with matching key values already exists.", 412)
        if refusal := self.check(kind, whole, row):
            return refusal
        return self.put(kind.name, row.id if row else id, stated, key="" if row else self.our_key(kind, whole))

    def our_key(self, kind: Kind, fields: Mapping[str, Any]) -> str:
        """What a create is counted under."""
        return f"{kind.name} without a key"

    def _bound(self, kind: Kind, fields: Mapping[str, Any], service: Service) -> dict[str, Any] | Refusal:
        """The body with references by address as properties; annotations are left out."""
        bound, stated = kind.bound(), dict[str, Any]()
        for name, value in fields.items():
            navigation, mark, annotation = name.partition("@")
            if not mark:
                stated[name] = typed(value, kind.types.get(name, "")) if service.version == 2 else value
            elif annotation == "odata.bind":
                prop = bound.get(navigation)
                if prop is None:
                    return Refusal("UnknownProperty", navigation, f"An undeclared property '{navigation}' which only has property annotations in the payload was found.")
                set_, bracket, rest = str(value or "").rpartition("/")[2].partition("(")
                if value is not None and (not bracket or set_ not in service.kinds):
                    return Refusal("InvalidProperty", navigation, f"The address '{value}' names no record.")
                row = None if value is None else self._named(service.kinds[set_], rest.removesuffix(")"))[0]
                if value is not None and row is None:
                    return Refusal("NoSuchReference", navigation, f"{service.kinds[set_].type} With Id = {rest.removesuffix(')')} Does Not Exist", 404)
                stated[prop.name] = row.id if row is not None else None
        return stated

    def _create(self, asked: Asked, kind: Kind, fields: Mapping[str, Any], id: str | None = None) -> web.Response:
        done = self.keep(kind, None, fields, asked.service, id)
        if isinstance(done, Refusal):
            return self.error(done)
        place = self.address(asked.service, kind, done)
        headers = {"location": place} | ({"odata-entityid": place} if asked.service.version == 4 else {})
        if asked.service.version == 4 and asked.prefers("return") != "representation":
            return web.Response(status=204, headers={**self.versions(4), **headers})
        return self.one(asked, kind, done, 201, headers)

    def _update(self, asked: Asked, kind: Kind, row: Row | None, wanted: Mapping[str, Any]) -> web.Response:
        if refusal := self._unmatched(asked, kind, row, wanted):
            return self.error(refusal)
        if row is None:
            if not asked.service.upserts:
                return self.missing(kind, wanted)
            id = key_of(kind, wanted) if set(wanted) == set(kind.key) else None
            return self._create(asked, kind, {**wanted, **asked.json()}, id)
        done = self.keep(kind, row, asked.json(), asked.service)
        if isinstance(done, Refusal):
            return self.error(done)
        if asked.service.version == 4 and asked.prefers("return") == "representation":
            return self.one(asked, kind, done)
        place = {"odata-entityid": self.address(asked.service, kind, done)} if asked.service.version == 4 else {}
        return web.Response(status=204, headers={**self.versions(asked.service.version), **place})

    def _delete(self, asked: Asked, kind: Kind, row: Row | None, wanted: Mapping[str, Any]) -> web.Response:
        if row is None:
            return self.missing(kind, wanted)
        refusal = self._unmatched(asked, kind, row, wanted) or (Refusal("ReadOnly", "", reason, 403) if (reason := self.read_only(kind)) else None)
        if refusal:
            return self.error(refusal)
        self.put(row.object, row.id, {}, is_deleted=True)
        return web.Response(status=204, headers=self.versions(asked.service.version))

    def _unmatched(self, asked: Asked, kind: Kind, row: Row | None, wanted: Mapping[str, Any]) -> Refusal | None:
        """Why a conditional write may not happen."""
        match, none = asked.headers.get("if-match", ""), asked.headers.get("if-none-match", "")
        if row is None and match:
            return Refusal("NotFound", "", f"{kind.type} With {_said(wanted)} Does Not Exist", 404)
        if row is not None and none == "*":
            return Refusal("DuplicateKey", "", "A record with matching key values already exists.", 412)
        if row is not None and not match and asked.service.needs_if_match:
            return Refusal("IfMatchRequired", "", "Data service request is required to be conditional; try using If-Match", 428)
        if row is not None and match not in ("", "*") and match != self.etag(row):
            return Refusal("VersionMismatch", "", "The version of the existing record doesn't match the RowVersion property provided.", 412)
        return None

    def missing(self, kind: Kind, wanted: Mapping[str, Any]) -> web.Response:
        return self.error(Refusal("NotFound", "", f"{kind.type} With {_said(wanted)} Does Not Exist", 404))

    # --- what versions and tokens want ---------------------------------------------------------------------------------

    def good(self, asked: Asked, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
        return answer(body, status, {**self.versions(asked.service.version), **(headers or {})})

    def versions(self, version: Version) -> dict[str, str]:
        return {"odata-version": "4.0"} if version == 4 else {"dataserviceversion": "2.0"}

    def _forged(self, asked: Asked) -> web.Response | None:
        """The refusal of a write without the token of its session."""
        if not asked.service.has_csrf or asked.method in ("GET", "HEAD"):
            return None
        token = asked.headers.get("x-csrf-token", "")
        if token in self.sessions and f"SAP_SESSIONID={self.sessions[token]}" in asked.headers.get("cookie", ""):
            return None
        return web.Response(status=403, text="CSRF token validation failed", headers={"x-csrf-token": "Required"})

    def _with_token(self, asked: Asked, response: web.Response) -> web.Response:
        if asked.service.has_csrf and asked.headers.get("x-csrf-token", "").lower() == "fetch":
            token = f"token-{len(self.sessions) + 1:08d}=="
            self.sessions[token] = f"session-{len(self.sessions) + 1:08d}"
            response.headers["x-csrf-token"] = token
            response.set_cookie("SAP_SESSIONID", self.sessions[token], path="/")
            response.set_cookie("sap-usercontext", "sap-client=100", path="/")
        return response


def _within(nav: str, params: Mapping[str, str]) -> dict[str, str]:
    """What version 2 asks of records that are expanded, which stands in the options of the whole.

    >>> _within("to_Item", {"$select": "Order,to_Item/Item,to_Item/to_Text/Text", "$expand": "to_Item/to_Text"})
    {'$select': 'Item,to_Text/Text', '$expand': 'to_Text'}
    """
    found = {name: ",".join(one.removeprefix(f"{nav}/") for one in params.get(name, "").split(",") if one.startswith(f"{nav}/")) for name in ("$select", "$expand")}
    return {name: text for name, text in found.items() if text}


def _parts(text: str) -> list[str]:
    """The parts of a list, not cut within brackets.

    >>> _parts("a($select=x,y),b")
    ['a($select=x,y)', 'b']
    """
    found, depth = [""], 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            found.append("")
        else:
            found[-1] += sign
    return [one for one in found if one]


def _equal(a: Any, b: Any) -> bool:
    return a.casefold() == b.casefold() if isinstance(a, str) and isinstance(b, str) else bool(a == b)


def _said(wanted: Mapping[str, Any]) -> str:
    return ", ".join(f"{'Id' if len(wanted) == 1 else name} = {value}" for name, value in wanted.items())
