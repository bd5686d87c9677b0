"""The connectors of the connected systems, for the composition roots: made from a system's row, kept while it stays.

A configuration may name secrets as ``${NAME}``; they stand encrypted beside it and are filled in only here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from connectors.port import Connector
from connectors.registry import connect
from connectors.tables import fill_in
from hub.settings import Settings
from hub.store import secrets
from hub.store.pool import Pool

_FIND = """
    SELECT s.tenant_id, s.name, s.connector, s.config, s.secrets FROM hub.system s
     WHERE s.tenant_id = $1 AND s.name = $2
"""


@dataclass(frozen=True)
class _Held:
    made_of: bytes
    connector: Connector | None


@dataclass
class ConnectedSystems:
    """One process's connectors. A changed configuration makes a new connector at the next use."""

    pool: Pool
    settings: Settings
    _held: dict[tuple[int, str], _Held] = field(default_factory=dict)

    async def get(self, tenant_id: int, name: str) -> Connector | None:
        """The connector of a system; None for an unknown system or one without. Raises ConfigurationError."""
        row = await self.pool.fetchrow(_FIND, tenant_id, name)
        if row is None or not row["connector"]:
            return None
        made_of = json.dumps([row["connector"], row["config"]], sort_keys=True).encode() + bytes(row["secrets"] or b"")
        held = self._held.get((tenant_id, name))
        if held is not None and held.made_of == made_of:
            return held.connector
        if held is not None and held.connector is not None:
            await held.connector.aclose()
        connector = connect(row["connector"], self._filled(tenant_id, name, row["config"], row["secrets"]))
        self._held[tenant_id, name] = _Held(made_of, connector)
        return connector

    def _filled(self, tenant_id: int, name: str, config: dict[str, Any], sealed: bytes | None) -> dict[str, Any]:
        if sealed is None:
            return config
        opened = secrets.decrypt(self.settings.need("secret_key"), bytes(sealed), secret_about(tenant_id, name))
        filled: dict[str, Any] = fill_in(config, json.loads(opened), name)
        return filled

    async def aclose(self) -> None:
        for held in self._held.values():
            if held.connector is not None:
                await held.connector.aclose()
        self._held.clear()


def secret_about(tenant_id: int, system: str) -> str:
    """What a system's sealed secrets are bound to, so that rows cannot be swapped."""
    return f"{tenant_id}/system/{system}"
