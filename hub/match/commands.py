"""``hub match …``: the commands of matching at large. Each imports what it needs when it is called: the extra may be missing."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.errors import SetupError

match = typer.Typer(name="match", help="Find which records are one thing: by the million, or on any file.", no_args_is_help=True)
In = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
Out = Annotated[Path | None, typer.Option(dir_okay=False)]
EXTRA = ("numpy", "duckdb", "splink", "pandas", "pyarrow")


@match.command()
def evaluate(
    records: In,
    fields: Annotated[str, typer.Option(help="column=kind with commas between; columns not named are ignored.")] = "",
    source: Annotated[str, typer.Option(help="The column that names the system each record comes from.")] = "",
    truth: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="CSV of record_id and cluster_id, to be measured against.")] = None,
    pairs: Annotated[Path | None, typer.Option(dir_okay=False, help="Where scored pairs go.")] = None,
    clusters: Annotated[Path | None, typer.Option(dir_okay=False, help="Where the best guess goes: record_id, cluster_id.")] = None,
    labels: Annotated[int, typer.Option(min=0, help="Simulate so many answers of a steward, from the truth.")] = 0,
    guess: Annotated[bool, typer.Option("--guess", help="Only propose what the columns may be.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON, the last line on standard output.")] = False,
) -> None:
    """Match a CSV file by the hub's own matcher, at its own thresholds; nothing of the hub is touched, no server needed."""
    part("hub.match.evaluation").main(records, fields, source, truth, pairs, clusters, labels, guess, as_json)


Data = Annotated[Path | None, typer.Option("--data", help="Folder of the embedded servers (HUB_DATA).")]
Tenant = Annotated[str, typer.Option(help="Whose records.")]
Entity = Annotated[str, typer.Option(help="One compared entity; all of them if not told.")]


@match.command()
def again(
    data: Data = None, tenant: Tenant = "demo", entity: Entity = "",
    is_all: Annotated[bool, typer.Option("--all", help="At every record, not only at what came or changed.")] = False,
) -> None:  # fmt: skip
    """Look again at what came or changed since the last time: join what the model in force finds one, ask what it doubts."""
    import_module("hub.rematching").again(_settings(data), tenant, entity, is_all)


@match.command()
def forms(
    data: Data = None, tenant: Tenant = "demo", entity: Entity = "",
    is_all: Annotated[bool, typer.Option("--all", help="Every form, not only missing and outdated ones.")] = False,
) -> None:  # fmt: skip
    """Write the normal forms and blocking keys of records that came before there were any, or before another model."""
    import_module("hub.rematching").renew_forms(_settings(data), tenant, entity, is_all)


@match.command()
def use(entity: str, version: int, data: Data = None, tenant: Tenant = "demo") -> None:
    """Put a trained model in force from the machine itself; 0 is the declared one, which only asks. By the API two teams agree on it."""
    import_module("hub.rematching").use(_settings(data), tenant, entity, version)


@match.command()
def train(
    data: Data = None, tenant: Tenant = "demo", entity: Entity = "",
    sample: Annotated[int, typer.Option(min=2, help="Records that are looked at; of more, some with all that lies near them.")] = 60_000,
    is_used: Annotated[bool, typer.Option("--use", help="Put it in force, and write every form anew.")] = False,
) -> None:  # fmt: skip
    """Learn from the tenant's own records what agreement is worth, and from what its stewards decided; keep it as a version."""
    part("hub.retraining").learn(_settings(data), tenant, entity, sample, is_used)


@match.command()
def report(
    data: Data = None, tenant: Tenant = "demo", entity: Entity = "",
    version: Annotated[int, typer.Option(min=0, help="Which one; the one in force, or the newest, if not told.")] = 0,
) -> None:  # fmt: skip
    """Show a trained version again: what it was learned from, its weight chart, the sweep of thresholds."""
    part("hub.retraining").report(_settings(data), tenant, entity, version)


@match.command("first-load")
def first_load(
    file: In,
    system: Annotated[str, typer.Option(help="The system whose records these are; the mapping may name it.")] = "",
    entity: Annotated[str, typer.Option(help="What the records are, such as client; the mapping may name it.")] = "",
    mapping: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="The mapping, as hub load takes it.")] = None,
    kind: Annotated[str, typer.Option(help="What kind of system it is (crm, psa, erp, bill …), should it be new.")] = "",
    link: Annotated[str, typer.Option(help="likely: the best guess of the whole, from probability 0.95 up; careful: only what is linked one by one, too.")] = "likely",
    data: Data = None,
    tenant: Tenant = "demo",
) -> None:
    """Load a large file of one entity that the tenant holds nothing of yet: matched as a whole, and written in minutes."""
    import asyncio

    run, read, running = part("hub.match.first_loading").main, import_module("hub.files").read_records, import_module("hub.up").running
    with running(_settings(data)) as (live, _):
        raise typer.Exit(asyncio.run(run(live, tenant, file, system, entity, mapping, kind, link, read=read)))


@match.command("settings")
def splink_settings(
    entity: Annotated[str, typer.Option(help="What is compared, such as client.")],
    model: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A model's document (match_model); without it: the declared weights.")
    ] = None,
    against: Annotated[int, typer.Option(min=0, max=2, help="0: strangers, 1: relatives, 2: namesakes.")] = 0,
) -> None:
    """Print the settings by which Splink weighs pairs as we do."""
    print(part("hub.match.settings").as_json(entity, model, _settings(None).match_backend, against))


def _settings(data: Path | None) -> Any:
    import os

    from hub.settings import Settings

    return Settings.from_environment({**os.environ, **({"HUB_DATA": str(data)} if data is not None else {})})


def part(module: str) -> Any:
    """A module of matching at large; raises :class:`SetupError` where the extra is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] in EXTRA:
            raise SetupError(f"'hub match' needs {error.name}: pip install 'services-hub[match]'") from error
        raise
