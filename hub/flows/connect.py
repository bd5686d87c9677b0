"""Connect a system from one document: how to reach it, how its records map, what its codes mean.

Variables (``${CRM_SECRET}``) stay in the stored document; their values are kept encrypted beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.core.configuration import System
from hub.core.onboarding import variables_in
from hub.errors import RequestError
from hub.flows.actions import By, note
from hub.flows.contexts import need_known
from hub.flows.system_limits import put_limits
from hub.store import configuration, secrets, subscriptions
from hub.store.statements import Connection
from schema.mapping_file import load_code_maps
from schema.systems import SystemKind

OURS = ("mappings", "code_maps", "poll_every_s", "corrects", "go_live", "rank", "loading", "deep_links", "context", "delivery")
"""Keys of the document that are the hub's; everything else is the connector's."""

POLL_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Connected:
    """A connected system: its mapping version and the secret variables that were kept."""

    system: str
    mapping_version: int | None
    variables: tuple[str, ...]


async def connect(
    tx: Connection, tenant_id: int, document: Mapping[str, Any], environment: Mapping[str, str], secret_key: str, resources: tuple[str, ...] = ()
) -> Connected:
    """Store a system's connection, mappings and code maps; ``resources`` are polled from now on.

    Raises :class:`RequestError` when the document lacks what every system has; a mapping that cannot be read raises
    MappingError, which names file, key and what is expected.
    """
    name, kind = str(document.get("system", "")), str(document.get("kind", ""))
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name) or name in ("hub", "portal", "steward"):
        raise RequestError("INVALID_VALUE", f"{name!r} cannot name a system", field="system", remedy="Use lower-case letters, digits and _.")
    if kind not in SystemKind.__members__.values():
        raise RequestError("INVALID_VALUE", f"{kind!r} is no kind of system", field="kind", remedy="Choose one of: " + ", ".join(SystemKind))
    system = System(
        name, SystemKind(kind), int(document.get("rank", 0)), str(document.get("connector", "")),
        bool(document.get("corrects", False)), bool(document.get("loading", False)), False, document.get("go_live"),
    )  # fmt: skip
    kept = {key: value for key, value in document.items() if key not in OURS} | {"poll_every_s": document.get("poll_every_s", POLL_EVERY_S)}
    if document.get("context"):
        await need_known(tx, tenant_id, document["context"], "context")
        kept["context"] = str(document["context"])
    await configuration.put_system(tx, tenant_id, system, config=kept)
    used = sorted(set(variables_in(kept)) & environment.keys())
    sealed = secrets.encrypt(secret_key, json.dumps({key: environment[key] for key in used}), about(tenant_id, name))
    await tx.execute(
        "UPDATE hub.system SET secrets = $3, deep_links = $4 WHERE tenant_id = $1 AND name = $2",
        tenant_id, name, sealed, _deep_links(document.get("deep_links") or {}),
    )  # fmt: skip
    if "delivery" in document:
        await put_limits(tx, tenant_id, name, document["delivery"] or {}, "connect")
    version = None
    if "mappings" in document:
        version = await configuration.put_mapping(tx, tenant_id, name, {"mappings": document["mappings"]})
    if entries := load_code_maps(document, file=name, system=name):
        await configuration.put_codes(tx, tenant_id, entries)
    for resource in resources:
        await tx.execute(
            "INSERT INTO hub.checkpoint (tenant_id, system, resource) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", tenant_id, name, resource
        )
    return Connected(name, version, tuple(used))


async def disconnect(tx: Connection, tenant_id: int, system: str, reason: str, by: By) -> None:
    """Forget how a system is reached, and its secrets: it is read no more and written no more.

    What it has told stays, as do its codes, its mapping and the ids of its records: connected again, it goes on with them.
    Raises :class:`RequestError` for a system that is not connected, and without a reason.
    """
    if not reason.strip():
        raise RequestError("REASON_REQUIRED", "removing a system needs a reason", field="reason", remedy="Say why.")
    former = await configuration.forget_system(tx, tenant_id, system)
    if former is None:
        raise RequestError("UNKNOWN_SYSTEM", f"no system {system[:60]!r} is connected", field="system", remedy="List the systems.")
    await subscriptions.set_state(tx, tenant_id, await subscriptions.of_system(tx, tenant_id, system), "disabled")
    await note(tx, tenant_id, "disconnect_system", by, reason=reason, given={"system": system, "document": former})
    await configuration.bump(tx, tenant_id)


def _deep_links(told: Any) -> dict[str, str]:
    """Object → address of a record's screen in its system; ``{id}`` stands for the record's id there."""
    links = told.items() if isinstance(told, Mapping) else [("", told)]
    for object_, template in links:
        if not (isinstance(template, str) and template.startswith(("https://", "http://")) and "{id}" in template):
            raise RequestError(
                "INVALID_VALUE", f"deep_links.{object_}: {template!r} is no address with {{id}} in it", field="deep_links",
                remedy="Write account: https://crm.example.com/accounts/{id}.",
            )  # fmt: skip
    return dict(told)


def about(tenant_id: int, system: str) -> str:
    """What a system's secrets are bound to."""
    return f"{tenant_id}/system/{system}"


def opened_variables(secret_key: str, sealed: bytes | None, tenant_id: int, system: str) -> dict[str, str]:
    """The values of a system's variables, as they were sealed; none where none are kept."""
    if sealed is None:
        return {}
    opened: dict[str, str] = json.loads(secrets.decrypt(secret_key, sealed, about(tenant_id, system)))
    return opened


def connector_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """The connector's part of a stored document."""
    return {key: value for key, value in config.items() if key not in OURS}
