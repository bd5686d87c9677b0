"""One run: firms at work, faults at random moments, then rest, and judgement. The last line of ``main`` is JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import pickle
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.conftest import RUNS
from tests.faults import checker, collect, readers, setting
from tests.faults.checker import Finding
from tests.faults.evidence import Book, Evidence
from tests.faults.injector import WHERE, Fault, Injector, plan_of
from tests.faults.operator import Operator
from tests.faults.stage import Stage, answers, stage
from tests.faults.workload import Firm, running


LOOKS = 3
"""How often evidence is gathered anew while something is under way: what stands still stands still every time."""


@dataclass
class Result:
    """What a run came to."""

    seed: int
    evidence: Evidence
    findings: list[Finding]
    changes: int = 0
    seconds: float = 0.0
    memory: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Process → resident bytes before and after."""

    @property
    def broken(self) -> list[Finding]:
        return [one for one in self.findings if one.broken]

    @property
    def unexercised(self) -> list[str]:
        return [one.name for one in self.findings if not one.exercised]

    def line(self) -> dict[str, Any]:
        book = self.evidence.book
        worst: dict[str, float] = {}
        for one in book.recoveries:
            worst[one.kind] = round(max(worst.get(one.kind, 0.0), one.seconds), 2)
        return {
            "seed": self.seed, "changes": self.changes, "faults": len(book.faults), "fault_kinds": len(set(book.faults)),
            **checker.counts(self.evidence, self.findings),
            "invariants_broken": [one.name for one in self.broken], "invariants_unexercised": self.unexercised,
            "recovery_s": worst, "oldest_unsettled_s": round(book.oldest_unsettled_s, 1),
            "figures": {what: {"floor": floor, "target": target, "measured": measured} for what, floor, target, measured in figures(self)},
            "memory": {name: round(after / max(before, 1), 2) for name, (before, after) in self.memory.items()},
            "seconds": round(self.seconds, 1),
        }  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What kind of run it is to be. It ends when all faults are done and so many changes are made, or time is up."""

    seed: int
    faults: Sequence[Fault]
    least_changes: int = 0
    least_s: float = 0.0
    most_s: float = 120.0
    pace: float = 1.0
    quiet_s: float = 90.0
    files: int = 1
    with_redis: bool = True
    patience: float = 1.0
    """Factor on the limits of recovery, for machines that do other work beside."""
    is_loud: bool = False


async def run(wanted: Wanted) -> Result:
    """Play it in a folder of its own, which is gone afterwards."""
    RUNS.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-faults-", dir=RUNS))
    chance, book, began = Random(wanted.seed), Book(), time.monotonic()
    try:
        async with stage(folder, Random(chance.random()), with_redis=wanted.with_redis) as here:
            return await _played(here, wanted, chance, book, began)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _played(here: Stage, wanted: Wanted, chance: Random, book: Book, began: float) -> Result:
    await setting.connect(here)
    firms = [Firm(here, tenant, book, Random(chance.random()), wanted.pace) for tenant in here.tenants.values()]
    stop, rest = asyncio.Event(), asyncio.Event()
    operator = Operator(here, book)
    beside = [asyncio.create_task(one) for one in (collect.watch(here, book, rest), operator.run(rest))]
    followers = []
    for tenant in here.tenants.values():
        api = here.api(tenant, "reader")
        followers.append(asyncio.create_task(readers.pull(readers.Reader(tenant, api, book, "pull"), rest)))
        followers.append(asyncio.create_task(readers.listen(readers.Reader(tenant, api, book, "socket"), rest)))
        followers.append(asyncio.create_task(readers.page_through(here, tenant, book, rest)))
    injector = Injector(here, book, Random(chance.random()), operator, firms, wanted.patience, say=print if wanted.is_loud else _silent)
    try:
        async with running(firms, stop):
            await asyncio.sleep(2)
            before = here.memory()
            files = [asyncio.create_task(firm.file(40)) for firm in firms for _ in range(wanted.files)]
            await injector.all(wanted.faults)
            await asyncio.gather(*files)
            while (await changes_made(here) < wanted.least_changes or time.monotonic() - began < wanted.least_s) and (
                time.monotonic() - began < wanted.most_s
            ):
                await asyncio.sleep(1)
        injector.say("everybody has gone home")
        await injector.undo_everything()
        await answers(here)
        left = await collect.until_quiet(here, wanted.quiet_s)
        injector.say(f"at rest, but for {left or 'nothing'}")
        after = here.memory()
        await _proofs(here, book)
        injector.say("evidence is gathered")
        evidence = await collect.collect(here, book)
        for _ in range(LOOKS):
            if not evidence.stuck:
                break
            await collect.until_quiet(here, wanted.quiet_s)  # a poll brought something between the last look and this one
            evidence = await collect.collect(here, book)
    finally:
        rest.set()
        for task in (*beside, *followers):
            task.cancel()
        await asyncio.gather(*beside, *followers, return_exceptions=True)
    memory = {name: (before[name], after[name]) for name in before if name in after}
    return Result(wanted.seed, evidence, checker.check(evidence), len(evidence.changes), time.monotonic() - began, memory)


def _silent(*_: object) -> None:
    pass


async def changes_made(here: Stage) -> int:
    """How many versions there are, as far as the database lets us ask."""
    with suppress(OSError, TimeoutError, Exception):
        connection = await here.examine()
        try:
            count: int = await connection.fetchval("SELECT count(*) FROM hub.change")
            return count
        finally:
            await connection.close()
    return 0


async def _proofs(here: Stage, book: Book) -> None:
    """The hub's own proofs, by its command line: everything rebuilt from what systems said; the sealed trail looked through."""
    (code, told), *audits = await asyncio.gather(
        here.command("replay", "--verify", timeout_s=600),
        *(here.command("audit", "verify", "--tenant", tenant, "--json", timeout_s=600) for tenant in here.tenants),
    )
    count = sum(int(word) for word in told.replace(",", " ").split() if word.isdigit())
    book.replays.append(("all", max(count, 1), [] if code == 0 else [told[-500:]]))
    for tenant, (_, told) in zip(here.tenants, audits, strict=True):
        try:
            found = json.loads(told.strip().splitlines()[-1])
        except (ValueError, IndexError):
            found = {"problems": [told[-500:]]}
        book.audits.append((tenant, int(found.get("entries", 0)), found["problems"]))


Figure = tuple[str, float, float, float]
"""(what, floor, target, measured): RELIABILITY's words for what is demanded and what is aimed at."""


def figures(result: Result) -> list[Figure]:
    """What a run can measure of what is demanded. Seconds are the worst of the run; latency is that of first arrivals at a webhook."""
    book, worst = result.evidence.book, dict[str, float]()
    for one in book.recoveries:
        worst[one.kind] = max(worst.get(one.kind, 0.0), one.seconds)
    by_point = [s for kind, s in worst.items() if kind.startswith("at ") and kind.endswith("kill") and WHERE.get(kind.split()[1]) in ("ingest", "deliver")]
    frozen = [worst[kind] for kind in ("freeze ingest", "freeze deliver") if kind in worst]
    lag = sorted(event.after_s for (_, name), events in result.evidence.events.items() if name == "events" for event in events)
    found = [
        ("changes", 30_000, 150_000, result.changes), ("faults", 100, 300, len(book.faults)), ("kinds of faults", 30, 40, len(set(book.faults))),
        ("invariants broken", 0, 0, len(result.broken)), ("invariants unexercised", 0, 0, len(result.unexercised)),
        ("back after kill -9, s", 10, 3, max((worst[f"kill {name}"] for name in ("api", "ingest", "deliver") if f"kill {name}" in worst), default=-1)),
        ("back after a Postgres crash, s", 20, 5, worst.get("postgres crash", -1)),
        ("orphaned work taken over, s", 60, 15, max((*by_point, *frozen), default=-1)),
        ("memory after / before", 1.5, 1.2, max((after / max(before, 1) for before, after in result.memory.values()), default=-1)),
        ("change to webhook, p50 s", 5, 1, lag[len(lag) // 2] if lag else -1), ("change to webhook, p99 s", 5, 1, lag[len(lag) * 99 // 100] if lag else -1),
    ]  # fmt: skip
    return [(what, float(floor), float(target), round(float(measured), 2)) for what, floor, target, measured in found]


def report(result: Result) -> str:
    """A line an invariant, what is broken, then figures."""
    lines = [f"{one.name:<7} {'BROKEN' if one.broken else 'unexercised' if not one.exercised else 'holds':<12} {one.exercised:>8}  {one.says}" for one in result.findings]
    for one in result.broken:
        lines += [f"{one.name}: {what}" for what in one.broken[:12]]
    lines += [f"{'':<32}{'floor':>10}{'target':>10}{'measured':>10}"]
    lines += [f"{what:<32}{floor:>10g}{target:>10g}{'-' if measured < 0 else f'{measured:g}':>10}" for what, floor, target, measured in figures(result)]
    return "\n".join(lines)


def main() -> None:
    """``python -m tests.faults.run --seed 7 --minutes 20``."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    words.add_argument("--minutes", type=float, default=20)
    words.add_argument("--faults", type=int, default=120)
    words.add_argument("--changes", type=int, default=30_000)
    words.add_argument("--only", default="", help="kinds of faults, separated by commas")
    words.add_argument("--without-redis", action="store_true")
    words.add_argument("--pace", type=float, default=1.0)
    words.add_argument("--patience", type=float, default=1.0, help="factor on the limits of recovery, for a machine that does other work beside")
    words.add_argument("--keep", type=Path, help="file for the evidence, pickled")
    given = words.parse_args()
    only = tuple(filter(None, given.only.split(",")))
    wanted = Wanted(
        given.seed, plan_of(Random(given.seed), given.faults, only=only), given.changes, given.minutes * 60, given.minutes * 120, given.pace, 300, 3,
        not given.without_redis, given.patience, is_loud=True,
    )  # fmt: skip
    result = asyncio.run(run(wanted))
    if given.keep is not None:
        given.keep.write_bytes(pickle.dumps(result))
    print(report(result))
    print(json.dumps(result.line()))
    sys.exit(bool(result.broken))


if __name__ == "__main__":
    main()
