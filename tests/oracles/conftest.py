"""The environments in which foreign clients run, made when first asked for."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.node_tools import INSTALLED, Node, ready

HERE = Path(__file__).parent
ENVIRONMENTS = INSTALLED.parent / "oracles"
LIMIT_S = 120
collect_ignore = ["python"]  # scripts that run in an environment of their own


@dataclass(frozen=True)
class Clients:
    """Foreign clients in Python (``run``) and Node (``node``)."""

    python: Path
    node: Node

    async def run(self, script: str, *args: str) -> Any:
        """What a script of ``python/`` prints, as JSON; its complaint when it fails."""
        process = await asyncio.create_subprocess_exec(
            str(self.python), str(HERE / "python" / script), *args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            async with asyncio.timeout(LIMIT_S):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            raise
        assert process.returncode == 0, err.decode()[-3000:]
        return json.loads(out.splitlines()[-1])

    async def run_node(self, script: str, *args: str) -> Any:
        """The same of a script of ``node/``."""
        done = await self.node.run(script, *args, limit_s=LIMIT_S)
        assert done.code == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def clients() -> Clients:
    """Every client, installed."""
    wanted = HERE / "python" / "requirements.txt"
    place = ENVIRONMENTS / sha256(wanted.read_bytes()).hexdigest()[:12]
    if not place.exists():
        ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".making-", dir=ENVIRONMENTS))
        try:
            subprocess.run([sys.executable, "-m", "venv", str(made)], check=True)
            subprocess.run([str(made / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(wanted)], check=True)
            made.rename(place)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return Clients(place / "bin" / "python", ready(HERE / "node"))
