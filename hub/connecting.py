"""``hub connect``: connect a system from one YAML file: how to reach it, how its records map, what its codes mean."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from connectors.errors import ConfigurationError
from connectors.shipped import extended
from hub.connections import connect as connector_of
from hub.errors import SetupError
from hub.flows.connect import Connected, connect
from hub.flows.tenants import need_tenant
from hub.settings import Settings
from hub.store.pool import Pool, open_worker_pool
from schema.mapping_lines import MappingError


async def main(settings: Settings, tenant: str, file: Path, environment: Mapping[str, str]) -> int:
    """Connect the file's system to a tenant; workers that run take it up by themselves."""
    document = read(file)
    pool = await open_worker_pool(settings.need("worker_url"), size=1, name="hub-connect")
    try:
        tenant_id = await need_tenant(pool, tenant)
        done, resources = await connect_document(pool, settings, tenant_id, document, environment, file.name)
    finally:
        await pool.close()
    print(f"{done.system} is connected to {tenant}." + (f" It is polled for {', '.join(resources)}." if resources else ""))
    return 0


def read(file: Path) -> dict[str, Any]:
    """The document as written, with its ``${VARIABLES}``. Raises :class:`SetupError`."""
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SetupError(f"{file.name} cannot be read as YAML: {error}") from error
    if not isinstance(document, dict):
        raise SetupError(f"{file.name} is not a table of keys and values")
    return document


async def connect_document(
    pool: Pool, settings: Settings, tenant_id: int, document: Mapping[str, Any], environment: Mapping[str, str], file: str
) -> tuple[Connected, tuple[str, ...]]:
    """Store the connection and poll all that its connector offers. Raises :class:`SetupError` for an unusable document."""
    try:
        document = extended(document, file)
        resources = await _resources(document, environment)
        async with pool.acquire() as connection, connection.transaction():
            done = await connect(connection, tenant_id, document, environment, settings.need("secret_key"), resources)
    except (ConfigurationError, MappingError) as error:
        raise SetupError(f"{file}: {error}") from error
    return done, resources


async def _resources(document: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[str, ...]:
    """What the document's connector can be polled for; making it also proves that the document can be used."""
    name = document.get("connector", "")
    if not name:
        return ()
    connector = connector_of(str(name), dict(document), dict(environment))
    try:
        return connector.capabilities.resources
    finally:
        await connector.aclose()
