"""``hub config …``: a tenant's whole configuration written to a file, and a file laid over a tenant."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

config = typer.Typer(name="config", help="A tenant's configuration: write it to a file, lay a file over a tenant.", no_args_is_help=True)
Data = Annotated[Path | None, typer.Option("--data", help="Folder of the embedded servers (HUB_DATA).")]
Tenant = Annotated[str, typer.Option(help="Whose configuration.")]


@config.command()
def export(
    out: Annotated[Path | None, typer.Argument(dir_okay=False, help="Where it goes; without it, to standard output.")] = None,
    tenant: Tenant = "north",
    data: Data = None,
) -> None:
    """Write systems, mappings, codes, owners, rules, match models and subscriptions as one YAML document; secrets stay here."""
    from hub import promoting

    text = promoting.text_of(asyncio.run(promoting.exported(data, tenant)))
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")
        print(f"The configuration of {tenant} is in {out.name}.")


@config.command()
def apply(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="What hub config export wrote.")],
    tenant: Tenant = "north",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    with_modes: Annotated[bool, typer.Option("--with-modes", help="Also how much may be written to each system; else new ones observe.")] = False,
    data: Data = None,
) -> None:
    """Lay a file over a tenant. Variables come from the environment, or are those kept here; what only the tenant has stays."""
    from hub import promoting

    for line in asyncio.run(promoting.applied(data, tenant, file, dict(os.environ), dry_run=dry_run, with_modes=with_modes)):
        print(line)
