"""``hub match first-load``: a file of records into a tenant that holds none of them yet, with progress and a summary."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from connectors.port import Incoming
from hub.errors import RequestError
from hub.flows import load_setup
from hub.flows.load_plan import FilePlan, plan_of
from hub.garbage import collect_rarely
from hub.match.first_load import Loaded, first_load
from hub.match.load_groups import Link
from hub.match.load_read import Line
from hub.settings import Settings
from hub.store.pool import open_worker_pool

SHOWN = 10
"""Refused lines that the summary names."""

Reader = Callable[..., Iterator[tuple[Any, int]]]
"""As :func:`hub.files.read_records`."""


async def main(
    settings: Settings, tenant: str, file: Path, system: str, entity: str, mapping: Path | None, kind: str, link: str, *, read: Reader
) -> int:  # fmt: skip
    """Load one file and print what came of it. Raises what :func:`hub.match.first_load.first_load` raises."""
    if link not in tuple(Link):
        raise RequestError("BAD_OPTION", f"there is no way '{link}' to link", field="link", remedy=f"Choose one of: {', '.join(Link)}.")
    plan = plan_of(mapping, system, entity, kind)
    wanted = plan.entities()
    if len(wanted) != 1:
        raise RequestError("ONE_ENTITY", f"the mapping speaks of {', '.join(wanted)}", remedy="Say which one to load first: --entity client.")
    pool = await open_worker_pool(settings.need("worker_url"), size=1, name="hub-first-load")
    try:
        tenant_id = await load_setup.tenant_of(pool, tenant)
    finally:
        await pool.close()
    collect_rarely()
    screen = Console(stderr=True)
    with Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=screen, transient=True) as bar:
        task = bar.add_task("beginning", total=1.0)
        done = await first_load(
            settings.need("database_url"), tenant_id, plan, wanted[0], lambda: lines_of(plan, file, read),
            tell=lambda what, share: bar.update(task, description=what, completed=share), link=Link(link),
        )  # fmt: skip
    print(summary(wanted[0], done))
    return 0


def lines_of(plan: FilePlan, file: Path, read: Reader) -> Iterator[Line]:
    """The file's records as lines, each with its system; lines that cannot be read are left to the summary as they are."""
    for object_ in plan.objects:
        identify, seen = plan.identify(object_), set[tuple[str, str]]()
        at_hand: dict[str, Any] = {}

        def remember(record: Any, identify: Any = identify, at_hand: dict[str, Any] = at_hand) -> str | None:
            at_hand["record"] = record
            return str(found) if (found := identify(record)) else None

        for found, _ in read(file, object_, remember, plan.dialect):
            if not isinstance(found, Incoming):
                yield Line(found.number, plan.systems[0], object_, f"line {found.number}", found.raw)
                continue
            system = str(at_hand["record"].get(plan.system_column) or "") if plan.system_column else plan.system
            if system in plan.systems and (system, found.external_id) not in seen:
                seen.add((system, found.external_id))
                yield Line(found.line, system, object_, found.external_id, found.body)


def summary(entity: str, done: Loaded) -> str:
    """What came of a first load, for people."""
    told = [
        (f"{done.records:,} records became {done.golden:,} {entity} records by model {done.model_version}: {done.linked:,} were linked, "
        f"{done.asked:,} questions are open, {len(done.refused):,} lines were refused ({sum(done.seconds.values()):.0f} s).")
    ]
    told += [f"  line {number}: {reason}" for number, reason in done.refused[:SHOWN]]
    return "\n".join(told)
