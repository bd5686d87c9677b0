"""``python -m tests.benchmarks.read``: the hub's real server beside its peers; README.md says how. The last line is JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog

from hub import embedded
from hub.settings import Settings
from tests.benchmarks import asof, fanout
from tests.benchmarks.read import data, report
from tests.benchmarks.read.measure import Measured, check_same, measure
from tests.benchmarks.read.questions import QUESTIONS, Question
from tests.benchmarks.read.servers import NAMES, SHORT, SLOW, Server, postgres_cpu, running

DATA = Path(".data/bench-read")
WARM_S = 1.5


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.read", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is 100,000 clients, 150,000 contracts, 300,000 projects")
    parser.add_argument("--rounds", type=int, default=3, help="moments per server, question and concurrency; medians are told")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a moment")
    parser.add_argument("--only", default="", help="questions, such as Q1,Q2")
    parser.add_argument("--peers", default="d,b,postgraphile,mercurius", help="whom to measure beside the hub")
    parser.add_argument("--concurrency", default="1,32", help="connections, each with one request out; the first counts for the ORM, the last for the rest")
    parser.add_argument("--alone", action="store_true", help="leave out the short runs of fan-out and asOf")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the embedded PostgreSQL, kept for the next run")
    return parser.parse_args()


def main() -> None:
    given = options()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30), logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    peers = [SHORT.get(name, name) for name in given.peers.split(",") if name]
    if unknown := [name for name in peers if name not in NAMES]:
        raise SystemExit(f"{', '.join(unknown)} is no peer; peers are d, b, postgraphile, mercurius")
    questions = [one for one in QUESTIONS if not given.only or one.name in given.only.upper().split(",")]
    with embedded.start(given.data) as owner:
        result = compare_reads(owner, ["hub", *(name for name in peers if name != "hub")], questions, given)
    if not given.alone:
        result |= short_runs()
    print(json.dumps(result))


def short_runs() -> dict[str, object]:
    """The figures of the other two benchmarks, from less data and time than their own targets take."""
    told = fanout.run(changes=10, rounds=2)
    past = asof.run(scale=0.02, rounds=2, seconds=1.0)
    return {"fanout_cpu_vs_raw": told["fanout_cpu_vs_raw"], "asof_vs_now": past["asof_vs_now"]}


def compare_reads(owner: embedded.Embedded, names: Sequence[str], questions: Sequence[Question], given: argparse.Namespace) -> dict[str, object]:
    """Fill, start, compare, measure, tell."""
    settings = Settings().on(owner)
    tenant = asyncio.run(data.prepare(settings, given.scale))
    variables = asyncio.run(data.variables(settings, tenant, questions))
    postgres_s = postgres_cpu(given.data)
    found: report.Moments = {}
    levels = [int(one) for one in given.concurrency.split(",")]
    with running(names, settings, tenant, given.data) as servers:
        asked = [(question, able) for question in questions if (able := askable(servers, question, variables))]
        for question, able in asked:
            print(f"{question.name}: {check_same(able, question, variables)} rows, the same from {', '.join(one.name for one in able)}", flush=True)
        for question, able in asked:
            for server in able:
                measure(server, server.requests(question, variables), postgres_s, WARM_S, levels[0 if server.name in SLOW else -1])
        for round_ in range(given.rounds):
            for question, able in asked:
                for level in levels:
                    turn = [server for server in able if server.name not in SLOW or level == levels[0]]
                    for server in turn[round_ % len(turn) :] + turn[: round_ % len(turn)]:
                        one: Measured = measure(server, server.requests(question, variables), postgres_s, given.seconds, level)
                        found.setdefault((question.name, level, server.name), []).append(one)
            print(f"round {round_ + 1} of {given.rounds}", flush=True)
    report.show(found, questions, levels)
    return report.ratios(found, levels)


def askable(servers: Sequence[Server], question: Question, variables: data.Variables) -> list[Server]:
    """Who can be asked a question, the hub first; nobody, when this build of the hub cannot, which is said."""
    able = [server for server in servers if server.asks(question)]
    if (reason := report.why_not(able[0].ask(*able[0].requests(question, variables)[0]))) is not None:
        print(f"{question.name}: left out, since the hub does not answer it: {reason}")
        return []
    return able


if __name__ == "__main__":
    main()
