"""``hub audit …``: look whether the trail is as it was sealed, and give an auditor a pack that proves itself."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from hub.core.audit import named, pack_problems
from hub.errors import SettingError, SetupError
from hub.settings import Settings
from hub.store.statements import Connection

audit = typer.Typer(name="audit", help="The sealed trail: verify it here, or give it to an auditor.", no_args_is_help=True)
Data = Annotated[Path | None, typer.Option("--data", help="Folder of the embedded servers (HUB_DATA).")]
Tenant = Annotated[str, typer.Option(help="Whose trail.")]


@audit.command()
def verify(
    pack: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, readable=True, help="An evidence pack; without it, the hub itself.")] = None,
    tenant: Tenant = "north",
    head: Annotated[str, typer.Option(help="A digest noted down earlier: its seal must still be in the chain.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
    data: Data = None,
) -> None:
    """Recompute every digest, root, chain and signature; exit code 1 and the row's name when something is not as it was sealed."""
    if pack is not None:
        found = {"problems": pack_file_problems(pack)}
    else:
        found = asyncio.run(_with(_settings(data), tenant, lambda tx, tenant_id, live: _verified(tx, tenant_id, live, head), keep=_keep))
    print(json.dumps(found) if as_json else said(found))
    raise typer.Exit(1 if found["problems"] else 0)


@audit.command()
def export(
    out: Annotated[Path, typer.Option(dir_okay=False, help="Where the pack goes: a zip with records, seals, keys and its verifier.")],
    client: Annotated[str, typer.Option(help="Golden id of a client: only it and what hangs on it.")] = "",
    record: Annotated[str, typer.Option(help="entity=golden id of another record, such as invoice=0198…, and what hangs on it.")] = "",
    since: Annotated[str, typer.Option("--from", help="First day or instant; without it, from the beginning.")] = "",
    until: Annotated[str, typer.Option("--to", help="Day or instant it ends before; without it, up to now.")] = "",
    tenant: Tenant = "north",
    data: Data = None,
) -> None:
    """Write an evidence pack; python3 verify.py in it says OK, or which row was altered."""
    from hub.flows.evidence import Wish, need_entity, pack

    if client and record:
        raise typer.BadParameter("name a client or another record, not both", param_hint="--record")
    entity, _, golden_id = (f"client={client}" if client else record).partition("=")
    now = datetime.now(UTC)
    wish = Wish(
        _instant(since, datetime(1970, 1, 1, tzinfo=UTC), "--from"), _instant(until, now, "--to"),
        need_entity(entity) if golden_id else "", _uuid(golden_id) if golden_id else None,
    )  # fmt: skip

    async def packed(tx: Connection, tenant_id: int, live: Settings) -> dict[str, Any]:
        made = await pack(tx, tenant_id, tenant, live.need("secret_key"), wish, now)
        out.write_bytes(made.content)
        return {"records": made.records, "seals": made.seals, "unsealed": made.unsealed}

    made = asyncio.run(_with(_settings(data), tenant, packed))
    print(f"{out}: {made['records']} rows in {made['seals']} seals" + (f"; {made['unsealed']} rows are not sealed yet" if made["unsealed"] else "") + ".")


async def _verified(tx: Connection, tenant_id: int, live: Settings, head: str) -> dict[str, Any]:
    from hub.flows.audit import verify

    found = await verify(tx, tenant_id, live.need("secret_key"))
    if head and not await tx.fetchval("SELECT true FROM hub.seal WHERE tenant_id = $1 AND digest = decode($2, 'hex')", tenant_id, _hex(head)):
        found.problems.append(f"no seal has the digest {head[:64]}: the chain was made anew or cut")
    return {
        "seals": found.seals, "entries": found.entries, "givenUp": found.given_up, "unsealed": found.unsealed,
        "head": {"seal": found.head_seal, "digest": found.head_digest}, "problems": found.problems,
    }  # fmt: skip


async def _keep(tx: Connection, tenant_id: int, found: dict[str, Any]) -> None:
    from hub.flows.audit import looked_through

    await looked_through(tx, tenant_id, found["problems"])


def said(found: dict[str, Any]) -> str:
    if found["problems"]:
        return "NOT OK\n  " + "\n  ".join(found["problems"])
    if "seals" not in found:
        return "OK: every row of the pack is as it was sealed."
    given_up = f" ({found['givenUp']} seals are past retention: their heads only)" if found["givenUp"] else ""
    waits = f"\n    {found['unsealed']} entries are not sealed yet." if found["unsealed"] else ""
    newest = f"\n    Newest seal {found['head']['seal']}: {found['head']['digest']} (note it down elsewhere)" if found["seals"] else ""
    return f"OK: {found['entries']} entries in {found['seals']} seals are as they were sealed{given_up}.{newest}{waits}"


def pack_file_problems(path: Path) -> list[str]:
    """What is wrong with a pack file."""
    try:
        with zipfile.ZipFile(path) as archive:
            return named(pack_problems({name: archive.read(name) for name in archive.namelist()}))
    except (OSError, zipfile.BadZipFile) as error:
        return [f"{path}: {error}"]


Work = Callable[[Connection, int, Settings], Awaitable[dict[str, Any]]]


async def _with(settings: Settings, tenant: str, work: Work, keep: Callable[[Connection, int, dict[str, Any]], Awaitable[None]] | None = None) -> dict[str, Any]:
    """Read for one tenant what stood at one instant, whatever is sealed meanwhile; then keep what came of it."""
    from hub.store.pool import open_worker_pool
    from hub.up import running

    with running(settings) as (live, _):
        pool = await open_worker_pool(live.need("worker_url"), size=1, name="hub-audit")
        try:
            async with pool.acquire() as tx:
                tenant_id = await tx.fetchval("SELECT id FROM hub.tenant WHERE slug = $1", tenant)
                if tenant_id is None:
                    raise SetupError(f"there is no tenant {tenant!r}")
                async with tx.transaction(isolation="repeatable_read"):
                    await tx.execute("SET LOCAL statement_timeout = '10min'")
                    found = await work(tx, tenant_id, live)
                if keep is not None:
                    async with tx.transaction():
                        await keep(tx, tenant_id, found)
                return found
        finally:
            await pool.close()


def _settings(data: Path | None) -> Settings:
    from hub.__main__ import _settings as read

    return read("audit", data)


def _instant(text: str, default: datetime, option: str) -> datetime:
    try:
        found = datetime.fromisoformat(text) if text else default
    except ValueError:
        raise SettingError(option, "is a day or an instant, such as 2026-03-01") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise SettingError("--client", "is a golden id") from None


def _hex(text: str) -> str:
    return text if len(text) == 64 and set(text) <= set("0123456789abcdef") else ""
