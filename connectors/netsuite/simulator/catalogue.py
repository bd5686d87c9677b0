"""The metadata catalogue of the simulated account: its record types as JSON Schema and as OpenAPI."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.netsuite.simulator.types import TYPES

SERVICES = "/services/rest"
LOWER = {name.lower(): name for name in TYPES}
"""Addresses name record types in any case."""


def listed(url: str, names: Sequence[str], accept: str) -> dict[str, Any]:
    """These types: all of them as OpenAPI, or where each is described."""
    if "swagger" in accept:
        return openapi(url, names)
    base = f"{url}{SERVICES}/record/v1/metadata-catalog"
    items = [{"name": one, "links": [{"rel": "canonical", "href": f"{base}/{one}", "mediaType": "application/schema+json"}]} for one in names]
    return {"links": [{"rel": "self", "href": base}], "items": items}


def described(url: str, name: str, accept: str) -> dict[str, Any] | None:
    """One type, None when there is no such type."""
    if name == "nsLink":
        return {"type": "object", "properties": {"rel": {"type": "string"}, "href": {"type": "string", "format": "uri"}}}
    kind = TYPES.get(LOWER.get(name.lower(), ""))
    if kind is None:
        return None
    return openapi(url, [kind.name]) if "swagger" in accept else kind.schema(url)


def openapi(url: str, names: Sequence[str]) -> dict[str, Any]:
    """The requests there are for these types, and their fields."""
    paths: dict[str, Any] = {}
    for name in names:
        paths[f"/{name}"] = {"get": _request(name, "200", "List of records."), "post": _request(name, "204", "Inserted record.")}
        paths[f"/{name}/{{id}}"] = {verb: _request(name, "default", "Record.") for verb in ("get", "patch", "put", "delete")}
    schemas = {name: {key: value for key, value in TYPES[name].schema(url).items() if key != "$schema"} for name in names}
    return {
        "openapi": "3.0.1", "info": {"title": "NetSuite REST Record API", "version": "v1"}, "servers": [{"url": f"{url}{SERVICES}/record/v1"}],
        "paths": paths, "components": {"schemas": schemas},
    }  # fmt: skip


def _request(name: str, status: str, says: str) -> dict[str, Any]:
    return {"tags": [name], "responses": {status: {"description": says}}}
