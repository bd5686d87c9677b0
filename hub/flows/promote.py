"""A tenant's whole configuration as one document: written out of one environment, laid over another, with nothing secret in it.

People, keys and secrets stay where they are: variables (``${CRM_SECRET}``) are in the document, their values never. How much may be
written to a system is shown too, and laid over only when asked for: what writes in a test environment only observes in a new one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from hub.core import policy as policies
from hub.core.configuration import Configuration
from hub.errors import RequestError
from hub.store import configuration, likeness, quotas
from hub.store.statements import Connection, statements

FORM = 1
"""Version of the document's form."""
SQL = statements("promote")
PARTS = ("settings", "extension_fields", "policy", "match_models", "systems", "subscriptions")

Kind = Literal["new", "changed", "only here"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing of the document that is not so here; ``only here`` is left alone."""

    part: str
    name: str
    kind: Kind
    keys: tuple[str, ...] = ()
    """What of it differs, by dotted names."""

    def __str__(self) -> str:
        what = f": {', '.join(self.keys)}" if self.keys else ""
        return f"{self.kind:9}  {self.part}.{self.name}{what}"


async def exported(tx: Connection, config: Configuration) -> dict[str, Any]:
    """The document: everything of :data:`PARTS`, each by its name."""
    tenant_id = config.tenant_id
    fields: dict[str, dict[str, str]] = {entity: dict(kinds) for entity, kinds in sorted(config.extensions.items())}
    policy = await configuration.SQL["policy"].row(tx, tenant=tenant_id)
    models = await likeness.models_in_force(tx, tenant_id)
    return {
        "hub_configuration": FORM,
        "settings": dict(config.settings),
        "extension_fields": fields,
        "policy": {"document": policy["document"]} if policy is not None else {},
        "match_models": {entity: document for entity, (_, document) in sorted(models.items())},
        "systems": {row["name"]: await _system(tx, tenant_id, row) for row in await SQL["systems"].fetch(tx, tenant=tenant_id)},
        "subscriptions": {row["name"]: _subscription(row) for row in await SQL["subscriptions"].fetch(tx, tenant=tenant_id)},
    }


async def _system(tx: Connection, tenant_id: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """A system as ``hub connect`` takes it, with its modes beside."""
    limits = await quotas.limits_of(tx, tenant_id, row["name"])
    codes: dict[str, dict[str, Any]] = {}
    for one in await SQL["codes"].fetch(tx, tenant=tenant_id, system=row["name"]):
        is_plain = one["direction"] == "both" and not one["is_default"]
        full = {"to": one["ours"], "direction": one["direction"], "default": one["is_default"]}
        codes.setdefault(one["code_set"], {})[one["theirs"]] = one["ours"] if is_plain else full
    told = {
        **row["config"], "system": row["name"], "kind": row["kind"], "connector": row["connector"], "rank": row["rank"], "corrects": row["corrects"],
        "go_live": row["go_live"], "deep_links": row["deep_links"], "delivery": limits["limits"] if limits is not None else {},
        "mappings": (row["document"] or {}).get("mappings", []), "code_maps": codes,
        "modes": {f"{one['entity']}.{one['field_group']}": one["mode"] for one in await SQL["modes"].fetch(tx, tenant=tenant_id, system=row["name"])},
    }  # fmt: skip
    return {key: value for key, value in told.items() if value not in (None, {}, [], "", False) or key == "kind"}


def _subscription(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in dict(row).items() if key != "name" and value not in (None, {}, [])}


def check(document: Any) -> dict[str, dict[str, Any]]:
    """The parts of a document, those it leaves out empty. Raises :class:`RequestError` that names what is not understood."""
    if not isinstance(document, Mapping) or document.get("hub_configuration") != FORM:
        raise _bad("hub_configuration", f"the document begins with hub_configuration: {FORM}", "Write it with hub config export.")
    unknown = document.keys() - {"hub_configuration", *PARTS}
    if unknown:
        raise _bad(min(unknown), f"there is no part {min(unknown)!r}; there are {', '.join(PARTS)}", "Take it out.")
    for part in PARTS:
        if not isinstance(document.get(part) or {}, Mapping):
            raise _bad(part, f"{part} is a table", "Write name: value below it.")
    return {part: dict(document.get(part) or {}) for part in PARTS}


def differences(wanted: Mapping[str, Mapping[str, Any]], stands: Mapping[str, Any], *, with_modes: bool) -> list[Difference]:
    """What laying the document over would do, in the order it is done."""
    found: list[Difference] = []
    for part in PARTS:
        here: Mapping[str, Any] = stands[part]
        for name, value in wanted[part].items():
            if name not in here:
                found.append(Difference(part, name, "new"))
            elif keys := tuple(_differing(_compared(part, value, with_modes), _compared(part, here[name], with_modes))):
                found.append(Difference(part, name, "changed", keys))
        found += [Difference(part, name, "only here") for name in here if name not in wanted[part]]
    return found


def _compared(part: str, value: Any, with_modes: bool) -> Any:
    """Without modes that are not asked for, policies in the form we keep them, and as JSON says it."""
    if part == "policy":
        value = policy_of(value).to_json()
    if part == "systems" and not with_modes and isinstance(value, Mapping):
        value = {key: one for key, one in value.items() if key != "modes"}
    return json.loads(json.dumps(value, default=str))


def _differing(wanted: Any, here: Any, path: str = "", depth: int = 2) -> Iterator[str]:
    """
    >>> list(_differing({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 1, "c": 4}, "e": 5}))
    ['a.c', 'd', 'e']
    """
    if depth and isinstance(wanted, dict) and isinstance(here, dict):
        for key in sorted({*wanted, *here}):
            if key not in wanted or key not in here:
                yield f"{path}{key}"
            else:
                yield from _differing(wanted[key], here[key], f"{path}{key}.", depth - 1)
    elif wanted != here:
        yield path.rstrip(".") or "value"


def policy_of(document: Any) -> policies.Policy:
    """The policy of a document. Raises :class:`RequestError` when it cannot be read."""
    try:
        return policies.from_json(document)
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise _bad("policy", f"the policy cannot be read: {error}", "Write it with hub config export.") from error


def _bad(field: str, message: str, remedy: str) -> RequestError:
    return RequestError("INVALID_VALUE", message, field=field, remedy=remedy)
