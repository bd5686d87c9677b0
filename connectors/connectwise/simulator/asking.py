"""How a request to the simulated PSA is understood: its page, its fields, its JSON Patch, and what conditions read of a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from connectors.connectwise.simulator import conditions
from schema.paths import ABSENT, at_path

MOST = 1000


def patched(given: Any) -> dict[str, Any] | None:
    """What a JSON Patch states; None when it is none. A step into a reference is taken and does nothing, as with the vendor."""
    if not isinstance(given, list):
        return None
    stated: dict[str, Any] = {}
    for one in given:
        if not isinstance(one, dict) or one.get("op") not in ("add", "replace", "remove") or not isinstance(one.get("path"), str):
            return None
        name, _, rest = one["path"].lstrip("/").partition("/")
        if not rest:
            stated[name] = None if one["op"] == "remove" else one.get("value")
    return stated


def reader(record: Mapping[str, Any]) -> conditions.Read:
    def read(name: str) -> Any:
        found = at_path(record, "_info.lastUpdated" if name == "lastUpdated" else name.replace("/", "."))
        return None if found is ABSENT else found

    return read


def any_item(record: Mapping[str, Any], judge: conditions.Judge) -> bool:
    """Whether an item of one of the record's lists fits; conditions name the list first."""
    for name, items in record.items():
        for item in items if isinstance(items, list) else ():
            inside = reader(item) if isinstance(item, dict) else None
            if inside is not None and judge(lambda path, list_=name, inside=inside: inside(path.removeprefix(f"{list_}/")) if path.startswith(f"{list_}/") else None):  # type: ignore[misc]
                return True
    return False


def page_size(request: web.Request) -> int:
    return min(MOST, max(1, number(request.query.get("pageSize", ""), 25)))


def forward(request: web.Request) -> tuple[int, int | None]:
    """Behind which id a forward-only question goes on, and how many it takes; by numbers: everything."""
    if request.headers.get("pagination-type", "").lower() != "forward-only":
        return -1, None
    return number(request.query.get("pageId", ""), -1), page_size(request)


def only(record: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    return {name: record[name] for name in fields if name in record} if fields else record


def sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else 0)


def number(text: str, default: int) -> int:
    return int(text) if text.isdecimal() else default


