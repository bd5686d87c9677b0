"""The one list of connectors; only the composition roots import it. Each is imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from connectors.errors import ConfigurationError
from connectors.port import Connector
from connectors.shipped import SHIPPED

Factory = Callable[[Mapping[str, Any]], Connector]
"""Makes a connector from a system's configuration (a parsed YAML or JSON table, secrets already filled in)."""

CONNECTORS: Mapping[str, str] = {
    "rest": "connectors.rest.connector:rest_connector",
    "files": "connectors.files.connector:files_connector",
    "sftp": "connectors.sftp.connector:sftp_connector",
    "singer": "connectors.singer.connector:singer_connector",
    "airbyte": "connectors.airbyte.connector:airbyte_connector",
    "sql": "connectors.sql.connector:sql_connector",
    "memory": "connectors.memory:memory_connector",
    **{name: f"connectors.{name}.connector:{name}_connector" for name in SHIPPED},
}
"""Name → module:factory; a folder with a ``system.yaml`` is one of a vendor."""


def factory(name: str) -> Factory:
    """The factory of a connector. Raises ConfigurationError with the names there are."""
    if name not in CONNECTORS:
        raise ConfigurationError(f"there is no connector {name!r}; known are {', '.join(sorted(CONNECTORS))}")
    module, _, function = CONNECTORS[name].partition(":")
    made: Factory = getattr(import_module(module), function)
    return made


def connect(name: str, config: Mapping[str, Any]) -> Connector:
    """A connector ready for use; close it with ``aclose``."""
    return factory(name)(config)
