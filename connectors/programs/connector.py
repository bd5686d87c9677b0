"""What connectors that read another's program have in common: its command, the file of its configuration, its runs."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.only_read import OnlyReads
from connectors.port import Capabilities, Incoming
from connectors.programs.pages import Limits, Runs, write_private


@dataclass(kw_only=True)
class ProgramConnector(OnlyReads):
    """Polls what a program tells. ``resources`` are polled by their names."""

    system: str
    command: tuple[str, ...]
    config: Mapping[str, Any]
    resources: Mapping[str, Any]
    limits: Limits = field(default_factory=Limits)
    page_size: int = 500
    _folder: tempfile.TemporaryDirectory[str] | None = None

    def __post_init__(self) -> None:
        self._runs = Runs(self.system, self.page_size, self.limits)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(resources=tuple(self.resources), page_size=self.page_size, concurrency=self.limits.concurrency)

    def _config(self) -> Path:
        """The file of the program's configuration. It stays for as long as we do: programs write renewed tokens into it."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="hub-program-")
            write_private(Path(self._folder.name) / "config.json", self.config)
        return Path(self._folder.name) / "config.json"

    @property
    def _name(self) -> str:
        return Path(self.command[0]).name

    async def fetch(self, object: str, external_id: str) -> Incoming | None:
        return None

    async def aclose(self) -> None:
        await self._runs.aclose()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
