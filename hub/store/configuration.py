"""A tenant's configuration: stored as rows, read as one value, cached by its version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub.core import policy as policies
from hub.core.configuration import Configuration, System
from hub.core.generic import GenericValues
from hub.core.match import NORMAL_VERSION, Model, spec_of
from hub.store import generic, likeness
from hub.store.ordered import in_order
from hub.store.statements import Connection, statements
from schema import CODE_SETS, ENTITIES
from schema.code_maps import CodeEntry, CodeMaps
from schema.kinds import FieldKind
from schema.mapping import Mapping as SystemMapping
from schema.mapping_file import load_mappings
from schema.systems import SystemKind

SQL = statements("configuration")

BUILT_IN = (
    System("hub", SystemKind.HUB),
    System("portal", SystemKind.STEWARD),
    System("steward", SystemKind.STEWARD),
)
"""Systems every tenant has: processes, portals and stewards contribute through them."""


class ConfigurationCache:
    """Configurations by tenant; one query tells whether the cached one is still true."""

    def __init__(self) -> None:
        self._held: dict[int, Configuration] = {}

    async def get(self, tx: Connection, tenant_id: int) -> Configuration:
        """The tenant's configuration as it is now."""
        version = await SQL["config_version"].value(tx, tenant=tenant_id)
        held = self._held.get(tenant_id)
        if held is None or held.version != version:
            held = self._held[tenant_id] = await read(tx, tenant_id, version)
        return held


async def read(tx: Connection, tenant_id: int, version: int) -> Configuration:
    """Read everything a tenant has configured."""
    systems = {system.name: system for system in BUILT_IN}
    for row in await SQL["systems"].fetch(tx, tenant=tenant_id):
        systems[row["name"]] = System(
            row["name"], SystemKind(row["kind"]), row["rank"], row["connector"], row["corrects"],
            row["loading"], row["paused"], row["go_live"], row["context"],
        )  # fmt: skip
    loaded: dict[tuple[str, str], tuple[SystemMapping, ...]] = {}
    versions: dict[str, str] = {}
    for row in await SQL["mappings"].fetch(tx, tenant=tenant_id):
        versions[row["system"]] = str(row["version"])
        for mapping in load_mappings(row["document"], file=f"mapping {row['version']}", system=row["system"]):
            name = (row["system"], mapping.object)
            loaded[name] = (*loaded.get(name, ()), mapping)
    codes = CodeMaps(
        (CodeEntry(*row) for row in await SQL["code_maps"].fetch(tx, tenant=tenant_id)),
        is_canonical,
    )
    stored = await SQL["policy"].row(tx, tenant=tenant_id)
    extensions: dict[str, dict[str, str]] = {}
    for row in await SQL["extension_fields"].fetch(tx, tenant=tenant_id):
        extensions.setdefault(row["entity"], {})[row["name"]] = row["kind"]
    return Configuration(
        tenant_id, version, systems, loaded, versions, codes,
        policies.from_json(stored["document"]) if stored else policies.default_policy(),
        extensions, _named(loaded.values()), await SQL["tenant_settings"].value(tx, tenant=tenant_id) or {},
        await _models(tx, tenant_id), GenericValues(await generic.in_force(tx, tenant_id)),
    )  # fmt: skip


async def _models(tx: Connection, tenant_id: int) -> dict[str, Model]:
    """The match models in force, by entity; one of another normaliser waits until ``hub match forms`` has run."""
    models: dict[str, Model] = {}
    for entity, (version, document) in (await likeness.models_in_force(tx, tenant_id)).items():
        spec = spec_of(ENTITIES[entity]) if entity in ENTITIES else None
        if spec is not None and document["normal_version"] == NORMAL_VERSION:
            models[entity] = Model.from_json(spec, document).numbered(version)
    return models


def is_canonical(code_set: str, value: str) -> bool:
    """Whether ``value`` is one of our own codes of that set, so that a system may say it without a map."""
    return code_set in CODE_SETS and CODE_SETS[code_set].allows(value)


def _named(loaded: Iterable[tuple[SystemMapping, ...]]) -> frozenset[tuple[str, str]]:
    """(system, object) that some mapping of the same system refers to by name."""
    lines = (line for some in loaded for mapping in some for line in mapping.lines)
    referred = [line.codec.read("any name") for line in lines if line.codec.name == "reference"]
    return frozenset((value["system"], value["object"]) for value in referred if "name" in value)


async def put_system(
    tx: Connection,
    tenant_id: int,
    system: System,
    *,
    config: Mapping[str, Any] | None = None,
) -> None:
    """Connect a system, or change how it is connected."""
    await SQL["put_system"].run(
        tx, tenant=tenant_id, name=system.name, kind=system.kind.value, rank=system.rank, connector=system.connector,
        config=in_order(config or {}), corrects=system.corrects, loading=system.is_loading, go_live=system.go_live,
    )  # fmt: skip
    await bump(tx, tenant_id)


async def forget_system(tx: Connection, tenant_id: int, system: str) -> Mapping[str, Any] | None:
    """Take away how a system is reached, its secrets and what is polled; answers its former document, None when it was not connected."""
    former: Mapping[str, Any] | None = await SQL["forget_system"].value(tx, tenant=tenant_id, system=system)
    return former


async def put_codes(tx: Connection, tenant_id: int, entries: Sequence[CodeEntry]) -> list[str]:
    """Map codes: their code of a system's set to ours. Answers those of theirs that are no default any more."""
    rows = [
        {"system": e.system, "code_set": e.set, "theirs": e.theirs, "ours": e.ours, "direction": e.direction, "is_default": e.is_default}
        for e in entries
    ]
    unset = await SQL["unset_defaults"].fetch(tx, tenant=tenant_id, rows=rows)
    await SQL["put_code"].run(tx, tenant=tenant_id, rows=rows)
    await bump(tx, tenant_id)
    return sorted(row["theirs"] for row in unset)


async def put_mapping(tx: Connection, tenant_id: int, system: str, document: Mapping[str, Any]) -> int:
    """Store a new version of a system's mappings after reading it; raises MappingError when it cannot be read."""
    load_mappings(document, file=f"{system} mapping", system=system)
    version: int = await SQL["put_mapping"].value(tx, tenant=tenant_id, system=system, document=in_order(document))
    await bump(tx, tenant_id)
    return version


async def put_policy(tx: Connection, tenant_id: int, policy: policies.Policy, reason: str, actor: str) -> int:
    """Store the tenant's differences from the declared owners, policies and rules."""
    policy_id: int = await SQL["put_policy"].value(
        tx, tenant=tenant_id, document=policy.to_json(), reason=reason, actor=actor
    )
    await bump(tx, tenant_id)
    return policy_id


async def put_extension_field(
    tx: Connection, tenant_id: int, entity: str, name: str, kind: FieldKind, options: Mapping[str, Any]
) -> None:
    await SQL["put_extension_field"].run(
        tx, tenant=tenant_id, entity=entity, name=name, kind=kind.value, options=dict(options)
    )
    await bump(tx, tenant_id)


async def put_setting(tx: Connection, tenant_id: int, name: str, document: Mapping[str, Any] | Sequence[Any]) -> None:
    """Store one part of the tenant's settings."""
    await SQL["put_setting"].run(tx, tenant=tenant_id, name=name, document=document)
    await bump(tx, tenant_id)


async def bump(tx: Connection, tenant_id: int) -> None:
    """Say that the configuration changed; caches read it again with their next batch."""
    await SQL["bump_config"].run(tx, tenant=tenant_id)


async def tenants(tx: Connection) -> list[tuple[int, str]]:
    """(id, slug) of all tenants."""
    return [(row["id"], row["slug"]) for row in await SQL["tenants"].fetch(tx)]
