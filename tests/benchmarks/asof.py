"""What ``asOf`` costs: the hub's own server under the same query with and without it, clients having 20 versions each.

``python -m tests.benchmarks.asof``. The last line is JSON: ``asof_vs_now`` is the median of the four shapes' CPU ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import structlog

from hub import embedded
from hub.settings import Settings
from tests.benchmarks.read import data
from tests.benchmarks.read.compare import rows
from tests.benchmarks.read.measure import Measured, measure
from tests.benchmarks.read.questions import QUESTIONS
from tests.benchmarks.read.servers import Server, postgres_cpu, running

DATA = Path(".data/bench-asof")
VERSIONS = 20
CONCURRENCY = 32
WARM_S = 1.5
INSTANTS = """
    SELECT percentile_disc(ARRAY[0.08, 0.17, 0.25, 0.33, 0.42, 0.5, 0.58, 0.67, 0.75, 0.83, 0.92]) WITHIN GROUP (ORDER BY recorded_at)
      FROM golden.client_version WHERE tenant_id = $1 AND version > 1
"""


@dataclass(frozen=True)
class Shape:
    """A query in which ``AS_OF`` stands where the argument goes; its variables are those of a question of bench-read."""

    name: str
    question: str
    query: str


SHAPES = (
    Shape("by_id", "Q1", "query ($id: ID!) { client(id: $id AS_OF) { name legalName kind registrationNo duns street city postcode country email state } }"),
    Shape("first_page", "", "{ clients(first: 100, orderBy: [{field: ID}] AS_OF) { nodes { id name legalName duns city country tier segment state } } }"),
    Shape(
        "filtered", "Q2",
        "query ($managers: [ID!]!) { clients(first: 100, filter: {accountManagerId: {in: $managers}}, orderBy: [{field: NAME}] AS_OF) "
        "{ nodes { id name legalName duns city country tier segment state } } }",
    ),
    Shape(
        "nested", "Q3",
        "query ($managers: [ID!]!) { clients(first: 100, filter: {accountManagerId: {in: $managers}}, orderBy: [{field: NAME}] AS_OF) "
        "{ nodes { id name country state projects(first: 5, orderBy: [{field: CODE}]) { nodes { code name contract { contractNo name } } } } } }",
    ),
)  # fmt: skip


def run(scale: float = 1.0, rounds: int = 3, seconds: float = 2.0, folder: Path = DATA) -> dict[str, object]:
    """Load (once per folder and scale), measure; answers what the last line says."""
    with embedded.start(folder) as owner:
        settings = Settings().on(owner)
        tenant = asyncio.run(data.prepare(settings, scale, VERSIONS))
        variables = asyncio.run(data.variables(settings, tenant, QUESTIONS))
        instants = asyncio.run(_instants(settings, tenant))
        with running(["hub"], settings, tenant, folder) as (hub,):
            found = _measure(hub, postgres_cpu(folder), variables, instants, rounds, seconds)
    shapes = {name: round(statistics.median(past.cpu_us / now.cpu_us for now, past in pairs), 2) for name, pairs in found.items()}
    _show(found, shapes)
    return {"asof_vs_now": round(statistics.median(shapes.values()), 2), "shapes": shapes}


async def _instants(settings: Settings, tenant: data.Tenant) -> list[str]:
    """Eleven instants between the first versions of clients and the last, evenly over their versions."""
    connection = await asyncpg.connect(settings.need("database_url"))
    try:
        found = await connection.fetchval(INSTANTS, tenant.id)
        return [one.isoformat() for one in found]
    finally:
        await connection.close()


def _measure(
    hub: Server, postgres_s: Any, variables: data.Variables, instants: Sequence[str], rounds: int, seconds: float
) -> dict[str, list[tuple[Measured, Measured]]]:
    """Pairs of moments, without and with ``asOf``, by shape; every shape must answer rows in the past too."""
    asked = {shape.name: (_requests(shape, variables, []), _requests(shape, variables, instants)) for shape in SHAPES}
    for name, both in asked.items():
        if not all(rows(hub.ask(*requests[-1])) for requests in both):
            raise SystemExit(f"{name} answers nothing")
        for requests in both:
            measure(hub, requests, postgres_s, WARM_S, CONCURRENCY)
    found: dict[str, list[tuple[Measured, Measured]]] = {}
    for _ in range(rounds):
        for name, both in asked.items():
            now, past = (measure(hub, requests, postgres_s, seconds, CONCURRENCY) for requests in both)
            found.setdefault(name, []).append((now, past))
    return found


def _requests(shape: Shape, variables: data.Variables, instants: Sequence[str]) -> list[tuple[str, bytes]]:
    """A request for each turn of the variables; with instants, those turn over too, as a variable of the query."""
    query = shape.query.replace(" AS_OF", ", asOf: $at" if instants else "")
    if instants:
        query = query.replace("query (", "query ($at: DateTime, ") if "query (" in query else f"query ($at: DateTime) {query}"
    turns: Sequence[Mapping[str, Any]] = variables[shape.question] if shape.question else [{}] * 40
    bodies = [{"query": query, "variables": {**turn, **({"at": instants[at % len(instants)]} if instants else {})}} for at, turn in enumerate(turns)]
    return [("/graphql", json.dumps(body, separators=(",", ":")).encode()) for body in bodies]


def _show(found: Mapping[str, list[tuple[Measured, Measured]]], shapes: Mapping[str, float]) -> None:
    print(f"\n{CONCURRENCY} at once, µs of CPU a request{'server now':>12}{'then':>8}{'postgres now':>14}{'then':>8}{'then / now':>12}")
    for name, pairs in found.items():
        figures = [statistics.median(getattr(pair[at], part) for pair in pairs) for part in ("server_us", "postgres_us") for at in (0, 1)]
        print(f"  {name:<34}{figures[0]:>10,.0f}{figures[1]:>8,.0f}{figures[2]:>14,.0f}{figures[3]:>8,.0f}{shapes[name]:>12.2f}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--scale", type=float, default=1.0, help="1 is 100,000 clients of 20 versions")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=float, default=2.0)
    arguments.add_argument("--data", type=Path, default=DATA, help="folder of the embedded PostgreSQL, kept for the next run")
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30), logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    print(json.dumps(run(given.scale, given.rounds, given.seconds, given.data)))


if __name__ == "__main__":
    main()
