"""The guide "Your connector in an afternoon", step by step in a clone of its own: what a reader types is what runs here."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from connectors import skeleton

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "connectors" / "AFTERNOON.md").read_text()
COPIED = ("connectors", "schema", "hub", "tests/connectors", "tests/flows")
STARTED = """
import asyncio
from connectors.pilot.simulator.server import Pilot
async def main():
    running = await Pilot().start()
    print(running.url, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for folder in COPIED:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "tests/__init__.py", "tests/conftest.py", "tests/node_tools.py"):
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def typed(block: str) -> list[list[str]]:
    """The commands of a block, as this Python runs them."""
    lines = [line.split(" ", 1) for line in block.strip().splitlines()]
    return [[sys.executable, *(["-m", "hub"] if program == "hub" else []), *_words(rest)] for program, rest in lines]


def _words(text: str) -> list[str]:
    return [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|(\S+)', text)]


async def said(clone: Path, command: list[str], **environment: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=clone, env={**os.environ, **environment}, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(process.communicate(), 240)
    return process.returncode or 0, out.decode()


@asynccontextmanager
async def simulator(clone: Path) -> AsyncIterator[str]:
    """The simulated system of the connector that was written; its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STARTED, cwd=clone, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    yield (await process.stdout.readline()).decode().strip()
    process.kill()
    await process.wait()


@pytest.mark.slow
async def test_every_step_of_the_guide_does_what_it_says(clone: Path) -> None:
    shell = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    begin, suite = typed(shell[0])
    code, out = await said(clone, begin)
    assert (code, "connectors/pilot/connector.py" in out) == (0, True), out
    code, out = await said(clone, suite)
    assert (code, " failed" in out) == (0, False), out
    (change,) = re.findall(r"^```diff\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    (clone / "website.diff").write_text(change)
    code, out = await said(clone, ["git", "apply", "website.diff"])
    assert code == 0, out
    code, out = await said(clone, typed(shell[1])[0])
    assert code == 0, out
    (document,) = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    (clone / "pilot.yaml").write_text(document)
    check = typed(shell[2])[0]
    async with simulator(clone) as url:
        code, out = await said(clone, check, PILOT_URL=url, PILOT_ID="hub-id", PILOT_SECRET="hub-secret")
        assert (code, [line.split(": ")[0] for line in out.splitlines()]) == (0, [
            "ok    sign in", "ok    read client", "ok    map client", "ok    read one client", "ok    write client", "ok    find client by our key",
            "ok    limits",
        ]), out  # fmt: skip
        code, out = await said(clone, check, PILOT_URL=url, PILOT_ID="hub-id", PILOT_SECRET="wrong")
        assert (code, out.splitlines()[0].split(": ")[0]) == (1, "BAD   sign in"), out


@pytest.mark.parametrize("name", ["Pilot", "1st", "rest", "class", "../x", "a-b"])
def test_a_name_that_cannot_be_one_is_refused_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    (tmp_path / "connectors").mkdir()
    (tmp_path / "connectors" / "port.py").touch()
    (tmp_path / "tests" / "connectors").mkdir(parents=True)
    with pytest.raises(ValueError, match="cannot name a connector"):
        skeleton.write(name, tmp_path)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["port.py"]


def test_what_is_there_is_not_written_over_and_a_clone_is_needed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is a connector salesforce already"):
        skeleton.write("salesforce", ROOT)
    with pytest.raises(ValueError, match="is no clone of the hub"):
        skeleton.write("pilot", tmp_path)
