"""One server under one question for a moment: requests, latencies, and the CPU that it and Postgres spent on them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from tests.benchmarks.read import compare
from tests.benchmarks.read.data import Variables
from tests.benchmarks.read.load import Order
from tests.benchmarks.read.questions import Question
from tests.benchmarks.read.servers import NAMES, Server

COMPARED = 5
"""Turns of the variables for which all servers must give the same rows before anything is measured."""


@dataclass(frozen=True)
class Measured:
    """What one moment showed; CPU in microseconds a request."""

    rps: float
    p50_ms: float
    p99_ms: float
    server_us: float
    postgres_us: float

    @property
    def cpu_us(self) -> float:
        return self.server_us + self.postgres_us


def measure(
    server: Server, requests: Sequence[tuple[str, bytes]], postgres_s: Callable[[], float], seconds: float, concurrency: int
) -> Measured:
    """Let the load process send these (path, body) in turn for some seconds. Raises SystemExit when an answer is wrong."""
    order = json.dumps(asdict(Order(server.port, [server.raw(*one) for one in requests], seconds, concurrency)))
    before = server.cpu_s(), postgres_s()
    ran = subprocess.run([sys.executable, "-m", "tests.benchmarks.read.load"], check=False, input=order, capture_output=True, text=True)
    after = server.cpu_s(), postgres_s()
    if ran.returncode:
        raise SystemExit(f"{NAMES[server.name]} fails under {requests[0][1][:200]!r}: {ran.stderr.splitlines()[-1][:2000]}")
    outcome = json.loads(ran.stdout)
    server_us, postgres_us = ((b - a) * 1e6 / outcome["answers"] for a, b in zip(before, after, strict=True))
    return Measured(outcome["answers"] / outcome["seconds"], outcome["p50_ms"], outcome["p99_ms"], server_us, postgres_us)


def check_same(servers: Sequence[Server], question: Question, variables: Variables) -> int:
    """Rows in the first answer; refuses to go on when two servers tell different rows for the same variables."""
    asked = {server.name: server.requests(question, variables) for server in servers if server.asks(question)}
    first = None
    for at in range(min(COMPARED, len(variables[question.name]))):
        answers = {server.name: compare.rows(server.ask(*asked[server.name][at])) for server in servers if server.name in asked}
        reference = next(iter(answers))
        for name, rows in answers.items():
            if rows != answers[reference]:
                raise SystemExit(f"{question.name}: {NAMES[name]} and {NAMES[reference]} differ: {difference(rows, answers[reference])}")
        first = answers[reference] if first is None else first
    return len(first) if isinstance(first, list) else 1


def difference(one: object, other: object) -> str:
    """The first thing two answers differ in."""
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return f"{len(one)} rows and {len(other)}"
        return next((difference(a, b) for a, b in zip(one, other, strict=True) if a != b), "nothing")
    return f"{str(one)[:300]} and {str(other)[:300]}"
