"""The servers that are measured: how each is started as a process, asked, and what CPU it and Postgres have used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import psutil

from hub.embedded_process import free_port
from hub.embedded_servers import Folder, Postgres
from hub.settings import Settings
from tests import node_tools
from tests.benchmarks.read.data import Tenant, Variables
from tests.benchmarks.read.questions import QUERIES, Question, document

HERE = Path(__file__).parent
NAMES = {
    "hub": "the hub",
    "sql": "(d) hand-written SQL",
    "orm": "(b) Strawberry + ORM",
    "postgraphile": "PostGraphile 5",
    "mercurius": "fastify + mercurius",
}
SLOW = frozenset({"orm"})
"""Measured at the first concurrency only: at 32 an answer takes many seconds, and its CPU is the same."""
SHORT = {"d": "sql", "b": "orm"}
DIALECTS = {"hub": "hub", "sql": None, "orm": "plain", "postgraphile": "postgraphile", "mercurius": "plain"}
NOT_ASKED = {("mercurius", "Q6"), ("postgraphile", "Q6")}
"""Provenance is asked of servers for which it was written."""


@dataclass(frozen=True)
class Server:
    """One running server."""

    name: str
    port: int
    process: psutil.Process
    headers: Mapping[str, str]

    def asks(self, question: Question) -> bool:
        dialect = DIALECTS[self.name]
        return (self.name, question.name) not in NOT_ASKED and (dialect is None or document(dialect, question) is not None)

    def requests(self, question: Question, variables: Variables) -> list[tuple[str, bytes]]:
        """(path, compact JSON body) for each turn of the question's variables."""
        dialect = DIALECTS[self.name]
        query = {} if dialect is None else {"query": " ".join((document(dialect, question) or "").split())}
        path = f"/{question.name}" if dialect is None else "/graphql"
        bodies = ({**query, "variables": turn} for turn in variables[question.name])
        return [(path, json.dumps(body, separators=(",", ":")).encode()) for body in bodies]

    def raw(self, path: str, body: bytes) -> str:
        """The whole request as it goes over the wire."""
        told = {"host": f"127.0.0.1:{self.port}", "content-type": "application/json", "content-length": str(len(body)), **self.headers}
        return "".join((f"POST {path} HTTP/1.1\r\n", *(f"{name}: {value}\r\n" for name, value in told.items()), "\r\n", body.decode()))

    def ask(self, path: str, body: bytes) -> dict[str, Any]:
        """One answer, parsed; also of a refusal."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", body, {"content-type": "application/json", **self.headers}
        )
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{NAMES[self.name]} answers {error.code}: {error.read()[:1000]!r}") from error
        return found

    def cpu_s(self) -> float:
        return sum(_cpu_s(each) for each in (self.process, *self.process.children(recursive=True)))


def postgres_cpu(folder: Path) -> Callable[[], float]:
    """CPU seconds of a data folder's PostgreSQL so far: postmaster, backends, and backends that have ended."""
    postmaster = Postgres(Folder(folder.resolve())).process()
    assert postmaster is not None, "PostgreSQL runs while its owner does"

    def cpu_s() -> float:
        ended = postmaster.cpu_times()
        return sum(_cpu_s(each) for each in (postmaster, *postmaster.children())) + ended.children_user + ended.children_system

    return cpu_s


def _cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


@contextmanager
def running(names: Sequence[str], settings: Settings, tenant: Tenant, logs: Path) -> Iterator[list[Server]]:
    """These servers, started and answering, each with its log in ``logs``; all are ended afterwards."""
    children: list[subprocess.Popen[bytes]] = []
    try:
        servers = []
        for name in names:
            port = free_port()
            command, environment = _command(name, port, settings, tenant)
            with (logs / f"{name}.log").open("wb") as log:
                children.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=node_tools.ROOT))
            headers = {"authorization": f"Bearer {tenant.reader_key}"} if name == "hub" else {}
            servers.append(Server(name, port, psutil.Process(children[-1].pid), headers))
        for server, child in zip(servers, children, strict=True):
            wait_for(server, child, logs)
        yield servers
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(20)


def _command(name: str, port: int, settings: Settings, tenant: Tenant) -> tuple[list[str], dict[str, str]]:
    """What to run, and its environment: the hub as a user runs it, the others as the owner of the tables."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HUB_")}
    if name == "hub":
        return [sys.executable, "-m", "hub", "serve", "--port", str(port)], environment | settings.for_child() | _largest_page()
    environment |= {
        "BENCH_DATABASE_URL": settings.need("database_url"), "BENCH_TENANT": str(tenant.id), "BENCH_PORT": str(port),
        "BENCH_SCHEMA": str(QUERIES / "plain" / "schema.graphql"), "NODE_ENV": "production", "GRAPHILE_ENV": "production",
    }  # fmt: skip
    if name in ("sql", "orm"):
        return [sys.executable, "-m", f"tests.benchmarks.read.{name}_server"], environment
    script = node_tools.ready(HERE / "node").folder / "scripts" / f"{name}.mjs"
    return [str(node_tools.NODE), "--preserve-symlinks", "--preserve-symlinks-main", str(script)], environment


def _largest_page() -> dict[str, str]:
    """Q5 needs pages of 2,000; empty where this build has no such setting."""
    return {"HUB_LARGEST_PAGE": "2000"} if any(one.name == "largest_page" for one in fields(Settings)) else {}


def wait_for(server: Server, child: subprocess.Popen[bytes], logs: Path, patience_s: float = 90) -> None:
    """Until the port answers anything at all."""
    give_up_at = time.monotonic() + patience_s
    while time.monotonic() < give_up_at and child.poll() is None:
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://127.0.0.1:{server.port}/health", timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"{server.name} does not start:\n{(logs / f'{server.name}.log').read_text()[-3000:]}")
