"""What a user can type or set is explained where they look for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer.main
from graphql import parse, validate

from hub.__main__ import cli
from hub.api.schema import build
from hub.app import ROUTES
from hub.jobs import JOBS
from hub.settings import Row, documented

ROOT = Path(__file__).parent.parent
READMES = "\n".join(
    file.read_text() for file in (ROOT / "README.md", ROOT / "hub" / "README.md") if file.exists()
)
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text()
    for pattern in ("*.md", *(f"{name}/**/*.md" for name in ("connectors", "hub", "migrations", "schema", "tests")))
    for path in sorted(ROOT.glob(pattern))
    if "node_modules" not in path.parts
}
GROUP = typer.main.get_group(cli)
COMMANDS = sorted(GROUP.commands)
TARGETS = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)


def typed(program: str) -> Iterator[tuple[str, list[str]]]:
    """What pages tell a reader to type: (page, the words behind the program), from backticks and lines of code blocks."""
    for page, text in PAGES.items():
        for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            for found in re.findall(rf"^(?:\.venv/bin/)?{program} ([^#\n]*)", block, re.MULTILINE):
                yield page, found.split()
        for found in re.findall(rf"`(?:\.venv/bin/)?{program}\s([^`]*)`", text):
            yield page, found.split()


@pytest.mark.parametrize("row", documented(), ids=lambda row: row.name)
def test_every_setting_is_in_a_readme_with_its_default_and_meaning(row: Row) -> None:
    default = f"`{row.default}`" if row.default else ""
    assert re.search(
        rf"^\| `{row.name}` \| *{re.escape(default)} *\| {re.escape(row.doc)} \|$", READMES, re.MULTILINE
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_a_readme(command: str) -> None:
    assert f"`hub {command}" in READMES


def test_no_page_names_a_setting_or_a_command_we_do_not_have() -> None:
    settings = {row.name for row in documented()}
    assert {name for text in PAGES.values() for name in re.findall(r"\bHUB_[A-Z_]*[A-Z]\b", text)} <= settings
    assert {words[0] for _, words in typed("hub")} - {"<command>", "--help"} <= set(COMMANDS)


def test_every_option_a_page_gives_a_command_exists() -> None:
    rows = re.findall(r"^\| `hub ([a-z-]+)` \|(.*)$", READMES, re.MULTILINE)
    ours = [words[: words.index("--")] if "--" in words else words for _, words in typed("hub")]  # behind it stands another program
    said = [(words[0], word) for words in ours for word in words[1:] if word.startswith("--")]
    said += [(name, option) for name, row in rows for option in re.findall(r"`(--[a-z-]+)", row)]
    assert [one for one in said if one[1] not in options(one[0])] == []


def options(command: str) -> set[str]:
    found = GROUP.commands[command]
    every = (found, *getattr(found, "commands", {}).values())  # a command of several, such as hub match
    return {"--help", *(spelt for one in every for parameter in one.params for spelt in parameter.opts)}


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


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_is_in_a_page(target: str) -> None:
    assert target in {words[0] for _, words in typed("make")}


def test_no_page_names_a_make_target_or_a_module_we_do_not_have() -> None:
    assert {words[0] for _, words in typed("make")} <= set(TARGETS)
    modules = {name for text in PAGES.values() for name in re.findall(r"python -m ((?:connectors|hub|tests)[\w.]*)", text)}
    assert [name for name in sorted(modules) if find_spec(name) is None] == []


def test_every_link_of_a_page_leads_somewhere() -> None:
    broken = [
        (page, link)
        for page, text in PAGES.items()
        for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
        if "://" not in link and not leads_somewhere(page, link)
    ]
    assert broken == []


def leads_somewhere(page: str, link: str) -> bool:
    path, _, anchor = link.partition("#")
    file = (ROOT / page).parent / path if path else ROOT / page
    return file.exists() and (not anchor or anchor in anchors(file.read_text()))


def anchors(text: str) -> set[str]:
    """How headings are linked to.

    >>> anchors("## Over HTTP\\n")
    {'over-http'}
    """
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}


def test_every_example_of_graphql_is_one_the_schema_takes() -> None:
    examples = [(page, found) for page, text in PAGES.items() for found in re.findall(r"^```graphql\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]
    refused = [(page, error.message) for page, found in examples for error in validate(build()._schema, parse(found))]
    assert len(examples) > 5
    assert refused == []
