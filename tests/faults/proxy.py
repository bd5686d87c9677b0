"""A small TCP proxy between the hub and whatever it talks to, which can be made slow, deaf, forgetful or rude."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Self

_CHUNK = 65_536


@dataclass
class Proxy:
    """One listening port that leads to ``host``:``port``. Its attributes may be changed while connections are open.

    ``delay_s`` goes before every chunk, either way. ``is_down`` breaks every connection and refuses new ones by a reset.
    ``is_hole`` holds everything back until it is false again. ``loses_replies`` lets requests through and throws answers away.
    ``resets`` is the chance that a chunk breaks its connection. ``cuts`` counts answers still to be broken off in the middle,
    ``commits`` those of COMMITs still to be lost whole.
    """

    name: str
    host: str
    port: int
    chance: Random = field(default_factory=lambda: Random(1))
    delay_s: float = 0.0
    is_down: bool = False
    loses_replies: bool = False
    resets: float = 0.0
    cuts: int = 0
    commits: int = 0
    lost: int = 0
    """Answers that were cut or thrown away so far."""
    listening_on: int = 0
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = field(default_factory=set)
    _spoilt: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._open.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.listening_on = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._open.set()
        assert self._server is not None
        self._server.close()
        self.break_all()

    @property
    def is_hole(self) -> bool:
        return not self._open.is_set()

    @is_hole.setter
    def is_hole(self, wanted: bool) -> None:
        if wanted:
            self._open.clear()
        else:
            self._open.set()

    def break_all(self) -> None:
        for pair in list(self._pairs):
            _abort(*pair)

    def heal(self) -> None:
        """As it was at first; connections that lost bytes are broken, since nothing on them can be understood any more."""
        self.delay_s, self.resets, self.cuts, self.commits = 0.0, 0.0, 0, 0
        self.is_down, self.is_hole, self.loses_replies = False, False, False
        for pair in list(self._spoilt):
            _abort(*pair)
        self._spoilt.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_down:
            writer.transport.abort()
            return
        try:
            there, to_there = await asyncio.open_connection(self.host, self.port)
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, to_there)
        self._pairs.add(pair)
        losing = _Losing()
        ways = [
            asyncio.create_task(self._pump(reader, to_there, pair, losing, is_reply=False)),
            asyncio.create_task(self._pump(there, writer, pair, losing, is_reply=True)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            _close(*pair)
            self._pairs.discard(pair)
            self._spoilt.discard(pair)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        losing: _Losing, *, is_reply: bool,
    ) -> None:  # fmt: skip
        with suppress(OSError):
            while chunk := await source.read(_CHUNK):
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                await self._open.wait()
                if self.is_down or (self.resets and self.chance.random() < self.resets):
                    _abort(*pair)
                    return
                if is_reply:
                    if losing.answer or self.cuts > 0:
                        self.lost += 1
                        if not losing.answer:
                            self.cuts -= 1
                            sink.write(chunk[: len(chunk) // 2])
                            with suppress(OSError):
                                await sink.drain()
                        _abort(*pair)
                        return
                    if self.loses_replies:
                        self.lost += 1
                        self._spoilt.add(pair)
                        continue
                elif self.commits > 0 and b"COMMIT" in chunk:
                    self.commits -= 1
                    losing.answer = True
                sink.write(chunk)
                await sink.drain()


@dataclass(slots=True)
class _Losing:
    """Whether the next answer on a connection never arrives."""

    answer: bool = False


def _abort(*writers: asyncio.StreamWriter) -> None:
    for one in writers:
        one.transport.abort()


def _close(*writers: asyncio.StreamWriter) -> None:
    for one in writers:
        with suppress(OSError):
            one.close()
