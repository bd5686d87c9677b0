"""Which databases documents may read: whoever runs the hub says so, since a document may come from an administrator of one tenant."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from connectors.errors import ConfigurationError

PARAMETERS = frozenset(
    (
        "ssl", "sslmode", "sslrootcert", "ssl_ca", "ssl_verify_cert", "target_session_attrs", "application_name", "charset", "driver", "Encrypt",
        "TrustServerCertificate", "ApplicationIntent", "service_name", "encoding", "nencoding", "timeout", "connect_timeout", "command_timeout",
    )
)  # fmt: skip
"""What may stand behind the ``?`` of an address: nothing that leads elsewhere than the address says."""

_allowed: tuple[str, ...] = ()


def allow(patterns: str) -> None:
    """Say which databases this process may read: kind://host:port/name with wildcards, separated by commas."""
    global _allowed
    _allowed = tuple(filter(None, (one.strip() for one in patterns.split(","))))


def place(kind: str, host: str | None, port: int | None, database: str | None) -> str:
    """A database's address without who asks and how.

    >>> place("postgresql", "replica.example", None, "psa"), place("sqlite", None, None, "/data/a.db")
    ('postgresql://replica.example/psa', 'sqlite:////data/a.db')
    """
    return f"{kind}://{host or ''}{f':{port}' if port else ''}/{database or ''}"


def need_allowed(address: str, parameters: Iterable[str], file: str) -> None:
    """Raises ConfigurationError for a database that nobody has named, and for parameters that could lead to another.

    >>> allow("postgresql://replica.example/*")
    >>> need_allowed("postgresql://replica.example/psa", ["sslmode"], "a")
    >>> need_allowed("postgresql://replica.example/psa", ["host"], "a")
    Traceback (most recent call last):
        ...
    connectors.errors.ConfigurationError: a: url: the parameter host may not stand in an address here
    >>> allow("")
    """
    if not any(fnmatchcase(address, one) for one in _allowed) or ".." in address.split("/"):
        raise ConfigurationError(f"{file}: url: HUB_DATABASES does not name {address}; whoever runs the hub says there which databases documents may read")
    if strange := sorted(set(parameters) - PARAMETERS):
        raise ConfigurationError(f"{file}: url: the parameter {strange[0]} may not stand in an address here")
