"""What a pod says of its own resources: which attributes they have, and by which of them one may ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import RetriableError
from connectors.http import Answer, HttpClient

EVERY = Mapping[str, Mapping[str, Any]]


@dataclass
class Catalogue:
    """The descriptions of one pod, asked for once in a connector's life. A resource that is not described has none that may be asked by."""

    client: HttpClient
    headers: Mapping[str, str]
    _known: dict[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    async def attributes(self, base: str, resource: str) -> EVERY:
        """Attribute → what is said of it; those of children as ``Child.Attribute``. {} where nothing is told."""
        return _attributes(await self._described(base, resource), "")

    async def is_asked_by(self, base: str, resource: str, attribute: str) -> bool:
        return bool(attribute) and (await self.attributes(base, resource)).get(attribute, {}).get("queryable") is True

    async def _described(self, base: str, resource: str) -> Mapping[str, Any]:
        name, *children = resource.split("/child/")
        top = name.partition("/")[0]
        address = f"{base}/{top}/describe"
        if address not in self._known:
            answer = await self.client.request("GET", address, headers=self.headers)
            self._known[address] = _resource_of(answer, top, self.client.settings.system)
        found: Mapping[str, Any] = self._known[address]
        for child in children:
            found = (found.get("children") or {}).get(child.partition("/")[0]) or {}
        return found


def _resource_of(answer: Answer, name: str, system: str) -> Mapping[str, Any]:
    if answer.status >= 500:
        raise RetriableError(f"{system} cannot describe {name} now", system=system, status=answer.status)
    if answer.status >= 400:
        return {}
    try:
        told = answer.json()
    except ValueError as error:
        raise RetriableError(f"{system} described {name} with no valid JSON", system=system, status=answer.status) from error
    found = ((told or {}).get("Resources") or {}).get(name)
    return found if isinstance(found, dict) else {}


def _attributes(described: Mapping[str, Any], prefix: str) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {f"{prefix}{one['name']}": one for one in described.get("attributes") or [] if isinstance(one, dict) and "name" in one}
    for child, inner in (described.get("children") or {}).items():
        if isinstance(inner, dict):
            found |= _attributes(inner, f"{prefix}{child}.")
    return found
