"""As little as a durable intake can be: a bare starlette route, and one INSERT per message in a commit shared by all that wait.

No key, no check of the record, no idempotency, no queue to work from. ``TOY_DATABASE_URL`` and ``TOY_PORT`` say where.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

INSERT = "INSERT INTO toy (body) VALUES ($1)"


class Toy:
    def __init__(self) -> None:
        self.waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self.rung = asyncio.Event()

    async def store(self) -> None:
        connection = await asyncpg.connect(os.environ["TOY_DATABASE_URL"])
        await connection.execute("CREATE TABLE IF NOT EXISTS toy (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea)")
        while True:
            await self.rung.wait()
            self.rung.clear()
            while self.waiting:
                group, self.waiting = self.waiting, []
                async with connection.transaction():
                    await connection.executemany(INSERT, [(body,) for body, _ in group])
                for _, answer in group:
                    answer.set_result(None)

    async def take(self, request: Request) -> Response:
        body = await request.body()
        orjson.loads(body)
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((body, answer))
        self.rung.set()
        await answer
        return Response(b'{"accepted":1}', 202, media_type="application/json")


def main() -> None:
    toy = Toy()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        storing = asyncio.create_task(toy.store())
        yield
        storing.cancel()

    app = Starlette(routes=[Route("/ingest/{system}", toy.take, methods=["POST"])], lifespan=lifespan)
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["TOY_PORT"]), loop="uvloop", http="httptools", access_log=False, log_config=None)


if __name__ == "__main__":
    main()
