"""The half of the port that a system has which is only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.errors import ConnectorError, RejectedError, SignatureError
from connectors.port import Incoming, Receipt, Write


class OnlyReads:
    """A connector that writes nothing and receives no webhooks. ``system`` is its name in the hub."""

    system: str
    a_kind = "a source"
    """What it is, for sentences."""
    is_read = "is read by a source and cannot be written"

    def receive(self, headers: Mapping[str, str], body: bytes) -> list[Incoming]:
        raise SignatureError(f"{self.a_kind} sends no webhooks")

    async def write(self, write: Write) -> Receipt:
        raise self._only_read()

    async def look_up(self, write: Write) -> Receipt | None:
        return None

    async def write_many(self, writes: Sequence[Write]) -> list[Receipt | ConnectorError]:
        return [self._only_read() for _ in writes]

    def _only_read(self) -> RejectedError:
        return RejectedError(f"{self.system} {self.is_read}", cause="permission", remedy="Take the system out of the subscription.", system=self.system)
