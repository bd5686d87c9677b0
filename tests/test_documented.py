"""What a user can type or set is explained where they look for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from hub.__main__ import cli
from hub.app import ROUTES
from hub.jobs import JOBS
from hub.settings import Row, documented

ROOT = Path(__file__).parent.parent
READMES = "\n".join(
    file.read_text() for file in (ROOT / "README.md", ROOT / "hub" / "README.md") if file.exists()
)
COMMANDS = sorted(typer.main.get_group(cli).commands)
TARGETS = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("row", documented(), ids=lambda row: row.name)
def test_every_setting_is_in_a_readme_with_its_default_and_meaning(row: Row) -> None:
    default = f"`{row.default}`" if row.default else ""
    assert re.search(
        rf"^\| `{row.name}` \| *{re.escape(default)} *\| {re.escape(row.doc)} \|$", READMES, re.MULTILINE
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_a_readme(command: str) -> None:
    assert f"`hub {command}" in READMES


def test_no_readme_names_a_setting_or_a_command_we_do_not_have() -> None:
    assert set(re.findall(r"\bHUB_[A-Z_]+", READMES)) <= {row.name for row in documented()}
    assert set(re.findall(r"`hub ([a-z][a-z-]*)", READMES)) <= set(COMMANDS)


@pytest.mark.parametrize("job", sorted(JOBS))
def test_every_job_is_in_a_readme_with_when_it_runs(job: str) -> None:
    assert f"| `{job}` | {JOBS[job]} |" in READMES


@pytest.mark.parametrize("path", sorted({route.path for route in ROUTES}))
def test_every_door_of_the_api_is_in_a_readme(path: str) -> None:
    assert f"`{path}`" in READMES


def test_make_help_lists_every_target_a_person_may_call() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert sorted(TARGETS) == sorted(phony.group(1).split())
