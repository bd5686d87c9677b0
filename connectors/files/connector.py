"""Drop folders as a connector: files that a system puts into one are read once, in order; what it is to be told lies in another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import ConfigurationError, ConnectorError, RejectedError, RetriableError, SignatureError
from connectors.files.config import beside, out_objects, resources_of
from connectors.files.drop import DropFolder
from connectors.files.outbox import Outbox
from connectors.files.place import LocalPlace, Place, need_allowed
from connectors.files.resource import FileResource
from connectors.port import Capabilities, Incoming, ObjectCapabilities, Page, Receipt, Write
from connectors.tables import Table


@dataclass
class FilesConnector:
    """Reads a folder and, where ``outbox`` is given, writes into another."""

    system: str
    place: Place
    drop: DropFolder
    resources: Mapping[str, FileResource]
    outbox: Outbox | None = None
    bulk: int = 1000

    @property
    def capabilities(self) -> Capabilities:
        objects = {
            name: ObjectCapabilities(
                can_create="create" in one.operations, can_update="update" in one.operations, can_deactivate="deactivate" in one.operations,
                has_unique_external_id=True, keeps_our_key=True,
            )
            for name, one in (self.outbox.objects if self.outbox else {}).items()
        }  # fmt: skip
        return Capabilities(
            resources=tuple(self.resources), objects=objects, page_size=self.drop.page_size, concurrency=1, bulk_size=self.bulk if objects else 1
        )

    async def poll(self, resource: str, checkpoint: str) -> Page:
        try:
            return await self.drop.page(resource, self.resources[resource], checkpoint)
        except OSError as error:
            raise self._later(resource, error) from error

    async def stored(self, resource: str, checkpoint: str) -> None:
        """See :class:`connectors.port.IsToldWhatIsStored`."""
        try:
            await self.drop.stored(self.resources[resource], checkpoint)
        except OSError as error:
            raise self._later(resource, error) from error

    async def fetch(self, object: str, external_id: str) -> Incoming | None:
        try:
            for one in self.resources.values():
                found = await self.drop.fetch(one, external_id) if one.object == object else None
                if found is not None:
                    return found
        except OSError as error:
            raise self._later(object, error) from error
        return None

    def _later(self, what: str, error: OSError) -> RetriableError:
        why = error.strerror or type(error).__name__
        return RetriableError(f"{self.system}: files of {what} cannot be read or moved now ({why})", system=self.system)

    def receive(self, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        raise SignatureError("files send no webhooks")

    async def write(self, write: Write) -> Receipt:
        (answer,) = await self.write_many([write])
        if isinstance(answer, ConnectorError):
            raise answer
        return answer

    async def look_up(self, write: Write) -> Receipt | None:
        if self.outbox is None or write.object not in self.outbox.objects or not write.intent_key:
            return None
        return await self.outbox.look_up(write.object, write)

    async def write_many(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        """One file for each kind of record among the writes."""
        answers: dict[int, Receipt | ConnectorError] = {}
        places: dict[str, list[int]] = {}
        for at, write in enumerate(writes):
            places.setdefault(write.object, []).append(at)
        for object, numbers in places.items():
            if self.outbox is None or object not in self.outbox.objects:
                answers |= dict.fromkeys(numbers, self._only_read(object))
            else:
                answers |= dict(zip(numbers, await self.outbox.send(object, [writes[at] for at in numbers]), strict=True))
        return [answers[at] for at in range(len(writes))]

    def _only_read(self, object: str) -> RejectedError:
        return RejectedError(
            f"no files of {object} are written for {self.system}", cause="permission",
            remedy=f"Declare out.objects.{object} in its document, or take the system out of the subscription.", system=self.system,
        )  # fmt: skip

    async def aclose(self) -> None:
        await self.place.aclose()


def files_connector(config: Mapping[str, Any], *, file: str = "files") -> FilesConnector:
    """The registry's factory; see README.md for the form of ``config``."""
    top = Table(config, file)
    made = composed(top, LocalPlace(top.number("settled_after_s", 2.0)))
    drop, out = made.drop, made.outbox
    is_changed = bool(drop.archive or drop.error)
    for key, folder in (("folder", drop.folder), ("archive", drop.archive), ("error", drop.error)):
        if folder:
            need_allowed(folder, file, key, is_changed=is_changed)
    if out:
        need_allowed(out.folder, file, "out.folder", is_changed=True)
    top.done()
    return made


def composed(top: Table, place: Place) -> FilesConnector:
    """What a document says, whatever machine the files lie on; the caller ends with ``top.done()``."""
    for key in ("mappings", "code_maps", "name", "kind", "connector"):
        top.take(key)
    system, folder = top.text("system"), top.text("folder")
    archive, error = beside(folder, top.text("archive", "")), beside(folder, top.text("error", ""))
    drop = DropFolder(system, place, folder, archive, error, int(top.number("page_size", 500)) or 1)
    outbox, bulk = None, 1000
    out = top.maybe("out")
    if out is not None:
        outbox = Outbox(system, place, beside(folder, out.text("folder")), dict(out_objects(out)))
        bulk = int(out.number("bulk", 1000)) or 1
        out.done()
        names = [one.name for one in outbox.objects.values()]
        if len(set(names)) < len(names):
            raise ConfigurationError(f"{top.file}: out.objects: two of them write files of one name")
    folders = [one for one in (folder, archive, error, outbox.folder if outbox else "") if one]
    if len({one.rstrip("/") for one in folders}) < len(folders):
        raise ConfigurationError(f"{top.file}: folder, archive, error and out.folder are folders of their own")
    return FilesConnector(system, place, drop, resources_of(top), outbox, bulk)
