"""Works of ``project.work``: one tree of projects and tasks, and the sheet that hours are booked on.

A timesheet line names a ``timesheet.work``, whose origin is the work; which project that belongs to is said by the tree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.errors import RejectedError
from connectors.tryton.database import Database, Record

WORK, SHEET = "project.work", "timesheet.work"


async def told_on_lines(database: Database, rows: Sequence[Record]) -> list[Record]:
    """Timesheet lines with the project and the task they are booked on."""
    origins = {int(one["work"]["origin"]["id"]) for one in rows if _origin(one)}
    homes = await _homes(database, origins)
    found = []
    for one in rows:
        project, task = homes.get(int(one["work"]["origin"]["id"]), (None, None)) if _origin(one) else (None, None)
        found.append({**one, "project": project, "task": task})
    return found


async def told_on_works(database: Database, rows: Sequence[Record]) -> list[Record]:
    """Works with the project they are part of (of a project: the one above it) and the task above them."""
    above = {int(one["parent"]) for one in rows if one.get("parent")}
    homes = await _homes(database, above)
    found = []
    for one in rows:
        project, task = homes.get(int(one["parent"]), (None, None)) if one.get("parent") else (None, None)
        found.append({**one, "project": project, "task": task})
    return found


def _origin(line: Record) -> bool:
    work = line.get("work")
    origin = work.get("origin") if isinstance(work, dict) else None
    return isinstance(origin, dict) and origin.get("model") == WORK


async def _homes(database: Database, ids: set[int]) -> dict[int, tuple[int | None, int | None]]:
    """Work → the nearest project (itself, when it is one) and, of a task, the task."""
    known: dict[int, Record] = {}
    missing = ids
    while missing:
        read = {int(one["id"]): one for one in await database.read_many(WORK, missing, ["id", "type", "parent"])}
        known |= {id: read.get(id, {"type": "project", "parent": None}) for id in missing}
        missing = {int(one["parent"]) for one in read.values() if one["type"] == "task" and one.get("parent")} - known.keys()
    return {id: (_project(id, known), id if known[id]["type"] == "task" else None) for id in ids}


def _project(id: int, known: Mapping[int, Record]) -> int | None:
    at: int | None = id
    while at is not None and known[at]["type"] == "task":
        at = int(known[at]["parent"]) if known[at].get("parent") else None
    return at


async def progressed(database: Database, status: int) -> Record:
    """The progress that a status asks for at least: a work is not done before it is whole."""
    found = await database.read_many(f"{WORK}.status", [status], ["progress"])
    least = found[0]["progress"] if found else None
    return {} if least is None else {"progress": least}


async def sheet_of(database: Database, work: int) -> int:
    """The sheet on which hours of a work are booked; one that takes no hours yet is opened for them."""
    for is_last in (False, True):
        found = await database.search(SHEET, [["origin", "=", f"{WORK},{work}"]], limit=1)
        if found:
            return found[0]
        if not is_last:
            await database.call(f"model.{WORK}.write", [[work], {"timesheet_available": True}], "open a work for hours", is_read=False)
    raise RejectedError(
        f"{database.config.rest.system} takes no hours on this work", cause="lock", field="project", remedy="Tick Available on timesheets there, then retry.",
        system=database.config.rest.system,
    )  # fmt: skip
