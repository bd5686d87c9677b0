"""Bring a million golden records back: from a base backup to a moment, and from a portable copy. The last line is JSON.

Filled with SQL (a million clients with their versions, contributions, messages, changes and lanes), backed up while the log is
followed, then restored by the same functions the commands call. The floor beside it is copying the files alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
import time
from datetime import datetime
from pathlib import Path

import asyncpg

from hub import embedded
from hub.backup import portable
from hub.backup.follow import Rhythm, follow
from hub.backup.place import Place
from hub.backup.restore import restore_embedded
from hub.migrate import migrate
from hub.settings import Settings
from tests.benchmarks.migrate import FILL

ROWS = int(os.environ.get("ROWS", "1000000"))
FLOOR_S = 300.0


async def backed_up(settings: Settings, place: Place) -> tuple[float, datetime]:
    """Seconds a base backup took, and a moment a hundred changes after it that the log reaches."""
    url = settings.need("backup_url")
    following = asyncio.create_task(follow(url, place, Rhythm()))
    connection = await asyncpg.connect(settings.need("database_url"))
    while not place.bases():
        await asyncio.sleep(0.2)
    took_s = (place.bases()[-1].finished_at - place.bases()[-1].started_at).total_seconds()
    await connection.execute(
        "INSERT INTO hub.inbox (tenant_id, system, object, external_id, idempotency_key, body, channel, actor, correlation_id, received_at) "
        "SELECT 1, 'crm', 'account', 'late' || n, 'late' || n, '{}', 'api', 'crm', 'c', now() FROM generate_series(1, 100) n"
    )
    moment: datetime = await connection.fetchval("SELECT clock_timestamp()")
    await connection.execute("DELETE FROM hub.inbox WHERE external_id LIKE 'late%'")
    last = await connection.fetchval("SELECT clock_timestamp()")
    while not place.eras() or place.eras()[-1].reaches < last:
        await asyncio.sleep(0.2)
    await connection.close()
    while not following.done():
        following.cancel()
        await asyncio.wait([following], timeout=1)
    return took_s, moment


async def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="bench-restore-"))
    try:
        print(json.dumps(await measured(folder)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def measured(folder: Path) -> dict[str, object]:
    place, data, other = Place(folder / "backup"), folder / "data", folder / "other"
    with embedded.start(data, options={"shared_buffers": "512MB"}) as servers:
        settings = Settings().on(servers)
        await migrate(settings)
        connection = await asyncpg.connect(settings.need("database_url"))
        for statement in FILL.format(rows=ROWS).split(";\n"):
            await connection.execute(statement)
        await connection.close()
        backup_s, moment = await backed_up(settings, place)
        began = time.perf_counter()
        copied = await portable.dump(settings, folder / "copy", lambda *_: None)
        dump_s = time.perf_counter() - began
    base = place.bases()[-1]
    began = time.perf_counter()
    shutil.copytree(place.data(base), folder / "plain")
    floor_s = time.perf_counter() - began
    shutil.rmtree(folder / "plain")
    began = time.perf_counter()
    done = await asyncio.to_thread(restore_embedded, Settings(data=data), place.path, moment, lambda *_: None)
    restore_s = time.perf_counter() - began
    assert done.examined.rows["hub.inbox"] == ROWS + 100 and done.examined.problems == (), done.examined
    with embedded.start(other, options={"shared_buffers": "512MB"}) as servers:
        began = time.perf_counter()
        await portable.load(Settings().on(servers), folder / "copy", lambda *_: None)
        load_s = time.perf_counter() - began
    return {
        "golden_records": ROWS, "rows": copied.rows, "size_mb": round(base.size_bytes / 1e6), "backup_s": round(backup_s, 1),
        "copy_files_s": round(floor_s, 1), "restore_s": round(restore_s, 1), "dump_s": round(dump_s, 1), "load_s": round(load_s, 1),
        "floor_s": FLOOR_S, "is_met": max(restore_s, load_s) <= FLOOR_S,
    }  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
