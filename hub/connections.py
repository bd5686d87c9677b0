"""The connectors of a process, made from what tenants have configured; a composition root, like app and worker."""

from __future__ import annotations

import asyncio
from typing import Any

from connectors import http
from connectors.errors import ConfigurationError
from connectors.port import Connector
from connectors.programs import child
from connectors.registry import factory
from connectors.tables import fill_in
from hub import tracing
from hub.flows.connect import connector_config, opened_variables
from hub.settings import Settings
from hub.store.pool import Pool
from hub.telemetry import logger

log = logger("hub.connections")
http.trace_headers = tracing.headers


def _complained(program: str, said: str) -> None:
    log.warning("program_complains", command=program, message=said)


child.on_complaint = _complained


class Connections:
    """One connector per connected system, made when first asked for and anew when its configuration changed."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self._pool, self._settings = pool, settings
        self._held: dict[tuple[int, str], tuple[int, Connector | None]] = {}
        self._making = asyncio.Lock()
        self._leaving: dict[int, Connector] = {}
        """Connectors that were made anew: what they have under way may still end."""

    async def get(self, tenant_id: int, system: str) -> Connector | None:
        """The connector of a system; None when it has none or its configuration cannot be used."""
        version = await self._pool.fetchval("SELECT config_version FROM hub.tenant WHERE id = $1", tenant_id)
        held = self._held.get((tenant_id, system))
        if held is not None and held[0] == version:
            return held[1]
        async with self._making:
            held = self._held.get((tenant_id, system))
            if held is not None and held[0] == version:
                return held[1]
            made = await self._make(tenant_id, system)
            self._held[tenant_id, system] = (version, made)
            if held is not None and held[1] is not None:
                self._leaving[id(held[1])] = held[1]
                asyncio.get_running_loop().call_later(60, self._let_go, held[1])
            return made

    async def _make(self, tenant_id: int, system: str) -> Connector | None:
        row = await self._pool.fetchrow(
            "SELECT connector, config, secrets FROM hub.system WHERE tenant_id = $1 AND name = $2", tenant_id, system
        )
        if row is None or not row["connector"]:
            return None
        try:
            return connect(row["connector"], row["config"], opened_variables(self._settings.need("secret_key"), row["secrets"], tenant_id, system))
        except ConfigurationError as error:
            log.error("connector_unusable", system=system, error=type(error).__name__)
            return None

    def _let_go(self, connector: Connector) -> None:
        self._leaving.pop(id(connector), None)
        asyncio.ensure_future(connector.aclose())

    async def aclose(self) -> None:
        held = [connector for _, connector in self._held.values() if connector is not None]
        for connector in (*held, *self._leaving.values()):
            await connector.aclose()
        self._held.clear()
        self._leaving.clear()


def connect(name: str, config: dict[str, Any], variables: dict[str, str]) -> Connector:
    """A connector from a stored document. Raises ConfigurationError that names what cannot be used."""
    return factory(name)(fill_in(connector_config(config), variables, str(config.get("system", name))))
