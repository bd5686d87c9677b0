"""Tryton in a virtual environment of its own, and three databases with the modules that make them a CRM, a PSA and an ERP.

Tryton is licensed under the GPL and stays apart: nothing of it is imported, the hub speaks to it over HTTP.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hub.errors import SetupError

REQUIREMENTS = Path(__file__).parent / "requirements.txt"
MODULES: Mapping[str, tuple[str, ...]] = {
    "crm": ("party", "sale_opportunity"),
    "psa": ("party", "project", "timesheet"),
    "erp": ("party", "account_invoice", "sale", "product", "project", "timesheet"),
}
"""What each database is to the firm. The ERP has projects and timesheets too: it counts what hours cost."""
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Tryton:
    """Where it is installed: ``data`` keeps the environment, bare databases to begin with, and those of this run."""

    data: Path

    @property
    def python(self) -> Path:
        return self.data / "venv" / "bin" / "python"

    @property
    def configuration(self) -> Path:
        return self.data / "trytond.conf"

    def program(self, name: str) -> tuple[str, ...]:
        return str(self.python), str(self.data / "venv" / "bin" / name)

    @property
    def password(self) -> str:
        """The administrator's, made once."""
        file = self.data / "password"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(18))
        return file.read_text()

    async def install(self, tell: Tell) -> None:
        """Have the environment; does nothing when it is there. Raises SetupError."""
        digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
        mark = self.data / "venv" / ".ready"
        if mark.exists() and mark.read_text() == digest:
            return
        tell("installing Tryton 8.2 from PyPI, in an environment of its own")
        shutil.rmtree(self.data / "venv", ignore_errors=True)
        await _run((sys.executable, "-m", "venv", str(self.data / "venv")), "make a virtual environment")
        pip = (str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", str(REQUIREMENTS))
        await _run(pip, "install Tryton")
        mark.write_text(digest)

    async def build(self, tell: Tell, port: int) -> None:
        """Three databases in which nobody has entered anything. The first run activates the modules, later ones copy what that made."""
        bare, live = self.data / "bare", self.data / "databases"
        bare.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(live, ignore_errors=True)
        live.mkdir()
        self.configuration.write_text(_CONFIGURATION.format(path=bare.resolve(), port=port))
        missing = [name for name in MODULES if not _mark(bare, name).exists()]
        if missing:
            tell(f"building the databases {', '.join(missing)} with their modules")
        gate = asyncio.Semaphore(os.cpu_count() or 2)
        await asyncio.gather(*(_gated(gate, self._activate(name, bare)) for name in missing))
        for name in MODULES:
            shutil.copyfile(bare / f"{name}.sqlite", live / f"{name}.sqlite")
        self.configuration.write_text(_CONFIGURATION.format(path=live.resolve(), port=port))

    async def _activate(self, name: str, bare: Path) -> None:
        file = bare / f"{name}.sqlite"
        file.unlink(missing_ok=True)
        file.touch()
        self.password  # noqa: B018 - it is made before it is read
        command = (
            *self.program("trytond-admin"), "-c", str(self.configuration), "-d", name, "-u", "ir", *MODULES[name], "--activate-dependencies",
            "--email", "admin@northbeam.example",
        )  # fmt: skip
        await _run(command, f"build the database {name}", {"TRYTONPASSFILE": str(self.data / "password")})
        _mark(bare, name).write_text(" ".join(MODULES[name]))


_CONFIGURATION = """[database]
uri = sqlite://
path = {path}

[web]
listen = 127.0.0.1:{port}

[session]
authentications = password
timeout = 3600
"""


def _mark(bare: Path, name: str) -> Path:
    return bare / f".{name}-{hashlib.sha256((REQUIREMENTS.read_text() + ' '.join(MODULES[name])).encode()).hexdigest()[:12]}"


async def _gated(gate: asyncio.Semaphore, work: Awaitable[None]) -> None:
    async with gate:
        await work


async def _run(command: Sequence[str], what: str, environment: Mapping[str, str] | None = None) -> None:
    """Run a program to its end. Raises SetupError with the end of what it said."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env={**os.environ, **(environment or {})}
    )
    try:
        told, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        last = told.decode(errors="replace").strip().splitlines()[-3:]
        raise SetupError(f"cannot {what}: {' '.join(last)}")
