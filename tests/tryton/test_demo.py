"""``make demo-tryton`` as a person runs it: its last line is JSON, its exit code says whether all sides are equal."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hub.demo.tryton.install import Tryton
from tests.tryton.conftest import DATA, Running

pytestmark = pytest.mark.slow

LIMIT_S = 900


async def test_three_databases_end_equal(running: Running, tmp_path: Path) -> None:
    """With the installation of these tests; its databases, its hub and its servers are its own."""
    own = Tryton(tmp_path / "tryton")
    own.data.mkdir()
    (own.data / "venv").symlink_to(DATA / "venv")
    shutil.copytree(DATA / "bare", own.data / "bare")
    shutil.copy(DATA / "password", own.data / "password")
    command = (sys.executable, "-m", "hub.demo.tryton", "--data", str(tmp_path), "--port", "0", "--once")
    process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        async with asyncio.timeout(LIMIT_S):
            told = (await process.communicate())[0].decode()
    except (TimeoutError, asyncio.CancelledError):
        process.terminate()
        await process.wait()
        raise
    assert process.returncode == 0, told[-3000:]
    last = json.loads(told.strip().splitlines()[-1])
    counts = {name: last[name] for name in ("parties", "projects", "tasks", "timesheet lines", "invoices")}
    assert (last["equal"], last["duplicates"]) == (True, 0)
    assert counts == {
        "parties": {"crm": 10, "psa": 10, "erp": 10, "hub": 10}, "projects": {"psa": 5, "erp": 5, "hub": 5}, "tasks": {"psa": 7, "erp": 7, "hub": 7},
        "timesheet lines": {"psa": 35, "erp": 35, "hub": 35}, "invoices": {"erp": 3, "hub": 3},
    }  # fmt: skip
