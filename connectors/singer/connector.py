"""Singer taps as connected systems: each resource is a run of the tap with its streams chosen, read page by page."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.errors import ConfigurationError, ConnectorError, CredentialsError, RetriableError
from connectors.port import Incoming, Page
from connectors.programs.child import Child, need_allowed, secrets_in
from connectors.programs.connector import ProgramConnector
from connectors.programs.pages import End, limits_of, printed, settings_of, write_private
from connectors.singer import catalog as catalogs
from connectors.singer.messages import Singer, StreamChoice
from connectors.tables import Table
from connectors.wire import dump_json, parse_json

DISCOVERY_S = 300.0
METHODS = ("FULL_TABLE", "INCREMENTAL", "LOG_BASED")
REFUSED = re.compile(r"\b401\b|unauthori[sz]ed|invalid_grant|invalid_client|(?:invalid|wrong|bad) (?:credentials|api key|token)|authentication failed", re.IGNORECASE)
"""What taps say when credentials do not hold; a document may say it otherwise (``credentials_say``)."""


@dataclass(frozen=True, slots=True)
class SingerResource:
    """The streams of one resource, which one run of the tap tells."""

    name: str
    streams: tuple[StreamChoice, ...]

    @property
    def alone(self) -> StreamChoice | None:
        """Its stream, where absence can be told: one stream whose object is the resource itself."""
        only = self.streams[0] if len(self.streams) == 1 else None
        return only if only is not None and only.object == self.name else None


@dataclass
class SingerReading:
    """One run: a tap's messages, and what its end means."""

    resource: SingerResource
    singer: Singer
    methods: Mapping[str, str]
    is_first: bool
    known: Mapping[str, int]
    """Versions that earlier runs have activated."""
    refused: re.Pattern[str] = REFUSED

    def take(self, line: bytes) -> Sequence[Incoming]:
        found = self.singer.take(line)
        return () if found is None else (found,)

    def kept(self) -> dict[str, Any]:
        return {"state": self.singer.state, "versions": dict(self.known)}

    def failed(self, child: Child, code: int) -> ConnectorError:
        return failure(child, code, self.refused)

    def end(self) -> End:
        """A whole table is read again from the beginning the next time; anything else goes on from its state."""
        alone, singer = self.resource.alone, self.singer
        is_full = all(self.methods.get(one.stream) == "FULL_TABLE" for one in self.resource.streams)
        is_complete = self.is_first and alone is not None and (is_full or singer.is_whole(alone.stream))
        if is_full or singer.state is None:
            return End("", is_complete)
        new = alone is not None and self.known.get(alone.stream, singer.versions.get(alone.stream)) != singer.versions.get(alone.stream)
        if new and not self.is_first:
            return End("", has_more=True)  # older rows are gone there: a listing of all, which begins now, tells which
        versions = {**self.known, **singer.versions}
        return End(dump_json({"state": singer.state, "versions": versions}).decode(), is_complete)


def failure(child: Child, code: int, refused: re.Pattern[str]) -> ConnectorError:
    """What a tap that did not succeed says."""
    reason = child.reason()
    said = next((one for one in reversed([*child.serious(), reason]) if refused.search(one)), None)
    if said is not None:
        return CredentialsError(f"{child.name} was not let in: {said}")
    return RetriableError(f"{child.name} ended with exit code {code}: {reason}")


@dataclass(kw_only=True)
class SingerConnector(ProgramConnector):
    """Polls a tap. It writes nothing and receives no webhooks."""

    a_kind, is_read = "a tap", "is read by a tap and cannot be written"

    config_file: Path | None
    catalog: str
    catalog_option: str
    resources: Mapping[str, SingerResource]
    refused: re.Pattern[str] = REFUSED
    _catalog: dict[str, Any] | None = None
    _discovering: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def poll(self, resource: str, checkpoint: str) -> Page:
        one = self.resources[resource]

        async def start(kept: dict[str, Any], is_first: bool, folder: Path) -> tuple[Child, SingerReading]:
            catalog = await self.discovered()
            arguments = ["--config", str(self._config())]
            if catalog is not None:
                chosen = catalogs.selected(catalog, one.streams, self.command[0])
                arguments += [self.catalog_option, str(write_private(folder / "catalog.json", chosen))]
            if kept.get("state") is not None:
                arguments += ["--state", str(write_private(folder / "state.json", kept["state"]))]
            methods = {choice.stream: catalogs.method_of(catalog or {}, choice) for choice in one.streams}
            singer = Singer(self._name, {choice.stream: choice for choice in one.streams}, state=kept.get("state"))
            child = await Child.start([*self.command, *arguments], folder, self._secrets)
            return child, SingerReading(one, singer, methods, is_first, kept.get("versions") or {}, self.refused)

        return await self._runs.page(resource, checkpoint, start)

    async def discovered(self) -> dict[str, Any] | None:
        """The tap's catalog: what it discovers, asked once, or what the document names; None for a tap that has none."""
        async with self._discovering:
            if self._catalog is None and self.catalog != "none":
                self._catalog = await self._discover() if self.catalog == "discover" else self._named()
            return self._catalog

    async def _discover(self) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="hub-discover-") as folder:
            child = await Child.start([*self.command, "--config", str(self._config()), "--discover"], Path(folder), self._secrets)
            lines, code = await printed(child, DISCOVERY_S)
        if code:
            raise failure(child, code, self.refused)
        return catalogs.parsed_catalog(b"".join(lines), self._name)

    def _named(self) -> dict[str, Any]:
        try:
            return catalogs.parsed_catalog(Path(self.catalog).read_bytes(), self._name)
        except OSError as error:
            raise ConfigurationError(f"{self.system}: catalog: {Path(self.catalog).name} cannot be read ({error.strerror})") from error

    def _config(self) -> Path:
        return self.config_file or super()._config()

    @property
    def _secrets(self) -> tuple[str, ...]:
        """What must not be shown, as it is now."""
        try:
            told = parse_json(self._config().read_bytes())
        except (OSError, ValueError):
            told = self.config
        return tuple({*secrets_in(told), *secrets_in(self.config)})


def singer_connector(config: Mapping[str, Any], *, file: str = "singer") -> SingerConnector:
    """The registry's factory; see README.md for the form of ``config``."""
    top = Table(config, file)
    for key in ("mappings", "code_maps", "name", "kind", "connector"):
        top.take(key)
    command, told = top.texts("command"), top.text("config_file", "")
    if not command:
        raise top.wrong("command", "a program with its arguments", None)
    need_allowed(command, file)
    found = SingerConnector(
        system=top.text("system"),
        command=command,
        config={} if told else settings_of(top, "config"),
        config_file=Path(told) if told else None,
        catalog=top.text("catalog", "discover"),
        catalog_option=top.one_of("catalog_option", ("--catalog", "--properties"), "--catalog"),
        resources={name: _resource(name, table) for name, table in top.tables("resources")},
        limits=limits_of(top),
        page_size=int(top.number("page_size", 500)) or 1,
        refused=pattern_of(top),
    )
    top.done()
    return found


def pattern_of(top: Table) -> re.Pattern[str]:
    """How the program says that credentials do not hold."""
    said = top.text("credentials_say", "")
    try:
        return re.compile(said, re.IGNORECASE) if said else REFUSED
    except re.error as error:
        raise top.wrong("credentials_say", "a regular expression", said) from error


def _resource(name: str, table: Table) -> SingerResource:
    if "streams" in table:
        found = SingerResource(name, tuple(_choice(stream, stream, inner) for stream, inner in table.tables("streams")))
        table.done()
        return found
    return SingerResource(name, (_choice(table.text("stream", name), name, table),))


def _choice(stream: str, object_: str, table: Table) -> StreamChoice:
    found = StreamChoice(
        stream, table.text("object", object_), table.texts("id"), table.text("version", ""),
        table.one_of("replication", (*METHODS, ""), ""), table.text("replication_key", ""), table.texts("exclude"),
    )  # fmt: skip
    table.done()
    return found
