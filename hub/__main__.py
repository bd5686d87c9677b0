"""The command line. Each command reads its arguments and calls one function, imported when it is needed."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from hub import faults, tracing
from hub.audit_commands import audit
from hub.config_commands import config
from hub.connector_commands import connector
from hub.errors import HubError, NotBuiltError
from hub.match.commands import match
from hub.settings import Settings
from hub.target_commands import target

cli = typer.Typer(
    name="hub",
    help="One golden record of each thing a firm's systems know.",
    no_args_is_help=True,
    add_completion=False,
)
cli.add_typer(match)
cli.add_typer(audit)
cli.add_typer(config)
cli.add_typer(connector)
cli.add_typer(target)
Data = Annotated[Path | None, typer.Option("--data", help="Folder of the embedded servers (HUB_DATA).")]
Port = Annotated[
    int | None, typer.Option("--port", min=0, max=65535, help="Port of the api (HUB_PORT); 0: any free.")
]


@cli.command()
def up(
    data: Data = None,
    port: Port = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="First line on standard output: addresses and keys.")
    ] = False,
) -> None:
    """Embedded servers, migrations, api and workers, until Ctrl-C."""
    settings = _settings("up", data, port)
    _part("up", "hub.app")
    _part("up", "hub.worker")
    make_tenants = _part("up", "hub.flows.tenants").ensure_tenants
    from hub import up as composition

    async def tenants(live: Settings) -> list[dict[str, Any]]:
        from hub.store.pool import open_worker_pool

        pool = await open_worker_pool(live.need("worker_url"), size=1, name="hub-up")
        try:
            made: list[dict[str, Any]] = await make_tenants(pool, composition.TENANTS)
            return made
        finally:
            await pool.close()

    composition.up(settings, tenants, as_json=as_json)


@cli.command()
def stop(data: Data = None) -> None:
    """End the hub on a data folder, or servers a killed one left behind."""
    from hub import embedded

    settings = _settings("stop", data)
    ended = embedded.stop(settings.data)
    print(f"Stopped what ran on {settings.data}." if ended else f"Nothing runs on {settings.data}.")


@cli.command()
def serve(port: Port = None) -> None:
    """The api: GraphQL, webhooks, health."""
    settings = _settings("serve", port=port)
    create_app = _part("serve", "hub.app").create_app
    import uvicorn

    from hub.serving import uvicorn_options
    from hub.supervise import follow_parent
    from hub.up import running

    follow_parent()
    with running(settings) as (live, _):
        uvicorn.run(
            create_app(live.without_owner(), is_alone=True),
            host=live.host,
            port=live.port,
            loop="uvloop",
            **uvicorn_options(live),
        )


@cli.command()
def work(
    only: Annotated[list[str] | None, typer.Option(help="ingest, deliver or jobs; without it: all.")] = None,
) -> None:
    """The workers: fold what came in, send what changed, do what is scheduled."""
    from hub.supervise import follow_parent, run_until_told
    from hub.telemetry import serve_metrics
    from hub.up import STAGES, running, with_jobs_beside

    settings = _settings("work")
    stages = tuple(only or STAGES)
    if unknown := sorted(set(stages) - set(STAGES)):
        raise typer.BadParameter(
            f"{', '.join(unknown)} is not one of {', '.join(STAGES)}", param_hint="--only"
        )
    loops = tuple(stage for stage in stages if stage != "jobs")
    run = _part("work", "hub.worker" if loops else "hub.jobs").run
    follow_parent()
    serve_metrics(settings.metrics_address, STAGES.index(stages[0]))
    with running(settings) as (everything, _):
        live = everything.without_owner()
        if not loops:
            run_until_told(run(live))
        elif "jobs" in stages:
            run_until_told(with_jobs_beside(run(live, loops), live))
        else:
            run_until_told(run(live, loops))


@cli.command()
def migrate(data: Data = None) -> None:
    """Bring roles and schema to the newest form."""
    from hub.migrate import head_revision
    from hub.migrate import migrate as run
    from hub.up import running

    with running(_settings("migrate", data)) as (live, _):
        asyncio.run(run(live))
    print(f"The database is at revision {head_revision()}.")


@cli.command()
def backup(
    folder: Annotated[Path | None, typer.Argument(help="Where backups are kept (HUB_BACKUP).")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on: keep the log of what changes, and back up every day, until told to end.")] = False,
    portable: Annotated[bool, typer.Option("--portable", help="One copy that goes into any PostgreSQL.")] = False,
    data: Data = None,
) -> None:
    """Back up the whole database, to be restored to any second."""
    from hub.backup.commands import backup as run
    from hub.supervise import follow_parent

    settings = _settings("backup", data)
    where = folder or settings.backup
    if where is None:
        raise typer.BadParameter("say where backups are kept, or set HUB_BACKUP", param_hint="FOLDER")
    follow_parent()
    run(settings, where, following=follow, is_portable=portable)


@cli.command()
def restore(
    folder: Annotated[Path | None, typer.Argument(exists=True, file_okay=False, help="Where backups are kept.")] = None,
    to: Annotated[str | None, typer.Option(help="The moment, like 2026-11-20T10:15:03Z; without it: as far as the log goes.")] = None,
    into: Annotated[Path | None, typer.Option(help="Make a data directory for a PostgreSQL that is not embedded.")] = None,
    mark: Annotated[bool, typer.Option("--mark", help="Only say that the database was restored by other means.")] = False,
    data: Data = None,
) -> None:
    """Bring the database back to a moment; deliveries rest until hub resume-deliveries."""
    from hub.backup.commands import restore as run

    run(_settings("restore", data), folder, to=to, into=into, mark=mark)


@cli.command("resume-deliveries")
def resume_deliveries(
    tenant: Annotated[list[str] | None, typer.Option(help="Only theirs; again for more.")] = None,
    even_unread: Annotated[bool, typer.Option("--even-unread", help="Though systems were not read since the restore.")] = False,
    data: Data = None,
) -> None:
    """After a restore: let deliveries go on, once every system has been read again."""
    from hub.flows.restored import resume
    from hub.store.pool import open_worker_pool
    from hub.up import running

    async def run(live: Settings) -> list[str]:
        pool = await open_worker_pool(live.need("worker_url"), 1, "hub-resume")
        try:
            return [one.slug for one in await resume(pool, tenant or (), "operator", even_unread=even_unread)]
        finally:
            await pool.close()

    with running(_settings("resume-deliveries", data)) as (live, _):
        slugs = asyncio.run(run(live))
    print(f"Deliveries go on for {', '.join(slugs)}." if slugs else "No deliveries rest.")


@cli.command()
def rekey(
    every: Annotated[bool, typer.Option("--all", help="Also what lies under the key in use.")] = False,
    data: Data = None,
) -> None:
    """After HUB_SECRET_KEY was changed: seal every stored secret under it."""
    from hub.flows.rekey import rekey as run
    from hub.store.pool import open_worker_pool
    from hub.up import running

    async def all_rows(live: Settings) -> Any:
        pool = await open_worker_pool(live.need("worker_url"), 1, "hub-rekey")
        try:
            return await run(pool, live.need("secret_key"), every=every)
        finally:
            await pool.close()

    with running(_settings("rekey", data)) as (live, _):
        done = asyncio.run(all_rows(live))
    print(f"{done.done} secrets are sealed under the key in use.")
    if done.closed:
        print(f"No key we have opens {', '.join(done.closed)}: set HUB_SECRET_KEYS_FORMER, or enter them anew.", file=sys.stderr)
        raise typer.Exit(1)


@cli.command()
def fill(data: Data = None) -> None:
    """After an upgrade, when no older build runs any more: fill in what it did not keep."""
    from hub.flows.fill import fill as run
    from hub.store.pool import open_worker_pool
    from hub.up import running

    async def all_tenants(settings: Settings) -> int:
        pool = await open_worker_pool(settings.need("worker_url"), size=1, name="hub-fill")
        try:
            return await run(pool)
        finally:
            await pool.close()

    with running(_settings("fill", data)) as (live, _):
        print(f"{asyncio.run(all_tenants(live))} tenants filled.")


@cli.command()
def doctor(data: Data = None) -> None:
    """Say in words what is wrong, and how to mend it."""
    from hub.doctor import examine, is_healthy
    from hub.up import running

    with running(_settings("doctor", data)) as (live, _):
        findings = asyncio.run(examine(live))
    print("\n".join(map(str, findings)))
    raise typer.Exit(0 if is_healthy(findings) else 1)


@cli.command()
def publish(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when something differs.")
    ] = False,
    release: Annotated[
        str | None, typer.Option("--release", help="Name of a release: from now on clients rely on the API as it is.")
    ] = None,
) -> None:
    """Print what is derived from the model: dictionary, event schemas, GraphQL schema."""
    raise typer.Exit(_part("publish", "hub.publish").main(check, release))


@cli.command()
def replay(
    verify: Annotated[
        bool, typer.Option("--verify", help="Change nothing; compare values and lineage.")
    ] = False,
    data: Data = None,
) -> None:
    """Rebuild every golden record from its contributions and decisions."""
    from hub.up import running

    run = _part("replay", "hub.flows.replay").main
    with running(_settings("replay", data)) as (live, _):
        raise typer.Exit(asyncio.run(run(live, verify)))


@cli.command()
def load(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    system: Annotated[str, typer.Option(help="The system whose records these are; the mapping may name it.")] = "",
    entity: Annotated[str, typer.Option(help="What the records are, such as Client; the mapping may name it.")] = "",
    mapping: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The mapping, a YAML file; without it lines speak our words.")
    ] = None,
    kind: Annotated[str, typer.Option(help="What kind of system it is (crm, psa, erp, bill …), should it be new.")] = "",
    tenant: Annotated[str, typer.Option(help="Whose records these are.")] = "north",
    data: Data = None,
) -> None:
    """Take in a file of CSV or JSON lines; a bad line is set aside with its number and reason."""
    from hub.up import running

    run, read = _part("load", "hub.flows.load").main, _part("load", "hub.files").read_records
    with running(_settings("load", data)) as (live, _):
        raise typer.Exit(asyncio.run(run(live, tenant, file, system, entity, mapping, kind, read=read)))


@cli.command()
def connect(
    file: Annotated[Path, typer.Argument(help="The document; or the word singer, and a tap's command behind --.")],
    words: Annotated[list[str] | None, typer.Argument(metavar="[-- TAP --config FILE]", help="A Singer tap, as one would run it.")] = None,
    tenant: Annotated[str, typer.Option(help="Whose system it is.")] = "north",
    system: Annotated[str, typer.Option(help="With singer: what the system is called.")] = "",
    kind: Annotated[str, typer.Option(help="With singer: what kind of system it is (crm, psa, erp, bill …).")] = "",
    stream: Annotated[list[str] | None, typer.Option(help="With singer: only this stream; again for more. Without it: those of the mapping, else all.")] = None,
    mapping: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="With singer: a YAML file of mappings and code maps.")
    ] = None,
    save: Annotated[Path | None, typer.Option(dir_okay=False, help="With singer: keep the document that was made.")] = None,
    data: Data = None,
) -> None:
    """Connect a system from a YAML file: connection, mappings, code maps; polled from now on. Or a Singer tap from its command line."""
    from hub.up import running

    if str(file) == "singer":
        if not system or not kind:
            raise typer.BadParameter("a tap's system needs a name and a kind", param_hint="--system, --kind")
        part = _part("connect", "hub.connecting_singer")
        wish = part.Wish(system, kind, tuple(stream or ()), mapping, save)
        with running(_settings("connect", data)) as (live, _):
            raise typer.Exit(asyncio.run(part.main(live, tenant, wish, words or [], os.environ)))
    if words or not file.is_file():
        raise typer.BadParameter(f"there is no file {file}" if not words else "only a tap has a command behind --", param_hint="FILE")
    run = _part("connect", "hub.connecting").main
    with running(_settings("connect", data)) as (live, _):
        raise typer.Exit(asyncio.run(run(live, tenant, file, os.environ)))


@cli.command()
def key(
    role: Annotated[str, typer.Argument(help="reader, steward, system or admin.")],
    name: Annotated[str, typer.Option(help="Whose key it is; the name's earlier key of this role ends.")],
    tenant: Annotated[str, typer.Option(help="Whose data it opens.")] = "north",
    system: Annotated[str, typer.Option(help="The one system a key of role system speaks for.")] = "",
    new: Annotated[bool, typer.Option("--new", help="Make the tenant, should it be missing.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="End the name's keys instead.")] = False,
    only: Annotated[
        list[str] | None, typer.Option(help="Confine it: entity=golden id, such as client=0198…; again for several.")
    ] = None,
    requests: Annotated[int | None, typer.Option(min=0, help="Requests a minute instead of HUB_REQUESTS_PER_MINUTE; 0: no limit.")] = None,
    cost: Annotated[int | None, typer.Option(min=0, help="Cost a minute instead of HUB_COST_PER_MINUTE; 0: no limit.")] = None,
    data: Data = None,
) -> None:
    """Give somebody an API key; it is shown this once."""
    from hub.flows.tenants import Bounds, give_key, revoke_keys
    from hub.store.pool import open_worker_pool
    from hub.up import running

    given = {"requests": requests, "cost": cost}
    bounds = Bounds(_scope(only or ()), {name: most for name, most in given.items() if most is not None})

    async def run(live: Settings) -> str:
        pool = await open_worker_pool(live.need("worker_url"), size=1, name="hub-key")
        try:
            if revoke:
                return f"{await revoke_keys(pool, tenant, name)} keys of {name} ended."
            return await give_key(pool, tenant, role, name, system or None, makes_tenant=new, bounds=bounds)
        finally:
            await pool.close()

    with running(_settings("key", data)) as (live, _):
        print(asyncio.run(run(live)))


@cli.command()
def export(
    entities: Annotated[str, typer.Argument(help="What to export, as GraphQL names it: clients, timeEntries …")],
    filter: Annotated[str, typer.Option(help='GraphQL\'s filter as JSON: {"country": {"eq": "DE"}}.')] = "",
    columns: Annotated[str, typer.Option(help="Columns with commas between, such as name,legalName; without it: all.")] = "",
    format: Annotated[str, typer.Option(help="ndjson, csv, arrow or parquet.")] = "ndjson",
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="The file; without it: standard output.")] = None,
    tenant: Annotated[str, typer.Option(help="Whose records.")] = "north",
    role: Annotated[str, typer.Option(help="With whose rights: reader sees no confidential fields, steward does.")] = "reader",
    data: Data = None,
) -> None:
    """Write every record a filter leaves into a file; called again, it goes on with a file that broke off."""
    from hub.exporting import Wish, main
    from hub.up import running

    with running(_settings("export", data)) as (live, _):
        raise typer.Exit(asyncio.run(main(live, Wish(entities, filter, columns, format, out, tenant, role))))


@cli.command("bi-login")
def bi_login(
    name: Annotated[str, typer.Option(help="Whose login it is; an earlier one of this name ends.")],
    tenant: Annotated[str, typer.Option(help="Whose data it shows.")] = "north",
    confidential: Annotated[bool, typer.Option("--confidential", help="Show confidential columns too.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="End the name's login instead.")] = False,
    data: Data = None,
) -> None:
    """Give a BI tool a PostgreSQL login that reads one tenant's star; its address is shown this once."""
    from hub.bi_login import end, give
    from hub.up import running

    with running(_settings("bi-login", data)) as (live, _):
        if revoke:
            print(f"{asyncio.run(end(live, tenant, name))} logins of {name} ended.")
        else:
            print(asyncio.run(give(live, tenant, name, confidential=confidential)))


@cli.command("four-eyes")
def four_eyes(
    state: Annotated[str, typer.Argument(help="on or off.")],
    tenant: Annotated[str, typer.Option(help="For whose data.")] = "north",
    data: Data = None,
) -> None:
    """Say whether risky changes need a second person; off is for a firm where one person decides."""
    from hub.flows.people import switch_four_eyes
    from hub.store.pool import open_worker_pool
    from hub.up import running

    async def run(live: Settings) -> None:
        pool = await open_worker_pool(live.need("worker_url"), 1, "hub-four-eyes")
        try:
            async with pool.acquire() as connection, connection.transaction():
                await switch_four_eyes(connection, tenant, state)
        finally:
            await pool.close()

    with running(_settings("four-eyes", data)) as (live, _):
        asyncio.run(run(live))
    print(f"Four eyes are {state} for {tenant}.")


@cli.command()
def profile(
    source: Annotated[str, typer.Argument(help="A file of CSV or JSON lines, or the name of a system.")],
    mapping: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The mapping a file would be loaded with.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same figures as one JSON document.")] = False,
    tenant: Annotated[str, typer.Option(help="Whose system it is.")] = "north",
    data: Data = None,
) -> None:
    """What a source holds: fill rates, values, invalid identifiers, duplicates, orphans."""
    from hub.up import running

    run, read = _part("profile", "hub.flows.profile").main, _part("profile", "hub.files").read_records
    settings = _settings("profile", data)
    with nullcontext((settings, None)) if Path(source).is_file() else running(settings) as (live, _):
        raise typer.Exit(asyncio.run(run(live, tenant, source, mapping, as_json, read=read)))


@cli.command()
def duplicates(
    entity: Annotated[list[str] | None, typer.Option(help="Compare only these, such as invoice; again for more.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The counts as one JSON document.")] = False,
    tenant: Annotated[str, typer.Option(help="Whose records.")] = "north",
    data: Data = None,
) -> None:
    """Compare every transaction with those like it, and count the values that many records share."""
    from hub.up import running

    run = _part("duplicates", "hub.flows.duplicates").main
    with running(_settings("duplicates", data)) as (live, _):
        raise typer.Exit(asyncio.run(run(live, tenant, entity or (), as_json)))


@cli.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="End after the story, with a JSON summary.")] = False,
    crm: Annotated[str, typer.Option(help="Play it with this CRM: salesforce, dynamics365.")] = "",
    psa: Annotated[str, typer.Option(help="With this PSA: kantata, certinia, connectwise, autotask, dynamics365.")] = "",
    erp: Annotated[str, typer.Option(help="With this ERP, or several with commas: netsuite, sap_s4hana, oracle_fusion, sage_intacct, dynamics365_fo.")] = "",
    data: Data = None,
    port: Port = None,
) -> None:
    """Play the story: three systems, one golden record of each thing. With products, one that can be played with any of them."""
    products = {role: name for role, name in (("crm", crm), ("psa", psa), ("erp", erp)) if name}
    raise typer.Exit(_part("demo", "hub.demo").main(_settings("demo", data, port), once, products))


def _scope(only: Sequence[str]) -> dict[str, list[str]]:
    """What ``--only client=0198…`` says, by entity."""
    found: dict[str, list[str]] = {}
    for each in only:
        entity, given, golden_id = each.partition("=")
        if not given:
            raise typer.BadParameter(f"{each!r} is not like client=0198…", param_hint="--only")
        found.setdefault(entity.strip(), []).append(golden_id.strip())
    return found


def _settings(command: str, data: Path | None = None, port: int | None = None) -> Settings:
    """The environment's settings, outranked by the command's options; logs are set up on the way."""
    from connectors.files import place
    from connectors.programs import child
    from connectors.sql import allowed
    from hub.store.secrets import read_also
    from hub.telemetry import configure

    environment = dict(os.environ)
    if data is not None:
        environment["HUB_DATA"] = str(data)
    if port is not None:
        environment["HUB_PORT"] = str(port)
    settings = Settings.from_environment(environment)
    read_also(settings.secret_keys_besides)
    configure(settings.log_level, process=command)
    if command in ("serve", "work"):
        tracing.configure("api" if command == "serve" else "worker", environment)
    faults.arm(settings.faults)
    child.allow(settings.commands)
    allowed.allow(settings.databases)
    place.allow(settings.folders)
    return settings


def _part(command: str, module: str) -> Any:
    """A part of the hub, imported now; raises :class:`NotBuiltError` where this build lacks it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name and (module == error.name or module.startswith(f"{error.name}.")):
            raise NotBuiltError(command, module) from error
        raise


def main() -> None:
    """Run a command; an error we can name is one sentence on standard error and exit code 2."""
    try:
        cli()
    except HubError as error:
        print(f"hub: {error}", file=sys.stderr)
        sys.exit(2)
    except Exception as error:
        if not _is_shut_out(error):
            raise
        print(f"hub: PostgreSQL does not let us in ({type(error).__name__}). 'hub doctor' says why.", file=sys.stderr)
        sys.exit(2)


def _is_shut_out(error: Exception) -> bool:
    """Whether the database is away, or refuses our name or password."""
    import asyncpg

    refused = asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError, asyncpg.CannotConnectNowError
    return isinstance(error, (ConnectionRefusedError, socket.gaierror, *refused))


if __name__ == "__main__":
    main()
