"""The benchmark of reads refuses to measure what is wrong: answers with errors, and servers that differ."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.benchmarks.read.compare import rows
from tests.benchmarks.read.load import Order, run
from tests.benchmarks.read.measure import difference

REQUEST = "POST /graphql HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n\r\n{}"


@asynccontextmanager
async def answering(body: bytes, head: bytes = b"") -> AsyncIterator[int]:
    """A server that gives this answer to everything; its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            writer.write(b"HTTP/1.1 200 OK\r\n" + (head or b"Content-Length: %d\r\n" % len(body)) + b"\r\n" + body)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_every_connection_asks_until_the_time_is_over() -> None:
    async with answering(b'{"data":{}}') as port:
        outcome = await run(Order(port, [REQUEST], 0.2, 3))
    assert outcome.answers == len(outcome.latencies_ms) > 3
    assert outcome.size_bytes == outcome.answers * len(b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"data":{}}')


async def test_an_answer_in_chunks_is_read_to_its_end() -> None:
    async with answering(b'b\r\n{"data":{}}\r\n0\r\n\r\n', b"Transfer-Encoding: chunked\r\n") as port:
        assert (await run(Order(port, [REQUEST], 0.1, 1))).answers > 1


async def test_an_answer_with_errors_ends_the_run() -> None:
    async with answering(b'{"data":null,"errors":[]}') as port:
        with pytest.raises(AssertionError, match="a wrong answer"):
            await run(Order(port, [REQUEST], 0.2, 2))


def test_spelling_is_no_difference_and_another_value_is() -> None:
    ours = rows({"data": {"projects": {"nodes": [{"percentComplete": "50.0", "updatedAt": "2025-01-01T10:00:00.000000Z"}]}}})
    theirs = rows({"data": {"allProjects": [{"percentComplete": 50, "updatedAt": "2025-01-01 11:00:00+01"}]}})
    assert ours == theirs
    assert difference([{"id": 1}, {"id": 2}], [{"id": 1}, {"id": 3}]) == "{'id': 2} and {'id': 3}"
    assert difference([{"id": 1}], []) == "1 rows and 0"
