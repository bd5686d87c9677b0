"""How the pod shows what it holds: items and collections, children as the framework's version has them, links with what locks a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from connectors.oracle_fusion.simulator.objects import Resource
from connectors.oracle_fusion.simulator.pod import hashed
from connectors.simulator.store import Row

DEFAULT = 25


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for."""

    root: str
    """Address of the API's version."""
    framework: int
    q: str = ""
    finder: str = ""
    order: str = ""
    expand: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    only_data: bool = False
    links: frozenset[str] = frozenset()
    limit: int = DEFAULT
    offset: int = 0
    with_total: bool = False

    @classmethod
    def of(cls, request: web.Request, url: str, most: int) -> Asked:
        asked = request.query
        return cls(
            f"{url}{'/'.join(request.path.split('/')[:4])}", framework_of(request), asked.get("q", ""), asked.get("finder", ""), asked.get("orderBy", ""),
            tuple(one for one in asked.get("expand", "").split(",") if one), tuple(one for one in asked.get("fields", "").split(",") if one),
            asked.get("onlyData", "").lower() == "true", frozenset(one for one in asked.get("links", "").split(",") if one),
            min(_number(asked.get("limit"), DEFAULT), most), _number(asked.get("offset"), 0), asked.get("totalResults", "").lower() == "true",
        )  # fmt: skip

    def expanding(self, names: tuple[str, ...]) -> Asked:
        return replace(self, expand=(*self.expand, *names))


def framework_of(request: web.Request) -> int:
    told = request.headers.get("rest-framework-version", "1")
    return int(told) if told.isdecimal() and 1 <= int(told) <= 9 else 1


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default


def tag(row: Row) -> str:
    """What locks a record: another with each of its states."""
    return f"ACED000573720013{int(row.id) if row.id.isdecimal() else 0:016X}{row.version:08X}"


def address(kind: Resource, row: Row, asked: Asked) -> str:
    name = hashed(kind.name, row.id) if kind.hashed else str(row.fields.get(kind.address) or row.id)
    return f"{asked.root}/{kind.name}/{name}"


def item(kind: Resource, row: Row, asked: Asked) -> dict[str, Any]:
    own = address(kind, row, asked)
    return _with_links(_fields(kind, row.fields, own, asked, ""), kind, own, asked, tag(row))


def child(kind: Resource, fields: Mapping[str, Any], collection: str, asked: Asked) -> dict[str, Any]:
    own = f"{collection}/{child_address(kind, fields)}"
    return _with_links(_fields(kind, fields, own, replace(asked, expand=()), ""), kind, own, asked, "")


def child_address(kind: Resource, fields: Mapping[str, Any]) -> str:
    name = str(fields.get(kind.address))
    return hashed(kind.name, name) if kind.hashed else name


def child_row(kind: Resource, holder: Mapping[str, Any], name: str, wanted: str) -> dict[str, Any] | None:
    inner = kind.children.get(name)
    return None if inner is None else next((one for one in holder.get(name) or [] if child_address(inner, one) == wanted), None)


def _fields(kind: Resource, fields: Mapping[str, Any], own: str, asked: Asked, prefix: str) -> dict[str, Any]:
    """A record's attributes, and those of its children that the request wants inside of it."""
    names = [one.name for one in kind.every()]
    if asked.fields and not prefix:
        names = [one for one in names if one in asked.fields]
    found: dict[str, Any] = {name: fields.get(name) for name in names}
    for name, inner in kind.children.items():
        path = f"{prefix}{name}"
        if "all" not in asked.expand and not any(one == path or one.startswith(f"{path}.") for one in asked.expand):
            continue
        rows = [
            _with_links(_fields(inner, one, f"{own}/child/{name}/{child_address(inner, one)}", asked, f"{path}."), inner,
                        f"{own}/child/{name}/{child_address(inner, one)}", asked, "")
            for one in (fields.get(name) or [])
        ]  # fmt: skip
        shown = envelope(rows[:DEFAULT], len(rows), replace(asked, limit=DEFAULT, offset=0), f"{own}/child/{name}")
        found[name] = shown if asked.framework >= 3 else rows
    return found


def _with_links(found: dict[str, Any], kind: Resource, own: str, asked: Asked, changed: str) -> dict[str, Any]:
    if asked.only_data:
        return found
    properties = {"properties": {"changeIndicator": changed}} if changed else {}
    links: list[dict[str, Any]] = [{"rel": "self", "href": own, "name": kind.name, "kind": "item", **properties}, {"rel": "canonical", "href": own, "name": kind.name, "kind": "item"}]
    links += [{"rel": "child", "href": f"{own}/child/{name}", "name": name, "kind": "collection"} for name in kind.children]
    if asked.links:
        links = [one for one in links if one["rel"] in asked.links]
    if asked.framework >= 6:
        headers = {"headers": {"ETag": f'"{changed}"'}} if changed else {}
        return {**found, "@context": {"key": own.rpartition("/")[2], **headers, "links": links}}
    return {**found, "links": links}


def envelope(items: Sequence[Any], total: int, asked: Asked, own: str) -> dict[str, Any]:
    links = [] if asked.only_data else [{"rel": "self", "href": own, "name": own.rpartition("/")[2], "kind": "collection"}]
    counted = {"totalResults": total} if asked.with_total else {}
    more = asked.offset + len(items) < total
    return {"items": list(items), **counted, "count": len(items), "hasMore": more, "limit": asked.limit, "offset": asked.offset, "links": links}


def collection(kind: Resource, rows: Sequence[Row], total: int, asked: Asked) -> dict[str, Any]:
    return envelope([item(kind, row, asked) for row in rows], total, asked, f"{asked.root}/{kind.name}")
