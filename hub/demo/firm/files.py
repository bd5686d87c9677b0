"""A firm as files of JSON lines, one for each entity and system, which ``hub load`` takes in the order of their names."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

from hub.demo.firm.catalogue import CATALOGUE, Source, records, wanted
from hub.demo.firm.model import Firm
from hub.demo.firm.shape import SYSTEMS, Said, place


class File(NamedTuple):
    """One file: what ``hub load FILE --system … --entity … --kind …`` has to be told."""

    path: Path
    system: str
    entity: str
    kind: str

    @property
    def command(self) -> str:
        return f"hub load {self.path} --system {self.system} --entity {self.entity} --kind {self.kind}"


_KINDS = {system.name: system.kind.value for system in SYSTEMS}


def write(firm: Firm, folder: Path, only: Collection[str] | None = None) -> list[File]:
    """Write the firm; answers the files in the order in which they are to be loaded: parents first, origins first."""
    folder.mkdir(parents=True, exist_ok=True)
    return [file for source in wanted(only) for file in _write(firm, source, folder)]


def _write(firm: Firm, source: Source, folder: Path) -> Iterator[File]:
    open_files: dict[str, IO[bytes]] = {}
    found: dict[str, File] = {}
    with ExitStack() as stack:
        for record in records(firm, source):
            for one in record.said:
                if one.system not in found:
                    name = f"{CATALOGUE.index(source):02d}{place(one.system, source.entity):x}_{one.system}_{source.entity}.jsonl"
                    found[one.system] = File(folder / name, one.system, source.entity, _KINDS[one.system])
                    open_files[one.system] = stack.enter_context((folder / name).open("wb"))
                open_files[one.system].write(line(one))
    yield from sorted(found.values(), key=lambda file: place(file.system, file.entity))


def line(one: Said) -> bytes:
    """What a system says, as a line in our own words."""
    told: dict[str, Any] = {"$id": one.external_id}
    if one.part:
        told["$part"] = one.part
    if one.links:
        told["$links"] = [list(link) for link in one.links]
    return orjson.dumps(told | one.values) + b"\n"
