"""The environments in which foreign clients run, made when first asked for: one a folder, so that no two must agree on versions."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.node_tools import INSTALLED, ready

HERE = Path(__file__).parent
ENVIRONMENTS = INSTALLED.parent / "oracles"
LIMIT_S = 180
collect_ignore_glob = ["*/*"]  # scripts that run in environments of their own


class Clients:
    """Foreign clients, each a folder: ``requirements.txt`` for scripts in Python, ``package.json`` with its lock file for scripts in Node."""

    async def python(self, folder: str) -> str:
        """The Python of a folder's environment, for who runs it himself."""
        return str(await asyncio.to_thread(_python, HERE / folder / "requirements.txt"))

    async def run(self, folder: str, *args: str, script: str = "client.py") -> Any:
        """What a script of a folder prints in its last line, as JSON; its complaint when it fails."""
        process = await asyncio.create_subprocess_exec(
            await self.python(folder), str(HERE / folder / script), *args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            async with asyncio.timeout(LIMIT_S):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            raise
        assert process.returncode == 0, err.decode()[-3000:]
        return json.loads(out.splitlines()[-1])

    async def run_node(self, folder: str, *args: str, script: str = "client.mjs") -> Any:
        """The same of a script in Node."""
        done = await (await asyncio.to_thread(ready, HERE / folder)).run(script, *args, limit_s=LIMIT_S)
        assert done.code == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    async def airbyte(self, folder: str, config: Mapping[str, Any]) -> Any:
        """What Airbyte's reader of declarative manifests makes of a folder's ``manifest.yaml``: see ``airbyte/client.py``."""
        return await self.run("airbyte", str(HERE / folder / "manifest.yaml"), json.dumps(config))


@pytest.fixture(scope="session")
def clients() -> Clients:
    return Clients()


def _python(wanted: Path) -> Path:
    """The Python of a folder's requirements, installed if it is not yet. Raises CalledProcessError.

    A client that pins what no longer installs stands in ``no-deps.txt``: it comes afterwards, with what the requirements hold instead.
    """
    alone = wanted.with_name("no-deps.txt")
    told = wanted.read_bytes() + (alone.read_bytes() if alone.exists() else b"")
    place = ENVIRONMENTS / f"{wanted.parent.name}-{sha256(told).hexdigest()[:12]}"
    if not place.exists():
        ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".making-", dir=ENVIRONMENTS))
        try:
            subprocess.run([sys.executable, "-m", "venv", str(made)], check=True)
            install = [str(made / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*install, "-r", str(wanted)], check=True)
            if alone.exists():
                subprocess.run([*install, "--no-deps", "-r", str(alone)], check=True)
            made.rename(place)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return place / "bin" / "python"
