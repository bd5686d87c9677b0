"""The connector ``sftp``: what ``files`` does, in folders of another machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import ConfigurationError

try:
    import asyncssh
except ImportError as missing:
    raise ConfigurationError("the connector sftp needs an extra: pip install 'services-hub[sftp]'") from missing

from connectors.files.connector import FilesConnector, composed
from connectors.sftp.place import Login, SftpPlace
from connectors.tables import Table


def sftp_connector(config: Mapping[str, Any], *, file: str = "sftp") -> FilesConnector:
    """The registry's factory; see README.md for the form of ``config``."""
    top = Table(config, file)
    login = Login(
        host=top.text("host"),
        port=int(top.number("port", 22)),
        username=top.text("username"),
        host_keys=_host_keys(top),
        password=top.text("password", "") or None,
        key=_private_key(top),
        connect_s=top.number("connect_s", 20),
    )
    if login.password is None and login.key is None:
        raise top.wrong("key", "a private key here, or a password", None)
    made = composed(top, SftpPlace(top.text("system"), login, top.number("settled_after_s", 10)))
    top.done()
    return made


def _host_keys(top: Table) -> tuple[asyncssh.SSHKey, ...]:
    """As ``ssh-keyscan`` prints them, with the host's name before or without."""
    found = []
    for told in top.texts("host_key"):
        words = told.split()
        start = next((place for place, word in enumerate(words) if word.startswith(("ssh-", "ecdsa-", "sk-"))), 0)
        try:
            found.append(asyncssh.import_public_key(" ".join(words[start:])))
        except asyncssh.KeyImportError as error:
            raise ConfigurationError(f"{top.file}: host_key: expected a public key as ssh-keyscan prints it") from error
    if not found:
        raise top.wrong("host_key", "the server's public key, as ssh-keyscan prints it (ask its operator whether it is theirs)", None)
    return tuple(found)


def _private_key(top: Table) -> asyncssh.SSHKey | None:
    told, passphrase = top.text("key", ""), top.text("passphrase", "")
    if not told:
        return None
    try:
        return asyncssh.import_private_key(told.replace("\\n", "\n").strip() + "\n", passphrase or None)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise ConfigurationError(f"{top.file}: key: expected a private key in OpenSSH's or PEM form, and its passphrase where it has one") from error
