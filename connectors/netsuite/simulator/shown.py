"""A record of the simulated account as the record API answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.netsuite.simulator.account import Account
from connectors.netsuite.simulator.types import TYPES, Spec
from connectors.simulator.store import Row


def record(account: Account, row: Row, href: str, *, expanded: bool) -> dict[str, Any]:
    """What is empty is left out, references name what they refer to, sublists are links unless they are asked for."""
    kind = TYPES[row.object]
    told: dict[str, Any] = {"links": [{"rel": "self", "href": href}], "id": row.id}
    if row.fields.get("externalId"):
        told["externalId"] = row.fields["externalId"]
    for spec in kind.fields.values():
        value = row.fields.get(spec.name)
        if value is None or value == "":
            if spec.kind == "flag":
                told[spec.name] = False
        elif spec.kind == "reference":
            told[spec.name] = {"links": [], **account.shown_reference(spec, value, kind.name)}
        elif spec.kind == "sublist":
            links = {"links": [{"rel": "self", "href": f"{href}/{spec.name}"}]}
            items = [_item(account, spec.items, one) for one in value.get("items", [])]
            told[spec.name] = {**links, "items": items, "totalResults": len(items)} if expanded else links
        else:
            told[spec.name] = value
    return told


def _item(account: Account, specs: Sequence[Spec], item: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {one.name: one for one in specs}
    told: dict[str, Any] = {"links": []}
    for name, value in item.items():
        spec = kinds.get(name)
        if value is None:
            continue
        if spec is not None and spec.kind == "reference":
            told[name] = account.shown_reference(spec, value)
        else:
            told[name] = _item(account, spec.items, value) if spec is not None and spec.kind == "sublist" else value
    return told
