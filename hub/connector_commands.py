"""``hub connector …``: try a system before it is connected, and begin a connector for one nobody has connected yet."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from hub.errors import SetupError

connector = typer.Typer(name="connector", help="Connectors: try a system, begin a new one.", no_args_is_help=True)


@connector.command()
def check(
    name: Annotated[str, typer.Argument(help="A connector: salesforce, rest, … (hub connector list).")],
    config: Annotated[Path, typer.Option(exists=True, dir_okay=False, readable=True, help="The firm's document; its ${VARIABLES} come from the environment.")],
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON each.")] = False,
) -> None:
    """Sign in, read, map and look up against the live system; nothing is written. Exit code 1 when something cannot work."""
    from hub import connector_check

    raise typer.Exit(1 if asyncio.run(connector_check.main(name, config, dict(os.environ), as_json=as_json)) else 0)


@connector.command("list")
def listed() -> None:
    """The connectors there are; ``extends: NAME`` in a document takes what comes with one."""
    from connectors.registry import CONNECTORS
    from connectors.shipped import SHIPPED

    for name in sorted(CONNECTORS):
        print(f"{name:16}{'comes with objects, mappings and codes' if name in SHIPPED else 'described by the document'}")


@connector.command()
def table() -> None:
    """Which system gives and takes which entity, and how: connectors/SYSTEMS.md is this, printed."""
    from hub.connector_table import table as text

    print(text(), end="")


@connector.command()
def new(
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits and _.")],
    into: Annotated[Path, typer.Option(file_okay=False, help="The clone of the hub it is written into.")] = Path("."),
) -> None:
    """Begin a connector: a folder with document, class, simulator and README, and its tests, which pass."""
    from connectors import skeleton

    try:
        written = skeleton.write(name, into)
    except ValueError as error:
        raise SetupError(str(error)) from error
    print("\n".join(["Written:", *(f"  {one}" for one in written)]))
    print(f"Next: connectors/AFTERNOON.md, and python -m pytest tests/connectors -m 'slow or not slow' -k {name}")
