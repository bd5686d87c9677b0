"""How long a request may go on, and how slowly a client may say what it wants."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from hub.api import patience
from hub.api.patience import GoneError, Lookout, Patience
from hub.serving import patient
from tests.api.served import _Quiet


async def gone() -> dict[str, Any]:
    return {"type": "http.disconnect"}


async def there() -> dict[str, Any]:
    await asyncio.Event().wait()
    return {}


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LOOK_AFTER_S", 0.01)


async def test_a_reader_that_is_gone_ends_its_request_and_nothing_else() -> None:
    ended = asyncio.Event()

    async def reads() -> None:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            ended.set()
            raise

    with pytest.raises(GoneError), Patience(Lookout(), gone, 5, lambda: True):
        await reads()
    assert ended.is_set()
    await asyncio.sleep(0)  # the task that asked goes on


async def test_a_mutation_goes_on_without_its_caller_until_its_time_is_up() -> None:
    with Patience(Lookout(), gone, 5, lambda: False):
        await asyncio.sleep(0.05)
    with pytest.raises(TimeoutError), Patience(Lookout(), gone, 0.05, lambda: False):
        await asyncio.sleep(5)


async def test_who_is_cancelled_from_outside_is_not_told_it_was_slow() -> None:
    async def asks() -> None:
        with Patience(Lookout(), there, 5, lambda: True):
            await asyncio.sleep(5)

    task = asyncio.create_task(asks())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers the size of the body."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(str(size)))]})
    await send({"type": "http.response.body", "body": str(size).encode()})


@pytest.fixture(scope="module")
async def port() -> AsyncIterator[int]:
    running = _Quiet(uvicorn.Config(echo, port=0, http=patient(0.3, 0.6), lifespan="off", log_config=None, timeout_graceful_shutdown=1))
    task = asyncio.create_task(running.serve())
    while not running.started:
        await asyncio.sleep(0.01)
    yield running.servers[0].sockets[0].getsockname()[1]
    running.should_exit = True
    await task


async def told(port: int, *pieces: bytes, every_s: float = 0.0) -> tuple[bytes, float]:
    """The first line of what the server says to these pieces until it closes, and after how long."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()

    async def say() -> None:
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(every_s)

    saying = asyncio.create_task(say())
    try:
        found = await asyncio.wait_for(reader.read(65_536), 3)
    finally:
        saying.cancel()
        writer.close()
    return found.partition(b"\r\n")[0], time.monotonic() - began


HEAD = b"POST / HTTP/1.1\r\nhost: hub\r\ncontent-length: 3\r\n\r\n"
SLOW = b"HTTP/1.1 408 Request Timeout"
FINE = b"HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    ("pieces", "every_s", "line", "least_s"),
    [
        ((), 0.0, SLOW, 0.25),
        ((b"POST / HT",), 0.0, SLOW, 0.25),
        (tuple(b"x-%d: y\r\n" % n if n else b"GET / HTTP/1.1\r\n" for n in range(50)), 0.05, SLOW, 0.25),
        ((HEAD, b"a"), 0.1, SLOW, 0.55),
        ((HEAD, b"a", b"b", b"c"), 0.1, FINE, 0.2),
        ((HEAD + b"abc",), 0.0, FINE, 0.0),
        ((b"GET / HTTP/1.1\r\nx: " + b"y" * 60_000, b"y" * 60_000), 0.02, b"HTTP/1.1 431 Request Header Fields Too Large", 0.0),
    ],
    ids=["silence", "half a line", "a header at a time", "half a body", "a body in pieces", "at once", "a head without end"],
)
async def test_a_client_is_waited_for_so_long_and_no_longer(
    port: int, pieces: tuple[bytes, ...], every_s: float, line: bytes, least_s: float
) -> None:
    found, took_s = await told(port, *pieces, every_s=every_s)
    assert found == line
    assert least_s <= took_s < least_s + 1.5


async def test_a_kept_connection_answers_one_request_after_another(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(HEAD + b"abc")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(FINE)
        assert await reader.readexactly(1) == b"3"
        await asyncio.sleep(0.35)  # longer than a head may take, since none has begun
    writer.close()
