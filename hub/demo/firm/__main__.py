"""``python -m hub.demo.firm``: the firm into a hub of its own, or as files that ``hub load`` takes."""

from __future__ import annotations

import json
import os
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hub.demo.firm import Firm, files
from hub.errors import HubError
from hub.settings import Settings


class As(StrEnum):
    """Where the firm goes."""

    HUB = "hub"
    FILES = "files"


def run(
    scale: Annotated[float, typer.Option(min=0.0001, help="Part of the full size: 1 is 2,000 consultants, 100,000 clients, 1 M hours.")] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed and scale make the same firm.")] = 7,
    data: Annotated[Path, typer.Option(help="Folder of the embedded servers.")] = Path(".data/firm"),
    as_: Annotated[As, typer.Option("--as", help="Straight into a hub, or files of JSON lines for hub load.")] = As.HUB,
    out: Annotated[Path, typer.Option(help="Folder of the files.")] = Path("firm"),
    versions: Annotated[int, typer.Option(min=1, help="Versions of each client, spread over ten months.")] = 1,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the api; 0: any free.")] = 8080,
    once: Annotated[bool, typer.Option("--once", help="End after the figures; the last line is JSON.")] = False,
) -> None:
    """Make a realistic services firm and show it."""
    firm = Firm(seed, scale)
    try:
        if as_ is As.FILES:
            _write(firm, out)
            return
        from hub.demo.firm import show
        from hub.telemetry import configure

        own = {"HUB_DATA": str(data), "HUB_PORT": str(port), "HUB_LOG_LEVEL": "warning"}
        settings = Settings.from_environment(own | {name: value for name, value in os.environ.items() if name.startswith("HUB_")})
        configure(settings.log_level, process="demo-firm")
        raise typer.Exit(show.main(settings, firm, versions, once=once))
    except HubError as error:
        print(f"demo-firm: {error}", file=sys.stderr)
        raise typer.Exit(2) from error


def _write(firm: Firm, folder: Path) -> None:
    """Write the files and say how each is loaded, in order."""
    began = time.monotonic()
    written = files.write(firm, folder)
    for file in written:
        print(file.command)
    print(json.dumps({"files": len(written), "bytes": sum(f.path.stat().st_size for f in written), "seconds": round(time.monotonic() - began, 1)}))


if __name__ == "__main__":
    typer.run(run)
