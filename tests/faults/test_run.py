"""One seed, about a minute: firms at work while the hub is killed, cut off and lied to; afterwards every invariant holds.

``make soak`` plays the whole list of faults for as long as one likes.
"""

from __future__ import annotations

import os
from random import Random

from tests.faults.injector import KINDS, Fault, plan_of
from tests.faults.run import Wanted, report, run

SEED = int(os.environ.get("FAULTS_SEED", "20261120"))
PLAYED = (
    "subscription added", "kill api", "at deliver.after_call kill", "postgres commits lost", "kill ingest", "erp answers lost", "at undo.middle raise",
    "at ingest.after_commit kill", "redis killed", "postgres crash", "events answers refuse", "webhook gone",
)  # fmt: skip


async def test_nothing_is_lost_doubled_or_out_of_order_while_everything_is_broken_once() -> None:
    chance = Random(SEED)
    faults = [Fault(kind, chance.randrange(2**31)) for kind in PLAYED]
    result = await run(Wanted(SEED, faults, most_s=240, pace=2.0, patience=6, quiet_s=180))
    assert result.evidence.book.faults == list(PLAYED)
    assert result.broken == [], report(result)
    assert result.unexercised == [], report(result)


def test_a_soak_plays_every_kind_before_it_plays_one_again() -> None:
    plan = plan_of(Random(1), len(KINDS) + 20)
    assert {one.kind for one in plan[: len(KINDS)]} == set(KINDS)
    assert len(plan) == len(KINDS) + 20 and len(KINDS) >= 100
