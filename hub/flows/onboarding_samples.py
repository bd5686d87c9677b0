"""What a system that is being added is tried with: files somebody sends, records its connector gives, and what they hold."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.errors import ConnectorError
from connectors.port import Connector
from hub.core.onboarding import Draft, dialect_of, guessed_entity, placed
from hub.errors import RequestError
from hub.flows import profile
from hub.flows.load import Read
from hub.flows.load_plan import FilePlan
from hub.flows.onboarding_step import Place, Tools, step
from hub.flows.profile_report import Profile
from hub.store import onboarding
from hub.store.onboarding import File
from schema.paths import flattened

LARGEST_FILE_BYTES = 50_000_000
"""What the console takes; ``hub load`` takes files of any size."""

SAMPLED = 500
PAGES = 5
PATIENCE_S = 20.0


async def take_file(at: Place, tools: Tools, object_: str, name: str, content: bytes) -> Draft:
    """Keep a file of one object's records and suggest what it is; raises for a file that cannot be read."""
    if not re.fullmatch(r"[A-Za-z][\w.-]{0,60}", object_):
        raise RequestError("INVALID_VALUE", f"{object_[:60]!r} cannot name an object", field="object", remedy="Use letters, digits, _ and -.")
    if len(content) > LARGEST_FILE_BYTES:
        raise RequestError("TOO_LARGE", "the file is larger than 50 MB", field="file", remedy="Load it with `hub load`; a part of it is enough here.")
    if not content.strip():
        raise RequestError("BAD_FILE", "the file is empty", field="file", remedy="Choose another one.")
    file = File(object_, name[:120], content, dialect_of(name, content[:400_000]), False)
    return await _take(at, tools, file)


async def fetch_samples(at: Place, tools: Tools) -> dict[str, int]:
    """Ask a system for some records of everything it has; answers how many of each object. Raises what it answered, in words."""
    connector = await tools.connector_of(at.tenant_id, at.system)
    if connector is None:
        raise RequestError("NO_CONNECTOR", f"{at.system} is not reached by a connector", field="connector", remedy="Connect it first, or send a file.")
    found: dict[str, int] = {}
    for resource in connector.capabilities.resources:
        for object_, lines in (await _sample(connector, resource, at.system)).items():
            await _take(at, tools, File(object_, f"{object_}.jsonl", b"\n".join(lines), {"format": "jsonl"}, True))
            found[object_] = len(lines)
    if not found:
        raise RequestError("NOTHING_THERE", f"{at.system} answers and has no records", remedy="Check what the key it was given may read.")
    return found


async def _sample(connector: Connector, resource: str, system: str) -> dict[str, list[bytes]]:
    """Object → records, from the first pages of a resource."""
    found: dict[str, list[bytes]] = {}
    checkpoint, count = "", 0
    try:
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(PAGES):
                page = await connector.poll(resource, checkpoint)
                for one in page.messages:
                    whole = await connector.fetch(one.object, one.external_id) if one.needs_fetch else one
                    if whole is not None and whole.body and not whole.is_delete:
                        found.setdefault(whole.object, []).append(_one_line(whole.body))
                        count += 1
                checkpoint = page.checkpoint
                if not page.has_more or count >= SAMPLED:
                    break
    except TimeoutError as error:
        if not found:
            raise RequestError("NO_ANSWER", f"{system} did not answer for {resource} within {PATIENCE_S:.0f} s", remedy="Check its address.", is_retryable=True) from error
    except ConnectorError as error:
        raise RequestError("CONNECTOR", f"{system} did not give {resource}: {error}", remedy="Check the connection and what its key may read.") from error
    return found


def _one_line(body: bytes) -> bytes:
    return json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":")).encode() if b"\n" in body else body


async def _take(at: Place, tools: Tools, file: File) -> Draft:
    columns = await asyncio.to_thread(columns_of, file, tools.read)
    if not columns:
        raise RequestError("BAD_FILE", f"{file.name} has no records we can read", field="file", remedy="The first line names the columns; records follow.")
    async with step(at, "fields") as now:
        tx, one = now.tx, now.one
        await onboarding.keep_file(tx, at.tenant_id, at.system, file)
        draft = one.objects.setdefault(file.object, Draft(file.object))
        if draft.by_hand is None:
            draft.entity = draft.entity or guessed_entity(file.object, columns)
            placed(draft, columns, one.objects.values())
        one.trial = None
    return draft


def columns_of(file: File, read: Read) -> dict[str, list[Any]]:
    """Column → values of the first records."""
    found: dict[str, list[Any]] = {}
    for record in records_of(file, read, SAMPLED):
        for name, value in flattened(record).items():
            found.setdefault(name, []).append(value)
    return found


def records_of(file: File, read: Read, most: int) -> list[Mapping[str, Any]]:
    """The first records of a file; lines that are none are passed over."""
    held: list[Mapping[str, Any]] = []

    def identify(record: Mapping[str, Any]) -> str:
        held.append(record)
        return "-"

    with on_disk(file) as path:
        for _ in read(path, file.object, identify, file.dialect):
            if len(held) >= most:
                break
    return held


@contextmanager
def on_disk(file: File) -> Iterator[Path]:
    """The file under its own ending, for as long as it is read."""
    with tempfile.TemporaryDirectory(prefix="hub-onboarding-") as folder:
        path = Path(folder) / f"records{Path(file.name).suffix.lower() or '.csv'}"
        path.write_bytes(file.content)
        yield path


async def files(at: Place) -> list[File]:
    """Every file of the system, with its content."""
    async with at.pool.acquire() as connection:
        rows = await onboarding.files(connection, at.tenant_id, at.system)
        found = [await onboarding.file(connection, at.tenant_id, at.system, row["object"]) for row in rows]
    return [one for one in found if one is not None]


async def profiled(at: Place, tools: Tools, object_: str) -> Profile:
    """Fill rates, frequent values and suspicious ones of one object's sample."""
    async with at.pool.acquire() as connection:
        file = await onboarding.file(connection, at.tenant_id, at.system, object_)
    if file is None:
        raise RequestError("NOT_FOUND", f"there is no sample of {object_[:60]!r}", field="object", remedy="Send a file, or fetch one.")
    return await asyncio.to_thread(_profile, file, tools.read)


def _profile(file: File, read: Read) -> Profile:
    with on_disk(file) as path:
        found = profile.of_file(path, FilePlan((file.object,), dialect=file.dialect), read)
    found.source = file.name
    for one in found.figures:
        one.title = file.object
    return found
