"""``hub target …``: the hub as the end of somebody else's pipe."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from hub.errors import SetupError

target = typer.Typer(name="target", help="The hub at the end of a pipe.", no_args_is_help=True)


@target.callback()
def _named() -> None:
    """Kept a group, since there may be other pipes than Singer's."""


@target.command()
def singer(
    system: Annotated[str, typer.Option(help="The connected system whose records these are.")] = "",
    tenant: Annotated[str, typer.Option(help="Whose records these are.")] = "",
    config: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help='A file of JSON that says both, as runners of taps give it: {"system": …, "tenant": …}.')
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded servers (HUB_DATA).")] = None,
) -> None:
    """Store what a Singer tap prints; a state is printed once everything before it is durable."""
    from hub.__main__ import _settings
    from hub.singer_target import main
    from hub.up import running

    told = _read(config) if config is not None else {}
    name = system or str(told.get("system") or "")
    if not name:
        raise typer.BadParameter("say whose records these are", param_hint="--system")

    def say(line: str) -> None:
        print(line, flush=True)

    with running(_settings("target", data)) as (live, _):
        raise typer.Exit(asyncio.run(main(live, tenant or str(told.get("tenant") or "north"), name, sys.stdin.buffer, say)))


def _read(file: Path) -> dict[str, object]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SetupError(f"{file.name} cannot be read as JSON: {error}") from error
    if not isinstance(found, dict):
        raise SetupError(f"{file.name} is not a table of keys and values")
    return found
