"""(d): starlette and uvicorn running one hand-written statement a question; Postgres writes the whole answer.

No GraphQL, no key, no limits. The pool does not reset connections, which makes this the hard form to be compared with.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

STATEMENTS = {file.stem: file.read_text() for file in (Path(__file__).parent / "queries" / "sql").glob("Q*.sql")}
TENANT = int(os.environ.get("BENCH_TENANT", "0"))


class _Connection(asyncpg.Connection):
    def get_reset_query(self) -> str:
        return ""


def application(url: str) -> Starlette:
    """``POST /Q1`` … with ``{"variables": {…}}``; $2 and on are the variables in their order."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with asyncpg.create_pool(url, min_size=1, max_size=10, connection_class=_Connection) as app.state.pool:
            yield

    async def answer(request: Request) -> Response:
        variables = orjson.loads(await request.body())["variables"]
        statement = STATEMENTS[request.path_params["question"]]
        async with request.app.state.pool.acquire() as connection:
            body = await connection.fetchval(statement, TENANT, *variables.values())
        return Response(body, media_type="application/json")

    return Starlette(routes=[Route("/{question}", answer, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(
        application(os.environ["BENCH_DATABASE_URL"]),
        port=int(os.environ["BENCH_PORT"]), loop="uvloop", http="httptools", access_log=False, log_level="warning", server_header=False,
    )  # fmt: skip
